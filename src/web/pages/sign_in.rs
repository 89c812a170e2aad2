//! Sign in and out.

use std::net::SocketAddr;

use askama::Template;
use axum::Router;
use axum::extract::{ConnectInfo, State};
use axum::http::{HeaderMap, HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::{get, post};
use serde::Deserialize;

use super::forms::{self, Sent};
use super::frame::Frame;
use super::{own_path, page};
use crate::app::AppError;
use crate::web::Shared;
use crate::web::api::session_cookie;
use crate::web::error::{PageError, Problem};
use crate::web::extract::{Params, SESSION, cookie};

/// Signing in stands outside the guard of forms: whoever is still signed in as somebody else may
/// sign in anew, and another site cannot send the form (`guard::watch`).
pub fn router() -> Router<Shared> {
    Router::new().route("/sign-in", get(show).post(submit))
}

pub fn out() -> Router<Shared> {
    Router::new().route("/sign-out", post(sign_out))
}

#[derive(Template, Default)]
#[template(path = "sign_in.html", config = "src/web/askama.toml")]
struct SignInPage {
    frame: Frame,
    error: Option<String>,
    login: String,
    next: String,
    /// What a form held that was sent when the session had ended: it is sent again to `next`.
    typed: Option<String>,
}

#[derive(Deserialize)]
struct Wanted {
    #[serde(default)]
    next: String,
}

async fn show(frame: Frame, Params(Wanted { next }): Params<Wanted>) -> Response {
    page(StatusCode::OK, &SignInPage { frame, next, ..SignInPage::default() })
}

/// The page that comes where a form was sent without a session.
pub fn carry_on(path: &str, typed: &str) -> Response {
    let form = SignInPage { next: path.to_owned(), typed: Some(typed.to_owned()), ..SignInPage::default() };
    page(StatusCode::UNAUTHORIZED, &form)
}

#[derive(Deserialize)]
struct Filled {
    login: String,
    password: String,
    #[serde(default)]
    next: String,
    typed: Option<String>,
}

async fn submit(
    State(shared): State<Shared>,
    peer: Option<axum::Extension<ConnectInfo<SocketAddr>>>,
    headers: HeaderMap,
    Sent(filled): Sent<Filled>,
) -> Result<Response, PageError> {
    let from = shared.guard.address(&headers, peer.map(|p| p.0.0.ip()));
    let Filled { login, password, next, typed } = filled;
    match shared.app.sign_in(&login, &password, from).await {
        Ok(done) => {
            let cookie = session_cookie(&shared, Some(&done.token));
            let response = match typed {
                None => Redirect::to(own_path(&next)).into_response(),
                Some(typed) => forms::carried(done.actor, &done.token, own_path(&next), &typed),
            };
            Ok(with_cookie(response, &cookie))
        }
        Err(error @ (AppError::SignIn | AppError::TooMany { .. } | AppError::Forbidden { .. })) => {
            let problem = Problem::from(error);
            let error = Some(problem.title.clone());
            let form = SignInPage { frame: Frame::default(), error, login, next, typed };
            Ok(page(problem.status(), &form))
        }
        Err(error) => Err(error.into()),
    }
}

async fn sign_out(State(shared): State<Shared>, headers: HeaderMap) -> Result<Response, PageError> {
    if let Some(token) = cookie(&headers, SESSION) {
        shared.app.sign_out(token).await?;
    }
    Ok(with_cookie(Redirect::to("/").into_response(), &session_cookie(&shared, None)))
}

/// Sets a cookie beside what is answered.
pub fn with_cookie(mut response: Response, cookie: &str) -> Response {
    if let Ok(value) = HeaderValue::from_str(cookie) {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
    response
}
