//! Accounts as operators look for them: with the name of their organisation, newest first.

use sqlx::Row;
use sqlx::any::AnyRow;

use super::{Store, StoreError, bulk, coded, holding};
use crate::domain::{AccountStatus, OrganisationKind, Role};

/// Which accounts a list shows.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct AccountFilter {
    pub status: Option<AccountStatus>,
    pub role: Option<Role>,
    /// Held by the login, the name or the organisation's name; empty for all.
    pub text: String,
    /// Id of an organisation; empty for all.
    pub organisation: String,
}

/// What a list shows of an account.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AccountHead {
    pub id: String,
    pub login: String,
    pub name: String,
    pub role: Role,
    pub status: AccountStatus,
    pub password_is_temporary: bool,
    pub organisation: Option<String>,
    pub organisation_name: Option<String>,
    pub organisation_kind: Option<OrganisationKind>,
    /// Milliseconds since 1970 UTC.
    pub created_at: i64,
    pub version: i64,
}

impl Store {
    /// Name and organisation of accounts; one that is unknown is not in the list.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn account_names(&self, ids: &[&str]) -> Result<Vec<(String, String, Option<String>)>, StoreError> {
        let mut read = self.pool.acquire().await?;
        let head = "SELECT id, name, organisation_id FROM account WHERE id IN";
        let rows = bulk::select(&mut read, head, ids, "").await?;
        rows.iter().map(|row| Ok((row.try_get(0)?, row.try_get(1)?, row.try_get(2)?))).collect()
    }

    /// Accounts before an id (`""` to begin), newest first.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn accounts_found(
        &self,
        filter: &AccountFilter,
        before: &str,
        limit: i64,
    ) -> Result<Vec<AccountHead>, StoreError> {
        let query = "SELECT a.id, a.login, a.name, a.role, a.status, a.password_is_temporary, o.id, o.name, o.kind, \
                     a.created_at, a.version FROM account a LEFT JOIN organisation o ON o.id = a.organisation_id \
                     WHERE ($1 = '' OR a.id < $1) AND ($2 = '' OR a.status = $2) AND ($3 = '' OR a.role = $3) \
                     AND ($4 = '' OR a.login LIKE $4 ESCAPE '!' OR LOWER(a.name COLLATE \"binary\") LIKE $4 ESCAPE '!' \
                     OR LOWER(o.name COLLATE \"binary\") LIKE $4 ESCAPE '!') AND ($5 = '' OR a.organisation_id = $5) \
                     ORDER BY a.id DESC LIMIT $6";
        let query = sqlx::query(query).bind(before).bind(filter.status.map_or("", AccountStatus::code));
        let query = query.bind(filter.role.map_or("", Role::code)).bind(holding(&filter.text));
        let rows = query.bind(&filter.organisation).bind(limit).fetch_all(&self.pool).await?;
        rows.iter().map(read).collect()
    }

    /// How many accounts there are of each status.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn accounts_counted(&self) -> Result<Vec<(AccountStatus, i64)>, StoreError> {
        let rows = sqlx::query("SELECT status, COUNT(*) FROM account GROUP BY status").fetch_all(&self.pool).await?;
        let count =
            |row: &AnyRow| Ok((coded(row, 0, "账号状态", &AccountStatus::ALL, AccountStatus::code)?, row.try_get(1)?));
        rows.iter().map(count).collect()
    }

    /// The id of the organisation of a name.
    ///
    /// # Errors
    /// [`StoreError`]
    pub async fn organisation_named(&self, name: &str) -> Result<Option<String>, StoreError> {
        let query = sqlx::query_scalar("SELECT id FROM organisation WHERE name = $1").bind(name);
        Ok(query.fetch_optional(&self.pool).await?)
    }
}

fn read(row: &AnyRow) -> Result<AccountHead, StoreError> {
    let kind = match row.try_get::<Option<String>, _>(8)? {
        Some(_) => Some(coded(row, 8, "单位类别", &OrganisationKind::ALL, OrganisationKind::code)?),
        None => None,
    };
    Ok(AccountHead {
        id: row.try_get(0)?,
        login: row.try_get(1)?,
        name: row.try_get(2)?,
        role: coded(row, 3, "角色", &Role::ALL, Role::code)?,
        status: coded(row, 4, "账号状态", &AccountStatus::ALL, AccountStatus::code)?,
        password_is_temporary: row.try_get::<i64, _>(5)? != 0,
        organisation: row.try_get(6)?,
        organisation_name: row.try_get(7)?,
        organisation_kind: kind,
        created_at: row.try_get(9)?,
        version: row.try_get(10)?,
    })
}
