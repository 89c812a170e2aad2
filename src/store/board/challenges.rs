//! Challenges 榜单 with every version of their terms. Each change is numbered in the change log, by
//! which boards in memory keep up.

use std::borrow::Borrow;

use sqlx::Row;
use sqlx::any::AnyRow;

use crate::domain::challenge::Challenge;
use crate::domain::challenge::status::{ChallengeStatus, phase};
use crate::store::{ChangeKind, Dialect, Store, StoreError, Write, coded, one_row};

/// A challenge as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChallengeRecord {
    pub id: String,
    /// The need that it was made of.
    pub need: String,
    /// Id of the enterprise.
    pub organisation: String,
    pub organisation_name: String,
    /// Administrative region of the enterprise.
    pub organisation_region: Option<String>,
    pub created_by: String,
    pub status: ChallengeStatus,
    /// Code of the taxonomy, of the need.
    pub field: Option<String>,
    pub region: Option<String>,
    /// Number of the terms: 0 before publishing, one more with each amendment.
    pub terms: i64,
    /// Why it was given back, withdrawn, or ended without an award.
    pub reason: Option<String>,
    /// Milliseconds since 1970 UTC.
    pub created_at: i64,
    pub updated_at: i64,
    pub published_at: Option<i64>,
    pub opened_at: Option<i64>,
    /// Id of the bid that the publisher chose, and why.
    pub chosen: Option<String>,
    pub choice_reason: Option<String>,
    pub objections_until: Option<i64>,
    pub awarded_at: Option<i64>,
    /// Number of its last change.
    pub touched: i64,
    pub version: i64,
    pub content: Challenge,
}

impl ChallengeRecord {
    /// Taken back, or failed.
    pub fn is_ended_without_award(&self) -> bool {
        matches!(self.status, ChallengeStatus::Withdrawn | ChallengeStatus::Failed)
    }

    /// Its status as it is told at a moment: code and name.
    pub fn phase(&self, now: impl Borrow<i64>) -> (&'static str, &'static str) {
        phase(self.status, self.content.opens_at, self.content.closes_at, *now.borrow())
    }

    /// Whether everybody may read it.
    pub fn is_public(&self) -> bool {
        self.published_at.is_some() && self.status.is_public()
    }
}

/// Terms as they were published.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChallengeTerms {
    pub number: i64,
    pub at: i64,
    pub by_account: String,
    /// Why it was amended.
    pub reason: String,
    pub content: Challenge,
}

/// The challenges that a condition names.
macro_rules! challenges_where {
    ($condition:literal) => {
        concat!(
            "SELECT c.id, c.need_id, c.organisation_id, o.name, o.region, c.created_by, c.status, c.field, c.region, ",
            "c.terms, c.reason, c.created_at, c.updated_at, c.published_at, c.opened_at, c.chosen, c.choice_reason, ",
            "c.objections_until, c.awarded_at, c.touched, c.version, c.content ",
            "FROM challenge c JOIN organisation o ON o.id = c.organisation_id WHERE ",
            $condition
        )
    };
}

impl Write {
    /// Keeps a new challenge.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] if the need has one that has not ended.
    pub async fn challenge_add(&mut self, new: &ChallengeRecord) -> Result<(), StoreError> {
        let touched = self.change_add(ChangeKind::Need, &new.need).await?;
        let insert = "INSERT INTO challenge (id, need_id, organisation_id, created_by, status, title, field, region, \
                      reward, opens_at, closes_at, terms, created_at, updated_at, touched, version, content) \
                      VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17)";
        let content = &new.content;
        let insert = sqlx::query(insert).bind(&new.id).bind(&new.need).bind(&new.organisation).bind(&new.created_by);
        let insert = insert.bind(new.status.code()).bind(&content.title).bind(new.field.as_deref());
        let insert = insert.bind(new.region.as_deref()).bind(content.reward.map(|yuan| yuan as i64));
        let insert = insert.bind(content.opens_at).bind(content.closes_at).bind(new.terms).bind(new.created_at);
        let insert = insert.bind(new.updated_at).bind(touched).bind(new.version).bind(json(content)?);
        insert.execute(&mut *self.transaction).await?;
        Ok(())
    }

