//! One analyzer for documents and needs.
//!
//! A text becomes a stream of four kinds of terms:
//! - **bigrams**: every two neighbouring characters of a Han (or kana, hangul) run;
//! - **words**: every dictionary word of three or more characters that the run holds, whether or
//!   not jieba's best segmentation would choose it (jieba's full mode). Two-character words *are*
//!   bigrams;
//! - **Latin terms**: letters and digits with their joiners, kept whole (`3.6.3`, `0.18μm`,
//!   `5g-v2x`), and the lettered parts of a joined term (`5g`, `v2x`);
//! - **phrases**: every two English words that follow each other (`thermal_runaway`), as bigrams are
//!   for Han. English plurals lose their ending.
//!
//! Full mode rather than search mode, because search mode depends on the words around: it cuts
//! `日本京都大学` so that `京都大学` is not found in it. Here a term depends on nothing but its own
//! characters, so whatever is found in a text alone is found in every text that holds it, and the
//! HMM, which guesses words from context, is off. On the tune needs the three rank alike: nDCG@10
//! .556 in full mode, .558 in search mode, with the HMM and without.
//!
//! A term shares the position of the word that it lies in: positions count groups of overlapping
//! dictionary words.

mod dictionary;
mod english;
mod latin;
mod normalize;
mod prefixes;
#[cfg(test)]
mod tests;
pub(crate) mod tokenizer;
mod translations;

use std::sync::Arc;

pub use dictionary::{Dictionary, DictionarySources};
use normalize::{Class, Unit};
pub use translations::Translation;

/// Changes whenever the same text would give other tokens; part of the index fingerprint.
pub const ANALYZER_VERSION: u32 = 2;

/// What a term is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TermKind {
    /// Two neighbouring characters.
    Bigram,
    /// A dictionary word of three or more characters.
    Word,
    /// A Latin term or number, or a lettered part of one.
    Latin,
    /// Two English words, one after the other.
    Phrase,
}

/// A term where it stands in the text.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Span {
    /// First and one-past-last folded character.
    start: u32,
    end: u32,
    pub position: u32,
    pub kind: TermKind,
    /// Place in [`Analysis::derived`], from 1, of a term that is not what the text has; else 0.
    derived: u32,
}

impl Span {
    fn new(start: usize, end: usize, kind: TermKind) -> Self {
        Self { start: start as u32, end: end as u32, position: 0, kind, derived: 0 }
    }
}

/// The analysis of one text. Reuse one value for many texts to save allocations.
#[derive(Debug, Default)]
pub struct Analysis {
    folded: String,
    units: Vec<Unit>,
    spans: Vec<Span>,
    derived: Derived,
}

/// Terms that are no slices of the text: singular forms and phrases.
#[derive(Debug, Default)]
struct Derived {
    text: String,
    /// One past the last byte of each.
    ends: Vec<u32>,
}

impl Derived {
    /// Keeps what was written to the end of `text`; returns its place, from 1.
    fn finish(&mut self) -> u32 {
        self.ends.push(self.text.len() as u32);
        self.ends.len() as u32
    }

    fn get(&self, place: u32) -> &str {
        let end = |place: u32| place.checked_sub(1).map_or(0, |at| self.ends[at as usize] as usize);
        &self.text[end(place - 1)..end(place)]
    }

    fn clear(&mut self) {
        self.text.clear();
        self.ends.clear();
    }
}

impl Analysis {
    /// The terms in order of their start; at one start the longer word comes first.
    pub fn spans(&self) -> &[Span] {
        &self.spans
    }

    /// The term's folded text: what is indexed.
    pub fn term(&self, span: &Span) -> &str {
        match span.derived {
            0 => &self.folded[self.byte_at(span.start)..self.byte_at(span.end)],
            place => self.derived.get(place),
        }
    }

    /// The bytes of the source text that the term came from.
    pub fn source(&self, span: &Span) -> std::ops::Range<usize> {
        let (first, last) = (self.units[span.start as usize], self.units[span.end as usize - 1]);
        first.from as usize..last.to as usize
    }

    /// The whole folded text.
    pub fn folded(&self) -> &str {
        &self.folded
    }

    /// The folded bytes that the term covers, to compare with matches in [`Self::folded`].
    pub fn folded_range(&self, span: &Span) -> std::ops::Range<usize> {
        self.byte_at(span.start)..self.byte_at(span.end)
    }

    /// The bytes of the source text behind a range of folded bytes.
    pub fn source_of(&self, folded: &std::ops::Range<usize>) -> std::ops::Range<usize> {
        let (start, end) = (self.unit_at(folded.start), self.unit_at(folded.end));
        self.source(&Span::new(start as usize, end.max(start + 1) as usize, TermKind::Word))
    }

    fn byte_at(&self, unit: u32) -> usize {
        self.units.get(unit as usize).map_or(self.folded.len(), |u| u.at as usize)
    }

    /// The unit that starts at folded byte `at`; one past the last for the end of the text.
    fn unit_at(&self, at: usize) -> u32 {
        self.units.partition_point(|u| (u.at as usize) < at) as u32
    }
}

