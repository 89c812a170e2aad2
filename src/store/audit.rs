//! The audit log: append-only, each entry sealed with a hash over itself and the one before, so
//! that none can be altered, left out or put in between without all later ones giving it away.

use std::fmt::Write as _;

use sha2::{Digest, Sha256};
use sqlx::{AssertSqlSafe, Row};

use super::{Store, StoreError, Write};

/// Entries that a check holds in memory at once.
const PAGE: i64 = 1000;

/// What happened.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditEntry {
    /// Milliseconds since 1970 UTC.
    pub at: i64,
    /// Id of the account; `None` for the program itself.
    pub actor: Option<String>,
    /// `noun.verb`
    pub action: String,
    /// `kind:id` of what it was done to.
    pub object: String,
    /// JSON; no personal data beyond ids and the legal person that an organisation declares.
    pub detail: String,
}

/// Which entries a list shows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AuditFilter {
    /// `noun.verb`, or `noun.` for all that was done to such things; empty for all.
    pub action: String,
    /// `kind:id`; empty for all.
    pub object: String,
    /// Id of the account; empty for all, `-` for the program itself.
    pub actor: String,
    /// From this time to before the other, in milliseconds since 1970 UTC.
    pub from: Option<i64>,
    pub until: Option<i64>,
}

/// The first entry that is not as it was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChainBreak {
    pub number: i64,
}

type Hash = [u8; 32];

/// An entry as it stands in the chain.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ChainedEntry {
    pub number: i64,
    pub entry: AuditEntry,
    /// In hexadecimal; without it nobody finds out by guessing what the hash is of. Empty in old entries.
    pub salt: String,
    pub hash: Hash,
}

/// The end of the log as it was published on a day.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AuditHead {
    /// `2026-11-25`
    pub day: String,
    pub number: i64,
    pub hash: Hash,
    /// Milliseconds since 1970 UTC.
    pub at: i64,
}

impl AuditEntry {
    /// SHA-256 over the hash before, the number, the time, and the fields with the salt, each after its
    /// length; old entries have no salt.
    fn hash(&self, number: i64, before: &[u8], salt: &str) -> Hash {
        let mut hash = Sha256::new();
        hash.update(before);
        hash.update(number.to_le_bytes());
        hash.update(self.at.to_le_bytes());
        let actor = self.actor.as_deref().map_or_else(String::new, |a| format!("={a}"));
        let fields = [actor.as_str(), &self.action, &self.object, &self.detail];
        for field in fields.into_iter().chain(Some(salt).filter(|salt| !salt.is_empty())) {
            hash.update((field.len() as u64).to_le_bytes());
            hash.update(field.as_bytes());
        }
        hash.finalize().into()
    }
}

impl AuditFilter {
    /// The statement, made of our own texts and numbers, and the texts of its parameters from the
    /// fourth on.
    fn sql(&self, limit: i64) -> (String, Vec<String>) {
        let mut sql = String::from(
            "SELECT number, at, actor, action, object, detail FROM audit WHERE number < $1 AND at >= $2 AND at < $3",
        );
        let mut texts = Vec::new();
        let mut ask = |condition: &str, text: &str| {
            texts.push(text.to_owned());
            sql.push_str(&condition.replace('?', &format!("${}", texts.len() + 3)));
        };
        match self.action.as_str() {
            "" => {}
            // No range of texts: what lies in one is up to the collation.
            nouns if nouns.ends_with('.') => ask(" AND substr(action, 1, length(?)) = ?", nouns),
            action => ask(" AND action = ?", action),
        }
        match self.object.as_str() {
            "" => {}
            object => ask(" AND object = ?", object),
        }
        match self.actor.as_str() {
            "" => {}
            "-" => sql.push_str(" AND actor IS NULL"),
            actor => ask(" AND actor = ?", actor),
        }
        let _ = write!(sql, " ORDER BY number DESC LIMIT {limit}");
        (sql, texts)
    }
}

impl Write {
    /// Appends an entry to the log, in this transaction.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn audit_add(&mut self, entry: &AuditEntry) -> Result<(), StoreError> {
        let number = self.next_number("audit").await?;
        let last = sqlx::query_scalar("SELECT hash FROM audit WHERE number = $1");
        let last: Option<Vec<u8>> = last.bind(number - 1).fetch_optional(&mut *self.transaction).await?;
        let salt = uuid::Uuid::new_v4().simple().to_string();
        let hash = entry.hash(number, &last.unwrap_or_default(), &salt);
        let insert = sqlx::query(
            "INSERT INTO audit (number, at, actor, action, object, detail, hash, salt) \
             VALUES ($1, $2, $3, $4, $5, $6, $7, $8)",
        );
        let insert = insert.bind(number).bind(entry.at).bind(entry.actor.as_deref()).bind(&entry.action);
        let insert = insert.bind(&entry.object).bind(&entry.detail).bind(hash.to_vec()).bind(salt);
        insert.execute(&mut *self.transaction).await?;
        Ok(())
    }
}

