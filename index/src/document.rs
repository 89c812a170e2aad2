//! What tantivy's indexing threads are given.
//!
//! A piece of evidence is analysed, and its vector made, by the thread that indexes it, when
//! tantivy first asks: no threads beside tantivy's compete for processors and caches. Pieces go in
//! batches, because analysis and indexing each want the cache for their own tables.

use std::ops::Range;
use std::sync::{Arc, Condvar, Mutex, OnceLock, PoisonError};

use tantivy::schema::document::{ReferenceValue, ReferenceValueLeaf};
use tantivy::schema::{Field, Value};

use crate::Analyzer;
use crate::analyzer::Analysis;
use crate::analyzer::tokenizer::prepare;
use crate::schema::{EvidenceDoc, TextField};
use crate::space::{Bag, Space, Vector};

/// A talent or a piece of evidence.
#[derive(Debug, Default)]
pub(crate) struct Document {
    pub texts: Vec<(Field, String)>,
    pub numbers: Vec<(Field, u64)>,
    /// The text fields of evidence, and its place in a batch.
    pub analysed: Option<([Field; 3], Arc<Batch>, usize)>,
}

impl Document {
    /// `None` if the document has none, and for all talents.
    pub fn vector(&self) -> Option<&Vector> {
        let (_, batch, place) = self.analysed.as_ref()?;
        batch.prepared().pieces[*place].1.as_ref()
    }
}

impl tantivy::Document for Document {
    type Value<'a> = Content<'a>;
    type FieldsValuesIter<'a> = std::vec::IntoIter<(Field, Content<'a>)>;

    fn iter_fields_and_values(&self) -> Self::FieldsValuesIter<'_> {
        let mut values = Vec::with_capacity(self.texts.len() + self.numbers.len() + 3);
        values.extend(self.texts.iter().map(|(field, text)| (*field, Content::Text(text))));
        values.extend(self.numbers.iter().map(|(field, number)| (*field, Content::Number(*number))));
        if let Some((fields, batch, place)) = &self.analysed {
            let prepared = batch.prepared();
            let texts = prepared.pieces[*place].0.iter().map(|range| &prepared.text[range.clone()]);
            values.extend(fields.iter().copied().zip(texts.map(Content::Text)));
        }
        values.into_iter()
    }
}

/// A value of a field.
#[derive(Debug, Clone, Copy)]
pub(crate) enum Content<'a> {
    Text(&'a str),
    Number(u64),
}

impl<'a> Value<'a> for Content<'a> {
    type ArrayIter = std::iter::Empty<Self>;
    type ObjectIter = std::iter::Empty<(&'a str, Self)>;

    fn as_value(&self) -> ReferenceValue<'a, Self> {
        ReferenceValue::Leaf(match *self {
            Self::Text(text) => ReferenceValueLeaf::Str(text),
            Self::Number(number) => ReferenceValueLeaf::U64(number),
        })
    }
}

/// Turns evidence into what is indexed.
#[derive(Debug)]
pub(crate) struct Workshop {
    pub analyzer: Analyzer,
    pub space: Space,
}

/// Some pieces of evidence, analysed together.
#[derive(Debug)]
pub(crate) struct Batch {
    /// By piece and [`TextField::EVIDENCE`].
    sources: Vec<[String; 3]>,
    workshop: Arc<Workshop>,
    prepared: OnceLock<Prepared>,
    _pass: Pass,
}

#[derive(Debug)]
struct Prepared {
    /// The prepared texts of all pieces.
    text: String,
    /// By piece: where its fields lie in `text`, and its vector.
    pieces: Vec<([Range<usize>; 3], Option<Vector>)>,
}

impl Batch {
    /// Pieces of a batch: their analysis stays in the second cache (about 4 KB each).
    pub const PIECES: usize = 128;

    pub fn new(evidence: &[EvidenceDoc], workshop: &Arc<Workshop>, pass: Pass) -> Self {
        let sources = evidence.iter().map(EvidenceDoc::texts).collect();
        Self { sources, workshop: workshop.clone(), prepared: OnceLock::new(), _pass: pass }
    }

    /// Analyses the pieces unless that is done.
    pub fn prepare(&self) {
        self.prepared();
    }

    fn prepared(&self) -> &Prepared {
        self.prepared.get_or_init(|| {
            let Workshop { analyzer, space } = &*self.workshop;
            let bytes: usize = self.sources.iter().flatten().map(String::len).sum();
            // Bigrams say everything twice, and words again.
            let mut text = String::with_capacity(bytes * 3);
            let (mut analysis, mut bag) = (Analysis::default(), Bag::new());
            let mut piece = |sources: &[String; 3]| {
                bag.clear();
                let ranges = TextField::EVIDENCE.map(|field| {
                    let start = text.len();
                    analyzer.analyze(&sources[field as usize], &mut analysis);
                    prepare(&analysis, &mut text, field.boost(), &mut bag);
                    start..text.len()
                });
                (ranges, space.encode(&bag))
            };
            let pieces = self.sources.iter().map(&mut piece).collect();
            Prepared { text, pieces }
        })
    }
}

/// Bounds how many batches wait for tantivy, whose own queue is too long for batches.
#[derive(Debug)]
pub(crate) struct Gate {
    free: Mutex<usize>,
    freed: Condvar,
}

impl Gate {
    pub fn new(passes: usize) -> Arc<Self> {
        Arc::new(Self { free: Mutex::new(passes), freed: Condvar::new() })
    }

    /// Waits until there is a pass.
    pub fn enter(self: &Arc<Self>) -> Pass {
        let free = self.free.lock().unwrap_or_else(PoisonError::into_inner);
        let mut free = self.freed.wait_while(free, |f| *f == 0).unwrap_or_else(PoisonError::into_inner);
        *free -= 1;
        Pass(self.clone())
    }
}

/// Given back when it is dropped: also when tantivy drops its queue because its threads failed.
#[derive(Debug)]
pub(crate) struct Pass(Arc<Gate>);

impl Drop for Pass {
    fn drop(&mut self) {
        *self.0.free.lock().unwrap_or_else(PoisonError::into_inner) += 1;
        self.0.freed.notify_one();
    }
}
