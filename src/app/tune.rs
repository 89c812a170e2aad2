//! Learns a ranking from judged needs.

use zhihui_index::IndexError;

use super::engine::Engine;
use super::trec::Qrels;
use crate::domain::Need;
use crate::matching::Ranking;
use crate::matching::learn::{Example, LearnOptions, Learned, learn};
use crate::matching::ranking::Trained;

/// Candidates of a need that are learned from at the most: the best by the ranking before. Those
/// below them never come into the first ten.
const LEARNED_CANDIDATES: usize = 300;

/// The learned ranking and how it was learned.
#[derive(Debug)]
pub struct Tuned {
    pub ranking: Ranking,
    pub learned: Learned,
}

/// Learns the weights of the engine's ranking anew; search and calibration stay as they are.
///
/// # Errors
/// [`IndexError`] if the index cannot be read.
pub fn tune(
    engine: &Engine,
    needs: &[Need],
    qrels: &Qrels,
    data_sha256: String,
    progress: &mut dyn FnMut(usize, usize),
) -> Result<Tuned, IndexError> {
    let mut examples = Vec::new();
    for (need, grades) in needs.iter().filter_map(|n| qrels.get(&n.id).map(|g| (n, g))) {
        let found = engine.study(need)?;
        let rows: Vec<usize> = found.ranked.places.iter().take(LEARNED_CANDIDATES).map(|p| p.row).collect();
        examples.push(Example {
            group: need.id.clone(),
            ids: rows.iter().map(|&row| found.id(row).to_owned()).collect(),
            matrix: found.ranked.matrix.select(ndarray::Axis(0), &rows),
            grades: grades.clone(),
        });
    }
    let prior = engine.ranking();
    let learned = learn(&examples, &prior.weights, &LearnOptions::default(), progress);
    let trained = Trained {
        data_sha256,
        needs: examples.len(),
        ndcg_before: learned.before,
        ndcg_cross_validated: learned.cross_validated,
    };
    let ranking = Ranking {
        name: format!("tuned-from-{}", prior.name),
        note: "weights learned by `zhihui tune`; recency, practice, variety, region and field are hand-set".into(),
        weights: learned.weights.clone(),
        trained: Some(trained),
        ..prior.clone()
    };
    Ok(Tuned { ranking, learned })
}
