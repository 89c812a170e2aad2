//! The own profile of a talent, and claims on profiles that were imported.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::claims::Claim;
use super::talents::{Profile, piece_answer};
use super::{Page, Paging};
use crate::app::AppError;
use crate::app::talents::{Piece, PieceDraft, TalentDraft};
use crate::domain::Role;
use crate::web::Shared;
use crate::web::error::{ApiError, Problem};
use crate::web::extract::{Body, IfMatch, Params, Signed};

pub fn router() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(get, put, delete))
        .routes(routes!(evidence_add))
        .routes(routes!(evidence_update, evidence_remove))
        .routes(routes!(claims, claim))
}

/// 我的人才档案
#[utoipa::path(get, path = "/api/v1/profile", tag = "profile", responses(
    (status = 200, body = Profile), (status = 401, body = Problem), (status = 403, body = Problem),
    (status = 404, body = Problem)), security(("session" = []), ("token" = [])))]
async fn get(State(shared): State<Shared>, Signed(actor): Signed) -> Result<Response, ApiError> {
    let id = shared.app.talent_own(&actor).await?;
    Ok(Profile::answer(StatusCode::OK, shared.app.talent_get(&actor, &id).await?))
}

/// 建立或修改我的人才档案
///
/// With `If-None-Match: *` it is made, with `If-Match` it is changed; the evidence is changed piece
/// by piece.
#[utoipa::path(put, path = "/api/v1/profile", tag = "profile", params(("If-Match" = Option<String>, Header),
    ("If-None-Match" = Option<String>, Header)), request_body = TalentDraft, responses(
    (status = 200, body = Profile), (status = 201, body = Profile), (status = 401, body = Problem),
    (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem),
    (status = 412, body = Problem), (status = 422, body = Problem), (status = 428, body = Problem)),
    security(("session" = []), ("token" = [])))]
async fn put(
    State(shared): State<Shared>,
    Signed(actor): Signed,
    headers: HeaderMap,
    version: Result<IfMatch, ApiError>,
    Body(draft): Body<TalentDraft>,
) -> Result<Response, ApiError> {
    if headers.get(header::IF_NONE_MATCH).is_some_and(|value| value == "*") {
        if actor.role != Role::Talent {
            return Err(AppError::conflict("no-own-profile", "只有科技人才账号有自己的档案").into());
        }
        return Ok(Profile::answer(StatusCode::CREATED, shared.app.talent_create(&actor, &draft).await?));
    }
    let IfMatch(version) = version?;
    let id = shared.app.talent_own(&actor).await?;
    Ok(Profile::answer(StatusCode::OK, shared.app.talent_update(&actor, &id, version, &draft).await?))
}

/// 删除我的人才档案
#[utoipa::path(delete, path = "/api/v1/profile", tag = "profile", responses((status = 204),
    (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem)),
    security(("session" = []), ("token" = [])))]
async fn delete(State(shared): State<Shared>, Signed(actor): Signed) -> Result<StatusCode, ApiError> {
    let id = shared.app.talent_own(&actor).await?;
    shared.app.talent_delete(&actor, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// 添加一项我的成果
#[utoipa::path(post, path = "/api/v1/profile/evidence", tag = "profile", request_body = PieceDraft, responses(
    (status = 201, body = Piece), (status = 401, body = Problem), (status = 403, body = Problem),
    (status = 404, body = Problem), (status = 422, body = Problem)), security(("session" = []), ("token" = [])))]
async fn evidence_add(
    State(shared): State<Shared>,
    Signed(actor): Signed,
    Body(draft): Body<PieceDraft>,
) -> Result<Response, ApiError> {
    let id = shared.app.talent_own(&actor).await?;
    Ok(piece_answer(StatusCode::CREATED, shared.app.evidence_add(&actor, &id, &draft).await?))
}

/// 修改或隐藏一项我的成果
///
/// A piece that co-authors have too can only be hidden.
#[utoipa::path(put, path = "/api/v1/profile/evidence/{evidence}", tag = "profile", params(
    ("evidence" = String, Path), ("If-Match" = String, Header)), request_body = PieceDraft, responses(
    (status = 200, body = Piece), (status = 401, body = Problem), (status = 403, body = Problem),
    (status = 404, body = Problem), (status = 409, body = Problem), (status = 412, body = Problem),
    (status = 422, body = Problem)), security(("session" = []), ("token" = [])))]
async fn evidence_update(
    State(shared): State<Shared>,
    Signed(actor): Signed,
    Path(evidence): Path<String>,
    IfMatch(version): IfMatch,
    Body(draft): Body<PieceDraft>,
) -> Result<Response, ApiError> {
    let id = shared.app.talent_own(&actor).await?;
    let piece = shared.app.evidence_update(&actor, &id, version, &evidence, &draft).await?;
    Ok(piece_answer(StatusCode::OK, piece))
}

/// 删除一项我的成果
#[utoipa::path(delete, path = "/api/v1/profile/evidence/{evidence}", tag = "profile", params(
    ("evidence" = String, Path)), responses((status = 204), (status = 401, body = Problem),
    (status = 403, body = Problem), (status = 404, body = Problem)), security(("session" = []), ("token" = [])))]
async fn evidence_remove(
    State(shared): State<Shared>,
    Signed(actor): Signed,
    Path(evidence): Path<String>,
) -> Result<StatusCode, ApiError> {
    let id = shared.app.talent_own(&actor).await?;
    shared.app.evidence_remove(&actor, &id, &evidence).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// 我的认领申请
#[utoipa::path(get, path = "/api/v1/profile/claims", tag = "profile", params(Paging), responses(
    (status = 200, body = Page<Claim>), (status = 401, body = Problem), (status = 403, body = Problem)),
    security(("session" = []), ("token" = [])))]
async fn claims(
    State(shared): State<Shared>,
    Signed(actor): Signed,
    Params(paging): Params<Paging>,
) -> Result<Json<Page<Claim>>, ApiError> {
    let found = shared.app.claims_own(&actor, &paging.after, paging.ask()).await?;
    Ok(Json(paging.page(found, |c| c.id.clone(), Claim::from)))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewClaim {
    /// Id of the profile.
    talent: String,
    /// Why it is theirs.
    statement: String,
    /// The person agrees to be listed.
    #[serde(default)]
    consent: bool,
}

/// 认领一份人才档案
///
/// An operator decides. An account has one profile.
#[utoipa::path(post, path = "/api/v1/profile/claims", tag = "profile", request_body = NewClaim, responses(
    (status = 201, body = Claim), (status = 401, body = Problem), (status = 403, body = Problem),
    (status = 404, body = Problem), (status = 409, body = Problem), (status = 422, body = Problem)),
    security(("session" = []), ("token" = [])))]
async fn claim(
    State(shared): State<Shared>,
    Signed(actor): Signed,
    Body(new): Body<NewClaim>,
) -> Result<impl IntoResponse, ApiError> {
    let made = shared.app.claim_create(&actor, &new.talent, &new.statement, new.consent).await?;
    Ok((StatusCode::CREATED, Json(Claim::from(made))))
}
