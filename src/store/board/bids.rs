//! Bids 揭榜: who answers which challenge, and sealed bytes. What the bytes hold is none of the
//! store's business.

use sqlx::Row;
use sqlx::any::AnyRow;

use crate::domain::challenge::bid::MemberStatus;
use crate::domain::challenge::status::BidStatus;
use crate::store::{Dialect, Store, StoreError, Write, bulk, coded, one_row};

/// A bid as it is kept.
#[derive(Clone, PartialEq, Eq)]
pub struct BidRecord {
    pub id: String,
    pub challenge: String,
    /// Id of the organisation that leads.
    pub organisation: String,
    pub organisation_name: String,
    pub created_by: String,
    pub status: BidStatus,
    /// What is being written, sealed.
    pub draft: Vec<u8>,
    /// What was handed in.
    pub handed_in: Option<HandedIn>,
    /// The terms that it was submitted or confirmed for.
    pub terms: i64,
    /// From 1 in the order of submission; given at opening.
    pub place: Option<i64>,
    /// JSON list of the violations that were found at opening.
    pub excluded: Option<String>,
    /// Milliseconds since 1970 UTC.
    pub created_at: i64,
    pub updated_at: i64,
    pub version: i64,
}

/// What was handed in.
#[derive(Clone, PartialEq, Eq)]
pub struct HandedIn {
    /// Nonce and content, sealed.
    pub sealed: Vec<u8>,
    pub commitment: [u8; 32],
    /// Random id.
    pub receipt: String,
    /// By the database's clock.
    pub at: i64,
}

/// Without what is sealed, which has no business in a log.
impl std::fmt::Debug for BidRecord {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BidRecord").field("id", &self.id).finish_non_exhaustive()
    }
}

impl std::fmt::Debug for HandedIn {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("HandedIn").finish_non_exhaustive()
    }
}

/// A member of the consortium of a bid, the leader included.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BidMember {
    pub organisation: String,
    pub organisation_name: String,
    pub role: String,
    pub percent: u32,
    pub status: MemberStatus,
}

/// A file of a bid; its head and content are sealed.
#[derive(Clone, PartialEq, Eq)]
pub struct BidFileRow {
    pub id: String,
    pub at: i64,
    pub head: Vec<u8>,
}

impl std::fmt::Debug for BidFileRow {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("BidFileRow").field("id", &self.id).finish_non_exhaustive()
    }
}

/// What was done to a bid while it was sealed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BidEvent {
    pub bid: String,
    pub at: i64,
    pub by_account: String,
    pub action: String,
    /// JSON.
    pub detail: String,
}

/// The bids that a condition names.
macro_rules! bids_where {
    ($condition:literal) => {
        concat!(
            "SELECT b.id, b.challenge_id, b.organisation_id, o.name, b.created_by, b.status, b.draft, b.submitted, ",
            "b.commitment, b.receipt, b.submitted_at, b.terms, b.place, b.excluded, b.created_at, b.updated_at, ",
            "b.version FROM bid b JOIN organisation o ON o.id = b.organisation_id WHERE ",
            $condition
        )
    };
}

/// The members of a bid.
const MEMBERS: &str = "SELECT m.organisation_id, o.name, m.role, m.percent, m.status FROM bid_member m \
                       JOIN organisation o ON o.id = m.organisation_id WHERE m.bid_id = $1 ORDER BY m.place";

impl Write {
    /// Keeps a new bid.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] if the organisation has one for the challenge.
    pub async fn bid_add(&mut self, new: &BidRecord) -> Result<(), StoreError> {
        let insert = "INSERT INTO bid (id, challenge_id, organisation_id, created_by, status, draft, terms, created_at, \
                      updated_at, version) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)";
        let insert = sqlx::query(insert).bind(&new.id).bind(&new.challenge).bind(&new.organisation);
        let insert = insert.bind(&new.created_by).bind(new.status.code()).bind(new.draft.clone()).bind(new.terms);
        let insert = insert.bind(new.created_at).bind(new.updated_at).bind(new.version);
        insert.execute(&mut *self.transaction).await?;
        Ok(())
    }

