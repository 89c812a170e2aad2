//! An index opened for searching: checked, and with what every search needs held in memory.

use std::path::{Path, PathBuf};
use std::sync::{Arc, RwLock};

use rustc_hash::FxHashMap;
use tantivy::columnar::StrColumn;
use tantivy::fastfield::AliveBitSet;
use tantivy::fieldnorm::FieldNormReader;
use tantivy::schema::Value;
use tantivy::{DocAddress, DocId, InvertedIndexReader, SegmentReader, TantivyDocument};

use crate::schema::{FORMAT_VERSION, Fields, TALENT, TextField, schema};
use crate::search::Places;
use crate::space::{DIMENSIONS, Space, Vectors, quantise};
use crate::vectors::{self, VectorFiles};
use crate::writer::{self, BuildOptions, MANIFEST, Manifest, SPACE, TERMS, WORDS, Writer};
use crate::{Analyzer, Dictionary, DictionarySources, IndexError};

/// An open index. Searches run on a [`Snapshot`], which [`Self::reload`] replaces.
pub struct Index {
    path: PathBuf,
    inner: tantivy::Index,
    reader: tantivy::IndexReader,
    fields: Fields,
    analyzer: Analyzer,
    space: Space,
    snapshot: RwLock<Arc<Snapshot>>,
}

impl std::fmt::Debug for Index {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Index").field("path", &self.path).finish_non_exhaustive()
    }
}

impl Index {
    /// Opens the index in `path` and checks every byte of it against its checksums.
    ///
    /// # Errors
    /// [`IndexError::Stale`] if it was made by another format or dictionary,
    /// [`IndexError::Damaged`] if a file is missing, cut short or altered. Both are mended by
    /// deleting the folder and building again.
    pub fn open(path: &Path, sources: &DictionarySources<'_>) -> Result<Self, IndexError> {
        let dictionary = |words: &str| Dictionary::new(sources, words.lines().map(str::to_owned));
        Self::open_by(path, |words| Ok(Analyzer::new(Arc::new(dictionary(words)?))))
    }

    /// The same with the analyzer that the index was made with, where it is at hand: its dictionary
    /// is large, and slow to make.
    ///
    /// # Errors
    /// As [`Self::open`]; [`IndexError::Stale`] if it is another analyzer.
    pub fn open_with(path: &Path, analyzer: &Analyzer) -> Result<Self, IndexError> {
        Self::open_by(path, |_| Ok(analyzer.clone()))
    }

    fn open_by(path: &Path, analyzer: impl FnOnce(&str) -> Result<Analyzer, IndexError>) -> Result<Self, IndexError> {
        let damaged = |reason: String| IndexError::Damaged { path: path.into(), reason };
        let read = |name: &str| std::fs::read(path.join(name)).map_err(|e| damaged(format!("{name}: {e}")));
        let manifest: Manifest =
            serde_json::from_slice(&read(MANIFEST)?).map_err(|e| damaged(format!("{MANIFEST}: {e}")))?;
        let stale = |reason: &str| Err(IndexError::Stale { path: path.into(), reason: reason.into() });
        if manifest.format != FORMAT_VERSION {
            return stale("another format version");
        }
        let words = read(WORDS)?;
        if crc32fast::hash(&words) != manifest.words {
            return Err(damaged(format!("{WORDS}: wrong checksum")));
        }
        let analyzer = analyzer(&String::from_utf8_lossy(&words))?;
        if analyzer.dictionary().fingerprint() != manifest.dictionary {
            return stale("another dictionary");
        }
        let space = Space::from_bytes(&read(SPACE)?).ok_or_else(|| damaged(format!("{SPACE}: wrong checksum")))?;
        let mut inner = open_checked(&path.join(TERMS)).map_err(damaged)?;
        inner.register_plugin(Arc::new(VectorFiles));
        let (expected, fields) = schema();
        if inner.schema() != expected {
            return stale("another schema");
        }
        writer::register(&inner, &analyzer);
        let reader = inner.reader_builder().reload_policy(tantivy::ReloadPolicy::Manual).try_into()?;
        let snapshot = Snapshot::load(&reader, &fields, None).map_err(|e| damaged(e.to_string()))?;
        let snapshot = RwLock::new(Arc::new(snapshot));
        Ok(Self { path: path.into(), inner, reader, fields, analyzer, space, snapshot })
    }

