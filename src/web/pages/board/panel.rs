//! What a member of a panel does: declare, read, score; and how an operator puts the panel together.

use std::collections::HashMap;

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use serde::Deserialize;

use crate::app::AppError;
use crate::app::board::panel::PanelView;
use crate::app::board::scoring::{Seat, SeatRead};
use crate::domain::FieldProblem;
use crate::domain::challenge::evaluation::{SCORE_MAX, total};
use crate::domain::challenge::status::ChallengeStatus;
use crate::domain::text::half_width;
use crate::store::board::panel::ScoreSheet;
use crate::web::error::{ApiError, PageError};
use crate::web::pages::forms::{Problems, Sent, see};
use crate::web::pages::frame::Frame;
use crate::web::pages::{page, shown};
use crate::web::{Shared, download};

pub fn router() -> Router<Shared> {
    Router::new()
        .route("/panel", get(seats))
        .route("/panel/{challenge}", get(seat))
        .route("/panel/{challenge}/declaration", post(declare))
        .route("/panel/{challenge}/bids/{bid}", get(read).post(score))
        .route("/panel/{challenge}/bids/{bid}/files/{file}", get(file))
        .route("/operations/challenges/{id}/panel", get(team).post(appoint))
        .route("/operations/challenges/{id}/panel/removal", post(remove))
}

#[derive(Template)]
#[template(path = "board/panel_list.html", config = "src/web/askama.toml")]
struct SeatsPage {
    frame: Frame,
    seats: Vec<Seat>,
}

async fn seats(State(shared): State<Shared>, frame: Frame) -> Result<Response, PageError> {
    let seats = shared.app.panel_seats(frame.signed()?).await?;
    Ok(page(StatusCode::OK, &SeatsPage { frame, seats }))
}

#[derive(Template)]
#[template(path = "board/panel_seat.html", config = "src/web/askama.toml")]
struct SeatPage {
    frame: Frame,
    seat: Seat,
    problems: Problems,
    /// What was typed of conflicts, by bid.
    typed: HashMap<String, String>,
}

impl SeatPage {
    fn typed(&self, bid: &str) -> &str {
        self.typed.get(bid).map_or("", String::as_str)
    }

    /// What an own sheet comes to.
    fn total(&self, sheet: &ScoreSheet) -> String {
        shown::points(&total(&self.seat.challenge.content.criteria, &sheet.scores))
    }

    fn has_unblocked(&self) -> bool {
        self.seat.bids.iter().any(|bid| bid.conflict.is_none())
    }
}

async fn seat(State(shared): State<Shared>, frame: Frame, Path(id): Path<String>) -> Result<Response, PageError> {
    seated(&shared, frame, &id, Problems::default(), HashMap::new()).await
}

async fn seated(
    shared: &Shared,
    frame: Frame,
    id: &str,
    problems: Problems,
    typed: HashMap<String, String>,
) -> Result<Response, PageError> {
    let seat = shared.app.panel_seat(frame.signed()?, id).await?;
    Ok(page(problems.status(), &SeatPage { frame, seat, problems, typed }))
}

async fn declare(
    State(shared): State<Shared>,
    frame: Frame,
    Path(id): Path<String>,
    Sent(fields): Sent<Vec<(String, String)>>,
) -> Result<Response, PageError> {
    let typed = |(name, value): (String, String)| Some((name.strip_prefix("reason-")?.to_owned(), value));
    let typed: Vec<(String, String)> =
        fields.into_iter().filter_map(typed).filter(|(_, reason)| !reason.trim().is_empty()).collect();
    match shared.app.panel_declare(frame.signed()?, &id, &typed).await {
        Ok(()) => Ok(see(&format!("/panel/{id}"), "declared")),
        Err(error) => seated(&shared, frame, &id, Problems::of(error)?, typed.into_iter().collect()).await,
    }
}

/// A bid for a member, with the form of its sheet.
#[derive(Template)]
#[template(path = "board/panel_bid.html", config = "src/web/askama.toml")]
struct BidPage {
    frame: Frame,
    of: SeatRead,
    form: SheetForm,
    problems: Problems,
}

