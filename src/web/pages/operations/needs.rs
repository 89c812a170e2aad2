//! Needs that were handed in: found by filters, published or given back many at once.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use serde::{Deserialize, Serialize};

use super::forms::{Sent, see};
use super::{PAGE, link, page, searched, shown};
use crate::app::bulk::Bulk;
use crate::app::data;
use crate::app::needs::NeedVerdict;
use crate::domain::NeedStatus;
use crate::domain::taxonomy::Field;
use crate::store::{NeedFilter, NeedHead, NeedSort};
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
    /// Code of what the list is sorted by, behind `-` the other way round.
    #[serde(skip_serializing_if = "String::is_empty")]
    sort: String,
    /// From 1.
    #[serde(skip_serializing_if = "String::is_empty")]
    page: String,
}

impl Query {
    fn page(&self) -> i64 {
        self.page.parse().unwrap_or(1).clamp(1, 10_000)
    }

    fn sort(&self) -> (NeedSort, bool) {
        let (code, reversed) = self.sort.strip_prefix('-').map_or((self.sort.as_str(), false), |code| (code, true));
        (NeedSort::ALL.into_iter().find(|sort| sort.code() == code).unwrap_or_default(), reversed)
    }

    /// The address that sorts by this, or the other way round where it is so already.
    fn sorted_by(&self, code: &str) -> String {
        let (sort, reversed) = self.sort();
        let turned = sort.code() == code && !reversed;
        let sort = if turned { format!("-{code}") } else { code.to_owned() };
        link(PATH, &Self { sort, page: String::new(), ..self.clone() })
    }

    /// For the head of a column: days that changed last come first, so they descend.
    fn order_of(&self, code: &str) -> &'static str {
        let (sort, reversed) = self.sort();
        match sort.code() == code {
            false => "",
            true if reversed == (sort == NeedSort::Updated) => "asc",
            true => "desc",
        }
    }

    fn at_page(&self, page: i64) -> String {
        link(PATH, &Self { page: if page > 1 { page.to_string() } else { String::new() }, ..self.clone() })
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
    /// How many there are in all.
    all: i64,
    decisions: String,
    before: String,
    after: String,
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
    let (region, text) = (searched(&query.region), searched(&query.q));
    let filter = NeedFilter {
        submitted_in: Some(&region),
        // What is not understood asks for nothing.
        status: NeedStatus::from_code(&query.status),
        field: &query.field,
        text: &text,
        ..NeedFilter::default()
    };
    let number = query.page();
    let asked = (PAGE, (number - 1) * PAGE);
    let (needs, all) = shared.app.needs_found(frame.signed()?, &filter, query.sort(), asked).await?;
    let tab = |code: &str, label| {
        let to = Query { status: code.into(), page: String::new(), ..query.clone() };
        (link(PATH, &to), label, query.status == code)
    };
    let statuses = STATUSES.iter().map(|status| tab(status.code(), status.name()));
    let tabs = std::iter::once(tab("", "全部")).chain(statuses).collect();
    let before = if number > 1 { query.at_page(number - 1) } else { String::new() };
    let after = if number * PAGE < all { query.at_page(number + 1) } else { String::new() };
    let status = if bulk.is_some() { StatusCode::CONFLICT } else { StatusCode::OK };
    let decisions = link("/operations/needs/decisions", &query);
    let fields = data::clusters();
    Ok(page(status, &Needs { frame, query, tabs, fields, needs, all, decisions, before, after, bulk, reason }))
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_column_sorts_and_sorts_the_other_way_round() {
        let query = |sort: &str| Query { sort: sort.into(), q: "电池".into(), page: "3".into(), ..Query::default() };
        assert_eq!(query("").order_of("updated"), "desc");
        assert_eq!(query("-updated").order_of("updated"), "asc");
        assert_eq!((query("title").order_of("title"), query("-title").order_of("title")), ("asc", "desc"));
        assert_eq!(query("title").order_of("deadline"), "");
        assert_eq!(query("nonsense").sort(), (NeedSort::Updated, false));
        assert!(query("title").sorted_by("title").ends_with("&sort=-title"), "on its first page");
        assert!(query("-title").sorted_by("title").ends_with("&sort=title"));
        assert!(query("").at_page(2).ends_with("&page=2") && !query("").at_page(1).contains("page="));
    }
}
