//! Announcements 公告 of the operators, for everybody or for one role.

use sqlx::Row;
use sqlx::any::AnyRow;

use super::notices::json;
use super::{Store, StoreError, Write, one_row};
use crate::domain::Notice;

/// An announcement as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Announcement {
    pub id: String,
    pub title: String,
    pub content: String,
    /// `all`, or the code of a role.
    pub audience: String,
    /// Shown from here, in milliseconds since 1970 UTC,
    pub starts_at: i64,
    /// and no more from here.
    pub ends_at: i64,
    /// Taken back before its end.
    pub withdrawn_at: Option<i64>,
    pub created_by: String,
    pub created_at: i64,
    pub updated_at: i64,
    /// 1 when made, one more with each change.
    pub version: i64,
}

macro_rules! announcements_where {
    ($condition:literal) => {
        concat!(
            "SELECT id, title, content, audience, starts_at, ends_at, withdrawn_at, created_by, created_at, ",
            "updated_at, version FROM announcement WHERE ",
            $condition
        )
    };
}

impl Write {
    /// # Errors
    /// [`StoreError::Conflict`] if the id is taken.
    pub async fn announcement_add(&mut self, new: &Announcement) -> Result<(), StoreError> {
        let insert = "INSERT INTO announcement (id, title, content, audience, starts_at, ends_at, withdrawn_at, \
                      created_by, created_at, updated_at, version) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)";
        let insert = sqlx::query(insert).bind(&new.id).bind(&new.title).bind(&new.content).bind(&new.audience);
        let insert = insert.bind(new.starts_at).bind(new.ends_at).bind(new.withdrawn_at).bind(&new.created_by);
        let insert = insert.bind(new.created_at).bind(new.updated_at).bind(new.version);
        insert.execute(&mut *self.transaction).await?;
        Ok(())
    }

    /// Writes what an announcement says, to whom and when.
    ///
    /// # Errors
    /// [`StoreError::Stale`] if it is no longer of `changed.version`.
    pub async fn announcement_update(&mut self, changed: &Announcement) -> Result<(), StoreError> {
        let update = "UPDATE announcement SET title = $1, content = $2, audience = $3, starts_at = $4, ends_at = $5, \
                      withdrawn_at = $6, updated_at = $7, version = version + 1 WHERE id = $8 AND version = $9";
        let update = sqlx::query(update).bind(&changed.title).bind(&changed.content).bind(&changed.audience);
        let update = update.bind(changed.starts_at).bind(changed.ends_at).bind(changed.withdrawn_at);
        let update = update.bind(changed.updated_at).bind(&changed.id).bind(changed.version);
        one_row(&update.execute(&mut *self.transaction).await?)
    }

    /// Notes that an announcement is put into the inboxes; `false` if it was before, or is not as it
    /// was read. Until the transaction ends nobody changes it.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn announcement_tell(&mut self, id: &str, version: i64) -> Result<bool, StoreError> {
        let hold = sqlx::query("UPDATE announcement SET version = version WHERE id = $1 AND version = $2");
        if hold.bind(id).bind(version).execute(&mut *self.transaction).await?.rows_affected() == 0 {
            return Ok(false);
        }
        let insert = "INSERT INTO announcement_told (announcement_id) VALUES ($1) ON CONFLICT DO NOTHING";
        Ok(sqlx::query(insert).bind(id).execute(&mut *self.transaction).await?.rows_affected() == 1)
    }

    /// Takes an announcement out of every inbox, read or not. One that is shown later is put there
    /// again then.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn announcement_untell(&mut self, id: &str) -> Result<(), StoreError> {
        let notices = sqlx::query("DELETE FROM notice WHERE kind = 'announcement' AND object = $1");
        notices.bind(in_inbox(id)).execute(&mut *self.transaction).await?;
        let told = sqlx::query("DELETE FROM announcement_told WHERE announcement_id = $1");
        told.bind(id).execute(&mut *self.transaction).await?;
        Ok(())
    }

    /// Writes what a changed announcement says into the inboxes that it is in, and takes it out of
    /// those of other roles than it is for (`""` for all). Whom it is for now and was not is told of
    /// it next ([`Store::announcements_untold`]).
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn announcement_retell(&mut self, id: &str, role: &str, notice: &Notice) -> Result<(), StoreError> {
        let content = "UPDATE notice SET content = $1 WHERE kind = 'announcement' AND object = $2";
        let content = sqlx::query(content).bind(json(notice)?).bind(in_inbox(id));
        content.execute(&mut *self.transaction).await?;
        let others = "DELETE FROM notice WHERE kind = 'announcement' AND object = $1 AND $2 <> '' \
                      AND account_id NOT IN (SELECT id FROM account WHERE role = $2)";
        sqlx::query(others).bind(in_inbox(id)).bind(role).execute(&mut *self.transaction).await?;
        let told = sqlx::query("DELETE FROM announcement_told WHERE announcement_id = $1");
        told.bind(id).execute(&mut *self.transaction).await?;
        Ok(())
    }
}

