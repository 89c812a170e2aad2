//! Needs: write, submit, publish or give back, withdraw; and what everybody may see of them.

use super::actor::Actor;
use super::error::{AppError, all_right, at};
use super::{App, data};
use crate::domain::need_change::{FieldChange, need_changes};
use crate::domain::need_check::{check, check_submit};
use crate::domain::text::{Lines, MAX_SHORT, faults, tidied};
use crate::domain::{
    Action, Fault, Grant, Need, NeedAction, NeedMode, NeedStatus, Notice, OrganisationStatus, Relation,
};
use crate::store::{NeedFilter, NeedHead, NeedRecord, NeedVersion, Saving, StoreError};

const NEED: &str = "需求";

/// What an operator makes of a need that was submitted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum NeedVerdict {
    Publish,
    /// Back to its enterprise, which sees the reason.
    GiveBack {
        reason: String,
    },
}

impl NeedVerdict {
    /// That there is a reason where there must be one.
    ///
    /// # Errors
    /// [`AppError::Invalid`]
    pub(super) fn check(&self) -> Result<(), AppError> {
        match self {
            Self::Publish => Ok(()),
            Self::GiveBack { reason } => stated(reason).map(drop),
        }
    }
}

/// The needs that somebody may see in a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum NeedScope<'a> {
    /// Those that were ever submitted, of enterprises in a region, `""` for any.
    Submitted(&'a str),
    /// Those of the enterprise.
    Own(&'a str),
}

impl<'a> NeedScope<'a> {
    /// `None` for who sees none.
    pub(super) fn of(actor: &'a Actor) -> Option<Self> {
        match Action::NeedRead.grant(Some(actor.role)) {
            Grant::Any => Some(Self::Submitted("")),
            Grant::Region => actor.region.as_deref().filter(|region| !region.is_empty()).map(Self::Submitted),
            Grant::Own | Grant::Never => actor.organisation.as_deref().map(Self::Own),
        }
    }

    /// What a filter admits of these. Where it asks for a region it keeps to it only if all are to be seen.
    pub(super) fn filter(self, filter: NeedFilter<'a>) -> NeedFilter<'a> {
        match self {
            Self::Submitted("") => NeedFilter { submitted_in: filter.submitted_in.or(Some("")), ..filter },
            Self::Submitted(region) => NeedFilter { submitted_in: Some(region), ..filter },
            Self::Own(organisation) => NeedFilter { organisation, ..filter },
        }
    }
}

/// How much of each is public now.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Figures {
    /// Published needs, open challenges among them.
    pub needs: u64,
    pub challenges: u64,
    pub talents: u64,
    pub evidence: u64,
}

impl App {
    /// Keeps a new draft for the own enterprise.
    ///
    /// # Errors
    /// [`AppError::Invalid`] with all that is wrong, [`AppError::Conflict`] without an enterprise.
    pub async fn need_create(&self, actor: &Actor, need: Need) -> Result<NeedRecord, AppError> {
        self.need_make(actor, need, Saving::PLAIN).await
    }

    async fn need_make(&self, actor: &Actor, need: Need, saving: Saving<'_>) -> Result<NeedRecord, AppError> {
        actor.require(Action::NeedCreate)?;
        let own = actor.organisation.as_deref();
        let missing = || AppError::conflict("no-organisation", "您的账号没有所属企业：请联系平台运营方");
        let organisation = self.store.organisation(own.ok_or_else(missing)?).await?.ok_or_else(missing)?;
        let id = self.new_id();
        let need = Need { id: id.clone(), organization: Some(organisation.name.clone()), ..need }.tidied();
        all_right(draft_problems(&need)?)?;
        let now = self.now();
        let record = NeedRecord {
            need,
            organisation: organisation.id,
            organisation_name: organisation.name,
            organisation_region: organisation.region,
            created_by: actor.account.clone(),
            status: NeedStatus::Draft,
            reason: None,
            created_at: now,
            updated_at: now,
            submitted_at: None,
            published_at: None,
            version: 1,
        };
        let mut write = self.store.begin().await?;
        write.need_add(&record, saving).await.map_err(|e| match e {
            // The same form has just made it.
            StoreError::Conflict(_) if !saving.sitting().is_empty() => AppError::Stale,
            other => other.into(),
        })?;
        let detail = serde_json::json!({ "organisation": record.organisation });
        self.audit(&mut write, Some(actor), "need.create", format!("need:{id}"), detail).await?;
        write.commit().await?;
        self.changed();
        Ok(record)
    }

    /// A need with all that it says.
    ///
    /// # Errors
    /// [`AppError::NotFound`] also where it is not for them to see.
    pub async fn need_get(&self, actor: &Actor, id: &str) -> Result<NeedRecord, AppError> {
        self.need_for(actor, id, Action::NeedRead).await
    }

    /// A draft that somebody is about to change.
    ///
    /// # Errors
    /// [`AppError::NotFound`], [`AppError::Conflict`] if it can no longer be changed.
    pub async fn need_draft(&self, actor: &Actor, id: &str) -> Result<NeedRecord, AppError> {
        let found = self.need_for(actor, id, Action::NeedUpdate).await?;
        editable(&found)?;
        Ok(found)
    }

    /// A need that they may do this to. Others than its enterprise do not even know of a draft that
    /// was never submitted.
    pub(super) async fn need_for(&self, actor: &Actor, id: &str, action: Action) -> Result<NeedRecord, AppError> {
        actor.require(action)?;
        let found = self.store.need(id).await?.ok_or(AppError::NotFound(NEED))?;
        let relation = actor.relation(Some(&found.organisation), found.organisation_region.as_deref());
        actor.require_on(action, relation, NEED)?;
        match relation {
            Relation::Own => Ok(found),
            _ if found.submitted_at.is_some() => Ok(found),
            _ => Err(AppError::NotFound(NEED)),
        }
    }

    /// Saves the next version of a draft. What is as it was makes no version.
    ///
    /// # Errors
    /// [`AppError::Invalid`], [`AppError::NotFound`], [`AppError::Stale`], [`AppError::Conflict`]
    /// if it can no longer be changed.
    pub async fn need_update(&self, actor: &Actor, id: &str, version: i64, need: Need) -> Result<NeedRecord, AppError> {
        self.need_change(actor, id, version, need, Saving::PLAIN).await
    }

    /// Saves what stands in an open form: a new draft without an id, else the next version. What
    /// the same form has saved meanwhile does not make it stale: only others do. But what a form
    /// sends by itself does not take the place of what somebody has asked it to save since.
    ///
    /// # Errors
    /// As [`Self::need_create`] and [`Self::need_update`].
    pub async fn need_write(
        &self,
        actor: &Actor,
        (id, version): (&str, i64),
        need: Need,
        saving: Saving<'_>,
    ) -> Result<NeedRecord, AppError> {
        match self.need_write_once(actor, (id, version), need.clone(), saving).await {
            // The form's own saving may have come between the look and the save.
            Err(AppError::Stale) => self.need_write_once(actor, (id, version), need, saving).await,
            done => done,
        }
    }

    async fn need_write_once(
        &self,
        actor: &Actor,
        (id, version): (&str, i64),
        need: Need,
        saving: Saving<'_>,
    ) -> Result<NeedRecord, AppError> {
        let own = match saving.sitting() {
            "" => None,
            sitting => self.store.need_of_sitting(sitting).await?.filter(|own| id.is_empty() || own.need == id),
        };
        match own {
            Some(own) if matches!(saving, Saving::Auto { .. }) && version < own.asked => Err(AppError::Stale),
            Some(own) => self.need_change(actor, &own.need, own.version.max(version), need, saving).await,
            None if id.is_empty() => self.need_make(actor, need, saving).await,
            None => self.need_change(actor, id, version, need, saving).await,
        }
    }

    async fn need_change(
        &self,
        actor: &Actor,
        id: &str,
        version: i64,
        need: Need,
        saving: Saving<'_>,
    ) -> Result<NeedRecord, AppError> {
        let found = self.need_of(actor, id, version, Action::NeedUpdate).await?;
        editable(&found)?;
        let need = Need { id: id.to_owned(), organization: Some(found.organisation_name.clone()), ..need }.tidied();
        all_right(draft_problems(&need)?)?;
        if need == found.need {
            if matches!(saving, Saving::Asked { sitting } if !sitting.is_empty()) {
                let mut write = self.store.begin().await?;
                write.need_sitting(id, found.version, saving).await?;
                write.commit().await?;
            }
            return Ok(found);
        }
        let was = found.status;
        self.need_save_as(actor, NeedRecord { need, ..found }, was, "need.update", saving).await
    }

    /// The need as the person has seen it last.
    async fn need_of(&self, actor: &Actor, id: &str, version: i64, action: Action) -> Result<NeedRecord, AppError> {
        let found = self.need_for(actor, id, action).await?;
        if found.version == version { Ok(found) } else { Err(AppError::Stale) }
    }

    async fn need_save(
        &self,
        actor: &Actor,
        changed: NeedRecord,
        was: NeedStatus,
        action: &str,
    ) -> Result<NeedRecord, AppError> {
        self.need_save_as(actor, changed, was, action, Saving::PLAIN).await
    }

    async fn need_save_as(
        &self,
        actor: &Actor,
        changed: NeedRecord,
        was: NeedStatus,
        action: &str,
        saving: Saving<'_>,
    ) -> Result<NeedRecord, AppError> {
        let changed = NeedRecord { updated_at: self.now(), ..changed };
        let mut write = self.store.begin().await?;
        let version = write.need_save(&changed, was, &actor.account, saving).await?;
        if changed.status == NeedStatus::Withdrawn && write.need_has_living_challenge(&changed.need.id).await? {
            let message = "这个需求的榜单还在进行：请先在榜单页撤榜或流标，再撤回需求";
            return Err(AppError::conflict("challenge-alive", message));
        }
        let detail = serde_json::json!({ "version": version, "status": changed.status.code() });
        self.audit(&mut write, Some(actor), action, format!("need:{}", changed.need.id), detail).await?;
        if let Some(notice) = decided(&changed, was) {
            let object = format!("need:{}", changed.need.id);
            self.tell_enterprise(&mut write, &changed.organisation, &object, &notice).await?;
        }
        write.commit().await?;
        self.changed();
        Ok(NeedRecord { version, ..changed })
    }

    /// Needs before an id (`""` to begin), newest first: the own enterprise's; those of the region
    /// for a district office; all for the city and the operator.
    ///
    /// # Errors
    /// [`AppError`]
    pub async fn needs(
        &self,
        actor: &Actor,
        status: Option<NeedStatus>,
        before: &str,
        limit: i64,
    ) -> Result<Vec<NeedHead>, AppError> {
        actor.require(Action::NeedRead)?;
        let found = match NeedScope::of(actor) {
            Some(NeedScope::Submitted(region)) => self.store.needs_submitted(region, status, before, limit).await,
            Some(NeedScope::Own(own)) => self.store.needs_of(own, status, before, limit).await,
            None => return Ok(Vec::new()),
        };
        Ok(found?)
    }

    /// Versions of a need before a number, newest first.
    ///
    /// # Errors
    /// [`AppError::NotFound`]
    pub async fn need_versions(
        &self,
        actor: &Actor,
        id: &str,
        before: i64,
        limit: i64,
    ) -> Result<Vec<NeedVersion>, AppError> {
        self.need_get(actor, id).await?;
        Ok(self.store.need_versions(id, before, limit).await?)
    }

    /// One version of a need, with what it said.
    ///
    /// # Errors
    /// [`AppError::NotFound`]
    pub async fn need_version(&self, actor: &Actor, id: &str, version: i64) -> Result<(NeedVersion, Need), AppError> {
        self.need_get(actor, id).await?;
        self.store.need_version(id, version).await?.ok_or(AppError::NotFound("版本"))
    }

    /// What changed from one version to another; without `to`, up to now.
    ///
    /// # Errors
    /// [`AppError::NotFound`]
    pub async fn need_changes(
        &self,
        actor: &Actor,
        id: &str,
        from: i64,
        to: Option<i64>,
    ) -> Result<Vec<FieldChange>, AppError> {
        let found = self.need_get(actor, id).await?;
        let version = async |number| {
            let kept = self.store.need_version(id, number).await?;
            kept.map(|(_, need)| need).ok_or(AppError::NotFound("版本"))
        };
        let after = match to {
            Some(to) => version(to).await?,
            None => found.need,
        };
        Ok(need_changes(&version(from).await?, &after))
    }

    /// Hands a draft in, with the four items of 第六条.
    ///
    /// # Errors
    /// [`AppError::Invalid`] with all that is missing, [`AppError::NotFound`], [`AppError::Stale`],
    /// [`AppError::Conflict`] if the enterprise is not approved or it is no draft.
    pub async fn need_submit(&self, actor: &Actor, id: &str, version: i64) -> Result<NeedRecord, AppError> {
        let found = self.need_of(actor, id, version, Action::NeedUpdate).await?;
        let (was, status) = (found.status, found.status.next(NeedAction::Submit)?);
        let organisation = self.store.organisation(&found.organisation).await?;
        if organisation.is_none_or(|o| o.status != OrganisationStatus::Approved) {
            let message = "企业信息还没有审核通过，暂不能提交需求：请等待审核，或联系平台运营方";
            return Err(AppError::conflict("organisation-not-approved", message));
        }
        let problems = draft_problems(&found.need)?;
        all_right(problems.into_iter().chain(check_submit(&found.need)).collect())?;
        let submitted_at = found.submitted_at.or(Some(self.now()));
        self.need_save(actor, NeedRecord { status, reason: None, submitted_at, ..found }, was, "need.submit").await
    }

    /// Publishes what was submitted, or gives it back.
    ///
    /// # Errors
    /// [`AppError::Invalid`] without a reason, [`AppError::NotFound`], [`AppError::Stale`],
    /// [`AppError::Conflict`] if it was not submitted.
    pub async fn need_decide(
        &self,
        actor: &Actor,
        id: &str,
        version: i64,
        verdict: NeedVerdict,
    ) -> Result<NeedRecord, AppError> {
        let found = self.need_of(actor, id, version, Action::NeedDecide).await?;
        let was = found.status;
        let no_mode = || AppError::conflict("no-mode", "需求没有组织实施方式，不能发布：请退回补充");
        match verdict {
            NeedVerdict::Publish => {
                let status = was.next(NeedAction::Publish(found.need.mode.ok_or_else(no_mode)?))?;
                let record = NeedRecord { status, published_at: Some(self.now()), ..found };
                self.need_save(actor, record, was, "need.publish").await
            }
            NeedVerdict::GiveBack { reason } => {
                let status = was.next(NeedAction::Return)?;
                let record = NeedRecord { status, reason: Some(stated(&reason)?), ..found };
                self.need_save(actor, record, was, "need.give_back").await
            }
        }
    }

    /// Takes a need back; it is seen by the public no more.
    ///
    /// # Errors
    /// [`AppError::Invalid`] without a reason, [`AppError::NotFound`], [`AppError::Stale`],
    /// [`AppError::Conflict`] if it has ended.
    pub async fn need_withdraw(
        &self,
        actor: &Actor,
        id: &str,
        version: i64,
        reason: &str,
    ) -> Result<NeedRecord, AppError> {
        let found = self.need_of(actor, id, version, Action::NeedUpdate).await?;
        let (was, status) = (found.status, found.status.next(NeedAction::Withdraw)?);
        let record = NeedRecord { status, reason: Some(stated(reason)?), ..found };
        self.need_save(actor, record, was, "need.withdraw").await
    }

    /// Needs that everybody may see, before an id (`""` to begin), newest first.
    ///
    /// # Errors
    /// [`AppError`]
    pub async fn published_needs(
        &self,
        mode: Option<NeedMode>,
        before: &str,
        limit: i64,
    ) -> Result<Vec<NeedHead>, AppError> {
        Ok(self.store.needs_public(mode, before, limit).await?)
    }

    /// What the platform holds, for everybody to see.
    ///
    /// # Errors
    /// [`AppError`]
    pub async fn figures(&self) -> Result<Figures, AppError> {
        let snapshot = self.live.engine().index().snapshot();
        let (talents, evidence) = (snapshot.talents().len() as u64, snapshot.evidence_count());
        let challenges = self.store.needs_count(NeedStatus::Challenge).await?;
        let needs = self.store.needs_count(NeedStatus::Published).await? + challenges;
        Ok(Figures { needs, challenges, talents, evidence })
    }

    /// A need that everybody may see. What of it they may see is for the caller to choose.
    ///
    /// # Errors
    /// [`AppError::NotFound`] also where it is not public.
    pub async fn published_need(&self, id: &str) -> Result<NeedRecord, AppError> {
        let found = self.store.need(id).await?;
        found.filter(|need| need.status.is_public()).ok_or(AppError::NotFound(NEED))
    }
}

/// What the enterprise is told of, where the platform has decided.
fn decided(changed: &NeedRecord, was: NeedStatus) -> Option<Notice> {
    let need = changed.need.heading();
    match (was, changed.status) {
        (NeedStatus::Submitted, status) if status.is_public() => Some(Notice::NeedPublished { need }),
        (NeedStatus::Submitted, NeedStatus::Draft) => {
            Some(Notice::NeedReturned { need, reason: changed.reason.clone().unwrap_or_default() })
        }
        _ => None,
    }
}

/// # Errors
/// [`AppError::Conflict`] if the content can no longer be changed.
pub(super) fn editable(found: &NeedRecord) -> Result<(), AppError> {
    if found.status.is_editable() {
        return Ok(());
    }
    let message = format!("需求现在是“{}”，不能修改；只有草稿可以修改", found.status.name());
    Err(AppError::conflict("not-editable", message))
}

fn draft_problems(need: &Need) -> Result<Vec<crate::domain::FieldProblem>, AppError> {
    Ok(check(need, data::is_field))
}

/// A reason that somebody must give.
fn stated(reason: &str) -> Result<String, AppError> {
    let reason = tidied(reason);
    let mut wrong = faults(&reason, MAX_SHORT, Lines::Many);
    if reason.is_empty() {
        wrong.push(Fault {
            reason: "没有写理由；请写一两句，对方会看到".to_owned(), ..Fault::missing()
        });
    }
    all_right(at("reason", wrong).collect())?;
    Ok(reason)
}
