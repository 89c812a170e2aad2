//! Ranking files: everything that decides an order, in one TOML file with a name.

use serde::{Deserialize, Serialize};
use zhihui_index::SearchParams;

use super::features::{FeatureParams, MAX_PIECES, Weights};

/// A ranking as its file has it.
#[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Ranking {
    /// Shown with every list that it made.
    pub name: String,
    /// Where the numbers come from, for people.
    #[serde(default)]
    pub note: String,
    #[serde(default)]
    pub search: SearchParams,
    #[serde(default)]
    pub features: FeatureParams,
    pub weights: Weights,
    #[serde(default)]
    pub calibration: Calibration,
    /// What the weights were learned from, if they were.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub trained: Option<Trained>,
}

/// Provenance of learned weights.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Trained {
    /// SHA-256 over the talents, needs and qrels files, in this order.
    pub data_sha256: String,
    pub needs: usize,
    /// nDCG@10 in cross-validation, of the weights before and after learning.
    pub ndcg_before: f64,
    pub ndcg_cross_validated: f64,
}

/// From scores to per cent: 100 / (1 + e^−(intercept + slope·score + fit·coverage)), where coverage
/// is the best [`super::Feature::Coverage`] of the first three, so that the best of a poor list
/// does not look good.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct Calibration {
    pub intercept: f32,
    pub slope: f32,
    pub fit: f32,
    /// Per cent from which a match is 高度匹配, and 较匹配.
    pub high: f32,
    pub medium: f32,
}

impl Default for Calibration {
    fn default() -> Self {
        Self { intercept: -4.0, slope: 3.0, fit: 2.0, high: 70.0, medium: 40.0 }
    }
}

impl Calibration {
    /// 0–100.
    pub fn percent(&self, score: f32, coverage: f32) -> f32 {
        let logit = self.intercept + self.slope * score + self.fit * coverage;
        100.0 / (1.0 + (-logit).exp())
    }

    pub fn band(&self, percent: f32) -> Band {
        match percent {
            p if p >= self.high => Band::High,
            p if p >= self.medium => Band::Medium,
            _ => Band::Low,
        }
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

/// A ranking file that is not understood.
#[derive(Debug, thiserror::Error)]
#[error("排序文件无法读取：{0}")]
pub struct RankingError(String);

impl Ranking {
    /// Reads a ranking file.
    ///
    /// # Errors
    /// TOML that is broken, unknown names, numbers that make no sense: with line and column.
    pub fn parse(toml: &str) -> Result<Self, RankingError> {
        let ranking: Self = toml::from_str(toml).map_err(|e| RankingError(e.to_string()))?;
        let bad = |reason: &str| Err(RankingError(reason.into()));
        if !ranking.weights.to_array().iter().all(|w| w.is_finite()) {
            return bad("[weights] 中的权重必须是有限数");
        }
        let c = &ranking.calibration;
        if !(c.slope > 0.0 && c.high > c.medium && c.medium > 0.0 && c.high < 100.0) {
            return bad("[calibration] 须满足 slope > 0，0 < medium < high < 100");
        }
        let s = &ranking.search;
        if !(s.k1 > 0.0 && (0.0..=1.0).contains(&s.b) && s.idf_power >= 0.0 && s.max_terms > 0 && s.evidence_limit > 0)
        {
            return bad("[search] 须满足 k1 > 0，0 ≤ b ≤ 1，idf_power ≥ 0，max_terms 与 evidence_limit ≥ 1");
        }
        let f = &ranking.features;
        if !(1..=MAX_PIECES).contains(&f.pieces) || ![f.decay, f.dense_decay].iter().all(|d| (0.0..=1.0).contains(d)) {
            return Err(RankingError(format!(
                "[features] 须满足 1 ≤ pieces ≤ {MAX_PIECES}，0 ≤ decay、dense_decay ≤ 1"
            )));
        }
        Ok(ranking)
    }

    /// Has the search score single fields if a weight asks for them.
    #[must_use]
    pub fn prepared(mut self) -> Self {
        let w = &self.weights;
        self.search.field_scores = [w.title, w.keywords, w.summary].iter().any(|w| *w != 0.0);
        self
    }

    pub fn to_toml(&self) -> String {
        toml::to_string(self).unwrap_or_default()
    }
}
