//! Profiles of talents: what the public sees, what their person and the operator keep.
//!
//! | module | what people do |
//! |---|---|
//! | `evidence` | add, change, hide and remove single pieces |
//! | `claims` | "this profile is mine" |
//! | `merges` | one person with two profiles; namesakes |
//!
//! A change reads the profile under the lock of its transaction, so that what was decided by it
//! still holds when it is written.

mod claims;
mod evidence;
mod merges;

use std::collections::{BTreeSet, HashMap};

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::actor::Actor;
use super::error::{AppError, all_right, at};
use super::{App, data};
use crate::domain::availability::capacity_fault;
use crate::domain::talent_check::{MAX_CONTACT, check_talent};
use crate::domain::text::{self, Lines, folded, tidied_or_none};
use crate::domain::{Action, Availability, FieldProblem, Grant, Relation, Talent, TalentKind, TalentStatus, Workload};
use crate::store::{StoreError, TalentFilter, TalentRecord, Write};

pub use claims::Claimable;
pub use evidence::{Piece, PieceDraft};
pub use merges::Duplicate;

pub(super) const PROFILE: &str = "人才档案";

/// A profile as somebody states it; its evidence is kept piece by piece.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct TalentDraft {
    /// For an operator who makes a profile; made by the service where absent, and never changed.
    #[serde(default)]
    pub id: Option<String>,
    pub kind: TalentKind,
    pub name: String,
    #[serde(default)]
    pub organization: String,
    /// Administrative region, widest first: `重庆市渝北区`.
    pub region: Option<String>,
    /// Professional title of a researcher.
    pub title: Option<String>,
    #[serde(default)]
    pub keywords: Vec<String>,
    pub bio: Option<String>,
    /// Taxonomy codes.
    #[serde(default)]
    pub fields: Vec<String>,
    /// Names of a team's members.
    #[serde(default)]
    pub members: Vec<String>,
    /// Shown after an invitation is accepted only.
    pub contact: Option<String>,
    #[serde(default)]
    pub availability: Availability,
    /// Collaborations at once, 0 to 50; absent where there is no limit.
    pub capacity: Option<i64>,
    /// The person agrees to be listed.
    #[serde(default)]
    pub consent: bool,
    /// Whether the profile is shown and matched.
    #[serde(default = "yes")]
    pub visible: bool,
}

fn yes() -> bool {
    true
}

/// A talent as enterprises see it: no contact, no hidden evidence.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PublicTalent {
    #[serde(flatten)]
    pub talent: Talent,
    pub availability: Availability,
    /// The profile belongs to its person.
    pub claimed: bool,
}

/// What stands under an id for the public.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Found {
    Talent(Box<PublicTalent>),
    /// It was merged into the profile with this id.
    Moved(String),
}

impl TalentDraft {
    /// The record with what is stated; its evidence stays. `owner`: the person states it.
    fn onto(&self, record: TalentRecord, owner: bool, now: i64) -> TalentRecord {
        let draft = self.clone();
        let talent = Talent {
            id: record.talent.id.clone(),
            kind: draft.kind,
            name: draft.name,
            organization: draft.organization,
            region: draft.region,
            title: draft.title,
            keywords: draft.keywords,
            bio: draft.bio,
            fields: draft.fields,
            members: draft.members,
            evidence: Vec::new(),
        };
        let talent = Talent { evidence: record.talent.evidence.clone(), ..talent.tidied() };
        // Of a profile that has its person, nobody else gives or takes the consent.
        let consent_at = match (owner || record.account.is_none(), draft.consent) {
            (false, _) => record.consent_at,
            (true, true) => record.consent_at.or(Some(now)),
            (true, false) => None,
        };
        let status = match (&record.status, draft.visible) {
            (TalentStatus::Merged { into }, _) => TalentStatus::Merged { into: into.clone() },
            (_, true) => TalentStatus::Active,
            (_, false) => TalentStatus::Hidden,
        };
        TalentRecord {
            talent,
            contact: tidied_or_none(draft.contact),
            availability: draft.availability,
            capacity: draft.capacity.and_then(|c| c.try_into().ok()),
            consent_at,
            status,
            updated_at: now,
            ..record
        }
    }

    /// All that is wrong with the record that the draft makes. The evidence was checked when it came.
    fn problems(&self, record: &TalentRecord) -> Vec<FieldProblem> {
        let talent = Talent { evidence: Vec::new(), ..record.talent.clone() };
        let mut problems = check_talent(&talent, data::is_field);
        let contact = record.contact.as_deref().unwrap_or_default();
        problems.extend(at("contact", text::faults(contact, MAX_CONTACT, Lines::Many)));
        problems.extend(at("capacity", self.capacity.and_then(capacity_fault).into_iter().collect()));
        if record.account.is_some() && record.consent_at.is_none() && record.status == TalentStatus::Active {
            let message = "展示本人的档案需要本人同意；不同意时请把 visible 设为 false";
            problems.push(FieldProblem::new("consent", "consent-required", message));
        }
        problems
    }
}

