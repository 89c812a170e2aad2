//! The steps of a challenge and of a bid. Who may take a step is not decided here; when it is
//! allowed is, by the one clock that all nodes share.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::super::problem::InvalidTransition;

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum ChallengeStatus {
    /// Being written by its enterprise.
    Preparing,
    /// With the operator, who publishes it or gives it back.
    Submitted,
    /// On the board; bids are sealed.
    Open,
    /// Bids are opened and being scored.
    Scoring,
    /// All have scored; the publisher chooses.
    Ranked,
    /// A choice is published; objections may be raised.
    Chosen,
    Awarded,
    /// The R&D contract is recorded (第九条).
    Contracted,
    /// Taken back by its publisher before bids were opened, with a reason that everybody reads.
    Withdrawn,
    /// Ended without an award.
    Failed,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum ChallengeAction {
    Submit,
    GiveBack,
    Publish,
    Amend,
    /// At closing time, exactly once.
    OpenBids,
    Rank,
    Choose,
    /// An objection was right: the publisher chooses again.
    Reconsider,
    Award,
    Contract,
    Withdraw,
    Fail,
}

impl ChallengeAction {
    pub const ALL: [Self; 12] = [
        Self::Submit,
        Self::GiveBack,
        Self::Publish,
        Self::Amend,
        Self::OpenBids,
        Self::Rank,
        Self::Choose,
        Self::Reconsider,
        Self::Award,
        Self::Contract,
        Self::Withdraw,
        Self::Fail,
    ];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Submit => "提交审核",
            Self::GiveBack => "退回",
            Self::Publish => "发布",
            Self::Amend => "变更",
            Self::OpenBids => "开榜",
            Self::Rank => "完成评审",
            Self::Choose => "选定",
            Self::Reconsider => "重新选定",
            Self::Award => "公布中榜",
            Self::Contract => "登记合同",
            Self::Withdraw => "撤榜",
            Self::Fail => "流标",
        }
    }
}

impl ChallengeStatus {
    pub const ALL: [Self; 10] = [
        Self::Preparing,
        Self::Submitted,
        Self::Open,
        Self::Scoring,
        Self::Ranked,
        Self::Chosen,
        Self::Awarded,
        Self::Contracted,
        Self::Withdrawn,
        Self::Failed,
    ];

    pub const fn code(self) -> &'static str {
        match self {
            Self::Preparing => "preparing",
            Self::Submitted => "submitted",
            Self::Open => "open",
            Self::Scoring => "scoring",
            Self::Ranked => "ranked",
            Self::Chosen => "chosen",
            Self::Awarded => "awarded",
            Self::Contracted => "contracted",
            Self::Withdrawn => "withdrawn",
            Self::Failed => "failed",
        }
    }

    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.code() == code)
    }

    pub const fn name(self) -> &'static str {
        match self {
            Self::Preparing => "准备中",
            Self::Submitted => "待审核",
            Self::Open => "揭榜中",
            Self::Scoring => "评审中",
            Self::Ranked => "待选定",
            Self::Chosen => "公示中",
            Self::Awarded => "已中榜",
            Self::Contracted => "已签约",
            Self::Withdrawn => "已撤榜",
            Self::Failed => "已流标",
        }
    }

    /// Whether bids are sealed: nobody reads them, nor how many there are.
    pub const fn is_sealed(self) -> bool {
        matches!(self, Self::Preparing | Self::Submitted | Self::Open)
    }

    /// Whether everybody may read it.
    pub const fn is_public(self) -> bool {
        !matches!(self, Self::Preparing | Self::Submitted)
    }

    /// Whether nothing follows any more.
    pub const fn is_over(self) -> bool {
        matches!(self, Self::Contracted | Self::Withdrawn | Self::Failed)
    }

    /// The status that a step leads to.
    ///
    /// # Errors
    /// The status does not allow it.
    pub fn next(self, action: ChallengeAction) -> Result<Self, InvalidTransition> {
        self.after(action).ok_or_else(|| InvalidTransition {
            thing: "榜单",
            state: self.name(),
            action: action.name(),
            allowed: ChallengeAction::ALL.iter().filter(|a| self.after(**a).is_some()).map(|a| a.name()).collect(),
        })
    }

    fn after(self, action: ChallengeAction) -> Option<Self> {
        use ChallengeAction as Do;
        Some(match (self, action) {
            (Self::Preparing, Do::Submit) => Self::Submitted,
            (Self::Submitted, Do::GiveBack) => Self::Preparing,
            (Self::Submitted, Do::Publish) => Self::Open,
            (Self::Open, Do::Amend) => Self::Open,
            (Self::Open, Do::OpenBids) => Self::Scoring,
            (Self::Scoring, Do::Rank) => Self::Ranked,
            (Self::Ranked, Do::Choose) => Self::Chosen,
            (Self::Chosen, Do::Reconsider) => Self::Ranked,
            (Self::Chosen, Do::Award) => Self::Awarded,
            (Self::Awarded, Do::Contract) => Self::Contracted,
            // Once bids were read, it ends without an award instead.
            (Self::Preparing | Self::Submitted | Self::Open, Do::Withdraw) => Self::Withdrawn,
            (Self::Scoring | Self::Ranked | Self::Chosen | Self::Awarded, Do::Fail) => Self::Failed,
            _ => return None,
        })
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum BidStatus {
    Draft,
    /// Sealed, with a receipt.
    Submitted,
    Withdrawn,
    /// Read by the panel.
    Opened,
    /// Opened, and found not to be allowed: the bidder had become an affiliate.
    Excluded,
    Won,
    Lost,
}

impl BidStatus {
    pub const ALL: [Self; 7] =
        [Self::Draft, Self::Submitted, Self::Withdrawn, Self::Opened, Self::Excluded, Self::Won, Self::Lost];

    pub const fn code(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Submitted => "submitted",
            Self::Withdrawn => "withdrawn",
            Self::Opened => "opened",
            Self::Excluded => "excluded",
            Self::Won => "won",
            Self::Lost => "lost",
        }
    }

    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.code() == code)
    }

    pub const fn name(self) -> &'static str {
        match self {
            Self::Draft => "草稿",
            Self::Submitted => "已揭榜（密封）",
            Self::Withdrawn => "已撤回",
            Self::Opened => "评审中",
            Self::Excluded => "不予评审",
            Self::Won => "中榜",
            Self::Lost => "未中榜",
        }
    }
}

