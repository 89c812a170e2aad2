//! Writing talents and evidence, one or many thousands, always with the change log.

use std::collections::{BTreeSet, HashMap, HashSet};

use sqlx::any::AnyArguments;
use sqlx::error::BoxDynError;
use sqlx::{Arguments, Row};

use super::TalentRecord;
use super::read;
use crate::domain::duplicate::team_key;
use crate::domain::text::folded;
use crate::domain::{Evidence, TalentStatus};
use crate::store::{ChangeKind, StoreError, Write, bulk};

/// What is known of a talent before it is written.
#[derive(Default)]
struct Before {
    version: i64,
    is_active: bool,
    /// Evidence id → whether it is hidden, in order.
    links: Vec<(String, bool)>,
}

impl Write {
    /// Makes the talent, if its version is 0, or changes it, if it is still of that version; its
    /// list of evidence becomes that of the record. Gives the new version.
    ///
    /// # Errors
    /// As [`Self::talents_put`].
    pub async fn talent_put(&mut self, record: &TalentRecord) -> Result<i64, StoreError> {
        self.talents_put(std::slice::from_ref(record)).await?;
        Ok(record.version + 1)
    }

    /// The same for many, fast enough for ten thousand.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] if the id of a new one is taken, an account or a talent that it
    /// names is unknown, or a record comes twice; [`StoreError::Stale`] if one is no longer of its version;
    /// [`StoreError::EvidenceDiffers`] if the content of a piece is not that of the store or of the
    /// piece's other owners: [`Self::evidence_put`] changes it for all. Nothing must be kept then.
    pub async fn talents_put(&mut self, records: &[TalentRecord]) -> Result<(), StoreError> {
        self.changes_lock().await?;
        let ids: Vec<&str> = records.iter().map(|r| r.talent.id.as_str()).collect();
        if ids.iter().collect::<HashSet<_>>().len() < ids.len() {
            return Err(StoreError::Conflict("talent".into()));
        }
        let before = self.talents_before(&ids).await?;
        let Difference { relinked, removed, changed } = Difference::of(&before, records)?;
        self.evidence_add(records).await?;
        self.talents_write(records).await?;
        let old: Vec<&str> = relinked.iter().filter(|r| r.version > 0).map(|r| r.talent.id.as_str()).collect();
        let links = "DELETE FROM talent_evidence WHERE talent_id IN";
        bulk::execute(&mut self.transaction, links, &old, "").await?;
        self.links_add(&relinked).await?;
        self.evidence_drop(&removed).await?;
        self.talents_changed(&ids, &changed).await
    }

