//! Latin terms, numbers, units and part numbers.

use super::normalize::{Class, Unit};
use super::{Span, TermKind};

/// Longer runs (base64, sequences) are cut into pieces of this many characters: no real term is
/// longer, and tantivy refuses terms over 64 KiB.
const MAX_TERM_CHARS: usize = 64;

/// Cuts the term that starts at unit `at`, with its lettered parts; returns the unit after it.
pub fn cut(units: &[Unit], at: usize, spans: &mut Vec<Span>) -> usize {
    let end = term_end(units, at);
    spans.push(Span::new(at, end, TermKind::Latin));
    let mut part = at;
    while part < end {
        let part_end = part + units[part..end].iter().take_while(|u| u.class == Class::Alnum).count();
        let whole = part == at && part_end == end;
        // What follows a decimal point is no part of its own (`18μm` of `0.18μm`).
        let after_point = part > at && units[part - 1].char == '.';
        if !whole
            && !after_point
            && part_end - part >= 2
            && units[part..part_end].iter().any(|u| u.char.is_alphabetic())
        {
            spans.push(Span::new(part, part_end, TermKind::Latin));
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
