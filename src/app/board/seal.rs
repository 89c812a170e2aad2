//! Seals of bids: what a bid says is kept encrypted, from the first draft on.
//!
//! Envelope encryption with XChaCha20-Poly1305 (RFC 8439 with the 192-bit nonce of
//! draft-irtf-cfrg-xchacha): each sealed text has a random key of its own, which is sealed with a key
//! of the configuration. What it is for (`bid:ID draft`) is authenticated with both, so bytes moved to
//! another bid do not open. Rotation: a new key is put in front of the old ones; what is written from
//! then on is sealed with it, `zhihui admin reseal` seals the rest, and then the old key may go.
//!
//! ```text
//! sealed  1 byte 1 · 8 bytes id of the key · 24 bytes nonce · 48 bytes sealed key · 24 bytes nonce · content + 16
//! ```

use std::fmt;
use std::path::Path;

use chacha20poly1305::aead::{Aead, KeyInit, Payload};
use chacha20poly1305::{Key, XChaCha20Poly1305, XNonce};

use crate::app::error::AppError;
use crate::app::secrets::{digest, random};
use crate::domain::hex::{hex, unhex};

const VERSION: u8 = 1;
const ID: usize = 8;
const KEY: usize = 32;
const NONCE: usize = 24;
const TAG: usize = 16;
/// Where the sealed key begins, and where it ends.
const HEAD: usize = 1 + ID;
const WRAPPED: usize = HEAD + NONCE + KEY + TAG;

/// The keys that bids are sealed with, the one in use first.
#[derive(Clone)]
pub struct Seals {
    keys: Vec<([u8; ID], [u8; KEY])>,
}

/// Without the keys.
impl fmt::Debug for Seals {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Seals").field("keys", &self.keys.len()).finish()
    }
}

/// Why keys were not understood.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum KeyProblem {
    #[error(
        "密封密钥应为 64 位十六进制数（32 字节），多个用逗号隔开，正在使用的放在最前；可用 openssl rand -hex 32 生成"
    )]
    Format,
    #[error("密封密钥文件“{path}”不能读写：{cause}")]
    File { path: String, cause: String },
}

impl Seals {
    /// Keys in hexadecimal, separated by commas, the one in use first.
    ///
    /// # Errors
    /// [`KeyProblem::Format`]
    pub fn parse(text: &str) -> Result<Self, KeyProblem> {
        let keys: Option<Vec<_>> = text.split(',').map(|key| unhex(key.trim())).collect();
        let keys = keys.filter(|keys| !keys.is_empty()).ok_or(KeyProblem::Format)?;
        Ok(Self { keys: keys.into_iter().map(|key| (id_of(&key), key)).collect() })
    }

    /// The keys in a file that only its owner may read; the first time it is made.
    ///
    /// # Errors
    /// [`KeyProblem`]
    pub fn of_file(path: &Path) -> Result<Self, KeyProblem> {
        use std::io::Write as _;
        use std::os::unix::fs::OpenOptionsExt;
        let problem =
            |cause: std::io::Error| KeyProblem::File { path: path.display().to_string(), cause: cause.to_string() };
        let made = std::fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(path);
        match made {
            Ok(mut file) => {
                let mut key = [0; KEY];
                getrandom::fill(&mut key).map_err(|e| problem(std::io::Error::other(e.to_string())))?;
                let text = hex(key);
                file.write_all(text.as_bytes()).and_then(|()| file.sync_all()).map_err(problem)?;
                Self::parse(&text)
            }
            Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
                Self::parse(std::fs::read_to_string(path).map_err(problem)?.trim())
            }
            Err(error) => Err(problem(error)),
        }
    }

    /// Seals a content that belongs to a place.
    ///
    /// # Errors
    /// [`AppError::Internal`] if the system gives no randomness.
    pub fn seal(&self, place: &str, content: &[u8]) -> Result<Vec<u8>, AppError> {
        let (key, nonce) = (random::<KEY>()?, random::<NONCE>()?);
        let mut sealed = self.wrap(place, &key)?;
        sealed.extend_from_slice(&nonce);
        let content = cipher(&key).encrypt(&XNonce::from(nonce), Payload { msg: content, aad: place.as_bytes() });
        sealed.extend(content.map_err(|_| AppError::Internal("a bid could not be sealed".into()))?);
        Ok(sealed)
    }

    /// What was sealed for the place.
    ///
    /// # Errors
    /// [`AppError::Internal`] if it was altered, belongs elsewhere, or its key is not configured.
    pub fn open(&self, place: &str, sealed: &[u8]) -> Result<Vec<u8>, AppError> {
        let key = self.unwrap(place, sealed)?;
        let rest = sealed.get(WRAPPED..).unwrap_or_default();
        let (nonce, content) = rest.split_first_chunk::<NONCE>().ok_or_else(broken)?;
        cipher(&key)
            .decrypt(&XNonce::from(*nonce), Payload { msg: content, aad: place.as_bytes() })
            .map_err(|_| broken())
    }

    /// Whether the key that something was sealed with is configured.
    pub fn holds_key_of(&self, sealed: &[u8]) -> bool {
        self.keys.iter().any(|(id, _)| sealed.get(1..HEAD) == Some(id))
    }

    /// The same sealed with the key in use; `None` if it is already.
    ///
    /// # Errors
    /// As [`Self::open`].
    pub fn reseal(&self, place: &str, sealed: &[u8]) -> Result<Option<Vec<u8>>, AppError> {
        if self.keys.first().is_some_and(|(id, _)| sealed.get(1..HEAD) == Some(id)) {
            return Ok(None);
        }
        let mut new = self.wrap(place, &self.unwrap(place, sealed)?)?;
        new.extend_from_slice(sealed.get(WRAPPED..).unwrap_or_default());
        Ok(Some(new))
    }

    fn wrap(&self, place: &str, key: &[u8; KEY]) -> Result<Vec<u8>, AppError> {
        let (id, own) = self.keys.first().ok_or_else(broken)?;
        let nonce = random::<NONCE>()?;
        let wrapped = cipher(own).encrypt(&XNonce::from(nonce), Payload { msg: key, aad: place.as_bytes() });
        let wrapped = wrapped.map_err(|_| AppError::Internal("a key could not be sealed".into()))?;
        Ok([&[VERSION][..], id, &nonce, &wrapped].concat())
    }

    fn unwrap(&self, place: &str, sealed: &[u8]) -> Result<[u8; KEY], AppError> {
        let head = sealed.get(..WRAPPED).filter(|head| head[0] == VERSION).ok_or_else(broken)?;
        let missing = || AppError::Internal("a bid is sealed with a key that is not configured".into());
        let (_, own) = self.keys.iter().find(|(id, _)| head[1..HEAD] == *id).ok_or_else(missing)?;
        let (nonce, wrapped) = head[HEAD..].split_first_chunk::<NONCE>().ok_or_else(broken)?;
        let key = cipher(own).decrypt(&XNonce::from(*nonce), Payload { msg: wrapped, aad: place.as_bytes() });
        key.ok().and_then(|key| key.try_into().ok()).ok_or_else(broken)
    }
}

