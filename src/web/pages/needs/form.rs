//! A need as its form has it: texts as they were typed, and the need that they make.

use serde::Deserialize;

use crate::domain::money::{MoneyUnit, in_words, money};
use crate::domain::text::tidied;
use crate::domain::{FieldProblem, Need, NeedMode, Target};

/// Rows of targets that are read; the rules allow fewer, and say so.
const ROWS_MAX: usize = 200;

/// What the form sends.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct Typed {
    /// Of the draft; empty before it is saved for the first time.
    id: String,
    version: String,
    /// Key of the open form.
    sitting: String,
    /// What the button asks for.
    r#do: String,
    /// Fields that are to be as the other person wrote them.
    take: Vec<String>,
    title: String,
    problem: String,
    scenario: String,
    field: String,
    mode: String,
    target_name: Vec<String>,
    target_value: Vec<String>,
    target_unit: Vec<String>,
    total_investment: String,
    self_raised: String,
    deadline: String,
    region: String,
    ownership: String,
}

/// A row of targets.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Row {
    pub name: String,
    pub value: String,
    pub unit: String,
}

/// A row of targets on the page.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RowShown {
    pub row: Row,
    /// Fields of the name, the value and the unit, as problems have them.
    pub fields: [String; 3],
}

impl Row {
    fn is_blank(&self) -> bool {
        [&self.name, &self.value, &self.unit].iter().all(|text| tidied(text).is_empty())
    }
}

/// What the button of a form asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Asked {
    Save,
    /// By the page, while somebody is typing.
    Autosave,
    Preview,
    Submit,
    Attach,
    AddRow,
    /// From 0.
    RemoveRow(usize),
    /// Save with the fields that were chosen from the newer version.
    Merge,
    /// Back to the form, with what was typed.
    Return,
}

impl Asked {
    fn of(code: &str) -> Self {
        let row = |code: &str| code.strip_prefix("remove-").and_then(|row| row.parse().ok());
        match code {
            "autosave" => Self::Autosave,
            "preview" => Self::Preview,
            "submit" => Self::Submit,
            "attach" => Self::Attach,
            "add" => Self::AddRow,
            "merge" => Self::Merge,
            "return" => Self::Return,
            _ => row(code).map_or(Self::Save, Self::RemoveRow),
        }
    }
}

/// The form with what was typed into it.
#[derive(Debug, Clone, Default)]
pub struct NeedForm {
    pub id: String,
    pub version: i64,
    pub sitting: String,
    pub take: Vec<String>,
    pub title: String,
    pub problem: String,
    pub scenario: String,
    pub field: String,
    pub mode: String,
    pub rows: Vec<Row>,
    /// In 万元 where no unit stands there.
    pub total_investment: String,
    pub self_raised: String,
    pub deadline: String,
    pub region: String,
    pub ownership: String,
}

impl From<Typed> for (NeedForm, Asked) {
    fn from(typed: Typed) -> Self {
        let asked = Asked::of(&typed.r#do);
        let count = typed.target_name.len().max(typed.target_value.len()).max(typed.target_unit.len());
        let of = |texts: &[String], row: usize| texts.get(row).cloned().unwrap_or_default();
        let row = |row| Row {
            name: of(&typed.target_name, row),
            value: of(&typed.target_value, row),
            unit: of(&typed.target_unit, row),
        };
        let mut rows: Vec<Row> = (0..count.min(ROWS_MAX)).map(row).collect();
        match asked {
            Asked::AddRow => rows.push(Row::default()),
            Asked::RemoveRow(at) if at < rows.len() => drop(rows.remove(at)),
            // Rows are numbered as the need has them: problems find their row.
            _ => rows.retain(|row| !row.is_blank()),
        }
        let form = NeedForm {
            id: typed.id,
            version: typed.version.parse().unwrap_or(0),
            sitting: typed.sitting.chars().take(64).collect(),
            take: typed.take,
            title: typed.title,
            problem: typed.problem,
            scenario: typed.scenario,
            field: typed.field,
            mode: typed.mode,
            rows,
            total_investment: typed.total_investment,
            self_raised: typed.self_raised,
            deadline: typed.deadline,
            region: typed.region,
            ownership: typed.ownership,
        };
        (form, asked)
    }
}

impl NeedForm {
    /// The form of a need that is kept.
    pub fn of(need: &Need, version: i64) -> Self {
        let text = |text: &Option<String>| text.clone().unwrap_or_default();
        let amount = |yuan: Option<u64>| yuan.map(written).unwrap_or_default();
        let row = |t: &Target| Row { name: t.name.clone(), value: t.value.clone(), unit: text(&t.unit) };
        Self {
            id: need.id.clone(),
            version,
            title: text(&need.title),
            problem: need.problem.clone(),
            scenario: text(&need.scenario),
            field: text(&need.field),
            mode: need.mode.map_or("", NeedMode::code).to_owned(),
            rows: need.targets.iter().map(row).collect(),
            total_investment: amount(need.total_investment),
            self_raised: amount(need.self_raised),
            deadline: text(&need.deadline),
            region: text(&need.region),
            ownership: text(&need.ownership),
            ..Self::default()
        }
    }

