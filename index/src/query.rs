//! A need as weighted terms.

use std::collections::{BTreeMap, BTreeSet};
use std::ops::Range;

use rustc_hash::FxHashSet;
use serde::{Deserialize, Serialize};

use crate::analyzer::{Analysis, Span, TermKind, Translation};
use crate::snippet;
use crate::space::{self, Bag};
use crate::{Analyzer, Dictionary};

/// What a term of each kind weighs, before its rarity.
#[derive(Debug, Clone, Copy, PartialEq, Serialize, Deserialize)]
#[serde(default, deny_unknown_fields)]
pub struct TermWeights {
    /// Two neighbouring characters that are no word.
    pub bigram: f32,
    /// A two-character word of the dictionary, which is a bigram too.
    pub short_word: f32,
    /// A longer word: its bigrams count beside it.
    pub word: f32,
    pub latin: f32,
    /// Two English words, one after the other; they count beside it.
    pub phrase: f32,
    /// Factor for stop words, and for terms that reach into boilerplate.
    pub stop: f32,
    pub boilerplate: f32,
    /// Factor for terms that only a synonym of the need's own terms brings in.
    pub synonym: f32,
    /// What the translation of a word weighs of what the word's own terms weigh together.
    pub translation: f32,
    /// Occurrences n in the need count n·(k3 + 1) / (n + k3), BM25's own.
    pub k3: f32,
}

impl Default for TermWeights {
    fn default() -> Self {
        Self {
            bigram: 1.0,
            short_word: 1.0,
            word: 0.0,
            latin: 0.7,
            phrase: 0.2,
            stop: 0.5,
            boilerplate: 0.2,
            synonym: 0.3,
            translation: 0.4,
            k3: 1.0,
        }
    }
}

/// One term of a need.
#[derive(Debug, Clone, PartialEq)]
pub struct QueryTerm {
    pub text: String,
    pub kind: TermKind,
    pub weight: f32,
    /// What brought it into the need.
    pub origin: Origin,
    /// Where in the need's text the term, or the term that it stands for, is.
    pub sources: Vec<Range<usize>>,
    /// Lies within words that say something ([`NeedQuery::words`]), not across their borders.
    pub is_content: bool,
}

/// What brings a term into a need.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Origin {
    /// The need's text has it.
    Text,
    /// It is a synonym of what stands at [`QueryTerm::sources`].
    Synonym,
    /// It is one of so many terms that together translate what stands there.
    Translation { parts: usize },
}

/// A word of a need, as people read it: it says something of the subject.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NeedWord {
    /// As the need has it.
    pub text: String,
    /// Where it first is in the need's text.
    pub source: Range<usize>,
    /// The terms that it is searched by.
    pub terms: Vec<String>,
}

/// A need ready to be searched.
#[derive(Debug, Clone, Default)]
pub struct NeedQuery {
    /// Each term once, in order of its text.
    pub terms: Vec<QueryTerm>,
    /// The words that say something, in their order in the need, each once.
    pub words: Vec<NeedWord>,
    /// What the latent space sees.
    pub bag: Bag,
}

impl NeedQuery {
    /// Weighs the terms of the text by how much they can say of the need's subject.
    pub fn new(analyzer: &Analyzer, text: &str, weights: &TermWeights) -> Self {
        let mut analysis = Analysis::default();
        analyzer.analyze(text, &mut analysis);
        let words = content_words(analyzer, text, &analysis);
        let mut terms = collect(analyzer, &analysis, weights);
        let mut bag = Bag::new();
        space::add_terms(&mut bag, &analysis, 1);
        mark_content(&words, &mut terms);
        add_translations(analyzer, &analysis, weights, &mut terms);
        add_synonyms(analyzer, &analysis, weights, &mut terms);
        let mut seen = FxHashSet::default();
        let words = words.into_iter().filter(|w| seen.insert(w.terms.clone())).collect();
        Self { terms: terms.into_values().collect(), words, bag }
    }

    /// Nothing to search by: empty, one character, or punctuation only.
    pub fn is_empty(&self) -> bool {
        self.terms.is_empty()
    }
}

