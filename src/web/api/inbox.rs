//! Own notices and saved searches.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{Page, Paging};
use crate::app::AppError;
use crate::domain::{Notice, SearchQuery};
use crate::store::{NoticeRow, SavedSearch};
use crate::web::Shared;
use crate::web::error::{ApiError, Problem};
use crate::web::extract::{Body, Params, Signed};

pub fn router() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(notices))
        .routes(routes!(read))
        .routes(routes!(searches, save))
        .routes(routes!(rename, delete))
}

/// What happened that concerns somebody.
#[derive(Debug, Serialize, ToSchema)]
struct ToldNotice {
    id: String,
    /// `kind:id` of what it is about; empty where there is none.
    object: String,
    /// In one Chinese sentence.
    sentence: String,
    notice: Notice,
    /// Milliseconds since 1970 UTC.
    at: i64,
    read_at: Option<i64>,
}

impl From<NoticeRow> for ToldNotice {
    fn from(row: NoticeRow) -> Self {
        let sentence = row.notice.sentence();
        Self { id: row.id, object: row.object, sentence, notice: row.notice, at: row.at, read_at: row.read_at }
    }
}

#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
struct Which {
    /// Only those that were not read.
    unread: bool,
}

/// 我的消息
///
/// Newest first.
#[utoipa::path(get, path = "/api/v1/notices", tag = "inbox", params(Paging, Which), responses(
    (status = 200, body = Page<ToldNotice>), (status = 401, body = Problem)),
    security(("session" = []), ("token" = [])))]
async fn notices(
    State(shared): State<Shared>,
    Signed(actor): Signed,
    Params(paging): Params<Paging>,
    Params(which): Params<Which>,
) -> Result<Json<Page<ToldNotice>>, ApiError> {
    let found = shared.app.notices(&actor, which.unread, &paging.after, paging.ask()).await?;
    Ok(Json(paging.page(found, |row| row.id.clone(), ToldNotice::from)))
}

/// 标为已读
#[utoipa::path(post, path = "/api/v1/notices/{id}/read", tag = "inbox", params(("id" = String, Path)), responses(
    (status = 204), (status = 401, body = Problem), (status = 404, body = Problem)),
    security(("session" = []), ("token" = [])))]
async fn read(
    State(shared): State<Shared>,
    Signed(actor): Signed,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    shared.app.notice_read(&actor, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A search that is kept.
#[derive(Debug, Serialize, ToSchema)]
struct KeptSearch {
    id: String,
    name: String,
    query: SearchQuery,
    /// Milliseconds since 1970 UTC.
    created_at: i64,
    looked_at: i64,
}

impl From<SavedSearch> for KeptSearch {
    fn from(kept: SavedSearch) -> Self {
        let SavedSearch { id, name, query, created_at, looked_at, .. } = kept;
        Self { id, name, query, created_at, looked_at }
    }
}

/// 我保存的搜索
///
/// What is new in them comes as notices.
#[utoipa::path(get, path = "/api/v1/saved-searches", tag = "inbox", responses(
    (status = 200, body = [KeptSearch]), (status = 401, body = Problem)),
    security(("session" = []), ("token" = [])))]
async fn searches(State(shared): State<Shared>, Signed(actor): Signed) -> Result<Json<Vec<KeptSearch>>, ApiError> {
    Ok(Json(shared.app.searches(&actor).await?.into_iter().map(KeptSearch::from).collect()))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewSearch {
    name: String,
    query: SearchQuery,
}

/// 保存一个搜索
#[utoipa::path(post, path = "/api/v1/saved-searches", tag = "inbox", request_body = NewSearch, responses(
    (status = 201, body = KeptSearch), (status = 401, body = Problem), (status = 409, body = Problem),
    (status = 422, body = Problem)), security(("session" = []), ("token" = [])))]
async fn save(
    State(shared): State<Shared>,
    Signed(actor): Signed,
    Body(new): Body<NewSearch>,
) -> Result<(StatusCode, Json<KeptSearch>), ApiError> {
    let query = new.query.checked().map_err(AppError::Invalid)?;
    let kept = shared.app.search_save(&actor, &new.name, query).await?;
    Ok((StatusCode::CREATED, Json(kept.into())))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewName {
    name: String,
}

/// 给保存的搜索改名
#[utoipa::path(put, path = "/api/v1/saved-searches/{id}", tag = "inbox", params(("id" = String, Path)),
    request_body = NewName, responses((status = 204), (status = 401, body = Problem), (status = 404, body = Problem),
    (status = 422, body = Problem)), security(("session" = []), ("token" = [])))]
async fn rename(
    State(shared): State<Shared>,
    Signed(actor): Signed,
    Path(id): Path<String>,
    Body(new): Body<NewName>,
) -> Result<StatusCode, ApiError> {
    shared.app.search_rename(&actor, &id, &new.name).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// 删除保存的搜索
#[utoipa::path(delete, path = "/api/v1/saved-searches/{id}", tag = "inbox", params(("id" = String, Path)), responses(
    (status = 204), (status = 401, body = Problem), (status = 404, body = Problem)),
    security(("session" = []), ("token" = [])))]
async fn delete(
    State(shared): State<Shared>,
    Signed(actor): Signed,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    shared.app.search_delete(&actor, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}
