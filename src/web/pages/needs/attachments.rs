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
use crate::web::pages::forms::{Problems, see};
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
}

async fn list(State(shared): State<Shared>, frame: Frame, Path(id): Path<String>) -> Result<Response, PageError> {
    Ok(render(&shared, frame, &id, Problems::default()).await?)
}

async fn render(shared: &Shared, frame: Frame, id: &str, problems: Problems) -> Result<Response, AppError> {
    let actor = frame.actor.as_ref().ok_or(AppError::Unauthenticated)?;
    let view = shared.app.need_view(actor, id).await?;
    let may_change = view.is_own() && view.record.status.is_editable();
    let status = problems.status();
    Ok(page(status, &Attachments { frame, view, problems, may_change }))
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
    let kept = match file(form).await {
        Ok((name, content)) => shared.app.attachment_add(&actor, &id, &name, content).await,
        Err(error) => Err(error),
    };
    match kept {
        Ok(_) => Ok(see(&format!("/needs/{id}/attachments"), "attached")),
        Err(error) => refused(&shared, frame, &id, error).await,
    }
}

/// The file of the form with its name.
async fn file(form: Result<Multipart, MultipartRejection>) -> Result<(String, Vec<u8>), AppError> {
    let broken = || AppError::invalid("file", "broken-body", "文件没有完整收到，没有保存：请重新选择并上传");
    let mut form = form.map_err(|_| broken())?;
    while let Some(field) = form.next_field().await.map_err(|_| broken())? {
        if field.name() != Some("file") {
            continue;
        }
        let name = field.file_name().unwrap_or_default().to_owned();
        let content = field.bytes().await.map_err(|_| broken())?.to_vec();
        if !(name.is_empty() && content.is_empty()) {
            return Ok((name, content));
        }
    }
    Err(AppError::invalid("file", "missing-value", "还没有选文件：请先选择一个文件，再点上传"))
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
