//! Talents with their evidence. Co-authors share a piece: it is kept once, and each may hide it.
//!
//! Every write tells the change log of the talent, and of each piece whose content changed or
//! whose list of active owners did: the index needs to remember nothing of what was before.

mod claims;
mod find;
mod merges;
pub(super) mod read;
mod write;

use std::collections::BTreeSet;

use crate::domain::{Availability, Evidence, Talent, TalentStatus};

pub use claims::{Claim, ClaimStatus};
pub use find::{Held, TalentFilter};
pub use merges::{Merge, MergeStatus};

pub(super) use read::Part;

/// A talent as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TalentRecord {
    /// With all evidence in its order, hidden pieces too.
    pub talent: Talent,
    /// Ids of the pieces that the person keeps out of matching.
    pub hidden: BTreeSet<String>,
    /// Shown after an invitation is accepted only.
    pub contact: Option<String>,
    pub availability: Availability,
    /// Collaborations that the talent can take at once, where said.
    pub capacity: Option<u32>,
    /// The person's account, after an approved claim.
    pub account: Option<String>,
    /// When the person agreed to be listed, in milliseconds since 1970 UTC.
    pub consent_at: Option<i64>,
    pub status: TalentStatus,
    /// Milliseconds since 1970 UTC.
    pub created_at: i64,
    pub updated_at: i64,
    /// 0 before it is first put, then 1, and one more with each change.
    pub version: i64,
}

impl TalentRecord {
    /// A profile that is not in the store yet.
    pub fn new(talent: Talent, now: i64) -> Self {
        Self {
            talent,
            hidden: BTreeSet::new(),
            contact: None,
            availability: Availability::default(),
            capacity: None,
            account: None,
            consent_at: None,
            status: TalentStatus::default(),
            created_at: now,
            updated_at: now,
            version: 0,
        }
    }

    /// The talent as it is matched and shown: without hidden evidence; `None` if it is not active.
    pub fn shown(mut self) -> Option<Talent> {
        self.talent.evidence.retain(|e| !self.hidden.contains(&e.id));
        (self.status == TalentStatus::Active).then_some(self.talent)
    }
}

/// A piece of evidence with the active talents who show it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Owned {
    pub evidence: Evidence,
    /// Ids, in order.
    pub talents: Vec<String>,
}
