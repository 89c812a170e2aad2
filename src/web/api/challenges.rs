//! Challenges of the 揭榜挂帅 board as everybody sees them; watching, questions.

use axum::Json;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::IntoResponse;
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use crate::app::AppError;
use crate::app::board::talk::Question;
use crate::app::search::{ChallengeItem, Facet, Found};
use crate::domain::challenge::Challenge;
use crate::domain::challenge::status::ChallengeStatus;
use crate::domain::{SearchForm, SearchKind, SearchQuery};
use crate::store::board::challenges::{ChallengeRecord, ChallengeTerms};
use crate::web::Shared;
use crate::web::error::{ApiError, Problem};
use crate::web::extract::{Body, MaybeSigned, Params, Signed};

pub fn router() -> OpenApiRouter<Shared> {
    OpenApiRouter::new()
        .routes(routes!(list))
        .routes(routes!(get))
        .routes(routes!(terms))
        .routes(routes!(watched))
        .routes(routes!(watch, unwatch))
        .routes(routes!(answer))
}

/// Those that make something, which are done once.
pub fn making_router() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(questions, ask))
}

/// What is searched for; what is empty or absent asks for nothing.
#[derive(Debug, Default, Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
#[serde(default)]
struct Asked {
    /// Words, or the name of an enterprise.
    q: String,
    /// Code of an industry cluster.
    cluster: String,
    /// Code of a discipline.
    field: String,
    /// A region within which they are: `重庆市`
    region: String,
    /// `below50`, `below100`, `below300`, `below1000` or `above` (in 万元)
    reward: String,
    /// Of those that take bids: `days3`, `days7`, `days30` or `later`
    closing: String,
    /// `open`, `scoring`, `ranked`, `chosen`, `awarded`, `contracted`, `withdrawn` or `failed`
    state: String,
    /// The whole name of an enterprise.
    organisation: String,
    /// `relevance` (default), `deadline`, `newest`, `reward`, or `fit` for who has a profile
    sort: String,
    /// From 1, 20 challenges each.
    page: Option<usize>,
}

/// One page of the board.
#[derive(Debug, Serialize, ToSchema)]
struct BoardPage {
    query: SearchQuery,
    /// All that the filters let through.
    total: usize,
    /// There may be more than were counted.
    is_bounded: bool,
    page: usize,
    pages: usize,
    items: Vec<ChallengeItem>,
    facets: Vec<Facet>,
    /// Words that no challenge has.
    unknown: Vec<String>,
}

impl From<Found> for BoardPage {
    fn from(found: Found) -> Self {
        let Found { query, total, is_bounded, page, pages, challenges: items, facets, unknown, .. } = found;
        Self { query, total, is_bounded, page, pages, items, facets, unknown }
    }
}

/// 公开的榜单
///
/// With counts by cluster, discipline, region, reward, closing and state. How many bids there are is
/// told after opening only.
#[utoipa::path(get, path = "/api/v1/challenges", tag = "board", params(Asked), responses(
    (status = 200, body = BoardPage), (status = 422, body = Problem)))]
async fn list(
    State(shared): State<Shared>,
    MaybeSigned(actor): MaybeSigned,
    Params(asked): Params<Asked>,
) -> Result<Json<BoardPage>, ApiError> {
    let form = SearchForm {
        kind: SearchKind::Challenges.code().into(),
        q: asked.q,
        cluster: asked.cluster,
        field: asked.field,
        region: asked.region,
        reward: asked.reward,
        closing: asked.closing,
        state: asked.state,
        organisation: asked.organisation,
        sort: asked.sort,
        ..SearchForm::default()
    };
    let (query, problems) = form.read();
    if !problems.is_empty() {
        return Err(AppError::Invalid(problems).into());
    }
    let found = shared.app.search_for(actor.as_ref(), query, asked.page.unwrap_or(1)).await?;
    Ok(Json(found.into()))
}

