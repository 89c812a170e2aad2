//! Candidates for a need: a bounded weighted disjunction over all fields, and the nearest
//! talents of the latent space.
//!
//! The disjunction scores every matching document, term after term, in windows of documents
//! whose scores stay in the processor's cache. Needs are long, and for long queries this beats
//! document-at-a-time scoring with block-max pruning. Terms in a large share of the documents are
//! left out: they cost most and say least.

mod disjunction;

use std::ops::Range;

use rayon::prelude::*;
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};
use tantivy::DocAddress;

use crate::IndexError;
use crate::query::{NeedQuery, Origin, QueryTerm, TermWeights};
use crate::reader::Snapshot;
use crate::space::{DIMENSIONS, Space, Vector, quantise};
pub(crate) use disjunction::Places;
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
    /// Pieces of evidence that terms are looked up in at the most, counted once for each term:
    /// the heaviest terms stay. Bounds the time of a long need as the corpus grows.
    pub max_postings: u64,
    /// A term in a smaller share of the evidence is rare: what it adds by being so is summed up
    /// apart ([`EvidenceHit::rare`]).
    pub rare_share: f32,
    /// Pieces of evidence that become candidates at the most.
    pub evidence_limit: usize,
    /// Talents that become candidates by their profile alone, and by the latent space alone.
    pub profile_limit: usize,
    pub dense_limit: usize,
    /// Whether [`EvidenceHit`] has the scores of single fields, which take time.
    #[serde(skip)]
    pub field_scores: bool,
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
            max_postings: 2_000_000,
            evidence_limit: 1000,
            profile_limit: 100,
            dense_limit: 100,
            field_scores: false,
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
    /// Neither evidence nor a profile has it.
    pub is_unknown: bool,
    /// ln(1 + (N − df + ½) / (df + ½))
    pub idf: f32,
    /// Weight times `idf` to the power of [`SearchParams::idf_power`].
    pub weight: f32,
    /// ln(1 + …) less ln(1 / rare share), 0 at the least.
    pub rare: f32,
    /// The bit of this term in [`EvidenceHit::covered`]; only the heaviest have one.
    pub bit: Option<u8>,
    /// Bits of the need's own terms that this one translates: who has it has them.
    pub covers: u64,
    /// Left out of the scoring as too frequent, or as one too many.
    pub pruned: bool,
}

/// A piece of evidence that matches.
#[derive(Debug, Clone)]
pub struct EvidenceHit {
    pub address: DocAddress,
    /// BM25F over its fields.
    pub score: f32,
    /// BM25 of each field alone; 0 unless [`SearchParams::field_scores`].
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
    /// Bits of the terms that the profile holds.
    pub profile_covered: u64,
    /// Cosine of the sum of its evidence vectors.
    pub dense: f32,
    /// Matching evidence, best first.
    pub evidence: Vec<EvidenceHit>,
}

