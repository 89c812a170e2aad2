//! "This profile is mine": a search by name, the claim, how it stands.
//!
//! The name that is searched for is sent in a form, not in an address: addresses are kept in logs
//! and histories.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::response::Response;
use axum::routing::{get, post};
use serde::Deserialize;

use super::{begin, own};
use crate::app::talents::{Claimable, Found};
use crate::app::{Actor, AppError};
use crate::domain::FieldProblem;
use crate::store::{Claim, ClaimStatus};
use crate::web::Shared;
use crate::web::error::PageError;
use crate::web::pages::forms::{Problems, Sent, see};
use crate::web::pages::frame::Frame;
use crate::web::pages::page;

pub fn router() -> Router<Shared> {
    Router::new().route("/profile/claim", get(show).post(claim)).route("/profile/claim/search", post(search))
}

/// Claims of one account that are looked through for the newest.
const CLAIMS: i64 = 100;

/// The newest claim of the actor, with the name of its profile.
pub async fn newest(shared: &Shared, actor: &Actor) -> Result<Option<(Claim, String)>, PageError> {
    let Some(claim) = shared.app.claims_own(actor, "", CLAIMS).await?.pop() else { return Ok(None) };
    let name = match shared.app.talent_public(&claim.talent).await {
        Ok(Found::Talent(found)) => found.talent.name,
        Ok(Found::Moved(_)) | Err(AppError::NotFound(_)) => "（已不公开的档案）".to_owned(),
        Err(error) => return Err(error.into()),
    };
    Ok(Some((claim, name)))
}

/// A claim as its form has it.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct ClaimForm {
    /// Whose profiles are shown.
    name: String,
    talent: String,
    statement: String,
    consent: String,
}

#[derive(Template)]
#[template(path = "profile/claim.html", config = "src/web/askama.toml")]
struct ClaimPage {
    frame: Frame,
    form: ClaimForm,
    found: Vec<Claimable>,
    problems: Problems,
}

impl ClaimPage {
    async fn of(shared: &Shared, frame: Frame, form: ClaimForm, problems: Problems) -> Result<Response, PageError> {
        let found = shared.app.claimable(frame.signed()?, &form.name).await?;
        let status = problems.status();
        Ok(page(status, &Self { frame, form, found, problems }))
    }
}

async fn show(State(shared): State<Shared>, frame: Frame) -> Result<Response, PageError> {
    if own(&shared, &frame).await?.is_some() {
        return Ok(begin());
    }
    let form = ClaimForm { name: frame.signed()?.name.clone(), ..ClaimForm::default() };
    ClaimPage::of(&shared, frame, form, Problems::default()).await
}

/// Changes nothing, so that a reload may ask again.
async fn search(
    State(shared): State<Shared>,
    frame: Frame,
    Sent(form): Sent<ClaimForm>,
) -> Result<Response, PageError> {
    ClaimPage::of(&shared, frame, form, Problems::default()).await
}

async fn claim(State(shared): State<Shared>, frame: Frame, Sent(form): Sent<ClaimForm>) -> Result<Response, PageError> {
    let done = if form.talent.is_empty() {
        Err(AppError::Invalid(vec![FieldProblem::new("talent", "missing-value", "请在名单里选中您的档案")]))
    } else {
        let actor = frame.signed()?;
        shared.app.claim_create(actor, &form.talent, &form.statement, !form.consent.is_empty()).await.map(drop)
    };
    match done {
        Ok(()) => Ok(see("/profile", "claimed")),
        Err(error) => {
            let problems = Problems::of(error)?.or_at("talent");
            ClaimPage::of(&shared, frame, form, problems).await
        }
    }
}

/// How a claim stands, for people.
pub fn standing(claim: &Claim) -> (&'static str, &'static str) {
    match claim.status {
        ClaimStatus::Pending => ("等待平台审核", "平台运营方核对后决定；通过后档案归您管理，结果显示在这里。"),
        ClaimStatus::Approved => ("已通过", "档案已归您管理。"),
        ClaimStatus::Refused => ("未通过", "可以补充说明后再次认领，或建立自己的档案。"),
    }
}
