//! What an organisation declares for the rules on bidders 单位申报, and records of research integrity
//! 科研诚信记录 as an operator states them.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::challenge::publish::ROWS_MAX;
use super::day::Day;
use super::problem::{Fault, FieldProblem};
use super::text::{Lines, MAX_SHORT, faults, folded, name_faults, shown, tidied};

/// Most qualifications: as many as a challenge may ask for.
pub const QUALIFICATIONS_MAX: usize = ROWS_MAX;
/// What stands between qualifications that are written in one line, here as in the conditions of a
/// challenge: no qualification holds one of them.
pub const SEPARATORS: [char; 6] = ['、', '；', ';', '，', ',', '\n'];

/// What an organisation declares of itself; the rules on bidders go by it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Declaration {
    /// The group of companies 所属集团 that it belongs to, or `""`. Up to 100 characters.
    pub group: String,
    /// Legal person 法定代表人, or `""`. Up to 100 characters.
    pub legal_person: String,
    /// Names of what it is certified for 资质, up to 50, each once.
    pub qualifications: Vec<String>,
}

impl Declaration {
    /// As it is kept, without blank qualifications, and all that is wrong with it. Fields are counted
    /// as they were given.
    pub fn read(self) -> (Self, Vec<FieldProblem>) {
        let (group, legal_person) = (tidied(&self.group), tidied(&self.legal_person));
        let mut found = Vec::new();
        for (field, text) in [("group", &group), ("legal_person", &legal_person)] {
            if !text.is_empty() {
                found.extend(name_faults(text).into_iter().map(|fault| FieldProblem::at(field, fault)));
            }
        }
        let given = self.qualifications.iter().map(|text| tidied(text)).enumerate();
        let given: Vec<(usize, String)> = given.filter(|(_, text)| !text.is_empty()).collect();
        if given.len() > QUALIFICATIONS_MAX {
            let message = format!("有 {} 项，最多 {QUALIFICATIONS_MAX} 项：请删去不用的", given.len());
            found.push(FieldProblem::new("qualifications", "too-many-rows", message));
        }
        for (place, (at, text)) in given.iter().enumerate() {
            let mut wrong = qualification_faults(text);
            if let Some((first, _)) = given.iter().take(place).find(|(_, other)| folded(other) == folded(text)) {
                let reason = format!("与第 {} 项相同（不计标点、大小写和全半角）；请删去一项", first + 1);
                wrong.push(Fault::new("duplicate", reason));
            }
            let told = |fault: Fault| {
                let message = format!("第 {} 项“{}”{}", at + 1, shown(text), fault.reason);
                FieldProblem::new(format!("qualifications[{at}]"), fault.code, message)
            };
            found.extend(wrong.into_iter().map(told));
        }
        (Self { group, legal_person, qualifications: given.into_iter().map(|(_, text)| text).collect() }, found)
    }
}

fn qualification_faults(text: &str) -> Vec<Fault> {
    let mut wrong = faults(text, MAX_SHORT, Lines::One);
    if folded(text).is_empty() {
        wrong.push(Fault::new("bad-name", "里没有文字；请写资质的名称"));
    }
    if let Some(between) = text.chars().find(|c| *c != '\n' && SEPARATORS.contains(c)) {
        wrong.push(Fault::new("separator", format!("里有“{between}”；每项只写一个资质，请分开写")));
    }
    wrong
}

/// All that is wrong with a new record of research integrity, whose text is tidied.
pub fn record_problems(what: &str, found_on: Day, today: Day) -> Vec<FieldProblem> {
    let mut found = statement_problems("what", what, "没有写事由；请写清什么事、由谁认定、依据什么");
    if found_on > today {
        found.push(FieldProblem::new("found_on", "in-future", "认定日期还没有到；请写实际认定的日期"));
    }
    found
}

/// All that is wrong with why a record is closed; the text is tidied.
pub fn closing_problems(reason: &str) -> Vec<FieldProblem> {
    statement_problems("reason", reason, "没有写理由；请写清为什么了结，该单位会看到")
}

fn statement_problems(field: &str, text: &str, missing: &str) -> Vec<FieldProblem> {
    let mut wrong = faults(text, MAX_SHORT, Lines::Many);
    if text.is_empty() {
        wrong.push(Fault { reason: missing.to_owned(), ..Fault::missing() });
    }
    wrong.into_iter().map(|fault| FieldProblem::at(field, fault)).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn declared(
        group: &str,
        legal_person: &str,
        qualifications: &[&str],
    ) -> (Declaration, Vec<(String, &'static str)>) {
        let qualifications = qualifications.iter().map(|&q| q.to_owned()).collect();
        let (kept, found) =
            Declaration { group: group.into(), legal_person: legal_person.into(), qualifications }.read();
        (kept, found.into_iter().map(|p| (p.field, p.code)).collect())
    }

    #[test]
    fn what_is_kept_is_tidied_and_blank_lines_are_none() {
        let (kept, found) = declared(" 示例集团\u{200b} ", "", &["", " CNAS 实验室认可 ", "\u{200b}", "CMA"]);
        assert_eq!(found, []);
        assert_eq!((kept.group.as_str(), kept.legal_person.as_str()), ("示例集团", ""));
        assert_eq!(kept.qualifications, ["CNAS 实验室认可", "CMA"]);
        assert_eq!(declared("", "", &[]), Default::default());
    }

    #[test]
    fn every_problem_is_told_at_its_field() {
        let (long, longer) = ("集".repeat(101), "资".repeat(1_001));
        let (_, found) = declared(&long, "——", &["CMA", "", "ｃｍａ", "甲、乙", "!!", &longer, "x\ny"]);
        let found: Vec<_> = found.iter().map(|(field, code)| (field.as_str(), *code)).collect();
        let expected = [
            ("group", "too-long"),
            ("legal_person", "bad-name"),
            ("qualifications[2]", "duplicate"),
            ("qualifications[3]", "separator"),
            ("qualifications[4]", "bad-name"),
            ("qualifications[5]", "too-long"),
            ("qualifications[6]", "line-break"),
        ];
        assert_eq!(found, expected);
        let many: Vec<String> = (0..=QUALIFICATIONS_MAX).map(|n| format!("资质 {n}")).collect();
        let many: Vec<&str> = many.iter().map(String::as_str).collect();
        assert_eq!(declared("", "", &many).1, [("qualifications".to_owned(), "too-many-rows")]);
        assert_eq!(declared("", "", &many[1..]).1, []);
    }

    #[test]
    fn records_say_what_and_lie_in_the_past() {
        let day = |text: &str| Day::parse(text).unwrap();
        let codes = |what: &str, on: &str| {
            let found = record_problems(what, day(on), day("2026-11-25"));
            found.into_iter().map(|p| (p.field, p.code)).collect::<Vec<_>>()
        };
        assert_eq!(codes("示例事由", "2026-11-25"), []);
        assert_eq!(codes("", "2026-11-26"), [("what".into(), "missing-value"), ("found_on".into(), "in-future")]);
        assert_eq!(closing_problems("已整改"), []);
        assert_eq!(closing_problems("")[0].code, "missing-value");
    }
}
