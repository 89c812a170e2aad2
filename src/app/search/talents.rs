//! Talents that are found: by the words of their evidence and profiles, and by their names.

use std::sync::Arc;

use rustc_hash::FxHashMap;
use serde::Serialize;
use utoipa::ToSchema;
use zhihui_index::reader::Snapshot;
use zhihui_index::{IndexError, TalentHit};

use super::facets::{Counter, Dimension, regions};
use super::why::{WordPlaces, marked, of_talent};
use super::{Hits, tokens};
use crate::app::engine::{BROWSED, Engine, Match};
use crate::app::explain::{Part, Recommendation};
use crate::app::live::directory::{ListedTalent, Names};
use crate::app::live::generation::Generation;
use crate::app::live::suggest::SuggestionKind;
use crate::domain::region::is_within;
use crate::domain::{EvidenceType, Need, SearchQuery, SearchSort, Talent, TalentKind, Taxonomy};
use crate::matching::explain::{Asked, covered};

/// Names that one piece of what was asked may be a part of.
const NAMED: usize = 2_000;
/// Years that facets count evidence of: so many years up to now.
const SPANS: [i16; 3] = [3, 5, 10];
const DIMENSIONS: [Dimension; 6] = [
    Dimension::Type,
    Dimension::Region,
    Dimension::Field,
    Dimension::Evidence,
    Dimension::Since,
    Dimension::Organisation,
];

/// A talent on a page of results.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct TalentItem {
    /// Without its evidence.
    pub talent: Talent,
    pub name: Vec<Part>,
    pub organization: Vec<Part>,
    /// Names of its fields.
    pub fields: Vec<String>,
    /// Pieces of evidence in all.
    pub pieces: usize,
    /// The name, or the organisation, is what was asked for.
    pub is_named: bool,
    /// What matches, where words do.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub found: Option<Recommendation>,
    pub words: Vec<WordPlaces>,
}

/// A talent that is found, before its record is read.
#[derive(Debug, Clone, Copy)]
pub struct Hit {
    ordinal: u32,
    /// In the ranking of the match.
    place: Option<usize>,
    /// What its name and organisation add.
    named: f32,
    score: f32,
    pieces: usize,
    newest: u16,
}

/// What was found, before it is counted.
pub struct Search<'a> {
    engine: Arc<Engine>,
    query: &'a SearchQuery,
    tokens: Vec<String>,
    /// None where nothing is asked: all are hits.
    found: Option<Match>,
    snapshot: Arc<Snapshot>,
}

impl<'a> Search<'a> {
    /// # Errors
    /// [`IndexError`] if the index cannot be read.
    pub fn find(generation: &Generation, query: &'a SearchQuery) -> Result<Self, IndexError> {
        let engine = Arc::clone(&generation.talents);
        let found = if query.q.is_empty() { None } else { Some(engine.browse(&Need::from_text(&query.q))?) };
        let snapshot = found.as_ref().map_or_else(|| engine.index().snapshot(), |m| Arc::clone(&m.snapshot));
        Ok(Self { engine, query, tokens: tokens(&query.q), found, snapshot })
    }

    /// Counts and orders the hits.
    pub fn hits(&self, names: &Names, taxonomy: &Taxonomy, year: i16) -> Hits<Hit> {
        let all = self.all(names);
        let since: Vec<(u16, String)> =
            SPANS.iter().filter_map(|span| u16::try_from(year + 1 - span).ok()).map(|y| (y, y.to_string())).collect();
        let mut counter = Counter::new(&DIMENSIONS);
        let mut admitted: Vec<Hit> = Vec::new();
        let mut count = 0;
        for mut hit in all {
            let talent = &self.snapshot.talents()[hit.ordinal as usize];
            let Some(listed) = names.talents.get(&*talent.id) else { continue };
            count += 1;
            let newest = self.newest(&hit);
            hit.newest = newest.iter().copied().max().unwrap_or(0);
            let is_admitted = counter.count(
                |dimension| self.passes(dimension, listed, talent.region.as_deref(), &talent.codes, &newest),
                |dimension, value| match dimension {
                    Dimension::Type => value(listed.kind.code()),
                    Dimension::Region => regions(talent.region.as_deref(), value),
                    Dimension::Field => talent.codes.iter().for_each(|code| value(code)),
                    Dimension::Evidence => {
                        let has = |kind: &EvidenceType| newest[kind.code() as usize] >= self.query.since.unwrap_or(1);
                        EvidenceType::ALL.iter().filter(|kind| has(kind)).for_each(|kind| value(kind.name()));
                    }
                    Dimension::Since => {
                        let latest = self.latest(&newest);
                        since.iter().filter(|(year, _)| latest >= *year).for_each(|(_, text)| value(text));
                    }
                    Dimension::Organisation => value(&listed.organization),
                    _ => {}
                },
            );
            if is_admitted {
                admitted.push(hit);
            }
        }
        self.sort(&mut admitted, names);
        Hits {
            facets: counter.facets(self.query, taxonomy),
            admitted,
            count,
            is_bounded: self.found.as_ref().is_some_and(is_bounded),
            unknown: self.found.as_ref().map_or_else(Vec::new, |m| unknown(m, names)),
        }
    }

