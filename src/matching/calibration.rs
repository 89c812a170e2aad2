//! From scores to per cent that mean the same for every need.
//!
//! Scores order the talents of one need; the best of a list scores well even where nobody can
//! help. What tells a good list from a poor one is how much of the need its best talents cover
//! ([`Fit`]). A logistic regression over both, fitted to judgements, gives the grade that a judge
//! would give on average, as a share of the highest: 100 stands for grade 3, 67 for grade 2.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use zhihui_index::query::Origin;
use zhihui_index::{Candidates, ScoredTerm, TalentHit};

use super::explain::covered;

/// The highest grade of a judgement.
pub const BEST_GRADE: u8 = 3;

/// How well the best talents of a list fit the need, whatever the others are like.
#[derive(Debug, Clone, Copy, Default, PartialEq, Serialize, Deserialize)]
pub struct Fit {
    /// Share of the need's content that one talent covers, 0–1; each term by its rarity, terms
    /// that nobody has among them.
    pub coverage: f32,
    /// How much that is, 0–1: r / (r + [`HALF`]), r being the sum of the rarities that one talent
    /// covers. A need of two words is covered easily.
    pub matched: f32,
}

/// The covered rarity (sum of inverse document frequencies) at which [`Fit::matched`] is ½: two or
/// three words.
const HALF: f32 = 15.0;

impl Fit {
    /// Of the better of the `best` talents.
    pub fn of<'a>(candidates: &Candidates, best: impl Iterator<Item = &'a TalentHit>) -> Self {
        let content = || candidates.terms.iter().filter(|t| t.term.is_content && t.term.origin == Origin::Text);
        let counts = |t: &&ScoredTerm| t.bit.is_some() || t.is_unknown;
        let all: f32 = content().filter(counts).map(|t| t.idf).sum();
        let held = |hit: &TalentHit| {
            let bits = covered(hit);
            content().filter(|t| t.bit.is_some_and(|b| bits >> b & 1 == 1)).map(|t| t.idf).sum::<f32>()
        };
        let most = best.map(held).fold(0.0, f32::max);
        Self { coverage: most / all.max(f32::MIN_POSITIVE), matched: most / (most + HALF) }
    }
}

/// Per cent = 100 / (1 + e^−(intercept + score·score + coverage·coverage + matched·matched)).
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Calibration {
    pub intercept: f32,
    pub score: f32,
    pub coverage: f32,
    pub matched: f32,
    /// Per cent from which a match is 高度匹配, and 较匹配.
    pub high: f32,
    pub medium: f32,
}

impl Default for Calibration {
    /// Knows nothing but the order: until it is fitted, everything is 可参考.
    fn default() -> Self {
        Self { intercept: -3.0, score: 1.0, coverage: 0.0, matched: 0.0, high: 67.0, medium: 33.0 }
    }
}

impl Calibration {
    /// 0–100; grows with the score.
    pub fn percent(&self, score: f32, fit: Fit) -> f32 {
        100.0 * logistic(self.intercept + dot(&self.slopes(), &inputs(score, fit)))
    }

    pub fn band(&self, percent: f32) -> Band {
        match percent {
            p if p >= self.high => Band::High,
            p if p >= self.medium => Band::Medium,
            _ => Band::Low,
        }
    }

    fn slopes(&self) -> [f32; 3] {
        [self.score, self.coverage, self.matched]
    }
}

/// How well a talent matches, in words.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Band {
    High,
    Medium,
    Low,
}

impl Band {
    pub fn label(self) -> &'static str {
        match self {
            Self::High => "高度匹配",
            Self::Medium => "较匹配",
            Self::Low => "可参考",
        }
    }
}

/// A judged place in a list.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Sample {
    /// Samples of one need share a group.
    pub group: usize,
    pub score: f32,
    pub fit: Fit,
    /// The grade as a share of [`BEST_GRADE`].
    pub grade: f32,
}

/// A calibration with how far it can be trusted, measured on needs that it was not fitted to.
#[derive(Debug, Clone, PartialEq)]
pub struct Calibrated {
    pub calibration: Calibration,
    /// Mean squared difference of what was said and the grade, both 0–1; that of always saying
    /// the mean beside it.
    pub error: f64,
    pub error_of_mean: f64,
    /// By tenths of what was said: samples, mean of what was said, mean grade, both 0–1.
    pub reliability: Vec<(usize, f64, f64)>,
}

const FOLDS: usize = 5;

/// Fits the calibration to samples; the bands' limits stay as they were.
pub fn calibrate(samples: &[Sample], before: &Calibration) -> Calibrated {
    let mut said = Vec::with_capacity(samples.len());
    for fold in 0..FOLDS {
        let others: Vec<Sample> = samples.iter().filter(|s| s.group % FOLDS != fold).copied().collect();
        let fitted = fit(&others, before);
        let held_out = samples.iter().filter(|s| s.group % FOLDS == fold);
        said.extend(held_out.map(|s| (f64::from(fitted.percent(s.score, s.fit)) / 100.0, f64::from(s.grade))));
    }
    let mean_of = |values: &mut dyn Iterator<Item = f64>| {
        let (sum, count) = values.fold((0.0, 0.0_f64), |(sum, count), v| (sum + v, count + 1.0));
        sum / count.max(1.0)
    };
    let mean = mean_of(&mut said.iter().map(|s| s.1));
    let tenth = |tenth: usize| {
        let inside: Vec<_> = said.iter().filter(|(p, _)| ((p * 10.0) as usize).min(9) == tenth).collect();
        let (said, graded) = (mean_of(&mut inside.iter().map(|s| s.0)), mean_of(&mut inside.iter().map(|s| s.1)));
        (inside.len(), said, graded)
    };
    Calibrated {
        calibration: fit(samples, before),
        error: mean_of(&mut said.iter().map(|(p, grade)| (p - grade).powi(2))),
        error_of_mean: mean_of(&mut said.iter().map(|(_, grade)| (mean - grade).powi(2))),
        reliability: (0..10).map(tenth).collect(),
    }
}

