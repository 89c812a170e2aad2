//! The own account: who one is, the password, API tokens, signing out everywhere.

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderMap, HeaderValue, header};
use axum::response::Response;
use axum::routing::{get, post};
use serde::Deserialize;

use super::forms::{Problems, Sent, see};
use super::frame::Frame;
use super::sign_in::with_cookie;
use super::{page, shown};
use crate::app::AppError;
use crate::domain::account::PASSWORD_LENGTH;
use crate::domain::{Action, FieldProblem, Scope};
use crate::store::{Account, ApiToken, Organisation};
use crate::web::Shared;
use crate::web::api::session_cookie;
use crate::web::error::PageError;
use crate::web::extract::cookie;

pub fn router() -> Router<Shared> {
    Router::new()
        .route("/account", get(show))
        .route("/account/password", post(change_password))
        .route("/account/tokens", post(create_token))
        .route("/account/tokens/{id}/revoke", post(revoke_token))
        .route("/account/sign-out-everywhere", post(sign_out_everywhere))
}

/// Carries a new token's text over to the page that shows it once.
const TOLD: &str = "zhihui_told";
/// Days that a token lasts where nothing else is asked for.
const DAYS: &str = "90";

#[derive(Debug, Clone, Deserialize)]
#[serde(default)]
struct TokenForm {
    #[serde(rename = "token.name")]
    name: String,
    #[serde(rename = "token.scopes")]
    scopes: Vec<String>,
    #[serde(rename = "token.days")]
    days: String,
}

impl Default for TokenForm {
    fn default() -> Self {
        Self { name: String::new(), scopes: vec![Scope::Read.code().into()], days: DAYS.into() }
    }
}

impl TokenForm {
    fn has(&self, scope: &str) -> bool {
        self.scopes.iter().any(|s| s == scope)
    }
}

#[derive(Template)]
#[template(path = "account/account.html", config = "src/web/askama.toml")]
struct AccountPage {
    frame: Frame,
    account: Account,
    organisation: Option<Organisation>,
    tokens: Vec<ApiToken>,
    now: i64,
    /// The text of a token that was just made.
    told: Option<String>,
    form: TokenForm,
    problems: Problems,
    password_length: std::ops::RangeInclusive<usize>,
}

impl AccountPage {
    async fn of(
        shared: &Shared,
        frame: Frame,
        form: TokenForm,
        problems: Problems,
        told: Option<String>,
    ) -> Result<Response, PageError> {
        let actor = frame.signed()?.clone();
        let (account, organisation) = shared.app.account_own(&actor).await?;
        let tokens = shared.app.tokens(&actor).await?;
        let (status, now, password_length) = (problems.status(), shared.app.now(), PASSWORD_LENGTH);
        let shown = Self { frame, account, organisation, tokens, now, told, form, problems, password_length };
        Ok(page(status, &shown))
    }

    /// Whether what is wrong is about a new token, not about the password.
    fn is_of_token(&self) -> bool {
        self.problems.all().iter().any(|problem| problem.field.starts_with("token."))
    }
}

async fn show(State(shared): State<Shared>, frame: Frame, headers: HeaderMap) -> Result<Response, PageError> {
    let told = cookie(&headers, TOLD).filter(|told| told.bytes().all(|b| b.is_ascii_hexdigit())).map(str::to_owned);
    let is_told = told.is_some();
    let mut response = AccountPage::of(&shared, frame, TokenForm::default(), Problems::default(), told).await?;
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    // Once, and never again.
    Ok(if is_told { with_cookie(response, &told_cookie(&shared, "", 0)) } else { response })
}

fn told_cookie(shared: &Shared, secret: &str, seconds: u32) -> String {
    let secure = if shared.guard.settings.secure { "; Secure" } else { "" };
    format!("{TOLD}={secret}; Path=/account; HttpOnly; SameSite=Strict; Max-Age={seconds}{secure}")
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct PasswordForm {
    present: String,
    new: String,
    again: String,
}

/// Every session ends; this window begins another one.
async fn change_password(
    State(shared): State<Shared>,
    frame: Frame,
    Sent(form): Sent<PasswordForm>,
) -> Result<Response, PageError> {
    let actor = frame.signed()?;
    let done = if form.new == form.again {
        shared.app.password_change(actor, &form.present, &form.new).await
    } else {
        Err(AppError::Invalid(vec![FieldProblem::new("again", "passwords-differ", "两次输入的新密码不同，请重新输入")]))
    };
    if let Err(error) = done {
        return AccountPage::of(&shared, frame, TokenForm::default(), Problems::of(error)?, None).await;
    }
    let login = shared.app.account_own(actor).await?.0.login;
    let session = shared.app.sign_in(&login, &form.new, None).await?;
    Ok(with_cookie(see("/account", "password"), &session_cookie(&shared, Some(&session.token))))
}

async fn create_token(
    State(shared): State<Shared>,
    frame: Frame,
    Sent(form): Sent<TokenForm>,
) -> Result<Response, PageError> {
    let actor = frame.signed()?;
    // What is no number is no number of days.
    let days = form.days.trim().parse().unwrap_or(0);
    match shared.app.token_create(actor, &form.name, &form.scopes, days).await {
        Ok((_, secret)) => Ok(with_cookie(see("/account", "created"), &told_cookie(&shared, &secret, 60))),
        Err(error) => {
            let ours = |p: &FieldProblem| FieldProblem { field: format!("token.{}", p.field), ..p.clone() };
            // Too many of them: a name more is what does not fit.
            let problems: Vec<_> = Problems::of(error)?.or_at("name").all().iter().map(ours).collect();
            AccountPage::of(&shared, frame, form, problems.into(), None).await
        }
    }
}

async fn revoke_token(
    State(shared): State<Shared>,
    frame: Frame,
    Path(id): Path<String>,
) -> Result<Response, PageError> {
    shared.app.token_revoke(frame.signed()?, &id).await?;
    Ok(see("/account", "deleted"))
}

async fn sign_out_everywhere(State(shared): State<Shared>, frame: Frame) -> Result<Response, PageError> {
    shared.app.sign_out_everywhere(frame.signed()?).await?;
    Ok(with_cookie(see("/sign-in", "signed-out"), &session_cookie(&shared, None)))
}

/// What a token may do, in words.
fn scopes(token: &ApiToken) -> String {
    let name = |scope: &Scope| if *scope == Scope::Read { "读取" } else { "修改" };
    let scopes: Vec<Scope> = token.scopes.split(' ').filter_map(Scope::from_code).collect();
    scopes.iter().map(name).collect::<Vec<_>>().join("、")
}
