//! For operators: how far the index has come, and what was done by whom.

use axum::Json;
use axum::extract::State;
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{Page, Paging};
use crate::app::dashboard::Dashboard;
use crate::store::AuditEntry;
use crate::web::Shared;
use crate::web::error::{ApiError, Problem};
use crate::web::extract::{Params, Signed};

pub fn router() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(index)).routes(routes!(audit)).routes(routes!(dashboard))
}

/// How far the index of this node has come.
#[derive(Debug, Serialize, ToSchema)]
struct IndexState {
    generation: u64,
    /// The last change that searches see, and the newest of the store.
    position: i64,
    newest: i64,
    changes_behind: i64,
    seconds_behind: f64,
    talents: usize,
    evidence: u64,
    needs: usize,
    /// Changes applied, and rebuilds done, since the start.
    applied: u64,
    rebuilds: u64,
    /// Documents done and in all, while a rebuild is under way.
    rebuilding: Option<(usize, usize)>,
    /// What keeps the index from following.
    error: Option<String>,
}

/// 索引状态
#[utoipa::path(get, path = "/api/v1/index", tag = "operations", responses((status = 200, body = IndexState),
    (status = 401, body = Problem), (status = 403, body = Problem)), security(("session" = []), ("token" = [])))]
async fn index(State(shared): State<Shared>, _signed: Signed) -> Json<IndexState> {
    let live = shared.app.live();
    let status = live.status();
    let snapshot = live.engine().index().snapshot();
    Json(IndexState {
        generation: status.generation,
        position: status.position,
        newest: status.newest,
        changes_behind: status.changes_behind(),
        seconds_behind: status.time_behind().as_secs_f64(),
        talents: snapshot.talents().len(),
        evidence: snapshot.evidence_count(),
        needs: live.needs().count(),
        applied: status.applied,
        rebuilds: status.rebuilds,
        rebuilding: status.rebuilding,
        error: status.error.map(|(error, _)| error),
    })
}

/// An entry of the audit log.
#[derive(Debug, Serialize, ToSchema)]
struct Entry {
    number: i64,
    /// Milliseconds since 1970 UTC.
    at: i64,
    /// Id of the account; absent for the program itself.
    actor: Option<String>,
    /// `noun.verb`
    action: String,
    /// `kind:id`
    object: String,
    #[schema(value_type = Object)]
    detail: serde_json::Value,
}

impl From<(i64, AuditEntry)> for Entry {
    fn from((number, entry): (i64, AuditEntry)) -> Self {
        let AuditEntry { at, actor, action, object, detail } = entry;
        Self { number, at, actor, action, object, detail: serde_json::from_str(&detail).unwrap_or_default() }
    }
}

/// 审计日志
///
/// In order, after a number.
#[utoipa::path(get, path = "/api/v1/audit", tag = "operations", params(Paging), responses(
    (status = 200, body = Page<Entry>), (status = 401, body = Problem), (status = 403, body = Problem)),
    security(("session" = []), ("token" = [])))]
async fn audit(
    State(shared): State<Shared>,
    Signed(actor): Signed,
    Params(paging): Params<Paging>,
) -> Result<Json<Page<Entry>>, ApiError> {
    let after = paging.after.parse().unwrap_or(0);
    let found = shared.app.audit_entries(&actor, after, paging.ask()).await?;
    Ok(Json(paging.page(found, |(number, _)| number.to_string(), Entry::from)))
}

/// 运营工作台
///
/// What waits for the caller, and the figures of the last twelve months. Shares are of the needs
/// whose match is known: others are matched in the background, and are there later.
#[utoipa::path(get, path = "/api/v1/dashboard", tag = "operations", responses(
    (status = 200, body = Dashboard), (status = 401, body = Problem), (status = 403, body = Problem)),
    security(("session" = []), ("token" = [])))]
async fn dashboard(State(shared): State<Shared>, Signed(actor): Signed) -> Result<Json<Dashboard>, ApiError> {
    Ok(Json(shared.app.dashboard(&actor).await?))
}
