//! Imports: a preview first, and a second call that writes it.

use axum::Json;
use axum::extract::{DefaultBodyLimit, Path, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::{IntoResponse, Response};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::{Page, Paging};
use crate::app::files::Author;
use crate::app::imports::Imported;
use crate::app::imports::report::Report;
use crate::store;
use crate::web::error::{ApiError, Problem};
use crate::web::extract::{Params, Signed};
use crate::web::upload::SentFiles;
use crate::web::{Shared, UPLOAD_MAX};

pub fn router() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(list, preview))
        .routes(routes!(get))
        .routes(routes!(confirm))
        .routes(routes!(evidence_preview))
        .routes(routes!(evidence_confirm))
        .routes(routes!(author_file))
        .layer(DefaultBodyLimit::max(UPLOAD_MAX))
}

/// What answers with a workbook, which is kept under no key.
pub fn workbook_router() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(workbook)).routes(routes!(template))
}

/// Rows of each kind that an answer lists; the counts are of all, and the whole is in the report.
const LISTED: usize = 1_000;
const XLSX: &str = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";

/// An import in a list.
#[derive(Debug, Serialize, ToSchema)]
struct Import {
    id: String,
    file_name: String,
    /// `previewed`, `done`
    status: &'static str,
    /// Id of the account; absent for the command line.
    by: Option<String>,
    /// Milliseconds since 1970 UTC.
    created_at: i64,
    done_at: Option<i64>,
}

impl From<store::Import> for Import {
    fn from(import: store::Import) -> Self {
        let store::Import { id, file_name, status, by, created_at, done_at, .. } = import;
        Self { id, file_name, status: status.code(), by, created_at, done_at }
    }
}

/// An import with what it found.
#[derive(Debug, Serialize, ToSchema)]
struct ImportReport {
    #[serde(flatten)]
    import: Import,
    report: Report,
}

fn answer(status: StatusCode, imported: Imported, listed: usize) -> Response {
    let report = imported.report.shortened(listed);
    (status, Json(ImportReport { import: imported.import.into(), report })).into_response()
}

/// The form that talents are sent with.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the form; the handler reads it piece by piece")]
struct TalentsForm {
    /// `.xlsx`, `.csv` or `.jsonl`, with the columns of the template.
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
    /// With a `.csv` of talents: the `.csv` of their evidence.
    #[schema(value_type = Option<String>, format = Binary)]
    evidence: Option<Vec<u8>>,
}

/// 导入预览
///
/// Reads the file and says what is new, changed, unchanged and refused; nothing is written. At most
/// 1,000 rows of each kind are listed. An import takes nothing away: blank cells change nothing.
#[utoipa::path(post, path = "/api/v1/imports", tag = "imports",
    request_body(content = TalentsForm, content_type = "multipart/form-data"), responses(
    (status = 201, body = ImportReport), (status = 400, body = Problem), (status = 401, body = Problem),
    (status = 403, body = Problem), (status = 413, body = Problem), (status = 415, body = Problem),
    (status = 422, body = Problem)), security(("session" = []), ("token" = [])))]
async fn preview(
    State(shared): State<Shared>,
    Signed(actor): Signed,
    mut files: SentFiles,
) -> Result<Response, ApiError> {
    let (file, evidence) = (files.file()?, files.take("evidence"));
    files.done()?;
    Ok(answer(StatusCode::CREATED, shared.app.import_preview(&actor, file, evidence).await?, LISTED))
}

/// 确认导入
///
/// Writes what was previewed, all or nothing. Confirmed again, it answers the same.
#[utoipa::path(post, path = "/api/v1/imports/{id}/confirm", tag = "imports", params(("id" = String, Path)),
    responses((status = 200, body = ImportReport), (status = 401, body = Problem), (status = 403, body = Problem),
    (status = 404, body = Problem), (status = 409, body = Problem)), security(("session" = []), ("token" = [])))]
async fn confirm(
    State(shared): State<Shared>,
    Signed(actor): Signed,
    Path(id): Path<String>,
) -> Result<Response, ApiError> {
    Ok(answer(StatusCode::OK, shared.app.import_confirm(&actor, &id).await?, LISTED))
}

/// 导入记录
///
/// Newest first.
#[utoipa::path(get, path = "/api/v1/imports", tag = "imports", params(Paging), responses(
    (status = 200, body = Page<Import>), (status = 401, body = Problem), (status = 403, body = Problem)),
    security(("session" = []), ("token" = [])))]
async fn list(
    State(shared): State<Shared>,
    Signed(actor): Signed,
    Params(paging): Params<Paging>,
) -> Result<Json<Page<Import>>, ApiError> {
    let found = shared.app.imports(&actor, &paging.after, paging.ask()).await?;
    Ok(Json(paging.page(found, |i| i.id.clone(), Import::from)))
}

