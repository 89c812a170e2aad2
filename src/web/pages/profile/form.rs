//! The forms of a profile and of a piece of evidence: between what a browser sends, which is all
//! text, and what the use cases take.

use serde::Deserialize;

use crate::app::files::Author;
use crate::app::talents::{PieceDraft, TalentDraft};
use crate::domain::text::half_width;
use crate::domain::{Availability, Evidence, EvidenceType, FieldProblem, TalentKind, TalentStatus};
use crate::store::TalentRecord;

/// A profile as its form has it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct ProfileForm {
    /// Of the profile that the form was filled from; 0 for a new one.
    pub version: i64,
    /// Operators may give a new profile an id; its person's form has none.
    pub id: String,
    pub kind: String,
    pub name: String,
    pub organization: String,
    pub region: String,
    pub title: String,
    /// Separated by marks or lines, as are the members.
    pub keywords: String,
    pub bio: String,
    pub fields: Vec<String>,
    pub members: String,
    pub contact: String,
    pub availability: String,
    pub capacity: String,
    /// Not empty: the person agrees to be listed.
    pub consent: String,
    /// Not empty: the profile is shown.
    pub visible: String,
}

impl ProfileForm {
    /// The form of somebody who begins: shown, and open to collaboration.
    pub fn blank() -> Self {
        Self {
            kind: TalentKind::Researcher.code().into(),
            availability: Availability::Open.code().into(),
            visible: "1".into(),
            ..Self::default()
        }
    }

    /// The form with what an author's file says.
    pub fn of_author(author: &Author) -> Self {
        Self {
            name: author.name.clone(),
            organization: author.organization.clone().unwrap_or_default(),
            keywords: author.keywords.join("；"),
            ..Self::blank()
        }
    }

    pub fn of(record: &TalentRecord) -> Self {
        let talent = &record.talent;
        let mark = |is: bool| if is { "1".to_owned() } else { String::new() };
        Self {
            version: record.version,
            id: talent.id.clone(),
            kind: talent.kind.code().into(),
            name: talent.name.clone(),
            organization: talent.organization.clone(),
            region: talent.region.clone().unwrap_or_default(),
            title: talent.title.clone().unwrap_or_default(),
            keywords: talent.keywords.join("；"),
            bio: talent.bio.clone().unwrap_or_default(),
            fields: talent.fields.clone(),
            members: talent.members.join("；"),
            contact: record.contact.clone().unwrap_or_default(),
            availability: record.availability.code().into(),
            capacity: record.capacity.map(|c| c.to_string()).unwrap_or_default(),
            consent: mark(record.consent_at.is_some()),
            visible: mark(record.status == TalentStatus::Active),
        }
    }

    /// What the use case takes. What its own types cannot hold is a problem here; the rest it finds.
    ///
    /// # Errors
    /// Each field that says what no profile can.
    pub fn draft(&self) -> Result<TalentDraft, Vec<FieldProblem>> {
        let mut problems = Vec::new();
        let kind = TalentKind::ALL.into_iter().find(|kind| kind.code() == self.kind);
        if kind.is_none() {
            problems.push(FieldProblem::new("kind", "unknown", "请选择个人或团队"));
        }
        let availability = Availability::from_code(&self.availability);
        if availability.is_none() {
            problems.push(FieldProblem::new("availability", "unknown", "请选择合作意愿"));
        }
        let capacity = half_width(self.capacity.trim());
        let capacity = Some(capacity).filter(|text| !text.is_empty()).map(|text| text.parse::<i64>());
        if matches!(capacity, Some(Err(_))) {
            problems.push(FieldProblem::new("capacity", "bad-capacity", "请写一个整数，如 3；不想限定就留空"));
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        Ok(TalentDraft {
            id: Some(self.id.clone()).filter(|id| !id.trim().is_empty()),
            kind: kind.unwrap_or(TalentKind::Researcher),
            name: self.name.clone(),
            organization: self.organization.clone(),
            region: Some(self.region.clone()),
            title: Some(self.title.clone()),
            keywords: items(&self.keywords),
            bio: Some(self.bio.clone()),
            fields: self.fields.clone(),
            members: items(&self.members),
            contact: Some(self.contact.clone()),
            availability: availability.unwrap_or_default(),
            capacity: capacity.and_then(Result::ok),
            consent: !self.consent.is_empty(),
            visible: !self.visible.is_empty(),
        })
    }

    pub fn has_field(&self, code: &str) -> bool {
        self.fields.iter().any(|field| field == code)
    }
}

/// A piece of evidence as its form has it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Deserialize)]
#[serde(default)]
pub struct PieceForm {
    /// Of the profile that the form was filled from.
    pub version: i64,
    pub id: String,
    #[serde(rename = "type")]
    pub kind: String,
    pub title: String,
    #[serde(rename = "abstract")]
    pub summary: String,
    pub keywords: String,
    pub year: String,
    pub hidden: String,
}

impl PieceForm {
    pub fn of(piece: &Evidence, hidden: bool, version: i64) -> Self {
        Self {
            version,
            id: piece.id.clone(),
            kind: piece.r#type.name().into(),
            title: piece.title.clone(),
            summary: piece.r#abstract.clone().unwrap_or_default(),
            keywords: piece.keywords.join("；"),
            year: piece.year.map(|year| year.to_string()).unwrap_or_default(),
            hidden: if hidden { "1".into() } else { String::new() },
        }
    }

