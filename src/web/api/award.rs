//! From the ranking to the contract: choice, objections, award, outcome.

use axum::Json;
use axum::extract::multipart::MultipartRejection;
use axum::extract::{Multipart, Path, State};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::panel::{OpenedBid, opened};
use crate::app::AppError;
use crate::app::board::evaluation::{Evaluation, Judged};
use crate::app::board::outcome::Outcome;
use crate::app::imports::SentFile;
use crate::domain::challenge::contract::Contract;
use crate::domain::challenge::status::{BidStatus, ChallengeStatus};
use crate::domain::hex::hex;
use crate::store::board::award::Objection;
use crate::web::Shared;
use crate::web::error::{ApiError, Problem};
use crate::web::extract::{Body, IfMatch, MaybeSigned, Signed, etag, json};

pub fn router() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(evaluation))
        .routes(routes!(bid))
        .routes(routes!(choose))
        .routes(routes!(objections, object))
        .routes(routes!(answer))
        .routes(routes!(award))
        .routes(routes!(contract))
        .routes(routes!(outcome))
        .routes(routes!(scores))
}

/// A challenge after opening, for its publisher and the operator.
#[derive(Debug, Serialize, ToSchema)]
struct ChallengeEvaluation {
    status: ChallengeStatus,
    /// Members of the panel.
    members: usize,
    /// Best first once all have scored.
    bids: Vec<JudgedBid>,
    #[serde(skip_serializing_if = "Option::is_none")]
    chosen: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    choice_reason: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    objections_until: Option<i64>,
    objections: Vec<RaisedObjection>,
    #[serde(skip_serializing_if = "Option::is_none")]
    contract: Option<RecordedContract>,
    version: i64,
}

#[derive(Debug, Serialize, ToSchema)]
struct JudgedBid {
    id: String,
    status: BidStatus,
    /// The leader first.
    organisations: Vec<String>,
    /// It was handed in or confirmed for the terms as they are.
    confirmed: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    place: Option<usize>,
    tied: bool,
    /// Mean total in ten-thousandths of a point.
    #[serde(skip_serializing_if = "Option::is_none")]
    mean: Option<u64>,
    /// The same by criterion.
    means: Vec<u64>,
    comments: Vec<JudgeComment>,
}

#[derive(Debug, Serialize, ToSchema)]
struct JudgeComment {
    /// 评委一 …
    judge: String,
    comment: String,
}

#[derive(Debug, Serialize, ToSchema)]
struct RaisedObjection {
    id: String,
    organisation: Option<String>,
    text: String,
    at: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    answer: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    upheld: Option<bool>,
}

#[derive(Debug, Serialize, ToSchema)]
struct RecordedContract {
    bid: String,
    contract: Contract,
    file_name: String,
    /// Of the file, which is not kept.
    file_sha256: String,
}

fn said(comments: Vec<(String, String)>) -> Vec<JudgeComment> {
    comments.into_iter().map(|(judge, comment)| JudgeComment { judge, comment }).collect()
}

fn judged(of: Judged) -> JudgedBid {
    JudgedBid {
        id: of.bid,
        status: of.status,
        organisations: of.members.into_iter().map(|m| m.organisation_name).collect(),
        confirmed: of.is_confirmed,
        tied: of.place.as_ref().is_some_and(|p| p.is_tied),
        mean: of.place.as_ref().map(|p| p.mean),
        place: of.place.map(|p| p.place),
        means: of.means,
        comments: said(of.comments),
    }
}

fn raised(of: Objection) -> RaisedObjection {
    RaisedObjection {
        id: of.id,
        organisation: of.organisation_name,
        text: of.text,
        at: of.at,
        upheld: of.answer.as_ref().map(|a| a.upheld),
        answer: of.answer.map(|a| a.text),
    }
}

