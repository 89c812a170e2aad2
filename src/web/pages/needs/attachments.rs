//! Files of a need: sent, listed, deleted. They are given back by the API, as downloads only.

use askama::Template;
use axum::Router;
use axum::extract::multipart::MultipartRejection;
use axum::extract::{Multipart, Path, State};
use axum::response::Response;
use axum::routing::{get, post};

use crate::app::AppError;
use crate::app::need_views::NeedView;
use crate::web::Shared;
use crate::web::error::PageError;
use crate::web::pages::forms::{Problems, see, sent_file};
use crate::web::pages::frame::Frame;
use crate::web::pages::{page, shown};

pub fn router() -> Router<Shared> {
    Router::new()
        .route("/needs/{id}/attachments", get(list).post(add))
        .route("/needs/{id}/attachments/{attachment}/delete", post(delete))
}

#[derive(Template)]
#[template(path = "needs/attachments.html", config = "src/web/askama.toml")]
struct Attachments {
    frame: Frame,
    view: NeedView,
    problems: Problems,
    may_change: bool,
    /// The own challenge that documents are added to instead.
    challenge: Option<String>,
}

async fn list(State(shared): State<Shared>, frame: Frame, Path(id): Path<String>) -> Result<Response, PageError> {
    Ok(render(&shared, frame, &id, Problems::default()).await?)
}

async fn render(shared: &Shared, frame: Frame, id: &str, problems: Problems) -> Result<Response, AppError> {
    let actor = frame.actor.as_ref().ok_or(AppError::Unauthenticated)?;
    let view = shared.app.need_view(actor, id).await?;
    let may_change = view.is_own() && view.record.status.is_editable();
    let challenge = match view.is_own() {
        true => shared.app.challenge_of_need(actor, id).await?.filter(|c| !c.status.is_over()).map(|c| c.id),
        false => None,
    };
    let status = problems.status();
    Ok(page(status, &Attachments { frame, view, problems, may_change, challenge }))
}

/// What is wrong stands beside the file's field.
async fn refused(shared: &Shared, frame: Frame, id: &str, error: AppError) -> Result<Response, PageError> {
    Ok(render(shared, frame, id, Problems::of(error)?.or_at("file")).await?)
}

async fn add(
    State(shared): State<Shared>,
    frame: Frame,
    Path(id): Path<String>,
    form: Result<Multipart, MultipartRejection>,
) -> Result<Response, PageError> {
    let actor = frame.signed()?.clone();
    let kept = match sent_file(form).await {
        Ok(file) => shared.app.attachment_add(&actor, &id, file).await,
        Err(error) => Err(error),
    };
    match kept {
        Ok(_) => Ok(see(&format!("/needs/{id}/attachments"), "attached")),
        Err(error) => refused(&shared, frame, &id, error).await,
    }
}

async fn delete(
    State(shared): State<Shared>,
    frame: Frame,
    Path((id, attachment)): Path<(String, String)>,
) -> Result<Response, PageError> {
    match shared.app.attachment_delete(frame.signed()?, &id, &attachment).await {
        Ok(()) => Ok(see(&format!("/needs/{id}/attachments"), "deleted")),
        Err(error @ AppError::Conflict { .. }) => refused(&shared, frame, &id, error).await,
        Err(error) => Err(error.into()),
    }
}
