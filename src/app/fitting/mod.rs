//! The match from the talent's side: needs that fit, where the talent stands for each, and why it
//! is not higher.
//!
//! | module | its secret |
//! |---|---|
//! | [`position`] | where a talent stands for one need, and what those before it have |
//! | [`summary`] | what many positions say together |
//!
//! To rank all talents for every need there is would take seconds. So the needs nearest to what the
//! talent does are found first, in the index of needs; and for a page of these the talents are
//! ranked as their enterprises see them. A place is thus exact, and the choice of needs bounded.

pub mod position;
pub mod summary;

use std::collections::HashMap;

use rayon::prelude::*;
use serde::Serialize;

use super::engine::Engine;
use super::error::AppError;
use super::explain::{Asked, Recommendation};
use super::secrets::blocking;
use super::{Actor, App};
use crate::domain::findability::{Profile, Review, interests, review};
use crate::domain::{Action, Need, NeedStatus};
use crate::matching::explain::Words;
use crate::store::{NeedForIndex, NeedRecord, TalentRecord};
use position::{Position, Rival};
use summary::Summary;

/// Needs for which a talent's place is worked out at once: each is a match of about a millisecond
/// and a half over two thousand talents.
pub const PAGE: usize = 10;
/// Pages of needs; what is further away fits no more.
pub const PAGES: usize = 5;

/// A published need with where the talent stands for it.
#[derive(Debug, Clone)]
pub struct FittingNeed {
    pub record: NeedRecord,
    /// `None` where the talent is no candidate, or not shown.
    pub position: Option<Position>,
}

impl FittingNeed {
    /// Whether the need is about what the talent does at all.
    pub fn is_near(&self) -> bool {
        self.position.as_ref().is_some_and(Position::is_near)
    }
}

/// A page of the published needs nearest to what a talent does.
#[derive(Debug, Clone)]
pub struct FittingNeeds {
    /// Where the talent fits best first.
    pub needs: Vec<FittingNeed>,
    /// Whether there is another page.
    pub has_more: bool,
    /// Whether the profile is in the index at all.
    pub is_shown: bool,
}

/// How well a profile can be found.
#[derive(Debug, Clone)]
pub struct Findability {
    pub review: Review,
    pub fitting: FittingNeeds,
    pub summary: Summary,
}

/// Why a talent stands where it stands for one need.
#[derive(Debug, Clone)]
pub struct WhyNot {
    pub record: NeedRecord,
    pub review: Review,
    pub outcome: Outcome,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub enum Outcome {
    /// The profile is hidden, or so new that the index does not have it yet.
    NotShown,
    /// Nothing of the talent matches.
    NoMatch {
        words: Words,
    },
    Placed(Box<Placed>),
}

/// A place in the list for a need, with what led to it.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Placed {
    pub position: Position,
    /// Whether the list is that which the enterprise sees; if not, it is that of all who match at all.
    pub is_candidate: bool,
    pub own: Recommendation,
    /// The first few who are placed better.
    pub rivals: Vec<Rival>,
}

impl App {
    /// The published needs that fit the actor's own profile: a page of them, 0 for the nearest.
    ///
    /// # Errors
    /// [`AppError::NotFound`] without a profile.
    pub async fn fitting_needs(&self, actor: &Actor, page: usize) -> Result<FittingNeeds, AppError> {
        self.fitting(&self.own_record(actor).await?, page).await
    }

    /// How well the actor's own profile can be found, and what costs it places.
    ///
    /// # Errors
    /// [`AppError::NotFound`] without a profile.
    pub async fn findability(&self, actor: &Actor) -> Result<Findability, AppError> {
        let record = self.own_record(actor).await?;
        let review = self.review(&record).await?;
        let fitting = self.fitting(&record, 0).await?;
        let summary = Summary::of(fitting.needs.iter().map(|need| need.position.as_ref()));
        Ok(Findability { review, fitting, summary })
    }

    /// Why the actor's own profile stands where it stands for a published need.
    ///
    /// # Errors
    /// [`AppError::NotFound`] without a profile, and for a need that is not public.
    pub async fn why_not(&self, actor: &Actor, need: &str) -> Result<WhyNot, AppError> {
        let talent = self.own_record(actor).await?;
        let review = self.review(&talent).await?;
        let record = self.published_need(need).await?;
        let (engine, asked) = (self.live.engine(), as_matched(&record));
        let outcome = blocking(move || outcome(&engine, &asked, &talent.talent.id)).await??;
        Ok(WhyNot { record, review, outcome })
    }

