//! Score sheets and the ranking that comes of them. All numbers are whole, so that a tie is a tie
//! on every machine.

use std::collections::{BTreeMap, BTreeSet};

use super::super::problem::FieldProblem;
use super::Criterion;

/// Highest score of a criterion.
pub const SCORE_MAX: u32 = 100;

/// What one member of the panel gives one bid: a score for each criterion, in their order.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sheet {
    pub member: String,
    pub bid: String,
    pub scores: Vec<u32>,
}

/// A bid's place. Bids with the same total share a place; the next one counts all before it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Place {
    pub bid: String,
    pub place: usize,
    /// Mean of the members' weighted totals, in ten-thousandths of a point: exact to the last digit
    /// only for comparison within one challenge.
    pub mean: u64,
    pub is_tied: bool,
}

/// What is wrong with a sheet.
pub fn check_sheet(scores: &[u32], criteria: &[Criterion]) -> Vec<FieldProblem> {
    if scores.len() != criteria.len() {
        let message = format!("共 {} 项评价标准，给出了 {} 项评分", criteria.len(), scores.len());
        return vec![FieldProblem::new("scores", "wrong-number-of-scores", message)];
    }
    let wrong = scores.iter().enumerate().filter(|(_, score)| **score > SCORE_MAX);
    wrong
        .map(|(at, _)| {
            FieldProblem::new(
                format!("scores[{at}]"),
                "score-too-high",
                format!("“{}”的评分应为 0—{SCORE_MAX}", criteria[at].name),
            )
        })
        .collect()
}

/// Members who have not scored a bid that they may score. `conflicted` are pairs of member and bid
/// that are blocked: such a member takes no part in the whole challenge's ranking of that bid.
pub fn missing<'a>(
    members: &'a [String],
    bids: &'a [String],
    conflicted: &BTreeSet<(String, String)>,
    sheets: &[Sheet],
) -> Vec<(&'a str, &'a str)> {
    let given: BTreeSet<(&str, &str)> = sheets.iter().map(|s| (s.member.as_str(), s.bid.as_str())).collect();
    let pairs = members.iter().flat_map(|m| bids.iter().map(move |b| (m, b)));
    pairs
        .filter(|(m, b)| {
            !conflicted.contains(&((*m).clone(), (*b).clone())) && !given.contains(&(m.as_str(), b.as_str()))
        })
        .map(|(m, b)| (m.as_str(), b.as_str()))
        .collect()
}

/// The ranking, best first; within a tie by id. A bid that nobody scored has no place.
pub fn rank(criteria: &[Criterion], sheets: &[Sheet]) -> Vec<Place> {
    let mut totals: BTreeMap<&str, (u64, u64)> = BTreeMap::new();
    for sheet in sheets {
        let pairs = sheet.scores.iter().zip(criteria);
        let total: u64 = pairs.map(|(score, criterion)| u64::from(*score) * u64::from(criterion.weight)).sum();
        let entry = totals.entry(&sheet.bid).or_default();
        *entry = (entry.0 + total, entry.1 + 1);
    }
    let mut ranked: Vec<(&str, u64, u64)> = totals.into_iter().map(|(bid, (sum, count))| (bid, sum, count)).collect();
    // a/b against c/d without division: members may differ in number where one was in conflict.
    let compare = |x: &(&str, u64, u64), y: &(&str, u64, u64)| (y.1 * x.2).cmp(&(x.1 * y.2));
    ranked.sort_by(|x, y| compare(x, y).then_with(|| x.0.cmp(y.0)));
    let mut places: Vec<Place> = Vec::with_capacity(ranked.len());
    for (at, entry) in ranked.iter().enumerate() {
        let same = |other: Option<&(&str, u64, u64)>| other.is_some_and(|o| compare(o, entry).is_eq());
        let before = at.checked_sub(1).and_then(|b| ranked.get(b));
        let is_tied = same(before) || same(ranked.get(at + 1));
        let place = if same(before) { places[at - 1].place } else { at + 1 };
        places.push(Place { bid: entry.0.to_owned(), place, mean: entry.1 * 100 / entry.2, is_tied });
    }
    places
}

/// Mean score of a bid by criterion, in ten-thousandths of a point; none where nobody scored it.
pub fn means(criteria: &[Criterion], sheets: &[Sheet], bid: &str) -> Vec<u64> {
    let own: Vec<&Sheet> = sheets.iter().filter(|s| s.bid == bid).collect();
    if own.is_empty() {
        return Vec::new();
    }
    let sum = |at: usize| own.iter().filter_map(|s| s.scores.get(at)).map(|score| u64::from(*score)).sum::<u64>();
    (0..criteria.len()).map(|at| sum(at) * 10_000 / own.len() as u64).collect()
}

