//! The inbox and the saved searches of whoever has signed in.

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use serde::Deserialize;

use super::forms::{Problems, Sent, see};
use super::frame::Frame;
use super::{page, shown};
use crate::app::notices::place_of;
use crate::app::search::saved::{Newcomer, SAVED_MAX};
use crate::domain::search::percent_encoded;
use crate::domain::{SearchForm, SearchKind};
use crate::store::{NoticeRow, SavedSearch};
use crate::web::Shared;
use crate::web::error::PageError;
use crate::web::extract::Params;

/// Notices on a page.
const SHOWN: usize = 30;

pub fn router() -> Router<Shared> {
    Router::new()
        .route("/inbox", get(list))
        .route("/inbox/read", post(read_all))
        .route("/inbox/{id}", get(open))
        .route("/inbox/{id}/read", post(read))
        .route("/searches", get(searches).post(save))
        .route("/searches/{id}", get(search).post(rename))
        .route("/searches/{id}/delete", post(delete))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Which {
    /// `1` for those not read.
    unread: String,
    before: String,
}

#[derive(Template)]
#[template(path = "inbox/list.html", config = "src/web/askama.toml")]
struct Inbox {
    frame: Frame,
    rows: Vec<(NoticeRow, Vec<Newcomer>)>,
    unread_only: bool,
    is_first: bool,
    /// The address of older ones; empty where there are none.
    older: String,
}

impl Inbox {
    /// The newest that is seen here.
    fn through(&self) -> &str {
        self.rows.first().map_or("", |(row, _)| row.id.as_str())
    }

    /// The way back from older ones.
    fn newest(&self) -> &'static str {
        match (self.is_first, self.unread_only) {
            (true, _) => "",
            (false, true) => "/inbox?unread=1",
            (false, false) => "/inbox",
        }
    }
}

fn newcomer_place(newcomer: &Newcomer) -> String {
    let id = percent_encoded(&newcomer.id);
    match newcomer.of {
        SearchKind::Talents => format!("/talents/{id}"),
        SearchKind::Needs => format!("/published-needs/{id}"),
        SearchKind::Challenges => format!("/challenges/{id}"),
    }
}

async fn list(State(shared): State<Shared>, frame: Frame, Params(which): Params<Which>) -> Result<Response, PageError> {
    let unread_only = which.unread == "1";
    let mut found = shared.app.notices(frame.signed()?, unread_only, &which.before, SHOWN as i64 + 1).await?;
    let more = found.len() > SHOWN;
    found.truncate(SHOWN);
    let unread = if unread_only { "unread=1&" } else { "" };
    let last = found.last().filter(|_| more);
    let older = last.map_or_else(String::new, |row| format!("/inbox?{unread}before={}", percent_encoded(&row.id)));
    let mut rows = Vec::with_capacity(found.len());
    for row in found {
        let newcomers = shared.app.newcomers(&row.notice).await?;
        rows.push((row, newcomers));
    }
    let is_first = which.before.is_empty();
    Ok(page(StatusCode::OK, &Inbox { frame, rows, unread_only, is_first, older }))
}

/// Opens what a notice is about; it is read then.
async fn open(State(shared): State<Shared>, frame: Frame, Path(id): Path<String>) -> Result<Response, PageError> {
    let row = shared.app.notice_read(frame.signed()?, &id).await?;
    Ok(Redirect::to(&place_of(&row).unwrap_or_else(|| "/inbox".to_owned())).into_response())
}

async fn read(State(shared): State<Shared>, frame: Frame, Path(id): Path<String>) -> Result<Response, PageError> {
    shared.app.notice_read(frame.signed()?, &id).await?;
    Ok(see("/inbox", ""))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Through {
    through: String,
}

async fn read_all(
    State(shared): State<Shared>,
    frame: Frame,
    Sent(form): Sent<Through>,
) -> Result<Response, PageError> {
    shared.app.notices_read(frame.signed()?, &form.through).await?;
    Ok(see("/inbox", "read"))
}

#[derive(Template)]
#[template(path = "inbox/searches.html", config = "src/web/askama.toml")]
struct Searches {
    frame: Frame,
    saved: Vec<SavedSearch>,
    most: usize,
    /// Of a name that was not taken, and which search it was for (`""`: a new one).
    problems: Problems,
    of: String,
    typed: Named,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Named {
    name: String,
    /// The query of a search's address.
    address: String,
}

async fn searches(State(shared): State<Shared>, frame: Frame) -> Result<Response, PageError> {
    searches_page(&shared, frame, Problems::default(), String::new(), Named::default()).await
}

async fn searches_page(
    shared: &Shared,
    frame: Frame,
    problems: Problems,
    of: String,
    typed: Named,
) -> Result<Response, PageError> {
    let saved = shared.app.searches(frame.signed()?).await?;
    let status = problems.status();
    Ok(page(status, &Searches { frame, saved, most: SAVED_MAX, problems, of, typed }))
}

async fn save(State(shared): State<Shared>, frame: Frame, Sent(form): Sent<Named>) -> Result<Response, PageError> {
    let asked: SearchForm = serde_html_form::from_str(&form.address).unwrap_or_default();
    match shared.app.search_save(frame.signed()?, &form.name, asked.read().0).await {
        Ok(_) => Ok(see("/searches", "search-saved")),
        Err(error) => searches_page(&shared, frame, Problems::of(error)?, String::new(), form).await,
    }
}

/// Goes to where the search leads now.
async fn search(State(shared): State<Shared>, frame: Frame, Path(id): Path<String>) -> Result<Response, PageError> {
    let found = shared.app.search_kept(frame.signed()?, &id).await?;
    Ok(Redirect::to(&found.query.place()).into_response())
}

async fn rename(
    State(shared): State<Shared>,
    frame: Frame,
    Path(id): Path<String>,
    Sent(form): Sent<Named>,
) -> Result<Response, PageError> {
    match shared.app.search_rename(frame.signed()?, &id, &form.name).await {
        Ok(()) => Ok(see("/searches", "saved")),
        Err(error) => searches_page(&shared, frame, Problems::of(error)?, id, form).await,
    }
}

async fn delete(State(shared): State<Shared>, frame: Frame, Path(id): Path<String>) -> Result<Response, PageError> {
    shared.app.search_delete(frame.signed()?, &id).await?;
    Ok(see("/searches", "deleted"))
}