/// Whether a bid may be submitted, replaced or withdrawn now. The very moment of closing is too
/// late: opening may have begun.
pub fn takes_bids(status: ChallengeStatus, opens_at: i64, closes_at: i64, now: i64) -> bool {
    status == ChallengeStatus::Open && (opens_at..closes_at).contains(&now)
}

/// A status as it is told at a moment, code and name: what is open, but takes no bids yet or any more,
/// says so.
pub fn phase(
    status: ChallengeStatus,
    opens_at: Option<i64>,
    closes_at: Option<i64>,
    now: i64,
) -> (&'static str, &'static str) {
    match status {
        ChallengeStatus::Open if opens_at.is_some_and(|at| now < at) => ("submitted", "即将开始"),
        ChallengeStatus::Open if closes_at.is_some_and(|at| now >= at) => ("scoring", "已截止"),
        _ => (status.code(), status.name()),
    }
}

/// Whether the bids may be opened now.
pub fn may_open(status: ChallengeStatus, closes_at: i64, now: i64) -> bool {
    status == ChallengeStatus::Open && now >= closes_at
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn reachable(from: ChallengeStatus) -> Vec<ChallengeStatus> {
        let mut seen = vec![from];
        let mut at = 0;
        while at < seen.len() {
            for action in ChallengeAction::ALL {
                if let Ok(next) = seen[at].next(action)
                    && !seen.contains(&next)
                {
                    seen.push(next);
                }
            }
            at += 1;
        }
        seen
    }

    #[test]
    fn the_way_of_a_challenge() {
        use ChallengeAction::*;
        let way =
            [Submit, GiveBack, Submit, Publish, Amend, OpenBids, Rank, Choose, Reconsider, Choose, Award, Contract];
        let end = way.into_iter().try_fold(ChallengeStatus::Preparing, ChallengeStatus::next);
        assert_eq!(end.unwrap(), ChallengeStatus::Contracted);
        assert_eq!(reachable(ChallengeStatus::Preparing).len(), ChallengeStatus::ALL.len(), "every status is reached");
        for end in [ChallengeStatus::Contracted, ChallengeStatus::Withdrawn, ChallengeStatus::Failed] {
            assert_eq!(reachable(end), [end], "nothing follows {end:?}");
        }
        let told = ChallengeStatus::Scoring.next(Amend).unwrap_err().to_string();
        assert_eq!(told, "榜单现在是“评审中”，不能“变更”；可以：完成评审、流标");
    }

    proptest! {
        /// A challenge that was opened is never sealed again, whatever is tried.
        #[test]
        fn what_was_opened_is_never_sealed_again(steps in prop::collection::vec(0..ChallengeAction::ALL.len(), 0..60)) {
            let mut status = ChallengeStatus::Preparing;
            let mut opened = false;
            for step in steps {
                if let Ok(next) = status.next(ChallengeAction::ALL[step]) {
                    status = next;
                }
                opened |= !status.is_sealed();
                prop_assert!(!opened || !status.is_sealed());
            }
        }

        /// At no moment may a bid be handed in and the bids be opened.
        #[test]
        fn bids_are_taken_or_opened_never_both(opens in 0i64..100, open in 0i64..100, now in 0i64..300, at in 0usize..10) {
            let (status, closes) = (ChallengeStatus::ALL[at], opens + open);
            prop_assert!(!(takes_bids(status, opens, closes, now) && may_open(status, closes, now)));
            prop_assert!(!takes_bids(status, opens, closes, closes));
        }
    }
}
