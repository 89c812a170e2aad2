//! What the rules on bidders look at: groups, legal persons, qualifications, people, and records of
//! research integrity. Read in the transaction that decides by it.

use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};

use crate::domain::{Day, Declaration, OrganisationKind, OrganisationStatus};
use crate::store::{Store, StoreError, Write, bulk, coded, one_row};

/// An organisation as the rules on bidders see it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Standing {
    /// Id.
    pub organisation: String,
    pub name: String,
    pub kind: Option<OrganisationKind>,
    pub region: Option<String>,
    /// An operator has approved it.
    pub is_approved: bool,
    /// The group of companies that it has declared, or `""`.
    pub group: String,
    /// 法定代表人, or `""`.
    pub legal_person: String,
    pub qualifications: Vec<String>,
    /// Names of those who have accounts of it.
    pub people: Vec<String>,
    pub has_integrity_record: bool,
    /// Of what it declares: 1 when it was declared first, one more with each change; 0 where nothing is
    /// declared.
    pub version: i64,
    /// Milliseconds since 1970 UTC.
    pub updated_at: Option<i64>,
    /// Name of who declared it last.
    pub updated_by_name: Option<String>,
}

impl Standing {
    /// What it declares.
    pub fn declaration(&self) -> Declaration {
        let Self { group, legal_person, qualifications, .. } = self.clone();
        Declaration { group, legal_person, qualifications }
    }
}

/// Where a talent belongs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TalentPlace {
    pub talent: String,
    /// The organisation as the profile names it.
    pub name: String,
    /// That of the talent's account, if there is one.
    pub id: Option<String>,
}

/// A record of research integrity 科研诚信记录.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct IntegrityRecord {
    pub id: String,
    pub organisation: String,
    pub what: String,
    /// The day of the finding, where it is known.
    pub found_on: Option<Day>,
    /// Milliseconds since 1970 UTC.
    pub opened_at: i64,
    /// Id of the account, and its name as it is now.
    pub opened_by: Option<String>,
    pub opened_by_name: Option<String>,
    /// None while it stands against the organisation.
    pub closing: Option<IntegrityClosing>,
}

/// How a record of research integrity was closed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct IntegrityClosing {
    /// Milliseconds since 1970 UTC.
    pub at: i64,
    /// Id of the account, and its name as it is now.
    pub by: Option<String>,
    pub by_name: Option<String>,
    pub reason: String,
}

const STANDING: &str = "SELECT o.name, o.kind, o.region, o.status, COALESCE(s.group_name, ''), \
                        COALESCE(s.legal_person, ''), COALESCE(s.qualifications, '[]'), \
                        (SELECT COUNT(*) FROM integrity_record i WHERE i.organisation_id = o.id AND i.closed_at IS NULL), \
                        COALESCE(s.version, 0), s.updated_at, a.name \
                        FROM organisation o LEFT JOIN organisation_standing s ON s.organisation_id = o.id \
                        LEFT JOIN account a ON a.id = s.updated_by WHERE o.id = $1";

async fn standing(read: &mut AnyConnection, organisation: &str) -> Result<Option<Standing>, StoreError> {
    let Some(row) = sqlx::query(STANDING).bind(organisation).fetch_optional(&mut *read).await? else {
        return Ok(None);
    };
    let people = "SELECT name FROM account WHERE organisation_id = $1 AND status = 'active' ORDER BY id";
    let people = sqlx::query_scalar(people).bind(organisation).fetch_all(&mut *read).await?;
    let (status, qualifications): (String, String) = (row.try_get(3)?, row.try_get(6)?);
    Ok(Some(Standing {
        organisation: organisation.to_owned(),
        name: row.try_get(0)?,
        kind: Some(coded(&row, 1, "单位类别", &OrganisationKind::ALL, OrganisationKind::code)?),
        region: row.try_get(2)?,
        is_approved: status == OrganisationStatus::Approved.code(),
        group: row.try_get(4)?,
        legal_person: row.try_get(5)?,
        qualifications: serde_json::from_str(&qualifications)
            .map_err(|_| StoreError::Unreadable { what: "单位资质" })?,
        people,
        has_integrity_record: row.try_get::<i64, _>(7)? > 0,
        version: row.try_get(8)?,
        updated_at: row.try_get(9)?,
        updated_by_name: row.try_get(10)?,
    }))
}

