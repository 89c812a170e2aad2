//! Who follows a challenge.

use sqlx::Row;

use crate::store::{Store, StoreError, Write, bulk};

impl Write {
    /// # Errors
    /// [`StoreError`]
    pub async fn challenge_watch(&mut self, challenge: &str, account: &str, at: i64) -> Result<(), StoreError> {
        let insert = "INSERT INTO challenge_watcher (challenge_id, account_id, at) VALUES ($1, $2, $3) \
                      ON CONFLICT (challenge_id, account_id) DO NOTHING";
        sqlx::query(insert).bind(challenge).bind(account).bind(at).execute(&mut *self.transaction).await?;
        Ok(())
    }

    /// # Errors
    /// [`StoreError`]
    pub async fn challenge_unwatch(&mut self, challenge: &str, account: &str) -> Result<(), StoreError> {
        let delete = sqlx::query("DELETE FROM challenge_watcher WHERE challenge_id = $1 AND account_id = $2");
        delete.bind(challenge).bind(account).execute(&mut *self.transaction).await?;
        Ok(())
    }

    /// Active accounts that watch a challenge, or act for an organisation that has a bid for it.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn challenge_followers(&mut self, challenge: &str) -> Result<Vec<String>, StoreError> {
        let query = "SELECT a.id FROM account a WHERE a.status = 'active' AND (\
                     a.id IN (SELECT w.account_id FROM challenge_watcher w WHERE w.challenge_id = $1) OR \
                     a.organisation_id IN (SELECT b.organisation_id FROM bid b WHERE b.challenge_id = $1)) ORDER BY a.id";
        Ok(sqlx::query_scalar(query).bind(challenge).fetch_all(&mut *self.transaction).await?)
    }

    /// Active accounts of an organisation.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn organisation_accounts(&mut self, organisation: &str) -> Result<Vec<String>, StoreError> {
        let query = "SELECT id FROM account WHERE organisation_id = $1 AND status = 'active' ORDER BY id";
        Ok(sqlx::query_scalar(query).bind(organisation).fetch_all(&mut *self.transaction).await?)
    }
}

impl Store {
    /// How many people watch a challenge.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn challenge_watchers(&self, challenge: &str) -> Result<i64, StoreError> {
        let query = sqlx::query_scalar("SELECT COUNT(*) FROM challenge_watcher WHERE challenge_id = $1");
        Ok(query.bind(challenge).fetch_one(&self.pool).await?)
    }

    /// How many people watch each of these challenges; those that nobody watches are left out.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn challenge_watchers_of(&self, challenges: &[&str]) -> Result<Vec<(String, i64)>, StoreError> {
        let mut read = self.pool.acquire().await?;
        let head = "SELECT challenge_id, COUNT(*) FROM challenge_watcher WHERE challenge_id IN";
        let rows = bulk::select(&mut read, head, challenges, "GROUP BY challenge_id").await?;
        rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect()
    }

    /// Whether an account watches a challenge.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn challenge_is_watched(&self, challenge: &str, account: &str) -> Result<bool, StoreError> {
        let query = "SELECT COUNT(*) FROM challenge_watcher WHERE challenge_id = $1 AND account_id = $2";
        let found: i64 = sqlx::query_scalar(query).bind(challenge).bind(account).fetch_one(&self.pool).await?;
        Ok(found > 0)
    }
}
