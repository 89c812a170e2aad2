//! Whether a talent can take another collaboration.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::invitation::InvitationStatus;
use super::need::NeedStatus;
use super::problem::Fault;

/// What a talent says of its readiness.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Availability {
    #[default]
    Open,
    /// Takes few: one at a time, where no number is said.
    Limited,
    Closed,
}

impl Availability {
    pub const ALL: [Self; 3] = [Self::Open, Self::Limited, Self::Closed];

    /// As it is written in the store and in the API.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Open => "open",
            Self::Limited => "limited",
            Self::Closed => "closed",
        }
    }

    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|availability| availability.code() == code)
    }

    pub const fn name(self) -> &'static str {
        match self {
            Self::Open => "可以合作",
            Self::Limited => "余力有限",
            Self::Closed => "暂不合作",
        }
    }
}

/// Most collaborations at once that a talent may name.
pub const MAX_CAPACITY: u32 = 50;
/// What [`Availability::Limited`] means where no number is said.
const LIMITED_CAPACITY: u32 = 1;

/// What a talent can take, and what it has taken.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Workload {
    pub availability: Availability,
    /// Collaborations at once, as the talent says; None where not said.
    pub capacity: Option<u32>,
    /// Invitations of which [`is_load`] is true.
    pub load: u32,
}

impl Workload {
    /// Collaborations at once; None is no limit.
    pub const fn limit(&self) -> Option<u32> {
        match (self.availability, self.capacity) {
            (Availability::Closed, _) => Some(0),
            (_, Some(capacity)) => Some(capacity),
            (Availability::Limited, None) => Some(LIMITED_CAPACITY),
            (Availability::Open, None) => None,
        }
    }

    /// Whether one more can be taken. A talent that is not free may still be shown and invited: it
    /// is the talent that decides.
    pub fn is_free(&self) -> bool {
        self.limit().is_none_or(|limit| self.load < limit)
    }

    /// In Chinese: `可以合作，已承接 1 项（最多 3 项）`.
    pub fn sentence(&self) -> String {
        let name = self.availability.name();
        match self.limit() {
            Some(0) => Availability::Closed.name().to_owned(),
            Some(limit) if self.load >= limit => format!("{name}，已承接 {} 项，达到上限 {limit} 项", self.load),
            Some(limit) => format!("{name}，已承接 {} 项（最多 {limit} 项）", self.load),
            None => format!("{name}，已承接 {} 项", self.load),
        }
    }
}

/// Whether an invitation is a collaboration that a talent has taken: accepted, and its need has not
/// ended.
pub const fn is_load(invitation: InvitationStatus, need: NeedStatus) -> bool {
    matches!(invitation, InvitationStatus::Accepted) && !need.is_final()
}

/// What is wrong with a number of collaborations that a talent names.
pub fn capacity_fault(capacity: i64) -> Option<Fault> {
    let sound = (0..=i64::from(MAX_CAPACITY)).contains(&capacity);
    let reason = format!("“{capacity}”不在 0 到 {MAX_CAPACITY} 之间；请填同时能承接的合作项数，不想限定就留空");
    (!sound).then(|| Fault::new("bad-capacity", reason))
}

#[cfg(test)]
mod tests {
    use super::*;
    use Availability::{Closed, Limited, Open};

    #[test]
    fn free_is_below_the_limit() {
        for (availability, capacity, load, expected) in [
            (Open, None, 0, true),
            (Open, None, 1_000, true),
            (Open, Some(2), 1, true),
            (Open, Some(2), 2, false),
            (Open, Some(2), 3, false),
            (Open, Some(0), 0, false),
            (Limited, None, 0, true),
            (Limited, None, 1, false),
            (Limited, Some(3), 2, true),
            (Closed, None, 0, false),
            (Closed, Some(5), 0, false),
        ] {
            let workload = Workload { availability, capacity, load };
            assert_eq!(workload.is_free(), expected, "{workload:?}");
        }
    }

    #[test]
    fn a_workload_says_what_it_is() {
        for (availability, capacity, load, expected) in [
            (Open, None, 1, "可以合作，已承接 1 项"),
            (Open, Some(3), 1, "可以合作，已承接 1 项（最多 3 项）"),
            (Limited, None, 1, "余力有限，已承接 1 项，达到上限 1 项"),
            (Closed, Some(3), 1, "暂不合作"),
        ] {
            assert_eq!(Workload { availability, capacity, load }.sentence(), expected);
        }
    }

    #[test]
    fn accepted_invitations_of_open_needs_are_load() {
        for (invitation, need, expected) in [
            (InvitationStatus::Accepted, NeedStatus::Published, true),
            (InvitationStatus::Accepted, NeedStatus::Project, true),
            (InvitationStatus::Accepted, NeedStatus::Closed, false),
            (InvitationStatus::Accepted, NeedStatus::Withdrawn, false),
            (InvitationStatus::Sent, NeedStatus::Published, false),
            (InvitationStatus::Declined, NeedStatus::Published, false),
        ] {
            assert_eq!(is_load(invitation, need), expected, "{invitation:?} {need:?}");
        }
    }

    #[test]
    fn capacities_are_small_numbers() {
        for capacity in [0, 1, 50] {
            assert_eq!(capacity_fault(capacity), None);
        }
        for capacity in [-1, 51, i64::MIN, i64::MAX] {
            assert_eq!(capacity_fault(capacity).map(|f| f.code), Some("bad-capacity"));
        }
        for availability in Availability::ALL {
            assert_eq!(Availability::from_code(availability.code()), Some(availability));
        }
    }
}