/// Words of two or more characters and Latin terms, without stop words and boilerplate.
fn content_words(analyzer: &Analyzer, text: &str, analysis: &Analysis) -> Vec<NeedWord> {
    let dictionary = analyzer.dictionary();
    let boilerplate = dictionary.boilerplate(analysis.folded());
    let spans: Vec<_> =
        analysis.spans().iter().filter(|s| !matches!(s.kind, TermKind::Word | TermKind::Phrase)).collect();
    // Latin terms are whole already; jieba would cut them.
    let latin = spans.iter().filter(|s| s.kind == TermKind::Latin).map(|s| analysis.folded_range(s));
    let mut ranges: Vec<Range<usize>> = dictionary.segment(analysis.folded()).into_iter().chain(latin).collect();
    ranges.sort_by_key(|r| (r.start, std::cmp::Reverse(r.end)));
    let mut words: Vec<NeedWord> = Vec::new();
    let mut end = 0;
    for range in ranges {
        let next = boilerplate.partition_point(|b| b.end <= range.start);
        let is_masked = boilerplate.get(next).is_some_and(|b| b.start < range.end);
        if range.start < end || is_masked || dictionary.is_stop(&analysis.folded()[range.clone()]) {
            continue;
        }
        let first = spans.partition_point(|s| analysis.folded_range(s).start < range.start);
        let inside = spans[first..].iter().take_while(|s| analysis.folded_range(s).start < range.end);
        let inside = inside.filter(|s| analysis.folded_range(s).end <= range.end);
        let terms: Vec<String> = inside.map(|s| analysis.term(s).to_owned()).collect();
        if !terms.is_empty() {
            end = range.end;
            let source = analysis.source_of(&range);
            words.push(NeedWord { text: text[source.clone()].to_owned(), source, terms });
        }
    }
    words
}

/// Content terms lie within words, or reach from one word into the next.
fn mark_content(words: &[NeedWord], terms: &mut BTreeMap<String, QueryTerm>) {
    let content = snippet::merge(words.iter().map(|w| w.source.clone()).collect());
    let is_inside = |r: &Range<usize>| {
        let next = content.partition_point(|c| c.start <= r.start);
        next > 0 && r.end <= content[next - 1].end
    };
    // Stop words are not in a phrase, only between its words.
    let is_content = |t: &QueryTerm| t.kind == TermKind::Phrase || t.sources.iter().any(is_inside);
    terms.values_mut().for_each(|term| term.is_content = is_content(term));
}

fn collect(analyzer: &Analyzer, analysis: &Analysis, weights: &TermWeights) -> BTreeMap<String, QueryTerm> {
    let dictionary = analyzer.dictionary();
    let boilerplate = dictionary.boilerplate(analysis.folded());
    let mut boilerplate = boilerplate.iter().peekable();
    let mut terms = BTreeMap::<String, QueryTerm>::new();
    for span in analysis.spans() {
        let (text, range) = (analysis.term(span), analysis.folded_range(span));
        while boilerplate.next_if(|b| b.end <= range.start).is_some() {}
        // A bigram that reaches into a phrase says as little as one inside it.
        let masked = boilerplate.peek().is_some_and(|b| b.start < range.end);
        let factor = match () {
            () if masked => weights.boilerplate,
            // English stop words are rare in a Chinese corpus: rarity would not silence them.
            () if span.kind == TermKind::Latin && dictionary.is_stop(text) => 0.0,
            () if dictionary.is_stop(text) => weights.stop,
            () => 1.0,
        };
        let weight = factor * weights.of(analyzer, span.kind, text);
        let term = terms.entry(text.to_owned()).or_insert_with(|| QueryTerm {
            text: text.to_owned(),
            kind: span.kind,
            weight: 0.0,
            origin: Origin::Text,
            sources: Vec::new(),
            is_content: false,
        });
        term.weight = term.weight.max(weight);
        term.sources.push(analysis.source(span));
    }
    for term in terms.values_mut() {
        let occurrences = term.sources.len() as f32;
        term.weight *= occurrences * (weights.k3 + 1.0) / (occurrences + weights.k3);
    }
    terms
}

impl TermWeights {
    fn of(&self, analyzer: &Analyzer, kind: TermKind, text: &str) -> f32 {
        match kind {
            TermKind::Bigram if analyzer.dictionary().is_word(text) => self.short_word,
            TermKind::Bigram => self.bigram,
            TermKind::Word => self.word,
            TermKind::Latin => self.latin,
            TermKind::Phrase => self.phrase,
        }
    }
}

/// What of a need has a translation.
struct Translated<'a> {
    /// Where it is for the first time: in one place, or each of its terms in one.
    firsts: Vec<Range<usize>>,
    /// Everywhere that it is, in order.
    sources: Vec<Range<usize>>,
    translation: &'a Translation,
}