    /// What the actor's own profile itself tells of how well it can be found.
    ///
    /// # Errors
    /// [`AppError::NotFound`] without a profile.
    pub async fn profile_review(&self, actor: &Actor) -> Result<Review, AppError> {
        self.review(&self.own_record(actor).await?).await
    }

    /// What the actor's own profile is about, in words; `None` without one.
    ///
    /// # Errors
    /// [`AppError`]
    pub async fn interests(&self, actor: &Actor) -> Result<Option<String>, AppError> {
        match self.own_record(actor).await {
            Ok(record) => Ok(Some(interests(&record.talent, &record.hidden))),
            Err(AppError::NotFound(_) | AppError::Forbidden { .. }) => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn own_record(&self, actor: &Actor) -> Result<TalentRecord, AppError> {
        actor.require(Action::TalentRead)?;
        let id = self.talent_own(actor).await?;
        self.talent_get(actor, &id).await
    }

    async fn review(&self, record: &TalentRecord) -> Result<Review, AppError> {
        let year = self.today()?.to_string().get(..4).and_then(|year| year.parse().ok()).unwrap_or_default();
        Ok(review(&Profile {
            talent: &record.talent,
            hidden: &record.hidden,
            status: &record.status,
            has_contact: record.contact.is_some(),
            workload: self.workload(record).await?,
            year,
        }))
    }

    async fn fitting(&self, record: &TalentRecord, page: usize) -> Result<FittingNeeds, AppError> {
        let (needs, today) = (self.live.needs(), self.today()?.to_string());
        let text = interests(&record.talent, &record.hidden);
        let (first, limit) = (page.min(PAGES) * PAGE, (page.min(PAGES - 1) + 1) * PAGE);
        let open = move |need: &NeedForIndex| {
            let is_public = NeedStatus::ALL.iter().any(|s| s.is_public() && s.code() == need.status);
            is_public && need.need.deadline.as_deref().is_none_or(|deadline| deadline >= today.as_str())
        };
        let near = blocking(move || needs.near(&text, limit + 1, open)).await??;
        let has_more = near.len() > limit && page + 1 < PAGES;
        let ids: Vec<&str> = near.iter().take(limit).skip(first).map(|need| need.need.id.as_str()).collect();
        let mut records: HashMap<String, NeedRecord> =
            self.store.needs_with(&ids).await?.into_iter().map(|need| (need.need.id.clone(), need)).collect();
        // What was withdrawn since it was indexed is public no more.
        let records = ids.iter().filter_map(|id| records.remove(*id)).filter(|need| need.status.is_public()).collect();
        let (engine, talent) = (self.live.engine(), record.talent.id.clone());
        let is_shown = engine.index().snapshot().ordinal(&talent).is_some();
        let needs = blocking(move || positions(&engine, records, &talent)).await??;
        Ok(FittingNeeds { needs, has_more, is_shown })
    }
}

/// The need as its enterprise's list is made for.
fn as_matched(record: &NeedRecord) -> Need {
    let mut need = record.need.clone();
    need.region = need.region.or_else(|| record.organisation_region.clone());
    need
}

/// Best fit first.
fn positions(engine: &Engine, records: Vec<NeedRecord>, talent: &str) -> Result<Vec<FittingNeed>, AppError> {
    let position = |record: NeedRecord| {
        let found = engine.find(&as_matched(&record))?;
        let place = found.snapshot.ordinal(talent).and_then(|ordinal| found.place_of(ordinal));
        let position = place.map(|place| engine.position(&found, place));
        Ok(FittingNeed { record, position })
    };
    let mut needs = records.into_par_iter().map(position).collect::<Result<Vec<_>, AppError>>()?;
    let percent = |need: &FittingNeed| need.position.as_ref().map_or(-1.0, |p| p.percent);
    needs.sort_by(|a, b| percent(b).total_cmp(&percent(a)));
    Ok(needs)
}

fn outcome(engine: &Engine, need: &Need, talent: &str) -> Result<Outcome, AppError> {
    let Some(Asked { found, place, is_candidate, .. }) = engine.ask(need, talent)? else {
        return Ok(Outcome::NotShown);
    };
    let Some(place) = place else {
        return Ok(Outcome::NoMatch { words: Words::sort(&found.query, &found.candidates.terms, 0) });
    };
    let position = engine.position(&found, place);
    let own = engine.recommendation(&found, place)?;
    let rivals = engine.rivals(&found, place)?;
    Ok(Outcome::Placed(Box::new(Placed { position, is_candidate, own, rivals })))
}
