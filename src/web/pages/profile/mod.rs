//! A talent's own profile: what it says, its evidence, how it is found, what fits it.
//!
//! | module | what people do |
//! |---|---|
//! | `form` | between what a browser sends and what the use cases take |
//! | `edit` | begin a profile, also from an author's file, and change it |
//! | `evidence` | add, change, hide, remove single pieces |
//! | `import` | evidence from a file: preview, then confirm |
//! | `claim` | "this profile is mine" |
//! | `fit` | how well it is found, needs that fit, why not me |

mod claim;
pub mod edit;
mod evidence;
mod fit;
pub mod form;
mod import;

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use serde::Deserialize;

use super::forms::{Problems, Sent, see};
use super::frame::Frame;
use super::{page, shown};
use crate::app::{AppError, assessment};
use crate::domain::findability::{Check, Review};
use crate::domain::taxonomy::Field;
use crate::domain::{Availability, Evidence, InvitationStatus, TalentKind, TalentStatus, Workload};
use crate::store::{Claim, TalentRecord};
use crate::web::Shared;
use crate::web::error::PageError;
use crate::web::extract::Params;
use form::ProfileForm;

pub fn router() -> Router<Shared> {
    Router::new()
        .route("/profile", get(show))
        .route("/profile/standing", axum::routing::post(set_standing))
        .route("/profile/preview", get(preview))
        .route("/profile/delete", get(ask_delete).post(delete))
        .merge(claim::router())
        .merge(edit::router())
        .merge(evidence::router())
        .merge(fit::router())
        .merge(import::router())
}

/// Open checks that the overview names.
const FIRST_CHECKS: usize = 3;

/// The actor's own profile, if there is one.
async fn own(shared: &Shared, frame: &Frame) -> Result<Option<TalentRecord>, PageError> {
    let actor = frame.signed()?;
    match shared.app.talent_own(actor).await {
        Ok(id) => Ok(Some(shared.app.talent_get(actor, &id).await?)),
        Err(AppError::NotFound(_)) => Ok(None),
        Err(error) => Err(error.into()),
    }
}

/// Whoever has no profile yet begins one.
fn begin() -> Response {
    see("/profile", "")
}

/// Those pages of the profile between which its tabs lead.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Tab {
    Profile,
    Evidence,
    Findability,
    Needs,
    Preview,
}

impl Tab {
    const ALL: [Self; 5] = [Self::Profile, Self::Evidence, Self::Findability, Self::Needs, Self::Preview];

    const fn path(self) -> &'static str {
        match self {
            Self::Profile => "/profile",
            Self::Evidence => "/profile/evidence",
            Self::Findability => "/profile/findability",
            Self::Needs => "/profile/needs",
            Self::Preview => "/profile/preview",
        }
    }

    const fn label(self) -> &'static str {
        match self {
            Self::Profile => "档案",
            Self::Evidence => "成果",
            Self::Findability => "被发现程度",
            Self::Needs => "适合我的需求",
            Self::Preview => "企业看到的",
        }
    }
}

#[derive(Template)]
#[template(path = "profile/show.html", config = "src/web/askama.toml")]
struct Overview {
    frame: Frame,
    tab: Tab,
    record: TalentRecord,
    workload: Workload,
    review: Review,
    /// Invitations that wait for an answer.
    waiting: i64,
    form: ProfileForm,
    problems: Problems,
}

impl Overview {
    /// What costs most.
    fn first_checks(&self) -> impl Iterator<Item = &Check> {
        self.review.checks.iter().filter(|check| !check.is_done()).take(FIRST_CHECKS)
    }
}

#[derive(Template)]
#[template(path = "profile/begin.html", config = "src/web/askama.toml")]
struct Begin {
    frame: Frame,
    /// The newest claim, with the name of its profile.
    claim: Option<(Claim, String)>,
    /// Profiles of the account's name.
    namesakes: usize,
}

async fn show(State(shared): State<Shared>, frame: Frame) -> Result<Response, PageError> {
    match own(&shared, &frame).await? {
        Some(record) => {
            let form = ProfileForm::of(&record);
            overview(&shared, frame, record, form, Problems::default()).await
        }
        None => {
            let actor = frame.signed()?;
            let claim = claim::newest(&shared, actor).await?;
            let found = shared.app.claimable(actor, &actor.name).await?;
            let namesakes = found.iter().filter(|profile| !profile.is_claimed).count();
            Ok(page(StatusCode::OK, &Begin { frame, claim, namesakes }))
        }
    }
}

