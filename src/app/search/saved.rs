//! Searches that are kept, and what is new in them.
//!
//! Each keeps up to which change its hits were looked at, and which were ever seen. After the index
//! has followed a change that can add a hit of a kind, one node looks at the searches of that kind;
//! the transaction that moves a search's position tells what is new, so that it is told once even
//! where two nodes look. Of a search that is bounded ([`super::Found::is_bounded`]) the hits are those
//! that are counted.

use std::collections::HashSet;
use std::sync::Arc;

use super::{challenges, needs, talents};
use crate::app::actor::Actor;
use crate::app::board::list::Heads;
use crate::app::error::{AppError, all_right, at};
use crate::app::live::generation::Generation;
use crate::app::secrets::{blocking, digest};
use crate::app::{App, assessment};
use crate::domain::search::SearchSort;
use crate::domain::text::{Lines, MAX_NAME, faults, tidied};
use crate::domain::{Action, Fault, Notice, SearchKind, SearchQuery};
use crate::store::{SavedSearch, StoreError};

/// Searches that one account may keep.
pub const SAVED_MAX: usize = 50;
/// Hits of a search that is saved, at the most: eight bytes each are kept.
pub const SEEN_MAX: usize = 10_000;
/// How long a node has the searches of a kind before another may look, if it is heard of no more.
const ROUND_MS: i64 = 2 * 60_000;
/// New hits that a notice names.
const NAMED: usize = 5;
/// Searches that are read at once.
const BATCH: i64 = 20;
const SAVED: &str = "保存的搜索";

/// Somebody, or a need, that a search has found newly.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Newcomer {
    pub of: SearchKind,
    pub id: String,
    pub name: String,
}

impl App {
    /// Keeps a search under a name. What it finds now is not new.
    ///
    /// # Errors
    /// [`AppError::Invalid`] for the name; [`AppError::Conflict`] if it is kept already, too many are,
    /// or it finds more than [`SEEN_MAX`].
    pub async fn search_save(&self, actor: &Actor, name: &str, query: SearchQuery) -> Result<SavedSearch, AppError> {
        actor.require(Action::Inbox)?;
        let name = named(name)?;
        if self.store.searches_of(&actor.account).await?.len() >= SAVED_MAX {
            let message = format!("最多保存 {SAVED_MAX} 个搜索：请先删去不用的");
            return Err(AppError::conflict("too-many-searches", message));
        }
        // The hits may be of a later change than this: then they are known when that one is looked at.
        let position = self.live.status().position;
        let hits = self.ids(&query).await?;
        bounded(hits.len(), query.kind)?;
        let now = self.now();
        let search = SavedSearch {
            id: self.new_id(),
            account: actor.account.clone(),
            name,
            query,
            created_at: now,
            position,
            looked_at: now,
            seen: Seen::default().with(&hits).bytes(),
        };
        let mut write = self.store.begin().await?;
        write.search_save(&search).await.map_err(|error| match error {
            StoreError::Conflict(_) => AppError::conflict("search-kept", "这个搜索已经保存过了"),
            other => other.into(),
        })?;
        write.commit().await?;
        Ok(search)
    }

    /// Own saved searches, newest first.
    ///
    /// # Errors
    /// [`AppError`]
    pub async fn searches(&self, actor: &Actor) -> Result<Vec<SavedSearch>, AppError> {
        actor.require(Action::Inbox)?;
        Ok(self.store.searches_of(&actor.account).await?)
    }

    /// One own saved search.
    ///
    /// # Errors
    /// [`AppError::NotFound`]
    pub async fn search_kept(&self, actor: &Actor, id: &str) -> Result<SavedSearch, AppError> {
        let own = self.searches(actor).await?;
        own.into_iter().find(|search| search.id == id).ok_or(AppError::NotFound(SAVED))
    }

    /// # Errors
    /// [`AppError::Invalid`], [`AppError::NotFound`]
    pub async fn search_rename(&self, actor: &Actor, id: &str, name: &str) -> Result<(), AppError> {
        actor.require(Action::Inbox)?;
        let name = named(name)?;
        let mut write = self.store.begin().await?;
        write.search_rename(&actor.account, id, &name).await.map_err(gone)?;
        Ok(write.commit().await?)
    }

