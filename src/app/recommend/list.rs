//! A list as it was shown, with all that is needed to score it again.

use ndarray::ArrayView1;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::filter::Filters;
use crate::app::explain::Recommendation;
use crate::domain::conflict::Conflict;
use crate::domain::{Availability, Workload};
use crate::matching::{Feature, Fit, Ranking};

/// A recommended talent: why, and whether it can.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Item {
    #[serde(flatten)]
    pub recommendation: Recommendation,
    pub availability: Availability,
    /// Collaborations that the talent takes at once, where said.
    pub capacity: Option<u32>,
    /// Collaborations that it has taken.
    pub load: u32,
    pub is_free: bool,
    /// In words: 可以合作，已承接 1 项（最多 3 项）
    pub workload: String,
    /// Whether the talent has an account, and so sees an invitation at once.
    pub is_reachable: bool,
    pub conflicts: Vec<Conflict>,
    /// Values of the features, in the order of [`List::features`].
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub values: Vec<f32>,
}

impl Item {
    /// What the talent can take and has taken.
    pub fn workload(&self) -> Workload {
        Workload { availability: self.availability, capacity: self.capacity, load: self.load }
    }
}

/// How many talents match at each band.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
pub struct Bands {
    /// 高度匹配
    pub high: usize,
    /// 较匹配
    pub medium: usize,
    /// 可参考
    pub low: usize,
}

/// A recommendation of talents for a version of a need.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct List {
    pub id: String,
    pub need: String,
    pub need_version: i64,
    /// Name of the ranking, and the SHA-256 of its file.
    pub ranking: String,
    pub ranking_hash: String,
    /// The change of the store up to which the index had come.
    pub position: i64,
    /// Milliseconds since 1970 UTC.
    pub at: i64,
    pub filters: Filters,
    /// All that match, in the city and elsewhere, whatever the filters.
    pub in_city: Bands,
    pub elsewhere: Bands,
    /// Names of the features in [`Item::values`].
    pub features: Vec<String>,
    /// How well the best talents cover the need: decides the level of the per cent.
    #[schema(value_type = Object)]
    pub fit: Fit,
    pub items: Vec<Item>,
}

/// What a list says that its own numbers do not.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Difference {
    pub talent: String,
    pub shown: f32,
    pub computed: f32,
}

impl List {
    /// Scores every item anew from the feature values that were kept, under a ranking; what differs
    /// from what was shown. None does, under the ranking that made the list.
    pub fn rescore(&self, ranking: &Ranking) -> Vec<Difference> {
        let weights = ranking.weights.to_array();
        let mut differences = Vec::new();
        for item in &self.items {
            let mut row = vec![0.0; Feature::ALL.len()];
            for (name, value) in self.features.iter().zip(&item.values) {
                if let Some(feature) = Feature::ALL.iter().find(|f| f.name() == name) {
                    row[*feature as usize] = *value;
                }
            }
            let score = ArrayView1::from(&row).dot(&weights);
            let percent = ranking.calibration.percent(score, self.fit);
            let of = &item.recommendation;
            for (shown, computed) in [(of.score, score), (of.percent, percent)] {
                if shown.to_bits() != computed.to_bits() {
                    differences.push(Difference { talent: of.talent.id.clone(), shown, computed });
                }
            }
        }
        differences
    }
}
