//! Opened bids side by side.

use axum::Json;
use axum::extract::{Path, State};
use serde::Serialize;
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::board::comparison::{ComparedBid as Bid, ComparedRow, Comparison};
use crate::web::Shared;
use crate::web::error::{ApiError, Problem};
use crate::web::extract::Signed;

pub fn router() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(publisher)).routes(routes!(member))
}

/// The admitted bids of a challenge, as far as the reader may read them.
#[derive(Debug, Serialize, ToSchema)]
struct BidComparison {
    challenge: String,
    title: String,
    /// In the order of submission.
    bids: Vec<ComparedBid>,
    /// By name and unit: those of the latest terms first.
    indicators: Vec<ComparedIndicator>,
    /// Bids that the reader is in a conflict of interest with.
    left_out: Vec<LeftOutBid>,
}

#[derive(Debug, Serialize, ToSchema)]
struct ComparedBid {
    id: String,
    /// From 1 in the order of submission.
    place: i64,
    /// The leader first.
    members: Vec<ComparedMember>,
    /// It was handed in or confirmed for the terms as they are.
    confirmed: bool,
    /// The whole of it, in yuan.
    budget: u64,
    /// From the contract to the last step of the plan.
    #[serde(skip_serializing_if = "Option::is_none")]
    months: Option<u32>,
    /// People of the team.
    team: usize,
    /// Pieces of evidence.
    evidence: usize,
    files: usize,
}

#[derive(Debug, Serialize, ToSchema)]
struct ComparedMember {
    organisation: String,
    name: String,
    role: String,
    percent: u32,
}

#[derive(Debug, Serialize, ToSchema)]
struct ComparedIndicator {
    name: String,
    unit: String,
    /// What was asked for, where it was the same for all bids.
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<String>,
    /// Of the bids whose terms had the indicator.
    answers: Vec<ComparedAnswer>,
}

#[derive(Debug, Serialize, ToSchema)]
struct ComparedAnswer {
    bid: String,
    /// The value that the terms asked for that the bid answers.
    asked: String,
    /// What is promised.
    #[serde(skip_serializing_if = "Option::is_none")]
    value: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    remark: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
struct LeftOutBid {
    id: String,
    place: i64,
    /// The leader first.
    organisations: Vec<String>,
    reason: String,
}

fn column(of: Bid) -> ComparedBid {
    let members = of.members.into_iter().map(|m| ComparedMember {
        organisation: m.organisation,
        name: m.organisation_name,
        role: m.role,
        percent: m.percent,
    });
    ComparedBid {
        id: of.bid,
        place: of.place,
        members: members.collect(),
        confirmed: of.is_confirmed,
        budget: of.budget,
        months: of.months,
        team: of.team,
        evidence: of.evidence,
        files: of.files,
    }
}

fn row(of: ComparedRow, bids: &[Bid]) -> ComparedIndicator {
    let answers = of.answers.into_iter().zip(bids).filter_map(|(answer, bid)| {
        let answer = answer?;
        let (value, remark) = answer.promise.map(|promise| (promise.value, promise.remark)).unzip();
        Some(ComparedAnswer { bid: bid.bid.clone(), asked: answer.asked, value, remark })
    });
    ComparedIndicator { answers: answers.collect(), name: of.name, unit: of.unit, value: of.value }
}

fn shown(of: Comparison) -> Json<BidComparison> {
    let left_out = of.left_out.into_iter().map(|out| LeftOutBid {
        id: out.bid,
        place: out.place,
        organisations: out.organisations,
        reason: out.reason,
    });
    Json(BidComparison {
        challenge: of.challenge.id,
        title: of.challenge.content.title,
        indicators: of.rows.into_iter().map(|of_bids| row(of_bids, &of.bids)).collect(),
        bids: of.bids.into_iter().map(column).collect(),
        left_out: left_out.collect(),
    })
}

/// 并排比较揭榜（发榜方，开榜后）
#[utoipa::path(get, path = "/api/v1/challenges/{id}/comparison", tag = "award", params(("id" = String, Path)),
    responses((status = 200, body = BidComparison), (status = 401, body = Problem), (status = 403, body = Problem),
    (status = 404, body = Problem), (status = 409, body = Problem)), security(("session" = []), ("token" = [])))]
async fn publisher(
    State(shared): State<Shared>,
    Signed(actor): Signed,
    Path(id): Path<String>,
) -> Result<Json<BidComparison>, ApiError> {
    Ok(shown(shared.app.comparison(&actor, &id).await?))
}

/// 并排比较揭榜（评委）
///
/// Without the bids that they are in a conflict of interest with.
#[utoipa::path(get, path = "/api/v1/panel/{challenge}/comparison", tag = "panel",
    params(("challenge" = String, Path)), responses((status = 200, body = BidComparison),
    (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem),
    (status = 409, body = Problem)), security(("session" = []), ("token" = [])))]
async fn member(
    State(shared): State<Shared>,
    Signed(actor): Signed,
    Path(challenge): Path<String>,
) -> Result<Json<BidComparison>, ApiError> {
    Ok(shown(shared.app.panel_comparison(&actor, &challenge).await?))
}
