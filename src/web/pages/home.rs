//! The home page: what the platform does, with live figures.

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use super::{VERSION, page};
use crate::app::Actor;
use crate::web::Shared;
use crate::web::error::PageError;
use crate::web::extract::MaybeSigned;

#[derive(Template)]
#[template(path = "home.html", config = "src/web/askama.toml")]
struct Home {
    version: &'static str,
    actor: Option<Actor>,
    talents: usize,
    evidence: u64,
    needs: usize,
}

pub async fn show(State(shared): State<Shared>, MaybeSigned(actor): MaybeSigned) -> Result<Response, PageError> {
    let snapshot = shared.app.live().engine().index().snapshot();
    let (talents, evidence) = (snapshot.talents().len(), snapshot.evidence_count());
    let needs = shared.app.live().needs().count();
    Ok(page(StatusCode::OK, &Home { version: VERSION, actor, talents, evidence, needs }))
}
