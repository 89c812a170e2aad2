//! Imports: what was read and found before anything is written, and the report that stays.

use sqlx::Row;
use sqlx::any::AnyRow;

use super::{Store, StoreError, Write, coded, one_row};

/// How far an import is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ImportStatus {
    Previewed,
    Done,
}

impl ImportStatus {
    pub const ALL: [Self; 2] = [Self::Previewed, Self::Done];

    /// As it is written in the store and in the API.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Previewed => "previewed",
            Self::Done => "done",
        }
    }

    pub const fn name(self) -> &'static str {
        match self {
            Self::Previewed => "待确认",
            Self::Done => "已导入",
        }
    }
}

/// An import as it is kept, without its rows.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Import {
    pub id: String,
    /// `talents` or `evidence`
    pub kind: String,
    pub file_name: String,
    pub status: ImportStatus,
    /// `None` for the command line.
    pub by: Option<String>,
    /// Milliseconds since 1970 UTC.
    pub created_at: i64,
    pub done_at: Option<i64>,
    /// JSON.
    pub report: String,
    /// SHA-256 of what will be done, with the versions that it was found for.
    pub digest: Vec<u8>,
}

/// The imports that a condition names.
macro_rules! imports_where {
    ($condition:literal) => {
        concat!(
            "SELECT id, kind, file_name, status, by_account, created_at, done_at, report, digest FROM import WHERE ",
            $condition
        )
    };
}

impl Write {
    /// `rows` are what was read, JSON lines; `None` for an import that is written at once.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] if the id is taken.
    pub async fn import_add(&mut self, new: &Import, rows: Option<Vec<u8>>) -> Result<(), StoreError> {
        let insert = sqlx::query(
            "INSERT INTO import (id, kind, file_name, status, by_account, created_at, done_at, report, digest, rows) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        );
        let insert = insert.bind(&new.id).bind(&new.kind).bind(&new.file_name).bind(new.status.code());
        let insert = insert.bind(new.by.as_deref()).bind(new.created_at).bind(new.done_at).bind(&new.report);
        insert.bind(&new.digest).bind(rows).execute(&mut *self.transaction).await?;
        Ok(())
    }

    /// Notes that a previewed import is written; its rows go. Of two that confirm it at once, the
    /// second waits here for the first.
    ///
    /// # Errors
    /// [`StoreError::Stale`] if it is no longer waiting for this.
    pub async fn import_done(&mut self, id: &str, at: i64) -> Result<(), StoreError> {
        let update = "UPDATE import SET status = 'done', done_at = $1, rows = NULL \
                      WHERE id = $2 AND status = 'previewed' AND rows IS NOT NULL";
        one_row(&sqlx::query(update).bind(at).bind(id).execute(&mut *self.transaction).await?)
    }

    /// Forgets the rows of an account's previews: it makes another one.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn imports_forget(&mut self, account: &str, kind: &str) -> Result<(), StoreError> {
        let update = "UPDATE import SET rows = NULL WHERE by_account = $1 AND kind = $2 AND rows IS NOT NULL";
        sqlx::query(update).bind(account).bind(kind).execute(&mut *self.transaction).await?;
        Ok(())
    }

    /// Forgets the rows of previews made before a time: they hold what people wrote, and nobody
    /// has confirmed them.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn imports_expire(&mut self, before: i64) -> Result<(), StoreError> {
        let update = "UPDATE import SET rows = NULL WHERE created_at < $1 AND rows IS NOT NULL";
        sqlx::query(update).bind(before).execute(&mut *self.transaction).await?;
        Ok(())
    }
}

impl Store {
    /// # Errors
    /// [`StoreError`]
    pub async fn import(&self, id: &str) -> Result<Option<Import>, StoreError> {
        let row = sqlx::query(imports_where!("id = $1")).bind(id).fetch_optional(&self.pool).await?;
        row.as_ref().map(read).transpose()
    }

    /// The rows of an import that waits to be confirmed.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn import_rows(&self, id: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let rows = sqlx::query_scalar("SELECT rows FROM import WHERE id = $1").bind(id);
        let rows: Option<Option<Vec<u8>>> = rows.fetch_optional(&self.pool).await?;
        Ok(rows.flatten())
    }

    /// Imports of talents before an id, newest first; `""` to begin.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn imports(&self, before: &str, limit: i64) -> Result<Vec<Import>, StoreError> {
        let query = sqlx::query(imports_where!("kind = 'talents' AND ($1 = '' OR id < $1) ORDER BY id DESC LIMIT $2"));
        query.bind(before).bind(limit).fetch_all(&self.pool).await?.iter().map(read).collect()
    }
}

fn read(row: &AnyRow) -> Result<Import, StoreError> {
    Ok(Import {
        id: row.try_get(0)?,
        kind: row.try_get(1)?,
        file_name: row.try_get(2)?,
        status: coded(row, 3, "导入状态", &ImportStatus::ALL, ImportStatus::code)?,
        by: row.try_get(4)?,
        created_at: row.try_get(5)?,
        done_at: row.try_get(6)?,
        report: row.try_get(7)?,
        digest: row.try_get(8)?,
    })
}