/// A challenge as everybody may know it.
#[derive(Debug, Serialize, ToSchema)]
struct PublicChallenge {
    id: String,
    /// Id of the need that it was made of.
    need: String,
    /// Name of the enterprise.
    organization: String,
    status: ChallengeStatus,
    field: Option<String>,
    region: Option<String>,
    /// Number of the terms that hold now: 1 when published, one more with each amendment.
    terms: i64,
    /// Why it was withdrawn, or ended without an award.
    reason: Option<String>,
    /// Milliseconds since 1970 UTC.
    published_at: Option<i64>,
    opened_at: Option<i64>,
    awarded_at: Option<i64>,
    /// The time by the clock that closing goes by.
    now: i64,
    watchers: i64,
    /// Whether one watches it oneself.
    watches: bool,
    content: Challenge,
}

/// 一个公开的榜单
#[utoipa::path(get, path = "/api/v1/challenges/{id}", tag = "board", params(("id" = String, Path)), responses(
    (status = 200, body = PublicChallenge), (status = 404, body = Problem)))]
async fn get(
    State(shared): State<Shared>,
    MaybeSigned(actor): MaybeSigned,
    Path(id): Path<String>,
) -> Result<Json<PublicChallenge>, ApiError> {
    let found = shared.app.challenge_public(&id).await?;
    let talk = shared.app.challenge_talk(actor.as_ref(), &found).await?;
    let now = shared.app.board_time().await?;
    let ChallengeRecord { id, need, organisation_name: organization, status, field, region, terms, .. } = found;
    Ok(Json(PublicChallenge {
        id,
        need,
        organization,
        status,
        field,
        region: region.or(found.organisation_region),
        terms,
        reason: found.reason.filter(|_| status.is_over()),
        published_at: found.published_at,
        opened_at: found.opened_at,
        awarded_at: found.awarded_at,
        now,
        watchers: talk.watchers,
        watches: talk.watches,
        content: found.content,
    }))
}

/// Terms as they were published.
#[derive(Debug, Serialize, ToSchema)]
struct PublishedTerms {
    /// 1 when published, one more with each amendment.
    number: i64,
    /// Milliseconds since 1970 UTC.
    at: i64,
    /// Why it was amended.
    reason: String,
    content: Challenge,
}

#[derive(Debug, Serialize, ToSchema)]
struct TermsList {
    items: Vec<PublishedTerms>,
}

/// 榜单的历次内容
///
/// As published, and each amendment, oldest first.
#[utoipa::path(get, path = "/api/v1/challenges/{id}/terms", tag = "board", params(("id" = String, Path)), responses(
    (status = 200, body = TermsList), (status = 404, body = Problem)))]
async fn terms(State(shared): State<Shared>, Path(id): Path<String>) -> Result<Json<TermsList>, ApiError> {
    shared.app.challenge_public(&id).await?;
    let shown = |terms: ChallengeTerms| {
        let ChallengeTerms { number, at, reason, content, .. } = terms;
        PublishedTerms { number, at, reason, content }
    };
    Ok(Json(TermsList { items: shared.app.challenge_terms(&id).await?.into_iter().map(shown).collect() }))
}

/// A challenge that one watches.
#[derive(Debug, Serialize, ToSchema)]
struct WatchedChallenge {
    id: String,
    title: String,
    organization: String,
    status: ChallengeStatus,
    /// Milliseconds since 1970 UTC.
    closes_at: Option<i64>,
}

/// 关注的榜单
///
/// Newest first, 500 at the most.
#[utoipa::path(get, path = "/api/v1/challenges/watched", tag = "board", responses(
    (status = 200, body = Vec<WatchedChallenge>), (status = 401, body = Problem), (status = 403, body = Problem)),
    security(("session" = []), ("token" = [])))]
async fn watched(State(shared): State<Shared>, Signed(actor): Signed) -> Result<Json<Vec<WatchedChallenge>>, ApiError> {
    let shown = |found: ChallengeRecord| WatchedChallenge {
        id: found.id,
        organization: found.organisation_name,
        status: found.status,
        closes_at: found.content.closes_at,
        title: found.content.title,
    };
    Ok(Json(shared.app.challenges_watched(&actor).await?.into_iter().map(shown).collect()))
}

/// 关注榜单
///
/// Its news come into the inbox. Twice is once.
#[utoipa::path(put, path = "/api/v1/challenges/{id}/watch", tag = "board", params(("id" = String, Path)), responses(
    (status = 204), (status = 401, body = Problem), (status = 404, body = Problem)),
    security(("session" = []), ("token" = [])))]
