//! Single pieces of evidence, by hand.

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use serde::Deserialize;

use super::form::PieceForm;
use super::{Tab, begin, own, year};
use crate::app::AppError;
use crate::app::talents::PieceDraft;
use crate::domain::{Evidence, EvidenceType, FieldProblem};
use crate::store::TalentRecord;
use crate::web::Shared;
use crate::web::error::PageError;
use crate::web::extract::Params;
use crate::web::pages::forms::{Problems, Sent, see};
use crate::web::pages::frame::Frame;
use crate::web::pages::page;

pub fn router() -> Router<Shared> {
    Router::new()
        .route("/profile/evidence", get(list).post(add))
        .route("/profile/evidence/new", get(blank))
        .route("/profile/evidence/{id}", get(edit).post(save))
        .route("/profile/evidence/{id}/hidden", post(hide))
        .route("/profile/evidence/{id}/remove", post(remove))
}

/// Pieces of one page.
const PAGE: usize = 50;

/// Which pieces the list shows.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct Filter {
    #[serde(rename = "type")]
    kind: String,
    shown: String,
    page: String,
}

impl Filter {
    fn admits(&self, piece: &Evidence, hidden: bool) -> bool {
        let kind = self.kind.is_empty() || piece.r#type.name() == self.kind;
        let shown = match self.shown.as_str() {
            "hidden" => hidden,
            "shown" => !hidden,
            // What the matching can hardly find.
            "bare" => piece.r#abstract.is_none() || piece.keywords.is_empty() || piece.year.is_none(),
            _ => true,
        };
        kind && shown
    }

    /// The address of a page of the same list.
    fn link(&self, page: usize) -> String {
        format!("/profile/evidence?type={}&shown={}&page={page}", plain(&self.kind), plain(&self.shown))
    }
}

/// A code as it may stand in an address.
fn plain(code: &str) -> String {
    code.chars().filter(|c| c.is_ascii_alphanumeric() || *c == '_').collect()
}

#[derive(Template)]
#[template(path = "profile/evidence.html", config = "src/web/askama.toml")]
struct List {
    frame: Frame,
    tab: Tab,
    all: usize,
    hidden: usize,
    /// Pieces of the page, each with whether it is hidden.
    pieces: Vec<(Evidence, bool)>,
    filter: Filter,
    found: usize,
    before: String,
    after: String,
    told: String,
    kinds: Vec<(&'static str, &'static str)>,
}

async fn list(
    State(shared): State<Shared>,
    frame: Frame,
    Params(filter): Params<Filter>,
) -> Result<Response, PageError> {
    let Some(record) = own(&shared, &frame).await? else { return Ok(begin()) };
    let TalentRecord { talent, hidden, .. } = record;
    let all = talent.evidence.len();
    let is_hidden = |piece: &Evidence| hidden.contains(&piece.id);
    let mut found: Vec<Evidence> = talent.evidence.into_iter().filter(|p| filter.admits(p, is_hidden(p))).collect();
    // The newest first; what has no year comes last.
    found.sort_by_key(|piece| std::cmp::Reverse(piece.year));
    let pages = found.len().div_ceil(PAGE).max(1);
    let at = filter.page.parse::<usize>().unwrap_or(1).clamp(1, pages);
    let before = if at > 1 { filter.link(at - 1) } else { String::new() };
    let after = if at < pages { filter.link(at + 1) } else { String::new() };
    let shown = List {
        frame,
        tab: Tab::Evidence,
        all,
        hidden: hidden.len(),
        found: found.len(),
        pieces: found
            .into_iter()
            .skip((at - 1) * PAGE)
            .take(PAGE)
            .map(|p| (is_hidden(&p), p))
            .map(|(hidden, piece)| (piece, hidden))
            .collect(),
        filter,
        before,
        after,
        told: format!("第 {at} 页，共 {pages} 页"),
        kinds: EvidenceType::ALL.map(|kind| (kind.name(), kind.label())).to_vec(),
    };
    Ok(page(StatusCode::OK, &shown))
}

#[derive(Template)]
#[template(path = "profile/piece.html", config = "src/web/askama.toml")]
struct PiecePage {
    frame: Frame,
    is_new: bool,
    form: PieceForm,
    problems: Problems,
    /// The piece as it is kept now, where somebody has changed the profile meanwhile.
    kept: Option<PieceForm>,
    kinds: [(&'static str, &'static str); 6],
}

