//! The store: the only SQL of the program. An SQLite file by default, PostgreSQL in production.
//!
//! One text of each statement serves both, through sqlx's `Any` driver: twice the native drivers
//! would be a second copy of every query or of every signature. What that asks of the SQL here:
//! parameters are `$1`; truth values and times are BIGINT (milliseconds since 1970 UTC); sums are
//! cast to BIGINT; ids are made by the caller; no function that only one of the two knows.
//!
//! Reads go through [`Store`], writes through a [`Write`], which is one transaction. On SQLite it
//! takes the write lock at once (`BEGIN IMMEDIATE`): a transaction that reads first and then
//! cannot write would fail as "locked" however long it waits.

mod access;
mod accounts;
mod accounts_found;
mod announcements;
mod attachments;
mod audit;
mod backup;
pub mod board;
mod bulk;
mod changes;
mod dashboard;
mod digests;
mod imports;
mod invitations;
mod migrate;
mod needs;
mod needs_index;
mod needs_list;
mod notices;
mod recommendations;
mod searches;
mod snapshot;
mod talents;

use std::time::Duration;

use sqlx::any::{AnyPoolOptions, AnyRow};
use sqlx::{Any, AnyPool, Connection, Executor, Row, Transaction};

pub use access::{ApiToken, Claimed, KeptAnswer};
pub use accounts::{Account, Organisation, Session};
pub use accounts_found::{AccountFilter, AccountHead};
pub use announcements::Announcement;
pub use attachments::Attachment;
pub use audit::{AuditEntry, AuditFilter, AuditHead, ChainBreak, ChainedEntry};
pub use backup::{Census, Damage};
pub use changes::{Change, ChangeKind};
pub use dashboard::{Contact, InvitationsOfMonth, NeedsOfMonth, Unmeasured, Waiting};
pub use digests::{Digest, DigestMail, MailEnd};
pub use imports::{Import, ImportStatus};
pub use invitations::Invitation;
pub use needs::{NeedHead, NeedRecord, NeedVersion, Saving, Sitting};
pub use needs_index::NeedForIndex;
pub use needs_list::{NeedFilter, NeedSort};
pub use notices::NoticeRow;
pub use recommendations::{RecommendationRow, Verdict};
pub use searches::SavedSearch;
pub use snapshot::Snapshot;
pub use talents::{Claim, ClaimStatus, Held, Merge, MergeStatus, Owned, TalentFilter, TalentRecord};

/// How long to wait for a lock that another writer holds.
const BUSY: Duration = Duration::from_secs(10);
const CONNECTIONS: u32 = 16;

/// Which database answers.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    Sqlite,
    Postgres,
}

impl Dialect {
    fn of(url: &str) -> Result<Self, StoreError> {
        match url.split_once(':') {
            Some(("sqlite", _)) => Ok(Self::Sqlite),
            Some(("postgres" | "postgresql", _)) => Ok(Self::Postgres),
            _ => Err(StoreError::Url),
        }
    }

    const fn begin(self) -> &'static str {
        match self {
            Self::Sqlite => "BEGIN IMMEDIATE",
            Self::Postgres => "BEGIN",
        }
    }

    /// All reads of such a transaction see the database as it is at the first of them.
    const fn begin_snapshot(self) -> &'static str {
        match self {
            Self::Sqlite => "BEGIN",
            Self::Postgres => "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY",
        }
    }

    const fn bytes(self) -> &'static str {
        match self {
            Self::Sqlite => "BLOB",
            Self::Postgres => "BYTEA",
        }
    }

    /// What a new connection is told. SQLite: readers do not wait for the writer (WAL), and a
    /// commit is on the disk when it returns (FULL).
    const fn greeting(self) -> &'static str {
        match self {
            Self::Sqlite => {
                "PRAGMA busy_timeout = 10000; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL; \
                 PRAGMA foreign_keys = ON"
            }
            Self::Postgres => "SET lock_timeout = '10s'",
        }
    }
}

