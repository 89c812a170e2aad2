//! Challenges as their publishers and the operator work on them.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::board::challenges::ChallengeVerdict;
use crate::domain::challenge::Challenge;
use crate::domain::challenge::status::ChallengeStatus;
use crate::store::board::challenges::ChallengeRecord;
use crate::web::Shared;
use crate::web::error::{ApiError, Problem};
use crate::web::extract::{Body, IfMatch, Params, Signed, etag};

pub fn router() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(begin))
        .routes(routes!(own))
        .routes(routes!(in_status))
        .routes(routes!(get, update))
        .routes(routes!(submit))
        .routes(routes!(decide))
        .routes(routes!(amend))
        .routes(routes!(withdraw))
}

/// A challenge as its publisher and the operator see it.
#[derive(Debug, Serialize, ToSchema)]
struct KeptChallenge {
    id: String,
    need: String,
    status: ChallengeStatus,
    content: Challenge,
    /// Number of the terms: 0 before publishing, one more with each amendment.
    terms: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    version: i64,
}

impl From<ChallengeRecord> for KeptChallenge {
    fn from(found: ChallengeRecord) -> Self {
        let ChallengeRecord { id, need, status, content, terms, reason, version, .. } = found;
        Self { id, need, status, content, terms, reason, version }
    }
}

fn answer(status: StatusCode, found: ChallengeRecord) -> impl IntoResponse {
    (status, [etag(found.version)], Json(KeptChallenge::from(found)))
}

/// 本单位的榜单
///
/// Newest first, 500 at the most.
#[utoipa::path(get, path = "/api/v1/challenges/own", tag = "board", responses(
    (status = 200, body = Vec<KeptChallenge>), (status = 401, body = Problem), (status = 403, body = Problem)),
    security(("session" = []), ("token" = [])))]
async fn own(State(shared): State<Shared>, Signed(actor): Signed) -> Result<impl IntoResponse, ApiError> {
    let found = shared.app.challenges_own(&actor).await?;
    Ok(Json(found.into_iter().map(KeptChallenge::from).collect::<Vec<_>>()))
}

#[derive(Debug, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct InStatus {
    #[serde(default = "submitted")]
    status: ChallengeStatus,
}

fn submitted() -> ChallengeStatus {
    ChallengeStatus::Submitted
}

/// 待审核和各状态的榜单（平台）
///
/// Oldest first, 500 at the most.
#[utoipa::path(get, path = "/api/v1/operations/challenges", tag = "board", params(InStatus), responses(
    (status = 200, body = Vec<KeptChallenge>), (status = 400, body = Problem), (status = 401, body = Problem),
    (status = 403, body = Problem)), security(("session" = []), ("token" = [])))]
async fn in_status(
    State(shared): State<Shared>,
    Signed(actor): Signed,
    Params(asked): Params<InStatus>,
) -> Result<impl IntoResponse, ApiError> {
    let found = shared.app.challenges_in(&actor, asked.status).await?;
    Ok(Json(found.into_iter().map(KeptChallenge::from).collect::<Vec<_>>()))
}

/// 由需求建立榜单
#[utoipa::path(post, path = "/api/v1/needs/{id}/challenge", tag = "board", params(("id" = String, Path)),
    responses((status = 201, body = KeptChallenge), (status = 401, body = Problem), (status = 403, body = Problem),
    (status = 404, body = Problem), (status = 409, body = Problem)), security(("session" = []), ("token" = [])))]
async fn begin(
    State(shared): State<Shared>,
    Signed(actor): Signed,
    Path(id): Path<String>,
) -> Result<impl IntoResponse, ApiError> {
    Ok(answer(StatusCode::CREATED, shared.app.challenge_begin(&actor, &id).await?))
}

/// 榜单（发榜方和运营方）
#[utoipa::path(get, path = "/api/v1/challenges/{id}/record", tag = "board", params(("id" = String, Path)),
    responses((status = 200, body = KeptChallenge), (status = 401, body = Problem), (status = 403, body = Problem),
    (status = 404, body = Problem)), security(("session" = []), ("token" = [])))]
async fn get(
    State(shared): State<Shared>,
    Signed(actor): Signed,
    Path(id): Path<String>,
) -> Result<impl IntoResponse, ApiError> {
    Ok(answer(StatusCode::OK, shared.app.challenge_get(&actor, &id).await?))
}

