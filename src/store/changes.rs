//! The change log: what the index must look at again, in the order of commits.

use sqlx::Row;

use super::{Store, StoreError, Write};

/// What a change is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ChangeKind {
    Talent,
    Evidence,
    Need,
}

impl ChangeKind {
    const ALL: [Self; 3] = [Self::Talent, Self::Evidence, Self::Need];

    const fn code(self) -> &'static str {
        match self {
            Self::Talent => "talent",
            Self::Evidence => "evidence",
            Self::Need => "need",
        }
    }
}

/// The object that was made, changed or deleted; its state is in the store, not here, so that
/// applying a change twice does no harm.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Change {
    /// Without gaps from 1, in the order of commits.
    pub number: i64,
    pub kind: ChangeKind,
    pub id: String,
}

impl Write {
    /// Tells the index that the object has changed.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn change_add(&mut self, kind: ChangeKind, id: &str) -> Result<i64, StoreError> {
        let number = self.next_number("change").await?;
        let insert = sqlx::query("INSERT INTO change (number, kind, id) VALUES ($1, $2, $3)");
        insert.bind(number).bind(kind.code()).bind(id).execute(&mut *self.transaction).await?;
        Ok(number)
    }
}

impl Store {
    /// The changes after `number`, `limit` of them at the most.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn changes_after(&self, number: i64, limit: i64) -> Result<Vec<Change>, StoreError> {
        let query = sqlx::query("SELECT number, kind, id FROM change WHERE number > $1 ORDER BY number LIMIT $2");
        let rows = query.bind(number).bind(limit).fetch_all(&self.pool).await?;
        let read = |row: &sqlx::any::AnyRow| {
            let code: String = row.try_get(1)?;
            let kind = ChangeKind::ALL.into_iter().find(|k| k.code() == code);
            let kind = kind.ok_or(StoreError::Unreadable { what: "变更类别" })?;
            Ok(Change { number: row.try_get(0)?, kind, id: row.try_get(2)? })
        };
        rows.iter().map(read).collect()
    }

    /// The number of the newest change; 0 before the first.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn change_newest(&self) -> Result<i64, StoreError> {
        let query = sqlx::query_scalar("SELECT value FROM counter WHERE name = 'change'");
        Ok(query.fetch_one(&self.pool).await?)
    }
}
