//! Chinese terms and their English ones, to look evidence in one language up by a need in the other.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::ops::Range;

use aho_corasick::{AhoCorasick, MatchKind};

use super::dictionary::{bad, finder, lines, on_term_boundary};
use super::{Analysis, Span, TermKind};
use crate::IndexError;

/// A term of the other language, as the index has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Translation {
    /// As the list has it.
    pub text: String,
    /// What it is searched by: an English word, the phrases that several words make, a long Chinese
    /// word, the bigrams of any other.
    pub terms: Vec<(String, TermKind)>,
}

/// A pair that the corpus taught or the list has: Chinese and English, both folded.
pub type Pair = (String, String);

/// Both directions of a list of pairs.
#[derive(Default)]
pub(super) struct Translations {
    /// Finds Chinese terms in folded text.
    finder: Option<AhoCorasick>,
    /// For each pattern of `finder`: its English terms.
    english: Vec<Vec<Translation>>,
    /// The first term of an English one → its other terms, and the Chinese.
    chinese: HashMap<String, Vec<(Vec<String>, Translation)>>,
}

impl Translations {
    /// `analyze` as texts are analysed.
    pub fn new(pairs: &BTreeSet<Pair>, analyze: impl Fn(&str, &mut Analysis)) -> Result<Self, IndexError> {
        let mut analysis = Analysis::default();
        let mut translation = |text: &str| {
            analyze(text, &mut analysis);
            Translation { text: text.to_owned(), terms: search_terms(&analysis) }
        };
        let mut english = BTreeMap::<&str, Vec<Translation>>::new();
        let mut chinese = HashMap::<String, Vec<(Vec<String>, Translation)>>::new();
        for (han, latin) in pairs {
            let (from, to) = (translation(han), translation(latin));
            let mut rest: Vec<String> = to.terms.iter().map(|(term, _)| term.clone()).collect();
            if from.terms.is_empty() || rest.is_empty() {
                continue;
            }
            let known = english.entry(han).or_default();
            if known.iter().all(|k| k.terms != to.terms) {
                known.push(to);
                chinese.entry(rest.remove(0)).or_default().push((rest, from));
            }
        }
        let finder = finder(english.keys(), MatchKind::LeftmostLongest)?;
        Ok(Self { finder, english: english.into_values().collect(), chinese })
    }

    /// The Chinese terms in folded text, the longest, from left to right, with their English ones.
    pub fn english(&self, folded: &str) -> Vec<(Range<usize>, &[Translation])> {
        let Some(finder) = &self.finder else { return Vec::new() };
        let found = finder.find_iter(folded).filter(|m| on_term_boundary(folded, &m.range()));
        found.map(|m| (m.range(), self.english[m.pattern().as_usize()].as_slice())).collect()
    }

    /// The English terms that begin with a term of a text, as the terms that must be in the text
    /// too, with their Chinese ones.
    pub fn chinese(&self, first: &str) -> &[(Vec<String>, Translation)] {
        self.chinese.get(first).map_or(&[], Vec::as_slice)
    }
}

/// A long word says more than its bigrams, a phrase more than its words; else whatever lies in no
/// other term.
fn search_terms(analysis: &Analysis) -> Vec<(String, TermKind)> {
    let spans = analysis.spans();
    let whole = |s: &&Span| s.start == 0 && s.end as usize == analysis.units.len() && s.kind != TermKind::Latin;
    let phrases = || spans.iter().filter(|s| s.kind == TermKind::Phrase);
    let is_inside = |s: &Span, other: &Span| s != other && other.start <= s.start && s.end <= other.end;
    let chosen: Vec<&Span> = match spans.iter().find(whole) {
        Some(word) if word.kind != TermKind::Phrase => vec![word],
        _ if phrases().next().is_some() => phrases().collect(),
        _ => spans.iter().filter(|s| !spans.iter().any(|other| is_inside(s, other))).collect(),
    };
    chosen.into_iter().map(|s| (analysis.term(s).to_owned(), s.kind)).collect()
}

/// `Chinese TAB English TAB English …`
pub(super) fn parse(text: &str, mut fold: impl FnMut(&str) -> String) -> Result<Vec<Pair>, IndexError> {
    let mut pairs = Vec::new();
    for (line, l) in lines(text) {
        let mut terms = l.split('\t').map(&mut fold);
        let han = terms.next().unwrap_or_default();
        let before = pairs.len();
        pairs.extend(terms.filter(|t| !t.is_empty()).map(|english| (han.clone(), english)));
        if han.chars().count() < 2 || pairs.len() == before {
            return Err(bad("bilingual.tsv", line, "a Chinese term of two characters and an English term"));
        }
    }
    Ok(pairs)
}