/// Weighted total of one sheet, in ten-thousandths of a point.
pub fn total(criteria: &[Criterion], scores: &[u32]) -> u64 {
    scores.iter().zip(criteria).map(|(score, criterion)| u64::from(*score) * u64::from(criterion.weight) * 100).sum()
}

/// Whether the publisher's choice departs from the ranking, so that a reason is asked for.
pub fn departs(places: &[Place], chosen: &str) -> bool {
    places.iter().find(|p| p.bid == chosen).is_none_or(|p| p.place != 1)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn criteria() -> Vec<Criterion> {
        vec![Criterion { name: "路线".into(), weight: 70 }, Criterion { name: "团队".into(), weight: 30 }]
    }

    fn sheet(member: &str, bid: &str, scores: [u32; 2]) -> Sheet {
        Sheet { member: member.into(), bid: bid.into(), scores: scores.to_vec() }
    }

    #[test]
    fn ties_share_a_place_and_the_next_counts_all_before() {
        let sheets = [
            sheet("m", "a", [80, 60]),
            sheet("n", "a", [90, 60]),
            sheet("m", "b", [90, 60]),
            sheet("n", "b", [80, 60]),
            sheet("m", "c", [50, 50]),
            sheet("n", "c", [50, 50]),
            // One member was in conflict with d: the mean is of the other alone.
            sheet("n", "d", [85, 60]),
        ];
        let places: Vec<_> =
            rank(&criteria(), &sheets).into_iter().map(|p| (p.bid, p.place, p.mean, p.is_tied)).collect();
        let expected =
            [("a", 1, 775_000, true), ("b", 1, 775_000, true), ("d", 1, 775_000, true), ("c", 4, 500_000, false)];
        assert_eq!(places, expected.map(|(b, p, m, t)| (b.to_owned(), p, m, t)));
        assert_eq!(means(&criteria(), &sheets, "a"), [850_000, 600_000]);
        assert!(means(&criteria(), &sheets, "none").is_empty());
        assert_eq!(total(&criteria(), &[80, 60]), 740_000);
        let ranked = rank(&criteria(), &sheets);
        assert!(!departs(&ranked, "b") && departs(&ranked, "c") && departs(&ranked, "none"));
    }

    #[test]
    fn a_ranking_waits_for_everybody_who_may_score() {
        let (members, bids) = (["m".to_owned(), "n".to_owned()], ["a".to_owned(), "b".to_owned()]);
        let conflicted = BTreeSet::from([("m".to_owned(), "b".to_owned())]);
        let sheets = [sheet("m", "a", [1, 1]), sheet("n", "a", [1, 1])];
        assert_eq!(missing(&members, &bids, &conflicted, &sheets), [("n", "b")]);
    }

    #[test]
    fn sheets_are_whole_and_within_bounds() {
        let codes = |scores: &[u32]| {
            check_sheet(scores, &criteria()).iter().map(|p| (p.field.clone(), p.code)).collect::<Vec<_>>()
        };
        assert_eq!(codes(&[100, 0]), []);
        assert_eq!(codes(&[101, 0]), [("scores[0]".to_owned(), "score-too-high")]);
        assert_eq!(codes(&[1]), [("scores".to_owned(), "wrong-number-of-scores")]);
    }

    proptest! {
        /// Whoever's score goes up never falls, and the order of the sheets does not matter.
        #[test]
        fn a_higher_score_never_hurts(scores in prop::collection::vec((0usize..3, 0usize..4, [0u32..=100, 0u32..=100]), 1..12), at: prop::sample::Index) {
            let sheets: BTreeMap<_, _> = scores.into_iter().map(|(m, b, s)| ((m, b), s)).collect();
            let sheets: Vec<Sheet> = sheets.into_iter().map(|((m, b), s)| sheet(&m.to_string(), &b.to_string(), s)).collect();
            let mut reversed = sheets.clone();
            reversed.reverse();
            prop_assert_eq!(rank(&criteria(), &sheets), rank(&criteria(), &reversed));
            let mut better = sheets.clone();
            let raised = &mut better[at.index(sheets.len())];
            raised.scores[0] = (raised.scores[0] + 5).min(100);
            let bid = raised.bid.clone();
            let place = |places: Vec<Place>| places.iter().find(|p| p.bid == bid).map(|p| p.place);
            prop_assert!(place(rank(&criteria(), &better)) <= place(rank(&criteria(), &sheets)));
        }
    }
}