    /// The need that was typed, without what cannot be read, and what that is.
    pub fn need(&self) -> (Need, Vec<FieldProblem>) {
        let mut problems = Vec::new();
        let mut amount = |field: &str, text: &str| match tidied(text) {
            text if text.is_empty() => None,
            text => {
                money(&text, MoneyUnit::TenThousand).map_err(|fault| problems.push(FieldProblem::at(field, fault))).ok()
            }
        };
        let (total_investment, self_raised) =
            (amount("total_investment", &self.total_investment), amount("self_raised", &self.self_raised));
        let mode = NeedMode::ALL.into_iter().find(|mode| mode.code() == self.mode);
        if mode.is_none() && !self.mode.is_empty() {
            problems.push(FieldProblem::new("mode", "unknown", "没有这种组织实施方式；请在三种中选一种"));
        }
        let some = |text: &str| Some(text.to_owned());
        let target = |r: &Row| Target { name: r.name.clone(), value: r.value.clone(), unit: some(&r.unit) };
        let need = Need {
            id: self.id.clone(),
            organization: None,
            title: some(&self.title),
            problem: self.problem.clone(),
            mode,
            targets: self.rows.iter().map(target).collect(),
            scenario: some(&self.scenario),
            total_investment,
            self_raised,
            field: some(&self.field),
            region: some(&self.region),
            deadline: some(&self.deadline),
            ownership: some(&self.ownership),
        };
        (need.tidied(), problems)
    }

    /// Takes the fields that were chosen from the form of a newer version.
    pub fn take_from(&mut self, newer: NeedForm) {
        for field in std::mem::take(&mut self.take) {
            match field.as_str() {
                "title" => self.title.clone_from(&newer.title),
                "problem" => self.problem.clone_from(&newer.problem),
                "scenario" => self.scenario.clone_from(&newer.scenario),
                "field" => self.field.clone_from(&newer.field),
                "mode" => self.mode.clone_from(&newer.mode),
                "targets" => self.rows.clone_from(&newer.rows),
                "total_investment" => self.total_investment.clone_from(&newer.total_investment),
                "self_raised" => self.self_raised.clone_from(&newer.self_raised),
                "deadline" => self.deadline.clone_from(&newer.deadline),
                "region" => self.region.clone_from(&newer.region),
                "ownership" => self.ownership.clone_from(&newer.ownership),
                _ => {}
            }
        }
    }

    /// What was typed, for hidden fields of another form.
    pub fn pairs(&self) -> Vec<(&'static str, &str)> {
        let mut pairs = vec![
            ("title", self.title.as_str()),
            ("problem", &self.problem),
            ("scenario", &self.scenario),
            ("field", &self.field),
            ("mode", &self.mode),
            ("total_investment", &self.total_investment),
            ("self_raised", &self.self_raised),
            ("deadline", &self.deadline),
            ("region", &self.region),
            ("ownership", &self.ownership),
        ];
        for row in &self.rows {
            pairs.extend([
                ("target_name", row.name.as_str()),
                ("target_value", &row.value),
                ("target_unit", &row.unit),
            ]);
        }
        pairs
    }

