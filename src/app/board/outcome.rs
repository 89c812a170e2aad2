//! What came of a challenge after opening, as somebody sees it.

use super::receipts::PublishedBids;
use crate::app::error::AppError;
use crate::app::{Actor, App};
use crate::store::board::challenges::ChallengeRecord;

/// What came of a challenge.
#[derive(Debug, Clone, Default)]
pub struct Outcome {
    /// After opening.
    pub published: Option<PublishedBids>,
}

impl App {
    /// What came of a challenge, as somebody sees it.
    ///
    /// # Errors
    /// [`AppError`]
    pub async fn challenge_outcome(&self, _actor: Option<&Actor>, of: &ChallengeRecord) -> Result<Outcome, AppError> {
        let published = match of.opened_at {
            Some(_) => Some(self.bids_published(&of.id).await?),
            None => None,
        };
        Ok(Outcome { published })
    }
}