/// The records of integrity that a condition names.
macro_rules! records_where {
    ($condition:literal) => {
        concat!(
            "SELECT i.id, i.organisation_id, i.what, i.found_on, i.opened_at, i.opened_by, o.name, i.closed_at, ",
            "i.closed_by, c.name, COALESCE(i.close_reason, '') FROM integrity_record i ",
            "LEFT JOIN account o ON o.id = i.opened_by LEFT JOIN account c ON c.id = i.closed_by WHERE ",
            $condition
        )
    };
}

fn read_record(row: &AnyRow) -> Result<IntegrityRecord, StoreError> {
    let found_on: Option<String> = row.try_get(3)?;
    let day = |text: String| Day::parse(&text).map_err(|_| StoreError::Unreadable { what: "认定日期" });
    let closed_at: Option<i64> = row.try_get(7)?;
    let closing = |at| {
        Ok::<_, StoreError>(IntegrityClosing {
            at,
            by: row.try_get(8)?,
            by_name: row.try_get(9)?,
            reason: row.try_get(10)?,
        })
    };
    Ok(IntegrityRecord {
        id: row.try_get(0)?,
        organisation: row.try_get(1)?,
        what: row.try_get(2)?,
        found_on: found_on.map(day).transpose()?,
        opened_at: row.try_get(4)?,
        opened_by: row.try_get(5)?,
        opened_by_name: row.try_get(6)?,
        closing: closed_at.map(closing).transpose()?,
    })
}

