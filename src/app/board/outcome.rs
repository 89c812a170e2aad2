//! What came of a challenge after opening, as somebody sees it.

use super::objections::takes_objections;
use super::receipts::PublishedBids;
use super::scoring::sheet;
use crate::app::error::AppError;
use crate::app::{Actor, App};
use crate::domain::Action;
use crate::domain::challenge::Scores;
use crate::domain::challenge::evaluation::rank;
use crate::domain::challenge::status::ChallengeStatus;
use crate::store::board::award::Objection;
use crate::store::board::challenges::ChallengeRecord;

/// What came of a challenge.
#[derive(Debug, Clone, Default)]
pub struct Outcome {
    /// After opening.
    pub published: Option<PublishedBids>,
    /// Members of the panel, after opening.
    pub members: usize,
    /// The choice that objections are taken to, or were.
    pub choice: Option<Choice>,
    pub award: Option<Award>,
    /// The day on which the contract was signed. What it costs is for the parties.
    pub signed_on: Option<String>,
    /// Their own objections, with the answers.
    pub objections: Vec<Objection>,
}

/// What the publisher chose.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Choice {
    /// The leader first.
    pub organisations: Vec<String>,
    /// Where it departs from the ranking, and where the publisher says more.
    pub reason: Option<String>,
    pub objections_until: i64,
    /// Objections are taken now.
    pub takes_objections: bool,
    /// Whether the reader may object.
    pub may_object: bool,
    /// Objections to this and earlier choices, and how many wait for an answer.
    pub objections: usize,
    pub waiting: usize,
}

/// The award as it is published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Award {
    pub at: i64,
    /// The leader first.
    pub organisations: Vec<String>,
    /// In ten-thousandths of a point.
    pub total: Option<u64>,
    /// All bidders with their totals, best first, where the publisher's policy says so.
    pub totals: Vec<(Vec<String>, u64)>,
}

impl App {
    /// What came of a challenge, as somebody sees it.
    ///
    /// # Errors
    /// [`AppError`]
    pub async fn challenge_outcome(&self, actor: Option<&Actor>, of: &ChallengeRecord) -> Result<Outcome, AppError> {
        if of.opened_at.is_none() {
            return Ok(Outcome::default());
        }
        let objections = match actor {
            Some(actor) if actor.require(Action::ChallengeTalk).is_ok() => self.objections_own(actor, &of.id).await?,
            _ => Vec::new(),
        };
        Ok(Outcome {
            objections,
            published: Some(self.bids_published(&of.id).await?),
            members: self.store.panel(&of.id).await?.len(),
            choice: self.choice(actor, of).await?,
            award: self.award(of).await?,
            signed_on: self.store.contract(&of.id).await?.map(|record| record.contract.signed_on),
        })
    }

    /// What somebody has objected to about a public challenge, with the answers.
    ///
    /// # Errors
    /// [`AppError::NotFound`]
    pub async fn objections_own(&self, actor: &Actor, challenge: &str) -> Result<Vec<Objection>, AppError> {
        actor.require(Action::ChallengeTalk)?;
        self.challenge_public(challenge).await?;
        let mut objections = self.store.objections(challenge).await?;
        objections.retain(|o| o.by_account == actor.account);
        Ok(objections)
    }

    async fn choice(&self, actor: Option<&Actor>, of: &ChallengeRecord) -> Result<Option<Choice>, AppError> {
        let (Some(chosen), Some(objections_until)) = (&of.chosen, of.objections_until) else { return Ok(None) };
        if of.status != ChallengeStatus::Chosen {
            return Ok(None);
        }
        let objections = self.store.objections(&of.id).await?;
        let takes_objections = takes_objections(of, self.board_time().await?);
        let may_object = match actor.filter(|_| takes_objections) {
            Some(actor) => self.may_object(actor, of).await.is_ok(),
            None => false,
        };
        Ok(Some(Choice {
            organisations: self.bidders(chosen).await?,
            reason: of.choice_reason.clone(),
            objections_until,
            takes_objections,
            may_object,
            waiting: objections.iter().filter(|o| o.answer.is_none()).count(),
            objections: objections.len(),
        }))
    }

    async fn award(&self, of: &ChallengeRecord) -> Result<Option<Award>, AppError> {
        let (Some(chosen), Some(at)) = (&of.chosen, of.awarded_at) else { return Ok(None) };
        let sheets: Vec<_> = self.sheets_of(of).await?.iter().map(sheet).collect();
        let places = rank(&of.content.criteria, &sheets);
        let total = places.iter().find(|p| p.bid == *chosen).map(|p| p.mean);
        let mut totals = Vec::new();
        if of.content.scores == Scores::All {
            for place in &places {
                totals.push((self.bidders(&place.bid).await?, place.mean));
            }
        }
        Ok(Some(Award { at, organisations: self.bidders(chosen).await?, total, totals }))
    }

    /// Names of the organisations of a bid, the leader first.
    async fn bidders(&self, bid: &str) -> Result<Vec<String>, AppError> {
        let members = self.store.bid_members(bid).await?;
        Ok(members.into_iter().map(|member| member.organisation_name).collect())
    }
}
