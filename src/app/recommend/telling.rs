//! Why a talent is recommended, in sentences, and the orders in which people read a list.

use super::list::Item;
use crate::app::explain::{Part, Recommendation};
use crate::domain::EvidenceType;
use crate::matching::{Band, Feature};

/// Words that a sentence names; of more it says how many there are.
const WORDS: usize = 4;
/// Share of the score from which a reason is worth a sentence.
const WORTH_SAYING: f32 = 0.08;
/// Reasons besides the words and the nearest piece.
const MORE: usize = 2;

/// The reasons for a place in a list, the weightiest first, without full stops.
pub fn reasons(of: &Recommendation) -> Vec<String> {
    let mut told = Vec::new();
    if !of.words.matched.is_empty() {
        let pieces = match (of.pieces_matching, of.pieces) {
            (0, _) => "简介".to_owned(),
            (matching, all) if matching == all => format!("全部 {all} 项成果"),
            (matching, all) => format!("{all} 项成果中有 {matching} 项相关"),
        };
        told.push(format!("{pieces}，写到{}", quoted(&of.words.matched)));
    }
    if let Some(proof) = of.proofs.first() {
        let year = proof.evidence.year.map(|year| format!(" {year} 年的")).unwrap_or_default();
        let kind = proof.evidence.r#type.label();
        told.push(format!("最接近的是{year}{kind}《{}》", plain(&proof.title)));
    }
    if let Some(practice) = practice(of) {
        told.push(practice);
    }
    // What weighs most in a poor match is no strength.
    if of.band == Band::Low {
        return told;
    }
    let score = of.score.max(f32::MIN_POSITIVE);
    let more = of.contributions.iter().filter(|c| c.points / score >= WORTH_SAYING);
    told.extend(more.filter_map(|c| sentence(c.feature)).take(MORE).map(str::to_owned));
    told
}

/// What of the need the talent's evidence does not speak of; None if it speaks of all.
pub fn gap(of: &Recommendation) -> Option<String> {
    (!of.words.missing.is_empty()).then(|| format!("没有写到{}", quoted(&of.words.missing)))
}

/// Patents, contracts and standards show that something was made.
fn practice(of: &Recommendation) -> Option<String> {
    let made = [EvidenceType::Patent, EvidenceType::Contract, EvidenceType::Standard];
    let kinds = made.into_iter().filter(|kind| of.proofs.iter().any(|p| p.evidence.r#type == *kind));
    let kinds: Vec<&str> = kinds.map(EvidenceType::label).collect();
    (!kinds.is_empty()).then(|| format!("有直接相关的{}，不只是论文", kinds.join("、")))
}

/// Features that say something which the words and the nearest piece do not.
const fn sentence(feature: Feature) -> Option<&'static str> {
    Some(match feature {
        Feature::DenseVote | Feature::DenseBest => "另有成果用词不同而内容相近",
        Feature::DenseTalent => "总体研究方向与需求相近",
        Feature::Title => "成果标题就写到需求的要点",
        Feature::Rare | Feature::RareCoverage => "用到需求里少见的专门术语",
        Feature::Profile => "简介里写明了这个方向",
        Feature::Colleagues => "合作者的成果也匹配",
        Feature::Focus => "成果集中在这个方向",
        Feature::Recency => "相关成果是近年的",
        Feature::Region => "与企业同城或同区",
        Feature::Field => "所属领域与需求一致",
        Feature::Feedback => "与最匹配的成果属于同一类工作",
        _ => return None,
    })
}

fn quoted(words: &[String]) -> String {
    let named: String = words.iter().take(WORDS).map(|word| format!("“{word}”")).collect();
    if words.len() > WORDS { format!("{named}等 {} 个要点", words.len()) } else { named }
}

/// A text whose hits are not marked.
pub fn plain(parts: &[Part]) -> String {
    parts.iter().map(|part| part.text.as_str()).collect()
}

/// An order of a list.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Order {
    /// As it was ranked.
    #[default]
    Match,
    /// Who can take another collaboration first.
    Free,
    /// Most pieces that match first.
    Pieces,
    /// The newest of the pieces shown first.
    Recent,
}

impl Order {
    pub const ALL: [Self; 4] = [Self::Match, Self::Free, Self::Pieces, Self::Recent];