    /// Everybody who is a hit, filters aside.
    fn all(&self, names: &Names) -> Vec<Hit> {
        let blank = |ordinal: u32| Hit {
            ordinal,
            place: None,
            named: 0.0,
            score: 0.0,
            pieces: self.snapshot.evidence_of(ordinal).len(),
            newest: 0,
        };
        let Some(found) = &self.found else {
            return (0..self.snapshot.talents().len() as u32).map(blank).collect();
        };
        let mut named = self.named(names);
        let asked = Asked::new(&found.query, &found.candidates.terms);
        let best = found.ranked.places.first().map_or(1.0, |p| p.score).max(f32::MIN_POSITIVE);
        let mut hits = Vec::new();
        for (place, ranked) in found.ranked.places.iter().enumerate() {
            let candidate = &found.candidates.talents[ranked.row];
            let has_words = asked.is_answered(covered(candidate));
            let by_name = named.remove(&candidate.ordinal).unwrap_or(0.0);
            if has_words || by_name > 0.0 {
                let score = ranked.score / best + by_name;
                hits.push(Hit { place: Some(place), named: by_name, score, ..blank(candidate.ordinal) });
            }
        }
        hits.extend(named.into_iter().map(|(ordinal, by_name)| Hit {
            named: by_name,
            score: by_name,
            ..blank(ordinal)
        }));
        hits
    }

    /// What names and organisations add: more for a whole name than for a part of one, and for what
    /// makes up more of what was asked.
    fn named(&self, names: &Names) -> FxHashMap<u32, f32> {
        const WHOLE: f32 = 2.0;
        const PART: f32 = 1.0;
        const OF_TEAM: f32 = 0.3;
        const OF_ORGANISATION: f32 = 0.6;
        const WHOLE_ORGANISATION: f32 = 1.5;
        /// Shorter parts of an organisation's name are words of many others.
        const PART_MIN: usize = 3;
        let mut named: FxHashMap<u32, f32> = FxHashMap::default();
        let all: usize = self.tokens.iter().map(|t| t.chars().count()).sum();
        for token in &self.tokens {
            let length = token.chars().count();
            let share = length as f32 / all as f32;
            let mut add = |id: &str, value: f32| {
                if let Some(ordinal) = self.snapshot.ordinal(id) {
                    *named.entry(ordinal).or_default() += value * share;
                }
            };
            for (entry, is_whole) in names.suggestions.holding(SuggestionKind::Talent, token, NAMED) {
                let is_team = names.talents.get(&entry.id).is_some_and(|t| t.kind == TalentKind::Team);
                add(
                    &entry.id,
                    if is_whole {
                        WHOLE
                    } else if is_team {
                        OF_TEAM
                    } else {
                        PART
                    },
                );
            }
            for (entry, is_whole) in names.suggestions.holding(SuggestionKind::Organisation, token, NAMED) {
                if is_whole || length >= PART_MIN {
                    let value = if is_whole { WHOLE_ORGANISATION } else { OF_ORGANISATION };
                    let talents = names.organisations.get(&entry.id).map(|members| &members.0);
                    talents.into_iter().flatten().for_each(|id| add(id, value));
                }
            }
        }
        named
    }

    /// By [`EvidenceType::code`]: the newest year of the pieces that match, or of all where no words
    /// do; 1 for pieces without a year, 0 for none.
    fn newest(&self, hit: &Hit) -> [u16; EvidenceType::ALL.len()] {
        let mut newest = [0; EvidenceType::ALL.len()];
        let mut note = |kind: u8, year: Option<u16>| {
            if let Some(kept) = newest.get_mut(usize::from(kind)) {
                *kept = (*kept).max(year.unwrap_or(1));
            }
        };
        match (self.candidate(hit), &self.found) {
            (Some(candidate), _) if !candidate.evidence.is_empty() => {
                candidate.evidence.iter().for_each(|e| note(e.kind, e.year));
            }
            _ => self.snapshot.evidence_of(hit.ordinal).iter().for_each(|e| {
                let (kind, year) = self.snapshot.kind_of(*e);
                note(kind, year);
            }),
        }
        newest
    }

    fn candidate(&self, hit: &Hit) -> Option<&TalentHit> {
        let found = self.found.as_ref()?;
        Some(&found.candidates.talents[found.ranked.places[hit.place?].row])
    }

    /// The newest year of the evidence that is of the type asked for.
    fn latest(&self, newest: &[u16]) -> u16 {
        match self.query.evidence {
            Some(kind) => newest[kind.code() as usize],
            None => newest.iter().copied().max().unwrap_or(0),
        }
    }