/// Logistic regression on shares by gradient steps, slopes kept at 0 or more: a better score never
/// lowers the per cent.
fn fit(samples: &[Sample], before: &Calibration) -> Calibration {
    const STEPS: usize = 5_000;
    const RATE: f32 = 0.5;
    const L2: f32 = 1e-3;
    let rows: Vec<([f32; 3], f32)> = samples.iter().map(|s| (inputs(s.score, s.fit), s.grade)).collect();
    let count = rows.len().max(1) as f32;
    let mean: [f32; 3] = std::array::from_fn(|i| rows.iter().map(|(x, _)| x[i]).sum::<f32>() / count);
    let spread: [f32; 3] = std::array::from_fn(|i| {
        let variance = rows.iter().map(|(x, _)| (x[i] - mean[i]).powi(2)).sum::<f32>() / count;
        variance.sqrt().max(1e-6)
    });
    let rows: Vec<([f32; 3], f32)> =
        rows.into_iter().map(|(x, y)| (std::array::from_fn(|i| (x[i] - mean[i]) / spread[i]), y)).collect();
    let (mut intercept, mut slopes) = (0.0_f32, [0.0_f32; 3]);
    for _ in 0..STEPS {
        let (mut down, mut downs) = (0.0, slopes.map(|s| s * L2));
        for (x, y) in &rows {
            let error = (logistic(intercept + dot(&slopes, x)) - y) / count;
            down += error;
            downs.iter_mut().zip(x).for_each(|(d, x)| *d += error * x);
        }
        intercept -= RATE * down;
        slopes.iter_mut().zip(downs).for_each(|(s, d)| *s = (*s - RATE * d).max(0.0));
    }
    let [score, coverage, matched] = std::array::from_fn(|i| slopes[i] / spread[i]);
    let intercept = intercept - dot(&[score, coverage, matched], &mean);
    Calibration { intercept, score, coverage, matched, ..*before }
}

fn inputs(score: f32, fit: Fit) -> [f32; 3] {
    [score, fit.coverage, fit.matched]
}

fn dot(a: &[f32; 3], b: &[f32; 3]) -> f32 {
    a.iter().zip(b).map(|(x, y)| x * y).sum()
}

fn logistic(x: f32) -> f32 {
    1.0 / (1.0 + (-x).exp())
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::matching::random::SplitMix64;

    /// Graded 3 with the chance that a known calibration gives, else 0.
    fn samples(truth: &Calibration, count: usize) -> Vec<Sample> {
        let mut random = SplitMix64::new(5);
        let mut unit = move || random.below(10_000) as f32 / 10_000.0;
        let sample = |n: usize| {
            let fit = Fit { coverage: unit(), matched: unit() };
            let score = 2.0 * unit();
            Sample { group: n / 20, score, fit, grade: f32::from(u8::from(100.0 * unit() < truth.percent(score, fit))) }
        };
        (0..count).map(sample).collect()
    }

    #[test]
    fn a_fit_finds_the_chances_that_made_the_judgements() {
        let truth = Calibration { intercept: -6.0, score: 3.0, coverage: 2.0, matched: 3.0, ..Calibration::default() };
        let fitted = calibrate(&samples(&truth, 4000), &truth);
        let fit = Fit { coverage: 0.6, matched: 0.7 };
        for score in [0.2, 0.8, 1.5] {
            let (found, expected) = (fitted.calibration.percent(score, fit), truth.percent(score, fit));
            assert!((found - expected).abs() < 5.0, "{score}: {found} for {expected}");
        }
        assert!(fitted.error < fitted.error_of_mean);
        for (count, chance, share) in fitted.reliability {
            assert!(count < 200 || (chance - share).abs() < 0.08, "{count}: {chance} {share}");
        }
    }

    #[test]
    fn per_cent_grow_with_the_score_and_never_fall_with_the_fit() {
        let noise: Vec<Sample> = samples(&Calibration::default(), 300)
            .into_iter()
            .map(|s| Sample { grade: f32::from(u8::from(s.score < 0.5 && s.fit.coverage < 0.5)), ..s })
            .collect();
        let fitted = calibrate(&noise, &Calibration::default()).calibration;
        let fit = |coverage| Fit { coverage, matched: 0.5 };
        assert!(fitted.percent(0.4, fit(0.2)) <= fitted.percent(0.5, fit(0.2)));
        assert!(fitted.percent(0.4, fit(0.2)) <= fitted.percent(0.4, fit(0.9)));
    }

    #[test]
    fn bands_begin_at_their_limits() {
        let calibration = Calibration::default();
        assert_eq!(
            [67.0, 66.9, 33.0, 32.9].map(|p| calibration.band(p)),
            [Band::High, Band::Medium, Band::Medium, Band::Low]
        );
    }
}
