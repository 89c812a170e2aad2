//! The follower: applies the store's changes to the index that serves, in order, and rebuilds it
//! when it has outgrown the words and the latent space that it was built with. No error ends it.

use std::future::Future;
use std::pin::pin;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::task::JoinHandle;

use super::corpus::{Batch, Corpus};
use super::generation::{Generation, Writers};
use super::{Live, LiveError, blocking, build};

/// How often the store is asked for what other nodes have changed.
const POLL: Duration = Duration::from_millis(250);
/// Changes applied at once: each commit costs some milliseconds, and a batch is held in memory.
const BATCH: i64 = 4_000;
/// With more changes pending than this, a rebuild under way is sooner there than the follower.
const REBUILD_IS_SOONER: i64 = 2_000;
/// The longest pause after repeated errors.
const LONGEST_PAUSE: Duration = Duration::from_secs(30);
/// So many errors of the index in a row, and another is built.
const ERRORS_BEFORE_REBUILD: u32 = 3;

/// Follows the store; there is one for a [`Live`].
#[derive(Debug)]
pub struct Follower {
    live: Arc<Live>,
    /// The last change that searches see.
    position: i64,
    /// None before the first change, and after an error.
    writers: Option<Writers>,
    rebuild: Option<JoinHandle<Result<Generation, LiveError>>>,
    /// A rebuild failed: no other before this.
    no_rebuild_before: Option<Instant>,
    /// In a row.
    errors: u32,
    index_errors: u32,
}

/// What is to be done after a step.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Next {
    GoOn,
    Wait,
}

impl Follower {
    pub(super) fn new(live: Arc<Live>, position: i64) -> Self {
        Self { live, position, writers: None, rebuild: None, no_rebuild_before: None, errors: 0, index_errors: 0 }
    }

    /// Follows until `shutdown` is done; a batch that has begun is finished. Dropped at any moment
    /// instead, it loses nothing that the next one will not do.
    pub async fn run(mut self, shutdown: impl Future<Output = ()> + Send) {
        let mut shutdown = pin!(shutdown);
        let live = self.live.clone();
        loop {
            let (pause, is_woken) = match self.step().await {
                Ok(next) => {
                    self.succeeded();
                    (if next == Next::GoOn { Duration::ZERO } else { POLL }, true)
                }
                Err(error) => (self.failed(&error), false),
            };
            tokio::select! {
                biased;
                () = &mut shutdown => break,
                () = live.wake.notified(), if is_woken => {}
                () = tokio::time::sleep(pause) => {}
            }
        }
        if let Some(writers) = self.writers.take() {
            let _ = blocking(move || drop(writers)).await;
        }
    }

    async fn step(&mut self) -> Result<Next, LiveError> {
        if self.rebuild.as_ref().is_some_and(JoinHandle::is_finished) {
            self.adopt().await?;
        }
        let newest = self.live.store.change_newest().await?;
        self.note(newest, 0);
        let outgrown = self.live.generation().built.is_outgrown(newest) || self.position > newest;
        let is_broken = self.index_errors >= ERRORS_BEFORE_REBUILD;
        let may_rebuild = self.rebuild.is_none() && self.no_rebuild_before.is_none_or(|t| t <= Instant::now());
        if (outgrown || is_broken) && may_rebuild {
            self.start_rebuild();
        }
        if newest <= self.position || (self.rebuild.is_some() && newest - self.position > REBUILD_IS_SOONER) {
            return Ok(Next::Wait);
        }
        let mut writers = match self.writers.take() {
            Some(writers) => writers,
            None => {
                let generation = self.live.generation();
                let writers = blocking(move || generation.writers()).await??;
                self.position = writers.generation.position()?;
                writers
            }
        };
        let before = self.position;
        (writers, self.position) = apply(&self.live, writers, before, BATCH).await?;
        self.writers = Some(writers);
        self.note(newest.max(self.position), (self.position - before) as u64);
        Ok(if self.position < newest { Next::GoOn } else { Next::Wait })
    }

