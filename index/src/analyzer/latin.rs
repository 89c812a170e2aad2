//! Latin terms, numbers, units and part numbers.

use super::normalize::{Class, Unit};
use super::{Span, TermKind};

/// Longer runs (base64, sequences) are cut into pieces of this many characters: no real term is
/// longer, and tantivy refuses terms over 64 KiB.
const MAX_TERM_CHARS: usize = 64;

/// Cuts the term that starts at unit `at`, with its lettered parts; returns the unit after it.
pub fn cut(folded: &str, units: &[Unit], at: usize, spans: &mut Vec<Span>) -> usize {
    let end = term_end(units, at);
    let span =
        |start: usize, end: usize| Span { start: start as u32, end: end as u32, position: 0, kind: TermKind::Latin };
    spans.push(span(at, end));
    let mut part = at;
    while part < end {
        let part_end = part + units[part..end].iter().take_while(|u| u.class == Class::Alnum).count();
        let whole = part == at && part_end == end;
        // What follows a decimal point is no part of its own (`18μm` of `0.18μm`).
        let after_point = part > at && folded.as_bytes()[units[part - 1].at as usize] == b'.';
        if !whole && !after_point && part_end - part >= 2 && has_letter(folded, &units[part..part_end]) {
            spans.push(span(part, part_end));
        }
        part = part_end + 1;
    }
    end
}

/// Letters and digits, single joiners between them, and tails at the end.
fn term_end(units: &[Unit], at: usize) -> usize {
    let class = |i: usize| units.get(i).map(|u| u.class);
    let limit = (at + MAX_TERM_CHARS).min(units.len());
    let mut end = at;
    while end < limit {
        match class(end) {
            Some(Class::Alnum) => end += 1,
            Some(Class::Joiner | Class::Tail) if class(end + 1) == Some(Class::Alnum) && end + 1 < limit => end += 1,
            _ => break,
        }
    }
    while end < limit && class(end) == Some(Class::Tail) {
        end += 1;
    }
    end
}

fn has_letter(folded: &str, units: &[Unit]) -> bool {
    units.iter().any(|u| folded[u.at as usize..].chars().next().is_some_and(char::is_alphabetic))
}
