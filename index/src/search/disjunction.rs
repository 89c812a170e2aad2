//! Term-at-a-time BM25 over windows of documents.

use tantivy::fieldnorm::FieldNormReader;
use tantivy::postings::BlockSegmentPostings;
use tantivy::schema::IndexRecordOption;
use tantivy::{DocId, TERMINATED};

use super::{ScoredTerm, SearchParams};
use crate::reader::{SegmentView, Snapshot};
use crate::schema::TextField;

/// Documents scored together: 20 bytes each, so that the window fits a second-level cache.
const WINDOW: u32 = 1 << 15;

/// Term frequencies whose saturation is looked up; higher ones are computed.
const TABLED_FREQUENCIES: usize = 8;

/// A matching document.
#[derive(Debug, Clone, Copy, Default)]
pub struct Hit {
    pub doc: DocId,
    pub score: f32,
    pub title: f32,
    pub keywords: f32,
    pub summary: f32,
    pub covered: u64,
}

/// BM25's tf·(k1 + 1) / (tf + k1·(1 − b + b·length / mean length)) of one field.
struct Saturation {
    /// `tabled[tf − 1][length code]`
    tabled: [[f32; 256]; TABLED_FREQUENCIES],
    k1: f32,
    /// k1·(1 − b + b·length / mean length) by length code.
    norms: [f32; 256],
}

impl Saturation {
    fn new(params: &SearchParams, mean_length: f32) -> Self {
        let norm = |code: usize| {
            let length = FieldNormReader::id_to_fieldnorm(code as u8) as f32;
            params.k1 * (1.0 - params.b + params.b * length / mean_length)
        };
        let norms = std::array::from_fn(norm);
        let of = |tf: usize, code: usize| tf as f32 * (params.k1 + 1.0) / (tf as f32 + norms[code]);
        let tabled = std::array::from_fn(|tf| std::array::from_fn(|code| of(tf + 1, code)));
        Self { tabled, k1: params.k1, norms }
    }

    #[inline]
    fn of(&self, tf: u32, code: u8) -> f32 {
        match self.tabled.get(tf as usize - 1) {
            Some(row) => row[code as usize],
            None => tf as f32 * (self.k1 + 1.0) / (tf as f32 + self.norms[code as usize]),
        }
    }
}

/// A need's terms against one snapshot.
pub struct Scorer<'a> {
    terms: &'a [ScoredTerm],
    saturations: [Saturation; 4],
    field_weights: [f32; 4],
    evidence_limit: usize,
    profile_limit: usize,
}

/// One posting list being read.
struct List {
    field: TextField,
    weight: f32,
    bit: u64,
    postings: BlockSegmentPostings,
    /// The next posting within the block.
    next: usize,
}

/// Scores of the documents of one window.
struct Scores {
    total: Vec<f32>,
    title: Vec<f32>,
    keywords: Vec<f32>,
    covered: Vec<u64>,
}

impl<'a> Scorer<'a> {
    pub fn new(snapshot: &Snapshot, terms: &'a [ScoredTerm], params: &SearchParams) -> Self {
        Self {
            terms,
            saturations: TextField::ALL.map(|f| Saturation::new(params, snapshot.mean_lengths[f as usize])),
            field_weights: TextField::ALL.map(|f| params.field_weight(f)),
            evidence_limit: params.evidence_limit,
            profile_limit: params.profile_limit,
        }
    }

    /// The best evidence and the best talent documents of a segment, unordered.
    pub fn search(&self, segment: &SegmentView) -> tantivy::Result<(Vec<Hit>, Vec<Hit>)> {
        let mut lists = self.lists(segment)?;
        let docs = segment.data.kinds.len() as u32;
        let size = WINDOW.min(docs) as usize;
        let mut scores = Scores {
            total: vec![0.0; size],
            title: vec![0.0; size],
            keywords: vec![0.0; size],
            covered: vec![0; size],
        };
        let mut evidence = Best::new(self.evidence_limit);
        let mut talents = Best::new(self.profile_limit);
        for start in (0..docs).step_by(WINDOW as usize) {
            let end = docs.min(start.saturating_add(WINDOW));
            for list in &mut lists {
                self.add(list, start, end, &segment.data.lengths[list.field as usize], &mut scores);
            }
            self.collect(segment, start..end, &scores, &mut evidence, &mut talents);
            scores.clear();
        }
        Ok((evidence.items, talents.items))
    }

