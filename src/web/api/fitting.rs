//! Needs that fit the own profile, where it stands for them, and why it is not higher.

use axum::Json;
use axum::extract::{Path, State};
use serde::{Deserialize, Serialize};
use utoipa::{IntoParams, ToSchema};
use utoipa_axum::router::OpenApiRouter;
use utoipa_axum::routes;

use super::published_needs::ListedPublishedNeed;
use crate::app::AppError;
use crate::app::explain::Proof;
use crate::app::fitting::position::{Position, Rival};
use crate::app::fitting::summary::Summary;
use crate::app::fitting::{self, Outcome, PAGES};
use crate::domain::findability::Review;
use crate::matching::explain::Words;
use crate::web::Shared;
use crate::web::error::{ApiError, Problem};
use crate::web::extract::{Params, Signed};

pub fn router() -> OpenApiRouter<Shared> {
    OpenApiRouter::new().routes(routes!(needs)).routes(routes!(why_not)).routes(routes!(findability))
}

/// A published need with where the own profile stands for it.
#[derive(Debug, Serialize, ToSchema)]
struct FittingNeed {
    need: ListedPublishedNeed,
    /// Absent where the profile is no candidate, or not shown.
    position: Option<Position>,
}

/// A page of needs, where the profile fits best first.
#[derive(Debug, Serialize, ToSchema)]
struct FittingNeeds {
    needs: Vec<FittingNeed>,
    /// Number of the next page, if there is one.
    next: Option<usize>,
    /// Whether the profile is matched at all; a hidden one is not.
    is_shown: bool,
}

impl FittingNeeds {
    fn of(found: fitting::FittingNeeds, page: usize) -> Self {
        let need =
            |n: fitting::FittingNeed| FittingNeed { need: ListedPublishedNeed::of(n.record), position: n.position };
        Self {
            needs: found.needs.into_iter().map(need).collect(),
            next: found.has_more.then_some(page + 1),
            is_shown: found.is_shown,
        }
    }
}

#[derive(Deserialize, IntoParams)]
#[into_params(parameter_in = Query)]
struct Wanted {
    /// 1 to 5: the nearest needs first.
    #[serde(default = "first")]
    page: usize,
}

fn first() -> usize {
    1
}

/// 适合我的需求
///
/// Published needs nearest to what the own profile does, each with the place that it has for it. A
/// page is of the ten next nearest.
#[utoipa::path(get, path = "/api/v1/profile/needs", tag = "profile", params(Wanted), responses(
    (status = 200, body = FittingNeeds), (status = 401, body = Problem), (status = 403, body = Problem),
    (status = 404, body = Problem), (status = 422, body = Problem)), security(("session" = []), ("token" = [])))]
async fn needs(
    State(shared): State<Shared>,
    Signed(actor): Signed,
    Params(Wanted { page }): Params<Wanted>,
) -> Result<Json<FittingNeeds>, ApiError> {
    if !(1..=PAGES).contains(&page) {
        return Err(AppError::invalid("page", "out-of-range", format!("页码应在 1 到 {PAGES} 之间")).into());
    }
    Ok(Json(FittingNeeds::of(shared.app.fitting_needs(&actor, page - 1).await?, page)))
}

/// Why the own profile stands where it stands for a need.
#[derive(Debug, Serialize, ToSchema)]
struct WhyNot {
    need: ListedPublishedNeed,
    /// `placed`, `no_match`; `not_shown` for a profile that is hidden, or not indexed yet.
    outcome: &'static str,
    position: Option<Position>,
    /// Whether the list is that which the enterprise sees; if not, it is that of all who match at all.
    is_candidate: bool,
    /// The words of the need, where nothing matches.
    words: Option<Words>,
    /// The own evidence that matches best.
    proofs: Vec<Proof>,
    /// The first few who are placed better, without names.
    rivals: Vec<Rival>,
    review: Review,
}

/// 为什么不是我
///
/// Compares the own profile with those placed better for a published need: the words and the public
/// evidence that they have. Nothing of others that they keep hidden, and no names.
#[utoipa::path(get, path = "/api/v1/profile/needs/{id}", tag = "profile", params(("id" = String, Path)), responses(
    (status = 200, body = WhyNot), (status = 401, body = Problem), (status = 403, body = Problem),
    (status = 404, body = Problem)), security(("session" = []), ("token" = [])))]
async fn why_not(
    State(shared): State<Shared>,
    Signed(actor): Signed,
    Path(id): Path<String>,
) -> Result<Json<WhyNot>, ApiError> {
    let fitting::WhyNot { record, review, outcome } = shared.app.why_not(&actor, &id).await?;
    let blank = WhyNot {
        need: ListedPublishedNeed::of(record),
        outcome: "not_shown",
        position: None,
        is_candidate: false,
        words: None,
        proofs: Vec::new(),
        rivals: Vec::new(),
        review,
    };
    Ok(Json(match outcome {
        Outcome::NotShown => blank,
        Outcome::NoMatch { words } => WhyNot { outcome: "no_match", words: Some(words), ..blank },
        Outcome::Placed(placed) => WhyNot {
            outcome: "placed",
            position: Some(placed.position),
            is_candidate: placed.is_candidate,
            proofs: placed.own.proofs,
            rivals: placed.rivals,
            ..blank
        },
    }))
}

/// How well the own profile can be found.
#[derive(Debug, Serialize, ToSchema)]
struct Findability {
    review: Review,
    summary: Summary,
    needs: FittingNeeds,
}

/// 被发现程度
///
/// How complete the own profile is, where it stands for the ten nearest needs, and which gaps cost it
/// places.
#[utoipa::path(get, path = "/api/v1/profile/findability", tag = "profile", responses(
    (status = 200, body = Findability), (status = 401, body = Problem), (status = 403, body = Problem),
    (status = 404, body = Problem)), security(("session" = []), ("token" = [])))]
async fn findability(State(shared): State<Shared>, Signed(actor): Signed) -> Result<Json<Findability>, ApiError> {
    let fitting::Findability { review, fitting, summary } = shared.app.findability(&actor).await?;
    Ok(Json(Findability { review, summary, needs: FittingNeeds::of(fitting, 1) }))
}
