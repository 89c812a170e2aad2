//! Who and what is shown, by name: held in memory beside the index of a generation and changed with
//! it. The search box suggests from it, and pages count by it without reading records.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::{Mutex, PoisonError, RwLock, RwLockReadGuard};

use rustc_hash::FxHashMap;
use zhihui_index::{Index, IndexError, TalentDoc};

use super::suggest::{Entry, SuggestionKind, Suggestions};
use crate::app::data;
use crate::domain::{NeedMode, NeedStatus, Talent, TalentKind, Taxonomy};
use crate::store::NeedForIndex;

/// What lists need of a talent that is shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedTalent {
    pub kind: TalentKind,
    pub name: String,
    pub organization: String,
}

/// What lists need of a published need.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ListedNeed {
    pub title: String,
    pub organization: String,
    pub status: NeedStatus,
    pub mode: Option<NeedMode>,
    pub field: Option<String>,
    pub region: Option<String>,
    pub deadline: Option<String>,
}

/// Names and titles, and what they are of.
#[derive(Debug, Default)]
pub struct Names {
    pub talents: FxHashMap<String, ListedTalent>,
    pub needs: FxHashMap<String, ListedNeed>,
    /// Organisation → ids of its talents, and of its published needs.
    pub organisations: BTreeMap<String, (BTreeSet<String>, BTreeSet<String>)>,
    pub suggestions: Suggestions,
}

/// [`Names`] that change while others read them.
#[derive(Debug, Default)]
pub struct Directory {
    names: RwLock<Names>,
    /// What the index was given and does not show yet.
    noted: Mutex<Vec<Shown>>,
}

/// A change of what is shown: `None` where it is not, or no longer.
#[derive(Debug)]
pub enum Shown {
    Talent(String, Option<ListedTalent>),
    Need(String, Option<ListedNeed>),
}

impl Shown {
    /// A talent as it is put into the index.
    pub fn talent(id: &str, doc: Option<&TalentDoc>) -> Self {
        let talent = doc.and_then(|doc| serde_json::from_str::<Talent>(&doc.stored).ok());
        let listed = |t: Talent| ListedTalent { kind: t.kind, name: t.name, organization: t.organization };
        Self::Talent(id.to_owned(), talent.map(listed))
    }

    /// A need as it is put into the index, where others than the public find it before it is published.
    pub fn need(id: &str, doc: Option<&TalentDoc>) -> Self {
        let record = doc.and_then(|doc| serde_json::from_str::<NeedForIndex>(&doc.stored).ok());
        Self::Need(id.to_owned(), record.and_then(listed))
    }
}

fn listed(record: NeedForIndex) -> Option<ListedNeed> {
    let status = NeedStatus::from_code(&record.status).filter(|status| status.is_public())?;
    let title = record.need.heading();
    let need = record.need;
    Some(ListedNeed {
        title,
        organization: need.organization.unwrap_or_default(),
        status,
        mode: need.mode,
        field: need.field,
        region: need.region,
        deadline: need.deadline,
    })
}

impl Directory {
    /// Reads all names from the two indexes.
    ///
    /// # Errors
    /// [`IndexError`] if a record cannot be read.
    pub fn read(talents: &Index, needs: &Index, taxonomy: &Taxonomy) -> Result<Self, IndexError> {
        let mut names = Names::default();
        let snapshot = talents.snapshot();
        for (talent, ordinal) in snapshot.talents().iter().zip(0..) {
            let doc = TalentDoc { stored: snapshot.stored_talent(ordinal)?, ..TalentDoc::default() };
            names.show(Shown::talent(&talent.id, Some(&doc)), &weight(talents));
        }
        let snapshot = needs.snapshot();
        for (need, ordinal) in snapshot.talents().iter().zip(0..) {
            let doc = TalentDoc { stored: snapshot.stored_talent(ordinal)?, ..TalentDoc::default() };
            names.show(Shown::need(&need.id, Some(&doc)), &weight(talents));
        }
        names.add_terms(talents)?;
        for field in taxonomy.fields() {
            names.suggestions.put(Entry {
                kind: SuggestionKind::Field,
                id: field.code.clone(),
                text: field.name.clone(),
                detail: field.tier.clone().unwrap_or_else(|| "学科".to_owned()),
                weight: 0,
            });
        }
        Ok(Self { names: RwLock::new(names), noted: Mutex::default() })
    }

