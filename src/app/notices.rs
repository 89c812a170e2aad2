//! The inbox: what concerns somebody, and what they want to hear of.

use std::sync::Arc;

use super::actor::Actor;
use super::announcements::{role_of, told_of};
use super::error::AppError;
use super::search::saved::Newcomer;
use super::{App, secrets};
use crate::domain::search::percent_encoded;
use crate::domain::{Action, Notice, NoticeKind, OrganisationNews, SearchKind};
use crate::store::{NoticeRow, Write};

const NOTICE: &str = "消息";

impl App {
    /// Own notices before an id (`""` to begin), newest first; all, or those not read.
    ///
    /// # Errors
    /// [`AppError`]
    pub async fn notices(
        &self,
        actor: &Actor,
        unread: bool,
        before: &str,
        limit: i64,
    ) -> Result<Vec<NoticeRow>, AppError> {
        actor.require(Action::Inbox)?;
        Ok(self.store.notices(&actor.account, unread, before, limit).await?)
    }

    /// How many own notices are not read.
    ///
    /// # Errors
    /// [`AppError`]
    pub async fn notices_unread(&self, actor: &Actor) -> Result<i64, AppError> {
        Ok(self.store.notices_unread(&actor.account).await?)
    }

    /// Marks an own notice as read, and gives it.
    ///
    /// # Errors
    /// [`AppError::NotFound`]
    pub async fn notice_read(&self, actor: &Actor, id: &str) -> Result<NoticeRow, AppError> {
        actor.require(Action::Inbox)?;
        let found = self.store.notice(&actor.account, id).await?.ok_or(AppError::NotFound(NOTICE))?;
        if found.read_at.is_none() {
            let mut write = self.store.begin().await?;
            write.notice_read(&actor.account, id, self.now()).await?;
            write.commit().await?;
        }
        Ok(found)
    }

    /// Marks own notices up to an id as read: those that have come since were not seen.
    ///
    /// # Errors
    /// [`AppError`]
    pub async fn notices_read(&self, actor: &Actor, through: &str) -> Result<(), AppError> {
        actor.require(Action::Inbox)?;
        let mut write = self.store.begin().await?;
        write.notices_read(&actor.account, through, self.now()).await?;
        Ok(write.commit().await?)
    }

    /// The kinds that somebody does not want.
    ///
    /// # Errors
    /// [`AppError`]
    pub async fn notices_muted(&self, actor: &Actor) -> Result<Vec<NoticeKind>, AppError> {
        actor.require(Action::Inbox)?;
        Ok(self.store.notices_muted(&actor.account).await?)
    }

    /// Sets the kinds that somebody wants; those that all get stay.
    ///
    /// # Errors
    /// [`AppError`]
    pub async fn notices_want(&self, actor: &Actor, wanted: &[NoticeKind]) -> Result<(), AppError> {
        actor.require(Action::Inbox)?;
        let muted = NoticeKind::ALL.into_iter().filter(|kind| kind.is_optional() && !wanted.contains(kind));
        let mut write = self.store.begin().await?;
        write.notices_mute(&actor.account, &muted.collect::<Vec<_>>()).await?;
        Ok(write.commit().await?)
    }

    /// The names of those whom a notice of a saved search tells of, as far as they are shown now.
    ///
    /// # Errors
    /// [`AppError`]
    pub async fn newcomers(&self, notice: &Notice) -> Result<Vec<Newcomer>, AppError> {
        let Notice::NewHits { of, first, .. } = notice else { return Ok(Vec::new()) };
        let ids: Vec<&str> = first.iter().map(String::as_str).collect();
        let shown = match of {
            SearchKind::Talents => self.store.talents_shown(&ids).await?,
            SearchKind::Needs => self.store.needs_shown(&ids).await?,
            SearchKind::Challenges => self.store.challenges_shown(&ids).await?,
        };
        let heads = match of {
            SearchKind::Challenges => self.board_heads().await?,
            _ => Arc::default(),
        };
        let directory = self.live.directory();
        let names = directory.names();
        let named = |id: &String| {
            let name = match of {
                SearchKind::Talents => names.talents.get(id)?.name.clone(),
                SearchKind::Needs => names.needs.get(id)?.title.clone(),
                SearchKind::Challenges => heads.get(id)?.title.clone(),
            };
            Some(Newcomer { of: *of, id: id.clone(), name })
        };
        Ok(first.iter().filter(|id| shown.contains(id)).filter_map(named).collect())
    }

