//! The store as it is at one moment, while others go on writing: for a rebuild of the index.

use sqlx::{Any, AnyConnection, Transaction};

use super::talents::{Part, read};
use super::{Store, StoreError, TalentRecord, changes};

/// All reads see the same state, that after the change [`Self::newest`].
#[derive(Debug)]
pub struct Snapshot {
    transaction: Transaction<'static, Any>,
    newest: i64,
}

impl Store {
    /// The store as it is now. On SQLite it keeps the write-ahead log from being shortened: do not
    /// hold it longer than needed.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn snapshot(&self) -> Result<Snapshot, StoreError> {
        let mut transaction = self.pool.begin_with(self.dialect.begin_snapshot()).await?;
        let newest = changes::newest(&mut transaction).await?;
        Ok(Snapshot { transaction, newest })
    }
}

impl Snapshot {
    /// The number of the last change that is seen here; 0 before the first.
    pub fn newest(&self) -> i64 {
        self.newest
    }

    pub(super) fn connection(&mut self) -> &mut AnyConnection {
        &mut self.transaction
    }

    /// Up to `limit` talents with their evidence, by id, after the id `after` (`""` to begin).
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn talents_after(&mut self, after: &str, limit: i64) -> Result<Vec<TalentRecord>, StoreError> {
        let rows = sqlx::query(concat!(read::talent!(), " WHERE id > $1 ORDER BY id LIMIT $2"));
        let rows = rows.bind(after).bind(limit).fetch_all(&mut *self.transaction).await?;
        read::records(&mut self.transaction, &rows, Part::Whole).await
    }
}