/// 修改准备中的榜单
#[utoipa::path(put, path = "/api/v1/challenges/{id}/record", tag = "board", params(("id" = String, Path),
    ("If-Match" = String, Header)), request_body = Challenge, responses((status = 200, body = KeptChallenge),
    (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem),
    (status = 409, body = Problem), (status = 412, body = Problem), (status = 422, body = Problem)),
    security(("session" = []), ("token" = [])))]
async fn update(
    State(shared): State<Shared>,
    Signed(actor): Signed,
    Path(id): Path<String>,
    IfMatch(version): IfMatch,
    Body(content): Body<Challenge>,
) -> Result<impl IntoResponse, ApiError> {
    Ok(answer(StatusCode::OK, shared.app.challenge_update(&actor, &id, version, content).await?))
}

/// 提交榜单审核
#[utoipa::path(post, path = "/api/v1/challenges/{id}/submission", tag = "board", params(("id" = String, Path),
    ("If-Match" = String, Header)), responses((status = 200, body = KeptChallenge), (status = 401, body = Problem),
    (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem),
    (status = 412, body = Problem), (status = 422, body = Problem)), security(("session" = []), ("token" = [])))]
async fn submit(
    State(shared): State<Shared>,
    Signed(actor): Signed,
    Path(id): Path<String>,
    IfMatch(version): IfMatch,
) -> Result<impl IntoResponse, ApiError> {
    Ok(answer(StatusCode::OK, shared.app.challenge_submit(&actor, &id, version).await?))
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ChallengeDecision {
    /// Else it is given back.
    publish: bool,
    /// Why it is given back; the publisher sees it.
    #[serde(default)]
    reason: String,
}

/// 发布或退回榜单
#[utoipa::path(post, path = "/api/v1/challenges/{id}/decision", tag = "board", params(("id" = String, Path),
    ("If-Match" = String, Header)), request_body = ChallengeDecision,
    responses((status = 200, body = KeptChallenge), (status = 401, body = Problem), (status = 403, body = Problem),
    (status = 404, body = Problem), (status = 409, body = Problem), (status = 412, body = Problem),
    (status = 422, body = Problem)), security(("session" = []), ("token" = [])))]
async fn decide(
    State(shared): State<Shared>,
    Signed(actor): Signed,
    Path(id): Path<String>,
    IfMatch(version): IfMatch,
    Body(ChallengeDecision { publish, reason }): Body<ChallengeDecision>,
) -> Result<impl IntoResponse, ApiError> {
    let verdict = if publish { ChallengeVerdict::Publish } else { ChallengeVerdict::GiveBack { reason } };
    Ok(answer(StatusCode::OK, shared.app.challenge_decide(&actor, &id, version, verdict).await?))
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Amendment {
    content: Challenge,
    /// Public.
    reason: String,
}

/// 变更已发布的榜单
///
/// A late change moves the closing. Bids stand for the terms before until their bidders confirm.
#[utoipa::path(post, path = "/api/v1/challenges/{id}/amendments", tag = "board", params(("id" = String, Path),
    ("If-Match" = String, Header)), request_body = Amendment, responses((status = 200, body = KeptChallenge),
    (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem),
    (status = 409, body = Problem), (status = 412, body = Problem), (status = 422, body = Problem)),
    security(("session" = []), ("token" = [])))]
async fn amend(
    State(shared): State<Shared>,
    Signed(actor): Signed,
    Path(id): Path<String>,
    IfMatch(version): IfMatch,
    Body(Amendment { content, reason }): Body<Amendment>,
) -> Result<impl IntoResponse, ApiError> {
    Ok(answer(StatusCode::OK, shared.app.challenge_amend(&actor, &id, version, content, &reason).await?))
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ChallengeWithdrawal {
    /// Public.
    reason: String,
}

/// 撤榜
#[utoipa::path(post, path = "/api/v1/challenges/{id}/withdrawal", tag = "board", params(("id" = String, Path),
    ("If-Match" = String, Header)), request_body = ChallengeWithdrawal,
    responses((status = 200, body = KeptChallenge), (status = 401, body = Problem), (status = 403, body = Problem),
    (status = 404, body = Problem), (status = 409, body = Problem), (status = 412, body = Problem),
    (status = 422, body = Problem)), security(("session" = []), ("token" = [])))]
async fn withdraw(
    State(shared): State<Shared>,
    Signed(actor): Signed,
    Path(id): Path<String>,
    IfMatch(version): IfMatch,
    Body(ChallengeWithdrawal { reason }): Body<ChallengeWithdrawal>,
) -> Result<impl IntoResponse, ApiError> {
    Ok(answer(StatusCode::OK, shared.app.challenge_end(&actor, &id, version, &reason).await?))
}
