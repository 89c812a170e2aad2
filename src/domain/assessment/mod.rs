//! Assessment 需求评测 (第七条): what a need lacks, what is vague in it, and what the index says of
//! it. Rules and the index; no language model.
//!
//! [`RULES`] is the table of all findings. What the rules know of the world is passed in: the
//! regulation's numbers and the words to beware of ([`Guide`]), and what the caller found with the
//! index ([`Signals`]).

mod catalogue;
mod completeness;
mod conditions;
mod content;
mod personal;
mod signals;
mod time_limit;
mod wording;

use std::ops::Range;

use serde::Serialize;
use utoipa::ToSchema;

use super::need::Need;
use super::need_check::check_submit;
use super::regulation::Parameters;

pub use catalogue::{Part, RULES, Rule, Severity};
pub use completeness::{Completeness, Deduction, PartScore};
pub use personal::{PersonalData, personal_data};
pub use signals::{MatchCounts, PredictedField, Signals, SimilarNeed};
pub use wording::{Wording, WordingError};

/// What the rules go by.
#[derive(Debug, Clone, Copy)]
pub struct Guide<'a> {
    pub parameters: &'a Parameters,
    pub wording: &'a Wording,
}

/// Something that the enterprise should know about its need.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Finding {
    /// Stable; [`RULES`] lists them all.
    pub code: &'static str,
    pub severity: Severity,
    /// JSON path of the field that it is about: `targets[2].unit`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// In Chinese: what it is, in the need's own words, and what to do.
    pub sentence: String,
    /// 第N条 that it follows from.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub article: Option<&'static str>,
    /// Characters (not bytes) of the field's text that it speaks of.
    #[serde(skip_serializing_if = "Option::is_none")]
    #[schema(value_type = Option<Object>, example = json!({ "start": 3, "end": 5 }))]
    pub range: Option<Range<usize>>,
}

impl Finding {
    fn new(code: &'static str, field: Option<&str>, sentence: impl Into<String>) -> Self {
        let rule = catalogue::rule_of(code).unwrap_or_else(|| unreachable!("{code} is in RULES: a test makes each"));
        Self {
            code: rule.code,
            severity: rule.severity,
            field: field.map(str::to_owned),
            sentence: sentence.into(),
            article: rule.article,
            range: None,
        }
    }

    fn at(self, range: Range<usize>) -> Self {
        Self { range: Some(range), ..self }
    }
}

/// All findings about a need, the gravest first, and within a severity in the order of the form.
///
/// Any text is taken; a need that [`super::need_check::check`] refuses as well.
pub fn assess(need: &Need, signals: &Signals, guide: &Guide<'_>) -> Vec<Finding> {
    let missing = check_submit(need);
    let mut findings: Vec<Finding> =
        missing.into_iter().map(|problem| Finding::new(problem.code, Some(&problem.field), problem.message)).collect();
    findings.extend(content::problem(need, guide.wording));
    findings.extend(content::targets(need, guide.wording));
    findings.extend(conditions::money(need, guide.parameters));
    findings.extend(conditions::time(need, signals.today, guide.parameters));
    findings.extend(conditions::ownership(need));
    findings.extend(content::scenario(need));
    findings.extend(content::personal(need));
    findings.extend(signals::findings(need, signals));
    // Stable: the order above stays within a severity.
    findings.sort_by_key(|finding| finding.severity);
    findings
}

#[cfg(test)]
mod tests;
