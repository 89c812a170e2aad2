//! The search page and what is suggested while somebody types.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use serde::Deserialize;

use super::frame::Frame;
use super::page;
use crate::app::explain::{Part, Proof};
use crate::app::live::suggest::SuggestionKind;
use crate::app::search::{FacetValue, Found, Suggestion, TalentItem};
use crate::domain::search::percent_encoded;
use crate::domain::{Action, SearchForm, SearchKind, SearchQuery, SearchSort, TalentKind};
use crate::web::Shared;
use crate::web::error::PageError;
use crate::web::extract::Params;

pub fn router() -> Router<Shared> {
    Router::new().route("/search", get(show)).route("/published-needs", get(published)).route("/suggest", get(suggest))
}

/// A page of the address; what is no number is the first.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Place {
    page: String,
}

impl Place {
    fn number(&self) -> usize {
        self.page.parse().unwrap_or(1).clamp(1, 10_000)
    }
}

#[derive(Template)]
#[template(path = "search/results.html", config = "src/web/askama.toml")]
struct Results {
    frame: Frame,
    found: Found,
    /// What of the address was not understood.
    ignored: Vec<String>,
    /// `/search` or `/published-needs`.
    path: &'static str,
}

async fn show(
    State(shared): State<Shared>,
    frame: Frame,
    Params(form): Params<SearchForm>,
    Params(place): Params<Place>,
) -> Result<Response, PageError> {
    results(&shared, frame, &form, &place, "/search").await
}

/// All published needs: the same page, among needs.
async fn published(
    State(shared): State<Shared>,
    frame: Frame,
    Params(form): Params<SearchForm>,
    Params(place): Params<Place>,
) -> Result<Response, PageError> {
    let form = SearchForm { kind: SearchKind::Needs.code().into(), ..form };
    results(&shared, frame, &form, &place, "/published-needs").await
}

async fn results(
    shared: &Shared,
    frame: Frame,
    form: &SearchForm,
    place: &Place,
    path: &'static str,
) -> Result<Response, PageError> {
    let (query, problems) = form.read();
    if query.kind == SearchKind::Challenges {
        return Ok(Redirect::to(&query.place()).into_response());
    }
    let ignored = problems.into_iter().map(|problem| problem.message).collect();
    let found = shared.app.search(query, place.number()).await?;
    Ok(page(StatusCode::OK, &Results { frame, found, ignored, path }))
}

impl Results {
    fn title(&self) -> String {
        match (self.found.query.q.as_str(), self.found.query.kind) {
            ("", SearchKind::Needs) => "公开的创新需求".to_owned(),
            ("", kind) => kind.name().to_owned(),
            (q, _) => format!("搜索“{}”", crate::domain::text::shown(q)),
        }
    }

    fn address(&self, query: &SearchQuery) -> String {
        query.place()
    }

    fn unfiltered(&self) -> String {
        self.address(&self.found.query.unfiltered())
    }

    fn of_kind(&self, kind: SearchKind) -> String {
        self.address(&SearchQuery { kind, q: self.found.query.q.clone(), ..SearchQuery::default() })
    }

    fn asking(&self, q: &str) -> String {
        self.address(&SearchQuery { kind: self.found.query.kind, q: q.to_owned(), ..SearchQuery::default() })
    }

    fn sorts(&self) -> Vec<(SearchSort, String)> {
        let sorts = SearchSort::of(self.found.query.kind).iter();
        sorts.map(|&sort| (sort, self.address(&SearchQuery { sort, ..self.found.query.clone() }))).collect()
    }

    fn chosen(&self) -> Vec<&FacetValue> {
        self.found.facets.iter().flat_map(|facet| &facet.values).filter(|value| value.is_chosen).collect()
    }

    /// The address of another page; empty where there is none.
    fn page_at(&self, number: usize) -> String {
        if number == 0 || number > self.found.pages {
            return String::new();
        }
        format!("{}?{}&page={number}", self.path, self.found.query.address())
    }

    fn told(&self) -> String {
        format!("第 {} 页，共 {} 页", self.found.page, self.found.pages)
    }
}

/// Why the ranking has it where it is, in a few words.
fn reasons(item: &TalentItem) -> Vec<String> {
    let Some(found) = &item.found else { return Vec::new() };
    let score = found.score.max(f32::MIN_POSITIVE);
    let share = |points: f32| 100.0 * points / score;
    let told = found.contributions.iter().filter(|c| share(c.points) >= 1.0).take(3);
    told.map(|c| format!("{} {:.0}%", c.label, share(c.points))).collect()
}

/// A piece of evidence has a year or has not.
fn year(proof: &Proof) -> String {
    proof.evidence.year.map(|year| year.to_string()).unwrap_or_default()
}

fn kind_name(kind: &TalentKind) -> &'static str {
    match kind {
        TalentKind::Researcher => "个人",
        TalentKind::Team => "团队",
    }
}

#[derive(Template)]
#[template(path = "search/suggestions.html", config = "src/web/askama.toml")]
struct Suggested {
    groups: Vec<(SuggestionKind, Vec<Choice>)>,
}

/// One suggestion as it is shown.
struct Choice {
    number: usize,
    parts: Vec<Part>,
    detail: String,
    place: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Typed {
    q: String,
}

/// A piece of a page for the list under the search box.
async fn suggest(State(shared): State<Shared>, Params(typed): Params<Typed>) -> Result<Response, PageError> {
    let found = shared.app.suggestions(&typed.q).await?;
    let mut groups: Vec<(SuggestionKind, Vec<Choice>)> = Vec::new();
    for (suggestion, number) in found.into_iter().zip(1..) {
        let shown = Choice {
            number,
            parts: crate::app::search::marked(&suggestion.text, typed.q.trim()),
            place: place(&suggestion),
            detail: suggestion.detail,
        };
        match groups.last_mut().filter(|(kind, _)| *kind == suggestion.kind) {
            Some((_, group)) => group.push(shown),
            None => groups.push((suggestion.kind, vec![shown])),
        }
    }
    Ok(page(StatusCode::OK, &Suggested { groups }))
}

/// Where a suggestion leads.
pub fn place(suggestion: &Suggestion) -> String {
    let id = percent_encoded(&suggestion.id);
    match suggestion.kind {
        SuggestionKind::Talent => format!("/talents/{id}"),
        SuggestionKind::Need => format!("/published-needs/{id}"),
        SuggestionKind::Organisation if suggestion.detail.contains("位人才") => {
            format!("/search?kind=talents&organisation={id}")
        }
        SuggestionKind::Organisation => format!("/search?kind=needs&organisation={id}"),
        SuggestionKind::Field => format!("/search?kind=talents&field={id}"),
        SuggestionKind::Term => format!("/search?kind=talents&q={id}"),
    }
}
