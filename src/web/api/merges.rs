//! Suspected duplicates; merges, namesakes kept apart, and both undone.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{Page, Paging, status};
use crate::app::talents::Duplicate;
use crate::store::{self, MergeStatus};
use crate::web::Shared;
use crate::web::error::{ApiError, Problem};
use crate::web::extract::{Body, Params, Signed};

pub fn router() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(duplicates))
        .routes(routes!(list, merge))
        .routes(routes!(keep_apart))
        .routes(routes!(undo))
}

/// Two profiles made one, or kept apart.
#[derive(Debug, Serialize, ToSchema)]
struct Merge {
    id: String,
    kept: String,
    dropped: String,
    /// `merged`, `apart`, `undone`
    status: &'static str,
    /// Ids of the evidence that the kept profile gained.
    gained: Vec<String>,
    /// Id of the operator's account.
    by: String,
    /// Milliseconds since 1970 UTC.
    at: i64,
}

impl From<store::Merge> for Merge {
    fn from(merge: store::Merge) -> Self {
        let store::Merge { id, kept, dropped, status, gained, by, at, .. } = merge;
        Self { id, kept, dropped, status: status.code(), gained, by, at }
    }
}

/// 疑似重复的档案
///
/// Pairs of the same name, or teams of the same organisation and members, that have more in common.
/// A page may hold fewer than asked for, even none, and still have a `next`.
#[utoipa::path(get, path = "/api/v1/duplicates", tag = "talents", params(Paging), responses(
    (status = 200, body = Page<Duplicate>), (status = 401, body = Problem), (status = 403, body = Problem)),
    security(("session" = []), ("token" = [])))]
async fn duplicates(
    State(shared): State<Shared>,
    Signed(actor): Signed,
    Params(paging): Params<Paging>,
) -> Result<Json<Page<Duplicate>>, ApiError> {
    // Ids hold no white space.
    let after = paging.after.split_once(' ').unwrap_or_default();
    let (items, next) = shared.app.duplicates(&actor, after, paging.shown()).await?;
    Ok(Json(Page { items, next: next.map(|(a, b)| format!("{a} {b}")) }))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Filter {
    /// `merged`, `apart` or `undone`; all if absent.
    status: Option<String>,
}

/// 合并记录
///
/// Newest first.
#[utoipa::path(get, path = "/api/v1/merges", tag = "talents", params(Paging, Filter), responses(
    (status = 200, body = Page<Merge>), (status = 401, body = Problem), (status = 403, body = Problem),
    (status = 422, body = Problem)), security(("session" = []), ("token" = [])))]
async fn list(
    State(shared): State<Shared>,
    Signed(actor): Signed,
    Params(paging): Params<Paging>,
    Params(filter): Params<Filter>,
) -> Result<Json<Page<Merge>>, ApiError> {
    let status = status(filter.status, &MergeStatus::ALL, MergeStatus::code)?;
    let found = shared.app.merges(&actor, status, &paging.after, paging.ask()).await?;
    Ok(Json(paging.page(found, |m| m.id.clone(), Merge::from)))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewMerge {
    /// Id of the profile that stays.
    kept: String,
    /// Id of the one that is merged into it.
    dropped: String,
}

/// 合并两份档案
///
/// The kept one gains the evidence of the other, whose address leads to it from now on.
#[utoipa::path(post, path = "/api/v1/merges", tag = "talents", request_body = NewMerge, responses(
    (status = 201, body = Merge), (status = 401, body = Problem), (status = 403, body = Problem),
    (status = 404, body = Problem), (status = 409, body = Problem), (status = 422, body = Problem)),
    security(("session" = []), ("token" = [])))]
async fn merge(
    State(shared): State<Shared>,
    Signed(actor): Signed,
    Body(new): Body<NewMerge>,
) -> Result<impl IntoResponse, ApiError> {
    let made = shared.app.merge_create(&actor, &new.kept, &new.dropped).await?;
    Ok((StatusCode::CREATED, Json(Merge::from(made))))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Namesakes {
    a: String,
    b: String,
}

/// 标为不同的人
///
/// The pair is not suggested again.
#[utoipa::path(post, path = "/api/v1/merges/apart", tag = "talents", request_body = Namesakes, responses(
    (status = 201, body = Merge), (status = 401, body = Problem), (status = 403, body = Problem),
    (status = 404, body = Problem), (status = 409, body = Problem), (status = 422, body = Problem)),
    security(("session" = []), ("token" = [])))]
async fn keep_apart(
    State(shared): State<Shared>,
    Signed(actor): Signed,
    Body(pair): Body<Namesakes>,
) -> Result<impl IntoResponse, ApiError> {
    let made = shared.app.keep_apart(&actor, &pair.a, &pair.b).await?;
    Ok((StatusCode::CREATED, Json(Merge::from(made))))
}

/// 撤销合并，或撤销“不同的人”
#[utoipa::path(delete, path = "/api/v1/merges/{id}", tag = "talents", params(("id" = String, Path)), responses(
    (status = 204), (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem),
    (status = 409, body = Problem)), security(("session" = []), ("token" = [])))]
async fn undo(
    State(shared): State<Shared>,
    Signed(actor): Signed,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    shared.app.merge_undo(&actor, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}
