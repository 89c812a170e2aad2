//! One thing done to many: what could not be done is told, and keeps nobody else waiting.

use super::actor::Actor;
use super::error::AppError;
use super::needs::{NeedScope, NeedVerdict};
use super::{App, entry};
use crate::domain::{Action, TalentStatus};
use crate::store::{NeedFilter, NeedHead, NeedSort, TalentRecord};

/// What one request may name.
pub const BULK_MAX: usize = 200;

/// What has come of it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Bulk {
    pub done: usize,
    /// Ids, each with why not.
    pub refused: Vec<(String, String)>,
}

impl Bulk {
    /// At least one and at most [`BULK_MAX`].
    fn of(ids: usize) -> Result<Self, AppError> {
        match ids {
            0 => Err(AppError::invalid("ids", "nothing-chosen", "还没有选中任何一项；请先勾选")),
            1..=BULK_MAX => Ok(Self::default()),
            _ => Err(AppError::invalid("ids", "too-many", format!("一次最多处理 {BULK_MAX} 项，请分几次"))),
        }
    }

    /// As it is told: what was asked for wrongly is told like what could not be done.
    ///
    /// # Errors
    /// What is no fault of the request.
    pub fn told(result: Result<Self, AppError>) -> Result<Self, AppError> {
        match result {
            Err(AppError::Invalid(problems)) => {
                let refused = problems.into_iter().map(|p| (String::new(), p.message)).collect();
                Ok(Self { done: 0, refused })
            }
            other => other,
        }
    }

    /// Notes what became of one. What is no fault of that one stops everything.
    fn note<T>(&mut self, id: &str, result: Result<T, AppError>) -> Result<(), AppError> {
        match result {
            Ok(_) => self.done += 1,
            Err(AppError::Invalid(problems)) => {
                let told: Vec<String> = problems.into_iter().map(|p| p.message).collect();
                self.refused.push((id.to_owned(), told.join("；")));
            }
            Err(error @ (AppError::NotFound(_) | AppError::Conflict { .. } | AppError::Stale)) => {
                self.refused.push((id.to_owned(), error.to_string()));
            }
            Err(error) => return Err(error),
        }
        Ok(())
    }
}

impl App {
    /// Approves or refuses registrations, each on its own.
    ///
    /// # Errors
    /// [`AppError::Forbidden`]; [`AppError::Invalid`] for none, or too many.
    pub async fn registrations_decide(
        &self,
        actor: &Actor,
        accounts: &[String],
        approve: bool,
    ) -> Result<Bulk, AppError> {
        actor.require(Action::RegistrationDecide)?;
        let mut bulk = Bulk::of(accounts.len())?;
        for account in accounts {
            bulk.note(account, self.registration_decide(actor, account, approve).await)?;
        }
        Ok(bulk)
    }

    /// A page of the needs that were ever submitted, and how many there are in all: for operators,
    /// who look through all of them. Limit and offset are of the page.
    ///
    /// # Errors
    /// [`AppError::Forbidden`]
    pub async fn needs_found(
        &self,
        actor: &Actor,
        filter: &NeedFilter<'_>,
        sort: (NeedSort, bool),
        page: (i64, i64),
    ) -> Result<(Vec<NeedHead>, i64), AppError> {
        actor.require(Action::NeedDecide)?;
        let Some(scope) = NeedScope::of(actor) else { return Ok((Vec::new(), 0)) };
        Ok(self.store.needs_page(&scope.filter(filter.clone()), sort, page).await?)
    }

    /// Publishes or gives back what was submitted, each on its own, by id and the version that the
    /// operator has seen.
    ///
    /// # Errors
    /// As [`Self::registrations_decide`]; [`AppError::Invalid`] also without a reason to give back.
    pub async fn needs_decide(
        &self,
        actor: &Actor,
        needs: &[(String, i64)],
        verdict: &NeedVerdict,
    ) -> Result<Bulk, AppError> {
        actor.require(Action::NeedDecide)?;
        let mut bulk = Bulk::of(needs.len())?;
        verdict.check()?;
        for (need, version) in needs {
            bulk.note(need, self.need_decide(actor, need, *version, verdict.clone()).await)?;
        }
        Ok(bulk)
    }

    /// Shows profiles or hides them, in one transaction. What is so already counts as done.
    ///
    /// # Errors
    /// As [`Self::registrations_decide`].
    pub async fn talents_set_visible(&self, actor: &Actor, ids: &[String], visible: bool) -> Result<Bulk, AppError> {
        actor.require(Action::TalentCurate)?;
        let mut bulk = Bulk::of(ids.len())?;
        let mut write = self.store.begin().await?;
        let locked: Vec<&str> = ids.iter().map(String::as_str).collect();
        let mut found = write.talents_locked(&locked).await?;
        found.sort_by(|a, b| a.talent.id.cmp(&b.talent.id));
        found.dedup_by(|a, b| a.talent.id == b.talent.id);
        for id in ids.iter().filter(|id| !found.iter().any(|r| r.talent.id == **id)) {
            bulk.note::<()>(id, Err(AppError::NotFound("人才档案")))?;
        }
        let mut changed = Vec::new();
        for record in found {
            let id = record.talent.id.clone();
            let shown = shown(record, visible, self.now());
            changed.extend(shown.as_ref().ok().cloned().flatten());
            bulk.note(&id, shown)?;
        }
        for record in &changed {
            let detail = serde_json::json!({ "status": record.status.code() });
            let object = format!("talent:{}", record.talent.id);
            write.audit_add(&entry(self.now(), Some(actor), "talent.set_visible", object, detail)).await?;
        }
        if !changed.is_empty() {
            write.talents_put(&changed).await?;
        }
        write.commit().await?;
        self.changed();
        Ok(bulk)
    }
}

/// The record shown or hidden; nothing where it is so already.
fn shown(record: TalentRecord, visible: bool, now: i64) -> Result<Option<TalentRecord>, AppError> {
    let status = if visible { TalentStatus::Active } else { TalentStatus::Hidden };
    if let Some(into) = record.status.merged_into() {
        return Err(AppError::conflict("merged", format!("已并入 {into}，随那一份展示或隐藏")));
    }
    if record.status == status {
        return Ok(None);
    }
    if visible && record.account.is_some() && record.consent_at.is_none() {
        return Err(AppError::conflict("consent-required", "本人没有同意展示，只能由本人打开"));
    }
    Ok(Some(TalentRecord { status, updated_at: now, ..record }))
}
