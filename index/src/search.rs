//! Candidates for a need: a bounded weighted disjunction over all fields, and the nearest
//! talents of the latent space.
//!
//! The disjunction scores every matching document, term after term, in windows of documents
//! whose scores stay in the processor's cache. Needs are long, and for long queries this beats
//! document-at-a-time scoring with block-max pruning many times over (README, "Speed"). Terms in
//! a large share of the documents are left out: they cost most and say least.

mod disjunction;

use rayon::prelude::*;
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};
use tantivy::DocAddress;

use crate::IndexError;
use crate::query::{NeedQuery, QueryTerm, TermWeights};
use crate::reader::Snapshot;
use crate::schema::TextField;
use crate::space::{DIMENSIONS, Space, Vector, quantise};
use disjunction::{Hit, Scorer};

/// How candidates are found and scored.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct SearchParams {
    /// BM25's saturation of repeated terms.
    pub k1: f32,
    /// BM25's share of length normalisation, 0–1.
    pub b: f32,
    /// A term weighs its inverse document frequency to this power; 1 is BM25's own.
    pub idf_power: f32,
    /// A term also weighs its mean frequency, in the documents that hold it, to this
    /// power: a term that authors repeat names their subject (Kwok 1996). 0 turns it off.
    pub concentration_power: f32,
    /// Terms in a larger share of the evidence are left out, unless nothing else is left.
    pub max_document_share: f32,
    /// Terms at the most: the heaviest stay. Bounds the work that a very long need can cause.
    pub max_terms: usize,
    /// A term in a smaller share of the evidence is rare: what it adds by being so is summed up
    /// apart ([`EvidenceHit::rare`]).
    pub rare_share: f32,
    /// Pieces of evidence that become candidates at the most.
    pub evidence_limit: usize,
    /// Talents that become candidates by their profile alone, and by the latent space alone.
    pub profile_limit: usize,
    pub dense_limit: usize,
    pub terms: TermWeights,
}

impl Default for SearchParams {
    fn default() -> Self {
        Self {
            k1: 1.6,
            b: 0.75,
            idf_power: 2.5,
            concentration_power: 0.5,
            max_document_share: 0.2,
            rare_share: 0.006,
            max_terms: 300,
            evidence_limit: 1000,
            profile_limit: 100,
            dense_limit: 100,
            terms: TermWeights::default(),
        }
    }
}

impl SearchParams {
    /// The same scores for everything that matches at all: for asking after one talent.
    pub fn unbounded(self) -> Self {
        Self { evidence_limit: usize::MAX / 4, profile_limit: usize::MAX / 4, dense_limit: usize::MAX / 4, ..self }
    }
}

/// A term of the need as it stands in this index.
#[derive(Debug, Clone)]
pub struct ScoredTerm {
    pub term: QueryTerm,
    /// Pieces of evidence with the term in the field where most have it.
    pub document_frequency: u64,
    /// Weight times ln(1 + (N − df + ½) / (df + ½)) to the power of [`SearchParams::idf_power`].
    pub weight: f32,
    /// ln(1 + …) less ln(1 / rare share), 0 at the least.
    pub rare: f32,
    /// The bit of this term in [`EvidenceHit::covered`]; only the heaviest have one.
    pub bit: Option<u8>,
    /// Left out of the scoring as too frequent, or as one too many.
    pub pruned: bool,
}

/// A piece of evidence that matches.
#[derive(Debug, Clone)]
pub struct EvidenceHit {
    pub address: DocAddress,
    /// BM25F over its fields.
    pub score: f32,
    /// BM25 of each field alone.
    pub title: f32,
    pub keywords: f32,
    pub summary: f32,
    /// Sum of [`ScoredTerm::rare`] over the terms that it holds.
    pub rare: f32,
    /// Cosine in the latent space; 0 where either side has no vector.
    pub dense: f32,
    /// Cosine with the best evidence of the search taken together (pseudo-relevance feedback).
    pub feedback: f32,
    /// Bits of the need's heaviest terms that it holds ([`ScoredTerm::bit`]).
    pub covered: u64,
    /// [`crate::EvidenceDoc::kind`].
    pub kind: u8,
    pub year: Option<u16>,
}

/// A candidate talent.
#[derive(Debug, Clone)]
pub struct TalentHit {
    pub ordinal: u32,
    /// BM25 of the profile.
    pub profile: f32,
    /// Cosine of the sum of its evidence vectors.
    pub dense: f32,
    /// Matching evidence, best first.
    pub evidence: Vec<EvidenceHit>,
}

/// What a search found.
#[derive(Debug, Default)]
pub struct Candidates {
    /// In order of talent ordinal: matching ranks them.
    pub talents: Vec<TalentHit>,
    /// The need's terms, heaviest first.
    pub terms: Vec<ScoredTerm>,
}

