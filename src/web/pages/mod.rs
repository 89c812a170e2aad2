//! What people see: server-rendered pages that work without scripts.
//!
//! | module | its secret |
//! |---|---|
//! | [`frame`] | what stands around every page |
//! | [`forms`] | forms come from this session, are done once, and nothing typed is lost |
//! | [`shown`] | how values are written |
//! | [`assets`] | style, scripts, icons |
//! | [`gallery`] | every part that pages are made of, on one page |

mod account;
mod assets;
mod board;
mod forms;
mod frame;
mod gallery;
mod home;
mod inbox;
mod invitations;
mod needs;
mod notice_settings;
mod operations;
mod organisation;
mod profile;
mod public;
mod search;
mod shown;
mod sign_in;
mod sign_up;

use askama::Template;
use axum::Router;
use axum::extract::Request;
use axum::http::{HeaderValue, Method, StatusCode, Uri, header};
use axum::response::{IntoResponse, Redirect, Response};

use super::Shared;
use super::error::Problem;
use crate::app::Actor;
use frame::Frame;

pub fn router(shared: &Shared) -> Router<Shared> {
    Router::new()
        .merge(assets::router())
        .merge(home::router())
        .merge(sign_in::out())
        .merge(sign_up::router())
        .merge(account::router())
        .merge(organisation::router())
        .merge(profile::router())
        .merge(invitations::router())
        .merge(needs::router())
        .merge(board::router())
        .merge(operations::router())
        .merge(gallery::router())
        .merge(search::router())
        .merge(public::router())
        .merge(inbox::router())
        .merge(notice_settings::router())
        .route_layer(axum::middleware::from_fn_with_state(shared.clone(), forms::guard))
        .merge(sign_in::router())
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
    frame: Frame,
    problem: &'a Problem,
}

/// A problem as a page with a way back.
pub fn problem(problem: &Problem) -> Response {
    problem_in(Frame::default(), problem)
}

fn problem_in(frame: Frame, problem: &Problem) -> Response {
    let mut response = page(problem.status(), &ProblemPage { frame, problem });
    response.extensions_mut().insert(problem.clone());
    response
}

/// The page of a problem, in the frame of whoever asked.
pub fn framed(response: Response, actor: Option<Actor>, session: Option<&str>, uri: &Uri) -> Response {
    match response.extensions().get::<Problem>().filter(|_| actor.is_some()) {
        Some(problem) => problem_in(Frame::of(actor, session, uri), problem),
        None => response,
    }
}

/// Sign in first, then come back; a form that was sent comes along.
pub async fn to_sign_in(request: Request) -> Response {
    if request.method() == Method::POST {
        return forms::sign_in_first(request).await;
    }
    let path = request.uri().path_and_query().map_or("/", |p| p.as_str());
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
fn own_path(path: &str) -> &str {
    // A browser drops tabs and line ends of an address, and takes a backslash for a slash.
    let odd = |c: char| c == '\\' || c.is_control();
    let own = path.starts_with('/') && !path.starts_with("//") && !path.contains(odd);
    if own { path } else { "/" }
}
