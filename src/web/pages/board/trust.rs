//! What everybody can check: receipts against the published list, and the audit log.

use askama::Template;
use axum::Router;
use axum::body::Body;
use axum::extract::multipart::MultipartRejection;
use axum::extract::{Multipart, Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;

use crate::app::board::receipts::{PublishedBids, Receipt};
use crate::app::{AppError, audit};
use crate::domain::FieldProblem;
use crate::domain::hex::hex;
use crate::store::AuditHead;
use crate::web::Shared;
use crate::web::error::{ApiError, PageError};
use crate::web::extract::Params;
use crate::web::pages::forms::{Problems, sent_file};
use crate::web::pages::frame::Frame;
use crate::web::pages::{page, shown};

pub fn router() -> Router<Shared> {
    Router::new()
        .route("/challenges/{id}/bids.json", get(published))
        .route("/receipts", get(form).post(check))
        .route("/trust", get(trust))
        .route("/trust/audit.jsonl", get(export))
}

async fn published(State(shared): State<Shared>, Path(id): Path<String>) -> Result<Response, ApiError> {
    Ok(axum::Json(shared.app.bids_published(&id).await?).into_response())
}

#[derive(Template)]
#[template(path = "board/receipts.html", config = "src/web/askama.toml")]
struct Receipts {
    frame: Frame,
    problems: Problems,
    /// What was found right: the receipt, the place in the list, and the list.
    proved: Option<(Receipt, usize, PublishedBids)>,
}

async fn form(frame: Frame) -> Response {
    page(StatusCode::OK, &Receipts { frame, problems: Problems::default(), proved: None })
}

async fn check(
    State(shared): State<Shared>,
    frame: Frame,
    form: Result<Multipart, MultipartRejection>,
) -> Result<Response, PageError> {
    let checked = match sent_file(form).await {
        Ok(file) => checked(&shared, &file.bytes).await,
        Err(error) => Err(error),
    };
    match checked {
        Ok(proved) => {
            Ok(page(StatusCode::OK, &Receipts { frame, problems: Problems::default(), proved: Some(proved) }))
        }
        Err(error) => {
            let problems = match error {
                AppError::NotFound(_) => {
                    let message = "没有这个榜单的开榜名单：榜单编号不对，或还没有开榜";
                    vec![FieldProblem::new("file", "not-opened", message)].into()
                }
                other => Problems::of(other)?.or_at("file"),
            };
            Ok(page(problems.status(), &Receipts { frame, problems, proved: None }))
        }
    }
}

async fn checked(shared: &Shared, content: &[u8]) -> Result<(Receipt, usize, PublishedBids), AppError> {
    let wrong = |error: crate::app::board::receipts::ReceiptProblem| {
        AppError::invalid("file", "receipt-not-proved", error.to_string())
    };
    let receipt = Receipt::parse(content).map_err(wrong)?;
    let published = shared.app.bids_published(&receipt.challenge).await?;
    let place = receipt.check(&published).map_err(wrong)?;
    Ok((receipt, place, published))
}

#[derive(Template)]
#[template(path = "board/trust.html", config = "src/web/askama.toml")]
struct Trust {
    frame: Frame,
    heads: Vec<AuditHead>,
}

impl Trust {
    fn hex(&self, hash: &[u8; 32]) -> String {
        hex(hash)
    }
}

async fn trust(State(shared): State<Shared>, frame: Frame) -> Result<Response, PageError> {
    let heads = shared.app.audit_heads().await?;
    Ok(page(StatusCode::OK, &Trust { frame, heads }))
}

#[derive(serde::Deserialize, Default)]
#[serde(default)]
struct From {
    /// Number of the last entry that is there already.
    after: i64,
}

/// Lines of the export that one answer carries: whoever wants more asks on after the last.
const LINES: usize = 10_000;

async fn export(State(shared): State<Shared>, Params(from): Params<From>) -> Result<Response, ApiError> {
    let (mut lines, mut after, mut count) = (Vec::new(), from.after, 0);
    while count < LINES {
        let page = audit::public_page(shared.app.store(), after).await?;
        let Some(last) = page.last() else { break };
        (after, count) = (last.number, count + page.len());
        for line in page {
            serde_json::to_writer(&mut lines, &line).map_err(|e| AppError::Internal(e.to_string()))?;
            lines.push(b'\n');
        }
    }
    Ok(([(header::CONTENT_TYPE, "application/jsonl; charset=utf-8")], Body::from(lines)).into_response())
}
