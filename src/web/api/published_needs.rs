//! Needs as everybody sees them, and the numbers of the regulation. No money, no contact: those are
//! for talents that were invited.

use axum::Json;
use axum::extract::{Path, State};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{Page, Paging};
use crate::app::{AppError, assessment};
use crate::domain::{NeedMode, NeedStatus, Parameters, Target};
use crate::store::{NeedHead, NeedRecord};
use crate::web::Shared;
use crate::web::error::{ApiError, Problem};
use crate::web::extract::Params;

pub fn router() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(list)).routes(routes!(get)).routes(routes!(regulation))
}

/// What a public list shows of a need.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct ListedPublishedNeed {
    id: String,
    title: String,
    /// Name of the enterprise.
    organization: String,
    /// `published`, or `challenge` on the 揭榜挂帅 board.
    status: NeedStatus,
    mode: Option<NeedMode>,
    field: Option<String>,
    region: Option<String>,
    deadline: Option<String>,
    /// Milliseconds since 1970 UTC.
    published_at: Option<i64>,
}

impl From<NeedHead> for ListedPublishedNeed {
    fn from(head: NeedHead) -> Self {
        Self {
            id: head.id,
            title: head.title.unwrap_or_default(),
            organization: head.organisation_name,
            status: head.status,
            mode: head.mode,
            field: head.field,
            region: head.region,
            deadline: head.deadline,
            published_at: head.published_at,
        }
    }
}

impl ListedPublishedNeed {
    /// What a list shows of a whole record.
    pub(super) fn of(record: NeedRecord) -> Self {
        Self {
            title: record.need.heading(),
            id: record.need.id,
            organization: record.organisation_name,
            status: record.status,
            mode: record.need.mode,
            field: record.need.field,
            region: record.need.region,
            deadline: record.need.deadline,
            published_at: record.published_at,
        }
    }
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct PublishedFilter {
    /// `self`, `collaborative` or `open_challenge`; all if absent.
    mode: Option<String>,
}

/// 已发布的需求
///
/// Newest first.
#[utoipa::path(get, path = "/api/v1/published-needs", tag = "public", params(Paging, PublishedFilter), responses(
    (status = 200, body = Page<ListedPublishedNeed>), (status = 422, body = Problem)))]
async fn list(
    State(shared): State<Shared>,
    Params(paging): Params<Paging>,
    Params(filter): Params<PublishedFilter>,
) -> Result<Json<Page<ListedPublishedNeed>>, ApiError> {
    let known = |code: &String| NeedMode::ALL.into_iter().find(|mode| mode.code() == code);
    let mode = match &filter.mode {
        Some(code) => Some(known(code).ok_or(AppError::invalid("mode", "unknown", "没有这种组织实施方式"))?),
        None => None,
    };
    let found = shared.app.published_needs(mode, &paging.after, paging.ask()).await?;
    Ok(Json(paging.page(found, |head| head.id.clone(), ListedPublishedNeed::from)))
}

/// What everybody may know of a need.
#[derive(Debug, Serialize, ToSchema)]
struct PublishedNeed {
    id: String,
    title: String,
    /// Name of the enterprise.
    organization: String,
    status: NeedStatus,
    problem: String,
    mode: Option<NeedMode>,
    targets: Vec<Target>,
    scenario: Option<String>,
    field: Option<String>,
    /// Name of the field.
    field_name: Option<String>,
    region: Option<String>,
    deadline: Option<String>,
    /// Who owns the results.
    ownership: Option<String>,
    /// Milliseconds since 1970 UTC.
    published_at: Option<i64>,
}

impl PublishedNeed {
    fn of(found: NeedRecord) -> Result<Self, AppError> {
        let taxonomy = &assessment::rules()?.taxonomy;
        let need = found.need;
        Ok(Self {
            title: need.heading(),
            field_name: need.field.as_deref().and_then(|code| taxonomy.field(code)).map(|field| field.name.clone()),
            id: need.id,
            organization: found.organisation_name,
            status: found.status,
            problem: need.problem,
            mode: need.mode,
            targets: need.targets,
            scenario: need.scenario,
            field: need.field,
            region: need.region,
            deadline: need.deadline,
            ownership: need.ownership,
            published_at: found.published_at,
        })
    }
}

/// 一个已发布的需求
#[utoipa::path(get, path = "/api/v1/published-needs/{id}", tag = "public", params(("id" = String, Path)), responses(
    (status = 200, body = PublishedNeed), (status = 404, body = Problem)))]
async fn get(State(shared): State<Shared>, Path(id): Path<String>) -> Result<Json<PublishedNeed>, ApiError> {
    Ok(Json(PublishedNeed::of(shared.app.published_need(&id).await?)?))
}

/// 实施办法里的数值
///
/// Each with its article.
#[utoipa::path(get, path = "/api/v1/regulation", tag = "public", responses((status = 200, body = Parameters)))]
async fn regulation() -> Result<Json<&'static Parameters>, ApiError> {
    Ok(Json(&assessment::rules()?.parameters))
}