impl PiecePage {
    fn page(frame: Frame, is_new: bool, form: PieceForm, problems: Problems, kept: Option<PieceForm>) -> Response {
        let status = if kept.is_some() { StatusCode::CONFLICT } else { problems.status() };
        let kinds = EvidenceType::ALL.map(|kind| (kind.name(), kind.label()));
        page(status, &Self { frame, is_new, form, problems: problems.of_lists(), kept, kinds })
    }
}

async fn blank(State(shared): State<Shared>, frame: Frame) -> Result<Response, PageError> {
    if own(&shared, &frame).await?.is_none() {
        return Ok(begin());
    }
    Ok(PiecePage::page(frame, true, PieceForm::default(), Problems::default(), None))
}

async fn add(State(shared): State<Shared>, frame: Frame, Sent(form): Sent<PieceForm>) -> Result<Response, PageError> {
    let Some(record) = own(&shared, &frame).await? else { return Ok(begin()) };
    let done = match form.draft() {
        Ok(draft) => shared.app.evidence_add(frame.signed()?, &record.talent.id, &draft).await.map(drop),
        Err(problems) => Err(AppError::Invalid(problems)),
    };
    match done {
        Ok(()) => Ok(see("/profile/evidence", "created")),
        Err(error) => Ok(PiecePage::page(frame, true, form, Problems::of(error)?, None)),
    }
}

fn found(record: &TalentRecord, id: &str) -> Result<PieceForm, AppError> {
    let piece = record.talent.evidence.iter().find(|piece| piece.id == id).ok_or(AppError::NotFound("成果"))?;
    Ok(PieceForm::of(piece, record.hidden.contains(id), record.version))
}

async fn edit(State(shared): State<Shared>, frame: Frame, Path(id): Path<String>) -> Result<Response, PageError> {
    let Some(record) = own(&shared, &frame).await? else { return Ok(begin()) };
    Ok(PiecePage::page(frame, false, found(&record, &id)?, Problems::default(), None))
}

async fn save(
    State(shared): State<Shared>,
    frame: Frame,
    Path(id): Path<String>,
    Sent(form): Sent<PieceForm>,
) -> Result<Response, PageError> {
    let Some(record) = own(&shared, &frame).await? else { return Ok(begin()) };
    let form = PieceForm { id: id.clone(), ..form };
    let done = match form.draft() {
        Ok(draft) => {
            let actor = frame.signed()?;
            shared.app.evidence_update(actor, &record.talent.id, form.version, &id, &draft).await.map(drop)
        }
        Err(problems) => Err(AppError::Invalid(problems)),
    };
    match done {
        Ok(()) => Ok(see("/profile/evidence", "saved")),
        // Another piece may have been changed: only where it is this one is there anything to see.
        Err(AppError::Stale) => {
            let kept = found(&record, &id)?;
            let form = PieceForm { version: record.version, ..form };
            Ok(PiecePage::page(frame, false, form, Problems::default(), Some(kept)))
        }
        Err(AppError::Conflict { code: "shared-evidence", message }) => {
            let problem = FieldProblem::new("title", "shared-evidence", message);
            Ok(PiecePage::page(frame, false, form, vec![problem].into(), None))
        }
        Err(error) => Ok(PiecePage::page(frame, false, form, Problems::of(error)?, None)),
    }
}

/// Whether a piece is to be hidden.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Hide {
    hidden: String,
}

async fn hide(
    State(shared): State<Shared>,
    frame: Frame,
    Path(id): Path<String>,
    Sent(Hide { hidden }): Sent<Hide>,
) -> Result<Response, PageError> {
    let Some(record) = own(&shared, &frame).await? else { return Ok(begin()) };
    let piece = record.talent.evidence.iter().find(|piece| piece.id == id).ok_or(AppError::NotFound("成果"))?;
    // The content as it is, not as a form would have it.
    let draft = PieceDraft { hidden: !hidden.is_empty(), ..PieceDraft::from(piece.clone()) };
    shared.app.evidence_update(frame.signed()?, &record.talent.id, record.version, &id, &draft).await?;
    Ok(see("/profile/evidence", if draft.hidden { "hidden" } else { "shown" }))
}

async fn remove(State(shared): State<Shared>, frame: Frame, Path(id): Path<String>) -> Result<Response, PageError> {
    let Some(record) = own(&shared, &frame).await? else { return Ok(begin()) };
    shared.app.evidence_remove(frame.signed()?, &record.talent.id, &id).await?;
    Ok(see("/profile/evidence", "deleted"))
}
