//! Who watches a challenge, what is asked about it, and its documents.

use crate::app::error::AppError;
use crate::app::{Actor, App};
use crate::store::board::challenges::ChallengeRecord;

/// What is talked about a challenge, as somebody sees it.
#[derive(Debug, Clone, Default)]
pub struct Talk {
    pub watchers: i64,
    /// Whether they watch it themselves.
    pub watches: bool,
}

impl App {
    /// What is talked about a challenge, as somebody sees it.
    ///
    /// # Errors
    /// [`AppError`]
    pub async fn challenge_talk(&self, actor: Option<&Actor>, of: &ChallengeRecord) -> Result<Talk, AppError> {
        let watches = match actor {
            Some(actor) => self.store.challenge_is_watched(&of.id, &actor.account).await?,
            None => false,
        };
        Ok(Talk { watchers: self.store.challenge_watchers(&of.id).await?, watches })
    }
}
