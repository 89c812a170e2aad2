//! Imports of talents in bulk, and of evidence into one's own profile: read, compare with the
//! store, show; and only then write, all in one transaction.
//!
//! | module | its secret |
//! |---|---|
//! | [`report`] | what is shown and kept |
//! | [`compare`] | what rows mean for the profiles that are there |
//! | `evidence` | the same for the own profile |
//! | `needs` | needs from a file on the machine itself |
//! | [`jobs`] | writing while somebody watches |
//!
//! What was found is kept with a digest of what would be done. To confirm, rows are compared anew:
//! where that gives another digest, somebody has changed what the preview was about.

pub mod compare;
mod evidence;
pub mod jobs;
mod needs;
pub mod report;

use std::collections::{HashMap, HashSet};
use std::path::Path;

use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};

use super::actor::Actor;
use super::error::AppError;
use super::files::{self, FileError, Intake, Places};
use super::{App, secrets};
use crate::domain::{Action, Talent};
use crate::store::{AuditEntry, Import, ImportStatus, Store, StoreError, Write};

use compare::{Plan, compare};
use jobs::Progress;
use report::{Refusal, Report};

pub use evidence::EVIDENCE;
pub use needs::import_needs;

const TALENTS: &str = "talents";
const IMPORT: &str = "导入记录";
/// Profiles written before whoever watches is told: a step of a progress bar.
const KEPT_AT_ONCE: usize = 500;
/// How long a preview can be confirmed.
const PREVIEW_MS: i64 = 24 * 3_600_000;

/// A file that was sent in.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SentFile {
    pub name: String,
    pub bytes: Vec<u8>,
}

impl SentFile {
    fn upload(&self) -> files::Upload<'_> {
        files::Upload { name: &self.name, bytes: &self.bytes }
    }
}

/// An import with its report.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Imported {
    pub import: Import,
    pub report: Report,
}

/// Rows as they are kept between preview and confirmation: the first line says where they stand.
#[derive(Debug, Serialize, Deserialize)]
struct Head {
    file: String,
    sheet: Option<String>,
    rows: Vec<usize>,
}

fn pack<T: Serialize>(places: &Places, rows: &[T]) -> Result<Vec<u8>, AppError> {
    let head = Head { file: places.file.clone(), sheet: places.sheet.clone(), rows: places.rows.clone() };
    let mut packed = Vec::new();
    let failed = |e: serde_json::Error| AppError::Internal(e.to_string());
    serde_json::to_writer(&mut packed, &head).map_err(failed)?;
    for row in rows {
        packed.push(b'\n');
        serde_json::to_writer(&mut packed, row).map_err(failed)?;
    }
    Ok(packed)
}

fn unpack<T: serde::de::DeserializeOwned>(packed: &[u8]) -> Result<(Places, Vec<T>), AppError> {
    let failed = |e: serde_json::Error| AppError::Internal(e.to_string());
    let mut lines = packed.split(|b| *b == b'\n');
    let head: Head = serde_json::from_slice(lines.next().unwrap_or_default()).map_err(failed)?;
    let rows = lines.map(serde_json::from_slice).collect::<Result<_, _>>().map_err(failed)?;
    Ok((Places { file: head.file, sheet: head.sheet, rows: head.rows }, rows))
}

/// The names in some of the rows; the others are not read.
fn names(packed: &[u8], wanted: &HashSet<usize>) -> Result<HashMap<usize, String>, AppError> {
    #[derive(Deserialize)]
    struct Named {
        name: String,
    }
    let failed = |e: serde_json::Error| AppError::Internal(e.to_string());
    let mut lines = packed.split(|b| *b == b'\n');
    let head: Head = serde_json::from_slice(lines.next().unwrap_or_default()).map_err(failed)?;
    let rows = head.rows.iter().zip(lines).filter(|(row, _)| wanted.contains(row));
    rows.map(|(row, line)| Ok((*row, serde_json::from_slice::<Named>(line).map_err(failed)?.name))).collect()
}

/// Reading and packing take a core for seconds: they stay off the threads that serve.
async fn aside<T: Send + 'static>(work: impl FnOnce() -> Result<T, AppError> + Send + 'static) -> Result<T, AppError> {
    tokio::task::spawn_blocking(work).await.map_err(|e| AppError::Internal(e.to_string()))?
}

/// A file that cannot be used at all.
fn unusable(error: FileError) -> AppError {
    AppError::invalid("file", error.code(), error.to_string())
}

fn outdated() -> AppError {
    AppError::conflict("preview-outdated", "预览之后档案有了变化：请重新上传，看过新的预览再确认")
}

