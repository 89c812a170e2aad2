//! Sign in and out.

use std::net::SocketAddr;

use askama::Template;
use axum::extract::{ConnectInfo, Form, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::{IntoResponse, Redirect, Response};
use serde::Deserialize;

use super::{VERSION, inside, page};
use crate::app::{Actor, AppError};
use crate::web::Shared;
use crate::web::api::session_cookie;
use crate::web::error::{PageError, Problem};
use crate::web::extract::{Params, SESSION, cookie};

#[derive(Template)]
#[template(path = "sign_in.html", config = "src/web/askama.toml")]
struct SignInPage {
    version: &'static str,
    actor: Option<Actor>,
    error: Option<String>,
    login: String,
    next: String,
}

#[derive(Deserialize)]
pub struct Wanted {
    #[serde(default)]
    next: String,
}

pub async fn show(Params(Wanted { next }): Params<Wanted>) -> Response {
    let form = SignInPage { version: VERSION, actor: None, error: None, login: String::new(), next };
    page(axum::http::StatusCode::OK, &form)
}

#[derive(Deserialize)]
pub struct Filled {
    login: String,
    password: String,
    #[serde(default)]
    next: String,
}

pub async fn submit(
    State(shared): State<Shared>,
    peer: Option<axum::Extension<ConnectInfo<SocketAddr>>>,
    headers: HeaderMap,
    Form(filled): Form<Filled>,
) -> Result<Response, PageError> {
    let from = shared.guard.address(&headers, peer.map(|p| p.0.0.ip()));
    match shared.app.sign_in(&filled.login, &filled.password, from).await {
        Ok(done) => Ok(with_cookie(inside(&filled.next), &session_cookie(&shared, Some(&done.token)))),
        Err(error @ (AppError::SignIn | AppError::TooMany { .. } | AppError::Forbidden { .. })) => {
            let problem = Problem::from(error);
            let error = Some(problem.title.clone());
            let form = SignInPage { version: VERSION, actor: None, error, login: filled.login, next: filled.next };
            Ok(page(problem.status(), &form))
        }
        Err(error) => Err(error.into()),
    }
}

pub async fn sign_out(State(shared): State<Shared>, headers: HeaderMap) -> Result<Response, PageError> {
    if let Some(token) = cookie(&headers, SESSION) {
        shared.app.sign_out(token).await?;
    }
    Ok(with_cookie(Redirect::to("/"), &session_cookie(&shared, None)))
}

fn with_cookie(redirect: Redirect, cookie: &str) -> Response {
    let mut response = redirect.into_response();
    if let Ok(value) = HeaderValue::from_str(cookie) {
        response.headers_mut().append(header::SET_COOKIE, value);
    }
    response
}