fn shown(of: Evaluation) -> impl IntoResponse {
    let version = of.challenge.version;
    let contract = of.contract.map(|record| RecordedContract {
        bid: record.bid,
        contract: record.contract,
        file_name: record.file_name,
        file_sha256: hex(record.file_sha256),
    });
    let evaluation = ChallengeEvaluation {
        status: of.challenge.status,
        members: of.members,
        bids: of.bids.into_iter().map(judged).collect(),
        chosen: of.challenge.chosen,
        choice_reason: of.challenge.choice_reason,
        objections_until: of.challenge.objections_until,
        objections: of.objections.into_iter().map(raised).collect(),
        contract,
        version,
    };
    ([etag(version)], Json(evaluation))
}

/// 评审情况
///
/// Before all members have scored there are no scores for anybody.
#[utoipa::path(get, path = "/api/v1/challenges/{id}/evaluation", tag = "award", params(("id" = String, Path)),
    responses((status = 200, body = ChallengeEvaluation), (status = 401, body = Problem),
    (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem)),
    security(("session" = []), ("token" = [])))]
async fn evaluation(
    State(shared): State<Shared>,
    Signed(actor): Signed,
    Path(id): Path<String>,
) -> Result<impl IntoResponse, ApiError> {
    Ok(shown(shared.app.evaluation(&actor, &id).await?))
}

/// 揭榜内容（发榜方，开榜后）
#[utoipa::path(get, path = "/api/v1/challenges/{id}/evaluation/{bid}", tag = "award",
    params(("id" = String, Path), ("bid" = String, Path)), responses((status = 200, body = OpenedBid),
    (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem),
    (status = 409, body = Problem)), security(("session" = []), ("token" = [])))]
async fn bid(
    State(shared): State<Shared>,
    Signed(actor): Signed,
    Path((id, bid)): Path<(String, String)>,
) -> Result<Json<OpenedBid>, ApiError> {
    let (_, record, content) = shared.app.evaluation_bid(&actor, &id, &bid).await?;
    Ok(Json(opened(record.id, content, None)?))
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct Choice {
    bid: String,
    /// Due where it is not the first of the ranking; public.
    #[serde(default)]
    reason: String,
}

/// 选定中榜方
#[utoipa::path(post, path = "/api/v1/challenges/{id}/choice", tag = "award", params(("id" = String, Path),
    ("If-Match" = String, Header)), request_body = Choice, responses((status = 200, body = ChallengeEvaluation),
    (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem),
    (status = 409, body = Problem), (status = 412, body = Problem), (status = 422, body = Problem)),
    security(("session" = []), ("token" = [])))]
async fn choose(
    State(shared): State<Shared>,
    Signed(actor): Signed,
    Path(id): Path<String>,
    IfMatch(version): IfMatch,
    Body(Choice { bid, reason }): Body<Choice>,
) -> Result<impl IntoResponse, ApiError> {
    shared.app.award_choose(&actor, (&id, version), &bid, &reason).await?;
    Ok(shown(shared.app.evaluation(&actor, &id).await?))
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewObjection {
    text: String,
}

/// 本人提出的异议
#[utoipa::path(get, path = "/api/v1/challenges/{id}/objections", tag = "award", params(("id" = String, Path)),
    responses((status = 200, body = Vec<RaisedObjection>), (status = 401, body = Problem),
    (status = 403, body = Problem), (status = 404, body = Problem)), security(("session" = []), ("token" = [])))]
async fn objections(
    State(shared): State<Shared>,
    Signed(actor): Signed,
    Path(id): Path<String>,
) -> Result<impl IntoResponse, ApiError> {
    let own = shared.app.objections_own(&actor, &id).await?;
    Ok(Json(own.into_iter().map(raised).collect::<Vec<_>>()))
}

/// 提出异议
///
/// Bidders and those who watch, while the window is open.
#[utoipa::path(post, path = "/api/v1/challenges/{id}/objections", tag = "award", params(("id" = String, Path)),
    request_body = NewObjection, responses((status = 204), (status = 401, body = Problem),
    (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem),
    (status = 422, body = Problem)), security(("session" = []), ("token" = [])))]
