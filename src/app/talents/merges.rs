//! One person with two profiles, and namesakes: suspected here, decided by an operator, undone
//! exactly.
//!
//! The kept profile gains the evidence that it did not have; the dropped one keeps its own, hidden
//! behind the kept one. Undoing takes away what was gained, except what another profile that is
//! still merged brings as well: then that merge has gained it.

use std::collections::{BTreeSet, HashMap};

use serde::Serialize;
use utoipa::ToSchema;

use crate::app::App;
use crate::app::actor::Actor;
use crate::app::error::AppError;
use crate::domain::{Action, Strength, Talent, TalentStatus, duplicate_suspicion};
use crate::store::{Merge, MergeStatus, StoreError, TalentRecord};

use super::PROFILE;

const MERGE: &str = "合并记录";

/// Pairs that are looked at in one request: some 500 namesakes of one name make a hundred
/// thousand, and a page has to come all the same.
const PAIRS_AT_ONCE: i64 = 1_000;

/// Two profiles that may be those of one person or one team.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Duplicate {
    pub a: Suspect,
    pub b: Suspect,
    pub strength: Strength,
    /// In Chinese, one for each thing in common.
    pub reasons: Vec<String>,
}

/// One of two profiles.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Suspect {
    pub id: String,
    pub name: String,
    pub organization: String,
    pub title: Option<String>,
    /// Pieces of evidence.
    pub evidence: usize,
}

impl Suspect {
    fn of(talent: &Talent) -> Self {
        Self {
            id: talent.id.clone(),
            name: talent.name.clone(),
            organization: talent.organization.clone(),
            title: talent.title.clone(),
            evidence: talent.evidence.len(),
        }
    }
}

impl App {
    /// Suspected duplicates after a pair of ids, `limit` at most, with the pair to go on after. A
    /// page may be short, even empty, before the last one: only so many pairs are looked at.
    ///
    /// # Errors
    /// [`AppError::Forbidden`]
    pub async fn duplicates(
        &self,
        actor: &Actor,
        after: (&str, &str),
        limit: usize,
    ) -> Result<(Vec<Duplicate>, Option<(String, String)>), AppError> {
        actor.require(Action::TalentCurate)?;
        let pairs = self.store.duplicate_pairs(after, PAIRS_AT_ONCE).await?;
        let ids: BTreeSet<&str> = pairs.iter().flat_map(|(a, b)| [a.as_str(), b]).collect();
        let records = self.store.talents(&ids.into_iter().collect::<Vec<_>>()).await?;
        let talents: HashMap<&str, &Talent> = records.iter().map(|r| (r.talent.id.as_str(), &r.talent)).collect();
        let mut found = Vec::new();
        for pair in &pairs {
            // Either may have been deleted since.
            let (Some(a), Some(b)) = (talents.get(pair.0.as_str()), talents.get(pair.1.as_str())) else { continue };
            let Some(suspicion) = duplicate_suspicion(a, b) else { continue };
            let (strength, reasons) = (suspicion.strength, suspicion.reasons);
            found.push(Duplicate { a: Suspect::of(a), b: Suspect::of(b), strength, reasons });
            if found.len() == limit {
                return Ok((found, Some(pair.clone())));
            }
        }
        let next = pairs.last().filter(|_| pairs.len() as i64 == PAIRS_AT_ONCE).cloned();
        Ok((found, next))
    }

