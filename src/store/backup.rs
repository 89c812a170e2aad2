//! Copies of the database while others write, and whether a database is whole.

use std::collections::BTreeMap;
use std::path::Path;

use sqlx::any::AnyPoolOptions;
use sqlx::{AssertSqlSafe, Executor, Row};

use super::{BUSY, Dialect, Store, StoreError, migrate};

/// What a database holds, to compare it with its copy.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Census {
    /// Steps of the structure; [`Self::is_current`] tells whether that is all of them.
    pub structure: i64,
    /// Entries of the audit log, whose chain was walked.
    pub audit: i64,
    /// Rows of each table.
    pub rows: BTreeMap<String, i64>,
}

impl Census {
    /// Whether the structure is that of this program; an older one is brought up to date at the
    /// next start of the service.
    pub fn is_current(&self) -> bool {
        self.structure == migrate::known()
    }

    pub fn total(&self) -> i64 {
        self.rows.values().sum()
    }
}

/// Why a database cannot be relied on.
#[derive(Debug, thiserror::Error)]
pub enum Damage {
    #[error("数据库文件已损坏：{0}")]
    File(String),
    #[error("有记录指向不存在的记录（表 {0}）")]
    Reference(String),
    #[error("审计日志第 {0} 条与写入时不同，或已缺失")]
    Audit(i64),
    #[error(transparent)]
    Store(#[from] StoreError),
}

impl From<sqlx::Error> for Damage {
    fn from(error: sqlx::Error) -> Self {
        Self::Store(error.into())
    }
}

impl Store {
    /// Connects to a database as it is: nothing is made or brought up to date.
    ///
    /// # Errors
    /// As [`Store::open`].
    pub async fn attach(url: &str) -> Result<Self, StoreError> {
        sqlx::any::install_default_drivers();
        let dialect = Dialect::of(url)?;
        let greeting = match dialect {
            Dialect::Sqlite => "PRAGMA busy_timeout = 10000",
            Dialect::Postgres => "SET lock_timeout = '10s'",
        };
        let options = AnyPoolOptions::new().max_connections(2).acquire_timeout(BUSY);
        let options = options
            .after_connect(move |connection, _| Box::pin(async move { connection.execute(greeting).await.map(drop) }));
        Ok(Self { pool: options.connect(url).await.map_err(StoreError::Unreachable)?, dialect })
    }

    /// Writes a copy of an SQLite database, as it is at one moment, to a file that must be new or empty.
    /// Others go on reading and writing. The file may not be on the disk yet when it returns.
    ///
    /// # Errors
    /// [`StoreError`]; also for PostgreSQL, which has its own program for it.
    pub async fn copy_to(&self, file: &Path) -> Result<(), StoreError> {
        let Some(path) = file.to_str().filter(|_| self.dialect == Dialect::Sqlite) else {
            return Err(StoreError::Url);
        };
        sqlx::query("VACUUM INTO $1").bind(path).execute(&self.pool).await?;
        Ok(())
    }

    /// Whether all of the database is as it was written, and what it holds.
    ///
    /// # Errors
    /// [`Damage`], the first that is found.
    pub async fn census(&self) -> Result<Census, Damage> {
        let structure = migrate::structure(&self.pool).await?;
        if self.dialect == Dialect::Sqlite {
            let found: String = sqlx::query_scalar("PRAGMA integrity_check(1)").fetch_one(&self.pool).await?;
            if found != "ok" {
                return Err(Damage::File(found));
            }
            if let Some(row) = sqlx::query("PRAGMA foreign_key_check").fetch_optional(&self.pool).await? {
                return Err(Damage::Reference(row.try_get(0)?));
            }
        }
        let audit = self.audit_verify().await?.map_err(|broken| Damage::Audit(broken.number))?;
        let tables = match self.dialect {
            Dialect::Sqlite => "SELECT name FROM sqlite_schema WHERE type = 'table' AND name NOT LIKE 'sqlite_%'",
            Dialect::Postgres => {
                "SELECT CAST(table_name AS TEXT) FROM information_schema.tables WHERE table_schema = current_schema()"
            }
        };
        let tables: Vec<String> = sqlx::query_scalar(tables).fetch_all(&self.pool).await?;
        let mut rows = BTreeMap::new();
        for table in tables {
            // The name is the database's own word for its table.
            let count = AssertSqlSafe(format!("SELECT COUNT(*) FROM \"{table}\""));
            rows.insert(table, sqlx::query_scalar(count).fetch_one(&self.pool).await?);
        }
        Ok(Census { structure, audit, rows })
    }
}
