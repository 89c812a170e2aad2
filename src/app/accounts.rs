//! Organisations and accounts: register, approve, make, disable.

use super::actor::Actor;
use super::error::{AppError, all_right, at};
use super::notices::tell_organisation;
use super::secrets::Hasher;
use super::{App, data, entry, secrets};
use crate::domain::account::{folded_login, login_faults, password_faults};
use crate::domain::text::name_faults;
use crate::domain::{
    AccountStatus, Action, CreditCode, FieldProblem, Notice, OrganisationKind, OrganisationNews, OrganisationStatus,
    Relation, Role,
};
use crate::store::{Account, AccountFilter, AccountHead, Organisation, Store, StoreError};

/// An organisation as somebody states it.
#[derive(Debug, Clone, Default)]
pub struct OrganisationDraft {
    pub name: String,
    /// [`OrganisationKind::code`]
    pub kind: String,
    pub credit_code: Option<String>,
    pub region: Option<String>,
    pub high_tech: bool,
    pub tech_sme: bool,
}

/// Somebody who wants an account.
#[derive(Debug, Clone)]
pub struct Registration {
    pub login: String,
    pub name: String,
    pub password: String,
    /// [`Role::Enterprise`] or [`Role::Talent`].
    pub role: Role,
    /// An enterprise states its own; a talent may have none.
    pub organisation: Option<OrganisationDraft>,
}

/// An account that an administrator makes.
#[derive(Debug, Clone)]
pub struct NewAccount {
    pub login: String,
    pub name: String,
    pub role: Role,
    pub organisation: Option<String>,
    pub password: String,
}

impl App {
    /// Registers an enterprise or a talent; an operator has to approve before they can sign in.
    ///
    /// # Errors
    /// [`AppError::Invalid`] with everything that will not do.
    pub async fn register(&self, registration: &Registration) -> Result<Account, AppError> {
        let (problems, organisation) = self.registration(registration);
        all_right(problems)?;
        let account = Account {
            id: self.new_id(),
            organisation: organisation.as_ref().map(|o| o.id.clone()),
            login: folded_login(&registration.login),
            name: registration.name.trim().into(),
            role: registration.role,
            password_hash: self.hasher.hash(&registration.password).await?,
            password_is_temporary: false,
            status: AccountStatus::Pending,
            created_at: self.now(),
            version: 1,
        };
        let mut write = self.store.begin().await?;
        if let Some(organisation) = &organisation {
            write
                .organisation_add(organisation)
                .await
                .map_err(|e| taken(e, "organisation.name", ORGANISATION_TAKEN))?;
        }
        write.account_add(&account).await.map_err(|e| taken(e, "login", LOGIN_TAKEN))?;
        let detail = serde_json::json!({ "role": account.role.code(), "organisation": account.organisation });
        self.audit(&mut write, None, "account.register", format!("account:{}", account.id), detail).await?;
        write.commit().await?;
        Ok(account)
    }

    /// What is wrong with a registration, but for names that are taken.
    pub fn registration_check(&self, registration: &Registration) -> Vec<FieldProblem> {
        self.registration(registration).0
    }

    fn registration(&self, registration: &Registration) -> (Vec<FieldProblem>, Option<Organisation>) {
        let mut problems = person_problems(&registration.login, &registration.name, &registration.password);
        if !matches!(registration.role, Role::Enterprise | Role::Talent) {
            let message = "只有企业和科技人才可以自行注册；其他账号由管理员建立";
            problems.push(FieldProblem::new("role", "role-not-open", message));
        }
        let (draft, role) = (&registration.organisation, registration.role);
        let organisation = draft.as_ref().map(|d| self.organisation_from(d, role, &mut problems));
        if registration.role == Role::Enterprise && organisation.is_none() {
            problems.push(FieldProblem::new("organisation", "missing", "请填写企业信息"));
        }
        (problems, organisation)
    }

