//! Term-at-a-time BM25F over windows of documents.

use std::ops::Range;
use std::sync::atomic::{AtomicU32, Ordering};

use tantivy::fieldnorm::FieldNormReader;
use tantivy::postings::{BlockSegmentPostings, TermInfo};
use tantivy::schema::IndexRecordOption;
use tantivy::{DocId, InvertedIndexReader};

use super::{ScoredTerm, SearchParams};
use crate::reader::{SegmentView, Snapshot};
use crate::schema::TextField;

/// Documents scored together, so that their scores stay in a second-level cache.
const WINDOW: u32 = 1 << 13;

/// Documents that one task scores: segments are cut up so that all processors have work.
const TASK: u32 = 1 << 17;

/// Boosted term frequencies whose saturation is looked up; higher ones count as the last.
const TABLED_FREQUENCIES: usize = 64;

/// A matching document.
#[derive(Debug, Clone, Copy, Default)]
pub struct Hit {
    pub segment: u32,
    pub doc: DocId,
    pub score: f32,
    /// By [`TextField::EVIDENCE`]; all 0 unless [`SearchParams::field_scores`].
    pub fields: [f32; 3],
    /// Sum of [`ScoredTerm::rare`].
    pub rare: f32,
    pub covered: u64,
}

/// BM25's tf·(k1 + 1) / (tf + k1·(1 − b + b·length / mean length)), `[tf − 1][length code]`.
struct Saturation(Vec<[f32; 256]>);

impl Saturation {
    fn new(params: &SearchParams, mean_length: f32) -> Self {
        let norm = |code: usize| {
            let length = FieldNormReader::id_to_fieldnorm(code as u8) as f32;
            params.k1 * (1.0 - params.b + params.b * length / mean_length)
        };
        let norms: [f32; 256] = std::array::from_fn(norm);
        let of = |tf: usize| norms.map(|norm| tf as f32 * (params.k1 + 1.0) / (tf as f32 + norm));
        Self((1..=TABLED_FREQUENCIES).map(of).collect())
    }

    #[inline]
    fn of(&self, tf: u32, code: u8) -> f32 {
        self.0[(tf as usize).clamp(1, TABLED_FREQUENCIES) - 1][code as usize]
    }
}

/// Where the postings of one term are, by segment and [`TextField`].
#[derive(Debug, Clone)]
pub struct Places(Vec<[Option<TermInfo>; 4]>);

impl Places {
    pub fn find(snapshot: &Snapshot, term: &str) -> tantivy::Result<Self> {
        let of = |segment: &SegmentView| {
            let mut places = [const { None }; 4];
            for (place, inverted) in places.iter_mut().zip(&segment.data.inverted) {
                *place = inverted.terms().get(term.as_bytes())?;
            }
            Ok(places)
        };
        snapshot.segments.iter().map(of).collect::<tantivy::Result<_>>().map(Self)
    }

    /// Pieces of evidence with the term in the field where most have it.
    pub fn document_frequency(&self) -> u64 {
        let of = |field: TextField| {
            let infos = self.0.iter().filter_map(|places| places[field as usize].as_ref());
            infos.map(|info| u64::from(info.doc_freq)).sum()
        };
        TextField::EVIDENCE.map(of).into_iter().max().unwrap_or(0)
    }

    /// Whether a profile has the term.
    pub fn is_in_profiles(&self) -> bool {
        self.0.iter().any(|places| places[TextField::Profile as usize].is_some())
    }

    /// (occurrences + 1) / (documents + 1) over the evidence, from the first postings of each list.
    pub fn mean_frequency(&self, snapshot: &Snapshot) -> tantivy::Result<f32> {
        let mut occurrences = 0.0;
        for (segment, places) in snapshot.segments.iter().zip(&self.0) {
            for field in TextField::EVIDENCE {
                let Some(info) = &places[field as usize] else { continue };
                occurrences += List::open(&segment.data.inverted[field as usize], info, 0)?.occurrences();
            }
        }
        Ok((occurrences + 1.0) / (self.document_frequency() as f32 + 1.0))
    }
}

