//! Organisations, the accounts of their people, and sessions.

use sqlx::Row;
use sqlx::any::AnyRow;

use super::{Store, StoreError, Write, coded, one_row};
use crate::domain::{AccountStatus, OrganisationKind, OrganisationStatus, Role};

/// An organisation as it is kept.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Organisation {
    pub id: String,
    pub kind: OrganisationKind,
    pub name: String,
    /// 统一社会信用代码
    pub credit_code: Option<String>,
    pub region: Option<String>,
    /// 高新技术企业
    pub high_tech: bool,
    /// 国家科技型中小企业
    pub tech_sme: bool,
    pub status: OrganisationStatus,
    /// Milliseconds since 1970 UTC.
    pub created_at: i64,
    /// 1 when made, one more with each change.
    pub version: i64,
}

/// An account as it is kept.
#[derive(Clone, PartialEq, Eq)]
pub struct Account {
    pub id: String,
    pub organisation: Option<String>,
    /// In lower case: what the person types to sign in.
    pub login: String,
    pub name: String,
    pub role: Role,
    /// argon2id, as a PHC string.
    pub password_hash: String,
    /// Set by an administrator: the person must change it.
    pub password_is_temporary: bool,
    pub status: AccountStatus,
    pub created_at: i64,
    pub version: i64,
}

/// Without the password's hash, which has no business in a log.
impl std::fmt::Debug for Account {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Account").field("id", &self.id).field("role", &self.role).finish_non_exhaustive()
    }
}

/// Somebody is signed in until `expires_at`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Session {
    pub account: String,
    pub created_at: i64,
    pub expires_at: i64,
}

/// The organisations that a condition names.
macro_rules! organisations_where {
    ($condition:literal) => {
        concat!(
            "SELECT id, kind, name, credit_code, region, high_tech, tech_sme, status, created_at, version ",
            "FROM organisation WHERE ",
            $condition
        )
    };
}

/// The accounts that a condition names.
macro_rules! accounts_where {
    ($condition:literal) => {
        concat!(
            "SELECT id, organisation_id, login, name, role, password_hash, password_is_temporary, status, ",
            "created_at, version FROM account WHERE ",
            $condition
        )
    };
}

