//! The panel of a challenge: its members, whom they may not judge, and their score sheets.

use sqlx::Row;
use sqlx::any::AnyRow;

use crate::store::{Store, StoreError, Write, one_row};

/// A member of a panel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PanelMember {
    pub account: String,
    pub login: String,
    pub name: String,
    pub organisation: Option<String>,
    pub organisation_name: Option<String>,
    /// When they were appointed, in milliseconds since 1970 UTC.
    pub at: i64,
    /// When they declared their conflicts.
    pub declared_at: Option<i64>,
}

/// A bid that a member may neither read nor score.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PanelConflict {
    pub bid: String,
    pub account: String,
    /// Found by the rules, else declared.
    pub by_rule: bool,
    pub reason: String,
    pub at: i64,
}

/// What a member gives a bid.
#[derive(Clone, PartialEq, Eq)]
pub struct ScoreSheet {
    pub bid: String,
    pub account: String,
    /// In the order of the criteria.
    pub scores: Vec<u32>,
    pub comment: String,
    /// What its hash is made with.
    pub nonce: [u8; 32],
    pub at: i64,
}

/// Without what it says: nobody reads it in a log before all have scored.
impl std::fmt::Debug for ScoreSheet {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("ScoreSheet").field("bid", &self.bid).finish_non_exhaustive()
    }
}

const MEMBERS: &str = "SELECT p.account_id, a.login, a.name, a.organisation_id, o.name, p.at, p.declared_at \
                       FROM panel_member p JOIN account a ON a.id = p.account_id \
                       LEFT JOIN organisation o ON o.id = a.organisation_id \
                       WHERE p.challenge_id = $1 ORDER BY p.at, p.account_id";
const CONFLICTS: &str = "SELECT bid_id, account_id, by_rule, reason, at FROM panel_conflict \
                         WHERE challenge_id = $1 ORDER BY bid_id, account_id";
const SHEETS: &str = "SELECT bid_id, account_id, scores, comment, nonce, at FROM score_sheet \
                      WHERE challenge_id = $1 ORDER BY bid_id, account_id";

impl Write {
    /// # Errors
    /// [`StoreError::Conflict`] if they are a member already.
    pub async fn panel_add(&mut self, challenge: &str, account: &str, at: i64) -> Result<(), StoreError> {
        let insert = sqlx::query("INSERT INTO panel_member (challenge_id, account_id, at) VALUES ($1, $2, $3)");
        insert.bind(challenge).bind(account).bind(at).execute(&mut *self.transaction).await?;
        Ok(())
    }

    /// Takes a member out, with the sheets. Conflicts stay known: who comes back is as blocked as before.
    ///
    /// # Errors
    /// [`StoreError::Stale`] if they are no member.
    pub async fn panel_remove(&mut self, challenge: &str, account: &str) -> Result<(), StoreError> {
        let delete = sqlx::query("DELETE FROM score_sheet WHERE challenge_id = $1 AND account_id = $2");
        delete.bind(challenge).bind(account).execute(&mut *self.transaction).await?;
        let delete = sqlx::query("DELETE FROM panel_member WHERE challenge_id = $1 AND account_id = $2");
        one_row(&delete.bind(challenge).bind(account).execute(&mut *self.transaction).await?)
    }

    /// Notes that a member has declared; the first time counts.
    ///
    /// # Errors
    /// [`StoreError::Stale`] if they are no member.
    pub async fn panel_declared(&mut self, challenge: &str, account: &str, at: i64) -> Result<(), StoreError> {
        let update = "UPDATE panel_member SET declared_at = COALESCE(declared_at, $1) \
                      WHERE challenge_id = $2 AND account_id = $3";
        let update = sqlx::query(update).bind(at).bind(challenge).bind(account);
        one_row(&update.execute(&mut *self.transaction).await?)
    }