    /// Makes two profiles one.
    ///
    /// # Errors
    /// [`AppError::Invalid`] for one and the same; [`AppError::NotFound`]; [`AppError::Conflict`]
    /// if the one to drop has its person, or one is merged already.
    pub async fn merge_create(&self, actor: &Actor, kept: &str, dropped: &str) -> Result<Merge, AppError> {
        actor.require(Action::TalentCurate)?;
        different(kept, dropped, "dropped")?;
        let mut write = self.store.begin().await?;
        let [mut keeper, mut other] = pair(write.talents_locked(&[kept, dropped]).await?, kept)?;
        if other.account.is_some() {
            let message = "要并掉的档案已由本人认领；请把它作为保留的一份";
            return Err(AppError::conflict("claimed", message));
        }
        let has: BTreeSet<&str> = keeper.talent.evidence.iter().map(|e| e.id.as_str()).collect();
        let new: Vec<_> = other.talent.evidence.iter().filter(|e| !has.contains(e.id.as_str())).cloned().collect();
        let gained: Vec<String> = new.iter().map(|e| e.id.clone()).collect();
        let was_hidden = other.status == TalentStatus::Hidden;
        keeper.hidden.extend(gained.iter().filter(|id| other.hidden.contains(*id)).cloned());
        keeper.talent.evidence.extend(new);
        other.status = TalentStatus::Merged { into: kept.to_owned() };
        (keeper.updated_at, other.updated_at) = (self.now(), self.now());
        write.talents_put(&[keeper, other]).await?;
        let merge = self.merge_of(actor, kept, dropped, MergeStatus::Merged);
        let merge = Merge { was_hidden, gained, ..merge };
        write.merge_add(&merge).await?;
        self.audit(&mut write, Some(actor), "merge.create", format!("merge:{}", merge.id), detail(&merge)).await?;
        write.commit().await?;
        self.changed();
        Ok(merge)
    }

    /// Notes that two profiles are those of namesakes, so that they are not suggested again.
    ///
    /// # Errors
    /// [`AppError::Invalid`] for one and the same; [`AppError::NotFound`]; [`AppError::Conflict`]
    /// if that is known, or one is merged.
    pub async fn keep_apart(&self, actor: &Actor, a: &str, b: &str) -> Result<Merge, AppError> {
        actor.require(Action::TalentCurate)?;
        different(a, b, "b")?;
        let mut write = self.store.begin().await?;
        pair(write.talents_locked(&[a, b]).await?, a)?;
        let merge = self.merge_of(actor, a.min(b), a.max(b), MergeStatus::Apart);
        write.merge_add(&merge).await.map_err(|error| match error {
            StoreError::Conflict(_) => AppError::conflict("kept-apart", "这两份档案已经标为不同的人"),
            other => other.into(),
        })?;
        self.audit(&mut write, Some(actor), "merge.keep_apart", format!("merge:{}", merge.id), detail(&merge)).await?;
        write.commit().await?;
        Ok(merge)
    }

    /// Undoes a merge, so that both profiles are as they were but for what was changed in the kept
    /// one meanwhile; or lets two that were kept apart be suggested again.
    ///
    /// # Errors
    /// [`AppError::NotFound`] also if one was deleted; [`AppError::Conflict`] if it is undone
    /// already, or a later merge has to be undone first.
    pub async fn merge_undo(&self, actor: &Actor, id: &str) -> Result<(), AppError> {
        actor.require(Action::TalentCurate)?;
        let undone = || AppError::conflict("already-undone", "这次合并已经撤销过了");
        let mut merge = self.store.merge(id).await?.ok_or(AppError::NotFound(MERGE))?;
        let mut write = self.store.begin().await?;
        let mut records = write.talents_locked(&[&merge.kept, &merge.dropped]).await?;
        match merge.status {
            MergeStatus::Undone => return Err(undone()),
            MergeStatus::Apart => {}
            MergeStatus::Merged => {
                // Another undo may have handed pieces to this one before the lock was ours.
                let merges = write.merges_into(&merge.kept).await?;
                merge = merges.iter().find(|m| m.id == id).cloned().ok_or_else(undone)?;
                let mut others: Vec<Merge> = merges.into_iter().filter(|m| m.id != id).collect();
                let dropped: Vec<&str> = others.iter().map(|m| m.dropped.as_str()).collect();
                let holders = write.talents_locked(&dropped).await?;
                let handed = hand_over(&merge, &mut others, &holders);
                part(&mut records, &merge, &handed, self.now())?;
                write.talents_put(&records).await?;
                for other in others.iter().filter(|o| o.gained.iter().any(|id| handed.contains(id))) {
                    write.merge_set(other).await?;
                }
            }
        }
        merge.status = MergeStatus::Undone;
        write.merge_set(&merge).await.map_err(|error| match error {
            StoreError::Stale => undone(),
            other => other.into(),
        })?;
        self.audit(&mut write, Some(actor), "merge.undo", format!("merge:{id}"), detail(&merge)).await?;
        write.commit().await?;
        self.changed();
        Ok(())
    }

