//! What a publisher does with a challenge: prepare, submit, amend, withdraw.

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use serde::Deserialize;

use super::form::ChallengeForm;
use crate::app::AppError;
use crate::app::board::challenges::field_name;
use crate::domain::challenge::status::ChallengeStatus;
use crate::domain::challenge::talk::takes_documents;
use crate::domain::challenge::{Attachments, Contact, Scores};
use crate::domain::{FieldProblem, OrganisationKind, Ownership};
use crate::store::board::challenges::ChallengeRecord;
use crate::store::{Attachment, NeedRecord};
use crate::web::Shared;
use crate::web::error::PageError;
use crate::web::pages::forms::{Problems, Sent, see};
use crate::web::pages::frame::Frame;
use crate::web::pages::{page, shown};

pub fn router() -> Router<Shared> {
    Router::new()
        .route("/needs/{id}/challenge", get(begin_page).post(begin))
        .route("/challenges/own", get(own))
        .route("/challenges/{id}/manage", get(manage))
        .route("/challenges/{id}/edit", get(edit).post(write))
        .route("/challenges/{id}/submission", post(submit))
        .route("/challenges/{id}/withdrawal", post(withdraw))
}

#[derive(Template)]
#[template(path = "board/begin.html", config = "src/web/askama.toml")]
struct Begin {
    frame: Frame,
    need: NeedRecord,
    problems: Problems,
}

async fn begin_page(State(shared): State<Shared>, frame: Frame, Path(id): Path<String>) -> Result<Response, PageError> {
    let actor = frame.signed()?;
    let need = shared.app.need_get(actor, &id).await?;
    if let Some(found) = shared.app.challenge_of_need(actor, &id).await?.filter(|c| !c.status.is_over()) {
        return Ok(see(&format!("/challenges/{}/manage", found.id), ""));
    }
    Ok(page(StatusCode::OK, &Begin { frame, need, problems: Problems::default() }))
}

async fn begin(State(shared): State<Shared>, frame: Frame, Path(id): Path<String>) -> Result<Response, PageError> {
    let actor = frame.signed()?;
    match shared.app.challenge_begin(actor, &id).await {
        Ok(made) => Ok(see(&format!("/challenges/{}/edit", made.id), "created")),
        Err(error) => {
            let problems = Problems::of(error)?;
            let need = shared.app.need_get(actor, &id).await?;
            Ok(page(problems.status(), &Begin { frame, need, problems }))
        }
    }
}

#[derive(Template)]
#[template(path = "board/own.html", config = "src/web/askama.toml")]
struct Own {
    frame: Frame,
    rows: Vec<ChallengeRecord>,
    now: i64,
}

async fn own(State(shared): State<Shared>, frame: Frame) -> Result<Response, PageError> {
    let rows = shared.app.challenges_own(frame.signed()?).await?;
    let now = shared.app.board_time().await?;
    Ok(page(StatusCode::OK, &Own { frame, rows, now }))
}

#[derive(Template)]
#[template(path = "board/manage.html", config = "src/web/askama.toml")]
struct Manage {
    frame: Frame,
    challenge: ChallengeRecord,
    field: Option<String>,
    now: i64,
    documents: Vec<Attachment>,
    /// Whether documents may be added, and deleted, now.
    may_add: bool,
    may_delete: bool,
    problems: Problems,
    /// The reason that was typed, where it was refused.
    typed: String,
}

async fn manage(State(shared): State<Shared>, frame: Frame, Path(id): Path<String>) -> Result<Response, PageError> {
    managed(&shared, frame, &id, Problems::default(), String::new()).await
}

pub(super) async fn managed(
    shared: &Shared,
    frame: Frame,
    id: &str,
    problems: Problems,
    typed: String,
) -> Result<Response, PageError> {
    let challenge = shared.app.challenge_managed(frame.signed()?, id).await?;
    let (field, now, status) = (field_name(&challenge), shared.app.board_time().await?, problems.status());
    let documents = shared.app.documents(&challenge).await?;
    let may_add = takes_documents(challenge.status, &challenge.content, now);
    let may_delete = challenge.status == ChallengeStatus::Preparing;
    Ok(page(status, &Manage { frame, challenge, field, now, documents, may_add, may_delete, problems, typed }))
}

#[derive(Deserialize)]
struct Step {
    version: i64,
    #[serde(default)]
    why: String,
}

async fn submit(
    State(shared): State<Shared>,
    frame: Frame,
    Path(id): Path<String>,
    Sent(step): Sent<Step>,
) -> Result<Response, PageError> {
    match shared.app.challenge_submit(frame.signed()?, &id, step.version).await {
        Ok(_) => Ok(see(&format!("/challenges/{id}/manage"), "submitted")),
        // The fields are on the form.
        Err(AppError::Invalid(problems)) => {
            let challenge = shared.app.challenge_managed(frame.signed()?, &id).await?;
            let form = ChallengeForm::of(&challenge.content, challenge.version);
            edited(frame, challenge, form, problems.into())
        }
        Err(error) => managed(&shared, frame, &id, Problems::or_stale(error, STALE)?, String::new()).await,
    }
}

