//! Profiles: found by filters, shown or hidden many at once.

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
use crate::domain::TalentKind;
use crate::store::{TalentFilter, TalentRecord};
use crate::web::Shared;
use crate::web::error::PageError;
use crate::web::extract::Params;
use crate::web::pages::frame::Frame;

const PATH: &str = "/operations/talents";
const STATUSES: [(&str, &str); 4] = [("", "全部"), ("active", "展示中"), ("hidden", "已隐藏"), ("merged", "已合并")];

pub fn router() -> Router<Shared> {
    Router::new().route(PATH, get(list)).route("/operations/talents/visibility", post(set_visible))
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
struct Query {
    #[serde(skip_serializing_if = "String::is_empty")]
    status: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    kind: String,
    /// `yes` or `no`: whether the profile belongs to its person.
    #[serde(skip_serializing_if = "String::is_empty")]
    claimed: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    q: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    after: String,
}

impl Query {
    /// What is not understood asks for nothing.
    fn filter(&self) -> TalentFilter {
        let known = |value: &str, of: &[&str]| if of.contains(&value) { value.to_owned() } else { String::new() };
        TalentFilter {
            status: known(&self.status, &["active", "hidden", "merged"]),
            name: String::new(),
            text: searched(&self.q),
            kind: known(&self.kind, &["researcher", "team"]),
            claimed: match self.claimed.as_str() {
                "yes" => Some(true),
                "no" => Some(false),
                _ => None,
            },
        }
    }
}

#[derive(Template)]
#[template(path = "operations/talents.html", config = "src/web/askama.toml")]
struct Talents {
    frame: Frame,
    query: Query,
    tabs: Vec<(String, &'static str, bool)>,
    kinds: [TalentKind; 2],
    talents: Vec<TalentRecord>,
    action: String,
    first: String,
    next: String,
    bulk: Option<Bulk>,
}

async fn list(State(shared): State<Shared>, frame: Frame, Params(query): Params<Query>) -> Result<Response, PageError> {
    listed(&shared, frame, query, None).await
}

async fn listed(shared: &Shared, frame: Frame, query: Query, bulk: Option<Bulk>) -> Result<Response, PageError> {
    let found = shared.app.talents_found(frame.signed()?, &query.filter(), &query.after, PAGE + 1).await?;
    let (talents, more) = one_page(found);
    let tab = |(code, label): (&str, &'static str)| {
        let to = Query { status: code.into(), after: String::new(), ..query.clone() };
        (link(PATH, &to), label, query.status == code)
    };
    let tabs = STATUSES.into_iter().map(tab).collect();
    let from = |after: &str| link(PATH, &Query { after: after.into(), ..query.clone() });
    let first = if query.after.is_empty() { String::new() } else { from("") };
    let next = talents.last().filter(|_| more).map(|record| from(&record.talent.id)).unwrap_or_default();
    let status = if bulk.is_some() { StatusCode::CONFLICT } else { StatusCode::OK };
    let action = link("/operations/talents/visibility", &query);
    let kinds = TalentKind::ALL;
    Ok(page(status, &Talents { frame, query, tabs, kinds, talents, action, first, next, bulk }))
}

#[derive(Debug, Deserialize)]
struct Visibility {
    #[serde(default)]
    ids: Vec<String>,
    visible: bool,
}

async fn set_visible(
    State(shared): State<Shared>,
    frame: Frame,
    Params(query): Params<Query>,
    Sent(Visibility { ids, visible }): Sent<Visibility>,
) -> Result<Response, PageError> {
    let bulk = Bulk::told(shared.app.talents_set_visible(frame.signed()?, &ids, visible).await)?;
    if bulk.refused.is_empty() {
        return Ok(see(&link(PATH, &query), if visible { "shown" } else { "hidden" }));
    }
    listed(&shared, frame, query, Some(bulk)).await
}