    /// The rows with an empty one to write into.
    pub fn rows_shown(&self) -> Vec<RowShown> {
        let mut rows = self.rows.clone();
        if rows.last().is_none_or(|last| !last.is_blank()) {
            rows.push(Row::default());
        }
        let shown = |(at, row): (usize, Row)| RowShown {
            fields: ["name", "value", "unit"].map(|part| format!("targets[{at}].{part}")),
            row,
        };
        rows.into_iter().enumerate().map(shown).collect()
    }
}

/// An amount as the form has it: 万元 without its unit, other amounts with theirs.
fn written(yuan: u64) -> String {
    let words = in_words(yuan);
    words.strip_suffix(" 万元").map_or(words.clone(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::need_change::need_differences;

    fn typed(text: &str) -> (NeedForm, Asked) {
        serde_html_form::from_str::<Typed>(text).unwrap().into()
    }

    #[test]
    fn a_need_comes_through_its_form_as_it_was() {
        let target = |name: &str, unit: Option<&str>| Target {
            name: name.into(),
            value: "≥3".into(),
            unit: unit.map(str::to_owned),
        };
        let need = Need {
            id: "n".into(),
            organization: None,
            title: Some("题".into()),
            problem: "问题\n两行".into(),
            mode: Some(NeedMode::OpenChallenge),
            targets: vec![target("寿命", Some("次")), target("精度", None)],
            scenario: Some("场景".into()),
            total_investment: Some(1_234_567),
            self_raised: Some(9_999),
            field: Some("A1".into()),
            region: Some("重庆市".into()),
            deadline: Some("2027-06-30".into()),
            ownership: Some("双方共有".into()),
        };
        let form = NeedForm::of(&need, 7);
        assert_eq!((form.total_investment.as_str(), form.self_raised.as_str()), ("123.4567", "9999 元"));
        assert_eq!(form.need(), (need, Vec::new()));
        assert_eq!(form.version, 7);
    }

    /// Every field that two people can have written differently, alone.
    #[test]
    fn what_was_chosen_is_taken_and_what_was_typed_goes_on() {
        let target = Target { name: "寿命".into(), value: "≥3".into(), unit: Some("次".into()) };
        let need = Need {
            title: Some("题".into()),
            problem: "问题".into(),
            mode: Some(NeedMode::SelfReliant),
            targets: vec![target],
            scenario: Some("场景".into()),
            total_investment: Some(30_000),
            self_raised: Some(20_000),
            field: Some("A1".into()),
            region: Some("重庆市".into()),
            deadline: Some("2027-06-30".into()),
            ownership: Some("双方共有".into()),
            ..Need::default()
        };
        let newer = NeedForm::of(&need, 9);
        let differences = need_differences(&Need::default(), &need, str::to_owned);
        assert_eq!(differences.len(), 11);
        for difference in differences {
            let mut mine = NeedForm { take: vec![difference.field.to_owned()], ..NeedForm::default() };
            mine.take_from(newer.clone());
            let left = need_differences(&mine.need().0, &need, str::to_owned);
            assert_eq!(left.len(), 10, "{}", difference.field);
        }
        let sent = serde_html_form::to_string(newer.pairs()).unwrap();
        assert_eq!(typed(&sent).0.need(), newer.need());
    }

    #[test]
    fn what_cannot_be_read_is_told_and_the_rest_is_kept() {
        let (form, asked) = typed("title=%E9%A2%98&total_investment=abc&self_raised=20&mode=x&do=submit");
        let (need, problems) = form.need();
        assert_eq!(asked, Asked::Submit);
        assert_eq!((need.title.as_deref(), need.total_investment, need.self_raised), (Some("题"), None, Some(200_000)));
        let found: Vec<_> = problems.iter().map(|p| (p.field.as_str(), p.code)).collect();
        assert_eq!(found, [("total_investment", "bad-money"), ("mode", "unknown")]);
    }

    #[test]
    fn rows_come_and_go_by_buttons() {
        let rows = "target_name=a&target_name=&target_name=b&target_value=1&target_value=&target_value=2\
                    &target_unit=&target_unit=&target_unit=m";
        let names = |form: &NeedForm| form.rows.iter().map(|r| r.name.clone()).collect::<Vec<_>>().join(",");
        for (button, left) in
            [("save", "a,b"), ("add", "a,,b,"), ("remove-0", ",b"), ("remove-9", "a,b"), ("remove-x", "a,b")]
        {
            assert_eq!(names(&typed(&format!("{rows}&do={button}")).0), left, "{button}");
        }
        let (form, _) = typed(rows);
        assert_eq!(form.rows_shown().len(), 3, "an empty one to write into");
        assert_eq!(form.need().0.targets.len(), 2);
        let many = "target_name=a&".repeat(300);
        assert_eq!(typed(&many).0.rows.len(), ROWS_MAX);
    }
}
