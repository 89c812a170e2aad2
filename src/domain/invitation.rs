//! Invitations to talk, from an enterprise to a talent.

use super::problem::InvalidTransition;

/// How far an invitation has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum InvitationStatus {
    Sent,
    Accepted,
    Declined,
    Withdrawn,
}

/// A step of an invitation: the talent answers, or the enterprise takes it back.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum InvitationAction {
    Accept,
    Decline,
    Withdraw,
}

impl InvitationAction {
    pub const ALL: [Self; 3] = [Self::Accept, Self::Decline, Self::Withdraw];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Accept => "接受",
            Self::Decline => "婉拒",
            Self::Withdraw => "撤回",
        }
    }
}

impl InvitationStatus {
    pub const ALL: [Self; 4] = [Self::Sent, Self::Accepted, Self::Declined, Self::Withdrawn];

    /// As it is written in the store and in the API.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Sent => "sent",
            Self::Accepted => "accepted",
            Self::Declined => "declined",
            Self::Withdrawn => "withdrawn",
        }
    }

    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.code() == code)
    }

    pub const fn name(self) -> &'static str {
        match self {
            Self::Sent => "待答复",
            Self::Accepted => "已接受",
            Self::Declined => "已婉拒",
            Self::Withdrawn => "已撤回",
        }
    }

    /// Whether each sees how to reach the other.
    pub const fn shows_contact(self) -> bool {
        matches!(self, Self::Accepted)
    }

    /// The status that a step leads to. Who may take it is not decided here.
    ///
    /// # Errors
    /// The invitation has been answered or withdrawn.
    pub fn next(self, action: InvitationAction) -> Result<Self, InvalidTransition> {
        match (self, action) {
            (Self::Sent, InvitationAction::Accept) => Ok(Self::Accepted),
            (Self::Sent, InvitationAction::Decline) => Ok(Self::Declined),
            (Self::Sent, InvitationAction::Withdraw) => Ok(Self::Withdrawn),
            _ => {
                Err(InvalidTransition {
                    thing: "邀请", state: self.name(), action: action.name(), allowed: Vec::new()
                })
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_invitation_is_answered_or_withdrawn_once() {
        use InvitationStatus::{Accepted, Declined, Sent, Withdrawn};
        let ends = [Accepted, Declined, Withdrawn];
        for (action, end) in InvitationAction::ALL.into_iter().zip(ends) {
            assert_eq!(Sent.next(action), Ok(end));
            for status in ends {
                let error = status.next(action).unwrap_err();
                assert!(error.to_string().ends_with("它已经结束"), "{error}");
            }
        }
        for status in InvitationStatus::ALL {
            assert_eq!(InvitationStatus::from_code(status.code()), Some(status));
            assert_eq!(status.shows_contact(), status == Accepted);
        }
    }
}
