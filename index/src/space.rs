//! A latent semantic space made from the corpus itself, and its quantised vectors.
//!
//! Deerwester et al. 1990 over ln(1 + tf)·idf^1.5 of the analyzer's bigrams and Latin terms, with the randomised
//! truncated SVD of Halko, Martinsson & Tropp 2011 (algorithm 4.4 and 5.1). A text's vector is
//! the sum of its terms' rows, so new documents fold in without a new decomposition.
//!
//! [`Space::encode`] is the one seam through which text becomes a [`Vector`]: a sentence encoder
//! that supplies the vectors replaces what is behind it and nothing else.

use std::sync::LazyLock;

use ndarray::{Array2, ArrayView2, Axis};
use rayon::prelude::*;
use rustc_hash::FxHashMap;

use crate::analyzer::{Analysis, TermKind};
use crate::{kernel, linalg};

/// Components of a vector.
pub const DIMENSIONS: usize = 128;

/// Terms of the space at the most: the most frequent ones, without the very frequent.
const MAX_TERMS: usize = 60_000;
/// A term in fewer documents relates nothing to nothing.
const MIN_DOCUMENTS: u32 = 2;
/// A term in a larger share of the documents says nothing.
const MAX_DOCUMENT_SHARE: f64 = 0.2;
/// Documents that the space is learned from at the most: a sample of a large corpus.
pub const MAX_TRAINING_DOCUMENTS: usize = 40_000;
const OVERSAMPLING: usize = 16;
const POWER_ITERATIONS: usize = 2;
const SEED: u64 = 0x7a68_6968_7569;

/// Unit vector in 8-bit components; only directions count, so no scale is kept.
pub type Vector = [i8; DIMENSIONS];

/// Terms of one text by [`term_hash`], each with how often it counts; a term may come repeatedly.
pub type Bag = Vec<(u64, u32)>;

/// How strongly rarity counts in the space.
const IDF_POWER: f32 = 1.5;

/// 64-bit FNV-1a: the name of a term in the space, stable across versions and machines.
pub fn term_hash(term: &[u8]) -> u64 {
    term.iter().fold(0xcbf2_9ce4_8422_2325, |h, b| (h ^ u64::from(*b)).wrapping_mul(0x0100_0000_01b3))
}

/// Adds the terms of an analysis to `bag`, each occurrence `boost` times.
/// Long words and phrases stay out: their bigrams and words say the same. Plurals are what the text
/// has: the space brings them to their singulars as it does all that appears together.
pub fn add_terms(bag: &mut Bag, analysis: &Analysis, boost: u32) {
    bag.reserve(analysis.spans().len());
    let spans = analysis.spans().iter().filter(|s| !matches!(s.kind, TermKind::Word | TermKind::Phrase));
    bag.extend(spans.map(|s| (term_hash(analysis.folded()[analysis.folded_range(s)].as_bytes()), boost)));
}

/// How much a term counts that occurs `count` times: ln(1 + count).
fn damped(count: u32) -> f32 {
    static OFTEN: LazyLock<[f32; 64]> = LazyLock::new(|| std::array::from_fn(|count| (count as f32).ln_1p()));
    OFTEN.get(count as usize).copied().unwrap_or_else(|| (count as f32).ln_1p())
}

/// The bag's terms in the space: rows in the order of their first occurrence, and the counts of
/// each together.
fn rows_in(bag: &[(u64, u32)], vocabulary: &Vocabulary) -> Vec<(u32, u32)> {
    let mut rows: Vec<(u32, u32)> = Vec::with_capacity(bag.len());
    // Open addressing over `rows`, 0 for a free slot: sorting them costs five times as much.
    let mut slots = vec![0_u32; (bag.len() * 2).next_power_of_two()];
    let mask = slots.len() - 1;
    for (row, count) in bag.iter().filter_map(|(term, count)| Some((vocabulary.row(*term)?, *count))) {
        let mut at = (row.wrapping_mul(0x9e37_79b1) >> 8) as usize & mask;
        loop {
            let slot = &mut slots[at];
            match slot.checked_sub(1) {
                None => {
                    rows.push((row, count));
                    *slot = rows.len() as u32;
                    break;
                }
                Some(place) if rows[place as usize].0 == row => {
                    rows[place as usize].1 += count;
                    break;
                }
                Some(_) => at = (at + 1) & mask,
            }
        }
    }
    rows
}

