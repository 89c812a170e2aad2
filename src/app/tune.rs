//! Learns a ranking from judged needs, and calibrates its per cent.

use std::collections::BTreeSet;

use ndarray::Axis;
use zhihui_index::{Candidates, IndexError};

use super::engine::{Engine, Match};
use super::trec::Qrels;
use crate::domain::Need;
use crate::matching::calibration::{BEST_GRADE, Calibrated, Sample, calibrate};
use crate::matching::learn::{Example, LearnOptions, Learned, learn};
use crate::matching::metrics::Grades;
use crate::matching::ranking::Trained;
use crate::matching::{self, Ranking};

/// Candidates of a need that are learned from at the most: the best by the ranking before. Those
/// below them never come into the first ten.
const LEARNED_CANDIDATES: usize = 300;

/// Places of a list that the per cent are calibrated on: what people read.
const CALIBRATED_PLACES: usize = 20;

/// What to learn.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Scope {
    WeightsAndCalibration,
    CalibrationOnly,
}

/// The learned ranking and how it was learned.
#[derive(Debug)]
pub struct Tuned {
    pub ranking: Ranking,
    /// `None` if the weights were left alone.
    pub learned: Option<Learned>,
    pub calibrated: Calibrated,
}

/// Learns the weights of the engine's ranking anew, or leaves them, and calibrates; how it
/// searches stays as it is.
///
/// # Errors
/// [`IndexError`] if the index cannot be read.
pub fn tune(
    engine: &Engine,
    needs: &[Need],
    qrels: &Qrels,
    data_sha256: String,
    scope: Scope,
    progress: &mut dyn FnMut(usize, usize),
) -> Result<Tuned, IndexError> {
    let judged: Vec<(&Need, &Grades)> = needs.iter().filter_map(|n| qrels.get(&n.id).map(|g| (n, g))).collect();
    let found: Vec<Match> = judged.iter().map(|(need, _)| engine.study(need)).collect::<Result<_, _>>()?;
    let mut ranking = engine.ranking().clone();
    let learned = (scope == Scope::WeightsAndCalibration).then(|| {
        let examples: Vec<Example> =
            judged.iter().zip(&found).map(|((need, grades), f)| example(need, grades, f)).collect();
        learn(&examples, &ranking.weights, &LearnOptions::default(), progress)
    });
    if let Some(learned) = &learned {
        ranking.name = format!("tuned-from-{}", ranking.name);
        ranking.note =
            "weights learned by `zhihui tune`; recency, practice, variety, region and field are hand-set".into();
        ranking.weights = learned.weights.clone();
        ranking.trained = Some(Trained {
            data_sha256,
            needs: judged.len(),
            ndcg_before: learned.before,
            ndcg_cross_validated: learned.cross_validated,
        });
    }
    let mut samples = Vec::new();
    for (group, ((need, grades), found)) in judged.iter().zip(&found).enumerate() {
        add_samples(&ranking, group, grades, found, &mut samples);
        // People also type a few words: the title alone is judged like the whole.
        if let Some(title) = &need.title {
            add_samples(&ranking, group, grades, &engine.study(&Need::from_text(title))?, &mut samples);
        }
    }
    let calibrated = calibrate(&samples, &ranking.calibration);
    ranking.calibration = calibrated.calibration;
    Ok(Tuned { ranking, learned, calibrated })
}

fn example(need: &Need, grades: &Grades, found: &Match) -> Example {
    let rows: Vec<usize> = found.ranked.places.iter().take(LEARNED_CANDIDATES).map(|p| p.row).collect();
    Example {
        group: need.id.clone(),
        ids: rows.iter().map(|&row| found.id(row).to_owned()).collect(),
        matrix: found.ranked.matrix.select(Axis(0), &rows),
        grades: grades.clone(),
    }
}

/// The first places of the need's list, and those of the list that is left without everyone who
/// can help: so that it is learned what a list looks like for a need that nobody can solve.
fn add_samples(ranking: &Ranking, group: usize, grades: &Grades, found: &Match, samples: &mut Vec<Sample>) {
    let ordinals: BTreeSet<u32> =
        grades.iter().filter(|(_, grade)| **grade > 0).filter_map(|(id, _)| found.snapshot.ordinal(id)).collect();
    let others = found.candidates.talents.iter().filter(|t| !ordinals.contains(&t.ordinal)).cloned().collect();
    let others = Candidates { talents: others, terms: found.candidates.terms.clone() };
    for candidates in [&found.candidates, &others] {
        let ranked = matching::rank(ranking, &found.facts, candidates, &found.snapshot);
        for place in ranked.places.iter().take(CALIBRATED_PLACES) {
            let id = &found.snapshot.talents()[candidates.talents[place.row].ordinal as usize].id;
            let grade = grades.get(&**id).map_or(0.0, |grade| f32::from(*grade) / f32::from(BEST_GRADE));
            samples.push(Sample { group, score: place.score, fit: ranked.fit, grade });
        }
    }
}
