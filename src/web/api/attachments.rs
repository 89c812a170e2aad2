//! Attachments of needs. They are given back as downloads only: no browser is to show what somebody
//! has sent in as if it were a page of the site.

use axum::Json;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::domain::hex::hex;
use crate::store::Attachment;
use crate::web::error::{ApiError, Problem};
use crate::web::extract::Signed;
use crate::web::upload::OneFile;
use crate::web::{Shared, UPLOAD_MAX, download};

pub fn router() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(list, add))
        .routes(routes!(give, delete))
        .layer(DefaultBodyLimit::max(UPLOAD_MAX))
}

#[derive(Debug, Serialize, ToSchema)]
struct KeptAttachment {
    id: String,
    name: String,
    media_type: String,
    /// Bytes.
    size: i64,
    /// Of the content, in hexadecimal.
    sha256: String,
    /// Id of the account.
    by: String,
    /// Milliseconds since 1970 UTC.
    at: i64,
}

impl From<Attachment> for KeptAttachment {
    fn from(kept: Attachment) -> Self {
        let sha256 = hex(kept.sha256);
        let Attachment { id, name, media_type, size, by_account: by, at, .. } = kept;
        Self { id, name, media_type, size, sha256, by, at }
    }
}

#[derive(Debug, Serialize, ToSchema)]
struct AttachmentList {
    items: Vec<KeptAttachment>,
}

/// 需求的附件
#[utoipa::path(get, path = "/api/v1/needs/{id}/attachments", tag = "needs", params(("id" = String, Path)), responses(
    (status = 200, body = AttachmentList), (status = 401, body = Problem), (status = 403, body = Problem),
    (status = 404, body = Problem)), security(("session" = []), ("token" = [])))]
async fn list(
    State(shared): State<Shared>,
    Signed(actor): Signed,
    Path(id): Path<String>,
) -> Result<Json<AttachmentList>, ApiError> {
    let found = shared.app.attachments(&actor, &id).await?;
    Ok(Json(AttachmentList { items: found.into_iter().map(Into::into).collect() }))
}

/// The form that a file is sent with.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the form; the handler reads it piece by piece")]
pub(super) struct AttachmentForm {
    /// PDF, docx, xlsx, pptx, PNG, JPEG, or txt and csv in UTF-8.
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
}

/// 上传附件
///
/// One file, up to 20 MiB; ten a need.
#[utoipa::path(post, path = "/api/v1/needs/{id}/attachments", tag = "needs", params(("id" = String, Path)),
    request_body(content = AttachmentForm, content_type = "multipart/form-data"), responses(
    (status = 201, body = KeptAttachment), (status = 400, body = Problem), (status = 401, body = Problem),
    (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem),
    (status = 413, body = Problem), (status = 415, body = Problem), (status = 422, body = Problem)),
    security(("session" = []), ("token" = [])))]
async fn add(
    State(shared): State<Shared>,
    Signed(actor): Signed,
    Path(id): Path<String>,
    OneFile(file): OneFile,
) -> Result<impl IntoResponse, ApiError> {
    let kept = shared.app.attachment_add(&actor, &id, file).await?;
    let location = format!("/api/v1/needs/{id}/attachments/{}", kept.id);
    Ok((StatusCode::CREATED, [(header::LOCATION, location)], Json(KeptAttachment::from(kept))))
}

/// 下载附件
#[utoipa::path(get, path = "/api/v1/needs/{id}/attachments/{attachment}", tag = "needs", params(("id" = String, Path),
    ("attachment" = String, Path)), responses((status = 200, body = Vec<u8>, content_type = "application/octet-stream"),
    (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem)),
    security(("session" = []), ("token" = [])))]
async fn give(
    State(shared): State<Shared>,
    Signed(actor): Signed,
    Path((id, attachment)): Path<(String, String)>,
) -> Result<impl IntoResponse, ApiError> {
    let (kept, content) = shared.app.attachment(&actor, &id, &attachment).await?;
    Ok(download::file(&kept.name, &kept.media_type, content)?)
}

/// 删除附件
#[utoipa::path(delete, path = "/api/v1/needs/{id}/attachments/{attachment}", tag = "needs",
    params(("id" = String, Path), ("attachment" = String, Path)), responses((status = 204),
    (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem),
    (status = 409, body = Problem)), security(("session" = []), ("token" = [])))]
async fn delete(
    State(shared): State<Shared>,
    Signed(actor): Signed,
    Path((id, attachment)): Path<(String, String)>,
) -> Result<StatusCode, ApiError> {
    shared.app.attachment_delete(&actor, &id, &attachment).await?;
    Ok(StatusCode::NO_CONTENT)
}
