//! Requests that must not be done twice, by the key that their sender gives them. Keys are an
//! account's own; visitors share one name, and keys that nobody guesses.
//!
//! Requests may hold a password. Of a key only its hash is kept, and the key goes into the hash of
//! the request: who reads the store cannot try passwords against it where the key is random.

use super::App;
use super::error::AppError;
use super::secrets::digest;
use crate::domain::hex::hex;
use crate::store::{Claimed, KeptAnswer};

/// How long an answer is kept.
const KEPT_MS: i64 = 24 * 3_600_000;

/// What is kept of a key.
fn kept(key: &str) -> String {
    hex(digest(key))
}

impl App {
    /// Takes a key for a request, or tells what stands under it.
    ///
    /// # Errors
    /// [`AppError`]
    pub async fn once_claim(&self, account: &str, key: &str, request_hash: &[u8; 32]) -> Result<Claimed, AppError> {
        let now = self.now();
        let mut write = self.store.begin().await?;
        let request_hash = digest([key.as_bytes(), &[0], request_hash].concat());
        let claimed = write.idempotency_claim(account, &kept(key), &request_hash, now, now - KEPT_MS).await?;
        write.commit().await?;
        Ok(claimed)
    }

    /// Keeps the answer under a key that was taken.
    ///
    /// # Errors
    /// [`AppError`]
    pub async fn once_keep(&self, account: &str, key: &str, answer: &KeptAnswer) -> Result<(), AppError> {
        let mut write = self.store.begin().await?;
        write.idempotency_keep(account, &kept(key), answer).await?;
        Ok(write.commit().await?)
    }

    /// Gives a key back: the request was refused.
    ///
    /// # Errors
    /// [`AppError`]
    pub async fn once_release(&self, account: &str, key: &str) -> Result<(), AppError> {
        let mut write = self.store.begin().await?;
        write.idempotency_release(account, &kept(key)).await?;
        Ok(write.commit().await?)
    }
}
