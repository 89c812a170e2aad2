//! Bids of the own organisation. No answer of these is kept under an Idempotency-Key: what a bid says
//! is nowhere but in its seal.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::bid_files::KeptBidFile;
use crate::app::board::consortium::{MemberDraft, Part};
use crate::app::board::receipts::{PublishedBids, Receipt};
use crate::domain::challenge::bid::{Bid, Cost, MemberStatus, Promise, Step};
use crate::domain::challenge::status::BidStatus;
use crate::web::Shared;
use crate::web::error::{ApiError, Problem};
use crate::web::extract::{Body, IfMatch, Signed, etag};

pub fn router() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(begin, published))
        .routes(routes!(get, write))
        .routes(routes!(submit))
        .routes(routes!(withdraw))
        .routes(routes!(confirm))
        .routes(routes!(join))
        .routes(routes!(receipt))
}

/// A bid in the list of the own ones.
#[derive(Debug, Serialize, ToSchema)]
struct BidHead {
    id: String,
    challenge: String,
    title: String,
    status: BidStatus,
    /// The own organisation leads it.
    leads: bool,
    version: i64,
}

/// 我的揭榜
#[utoipa::path(get, path = "/api/v1/bids", tag = "board", responses((status = 200, body = Vec<BidHead>),
    (status = 401, body = Problem), (status = 403, body = Problem), (status = 409, body = Problem)),
    security(("session" = []), ("token" = [])))]
async fn list(State(shared): State<Shared>, Signed(actor): Signed) -> Result<impl IntoResponse, ApiError> {
    let rows = shared.app.bids_own(&actor).await?.into_iter().map(|row| BidHead {
        id: row.record.id,
        challenge: row.challenge.id,
        title: row.challenge.content.title,
        status: row.record.status,
        leads: row.leads,
        version: row.record.version,
    });
    Ok(Json(rows.collect::<Vec<_>>()))
}

/// The id of what was made or found.
#[derive(Debug, Serialize, ToSchema)]
struct Made {
    id: String,
}

/// 开始揭榜
///
/// Where the own organisation has begun already, that bid.
#[utoipa::path(post, path = "/api/v1/challenges/{id}/bids", tag = "board", params(("id" = String, Path)),
    responses((status = 201, body = Made), (status = 401, body = Problem), (status = 403, body = Problem),
    (status = 404, body = Problem), (status = 409, body = Problem), (status = 412, body = Problem)),
    security(("session" = []), ("token" = [])))]
async fn begin(
    State(shared): State<Shared>,
    Signed(actor): Signed,
    Path(id): Path<String>,
) -> Result<impl IntoResponse, ApiError> {
    Ok((StatusCode::CREATED, Json(Made { id: shared.app.bid_begin(&actor, &id).await? })))
}

/// 开榜名单
///
/// Hashes of all bids in the order of submission. Before opening there is nothing to be found.
#[utoipa::path(get, path = "/api/v1/challenges/{id}/bids", tag = "board", params(("id" = String, Path)),
    responses((status = 200, body = PublishedBids), (status = 404, body = Problem)))]
async fn published(State(shared): State<Shared>, Path(id): Path<String>) -> Result<impl IntoResponse, ApiError> {
    Ok(Json(shared.app.bids_published(&id).await?))
}

/// A member of a consortium.
#[derive(Debug, Serialize, ToSchema)]
struct Member {
    organisation: String,
    name: String,
    role: String,
    percent: u32,
    status: MemberStatus,
}

/// A bid as its own people see it.
#[derive(Debug, Serialize, ToSchema)]
struct OwnBid {
    id: String,
    challenge: String,
    status: BidStatus,
    /// What is being written.
    draft: Bid,
    /// What was handed in.
    handed_in: Option<Bid>,
    members: Vec<Member>,
    /// Of the draft; those that were handed in are told by their hashes.
    files: Vec<KeptBidFile>,
    /// What was handed in stands for the terms as they are now.
    is_confirmed: bool,
    version: i64,
}

/// 一份揭榜
#[utoipa::path(get, path = "/api/v1/bids/{id}", tag = "board", params(("id" = String, Path)),
    responses((status = 200, body = OwnBid), (status = 401, body = Problem), (status = 403, body = Problem),
    (status = 404, body = Problem), (status = 409, body = Problem)), security(("session" = []), ("token" = [])))]
async fn get(
    State(shared): State<Shared>,
    Signed(actor): Signed,
    Path(id): Path<String>,
) -> Result<impl IntoResponse, ApiError> {
    let view = shared.app.bid_view(&actor, &id).await?;
    let members = view.members.into_iter().map(|m| Member {
        organisation: m.organisation,
        name: m.organisation_name,
        role: m.role,
        percent: m.percent,
        status: m.status,
    });
    let tag = etag(view.record.version);
    let bid = OwnBid {
        id: view.record.id,
        challenge: view.record.challenge,
        status: view.record.status,
        draft: view.draft,
        handed_in: view.handed_in,
        members: members.collect(),
        files: view.files.into_iter().map(Into::into).collect(),
        is_confirmed: view.is_confirmed,
        version: view.record.version,
    };
    Ok(([tag], Json(bid)))
}

