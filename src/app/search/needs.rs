//! Published needs that are found, by their words, their titles and their enterprises.

use std::sync::Arc;

use rustc_hash::FxHashMap;
use serde::Serialize;
use utoipa::ToSchema;
use zhihui_index::snippet::Highlighter;
use zhihui_index::{Analyzer, IndexError};

use super::facets::{Counter, Dimension, regions};
use super::why::{WordPlaces, marked, of_need};
use super::{Hits, tokens};
use crate::app::engine::BROWSED;
use crate::app::explain::{Part, parts};
use crate::app::live::directory::{ListedNeed, Names};
use crate::app::live::generation::Generation;
use crate::app::live::needs::{NeedHits, NeedIndex};
use crate::app::live::suggest::SuggestionKind;
use crate::domain::region::is_within;
use crate::domain::{Need, NeedMode, NeedStatus, SearchQuery, SearchSort, Taxonomy};
use crate::matching::explain::{Asked, Words};

/// Characters of the problem that a list shows.
pub(super) const SNIPPET_CHARS: usize = 130;
/// Names that one piece of what was asked may be a part of.
const NAMED: usize = 2_000;
const DIMENSIONS: [Dimension; 5] =
    [Dimension::Mode, Dimension::State, Dimension::Field, Dimension::Region, Dimension::Organisation];

/// A need on a page of results: what everybody may know of it.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct NeedItem {
    pub id: String,
    pub title: Vec<Part>,
    /// Name of the enterprise.
    pub organization: Vec<Part>,
    pub status: NeedStatus,
    pub mode: Option<NeedMode>,
    /// Name of the field.
    pub field: Option<String>,
    pub region: Option<String>,
    pub deadline: Option<String>,
    /// The stretch of the problem that matches best, or its beginning.
    pub snippet: Vec<Part>,
    /// The enterprise is what was asked for.
    pub is_named: bool,
    pub words: Vec<WordPlaces>,
    /// Words of what was asked that others have and this one has not.
    pub missing: Vec<String>,
}

/// A need that is found, before its record is read.
#[derive(Debug, Clone)]
pub struct Hit {
    pub id: String,
    /// In the list of what words found.
    pub place: Option<usize>,
    pub named: f32,
    pub score: f32,
}

/// What was found, before it is counted.
pub struct Search<'a> {
    index: Arc<NeedIndex>,
    query: &'a SearchQuery,
    tokens: Vec<String>,
    /// None where nothing is asked: all are hits.
    found: Option<NeedHits>,
}

impl<'a> Search<'a> {
    /// # Errors
    /// [`IndexError`] if the index cannot be read.
    pub fn find(generation: &Generation, query: &'a SearchQuery) -> Result<Self, IndexError> {
        let index = Arc::clone(&generation.needs);
        let found = if query.q.is_empty() { None } else { Some(index.find(&query.q, BROWSED)?) };
        Ok(Self { index, query, tokens: tokens(&query.q), found })
    }

    /// Counts and orders the hits.
    pub fn hits(&self, names: &Names, taxonomy: &Taxonomy) -> Hits<Hit> {
        let mut counter = Counter::new(&DIMENSIONS);
        let mut admitted = Vec::new();
        let mut count = 0;
        for hit in self.all(names) {
            let Some(listed) = names.needs.get(&hit.id) else { continue };
            count += 1;
            let is_admitted = counter.count(
                |dimension| self.passes(dimension, listed),
                |dimension, value| match dimension {
                    Dimension::Mode => listed.mode.map(NeedMode::code).into_iter().for_each(value),
                    Dimension::State => value(listed.status.code()),
                    Dimension::Field => listed.field.as_deref().into_iter().for_each(value),
                    Dimension::Region => regions(listed.region.as_deref(), value),
                    Dimension::Organisation => value(&listed.organization),
                    _ => {}
                },
            );
            if is_admitted {
                admitted.push(hit);
            }
        }
        self.sort(&mut admitted, names);
        let found = self.found.as_ref();
        Hits {
            facets: counter.facets(self.query, taxonomy),
            admitted,
            count,
            is_bounded: found.is_some_and(|f| f.hits.len() >= BROWSED),
            unknown: found.map_or_else(Vec::new, |f| Words::sort(&f.query, &f.terms, 0).unknown),
        }
    }

    /// Whether nothing is asked: all are hits.
    pub fn is_blank(&self) -> bool {
        self.found.is_none()
    }

    /// What words found.
    pub fn found(&self) -> Option<&NeedHits> {
        self.found.as_ref()
    }

    /// What was asked, in the pieces that may be names.
    pub fn tokens(&self) -> &[String] {
        &self.tokens
    }

    pub fn analyzer(&self) -> &Analyzer {
        self.index.analyzer()
    }

    /// What a need says.
    ///
    /// # Errors
    /// [`IndexError`] if its record cannot be read.
    pub fn record(&self, id: &str) -> Result<Option<Need>, IndexError> {
        Ok(self.index.record(id)?.map(|record| record.need))
    }

