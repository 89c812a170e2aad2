//! Invitations of a need: what is released and said to a talent, how they stand, taking one back.

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use serde::Deserialize;

use crate::app::AppError;
use crate::app::invitations::{NewInvitation, PARTS, SeenInvitation};
use crate::app::need_views::{Invited, NeedView};
use crate::domain::money::in_words;
use crate::domain::{Action, InvitationStatus, Need, Target};
use crate::web::Shared;
use crate::web::error::PageError;
use crate::web::pages::forms::{Problems, Sent, see};
use crate::web::pages::frame::Frame;
use crate::web::pages::{page, shown};

pub fn router() -> Router<Shared> {
    Router::new()
        .route("/needs/{id}/invitations", get(list))
        .route("/needs/{id}/invite/{talent}", get(begin).post(send))
        .route("/needs/{id}/invitations/{invitation}/withdrawal", post(withdraw))
}

/// Invitations that one page shows: a need has few.
const SHOWN: i64 = 200;
/// Characters of a part that its box shows.
const BEGINNING: usize = 60;

#[derive(Template)]
#[template(path = "needs/invite.html", config = "src/web/askama.toml")]
struct Invite {
    frame: Frame,
    view: NeedView,
    about: Invited,
    parts: Vec<PartShown>,
    form: Form,
    problems: Problems,
}

/// A part of the need that can be released.
struct PartShown {
    code: String,
    name: &'static str,
    /// How it begins.
    text: String,
}

#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct Form {
    message: String,
    contact: String,
    released: Vec<String>,
}

/// What a part is called on pages.
fn part_name(code: &str) -> &'static str {
    match code {
        "problem" => "技术问题",
        "targets" => "预期目标",
        "scenario" => "应用场景",
        "deadline" => "截止日期",
        "ownership" => "成果归属",
        "total_investment" => "资金投入总额",
        _ => "需求名称",
    }
}

/// The parts that the need has, with how each begins.
fn parts(need: &Need) -> Vec<PartShown> {
    let text = |code: &str| match code {
        "problem" => Some(need.problem.clone()).filter(|text| !text.is_empty()),
        "targets" => {
            let all: Vec<String> = need.targets.iter().map(Target::text).collect();
            Some(all.join("；")).filter(|text| !text.is_empty())
        }
        "scenario" => need.scenario.clone(),
        "deadline" => need.deadline.clone(),
        "ownership" => need.ownership.clone(),
        _ => need.total_investment.map(in_words),
    };
    let short = |text: String| {
        let mut chars = text.chars();
        let beginning: String = chars.by_ref().take(BEGINNING).collect();
        if chars.next().is_some() { beginning + "…" } else { beginning }
    };
    let part =
        |code: &&str| Some(PartShown { code: (*code).to_owned(), name: part_name(code), text: short(text(code)?) });
    PARTS.iter().filter_map(part).collect()
}

/// Names of the parts that an invitation released; the title always is.
fn parts_named(released: &str) -> String {
    let whole: serde_json::Value = serde_json::from_str(released).unwrap_or_default();
    let has = |part: &&&str| whole.get(**part).is_some();
    let names: Vec<&str> = ["title"].iter().chain(&PARTS).filter(has).map(|code| part_name(code)).collect();
    names.join("、")
}

async fn begin(
    State(shared): State<Shared>,
    frame: Frame,
    Path((id, talent)): Path<(String, String)>,
) -> Result<Response, PageError> {
    // All that the public sees anyway.
    let released = PARTS.iter().filter(|p| **p != "total_investment").map(|p| (*p).to_owned()).collect();
    let form = Form { released, ..Form::default() };
    Ok(render(&shared, frame, (&id, &talent), form, Problems::default()).await?)
}

async fn render(
    shared: &Shared,
    frame: Frame,
    (id, talent): (&str, &str),
    form: Form,
    problems: Problems,
) -> Result<Response, AppError> {
    let actor = frame.actor.as_ref().ok_or(AppError::Unauthenticated)?;
    let about = shared.app.invitation_begin(actor, id, talent).await?;
    let view = shared.app.need_view(actor, id).await?;
    let (parts, status) = (parts(&view.record.need), problems.status());
    Ok(page(status, &Invite { frame, view, about, parts, form, problems }))
}

async fn send(
    State(shared): State<Shared>,
    frame: Frame,
    Path((id, talent)): Path<(String, String)>,
    Sent(form): Sent<Form>,
) -> Result<Response, PageError> {
    let Form { message, contact, released } = form.clone();
    let new = NewInvitation { need: id.clone(), talent: talent.clone(), message, contact, released };
    let problems = match shared.app.invitation_create(frame.signed()?, &new).await {
        Ok(_) => return Ok(see(&format!("/needs/{id}/invitations"), "sent")),
        Err(error) => Problems::of(error)?,
    };
    Ok(render(&shared, frame, (&id, &talent), form, problems).await?)
}

#[derive(Template)]
#[template(path = "needs/invitations.html", config = "src/web/askama.toml")]
struct Invitations {
    frame: Frame,
    view: NeedView,
    invitations: Vec<SeenInvitation>,
    may_withdraw: bool,
}

async fn list(State(shared): State<Shared>, frame: Frame, Path(id): Path<String>) -> Result<Response, PageError> {
    let actor = frame.signed()?;
    let view = shared.app.need_view(actor, &id).await?;
    let invitations = shared.app.invitations(actor, &id, "", SHOWN).await?;
    let may_withdraw = frame.may(Action::Invite) && view.is_own();
    Ok(page(StatusCode::OK, &Invitations { frame, view, invitations, may_withdraw }))
}

#[derive(Deserialize)]
struct Step {
    version: i64,
}

async fn withdraw(
    State(shared): State<Shared>,
    frame: Frame,
    Path((id, invitation)): Path<(String, String)>,
    Sent(step): Sent<Step>,
) -> Result<Response, PageError> {
    shared.app.invitation_withdraw(frame.signed()?, &invitation, step.version).await?;
    Ok(see(&format!("/needs/{id}/invitations"), "withdrawn"))
}