    /// What the use case takes.
    ///
    /// # Errors
    /// Each field that says what no piece can.
    pub fn draft(&self) -> Result<PieceDraft, Vec<FieldProblem>> {
        let mut problems = Vec::new();
        let kind = EvidenceType::ALL.into_iter().find(|kind| kind.name() == self.kind);
        if kind.is_none() {
            problems.push(FieldProblem::new("type", "unknown", "请选择成果类型"));
        }
        let year = half_width(self.year.trim());
        let year = Some(year.trim_end_matches('年')).filter(|text| !text.is_empty()).map(str::parse::<i64>);
        if matches!(year, Some(Err(_))) {
            problems.push(FieldProblem::new("year", "bad-year", "请写四位年份，如 2024；不清楚就留空"));
        }
        if !problems.is_empty() {
            return Err(problems);
        }
        Ok(PieceDraft {
            id: Some(self.id.trim().to_owned()).filter(|id| !id.is_empty()),
            r#type: kind.unwrap_or(EvidenceType::Paper),
            title: self.title.clone(),
            r#abstract: Some(self.summary.clone()),
            keywords: items(&self.keywords),
            year: year.and_then(Result::ok),
            hidden: !self.hidden.is_empty(),
        })
    }
}

/// The items of a list as people write it: on lines or between semicolons, as the form shows them;
/// where it has neither, between commas. A chemical formula holds commas without space.
pub(super) fn items(text: &str) -> Vec<String> {
    let is_mark = |c: char| matches!(c, '\n' | '\r' | ';' | '；');
    let text = match text.contains(is_mark) {
        true => text.to_owned(),
        false => text.replace(['、', '，'], "；").replace(", ", "；"),
    };
    text.split(is_mark).map(str::trim).filter(|item| !item.is_empty()).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::Talent;

    #[test]
    fn a_form_keeps_what_the_profile_says() {
        let mut talent = Talent::blank("t".into(), TalentKind::Team);
        talent.name = "示例团队".into();
        talent.keywords = vec!["热失控".into(), "thermal runaway".into()];
        talent.members = vec!["示例甲".into(), "示例乙".into()];
        talent.fields = vec!["A1".into()];
        let record = TalentRecord {
            contact: Some("示例电话".into()),
            capacity: Some(2),
            consent_at: Some(1),
            version: 7,
            ..TalentRecord::new(talent.clone(), 0)
        };
        let form = ProfileForm::of(&record);
        let draft = form.draft().unwrap();
        assert_eq!((form.version, draft.kind, &draft.name), (7, TalentKind::Team, &talent.name));
        assert_eq!(
            (&draft.keywords, &draft.members, &draft.fields),
            (&talent.keywords, &talent.members, &talent.fields)
        );
        assert_eq!(
            (draft.contact, draft.capacity, draft.consent, draft.visible),
            (record.contact, Some(2), true, true)
        );
    }

    #[test]
    fn lists_are_read_however_people_separate_them() {
        for text in ["甲；乙;丙", "甲\r\n乙\n\n丙", " 甲、乙，丙, ", "甲, 乙, 丙", "甲；；乙；丙；"]
        {
            assert_eq!(items(text), ["甲", "乙", "丙"], "{text:?}");
        }
        assert_eq!(items("Li(Ni,Co,Mn)O2"), ["Li(Ni,Co,Mn)O2"]);
        assert_eq!(items("1，2-二氯乙烷；电解液"), ["1，2-二氯乙烷", "电解液"]);
        assert_eq!(items(" \n；"), [""; 0]);
    }

    #[test]
    fn what_no_field_can_hold_is_told_beside_it() {
        let fields = |problems: Vec<FieldProblem>| problems.into_iter().map(|p| p.field).collect::<Vec<_>>();
        let form = ProfileForm { capacity: "几项".into(), ..ProfileForm::default() };
        assert_eq!(fields(form.draft().unwrap_err()), ["kind", "availability", "capacity"]);
        let form = PieceForm { year: "去年".into(), ..PieceForm::default() };
        assert_eq!(fields(form.draft().unwrap_err()), ["type", "year"]);
        let form = PieceForm { kind: "patent".into(), year: "２０２４年".into(), ..PieceForm::default() };
        let draft = form.draft().unwrap();
        assert_eq!((draft.r#type, draft.year, draft.id), (EvidenceType::Patent, Some(2024), None));
        assert_eq!(ProfileForm { capacity: " ３ ".into(), ..ProfileForm::blank() }.draft().unwrap().capacity, Some(3));
    }
}