    /// # Errors
    /// [`AppError::NotFound`]
    pub async fn search_delete(&self, actor: &Actor, id: &str) -> Result<(), AppError> {
        actor.require(Action::Inbox)?;
        let mut write = self.store.begin().await?;
        write.search_delete(&actor.account, id).await.map_err(gone)?;
        Ok(write.commit().await?)
    }

    /// Looks at every saved search that was last looked at before a change that can add a hit to it,
    /// of those that the index has, and tells its owner what is new. Gives how many notices that
    /// made. Where another node does, there is nothing to do.
    ///
    /// # Errors
    /// [`AppError`]; what was done by then is kept.
    pub async fn searches_look(&self) -> Result<usize, AppError> {
        let position = self.live.status().position;
        let mut told = 0;
        for kind in SearchKind::ALL {
            let Some(from) = self.store.searches_from(kind, position).await? else { continue };
            let target = self.store.change_of_hits(kind, from, position).await?;
            let mut round = Round { kind, held: 0 };
            if !self.round(&mut round, ROUND_MS).await? {
                continue;
            }
            let done = match target {
                Some(target) => self.searches_round(&mut round, target, position).await,
                None => self.searches_moved(kind, from, position).await.map(|()| 0),
            };
            self.round(&mut round, 0).await?;
            told += done?;
        }
        Ok(told)
    }

    /// Begins a round, goes on with it, or ends it (`ms` is 0); `false` if another node has it.
    async fn round(&self, round: &mut Round, ms: i64) -> Result<bool, AppError> {
        let now = self.now();
        // Not the same as before, so that one who has lost it does not hold what another has begun.
        let until = if ms == 0 { 0 } else { (now + ms).max(round.held + 1) };
        let mut write = self.store.begin().await?;
        let is_ours = write.search_round(round.kind, round.held, now, until).await?;
        write.commit().await?;
        round.held = until;
        Ok(is_ours)
    }

    async fn searches_moved(&self, kind: SearchKind, from: i64, position: i64) -> Result<(), AppError> {
        let mut write = self.store.begin().await?;
        write.searches_moved(kind, from, position).await?;
        Ok(write.commit().await?)
    }

    /// Looks at the searches of a kind that were last looked at before `target`.
    async fn searches_round(&self, round: &mut Round, target: i64, position: i64) -> Result<usize, AppError> {
        let mut told = 0;
        loop {
            let behind = self.store.searches_behind(round.kind, target, BATCH).await?;
            if behind.is_empty() || !self.round(round, ROUND_MS).await? {
                return Ok(told);
            }
            let mut same: Vec<&str> = Vec::new();
            for search in &behind {
                match self.search_look(search, position).await {
                    Ok(true) => told += 1,
                    Ok(false) => same.push(&search.id),
                    // Another node has looked, or its owner has deleted it.
                    Err(AppError::Stale) => {}
                    Err(error) => return Err(error),
                }
            }
            if !same.is_empty() {
                let mut write = self.store.begin().await?;
                write.searches_looked(&same, position, self.now()).await?;
                write.commit().await?;
            }
        }
    }

    /// Tells what a search has newly, and notes that; `false`, and nothing is written, where there is
    /// nothing.
    async fn search_look(&self, search: &SavedSearch, position: i64) -> Result<bool, AppError> {
        let hits = self.ids(&search.query).await?;
        let seen = Seen::read(&search.seen);
        let new: Vec<&str> = hits.iter().filter(|id| !seen.has(id)).map(String::as_str).collect();
        if new.is_empty() {
            return Ok(false);
        }
        let shown = match search.query.kind {
            SearchKind::Talents => self.store.talents_shown(&new).await?,
            SearchKind::Needs => self.store.needs_shown(&new).await?,
            SearchKind::Challenges => self.store.challenges_shown(&new).await?,
        };
        let shown: HashSet<&str> = shown.iter().map(String::as_str).collect();
        let new: Vec<String> = new.into_iter().filter(|id| shown.contains(id)).map(str::to_owned).collect();
        if new.is_empty() {
            return Ok(false);
        }
        let notice = Notice::NewHits {
            search: search.name.clone(),
            of: search.query.kind,
            count: u32::try_from(new.len()).unwrap_or(u32::MAX),
            first: new.iter().take(NAMED).cloned().collect(),
        };
        let mut write = self.store.begin().await?;
        write.search_looked(search, position, self.now(), &seen.with(&new).bytes()).await?;
        write.notice_add(&self.notice(&search.account, format!("search:{}", search.id), notice)).await?;
        write.commit().await?;
        Ok(true)
    }

