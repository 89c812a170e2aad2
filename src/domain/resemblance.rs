//! How far two texts say the same in the same words.

use std::collections::HashSet;

use super::text::half_width_char;

/// Characters compared, at most: what is pasted over and over is so from its beginning.
const COMPARED: usize = 5_000;
/// Pairs of characters of a text that is long enough to be judged by what is copied from it.
const LONG_ENOUGH: usize = 60;

/// The pairs of neighbouring letters and digits of a text; case, width, spaces and punctuation do
/// not count.
#[derive(Debug, Clone)]
pub struct Pairs(HashSet<(char, char)>);

impl Pairs {
    pub fn of(text: &str) -> Self {
        let plain = text.chars().map(half_width_char).filter(|c| c.is_alphanumeric());
        let chars: Vec<char> = plain.flat_map(char::to_lowercase).take(COMPARED).collect();
        Self(chars.windows(2).map(|pair| (pair[0], pair[1])).collect())
    }

    /// 0 for nothing in common, 1 for the same: the share of common pairs in both texts together
    /// (Dice 1945), or, where both are long, in the shorter one. Whoever types in the first half of
    /// a need that is posted sees that it is.
    pub fn resemblance(&self, other: &Self) -> f32 {
        let common = self.0.intersection(&other.0).count() as f32;
        let (least, both) = (self.0.len().min(other.0.len()), self.0.len() + other.0.len());
        match least {
            0 => 0.0,
            _ if least >= LONG_ENOUGH => common / least as f32,
            _ => 2.0 * common / both as f32,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn resemblance(a: &str, b: &str) -> f32 {
        Pairs::of(a).resemblance(&Pairs::of(b))
    }

    #[test]
    fn the_same_words_are_the_same_however_they_are_set() {
        assert_eq!(resemblance("电池包 热失控，BMS 报警", "电池包热失控ＢＭＳ报警。"), 1.0);
        assert_eq!(resemblance("电池包热失控", "风电齿轮箱"), 0.0);
        assert_eq!(resemblance("", ""), 0.0);
        assert_eq!(resemblance("电", "电"), 0.0, "one character says nothing");
    }

    #[test]
    fn a_short_text_does_not_resemble_a_long_one_that_holds_it() {
        let long: String = ('一'..).take(200).collect();
        let half: String = long.chars().take(100).collect();
        let word: String = long.chars().take(6).collect();
        assert_eq!(resemblance(&half, &long), 1.0);
        assert!(resemblance(&word, &long) < 0.1);
    }

    proptest::proptest! {
        #[test]
        fn it_is_symmetric_and_within_bounds(a in "[电池热失控ab1 ]{0,80}", b in "\\PC{0,80}") {
            let (one, other) = (resemblance(&a, &b), resemblance(&b, &a));
            proptest::prop_assert!((0.0..=1.0).contains(&one) && one == other);
        }
    }
}
