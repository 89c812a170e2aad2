//! Opened bids side by side, for the publisher and for members of the panel; the ranking as a workbook.

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;

use crate::app::AppError;
use crate::app::attachments::FileKind;
use crate::app::board::comparison::Comparison;
use crate::web::error::PageError;
use crate::web::pages::forms::see;
use crate::web::pages::frame::Frame;
use crate::web::pages::{page, shown};
use crate::web::{Shared, download};

pub fn router() -> Router<Shared> {
    Router::new()
        .route("/challenges/{id}/evaluation/comparison", get(publisher))
        .route("/challenges/{id}/evaluation/ranking.xlsx", get(workbook))
        .route("/panel/{challenge}/comparison", get(member))
}

#[derive(Template)]
#[template(path = "board/comparison.html", config = "src/web/askama.toml")]
struct ComparisonPage {
    frame: Frame,
    of: Comparison,
    /// A member of the panel reads it, else the publisher.
    is_panel: bool,
}

impl ComparisonPage {
    /// Where a bid is read.
    fn link(&self, bid: &str) -> String {
        let challenge = &self.of.challenge.id;
        match self.is_panel {
            true => format!("/panel/{challenge}/bids/{bid}"),
            false => format!("/challenges/{challenge}/evaluation/{bid}"),
        }
    }

    fn why_empty(&self) -> &'static str {
        if self.of.left_out.is_empty() { "没有可以评审的揭榜" } else { "没有您可以查看的揭榜" }
    }

    fn has_unconfirmed(&self) -> bool {
        self.of.bids.iter().any(|bid| !bid.is_confirmed)
    }
}

async fn publisher(State(shared): State<Shared>, frame: Frame, Path(id): Path<String>) -> Result<Response, PageError> {
    let of = shared.app.comparison(frame.signed()?, &id).await?;
    Ok(page(StatusCode::OK, &ComparisonPage { frame, of, is_panel: false }))
}

async fn member(
    State(shared): State<Shared>,
    frame: Frame,
    Path(challenge): Path<String>,
) -> Result<Response, PageError> {
    let of = match shared.app.panel_comparison(frame.signed()?, &challenge).await {
        // First declare: the form is there.
        Err(AppError::Conflict { code: "not-declared", .. }) => return Ok(see(&format!("/panel/{challenge}"), "")),
        other => other?,
    };
    Ok(page(StatusCode::OK, &ComparisonPage { frame, of, is_panel: true }))
}

async fn workbook(State(shared): State<Shared>, frame: Frame, Path(id): Path<String>) -> Result<Response, PageError> {
    let (name, content) = shared.app.ranking_workbook(frame.signed()?, &id).await?;
    Ok(download::file(&name, FileKind::Xlsx.media_type(), content)?)
}
