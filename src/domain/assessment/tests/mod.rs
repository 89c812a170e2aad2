//! Assessments of whole needs, of the demo needs and of any text. The needs are in the style of
//! data/demo/needs.jsonl.

mod articles;
mod asking;

use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;
use crate::domain::need::{NeedMode, Target};
use crate::domain::{Day, regulation};

const PROBLEM: &str = "目前单颗电芯失控后约 6～9 min 即引燃相邻电芯，加厚云母片效果有限且占用体积。亟需从热阻断、排烟泄压和早期识别\
                       几方面提出整体方案，并完成整包验证。";

struct World {
    parameters: Parameters,
    wording: Wording,
}

impl World {
    fn new() -> Self {
        let wording = Wording::parse(include_str!("../../../../data/assessment/wording.toml")).unwrap();
        Self { parameters: regulation::tests::parameters(), wording }
    }

    fn assess(&self, need: &Need, signals: &Signals) -> Vec<Finding> {
        assess(need, signals, &Guide { parameters: &self.parameters, wording: &self.wording })
    }

    fn codes(&self, need: &Need, signals: &Signals) -> BTreeSet<&'static str> {
        self.assess(need, signals).iter().map(|finding| finding.code).collect()
    }

    /// Which of `among` are found.
    fn found(&self, need: &Need, among: &[&'static str]) -> Vec<&'static str> {
        let codes = self.codes(need, &today());
        among.iter().copied().filter(|code| codes.contains(code)).collect()
    }
}

fn today() -> Signals {
    Signals::of_day(Day::new(2026, 6, 1).unwrap())
}

fn target(name: &str, value: &str, unit: &str) -> Target {
    let unit = Some(unit.to_owned()).filter(|unit| !unit.is_empty());
    Target { name: name.to_owned(), value: value.to_owned(), unit }
}

/// A need about which there is nothing to say but good.
fn whole() -> Need {
    Need {
        title: Some("电池包热失控阻断".to_owned()),
        mode: Some(NeedMode::Collaborative),
        targets: vec![target("无明火时间", "≥120", "min"), target("阻隔层厚度", "≤2.0", "mm")],
        scenario: Some("整车配套电池包量产导入".to_owned()),
        total_investment: Some(3_600_000),
        self_raised: Some(2_600_000),
        deadline: Some("2027-06-30".to_owned()),
        ownership: Some("双方共有".to_owned()),
        ..Need::from_text(PROBLEM)
    }
}

fn field(code: &str, name: &str) -> PredictedField {
    PredictedField { code: code.to_owned(), name: name.to_owned(), weight: 1.0 }
}

#[test]
fn the_demo_needs_are_complete() {
    let world = World::new();
    for line in include_str!("../../../../data/demo/needs.jsonl").lines() {
        let need: Need = serde_json::from_str(line).unwrap();
        let findings = world.assess(&need, &today());
        assert!(findings.iter().all(|f| f.severity != Severity::Blocking), "{}: {findings:?}", need.id);
        assert!(Completeness::of(&findings).score >= 90, "{}: {findings:?}", need.id);
        let bare = Need { id: need.id.clone(), ..Need::from_text(need.title.as_deref().unwrap_or_default()) };
        assert!(Completeness::of(&world.assess(&bare, &today())).score < 20, "{}", bare.problem);
    }
}

#[test]
fn findings_stand_in_their_order_and_quote_the_text() {
    let need = Need { problem: format!("{PROBLEM}请尽快显著提高安全性。"), mode: None, ..whole() };
    let found = World::new().assess(&need, &today());
    assert!(found.is_sorted_by_key(|finding| finding.severity), "{found:?}");
    let vague: Vec<&Finding> = found.iter().filter(|finding| finding.code == "vague-word").collect();
    let chars: Vec<char> = need.problem.chars().collect();
    let words = vague.iter().map(|f| chars[f.range.clone().unwrap()].iter().collect::<String>());
    assert_eq!(words.collect::<Vec<_>>(), ["尽快", "显著提高"]);
    assert!(vague[1].sentence.starts_with("“显著提高”没有数字，建议写明从多少提高到多少"), "{}", vague[1].sentence);
}

proptest! {
    #[test]
    fn any_text_is_assessed(
        text in "(\\PC|[\u{0}-\u{1f}\u{202e}]|显著提高|国际先进|≥|95 %|[0-9]{1,12}|年|万元|@a\\.b|打造){0,60}",
        money in any::<Option<(u64, u64)>>(),
    ) {
        let value = Some(text.clone());
        let need = Need {
            title: value.clone(),
            targets: vec![target(&text, &text, &text), target("率", &text, "")],
            scenario: value.clone(),
            field: value.clone(),
            deadline: value.clone(),
            ownership: value,
            total_investment: money.map(|m| m.0),
            self_raised: money.map(|m| m.1),
            ..Need::from_text(&text)
        };
        let findings = World::new().assess(&need, &today());
        for finding in &findings {
            prop_assert!(finding.range.as_ref().is_none_or(|r| r.start < r.end && r.end <= text.chars().count()), "{finding:?}");
        }
        let blocking = findings.iter().filter(|finding| finding.severity == Severity::Blocking).count();
        prop_assert_eq!(blocking, check_submit(&need).len());
        let completeness = Completeness::of(&findings);
        prop_assert_eq!(completeness.score, completeness.parts.iter().map(|part| part.points).sum::<u32>());
        prop_assert!(completeness.score <= 100);
    }
}
