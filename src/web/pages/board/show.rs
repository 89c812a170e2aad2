//! One challenge as everybody sees it.

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::response::Response;
use axum::routing::get;

use super::fit::{Fit, fit};
use crate::app::board::bids::is_taken;
use crate::app::board::challenges::field_name;
use crate::app::board::documents::DocumentAccess;
use crate::app::board::outcome::Outcome;
use crate::app::board::talk::Talk;
use crate::domain::Action;
use crate::domain::challenge::Attachments;
use crate::domain::challenge::status::ChallengeStatus;
use crate::domain::challenge::talk::{AGREEMENT, AGREEMENT_VERSION};
use crate::store::board::bids::BidRecord;
use crate::store::board::challenges::{ChallengeRecord, ChallengeTerms};
use crate::web::Shared;
use crate::web::error::PageError;
use crate::web::pages::forms::Problems;
use crate::web::pages::frame::Frame;
use crate::web::pages::{page, shown};

pub fn router() -> Router<Shared> {
    Router::new().route("/challenges/{id}", get(show))
}

/// The page of a challenge.
#[derive(Template)]
#[template(path = "board/show.html", config = "src/web/askama.toml")]
pub struct Show {
    pub frame: Frame,
    pub challenge: ChallengeRecord,
    pub field: Option<String>,
    /// Newest first; the first is what holds now.
    pub terms: Vec<ChallengeTerms>,
    /// By the clock of the database.
    pub now: i64,
    /// The own organisation's bid.
    pub bid: Option<BidRecord>,
    pub is_own: bool,
    pub may_bid: bool,
    /// Bids are taken at this moment.
    pub is_open: bool,
    /// Watching, questions, documents.
    pub talk: Talk,
    /// How the own profile fits.
    pub fit: Option<Fit>,
    /// What came of it after opening.
    pub outcome: Outcome,
    pub problems: Problems,
    /// What was typed where it was refused.
    pub typed: String,
}

async fn show(State(shared): State<Shared>, frame: Frame, Path(id): Path<String>) -> Result<Response, PageError> {
    render(&shared, frame, &id, Problems::default(), String::new()).await
}

/// The page with what was wrong with a form on it.
pub async fn render(
    shared: &Shared,
    frame: Frame,
    id: &str,
    problems: Problems,
    typed: String,
) -> Result<Response, PageError> {
    let actor = frame.actor.as_ref();
    let challenge = shared.app.challenge_public(id).await?;
    let mut terms = shared.app.challenge_terms(id).await?;
    terms.reverse();
    let bid = match actor.filter(|_| frame.may(Action::Bid)) {
        Some(actor) => shared.app.bid_of_challenge(actor, id).await?,
        None => None,
    };
    let is_own = actor.is_some_and(|a| a.organisation.as_deref() == Some(&challenge.organisation));
    let may_bid = frame.may(Action::Bid) && !is_own;
    let now = shared.app.board_time().await?;
    let is_open = is_taken(&challenge, now);
    let talk = shared.app.challenge_talk(actor, &challenge).await?;
    let outcome = shared.app.challenge_outcome(actor, &challenge).await?;
    let fit = fit(shared, &frame, &challenge).await?;
    let (status, field) = (problems.status(), field_name(&challenge));
    Ok(page(
        status,
        &Show {
            frame,
            challenge,
            field,
            terms,
            now,
            bid,
            is_own,
            may_bid,
            is_open,
            talk,
            fit,
            outcome,
            problems,
            typed,
        },
    ))
}
