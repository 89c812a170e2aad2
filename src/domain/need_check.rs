//! What a need must be like: to be kept as a draft ([`check`]), and to be submitted
//! ([`check_submit`]). Both report all that is wrong, for forms and the API.
//!
//! | code | field | why |
//! |---|---|---|
//! | `too-long`, `nul`, `control-character`, `line-break`, `invisible-character` | any text | [`super::text::faults`] |
//! | `missing-value` | `problem` | neither problem nor title: there is nothing to keep |
//! | `too-many` | `targets` | more than [`MAX_TARGETS`] |
//! | `bad-money` | amounts | over [`MAX_YUAN`] |
//! | `self-raised-exceeds-total` | `self_raised` | own money is a part of the total |
//! | `bad-date` | `deadline` | no day of the calendar |
//! | `unknown-field-code` | `field` | not in the taxonomy |
//! | `no-problem`, `no-mode`, `no-target`, `target-incomplete`, `no-money` | of 第六条 | to be submitted, its four items must be there |

use super::day::Day;
use super::money::MAX_YUAN;
use super::need::{Need, self_raised_fault};
use super::problem::{Fault, FieldProblem};
use super::quantity::has_target;
use super::text::{Lines, MAX_LONG, MAX_PROBLEM, MAX_SHORT, faults, shown};

/// Most rows of targets: more belong into an attachment.
pub const MAX_TARGETS: usize = 50;
/// Most characters in the name, the value or the unit of a target.
pub const MAX_TARGET_TEXT: usize = 200;

/// All reasons why a need, [`Need::tidied`] before, cannot be kept. `is_field` says whether the
/// taxonomy has a code.
pub fn check(need: &Need, is_field: impl Fn(&str) -> bool) -> Vec<FieldProblem> {
    let mut problems = Vec::new();
    if need.problem.is_empty() && need.title.is_none() {
        let reason = "标题和技术问题都没有填写；请至少写其中一项，再保存";
        problems.push(FieldProblem::new("problem", Fault::missing().code, reason));
    }
    let line = Some(Lines::One);
    let mut text = |field: &str, text: Option<&str>, max: usize, lines: Option<Lines>| {
        let found = faults(text.unwrap_or_default(), max, lines.unwrap_or(Lines::Many));
        problems.extend(found.into_iter().map(|fault| FieldProblem::at(field, fault)));
    };
    text("organization", need.organization.as_deref(), MAX_SHORT, line);
    text("title", need.title.as_deref(), MAX_SHORT, line);
    text("problem", Some(&need.problem), MAX_PROBLEM, None);
    text("scenario", need.scenario.as_deref(), MAX_LONG, None);
    text("region", need.region.as_deref(), MAX_SHORT, line);
    text("ownership", need.ownership.as_deref(), MAX_SHORT, None);
    for (row, target) in need.targets.iter().take(MAX_TARGETS).enumerate() {
        text(&format!("targets[{row}].name"), Some(&target.name), MAX_TARGET_TEXT, line);
        text(&format!("targets[{row}].value"), Some(&target.value), MAX_TARGET_TEXT, line);
        text(&format!("targets[{row}].unit"), target.unit.as_deref(), MAX_TARGET_TEXT, line);
    }
    problems.extend(check_values(need, is_field));
    problems
}

fn check_values(need: &Need, is_field: impl Fn(&str) -> bool) -> Vec<FieldProblem> {
    let mut problems = Vec::new();
    let rows = need.targets.len();
    if rows > MAX_TARGETS {
        let reason = format!("有 {rows} 条目标，最多 {MAX_TARGETS} 条；请保留主要的，其余写进附件");
        problems.push(FieldProblem::new("targets", "too-many", reason));
    }
    for (field, amount) in [("total_investment", need.total_investment), ("self_raised", need.self_raised)] {
        if amount.is_some_and(|yuan| yuan > MAX_YUAN) {
            problems.push(FieldProblem::new(field, "bad-money", "金额过大；请核对单位是元还是万元"));
        }
    }
    let own = self_raised_fault(need.total_investment, need.self_raised);
    problems.extend(own.map(|fault| FieldProblem::at("self_raised", fault)));
    let date = need.deadline.as_deref().and_then(|text| Day::parse(text).err());
    problems.extend(date.map(|fault| FieldProblem::at("deadline", fault)));
    if let Some(code) = need.field.as_deref().filter(|code| !is_field(code)) {
        let reason = format!("没有代码为“{}”的领域；请从领域列表中选择", shown(code));
        problems.push(FieldProblem::new("field", "unknown-field-code", reason));
    }
    problems
}

