//! Talents: what everybody sees, and the whole profile for its person and for operators.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{AppendHeaders, IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{Page, Paging};
use crate::app::AppError;
use crate::app::talents::{Found, Piece, PieceDraft, PublicTalent, TalentDraft};
use crate::domain::search::percent_encoded;
use crate::domain::{Availability, Talent};
use crate::store::TalentRecord;
use crate::web::Shared;
use crate::web::error::{ApiError, Problem};
use crate::web::extract::{Body, IfMatch, Params, Signed, etag};

pub fn router() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(get, update, delete))
        .routes(routes!(record))
        .routes(routes!(evidence_add))
        .routes(routes!(evidence_update, evidence_remove))
}

/// A profile with all that it holds.
#[derive(Debug, Serialize, ToSchema)]
pub struct Profile {
    #[serde(flatten)]
    talent: Talent,
    /// Ids of the pieces that are kept out of matching.
    hidden: Vec<String>,
    contact: Option<String>,
    availability: Availability,
    capacity: Option<u32>,
    /// Id of the person's account.
    account: Option<String>,
    /// When the person agreed to be listed. All times: milliseconds since 1970 UTC.
    consent_at: Option<i64>,
    /// `active`, `hidden`, `merged`
    status: &'static str,
    merged_into: Option<String>,
    created_at: i64,
    updated_at: i64,
    version: i64,
}

impl From<TalentRecord> for Profile {
    fn from(record: TalentRecord) -> Self {
        Self {
            status: record.status.code(),
            merged_into: record.status.merged_into().map(str::to_owned),
            talent: record.talent,
            hidden: record.hidden.into_iter().collect(),
            contact: record.contact,
            availability: record.availability,
            capacity: record.capacity,
            account: record.account,
            consent_at: record.consent_at,
            created_at: record.created_at,
            updated_at: record.updated_at,
            version: record.version,
        }
    }
}

impl Profile {
    /// The answer that carries one profile, with its `ETag`.
    pub fn answer(status: StatusCode, record: TalentRecord) -> Response {
        (status, AppendHeaders([etag(record.version)]), Json(Self::from(record))).into_response()
    }
}

/// The answer that carries a piece, with the `ETag` of its profile.
pub fn piece_answer(status: StatusCode, piece: Piece) -> Response {
    (status, AppendHeaders([etag(piece.version)]), Json(piece)).into_response()
}

/// A profile in a list.
#[derive(Debug, Serialize, ToSchema)]
struct Listed {
    id: String,
    name: String,
    organization: String,
    /// `active`, `hidden`, `merged`
    status: &'static str,
    merged_into: Option<String>,
    /// Belongs to its person.
    claimed: bool,
    /// Milliseconds since 1970 UTC.
    updated_at: i64,
    version: i64,
}

impl From<TalentRecord> for Listed {
    fn from(record: TalentRecord) -> Self {
        Self {
            status: record.status.code(),
            merged_into: record.status.merged_into().map(str::to_owned),
            claimed: record.account.is_some(),
            id: record.talent.id,
            name: record.talent.name,
            organization: record.talent.organization,
            updated_at: record.updated_at,
            version: record.version,
        }
    }
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Filter {
    /// `active`, `hidden` or `merged`; all if absent.
    status: Option<String>,
    /// Beginning of the name.
    #[serde(default)]
    name: String,
}

/// 人才档案列表
#[utoipa::path(get, path = "/api/v1/talents", tag = "talents", params(Paging, Filter), responses(
    (status = 200, body = Page<Listed>), (status = 401, body = Problem), (status = 403, body = Problem),
    (status = 422, body = Problem)), security(("session" = []), ("token" = [])))]
async fn list(
    State(shared): State<Shared>,
    Signed(actor): Signed,
    Params(paging): Params<Paging>,
    Params(filter): Params<Filter>,
) -> Result<Json<Page<Listed>>, ApiError> {
    let (status, name) = (filter.status.as_deref(), &filter.name);
    let found = shared.app.talents(&actor, status, name, &paging.after, paging.ask()).await?;
    Ok(Json(paging.page(found, |r| r.talent.id.clone(), Listed::from)))
}

/// 建立人才档案
///
/// A talent makes the own profile, an operator one that nobody has claimed yet.
#[utoipa::path(post, path = "/api/v1/talents", tag = "talents", request_body = TalentDraft, responses(
    (status = 201, body = Profile), (status = 401, body = Problem), (status = 403, body = Problem),
    (status = 409, body = Problem), (status = 422, body = Problem)), security(("session" = []), ("token" = [])))]
async fn create(
    State(shared): State<Shared>,
    Signed(actor): Signed,
    Body(draft): Body<TalentDraft>,
) -> Result<Response, ApiError> {
    Ok(Profile::answer(StatusCode::CREATED, shared.app.talent_create(&actor, &draft).await?))
}

/// 一位人才（公开信息）
///
/// No contact and no hidden evidence. A profile that was merged into another one leads there.
#[utoipa::path(get, path = "/api/v1/talents/{id}", tag = "talents", params(("id" = String, Path)), responses(
    (status = 200, body = PublicTalent), (status = 308, body = Problem, description = "`moved`: see `Location`"),
    (status = 404, body = Problem)))]
