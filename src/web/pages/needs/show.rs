//! One need: what it says, where it stands, what happened to it; submit, decide, withdraw.

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use serde::Deserialize;

use super::{changed, way};
use crate::app::need_views::{Event, NeedView, VERSIONS};
use crate::app::needs::NeedVerdict;
use crate::app::{AppError, assessment};
use crate::domain::need_change::{Difference, need_differences};
use crate::domain::need_progress::{Reached, missing_items};
use crate::domain::text_diff::Change;
use crate::domain::{Action, FieldProblem, NeedMode, NeedStatus};
use crate::web::Shared;
use crate::web::error::PageError;
use crate::web::extract::Params;
use crate::web::pages::forms::{Problems, Sent, see};
use crate::web::pages::frame::Frame;
use crate::web::pages::{page, shown};

pub fn router() -> Router<Shared> {
    Router::new()
        .route("/needs/{id}", get(show))
        .route("/needs/{id}/versions", get(versions))
        .route("/needs/{id}/submission", post(submit))
        .route("/needs/{id}/decision", post(decide))
        .route("/needs/{id}/withdrawal", post(withdraw))
}

/// Changes that the page of a need tells of.
const EVENTS: i64 = 4;

#[derive(Template)]
#[template(path = "needs/show.html", config = "src/web/askama.toml")]
struct Show {
    frame: Frame,
    view: NeedView,
    missing: Vec<&'static str>,
    events: Vec<Event>,
    may_decide: bool,
    problems: Problems,
    /// The reason that was typed, where it was refused.
    typed: String,
    /// Whether the form to withdraw is the one that was refused.
    withdrawing: bool,
}

async fn show(State(shared): State<Shared>, frame: Frame, Path(id): Path<String>) -> Result<Response, PageError> {
    Ok(render(&shared, frame, &id, Problems::default(), String::new()).await?)
}

async fn render(
    shared: &Shared,
    frame: Frame,
    id: &str,
    problems: Problems,
    typed: String,
) -> Result<Response, AppError> {
    let actor = frame.actor.as_ref().ok_or(AppError::Unauthenticated)?;
    let view = shared.app.need_view(actor, id).await?;
    let (events, _) = shared.app.need_history(actor, id, i64::MAX, EVENTS).await?;
    let may_decide = view.record.status == NeedStatus::Submitted && frame.may(Action::NeedDecide);
    let missing = missing_items(&view.record.need);
    let (status, withdrawing) = (problems.status(), problems.at("why").is_some());
    Ok(page(status, &Show { frame, view, missing, events, may_decide, problems, typed, withdrawing }))
}

/// The page again with what was wrong with a step; what is wrong with no field stands on top.
async fn refused(
    shared: &Shared,
    frame: Frame,
    id: &str,
    error: AppError,
    typed: String,
) -> Result<Response, PageError> {
    let message = "需求刚被别人改过，这一步没有做：下面是现在的内容，请看过再决定";
    let problems = Problems::or_stale(error, message)?;
    Ok(render(shared, frame, id, problems, typed).await?)
}

#[derive(Deserialize)]
struct Step {
    version: i64,
    #[serde(default)]
    verdict: String,
    /// Of giving back.
    #[serde(default)]
    reason: String,
    /// Of withdrawing.
    #[serde(default)]
    why: String,
}

async fn submit(
    State(shared): State<Shared>,
    frame: Frame,
    Path(id): Path<String>,
    Sent(step): Sent<Step>,
) -> Result<Response, PageError> {
    match shared.app.need_submit(frame.signed()?, &id, step.version).await {
        Ok(_) => Ok(see(&format!("/needs/{id}"), "submitted")),
        // The fields are on the form, not here.
        Err(AppError::Invalid(problems)) => {
            let told = problems.into_iter().map(|p| FieldProblem { field: String::new(), ..p });
            Ok(render(&shared, frame, &id, told.collect::<Vec<_>>().into(), String::new()).await?)
        }
        Err(error) => refused(&shared, frame, &id, error, String::new()).await,
    }
}

async fn decide(
    State(shared): State<Shared>,
    frame: Frame,
    Path(id): Path<String>,
    Sent(step): Sent<Step>,
) -> Result<Response, PageError> {
    let (verdict, done) = match step.verdict.as_str() {
        "publish" => (NeedVerdict::Publish, "published"),
        _ => (NeedVerdict::GiveBack { reason: step.reason.clone() }, "given-back"),
    };
    match shared.app.need_decide(frame.signed()?, &id, step.version, verdict).await {
        Ok(_) => Ok(see(&format!("/needs/{id}"), done)),
        Err(error) => refused(&shared, frame, &id, error, step.reason).await,
    }
}

async fn withdraw(
    State(shared): State<Shared>,
    frame: Frame,
    Path(id): Path<String>,
    Sent(step): Sent<Step>,
) -> Result<Response, PageError> {
    match shared.app.need_withdraw(frame.signed()?, &id, step.version, &step.why).await {
        Ok(_) => Ok(see(&format!("/needs/{id}"), "withdrawn")),
        Err(AppError::Invalid(problems)) => {
            let told = problems.into_iter().map(|p| FieldProblem { field: "why".into(), ..p });
            Ok(render(&shared, frame, &id, told.collect::<Vec<_>>().into(), step.why).await?)
        }
        Err(error) => refused(&shared, frame, &id, error, step.why).await,
    }
}

#[derive(Template)]
#[template(path = "needs/versions.html", config = "src/web/askama.toml")]
struct Versions {
    frame: Frame,
    view: NeedView,
    events: Vec<Event>,
    /// The version before which older ones are.
    older: Option<i64>,
    /// The versions that are compared.
    between: Option<(i64, i64)>,
    differences: Vec<Difference>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Which {
    before: String,
    from: String,
    to: String,
}

async fn versions(
    State(shared): State<Shared>,
    frame: Frame,
    Path(id): Path<String>,
    Params(which): Params<Which>,
) -> Result<Response, PageError> {
    let actor = frame.signed()?;
    let view = shared.app.need_view(actor, &id).await?;
    let before = which.before.parse().unwrap_or(i64::MAX);
    let (events, is_more) = shared.app.need_history(actor, &id, before, VERSIONS).await?;
    let older = events.last().map(|event| event.version.version).filter(|_| is_more);
    let between = which.from.parse().ok().zip(which.to.parse().ok());
    let differences = match between {
        Some((from, to)) => {
            let (_, old) = shared.app.need_version(actor, &id, from).await?;
            let (_, new) = shared.app.need_version(actor, &id, to).await?;
            let taxonomy = &assessment::rules()?.taxonomy;
            need_differences(&old, &new, |code| taxonomy.field(code).map_or(code, |f| f.name.as_str()).to_owned())
        }
        None => Vec::new(),
    };
    Ok(page(StatusCode::OK, &Versions { frame, view, events, older, between, differences }))
}

/// What is compared, or else what would be asked for next: the newest with the one before it.
fn compared(between: &Option<(i64, i64)>, events: &[Event]) -> (i64, i64) {
    let newest = |place: usize| events.get(place).map_or(0, |event| event.version.version);
    between.unwrap_or_else(|| (newest(1), newest(0)))
}
