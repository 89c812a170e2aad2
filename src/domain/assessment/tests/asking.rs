//! Doing what a finding asks for removes it: a way to break and to mend a need for each rule.

use proptest::prelude::*;

use super::*;
use crate::domain::assessment::catalogue::rule_of;

type Change = fn(&mut Need, &mut Signals);

/// For each rule that asks for something: what brings it about in a whole need, and what its
/// sentence asks for.
const ASKS: &[(&str, Change, Change)] = &[
    ("no-problem", |n, _| n.problem.clear(), |n, _| n.problem = PROBLEM.into()),
    ("problem-short", |n, _| n.problem = "电池起火".into(), |n, _| n.problem.push_str(PROBLEM)),
    (
        "problem-slogan",
        |n, _| n.problem = "打造一流产业生态，引领行业高质量发展，以数字化转型赋能企业全方位升级和进步。".into(),
        |n, _| n.problem.push_str("电芯间隔热层厚 3 mm 仍不足。"),
    ),
    ("problem-long", |n, _| n.problem = "溶氧分布不均，".repeat(1_000), |n, _| n.problem = PROBLEM.into()),
    ("vague-word", |n, _| n.problem.push_str("传热能力显著提高"), |n, _| n.problem.push_str("到 25 W")),
    (
        "personal-data",
        |n, _| n.problem.push_str("电话13800000000"),
        |n, _| n.problem = n.problem.replace("13800000000", ""),
    ),
    ("no-mode", |n, _| n.mode = None, |n, _| n.mode = Some(NeedMode::OpenChallenge)),
    ("no-target", |n, _| n.targets.clear(), |n, _| n.targets = whole().targets),
    ("target-incomplete", |n, _| n.targets[0].value.clear(), |n, _| n.targets[0].value = "≥120".into()),
    (
        "target-in-text-only",
        |n, _| {
            n.targets.clear();
            n.problem.push_str("要求厚度 ≤2 mm");
        },
        |n, _| n.targets = whole().targets,
    ),
    ("target-without-unit", |n, _| n.targets[1].unit = None, |n, _| n.targets[1].unit = Some("mm".into())),
    ("target-not-measurable", |n, _| n.targets[1].value = "较薄".into(), |n, _| n.targets[1].value = "≤2".into()),
    ("no-money", |n, _| n.total_investment = None, |n, _| n.total_investment = Some(3_600_000)),
    (
        "total-below-minimum",
        |n, _| (n.total_investment, n.self_raised) = (Some(300_000), Some(300_000)),
        |n, _| n.total_investment = Some(400_000),
    ),
    ("no-self-raised", |n, _| n.self_raised = None, |n, _| n.self_raised = n.total_investment),
    (
        "self-raised-low",
        |n, _| n.self_raised = Some(1),
        |n, _| n.self_raised = n.total_investment.map(|t| t.div_ceil(2)),
    ),
    ("no-time-limit", |n, _| n.deadline = None, |n, _| n.problem.push_str("。18 个月内完成")),
    ("deadline-past", |n, _| n.deadline = Some("2026-05-31".into()), |n, s| n.deadline = Some(s.today.to_string())),
    (
        "period-over-limit",
        |n, _| n.deadline = Some("2029-01-01".into()),
        |n, s| n.deadline = Some(s.today.plus_months(24).to_string()),
    ),
    ("no-ownership", |n, _| n.ownership = None, |n, _| n.ownership = Some("发榜方所有".into())),
    (
        "ownership-undecided",
        |n, _| n.ownership = Some("另行约定".into()),
        |n, _| n.ownership = Some("另行约定：专利归发榜方，数据双方共有，收益按投入比例分配".into()),
    ),
    ("no-scenario", |n, _| n.scenario = None, |n, _| n.scenario = Some("重卡".into())),
    ("no-field", |_, s| s.predicted_fields = vec![field("A3", "电池")], |n, _| n.field = Some("A3".into())),
    (
        "field-differs",
        |n, s| {
            n.field = Some("B2".into());
            s.predicted_fields = vec![field("A3", "电池")];
        },
        |n, _| n.field = Some("A3".into()),
    ),
    (
        "nobody-matches",
        |_, s| s.matches = Some(MatchCounts::default()),
        |_, s| s.matches = Some(MatchCounts { high: 1, fair: 0, low: 0 }),
    ),
    (
        "no-strong-match",
        |_, s| s.matches = Some(MatchCounts { high: 0, fair: 1, low: 0 }),
        |_, s| s.matches = Some(MatchCounts { high: 1, fair: 0, low: 0 }),
    ),
    ("uncovered-words", |_, s| s.uncovered = vec!["泄压".into()], |_, s| s.uncovered.clear()),
    ("near-duplicate", |_, s| s.similar = vec![near("n1", true)], |_, s| s.similar.clear()),
    ("similar-need", |_, s| s.similar = vec![near("n1", false)], |_, s| s.similar.clear()),
];

