//! The clock of the database, which all nodes share: whether bids are still taken is not left to the
//! clock of the node that is asked.

use crate::store::{Dialect, Store, StoreError, Write};

const fn now(dialect: Dialect) -> &'static str {
    match dialect {
        Dialect::Sqlite => "SELECT CAST(unixepoch('subsec') * 1000 AS INTEGER)",
        // Not now(), which stands still in a transaction.
        Dialect::Postgres => "SELECT (EXTRACT(EPOCH FROM clock_timestamp()) * 1000)::BIGINT",
    }
}

impl Write {
    /// The time now, in milliseconds since 1970 UTC: asked after a lock was got, it is the time
    /// after the wait.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn clock(&mut self) -> Result<i64, StoreError> {
        let dialect = self.dialect();
        Ok(sqlx::query_scalar(now(dialect)).fetch_one(&mut *self.transaction).await?)
    }
}

impl Store {
    /// The time now, in milliseconds since 1970 UTC.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn clock(&self) -> Result<i64, StoreError> {
        Ok(sqlx::query_scalar(now(self.dialect)).fetch_one(&self.pool).await?)
    }
}
