//! Learns feature weights from judged needs.
//!
//! Pairwise against all, listwise in cost: for each relevant talent, the softmax loss of picking
//! it among itself and the talents that are not relevant, weighted by its gain (a RankNet with
//! the negatives summed; Burges et al. 2005, Cao et al. 2007). Weights stay at 0 or above, so
//! that every feature keeps the sense that its name promises; few parameters and an L2 penalty
//! keep them from following the judgements' noise.

use ndarray::{Array1, Array2, Axis};

use super::features::{Feature, Weights};
use super::metrics::{self, Gain, Grades};
use super::random::SplitMix64;

/// Features that judgements made from papers cannot teach: they keep their hand-set weights.
/// Recency is among them because papers cite what was new when they were written.
pub const HAND_SET: &[Feature] =
    &[Feature::Recency, Feature::Practice, Feature::Variety, Feature::Region, Feature::Field];

/// The candidates of one judged need.
#[derive(Debug, Clone)]
pub struct Example {
    /// Needs of one group fall into one fold (variants of one need).
    pub group: String,
    pub ids: Vec<String>,
    /// Candidates × features.
    pub matrix: Array2<f32>,
    pub grades: Grades,
}

impl Example {
    fn gain(&self, row: usize) -> f32 {
        self.grades.get(&self.ids[row]).map_or(0.0, |g| Gain::Exponential.of(*g) as f32)
    }

    /// nDCG@10 under the weights; ties break by id.
    fn ndcg(&self, weights: &Array1<f32>) -> Option<f64> {
        let scores = self.matrix.dot(weights);
        let mut rows: Vec<usize> = (0..self.ids.len()).collect();
        rows.sort_by(|&a, &b| scores[b].total_cmp(&scores[a]).then_with(|| self.ids[a].cmp(&self.ids[b])));
        let ranking = rows.iter().map(|&r| self.ids[r].as_str());
        metrics::measure(ranking, &self.grades, Gain::Exponential).map(|m| m.ndcg_10)
    }
}

/// How to learn.
#[derive(Debug, Clone, Copy)]
pub struct LearnOptions {
    /// Penalty on the squared weights of standardised features.
    pub l2: f32,
    pub folds: usize,
    /// Cross-validations with other folds, averaged.
    pub repeats: usize,
}

impl Default for LearnOptions {
    fn default() -> Self {
        Self { l2: 0.03, folds: 5, repeats: 2 }
    }
}

/// Learned weights, and what they are worth on needs that they were not learned from.
#[derive(Debug, Clone)]
pub struct Learned {
    pub weights: Weights,
    /// nDCG@10 of the weights before.
    pub before: f64,
    /// nDCG@10 of the learned weights on the needs they were learned from.
    pub in_sample: f64,
    pub cross_validated: f64,
    /// For each learned feature: what cross-validated nDCG@10 loses without it.
    pub ablation: Vec<(Feature, f64)>,
}

/// Learns from the examples, cross-validates, and measures what each feature adds.
pub fn learn(
    examples: &[Example],
    prior: &Weights,
    options: &LearnOptions,
    progress: &mut dyn FnMut(usize, usize),
) -> Learned {
    let prior = prior.to_array();
    let free: Vec<Feature> = Feature::ALL.iter().copied().filter(|f| !HAND_SET.contains(f)).collect();
    let steps = free.len() + 2;
    let weights = fit(&Problem::new(examples, &prior, &free, options));
    progress(1, steps);
    let cross_validated = cross_validate(examples, &prior, &free, options);
    progress(2, steps);
    let used = free.iter().copied().filter(|f| weights[*f as usize] > 0.0);
    let mut ablation = Vec::new();
    for (done, feature) in used.enumerate() {
        let without: Vec<Feature> = free.iter().copied().filter(|f| *f != feature).collect();
        let single = LearnOptions { repeats: 1, ..*options };
        let loss =
            cross_validate(examples, &prior, &free, &single) - cross_validate(examples, &prior, &without, &single);
        ablation.push((feature, loss));
        progress(done + 3, steps);
    }
    progress(steps, steps);
    ablation.sort_by(|a, b| b.1.total_cmp(&a.1));
    Learned {
        before: mean_ndcg(examples.iter(), &prior),
        in_sample: mean_ndcg(examples.iter(), &weights),
        cross_validated,
        ablation,
        weights: Weights::from_slice(weights.as_slice().unwrap_or_default()),
    }
}