/// The terms of the space, to be found by their hash: a table of open addressing that stays in the
/// processor's cache.
#[derive(Debug, Clone)]
struct Vocabulary {
    /// By row.
    terms: Vec<u64>,
    /// 0 for a free slot, else the high bits of the term above its row + 1. 48 bits of a hash of
    /// 64, besides those that led to the slot, are its name.
    slots: Vec<u64>,
}

impl Vocabulary {
    /// The bits of a row in a slot.
    const ROW: u64 = (1 << 16) - 1;
    const _ALL_ROWS_FIT: () = assert!(MAX_TERMS < Self::ROW as usize);

    fn new(terms: Vec<u64>) -> Self {
        let mut slots = vec![0; (terms.len() * 2).next_power_of_two()];
        for (term, row) in terms.iter().zip(1..=Self::ROW) {
            let mut at = Self::start(*term, &slots);
            while slots[at] != 0 {
                at = (at + 1) & (slots.len() - 1);
            }
            slots[at] = *term & !Self::ROW | row;
        }
        Self { terms, slots }
    }

    fn row(&self, term: u64) -> Option<u32> {
        let mut at = Self::start(term, &self.slots);
        loop {
            let slot = self.slots[at];
            let row = (slot & Self::ROW).checked_sub(1)?;
            if (slot ^ term) & !Self::ROW == 0 {
                return Some(row as u32);
            }
            at = (at + 1) & (self.slots.len() - 1);
        }
    }

    /// By the high bits, which FNV mixes best after a multiplication.
    fn start(term: u64, slots: &[u64]) -> usize {
        (term.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> 32) as usize & (slots.len() - 1)
    }
}

/// The trained space: one row a term, its inverse document frequency multiplied in. Rows have 8
/// bits a component: they are read at random while a corpus is encoded.
#[derive(Debug, Clone)]
pub struct Space {
    vocabulary: Vocabulary,
    rows: Vec<Row>,
    /// By row: what its components are to be multiplied by.
    scales: Vec<f32>,
}

/// Aligned, so that it lies in two cache lines.
#[derive(Debug, Clone)]
#[repr(align(64))]
pub(crate) struct Row(pub Vector);

/// Bytes of a row and its scale in [`Space::to_bytes`].
const ROW_BYTES: usize = 4 + DIMENSIONS;

impl Space {
    /// Learns the space from documents. Deterministic: same documents, same space.
    pub fn train(documents: &[Bag]) -> Self {
        let (terms, idf) = vocabulary(documents);
        let vocabulary = Vocabulary::new(terms);
        let matrix = Sparse::new(documents, &vocabulary, &idf);
        let vectors = right_singular_vectors(&matrix);
        let row = |(term, idf): (usize, &f32)| {
            let row: [f32; DIMENSIONS] = std::array::from_fn(|d| vectors[(term, d)] * idf);
            let largest = row.iter().fold(0.0_f32, |m, x| m.max(x.abs()));
            (Row(quantise(&row).unwrap_or([0; DIMENSIONS])), largest / 127.0)
        };
        let (rows, scales) = idf.iter().enumerate().map(row).unzip();
        Self { vocabulary, rows, scales }
    }

    /// The text's vector; `None` if it has no term of the space.
    pub fn encode(&self, bag: &[(u64, u32)]) -> Option<Vector> {
        let weigh = |(row, count): (u32, u32)| (damped(count) * self.scales[row as usize], &self.rows[row as usize]);
        let rows: Vec<(f32, &Row)> = rows_in(bag, &self.vocabulary).into_iter().map(weigh).collect();
        quantise(&kernel::weighted_sum(&rows))
    }

    /// Bytes that [`Self::from_bytes`] reads: little-endian, with a checksum at the end.
    pub fn to_bytes(&self) -> Vec<u8> {
        let terms = &self.vocabulary.terms;
        let mut bytes = Vec::with_capacity(8 + terms.len() * (8 + ROW_BYTES) + 8);
        bytes.extend((terms.len() as u64).to_le_bytes());
        terms.iter().for_each(|term| bytes.extend(term.to_le_bytes()));
        for (row, scale) in self.rows.iter().zip(&self.scales) {
            bytes.extend(scale.to_le_bytes());
            bytes.extend(row.0.map(i8::cast_unsigned));
        }
        let checksum = crc32fast::hash(&bytes);
        bytes.extend(checksum.to_le_bytes());
        bytes
    }

