//! Who may judge whom: a member of the panel must be as far from publisher and bidders as a bidder
//! must be from the publisher. What is found blocks; it is no warning.

use super::super::text::shown;
use super::bidder::{Party, Tie, ties};

/// Why a person may not judge what these parties want, in sentences; none if they may. `person` is
/// their organisation, whose only one of the people is the person; `who` says what the parties are.
pub fn conflicts(person: &Party<'_>, parties: &[Party<'_>], who: &str) -> Vec<String> {
    let mut found = Vec::new();
    for party in parties {
        // Whoever stands for it in law is one of its people, whether they have an account or not.
        let mut people = party.people.clone();
        people.extend(party.legal_person.map(str::to_owned));
        let (own, name) = (shown(person.name), shown(party.name));
        for tie in ties(person, &Party { people, ..party.clone() }) {
            found.push(match tie {
                Tie::Same => format!("评委所在单位就是{who}“{name}”"),
                Tie::Part => format!("评委所在单位“{own}”与{who}“{name}”看来是同一单位或上下级单位"),
                Tie::Group => format!("评委所在单位“{own}”与{who}“{name}”申报了同一集团"),
                Tie::LegalPerson => format!("评委所在单位“{own}”与{who}“{name}”的法定代表人相同"),
                Tie::People(names) => format!("评委{}也是{who}“{name}”的人员或团队成员", names.join("、")),
            });
        }
    }
    found
}

/// What is said to whoever puts a panel together: too few block the ranking, an even number only
/// makes ties likelier.
pub fn advice(members: usize, least: u32) -> Option<String> {
    match (members, least as usize) {
        (members, least) if members < least => {
            Some(format!("评委共 {members} 位，至少要 {least} 位，评分完成后才能形成排名"))
        }
        (members, _) if members % 2 == 0 => Some(format!("评委共 {members} 位，建议为单数，减少并列")),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn whoever_is_tied_to_a_party_does_not_judge_it() {
        let judge = |id: &'static str, name: &'static str| Party {
            id,
            name,
            group: Some("示例集团"),
            people: vec!["示例甲".into()],
            ..Party::default()
        };
        let bidder = Party {
            id: "b",
            name: "重庆示例大学",
            group: Some(""),
            legal_person: Some("示例丁"),
            people: vec!["示例乙".into(), "示例丙".into()],
            ..Party::default()
        };
        let count =
            |judge: &Party<'_>, bidder: &Party<'_>| conflicts(judge, std::slice::from_ref(bidder), "揭榜方").len();
        let far = judge("j", "另一示例大学");
        for (what, judge, bidder, expected) in [
            ("apart", far.clone(), bidder.clone(), 0),
            ("the same", judge("b", "重庆示例大学"), bidder.clone(), 1),
            ("a part", judge("j", "重庆示例大学机械学院"), bidder.clone(), 1),
            ("a group", far.clone(), Party { group: Some("示例 集团"), ..bidder.clone() }, 1),
            ("in the team", far.clone(), Party { people: vec!["示例 甲".into()], ..bidder.clone() }, 1),
            ("its legal person", far.clone(), Party { legal_person: Some("示例甲"), ..bidder.clone() }, 1),
            ("no organisation", judge("", ""), Party { id: "", ..bidder.clone() }, 0),
        ] {
            assert_eq!(count(&judge, &bidder), expected, "{what}");
        }
        let found = conflicts(&far, &[Party { people: vec!["示例甲".into()], ..bidder }], "揭榜方");
        assert_eq!(found, ["评委示例甲也是揭榜方“重庆示例大学”的人员或团队成员"]);
    }

    #[test]
    fn too_few_and_even_panels_are_told() {
        let told: Vec<bool> = (1..=5).map(|members| advice(members, 3).is_some()).collect();
        assert_eq!(told, [true, true, false, true, false]);
    }
}