/// Cuts text into terms. Cheap to clone: the dictionary is shared.
#[derive(Debug, Clone)]
pub struct Analyzer {
    dictionary: Arc<Dictionary>,
}

impl Analyzer {
    pub fn new(dictionary: Arc<Dictionary>) -> Self {
        Self { dictionary }
    }

    pub fn dictionary(&self) -> &Dictionary {
        &self.dictionary
    }

    /// Analyses `text` into `out`, replacing what was there.
    pub fn analyze(&self, text: &str, out: &mut Analysis) {
        self.dictionary.analyze(text, out);
    }

    /// The terms of `text`, allocated: for small inputs and tests.
    pub fn terms(&self, text: &str) -> Vec<String> {
        let mut analysis = Analysis::default();
        self.analyze(text, &mut analysis);
        analysis.spans().iter().map(|s| analysis.term(s).to_owned()).collect()
    }
}

/// The analysis itself, which the dictionary needs for its own entries.
impl Dictionary {
    fn analyze(&self, text: &str, out: &mut Analysis) {
        normalize::fold(text, &self.t2s, &mut out.folded, &mut out.units);
        out.spans.clear();
        out.derived.clear();
        self.cut(out);
        self.add_mixed_words(out);
        set_positions(&mut out.spans);
    }

    fn cut(&self, out: &mut Analysis) {
        let mut prose = english::Prose::default();
        let mut at = 0;
        while at < out.units.len() {
            match out.units[at].class {
                Class::Cjk => {
                    let end = run_end(&out.units, at);
                    self.cut_cjk(&out.folded, &out.units, at..end, &mut out.spans);
                    at = end;
                }
                Class::Alnum => {
                    let end = latin::cut(&out.units, at, &mut out.spans);
                    prose.add(self, out, at..end);
                    at = end;
                }
                Class::Joiner | Class::Tail | Class::Separator => at += 1,
            }
        }
    }

    /// Bigrams of a run, and the dictionary words that lie in it.
    fn cut_cjk(&self, folded: &str, units: &[Unit], run: std::ops::Range<usize>, spans: &mut Vec<Span>) {
        for at in run.clone() {
            let first = spans.len();
            self.words_at_start(folded, &units[at..run.end], |length| {
                spans.push(Span::new(at, at + length, TermKind::Word));
            });
            spans[first..].reverse();
            if at + 1 < run.end {
                spans.push(Span::new(at, at + 2, TermKind::Bigram));
            }
        }
    }

    /// Words of Han and Latin together (`pre-a轮`, `维生素c`), where they do not cut a Latin term.
    fn add_mixed_words(&self, out: &mut Analysis) {
        let Analysis { folded, units, spans, .. } = out;
        let before = spans.len();
        let mut start = 0;
        for clause in units.split(|u| u.class == Class::Separator) {
            let has = |class: Class| clause.iter().any(|u| u.class == class);
            if has(Class::Alnum) && has(Class::Cjk) {
                self.add_mixed_words_of(folded, clause, start, spans);
            }
            start += clause.len() + 1;
        }
        if spans.len() > before {
            spans.sort_by_key(|s| (s.start, std::cmp::Reverse(s.end)));
            spans.dedup_by_key(|s| (s.start, s.end, s.kind));
        }
    }

    /// `clause` starts at unit `start`.
    fn add_mixed_words_of(&self, folded: &str, clause: &[Unit], start: usize, spans: &mut Vec<Span>) {
        let (first, last) = (clause[0].at, clause[clause.len() - 1].end());
        let unit_at = |at: usize| clause.partition_point(|u| ((u.at - first) as usize) < at);
        let alnum = |unit: usize| clause.get(unit).is_some_and(|u| u.class == Class::Alnum);
        for (from, to) in self.mixed_words(&folded[first as usize..last as usize]) {
            let (from, to) = (unit_at(from), unit_at(to));
            let cuts_left = from > 0 && alnum(from) && alnum(from - 1);
            let cuts_right = alnum(to) && alnum(to - 1);
            if !cuts_left && !cuts_right {
                spans.push(Span::new(start + from, start + to, TermKind::Word));
            }
        }
    }
}

/// One past the last unit of the run of one class that starts at `at`.
fn run_end(units: &[Unit], at: usize) -> usize {
    let class = units[at].class;
    at + units[at..].iter().take_while(|u| u.class == class).count()
}

/// A new position where a term starts outside every word before it.
fn set_positions(spans: &mut [Span]) {
    let is_word = |span: &Span| !matches!(span.kind, TermKind::Bigram | TermKind::Phrase);
    let (mut position, mut group_end, mut first) = (0, 0, true);
    for span in spans {
        if span.start >= group_end {
            position += u32::from(!first);
            // A bigram that is no word claims its first character only, and so does a phrase.
            group_end = if is_word(span) { span.end } else { span.start + 1 };
            first = false;
        } else if is_word(span) {
            group_end = group_end.max(span.end);
        }
        span.position = position;
    }
}
