//! The numbers that a talent is ranked by.
//!
//! Scores of terms are divided by the need's best, so that a feature means the same for every
//! need; cosines and shares are what they are. All features are 0 or more.

use ndarray::{Array2, ArrayViewMut1, Axis};
use rayon::prelude::*;
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};
use zhihui_index::query::Origin;
use zhihui_index::reader::Snapshot;
use zhihui_index::{Candidates, EvidenceHit, TalentHit, search};

use crate::domain::EvidenceType;

macro_rules! features {
    ($($variant:ident $name:ident $label:literal $doc:literal,)*) => {
        /// A column of the feature matrix.
        #[derive(Debug, Clone, Copy, PartialEq, Eq)]
        pub enum Feature { $(#[doc = $doc] $variant,)* }

        impl Feature {
            pub const ALL: &[Self] = &[$(Self::$variant,)*];

            /// The name in ranking files.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$variant => stringify!($name),)* }
            }

            /// The name that people read.
            pub const fn label(self) -> &'static str {
                match self { $(Self::$variant => $label,)* }
            }
        }

        /// One weight a feature; absent from a file means 0.
        #[derive(Debug, Clone, Default, PartialEq, Serialize, Deserialize)]
        #[serde(default, deny_unknown_fields)]
        pub struct Weights { $(#[doc = $doc] pub $name: f32,)* }

        impl Weights {
            /// In the order of [`Feature::ALL`].
            pub fn to_array(&self) -> ndarray::Array1<f32> {
                let Self { $($name,)* } = self;
                ndarray::arr1(&[$(*$name,)*])
            }

            pub fn from_slice(weights: &[f32]) -> Self {
                let mut next = weights.iter().copied();
                $(let $name = next.next().unwrap_or(0.0);)*
                Self { $($name,)* }
            }
        }
    };
}

features! {
    Vote vote "成果与需求的文字匹配" "Geometric sum of the term scores of the best pieces of evidence.",
    Best best "最佳成果的匹配" "Term score of the best piece.",
    Support support "其他成果的佐证" "Mean term score of the second to the fifth piece.",
    Title title "标题匹配" "Geometric sum of title scores.",
    Keywords keywords "关键词匹配" "Geometric sum of keyword scores.",
    Summary summary "摘要匹配" "Geometric sum of abstract scores.",
    Profile profile "简介与研究方向匹配" "Term score of the profile.",
    DenseVote dense_vote "语义相近的成果" "Geometric sum of the evidence's cosines in the latent space.",
    DenseBest dense_best "语义最近的成果" "Best cosine of a piece of evidence.",
    DenseTalent dense_talent "总体方向相近" "Cosine of the sum of all evidence.",
    Coverage coverage "需求要点覆盖" "Share of the need's term weight that the evidence covers together.",
    CoverageBest coverage_best "单项成果覆盖" "Share of the need's term weight that one piece covers.",
    Rare rare "罕见术语匹配" "Geometric sum of what rare terms add by being rare.",
    RareCoverage rare_coverage "关键术语覆盖" "The same over the need's sixteen weightiest terms.",
    Feedback feedback "与最佳成果同类" "Geometric sum of cosines with the need's best evidence (pseudo-relevance feedback).",
    Colleagues colleagues "合作者也匹配" "Best vote among the talents who share evidence with this one.",
    Focus focus "方向专注" "Mean term score over all of the talent's evidence.",
    Experience experience "成果数量" "ln(1 + pieces of evidence).",
    Network network "合作者数量" "ln(1 + talents who share evidence with this one).",
    Recency recency "近年成果" "How recent the best pieces are: 1 in the newest year of the corpus, 0 ten years before.",
    Practice practice "专利、合同等实践成果" "Best term score among patents, contracts and standards.",
    Variety variety "成果类型多样" "Kinds of evidence among the best pieces, beyond the first, of five.",
    Region region "地域相近" "1 in the need's district, 0.6 in its city.",
    Field field "领域一致" "The need's weight of the best of the talent's taxonomy codes.",
}

/// Pieces that can count in a vote at the most.
pub const MAX_PIECES: usize = 8;

/// How evidence becomes a vote.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct FeatureParams {
    /// The k-th best piece counts decay^k in term votes.
    pub decay: f32,
    /// The same in dense votes.
    pub dense_decay: f32,
    /// Pieces that count, 1 to [`MAX_PIECES`].
    pub pieces: usize,
}

impl Default for FeatureParams {
    fn default() -> Self {
        Self { decay: 0.4, dense_decay: 0.4, pieces: 5 }
    }
}

/// What is known of a need besides its words.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct NeedFacts {
    pub region: Option<String>,
    /// Taxonomy codes with how much they fit, 0–1.
    pub codes: Vec<(String, f32)>,
}

