//! Evidence from a file into the own profile.

use std::collections::{HashMap, HashSet};

use crate::app::App;
use crate::app::actor::Actor;
use crate::app::error::AppError;
use crate::app::files::{self, Author, Intake, Places};
use crate::domain::talent_check::MAX_EVIDENCE;
use crate::domain::{Action, Evidence, Fault};
use crate::store::{Held, ImportStatus, StoreError, TalentRecord};

use super::report::{Line, Refusal, Report};
use super::{Fingerprint, Imported, SentFile, aside, outdated, pack, refusals, unpack, unusable};

/// Kind of such an import.
pub const EVIDENCE: &str = "evidence";

/// Codes of what is refused by comparison with the store.
const PLANNED: [&str; 3] = ["shared-evidence", "evidence-differs", "too-many"];

impl App {
    /// Reads a file of evidence and says what adding it to the own profile would do.
    ///
    /// # Errors
    /// [`AppError::Invalid`] for a file that cannot be used at all, [`AppError::NotFound`] without a
    /// profile.
    pub async fn evidence_preview(&self, actor: &Actor, file: SentFile) -> Result<Imported, AppError> {
        actor.require(Action::TalentUpdate)?;
        let talent = self.talent_own(actor).await?;
        let _turn = self.readers.acquire().await.map_err(|e| AppError::Internal(e.to_string()))?;
        let (mut intake, places, packed) = aside(move || {
            let (intake, places) = files::located_evidence(file.upload()).map_err(unusable)?;
            let packed = pack(&places, &intake.rows)?;
            Ok((intake, places, packed))
        })
        .await?;
        let record = self.talent_get(actor, &talent).await?;
        let held = self.store.evidence_held(&ids(&intake)).await?;
        let refused = refusals(&mut intake.problems);
        let plan = Plan::of(&record, held, intake.rows, &places, refused);
        self.previewed(actor, EVIDENCE, &places.file, plan.report, plan.digest, packed).await
    }

    /// An own import of evidence: before it is confirmed, what doing it would do now, with titles.
    ///
    /// # Errors
    /// [`AppError::NotFound`] also for another person's.
    pub async fn evidence_import(&self, actor: &Actor, id: &str) -> Result<Imported, AppError> {
        actor.require(Action::TalentUpdate)?;
        let mut import = self.import_of(id, EVIDENCE, Some(&actor.account)).await?;
        let packed = match import.import.status {
            ImportStatus::Previewed => self.store.import_rows(id).await?,
            ImportStatus::Done => None,
        };
        let Some(packed) = packed else { return Ok(import) };
        let record = self.talent_get(actor, &self.talent_own(actor).await?).await?;
        let (places, rows) = aside(move || unpack::<Evidence>(&packed)).await?;
        let intake = Intake { rows, problems: Vec::new() };
        let held = self.store.evidence_held(&ids(&intake)).await?;
        // What the file's own rules refused is known from the first look only.
        let planned = |refused: &Refusal| places.rows.contains(&refused.row) && PLANNED.contains(&&*refused.code);
        let own = import.report.refused.into_iter().filter(|refused| !planned(refused)).collect();
        import.report = Plan::of(&record, held, intake.rows, &places, own).report;
        Ok(import)
    }

    /// Reads OpenAlex authors, for whoever begins a profile; nothing is kept.
    ///
    /// # Errors
    /// [`AppError::Invalid`] if the file is unusable, or has no author.
    pub async fn authors_read(&self, actor: &Actor, file: SentFile) -> Result<Vec<Author>, AppError> {
        actor.require(Action::TalentCreate)?;
        let _turn = self.readers.acquire().await.map_err(|e| AppError::Internal(e.to_string()))?;
        let intake = aside(move || files::read_authors(file.upload()).map_err(unusable)).await?;
        match intake.problems.into_iter().next() {
            Some(problem) if intake.rows.is_empty() => {
                Err(AppError::invalid("file", problem.code, problem.to_string()))
            }
            _ => Ok(intake.rows),
        }
    }