fn mean_ndcg<'a>(examples: impl Iterator<Item = &'a Example>, weights: &Array1<f32>) -> f64 {
    let measured: Vec<f64> = examples.filter_map(|e| e.ndcg(weights)).collect();
    measured.iter().sum::<f64>() / measured.len().max(1) as f64
}

fn cross_validate(examples: &[Example], prior: &Array1<f32>, free: &[Feature], options: &LearnOptions) -> f64 {
    let mut sum = 0.0;
    for repeat in 0..options.repeats {
        let fold_of = folds(examples, options.folds, repeat as u64);
        let mut measured = Vec::new();
        for fold in 0..options.folds {
            let part = |test: bool| examples.iter().zip(&fold_of).filter(move |(_, f)| (**f == fold) == test);
            let training: Vec<Example> = part(false).map(|(e, _)| e.clone()).collect();
            let weights = fit(&Problem::new(&training, prior, free, options));
            measured.extend(part(true).filter_map(|(e, _)| e.ndcg(&weights)));
        }
        sum += measured.iter().sum::<f64>() / measured.len().max(1) as f64;
    }
    sum / options.repeats.max(1) as f64
}

/// A fold for each example; one group, one fold.
fn folds(examples: &[Example], folds: usize, seed: u64) -> Vec<usize> {
    let mut groups: Vec<&str> = examples.iter().map(|e| e.group.as_str()).collect();
    groups.sort_unstable();
    groups.dedup();
    let mut random = SplitMix64::new(seed + 1);
    let mut order: Vec<usize> = (0..groups.len()).collect();
    for i in (1..order.len()).rev() {
        order.swap(i, random.below(i + 1));
    }
    let fold = |e: &Example| groups.binary_search(&e.group.as_str()).map_or(0, |g| order[g] % folds);
    examples.iter().map(fold).collect()
}

/// Standardised examples.
struct Problem<'a> {
    prior: &'a Array1<f32>,
    free: &'a [Feature],
    l2: f32,
    /// Standard deviation of each free feature over all candidates.
    deviations: Array1<f32>,
    /// Candidates × free features, and gains, for needs with a relevant candidate.
    needs: Vec<(Array2<f32>, Vec<f32>)>,
}

impl<'a> Problem<'a> {
    fn new(examples: &[Example], prior: &'a Array1<f32>, free: &'a [Feature], options: &LearnOptions) -> Self {
        let columns: Vec<usize> = free.iter().map(|f| *f as usize).collect();
        let gains = |e: &Example| (0..e.ids.len()).map(|r| e.gain(r)).collect::<Vec<f32>>();
        let mut needs: Vec<(Array2<f32>, Vec<f32>)> = examples
            .iter()
            .map(|e| (e.matrix.select(Axis(1), &columns), gains(e)))
            .filter(|(_, g)| g.iter().any(|g| *g > 0.0))
            .collect();
        let deviations = deviations(&needs, free.len());
        needs.iter_mut().for_each(|(matrix, _)| *matrix /= &deviations);
        Self { prior, free, l2: options.l2, deviations, needs }
    }

    /// Loss gradient at `weights`.
    fn gradient(&self, weights: &Array1<f32>) -> Array1<f32> {
        let mut gradient = weights * self.l2;
        let share = 1.0 / self.needs.len().max(1) as f32;
        for (matrix, gains) in &self.needs {
            let scores = matrix.dot(weights);
            let highest = scores.fold(f32::NEG_INFINITY, |m, s| m.max(*s));
            let exp = scores.mapv(|s| (s - highest).exp());
            let negatives: f32 = exp.iter().zip(gains).filter(|(_, g)| **g == 0.0).map(|(e, _)| e).sum();
            let total: f32 = gains.iter().sum();
            // d loss / d score: −share·(1 − p) for a relevant one, +Σ share·e/(…) for the others.
            let mut spread = 0.0;
            let mut slope = Array1::zeros(gains.len());
            for (row, gain) in gains.iter().enumerate().filter(|(_, g)| **g > 0.0) {
                let part = gain / total / (negatives + exp[row]).max(f32::MIN_POSITIVE);
                slope[row] = -part * negatives;
                spread += part;
            }
            for (row, _) in gains.iter().enumerate().filter(|(_, g)| **g == 0.0) {
                slope[row] = spread * exp[row];
            }
            gradient.scaled_add(share, &matrix.t().dot(&slope));
        }
        gradient
    }
}