/// Candidates × [`Feature::ALL`].
pub fn matrix(params: &FeatureParams, need: &NeedFacts, candidates: &Candidates, snapshot: &Snapshot) -> Array2<f32> {
    const AT_ONCE: usize = 128;
    let mut matrix = Array2::zeros((candidates.talents.len(), Feature::ALL.len()));
    let scale = Scale::new(candidates);
    let rows = matrix.axis_iter_mut(Axis(0)).into_par_iter().with_min_len(AT_ONCE);
    rows.zip(&candidates.talents).for_each(|(mut row, hit)| {
        evidence_features(params, &scale, hit, &mut row);
        let talent = &snapshot.talents()[hit.ordinal as usize];
        set(&mut row, Feature::Profile, hit.profile / scale.profile);
        set(&mut row, Feature::DenseTalent, hit.dense.max(0.0));
        set(&mut row, Feature::Recency, recency(hit, snapshot.newest_year()));
        set(&mut row, Feature::Region, region_fit(need.region.as_deref(), talent.region.as_deref()));
        let codes = need.codes.iter().filter(|(code, _)| talent.codes.iter().any(|c| **c == **code));
        set(&mut row, Feature::Field, codes.map(|(_, fit)| *fit).fold(0.0, f32::max));
    });
    social_features(candidates, snapshot, &mut matrix);
    matrix
}

fn set(row: &mut ArrayViewMut1<'_, f32>, feature: Feature, value: f32) {
    row[feature as usize] = value;
}

/// The need's best scores, which others are divided by.
struct Scale {
    score: f32,
    title: f32,
    keywords: f32,
    summary: f32,
    profile: f32,
    rare: f32,
    /// Weight of each term's bit.
    bits: Vec<f32>,
}

impl Scale {
    fn new(candidates: &Candidates) -> Self {
        let best = |of: fn(&EvidenceHit) -> f32| {
            let all = candidates.talents.iter().flat_map(|t| &t.evidence).map(of);
            all.fold(f32::MIN_POSITIVE, f32::max)
        };
        let mut bits = vec![0.0; 64];
        for term in &candidates.terms {
            if let Some(bit) = term.bit.filter(|_| term.term.origin == Origin::Text && term.document_frequency > 0) {
                bits[usize::from(bit)] = term.weight;
            }
        }
        Self {
            score: best(|e| e.score),
            title: best(|e| e.title),
            keywords: best(|e| e.keywords),
            summary: best(|e| e.summary),
            rare: best(|e| e.rare),
            profile: candidates.talents.iter().map(|t| t.profile).fold(f32::MIN_POSITIVE, f32::max),
            bits,
        }
    }

    /// The share of the first `count` terms' weight that the bits hold.
    fn covered(&self, bits: u64, count: usize) -> f32 {
        let total: f32 = self.bits[..count].iter().sum();
        let held = search::bits(bits).take_while(|bit| *bit < count);
        held.map(|bit| self.bits[bit]).sum::<f32>() / total.max(f32::MIN_POSITIVE)
    }
}

