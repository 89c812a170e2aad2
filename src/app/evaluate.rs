//! How good the ranking is on judged needs, and how fast.

use std::time::Instant;

use serde::Serialize;
use zhihui_index::IndexError;

use super::engine::Engine;
use super::trec::{self, Qrels};
use crate::domain::Need;
use crate::matching::metrics::{self, Gain, Measures, Summary};

/// What `eval --json` prints.
#[derive(Debug, Clone, Serialize)]
pub struct Report {
    #[serde(flatten)]
    pub quality: Summary,
    pub latency_ms: Latency,
    pub ranking: String,
}

/// Time from the need's text to its ranking, explanations not counted.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Latency {
    pub p50: f64,
    pub p99: f64,
}

/// The report and the run file.
#[derive(Debug)]
pub struct Evaluation {
    pub report: Report,
    pub run: String,
}

/// Ranks every need that has a relevant talent, one after another.
///
/// # Errors
/// [`IndexError`] if the index cannot be read.
pub fn evaluate(engine: &Engine, needs: &[Need], qrels: &Qrels, gain: Gain) -> Result<Evaluation, IndexError> {
    let mut measures: Vec<Measures> = Vec::new();
    let mut times = Vec::new();
    let mut run = String::new();
    for (need, grades) in needs.iter().filter_map(|n| qrels.get(&n.id).map(|g| (n, g))) {
        let start = Instant::now();
        let found = engine.find(need)?;
        times.push(start.elapsed().as_secs_f64() * 1000.0);
        measures.extend(metrics::measure(found.ids().map(|(id, _)| id), grades, gain));
        let scored = found.ids().map(|(id, score)| (id, f64::from(score)));
        trec::write_run(&mut run, &need.id, scored, &engine.ranking().name);
    }
    let report = Report {
        quality: Summary::of(&measures),
        latency_ms: Latency::of(times),
        ranking: engine.ranking().name.clone(),
    };
    Ok(Evaluation { report, run })
}

impl Latency {
    fn of(mut times: Vec<f64>) -> Self {
        times.sort_unstable_by(f64::total_cmp);
        let at = |share: f64| times.get((times.len() as f64 * share) as usize).or(times.last()).copied().unwrap_or(0.0);
        Self { p50: at(0.5), p99: at(0.99) }
    }
}
