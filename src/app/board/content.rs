//! What a bid says, with the names that its ids stand for, for whoever may read it.

use super::files::BidFile;
use super::team::TeamMember;
use super::{BID, CHALLENGE};
use crate::app::App;
use crate::app::error::AppError;
use crate::domain::challenge::Challenge;
use crate::domain::challenge::bid::Bid;
use crate::store::board::bids::{BidMember, BidRecord};

/// A bid to be read.
#[derive(Debug, Clone, Default)]
pub struct BidContent {
    pub bid: Bid,
    /// The terms that it answers.
    pub asked: Challenge,
    pub members: Vec<BidMember>,
    pub team: Vec<TeamMember>,
    pub files: Vec<BidFile>,
}

impl App {
    /// What an opened bid says, as it was handed in.
    pub(super) async fn bid_opened(&self, record: &BidRecord) -> Result<BidContent, AppError> {
        let submission = self.handed_in(record)?.filter(|_| record.place.is_some());
        let bid = submission.ok_or(AppError::NotFound(BID))?.bid;
        let files = self.bid_files_of(&record.id).await?;
        let files = files.into_iter().filter(|file| bid.attachments.contains(&file.sha256)).collect();
        let members = self.store.bid_members(&record.id).await?;
        self.bid_named(bid, self.terms_of(record).await?, members, files).await
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
    pub(super) async fn bid_named(
        &self,
        bid: Bid,
        asked: Challenge,
        members: Vec<BidMember>,
        files: Vec<BidFile>,
    ) -> Result<BidContent, AppError> {
        let team = self.team_of(&bid).await?;
        Ok(BidContent { bid, asked, members, team, files })
    }

    /// The terms that a bid was handed in for: its promises stand beside these indicators, whatever came
    /// after.
    pub(super) async fn terms_of(&self, record: &BidRecord) -> Result<Challenge, AppError> {
        let terms = self.store.challenge_terms(&record.challenge).await?;
        let of = terms.into_iter().find(|terms| terms.number == record.terms);
        of.map(|terms| terms.content).ok_or(AppError::NotFound(CHALLENGE))
    }
}
