//! Needs that were handed in: found by filters, published or given back many at once.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use serde::{Deserialize, Serialize};

use super::forms::{Sent, see};
use super::{PAGE, link, one_page, page, searched, shown};
use crate::app::bulk::Bulk;
use crate::app::data;
use crate::app::needs::NeedVerdict;
use crate::domain::NeedStatus;
use crate::domain::taxonomy::Field;
use crate::store::{HandedIn, NeedHead};
use crate::web::Shared;
use crate::web::error::PageError;
use crate::web::extract::Params;
use crate::web::pages::frame::Frame;

const PATH: &str = "/operations/needs";
/// Other statuses than those an operator sees: a draft that was given back is the enterprise's.
const STATUSES: [NeedStatus; 7] = [
    NeedStatus::Submitted,
    NeedStatus::Published,
    NeedStatus::Challenge,
    NeedStatus::Nominated,
    NeedStatus::Project,
    NeedStatus::Withdrawn,
    NeedStatus::Closed,
];

pub fn router() -> Router<Shared> {
    Router::new().route(PATH, get(list)).route("/operations/needs/decisions", post(decide))
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
struct Query {
    #[serde(skip_serializing_if = "String::is_empty")]
    status: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    field: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    region: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    q: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    before: String,
}

impl Query {
    /// What is not understood asks for nothing.
    fn filter(&self) -> HandedIn {
        HandedIn {
            status: NeedStatus::from_code(&self.status),
            field: searched(&self.field),
            region: searched(&self.region),
            text: searched(&self.q),
        }
    }
}

#[derive(Template)]
#[template(path = "operations/needs.html", config = "src/web/askama.toml")]
struct Needs {
    frame: Frame,
    query: Query,
    tabs: Vec<(String, &'static str, bool)>,
    fields: &'static [Field],
    needs: Vec<NeedHead>,
    decisions: String,
    first: String,
    next: String,
    bulk: Option<Bulk>,
    /// Why needs are given back, as it was typed.
    reason: String,
}

impl Needs {
    fn has_submitted(&self) -> bool {
        self.needs.iter().any(|need| need.status == NeedStatus::Submitted)
    }
}

async fn list(State(shared): State<Shared>, frame: Frame, Params(query): Params<Query>) -> Result<Response, PageError> {
    listed(&shared, frame, query, None, String::new()).await
}

async fn listed(
    shared: &Shared,
    frame: Frame,
    query: Query,
    bulk: Option<Bulk>,
    reason: String,
) -> Result<Response, PageError> {
    let found = shared.app.needs_found(frame.signed()?, &query.filter(), &query.before, PAGE + 1).await?;
    let (needs, more) = one_page(found);
    let tab = |code: &str, label| {
        let to = Query { status: code.into(), before: String::new(), ..query.clone() };
        (link(PATH, &to), label, query.status == code)
    };
    let statuses = STATUSES.iter().map(|status| tab(status.code(), status.name()));
    let tabs = std::iter::once(tab("", "全部")).chain(statuses).collect();
    let from = |before: &str| link(PATH, &Query { before: before.into(), ..query.clone() });
    let first = if query.before.is_empty() { String::new() } else { from("") };
    let next = needs.last().filter(|_| more).map(|need| from(&need.id)).unwrap_or_default();
    let status = if bulk.is_some() { StatusCode::CONFLICT } else { StatusCode::OK };
    let decisions = link("/operations/needs/decisions", &query);
    let fields = data::clusters();
    Ok(page(status, &Needs { frame, query, tabs, fields, needs, decisions, first, next, bulk, reason }))
}

#[derive(Debug, Deserialize)]
struct Decision {
    /// `id:version`, as the operator has seen it.
    #[serde(default)]
    ids: Vec<String>,
    #[serde(default)]
    verdict: String,
    #[serde(default)]
    reason: String,
}

async fn decide(
    State(shared): State<Shared>,
    frame: Frame,
    Params(query): Params<Query>,
    Sent(decision): Sent<Decision>,
) -> Result<Response, PageError> {
    let seen = |id: &String| id.rsplit_once(':').and_then(|(id, version)| Some((id.to_owned(), version.parse().ok()?)));
    let needs: Vec<(String, i64)> = decision.ids.iter().filter_map(seen).collect();
    let publish = decision.verdict == "publish";
    let verdict = match publish {
        true => NeedVerdict::Publish,
        false => NeedVerdict::GiveBack { reason: decision.reason.clone() },
    };
    let bulk = Bulk::told(shared.app.needs_decide(frame.signed()?, &needs, &verdict).await)?;
    if bulk.refused.is_empty() {
        return Ok(see(&link(PATH, &query), if publish { "published" } else { "given-back" }));
    }
    listed(&shared, frame, query, Some(bulk), decision.reason).await
}
