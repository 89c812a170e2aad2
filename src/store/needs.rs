//! Needs 创新需求 with every version that was ever saved. Each change tells the index.

use sqlx::Row;
use sqlx::any::AnyRow;

use super::{ChangeKind, Store, StoreError, Write, bulk, coded, one_row};
use crate::domain::{Need, NeedMode, NeedStatus};

/// A need as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NeedRecord {
    /// Its `id` is the record's.
    pub need: Need,
    /// Id of the enterprise.
    pub organisation: String,
    pub organisation_name: String,
    /// Administrative region of the enterprise, which is what its district sees it by.
    pub organisation_region: Option<String>,
    pub created_by: String,
    pub status: NeedStatus,
    /// Why it was given back or withdrawn.
    pub reason: Option<String>,
    /// Milliseconds since 1970 UTC.
    pub created_at: i64,
    pub updated_at: i64,
    /// First time.
    pub submitted_at: Option<i64>,
    pub published_at: Option<i64>,
    /// 1 when made, one more with each change.
    pub version: i64,
}

/// What a list shows of a need.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NeedHead {
    pub id: String,
    pub organisation: String,
    pub organisation_name: String,
    pub status: NeedStatus,
    pub title: Option<String>,
    pub mode: Option<NeedMode>,
    pub field: Option<String>,
    pub region: Option<String>,
    pub deadline: Option<String>,
    pub reason: Option<String>,
    pub created_at: i64,
    pub updated_at: i64,
    pub published_at: Option<i64>,
    pub version: i64,
}

/// A version of a need, without its content.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NeedVersion {
    pub version: i64,
    pub status: NeedStatus,
    pub reason: Option<String>,
    pub by_account: String,
    pub at: i64,
    /// Key of the open form that saved it by itself; the next save of that form takes its place.
    pub sitting: Option<String>,
}

/// Who asks for a change to be saved.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Saving<'a> {
    /// Somebody, from an open form where there is one.
    Asked { sitting: &'a str },
    /// The open form by itself.
    Auto { sitting: &'a str },
}

impl<'a> Saving<'a> {
    /// Not from a form.
    pub const PLAIN: Self = Self::Asked { sitting: "" };

    /// Key of the open form, or `""`.
    pub const fn sitting(self) -> &'a str {
        match self {
            Self::Asked { sitting } | Self::Auto { sitting } => sitting,
        }
    }

    /// What the version keeps of it: a version that somebody asked for gives way to none.
    fn kept(self) -> Option<&'a str> {
        match self {
            Self::Auto { sitting } => Some(sitting),
            Self::Asked { .. } => None,
        }
    }
}

/// What an open form has saved.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sitting {
    /// Id.
    pub need: String,
    /// The version that it made last.
    pub version: i64,
    /// The version that somebody last asked it to save; 0 if nobody has.
    pub asked: i64,
}

/// The heads of the needs that a condition names, newest first.
macro_rules! heads_where {
    ($condition:literal) => {
        concat!(
            "SELECT n.id, n.organisation_id, o.name, n.status, n.title, n.mode, n.field, n.region, n.deadline, ",
            "n.reason, n.created_at, n.updated_at, n.published_at, n.version ",
            "FROM need n JOIN organisation o ON o.id = n.organisation_id WHERE ($1 = '' OR n.id < $1) AND ",
            $condition,
            " ORDER BY n.id DESC LIMIT $2"
        )
    };
}

impl Write {
    /// Keeps a new need, its first version.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] if the id is taken, or the enterprise or the account unknown, or the form has made one.
    pub async fn need_add(&mut self, new: &NeedRecord, saving: Saving<'_>) -> Result<(), StoreError> {
        let insert = "INSERT INTO need (id, organisation_id, created_by, status, title, mode, field, region, deadline, \
                      reason, created_at, updated_at, submitted_at, published_at, version, content) \
                      VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)";
        let need = &new.need;
        let insert = sqlx::query(insert).bind(&need.id).bind(&new.organisation).bind(&new.created_by);
        let insert = insert.bind(new.status.code()).bind(need.heading()).bind(need.mode.map(NeedMode::code));
        let insert = insert.bind(need.field.as_deref()).bind(need.region.as_deref()).bind(need.deadline.as_deref());
        let insert = insert.bind(new.reason.as_deref()).bind(new.created_at).bind(new.updated_at);
        let insert = insert.bind(new.submitted_at).bind(new.published_at).bind(new.version).bind(json(need)?);
        insert.execute(&mut *self.transaction).await?;
        if !saving.sitting().is_empty() {
            // What the same form sends again is no second need.
            let insert = "INSERT INTO need_sitting (sitting, need_id, version, asked) VALUES ($1, $2, 0, 0)";
            let insert = sqlx::query(insert).bind(saving.sitting()).bind(&need.id);
            insert.execute(&mut *self.transaction).await?;
        }
        self.need_version_add(new, new.version, &new.created_by, saving).await
    }

