//! When two profiles may be those of one person or one team. An operator decides; nothing is merged
//! by suspicion alone.
//!
//! Names are compared as [`folded`]. Co-authors share evidence, so shared evidence alone says
//! nothing; names alike in different organisations with nothing in common are namesakes.
//!
//! | names | besides | suspicion |
//! |---|---|---|
//! | alike | same organisation | strong |
//! | alike | two or more pieces of evidence in common | strong |
//! | alike | one organisation is a part of the other | possible |
//! | alike | one piece of evidence in common | possible |
//! | alike | a team's members in common (two or more) | possible |
//! | alike | one names no organisation, and three keywords in common | possible |
//! | other | a team: same organisation and the same members (two or more) | possible |

use std::collections::BTreeSet;

use serde::Serialize;
use utoipa::ToSchema;

use super::conflict::{Relation, relation};
use super::talent::{Talent, TalentKind};
use super::text::{folded, shown};

/// How likely two profiles are one.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Strength {
    Possible,
    Strong,
}

/// Why two profiles may be one.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Suspicion {
    pub strength: Strength,
    /// In Chinese, one for each thing in common.
    pub reasons: Vec<String>,
}

/// Members in common that hint at one team.
const MEMBERS: usize = 2;
/// Keywords in common that count where an organisation is not known.
const KEYWORDS: usize = 3;
/// Shorter titles are no names of a work: `总论`.
const MIN_TITLE: usize = 8;

/// Whether two profiles may be one; the order of the two does not matter.
pub fn duplicate_suspicion(a: &Talent, b: &Talent) -> Option<Suspicion> {
    if a.kind != b.kind || a.id == b.id {
        return None;
    }
    let name = folded(&a.name);
    let alike = !name.is_empty() && name == folded(&b.name);
    let members = in_common(a, b, |talent| talent.members.iter().map(|member| folded(member)).collect());
    let organisations = relation(&a.organization, &b.organization);
    let teams = a.kind == TalentKind::Team && members >= MEMBERS;
    if !alike {
        let same_team = teams && organisations == Relation::Same && members == a.members.len().max(b.members.len());
        let reason = format!("同在“{}”，成员完全相同（{members} 人）", shown(&a.organization));
        return same_team.then(|| Suspicion { strength: Strength::Possible, reasons: vec![reason] });
    }

    let mut strength = None;
    let mut reasons = vec![format!("名称相同：“{}”", shown(&a.name))];
    let mut note = |of: Strength, reason: String| {
        strength = strength.max(Some(of));
        reasons.push(reason);
    };
    match organisations {
        Relation::Same => note(Strength::Strong, format!("单位相同：“{}”", shown(&a.organization))),
        Relation::Part => {
            note(Strength::Possible, format!("单位看来是上下级：{}", both(&a.organization, &b.organization)))
        }
        Relation::Apart => {}
    }
    match shared_evidence(a, b) {
        0 => {}
        1 => note(Strength::Possible, "有 1 项共同的成果".to_owned()),
        n => note(Strength::Strong, format!("有 {n} 项共同的成果")),
    }
    if teams {
        note(Strength::Possible, format!("有 {members} 名共同的成员"));
    }
    let unknown = a.organization.trim().is_empty() || b.organization.trim().is_empty();
    let keywords = in_common(a, b, |talent| talent.keywords.iter().map(|keyword| folded(keyword)).collect());
    if unknown && keywords >= KEYWORDS {
        note(Strength::Possible, format!("一方没有写单位，有 {keywords} 个共同的关键词"));
    }
    strength.map(|strength| Suspicion { strength, reasons })
}

/// What a team is known by besides its name: its organisation and all its members; `None` for a
/// researcher or a team with fewer than two members. Two profiles are suspected only if their
/// names are [`folded`] alike or these are the same, so that nobody need look at all pairs.
pub fn team_key(talent: &Talent) -> Option<String> {
    let members: BTreeSet<String> = talent.members.iter().map(|m| folded(m)).filter(|m| !m.is_empty()).collect();
    let organisation = folded(&talent.organization);
    let known = talent.kind == TalentKind::Team && members.len() >= MEMBERS && !organisation.is_empty();
    known.then(|| format!("{organisation}|{}", members.into_iter().collect::<Vec<_>>().join("|")))
}

/// Pieces in common by id, or by title where a file gave its own ids.
fn shared_evidence(a: &Talent, b: &Talent) -> usize {
    let title = |text: &str| Some(folded(text)).filter(|title| title.chars().count() >= MIN_TITLE);
    let ids: BTreeSet<&str> = b.evidence.iter().map(|piece| piece.id.as_str()).collect();
    let titles: BTreeSet<String> = b.evidence.iter().filter_map(|piece| title(&piece.title)).collect();
    let shared = a.evidence.iter().filter(|piece| {
        ids.contains(piece.id.as_str()) || title(&piece.title).is_some_and(|title| titles.contains(&title))
    });
    // A title may stand twice in one profile, and is one work.
    shared.map(|piece| title(&piece.title).unwrap_or_else(|| piece.id.clone())).collect::<BTreeSet<_>>().len()
}

fn in_common(a: &Talent, b: &Talent, words: impl Fn(&Talent) -> BTreeSet<String>) -> usize {
    words(a).intersection(&words(b)).filter(|word| !word.is_empty()).count()
}

