//! What a bidder does: write, hand in, replace, take back; the consortium; the receipt.

use askama::Template;
use axum::Router;
use axum::extract::multipart::MultipartRejection;
use axum::extract::{Multipart, Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde::Deserialize;

use super::bid_form::BidForm;
use crate::app::board::bids::{BidRow, BidView};
use crate::app::board::consortium::Part;
use crate::app::board::content::BidContent;
use crate::app::board::evaluation::OwnScores;
use crate::app::imports::SentFile;
use crate::app::{Actor, AppError};
use crate::domain::challenge::bid::MemberStatus;
use crate::domain::challenge::status::{BidStatus, ChallengeStatus};
use crate::domain::{FieldProblem, Talent};
use crate::store::board::bids::BidMember;
use crate::web::error::{ApiError, PageError};
use crate::web::pages::forms::{Problems, Sent, see, sent_file};
use crate::web::pages::frame::Frame;
use crate::web::pages::{page, shown};
use crate::web::{Shared, download};

pub fn router() -> Router<Shared> {
    Router::new()
        .route("/challenges/{id}/bid", post(begin))
        .route("/bids", get(list))
        .route("/bids/{id}", get(show))
        .route("/bids/{id}/edit", get(edit).post(write))
        .route("/bids/{id}/submission", post(submit))
        .route("/bids/{id}/withdrawal", post(withdraw))
        .route("/bids/{id}/confirmation", post(confirm))
        .route("/bids/{id}/membership", post(join))
        .route("/bids/{id}/receipt.json", get(receipt))
        .route("/bids/{id}/files", post(attach))
        .route("/bids/{id}/files/{file}", get(file))
        .route("/bids/{id}/files/{file}/deletion", post(detach))
}

async fn begin(State(shared): State<Shared>, frame: Frame, Path(id): Path<String>) -> Result<Response, PageError> {
    match shared.app.bid_begin(frame.signed()?, &id).await {
        Ok(bid) => Ok(see(&format!("/bids/{bid}/edit"), "")),
        // A colleague began it at the same moment.
        Err(AppError::Stale) => Ok(see("/bids", "")),
        Err(error) => super::show::render(&shared, frame, &id, Problems::of(error)?, String::new()).await,
    }
}

#[derive(Template)]
#[template(path = "board/bids.html", config = "src/web/askama.toml")]
struct List {
    frame: Frame,
    rows: Vec<BidRow>,
    now: i64,
}

async fn list(State(shared): State<Shared>, frame: Frame) -> Result<Response, PageError> {
    let rows = match shared.app.bids_own(frame.signed()?).await {
        Err(AppError::Conflict { .. }) => Vec::new(),
        rows => rows?,
    };
    let now = shared.app.board_time().await?;
    Ok(page(StatusCode::OK, &List { frame, rows, now }))
}

#[derive(Template)]
#[template(path = "board/bid.html", config = "src/web/askama.toml")]
struct BidPage {
    frame: Frame,
    view: BidView,
    /// What was handed in, else what is being written.
    content: BidContent,
    /// The own organisation's part, where it does not lead.
    part: Option<BidMember>,
    own: Option<MemberStatus>,
    /// After the award.
    scores: Option<OwnScores>,
    problems: Problems,
}

async fn show(State(shared): State<Shared>, frame: Frame, Path(id): Path<String>) -> Result<Response, PageError> {
    render(&shared, frame, &id, Problems::default()).await
}

async fn render(shared: &Shared, frame: Frame, id: &str, problems: Problems) -> Result<Response, PageError> {
    let actor = frame.signed()?;
    let view = shared.app.bid_view(actor, id).await?;
    let content = shared.app.bid_content(&view).await?;
    let scores = shared.app.bid_scores(actor, id).await?;
    let mine = |m: &&BidMember| Some(&m.organisation) == actor.organisation.as_ref();
    let part = view.members.iter().find(mine).filter(|_| !view.leads).cloned();
    let (own, status) = (part.as_ref().map(|m| m.status), problems.status());
    Ok(page(status, &BidPage { frame, view, content, part, own, scores, problems }))
}

#[derive(Template)]
#[template(path = "board/bid_edit.html", config = "src/web/askama.toml")]
struct EditPage {
    frame: Frame,
    view: BidView,
    form: BidForm,
    /// Who may be in the team.
    talents: Vec<Talent>,
    problems: Problems,
}

async fn edit(State(shared): State<Shared>, frame: Frame, Path(id): Path<String>) -> Result<Response, PageError> {
    let view = shared.app.bid_view(frame.signed()?, &id).await?;
    if !view.leads || !view.is_open {
        return Ok(see(&format!("/bids/{id}"), ""));
    }
    let form = BidForm::of(&view.draft, &view.members, view.record.version);
    edited(&shared, frame, view, form, Problems::default()).await
}

async fn edited(
    shared: &Shared,
    frame: Frame,
    view: BidView,
    form: BidForm,
    problems: Problems,
) -> Result<Response, PageError> {
    let talents = shared.app.bid_talents(&view.members, &form.team).await?;
    let status = problems.status();
    Ok(page(status, &EditPage { frame, view, form, talents, problems }))
}

#[derive(Template)]
#[template(path = "board/bid_autosaved.html", config = "src/web/askama.toml")]
struct Autosaved {
    /// Of the draft, where it was saved.
    version: Option<i64>,
    told: String,
}

async fn write(
    State(shared): State<Shared>,
    frame: Frame,
    Path(id): Path<String>,
    Sent(form): Sent<BidForm>,
) -> Result<Response, PageError> {
    let actor = frame.signed()?.clone();
    let (bid, partners, unread) = form.bid();
    if form.r#do == "autosave" {
        let done = match unread.first() {
            Some(problem) => Err(AppError::Invalid(vec![problem.clone()])),
            None => shared.app.bid_write(&actor, &id, form.version(), bid, &partners).await,
        };
        return autosaved(&shared, done);
    }
    let view = shared.app.bid_view(&actor, &id).await?;
    if form.r#do == "add" {
        return edited(&shared, frame, view, form, Problems::default()).await;
    }
    if !unread.is_empty() {
        return edited(&shared, frame, view, form, unread.into()).await;
    }
    let kept = match shared.app.bid_write(&actor, &id, form.version(), bid, &partners).await {
        Ok(version) => version,
        Err(AppError::Stale) => {
            let form = BidForm { version: view.record.version.to_string(), ..form };
            let message = "同事刚保存了较新的版本：您填写的内容还在下面，再点一次保存会覆盖它；要看那一版，请另开页面";
            return edited(&shared, frame, view, form, vec![FieldProblem::new("", "stale", message)].into()).await;
        }
        Err(error) => return edited(&shared, frame, view, form, Problems::of(error)?).await,
    };
    if form.r#do != "submit" {
        let place = if form.r#do == "preview" { format!("/bids/{id}") } else { format!("/bids/{id}/edit") };
        return Ok(see(&place, "saved"));
    }
    match shared.app.bid_submit(&actor, &id, kept).await {
        Ok(_) => Ok(see(&format!("/bids/{id}"), "bid")),
        Err(error) => {
            let form = BidForm { version: kept.to_string(), ..form };
            let view = shared.app.bid_view(&actor, &id).await?;
            edited(&shared, frame, view, form, Problems::of(error)?).await
        }
    }
}