/// What a search found.
#[derive(Debug, Clone, Default)]
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
        let found: Vec<_> = scorer.tasks().par_iter().map(|t| scorer.search(t)).collect::<Result<_, _>>()?;
        let (evidence, profiles): (Vec<_>, Vec<_>) = found.into_iter().unzip();
        let evidence = best(evidence.concat(), params.evidence_limit);
        let profiles = best(profiles.concat(), params.profile_limit);
        let terms: Vec<ScoredTerm> = terms.into_iter().map(|(term, _)| term).collect();
        let vector = space.encode(&need.bag);
        let feedback = self.feedback(vector.as_ref(), &evidence);
        let mut assembly = Assembly::new(self, vector, feedback);
        assembly.add_evidence(&evidence);
        profiles.iter().for_each(|hit| assembly.add_profile(hit));
        assembly.add_dense(params.dense_limit);
        Ok(Candidates { talents: assembly.finish(), terms })
    }

    /// The sum of the vectors of the best few pieces, each by the square of how good it is.
    fn feedback(&self, vector: Option<&Vector>, found: &[Hit]) -> Option<Vector> {
        const PIECES: usize = 5;
        const DENSE: f32 = 0.3;
        let best = found.first()?.score;
        let goodness = |hit: &Hit| {
            let vectors = &self.segments[hit.segment as usize].data.vectors;
            let cosine = vector.map_or(0.0, |v| vectors.cosine(v, hit.doc as usize));
            hit.score / best + DENSE * cosine.max(0.0)
        };
        let mut pieces: Vec<_> = found.iter().map(|hit| (goodness(hit), hit)).collect();
        pieces.sort_by(|a, b| b.0.total_cmp(&a.0));
        let mut sum = [0.0; DIMENSIONS];
        for (goodness, hit) in pieces.iter().take(PIECES) {
            let (piece, inverse) = self.segments[hit.segment as usize].data.vectors.get(hit.doc as usize);
            sum.iter_mut().zip(piece).for_each(|(s, x)| *s += goodness * goodness * inverse * f32::from(*x));
        }
        quantise(&sum)
    }

    /// Looks up how rare each term is, and drops what is too frequent to matter.
    fn weigh(&self, need: &NeedQuery, params: &SearchParams) -> Result<Vec<(ScoredTerm, Places)>, IndexError> {
        let total = self.evidence_count.max(1) as f64;
        let mut terms: Vec<(ScoredTerm, Places)> = Vec::with_capacity(need.terms.len());
        // The need's own terms first: they bound the rarity of their translations. An English term is
        // rare in a Chinese corpus, whatever it says.
        let (own, others): (Vec<_>, Vec<_>) = need.terms.iter().partition(|t| t.origin == Origin::Text);
        for term in own.into_iter().chain(others).filter(|t| t.weight > 0.0) {
            let places = Places::find(self, &term.text)?;
            let document_frequency = places.document_frequency();
            let df = document_frequency as f64;
            let mut idf = (1.0 + (total - df + 0.5).max(0.0) / (df + 0.5)).ln() as f32;
            if document_frequency > 0 && matches!(term.origin, Origin::Translation { .. }) {
                idf = idf.min(originals(term, &terms).map(|t| t.idf).fold(0.0, f32::max));
            }
            let pruned = df > (total * f64::from(params.max_document_share)).max(1.0);
            let mut weight = term.weight * idf.powf(params.idf_power);
            if !pruned && params.concentration_power > 0.0 {
                weight *= places.mean_frequency(self)?.powf(params.concentration_power);
            }
            let rare = if term.origin != Origin::Text { 0.0 } else { (idf + params.rare_share.ln()).max(0.0) };
            let is_unknown = document_frequency == 0 && !places.is_in_profiles();
            let term = term.clone();
            let term =
                ScoredTerm { term, document_frequency, is_unknown, idf, weight, rare, bit: None, covers: 0, pruned };
            terms.push((term, places));
        }
        let is_used = |(term, _): &(ScoredTerm, Places)| !term.pruned && term.document_frequency > 0;
        if !terms.iter().any(is_used) {
            terms.iter_mut().for_each(|(t, _)| t.pruned = false);
        }
        terms.sort_by(|(a, _), (b, _)| b.weight.total_cmp(&a.weight).then_with(|| a.term.text.cmp(&b.term.text)));
        let mut bits = 0..64;
        let mut postings = 0;
        for ((term, _), place) in terms.iter_mut().filter(|t| is_used(t)).zip(0..) {
            postings += term.document_frequency;
            term.pruned = place > 0 && (place >= params.max_terms || postings > params.max_postings);
            term.bit = if term.pruned { None } else { bits.next() };
        }
        // Terms of profiles alone come last: those of evidence need the bits more.
        for (term, _) in terms.iter_mut().filter(|(t, _)| t.document_frequency == 0 && !t.is_unknown && !t.pruned) {
            term.bit = bits.next();
        }
        set_covers(&mut terms);
        Ok(terms)
    }
}

/// Gives whole translations the bits of what they stand for.
fn set_covers(terms: &mut [(ScoredTerm, Places)]) {
    for at in 0..terms.len() {
        let term = &terms[at].0;
        if term.term.origin == (Origin::Translation { parts: 1 }) && !term.pruned && !term.is_unknown {
            let bits = originals(&term.term, terms).filter_map(|t| t.bit);
            terms[at].0.covers = bits.fold(0, |bits, bit| bits | 1 << bit);
        }
    }
}

/// The need's own terms that a translation stands for.
fn originals<'a>(
    translation: &'a QueryTerm,
    terms: &'a [(ScoredTerm, Places)],
) -> impl Iterator<Item = &'a ScoredTerm> {
    let is_inside = |r: &Range<usize>| translation.sources.iter().any(|s| s.start <= r.start && r.end <= s.end);
    let own = terms.iter().map(|(t, _)| t).filter(|t| t.term.origin == Origin::Text);
    own.filter(move |t| t.term.sources.iter().any(is_inside))
}

/// The best hits in order; ties go to what was indexed first.
fn best(mut hits: Vec<Hit>, limit: usize) -> Vec<Hit> {
    let order =
        |a: &Hit, b: &Hit| b.score.total_cmp(&a.score).then_with(|| (a.segment, a.doc).cmp(&(b.segment, b.doc)));
    if hits.len() > limit {
        hits.select_nth_unstable_by(limit, order);
        hits.truncate(limit);
    }
    hits.sort_unstable_by(order);
    hits
}

/// Gathers hits by talent.
struct Assembly<'a> {
    snapshot: &'a Snapshot,
    vector: Option<Vector>,
    feedback: Option<Vector>,
    by_ordinal: FxHashMap<u32, TalentHit>,
}

