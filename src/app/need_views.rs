//! Needs as people read them: lists with what is next for each, and one need with where it stands
//! and what happened to it.

use std::collections::HashMap;

use super::actor::Actor;
use super::error::AppError;
use super::needs::NeedScope;
use super::{App, data};
use crate::domain::need_change::{FieldChange, need_changes};
use crate::domain::need_progress::{
    Invitations, NextStep, Stage, Standing, Times, Viewer, happened, missing_items, next_step, stages,
};
use crate::domain::{Action, InvitationStatus, NeedMode, NeedStatus, Relation, TalentStatus};
use crate::store::{Attachment, NeedFilter, NeedHead, NeedRecord, NeedSort, NeedVersion};

/// Needs of one page of a list.
pub const PAGE: i64 = 30;
/// Invitations of a need that a list of talents is told with.
const INVITATIONS: i64 = 500;
/// Versions of one page of the history.
pub const VERSIONS: i64 = 20;

/// Which needs a list shows, and how.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct NeedListing {
    pub status: Option<NeedStatus>,
    pub mode: Option<NeedMode>,
    /// A part of the title or of the enterprise's name.
    pub text: String,
    pub sort: NeedSort,
    pub reversed: bool,
    /// From 1.
    pub page: i64,
}

/// A need of a list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NeedRow {
    pub head: NeedHead,
    pub next: NextStep,
}

/// A page of a list, and how many needs there are in all.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NeedRows {
    pub rows: Vec<NeedRow>,
    pub all: i64,
}

/// One need for somebody.
#[derive(Debug, Clone)]
pub struct NeedView {
    pub record: NeedRecord,
    pub viewer: Viewer,
    pub next: NextStep,
    pub stages: Vec<Stage>,
    pub invitations: Invitations,
    pub attachments: Vec<Attachment>,
    /// Name of the need's field.
    pub field: Option<String>,
}

/// A version of a need as a history tells it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Event {
    pub version: NeedVersion,
    /// 提交审核, 修改内容, …
    pub what: &'static str,
    /// The person, for people of the same organisation; else what they are.
    pub who: String,
    /// What differs from the version before.
    pub changes: Vec<FieldChange>,
    /// The number of that version.
    pub before: Option<i64>,
}

impl App {
    /// A page of the needs that somebody may see: the own enterprise's; those of the region for a
    /// district; all that were ever submitted for the city and the operator.
    ///
    /// # Errors
    /// [`AppError`]
    pub async fn need_listing(&self, actor: &Actor, listing: &NeedListing) -> Result<NeedRows, AppError> {
        actor.require(Action::NeedRead)?;
        let none = NeedRows { rows: Vec::new(), all: 0 };
        let filter = NeedFilter {
            status: listing.status,
            mode: listing.mode,
            text: listing.text.trim(),
            ..NeedFilter::default()
        };
        let Some(filter) = NeedScope::of(actor).map(|scope| scope.filter(filter)) else { return Ok(none) };
        let place = (PAGE, (listing.page.max(1) - 1).saturating_mul(PAGE));
        let (heads, all) = self.store.needs_page(&filter, (listing.sort, listing.reversed), place).await?;
        Ok(NeedRows { rows: self.need_rows(actor, heads).await?, all })
    }

