//! How documents get into an index.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::thread::JoinHandle;

use rayon::prelude::*;
use rustc_hash::FxHashSet;
use serde::{Deserialize, Serialize};
use tantivy::indexer::UserOperation;
use tantivy::tokenizer::TextAnalyzer;
use tantivy::{IndexWriter, Term};

use crate::analyzer::{Analysis, Dictionary, tokenizer::ZhihuiTokenizer};
use crate::document::{Batch, Document, Gate, Workshop};
use crate::schema::{EvidenceDoc, FORMAT_VERSION, Fields, TOKENIZER, TalentDoc, schema};
use crate::space::{self, Bag, Space, term_hash};
use crate::vectors::VectorFiles;
use crate::{Analyzer, IndexError};

pub(crate) const MANIFEST: &str = "manifest.json";
pub(crate) const SPACE: &str = "space.bin";
pub(crate) const WORDS: &str = "words.txt";
pub(crate) const TERMS: &str = "terms";

/// Threads and memory while writing.
#[derive(Debug, Clone, Copy)]
pub struct BuildOptions {
    pub threads: usize,
    /// Bytes for all threads together; tantivy wants 15 MB a thread at least.
    pub memory: usize,
}

impl BuildOptions {
    /// One thread, and so one segment, for what a thread writes in a second or two.
    pub fn for_documents(documents: usize) -> Self {
        const SMALL: usize = 20_000;
        match documents {
            0..=SMALL => Self { threads: 1, memory: 128 << 20 },
            _ => Self { threads: processors().min(8), memory: 1 << 30 },
        }
    }
}

/// Batches that are made at once, for each thread of tantivy and the next ones.
const BATCHES: usize = 8;

fn processors() -> usize {
    std::thread::available_parallelism().map_or(1, usize::from)
}

/// Written last when an index is made: a folder without it is no index.
#[derive(Debug, Serialize, Deserialize)]
pub(crate) struct Manifest {
    pub format: u32,
    /// [`Dictionary::fingerprint`].
    pub dictionary: String,
    /// Checksum of the words file: it decides the dictionary.
    pub words: u32,
}

/// Adds, replaces and deletes documents; nothing is seen before [`Self::commit`].
pub struct Writer {
    path: PathBuf,
    inner: IndexWriter<Document>,
    fields: Fields,
    workshop: Arc<Workshop>,
    gate: Arc<Gate>,
    /// Empty from the first commit on.
    first_files: FirstFiles,
    /// Whether there are processors that no thread of tantivy keeps busy.
    spare_processors: bool,
    /// Hashes of all keys in an index that began empty: a new key replaces nothing, and tantivy
    /// need not look for it. `None` for an index that was opened.
    keys: Option<FxHashSet<u64>>,
}

impl std::fmt::Debug for Writer {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Writer").field("path", &self.path).finish_non_exhaustive()
    }
}

impl Writer {
    /// Makes an empty index in `path`, which must not exist or be empty. It can be opened after the
    /// first commit.
    ///
    /// # Errors
    /// [`IndexError::Write`] if the folder cannot be written.
    pub fn create(path: &Path, analyzer: Analyzer, space: Space, options: BuildOptions) -> Result<Self, IndexError> {
        let failed = |e: Box<dyn std::error::Error + Send + Sync>| IndexError::Write { path: path.into(), source: e };
        let terms = path.join(TERMS);
        std::fs::create_dir_all(&terms).map_err(|e| failed(e.into()))?;
        let (schema, _) = schema();
        let builder = tantivy::Index::builder().schema(schema).register_plugin(Arc::new(VectorFiles));
        let index = builder.create_in_dir(&terms).map_err(|e| failed(e.into()))?;
        let words = words_file(analyzer.dictionary());
        let manifest = Manifest {
            format: FORMAT_VERSION,
            dictionary: analyzer.dictionary().fingerprint().to_owned(),
            words: crc32fast::hash(words.as_bytes()),
        };
        let manifest = serde_json::to_vec_pretty(&manifest).map_err(|e| failed(e.into()))?;
        let mut writer = Self::open(path, &index, analyzer, space, options)?;
        writer.keys = Some(FxHashSet::default());
        let (workshop, folder) = (writer.workshop.clone(), path.to_owned());
        writer.first_files = FirstFiles(Some(std::thread::spawn(move || {
            write_synced(&folder.join(SPACE), &workshop.space.to_bytes())?;
            write_synced(&folder.join(WORDS), words.as_bytes())?;
            write_synced(&folder.join(MANIFEST), &manifest)
        })));
        Ok(writer)
    }

    pub(crate) fn open(
        path: &Path,
        index: &tantivy::Index,
        analyzer: Analyzer,
        space: Space,
        options: BuildOptions,
    ) -> Result<Self, IndexError> {
        register(index, &analyzer);
        let memory = options.memory.max(options.threads * (16 << 20));
        let inner = index
            .writer_with_num_threads(options.threads, memory)
            .map_err(|e| IndexError::Write { path: path.into(), source: e.into() })?;
        let (_, fields) = schema();
        Ok(Self {
            path: path.into(),
            inner,
            fields,
            workshop: Arc::new(Workshop { analyzer, space }),
            gate: Gate::new(BATCHES * (options.threads + 2)),
            first_files: FirstFiles(None),
            spare_processors: options.threads < processors(),
            keys: None,
        })
    }

    /// Adds a talent, replacing the one with its id.
    ///
    /// # Errors
    /// [`IndexError::Write`] if an indexing thread has failed (full disk).
    pub fn put_talent(&mut self, talent: &TalentDoc) -> Result<(), IndexError> {
        let key = self.fields.talent_key(&talent.id);
        let operations = self.replace(key, self.fields.talent(talent));
        self.run(operations)
    }