    /// The ids of all hits of a search, the best first: its order is for those who look at it.
    async fn ids(&self, query: &SearchQuery) -> Result<Vec<String>, AppError> {
        let generation = Arc::new(self.live.serving());
        let query = SearchQuery { sort: SearchSort::default(), ..query.clone() };
        let year = self.today()?.year();
        let board = match query.kind {
            SearchKind::Challenges => (self.board_heads().await?, self.board_time().await?),
            _ => Default::default(),
        };
        blocking(move || ids(&generation, &board, &query, year)).await?
    }
}

/// The searches of a kind, which one node looks at.
struct Round {
    kind: SearchKind,
    /// Until when this one has them; 0 if it has not.
    held: i64,
}

fn ids(
    generation: &Generation,
    (heads, now): &(Arc<Heads>, i64),
    query: &SearchQuery,
    year: i16,
) -> Result<Vec<String>, AppError> {
    let taxonomy = &assessment::rules()?.taxonomy;
    let names = generation.directory.names();
    Ok(match query.kind {
        SearchKind::Talents => talents::Search::find(generation, query)?.ids(&names, taxonomy, year),
        SearchKind::Needs => needs::Search::find(generation, query)?.ids(&names, taxonomy),
        SearchKind::Challenges => {
            challenges::Search::find(generation, (heads, *now), query, None)?.ids(&names, taxonomy)
        }
    })
}

fn named(name: &str) -> Result<String, AppError> {
    let name = tidied(name);
    let mut wrong = faults(&name, MAX_NAME, Lines::One);
    if name.is_empty() {
        wrong.push(Fault::missing());
    }
    all_right(at("name", wrong).collect())?;
    Ok(name)
}

/// # Errors
/// [`AppError::Conflict`] for more hits than are kept.
fn bounded(hits: usize, kind: SearchKind) -> Result<(), AppError> {
    if hits <= SEEN_MAX {
        return Ok(());
    }
    let measure = kind.measure();
    let message = format!(
        "这个搜索现在有 {hits} {measure}结果，最多能保存有 {SEEN_MAX} {measure}结果的搜索：请加上关键词或筛选条件"
    );
    Err(AppError::conflict("search-too-broad", message))
}

fn gone(error: StoreError) -> AppError {
    match error {
        StoreError::Stale => AppError::NotFound(SAVED),
        other => other.into(),
    }
}

/// Hits that were seen, eight bytes of the SHA-256 of each id: of ten thousand ids, no two agree in
/// these by chance.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Seen(Vec<u64>);

impl Seen {
    fn read(bytes: &[u8]) -> Self {
        Self(bytes.as_chunks::<8>().0.iter().map(|eight| u64::from_be_bytes(*eight)).collect())
    }

    fn bytes(&self) -> Vec<u8> {
        self.0.iter().flat_map(|mark| mark.to_be_bytes()).collect()
    }

    fn mark(id: &str) -> u64 {
        u64::from_be_bytes(digest(id).as_chunks::<8>().0[0])
    }

    fn has(&self, id: &str) -> bool {
        self.0.binary_search(&Self::mark(id)).is_ok()
    }

    /// With these seen too. What was seen long ago and is no hit any more stays: it is not new when
    /// it comes back.
    fn with(&self, ids: &[String]) -> Self {
        let mut marks: Vec<u64> = self.0.iter().copied().chain(ids.iter().map(|id| Self::mark(id))).collect();
        marks.sort_unstable();
        marks.dedup();
        Self(marks)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_seen_is_remembered() {
        let seen = Seen::default().with(&["a".into(), "b".into(), "a".into()]);
        assert!(seen.has("a") && seen.has("b") && !seen.has("c"));
        assert_eq!(seen.bytes().len(), 16);
        assert_eq!(Seen::read(&seen.bytes()), seen);
        assert!(seen.with(&["c".into()]).has("a"));
        assert_eq!(Seen::read(&[]), Seen::default());
    }

    #[test]
    fn a_search_that_finds_too_much_is_refused_with_how_much() {
        assert!(bounded(SEEN_MAX, SearchKind::Talents).is_ok());
        let AppError::Conflict { code, message } = bounded(SEEN_MAX + 1, SearchKind::Needs).unwrap_err() else {
            panic!()
        };
        assert_eq!(code, "search-too-broad");
        assert!(message.contains("10001 条结果") && message.contains("筛选"), "{message}");
    }
}
