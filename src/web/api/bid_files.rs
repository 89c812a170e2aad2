//! Files of bids: kept and deleted by who leads the bid, read by its people; after opening, by the
//! publisher and the panel.

use axum::Json;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::attachments::AttachmentForm;
use crate::app::board::files::BidFile;
use crate::web::error::{ApiError, Problem};
use crate::web::extract::{IfMatch, Signed, etag};
use crate::web::upload::OneFile;
use crate::web::{Shared, UPLOAD_MAX, download};

pub fn router() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(add))
        .routes(routes!(give, delete))
        .routes(routes!(give_publisher))
        .routes(routes!(give_panel))
        .layer(DefaultBodyLimit::max(UPLOAD_MAX))
}

/// A file of a bid.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct KeptBidFile {
    id: String,
    name: String,
    media_type: String,
    /// Bytes.
    size: i64,
    /// Of the content, in hexadecimal.
    sha256: String,
}

impl From<BidFile> for KeptBidFile {
    fn from(kept: BidFile) -> Self {
        let BidFile { id, name, media_type, size, sha256 } = kept;
        Self { id, name, media_type, size, sha256 }
    }
}

/// 上传揭榜附件
///
/// One file, up to 20 MiB; ten a bid. It counts once the bid is handed in again.
#[utoipa::path(post, path = "/api/v1/bids/{id}/files", tag = "board", params(("id" = String, Path),
    ("If-Match" = String, Header)), request_body(content = AttachmentForm, content_type = "multipart/form-data"),
    responses((status = 201, body = KeptBidFile), (status = 400, body = Problem), (status = 401, body = Problem),
    (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem),
    (status = 412, body = Problem), (status = 413, body = Problem), (status = 415, body = Problem),
    (status = 422, body = Problem)), security(("session" = []), ("token" = [])))]
async fn add(
    State(shared): State<Shared>,
    Signed(actor): Signed,
    Path(id): Path<String>,
    IfMatch(version): IfMatch,
    OneFile(file): OneFile,
) -> Result<impl IntoResponse, ApiError> {
    let (version, kept) = shared.app.bid_file_add(&actor, (&id, version), file).await?;
    Ok((StatusCode::CREATED, [etag(version)], Json(KeptBidFile::from(kept))))
}

/// 下载揭榜附件
#[utoipa::path(get, path = "/api/v1/bids/{id}/files/{file}", tag = "board", params(("id" = String, Path),
    ("file" = String, Path)), responses((status = 200, body = Vec<u8>, content_type = "application/octet-stream"),
    (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem)),
    security(("session" = []), ("token" = [])))]
async fn give(
    State(shared): State<Shared>,
    Signed(actor): Signed,
    Path((id, file)): Path<(String, String)>,
) -> Result<Response, ApiError> {
    sent(shared.app.bid_file(&actor, &id, &file).await?)
}

/// 删去揭榜附件
///
/// Not one that was handed in: the bid is withdrawn first.
#[utoipa::path(delete, path = "/api/v1/bids/{id}/files/{file}", tag = "board", params(("id" = String, Path),
    ("file" = String, Path), ("If-Match" = String, Header)), responses((status = 204), (status = 401, body = Problem),
    (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem),
    (status = 412, body = Problem)), security(("session" = []), ("token" = [])))]
async fn delete(
    State(shared): State<Shared>,
    Signed(actor): Signed,
    Path((id, file)): Path<(String, String)>,
    IfMatch(version): IfMatch,
) -> Result<impl IntoResponse, ApiError> {
    let version = shared.app.bid_file_delete(&actor, (&id, version), &file).await?;
    Ok((StatusCode::NO_CONTENT, [etag(version)]))
}

/// 下载揭榜附件（发榜方）
#[utoipa::path(get, path = "/api/v1/challenges/{id}/evaluation/{bid}/files/{file}", tag = "award",
    params(("id" = String, Path), ("bid" = String, Path), ("file" = String, Path)), responses(
    (status = 200, body = Vec<u8>, content_type = "application/octet-stream"), (status = 401, body = Problem),
    (status = 403, body = Problem), (status = 404, body = Problem)), security(("session" = []), ("token" = [])))]
async fn give_publisher(
    State(shared): State<Shared>,
    Signed(actor): Signed,
    Path((id, bid, file)): Path<(String, String, String)>,
) -> Result<Response, ApiError> {
    sent(shared.app.evaluation_file(&actor, (&id, &bid), &file).await?)
}

/// 下载揭榜附件（评委）
#[utoipa::path(get, path = "/api/v1/panel/{challenge}/bids/{bid}/files/{file}", tag = "panel",
    params(("challenge" = String, Path), ("bid" = String, Path), ("file" = String, Path)), responses(
    (status = 200, body = Vec<u8>, content_type = "application/octet-stream"), (status = 401, body = Problem),
    (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)),
    security(("session" = []), ("token" = [])))]
async fn give_panel(
    State(shared): State<Shared>,
    Signed(actor): Signed,
    Path((challenge, bid, file)): Path<(String, String, String)>,
) -> Result<Response, ApiError> {
    sent(shared.app.panel_file(&actor, &challenge, &bid, &file).await?)
}

fn sent((file, content): (BidFile, Vec<u8>)) -> Result<Response, ApiError> {
    Ok(download::file(&file.name, &file.media_type, content)?)
}