impl Snapshot {
    /// Finds the candidates of a need.
    ///
    /// # Errors
    /// [`IndexError`] if a file of the index cannot be read.
    pub fn search(&self, space: &Space, need: &NeedQuery, params: &SearchParams) -> Result<Candidates, IndexError> {
        let terms = self.weigh(need, params)?;
        let scorer = Scorer::new(self, &terms, params);
        let mut found: Vec<(usize, Hit)> = Vec::new();
        let per_segment: Vec<_> =
            self.segments.par_iter().map(|segment| scorer.search(segment)).collect::<Result<_, _>>()?;
        let mut profiles: Vec<(usize, Hit)> = Vec::new();
        for (segment, (evidence, talents)) in per_segment.into_iter().enumerate() {
            found.extend(evidence.into_iter().map(|h| (segment, h)));
            profiles.extend(talents.into_iter().map(|h| (segment, h)));
        }
        keep_best(&mut found, params.evidence_limit);
        keep_best(&mut profiles, params.profile_limit);
        let vector = space.encode(&need.bag);
        let feedback = self.feedback(vector.as_ref(), &found);
        let mut assembly = Assembly { snapshot: self, vector, feedback, by_ordinal: FxHashMap::default() };
        found.iter().for_each(|(segment, hit)| assembly.add_evidence(*segment, hit));
        profiles.iter().for_each(|(segment, hit)| assembly.add_profile(*segment, hit));
        assembly.add_dense(params.dense_limit);
        Ok(Candidates { talents: assembly.finish(), terms })
    }

    /// The sum of the vectors of the best few pieces, each by the square of how good it is.
    fn feedback(&self, vector: Option<&Vector>, found: &[(usize, Hit)]) -> Option<Vector> {
        const PIECES: usize = 5;
        const DENSE: f32 = 0.3;
        let best = found.first()?.1.score;
        let goodness = |(segment, hit): &(usize, Hit)| {
            let cosine = vector.map_or(0.0, |v| self.segments[*segment].data.vectors.cosine(v, hit.doc as usize));
            hit.score / best + DENSE * cosine.max(0.0)
        };
        let mut pieces: Vec<_> = found.iter().map(|f| (goodness(f), f)).collect();
        pieces.sort_by(|a, b| b.0.total_cmp(&a.0));
        let mut sum = [0.0; DIMENSIONS];
        for (goodness, (segment, hit)) in pieces.iter().take(PIECES) {
            let (piece, inverse) = self.segments[*segment].data.vectors.get(hit.doc as usize);
            sum.iter_mut().zip(piece).for_each(|(s, x)| *s += goodness * goodness * inverse * f32::from(*x));
        }
        quantise(&sum)
    }

    /// Looks up how rare each term is, and drops what is too frequent to matter.
    fn weigh(&self, need: &NeedQuery, params: &SearchParams) -> Result<Vec<ScoredTerm>, IndexError> {
        let total = self.evidence_count.max(1);
        let most = (total as f64 * f64::from(params.max_document_share)).max(1.0) as u64;
        let mut terms = Vec::with_capacity(need.terms.len());
        for term in need.terms.iter().filter(|t| t.weight > 0.0) {
            let document_frequency = self.document_frequency(&term.text)?;
            let df = document_frequency as f64;
            let idf = (1.0 + (total as f64 - df + 0.5).max(0.0) / (df + 0.5)).ln() as f32;
            let pruned = document_frequency > most;
            let mut weight = term.weight * idf.powf(params.idf_power);
            if !pruned && params.concentration_power > 0.0 {
                weight *= self.mean_frequency(&term.text, document_frequency)?.powf(params.concentration_power);
            }
            let rare = if term.is_synonym { 0.0 } else { (idf + params.rare_share.ln()).max(0.0) };
            terms.push(ScoredTerm { term: term.clone(), document_frequency, weight, rare, bit: None, pruned });
        }
        if terms.iter().all(|t| t.pruned || t.document_frequency == 0) {
            terms.iter_mut().for_each(|t| t.pruned = false);
        }
        terms.sort_by(|a, b| b.weight.total_cmp(&a.weight).then_with(|| a.term.text.cmp(&b.term.text)));
        let mut bits = 0..64;
        let kept = terms.iter_mut().filter(|t| !t.pruned && t.document_frequency > 0);
        for (place, term) in kept.enumerate() {
            term.bit = if term.term.is_synonym { None } else { bits.next() };
            term.pruned = place >= params.max_terms;
        }
        Ok(terms)
    }

    fn document_frequency(&self, term: &str) -> Result<u64, IndexError> {
        let mut most = 0;
        for field in TextField::EVIDENCE {
            let mut sum = 0;
            for segment in &self.segments {
                let info = segment.data.inverted[field as usize].terms().get(term.as_bytes())?;
                sum += info.map_or(0, |i| u64::from(i.doc_freq));
            }
            most = most.max(sum);
        }
        Ok(most)
    }
}

