//! The index that serves now, and the follower that keeps it up with the store.
//!
//! | module | its secret |
//! |---|---|
//! | `folder` | where generations of the index lie, and which is in use after a crash |
//! | [`corpus`] | which records of the store the index is made from |
//! | [`generation`] | what one generation consists of, how it is built and changed |
//! | [`needs`] | how needs are indexed and compared |
//! | [`directory`] | who and what is shown, by name |
//! | [`suggest`] | how names and terms are found while somebody types |
//! | `follower` | when changes are applied, when all is rebuilt, what happens on errors |
//!
//! The store is the truth; a generation can be deleted at any time and is built again.

pub mod corpus;
pub mod directory;
mod folder;
mod follower;
pub mod generation;
pub mod needs;
pub mod suggest;

use std::path::{Path, PathBuf};
use std::sync::{Arc, PoisonError, RwLock};
use std::time::{Duration, Instant};

use tokio::sync::{Notify, watch};
use zhihui_index::IndexError;

use super::engine::Engine;
use crate::domain::Taxonomy;
use crate::matching::Ranking;
use crate::store::{Store, StoreError};

use corpus::Corpus;
use directory::Directory;
use folder::Folder;
pub use follower::Follower;
use generation::Generation;
use needs::NeedIndex;

/// Why there is no index to serve.
#[derive(Debug, thiserror::Error)]
pub enum LiveError {
    #[error("索引文件夹“{}”正被另一个进程使用：每个进程要有自己的数据文件夹", path.display())]
    InUse { path: PathBuf },
    #[error("索引文件夹“{}”无法使用：{source}；请检查磁盘空间和写入权限", path.display())]
    Folder { path: PathBuf, source: std::io::Error },
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Index(#[from] IndexError),
    /// A panic in the index: a defect of the program.
    #[error("索引工作意外中断：{0}")]
    Interrupted(String),
}

/// How far the index has come.
#[derive(Debug, Clone)]
pub struct FollowerStatus {
    /// Number of the generation that serves.
    pub generation: u64,
    /// The last change that searches see.
    pub position: i64,
    /// The newest change of the store, when it last was asked.
    pub newest: i64,
    /// Since when the index has not had all of the store's changes, or could not ask for them.
    pub behind_since: Option<Instant>,
    /// Changes applied, and rebuilds done, since the start.
    pub applied: u64,
    pub rebuilds: u64,
    /// A rebuild under way: documents done, and in all.
    pub rebuilding: Option<(usize, usize)>,
    /// What went wrong last, and when; gone once all is well again.
    pub error: Option<(String, Instant)>,
}

impl FollowerStatus {
    /// Changes that searches do not see yet.
    pub fn changes_behind(&self) -> i64 {
        (self.newest - self.position).max(0)
    }

    /// How long the index has been behind the store.
    pub fn time_behind(&self) -> Duration {
        self.behind_since.map_or(Duration::ZERO, |since| since.elapsed())
    }
}

/// The index that serves now. It is replaced without a pause: whoever has taken an engine goes on
/// with it.
#[derive(Debug)]
pub struct Live {
    store: Store,
    folder: Folder,
    taxonomy: Taxonomy,
    ranking: Ranking,
    serving: RwLock<Generation>,
    status: watch::Sender<FollowerStatus>,
    wake: Notify,
}

impl Live {
    /// Opens the index of `<data_dir>/index`, or builds it from the store where none opens. It
    /// follows the store while [`Follower::run`] runs.
    ///
    /// # Errors
    /// [`LiveError`]
    pub async fn open(
        store: Store,
        data_dir: &Path,
        ranking: Ranking,
        taxonomy: Taxonomy,
    ) -> Result<(Arc<Self>, Follower), LiveError> {
        let folder = Folder::open(data_dir)?;
        let newest = store.change_newest().await?;
        let (number, paths) = (folder.next(), folder.generations());
        let paths: Vec<_> = paths.into_iter().map(|n| (n, folder.generation(n))).collect();
        let (own_taxonomy, own_ranking) = (taxonomy.clone(), ranking.clone());
        let opened = blocking(move || first_that_opens(&paths, newest, &own_taxonomy, &own_ranking)).await?;
        let generation = match opened {
            Some(generation) => generation,
            None => {
                let corpus = Corpus::read(&store).await?;
                let (path, taxonomy, ranking) = (folder.generation(number), taxonomy.clone(), ranking.clone());
                blocking(move || build(&path, number, &corpus, taxonomy, ranking, &mut |_, _| {})).await??
            }
        };
        folder.switch(generation.number)?;
        folder.keep_only(generation.number);
        let position = generation.position()?;
        let status = FollowerStatus {
            generation: generation.number,
            position,
            newest: newest.max(position),
            behind_since: (position < newest).then(Instant::now),
            applied: 0,
            rebuilds: 0,
            rebuilding: None,
            error: None,
        };
        let live = Arc::new(Self {
            store,
            folder,
            taxonomy,
            ranking,
            serving: RwLock::new(generation),
            status: watch::Sender::new(status),
            wake: Notify::new(),
        });
        Ok((live.clone(), Follower::new(live, position)))
    }