    /// Blocks a bid for a member, and drops what they gave it. One that is blocked stays so for the
    /// first reason.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn panel_conflict_add(&mut self, challenge: &str, conflict: &PanelConflict) -> Result<(), StoreError> {
        let insert = "INSERT INTO panel_conflict (bid_id, account_id, challenge_id, by_rule, reason, at) \
                      VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (bid_id, account_id) DO NOTHING";
        let insert = sqlx::query(insert).bind(&conflict.bid).bind(&conflict.account).bind(challenge);
        let insert = insert.bind(i64::from(conflict.by_rule)).bind(&conflict.reason).bind(conflict.at);
        insert.execute(&mut *self.transaction).await?;
        let delete = sqlx::query("DELETE FROM score_sheet WHERE bid_id = $1 AND account_id = $2");
        delete.bind(&conflict.bid).bind(&conflict.account).execute(&mut *self.transaction).await?;
        Ok(())
    }

    /// Keeps a sheet in the place of the one before.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn score_put(&mut self, challenge: &str, sheet: &ScoreSheet) -> Result<(), StoreError> {
        let put = "INSERT INTO score_sheet (bid_id, account_id, challenge_id, scores, comment, nonce, at) \
                   VALUES ($1, $2, $3, $4, $5, $6, $7) ON CONFLICT (bid_id, account_id) DO UPDATE SET \
                   scores = excluded.scores, comment = excluded.comment, nonce = excluded.nonce, at = excluded.at";
        let scores = serde_json::to_string(&sheet.scores).map_err(|_| UNREADABLE)?;
        let put = sqlx::query(put).bind(&sheet.bid).bind(&sheet.account).bind(challenge).bind(scores);
        put.bind(&sheet.comment).bind(sheet.nonce.to_vec()).bind(sheet.at).execute(&mut *self.transaction).await?;
        Ok(())
    }

    /// The members as this transaction sees them, in the order of appointment.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn panel(&mut self, challenge: &str) -> Result<Vec<PanelMember>, StoreError> {
        let rows = sqlx::query(MEMBERS).bind(challenge).fetch_all(&mut *self.transaction).await?;
        rows.iter().map(member).collect()
    }

    /// The same of conflicts.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn panel_conflicts(&mut self, challenge: &str) -> Result<Vec<PanelConflict>, StoreError> {
        let rows = sqlx::query(CONFLICTS).bind(challenge).fetch_all(&mut *self.transaction).await?;
        rows.iter().map(conflict).collect()
    }

    /// The same of sheets.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn scores(&mut self, challenge: &str) -> Result<Vec<ScoreSheet>, StoreError> {
        let rows = sqlx::query(SHEETS).bind(challenge).fetch_all(&mut *self.transaction).await?;
        rows.iter().map(sheet).collect()
    }
}

impl Store {
    /// The members of a panel in the order of appointment.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn panel(&self, challenge: &str) -> Result<Vec<PanelMember>, StoreError> {
        sqlx::query(MEMBERS).bind(challenge).fetch_all(&self.pool).await?.iter().map(member).collect()
    }

    /// Which bids which members may not judge.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn panel_conflicts(&self, challenge: &str) -> Result<Vec<PanelConflict>, StoreError> {
        sqlx::query(CONFLICTS).bind(challenge).fetch_all(&self.pool).await?.iter().map(conflict).collect()
    }

    /// All sheets of a challenge. Who reads them is for the use case.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn scores(&self, challenge: &str) -> Result<Vec<ScoreSheet>, StoreError> {
        sqlx::query(SHEETS).bind(challenge).fetch_all(&self.pool).await?.iter().map(sheet).collect()
    }

    /// Ids of the challenges whose panel an account is a member of, newest first.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn panels_of(&self, account: &str) -> Result<Vec<String>, StoreError> {
        let query = "SELECT challenge_id FROM panel_member WHERE account_id = $1 ORDER BY challenge_id DESC";
        Ok(sqlx::query_scalar(query).bind(account).fetch_all(&self.pool).await?)
    }

    /// Login, name and organisation of those who may be appointed to panels.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn panel_candidates(&self, limit: i64) -> Result<Vec<(String, String, Option<String>)>, StoreError> {
        let query = "SELECT a.login, a.name, o.name FROM account a LEFT JOIN organisation o ON o.id = a.organisation_id \
                     WHERE a.role IN ('panel_member', 'expert') AND a.status = 'active' ORDER BY a.name, a.id LIMIT $1";
        let rows = sqlx::query(query).bind(limit).fetch_all(&self.pool).await?;
        rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?, row.try_get(2)?))).collect()
    }
}

const UNREADABLE: StoreError = StoreError::Unreadable { what: "评分表" };

fn member(row: &AnyRow) -> Result<PanelMember, StoreError> {
    Ok(PanelMember {
        account: row.try_get(0)?,
        login: row.try_get(1)?,
        name: row.try_get(2)?,
        organisation: row.try_get(3)?,
        organisation_name: row.try_get(4)?,
        at: row.try_get(5)?,
        declared_at: row.try_get(6)?,
    })
}

fn conflict(row: &AnyRow) -> Result<PanelConflict, StoreError> {
    Ok(PanelConflict {
        bid: row.try_get(0)?,
        account: row.try_get(1)?,
        by_rule: row.try_get::<i64, _>(2)? != 0,
        reason: row.try_get(3)?,
        at: row.try_get(4)?,
    })
}

fn sheet(row: &AnyRow) -> Result<ScoreSheet, StoreError> {
    let nonce: Vec<u8> = row.try_get(4)?;
    Ok(ScoreSheet {
        bid: row.try_get(0)?,
        account: row.try_get(1)?,
        scores: serde_json::from_str(row.try_get(2)?).map_err(|_| UNREADABLE)?,
        comment: row.try_get(3)?,
        nonce: nonce.try_into().map_err(|_| UNREADABLE)?,
        at: row.try_get(5)?,
    })
}
