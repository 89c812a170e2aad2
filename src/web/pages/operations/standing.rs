//! What an organisation declares for the rules on bidders, checked by an operator, and its records of
//! research integrity, which operators keep.

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::{get, post};
use serde::Deserialize;

use super::forms::{Problems, Sent, see};
use super::{page, shown};
use crate::app::AppError;
use crate::app::standing::RecordDraft;
use crate::domain::{Day, FieldProblem};
use crate::store::board::standing::{IntegrityRecord, Standing};
use crate::web::Shared;
use crate::web::error::PageError;
use crate::web::pages::frame::Frame;
use crate::web::pages::organisation::{DeclarationForm, Declaring};

pub fn router() -> Router<Shared> {
    Router::new()
        .route("/operations/organisations/{id}/standing", get(show).post(correct))
        .route("/operations/organisations/{id}/integrity-records", post(open))
        .route("/operations/organisations/{id}/integrity-records/{record}/close", post(close))
}

/// A new record, as it is typed.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct RecordForm {
    what: String,
    found_on: String,
}

impl RecordForm {
    fn draft(&self) -> Result<RecordDraft, AppError> {
        let found_on = Some(self.found_on.trim()).filter(|text| !text.is_empty());
        let found_on = found_on.map(Day::parse).transpose();
        let found_on = found_on.map_err(|fault| AppError::Invalid(vec![FieldProblem::at("found_on", fault)]))?;
        Ok(RecordDraft { what: self.what.clone(), found_on })
    }
}

/// Why a record is closed, as it is typed, and which one.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ClosingForm {
    #[serde(skip)]
    record: String,
    reason: String,
}

/// What was typed into one of the forms of the page and not taken.
#[derive(Default)]
struct Typed {
    declaring: Option<Declaring>,
    record: Option<(RecordForm, Problems)>,
    closing: Option<(ClosingForm, Problems)>,
}

#[derive(Template)]
#[template(path = "operations/standing.html", config = "src/web/askama.toml")]
struct StandingPage {
    frame: Frame,
    standing: Standing,
    records: Vec<IntegrityRecord>,
    form: DeclarationForm,
    is_stale: bool,
    record: RecordForm,
    closing: ClosingForm,
    /// Of the one form that was sent; the reasons of closing are each at its own record.
    problems: Problems,
}

impl StandingPage {
    /// The name of the field in which a record's reason is typed.
    fn reason_field(&self, record: &IntegrityRecord) -> String {
        reason_field(&record.id)
    }

    /// What was typed for a record.
    fn reason(&self, record: &IntegrityRecord) -> &str {
        if self.closing.record == record.id { &self.closing.reason } else { "" }
    }
}

fn reason_field(record: &str) -> String {
    format!("reason-{record}")
}

async fn show(State(shared): State<Shared>, frame: Frame, Path(id): Path<String>) -> Result<Response, PageError> {
    render(&shared, frame, &id, Typed::default()).await
}

async fn render(shared: &Shared, frame: Frame, id: &str, typed: Typed) -> Result<Response, PageError> {
    let actor = frame.signed()?;
    let standing = shared.app.standing(actor, id).await?;
    let records = shared.app.integrity_records(actor, id).await?;
    let Typed { declaring, record, closing } = typed;
    let declaring = declaring.unwrap_or_else(|| Declaring::of(&standing));
    let today = shared.app.today()?.to_string();
    let (record, of_record) =
        record.unwrap_or_else(|| (RecordForm { found_on: today, ..RecordForm::default() }, Problems::default()));
    let (closing, of_closing) = closing.unwrap_or_default();
    let mut status = declaring.status();
    let Declaring { form, problems, is_stale } = declaring;
    let problems = [problems, of_record, of_closing].into_iter().find(|p| !p.is_empty()).unwrap_or_default();
    if !problems.is_empty() {
        status = problems.status();
    }
    Ok(page(status, &StandingPage { frame, standing, records, form, is_stale, record, closing, problems }))
}

fn place(id: &str) -> String {
    format!("/operations/organisations/{id}/standing")
}

async fn correct(
    State(shared): State<Shared>,
    frame: Frame,
    Path(id): Path<String>,
    Sent(form): Sent<DeclarationForm>,
) -> Result<Response, PageError> {
    let actor = frame.signed()?;
    match shared.app.standing_declare(actor, &id, form.version, form.declared()).await {
        Ok(_) => Ok(see(&place(&id), "saved")),
        Err(error) => {
            let now = shared.app.standing(actor, &id).await?;
            let declaring = Some(Declaring::refused(form, error, &now)?);
            render(&shared, frame, &id, Typed { declaring, ..Typed::default() }).await
        }
    }
}

async fn open(
    State(shared): State<Shared>,
    frame: Frame,
    Path(id): Path<String>,
    Sent(form): Sent<RecordForm>,
) -> Result<Response, PageError> {
    let opened = match form.draft() {
        Ok(draft) => shared.app.integrity_open(frame.signed()?, &id, &draft).await,
        Err(error) => Err(error),
    };
    match opened {
        Ok(_) => Ok(see(&place(&id), "recorded")),
        Err(error) => {
            let record = Some((form, Problems::of(error)?));
            render(&shared, frame, &id, Typed { record, ..Typed::default() }).await
        }
    }
}

async fn close(
    State(shared): State<Shared>,
    frame: Frame,
    Path((id, record)): Path<(String, String)>,
    Sent(form): Sent<ClosingForm>,
) -> Result<Response, PageError> {
    match shared.app.integrity_close(frame.signed()?, (&id, &record), &form.reason).await {
        Ok(_) => Ok(see(&place(&id), "closed")),
        Err(error) => {
            let at = |p: &FieldProblem| match p.field.as_str() {
                "reason" => FieldProblem { field: reason_field(&record), ..p.clone() },
                _ => p.clone(),
            };
            let problems: Vec<FieldProblem> = Problems::of(error)?.all().iter().map(at).collect();
            let closing = Some((ClosingForm { record, ..form }, problems.into()));
            render(&shared, frame, &id, Typed { closing, ..Typed::default() }).await
        }
    }
}
