//! Claims: "this profile is mine", decided by an operator.

use sqlx::Row;
use sqlx::any::AnyRow;

use crate::store::{Store, StoreError, Write, coded, one_row};

/// How far a claim is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum ClaimStatus {
    Pending,
    Approved,
    Refused,
}

impl ClaimStatus {
    pub const ALL: [Self; 3] = [Self::Pending, Self::Approved, Self::Refused];

    /// As it is written in the store and in the API.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Pending => "pending",
            Self::Approved => "approved",
            Self::Refused => "refused",
        }
    }

    pub const fn name(self) -> &'static str {
        match self {
            Self::Pending => "待审核",
            Self::Approved => "已通过",
            Self::Refused => "未通过",
        }
    }
}

/// A claim as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claim {
    pub id: String,
    pub talent: String,
    pub account: String,
    /// Why the profile is theirs, in the person's words.
    pub statement: String,
    pub status: ClaimStatus,
    /// Milliseconds since 1970 UTC; the person agreed to be listed at this time.
    pub created_at: i64,
    pub decided_at: Option<i64>,
    /// Account of the operator.
    pub decided_by: Option<String>,
    pub version: i64,
}

/// The claims that a condition names.
macro_rules! claims_where {
    ($condition:literal) => {
        concat!(
            "SELECT id, talent_id, account_id, statement, status, created_at, decided_at, decided_by, version ",
            "FROM claim WHERE ",
            $condition
        )
    };
}

impl Write {
    /// # Errors
    /// [`StoreError::Conflict`] if the account has another pending one, or there is no such talent.
    pub async fn claim_add(&mut self, new: &Claim) -> Result<(), StoreError> {
        let insert = sqlx::query(
            "INSERT INTO claim (id, talent_id, account_id, statement, status, created_at, version) \
             VALUES ($1, $2, $3, $4, $5, $6, $7)",
        );
        let insert = insert.bind(&new.id).bind(&new.talent).bind(&new.account).bind(&new.statement);
        let insert = insert.bind(new.status.code()).bind(new.created_at).bind(new.version);
        insert.execute(&mut *self.transaction).await?;
        Ok(())
    }

    /// Decides a pending claim.
    ///
    /// # Errors
    /// [`StoreError::Stale`] if it is pending no more.
    pub async fn claim_decide(&mut self, id: &str, status: ClaimStatus, by: &str, at: i64) -> Result<(), StoreError> {
        let update = "UPDATE claim SET status = $1, decided_by = $2, decided_at = $3, version = version + 1 \
                      WHERE id = $4 AND status = 'pending'";
        let update = sqlx::query(update).bind(status.code()).bind(by).bind(at).bind(id);
        one_row(&update.execute(&mut *self.transaction).await?)
    }

    /// Refuses the pending claims on a talent: it has its person now. Gives their ids and accounts.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn claims_refuse(
        &mut self,
        talent: &str,
        by: &str,
        at: i64,
    ) -> Result<Vec<(String, String)>, StoreError> {
        let update = "UPDATE claim SET status = 'refused', decided_by = $1, decided_at = $2, version = version + 1 \
                      WHERE talent_id = $3 AND status = 'pending' RETURNING id, account_id";
        let rows = sqlx::query(update).bind(by).bind(at).bind(talent).fetch_all(&mut *self.transaction).await?;
        rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect()
    }
}

impl Store {
    /// # Errors
    /// [`StoreError`]
    pub async fn claim(&self, id: &str) -> Result<Option<Claim>, StoreError> {
        let row = sqlx::query(claims_where!("id = $1")).bind(id).fetch_optional(&self.pool).await?;
        row.as_ref().map(read).transpose()
    }

    /// Claims after an id, oldest first, of one status and one account or of all.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn claims(
        &self,
        status: Option<ClaimStatus>,
        account: Option<&str>,
        after: &str,
        limit: i64,
    ) -> Result<Vec<Claim>, StoreError> {
        let query = sqlx::query(claims_where!(
            "id > $1 AND ($2 = '' OR status = $2) AND ($3 = '' OR account_id = $3) ORDER BY id LIMIT $4"
        ));
        let query = query.bind(after).bind(status.map_or("", ClaimStatus::code)).bind(account.unwrap_or_default());
        query.bind(limit).fetch_all(&self.pool).await?.iter().map(read).collect()
    }
}

fn read(row: &AnyRow) -> Result<Claim, StoreError> {
    Ok(Claim {
        id: row.try_get(0)?,
        talent: row.try_get(1)?,
        account: row.try_get(2)?,
        statement: row.try_get(3)?,
        status: coded(row, 4, "认领状态", &ClaimStatus::ALL, ClaimStatus::code)?,
        created_at: row.try_get(5)?,
        decided_at: row.try_get(6)?,
        decided_by: row.try_get(7)?,
        version: row.try_get(8)?,
    })
}