impl Write {
    /// An organisation as this transaction sees it.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn standing(&mut self, organisation: &str) -> Result<Option<Standing>, StoreError> {
        standing(&mut self.transaction, organisation).await
    }

    /// Names of talents, and of the members of those that are teams.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn talent_people(&mut self, talents: &[&str]) -> Result<Vec<String>, StoreError> {
        let rows =
            bulk::select(&mut self.transaction, "SELECT name, members FROM talent WHERE id IN", talents, "").await?;
        let mut people = Vec::new();
        for row in rows {
            people.push(row.try_get(0)?);
            let members: String = row.try_get(1)?;
            let members: Vec<String> =
                serde_json::from_str(&members).map_err(|_| StoreError::Unreadable { what: "团队成员" })?;
            people.extend(members);
        }
        Ok(people)
    }

    /// Sets what an organisation declares of itself, as it was of version `was` (0: nothing); `by` is the
    /// account that does.
    ///
    /// # Errors
    /// [`StoreError::Stale`] if it is no longer of this version; [`StoreError::Conflict`] if there is no
    /// such organisation.
    pub async fn standing_set(
        &mut self,
        organisation: &str,
        was: i64,
        declared: &Declaration,
        (by, at): (Option<&str>, i64),
    ) -> Result<(), StoreError> {
        let set = match was {
            0 => {
                "INSERT INTO organisation_standing (organisation_id, group_name, legal_person, qualifications, \
                 updated_at, updated_by, version) VALUES ($1, $2, $3, $4, $5, $6, $7 + 1) \
                 ON CONFLICT (organisation_id) DO NOTHING"
            }
            _ => {
                "UPDATE organisation_standing SET group_name = $2, legal_person = $3, qualifications = $4, \
                 updated_at = $5, updated_by = $6, version = version + 1 WHERE organisation_id = $1 AND version = $7"
            }
        };
        let qualifications = serde_json::to_string(&declared.qualifications)
            .map_err(|_| StoreError::Unreadable { what: "单位资质" })?;
        let set = sqlx::query(set).bind(organisation).bind(&declared.group).bind(&declared.legal_person);
        let set = set.bind(qualifications).bind(at).bind(by).bind(was);
        one_row(&set.execute(&mut *self.transaction).await?)
    }

    /// A record of an organisation.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn integrity_record(
        &mut self,
        organisation: &str,
        id: &str,
    ) -> Result<Option<IntegrityRecord>, StoreError> {
        let query = sqlx::query(records_where!("i.organisation_id = $1 AND i.id = $2")).bind(organisation).bind(id);
        query.fetch_optional(&mut *self.transaction).await?.as_ref().map(read_record).transpose()
    }

    /// Opens a record.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] if there is no such organisation.
    pub async fn integrity_add(&mut self, record: &IntegrityRecord) -> Result<(), StoreError> {
        let insert = "INSERT INTO integrity_record (id, organisation_id, what, found_on, opened_at, opened_by) \
                      VALUES ($1, $2, $3, $4, $5, $6)";
        let insert = sqlx::query(insert).bind(&record.id).bind(&record.organisation).bind(&record.what);
        let insert = insert.bind(record.found_on.map(|day| day.to_string()));
        let insert = insert.bind(record.opened_at).bind(record.opened_by.as_deref());
        insert.execute(&mut *self.transaction).await?;
        Ok(())
    }

    /// Closes a record.
    ///
    /// # Errors
    /// [`StoreError::Stale`] if it is not open.
    pub async fn integrity_close(&mut self, id: &str, closing: &IntegrityClosing) -> Result<(), StoreError> {
        let update = "UPDATE integrity_record SET closed_at = $1, closed_by = $2, close_reason = $3 \
                      WHERE id = $4 AND closed_at IS NULL";
        let update = sqlx::query(update).bind(closing.at).bind(closing.by.as_deref()).bind(&closing.reason);
        one_row(&update.bind(id).execute(&mut *self.transaction).await?)
    }
}

impl Store {
    /// # Errors
    /// [`StoreError`]
    pub async fn standing(&self, organisation: &str) -> Result<Option<Standing>, StoreError> {
        standing(&mut *self.pool.acquire().await?, organisation).await
    }

    /// Ids of up to `limit` active talents that belong to an organisation: by its name, or by the account
    /// of somebody of it.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn talents_of_organisation(&self, organisation: &str, limit: i64) -> Result<Vec<String>, StoreError> {
        let query = "SELECT t.id FROM talent t WHERE t.status = 'active' AND (\
                     t.organization = (SELECT o.name FROM organisation o WHERE o.id = $1) OR \
                     t.account_id IN (SELECT a.id FROM account a WHERE a.organisation_id = $1)) ORDER BY t.id LIMIT $2";
        Ok(sqlx::query_scalar(query).bind(organisation).bind(limit).fetch_all(&self.pool).await?)
    }

    /// Where active talents belong.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn talent_organisations(&self, talents: &[&str]) -> Result<Vec<TalentPlace>, StoreError> {
        const PLACES: &str = "SELECT t.id, t.organization, a.organisation_id FROM talent t \
                              LEFT JOIN account a ON a.id = t.account_id WHERE t.status = 'active' AND t.id IN";
        let rows = bulk::select(&mut *self.pool.acquire().await?, PLACES, talents, "").await?;
        rows.iter()
            .map(|row| Ok(TalentPlace { talent: row.try_get(0)?, name: row.try_get(1)?, id: row.try_get(2)? }))
            .collect()
    }

    /// The records of an organisation, newest first.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn integrity_records(&self, organisation: &str) -> Result<Vec<IntegrityRecord>, StoreError> {
        let query = sqlx::query(records_where!("i.organisation_id = $1 ORDER BY i.id DESC")).bind(organisation);
        query.fetch_all(&self.pool).await?.iter().map(read_record).collect()
    }
}
