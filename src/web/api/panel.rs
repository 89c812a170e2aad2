//! Panels: what their members read and score, and how an operator puts them together.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::bid_files::KeptBidFile;
use crate::app::AppError;
use crate::app::board::content::BidContent;
use crate::app::board::panel::{MemberState, PanelView};
use crate::app::board::scoring::{Seat, sheet_hash};
use crate::domain::challenge::bid::Bid;
use crate::domain::challenge::status::ChallengeStatus;
use crate::domain::hex::hex;
use crate::store::board::panel::ScoreSheet;
use crate::web::Shared;
use crate::web::error::{ApiError, Problem};
use crate::web::extract::{Body, Signed};

pub fn router() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(get))
        .routes(routes!(declare))
        .routes(routes!(read))
        .routes(routes!(score))
        .routes(routes!(team, appoint))
        .routes(routes!(remove))
}

/// A challenge as a member of its panel sees it.
#[derive(Debug, Serialize, ToSchema)]
struct PanelSeat {
    challenge: String,
    title: String,
    status: ChallengeStatus,
    /// When conflicts were declared, in milliseconds since 1970 UTC.
    declared_at: Option<i64>,
    /// After opening only.
    bids: Vec<SeatBid>,
}

#[derive(Debug, Serialize, ToSchema)]
struct SeatBid {
    id: String,
    /// From 1 in the order of submission.
    place: i64,
    /// The leader first.
    organisations: Vec<String>,
    /// Why it may neither be read nor scored.
    #[serde(skip_serializing_if = "Option::is_none")]
    conflict: Option<SeatConflict>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sheet: Option<OwnSheet>,
}

#[derive(Debug, Serialize, ToSchema)]
struct SeatConflict {
    reason: String,
    /// Found by the rules, else declared.
    by_rule: bool,
}

/// What the member gave.
#[derive(Debug, Serialize, ToSchema)]
struct OwnSheet {
    scores: Vec<u32>,
    comment: String,
    at: i64,
    /// As the public audit log has it: SHA-256 over `zhihui sheet v1`, a zero byte, the nonce, and the
    /// JSON of bid, comment and scores.
    hash: String,
    nonce: String,
}

fn own(of: &ScoreSheet) -> Result<OwnSheet, AppError> {
    let nonce = hex(of.nonce);
    Ok(OwnSheet { scores: of.scores.clone(), comment: of.comment.clone(), at: of.at, hash: sheet_hash(of)?, nonce })
}

fn seat(of: Seat) -> Result<PanelSeat, AppError> {
    let mut bids = Vec::new();
    for bid in of.bids {
        bids.push(SeatBid {
            sheet: bid.sheet.as_ref().map(own).transpose()?,
            id: bid.bid,
            place: bid.place,
            organisations: bid.organisations,
            conflict: bid.conflict.map(|(reason, by_rule)| SeatConflict { reason, by_rule }),
        });
    }
    let (status, title) = (of.challenge.status, of.challenge.content.title);
    Ok(PanelSeat { challenge: of.challenge.id, title, status, declared_at: of.declared_at, bids })
}

#[derive(Debug, Serialize, ToSchema)]
struct SeatList {
    items: Vec<PanelSeat>,
}

/// 请我评审的榜单
#[utoipa::path(get, path = "/api/v1/panel", tag = "panel", responses((status = 200, body = SeatList),
    (status = 401, body = Problem), (status = 403, body = Problem)), security(("session" = []), ("token" = [])))]
async fn list(State(shared): State<Shared>, Signed(actor): Signed) -> Result<Json<SeatList>, ApiError> {
    let seats = shared.app.panel_seats(&actor).await?;
    Ok(Json(SeatList { items: seats.into_iter().map(seat).collect::<Result<_, _>>()? }))
}

/// 一个榜单的评审任务
#[utoipa::path(get, path = "/api/v1/panel/{challenge}", tag = "panel", params(("challenge" = String, Path)),
    responses((status = 200, body = PanelSeat), (status = 401, body = Problem), (status = 403, body = Problem),
    (status = 404, body = Problem)), security(("session" = []), ("token" = [])))]