async fn watch(
    State(shared): State<Shared>,
    Signed(actor): Signed,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    shared.app.challenge_watch(&actor, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// 取消关注
#[utoipa::path(delete, path = "/api/v1/challenges/{id}/watch", tag = "board", params(("id" = String, Path)), responses(
    (status = 204), (status = 401, body = Problem), (status = 404, body = Problem)),
    security(("session" = []), ("token" = [])))]
async fn unwatch(
    State(shared): State<Shared>,
    Signed(actor): Signed,
    Path(id): Path<String>,
) -> Result<StatusCode, ApiError> {
    shared.app.challenge_unwatch(&actor, &id).await?;
    Ok(StatusCode::NO_CONTENT)
}

/// A question, without who has asked it.
#[derive(Debug, Serialize, ToSchema)]
struct ShownQuestion {
    id: String,
    /// Milliseconds since 1970 UTC.
    at: i64,
    text: String,
    answer: Option<String>,
    answered_at: Option<i64>,
    /// Of the one who looks.
    is_own: bool,
}

impl From<Question> for ShownQuestion {
    fn from(question: Question) -> Self {
        let Question { id, at, text, answer, is_own } = question;
        let (answer, answered_at) = answer.unzip();
        Self { id, at, text, answer, answered_at, is_own }
    }
}

#[derive(Debug, Serialize, ToSchema)]
struct QuestionList {
    items: Vec<ShownQuestion>,
}

/// 榜单的提问与答复
///
/// Oldest first; nobody is told who has asked.
#[utoipa::path(get, path = "/api/v1/challenges/{id}/questions", tag = "board", params(("id" = String, Path)),
    responses((status = 200, body = QuestionList), (status = 404, body = Problem)))]
async fn questions(
    State(shared): State<Shared>,
    MaybeSigned(actor): MaybeSigned,
    Path(id): Path<String>,
) -> Result<Json<QuestionList>, ApiError> {
    let found = shared.app.questions(actor.as_ref(), &id).await?;
    Ok(Json(QuestionList { items: found.into_iter().map(Into::into).collect() }))
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewQuestion {
    /// Up to 1,000 characters; no name and no contact, please.
    question: String,
}

/// 提问
///
/// Public at once, anonymous; who asks watches the challenge from then on.
#[utoipa::path(post, path = "/api/v1/challenges/{id}/questions", tag = "board", params(("id" = String, Path)),
    request_body = NewQuestion, responses((status = 201, body = ShownQuestion), (status = 400, body = Problem),
    (status = 401, body = Problem), (status = 404, body = Problem), (status = 409, body = Problem),
    (status = 415, body = Problem), (status = 422, body = Problem)), security(("session" = []), ("token" = [])))]
async fn ask(
    State(shared): State<Shared>,
    Signed(actor): Signed,
    Path(id): Path<String>,
    Body(new): Body<NewQuestion>,
) -> Result<impl IntoResponse, ApiError> {
    let asked = shared.app.question_ask(&actor, &id, &new.question).await?;
    Ok((StatusCode::CREATED, Json(ShownQuestion::from(asked))))
}

#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
struct NewAnswer {
    /// Up to 10,000 characters.
    answer: String,
}

/// 答复提问
///
/// By the publisher, until closing; an answer stays as it is.
#[utoipa::path(put, path = "/api/v1/challenges/{id}/questions/{question}/answer", tag = "board",
    params(("id" = String, Path), ("question" = String, Path)), request_body = NewAnswer, responses(
    (status = 204), (status = 400, body = Problem), (status = 401, body = Problem), (status = 403, body = Problem),
    (status = 404, body = Problem), (status = 409, body = Problem), (status = 415, body = Problem),
    (status = 422, body = Problem)), security(("session" = []), ("token" = [])))]
async fn answer(
    State(shared): State<Shared>,
    Signed(actor): Signed,
    Path((id, question)): Path<(String, String)>,
    Body(new): Body<NewAnswer>,
) -> Result<StatusCode, ApiError> {
    shared.app.question_answer(&actor, (&id, &question), &new.answer, None).await?;
    Ok(StatusCode::NO_CONTENT)
}
