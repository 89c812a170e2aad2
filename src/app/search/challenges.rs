//! Challenges of the board that are found. Their words are those of their needs in the index of
//! needs, which holds what the challenge says.

use std::cmp::Reverse;

use rustc_hash::FxHashMap;
use serde::Serialize;
use utoipa::ToSchema;
use zhihui_index::IndexError;
use zhihui_index::snippet::Highlighter;

use super::Hits;
use super::facets::{Counter, Dimension, regions};
use super::needs::{self, SNIPPET_CHARS};
use super::why::{WordPlaces, marked, of_need};
use crate::app::board::list::{Head, Heads};
use crate::app::engine::BROWSED;
use crate::app::explain::{Part, parts};
use crate::app::live::directory::Names;
use crate::app::live::generation::Generation;
use crate::domain::challenge::bands::{ClosingBand, RewardBand};
use crate::domain::challenge::status::ChallengeStatus;
use crate::domain::region::is_within;
use crate::domain::{SearchQuery, SearchSort, Taxonomy};
use crate::matching::explain::Words;

const DIMENSIONS: [Dimension; 7] = [
    Dimension::Stage,
    Dimension::Closing,
    Dimension::Reward,
    Dimension::Cluster,
    Dimension::Field,
    Dimension::Region,
    Dimension::Organisation,
];

/// A challenge on a page of results.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ChallengeItem {
    pub id: String,
    pub title: Vec<Part>,
    /// Name of the enterprise.
    pub organization: Vec<Part>,
    pub status: ChallengeStatus,
    /// Name of the industry cluster.
    pub cluster: Option<String>,
    /// Names of the disciplines that it is about.
    pub disciplines: Vec<String>,
    pub region: Option<String>,
    /// In yuan.
    pub reward: u64,
    /// Milliseconds since 1970 UTC.
    pub opens_at: i64,
    pub closes_at: i64,
    pub published_at: i64,
    /// The stretch of the problem that matches best, or its beginning.
    pub snippet: Vec<Part>,
    /// The enterprise is what was asked for.
    pub is_named: bool,
    pub words: Vec<WordPlaces>,
    /// Words of what was asked that others have and this one has not.
    pub missing: Vec<String>,
    /// People who watch it.
    pub watchers: i64,
    /// Bids, once they were opened.
    pub bids: Option<i64>,
}

/// A challenge that is found.
#[derive(Debug, Clone, Copy)]
pub struct Hit<'a> {
    head: &'a Head,
    /// In the list of what words found.
    place: Option<usize>,
    named: f32,
    score: f32,
}

/// What was found, before it is counted.
pub struct Search<'a> {
    needs: needs::Search<'a>,
    query: &'a SearchQuery,
    heads: &'a Heads,
    /// Milliseconds since 1970 UTC.
    now: i64,
    /// Need → its place among those near to a profile.
    fit: Option<FxHashMap<String, usize>>,
}

impl<'a> Search<'a> {
    /// `profile` is what somebody does, for the order that goes by it.
    ///
    /// # Errors
    /// [`IndexError`] if the index cannot be read.
    pub fn find(
        generation: &Generation,
        (heads, now): (&'a Heads, i64),
        query: &'a SearchQuery,
        profile: Option<&str>,
    ) -> Result<Self, IndexError> {
        let near = match profile.filter(|_| query.sort == SearchSort::Fit) {
            Some(text) => Some(generation.needs.nearest(text)?.into_iter().zip(0..).collect()),
            None => None,
        };
        Ok(Self { needs: needs::Search::find(generation, query)?, query, heads, now, fit: near })
    }

    /// How many challenges a search among needs finds.
    pub fn count(needs: &needs::Search<'_>, names: &Names, heads: &Heads) -> usize {
        match needs.is_blank() {
            true => heads.all().count(),
            false => needs.all(names).iter().map(|hit| heads.of_need(&hit.id).count()).sum(),
        }
    }

    /// Counts and orders the hits.
    pub fn hits(&self, names: &Names, taxonomy: &Taxonomy) -> Hits<Hit<'a>> {
        let mut counter = Counter::new(&DIMENSIONS);
        let mut admitted = Vec::new();
        let all = self.all(names);
        let count = all.len();
        for hit in all {
            let head = hit.head;
            let is_admitted = counter.count(
                |dimension| self.passes(dimension, head),
                |dimension, value| match dimension {
                    Dimension::Stage => value(head.status.code()),
                    Dimension::Closing => self.closing(head).map(ClosingBand::code).into_iter().for_each(value),
                    Dimension::Reward => value(RewardBand::of(head.reward).code()),
                    Dimension::Cluster => head.cluster.as_deref().into_iter().for_each(value),
                    Dimension::Field => head.disciplines.iter().map(String::as_str).for_each(value),
                    Dimension::Region => regions(head.region.as_deref(), value),
                    Dimension::Organisation => value(&head.organisation),
                    _ => {}
                },
            );
            if is_admitted {
                admitted.push(hit);
            }
        }
        self.sort(&mut admitted);
        let found = self.needs.found();
        Hits {
            facets: counter.facets(self.query, taxonomy),
            admitted,
            count,
            is_bounded: found.is_some_and(|f| f.hits.len() >= BROWSED),
            unknown: found.map_or_else(Vec::new, |f| Words::sort(&f.query, &f.terms, 0).unknown),
        }
    }