    /// Finds and ranks talents.
    pub fn engine(&self) -> Arc<Engine> {
        self.generation().talents
    }

    /// Finds needs.
    pub fn needs(&self) -> Arc<NeedIndex> {
        self.generation().needs
    }

    /// Who and what is shown, by name.
    pub fn directory(&self) -> Arc<Directory> {
        self.generation().directory
    }

    /// All of one generation: what one of them finds, the others know.
    pub(super) fn serving(&self) -> Generation {
        self.generation()
    }

    /// Something was committed to the store: the follower need not wait for its next look.
    pub fn wake(&self) {
        self.wake.notify_one();
    }

    pub fn status(&self) -> FollowerStatus {
        self.status.borrow().clone()
    }

    /// Hears of every change of the status.
    pub fn watch(&self) -> watch::Receiver<FollowerStatus> {
        self.status.subscribe()
    }

    /// Waits until searches see this change; `false` if they do not in time.
    pub async fn wait_for(&self, change: i64, timeout: Duration) -> bool {
        let mut status = self.status.subscribe();
        let seen = status.wait_for(|status| status.position >= change);
        matches!(tokio::time::timeout(timeout, seen).await, Ok(Ok(_)))
    }

    fn generation(&self) -> Generation {
        self.serving.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    fn serve(&self, generation: Generation) {
        *self.serving.write().unwrap_or_else(PoisonError::into_inner) = generation;
    }
}

/// Builds the index of `<data_dir>/index` anew, for when no service runs; `progress` hears
/// documents done and in all.
///
/// # Errors
/// [`LiveError`]; the index is then as before.
pub async fn reindex(
    store: &Store,
    data_dir: &Path,
    ranking: Ranking,
    taxonomy: Taxonomy,
    mut progress: impl FnMut(usize, usize) + Send + 'static,
) -> Result<(), LiveError> {
    let folder = Folder::open(data_dir)?;
    let number = folder.next();
    let path = folder.generation(number);
    let corpus = Corpus::read(store).await?;
    blocking(move || build(&path, number, &corpus, taxonomy, ranking, &mut progress)).await??;
    folder.switch(number)?;
    folder.keep_only(number);
    Ok(())
}

/// Holds the index of `<data_dir>/index`, which no service must be using, and deletes it when the
/// store is another: it would be followed from where it does not belong.
#[derive(Debug)]
pub struct Idle(Folder);

impl Idle {
    /// # Errors
    /// [`LiveError::InUse`] while a service runs.
    pub fn hold(data_dir: &Path) -> Result<Self, LiveError> {
        Folder::open(data_dir).map(Self)
    }

    /// Deletes the index; the service builds it anew.
    pub fn delete(self) {
        self.0.generations().into_iter().for_each(|number| self.0.remove(number));
    }
}

/// A generation from the future belongs to another database, or to one that was set back.
fn first_that_opens(
    paths: &[(u64, PathBuf)],
    newest: i64,
    taxonomy: &Taxonomy,
    ranking: &Ranking,
) -> Option<Generation> {
    for (number, path) in paths {
        let opened = Generation::open(path, *number, None, taxonomy.clone(), ranking.clone());
        match opened.and_then(|g| Ok((g.position()?, g))) {
            Ok((position, generation)) if position <= newest => return Some(generation),
            Ok((position, _)) => tracing::warn!(position, newest, "an index is ahead of the store: not used"),
            Err(error) => tracing::warn!(%error, "an index does not open: not used"),
        }
    }
    None
}

/// Builds a generation and opens it; leaves nothing behind if it cannot.
fn build(
    path: &Path,
    number: u64,
    corpus: &Corpus,
    taxonomy: Taxonomy,
    ranking: Ranking,
    progress: &mut dyn FnMut(usize, usize),
) -> Result<Generation, LiveError> {
    let started = Instant::now();
    let built = Generation::build(path, corpus, progress)
        .and_then(|analyzer| Generation::open(path, number, Some(&analyzer), taxonomy, ranking));
    match &built {
        Ok(_) => {
            let seconds = started.elapsed().as_secs_f32();
            tracing::info!(number, documents = corpus.documents(), seconds, "the index was built");
        }
        Err(_) => drop(std::fs::remove_dir_all(path)),
    }
    Ok(built?)
}

/// Work that keeps a processor or the disk busy, away from those who answer requests.
async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, LiveError> {
    tokio::task::spawn_blocking(work).await.map_err(|e| LiveError::Interrupted(e.to_string()))
}
