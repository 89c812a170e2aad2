//! From candidates to a ranking with reasons: pure functions over numbers.
//!
//! ```text
//! Candidates (index) ──features──▶ matrix talents × features ──weights──▶ scores ──calibration──▶ 0–100, band
//! ```
//!
//! This module must not know files, SQL, HTTP or the clock. Everything that can be tuned is in a
//! [`Ranking`], which is a file.

pub mod calibration;
pub mod explain;
pub mod features;
pub mod learn;
pub mod metrics;
pub mod random;
pub mod ranking;
pub mod rivals;

use ndarray::{Array1, Array2};
use zhihui_index::Candidates;
use zhihui_index::reader::Snapshot;

pub use calibration::{Band, Calibration, Fit};
pub use features::{Feature, NeedFacts};
pub use ranking::Ranking;

/// The candidates of one need in order, best first.
#[derive(Debug)]
pub struct Ranked {
    pub places: Vec<Place>,
    /// Of the first three.
    pub fit: Fit,
    /// Candidates × features, rows as in [`Candidates::talents`].
    pub matrix: Array2<f32>,
}

/// A talent's place in the list.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Place {
    /// Row in the matrix and in [`Candidates::talents`].
    pub row: usize,
    /// Σ weight × feature.
    pub score: f32,
    /// Calibrated, 0–100: the same order as `score` within a list.
    pub percent: f32,
    pub band: Band,
}

/// Ranks the candidates. Ties break by talent id.
pub fn rank(ranking: &Ranking, need: &NeedFacts, candidates: &Candidates, snapshot: &Snapshot) -> Ranked {
    let matrix = features::matrix(&ranking.features, need, candidates, snapshot);
    let scores: Array1<f32> = matrix.dot(&ranking.weights.to_array());
    let id = |row: usize| &snapshot.talents()[candidates.talents[row].ordinal as usize].id;
    let mut rows: Vec<usize> = (0..scores.len()).collect();
    rows.sort_by(|&a, &b| scores[b].total_cmp(&scores[a]).then_with(|| id(a).cmp(id(b))));
    let fit = Fit::of(candidates, rows.iter().take(3).map(|&row| &candidates.talents[row]));
    let place = |row: usize| {
        let percent = ranking.calibration.percent(scores[row], fit);
        Place { row, score: scores[row], percent, band: ranking.calibration.band(percent) }
    };
    Ranked { places: rows.into_iter().map(place).collect(), fit, matrix }
}