/// What can go wrong with the store. No message holds SQL, the database's password or a
/// value other than an id.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("数据库地址应以 sqlite: 或 postgres: 开头")]
    Url,
    #[error("数据库连接不上：请检查地址、权限和服务是否在运行")]
    Unreachable(#[source] sqlx::Error),
    #[error("数据库由更新的版本建立（结构 {found}，本程序到 {known}）：请升级程序")]
    Newer { found: i64, known: i64 },
    #[error("数据库结构 {number} 与本程序的不同：数据库可能被别的程序改过")]
    Altered { number: i64 },
    /// Unique, foreign key or check constraint, by the name that the database gives it.
    #[error("与已有记录冲突（{0}）")]
    Conflict(String),
    /// A piece of evidence with the same id as one in the store, and another content.
    #[error("成果 {id} 与库中同编号的成果内容不同：同一项成果请先统一内容，不同的成果请换编号")]
    EvidenceDiffers { id: String },
    /// Somebody else has changed the record since it was read.
    #[error("记录已被他人修改：请刷新后再改")]
    Stale,
    #[error("数据库忙，请稍后再试")]
    Busy,
    #[error("数据库出错")]
    Database(#[source] sqlx::Error),
    #[error("数据库中的{what}无法识别")]
    Unreadable { what: &'static str },
}

impl From<sqlx::Error> for StoreError {
    fn from(error: sqlx::Error) -> Self {
        match &error {
            sqlx::Error::PoolTimedOut => Self::Busy,
            sqlx::Error::Database(e) if is_busy(e.code().as_deref()) => Self::Busy,
            sqlx::Error::Database(e) if e.kind() != sqlx::error::ErrorKind::Other => {
                Self::Conflict(e.constraint().unwrap_or_default().to_owned())
            }
            _ => Self::Database(error),
        }
    }
}

/// SQLITE_BUSY and its kinds; PostgreSQL's lock_not_available, serialization_failure and
/// deadlock_detected.
fn is_busy(code: Option<&str>) -> bool {
    matches!(code, Some("5" | "261" | "517" | "55P03" | "40001" | "40P01"))
}

/// A pool of connections to one database of the newest structure. Cheap to clone.
#[derive(Debug, Clone)]
pub struct Store {
    pool: AnyPool,
    dialect: Dialect,
}

/// One transaction. Nothing of it is seen or kept before [`Self::commit`]; dropping it undoes all.
#[derive(Debug)]
pub struct Write {
    transaction: Transaction<'static, Any>,
}

impl Store {
    /// Connects and brings the structure up to date; two programs that start at once do so one
    /// after the other. An SQLite file is made if there is none (`sqlite:FILE?mode=rwc`).
    ///
    /// # Errors
    /// [`StoreError::Url`], [`StoreError::Unreachable`], [`StoreError::Newer`], [`StoreError::Altered`].
    pub async fn open(url: &str) -> Result<Self, StoreError> {
        Self::open_with(url, CONNECTIONS).await
    }

    /// The same with so many connections at the most. With one, whoever reads from the store while it
    /// holds a [`Write`] waits for itself, as it would with any number while others wait to write.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub async fn open_with(url: &str, connections: u32) -> Result<Self, StoreError> {
        sqlx::any::install_default_drivers();
        let dialect = Dialect::of(url)?;
        let options = AnyPoolOptions::new().max_connections(connections).acquire_timeout(BUSY);
        let options = options.after_connect(move |connection, _| {
            Box::pin(async move { connection.execute(dialect.greeting()).await.map(drop) })
        });
        let pool = options.connect(url).await.map_err(StoreError::Unreachable)?;
        let store = Self { pool, dialect };
        migrate::run(&store).await?;
        Ok(store)
    }

    pub fn dialect(&self) -> Dialect {
        self.dialect
    }

    /// Starts a transaction that will write.
    ///
    /// # Errors
    /// [`StoreError::Busy`] if another writer does not finish within ten seconds.
    pub async fn begin(&self) -> Result<Write, StoreError> {
        Ok(Write { transaction: self.pool.begin_with(self.dialect.begin()).await? })
    }

    /// Whether the database answers.
    ///
    /// # Errors
    /// [`StoreError`] if it does not.
    pub async fn ping(&self) -> Result<(), StoreError> {
        Ok(self.pool.acquire().await?.ping().await?)
    }

    /// Connections that are open, and those of them that nobody uses.
    pub fn connections(&self) -> (usize, usize) {
        (self.pool.size() as usize, self.pool.num_idle())
    }

    /// Waits until all connections are closed.
    pub async fn close(&self) {
        self.pool.close().await;
    }
}

impl Write {
    /// Makes everything durable and visible.
    ///
    /// # Errors
    /// [`StoreError`]; nothing is kept then.
    pub async fn commit(self) -> Result<(), StoreError> {
        Ok(self.transaction.commit().await?)
    }

    /// Which database it writes to.
    fn dialect(&self) -> Dialect {
        match self.transaction.backend_name() {
            "SQLite" => Dialect::Sqlite,
            _ => Dialect::Postgres,
        }
    }

    /// The next number of a log; the log is locked until the transaction ends.
    async fn next_number(&mut self, log: &'static str) -> Result<i64, StoreError> {
        self.numbers(log, 1).await
    }

    /// Takes `count` numbers of a log and gives the last of them.
    async fn numbers(&mut self, log: &'static str, count: i64) -> Result<i64, StoreError> {
        let next = sqlx::query_scalar("UPDATE counter SET value = value + $1 WHERE name = $2 RETURNING value");
        Ok(next.bind(count).bind(log).fetch_one(&mut *self.transaction).await?)
    }
}

/// The pattern of LIKE (`ESCAPE '!'`) for texts in lower case that hold this one, whose `%` and `_`
/// stand for themselves; `""` for `""`. Lower case is that of ASCII on both databases: SQLite knows no
/// other, and PostgreSQL's is by the locale unless it is told `LOWER(x COLLATE "binary")`
/// ([`migrate`]). So É is found by É and not by é.
fn holding(text: &str) -> String {
    if text.is_empty() {
        return String::new();
    }
    let mut pattern = String::from("%");
    for c in text.to_ascii_lowercase().chars() {
        if matches!(c, '!' | '%' | '_') {
            pattern.push('!');
        }
        pattern.push(c);
    }
    pattern + "%"
}

/// Exactly one row must have changed, else the record was changed by somebody else.
fn one_row(result: &sqlx::any::AnyQueryResult) -> Result<(), StoreError> {
    if result.rows_affected() == 1 { Ok(()) } else { Err(StoreError::Stale) }
}

/// The value whose code stands in the column.
fn coded<T: Copy>(
    row: &AnyRow,
    column: usize,
    what: &'static str,
    all: &[T],
    code: impl Fn(T) -> &'static str,
) -> Result<T, StoreError> {
    let found: String = row.try_get(column)?;
    all.iter().copied().find(|value| code(*value) == found).ok_or(StoreError::Unreadable { what })
}
