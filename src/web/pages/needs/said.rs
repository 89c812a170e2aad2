//! What the assessment says of a need while it is written, by the items of 第六条 that it is about.

use crate::app::assessment::Assessment;
use crate::domain::{FieldProblem, Finding, Severity};

/// One of the four items.
#[derive(Debug)]
pub struct Section {
    pub key: &'static str,
    pub name: &'static str,
    /// What is said where there is nothing to say.
    pub quiet: &'static str,
    /// What keeps it from being saved.
    pub problems: Vec<FieldProblem>,
    pub findings: Vec<Finding>,
    /// Nothing of it is missing.
    pub is_done: bool,
}

/// All that is said.
#[derive(Debug)]
pub struct Said {
    pub sections: [Section; 4],
    /// Of the need as a whole.
    pub whole: Vec<Finding>,
    /// 0–100
    pub score: u32,
    /// How many talents match, in words.
    pub found: String,
}

/// Key, name and fields of each item, and what is said where there is nothing to say.
const ITEMS: [(&str, &str, &[&str], &str); 4] = [
    ("problem", "技术问题", &["problem", "scenario", "field"], "写下技术问题，这里随即给出意见。"),
    ("mode", "组织实施方式", &["mode"], "已选定。"),
    ("targets", "预期目标", &["targets"], "没有意见。"),
    ("money", "资金投入等", &["total_investment", "self_raised", "deadline", "region", "ownership"], "没有意见。"),
];

impl Said {
    /// The findings and the problems of an assessment, with those of `unread` fields, which could
    /// not be made into values.
    pub fn of(assessment: Assessment, unread: &[FieldProblem]) -> Self {
        let found = found(&assessment);
        let score = assessment.completeness.score;
        let mut findings = assessment.findings;
        let mut problems = assessment.problems;
        // A need of which nothing is written cannot be kept; that is no news to who begins.
        problems.retain(|problem| problem.code != "missing-value");
        problems.extend_from_slice(unread);
        // What cannot be read is not missing.
        findings.retain(|f| unread.iter().all(|p| f.field.as_deref() != Some(&p.field)));
        let sections = ITEMS.map(|(key, name, fields, quiet)| {
            let is_of = |field: &str| fields.contains(&field.split('[').next().unwrap_or_default());
            let findings: Vec<Finding> = findings.extract_if(.., |f| f.field.as_deref().is_some_and(is_of)).collect();
            let problems: Vec<FieldProblem> = problems.extract_if(.., |p| is_of(&p.field)).collect();
            let is_done = problems.is_empty() && findings.iter().all(|f| f.severity != Severity::Blocking);
            Section { key, name, quiet, problems, findings, is_done }
        });
        Self { sections, whole: findings, score, found }
    }
}

fn found(assessment: &Assessment) -> String {
    match &assessment.findability.matches {
        None => "写下技术问题，这里显示能找到多少团队。".to_owned(),
        Some(counts) => {
            format!("能找到的团队：高度匹配 {}，较匹配 {}，可参考 {}", counts.high, counts.fair, counts.low)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::assessment::Findability;
    use crate::domain::assessment::RULES;
    use crate::domain::{Completeness, Need, Signals};

    fn finding(code: &'static str, severity: Severity, field: Option<&str>) -> Finding {
        Finding { code, severity, field: field.map(str::to_owned), sentence: code.into(), article: None, range: None }
    }

    fn assessment(findings: Vec<Finding>, problems: Vec<FieldProblem>) -> Assessment {
        Assessment {
            problems,
            completeness: Completeness::of(&findings),
            findings,
            findability: Findability { matches: None, uncovered: Vec::new() },
            clusters: Vec::new(),
            disciplines: Vec::new(),
            similar: Vec::new(),
        }
    }

    #[test]
    fn each_finding_stands_beside_its_item_and_none_is_lost() {
        let findings = vec![
            finding("no-mode", Severity::Blocking, Some("mode")),
            finding("target-without-unit", Severity::Warning, Some("targets[2].unit")),
            finding("no-scenario", Severity::Hint, Some("scenario")),
            finding("no-money", Severity::Blocking, Some("total_investment")),
            finding("no-ownership", Severity::Warning, Some("ownership")),
            finding("near-duplicate", Severity::Warning, None),
            finding("personal-data", Severity::Warning, Some("title")),
        ];
        let unread = [FieldProblem::new("total_investment", "bad-money", "不是金额")];
        let said = Said::of(assessment(findings, Vec::new()), &unread);
        let codes: Vec<Vec<&str>> = said.sections.iter().map(|s| s.findings.iter().map(|f| f.code).collect()).collect();
        assert_eq!(codes, [vec!["no-scenario"], vec!["no-mode"], vec!["target-without-unit"], vec!["no-ownership"]]);
        assert_eq!(said.sections.iter().map(|s| s.is_done).collect::<Vec<_>>(), [true, false, true, false]);
        assert_eq!(said.whole.iter().map(|f| f.code).collect::<Vec<_>>(), ["near-duplicate", "personal-data"]);
        assert_eq!(said.sections[3].problems.len(), 1);
    }

    /// What 第六条 asks for stands in one of the four items, for every rule that blocks.
    #[test]
    fn what_blocks_an_empty_need_stands_beside_an_item() {
        let rules = crate::app::assessment::rules().unwrap();
        let guide = crate::domain::assessment::Guide { parameters: &rules.parameters, wording: &rules.wording };
        let signals = Signals {
            today: crate::domain::Day::new(2026, 1, 1).unwrap(),
            matches: None,
            uncovered: Vec::new(),
            named_field: None,
            predicted_fields: Vec::new(),
            similar: Vec::new(),
        };
        let findings = crate::domain::assess(&Need::default(), &signals, &guide);
        let said = Said::of(assessment(findings, Vec::new()), &[]);
        assert!(said.sections.iter().all(|s| !s.is_done));
        assert!(said.whole.iter().all(|f| f.severity != Severity::Blocking));
        assert!(RULES.iter().any(|r| r.severity == Severity::Blocking));
    }
}
