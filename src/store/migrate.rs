//! Brings the structure of a database up to date, all pending steps in one transaction.

use sha2::{Digest, Sha256};
use sqlx::any::AnyRow;
use sqlx::{AnyPool, AssertSqlSafe, Executor, Row};

use super::{Dialect, Store, StoreError, Write};
use crate::domain::hex::hex;

/// The steps in order; never changed once released.
const STEPS: &[&str] = &[
    include_str!("migrations/0001_accounts.sql"),
    include_str!("migrations/0002_access.sql"),
    include_str!("migrations/0003_talents.sql"),
    include_str!("migrations/0004_needs.sql"),
    include_str!("migrations/0005_recommendations.sql"),
    include_str!("migrations/0006_notices.sql"),
    include_str!("migrations/0007_operations.sql"),
    include_str!("migrations/0008_need_drafts.sql"),
    include_str!("migrations/0010_mends.sql"),
    include_str!("migrations/0011_board.sql"),
    include_str!("migrations/0012_board_search.sql"),
    include_str!("migrations/0013_standing.sql"),
    include_str!("migrations/0014_audit_salt.sql"),
    include_str!("migrations/0015_documents.sql"),
];

/// Any number that no other program uses: the lock of PostgreSQL that starting programs queue for.
const LOCK: &str = "SELECT pg_advisory_xact_lock(9202492)";

/// SQLite's collation of plain bytes by SQLite's name, so that one text of SQL asks both for it.
const COLLATION: &str = "CREATE COLLATION IF NOT EXISTS \"binary\" FROM \"C\"";

pub(super) async fn run(store: &Store) -> Result<(), StoreError> {
    let mut write = store.begin().await?;
    if store.dialect == Dialect::Postgres {
        write.transaction.execute(LOCK).await?;
        write.transaction.execute(COLLATION).await?;
    }
    let table = "CREATE TABLE IF NOT EXISTS structure (number BIGINT PRIMARY KEY, hash TEXT NOT NULL)";
    write.transaction.execute(table).await?;
    let done = check(&mut write).await?;
    for (step, number) in STEPS.iter().zip(1_i64..).skip(done) {
        let sql = step.replace("{bytes}", store.dialect.bytes());
        // sqlx keeps SQL made at run time out by its type; this one is made of our own files.
        write.transaction.execute(sqlx::raw_sql(AssertSqlSafe(sql))).await?;
        let note = sqlx::query("INSERT INTO structure (number, hash) VALUES ($1, $2)");
        note.bind(number).bind(hash(step)).execute(&mut *write.transaction).await?;
    }
    write.commit().await
}

/// How many steps the database has; they must be ours.
async fn check(write: &mut Write) -> Result<usize, StoreError> {
    let rows = sqlx::query(DONE).fetch_all(&mut *write.transaction).await?;
    are_ours(&rows)
}

const DONE: &str = "SELECT number, hash FROM structure ORDER BY number";

/// How many steps this program knows.
pub(super) fn known() -> i64 {
    STEPS.len() as i64
}

/// How many steps a database has that nothing is done to.
pub(super) async fn structure(pool: &AnyPool) -> Result<i64, StoreError> {
    Ok(are_ours(&sqlx::query(DONE).fetch_all(pool).await?)? as i64)
}

fn are_ours(rows: &[AnyRow]) -> Result<usize, StoreError> {
    let known = known();
    for (row, expected) in rows.iter().zip(1_i64..) {
        let (number, found): (i64, String) = (row.try_get(0)?, row.try_get(1)?);
        if number > known {
            return Err(StoreError::Newer { found: number, known });
        }
        if number != expected || STEPS.get(number as usize - 1).is_none_or(|step| hash(step) != found) {
            return Err(StoreError::Altered { number });
        }
    }
    Ok(rows.len())
}

fn hash(step: &str) -> String {
    hex(Sha256::digest(step))
}
