//! What people see: server-rendered pages that work without scripts.

mod home;
mod needs;
mod operations;
mod sign_in;

use askama::Template;
use axum::Router;
use axum::http::{HeaderValue, StatusCode, Uri, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};

use super::Shared;
use super::error::{PageError, Problem};
use crate::app::{Actor, AppError};

/// Changes with the program, so that browsers may keep assets for a year.
const VERSION: &str = env!("CARGO_PKG_VERSION");

pub fn router() -> Router<Shared> {
    Router::new()
        .route("/", get(home::show))
        .route("/sign-in", get(sign_in::show).post(sign_in::submit))
        .route("/needs", get(needs::list))
        .route("/needs/{id}", get(needs::show))
        .route("/operations", get(operations::show))
        .route("/sign-out", post(sign_in::sign_out))
        .route("/assets/{version}/site.css", get(|| asset("text/css", include_str!("../assets/site.css"))))
        .route("/assets/{version}/icon.svg", get(|| asset("image/svg+xml", include_str!("../assets/icon.svg"))))
}

async fn asset(kind: &'static str, text: &'static str) -> impl IntoResponse {
    ([(header::CONTENT_TYPE, kind), (header::CACHE_CONTROL, "public, max-age=31536000, immutable")], text)
}

/// A template as a page.
fn page(status: StatusCode, template: &impl Template) -> Response {
    match template.render() {
        Ok(html) => (status, [(header::CONTENT_TYPE, HeaderValue::from_static("text/html; charset=utf-8"))], html)
            .into_response(),
        Err(error) => {
            tracing::error!(%error, "a template failed");
            (StatusCode::INTERNAL_SERVER_ERROR, "服务器内部错误").into_response()
        }
    }
}

#[derive(Template)]
#[template(path = "problem.html", config = "src/web/askama.toml")]
struct ProblemPage<'a> {
    version: &'static str,
    actor: Option<Actor>,
    problem: &'a Problem,
}

/// A problem as a page with a way back.
pub fn problem(problem: &Problem) -> Response {
    page(problem.status(), &ProblemPage { version: VERSION, actor: None, problem })
}

/// The person, where a page is for those who have signed in.
fn signed(actor: Option<Actor>) -> Result<Actor, PageError> {
    actor.ok_or(PageError(AppError::Unauthenticated))
}

/// Sign in first, then come back.
pub fn to_sign_in(uri: &Uri) -> Response {
    let path = uri.path_and_query().map_or("/", |p| p.as_str());
    let next: String = path.bytes().fold(String::new(), |mut next, byte| {
        if byte.is_ascii_alphanumeric() || b"/-_.".contains(&byte) {
            next.push(char::from(byte));
        } else {
            next.push_str(&format!("%{byte:02X}"));
        }
        next
    });
    Redirect::to(&format!("/sign-in?next={next}")).into_response()
}

/// Only paths of this site: what comes after signing in must not lead elsewhere.
fn inside(path: &str) -> Redirect {
    let own = path.starts_with('/') && !path.starts_with("//") && !path.contains(['\\', '\n', '\r']);
    Redirect::to(if own { path } else { "/" })
}