impl<'a> Assembly<'a> {
    fn new(snapshot: &'a Snapshot, vector: Option<Vector>, feedback: Option<Vector>) -> Self {
        Self { snapshot, vector, feedback, by_ordinal: FxHashMap::default() }
    }

    fn talent(&mut self, ordinal: u32) -> &mut TalentHit {
        self.by_ordinal.entry(ordinal).or_insert_with(|| TalentHit {
            ordinal,
            profile: 0.0,
            profile_covered: 0,
            dense: 0.0,
            evidence: Vec::new(),
        })
    }

    fn add_evidence(&mut self, hits: &[Hit]) {
        const AT_ONCE: usize = 128;
        let piece = |hit: &Hit| self.evidence(DocAddress::new(hit.segment, hit.doc), hit);
        let pieces: Vec<EvidenceHit> = hits.par_iter().with_min_len(AT_ONCE).map(piece).collect();
        let snapshot = self.snapshot;
        for piece in pieces {
            for &owner in snapshot.owners_of(piece.address) {
                self.talent(owner).evidence.push(piece.clone());
            }
        }
    }

    fn evidence(&self, address: DocAddress, hit: &Hit) -> EvidenceHit {
        let data = &self.snapshot.segments[address.segment_ord as usize].data;
        let doc = address.doc_id as usize;
        let cosine = |v: &Option<Vector>| v.as_ref().map_or(0.0, |v| data.vectors.cosine(v, doc));
        let [title, keywords, summary] = hit.fields;
        EvidenceHit {
            address,
            score: hit.score,
            title,
            keywords,
            summary,
            rare: hit.rare,
            dense: cosine(&self.vector),
            feedback: cosine(&self.feedback),
            covered: hit.covered,
            kind: data.kinds[doc],
            year: Some(data.years[doc]).filter(|y| *y > 0),
        }
    }

    fn add_profile(&mut self, hit: &Hit) {
        let owners = self.snapshot.owners_of(DocAddress::new(hit.segment, hit.doc));
        if let Some(&ordinal) = owners.first() {
            let talent = self.talent(ordinal);
            (talent.profile, talent.profile_covered) = (hit.score, hit.covered);
        }
    }

    /// The nearest talents of the latent space join; the others get their cosine. A talent that
    /// no term found shows its nearest evidence.
    fn add_dense(&mut self, limit: usize) {
        const NEAREST_EVIDENCE: usize = 5;
        let Some(vector) = self.vector else { return };
        let snapshot = self.snapshot;
        let cosines = snapshot.vectors.cosines(&vector);
        let least = least_of_best(&cosines, limit);
        let mut nearest: Vec<u32> = (0..cosines.len() as u32).filter(|&t| cosines[t as usize] > least).collect();
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

/// A value of 0 or more that at least `limit` of the cosines exceed, if so many exceed 0, and not
/// many more: one pass, where finding the exact value would order them all.
fn least_of_best(cosines: &[f32], limit: usize) -> f32 {
    const BUCKETS: usize = 1024;
    let mut counts = [0_usize; BUCKETS];
    cosines.iter().filter(|c| **c > 0.0).for_each(|c| counts[((c * BUCKETS as f32) as usize).min(BUCKETS - 1)] += 1);
    let mut best = 0;
    let full = counts.iter().rposition(|count| {
        best += count;
        best >= limit
    });
    // The edge itself belongs to the bucket.
    full.map_or(0.0, |bucket| (bucket as f32 / BUCKETS as f32).next_down().max(0.0))
}

/// The bits that are set, lowest first.
pub fn bits(mut set: u64) -> impl Iterator<Item = usize> {
    std::iter::from_fn(move || {
        let bit = set.trailing_zeros() as usize;
        set &= set.wrapping_sub(1);
        (bit < 64).then_some(bit)
    })
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::least_of_best;

    proptest! {
        /// The best are always among those above the bound, and the bound is never negative.
        #[test]
        fn the_bound_keeps_the_best(cosines in prop::collection::vec(-1.0_f32..=1.0, 0..200), limit in 0_usize..50) {
            let least = least_of_best(&cosines, limit);
            let mut best: Vec<f32> = cosines.iter().copied().filter(|c| *c > 0.0).collect();
            best.sort_by(|a, b| b.total_cmp(a));
            prop_assert!(least >= 0.0);
            prop_assert!(best.iter().take(limit).all(|c| *c > least));
        }
    }

    #[test]
    fn the_bound_leaves_out_most_of_the_rest() {
        let cosines: Vec<f32> = (0..10_000).map(|i| i as f32 / 10_000.0).collect();
        let least = least_of_best(&cosines, 100);
        let kept = cosines.iter().filter(|c| **c > least).count();
        assert!((100..=120).contains(&kept), "{kept}");
    }
}
