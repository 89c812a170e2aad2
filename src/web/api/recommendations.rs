//! Recommended talents for a need, comparison, and the shortlist.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{AppendHeaders, IntoResponse};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{Page, Paging};
use crate::app::recommend::compare::Comparison;
use crate::app::recommend::filter::Filters;
use crate::app::recommend::list::{Difference, List};
use crate::store;
use crate::web::Shared;
use crate::web::error::{ApiError, Problem};
use crate::web::extract::{Body, IfMatch, Params, Signed, etag};

pub fn router() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(list, recommend))
        .routes(routes!(get))
        .routes(routes!(rescore))
        .routes(routes!(compare))
        .routes(routes!(verdicts))
        .routes(routes!(put_verdict, delete_verdict))
}

/// 推荐人才
///
/// The list is recorded as it is shown. Shown again within five minutes, with nothing changed, it is
/// the same list.
#[utoipa::path(post, path = "/api/v1/needs/{id}/recommendations", tag = "recommendations",
    params(("id" = String, Path)), request_body = Filters, responses((status = 201, body = List),
    (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem),
    (status = 422, body = Problem)), security(("session" = []), ("token" = [])))]
async fn recommend(
    State(shared): State<Shared>,
    Signed(actor): Signed,
    Path(id): Path<String>,
    Body(filters): Body<Filters>,
) -> Result<impl IntoResponse, ApiError> {
    let list = shared.app.recommend(&actor, &id, filters).await?;
    let location = format!("/api/v1/recommendations/{}", list.id);
    Ok((StatusCode::CREATED, AppendHeaders([(header::LOCATION, location)]), Json(list)))
}

/// 历次推荐
///
/// Newest first.
#[utoipa::path(get, path = "/api/v1/needs/{id}/recommendations", tag = "recommendations",
    params(("id" = String, Path), Paging), responses((status = 200, body = Page<List>), (status = 401, body = Problem),
    (status = 403, body = Problem), (status = 404, body = Problem)), security(("session" = []), ("token" = [])))]
async fn list(
    State(shared): State<Shared>,
    Signed(actor): Signed,
    Path(id): Path<String>,
    Params(paging): Params<Paging>,
) -> Result<Json<Page<List>>, ApiError> {
    let found = shared.app.recommendations(&actor, &id, &paging.after, paging.ask()).await?;
    Ok(Json(paging.page(found, |l| l.id.clone(), |l| l)))
}

/// 一次推荐
///
/// As it was shown.
#[utoipa::path(get, path = "/api/v1/recommendations/{id}", tag = "recommendations", params(("id" = String, Path)),
    responses((status = 200, body = List), (status = 401, body = Problem), (status = 403, body = Problem),
    (status = 404, body = Problem)), security(("session" = []), ("token" = [])))]
async fn get(
    State(shared): State<Shared>,
    Signed(actor): Signed,
    Path(id): Path<String>,
) -> Result<Json<List>, ApiError> {
    Ok(Json(shared.app.recommendation_get(&actor, &id).await?))
}

/// A list scored again.
#[derive(Serialize, ToSchema)]
struct Rescored {
    /// What is not as it was shown; empty.
    differences: Vec<Difference>,
}

/// 复算一次推荐
#[utoipa::path(get, path = "/api/v1/recommendations/{id}/rescore", tag = "recommendations",
    params(("id" = String, Path)), responses((status = 200, body = Rescored), (status = 401, body = Problem),
    (status = 403, body = Problem), (status = 404, body = Problem)), security(("session" = []), ("token" = [])))]
async fn rescore(
    State(shared): State<Shared>,
    Signed(actor): Signed,
    Path(id): Path<String>,
) -> Result<Json<Rescored>, ApiError> {
    Ok(Json(Rescored { differences: shared.app.recommendation_rescore(&actor, &id).await? }))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Compared {
    /// Two to four ids, separated by commas.
    #[serde(default)]
    talents: String,
}

/// 并排比较
#[utoipa::path(get, path = "/api/v1/needs/{id}/comparison", tag = "recommendations",
    params(("id" = String, Path), Compared), responses((status = 200, body = Comparison), (status = 401, body = Problem),
    (status = 403, body = Problem), (status = 404, body = Problem), (status = 422, body = Problem)),
    security(("session" = []), ("token" = [])))]
