//! Temporary passwords that an administrator is shown once. They wait in memory, for some minutes,
//! between the form that asked for one and the page that shows it: so a reload makes no other one.

use std::collections::HashMap;
use std::sync::{Mutex, PoisonError};

use super::accounts::{NewAccount, person_problems};
use super::actor::Actor;
use super::error::AppError;
use super::{App, admin};
use crate::domain::{Action, FieldProblem, Role};
use crate::store::Account;

/// How long a password waits to be seen.
const WAITS_MS: i64 = 5 * 60_000;

/// An account as an administrator asks for one.
#[derive(Debug, Clone)]
pub struct NewPerson {
    pub login: String,
    pub name: String,
    /// Code of a role.
    pub role: String,
    /// Name of an organisation; empty for none.
    pub organisation: String,
}

/// Passwords by who asked for them and whose they are, with the time when they were made.
#[derive(Default)]
pub(super) struct Waiting(Mutex<HashMap<(String, String), (i64, String)>>);

/// Without the passwords.
impl std::fmt::Debug for Waiting {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Waiting").finish_non_exhaustive()
    }
}

impl Waiting {
    fn keep(&self, actor: &Actor, account: &str, password: String, now: i64) {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        waiting.retain(|_, (at, _)| now - *at < WAITS_MS);
        waiting.insert((actor.account.clone(), account.to_owned()), (now, password));
    }

    fn take(&self, actor: &Actor, account: &str, now: i64) -> Option<String> {
        let mut waiting = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let (at, password) = waiting.remove(&(actor.account.clone(), account.to_owned()))?;
        (now - at < WAITS_MS).then_some(password)
    }
}

impl App {
    /// Makes an account; its temporary password waits for [`Self::password_to_show`].
    ///
    /// # Errors
    /// [`AppError::Invalid`] with all that will not do.
    pub async fn account_create_to_show(&self, actor: &Actor, new: &NewPerson) -> Result<Account, AppError> {
        actor.require(Action::AccountManage)?;
        let password = admin::random_password()?;
        let mut problems = person_problems(&new.login, &new.name, &password);
        let role = Role::ALL.into_iter().find(|role| role.code() == new.role);
        if role.is_none() {
            problems.push(FieldProblem::new("role", "missing-value", "请选择角色"));
        }
        let organisation = new.organisation.trim();
        let named = self.store.organisation_named(organisation).await?;
        if !organisation.is_empty() && named.is_none() {
            let message = "没有这个名称的单位；请核对全称，或留空";
            problems.push(FieldProblem::new("organisation", "unknown", message));
        }
        let (Some(role), true) = (role, problems.is_empty()) else { return Err(AppError::Invalid(problems)) };
        let (login, name) = (new.login.clone(), new.name.clone());
        let new = NewAccount { login, name, role, organisation: named, password: password.clone() };
        let account = self.account_create(actor, &new).await?;
        self.passwords.keep(actor, &account.id, password, self.now());
        Ok(account)
    }

    /// Sets a new temporary password, which waits for [`Self::password_to_show`].
    ///
    /// # Errors
    /// As [`Self::password_reset`].
    pub async fn password_reset_to_show(&self, actor: &Actor, account: &str) -> Result<(), AppError> {
        let password = self.password_reset(actor, account).await?;
        self.passwords.keep(actor, account, password, self.now());
        Ok(())
    }

    /// The temporary password of an account that this actor has just made, once.
    ///
    /// # Errors
    /// [`AppError::Forbidden`]
    pub fn password_to_show(&self, actor: &Actor, account: &str) -> Result<Option<String>, AppError> {
        actor.require(Action::AccountManage)?;
        Ok(self.passwords.take(actor, account, self.now()))
    }
}