    fn lists(&self, segment: &SegmentView) -> tantivy::Result<Vec<List>> {
        let mut lists = Vec::new();
        for term in self.terms.iter().filter(|t| !t.pruned && t.document_frequency > 0) {
            for field in TextField::ALL {
                let inverted = &segment.data.inverted[field as usize];
                let weight = term.weight * self.field_weights[field as usize];
                let Some(info) = inverted.terms().get(term.term.text.as_bytes())? else { continue };
                if weight == 0.0 {
                    continue;
                }
                let postings = inverted.read_block_postings_from_terminfo(&info, IndexRecordOption::WithFreqs)?;
                let bit = term.bit.map_or(0, |b| 1 << b);
                lists.push(List { field, weight, bit, postings, next: 0 });
            }
        }
        Ok(lists)
    }

    /// Adds the postings of documents before `end`.
    fn add(&self, list: &mut List, start: DocId, end: DocId, lengths: &[u8], scores: &mut Scores) {
        let saturation = &self.saturations[list.field as usize];
        loop {
            let (docs, frequencies) = (list.postings.docs(), list.postings.freqs());
            let stop = match docs.last() {
                None => return,
                Some(&last) if last < end => docs.len(),
                Some(_) => list.next + docs[list.next..].partition_point(|&d| d < end),
            };
            let postings = docs[list.next..stop].iter().zip(&frequencies[list.next..stop]);
            let part = match list.field {
                TextField::Title => Some(&mut scores.title),
                TextField::Keywords => Some(&mut scores.keywords),
                TextField::Abstract | TextField::Profile => None,
            };
            let scored = postings.map(|(&doc, &tf)| {
                ((doc - start) as usize, list.weight * saturation.of(tf, lengths[doc as usize]))
            });
            match part {
                None => scored.for_each(|(at, score)| scores.total[at] += score),
                Some(part) => scored.for_each(|(at, score)| {
                    scores.total[at] += score;
                    part[at] += score;
                }),
            }
            if list.bit != 0 {
                docs[list.next..stop].iter().for_each(|&doc| scores.covered[(doc - start) as usize] |= list.bit);
            }
            if stop < docs.len() {
                list.next = stop;
                return;
            }
            list.next = 0;
            list.postings.advance();
        }
    }

    fn collect(
        &self,
        segment: &SegmentView,
        window: std::ops::Range<DocId>,
        scores: &Scores,
        evidence: &mut Best,
        talents: &mut Best,
    ) {
        let [title, keywords, summary, _] = self.field_weights.map(|w| w.max(f32::MIN_POSITIVE));
        for (doc, at) in window.zip(0..) {
            let score = scores.total[at];
            if score <= evidence.threshold && score <= talents.threshold {
                continue;
            }
            let best = if segment.data.is_talent(doc) { &mut *talents } else { &mut *evidence };
            if score > best.threshold && segment.is_alive(doc) {
                let rest = score - scores.title[at] - scores.keywords[at];
                best.push(Hit {
                    doc,
                    score,
                    title: scores.title[at] / title,
                    keywords: scores.keywords[at] / keywords,
                    summary: rest.max(0.0) / summary,
                    covered: scores.covered[at],
                });
            }
        }
    }
}

impl Scores {
    fn clear(&mut self) {
        self.total.fill(0.0);
        self.title.fill(0.0);
        self.keywords.fill(0.0);
        self.covered.fill(0);
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

/// tantivy marks the end of a posting list with this document; no real one has its id.
const _: () = assert!(TERMINATED > i32::MAX as u32 - 1);
