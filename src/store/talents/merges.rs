//! Merges of two profiles of one person, with what is needed to undo them; and pairs kept apart.

use sqlx::Row;
use sqlx::any::AnyRow;

use crate::store::{Store, StoreError, Write, coded, one_row};

/// How two profiles stand to each other.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MergeStatus {
    Merged,
    /// Namesakes: not to be suggested again.
    Apart,
    Undone,
}

impl MergeStatus {
    pub const ALL: [Self; 3] = [Self::Merged, Self::Apart, Self::Undone];

    /// As it is written in the store and in the API.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Merged => "merged",
            Self::Apart => "apart",
            Self::Undone => "undone",
        }
    }

    pub const fn name(self) -> &'static str {
        match self {
            Self::Merged => "已合并",
            Self::Apart => "不是同一个",
            Self::Undone => "已撤销",
        }
    }
}

/// A merge as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Merge {
    pub id: String,
    /// Of two that are kept apart, the one whose id comes first.
    pub kept: String,
    pub dropped: String,
    pub status: MergeStatus,
    /// Whether the dropped one was hidden before.
    pub was_hidden: bool,
    /// Ids of the evidence that the kept one gained.
    pub gained: Vec<String>,
    /// Account of the operator.
    pub by: String,
    /// Milliseconds since 1970 UTC.
    pub at: i64,
}

/// The merges that a condition names.
macro_rules! merges_where {
    ($condition:literal) => {
        concat!("SELECT id, kept_id, dropped_id, status, was, gained, by_account, at FROM merge WHERE ", $condition)
    };
}

impl Write {
    /// # Errors
    /// [`StoreError::Conflict`] if the dropped one is merged already, or the two kept apart.
    pub async fn merge_add(&mut self, new: &Merge) -> Result<(), StoreError> {
        let insert = sqlx::query(
            "INSERT INTO merge (id, kept_id, dropped_id, status, was, gained, by_account, at) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        );
        let insert = insert.bind(&new.id).bind(&new.kept).bind(&new.dropped).bind(new.status.code());
        let insert = insert.bind(if new.was_hidden { "hidden" } else { "active" }).bind(gained(&new.gained)?);
        insert.bind(&new.by).bind(new.at).execute(&mut *self.transaction).await?;
        Ok(())
    }

    /// Sets the status, and what was gained.
    ///
    /// # Errors
    /// [`StoreError::Stale`] if it is undone already.
    pub async fn merge_set(&mut self, merge: &Merge) -> Result<(), StoreError> {
        let update = "UPDATE merge SET status = $1, gained = $2 WHERE id = $3 AND status <> 'undone'";
        let update = sqlx::query(update).bind(merge.status.code()).bind(gained(&merge.gained)?).bind(&merge.id);
        one_row(&update.execute(&mut *self.transaction).await?)
    }

    /// The merges into a profile that hold, oldest first, as this transaction sees them.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn merges_into(&mut self, kept: &str) -> Result<Vec<Merge>, StoreError> {
        let query = sqlx::query(merges_where!("kept_id = $1 AND status = 'merged' ORDER BY id")).bind(kept);
        query.fetch_all(&mut *self.transaction).await?.iter().map(read).collect()
    }
}

impl Store {
    /// # Errors
    /// [`StoreError`]
    pub async fn merge(&self, id: &str) -> Result<Option<Merge>, StoreError> {
        let row = sqlx::query(merges_where!("id = $1")).bind(id).fetch_optional(&self.pool).await?;
        row.as_ref().map(read).transpose()
    }

    /// Merges before an id, newest first, of one status or of all; `""` to begin.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn merges(
        &self,
        status: Option<MergeStatus>,
        before: &str,
        limit: i64,
    ) -> Result<Vec<Merge>, StoreError> {
        let query =
            sqlx::query(merges_where!("($1 = '' OR id < $1) AND ($2 = '' OR status = $2) ORDER BY id DESC LIMIT $3"));
        let query = query.bind(before).bind(status.map_or("", MergeStatus::code)).bind(limit);
        query.fetch_all(&self.pool).await?.iter().map(read).collect()
    }
}

fn gained(ids: &[String]) -> Result<String, StoreError> {
    serde_json::to_string(ids).map_err(|_| StoreError::Unreadable { what: "列表" })
}

fn read(row: &AnyRow) -> Result<Merge, StoreError> {
    let was: String = row.try_get(4)?;
    Ok(Merge {
        id: row.try_get(0)?,
        kept: row.try_get(1)?,
        dropped: row.try_get(2)?,
        status: coded(row, 3, "合并状态", &MergeStatus::ALL, MergeStatus::code)?,
        was_hidden: was == "hidden",
        gained: serde_json::from_str(row.try_get(5)?).map_err(|_| StoreError::Unreadable { what: "列表" })?,
        by: row.try_get(6)?,
        at: row.try_get(7)?,
    })
}
