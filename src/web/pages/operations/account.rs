//! One account, a new one, and one organisation.

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::http::{HeaderValue, StatusCode, header};
use axum::response::Response;
use axum::routing::{get, post};
use serde::Deserialize;

use super::forms::{Problems, Sent, see};
use super::{page, shown, unprefixed};
use crate::app::AppError;
use crate::app::accounts::OrganisationDraft;
use crate::app::passwords::NewPerson;
use crate::domain::{AccountStatus, Action, OrganisationStatus, Role};
use crate::store::{Account, AccountFilter, AccountHead, Organisation};
use crate::web::Shared;
use crate::web::error::PageError;
use crate::web::pages::frame::Frame;

/// People of an organisation that its page lists.
const PEOPLE: i64 = 200;

pub fn router() -> Router<Shared> {
    Router::new()
        .route("/operations/accounts/new", get(blank).post(create))
        .route("/operations/accounts/{id}", get(show))
        .route("/operations/accounts/{id}/status", post(set_status))
        .route("/operations/accounts/{id}/password", get(password).post(reset))
        .route("/operations/organisations/{id}", get(organisation).post(organisation_save))
}

#[derive(Template)]
#[template(path = "operations/account.html", config = "src/web/askama.toml")]
struct AccountPage {
    frame: Frame,
    account: Account,
    organisation: Option<Organisation>,
    is_self: bool,
}

async fn show(State(shared): State<Shared>, frame: Frame, Path(id): Path<String>) -> Result<Response, PageError> {
    let actor = frame.signed()?;
    let account = shared.app.account_get(actor, &id).await?;
    let organisation = match &account.organisation {
        Some(id) => Some(shared.app.organisation_get(actor, id).await?),
        None => None,
    };
    let is_self = actor.account == account.id;
    Ok(page(StatusCode::OK, &AccountPage { frame, account, organisation, is_self }))
}

#[derive(Debug, Deserialize)]
struct NewStatus {
    version: i64,
    active: bool,
}

async fn set_status(
    State(shared): State<Shared>,
    frame: Frame,
    Path(id): Path<String>,
    Sent(NewStatus { version, active }): Sent<NewStatus>,
) -> Result<Response, PageError> {
    shared.app.account_set_active(frame.signed()?, &id, version, active).await?;
    Ok(see(&format!("/operations/accounts/{id}"), if active { "enabled" } else { "disabled" }))
}

async fn reset(State(shared): State<Shared>, frame: Frame, Path(id): Path<String>) -> Result<Response, PageError> {
    shared.app.password_reset_to_show(frame.signed()?, &id).await?;
    Ok(see(&format!("/operations/accounts/{id}/password"), ""))
}

#[derive(Template)]
#[template(path = "operations/password.html", config = "src/web/askama.toml")]
struct PasswordPage {
    frame: Frame,
    account: Account,
    /// The temporary password, this once.
    password: Option<String>,
}

async fn password(State(shared): State<Shared>, frame: Frame, Path(id): Path<String>) -> Result<Response, PageError> {
    let actor = frame.signed()?;
    let account = shared.app.account_get(actor, &id).await?;
    let password = shared.app.password_to_show(actor, &id)?;
    let mut response = page(StatusCode::OK, &PasswordPage { frame, account, password });
    response.headers_mut().insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    Ok(response)
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct NewForm {
    login: String,
    name: String,
    role: String,
    organisation: String,
}

#[derive(Template)]
#[template(path = "operations/account_new.html", config = "src/web/askama.toml")]
struct NewPage {
    frame: Frame,
    form: NewForm,
    problems: Problems,
    roles: Vec<(&'static str, &'static str)>,
}

fn new_page(frame: Frame, form: NewForm, problems: Problems) -> Response {
    let roles = Role::ALL.iter().map(|role| (role.code(), role.name())).collect();
    page(problems.status(), &NewPage { frame, form, problems, roles })
}

async fn blank(frame: Frame) -> Response {
    new_page(frame, NewForm::default(), Problems::default())
}

async fn create(State(shared): State<Shared>, frame: Frame, Sent(form): Sent<NewForm>) -> Result<Response, PageError> {
    let new = NewPerson {
        login: form.login.clone(),
        name: form.name.clone(),
        role: form.role.clone(),
        organisation: form.organisation.clone(),
    };
    match shared.app.account_create_to_show(frame.signed()?, &new).await {
        Ok(account) => Ok(see(&format!("/operations/accounts/{}/password", account.id), "")),
        Err(error) => Ok(new_page(frame, form, Problems::of(error)?)),
    }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct OrganisationForm {
    version: i64,
    name: String,
    credit_code: String,
    region: String,
    high_tech: bool,
    tech_sme: bool,
}

#[derive(Template)]
#[template(path = "operations/organisation.html", config = "src/web/askama.toml")]
struct OrganisationPage {
    frame: Frame,
    organisation: Organisation,
    form: OrganisationForm,
    problems: Problems,
    people: Vec<AccountHead>,
    /// As it is now, where somebody else has changed it meanwhile.
    newer: Option<Organisation>,
}

async fn organisation(
    State(shared): State<Shared>,
    frame: Frame,
    Path(id): Path<String>,
) -> Result<Response, PageError> {
    let found = shared.app.organisation_get(frame.signed()?, &id).await?;
    let form = OrganisationForm {
        version: found.version,
        name: found.name.clone(),
        credit_code: found.credit_code.clone().unwrap_or_default(),
        region: found.region.clone().unwrap_or_default(),
        high_tech: found.high_tech,
        tech_sme: found.tech_sme,
    };
    organisation_page(&shared, frame, found, form, Problems::default(), None).await
}

async fn organisation_page(
    shared: &Shared,
    frame: Frame,
    organisation: Organisation,
    form: OrganisationForm,
    problems: Problems,
    newer: Option<Organisation>,
) -> Result<Response, PageError> {
    let filter = AccountFilter { organisation: organisation.id.clone(), ..AccountFilter::default() };
    let people = shared.app.accounts_found(frame.signed()?, &filter, "", PEOPLE).await?;
    let status = if newer.is_some() { StatusCode::CONFLICT } else { problems.status() };
    Ok(page(status, &OrganisationPage { frame, organisation, form, problems, people, newer }))
}

async fn organisation_save(
    State(shared): State<Shared>,
    frame: Frame,
    Path(id): Path<String>,
    Sent(mut form): Sent<OrganisationForm>,
) -> Result<Response, PageError> {
    let actor = frame.signed()?;
    let draft = OrganisationDraft {
        name: form.name.clone(),
        kind: String::new(),
        credit_code: Some(form.credit_code.trim().to_owned()).filter(|code| !code.is_empty()),
        region: Some(form.region.clone()),
        high_tech: form.high_tech,
        tech_sme: form.tech_sme,
    };
    match shared.app.organisation_update(actor, &id, form.version, &draft).await {
        Ok(_) => Ok(see(&format!("/operations/organisations/{id}"), "saved")),
        Err(AppError::Stale) => {
            let now = shared.app.organisation_get(actor, &id).await?;
            form.version = now.version;
            organisation_page(&shared, frame, now.clone(), form, Problems::default(), Some(now)).await
        }
        Err(error) => {
            let problems = Problems::of(unprefixed(error, "organisation."))?;
            let found = shared.app.organisation_get(actor, &id).await?;
            organisation_page(&shared, frame, found, form, problems, None).await
        }
    }
}
