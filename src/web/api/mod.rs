//! The API under `/api/v1`: one file a resource, each endpoint with its description beside it.

mod accounts;
mod assessments;
mod attachments;
mod award;
mod bid_files;
mod bids;
mod challenges;
mod claims;
mod comparison;
mod documents;
mod fitting;
mod idempotency;
mod imports;
mod inbox;
mod invitations;
mod matching;
mod merges;
mod need_versions;
mod needs;
mod operations;
mod ops;
mod organisations;
mod panel;
mod profile;
mod published_needs;
mod publishing;
mod recommendations;
mod registrations;
mod search;
mod sessions;
mod standing;
mod talents;
mod tokens;

use axum::Router;
use axum::http::{HeaderValue, header};
use axum::middleware::{from_fn_with_state, map_response};
use axum::response::Response;
use serde::{Deserialize, Serialize};
use utoipa::openapi::security::{ApiKey, ApiKeyValue, Http, HttpAuthScheme, SecurityScheme};
use utoipa::{IntoParams, Modify, OpenApi, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_swagger_ui::SwaggerUi;

pub use sessions::session_cookie;

use super::Shared;
use super::error::Problem;
use crate::app::AppError;

#[derive(OpenApi)]
#[openapi(
    info(
        title = "智汇 zhihui",
        description = "企业技术需求与科技人才（团队）的对接。错误按 RFC 9457；修改须带 If-Match；\
                       新建可带 Idempotency-Key；列表用 after 翻页。",
        license(name = "MIT")
    ),
    components(schemas(Problem)),
    modifiers(&Security)
)]
struct Description;

struct Security;

impl Modify for Security {
    fn modify(&self, openapi: &mut utoipa::openapi::OpenApi) {
        let components = openapi.components.get_or_insert_default();
        let session = SecurityScheme::ApiKey(ApiKey::Cookie(ApiKeyValue::new(super::extract::SESSION)));
        components.add_security_scheme("session", session);
        components.add_security_scheme("token", SecurityScheme::Http(Http::new(HttpAuthScheme::Bearer)));
    }
}

/// All endpoints with their description. What makes something may be sent with an
/// `Idempotency-Key`, but for what answers with a secret, which is kept nowhere.
pub fn router(shared: &Shared) -> OpenApiRouter<Shared> {
    let kept = OpenApiRouter::new()
        .merge(accounts::router())
        .merge(attachments::router())
        .merge(challenges::making_router())
        .merge(claims::router())
        .merge(documents::router())
        .merge(imports::router())
        .merge(inbox::router())
        .merge(invitations::router())
        .merge(merges::router())
        .merge(needs::router())
        .merge(organisations::router())
        .merge(profile::router())
        .merge(publishing::router())
        .merge(recommendations::router())
        .merge(standing::router())
        .merge(talents::router())
        .layer(from_fn_with_state(shared.clone(), idempotency::once));
    OpenApiRouter::with_openapi(Description::openapi())
        .merge(kept)
        .merge(accounts::secret_router())
        .merge(assessments::router())
        .merge(award::router())
        .merge(challenges::router())
        .merge(bids::router())
        .merge(bid_files::router())
        .merge(comparison::router())
        .merge(fitting::router())
        .merge(imports::workbook_router())
        .merge(need_versions::router())
        .merge(published_needs::router())
        .merge(matching::router())
        .merge(operations::router())
        .merge(ops::router())
        .merge(panel::router())
        .merge(registrations::router())
        .merge(search::router())
        .merge(sessions::router())
        .merge(tokens::router())
}

/// The description as JSON, and a page to try it. The page's own scripts need a weaker policy than
/// the site's.
pub fn description(description: utoipa::openapi::OpenApi) -> Router<Shared> {
    const POLICY: &str = "default-src 'self'; style-src 'self' 'unsafe-inline'; img-src 'self' data:; \
                          frame-ancestors 'none'";
    let page = SwaggerUi::new("/api/docs").url("/api/v1/openapi.json", description);
    Router::from(page).layer(map_response(|mut response: Response| async {
        response.headers_mut().insert(header::CONTENT_SECURITY_POLICY, HeaderValue::from_static(POLICY));
        response
    }))
}

/// Where a list goes on, and how long a page is.
#[derive(Debug, Clone, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
pub struct Paging {
    /// `next` of the page before; nothing for the first.
    #[serde(default)]
    pub after: String,
    /// 1 to 100.
    #[serde(default = "page_length")]
    pub limit: u16,
}

const PAGE_MAX: i64 = 100;

fn page_length() -> u16 {
    20
}

impl Paging {
    /// How many to ask for: one more than is shown tells whether there are more.
    pub fn ask(&self) -> i64 {
        self.shown() as i64 + 1
    }

    fn shown(&self) -> usize {
        i64::from(self.limit).clamp(1, PAGE_MAX) as usize
    }

    /// The page of what was found, with the id of its last item if there is more.
    pub fn page<T, U>(&self, mut found: Vec<T>, id: impl Fn(&T) -> String, show: impl Fn(T) -> U) -> Page<U> {
        let more = found.len() > self.shown();
        found.truncate(self.shown());
        let next = found.last().filter(|_| more).map(id);
        Page { items: found.into_iter().map(show).collect(), next }
    }
}

/// The status that a list is filtered by, if it is.
///
/// # Errors
/// There is no such status.
fn status<T: Copy>(
    code: Option<String>,
    all: &[T],
    code_of: impl Fn(T) -> &'static str,
) -> Result<Option<T>, AppError> {
    let Some(code) = code else { return Ok(None) };
    let known = all.iter().copied().find(|status| code_of(*status) == code);
    known.map(Some).ok_or_else(|| AppError::invalid("status", "unknown", "没有这种状态"))
}

/// One page of a list.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Page<T> {
    pub items: Vec<T>,
    /// `after` of the next page; absent on the last.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub next: Option<String>,
}
