//! Imports that are being written while their operator watches. A job lives in the memory of its
//! node; what it writes is one transaction. So a process that dies leaves the preview as it was, to
//! be confirmed again, and two that confirm it at once write it once.

use std::collections::HashMap;
use std::sync::atomic::{AtomicBool, AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use super::TALENTS;
use crate::app::App;
use crate::app::actor::Actor;
use crate::app::error::AppError;
use crate::domain::Action;
use crate::store::ImportStatus;

/// Failures that are remembered.
const FAILED_MAX: usize = 100;

/// How far a job has come; shared with whoever writes.
#[derive(Debug, Default)]
pub struct Progress {
    /// Profiles written, and in all; 0 of 0 while rows are still compared.
    done: AtomicUsize,
    total: AtomicUsize,
    committing: AtomicBool,
}

impl Progress {
    pub(super) fn begin(&self, total: usize) {
        self.total.store(total, Ordering::Relaxed);
    }

    pub(super) fn add(&self, done: usize) {
        self.done.fetch_add(done, Ordering::Relaxed);
    }

    pub(super) fn commit(&self) {
        self.committing.store(true, Ordering::Relaxed);
    }

    /// Written, and in all.
    pub fn of(&self) -> (usize, usize) {
        (self.done.load(Ordering::Relaxed), self.total.load(Ordering::Relaxed))
    }

    /// What is being done, in words.
    pub fn stage(&self) -> &'static str {
        match self.of() {
            _ if self.committing.load(Ordering::Relaxed) => "正在提交",
            (0, 0) => "正在与库中档案核对",
            _ => "正在写入",
        }
    }
}

/// What is known of an import that was confirmed and is not done.
#[derive(Debug, Clone)]
pub enum Job {
    Running(Arc<Progress>),
    /// Why nothing was written.
    Failed(String),
}

/// The jobs of this node, by the id of their import.
#[derive(Debug, Default)]
pub(in crate::app) struct Jobs(Mutex<HashMap<String, Job>>);

impl Jobs {
    fn jobs(&self) -> std::sync::MutexGuard<'_, HashMap<String, Job>> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// A new job, unless one is running.
    fn start(&self, id: &str) -> Option<Arc<Progress>> {
        let mut jobs = self.jobs();
        if let Some(Job::Running(_)) = jobs.get(id) {
            return None;
        }
        if jobs.len() > FAILED_MAX {
            jobs.retain(|_, job| matches!(job, Job::Running(_)));
        }
        let progress = Arc::<Progress>::default();
        jobs.insert(id.to_owned(), Job::Running(Arc::clone(&progress)));
        Some(progress)
    }

    fn end(&self, id: &str, failed: Option<String>) {
        match failed {
            Some(reason) => self.jobs().insert(id.to_owned(), Job::Failed(reason)),
            None => self.jobs().remove(id),
        };
    }
}

impl App {
    /// Begins to write what was previewed, and does not wait for it. Begun again, it goes on as it
    /// is; what is done stays done.
    ///
    /// # Errors
    /// [`AppError::NotFound`]
    pub async fn import_start(self: &Arc<Self>, actor: &Actor, id: &str) -> Result<(), AppError> {
        actor.require(Action::TalentImport)?;
        let import = self.import_of(id, TALENTS, None).await?;
        if import.import.status == ImportStatus::Done {
            return Ok(());
        }
        let Some(progress) = self.jobs.start(id) else { return Ok(()) };
        let (app, actor, id) = (Arc::clone(self), actor.clone(), id.to_owned());
        tokio::spawn(async move {
            // In a task of its own, so that a panic ends the job as well.
            let (writer, by, import) = (Arc::clone(&app), actor, id.clone());
            let write = tokio::spawn(async move { writer.import_write(&by, &import, &progress).await.map(drop) });
            let failed = match write.await {
                Ok(Ok(())) => None,
                Ok(Err(error)) => {
                    tracing::warn!(import = %id, %error, "an import was not written");
                    Some(error.to_string())
                }
                Err(error) => {
                    tracing::error!(import = %id, %error, "an import broke off");
                    Some("服务器内部错误".to_owned())
                }
            };
            app.jobs.end(&id, failed);
        });
        Ok(())
    }

    /// What is known of an import that was begun on this node and is not done.
    ///
    /// # Errors
    /// [`AppError::Forbidden`]
    pub fn import_job(&self, actor: &Actor, id: &str) -> Result<Option<Job>, AppError> {
        actor.require(Action::TalentImport)?;
        Ok(self.jobs.jobs().get(id).cloned())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_import_runs_once_at_a_time_and_may_be_tried_again_after_a_failure() {
        let jobs = Jobs::default();
        let progress = jobs.start("a").unwrap();
        assert!(jobs.start("a").is_none() && jobs.start("b").is_some());
        assert_eq!((progress.of(), progress.stage()), ((0, 0), "正在与库中档案核对"));
        progress.begin(3);
        progress.add(2);
        assert_eq!((progress.of(), progress.stage()), ((2, 3), "正在写入"));
        progress.commit();
        assert_eq!(progress.stage(), "正在提交");
        jobs.end("a", Some("为什么".into()));
        assert!(matches!(jobs.jobs().get("a"), Some(Job::Failed(reason)) if reason == "为什么"));
        assert!(jobs.start("a").is_some());
        jobs.end("a", None);
        assert!(jobs.jobs().get("a").is_none());
    }
}
