//! The index of needs: which needs already posted are like this one. Each need is one document of
//! the same kernel that finds talents, with the words and the latent space of the talents' evidence.

use std::path::Path;
use std::sync::Arc;

use serde::Serialize;
use zhihui_index::reader::Snapshot;
use zhihui_index::{
    Analyzer, DocAddress, EvidenceDoc, EvidenceHit, Index, IndexError, NeedQuery, ScoredTerm, SearchParams, TalentDoc,
};

use crate::domain::Need;
use crate::matching::explain::Words;
use crate::store::NeedForIndex;

/// What is indexed of a need.
pub(super) fn need_docs(record: &NeedForIndex) -> (TalentDoc, EvidenceDoc) {
    let need = &record.need;
    let stored = serde_json::to_string(record).unwrap_or_default();
    let targets = need.targets.iter().map(|t| [Some(&t.name), Some(&t.value), t.unit.as_ref()]);
    let targets = targets.map(|parts| parts.into_iter().flatten().map(String::as_str).collect::<Vec<_>>().join(" "));
    let mut summary = vec![need.problem.as_str()];
    summary.extend(need.scenario.as_deref());
    let owner = TalentDoc {
        id: need.id.clone(),
        profile: String::new(),
        region: need.region.clone(),
        codes: need.field.iter().cloned().collect(),
        stored: stored.clone(),
    };
    let text = EvidenceDoc {
        id: need.id.clone(),
        talents: vec![need.id.clone()],
        kind: 0,
        title: need.title.clone().unwrap_or_default(),
        keywords: targets.collect(),
        summary: summary.join("\n"),
        year: None,
        stored,
    };
    (owner, text)
}

/// Ordinals and records of needs, nearest first, with where they are read.
type Nearest = (Vec<(u32, DocAddress)>, Arc<Snapshot>);

/// The needs that are not drafts and were not withdrawn.
#[derive(Debug)]
pub struct NeedIndex {
    index: Index,
}

/// A need that is like another, or that has what somebody looks for.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct SimilarNeed {
    pub record: NeedForIndex,
    /// BM25F; orders the list, comparable within it only.
    pub score: f32,
    /// Cosine in the latent space, −1 to 1; 0 where a text has no term of the space.
    pub similarity: f32,
    /// Share of the words of what was asked that the need has too, 0–1: near 1, it is the same need.
    pub overlap: f32,
}

impl NeedIndex {
    pub(super) fn open(path: &Path, analyzer: &Analyzer) -> Result<Self, IndexError> {
        Ok(Self { index: Index::open_with(path, analyzer)? })
    }

    pub(super) fn index(&self) -> &Index {
        &self.index
    }

    /// How many needs there are.
    pub fn count(&self) -> usize {
        self.index.snapshot().talents().len()
    }

    /// Needs like this one, without itself, best first, of those that `is_wanted` (state, owner).
    ///
    /// # Errors
    /// [`IndexError`] if the index cannot be read.
    pub fn similar(
        &self,
        need: &Need,
        limit: usize,
        is_wanted: impl Fn(&NeedForIndex) -> bool,
    ) -> Result<Vec<SimilarNeed>, IndexError> {
        self.search(&need.text(), limit, |found| found.need.id != need.id && is_wanted(found))
    }

    /// Needs that have the words of a text, best first, of those that `is_wanted`.
    ///
    /// # Errors
    /// [`IndexError`] if the index cannot be read.
    pub fn search(
        &self,
        text: &str,
        limit: usize,
        is_wanted: impl Fn(&NeedForIndex) -> bool,
    ) -> Result<Vec<SimilarNeed>, IndexError> {
        let found = self.find(text, SearchParams::default().evidence_limit)?;
        let mut similar = Vec::new();
        for hit in &found.hits {
            if similar.len() == limit {
                break;
            }
            let record = found.record(hit)?;
            if is_wanted(&record) {
                let words = found.words(hit);
                let all = words.matched.len() + words.missing.len() + words.unknown.len();
                let overlap = words.matched.len() as f32 / all.max(1) as f32;
                similar.push(SimilarNeed { record, score: hit.score, similarity: hit.dense, overlap });
            }
        }
        Ok(similar)
    }

    /// Needs near to what somebody does, whose words are given, nearest first, of those that
    /// `is_wanted`. A need of other words counts as near by the latent space alone.
    ///
    /// # Errors
    /// [`IndexError`] if the index cannot be read.
    pub fn near(
        &self,
        interests: &str,
        limit: usize,
        is_wanted: impl Fn(&NeedForIndex) -> bool,
    ) -> Result<Vec<NeedForIndex>, IndexError> {
        let (nearest, snapshot) = self.by_nearness(interests)?;
        let mut near = Vec::new();
        for (_, address) in nearest {
            if near.len() == limit {
                break;
            }
            let record = serde_json::from_str(&snapshot.stored(address)?);
            let record: NeedForIndex = record.map_err(|e| IndexError::Record(e.to_string()))?;
            if is_wanted(&record) {
                near.push(record);
            }
        }
        Ok(near)
    }