/// Adds the English terms of the need's Chinese words, and the Chinese terms of its English ones.
fn add_translations(
    analyzer: &Analyzer,
    analysis: &Analysis,
    weights: &TermWeights,
    terms: &mut BTreeMap<String, QueryTerm>,
) {
    let mut places: Vec<(Range<usize>, &str)> =
        analysis.spans().iter().map(|s| (analysis.source(s), analysis.term(s))).collect();
    places.sort_by_key(|(source, _)| source.start);
    // The terms within a word are the same wherever it is: its first place tells them. To look at
    // all would take the square of the length of a text that repeats itself.
    let within = |range: &Range<usize>| {
        let first = places.partition_point(|(source, _)| source.start < range.start);
        let inside = places[first..].iter().take_while(|(source, _)| source.start < range.end);
        inside.filter(|(source, _)| source.end <= range.end).map(|(_, term)| *term).collect::<Vec<_>>()
    };
    let mut added = Vec::new();
    for Translated { firsts, sources, translation } in translations(analyzer.dictionary(), analysis, terms) {
        let own: BTreeSet<&str> = firsts.iter().flat_map(within).collect();
        let own: f32 = own.into_iter().filter_map(|term| terms.get(term)).map(|t| t.weight).sum();
        let parts = translation.terms.len();
        let weight = weights.translation * own / parts as f32;
        let origin = Origin::Translation { parts };
        added.extend(translation.terms.iter().map(|(text, kind)| {
            let (text, sources) = (text.clone(), sources.clone());
            QueryTerm { text, kind: *kind, weight, origin, sources, is_content: true }
        }));
    }
    for term in added {
        let known = terms.entry(term.text.clone()).or_insert_with(|| term.clone());
        // What the need itself has, or another translation as a whole, is left as it is.
        if known.origin == term.origin {
            known.weight = known.weight.max(term.weight);
            known.sources = snippet::merge([known.sources.clone(), term.sources].concat());
        }
    }
}

fn translations<'a>(
    dictionary: &'a Dictionary,
    analysis: &Analysis,
    terms: &BTreeMap<String, QueryTerm>,
) -> Vec<Translated<'a>> {
    let mut chinese: BTreeMap<&str, (Vec<Range<usize>>, &[Translation])> = BTreeMap::new();
    for (range, english) in dictionary.english(analysis.folded()) {
        let source = analysis.source_of(&range);
        chinese.entry(&analysis.folded()[range]).or_insert_with(|| (Vec::new(), english)).0.push(source);
    }
    let of_word = |(sources, english): (Vec<Range<usize>>, &'a [Translation])| {
        let translated = move |translation| {
            let (firsts, sources) = (sources[..1].to_vec(), sources.clone());
            Translated { firsts, sources, translation }
        };
        english.iter().map(translated)
    };
    let mut found: Vec<Translated<'a>> = chinese.into_values().flat_map(of_word).collect();
    for (first, term) in terms.iter().filter(|(_, t)| matches!(t.kind, TermKind::Latin | TermKind::Phrase)) {
        for (rest, translation) in dictionary.chinese(first) {
            let Some(rest) = rest.iter().map(|term| terms.get(term)).collect::<Option<Vec<_>>>() else { continue };
            let all = || rest.iter().copied().chain([term]);
            let firsts = all().filter_map(|t| t.sources.first().cloned()).collect();
            let sources = snippet::merge(all().flat_map(|t| t.sources.iter().cloned()).collect());
            found.push(Translated { firsts, sources, translation });
        }
    }
    found
}

/// Adds the terms of the need's synonyms: a long word as itself, so that half of it does not
/// match by accident; several English words as the phrases that they make.
fn add_synonyms(
    analyzer: &Analyzer,
    analysis: &Analysis,
    weights: &TermWeights,
    terms: &mut BTreeMap<String, QueryTerm>,
) {
    let mut synonym = Analysis::default();
    for (text, range) in analyzer.dictionary().synonyms(analysis.folded()) {
        analyzer.analyze(text, &mut synonym);
        let whole = synonym.spans().iter().any(|s| synonym.term(s) == text);
        let has_phrases = synonym.spans().iter().any(|s| s.kind == TermKind::Phrase);
        let is_chosen = |s: &&Span| {
            if whole { synonym.term(s) == text } else { !has_phrases || s.kind == TermKind::Phrase }
        };
        let chosen: Vec<&Span> = synonym.spans().iter().filter(is_chosen).collect();
        let source = analysis.source_of(&range);
        for span in &chosen {
            let term = synonym.term(span);
            let share = weights.synonym / chosen.len() as f32;
            terms.entry(term.to_owned()).or_insert_with(|| QueryTerm {
                text: term.to_owned(),
                kind: span.kind,
                weight: share * weights.of(analyzer, span.kind, term).max(1.0),
                origin: Origin::Synonym,
                sources: vec![source.clone()],
                is_content: true,
            });
        }
    }
}
