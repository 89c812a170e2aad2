//! Who follows a challenge, what is asked and answered, and who has agreed to keep its documents.

use sqlx::Row;
use sqlx::any::AnyRow;

use crate::store::{Store, StoreError, Write, bulk, one_row};

/// A question about a challenge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct QuestionRow {
    pub id: String,
    pub challenge: String,
    /// Nobody else is told.
    pub by_account: String,
    /// Milliseconds since 1970 UTC.
    pub at: i64,
    pub text: String,
    pub answer: Option<AnswerRow>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AnswerRow {
    pub text: String,
    pub by_account: String,
    pub at: i64,
}

/// That somebody has agreed to keep documents to themselves.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AgreementRow {
    pub account: String,
    pub text_version: i64,
    /// All that was agreed to.
    pub text: String,
    pub at: i64,
}

impl Write {
    /// # Errors
    /// [`StoreError`]
    pub async fn challenge_watch(&mut self, challenge: &str, account: &str, at: i64) -> Result<(), StoreError> {
        let insert = "INSERT INTO challenge_watcher (challenge_id, account_id, at) VALUES ($1, $2, $3) \
                      ON CONFLICT (challenge_id, account_id) DO NOTHING";
        sqlx::query(insert).bind(challenge).bind(account).bind(at).execute(&mut *self.transaction).await?;
        Ok(())
    }

    /// # Errors
    /// [`StoreError`]
    pub async fn challenge_unwatch(&mut self, challenge: &str, account: &str) -> Result<(), StoreError> {
        let delete = sqlx::query("DELETE FROM challenge_watcher WHERE challenge_id = $1 AND account_id = $2");
        delete.bind(challenge).bind(account).execute(&mut *self.transaction).await?;
        Ok(())
    }

    /// Keeps a question.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn question_add(&mut self, new: &QuestionRow) -> Result<(), StoreError> {
        let insert =
            "INSERT INTO challenge_question (id, challenge_id, by_account, at, text) VALUES ($1, $2, $3, $4, $5)";
        let insert = sqlx::query(insert).bind(&new.id).bind(&new.challenge).bind(&new.by_account).bind(new.at);
        insert.bind(&new.text).execute(&mut *self.transaction).await?;
        Ok(())
    }

    /// Answers a question that has no answer yet.
    ///
    /// # Errors
    /// [`StoreError::Stale`] if it has one, or the challenge has no such question.
    pub async fn question_answer(&mut self, challenge: &str, id: &str, answer: &AnswerRow) -> Result<(), StoreError> {
        let update = "UPDATE challenge_question SET answer = $1, answered_by = $2, answered_at = $3 \
                      WHERE id = $4 AND challenge_id = $5 AND answer IS NULL";
        let update = sqlx::query(update).bind(&answer.text).bind(&answer.by_account).bind(answer.at);
        one_row(&update.bind(id).bind(challenge).execute(&mut *self.transaction).await?)
    }

    /// How many questions of an account about a challenge wait for an answer.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn questions_waiting(&mut self, challenge: &str, account: &str) -> Result<i64, StoreError> {
        let query = "SELECT COUNT(*) FROM challenge_question WHERE challenge_id = $1 AND by_account = $2 \
                     AND answer IS NULL";
        Ok(sqlx::query_scalar(query).bind(challenge).bind(account).fetch_one(&mut *self.transaction).await?)
    }

    /// Keeps an agreement; one to the same text stays as it is.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn agreement_add(&mut self, challenge: &str, new: &AgreementRow) -> Result<(), StoreError> {
        let insert = "INSERT INTO challenge_agreement (challenge_id, account_id, text_version, text, at) \
                      VALUES ($1, $2, $3, $4, $5) ON CONFLICT (challenge_id, account_id, text_version) DO NOTHING";
        let insert = sqlx::query(insert).bind(challenge).bind(&new.account).bind(new.text_version).bind(&new.text);
        insert.bind(new.at).execute(&mut *self.transaction).await?;
        Ok(())
    }

    /// Active accounts that watch a challenge, or act for a member of a bid for it.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn challenge_followers(&mut self, challenge: &str) -> Result<Vec<String>, StoreError> {
        let query = "SELECT a.id FROM account a WHERE a.status = 'active' AND (\
                     a.id IN (SELECT w.account_id FROM challenge_watcher w WHERE w.challenge_id = $1) OR \
                     a.organisation_id IN (SELECT m.organisation_id FROM bid_member m JOIN bid b ON b.id = m.bid_id \
                     WHERE b.challenge_id = $1 AND m.status <> 'declined')) ORDER BY a.id";
        Ok(sqlx::query_scalar(query).bind(challenge).fetch_all(&mut *self.transaction).await?)
    }

    /// Active accounts of an organisation.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn organisation_accounts(&mut self, organisation: &str) -> Result<Vec<String>, StoreError> {
        let query = "SELECT id FROM account WHERE organisation_id = $1 AND status = 'active' ORDER BY id";
        Ok(sqlx::query_scalar(query).bind(organisation).fetch_all(&mut *self.transaction).await?)
    }
}

