//! Objections to a choice, the contract that was signed, and outcomes.

use sqlx::Row;
use sqlx::any::AnyRow;

use crate::domain::challenge::contract::Contract;
use crate::store::{Store, StoreError, Write, one_row};

/// An objection 异议 to a choice.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Objection {
    pub id: String,
    pub organisation: Option<String>,
    /// Of that organisation.
    pub organisation_name: Option<String>,
    pub by_account: String,
    pub by_name: String,
    /// Milliseconds since 1970 UTC.
    pub at: i64,
    pub text: String,
    pub answer: Option<Answer>,
}

/// What an operator said to it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Answer {
    pub text: String,
    /// The objection was right.
    pub upheld: bool,
    pub by_account: String,
    pub at: i64,
}

/// A contract as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ContractRecord {
    pub bid: String,
    pub contract: Contract,
    pub file_name: String,
    /// Of the signed file; the file itself is not kept.
    pub file_sha256: [u8; 32],
    pub by_account: String,
    pub at: i64,
}

const OBJECTIONS: &str = "SELECT j.id, j.organisation_id, o.name, j.by_account, COALESCE(a.name, ''), j.at, j.text, \
                          j.answer, j.upheld, j.answered_by, j.answered_at FROM objection j \
                          LEFT JOIN organisation o ON o.id = j.organisation_id \
                          LEFT JOIN account a ON a.id = j.by_account WHERE j.challenge_id = $1 ORDER BY j.id";

impl Write {
    /// # Errors
    /// [`StoreError`]
    pub async fn objection_add(&mut self, challenge: &str, new: &Objection) -> Result<(), StoreError> {
        let insert = "INSERT INTO objection (id, challenge_id, organisation_id, by_account, at, text) \
                      VALUES ($1, $2, $3, $4, $5, $6)";
        let insert = sqlx::query(insert).bind(&new.id).bind(challenge).bind(new.organisation.as_deref());
        insert.bind(&new.by_account).bind(new.at).bind(&new.text).execute(&mut *self.transaction).await?;
        Ok(())
    }

    /// # Errors
    /// [`StoreError::Stale`] if it was answered already.
    pub async fn objection_answer(&mut self, id: &str, answer: &Answer) -> Result<(), StoreError> {
        let update = "UPDATE objection SET answer = $1, upheld = $2, answered_by = $3, answered_at = $4 \
                      WHERE id = $5 AND answered_at IS NULL";
        let update = sqlx::query(update).bind(&answer.text).bind(i64::from(answer.upheld));
        let update = update.bind(&answer.by_account).bind(answer.at).bind(id);
        one_row(&update.execute(&mut *self.transaction).await?)
    }

    /// Objections as this transaction sees them, oldest first.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn objections(&mut self, challenge: &str) -> Result<Vec<Objection>, StoreError> {
        let rows = sqlx::query(OBJECTIONS).bind(challenge).fetch_all(&mut *self.transaction).await?;
        rows.iter().map(objection).collect()
    }

    /// # Errors
    /// [`StoreError::Conflict`] if one is recorded already.
    pub async fn contract_add(&mut self, challenge: &str, new: &ContractRecord) -> Result<(), StoreError> {
        let insert = "INSERT INTO challenge_contract (challenge_id, bid_id, amount, signed_on, starts_on, ends_on, \
                      first_payment, first_paid_on, file_name, file_sha256, by_account, at) \
                      VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)";
        let contract = &new.contract;
        let insert = sqlx::query(insert).bind(challenge).bind(&new.bid).bind(contract.amount as i64);
        let insert = insert.bind(&contract.signed_on).bind(&contract.starts_on).bind(&contract.ends_on);
        let insert = insert.bind(contract.first_payment as i64).bind(&contract.first_paid_on).bind(&new.file_name);
        let insert = insert.bind(new.file_sha256.to_vec()).bind(&new.by_account).bind(new.at);
        insert.execute(&mut *self.transaction).await?;
        Ok(())
    }

    /// Active accounts of operators, who answer objections.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn operators(&mut self) -> Result<Vec<String>, StoreError> {
        let query = "SELECT id FROM account WHERE role = 'operator' AND status = 'active' ORDER BY id";
        Ok(sqlx::query_scalar(query).fetch_all(&mut *self.transaction).await?)
    }

    /// The bids that were opened, in the published order, as this transaction sees them.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn bids_admitted(&mut self, challenge: &str) -> Result<Vec<String>, StoreError> {
        let query = "SELECT id FROM bid WHERE challenge_id = $1 AND place IS NOT NULL AND excluded IS NULL \
                     ORDER BY place";
        Ok(sqlx::query_scalar(query).bind(challenge).fetch_all(&mut *self.transaction).await?)
    }
}