    /// Saves a changed need as its next version, and gives that version's number. `changed.version`
    /// and `was` are what it must still be. A version that an open form saved by itself gives way to
    /// what the same form saves next.
    ///
    /// # Errors
    /// [`StoreError::Stale`] if it is of another version or status by now.
    pub async fn need_save(
        &mut self,
        changed: &NeedRecord,
        was: NeedStatus,
        by: &str,
        saving: Saving<'_>,
    ) -> Result<i64, StoreError> {
        let update = "UPDATE need SET status = $1, title = $2, mode = $3, field = $4, region = $5, deadline = $6, \
                      reason = $7, updated_at = $8, submitted_at = $9, published_at = $10, content = $11, \
                      version = version + 1 WHERE id = $12 AND version = $13 AND status = $14";
        let need = &changed.need;
        let update = sqlx::query(update).bind(changed.status.code()).bind(need.heading());
        let update = update.bind(need.mode.map(NeedMode::code)).bind(need.field.as_deref());
        let update = update.bind(need.region.as_deref()).bind(need.deadline.as_deref());
        let update = update.bind(changed.reason.as_deref()).bind(changed.updated_at).bind(changed.submitted_at);
        let update = update.bind(changed.published_at).bind(json(need)?).bind(&need.id).bind(changed.version);
        one_row(&update.bind(was.code()).execute(&mut *self.transaction).await?)?;
        let version = changed.version + 1;
        let replaced = "DELETE FROM need_version WHERE need_id = $1 AND version = $2 AND sitting = $3";
        let replaced = sqlx::query(replaced).bind(&need.id).bind(changed.version).bind(saving.sitting());
        replaced.execute(&mut *self.transaction).await?;
        self.need_version_add(changed, version, by, saving).await?;
        Ok(version)
    }

    async fn need_version_add(
        &mut self,
        record: &NeedRecord,
        version: i64,
        by: &str,
        saving: Saving<'_>,
    ) -> Result<(), StoreError> {
        let insert = "INSERT INTO need_version (need_id, version, status, reason, by_account, at, content, \
                      sitting) VALUES ($1, $2, $3, $4, $5, $6, $7, $8)";
        let insert = sqlx::query(insert).bind(&record.need.id).bind(version).bind(record.status.code());
        let insert = insert.bind(record.reason.as_deref()).bind(by).bind(record.updated_at).bind(json(&record.need)?);
        let insert = insert.bind(saving.kept());
        insert.execute(&mut *self.transaction).await?;
        self.need_sitting(&record.need.id, version, saving).await?;
        self.change_add(ChangeKind::Need, &record.need.id).await?;
        Ok(())
    }

    /// Notes that an open form has saved a version, or that somebody asked it to save what is that
    /// version already, which then gives way to none.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn need_sitting(&mut self, id: &str, version: i64, saving: Saving<'_>) -> Result<(), StoreError> {
        let (sitting, is_asked) = (saving.sitting(), saving.kept().is_none());
        if sitting.is_empty() {
            return Ok(());
        }
        let note = "INSERT INTO need_sitting (sitting, need_id, version, asked) VALUES ($1, $2, $3, $4) \
                    ON CONFLICT (sitting) DO UPDATE SET need_id = excluded.need_id, version = excluded.version, \
                    asked = CASE WHEN excluded.asked = 0 THEN need_sitting.asked ELSE excluded.asked END";
        let note = sqlx::query(note).bind(sitting).bind(id).bind(version).bind(if is_asked { version } else { 0 });
        note.execute(&mut *self.transaction).await?;
        if is_asked {
            let kept = "UPDATE need_version SET sitting = NULL WHERE need_id = $1 AND version = $2 AND sitting = $3";
            let kept = sqlx::query(kept).bind(id).bind(version).bind(sitting);
            kept.execute(&mut *self.transaction).await?;
        }
        Ok(())
    }

    /// Holds a need as it is until the transaction ends: whoever adds to it knows its status.
    ///
    /// # Errors
    /// [`StoreError::Stale`] if it is in another status by now.
    pub async fn need_hold(&mut self, id: &str, status: NeedStatus) -> Result<(), StoreError> {
        let hold = sqlx::query("UPDATE need SET status = status WHERE id = $1 AND status = $2");
        one_row(&hold.bind(id).bind(status.code()).execute(&mut *self.transaction).await?)
    }
}

