//! What keeps most look-ups away from jieba.
//!
//! Seven in a hundred characters of an abstract start a word of three or more. Walking jieba's trie from each
//! character to learn that costs as much as the rest of the analysis, so a Bloom filter (1970) of
//! all prefixes of the words is asked first: it fits into the processor's cache, and it errs to one
//! side only.

use super::normalize::Unit;

/// Words shorter than this are bigrams, which are indexed anyway.
pub(super) const MIN_CHARS: usize = 3;

/// 256 KiB in 64-bit words, for some 300,000 prefixes: one in twenty other strings passes.
const LOG_WORDS: u32 = 15;

/// The prefixes of a dictionary's words that are long enough to be words.
#[derive(Clone)]
pub(super) struct Prefixes {
    bits: Box<[u64]>,
}

impl Default for Prefixes {
    fn default() -> Self {
        Self { bits: vec![0; 1 << LOG_WORDS].into() }
    }
}

impl Prefixes {
    pub fn insert(&mut self, word: &str) {
        let mut hash = 0;
        for (i, c) in word.chars().enumerate() {
            hash = extended(hash, c);
            if i + 1 >= MIN_CHARS {
                let (at, bits) = place(hash);
                self.bits[at] |= bits;
            }
        }
    }

    /// Every length at which a word that starts like `units` may end, from short to long.
    pub fn of(&self, units: &[Unit]) -> impl Iterator<Item = usize> {
        let hashes = units.iter().scan(0, |hash, unit| {
            *hash = extended(*hash, unit.char);
            Some(*hash)
        });
        let long_enough = (1..).zip(hashes).skip(MIN_CHARS - 1);
        let known = long_enough.take_while(|(_, hash)| {
            let (at, bits) = place(*hash);
            self.bits[at] & bits == bits
        });
        known.map(|(length, _)| length)
    }
}

fn extended(hash: u64, c: char) -> u64 {
    (hash.rotate_left(5) ^ u64::from(c)).wrapping_mul(0x517c_c1b7_2722_0a95)
}

/// Three bits of one word: a look-up touches the memory once.
fn place(hash: u64) -> (usize, u64) {
    let bit = |shift: u32| 1 << ((hash >> shift) & 63);
    ((hash >> (64 - LOG_WORDS)) as usize, bit(43) | bit(37) | bit(31))
}