/// A need's terms against one snapshot.
pub struct Scorer<'a> {
    snapshot: &'a Snapshot,
    terms: &'a [(ScoredTerm, Places)],
    /// Over the boosted length of evidence.
    boosted: Saturation,
    profile: Saturation,
    /// By [`TextField::EVIDENCE`], where they are asked for.
    fields: Option<[Saturation; 3]>,
    evidence_limit: usize,
    profile_limit: usize,
    /// Bits of a score that as many pieces of evidence as are wanted reach; grows.
    reached: AtomicU32,
}

/// A stretch of a segment.
#[derive(Debug, Clone)]
pub struct Task {
    segment: u32,
    docs: Range<DocId>,
}

/// The posting lists of one term in one segment.
struct Lists {
    weight: f32,
    rare: f32,
    /// The term's own bit, and those of what it translates.
    bit: u64,
    /// By [`TextField::EVIDENCE`].
    evidence: [Option<List>; 3],
    profile: Option<List>,
}

/// A posting list being read.
struct List {
    postings: BlockSegmentPostings,
    /// The next posting within the block.
    next: usize,
}

/// Scores of the documents of one window.
struct Scores {
    total: Vec<f32>,
    rare: Vec<f32>,
    covered: Vec<u64>,
    /// By [`TextField::EVIDENCE`]; empty if nobody asked.
    fields: [Vec<f32>; 3],
    /// Boosted frequencies of the term at hand; all zero between terms.
    frequencies: Vec<u8>,
    /// Where `frequencies` may not be zero.
    touched: Vec<u32>,
    /// Talents whose profile has a term.
    profiles: Vec<u32>,
}

impl<'a> Scorer<'a> {
    pub fn new(snapshot: &'a Snapshot, terms: &'a [(ScoredTerm, Places)], params: &SearchParams) -> Self {
        let of = |field: TextField| Saturation::new(params, snapshot.mean_lengths[field as usize]);
        Self {
            snapshot,
            terms,
            boosted: Saturation::new(params, snapshot.mean_boosted_length),
            profile: of(TextField::Profile),
            fields: params.field_scores.then(|| TextField::EVIDENCE.map(of)),
            evidence_limit: params.evidence_limit,
            profile_limit: params.profile_limit,
            reached: AtomicU32::new(0),
        }
    }

    /// What to call [`Self::search`] with, in order of segment and document.
    pub fn tasks(&self) -> Vec<Task> {
        let of = |(segment, view): (u32, &SegmentView)| {
            let docs = view.data.kinds.len() as u32;
            let tasks = (0..docs).step_by(TASK as usize);
            tasks.map(move |from| Task { segment, docs: from..docs.min(from.saturating_add(TASK)) })
        };
        (0..).zip(&self.snapshot.segments).flat_map(of).collect()
    }

    /// The best evidence and the best talent documents of a stretch, unordered.
    pub fn search(&self, task: &Task) -> tantivy::Result<(Vec<Hit>, Vec<Hit>)> {
        let segment = &self.snapshot.segments[task.segment as usize];
        let mut lists = self.lists(task)?;
        let mut scores = Scores::new(WINDOW.min(task.docs.len() as u32) as usize, self.fields.is_some());
        let mut evidence = Best::new(self.evidence_limit);
        let mut talents = Best::new(self.profile_limit);
        for start in task.docs.clone().step_by(WINDOW as usize) {
            let window = start..task.docs.end.min(start.saturating_add(WINDOW));
            for term in &mut lists {
                self.add_evidence(term, window.clone(), segment, &mut scores);
                self.add_profile(term, window.clone(), segment, &mut scores);
            }
            // What scores less than enough others elsewhere is not worth keeping.
            let reached = f32::from_bits(self.reached.load(Ordering::Relaxed)).next_down();
            evidence.threshold = evidence.threshold.max(reached);
            scores.collect(task.segment, segment, start, &mut evidence, &mut talents);
            // Scores are not negative, and so their bits are in their order.
            self.reached.fetch_max(evidence.threshold.max(0.0).to_bits(), Ordering::Relaxed);
            scores.clear();
        }
        Ok((evidence.items, talents.items))
    }

