//! Invitations of talents by enterprises.

use sqlx::Row;
use sqlx::any::AnyRow;

use super::{Store, StoreError, Write, bulk, coded, one_row};
use crate::domain::InvitationStatus;

/// An invitation as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Invitation {
    pub id: String,
    pub need: String,
    pub talent: String,
    /// The enterprise that owns the need.
    pub organisation: String,
    pub organisation_name: String,
    pub by_account: String,
    pub message: String,
    /// JSON of the parts of the need that the enterprise released.
    pub released: String,
    /// What the enterprise shows of itself once accepted.
    pub contact: String,
    pub status: InvitationStatus,
    pub answer: Option<String>,
    pub created_at: i64,
    pub answered_at: Option<i64>,
    pub version: i64,
}

macro_rules! invitations_where {
    ($condition:literal) => {
        concat!(
            "SELECT i.id, i.need_id, i.talent_id, n.organisation_id, o.name, i.by_account, i.message, i.released, ",
            "i.contact, i.status, i.answer, i.created_at, i.answered_at, i.version FROM invitation i ",
            "JOIN need n ON n.id = i.need_id JOIN organisation o ON o.id = n.organisation_id WHERE ",
            $condition
        )
    };
}

impl Write {
    /// # Errors
    /// [`StoreError::Conflict`] if the talent has an open invitation for the need.
    pub async fn invitation_add(&mut self, new: &Invitation) -> Result<(), StoreError> {
        let insert = "INSERT INTO invitation (id, need_id, talent_id, by_account, message, released, contact, status, \
                      created_at, version) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
        let insert = sqlx::query(insert).bind(&new.id).bind(&new.need).bind(&new.talent).bind(&new.by_account);
        let insert = insert.bind(&new.message).bind(&new.released).bind(&new.contact).bind(new.status.code());
        insert.bind(new.created_at).bind(new.version).execute(&mut *self.transaction).await?;
        Ok(())
    }

    /// Writes the status and the answer.
    ///
    /// # Errors
    /// [`StoreError::Stale`] if the invitation is no longer of the version before.
    pub async fn invitation_update(&mut self, changed: &Invitation) -> Result<(), StoreError> {
        let update = "UPDATE invitation SET status = $1, answer = $2, answered_at = $3, version = version + 1 \
                      WHERE id = $4 AND version = $5";
        let update = sqlx::query(update).bind(changed.status.code()).bind(changed.answer.as_deref());
        let update = update.bind(changed.answered_at).bind(&changed.id).bind(changed.version);
        one_row(&update.execute(&mut *self.transaction).await?)
    }
}

impl Store {
    /// # Errors
    /// [`StoreError`]
    pub async fn invitation(&self, id: &str) -> Result<Option<Invitation>, StoreError> {
        let row = sqlx::query(invitations_where!("i.id = $1")).bind(id).fetch_optional(&self.pool).await?;
        row.as_ref().map(read).transpose()
    }

    /// Invitations of an enterprise, of a talent's account, or all, of one status or of all: newest
    /// first, before an id (`""` to begin). What is `""` is not asked for.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn invitations(
        &self,
        organisation: &str,
        account: &str,
        need: &str,
        status: Option<InvitationStatus>,
        before: &str,
        limit: i64,
    ) -> Result<Vec<Invitation>, StoreError> {
        let query = invitations_where!(
            "($1 = '' OR n.organisation_id = $1) \
             AND ($2 = '' OR i.talent_id IN (SELECT id FROM talent WHERE account_id = $2)) \
             AND ($3 = '' OR i.need_id = $3) AND ($4 = '' OR i.status = $4) AND ($5 = '' OR i.id < $5) \
             ORDER BY i.id DESC LIMIT $6"
        );
        let query = sqlx::query(query).bind(organisation).bind(account).bind(need);
        let query = query.bind(status.map_or("", InvitationStatus::code)).bind(before).bind(limit);
        query.fetch_all(&self.pool).await?.iter().map(read).collect()
    }

    /// How many invitations of an enterprise, of a talent's account, or in all are in each status.
    /// What is `""` is not asked for.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn invitation_counts(
        &self,
        organisation: &str,
        account: &str,
    ) -> Result<Vec<(InvitationStatus, i64)>, StoreError> {
        let query = "SELECT i.status, COUNT(*) FROM invitation i JOIN need n ON n.id = i.need_id \
                     WHERE ($1 = '' OR n.organisation_id = $1) \
                     AND ($2 = '' OR i.talent_id IN (SELECT id FROM talent WHERE account_id = $2)) GROUP BY i.status";
        let rows = sqlx::query(query).bind(organisation).bind(account).fetch_all(&self.pool).await?;
        rows.iter().map(|row| Ok((status(row, 0)?, row.try_get(1)?))).collect()
    }

    /// How many collaborations each of the talents has taken: accepted invitations whose need has
    /// not ended (`domain::availability::is_load`). Who has none is not in the list.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn loads(&self, talents: &[&str]) -> Result<Vec<(String, i64)>, StoreError> {
        let mut read = self.pool.acquire().await?;
        let head = "SELECT i.talent_id, COUNT(*) FROM invitation i JOIN need n ON n.id = i.need_id \
                    WHERE i.status = 'accepted' AND n.status NOT IN ('withdrawn', 'closed') AND i.talent_id IN";
        let rows = bulk::select(&mut read, head, talents, "GROUP BY i.talent_id").await?;
        rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect()
    }
}

fn status(row: &AnyRow, column: usize) -> Result<InvitationStatus, StoreError> {
    coded(row, column, "邀请状态", &InvitationStatus::ALL, InvitationStatus::code)
}

fn read(row: &AnyRow) -> Result<Invitation, StoreError> {
    Ok(Invitation {
        id: row.try_get(0)?,
        need: row.try_get(1)?,
        talent: row.try_get(2)?,
        organisation: row.try_get(3)?,
        organisation_name: row.try_get(4)?,
        by_account: row.try_get(5)?,
        message: row.try_get(6)?,
        released: row.try_get(7)?,
        contact: row.try_get(8)?,
        status: status(row, 9)?,
        answer: row.try_get(10)?,
        created_at: row.try_get(11)?,
        answered_at: row.try_get(12)?,
        version: row.try_get(13)?,
    })
}
