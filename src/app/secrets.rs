//! Passwords, tokens and ids: what is made of randomness, and what is kept of it.

use argon2::password_hash::phc::PasswordHash;
use argon2::{Algorithm, Argon2, Params, PasswordHasher, PasswordVerifier, Version};
use sha2::{Digest, Sha256};
use tokio::sync::Semaphore;

use super::error::AppError;
use crate::domain::hex::hex;

/// Hashes that may be computed at once: each takes 19 MiB and a processor.
const AT_ONCE: usize = 2;

/// argon2id (RFC 9106), with OWASP's first choice of memory 19 MiB, two passes, one lane.
#[derive(Debug)]
pub struct Hasher {
    argon2: Argon2<'static>,
    /// Of no password: what a login that does not exist is checked against, to take as long.
    nobody: String,
    permits: Semaphore,
}

impl Hasher {
    /// # Errors
    /// [`AppError::Internal`] if the system gives no randomness.
    pub fn new() -> Result<Self, AppError> {
        Self::with(Params::default())
    }

    /// Weak and quick, for tests.
    ///
    /// # Errors
    /// As [`Self::new`].
    pub fn quick() -> Result<Self, AppError> {
        Self::with(Params::new(8, 1, 1, None).map_err(|e| AppError::Internal(e.to_string()))?)
    }

    fn with(params: Params) -> Result<Self, AppError> {
        let argon2 = Argon2::new(Algorithm::Argon2id, Version::V0x13, params);
        let nobody = hash(&argon2, &token()?)?;
        Ok(Self { argon2, nobody, permits: Semaphore::new(AT_ONCE) })
    }

    /// The hash to keep, as a PHC string.
    ///
    /// # Errors
    /// [`AppError::Internal`]
    pub async fn hash(&self, password: &str) -> Result<String, AppError> {
        let _permit = self.permits.acquire().await.map_err(|e| AppError::Internal(e.to_string()))?;
        let (argon2, password) = (self.argon2.clone(), password.to_owned());
        blocking(move || hash(&argon2, &password)).await?
    }

    /// Whether the password is the one that was hashed. `None`: there is no such account; it takes
    /// as long to say no.
    ///
    /// # Errors
    /// [`AppError::Internal`]
    pub async fn verify(&self, password: &str, kept: Option<&str>) -> Result<bool, AppError> {
        let _permit = self.permits.acquire().await.map_err(|e| AppError::Internal(e.to_string()))?;
        let (argon2, password, exists) = (self.argon2.clone(), password.to_owned(), kept.is_some());
        let kept = kept.unwrap_or(&self.nobody).to_owned();
        let is_right = move || {
            PasswordHash::new(&kept).is_ok_and(|kept| argon2.verify_password(password.as_bytes(), &kept).is_ok())
        };
        Ok(blocking(is_right).await? && exists)
    }
}

fn hash(argon2: &Argon2<'_>, password: &str) -> Result<String, AppError> {
    let hash = argon2.hash_password(password.as_bytes());
    hash.map(|h| h.to_string()).map_err(|e| AppError::Internal(e.to_string()))
}

/// Runs work that takes a processor where it does not hold up others.
pub(super) async fn blocking<T: Send + 'static>(work: impl FnOnce() -> T + Send + 'static) -> Result<T, AppError> {
    tokio::task::spawn_blocking(work).await.map_err(|e| AppError::Internal(e.to_string()))
}

/// 256 random bits in hexadecimal: what a browser or a program holds.
///
/// # Errors
/// [`AppError::Internal`] if the system gives no randomness.
pub fn token() -> Result<String, AppError> {
    Ok(hex(random::<32>()?))
}

/// Random bytes.
///
/// # Errors
/// [`AppError::Internal`] if the system gives none.
pub(super) fn random<const N: usize>() -> Result<[u8; N], AppError> {
    let mut bytes = [0; N];
    getrandom::fill(&mut bytes).map_err(|e| AppError::Internal(e.to_string()))?;
    Ok(bytes)
}

/// SHA-256: what is kept of a token. Tokens are random, so nothing slower is needed.
pub fn digest(content: impl AsRef<[u8]>) -> [u8; 32] {
    Sha256::digest(content).into()
}

/// An id whose order is that of time (UUID version 7, RFC 9562).
pub fn new_id(now_ms: i64) -> String {
    let ms = u64::try_from(now_ms).unwrap_or(0);
    let timestamp = uuid::Timestamp::from_unix_time(ms / 1000, (ms % 1000) as u32 * 1_000_000, 0, 0);
    uuid::Uuid::new_v7(timestamp).to_string()
}