impl Store {
    /// The objections to the choices of a challenge, oldest first.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn objections(&self, challenge: &str) -> Result<Vec<Objection>, StoreError> {
        sqlx::query(OBJECTIONS).bind(challenge).fetch_all(&self.pool).await?.iter().map(objection).collect()
    }

    /// # Errors
    /// [`StoreError`]
    pub async fn contract(&self, challenge: &str) -> Result<Option<ContractRecord>, StoreError> {
        let query = "SELECT bid_id, amount, signed_on, starts_on, ends_on, first_payment, first_paid_on, file_name, \
                     file_sha256, by_account, at FROM challenge_contract WHERE challenge_id = $1";
        let row = sqlx::query(query).bind(challenge).fetch_optional(&self.pool).await?;
        row.as_ref().map(contract).transpose()
    }

    /// Need and id of the opened bids after an id, with how far they came: `opened`, `lost`, `won` or
    /// `contracted`.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn bid_outcomes(&self, after: &str, limit: i64) -> Result<Vec<(String, String, String)>, StoreError> {
        let query = "SELECT c.need_id, b.id, CASE WHEN b.status = 'won' AND c.status = 'contracted' \
                     THEN 'contracted' ELSE b.status END FROM bid b JOIN challenge c ON c.id = b.challenge_id \
                     WHERE b.id > $1 AND b.place IS NOT NULL AND b.excluded IS NULL ORDER BY b.id LIMIT $2";
        let rows = sqlx::query(query).bind(after).bind(limit).fetch_all(&self.pool).await?;
        rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?, row.try_get(2)?))).collect()
    }
}

fn objection(row: &AnyRow) -> Result<Objection, StoreError> {
    let answered_at: Option<i64> = row.try_get(10)?;
    let answer = |at| {
        Ok::<_, StoreError>(Answer {
            text: row.try_get(7)?,
            upheld: row.try_get::<i64, _>(8)? != 0,
            by_account: row.try_get(9)?,
            at,
        })
    };
    Ok(Objection {
        id: row.try_get(0)?,
        organisation: row.try_get(1)?,
        organisation_name: row.try_get(2)?,
        by_account: row.try_get(3)?,
        by_name: row.try_get(4)?,
        at: row.try_get(5)?,
        text: row.try_get(6)?,
        answer: answered_at.map(answer).transpose()?,
    })
}

fn contract(row: &AnyRow) -> Result<ContractRecord, StoreError> {
    let sha256: Vec<u8> = row.try_get(8)?;
    let money = |column: usize| Ok::<_, StoreError>(row.try_get::<i64, _>(column)?.unsigned_abs());
    Ok(ContractRecord {
        bid: row.try_get(0)?,
        contract: Contract {
            amount: money(1)?,
            signed_on: row.try_get(2)?,
            starts_on: row.try_get(3)?,
            ends_on: row.try_get(4)?,
            first_payment: money(5)?,
            first_paid_on: row.try_get(6)?,
        },
        file_name: row.try_get(7)?,
        file_sha256: sha256.try_into().map_err(|_| StoreError::Unreadable { what: "合同文件的哈希" })?,
        by_account: row.try_get(9)?,
        at: row.try_get(10)?,
    })
}
