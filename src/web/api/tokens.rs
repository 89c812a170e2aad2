//! API tokens of the own account.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::store::ApiToken;
use crate::web::Shared;
use crate::web::error::{ApiError, Problem};
use crate::web::extract::{Body, Signed};

pub fn router() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(list, create)).routes(routes!(revoke))
}

/// A token, without its secret.
#[derive(Debug, Serialize, ToSchema)]
struct Token {
    id: String,
    name: String,
    scopes: Vec<String>,
    /// Milliseconds since 1970 UTC.
    created_at: i64,
    expires_at: i64,
}

impl From<ApiToken> for Token {
    fn from(token: ApiToken) -> Self {
        let scopes = token.scopes.split(' ').map(str::to_owned).collect();
        Self { id: token.id, name: token.name, scopes, created_at: token.created_at, expires_at: token.expires_at }
    }
}

/// 我的令牌
#[utoipa::path(get, path = "/api/v1/tokens", tag = "session", responses(
    (status = 200, body = [Token]), (status = 401, body = Problem)), security(("session" = [])))]
async fn list(State(shared): State<Shared>, Signed(actor): Signed) -> Result<Json<Vec<Token>>, ApiError> {
    Ok(Json(shared.app.tokens(&actor).await?.into_iter().map(Token::from).collect()))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewToken {
    name: String,
    /// `read`, `write`
    scopes: Vec<String>,
    /// 1 to 366
    days: i64,
}

#[derive(Serialize, ToSchema)]
struct MadeToken {
    #[serde(flatten)]
    token: Token,
    /// To be sent as `Authorization: Bearer …`; shown this once.
    secret: String,
}

/// 建立令牌
#[utoipa::path(post, path = "/api/v1/tokens", tag = "session", request_body = NewToken, responses(
    (status = 201, body = MadeToken), (status = 401, body = Problem), (status = 409, body = Problem),
    (status = 422, body = Problem)), security(("session" = [])))]
async fn create(
    State(shared): State<Shared>,
    Signed(actor): Signed,
    Body(new): Body<NewToken>,
) -> Result<(StatusCode, Json<MadeToken>), ApiError> {
    let (token, secret) = shared.app.token_create(&actor, &new.name, &new.scopes, new.days).await?;
    Ok((StatusCode::CREATED, Json(MadeToken { token: token.into(), secret })))
}

/// 撤销令牌
#[utoipa::path(delete, path = "/api/v1/tokens/{id}", tag = "session", params(("id" = String, Path)), responses(
    (status = 204), (status = 401, body = Problem), (status = 404, body = Problem)), security(("session" = [])))]
async fn revoke(
    State(shared): State<Shared>,
    Signed(actor): Signed,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    shared.app.token_revoke(&actor, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}
