//! What a talent lacks in comparison with one who is placed better, and what each lack costs.

use serde::Serialize;
use utoipa::ToSchema;

use super::features::Feature;
use super::{Ranked, Ranking};

/// What a talent lacks of one feature.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, ToSchema)]
pub struct Lack {
    /// As ranking files name it.
    pub feature: &'static str,
    pub label: &'static str,
    /// The other's points less the own; below 0 where the own are more.
    pub points: f32,
    /// The place that the talent would have with as many points for this as the other, 1 for the
    /// best, all else being as it is.
    pub place: usize,
}

/// Every difference between the talents at two places (0 for the best) of a list, what is lacking
/// most first.
pub fn lacks(ranking: &Ranking, ranked: &Ranked, own: usize, other: usize) -> Vec<Lack> {
    let (own, other) = (ranked.places[own], ranked.places[other]);
    let weights = ranking.weights.to_array();
    let points = |row: usize, f: Feature| weights[f as usize] * ranked.matrix[[row, f as usize]];
    let lack = |&f: &Feature| {
        let points = points(other.row, f) - points(own.row, f);
        let better = ranked.places.iter().filter(|p| p.row != own.row && p.score > own.score + points).count();
        Lack { feature: f.name(), label: f.label(), points, place: better + 1 }
    };
    let mut lacks: Vec<Lack> = Feature::ALL.iter().map(lack).filter(|l| l.points != 0.0).collect();
    lacks.sort_by(|a, b| b.points.total_cmp(&a.points));
    lacks
}

/// What a talent can do about lacking something, in Chinese; `None` for what nobody can change by
/// writing.
pub fn advice(feature: &str) -> Option<&'static str> {
    let feature = Feature::ALL.iter().find(|f| f.name() == feature)?;
    match feature {
        Feature::Vote | Feature::Best | Feature::Support | Feature::Title | Feature::Keywords | Feature::Summary => {
            Some("让最对口的几项成果把需求里的词写出来：标题写对象和问题，摘要写做法和指标，关键词写工艺、材料和型号。")
        }
        Feature::Rare | Feature::RareCoverage => {
            Some("需求里的专门术语很少有人写到；做过的就在成果里写出来，中英文都写。")
        }
        Feature::Coverage | Feature::CoverageBest => Some("需求的要点只覆盖了一部分；缺的要点若有成果，请补上。"),
        Feature::DenseVote | Feature::DenseBest | Feature::DenseTalent | Feature::Feedback => {
            Some("成果的主题离需求较远；补上同一对象、同一问题的成果，摘要写全。")
        }
        Feature::Profile => Some("在简介和研究方向关键词里写出这个方向。"),
        Feature::Practice => Some("补上与此有关的专利、标准或合同。"),
        Feature::Variety => Some("除论文外，也补上项目、专利、奖项等成果。"),
        Feature::Recency => Some("补上近几年的成果，并写明年份。"),
        Feature::Region => Some("请核对所在地区是否写到区县；确在别处的不必改。"),
        Feature::Field => Some("在档案里选上这个产业或学科领域。"),
        Feature::Experience | Feature::Focus => Some("成果还没有录全的，从文件一次导入。"),
        Feature::Colleagues | Feature::Network => None,
    }
}

#[cfg(test)]
mod tests {
    use ndarray::Array2;

    use super::*;
    use crate::matching::features::Weights;
    use crate::matching::{Band, Fit, Place};

    /// Talents with so much of vote and of experience, best first.
    fn ranked(ranking: &Ranking, values: &[(f32, f32)]) -> Ranked {
        let mut matrix = Array2::zeros((values.len(), Feature::ALL.len()));
        for (row, (vote, experience)) in values.iter().enumerate() {
            matrix[[row, Feature::Vote as usize]] = *vote;
            matrix[[row, Feature::Experience as usize]] = *experience;
        }
        let scores = matrix.dot(&ranking.weights.to_array());
        let place = |row: usize| Place { row, score: scores[row], percent: 0.0, band: Band::Low };
        Ranked { places: (0..values.len()).map(place).collect(), fit: Fit::default(), matrix }
    }

    #[test]
    fn a_lack_tells_the_place_that_it_costs() {
        let weights = Weights { vote: 1.0, experience: 0.5, ..Weights::default() };
        let ranking = Ranking { weights, ..Ranking::default() };
        // Scores 2.0, 1.6, 1.4, 1.0.
        let ranked = ranked(&ranking, &[(1.5, 1.0), (1.6, 0.0), (0.8, 1.2), (1.0, 0.0)]);
        let found = lacks(&ranking, &ranked, 3, 0);
        let told: Vec<(&str, usize)> = found.iter().map(|l| (l.feature, l.place)).collect();
        assert_eq!(told, [("vote", 3), ("experience", 3)], "1.5 is above 1.4 and below 1.6");
        assert!((found.iter().map(|l| l.points).sum::<f32>() - 1.0).abs() < 1e-6, "they add up to what is between");
        let second = lacks(&ranking, &ranked, 3, 1);
        assert_eq!((second.len(), second[0].feature, second[0].place), (1, "vote", 2), "as good as the second");
        let own_more = lacks(&ranking, &ranked, 1, 2);
        assert!(own_more.last().is_some_and(|l| l.points < 0.0), "what the own has more of comes last");
        assert_eq!(lacks(&ranking, &ranked, 0, 0), []);
    }

    #[test]
    fn whatever_one_can_change_has_its_advice() {
        for feature in Feature::ALL {
            let social = matches!(feature, Feature::Colleagues | Feature::Network);
            assert_eq!(advice(feature.name()).is_none(), social, "{feature:?}");
        }
        assert_eq!(advice("nonsense"), None);
    }
}