impl App {
    /// Reads a file of talents and says what importing it would do. CSV takes its evidence from a
    /// second file.
    ///
    /// # Errors
    /// [`AppError::Invalid`] for a file that cannot be used at all.
    pub async fn import_preview(
        &self,
        actor: &Actor,
        file: SentFile,
        evidence: Option<SentFile>,
    ) -> Result<Imported, AppError> {
        actor.require(Action::TalentImport)?;
        let _turn = self.readers.acquire().await.map_err(|e| AppError::Internal(e.to_string()))?;
        let (intake, places, packed) = aside(move || {
            let evidence = evidence.as_ref().map(SentFile::upload);
            let read = files::located_uploaded_talents(file.upload(), evidence, &mut |_, _| {});
            let (intake, places) = read.map_err(unusable)?;
            let packed = pack(&places, &intake.rows)?;
            Ok((intake, places, packed))
        })
        .await?;
        let plan = compare(&self.store, intake, &places, self.now()).await?;
        self.previewed(actor, TALENTS, &places.file, plan.report, plan.digest, packed).await
    }

    /// Keeps a preview.
    async fn previewed(
        &self,
        actor: &Actor,
        kind: &str,
        file_name: &str,
        report: Report,
        digest: [u8; 32],
        rows: Vec<u8>,
    ) -> Result<Imported, AppError> {
        let import = Import {
            id: self.new_id(),
            kind: kind.into(),
            file_name: file_name.into(),
            status: ImportStatus::Previewed,
            by: Some(actor.account.clone()),
            created_at: self.now(),
            done_at: None,
            report: json(&report.nameless())?,
            digest: digest.to_vec(),
        };
        let mut write = self.store.begin().await?;
        write.imports_expire(self.now() - PREVIEW_MS).await?;
        if kind == EVIDENCE {
            // Anybody may register: one preview each is what the store keeps for them.
            write.imports_forget(&actor.account, kind).await?;
        }
        write.import_add(&import, Some(rows)).await?;
        let detail = serde_json::json!({ "kind": kind, "counts": report.counts });
        self.audit(&mut write, Some(actor), "import.preview", format!("import:{}", import.id), detail).await?;
        write.commit().await?;
        Ok(Imported { import, report })
    }

    /// Writes what was previewed, all of it or nothing. Confirmed again, it answers the same.
    ///
    /// # Errors
    /// [`AppError::NotFound`]; [`AppError::Conflict`] if the store has changed since in what the
    /// preview was about, or the preview is over a day old.
    pub async fn import_confirm(&self, actor: &Actor, id: &str) -> Result<Imported, AppError> {
        self.import_write(actor, id, &Progress::default()).await
    }

    async fn import_write(&self, actor: &Actor, id: &str, progress: &Progress) -> Result<Imported, AppError> {
        actor.require(Action::TalentImport)?;
        let import = self.import_of(id, TALENTS, None).await?;
        if import.import.status == ImportStatus::Done {
            return Ok(import);
        }
        let _turn = self.readers.acquire().await.map_err(|e| AppError::Internal(e.to_string()))?;
        let Some(packed) = self.store.import_rows(id).await? else {
            return self.done_meanwhile(id, TALENTS, None).await;
        };
        let (places, rows) = aside(move || unpack::<Talent>(&packed)).await?;
        let intake = Intake { rows, problems: Vec::new() };
        let plan = compare(&self.store, intake, &places, self.now()).await?;
        if plan.digest[..] != import.import.digest[..] {
            return self.done_meanwhile(id, TALENTS, None).await;
        }
        let mut write = self.store.begin().await?;
        match write.import_done(id, self.now()).await {
            Err(StoreError::Stale) => {
                drop(write);
                return self.done_meanwhile(id, TALENTS, None).await;
            }
            done => done?,
        }
        keep(&mut write, &plan, progress).await.map_err(|error| match error {
            StoreError::Stale | StoreError::Conflict(_) | StoreError::EvidenceDiffers { .. } => outdated(),
            other => other.into(),
        })?;
        let detail = serde_json::json!({ "counts": import.report.counts });
        self.audit(&mut write, Some(actor), "import.confirm", format!("import:{id}"), detail).await?;
        progress.commit();
        write.commit().await?;
        self.changed();
        self.import_of(id, TALENTS, None).await
    }

    /// The names of what stands in these rows of a preview, by row: they are kept until it is
    /// confirmed or too old, and `None` after that.
    ///
    /// # Errors
    /// [`AppError`]
    pub async fn import_names(
        &self,
        actor: &Actor,
        id: &str,
        rows: &[usize],
    ) -> Result<Option<HashMap<usize, String>>, AppError> {
        actor.require(Action::TalentImport)?;
        let Some(packed) = self.store.import_rows(id).await? else { return Ok(None) };
        let wanted: HashSet<usize> = rows.iter().copied().collect();
        aside(move || names(&packed, &wanted).map(Some)).await
    }

    /// What was confirmed at the same moment by another request is as good; all else is outdated.
    async fn done_meanwhile(&self, id: &str, kind: &str, by: Option<&str>) -> Result<Imported, AppError> {
        let found = self.import_of(id, kind, by).await?;
        if found.import.status == ImportStatus::Done { Ok(found) } else { Err(outdated()) }
    }

