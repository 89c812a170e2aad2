//! Attachments of needs: what they are, apart from what they hold.

use sqlx::Row;
use sqlx::any::AnyRow;

use super::{Store, StoreError, Write, one_row};

/// A file that belongs to a need.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Attachment {
    pub id: String,
    pub need: String,
    /// With its ending, cleaned.
    pub name: String,
    pub media_type: String,
    /// Bytes.
    pub size: i64,
    pub sha256: [u8; 32],
    pub by_account: String,
    /// Milliseconds since 1970 UTC.
    pub at: i64,
    /// The challenge that it was added to.
    pub challenge: Option<String>,
    /// The question about that challenge that it belongs to the answer of.
    pub question: Option<String>,
}

/// The attachments that a condition names.
macro_rules! attachments_where {
    ($condition:literal) => {
        concat!(
            "SELECT id, need_id, name, media_type, size, sha256, by_account, at, challenge_id, question_id FROM attachment WHERE need_id = $1 ",
            $condition
        )
    };
}

impl Write {
    /// # Errors
    /// [`StoreError::Conflict`] if the need is unknown or has a file of the same content.
    pub async fn attachment_add(&mut self, new: &Attachment, content: Vec<u8>) -> Result<(), StoreError> {
        let insert = "INSERT INTO attachment (id, need_id, name, media_type, size, sha256, by_account, at, \
                      challenge_id, question_id) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
        let insert = sqlx::query(insert).bind(&new.id).bind(&new.need).bind(&new.name).bind(&new.media_type);
        let insert = insert.bind(new.size).bind(new.sha256.to_vec()).bind(&new.by_account).bind(new.at);
        insert.bind(&new.challenge).bind(&new.question).execute(&mut *self.transaction).await?;
        let insert = sqlx::query("INSERT INTO attachment_content (attachment_id, content) VALUES ($1, $2)");
        insert.bind(&new.id).bind(content).execute(&mut *self.transaction).await?;
        Ok(())
    }

    /// # Errors
    /// [`StoreError::Stale`] if the need has no such attachment.
    pub async fn attachment_delete(&mut self, need: &str, id: &str) -> Result<(), StoreError> {
        let delete = sqlx::query("DELETE FROM attachment WHERE need_id = $1 AND id = $2").bind(need).bind(id);
        one_row(&delete.execute(&mut *self.transaction).await?)
    }

    /// How many files were added to a need itself, or to a challenge of it, as this transaction sees it.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn attachments_count(&mut self, need: &str, challenge: Option<&str>) -> Result<i64, StoreError> {
        let query = "SELECT COUNT(*) FROM attachment WHERE need_id = $1 AND COALESCE(challenge_id, '') = $2";
        let count = sqlx::query_scalar(query).bind(need).bind(challenge.unwrap_or_default());
        Ok(count.fetch_one(&mut *self.transaction).await?)
    }
}

impl Store {
    /// The attachments of a need, oldest first.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn attachments_of(&self, need: &str) -> Result<Vec<Attachment>, StoreError> {
        let query = sqlx::query(attachments_where!("ORDER BY id")).bind(need);
        query.fetch_all(&self.pool).await?.iter().map(read).collect()
    }

    /// # Errors
    /// [`StoreError`]
    pub async fn attachment(&self, need: &str, id: &str) -> Result<Option<Attachment>, StoreError> {
        let query = sqlx::query(attachments_where!("AND id = $2")).bind(need).bind(id);
        query.fetch_optional(&self.pool).await?.as_ref().map(read).transpose()
    }

    /// What an attachment holds.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn attachment_content(&self, id: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let query = sqlx::query_scalar("SELECT content FROM attachment_content WHERE attachment_id = $1");
        Ok(query.bind(id).fetch_optional(&self.pool).await?)
    }
}

fn read(row: &AnyRow) -> Result<Attachment, StoreError> {
    let sha256: Vec<u8> = row.try_get(5)?;
    Ok(Attachment {
        id: row.try_get(0)?,
        need: row.try_get(1)?,
        name: row.try_get(2)?,
        media_type: row.try_get(3)?,
        size: row.try_get(4)?,
        sha256: sha256.try_into().map_err(|_| StoreError::Unreadable { what: "附件校验值" })?,
        by_account: row.try_get(6)?,
        at: row.try_get(7)?,
        challenge: row.try_get(8)?,
        question: row.try_get(9)?,
    })
}