    async fn need_rows(&self, actor: &Actor, heads: Vec<NeedHead>) -> Result<Vec<NeedRow>, AppError> {
        let drafts: Vec<&str> = heads.iter().filter(|h| h.status == NeedStatus::Draft).map(|h| h.id.as_str()).collect();
        let missing: HashMap<String, Vec<&'static str>> = match drafts.as_slice() {
            [] => HashMap::new(),
            ids => {
                let contents = self.store.need_contents(ids).await?;
                contents.into_iter().map(|need| (need.id.clone(), missing_items(&need))).collect()
            }
        };
        let open: Vec<&str> = heads.iter().filter(|h| h.status.is_public()).map(|h| h.id.as_str()).collect();
        let invited: HashMap<String, Invitations> = match open.as_slice() {
            [] => HashMap::new(),
            ids => self.store.invitations_counted(ids).await?.into_iter().collect(),
        };
        let row = |head: NeedHead| {
            let standing = Standing {
                status: head.status,
                mode: head.mode,
                missing: missing.get(&head.id).map_or(&[], Vec::as_slice),
                reason: head.reason.as_deref(),
                invitations: invited.get(&head.id).copied().unwrap_or_default(),
            };
            let next = next_step(&standing, viewer(actor, &head.organisation));
            NeedRow { next, head }
        };
        Ok(heads.into_iter().map(row).collect())
    }

    /// One need with where it stands.
    ///
    /// # Errors
    /// [`AppError::NotFound`] also where it is not for them to see.
    pub async fn need_view(&self, actor: &Actor, id: &str) -> Result<NeedView, AppError> {
        let record = self.need_get(actor, id).await?;
        let invitations = self.store.invitations_counted(&[id]).await?.pop().map(|(_, i)| i).unwrap_or_default();
        let attachments = self.store.attachments_of(id).await?;
        let missing = missing_items(&record.need);
        let standing = Standing {
            status: record.status,
            mode: record.need.mode,
            missing: &missing,
            reason: record.reason.as_deref(),
            invitations,
        };
        let viewer = viewer(actor, &record.organisation);
        let times = Times {
            created: record.created_at,
            submitted: record.submitted_at,
            published: record.published_at,
            updated: record.updated_at,
        };
        Ok(NeedView {
            next: next_step(&standing, viewer),
            stages: stages(record.status, record.need.mode, &times),
            viewer,
            invitations,
            attachments,
            field: record.need.field.as_deref().map(data::field_name),
            record,
        })
    }

    /// What happened to a need before a version (`i64::MAX` for all), newest first, and whether
    /// there is more.
    ///
    /// # Errors
    /// [`AppError::NotFound`] also where it is not for them to see.
    pub async fn need_history(
        &self,
        actor: &Actor,
        id: &str,
        before: i64,
        limit: i64,
    ) -> Result<(Vec<Event>, bool), AppError> {
        let record = self.need_get(actor, id).await?;
        // One more, which the last is compared with.
        let versions = self.store.need_versions_whole(id, before, limit + 1).await?;
        let mut accounts: Vec<&str> = versions.iter().map(|(v, _)| v.by_account.as_str()).collect();
        accounts.sort_unstable();
        accounts.dedup();
        let names = self.store.account_names(&accounts).await?;
        let who = |account: &str| match names.iter().find(|(id, ..)| id == account) {
            Some((_, name, organisation)) if organisation.as_deref() == Some(&record.organisation) => name.clone(),
            _ => "平台运营".to_owned(),
        };
        let is_more = versions.len() as i64 > limit;
        let mut events = Vec::new();
        for (at, (version, need)) in versions.iter().enumerate().take(usize::try_from(limit).unwrap_or(0)) {
            let earlier = versions.get(at + 1);
            events.push(Event {
                what: happened(earlier.map(|(v, _)| v.status), version.status),
                who: who(&version.by_account),
                changes: earlier.map(|(_, before)| need_changes(before, need)).unwrap_or_default(),
                before: earlier.map(|(v, _)| v.version),
                version: version.clone(),
            });
        }
        Ok((events, is_more))
    }
}

/// A talent who is to be invited.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invited {
    pub id: String,
    pub name: String,
    pub organisation: String,
    /// Whether it has an account, and so sees an invitation at once.
    pub is_reachable: bool,
}

impl App {
    /// Who is about to be invited, where they can be.
    ///
    /// # Errors
    /// [`AppError::NotFound`] for a need that is not theirs or a talent that is not shown.
    pub async fn invitation_begin(&self, actor: &Actor, need: &str, talent: &str) -> Result<Invited, AppError> {
        self.need_for(actor, need, Action::Invite).await?;
        let found = self.store.talent_profiles(&[talent]).await?.pop();
        let found = found.filter(|t| t.status == TalentStatus::Active).ok_or(AppError::NotFound("人才"))?;
        Ok(Invited {
            id: found.talent.id,
            name: found.talent.name,
            organisation: found.talent.organization,
            is_reachable: found.account.is_some(),
        })
    }

    /// How the newest invitation of each talent stands for a need.
    ///
    /// # Errors
    /// [`AppError::NotFound`] for a need that is not theirs.
    pub async fn invited(&self, actor: &Actor, need: &str) -> Result<Vec<(String, InvitationStatus)>, AppError> {
        self.need_for(actor, need, Action::Recommend).await?;
        let newest_first = self.store.invitations("", "", need, None, "", INVITATIONS).await?;
        let mut invited: Vec<(String, InvitationStatus)> = Vec::new();
        for invitation in newest_first {
            if invited.iter().all(|(talent, _)| *talent != invitation.talent) {
                invited.push((invitation.talent, invitation.status));
            }
        }
        Ok(invited)
    }
}

fn viewer(actor: &Actor, organisation: &str) -> Viewer {
    let relation = actor.relation(Some(organisation), None);
    if relation == Relation::Own && Action::NeedUpdate.is_allowed(Some(actor.role), relation) {
        Viewer::Owner
    } else if Action::NeedDecide.is_allowed(Some(actor.role), Relation::None) {
        Viewer::Operator
    } else {
        Viewer::Onlooker
    }
}
