//! What a handler is given: who asks, the body, the parameters. Each refusal is a problem that says
//! which field is wrong.

use axum::body::Bytes;
use axum::extract::{FromRequest, FromRequestParts, Request};
use axum::http::request::Parts;
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use serde::de::DeserializeOwned;

use super::Shared;
use super::error::{ApiError, Problem};
use crate::app::{Actor, AppError};
use crate::domain::FieldProblem;

/// The cookie that holds the session's token.
pub const SESSION: &str = "zhihui_session";

/// Who asks, as `access::admit` has found out: `None` for a visitor.
#[derive(Debug, Clone)]
pub struct MaybeSigned(pub Option<Actor>);

/// Who asks, where a visitor is refused.
#[derive(Debug, Clone)]
pub struct Signed(pub Actor);

/// A cookie's value.
pub fn cookie<'a>(headers: &'a HeaderMap, name: &str) -> Option<&'a str> {
    let cookies = headers.get_all(header::COOKIE).iter().filter_map(|c| c.to_str().ok());
    cookies.flat_map(|c| c.split(';')).filter_map(|c| c.trim().split_once('=')).find(|(n, _)| *n == name).map(|c| c.1)
}

impl FromRequestParts<Shared> for MaybeSigned {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &Shared) -> Result<Self, ApiError> {
        Ok(parts.extensions.get::<Self>().cloned().unwrap_or(Self(None)))
    }
}

impl FromRequestParts<Shared> for Signed {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, shared: &Shared) -> Result<Self, ApiError> {
        let MaybeSigned(actor) = MaybeSigned::from_request_parts(parts, shared).await?;
        Ok(Self(actor.ok_or(AppError::Unauthenticated)?))
    }
}

/// A JSON body.
#[derive(Debug, Clone)]
pub struct Body<T>(pub T);

impl<T: DeserializeOwned> FromRequest<Shared> for Body<T> {
    type Rejection = ApiError;

    async fn from_request(request: Request, shared: &Shared) -> Result<Self, ApiError> {
        let kind = request.headers().get(header::CONTENT_TYPE).and_then(|v| v.to_str().ok()).unwrap_or_default();
        let kind = kind.split(';').next().unwrap_or_default().trim();
        if kind != "application/json" {
            let title = "请求体应是 JSON，并带 Content-Type: application/json";
            return Err(Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "not-json", title).into());
        }
        let bytes = whole(request, shared).await?;
        Ok(Self(json(&bytes)?))
    }
}

/// The whole body, within its limit.
///
/// # Errors
/// 413 for a body that is too large, 400 for one that breaks off.
pub async fn whole(request: Request, shared: &Shared) -> Result<Bytes, ApiError> {
    Bytes::from_request(request, shared).await.map_err(|rejection| {
        let problem = match rejection.status() {
            StatusCode::PAYLOAD_TOO_LARGE => {
                Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too-large", "请求体太大，请减少内容后再试")
            }
            _ => Problem::new(StatusCode::BAD_REQUEST, "broken-body", "请求体没有完整收到，请重试"),
        };
        problem.into()
    })
}

/// Reads JSON; the problem names the field. Text with a NUL is refused: no database keeps it alike.
///
/// # Errors
/// 400 for what is no JSON, 422 for a value that does not fit.
pub fn json<T: DeserializeOwned>(bytes: &[u8]) -> Result<T, Problem> {
    let text = std::str::from_utf8(bytes)
        .map_err(|_| Problem::new(StatusCode::BAD_REQUEST, "not-utf-8", "请求体不是 UTF-8 编码"))?;
    let mut problem = Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "invalid", "请求体不符合要求");
    if text.contains("\\u0000") && serde_json::from_str(text).is_ok_and(|v: serde_json::Value| holds_nul(&v)) {
        problem.errors = vec![FieldProblem::new("", "nul", "文字中有空字符（NUL），请去掉")];
        return Err(problem);
    }
    let mut reader = serde_json::Deserializer::from_str(text);
    let value = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let inner = error.inner();
        // A number where one of several names should be is an error of syntax to serde_json.
        let is_broken = || serde_json::from_str::<serde_json::Value>(text).is_err();
        if (inner.is_syntax() || inner.is_eof()) && is_broken() {
            let title = format!("请求体不是合法的 JSON（第 {} 行第 {} 列）", inner.line(), inner.column());
            return Problem::new(StatusCode::BAD_REQUEST, "broken-json", title);
        }
        let path = error.path().to_string();
        let field = if path == "." { String::new() } else { path };
        // serde's own words end in a position, which the field makes needless.
        let told = inner.to_string();
        let told = told.split(" at line ").next().unwrap_or_default();
        let errors = vec![FieldProblem::new(field, "bad-value", format!("值不符合要求（{told}）"))];
        Problem { errors, ..problem.clone() }
    })?;
    match reader.end() {
        Ok(()) => Ok(value),
        Err(_) => Err(Problem::new(StatusCode::BAD_REQUEST, "broken-json", "请求体在 JSON 之后还有多余的内容")),
    }
}

fn holds_nul(value: &serde_json::Value) -> bool {
    match value {
        serde_json::Value::String(text) => text.contains('\0'),
        serde_json::Value::Array(items) => items.iter().any(holds_nul),
        serde_json::Value::Object(fields) => fields.iter().any(|(k, v)| k.contains('\0') || holds_nul(v)),
        _ => false,
    }
}

/// Parameters of the query.
#[derive(Debug, Clone)]
pub struct Params<T>(pub T);

impl<T: DeserializeOwned> FromRequestParts<Shared> for Params<T> {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &Shared) -> Result<Self, ApiError> {
        let found = axum::extract::Query::<T>::try_from_uri(&parts.uri);
        found.map(|q| Self(q.0)).map_err(|error| {
            let told = error.body_text();
            let told = told.rsplit(": ").next().unwrap_or_default().to_owned();
            let title = format!("查询参数不符合要求（{told}）");
            Problem::new(StatusCode::BAD_REQUEST, "bad-query", title).into()
        })
    }
}

/// The version in `If-Match`, as [`etag`] wrote it.
#[derive(Debug, Clone, Copy)]
pub struct IfMatch(pub i64);

impl FromRequestParts<Shared> for IfMatch {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, _: &Shared) -> Result<Self, ApiError> {
        let Some(value) = parts.headers.get(header::IF_MATCH) else {
            let title = "请带上 If-Match：先读取，再用读到的 ETag 提交修改";
            return Err(Problem::new(StatusCode::PRECONDITION_REQUIRED, "if-match-required", title).into());
        };
        let version = value.to_str().ok().and_then(|v| v.strip_prefix("\"v")?.strip_suffix('"')?.parse().ok());
        // What is no version of ours is that of nothing that is here.
        version.map(Self).ok_or_else(|| AppError::Stale.into())
    }
}

/// The `ETag` of a version.
pub fn etag(version: i64) -> (header::HeaderName, HeaderValue) {
    let value = HeaderValue::from_str(&format!("\"v{version}\""));
    (header::ETAG, value.unwrap_or(HeaderValue::from_static("\"\"")))
}
