//! Which stretch of a text to show, and what to highlight in it.

use std::ops::Range;

use rustc_hash::FxHashMap;

use crate::Analyzer;
use crate::analyzer::Analysis;
use crate::search::ScoredTerm;

/// A stretch of a text with the ranges (bytes of `text`) that match a need.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Snippet {
    pub text: String,
    pub highlights: Vec<Range<usize>>,
}

impl Snippet {
    /// The text in pieces that match and pieces that do not, in turn, none empty.
    pub fn parts(&self) -> Vec<(&str, bool)> {
        let mut parts = Vec::with_capacity(2 * self.highlights.len() + 1);
        let mut at = 0;
        for range in &self.highlights {
            parts.extend([(&self.text[at..range.start], false), (&self.text[range.clone()], true)]);
            at = range.end;
        }
        parts.push((&self.text[at..], false));
        parts.retain(|(text, _)| !text.is_empty());
        parts
    }
}

/// Weighted terms to look for in texts.
#[derive(Debug)]
pub struct Highlighter<'a> {
    analyzer: &'a Analyzer,
    weights: FxHashMap<&'a str, f32>,
    buffer: Analysis,
}

impl<'a> Highlighter<'a> {
    /// Looks for the content of a need: its words, and whatever lies between neighbouring ones.
    pub fn new(analyzer: &'a Analyzer, terms: &'a [ScoredTerm]) -> Self {
        let content = terms.iter().filter(|t| t.term.is_content && !t.pruned);
        let weights = content.map(|t| (t.term.text.as_str(), t.weight)).collect();
        Self { analyzer, weights, buffer: Analysis::default() }
    }

    /// The terms of the need that the text holds, by start.
    fn matches(&mut self, text: &str) -> Vec<(&'a str, Range<usize>)> {
        self.analyzer.analyze(text, &mut self.buffer);
        let buffer = &self.buffer;
        let found = |span| {
            let (term, _) = self.weights.get_key_value(buffer.term(span))?;
            Some((*term, buffer.source(span)))
        };
        buffer.spans().iter().filter_map(found).collect()
    }

    /// What of the matches to show: two characters that are no word and stand alone are chance.
    fn highlights(&self, text: &str, matches: Vec<(&str, Range<usize>)>) -> Vec<Range<usize>> {
        const CHANCE: usize = 2;
        let dictionary = self.analyzer.dictionary();
        let is_word = |term: &str| !term.chars().all(is_han) || dictionary.is_word(term);
        let words: Vec<Range<usize>> = matches.iter().filter(|(t, _)| is_word(t)).map(|(_, r)| r.clone()).collect();
        let mut merged = merge(matches.into_iter().map(|(_, r)| r).collect());
        merged.retain(|m| {
            text[m.clone()].chars().count() > CHANCE || words.iter().any(|w| m.start <= w.start && w.end <= m.end)
        });
        merged
    }

    /// The stretch of at most `max_chars` characters whose different terms weigh most, cut at a
    /// clause where one begins close by; the whole text if it is short enough.
    pub fn snippet(&mut self, text: &str, max_chars: usize) -> Snippet {
        let matches = self.matches(text);
        let starts: Vec<usize> = text.char_indices().map(|(i, _)| i).chain([text.len()]).collect();
        let chars = starts.len() - 1;
        let from = if chars <= max_chars { 0 } else { self.best_start(text, &starts, &matches, max_chars) };
        let to = (from + max_chars).min(chars);
        let window = starts[from]..starts[to];
        let (head, tail) = (if from > 0 { "…" } else { "" }, if to < chars { "…" } else { "" });
        let shown = format!("{head}{}{tail}", &text[window.clone()]);
        let highlights = self.highlights(text, matches);
        let inside =
            highlights.iter().map(|r| r.start.max(window.start)..r.end.min(window.end)).filter(|r| !r.is_empty());
        let shifted = inside.map(|r| r.start - window.start + head.len()..r.end - window.start + head.len());
        Snippet { text: shown, highlights: shifted.collect() }
    }

    /// The character to begin at.
    fn best_start(&self, text: &str, starts: &[usize], matches: &[(&str, Range<usize>)], max_chars: usize) -> usize {
        const LEAD: usize = 24;
        let mut best = (0.0_f32, 0);
        for (first, (_, range)) in matches.iter().enumerate() {
            let at = starts.partition_point(|&s| s < range.start);
            let from = clause_start(text, starts, at, LEAD).min(starts.len() - 1 - max_chars);
            let end = starts[from + max_chars];
            let mut seen = rustc_hash::FxHashSet::default();
            let inside = matches[first..].iter().take_while(|(_, r)| r.start < end).filter(|(_, r)| r.end <= end);
            let weight = inside.filter(|(t, _)| seen.insert(*t)).map(|(t, _)| self.weights[t]).sum();
            if weight > best.0 {
                best = (weight, from);
            }
        }
        best.1
    }
}

/// The start of the clause that character `at` is in, or `at` if that lies too far back.
fn clause_start(text: &str, starts: &[usize], at: usize, lead: usize) -> usize {
    let is_break = |c: char| matches!(c, '。' | '；' | ';' | '，' | ',' | '！' | '？' | '\n' | '】' | ']');
    (at.saturating_sub(lead)..at)
        .rev()
        .find(|&i| text[starts[i]..].chars().next().is_some_and(is_break))
        .map_or(if at <= lead { 0 } else { at }, |i| i + 1)
}

/// Joins ranges that touch or overlap.
pub fn merge(mut ranges: Vec<Range<usize>>) -> Vec<Range<usize>> {
    ranges.sort_by_key(|r| (r.start, r.end));
    let mut merged: Vec<Range<usize>> = Vec::with_capacity(ranges.len());
    for range in ranges {
        match merged.last_mut() {
            Some(last) if range.start <= last.end => last.end = last.end.max(range.end),
            _ => merged.push(range),
        }
    }
    merged
}

fn is_han(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{9fff}' | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{3ffff}')
}