    /// Saves a challenge that was in a status and of the version that `changed` says; gives the next
    /// version's number.
    ///
    /// # Errors
    /// [`StoreError::Stale`] if it was changed meanwhile.
    pub async fn challenge_save(&mut self, changed: &ChallengeRecord, was: ChallengeStatus) -> Result<i64, StoreError> {
        let touched = self.change_add(ChangeKind::Need, &changed.need).await?;
        let update = "UPDATE challenge SET status = $1, title = $2, reward = $3, opens_at = $4, closes_at = $5, \
                      terms = $6, reason = $7, updated_at = $8, published_at = $9, opened_at = $10, chosen = $11, \
                      choice_reason = $12, objections_until = $13, awarded_at = $14, touched = $15, content = $16, \
                      version = version + 1 WHERE id = $17 AND status = $18 AND version = $19";
        let content = &changed.content;
        let update = sqlx::query(update).bind(changed.status.code()).bind(&content.title);
        let update = update.bind(content.reward.map(|yuan| yuan as i64)).bind(content.opens_at).bind(content.closes_at);
        let update = update.bind(changed.terms).bind(changed.reason.as_deref()).bind(changed.updated_at);
        let update = update.bind(changed.published_at).bind(changed.opened_at).bind(changed.chosen.as_deref());
        let update = update.bind(changed.choice_reason.as_deref()).bind(changed.objections_until);
        let update = update.bind(changed.awarded_at).bind(touched).bind(json(content)?);
        let update = update.bind(&changed.id).bind(was.code()).bind(changed.version);
        one_row(&update.execute(&mut *self.transaction).await?)?;
        Ok(changed.version + 1)
    }

    /// Keeps the terms as they are published now.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] if there are terms of this number.
    pub async fn challenge_terms_add(&mut self, challenge: &str, terms: &ChallengeTerms) -> Result<(), StoreError> {
        let insert = "INSERT INTO challenge_terms (challenge_id, number, at, by_account, reason, content) \
                      VALUES ($1, $2, $3, $4, $5, $6)";
        let insert = sqlx::query(insert).bind(challenge).bind(terms.number).bind(terms.at).bind(&terms.by_account);
        let insert = insert.bind(&terms.reason).bind(json(&terms.content)?);
        insert.execute(&mut *self.transaction).await?;
        Ok(())
    }

    /// Whether a need has a challenge that has not ended.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn need_has_living_challenge(&mut self, need: &str) -> Result<bool, StoreError> {
        let query = "SELECT COUNT(*) FROM challenge WHERE need_id = $1 \
                     AND status NOT IN ('contracted', 'withdrawn', 'failed')";
        let count: i64 = sqlx::query_scalar(query).bind(need).fetch_one(&mut *self.transaction).await?;
        Ok(count > 0)
    }

    /// A challenge as it is now, that nobody changes before this transaction ends; others may hold it
    /// at the same time. On SQLite a transaction that writes is alone anyway.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn challenge_hold(&mut self, id: &str) -> Result<Option<ChallengeRecord>, StoreError> {
        let hold = match self.dialect() {
            Dialect::Sqlite => challenges_where!("c.id = $1"),
            Dialect::Postgres => challenges_where!("c.id = $1 FOR SHARE OF c"),
        };
        let row = sqlx::query(hold).bind(id).fetch_optional(&mut *self.transaction).await?;
        row.as_ref().map(read).transpose()
    }

    /// The same for whoever is about to change it: nobody else holds it. The counter of changes is held
    /// before it, as in every transaction that needs both.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn challenge_take(&mut self, id: &str) -> Result<Option<ChallengeRecord>, StoreError> {
        self.changes_lock().await?;
        let take = match self.dialect() {
            Dialect::Sqlite => challenges_where!("c.id = $1"),
            Dialect::Postgres => challenges_where!("c.id = $1 FOR UPDATE OF c"),
        };
        let row = sqlx::query(take).bind(id).fetch_optional(&mut *self.transaction).await?;
        row.as_ref().map(read).transpose()
    }
}

impl Store {
    /// # Errors
    /// [`StoreError`]
    pub async fn challenge(&self, id: &str) -> Result<Option<ChallengeRecord>, StoreError> {
        let query = sqlx::query(challenges_where!("c.id = $1")).bind(id);
        query.fetch_optional(&self.pool).await?.as_ref().map(read).transpose()
    }

