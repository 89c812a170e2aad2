//! The audit log as operators look through it.

use serde::Serialize;

use super::App;
use super::actor::Actor;
use super::error::AppError;
use crate::domain::account::folded_login;
use crate::domain::hex::hex;
use crate::domain::{Action, Day};
use crate::store::{AuditEntry, AuditFilter, AuditHead, ChainBreak, ChainedEntry, Store};

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

/// What everybody may read of the log: what was done on the board, once it is public.
const PUBLIC: [&str; 4] = ["bid.", "panel.", "score.", "objection."];
/// And of challenges, from publishing on.
const PUBLIC_STEPS: [&str; 12] = [
    "challenge.publish",
    "challenge.amend",
    "challenge.open",
    "challenge.rank",
    "challenge.choose",
    "challenge.reconsider",
    "challenge.award",
    "challenge.contract",
    "challenge.fail",
    "challenge.withdraw",
    "challenge.question",
    "challenge.answer",
];

/// An entry of the log as everybody may have it. What is not public is its hash alone: the chain can
/// be followed over it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PublicLine {
    pub number: i64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub entry: Option<PublicEntry>,
    /// SHA-256 in hexadecimal, over the hash before, the number (8 bytes, little endian), the time
    /// (the same), and actor (`=ID` or nothing), action, object, detail, salt (if there is one), each
    /// after its length (the same).
    pub hash: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct PublicEntry {
    /// Milliseconds since 1970 UTC.
    pub at: i64,
    pub actor: Option<String>,
    pub action: String,
    pub object: String,
    /// JSON.
    pub detail: String,
    /// Random: of an entry that is not told, nobody finds out by guessing what its hash is of.
    pub salt: String,
}

fn is_public(action: &str) -> bool {
    PUBLIC_STEPS.contains(&action) || PUBLIC.iter().any(|noun| action.starts_with(noun))
}

/// Some entries after a number as everybody may have them; none at the end.
///
/// # Errors
/// [`AppError`]
pub async fn public_page(store: &Store, after: i64) -> Result<Vec<PublicLine>, AppError> {
    const PAGE: i64 = 1000;
    let page = store.audit_chained(after, PAGE).await?;
    let line = |ChainedEntry { number, entry, salt, hash }| PublicLine {
        number,
        hash: hex(hash),
        entry: is_public(&entry.action).then_some(PublicEntry {
            at: entry.at,
            actor: entry.actor,
            action: entry.action,
            object: entry.object,
            detail: entry.detail,
            salt,
        }),
    };
    Ok(page.into_iter().map(line).collect())
}

impl App {
    /// Publishes the end of the log, once a day.
    ///
    /// # Errors
    /// [`AppError`]
    pub async fn audit_publish(&self) -> Result<(), AppError> {
        let day = self.today()?.to_string();
        if self.store.audit_heads(1).await?.first().is_some_and(|head| head.day >= day) {
            return Ok(());
        }
        let Some((number, hash)) = self.store.audit_newest().await? else { return Ok(()) };
        let mut write = self.store.begin().await?;
        write.audit_head_add(&AuditHead { day, number, hash, at: self.now() }).await?;
        Ok(write.commit().await?)
    }

    /// The ends of the log as they were published, newest first.
    ///
    /// # Errors
    /// [`AppError`]
    pub async fn audit_heads(&self) -> Result<Vec<AuditHead>, AppError> {
        Ok(self.store.audit_heads(31).await?)
    }

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