    /// A writer to this index; only one may exist at a time.
    ///
    /// # Errors
    /// [`IndexError::Write`] if another writer holds the lock.
    pub fn writer(&self, options: BuildOptions) -> Result<Writer, IndexError> {
        Writer::open(&self.path, &self.inner, self.analyzer.clone(), self.space.clone(), options)
    }

    /// Makes the last commit visible to the searches that start from now on.
    ///
    /// # Errors
    /// [`IndexError::Tantivy`] if a file cannot be read.
    pub fn reload(&self) -> Result<(), IndexError> {
        self.reader.reload()?;
        let next = Snapshot::load(&self.reader, &self.fields, Some(&self.snapshot()))?;
        *self.snapshot.write().unwrap_or_else(std::sync::PoisonError::into_inner) = Arc::new(next);
        Ok(())
    }

    /// The position in the caller's change log of the last commit; 0 if none was given.
    ///
    /// # Errors
    /// [`IndexError::Tantivy`] if the metadata cannot be read.
    pub fn position(&self) -> Result<u64, IndexError> {
        let payload = self.inner.load_metas()?.payload;
        Ok(payload.and_then(|p| p.parse().ok()).unwrap_or(0))
    }

    pub fn analyzer(&self) -> &Analyzer {
        &self.analyzer
    }

    pub fn space(&self) -> &Space {
        &self.space
    }

    /// What searches see now; later commits do not change it.
    pub fn snapshot(&self) -> Arc<Snapshot> {
        self.snapshot.read().unwrap_or_else(std::sync::PoisonError::into_inner).clone()
    }
}

fn open_checked(path: &Path) -> Result<tantivy::Index, String> {
    let index = tantivy::Index::open_in_dir(path).map_err(|e| e.to_string())?;
    let mut broken: Vec<PathBuf> = index.validate_checksum().map_err(|e| e.to_string())?.into_iter().collect();
    broken.sort();
    match broken.first() {
        None => Ok(index),
        Some(first) => Err(format!("{} of its files have wrong checksums, first {}", broken.len(), first.display())),
    }
}

/// A talent of a snapshot.
#[derive(Debug, Clone)]
pub struct Talent {
    pub id: Box<str>,
    pub region: Option<Arc<str>>,
    /// Taxonomy codes.
    pub codes: Box<[Arc<str>]>,
    pub(crate) address: DocAddress,
}

/// An index as it was at one commit.
pub struct Snapshot {
    pub(crate) searcher: tantivy::Searcher,
    pub(crate) segments: Vec<SegmentView>,
    pub(crate) talents: Vec<Talent>,
    ordinals: FxHashMap<u64, u32>,
    /// Talent ordinal → its evidence.
    evidence: Lists<DocAddress>,
    /// Talent ordinal → those who share evidence with it.
    colleagues: Lists<u32>,
    /// Sum of a talent's evidence vectors.
    pub(crate) vectors: Vectors,
    pub(crate) evidence_count: u64,
    /// Mean length in tokens by [`TextField`], over the documents that may have the field.
    pub(crate) mean_lengths: [f32; 4],
    pub(crate) mean_boosted_length: f32,
    newest_year: u16,
    stored: tantivy::schema::Field,
}

impl std::fmt::Debug for Snapshot {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Snapshot").field("talents", &self.talents.len()).finish_non_exhaustive()
    }
}

/// One segment: what never changes, and which documents are alive.
pub(crate) struct SegmentView {
    pub data: Arc<SegmentData>,
    pub alive: Option<AliveBitSet>,
    /// Document → ordinals of its talents.
    pub owners: Lists<u32>,
}

impl SegmentView {
    pub fn is_alive(&self, doc: DocId) -> bool {
        self.alive.as_ref().is_none_or(|a| a.is_alive(doc))
    }
}