fn cipher(key: &[u8; KEY]) -> XChaCha20Poly1305 {
    XChaCha20Poly1305::new(&Key::from(*key))
}

/// What tells keys apart without telling them.
fn id_of(key: &[u8; KEY]) -> [u8; ID] {
    let mut id = [0; ID];
    id.copy_from_slice(&digest([b"zhihui seal key\0", &key[..]].concat())[..ID]);
    id
}

fn broken() -> AppError {
    AppError::Internal("a sealed bid does not open: it was altered or moved".into())
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn seals(keys: &[u8]) -> Seals {
        let keys: Vec<String> = keys.iter().map(|k| format!("{k:02x}").repeat(KEY)).collect();
        Seals::parse(&keys.join(", ")).unwrap()
    }

    proptest! {
        #[test]
        fn only_what_was_sealed_for_the_place_opens(
            content in prop::collection::vec(any::<u8>(), 0..300), at in any::<prop::sample::Index>(), flip in 1u8..,
        ) {
            let seals = seals(&[1]);
            let sealed = seals.seal("bid:a draft", &content).unwrap();
            prop_assert_eq!(seals.open("bid:a draft", &sealed).unwrap(), content.clone());
            prop_assert!(seals.open("bid:b draft", &sealed).is_err());
            let mut altered = sealed.clone();
            altered[at.index(sealed.len())] ^= flip;
            prop_assert!(seals.open("bid:a draft", &altered).is_err());
            prop_assert!(seals.open("bid:a draft", &sealed[..at.index(sealed.len())]).is_err());
            if content.len() >= 8 {
                prop_assert!(!sealed.windows(content.len()).any(|w| w == content));
            }
        }
    }

    #[test]
    fn keys_are_rotated() {
        let (old, both, new) = (seals(&[1]), seals(&[2, 1]), seals(&[2]));
        let sealed = old.seal("p", b"route").unwrap();
        assert!(new.open("p", &sealed).is_err(), "the old key is needed still");
        let resealed = both.reseal("p", &sealed).unwrap().unwrap();
        assert_eq!(new.open("p", &resealed).unwrap(), b"route");
        assert_eq!(both.reseal("p", &resealed).unwrap(), None, "once is enough");
        assert_eq!(old.reseal("p", &sealed).unwrap(), None);
    }

    #[test]
    fn keys_are_checked_and_never_shown() {
        for wrong in ["", "ab", &"zz".repeat(KEY), &"é".repeat(KEY), &format!("{},", "ab".repeat(KEY))] {
            assert_eq!(Seals::parse(wrong).unwrap_err(), KeyProblem::Format, "{wrong}");
        }
        assert_eq!(format!("{:?}", seals(&[1, 2])), "Seals { keys: 2 }");
    }

    #[test]
    fn a_key_file_is_made_once_for_its_owner_only() {
        use std::os::unix::fs::PermissionsExt;
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("seal.key");
        let sealed = Seals::of_file(&path).unwrap().seal("p", b"x").unwrap();
        assert_eq!(Seals::of_file(&path).unwrap().open("p", &sealed).unwrap(), b"x");
        assert_eq!(std::fs::metadata(&path).unwrap().permissions().mode() & 0o777, 0o600);
        std::fs::write(&path, "odd").unwrap();
        assert!(Seals::of_file(&path).is_err());
    }
}
