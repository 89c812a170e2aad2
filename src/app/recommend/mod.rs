//! Recommended talents for a need (第七条), recorded as they were shown.
//!
//! | module | its secret |
//! |---|---|
//! | [`filter`] | which of the talents that match are wanted |
//! | [`list`] | a list as it was shown, and how it is scored again |
//! | [`compare`] | two to four talents side by side |
//! | [`shortlist`] | what the enterprise thinks of them |
//! | [`telling`] | why, in sentences; the orders in which a list is read |
//! | [`export`] | a list as a workbook |

pub mod compare;
pub mod export;
pub mod filter;
pub mod list;
pub mod shortlist;
pub mod telling;

use std::collections::HashMap;
use std::sync::Arc;

use sha2::{Digest, Sha256};

use super::engine::{Engine, Match};
use super::error::{AppError, all_right};
use super::explain::Recommendation;
use super::secrets::blocking;
use super::{Actor, App};
use crate::domain::conflict::{Poster, conflicts};
use crate::domain::hex::hex;
use crate::domain::region::is_in_city;
use crate::domain::{Action, FieldProblem, Need, TalentStatus, Workload};
use crate::matching::{Band, Feature};
use crate::store::{NeedRecord, RecommendationRow, TalentRecord};
use filter::Filters;
use list::{Bands, Item, List};

/// Talents of a list. More are for a search, not for a recommendation.
pub const LIST_MAX: usize = 30;
/// Candidates whose records are read at once.
const CHUNK: usize = 40;
/// A list of the same need on the same index under the same ranking and filters is shown again for
/// this long, and not recorded anew: a page that is reloaded is no new recommendation.
const SAME_MS: i64 = 5 * 60_000;

/// What an anonymous match found; nothing of it is kept.
#[derive(Debug)]
pub struct Anonymous {
    pub ranking: String,
    pub items: Vec<Recommendation>,
    pub in_city: Bands,
    pub elsewhere: Bands,
}

impl App {
    /// Ranks talents for a need that is not kept; writes nothing.
    ///
    /// # Errors
    /// [`AppError::Invalid`] if the need has nothing to search by.
    pub async fn match_need(&self, need: Need, filters: Filters, top: usize) -> Result<Anonymous, AppError> {
        all_right(filters.check())?;
        let engine = self.live.engine();
        let work = move || {
            let found = found(&engine, &need)?;
            let (in_city, elsewhere) = bands(&found);
            let wanted = wanted(&engine, &found, &filters).take(top.min(LIST_MAX));
            let items = (1..).zip(wanted).map(|(rank, r)| Ok(Recommendation { rank, ..r?.0 }));
            let items = items.collect::<Result<_, AppError>>()?;
            Ok(Anonymous { ranking: engine.ranking().name.clone(), items, in_city, elsewhere })
        };
        blocking(work).await?
    }

    /// Recommends talents for a need, and records the list as it is shown.
    ///
    /// # Errors
    /// [`AppError::NotFound`] for a need that is not theirs, [`AppError::Invalid`].
    pub async fn recommend(&self, actor: &Actor, need: &str, filters: Filters) -> Result<List, AppError> {
        all_right(filters.check())?;
        let record = self.need_for(actor, need, Action::Recommend).await?;
        let engine = self.live.engine();
        let position = self.live.status().position;
        let content = engine.ranking().to_toml();
        let ranking_hash = hex(Sha256::digest(&content));
        let filters_json = json(&filters)?;
        let now = self.now();
        if let Some(newest) = self.store.recommendation_newest(need).await?
            && newest.need_version == record.version
            && (newest.position, newest.ranking_hash.as_str()) == (position, ranking_hash.as_str())
            && newest.filters == filters_json
            && now - newest.at < SAME_MS
        {
            return read(&newest);
        }
        let (in_city, elsewhere, fit, items) = self.list(&engine, &record, &filters).await?;
        let list = List {
            id: self.new_id(),
            need: need.into(),
            need_version: record.version,
            ranking: engine.ranking().name.clone(),
            ranking_hash,
            position,
            at: now,
            filters,
            in_city,
            elsewhere,
            features: Feature::ALL.iter().map(|f| f.name().to_owned()).collect(),
            fit,
            items,
        };
        let row = RecommendationRow {
            id: list.id.clone(),
            need: need.into(),
            need_version: list.need_version,
            ranking_hash: list.ranking_hash.clone(),
            position,
            by_account: actor.account.clone(),
            at: now,
            filters: filters_json,
            list: json(&list)?,
        };
        let mut write = self.store.begin().await?;
        write.ranking_keep(&list.ranking_hash, &list.ranking, &content).await?;
        write.recommendation_add(&row).await?;
        write.commit().await?;
        Ok(list)
    }

