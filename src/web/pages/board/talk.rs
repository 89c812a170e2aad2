//! What people do on the page of a challenge: watch it, ask, answer, add documents, agree to keep them
//! and download them; and what each amendment changed.

use askama::Template;
use axum::Router;
use axum::extract::multipart::MultipartRejection;
use axum::extract::{Multipart, Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use serde::Deserialize;

use super::publish::managed;
use super::show::render;
use crate::app::AppError;
use crate::domain::challenge::difference::{TermsDifference, challenge_differences};
use crate::domain::challenge::status::ChallengeStatus;
use crate::domain::text_diff::Change;
use crate::store::board::challenges::{ChallengeRecord, ChallengeTerms};
use crate::web::Shared;
use crate::web::download;
use crate::web::error::PageError;
use crate::web::pages::forms::{Problems, Sent, see, sent_file, sent_form};
use crate::web::pages::frame::Frame;
use crate::web::pages::{page, shown};

pub fn router() -> Router<Shared> {
    Router::new()
        .route("/challenges/watched", get(watched))
        .route("/challenges/{id}/watch", post(watch))
        .route("/challenges/{id}/unwatch", post(unwatch))
        .route("/challenges/{id}/questions", post(ask))
        .route("/challenges/{id}/questions/{question}/answer", post(answer))
        .route("/challenges/{id}/agreement", post(agree))
        .route("/challenges/{id}/files", post(add_document))
        .route("/challenges/{id}/files/{file}", get(document))
        .route("/challenges/{id}/files/{file}/deletion", post(delete_document))
        .route("/challenges/{id}/changes/{number}", get(changes))
}

fn place(id: &str) -> String {
    format!("/challenges/{}", crate::domain::search::percent_encoded(id))
}

#[derive(Template)]
#[template(path = "board/watched.html", config = "src/web/askama.toml")]
struct Watched {
    frame: Frame,
    rows: Vec<ChallengeRecord>,
    now: i64,
}

async fn watched(State(shared): State<Shared>, frame: Frame) -> Result<Response, PageError> {
    let rows = shared.app.challenges_watched(frame.signed()?).await?;
    let now = shared.app.board_time().await?;
    Ok(page(StatusCode::OK, &Watched { frame, rows, now }))
}

async fn watch(State(shared): State<Shared>, frame: Frame, Path(id): Path<String>) -> Result<Response, PageError> {
    shared.app.challenge_watch(frame.signed()?, &id).await?;
    Ok(see(&place(&id), "watched"))
}

async fn unwatch(State(shared): State<Shared>, frame: Frame, Path(id): Path<String>) -> Result<Response, PageError> {
    shared.app.challenge_unwatch(frame.signed()?, &id).await?;
    Ok(see(&place(&id), "unwatched"))
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Said {
    question: String,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Answered {
    answer: String,
}

async fn ask(
    State(shared): State<Shared>,
    frame: Frame,
    Path(id): Path<String>,
    Sent(said): Sent<Said>,
) -> Result<Response, PageError> {
    match shared.app.question_ask(frame.signed()?, &id, &said.question).await {
        Ok(_) => Ok(see(&place(&id), "asked")),
        Err(error) => {
            let problems = Problems::of(error)?.or_at("question");
            render(&shared, frame, &id, problems, said.question).await
        }
    }
}

async fn answer(
    State(shared): State<Shared>,
    frame: Frame,
    Path((id, question)): Path<(String, String)>,
    form: Result<Multipart, MultipartRejection>,
) -> Result<Response, PageError> {
    let (done, typed) = match sent_form::<Answered>(form).await {
        Ok((sent, file)) => {
            let done = shared.app.question_answer(frame.signed()?, (&id, &question), &sent.answer, file).await;
            (done, sent.answer)
        }
        Err(error) => (Err(error), String::new()),
    };
    match done {
        Ok(()) => Ok(see(&place(&id), "answered")),
        Err(error) => {
            let problems = Problems::of(error)?.moved("file", &format!("file-{question}"));
            render(&shared, frame, &id, problems.or_at(&format!("answer-{question}")), typed).await
        }
    }
}

async fn add_document(
    State(shared): State<Shared>,
    frame: Frame,
    Path(id): Path<String>,
    form: Result<Multipart, MultipartRejection>,
) -> Result<Response, PageError> {
    let actor = frame.signed()?;
    let done = match sent_file(form).await {
        Ok(file) => shared.app.document_add(actor, (&id, None), file).await,
        Err(error) => Err(error),
    };
    match done {
        Ok(_) => Ok(see(&format!("/challenges/{id}/manage"), "attached")),
        Err(error) => managed(&shared, frame, &id, Problems::of(error)?.or_at("file"), String::new()).await,
    }
}

async fn delete_document(
    State(shared): State<Shared>,
    frame: Frame,
    Path((id, file)): Path<(String, String)>,
) -> Result<Response, PageError> {
    match shared.app.document_delete(frame.signed()?, &id, &file).await {
        Ok(()) => Ok(see(&format!("/challenges/{id}/manage"), "deleted")),
        Err(error) => managed(&shared, frame, &id, Problems::of(error)?.or_at("file"), String::new()).await,
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Agreed {
    /// Of the text that was read.
    version: String,
    agree: String,
}

async fn agree(
    State(shared): State<Shared>,
    frame: Frame,
    Path(id): Path<String>,
    Sent(agreed): Sent<Agreed>,
) -> Result<Response, PageError> {
    let done = match agreed.agree.as_str() {
        "yes" => shared.app.agreement_make(frame.signed()?, &id, agreed.version.parse().unwrap_or_default()).await,
        _ => Err(AppError::invalid("agree", "not-agreed", "请先阅读并勾选同意")),
    };
    match done {
        Ok(()) => Ok(see(&place(&id), "agreed")),
        Err(error) => render(&shared, frame, &id, Problems::of(error)?.or_at("agree"), String::new()).await,
    }
}

async fn document(
    State(shared): State<Shared>,
    frame: Frame,
    Path((id, file)): Path<(String, String)>,
) -> Result<Response, PageError> {
    let (kept, content) = shared.app.challenge_document(frame.actor.as_ref(), &id, &file).await?;
    Ok(download::file(&kept.name, &kept.media_type, content)?)
}

#[derive(Template)]
#[template(path = "board/changes.html", config = "src/web/askama.toml")]
struct Changes {
    frame: Frame,
    challenge: ChallengeRecord,
    /// Those that hold from the change on.
    terms: ChallengeTerms,
    differences: Vec<TermsDifference>,
    /// Whether there is a change before, and after.
    has_before: bool,
    has_after: bool,
}

async fn changes(
    State(shared): State<Shared>,
    frame: Frame,
    Path((id, number)): Path<(String, String)>,
) -> Result<Response, PageError> {
    let challenge = shared.app.challenge_public(&id).await?;
    let missing = || AppError::NotFound("变更");
    let number: i64 = number.parse().map_err(|_| missing())?;
    let mut all = shared.app.challenge_terms(&id).await?;
    let at = all.iter().position(|terms| terms.number == number).filter(|at| *at > 0).ok_or_else(missing)?;
    let (has_before, has_after) = (at > 1, at + 1 < all.len());
    let terms = all.swap_remove(at);
    let differences = challenge_differences(&all[at - 1].content, &terms.content, |at| shown::minute(&at));
    Ok(page(StatusCode::OK, &Changes { frame, challenge, terms, differences, has_before, has_after }))
}
