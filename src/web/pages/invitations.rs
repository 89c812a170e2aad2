//! Invitations to talk, for both sides: the enterprise that sent them and the talent who answers.

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use serde::Deserialize;

use super::forms::{Problems, Sent, see};
use super::frame::Frame;
use super::{page, shown};
use crate::app::AppError;
use crate::app::invitations::SeenInvitation;
use crate::domain::{FieldProblem, InvitationStatus, Role, Target, Workload};
use crate::store::board::challenges::ChallengeRecord;
use crate::web::Shared;
use crate::web::error::PageError;
use crate::web::extract::Params;

pub fn router() -> Router<Shared> {
    Router::new()
        .route("/invitations", get(list))
        .route("/invitations/{id}", get(show))
        .route("/invitations/{id}/answer", post(answer))
        .route("/invitations/{id}/withdraw", post(withdraw))
}

/// Invitations of one page.
const PAGE: i64 = 30;

/// The parts of a need that were released, as they were then.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Released {
    title: Option<String>,
    problem: Option<String>,
    targets: Vec<Target>,
    scenario: Option<String>,
    deadline: Option<String>,
    ownership: Option<String>,
    total_investment: Option<u64>,
}

impl Released {
    fn of(seen: &SeenInvitation) -> Result<Self, AppError> {
        serde_json::from_str(&seen.invitation.released)
            .map_err(|e| AppError::Internal(format!("invitation {}: {e}", seen.invitation.id)))
    }