impl Store {
    /// How many people watch a challenge.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn challenge_watchers(&self, challenge: &str) -> Result<i64, StoreError> {
        let query = sqlx::query_scalar("SELECT COUNT(*) FROM challenge_watcher WHERE challenge_id = $1");
        Ok(query.bind(challenge).fetch_one(&self.pool).await?)
    }

    /// How many people watch each of these challenges; those that nobody watches are left out.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn challenge_watchers_of(&self, challenges: &[&str]) -> Result<Vec<(String, i64)>, StoreError> {
        let mut read = self.pool.acquire().await?;
        let head = "SELECT challenge_id, COUNT(*) FROM challenge_watcher WHERE challenge_id IN";
        let rows = bulk::select(&mut read, head, challenges, "GROUP BY challenge_id").await?;
        rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect()
    }

    /// Whether an account watches a challenge.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn challenge_is_watched(&self, challenge: &str, account: &str) -> Result<bool, StoreError> {
        let query = "SELECT COUNT(*) FROM challenge_watcher WHERE challenge_id = $1 AND account_id = $2";
        let found: i64 = sqlx::query_scalar(query).bind(challenge).bind(account).fetch_one(&self.pool).await?;
        Ok(found > 0)
    }

    /// All questions about a challenge, oldest first.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn questions(&self, challenge: &str) -> Result<Vec<QuestionRow>, StoreError> {
        let query = "SELECT id, challenge_id, by_account, at, text, answer, answered_by, answered_at \
                     FROM challenge_question WHERE challenge_id = $1 ORDER BY id";
        sqlx::query(query).bind(challenge).fetch_all(&self.pool).await?.iter().map(question).collect()
    }

    /// What an account has agreed to for the documents of a challenge, newest text first.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn agreements(&self, challenge: &str, account: &str) -> Result<Vec<AgreementRow>, StoreError> {
        let query = "SELECT account_id, text_version, text, at FROM challenge_agreement \
                     WHERE challenge_id = $1 AND account_id = $2 ORDER BY text_version DESC";
        let rows = sqlx::query(query).bind(challenge).bind(account).fetch_all(&self.pool).await?;
        let read = |row: &AnyRow| {
            Ok(AgreementRow {
                account: row.try_get(0)?,
                text_version: row.try_get(1)?,
                text: row.try_get(2)?,
                at: row.try_get(3)?,
            })
        };
        rows.iter().map(read).collect()
    }
}

fn question(row: &AnyRow) -> Result<QuestionRow, StoreError> {
    let answer: (Option<String>, Option<String>, Option<i64>) = (row.try_get(5)?, row.try_get(6)?, row.try_get(7)?);
    let answer = match answer {
        (Some(text), Some(by_account), Some(at)) => Some(AnswerRow { text, by_account, at }),
        _ => None,
    };
    Ok(QuestionRow {
        id: row.try_get(0)?,
        challenge: row.try_get(1)?,
        by_account: row.try_get(2)?,
        at: row.try_get(3)?,
        text: row.try_get(4)?,
        answer,
    })
}
