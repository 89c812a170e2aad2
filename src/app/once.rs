//! Requests that must not be done twice, by the key that their sender gives them. Keys are an
//! account's own; visitors share one name, and keys that nobody guesses.

use super::App;
use super::error::AppError;
use crate::store::{Claimed, KeptAnswer};

/// How long an answer is kept.
const KEPT_MS: i64 = 24 * 3_600_000;

impl App {
    /// Takes a key for a request, or tells what stands under it.
    ///
    /// # Errors
    /// [`AppError`]
    pub async fn once_claim(&self, account: &str, key: &str, request_hash: &[u8; 32]) -> Result<Claimed, AppError> {
        let now = self.now();
        let mut write = self.store.begin().await?;
        let claimed = write.idempotency_claim(account, key, request_hash, now, now - KEPT_MS).await?;
        write.commit().await?;
        Ok(claimed)
    }

    /// Keeps the answer under a key that was taken.
    ///
    /// # Errors
    /// [`AppError`]
    pub async fn once_keep(&self, account: &str, key: &str, answer: &KeptAnswer) -> Result<(), AppError> {
        let mut write = self.store.begin().await?;
        write.idempotency_keep(account, key, answer).await?;
        Ok(write.commit().await?)
    }

    /// Gives a key back: the request was refused.
    ///
    /// # Errors
    /// [`AppError`]
    pub async fn once_release(&self, account: &str, key: &str) -> Result<(), AppError> {
        let mut write = self.store.begin().await?;
        write.idempotency_release(account, key).await?;
        Ok(write.commit().await?)
    }
}