async fn object(
    State(shared): State<Shared>,
    Signed(actor): Signed,
    Path(id): Path<String>,
    Body(NewObjection { text }): Body<NewObjection>,
) -> Result<StatusCode, ApiError> {
    shared.app.objection_raise(&actor, &id, &text).await?;
    Ok(StatusCode::NO_CONTENT)
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct ObjectionAnswer {
    answer: String,
    /// It is right: the choice is undone.
    upheld: bool,
}

/// 答复异议
#[utoipa::path(post, path = "/api/v1/challenges/{id}/objections/{objection}/answer", tag = "award",
    params(("id" = String, Path), ("objection" = String, Path)), request_body = ObjectionAnswer,
    responses((status = 200, body = ChallengeEvaluation), (status = 401, body = Problem),
    (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem),
    (status = 412, body = Problem), (status = 422, body = Problem)), security(("session" = []), ("token" = [])))]
async fn answer(
    State(shared): State<Shared>,
    Signed(actor): Signed,
    Path((id, objection)): Path<(String, String)>,
    Body(ObjectionAnswer { answer, upheld }): Body<ObjectionAnswer>,
) -> Result<impl IntoResponse, ApiError> {
    shared.app.objection_answer(&actor, (&id, &objection), &answer, upheld).await?;
    Ok(shown(shared.app.evaluation(&actor, &id).await?))
}

/// 公布中榜
#[utoipa::path(post, path = "/api/v1/challenges/{id}/award", tag = "award", params(("id" = String, Path),
    ("If-Match" = String, Header)), responses((status = 200, body = ChallengeEvaluation),
    (status = 401, body = Problem), (status = 403, body = Problem), (status = 404, body = Problem),
    (status = 409, body = Problem), (status = 412, body = Problem)), security(("session" = []), ("token" = [])))]
async fn award(
    State(shared): State<Shared>,
    Signed(actor): Signed,
    Path(id): Path<String>,
    IfMatch(version): IfMatch,
) -> Result<impl IntoResponse, ApiError> {
    shared.app.award_publish(&actor, (&id, version)).await?;
    Ok(shown(shared.app.evaluation(&actor, &id).await?))
}

/// The form of a contract.
#[derive(ToSchema)]
#[expect(dead_code, reason = "describes the form; the handler reads it piece by piece")]
struct ContractForm {
    /// JSON.
    contract: Contract,
    /// The signed file: its name and SHA-256 are recorded, the file is not kept.
    #[schema(value_type = String, format = Binary)]
    file: Vec<u8>,
}

/// 登记研发合同
#[utoipa::path(post, path = "/api/v1/challenges/{id}/contract", tag = "award", params(("id" = String, Path),
    ("If-Match" = String, Header)), request_body(content = ContractForm, content_type = "multipart/form-data"),
    responses((status = 200, body = ChallengeEvaluation), (status = 400, body = Problem), (status = 401, body = Problem),
    (status = 403, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem),
    (status = 412, body = Problem), (status = 415, body = Problem), (status = 422, body = Problem)),
    security(("session" = []), ("token" = [])))]
async fn contract(
    State(shared): State<Shared>,
    Signed(actor): Signed,
    Path(id): Path<String>,
    IfMatch(version): IfMatch,
    form: Result<Multipart, MultipartRejection>,
) -> Result<impl IntoResponse, ApiError> {
    let mut form = form.map_err(|_| {
        let title = "请用 multipart/form-data 上传：contract 项是 JSON，file 项是签署的文件";
        Problem::new(StatusCode::UNSUPPORTED_MEDIA_TYPE, "not-multipart", title)
    })?;
    let broken = || Problem::new(StatusCode::BAD_REQUEST, "broken-body", "文件没有完整收到，请重新上传");
    let (mut contract, mut file) = (Contract::default(), None);
    while let Some(field) = form.next_field().await.map_err(|_| broken())? {
        let (name, file_name) = (field.name().unwrap_or_default().to_owned(), field.file_name().map(str::to_owned));
        let content = field.bytes().await.map_err(|_| broken())?;
        match name.as_str() {
            "contract" => contract = json(&content)?,
            "file" => file = Some(SentFile { name: file_name.unwrap_or_default(), bytes: content.to_vec() }),
            _ => return Err(AppError::invalid("file", "unknown-part", "只有 contract 和 file 两项").into()),
        }
    }
    shared.app.contract_record(&actor, (&id, version), contract, file).await?;
    Ok(shown(shared.app.evaluation(&actor, &id).await?))
}