    /// All that words and names find, in no order; of a blank search all published needs.
    pub fn all(&self, names: &Names) -> Vec<Hit> {
        let Some(found) = &self.found else {
            return names.needs.keys().map(|id| Hit { id: id.clone(), place: None, named: 0.0, score: 0.0 }).collect();
        };
        let mut named = self.named(names);
        let asked = Asked::new(&found.query, &found.terms);
        let best = found.hits.first().map_or(1.0, |h| h.score).max(f32::MIN_POSITIVE);
        let mut hits = Vec::new();
        for (place, hit) in found.hits.iter().enumerate() {
            let has_words = asked.is_answered(hit.covered);
            let by_name = named.remove(&hit.id).unwrap_or(0.0);
            if has_words || by_name > 0.0 {
                hits.push(Hit {
                    id: hit.id.clone(),
                    place: Some(place),
                    named: by_name,
                    score: hit.score / best + by_name,
                });
            }
        }
        hits.extend(named.into_iter().map(|(id, by_name)| Hit { id, place: None, named: by_name, score: by_name }));
        hits
    }

    /// What the names of enterprises add.
    fn named(&self, names: &Names) -> FxHashMap<String, f32> {
        const OF_ORGANISATION: f32 = 0.6;
        const WHOLE_ORGANISATION: f32 = 1.5;
        const PART_MIN: usize = 3;
        let mut named: FxHashMap<String, f32> = FxHashMap::default();
        let all: usize = self.tokens.iter().map(|t| t.chars().count()).sum();
        for token in &self.tokens {
            let length = token.chars().count();
            let share = length as f32 / all as f32;
            for (entry, is_whole) in names.suggestions.holding(SuggestionKind::Organisation, token, NAMED) {
                if is_whole || length >= PART_MIN {
                    let value = if is_whole { WHOLE_ORGANISATION } else { OF_ORGANISATION };
                    let needs = names.organisations.get(&entry.id).map(|members| &members.1);
                    for id in needs.into_iter().flatten() {
                        *named.entry(id.clone()).or_default() += value * share;
                    }
                }
            }
        }
        named
    }

    fn passes(&self, dimension: Dimension, listed: &ListedNeed) -> bool {
        let query = self.query;
        let is = |wanted: &Option<String>, own: Option<&str>| wanted.as_deref().is_none_or(|w| own == Some(w));
        match dimension {
            Dimension::Mode => query.mode.is_none() || query.mode == listed.mode,
            Dimension::State => query.state.is_none_or(|state| state == listed.status),
            Dimension::Field => is(&query.field, listed.field.as_deref()),
            Dimension::Region => query
                .region
                .as_deref()
                .is_none_or(|wanted| listed.region.as_deref().is_some_and(|region| is_within(region, wanted))),
            Dimension::Organisation => is(&query.organisation, Some(&listed.organization)),
            _ => true,
        }
    }

    fn sort(&self, hits: &mut [Hit], names: &Names) {
        // Ids made later sort later.
        let newest = |a: &Hit, b: &Hit| b.id.cmp(&a.id);
        let relevance = |a: &Hit, b: &Hit| b.score.total_cmp(&a.score).then_with(|| newest(a, b));
        let listed = |hit: &Hit| names.needs.get(&hit.id);
        match self.query.sort {
            SearchSort::Newest => hits.sort_by(newest),
            SearchSort::Deadline => hits.sort_by(|a, b| {
                let deadline = |hit| listed(hit).and_then(|n| n.deadline.as_deref());
                let key = |hit| (deadline(hit).is_none(), deadline(hit));
                key(a).cmp(&key(b)).then_with(|| relevance(a, b))
            }),
            SearchSort::Name => hits.sort_by(|a, b| {
                let title = |hit| listed(hit).map(|n| n.title.as_str());
                title(a).cmp(&title(b)).then_with(|| relevance(a, b))
            }),
            _ => hits.sort_by(relevance),
        }
    }

    /// The ids of all hits that the filters let through, in order.
    pub fn ids(&self, names: &Names, taxonomy: &Taxonomy) -> Vec<String> {
        self.hits(names, taxonomy).admitted.into_iter().map(|hit| hit.id).collect()
    }

    /// The hits as they are shown.
    ///
    /// # Errors
    /// [`IndexError`] if a record cannot be read.
    pub fn items(&self, names: &Names, taxonomy: &Taxonomy, hits: &[Hit]) -> Result<Vec<NeedItem>, IndexError> {
        let terms = self.found.as_ref().map_or(&[][..], |found| &found.terms);
        let mut highlighter = Highlighter::new(self.index.analyzer(), terms);
        let mut items = Vec::with_capacity(hits.len());
        for hit in hits {
            let Some(listed) = names.needs.get(&hit.id) else { continue };
            let Some(need) = self.index.record(&hit.id)?.map(|record| record.need) else { continue };
            let words = match (&self.found, hit.place) {
                (Some(found), Some(place)) => found.words(&found.hits[place]),
                _ => Words::default(),
            };
            items.push(NeedItem {
                id: hit.id.clone(),
                title: parts(&highlighter.snippet(&listed.title, usize::MAX)),
                organization: marked(&listed.organization, if hit.named > 0.0 { &self.tokens } else { &[] }),
                status: listed.status,
                mode: listed.mode,
                field: listed.field.as_deref().and_then(|code| taxonomy.field(code)).map(|f| f.name.clone()),
                region: listed.region.clone(),
                deadline: listed.deadline.clone(),
                snippet: parts(&highlighter.snippet(&need.problem, SNIPPET_CHARS)),
                is_named: hit.named > 0.0,
                words: of_need(&words.matched, &need),
                missing: words.missing,
            });
        }
        Ok(items)
    }
}
