//! Figures of the dashboard: counted in the database, from indexes, a bounded number of rows each.

use std::fmt::Write as _;

use sqlx::{AssertSqlSafe, Row};

use super::{Store, StoreError, Write, needs};
use crate::domain::Need;

/// First contacts that a median is taken of.
const CONTACTS: i64 = 20_000;

/// What waits for an operator.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Waiting {
    pub registrations: i64,
    pub claims: i64,
    pub needs: i64,
}

/// Needs of one field that were handed in in one month, those taken back left out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NeedsOfMonth {
    /// Place of the month in what was asked for.
    pub month: usize,
    pub field: Option<String>,
    pub count: i64,
    /// Of these: those whose match is known, and those that somebody matches highly.
    pub measured: i64,
    pub matched: i64,
}

/// Invitations sent in one month that are now of one status.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct InvitationsOfMonth {
    pub month: usize,
    /// Code of the status.
    pub status: String,
    pub count: i64,
}

/// When a need was handed in and when its first invitation was accepted, in milliseconds since
/// 1970 UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Contact {
    pub submitted_at: i64,
    pub accepted_at: i64,
}

/// A need whose match is not known.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Unmeasured {
    pub version: i64,
    /// Region of its enterprise, where it names none itself.
    pub organisation_region: Option<String>,
    pub need: Need,
}

/// `WITH month (n, first, past) AS (…)` for months that begin at these times; the last entry is
/// where the last month ends.
fn months(bounds: &[i64]) -> String {
    let mut sql = String::from("WITH month (n, first, past) AS (VALUES ");
    for (n, pair) in bounds.windows(2).enumerate() {
        let comma = if n == 0 { "" } else { ", " };
        let _ = write!(sql, "{comma}({n}, CAST({} AS BIGINT), CAST({} AS BIGINT))", pair[0], pair[1]);
    }
    sql.push_str(") ");
    sql
}

fn month(row: &sqlx::any::AnyRow) -> Result<usize, StoreError> {
    Ok(usize::try_from(row.try_get::<i64, _>(0)?).unwrap_or_default())
}