/// Two names, in one order whichever comes first.
fn both(a: &str, b: &str) -> String {
    let (first, second) = if a <= b { (a, b) } else { (b, a) };
    format!("“{}”与“{}”", shown(first), shown(second))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::talent::{Evidence, EvidenceType};

    struct Profile<'a> {
        kind: TalentKind,
        name: &'a str,
        organisation: &'a str,
        evidence: &'a [(&'a str, &'a str)],
        members: &'a [&'a str],
        keywords: &'a [&'a str],
    }

    const PERSON: Profile<'static> = Profile {
        kind: TalentKind::Researcher,
        name: "张某",
        organisation: "重庆示例大学",
        evidence: &[],
        members: &[],
        keywords: &[],
    };
    const TEAM: Profile<'static> = Profile { kind: TalentKind::Team, name: "示例团队", ..PERSON };

    fn talent(id: &str, profile: &Profile<'_>) -> Talent {
        let strings = |texts: &[&str]| texts.iter().map(|text| (*text).to_owned()).collect();
        let piece = |(id, title): &(&str, &str)| Evidence {
            id: (*id).to_owned(),
            r#type: EvidenceType::Paper,
            title: (*title).to_owned(),
            r#abstract: None,
            keywords: Vec::new(),
            year: None,
        };
        Talent {
            id: id.to_owned(),
            kind: profile.kind,
            name: profile.name.to_owned(),
            organization: profile.organisation.to_owned(),
            region: None,
            title: None,
            keywords: strings(profile.keywords),
            bio: None,
            fields: Vec::new(),
            members: strings(profile.members),
            evidence: profile.evidence.iter().map(piece).collect(),
        }
    }

    fn suspicion(a: &Profile<'_>, b: &Profile<'_>) -> Option<Strength> {
        let (a, b) = (talent("a", a), talent("b", b));
        let found = duplicate_suspicion(&a, &b);
        assert_eq!(found.as_ref().map(|s| s.strength), duplicate_suspicion(&b, &a).map(|s| s.strength));
        assert!(found.as_ref().is_none_or(|s| !s.reasons.is_empty()));
        assert_eq!(duplicate_suspicion(&a, &a), None, "a profile is no duplicate of itself");
        found.map(|s| s.strength)
    }

    const TWO: &[(&str, &str)] = &[("e1", "磷酸铁锂电池热失控抑制研究"), ("e2", "电芯间隔热材料的制备")];

    #[test]
    fn namesakes_are_told_from_one_person() {
        let elsewhere = Profile { organisation: "另一示例研究院", ..PERSON };
        let named = Profile { name: "李某", ..PERSON };
        let nowhere = Profile { organisation: "", ..PERSON };
        let words: &[&str] = &["热失控", "电池", "隔热"];
        for (a, b, expected) in [
            (PERSON, PERSON, Some(Strength::Strong)),
            (PERSON, Profile { name: " 张·某", organisation: "重庆示例大学 ", ..PERSON }, Some(Strength::Strong)),
            (
                Profile { evidence: TWO, ..PERSON },
                Profile { organisation: "另一示例研究院", evidence: TWO, ..PERSON },
                Some(Strength::Strong),
            ),
            (
                Profile { evidence: TWO, ..PERSON },
                Profile {
                    organisation: "另一示例研究院",
                    evidence: &[("x9", "磷酸铁锂电池热失控抑制研究。")],
                    ..PERSON
                },
                Some(Strength::Possible),
            ),
            (PERSON, Profile { organisation: "重庆示例大学材料学院", ..PERSON }, Some(Strength::Possible)),
            (
                Profile { keywords: words, ..PERSON },
                Profile { organisation: "", keywords: words, ..PERSON },
                Some(Strength::Possible),
            ),
            (PERSON, elsewhere, None),
            (PERSON, nowhere, None),
            (Profile { organisation: "", ..PERSON }, Profile { organisation: "", ..PERSON }, None),
            (PERSON, Profile { ..named }, None),
            (Profile { evidence: TWO, ..PERSON }, Profile { name: "李某", evidence: TWO, ..PERSON }, None),
            (PERSON, Profile { kind: TalentKind::Team, ..PERSON }, None),
            (
                Profile { evidence: &[("a1", "总论")], ..PERSON },
                Profile { organisation: "另一示例研究院", evidence: &[("b1", "总论")], ..PERSON },
                None,
            ),
            (Profile { name: "——", ..PERSON }, Profile { name: "··", ..PERSON }, None),
        ] {
            assert_eq!(suspicion(&a, &b), expected, "{} {} / {} {}", a.name, a.organisation, b.name, b.organisation);
        }
    }

    #[test]
    fn teams_are_known_by_their_members() {
        let members: &[&str] = &["张某", "李某"];
        for (a, b, expected) in [
            (
                Profile { members, ..TEAM },
                Profile { organisation: "另一示例研究院", members, ..TEAM },
                Some(Strength::Possible),
            ),
            (Profile { members, ..TEAM }, Profile { name: "别名团队", members, ..TEAM }, Some(Strength::Possible)),
            (Profile { members, ..TEAM }, Profile { organisation: "另一示例研究院", members: &["张某"], ..TEAM }, None),
            (
                Profile { members, ..TEAM },
                Profile { name: "别名团队", members: &["张某", "李某", "王某"], ..TEAM },
                None,
            ),
            (
                Profile { members, ..TEAM },
                Profile { name: "别名团队", organisation: "另一示例研究院", members, ..TEAM },
                None,
            ),
        ] {
            assert_eq!(suspicion(&a, &b), expected, "{} {} / {} {}", a.name, a.organisation, b.name, b.organisation);
        }
    }

    #[test]
    fn each_thing_in_common_is_a_reason() {
        let profile = Profile { evidence: TWO, ..PERSON };
        let found = duplicate_suspicion(&talent("a", &profile), &talent("b", &profile)).unwrap();
        assert_eq!(found.reasons, ["名称相同：“张某”", "单位相同：“重庆示例大学”", "有 2 项共同的成果"]);
    }
}