/// What its notices are about.
fn in_inbox(id: &str) -> String {
    format!("announcement:{id}")
}

impl Store {
    /// Those that are shown now and were not put into the inboxes yet.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn announcements_untold(&self, now: i64) -> Result<Vec<Announcement>, StoreError> {
        let query = announcements_where!(
            "starts_at <= $1 AND ends_at > $1 AND withdrawn_at IS NULL \
             AND id NOT IN (SELECT announcement_id FROM announcement_told) ORDER BY id"
        );
        sqlx::query(query).bind(now).fetch_all(&self.pool).await?.iter().map(read).collect()
    }

    /// The active accounts of a role, or of all (`""`), that have no notice of an announcement.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn announcement_awaits(&self, id: &str, role: &str) -> Result<Vec<String>, StoreError> {
        let query = "SELECT id FROM account WHERE status = 'active' AND ($1 = '' OR role = $1) AND id NOT IN \
                     (SELECT account_id FROM notice WHERE kind = 'announcement' AND object = $2) ORDER BY id";
        Ok(sqlx::query_scalar(query).bind(role).bind(in_inbox(id)).fetch_all(&self.pool).await?)
    }

    /// # Errors
    /// [`StoreError`]
    pub async fn announcement(&self, id: &str) -> Result<Option<Announcement>, StoreError> {
        let row = sqlx::query(announcements_where!("id = $1")).bind(id).fetch_optional(&self.pool).await?;
        row.as_ref().map(read).transpose()
    }

    /// All of them before an id (`""` to begin), newest first.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn announcements(&self, before: &str, limit: i64) -> Result<Vec<Announcement>, StoreError> {
        let query = sqlx::query(announcements_where!("($1 = '' OR id < $1) ORDER BY id DESC LIMIT $2"));
        query.bind(before).bind(limit).fetch_all(&self.pool).await?.iter().map(read).collect()
    }

    /// Those shown at a time to everybody, and to a role (`""` for who has not signed in), newest
    /// first.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn announcements_shown(&self, now: i64, role: &str, limit: i64) -> Result<Vec<Announcement>, StoreError> {
        let query = sqlx::query(announcements_where!(
            "ends_at > $1 AND starts_at <= $1 AND withdrawn_at IS NULL AND audience IN ('all', $2) \
             ORDER BY starts_at DESC, id DESC LIMIT $3"
        ));
        query.bind(now).bind(role).bind(limit).fetch_all(&self.pool).await?.iter().map(read).collect()
    }
}

fn read(row: &AnyRow) -> Result<Announcement, StoreError> {
    Ok(Announcement {
        id: row.try_get(0)?,
        title: row.try_get(1)?,
        content: row.try_get(2)?,
        audience: row.try_get(3)?,
        starts_at: row.try_get(4)?,
        ends_at: row.try_get(5)?,
        withdrawn_at: row.try_get(6)?,
        created_by: row.try_get(7)?,
        created_at: row.try_get(8)?,
        updated_at: row.try_get(9)?,
        version: row.try_get(10)?,
    })
}
