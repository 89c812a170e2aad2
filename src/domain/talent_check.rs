//! What a talent's profile and its evidence must be like to be kept, for forms and the API. All that
//! is wrong is reported.
//!
//! | code | field | why |
//! |---|---|---|
//! | `too-long`, `nul`, `control-character`, `line-break`, `invisible-character` | any text | [`super::text::faults`] |
//! | `missing-id`, `bad-id` | `id` | [`id_fault`] |
//! | `missing-value`, `bad-name` | `name` | [`super::text::name_faults`] |
//! | `missing-value` | `title` of evidence | a piece without a title names nothing |
//! | `too-many` | lists | more than [`MAX_ITEMS`], or [`MAX_EVIDENCE`] |
//! | `unknown-field-code` | `fields[2]` | not in the taxonomy |
//! | `bad-year` | `year` of evidence | outside [`EVIDENCE_YEARS`] |
//! | `duplicate-evidence` | `evidence[2].id` | stands twice in one profile |

use std::collections::BTreeSet;

use super::problem::{Fault, FieldProblem};
use super::talent::{EVIDENCE_YEARS, Evidence, Talent};
use super::text::{Lines, MAX_LONG, MAX_SHORT, faults, is_unseen, name_faults, shown};

/// Most characters in an id.
pub const MAX_ID: usize = 200;

/// Most keywords, fields or members of a profile, and most keywords of a piece.
pub const MAX_ITEMS: usize = 1_000;
/// Most pieces of evidence of one profile.
pub const MAX_EVIDENCE: usize = 10_000;
/// Most characters in how to reach a talent.
pub const MAX_CONTACT: usize = 500;

/// All reasons why a profile, [`Talent::tidied`] before, cannot be kept. `is_field` says whether the
/// taxonomy has a code.
pub fn check_talent(talent: &Talent, is_field: impl Fn(&str) -> bool) -> Vec<FieldProblem> {
    let mut problems = Problems::default();
    problems.add("id", id_fault(&talent.id, true));
    problems.add("name", name_faults(&talent.name));
    problems.text("organization", Some(&talent.organization), MAX_SHORT, Lines::One);
    problems.text("region", talent.region.as_deref(), MAX_SHORT, Lines::One);
    problems.text("title", talent.title.as_deref(), MAX_SHORT, Lines::One);
    problems.text("bio", talent.bio.as_deref(), MAX_LONG, Lines::Many);
    problems.list("keywords", &talent.keywords);
    problems.list("members", &talent.members);
    problems.list("fields", &talent.fields);
    for (at, code) in talent.fields.iter().take(MAX_ITEMS).enumerate().filter(|(_, code)| !is_field(code)) {
        let reason = format!("没有代码为“{}”的领域；请从领域列表中选择", shown(code));
        problems.add(&format!("fields[{at}]"), [Fault::new("unknown-field-code", reason)]);
    }
    problems.count("evidence", talent.evidence.len(), MAX_EVIDENCE);
    let mut ids = BTreeSet::new();
    for (at, piece) in talent.evidence.iter().take(MAX_EVIDENCE).enumerate() {
        problems.evidence(&format!("evidence[{at}]."), piece);
        if !ids.insert(piece.id.as_str()) {
            let reason = format!("成果“{}”重复；请删除多余的一条", shown(&piece.id));
            problems.add(&format!("evidence[{at}].id"), [Fault::new("duplicate-evidence", reason)]);
        }
    }
    problems.found
}

/// All reasons why one piece of evidence, [`Evidence::tidied`] before, cannot be kept.
pub fn check_evidence(piece: &Evidence) -> Vec<FieldProblem> {
    let mut problems = Problems::default();
    problems.evidence("", piece);
    problems.found
}

/// What is wrong with an id. `compact` ids hold no white space, because files of judgements and
/// rankings are separated by it.
pub fn id_fault(id: &str, compact: bool) -> Option<Fault> {
    if id.trim().is_empty() {
        return Some(Fault::new("missing-id", "没有编号；请填写"));
    }
    let length = id.chars().count();
    if length > MAX_ID {
        return Some(Fault::new("too-long", format!("有 {length} 个字符，最多 {MAX_ID} 个；请缩短")));
    }
    let bad = |c: char| is_unseen(c) || compact && c.is_whitespace();
    id.contains(bad).then(|| Fault::new("bad-id", format!("编号“{}”里有空白或看不见的字符；请去掉", shown(id))))
}

#[derive(Default)]
struct Problems {
    found: Vec<FieldProblem>,
}

impl Problems {
    fn add(&mut self, field: &str, faults: impl IntoIterator<Item = Fault>) {
        self.found.extend(faults.into_iter().map(|fault| FieldProblem::at(field, fault)));
    }

    fn text(&mut self, field: &str, text: Option<&str>, max: usize, lines: Lines) {
        self.add(field, faults(text.unwrap_or_default(), max, lines));
    }

    fn count(&mut self, field: &str, count: usize, max: usize) {
        let reason = format!("有 {count} 项，最多 {max} 项；请保留主要的");
        self.add(field, (count > max).then(|| Fault::new("too-many", reason)));
    }

    fn list(&mut self, field: &str, items: &[String]) {
        self.count(field, items.len(), MAX_ITEMS);
        for (at, item) in items.iter().take(MAX_ITEMS).enumerate() {
            self.text(&format!("{field}[{at}]"), Some(item), MAX_SHORT, Lines::One);
        }
    }

