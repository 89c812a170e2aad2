//! Which stretch of a text to show, and what to highlight in it.

use std::ops::Range;

use rustc_hash::FxHashMap;

use crate::Analyzer;
use crate::analyzer::Analysis;

/// A stretch of a text with the ranges (bytes of `text`) that match a need.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub struct Snippet {
    pub text: String,
    pub highlights: Vec<Range<usize>>,
}

/// Weighted terms to look for in texts.
#[derive(Debug)]
pub struct Highlighter<'a> {
    analyzer: &'a Analyzer,
    weights: FxHashMap<&'a str, f32>,
    buffer: Analysis,
}

impl<'a> Highlighter<'a> {
    pub fn new(analyzer: &'a Analyzer, weights: impl IntoIterator<Item = (&'a str, f32)>) -> Self {
        Self { analyzer, weights: weights.into_iter().collect(), buffer: Analysis::default() }
    }

    /// The terms of the need that the text holds, by start.
    pub fn matches(&mut self, text: &str) -> Vec<(&'a str, Range<usize>)> {
        self.analyzer.analyze(text, &mut self.buffer);
        let buffer = &self.buffer;
        let found = |span| {
            let (term, _) = self.weights.get_key_value(buffer.term(span))?;
            Some((*term, buffer.source(span)))
        };
        buffer.spans().iter().filter_map(found).collect()
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
        let inside = matches.iter().map(|(_, r)| r).filter(|r| r.start >= window.start && r.end <= window.end);
        let shifted = inside.map(|r| r.start - window.start + head.len()..r.end - window.start + head.len());
        Snippet { text: shown, highlights: merge(shifted.collect()) }
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
