//! One profile: what it says, changed by an operator, and what is known of it. A new one.

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};

use super::forms::{Problems, Sent, see};
use super::{page, shown};
use crate::app::{AppError, data};
use crate::domain::search::percent_encoded;
use crate::domain::taxonomy::Field;
use crate::domain::{Availability, TalentKind};
use crate::store::TalentRecord;
use crate::web::Shared;
use crate::web::error::PageError;
use crate::web::pages::frame::Frame;
use crate::web::pages::profile::edit::{Difference, differences};
use crate::web::pages::profile::form::ProfileForm;

pub fn router() -> Router<Shared> {
    Router::new()
        .route("/operations/talents/new", get(blank).post(create))
        .route("/operations/talents/{id}", get(show).post(save))
        .route("/operations/talents/{id}/deletion", post(delete))
}

#[derive(Template)]
#[template(path = "operations/talent.html", config = "src/web/askama.toml")]
struct TalentPage {
    frame: Frame,
    /// As it is kept; `None` for a new one.
    record: Option<TalentRecord>,
    form: ProfileForm,
    problems: Problems,
    kinds: Vec<(&'static str, &'static str)>,
    availabilities: Vec<(&'static str, &'static str)>,
    fields: &'static [Field],
    /// What somebody else has changed since the form was opened.
    newer: Vec<Difference>,
}

fn talent_page(frame: Frame, record: Option<TalentRecord>, form: ProfileForm, problems: Problems) -> TalentPage {
    let kinds = TalentKind::ALL.iter().map(|kind| (kind.code(), kind.label())).collect();
    let availabilities = Availability::ALL.iter().map(|a| (a.code(), a.name())).collect();
    let problems = problems.of_lists();
    TalentPage { frame, record, form, problems, kinds, availabilities, fields: data::fields(), newer: Vec::new() }
}

fn shown_page(page_of: &TalentPage) -> Response {
    let status = if page_of.newer.is_empty() { page_of.problems.status() } else { StatusCode::CONFLICT };
    page(status, page_of)
}

async fn blank(frame: Frame) -> Response {
    let form = ProfileForm { kind: String::new(), ..ProfileForm::blank() };
    shown_page(&talent_page(frame, None, form, Problems::default()))
}

async fn create(
    State(shared): State<Shared>,
    frame: Frame,
    Sent(form): Sent<ProfileForm>,
) -> Result<Response, PageError> {
    let made = match form.draft() {
        Ok(draft) => shared.app.talent_create(frame.signed()?, &draft).await,
        Err(problems) => Err(AppError::Invalid(problems)),
    };
    match made {
        Ok(record) => Ok(see(&path(&record.talent.id), "created")),
        Err(error) => Ok(shown_page(&talent_page(frame, None, form, Problems::of(error)?))),
    }
}

async fn show(State(shared): State<Shared>, frame: Frame, Path(id): Path<String>) -> Result<Response, PageError> {
    let record = shared.app.talent_get(frame.signed()?, &id).await?;
    let form = ProfileForm::of(&record);
    Ok(shown_page(&talent_page(frame, Some(record), form, Problems::default())))
}

async fn save(
    State(shared): State<Shared>,
    frame: Frame,
    Path(id): Path<String>,
    Sent(mut form): Sent<ProfileForm>,
) -> Result<Response, PageError> {
    form.id.clone_from(&id);
    let actor = frame.signed()?;
    let saved = match form.draft() {
        Ok(draft) => shared.app.talent_update(actor, &id, form.version, &draft).await,
        Err(problems) => Err(AppError::Invalid(problems)),
    };
    let error = match saved {
        Ok(_) => return Ok(see(&path(&id), "saved")),
        Err(error) => error,
    };
    let record = shared.app.talent_get(actor, &id).await?;
    if matches!(error, AppError::Stale) {
        let now = ProfileForm::of(&record);
        let newer = differences(&now, &form);
        form.version = record.version;
        let of = talent_page(frame, Some(record), form, Problems::default());
        // Somebody may have changed it to just this.
        return Ok(match newer.is_empty() {
            true => see(&path(&id), "saved"),
            false => shown_page(&TalentPage { newer, ..of }),
        });
    }
    Ok(shown_page(&talent_page(frame, Some(record), form, Problems::of(error)?)))
}

async fn delete(State(shared): State<Shared>, frame: Frame, Path(id): Path<String>) -> Result<Response, PageError> {
    shared.app.talent_delete(frame.signed()?, &id).await?;
    Ok(see("/operations/talents", "deleted"))
}

/// The page of a profile; ids from files may hold anything.
fn path(id: &str) -> String {
    format!("/operations/talents/{}", percent_encoded(id))
}
