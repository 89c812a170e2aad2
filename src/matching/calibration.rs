//! From scores to per cent that mean the same for every need.
//!
//! Scores order the talents of one need; the best of a list scores well even where nobody can
//! help. What tells a good list from a poor one is how much of the need its best talents cover
//! ([`Fit`]). A logistic regression over both, fitted to judgements, gives the chance that a
//! judge would say that the talent can solve the need (grade 2 or 3).

use serde::{Deserialize, Serialize};
use zhihui_index::{Candidates, ScoredTerm, TalentHit};

use super::explain::covered;

/// Grades from this one on mean: can solve the need, or a large part of it.
pub const RELEVANT: u8 = 2;

/// How well the best talents of a list fit the need, whatever the others are like.
#[derive(Debug, Clone, Copy, Default, PartialEq)]
pub struct Fit {
    /// Share of the need's content that one talent covers, 0–1; each term by its rarity, terms
    /// that nobody has among them.
    pub coverage: f32,
    /// ln(1 + rarity of all terms that one talent covers): a need of two words is covered easily.
    pub matched: f32,
}

impl Fit {
    /// Of the better of the `best` talents.
    pub fn of<'a>(candidates: &Candidates, best: impl Iterator<Item = &'a TalentHit>) -> Self {
        let content = || candidates.terms.iter().filter(|t| t.term.is_content && !t.term.is_synonym);
        let counts = |t: &&ScoredTerm| t.bit.is_some() || t.document_frequency == 0;
        let all: f32 = content().filter(counts).map(|t| t.idf).sum();
        let held = |hit: &TalentHit| {
            let bits = covered(hit);
            content().filter(|t| t.bit.is_some_and(|b| bits >> b & 1 == 1)).map(|t| t.idf).sum::<f32>()
        };
        let most = best.map(held).fold(0.0, f32::max);
        Self { coverage: most / all.max(f32::MIN_POSITIVE), matched: most.ln_1p() }
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
        Self { intercept: -3.0, score: 1.0, coverage: 0.0, matched: 0.0, high: 70.0, medium: 40.0 }
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
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
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
    pub is_relevant: bool,
}

/// A calibration with how far it can be trusted, measured on needs that it was not fitted to.
#[derive(Debug, Clone, PartialEq)]
pub struct Calibrated {
    pub calibration: Calibration,
    /// Mean squared difference of chance and outcome; that of always saying the mean beside it.
    pub brier: f64,
    pub brier_of_mean: f64,
    /// By tenths of the chance: samples, mean chance, share that was relevant.
    pub reliability: Vec<(usize, f64, f64)>,
}

const FOLDS: usize = 5;

/// Fits the calibration to samples; the bands' limits stay as they were.
pub fn calibrate(samples: &[Sample], before: &Calibration) -> Calibrated {
    let mut chances = Vec::with_capacity(samples.len());
    for fold in 0..FOLDS {
        let others: Vec<Sample> = samples.iter().filter(|s| s.group % FOLDS != fold).copied().collect();
        let fitted = fit(&others, before);
        let held_out = samples.iter().filter(|s| s.group % FOLDS == fold);
        chances.extend(held_out.map(|s| (f64::from(fitted.percent(s.score, s.fit)) / 100.0, s.is_relevant)));
    }
    let count = chances.len().max(1) as f64;
    let mean = chances.iter().filter(|c| c.1).count() as f64 / count;
    let brier = |chance: &dyn Fn(f64) -> f64| {
        chances.iter().map(|(p, is)| (chance(*p) - f64::from(u8::from(*is))).powi(2)).sum::<f64>() / count
    };
    let tenth = |tenth: usize| {
        let inside = chances.iter().filter(|(p, _)| ((p * 10.0) as usize).min(9) == tenth);
        let inside: Vec<_> = inside.collect();
        let count = inside.len();
        let share = |sum: f64| sum / count.max(1) as f64;
        (count, share(inside.iter().map(|c| c.0).sum()), share(inside.iter().filter(|c| c.1).count() as f64))
    };
    Calibrated {
        calibration: fit(samples, before),
        brier: brier(&|p| p),
        brier_of_mean: brier(&|_| mean),
        reliability: (0..10).map(tenth).collect(),
    }
}

/// Logistic regression by gradient steps, slopes kept at 0 or more: a better score never lowers
/// the chance.
fn fit(samples: &[Sample], before: &Calibration) -> Calibration {
    const STEPS: usize = 20_000;
    const RATE: f32 = 0.5;
    const L2: f32 = 1e-4;
    let rows: Vec<([f32; 3], f32)> =
        samples.iter().map(|s| (inputs(s.score, s.fit), f32::from(u8::from(s.is_relevant)))).collect();
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

    /// Relevant with the chance that a known calibration gives.
    fn samples(truth: &Calibration, count: usize) -> Vec<Sample> {
        let mut random = SplitMix64::new(5);
        let mut unit = move || random.below(10_000) as f32 / 10_000.0;
        let sample = |n: usize| {
            let fit = Fit { coverage: unit(), matched: 6.0 * unit() };
            let score = 2.0 * unit();
            Sample { group: n / 20, score, fit, is_relevant: 100.0 * unit() < truth.percent(score, fit) }
        };
        (0..count).map(sample).collect()
    }

    #[test]
    fn a_fit_finds_the_chances_that_made_the_judgements() {
        let truth = Calibration { intercept: -6.0, score: 3.0, coverage: 2.0, matched: 0.5, ..Calibration::default() };
        let fitted = calibrate(&samples(&truth, 4000), &truth);
        let fit = Fit { coverage: 0.6, matched: 4.0 };
        for score in [0.2, 0.8, 1.5] {
            let (found, expected) = (fitted.calibration.percent(score, fit), truth.percent(score, fit));
            assert!((found - expected).abs() < 5.0, "{score}: {found} for {expected}");
        }
        assert!(fitted.brier < fitted.brier_of_mean);
        for (count, chance, share) in fitted.reliability {
            assert!(count < 200 || (chance - share).abs() < 0.08, "{count}: {chance} {share}");
        }
    }

    #[test]
    fn per_cent_grow_with_the_score_and_never_fall_with_the_fit() {
        let noise: Vec<Sample> = samples(&Calibration::default(), 300)
            .into_iter()
            .map(|s| Sample { is_relevant: s.score < 0.5 && s.fit.coverage < 0.5, ..s })
            .collect();
        let fitted = calibrate(&noise, &Calibration::default()).calibration;
        let fit = |coverage| Fit { coverage, matched: 3.0 };
        assert!(fitted.percent(0.4, fit(0.2)) <= fitted.percent(0.5, fit(0.2)));
        assert!(fitted.percent(0.4, fit(0.2)) <= fitted.percent(0.4, fit(0.9)));
    }

    #[test]
    fn bands_begin_at_their_limits() {
        let calibration = Calibration::default();
        assert_eq!([70.0, 69.9, 40.0, 39.9].map(|p| calibration.band(p)), [
            Band::High,
            Band::Medium,
            Band::Medium,
            Band::Low
        ]);
    }
}
