//! What rows of talents mean for the profiles that are there.
//!
//! The id tells which profile a row is. An import adds and changes; it takes nothing away: what a
//! row leaves blank stays, and so does evidence that it does not name. It touches no profile that
//! belongs to its person, and no piece of evidence that such a profile has.

use std::collections::{BTreeMap, HashMap};

use crate::app::error::AppError;
use crate::app::files::{Intake, Places};
use crate::domain::{Evidence, Fault, Talent};
use crate::store::{Held, Store, TalentRecord};

use super::report::{Line, Refusal, Report};
use super::{Fingerprint, refusals};

/// What will be done.
#[derive(Debug)]
pub struct Plan {
    pub report: Report,
    /// New profiles and changed ones.
    pub(super) records: Vec<TalentRecord>,
    /// Evidence that gets another content, for all who have it.
    pub(super) pieces: Vec<Evidence>,
    pub(super) digest: [u8; 32],
}

/// Compares rows with the store.
///
/// # Errors
/// A store that fails.
pub async fn compare(store: &Store, mut intake: Intake<Talent>, places: &Places, now: i64) -> Result<Plan, AppError> {
    let ids: Vec<&str> = intake.rows.iter().map(|t| t.id.as_str()).collect();
    let known = store.talents(&ids).await?;
    let known: HashMap<String, TalentRecord> = known.into_iter().map(|r| (r.talent.id.clone(), r)).collect();
    let mut pieces: Vec<&str> = intake.rows.iter().flat_map(|t| &t.evidence).map(|e| e.id.as_str()).collect();
    pieces.sort_unstable();
    pieces.dedup();
    let held = store.evidence_held(&pieces).await?;
    let held: HashMap<String, Held> = held.into_iter().map(|h| (h.evidence.id.clone(), h)).collect();
    let mut comparison = Comparison { held, now, ..Comparison::default() };
    comparison.report.refused = refusals(&mut intake.problems);
    for (talent, &row) in intake.rows.into_iter().zip(&places.rows) {
        let record = known.get(&talent.id);
        comparison.row(talent, record, places, row);
    }
    Ok(comparison.plan())
}

#[derive(Debug, Default)]
struct Comparison {
    held: HashMap<String, Held>,
    now: i64,
    report: Report,
    records: Vec<TalentRecord>,
    pieces: BTreeMap<String, Evidence>,
    fingerprint: Fingerprint,
}

impl Comparison {
    fn row(&mut self, mut talent: Talent, known: Option<&TalentRecord>, places: &Places, row: usize) {
        if let Some(fault) = known.and_then(untouchable) {
            return self.report.refused.push(Refusal::at(places, row, "id", fault));
        }
        talent.evidence.retain(|piece| self.takes(piece, places, row));
        let line = Line { row, id: talent.id.clone(), name: Some(talent.name.clone()), fields: Vec::new() };
        let Some(known) = known else {
            self.note(&talent.id, 0, &[]);
            self.report.new.push(line);
            return self.records.push(TalentRecord::new(talent, self.now));
        };
        let (changed, fields) = changed(known, talent);
        if fields.is_empty() {
            return self.report.unchanged.push(line);
        }
        self.note(&known.talent.id, known.version, &fields);
        let fields = fields.into_iter().map(str::to_owned).collect();
        self.report.changed.push(Line { fields, ..line });
        self.records.push(TalentRecord { talent: changed, updated_at: self.now, ..known.clone() });
    }

    /// Whether a piece can be taken as the row has it.
    fn takes(&mut self, piece: &Evidence, places: &Places, row: usize) -> bool {
        let Some(held) = self.held.get(&piece.id).filter(|held| held.evidence != *piece) else { return true };
        if !held.claimed.is_empty() {
            let reason = format!("成果“{}”与库中的内容不同，而它属于已由本人认领的档案；请按库中内容填写", piece.id);
            let fault = Fault::new("evidence-differs", reason);
            self.report.refused.push(Refusal::at(places, row, "evidence", fault));
            return false;
        }
        if self.pieces.insert(piece.id.clone(), piece.clone()).is_none() {
            let was = serde_json::to_vec(&held.evidence).unwrap_or_default();
            self.fingerprint.add(was);
        }
        true
    }

    fn note(&mut self, id: &str, version: i64, fields: &[&str]) {
        self.fingerprint.add(id);
        self.fingerprint.add(version.to_le_bytes());
        self.fingerprint.add(fields.join(" "));
    }

    fn plan(mut self) -> Plan {
        // A profile may hold a piece that another row changes.
        for piece in self.records.iter_mut().flat_map(|r| &mut r.talent.evidence) {
            if let Some(new) = self.pieces.get(&piece.id) {
                piece.clone_from(new);
            }
        }
        let pieces = self.pieces.into_values().collect();
        Plan { report: self.report.counted(), records: self.records, pieces, digest: self.fingerprint.end() }
    }
}

/// Why an import leaves a profile alone.
fn untouchable(record: &TalentRecord) -> Option<Fault> {
    if let Some(into) = record.status.merged_into() {
        return Some(Fault::new("merged", format!("这份档案已并入“{into}”；请改用那个编号，或删去这一行")));
    }
    let reason = "这份档案已由本人认领，由本人维护；请删去这一行";
    record.account.is_some().then(|| Fault::new("claimed", reason))
}

/// The profile with what the row says, and the names of the fields that it changes.
fn changed(known: &TalentRecord, row: Talent) -> (Talent, Vec<&'static str>) {
    let mut talent = known.talent.clone();
    let mut fields = Vec::new();
    let mut note = |field, is: bool| {
        if is {
            fields.push(field);
        }
    };
    note("kind", replace(&mut talent.kind, row.kind, false));
    note("name", replace(&mut talent.name, row.name, false));
    let blank = row.organization.is_empty();
    note("organization", replace(&mut talent.organization, row.organization, blank));
    for (field, to, from) in [
        ("region", &mut talent.region, row.region),
        ("title", &mut talent.title, row.title),
        ("bio", &mut talent.bio, row.bio),
    ] {
        let blank = from.is_none();
        note(field, replace(to, from, blank));
    }
    for (field, to, from) in [
        ("keywords", &mut talent.keywords, row.keywords),
        ("fields", &mut talent.fields, row.fields),
        ("members", &mut talent.members, row.members),
    ] {
        let blank = from.is_empty();
        note(field, replace(to, from, blank));
    }
    note("evidence", add(&mut talent.evidence, row.evidence));
    (talent, fields)
}

/// Sets a value that is not blank; whether that changes it.
fn replace<T: PartialEq>(to: &mut T, from: T, blank: bool) -> bool {
    let differs = !blank && *to != from;
    if differs {
        *to = from;
    }
    differs
}

/// Adds pieces and changes those that are there; whether there were any.
fn add(to: &mut Vec<Evidence>, from: Vec<Evidence>) -> bool {
    let places: HashMap<String, usize> = to.iter().map(|e| e.id.clone()).zip(0..).collect();
    let mut differs = false;
    for piece in from {
        match places.get(&piece.id) {
            Some(&at) => differs |= replace(&mut to[at], piece, false),
            None => {
                to.push(piece);
                differs = true;
            }
        }
    }
    differs
}
