//! What a bid says, with the names that its ids stand for, for whoever may read it.

use std::collections::{HashMap, HashSet};

use super::BID;
use super::files::BidFile;
use crate::app::App;
use crate::app::error::AppError;
use crate::domain::challenge::bid::Bid;
use crate::domain::{EvidenceType, TalentStatus};
use crate::store::board::bids::{BidMember, BidRecord};

/// A bid to be read.
#[derive(Debug, Clone, Default)]
pub struct BidContent {
    pub bid: Bid,
    pub members: Vec<BidMember>,
    pub team: Vec<TeamMember>,
    pub files: Vec<BidFile>,
}

/// Somebody of the team, as the profile has it now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TeamMember {
    /// Id of the talent.
    pub talent: String,
    pub name: String,
    pub organisation: String,
    /// Whether everybody may look at the profile.
    pub is_public: bool,
    /// What the bid brings forward of it.
    pub evidence: Vec<(EvidenceType, String)>,
}

impl App {
    /// What an opened bid says, as it was handed in.
    pub(super) async fn bid_opened(&self, record: &BidRecord) -> Result<BidContent, AppError> {
        let submission = self.handed_in(record)?.filter(|_| record.place.is_some());
        let bid = submission.ok_or(AppError::NotFound(BID))?.bid;
        let files = self.bid_files_of(&record.id).await?;
        let files = files.into_iter().filter(|file| bid.attachments.contains(&file.sha256)).collect();
        let members = self.store.bid_members(&record.id).await?;
        self.bid_named(bid, members, files).await
    }

    /// A file of an opened bid that was handed in with it.
    pub(super) async fn bid_opened_file(&self, record: &BidRecord, id: &str) -> Result<(BidFile, Vec<u8>), AppError> {
        let submission = self.handed_in(record)?.filter(|_| record.place.is_some());
        let bid = submission.ok_or(AppError::NotFound(BID))?.bid;
        let (file, content) = self.bid_file_of(&record.id, id).await?;
        match bid.attachments.contains(&file.sha256) {
            true => Ok((file, content)),
            false => Err(AppError::NotFound("附件")),
        }
    }

    /// A bid with its names. Whether it may be read was asked before.
    pub(in crate::app) async fn bid_named(
        &self,
        bid: Bid,
        members: Vec<BidMember>,
        files: Vec<BidFile>,
    ) -> Result<BidContent, AppError> {
        let ids: Vec<&str> = bid.team.iter().map(String::as_str).collect();
        let brought: HashSet<&str> = bid.evidence.iter().map(String::as_str).collect();
        let profiles = self.store.talents(&ids).await?;
        let mut found: HashMap<String, TeamMember> = HashMap::new();
        for profile in profiles {
            let talent = profile.talent;
            let evidence = talent.evidence.into_iter().filter(|piece| brought.contains(piece.id.as_str()));
            let member = TeamMember {
                talent: talent.id.clone(),
                name: talent.name,
                organisation: talent.organization,
                is_public: profile.status == TalentStatus::Active,
                evidence: evidence.map(|piece| (piece.r#type, piece.title)).collect(),
            };
            found.insert(talent.id, member);
        }
        let team = bid.team.iter().filter_map(|id| found.remove(id)).collect();
        Ok(BidContent { bid, members, team, files })
    }
}
