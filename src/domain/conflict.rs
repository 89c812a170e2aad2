//! Conflicts of interest between who posts a need and who may solve it.

use std::borrow::Cow;
use std::collections::BTreeSet;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::talent::{Talent, TalentKind};
use super::text::{folded, shown};

/// Who posts a need.
#[derive(Debug, Clone, Copy)]
pub struct Poster<'a> {
    pub organisation: &'a str,
    /// Names of its people on the platform.
    pub people: &'a [String],
}

/// A reason why a talent may not be a neutral partner. It is shown; who decides is not said here.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Conflict {
    /// `same-organisation`, `affiliated-organisation` or `member-in-common`.
    #[schema(value_type = String)]
    pub code: Cow<'static, str>,
    /// In Chinese, with the names.
    pub sentence: String,
}

/// How two organisations are related by their names.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Relation {
    Same,
    /// One is a part of the other: a school of a university, a branch of a company.
    Part,
    Apart,
}

/// What the name of a part of an organisation ends in.
const PARTS: &[&str] = &[
    "学院",
    "系",
    "所",
    "中心",
    "实验室",
    "研究院",
    "医院",
    "分公司",
    "分院",
    "部",
    "厂",
    "事业部",
    "校区",
    "分校",
    "课题组",
    "团队",
];

/// The relation of two organisations. `重庆示例大学机械学院` is a part of `重庆示例大学`;
/// `重庆示例大学城科技公司` is not. Blank names are related to nothing.
pub fn relation(a: &str, b: &str) -> Relation {
    let (a, b) = (folded(a), folded(b));
    if a.is_empty() || b.is_empty() {
        return Relation::Apart;
    }
    if a == b {
        return Relation::Same;
    }
    let (short, long) = if a.len() < b.len() { (&a, &b) } else { (&b, &a) };
    let rest = long.strip_prefix(short.as_str()).filter(|_| short.chars().count() >= 4);
    match rest {
        Some(rest) if PARTS.iter().any(|part| rest.ends_with(part)) => Relation::Part,
        _ => Relation::Apart,
    }
}

/// All conflicts between a poster and a talent.
pub fn conflicts(poster: &Poster<'_>, talent: &Talent) -> Vec<Conflict> {
    let mut found = Vec::new();
    let (own, other) = (shown(poster.organisation), shown(&talent.organization));
    match relation(poster.organisation, &talent.organization) {
        Relation::Same => {
            let sentence = format!("“{}”与需求方同属“{own}”", shown(&talent.name));
            found.push(Conflict { code: "same-organisation".into(), sentence });
        }
        Relation::Part => {
            let sentence = format!("“{}”所在的“{other}”与需求方“{own}”看来是上下级单位", shown(&talent.name));
            found.push(Conflict { code: "affiliated-organisation".into(), sentence });
        }
        Relation::Apart => {}
    }
    let people: BTreeSet<String> = poster.people.iter().map(|name| folded(name)).filter(|n| !n.is_empty()).collect();
    let person = Some(&talent.name).filter(|_| talent.kind == TalentKind::Researcher);
    let mut seen = BTreeSet::new();
    for name in talent.members.iter().chain(person) {
        let plain = folded(name);
        if people.contains(&plain) && seen.insert(plain) {
            let sentence = format!("“{}”同时出现在需求方“{own}”和该人才（团队）中，请核实是否同一人", shown(name));
            found.push(Conflict { code: "member-in-common".into(), sentence });
        }
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    fn talent(kind: TalentKind, name: &str, organisation: &str, members: &[&str]) -> Talent {
        Talent {
            id: "t".to_owned(),
            kind,
            name: name.to_owned(),
            organization: organisation.to_owned(),
            region: None,
            title: None,
            keywords: Vec::new(),
            bio: None,
            fields: Vec::new(),
            members: members.iter().map(|m| (*m).to_owned()).collect(),
            evidence: Vec::new(),
        }
    }

    #[test]
    fn organisations_by_their_names() {
        for (a, b, expected) in [
            ("重庆示例大学", "重庆示例大学", Relation::Same),
            ("重庆示例（集团）有限公司", " 重庆示例(集团)有限公司", Relation::Same),
            ("EXAMPLE Lab", "Ｅxample lab", Relation::Same),
            ("重庆示例大学", "重庆示例大学机械工程学院", Relation::Part),
            ("重庆示例大学材料研究所", "重庆示例大学", Relation::Part),
            ("重庆示例公司", "重庆示例公司永川分公司", Relation::Part),
            ("重庆示例大学", "重庆示例大学城科技公司", Relation::Apart),
            ("重庆示例大学", "示例大学", Relation::Apart),
            ("示例", "示例学院", Relation::Apart),
            ("", "", Relation::Apart),
            ("", "研究所", Relation::Apart),
        ] {
            assert_eq!(relation(a, b), expected, "{a} {b}");
            assert_eq!(relation(b, a), expected, "{b} {a}");
        }
    }

    #[test]
    fn all_conflicts_are_reported_at_once() {
        let people = ["李 某".to_owned(), "王某某".to_owned(), String::new()];
        let poster = Poster { organisation: "重庆示例公司", people: &people };
        let codes = |talent: &Talent| conflicts(&poster, talent).iter().map(|c| c.code.clone()).collect::<Vec<_>>();
        use TalentKind::{Researcher, Team};
        for (talent, expected) in [
            (talent(Team, "示例团队", "另一示例大学", &["张某", "赵某"]), &[][..]),
            (talent(Team, "李某", "另一示例大学", &[]), &[]),
            (talent(Team, "示例团队", "", &[""]), &[]),
            (talent(Researcher, "李某", "另一示例大学", &[]), &["member-in-common"]),
            (talent(Team, "示例团队", "重庆示例公司", &[]), &["same-organisation"]),
            (talent(Team, "示例团队", "重庆示例公司技术中心", &[]), &["affiliated-organisation"]),
            (
                talent(Team, "示例团队", "重庆示例公司", &["李某", "王·某某", "李某"]),
                &["same-organisation", "member-in-common", "member-in-common"],
            ),
        ] {
            assert_eq!(codes(&talent), expected, "{talent:?}");
        }
        let found = conflicts(&poster, &talent(Team, "示例团队", "另一示例大学", &["李某"]));
        assert_eq!(found[0].sentence, "“李某”同时出现在需求方“重庆示例公司”和该人才（团队）中，请核实是否同一人");
    }
}