    fn start_rebuild(&mut self) {
        let live = self.live.clone();
        live.status.send_modify(|s| s.rebuilding = Some((0, 0)));
        self.rebuild = Some(tokio::spawn(async move {
            let built = rebuild(&live).await;
            live.status.send_modify(|s| s.rebuilding = None);
            live.wake.notify_one();
            built
        }));
    }

    /// The generation that was built takes over, once it has what the one before it has.
    async fn adopt(&mut self) -> Result<(), LiveError> {
        let Some(rebuild) = self.rebuild.take() else { return Ok(()) };
        let adopted = match rebuild.await {
            Ok(Ok(generation)) => self.take_over(generation).await,
            Ok(Err(error)) => Err(error),
            Err(error) => Err(LiveError::Interrupted(error.to_string())),
        };
        self.no_rebuild_before = adopted.is_err().then(|| Instant::now() + LONGEST_PAUSE);
        adopted
    }

    async fn take_over(&mut self, generation: Generation) -> Result<(), LiveError> {
        let number = generation.number;
        let mut position = generation.built.position;
        let mut writers = blocking(move || generation.writers()).await??;
        while position < self.position {
            let before = position;
            (writers, position) = apply(&self.live, writers, before, self.position - before).await?;
            if position == before {
                break;
            }
        }
        self.live.folder.switch(number)?;
        self.live.serve(writers.generation.clone());
        let old = self.writers.replace(writers);
        self.position = position;
        self.index_errors = 0;
        self.live.status.send_modify(|s| {
            s.generation = number;
            s.position = position;
            s.rebuilds += 1;
        });
        let live = self.live.clone();
        blocking(move || {
            drop(old);
            live.folder.keep_only(number);
        })
        .await
    }

    fn note(&self, newest: i64, applied: u64) {
        let position = self.position;
        self.live.status.send_modify(|s| {
            s.newest = newest;
            s.position = position;
            s.applied += applied;
            s.behind_since = if position < newest { s.behind_since.or_else(|| Some(Instant::now())) } else { None };
        });
    }

    fn succeeded(&mut self) {
        let is_well = self.no_rebuild_before.is_none();
        if std::mem::take(&mut self.errors) > 0 {
            tracing::info!(position = self.position, "the index follows the store again");
        }
        self.index_errors = 0;
        self.live.status.send_if_modified(|s| is_well && s.error.take().is_some());
    }

    /// How long to wait before it is tried again.
    fn failed(&mut self, error: &LiveError) -> Duration {
        tracing::error!(%error, position = self.position, "the index could not follow the store");
        if matches!(error, LiveError::Index(_) | LiveError::Interrupted(_)) {
            self.index_errors += 1;
        }
        let now = Instant::now();
        self.live.status.send_modify(|s| {
            s.error = Some((error.to_string(), now));
            s.behind_since = s.behind_since.or(Some(now));
        });
        let pause = POLL.saturating_mul(1 << self.errors.min(10)).min(LONGEST_PAUSE);
        self.errors += 1;
        pause
    }
}

/// Applies up to `limit` changes after `position`; gives how far it has come.
async fn apply(live: &Live, mut writers: Writers, position: i64, limit: i64) -> Result<(Writers, i64), LiveError> {
    let Some(batch) = Batch::read(&live.store, position, limit.min(BATCH)).await? else {
        return Ok((writers, position));
    };
    let position = batch.position;
    let applied = blocking(move || {
        writers.apply(batch)?;
        writers.commit(position)?;
        Ok(writers)
    });
    applied.await?.map(|writers| (writers, position)).map_err(LiveError::Index)
}

async fn rebuild(live: &Arc<Live>) -> Result<Generation, LiveError> {
    const EVERY: usize = 1_000;
    let corpus = Corpus::read(&live.store).await?;
    let number = live.folder.next();
    let live = live.clone();
    blocking(move || {
        let mut told = 0;
        let mut progress = |done: usize, total: usize| {
            if done >= told + EVERY {
                told = done;
                live.status.send_modify(|s| s.rebuilding = Some((done, total)));
            }
        };
        let path = live.folder.generation(number);
        build(&path, number, &corpus, live.taxonomy.clone(), live.ranking.clone(), &mut progress)
    })
    .await?
}