    /// The ids of needs near to what somebody does, nearest first, as [`Self::near`] has them.
    ///
    /// # Errors
    /// [`IndexError`] if the index cannot be read.
    pub fn nearest(&self, interests: &str) -> Result<Vec<String>, IndexError> {
        let (nearest, snapshot) = self.by_nearness(interests)?;
        Ok(nearest.into_iter().map(|(ordinal, _)| snapshot.talents()[ordinal as usize].id.to_string()).collect())
    }

    /// Ordinals and records of what is near, nearest first.
    fn by_nearness(&self, interests: &str) -> Result<Nearest, IndexError> {
        /// What a cosine of 1 counts beside the best score of words: as in the ranking of talents.
        const DENSE: f32 = 0.3;
        let params = SearchParams { max_document_share: 1.0, ..SearchParams::default() };
        let query = NeedQuery::new(self.index.analyzer(), interests, &params.terms);
        let snapshot = self.index.snapshot();
        let found = snapshot.search(self.index.space(), &query, &params)?;
        let mut hits: Vec<_> = found.talents.iter().flat_map(|t| t.evidence.iter().map(|e| (t.ordinal, e))).collect();
        let best = hits.iter().map(|(_, hit)| hit.score).fold(f32::MIN_POSITIVE, f32::max);
        let nearness = |hit: &EvidenceHit| hit.score / best + DENSE * hit.dense.max(0.0);
        let id = |ordinal: u32| &snapshot.talents()[ordinal as usize].id;
        hits.sort_by(|(a, x), (b, y)| nearness(y).total_cmp(&nearness(x)).then_with(|| id(*a).cmp(id(*b))));
        let nearest = hits.iter().map(|(ordinal, hit)| (*ordinal, hit.address)).collect();
        Ok((nearest, snapshot))
    }

    /// Needs that have words of a text, best first, up to `limit` of them, their records not read.
    ///
    /// # Errors
    /// [`IndexError`] if the index cannot be read.
    pub fn find(&self, text: &str, limit: usize) -> Result<NeedHits, IndexError> {
        // Needs are few: a word that a fifth of them has still tells the others apart.
        let wide = SearchParams { max_document_share: 1.0, dense_limit: 0, ..SearchParams::default() };
        let params = SearchParams { evidence_limit: limit, ..wide };
        let query = NeedQuery::new(self.index.analyzer(), text, &params.terms);
        let snapshot = self.index.snapshot();
        let candidates = snapshot.search(self.index.space(), &query, &params)?;
        let id = |ordinal: u32| &*snapshot.talents()[ordinal as usize].id;
        let hits = candidates.talents.iter().flat_map(|t| t.evidence.iter().map(|e| (id(t.ordinal), e)));
        let hit = |(id, e): (&str, &EvidenceHit)| NeedHit {
            id: id.to_owned(),
            score: e.score,
            dense: e.dense,
            covered: e.covered,
            address: e.address,
        };
        let mut hits: Vec<NeedHit> = hits.map(hit).collect();
        hits.sort_by(|a, b| b.score.total_cmp(&a.score).then_with(|| a.id.cmp(&b.id)));
        Ok(NeedHits { hits, query, terms: candidates.terms, snapshot })
    }

    /// One need by its id.
    ///
    /// # Errors
    /// [`IndexError`] if its record cannot be read.
    pub fn record(&self, id: &str) -> Result<Option<NeedForIndex>, IndexError> {
        let snapshot = self.index.snapshot();
        let Some(ordinal) = snapshot.ordinal(id) else { return Ok(None) };
        let record = serde_json::from_str(&snapshot.stored_talent(ordinal)?);
        record.map(Some).map_err(|e| IndexError::Record(e.to_string()))
    }

    pub fn analyzer(&self) -> &Analyzer {
        self.index.analyzer()
    }
}

/// A need that was found.
#[derive(Debug, Clone)]
pub struct NeedHit {
    pub id: String,
    /// BM25F; orders the list.
    pub score: f32,
    /// Cosine in the latent space.
    pub dense: f32,
    /// Bits of the terms that it has.
    pub covered: u64,
    address: DocAddress,
}

/// Needs that were found, best first.
#[derive(Debug)]
pub struct NeedHits {
    pub hits: Vec<NeedHit>,
    pub query: NeedQuery,
    pub terms: Vec<ScoredTerm>,
    snapshot: Arc<Snapshot>,
}

impl NeedHits {
    /// # Errors
    /// [`IndexError`] if the record cannot be read.
    pub fn record(&self, hit: &NeedHit) -> Result<NeedForIndex, IndexError> {
        let stored = self.snapshot.stored(hit.address)?;
        serde_json::from_str(&stored).map_err(|e| IndexError::Record(e.to_string()))
    }

    /// The words of what was asked, sorted by whether a need has them.
    pub fn words(&self, hit: &NeedHit) -> Words {
        Words::sort(&self.query, &self.terms, hit.covered)
    }
}
