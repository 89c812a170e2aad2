//! How a sealed bid is proved after opening: the bidder holds its content, a nonce and the hash;
//! the list of all hashes is published at opening. The hash tells nothing of the content while the
//! nonce is secret (a hash commitment), nor how many bids there are.

use sha2::{Digest, Sha256};

/// Bytes of the nonce.
pub const NONCE: usize = 32;
/// Keeps hashes of other things apart from these.
const DOMAIN: &[u8] = b"zhihui bid v1\0";

/// SHA-256 of the domain, the nonce and the canonical content.
pub fn commitment(nonce: &[u8; NONCE], canonical: &[u8]) -> [u8; 32] {
    Sha256::new().chain_update(DOMAIN).chain_update(nonce).chain_update(canonical).finalize().into()
}

/// Why a receipt proves nothing.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum NotProved {
    #[error("内容或随机数与回执中的哈希不符：内容已被改动，或不是这份回执的内容")]
    OtherContent,
    #[error("公布的哈希中没有这一个：开榜名单里没有这次揭榜")]
    NotListed,
}

/// Whether the content is what the receipt was given for, and was there at opening. Gives its place
/// in the published order, from 1.
///
/// # Errors
/// [`NotProved`]
pub fn verify(
    nonce: &[u8; NONCE],
    canonical: &[u8],
    hash: &[u8; 32],
    published: &[[u8; 32]],
) -> Result<usize, NotProved> {
    if commitment(nonce, canonical) != *hash {
        return Err(NotProved::OtherContent);
    }
    published.iter().position(|h| h == hash).map(|at| at + 1).ok_or(NotProved::NotListed)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn the_true_receipt_is_accepted_and_a_changed_one_refused(
            nonce: [u8; NONCE], content in prop::collection::vec(any::<u8>(), 1..200), at: prop::sample::Index, flip in 1u8..,
        ) {
            let hash = commitment(&nonce, &content);
            prop_assert_eq!(verify(&nonce, &content, &hash, &[[7; 32], hash]), Ok(2));
            prop_assert_eq!(verify(&nonce, &content, &hash, &[[7; 32]]), Err(NotProved::NotListed));
            let mut changed = content.clone();
            changed[at.index(content.len())] ^= flip;
            prop_assert_eq!(verify(&nonce, &changed, &hash, &[hash]), Err(NotProved::OtherContent));
            let mut other = nonce;
            other[at.index(NONCE)] ^= flip;
            prop_assert_eq!(verify(&other, &content, &hash, &[hash]), Err(NotProved::OtherContent));
        }
    }
}
