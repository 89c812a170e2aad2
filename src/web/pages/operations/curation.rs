//! Claims to decide; profiles that may be one, side by side; merges, which can be undone.

use std::collections::HashMap;

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use serde::{Deserialize, Serialize};

use super::forms::{Sent, see};
use super::{PAGE, link, one_page, page, shown};
use crate::app::talents::Duplicate;
use crate::domain::{AccountStatus, Strength};
use crate::store::{Account, Claim, ClaimStatus, Merge, MergeStatus, TalentRecord};
use crate::web::Shared;
use crate::web::error::PageError;
use crate::web::extract::Params;
use crate::web::pages::frame::Frame;

/// Pairs that are shown at once, with all that tells them apart.
const PAIRS: usize = 10;
/// Pieces of evidence that are shown of each.
const PIECES: usize = 5;

pub fn router() -> Router<Shared> {
    Router::new()
        .route("/operations/claims", get(claims))
        .route("/operations/claims/{id}/decision", post(claim_decide))
        .route("/operations/duplicates", get(duplicates))
        .route("/operations/merges", get(merges).post(merge))
        .route("/operations/merges/apart", post(apart))
        .route("/operations/merges/{id}/undo", post(undo))
}

#[derive(Debug, Clone, Default, Serialize, Deserialize)]
#[serde(default)]
struct Query {
    #[serde(skip_serializing_if = "String::is_empty")]
    status: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    after: String,
    /// The other id of a pair to go on after.
    #[serde(skip_serializing_if = "String::is_empty")]
    after_b: String,
}

/// A claim with what it is decided by.
struct SeenClaim {
    claim: Claim,
    account: Option<Account>,
    organisation: Option<String>,
    talent: Option<TalentRecord>,
}

