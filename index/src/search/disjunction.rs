//! Term-at-a-time BM25F over windows of documents.

use tantivy::fieldnorm::FieldNormReader;
use tantivy::postings::BlockSegmentPostings;
use tantivy::schema::IndexRecordOption;
use tantivy::{DocId, InvertedIndexReader};

use super::{ScoredTerm, SearchParams};
use crate::reader::{SegmentView, Snapshot};
use crate::schema::TextField;

/// Documents scored together, so that their scores stay in a second-level cache.
const WINDOW: u32 = 1 << 14;

/// Boosted term frequencies whose saturation is looked up; higher ones count as the last.
const TABLED_FREQUENCIES: usize = 64;

/// A matching document.
#[derive(Debug, Clone, Copy, Default)]
pub struct Hit {
    pub doc: DocId,
    pub score: f32,
    pub title: f32,
    pub keywords: f32,
    pub summary: f32,
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
        self.0[(tf as usize - 1).min(TABLED_FREQUENCIES - 1)][code as usize]
    }
}

/// A need's terms against one snapshot.
pub struct Scorer<'a> {
    terms: &'a [ScoredTerm],
    /// Over the boosted length of evidence.
    boosted: Saturation,
    /// By [`TextField`].
    fields: [Saturation; 4],
    evidence_limit: usize,
    profile_limit: usize,
}

/// The posting lists of one term in one segment.
struct Lists {
    weight: f32,
    rare: f32,
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
#[derive(Default)]
struct Scores {
    total: Vec<f32>,
    /// By [`TextField::EVIDENCE`].
    fields: [Vec<f32>; 3],
    rare: Vec<f32>,
    covered: Vec<u64>,
    /// Boosted frequencies of the term at hand; all zero between terms.
    frequencies: Vec<u32>,
    /// Where `frequencies` is not zero.
    touched: Vec<u32>,
}

impl<'a> Scorer<'a> {
    pub fn new(snapshot: &Snapshot, terms: &'a [ScoredTerm], params: &SearchParams) -> Self {
        Self {
            terms,
            boosted: Saturation::new(params, snapshot.mean_boosted_length),
            fields: TextField::ALL.map(|f| Saturation::new(params, snapshot.mean_lengths[f as usize])),
            evidence_limit: params.evidence_limit,
            profile_limit: params.profile_limit,
        }
    }

    /// The best evidence and the best talent documents of a segment, unordered.
    pub fn search(&self, segment: &SegmentView) -> tantivy::Result<(Vec<Hit>, Vec<Hit>)> {
        let mut lists = self.lists(segment)?;
        let docs = segment.data.kinds.len() as u32;
        let mut scores = Scores::new(WINDOW.min(docs) as usize);
        let mut evidence = Best::new(self.evidence_limit);
        let mut talents = Best::new(self.profile_limit);
        for start in (0..docs).step_by(WINDOW as usize) {
            let end = docs.min(start.saturating_add(WINDOW));
            for term in &mut lists {
                self.add_evidence(term, start, end, segment, &mut scores);
                self.add_profile(term, start, end, segment, &mut scores);
            }
            collect(segment, start..end, &scores, &mut evidence, &mut talents);
            scores.clear();
        }
        Ok((evidence.items, talents.items))
    }

    fn lists(&self, segment: &SegmentView) -> tantivy::Result<Vec<Lists>> {
        let mut lists = Vec::new();
        for term in self.terms.iter().filter(|t| !t.pruned && t.document_frequency > 0) {
            let open = |field: TextField| List::open(&segment.data.inverted[field as usize], &term.term.text);
            let [title, keywords, summary] = TextField::EVIDENCE.map(open);
            lists.push(Lists {
                weight: term.weight,
                rare: term.rare,
                bit: term.bit.map_or(0, |b| 1 << b),
                evidence: [title?, keywords?, summary?],
                profile: open(TextField::Profile)?,
            });
        }
        Ok(lists)
    }

