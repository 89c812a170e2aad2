//! Ranking quality, as trec_eval defines it.

use std::collections::BTreeMap;

use serde::Serialize;

/// Grades of one need: talent id → grade 0–3. What is not in it counts as not relevant.
pub type Grades = BTreeMap<String, u8>;

/// What a grade is worth in DCG.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Gain {
    /// 2^grade − 1
    #[default]
    Exponential,
    /// The grade itself: trec_eval's `ndcg_cut`.
    Linear,
}

impl Gain {
    pub fn of(self, grade: u8) -> f64 {
        match self {
            Self::Exponential => f64::from((1_u32 << grade.min(31)) - 1),
            Self::Linear => f64::from(grade),
        }
    }
}

/// Measures of one need's ranking.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Measures {
    pub ndcg_10: f64,
    /// 1 / rank of the first talent with grade ≥ 1, no cut-off; 0 if there is none.
    pub reciprocal_rank: f64,
    /// Share of the talents with grade ≥ 1 that are among the first fifty.
    pub recall_50: f64,
    /// Share of the first ten that have a judgement.
    pub judged_10: f64,
}

/// Measures a ranking, best first. `None` if the need has no talent with grade ≥ 1 (trec_eval
/// leaves such needs out).
pub fn measure<'a>(ranking: impl Iterator<Item = &'a str>, grades: &Grades, gain: Gain) -> Option<Measures> {
    let relevant = grades.values().filter(|g| **g > 0).count();
    if relevant == 0 {
        return None;
    }
    let (mut dcg, mut first, mut found, mut judged, mut shown) = (0.0, None, 0, 0, 0);
    for (id, rank) in ranking.zip(1_u32..) {
        let grade = grades.get(id).copied();
        if rank <= 10 {
            shown += 1;
            judged += u32::from(grade.is_some());
            dcg += gain.of(grade.unwrap_or(0)) * discount(rank);
        }
        if grade.is_some_and(|g| g > 0) {
            first.get_or_insert(rank);
            found += u32::from(rank <= 50);
        }
    }
    let mut ideal: Vec<u8> = grades.values().copied().collect();
    ideal.sort_unstable_by(|a, b| b.cmp(a));
    let best: f64 = ideal.iter().take(10).zip(1..).map(|(g, rank)| gain.of(*g) * discount(rank)).sum();
    Some(Measures {
        ndcg_10: dcg / best,
        reciprocal_rank: first.map_or(0.0, |r| 1.0 / f64::from(r)),
        recall_50: f64::from(found) / relevant as f64,
        judged_10: f64::from(judged) / f64::from(shown.max(1)),
    })
}

fn discount(rank: u32) -> f64 {
    1.0 / f64::from(rank + 1).log2()
}

/// The mean over needs, with a 95 % confidence interval of nDCG@10.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Summary {
    pub queries: usize,
    #[serde(rename = "ndcg@10")]
    pub ndcg_10: f64,
    /// Percentile bootstrap over needs: [low, high].
    #[serde(rename = "ndcg@10_ci95")]
    pub ndcg_10_ci95: [f64; 2],
    pub mrr: f64,
    #[serde(rename = "recall@50")]
    pub recall_50: f64,
    #[serde(rename = "judged@10")]
    pub judged_10: f64,
}

impl Summary {
    pub fn of(measures: &[Measures]) -> Self {
        let mean = |f: fn(&Measures) -> f64| measures.iter().map(f).sum::<f64>() / measures.len().max(1) as f64;
        let ndcg: Vec<f64> = measures.iter().map(|m| m.ndcg_10).collect();
        Self {
            queries: measures.len(),
            ndcg_10: mean(|m| m.ndcg_10),
            ndcg_10_ci95: bootstrap(&ndcg),
            mrr: mean(|m| m.reciprocal_rank),
            recall_50: mean(|m| m.recall_50),
            judged_10: mean(|m| m.judged_10),
        }
    }
}

/// The 2.5th and 97.5th percentile of the mean of 2,000 seeded resamples.
fn bootstrap(values: &[f64]) -> [f64; 2] {
    const RESAMPLES: usize = 2000;
    if values.is_empty() {
        return [0.0, 0.0];
    }
    let mut random = super::random::SplitMix64::new(92);
    let mut means: Vec<f64> = (0..RESAMPLES)
        .map(|_| values.iter().map(|_| values[random.below(values.len())]).sum::<f64>() / values.len() as f64)
        .collect();
    means.sort_unstable_by(f64::total_cmp);
    [means[RESAMPLES / 40], means[RESAMPLES - RESAMPLES / 40 - 1]]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn grades(pairs: &[(&str, u8)]) -> Grades {
        pairs.iter().map(|(id, g)| ((*id).to_owned(), *g)).collect()
    }

    #[test]
    fn ndcg_follows_its_definition() {
        // DCG = 3/log2(2) + 0 + 1/log2(4); ideal = 3/log2(2) + 1/log2(3).
        let m = measure(["a", "x", "b"].into_iter(), &grades(&[("a", 2), ("b", 1)]), Gain::Exponential).unwrap();
        let expected = (3.0 + 0.5) / (3.0 + 1.0 / 3_f64.log2());
        assert!((m.ndcg_10 - expected).abs() < 1e-12);
        assert!((m.reciprocal_rank - 1.0).abs() < 1e-12);
        assert!((m.recall_50 - 1.0).abs() < 1e-12);
        assert!((m.judged_10 - 2.0 / 3.0).abs() < 1e-12);
    }

    #[test]
    fn nothing_found_scores_zero_and_nothing_relevant_is_left_out() {
        let m = measure([].into_iter(), &grades(&[("a", 1)]), Gain::Linear).unwrap();
        assert_eq!((m.ndcg_10, m.reciprocal_rank, m.recall_50), (0.0, 0.0, 0.0));
        assert_eq!(measure(["a"].into_iter(), &grades(&[("a", 0)]), Gain::Linear), None);
    }

    #[test]
    fn reciprocal_rank_has_no_cut_off_and_recall_has() {
        let ids: Vec<String> = (0..100).map(|i| format!("t{i}")).collect();
        let m = measure(ids.iter().map(String::as_str), &grades(&[("t99", 1)]), Gain::Linear).unwrap();
        assert!((m.reciprocal_rank - 0.01).abs() < 1e-12);
        assert_eq!(m.recall_50, 0.0);
    }

    #[test]
    fn the_interval_holds_the_mean_and_is_the_same_every_time() {
        let values: Vec<f64> = (0..200).map(|i| f64::from(i % 10) / 10.0).collect();
        let [low, high] = bootstrap(&values);
        assert!(low < 0.45 && 0.45 < high);
        assert_eq!(bootstrap(&values), [low, high]);
    }
}