/// What of the four items of 第六条 is missing. A target may also stand in the problem's text, as a
/// number with a unit; a row that was begun must be whole.
pub fn check_submit(need: &Need) -> Vec<FieldProblem> {
    let mut problems = Vec::new();
    let mut missing = |field: String, code, message: String| problems.push(FieldProblem::new(field, code, message));
    if need.problem.trim().is_empty() {
        let message = "还没有写拟解决的技术问题；请写明现状、难点和想要攻克的关键技术或产品";
        missing("problem".to_owned(), "no-problem", message.to_owned());
    }
    if need.mode.is_none() {
        let message = "还没有选组织实施方式；请在企业自主攻关、产学研协同攻关、揭榜挂帅中选一种";
        missing("mode".to_owned(), "no-mode", message.to_owned());
    }
    if need.targets.is_empty() && !has_target(&need.problem) {
        let message = "没有可考核的目标；请至少写一条，如“循环寿命 ≥3000 次”";
        missing("targets".to_owned(), "no-target", message.to_owned());
    }
    for (row, target) in need.targets.iter().enumerate() {
        for (part, text, name) in [("name", &target.name, "指标名称"), ("value", &target.value, "指标值")] {
            if text.trim().is_empty() {
                let message = format!("第 {} 条目标没有{name}；请补上，或删掉这一行", row + 1);
                missing(format!("targets[{row}].{part}"), "target-incomplete", message);
            }
        }
    }
    if need.total_investment.unwrap_or(0) == 0 {
        let message = "还没有写资金投入总额；请填计划投入的总金额，含自筹";
        missing("total_investment".to_owned(), "no-money", message.to_owned());
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::need::{NeedMode, Target};

    fn target(name: &str, value: &str) -> Target {
        Target { name: name.to_owned(), value: value.to_owned(), unit: None }
    }

    /// A need that may be submitted.
    fn complete() -> Need {
        Need {
            title: Some("电池包热失控阻断".to_owned()),
            mode: Some(NeedMode::Collaborative),
            targets: vec![target("无明火时间", "≥120 min")],
            total_investment: Some(3_600_000),
            self_raised: Some(2_600_000),
            field: Some("A1".to_owned()),
            deadline: Some("2027-06-30".to_owned()),
            ..Need::from_text("电芯失控后数分钟即引燃相邻电芯，亟需整体方案")
        }
    }

    fn of(problems: &[FieldProblem]) -> Vec<(&str, &str)> {
        problems.iter().map(|p| (p.field.as_str(), p.code)).collect()
    }

    #[test]
    fn every_field_is_checked() {
        type Change = fn(&mut Need);
        fn long(n: usize) -> String {
            "长".repeat(n)
        }
        let cases: [(Change, &str, &str); 17] = [
            (|n| n.title = Some(long(1_001)), "title", "too-long"),
            (|n| n.title = Some("a\nb".into()), "title", "line-break"),
            (|n| n.organization = Some("a\u{0}".into()), "organization", "nul"),
            (|n| n.problem = long(200_001), "problem", "too-long"),
            (|n| n.problem.push('\u{1}'), "problem", "control-character"),
            (|n| n.problem.push('\u{202e}'), "problem", "invisible-character"),
            (|n| n.scenario = Some(long(20_001)), "scenario", "too-long"),
            (|n| n.region = Some("\u{200b}渝".into()), "region", "invisible-character"),
            (|n| n.ownership = Some(long(1_001)), "ownership", "too-long"),
            (|n| n.targets.push(target("a", "\u{7}")), "targets[1].value", "control-character"),
            (|n| n.targets.push(target(&long(201), "1")), "targets[1].name", "too-long"),
            (|n| n.targets[0].unit = Some("m\nm".into()), "targets[0].unit", "line-break"),
            (|n| n.targets = vec![target("a", "1"); 51], "targets", "too-many"),
            (|n| n.total_investment = Some(u64::MAX), "total_investment", "bad-money"),
            (|n| n.self_raised = Some(3_600_001), "self_raised", "self-raised-exceeds-total"),
            (|n| n.deadline = Some("2027-02-30".into()), "deadline", "bad-date"),
            (|n| n.field = Some("Z9".into()), "field", "unknown-field-code"),
        ];
        assert_eq!(check(&complete(), |c| c == "A1"), []);
        let mut all = complete();
        for (change, field, code) in &cases {
            let mut need = complete();
            change(&mut need);
            assert_eq!(of(&check(&need, |c| c == "A1")), [(*field, *code)]);
        }
        let changes: [Change; 3] =
            [|n| n.title = Some("\u{0}".into()), |n| n.deadline = Some("明年".into()), |n| n.field = Some("Z9".into())];
        changes.iter().for_each(|change| change(&mut all));
        let found = check(&all, |c| c == "A1");
        assert_eq!(of(&found), [("title", "nul"), ("deadline", "bad-date"), ("field", "unknown-field-code")]);
        assert!(found.iter().all(|p| p.message.contains(['；'])), "each says what to do: {found:?}");
    }

    #[test]
    fn a_draft_may_be_little_but_not_nothing() {
        assert_eq!(of(&check(&Need::default(), |_| true)), [("problem", "missing-value")]);
        assert_eq!(check(&Need { title: Some("题".to_owned()), ..Need::default() }, |_| true), []);
        assert_eq!(check(&Need::from_text("难题"), |_| true), []);
        let begun = Need { targets: vec![target("寿命", "")], ..Need::from_text("难题") };
        assert_eq!(check(&begun, |_| true), [], "rows may be begun");
    }

    #[test]
    fn article_6_asks_for_four_items() {
        assert_eq!(check_submit(&complete()), []);
        let in_text = Need { targets: Vec::new(), ..complete() };
        assert_eq!(of(&check_submit(&in_text)), [("targets", "no-target")]);
        let in_text = Need { problem: "要求循环寿命不低于 3000 次".to_owned(), ..in_text };
        assert_eq!(check_submit(&in_text), [], "the text has a target");
        let all = [
            ("problem", "no-problem"),
            ("mode", "no-mode"),
            ("targets", "no-target"),
            ("total_investment", "no-money"),
        ];
        assert_eq!(of(&check_submit(&Need { title: Some("题".to_owned()), ..Need::default() })), all);
        let begun = Need { targets: vec![target("寿命", " "), target("", "≥3 μm")], ..complete() };
        assert_eq!(
            of(&check_submit(&begun)),
            [("targets[0].value", "target-incomplete"), ("targets[1].name", "target-incomplete")]
        );
        let zero = Need { total_investment: Some(0), self_raised: None, ..complete() };
        assert_eq!(of(&check_submit(&zero)), [("total_investment", "no-money")]);
    }

    proptest::proptest! {
        #[test]
        fn tidied_texts_are_refused_for_length_and_control_characters_only(text in "(\\PC|[\u{0}-\u{1f}\u{200b}\u{202e}]){0,40}") {
            let need = Need { title: Some(text.clone()), ..Need::from_text(&text) }.tidied();
            for problem in check(&need, |_| true) {
                proptest::prop_assert!(["nul", "control-character", "line-break", "missing-value"].contains(&problem.code));
            }
            check_submit(&need);
        }
    }
}
