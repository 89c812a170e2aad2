//! Match a need without keeping anything; open to visitors.

use axum::Json;
use axum::extract::State;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::AppError;
use crate::app::explain::Recommendation;
use crate::app::recommend::filter::{Filters, Place};
use crate::app::recommend::list::Bands;
use crate::domain::Need;
use crate::web::Shared;
use crate::web::error::{ApiError, Problem};
use crate::web::extract::Body;

pub fn router() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(match_need))
}

/// Longest text that is matched; a need that is kept may be longer.
const TEXT_MAX: usize = 20_000;

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Question {
    /// The technical problem in a few sentences.
    text: String,
    /// 1 to 30
    #[serde(default = "ten")]
    top: u8,
    /// Everywhere, if absent.
    filters: Option<Filters>,
}

fn ten() -> u8 {
    10
}

#[derive(Serialize, ToSchema)]
struct Found {
    /// Name of the ranking.
    ranking: String,
    in_city: Bands,
    elsewhere: Bands,
    items: Vec<Recommendation>,
}

/// 匹配人才
///
/// Nothing is stored.
#[utoipa::path(post, path = "/api/v1/match", tag = "matching", request_body = Question, responses(
    (status = 200, body = Found), (status = 422, body = Problem)))]
async fn match_need(State(shared): State<Shared>, Body(question): Body<Question>) -> Result<Json<Found>, ApiError> {
    if question.text.chars().count() > TEXT_MAX {
        let message = format!("正文最多 {TEXT_MAX} 个字：请只写技术问题");
        return Err(AppError::invalid("text", "too-long", message).into());
    }
    let filters = question.filters.unwrap_or(Filters { place: Place::Anywhere, ..Filters::default() });
    let need = Need::from_text(&question.text);
    let found = shared.app.match_need(need, filters, usize::from(question.top).max(1)).await?;
    let crate::app::recommend::Anonymous { ranking, items, in_city, elsewhere } = found;
    Ok(Json(Found { ranking, in_city, elsewhere, items }))
}
