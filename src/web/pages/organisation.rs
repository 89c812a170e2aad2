//! The own organisation: what it declares for the rules on bidders, and what stands against it.

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
use crate::app::AppError;
use crate::domain::Declaration;
use crate::domain::standing::SEPARATORS;
use crate::domain::text::tidied;
use crate::store::board::standing::{IntegrityRecord, Standing};
use crate::web::Shared;
use crate::web::error::PageError;

const PATH: &str = "/account/organisation";

pub fn router() -> Router<Shared> {
    Router::new().route(PATH, get(show).post(declare))
}

/// What an organisation declares, as it is typed.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub(super) struct DeclarationForm {
    pub version: i64,
    pub group: String,
    pub legal_person: String,
    /// One each line.
    pub qualifications: String,
}

impl DeclarationForm {
    pub fn of(standing: &Standing) -> Self {
        let Declaration { group, legal_person, qualifications } = standing.declaration();
        Self { version: standing.version, group, legal_person, qualifications: qualifications.join("\n") }
    }

    pub fn declared(&self) -> Declaration {
        let listed = self.qualifications.replace("\r\n", "\n").replace('\r', "\n");
        let listed = listed.split(SEPARATORS).map(tidied).filter(|item| !item.is_empty());
        Declaration {
            group: self.group.clone(),
            legal_person: self.legal_person.clone(),
            qualifications: listed.collect(),
        }
    }
}

/// The form of a declaration with what came of it.
#[derive(Debug, Default)]
pub(super) struct Declaring {
    pub form: DeclarationForm,
    pub problems: Problems,
    /// Somebody else has changed it since the form was opened.
    pub is_stale: bool,
}

impl Declaring {
    pub fn of(standing: &Standing) -> Self {
        Self { form: DeclarationForm::of(standing), ..Self::default() }
    }

    /// What was typed, where it was not taken; what is now is what the next saving changes.
    ///
    /// # Errors
    /// What a person cannot mend there.
    pub fn refused(mut form: DeclarationForm, error: AppError, now: &Standing) -> Result<Self, AppError> {
        if matches!(error, AppError::Stale) {
            form.version = now.version;
            return Ok(Self { form, problems: Problems::default(), is_stale: true });
        }
        Ok(Self { form, problems: Problems::of(error)?.of_lists(), is_stale: false })
    }

    pub fn status(&self) -> StatusCode {
        if self.is_stale { StatusCode::CONFLICT } else { self.problems.status() }
    }
}

#[derive(Template)]
#[template(path = "organisation/own.html", config = "src/web/askama.toml")]
struct OwnPage {
    frame: Frame,
    standing: Standing,
    records: Vec<IntegrityRecord>,
    form: DeclarationForm,
    problems: Problems,
    is_stale: bool,
}

#[derive(Template)]
#[template(path = "organisation/none.html", config = "src/web/askama.toml")]
struct NonePage {
    frame: Frame,
}

async fn show(State(shared): State<Shared>, frame: Frame) -> Result<Response, PageError> {
    let actor = frame.signed()?;
    let Some(organisation) = &actor.organisation else {
        return Ok(page(StatusCode::OK, &NonePage { frame }));
    };
    let standing = shared.app.standing(actor, organisation).await?;
    let declaring = Declaring::of(&standing);
    shown_page(&shared, frame, standing, declaring).await
}

async fn shown_page(
    shared: &Shared,
    frame: Frame,
    standing: Standing,
    declaring: Declaring,
) -> Result<Response, PageError> {
    let records = shared.app.integrity_records(frame.signed()?, &standing.organisation).await?;
    let status = declaring.status();
    let Declaring { form, problems, is_stale } = declaring;
    Ok(page(status, &OwnPage { frame, standing, records, form, problems, is_stale }))
}

async fn declare(
    State(shared): State<Shared>,
    frame: Frame,
    Sent(form): Sent<DeclarationForm>,
) -> Result<Response, PageError> {
    let actor = frame.signed()?;
    let Some(organisation) = &actor.organisation else {
        return Ok(page(StatusCode::CONFLICT, &NonePage { frame }));
    };
    match shared.app.standing_declare(actor, organisation, form.version, form.declared()).await {
        Ok(_) => Ok(see(PATH, "saved")),
        Err(error) => {
            let now = shared.app.standing(actor, organisation).await?;
            let declaring = Declaring::refused(form, error, &now)?;
            shown_page(&shared, frame, now, declaring).await
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn qualifications_are_listed_as_in_the_conditions_of_a_challenge() {
        let form =
            DeclarationForm { qualifications: "CNAS\r\n\r\nCMA、 甲级；".into(), ..DeclarationForm::default() };
        assert_eq!(form.declared().qualifications, ["CNAS", "CMA", "甲级"]);
    }
}
