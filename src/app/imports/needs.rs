//! Needs from a file on the machine itself: each becomes a draft of the enterprise that it names,
//! which submits it. A draft that is there gets another version; what was submitted stays.

use std::collections::HashMap;
use std::path::Path;

use crate::app::assessment;
use crate::app::error::AppError;
use crate::app::files::{self, Places};
use crate::domain::need_check::check;
use crate::domain::{Fault, Need, NeedStatus};
use crate::store::{NeedRecord, Organisation, Saving, Store};

use super::report::{Line, Refusal, Report};
use super::{Fingerprint, aside, done_at_once, refusals, unusable};

/// The enterprise of a need, and the account that its drafts are made for.
type Owner = (Organisation, String);

/// Imports a file of needs, or only says what it would do.
///
/// # Errors
/// [`AppError::Invalid`] for a file that cannot be used at all; a store that fails.
pub async fn import_needs(
    store: &Store,
    now: i64,
    path: &Path,
    check: bool,
    progress: impl FnMut(u64, u64) + Send + 'static,
) -> Result<Report, AppError> {
    let (owned, mut progress) = (path.to_owned(), progress);
    let read = aside(move || files::located_needs(&owned, &mut progress).map_err(unusable));
    let (mut intake, places) = read.await?;
    let mut report = Report { refused: refusals(&mut intake.problems), ..Report::default() };
    let mut owners: HashMap<String, Option<Owner>> = HashMap::new();
    let mut records = Vec::new();
    for (need, &row) in intake.rows.into_iter().zip(&places.rows) {
        let name = need.organization.clone().unwrap_or_default();
        if !owners.contains_key(&name) {
            owners.insert(name.clone(), store.enterprise_named(&name).await?);
        }
        let owner = owners.get(&name).and_then(Option::as_ref);
        let known = store.need(&need.id).await?;
        let line = Line { row, id: need.id.clone(), name: need.title.clone(), fields: Vec::new() };
        match drafted(need, owner, known, now) {
            Err(faults) => report.refused.extend(refused(faults, &places, row)),
            Ok(None) => report.unchanged.push(line),
            Ok(Some(record)) => {
                let list = if record.version == 0 { &mut report.new } else { &mut report.changed };
                list.push(line);
                records.push(record);
            }
        }
    }
    let report = report.counted();
    if check {
        return Ok(report);
    }
    let mut write = store.begin().await?;
    let mut fingerprint = Fingerprint::default();
    for record in &records {
        fingerprint.add(&record.need.id);
        match record.version {
            0 => write.need_add(&NeedRecord { version: 1, ..record.clone() }, Saving::PLAIN).await?,
            _ => drop(write.need_save(record, NeedStatus::Draft, &record.created_by, Saving::PLAIN).await?),
        }
    }
    done_at_once(&mut write, now, "needs", places.file, &report, fingerprint.end()).await?;
    write.commit().await?;
    Ok(report)
}

fn refused(faults: Vec<(String, Fault)>, places: &Places, row: usize) -> Vec<Refusal> {
    faults.into_iter().map(|(column, fault)| Refusal::at(places, row, &column, fault)).collect()
}

/// The draft that a row makes, of version 0 if it is new; nothing where the draft is as the row.
fn drafted(
    need: Need,
    owner: Option<&Owner>,
    known: Option<NeedRecord>,
    now: i64,
) -> Result<Option<NeedRecord>, Vec<(String, Fault)>> {
    let at = |column: &str, code, reason: &str| vec![(column.to_owned(), Fault::new(code, reason))];
    let Some((enterprise, account)) = owner else {
        let reason = "没有这个名称的已批准企业，或它没有可用的账号；请先让企业注册，并核对单位名称";
        return Err(at("organization", "unknown-organization", reason));
    };
    let need = Need { organization: Some(enterprise.name.clone()), ..need }.tidied();
    let rules = assessment::rules().map_err(|error| at("id", "internal", &error.to_string()))?;
    let problems = check(&need, |code| rules.taxonomy.field(code).is_some());
    if !problems.is_empty() {
        return Err(problems.into_iter().map(|p| (p.field, Fault::new(p.code, p.message))).collect());
    }
    match known {
        Some(known) if known.need == need => Ok(None),
        Some(known) if known.organisation != enterprise.id => {
            Err(at("id", "taken", "这个编号已是另一家企业的需求；请换一个编号"))
        }
        Some(known) if known.status != NeedStatus::Draft => {
            Err(at("id", "not-draft", "这条需求已提交，不能由导入改动；请由企业撤回后再改"))
        }
        Some(known) => Ok(Some(NeedRecord { need, updated_at: now, ..known })),
        None => Ok(Some(NeedRecord {
            need,
            organisation: enterprise.id.clone(),
            organisation_name: enterprise.name.clone(),
            organisation_region: enterprise.region.clone(),
            created_by: account.clone(),
            status: NeedStatus::Draft,
            reason: None,
            created_at: now,
            updated_at: now,
            submitted_at: None,
            published_at: None,
            version: 0,
        })),
    }
}
