//! The daily digest: who wants it where, and which mails were sent.
//!
//! A mail is claimed by its row before it is sent, so no two nodes send it. One that was surely not
//! accepted may be tried again; one that perhaps was is not: nobody gets a digest twice.

use sqlx::Row;
use sqlx::any::AnyRow;

use super::notices::{notices_where, read as read_notice};
use super::{NoticeRow, Store, StoreError, Write, one_row};

/// Where somebody wants the digest.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Digest {
    pub account: String,
    pub address: String,
    /// When the link that confirms the address was sent last, in milliseconds since 1970 UTC, and
    /// how many were sent on that day.
    pub asked_at: i64,
    pub asked: i64,
    /// Since when it is mailed.
    pub confirmed_at: Option<i64>,
    /// Whether a link that was sent still waits to be followed.
    pub is_asked: bool,
}

/// A mail that is to be sent.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DigestMail {
    pub account: String,
    pub address: String,
    /// `2026-11-24`
    pub day: String,
    /// Times that it was tried.
    pub attempts: i64,
}

/// What became of a mail.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum MailEnd {
    Sent,
    /// Surely not accepted: it may be tried again at this time.
    Failed {
        next_at: i64,
    },
    /// Surely not accepted, and not tried again: a later day's tells of the same.
    GivenUp,
    /// Perhaps accepted.
    Unknown,
    /// Nothing to say any more, or its owner has ended the digest.
    Dropped,
}

impl MailEnd {
    const fn code(self) -> (&'static str, i64) {
        match self {
            Self::Sent => ("sent", 0),
            Self::Failed { next_at } => ("failed", next_at),
            Self::GivenUp => ("failed", i64::MAX),
            Self::Unknown => ("unknown", 0),
            Self::Dropped => ("dropped", 0),
        }
    }
}

impl Write {
    /// Notes an address that waits to be confirmed; the one before it gets nothing more.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] if there is no such account.
    pub async fn digest_ask(&mut self, asked: &Digest, confirm_hash: &[u8; 32]) -> Result<(), StoreError> {
        let insert = "INSERT INTO digest (account_id, address, confirm_hash, asked_at, asked) \
                      VALUES ($1, $2, $3, $4, $5) ON CONFLICT (account_id) DO UPDATE SET \
                      address = excluded.address, confirm_hash = excluded.confirm_hash, \
                      asked_at = excluded.asked_at, asked = excluded.asked, confirmed_at = NULL";
        let insert = sqlx::query(insert).bind(&asked.account).bind(&asked.address).bind(confirm_hash.to_vec());
        insert.bind(asked.asked_at).bind(asked.asked).execute(&mut *self.transaction).await?;
        Ok(())
    }

    /// Begins the digest whose link was followed, if the link was sent since a time.
    ///
    /// # Errors
    /// [`StoreError::Stale`] if no digest waits for it.
    pub async fn digest_confirm(&mut self, confirm_hash: &[u8; 32], since: i64, at: i64) -> Result<(), StoreError> {
        let update =
            "UPDATE digest SET confirmed_at = $1, confirm_hash = NULL WHERE confirm_hash = $2 AND asked_at >= $3";
        let update = sqlx::query(update).bind(at).bind(confirm_hash.to_vec()).bind(since);
        one_row(&update.execute(&mut *self.transaction).await?)
    }

    /// Ends somebody's digest. How many links were sent stays.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn digest_end(&mut self, account: &str) -> Result<(), StoreError> {
        let update = "UPDATE digest SET confirmed_at = NULL, confirm_hash = NULL, address = '' WHERE account_id = $1";
        sqlx::query(update).bind(account).execute(&mut *self.transaction).await?;
        Ok(())
    }

    /// Takes somebody's mail of a day, with the notices that it tells of; `false` if it was taken before.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn digest_claim(&mut self, mail: &DigestMail, end_hash: &[u8; 32], at: i64) -> Result<bool, StoreError> {
        let insert = "INSERT INTO digest_mail (account_id, day, status, attempts, next_at, at, end_hash) \
                      VALUES ($1, $2, 'sending', 1, 0, $3, $4) ON CONFLICT (account_id, day) DO NOTHING";
        let insert = sqlx::query(insert).bind(&mail.account).bind(&mail.day).bind(at).bind(end_hash.to_vec());
        if insert.execute(&mut *self.transaction).await?.rows_affected() == 0 {
            return Ok(false);
        }
        let told = "UPDATE notice SET mailed_on = $1 WHERE account_id = $2 AND read_at IS NULL AND mailed_on IS NULL \
                    AND at >= (SELECT confirmed_at FROM digest WHERE account_id = $2)";
        sqlx::query(told).bind(&mail.day).bind(&mail.account).execute(&mut *self.transaction).await?;
        Ok(true)
    }

    /// Takes a mail that failed once more; `false` if somebody else has, or its owner is gone.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn digest_reclaim(&mut self, mail: &DigestMail, end_hash: &[u8; 32]) -> Result<bool, StoreError> {
        let update = "UPDATE digest_mail SET status = 'sending', attempts = attempts + 1, end_hash = $1 \
                      WHERE account_id = $2 AND day = $3 AND status = 'failed' AND attempts = $4 AND account_id IN \
                      (SELECT d.account_id FROM digest d JOIN account a ON a.id = d.account_id \
                      WHERE d.confirmed_at IS NOT NULL AND a.status = 'active')";
        let update = sqlx::query(update).bind(end_hash.to_vec()).bind(&mail.account).bind(&mail.day);
        Ok(update.bind(mail.attempts).execute(&mut *self.transaction).await?.rows_affected() == 1)
    }

    /// Notes what became of a mail that was taken.
    ///
    /// # Errors
    /// [`StoreError::Stale`] if it is not being sent.
    pub async fn digest_done(&mut self, mail: &DigestMail, end: MailEnd) -> Result<(), StoreError> {
        let (status, next_at) = end.code();
        let update = "UPDATE digest_mail SET status = $1, next_at = $2 \
                      WHERE account_id = $3 AND day = $4 AND status = 'sending'";
        let update = sqlx::query(update).bind(status).bind(next_at).bind(&mail.account).bind(&mail.day);
        one_row(&update.execute(&mut *self.transaction).await?)
    }

    /// Gives up mails of days before this one that failed to the last: the next one tells of their
    /// notices.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn digests_give_up(&mut self, day: &str) -> Result<(), StoreError> {
        let notices = "UPDATE notice SET mailed_on = NULL WHERE account_id IN (SELECT account_id FROM digest_mail \
                       WHERE status = 'failed' AND day < $1) AND EXISTS (SELECT 1 FROM digest_mail m \
                       WHERE m.account_id = notice.account_id AND m.day = notice.mailed_on AND m.day < $1 \
                       AND m.status = 'failed')";
        sqlx::query(notices).bind(day).execute(&mut *self.transaction).await?;
        let mails = sqlx::query("UPDATE digest_mail SET status = 'dropped' WHERE status = 'failed' AND day < $1");
        mails.bind(day).execute(&mut *self.transaction).await?;
        Ok(())
    }
}

