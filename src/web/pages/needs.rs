//! The needs of an enterprise, and the talents recommended for one.

use std::fmt::Write as _;

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use serde::Deserialize;

use super::frame::Frame;
use super::{page, shown};
use crate::app::explain::{Proof, Recommendation};
use crate::app::recommend::filter::{Filters, Place};
use crate::app::recommend::list::{Item, List};
use crate::domain::{EvidenceType, TalentKind};
use crate::matching::Band;
use crate::store::{NeedHead, NeedRecord};
use crate::web::Shared;
use crate::web::error::PageError;
use crate::web::extract::Params;

/// Needs of one page.
const PAGE: i64 = 50;

#[derive(Template)]
#[template(path = "needs.html", config = "src/web/askama.toml")]
struct Needs {
    frame: Frame,
    needs: Vec<NeedHead>,
}

pub fn router() -> Router<Shared> {
    Router::new().route("/needs", get(list)).route("/needs/{id}", get(show))
}

async fn list(State(shared): State<Shared>, frame: Frame) -> Result<Response, PageError> {
    let needs = shared.app.needs(frame.signed()?, None, "", PAGE).await?;
    Ok(page(StatusCode::OK, &Needs { frame, needs }))
}

/// Filters as the form sends them: a text that is empty asks for nothing.
#[derive(Debug, Default, Deserialize)]
struct Form {
    #[serde(default)]
    place: String,
    #[serde(default)]
    kind: String,
    #[serde(default)]
    evidence: String,
    #[serde(default)]
    since: String,
    #[serde(default)]
    organisation: String,
    #[serde(default)]
    free: String,
}

impl Form {
    /// What is not understood asks for nothing.
    fn filters(&self) -> Filters {
        Filters {
            place: match self.place.as_str() {
                "elsewhere" => Place::Elsewhere,
                "anywhere" => Place::Anywhere,
                _ => Place::City,
            },
            kinds: TalentKind::ALL.into_iter().filter(|k| k.code() == self.kind).collect(),
            evidence: EvidenceType::ALL.into_iter().filter(|e| e.name() == self.evidence).collect(),
            since: self.since.trim().parse().ok(),
            organisation: Some(self.organisation.trim().chars().take(100).collect()).filter(|o: &String| !o.is_empty()),
            free: !self.free.is_empty(),
            ..Filters::default()
        }
    }

    fn chosen(&self, value: &str, of: &str) -> &'static str {
        if value == of || value.is_empty() && of == "city" { " selected" } else { "" }
    }

    fn place_is(&self, of: &str) -> &'static str {
        self.chosen(&self.place, of)
    }

    fn kind_is(&self, of: &str) -> &'static str {
        self.chosen(&self.kind, of)
    }

    fn evidence_is(&self, of: &str) -> &'static str {
        self.chosen(&self.evidence, of)
    }
}

#[derive(Template)]
#[template(path = "need.html", config = "src/web/askama.toml")]
struct NeedPage {
    frame: Frame,
    record: NeedRecord,
    list: List,
    form: Form,
    kinds: [EvidenceType; 6],
}

async fn show(
    State(shared): State<Shared>,
    frame: Frame,
    Path(id): Path<String>,
    Params(form): Params<Form>,
) -> Result<Response, PageError> {
    let actor = frame.signed()?;
    let record = shared.app.need_get(actor, &id).await?;
    let list = shared.app.recommend(actor, &id, form.filters()).await?;
    let shown = NeedPage { frame, record, list, form, kinds: EvidenceType::ALL };
    Ok(page(StatusCode::OK, &shown))
}

/// What a template says of a recommended talent.
trait Told {
    fn reasons(&self) -> String;
    fn percent_shown(&self) -> String;
}

impl Told for Recommendation {
    /// The three reasons that weigh most, with their shares of the score.
    fn reasons(&self) -> String {
        let mut told = String::new();
        for contribution in self.contributions.iter().filter(|c| c.points > 0.0).take(3) {
            let share = 100.0 * contribution.points / self.score.max(f32::MIN_POSITIVE);
            let separator = if told.is_empty() { "" } else { "，" };
            let _ = write!(told, "{separator}{} {share:.0}%", contribution.label);
        }
        told
    }

    fn percent_shown(&self) -> String {
        format!("{:.0}", self.percent)
    }
}

/// The class of a band's colour.
fn band(item: &Item) -> &'static str {
    match item.recommendation.band {
        Band::High => "high",
        Band::Medium => "medium",
        Band::Low => "low",
    }
}

/// A piece of evidence has a year or has not.
fn year(proof: &Proof) -> String {
    proof.evidence.year.map(|y| y.to_string()).unwrap_or_default()
}
