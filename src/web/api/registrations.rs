//! Self-registration of enterprises and talents.

use axum::extract::State;
use axum::http::StatusCode;
use axum::response::IntoResponse;
use serde::Deserialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::accounts::Account;
use super::organisations::Stated;
use crate::app::AppError;
use crate::app::accounts::Registration;
use crate::domain::Role;
use crate::web::Shared;
use crate::web::error::{ApiError, Problem};
use crate::web::extract::Body;

pub fn router() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(register))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewRegistration {
    login: String,
    name: String,
    password: String,
    /// `enterprise` or `talent`
    role: String,
    organisation: Option<Stated>,
}

/// 注册
///
/// An operator has to approve before one can sign in.
#[utoipa::path(post, path = "/api/v1/registrations", tag = "session", request_body = NewRegistration, responses(
    (status = 201, body = Account), (status = 422, body = Problem)))]
async fn register(
    State(shared): State<Shared>,
    Body(new): Body<NewRegistration>,
) -> Result<impl IntoResponse, ApiError> {
    let role = Role::ALL.into_iter().find(|r| r.code() == new.role);
    let role = role.ok_or_else(|| AppError::invalid("role", "unknown", "没有这种角色"))?;
    let NewRegistration { login, name, password, organisation, .. } = new;
    let registration = Registration { login, name, password, role, organisation: organisation.map(Into::into) };
    Ok(Account::answer(StatusCode::CREATED, shared.app.register(&registration).await?))
}
