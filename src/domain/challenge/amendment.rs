//! A change to a challenge that everybody already reads.

use super::Challenge;

/// When bids are taken until after an amendment: never less than `minimum` from now, never earlier
/// than was said.
pub fn closing(closes_at: i64, now: i64, minimum: i64) -> i64 {
    closes_at.max(now.saturating_add(minimum))
}

/// Whether a bid stands for the challenge as it is now: it was submitted or confirmed for this
/// version.
pub fn is_confirmed(bid_for: i64, challenge_version: i64) -> bool {
    bid_for >= challenge_version
}

/// Whether promises for the one stand beside the indicators of the other, too: they do so by place.
pub fn same_indicators(one: &Challenge, other: &Challenge) -> bool {
    let named = |of: &Challenge| of.indicators.iter().map(|i| (i.name.clone(), i.unit.clone())).collect::<Vec<_>>();
    named(one) == named(other)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_late_amendment_moves_the_closing() {
        for (closes, now, expected) in [(100, 10, 100), (100, 95, 105), (100, 90, 100), (i64::MAX, 5, i64::MAX)] {
            assert_eq!(closing(closes, now, 10), expected, "{closes} {now}");
        }
        assert!(is_confirmed(3, 3) && !is_confirmed(2, 3));
    }
}