    fn heading(&self) -> &str {
        self.title.as_deref().unwrap_or("（未命名的需求）")
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Filter {
    /// Code of a status; empty for all.
    status: String,
    /// Only those for this need.
    need: String,
    before: String,
}

/// A status with how many invitations are in it.
#[derive(Debug, Clone)]
struct Tab {
    code: &'static str,
    label: &'static str,
    count: i64,
    is_here: bool,
}

#[derive(Template)]
#[template(path = "invitations/list.html", config = "src/web/askama.toml")]
struct List {
    frame: Frame,
    is_talent: bool,
    tabs: Vec<Tab>,
    invitations: Vec<(SeenInvitation, Released)>,
    after: String,
    /// Of one need only.
    need: String,
}

async fn list(
    State(shared): State<Shared>,
    frame: Frame,
    Params(filter): Params<Filter>,
) -> Result<Response, PageError> {
    let actor = frame.signed()?;
    let status = InvitationStatus::from_code(&filter.status);
    let found = shared.app.invitations_in(actor, status, &filter.need, &filter.before, PAGE + 1).await?;
    let counts = shared.app.invitation_counts(actor).await?;
    let count = |status| counts.iter().find(|(s, _)| *s == status).map_or(0, |(_, count)| *count);
    let all = Tab { code: "", label: "全部", count: counts.iter().map(|c| c.1).sum(), is_here: status.is_none() };
    let of = |s: InvitationStatus| Tab { code: s.code(), label: s.name(), count: count(s), is_here: status == Some(s) };
    let tabs = std::iter::once(all).chain(InvitationStatus::ALL.map(of)).collect();
    let has_more = found.len() > PAGE as usize;
    let released = |seen: SeenInvitation| Released::of(&seen).map(|released| (seen, released));
    let invitations = found.into_iter().take(PAGE as usize).map(released).collect::<Result<Vec<_>, _>>()?;
    let last = invitations.last().filter(|_| has_more);
    let code = status.map_or("", InvitationStatus::code);
    let query = |(seen, _): &(SeenInvitation, Released)| {
        let pairs = [("status", code), ("need", filter.need.as_str()), ("before", seen.invitation.id.as_str())];
        let told: Vec<_> = pairs.into_iter().filter(|(_, value)| !value.is_empty()).collect();
        format!("/invitations?{}", serde_html_form::to_string(told).unwrap_or_default())
    };
    let after = last.map(query).unwrap_or_default();
    let is_talent = actor.role == Role::Talent;
    Ok(page(StatusCode::OK, &List { frame, is_talent, tabs, invitations, after, need: filter.need }))
}

#[derive(Template)]
#[template(path = "invitations/show.html", config = "src/web/askama.toml")]
struct Show {
    frame: Frame,
    is_talent: bool,
    is_enterprise: bool,
    seen: SeenInvitation,
    released: Released,
    /// The talent's own.
    workload: Option<Workload>,
    has_contact: bool,
    /// Only what is public is matched for talents.
    is_public: bool,
    /// The need's challenge that everybody may bid for.
    challenge: Option<ChallengeRecord>,
    /// What the talent has typed.
    words: String,
    problems: Problems,
}

impl Show {
    fn is_open(&self) -> bool {
        self.seen.invitation.status == InvitationStatus::Sent
    }
}

async fn show_with(
    shared: &Shared,
    frame: Frame,
    id: &str,
    words: String,
    problems: Problems,
) -> Result<Response, PageError> {
    let actor = frame.signed()?;
    let seen = shared.app.invitation_get(actor, id).await?;
    let released = Released::of(&seen)?;
    let (is_talent, is_enterprise) = (actor.role == Role::Talent, actor.role == Role::Enterprise);
    let (workload, has_contact) = match is_talent {
        true => {
            let own = shared.app.talent_get(actor, &seen.invitation.talent).await?;
            (Some(shared.app.workload(&own).await?), own.contact.is_some())
        }
        false => (None, false),
    };
    let is_public = shared.app.published_need(&seen.invitation.need).await.is_ok();
    let challenge = shared.app.challenge_of_need(actor, &seen.invitation.need).await?;
    let challenge = challenge.filter(ChallengeRecord::is_public);
    let status = problems.status();
    let shown = Show {
        frame,
        is_talent,
        is_enterprise,
        seen,
        released,
        workload,
        has_contact,
        is_public,
        challenge,
        words,
        problems,
    };
    Ok(page(status, &shown))
}

async fn show(State(shared): State<Shared>, frame: Frame, Path(id): Path<String>) -> Result<Response, PageError> {
    show_with(&shared, frame, &id, String::new(), Problems::default()).await
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Answer {
    version: i64,
    /// `accept` or `decline`: the button that was pressed.
    answer: String,
    message: String,
}

async fn answer(
    State(shared): State<Shared>,
    frame: Frame,
    Path(id): Path<String>,
    Sent(sent): Sent<Answer>,
) -> Result<Response, PageError> {
    let accept = match sent.answer.as_str() {
        "accept" => true,
        "decline" => false,
        _ => {
            let problem = FieldProblem::new("message", "no-answer", "请点“接受”或“婉拒”");
            return show_with(&shared, frame, &id, sent.message, vec![problem].into()).await;
        }
    };
    match shared.app.invitation_answer(frame.signed()?, &id, sent.version, accept, &sent.message).await {
        Ok(_) => Ok(see(&format!("/invitations/{id}"), if accept { "accepted" } else { "declined" })),
        Err(error) => refused(&shared, frame, &id, sent.message, error).await,
    }
}

async fn withdraw(
    State(shared): State<Shared>,
    frame: Frame,
    Path(id): Path<String>,
    Sent(sent): Sent<Answer>,
) -> Result<Response, PageError> {
    match shared.app.invitation_withdraw(frame.signed()?, &id, sent.version).await {
        Ok(_) => Ok(see(&format!("/invitations/{id}"), "withdrawn")),
        Err(error) => refused(&shared, frame, &id, String::new(), error).await,
    }
}

/// The other side was quicker: the invitation as it is now, with what was typed.
async fn refused(
    shared: &Shared,
    frame: Frame,
    id: &str,
    words: String,
    error: AppError,
) -> Result<Response, PageError> {
    let problems = Problems::or_stale(error, "对方刚刚有了动作：请看过邀请现在的状态再决定")?;
    show_with(shared, frame, id, words, problems).await
}