async fn overview(
    shared: &Shared,
    frame: Frame,
    record: TalentRecord,
    form: ProfileForm,
    problems: Problems,
) -> Result<Response, PageError> {
    let actor = frame.signed()?;
    let review = shared.app.profile_review(actor).await?;
    let workload = shared.app.workload(&record).await?;
    let counts = shared.app.invitation_counts(actor).await?;
    let waiting = counts.iter().find(|(status, _)| *status == InvitationStatus::Sent).map_or(0, |(_, count)| *count);
    let tab = Tab::Profile;
    let status = problems.status();
    Ok(page(status, &Overview { frame, tab, record, workload, review, waiting, form, problems }))
}

/// Whether the profile is shown and what its person can take, as the small form has it.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Standing {
    version: i64,
    availability: String,
    capacity: String,
    consent: String,
    visible: String,
}

async fn set_standing(
    State(shared): State<Shared>,
    frame: Frame,
    Sent(sent): Sent<Standing>,
) -> Result<Response, PageError> {
    let Some(record) = own(&shared, &frame).await? else { return Ok(begin()) };
    let Standing { version, availability, capacity, consent, visible } = sent;
    let form = ProfileForm { version, availability, capacity, consent, visible, ..ProfileForm::of(&record) };
    let done = match form.draft() {
        Ok(draft) => shared.app.talent_update(frame.signed()?, &record.talent.id, version, &draft).await.map(drop),
        Err(problems) => Err(AppError::Invalid(problems)),
    };
    match done {
        Ok(()) => Ok(see("/profile", "saved")),
        // Only these four fields are sent: whatever else was changed meanwhile stays.
        Err(AppError::Stale) => {
            let form = ProfileForm { version: record.version, ..form };
            let changed = crate::domain::FieldProblem::new("", "stale", "档案刚刚被修改过；请核对下面的内容后再保存");
            overview(&shared, frame, record, form, vec![changed].into()).await
        }
        Err(error) => overview(&shared, frame, record, form, Problems::of(error)?).await,
    }
}

/// For whom the preview is.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Reader {
    r#as: String,
}

#[derive(Template)]
#[template(path = "profile/preview.html", config = "src/web/askama.toml")]
struct Preview {
    frame: Frame,
    tab: Tab,
    record: TalentRecord,
    workload: Workload,
    /// As it is after an invitation was accepted.
    is_accepted: bool,
}

impl Preview {
    /// Pieces that are shown.
    fn pieces(&self) -> Vec<&Evidence> {
        self.record.talent.evidence.iter().filter(|piece| !self.record.hidden.contains(&piece.id)).collect()
    }
}

async fn preview(
    State(shared): State<Shared>,
    frame: Frame,
    Params(Reader { r#as }): Params<Reader>,
) -> Result<Response, PageError> {
    let Some(record) = own(&shared, &frame).await? else { return Ok(begin()) };
    let workload = shared.app.workload(&record).await?;
    let is_accepted = r#as == "accepted";
    Ok(page(StatusCode::OK, &Preview { frame, tab: Tab::Preview, record, workload, is_accepted }))
}

#[derive(Template)]
#[template(path = "profile/delete.html", config = "src/web/askama.toml")]
struct Delete {
    frame: Frame,
    record: TalentRecord,
}

async fn ask_delete(State(shared): State<Shared>, frame: Frame) -> Result<Response, PageError> {
    match own(&shared, &frame).await? {
        Some(record) => Ok(page(StatusCode::OK, &Delete { frame, record })),
        None => Ok(begin()),
    }
}

async fn delete(State(shared): State<Shared>, frame: Frame) -> Result<Response, PageError> {
    let actor = frame.signed()?;
    let id = shared.app.talent_own(actor).await?;
    shared.app.talent_delete(actor, &id).await?;
    Ok(see("/profile", "deleted"))
}

/// The fields of the taxonomy, clusters and then disciplines.
fn fields() -> Result<&'static [Field], AppError> {
    Ok(assessment::rules()?.taxonomy.fields())
}

/// A field's name; its code where there is none.
fn field_name(code: &str) -> String {
    let name = fields().ok().and_then(|all| all.iter().find(|field| field.code == code)).map(|field| &field.name);
    name.map_or_else(|| code.to_owned(), String::clone)
}

fn kind_name(kind: TalentKind) -> &'static str {
    match kind {
        TalentKind::Researcher => "个人",
        TalentKind::Team => "团队",
    }
}

fn is_shown(record: &TalentRecord) -> bool {
    record.status == TalentStatus::Active
}

/// A year that there is or is not.
fn year(piece: &Evidence) -> String {
    piece.year.map(|year| year.to_string()).unwrap_or_default()
}