fn evidence_features(params: &FeatureParams, scale: &Scale, hit: &TalentHit, row: &mut ArrayViewMut1<'_, f32>) {
    let pieces = params.pieces.min(MAX_PIECES);
    let vote = |decay: f32, best: f32, of: fn(&EvidenceHit) -> f32| {
        let scores = &top(hit, of)[..pieces];
        scores.iter().rev().fold(0.0, |sum, s| sum * decay + s) / best
    };
    set(row, Feature::Vote, vote(params.decay, scale.score, |e| e.score));
    set(row, Feature::Rare, vote(params.decay, scale.rare, |e| e.rare));
    set(row, Feature::Title, vote(params.decay, scale.title, |e| e.title));
    set(row, Feature::Keywords, vote(params.decay, scale.keywords, |e| e.keywords));
    set(row, Feature::Summary, vote(params.decay, scale.summary, |e| e.summary));
    set(row, Feature::DenseVote, vote(params.dense_decay, 1.0, |e| e.dense));
    set(row, Feature::Feedback, vote(params.decay, 1.0, |e| e.feedback));
    let scores = &top(hit, |e| e.score)[..pieces];
    set(row, Feature::Best, scores[0] / scale.score);
    set(row, Feature::Support, scores[1..].iter().sum::<f32>() / (pieces - 1).max(1) as f32 / scale.score);
    set(row, Feature::DenseBest, hit.evidence.iter().map(|e| e.dense).fold(0.0, f32::max));
    let covered = hit.evidence.iter().take(pieces).fold(0, |bits, e| bits | e.covered);
    set(row, Feature::Coverage, scale.covered(covered, 64));
    set(row, Feature::RareCoverage, scale.covered(covered, 16));
    let single = hit.evidence.iter().take(pieces).map(|e| scale.covered(e.covered, 64));
    set(row, Feature::CoverageBest, single.fold(0.0, f32::max));
    let kinds = hit.evidence.iter().take(pieces).fold(0_u64, |kinds, e| kinds | 1 << (e.kind & 63));
    set(row, Feature::Variety, kinds.count_ones().saturating_sub(1) as f32 / 5.0);
    let is_practice = |e: &&EvidenceHit| EvidenceType::from_code(e.kind).is_some_and(EvidenceType::is_practice);
    let practice = hit.evidence.iter().filter(is_practice).map(|e| e.score).fold(0.0, f32::max);
    set(row, Feature::Practice, practice / scale.score);
}

/// The best values over the talent's evidence, descending; 0 where there are no more.
fn top(hit: &TalentHit, of: fn(&EvidenceHit) -> f32) -> [f32; MAX_PIECES] {
    let mut best = [0.0; MAX_PIECES];
    for value in hit.evidence.iter().map(of) {
        let place = best.iter().take_while(|b| **b >= value).count();
        if place < MAX_PIECES {
            best.copy_within(place..MAX_PIECES - 1, place + 1);
            best[place] = value;
        }
    }
    best
}

/// Mean over the best three pieces, by score.
fn recency(hit: &TalentHit, newest: u16) -> f32 {
    const YEARS: f32 = 10.0;
    let age = |year: u16| f32::from(newest.saturating_sub(year));
    let fresh = hit.evidence.iter().take(3).map(|e| e.year.map_or(0.0, |y| (1.0 - age(y) / YEARS).max(0.0)));
    let fresh: Vec<f32> = fresh.collect();
    fresh.iter().sum::<f32>() / fresh.len().max(1) as f32
}

/// 1 for the same district, 0.6 for the same city (up to and with the first 市), else 0.
fn region_fit(need: Option<&str>, talent: Option<&str>) -> f32 {
    const SAME_CITY: f32 = 0.6;
    let city = |region: &str| region.find('市').map(|at| region[..at].to_owned());
    match (need, talent) {
        (Some(need), Some(talent)) if need == talent => 1.0,
        (Some(need), Some(talent)) if city(need).is_some() && city(need) == city(talent) => SAME_CITY,
        _ => 0.0,
    }
}

/// Features that look at a talent's colleagues and at the whole of the evidence.
fn social_features(candidates: &Candidates, snapshot: &Snapshot, matrix: &mut Array2<f32>) {
    let votes: FxHashMap<u32, f32> = (candidates.talents.iter().zip(matrix.column(Feature::Vote as usize)))
        .map(|(hit, vote)| (hit.ordinal, *vote))
        .collect();
    let best = candidates.talents.iter().flat_map(|t| &t.evidence).map(|e| e.score).fold(f32::MIN_POSITIVE, f32::max);
    for (hit, mut row) in candidates.talents.iter().zip(matrix.rows_mut()) {
        let colleagues = snapshot.colleagues_of(hit.ordinal);
        let vote = colleagues.iter().filter_map(|c| votes.get(c)).copied().fold(0.0, f32::max);
        set(&mut row, Feature::Colleagues, vote);
        set(&mut row, Feature::Network, (colleagues.len() as f32).ln_1p());
        let pieces = snapshot.evidence_of(hit.ordinal).len();
        set(&mut row, Feature::Experience, (pieces as f32).ln_1p());
        let sum: f32 = hit.evidence.iter().map(|e| e.score).sum();
        set(&mut row, Feature::Focus, sum / best / pieces.max(1) as f32);
    }
}
