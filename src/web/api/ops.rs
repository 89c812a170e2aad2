//! Whether the service lives and is ready, and its metrics.

use std::time::Duration;

use ::metrics::{counter, gauge};
use axum::extract::State;
use axum::http::{StatusCode, header};
use axum::response::IntoResponse;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::web::error::{ApiError, Problem};
use crate::web::{Shared, guard};

pub fn router() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(healthz)).routes(routes!(readyz)).routes(routes!(metrics))
}

/// 进程是否存活
#[utoipa::path(get, path = "/healthz", tag = "ops", responses((status = 200, body = String)))]
async fn healthz() -> &'static str {
    "ok"
}

/// An index that has been behind for longer, and cannot follow, is not worth asking.
const INDEX_BEHIND_MAX: Duration = Duration::from_secs(60);

/// 能否提供服务
///
/// The database answers, and the index follows it.
#[utoipa::path(get, path = "/readyz", tag = "ops", responses((status = 200, body = String), (status = 503, body = Problem)))]
async fn readyz(State(shared): State<Shared>) -> Result<&'static str, ApiError> {
    let away = |code, title| ApiError::from(Problem::new(StatusCode::SERVICE_UNAVAILABLE, code, title));
    shared.app.store().ping().await.map_err(|error| {
        tracing::warn!(%error, "not ready");
        away("database", "数据库暂时不可用")
    })?;
    let index = shared.app.live().status();
    match index.error {
        Some((error, _)) if index.behind_since.is_some_and(|since| since.elapsed() > INDEX_BEHIND_MAX) => {
            tracing::warn!(error, "not ready");
            Err(away("index", "索引落后于数据库，且无法跟上"))
        }
        _ => Ok("ok"),
    }
}

/// Prometheus 指标
#[utoipa::path(get, path = "/metrics", tag = "ops", responses((status = 200, body = String)))]
async fn metrics(State(shared): State<Shared>) -> impl IntoResponse {
    shared.guard.tidy();
    let index = shared.app.live().status();
    let (open, idle) = shared.app.store().connections();
    gauge!("zhihui_index_changes_behind").set(index.changes_behind() as f64);
    gauge!("zhihui_index_seconds_behind").set(index.time_behind().as_secs_f64());
    gauge!("zhihui_index_position").set(index.position as f64);
    gauge!("zhihui_index_rebuilding").set(f64::from(u8::from(index.rebuilding.is_some())));
    counter!("zhihui_index_changes_applied").absolute(index.applied);
    counter!("zhihui_index_rebuilds").absolute(index.rebuilds);
    gauge!("zhihui_database_connections", "state" => "idle").set(idle as f64);
    gauge!("zhihui_database_connections", "state" => "used").set(open.saturating_sub(idle) as f64);
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], guard::metrics().render())
}
