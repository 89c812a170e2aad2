//! Finding talents: lists, by account, who holds a piece, pairs that may be one person; and
//! reading them under the lock of a change.

use std::collections::HashMap;

use sqlx::Row;

use super::TalentRecord;
use super::read::{self, Part, talent};
use crate::domain::Evidence;
use crate::store::{Store, StoreError, Write, bulk, holding};

/// Which talents a list shows.
#[derive(Debug, Clone, Default)]
pub struct TalentFilter {
    /// Code of a status; empty for all.
    pub status: String,
    /// What the name begins with, [`crate::domain::text::folded`]; empty for all.
    pub name: String,
    /// Held by the name, the organisation or the id; empty for all.
    pub text: String,
    /// Code of a kind; empty for all.
    pub kind: String,
    /// Whether the profile belongs to its person; `None` for both.
    pub claimed: Option<bool>,
}

/// A piece of evidence with all who have it, whether they are shown or not.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Held {
    pub evidence: Evidence,
    /// Ids, in order.
    pub talents: Vec<String>,
    /// Those of them that belong to their person.
    pub claimed: Vec<String>,
}

impl Held {
    /// Whether somebody has it besides the talent.
    pub fn is_shared(&self, talent: &str) -> bool {
        self.talents.iter().any(|id| id != talent)
    }
}

const HELD: &str = "SELECT e.id, e.kind, e.title, e.abstract, e.keywords, e.year, t.id, t.account_id FROM evidence e \
                    LEFT JOIN talent_evidence l ON l.evidence_id = e.id \
                    LEFT JOIN talent t ON t.id = l.talent_id WHERE e.id IN";

fn held(rows: &[sqlx::any::AnyRow]) -> Result<Vec<Held>, StoreError> {
    let mut found: HashMap<String, Held> = HashMap::new();
    for row in rows {
        let evidence = read::evidence(row, 0)?;
        let (talent, account): (Option<String>, Option<String>) = (row.try_get(6)?, row.try_get(7)?);
        let new = || Held { evidence: evidence.clone(), talents: Vec::new(), claimed: Vec::new() };
        let piece = found.entry(evidence.id.clone()).or_insert_with(new);
        piece.claimed.extend(talent.clone().filter(|_| account.is_some()));
        piece.talents.extend(talent);
    }
    let mut found: Vec<Held> = found.into_values().collect();
    found.sort_by(|a, b| a.evidence.id.cmp(&b.evidence.id));
    for piece in &mut found {
        piece.talents.sort();
        piece.claimed.sort();
    }
    Ok(found)
}

impl Write {
    /// The talent, and nobody else changes any until this transaction ends.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn talent_locked(&mut self, id: &str) -> Result<Option<TalentRecord>, StoreError> {
        Ok(self.talents_locked(&[id]).await?.pop())
    }

    /// The same for several, in the order of ids.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn talents_locked(&mut self, ids: &[&str]) -> Result<Vec<TalentRecord>, StoreError> {
        self.changes_lock().await?;
        let tail = "ORDER BY id";
        let rows = bulk::select(&mut self.transaction, concat!(talent!(), " WHERE id IN"), ids, tail).await?;
        read::records(&mut self.transaction, &rows, Part::Whole).await
    }

    /// The pieces with these ids and who has them, as this transaction sees them.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn evidence_held(&mut self, ids: &[&str]) -> Result<Vec<Held>, StoreError> {
        held(&bulk::select(&mut self.transaction, HELD, ids, "").await?)
    }
}

impl Store {
    /// The pieces with these ids, in the order of ids, and who has them.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn evidence_held(&self, ids: &[&str]) -> Result<Vec<Held>, StoreError> {
        let mut read = self.pool.acquire().await?;
        held(&bulk::select(&mut read, HELD, ids, "").await?)
    }

    /// The id of an account's own profile.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn talent_of_account(&self, account: &str) -> Result<Option<String>, StoreError> {
        let query = sqlx::query_scalar("SELECT id FROM talent WHERE account_id = $1");
        Ok(query.bind(account).fetch_optional(&self.pool).await?)
    }

    /// Up to `limit` profiles without their evidence, by id, after the id `after`.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn talents_listed(
        &self,
        filter: &TalentFilter,
        after: &str,
        limit: i64,
    ) -> Result<Vec<TalentRecord>, StoreError> {
        const LIST: &str = concat!(
            talent!(),
            " WHERE id > $1 AND ($2 = '' OR status = $2) ",
            "AND ($3 = '' OR substr(folded_name, 1, length($3)) = $3) AND ($4 = '' OR LOWER(name COLLATE \"binary\") LIKE $4 ESCAPE '!' ",
            "OR LOWER(organization COLLATE \"binary\") LIKE $4 ESCAPE '!' OR LOWER(id COLLATE \"binary\") LIKE $4 ESCAPE '!') ",
            "AND ($5 = '' OR kind = $5) ",
            "AND ($6 < 0 OR ($6 = 0 AND account_id IS NULL) OR ($6 = 1 AND account_id IS NOT NULL)) ORDER BY id LIMIT $7"
        );
        let mut read = self.pool.acquire().await?;
        let rows = sqlx::query(LIST).bind(after).bind(&filter.status).bind(&filter.name).bind(holding(&filter.text));
        let rows = rows.bind(&filter.kind).bind(filter.claimed.map_or(-1, i64::from)).bind(limit);
        let rows = rows.fetch_all(&mut *read).await?;
        read::records(&mut read, &rows, Part::Profile).await
    }

    /// Up to `limit` pairs of profiles that are looked at for duplicates, after a pair, in order:
    /// names folded alike, or teams of the same organisation and members. Merged ones and those
    /// that were kept apart are left out.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn duplicate_pairs(&self, after: (&str, &str), limit: i64) -> Result<Vec<(String, String)>, StoreError> {
        const PAIRS: &str = "SELECT p.a, p.b FROM ( \
             SELECT x.id AS a, y.id AS b FROM talent x JOIN talent y ON y.folded_name = x.folded_name AND y.id > x.id \
             AND y.kind = x.kind WHERE x.id >= $1 AND x.folded_name <> '' AND x.status <> 'merged' \
             AND y.status <> 'merged' \
             UNION \
             SELECT x.id AS a, y.id AS b FROM talent x JOIN talent y ON y.team_key = x.team_key AND y.id > x.id \
             WHERE x.id >= $1 AND x.status <> 'merged' AND y.status <> 'merged') p \
             WHERE (p.a > $1 OR p.b > $2) AND NOT EXISTS (SELECT 1 FROM merge m WHERE m.status = 'apart' \
             AND ((m.kept_id = p.a AND m.dropped_id = p.b) OR (m.kept_id = p.b AND m.dropped_id = p.a))) ORDER BY p.a, p.b LIMIT $3";
        let rows = sqlx::query(PAIRS).bind(after.0).bind(after.1).bind(limit).fetch_all(&self.pool).await?;
        rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect()
    }
}
