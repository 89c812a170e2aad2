//! Saved searches, and whether what a search shows is still there.

use sqlx::Row;
use sqlx::any::AnyRow;

use super::{Store, StoreError, Write, bulk, one_row};
use crate::domain::{SearchKind, SearchQuery};

/// A saved search as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SavedSearch {
    pub id: String,
    pub account: String,
    /// What its owner calls it.
    pub name: String,
    pub query: SearchQuery,
    /// Milliseconds since 1970 UTC.
    pub created_at: i64,
    /// The change up to which its hits were looked at, and when.
    pub position: i64,
    pub looked_at: i64,
    /// Eight bytes for each hit that was ever seen.
    pub seen: Vec<u8>,
}

/// Saved searches that a condition names.
macro_rules! searches_where {
    ($condition:literal) => {
        concat!(
            "SELECT s.id, s.account_id, s.name, s.query, s.created_at, s.position, s.looked_at, s.seen ",
            "FROM saved_search s WHERE ",
            $condition
        )
    };
}

impl Write {
    /// # Errors
    /// [`StoreError::Conflict`] if the account has saved the same search already.
    pub async fn search_save(&mut self, new: &SavedSearch) -> Result<(), StoreError> {
        let insert = "INSERT INTO saved_search (id, account_id, name, query, created_at, position, looked_at, seen, \
                      kind) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)";
        let query = serde_json::to_string(&new.query).map_err(|_| UNREADABLE)?;
        let insert = sqlx::query(insert).bind(&new.id).bind(&new.account).bind(&new.name).bind(query);
        let insert = insert.bind(new.created_at).bind(new.position).bind(new.looked_at).bind(new.seen.clone());
        insert.bind(new.query.kind.code()).execute(&mut *self.transaction).await?;
        Ok(())
    }

    /// # Errors
    /// [`StoreError::Stale`] if the account has no such search.
    pub async fn search_rename(&mut self, account: &str, id: &str, name: &str) -> Result<(), StoreError> {
        let update = sqlx::query("UPDATE saved_search SET name = $1 WHERE id = $2 AND account_id = $3");
        one_row(&update.bind(name).bind(id).bind(account).execute(&mut *self.transaction).await?)
    }

    /// # Errors
    /// [`StoreError::Stale`] if the account has no such search.
    pub async fn search_delete(&mut self, account: &str, id: &str) -> Result<(), StoreError> {
        let delete = sqlx::query("DELETE FROM saved_search WHERE id = $1 AND account_id = $2");
        one_row(&delete.bind(id).bind(account).execute(&mut *self.transaction).await?)
    }

    /// Notes that the hits of a search were looked at up to `position`, if nobody has looked since it
    /// was read: of several nodes that look at once, one does.
    ///
    /// # Errors
    /// [`StoreError::Stale`] if somebody has, or the search is gone.
    pub async fn search_looked(
        &mut self,
        search: &SavedSearch,
        position: i64,
        at: i64,
        seen: &[u8],
    ) -> Result<(), StoreError> {
        let update = "UPDATE saved_search SET position = $1, looked_at = $2, seen = $3 WHERE id = $4 AND position = $5";
        let update = sqlx::query(update).bind(position).bind(at).bind(seen.to_vec());
        one_row(&update.bind(&search.id).bind(search.position).execute(&mut *self.transaction).await?)
    }

    /// Notes the same of searches that have nothing new, but for those that were looked at further.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn searches_looked(&mut self, ids: &[&str], position: i64, at: i64) -> Result<(), StoreError> {
        // Numbers are no texts that could say anything else.
        let head = format!(
            "UPDATE saved_search SET position = {position}, looked_at = {at} WHERE position < {position} AND id IN"
        );
        bulk::execute(&mut self.transaction, &head, ids, "").await
    }

    /// Moves the searches of a kind that were looked at up to `from` or further to `position`, where
    /// nothing between can add a hit.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn searches_moved(&mut self, kind: SearchKind, from: i64, position: i64) -> Result<(), StoreError> {
        let update = "UPDATE saved_search SET position = $1 WHERE kind = $2 AND position >= $3 AND position < $1";
        let update = sqlx::query(update).bind(position).bind(kind.code()).bind(from);
        update.execute(&mut *self.transaction).await?;
        Ok(())
    }

    /// Takes the searches of a kind for oneself until a time, or keeps them (`held` is until when one
    /// has them; 0: not); `false` if another node has them.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn search_round(
        &mut self,
        kind: SearchKind,
        held: i64,
        now: i64,
        until: i64,
    ) -> Result<bool, StoreError> {
        let update = "UPDATE search_round SET until = $1 WHERE kind = $2 AND (until = $3 OR $3 = 0 AND until <= $4)";
        let update = sqlx::query(update).bind(until).bind(kind.code()).bind(held).bind(now);
        Ok(update.execute(&mut *self.transaction).await?.rows_affected() == 1)
    }
}

