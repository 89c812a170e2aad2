//! Sign in, sign out, and who is signed in.

use std::net::SocketAddr;

use axum::Json;
use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderMap, StatusCode, header};
use axum::response::{AppendHeaders, IntoResponse};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::Actor;
use crate::web::Shared;
use crate::web::error::{ApiError, Problem};
use crate::web::extract::{Body, SESSION, Signed, cookie};

pub fn router() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(sign_in, who, sign_out)).routes(routes!(change_password))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct SignIn {
    login: String,
    password: String,
}

/// Somebody who is signed in.
#[derive(Debug, Serialize, ToSchema)]
pub struct Me {
    account: String,
    name: String,
    /// `enterprise`, `talent`, `operator`, …
    role: &'static str,
    organisation: Option<String>,
    /// Only the password can be changed until it is.
    password_is_temporary: bool,
}

impl From<Actor> for Me {
    fn from(actor: Actor) -> Self {
        let Actor { account, name, role, organisation, password_is_temporary, .. } = actor;
        Self { account, name, role: role.code(), organisation, password_is_temporary }
    }
}

/// The cookie of a session, or an empty one that ends it.
pub fn session_cookie(shared: &Shared, token: Option<&str>) -> String {
    let secure = if shared.guard.settings.secure { "; Secure" } else { "" };
    match token {
        Some(token) => format!("{SESSION}={token}; Path=/; HttpOnly; SameSite=Lax{secure}"),
        None => format!("{SESSION}=; Path=/; HttpOnly; SameSite=Lax; Max-Age=0{secure}"),
    }
}

/// 登录
///
/// The session's cookie comes with the answer.
#[utoipa::path(post, path = "/api/v1/session", tag = "session", request_body = SignIn, responses(
    (status = 200, body = Me), (status = 401, body = Problem), (status = 403, body = Problem),
    (status = 429, body = Problem)))]
async fn sign_in(
    State(shared): State<Shared>,
    peer: Option<axum::Extension<ConnectInfo<SocketAddr>>>,
    headers: HeaderMap,
    Body(body): Body<SignIn>,
) -> Result<impl IntoResponse, ApiError> {
    let from = shared.guard.address(&headers, peer.map(|p| p.0.0.ip()));
    let done = shared.app.sign_in(&body.login, &body.password, from).await?;
    let cookie = session_cookie(&shared, Some(&done.token));
    Ok((AppendHeaders([(header::SET_COOKIE, cookie)]), Json(Me::from(done.actor))))
}

/// 当前登录者
#[utoipa::path(get, path = "/api/v1/session", tag = "session", responses(
    (status = 200, body = Me), (status = 401, body = Problem)), security(("session" = []), ("token" = [])))]
async fn who(Signed(actor): Signed) -> Json<Me> {
    Json(actor.into())
}

/// 退出登录
#[utoipa::path(delete, path = "/api/v1/session", tag = "session", responses((status = 204)), security(("session" = [])))]
async fn sign_out(State(shared): State<Shared>, headers: HeaderMap) -> Result<impl IntoResponse, ApiError> {
    if let Some(token) = cookie(&headers, SESSION) {
        shared.app.sign_out(token).await?;
    }
    Ok((StatusCode::NO_CONTENT, AppendHeaders([(header::SET_COOKIE, session_cookie(&shared, None))])))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PasswordChange {
    present: String,
    new: String,
}

/// 修改密码
///
/// Every session of the account ends.
#[utoipa::path(put, path = "/api/v1/session/password", tag = "session", request_body = PasswordChange, responses(
    (status = 204), (status = 401, body = Problem), (status = 422, body = Problem)), security(("session" = [])))]
async fn change_password(
    State(shared): State<Shared>,
    Signed(actor): Signed,
    Body(body): Body<PasswordChange>,
) -> Result<StatusCode, ApiError> {
    shared.app.password_change(&actor, &body.present, &body.new).await?;
    Ok(StatusCode::NO_CONTENT)
}
