//! The search box and the board: talents, published needs and challenges by words and names, counted by what they are, with
//! what of each hit matches.
//!
//! | module | its secret |
//! |---|---|
//! | `facets` | how hits are counted, and which address narrows to a value |
//! | `talents`, `needs`, `challenges` | what is a hit, in which order, and how it is shown |
//! | `why` | which words stand where |
//! | [`saved`] | searches that are kept, and what is new in them |
//!
//! A hit has a third of the words of what was asked that anybody has, or most of their parts, or its
//! name or organisation is what was asked for. Hits are counted among the best few thousand pieces of
//! evidence; [`Found::is_bounded`] says when there are more.

mod challenges;
mod facets;
mod needs;
pub mod saved;
mod similar;
mod talents;
mod why;

use std::collections::HashMap;
use std::sync::Arc;

use serde::Serialize;
use utoipa::ToSchema;

use super::actor::Actor;
use super::board::list::Heads;
use super::error::AppError;
use super::explain::Part;
use super::live::directory::Names;
use super::live::generation::Generation;
use super::live::suggest::{Entry, SuggestionKind};
use super::secrets::blocking;
use super::{App, assessment};
use crate::domain::challenge::status::ChallengeStatus;
use crate::domain::text::folded;
use crate::domain::{SearchKind, SearchQuery, SearchSort};

pub use challenges::ChallengeItem;
pub use facets::{Facet, FacetValue};
pub use needs::NeedItem;
pub use talents::TalentItem;
pub use why::WordPlaces;

/// Hits on a page.
pub const PAGE: usize = 20;
/// What may have been meant by a word that nobody has.
const NEAR: usize = 4;
/// Characters that suggestions are looked for by.
const TYPED_MAX: usize = 60;

/// One page of what was found.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Found {
    pub query: SearchQuery,
    /// All hits that the filters let through.
    pub total: usize,
    /// There may be more hits than were counted.
    pub is_bounded: bool,
    /// From 1.
    pub page: usize,
    pub pages: usize,
    pub talents: Vec<TalentItem>,
    pub needs: Vec<NeedItem>,
    pub challenges: Vec<ChallengeItem>,
    pub facets: Vec<Facet>,
    /// Hits of each kind without filters; of a search among challenges, of these only.
    pub kinds: Vec<KindCount>,
    /// Words that nobody has.
    pub unknown: Vec<String>,
    /// What may have been meant, where nothing was found.
    pub near: Vec<String>,
}

/// How many hits there are of a kind.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct KindCount {
    pub kind: SearchKind,
    pub count: usize,
}

/// Something to suggest while somebody types.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Suggestion {
    pub kind: SuggestionKind,
    /// Of a talent, a need or a field; else the text itself.
    pub id: String,
    pub text: String,
    /// What tells it from others.
    pub detail: String,
}

impl From<&Entry> for Suggestion {
    fn from(entry: &Entry) -> Self {
        Self { kind: entry.kind, id: entry.id.clone(), text: entry.text.clone(), detail: entry.detail.clone() }
    }
}

/// Hits of one kind, in order, as far as they are known before any record is read.
struct Hits<T> {
    /// Those that the filters let through.
    admitted: Vec<T>,
    /// Without filters.
    count: usize,
    facets: Vec<Facet>,
    is_bounded: bool,
    unknown: Vec<String>,
}

impl App {
    /// One page of what is found; pages count from 1, and one that is not there is the last.
    ///
    /// # Errors
    /// [`AppError`]
    pub async fn search(&self, query: SearchQuery, page: usize) -> Result<Found, AppError> {
        self.search_for(None, query, page).await
    }

    /// The same for somebody, by whose profile challenges can be put in order.
    ///
    /// # Errors
    /// [`AppError`]
    pub async fn search_for(
        &self,
        actor: Option<&Actor>,
        mut query: SearchQuery,
        page: usize,
    ) -> Result<Found, AppError> {
        let profile = match actor.filter(|_| query.sort == SearchSort::Fit) {
            Some(actor) => self.interests(actor).await?,
            None => None,
        };
        if query.sort == SearchSort::Fit && profile.is_none() {
            query.sort = SearchSort::default();
        }
        let generation = self.live.serving();
        let year = self.today()?.year();
        let board = (self.board_heads().await?, self.board_time().await?);
        let mut found = blocking(move || look(&generation, &board, query, page, (year, profile))).await??;
        // The index may be a moment behind the store: what is hidden by now is not shown.
        let ids: Vec<&str> = found.talents.iter().map(|t| t.talent.id.as_str()).collect();
        let shown = if ids.is_empty() { ids_none() } else { self.store.talents_shown(&ids).await? };
        found.talents.retain(|t| shown.contains(&t.talent.id));
        let ids: Vec<&str> = found.needs.iter().map(|n| n.id.as_str()).collect();
        let shown = if ids.is_empty() { ids_none() } else { self.store.needs_shown(&ids).await? };
        found.needs.retain(|n| shown.contains(&n.id));
        self.counted(&mut found.challenges).await?;
        Ok(found)
    }

    /// Who watches these challenges and, after opening, how many bids there are.
    async fn counted(&self, items: &mut [ChallengeItem]) -> Result<(), AppError> {
        if items.is_empty() {
            return Ok(());
        }
        let ids: Vec<&str> = items.iter().map(|item| item.id.as_str()).collect();
        let watchers: HashMap<_, _> = self.store.challenge_watchers_of(&ids).await?.into_iter().collect();
        let bids: HashMap<_, _> = self.store.bids_opened_count(&ids).await?.into_iter().collect();
        for item in items {
            item.watchers = watchers.get(&item.id).copied().unwrap_or_default();
            let is_opened = !item.status.is_sealed() && item.status != ChallengeStatus::Withdrawn;
            item.bids = is_opened.then(|| bids.get(&item.id).copied().unwrap_or_default());
        }
        Ok(())
    }