impl Store {
    /// # Errors
    /// [`StoreError`]
    pub async fn digest(&self, account: &str) -> Result<Option<Digest>, StoreError> {
        let query = "SELECT account_id, address, asked_at, asked, confirmed_at, \
                     CAST(CASE WHEN confirm_hash IS NULL THEN 0 ELSE 1 END AS BIGINT) FROM digest WHERE account_id = $1";
        let row = sqlx::query(query).bind(account).fetch_optional(&self.pool).await?;
        let read = |row: AnyRow| {
            Ok(Digest {
                account: row.try_get(0)?,
                address: row.try_get(1)?,
                asked_at: row.try_get(2)?,
                asked: row.try_get(3)?,
                confirmed_at: row.try_get(4)?,
                is_asked: row.try_get::<i64, _>(5)? != 0,
            })
        };
        row.map(read).transpose()
    }

    /// Whether mails of days before this one failed to the last ([`Write::digests_give_up`]).
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn digests_unsent(&self, day: &str) -> Result<bool, StoreError> {
        let query = "SELECT day FROM digest_mail WHERE status = 'failed' AND day < $1 LIMIT 1";
        Ok(sqlx::query(query).bind(day).fetch_optional(&self.pool).await?.is_some())
    }

    /// Whose digest the link in one of its mails ends.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn digest_of_mail(&self, end_hash: &[u8; 32]) -> Result<Option<String>, StoreError> {
        let query = sqlx::query_scalar("SELECT account_id FROM digest_mail WHERE end_hash = $1");
        Ok(query.bind(end_hash.to_vec()).fetch_optional(&self.pool).await?)
    }

    /// Mails of a day that nobody has taken: of those who have something new to read.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn digests_due(&self, day: &str, limit: i64) -> Result<Vec<DigestMail>, StoreError> {
        let query = "SELECT d.account_id, d.address FROM digest d JOIN account a ON a.id = d.account_id \
                     WHERE d.confirmed_at IS NOT NULL AND a.status = 'active' AND NOT EXISTS \
                     (SELECT 1 FROM digest_mail m WHERE m.account_id = d.account_id AND m.day = $1) AND EXISTS \
                     (SELECT 1 FROM notice n WHERE n.account_id = d.account_id AND n.read_at IS NULL \
                     AND n.mailed_on IS NULL AND n.at >= d.confirmed_at) ORDER BY d.account_id LIMIT $2";
        let rows = sqlx::query(query).bind(day).bind(limit).fetch_all(&self.pool).await?;
        let read = |row: &AnyRow| {
            Ok(DigestMail { account: row.try_get(0)?, address: row.try_get(1)?, day: day.to_owned(), attempts: 0 })
        };
        rows.iter().map(read).collect()
    }

    /// Mails of a day that failed and are to be tried again by now.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn digests_failed(&self, day: &str, now: i64, limit: i64) -> Result<Vec<DigestMail>, StoreError> {
        let query = "SELECT m.account_id, d.address, m.attempts FROM digest_mail m \
                     JOIN digest d ON d.account_id = m.account_id JOIN account a ON a.id = m.account_id \
                     WHERE m.status = 'failed' AND m.day = $1 AND m.next_at <= $2 AND d.confirmed_at IS NOT NULL \
                     AND a.status = 'active' ORDER BY m.account_id LIMIT $3";
        let rows = sqlx::query(query).bind(day).bind(now).bind(limit).fetch_all(&self.pool).await?;
        let read = |row: &AnyRow| {
            let (account, address) = (row.try_get(0)?, row.try_get(1)?);
            Ok(DigestMail { account, address, day: day.to_owned(), attempts: row.try_get(2)? })
        };
        rows.iter().map(read).collect()
    }

    /// What a mail tells of, newest first: its notices that were not read meanwhile.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn digest_notices(&self, mail: &DigestMail) -> Result<Vec<NoticeRow>, StoreError> {
        let query = notices_where!("account_id = $1 AND mailed_on = $2 AND read_at IS NULL ORDER BY id DESC");
        let query = sqlx::query(query).bind(&mail.account).bind(&mail.day);
        query.fetch_all(&self.pool).await?.iter().map(read_notice).collect()
    }
}
