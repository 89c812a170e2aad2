//! Signing in and out, who a session or a token stands for, and the own account.

use std::net::IpAddr;

use super::actor::Actor;
use super::error::{AppError, all_right, at};
use super::{App, data, secrets};
use crate::domain::account::{folded_login, password_faults};
use crate::domain::text::name_faults;
use crate::domain::{AccountStatus, Action, FieldProblem, Scope};
use crate::store::{Account, ApiToken, Organisation, Session};

/// How long a session lasts: a working day.
const SESSION_MS: i64 = 12 * 3_600_000;
/// Failed sign-ins are counted over this time.
const FAILURE_WINDOW_MS: i64 = 15 * 60_000;
/// Failures after which a login, or an address, has to wait. An office shares one address.
const FAILURES_OF_LOGIN: i64 = 5;
const FAILURES_OF_ADDRESS: i64 = 50;
const DAY_MS: i64 = 24 * 3_600_000;
/// The longest life of an API token.
const TOKEN_MAX_DAYS: i64 = 366;
/// API tokens of one account.
const TOKENS_MAX: usize = 20;

/// A session just begun: the token is told once, and only its hash is kept.
#[derive(Debug)]
pub struct SignedIn {
    pub token: String,
    pub actor: Actor,
    pub expires_at: i64,
}

impl App {
    /// Signs in. After [`FAILURES_OF_LOGIN`] failures in a quarter of an hour the login has to wait,
    /// whether it exists or not.
    ///
    /// # Errors
    /// [`AppError::SignIn`], [`AppError::TooMany`], [`AppError::Forbidden`] for an account that is
    /// not active.
    pub async fn sign_in(&self, login: &str, password: &str, from: Option<IpAddr>) -> Result<SignedIn, AppError> {
        let now = self.now();
        let login = folded_login(login);
        let by_login = secrets::digest(format!("login:{login}"));
        let by_address = from.map(|a| secrets::digest(format!("address:{a}")));
        let since = now - FAILURE_WINDOW_MS;
        let too_many = AppError::TooMany { seconds: FAILURE_WINDOW_MS as u64 / 1000 };
        if self.store.failures_since(&by_login, since).await? >= FAILURES_OF_LOGIN {
            return Err(too_many);
        }
        if let Some(address) = &by_address
            && self.store.failures_since(address, since).await? >= FAILURES_OF_ADDRESS
        {
            return Err(too_many);
        }
        let account = self.store.account_by_login(&login).await?;
        let kept = account.as_ref().map(|a| a.password_hash.as_str());
        let is_right = self.hasher.verify(password, kept).await?;
        let Some(account) = account.filter(|_| is_right) else {
            let who: Vec<[u8; 32]> = [by_login].into_iter().chain(by_address).collect();
            let mut write = self.store.begin().await?;
            write.failures_add(&who, now, since).await?;
            write.commit().await?;
            metrics::counter!("zhihui_sign_in_failures").increment(1);
            return Err(AppError::SignIn);
        };
        active(&account)?;
        let token = secrets::token()?;
        let session = Session { account: account.id.clone(), created_at: now, expires_at: now + SESSION_MS };
        let actor = self.actor_of(account, None).await?;
        let mut write = self.store.begin().await?;
        write.failures_forget(&by_login).await?;
        write.session_add(&secrets::digest(&token), &session).await?;
        let object = format!("account:{}", actor.account);
        self.audit(&mut write, Some(&actor), "session.begin", object, serde_json::json!({})).await?;
        write.commit().await?;
        Ok(SignedIn { token, actor, expires_at: session.expires_at })
    }

    /// Ends a session; one that is no more is no error.
    ///
    /// # Errors
    /// [`AppError`]
    pub async fn sign_out(&self, token: &str) -> Result<(), AppError> {
        let mut write = self.store.begin().await?;
        write.session_end(&secrets::digest(token)).await?;
        Ok(write.commit().await?)
    }

    /// Whose session it is; `None` if it has ended.
    ///
    /// # Errors
    /// [`AppError`]
    pub async fn actor_by_session(&self, token: &str) -> Result<Option<Actor>, AppError> {
        let Some(session) = self.store.session(&secrets::digest(token), self.now()).await? else { return Ok(None) };
        self.actor_by_account(&session.account, None).await
    }

    /// Whose API token it is; `None` if there is no such token, or no longer.
    ///
    /// # Errors
    /// [`AppError`]
    pub async fn actor_by_token(&self, token: &str) -> Result<Option<Actor>, AppError> {
        let Some(token) = self.store.token(&secrets::digest(token), self.now()).await? else { return Ok(None) };
        let scopes = token.scopes.split(' ').filter_map(Scope::from_code).collect();
        self.actor_by_account(&token.account, Some(scopes)).await
    }

    async fn actor_by_account(&self, id: &str, scopes: Option<Vec<Scope>>) -> Result<Option<Actor>, AppError> {
        match self.store.account(id).await? {
            Some(account) if account.status == AccountStatus::Active => Ok(Some(self.actor_of(account, scopes).await?)),
            _ => Ok(None),
        }
    }

    async fn actor_of(&self, account: Account, scopes: Option<Vec<Scope>>) -> Result<Actor, AppError> {
        let organisation = match &account.organisation {
            Some(id) => self.store.organisation(id).await?,
            None => None,
        };
        Ok(Actor {
            account: account.id,
            name: account.name,
            role: account.role,
            organisation: account.organisation,
            region: organisation.and_then(|o| o.region),
            scopes,
            password_is_temporary: account.password_is_temporary,
        })
    }

