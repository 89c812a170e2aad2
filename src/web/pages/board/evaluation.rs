//! From the ranking to the contract, for the publisher; objections, for who raises and who answers
//! them.

use askama::Template;
use axum::Router;
use axum::extract::multipart::MultipartRejection;
use axum::extract::{Multipart, Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use serde::Deserialize;

use crate::app::AppError;
use crate::app::board::content::BidContent;
use crate::app::board::evaluation::Evaluation;
use crate::domain::challenge::contract::Contract;
use crate::domain::challenge::status::ChallengeStatus;
use crate::domain::hex::hex;
use crate::domain::money::{MoneyUnit, money};
use crate::domain::text::{half_width, tidied};
use crate::domain::{Action, FieldProblem};
use crate::store::board::bids::BidRecord;
use crate::store::board::challenges::ChallengeRecord;
use crate::web::error::{ApiError, PageError};
use crate::web::pages::forms::{Problems, Sent, see, sent_form};
use crate::web::pages::frame::Frame;
use crate::web::pages::{page, shown};
use crate::web::{Shared, download};

pub fn router() -> Router<Shared> {
    Router::new()
        .route("/challenges/{id}/evaluation", get(show))
        .route("/challenges/{id}/evaluation/{bid}", get(bid))
        .route("/challenges/{id}/evaluation/{bid}/files/{file}", get(file))
        .route("/challenges/{id}/choice", post(choose))
        .route("/challenges/{id}/award", post(award))
        .route("/challenges/{id}/contract", post(contract))
        .route("/challenges/{id}/objections", post(object))
        .route("/challenges/{id}/objections/{objection}", post(answer))
}

#[derive(Template)]
#[template(path = "board/evaluation.html", config = "src/web/askama.toml")]
struct EvaluationPage {
    frame: Frame,
    of: Evaluation,
    problems: Problems,
    typed: Typed,
}

impl EvaluationPage {
    fn may_answer(&self) -> bool {
        self.frame.may(Action::ChallengeDecide) && self.of.challenge.status == ChallengeStatus::Chosen
    }

    fn is_chosen(&self, bid: &str) -> bool {
        self.of.challenge.chosen.as_deref() == Some(bid)
    }
}

/// What was typed into the forms of the page.
#[derive(Debug, Default)]
struct Typed {
    choice: Choice,
    contract: ContractForm,
    /// Id of an objection, and the answer.
    answer: (String, String),
}

async fn show(State(shared): State<Shared>, frame: Frame, Path(id): Path<String>) -> Result<Response, PageError> {
    render(&shared, frame, &id, Problems::default(), Typed::default()).await
}

async fn render(
    shared: &Shared,
    frame: Frame,
    id: &str,
    problems: Problems,
    typed: Typed,
) -> Result<Response, PageError> {
    let of = shared.app.evaluation(frame.signed()?, id).await?;
    Ok(page(problems.status(), &EvaluationPage { frame, of, problems, typed }))
}

/// Back to the page with what was done, or with what was wrong.
async fn stepped(
    shared: &Shared,
    frame: Frame,
    id: &str,
    done: Result<(), AppError>,
    (code, typed): (&str, Typed),
) -> Result<Response, PageError> {
    match done {
        Ok(()) => Ok(see(&format!("/challenges/{id}/evaluation"), code)),
        Err(error) => {
            let stale = "榜单刚刚有变化，下面是现在的样子：请看过之后再提交";
            render(shared, frame, id, Problems::or_stale(error, stale)?, typed).await
        }
    }
}

#[derive(Template)]
#[template(path = "board/evaluation_bid.html", config = "src/web/askama.toml")]
struct BidPage {
    frame: Frame,
    challenge: ChallengeRecord,
    record: BidRecord,
    content: BidContent,
}

async fn bid(
    State(shared): State<Shared>,
    frame: Frame,
    Path((id, bid)): Path<(String, String)>,
) -> Result<Response, PageError> {
    let (challenge, record, content) = shared.app.evaluation_bid(frame.signed()?, &id, &bid).await?;
    Ok(page(StatusCode::OK, &BidPage { frame, challenge, record, content }))
}

async fn file(
    State(shared): State<Shared>,
    frame: Frame,
    Path((id, bid, file)): Path<(String, String, String)>,
) -> Result<Response, ApiError> {
    let actor = frame.actor.as_ref().ok_or(AppError::Unauthenticated)?;
    let (file, content) = shared.app.evaluation_file(actor, (&id, &bid), &file).await?;
    Ok(download::file(&file.name, &file.media_type, content)?)
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Choice {
    version: i64,
    bid: String,
    reason: String,
}

async fn choose(
    State(shared): State<Shared>,
    frame: Frame,
    Path(id): Path<String>,
    Sent(choice): Sent<Choice>,
) -> Result<Response, PageError> {
    let done = shared.app.award_choose(frame.signed()?, (&id, choice.version), &choice.bid, &choice.reason).await;
    stepped(&shared, frame, &id, done, ("chosen", Typed { choice, ..Typed::default() })).await
}

#[derive(Deserialize)]
struct Version {
    version: i64,
}

async fn award(
    State(shared): State<Shared>,
    frame: Frame,
    Path(id): Path<String>,
    Sent(sent): Sent<Version>,
) -> Result<Response, PageError> {
    let done = shared.app.award_publish(frame.signed()?, (&id, sent.version)).await;
    stepped(&shared, frame, &id, done, ("awarded", Typed::default())).await
}

/// A contract as its form has it; money in 万元.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct ContractForm {
    version: i64,
    amount: String,
    signed_on: String,
    starts_on: String,
    ends_on: String,
    first_payment: String,
    first_paid_on: String,
}

impl ContractForm {
    fn contract(&self) -> Result<Contract, AppError> {
        let mut problems = Vec::new();
        let mut yuan = |field: &str, text: &str| match tidied(text) {
            text if text.is_empty() => 0,
            text => money(&text, MoneyUnit::TenThousand).unwrap_or_else(|fault| {
                problems.push(FieldProblem::at(field, fault));
                0
            }),
        };
        let (amount, first_payment) = (yuan("amount", &self.amount), yuan("first_payment", &self.first_payment));
        if !problems.is_empty() {
            return Err(AppError::Invalid(problems));
        }
        let day = |text: &str| half_width(text).trim().to_owned();
        Ok(Contract {
            amount,
            signed_on: day(&self.signed_on),
            starts_on: day(&self.starts_on),
            ends_on: day(&self.ends_on),
            first_payment,
            first_paid_on: day(&self.first_paid_on),
        })
    }
}

async fn contract(
    State(shared): State<Shared>,
    frame: Frame,
    Path(id): Path<String>,
    form: Result<Multipart, MultipartRejection>,
) -> Result<Response, PageError> {
    let actor = frame.signed()?.clone();
    let (form, file): (ContractForm, _) = match sent_form(form).await {
        Ok(sent) => sent,
        Err(error) => return stepped(&shared, frame, &id, Err(error), ("", Typed::default())).await,
    };
    let done = match form.contract() {
        Ok(contract) => shared.app.contract_record(&actor, (&id, form.version), contract, file).await,
        Err(error) => Err(error),
    };
    stepped(&shared, frame, &id, done, ("contracted", Typed { contract: form, ..Typed::default() })).await
}

#[derive(Deserialize)]
struct Objection {
    #[serde(default)]
    text: String,
}

async fn object(
    State(shared): State<Shared>,
    frame: Frame,
    Path(id): Path<String>,
    Sent(sent): Sent<Objection>,
) -> Result<Response, PageError> {
    match shared.app.objection_raise(frame.signed()?, &id, &sent.text).await {
        Ok(()) => Ok(see(&format!("/challenges/{id}"), "objected")),
        Err(error) => super::show::render(&shared, frame, &id, Problems::of(error)?, sent.text).await,
    }
}

#[derive(Deserialize)]
struct Answered {
    #[serde(default)]
    answer: String,
    /// `yes` where it is right.
    #[serde(default)]
    upheld: String,
}

async fn answer(
    State(shared): State<Shared>,
    frame: Frame,
    Path((id, objection)): Path<(String, String)>,
    Sent(sent): Sent<Answered>,
) -> Result<Response, PageError> {
    let upheld = sent.upheld == "yes";
    let done = shared.app.objection_answer(frame.signed()?, (&id, &objection), &sent.answer, upheld).await;
    stepped(
        &shared,
        frame,
        &id,
        done,
        ("objection-answered", Typed { answer: (objection, sent.answer), ..Typed::default() }),
    )
    .await
}