    fn organisation_from(
        &self,
        draft: &OrganisationDraft,
        role: Role,
        problems: &mut Vec<FieldProblem>,
    ) -> Organisation {
        problems.extend(at("organisation.name", name_faults(&draft.name)));
        let kind = OrganisationKind::ALL.into_iter().find(|k| k.code() == draft.kind);
        let fits = |kind: &OrganisationKind| match role {
            Role::Enterprise => *kind == OrganisationKind::Enterprise,
            Role::Talent => matches!(kind, OrganisationKind::University | OrganisationKind::Institute),
            _ => true,
        };
        if kind.as_ref().is_none_or(|k| !fits(k)) {
            let message = "单位类别与账号不符：企业账号选“企业”，人才账号选“高等院校”或“科研院所”";
            problems.push(FieldProblem::new("organisation.kind", "bad-kind", message));
        }
        let code = draft.credit_code.as_deref().filter(|c| !c.trim().is_empty()).map(CreditCode::parse).transpose();
        let code = code.unwrap_or_else(|error| {
            problems.push(FieldProblem::new("organisation.credit_code", "bad-credit-code", error.to_string()));
            None
        });
        if kind == Some(OrganisationKind::Enterprise) && code.is_none() && draft.credit_code.is_none() {
            problems.push(FieldProblem::new("organisation.credit_code", "missing", "请填写统一社会信用代码"));
        }
        if let Some(region) = draft.region.as_deref().filter(|r| !r.trim().is_empty()) {
            problems.extend(at("organisation.region", name_faults(region)));
        }
        Organisation {
            id: self.new_id(),
            kind: kind.unwrap_or(OrganisationKind::Enterprise),
            name: draft.name.trim().into(),
            credit_code: code.map(|c| c.as_str().to_owned()),
            region: draft.region.as_deref().map(str::trim).filter(|r| !r.is_empty()).map(str::to_owned),
            high_tech: draft.high_tech,
            tech_sme: draft.tech_sme,
            status: OrganisationStatus::Pending,
            created_at: self.now(),
            version: 1,
        }
    }

    /// Approves a registration or refuses it: the account and its organisation together.
    ///
    /// # Errors
    /// [`AppError::NotFound`], [`AppError::Conflict`] if it was decided already.
    pub async fn registration_decide(&self, actor: &Actor, account: &str, approve: bool) -> Result<Account, AppError> {
        actor.require(Action::RegistrationDecide)?;
        let found = self.store.account(account).await?.ok_or(AppError::NotFound("账号"))?;
        if found.status != AccountStatus::Pending {
            return Err(AppError::conflict("already-decided", "这个注册已经处理过了"));
        }
        let organisation = match &found.organisation {
            Some(id) => self.store.organisation(id).await?.filter(|o| o.status == OrganisationStatus::Pending),
            None => None,
        };
        let (status, standing) = match approve {
            true => (AccountStatus::Active, OrganisationStatus::Approved),
            false => (AccountStatus::Disabled, OrganisationStatus::Refused),
        };
        let mut write = self.store.begin().await?;
        write.account_set_status(&found.id, found.version, status).await?;
        if let Some(organisation) = organisation {
            write.organisation_set_status(&organisation.id, organisation.version, standing).await?;
        }
        let verb = if approve { "account.approve" } else { "account.refuse" };
        self.audit(&mut write, Some(actor), verb, format!("account:{account}"), serde_json::json!({})).await?;
        let notice = Notice::RegistrationDecided { approved: approve };
        write.notice_add(&self.notice(account, String::new(), notice)).await?;
        write.commit().await?;
        self.store.account(account).await?.ok_or(AppError::NotFound("账号"))
    }

    /// Makes an account with a temporary password.
    ///
    /// # Errors
    /// [`AppError::Invalid`]
    pub async fn account_create(&self, actor: &Actor, new: &NewAccount) -> Result<Account, AppError> {
        actor.require(Action::AccountManage)?;
        self.account_make(Some(actor), new, true).await
    }

    /// Makes any account, for tests of the service as well.
    ///
    /// # Errors
    /// As [`Self::account_create`].
    pub async fn account_make(
        &self,
        actor: Option<&Actor>,
        new: &NewAccount,
        temporary: bool,
    ) -> Result<Account, AppError> {
        make(&self.store, &self.hasher, self.now(), actor, new, temporary).await
    }