    /// Puts announcements that begin to be shown into the inboxes of those whom they are for. Gives how
    /// many announcements.
    ///
    /// # Errors
    /// [`AppError`]
    pub async fn announcements_tell(&self) -> Result<usize, AppError> {
        let mut told = 0;
        for announcement in self.store.announcements_untold(self.now()).await? {
            let accounts = self.store.announcement_awaits(&announcement.id, role_of(&announcement)).await?;
            let (object, content) = (format!("announcement:{}", announcement.id), told_of(&announcement));
            let notices = accounts.iter().map(|account| self.notice(account, object.clone(), content.clone()));
            let notices: Vec<NoticeRow> = notices.collect();
            let mut write = self.store.begin().await?;
            if write.announcement_tell(&announcement.id, announcement.version).await? {
                write.notices_add(&notices).await?;
                write.commit().await?;
                told += 1;
            }
        }
        Ok(told)
    }

    /// A notice for an account, to be added in the transaction of what it tells of.
    pub(super) fn notice(&self, account: &str, object: String, notice: Notice) -> NoticeRow {
        row(self.now(), account.to_owned(), object, notice)
    }

    /// Tells all who act for an enterprise.
    pub(super) async fn tell_enterprise(
        &self,
        write: &mut Write,
        organisation: &str,
        object: &str,
        notice: &Notice,
    ) -> Result<(), AppError> {
        let accounts = write.enterprise_accounts(organisation).await?;
        let notices = accounts.iter().map(|account| self.notice(account, object.to_owned(), notice.clone()));
        Ok(write.notices_add(&notices.collect::<Vec<_>>()).await?)
    }

    /// Tells all who have accounts of an organisation what happened to it.
    pub(super) async fn tell_organisation(
        &self,
        write: &mut Write,
        organisation: &str,
        news: OrganisationNews,
        more: &str,
    ) -> Result<(), AppError> {
        tell_organisation(write, self.now(), organisation, (news, more)).await
    }
}

/// The same for commands; the notice leads to the organisation's own page.
pub(super) async fn tell_organisation(
    write: &mut Write,
    now: i64,
    organisation: &str,
    (news, more): (OrganisationNews, &str),
) -> Result<(), AppError> {
    let notice = Notice::Organisation { news, more: more.to_owned() };
    let object = format!("organisation:{organisation}");
    let accounts = write.organisation_accounts(organisation).await?;
    let rows = accounts.into_iter().map(|account| row(now, account, object.clone(), notice.clone()));
    Ok(write.notices_add(&rows.collect::<Vec<_>>()).await?)
}

fn row(now: i64, account: String, object: String, notice: Notice) -> NoticeRow {
    NoticeRow { id: secrets::new_id(now), account, object, notice, at: now, read_at: None }
}

/// The page of what a notice is about, where there is one.
pub fn place_of(row: &NoticeRow) -> Option<String> {
    let (kind, id) = row.object.split_once(':')?;
    let id = percent_encoded(id);
    match kind {
        "search" => Some(format!("/searches/{id}")),
        "need" => Some(format!("/needs/{id}")),
        "invitation" => Some(format!("/invitations/{id}")),
        "challenge" => Some(format!("/challenges/{id}")),
        "bid" => Some(format!("/bids/{id}")),
        "panel" => Some(format!("/panel/{id}")),
        "claim" => Some("/profile".to_owned()),
        "organisation" => Some("/account/organisation".to_owned()),
        _ => None,
    }
}