impl Store {
    /// # Errors
    /// [`StoreError`]
    pub async fn need(&self, id: &str) -> Result<Option<NeedRecord>, StoreError> {
        Ok(self.needs_with(&[id]).await?.pop())
    }

    /// The needs with these ids that there are, in no order.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn needs_with(&self, ids: &[&str]) -> Result<Vec<NeedRecord>, StoreError> {
        const NEEDS: &str = "SELECT n.organisation_id, o.name, o.region, n.created_by, n.status, n.reason, \
                             n.created_at, n.updated_at, n.submitted_at, n.published_at, n.version, n.content \
                             FROM need n JOIN organisation o ON o.id = n.organisation_id WHERE n.id IN";
        let mut read = self.pool.acquire().await?;
        bulk::select(&mut read, NEEDS, ids, "").await?.iter().map(read_record).collect()
    }

    /// Needs of an enterprise before an id (`""` to begin), newest first, of one status or of all.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn needs_of(
        &self,
        organisation: &str,
        status: Option<NeedStatus>,
        before: &str,
        limit: i64,
    ) -> Result<Vec<NeedHead>, StoreError> {
        let query = heads_where!("n.organisation_id = $3 AND ($4 = '' OR n.status = $4)");
        let query = sqlx::query(query).bind(before).bind(limit).bind(organisation);
        let rows = query.bind(status.map_or("", NeedStatus::code)).fetch_all(&self.pool).await?;
        rows.iter().map(read_head).collect()
    }

    /// Needs that were ever submitted, of the enterprises in a region (`""` for all of them).
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn needs_submitted(
        &self,
        region: &str,
        status: Option<NeedStatus>,
        before: &str,
        limit: i64,
    ) -> Result<Vec<NeedHead>, StoreError> {
        let query = heads_where!(
            "n.submitted_at IS NOT NULL AND ($3 = '' OR substr(o.region, 1, length($3)) = $3) \
             AND ($4 = '' OR n.status = $4)"
        );
        let query = sqlx::query(query).bind(before).bind(limit).bind(region);
        let rows = query.bind(status.map_or("", NeedStatus::code)).fetch_all(&self.pool).await?;
        rows.iter().map(read_head).collect()
    }

    /// Needs that everybody may see ([`NeedStatus::is_public`]), of one mode or of all.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn needs_public(
        &self,
        mode: Option<NeedMode>,
        before: &str,
        limit: i64,
    ) -> Result<Vec<NeedHead>, StoreError> {
        let query = heads_where!("n.status IN ('published', 'challenge') AND ($3 = '' OR n.mode = $3)");
        let query = sqlx::query(query).bind(before).bind(limit).bind(mode.map_or("", NeedMode::code));
        query.fetch_all(&self.pool).await?.iter().map(read_head).collect()
    }

    /// How many needs are in this state.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn needs_count(&self, status: NeedStatus) -> Result<u64, StoreError> {
        let query = sqlx::query_scalar("SELECT COUNT(*) FROM need WHERE status = $1").bind(status.code());
        let count: i64 = query.fetch_one(&self.pool).await?;
        Ok(u64::try_from(count).unwrap_or(0))
    }

    /// Versions of a need before a number, newest first.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn need_versions(&self, id: &str, before: i64, limit: i64) -> Result<Vec<NeedVersion>, StoreError> {
        let query = "SELECT version, status, reason, by_account, at, sitting FROM need_version \
                     WHERE need_id = $1 AND version < $2 ORDER BY version DESC LIMIT $3";
        let rows = sqlx::query(query).bind(id).bind(before).bind(limit).fetch_all(&self.pool).await?;
        rows.iter().map(read_version).collect()
    }

    /// Versions of a need before a number with what they said, newest first.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn need_versions_whole(
        &self,
        id: &str,
        before: i64,
        limit: i64,
    ) -> Result<Vec<(NeedVersion, Need)>, StoreError> {
        let query = "SELECT version, status, reason, by_account, at, sitting, content FROM need_version \
                     WHERE need_id = $1 AND version < $2 ORDER BY version DESC LIMIT $3";
        let rows = sqlx::query(query).bind(id).bind(before).bind(limit).fetch_all(&self.pool).await?;
        rows.iter().map(|row| Ok((read_version(row)?, content(row.try_get(6)?)?))).collect()
    }

    /// What an open form has saved, by itself or because somebody asked.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn need_of_sitting(&self, sitting: &str) -> Result<Option<Sitting>, StoreError> {
        let query = "SELECT need_id, version, asked FROM need_sitting WHERE sitting = $1";
        let row = sqlx::query(query).bind(sitting).fetch_optional(&self.pool).await?;
        let read =
            |row: AnyRow| Ok(Sitting { need: row.try_get(0)?, version: row.try_get(1)?, asked: row.try_get(2)? });
        row.map(read).transpose()
    }

    /// One version of a need, with what it said.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn need_version(&self, id: &str, version: i64) -> Result<Option<(NeedVersion, Need)>, StoreError> {
        let query = "SELECT version, status, reason, by_account, at, sitting, content FROM need_version \
                     WHERE need_id = $1 AND version = $2";
        let row = sqlx::query(query).bind(id).bind(version).fetch_optional(&self.pool).await?;
        row.as_ref().map(|row| Ok((read_version(row)?, content(row.try_get(6)?)?))).transpose()
    }
}

