//! What the rules on bidders look at: groups, legal persons, qualifications, people, and records of
//! research integrity. Read in the transaction that decides by it.

use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};

use crate::domain::{OrganisationKind, OrganisationStatus};
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
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct IntegrityRecord {
    pub id: String,
    pub organisation: String,
    pub what: String,
    /// Milliseconds since 1970 UTC.
    pub opened_at: i64,
    pub closed_at: Option<i64>,
}

const STANDING: &str = "SELECT o.name, o.kind, o.region, o.status, COALESCE(s.group_name, ''), \
                        COALESCE(s.legal_person, ''), COALESCE(s.qualifications, '[]'), \
                        (SELECT COUNT(*) FROM integrity_record i WHERE i.organisation_id = o.id AND i.closed_at IS NULL) \
                        FROM organisation o LEFT JOIN organisation_standing s ON s.organisation_id = o.id \
                        WHERE o.id = $1";

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
    }))
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

    /// Sets what an organisation declares of itself.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn standing_set(
        &mut self,
        organisation: &str,
        (group, legal_person): (&str, &str),
        qualifications: &[String],
        at: i64,
    ) -> Result<(), StoreError> {
        let set = "INSERT INTO organisation_standing (organisation_id, group_name, legal_person, qualifications, \
                   updated_at) VALUES ($1, $2, $3, $4, $5) ON CONFLICT (organisation_id) DO UPDATE SET \
                   group_name = excluded.group_name, legal_person = excluded.legal_person, \
                   qualifications = excluded.qualifications, updated_at = excluded.updated_at";
        let qualifications =
            serde_json::to_string(qualifications).map_err(|_| StoreError::Unreadable { what: "单位资质" })?;
        let set = sqlx::query(set).bind(organisation).bind(group).bind(legal_person).bind(qualifications).bind(at);
        set.execute(&mut *self.transaction).await?;
        Ok(())
    }

    /// # Errors
    /// [`StoreError::Conflict`] if there is no such organisation.
    pub async fn integrity_add(&mut self, record: &IntegrityRecord) -> Result<(), StoreError> {
        let insert = "INSERT INTO integrity_record (id, organisation_id, what, opened_at) VALUES ($1, $2, $3, $4)";
        let insert = sqlx::query(insert).bind(&record.id).bind(&record.organisation).bind(&record.what);
        insert.bind(record.opened_at).execute(&mut *self.transaction).await?;
        Ok(())
    }

    /// # Errors
    /// [`StoreError::Stale`] if it is not open.
    pub async fn integrity_close(&mut self, id: &str, at: i64) -> Result<(), StoreError> {
        let update = sqlx::query("UPDATE integrity_record SET closed_at = $1 WHERE id = $2 AND closed_at IS NULL");
        one_row(&update.bind(at).bind(id).execute(&mut *self.transaction).await?)
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
        let query = "SELECT id, organisation_id, what, opened_at, closed_at FROM integrity_record \
                     WHERE organisation_id = $1 ORDER BY id DESC";
        let rows = sqlx::query(query).bind(organisation).fetch_all(&self.pool).await?;
        let read = |row: &AnyRow| {
            Ok(IntegrityRecord {
                id: row.try_get(0)?,
                organisation: row.try_get(1)?,
                what: row.try_get(2)?,
                opened_at: row.try_get(3)?,
                closed_at: row.try_get(4)?,
            })
        };
        rows.iter().map(read).collect()
    }
}