/// Whose a profile is to the actor.
fn relation(actor: &Actor, record: &TalentRecord) -> Relation {
    if record.account.as_ref() == Some(&actor.account) { Relation::Own } else { Relation::None }
}

impl App {
    /// A talent as the public sees it.
    ///
    /// # Errors
    /// [`AppError::NotFound`] also for a hidden one.
    pub async fn talent_public(&self, id: &str) -> Result<Found, AppError> {
        let record = self.store.talent(id).await?.ok_or(AppError::NotFound(PROFILE))?;
        if let Some(into) = record.status.merged_into() {
            return Ok(Found::Moved(self.merged_into(into).await?));
        }
        let (availability, claimed) = (record.availability, record.account.is_some());
        let talent = record.shown().ok_or(AppError::NotFound(PROFILE))?;
        Ok(Found::Talent(Box::new(PublicTalent { talent, availability, claimed })))
    }

    /// The profile at the end of the way on which profiles were merged.
    async fn merged_into(&self, id: &str) -> Result<String, AppError> {
        let (mut id, mut seen) = (id.to_owned(), BTreeSet::new());
        while seen.insert(id.clone()) {
            let found = self.store.talent_profiles(&[&id]).await?.pop().ok_or(AppError::NotFound(PROFILE))?;
            match found.status.merged_into() {
                Some(into) => id = into.to_owned(),
                None => return Ok(id),
            }
        }
        Err(AppError::Internal(format!("profiles merged in a ring: {id}")))
    }

    /// A profile with all that it holds.
    ///
    /// # Errors
    /// [`AppError::NotFound`] also for another person's.
    pub async fn talent_get(&self, actor: &Actor, id: &str) -> Result<TalentRecord, AppError> {
        actor.require(Action::TalentRead)?;
        let record = self.store.talent(id).await?.ok_or(AppError::NotFound(PROFILE))?;
        actor.require_on(Action::TalentRead, relation(actor, &record), PROFILE)?;
        Ok(record)
    }

    /// The id of the actor's own profile.
    ///
    /// # Errors
    /// [`AppError::NotFound`] if they have none.
    pub async fn talent_own(&self, actor: &Actor) -> Result<String, AppError> {
        self.store.talent_of_account(&actor.account).await?.ok_or(AppError::NotFound("您的人才档案"))
    }

    /// What a talent can take, and has taken.
    ///
    /// # Errors
    /// [`AppError`]
    pub async fn workload(&self, record: &TalentRecord) -> Result<Workload, AppError> {
        let load = self.store.loads(&[&record.talent.id]).await?.pop().map_or(0, |(_, load)| load);
        let load = u32::try_from(load).unwrap_or(u32::MAX);
        Ok(Workload { availability: record.availability, capacity: record.capacity, load })
    }

    /// Profiles without their evidence, after an id; `name` is the beginning of a name.
    ///
    /// # Errors
    /// [`AppError::Forbidden`]
    pub async fn talents(
        &self,
        actor: &Actor,
        status: Option<&str>,
        name: &str,
        after: &str,
        limit: i64,
    ) -> Result<Vec<TalentRecord>, AppError> {
        actor.require(Action::TalentCurate)?;
        let status = status.unwrap_or_default();
        if !["", "active", "hidden", "merged"].contains(&status) {
            return Err(AppError::invalid("status", "unknown", "没有这种状态；可用 active、hidden、merged"));
        }
        let filter = TalentFilter { status: status.to_owned(), name: folded(name), ..TalentFilter::default() };
        Ok(self.store.talents_listed(&filter, after, limit).await?)
    }

    /// Profiles without their evidence, after an id, as an operator looks for them.
    ///
    /// # Errors
    /// [`AppError::Forbidden`]
    pub async fn talents_found(
        &self,
        actor: &Actor,
        filter: &TalentFilter,
        after: &str,
        limit: i64,
    ) -> Result<Vec<TalentRecord>, AppError> {
        actor.require(Action::TalentCurate)?;
        Ok(self.store.talents_listed(filter, after, limit).await?)
    }

    /// The names of profiles, by id; of those that are no more there is none.
    ///
    /// # Errors
    /// [`AppError::Forbidden`]
    pub async fn talent_names(&self, actor: &Actor, ids: &[&str]) -> Result<HashMap<String, String>, AppError> {
        actor.require(Action::TalentCurate)?;
        let found = self.store.talent_profiles(ids).await?;
        Ok(found.into_iter().map(|record| (record.talent.id, record.talent.name)).collect())
    }