/// What everybody may know of what came of a challenge.
#[derive(Debug, Serialize, ToSchema)]
struct ChallengeOutcome {
    /// Members of the panel, after opening.
    members: usize,
    #[serde(skip_serializing_if = "Option::is_none")]
    choice: Option<PublicChoice>,
    #[serde(skip_serializing_if = "Option::is_none")]
    award: Option<PublicAward>,
    /// The day of the contract.
    #[serde(skip_serializing_if = "Option::is_none")]
    signed_on: Option<String>,
}

#[derive(Debug, Serialize, ToSchema)]
struct PublicChoice {
    organisations: Vec<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    reason: Option<String>,
    objections_until: i64,
}

#[derive(Debug, Serialize, ToSchema)]
struct PublicAward {
    organisations: Vec<String>,
    at: i64,
    /// In ten-thousandths of a point.
    #[serde(skip_serializing_if = "Option::is_none")]
    total: Option<u64>,
    /// All bidders, best first, where the publisher's policy says so.
    totals: Vec<PublicTotal>,
}

#[derive(Debug, Serialize, ToSchema)]
struct PublicTotal {
    organisations: Vec<String>,
    total: u64,
}

/// 榜单结果
#[utoipa::path(get, path = "/api/v1/challenges/{id}/outcome", tag = "award", params(("id" = String, Path)),
    responses((status = 200, body = ChallengeOutcome), (status = 404, body = Problem)))]
async fn outcome(
    State(shared): State<Shared>,
    MaybeSigned(actor): MaybeSigned,
    Path(id): Path<String>,
) -> Result<Json<ChallengeOutcome>, ApiError> {
    let challenge = shared.app.challenge_public(&id).await?;
    let Outcome { members, choice, award, signed_on, .. } =
        shared.app.challenge_outcome(actor.as_ref(), &challenge).await?;
    let total = |(organisations, total)| PublicTotal { organisations, total };
    Ok(Json(ChallengeOutcome {
        members,
        choice: choice.map(|c| PublicChoice {
            organisations: c.organisations,
            reason: c.reason,
            objections_until: c.objections_until,
        }),
        award: award.map(|a| PublicAward {
            organisations: a.organisations,
            at: a.at,
            total: a.total,
            totals: a.totals.into_iter().map(total).collect(),
        }),
        signed_on,
    }))
}

/// What the panel gave an own bid.
#[derive(Debug, Serialize, ToSchema)]
struct BidScores {
    status: BidStatus,
    place: usize,
    tied: bool,
    /// How many bids were ranked.
    of: usize,
    /// In ten-thousandths of a point.
    mean: u64,
    means: Vec<u64>,
    comments: Vec<JudgeComment>,
}

/// 自己的得分
///
/// After the award.
#[utoipa::path(get, path = "/api/v1/bids/{id}/scores", tag = "award", params(("id" = String, Path)),
    responses((status = 200, body = BidScores), (status = 401, body = Problem), (status = 403, body = Problem),
    (status = 404, body = Problem), (status = 409, body = Problem)), security(("session" = []), ("token" = [])))]
async fn scores(
    State(shared): State<Shared>,
    Signed(actor): Signed,
    Path(id): Path<String>,
) -> Result<Json<BidScores>, ApiError> {
    let own = shared.app.bid_scores(&actor, &id).await?.ok_or(AppError::NotFound("得分"))?;
    Ok(Json(BidScores {
        status: own.status,
        place: own.place.place,
        tied: own.place.is_tied,
        of: own.of,
        mean: own.place.mean,
        means: own.means,
        comments: said(own.comments),
    }))
}