impl Write {
    /// # Errors
    /// [`StoreError::Conflict`] if the id, the name or the code is taken.
    pub async fn organisation_add(&mut self, new: &Organisation) -> Result<(), StoreError> {
        let insert = sqlx::query(
            "INSERT INTO organisation (id, kind, name, credit_code, region, high_tech, tech_sme, status, created_at, \
             version) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        );
        let insert = insert.bind(&new.id).bind(new.kind.code()).bind(&new.name).bind(new.credit_code.as_deref());
        let insert = insert.bind(new.region.as_deref()).bind(i64::from(new.high_tech)).bind(i64::from(new.tech_sme));
        let insert = insert.bind(new.status.code()).bind(new.created_at).bind(new.version);
        insert.execute(&mut *self.transaction).await?;
        Ok(())
    }

    /// Writes the name, code, region and standing of an organisation.
    ///
    /// # Errors
    /// [`StoreError::Stale`] if the organisation is no longer of `changed.version`,
    /// [`StoreError::Conflict`] if the name or the code is taken.
    pub async fn organisation_update(&mut self, changed: &Organisation) -> Result<(), StoreError> {
        let update = "UPDATE organisation SET name = $1, credit_code = $2, region = $3, high_tech = $4, \
                      tech_sme = $5, version = version + 1 WHERE id = $6 AND version = $7";
        let update = sqlx::query(update).bind(&changed.name).bind(changed.credit_code.as_deref());
        let update = update.bind(changed.region.as_deref()).bind(i64::from(changed.high_tech));
        let update = update.bind(i64::from(changed.tech_sme)).bind(&changed.id).bind(changed.version);
        one_row(&update.execute(&mut *self.transaction).await?)
    }

    /// # Errors
    /// [`StoreError::Stale`] if the organisation is no longer of this `version`.
    pub async fn organisation_set_status(
        &mut self,
        id: &str,
        version: i64,
        status: OrganisationStatus,
    ) -> Result<(), StoreError> {
        let update = "UPDATE organisation SET status = $1, version = version + 1 WHERE id = $2 AND version = $3";
        let update = sqlx::query(update).bind(status.code()).bind(id).bind(version);
        one_row(&update.execute(&mut *self.transaction).await?)
    }

    /// # Errors
    /// [`StoreError::Conflict`] if the id or the login is taken or the organisation is unknown.
    pub async fn account_add(&mut self, new: &Account) -> Result<(), StoreError> {
        let insert = sqlx::query(
            "INSERT INTO account (id, organisation_id, login, name, role, password_hash, password_is_temporary, \
             status, created_at, version) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10)",
        );
        let insert = insert.bind(&new.id).bind(new.organisation.as_deref()).bind(&new.login).bind(&new.name);
        let insert = insert.bind(new.role.code()).bind(&new.password_hash).bind(i64::from(new.password_is_temporary));
        let insert = insert.bind(new.status.code()).bind(new.created_at).bind(new.version);
        insert.execute(&mut *self.transaction).await?;
        Ok(())
    }

    /// Sets a new password and ends every session of the account: whoever had stolen one is out.
    ///
    /// # Errors
    /// [`StoreError::Stale`] if there is no such account.
    pub async fn account_set_password(&mut self, id: &str, hash: &str, temporary: bool) -> Result<(), StoreError> {
        let update = "UPDATE account SET password_hash = $1, password_is_temporary = $2, version = version + 1 \
                      WHERE id = $3";
        let update = sqlx::query(update).bind(hash).bind(i64::from(temporary)).bind(id);
        one_row(&update.execute(&mut *self.transaction).await?)?;
        self.sessions_end(id).await
    }

    /// Sets the status; an account that is not active has no sessions.
    ///
    /// # Errors
    /// [`StoreError::Stale`] if the account is no longer of this `version`.
    pub async fn account_set_status(
        &mut self,
        id: &str,
        version: i64,
        status: AccountStatus,
    ) -> Result<(), StoreError> {
        let update = "UPDATE account SET status = $1, version = version + 1 WHERE id = $2 AND version = $3";
        let update = sqlx::query(update).bind(status.code()).bind(id).bind(version);
        one_row(&update.execute(&mut *self.transaction).await?)?;
        if status == AccountStatus::Active { Ok(()) } else { self.sessions_end(id).await }
    }

    /// `token_hash` is SHA-256 of what the browser holds.
    ///
    /// # Errors
    /// [`StoreError::Conflict`] if the account is unknown.
    pub async fn session_add(&mut self, token_hash: &[u8; 32], session: &Session) -> Result<(), StoreError> {
        let insert = "INSERT INTO session (token_hash, account_id, created_at, expires_at) VALUES ($1, $2, $3, $4)";
        let insert = sqlx::query(insert).bind(token_hash.to_vec()).bind(&session.account);
        insert.bind(session.created_at).bind(session.expires_at).execute(&mut *self.transaction).await?;
        Ok(())
    }

    /// Signs out; a session that is no more is no error.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn session_end(&mut self, token_hash: &[u8; 32]) -> Result<(), StoreError> {
        let delete = sqlx::query("DELETE FROM session WHERE token_hash = $1").bind(token_hash.to_vec());
        delete.execute(&mut *self.transaction).await?;
        Ok(())
    }

    /// Ends all sessions of an account.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn sessions_end(&mut self, account: &str) -> Result<(), StoreError> {
        let delete = sqlx::query("DELETE FROM session WHERE account_id = $1").bind(account);
        delete.execute(&mut *self.transaction).await?;
        Ok(())
    }
}

impl Store {
    /// # Errors
    /// [`StoreError`]
    pub async fn organisation(&self, id: &str) -> Result<Option<Organisation>, StoreError> {
        let row = sqlx::query(organisations_where!("id = $1")).bind(id).fetch_optional(&self.pool).await?;
        row.as_ref().map(read_organisation).transpose()
    }

    /// # Errors
    /// [`StoreError`]
    pub async fn account(&self, id: &str) -> Result<Option<Account>, StoreError> {
        let row = sqlx::query(accounts_where!("id = $1")).bind(id).fetch_optional(&self.pool).await?;
        row.as_ref().map(read_account).transpose()
    }

    /// # Errors
    /// [`StoreError`]
    pub async fn account_by_login(&self, login: &str) -> Result<Option<Account>, StoreError> {
        let row = sqlx::query(accounts_where!("login = $1")).bind(login).fetch_optional(&self.pool).await?;
        row.as_ref().map(read_account).transpose()
    }

