//! Claims on profiles, for operators to decide.

use axum::Json;
use axum::extract::{Path, State};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{Page, Paging, status};
use crate::store::{self, ClaimStatus};
use crate::web::Shared;
use crate::web::error::{ApiError, Problem};
use crate::web::extract::{Body, Params, Signed};

pub fn router() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(decide))
}

/// "This profile is mine."
#[derive(Debug, Serialize, ToSchema)]
pub struct Claim {
    id: String,
    /// Id of the profile.
    talent: String,
    /// Id of the account.
    account: String,
    statement: String,
    /// `pending`, `approved`, `refused`
    status: &'static str,
    /// Milliseconds since 1970 UTC.
    created_at: i64,
    decided_at: Option<i64>,
    /// Id of the operator's account.
    decided_by: Option<String>,
}

impl From<store::Claim> for Claim {
    fn from(claim: store::Claim) -> Self {
        let store::Claim { id, talent, account, statement, status, created_at, decided_at, decided_by, .. } = claim;
        Self { id, talent, account, statement, status: status.code(), created_at, decided_at, decided_by }
    }
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Filter {
    /// `pending`, `approved` or `refused`; all if absent.
    status: Option<String>,
}

/// 认领申请列表
#[utoipa::path(get, path = "/api/v1/claims", tag = "talents", params(Paging, Filter), responses(
    (status = 200, body = Page<Claim>), (status = 401, body = Problem), (status = 403, body = Problem),
    (status = 422, body = Problem)), security(("session" = []), ("token" = [])))]
async fn list(
    State(shared): State<Shared>,
    Signed(actor): Signed,
    Params(paging): Params<Paging>,
    Params(filter): Params<Filter>,
) -> Result<Json<Page<Claim>>, ApiError> {
    let status = status(filter.status, &ClaimStatus::ALL, ClaimStatus::code)?;
    let found = shared.app.claims(&actor, status, &paging.after, paging.ask()).await?;
    Ok(Json(paging.page(found, |c| c.id.clone(), Claim::from)))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ClaimDecision {
    approve: bool,
}

/// 审核认领申请
///
/// Approved, the profile belongs to the person, and the consent to be listed is recorded.
#[utoipa::path(post, path = "/api/v1/claims/{id}/decision", tag = "talents", params(("id" = String, Path)),
    request_body = ClaimDecision, responses((status = 200, body = Claim), (status = 401, body = Problem),
    (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)),
    security(("session" = []), ("token" = [])))]
async fn decide(
    State(shared): State<Shared>,
    Signed(actor): Signed,
    Path(id): Path<String>,
    Body(body): Body<ClaimDecision>,
) -> Result<Json<Claim>, ApiError> {
    Ok(Json(shared.app.claim_decide(&actor, &id, body.approve).await?.into()))
}
