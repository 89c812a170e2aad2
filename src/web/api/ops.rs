//! Whether the service lives and is ready, and its metrics.

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

/// 能否提供服务
///
/// The database answers and there is an index.
#[utoipa::path(get, path = "/readyz", tag = "ops", responses((status = 200, body = String), (status = 503, body = Problem)))]
async fn readyz(State(shared): State<Shared>) -> Result<&'static str, ApiError> {
    match shared.app.store().ping().await {
        Ok(()) => Ok("ok"),
        Err(error) => {
            tracing::warn!(%error, "not ready");
            Err(Problem::new(StatusCode::SERVICE_UNAVAILABLE, "database", "数据库暂时不可用").into())
        }
    }
}

/// Prometheus 指标
#[utoipa::path(get, path = "/metrics", tag = "ops", responses((status = 200, body = String)))]
async fn metrics(State(shared): State<Shared>) -> impl IntoResponse {
    shared.guard.tidy();
    ([(header::CONTENT_TYPE, "text/plain; version=0.0.4")], guard::metrics().render())
}