    /// The approved enterprise of a name, and an account that acts for it.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn enterprise_named(&self, name: &str) -> Result<Option<(Organisation, String)>, StoreError> {
        let query = "SELECT o.id, a.id FROM organisation o JOIN account a ON a.organisation_id = o.id \
                     WHERE o.name = $1 AND o.kind = 'enterprise' AND o.status = 'approved' \
                     AND a.role = 'enterprise' AND a.status = 'active' ORDER BY a.id LIMIT 1";
        let Some(row) = sqlx::query(query).bind(name).fetch_optional(&self.pool).await? else { return Ok(None) };
        let (organisation, account): (String, String) = (row.try_get(0)?, row.try_get(1)?);
        Ok(self.organisation(&organisation).await?.map(|found| (found, account)))
    }

    /// Organisations after an id, in the order of ids, of one status or of all.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn organisations(
        &self,
        status: Option<OrganisationStatus>,
        after: &str,
        limit: i64,
    ) -> Result<Vec<Organisation>, StoreError> {
        let query = organisations_where!("id > $1 AND ($2 = '' OR status = $2) ORDER BY id LIMIT $3");
        let query = sqlx::query(query).bind(after).bind(status.map_or("", OrganisationStatus::code)).bind(limit);
        query.fetch_all(&self.pool).await?.iter().map(read_organisation).collect()
    }

    /// Accounts after an id, in the order of ids, of one status or of all.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn accounts(
        &self,
        status: Option<AccountStatus>,
        after: &str,
        limit: i64,
    ) -> Result<Vec<Account>, StoreError> {
        let query = accounts_where!("id > $1 AND ($2 = '' OR status = $2) ORDER BY id LIMIT $3");
        let query = sqlx::query(query).bind(after).bind(status.map_or("", AccountStatus::code)).bind(limit);
        query.fetch_all(&self.pool).await?.iter().map(read_account).collect()
    }

    /// The names of an organisation's people.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn people_of(&self, organisation: &str) -> Result<Vec<String>, StoreError> {
        let query = sqlx::query_scalar("SELECT name FROM account WHERE organisation_id = $1 ORDER BY id");
        Ok(query.bind(organisation).fetch_all(&self.pool).await?)
    }

    /// The session of a token at the time `now`; an expired one is none.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn session(&self, token_hash: &[u8; 32], now: i64) -> Result<Option<Session>, StoreError> {
        let query = "SELECT account_id, created_at, expires_at FROM session WHERE token_hash = $1 AND expires_at > $2";
        let row = sqlx::query(query).bind(token_hash.to_vec()).bind(now).fetch_optional(&self.pool).await?;
        let read = |row: AnyRow| {
            Ok(Session { account: row.try_get(0)?, created_at: row.try_get(1)?, expires_at: row.try_get(2)? })
        };
        row.map(read).transpose()
    }
}

fn read_organisation(row: &AnyRow) -> Result<Organisation, StoreError> {
    Ok(Organisation {
        id: row.try_get(0)?,
        kind: coded(row, 1, "单位类别", &OrganisationKind::ALL, OrganisationKind::code)?,
        name: row.try_get(2)?,
        credit_code: row.try_get(3)?,
        region: row.try_get(4)?,
        high_tech: row.try_get::<i64, _>(5)? != 0,
        tech_sme: row.try_get::<i64, _>(6)? != 0,
        status: coded(row, 7, "单位状态", &OrganisationStatus::ALL, OrganisationStatus::code)?,
        created_at: row.try_get(8)?,
        version: row.try_get(9)?,
    })
}

fn read_account(row: &AnyRow) -> Result<Account, StoreError> {
    Ok(Account {
        id: row.try_get(0)?,
        organisation: row.try_get(1)?,
        login: row.try_get(2)?,
        name: row.try_get(3)?,
        role: coded(row, 4, "角色", &Role::ALL, Role::code)?,
        password_hash: row.try_get(5)?,
        password_is_temporary: row.try_get::<i64, _>(6)? != 0,
        status: coded(row, 7, "账号状态", &AccountStatus::ALL, AccountStatus::code)?,
        created_at: row.try_get(8)?,
        version: row.try_get(9)?,
    })
}