    /// Adds the term's evidence postings before `end`: BM25F saturates the sum of the boosted
    /// frequencies, so the fields' frequencies are added up first.
    fn add_evidence(&self, term: &mut Lists, start: DocId, end: DocId, segment: &SegmentView, scores: &mut Scores) {
        for field in TextField::EVIDENCE {
            let Some(list) = &mut term.evidence[field as usize] else { continue };
            let (saturation, lengths) = (&self.fields[field as usize], &segment.data.lengths[field as usize]);
            let (boost, part) = (field.boost(), &mut scores.fields[field as usize]);
            list.read(end, |docs, frequencies| {
                for (&doc, &tf) in docs.iter().zip(frequencies) {
                    let at = (doc - start) as usize;
                    part[at] += term.weight * saturation.of(tf, lengths[doc as usize]);
                    if scores.frequencies[at] == 0 {
                        scores.touched.push(at as u32);
                    }
                    scores.frequencies[at] += boost * tf;
                }
            });
        }
        for at in scores.touched.drain(..) {
            let (doc, at) = ((start + at) as usize, at as usize);
            let tf = std::mem::take(&mut scores.frequencies[at]);
            scores.total[at] += term.weight * self.boosted.of(tf, segment.data.boosted_lengths[doc]);
            scores.rare[at] += term.rare;
            scores.covered[at] |= term.bit;
        }
    }

    fn add_profile(&self, term: &mut Lists, start: DocId, end: DocId, segment: &SegmentView, scores: &mut Scores) {
        let Some(list) = &mut term.profile else { return };
        let (saturation, lengths) =
            (&self.fields[TextField::Profile as usize], &segment.data.lengths[TextField::Profile as usize]);
        list.read(end, |docs, frequencies| {
            for (&doc, &tf) in docs.iter().zip(frequencies) {
                scores.total[(doc - start) as usize] += term.weight * saturation.of(tf, lengths[doc as usize]);
            }
        });
    }
}

impl List {
    fn open(inverted: &InvertedIndexReader, term: &str) -> tantivy::Result<Option<Self>> {
        let Some(info) = inverted.terms().get(term.as_bytes())? else { return Ok(None) };
        let postings = inverted.read_block_postings_from_terminfo(&info, IndexRecordOption::WithFreqs)?;
        Ok(Some(Self { postings, next: 0 }))
    }

    /// Hands over the postings of documents before `end` that were not read yet, block by block.
    fn read(&mut self, end: DocId, mut postings: impl FnMut(&[DocId], &[u32])) {
        loop {
            let (docs, frequencies) = (self.postings.docs(), self.postings.freqs());
            let stop = match docs.last() {
                None => return,
                Some(&last) if last < end => docs.len(),
                Some(_) => self.next + docs[self.next..].partition_point(|&d| d < end),
            };
            postings(&docs[self.next..stop], &frequencies[self.next..stop]);
            if stop < docs.len() {
                self.next = stop;
                return;
            }
            self.next = 0;
            self.postings.advance();
        }
    }
}

/// The occurrences of a term in a field of a segment, extrapolated from its first postings.
pub fn sample(inverted: &InvertedIndexReader, term: &str, postings: usize) -> tantivy::Result<f32> {
    let Some(mut list) = List::open(inverted, term)? else { return Ok(0.0) };
    let (mut seen, mut sum) = (0, 0);
    loop {
        let frequencies = list.postings.freqs();
        seen += list.postings.docs().len();
        sum += frequencies[..list.postings.docs().len()].iter().sum::<u32>();
        if list.postings.docs().is_empty() || seen >= postings {
            break;
        }
        list.postings.advance();
    }
    Ok(sum as f32 * list.postings.doc_freq() as f32 / seen.max(1) as f32)
}

fn collect(
    segment: &SegmentView,
    window: std::ops::Range<DocId>,
    scores: &Scores,
    evidence: &mut Best,
    talents: &mut Best,
) {
    for (doc, at) in window.zip(0..) {
        let score = scores.total[at];
        if score <= evidence.threshold && score <= talents.threshold {
            continue;
        }
        let best = if segment.data.is_talent(doc) { &mut *talents } else { &mut *evidence };
        if score > best.threshold && segment.is_alive(doc) {
            let [title, keywords, summary] = [0, 1, 2].map(|f: usize| scores.fields[f][at]);
            best.push(Hit { doc, score, title, keywords, summary, rare: scores.rare[at], covered: scores.covered[at] });
        }
    }
}

impl Scores {
    fn new(size: usize) -> Self {
        Self {
            total: vec![0.0; size],
            fields: [const { Vec::new() }; 3].map(|_: Vec<f32>| vec![0.0; size]),
            rare: vec![0.0; size],
            covered: vec![0; size],
            frequencies: vec![0; size],
            touched: Vec::with_capacity(size),
        }
    }

    fn clear(&mut self) {
        self.total.fill(0.0);
        self.fields.iter_mut().for_each(|f| f.fill(0.0));
        self.rare.fill(0.0);
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
