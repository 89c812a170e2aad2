//! Search among talents and published needs, and suggestions while somebody types.

use axum::Json;
use axum::extract::State;
use serde::Deserialize;
use utoipa::IntoParams;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::AppError;
use crate::app::search::{Found, Suggestion};
use crate::domain::SearchForm;
use crate::web::Shared;
use crate::web::error::{ApiError, Problem};
use crate::web::extract::Params;

pub fn router() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(search)).routes(routes!(suggestions))
}

/// What is searched for; what is empty or absent asks for nothing.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
struct Asked {
    /// `talents` (default), `needs` or `challenges`
    kind: String,
    /// Words, names, or a short need.
    q: String,
    /// Of talents: `researcher` or `team`
    r#type: String,
    /// A region within which they are: `重庆市`
    region: String,
    /// Taxonomy code.
    field: String,
    /// Of talents: `paper`, `patent`, …
    evidence: String,
    /// Of talents: the earliest year of evidence.
    since: String,
    /// The whole name of an organisation.
    organisation: String,
    /// Of needs: `self`, `collaborative` or `open_challenge`
    mode: String,
    /// Of needs: `published` or `challenge`; of challenges: `open`, `scoring`, …
    state: String,
    /// Of challenges: code of an industry cluster; `field` is then a discipline.
    cluster: String,
    /// Of challenges: `below50`, `below100`, `below300`, `below1000` or `above` (in 万元)
    reward: String,
    /// Of challenges that take bids: `days3`, `days7`, `days30` or `later`
    closing: String,
    /// `relevance` (default), `newest`, `evidence`, `deadline`, `name`, `reward` or `fit`
    sort: String,
    /// From 1, 20 hits each.
    page: Option<usize>,
}

/// 搜索人才和已发布的需求
///
/// With counts by kind, region, field and evidence, and which words of each hit stand where.
#[utoipa::path(get, path = "/api/v1/search", tag = "public", params(Asked), responses(
    (status = 200, body = Found), (status = 422, body = Problem)))]
async fn search(State(shared): State<Shared>, Params(asked): Params<Asked>) -> Result<Json<Found>, ApiError> {
    let form = SearchForm {
        kind: asked.kind,
        q: asked.q,
        talent_kind: asked.r#type,
        region: asked.region,
        field: asked.field,
        evidence: asked.evidence,
        since: asked.since,
        organisation: asked.organisation,
        mode: asked.mode,
        state: asked.state,
        cluster: asked.cluster,
        reward: asked.reward,
        closing: asked.closing,
        sort: asked.sort,
    };
    let (query, problems) = form.read();
    if !problems.is_empty() {
        return Err(AppError::Invalid(problems).into());
    }
    Ok(Json(shared.app.search(query, asked.page.unwrap_or(1)).await?))
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
struct Typed {
    /// What was typed so far: Chinese, or the initials of its pinyin.
    q: String,
}

/// 输入时的建议
///
/// Names of talents and organisations, titles of published needs, fields and terms.
#[utoipa::path(get, path = "/api/v1/suggestions", tag = "public", params(Typed), responses(
    (status = 200, body = Vec<Suggestion>)))]
async fn suggestions(
    State(shared): State<Shared>,
    Params(typed): Params<Typed>,
) -> Result<Json<Vec<Suggestion>>, ApiError> {
    Ok(Json(shared.app.suggestions(&typed.q).await?))
}