    /// The names as they are now; whoever holds them keeps changes waiting.
    pub fn names(&self) -> RwLockReadGuard<'_, Names> {
        self.names.read().unwrap_or_else(PoisonError::into_inner)
    }

    /// Keeps a change until the index shows it.
    pub fn note(&self, change: Shown) {
        self.noted.lock().unwrap_or_else(PoisonError::into_inner).push(change);
    }

    /// Applies what was noted: the index has it now.
    pub fn show_noted(&self, talents: &Index) {
        let noted = std::mem::take(&mut *self.noted.lock().unwrap_or_else(PoisonError::into_inner));
        if !noted.is_empty() {
            let mut names = self.names.write().unwrap_or_else(PoisonError::into_inner);
            let weight = weight(talents);
            noted.into_iter().for_each(|change| names.show(change, &weight));
        }
    }
}

/// How much a talent shows: namesakes with more come first.
fn weight(talents: &Index) -> impl Fn(&str) -> u32 {
    let snapshot = talents.snapshot();
    move |id| snapshot.ordinal(id).map_or(0, |ordinal| snapshot.evidence_of(ordinal).len() as u32)
}

impl Names {
    fn show(&mut self, change: Shown, weight: &dyn Fn(&str) -> u32) {
        match change {
            Shown::Talent(id, listed) => {
                if let Some(old) = self.talents.remove(&id) {
                    self.organisation(&old.organization, |(talents, _)| {
                        talents.remove(&id);
                    });
                    if listed.is_none() {
                        self.suggestions.remove(SuggestionKind::Talent, &id);
                    }
                }
                if let Some(new) = listed {
                    self.organisation(&new.organization, |(talents, _)| {
                        talents.insert(id.clone());
                    });
                    self.suggestions.put(Entry {
                        kind: SuggestionKind::Talent,
                        id: id.clone(),
                        text: new.name.clone(),
                        detail: new.organization.clone(),
                        weight: weight(&id),
                    });
                    self.talents.insert(id, new);
                }
            }
            Shown::Need(id, listed) => {
                if let Some(old) = self.needs.remove(&id) {
                    self.organisation(&old.organization, |(_, needs)| {
                        needs.remove(&id);
                    });
                    if listed.is_none() {
                        self.suggestions.remove(SuggestionKind::Need, &id);
                    }
                }
                if let Some(new) = listed {
                    self.organisation(&new.organization, |(_, needs)| {
                        needs.insert(id.clone());
                    });
                    self.suggestions.put(Entry {
                        kind: SuggestionKind::Need,
                        id: id.clone(),
                        text: new.title.clone(),
                        detail: new.organization.clone(),
                        weight: 0,
                    });
                    self.needs.insert(id, new);
                }
            }
        }
    }

    fn organisation(&mut self, name: &str, change: impl FnOnce(&mut (BTreeSet<String>, BTreeSet<String>))) {
        if name.is_empty() {
            return;
        }
        let members = self.organisations.entry(name.to_owned()).or_default();
        change(members);
        let (talents, needs) = (members.0.len(), members.1.len());
        if talents + needs == 0 {
            self.organisations.remove(name);
            self.suggestions.remove(SuggestionKind::Organisation, name);
            return;
        }
        let detail = match (talents, needs) {
            (0, needs) => format!("{needs} 条需求"),
            (talents, 0) => format!("{talents} 位人才"),
            (talents, needs) => format!("{talents} 位人才，{needs} 条需求"),
        };
        self.suggestions.put(Entry {
            kind: SuggestionKind::Organisation,
            id: name.to_owned(),
            text: name.to_owned(),
            detail,
            weight: (talents + needs) as u32,
        });
    }

    /// The vocabulary: keywords of the evidence and the user dictionary, as far as evidence has them.
    fn add_terms(&mut self, talents: &Index) -> Result<(), IndexError> {
        let snapshot = talents.snapshot();
        let dictionary = talents.analyzer().dictionary();
        let user = data::DICTIONARY.user.lines().filter(|line| !line.starts_with('#'));
        let user = user.filter_map(|line| line.split_whitespace().next());
        let words: BTreeSet<&str> = dictionary.mined().chain(user).collect();
        for word in words {
            let frequency = snapshot.frequency(word)?;
            if frequency > 0 {
                self.suggestions.put(Entry {
                    kind: SuggestionKind::Term,
                    id: word.to_owned(),
                    text: word.to_owned(),
                    detail: String::new(),
                    weight: u32::try_from(frequency).unwrap_or(u32::MAX),
                });
            }
        }
        Ok(())
    }
}
