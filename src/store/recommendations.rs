//! What was recommended, what the enterprise thinks of it, and the rankings that made the lists.

use sqlx::Row;
use sqlx::any::AnyRow;

use super::{Store, StoreError, Write, one_row};

/// A recorded list.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RecommendationRow {
    pub id: String,
    pub need: String,
    pub need_version: i64,
    pub ranking_hash: String,
    pub position: i64,
    pub by_account: String,
    pub at: i64,
    /// JSON of the filters.
    pub filters: String,
    /// JSON of the whole list.
    pub list: String,
}

/// What an enterprise thinks of a talent for a need.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verdict {
    pub need: String,
    pub talent: String,
    /// `shortlisted` or `unsuitable`
    pub verdict: String,
    pub note: String,
    pub by_account: String,
    pub at: i64,
    pub version: i64,
}

macro_rules! recommendations_where {
    ($condition:literal) => {
        concat!(
            "SELECT id, need_id, need_version, ranking_hash, position, by_account, at, filters, items ",
            "FROM recommendation WHERE ",
            $condition
        )
    };
}

macro_rules! verdicts_where {
    ($condition:literal) => {
        concat!("SELECT need_id, talent_id, verdict, note, by_account, at, version FROM shortlist WHERE ", $condition)
    };
}

impl Write {
    /// Keeps a ranking file under its SHA-256.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn ranking_keep(&mut self, hash: &str, name: &str, content: &str) -> Result<(), StoreError> {
        let insert = "INSERT INTO ranking (hash, name, content) VALUES ($1, $2, $3) ON CONFLICT (hash) DO NOTHING";
        sqlx::query(insert).bind(hash).bind(name).bind(content).execute(&mut *self.transaction).await?;
        Ok(())
    }

    /// # Errors
    /// [`StoreError::Conflict`] if the need or the ranking is unknown.
    pub async fn recommendation_add(&mut self, row: &RecommendationRow) -> Result<(), StoreError> {
        let insert = "INSERT INTO recommendation (id, need_id, need_version, ranking_hash, position, by_account, at, \
                      filters, items) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
        let insert = sqlx::query(insert).bind(&row.id).bind(&row.need).bind(row.need_version);
        let insert = insert.bind(&row.ranking_hash).bind(row.position).bind(&row.by_account).bind(row.at);
        insert.bind(&row.filters).bind(&row.list).execute(&mut *self.transaction).await?;
        Ok(())
    }

    /// Writes a verdict: version 1 is new, a later one replaces the one before it.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] if there is one already, [`StoreError::Stale`] if it is no longer of
    /// the version before.
    pub async fn verdict_put(&mut self, verdict: &Verdict) -> Result<(), StoreError> {
        let bind = |sql: &'static str| {
            let query = sqlx::query(sql).bind(&verdict.need).bind(&verdict.talent).bind(&verdict.verdict);
            query.bind(&verdict.note).bind(&verdict.by_account).bind(verdict.at).bind(verdict.version)
        };
        let write = if verdict.version == 1 {
            "INSERT INTO shortlist (need_id, talent_id, verdict, note, by_account, at, version) \
             VALUES ($1, $2, $3, $4, $5, $6, $7)"
        } else {
            "UPDATE shortlist SET verdict = $3, note = $4, by_account = $5, at = $6, version = $7 \
             WHERE need_id = $1 AND talent_id = $2 AND version = $7 - 1"
        };
        one_row(&bind(write).execute(&mut *self.transaction).await?)
    }

    /// # Errors
    /// [`StoreError::Stale`] if there is none of this version.
    pub async fn verdict_delete(&mut self, need: &str, talent: &str, version: i64) -> Result<(), StoreError> {
        let delete = "DELETE FROM shortlist WHERE need_id = $1 AND talent_id = $2 AND version = $3";
        let delete = sqlx::query(delete).bind(need).bind(talent).bind(version);
        one_row(&delete.execute(&mut *self.transaction).await?)
    }
}

impl Store {
    /// The ranking file with this hash.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn ranking(&self, hash: &str) -> Result<Option<String>, StoreError> {
        let query = sqlx::query_scalar("SELECT content FROM ranking WHERE hash = $1");
        Ok(query.bind(hash).fetch_optional(&self.pool).await?)
    }

    /// # Errors
    /// [`StoreError`]
    pub async fn recommendation(&self, id: &str) -> Result<Option<RecommendationRow>, StoreError> {
        let row = sqlx::query(recommendations_where!("id = $1")).bind(id).fetch_optional(&self.pool).await?;
        row.as_ref().map(read).transpose()
    }

    /// The newest list of a need.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn recommendation_newest(&self, need: &str) -> Result<Option<RecommendationRow>, StoreError> {
        let query = sqlx::query(recommendations_where!("need_id = $1 ORDER BY id DESC LIMIT 1"));
        query.bind(need).fetch_optional(&self.pool).await?.as_ref().map(read).transpose()
    }

    /// Lists of a need, newest first, before an id (`""` to begin).
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn recommendations(
        &self,
        need: &str,
        before: &str,
        limit: i64,
    ) -> Result<Vec<RecommendationRow>, StoreError> {
        let query = recommendations_where!("need_id = $1 AND ($2 = '' OR id < $2) ORDER BY id DESC LIMIT $3");
        let rows = sqlx::query(query).bind(need).bind(before).bind(limit).fetch_all(&self.pool).await?;
        rows.iter().map(read).collect()
    }

    /// What was said of talents for a need, in the order of talents.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn verdicts(&self, need: &str) -> Result<Vec<Verdict>, StoreError> {
        let rows = sqlx::query(verdicts_where!("need_id = $1 ORDER BY talent_id")).bind(need);
        rows.fetch_all(&self.pool).await?.iter().map(read_verdict).collect()
    }

    /// # Errors
    /// [`StoreError`]
    pub async fn verdict(&self, need: &str, talent: &str) -> Result<Option<Verdict>, StoreError> {
        let query = sqlx::query(verdicts_where!("need_id = $1 AND talent_id = $2")).bind(need).bind(talent);
        query.fetch_optional(&self.pool).await?.as_ref().map(read_verdict).transpose()
    }
}

fn read(row: &AnyRow) -> Result<RecommendationRow, StoreError> {
    Ok(RecommendationRow {
        id: row.try_get(0)?,
        need: row.try_get(1)?,
        need_version: row.try_get(2)?,
        ranking_hash: row.try_get(3)?,
        position: row.try_get(4)?,
        by_account: row.try_get(5)?,
        at: row.try_get(6)?,
        filters: row.try_get(7)?,
        list: row.try_get(8)?,
    })
}

fn read_verdict(row: &AnyRow) -> Result<Verdict, StoreError> {
    Ok(Verdict {
        need: row.try_get(0)?,
        talent: row.try_get(1)?,
        verdict: row.try_get(2)?,
        note: row.try_get(3)?,
        by_account: row.try_get(4)?,
        at: row.try_get(5)?,
        version: row.try_get(6)?,
    })
}
