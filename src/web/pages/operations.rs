//! How far the index has come, for operators.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;

use super::frame::Frame;
use super::page;
use crate::app::live::FollowerStatus;
use crate::web::Shared;

#[derive(Template)]
#[template(path = "operations.html", config = "src/web/askama.toml")]
struct Operations {
    frame: Frame,
    status: FollowerStatus,
    talents: usize,
    evidence: u64,
    needs: usize,
}

pub fn router() -> Router<Shared> {
    Router::new().route("/operations", get(show))
}

async fn show(State(shared): State<Shared>, frame: Frame) -> Response {
    let live = shared.app.live();
    let snapshot = live.engine().index().snapshot();
    let (talents, evidence) = (snapshot.talents().len(), snapshot.evidence_count());
    let status = live.status();
    page(StatusCode::OK, &Operations { frame, status, talents, evidence, needs: live.needs().count() })
}