/// Postings of a list that its mean frequency is taken from at the most: the mean of the first
/// few thousand is as good, and the cost stays bounded.
const FREQUENCY_SAMPLE: usize = 4096;

impl Snapshot {
    /// (occurrences + 1) / (documents + 1), from the first postings of each list.
    fn mean_frequency(&self, term: &str, document_frequency: u64) -> Result<f32, IndexError> {
        let mut occurrences = 0.0;
        for field in TextField::EVIDENCE {
            for segment in &self.segments {
                let sampled = disjunction::sample(&segment.data.inverted[field as usize], term, FREQUENCY_SAMPLE)?;
                occurrences += sampled;
            }
        }
        Ok((occurrences + 1.0) / (document_frequency as f32 + 1.0))
    }
}

fn keep_best(hits: &mut Vec<(usize, Hit)>, limit: usize) {
    let order = |a: &(usize, Hit), b: &(usize, Hit)| {
        b.1.score.total_cmp(&a.1.score).then_with(|| (a.0, a.1.doc).cmp(&(b.0, b.1.doc)))
    };
    if hits.len() > limit {
        hits.select_nth_unstable_by(limit, order);
        hits.truncate(limit);
    }
    hits.sort_unstable_by(order);
}

/// Gathers hits by talent.
struct Assembly<'a> {
    snapshot: &'a Snapshot,
    vector: Option<Vector>,
    feedback: Option<Vector>,
    by_ordinal: FxHashMap<u32, TalentHit>,
}

impl Assembly<'_> {
    fn talent(&mut self, ordinal: u32) -> &mut TalentHit {
        self.by_ordinal.entry(ordinal).or_insert_with(|| TalentHit {
            ordinal,
            profile: 0.0,
            dense: 0.0,
            evidence: Vec::new(),
        })
    }

    fn add_evidence(&mut self, segment: usize, hit: &Hit) {
        let address = DocAddress::new(segment as u32, hit.doc);
        let evidence = self.evidence(address, hit);
        let snapshot = self.snapshot;
        for &owner in snapshot.owners_of(address) {
            self.talent(owner).evidence.push(evidence.clone());
        }
    }

    fn evidence(&self, address: DocAddress, hit: &Hit) -> EvidenceHit {
        let data = &self.snapshot.segments[address.segment_ord as usize].data;
        let doc = address.doc_id as usize;
        let cosine = |v: &Option<Vector>| v.as_ref().map_or(0.0, |v| data.vectors.cosine(v, doc));
        EvidenceHit {
            address,
            score: hit.score,
            title: hit.title,
            keywords: hit.keywords,
            summary: hit.summary,
            rare: hit.rare,
            dense: cosine(&self.vector),
            feedback: cosine(&self.feedback),
            covered: hit.covered,
            kind: data.kinds[doc],
            year: Some(data.years[doc]).filter(|y| *y > 0),
        }
    }

    fn add_profile(&mut self, segment: usize, hit: &Hit) {
        let owners = self.snapshot.owners_of(DocAddress::new(segment as u32, hit.doc));
        if let Some(&ordinal) = owners.first() {
            self.talent(ordinal).profile = hit.score;
        }
    }

    /// The nearest talents of the latent space join; the others get their cosine. A talent that
    /// no term found shows its nearest evidence.
    fn add_dense(&mut self, limit: usize) {
        const NEAREST_EVIDENCE: usize = 5;
        let Some(vector) = self.vector else { return };
        let snapshot = self.snapshot;
        let cosines = snapshot.vectors.cosines(&vector);
        let mut nearest: Vec<u32> = (0..cosines.len() as u32).filter(|&t| cosines[t as usize] > 0.0).collect();
        let order = |a: &u32, b: &u32| cosines[*b as usize].total_cmp(&cosines[*a as usize]).then(a.cmp(b));
        if nearest.len() > limit {
            nearest.select_nth_unstable_by(limit, order);
            nearest.truncate(limit);
        }
        for ordinal in nearest {
            if !self.talent(ordinal).evidence.is_empty() {
                continue;
            }
            let nothing = Hit::default();
            let evidence = snapshot.evidence_of(ordinal).iter();
            let mut evidence: Vec<_> = evidence.map(|&address| self.evidence(address, &nothing)).collect();
            evidence.sort_by(|a, b| b.dense.total_cmp(&a.dense).then(a.address.cmp(&b.address)));
            evidence.truncate(NEAREST_EVIDENCE);
            self.talent(ordinal).evidence = evidence;
        }
        self.by_ordinal.values_mut().for_each(|t| t.dense = cosines[t.ordinal as usize]);
    }

    fn finish(self) -> Vec<TalentHit> {
        let mut talents: Vec<TalentHit> = self.by_ordinal.into_values().collect();
        talents.sort_unstable_by_key(|t| t.ordinal);
        talents
    }
}
