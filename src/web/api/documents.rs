//! Documents of a challenge, and what is agreed to before those that are confidential.

use axum::Json;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::attachments::AttachmentForm;
use crate::app::board::documents::DocumentAccess;
use crate::domain::challenge::talk::{AGREEMENT, AGREEMENT_VERSION};
use crate::store::Attachment;
use crate::web::error::{ApiError, Problem};
use crate::web::extract::{Body, MaybeSigned, Params, Signed};
use crate::web::upload::OneFile;
use crate::web::{Shared, UPLOAD_MAX, download};

pub fn router() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(documents, add_document))
        .routes(routes!(document, delete_document))
        .layer(DefaultBodyLimit::max(UPLOAD_MAX))
        .routes(routes!(agreement, agree))
}

/// What is agreed to before confidential documents are read.
#[derive(Debug, Serialize, ToSchema)]
struct Agreement {
    version: i64,
    text: String,
    /// When one has agreed to this version, if one has; milliseconds since 1970 UTC.
    agreed_at: Option<i64>,
}

/// 保密约定
#[utoipa::path(get, path = "/api/v1/challenges/{id}/agreement", tag = "board", params(("id" = String, Path)),
    responses((status = 200, body = Agreement), (status = 401, body = Problem), (status = 404, body = Problem)),
    security(("session" = []), ("token" = [])))]
async fn agreement(
    State(shared): State<Shared>,
    Signed(actor): Signed,
    Path(id): Path<String>,
) -> Result<Json<Agreement>, ApiError> {
    shared.app.challenge_public(&id).await?;
    let agreed = shared.app.agreements(&actor, &id).await?;
    let agreed_at = agreed.iter().find(|row| row.text_version == AGREEMENT_VERSION).map(|row| row.at);
    Ok(Json(Agreement { version: AGREEMENT_VERSION, text: AGREEMENT.into(), agreed_at }))
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Agreeing {
    /// Of the text that was read.
    version: i64,
}

/// 同意保密约定
///
/// Text, version, account and time are kept.
#[utoipa::path(put, path = "/api/v1/challenges/{id}/agreement", tag = "board", params(("id" = String, Path)),
    request_body = Agreeing, responses((status = 204), (status = 400, body = Problem), (status = 401, body = Problem),
    (status = 404, body = Problem), (status = 409, body = Problem), (status = 415, body = Problem),
    (status = 422, body = Problem)), security(("session" = []), ("token" = [])))]
async fn agree(
    State(shared): State<Shared>,
    Signed(actor): Signed,
    Path(id): Path<String>,
    Body(agreeing): Body<Agreeing>,
) -> Result<StatusCode, ApiError> {
    shared.app.agreement_make(&actor, &id, agreeing.version).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Debug, Serialize, ToSchema)]
struct ShownDocument {
    id: String,
    name: String,
    media_type: String,
    /// Bytes.
    size: i64,
    /// Milliseconds since 1970 UTC.
    at: i64,
    /// The question that it belongs to the answer of.
    #[serde(skip_serializing_if = "Option::is_none")]
    question: Option<String>,
}

impl From<Attachment> for ShownDocument {
    fn from(kept: Attachment) -> Self {
        let Attachment { id, name, media_type, size, at, question, .. } = kept;
        Self { id, name, media_type, size, at, question }
    }
}

#[derive(Debug, Serialize, ToSchema)]
struct DocumentList {
    items: Vec<ShownDocument>,
    /// Whether one may download them now; if not, agree first.
    is_granted: bool,
}

/// 榜单的附件
#[utoipa::path(get, path = "/api/v1/challenges/{id}/files", tag = "board", params(("id" = String, Path)), responses(
    (status = 200, body = DocumentList), (status = 404, body = Problem)))]
async fn documents(
    State(shared): State<Shared>,
    MaybeSigned(actor): MaybeSigned,
    Path(id): Path<String>,
) -> Result<Json<DocumentList>, ApiError> {
    let (found, access) = shared.app.challenge_documents(actor.as_ref(), &id).await?;
    let is_granted = access == DocumentAccess::Granted;
    Ok(Json(DocumentList { items: found.into_iter().map(Into::into).collect(), is_granted }))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct ToAnswer {
    /// Id of a question: the file belongs to its answer.
    question: Option<String>,
}

/// 添加榜单的附件
///
/// By the publisher, while it prepares the challenge and while bids are taken. One file, up to 20 MiB.
#[utoipa::path(post, path = "/api/v1/challenges/{id}/files", tag = "board", params(("id" = String, Path), ToAnswer),
    request_body(content = AttachmentForm, content_type = "multipart/form-data"), responses(
    (status = 201, body = ShownDocument), (status = 400, body = Problem), (status = 401, body = Problem),
    (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem),
    (status = 412, body = Problem), (status = 413, body = Problem), (status = 415, body = Problem),
    (status = 422, body = Problem)), security(("session" = []), ("token" = [])))]
async fn add_document(
    State(shared): State<Shared>,
    Signed(actor): Signed,
    Path(id): Path<String>,
    Params(to): Params<ToAnswer>,
    OneFile(file): OneFile,
) -> Result<impl IntoResponse, ApiError> {
    let kept = shared.app.document_add(&actor, (&id, to.question.as_deref()), file).await?;
    Ok((StatusCode::CREATED, Json(ShownDocument::from(kept))))
}

/// 删去榜单的附件
///
/// While it is being prepared; what was published stays.
#[utoipa::path(delete, path = "/api/v1/challenges/{id}/files/{file}", tag = "board", params(("id" = String, Path),
    ("file" = String, Path)), responses((status = 204), (status = 401, body = Problem), (status = 403, body = Problem),
    (status = 404, body = Problem), (status = 409, body = Problem)), security(("session" = []), ("token" = [])))]
async fn delete_document(
    State(shared): State<Shared>,
    Signed(actor): Signed,
    Path((id, file)): Path<(String, String)>,
) -> Result<StatusCode, ApiError> {
    shared.app.document_delete(&actor, &id, &file).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// 下载榜单的附件
#[utoipa::path(get, path = "/api/v1/challenges/{id}/files/{file}", tag = "board", params(("id" = String, Path),
    ("file" = String, Path)), responses((status = 200, body = Vec<u8>, content_type = "application/octet-stream"),
    (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem)),
    security((), ("session" = []), ("token" = [])))]
async fn document(
    State(shared): State<Shared>,
    MaybeSigned(actor): MaybeSigned,
    Path((id, file)): Path<(String, String)>,
) -> Result<Response, ApiError> {
    let (kept, content) = shared.app.challenge_document(actor.as_ref(), &id, &file).await?;
    Ok(download::file(&kept.name, &kept.media_type, content)?)
}
