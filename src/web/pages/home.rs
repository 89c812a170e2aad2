//! The home page: what the platform does, with live figures.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;

use super::frame::Frame;
use super::{page, shown};
use crate::app::Figures;
use crate::domain::Action;
use crate::store::NeedHead;
use crate::web::Shared;
use crate::web::error::PageError;

/// Newest needs that are shown.
const NEWEST: i64 = 8;

pub fn router() -> Router<Shared> {
    Router::new().route("/", get(show))
}

#[derive(Template)]
#[template(path = "home.html", config = "src/web/askama.toml")]
struct Home {
    frame: Frame,
    figures: Figures,
    /// Challenges that take bids.
    open: u64,
    newest: Vec<NeedHead>,
}

async fn show(State(shared): State<Shared>, frame: Frame) -> Result<Response, PageError> {
    let figures = shared.app.figures().await?;
    let open = shared.app.board_heads().await?.open() as u64;
    let newest = shared.app.published_needs(None, "", NEWEST).await?;
    Ok(page(StatusCode::OK, &Home { frame, figures, open, newest }))
}
