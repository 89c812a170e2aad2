//! How well the profile is found, which needs fit, and why it is not placed higher.

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use serde::Deserialize;

use super::{Tab, begin, kind_name, own};
use crate::app::explain::Proof;
use crate::app::fitting::position::{Position, Reason};
use crate::app::fitting::{Findability, FittingNeed, FittingNeeds, Outcome, PAGE, PAGES, WhyNot};
use crate::domain::findability::{Check, Part};
use crate::matching::Band;
use crate::matching::rivals::{Lack, advice};
use crate::web::Shared;
use crate::web::error::PageError;
use crate::web::extract::Params;
use crate::web::pages::frame::Frame;
use crate::web::pages::page;

pub fn router() -> Router<Shared> {
    Router::new()
        .route("/profile/findability", get(findability))
        .route("/profile/needs", get(needs))
        .route("/profile/needs/{id}", get(why_not))
}

/// Differences from one who is placed better that are told.
const LACKS: usize = 4;

#[derive(Template)]
#[template(path = "profile/findability.html", config = "src/web/askama.toml")]
struct FindabilityPage {
    frame: Frame,
    tab: Tab,
    found: Findability,
}

async fn findability(State(shared): State<Shared>, frame: Frame) -> Result<Response, PageError> {
    if own(&shared, &frame).await?.is_none() {
        return Ok(begin());
    }
    let found = shared.app.findability(frame.signed()?).await?;
    Ok(page(StatusCode::OK, &FindabilityPage { frame, tab: Tab::Findability, found }))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Wanted {
    page: String,
}

#[derive(Template)]
#[template(path = "profile/needs.html", config = "src/web/askama.toml")]
struct NeedsPage {
    frame: Frame,
    tab: Tab,
    found: FittingNeeds,
    before: String,
    after: String,
    told: String,
}

impl NeedsPage {
    /// Needs about what the talent does, and the others.
    fn near(&self) -> Vec<&FittingNeed> {
        self.found.needs.iter().filter(|need| need.is_near()).collect()
    }

    fn far(&self) -> Vec<&FittingNeed> {
        self.found.needs.iter().filter(|need| !need.is_near()).collect()
    }
}

async fn needs(
    State(shared): State<Shared>,
    frame: Frame,
    Params(Wanted { page: asked }): Params<Wanted>,
) -> Result<Response, PageError> {
    if own(&shared, &frame).await?.is_none() {
        return Ok(begin());
    }
    // What is no page asks for the first.
    let at = asked.parse::<usize>().unwrap_or(1).clamp(1, PAGES);
    let found = shared.app.fitting_needs(frame.signed()?, at - 1).await?;
    let link = |page: usize| format!("/profile/needs?page={page}");
    let before = if at > 1 { link(at - 1) } else { String::new() };
    let after = if found.has_more { link(at + 1) } else { String::new() };
    let told = format!("第 {at} 页，每页 {PAGE} 项");
    Ok(page(StatusCode::OK, &NeedsPage { frame, tab: Tab::Needs, found, before, after, told }))
}

#[derive(Template)]
#[template(path = "profile/why.html", config = "src/web/askama.toml")]
struct WhyPage {
    frame: Frame,
    why: WhyNot,
}

async fn why_not(State(shared): State<Shared>, frame: Frame, Path(id): Path<String>) -> Result<Response, PageError> {
    if own(&shared, &frame).await?.is_none() {
        return Ok(begin());
    }
    let why = shared.app.why_not(frame.signed()?, &id).await?;
    Ok(page(StatusCode::OK, &WhyPage { frame, why }))
}

/// The class of a band's colour.
fn band(band: Band) -> &'static str {
    match band {
        Band::High => "high",
        Band::Medium => "medium",
        Band::Low => "low",
    }
}

fn proof_year(proof: &Proof) -> String {
    super::year(&proof.evidence)
}

fn percent(percent: f32) -> String {
    format!("{percent:.0}")
}

/// The reasons of a place with their shares: 成果与需求的文字匹配 59%，…
fn reasons(reasons: &[Reason]) -> String {
    let told = |r: &Reason| format!("{} {:.0}%", r.label, 100.0 * r.share);
    reasons.iter().map(told).collect::<Vec<_>>().join("，")
}

/// How a position stands, in a sentence.
fn stands(position: &Position) -> String {
    let list = if position.is_in_city { "市内" } else { "市外" };
    format!("{list}第 {} 位（{} 人）", position.list_place, position.list_of)
}

/// What those placed better have more of, worded for people; what nobody can change is left out.
fn differences(position: &Position, lacks: &[Lack]) -> Vec<(Lack, &'static str, usize)> {
    let told =
        |lack: &Lack| advice(lack.feature).map(|advice| (*lack, advice, position.place.saturating_sub(lack.place)));
    lacks.iter().filter_map(told).take(LACKS).collect()
}

/// Where a check is mended.
fn mend(check: &Check) -> &'static str {
    match check.part {
        Part::Profile => "/profile/edit",
        Part::Evidence => "/profile/evidence?shown=bare",
    }
}

/// Points of a check that are reached, of those there are.
fn points(check: &Check) -> String {
    format!("{:.0} / {:.0}", check.points * check.done, check.points)
}

fn places(places: f32) -> String {
    format!("{places:.0}")
}
