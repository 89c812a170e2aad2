//! What an operator does: checks challenges that were submitted.

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use serde::Deserialize;

use crate::app::board::challenges::{ChallengeVerdict, field_name};
use crate::domain::FieldProblem;
use crate::domain::challenge::status::ChallengeStatus;
use crate::store::Attachment;
use crate::store::board::challenges::ChallengeRecord;
use crate::web::Shared;
use crate::web::error::PageError;
use crate::web::extract::Params;
use crate::web::pages::forms::{Problems, Sent, see};
use crate::web::pages::frame::Frame;
use crate::web::pages::{page, shown};

pub fn router() -> Router<Shared> {
    Router::new()
        .route("/operations/challenges", get(list))
        .route("/operations/challenges/{id}", get(one))
        .route("/operations/challenges/{id}/decision", post(decide))
}

/// What an operator is shown the challenges by.
const STATUSES: [ChallengeStatus; 9] = [
    ChallengeStatus::Submitted,
    ChallengeStatus::Open,
    ChallengeStatus::Scoring,
    ChallengeStatus::Ranked,
    ChallengeStatus::Chosen,
    ChallengeStatus::Awarded,
    ChallengeStatus::Contracted,
    ChallengeStatus::Withdrawn,
    ChallengeStatus::Failed,
];

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Asked {
    status: String,
}

#[derive(Template)]
#[template(path = "board/operator_list.html", config = "src/web/askama.toml")]
struct List {
    frame: Frame,
    rows: Vec<ChallengeRecord>,
    status: ChallengeStatus,
    statuses: [ChallengeStatus; 9],
}

impl List {
    fn is_shown(&self, status: &ChallengeStatus) -> bool {
        *status == self.status
    }
}

async fn list(State(shared): State<Shared>, frame: Frame, Params(asked): Params<Asked>) -> Result<Response, PageError> {
    let status = ChallengeStatus::from_code(&asked.status).filter(|s| STATUSES.contains(s));
    let status = status.unwrap_or(ChallengeStatus::Submitted);
    let rows = shared.app.challenges_in(frame.signed()?, status).await?;
    Ok(page(StatusCode::OK, &List { frame, rows, status, statuses: STATUSES }))
}

#[derive(Template)]
#[template(path = "board/operator.html", config = "src/web/askama.toml")]
struct One {
    frame: Frame,
    challenge: ChallengeRecord,
    field: Option<String>,
    now: i64,
    documents: Vec<Attachment>,
    problems: Problems,
    typed: String,
}

async fn one(State(shared): State<Shared>, frame: Frame, Path(id): Path<String>) -> Result<Response, PageError> {
    render(&shared, frame, &id, Problems::default(), String::new()).await
}

async fn render(
    shared: &Shared,
    frame: Frame,
    id: &str,
    problems: Problems,
    typed: String,
) -> Result<Response, PageError> {
    let challenge = shared.app.challenge_checked(frame.signed()?, id).await?;
    let (field, now, status) = (field_name(&challenge), shared.app.board_time().await?, problems.status());
    let documents = shared.app.documents(&challenge).await?;
    Ok(page(status, &One { frame, challenge, field, now, documents, problems, typed }))
}

#[derive(Deserialize)]
struct Decision {
    version: i64,
    #[serde(default)]
    verdict: String,
    #[serde(default)]
    reason: String,
}

async fn decide(
    State(shared): State<Shared>,
    frame: Frame,
    Path(id): Path<String>,
    Sent(step): Sent<Decision>,
) -> Result<Response, PageError> {
    let (verdict, done) = match step.verdict.as_str() {
        "publish" => (ChallengeVerdict::Publish, "published"),
        _ => (ChallengeVerdict::GiveBack { reason: step.reason.clone() }, "given-back"),
    };
    match shared.app.challenge_decide(frame.signed()?, &id, step.version, verdict).await {
        Ok(_) => Ok(see("/operations/challenges", done)),
        Err(error) => {
            let stale = "榜单刚被改过，这一步没有做：下面是现在的内容，请看过再决定";
            let problems = Problems::or_stale(error, stale)?;
            // Its fields are on another page, but for the reason.
            let top = |p: &FieldProblem| FieldProblem {
                field: if p.field == "reason" { p.field.clone() } else { String::new() },
                ..p.clone()
            };
            let problems: Vec<FieldProblem> = problems.all().iter().map(top).collect();
            render(&shared, frame, &id, problems.into(), step.reason).await
        }
    }
}
