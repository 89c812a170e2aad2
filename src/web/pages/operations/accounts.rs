//! Accounts: who has registered and waits, and all others; approve or refuse many at once.

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
use crate::domain::{AccountStatus, Action, Role};
use crate::store::{AccountFilter, AccountHead};
use crate::web::Shared;
use crate::web::error::PageError;
use crate::web::extract::Params;
use crate::web::pages::frame::Frame;

const PATH: &str = "/operations/accounts";

pub fn router() -> Router<Shared> {
    Router::new().route(PATH, get(list)).route("/operations/accounts/decisions", post(decide))
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
pub struct Query {
    #[serde(skip_serializing_if = "String::is_empty")]
    status: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    role: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    q: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    before: String,
}

impl Query {
    /// What is not understood asks for nothing.
    fn filter(&self) -> AccountFilter {
        AccountFilter {
            status: AccountStatus::ALL.into_iter().find(|s| s.code() == self.status),
            role: Role::ALL.into_iter().find(|r| r.code() == self.role),
            text: searched(&self.q),
            organisation: String::new(),
        }
    }
}

/// A status with its address and how many accounts have it.
struct Tab {
    link: String,
    label: &'static str,
    count: i64,
    is_here: bool,
}

#[derive(Template)]
#[template(path = "operations/accounts.html", config = "src/web/askama.toml")]
struct Accounts {
    frame: Frame,
    query: Query,
    tabs: Vec<Tab>,
    roles: [Role; 9],
    accounts: Vec<AccountHead>,
    /// Where the boxes are sent; with the filters, so that the list comes back the same.
    decisions: String,
    first: String,
    next: String,
    bulk: Option<Bulk>,
}

impl Accounts {
    fn has_pending(&self) -> bool {
        self.frame.may(Action::RegistrationDecide) && self.accounts.iter().any(|a| a.status == AccountStatus::Pending)
    }
}

async fn list(State(shared): State<Shared>, frame: Frame, Params(query): Params<Query>) -> Result<Response, PageError> {
    listed(&shared, frame, query, None).await
}

async fn listed(shared: &Shared, frame: Frame, query: Query, bulk: Option<Bulk>) -> Result<Response, PageError> {
    let actor = frame.signed()?;
    let found = shared.app.accounts_found(actor, &query.filter(), &query.before, PAGE + 1).await?;
    let counted = shared.app.accounts_counted(actor).await?;
    let (accounts, more) = one_page(found);
    let count = |status: AccountStatus| counted.iter().find(|(s, _)| *s == status).map_or(0, |(_, n)| *n);
    let tab = |code: &str, label, count| {
        let to = Query { status: code.into(), before: String::new(), ..query.clone() };
        Tab { link: link(PATH, &to), label, count, is_here: query.status == code }
    };
    let statuses = AccountStatus::ALL.map(|status| tab(status.code(), status.name(), count(status)));
    let all = counted.iter().map(|(_, n)| n).sum();
    let tabs = std::iter::once(tab("", "全部", all)).chain(statuses).collect();
    let from = |before: &str| link(PATH, &Query { before: before.into(), ..query.clone() });
    let last = accounts.last().filter(|_| more).map(|a| a.id.clone());
    let (first, next) = (if query.before.is_empty() { String::new() } else { from("") }, last.map(|id| from(&id)));
    let status = if bulk.is_some() { StatusCode::CONFLICT } else { StatusCode::OK };
    let decisions = link("/operations/accounts/decisions", &query);
    let (roles, next) = (Role::ALL, next.unwrap_or_default());
    Ok(page(status, &Accounts { frame, query, tabs, roles, accounts, decisions, first, next, bulk }))
}

#[derive(Debug, Deserialize)]
struct Decision {
    #[serde(default)]
    ids: Vec<String>,
    #[serde(default)]
    verdict: String,
}

async fn decide(
    State(shared): State<Shared>,
    frame: Frame,
    Params(query): Params<Query>,
    Sent(decision): Sent<Decision>,
) -> Result<Response, PageError> {
    let approve = decision.verdict == "approve";
    let bulk = shared.app.registrations_decide(frame.signed()?, &decision.ids, approve).await;
    let bulk = Bulk::told(bulk)?;
    if bulk.refused.is_empty() {
        return Ok(see(&link(PATH, &query), if approve { "approved" } else { "refused" }));
    }
    listed(&shared, frame, query, Some(bulk)).await
}