    /// Merges of one status or of all, newest first, before an id.
    ///
    /// # Errors
    /// [`AppError::Forbidden`]
    pub async fn merges(
        &self,
        actor: &Actor,
        status: Option<MergeStatus>,
        before: &str,
        limit: i64,
    ) -> Result<Vec<Merge>, AppError> {
        actor.require(Action::TalentCurate)?;
        Ok(self.store.merges(status, before, limit).await?)
    }

    fn merge_of(&self, actor: &Actor, kept: &str, dropped: &str, status: MergeStatus) -> Merge {
        let (kept, dropped) = (kept.to_owned(), dropped.to_owned());
        let (by, at) = (actor.account.clone(), self.now());
        Merge { id: self.new_id(), kept, dropped, status, was_hidden: false, gained: Vec::new(), by, at }
    }
}

fn detail(merge: &Merge) -> serde_json::Value {
    serde_json::json!({ "kept": merge.kept, "dropped": merge.dropped, "evidence": merge.gained.len() })
}

fn different(a: &str, b: &str, field: &str) -> Result<(), AppError> {
    if a == b { Err(AppError::invalid(field, "same-talent", "是同一份档案；请选另一份")) } else { Ok(()) }
}

/// Both of two profiles, neither of them merged; that with the id `first` first.
fn pair(records: Vec<TalentRecord>, first: &str) -> Result<[TalentRecord; 2], AppError> {
    let mut pair: [TalentRecord; 2] = records.try_into().map_err(|_| AppError::NotFound(PROFILE))?;
    if let Some((id, into)) = pair.iter().find_map(|r| r.status.merged_into().map(|into| (&r.talent.id, into))) {
        return Err(AppError::conflict("merged", format!("档案 {id} 已并入 {into}；请改用那一份，或先撤销那次合并")));
    }
    if pair[0].talent.id != first {
        pair.reverse();
    }
    Ok(pair)
}

/// Gives each piece that a merge has gained, and that another profile still merged into the same
/// one has too, to that profile's merge.
fn hand_over(merge: &Merge, others: &mut [Merge], holders: &[TalentRecord]) -> BTreeSet<String> {
    let has = |talent: &str, id: &str| {
        let holder = holders.iter().find(|r| r.talent.id == talent);
        holder.is_some_and(|r| r.talent.evidence.iter().any(|e| e.id == id))
    };
    let mut handed = BTreeSet::new();
    for id in &merge.gained {
        if let Some(other) = others.iter_mut().find(|other| has(&other.dropped, id)) {
            other.gained.push(id.clone());
            handed.insert(id.clone());
        }
    }
    handed
}

/// Makes two profiles of one again.
fn part(records: &mut [TalentRecord], merge: &Merge, handed: &BTreeSet<String>, now: i64) -> Result<(), AppError> {
    if records.len() != 2 {
        return Err(AppError::NotFound(PROFILE));
    }
    let gone: BTreeSet<&String> = merge.gained.iter().filter(|id| !handed.contains(*id)).collect();
    for record in records {
        record.updated_at = now;
        if record.talent.id == merge.dropped {
            record.status = if merge.was_hidden { TalentStatus::Hidden } else { TalentStatus::Active };
        } else {
            if record.status.merged_into().is_some() {
                let message = "保留的档案后来又并入了另一份；请先撤销那一次合并";
                return Err(AppError::conflict("undo-later-first", message));
            }
            record.talent.evidence.retain(|e| !gone.contains(&e.id));
            record.hidden.retain(|id| !gone.contains(id));
        }
    }
    Ok(())
}
