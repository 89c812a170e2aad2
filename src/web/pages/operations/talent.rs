//! One profile: what it says, changed by an operator, and what is known of it. A new one.

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::{get, post};
use serde::Deserialize;

use super::forms::{Problems, Sent, see};
use super::{page, shown};
use crate::app::talents::TalentDraft;
use crate::app::{AppError, data};
use crate::domain::taxonomy::Field;
use crate::domain::{Availability, FieldProblem, Talent, TalentKind, TalentStatus};
use crate::store::TalentRecord;
use crate::web::Shared;
use crate::web::error::PageError;
use crate::web::pages::frame::Frame;

pub fn router() -> Router<Shared> {
    Router::new()
        .route("/operations/talents/new", get(blank).post(create))
        .route("/operations/talents/{id}", get(show).post(save))
        .route("/operations/talents/{id}/deletion", post(delete))
}

/// A profile as the form has it: lists as text.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct Form {
    version: i64,
    id: String,
    kind: String,
    name: String,
    organization: String,
    region: String,
    title: String,
    keywords: String,
    bio: String,
    fields: Vec<String>,
    members: String,
    contact: String,
    availability: String,
    capacity: String,
    visible: bool,
    /// Whether consent is recorded: it stays as it is.
    consent: bool,
}

/// A list as people type it: between semicolons, commas of a list, or on lines.
fn list(text: &str) -> Vec<String> {
    let parts = text.split(['；', ';', '、', '\n']).map(str::trim);
    parts.filter(|part| !part.is_empty()).map(str::to_owned).collect()
}

impl Form {
    fn of(record: &TalentRecord) -> Self {
        let Talent { id, kind, name, organization, region, title, keywords, bio, fields, members, .. } =
            record.talent.clone();
        Self {
            version: record.version,
            id,
            kind: kind.code().into(),
            name,
            organization,
            region: region.unwrap_or_default(),
            title: title.unwrap_or_default(),
            keywords: keywords.join("；"),
            bio: bio.unwrap_or_default(),
            fields,
            members: members.join("；"),
            contact: record.contact.clone().unwrap_or_default(),
            availability: record.availability.code().into(),
            capacity: record.capacity.map(|c| c.to_string()).unwrap_or_default(),
            visible: record.status == TalentStatus::Active,
            consent: record.consent_at.is_some(),
        }
    }

    fn draft(&self) -> Result<TalentDraft, AppError> {
        let mut problems = Vec::new();
        let kind = TalentKind::ALL.into_iter().find(|kind| kind.code() == self.kind);
        if kind.is_none() {
            problems.push(FieldProblem::new("kind", "missing-value", "请选择个人或团队"));
        }
        let capacity = match self.capacity.trim() {
            "" => Some(None),
            number => number.parse().ok().map(Some),
        };
        if capacity.is_none() {
            problems.push(FieldProblem::new("capacity", "bad-number", "请填写 0 到 50 的整数，或留空"));
        }
        let (Some(kind), Some(capacity)) = (kind, capacity) else { return Err(AppError::Invalid(problems)) };
        let some = |text: &str| Some(text.to_owned()).filter(|text| !text.trim().is_empty());
        Ok(TalentDraft {
            id: some(&self.id),
            kind,
            name: self.name.clone(),
            organization: self.organization.clone(),
            region: some(&self.region),
            title: some(&self.title),
            keywords: list(&self.keywords),
            bio: some(&self.bio),
            fields: self.fields.clone(),
            members: list(&self.members),
            contact: some(&self.contact),
            availability: Availability::from_code(&self.availability).unwrap_or_default(),
            capacity,
            consent: self.consent,
            visible: self.visible,
        })
    }

    fn has_field(&self, code: &str) -> bool {
        self.fields.iter().any(|field| field == code)
    }
}