    /// Deletes the profile, and those that were merged into it, with the evidence that is nobody
    /// else's. A talent that is no more is no error.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn talent_delete(&mut self, id: &str) -> Result<(), StoreError> {
        const FAMILY: &str = "WITH RECURSIVE family (id) AS (SELECT id FROM talent WHERE id = $1 UNION \
                              SELECT t.id FROM talent t JOIN family f ON t.merged_into = f.id) SELECT id FROM family";
        self.changes_lock().await?;
        let family: Vec<String> = sqlx::query_scalar(FAMILY).bind(id).fetch_all(&mut *self.transaction).await?;
        let ids: Vec<&str> = family.iter().map(String::as_str).collect();
        let before = self.talents_before(&ids).await?;
        let changed = before.values().flat_map(Before::shown).collect();
        let owned = before.values().flat_map(|b| &b.links).map(|(id, _)| id.as_str()).collect();
        bulk::execute(&mut self.transaction, "DELETE FROM talent WHERE id IN", &ids, "").await?;
        self.evidence_drop(&owned).await?;
        self.talents_changed(&ids, &changed).await
    }

    /// Makes pieces, or gives those that there are another content, for all their owners.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] if a piece comes twice.
    pub async fn evidence_put(&mut self, pieces: &[Evidence]) -> Result<(), StoreError> {
        const NEW: &str = "ON CONFLICT (id) DO UPDATE SET kind = excluded.kind, title = excluded.title, \
                           abstract = excluded.abstract, keywords = excluded.keywords, year = excluded.year";
        self.changes_lock().await?;
        let ids: BTreeSet<&str> = pieces.iter().map(|e| e.id.as_str()).collect();
        if ids.len() < pieces.len() {
            return Err(StoreError::Conflict("evidence".into()));
        }
        bulk::insert(&mut self.transaction, EVIDENCE, NEW, 6, pieces, bind_evidence).await?;
        let changed: Vec<_> = ids.into_iter().map(|id| (ChangeKind::Evidence, id)).collect();
        self.changes_add(&changed).await.map(drop)
    }

    async fn talents_before(&mut self, ids: &[&str]) -> Result<HashMap<String, Before>, StoreError> {
        let mut before: HashMap<String, Before> = HashMap::new();
        let talents = "SELECT id, version, status FROM talent WHERE id IN";
        for row in bulk::select(&mut self.transaction, talents, ids, "").await? {
            let status: String = row.try_get(2)?;
            let talent = Before { version: row.try_get(1)?, is_active: status == "active", links: Vec::new() };
            before.insert(row.try_get(0)?, talent);
        }
        let links = "SELECT talent_id, evidence_id, hidden FROM talent_evidence WHERE talent_id IN";
        let order = "ORDER BY talent_id, position";
        let known: Vec<&str> = ids.iter().copied().filter(|id| before.contains_key(*id)).collect();
        for row in bulk::select(&mut self.transaction, links, &known, order).await? {
            let talent: String = row.try_get(0)?;
            let link = (row.try_get(1)?, row.try_get::<i64, _>(2)? != 0);
            before.entry(talent).or_default().links.push(link);
        }
        Ok(before)
    }

    /// Adds the pieces that the store has not; those that it has must be the same.
    async fn evidence_add(&mut self, records: &[TalentRecord]) -> Result<(), StoreError> {
        const KNOWN: &str = "SELECT id, kind, title, abstract, keywords, year FROM evidence WHERE id IN";
        let mut pieces: HashMap<&str, &Evidence> = HashMap::new();
        let mut order: Vec<&str> = Vec::new();
        for evidence in records.iter().flat_map(|r| &r.talent.evidence) {
            match pieces.insert(&evidence.id, evidence) {
                None => order.push(&evidence.id),
                Some(other) if other == evidence => {}
                Some(_) => return Err(StoreError::EvidenceDiffers { id: evidence.id.clone() }),
            }
        }
        for row in bulk::select(&mut self.transaction, KNOWN, &order, "").await? {
            let known = read::evidence(&row, 0)?;
            if pieces.remove(known.id.as_str()).is_some_and(|evidence| *evidence != known) {
                return Err(StoreError::EvidenceDiffers { id: known.id });
            }
        }
        let new: Vec<&Evidence> = order.iter().filter_map(|id| pieces.get(id).copied()).collect();
        bulk::insert(&mut self.transaction, EVIDENCE, "", 6, &new, |e, to| bind_evidence(e, to)).await
    }

    async fn talents_write(&mut self, records: &[TalentRecord]) -> Result<(), StoreError> {
        const TALENT: &str = "INSERT INTO talent (id, kind, name, organization, region, title, keywords, bio, fields, \
                              members, contact, availability, capacity, account_id, consent_at, status, merged_into, \
                              created_at, updated_at, version, folded_name, team_key) VALUES";
        const AGAIN: &str = "ON CONFLICT (id) DO UPDATE SET kind = excluded.kind, name = excluded.name, \
                             organization = excluded.organization, region = excluded.region, title = excluded.title, \
                             keywords = excluded.keywords, bio = excluded.bio, fields = excluded.fields, \
                             members = excluded.members, contact = excluded.contact, \
                             availability = excluded.availability, capacity = excluded.capacity, \
                             account_id = excluded.account_id, consent_at = excluded.consent_at, \
                             status = excluded.status, merged_into = excluded.merged_into, \
                             updated_at = excluded.updated_at, version = excluded.version, \
                             folded_name = excluded.folded_name, team_key = excluded.team_key";
        bulk::insert(&mut self.transaction, TALENT, AGAIN, 22, records, bind_talent).await
    }

    async fn links_add(&mut self, records: &[&TalentRecord]) -> Result<(), StoreError> {
        let head = "INSERT INTO talent_evidence (talent_id, evidence_id, position, hidden) VALUES";
        let of = |record: &&'_ TalentRecord| record.talent.evidence.len();
        let mut links = Vec::with_capacity(records.iter().map(of).sum());
        for record in records {
            links.extend(record.talent.evidence.iter().zip(0_i64..).map(|(e, at)| (record, &e.id, at)));
        }
        bulk::insert(&mut self.transaction, head, "", 4, &links, |(record, evidence, position), to| {
            to.add(&record.talent.id)?;
            to.add(*evidence)?;
            to.add(*position)?;
            to.add(i64::from(record.hidden.contains(*evidence)))
        })
        .await
    }

    /// Deletes those of the pieces that are nobody's any more.
    async fn evidence_drop(&mut self, ids: &BTreeSet<&str>) -> Result<(), StoreError> {
        let ids: Vec<&str> = ids.iter().copied().collect();
        let orphan = "AND NOT EXISTS (SELECT 1 FROM talent_evidence l WHERE l.evidence_id = evidence.id)";
        bulk::execute(&mut self.transaction, "DELETE FROM evidence WHERE id IN", &ids, orphan).await
    }

    async fn talents_changed(&mut self, talents: &[&str], evidence: &BTreeSet<&str>) -> Result<(), StoreError> {
        let talents = talents.iter().map(|id| (ChangeKind::Talent, *id));
        let evidence = evidence.iter().map(|id| (ChangeKind::Evidence, *id));
        let changed: Vec<_> = evidence.chain(talents).collect();
        if changed.is_empty() { Ok(()) } else { self.changes_add(&changed).await.map(drop) }
    }
}

