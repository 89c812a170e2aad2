//! Use cases: they join files, the store, the index and the ranking.
//!
//! | module | what people do |
//! |---|---|
//! | [`session`], [`accounts`] | sign in, tokens; register, approve, manage accounts |
//! | [`standing`] | what an organisation declares, its records of research integrity |
//! | [`needs`], [`attachments`], [`assessment`] | write, submit and publish needs, and what is said of them |
//! | [`need_views`] | lists of needs and one need as people read them: where it stands, what is next |
//! | [`board`] | challenges, sealed bids, fair award |
//! | [`engine`], [`explain`] | match a need, say why |
//! | [`live`] | the index that serves, and the follower that keeps it up with the store |
//! | [`evaluate`], [`tune`], [`trec`] | measure and improve the ranking |
//! | [`talents`] | profiles with their evidence, claims, duplicates |
//! | [`imports`] | many talents, or one's evidence, from a file, with a preview |
//! | [`fitting`] | the match from the talent's side: needs that fit, and why not higher |
//! | [`files`], [`cache`], [`data`] | what comes in from files |
//! | [`search`] | the search box, suggestions, saved searches |
//! | [`notices`], [`mail`] | the inbox, and the digest by e-mail |
//! | [`jobs`] | what the service does by itself |
//! | [`dashboard`], [`announcements`], [`audit`], [`bulk`] | what operators look at, tell, look up and do to many at once |
//! | [`once`] | requests that must not be done twice |
//! | [`admin`], [`demo`] | from the machine itself: first administrator, backup, checks; the demo's data |
//!
//! A use case loads, lets the domain decide, and saves in one transaction. It never knows HTTP.

pub mod accounts;
pub mod actor;
pub mod admin;
pub mod announcements;
pub mod assessment;
pub mod attachments;
pub mod audit;
pub mod board;
pub mod bulk;
pub mod cache;
pub mod dashboard;
pub mod data;
pub mod demo;
pub mod engine;
pub mod error;
pub mod evaluate;
pub mod explain;
pub mod files;
pub mod fitting;
pub mod imports;
pub mod invitations;
pub mod jobs;
pub mod live;
pub mod mail;
pub mod need_views;
pub mod needs;
pub mod notices;
pub mod once;
pub mod passwords;
pub mod recommend;
pub mod search;
pub mod secrets;
pub mod session;
pub mod standing;
pub mod talents;
pub mod trec;
pub mod tune;

use std::sync::Arc;

use tokio::sync::Semaphore;

pub use actor::Actor;
pub use error::AppError;
pub use needs::Figures;

use crate::domain::Day;
use crate::domain::challenge::Rules;
use crate::store::{AuditEntry, Store, Write};
use live::Live;
use secrets::Hasher;

/// Where the time comes from: passed in, so that tests can set it.
#[derive(Clone)]
pub enum Clock {
    System,
    Given(Arc<dyn Fn() -> i64 + Send + Sync>),
}

impl std::fmt::Debug for Clock {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Clock")
    }
}

impl Clock {
    /// The system's clock.
    pub fn system() -> Self {
        Self::System
    }

    /// A clock that `now` tells the time of, in milliseconds since 1970 UTC.
    pub fn new(now: impl Fn() -> i64 + Send + Sync + 'static) -> Self {
        Self::Given(Arc::new(now))
    }

    /// Milliseconds since 1970 UTC.
    pub fn now(&self) -> i64 {
        match self {
            Self::System => jiff::Timestamp::now().as_millisecond(),
            Self::Given(now) => now(),
        }
    }
}

/// The service: every page and every request of the API is one call of a method of it.
#[derive(Debug)]
pub struct App {
    store: Store,
    clock: Clock,
    hasher: Hasher,
    live: Arc<Live>,
    /// None where the operator has not set up mail.
    mail: Option<mail::Mailer>,
    /// Files that are read at once: each may take some hundred megabytes.
    readers: Semaphore,
    /// Imports that are being written.
    jobs: imports::jobs::Jobs,
    figures: dashboard::Kept,
    passwords: passwords::Waiting,
    /// None: bids are not taken.
    seals: Option<board::seal::Seals>,
    rules: Rules,
    board: board::list::Board,
}

/// Files that are read at once.
const READERS: usize = 2;

impl App {
    pub fn new(store: Store, clock: Clock, hasher: Hasher, live: Arc<Live>) -> Self {
        let readers = Semaphore::new(READERS);
        let (jobs, figures, passwords, board) = Default::default();
        let rules = data::board_rules();
        Self { store, clock, hasher, live, mail: None, readers, jobs, figures, passwords, seals: None, rules, board }
    }

    /// The same with mail.
    #[must_use]
    pub fn with_mail(self, mailer: mail::Mailer) -> Self {
        Self { mail: Some(mailer), ..self }
    }

    pub fn store(&self) -> &Store {
        &self.store
    }

    /// The index that serves.
    pub fn live(&self) -> &Arc<Live> {
        &self.live
    }

    /// Milliseconds since 1970 UTC.
    pub fn now(&self) -> i64 {
        self.clock.now()
    }

    /// The day in China.
    ///
    /// # Errors
    /// [`AppError::Internal`] if the clock is out of any calendar.
    pub fn today(&self) -> Result<Day, AppError> {
        let day = |now: jiff::Timestamp| {
            let date = jiff::tz::offset(8).to_datetime(now).date();
            Day::new(date.year(), date.month(), date.day())
        };
        let today = jiff::Timestamp::from_millisecond(self.now()).ok().and_then(day);
        today.ok_or_else(|| AppError::Internal(format!("no day at {}", self.now())))
    }

    /// Something was committed that the index is made from: it need not wait to look.
    fn changed(&self) {
        self.live.wake();
    }

    /// A new id: ids made later sort later (UUID version 7, RFC 9562).
    pub fn new_id(&self) -> String {
        secrets::new_id(self.now())
    }

    /// Writes what was done into the audit log, in the same transaction.
    async fn audit(
        &self,
        write: &mut Write,
        actor: Option<&Actor>,
        action: &str,
        object: String,
        detail: serde_json::Value,
    ) -> Result<(), AppError> {
        let entry = entry(self.now(), actor, action, object, detail);
        Ok(write.audit_add(&entry).await?)
    }
}

/// What the audit log says of something that was done; `None` for the program itself.
fn entry(at: i64, actor: Option<&Actor>, action: &str, object: String, detail: serde_json::Value) -> AuditEntry {
    AuditEntry {
        at,
        actor: actor.map(|a| a.account.clone()),
        action: action.into(),
        object,
        detail: detail.to_string(),
    }
}