    /// Reads [`Self::to_bytes`]; `None` if a byte is missing or altered.
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (body, checksum) = bytes.split_last_chunk::<4>()?;
        if crc32fast::hash(body) != u32::from_le_bytes(*checksum) {
            return None;
        }
        let (count, body) = body.split_first_chunk::<8>()?;
        let count = usize::try_from(u64::from_le_bytes(*count)).ok()?;
        let (terms, rows) = body.split_at_checked(count.checked_mul(8)?)?;
        let terms: Vec<u64> = terms.as_chunks::<8>().0.iter().map(|t| u64::from_le_bytes(*t)).collect();
        let (rows, rest) = rows.as_chunks::<ROW_BYTES>();
        let row = |bytes: &[u8; ROW_BYTES]| {
            let (scale, components) = bytes.split_first_chunk::<4>()?;
            let components: &[u8; DIMENSIONS] = components.try_into().ok()?;
            Some((Row(components.map(u8::cast_signed)), f32::from_le_bytes(*scale)))
        };
        let (rows, scales): (Vec<Row>, Vec<f32>) =
            rows.iter().map(row).collect::<Option<Vec<_>>>()?.into_iter().unzip();
        (rows.len() == count && rest.is_empty()).then(|| Self { vocabulary: Vocabulary::new(terms), rows, scales })
    }
}

/// Scales to the full range of 8 bits. Only the direction is kept. `None` for no direction.
pub fn quantise(vector: &[f32; DIMENSIONS]) -> Option<Vector> {
    let largest = vector.iter().fold(0.0_f32, |m, x| m.max(x.abs()));
    if largest <= f32::MIN_POSITIVE || !largest.is_finite() {
        return None;
    }
    Some(vector.map(|x| (x / largest * 127.0).round() as i8))
}

/// Terms worth a row, most frequent first, with ln(N / df)^1.5.
fn vocabulary(documents: &[Bag]) -> (Vec<u64>, Vec<f32>) {
    // Document frequency, and the last document that counted.
    let mut frequency: FxHashMap<u64, (u32, usize)> = FxHashMap::default();
    for (number, document) in documents.iter().enumerate() {
        for (term, _) in document {
            let (df, last) = frequency.entry(*term).or_insert((0, usize::MAX));
            *df += u32::from(*last != number);
            *last = number;
        }
    }
    let most = (documents.len() as f64 * MAX_DOCUMENT_SHARE).max(f64::from(MIN_DOCUMENTS)) as u32;
    let mut terms: Vec<(u64, u32)> = frequency
        .into_iter()
        .map(|(t, (df, _))| (t, df))
        .filter(|(_, df)| (MIN_DOCUMENTS..=most).contains(df))
        .collect();
    terms.sort_unstable_by_key(|(term, df)| (std::cmp::Reverse(*df), *term));
    terms.truncate(MAX_TERMS);
    let idf = terms.iter().map(|(_, df)| (documents.len() as f32 / *df as f32).ln().powf(IDF_POWER)).collect();
    (terms.into_iter().map(|(term, _)| term).collect(), idf)
}

/// Documents × terms in compressed rows, and its transpose: rows are unit length.
struct Sparse {
    by_document: Vec<Vec<(u32, f32)>>,
    by_term: Vec<Vec<(u32, f32)>>,
}

impl Sparse {
    fn new(documents: &[Bag], vocabulary: &Vocabulary, idf: &[f32]) -> Self {
        let weigh = |bag: &Bag| {
            let weigh = |(row, count): (u32, u32)| (row, damped(count) * idf[row as usize]);
            let mut row: Vec<(u32, f32)> = rows_in(bag, vocabulary).into_iter().map(weigh).collect();
            let norm = row.iter().map(|(_, w)| w * w).sum::<f32>().sqrt().max(f32::MIN_POSITIVE);
            row.iter_mut().for_each(|(_, w)| *w /= norm);
            row
        };
        let by_document: Vec<Vec<(u32, f32)>> = documents.par_iter().map(weigh).collect();
        let mut by_term = vec![Vec::new(); idf.len()];
        for (document, row) in by_document.iter().zip(0_u32..).map(|(r, d)| (d, r)) {
            row.iter().for_each(|(term, weight)| by_term[*term as usize].push((document, *weight)));
        }
        Self { by_document, by_term }
    }

    fn times(&self, x: ArrayView2<'_, f32>) -> Array2<f32> {
        multiply(&self.by_document, x)
    }

    fn transposed_times(&self, x: ArrayView2<'_, f32>) -> Array2<f32> {
        multiply(&self.by_term, x)
    }
}