    fn all(&self, names: &Names) -> Vec<Hit<'a>> {
        if self.needs.is_blank() {
            return self.heads.all().map(|head| Hit { head, place: None, named: 0.0, score: 0.0 }).collect();
        }
        let heads = self.heads;
        let hits = self.needs.all(names).into_iter().flat_map(|hit| {
            let (place, named, score) = (hit.place, hit.named, hit.score);
            heads.of_need(&hit.id).map(move |head| Hit { head, place, named, score }).collect::<Vec<_>>()
        });
        hits.collect()
    }

    fn closing(&self, head: &Head) -> Option<ClosingBand> {
        ClosingBand::of(head.status, head.closes_at, self.now)
    }

    fn passes(&self, dimension: Dimension, head: &Head) -> bool {
        let query = self.query;
        let is = |wanted: &Option<String>, own: Option<&str>| wanted.as_deref().is_none_or(|w| own == Some(w));
        match dimension {
            Dimension::Stage => query.stage.is_none_or(|stage| stage == head.status),
            Dimension::Closing => query.closing.is_none_or(|band| self.closing(head) == Some(band)),
            Dimension::Reward => query.reward.is_none_or(|band| RewardBand::of(head.reward) == band),
            Dimension::Cluster => is(&query.cluster, head.cluster.as_deref()),
            Dimension::Field => query.field.as_ref().is_none_or(|code| head.disciplines.contains(code)),
            Dimension::Region => {
                let within = |wanted: &str| head.region.as_deref().is_some_and(|region| is_within(region, wanted));
                query.region.as_deref().is_none_or(within)
            }
            Dimension::Organisation => is(&query.organisation, Some(&head.organisation)),
            _ => true,
        }
    }

    /// Those that take bids before the others, the first that closes first; of the others the newest.
    fn sort(&self, hits: &mut [Hit<'a>]) {
        let newest = |hit: &Hit<'a>| (Reverse(hit.head.published_at), Reverse(hit.head.id.as_str()));
        let closing = |hit: &Hit<'a>| match self.closing(hit.head) {
            Some(_) => (false, hit.head.closes_at, newest(hit)),
            None => (true, 0, newest(hit)),
        };
        match (self.query.sort, &self.fit) {
            (SearchSort::Newest, _) => hits.sort_by_cached_key(newest),
            (SearchSort::Reward, _) => hits.sort_by_cached_key(|hit| (Reverse(hit.head.reward), closing(hit))),
            (SearchSort::Fit, Some(fit)) => {
                let place = |hit: &Hit<'a>| fit.get(&hit.head.need).copied().unwrap_or(usize::MAX);
                hits.sort_by_cached_key(|hit| (self.closing(hit.head).is_none(), place(hit), closing(hit)));
            }
            (SearchSort::Relevance, _) if !self.needs.is_blank() => {
                hits.sort_by(|a, b| b.score.total_cmp(&a.score).then_with(|| closing(a).cmp(&closing(b))));
            }
            _ => hits.sort_by_cached_key(closing),
        }
    }

    /// The ids of all hits that the filters let through, in order.
    pub fn ids(&self, names: &Names, taxonomy: &Taxonomy) -> Vec<String> {
        self.hits(names, taxonomy).admitted.into_iter().map(|hit| hit.head.id.clone()).collect()
    }

    /// The hits as they are shown, without what the store counts.
    ///
    /// # Errors
    /// [`IndexError`] if a record cannot be read.
    pub fn items(&self, taxonomy: &Taxonomy, hits: &[Hit<'_>]) -> Result<Vec<ChallengeItem>, IndexError> {
        let found = self.needs.found();
        let mut highlighter = Highlighter::new(self.needs.analyzer(), found.map_or(&[][..], |found| &found.terms));
        let name = |code: &str| taxonomy.field(code).map(|field| field.name.clone());
        let mut items = Vec::with_capacity(hits.len());
        for hit in hits {
            let head = hit.head;
            let need = self.needs.record(&head.need)?;
            let words = match (found, hit.place) {
                (Some(found), Some(place)) => found.words(&found.hits[place]),
                _ => Words::default(),
            };
            let problem = need.as_ref().map_or("", |need| need.problem.as_str());
            items.push(ChallengeItem {
                id: head.id.clone(),
                title: parts(&highlighter.snippet(&head.title, usize::MAX)),
                organization: marked(&head.organisation, if hit.named > 0.0 { self.needs.tokens() } else { &[] }),
                status: head.status,
                cluster: head.cluster.as_deref().and_then(name),
                disciplines: head.disciplines.iter().filter_map(|code| name(code)).collect(),
                region: head.region.clone(),
                reward: head.reward,
                opens_at: head.opens_at,
                closes_at: head.closes_at,
                published_at: head.published_at,
                snippet: parts(&highlighter.snippet(problem, SNIPPET_CHARS)),
                is_named: hit.named > 0.0,
                words: need.map(|need| of_need(&words.matched, &need)).unwrap_or_default(),
                missing: words.missing,
                watchers: 0,
                bids: None,
            });
        }
        Ok(items)
    }
}