/// 导入报告
///
/// The whole of it.
#[utoipa::path(get, path = "/api/v1/imports/{id}", tag = "imports", params(("id" = String, Path)), responses(
    (status = 200, body = ImportReport), (status = 401, body = Problem), (status = 403, body = Problem),
    (status = 404, body = Problem)), security(("session" = []), ("token" = [])))]
async fn get(
    State(shared): State<Shared>,
    Signed(actor): Signed,
    Path(id): Path<String>,
) -> Result<Response, ApiError> {
    Ok(answer(StatusCode::OK, shared.app.import_get(&actor, &id).await?, usize::MAX))
}

fn xlsx(name: &'static str, content: Vec<u8>) -> Response {
    let headers = [
        (header::CONTENT_TYPE, HeaderValue::from_static(XLSX)),
        (header::CONTENT_DISPOSITION, HeaderValue::from_static(name)),
    ];
    (headers, content).into_response()
}

/// 导入报告（XLSX）
#[utoipa::path(get, path = "/api/v1/imports/{id}/report.xlsx", tag = "imports", params(("id" = String, Path)),
    responses((status = 200, body = Vec<u8>, content_type = "application/octet-stream"),
    (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem)),
    security(("session" = []), ("token" = [])))]
async fn workbook(
    State(shared): State<Shared>,
    Signed(actor): Signed,
    Path(id): Path<String>,
) -> Result<Response, ApiError> {
    let content = shared.app.import_workbook(&actor, &id).await?;
    Ok(xlsx("attachment; filename=\"import-report.xlsx\"", content))
}

/// 导入模板（XLSX）
#[utoipa::path(get, path = "/api/v1/imports/template.xlsx", tag = "imports", responses(
    (status = 200, body = Vec<u8>, content_type = "application/octet-stream"), (status = 401, body = Problem),
    (status = 403, body = Problem)), security(("session" = []), ("token" = [])))]
async fn template(State(shared): State<Shared>, Signed(actor): Signed) -> Result<Response, ApiError> {
    let content = shared.app.import_template(&actor).await?;
    Ok(xlsx("attachment; filename=\"talents-template.xlsx\"", content))
}

/// The form that evidence is sent with.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the form; the handler reads it piece by piece")]
struct EvidenceForm {
    /// `.xlsx`, `.csv`, `.jsonl`, `.json` (also works of OpenAlex) or `.bib`.
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
}

/// 从文件添加我的成果：预览
///
/// Says which pieces are new, changed, already there and refused; nothing is written.
#[utoipa::path(post, path = "/api/v1/profile/evidence-file", tag = "profile",
    request_body(content = EvidenceForm, content_type = "multipart/form-data"), responses(
    (status = 201, body = ImportReport), (status = 400, body = Problem), (status = 401, body = Problem),
    (status = 403, body = Problem), (status = 404, body = Problem), (status = 413, body = Problem),
    (status = 415, body = Problem), (status = 422, body = Problem)), security(("session" = []), ("token" = [])))]
async fn evidence_preview(
    State(shared): State<Shared>,
    Signed(actor): Signed,
    mut files: SentFiles,
) -> Result<Response, ApiError> {
    let file = files.file()?;
    files.done()?;
    Ok(answer(StatusCode::CREATED, shared.app.evidence_preview(&actor, file).await?, LISTED))
}

/// 从文件添加我的成果：确认
///
/// Writes what was previewed, all or nothing. Confirmed again, it answers the same.
#[utoipa::path(post, path = "/api/v1/profile/evidence-file/{id}/confirm", tag = "profile",
    params(("id" = String, Path)), responses((status = 200, body = ImportReport), (status = 401, body = Problem),
    (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)),
    security(("session" = []), ("token" = [])))]
async fn evidence_confirm(
    State(shared): State<Shared>,
    Signed(actor): Signed,
    Path(id): Path<String>,
) -> Result<Response, ApiError> {
    Ok(answer(StatusCode::OK, shared.app.evidence_confirm(&actor, &id).await?, LISTED))
}

/// 从 OpenAlex 作者文件起草档案
///
/// Answers with what the authors of the file say of themselves; nothing is written. Their works are
/// evidence, and come in by the evidence file.
#[utoipa::path(post, path = "/api/v1/profile/author-file", tag = "profile",
    request_body(content = EvidenceForm, content_type = "multipart/form-data"), responses(
    (status = 200, body = [Author]), (status = 400, body = Problem), (status = 401, body = Problem),
    (status = 403, body = Problem), (status = 413, body = Problem), (status = 415, body = Problem),
    (status = 422, body = Problem)), security(("session" = []), ("token" = [])))]
async fn author_file(
    State(shared): State<Shared>,
    Signed(actor): Signed,
    mut files: SentFiles,
) -> Result<Json<Vec<Author>>, ApiError> {
    let file = files.file()?;
    files.done()?;
    Ok(Json(shared.app.authors_read(&actor, file).await?))
}
