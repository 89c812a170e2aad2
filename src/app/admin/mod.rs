//! What is done from the machine itself, while the service runs or not: it needs no session and no
//! index, and whoever can do it can read the database anyway.

pub mod backup;

use super::accounts::{self, NewAccount};
use super::board::files;
use super::board::seal::Seals;
use super::error::AppError;
use super::notices::tell_organisation;
use super::secrets::{self, Hasher};
use super::{Clock, entry};
use crate::domain::account::folded_login;
use crate::domain::{OrganisationNews, Role};
use crate::store::{Account, Store};

/// Characters of a password that is made here: 80 random bits.
const PASSWORD_CHARACTERS: usize = 20;

/// A random password.
///
/// # Errors
/// [`AppError::Internal`] if the system gives no randomness.
pub fn random_password() -> Result<String, AppError> {
    Ok(secrets::token()?[..PASSWORD_CHARACTERS].to_owned())
}

/// Makes an administrator, the first or another.
///
/// # Errors
/// [`AppError::Invalid`] with all that will not do.
pub async fn administrator_create(
    store: &Store,
    clock: &Clock,
    hasher: &Hasher,
    login: &str,
    name: &str,
    password: &str,
) -> Result<Account, AppError> {
    let new = NewAccount {
        login: login.into(),
        name: name.into(),
        role: Role::Administrator,
        organisation: None,
        password: password.into(),
    };
    accounts::make(store, hasher, clock.now(), None, &new, false).await
}

/// Gives an account a new temporary password, which is told this once; its sessions end.
///
/// # Errors
/// [`AppError::NotFound`]
pub async fn password_reset(store: &Store, clock: &Clock, hasher: &Hasher, login: &str) -> Result<String, AppError> {
    let account = store.account_by_login(&folded_login(login)).await?.ok_or(AppError::NotFound("账号"))?;
    let password = random_password()?;
    let hash = hasher.hash(&password).await?;
    let mut write = store.begin().await?;
    write.account_set_password(&account.id, &hash, true).await?;
    if let Some(organisation) = &account.organisation {
        let told = (OrganisationNews::PasswordReset, account.name.as_str());
        tell_organisation(&mut write, clock.now(), organisation, told).await?;
    }
    let (object, detail) = (format!("account:{}", account.id), serde_json::json!({ "from": "command line" }));
    write.audit_add(&entry(clock.now(), None, "account.password_reset", object, detail)).await?;
    write.commit().await?;
    Ok(password)
}

/// Seals all bids with the first of the keys. Gives how many texts and files were sealed anew.
///
/// # Errors
/// One does not open: its key is missing, or it was altered.
pub async fn reseal(store: &Store, seals: &Seals) -> Result<usize, AppError> {
    files::reseal_all(store, seals).await
}
