//! What the index is made from, read from the store: all of it, or what some changes are about.

use std::collections::{BTreeMap, BTreeSet};

use zhihui_index::{EvidenceDoc, TalentDoc};

use crate::app::engine::{evidence_doc, evidence_docs, talent_doc};
use crate::domain::Talent;
use crate::store::{ChangeKind, Store, StoreError};

use super::needs::need_docs;

/// Records read from the store at once.
const PAGE: i64 = 1000;

/// Everything, as it was at one moment.
#[derive(Debug)]
pub struct Corpus {
    /// Those shown, without evidence.
    pub talents: Vec<Talent>,
    pub evidence: Vec<EvidenceDoc>,
    pub needs: Vec<(TalentDoc, EvidenceDoc)>,
    /// The last change that is in it.
    pub position: i64,
}

impl Corpus {
    /// # Errors
    /// [`StoreError`]
    pub async fn read(store: &Store) -> Result<Self, StoreError> {
        let mut snapshot = store.snapshot().await?;
        let position = snapshot.newest();
        let mut talents: Vec<Talent> = Vec::new();
        let mut after = String::new();
        loop {
            let page = snapshot.talents_after(&after, PAGE).await?;
            let Some(last) = page.last() else { break };
            after.clone_from(&last.talent.id);
            talents.extend(page.into_iter().filter_map(|record| record.shown()));
        }
        let mut needs = Vec::new();
        after.clear();
        loop {
            let page = snapshot.needs_after(&after, PAGE).await?;
            let Some(last) = page.last() else { break };
            after.clone_from(&last.need.id);
            needs.extend(page.iter().map(need_docs));
        }
        Ok(Self { evidence: evidence_docs(&talents), talents, needs, position })
    }

    /// Documents of the index of talents.
    pub fn documents(&self) -> usize {
        self.talents.len() + self.evidence.len()
    }
}

/// What some changes are about, as it is in the store now; `None` for what is to be deleted.
/// To apply it twice, or again after later changes, does no harm.
#[derive(Debug, Default)]
pub struct Batch {
    pub talents: BTreeMap<String, Option<TalentDoc>>,
    pub evidence: BTreeMap<String, Option<EvidenceDoc>>,
    pub needs: BTreeMap<String, Option<(TalentDoc, EvidenceDoc)>>,
    /// The last of the changes.
    pub position: i64,
}

impl Batch {
    /// Of up to `limit` changes after `position`; `None` if there are none.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn read(store: &Store, position: i64, limit: i64) -> Result<Option<Self>, StoreError> {
        let changes = store.changes_after(position, limit).await?;
        let Some(last) = changes.last() else { return Ok(None) };
        let ids = |kind| -> Vec<&str> {
            let ids: BTreeSet<&str> = changes.iter().filter(|c| c.kind == kind).map(|c| c.id.as_str()).collect();
            ids.into_iter().collect()
        };
        let mut batch = Self { position: last.number, ..Self::default() };

        let changed = ids(ChangeKind::Talent);
        batch.talents = changed.iter().map(|id| ((*id).to_owned(), None)).collect();
        for talent in store.talent_profiles(&changed).await?.into_iter().filter_map(|r| r.shown()) {
            batch.talents.insert(talent.id.clone(), Some(talent_doc(&talent)));
        }
        let changed = ids(ChangeKind::Evidence);
        batch.evidence = changed.iter().map(|id| ((*id).to_owned(), None)).collect();
        for piece in store.evidence(&changed).await?.into_iter().filter(|p| !p.talents.is_empty()) {
            batch.evidence.insert(piece.evidence.id.clone(), Some(evidence_doc(&piece.evidence, piece.talents)));
        }
        let changed = ids(ChangeKind::Need);
        batch.needs = changed.iter().map(|id| ((*id).to_owned(), None)).collect();
        for need in store.needs_for_index(&changed).await? {
            batch.needs.insert(need.need.id.clone(), Some(need_docs(&need)));
        }
        Ok(Some(batch))
    }
}
