//! A challenge after opening: to its publisher and the operator the ranking, to each bidder the own
//! scores. Before all have scored there is nothing of sheets for anybody.

use std::collections::HashMap;

use super::content::BidContent;
use super::files::BidFile;
use super::scoring::sheet;
use super::{BID, CHALLENGE};
use crate::app::error::AppError;
use crate::app::{Actor, App, secrets};
use crate::domain::Action;
use crate::domain::challenge::amendment::is_confirmed;
use crate::domain::challenge::evaluation::{Place, Sheet, means, rank};
use crate::domain::challenge::status::{BidStatus, ChallengeStatus};
use crate::store::board::award::{ContractRecord, Objection};
use crate::store::board::bids::{BidMember, BidRecord};
use crate::store::board::challenges::ChallengeRecord;
use crate::store::board::panel::ScoreSheet;

/// A challenge after opening as its publisher, or an operator, sees it.
#[derive(Debug, Clone)]
pub struct Evaluation {
    pub challenge: ChallengeRecord,
    /// They act for the publisher.
    pub is_own: bool,
    /// Best first once there is a ranking, before in the order of submission.
    pub bids: Vec<Judged>,
    /// Bids that a rule excluded at opening: organisation and why.
    pub excluded: Vec<(String, Vec<String>)>,
    /// Members of the panel.
    pub members: usize,
    pub objections: Vec<Objection>,
    pub contract: Option<ContractRecord>,
    /// By the clock of the database.
    pub now: i64,
}

impl Evaluation {
    pub fn is_ranked(&self) -> bool {
        is_ranked(&self.challenge)
    }

    pub fn open_objections(&self) -> usize {
        self.objections.iter().filter(|o| o.answer.is_none()).count()
    }

    /// Whether nothing keeps the award back any more.
    pub fn may_award(&self) -> bool {
        self.challenge.status == ChallengeStatus::Chosen
            && self.challenge.objections_until.is_some_and(|until| self.now >= until)
            && self.open_objections() == 0
    }
}

/// A bid with what the panel gave it; places, means and comments once all have scored.
#[derive(Debug, Clone)]
pub struct Judged {
    pub bid: String,
    /// In the order of submission.
    pub number: i64,
    pub status: BidStatus,
    /// The leader first.
    pub members: Vec<BidMember>,
    /// It was handed in or confirmed for the terms as they are.
    pub is_confirmed: bool,
    pub place: Option<Place>,
    /// By criterion, in ten-thousandths of a point.
    pub means: Vec<u64>,
    /// What members wrote: 评委一, 评委二 … the same all over a challenge.
    pub comments: Vec<(String, String)>,
}

/// What a bidder is told of the own bid after the award.
#[derive(Debug, Clone)]
pub struct OwnScores {
    pub challenge: ChallengeRecord,
    pub status: BidStatus,
    pub place: Place,
    /// How many bids were ranked.
    pub of: usize,
    pub means: Vec<u64>,
    pub comments: Vec<(String, String)>,
}

impl App {
    /// A challenge after opening: bids, and once all have scored the ranking.
    ///
    /// # Errors
    /// [`AppError::NotFound`] for others; [`AppError::Conflict`] before opening.
    pub async fn evaluation(&self, actor: &Actor, id: &str) -> Result<Evaluation, AppError> {
        let challenge = self.opened_for(actor, id).await?;
        let sheets = self.sheets_of(&challenge).await?;
        let members = self.store.panel(id).await?.len();
        let judges = judges(&challenge.id, &sheets);
        let plain: Vec<Sheet> = sheets.iter().map(sheet).collect();
        let mut places = rank(&challenge.content.criteria, &plain);
        let mut bids = Vec::new();
        let (mut excluded, mut admitted) = (Vec::new(), self.store.bids_opened(id).await?);
        admitted.retain(|bid| match &bid.excluded {
            Some(json) => {
                excluded.push((bid.organisation_name.clone(), sentences(json)));
                false
            }
            None => true,
        });
        for bid in admitted {
            let place = places.iter().position(|p| p.bid == bid.id).map(|at| places.remove(at));
            bids.push(Judged {
                number: bid.place.unwrap_or_default(),
                status: bid.status,
                members: self.store.bid_members(&bid.id).await?,
                is_confirmed: is_confirmed(bid.terms, challenge.terms),
                place,
                means: means(&challenge.content.criteria, &plain, &bid.id),
                comments: comments(&judges, &sheets, &bid.id),
                bid: bid.id,
            });
        }
        bids.sort_by_key(|bid| (bid.place.as_ref().map_or(usize::MAX, |p| p.place), bid.number));
        Ok(Evaluation {
            is_own: actor.organisation.as_deref() == Some(&challenge.organisation),
            bids,
            excluded,
            members,
            objections: self.store.objections(id).await?,
            contract: self.store.contract(id).await?,
            now: self.board_time().await?,
            challenge,
        })
    }

    /// An opened bid with all that it says, for the publisher.
    ///
    /// # Errors
    /// [`AppError::NotFound`] for others; [`AppError::Conflict`] before opening.
    pub async fn evaluation_bid(
        &self,
        actor: &Actor,
        id: &str,
        bid: &str,
    ) -> Result<(ChallengeRecord, BidRecord, BidContent), AppError> {
        let (challenge, bid) = self.bid_of_publisher(actor, id, bid).await?;
        let content = self.bid_opened(&bid).await?;
        Ok((challenge, bid, content))
    }

