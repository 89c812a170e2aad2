//! What operators and administrators work with.
//!
//! | module | what they do there |
//! |---|---|
//! | `dashboard` | see what waits and how the platform does |
//! | `needs` | publish or give back what was submitted, many at once |
//! | `talents`, `talent` | look through profiles, show and hide them, change one |
//! | `curation` | decide claims, merge duplicates and undo it |
//! | `imports` | bring many talents in, with a preview and a progress bar |
//! | `accounts`, `account` | approve who registered; make, disable and change accounts and organisations |
//! | `standing` | check what an organisation declares, keep records of research integrity |
//! | `announcements` | tell everybody, or one role |
//! | `index`, `audit` | see whether the machine keeps up, and who did what |

mod account;
mod accounts;
mod announcements;
mod audit;
mod chart;
mod curation;
mod dashboard;
mod imports;
mod index;
mod needs;
mod standing;
mod talent;
mod talents;

use axum::Router;
use serde::Serialize;

use super::frame::Frame;
use super::{forms, page, shown};
use crate::app::AppError;
use crate::domain::{Action, TalentStatus};
use crate::web::Shared;

/// Entries of one page of a list.
const PAGE: i64 = 50;
/// Characters of a search.
const MAX_SEARCH: usize = 100;

/// The places of the area, each with the action that it is for.
const PLACES: &[(&str, &str, Action)] = &[
    ("/operations", "工作台", Action::Operate),
    ("/operations/needs", "需求", Action::NeedDecide),
    ("/operations/challenges", "榜单", Action::ChallengeDecide),
    ("/operations/talents", "人才", Action::TalentCurate),
    ("/operations/claims", "认领", Action::TalentCurate),
    ("/operations/duplicates", "查重", Action::TalentCurate),
    ("/operations/imports", "导入", Action::TalentImport),
    ("/operations/accounts", "账号", Action::AccountRead),
    ("/operations/announcements", "公告", Action::Announce),
    ("/operations/index", "索引", Action::Operate),
    ("/operations/audit", "审计", Action::AuditRead),
];

pub fn router() -> Router<Shared> {
    Router::new()
        .merge(dashboard::router())
        .merge(needs::router())
        .merge(talents::router())
        .merge(talent::router())
        .merge(curation::router())
        .merge(imports::router())
        .merge(accounts::router())
        .merge(account::router())
        .merge(standing::router())
        .merge(announcements::router())
        .merge(index::router())
        .merge(audit::router())
}

/// The places that somebody may go to: path, label, and whether it is where they are.
pub(super) fn places(frame: &Frame) -> Vec<(&'static str, &'static str, bool)> {
    let is_here = |path: &str| match frame.path.strip_prefix(path) {
        Some("") => true,
        Some(rest) => rest.starts_with('/') && path != "/operations",
        None => false,
    };
    let granted = PLACES.iter().filter(|(_, _, action)| frame.may(*action));
    granted.map(|(path, label, _)| (*path, *label, is_here(path))).collect()
}

/// The address of a list with its filters.
fn link(path: &str, query: &impl Serialize) -> String {
    match serde_html_form::to_string(query) {
        Ok(query) if !query.is_empty() => format!("{path}?{query}"),
        _ => path.to_owned(),
    }
}

/// The class of a profile's status: `hidden` would hide its name.
fn talent_state(status: &TalentStatus) -> &'static str {
    match status {
        TalentStatus::Hidden => "over",
        other => other.code(),
    }
}

/// What somebody searches for.
fn searched(text: &str) -> String {
    text.trim().chars().take(MAX_SEARCH).collect()
}

/// One page of a list of which one entry more was asked for; whether there are more.
fn one_page<T>(mut found: Vec<T>) -> (Vec<T>, bool) {
    let more = found.len() as i64 > PAGE;
    found.truncate(PAGE as usize);
    (found, more)
}

/// The error with the fields named as the form has them.
fn unprefixed(error: AppError, prefix: &str) -> AppError {
    let AppError::Invalid(mut problems) = error else { return error };
    for problem in &mut problems {
        if let Some(field) = problem.field.strip_prefix(prefix) {
            problem.field = field.to_owned();
        }
    }
    AppError::Invalid(problems)
}
