//! Bulk import: a file, what it would do, and then a progress bar. Without scripts the page of a
//! running import comes again by itself.

use std::collections::HashMap;

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde::{Deserialize, Serialize};

use super::forms::{Problems, see};
use super::{link, one_page, page, shown};
use crate::app::imports::jobs::{Job, Progress};
use crate::app::imports::report::{Line, Report};
use crate::store::{Import, ImportStatus};
use crate::web::Shared;
use crate::web::error::{ApiError, PageError};
use crate::web::extract::Params;
use crate::web::pages::frame::Frame;
use crate::web::upload::SentFiles;

const PATH: &str = "/operations/imports";
/// Rows of each kind that a page shows; the whole is in the workbook.
const LISTED: usize = 100;
/// Tells htmx to load the whole page again.
const HX_REFRESH: HeaderName = HeaderName::from_static("hx-refresh");

pub fn router() -> Router<Shared> {
    Router::new()
        .route(PATH, get(list).post(preview))
        .route("/operations/imports/{id}", get(show))
        .route("/operations/imports/{id}/confirm", post(confirm))
        .route("/operations/imports/{id}/progress", get(progress))
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
struct Query {
    #[serde(skip_serializing_if = "String::is_empty")]
    before: String,
}

#[derive(Template)]
#[template(path = "operations/imports.html", config = "src/web/askama.toml")]
struct Imports {
    frame: Frame,
    problems: Problems,
    imports: Vec<(Import, Report)>,
    first: String,
    next: String,
}

async fn list(State(shared): State<Shared>, frame: Frame, Params(query): Params<Query>) -> Result<Response, PageError> {
    listed(&shared, frame, query, Problems::default()).await
}

async fn listed(shared: &Shared, frame: Frame, query: Query, problems: Problems) -> Result<Response, PageError> {
    let found = shared.app.imports(frame.signed()?, &query.before, super::PAGE + 1).await?;
    let (found, more) = one_page(found);
    let report = |import: &Import| serde_json::from_str::<Report>(&import.report).unwrap_or_default().shortened(0);
    let imports: Vec<(Import, Report)> = found.into_iter().map(|i| (report(&i), i)).map(|(r, i)| (i, r)).collect();
    let first = if query.before.is_empty() { String::new() } else { PATH.to_owned() };
    let next = imports.last().filter(|_| more).map(|(i, _)| link(PATH, &Query { before: i.id.clone() }));
    let next = next.unwrap_or_default();
    Ok(page(problems.status(), &Imports { frame, problems, imports, first, next }))
}

async fn preview(
    State(shared): State<Shared>,
    frame: Frame,
    files: Result<SentFiles, ApiError>,
) -> Result<Response, PageError> {
    let mut files = match files {
        Ok(files) => files,
        Err(ApiError(problem)) => return Ok(crate::web::pages::problem(&problem)),
    };
    // A field that was left empty is sent as a file without a name.
    let evidence = files.take("evidence").filter(|file| !file.name.is_empty());
    let file = files.file().and_then(|file| match file.name.is_empty() {
        true => Err(crate::app::AppError::invalid("file", "missing-value", "请选择要导入的文件")),
        false => Ok(file),
    });
    let found = match file {
        Ok(file) => shared.app.import_preview(frame.signed()?, file, evidence).await,
        Err(error) => Err(error),
    };
    match found {
        Ok(found) => Ok(see(&format!("{PATH}/{}", found.import.id), "")),
        Err(error) => listed(&shared, frame, Query::default(), Problems::of(error)?).await,
    }
}

/// How an import stands.
enum Standing {
    /// To be confirmed; the names of the rows that are shown.
    Waiting(HashMap<usize, String>),
    Running(std::sync::Arc<Progress>),
    /// Nobody confirmed it in time.
    Expired,
    Done,
}

#[derive(Template)]
#[template(path = "operations/import.html", config = "src/web/askama.toml")]
struct ImportPage {
    frame: Frame,
    import: Import,
    report: Report,
    standing: Standing,
    /// Why it was not written.
    failed: Option<String>,
    by: Option<String>,
}

impl ImportPage {
    fn name(&self, line: &Line) -> &str {
        match &self.standing {
            Standing::Waiting(names) => names.get(&line.row).map_or("", String::as_str),
            _ => "",
        }
    }

    /// Rows that are shown, and how many more there are.
    fn shown<'a, T>(&self, rows: &'a [T]) -> (&'a [T], usize) {
        let (shown, more) = rows.split_at(rows.len().min(LISTED));
        (shown, more.len())
    }

    /// What would be written.
    fn writes(&self) -> usize {
        self.report.counts.new + self.report.counts.changed
    }
}

async fn show(State(shared): State<Shared>, frame: Frame, Path(id): Path<String>) -> Result<Response, PageError> {
    let actor = frame.signed()?;
    // The job before the import: what has ended in between shows as done.
    let job = shared.app.import_job(actor, &id)?;
    let imported = shared.app.import_get(actor, &id).await?;
    let (import, report) = (imported.import, imported.report);
    let mut failed = None;
    let standing = match job {
        _ if import.status == ImportStatus::Done => Standing::Done,
        Some(Job::Running(progress)) => Standing::Running(progress),
        job => {
            if let Some(Job::Failed(reason)) = job {
                failed = Some(reason);
            }
            let lines = report.new.iter().take(LISTED).chain(report.changed.iter().take(LISTED));
            let rows: Vec<usize> = lines.map(|line| line.row).collect();
            shared.app.import_names(actor, &id, &rows).await?.map_or(Standing::Expired, Standing::Waiting)
        }
    };
    let by = match &import.by {
        Some(by) => shared.app.account_get(actor, by).await.ok().map(|account| account.name),
        None => None,
    };
    Ok(page(StatusCode::OK, &ImportPage { frame, import, report, standing, failed, by }))
}

async fn confirm(State(shared): State<Shared>, frame: Frame, Path(id): Path<String>) -> Result<Response, PageError> {
    shared.app.import_start(frame.signed()?, &id).await?;
    Ok(see(&format!("{PATH}/{id}"), ""))
}

#[derive(Template)]
#[template(path = "operations/progress.html", config = "src/web/askama.toml")]
struct ProgressBar<'a> {
    id: &'a str,
    progress: &'a Progress,
}

/// The bar while it runs; then the page is loaded anew.
async fn progress(State(shared): State<Shared>, frame: Frame, Path(id): Path<String>) -> Result<Response, PageError> {
    match shared.app.import_job(frame.signed()?, &id)? {
        Some(Job::Running(progress)) => Ok(page(StatusCode::OK, &ProgressBar { id: &id, progress: &progress })),
        _ => Ok((StatusCode::OK, [(HX_REFRESH, HeaderValue::from_static("true"))]).into_response()),
    }
}

/// The name of a field that an import changes.
fn field_label(code: &str) -> &str {
    match code {
        "kind" => "类型",
        "name" => "姓名或名称",
        "organization" => "单位",
        "region" => "区域",
        "title" => "职称",
        "bio" => "简介",
        "keywords" => "关键词",
        "fields" => "领域",
        "members" => "成员",
        "evidence" => "成果",
        other => other,
    }
}
