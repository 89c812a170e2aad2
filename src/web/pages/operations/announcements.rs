//! Announcements: written, changed, taken back.

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use serde::{Deserialize, Serialize};

use super::forms::{Problems, Sent, see};
use super::{PAGE, link, one_page, page, shown};
use crate::app::AppError;
use crate::app::announcements::AnnouncementDraft;
use crate::domain::{Audience, Day, FieldProblem, Showing};
use crate::store::Announcement;
use crate::web::Shared;
use crate::web::error::PageError;
use crate::web::extract::Params;
use crate::web::pages::frame::Frame;

const PATH: &str = "/operations/announcements";
/// Days that a new announcement is shown unless somebody says otherwise.
const DAYS: u16 = 7;

pub fn router() -> Router<Shared> {
    Router::new()
        .route(PATH, get(list))
        .route("/operations/announcements/new", get(blank).post(create))
        .route("/operations/announcements/{id}", get(show).post(save))
        .route("/operations/announcements/{id}/withdrawal", post(withdraw))
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
struct Query {
    #[serde(skip_serializing_if = "String::is_empty")]
    before: String,
}

#[derive(Template)]
#[template(path = "operations/announcements.html", config = "src/web/askama.toml")]
struct Announcements {
    frame: Frame,
    announcements: Vec<(Announcement, Showing)>,
    first: String,
    next: String,
}

async fn list(State(shared): State<Shared>, frame: Frame, Params(query): Params<Query>) -> Result<Response, PageError> {
    let (announcements, more) = one_page(shared.app.announcements(frame.signed()?, &query.before, PAGE + 1).await?);
    let first = if query.before.is_empty() { String::new() } else { PATH.to_owned() };
    let next = announcements.last().filter(|_| more).map(|(a, _)| link(PATH, &Query { before: a.id.clone() }));
    let next = next.unwrap_or_default();
    Ok(page(StatusCode::OK, &Announcements { frame, announcements, first, next }))
}

/// It is shown to before the day after the last.
fn last_day(announcement: &Announcement) -> String {
    shown::day(&(announcement.ends_at - 1))
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct Form {
    version: i64,
    title: String,
    content: String,
    audience: String,
    from: String,
    until: String,
}

impl Form {
    fn of(announcement: &Announcement) -> Self {
        let (from, until) = (shown::day(&announcement.starts_at), last_day(announcement));
        let Announcement { version, title, content, audience, .. } = announcement.clone();
        Self { version, title, content, audience, from, until }
    }

    fn draft(&self) -> Result<AnnouncementDraft, AppError> {
        let mut problems = Vec::new();
        let audience = Audience::from_code(&self.audience);
        if audience.is_none() {
            problems.push(FieldProblem::new("audience", "missing-value", "请选择给谁看"));
        }
        let mut day = |field: &str, text: &str| {
            let day = Day::parse(text);
            day.map_err(|fault| problems.push(FieldProblem::at(field, fault))).ok()
        };
        let (from, until) = (day("from", &self.from), day("until", &self.until));
        match (audience, from, until) {
            (Some(audience), Some(from), Some(until)) => {
                let (title, content) = (self.title.clone(), self.content.clone());
                Ok(AnnouncementDraft { title, content, audience, from, until })
            }
            _ => Err(AppError::Invalid(problems)),
        }
    }
}

#[derive(Template)]
#[template(path = "operations/announcement.html", config = "src/web/askama.toml")]
struct AnnouncementPage {
    frame: Frame,
    /// As it is kept; `None` for a new one.
    kept: Option<(Announcement, Showing)>,
    form: Form,
    problems: Problems,
    audiences: Vec<(&'static str, &'static str)>,
    /// Somebody else has changed it since the form was opened.
    is_stale: bool,
}

impl AnnouncementPage {
    /// Whether it can be written.
    fn is_open(&self) -> bool {
        self.kept.as_ref().is_none_or(|(_, showing)| showing.is_open())
    }
}

fn shown_page(
    frame: Frame,
    kept: Option<(Announcement, Showing)>,
    form: Form,
    problems: Problems,
    is_stale: bool,
) -> Response {
    let audiences = Audience::every().map(|audience| (audience.code(), audience.name())).collect();
    let status = if is_stale { StatusCode::CONFLICT } else { problems.status() };
    page(status, &AnnouncementPage { frame, kept, form, problems, audiences, is_stale })
}

async fn blank(State(shared): State<Shared>, frame: Frame) -> Result<Response, PageError> {
    let today = shared.app.today()?;
    let (from, until) = (today.to_string(), today.plus_days(DAYS).to_string());
    let form = Form { audience: Audience::All.code().into(), from, until, ..Form::default() };
    Ok(shown_page(frame, None, form, Problems::default(), false))
}

async fn create(State(shared): State<Shared>, frame: Frame, Sent(form): Sent<Form>) -> Result<Response, PageError> {
    let made = match form.draft() {
        Ok(draft) => shared.app.announcement_create(frame.signed()?, &draft).await,
        Err(error) => Err(error),
    };
    match made {
        Ok(_) => Ok(see(PATH, "announced")),
        Err(error) => Ok(shown_page(frame, None, form, Problems::of(error)?, false)),
    }
}

async fn show(State(shared): State<Shared>, frame: Frame, Path(id): Path<String>) -> Result<Response, PageError> {
    let kept = shared.app.announcement_get(frame.signed()?, &id).await?;
    let form = Form::of(&kept.0);
    Ok(shown_page(frame, Some(kept), form, Problems::default(), false))
}

async fn save(
    State(shared): State<Shared>,
    frame: Frame,
    Path(id): Path<String>,
    Sent(mut form): Sent<Form>,
) -> Result<Response, PageError> {
    let actor = frame.signed()?;
    let saved = match form.draft() {
        Ok(draft) => shared.app.announcement_update(actor, &id, form.version, &draft).await,
        Err(error) => Err(error),
    };
    match saved {
        Ok(_) => Ok(see(PATH, "saved")),
        Err(AppError::Stale) => {
            let kept = shared.app.announcement_get(actor, &id).await?;
            form.version = kept.0.version;
            Ok(shown_page(frame, Some(kept), form, Problems::default(), true))
        }
        Err(error) => {
            let problems = Problems::of(error)?;
            let kept = shared.app.announcement_get(actor, &id).await?;
            Ok(shown_page(frame, Some(kept), form, problems, false))
        }
    }
}

#[derive(Debug, Deserialize)]
struct Version {
    version: i64,
}

async fn withdraw(
    State(shared): State<Shared>,
    frame: Frame,
    Path(id): Path<String>,
    Sent(Version { version }): Sent<Version>,
) -> Result<Response, PageError> {
    shared.app.announcement_withdraw(frame.signed()?, &id, version).await?;
    Ok(see(PATH, "withdrawn"))
}