/// What a segment holds, whatever is deleted in it.
pub(crate) struct SegmentData {
    id: tantivy::index::SegmentId,
    /// By [`TextField`].
    pub inverted: [Arc<InvertedIndexReader>; 4],
    /// Length codes by [`TextField`] and document.
    pub lengths: [Vec<u8>; 4],
    /// Codes of the boosted length over the fields of evidence, by document.
    pub boosted_lengths: Vec<u8>,
    /// [`TALENT`] or the evidence's code, by document.
    pub kinds: Vec<u8>,
    pub years: Vec<u16>,
    pub vectors: Vectors,
    owners: Lists<u64>,
}

impl SegmentData {
    pub fn is_talent(&self, doc: DocId) -> bool {
        u64::from(self.kinds[doc as usize]) == TALENT
    }

    fn load(reader: &SegmentReader, fields: &Fields) -> tantivy::Result<Self> {
        let docs = reader.max_doc();
        let mut inverted = Vec::with_capacity(4);
        let mut lengths = [const { Vec::new() }; 4];
        for field in TextField::ALL {
            inverted.push(reader.inverted_index(fields.text(field))?);
            let norms = reader.get_fieldnorms_reader(fields.text(field))?;
            lengths[field as usize] = (0..docs).map(|d| norms.fieldnorm_id(d)).collect();
        }
        let boosted_lengths =
            (0..docs as usize).map(|d| FieldNormReader::fieldnorm_to_id(boosted_length(&lengths, d))).collect();
        let inverted = inverted.try_into().map_err(|_| corrupted("four text fields"))?;
        let fast = reader.fast_fields();
        let (kind, year) = (fast.u64("kind")?, fast.column_opt::<u64>("year")?);
        let number = |column: &Option<tantivy::columnar::Column<u64>>, doc| column.as_ref().and_then(|c| c.first(doc));
        let kinds: Vec<u8> = (0..docs).map(|d| kind.first(d).unwrap_or(0) as u8).collect();
        let years = (0..docs).map(|d| number(&year, d).unwrap_or(0) as u16).collect();
        let owner = fast.u64("owner")?;
        let owners = Lists::from_iter((0..docs).map(|d| owner.values_for_doc(d)));
        let vectors = vectors::read(reader)?;
        Ok(Self { id: reader.segment_id(), inverted, lengths, boosted_lengths, kinds, years, vectors, owners })
    }
}

fn boosted_length(lengths: &[Vec<u8>; 4], doc: usize) -> u32 {
    let length = |f: &TextField| FieldNormReader::id_to_fieldnorm(lengths[*f as usize][doc]) * f.boost();
    TextField::EVIDENCE.iter().map(length).sum()
}

fn corrupted(what: &str) -> tantivy::TantivyError {
    tantivy::TantivyError::InternalError(format!("expected {what}"))
}

impl Snapshot {
    fn load(reader: &tantivy::IndexReader, fields: &Fields, before: Option<&Self>) -> tantivy::Result<Self> {
        let searcher = reader.searcher();
        let mut snapshot = Self {
            segments: Vec::new(),
            talents: Vec::new(),
            ordinals: FxHashMap::default(),
            evidence: Lists::default(),
            colleagues: Lists::default(),
            vectors: Vectors::default(),
            evidence_count: 0,
            mean_lengths: [1.0; 4],
            mean_boosted_length: 1.0,
            newest_year: 0,
            stored: fields.stored(),
            searcher: searcher.clone(),
        };
        let mut loaded = Vec::new();
        for (segment, index) in searcher.segment_readers().iter().zip(0..) {
            let known = before.and_then(|b| b.segments.iter().find(|s| s.data.id == segment.segment_id()));
            let data = match known {
                Some(view) => view.data.clone(),
                None => Arc::new(SegmentData::load(segment, fields)?),
            };
            snapshot.add_talents(segment, &data, index)?;
            loaded.push((data, segment.alive_bitset().cloned()));
        }
        for (data, alive) in loaded {
            let ordinal = |hash| snapshot.ordinals.get(&hash).copied();
            let owners =
                Lists::from_iter((0..data.kinds.len()).map(|d| data.owners.get(d).iter().copied().filter_map(ordinal)));
            snapshot.segments.push(SegmentView { data, alive, owners });
        }
        snapshot.set_statistics();
        snapshot.invert_owners();
        snapshot.add_vectors();
        Ok(snapshot)
    }

