//! Reasons for a place in a list, made from the numbers that decided it.

use std::borrow::Cow;
use std::ops::Range;

use ndarray::ArrayView1;
use serde::{Deserialize, Deserializer, Serialize};
use utoipa::ToSchema;
use zhihui_index::query::{NeedWord, Origin};
use zhihui_index::{NeedQuery, ScoredTerm, TalentHit};

use super::Ranking;
use super::features::Feature;

/// What one feature adds to a score.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Contribution {
    #[serde(serialize_with = "name", deserialize_with = "feature")]
    #[schema(value_type = String)]
    pub feature: Feature,
    #[schema(value_type = String)]
    pub label: Cow<'static, str>,
    pub value: f32,
    pub weight: f32,
    /// Weight × value. The points of all features sum to the score.
    pub points: f32,
}

fn name<S: serde::Serializer>(feature: &Feature, to: S) -> Result<S::Ok, S::Error> {
    to.serialize_str(feature.name())
}

fn feature<'de, D: Deserializer<'de>>(from: D) -> Result<Feature, D::Error> {
    let name = String::deserialize(from)?;
    let found = Feature::ALL.iter().copied().find(|f| f.name() == name);
    found.ok_or_else(|| serde::de::Error::custom("no such feature"))
}

/// The features that add something, most first.
pub fn contributions(ranking: &Ranking, row: ArrayView1<'_, f32>) -> Vec<Contribution> {
    let weights = ranking.weights.to_array();
    let contribution = |&feature: &Feature| {
        let (value, weight) = (row[feature as usize], weights[feature as usize]);
        Contribution { feature, label: feature.label().into(), value, weight, points: weight * value }
    };
    let mut all: Vec<Contribution> = Feature::ALL.iter().map(contribution).filter(|c| c.points != 0.0).collect();
    all.sort_by(|a, b| b.points.total_cmp(&a.points));
    all
}

/// The bits of the need's terms that a talent's evidence and profile hold.
pub fn covered(hit: &TalentHit) -> u64 {
    hit.evidence.iter().fold(hit.profile_covered, |bits, e| bits | e.covered)
}

/// The words of a need, sorted by who can do something with them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Words {
    /// In the talent's evidence or profile, themselves or a synonym.
    pub matched: Vec<String>,
    /// Elsewhere in the corpus only.
    pub missing: Vec<String>,
    /// In nobody's evidence or profile.
    pub unknown: Vec<String>,
}

impl Words {
    /// Words whose terms are too frequent to be searched by, or too many, are in none of the lists.
    pub fn sort(query: &NeedQuery, terms: &[ScoredTerm], covered: u64) -> Self {
        let mut words = Self::default();
        for word in &query.words {
            let list = match WordTest::new(word, terms).standing(covered) {
                Standing::Unsearched => continue,
                Standing::Matched => &mut words.matched,
                Standing::Missing => &mut words.missing,
                Standing::Unknown => &mut words.unknown,
            };
            list.push(word.text.clone());
        }
        words
    }
}

/// How many of the words of a need its hits have: made once, asked for thousands of hits.
#[derive(Debug)]
pub struct WordCount(Vec<WordTest>);

impl WordCount {
    pub fn new(query: &NeedQuery, terms: &[ScoredTerm]) -> Self {
        Self(query.words.iter().map(|word| WordTest::new(word, terms)).collect())
    }

    /// Words that somebody has, which are those that a hit can have.
    pub fn searched(&self) -> usize {
        self.0.iter().filter(|test| matches!(test.standing(0), Standing::Missing)).count()
    }

    /// Words that a hit with these bits has.
    pub fn matched(&self, covered: u64) -> usize {
        self.0.iter().filter(|test| test.standing(covered) == Standing::Matched).count()
    }
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Standing {
    Unsearched,
    Matched,
    Missing,
    Unknown,
}

/// Less than all terms of a translation together, by no more than rounding.
const WHOLE: f32 = 0.99;

/// What a hit must hold to have a word.
#[derive(Debug)]
struct WordTest {
    /// Bits of the word's own terms that are searched.
    own: u64,
    /// A word whose part nobody has is a word that nobody has.
    is_unknown: bool,
    /// Synonyms and translations: a bit, and how much of the word it stands for.
    others: Vec<(u64, f32)>,
}

impl WordTest {
    fn new(word: &NeedWord, terms: &[ScoredTerm]) -> Self {
        let source = &word.source;
        let overlaps = |s: &Range<usize>| s.start < source.end && source.start < s.end;
        let contains = |s: &Range<usize>| s.start <= source.start && source.end <= s.end;
        let share = |term: &ScoredTerm| match term.term.origin {
            Origin::Synonym if term.term.sources.iter().any(overlaps) => 1.0,
            Origin::Translation { parts } if term.term.sources.iter().any(contains) => 1.0 / parts as f32,
            _ => 0.0,
        };
        let bit = |term: &ScoredTerm| term.bit.map(|bit| 1_u64 << bit);
        let own = || terms.iter().filter(|t| word.terms.contains(&t.term.text));
        let others = terms.iter().filter_map(|t| Some((bit(t)?, share(t)))).filter(|(_, share)| *share > 0.0);
        Self {
            own: own().filter_map(bit).fold(0, |bits, bit| bits | bit),
            is_unknown: own().any(|t| t.is_unknown),
            others: others.collect(),
        }
    }

    fn standing(&self, covered: u64) -> Standing {
        let replaced: f32 = self.others.iter().filter(|(bit, _)| covered & bit != 0).map(|(_, share)| share).sum();
        match () {
            () if replaced > WHOLE => Standing::Matched,
            () if self.is_unknown => Standing::Unknown,
            () if self.own == 0 => Standing::Unsearched,
            () if covered & self.own == self.own => Standing::Matched,
            () => Standing::Missing,
        }
    }
}
