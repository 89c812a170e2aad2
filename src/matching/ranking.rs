//! Ranking files: everything that decides an order, in one TOML file with a name.

use serde::{Deserialize, Serialize};
use zhihui_index::SearchParams;

use super::calibration::Calibration;
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
        let slopes = [c.score, c.coverage, c.matched];
        if !(slopes.iter().all(|s| *s >= 0.0) && c.high > c.medium && c.medium > 0.0 && c.high < 100.0) {
            return bad("[calibration] 须满足 score、coverage、matched ≥ 0，0 < medium < high < 100");
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