#[derive(Template)]
#[template(path = "operations/talent.html", config = "src/web/askama.toml")]
struct TalentPage {
    frame: Frame,
    /// As it is kept; `None` for a new one.
    record: Option<TalentRecord>,
    form: Form,
    problems: Problems,
    kinds: Vec<(&'static str, &'static str)>,
    availabilities: Vec<(&'static str, &'static str)>,
    fields: &'static [Field],
    /// What somebody else has changed since the form was opened: label, then, now.
    newer: Vec<(&'static str, String, String)>,
}

fn talent_page(frame: Frame, record: Option<TalentRecord>, form: Form, problems: Problems) -> TalentPage {
    let kinds = TalentKind::ALL.iter().map(|kind| (kind.code(), kind.label())).collect();
    let availabilities = Availability::ALL.iter().map(|a| (a.code(), a.name())).collect();
    TalentPage { frame, record, form, problems, kinds, availabilities, fields: data::fields(), newer: Vec::new() }
}

fn shown_page(page_of: &TalentPage) -> Response {
    let status = if page_of.newer.is_empty() { page_of.problems.status() } else { StatusCode::CONFLICT };
    page(status, page_of)
}

async fn blank(frame: Frame) -> Response {
    let form = Form { visible: true, availability: Availability::default().code().into(), ..Form::default() };
    shown_page(&talent_page(frame, None, form, Problems::default()))
}

async fn create(State(shared): State<Shared>, frame: Frame, Sent(form): Sent<Form>) -> Result<Response, PageError> {
    let made = match form.draft() {
        Ok(draft) => shared.app.talent_create(frame.signed()?, &draft).await,
        Err(error) => Err(error),
    };
    match made {
        Ok(record) => Ok(see(&path(&record.talent.id), "created")),
        Err(error) => Ok(shown_page(&talent_page(frame, None, form, Problems::of(error)?))),
    }
}

async fn show(State(shared): State<Shared>, frame: Frame, Path(id): Path<String>) -> Result<Response, PageError> {
    let record = shared.app.talent_get(frame.signed()?, &id).await?;
    let form = Form::of(&record);
    Ok(shown_page(&talent_page(frame, Some(record), form, Problems::default())))
}

async fn save(
    State(shared): State<Shared>,
    frame: Frame,
    Path(id): Path<String>,
    Sent(mut form): Sent<Form>,
) -> Result<Response, PageError> {
    form.id.clone_from(&id);
    let actor = frame.signed()?;
    let saved = match form.draft() {
        Ok(draft) => shared.app.talent_update(actor, &id, form.version, &draft).await,
        Err(error) => Err(error),
    };
    let error = match saved {
        Ok(_) => return Ok(see(&path(&id), "saved")),
        Err(error) => error,
    };
    let record = shared.app.talent_get(actor, &id).await?;
    if matches!(error, AppError::Stale) {
        let now = Form::of(&record);
        let newer = differences(&form, &now);
        form.version = record.version;
        let of = talent_page(frame, Some(record), form, Problems::default());
        // Somebody may have changed it to just this.
        return Ok(match newer.is_empty() {
            true => see(&path(&id), "saved"),
            false => shown_page(&TalentPage { newer, ..of }),
        });
    }
    Ok(shown_page(&talent_page(frame, Some(record), form, Problems::of(error)?)))
}

/// Where what was typed differs from what is kept now: label, typed, kept.
fn differences(typed: &Form, now: &Form) -> Vec<(&'static str, String, String)> {
    let pairs: [(&str, &str, &str); 10] = [
        ("姓名或名称", &typed.name, &now.name),
        ("单位", &typed.organization, &now.organization),
        ("区域", &typed.region, &now.region),
        ("职称", &typed.title, &now.title),
        ("关键词", &typed.keywords, &now.keywords),
        ("简介", &typed.bio, &now.bio),
        ("成员", &typed.members, &now.members),
        ("联系方式", &typed.contact, &now.contact),
        ("合作意愿", &typed.availability, &now.availability),
        ("同时合作数", &typed.capacity, &now.capacity),
    ];
    let differ = |(label, a, b): (&'static str, &str, &str)| {
        let plain = |text: &str| text.replace("\r\n", "\n").trim().to_owned();
        (plain(a) != plain(b)).then(|| (label, a.to_owned(), b.to_owned()))
    };
    let mut found: Vec<_> = pairs.into_iter().filter_map(differ).collect();
    let names = |form: &Form| form.fields.iter().map(|code| data::field_name(code)).collect::<Vec<_>>().join("；");
    if typed.fields != now.fields {
        found.push(("领域", names(typed), names(now)));
    }
    if typed.visible != now.visible {
        let word = |visible: bool| if visible { "展示" } else { "隐藏" }.to_owned();
        found.push(("展示", word(typed.visible), word(now.visible)));
    }
    found
}

async fn delete(State(shared): State<Shared>, frame: Frame, Path(id): Path<String>) -> Result<Response, PageError> {
    shared.app.talent_delete(frame.signed()?, &id).await?;
    Ok(see("/operations/talents", "deleted"))
}

/// The page of a profile; ids from files may hold anything.
fn path(id: &str) -> String {
    let safe: String = id
        .bytes()
        .map(|b| {
            if b.is_ascii_alphanumeric() || b"-_.".contains(&b) {
                char::from(b).to_string()
            } else {
                format!("%{b:02X}")
            }
        })
        .collect();
    format!("/operations/talents/{safe}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lists_are_read_as_people_type_them() {
        assert_eq!(list("电池；热失控; 预警、\n 抑制 ；"), ["电池", "热失控", "预警", "抑制"]);
        assert_eq!(list(" ； "), Vec::<String>::new());
    }

    #[test]
    fn a_form_gives_back_the_profile_that_it_was_made_from() {
        let talent = Talent {
            name: "示例·甲某".into(),
            keywords: vec!["电池".into(), "预警".into()],
            ..Talent::blank("T 1/é".into(), TalentKind::Team)
        };
        let record = TalentRecord { capacity: Some(2), ..TalentRecord::new(talent, 1) };
        let draft = Form::of(&record).draft().unwrap();
        assert_eq!(
            (draft.name.as_str(), draft.kind, draft.capacity, draft.visible),
            ("示例·甲某", TalentKind::Team, Some(2), true)
        );
        assert_eq!(draft.keywords, record.talent.keywords);
        assert_eq!(path("T 1/é"), "/operations/talents/T%201%2F%C3%A9");
        assert!(differences(&Form::of(&record), &Form::of(&record)).is_empty());
    }

    #[test]
    fn what_is_no_number_or_kind_is_told_at_its_field() {
        let form = Form { capacity: "许多".into(), ..Form::default() };
        let Err(AppError::Invalid(problems)) = form.draft() else { panic!("taken") };
        assert_eq!(problems.iter().map(|p| p.field.as_str()).collect::<Vec<_>>(), ["kind", "capacity"]);
    }
}