    pub const fn code(self) -> &'static str {
        match self {
            Self::Match => "match",
            Self::Free => "free",
            Self::Pieces => "pieces",
            Self::Recent => "recent",
        }
    }

    pub const fn name(self) -> &'static str {
        match self {
            Self::Match => "匹配度",
            Self::Free => "余力",
            Self::Pieces => "相关成果数",
            Self::Recent => "成果新近",
        }
    }

    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|order| order.code() == code)
    }

    /// Puts items in this order; equals stay as they are ranked.
    pub fn sort(self, items: &mut [Item]) {
        let newest = |item: &Item| item.recommendation.proofs.iter().filter_map(|p| p.evidence.year).max();
        match self {
            Self::Match => items.sort_by_key(|item| item.recommendation.rank),
            Self::Free => items.sort_by_key(|item| (!item.is_free, item.load, item.recommendation.rank)),
            Self::Pieces => {
                items.sort_by_key(|i| (std::cmp::Reverse(i.recommendation.pieces_matching), i.recommendation.rank));
            }
            Self::Recent => items.sort_by_key(|i| (std::cmp::Reverse(newest(i)), i.recommendation.rank)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::app::explain::Proof;
    use crate::app::recommend::list::Item;
    use crate::domain::{Availability, Evidence, Talent, TalentKind};
    use crate::matching::explain::{Contribution, Words};

    fn words(words: &[&str]) -> Vec<String> {
        words.iter().map(|w| (*w).to_owned()).collect()
    }

    fn proof(kind: EvidenceType, year: Option<u16>) -> Proof {
        let evidence = Evidence {
            id: "E1".into(),
            r#type: kind,
            title: "热失控蔓延抑制".into(),
            r#abstract: None,
            keywords: Vec::new(),
            year,
        };
        let title = vec![Part { text: "热失控".into(), hit: true }, Part { text: "蔓延抑制".into(), hit: false }];
        Proof { evidence, strength: 1.0, similarity: 0.5, title, snippet: Vec::new() }
    }

    fn recommendation(rank: usize) -> Recommendation {
        let talent = Talent::blank(format!("T{rank}"), TalentKind::Researcher);
        let point = |feature: Feature, points| Contribution {
            feature,
            label: feature.label().into(),
            value: 1.0,
            weight: points,
            points,
        };
        Recommendation {
            rank,
            percent: 90.0,
            band: Band::High,
            score: 10.0,
            talent,
            contributions: vec![point(Feature::Vote, 6.0), point(Feature::Rare, 3.0), point(Feature::Region, 0.1)],
            words: Words { matched: words(&["甲", "乙"]), missing: words(&["丙"]), unknown: Vec::new() },
            proofs: vec![proof(EvidenceType::Paper, Some(2023)), proof(EvidenceType::Patent, None)],
            pieces_matching: 2,
            pieces: 5,
        }
    }

    #[test]
    fn reasons_are_sentences_made_from_what_was_found() {
        assert_eq!(
            reasons(&recommendation(1)),
            [
                "5 项成果中有 2 项相关，写到“甲”“乙”",
                "最接近的是 2023 年的论文《热失控蔓延抑制》",
                "有直接相关的专利，不只是论文",
                "用到需求里少见的专门术语",
            ]
        );
        assert_eq!(gap(&recommendation(1)).as_deref(), Some("没有写到“丙”"));
        let poor = Recommendation { band: Band::Low, ..recommendation(1) };
        assert_eq!(reasons(&poor).len(), 3, "only what was found");
        let many = Words { matched: words(&["甲", "乙", "丙", "丁", "戊"]), ..Words::default() };
        let bare = Recommendation {
            words: many,
            proofs: Vec::new(),
            contributions: Vec::new(),
            pieces_matching: 0,
            ..recommendation(1)
        };
        assert_eq!(reasons(&bare), ["简介，写到“甲”“乙”“丙”“丁”等 5 个要点"]);
        assert_eq!(gap(&bare), None);
    }

    #[test]
    fn each_order_puts_first_what_it_is_named_for_and_keeps_equals_as_ranked() {
        let item = |rank, is_free, pieces_matching, year| Item {
            recommendation: Recommendation {
                pieces_matching,
                proofs: vec![proof(EvidenceType::Paper, year)],
                ..recommendation(rank)
            },
            availability: Availability::Open,
            capacity: None,
            load: 0,
            is_free,
            workload: String::new(),
            is_reachable: true,
            conflicts: Vec::new(),
            values: Vec::new(),
        };
        let list = [item(1, false, 2, None), item(2, true, 2, Some(2020)), item(3, true, 9, Some(2024))];
        for (order, expected) in [
            (Order::Match, [1, 2, 3]),
            (Order::Free, [2, 3, 1]),
            (Order::Pieces, [3, 1, 2]),
            (Order::Recent, [3, 2, 1]),
        ] {
            let mut items = list.to_vec();
            items.reverse();
            order.sort(&mut items);
            let ranks: Vec<usize> = items.iter().map(|i| i.recommendation.rank).collect();
            assert_eq!(ranks, expected, "{order:?}");
            assert_eq!(Order::from_code(order.code()), Some(order));
        }
    }
}