fn autosaved(shared: &Shared, done: Result<i64, AppError>) -> Result<Response, PageError> {
    let at = shown::minute(&shared.app.now()).split(' ').next_back().unwrap_or_default().to_owned();
    let (version, told) = match done {
        Ok(version) => (Some(version), format!("{at} 已自动保存（加密）")),
        Err(AppError::Invalid(problems)) => {
            let why = problems.first().map(|p| p.message.clone()).unwrap_or_default();
            (None, format!("尚未自动保存：{why}"))
        }
        Err(AppError::Stale) => (None, "同事刚保存了较新的版本，自动保存已停止：点“保存草稿”再决定".to_owned()),
        Err(AppError::Conflict { message, .. }) => (None, message),
        Err(other) => return Err(other.into()),
    };
    Ok(page(StatusCode::OK, &Autosaved { version, told }))
}

#[derive(Deserialize)]
struct Step {
    version: i64,
}

/// The page of the bid again where a step was refused.
async fn stepped(
    shared: &Shared,
    frame: Frame,
    id: &str,
    done: Result<(), AppError>,
    code: &str,
) -> Result<Response, PageError> {
    let stale = "揭榜刚被同事改过，这一步没有做：下面是现在的内容，请看过再决定";
    match done {
        Ok(()) => Ok(see(&format!("/bids/{id}"), code)),
        Err(AppError::Invalid(problems)) => {
            // The fields are on the form, not here.
            let top = problems.into_iter().map(|p| FieldProblem { field: String::new(), ..p });
            render(shared, frame, id, top.collect::<Vec<_>>().into()).await
        }
        Err(error) => render(shared, frame, id, Problems::or_stale(error, stale)?).await,
    }
}