    /// A list as it was shown.
    ///
    /// # Errors
    /// [`AppError::NotFound`] also where it is not for them to see.
    pub async fn recommendation_get(&self, actor: &Actor, id: &str) -> Result<List, AppError> {
        actor.require(Action::Recommend)?;
        let row = self.store.recommendation(id).await?.ok_or(AppError::NotFound("推荐"))?;
        self.need_for(actor, &row.need, Action::Recommend).await?;
        read(&row)
    }

    /// The lists of a need, newest first, before an id.
    ///
    /// # Errors
    /// [`AppError::NotFound`] also where it is not for them to see.
    pub async fn recommendations(
        &self,
        actor: &Actor,
        need: &str,
        before: &str,
        limit: i64,
    ) -> Result<Vec<List>, AppError> {
        self.need_for(actor, need, Action::Recommend).await?;
        self.store.recommendations(need, before, limit).await?.iter().map(read).collect()
    }

    /// Scores a list again from what was kept of it: nothing differs.
    ///
    /// # Errors
    /// [`AppError::NotFound`]
    pub async fn recommendation_rescore(&self, actor: &Actor, id: &str) -> Result<Vec<list::Difference>, AppError> {
        let list = self.recommendation_get(actor, id).await?;
        let content = self.store.ranking(&list.ranking_hash).await?.ok_or(AppError::NotFound("排序"))?;
        let ranking = crate::matching::Ranking::parse(&content).map_err(|e| AppError::Internal(e.to_string()))?;
        Ok(list.rescore(&ranking))
    }

    /// The first talents that are wanted, active and, if asked for, free.
    async fn list(
        &self,
        engine: &Arc<Engine>,
        record: &NeedRecord,
        filters: &Filters,
    ) -> Result<(Bands, Bands, crate::matching::Fit, Vec<Item>), AppError> {
        let people = self.store.people_of(&record.organisation).await?;
        let mut need = record.need.clone();
        need.region = need.region.or_else(|| record.organisation_region.clone());
        let found = {
            let engine = Arc::clone(engine);
            Arc::new(blocking(move || found(&engine, &need)).await??)
        };
        let poster = Poster { organisation: &record.organisation_name, people: &people };
        let (in_city, elsewhere) = bands(&found);
        let mut items: Vec<Item> = Vec::new();
        let mut skip = 0;
        while items.len() < LIST_MAX {
            let chunk = {
                let (engine, found, filters) = (Arc::clone(engine), Arc::clone(&found), filters.clone());
                let work =
                    move || wanted(&engine, &found, &filters).skip(skip).take(CHUNK).collect::<Result<Vec<_>, _>>();
                blocking(work).await??
            };
            skip += chunk.len();
            let is_last = chunk.len() < CHUNK;
            let more = self.items(chunk, &poster).await?.into_iter().filter(|i| i.is_free || !filters.free);
            items.extend(more.take(LIST_MAX - items.len()));
            if is_last {
                break;
            }
        }
        (1..).zip(&mut items).for_each(|(rank, item)| item.recommendation.rank = rank);
        Ok((in_city, elsewhere, found.ranked.fit, items))
    }

