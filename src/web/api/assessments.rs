//! Assessment of needs 需求评测 (第七条), also while they are being written.

use axum::Json;
use axum::extract::{Path, State};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::needs::WrittenNeed;
use crate::app::assessment::Assessment;
use crate::web::Shared;
use crate::web::error::{ApiError, Problem};
use crate::web::extract::{Body, Signed};

pub fn router() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(assess)).routes(routes!(get))
}

/// 评测正在填写的需求
///
/// Nothing is stored. Ranges are in characters of the text as it was sent.
#[utoipa::path(post, path = "/api/v1/assessments", tag = "needs", request_body = WrittenNeed, responses(
    (status = 200, body = Assessment), (status = 401, body = Problem), (status = 403, body = Problem),
    (status = 422, body = Problem)), security(("session" = []), ("token" = [])))]
async fn assess(
    State(shared): State<Shared>,
    Signed(actor): Signed,
    Body(written): Body<WrittenNeed>,
) -> Result<Json<Assessment>, ApiError> {
    Ok(Json(shared.app.assess(&actor, written.into()).await?))
}

/// 需求的评测
#[utoipa::path(get, path = "/api/v1/needs/{id}/assessment", tag = "needs", params(("id" = String, Path)), responses(
    (status = 200, body = Assessment), (status = 401, body = Problem), (status = 403, body = Problem),
    (status = 404, body = Problem)), security(("session" = []), ("token" = [])))]
async fn get(
    State(shared): State<Shared>,
    Signed(actor): Signed,
    Path(id): Path<String>,
) -> Result<Json<Assessment>, ApiError> {
    Ok(Json(shared.app.need_assessment(&actor, &id).await?))
}