    /// Saves a bid that was in a status and of the version that `changed` says; gives the next
    /// version's number.
    ///
    /// # Errors
    /// [`StoreError::Stale`] if it was changed meanwhile.
    pub async fn bid_save(&mut self, changed: &BidRecord, was: BidStatus) -> Result<i64, StoreError> {
        let update = "UPDATE bid SET status = $1, draft = $2, submitted = $3, commitment = $4, receipt = $5, \
                      submitted_at = $6, terms = $7, place = $8, excluded = $9, updated_at = $10, \
                      version = version + 1 WHERE id = $11 AND status = $12 AND version = $13";
        let handed_in = changed.handed_in.as_ref();
        let update = sqlx::query(update).bind(changed.status.code()).bind(changed.draft.clone());
        let update = update.bind(handed_in.map(|h| h.sealed.clone())).bind(handed_in.map(|h| h.commitment.to_vec()));
        let update = update.bind(handed_in.map(|h| h.receipt.as_str())).bind(handed_in.map(|h| h.at));
        let update = update.bind(changed.terms).bind(changed.place).bind(changed.excluded.as_deref());
        let update = update.bind(changed.updated_at).bind(&changed.id).bind(was.code()).bind(changed.version);
        one_row(&update.execute(&mut *self.transaction).await?)?;
        Ok(changed.version + 1)
    }

    /// A bid as this transaction sees it.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn bid(&mut self, id: &str) -> Result<Option<BidRecord>, StoreError> {
        let row = sqlx::query(bids_where!("b.id = $1")).bind(id).fetch_optional(&mut *self.transaction).await?;
        row.as_ref().map(read).transpose()
    }

    /// A bid for whoever is about to change it or its members: nobody else does until this transaction
    /// ends. Its challenge is to be held before.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn bid_take(&mut self, id: &str) -> Result<Option<BidRecord>, StoreError> {
        let take = match self.dialect() {
            Dialect::Sqlite => bids_where!("b.id = $1"),
            Dialect::Postgres => bids_where!("b.id = $1 FOR UPDATE OF b"),
        };
        let row = sqlx::query(take).bind(id).fetch_optional(&mut *self.transaction).await?;
        row.as_ref().map(read).transpose()
    }

    /// The bids that were handed in and not taken back, in the order in which they were, for whoever is
    /// about to change them.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn bids_submitted(&mut self, challenge: &str) -> Result<Vec<BidRecord>, StoreError> {
        let take = match self.dialect() {
            Dialect::Sqlite => {
                bids_where!("b.challenge_id = $1 AND b.status = 'submitted' ORDER BY b.submitted_at, b.receipt")
            }
            Dialect::Postgres => bids_where!(
                "b.challenge_id = $1 AND b.status = 'submitted' ORDER BY b.submitted_at, b.receipt FOR UPDATE OF b"
            ),
        };
        let rows = sqlx::query(take).bind(challenge).fetch_all(&mut *self.transaction).await?;
        rows.iter().map(read).collect()
    }

    /// Sets the members of a bid in their order.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn bid_members_set(&mut self, bid: &str, members: &[BidMember]) -> Result<(), StoreError> {
        sqlx::query("DELETE FROM bid_member WHERE bid_id = $1").bind(bid).execute(&mut *self.transaction).await?;
        for (member, place) in members.iter().zip(0_i64..) {
            let insert = "INSERT INTO bid_member (bid_id, organisation_id, place, role, percent, status) \
                          VALUES ($1, $2, $3, $4, $5, $6)";
            let insert = sqlx::query(insert).bind(bid).bind(&member.organisation).bind(place).bind(&member.role);
            let insert = insert.bind(i64::from(member.percent)).bind(member.status.code());
            insert.execute(&mut *self.transaction).await?;
        }
        Ok(())
    }

    /// Notes what a member says to its part.
    ///
    /// # Errors
    /// [`StoreError::Stale`] if there is no such member.
    pub async fn bid_member_answer(
        &mut self,
        bid: &str,
        organisation: &str,
        status: MemberStatus,
        (by, at): (&str, i64),
    ) -> Result<(), StoreError> {
        let update = "UPDATE bid_member SET status = $1, answered_by = $2, answered_at = $3 \
                      WHERE bid_id = $4 AND organisation_id = $5";
        let update = sqlx::query(update).bind(status.code()).bind(by).bind(at).bind(bid).bind(organisation);
        one_row(&update.execute(&mut *self.transaction).await?)
    }

    /// The members of a bid as this transaction sees them.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn bid_members(&mut self, bid: &str) -> Result<Vec<BidMember>, StoreError> {
        let rows = sqlx::query(MEMBERS).bind(bid).fetch_all(&mut *self.transaction).await?;
        rows.iter().map(member).collect()
    }

    /// Notes what was done to a sealed bid.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn bid_event_add(&mut self, challenge: &str, event: &BidEvent) -> Result<(), StoreError> {
        let insert = "INSERT INTO bid_event (bid_id, number, challenge_id, at, by_account, action, detail) VALUES ($1, \
                      (SELECT COALESCE(MAX(number), 0) + 1 FROM bid_event WHERE bid_id = $1), $2, $3, $4, $5, $6)";
        let insert = sqlx::query(insert).bind(&event.bid).bind(challenge).bind(event.at).bind(&event.by_account);
        insert.bind(&event.action).bind(&event.detail).execute(&mut *self.transaction).await?;
        Ok(())
    }

    /// What was done to the bids of a challenge while they were sealed, in order.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn bid_events(&mut self, challenge: &str) -> Result<Vec<BidEvent>, StoreError> {
        let query = "SELECT bid_id, at, by_account, action, detail FROM bid_event WHERE challenge_id = $1 \
                     ORDER BY at, bid_id, number";
        let rows = sqlx::query(query).bind(challenge).fetch_all(&mut *self.transaction).await?;
        rows.iter().map(event).collect()
    }

    /// # Errors
    /// [`StoreError`]
    pub async fn bid_file_add(&mut self, bid: &str, file: &BidFileRow, content: Vec<u8>) -> Result<(), StoreError> {
        let insert = sqlx::query("INSERT INTO bid_file (id, bid_id, at, head, content) VALUES ($1, $2, $3, $4, $5)");
        let insert = insert.bind(&file.id).bind(bid).bind(file.at).bind(file.head.clone()).bind(content);
        insert.execute(&mut *self.transaction).await?;
        Ok(())
    }

    /// # Errors
    /// [`StoreError::Stale`] if the bid has no such file.
    pub async fn bid_file_delete(&mut self, bid: &str, id: &str) -> Result<(), StoreError> {
        let delete = sqlx::query("DELETE FROM bid_file WHERE bid_id = $1 AND id = $2").bind(bid).bind(id);
        one_row(&delete.execute(&mut *self.transaction).await?)
    }

    /// Puts bytes that were sealed anew in the place of others, in a bid that this transaction has taken:
    /// what it says, and so its version, stay as they are.
    ///
    /// # Errors
    /// [`StoreError::Stale`] if there is no such bid.
    pub async fn bid_reseal(&mut self, bid: &str, draft: &[u8], submitted: Option<&[u8]>) -> Result<(), StoreError> {
        let update = sqlx::query("UPDATE bid SET draft = $1, submitted = $2 WHERE id = $3");
        let update = update.bind(draft.to_vec()).bind(submitted.map(<[u8]>::to_vec)).bind(bid);
        one_row(&update.execute(&mut *self.transaction).await?)
    }

    /// The same for a file.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn bid_file_reseal(&mut self, file: &str, head: &[u8], content: &[u8]) -> Result<(), StoreError> {
        let update = sqlx::query("UPDATE bid_file SET head = $1, content = $2 WHERE id = $3");
        let update = update.bind(head.to_vec()).bind(content.to_vec()).bind(file);
        one_row(&update.execute(&mut *self.transaction).await?)
    }
}

