//! Announcements 公告: operators write them, everybody or one role sees them for some days.

use super::App;
use super::actor::Actor;
use super::error::{AppError, all_right};
use crate::domain::announcement::announcement_problems;
use crate::domain::text::tidied;
use crate::domain::{Action, Audience, Day, FieldProblem, Notice, Role, Showing};
use crate::store::Announcement;

const ANNOUNCEMENT: &str = "公告";
/// Announcements that a page shows at once.
const SHOWN: i64 = 3;

/// An announcement as somebody writes it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnnouncementDraft {
    pub title: String,
    pub content: String,
    pub audience: Audience,
    /// First and last day on which it is shown, in China.
    pub from: Day,
    pub until: Day,
}

impl AnnouncementDraft {
    /// The announcement with what is written.
    fn onto(&self, announcement: Announcement) -> Result<Announcement, AppError> {
        let (title, content) = (tidied(&self.title), tidied(&self.content));
        let mut problems = announcement_problems(&title, &content);
        if self.until < self.from {
            let message = "最后一天在第一天之前；请改其中一个";
            problems.push(FieldProblem::new("until", "ends-before-start", message));
        }
        all_right(problems)?;
        let (starts_at, ends_at) = (self.from.starts_at(), self.until.plus_days(1).starts_at());
        let audience = self.audience.code().to_owned();
        Ok(Announcement { title, content, audience, starts_at, ends_at, ..announcement })
    }
}

impl App {
    /// What is to be read now by a role, `None` for a visitor: the newest, a few.
    ///
    /// # Errors
    /// [`AppError`]
    pub async fn announcements_shown(&self, role: Option<Role>) -> Result<Vec<Announcement>, AppError> {
        Ok(self.store.announcements_shown(self.now(), role.map_or("", Role::code), SHOWN).await?)
    }

    /// All of them before an id (`""` to begin), newest first.
    ///
    /// # Errors
    /// [`AppError::Forbidden`]
    pub async fn announcements(
        &self,
        actor: &Actor,
        before: &str,
        limit: i64,
    ) -> Result<Vec<(Announcement, Showing)>, AppError> {
        actor.require(Action::Announce)?;
        let found = self.store.announcements(before, limit).await?;
        Ok(found.into_iter().map(|a| (self.showing(&a), a)).map(|(showing, a)| (a, showing)).collect())
    }

    /// # Errors
    /// [`AppError::NotFound`]
    pub async fn announcement_get(&self, actor: &Actor, id: &str) -> Result<(Announcement, Showing), AppError> {
        actor.require(Action::Announce)?;
        let found = self.store.announcement(id).await?.ok_or(AppError::NotFound(ANNOUNCEMENT))?;
        let showing = self.showing(&found);
        Ok((found, showing))
    }

    fn showing(&self, a: &Announcement) -> Showing {
        Showing::at(self.now(), a.starts_at, a.ends_at, a.withdrawn_at.is_some())
    }

    /// # Errors
    /// [`AppError::Invalid`] with all that is wrong.
    pub async fn announcement_create(
        &self,
        actor: &Actor,
        draft: &AnnouncementDraft,
    ) -> Result<Announcement, AppError> {
        actor.require(Action::Announce)?;
        let new = draft.onto(Announcement {
            id: self.new_id(),
            title: String::new(),
            content: String::new(),
            audience: String::new(),
            starts_at: 0,
            ends_at: 0,
            withdrawn_at: None,
            created_by: actor.account.clone(),
            created_at: self.now(),
            updated_at: self.now(),
            version: 1,
        })?;
        let mut write = self.store.begin().await?;
        write.announcement_add(&new).await?;
        self.announcement_audit(&mut write, actor, "announcement.create", &new).await?;
        write.commit().await?;
        Ok(new)
    }

    /// Changes what an announcement says, to whom and until when; also in the inboxes that it is in.
    ///
    /// # Errors
    /// [`AppError::Invalid`], [`AppError::NotFound`], [`AppError::Stale`], [`AppError::Conflict`] for
    /// one that is over or was taken back.
    pub async fn announcement_update(
        &self,
        actor: &Actor,
        id: &str,
        version: i64,
        draft: &AnnouncementDraft,
    ) -> Result<Announcement, AppError> {
        let found = self.announcement_open(actor, id, version).await?;
        let changed = draft.onto(Announcement { updated_at: self.now(), ..found })?;
        self.announcement_save(actor, changed, "announcement.update").await
    }

    /// Takes an announcement back: nobody sees it any more, nor is mailed of it.
    ///
    /// # Errors
    /// As [`Self::announcement_update`].
    pub async fn announcement_withdraw(&self, actor: &Actor, id: &str, version: i64) -> Result<Announcement, AppError> {
        let found = self.announcement_open(actor, id, version).await?;
        let now = self.now();
        let changed = Announcement { withdrawn_at: Some(now), updated_at: now, ..found };
        self.announcement_save(actor, changed, "announcement.withdraw").await
    }

    /// One that can still be changed, as the person has seen it last.
    async fn announcement_open(&self, actor: &Actor, id: &str, version: i64) -> Result<Announcement, AppError> {
        let (found, showing) = self.announcement_get(actor, id).await?;
        if found.version != version {
            return Err(AppError::Stale);
        }
        if !showing.is_open() {
            let message = format!("公告现在是“{}”，不能再改；需要时请另发一条", showing.name());
            return Err(AppError::conflict("not-editable", message));
        }
        Ok(found)
    }

    async fn announcement_save(
        &self,
        actor: &Actor,
        changed: Announcement,
        action: &str,
    ) -> Result<Announcement, AppError> {
        let mut write = self.store.begin().await?;
        write.announcement_update(&changed).await?;
        if changed.withdrawn_at.is_some() || changed.starts_at > self.now() {
            write.announcement_untell(&changed.id).await?;
        } else {
            write.announcement_retell(&changed.id, role_of(&changed), &told_of(&changed)).await?;
        }
        self.announcement_audit(&mut write, actor, action, &changed).await?;
        write.commit().await?;
        Ok(Announcement { version: changed.version + 1, ..changed })
    }

    async fn announcement_audit(
        &self,
        write: &mut crate::store::Write,
        actor: &Actor,
        action: &str,
        of: &Announcement,
    ) -> Result<(), AppError> {
        let detail = serde_json::json!({ "audience": of.audience });
        self.audit(write, Some(actor), action, format!("announcement:{}", of.id), detail).await
    }
}

/// The code of the role whose inboxes an announcement goes into, `""` for all.
pub(super) fn role_of(announcement: &Announcement) -> &'static str {
    match Audience::from_code(&announcement.audience) {
        Some(Audience::Role(role)) => role.code(),
        _ => "",
    }
}

/// What stands in the inboxes.
pub(super) fn told_of(announcement: &Announcement) -> Notice {
    Notice::Announcement { title: announcement.title.clone(), text: announcement.content.clone() }
}