    /// Makes a profile: a talent its own, an operator one that nobody has claimed yet. The id is
    /// made here unless an operator gives one.
    ///
    /// # Errors
    /// [`AppError::Invalid`]; [`AppError::Conflict`] for somebody who has a profile already.
    pub async fn talent_create(&self, actor: &Actor, draft: &TalentDraft) -> Result<TalentRecord, AppError> {
        actor.require(Action::TalentCreate)?;
        let owner = Action::TalentCreate.grant(Some(actor.role)) == Grant::Own;
        if owner && self.store.talent_of_account(&actor.account).await?.is_some() {
            return Err(has_profile());
        }
        let given = draft.id.as_deref().filter(|_| !owner);
        let id = given.map_or_else(|| self.new_id(), |id| id.trim().to_owned());
        let blank = Talent::blank(id, draft.kind);
        let record = TalentRecord::new(blank, self.now());
        let record = TalentRecord { account: owner.then(|| actor.account.clone()), ..record };
        let record = draft.onto(record, owner, self.now());
        all_right(draft.problems(&record))?;
        let mut write = self.store.begin().await?;
        if write.talent_locked(&record.talent.id).await?.is_some() {
            return Err(AppError::invalid("id", "taken", "这个编号已有人才档案使用；请换一个"));
        }
        write.talent_put(&record).await.map_err(|error| match error {
            // The id was free: it is the account, which has made another profile meanwhile.
            StoreError::Conflict(_) if owner => has_profile(),
            other => other.into(),
        })?;
        self.talent_audited(write, actor, "talent.create", &record.talent.id, serde_json::json!({})).await?;
        self.talent_kept(&record.talent.id).await
    }

    /// Changes what a profile states; its evidence stays.
    ///
    /// # Errors
    /// [`AppError::Invalid`], [`AppError::NotFound`], [`AppError::Stale`], [`AppError::Conflict`]
    /// for one that was merged into another.
    pub async fn talent_update(
        &self,
        actor: &Actor,
        id: &str,
        version: i64,
        draft: &TalentDraft,
    ) -> Result<TalentRecord, AppError> {
        let (mut write, record) = self.talent_for_change(actor, id, Some(version)).await?;
        if draft.id.as_deref().is_some_and(|given| given != id) {
            return Err(AppError::invalid("id", "id-fixed", "人才档案的编号不能改；请去掉这一项"));
        }
        let owner = relation(actor, &record) == Relation::Own;
        let record = draft.onto(record, owner, self.now());
        all_right(draft.problems(&record))?;
        write.talent_put(&record).await?;
        let detail = serde_json::json!({ "status": record.status.code(), "consent": record.consent_at.is_some() });
        self.talent_audited(write, actor, "talent.update", id, detail).await?;
        self.talent_kept(id).await
    }

    /// Deletes a profile on request, with those that were merged into it and the evidence that is
    /// nobody else's.
    ///
    /// # Errors
    /// [`AppError::NotFound`]
    pub async fn talent_delete(&self, actor: &Actor, id: &str) -> Result<(), AppError> {
        actor.require(Action::TalentUpdate)?;
        let mut write = self.store.begin().await?;
        let record = write.talent_locked(id).await?.ok_or(AppError::NotFound(PROFILE))?;
        actor.require_on(Action::TalentUpdate, relation(actor, &record), PROFILE)?;
        write.talent_delete(id).await?;
        self.talent_audited(write, actor, "talent.delete", id, serde_json::json!({})).await
    }

    /// A transaction with the profile, which the actor may change and which is of this version.
    async fn talent_for_change(
        &self,
        actor: &Actor,
        id: &str,
        version: Option<i64>,
    ) -> Result<(Write, TalentRecord), AppError> {
        actor.require(Action::TalentUpdate)?;
        let mut write = self.store.begin().await?;
        let record = write.talent_locked(id).await?.ok_or(AppError::NotFound(PROFILE))?;
        actor.require_on(Action::TalentUpdate, relation(actor, &record), PROFILE)?;
        if version.is_some_and(|version| version != record.version) {
            return Err(AppError::Stale);
        }
        match record.status.merged_into() {
            Some(into) => Err(AppError::conflict("merged", format!("这份档案已并入 {into}；请修改那一份"))),
            None => Ok((write, record)),
        }
    }

    /// Notes what was done, commits, and wakes the index.
    async fn talent_audited(
        &self,
        mut write: Write,
        actor: &Actor,
        action: &str,
        id: &str,
        detail: serde_json::Value,
    ) -> Result<(), AppError> {
        self.audit(&mut write, Some(actor), action, format!("talent:{id}"), detail).await?;
        write.commit().await?;
        self.changed();
        Ok(())
    }

    async fn talent_kept(&self, id: &str) -> Result<TalentRecord, AppError> {
        self.store.talent(id).await?.ok_or(AppError::NotFound(PROFILE))
    }
}

fn has_profile() -> AppError {
    AppError::conflict("has-profile", "您已有人才档案：一个账号只有一份，请直接修改它")
}