impl Store {
    /// Somebody's saved searches, newest first.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn searches_of(&self, account: &str) -> Result<Vec<SavedSearch>, StoreError> {
        let query = sqlx::query(searches_where!("s.account_id = $1 ORDER BY s.id DESC")).bind(account);
        query.fetch_all(&self.pool).await?.iter().map(read).collect()
    }

    /// The lowest position of the searches of a kind, of active accounts, that are before `position`.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn searches_from(&self, kind: SearchKind, position: i64) -> Result<Option<i64>, StoreError> {
        let query = "SELECT MIN(position) FROM saved_search WHERE kind = $1 AND position < $2 \
                     AND account_id IN (SELECT id FROM account WHERE status = 'active')";
        Ok(sqlx::query_scalar(query).bind(kind.code()).bind(position).fetch_one(&self.pool).await?)
    }

    /// The last change after a number, and not after another one, that can add a hit of a kind: of a
    /// talent or a piece of evidence; of a need, or of the need of a challenge, that the public may see
    /// now.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn change_of_hits(&self, kind: SearchKind, after: i64, to: i64) -> Result<Option<i64>, StoreError> {
        let query = match kind {
            SearchKind::Talents => {
                "SELECT MAX(number) FROM change WHERE kind IN ('talent', 'evidence') AND number > $1 AND number <= $2"
            }
            SearchKind::Needs => {
                "SELECT MAX(c.number) FROM change c JOIN need n ON n.id = c.id WHERE c.kind = 'need' \
                 AND c.number > $1 AND c.number <= $2 AND n.status IN ('published', 'challenge')"
            }
            SearchKind::Challenges => {
                "SELECT MAX(c.number) FROM change c JOIN challenge h ON h.need_id = c.id WHERE c.kind = 'need' \
                 AND c.number > $1 AND c.number <= $2 AND h.published_at IS NOT NULL \
                 AND h.status NOT IN ('preparing', 'submitted')"
            }
        };
        Ok(sqlx::query_scalar(query).bind(after).bind(to).fetch_one(&self.pool).await?)
    }

    /// Searches of a kind that were last looked at before a change, longest ago first, of active
    /// accounts.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn searches_behind(
        &self,
        kind: SearchKind,
        position: i64,
        limit: i64,
    ) -> Result<Vec<SavedSearch>, StoreError> {
        let query = searches_where!(
            "s.kind = $3 AND s.position < $1 AND s.account_id IN (SELECT id FROM account WHERE status = 'active') \
             ORDER BY s.position, s.id LIMIT $2"
        );
        let query = sqlx::query(query).bind(position).bind(limit).bind(kind.code());
        query.fetch_all(&self.pool).await?.iter().map(read).collect()
    }

    /// Those of these talents that are shown to the public now.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn talents_shown(&self, ids: &[&str]) -> Result<Vec<String>, StoreError> {
        self.ids("SELECT id FROM talent WHERE status = 'active' AND id IN", ids).await
    }

    /// Those of these needs that the public may see now.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn needs_shown(&self, ids: &[&str]) -> Result<Vec<String>, StoreError> {
        self.ids("SELECT id FROM need WHERE status IN ('published', 'challenge') AND id IN", ids).await
    }

    /// Those of these challenges that the public may see now.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn challenges_shown(&self, ids: &[&str]) -> Result<Vec<String>, StoreError> {
        let head = "SELECT id FROM challenge WHERE published_at IS NOT NULL \
                    AND status NOT IN ('preparing', 'submitted') AND id IN";
        self.ids(head, ids).await
    }

    async fn ids(&self, head: &str, ids: &[&str]) -> Result<Vec<String>, StoreError> {
        let mut read = self.pool.acquire().await?;
        let rows = bulk::select(&mut read, head, ids, "").await?;
        rows.iter().map(|row| Ok(row.try_get(0)?)).collect()
    }
}

const UNREADABLE: StoreError = StoreError::Unreadable { what: "保存的搜索" };

fn read(row: &AnyRow) -> Result<SavedSearch, StoreError> {
    let query: String = row.try_get(3)?;
    Ok(SavedSearch {
        id: row.try_get(0)?,
        account: row.try_get(1)?,
        name: row.try_get(2)?,
        query: serde_json::from_str(&query).map_err(|_| UNREADABLE)?,
        created_at: row.try_get(4)?,
        position: row.try_get(5)?,
        looked_at: row.try_get(6)?,
        seen: row.try_get(7)?,
    })
}
