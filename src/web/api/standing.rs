//! What an organisation declares for the rules on bidders, and its records of research integrity.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{AppendHeaders, IntoResponse};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::standing::RecordDraft;
use crate::domain::{Day, Declaration};
use crate::store::board::standing;
use crate::web::Shared;
use crate::web::error::{ApiError, Problem};
use crate::web::extract::{Body, IfMatch, Signed, etag};

pub fn router() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(get, declare)).routes(routes!(records, open)).routes(routes!(close))
}

/// What an organisation declares, and whether anything stands against it.
#[derive(Debug, Serialize, ToSchema)]
struct Standing {
    /// Id of the organisation.
    organisation: String,
    name: String,
    #[serde(flatten)]
    declared: Declaration,
    /// A record of research integrity is open: it may not bid.
    has_integrity_record: bool,
    /// Milliseconds since 1970 UTC; absent where nothing is declared.
    updated_at: Option<i64>,
    /// 0 where nothing is declared.
    version: i64,
}

fn answer(found: standing::Standing) -> impl IntoResponse {
    let declared = found.declaration();
    let standing::Standing { organisation, name, has_integrity_record, updated_at, version, .. } = found;
    let shown = Standing { organisation, name, declared, has_integrity_record, updated_at, version };
    (StatusCode::OK, AppendHeaders([etag(version)]), Json(shown))
}

/// 单位申报信息
///
/// Of the own organisation; operators see any.
#[utoipa::path(get, path = "/api/v1/organisations/{id}/standing", tag = "organisations",
    params(("id" = String, Path)), responses((status = 200, body = Standing), (status = 401, body = Problem),
    (status = 403, body = Problem), (status = 404, body = Problem)), security(("session" = []), ("token" = [])))]
async fn get(
    State(shared): State<Shared>,
    Signed(actor): Signed,
    Path(id): Path<String>,
) -> Result<impl IntoResponse, ApiError> {
    Ok(answer(shared.app.standing(&actor, &id).await?))
}

/// 申报所属集团、法定代表人和资质
///
/// Before the first time the version is 0: `If-Match: "v0"`.
#[utoipa::path(put, path = "/api/v1/organisations/{id}/standing", tag = "organisations",
    params(("id" = String, Path), ("If-Match" = String, Header)), request_body = Declaration, responses(
    (status = 200, body = Standing), (status = 400, body = Problem), (status = 401, body = Problem),
    (status = 403, body = Problem), (status = 404, body = Problem), (status = 412, body = Problem),
    (status = 415, body = Problem), (status = 422, body = Problem), (status = 428, body = Problem)),
    security(("session" = []), ("token" = [])))]
async fn declare(
    State(shared): State<Shared>,
    Signed(actor): Signed,
    Path(id): Path<String>,
    IfMatch(version): IfMatch,
    Body(declared): Body<Declaration>,
) -> Result<impl IntoResponse, ApiError> {
    Ok(answer(shared.app.standing_declare(&actor, &id, version, declared).await?))
}

/// A record of research integrity 科研诚信记录.
#[derive(Debug, Serialize, ToSchema)]
struct IntegrityRecord {
    id: String,
    what: String,
    /// The day of the finding.
    found_on: Option<Day>,
    /// Milliseconds since 1970 UTC.
    opened_at: i64,
    /// Name of who opened it; for operators.
    #[serde(skip_serializing_if = "Option::is_none")]
    opened_by: Option<String>,
    /// Absent while it stands against the organisation.
    #[serde(skip_serializing_if = "Option::is_none")]
    closing: Option<IntegrityClosing>,
}

/// How a record was closed.
#[derive(Debug, Serialize, ToSchema)]
struct IntegrityClosing {
    /// Milliseconds since 1970 UTC.
    at: i64,
    /// Name of who closed it; for operators.
    #[serde(skip_serializing_if = "Option::is_none")]
    by: Option<String>,
    reason: String,
}

impl From<standing::IntegrityRecord> for IntegrityRecord {
    fn from(record: standing::IntegrityRecord) -> Self {
        let standing::IntegrityRecord { id, what, found_on, opened_at, opened_by_name: opened_by, closing, .. } =
            record;
        let closing = closing.map(|c| IntegrityClosing { at: c.at, by: c.by_name, reason: c.reason });
        Self { id, what, found_on, opened_at, opened_by, closing }
    }
}

#[derive(Debug, Serialize, ToSchema)]
struct IntegrityRecordList {
    items: Vec<IntegrityRecord>,
}

/// 单位的科研诚信记录
///
/// Open and closed, newest first: of the own organisation; operators see any.
#[utoipa::path(get, path = "/api/v1/organisations/{id}/integrity-records", tag = "organisations",
    params(("id" = String, Path)), responses((status = 200, body = IntegrityRecordList),
    (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem)),
    security(("session" = []), ("token" = [])))]
async fn records(
    State(shared): State<Shared>,
    Signed(actor): Signed,
    Path(id): Path<String>,
) -> Result<Json<IntegrityRecordList>, ApiError> {
    let found = shared.app.integrity_records(&actor, &id).await?;
    Ok(Json(IntegrityRecordList { items: found.into_iter().map(Into::into).collect() }))
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewRecord {
    /// Up to 1,000 characters; the organisation's people read it.
    what: String,
    /// The day of the finding; today where it is absent.
    found_on: Option<Day>,
}

/// 登记科研诚信记录
///
/// While it is open the organisation may not bid; its people are told.
#[utoipa::path(post, path = "/api/v1/organisations/{id}/integrity-records", tag = "organisations",
    params(("id" = String, Path)), request_body = NewRecord, responses((status = 201, body = IntegrityRecord),
    (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem),
    (status = 404, body = Problem), (status = 415, body = Problem), (status = 422, body = Problem)),
    security(("session" = []), ("token" = [])))]
async fn open(
    State(shared): State<Shared>,
    Signed(actor): Signed,
    Path(id): Path<String>,
    Body(NewRecord { what, found_on }): Body<NewRecord>,
) -> Result<impl IntoResponse, ApiError> {
    let opened = shared.app.integrity_open(&actor, &id, &RecordDraft { what, found_on }).await?;
    Ok((StatusCode::CREATED, Json(IntegrityRecord::from(opened))))
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Closed {
    /// Up to 1,000 characters; the organisation's people read it.
    reason: String,
}

/// 了结科研诚信记录
#[utoipa::path(post, path = "/api/v1/organisations/{id}/integrity-records/{record}/close", tag = "organisations",
    params(("id" = String, Path), ("record" = String, Path)), request_body = Closed, responses(
    (status = 200, body = IntegrityRecord), (status = 400, body = Problem), (status = 401, body = Problem),
    (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem),
    (status = 415, body = Problem), (status = 422, body = Problem)), security(("session" = []), ("token" = [])))]
async fn close(
    State(shared): State<Shared>,
    Signed(actor): Signed,
    Path((id, record)): Path<(String, String)>,
    Body(Closed { reason }): Body<Closed>,
) -> Result<Json<IntegrityRecord>, ApiError> {
    Ok(Json(shared.app.integrity_close(&actor, (&id, &record), &reason).await?.into()))
}