fn deviations(needs: &[(Array2<f32>, Vec<f32>)], features: usize) -> Array1<f32> {
    let (mut sum, mut squares, mut count) = (Array1::<f32>::zeros(features), Array1::<f32>::zeros(features), 0);
    for (matrix, _) in needs {
        sum += &matrix.sum_axis(Axis(0));
        squares += &matrix.mapv(|x| x * x).sum_axis(Axis(0));
        count += matrix.nrows();
    }
    let count = count.max(1) as f32;
    let variance = &squares / count - (&sum / count).mapv(|m| m * m);
    // A feature without variance teaches nothing; dividing by 1 leaves it alone.
    variance.mapv(|v| if v > 1e-9 { v.sqrt() } else { 1.0 })
}

/// Adam (Kingma & Ba 2015), projected onto weights of 0 or more; then scaled so that the free
/// weights sum to what they did in the prior, beside which the hand-set ones keep their meaning.
fn fit(problem: &Problem<'_>) -> Array1<f32> {
    const STEPS: i32 = 250;
    const RATE: f32 = 0.05;
    let (decay, decay_squares) = (0.9_f32, 0.999_f32);
    let prior = problem.free.iter().map(|f| problem.prior[*f as usize]).collect::<Array1<f32>>();
    let mut weights = &prior * &problem.deviations;
    let mut mean = Array1::<f32>::zeros(weights.len());
    let mut square = Array1::<f32>::zeros(weights.len());
    for step in 1..=STEPS {
        let gradient = problem.gradient(&weights);
        mean = mean * decay + &gradient * (1.0 - decay);
        square = square * decay_squares + gradient.mapv(|g| g * g) * (1.0 - decay_squares);
        let (unbiased, unbiased_squares) = (1.0 - decay.powi(step), 1.0 - decay_squares.powi(step));
        let update = (&mean / unbiased) / ((&square / unbiased_squares).mapv(f32::sqrt) + 1e-8);
        weights = (weights - update * RATE).mapv(|w| w.max(0.0));
    }
    let learned = &weights / &problem.deviations;
    let scale = prior.sum() / learned.sum().max(f32::MIN_POSITIVE);
    let mut all = problem.prior.clone();
    Feature::ALL.iter().filter(|f| !HAND_SET.contains(f)).for_each(|f| all[*f as usize] = 0.0);
    for (feature, weight) in problem.free.iter().zip(&learned) {
        all[*feature as usize] = weight * scale;
    }
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Needs whose relevant talent has the highest coverage; everything else is noise.
    fn examples(count: usize) -> Vec<Example> {
        let mut random = SplitMix64::new(3);
        let example = |n: usize| {
            let mut noise = || random.below(1000) as f32 / 1000.0;
            let mut matrix = Array2::from_shape_simple_fn((20, Feature::ALL.len()), &mut noise);
            matrix[[n % 20, Feature::Coverage as usize]] = 1.2;
            let ids: Vec<String> = (0..20).map(|i| format!("t{i:02}")).collect();
            let grades = [(ids[n % 20].clone(), 2)].into_iter().collect();
            Example { group: format!("n{n}"), ids, matrix, grades }
        };
        (0..count).map(example).collect()
    }

    #[test]
    fn learning_finds_the_feature_that_matters_and_leaves_hand_set_ones() {
        let prior = Weights { vote: 1.0, region: 0.07, ..Weights::default() };
        let learned = learn(&examples(60), &prior, &LearnOptions::default(), &mut |_, _| {});
        assert!(learned.cross_validated > learned.before + 0.3, "{learned:?}");
        assert_eq!(learned.weights.region, 0.07);
        assert_eq!(learned.ablation[0].0, Feature::Coverage);
        assert!(learned.weights.to_array().iter().all(|w| *w >= 0.0));
    }

    #[test]
    fn variants_of_one_need_share_a_fold() {
        let mut both = examples(30);
        both.extend(examples(30));
        let folds = folds(&both, 5, 0);
        assert_eq!(folds[..30], folds[30..]);
        assert!((0..5).all(|f| folds.contains(&f)));
    }
}