async fn withdraw(
    State(shared): State<Shared>,
    frame: Frame,
    Path(id): Path<String>,
    Sent(step): Sent<Step>,
) -> Result<Response, PageError> {
    match shared.app.challenge_end(frame.signed()?, &id, step.version, &step.why).await {
        Ok(ended) if ended.status == ChallengeStatus::Failed => Ok(see(&format!("/challenges/{id}/manage"), "failed")),
        Ok(_) => Ok(see(&format!("/challenges/{id}/manage"), "taken-down")),
        Err(error) => managed(&shared, frame, &id, Problems::or_stale(error, STALE)?, step.why).await,
    }
}

const STALE: &str = "榜单刚被别人改过，这一步没有做：下面是现在的内容，请看过再决定";

#[derive(Template)]
#[template(path = "board/edit.html", config = "src/web/askama.toml")]
struct Edit {
    frame: Frame,
    challenge: ChallengeRecord,
    form: ChallengeForm,
    problems: Problems,
    kinds: [OrganisationKind; 3],
    ownerships: [Ownership; 4],
    contacts: [Contact; 2],
    attachments: [Attachments; 2],
    scores: [Scores; 2],
}

impl Edit {
    /// Whether it is an amendment of what everybody reads.
    fn is_amendment(&self) -> bool {
        self.challenge.status == ChallengeStatus::Open
    }
}

fn edited(
    frame: Frame,
    challenge: ChallengeRecord,
    form: ChallengeForm,
    problems: Problems,
) -> Result<Response, PageError> {
    let status = problems.status();
    let kinds = [OrganisationKind::Enterprise, OrganisationKind::University, OrganisationKind::Institute];
    let (ownerships, contacts) = (Ownership::ALL, Contact::ALL);
    let (attachments, scores) = (Attachments::ALL, Scores::ALL);
    Ok(page(status, &Edit { frame, challenge, form, problems, kinds, ownerships, contacts, attachments, scores }))
}

async fn edit(State(shared): State<Shared>, frame: Frame, Path(id): Path<String>) -> Result<Response, PageError> {
    let challenge = shared.app.challenge_managed(frame.signed()?, &id).await?;
    let form = ChallengeForm::of(&challenge.content, challenge.version);
    edited(frame, challenge, form, Problems::default())
}

async fn write(
    State(shared): State<Shared>,
    frame: Frame,
    Path(id): Path<String>,
    Sent(form): Sent<ChallengeForm>,
) -> Result<Response, PageError> {
    let actor = frame.signed()?.clone();
    let challenge = shared.app.challenge_managed(&actor, &id).await?;
    if form.r#do == "add" {
        return edited(frame, challenge, form, Problems::default());
    }
    let (content, unread) = form.challenge();
    if !unread.is_empty() {
        return edited(frame, challenge, form, unread.into());
    }
    let amends = challenge.status == ChallengeStatus::Open;
    let done = match (amends, form.r#do.as_str()) {
        (true, _) => shared.app.challenge_amend(&actor, &id, form.version(), content, &form.amendment).await,
        (false, "submit") => match shared.app.challenge_update(&actor, &id, form.version(), content).await {
            Ok(kept) => match shared.app.challenge_submit(&actor, &id, kept.version).await {
                // What was typed is saved: the form goes on from there.
                Err(AppError::Invalid(problems)) => {
                    let form = ChallengeForm { version: kept.version.to_string(), ..form };
                    return edited(frame, kept, form, problems.into());
                }
                done => done,
            },
            failed => failed,
        },
        _ => shared.app.challenge_update(&actor, &id, form.version(), content).await,
    };
    let error = match done {
        Ok(_) if amends => return Ok(see(&format!("/challenges/{id}"), "amended")),
        Ok(_) if form.r#do == "submit" => return Ok(see(&format!("/challenges/{id}/manage"), "submitted")),
        Ok(_) if form.r#do == "preview" => return Ok(see(&format!("/challenges/{id}/manage"), "saved")),
        Ok(_) => return Ok(see(&format!("/challenges/{id}/edit"), "saved")),
        Err(error) => error,
    };
    if matches!(error, AppError::Stale) {
        // What was typed stays; saving again puts it over what somebody else has saved, which is shown.
        let form = ChallengeForm { version: challenge.version.to_string(), ..form };
        let message = "同事刚保存了较新的版本：您填写的内容还在下面，再点一次保存会覆盖它；要看那一版，请另开页面";
        return edited(frame, challenge, form, vec![FieldProblem::new("", "stale", message)].into());
    }
    edited(frame, challenge, form, Problems::of(error)?)
}
