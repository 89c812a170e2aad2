//! API tokens, failed sign-ins, and answers to requests that must not be done twice.

use sqlx::Row;
use sqlx::any::AnyRow;

use super::{Store, StoreError, Write, one_row};

/// An API token as it is kept: never the token itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiToken {
    pub id: String,
    pub account: String,
    /// What its owner calls it.
    pub name: String,
    /// Scope codes, separated by spaces.
    pub scopes: String,
    pub created_at: i64,
    pub expires_at: i64,
}

/// The answer to a request that carried an `Idempotency-Key`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct KeptAnswer {
    /// HTTP status; 0 while the request is under way.
    pub status: i64,
    pub location: Option<String>,
    pub etag: Option<String>,
    pub body: String,
}

/// What stands under an `Idempotency-Key`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Claimed {
    /// The key is ours now: do the request, then keep or release it.
    New,
    /// The same request was answered so, or is under way (status 0).
    Before(KeptAnswer),
    /// The key was used for another request.
    OtherRequest,
}

/// The tokens that a condition names.
macro_rules! tokens_where {
    ($condition:literal) => {
        concat!("SELECT id, account_id, name, scopes, created_at, expires_at FROM api_token WHERE ", $condition)
    };
}

impl Write {
    /// # Errors
    /// [`StoreError::Conflict`] if the id is taken or the account unknown.
    pub async fn token_add(&mut self, token_hash: &[u8; 32], token: &ApiToken) -> Result<(), StoreError> {
        let insert = "INSERT INTO api_token (id, token_hash, account_id, name, scopes, created_at, expires_at) \
                      VALUES ($1, $2, $3, $4, $5, $6, $7)";
        let insert = sqlx::query(insert).bind(&token.id).bind(token_hash.to_vec()).bind(&token.account);
        let insert = insert.bind(&token.name).bind(&token.scopes).bind(token.created_at).bind(token.expires_at);
        insert.execute(&mut *self.transaction).await?;
        Ok(())
    }

    /// Revokes a token of the account.
    ///
    /// # Errors
    /// [`StoreError::Stale`] if the account has no such token.
    pub async fn token_delete(&mut self, account: &str, id: &str) -> Result<(), StoreError> {
        let delete = sqlx::query("DELETE FROM api_token WHERE id = $1 AND account_id = $2").bind(id).bind(account);
        one_row(&delete.execute(&mut *self.transaction).await?)
    }

    /// Notes a failed sign-in under each of the hashes, and forgets those before `old`.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn failures_add(&mut self, who: &[[u8; 32]], at: i64, old: i64) -> Result<(), StoreError> {
        for who in who {
            let insert = sqlx::query("INSERT INTO sign_in_failure (who, at) VALUES ($1, $2)");
            insert.bind(who.to_vec()).bind(at).execute(&mut *self.transaction).await?;
        }
        let delete = sqlx::query("DELETE FROM sign_in_failure WHERE at < $1").bind(old);
        delete.execute(&mut *self.transaction).await?;
        Ok(())
    }

    /// Forgets the failures of somebody who has signed in.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn failures_forget(&mut self, who: &[u8; 32]) -> Result<(), StoreError> {
        let delete = sqlx::query("DELETE FROM sign_in_failure WHERE who = $1").bind(who.to_vec());
        delete.execute(&mut *self.transaction).await?;
        Ok(())
    }

    /// Takes an `Idempotency-Key` for a request, or tells what stands under it. Keys from before
    /// `old` are forgotten first.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn idempotency_claim(
        &mut self,
        account: &str,
        key: &str,
        request_hash: &[u8; 32],
        at: i64,
        old: i64,
    ) -> Result<Claimed, StoreError> {
        let delete = sqlx::query("DELETE FROM idempotency WHERE at < $1").bind(old);
        delete.execute(&mut *self.transaction).await?;
        let insert = "INSERT INTO idempotency (account_id, key, request_hash, status, body, at) \
                      VALUES ($1, $2, $3, 0, '', $4) ON CONFLICT (account_id, key) DO NOTHING";
        let insert = sqlx::query(insert).bind(account).bind(key).bind(request_hash.to_vec()).bind(at);
        if insert.execute(&mut *self.transaction).await?.rows_affected() == 1 {
            return Ok(Claimed::New);
        }
        let query = "SELECT request_hash, status, location, etag, body FROM idempotency \
                     WHERE account_id = $1 AND key = $2";
        let row = sqlx::query(query).bind(account).bind(key).fetch_one(&mut *self.transaction).await?;
        if row.try_get::<Vec<u8>, _>(0)? != request_hash {
            return Ok(Claimed::OtherRequest);
        }
        Ok(Claimed::Before(KeptAnswer {
            status: row.try_get(1)?,
            location: row.try_get(2)?,
            etag: row.try_get(3)?,
            body: row.try_get(4)?,
        }))
    }

    /// Keeps the answer under a key that was claimed.
    ///
    /// # Errors
    /// [`StoreError::Stale`] if the key is no longer there.
    pub async fn idempotency_keep(&mut self, account: &str, key: &str, answer: &KeptAnswer) -> Result<(), StoreError> {
        let update = "UPDATE idempotency SET status = $1, location = $2, etag = $3, body = $4 \
                      WHERE account_id = $5 AND key = $6";
        let update = sqlx::query(update).bind(answer.status).bind(answer.location.as_deref());
        let update = update.bind(answer.etag.as_deref()).bind(&answer.body).bind(account).bind(key);
        one_row(&update.execute(&mut *self.transaction).await?)
    }

    /// Gives a key back: the request was refused, and may be sent again.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn idempotency_release(&mut self, account: &str, key: &str) -> Result<(), StoreError> {
        let delete = sqlx::query("DELETE FROM idempotency WHERE account_id = $1 AND key = $2").bind(account).bind(key);
        delete.execute(&mut *self.transaction).await?;
        Ok(())
    }
}

impl Store {
    /// The token with this hash at the time `now`; an expired one is none.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn token(&self, token_hash: &[u8; 32], now: i64) -> Result<Option<ApiToken>, StoreError> {
        let query = sqlx::query(tokens_where!("token_hash = $1 AND expires_at > $2"));
        let row = query.bind(token_hash.to_vec()).bind(now);
        row.fetch_optional(&self.pool).await?.as_ref().map(read_token).transpose()
    }

    /// The tokens of an account, newest first.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn tokens_of(&self, account: &str) -> Result<Vec<ApiToken>, StoreError> {
        let query = sqlx::query(tokens_where!("account_id = $1 ORDER BY id DESC"));
        let rows = query.bind(account).fetch_all(&self.pool).await?;
        rows.iter().map(read_token).collect()
    }

    /// Failed sign-ins under a hash since a time.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn failures_since(&self, who: &[u8; 32], since: i64) -> Result<i64, StoreError> {
        let query = sqlx::query_scalar("SELECT COUNT(*) FROM sign_in_failure WHERE who = $1 AND at >= $2");
        Ok(query.bind(who.to_vec()).bind(since).fetch_one(&self.pool).await?)
    }
}

fn read_token(row: &AnyRow) -> Result<ApiToken, StoreError> {
    Ok(ApiToken {
        id: row.try_get(0)?,
        account: row.try_get(1)?,
        name: row.try_get(2)?,
        scopes: row.try_get(3)?,
        created_at: row.try_get(4)?,
        expires_at: row.try_get(5)?,
    })
}
