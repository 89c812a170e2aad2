//! Published needs that are like one that is shown.

use crate::app::App;
use crate::app::error::AppError;
use crate::app::live::needs::SimilarNeed;
use crate::app::secrets::blocking;
use crate::domain::{Need, NeedStatus};
use crate::store::NeedForIndex;

/// Share of its words that a need has in common with one that is like it.
const LIKE: f32 = 0.15;

impl App {
    /// Public needs that are like this one, best first.
    ///
    /// # Errors
    /// [`AppError`]
    pub async fn needs_similar(&self, need: &Need, limit: usize) -> Result<Vec<SimilarNeed>, AppError> {
        let index = self.live.needs();
        let need = need.clone();
        let is_public = |found: &NeedForIndex| NeedStatus::from_code(&found.status).is_some_and(NeedStatus::is_public);
        let mut similar = blocking(move || index.similar(&need, limit, is_public)).await??;
        let ids: Vec<&str> = similar.iter().map(|s| s.record.need.id.as_str()).collect();
        let shown = self.store.needs_shown(&ids).await?;
        similar.retain(|s| s.overlap >= LIKE && shown.contains(&s.record.need.id));
        Ok(similar)
    }
}
