//! What an amendment changed in the terms of a challenge, as people read it.

use super::super::money::in_words;
use super::super::text_diff::{Piece, text_diff};
use super::Challenge;

/// A part of the terms that differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TermsDifference {
    /// Name of the field in JSON; a list is one.
    pub field: &'static str,
    /// In Chinese, for pages.
    pub name: &'static str,
    /// As it was and as it is, whole; empty where it was not filled in.
    pub before: String,
    pub after: String,
    pub pieces: Vec<Piece>,
}

/// The parts that differ, in the order of the form, as people write them: money in 万元, one row of a
/// list a line, times as `time` writes them.
pub fn challenge_differences(
    before: &Challenge,
    after: &Challenge,
    time: impl Fn(i64) -> String,
) -> Vec<TermsDifference> {
    let (old, new) = (written(before, &time), written(after, &time));
    let differs = old.into_iter().zip(new).filter(|((_, _, old), (_, _, new))| old != new);
    let difference = |((field, name, before), (_, _, after)): ((_, _, String), (_, _, String))| {
        let pieces = text_diff(&before, &after);
        TermsDifference { field, name, before, after, pieces }
    };
    differs.map(difference).collect()
}

/// What stands in each part of the terms.
fn written(challenge: &Challenge, time: impl Fn(i64) -> String) -> [(&'static str, &'static str, String); 16] {
    let at = |at: Option<i64>| at.map(&time).unwrap_or_default();
    let indicator = |row: &super::Indicator| {
        let value = format!("{} {}", row.value, row.unit);
        format!("{}：{}（测试：{}）", row.name, value.trim(), row.test)
    };
    let ownership = challenge.ownership.as_ref().map(|terms| {
        let parts = [terms.template.name(), terms.text.as_str()];
        parts.into_iter().filter(|part| !part.is_empty()).collect::<Vec<_>>().join("\n")
    });
    [
        ("title", "榜单名称", challenge.title.clone()),
        ("problem", "要解决的技术问题", challenge.problem.clone()),
        ("indicators", "核心指标", lines(challenge.indicators.iter().map(indicator))),
        ("months", "完成期限", challenge.months.map(|months| format!("{months} 个月")).unwrap_or_default()),
        ("ownership", "成果归属", ownership.unwrap_or_default()),
        ("reward", "榜单金额", challenge.reward.map(in_words).unwrap_or_default()),
        ("stages", "付款阶段", lines(challenge.stages.iter().map(|s| format!("{} {}%", s.name, s.percent)))),
        ("conditions", "揭榜条件", conditions(challenge)),
        ("criteria", "评价标准", lines(challenge.criteria.iter().map(|c| format!("{} {}%", c.name, c.weight)))),
        ("opens_at", "开始揭榜", at(challenge.opens_at)),
        ("questions_until", "提问截止", at(challenge.questions_until)),
        ("closes_at", "揭榜截止", at(challenge.closes_at)),
        ("contact", "联系方式", challenge.contact.name().to_owned()),
        ("contact_text", "联系人", challenge.contact_text.clone()),
        ("attachments", "附件", challenge.attachments.name().to_owned()),
        ("scores", "评分公布", challenge.scores.name().to_owned()),
    ]
}

fn conditions(challenge: &Challenge) -> String {
    let conditions = &challenge.conditions;
    let kinds: Vec<&str> = conditions.kinds.iter().map(|kind| kind.name()).collect();
    let of = |what: &str, list: &str| (!list.is_empty()).then(|| format!("{what}：{list}"));
    let consortium = if conditions.consortium { "接受联合体" } else { "不接受联合体" };
    let parts = [
        of("单位类别", &kinds.join("、")),
        of("地区", &conditions.regions.join("、")),
        of("资质", &conditions.qualifications.join("、")),
        Some(consortium.to_owned()),
    ];
    lines(parts.into_iter().flatten())
}

fn lines(rows: impl Iterator<Item = String>) -> String {
    rows.collect::<Vec<_>>().join("\n")
}

#[cfg(test)]
mod tests {
    use super::super::publish::tests::complete;
    use super::super::{Attachments, Contact, Scores};
    use super::*;
    use crate::domain::OrganisationKind;

    fn told(before: &Challenge, after: &Challenge) -> Vec<&'static str> {
        challenge_differences(before, after, |at| at.to_string()).into_iter().map(|d| d.field).collect()
    }

    /// Each field of a challenge, alone: none can be forgotten without its showing here.
    #[test]
    fn every_field_is_compared() {
        let whole = complete();
        assert_eq!(told(&whole, &whole), Vec::<&str>::new());
        let mut other = Challenge {
            contact: Contact::Shown,
            contact_text: "示例联系人 023-0000 0000".into(),
            attachments: Attachments::AfterAgreement,
            scores: Scores::All,
            ..Challenge::default()
        };
        other.conditions.kinds = vec![OrganisationKind::University];
        let mut found = told(&whole, &other);
        let kept = serde_json::to_value(&whole).unwrap();
        let mut expected: Vec<&str> = kept.as_object().unwrap().keys().map(String::as_str).collect();
        found.sort_unstable();
        expected.sort_unstable();
        assert_eq!(found, expected);
        let changes: [fn(&mut Challenge); 3] = [
            |c| c.conditions.regions = vec!["重庆市".into()],
            |c| c.conditions.qualifications = vec!["CMA".into()],
            |c| c.conditions.consortium = true,
        ];
        for change in changes {
            let mut other = whole.clone();
            change(&mut other);
            assert_eq!(told(&whole, &other), ["conditions"]);
        }
    }

    #[test]
    fn differences_are_as_people_write() {
        let before = complete();
        let mut after = before.clone();
        (after.reward, after.indicators[0].value) = (Some(3_000_000), "≥ 45".into());
        let shown = challenge_differences(&before, &after, |at| at.to_string());
        let shown: Vec<(&str, &str, &str)> =
            shown.iter().map(|d| (d.name, d.before.as_str(), d.after.as_str())).collect();
        let row = |value| format!("扩散时间：≥ {value} min（测试：GB 38031 整包试验）");
        assert_eq!(
            shown,
            [
                ("核心指标", row(30).as_str(), row(45).as_str()),
                ("榜单金额", in_words(2_000_000).as_str(), in_words(3_000_000).as_str())
            ]
        );
    }
}