    /// A file of it.
    ///
    /// # Errors
    /// As [`Self::evaluation_bid`].
    pub async fn evaluation_file(
        &self,
        actor: &Actor,
        (id, bid): (&str, &str),
        file: &str,
    ) -> Result<(BidFile, Vec<u8>), AppError> {
        let (_, bid) = self.bid_of_publisher(actor, id, bid).await?;
        self.bid_opened_file(&bid, file).await
    }

    async fn bid_of_publisher(
        &self,
        actor: &Actor,
        id: &str,
        bid: &str,
    ) -> Result<(ChallengeRecord, BidRecord), AppError> {
        actor.require(Action::ChallengeWrite)?;
        let challenge = self.opened_for(actor, id).await?;
        actor.require_on(Action::ChallengeWrite, actor.relation(Some(&challenge.organisation), None), CHALLENGE)?;
        let bid = self.store.bids_opened(id).await?.into_iter().find(|b| b.id == bid);
        Ok((challenge, bid.ok_or(AppError::NotFound(BID))?))
    }

    /// What the panel gave the own bid, once the award is published; `None` before, and for one that
    /// was not judged.
    ///
    /// # Errors
    /// [`AppError::NotFound`] for others.
    pub async fn bid_scores(&self, actor: &Actor, bid: &str) -> Result<Option<OwnScores>, AppError> {
        let (record, _) = self.bid_for(actor, bid).await?;
        let challenge = self.store.challenge(&record.challenge).await?.ok_or(AppError::NotFound(CHALLENGE))?;
        if challenge.awarded_at.is_none() {
            return Ok(None);
        }
        let sheets = self.sheets_of(&challenge).await?;
        let plain: Vec<Sheet> = sheets.iter().map(sheet).collect();
        let places = rank(&challenge.content.criteria, &plain);
        let of = places.len();
        let Some(place) = places.into_iter().find(|p| p.bid == bid) else { return Ok(None) };
        Ok(Some(OwnScores {
            status: record.status,
            place,
            of,
            means: means(&challenge.content.criteria, &plain, bid),
            comments: comments(&judges(&challenge.id, &sheets), &sheets, bid),
            challenge,
        }))
    }

    /// The sheets of a challenge once all have scored; none before.
    pub(super) async fn sheets_of(&self, of: &ChallengeRecord) -> Result<Vec<ScoreSheet>, AppError> {
        if is_ranked(of) { Ok(self.store.scores(&of.id).await?) } else { Ok(Vec::new()) }
    }

    /// An opened challenge for its publisher or an operator.
    async fn opened_for(&self, actor: &Actor, id: &str) -> Result<ChallengeRecord, AppError> {
        let found = self.challenge_for(actor, id, Action::ChallengeRead).await?;
        is_opened(&found)?;
        Ok(found)
    }
}

/// Bids are read after opening only.
pub(super) fn is_opened(of: &ChallengeRecord) -> Result<(), AppError> {
    match of.opened_at {
        Some(_) => Ok(()),
        None => Err(AppError::conflict("not-opened", "还没有开榜：开榜之前谁也看不到揭榜内容和数量")),
    }
}

/// Whether all have scored.
fn is_ranked(of: &ChallengeRecord) -> bool {
    use ChallengeStatus::{Awarded, Chosen, Contracted, Ranked};
    matches!(of.status, Ranked | Chosen | Awarded | Contracted) || of.awarded_at.is_some()
}

/// What was found against a bid at opening.
fn sentences(json: &str) -> Vec<String> {
    let found: Vec<serde_json::Value> = serde_json::from_str(json).unwrap_or_default();
    found.iter().filter_map(|v| v["sentence"].as_str().map(str::to_owned)).collect()
}

/// Members of the panel as they are called where they are not named: in an order that tells nothing.
fn judges(challenge: &str, sheets: &[ScoreSheet]) -> HashMap<String, usize> {
    let mut accounts: Vec<&str> = sheets.iter().map(|s| s.account.as_str()).collect();
    accounts.sort_unstable();
    accounts.dedup();
    // The nonces are known to nobody.
    let key = |account: &str| {
        let nonces: Vec<&[u8]> = sheets.iter().filter(|s| s.account == account).map(|s| &s.nonce[..]).collect();
        secrets::digest([challenge.as_bytes(), &nonces.concat()].concat())
    };
    accounts.sort_by_key(|account| key(account));
    accounts.into_iter().map(str::to_owned).zip(1..).collect()
}

/// A number below 100 in Chinese.
pub(super) fn numeral(number: usize) -> String {
    const DIGITS: [&str; 10] = ["", "一", "二", "三", "四", "五", "六", "七", "八", "九"];
    match (number / 10, number % 10) {
        (0, ones) => DIGITS[ones].to_owned(),
        (1, ones) => format!("十{}", DIGITS[ones]),
        (tens @ 2..=9, ones) => format!("{}十{}", DIGITS[tens], DIGITS[ones]),
        _ => number.to_string(),
    }
}

fn comments(judges: &HashMap<String, usize>, sheets: &[ScoreSheet], bid: &str) -> Vec<(String, String)> {
    let mut own: Vec<&ScoreSheet> = sheets.iter().filter(|s| s.bid == bid).collect();
    let number = |of: &ScoreSheet| judges.get(&of.account).copied().unwrap_or_default();
    own.sort_by_key(|s| number(s));
    own.into_iter().map(|s| (format!("评委{}", numeral(number(s))), s.comment.clone())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_chinese() {
        let told: Vec<String> = [1, 9, 10, 11, 20, 35, 100].into_iter().map(numeral).collect();
        assert_eq!(told, ["一", "九", "十", "十一", "二十", "三十五", "100"]);
    }
}