/// A bid as its leader writes it.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
struct WrittenBid {
    route: String,
    /// One for each indicator that is asked, in their order.
    promises: Vec<Promise>,
    /// Ids of talents.
    team: Vec<String>,
    /// Ids of pieces of evidence.
    evidence: Vec<String>,
    plan: Vec<Step>,
    budget: Vec<Cost>,
    integrity: bool,
    /// The other members of a consortium.
    partners: Vec<Partner>,
}

#[derive(Debug, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Partner {
    /// Full name.
    organisation: String,
    role: String,
    percent: u32,
}

/// The version after a change.
#[derive(Debug, Serialize, ToSchema)]
struct Version {
    version: i64,
}

/// 保存揭榜草稿
#[utoipa::path(put, path = "/api/v1/bids/{id}", tag = "board", params(("id" = String, Path),
    ("If-Match" = String, Header)), request_body = WrittenBid, responses((status = 200, body = Version),
    (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem),
    (status = 409, body = Problem), (status = 412, body = Problem), (status = 422, body = Problem)),
    security(("session" = []), ("token" = [])))]
async fn write(
    State(shared): State<Shared>,
    Signed(actor): Signed,
    Path(id): Path<String>,
    IfMatch(version): IfMatch,
    Body(written): Body<WrittenBid>,
) -> Result<impl IntoResponse, ApiError> {
    let WrittenBid { route, promises, team, evidence, plan, budget, integrity, partners } = written;
    let bid = Bid { route, promises, team, evidence, plan, budget, integrity, ..Bid::default() };
    let partner = |p: Partner| MemberDraft { organisation: p.organisation, role: p.role, percent: p.percent };
    let partners: Vec<MemberDraft> = partners.into_iter().map(partner).collect();
    let version = shared.app.bid_write(&actor, &id, version, bid, &partners).await?;
    Ok(([etag(version)], Json(Version { version })))
}

/// What was handed in.
#[derive(Debug, Serialize, ToSchema)]
struct HandedIn {
    /// Random id of the receipt.
    receipt: String,
}

/// 提交揭榜
///
/// Takes the place of what was handed in before. Tells all that is missing and all that stands
/// against the bidders at once.
#[utoipa::path(post, path = "/api/v1/bids/{id}/submission", tag = "board", params(("id" = String, Path),
    ("If-Match" = String, Header)), responses((status = 200, body = HandedIn), (status = 401, body = Problem),
    (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem),
    (status = 412, body = Problem), (status = 422, body = Problem)), security(("session" = []), ("token" = [])))]
async fn submit(
    State(shared): State<Shared>,
    Signed(actor): Signed,
    Path(id): Path<String>,
    IfMatch(version): IfMatch,
) -> Result<impl IntoResponse, ApiError> {
    Ok(Json(HandedIn { receipt: shared.app.bid_submit(&actor, &id, version).await? }))
}

/// 撤回揭榜
#[utoipa::path(post, path = "/api/v1/bids/{id}/withdrawal", tag = "board", params(("id" = String, Path),
    ("If-Match" = String, Header)), responses((status = 204), (status = 401, body = Problem),
    (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem),
    (status = 412, body = Problem)), security(("session" = []), ("token" = [])))]
async fn withdraw(
    State(shared): State<Shared>,
    Signed(actor): Signed,
    Path(id): Path<String>,
    IfMatch(version): IfMatch,
) -> Result<impl IntoResponse, ApiError> {
    shared.app.bid_withdraw(&actor, &id, version).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// 确认变更后的揭榜仍然有效
#[utoipa::path(post, path = "/api/v1/bids/{id}/confirmation", tag = "board", params(("id" = String, Path),
    ("If-Match" = String, Header)), responses((status = 204), (status = 401, body = Problem),
    (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem),
    (status = 412, body = Problem), (status = 422, body = Problem)), security(("session" = []), ("token" = [])))]
async fn confirm(
    State(shared): State<Shared>,
    Signed(actor): Signed,
    Path(id): Path<String>,
    IfMatch(version): IfMatch,
) -> Result<impl IntoResponse, ApiError> {
    shared.app.bid_confirm(&actor, &id, version).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Membership {
    joins: bool,
    /// Who joins sends the part that it agrees to, as it was shown.
    #[serde(default)]
    role: String,
    #[serde(default)]
    percent: u32,
}

/// 参加或退出联合体
#[utoipa::path(put, path = "/api/v1/bids/{id}/membership", tag = "board", params(("id" = String, Path)),
    request_body = Membership, responses((status = 204), (status = 401, body = Problem),
    (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem),
    (status = 412, body = Problem), (status = 422, body = Problem)), security(("session" = []), ("token" = [])))]
async fn join(
    State(shared): State<Shared>,
    Signed(actor): Signed,
    Path(id): Path<String>,
    Body(Membership { joins, role, percent }): Body<Membership>,
) -> Result<impl IntoResponse, ApiError> {
    shared.app.bid_join(&actor, &id, joins.then_some(Part { role, percent })).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// 揭榜回执
#[utoipa::path(get, path = "/api/v1/bids/{id}/receipt", tag = "board", params(("id" = String, Path)),
    responses((status = 200, body = Receipt), (status = 401, body = Problem), (status = 403, body = Problem),
    (status = 404, body = Problem), (status = 409, body = Problem)), security(("session" = []), ("token" = [])))]
async fn receipt(
    State(shared): State<Shared>,
    Signed(actor): Signed,
    Path(id): Path<String>,
) -> Result<impl IntoResponse, ApiError> {
    Ok(Json(shared.app.bid_receipt(&actor, &id).await?))
}
