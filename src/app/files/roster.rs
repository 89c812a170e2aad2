//! The rules that hold between rows: an id stands once, evidence has one content in the whole
//! file and belongs to a talent that is there.

use std::collections::{HashMap, HashSet};
use std::hash::{DefaultHasher, Hash, Hasher};

use crate::domain::{Evidence, Need, Talent};

use super::columns;
use super::form::Form;
use super::limits::PIECE;
use super::rules;
use super::values::{Fault, shown};

/// The talents of one import.
#[derive(Debug, Default)]
pub(super) struct Roster {
    pub talents: Vec<Talent>,
    /// The row of each of them.
    pub rows: Vec<usize>,
    /// Short texts that are held, and evidence as [`PIECE`] of them.
    parts: usize,
    ids: HashMap<String, Holder>,
    evidence: HashMap<String, Seen>,
    /// Rows of talents and serial numbers of evidence that were joined already.
    joined: HashSet<(usize, usize)>,
}

/// The row that holds a talent's id.
#[derive(Debug, Clone, Copy)]
struct Holder {
    row: usize,
    /// Where the talent stands in [`Roster::talents`], unless its row was refused.
    index: Option<usize>,
}

/// Where an evidence id stood first, and what it held.
#[derive(Debug)]
struct Seen {
    serial: usize,
    place: String,
    /// Content, hashed: only contents of the same id are compared.
    content: u64,
}

impl Roster {
    /// Takes a talent and the evidence inside it. Bad evidence is reported and left out, and the
    /// talent stays; the evidence of a refused talent is checked all the same. Gives how many parts
    /// are held now.
    pub(super) fn talent(&mut self, mut form: Form<'_>) -> usize {
        let row = form.place.row;
        let items = form.array("evidence");
        let id = form.id("id", true);
        if let Some(before) = id.as_ref().and_then(|id| self.ids.get(id)) {
            form.refuse("id", repeated(id.as_deref().unwrap_or_default(), before.row));
        }
        let talent = rules::talent(id.clone(), &mut form);
        let index = talent.map(|talent| {
            self.parts += talent.keywords.len() + talent.fields.len() + talent.members.len();
            self.talents.push(talent);
            self.rows.push(row);
            self.talents.len() - 1
        });
        if let Some(id) = id {
            self.ids.entry(id).or_insert(Holder { row, index });
        }
        for (at, item) in items.into_iter().enumerate() {
            let Some(mut child) = form.child("evidence", at, &columns::EVIDENCE_OBJECT, item) else { continue };
            if let Some(evidence) = rules::evidence(&mut child) {
                self.join(&mut child, Holder { row, index }, evidence);
            }
        }
        self.parts
    }

    /// Takes a row of the evidence table. Gives how many parts are held now.
    pub(super) fn evidence(&mut self, mut form: Form<'_>) -> usize {
        let holder = form.id("talent_id", true).and_then(|talent| {
            let holder = self.ids.get(&talent).copied();
            match holder {
                Some(Holder { index: Some(_), .. }) => {}
                Some(Holder { row, index: None }) => {
                    let reason = format!("人才“{}”所在的第 {row} 行未通过检查；请先改正那一行", shown(&talent));
                    form.refuse("talent_id", Fault::new("refused-talent", reason));
                }
                None => {
                    let reason = format!("没有编号为“{}”的人才；请核对编号，或在人才表中补上", shown(&talent));
                    form.refuse("talent_id", Fault::new("unknown-talent", reason));
                }
            }
            holder
        });
        if let (Some(evidence), Some(holder)) = (rules::evidence(&mut form), holder) {
            self.join(&mut form, holder, evidence);
        }
        self.parts
    }

    /// Gives a talent its evidence, unless the id has another content elsewhere or the talent has
    /// it already.
    fn join(&mut self, form: &mut Form<'_>, holder: Holder, evidence: Evidence) {
        // Also of a talent that was refused: the id is kept.
        self.parts += PIECE;
        let content = content(&evidence);
        let serial = self.evidence.len();
        let seen = self.evidence.entry(evidence.id.clone()).or_insert_with(|| {
            let path = form.path().map(|path| format!("的 {path}")).unwrap_or_default();
            Seen { serial, place: format!("第 {} 行{path}", form.place.row), content }
        });
        if seen.content != content {
            let reason = format!(
                "成果“{}”与{}的内容不同；同一编号的成果内容必须一致，请改成一致或换一个编号",
                shown(&evidence.id),
                seen.place
            );
            form.refuse("id", Fault::new("evidence-conflict", reason));
        } else if !self.joined.insert((holder.row, seen.serial)) {
            let reason = format!("成果“{}”在该人才名下重复；请删除多余的一条", shown(&evidence.id));
            form.refuse("id", Fault::new("duplicate-evidence", reason));
        } else if let Some(index) = holder.index {
            self.parts += evidence.keywords.len();
            self.talents[index].evidence.push(evidence);
        }
    }
}

/// The evidence of one researcher.
#[derive(Debug, Default)]
pub(super) struct Pieces {
    pub evidence: Vec<Evidence>,
    /// The row of each of them.
    pub rows: Vec<usize>,
    /// Short texts that are held, and evidence as [`PIECE`] of them.
    parts: usize,
    ids: HashMap<String, usize>,
}

impl Pieces {
    /// Takes a piece, unless its id is taken. Gives how many parts are held now.
    pub(super) fn piece(&mut self, mut form: Form<'_>) -> usize {
        let row = form.place.row;
        let Some(evidence) = rules::evidence(&mut form) else { return self.parts };
        match self.ids.get(&evidence.id) {
            Some(before) => form.refuse("id", repeated(&evidence.id, *before)),
            None => {
                self.ids.insert(evidence.id.clone(), row);
                self.parts += PIECE + evidence.keywords.len();
                self.evidence.push(evidence);
                self.rows.push(row);
            }
        }
        self.parts
    }
}

/// The needs of one import.
#[derive(Debug, Default)]
pub(super) struct Needs {
    pub needs: Vec<Need>,
    /// The row of each of them.
    pub rows: Vec<usize>,
    /// Targets that are held.
    parts: usize,
    ids: HashMap<String, usize>,
}

impl Needs {
    /// Takes a need. Gives how many targets are held now.
    pub(super) fn need(&mut self, mut form: Form<'_>) -> usize {
        let row = form.place.row;
        let id = form.id("id", true);
        if let Some(id) = &id {
            match self.ids.get(id) {
                Some(before) => form.refuse("id", repeated(id, *before)),
                None => drop(self.ids.insert(id.clone(), row)),
            }
        }
        let need = rules::need(id, &mut form);
        self.parts += need.as_ref().map_or(0, |need| need.targets.len());
        self.rows.extend(need.as_ref().map(|_| row));
        self.needs.extend(need);
        self.parts
    }
}

fn repeated(id: &str, before: usize) -> Fault {
    Fault::new("duplicate-id", format!("编号“{}”已在第 {before} 行出现；请删除重复的行或换一个编号", shown(id)))
}

/// A fingerprint of what a piece of evidence holds besides its id.
fn content(evidence: &Evidence) -> u64 {
    let Evidence { id: _, r#type, title, r#abstract, keywords, year } = evidence;
    let mut hasher = DefaultHasher::new();
    (r#type, title, r#abstract, keywords, year).hash(&mut hasher);
    hasher.finish()
}