fn multiply(rows: &[Vec<(u32, f32)>], x: ArrayView2<'_, f32>) -> Array2<f32> {
    let mut product = Array2::zeros((rows.len(), x.ncols()));
    product.axis_iter_mut(Axis(0)).into_par_iter().zip(rows.par_iter()).for_each(|(mut out, row)| {
        for (column, weight) in row {
            out.scaled_add(*weight, &x.row(*column as usize));
        }
    });
    product
}

/// The first [`DIMENSIONS`] right singular vectors as rows a term; missing ones are zero.
fn right_singular_vectors(a: &Sparse) -> Array2<f32> {
    let terms = a.by_term.len();
    let mut rows = Array2::zeros((terms, DIMENSIONS));
    if terms == 0 {
        return rows;
    }
    let start = gaussian((terms, DIMENSIONS + OVERSAMPLING));
    let mut range = linalg::orthonormal(a.times(start.view()).view());
    for _ in 0..POWER_ITERATIONS {
        let back = linalg::orthonormal(a.transposed_times(range.view()).view());
        range = linalg::orthonormal(a.times(back.view()).view());
    }
    // B = QᵀA has A's leading singular vectors; Bᵀ = AᵀQ, and BBᵀ = U·Σ²·Uᵀ.
    let b_transposed = a.transposed_times(range.view());
    let (values, vectors) = linalg::symmetric_eigen(linalg::gram(b_transposed.view()));
    let v = b_transposed.dot(&vectors.mapv(|x| x as f32));
    for (i, value) in values.iter().take(DIMENSIONS).enumerate().filter(|(_, l)| **l > 1e-9) {
        rows.column_mut(i).assign(&(&v.column(i) / value.sqrt() as f32));
    }
    rows
}

/// Seeded standard normal numbers: Box–Muller over SplitMix64.
fn gaussian(shape: (usize, usize)) -> Array2<f32> {
    let mut state = SEED;
    let mut uniform = move || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = (state ^ (state >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        (((z ^ (z >> 31)) >> 11) as f64 + 0.5) / (1_u64 << 53) as f64
    };
    Array2::from_shape_simple_fn(shape, || {
        let (u, v) = (uniform(), uniform());
        ((-2.0 * u.ln()).sqrt() * (std::f64::consts::TAU * v).cos()) as f32
    })
}

/// Many vectors in one block of memory, scanned exactly.
#[derive(Debug, Default, Clone)]
pub struct Vectors {
    data: Vec<i8>,
    /// 1 / length, 0 for an absent vector.
    inverse_norms: Vec<f32>,
}

impl Vectors {
    pub fn with_capacity(count: usize) -> Self {
        Self { data: Vec::with_capacity(count * DIMENSIONS), inverse_norms: Vec::with_capacity(count) }
    }

    pub fn push(&mut self, vector: Option<&Vector>) {
        self.data.extend_from_slice(vector.unwrap_or(&[0; DIMENSIONS]));
        self.inverse_norms.push(vector.map_or(0.0, |v| 1.0 / norm(v)));
    }

    pub fn len(&self) -> usize {
        self.inverse_norms.len()
    }

    pub fn is_empty(&self) -> bool {
        self.inverse_norms.is_empty()
    }

    /// The vector's components and the inverse of its length.
    pub fn get(&self, index: usize) -> (&[i8], f32) {
        (&self.data[index * DIMENSIONS..(index + 1) * DIMENSIONS], self.inverse_norms[index])
    }

    /// Cosine of the query with one vector.
    pub fn cosine(&self, query: &Vector, index: usize) -> f32 {
        let (vector, inverse) = self.get(index);
        dot(query, vector) as f32 * inverse / norm(query)
    }

    /// Cosine of the query with every vector, in order.
    pub fn cosines(&self, query: &Vector) -> Vec<f32> {
        const CHUNK: usize = 4096;
        let mut cosines = vec![0.0; self.len()];
        cosines.par_chunks_mut(CHUNK).enumerate().for_each(|(chunk, out)| {
            let vectors = &self.data[chunk * CHUNK * DIMENSIONS..];
            kernel::cosines(query, vectors, &self.inverse_norms[chunk * CHUNK..], out);
        });
        cosines
    }
}

pub(crate) fn norm(vector: &[i8]) -> f32 {
    (vector.iter().map(|x| i32::from(*x).pow(2)).sum::<i32>() as f32).sqrt().max(1.0)
}

/// Inner product. The compiler vectorises the 16-bit products (pmaddwd on x86).
fn dot(a: &[i8], b: &[i8]) -> i32 {
    a.iter().zip(b).map(|(x, y)| i32::from(i16::from(*x) * i16::from(*y))).sum()
}
