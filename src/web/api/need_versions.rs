//! Versions of a need, and what changed between two of them.

use axum::Json;
use axum::extract::{Path, State};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{Page, Paging};
use crate::app::AppError;
use crate::domain::need_change::FieldChange;
use crate::domain::{Need, NeedStatus};
use crate::store::NeedVersion;
use crate::web::Shared;
use crate::web::error::{ApiError, Problem};
use crate::web::extract::{Params, Signed};

pub fn router() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(get)).routes(routes!(changes))
}

/// A version, without what it said.
#[derive(Debug, Serialize, ToSchema)]
struct ListedVersion {
    version: i64,
    status: NeedStatus,
    /// Why it was given back or withdrawn.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// Id of the account.
    by: String,
    /// Milliseconds since 1970 UTC.
    at: i64,
}

impl From<NeedVersion> for ListedVersion {
    fn from(kept: NeedVersion) -> Self {
        let NeedVersion { version, status, reason, by_account: by, at, .. } = kept;
        Self { version, status, reason, by, at }
    }
}

/// 需求的版本
///
/// Newest first.
#[utoipa::path(get, path = "/api/v1/needs/{id}/versions", tag = "needs", params(("id" = String, Path), Paging),
    responses((status = 200, body = Page<ListedVersion>), (status = 401, body = Problem),
    (status = 403, body = Problem), (status = 404, body = Problem)), security(("session" = []), ("token" = [])))]
async fn list(
    State(shared): State<Shared>,
    Signed(actor): Signed,
    Path(id): Path<String>,
    Params(paging): Params<Paging>,
) -> Result<Json<Page<ListedVersion>>, ApiError> {
    let before = match paging.after.as_str() {
        "" => i64::MAX,
        number => number.parse().map_err(|_| AppError::invalid("after", "unknown", "没有这一页"))?,
    };
    let found = shared.app.need_versions(&actor, &id, before, paging.ask()).await?;
    Ok(Json(paging.page(found, |kept| kept.version.to_string(), ListedVersion::from)))
}

/// A version with what it said.
#[derive(Debug, Serialize, ToSchema)]
struct KeptVersion {
    #[serde(flatten)]
    kept: ListedVersion,
    need: Need,
}

/// 需求的一个版本
#[utoipa::path(get, path = "/api/v1/needs/{id}/versions/{version}", tag = "needs", params(("id" = String, Path),
    ("version" = i64, Path)), responses((status = 200, body = KeptVersion), (status = 401, body = Problem),
    (status = 403, body = Problem), (status = 404, body = Problem)), security(("session" = []), ("token" = [])))]
async fn get(
    State(shared): State<Shared>,
    Signed(actor): Signed,
    Path((id, version)): Path<(String, String)>,
) -> Result<Json<KeptVersion>, ApiError> {
    let version = version.parse().map_err(|_| AppError::NotFound("版本"))?;
    let (kept, need) = shared.app.need_version(&actor, &id, version).await?;
    Ok(Json(KeptVersion { kept: kept.into(), need }))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Between {
    /// Number of the earlier version.
    from: i64,
    /// Number of the later version; what is kept now if absent.
    to: Option<i64>,
}

#[derive(Debug, Serialize, ToSchema)]
struct NeedChanges {
    changes: Vec<FieldChange>,
}

/// 两个版本之间的修改
#[utoipa::path(get, path = "/api/v1/needs/{id}/changes", tag = "needs", params(("id" = String, Path), Between),
    responses((status = 200, body = NeedChanges), (status = 400, body = Problem), (status = 401, body = Problem),
    (status = 403, body = Problem), (status = 404, body = Problem)), security(("session" = []), ("token" = [])))]
async fn changes(
    State(shared): State<Shared>,
    Signed(actor): Signed,
    Path(id): Path<String>,
    Params(Between { from, to }): Params<Between>,
) -> Result<Json<NeedChanges>, ApiError> {
    Ok(Json(NeedChanges { changes: shared.app.need_changes(&actor, &id, from, to).await? }))
}