    /// What may be meant by what is being typed; nothing that is hidden or not published.
    ///
    /// # Errors
    /// [`AppError`]
    pub async fn suggestions(&self, typed: &str) -> Result<Vec<Suggestion>, AppError> {
        let typed: String = typed.chars().take(TYPED_MAX).collect();
        let mut found: Vec<Suggestion> = {
            let directory = self.live.directory();
            let names = directory.names();
            names.suggestions.suggest(&typed).into_iter().map(Suggestion::from).collect()
        };
        let ids = |kind| -> Vec<&str> {
            found.iter().filter(|s: &&Suggestion| s.kind == kind).map(|s| s.id.as_str()).collect()
        };
        let (talents, needs) = (ids(SuggestionKind::Talent), ids(SuggestionKind::Need));
        let talents = if talents.is_empty() { ids_none() } else { self.store.talents_shown(&talents).await? };
        let needs = if needs.is_empty() { ids_none() } else { self.store.needs_shown(&needs).await? };
        found.retain(|s| match s.kind {
            SuggestionKind::Talent => talents.contains(&s.id),
            SuggestionKind::Need => needs.contains(&s.id),
            _ => true,
        });
        Ok(found)
    }
}

fn ids_none() -> Vec<String> {
    Vec::new()
}

fn look(
    generation: &Generation,
    (heads, now): &(Arc<Heads>, i64),
    query: SearchQuery,
    page: usize,
    (year, profile): (i16, Option<String>),
) -> Result<Found, AppError> {
    let taxonomy = &assessment::rules()?.taxonomy;
    let names = || generation.directory.names();
    let mut found = Found::nothing(query.clone(), page);
    let count = |kind, count| KindCount { kind, count };
    if query.kind == SearchKind::Challenges {
        let search = challenges::Search::find(generation, (heads, *now), &query, profile.as_deref())?;
        let hits = search.hits(&names(), taxonomy);
        let shown = found.page_of(&hits);
        found.challenges = search.items(taxonomy, &hits.admitted[shown])?;
        found.kinds = vec![count(SearchKind::Challenges, hits.count)];
    } else {
        let other = match query.kind {
            SearchKind::Talents => SearchKind::Needs,
            _ => SearchKind::Talents,
        };
        let other = SearchQuery { kind: other, q: query.q.clone(), ..SearchQuery::default() };
        let (of_talents, of_needs) =
            if query.kind == SearchKind::Talents { (&query, &other) } else { (&other, &query) };
        let search = talents::Search::find(generation, of_talents)?;
        let talents = search.hits(&names(), taxonomy, year);
        let among = needs::Search::find(generation, of_needs)?;
        let needs = among.hits(&names(), taxonomy);
        if query.kind == SearchKind::Talents {
            let shown = found.page_of(&talents);
            found.talents = search.items(&names(), taxonomy, &talents.admitted[shown])?;
        } else {
            let shown = found.page_of(&needs);
            found.needs = among.items(&names(), taxonomy, &needs.admitted[shown])?;
        }
        let challenges = challenges::Search::count(&among, &names(), heads);
        found.kinds = vec![
            count(SearchKind::Talents, talents.count),
            count(SearchKind::Needs, needs.count),
            count(SearchKind::Challenges, challenges),
        ];
    }
    if found.total == 0 && !query.q.is_empty() {
        found.near = near(&names(), &query.q, &found.unknown);
    }
    Ok(found)
}

impl Found {
    fn nothing(query: SearchQuery, page: usize) -> Self {
        Self {
            query,
            total: 0,
            is_bounded: false,
            page: page.max(1),
            pages: 0,
            talents: Vec::new(),
            needs: Vec::new(),
            challenges: Vec::new(),
            facets: Vec::new(),
            kinds: Vec::new(),
            unknown: Vec::new(),
            near: Vec::new(),
        }
    }

    /// Notes what was found, and says which of the hits the page shows.
    fn page_of<T>(&mut self, hits: &Hits<T>) -> std::ops::Range<usize> {
        self.total = hits.admitted.len();
        self.is_bounded = hits.is_bounded;
        self.facets.clone_from(&hits.facets);
        self.unknown.clone_from(&hits.unknown);
        self.pages = self.total.div_ceil(PAGE);
        self.page = self.page.min(self.pages.max(1));
        let start = (self.page - 1) * PAGE;
        start..(start + PAGE).min(self.total)
    }
}

/// A text with what was typed marked in it.
pub fn marked(text: &str, typed: &str) -> Vec<Part> {
    let typed = typed.to_lowercase();
    why::marked(text, if typed.is_empty() { &[] } else { std::slice::from_ref(&typed) })
}

/// Terms like the words that nobody has, or like all that was asked.
fn near(names: &Names, asked: &str, unknown: &[String]) -> Vec<String> {
    let words = unknown.iter().map(String::as_str).chain([asked]);
    let mut near: Vec<String> = Vec::new();
    for term in words.flat_map(|word| names.suggestions.near(word, NEAR)) {
        if near.len() < NEAR && !near.iter().any(|n| n == term) {
            near.push(term.to_owned());
        }
    }
    near
}

/// What was asked, in the pieces that may be names: between spaces and marks.
fn tokens(asked: &str) -> Vec<String> {
    const NAME_MIN: usize = 2;
    let pieces = asked.split(|c: char| c.is_whitespace() || "，、,;；。/".contains(c)).map(folded);
    pieces.filter(|token| token.chars().count() >= NAME_MIN).collect()
}
