//! What everybody may see of one talent and of one published need.

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::{IntoResponse, Redirect, Response};
use axum::routing::get;
use serde::Deserialize;

use super::frame::Frame;
use super::{page, shown};
use crate::app::live::needs::SimilarNeed;
use crate::app::talents::{Found, PublicTalent};
use crate::app::{AppError, assessment};
use crate::domain::search::percent_encoded;
use crate::domain::{Evidence, EvidenceType, TalentKind};
use crate::store::NeedRecord;
use crate::web::Shared;
use crate::web::error::PageError;
use crate::web::extract::Params;

/// Pieces of evidence on a page.
const PIECES: usize = 30;
/// Needs that are like the one that is shown.
const SIMILAR: usize = 5;

pub fn router() -> Router<Shared> {
    Router::new().route("/talents/{id}", get(talent)).route("/published-needs/{id}", get(need))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Chosen {
    /// Of evidence; all where it is none.
    r#type: String,
    page: String,
}

#[derive(Template)]
#[template(path = "public/talent.html", config = "src/web/askama.toml")]
struct TalentPage {
    frame: Frame,
    found: PublicTalent,
    /// Names of its fields with their codes.
    fields: Vec<(String, String)>,
    /// Evidence by type.
    types: Vec<(EvidenceType, usize)>,
    chosen: Option<EvidenceType>,
    /// Newest first, of the type that is chosen.
    evidence: Vec<Evidence>,
    page: usize,
    pages: usize,
}

impl TalentPage {
    fn path(&self) -> String {
        format!("/talents/{}", percent_encoded(&self.found.talent.id))
    }

    fn is_chosen(&self, kind: &EvidenceType) -> bool {
        self.chosen.as_ref() == Some(kind)
    }

    fn page_at(&self, number: usize) -> String {
        if number == 0 || number > self.pages {
            return String::new();
        }
        let chosen = self.chosen.map(|kind| format!("type={}&", kind.name())).unwrap_or_default();
        format!("{}?{chosen}page={number}#evidence", self.path())
    }

    fn told(&self) -> String {
        format!("第 {} 页，共 {} 页", self.page, self.pages)
    }
}

/// The names of taxonomy codes.
fn fields(codes: &[String]) -> Result<Vec<(String, String)>, AppError> {
    let taxonomy = &assessment::rules()?.taxonomy;
    Ok(codes.iter().filter_map(|c| taxonomy.field(c)).map(|f| (f.code.clone(), f.name.clone())).collect())
}

async fn talent(
    State(shared): State<Shared>,
    frame: Frame,
    Path(id): Path<String>,
    Params(chosen): Params<Chosen>,
) -> Result<Response, PageError> {
    let mut found = match shared.app.talent_public(&id).await? {
        Found::Talent(talent) => *talent,
        Found::Moved(id) => {
            return Ok(Redirect::permanent(&format!("/talents/{}", percent_encoded(&id))).into_response());
        }
    };
    let mut evidence = std::mem::take(&mut found.talent.evidence);
    let count = |kind| evidence.iter().filter(|e| e.r#type == kind).count();
    let types = EvidenceType::ALL.map(|kind| (kind, count(kind)));
    let kind = EvidenceType::ALL.into_iter().find(|kind| kind.name() == chosen.r#type);
    evidence.retain(|e| kind.is_none_or(|kind| e.r#type == kind));
    evidence.sort_by(|a, b| b.year.cmp(&a.year).then_with(|| a.title.cmp(&b.title)));
    let pages = evidence.len().div_ceil(PIECES);
    let number = chosen.page.parse().unwrap_or(1).clamp(1, pages.max(1));
    let evidence = evidence.into_iter().skip((number - 1) * PIECES).take(PIECES).collect();
    let shown = TalentPage {
        fields: fields(&found.talent.fields)?,
        types: types.into_iter().filter(|(_, count)| *count > 0).collect(),
        frame,
        found,
        chosen: kind,
        evidence,
        page: number,
        pages,
    };
    Ok(page(StatusCode::OK, &shown))
}

#[derive(Template)]
#[template(path = "public/need.html", config = "src/web/askama.toml")]
struct NeedPage {
    frame: Frame,
    record: NeedRecord,
    /// Name of its field with the code.
    field: Option<(String, String)>,
    similar: Vec<SimilarNeed>,
    /// Id of its newest challenge on the board.
    challenge: Option<String>,
}

async fn need(State(shared): State<Shared>, frame: Frame, Path(id): Path<String>) -> Result<Response, PageError> {
    let record = shared.app.published_need(&id).await?;
    let field = fields(record.need.field.as_slice())?.pop();
    let similar = shared.app.needs_similar(&record.need, SIMILAR).await?;
    let heads = shared.app.board_heads().await?;
    let challenge = heads.of_need(&id).map(|head| &head.id).max().cloned();
    Ok(page(StatusCode::OK, &NeedPage { frame, record, field, similar, challenge }))
}
