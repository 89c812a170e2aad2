//! One generation of the index: that of talents and that of needs, made from the store at one
//! moment and kept up to date since.
//!
//! ```text
//! <number>/talents/    talents and their evidence
//!         /needs/      needs, by the same words and latent space
//!         /built.json  from what it was made; written last
//! ```

use std::path::Path;
use std::sync::Arc;

use serde::{Deserialize, Serialize};
use zhihui_index::{Analyzer, BuildOptions, Index, IndexError, Writer};

use super::corpus::{Batch, Corpus};
use super::directory::{Directory, Shown};
use super::needs::NeedIndex;
use crate::app::data;
use crate::app::engine::{Engine, fill, learn};
use crate::domain::Taxonomy;
use crate::matching::Ranking;

const TALENTS: &str = "talents";
const NEEDS: &str = "needs";
const BUILT: &str = "built.json";

/// For the few documents of a change; a rebuild takes what suits its size.
const WRITING: BuildOptions = BuildOptions { threads: 1, memory: 64 << 20 };

/// A generation that answers.
#[derive(Debug, Clone)]
pub struct Generation {
    pub number: u64,
    pub talents: Arc<Engine>,
    pub needs: Arc<NeedIndex>,
    pub directory: Arc<Directory>,
    pub built: Built,
}

/// What a generation was made from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub struct Built {
    /// The last change that was in it.
    pub position: i64,
    /// Talents and pieces of evidence.
    pub documents: usize,
}

impl Built {
    /// Whether so much has changed since that the words and the latent space, which are made from
    /// the documents, are no longer theirs. `newest` is the newest change.
    ///
    /// A half: the next rebuild comes after half as many changes again, so that all rebuilds of a
    /// growing corpus together cost a few times the last. With few documents a rebuild is
    /// as quick as opening an index.
    pub fn is_outgrown(&self, newest: i64) -> bool {
        const FEW: usize = 200;
        newest - self.position > FEW.max(self.documents / 2) as i64
    }
}

impl Generation {
    /// Makes a generation in `path`, which must not exist, and gives its analyzer; `progress` hears
    /// documents done and in all.
    ///
    /// # Errors
    /// [`IndexError::Write`] if the folder cannot be written; what is in it then does not open.
    pub fn build(path: &Path, corpus: &Corpus, progress: &mut dyn FnMut(usize, usize)) -> Result<Analyzer, IndexError> {
        let (analyzer, space) = learn(&corpus.talents, &corpus.evidence, &data::DICTIONARY)?;
        let position = corpus.position as u64;
        let options = BuildOptions::for_documents(corpus.needs.len());
        let mut writer = Writer::create(&path.join(NEEDS), analyzer.clone(), space.clone(), options)?;
        let (owners, texts): (Vec<_>, Vec<_>) = corpus.needs.iter().cloned().unzip();
        writer.put_evidence(&texts)?;
        owners.iter().try_for_each(|owner| writer.put_talent(owner))?;
        writer.commit(position)?;
        writer.finish()?;
        let options = BuildOptions::for_documents(corpus.documents());
        let mut writer = Writer::create(&path.join(TALENTS), analyzer.clone(), space, options)?;
        fill(&mut writer, &corpus.talents, &corpus.evidence, progress)?;
        writer.commit(position)?;
        writer.finish()?;
        let built = Built { position: corpus.position, documents: corpus.documents() };
        let failed = |e: std::io::Error| IndexError::Write { path: path.into(), source: e.into() };
        let json = serde_json::to_vec(&built).map_err(|e| failed(e.into()))?;
        std::fs::write(path.join(BUILT), json).map_err(failed)?;
        std::fs::File::open(path.join(BUILT)).and_then(|f| f.sync_all()).map_err(failed)?;
        Ok(analyzer)
    }

