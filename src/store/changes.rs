//! The change log: what the index must look at again, in the order of commits.

use sqlx::{AnyConnection, Arguments, Row};

use super::{Store, StoreError, Write, bulk};

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
        self.changes_add(&[(kind, id)]).await
    }

    /// Tells the index of many objects at once; gives the number of the last change.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn changes_add(&mut self, changed: &[(ChangeKind, &str)]) -> Result<i64, StoreError> {
        let last = self.numbers("change", changed.len() as i64).await?;
        let first = last + 1 - changed.len() as i64;
        let numbered: Vec<_> = (first..).zip(changed).collect();
        let head = "INSERT INTO change (number, kind, id) VALUES";
        bulk::insert(&mut self.transaction, head, "", 3, &numbered, |(number, (kind, id)), to| {
            to.add(*number)?;
            to.add(kind.code())?;
            to.add(*id)
        })
        .await?;
        Ok(last)
    }

    /// Whoever reads in order to decide what has changed holds this lock first: until the end of
    /// the transaction no other one changes what the index is made from.
    pub(in crate::store) async fn changes_lock(&mut self) -> Result<(), StoreError> {
        self.numbers("change", 0).await.map(drop)
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
        newest(&mut *self.pool.acquire().await?).await
    }
}

pub(super) async fn newest(connection: &mut AnyConnection) -> Result<i64, StoreError> {
    let query = sqlx::query_scalar("SELECT value FROM counter WHERE name = 'change'");
    Ok(query.fetch_one(connection).await?)
}
