//! Opened bids side by side: what each promises for each indicator, what it costs, how long it takes
//! and who stands behind it.

use std::cmp::Reverse;

use super::content::BidContent;
use super::evaluation::is_opened;
use super::scoring::has_declared;
use crate::app::error::AppError;
use crate::app::{Actor, App};
use crate::domain::Action;
use crate::domain::challenge::amendment::is_confirmed;
use crate::domain::challenge::bid::{Promise, rows};
use crate::domain::challenge::{Challenge, Indicator};
use crate::store::board::bids::{BidMember, BidRecord};
use crate::store::board::challenges::ChallengeRecord;

/// The admitted bids of a challenge, as far as the reader may read them.
#[derive(Debug, Clone)]
pub struct Comparison {
    pub challenge: ChallengeRecord,
    /// One a column, in the published order.
    pub bids: Vec<ComparedBid>,
    pub rows: Vec<ComparedRow>,
    /// Bids that the reader is in a conflict of interest with.
    pub left_out: Vec<LeftOut>,
}

/// A bid, in numbers.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ComparedBid {
    pub bid: String,
    /// From 1 in the order of submission.
    pub place: i64,
    /// The leader first.
    pub members: Vec<BidMember>,
    /// It was handed in or confirmed for the terms as they are.
    pub is_confirmed: bool,
    pub route: String,
    /// The whole of it, in yuan.
    pub budget: u64,
    /// From the contract to the last step of the plan.
    pub months: Option<u32>,
    /// People of the team who can be shown.
    pub team: usize,
    /// Different pieces of evidence that can be shown.
    pub evidence: usize,
    pub files: usize,
}

impl ComparedBid {
    /// The organisations, the leader first.
    pub fn name(&self) -> String {
        self.members.iter().map(|m| m.organisation_name.as_str()).collect::<Vec<_>>().join("、")
    }
}

/// An indicator and what the bids say to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ComparedRow {
    pub name: String,
    pub unit: String,
    /// What was asked for, where it was the same for all bids.
    pub value: Option<String>,
    /// In the order of the bids; none where the indicator was not in the terms that a bid answers.
    pub answers: Vec<Option<Answer>>,
}

/// What a bid says to an indicator.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    /// The value that its terms asked for.
    pub asked: String,
    pub promise: Option<Promise>,
}

/// A bid that the reader may not read.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct LeftOut {
    pub bid: String,
    /// From 1 in the order of submission.
    pub place: i64,
    /// The leader first.
    pub organisations: Vec<String>,
    pub reason: String,
}

impl App {
    /// The admitted bids side by side, for the publisher.
    ///
    /// # Errors
    /// [`AppError::Forbidden`], [`AppError::NotFound`] for others; [`AppError::Conflict`] before opening.
    pub async fn comparison(&self, actor: &Actor, challenge: &str) -> Result<Comparison, AppError> {
        let challenge = self.challenge_for(actor, challenge, Action::ChallengeWrite).await?;
        is_opened(&challenge)?;
        let bids = self.admitted(&challenge).await?;
        self.compared(challenge, bids, Vec::new()).await
    }

    /// The same for a member of the panel, over the bids that they may read.
    ///
    /// # Errors
    /// [`AppError::Forbidden`], [`AppError::NotFound`] for who is no member; [`AppError::Conflict`] before
    /// opening and before declaring.
    pub async fn panel_comparison(&self, actor: &Actor, challenge: &str) -> Result<Comparison, AppError> {
        let (challenge, member) = self.seat(actor, challenge).await?;
        is_opened(&challenge)?;
        has_declared(&member)?;
        let mut bids = self.admitted(&challenge).await?;
        let ids: Vec<&str> = bids.iter().map(|bid| bid.id.as_str()).collect();
        let mut barred = self.barred(&challenge, &member, &ids).await?;
        let mut left_out = Vec::new();
        for bid in &bids {
            let Some(reason) = barred.remove(&bid.id) else { continue };
            let members = self.store.bid_members(&bid.id).await?;
            left_out.push(LeftOut {
                bid: bid.id.clone(),
                place: bid.place.unwrap_or_default(),
                organisations: members.into_iter().map(|m| m.organisation_name).collect(),
                reason,
            });
        }
        bids.retain(|bid| left_out.iter().all(|out| out.bid != bid.id));
        self.compared(challenge, bids, left_out).await
    }

    async fn compared(
        &self,
        challenge: ChallengeRecord,
        records: Vec<BidRecord>,
        left_out: Vec<LeftOut>,
    ) -> Result<Comparison, AppError> {
        let (mut bids, mut contents) = (Vec::new(), Vec::new());
        for record in records {
            let content = self.bid_opened(&record).await?;
            bids.push(in_numbers(&record, &content, challenge.terms));
            contents.push((record.terms, content));
        }
        Ok(Comparison { rows: beside(&contents), challenge, bids, left_out })
    }
}