    /// The challenge of a need that has not ended, else the newest.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn challenge_of_need(&self, need: &str) -> Result<Option<ChallengeRecord>, StoreError> {
        let query = challenges_where!(
            "c.need_id = $1 ORDER BY CASE WHEN c.status IN ('withdrawn', 'failed') THEN 1 ELSE 0 END, c.id DESC LIMIT 1"
        );
        let row = sqlx::query(query).bind(need).fetch_optional(&self.pool).await?;
        row.as_ref().map(read).transpose()
    }

    /// The challenges of an enterprise, newest first.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn challenges_of(&self, organisation: &str, limit: i64) -> Result<Vec<ChallengeRecord>, StoreError> {
        let query = challenges_where!("c.organisation_id = $1 ORDER BY c.id DESC LIMIT $2");
        let rows = sqlx::query(query).bind(organisation).bind(limit).fetch_all(&self.pool).await?;
        rows.iter().map(read).collect()
    }

    /// The public challenges that an account watches, newest first.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn challenges_watched(&self, account: &str, limit: i64) -> Result<Vec<ChallengeRecord>, StoreError> {
        let query = challenges_where!(
            "c.id IN (SELECT challenge_id FROM challenge_watcher WHERE account_id = $1) ORDER BY c.id DESC LIMIT $2"
        );
        let rows = sqlx::query(query).bind(account).bind(limit).fetch_all(&self.pool).await?;
        rows.iter().map(read).collect()
    }

    /// The challenges in a status, oldest first.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn challenges_in(&self, status: ChallengeStatus, limit: i64) -> Result<Vec<ChallengeRecord>, StoreError> {
        let query = challenges_where!("c.status = $1 ORDER BY c.id LIMIT $2");
        let rows = sqlx::query(query).bind(status.code()).bind(limit).fetch_all(&self.pool).await?;
        rows.iter().map(read).collect()
    }

    /// Up to `limit` challenges that changed after a number, in the order of their changes.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn challenges_touched(&self, after: i64, limit: i64) -> Result<Vec<ChallengeRecord>, StoreError> {
        let query = challenges_where!("c.touched > $1 ORDER BY c.touched LIMIT $2");
        let rows = sqlx::query(query).bind(after).bind(limit).fetch_all(&self.pool).await?;
        rows.iter().map(read).collect()
    }

    /// Ids of the challenges whose bids are to be opened.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn challenges_due(&self, now: i64) -> Result<Vec<String>, StoreError> {
        let query = "SELECT id FROM challenge WHERE status = 'open' AND closes_at <= $1 ORDER BY closes_at, id";
        Ok(sqlx::query_scalar(query).bind(now).fetch_all(&self.pool).await?)
    }

    /// The terms of a challenge as they were published one after the other.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn challenge_terms(&self, challenge: &str) -> Result<Vec<ChallengeTerms>, StoreError> {
        let query = "SELECT number, at, by_account, reason, content FROM challenge_terms WHERE challenge_id = $1 \
                     ORDER BY number";
        let rows = sqlx::query(query).bind(challenge).fetch_all(&self.pool).await?;
        let read = |row: &AnyRow| {
            Ok(ChallengeTerms {
                number: row.try_get(0)?,
                at: row.try_get(1)?,
                by_account: row.try_get(2)?,
                reason: row.try_get(3)?,
                content: content(row.try_get(4)?)?,
            })
        };
        rows.iter().map(read).collect()
    }
}

fn read(row: &AnyRow) -> Result<ChallengeRecord, StoreError> {
    Ok(ChallengeRecord {
        id: row.try_get(0)?,
        need: row.try_get(1)?,
        organisation: row.try_get(2)?,
        organisation_name: row.try_get(3)?,
        organisation_region: row.try_get(4)?,
        created_by: row.try_get(5)?,
        status: coded(row, 6, "榜单状态", &ChallengeStatus::ALL, ChallengeStatus::code)?,
        field: row.try_get(7)?,
        region: row.try_get(8)?,
        terms: row.try_get(9)?,
        reason: row.try_get(10)?,
        created_at: row.try_get(11)?,
        updated_at: row.try_get(12)?,
        published_at: row.try_get(13)?,
        opened_at: row.try_get(14)?,
        chosen: row.try_get(15)?,
        choice_reason: row.try_get(16)?,
        objections_until: row.try_get(17)?,
        awarded_at: row.try_get(18)?,
        touched: row.try_get(19)?,
        version: row.try_get(20)?,
        content: content(row.try_get(21)?)?,
    })
}

fn content(json: &str) -> Result<Challenge, StoreError> {
    serde_json::from_str(json).map_err(|_| StoreError::Unreadable { what: "榜单内容" })
}

fn json(content: &Challenge) -> Result<String, StoreError> {
    serde_json::to_string(content).map_err(|_| StoreError::Unreadable { what: "榜单内容" })
}
