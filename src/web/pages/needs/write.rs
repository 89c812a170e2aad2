//! Writing a need: findings beside the text as it is typed, drafts that save themselves, rows of
//! targets that come and go, and two people who write at once.

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderName, HeaderValue, StatusCode};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};

use super::form::{Asked, NeedForm, RowShown, Typed};
use super::said::Said;
use super::severity;
use crate::app::{Actor, AppError, assessment};
use crate::domain::need_change::{Difference, need_differences};
use crate::domain::text_diff::Change;
use crate::domain::{FieldProblem, Need, NeedMode};
use crate::store::{Attachment, NeedRecord, Saving};
use crate::web::Shared;
use crate::web::error::PageError;
use crate::web::pages::forms::{Problems, Sent, see};
use crate::web::pages::frame::Frame;
use crate::web::pages::{page, shown};

pub fn router() -> Router<Shared> {
    Router::new()
        .route("/needs/new", get(new).post(write_new))
        .route("/needs/{id}/edit", get(edit).post(write))
        .route("/needs/findings", post(findings))
}

/// Groups of fields: label, then code and name of each.
type Fields = Vec<(&'static str, Vec<(&'static str, &'static str)>)>;

#[derive(Template)]
#[template(path = "needs/write.html", config = "src/web/askama.toml")]
struct WritePage {
    frame: Frame,
    action: String,
    form: NeedForm,
    rows: Vec<RowShown>,
    problems: Problems,
    said: Said,
    attachments: Vec<Attachment>,
    /// Why it was given back.
    reason: Option<String>,
    fields: Fields,
    modes: [(NeedMode, &'static str); 3],
}

const MODES: [(NeedMode, &str); 3] = [
    (NeedMode::Collaborative, "平台推荐市内匹配度较高的科技人才（团队），与高校院所一起攻关（第七条）"),
    (NeedMode::OpenChallenge, "公开张榜，市内外的科技创新主体都可以揭榜（第七条）"),
    (NeedMode::SelfReliant, "以本企业的力量为主，需要时也可以邀请推荐的团队"),
];

#[derive(Template)]
#[template(path = "needs/findings.html", config = "src/web/askama.toml")]
struct Findings {
    said: Said,
}

#[derive(Template)]
#[template(path = "needs/autosaved.html", config = "src/web/askama.toml")]
struct AutosavedPart {
    result: Autosaved,
}

/// What came of a draft's saving itself.
enum Autosaved {
    Kept { id: String, version: i64, at: String },
    Refused { why: String },
}

#[derive(Template)]
#[template(path = "needs/conflict.html", config = "src/web/askama.toml")]
struct ConflictPage {
    frame: Frame,
    form: NeedForm,
    newer: NeedRecord,
    who: String,
    differences: Vec<Difference>,
}

async fn new(State(shared): State<Shared>, frame: Frame) -> Result<Response, PageError> {
    let form = NeedForm { sitting: frame.once(), ..NeedForm::default() };
    Ok(render(&shared, frame, form, Problems::default()).await?)
}

async fn edit(State(shared): State<Shared>, frame: Frame, Path(id): Path<String>) -> Result<Response, PageError> {
    let record = shared.app.need_draft(frame.signed()?, &id).await?;
    let form = NeedForm { sitting: frame.once(), ..NeedForm::of(&record.need, record.version) };
    Ok(render(&shared, frame, form, Problems::default()).await?)
}

async fn write_new(state: State<Shared>, frame: Frame, Sent(typed): Sent<Typed>) -> Result<Response, PageError> {
    let (form, asked) = typed.into();
    answer(&state.0, frame, form, asked).await
}

async fn write(
    state: State<Shared>,
    frame: Frame,
    Path(id): Path<String>,
    Sent(typed): Sent<Typed>,
) -> Result<Response, PageError> {
    let (form, asked) = typed.into();
    answer(&state.0, frame, NeedForm { id, ..form }, asked).await
}

async fn findings(State(shared): State<Shared>, frame: Frame, Sent(typed): Sent<Typed>) -> Result<Response, PageError> {
    let (form, _): (NeedForm, Asked) = typed.into();
    let (need, unread) = form.need();
    let said = Said::of(shared.app.assess(frame.signed()?, need).await?, &unread);
    Ok(page(StatusCode::OK, &Findings { said }))
}

async fn answer(shared: &Shared, frame: Frame, mut form: NeedForm, asked: Asked) -> Result<Response, PageError> {
    match asked {
        Asked::AddRow | Asked::RemoveRow(_) => return Ok(render(shared, frame, form, Problems::default()).await?),
        Asked::Autosave => return Ok(autosave(shared, frame.signed()?, &form).await?),
        Asked::Merge | Asked::Return => {
            let newer = shared.app.need_get(frame.signed()?, &form.id).await?;
            form.take_from(NeedForm::of(&newer.need, newer.version));
        }
        Asked::Save | Asked::Preview | Asked::Submit | Asked::Attach => {}
    }
    if asked == Asked::Return {
        return Ok(render(shared, frame, form, Problems::default()).await?);
    }
    Ok(save(shared, frame, form, asked).await?)
}

async fn save(shared: &Shared, frame: Frame, mut form: NeedForm, asked: Asked) -> Result<Response, AppError> {
    let actor = frame.actor.clone().ok_or(AppError::Unauthenticated)?;
    let (need, unread) = form.need();
    if !unread.is_empty() {
        return render(shared, frame, form, unread.into()).await;
    }
    let saving = Saving::Asked { sitting: &form.sitting };
    let record = match shared.app.need_write(&actor, (&form.id, form.version), need.clone(), saving).await {
        Ok(record) => record,
        Err(AppError::Stale) => return conflict(shared, frame, &actor, form, &need).await,
        Err(error) => return refused(shared, frame, form, error).await,
    };
    (form.id, form.version) = (record.need.id.clone(), record.version);
    let here = format!("/needs/{}", form.id);
    Ok(match asked {
        Asked::Submit => match shared.app.need_submit(&actor, &form.id, form.version).await {
            Ok(_) => see(&here, "submitted"),
            Err(error) => return refused(shared, frame, form, error).await,
        },
        Asked::Preview => see(&here, "saved"),
        Asked::Attach => see(&format!("{here}/attachments"), "saved"),
        _ => see(&format!("{here}/edit"), "saved"),
    })
}

/// The form again with what was wrong; what is wrong with no field stands on top.
async fn refused(shared: &Shared, frame: Frame, form: NeedForm, error: AppError) -> Result<Response, AppError> {
    render(shared, frame, form, Problems::of(error)?).await
}

async fn render(shared: &Shared, frame: Frame, form: NeedForm, problems: Problems) -> Result<Response, AppError> {
    let actor = frame.actor.as_ref().ok_or(AppError::Unauthenticated)?;
    let (need, unread) = form.need();
    let said = Said::of(shared.app.assess(actor, need).await?, &unread);
    let (attachments, reason) = match form.id.as_str() {
        "" => (Vec::new(), None),
        id => (shared.app.attachments(actor, id).await?, shared.app.need_get(actor, id).await?.reason),
    };
    let action = if form.id.is_empty() { "/needs/new".to_owned() } else { format!("/needs/{}/edit", form.id) };
    let (rows, status, fields, modes) = (form.rows_shown(), problems.status(), fields()?, MODES);
    let shown = WritePage { frame, action, form, rows, problems, said, attachments, reason, fields, modes };
    Ok(page(status, &shown))
}

async fn autosave(shared: &Shared, actor: &Actor, form: &NeedForm) -> Result<Response, AppError> {
    let (need, unread) = form.need();
    let refused = |why: String| page(StatusCode::OK, &AutosavedPart { result: Autosaved::Refused { why } });
    if let Some(problem) = unread.first() {
        return Ok(refused(format!("尚未自动保存：{}", problem.message)));
    }
    let saving = Saving::Auto { sitting: &form.sitting };
    let record = match shared.app.need_write(actor, (&form.id, form.version), need, saving).await {
        Ok(record) => record,
        Err(AppError::Invalid(problems)) if problems.iter().all(|p| p.code == "missing-value") => {
            return Ok(refused("写下名称或技术问题之后开始自动保存".to_owned()));
        }
        Err(AppError::Invalid(problems)) => {
            let why = problems.first().map(|p| p.message.clone()).unwrap_or_default();
            return Ok(refused(format!("尚未自动保存：{why}")));
        }
        Err(AppError::Stale) => {
            return Ok(refused("同事刚保存了较新的版本，自动保存已停止：点“保存草稿”看两边的不同，再决定".to_owned()));
        }
        Err(AppError::Conflict { message, .. }) => return Ok(refused(message)),
        Err(other) => return Err(other),
    };
    let at = shown::minute(&shared.app.now()).split(' ').next_back().unwrap_or_default().to_owned();
    let here = format!("/needs/{}/edit", record.need.id);
    let result = Autosaved::Kept { id: record.need.id, version: record.version, at };
    let mut response = page(StatusCode::OK, &AutosavedPart { result }).into_response();
    // A reload shows the draft, not an empty form.
    if let Ok(here) = HeaderValue::from_str(&here) {
        response.headers_mut().insert(HeaderName::from_static("hx-replace-url"), here);
    }
    Ok(response)
}

/// What somebody else has saved meanwhile, beside what was typed.
async fn conflict(
    shared: &Shared,
    frame: Frame,
    actor: &Actor,
    mut form: NeedForm,
    mine: &Need,
) -> Result<Response, AppError> {
    let newer = shared.app.need_get(actor, &form.id).await?;
    if !newer.status.is_editable() {
        let message = format!("需求刚被改为“{}”，不能再修改；您填写的内容还在下面，可以复制出来", newer.status.name());
        return render(shared, frame, form, vec![FieldProblem::new("", "not-editable", message)].into()).await;
    }
    let taxonomy = &assessment::rules()?.taxonomy;
    let name = |code: &str| taxonomy.field(code).map_or(code, |field| field.name.as_str()).to_owned();
    let differences = need_differences(mine, &newer.need, name);
    if differences.is_empty() {
        return Ok(see(&format!("/needs/{}/edit", form.id), "saved"));
    }
    let (events, _) = shared.app.need_history(actor, &form.id, i64::MAX, 1).await?;
    let who = events.into_iter().next().map_or_else(|| "同事".to_owned(), |event| event.who);
    // From here on it is another sitting: the old one's versions are the past.
    form.sitting = frame.once();
    Ok(page(StatusCode::CONFLICT, &ConflictPage { frame, form, newer, who, differences }))
}

/// All fields of the taxonomy, clusters first.
fn fields() -> Result<Fields, AppError> {
    let all = assessment::rules()?.taxonomy.fields();
    let named = |is_cluster: bool| {
        let of = all.iter().filter(move |f| f.tier.is_some() == is_cluster);
        of.map(|f| (f.code.as_str(), f.name.as_str())).collect()
    };
    Ok(vec![("产业集群", named(true)), ("学科领域", named(false))])
}