impl BidPage {
    fn score(&self, at: &usize) -> &str {
        self.form.scores.get(*at).map_or("", String::as_str)
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct SheetForm {
    scores: Vec<String>,
    comment: String,
}

impl SheetForm {
    /// Whole numbers, and what is none.
    fn numbers(&self) -> Result<Vec<u32>, AppError> {
        let mut problems = Vec::new();
        let mut number = |(at, text): (usize, &String)| {
            let read = half_width(text).trim().parse().ok().filter(|score| *score <= SCORE_MAX);
            read.unwrap_or_else(|| {
                let message = format!("第 {} 项请填 0—{SCORE_MAX} 的整数", at + 1);
                problems.push(FieldProblem::new(format!("scores[{at}]"), "bad-score", message));
                0
            })
        };
        let read = self.scores.iter().enumerate().map(&mut number).collect();
        if problems.is_empty() { Ok(read) } else { Err(AppError::Invalid(problems)) }
    }
}

async fn read(
    State(shared): State<Shared>,
    frame: Frame,
    Path((challenge, bid)): Path<(String, String)>,
) -> Result<Response, PageError> {
    let read = match shared.app.panel_read(frame.signed()?, &challenge, &bid).await {
        // First declare: the form is there.
        Err(AppError::Conflict { code: "not-declared", .. }) => return Ok(see(&format!("/panel/{challenge}"), "")),
        other => other?,
    };
    let form = match &read.sheet {
        Some(sheet) => {
            SheetForm { scores: sheet.scores.iter().map(u32::to_string).collect(), comment: sheet.comment.clone() }
        }
        None => SheetForm::default(),
    };
    Ok(page(StatusCode::OK, &BidPage { frame, of: read, form, problems: Problems::default() }))
}

async fn score(
    State(shared): State<Shared>,
    frame: Frame,
    Path((challenge, bid)): Path<(String, String)>,
    Sent(form): Sent<SheetForm>,
) -> Result<Response, PageError> {
    let actor = frame.signed()?;
    let kept = match form.numbers() {
        Ok(scores) => shared.app.panel_score(actor, (&challenge, &bid), scores, &form.comment).await,
        Err(error) => Err(error),
    };
    match kept {
        Ok(true) => Ok(see(&format!("/panel/{challenge}"), "ranked")),
        Ok(false) => Ok(see(&format!("/panel/{challenge}"), "scored")),
        Err(error) => {
            let problems = Problems::of(error)?;
            let of = shared.app.panel_read(actor, &challenge, &bid).await?;
            Ok(page(problems.status(), &BidPage { frame, of, form, problems }))
        }
    }
}

async fn file(
    State(shared): State<Shared>,
    frame: Frame,
    Path((challenge, bid, file)): Path<(String, String, String)>,
) -> Result<Response, ApiError> {
    let actor = frame.actor.as_ref().ok_or(AppError::Unauthenticated)?;
    let (file, content) = shared.app.panel_file(actor, &challenge, &bid, &file).await?;
    Ok(download::file(&file.name, &file.media_type, content)?)
}

#[derive(Template)]
#[template(path = "board/panel_team.html", config = "src/web/askama.toml")]
struct TeamPage {
    frame: Frame,
    view: PanelView,
    problems: Problems,
    login: String,
    /// Account that was to be removed, and the reason that was typed.
    removal: (String, String),
}

async fn team(State(shared): State<Shared>, frame: Frame, Path(id): Path<String>) -> Result<Response, PageError> {
    teamed(&shared, frame, &id, Problems::default(), Default::default()).await
}

async fn teamed(
    shared: &Shared,
    frame: Frame,
    id: &str,
    problems: Problems,
    (login, removal): (String, (String, String)),
) -> Result<Response, PageError> {
    let view = shared.app.panel_view(frame.signed()?, id).await?;
    Ok(page(problems.status(), &TeamPage { frame, view, problems, login, removal }))
}

#[derive(Deserialize)]
struct Appointment {
    #[serde(default)]
    login: String,
}

async fn appoint(
    State(shared): State<Shared>,
    frame: Frame,
    Path(id): Path<String>,
    Sent(sent): Sent<Appointment>,
) -> Result<Response, PageError> {
    match shared.app.panel_appoint(frame.signed()?, &id, &sent.login).await {
        Ok(()) => Ok(see(&format!("/operations/challenges/{id}/panel"), "appointed")),
        Err(error) => teamed(&shared, frame, &id, Problems::of(error)?, (sent.login, Default::default())).await,
    }
}

#[derive(Deserialize)]
struct Removal {
    account: String,
    #[serde(default)]
    reason: String,
}

async fn remove(
    State(shared): State<Shared>,
    frame: Frame,
    Path(id): Path<String>,
    Sent(sent): Sent<Removal>,
) -> Result<Response, PageError> {
    match shared.app.panel_remove(frame.signed()?, &id, &sent.account, &sent.reason).await {
        Ok(()) => Ok(see(&format!("/operations/challenges/{id}/panel"), "removed")),
        Err(error) => {
            let typed = (String::new(), (sent.account, sent.reason));
            teamed(&shared, frame, &id, Problems::of(error)?, typed).await
        }
    }
}