fn in_numbers(record: &BidRecord, content: &BidContent, terms: i64) -> ComparedBid {
    // People share pieces.
    let mut evidence: Vec<_> = content.team.iter().flat_map(|one| &one.evidence).collect();
    evidence.sort_unstable();
    evidence.dedup();
    ComparedBid {
        bid: record.id.clone(),
        place: record.place.unwrap_or_default(),
        members: content.members.clone(),
        is_confirmed: is_confirmed(record.terms, terms),
        route: content.bid.route.clone(),
        budget: content.bid.total(),
        months: content.bid.plan.iter().map(|step| step.month).max(),
        team: content.team.len(),
        evidence: evidence.len(),
        files: content.files.len(),
    }
}

/// What indicators of different terms are the same by: name and unit, and which one it is of several.
type Key<'a> = (&'a str, &'a str, usize);

fn keys(asked: &Challenge) -> Vec<Key<'_>> {
    let key = |row: &Indicator| (row.name.clone(), row.unit.clone());
    let before = |at: usize| asked.indicators[..at].iter().filter(|row| key(row) == key(&asked.indicators[at])).count();
    asked.indicators.iter().enumerate().map(|(at, row)| (row.name.as_str(), row.unit.as_str(), before(at))).collect()
}

/// The rows of bids, each with the number of the terms that it answers: first the indicators of the
/// latest terms, then those that only earlier ones had.
fn beside(bids: &[(i64, BidContent)]) -> Vec<ComparedRow> {
    let tables: Vec<Vec<(Key<'_>, Answer)>> = bids
        .iter()
        .map(|(_, of)| {
            let answers = rows(&of.asked, &of.bid)
                .map(|(row, promise)| Answer { asked: row.value.clone(), promise: promise.cloned() });
            keys(&of.asked).into_iter().zip(answers).collect()
        })
        .collect();
    let mut latest: Vec<usize> = (0..bids.len()).collect();
    latest.sort_by_key(|at| Reverse(bids[*at].0));
    latest.dedup_by_key(|at| bids[*at].0);
    let mut order: Vec<Key<'_>> = Vec::new();
    for (key, _) in latest.into_iter().flat_map(|at| &tables[at]) {
        if !order.contains(key) {
            order.push(*key);
        }
    }
    let row = |key: Key<'_>| {
        let of = |table: &Vec<(Key<'_>, Answer)>| table.iter().find(|(k, _)| *k == key).map(|(_, a)| a.clone());
        let answers: Vec<Option<Answer>> = tables.iter().map(of).collect();
        let mut asked = answers.iter().flatten().map(|answer| &answer.asked);
        let value = asked.next().filter(|first| asked.all(|other| other == *first)).cloned();
        ComparedRow { name: key.0.to_owned(), unit: key.1.to_owned(), value, answers }
    };
    order.into_iter().map(row).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::challenge::bid::Bid;

    fn content(asked: &[(&str, &str, &str)], promised: &[&str]) -> BidContent {
        let indicator = |(name, value, unit): &(&str, &str, &str)| Indicator {
            name: (*name).into(),
            value: (*value).into(),
            unit: (*unit).into(),
            test: String::new(),
        };
        let promise = |value: &&str| Promise { value: (*value).into(), remark: String::new() };
        BidContent {
            asked: Challenge { indicators: asked.iter().map(indicator).collect(), ..Challenge::default() },
            bid: Bid { promises: promised.iter().map(promise).collect(), ..Bid::default() },
            ..BidContent::default()
        }
    }

    /// A row in short: what is asked, then each promise, `!` for none, `-` where it was not asked.
    fn told(bids: &[(i64, BidContent)]) -> Vec<String> {
        let answer = |answer: &Option<Answer>| match answer {
            Some(Answer { promise: Some(promise), .. }) => promise.value.clone(),
            Some(_) => "!".into(),
            None => "-".into(),
        };
        let row = |row: ComparedRow| {
            let answers: Vec<String> = row.answers.iter().map(answer).collect();
            format!("{} {} {}: {}", row.name, row.value.as_deref().unwrap_or("?"), row.unit, answers.join(","))
        };
        beside(bids).into_iter().map(row).collect()
    }

    #[test]
    fn indicators_of_different_terms_meet_by_name_and_unit() {
        let early = content(&[("强度", "≥ 5", "MPa"), ("温度", "≤ 60", "℃")], &["6", "55"]);
        let late = content(&[("时间", "≥ 2", "h"), ("强度", "≥ 7", "MPa"), ("强度", "≥ 7", "N")], &["3", "8"]);
        assert_eq!(
            told(&[(1, early.clone()), (2, late.clone())]),
            ["时间 ≥ 2 h: -,3", "强度 ? MPa: 6,8", "强度 ≥ 7 N: -,!", "温度 ≤ 60 ℃: 55,-"]
        );
        assert_eq!(told(&[(2, late), (1, early)])[1], "强度 ? MPa: 8,6", "columns stay as they come");
    }

    #[test]
    fn the_same_indicator_twice_stays_two_rows() {
        let twice = content(&[("强度", "≥ 5", "MPa"), ("强度", "≥ 5", "MPa")], &["6", "7"]);
        assert_eq!(told(&[(1, twice)]), ["强度 ≥ 5 MPa: 6", "强度 ≥ 5 MPa: 7"]);
        assert_eq!(told(&[]), Vec::<String>::new());
    }
}
