//! Needs of the own enterprise, and for those who look after them: write, submit, decide, withdraw.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{AppendHeaders, IntoResponse};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{Page, Paging, status};
use crate::app::needs::NeedVerdict;
use crate::domain::{Need, NeedMode, NeedStatus, Target};
use crate::store::{NeedHead, NeedRecord};
use crate::web::Shared;
use crate::web::error::{ApiError, Problem};
use crate::web::extract::{Body, IfMatch, Params, Signed, etag};

pub fn router() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(list, create))
        .routes(routes!(get, update))
        .routes(routes!(submit))
        .routes(routes!(decide))
        .routes(routes!(withdraw))
}

/// A need as its enterprise writes it. A draft may be begun: a title or a problem is enough.
#[derive(Debug, Clone, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct WrittenNeed {
    title: Option<String>,
    /// （一）拟解决的突出技术问题
    problem: String,
    /// （二）拟采取的组织实施方式
    mode: Option<NeedMode>,
    /// （三）拟达到预期目标
    targets: Vec<Target>,
    scenario: Option<String>,
    /// （四）资金投入总额, in yuan
    total_investment: Option<u64>,
    /// Of the total, in yuan.
    self_raised: Option<u64>,
    /// Code of a cluster or a discipline.
    field: Option<String>,
    region: Option<String>,
    /// `YYYY-MM-DD`
    deadline: Option<String>,
    /// Who owns the results.
    ownership: Option<String>,
}

impl From<WrittenNeed> for Need {
    fn from(written: WrittenNeed) -> Self {
        Self {
            id: String::new(),
            organization: None,
            title: written.title,
            problem: written.problem,
            mode: written.mode,
            targets: written.targets,
            scenario: written.scenario,
            total_investment: written.total_investment,
            self_raised: written.self_raised,
            field: written.field,
            region: written.region,
            deadline: written.deadline,
            ownership: written.ownership,
        }
    }
}

/// A need with its standing.
#[derive(Debug, Serialize, ToSchema)]
pub struct KeptNeed {
    #[serde(flatten)]
    need: Need,
    /// Id of the enterprise.
    organisation: String,
    status: NeedStatus,
    /// Why it was given back or withdrawn.
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    /// Milliseconds since 1970 UTC.
    created_at: i64,
    updated_at: i64,
    /// First time.
    #[serde(skip_serializing_if = "Option::is_none")]
    submitted_at: Option<i64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    published_at: Option<i64>,
    version: i64,
}

fn answer(status: StatusCode, found: NeedRecord) -> impl IntoResponse {
    let NeedRecord { need, organisation, reason, created_at, updated_at, submitted_at, published_at, version, .. } =
        found;
    let place = format!("/api/v1/needs/{}", need.id);
    let kept = KeptNeed {
        need,
        organisation,
        status: found.status,
        reason,
        created_at,
        updated_at,
        submitted_at,
        published_at,
        version,
    };
    let location = (status == StatusCode::CREATED).then_some((axum::http::header::LOCATION, place));
    (status, AppendHeaders([etag(version)]), AppendHeaders(location), Json(kept))
}

/// What a list shows of a need.
#[derive(Debug, Serialize, ToSchema)]
struct ListedNeed {
    id: String,
    /// Id of the enterprise.
    organisation: String,
    organization: String,
    status: NeedStatus,
    /// The title, or else how the problem begins.
    title: String,
    mode: Option<NeedMode>,
    field: Option<String>,
    region: Option<String>,
    deadline: Option<String>,
    /// Why it was given back or withdrawn.
    reason: Option<String>,
    /// Milliseconds since 1970 UTC.
    created_at: i64,
    updated_at: i64,
    published_at: Option<i64>,
    version: i64,
}

impl From<NeedHead> for ListedNeed {
    fn from(head: NeedHead) -> Self {
        Self {
            id: head.id,
            organisation: head.organisation,
            organization: head.organisation_name,
            status: head.status,
            title: head.title.unwrap_or_default(),
            mode: head.mode,
            field: head.field,
            region: head.region,
            deadline: head.deadline,
            reason: head.reason,
            created_at: head.created_at,
            updated_at: head.updated_at,
            published_at: head.published_at,
            version: head.version,
        }
    }
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct NeedFilter {
    /// `draft`, `submitted`, `published`, `challenge`, …; all if absent.
    status: Option<String>,
}

/// 需求列表
///
/// Newest first: the own enterprise's; for a district office those of its region, for the city and
/// the operator all, each from its first submission on.
#[utoipa::path(get, path = "/api/v1/needs", tag = "needs", params(Paging, NeedFilter), responses(
    (status = 200, body = Page<ListedNeed>), (status = 401, body = Problem), (status = 403, body = Problem),
    (status = 422, body = Problem)), security(("session" = []), ("token" = [])))]
async fn list(
    State(shared): State<Shared>,
    Signed(actor): Signed,
    Params(paging): Params<Paging>,
    Params(filter): Params<NeedFilter>,
) -> Result<Json<Page<ListedNeed>>, ApiError> {
    let status = status(filter.status, &NeedStatus::ALL, NeedStatus::code)?;
    let found = shared.app.needs(&actor, status, &paging.after, paging.ask()).await?;
    Ok(Json(paging.page(found, |head| head.id.clone(), ListedNeed::from)))
}