impl Write {
    /// Publishes the end of the log for a day; one that was published stays.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn audit_head_add(&mut self, head: &AuditHead) -> Result<(), StoreError> {
        let insert =
            "INSERT INTO audit_head (day, number, hash, at) VALUES ($1, $2, $3, $4) ON CONFLICT (day) DO NOTHING";
        let insert = sqlx::query(insert).bind(&head.day).bind(head.number).bind(head.hash.to_vec()).bind(head.at);
        insert.execute(&mut *self.transaction).await?;
        Ok(())
    }
}

impl Store {
    /// Entries after a number, in order, each with its own.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn audit_after(&self, number: i64, limit: i64) -> Result<Vec<(i64, AuditEntry)>, StoreError> {
        let query = "SELECT number, at, actor, action, object, detail FROM audit \
                     WHERE number > $1 ORDER BY number LIMIT $2";
        let rows = sqlx::query(query).bind(number).bind(limit).fetch_all(&self.pool).await?;
        rows.iter().map(|row| Ok((row.try_get(0)?, read(row)?))).collect()
    }

    /// Entries before a number (0 to begin), newest first, each with its own.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn audit_found(
        &self,
        filter: &AuditFilter,
        before: i64,
        limit: i64,
    ) -> Result<Vec<(i64, AuditEntry)>, StoreError> {
        // Only the conditions that are asked for, so that an index serves them.
        let (sql, texts) = filter.sql(limit);
        let before = if before == 0 { i64::MAX } else { before };
        let query = sqlx::query(AssertSqlSafe(sql)).persistent(false).bind(before);
        let query = query.bind(filter.from.unwrap_or(i64::MIN)).bind(filter.until.unwrap_or(i64::MAX));
        let query = texts.into_iter().fold(query, |query, text| query.bind(text));
        let rows = query.fetch_all(&self.pool).await?;
        rows.iter().map(|row| Ok((row.try_get(0)?, read(row)?))).collect()
    }

    /// Entries after a number, in order, as they stand in the chain.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn audit_chained(&self, number: i64, limit: i64) -> Result<Vec<ChainedEntry>, StoreError> {
        let query = "SELECT number, at, actor, action, object, detail, hash, salt FROM audit \
                     WHERE number > $1 ORDER BY number LIMIT $2";
        let rows = sqlx::query(query).bind(number).bind(limit).fetch_all(&self.pool).await?;
        let chained = |row: &sqlx::any::AnyRow| {
            Ok(ChainedEntry {
                number: row.try_get(0)?,
                entry: read(row)?,
                hash: hash_of(row, 6)?,
                salt: row.try_get(7)?,
            })
        };
        rows.iter().map(chained).collect()
    }

    /// The number and the hash of the last entry; `None` while there is none.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn audit_newest(&self) -> Result<Option<(i64, Hash)>, StoreError> {
        let query = sqlx::query("SELECT number, hash FROM audit ORDER BY number DESC LIMIT 1");
        let row = query.fetch_optional(&self.pool).await?;
        row.map(|row| Ok((row.try_get(0)?, hash_of(&row, 1)?))).transpose()
    }

    /// The ends of the log as they were published, newest first.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn audit_heads(&self, limit: i64) -> Result<Vec<AuditHead>, StoreError> {
        let query = sqlx::query("SELECT day, number, hash, at FROM audit_head ORDER BY day DESC LIMIT $1");
        let rows = query.bind(limit).fetch_all(&self.pool).await?;
        let head = |row: &sqlx::any::AnyRow| {
            Ok(AuditHead { day: row.try_get(0)?, number: row.try_get(1)?, hash: hash_of(row, 2)?, at: row.try_get(3)? })
        };
        rows.iter().map(head).collect()
    }

    /// Walks the whole log; `Ok(Err(_))` names the first entry that is not as it was written, or
    /// the first that is missing.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn audit_verify(&self) -> Result<Result<i64, ChainBreak>, StoreError> {
        let newest = sqlx::query_scalar("SELECT value FROM counter WHERE name = 'audit'");
        let newest: i64 = newest.fetch_one(&self.pool).await?;
        let (mut number, mut before) = (0, Vec::new());
        while number < newest {
            let page = self.audit_chained(number, PAGE).await?;
            if page.is_empty() {
                return Ok(Err(ChainBreak { number: number + 1 }));
            }
            for line in page {
                number += 1;
                if line.number != number || line.entry.hash(number, &before, &line.salt) != line.hash {
                    return Ok(Err(ChainBreak { number }));
                }
                before = line.hash.to_vec();
            }
        }
        Ok(Ok(number))
    }
}

fn hash_of(row: &sqlx::any::AnyRow, column: usize) -> Result<Hash, StoreError> {
    let hash: Vec<u8> = row.try_get(column)?;
    hash.try_into().map_err(|_| StoreError::Unreadable { what: "审计日志的哈希" })
}

/// The columns at, actor, action, object and detail, behind the number.
fn read(row: &sqlx::any::AnyRow) -> Result<AuditEntry, StoreError> {
    Ok(AuditEntry {
        at: row.try_get(1)?,
        actor: row.try_get(2)?,
        action: row.try_get(3)?,
        object: row.try_get(4)?,
        detail: row.try_get(5)?,
    })
}