async fn compare(
    State(shared): State<Shared>,
    Signed(actor): Signed,
    Path(id): Path<String>,
    Params(compared): Params<Compared>,
) -> Result<Json<Comparison>, ApiError> {
    let talents: Vec<String> = compared.talents.split(',').map(str::trim).map(str::to_owned).collect();
    Ok(Json(shared.app.compare(&actor, &id, &talents).await?))
}

/// What the enterprise thinks of a talent.
#[derive(Serialize, ToSchema)]
struct Verdict {
    talent: String,
    /// `shortlisted` or `unsuitable`
    verdict: String,
    note: String,
    /// Milliseconds since 1970 UTC.
    at: i64,
    version: i64,
}

impl From<store::Verdict> for Verdict {
    fn from(said: store::Verdict) -> Self {
        let store::Verdict { talent, verdict, note, at, version, .. } = said;
        Self { talent, verdict, note, at, version }
    }
}

/// 备选与不合适
#[utoipa::path(get, path = "/api/v1/needs/{id}/shortlist", tag = "recommendations", params(("id" = String, Path)),
    responses((status = 200, body = [Verdict]), (status = 401, body = Problem), (status = 403, body = Problem),
    (status = 404, body = Problem)), security(("session" = []), ("token" = [])))]
async fn verdicts(
    State(shared): State<Shared>,
    Signed(actor): Signed,
    Path(id): Path<String>,
) -> Result<Json<Vec<Verdict>>, ApiError> {
    Ok(Json(shared.app.verdicts(&actor, &id).await?.into_iter().map(Verdict::from).collect()))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Said {
    /// `shortlisted` or `unsuitable`
    verdict: String,
    /// A note; for `unsuitable`, why.
    #[serde(default)]
    note: String,
}

/// 列入备选，或标为不合适
///
/// `If-Match` where something was said before.
#[utoipa::path(put, path = "/api/v1/needs/{id}/shortlist/{talent}", tag = "recommendations",
    params(("id" = String, Path), ("talent" = String, Path), ("If-Match" = Option<String>, Header)),
    request_body = Said, responses((status = 200, body = Verdict), (status = 401, body = Problem),
    (status = 403, body = Problem), (status = 404, body = Problem), (status = 412, body = Problem),
    (status = 422, body = Problem)), security(("session" = []), ("token" = [])))]
async fn put_verdict(
    State(shared): State<Shared>,
    Signed(actor): Signed,
    Path((id, talent)): Path<(String, String)>,
    headers: HeaderMap,
    version: Result<IfMatch, ApiError>,
    Body(said): Body<Said>,
) -> Result<impl IntoResponse, ApiError> {
    let version = if headers.contains_key(header::IF_MATCH) { version?.0 } else { 0 };
    let said = shared.app.verdict_put(&actor, (&id, &talent), &said.verdict, &said.note, version).await?;
    Ok((AppendHeaders([etag(said.version)]), Json(Verdict::from(said))))
}

/// 撤回备选或不合适
#[utoipa::path(delete, path = "/api/v1/needs/{id}/shortlist/{talent}", tag = "recommendations",
    params(("id" = String, Path), ("talent" = String, Path), ("If-Match" = String, Header)), responses((status = 204),
    (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem),
    (status = 412, body = Problem)), security(("session" = []), ("token" = [])))]
async fn delete_verdict(
    State(shared): State<Shared>,
    Signed(actor): Signed,
    Path((id, talent)): Path<(String, String)>,
    IfMatch(version): IfMatch,
) -> Result<StatusCode, ApiError> {
    shared.app.verdict_delete(&actor, &id, &talent, version).await?;
    Ok(StatusCode::NO_CONTENT)
}