/// 新建需求草稿
#[utoipa::path(post, path = "/api/v1/needs", tag = "needs", request_body = WrittenNeed, responses(
    (status = 201, body = KeptNeed), (status = 401, body = Problem), (status = 403, body = Problem),
    (status = 409, body = Problem), (status = 422, body = Problem)), security(("session" = []), ("token" = [])))]
async fn create(
    State(shared): State<Shared>,
    Signed(actor): Signed,
    Body(written): Body<WrittenNeed>,
) -> Result<impl IntoResponse, ApiError> {
    Ok(answer(StatusCode::CREATED, shared.app.need_create(&actor, written.into()).await?))
}

/// 一个需求
#[utoipa::path(get, path = "/api/v1/needs/{id}", tag = "needs", params(("id" = String, Path)), responses(
    (status = 200, body = KeptNeed), (status = 401, body = Problem), (status = 403, body = Problem),
    (status = 404, body = Problem)), security(("session" = []), ("token" = [])))]
async fn get(
    State(shared): State<Shared>,
    Signed(actor): Signed,
    Path(id): Path<String>,
) -> Result<impl IntoResponse, ApiError> {
    Ok(answer(StatusCode::OK, shared.app.need_get(&actor, &id).await?))
}

/// 修改需求草稿
///
/// The whole need as it is to be; what is left out is emptied. Each change is a version.
#[utoipa::path(put, path = "/api/v1/needs/{id}", tag = "needs", params(("id" = String, Path),
    ("If-Match" = String, Header)), request_body = WrittenNeed, responses((status = 200, body = KeptNeed),
    (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem),
    (status = 409, body = Problem), (status = 412, body = Problem), (status = 422, body = Problem)),
    security(("session" = []), ("token" = [])))]
async fn update(
    State(shared): State<Shared>,
    Signed(actor): Signed,
    Path(id): Path<String>,
    IfMatch(version): IfMatch,
    Body(written): Body<WrittenNeed>,
) -> Result<impl IntoResponse, ApiError> {
    Ok(answer(StatusCode::OK, shared.app.need_update(&actor, &id, version, written.into()).await?))
}

/// 提交需求
///
/// Needs the four items of 第六条; tells all that is missing.
#[utoipa::path(post, path = "/api/v1/needs/{id}/submission", tag = "needs", params(("id" = String, Path),
    ("If-Match" = String, Header)), responses((status = 200, body = KeptNeed), (status = 401, body = Problem),
    (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem),
    (status = 412, body = Problem), (status = 422, body = Problem)), security(("session" = []), ("token" = [])))]
async fn submit(
    State(shared): State<Shared>,
    Signed(actor): Signed,
    Path(id): Path<String>,
    IfMatch(version): IfMatch,
) -> Result<impl IntoResponse, ApiError> {
    Ok(answer(StatusCode::OK, shared.app.need_submit(&actor, &id, version).await?))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NeedDecision {
    /// Else it is given back.
    publish: bool,
    /// Why it is given back; the enterprise sees it.
    #[serde(default)]
    reason: String,
}

/// 发布或退回需求
///
/// 揭榜挂帅 goes to the board, the other modes to the public list.
#[utoipa::path(post, path = "/api/v1/needs/{id}/decision", tag = "needs", params(("id" = String, Path),
    ("If-Match" = String, Header)), request_body = NeedDecision, responses((status = 200, body = KeptNeed),
    (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem),
    (status = 409, body = Problem), (status = 412, body = Problem), (status = 422, body = Problem)),
    security(("session" = []), ("token" = [])))]
async fn decide(
    State(shared): State<Shared>,
    Signed(actor): Signed,
    Path(id): Path<String>,
    IfMatch(version): IfMatch,
    Body(NeedDecision { publish, reason }): Body<NeedDecision>,
) -> Result<impl IntoResponse, ApiError> {
    let verdict = if publish { NeedVerdict::Publish } else { NeedVerdict::GiveBack { reason } };
    Ok(answer(StatusCode::OK, shared.app.need_decide(&actor, &id, version, verdict).await?))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NeedWithdrawal {
    reason: String,
}

/// 撤回需求
#[utoipa::path(post, path = "/api/v1/needs/{id}/withdrawal", tag = "needs", params(("id" = String, Path),
    ("If-Match" = String, Header)), request_body = NeedWithdrawal, responses((status = 200, body = KeptNeed),
    (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem),
    (status = 409, body = Problem), (status = 412, body = Problem), (status = 422, body = Problem)),
    security(("session" = []), ("token" = [])))]
async fn withdraw(
    State(shared): State<Shared>,
    Signed(actor): Signed,
    Path(id): Path<String>,
    IfMatch(version): IfMatch,
    Body(NeedWithdrawal { reason }): Body<NeedWithdrawal>,
) -> Result<impl IntoResponse, ApiError> {
    Ok(answer(StatusCode::OK, shared.app.need_withdraw(&actor, &id, version, &reason).await?))
}
