//! What changed between two versions of a need, field by field.

use serde::Serialize;
use utoipa::ToSchema;

use super::money::in_words;
use super::need::{Need, NeedMode, Target};
use super::text_diff::{Piece, text_diff};

/// A field that differs. What is absent on one side was not filled in there.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FieldChange {
    /// JSON path of the field: `targets[2]`.
    pub field: String,
    /// In Chinese, for pages.
    pub name: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub before: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub after: Option<String>,
}

/// The fields that differ, in the order of the form. Targets are compared row by row.
pub fn need_changes(before: &Need, after: &Need) -> Vec<FieldChange> {
    let mut changes = Vec::new();
    let mut compare = |field: &str, name: &str, before: Option<String>, after: Option<String>| {
        if before != after {
            changes.push(FieldChange { field: field.to_owned(), name: name.to_owned(), before, after });
        }
    };
    let problem = |need: &Need| Some(need.problem.clone()).filter(|text| !text.is_empty());
    let mode = |need: &Need| need.mode.map(|mode: NeedMode| mode.name().to_owned());
    let yuan = |amount: Option<u64>| amount.map(|yuan| yuan.to_string());
    compare("organization", "单位", before.organization.clone(), after.organization.clone());
    compare("title", "标题", before.title.clone(), after.title.clone());
    compare("problem", "技术问题", problem(before), problem(after));
    compare("mode", "组织实施方式", mode(before), mode(after));
    for row in 0..before.targets.len().max(after.targets.len()) {
        let text = |need: &Need| need.targets.get(row).map(Target::text);
        compare(&format!("targets[{row}]"), &format!("第 {} 条目标", row + 1), text(before), text(after));
    }
    compare("scenario", "应用场景", before.scenario.clone(), after.scenario.clone());
    compare("total_investment", "总投资（元）", yuan(before.total_investment), yuan(after.total_investment));
    compare("self_raised", "自筹资金（元）", yuan(before.self_raised), yuan(after.self_raised));
    compare("field", "领域", before.field.clone(), after.field.clone());
    compare("region", "所在地区", before.region.clone(), after.region.clone());
    compare("deadline", "截止日期", before.deadline.clone(), after.deadline.clone());
    compare("ownership", "成果归属", before.ownership.clone(), after.ownership.clone());
    changes
}

/// A field that two people have written differently, or two versions.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Difference {
    /// Name of the field in JSON; the targets are one.
    pub field: &'static str,
    /// In Chinese, for pages.
    pub name: &'static str,
    pub pieces: Vec<Piece>,
}

/// The fields that differ, in the order of the form, with what differs within each as people write
/// it: money in 万元, one target a line. `field_name` names the code of a field.
pub fn need_differences(before: &Need, after: &Need, field_name: impl Fn(&str) -> String) -> Vec<Difference> {
    let (old, new) = (written(before, &field_name), written(after, &field_name));
    let differs = old.into_iter().zip(new).filter(|((_, _, old), (_, _, new))| old != new);
    differs.map(|((field, name, old), (_, _, new))| Difference { field, name, pieces: text_diff(&old, &new) }).collect()
}