    fn lists(&self, task: &Task) -> tantivy::Result<Vec<Lists>> {
        let inverted = &self.snapshot.segments[task.segment as usize].data.inverted;
        let mut lists = Vec::new();
        for (term, places) in self.terms.iter().filter(|(t, _)| !t.pruned) {
            let places = &places.0[task.segment as usize];
            let open = |field: TextField| {
                let info = places[field as usize].as_ref();
                info.map(|i| List::open(&inverted[field as usize], i, task.docs.start)).transpose()
            };
            let [title, keywords, summary] = TextField::EVIDENCE.map(open);
            lists.push(Lists {
                weight: term.weight,
                rare: term.rare,
                bit: term.bit.map_or(0, |b| 1 << b) | term.covers,
                evidence: [title?, keywords?, summary?],
                profile: open(TextField::Profile)?,
            });
        }
        Ok(lists)
    }

    /// Adds the term's evidence postings of the window. BM25F saturates the sum of the boosted
    /// frequencies: those of title and keywords are noted first, those of the abstract, which are
    /// most, added up and scored at once, and then what stands in no abstract.
    fn add_evidence(&self, term: &mut Lists, window: Range<DocId>, segment: &SegmentView, scores: &mut Scores) {
        let Range { start, end } = window;
        let lengths = &segment.data.boosted_lengths[start as usize..end as usize];
        let Lists { weight, rare, bit, evidence, .. } = term;
        let mut add = |at: usize, tf: u32| {
            scores.total[at] += *weight * self.boosted.of(tf, lengths[at]);
            scores.covered[at] |= *bit;
            if *rare > 0.0 {
                scores.rare[at] += *rare;
            }
        };
        for (field, list) in TextField::EVIDENCE.into_iter().zip(evidence) {
            let Some(list) = list else { continue };
            list.read(end, |doc, tf| {
                let at = (doc - start) as usize;
                let noted = std::mem::take(&mut scores.frequencies[at]);
                let sum = field.boost().saturating_mul(tf).saturating_add(noted.into());
                if field == TextField::Abstract {
                    add(at, sum);
                } else {
                    scores.frequencies[at] = sum.min(u8::MAX.into()) as u8;
                    scores.touched.push(at as u32);
                }
                if let Some(fields) = &self.fields {
                    let length = segment.data.lengths[field as usize][doc as usize];
                    scores.fields[field as usize][at] += *weight * fields[field as usize].of(tf, length);
                }
            });
        }
        for at in scores.touched.drain(..) {
            match std::mem::take(&mut scores.frequencies[at as usize]) {
                0 => {}
                noted => add(at as usize, noted.into()),
            }
        }
    }

    fn add_profile(&self, term: &mut Lists, window: Range<DocId>, segment: &SegmentView, scores: &mut Scores) {
        let Some(list) = &mut term.profile else { return };
        let lengths = &segment.data.lengths[TextField::Profile as usize];
        list.read(window.end, |doc, tf| {
            let at = doc - window.start;
            scores.total[at as usize] += term.weight * self.profile.of(tf, lengths[doc as usize]);
            scores.covered[at as usize] |= term.bit;
            scores.profiles.push(at);
        });
    }
}

impl List {
    /// Opens the list at the first document from `start` on.
    fn open(inverted: &InvertedIndexReader, info: &TermInfo, start: DocId) -> tantivy::Result<Self> {
        let mut postings = inverted.read_block_postings_from_terminfo(info, IndexRecordOption::WithFreqs)?;
        let next = if start > 0 { postings.seek(start) } else { 0 };
        Ok(Self { postings, next })
    }