    /// Sets a new temporary password, told this once; every session of the account ends.
    ///
    /// # Errors
    /// [`AppError::NotFound`]
    pub async fn password_reset(&self, actor: &Actor, account: &str) -> Result<String, AppError> {
        actor.require(Action::AccountManage)?;
        let found = self.store.account(account).await?.ok_or(AppError::NotFound("账号"))?;
        let password = secrets::token()?[..20].to_owned();
        let hash = self.hasher.hash(&password).await?;
        let mut write = self.store.begin().await?;
        write.account_set_password(&found.id, &hash, true).await?;
        if let Some(organisation) = &found.organisation {
            self.tell_organisation(&mut write, organisation, OrganisationNews::PasswordReset, &found.name).await?;
        }
        let object = format!("account:{account}");
        self.audit(&mut write, Some(actor), "account.password_reset", object, serde_json::json!({})).await?;
        write.commit().await?;
        Ok(password)
    }

    /// Disables an account, or lets it in again.
    ///
    /// # Errors
    /// [`AppError::NotFound`], [`AppError::Conflict`] for the own account, [`AppError::Stale`].
    pub async fn account_set_active(
        &self,
        actor: &Actor,
        account: &str,
        version: i64,
        active: bool,
    ) -> Result<Account, AppError> {
        actor.require(Action::AccountManage)?;
        if actor.account == account {
            return Err(AppError::conflict("own-account", "不能停用自己的账号"));
        }
        let found = self.store.account(account).await?.ok_or(AppError::NotFound("账号"))?;
        let status = if active { AccountStatus::Active } else { AccountStatus::Disabled };
        let mut write = self.store.begin().await?;
        write.account_set_status(account, version, status).await?;
        if let Some(organisation) = found.organisation.filter(|_| active && found.status == AccountStatus::Disabled) {
            self.tell_organisation(&mut write, &organisation, OrganisationNews::AccountRestored, &found.name).await?;
        }
        let detail = serde_json::json!({ "status": status.code() });
        self.audit(&mut write, Some(actor), "account.set_status", format!("account:{account}"), detail).await?;
        write.commit().await?;
        self.store.account(account).await?.ok_or(AppError::NotFound("账号"))
    }

    /// Accounts after an id, of one status or of all.
    ///
    /// # Errors
    /// [`AppError`]
    pub async fn accounts(
        &self,
        actor: &Actor,
        status: Option<AccountStatus>,
        after: &str,
        limit: i64,
    ) -> Result<Vec<Account>, AppError> {
        actor.require(Action::AccountRead)?;
        Ok(self.store.accounts(status, after, limit).await?)
    }

    /// Accounts before an id (`""` to begin), newest first.
    ///
    /// # Errors
    /// [`AppError::Forbidden`]
    pub async fn accounts_found(
        &self,
        actor: &Actor,
        filter: &AccountFilter,
        before: &str,
        limit: i64,
    ) -> Result<Vec<AccountHead>, AppError> {
        actor.require(Action::AccountRead)?;
        Ok(self.store.accounts_found(filter, before, limit).await?)
    }

    /// How many accounts there are of each status.
    ///
    /// # Errors
    /// [`AppError::Forbidden`]
    pub async fn accounts_counted(&self, actor: &Actor) -> Result<Vec<(AccountStatus, i64)>, AppError> {
        actor.require(Action::AccountRead)?;
        Ok(self.store.accounts_counted().await?)
    }

    /// # Errors
    /// [`AppError::NotFound`]
    pub async fn account_get(&self, actor: &Actor, id: &str) -> Result<Account, AppError> {
        actor.require(Action::AccountRead)?;
        self.store.account(id).await?.ok_or(AppError::NotFound("账号"))
    }

    /// # Errors
    /// [`AppError::NotFound`] also where it is not for them to see.
    pub async fn organisation_get(&self, actor: &Actor, id: &str) -> Result<Organisation, AppError> {
        actor.require(Action::OrganisationRead)?;
        let found = self.store.organisation(id).await?.ok_or(AppError::NotFound("单位"))?;
        let relation = actor.relation(Some(&found.id), found.region.as_deref());
        actor.require_on(Action::OrganisationRead, relation, "单位")?;
        Ok(found)
    }

