//! Begins a profile, also from the file of an author, and changes it.

use askama::Template;
use axum::Router;
use axum::extract::{DefaultBodyLimit, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};

use super::form::{ProfileForm, items};
use super::{begin, fields, own};
use crate::app::AppError;
use crate::app::files::Author;
use crate::domain::Availability;
use crate::domain::taxonomy::Field;
use crate::store::TalentRecord;
use crate::web::error::{ApiError, PageError};
use crate::web::pages::forms::{Problems, Sent, see};
use crate::web::pages::frame::Frame;
use crate::web::pages::page;
use crate::web::upload::SentFiles;
use crate::web::{Shared, UPLOAD_MAX};

pub fn router() -> Router<Shared> {
    Router::new()
        .route("/profile/edit", get(show).post(save))
        .route("/profile/author", get(ask_author).post(read_author))
        .route("/profile/author/chosen", post(choose_author))
        .layer(DefaultBodyLimit::max(UPLOAD_MAX))
}

/// What somebody else has changed while the form was open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    pub label: &'static str,
    /// As it is kept now, and as it was typed.
    pub kept: String,
    pub typed: String,
}

#[derive(Template)]
#[template(path = "profile/edit.html", config = "src/web/askama.toml")]
struct Edit {
    frame: Frame,
    is_new: bool,
    form: ProfileForm,
    problems: Problems,
    differences: Vec<Difference>,
    fields: &'static [Field],
    availabilities: [(&'static str, &'static str); 3],
}

impl Edit {
    fn page(
        frame: Frame,
        form: ProfileForm,
        problems: Problems,
        differences: Vec<Difference>,
    ) -> Result<Response, PageError> {
        let status = if differences.is_empty() { problems.status() } else { StatusCode::CONFLICT };
        let availabilities = Availability::ALL.map(|a| (a.code(), a.name()));
        let (is_new, problems, fields) = (form.version == 0, problems.of_lists(), fields()?);
        Ok(page(status, &Self { frame, is_new, form, problems, differences, fields, availabilities }))
    }

    /// Fields of the taxonomy of one kind; the disciplines have no tier.
    fn of_tier(&self, is_cluster: bool) -> Vec<&Field> {
        self.fields.iter().filter(|field| field.tier.is_some() == is_cluster).collect()
    }

    fn chosen(&self, is_cluster: bool) -> usize {
        self.of_tier(is_cluster).iter().filter(|field| self.form.has_field(&field.code)).count()
    }
}

async fn show(State(shared): State<Shared>, frame: Frame) -> Result<Response, PageError> {
    let form = match own(&shared, &frame).await? {
        Some(record) => ProfileForm::of(&record),
        None => ProfileForm { name: frame.signed()?.name.clone(), ..ProfileForm::blank() },
    };
    Edit::page(frame, form, Problems::default(), Vec::new())
}

async fn save(
    State(shared): State<Shared>,
    frame: Frame,
    Sent(form): Sent<ProfileForm>,
) -> Result<Response, PageError> {
    let form = ProfileForm { id: String::new(), ..form };
    let record = own(&shared, &frame).await?;
    let actor = frame.signed()?;
    let done = match (form.draft(), &record) {
        (Err(problems), _) => Err(AppError::Invalid(problems)),
        (Ok(draft), None) => made(shared.app.talent_create(actor, &draft).await),
        (Ok(_), Some(_)) if form.version == 0 => Err(AppError::Stale),
        (Ok(draft), Some(record)) => {
            made(shared.app.talent_update(actor, &record.talent.id, form.version, &draft).await)
        }
    };
    match (done, record) {
        (Ok(()), None) => Ok(see("/profile", "created")),
        (Ok(()), Some(_)) => Ok(see("/profile", "saved")),
        (Err(AppError::Stale), Some(record)) => stale(frame, form, &record),
        (Err(error), _) => Edit::page(frame, form, Problems::of(error)?, Vec::new()),
    }
}

fn made(done: Result<TalentRecord, AppError>) -> Result<(), AppError> {
    done.map(drop)
}

/// The profile was changed while the form was open: both versions are shown, and what was typed
/// stays. Sent again, it is saved over the other.
fn stale(frame: Frame, form: ProfileForm, record: &TalentRecord) -> Result<Response, PageError> {
    let kept = ProfileForm::of(record);
    let differences = differences(&kept, &form);
    if differences.is_empty() {
        return Ok(see("/profile", "saved"));
    }
    Edit::page(frame, ProfileForm { version: record.version, ..form }, Problems::default(), differences)
}