    fn add_talents(&mut self, segment: &SegmentReader, data: &SegmentData, index: u32) -> tantivy::Result<()> {
        let fast = segment.fast_fields();
        let ids = Strings::load(fast.str("id")?)?;
        let regions = Strings::load(fast.str("region")?)?;
        let codes = Strings::load(fast.str("code")?)?;
        for doc in segment.doc_ids_alive().filter(|&d| data.is_talent(d)) {
            let id = ids.of(doc).next().ok_or_else(|| corrupted("an id for every talent"))?;
            let hash = crate::space::term_hash(id.as_bytes());
            self.ordinals.insert(hash, self.talents.len() as u32);
            self.talents.push(Talent {
                id: id.as_ref().into(),
                region: regions.of(doc).next().cloned(),
                codes: codes.of(doc).cloned().collect(),
                address: DocAddress::new(index, doc),
            });
        }
        Ok(())
    }

    fn set_statistics(&mut self) {
        let evidence = |s: &SegmentView| s.data.kinds.iter().filter(|k| u64::from(**k) != TALENT).count() as u64;
        self.evidence_count = self.segments.iter().map(evidence).sum();
        self.newest_year = self.segments.iter().flat_map(|s| &s.data.years).copied().max().unwrap_or(0);
        for field in TextField::ALL {
            let tokens: u64 = self.segments.iter().map(|s| s.data.inverted[field as usize].total_num_tokens()).sum();
            let documents = if field == TextField::Profile { self.talents.len() as u64 } else { self.evidence_count };
            self.mean_lengths[field as usize] = (tokens as f32 / documents.max(1) as f32).max(1.0);
        }
        let boosted = |f: &TextField| self.mean_lengths[*f as usize] * f.boost() as f32;
        self.mean_boosted_length = TextField::EVIDENCE.iter().map(boosted).sum();
    }

    fn invert_owners(&mut self) {
        let mut evidence = vec![Vec::new(); self.talents.len()];
        for (segment, view) in self.segments.iter().enumerate() {
            for doc in (0..view.data.kinds.len() as u32).filter(|&d| view.is_alive(d) && !view.data.is_talent(d)) {
                for &owner in view.owners.get(doc as usize) {
                    evidence[owner as usize].push(DocAddress::new(segment as u32, doc));
                }
            }
        }
        self.evidence = Lists::from_iter(evidence);
        let colleagues = |talent: u32| {
            let owners = self.evidence_of(talent).iter().flat_map(|e| self.owners_of(*e)).copied();
            let mut colleagues: Vec<u32> = owners.filter(|o| *o != talent).collect();
            colleagues.sort_unstable();
            colleagues.dedup();
            colleagues
        };
        self.colleagues = Lists::from_iter((0..self.talents.len() as u32).map(colleagues));
    }

    fn add_vectors(&mut self) {
        let mut vectors = Vectors::with_capacity(self.talents.len());
        for talent in 0..self.talents.len() {
            let mut sum = [0.0_f32; DIMENSIONS];
            for address in self.evidence.get(talent) {
                let segment = &self.segments[address.segment_ord as usize].data;
                let (vector, inverse) = segment.vectors.get(address.doc_id as usize);
                sum.iter_mut().zip(vector).for_each(|(s, x)| *s += f32::from(*x) * inverse);
            }
            vectors.push(quantise(&sum).as_ref());
        }
        self.vectors = vectors;
    }

    /// All talents, by ordinal.
    pub fn talents(&self) -> &[Talent] {
        &self.talents
    }

    /// Pieces of evidence, deleted ones included until their segment is merged.
    pub fn evidence_count(&self) -> u64 {
        self.evidence_count
    }

