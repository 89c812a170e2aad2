//! What the rules on bidders look at of an organisation: what it declares of itself, and records of
//! research integrity that operators keep. Its own people see both; other organisations learn nothing of
//! either.

use serde_json::json;

use super::actor::Actor;
use super::error::{AppError, all_right};
use super::{App, secrets};
use crate::domain::hex::hex;
use crate::domain::standing::{closing_problems, record_problems};
use crate::domain::text::tidied;
use crate::domain::{Action, Day, Declaration, OrganisationNews, Relation};
use crate::store::board::standing::{IntegrityClosing, IntegrityRecord, Standing};

const ORGANISATION: &str = "单位";
const RECORD: &str = "科研诚信记录";

/// A record of research integrity as an operator states it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct RecordDraft {
    /// What was found, by whom.
    pub what: String,
    /// The day of the finding; today where none is given.
    pub found_on: Option<Day>,
}

impl App {
    /// What an organisation declares, for its own people and for operators.
    ///
    /// # Errors
    /// [`AppError::NotFound`]
    pub async fn standing(&self, actor: &Actor, organisation: &str) -> Result<Standing, AppError> {
        may_see(actor, organisation)?;
        self.store.standing(organisation).await?.ok_or(AppError::NotFound(ORGANISATION))
    }

    /// Declares group, legal person and qualifications of an organisation. Its people are told of what
    /// an operator changes.
    ///
    /// # Errors
    /// [`AppError::Invalid`] with all that is wrong; [`AppError::NotFound`]; [`AppError::Stale`] if it is
    /// no longer of this version.
    pub async fn standing_declare(
        &self,
        actor: &Actor,
        organisation: &str,
        version: i64,
        declared: Declaration,
    ) -> Result<Standing, AppError> {
        let relation = may_see(actor, organisation)?;
        let (declared, problems) = declared.read();
        all_right(problems)?;
        let mut write = self.store.begin().await?;
        let found = write.standing(organisation).await?.ok_or(AppError::NotFound(ORGANISATION))?;
        if found.version != version {
            return Err(AppError::Stale);
        }
        let before = found.declaration();
        if before == declared {
            return Ok(found);
        }
        write.standing_set(organisation, version, &declared, (Some(&actor.account), self.now())).await?;
        let detail = json!({ "before": before, "after": declared });
        self.audit(&mut write, Some(actor), "organisation.declare", object(organisation), detail).await?;
        if relation != Relation::Own {
            self.tell_organisation(&mut write, organisation, OrganisationNews::Corrected, "").await?;
        }
        write.commit().await?;
        self.store.standing(organisation).await?.ok_or(AppError::NotFound(ORGANISATION))
    }

    /// The records of research integrity of an organisation, open and closed, newest first, for its own
    /// people and for operators. Who keeps them is told to operators only.
    ///
    /// # Errors
    /// [`AppError::NotFound`]
    pub async fn integrity_records(&self, actor: &Actor, organisation: &str) -> Result<Vec<IntegrityRecord>, AppError> {
        self.standing(actor, organisation).await?;
        let mut found = self.store.integrity_records(organisation).await?;
        if actor.require(Action::IntegrityRecord).is_err() {
            found.iter_mut().for_each(nameless);
        }
        Ok(found)
    }

    /// Opens a record: while it is open the organisation may not bid. Its people are told.
    ///
    /// # Errors
    /// [`AppError::Invalid`] with all that is wrong; [`AppError::NotFound`].
    pub async fn integrity_open(
        &self,
        actor: &Actor,
        organisation: &str,
        draft: &RecordDraft,
    ) -> Result<IntegrityRecord, AppError> {
        actor.require(Action::IntegrityRecord)?;
        let today = self.today()?;
        let (what, found_on) = (tidied(&draft.what), draft.found_on.unwrap_or(today));
        all_right(record_problems(&what, found_on, today))?;
        let record = IntegrityRecord {
            id: self.new_id(),
            organisation: organisation.to_owned(),
            what,
            found_on: Some(found_on),
            opened_at: self.now(),
            opened_by: Some(actor.account.clone()),
            opened_by_name: Some(actor.name.clone()),
            closing: None,
        };
        let mut write = self.store.begin().await?;
        write.standing(organisation).await?.ok_or(AppError::NotFound(ORGANISATION))?;
        write.integrity_add(&record).await?;
        let detail = json!({ "record": record.id, "found_on": found_on, "what": hash(&record.id, &record.what) });
        self.audit(&mut write, Some(actor), "integrity.open", object(organisation), detail).await?;
        self.tell_organisation(&mut write, organisation, OrganisationNews::RecordOpened, &record.what).await?;
        write.commit().await?;
        Ok(record)
    }

    /// Closes a record. The organisation's people are told.
    ///
    /// # Errors
    /// [`AppError::Invalid`] without a reason; [`AppError::NotFound`]; [`AppError::Conflict`] where it is
    /// closed.
    pub async fn integrity_close(
        &self,
        actor: &Actor,
        (organisation, id): (&str, &str),
        reason: &str,
    ) -> Result<IntegrityRecord, AppError> {
        actor.require(Action::IntegrityRecord)?;
        let reason = tidied(reason);
        all_right(closing_problems(&reason))?;
        let mut write = self.store.begin().await?;
        let found = write.integrity_record(organisation, id).await?.ok_or(AppError::NotFound(RECORD))?;
        if found.closing.is_some() {
            return Err(AppError::conflict("record-closed", "这条记录已经了结，不能再次了结"));
        }
        let (by, by_name) = (Some(actor.account.clone()), Some(actor.name.clone()));
        let closing = IntegrityClosing { at: self.now(), by, by_name, reason };
        write.integrity_close(id, &closing).await?;
        let detail = json!({ "record": id, "reason": hash(id, &closing.reason) });
        self.audit(&mut write, Some(actor), "integrity.close", object(organisation), detail).await?;
        self.tell_organisation(&mut write, organisation, OrganisationNews::RecordClosed, &closing.reason).await?;
        write.commit().await?;
        Ok(IntegrityRecord { closing: Some(closing), ..found })
    }
}

/// How somebody who may see an organisation's standing is related to it.
fn may_see(actor: &Actor, organisation: &str) -> Result<Relation, AppError> {
    // Of the own organisation, not of the own region.
    let relation = if actor.organisation.as_deref() == Some(organisation) { Relation::Own } else { Relation::None };
    actor.require_on(Action::OrganisationDeclare, relation, ORGANISATION)?;
    Ok(relation)
}

/// The record without who has kept it.
fn nameless(record: &mut IntegrityRecord) {
    (record.opened_by, record.opened_by_name) = (None, None);
    if let Some(closing) = &mut record.closing {
        (closing.by, closing.by_name) = (None, None);
    }
}

fn object(organisation: &str) -> String {
    format!("organisation:{organisation}")
}

/// What the log holds of a text of a record.
fn hash(record: &str, text: &str) -> String {
    let hash = secrets::digest(format!("{record} {text}"));
    hex(hash)
}
