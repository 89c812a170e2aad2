//! What somebody wants to hear of, and the daily digest by e-mail.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::{get, post};
use serde::Deserialize;

use super::forms::{Problems, Sent, see};
use super::frame::Frame;
use super::page;
use crate::app::AppError;
use crate::app::mail::digest::DigestState;
use crate::domain::NoticeKind;
use crate::web::Shared;
use crate::web::error::PageError;
use crate::web::extract::Params;
use axum::http::StatusCode;

pub fn router() -> Router<Shared> {
    Router::new()
        .route("/settings/notices", get(show).post(want))
        .route("/settings/notices/address", post(ask))
        .route("/settings/notices/end", post(end))
        .route("/settings/notices/confirm", get(confirm_page).post(confirm))
        .route("/unsubscribe", get(unsubscribe_page).post(unsubscribe))
}

#[derive(Template)]
#[template(path = "inbox/settings.html", config = "src/web/askama.toml")]
struct Settings {
    frame: Frame,
    kinds: Vec<(NoticeKind, bool)>,
    digest: DigestState,
    problems: Problems,
    address: String,
}

async fn settings(shared: &Shared, frame: Frame, problems: Problems, address: String) -> Result<Response, PageError> {
    let actor = frame.signed()?;
    let muted = shared.app.notices_muted(actor).await?;
    let digest = shared.app.digest_state(actor).await?;
    let kinds = NoticeKind::ALL.into_iter().map(|kind| (kind, !muted.contains(&kind))).collect();
    let status = problems.status();
    Ok(page(status, &Settings { frame, kinds, digest, problems, address }))
}

async fn show(State(shared): State<Shared>, frame: Frame) -> Result<Response, PageError> {
    settings(&shared, frame, Problems::default(), String::new()).await
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Wanted {
    kind: Vec<String>,
}

async fn want(State(shared): State<Shared>, frame: Frame, Sent(form): Sent<Wanted>) -> Result<Response, PageError> {
    let wanted: Vec<NoticeKind> = form.kind.iter().filter_map(|code| NoticeKind::from_code(code)).collect();
    shared.app.notices_want(frame.signed()?, &wanted).await?;
    Ok(see("/settings/notices", "saved"))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Address {
    address: String,
}

async fn ask(State(shared): State<Shared>, frame: Frame, Sent(form): Sent<Address>) -> Result<Response, PageError> {
    match shared.app.digest_ask(frame.signed()?, &form.address).await {
        Ok(()) => Ok(see("/settings/notices", "sent")),
        Err(error) => settings(&shared, frame, Problems::of(error)?, form.address).await,
    }
}

async fn end(State(shared): State<Shared>, frame: Frame) -> Result<Response, PageError> {
    shared.app.digest_end(frame.signed()?).await?;
    Ok(see("/settings/notices", "saved"))
}

/// A page with one button, for a link that came by mail: programs that look at links in mails press
/// no buttons.
#[derive(Template)]
#[template(path = "inbox/link.html", config = "src/web/askama.toml")]
struct Link {
    frame: Frame,
    title: &'static str,
    text: &'static str,
    /// Where the button leads, and what it says; none when it was pressed.
    action: String,
    button: &'static str,
}

/// What stands in such a link.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Token {
    token: String,
}

impl Token {
    /// Only what we have made: it is written into a page.
    fn checked(&self) -> Result<&str, AppError> {
        let is_ours = self.token.len() == 64 && self.token.bytes().all(|b| b.is_ascii_hexdigit());
        if is_ours { Ok(&self.token) } else { Err(AppError::NotFound("这个链接")) }
    }
}

async fn confirm_page(frame: Frame, Params(token): Params<Token>) -> Result<Response, PageError> {
    let action = format!("/settings/notices/confirm?token={}", token.checked()?);
    let (title, text) = ("确认邮箱", "确认之后，有未读消息时每天最多寄一封摘要；随时可以停止。");
    Ok(page(StatusCode::OK, &Link { frame, title, text, action, button: "确认这个邮箱" }))
}

async fn confirm(
    State(shared): State<Shared>,
    frame: Frame,
    Params(token): Params<Token>,
) -> Result<Response, PageError> {
    shared.app.digest_confirm(token.checked()?).await?;
    let (title, text) = ("邮箱已确认", "有未读消息时，每天最多寄一封摘要。每封邮件里都有退订链接。");
    Ok(page(StatusCode::OK, &Link { frame, title, text, action: String::new(), button: "" }))
}

async fn unsubscribe_page(frame: Frame, Params(token): Params<Token>) -> Result<Response, PageError> {
    let action = format!("/unsubscribe?token={}", token.checked()?);
    let (title, text) = ("停止每日摘要", "停止之后不再寄摘要；消息仍然可以在网站上看。");
    Ok(page(StatusCode::OK, &Link { frame, title, text, action, button: "停止寄送" }))
}

/// Also what a mail program sends by itself (RFC 8058): the link is enough.
async fn unsubscribe(
    State(shared): State<Shared>,
    frame: Frame,
    Params(token): Params<Token>,
) -> Result<Response, PageError> {
    shared.app.digest_end_by_link(token.checked()?).await?;
    let (title, text) = ("已停止每日摘要", "不会再寄摘要给您。想再收到，可以在“消息与订阅设置”里重新填写邮箱。");
    Ok(page(StatusCode::OK, &Link { frame, title, text, action: String::new(), button: "" }))
}
