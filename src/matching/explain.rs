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

/// How much of what was asked a hit has: made once, asked for thousands of hits. What has no words,
/// stop words or single characters, counts as one word: all of its terms.
#[derive(Debug)]
pub struct Asked {
    words: Vec<WordTest>,
    /// Bits of the terms of the words, with how rare each is.
    terms: Vec<(u64, f32)>,
}

impl Asked {
    pub fn new(query: &NeedQuery, terms: &[ScoredTerm]) -> Self {
        let whole = || {
            let own = query.terms.iter().filter(|t| t.origin == Origin::Text);
            let end = own.clone().flat_map(|t| &t.sources).map(|s| s.end).max()?;
            Some(NeedWord { text: String::new(), source: 0..end, terms: own.map(|t| t.text.clone()).collect() })
        };
        let words: Vec<WordTest> = match query.words.as_slice() {
            [] => whole().iter().map(|word| WordTest::new(word, terms)).collect(),
            words => words.iter().map(|word| WordTest::new(word, terms)).collect(),
        };
        let content = terms.iter().filter(|t| t.term.origin == Origin::Text && t.term.is_content);
        let terms = content.filter_map(|t| Some((1 << t.bit?, t.idf))).collect();
        Self { words, terms }
    }

    /// Whether a hit with these bits has a third of the words that anybody has, or most of their
    /// parts: 电池包热失控 has no 电池热失控, and is about it.
    pub fn is_answered(&self, covered: u64) -> bool {
        const PARTS: f32 = 0.5;
        let searched = self.words.iter().filter(|test| test.standing(0) == Standing::Missing).count();
        let matched = self.words.iter().filter(|test| test.standing(covered) == Standing::Matched).count();
        if matched > 0 && matched >= searched.div_ceil(3) {
            return true;
        }
        let (all, held) = self.terms.iter().fold((0.0, 0.0), |(all, held), (bit, rarity)| {
            (all + rarity, held + if covered & bit == 0 { 0.0 } else { *rarity })
        });
        all > 0.0 && held >= PARTS * all
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