/// What stands in each field of the form.
fn written(need: &Need, field_name: impl Fn(&str) -> String) -> [(&'static str, &'static str, String); 11] {
    let text = |text: &Option<String>| text.clone().unwrap_or_default();
    let money = |yuan: Option<u64>| yuan.map(in_words).unwrap_or_default();
    let targets: Vec<String> = need.targets.iter().map(Target::text).collect();
    [
        ("title", "需求名称", text(&need.title)),
        ("problem", "技术问题", need.problem.clone()),
        ("scenario", "应用场景", text(&need.scenario)),
        ("field", "领域", need.field.as_deref().map(&field_name).unwrap_or_default()),
        ("mode", "组织实施方式", need.mode.map_or(String::new(), |mode| mode.name().to_owned())),
        ("targets", "预期目标", targets.join("\n")),
        ("total_investment", "资金投入总额", money(need.total_investment)),
        ("self_raised", "其中自筹资金", money(need.self_raised)),
        ("deadline", "截止日期", text(&need.deadline)),
        ("region", "所在地区", text(&need.region)),
        ("ownership", "成果归属", text(&need.ownership)),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn target(name: &str) -> Target {
        Target { name: name.to_owned(), value: "≥3".to_owned(), unit: Some("次".to_owned()) }
    }

    /// A need with every field filled in.
    fn whole() -> Need {
        Need {
            id: "n".into(),
            organization: Some("示例企业".into()),
            title: Some("题".into()),
            problem: "问题".into(),
            mode: Some(NeedMode::Collaborative),
            targets: vec![target("寿命")],
            scenario: Some("场景".into()),
            total_investment: Some(3),
            self_raised: Some(2),
            field: Some("A1".into()),
            region: Some("重庆市".into()),
            deadline: Some("2027-06-30".into()),
            ownership: Some("双方共有".into()),
        }
    }

    /// Each field of a need, alone: no field can be forgotten without its showing here.
    #[test]
    fn every_field_is_compared() {
        let whole = whole();
        assert_eq!(need_changes(&whole, &whole), []);
        let changes = need_changes(&Need::default(), &whole);
        let fields: Vec<&str> = changes.iter().map(|c| c.field.split('[').next().unwrap()).collect();
        let kept = serde_json::to_value(&whole).unwrap();
        let mut expected: Vec<&str> = kept.as_object().unwrap().keys().map(String::as_str).collect();
        expected.retain(|field| *field != "id");
        let mut found = fields.clone();
        found.sort_unstable();
        expected.sort_unstable();
        assert_eq!(found, expected);
        assert!(changes.iter().all(|c| c.before.is_none() && c.after.is_some()), "{changes:?}");
        let back = need_changes(&whole, &Need::default());
        assert_eq!(back.iter().map(|c| (&c.before, &c.after)).collect::<Vec<_>>(), {
            changes.iter().map(|c| (&c.after, &c.before)).collect::<Vec<_>>()
        });
    }

    #[test]
    fn differences_are_by_field_and_as_people_write() {
        let whole = whole();
        assert_eq!(need_differences(&whole, &whole, str::to_owned), []);
        let all = need_differences(&Need::default(), &whole, |code| format!("领域 {code}"));
        let fields: Vec<&str> = all.iter().map(|d| d.field).collect();
        let mut expected: Vec<String> =
            need_changes(&Need::default(), &whole).iter().map(|c| c.field.replace("[0]", "")).collect();
        expected.retain(|field| field != "organization");
        assert!(fields.len() == expected.len() && expected.iter().all(|f| fields.contains(&f.as_str())), "{fields:?}");
        let before = Need { total_investment: Some(400_000), ..whole.clone() };
        let after =
            Need { total_investment: Some(600_000), targets: vec![target("寿命"), target("精度")], ..whole };
        let shown: Vec<(&str, String)> = need_differences(&before, &after, str::to_owned)
            .iter()
            .map(|d| (d.name, d.pieces.iter().map(|p| format!("{:?}{}", p.change, p.text)).collect()))
            .collect();
        let expected = [("预期目标", "Same寿命 ≥3 次Added\n精度 ≥3 次"), ("资金投入总额", "Removed40Added60Same 万元")];
        assert_eq!(shown, expected.map(|(name, text)| (name, text.to_owned())));
    }

    #[test]
    fn rows_of_targets_are_named() {
        let before = Need { targets: vec![target("寿命"), target("精度")], ..Need::default() };
        let after = Need { targets: vec![target("寿命"), target("效率"), target("成本")], ..Need::default() };
        let changes = need_changes(&before, &after);
        let shown: Vec<_> =
            changes.iter().map(|c| (c.field.as_str(), c.before.as_deref(), c.after.as_deref())).collect();
        assert_eq!(
            shown,
            [("targets[1]", Some("精度 ≥3 次"), Some("效率 ≥3 次")), ("targets[2]", None, Some("成本 ≥3 次"))]
        );
    }
}
