//! Who may do what: one table of action × role, with how the person must be related to the object.

use super::Role;

/// What somebody wants to do. Every route of the API and every page asks for exactly one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Action {
    /// Published needs, talents as the public sees them, an anonymous match.
    Browse,
    /// Who one is.
    OwnProfile,
    /// The own account: password and tokens. Not for tokens.
    OwnAccount,
    AccountRead,
    /// Make accounts, disable, set a temporary password.
    AccountManage,
    OrganisationRead,
    OrganisationUpdate,
    /// Approve or refuse who has registered, the account and its organisation.
    RegistrationDecide,
    /// A profile with all that it holds, hidden pieces too.
    TalentRead,
    TalentCreate,
    /// Change a profile and its evidence, visibility and availability; delete it on request.
    TalentUpdate,
    /// "This profile is mine."
    TalentClaim,
    /// Decide claims, merge duplicates, keep namesakes apart.
    TalentCurate,
    /// Bulk import with preview and report.
    TalentImport,
    NeedCreate,
    NeedRead,
    /// Change, attach, submit, withdraw.
    NeedUpdate,
    /// Publish or give back what was submitted.
    NeedDecide,
    /// Findings on a need while it is being written (第七条 评测).
    NeedAssess,
    /// Recommended talents for a need (第七条), compare, shortlist, note.
    Recommend,
    /// Invite a talent, withdraw an invitation.
    Invite,
    /// See an invitation as either side.
    InvitationRead,
    /// Accept or decline as the talent.
    InvitationAnswer,
    /// State of the index, imports, health.
    Operate,
    AuditRead,
    /// Own notices, saved searches, and the digest.
    Inbox,
    /// Write and take back announcements.
    Announce,
    /// A challenge before it is public, and what its publisher sees of it.
    ChallengeRead,
    /// Prepare, submit, amend, withdraw a challenge, answer questions, choose, record the contract.
    ChallengeWrite,
    /// Publish or give back a challenge; appoint its panel; answer objections.
    ChallengeDecide,
    /// Watch a challenge, ask about it, agree to keep its documents; object to a choice.
    ChallengeTalk,
    /// Bid for the own organisation, alone or with others.
    Bid,
    /// Score bids as a member of a panel.
    Panel,
    /// Open and close records of research integrity of organisations.
    IntegrityRecord,
    /// What an organisation declares for the rules on bidders, and its records of research integrity:
    /// read both, declare.
    OrganisationDeclare,
}

/// How far an action is granted to a role.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Grant {
    Never,
    /// On objects of the own organisation or the own person.
    Own,
    /// On objects of the own administrative region too.
    Region,
    Any,
}

/// How somebody is related to an object; the closest that holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
pub enum Relation {
    None,
    /// In the administrative region that the person's office is for.
    Region,
    /// Of the person, or of the person's organisation.
    Own,
}

const N: Grant = Grant::Never;
const O: Grant = Grant::Own;
const R: Grant = Grant::Region;
const A: Grant = Grant::Any;