    fn passes(
        &self,
        dimension: Dimension,
        listed: &ListedTalent,
        region: Option<&str>,
        codes: &[Arc<str>],
        newest: &[u16],
    ) -> bool {
        let query = self.query;
        match dimension {
            Dimension::Type => query.talent_kind.is_none_or(|kind| kind == listed.kind),
            Dimension::Region => {
                query.region.as_deref().is_none_or(|wanted| region.is_some_and(|region| is_within(region, wanted)))
            }
            Dimension::Field => query.field.as_deref().is_none_or(|wanted| codes.iter().any(|c| **c == *wanted)),
            // One piece has to be of the type and of the time.
            Dimension::Evidence => query.evidence.is_none_or(|kind| {
                let year = newest[kind.code() as usize];
                year > 0 && query.since.is_none_or(|since| year >= since)
            }),
            Dimension::Since => query.since.is_none_or(|since| self.latest(newest) >= since),
            Dimension::Organisation => query.organisation.as_deref().is_none_or(|wanted| wanted == listed.organization),
            _ => true,
        }
    }

    fn sort(&self, hits: &mut [Hit], names: &Names) {
        let id = |hit: &Hit| &*self.snapshot.talents()[hit.ordinal as usize].id;
        let relevance = |a: &Hit, b: &Hit| {
            let by_score = b.score.total_cmp(&a.score);
            by_score.then(b.pieces.cmp(&a.pieces)).then_with(|| id(a).cmp(id(b)))
        };
        let name = |hit: &Hit| names.talents.get(id(hit)).map(|t| t.name.as_str());
        match self.query.sort {
            SearchSort::Newest => hits.sort_by(|a, b| b.newest.cmp(&a.newest).then_with(|| relevance(a, b))),
            SearchSort::Evidence => hits.sort_by(|a, b| b.pieces.cmp(&a.pieces).then_with(|| relevance(a, b))),
            SearchSort::Name => hits.sort_by(|a, b| name(a).cmp(&name(b)).then_with(|| relevance(a, b))),
            _ => hits.sort_by(relevance),
        }
    }

    /// The ids of all hits that the filters let through, in order.
    pub fn ids(&self, names: &Names, taxonomy: &Taxonomy, year: i16) -> Vec<String> {
        let hits = self.hits(names, taxonomy, year).admitted;
        let id = |hit: &Hit| self.snapshot.talents()[hit.ordinal as usize].id.to_string();
        hits.iter().map(id).collect()
    }

    /// The hits as they are shown.
    ///
    /// # Errors
    /// [`IndexError`] if a record cannot be read.
    pub fn items(&self, names: &Names, taxonomy: &Taxonomy, hits: &[Hit]) -> Result<Vec<TalentItem>, IndexError> {
        hits.iter().map(|hit| self.item(names, taxonomy, hit)).collect()
    }

    fn item(&self, names: &Names, taxonomy: &Taxonomy, hit: &Hit) -> Result<TalentItem, IndexError> {
        let found = match (&self.found, hit.place) {
            (Some(found), Some(place)) => Some(self.engine.recommendation(found, place)?),
            _ => None,
        };
        let talent = match &found {
            Some(found) => found.talent.clone(),
            None => {
                let stored = self.snapshot.stored_talent(hit.ordinal)?;
                serde_json::from_str(&stored).map_err(|e| IndexError::Record(e.to_string()))?
            }
        };
        let listed = names.talents.get(&talent.id);
        let is_part = |name: &str| hit.named > 0.0 && !name.is_empty();
        let tokens = |name: &str| if is_part(name) { self.tokens.as_slice() } else { &[] };
        let words = found.as_ref().map_or_else(Vec::new, |f| of_talent(&f.words.matched, &talent, &f.proofs));
        Ok(TalentItem {
            name: marked(&talent.name, tokens(&talent.name)),
            organization: marked(&talent.organization, tokens(&talent.organization)),
            fields: talent.fields.iter().filter_map(|c| taxonomy.field(c)).map(|f| f.name.clone()).collect(),
            pieces: hit.pieces,
            is_named: hit.named > 0.0 && listed.is_some(),
            // A name may have been found among people whose evidence has nothing of what was asked.
            found: found.filter(|f| f.pieces_matching > 0 || !f.words.matched.is_empty()),
            words,
            talent,
        })
    }
}

/// Words that no evidence, profile or name has.
fn unknown(found: &Match, names: &Names) -> Vec<String> {
    let words = crate::matching::explain::Words::sort(&found.query, &found.candidates.terms, 0).unknown;
    let is_name = |word: &String| {
        let held = |kind| !names.suggestions.holding(kind, word, 1).is_empty();
        held(SuggestionKind::Talent) || held(SuggestionKind::Organisation)
    };
    words.into_iter().filter(|word| !is_name(word)).collect()
}

/// Whether there may be more evidence, or profiles, than were counted.
fn is_bounded(found: &Match) -> bool {
    let mut seen = rustc_hash::FxHashSet::default();
    let pieces = found.candidates.talents.iter().flat_map(|t| &t.evidence);
    pieces.filter(|e| e.score > 0.0 && seen.insert(e.address)).count() >= BROWSED
}