    /// Writes what was previewed, all of it or nothing. Confirmed again, it answers the same.
    ///
    /// # Errors
    /// [`AppError::NotFound`] also for another person's; [`AppError::Conflict`] if the evidence has
    /// changed since, or the preview is over a day old.
    pub async fn evidence_confirm(&self, actor: &Actor, id: &str) -> Result<Imported, AppError> {
        actor.require(Action::TalentUpdate)?;
        let by = Some(actor.account.as_str());
        let import = self.import_of(id, EVIDENCE, by).await?;
        if import.import.status == ImportStatus::Done {
            return Ok(import);
        }
        let talent = self.talent_own(actor).await?;
        let Some(packed) = self.store.import_rows(id).await? else {
            return self.done_meanwhile(id, EVIDENCE, by).await;
        };
        let (places, rows) = aside(move || unpack::<Evidence>(&packed)).await?;
        let intake = Intake { rows, problems: Vec::new() };
        let mut write = self.store.begin().await?;
        match write.import_done(id, self.now()).await {
            Err(StoreError::Stale) => {
                drop(write);
                return self.done_meanwhile(id, EVIDENCE, by).await;
            }
            done => done?,
        }
        let mut record = write.talent_locked(&talent).await?.ok_or_else(outdated)?;
        let held = write.evidence_held(&ids(&intake)).await?;
        let plan = Plan::of(&record, held, intake.rows, &places, Vec::new());
        if plan.digest[..] != import.import.digest[..] {
            return Err(outdated());
        }
        if !plan.changed.is_empty() {
            write.evidence_put(&plan.changed).await?;
        }
        let changed: HashMap<&str, &Evidence> = plan.changed.iter().map(|e| (e.id.as_str(), e)).collect();
        for piece in &mut record.talent.evidence {
            if let Some(new) = changed.get(piece.id.as_str()) {
                piece.clone_from(new);
            }
        }
        record.talent.evidence.extend(plan.new);
        record.updated_at = self.now();
        write.talent_put(&record).await?;
        let detail = serde_json::json!({ "import": id, "counts": import.report.counts });
        self.audit(&mut write, Some(actor), "talent.evidence_import", format!("talent:{talent}"), detail).await?;
        write.commit().await?;
        self.changed();
        self.import_of(id, EVIDENCE, by).await
    }
}

fn ids(intake: &Intake<Evidence>) -> Vec<&str> {
    intake.rows.iter().map(|e| e.id.as_str()).collect()
}

/// What will be done.
struct Plan {
    report: Report,
    new: Vec<Evidence>,
    changed: Vec<Evidence>,
    digest: [u8; 32],
}

impl Plan {
    fn of(record: &TalentRecord, held: Vec<Held>, rows: Vec<Evidence>, places: &Places, refused: Vec<Refusal>) -> Self {
        let held: HashMap<&str, &Held> = held.iter().map(|h| (h.evidence.id.as_str(), h)).collect();
        let own: HashSet<&str> = record.talent.evidence.iter().map(|e| e.id.as_str()).collect();
        let mut report = Report { refused, ..Report::default() };
        let (mut new, mut changed, mut fingerprint) = (Vec::new(), Vec::new(), Fingerprint::default());
        fingerprint.add(&record.talent.id);
        for (piece, &row) in rows.into_iter().zip(&places.rows) {
            let line = Line { row, id: piece.id.clone(), name: Some(piece.title.clone()), fields: Vec::new() };
            let (is_own, known) = (own.contains(piece.id.as_str()), held.get(piece.id.as_str()));
            let differs = known.is_some_and(|held| held.evidence != piece);
            let shared = known.is_some_and(|held| held.is_shared(&record.talent.id));
            // The codes are those of `PLANNED`.
            let fault = match (is_own, differs) {
                (true, true) if shared => {
                    let reason = "这项成果与合作者共有，内容不能单独修改；有误请联系平台运营方";
                    Some(Fault::new("shared-evidence", reason))
                }
                (false, true) => {
                    let reason = "库中已有同编号而内容不同的成果；同一项成果请按库中内容填写，不同的请换编号";
                    Some(Fault::new("evidence-differs", reason))
                }
                (false, false) if own.len() + new.len() >= MAX_EVIDENCE => {
                    let reason = format!("一份档案最多 {MAX_EVIDENCE} 项成果；请先删去一些");
                    Some(Fault::new("too-many", reason))
                }
                _ => None,
            };
            if let Some(fault) = fault {
                report.refused.push(Refusal::at(places, row, "id", fault));
            } else if !is_own {
                fingerprint.add(&piece.id);
                report.new.push(line);
                new.push(piece);
            } else if differs {
                let was = known.map(|held| &held.evidence);
                fingerprint.add(serde_json::to_vec(&was).unwrap_or_default());
                let fields = was.map(|was| changed_fields(was, &piece)).unwrap_or_default();
                report.changed.push(Line { fields, ..line });
                changed.push(piece);
            } else {
                report.unchanged.push(line);
            }
        }
        Self { report: report.counted(), new, changed, digest: fingerprint.end() }
    }
}

fn changed_fields(was: &Evidence, is: &Evidence) -> Vec<String> {
    let fields = [
        ("type", was.r#type != is.r#type),
        ("title", was.title != is.title),
        ("abstract", was.r#abstract != is.r#abstract),
        ("keywords", was.keywords != is.keywords),
        ("year", was.year != is.year),
    ];
    fields.into_iter().filter(|(_, differs)| *differs).map(|(field, _)| field.to_owned()).collect()
}
