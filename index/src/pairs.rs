//! Chinese and English terms that a corpus shows to mean the same.
//!
//! Authors pair them in three ways: a list of Chinese keywords with the list of their English ones
//! after it; a keyword in both languages (`热失控（thermal runaway）`, `热失控 thermal runaway`); and a term
//! explained in brackets where a text first has it. The first may be a coincidence, and must be seen
//! twice; so must an abbreviation, which means many things.

use std::collections::BTreeSet;

use rayon::prelude::*;
use rustc_hash::FxHashMap;

use crate::{Dictionary, EvidenceDoc};

/// Pairs of one corpus at the most, those seen most often.
const MAX_PAIRS: usize = 20_000;
/// English terms of one Chinese term, and the reverse.
const MAX_TRANSLATIONS: usize = 3;
/// Pieces of evidence that must have a pair that is not explicit.
const MIN_SUPPORT: u32 = 2;
const MAX_HAN_CHARS: usize = 12;
const MAX_ENGLISH_WORDS: usize = 5;
const MAX_ENGLISH_BYTES: usize = 60;

/// Chinese and English, folded.
type Pair = (String, String);

/// How often a pair was seen, and whether in brackets.
#[derive(Debug, Clone, Copy, Default)]
struct Support {
    pieces: u32,
    explicit: bool,
}

/// The pairs of the corpus that can be relied on, both terms folded.
pub fn mine(dictionary: &Dictionary, evidence: &[EvidenceDoc]) -> Vec<Pair> {
    let seen = evidence.par_iter().fold(FxHashMap::<Pair, Support>::default, |mut seen, piece| {
        let mut found = Vec::new();
        in_keywords(dictionary, &piece.keywords, &mut found);
        in_text(dictionary, &piece.title, &mut found);
        in_text(dictionary, &piece.summary, &mut found);
        let found: BTreeSet<(Pair, bool)> = found.into_iter().collect();
        let mut last = None;
        for (pair, explicit) in found {
            let support = seen.entry(pair.clone()).or_default();
            support.explicit |= explicit;
            // Both kinds in one piece are one sighting.
            support.pieces += u32::from(last.as_ref() != Some(&pair));
            last = Some(pair);
        }
        seen
    });
    let seen = seen.reduce(FxHashMap::default, |mut all, some| {
        for (pair, support) in some {
            let sum = all.entry(pair).or_default();
            sum.pieces += support.pieces;
            sum.explicit |= support.explicit;
        }
        all
    });
    reliable(seen)
}

fn reliable(seen: FxHashMap<Pair, Support>) -> Vec<Pair> {
    let mut pairs: Vec<(Pair, Support)> =
        seen.into_iter().filter(|(_, s)| s.explicit || s.pieces >= MIN_SUPPORT).collect();
    pairs.sort_by(|(a, x), (b, y)| y.pieces.cmp(&x.pieces).then_with(|| a.cmp(b)));
    let mut of_term = FxHashMap::<String, usize>::default();
    let mut is_among_the_first = |term: &str| {
        let count = of_term.entry(term.to_owned()).or_default();
        *count += 1;
        *count <= MAX_TRANSLATIONS
    };
    // Both are counted, whatever the other says.
    pairs.retain(|((han, english), _)| is_among_the_first(han) & is_among_the_first(english));
    pairs.into_iter().map(|(pair, _)| pair).take(MAX_PAIRS).collect()
}

fn in_keywords(dictionary: &Dictionary, keywords: &[String], found: &mut Vec<(Pair, bool)>) {
    let (chinese, english) = keywords.split_at(keywords.len() / 2);
    if chinese.len() == english.len() {
        let pairs: Option<Vec<Pair>> =
            chinese.iter().zip(english).map(|(c, e)| Some((han(dictionary, c)?, latin(dictionary, e)?))).collect();
        found.extend(pairs.into_iter().flatten().map(|pair| (pair, false)));
    }
    for keyword in keywords {
        let at = keyword.find(|c: char| is_open(c) || c.is_whitespace()).unwrap_or(keyword.len());
        let (chinese, rest) = keyword.split_at(at);
        let rest = rest.trim_matches(|c: char| is_open(c) || is_close(c) || c.is_whitespace());
        found.extend(explained(dictionary, chinese, rest));
    }
}

/// Terms explained in brackets.
fn in_text(dictionary: &Dictionary, text: &str, found: &mut Vec<(Pair, bool)>) {
    for (at, open) in text.char_indices().filter(|(_, c)| is_open(*c)) {
        let inside = &text[at + open.len_utf8()..];
        let stop = |c: char| is_close(c) || matches!(c, ',' | '，' | ';' | '；' | '、');
        let Some(english) = inside.find(stop).filter(|end| *end <= MAX_ENGLISH_BYTES).map(|end| &inside[..end]) else {
            continue;
        };
        let start = text[..at].char_indices().rev().take_while(|(_, c)| is_han(*c)).take(MAX_HAN_CHARS + 1).last();
        let run = dictionary.fold(&text[start.map_or(at, |(start, _)| start)..at]);
        if let Some(word) = last_word(dictionary, &run) {
            found.extend(explained(dictionary, word, english));
        }
    }
}

/// The pair of a term and its explanation, and whether one sighting is enough.
fn explained(dictionary: &Dictionary, chinese: &str, english: &str) -> Option<(Pair, bool)> {
    const LONG: usize = 4;
    let pair = (han(dictionary, chinese)?, latin(dictionary, english)?);
    let abbreviates =
        !english.contains(' ') && (english.len() <= LONG || english.bytes().filter(u8::is_ascii_uppercase).count() > 1);
    // What is short itself is not abbreviated.
    (!abbreviates || pair.0.chars().count() >= LONG).then_some((pair, !abbreviates))
}