    /// Adds pieces of evidence in their order, each replacing the one with its id. Their vectors
    /// are folded into the frozen latent space. Faster for some thousands at once than for each
    /// alone.
    ///
    /// # Errors
    /// [`IndexError::Write`] if an indexing thread has failed (full disk).
    pub fn put_evidence(&mut self, evidence: &[EvidenceDoc]) -> Result<(), IndexError> {
        for evidence in evidence.chunks(Batch::PIECES * BATCHES) {
            let chunks = evidence.chunks(Batch::PIECES);
            let batch = |chunk| Arc::new(Batch::new(chunk, &self.workshop, self.gate.enter()));
            let batches: Vec<_> = chunks.clone().map(batch).collect();
            if self.spare_processors {
                batches.par_iter().for_each(|batch| batch.prepare());
            }
            for (evidence, batch) in chunks.zip(batches) {
                let mut operations = Vec::with_capacity(evidence.len());
                for (place, piece) in evidence.iter().enumerate() {
                    let document = self.fields.evidence(piece, &batch, place);
                    operations.extend(self.replace(self.fields.evidence_key(&piece.id), document));
                }
                self.run(operations)?;
            }
        }
        Ok(())
    }

    /// Deletes a talent; its evidence stays until it is deleted too, but is found for nobody.
    pub fn delete_talent(&mut self, id: &str) {
        self.inner.delete_term(self.fields.talent_key(id));
    }

    pub fn delete_evidence(&mut self, id: &str) {
        self.inner.delete_term(self.fields.evidence_key(id));
    }

    /// Makes everything since the last commit durable and visible, together with the `position`
    /// in the caller's change log up to which the index has come.
    ///
    /// # Errors
    /// [`IndexError::Write`]; the index is then as it was at the last commit.
    pub fn commit(&mut self, position: u64) -> Result<(), IndexError> {
        let path = &self.path;
        self.first_files.wait().map_err(|e| IndexError::Write { path: path.clone(), source: e.into() })?;
        let failed = |e: tantivy::TantivyError| IndexError::Write { path: path.clone(), source: e.into() };
        let mut commit = self.inner.prepare_commit().map_err(failed)?;
        commit.set_payload(&position.to_string());
        commit.commit().map(drop).map_err(failed)
    }

    /// Makes one segment of all that is committed, without its deleted documents: until they are
    /// merged away, their terms count in what is rare.
    ///
    /// # Errors
    /// [`IndexError::Write`] if the merge failed.
    pub fn merge(&mut self) -> Result<(), IndexError> {
        let segments = self.inner.index().searchable_segment_ids()?;
        if !segments.is_empty() {
            self.inner.merge(&segments).wait().map_err(|e| self.failed(e))?;
        }
        Ok(())
    }

    /// Waits for merges under way; call it last.
    ///
    /// # Errors
    /// [`IndexError::Write`] if a merge failed.
    pub fn finish(self) -> Result<(), IndexError> {
        let path = self.path;
        self.inner.wait_merging_threads().map_err(|e| IndexError::Write { path, source: e.into() })
    }

    fn replace(&mut self, key: Term, document: Document) -> Vec<UserOperation<Document>> {
        let is_new = self.keys.as_mut().is_some_and(|keys| keys.insert(term_hash(key.serialized_value_bytes())));
        let delete = (!is_new).then_some(UserOperation::Delete(key));
        delete.into_iter().chain([UserOperation::Add(document)]).collect()
    }

    fn run(&self, operations: Vec<UserOperation<Document>>) -> Result<(), IndexError> {
        self.inner.run(operations).map(drop).map_err(|e| self.failed(e))
    }

    fn failed(&self, source: tantivy::TantivyError) -> IndexError {
        IndexError::Write { path: self.path.clone(), source: source.into() }
    }
}

/// Writes what lies beside tantivy's files while the first documents are analysed: waiting for the
/// disk takes a tenth of the time that a small index takes. Never outlives the writer, whose folder
/// may be deleted then.
struct FirstFiles(Option<JoinHandle<std::io::Result<()>>>);

impl FirstFiles {
    fn wait(&mut self) -> std::io::Result<()> {
        let failed = |_| Err(std::io::Error::other("the thread that writes the first files panicked"));
        self.0.take().map_or(Ok(()), |thread| thread.join().unwrap_or_else(failed))
    }
}

impl Drop for FirstFiles {
    fn drop(&mut self) {
        // Whoever drops a writer before a commit wants no index.
        let _ = self.wait();
    }
}

/// Learns the latent space from the evidence, or from an even sample where there is very much.
pub fn train_space(analyzer: &Analyzer, evidence: &[EvidenceDoc]) -> Space {
    let step = evidence.len().div_ceil(space::MAX_TRAINING_DOCUMENTS).max(1);
    let sample = evidence.par_iter().step_by(step);
    let bags: Vec<Bag> = sample.map_init(Analysis::default, |buffer, e| e.bag(analyzer, buffer)).collect();
    Space::train(&bags)
}

pub(crate) fn register(index: &tantivy::Index, analyzer: &Analyzer) {
    let tokenizer = TextAnalyzer::from(ZhihuiTokenizer::from(analyzer.clone()));
    index.tokenizers().register(TOKENIZER, tokenizer);
}

fn words_file(dictionary: &Dictionary) -> String {
    dictionary.mined().flat_map(|word| [word, "\n"]).collect()
}

fn write_synced(path: &Path, bytes: &[u8]) -> std::io::Result<()> {
    let mut file = std::fs::File::create(path)?;
    std::io::Write::write_all(&mut file, bytes)?;
    file.sync_all()
}