    /// Changes the own password; every session of the account ends.
    ///
    /// # Errors
    /// [`AppError::Invalid`] if the present password is wrong or the new one will not do.
    pub async fn password_change(&self, actor: &Actor, present: &str, new: &str) -> Result<(), AppError> {
        actor.require(Action::OwnAccount)?;
        let account = self.store.account(&actor.account).await?.ok_or(AppError::Unauthenticated)?;
        if !self.hasher.verify(present, Some(&account.password_hash)).await? {
            return Err(AppError::invalid("present", "wrong-password", "当前密码不对，请重新输入"));
        }
        all_right(at("new", password_faults(new, &account.login, &data::common_passwords())).collect())?;
        let hash = self.hasher.hash(new).await?;
        let mut write = self.store.begin().await?;
        write.account_set_password(&account.id, &hash, false).await?;
        let object = format!("account:{}", account.id);
        self.audit(&mut write, Some(actor), "account.password_change", object, serde_json::json!({})).await?;
        Ok(write.commit().await?)
    }

    /// The own account, with what is kept of its organisation.
    ///
    /// # Errors
    /// [`AppError`]
    pub async fn account_own(&self, actor: &Actor) -> Result<(Account, Option<Organisation>), AppError> {
        actor.require(Action::OwnAccount)?;
        let account = self.store.account(&actor.account).await?.ok_or(AppError::Unauthenticated)?;
        let organisation = match &account.organisation {
            Some(id) => self.store.organisation(id).await?,
            None => None,
        };
        Ok((account, organisation))
    }

    /// Ends every session of the own account, on all devices. Tokens stay.
    ///
    /// # Errors
    /// [`AppError`]
    pub async fn sign_out_everywhere(&self, actor: &Actor) -> Result<(), AppError> {
        actor.require(Action::OwnAccount)?;
        let mut write = self.store.begin().await?;
        write.sessions_end(&actor.account).await?;
        let object = format!("account:{}", actor.account);
        self.audit(&mut write, Some(actor), "session.end_all", object, serde_json::json!({})).await?;
        Ok(write.commit().await?)
    }

    /// The own API tokens, newest first.
    ///
    /// # Errors
    /// [`AppError`]
    pub async fn tokens(&self, actor: &Actor) -> Result<Vec<ApiToken>, AppError> {
        actor.require(Action::OwnAccount)?;
        Ok(self.store.tokens_of(&actor.account).await?)
    }

    /// Makes an API token; its text is told this once.
    ///
    /// # Errors
    /// [`AppError::Invalid`] for the name, the scopes or the days; [`AppError::Conflict`] if there
    /// are [`TOKENS_MAX`] already.
    pub async fn token_create(
        &self,
        actor: &Actor,
        name: &str,
        scopes: &[String],
        days: i64,
    ) -> Result<(ApiToken, String), AppError> {
        actor.require(Action::OwnAccount)?;
        let mut problems: Vec<FieldProblem> = at("name", name_faults(name)).collect();
        let known: Vec<Scope> = scopes.iter().filter_map(|s| Scope::from_code(s)).collect();
        if known.is_empty() || known.len() != scopes.len() {
            problems.push(FieldProblem::new("scopes", "unknown-scope", "权限请从 read、write 中选一项或两项"));
        }
        if !(1..=TOKEN_MAX_DAYS).contains(&days) {
            let message = format!("有效天数应在 1 到 {TOKEN_MAX_DAYS} 之间");
            problems.push(FieldProblem::new("days", "out-of-range", message));
        }
        all_right(problems)?;
        if self.store.tokens_of(&actor.account).await?.len() >= TOKENS_MAX {
            let message = format!("每个账号最多 {TOKENS_MAX} 个令牌：请先撤销不用的");
            return Err(AppError::conflict("too-many-tokens", message));
        }
        let (secret, now) = (secrets::token()?, self.now());
        let token = ApiToken {
            id: self.new_id(),
            account: actor.account.clone(),
            name: name.trim().into(),
            scopes: known.iter().map(|s| s.code()).collect::<Vec<_>>().join(" "),
            created_at: now,
            expires_at: now + days * DAY_MS,
        };
        let mut write = self.store.begin().await?;
        write.token_add(&secrets::digest(&secret), &token).await?;
        let detail = serde_json::json!({ "scopes": token.scopes, "days": days });
        self.audit(&mut write, Some(actor), "token.create", format!("token:{}", token.id), detail).await?;
        write.commit().await?;
        Ok((token, secret))
    }

    /// Revokes an own API token.
    ///
    /// # Errors
    /// [`AppError::NotFound`]
    pub async fn token_revoke(&self, actor: &Actor, id: &str) -> Result<(), AppError> {
        actor.require(Action::OwnAccount)?;
        let mut write = self.store.begin().await?;
        write.token_delete(&actor.account, id).await.map_err(|e| match AppError::from(e) {
            AppError::Stale => AppError::NotFound("令牌"),
            other => other,
        })?;
        self.audit(&mut write, Some(actor), "token.revoke", format!("token:{id}"), serde_json::json!({})).await?;
        Ok(write.commit().await?)
    }
}

fn active(account: &Account) -> Result<(), AppError> {
    let (code, message) = match account.status {
        AccountStatus::Active => return Ok(()),
        AccountStatus::Pending => ("account-pending", "账号正在等待平台审核，审核通过后即可登录"),
        AccountStatus::Disabled => ("account-disabled", "账号已停用，请联系平台运营方"),
    };
    Err(AppError::Forbidden { code, message: message.into() })
}
