//! Who may bid: all that stands against it is said at once, each with its rule.

use std::collections::BTreeSet;

use serde::Serialize;
use utoipa::ToSchema;

use super::super::conflict::{Relation, relation};
use super::super::organisation::OrganisationKind;
use super::super::text::{folded, shown};
use super::Conditions;

/// An organisation as far as the rules look at it.
#[derive(Debug, Clone, Default)]
pub struct Party<'a> {
    pub id: &'a str,
    pub name: &'a str,
    pub kind: Option<OrganisationKind>,
    pub region: Option<&'a str>,
    /// The group of companies that it has declared.
    pub group: Option<&'a str>,
    /// Legal person 法定代表人.
    pub legal_person: Option<&'a str>,
    /// Names of its people, and of those in its team.
    pub people: Vec<String>,
    pub qualifications: Vec<String>,
    /// An open entry in the records of research integrity.
    pub has_integrity_record: bool,
}

/// Why somebody may not bid.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Violation {
    /// Stable.
    pub code: &'static str,
    /// The rule that it breaks: an article, or a condition of the challenge.
    pub rule: &'static str,
    pub sentence: String,
}

/// Everything that stands against the parties' bidding for the publisher's challenge.
pub fn violations(publisher: &Party<'_>, bidders: &[Party<'_>], conditions: &Conditions) -> Vec<Violation> {
    bidders.iter().flat_map(|bidder| against(publisher, bidder, conditions)).collect()
}

/// What ties two organisations so that neither is neutral to the other.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) enum Tie {
    Same,
    /// By their names, the same or one a part of the other.
    Part,
    Group,
    LegalPerson,
    /// Names of people that both have.
    People(Vec<String>),
}

/// All that ties one organisation to another. What is not known ties nothing.
pub(super) fn ties(one: &Party<'_>, other: &Party<'_>) -> Vec<Tie> {
    if one.id == other.id && !one.id.is_empty() {
        return vec![Tie::Same];
    }
    let same = |a: Option<&str>, b: Option<&str>| {
        a.zip(b).is_some_and(|(a, b)| !folded(a).is_empty() && folded(a) == folded(b))
    };
    let people: BTreeSet<String> = one.people.iter().map(|p| folded(p)).filter(|p| !p.is_empty()).collect();
    let mut common: Vec<String> =
        other.people.iter().filter(|p| people.contains(&folded(p))).map(|p| shown(p)).collect();
    common.dedup();
    let found = [
        (relation(one.name, other.name) != Relation::Apart, Tie::Part),
        (same(one.group, other.group), Tie::Group),
        (same(one.legal_person, other.legal_person), Tie::LegalPerson),
        (!common.is_empty(), Tie::People(common)),
    ];
    found.into_iter().filter(|(is_so, _)| *is_so).map(|(_, tie)| tie).collect()
}

fn against(publisher: &Party<'_>, bidder: &Party<'_>, conditions: &Conditions) -> Vec<Violation> {
    let name = shown(bidder.name);
    let mut found = Vec::new();
    let mut add = |code, rule, sentence: String| found.push(Violation { code, rule, sentence });
    const INDEPENDENT: &str = "揭榜方不得是发榜方或其关联方";
    for tie in ties(publisher, bidder) {
        let (code, sentence) = match tie {
            Tie::Same => ("is-publisher", format!("“{name}”就是发榜方")),
            Tie::Part => ("is-part", format!("“{name}”与发榜方看来是同一单位或上下级单位")),
            Tie::Group => ("same-group", format!("“{name}”与发榜方申报了同一集团")),
            Tie::LegalPerson => ("same-legal-person", format!("“{name}”与发榜方的法定代表人相同")),
            Tie::People(common) => ("member-in-common", format!("“{name}”的成员{}也在发榜方任职", common.join("、"))),
        };
        add(code, INDEPENDENT, sentence);
    }
    if bidder.has_integrity_record {
        let rule = "有未了结科研诚信记录的不得揭榜";
        add("integrity-record", rule, format!("“{name}”有未了结的科研诚信记录"));
    }
    const CONDITIONS: &str = "榜单的揭榜条件";
    if !conditions.kinds.is_empty() && !bidder.kind.is_some_and(|k| conditions.kinds.contains(&k)) {
        let kinds: Vec<_> = conditions.kinds.iter().map(|k| k.name()).collect();
        add("wrong-kind", CONDITIONS, format!("“{name}”不属于：{}", kinds.join("、")));
    }
    let inside = |region: &str| bidder.region.is_some_and(|own| own.starts_with(region));
    if !conditions.regions.is_empty() && !conditions.regions.iter().any(|r| inside(r)) {
        add("wrong-region", CONDITIONS, format!("“{name}”不在：{}", conditions.regions.join("、")));
    }
    let has = |asked: &String| bidder.qualifications.iter().any(|q| folded(q) == folded(asked));
    let lacking: Vec<_> = conditions.qualifications.iter().filter(|q| !has(q)).map(String::as_str).collect();
    if !lacking.is_empty() {
        add("missing-qualification", CONDITIONS, format!("“{name}”缺少资质：{}", lacking.join("、")));
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn party<'a>(id: &'a str, name: &'a str) -> Party<'a> {
        Party {
            id, name, kind: Some(OrganisationKind::University), region: Some("四川省成都市"), ..Party::default()
        }
    }

    #[test]
    fn all_violations_are_listed_at_once() {
        let publisher = Party {
            group: Some("示例集团"),
            legal_person: Some("示例甲"),
            people: vec!["示例乙".into()],
            ..party("p", "重庆示例公司")
        };
        let free = Conditions::default();
        let codes = |bidders: &[Party<'_>], conditions: &Conditions| {
            violations(&publisher, bidders, conditions).iter().map(|v| v.code).collect::<Vec<_>>()
        };
        assert_eq!(codes(&[party("b", "另一示例大学")], &free), Vec::<&str>::new());
        assert_eq!(codes(std::slice::from_ref(&publisher), &free), ["is-publisher"]);
        let bad = Party {
            group: Some(" 示例集团"),
            legal_person: Some("示例甲"),
            people: vec!["示例 乙".into()],
            has_integrity_record: true,
            ..party("b", "重庆示例公司永川分公司")
        };
        let strict = Conditions {
            kinds: vec![OrganisationKind::Institute],
            regions: vec!["重庆市".into()],
            qualifications: vec!["CNAS 实验室".into()],
            consortium: true,
        };
        let all = [
            "is-part",
            "same-group",
            "same-legal-person",
            "member-in-common",
            "integrity-record",
            "wrong-kind",
            "wrong-region",
            "missing-qualification",
        ];
        assert_eq!(codes(std::slice::from_ref(&bad), &strict), all);
        // One member of a consortium is enough.
        assert_eq!(codes(&[party("b", "另一示例大学"), publisher.clone()], &free), ["is-publisher"]);
        // Nothing known is nothing in common.
        let blank = Party {
            group: Some("  "),
            legal_person: Some(""),
            people: vec![String::new()],
            ..party("b", "另一示例大学")
        };
        assert_eq!(codes(&[blank], &free), Vec::<&str>::new());
    }
}