    /// The newest year of any evidence, 0 if none has one.
    pub fn newest_year(&self) -> u16 {
        self.newest_year
    }

    /// The ordinal of the talent with this id.
    pub fn ordinal(&self, id: &str) -> Option<u32> {
        self.ordinals.get(&crate::space::term_hash(id.as_bytes())).copied()
    }

    /// Where the talent's evidence lies.
    pub fn evidence_of(&self, talent: u32) -> &[DocAddress] {
        self.evidence.get(talent as usize)
    }

    /// The ordinals of the talents who share evidence with this one.
    pub fn colleagues_of(&self, talent: u32) -> &[u32] {
        self.colleagues.get(talent as usize)
    }

    /// The ordinals of the talents that a piece of evidence belongs to.
    pub fn owners_of(&self, evidence: DocAddress) -> &[u32] {
        self.segments[evidence.segment_ord as usize].owners.get(evidence.doc_id as usize)
    }

    /// The caller's code for what a piece of evidence is, and its year.
    pub fn kind_of(&self, evidence: DocAddress) -> (u8, Option<u16>) {
        let data = &self.segments[evidence.segment_ord as usize].data;
        let doc = evidence.doc_id as usize;
        (data.kinds[doc], Some(data.years[doc]).filter(|year| *year > 0))
    }

    /// Pieces of evidence that have the term in the field where most have it; deleted ones count
    /// until their segment is merged.
    ///
    /// # Errors
    /// [`IndexError::Tantivy`] if a dictionary of terms cannot be read.
    pub fn frequency(&self, term: &str) -> Result<u64, IndexError> {
        Ok(Places::find(self, term)?.document_frequency())
    }

    /// The caller's own record of a talent, as it was put.
    ///
    /// # Errors
    /// [`IndexError::Tantivy`] if the document store cannot be read.
    pub fn stored_talent(&self, talent: u32) -> Result<String, IndexError> {
        self.stored(self.talents[talent as usize].address)
    }

    /// The caller's own record of a document, as it was put.
    ///
    /// # Errors
    /// [`IndexError::Tantivy`] if the document store cannot be read.
    pub fn stored(&self, address: DocAddress) -> Result<String, IndexError> {
        let document: TantivyDocument = self.searcher.doc(address)?;
        let value = document.get_first(self.stored);
        Ok(value.as_ref().and_then(|v| v.as_str()).unwrap_or_default().to_owned())
    }
}

/// A string column with its dictionary read once.
struct Strings {
    column: Option<StrColumn>,
    by_ordinal: Vec<Arc<str>>,
}

impl Strings {
    fn load(column: Option<StrColumn>) -> tantivy::Result<Self> {
        let mut by_ordinal = Vec::new();
        if let Some(column) = &column {
            let mut terms = column.dictionary().stream()?;
            while terms.advance() {
                by_ordinal.push(String::from_utf8_lossy(terms.key()).into());
            }
        }
        Ok(Self { column, by_ordinal })
    }

    fn of(&self, doc: DocId) -> impl Iterator<Item = &Arc<str>> {
        let ordinals = self.column.iter().flat_map(move |c| c.ords().values_for_doc(doc));
        ordinals.filter_map(|o| self.by_ordinal.get(o as usize))
    }
}

/// Many short lists in two blocks of memory.
#[derive(Debug)]
pub(crate) struct Lists<T> {
    starts: Vec<u32>,
    items: Vec<T>,
}

impl<T> Default for Lists<T> {
    fn default() -> Self {
        Self { starts: vec![0], items: Vec::new() }
    }
}

impl<T> Lists<T> {
    pub fn get(&self, index: usize) -> &[T] {
        &self.items[self.starts[index] as usize..self.starts[index + 1] as usize]
    }
}

impl<T, L: IntoIterator<Item = T>> FromIterator<L> for Lists<T> {
    fn from_iter<I: IntoIterator<Item = L>>(lists: I) -> Self {
        let mut all = Self::default();
        for list in lists {
            all.items.extend(list);
            all.starts.push(all.items.len() as u32);
        }
        all
    }
}