/// What is to be done about the evidence of talents.
struct Difference<'a> {
    /// Those whose list of evidence is another.
    relinked: Vec<&'a TalentRecord>,
    /// Pieces that were taken from somebody's list.
    removed: BTreeSet<&'a str>,
    /// Pieces that are matched for other talents than before.
    changed: BTreeSet<&'a str>,
}

impl<'a> Difference<'a> {
    fn of(before: &'a HashMap<String, Before>, records: &'a [TalentRecord]) -> Result<Self, StoreError> {
        const NOTHING: &Before = &Before { version: 0, is_active: false, links: Vec::new() };
        let mut all = Self { relinked: Vec::new(), removed: BTreeSet::new(), changed: BTreeSet::new() };
        for record in records {
            let was = before.get(&record.talent.id).unwrap_or(NOTHING);
            match (was.version, record.version) {
                (was, now) if was == now => {}
                (_, 0) => return Err(StoreError::Conflict("talent".into())),
                _ => return Err(StoreError::Stale),
            }
            all.changed.extend(was.shown().symmetric_difference(&shown(record)));
            let links = record.talent.evidence.iter().map(|e| (&e.id, record.hidden.contains(&e.id)));
            if !links.eq(was.links.iter().map(|(id, hidden)| (id, *hidden))) {
                all.relinked.push(record);
                let kept: HashSet<&str> = record.talent.evidence.iter().map(|e| e.id.as_str()).collect();
                let left = was.links.iter().map(|(id, _)| id.as_str()).filter(|id| !kept.contains(id));
                all.removed.extend(left);
            }
        }
        Ok(all)
    }
}

impl Before {
    /// Evidence that it was matched by.
    fn shown(&self) -> BTreeSet<&str> {
        let shown = self.links.iter().filter(|(_, hidden)| self.is_active && !hidden);
        shown.map(|(id, _)| id.as_str()).collect()
    }
}

/// Evidence that the talent is matched by.
fn shown(record: &TalentRecord) -> BTreeSet<&str> {
    let is_active = record.status == TalentStatus::Active;
    let shown = record.talent.evidence.iter().map(|e| e.id.as_str()).filter(|id| !record.hidden.contains(*id));
    shown.filter(|_| is_active).collect()
}

const EVIDENCE: &str = "INSERT INTO evidence (id, kind, title, abstract, keywords, year) VALUES";

fn bind_evidence(evidence: &Evidence, to: &mut AnyArguments) -> Result<(), BoxDynError> {
    to.add(&evidence.id)?;
    to.add(evidence.r#type.name())?;
    to.add(&evidence.title)?;
    to.add(evidence.r#abstract.as_deref())?;
    to.add(serde_json::to_string(&evidence.keywords)?)?;
    to.add(evidence.year.map(i64::from))
}

fn bind_talent(record: &TalentRecord, to: &mut AnyArguments) -> Result<(), BoxDynError> {
    let talent = &record.talent;
    to.add(&talent.id)?;
    to.add(talent.kind.code())?;
    to.add(&talent.name)?;
    to.add(&talent.organization)?;
    to.add(talent.region.as_deref())?;
    to.add(talent.title.as_deref())?;
    to.add(serde_json::to_string(&talent.keywords)?)?;
    to.add(talent.bio.as_deref())?;
    to.add(serde_json::to_string(&talent.fields)?)?;
    to.add(serde_json::to_string(&talent.members)?)?;
    to.add(record.contact.as_deref())?;
    to.add(record.availability.code())?;
    to.add(record.capacity.map(i64::from))?;
    to.add(record.account.as_deref())?;
    to.add(record.consent_at)?;
    to.add(record.status.code())?;
    to.add(record.status.merged_into())?;
    to.add(record.created_at)?;
    to.add(record.updated_at)?;
    to.add(record.version + 1)?;
    to.add(folded(&talent.name))?;
    to.add(team_key(talent))
}
