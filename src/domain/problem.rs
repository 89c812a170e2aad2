//! What is wrong with what a person gave: a stable code, and in Chinese what is wrong and what to
//! do. Files, forms and the API all show it.

use serde::Serialize;
use utoipa::ToSchema;

/// What is wrong with one value, wherever it stands.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Fault {
    /// Stable: other programs may tell by it.
    pub code: &'static str,
    /// A Chinese sentence: what is wrong, and what to do.
    pub reason: String,
}

impl Fault {
    pub fn new(code: &'static str, reason: impl Into<String>) -> Self {
        Self { code, reason: reason.into() }
    }

    /// Nothing where something must be.
    pub fn missing() -> Self {
        Self::new("missing-value", "没有填写；此项必填")
    }
}

/// What is wrong with one field of a form or of a request.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FieldProblem {
    /// JSON path of the field: `targets[2].value`.
    pub field: String,
    /// Stable: other programs may tell by it.
    pub code: &'static str,
    /// A Chinese sentence: what is wrong, and what to do.
    pub message: String,
}

impl FieldProblem {
    pub fn new(field: impl Into<String>, code: &'static str, message: impl Into<String>) -> Self {
        Self { field: field.into(), code, message: message.into() }
    }

    /// The fault at its field.
    pub fn at(field: impl Into<String>, fault: Fault) -> Self {
        Self::new(field, fault.code, fault.reason)
    }
}

/// A step that a state does not allow.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{thing}现在是“{state}”，不能“{action}”；{}", allowed_steps(allowed))]
pub struct InvalidTransition {
    /// What was to change: 需求, 邀请.
    pub thing: &'static str,
    /// Name of the state that it is in.
    pub state: &'static str,
    /// Name of the step that was asked for.
    pub action: &'static str,
    /// Names of the steps that the state allows.
    pub allowed: Vec<&'static str>,
}

impl InvalidTransition {
    /// For problems over the API.
    pub const CODE: &'static str = "invalid-transition";
}

fn allowed_steps(allowed: &[&str]) -> String {
    if allowed.is_empty() { "它已经结束".to_owned() } else { format!("可以：{}", allowed.join("、")) }
}
