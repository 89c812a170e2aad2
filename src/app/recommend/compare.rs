//! Two to four talents side by side, for one need.

use serde::Serialize;
use utoipa::ToSchema;

use super::list::Item;
use super::{App, found};
use crate::app::secrets::blocking;
use crate::app::{Actor, AppError};
use crate::domain::Action;
use crate::domain::conflict::Poster;

/// A comparison has this many talents.
const TALENTS: std::ops::RangeInclusive<usize> = 2..=4;

/// A row of a comparison: one value for each talent.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Row<T> {
    pub label: String,
    pub values: Vec<T>,
}

/// Talents side by side, in the order in which they were asked for.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Comparison {
    pub talents: Vec<Item>,
    /// The words of the need, and who covers each.
    pub words: Vec<Row<bool>>,
    /// What each reason adds to the score.
    pub points: Vec<Row<f32>>,
}

impl App {
    /// Compares talents for a need, also those who are not in its list.
    ///
    /// # Errors
    /// [`AppError::Invalid`] for a number of talents that is no comparison, or for who does not match
    /// at all; [`AppError::NotFound`].
    pub async fn compare(&self, actor: &Actor, need: &str, talents: &[String]) -> Result<Comparison, AppError> {
        let record = self.need_for(actor, need, Action::Recommend).await?;
        let mut ids = talents.to_vec();
        ids.sort();
        ids.dedup();
        if !TALENTS.contains(&talents.len()) || ids.len() < talents.len() {
            let message = format!("请选 {} 到 {} 位不同的人才（团队）来比较", TALENTS.start(), TALENTS.end());
            return Err(AppError::invalid("talents", "bad-count", message));
        }
        let (engine, content, wanted) = (self.live.engine(), record.need.clone(), talents.to_vec());
        let work = move || {
            let mut matched = found(&engine, &content)?;
            let missing = |matched: &crate::app::engine::Match| {
                wanted.iter().any(|id| matched.snapshot.ordinal(id).is_none_or(|o| matched.place_of(o).is_none()))
            };
            if missing(&matched) {
                matched = engine.find_all(&content)?;
            }
            let place = |id: &String| matched.snapshot.ordinal(id).and_then(|o| matched.place_of(o));
            let recommended = wanted.iter().map(|id| {
                let message = format!("“{id}”与这项需求没有任何相合之处，或已不在人才库中");
                let place = place(id).ok_or_else(|| AppError::invalid("talents", "no-match", message))?;
                let row = matched.ranked.matrix.row(matched.ranked.places[place].row).to_vec();
                Ok((engine.recommendation(&matched, place)?, row))
            });
            recommended.collect::<Result<Vec<_>, AppError>>()
        };
        let recommended = blocking(work).await??;
        let people = self.store.people_of(&record.organisation).await?;
        let poster = Poster { organisation: &record.organisation_name, people: &people };
        let items = self.items(recommended, &poster).await?;
        if items.len() < talents.len() {
            return Err(AppError::NotFound("人才"));
        }
        Ok(Comparison { words: words(&items), points: points(&items), talents: items })
    }
}

fn words(items: &[Item]) -> Vec<Row<bool>> {
    let mut rows: Vec<Row<bool>> = Vec::new();
    let all = items.iter().flat_map(|i| {
        let words = &i.recommendation.words;
        words.matched.iter().chain(&words.missing).chain(&words.unknown)
    });
    for word in all {
        if rows.iter().all(|row| row.label != *word) {
            let values = items.iter().map(|i| i.recommendation.words.matched.contains(word)).collect();
            rows.push(Row { label: word.clone(), values });
        }
    }
    rows
}

fn points(items: &[Item]) -> Vec<Row<f32>> {
    let mut rows: Vec<Row<f32>> = Vec::new();
    for contribution in items.iter().flat_map(|i| &i.recommendation.contributions) {
        if rows.iter().all(|row| row.label != contribution.label) {
            let of = |i: &Item| {
                let mut all = i.recommendation.contributions.iter();
                all.find(|c| c.feature == contribution.feature).map_or(0.0, |c| c.points)
            };
            let values = items.iter().map(of).collect();
            rows.push(Row { label: contribution.label.to_string(), values });
        }
    }
    rows.sort_by(|a, b| b.values.iter().sum::<f32>().total_cmp(&a.values.iter().sum()));
    rows
}