/// The last word of the run, if a term begins with it: words before it may belong to the term
/// (`非纤维性碳水化合物`), unless they are stop words.
fn last_word<'a>(dictionary: &Dictionary, run: &'a str) -> Option<&'a str> {
    let mut words = dictionary.segment(run).into_iter().rev().map(|range| &run[range]);
    let word = words.next().filter(|w| (2..=MAX_HAN_CHARS).contains(&w.chars().count()))?;
    words.next().is_none_or(|before| dictionary.is_stop(before)).then_some(word)
}

/// The text as a Chinese term, if it is nothing else and says something.
fn han(dictionary: &Dictionary, text: &str) -> Option<String> {
    let text = text.trim();
    let is_term = (2..=MAX_HAN_CHARS).contains(&text.chars().count()) && text.chars().all(is_han);
    Some(dictionary.fold(text)).filter(|folded| is_term && !dictionary.is_stop(folded))
}

/// The text as an English term of a few words, if it can be one.
fn latin(dictionary: &Dictionary, text: &str) -> Option<String> {
    const MIN_LETTERS: usize = 3;
    let text = text.trim();
    let is_plain = |c: char| c.is_ascii_alphabetic() || c == ' ' || c == '-';
    let letters = text.bytes().filter(u8::is_ascii_alphabetic).count();
    if text.len() > MAX_ENGLISH_BYTES || letters < MIN_LETTERS || !text.chars().all(is_plain) {
        return None;
    }
    let words: Vec<&str> = text.split_whitespace().collect();
    let folded = dictionary.fold(&words.join(" "));
    (words.len() <= MAX_ENGLISH_WORDS && !dictionary.is_stop(&folded)).then_some(folded)
}

fn is_open(c: char) -> bool {
    matches!(c, '(' | '（')
}

fn is_close(c: char) -> bool {
    matches!(c, ')' | '）')
}

fn is_han(c: char) -> bool {
    matches!(c, '\u{3400}'..='\u{9fff}' | '\u{20000}'..='\u{3ffff}')
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::DictionarySources;

    fn piece(keywords: &[&str], summary: &str) -> EvidenceDoc {
        EvidenceDoc {
            id: String::new(),
            talents: vec![],
            kind: 0,
            title: String::new(),
            keywords: keywords.iter().map(|k| (*k).to_owned()).collect(),
            summary: summary.into(),
            year: None,
            stored: String::new(),
        }
    }

    fn mined(pieces: &[EvidenceDoc]) -> Vec<String> {
        let sources = DictionarySources {
            jieba: "电池 100\n老化 100\n",
            user: "热失控\n质子交换膜\n",
            stop: "与\n",
            ..Default::default()
        };
        let dictionary = Dictionary::new(&sources, []).unwrap();
        let mut pairs: Vec<String> = mine(&dictionary, pieces).into_iter().map(|(h, e)| format!("{h}={e}")).collect();
        pairs.sort();
        pairs
    }

    #[test]
    fn brackets_count_at_once_and_lists_when_seen_twice() {
        let lists = piece(&["热失控", "隔膜", "Thermal  Runaway", "separator"], "");
        assert_eq!(mined(std::slice::from_ref(&lists)), Vec::<String>::new());
        assert_eq!(mined(&[lists.clone(), lists]), ["热失控=thermal runaway", "隔膜=separator"]);
        assert_eq!(mined(&[piece(&["热失控（thermal runaway）"], "")]), ["热失控=thermal runaway"]);
        assert_eq!(mined(&[piece(&["热失控 thermal runaway"], "")]), ["热失控=thermal runaway"]);
        let text = piece(&[], "热失控（Thermal runaway, TR）与质子交换膜(proton exchange membrane)的老化。");
        assert_eq!(mined(&[text]), ["热失控=thermal runaway", "质子交换膜=proton exchange membrane"]);
    }

    #[test]
    fn what_may_be_something_else_is_left_out() {
        let abbreviation = piece(&["质子交换膜（PEM）"], "");
        assert_eq!(mined(std::slice::from_ref(&abbreviation)), Vec::<String>::new());
        assert_eq!(mined(&[piece(&["电池（BAT）"], ""), piece(&["电池（BAT）"], "")]), Vec::<String>::new());
        assert_eq!(mined(&[abbreviation.clone(), abbreviation]), ["质子交换膜=pem"]);
        let unclear = [
            piece(&["热失控", "thermal runaway", "隔膜"], ""),
            piece(&["热失控", "隔膜", "thermal runaway", "正极"], ""),
            piece(&["thermal runaway", "热失控"], "电池热失控（battery thermal runaway）与热失控（见图 2）"),
            piece(&["热失控（", "（thermal）", "", " "], "（）()（thermal runaway"),
        ];
        let twice: Vec<EvidenceDoc> = unclear.iter().chain(&unclear).cloned().collect();
        assert_eq!(mined(&twice), Vec::<String>::new());
    }

    #[test]
    fn a_term_has_few_translations_and_the_most_seen_stay() {
        let names = ["alpha term", "beta term", "gamma term", "delta term"];
        let mut pieces: Vec<EvidenceDoc> = names.iter().map(|n| piece(&[&format!("热失控（{n}）")], "")).collect();
        pieces.push(pieces[2].clone());
        let pairs = mined(&pieces);
        assert_eq!(pairs.len(), MAX_TRANSLATIONS);
        assert!(pairs.contains(&"热失控=gamma term".to_owned()), "{pairs:?}");
    }
}
