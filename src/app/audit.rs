//! The audit log as operators look through it.

use super::App;
use super::actor::Actor;
use super::error::AppError;
use crate::domain::account::folded_login;
use crate::domain::{Action, Day};
use crate::store::{AuditEntry, AuditFilter, ChainBreak};

/// What somebody looks for in the log.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditQuestion {
    /// `noun.verb`, or `noun.` for all that was done to such things.
    pub action: String,
    /// `kind:id`
    pub object: String,
    /// Login or id of an account; `-` for the program itself.
    pub actor: String,
    /// From the beginning of this day in China to the end of the other.
    pub from: Option<Day>,
    pub until: Option<Day>,
}

/// An entry with the name of who did it, where the account is still there.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditLine {
    pub number: i64,
    pub entry: AuditEntry,
    pub actor_name: Option<String>,
}

impl App {
    /// What was done, after a number of the audit log.
    ///
    /// # Errors
    /// [`AppError`]
    pub async fn audit_entries(
        &self,
        actor: &Actor,
        after: i64,
        limit: i64,
    ) -> Result<Vec<(i64, AuditEntry)>, AppError> {
        actor.require(Action::AuditRead)?;
        Ok(self.store.audit_after(after, limit).await?)
    }

    /// What was done, before a number of the log (0 to begin), newest first. An account that is not
    /// known has done nothing.
    ///
    /// # Errors
    /// [`AppError`]
    pub async fn audit_found(
        &self,
        actor: &Actor,
        question: &AuditQuestion,
        before: i64,
        limit: i64,
    ) -> Result<Vec<AuditLine>, AppError> {
        actor.require(Action::AuditRead)?;
        let by = question.actor.trim();
        let by = match by {
            "" | "-" => by.to_owned(),
            by => self.store.account_by_login(&folded_login(by)).await?.map_or(by.to_owned(), |a| a.id),
        };
        let filter = AuditFilter {
            action: question.action.trim().to_owned(),
            object: question.object.trim().to_owned(),
            actor: by,
            from: question.from.map(Day::starts_at),
            until: question.until.map(|day| day.plus_days(1).starts_at()),
        };
        let found = self.store.audit_found(&filter, before, limit).await?;
        let mut ids: Vec<&str> = found.iter().filter_map(|(_, entry)| entry.actor.as_deref()).collect();
        ids.sort_unstable();
        ids.dedup();
        let names = self.store.account_names(&ids).await?;
        let name = |id: &str| names.iter().find(|known| known.0 == id).map(|known| known.1.clone());
        let line = |(number, entry): (i64, AuditEntry)| {
            let actor_name = entry.actor.as_deref().and_then(name);
            AuditLine { number, entry, actor_name }
        };
        Ok(found.into_iter().map(line).collect())
    }

    /// Walks the whole log: how many entries hold, or the first that does not.
    ///
    /// # Errors
    /// [`AppError`]
    pub async fn audit_verify(&self, actor: &Actor) -> Result<Result<i64, ChainBreak>, AppError> {
        actor.require(Action::AuditRead)?;
        Ok(self.store.audit_verify().await?)
    }
}
