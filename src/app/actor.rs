//! Who is asking, and whether they may.

use super::error::AppError;
use crate::domain::{Action, Grant, Relation, Role, Scope};

/// Somebody who is signed in, by session or by token.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Actor {
    pub account: String,
    pub name: String,
    pub role: Role,
    pub organisation: Option<String>,
    /// Administrative region of the organisation.
    pub region: Option<String>,
    /// What a token may do; `None` for a session, which may do all.
    pub scopes: Option<Vec<Scope>>,
    /// Set by an administrator: only the own account is open until it is changed.
    pub password_is_temporary: bool,
}

impl Actor {
    /// Whether the role may do this to any object at all; asked before anything is looked up.
    ///
    /// # Errors
    /// [`AppError::Forbidden`]
    pub fn require(&self, action: Action) -> Result<(), AppError> {
        if self.password_is_temporary && !matches!(action, Action::OwnAccount | Action::OwnProfile) {
            let message = "请先修改管理员设置的临时密码";
            return Err(AppError::Forbidden { code: "password-change-required", message: message.into() });
        }
        if action == Action::OwnAccount && self.scopes.is_some() {
            let message = "令牌不能用于账号本身：请登录后操作";
            return Err(AppError::Forbidden { code: "token-not-allowed", message: message.into() });
        }
        match action.grant(Some(self.role)) {
            Grant::Never => Err(AppError::forbidden()),
            _ => Ok(()),
        }
    }

    /// Whether they may do this to an object of an organisation in a region. An object that they
    /// may not even know of is [`AppError::NotFound`].
    ///
    /// # Errors
    /// [`AppError::Forbidden`], [`AppError::NotFound`]
    pub fn require_on(&self, action: Action, relation: Relation, what: &'static str) -> Result<(), AppError> {
        self.require(action)?;
        if action.is_allowed(Some(self.role), relation) { Ok(()) } else { Err(AppError::NotFound(what)) }
    }

    /// How they are related to an object of this organisation, in this region.
    pub fn relation(&self, organisation: Option<&str>, region: Option<&str>) -> Relation {
        let same = |own: Option<&str>, other: Option<&str>| own.is_some() && own == other;
        if same(self.organisation.as_deref(), organisation) {
            return Relation::Own;
        }
        // A region is written widest first: 重庆市渝北区 lies in 重庆市.
        let inside = self.region.as_deref().is_some_and(|own| region.is_some_and(|r| r.starts_with(own)));
        if inside { Relation::Region } else { Relation::None }
    }

    /// Whether a token may be used for a request that changes something.
    pub fn may_write(&self) -> bool {
        self.scopes.as_ref().is_none_or(|scopes| scopes.contains(&Scope::Write))
    }
}
