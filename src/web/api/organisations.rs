//! Organisations: what they state of themselves.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{AppendHeaders, IntoResponse};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::accounts::OrganisationDraft;
use crate::store;
use crate::web::Shared;
use crate::web::error::{ApiError, Problem};
use crate::web::extract::{Body, IfMatch, Signed, etag};

pub fn router() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(get, update))
}

#[derive(Debug, Serialize, ToSchema)]
struct Organisation {
    id: String,
    /// `enterprise`, `university`, `institute`, …
    kind: &'static str,
    name: String,
    /// 统一社会信用代码
    credit_code: Option<String>,
    region: Option<String>,
    /// 高新技术企业
    high_tech: bool,
    /// 国家科技型中小企业
    tech_sme: bool,
    /// `pending`, `approved`, `refused`
    status: &'static str,
    version: i64,
}

fn answer(found: store::Organisation) -> impl IntoResponse {
    let store::Organisation { id, name, credit_code, region, high_tech, tech_sme, version, .. } = found;
    let (kind, status) = (found.kind.code(), found.status.code());
    let shown = Organisation { id, kind, name, credit_code, region, high_tech, tech_sme, status, version };
    (StatusCode::OK, AppendHeaders([etag(version)]), Json(shown))
}

/// 一个单位
#[utoipa::path(get, path = "/api/v1/organisations/{id}", tag = "organisations", params(("id" = String, Path)),
    responses((status = 200, body = Organisation), (status = 401, body = Problem), (status = 403, body = Problem),
    (status = 404, body = Problem)), security(("session" = []), ("token" = [])))]
async fn get(
    State(shared): State<Shared>,
    Signed(actor): Signed,
    Path(id): Path<String>,
) -> Result<impl IntoResponse, ApiError> {
    Ok(answer(shared.app.organisation_get(&actor, &id).await?))
}

/// An organisation as it states itself.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Stated {
    name: String,
    /// `enterprise`, `university`, `institute`; stays as it is on a change.
    #[serde(default)]
    kind: String,
    credit_code: Option<String>,
    /// Widest first: `重庆市渝北区`.
    region: Option<String>,
    #[serde(default)]
    high_tech: bool,
    #[serde(default)]
    tech_sme: bool,
}

impl From<Stated> for OrganisationDraft {
    fn from(stated: Stated) -> Self {
        let Stated { name, kind, credit_code, region, high_tech, tech_sme } = stated;
        Self { name, kind, credit_code, region, high_tech, tech_sme }
    }
}

/// 修改单位信息
#[utoipa::path(put, path = "/api/v1/organisations/{id}", tag = "organisations", params(("id" = String, Path),
    ("If-Match" = String, Header)), request_body = Stated, responses((status = 200, body = Organisation),
    (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem),
    (status = 412, body = Problem), (status = 422, body = Problem)), security(("session" = []), ("token" = [])))]
async fn update(
    State(shared): State<Shared>,
    Signed(actor): Signed,
    Path(id): Path<String>,
    IfMatch(version): IfMatch,
    Body(stated): Body<Stated>,
) -> Result<impl IntoResponse, ApiError> {
    Ok(answer(shared.app.organisation_update(&actor, &id, version, &stated.into()).await?))
}