    /// Changes what an organisation states of itself; its kind and its standing stay.
    ///
    /// # Errors
    /// [`AppError::Invalid`], [`AppError::NotFound`], [`AppError::Stale`].
    pub async fn organisation_update(
        &self,
        actor: &Actor,
        id: &str,
        version: i64,
        draft: &OrganisationDraft,
    ) -> Result<Organisation, AppError> {
        actor.require(Action::OrganisationUpdate)?;
        let found = self.store.organisation(id).await?.ok_or(AppError::NotFound("单位"))?;
        let relation = if actor.organisation.as_deref() == Some(id) { Relation::Own } else { Relation::None };
        actor.require_on(Action::OrganisationUpdate, relation, "单位")?;
        let mut problems = Vec::new();
        let draft = OrganisationDraft { kind: found.kind.code().into(), ..draft.clone() };
        let changed = self.organisation_from(&draft, Role::Operator, &mut problems);
        all_right(problems)?;
        let changed = Organisation { id: found.id, kind: found.kind, status: found.status, version, ..changed };
        let mut write = self.store.begin().await?;
        let updated = write.organisation_update(&changed).await;
        updated.map_err(|e| taken(e, "organisation.name", ORGANISATION_TAKEN))?;
        let object = format!("organisation:{id}");
        self.audit(&mut write, Some(actor), "organisation.update", object, serde_json::json!({})).await?;
        write.commit().await?;
        self.store.organisation(id).await?.ok_or(AppError::NotFound("单位"))
    }

    /// Makes an approved organisation: from the command line and the demo.
    ///
    /// # Errors
    /// [`AppError::Invalid`]
    pub async fn organisation_make(&self, draft: &OrganisationDraft) -> Result<Organisation, AppError> {
        let mut problems = Vec::new();
        let made = self.organisation_from(draft, Role::Operator, &mut problems);
        all_right(problems)?;
        let made = Organisation { status: OrganisationStatus::Approved, ..made };
        let mut write = self.store.begin().await?;
        write.organisation_add(&made).await.map_err(|e| taken(e, "organisation.name", ORGANISATION_TAKEN))?;
        let object = format!("organisation:{}", made.id);
        self.audit(&mut write, None, "organisation.create", object, serde_json::json!({})).await?;
        write.commit().await?;
        Ok(made)
    }
}

/// Makes an account that may sign in at once.
///
/// # Errors
/// [`AppError::Invalid`]
pub(super) async fn make(
    store: &Store,
    hasher: &Hasher,
    now: i64,
    actor: Option<&Actor>,
    new: &NewAccount,
    temporary: bool,
) -> Result<Account, AppError> {
    let mut problems = person_problems(&new.login, &new.name, &new.password);
    if let Some(id) = &new.organisation
        && store.organisation(id).await?.is_none()
    {
        problems.push(FieldProblem::new("organisation", "unknown", "没有这个单位"));
    }
    all_right(problems)?;
    let account = Account {
        id: secrets::new_id(now),
        organisation: new.organisation.clone(),
        login: folded_login(&new.login),
        name: new.name.trim().into(),
        role: new.role,
        password_hash: hasher.hash(&new.password).await?,
        password_is_temporary: temporary,
        status: AccountStatus::Active,
        created_at: now,
        version: 1,
    };
    let mut write = store.begin().await?;
    // Who is there already learns of whom the platform lets see what they see.
    if let (Some(_), Some(organisation)) = (actor, &account.organisation) {
        let told = (OrganisationNews::AccountAdded, account.name.as_str());
        tell_organisation(&mut write, now, organisation, told).await?;
    }
    write.account_add(&account).await.map_err(|e| taken(e, "login", LOGIN_TAKEN))?;
    let detail = serde_json::json!({ "role": account.role.code() });
    let object = format!("account:{}", account.id);
    write.audit_add(&entry(now, actor, "account.create", object, detail)).await?;
    write.commit().await?;
    Ok(account)
}

const LOGIN_TAKEN: &str = "这个用户名已有人使用，请换一个";
const ORGANISATION_TAKEN: &str = "这个单位名称或统一社会信用代码已经登记：请联系本单位的管理员或平台运营方";

/// What is wrong with an account's login, name and password.
pub(super) fn person_problems(login: &str, name: &str, password: &str) -> Vec<FieldProblem> {
    let problems = at("login", login_faults(login)).chain(at("name", name_faults(name)));
    problems.chain(at("password", password_faults(password, login, &data::common_passwords()))).collect()
}

/// A unique name that is taken is the person's to mend.
fn taken(error: StoreError, field: &'static str, message: &'static str) -> AppError {
    match error {
        StoreError::Conflict(_) => AppError::invalid(field, "taken", message),
        other => other.into(),
    }
}
