//! Notices in the inboxes, and which kinds somebody does not want.

use std::collections::HashSet;

use sqlx::any::AnyRow;
use sqlx::{Arguments, Row};

use super::{Store, StoreError, Write, bulk, one_row};
use crate::domain::{Notice, NoticeKind};

/// A notice as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NoticeRow {
    pub id: String,
    pub account: String,
    /// `kind:id` of what it is about; empty where there is no page of it.
    pub object: String,
    pub notice: Notice,
    /// Milliseconds since 1970 UTC.
    pub at: i64,
    pub read_at: Option<i64>,
}

/// Notices that a condition names.
macro_rules! notices_where {
    ($condition:literal) => {
        concat!("SELECT id, account_id, object, content, at, read_at FROM notice WHERE ", $condition)
    };
}
pub(super) use notices_where;

impl Write {
    /// Puts a notice into an inbox, unless its owner does not want that kind.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] if there is no such account.
    pub async fn notice_add(&mut self, notice: &NoticeRow) -> Result<(), StoreError> {
        self.notices_add(std::slice::from_ref(notice)).await
    }

    /// The same for many, fast enough for an announcement to ten thousand.
    ///
    /// # Errors
    /// As [`Self::notice_add`].
    pub async fn notices_add(&mut self, notices: &[NoticeRow]) -> Result<(), StoreError> {
        let accounts: Vec<&str> = notices.iter().map(|n| n.account.as_str()).collect();
        let muted = "SELECT account_id, kind FROM notice_mute WHERE account_id IN";
        let muted = bulk::select(&mut self.transaction, muted, &accounts, "").await?;
        let muted: HashSet<(String, String)> =
            muted.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect::<Result<_, StoreError>>()?;
        let is_wanted = |n: &&NoticeRow| !muted.contains(&(n.account.clone(), n.notice.kind().code().to_owned()));
        let wanted: Vec<(&NoticeRow, String)> =
            notices.iter().filter(is_wanted).map(|n| Ok((n, json(&n.notice)?))).collect::<Result<_, StoreError>>()?;
        let head = "INSERT INTO notice (id, account_id, kind, object, content, at) VALUES";
        bulk::insert(&mut self.transaction, head, "", 6, &wanted, |(n, content), to| {
            to.add(n.id.as_str())?;
            to.add(n.account.as_str())?;
            to.add(n.notice.kind().code())?;
            to.add(n.object.as_str())?;
            to.add(content.as_str())?;
            to.add(n.at)
        })
        .await
    }

    /// Marks one as read; one that was read before stays as it is.
    ///
    /// # Errors
    /// [`StoreError::Stale`] if the account has no such notice.
    pub async fn notice_read(&mut self, account: &str, id: &str, at: i64) -> Result<(), StoreError> {
        let update = "UPDATE notice SET read_at = COALESCE(read_at, $1) WHERE id = $2 AND account_id = $3";
        let update = sqlx::query(update).bind(at).bind(id).bind(account);
        one_row(&update.execute(&mut *self.transaction).await?)
    }

    /// Marks all up to an id as read: what has come since was not seen.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn notices_read(&mut self, account: &str, through: &str, at: i64) -> Result<(), StoreError> {
        let update = "UPDATE notice SET read_at = $1 WHERE account_id = $2 AND id <= $3 AND read_at IS NULL";
        sqlx::query(update).bind(at).bind(account).bind(through).execute(&mut *self.transaction).await?;
        Ok(())
    }

    /// Sets which kinds somebody does not want.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] if there is no such account.
    pub async fn notices_mute(&mut self, account: &str, kinds: &[NoticeKind]) -> Result<(), StoreError> {
        let delete = sqlx::query("DELETE FROM notice_mute WHERE account_id = $1").bind(account);
        delete.execute(&mut *self.transaction).await?;
        for kind in kinds {
            let insert = "INSERT INTO notice_mute (account_id, kind) VALUES ($1, $2) ON CONFLICT DO NOTHING";
            let insert = sqlx::query(insert).bind(account).bind(kind.code());
            insert.execute(&mut *self.transaction).await?;
        }
        Ok(())
    }

    /// The active accounts that act for an enterprise.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn enterprise_accounts(&mut self, organisation: &str) -> Result<Vec<String>, StoreError> {
        let query = "SELECT id FROM account WHERE organisation_id = $1 AND role = 'enterprise' \
                     AND status = 'active' ORDER BY id";
        Ok(sqlx::query_scalar(query).bind(organisation).fetch_all(&mut *self.transaction).await?)
    }
}

impl Store {
    /// How many notices somebody has not read; from an index that holds these only.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn notices_unread(&self, account: &str) -> Result<i64, StoreError> {
        let count = sqlx::query_scalar("SELECT COUNT(*) FROM notice WHERE account_id = $1 AND read_at IS NULL");
        Ok(count.bind(account).fetch_one(&self.pool).await?)
    }

    /// # Errors
    /// [`StoreError`]
    pub async fn notice(&self, account: &str, id: &str) -> Result<Option<NoticeRow>, StoreError> {
        let query = sqlx::query(notices_where!("id = $1 AND account_id = $2")).bind(id).bind(account);
        query.fetch_optional(&self.pool).await?.as_ref().map(read).transpose()
    }

    /// Somebody's notices before an id (`""` to begin), newest first; all, or those not read.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn notices(
        &self,
        account: &str,
        unread: bool,
        before: &str,
        limit: i64,
    ) -> Result<Vec<NoticeRow>, StoreError> {
        let query = notices_where!(
            "account_id = $1 AND ($2 = 0 OR read_at IS NULL) AND ($3 = '' OR id < $3) ORDER BY id DESC LIMIT $4"
        );
        let query = sqlx::query(query).bind(account).bind(i64::from(unread)).bind(before).bind(limit);
        query.fetch_all(&self.pool).await?.iter().map(read).collect()
    }

    /// The kinds that somebody does not want.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn notices_muted(&self, account: &str) -> Result<Vec<NoticeKind>, StoreError> {
        let query = sqlx::query_scalar("SELECT kind FROM notice_mute WHERE account_id = $1 ORDER BY kind");
        let codes: Vec<String> = query.bind(account).fetch_all(&self.pool).await?;
        Ok(codes.iter().filter_map(|code| NoticeKind::from_code(code)).collect())
    }
}

pub(super) fn json(notice: &Notice) -> Result<String, StoreError> {
    serde_json::to_string(notice).map_err(|_| StoreError::Unreadable { what: "通知" })
}

pub(super) fn read(row: &AnyRow) -> Result<NoticeRow, StoreError> {
    let content: String = row.try_get(3)?;
    Ok(NoticeRow {
        id: row.try_get(0)?,
        account: row.try_get(1)?,
        object: row.try_get(2)?,
        notice: serde_json::from_str(&content).map_err(|_| StoreError::Unreadable { what: "通知" })?,
        at: row.try_get(4)?,
        read_at: row.try_get(5)?,
    })
}