    /// Recommendations with what the store knows of the talents: who is no longer active is left out.
    async fn items(
        &self,
        recommended: Vec<(Recommendation, Vec<f32>)>,
        poster: &Poster<'_>,
    ) -> Result<Vec<Item>, AppError> {
        let ids: Vec<&str> = recommended.iter().map(|(r, _)| r.talent.id.as_str()).collect();
        let profiles = self.store.talent_profiles(&ids).await?;
        let profiles: HashMap<&str, &TalentRecord> = profiles.iter().map(|p| (p.talent.id.as_str(), p)).collect();
        let loads: HashMap<String, i64> = self.store.loads(&ids).await?.into_iter().collect();
        let item = |(recommendation, values): &(Recommendation, Vec<f32>)| {
            let profile = profiles.get(recommendation.talent.id.as_str())?;
            if profile.status != TalentStatus::Active {
                return None;
            }
            let load = loads.get(&recommendation.talent.id).map_or(0, |n| u32::try_from(*n).unwrap_or(u32::MAX));
            let workload = Workload { availability: profile.availability, capacity: profile.capacity, load };
            Some(Item {
                availability: workload.availability,
                capacity: workload.capacity,
                load,
                is_free: workload.is_free(),
                workload: workload.sentence(),
                is_reachable: profile.account.is_some(),
                conflicts: conflicts(poster, &recommendation.talent),
                values: values.clone(),
                recommendation: recommendation.clone(),
            })
        };
        Ok(recommended.iter().filter_map(item).collect())
    }
}

/// How many talents match a need highly (高度匹配): none where it has nothing to search by.
///
/// # Errors
/// [`AppError::Index`]
pub(super) fn high_matches(engine: &Engine, need: &Need) -> Result<usize, AppError> {
    match found(engine, need) {
        Ok(found) => Ok(found.ranked.places.iter().filter(|place| place.band == Band::High).count()),
        Err(AppError::Invalid(_)) => Ok(0),
        Err(error) => Err(error),
    }
}

/// What matches a need that has something to search by.
fn found(engine: &Engine, need: &Need) -> Result<Match, AppError> {
    let found = engine.find(need)?;
    if found.query.terms.is_empty() {
        let message = "没有可用来匹配的词：请用一两句话写明技术问题";
        return Err(AppError::Invalid(vec![FieldProblem::new("problem", "nothing-to-match", message)]));
    }
    Ok(found)
}

/// The talents that the filters want, best first, each with the values of its features.
fn wanted<'a>(
    engine: &'a Engine,
    found: &'a Match,
    filters: &'a Filters,
) -> impl Iterator<Item = Result<(Recommendation, Vec<f32>), AppError>> + 'a {
    let admitted = (0..found.ranked.places.len()).filter(move |&place| {
        let hit = &found.candidates.talents[found.ranked.places[place].row];
        filters.admits(hit, &found.snapshot.talents()[hit.ordinal as usize])
    });
    admitted.filter_map(move |place| {
        let row = found.ranked.places[place].row;
        match engine.recommendation(found, place) {
            Ok(r) if !filters.admits_record(&r.talent) => None,
            Ok(r) => Some(Ok((r, found.ranked.matrix.row(row).to_vec()))),
            Err(error) => Some(Err(error.into())),
        }
    })
}

/// How many talents match at each band, in the city and elsewhere.
fn bands(found: &Match) -> (Bands, Bands) {
    let (mut inside, mut outside) = (Bands::default(), Bands::default());
    for place in &found.ranked.places {
        let talent = &found.snapshot.talents()[found.candidates.talents[place.row].ordinal as usize];
        let bands = if is_in_city(talent.region.as_deref()) { &mut inside } else { &mut outside };
        match place.band {
            Band::High => bands.high += 1,
            Band::Medium => bands.medium += 1,
            Band::Low => bands.low += 1,
        }
    }
    (inside, outside)
}

fn read(row: &RecommendationRow) -> Result<List, AppError> {
    serde_json::from_str(&row.list).map_err(|e| AppError::Internal(format!("recommendation {}: {e}", row.id)))
}

fn json(value: &impl serde::Serialize) -> Result<String, AppError> {
    serde_json::to_string(value).map_err(|e| AppError::Internal(e.to_string()))
}
