//! Why a use case was not done, for people and for programs.

use zhihui_index::IndexError;

use crate::domain::{Fault, FieldProblem, InvalidTransition};
use crate::store::StoreError;

/// Each kind has its own HTTP status (`web::error`); no message holds internals.
#[derive(Debug, thiserror::Error)]
pub enum AppError {
    /// Nobody is signed in, or the session or token is no longer valid.
    #[error("请先登录")]
    Unauthenticated,
    /// Wrong login or password, without saying which.
    #[error("用户名或密码不对")]
    SignIn,
    /// Signed in, but this is not for them.
    #[error("{message}")]
    Forbidden { code: &'static str, message: String },
    /// There is no such thing, or it is not for this person to know of.
    #[error("找不到{0}：可能已被删除，或您无权查看")]
    NotFound(&'static str),
    #[error("提交的内容有 {} 处需要改正", .0.len())]
    Invalid(Vec<FieldProblem>),
    /// It would contradict what is already there.
    #[error("{message}")]
    Conflict { code: &'static str, message: String },
    /// Somebody else has changed it meanwhile.
    #[error("内容已被他人修改：请刷新后再改")]
    Stale,
    #[error("操作过于频繁：请在 {seconds} 秒后再试")]
    TooMany { seconds: u64 },
    /// Too busy, or a part is away; trying again may help.
    #[error("服务暂时繁忙，请稍后再试")]
    Unavailable,
    #[error("服务器内部错误")]
    Store(#[source] StoreError),
    #[error("服务器内部错误")]
    Index(#[from] IndexError),
    /// A defect of this program or its surroundings; the text is for the log only.
    #[error("服务器内部错误")]
    Internal(String),
}

impl AppError {
    pub fn invalid(field: &str, code: &'static str, message: impl Into<String>) -> Self {
        Self::Invalid(vec![FieldProblem::new(field, code, message)])
    }

    pub fn conflict(code: &'static str, message: impl Into<String>) -> Self {
        Self::Conflict { code, message: message.into() }
    }

    pub(super) fn forbidden() -> Self {
        Self::Forbidden { code: "forbidden", message: "您的角色不能做这件事".into() }
    }
}

impl From<StoreError> for AppError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::Stale => Self::Stale,
            StoreError::Busy => Self::Unavailable,
            StoreError::EvidenceDiffers { .. } => Self::conflict("evidence-differs", error.to_string()),
            StoreError::Conflict(_) => Self::conflict("conflict", "与已有记录冲突：请刷新后再试"),
            other => Self::Store(other),
        }
    }
}

impl From<InvalidTransition> for AppError {
    fn from(refused: InvalidTransition) -> Self {
        Self::conflict(InvalidTransition::CODE, refused.to_string())
    }
}

/// `Ok` if there is no problem, else all of them.
pub(super) fn all_right(problems: Vec<FieldProblem>) -> Result<(), AppError> {
    if problems.is_empty() { Ok(()) } else { Err(AppError::Invalid(problems)) }
}

/// What is wrong with one field.
pub(super) fn at(field: &str, faults: Vec<Fault>) -> impl Iterator<Item = FieldProblem> {
    faults.into_iter().map(move |fault| FieldProblem::at(field, fault))
}