    /// Opens a generation, with every byte of it checked, and with its analyzer if it was just built.
    ///
    /// # Errors
    /// [`IndexError::Stale`] and [`IndexError::Damaged`]: build another.
    pub fn open(
        path: &Path,
        number: u64,
        analyzer: Option<&Analyzer>,
        taxonomy: Taxonomy,
        ranking: Ranking,
    ) -> Result<Self, IndexError> {
        let damaged = |reason: String| IndexError::Damaged { path: path.into(), reason };
        let built = std::fs::read(path.join(BUILT)).map_err(|e| damaged(format!("{BUILT}: {e}")))?;
        let built: Built = serde_json::from_slice(&built).map_err(|e| damaged(format!("{BUILT}: {e}")))?;
        let talents = match analyzer {
            Some(analyzer) => Index::open_with(&path.join(TALENTS), analyzer)?,
            None => Index::open(&path.join(TALENTS), &data::DICTIONARY)?,
        };
        let needs = NeedIndex::open(&path.join(NEEDS), talents.analyzer())?;
        let directory = Arc::new(Directory::read(&talents, needs.index(), &taxonomy)?);
        let talents = Arc::new(Engine::new(talents, taxonomy, ranking));
        Ok(Self { number, talents, needs: Arc::new(needs), directory, built })
    }

    /// The last change that both indexes have.
    ///
    /// # Errors
    /// [`IndexError`] if one cannot be read.
    pub fn position(&self) -> Result<i64, IndexError> {
        let position = self.talents.index().position()?.min(self.needs.index().position()?);
        Ok(position as i64)
    }

    /// What changes this generation; one at a time.
    ///
    /// # Errors
    /// [`IndexError::Write`]
    pub fn writers(&self) -> Result<Writers, IndexError> {
        // Those before these may have failed between a commit and its being seen.
        self.talents.index().reload()?;
        self.needs.index().reload()?;
        self.directory.show_noted(self.talents.index());
        let talents = self.talents.index().writer(WRITING)?;
        let needs = self.needs.index().writer(WRITING)?;
        Ok(Writers { generation: self.clone(), talents, needs })
    }
}

/// Changes a generation. What is not committed when it is dropped is as if it had never been.
#[derive(Debug)]
pub struct Writers {
    pub generation: Generation,
    talents: Writer,
    needs: Writer,
}

impl Writers {
    /// Puts and deletes what the batch says; seen after [`Self::commit`].
    ///
    /// # Errors
    /// [`IndexError::Write`]
    pub fn apply(&mut self, batch: Batch) -> Result<(), IndexError> {
        let mut texts = Vec::new();
        for (id, piece) in batch.evidence {
            match piece {
                Some(piece) => texts.push(piece),
                None => self.talents.delete_evidence(&id),
            }
        }
        self.talents.put_evidence(&texts)?;
        for (id, talent) in batch.talents {
            self.generation.directory.note(Shown::talent(&id, talent.as_ref()));
            match talent {
                Some(talent) => self.talents.put_talent(&talent)?,
                None => self.talents.delete_talent(&id),
            }
        }
        for (id, need) in batch.needs {
            self.generation.directory.note(Shown::need(&id, need.as_ref().map(|(owner, _)| owner)));
            match need {
                Some((owner, text)) => {
                    self.needs.put_talent(&owner)?;
                    self.needs.put_evidence(&[text])?;
                }
                None => {
                    self.needs.delete_talent(&id);
                    self.needs.delete_evidence(&id);
                }
            }
        }
        Ok(())
    }

    /// Makes everything since the last commit durable, with the position, and then visible. Killed
    /// between the two indexes, it begins again from the position of the one that is behind.
    ///
    /// # Errors
    /// [`IndexError`]; make new writers then.
    pub fn commit(&mut self, position: i64) -> Result<(), IndexError> {
        self.talents.commit(position as u64)?;
        self.needs.commit(position as u64)?;
        self.generation.talents.index().reload()?;
        self.generation.needs.index().reload()?;
        self.generation.directory.show_noted(self.generation.talents.index());
        Ok(())
    }
}