async fn get(State(shared): State<Shared>, Path(id): Path<String>) -> Result<Response, ApiError> {
    match shared.app.talent_public(&id).await? {
        Found::Talent(talent) => Ok(Json(talent).into_response()),
        Found::Moved(id) => {
            let problem = Problem::new(StatusCode::PERMANENT_REDIRECT, "moved", "这份档案已并入另一份");
            let mut response = ApiError(problem).into_response();
            let location = format!("/api/v1/talents/{}", percent_encoded(&id));
            let location = HeaderValue::from_str(&location).map_err(|e| AppError::Internal(e.to_string()))?;
            response.headers_mut().insert(header::LOCATION, location);
            Ok(response)
        }
    }
}

/// 人才档案的全部内容
///
/// For its person and for operators.
#[utoipa::path(get, path = "/api/v1/talents/{id}/record", tag = "talents", params(("id" = String, Path)), responses(
    (status = 200, body = Profile), (status = 401, body = Problem), (status = 403, body = Problem),
    (status = 404, body = Problem)), security(("session" = []), ("token" = [])))]
async fn record(
    State(shared): State<Shared>,
    Signed(actor): Signed,
    Path(id): Path<String>,
) -> Result<Response, ApiError> {
    Ok(Profile::answer(StatusCode::OK, shared.app.talent_get(&actor, &id).await?))
}

/// 修改人才档案
///
/// All but the evidence, which is changed piece by piece. `visible: false` hides the profile.
#[utoipa::path(put, path = "/api/v1/talents/{id}", tag = "talents", params(("id" = String, Path),
    ("If-Match" = String, Header)), request_body = TalentDraft, responses(
    (status = 200, body = Profile), (status = 401, body = Problem), (status = 403, body = Problem),
    (status = 404, body = Problem), (status = 409, body = Problem), (status = 412, body = Problem),
    (status = 422, body = Problem)), security(("session" = []), ("token" = [])))]
async fn update(
    State(shared): State<Shared>,
    Signed(actor): Signed,
    Path(id): Path<String>,
    IfMatch(version): IfMatch,
    Body(draft): Body<TalentDraft>,
) -> Result<Response, ApiError> {
    Ok(Profile::answer(StatusCode::OK, shared.app.talent_update(&actor, &id, version, &draft).await?))
}

/// 删除人才档案
///
/// With the profiles that were merged into it, and the evidence that is nobody else's.
#[utoipa::path(delete, path = "/api/v1/talents/{id}", tag = "talents", params(("id" = String, Path)), responses(
    (status = 204), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem)),
    security(("session" = []), ("token" = [])))]
async fn delete(
    State(shared): State<Shared>,
    Signed(actor): Signed,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    shared.app.talent_delete(&actor, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// 给档案添加一项成果
#[utoipa::path(post, path = "/api/v1/talents/{id}/evidence", tag = "talents", params(("id" = String, Path)),
    request_body = PieceDraft, responses((status = 201, body = Piece), (status = 401, body = Problem),
    (status = 403, body = Problem), (status = 404, body = Problem), (status = 422, body = Problem)),
    security(("session" = []), ("token" = [])))]
async fn evidence_add(
    State(shared): State<Shared>,
    Signed(actor): Signed,
    Path(id): Path<String>,
    Body(draft): Body<PieceDraft>,
) -> Result<Response, ApiError> {
    Ok(piece_answer(StatusCode::CREATED, shared.app.evidence_add(&actor, &id, &draft).await?))
}

/// 修改或隐藏一项成果
///
/// An operator changes a piece for all who share it.
#[utoipa::path(put, path = "/api/v1/talents/{id}/evidence/{evidence}", tag = "talents", params(
    ("id" = String, Path), ("evidence" = String, Path), ("If-Match" = String, Header)), request_body = PieceDraft,
    responses((status = 200, body = Piece), (status = 401, body = Problem), (status = 403, body = Problem),
    (status = 404, body = Problem), (status = 409, body = Problem), (status = 412, body = Problem),
    (status = 422, body = Problem)), security(("session" = []), ("token" = [])))]
async fn evidence_update(
    State(shared): State<Shared>,
    Signed(actor): Signed,
    Path((id, evidence)): Path<(String, String)>,
    IfMatch(version): IfMatch,
    Body(draft): Body<PieceDraft>,
) -> Result<Response, ApiError> {
    let piece = shared.app.evidence_update(&actor, &id, version, &evidence, &draft).await?;
    Ok(piece_answer(StatusCode::OK, piece))
}

/// 删除一项成果
#[utoipa::path(delete, path = "/api/v1/talents/{id}/evidence/{evidence}", tag = "talents", params(
    ("id" = String, Path), ("evidence" = String, Path)), responses((status = 204), (status = 401, body = Problem),
    (status = 403, body = Problem), (status = 404, body = Problem)), security(("session" = []), ("token" = [])))]
async fn evidence_remove(
    State(shared): State<Shared>,
    Signed(actor): Signed,
    Path((id, evidence)): Path<(String, String)>,
) -> Result<StatusCode, ApiError> {
    shared.app.evidence_remove(&actor, &id, &evidence).await?;
    Ok(StatusCode::NO_CONTENT)
}