async fn submit(
    State(shared): State<Shared>,
    frame: Frame,
    Path(id): Path<String>,
    Sent(step): Sent<Step>,
) -> Result<Response, PageError> {
    let done = shared.app.bid_submit(frame.signed()?, &id, step.version).await.map(drop);
    stepped(&shared, frame, &id, done, "bid").await
}

async fn withdraw(
    State(shared): State<Shared>,
    frame: Frame,
    Path(id): Path<String>,
    Sent(step): Sent<Step>,
) -> Result<Response, PageError> {
    let done = shared.app.bid_withdraw(frame.signed()?, &id, step.version).await;
    stepped(&shared, frame, &id, done, "withdrawn").await
}

async fn confirm(
    State(shared): State<Shared>,
    frame: Frame,
    Path(id): Path<String>,
    Sent(step): Sent<Step>,
) -> Result<Response, PageError> {
    let done = shared.app.bid_confirm(frame.signed()?, &id, step.version).await;
    stepped(&shared, frame, &id, done, "confirmed").await
}

/// What was shown of the own part is sent along, so that nobody agrees to another.
#[derive(Deserialize)]
struct Membership {
    joins: bool,
    #[serde(default)]
    role: String,
    #[serde(default)]
    percent: u32,
}

async fn join(
    State(shared): State<Shared>,
    frame: Frame,
    Path(id): Path<String>,
    Sent(step): Sent<Membership>,
) -> Result<Response, PageError> {
    let Membership { joins, role, percent } = step;
    match shared.app.bid_join(frame.signed()?, &id, joins.then_some(Part { role, percent })).await {
        // Who has left sees it no more.
        Ok(()) if !joins => Ok(see("/bids", "left")),
        done => stepped(&shared, frame, &id, done, "joined").await,
    }
}

async fn receipt(State(shared): State<Shared>, frame: Frame, Path(id): Path<String>) -> Result<Response, PageError> {
    let receipt = shared.app.bid_receipt(frame.signed()?, &id).await?;
    let name = format!("attachment; filename=\"receipt-{}.json\"", receipt.receipt);
    let body = serde_json::to_vec_pretty(&receipt).map_err(|e| AppError::Internal(e.to_string()))?;
    Ok(([(header::CONTENT_TYPE, "application/json".to_owned()), (header::CONTENT_DISPOSITION, name)], body)
        .into_response())
}

async fn attach(
    State(shared): State<Shared>,
    frame: Frame,
    Path(id): Path<String>,
    form: Result<Multipart, MultipartRejection>,
) -> Result<Response, PageError> {
    let actor = frame.signed()?.clone();
    let done = match sent_file(form).await {
        Ok(file) => attached(&shared, &actor, &id, file).await,
        Err(error) => Err(error),
    };
    match done {
        Ok(()) => Ok(see(&format!("/bids/{id}"), "attached")),
        Err(error) => render(&shared, frame, &id, Problems::of(error)?.or_at("file")).await,
    }
}

/// Whoever adds a file has seen the bid as it is now, whatever a form beside says.
async fn attached(shared: &Shared, actor: &Actor, id: &str, file: SentFile) -> Result<(), AppError> {
    let version = shared.app.bid_view(actor, id).await?.record.version;
    shared.app.bid_file_add(actor, (id, version), file).await.map(|_| ())
}

async fn detach(
    State(shared): State<Shared>,
    frame: Frame,
    Path((id, file)): Path<(String, String)>,
) -> Result<Response, PageError> {
    let actor = frame.signed()?.clone();
    let version = shared.app.bid_view(&actor, &id).await?.record.version;
    let done = shared.app.bid_file_delete(&actor, (&id, version), &file).await.map(|_| ());
    stepped(&shared, frame, &id, done, "deleted").await
}

async fn file(
    State(shared): State<Shared>,
    frame: Frame,
    Path((id, file)): Path<(String, String)>,
) -> Result<Response, ApiError> {
    let actor = frame.actor.as_ref().ok_or(AppError::Unauthenticated)?;
    let (file, content) = shared.app.bid_file(actor, &id, &file).await?;
    Ok(download::file(&file.name, &file.media_type, content)?)
}