/// Where what is kept now differs from what was typed.
pub fn differences(kept: &ProfileForm, typed: &ProfileForm) -> Vec<Difference> {
    let yes = |mark: &String| if mark.is_empty() { "否".to_owned() } else { "是".to_owned() };
    let names =
        |form: &ProfileForm| form.fields.iter().map(|code| super::field_name(code)).collect::<Vec<_>>().join("；");
    let text = |text: &String| text.replace("\r\n", "\n").trim().to_owned();
    let list = |text: &String| items(text).join("；");
    let all = [
        ("类型", text(&kept.kind), text(&typed.kind)),
        ("姓名或名称", text(&kept.name), text(&typed.name)),
        ("单位", text(&kept.organization), text(&typed.organization)),
        ("地区", text(&kept.region), text(&typed.region)),
        ("职称", text(&kept.title), text(&typed.title)),
        ("研究方向", list(&kept.keywords), list(&typed.keywords)),
        ("简介", text(&kept.bio), text(&typed.bio)),
        ("领域", names(kept), names(typed)),
        ("成员", list(&kept.members), list(&typed.members)),
        ("联系方式", text(&kept.contact), text(&typed.contact)),
        ("合作意愿", text(&kept.availability), text(&typed.availability)),
        ("合作上限", text(&kept.capacity), text(&typed.capacity)),
        ("本人同意", yes(&kept.consent), yes(&typed.consent)),
        ("公开", yes(&kept.visible), yes(&typed.visible)),
    ];
    let differ = all.into_iter().filter(|(_, kept, typed)| kept != typed);
    differ.map(|(label, kept, typed)| Difference { label, kept, typed }).collect()
}

#[derive(Template)]
#[template(path = "profile/author.html", config = "src/web/askama.toml")]
struct AuthorPage {
    frame: Frame,
    authors: Vec<(Author, ProfileForm)>,
    problems: Problems,
}

async fn ask_author(State(shared): State<Shared>, frame: Frame) -> Result<Response, PageError> {
    if own(&shared, &frame).await?.is_some() {
        return Ok(begin());
    }
    Ok(page(StatusCode::OK, &AuthorPage { frame, authors: Vec::new(), problems: Problems::default() }))
}

/// Nothing is stored: of one author the form comes filled in, of several one is chosen.
async fn read_author(
    State(shared): State<Shared>,
    frame: Frame,
    files: Result<SentFiles, ApiError>,
) -> Result<Response, PageError> {
    let read = match files.map_err(super::import::unread) {
        Ok(mut files) => match files.file() {
            Ok(file) => shared.app.authors_read(frame.signed()?, file).await,
            Err(error) => Err(error),
        },
        Err(error) => Err(error),
    };
    let (authors, problems) = match read {
        Ok(authors) => (authors, Problems::default()),
        Err(error) => (Vec::new(), Problems::of(error)?),
    };
    if let [author] = authors.as_slice() {
        return Edit::page(frame, ProfileForm::of_author(author), Problems::default(), Vec::new());
    }
    let status = problems.status();
    let authors = authors.into_iter().map(|author| (author.clone(), ProfileForm::of_author(&author))).collect();
    Ok(page(status, &AuthorPage { frame, authors, problems }))
}

/// The form with what the chosen author's file says; nothing is stored yet.
async fn choose_author(frame: Frame, Sent(form): Sent<ProfileForm>) -> Result<Response, PageError> {
    let ProfileForm { name, organization, keywords, .. } = form;
    let form = ProfileForm { name, organization, keywords, ..ProfileForm::blank() };
    Edit::page(frame, form, Problems::default(), Vec::new())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_what_differs_is_shown() {
        let kept = ProfileForm { bio: "一\n二".into(), name: "示例甲".into(), ..ProfileForm::blank() };
        let same = ProfileForm { bio: "一\r\n二 ".into(), ..kept.clone() };
        assert_eq!(differences(&kept, &same), []);
        let typed = ProfileForm { name: "示例乙".into(), visible: String::new(), ..same };
        let labels: Vec<_> = differences(&kept, &typed).iter().map(|d| (d.label, d.typed.clone())).collect();
        assert_eq!(labels, [("姓名或名称", "示例乙".to_owned()), ("公开", "否".to_owned())]);
    }
}