fn json(need: &Need) -> Result<String, StoreError> {
    serde_json::to_string(need).map_err(|_| StoreError::Unreadable { what: "需求内容" })
}

pub(super) fn content(json: &str) -> Result<Need, StoreError> {
    serde_json::from_str(json).map_err(|_| StoreError::Unreadable { what: "需求内容" })
}

fn status(row: &AnyRow, column: usize) -> Result<NeedStatus, StoreError> {
    coded(row, column, "需求状态", &NeedStatus::ALL, NeedStatus::code)
}

fn read_record(row: &AnyRow) -> Result<NeedRecord, StoreError> {
    Ok(NeedRecord {
        organisation: row.try_get(0)?,
        organisation_name: row.try_get(1)?,
        organisation_region: row.try_get(2)?,
        created_by: row.try_get(3)?,
        status: status(row, 4)?,
        reason: row.try_get(5)?,
        created_at: row.try_get(6)?,
        updated_at: row.try_get(7)?,
        submitted_at: row.try_get(8)?,
        published_at: row.try_get(9)?,
        version: row.try_get(10)?,
        need: content(row.try_get(11)?)?,
    })
}

pub(super) fn read_head(row: &AnyRow) -> Result<NeedHead, StoreError> {
    let mode = match row.try_get::<Option<String>, _>(5)? {
        Some(_) => Some(coded(row, 5, "组织实施方式", &NeedMode::ALL, NeedMode::code)?),
        None => None,
    };
    Ok(NeedHead {
        id: row.try_get(0)?,
        organisation: row.try_get(1)?,
        organisation_name: row.try_get(2)?,
        status: status(row, 3)?,
        title: row.try_get(4)?,
        mode,
        field: row.try_get(6)?,
        region: row.try_get(7)?,
        deadline: row.try_get(8)?,
        reason: row.try_get(9)?,
        created_at: row.try_get(10)?,
        updated_at: row.try_get(11)?,
        published_at: row.try_get(12)?,
        version: row.try_get(13)?,
    })
}

fn read_version(row: &AnyRow) -> Result<NeedVersion, StoreError> {
    Ok(NeedVersion {
        version: row.try_get(0)?,
        status: status(row, 1)?,
        reason: row.try_get(2)?,
        by_account: row.try_get(3)?,
        at: row.try_get(4)?,
        sitting: row.try_get(5)?,
    })
}
