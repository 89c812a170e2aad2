//! What challenges on the board are told apart by, beside their words: how much they pay, and how
//! soon they close.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::status::ChallengeStatus;

const WAN: u64 = 10_000;
const DAY_MS: i64 = 86_400_000;

/// How much a challenge pays.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum RewardBand {
    Below50,
    Below100,
    Below300,
    Below1000,
    Above,
}

impl RewardBand {
    pub const ALL: [Self; 5] = [Self::Below50, Self::Below100, Self::Below300, Self::Below1000, Self::Above];

    /// The band of a reward in yuan.
    pub fn of(yuan: u64) -> Self {
        match yuan / WAN {
            0..50 => Self::Below50,
            50..100 => Self::Below100,
            100..300 => Self::Below300,
            300..1000 => Self::Below1000,
            _ => Self::Above,
        }
    }

    pub const fn code(self) -> &'static str {
        match self {
            Self::Below50 => "below50",
            Self::Below100 => "below100",
            Self::Below300 => "below300",
            Self::Below1000 => "below1000",
            Self::Above => "above",
        }
    }

    pub const fn name(self) -> &'static str {
        match self {
            Self::Below50 => "50 万元以下",
            Self::Below100 => "50–100 万元",
            Self::Below300 => "100–300 万元",
            Self::Below1000 => "300–1000 万元",
            Self::Above => "1000 万元以上",
        }
    }
}

/// How soon a challenge that takes bids closes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ClosingBand {
    Days3,
    Days7,
    Days30,
    Later,
}

impl ClosingBand {
    pub const ALL: [Self; 4] = [Self::Days3, Self::Days7, Self::Days30, Self::Later];

    /// The band of a challenge; `None` where bids are taken no more.
    pub fn of(status: ChallengeStatus, closes_at: i64, now: i64) -> Option<Self> {
        if status != ChallengeStatus::Open || now >= closes_at {
            return None;
        }
        let left = closes_at.saturating_sub(now);
        let bands = [(3, Self::Days3), (7, Self::Days7), (30, Self::Days30)];
        let band = bands.into_iter().find(|(days, _)| left <= days * DAY_MS);
        Some(band.map_or(Self::Later, |(_, band)| band))
    }

    pub const fn code(self) -> &'static str {
        match self {
            Self::Days3 => "days3",
            Self::Days7 => "days7",
            Self::Days30 => "days30",
            Self::Later => "later",
        }
    }

    pub const fn name(self) -> &'static str {
        match self {
            Self::Days3 => "3 天内截止",
            Self::Days7 => "4–7 天截止",
            Self::Days30 => "8–30 天截止",
            Self::Later => "30 天以后截止",
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn bands_begin_where_their_names_say() {
        for (wan, name) in [(0, "50 万元以下"), (50, "50–100 万元"), (100, "100–300 万元"), (999, "300–1000 万元")]
        {
            assert_eq!(RewardBand::of(wan * WAN).name(), name, "{wan}");
        }
        assert_eq!(RewardBand::of(50 * WAN - 1), RewardBand::Below50);
        assert_eq!(RewardBand::of(u64::MAX), RewardBand::Above);
        let open = |left| ClosingBand::of(ChallengeStatus::Open, left, 0);
        let expected = [
            (0, None),
            (1, Some(ClosingBand::Days3)),
            (3 * DAY_MS, Some(ClosingBand::Days3)),
            (3 * DAY_MS + 1, Some(ClosingBand::Days7)),
            (30 * DAY_MS, Some(ClosingBand::Days30)),
            (i64::MAX, Some(ClosingBand::Later)),
        ];
        for (left, band) in expected {
            assert_eq!(open(left), band, "{left}");
        }
        assert_eq!(ClosingBand::of(ChallengeStatus::Withdrawn, 100, 0), None);
    }

    proptest! {
        /// More pays in no lower band, and later closes in no earlier one.
        #[test]
        fn bands_are_in_order(a in any::<u64>(), b in any::<u64>(), x in 1i64.., y in 1i64..) {
            prop_assert!(RewardBand::of(a.min(b)) <= RewardBand::of(a.max(b)));
            let band = |at| ClosingBand::of(ChallengeStatus::Open, at, 0);
            prop_assert!(band(x.min(y)) <= band(x.max(y)));
        }
    }
}