async fn get(
    State(shared): State<Shared>,
    Signed(actor): Signed,
    Path(challenge): Path<String>,
) -> Result<Json<PanelSeat>, ApiError> {
    Ok(Json(seat(shared.app.panel_seat(&actor, &challenge).await?)?))
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Declaration {
    /// Empty where there are none.
    conflicts: Vec<DeclaredConflict>,
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct DeclaredConflict {
    bid: String,
    reason: String,
}

/// 声明利益冲突
///
/// Before anything is read. A bid in conflict may neither be read nor scored.
#[utoipa::path(post, path = "/api/v1/panel/{challenge}/declaration", tag = "panel",
    params(("challenge" = String, Path)), request_body = Declaration, responses((status = 200, body = PanelSeat),
    (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem),
    (status = 409, body = Problem), (status = 422, body = Problem)), security(("session" = []), ("token" = [])))]
async fn declare(
    State(shared): State<Shared>,
    Signed(actor): Signed,
    Path(challenge): Path<String>,
    Body(Declaration { conflicts }): Body<Declaration>,
) -> Result<Json<PanelSeat>, ApiError> {
    let declared: Vec<_> = conflicts.into_iter().map(|c| (c.bid, c.reason)).collect();
    shared.app.panel_declare(&actor, &challenge, &declared).await?;
    Ok(Json(seat(shared.app.panel_seat(&actor, &challenge).await?)?))
}

/// An opened bid.
#[derive(Debug, Serialize, ToSchema)]
pub(super) struct OpenedBid {
    id: String,
    content: Bid,
    members: Vec<OpenedMember>,
    team: Vec<OpenedTeam>,
    files: Vec<KeptBidFile>,
    #[serde(skip_serializing_if = "Option::is_none")]
    sheet: Option<OwnSheet>,
}

#[derive(Debug, Serialize, ToSchema)]
struct OpenedMember {
    organisation: String,
    name: String,
    role: String,
    percent: u32,
}

#[derive(Debug, Serialize, ToSchema)]
struct OpenedTeam {
    talent: String,
    name: String,
    organisation: String,
    /// Titles of what the bid brings forward.
    evidence: Vec<String>,
}

pub(super) fn opened(id: String, of: BidContent, sheet: Option<&ScoreSheet>) -> Result<OpenedBid, AppError> {
    let members = of.members.into_iter().map(|m| OpenedMember {
        organisation: m.organisation,
        name: m.organisation_name,
        role: m.role,
        percent: m.percent,
    });
    let team = of.team.into_iter().map(|t| OpenedTeam {
        talent: t.talent,
        name: t.name,
        organisation: t.organisation,
        evidence: t.evidence.into_iter().map(|(_, title)| title).collect(),
    });
    Ok(OpenedBid {
        id,
        content: of.bid,
        members: members.collect(),
        team: team.collect(),
        files: of.files.into_iter().map(Into::into).collect(),
        sheet: sheet.map(own).transpose()?,
    })
}

/// 揭榜内容（评委）
#[utoipa::path(get, path = "/api/v1/panel/{challenge}/bids/{bid}", tag = "panel",
    params(("challenge" = String, Path), ("bid" = String, Path)), responses((status = 200, body = OpenedBid),
    (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem),
    (status = 409, body = Problem)), security(("session" = []), ("token" = [])))]
async fn read(
    State(shared): State<Shared>,
    Signed(actor): Signed,
    Path((challenge, bid)): Path<(String, String)>,
) -> Result<Json<OpenedBid>, ApiError> {
    let read = shared.app.panel_read(&actor, &challenge, &bid).await?;
    Ok(Json(opened(read.bid.id, read.content, read.sheet.as_ref())?))
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewSheet {
    /// 0 to 100 for each criterion, in their order.
    scores: Vec<u32>,
    /// Bidders read it after the award, without a name.
    comment: String,
}

#[derive(Debug, Serialize, ToSchema)]
struct Scored {
    /// It was the last: the ranking is made.
    ranked: bool,
}

/// 评分
///
/// It takes the place of the one before, until all members have scored.
#[utoipa::path(put, path = "/api/v1/panel/{challenge}/bids/{bid}/sheet", tag = "panel",
    params(("challenge" = String, Path), ("bid" = String, Path)), request_body = NewSheet,
    responses((status = 200, body = Scored), (status = 401, body = Problem), (status = 403, body = Problem),
    (status = 404, body = Problem), (status = 409, body = Problem), (status = 422, body = Problem)),
    security(("session" = []), ("token" = [])))]