fn near(id: &str, is_near_duplicate: bool) -> SimilarNeed {
    SimilarNeed { id: id.to_owned(), title: "题".to_owned(), similarity: 0.8, is_near_duplicate }
}

#[test]
fn what_a_finding_asks_for_removes_it() {
    let world = World::new();
    let asking: BTreeSet<&str> = RULES.iter().filter(|rule| rule.severity != Severity::Good).map(|r| r.code).collect();
    assert_eq!(ASKS.iter().map(|(code, ..)| *code).collect::<BTreeSet<_>>(), asking, "each rule is here");
    for (code, damage, mend) in ASKS {
        let (mut need, mut signals) = (whole(), today());
        assert!(!world.codes(&need, &signals).contains(code), "{code} before");
        damage(&mut need, &mut signals);
        let before = world.assess(&need, &signals);
        assert!(before.iter().any(|finding| finding.code == *code), "{code}: {before:?}");
        mend(&mut need, &mut signals);
        let after = world.assess(&need, &signals);
        assert!(after.iter().all(|finding| finding.code != *code), "{code} after: {after:?}");
        let costs = rule_of(code).unwrap().costs.is_some();
        let (before, after) = (Completeness::of(&before).score, Completeness::of(&after).score);
        assert!(if costs { before < after } else { before <= after }, "{code}: {before} {after}");
    }
}

#[test]
fn the_table_of_rules_is_sound() {
    let codes: BTreeSet<&str> = RULES.iter().map(|rule| rule.code).collect();
    assert_eq!(codes.len(), RULES.len(), "each code once");
    assert_eq!(Part::ALL.iter().map(|part| part.points()).sum::<u32>(), 100);
    for rule in RULES {
        assert!(rule.costs.is_none_or(|(part, points)| points > 0 && points <= part.points()), "{}", rule.code);
        assert!(rule.severity != Severity::Good || rule.costs.is_none(), "{}", rule.code);
    }
    for part in Part::ALL.into_iter() {
        let empty = RULES.iter().any(|rule| rule.costs == Some((part, part.points())));
        assert!(empty, "{part:?}: what is missing altogether has no points");
    }
}

proptest! {
    /// However much is wrong at once, doing what the findings ask for ends with nothing to ask.
    #[test]
    fn doing_what_is_asked_comes_to_an_end(wrong in proptest::sample::subsequence((0..ASKS.len()).collect::<Vec<_>>(), 0..8)) {
        let world = World::new();
        let (mut need, mut signals) = (whole(), today());
        for rule in wrong {
            if !need.targets.is_empty() {
                ASKS[rule].1(&mut need, &mut signals);
            }
        }
        for _ in 0..ASKS.len() {
            let codes = world.codes(&need, &signals);
            for (_, _, mend) in ASKS.iter().filter(|(code, ..)| codes.contains(code)) {
                if need.targets.is_empty() {
                    need.targets = whole().targets;
                }
                mend(&mut need, &mut signals);
            }
        }
        let asked: Vec<Finding> =
            world.assess(&need, &signals).into_iter().filter(|finding| finding.severity != Severity::Good).collect();
        prop_assert!(asked.is_empty(), "{:?}", asked);
        prop_assert_eq!(Completeness::of(&asked).score, 100);
    }
}
