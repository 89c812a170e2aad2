//! How far the index has come, for operators.

mod chart;

use askama::Template;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;

use super::{VERSION, page};
use crate::app::Actor;
use crate::app::live::FollowerStatus;
use crate::web::Shared;
use crate::web::extract::MaybeSigned;

#[derive(Template)]
#[template(path = "operations.html", config = "src/web/askama.toml")]
struct Operations {
    version: &'static str,
    actor: Option<Actor>,
    status: FollowerStatus,
    talents: usize,
    evidence: u64,
    needs: usize,
}

pub async fn show(State(shared): State<Shared>, MaybeSigned(actor): MaybeSigned) -> Response {
    let live = shared.app.live();
    let snapshot = live.engine().index().snapshot();
    let (talents, evidence) = (snapshot.talents().len(), snapshot.evidence_count());
    let status = live.status();
    page(
        StatusCode::OK,
        &Operations { version: VERSION, actor, status, talents, evidence, needs: live.needs().count() },
    )
}
