//! Reading talents and evidence.

use std::collections::HashMap;

use sqlx::any::AnyRow;
use sqlx::{AnyConnection, Row};

use super::{Owned, TalentRecord};
use crate::domain::{Availability, Evidence, EvidenceType, Talent, TalentKind, TalentStatus};
use crate::store::{Store, StoreError, bulk, coded};

/// A talent's columns, and the table.
macro_rules! talent {
    () => {
        "SELECT id, kind, name, organization, region, title, keywords, bio, fields, members, contact, availability, \
         capacity, account_id, consent_at, status, merged_into, created_at, updated_at, version FROM talent"
    };
}
pub(in crate::store) use talent;

/// How much of a talent is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(in crate::store) enum Part {
    Whole,
    /// Without evidence.
    Profile,
}

impl Store {
    /// # Errors
    /// [`StoreError`]
    pub async fn talent(&self, id: &str) -> Result<Option<TalentRecord>, StoreError> {
        Ok(self.talents(&[id]).await?.pop())
    }

    /// The talents with these ids that there are, in the order of ids, each once.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn talents(&self, ids: &[&str]) -> Result<Vec<TalentRecord>, StoreError> {
        self.talents_of(ids, Part::Whole).await
    }

    /// The same without their evidence.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn talent_profiles(&self, ids: &[&str]) -> Result<Vec<TalentRecord>, StoreError> {
        self.talents_of(ids, Part::Profile).await
    }

    async fn talents_of(&self, ids: &[&str], part: Part) -> Result<Vec<TalentRecord>, StoreError> {
        // One transaction: the evidence is that of the profile's version.
        let mut read = self.pool.begin_with(self.dialect.begin_snapshot()).await?;
        let mut ids = ids.to_vec();
        ids.sort_unstable();
        ids.dedup();
        let rows = bulk::select(&mut read, concat!(talent!(), " WHERE id IN"), &ids, "").await?;
        let mut records = records(&mut read, &rows, part).await?;
        records.sort_by(|a, b| a.talent.id.cmp(&b.talent.id));
        Ok(records)
    }

    /// How many talents there are, whatever their status.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn talent_count(&self) -> Result<i64, StoreError> {
        Ok(sqlx::query_scalar("SELECT COUNT(*) FROM talent").fetch_one(&self.pool).await?)
    }

    /// The pieces with these ids, in the order of ids, each with the active talents who show it.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn evidence(&self, ids: &[&str]) -> Result<Vec<Owned>, StoreError> {
        const PIECES: &str = "SELECT e.id, e.kind, e.title, e.abstract, e.keywords, e.year, t.id FROM evidence e \
                              LEFT JOIN talent_evidence l ON l.evidence_id = e.id AND l.hidden = 0 \
                              LEFT JOIN talent t ON t.id = l.talent_id AND t.status = 'active' WHERE e.id IN";
        let mut read = self.pool.acquire().await?;
        let mut found: HashMap<String, Owned> = HashMap::new();
        for row in bulk::select(&mut read, PIECES, ids, "").await? {
            let evidence = evidence(&row, 0)?;
            let id = evidence.id.clone();
            let piece = found.entry(id).or_insert_with(|| Owned { evidence, talents: Vec::new() });
            piece.talents.extend(row.try_get::<Option<String>, _>(6)?);
        }
        let mut found: Vec<Owned> = found.into_values().collect();
        found.sort_by(|a, b| a.evidence.id.cmp(&b.evidence.id));
        for piece in &mut found {
            piece.talents.sort();
            piece.talents.dedup();
        }
        Ok(found)
    }
}

/// The talents of these rows.
pub(in crate::store) async fn records(
    connection: &mut AnyConnection,
    rows: &[AnyRow],
    part: Part,
) -> Result<Vec<TalentRecord>, StoreError> {
    const LINKS: &str = "SELECT e.id, e.kind, e.title, e.abstract, e.keywords, e.year, l.talent_id, l.hidden \
                         FROM talent_evidence l JOIN evidence e ON e.id = l.evidence_id WHERE l.talent_id IN";
    let mut records: Vec<TalentRecord> = rows.iter().map(record).collect::<Result<_, _>>()?;
    if part == Part::Profile {
        return Ok(records);
    }
    let ids: Vec<&str> = records.iter().map(|r| r.talent.id.as_str()).collect();
    let links = bulk::select(connection, LINKS, &ids, "ORDER BY l.talent_id, l.position").await?;
    let places: HashMap<String, usize> = ids.iter().map(|id| (*id).to_owned()).zip(0..).collect();
    for link in &links {
        let (evidence, talent): (Evidence, String) = (evidence(link, 0)?, link.try_get(6)?);
        let Some(record) = places.get(&talent).and_then(|&place| records.get_mut(place)) else { continue };
        if link.try_get::<i64, _>(7)? != 0 {
            record.hidden.insert(evidence.id.clone());
        }
        record.talent.evidence.push(evidence);
    }
    Ok(records)
}

fn record(row: &AnyRow) -> Result<TalentRecord, StoreError> {
    let talent = Talent {
        id: row.try_get(0)?,
        kind: coded(row, 1, "人才类别", &TalentKind::ALL, TalentKind::code)?,
        name: row.try_get(2)?,
        organization: row.try_get(3)?,
        region: row.try_get(4)?,
        title: row.try_get(5)?,
        keywords: list(row, 6)?,
        bio: row.try_get(7)?,
        fields: list(row, 8)?,
        members: list(row, 9)?,
        evidence: Vec::new(),
    };
    Ok(TalentRecord {
        talent,
        hidden: Default::default(),
        contact: row.try_get(10)?,
        availability: coded(row, 11, "人才意愿", &Availability::ALL, Availability::code)?,
        capacity: row.try_get::<Option<i64>, _>(12)?.and_then(|c| c.try_into().ok()),
        account: row.try_get(13)?,
        consent_at: row.try_get(14)?,
        status: status(row.try_get(15)?, row.try_get(16)?)?,
        created_at: row.try_get(17)?,
        updated_at: row.try_get(18)?,
        version: row.try_get(19)?,
    })
}

fn status(code: &str, into: Option<String>) -> Result<TalentStatus, StoreError> {
    match (code, into) {
        ("active", None) => Ok(TalentStatus::Active),
        ("hidden", None) => Ok(TalentStatus::Hidden),
        ("merged", Some(into)) => Ok(TalentStatus::Merged { into }),
        _ => Err(StoreError::Unreadable { what: "人才状态" }),
    }
}

/// A piece whose columns begin at `first`.
pub(super) fn evidence(row: &AnyRow, first: usize) -> Result<Evidence, StoreError> {
    Ok(Evidence {
        id: row.try_get(first)?,
        r#type: coded(row, first + 1, "成果类别", &EvidenceType::ALL, EvidenceType::name)?,
        title: row.try_get(first + 2)?,
        r#abstract: row.try_get(first + 3)?,
        keywords: list(row, first + 4)?,
        year: row.try_get::<Option<i64>, _>(first + 5)?.and_then(|y| y.try_into().ok()),
    })
}

/// A list of texts is a JSON text.
fn list(row: &AnyRow, column: usize) -> Result<Vec<String>, StoreError> {
    serde_json::from_str(row.try_get(column)?).map_err(|_| StoreError::Unreadable { what: "列表" })
}