impl Store {
    /// # Errors
    /// [`StoreError`]
    pub async fn bid(&self, id: &str) -> Result<Option<BidRecord>, StoreError> {
        let row = sqlx::query(bids_where!("b.id = $1")).bind(id).fetch_optional(&self.pool).await?;
        row.as_ref().map(read).transpose()
    }

    /// The bid of an organisation for a challenge.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn bid_of(&self, challenge: &str, organisation: &str) -> Result<Option<BidRecord>, StoreError> {
        let query = bids_where!("b.challenge_id = $1 AND b.organisation_id = $2");
        let row = sqlx::query(query).bind(challenge).bind(organisation).fetch_optional(&self.pool).await?;
        row.as_ref().map(read).transpose()
    }

    /// The bids that an organisation leads or is a member of, newest first.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn bids_with(&self, organisation: &str) -> Result<Vec<BidRecord>, StoreError> {
        let query = bids_where!(
            "b.organisation_id = $1 OR b.id IN (SELECT m.bid_id FROM bid_member m WHERE m.organisation_id = $1) \
             ORDER BY b.id DESC"
        );
        let rows = sqlx::query(query).bind(organisation).fetch_all(&self.pool).await?;
        rows.iter().map(read).collect()
    }

    /// The bids that were opened, in the published order. Before opening there is none.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn bids_opened(&self, challenge: &str) -> Result<Vec<BidRecord>, StoreError> {
        let query = bids_where!("b.challenge_id = $1 AND b.place IS NOT NULL ORDER BY b.place");
        let rows = sqlx::query(query).bind(challenge).fetch_all(&self.pool).await?;
        rows.iter().map(read).collect()
    }

    /// Ids of bids after an id, for whoever goes through all of them.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn bids_after(&self, after: &str, limit: i64) -> Result<Vec<String>, StoreError> {
        let query = sqlx::query_scalar("SELECT id FROM bid WHERE id > $1 ORDER BY id LIMIT $2");
        Ok(query.bind(after).bind(limit).fetch_all(&self.pool).await?)
    }

    /// The members of a bid, the leader first.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn bid_members(&self, bid: &str) -> Result<Vec<BidMember>, StoreError> {
        sqlx::query(MEMBERS).bind(bid).fetch_all(&self.pool).await?.iter().map(member).collect()
    }

    /// The files of a bid, oldest first.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn bid_files(&self, bid: &str) -> Result<Vec<BidFileRow>, StoreError> {
        let query = sqlx::query("SELECT id, at, head FROM bid_file WHERE bid_id = $1 ORDER BY id").bind(bid);
        let rows = query.fetch_all(&self.pool).await?;
        rows.iter()
            .map(|row| Ok(BidFileRow { id: row.try_get(0)?, at: row.try_get(1)?, head: row.try_get(2)? }))
            .collect()
    }

    /// What a file of a bid holds, sealed.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn bid_file_content(&self, bid: &str, id: &str) -> Result<Option<Vec<u8>>, StoreError> {
        let query = sqlx::query_scalar("SELECT content FROM bid_file WHERE bid_id = $1 AND id = $2");
        Ok(query.bind(bid).bind(id).fetch_optional(&self.pool).await?)
    }

    /// How many bids were opened of each of these challenges.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn bids_opened_count(&self, challenges: &[&str]) -> Result<Vec<(String, i64)>, StoreError> {
        let mut read = self.pool.acquire().await?;
        let head = "SELECT challenge_id, COUNT(*) FROM bid WHERE place IS NOT NULL AND challenge_id IN";
        let rows = bulk::select(&mut read, head, challenges, "GROUP BY challenge_id").await?;
        rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?))).collect()
    }
}