impl Store {
    /// What waits to be decided.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn waiting(&self) -> Result<Waiting, StoreError> {
        let query = "SELECT (SELECT COUNT(*) FROM account WHERE status = 'pending'), \
                     (SELECT COUNT(*) FROM claim WHERE status = 'pending'), \
                     (SELECT COUNT(*) FROM need WHERE status = 'submitted')";
        let row = sqlx::query(query).fetch_one(&self.pool).await?;
        Ok(Waiting { registrations: row.try_get(0)?, claims: row.try_get(1)?, needs: row.try_get(2)? })
    }

    /// Needs by month and field. `bounds` are where the months begin, and where the last one ends.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn needs_by_month(&self, bounds: &[i64]) -> Result<Vec<NeedsOfMonth>, StoreError> {
        let sql = months(bounds)
            + "SELECT CAST(m.n AS BIGINT), n.field, COUNT(*), COUNT(x.need_id), \
               CAST(SUM(CASE WHEN x.high > 0 THEN 1 ELSE 0 END) AS BIGINT) FROM month m CROSS JOIN need n \
               LEFT JOIN need_match x ON x.need_id = n.id WHERE n.submitted_at >= m.first AND n.submitted_at < m.past \
               AND n.status <> 'withdrawn' GROUP BY m.n, n.field";
        // Made of our own texts and of numbers.
        let rows = sqlx::query(AssertSqlSafe(sql)).persistent(false).fetch_all(&self.pool).await?;
        let read = |row| -> Result<_, StoreError> {
            let row: &sqlx::any::AnyRow = row;
            let (field, count) = (row.try_get(1)?, row.try_get(2)?);
            Ok(NeedsOfMonth { month: month(row)?, field, count, measured: row.try_get(3)?, matched: row.try_get(4)? })
        };
        rows.iter().map(read).collect()
    }

    /// Invitations by the month in which they were sent, and what has become of them.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn invitations_by_month(&self, bounds: &[i64]) -> Result<Vec<InvitationsOfMonth>, StoreError> {
        let sql = months(bounds)
            + "SELECT CAST(m.n AS BIGINT), i.status, COUNT(*) FROM month m CROSS JOIN invitation i \
               WHERE i.created_at >= m.first AND i.created_at < m.past GROUP BY m.n, i.status";
        let rows = sqlx::query(AssertSqlSafe(sql)).persistent(false).fetch_all(&self.pool).await?;
        let read = |row: &sqlx::any::AnyRow| {
            Ok(InvitationsOfMonth { month: month(row)?, status: row.try_get(1)?, count: row.try_get(2)? })
        };
        rows.iter().map(read).collect()
    }

    /// The needs whose first contact was made since a time, at most the newest 20,000.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn contacts_since(&self, since: i64) -> Result<Vec<Contact>, StoreError> {
        let query = "SELECT n.submitted_at, f.at FROM (SELECT need_id, MIN(answered_at) AS at FROM invitation \
                     WHERE status = 'accepted' AND answered_at IS NOT NULL GROUP BY need_id) f \
                     JOIN need n ON n.id = f.need_id WHERE f.at >= $1 AND n.submitted_at IS NOT NULL \
                     ORDER BY f.at DESC LIMIT $2";
        let rows = sqlx::query(query).bind(since).bind(CONTACTS).fetch_all(&self.pool).await?;
        let read =
            |row: &sqlx::any::AnyRow| Ok(Contact { submitted_at: row.try_get(0)?, accepted_at: row.try_get(1)? });
        rows.iter().map(read).collect()
    }

    /// Needs handed in since a time whose match is not known, or was found before `stale` or of
    /// another version; newest first.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn needs_unmeasured(&self, since: i64, stale: i64, limit: i64) -> Result<Vec<Unmeasured>, StoreError> {
        let query = "SELECT n.version, o.region, n.content FROM need n JOIN organisation o ON o.id = n.organisation_id \
                     LEFT JOIN need_match x ON x.need_id = n.id WHERE n.submitted_at >= $1 \
                     AND n.status <> 'withdrawn' AND (x.need_id IS NULL OR x.need_version <> n.version OR x.at < $2) \
                     ORDER BY n.submitted_at DESC LIMIT $3";
        let rows = sqlx::query(query).bind(since).bind(stale).bind(limit).fetch_all(&self.pool).await?;
        let read = |row: &sqlx::any::AnyRow| -> Result<_, StoreError> {
            let need = needs::content(row.try_get(2)?)?;
            Ok(Unmeasured { version: row.try_get(0)?, organisation_region: row.try_get(1)?, need })
        };
        rows.iter().map(read).collect()
    }

    /// What tells whether suspected duplicates are still those that were found: the newest change
    /// and how many pairs are kept apart.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn duplicates_stamp(&self) -> Result<(i64, i64), StoreError> {
        let query = "SELECT (SELECT value FROM counter WHERE name = 'change'), \
                     (SELECT COUNT(*) FROM merge WHERE status = 'apart')";
        let row = sqlx::query(query).fetch_one(&self.pool).await?;
        Ok((row.try_get(0)?, row.try_get(1)?))
    }
}

impl Write {
    /// Keeps how many talents match a need of a version highly. A need that is no more is no error.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn need_match_put(&mut self, need: &str, version: i64, high: i64, at: i64) -> Result<(), StoreError> {
        let put = "INSERT INTO need_match (need_id, need_version, high, at) \
                   SELECT id, CAST($2 AS BIGINT), CAST($3 AS BIGINT), CAST($4 AS BIGINT) FROM need WHERE id = $1 \
                   ON CONFLICT (need_id) DO UPDATE SET need_version = excluded.need_version, high = excluded.high, \
                   at = excluded.at";
        let put = sqlx::query(put).bind(need).bind(version).bind(high).bind(at);
        put.execute(&mut *self.transaction).await?;
        Ok(())
    }
}
