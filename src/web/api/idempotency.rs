//! Creates that carry an `Idempotency-Key` are done once: the key is taken before the request is
//! done, and the answer kept under it for a day.

use axum::body::{Body, Bytes, to_bytes};
use axum::extract::{Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, StatusCode, header};
use axum::middleware::Next;
use axum::response::{IntoResponse, Response};
use sha2::{Digest, Sha256};

use crate::app::{Actor, AppError};
use crate::store::{Claimed, KeptAnswer};
use crate::web::Shared;
use crate::web::error::{ApiError, Problem};
use crate::web::extract::MaybeSigned;
use crate::web::{BODY_MAX, UPLOAD_MAX};

static KEY: HeaderName = HeaderName::from_static("idempotency-key");
/// Longest key.
const KEY_MAX: usize = 100;
/// Largest answer that is kept; creates answer with what they have made.
const ANSWER_MAX: usize = 4 << 20;

/// Does a request with a key once. Requests of visitors, without a key, or that are no POST go on
/// as they are.
pub async fn once(State(shared): State<Shared>, request: Request, next: Next) -> Response {
    let Some(key) = request.headers().get(&KEY).cloned() else { return next.run(request).await };
    if request.method() != axum::http::Method::POST {
        return next.run(request).await;
    }
    match run(&shared, &key, request, next).await {
        Ok(response) => response,
        Err(error) => error.into_response(),
    }
}

async fn run(shared: &Shared, key: &HeaderValue, request: Request, next: Next) -> Result<Response, ApiError> {
    let key = key.to_str().ok().filter(|k| (1..=KEY_MAX).contains(&k.len()));
    let bad_key = || Problem::new(StatusCode::BAD_REQUEST, "bad-idempotency-key", "Idempotency-Key 应为 1—100 个字符");
    let key = key.ok_or_else(bad_key)?.to_owned();
    let (parts, body) = request.into_parts();
    let Some(MaybeSigned(Some(actor))) = parts.extensions.get::<MaybeSigned>().cloned() else {
        return Ok(next.run(Request::from_parts(parts, body)).await);
    };
    let text = |name| parts.headers.get(name).and_then(|v: &HeaderValue| v.to_str().ok()).unwrap_or_default();
    let max = if text(header::CONTENT_TYPE).starts_with("multipart/") { UPLOAD_MAX } else { BODY_MAX };
    let too_large = || Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too-large", "请求体太大，或没有完整收到");
    let body = to_bytes(body, max).await.map_err(|_| too_large())?;
    let hash = Sha256::new().chain_update(parts.uri.to_string());
    let hash: [u8; 32] = hash.chain_update([0]).chain_update(&body).finalize().into();
    match shared.app.once_claim(&actor.account, &key, &hash).await? {
        Claimed::OtherRequest => {
            let title = "这个 Idempotency-Key 已用于另一个请求：每个新请求请换一个";
            Err(Problem::new(StatusCode::UNPROCESSABLE_ENTITY, "idempotency-key-reused", title).into())
        }
        Claimed::Before(answer) if answer.status == 0 => {
            let title = "同一个请求正在处理：请稍后再取结果";
            Err(Problem::new(StatusCode::CONFLICT, "request-under-way", title).into())
        }
        Claimed::Before(answer) => Ok(replay(answer)),
        Claimed::New => {
            // What the client hangs up on is done all the same, and its answer kept.
            let (shared, request) = (shared.clone(), Request::from_parts(parts, Body::from(body)));
            let work = tokio::spawn(async move { finish(&shared, &actor, &key, next.run(request).await).await });
            work.await.map_err(|e| AppError::Internal(e.to_string()))?
        }
    }
}

/// Keeps what was done; what was refused may be sent again under the same key.
async fn finish(shared: &Shared, actor: &Actor, key: &str, response: Response) -> Result<Response, ApiError> {
    if !response.status().is_success() {
        shared.app.once_release(&actor.account, key).await?;
        return Ok(response);
    }
    let (parts, body) = response.into_parts();
    let bytes = to_bytes(body, ANSWER_MAX).await.map_err(|e| AppError::Internal(e.to_string()))?;
    let text = |name| parts.headers.get(name).and_then(|v: &HeaderValue| v.to_str().ok()).map(str::to_owned);
    let answer = KeptAnswer {
        status: parts.status.as_u16().into(),
        location: text(header::LOCATION),
        etag: text(header::ETAG),
        body: String::from_utf8_lossy(&bytes).into_owned(),
    };
    shared.app.once_keep(&actor.account, key, &answer).await?;
    Ok(Response::from_parts(parts, Body::from(bytes)))
}

fn replay(answer: KeptAnswer) -> Response {
    let status = u16::try_from(answer.status).ok().and_then(|s| StatusCode::from_u16(s).ok());
    let mut headers = HeaderMap::new();
    let mut set = |name: HeaderName, value: &str| {
        if let Ok(value) = HeaderValue::from_str(value) {
            headers.insert(name, value);
        }
    };
    set(header::CONTENT_TYPE, "application/json");
    set(HeaderName::from_static("idempotency-replayed"), "true");
    answer.location.iter().for_each(|location| set(header::LOCATION, location));
    answer.etag.iter().for_each(|etag| set(header::ETAG, etag));
    (status.unwrap_or(StatusCode::OK), headers, Bytes::from(answer.body)).into_response()
}
