//! The audit log: append-only, each entry sealed with a hash over itself and the one before, so
//! that none can be altered, left out or put in between without all later ones giving it away.

use sha2::{Digest, Sha256};
use sqlx::Row;

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
    /// JSON; no personal data beyond ids.
    pub detail: String,
}

/// The first entry that is not as it was written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct ChainBreak {
    pub number: i64,
}

type Hash = [u8; 32];

impl AuditEntry {
    /// SHA-256 over the hash before, the number, and the fields, each after its length.
    fn hash(&self, number: i64, before: &[u8]) -> Hash {
        let mut hash = Sha256::new();
        hash.update(before);
        hash.update(number.to_le_bytes());
        hash.update(self.at.to_le_bytes());
        let actor = self.actor.as_deref().map_or_else(String::new, |a| format!("={a}"));
        for field in [&actor, &self.action, &self.object, &self.detail] {
            hash.update((field.len() as u64).to_le_bytes());
            hash.update(field.as_bytes());
        }
        hash.finalize().into()
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
        let hash = entry.hash(number, &last.unwrap_or_default());
        let insert = sqlx::query(
            "INSERT INTO audit (number, at, actor, action, object, detail, hash) VALUES ($1, $2, $3, $4, $5, $6, $7)",
        );
        let insert = insert.bind(number).bind(entry.at).bind(entry.actor.as_deref()).bind(&entry.action);
        let insert = insert.bind(&entry.object).bind(&entry.detail).bind(hash.to_vec());
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
            let page = sqlx::query(
                "SELECT number, at, actor, action, object, detail, hash FROM audit \
                 WHERE number > $1 AND number <= $2 ORDER BY number LIMIT $3",
            );
            let rows = page.bind(number).bind(newest).bind(PAGE).fetch_all(&self.pool).await?;
            if rows.is_empty() {
                return Ok(Err(ChainBreak { number: number + 1 }));
            }
            for row in rows {
                let entry = read(&row)?;
                let (found, hash): (i64, Vec<u8>) = (row.try_get(0)?, row.try_get(6)?);
                number += 1;
                if found != number || entry.hash(number, &before)[..] != hash {
                    return Ok(Err(ChainBreak { number }));
                }
                before = hash;
            }
        }
        Ok(Ok(number))
    }
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