fn read(row: &AnyRow) -> Result<BidRecord, StoreError> {
    let (sealed, commitment): (Option<Vec<u8>>, Option<Vec<u8>>) = (row.try_get(7)?, row.try_get(8)?);
    let (receipt, at): (Option<String>, Option<i64>) = (row.try_get(9)?, row.try_get(10)?);
    let handed_in = match (sealed, commitment, receipt, at) {
        (Some(sealed), Some(commitment), Some(receipt), Some(at)) => {
            let commitment = commitment.try_into().map_err(|_| StoreError::Unreadable { what: "揭榜承诺" })?;
            Some(HandedIn { sealed, commitment, receipt, at })
        }
        _ => None,
    };
    Ok(BidRecord {
        id: row.try_get(0)?,
        challenge: row.try_get(1)?,
        organisation: row.try_get(2)?,
        organisation_name: row.try_get(3)?,
        created_by: row.try_get(4)?,
        status: coded(row, 5, "揭榜状态", &BidStatus::ALL, BidStatus::code)?,
        draft: row.try_get(6)?,
        handed_in,
        terms: row.try_get(11)?,
        place: row.try_get(12)?,
        excluded: row.try_get(13)?,
        created_at: row.try_get(14)?,
        updated_at: row.try_get(15)?,
        version: row.try_get(16)?,
    })
}

fn member(row: &AnyRow) -> Result<BidMember, StoreError> {
    Ok(BidMember {
        organisation: row.try_get(0)?,
        organisation_name: row.try_get(1)?,
        role: row.try_get(2)?,
        percent: u32::try_from(row.try_get::<i64, _>(3)?).unwrap_or_default(),
        status: coded(row, 4, "成员状态", &MemberStatus::ALL, MemberStatus::code)?,
    })
}

fn event(row: &AnyRow) -> Result<BidEvent, StoreError> {
    Ok(BidEvent {
        bid: row.try_get(0)?,
        at: row.try_get(1)?,
        by_account: row.try_get(2)?,
        action: row.try_get(3)?,
        detail: row.try_get(4)?,
    })
}