    /// Hands over the postings of documents before `end` that were not read yet.
    #[inline]
    fn read(&mut self, end: DocId, mut posting: impl FnMut(DocId, u32)) {
        loop {
            let (docs, frequencies) = (self.postings.docs(), self.postings.freqs());
            let stop = match docs.last() {
                None => return,
                Some(&last) if last < end => docs.len(),
                Some(_) => self.next + docs[self.next..].partition_point(|&d| d < end),
            };
            for (&doc, &tf) in docs[self.next..stop].iter().zip(&frequencies[self.next..stop]) {
                posting(doc, tf);
            }
            if stop < docs.len() {
                self.next = stop;
                return;
            }
            self.next = 0;
            self.postings.advance();
        }
    }

    /// Occurrences in all documents, extrapolated from the first few blocks: their mean is as good,
    /// and the cost stays bounded.
    fn occurrences(mut self) -> f32 {
        const SAMPLE: usize = 1024;
        let (mut seen, mut sum) = (0, 0);
        while !self.postings.docs().is_empty() && seen < SAMPLE {
            let block = self.postings.docs().len();
            seen += block;
            sum += self.postings.freqs()[..block].iter().sum::<u32>();
            self.postings.advance();
        }
        sum as f32 * self.postings.doc_freq() as f32 / seen.max(1) as f32
    }
}

impl Scores {
    fn new(size: usize, with_fields: bool) -> Self {
        let of_field = if with_fields { vec![0.0; size] } else { Vec::new() };
        Self {
            total: vec![0.0; size],
            covered: vec![0; size],
            rare: vec![0.0; size],
            fields: [of_field.clone(), of_field.clone(), of_field],
            frequencies: vec![0; size],
            touched: Vec::new(),
            profiles: Vec::new(),
        }
    }

    /// Hands over what is good enough in the window that begins at `start`.
    fn collect(&mut self, segment: u32, view: &SegmentView, start: DocId, evidence: &mut Best, talents: &mut Best) {
        const STRIDE: usize = 16;
        for (stride, totals) in self.total.chunks(STRIDE).enumerate() {
            // Without a branch for each, the processor compares many at once.
            if !totals.iter().fold(false, |any, total| any | (*total > evidence.threshold)) {
                continue;
            }
            for at in stride * STRIDE..stride * STRIDE + totals.len() {
                let doc = start + at as u32;
                if self.total[at] > evidence.threshold && !view.data.is_talent(doc) && view.is_alive(doc) {
                    evidence.push(self.hit(segment, doc, at));
                }
            }
        }
        self.profiles.sort_unstable();
        self.profiles.dedup();
        for at in std::mem::take(&mut self.profiles) {
            let doc = start + at;
            if self.total[at as usize] > talents.threshold && view.is_alive(doc) {
                talents.push(self.hit(segment, doc, at as usize));
            }
        }
    }

    fn hit(&self, segment: u32, doc: DocId, at: usize) -> Hit {
        let fields = [0, 1, 2].map(|f: usize| self.fields[f].get(at).copied().unwrap_or(0.0));
        Hit { segment, doc, score: self.total[at], fields, rare: self.rare[at], covered: self.covered[at] }
    }

    fn clear(&mut self) {
        self.rare.fill(0.0);
        self.total.fill(0.0);
        self.covered.fill(0);
        self.fields.iter_mut().for_each(|f| f.fill(0.0));
    }
}

/// The best hits so far; holds up to twice the limit between clean-ups.
struct Best {
    limit: usize,
    /// Hits must score more than this.
    threshold: f32,
    items: Vec<Hit>,
}

impl Best {
    fn new(limit: usize) -> Self {
        let threshold = if limit == 0 { f32::INFINITY } else { 0.0 };
        Self { limit, threshold, items: Vec::new() }
    }

    fn push(&mut self, hit: Hit) {
        self.items.push(hit);
        if self.items.len() >= self.limit.saturating_mul(2) {
            let limit = self.limit;
            self.items.select_nth_unstable_by(limit - 1, |a, b| b.score.total_cmp(&a.score).then(a.doc.cmp(&b.doc)));
            self.items.truncate(limit);
            self.threshold = self.items[limit - 1].score;
        }
    }
}
