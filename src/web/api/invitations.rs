//! Invitations to talk, for both sides.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{AppendHeaders, IntoResponse, Response};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{Page, Paging};
use crate::app::invitations::{NewInvitation, SeenInvitation};
use crate::web::Shared;
use crate::web::error::{ApiError, Problem};
use crate::web::extract::{Body, IfMatch, Params, Signed, etag};

pub fn router() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(create))
        .routes(routes!(get, withdraw))
        .routes(routes!(answer))
}

/// An invitation as its reader may see it.
#[derive(Debug, Serialize, ToSchema)]
struct Invitation {
    id: String,
    need: String,
    organisation: String,
    talent: String,
    talent_name: String,
    message: String,
    /// The parts of the need that the enterprise released, as they were then.
    #[schema(value_type = Object)]
    released: serde_json::Value,
    /// `sent`, `accepted`, `declined`, `withdrawn`
    status: &'static str,
    answer: Option<String>,
    /// How to reach the enterprise, and the talent: after acceptance only.
    #[serde(skip_serializing_if = "Option::is_none")]
    contact: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    talent_contact: Option<String>,
    /// Milliseconds since 1970 UTC.
    created_at: i64,
    answered_at: Option<i64>,
    version: i64,
}

impl From<SeenInvitation> for Invitation {
    fn from(seen: SeenInvitation) -> Self {
        let SeenInvitation { invitation: i, talent_name, talent_contact } = seen;
        Self {
            id: i.id,
            need: i.need,
            organisation: i.organisation_name,
            talent: i.talent,
            talent_name,
            message: i.message,
            released: serde_json::from_str(&i.released).unwrap_or_default(),
            status: i.status.code(),
            answer: i.answer,
            contact: Some(i.contact).filter(|c| !c.is_empty()),
            talent_contact,
            created_at: i.created_at,
            answered_at: i.answered_at,
            version: i.version,
        }
    }
}

fn show(status: StatusCode, seen: SeenInvitation) -> Response {
    let (version, location) = (seen.invitation.version, format!("/api/v1/invitations/{}", seen.invitation.id));
    let mut response = (status, AppendHeaders([etag(version)]), Json(Invitation::from(seen))).into_response();
    if status == StatusCode::CREATED
        && let Ok(location) = location.parse()
    {
        response.headers_mut().insert(header::LOCATION, location);
    }
    response
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct New {
    talent: String,
    message: String,
    /// How to reach the enterprise; shown to the talent after it has accepted.
    contact: String,
    /// `problem`, `targets`, `scenario`, `deadline`, `ownership`, `total_investment`; the title always is.
    #[serde(default)]
    released: Vec<String>,
}

/// 邀请洽谈
#[utoipa::path(post, path = "/api/v1/needs/{id}/invitations", tag = "invitations", params(("id" = String, Path)),
    request_body = New, responses((status = 201, body = Invitation), (status = 401, body = Problem),
    (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem),
    (status = 422, body = Problem)), security(("session" = []), ("token" = [])))]
async fn create(
    State(shared): State<Shared>,
    Signed(actor): Signed,
    Path(id): Path<String>,
    Body(new): Body<New>,
) -> Result<Response, ApiError> {
    let New { talent, message, contact, released } = new;
    let new = NewInvitation { need: id, talent, message, contact, released };
    Ok(show(StatusCode::CREATED, shared.app.invitation_create(&actor, &new).await?))
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct OfNeed {
    /// Only those for this need.
    #[serde(default)]
    need: String,
}

/// 我的邀请
///
/// Those that one's enterprise has sent, or one's profile has received; newest first.
#[utoipa::path(get, path = "/api/v1/invitations", tag = "invitations", params(Paging, OfNeed), responses(
    (status = 200, body = Page<Invitation>), (status = 401, body = Problem), (status = 403, body = Problem)),
    security(("session" = []), ("token" = [])))]
async fn list(
    State(shared): State<Shared>,
    Signed(actor): Signed,
    Params(paging): Params<Paging>,
    Params(of): Params<OfNeed>,
) -> Result<Json<Page<Invitation>>, ApiError> {
    let found = shared.app.invitations(&actor, &of.need, &paging.after, paging.ask()).await?;
    Ok(Json(paging.page(found, |s| s.invitation.id.clone(), Invitation::from)))
}

/// 一份邀请
#[utoipa::path(get, path = "/api/v1/invitations/{id}", tag = "invitations", params(("id" = String, Path)), responses(
    (status = 200, body = Invitation), (status = 401, body = Problem), (status = 403, body = Problem),
    (status = 404, body = Problem)), security(("session" = []), ("token" = [])))]
async fn get(
    State(shared): State<Shared>,
    Signed(actor): Signed,
    Path(id): Path<String>,
) -> Result<Response, ApiError> {
    Ok(show(StatusCode::OK, shared.app.invitation_get(&actor, &id).await?))
}

/// 撤回邀请
#[utoipa::path(delete, path = "/api/v1/invitations/{id}", tag = "invitations", params(("id" = String, Path),
    ("If-Match" = String, Header)), responses((status = 200, body = Invitation), (status = 401, body = Problem),
    (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem),
    (status = 412, body = Problem)), security(("session" = []), ("token" = [])))]
async fn withdraw(
    State(shared): State<Shared>,
    Signed(actor): Signed,
    Path(id): Path<String>,
    IfMatch(version): IfMatch,
) -> Result<Response, ApiError> {
    Ok(show(StatusCode::OK, shared.app.invitation_withdraw(&actor, &id, version).await?))
}

#[derive(Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Answer {
    accept: bool,
    #[serde(default)]
    message: String,
}

/// 答复邀请
#[utoipa::path(put, path = "/api/v1/invitations/{id}/answer", tag = "invitations", params(("id" = String, Path),
    ("If-Match" = String, Header)), request_body = Answer, responses((status = 200, body = Invitation),
    (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem),
    (status = 409, body = Problem), (status = 412, body = Problem), (status = 422, body = Problem)),
    security(("session" = []), ("token" = [])))]
async fn answer(
    State(shared): State<Shared>,
    Signed(actor): Signed,
    Path(id): Path<String>,
    IfMatch(version): IfMatch,
    Body(body): Body<Answer>,
) -> Result<Response, ApiError> {
    let answered = shared.app.invitation_answer(&actor, &id, version, body.accept, &body.message).await?;
    Ok(show(StatusCode::OK, answered))
}
