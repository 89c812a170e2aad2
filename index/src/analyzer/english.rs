//! English prose: singular forms, and phrases of two words.
//!
//! An English term is mostly of several words that say little alone (`thermal`, `runaway`). Two that
//! follow each other are a term as well, as two Han characters are. Stop words between them and
//! single letters are passed over: `state of charge` holds `state_charge`. A Latin term that
//! stands alone, as in Chinese text, costs one comparison.

use std::ops::Range;

use super::normalize::{Class, Unit};
use super::{Analysis, Dictionary, Span, TermKind};

/// Between the words of a phrase in the index; no text has it between two letters and a term too.
const JOINT: char = '_';

/// What comes before the word at hand, in units.
#[derive(Debug, Default)]
pub(super) struct Prose {
    /// The last word.
    last: Option<Range<usize>>,
    /// One past the last unit looked at: a passed-over word may follow the last one.
    reach: usize,
}

impl Prose {
    /// Adds what the words of the Latin term at `term` make with each other and with those before.
    pub fn add(&mut self, dictionary: &Dictionary, out: &mut Analysis, term: Range<usize>) {
        let mut at = term.start;
        while at < term.end {
            let end = at + out.units[at..term.end].iter().take_while(|u| u.class == Class::Alnum).count();
            if at < end {
                self.add_word(dictionary, out, at..end);
            }
            at = end + 1;
        }
    }

    fn add_word(&mut self, dictionary: &Dictionary, out: &mut Analysis, word: Range<usize>) {
        out.make_singular(&word);
        let last = self.last.take().filter(|_| is_gap(&out.units[self.reach..word.start]));
        self.reach = word.end;
        if !out.units[word.clone()].iter().any(|u| u.char.is_alphabetic()) {
            return;
        }
        let Some(last) = last else {
            self.last = Some(word).filter(|w| w.len() > 1);
            return;
        };
        let is_stop = |word: &Range<usize>| dictionary.is_stop(out.folded_units(word));
        if word.len() == 1 || is_stop(&word) {
            self.last = Some(last);
            return;
        }
        if !is_stop(&last) {
            out.add_phrase(&last, &word);
        }
        self.last = Some(word);
    }
}

/// What may stand between two words of a phrase.
fn is_gap(units: &[Unit]) -> bool {
    !units.is_empty() && units.iter().all(|u| u.char.is_whitespace() || matches!(u.char, '-' | '\''))
}

impl Analysis {
    fn folded_units(&self, units: &Range<usize>) -> &str {
        &self.folded[self.byte_at(units.start as u32)..self.byte_at(units.end as u32)]
    }

    /// Where the first span is that starts at or after `unit`; it is one of the last few.
    fn first_span_from(&self, unit: usize) -> usize {
        self.spans.len() - self.spans.iter().rev().take_while(|s| s.start as usize >= unit).count()
    }

    /// Gives the term of the word its singular form.
    fn make_singular(&mut self, word: &Range<usize>) {
        let Some((stem, ending)) =
            singular(&self.folded[self.byte_at(word.start as u32)..self.byte_at(word.end as u32)])
        else {
            return;
        };
        self.derived.text.extend([stem, ending]);
        let place = self.derived.finish();
        let first = self.first_span_from(word.start);
        let is_word = |s: &&mut Span| s.start as usize == word.start && s.end as usize == word.end;
        self.spans[first..].iter_mut().filter(is_word).for_each(|s| s.derived = place);
    }

    fn add_phrase(&mut self, first: &Range<usize>, second: &Range<usize>) {
        for (word, joint) in [(first, Some(JOINT)), (second, None)] {
            let word = &self.folded[self.byte_at(word.start as u32)..self.byte_at(word.end as u32)];
            let (stem, ending) = singular(word).unwrap_or((word, ""));
            self.derived.text.extend([stem, ending]);
            self.derived.text.extend(joint);
        }
        let mut span = Span::new(first.start, second.end, TermKind::Phrase);
        span.derived = self.derived.finish();
        let at = self.first_span_from(first.start);
        self.spans.insert(at, span);
    }
}

/// The singular of a plural in -s, as stem and ending: Harman's "S stemmer" (1991). It errs (`mems`
/// becomes `mem`), but in needs and evidence alike.
fn singular(word: &str) -> Option<(&str, &str)> {
    const MIN_CHARS: usize = 4;
    let stem = word.strip_suffix('s')?;
    if word.len() < MIN_CHARS || !word.bytes().all(|b| b.is_ascii_lowercase()) || stem.ends_with(['s', 'u', 'i']) {
        return None;
    }
    match stem.strip_suffix("ie") {
        Some(head) if head.len() > 1 => Some((head, "y")),
        _ => Some(match ["sse", "xe", "che", "she"].iter().any(|e| stem.ends_with(e)) {
            true => (&stem[..stem.len() - 1], ""),
            false => (stem, ""),
        }),
    }
}

#[cfg(test)]
mod tests {
    use super::singular;

    #[test]
    fn plurals_lose_their_ending() {
        let cases = [
            ("batteries", "battery"),
            ("cells", "cell"),
            ("processes", "process"),
            ("boxes", "box"),
            ("switches", "switch"),
            ("databases", "database"),
            ("process", "process"),
            ("apparatus", "apparatus"),
            ("analysis", "analysis"),
            ("gas", "gas"),
            ("bms", "bms"),
            ("ties", "tie"),
            ("2.5s", "2.5s"),
        ];
        for (word, expected) in cases {
            let found = singular(word).map_or(word.to_owned(), |(stem, ending)| format!("{stem}{ending}"));
            assert_eq!(found, expected, "{word}");
        }
    }
}
