//! The board: public challenges searched, counted, put in order; and as an Atom feed.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use serde::Deserialize;

use super::feed;
use crate::app::search::{ChallengeItem, FacetValue, Found};
use crate::domain::challenge::status::{ChallengeStatus, phase};
use crate::domain::{Action, SearchForm, SearchKind, SearchQuery, SearchSort};
use crate::web::Shared;
use crate::web::error::PageError;
use crate::web::extract::Params;
use crate::web::pages::frame::Frame;
use crate::web::pages::{page, shown};

pub fn router() -> Router<Shared> {
    Router::new().route("/challenges", get(list)).route("/challenges.atom", get(atom))
}

/// A page of the address; what is no number is the first.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Place {
    page: String,
}

#[derive(Template)]
#[template(path = "board/list.html", config = "src/web/askama.toml")]
struct List {
    frame: Frame,
    found: Found,
    /// What of the address was not understood.
    ignored: Vec<String>,
    /// By the clock of the database.
    now: i64,
}

async fn list(
    State(shared): State<Shared>,
    frame: Frame,
    Params(form): Params<SearchForm>,
    Params(place): Params<Place>,
) -> Result<Response, PageError> {
    let (query, ignored) = asked(form);
    let number = place.page.parse().unwrap_or(1).clamp(1, 10_000);
    let found = shared.app.search_for(frame.actor.as_ref(), query, number).await?;
    let now = shared.app.board_time().await?;
    Ok(page(StatusCode::OK, &List { frame, found, ignored, now }))
}

/// What is asked of the board, and what of it was not understood.
fn asked(form: SearchForm) -> (SearchQuery, Vec<String>) {
    let (query, problems) = SearchForm { kind: SearchKind::Challenges.code().into(), ..form }.read();
    (query, problems.into_iter().map(|problem| problem.message).collect())
}

/// The newest that the filters let through.
async fn atom(
    State(shared): State<Shared>,
    headers: HeaderMap,
    Params(form): Params<SearchForm>,
) -> Result<Response, PageError> {
    let query = SearchQuery { sort: SearchSort::Newest, ..asked(form).0 };
    let found = shared.app.search(query, 1).await?;
    let now = shared.app.board_time().await?;
    let text = feed::atom(&feed::site(&headers), &feed::place(&found.query), &found, now);
    Ok(([(header::CONTENT_TYPE, "application/atom+xml; charset=utf-8")], text).into_response())
}

impl List {
    fn title(&self) -> String {
        match self.found.query.q.as_str() {
            "" => "揭榜挂帅".to_owned(),
            q => format!("揭榜挂帅：搜索“{}”", crate::domain::text::shown(q)),
        }
    }

    /// The address of the feed with the same filters.
    fn feed(&self) -> String {
        feed::place(&self.found.query)
    }

    /// The address of a facet's value, which has its kind in it.
    fn place(&self, value: &FacetValue) -> String {
        let filters = value.address.strip_prefix("kind=challenges").unwrap_or(&value.address).trim_start_matches('&');
        format!("/challenges?{filters}").trim_end_matches('?').to_owned()
    }

    fn unfiltered(&self) -> String {
        self.found.query.unfiltered().place()
    }

    fn asking(&self, q: &str) -> String {
        SearchQuery { kind: SearchKind::Challenges, q: q.to_owned(), ..SearchQuery::default() }.place()
    }

    /// What the search form keeps of the filters.
    fn kept(&self) -> Vec<(String, String)> {
        let pairs: Vec<(String, String)> = serde_html_form::from_str(&self.found.query.filters()).unwrap_or_default();
        pairs.into_iter().filter(|(name, _)| name != "q").collect()
    }

    /// The orders that somebody can choose; whoever has no profile fits nothing.
    fn sorts(&self) -> Vec<(SearchSort, String)> {
        let has_profile = self.frame.may(Action::TalentClaim);
        let sorts = SearchSort::of(SearchKind::Challenges).iter().filter(|s| has_profile || **s != SearchSort::Fit);
        sorts.map(|&sort| (sort, SearchQuery { sort, ..self.found.query.clone() }.place())).collect()
    }

    fn chosen(&self) -> Vec<&FacetValue> {
        self.found.facets.iter().flat_map(|facet| &facet.values).filter(|value| value.is_chosen).collect()
    }

    /// The address of another page; empty where there is none.
    fn page_at(&self, number: usize) -> String {
        if number == 0 || number > self.found.pages {
            return String::new();
        }
        let place = self.found.query.place();
        let joint = if place.contains('?') { '&' } else { '?' };
        format!("{place}{joint}page={number}")
    }

    fn told(&self) -> String {
        format!("第 {} 页，共 {} 页", self.found.page, self.found.pages)
    }

    /// What is left until closing, in words; nothing where bids are taken no more.
    fn left(&self, item: &ChallengeItem) -> String {
        if item.status == ChallengeStatus::Open && self.now >= item.opens_at {
            shown::left(item.closes_at - self.now)
        } else {
            String::new()
        }
    }

    /// The status as it is told now.
    fn phase(&self, item: &ChallengeItem) -> (&'static str, &'static str) {
        phase(item.status, Some(item.opens_at), Some(item.closes_at), self.now)
    }
}