async fn score(
    State(shared): State<Shared>,
    Signed(actor): Signed,
    Path((challenge, bid)): Path<(String, String)>,
    Body(NewSheet { scores, comment }): Body<NewSheet>,
) -> Result<Json<Scored>, ApiError> {
    let ranked = shared.app.panel_score(&actor, (&challenge, &bid), scores, &comment).await?;
    Ok(Json(Scored { ranked }))
}

/// A panel as an operator sees it: nothing of what anybody gave.
#[derive(Debug, Serialize, ToSchema)]
struct ChallengePanel {
    members: Vec<PanelMember>,
    /// Too few members, or an even number.
    #[serde(skip_serializing_if = "Option::is_none")]
    advice: Option<String>,
    /// Organisations of bids that no member may score.
    unjudged: Vec<String>,
}

#[derive(Debug, Serialize, ToSchema)]
struct PanelMember {
    account: String,
    login: String,
    name: String,
    organisation: Option<String>,
    at: i64,
    declared_at: Option<i64>,
    /// Sheets given, of how many.
    given: usize,
    due: usize,
    /// Bids that they may not judge.
    blocked: usize,
}

fn member(of: MemberState) -> PanelMember {
    let MemberState { member, given, due, blocked } = of;
    PanelMember {
        account: member.account,
        login: member.login,
        name: member.name,
        organisation: member.organisation_name,
        at: member.at,
        declared_at: member.declared_at,
        given,
        due,
        blocked,
    }
}

fn panel(of: PanelView) -> ChallengePanel {
    let members = of.members.into_iter().map(member).collect();
    ChallengePanel { members, advice: of.advice, unjudged: of.unjudged }
}

/// 评审组
#[utoipa::path(get, path = "/api/v1/challenges/{id}/panel", tag = "panel", params(("id" = String, Path)),
    responses((status = 200, body = ChallengePanel), (status = 401, body = Problem), (status = 403, body = Problem),
    (status = 404, body = Problem)), security(("session" = []), ("token" = [])))]
async fn team(
    State(shared): State<Shared>,
    Signed(actor): Signed,
    Path(id): Path<String>,
) -> Result<Json<ChallengePanel>, ApiError> {
    Ok(Json(panel(shared.app.panel_view(&actor, &id).await?)))
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Appointment {
    login: String,
}

/// 聘请评委
#[utoipa::path(post, path = "/api/v1/challenges/{id}/panel", tag = "panel", params(("id" = String, Path)),
    request_body = Appointment, responses((status = 201, body = ChallengePanel), (status = 401, body = Problem),
    (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem),
    (status = 422, body = Problem)), security(("session" = []), ("token" = [])))]
async fn appoint(
    State(shared): State<Shared>,
    Signed(actor): Signed,
    Path(id): Path<String>,
    Body(Appointment { login }): Body<Appointment>,
) -> Result<(StatusCode, Json<ChallengePanel>), ApiError> {
    shared.app.panel_appoint(&actor, &id, &login).await?;
    Ok((StatusCode::CREATED, Json(panel(shared.app.panel_view(&actor, &id).await?))))
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct PanelRemoval {
    /// In the public audit log.
    reason: String,
}

/// 移出评委
///
/// What they gave is dropped. Where the others have all scored, the ranking is made.
#[utoipa::path(post, path = "/api/v1/challenges/{id}/panel/{account}/removal", tag = "panel",
    params(("id" = String, Path), ("account" = String, Path)), request_body = PanelRemoval,
    responses((status = 200, body = ChallengePanel), (status = 401, body = Problem), (status = 403, body = Problem),
    (status = 404, body = Problem), (status = 409, body = Problem), (status = 422, body = Problem)),
    security(("session" = []), ("token" = [])))]
async fn remove(
    State(shared): State<Shared>,
    Signed(actor): Signed,
    Path((id, account)): Path<(String, String)>,
    Body(PanelRemoval { reason }): Body<PanelRemoval>,
) -> Result<Json<ChallengePanel>, ApiError> {
    shared.app.panel_remove(&actor, &id, &account, &reason).await?;
    Ok(Json(panel(shared.app.panel_view(&actor, &id).await?)))
}
