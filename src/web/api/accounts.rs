//! Accounts, for operators and administrators.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{AppendHeaders, IntoResponse};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{Page, Paging, status};
use crate::app::AppError;
use crate::app::accounts::NewAccount;
use crate::domain::{AccountStatus, Role};
use crate::store;
use crate::web::Shared;
use crate::web::error::{ApiError, Problem};
use crate::web::extract::{Body, IfMatch, Params, Signed, etag};

pub fn router() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(get, set_active)).routes(routes!(decide))
}

/// What answers with a password.
pub fn secret_router() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(reset))
}

/// An account, without its password.
#[derive(Debug, Serialize, ToSchema)]
pub struct Account {
    id: String,
    login: String,
    name: String,
    role: &'static str,
    organisation: Option<String>,
    /// `pending`, `active`, `disabled`
    status: &'static str,
    /// Milliseconds since 1970 UTC.
    created_at: i64,
    version: i64,
}

impl From<store::Account> for Account {
    fn from(account: store::Account) -> Self {
        let store::Account { id, login, name, role, organisation, status, created_at, version, .. } = account;
        Self { id, login, name, role: role.code(), organisation, status: status.code(), created_at, version }
    }
}

impl Account {
    /// The answer that carries one account, with its `ETag`.
    pub fn answer(status: StatusCode, account: store::Account) -> impl IntoResponse {
        let version = account.version;
        (status, AppendHeaders([etag(version)]), Json(Self::from(account)))
    }
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Filter {
    /// `pending`, `active` or `disabled`; all if absent.
    status: Option<String>,
}

/// 账号列表
#[utoipa::path(get, path = "/api/v1/accounts", tag = "accounts", params(Paging, Filter), responses(
    (status = 200, body = Page<Account>), (status = 401, body = Problem), (status = 403, body = Problem)),
    security(("session" = []), ("token" = [])))]
async fn list(
    State(shared): State<Shared>,
    Signed(actor): Signed,
    Params(paging): Params<Paging>,
    Params(filter): Params<Filter>,
) -> Result<Json<Page<Account>>, ApiError> {
    let status = status(filter.status, &AccountStatus::ALL, AccountStatus::code)?;
    let found = shared.app.accounts(&actor, status, &paging.after, paging.ask()).await?;
    Ok(Json(paging.page(found, |a| a.id.clone(), Account::from)))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct New {
    login: String,
    name: String,
    /// `enterprise`, `talent`, `operator`, …
    role: String,
    organisation: Option<String>,
    /// Temporary: to be changed at the first sign-in.
    password: String,
}

/// 建立账号
#[utoipa::path(post, path = "/api/v1/accounts", tag = "accounts", request_body = New, responses(
    (status = 201, body = Account), (status = 401, body = Problem), (status = 403, body = Problem),
    (status = 422, body = Problem)), security(("session" = []), ("token" = [])))]
async fn create(
    State(shared): State<Shared>,
    Signed(actor): Signed,
    Body(new): Body<New>,
) -> Result<impl IntoResponse, ApiError> {
    let role = Role::ALL.into_iter().find(|r| r.code() == new.role);
    let role = role.ok_or_else(|| AppError::invalid("role", "unknown", "没有这种角色"))?;
    let New { login, name, organisation, password, .. } = new;
    let made = shared.app.account_create(&actor, &NewAccount { login, name, role, organisation, password }).await?;
    Ok(Account::answer(StatusCode::CREATED, made))
}

/// 一个账号
#[utoipa::path(get, path = "/api/v1/accounts/{id}", tag = "accounts", params(("id" = String, Path)), responses(
    (status = 200, body = Account), (status = 401, body = Problem), (status = 403, body = Problem),
    (status = 404, body = Problem)), security(("session" = []), ("token" = [])))]
async fn get(
    State(shared): State<Shared>,
    Signed(actor): Signed,
    Path(id): Path<String>,
) -> Result<impl IntoResponse, ApiError> {
    Ok(Account::answer(StatusCode::OK, shared.app.account_get(&actor, &id).await?))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Active {
    active: bool,
}

/// 停用或恢复账号
#[utoipa::path(put, path = "/api/v1/accounts/{id}", tag = "accounts", params(("id" = String, Path),
    ("If-Match" = String, Header)), request_body = Active, responses(
    (status = 200, body = Account), (status = 401, body = Problem), (status = 403, body = Problem),
    (status = 404, body = Problem), (status = 412, body = Problem)), security(("session" = []), ("token" = [])))]
async fn set_active(
    State(shared): State<Shared>,
    Signed(actor): Signed,
    Path(id): Path<String>,
    IfMatch(version): IfMatch,
    Body(body): Body<Active>,
) -> Result<impl IntoResponse, ApiError> {
    let changed = shared.app.account_set_active(&actor, &id, version, body.active).await?;
    Ok(Account::answer(StatusCode::OK, changed))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Decision {
    approve: bool,
}

/// 审核注册
#[utoipa::path(post, path = "/api/v1/accounts/{id}/decision", tag = "accounts", params(("id" = String, Path)),
    request_body = Decision, responses((status = 200, body = Account), (status = 401, body = Problem),
    (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)),
    security(("session" = []), ("token" = [])))]
async fn decide(
    State(shared): State<Shared>,
    Signed(actor): Signed,
    Path(id): Path<String>,
    Body(body): Body<Decision>,
) -> Result<impl IntoResponse, ApiError> {
    Ok(Account::answer(StatusCode::OK, shared.app.registration_decide(&actor, &id, body.approve).await?))
}

#[derive(Serialize, ToSchema)]
struct Reset {
    /// Shown this once.
    password: String,
}

/// 重置密码
#[utoipa::path(post, path = "/api/v1/accounts/{id}/password-reset", tag = "accounts", params(("id" = String, Path)),
    responses((status = 200, body = Reset), (status = 401, body = Problem), (status = 403, body = Problem),
    (status = 404, body = Problem)), security(("session" = []), ("token" = [])))]
async fn reset(
    State(shared): State<Shared>,
    Signed(actor): Signed,
    Path(id): Path<String>,
) -> Result<Json<Reset>, ApiError> {
    Ok(Json(Reset { password: shared.app.password_reset(&actor, &id).await? }))
}