/// One row an action; the columns are visitor, then the roles in the order of [`Role::ALL`].
#[rustfmt::skip]
const TABLE: [(Action, [Grant; 10]); 35] = {
    use Action::*;
    // visitor, enterprise, talent, panel member, expert, district, city, third party, operator, administrator
    [
        (Browse,             [A, A, A, A, A, A, A, A, A, A]),
        (OwnProfile,         [N, O, O, O, O, O, O, O, O, O]),
        (OwnAccount,         [N, O, O, O, O, O, O, O, O, O]),
        (AccountRead,        [N, N, N, N, N, N, N, N, A, A]),
        (AccountManage,      [N, N, N, N, N, N, N, N, N, A]),
        (OrganisationRead,   [N, O, O, O, O, R, A, O, A, A]),
        (OrganisationUpdate, [N, O, N, N, N, N, N, N, A, A]),
        (RegistrationDecide, [N, N, N, N, N, N, N, N, A, A]),
        (TalentRead,         [N, N, O, N, N, N, N, N, A, N]),
        (TalentCreate,       [N, N, O, N, N, N, N, N, A, N]),
        (TalentUpdate,       [N, N, O, N, N, N, N, N, A, N]),
        (TalentClaim,        [N, N, O, N, N, N, N, N, N, N]),
        (TalentCurate,       [N, N, N, N, N, N, N, N, A, N]),
        (TalentImport,       [N, N, N, N, N, N, N, N, A, N]),
        (NeedCreate,         [N, O, N, N, N, N, N, N, N, N]),
        (NeedRead,           [N, O, N, N, N, R, A, N, A, N]),
        (NeedUpdate,         [N, O, N, N, N, N, N, N, N, N]),
        (NeedDecide,         [N, N, N, N, N, N, N, N, A, N]),
        (NeedAssess,         [N, O, N, N, N, N, N, N, A, N]),
        (Recommend,          [N, O, N, N, N, N, N, N, A, N]),
        (Invite,             [N, O, N, N, N, N, N, N, N, N]),
        (InvitationRead,     [N, O, O, N, N, N, N, N, A, N]),
        (InvitationAnswer,   [N, N, O, N, N, N, N, N, N, N]),
        (Operate,            [N, N, N, N, N, N, N, N, A, A]),
        (AuditRead,          [N, N, N, N, N, N, N, N, A, A]),
        (Inbox,              [N, O, O, O, O, O, O, O, O, O]),
        (Announce,           [N, N, N, N, N, N, N, N, A, A]),
        (ChallengeRead,      [N, O, N, N, N, N, N, N, A, N]),
        (ChallengeWrite,     [N, O, N, N, N, N, N, N, N, N]),
        (ChallengeDecide,    [N, N, N, N, N, N, N, N, A, N]),
        (ChallengeTalk,      [N, O, O, O, O, O, O, O, O, O]),
        (Bid,                [N, O, O, N, N, N, N, N, N, N]),
        (Panel,              [N, N, N, O, O, N, N, N, N, N]),
        (IntegrityRecord,    [N, N, N, N, N, N, N, N, A, N]),
        (OrganisationDeclare, [N, O, O, N, N, N, N, N, A, N]),
    ]
};

impl Action {
    /// All actions, in the order of the table.
    pub fn all() -> impl Iterator<Item = Self> {
        TABLE.iter().map(|(action, _)| *action)
    }

    /// How far it is granted to a role; `None` is a visitor who has not signed in.
    pub fn grant(self, role: Option<Role>) -> Grant {
        let column = role.map_or(0, |r| r as usize + 1);
        TABLE.iter().find(|(action, _)| *action == self).map_or(N, |(_, grants)| grants[column])
    }

    /// Whether somebody of the role may do it to an object that they are related to like this.
    pub fn is_allowed(self, role: Option<Role>, relation: Relation) -> bool {
        match self.grant(role) {
            Grant::Never => false,
            Grant::Own => relation == Relation::Own,
            Grant::Region => relation >= Relation::Region,
            Grant::Any => true,
        }
    }
}

/// What a token may be used for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Scope {
    /// Requests that change nothing.
    Read,
    /// All that the account may do, but for the account itself.
    Write,
}

impl Scope {
    pub const ALL: [Self; 2] = [Self::Read, Self::Write];

    pub const fn code(self) -> &'static str {
        match self {
            Self::Read => "read",
            Self::Write => "write",
        }
    }

    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|s| s.code() == code)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_action_has_one_row_and_every_role_its_column() {
        for (at, (action, _)) in TABLE.iter().enumerate() {
            assert_eq!(*action as usize, at, "{action:?} stands where its number says");
        }
        for (at, role) in Role::ALL.into_iter().enumerate() {
            assert_eq!(role as usize, at);
        }
    }

    #[test]
    fn a_closer_relation_never_takes_a_right_away() {
        let roles = || Role::ALL.into_iter().map(Some).chain([None]);
        for (action, role) in Action::all().flat_map(|a| roles().map(move |r| (a, r))) {
            let allowed = [Relation::None, Relation::Region, Relation::Own].map(|r| action.is_allowed(role, r));
            assert!(allowed.is_sorted(), "{action:?} {role:?}");
        }
    }

    /// 第六条: needs are the enterprise's; 第四条: a district sees those of its own region.
    #[test]
    fn needs_are_read_by_their_enterprise_their_district_the_city_and_the_operator() {
        let may = |role, relation| Action::NeedRead.is_allowed(Some(role), relation);
        assert!(may(Role::Enterprise, Relation::Own) && !may(Role::Enterprise, Relation::Region));
        assert!(may(Role::DistrictOfficer, Relation::Region) && !may(Role::DistrictOfficer, Relation::None));
        assert!(may(Role::CityOfficer, Relation::None) && may(Role::Operator, Relation::None));
        assert!(!Action::NeedRead.is_allowed(None, Relation::Own));
        assert!(!may(Role::Administrator, Relation::None), "who runs the machines reads no needs");
    }
}