    /// `path` is empty or ends in a dot.
    fn evidence(&mut self, path: &str, piece: &Evidence) {
        self.add(&format!("{path}id"), id_fault(&piece.id, false));
        let title = format!("{path}title");
        self.add(&title, piece.title.is_empty().then(Fault::missing));
        // Titles of patents and projects come with line breaks from PDF files.
        self.text(&title, Some(&piece.title), MAX_SHORT, Lines::Many);
        self.text(&format!("{path}abstract"), piece.r#abstract.as_deref(), MAX_LONG, Lines::Many);
        self.list(&format!("{path}keywords"), &piece.keywords);
        if let Some(year) = piece.year.filter(|year| !EVIDENCE_YEARS.contains(year)) {
            let (first, last) = (EVIDENCE_YEARS.start(), EVIDENCE_YEARS.end());
            let reason = format!("“{year}”不是 {first} 到 {last} 之间的年份；请写四位年份");
            self.add(&format!("{path}year"), [Fault::new("bad-year", reason)]);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::talent::{EvidenceType, TalentKind};

    fn piece(id: &str) -> Evidence {
        Evidence {
            id: id.to_owned(),
            r#type: EvidenceType::Patent,
            title: "一种电芯间隔热层".to_owned(),
            r#abstract: None,
            keywords: vec!["热失控".to_owned()],
            year: Some(2025),
        }
    }

    fn talent() -> Talent {
        Talent {
            id: "t".to_owned(),
            kind: TalentKind::Team,
            name: "示例团队".to_owned(),
            organization: "重庆示例大学".to_owned(),
            region: Some("重庆市沙坪坝区".to_owned()),
            title: None,
            keywords: vec!["电池".to_owned()],
            bio: Some("第一行\n第二行".to_owned()),
            fields: vec!["A1".to_owned()],
            members: vec!["张某".to_owned()],
            evidence: vec![piece("e1"), piece("e2")],
        }
    }

    fn of(problems: &[FieldProblem]) -> Vec<(&str, &str)> {
        problems.iter().map(|p| (p.field.as_str(), p.code)).collect()
    }

    #[test]
    fn every_field_of_a_profile_is_checked() {
        type Change = fn(&mut Talent);
        let is_field = |code: &str| code == "A1";
        assert_eq!(check_talent(&talent(), is_field), []);
        let cases: &[(Change, &str, &str)] = &[
            (|t| t.id.push_str(" b"), "id", "bad-id"),
            (|t| t.id = "编".repeat(201), "id", "too-long"),
            (|t| t.evidence[0].id.clear(), "evidence[0].id", "missing-id"),
            (|t| t.name.clear(), "name", "missing-value"),
            (|t| t.name = "团".repeat(101), "name", "too-long"),
            (|t| t.organization.push('\u{0}'), "organization", "nul"),
            (|t| t.region = Some("渝\n北".into()), "region", "line-break"),
            (|t| t.title = Some("教授\u{202e}".into()), "title", "invisible-character"),
            (|t| t.bio = Some("\u{1}".into()), "bio", "control-character"),
            (|t| t.keywords.push("词".repeat(1_001)), "keywords[1]", "too-long"),
            (|t| t.keywords = vec!["词".into(); 1_001], "keywords", "too-many"),
            (|t| t.members.push("\u{0}".into()), "members[1]", "nul"),
            (|t| t.fields.push("Z9".into()), "fields[1]", "unknown-field-code"),
            (|t| t.evidence[1].title.clear(), "evidence[1].title", "missing-value"),
            (|t| t.evidence[1].year = Some(25), "evidence[1].year", "bad-year"),
            (|t| t.evidence[0].keywords[0].push('\u{7}'), "evidence[0].keywords[0]", "control-character"),
            (|t| t.evidence[1].id = "e1".into(), "evidence[1].id", "duplicate-evidence"),
        ];
        let mut all = talent();
        for (change, field, code) in cases {
            let mut one = talent();
            change(&mut one);
            assert_eq!(of(&check_talent(&one, is_field)), [(*field, *code)]);
        }
        for (change, ..) in &cases[12..15] {
            change(&mut all);
        }
        let expected = [
            ("fields[1]", "unknown-field-code"),
            ("evidence[1].title", "missing-value"),
            ("evidence[1].year", "bad-year"),
        ];
        assert_eq!(of(&check_talent(&all, is_field)), expected, "all at once");
        assert_eq!(of(&check_evidence(&all.evidence[1])), [("title", "missing-value"), ("year", "bad-year")]);
    }

    proptest::proptest! {
        #[test]
        fn tidied_profiles_have_no_blank_items_and_no_invisible_marks(text in "(\\PC|[ \n\u{200b}\u{202e}]){0,12}") {
            let profile = Talent { name: text.clone(), bio: Some(text.clone()), keywords: vec![text.clone()], ..talent() };
            let profile = profile.tidied();
            proptest::prop_assert!(profile.keywords.iter().all(|keyword| !keyword.is_empty()));
            let codes = check_talent(&profile, |_| true);
            proptest::prop_assert!(codes.iter().all(|p| p.code != "invisible-character"), "{:?}", codes);
        }
    }
}
