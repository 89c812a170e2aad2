//! What is wrong with something that a person or a program has sent.

use serde::Serialize;
use utoipa::ToSchema;

/// One thing wrong with one field; a check returns all of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FieldProblem {
    /// JSON path of the field: `targets[2].value`; empty for the whole.
    pub field: String,
    /// Stable: programs and tests may rely on it.
    pub code: &'static str,
    /// In Chinese: what is wrong and what to do.
    pub message: String,
}

impl FieldProblem {
    pub fn new(field: impl Into<String>, code: &'static str, message: impl Into<String>) -> Self {
        Self { field: field.into(), code, message: message.into() }
    }
}
