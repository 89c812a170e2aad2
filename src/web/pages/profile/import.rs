//! Evidence from a file: what it would do is shown first, and only then done.

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;

use super::{begin, own};
use crate::app::AppError;
use crate::app::imports::Imported;
use crate::app::imports::report::Line;
use crate::domain::FieldProblem;
use crate::store::ImportStatus;
use crate::web::Shared;
use crate::web::error::{ApiError, PageError};
use crate::web::pages::forms::{Problems, see};
use crate::web::pages::frame::Frame;
use crate::web::pages::page;
use crate::web::upload::SentFiles;

pub fn router() -> Router<Shared> {
    Router::new().route("/profile/import", get(ask).post(send)).route("/profile/import/{id}", get(show).post(confirm))
}

/// Rows of each kind that the page lists.
const LISTED: usize = 200;

#[derive(Template)]
#[template(path = "profile/import.html", config = "src/web/askama.toml")]
struct Ask {
    frame: Frame,
    problems: Problems,
}

impl Ask {
    fn page(frame: Frame, problems: Problems) -> Response {
        let status = problems.status();
        page(status, &Self { frame, problems })
    }
}

/// What was wrong with an upload, as a problem of its field.
pub fn unread(error: ApiError) -> AppError {
    let ApiError(problem) = error;
    match problem.errors.is_empty() {
        true => AppError::Invalid(vec![FieldProblem::new("file", problem.code, problem.title)]),
        false => AppError::Invalid(problem.errors),
    }
}

async fn ask(State(shared): State<Shared>, frame: Frame) -> Result<Response, PageError> {
    Ok(if own(&shared, &frame).await?.is_some() { Ask::page(frame, Problems::default()) } else { begin() })
}

async fn send(
    State(shared): State<Shared>,
    frame: Frame,
    files: Result<SentFiles, ApiError>,
) -> Result<Response, PageError> {
    let file = files.map_err(unread).and_then(|mut files| files.file());
    let previewed = match file {
        Ok(file) if file.name.is_empty() => {
            Err(AppError::invalid("file", "missing-value", "还没有选择文件：请先选择，再点“预览”"))
        }
        Ok(file) => shared.app.evidence_preview(frame.signed()?, file).await,
        Err(error) => Err(error),
    };
    match previewed {
        Ok(imported) => Ok(see(&format!("/profile/import/{}", imported.import.id), "")),
        Err(error) => Ok(Ask::page(frame, Problems::of(error)?)),
    }
}

#[derive(Template)]
#[template(path = "profile/imported.html", config = "src/web/askama.toml")]
struct Shown {
    frame: Frame,
    imported: Imported,
    is_done: bool,
    listed: usize,
}

impl Shown {
    /// What was taken, by what it does; what changes nothing is folded.
    fn lists(&self) -> [(&'static str, bool, &[Line]); 3] {
        let report = &self.imported.report;
        [("新增", true, &report.new), ("变更", true, &report.changed), ("未变", false, &report.unchanged)]
    }
}

async fn show(State(shared): State<Shared>, frame: Frame, Path(id): Path<String>) -> Result<Response, PageError> {
    let imported = shared.app.evidence_import(frame.signed()?, &id).await?;
    let is_done = imported.import.status == ImportStatus::Done;
    let imported = Imported { report: imported.report.shortened(LISTED), ..imported };
    Ok(page(StatusCode::OK, &Shown { frame, imported, is_done, listed: LISTED }))
}

async fn confirm(State(shared): State<Shared>, frame: Frame, Path(id): Path<String>) -> Result<Response, PageError> {
    shared.app.evidence_confirm(frame.signed()?, &id).await?;
    Ok(see(&format!("/profile/import/{id}"), "imported"))
}

/// What changes of a piece, in Chinese.
fn changes(fields: &[String]) -> String {
    let name = |field: &String| match field.as_str() {
        "type" => "类型",
        "title" => "标题",
        "abstract" => "摘要",
        "keywords" => "关键词",
        "year" => "年份",
        _ => "其他",
    };
    fields.iter().map(name).collect::<Vec<_>>().join("、")
}
