//! Registration of enterprises, talents and the organisations that bid; an operator approves.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use serde::Deserialize;

use super::forms::{Problems, Sent, see};
use super::frame::Frame;
use super::page;
use crate::app::accounts::{OrganisationDraft, Registration};
use crate::domain::account::{LOGIN_LENGTH, PASSWORD_LENGTH};
use crate::domain::{FieldProblem, OrganisationKind, Role};
use crate::web::Shared;
use crate::web::error::PageError;
use crate::web::extract::Params;

pub fn router() -> Router<Shared> {
    Router::new().route("/sign-up", get(show).post(submit)).route("/sign-up/done", get(done))
}

/// Which form is wanted; nothing for the choice between the two.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Wanted {
    r#as: String,
}

/// A registration as its form has it.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
struct Form {
    /// `enterprise` or `talent`
    role: String,
    login: String,
    name: String,
    password: String,
    again: String,
    #[serde(rename = "organisation.name")]
    organisation: String,
    #[serde(rename = "organisation.kind")]
    kind: String,
    #[serde(rename = "organisation.credit_code")]
    credit_code: String,
    #[serde(rename = "organisation.region")]
    region: String,
    high_tech: String,
    tech_sme: String,
}

impl Form {
    fn role(&self) -> Option<Role> {
        [Role::Enterprise, Role::Talent].into_iter().find(|role| role.code() == self.role)
    }

    fn is_enterprise(&self) -> bool {
        self.role() == Some(Role::Enterprise)
    }

    /// Whose name is asked for.
    fn person(&self) -> &'static str {
        if self.is_enterprise() { "联系人姓名" } else { "姓名" }
    }

    fn organisation(&self) -> Option<OrganisationDraft> {
        let told = |text: &str| Some(text.trim()).filter(|text| !text.is_empty()).map(str::to_owned);
        let kind = if self.is_enterprise() { OrganisationKind::Enterprise.code() } else { self.kind.as_str() };
        // A talent of no organisation leaves its name empty; whatever else is told belongs to one.
        let is_told = self.is_enterprise() || told(&self.organisation).or(told(&self.credit_code)).is_some();
        is_told.then(|| OrganisationDraft {
            name: self.organisation.clone(),
            kind: kind.into(),
            credit_code: told(&self.credit_code),
            region: told(&self.region),
            high_tech: !self.high_tech.is_empty(),
            tech_sme: !self.tech_sme.is_empty(),
        })
    }

    /// The form as it is shown again: no password is sent back.
    fn without_passwords(self) -> Self {
        Self { password: String::new(), again: String::new(), ..self }
    }
}

#[derive(Template)]
#[template(path = "account/sign_up.html", config = "src/web/askama.toml")]
struct SignUp {
    frame: Frame,
    form: Form,
    problems: Problems,
    kinds: [(&'static str, &'static str); 2],
    login_length: std::ops::RangeInclusive<usize>,
    password_length: std::ops::RangeInclusive<usize>,
}

impl SignUp {
    fn page(frame: Frame, form: Form, problems: Problems) -> Response {
        let kinds = [OrganisationKind::University, OrganisationKind::Institute].map(|kind| (kind.code(), kind.name()));
        let status = problems.status();
        let (login_length, password_length) = (LOGIN_LENGTH, PASSWORD_LENGTH);
        page(status, &Self { frame, form: form.without_passwords(), problems, kinds, login_length, password_length })
    }
}

async fn show(frame: Frame, Params(Wanted { r#as }): Params<Wanted>) -> Response {
    let kind = OrganisationKind::University.code().into();
    SignUp::page(frame, Form { role: r#as, kind, ..Form::default() }, Problems::default())
}

async fn submit(State(shared): State<Shared>, frame: Frame, Sent(form): Sent<Form>) -> Result<Response, PageError> {
    let Some(role) = form.role() else { return Ok(see("/sign-up", "")) };
    let differ = || FieldProblem::new("again", "passwords-differ", "两次输入的密码不同，请重新输入");
    let differs = (form.password != form.again).then(differ);
    let registration = Registration {
        login: form.login.clone(),
        name: form.name.clone(),
        password: form.password.clone(),
        role,
        organisation: form.organisation(),
    };
    let refused = match differs {
        // What else is wrong is told together with it.
        Some(problem) => {
            shared.app.registration_check(&registration).into_iter().chain([problem]).collect::<Vec<_>>().into()
        }
        None => match shared.app.register(&registration).await {
            Ok(_) => return Ok(see("/sign-up/done", "")),
            Err(error) => Problems::of(error)?,
        },
    };
    Ok(SignUp::page(frame, form, refused))
}

#[derive(Template)]
#[template(path = "account/signed_up.html", config = "src/web/askama.toml")]
struct SignedUp {
    frame: Frame,
}

async fn done(frame: Frame) -> Response {
    page(StatusCode::OK, &SignedUp { frame })
}
