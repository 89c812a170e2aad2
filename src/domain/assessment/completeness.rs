//! How complete a need is, from 0 to 100: the sum of named parts, each with what lowered it.

use std::collections::BTreeSet;

use serde::Serialize;
use utoipa::ToSchema;

use super::Finding;
use super::catalogue::{Part, rule_of};

/// The score, made of its parts.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Completeness {
    /// 0–100: the sum of the points of all parts.
    pub score: u32,
    pub parts: Vec<PartScore>,
}

/// One part of the score.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct PartScore {
    pub part: Part,
    /// In Chinese, for pages.
    pub name: &'static str,
    /// Never below 0.
    pub points: u32,
    /// What a part without findings has.
    pub most: u32,
    pub deductions: Vec<Deduction>,
}

/// What lowered a part. A code counts once however often it is found.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, ToSchema)]
pub struct Deduction {
    pub code: &'static str,
    pub points: u32,
    /// In Chinese, for pages.
    pub why: &'static str,
}

impl Completeness {
    /// The score that these findings give.
    pub fn of(findings: &[Finding]) -> Self {
        let codes: BTreeSet<&str> = findings.iter().map(|finding| finding.code).collect();
        let part = |part: Part| {
            let rules = codes.iter().filter_map(|code| rule_of(code));
            let deductions: Vec<Deduction> = rules
                .filter_map(|rule| {
                    let (_, points) = rule.costs.filter(|(of, _)| *of == part)?;
                    Some(Deduction { code: rule.code, points, why: rule.meaning })
                })
                .collect();
            let lost: u32 = deductions.iter().map(|deduction| deduction.points).sum();
            let points = part.points().saturating_sub(lost);
            PartScore { part, name: part.name(), points, most: part.points(), deductions }
        };
        let parts: Vec<PartScore> = Part::ALL.into_iter().map(part).collect();
        Self { score: parts.iter().map(|part| part.points).sum(), parts }
    }
}