    /// An import with its report.
    ///
    /// # Errors
    /// [`AppError::NotFound`]
    pub async fn import_get(&self, actor: &Actor, id: &str) -> Result<Imported, AppError> {
        actor.require(Action::TalentImport)?;
        self.import_of(id, TALENTS, None).await
    }

    async fn import_of(&self, id: &str, kind: &str, by: Option<&str>) -> Result<Imported, AppError> {
        let import = self.store.import(id).await?.filter(|i| i.kind == kind);
        let import = import.filter(|i| by.is_none() || i.by.as_deref() == by).ok_or(AppError::NotFound(IMPORT))?;
        let report = serde_json::from_str(&import.report).map_err(|e| AppError::Internal(e.to_string()))?;
        Ok(Imported { import, report })
    }

    /// Imports of talents before an id (`""` to begin), newest first.
    ///
    /// # Errors
    /// [`AppError::Forbidden`]
    pub async fn imports(&self, actor: &Actor, before: &str, limit: i64) -> Result<Vec<Import>, AppError> {
        actor.require(Action::TalentImport)?;
        Ok(self.store.imports(before, limit).await?)
    }

    /// The report as a workbook.
    ///
    /// # Errors
    /// [`AppError::NotFound`]
    pub async fn import_workbook(&self, actor: &Actor, id: &str) -> Result<Vec<u8>, AppError> {
        let report = self.import_get(actor, id).await?.report;
        aside(move || report.workbook().map_err(|e| AppError::Internal(e.to_string()))).await
    }

    /// The workbook to fill in.
    ///
    /// # Errors
    /// [`AppError::Forbidden`]
    pub async fn import_template(&self, actor: &Actor) -> Result<Vec<u8>, AppError> {
        actor.require(Action::TalentImport)?;
        aside(|| files::talent_template().map_err(|e| AppError::Internal(e.to_string()))).await
    }
}

/// Imports a file of talents from the machine itself, or only says what it would do. Whatever
/// follows the store's changes sees it as if the service had done it.
///
/// # Errors
/// [`AppError::Invalid`] for a file that cannot be used at all; a store that fails.
pub async fn import_file(
    store: &Store,
    now: i64,
    path: &Path,
    check: bool,
    progress: impl FnMut(u64, u64) + Send + 'static,
) -> Result<Report, AppError> {
    let (owned, mut progress) = (path.to_owned(), progress);
    let read = aside(move || files::located_talents(&owned, &mut progress).map_err(unusable));
    let (intake, places) = read.await?;
    let plan = compare(store, intake, &places, now).await?;
    if check {
        return Ok(plan.report);
    }
    let mut write = store.begin().await?;
    keep(&mut write, &plan, &Progress::default()).await?;
    done_at_once(&mut write, now, TALENTS, places.file, &plan.report, plan.digest).await?;
    write.commit().await?;
    Ok(plan.report)
}

/// Notes an import that had no preview.
async fn done_at_once(
    write: &mut Write,
    now: i64,
    kind: &str,
    file_name: String,
    report: &Report,
    digest: [u8; 32],
) -> Result<(), AppError> {
    let id = secrets::new_id(now);
    let (action, object) = ("import.confirm".into(), format!("import:{id}"));
    let detail = serde_json::json!({ "kind": kind, "counts": report.counts }).to_string();
    let import = Import {
        id,
        kind: kind.into(),
        file_name,
        status: ImportStatus::Done,
        by: None,
        created_at: now,
        done_at: Some(now),
        report: json(&report.nameless())?,
        digest: digest.to_vec(),
    };
    write.import_add(&import, None).await?;
    Ok(write.audit_add(&AuditEntry { at: now, actor: None, action, object, detail }).await?)
}

async fn keep(write: &mut Write, plan: &Plan, progress: &Progress) -> Result<(), StoreError> {
    progress.begin(plan.records.len());
    if !plan.pieces.is_empty() {
        write.evidence_put(&plan.pieces).await?;
    }
    for records in plan.records.chunks(KEPT_AT_ONCE) {
        write.talents_put(records).await?;
        progress.add(records.len());
    }
    Ok(())
}

fn json(report: &Report) -> Result<String, AppError> {
    serde_json::to_string(report).map_err(|e| AppError::Internal(e.to_string()))
}

/// A hash over parts, each after its length.
#[derive(Debug, Default)]
struct Fingerprint(Sha256);

impl Fingerprint {
    fn add(&mut self, part: impl AsRef<[u8]>) {
        let part = part.as_ref();
        self.0.update((part.len() as u64).to_le_bytes());
        self.0.update(part);
    }

    fn end(self) -> [u8; 32] {
        self.0.finalize().into()
    }
}

/// What the file's own rules refused.
fn refusals(intake: &mut Vec<files::Problem>) -> Vec<Refusal> {
    std::mem::take(intake).into_iter().map(Refusal::from).collect()
}
