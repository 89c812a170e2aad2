//! Needs as the index sees them: all but drafts and those withdrawn. One that has been on the board
//! says what its challenge says.

use serde::{Deserialize, Serialize};
use sqlx::Row;
use sqlx::any::AnyRow;

use super::needs::content;
use super::{Snapshot, Store, StoreError, bulk};
use crate::domain::challenge::Challenge;
use crate::domain::{Need, Target};

/// A need that similar needs are looked for among.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct NeedForIndex {
    pub need: Need,
    pub organisation: String,
    /// Code of the need's state.
    pub status: String,
    pub version: i64,
}

/// The columns, the table and the condition.
macro_rules! needs {
    () => {
        concat!(
            "SELECT content, organisation_id, status, version, (SELECT c.content FROM challenge c ",
            "WHERE c.need_id = need.id AND c.published_at IS NOT NULL AND c.status NOT IN ('preparing', 'submitted') ",
            "ORDER BY c.id DESC LIMIT 1) FROM need WHERE status NOT IN ('draft', 'withdrawn') AND id"
        )
    };
}

impl Store {
    /// Those of these needs that belong in the index.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn needs_for_index(&self, ids: &[&str]) -> Result<Vec<NeedForIndex>, StoreError> {
        let mut read = self.pool.acquire().await?;
        bulk::select(&mut read, concat!(needs!(), " IN"), ids, "").await?.iter().map(need).collect()
    }
}

impl Snapshot {
    /// Up to `limit` needs that belong in the index, by id, after the id `after` (`""` to begin).
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn needs_after(&mut self, after: &str, limit: i64) -> Result<Vec<NeedForIndex>, StoreError> {
        let rows = sqlx::query(concat!(needs!(), " > $1 ORDER BY id LIMIT $2"));
        rows.bind(after).bind(limit).fetch_all(self.connection()).await?.iter().map(need).collect()
    }
}

fn need(row: &AnyRow) -> Result<NeedForIndex, StoreError> {
    let mut need = content(row.try_get(0)?)?;
    if let Some(published) = row.try_get::<Option<String>, _>(4)? {
        let unreadable = |_| StoreError::Unreadable { what: "榜单内容" };
        said_by(&mut need, serde_json::from_str(&published).map_err(unreadable)?);
    }
    Ok(NeedForIndex { need, organisation: row.try_get(1)?, status: row.try_get(2)?, version: row.try_get(3)? })
}

/// What everybody reads of a need is what its challenge says.
fn said_by(need: &mut Need, challenge: Challenge) {
    need.title = Some(challenge.title);
    need.problem = challenge.problem;
    let target = |row: crate::domain::challenge::Indicator| Target {
        name: row.name,
        value: row.value,
        unit: Some(row.unit).filter(|unit| !unit.is_empty()),
    };
    need.targets = challenge.indicators.into_iter().map(target).collect();
}