#[derive(Template)]
#[template(path = "operations/claims.html", config = "src/web/askama.toml")]
struct Claims {
    frame: Frame,
    tabs: Vec<(String, &'static str, bool)>,
    claims: Vec<SeenClaim>,
    first: String,
    next: String,
}

/// A tab for each value, `""` first.
fn tabs(path: &str, query: &Query, values: Vec<(&'static str, &'static str)>) -> Vec<(String, &'static str, bool)> {
    let tab = |(code, label): (&str, &'static str)| {
        let to = Query { status: code.into(), ..Query::default() };
        (link(path, &to), label, query.status == code)
    };
    values.into_iter().map(tab).collect()
}

async fn claims(
    State(shared): State<Shared>,
    frame: Frame,
    Params(query): Params<Query>,
) -> Result<Response, PageError> {
    let actor = frame.signed()?;
    // What waits is what one comes for.
    let status = match query.status.as_str() {
        "" => Some(ClaimStatus::Pending),
        code => ClaimStatus::ALL.into_iter().find(|s| s.code() == code),
    };
    let (found, more) = one_page(shared.app.claims(actor, status, &query.after, PAGE + 1).await?);
    let mut claims = Vec::new();
    for claim in found {
        // Either may have been deleted since.
        let account = shared.app.account_get(actor, &claim.account).await.ok();
        let organisation = match account.as_ref().and_then(|a| a.organisation.as_ref()) {
            Some(id) => shared.app.organisation_get(actor, id).await.ok().map(|o| o.name),
            None => None,
        };
        let talent = shared.app.talent_get(actor, &claim.talent).await.ok();
        claims.push(SeenClaim { claim, account, organisation, talent });
    }
    let values = [("", "待审核"), ("approved", "已通过"), ("refused", "未通过"), ("all", "全部")];
    let tabs = tabs("/operations/claims", &query, values.to_vec());
    let from = |after: &str| link("/operations/claims", &Query { after: after.into(), ..query.clone() });
    let first = if query.after.is_empty() { String::new() } else { from("") };
    let next = claims.last().filter(|_| more).map(|seen| from(&seen.claim.id)).unwrap_or_default();
    Ok(page(StatusCode::OK, &Claims { frame, tabs, claims, first, next }))
}

#[derive(Debug, Deserialize)]
struct ClaimDecision {
    approve: bool,
}

async fn claim_decide(
    State(shared): State<Shared>,
    frame: Frame,
    Path(id): Path<String>,
    Sent(ClaimDecision { approve }): Sent<ClaimDecision>,
) -> Result<Response, PageError> {
    shared.app.claim_decide(frame.signed()?, &id, approve).await?;
    Ok(see("/operations/claims", if approve { "approved" } else { "refused" }))
}

/// Two profiles side by side.
struct Pair {
    found: Duplicate,
    a: TalentRecord,
    b: TalentRecord,
}

impl Pair {
    fn sides(&self) -> [(&TalentRecord, &TalentRecord); 2] {
        [(&self.a, &self.b), (&self.b, &self.a)]
    }
}

#[derive(Template)]
#[template(path = "operations/duplicates.html", config = "src/web/askama.toml")]
struct Duplicates {
    frame: Frame,
    pairs: Vec<Pair>,
    first: String,
    next: String,
}

async fn duplicates(
    State(shared): State<Shared>,
    frame: Frame,
    Params(query): Params<Query>,
) -> Result<Response, PageError> {
    let actor = frame.signed()?;
    let (found, after) = shared.app.duplicates(actor, (&query.after, &query.after_b), PAIRS).await?;
    let mut pairs = Vec::new();
    for found in found {
        let (a, b) = (shared.app.talent_get(actor, &found.a.id).await, shared.app.talent_get(actor, &found.b.id).await);
        if let (Ok(a), Ok(b)) = (a, b) {
            pairs.push(Pair { found, a, b });
        }
    }
    let from = |after: &str, after_b: &str| {
        let query = Query { after: after.into(), after_b: after_b.into(), ..Query::default() };
        link("/operations/duplicates", &query)
    };
    let first = if query.after.is_empty() { String::new() } else { from("", "") };
    let next = after.map(|(a, b)| from(&a, &b)).unwrap_or_default();
    Ok(page(StatusCode::OK, &Duplicates { frame, pairs, first, next }))
}

#[derive(Debug, Deserialize)]
struct ToMerge {
    kept: String,
    dropped: String,
}

async fn merge(
    State(shared): State<Shared>,
    frame: Frame,
    Sent(ToMerge { kept, dropped }): Sent<ToMerge>,
) -> Result<Response, PageError> {
    shared.app.merge_create(frame.signed()?, kept.trim(), dropped.trim()).await?;
    Ok(see("/operations/duplicates", "merged"))
}

#[derive(Debug, Deserialize)]
struct ToKeep {
    a: String,
    b: String,
}

async fn apart(
    State(shared): State<Shared>,
    frame: Frame,
    Sent(ToKeep { a, b }): Sent<ToKeep>,
) -> Result<Response, PageError> {
    shared.app.keep_apart(frame.signed()?, &a, &b).await?;
    Ok(see("/operations/duplicates", "apart"))
}

#[derive(Template)]
#[template(path = "operations/merges.html", config = "src/web/askama.toml")]
struct Merges {
    frame: Frame,
    tabs: Vec<(String, &'static str, bool)>,
    merges: Vec<Merge>,
    names: HashMap<String, String>,
    first: String,
    next: String,
}

impl Merges {
    fn name<'a>(&'a self, id: &'a str) -> &'a str {
        self.names.get(id).map_or(id, String::as_str)
    }
}

async fn merges(
    State(shared): State<Shared>,
    frame: Frame,
    Params(query): Params<Query>,
) -> Result<Response, PageError> {
    let actor = frame.signed()?;
    let status = MergeStatus::ALL.into_iter().find(|s| s.code() == query.status);
    let (merges, more) = one_page(shared.app.merges(actor, status, &query.after, PAGE + 1).await?);
    let ids: Vec<&str> = merges.iter().flat_map(|m| [m.kept.as_str(), m.dropped.as_str()]).collect();
    let names = shared.app.talent_names(actor, &ids).await?;
    let all = MergeStatus::ALL.into_iter().map(|s| (s.code(), s.name()));
    let tabs = tabs("/operations/merges", &query, std::iter::once(("", "全部")).chain(all).collect());
    let from = |after: &str| link("/operations/merges", &Query { after: after.into(), ..query.clone() });
    let first = if query.after.is_empty() { String::new() } else { from("") };
    let next = merges.last().filter(|_| more).map(|merge| from(&merge.id)).unwrap_or_default();
    Ok(page(StatusCode::OK, &Merges { frame, tabs, merges, names, first, next }))
}

async fn undo(State(shared): State<Shared>, frame: Frame, Path(id): Path<String>) -> Result<Response, PageError> {
    shared.app.merge_undo(frame.signed()?, &id).await?;
    Ok(see("/operations/merges", "undone"))
}
