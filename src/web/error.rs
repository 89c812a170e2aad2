//! Use cases that failed, as answers: RFC 9457 problem details for programs, a page for people.
//! What happened inside goes into the log, never into an answer.

use axum::Json;
use axum::extract::{Request, State};
use axum::http::{HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;

use super::extract::{SESSION, cookie};
use super::{Shared, access, pages};
use crate::app::AppError;
use crate::domain::FieldProblem;

/// An error of the API.
#[derive(Debug)]
pub struct ApiError(pub Problem);

/// Problem details (RFC 9457), with a stable `code` and the problems of single fields.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct Problem {
    /// `about:blank`: the status says what kind of problem it is, `code` which one.
    pub r#type: &'static str,
    pub title: String,
    pub status: u16,
    /// Stable: programs may rely on it.
    pub code: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub errors: Vec<FieldProblem>,
    /// Seconds after which to try again.
    #[serde(skip)]
    pub retry_after: Option<u64>,
}

impl Problem {
    pub fn new(status: StatusCode, code: &'static str, title: impl Into<String>) -> Self {
        let (title, status) = (title.into(), status.as_u16());
        Self { r#type: "about:blank", title, status, code, errors: Vec::new(), retry_after: None }
    }

    pub fn status(&self) -> StatusCode {
        StatusCode::from_u16(self.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR)
    }
}

impl From<AppError> for Problem {
    fn from(error: AppError) -> Self {
        let title = error.to_string();
        let (status, code) = match &error {
            AppError::Unauthenticated => (StatusCode::UNAUTHORIZED, "unauthenticated"),
            AppError::SignIn => (StatusCode::UNAUTHORIZED, "sign-in-failed"),
            AppError::Forbidden { code, .. } => (StatusCode::FORBIDDEN, *code),
            AppError::NotFound(_) => (StatusCode::NOT_FOUND, "not-found"),
            AppError::Invalid(_) => (StatusCode::UNPROCESSABLE_ENTITY, "invalid"),
            AppError::Conflict { code, .. } => (StatusCode::CONFLICT, *code),
            AppError::Stale => (StatusCode::PRECONDITION_FAILED, "stale"),
            AppError::TooMany { .. } => (StatusCode::TOO_MANY_REQUESTS, "too-many-requests"),
            AppError::Unavailable => (StatusCode::SERVICE_UNAVAILABLE, "unavailable"),
            AppError::Store(_) | AppError::Index(_) | AppError::Internal(_) => {
                tracing::error!(error = ?error, "a use case failed");
                (StatusCode::INTERNAL_SERVER_ERROR, "internal")
            }
        };
        let mut problem = Self::new(status, code, title);
        match error {
            AppError::TooMany { seconds } => problem.retry_after = Some(seconds),
            AppError::Unavailable => problem.retry_after = Some(1),
            AppError::Invalid(errors) => problem.errors = errors,
            _ => {}
        }
        problem
    }
}

impl From<AppError> for ApiError {
    fn from(error: AppError) -> Self {
        Self(error.into())
    }
}

impl From<Problem> for ApiError {
    fn from(problem: Problem) -> Self {
        Self(problem)
    }
}

impl IntoResponse for ApiError {
    fn into_response(self) -> Response {
        let (status, retry_after) = (self.0.status(), self.0.retry_after);
        let mut response = (status, Json(self.0)).into_response();
        let headers = response.headers_mut();
        headers.insert(header::CONTENT_TYPE, HeaderValue::from_static("application/problem+json"));
        if status == StatusCode::UNAUTHORIZED {
            headers.insert(header::WWW_AUTHENTICATE, HeaderValue::from_static("Bearer"));
        }
        if let Some(seconds) = retry_after {
            headers.insert(header::RETRY_AFTER, seconds.into());
        }
        response
    }
}

/// An error of a page.
#[derive(Debug)]
pub struct PageError(pub AppError);

impl<E: Into<AppError>> From<E> for PageError {
    fn from(error: E) -> Self {
        Self(error.into())
    }
}

impl IntoResponse for PageError {
    fn into_response(self) -> Response {
        pages::problem(&Problem::from(self.0))
    }
}

/// Whether programs ask here, not people.
pub fn is_api(uri: &Uri) -> bool {
    uri.path().starts_with("/api/")
}

/// A problem in the form that the path asks for.
pub fn answer(uri: &Uri, problem: Problem) -> Response {
    if is_api(uri) { ApiError(problem).into_response() } else { pages::problem(&problem) }
}

/// Refusals of the framework, which come before any handler (a path that is no UTF-8, a method that
/// the path does not have), as problems like all others.
pub fn in_our_words(uri: &Uri, response: Response) -> Response {
    let status = response.status();
    let kind = response.headers().get(header::CONTENT_TYPE).map_or(&[][..], HeaderValue::as_bytes);
    let is_ours = kind == b"application/problem+json" || kind.starts_with(b"text/html");
    if !status.is_client_error() || is_ours {
        return response;
    }
    let (code, title) = match status {
        StatusCode::METHOD_NOT_ALLOWED => ("method-not-allowed", "这个地址不支持这种请求方法"),
        StatusCode::NOT_FOUND => ("not-found", "没有这个内容"),
        StatusCode::PAYLOAD_TOO_LARGE => ("too-large", "请求体太大，请减少内容后再试"),
        StatusCode::UNSUPPORTED_MEDIA_TYPE => ("bad-media-type", "请求体的类型（Content-Type）不对"),
        StatusCode::BAD_REQUEST => ("bad-request", "请求的地址或内容不合格式：请检查编码（应为 UTF-8）"),
        _ => ("refused", "请求不符合要求"),
    };
    let mut ours = answer(uri, Problem::new(status, code, title));
    if let Some(allow) = response.headers().get(header::ALLOW) {
        ours.headers_mut().insert(header::ALLOW, allow.clone());
    }
    ours
}

/// The answer where there is no route.
pub async fn no_such_route(State(shared): State<Shared>, request: Request) -> Response {
    let (parts, _) = request.into_parts();
    let response = answer(&parts.uri, Problem::new(StatusCode::NOT_FOUND, "no-such-route", "没有这个页面或接口"));
    // Who asks changes nothing but the frame of the page.
    let actor = access::actor(&shared, &parts).await.ok().flatten();
    pages::framed(response, actor, cookie(&parts.headers, SESSION), &parts.uri)
}

/// The answer where a handler panicked: a defect, logged with its message.
pub fn panicked(payload: Box<dyn std::any::Any + Send + 'static>) -> Response {
    let text = payload.downcast_ref::<String>().map(String::as_str);
    let text = text.or_else(|| payload.downcast_ref::<&str>().copied()).unwrap_or("no message");
    tracing::error!(panic = text, "a handler panicked");
    ApiError(Problem::new(StatusCode::INTERNAL_SERVER_ERROR, "internal", "服务器内部错误")).into_response()
}
