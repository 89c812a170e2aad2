//! Words, stop words, boilerplate, synonyms and translations: everything the analyzer and the need query look up.

use std::collections::{BTreeMap, BTreeSet, HashSet};

use aho_corasick::{AhoCorasick, MatchKind};
use jieba_rs::Jieba;
use sha2::{Digest, Sha256};

use super::normalize::{self, T2s, Unit};
use super::prefixes::{MIN_CHARS, Prefixes};
use super::translations::{self, Pair, Translation, Translations};
use crate::IndexError;

/// jieba's frequency for a word of ours: enough to be known, too little to matter elsewhere.
const WORD_FREQUENCY: usize = 100;

/// Mined keywords longer than this are phrases, not words.
const MAX_MINED_CHARS: usize = 8;

/// The text of the dictionary files (data/dict); lines that start with `#` are comments.
#[derive(Debug, Clone, Copy, Default)]
pub struct DictionarySources<'a> {
    /// jieba's dictionary: a word and its frequency a line.
    pub jieba: &'a str,
    /// One word a line, a frequency may follow.
    pub user: &'a str,
    /// One word a line that says nothing of a need's subject.
    pub stop: &'a str,
    /// One phrase a line that needs contain and that says nothing of their subject.
    pub boilerplate: &'a str,
    /// One group a line: terms of one meaning, separated by tabs.
    pub synonyms: &'a str,
    /// A Chinese term a line and, separated by tabs, English ones.
    pub bilingual: &'a str,
    /// `traditional TAB simplified`, one character each.
    pub t2s: &'a str,
}

/// Loaded dictionary. Building one loads jieba's (about 0.3 s and 50 MB): share it.
pub struct Dictionary {
    jieba: Jieba,
    /// Of jieba's words of three or more characters, ours included.
    prefixes: Prefixes,
    pub(super) t2s: T2s,
    /// Words with Latin and Han characters, which jieba's full mode does not yield.
    mixed: Option<AhoCorasick>,
    stop: HashSet<String>,
    boilerplate: Option<AhoCorasick>,
    synonyms: Synonyms,
    translations: Translations,
    /// Of the list and mined.
    pairs: BTreeSet<Pair>,
    mined: BTreeSet<String>,
    sources: [u8; 32],
    fingerprint: String,
}

impl std::fmt::Debug for Dictionary {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Dictionary").field("fingerprint", &self.fingerprint).finish_non_exhaustive()
    }
}

/// Groups of terms with one meaning, found in folded text by any of their terms.
#[derive(Default)]
struct Synonyms {
    finder: Option<AhoCorasick>,
    /// For each pattern of `finder`: its groups.
    groups_of: Vec<Vec<usize>>,
    groups: Vec<Vec<String>>,
}

impl Dictionary {
    /// Loads jieba's dictionary, the sources, and what was mined from a corpus as [`Self::mined`]
    /// has it: words of its keywords ([`Self::minable`] says which can be words), and pairs.
    ///
    /// # Errors
    /// [`IndexError::Dictionary`] with file and line of the first line that is not understood.
    pub fn new(sources: &DictionarySources<'_>, mined: impl IntoIterator<Item = String>) -> Result<Self, IndexError> {
        let t2s = T2s::new(parse_t2s(sources.t2s)?);
        let mined: BTreeSet<String> = mined.into_iter().collect();
        let mined_words = mined.iter().filter(|line| !line.contains(PAIR));
        let mut folder = Folder::new(&t2s);
        let synonyms = Synonyms::new(parse_synonyms(sources.synonyms, &mut folder)?)?;
        let mut jieba = Jieba::with_dict(&mut without_head(sources.jieba).as_bytes())
            .map_err(|e| bad("jieba.txt", 0, e.to_string()))?;
        let mut prefixes = Prefixes::default();
        lines(sources.jieba).filter_map(|(_, l)| l.split(' ').next()).for_each(|word| prefixes.insert(word));
        let mut mixed = BTreeSet::new();
        let user = parse_user(sources.user, &mut folder)?;
        let words = user.iter().chain(mined_words).chain(synonyms.groups.iter().flatten());
        for word in words {
            match shape(word) {
                Shape::Han if !jieba.has_word(word) => {
                    jieba.add_word(word, Some(WORD_FREQUENCY), None);
                    prefixes.insert(word);
                }
                Shape::Mixed => {
                    mixed.insert(word.clone());
                }
                Shape::Han | Shape::Other => {}
            }
        }
        let stop = lines(sources.stop).map(|(_, l)| folder.fold(l)).collect();
        let phrases: BTreeSet<String> = lines(sources.boilerplate).map(|(_, l)| folder.fold(l)).collect();
        let mut pairs: BTreeSet<Pair> =
            translations::parse(sources.bilingual, |t| folder.fold(t))?.into_iter().collect();
        pairs.extend(mined.iter().filter_map(|line| split_pair(line)));
        let sources = digest(sources);
        let fingerprint = fingerprint(&sources, &mined);
        let dictionary = Self {
            jieba,
            prefixes,
            mixed: finder(mixed, MatchKind::Standard)?,
            stop,
            boilerplate: finder(phrases, MatchKind::LeftmostLongest)?,
            synonyms,
            translations: Translations::default(),
            pairs,
            mined,
            sources,
            fingerprint,
            t2s,
        };
        dictionary.with_translations()
    }

    /// The same dictionary with pairs mined from a corpus ([`crate::pairs::mine`]), both folded.
    ///
    /// # Errors
    /// [`IndexError::Dictionary`] if they are too many to be looked up.
    pub fn with_pairs(mut self, pairs: impl IntoIterator<Item = Pair>) -> Result<Self, IndexError> {
        for (han, english) in pairs {
            self.mined.insert(format!("{han}{PAIR}{english}"));
            self.pairs.insert((han, english));
        }
        self.fingerprint = fingerprint(&self.sources, &self.mined);
        self.with_translations()
    }

    fn with_translations(mut self) -> Result<Self, IndexError> {
        self.translations = Translations::new(&self.pairs, |text, out| self.analyze(text, out))?;
        Ok(self)
    }

    /// Identifies the sources, the mined words and the analyzer's version. Two dictionaries with
    /// one fingerprint give the same tokens for every text.
    pub fn fingerprint(&self) -> &str {
        &self.fingerprint
    }

    /// What was mined from the corpus that this dictionary was made with, a line each: words, and
    /// pairs as `Chinese TAB English`.
    pub fn mined(&self) -> impl Iterator<Item = &str> {
        self.mined.iter().map(String::as_str)
    }

    /// The keyword as a dictionary word, if it can be one: three to eight Han characters.
    pub fn minable(sources: &DictionarySources<'_>) -> Result<impl Fn(&str) -> Option<String>, IndexError> {
        let t2s = T2s::new(parse_t2s(sources.t2s)?);
        Ok(move |keyword: &str| {
            let folded = Folder::new(&t2s).fold(keyword);
            let chars = folded.chars().count();
            let is_word = (MIN_CHARS..=MAX_MINED_CHARS).contains(&chars) && shape(&folded) == Shape::Han;
            is_word.then_some(folded)
        })
    }

    /// The text as texts are folded before they are cut.
    pub(crate) fn fold(&self, text: &str) -> String {
        Folder::new(&self.t2s).fold(text)
    }

    /// Calls `found` with the length of each dictionary word of three or more characters that
    /// `units` start with, from short to long. They are units of `folded`.
    pub(super) fn words_at_start(&self, folded: &str, units: &[Unit], mut found: impl FnMut(usize)) {
        for length in self.prefixes.of(units) {
            let word = units[0].at as usize..units[length - 1].end() as usize;
            if self.jieba.has_word(&folded[word]) {
                found(length);
            }
        }
    }

    /// Folded text cut into words, each once and without overlap, as byte ranges: jieba's most
    /// probable segmentation, without guessing new words (HMM).
    pub(crate) fn segment(&self, folded: &str) -> Vec<std::ops::Range<usize>> {
        self.jieba.cut(folded, false).into_iter().map(|t| t.byte_start..t.byte_end).collect()
    }

    /// Byte ranges of mixed words in folded text.
    pub(super) fn mixed_words(&self, folded: &str) -> Vec<(usize, usize)> {
        let Some(mixed) = &self.mixed else { return Vec::new() };
        mixed.find_overlapping_iter(folded).map(|m| (m.start(), m.end())).collect()
    }

    /// Whether the folded term says nothing of a need's subject.
    pub fn is_stop(&self, term: &str) -> bool {
        self.stop.contains(term)
    }

    /// Whether a two-character term is a word of the dictionary, not just two neighbours.
    pub fn is_word(&self, term: &str) -> bool {
        self.jieba.has_word(term)
    }

    /// Byte ranges of boilerplate in folded text: the longest phrases, left to right.
    pub fn boilerplate(&self, folded: &str) -> Vec<std::ops::Range<usize>> {
        let Some(finder) = &self.boilerplate else { return Vec::new() };
        finder.find_iter(folded).map(|m| m.range()).collect()
    }

    /// Synonyms of the terms in folded text that are not themselves in it, each once, with the
    /// byte range of the term that brought it.
    pub fn synonyms(&self, folded: &str) -> Vec<(&str, std::ops::Range<usize>)> {
        let Some(finder) = &self.synonyms.finder else { return Vec::new() };
        let mut found = BTreeMap::new();
        // Each group once: a text that repeats a term would be searched anew each time.
        let mut done = BTreeSet::new();
        for m in finder.find_iter(folded).filter(|m| on_term_boundary(folded, &m.range())) {
            for &group in self.synonyms.groups_of[m.pattern().as_usize()].iter().filter(|g| done.insert(**g)) {
                for term in &self.synonyms.groups[group] {
                    if !folded.contains(term.as_str()) {
                        found.entry(term.as_str()).or_insert_with(|| m.range());
                    }
                }
            }
        }
        found.into_iter().collect()
    }
}

impl Dictionary {
    /// The Chinese terms in folded text that have English ones.
    pub(crate) fn english(&self, folded: &str) -> Vec<(std::ops::Range<usize>, &[Translation])> {
        self.translations.english(folded)
    }

    /// The English terms that begin with `first`: the terms that must follow, and the Chinese.
    pub(crate) fn chinese(&self, first: &str) -> &[(Vec<String>, Translation)] {
        self.translations.chinese(first)
    }
}

impl Synonyms {
    fn new(groups: Vec<Vec<String>>) -> Result<Self, IndexError> {
        let mut groups_of: BTreeMap<&str, Vec<usize>> = BTreeMap::new();
        for (index, group) in groups.iter().enumerate() {
            for term in group {
                groups_of.entry(term).or_default().push(index);
            }
        }
        let finder = finder(groups_of.keys().copied(), MatchKind::LeftmostLongest)?;
        let groups_of = groups_of.into_values().collect();
        Ok(Self { finder, groups_of, groups })
    }
}

/// A match that starts or ends inside a Latin term is none (`sic` in `basic`).
pub(super) fn on_term_boundary(text: &str, range: &std::ops::Range<usize>) -> bool {
    let alnum = |c: Option<char>| c.is_some_and(|c| c.is_ascii_alphanumeric());
    let (before, after) = (text[..range.start].chars().next_back(), text[range.end..].chars().next());
    let matched = &text[range.clone()];
    !(alnum(before) && alnum(matched.chars().next()) || alnum(after) && alnum(matched.chars().next_back()))
}

pub(super) fn finder<S: AsRef<[u8]>>(
    patterns: impl IntoIterator<Item = S>,
    kind: MatchKind,
) -> Result<Option<AhoCorasick>, IndexError> {
    let patterns: Vec<S> = patterns.into_iter().filter(|p| !p.as_ref().is_empty()).collect();
    if patterns.is_empty() {
        return Ok(None);
    }
    let built = AhoCorasick::builder().match_kind(kind).build(patterns);
    built.map(Some).map_err(|e| bad("dictionary", 0, e.to_string()))
}

#[derive(PartialEq, Eq)]
enum Shape {
    Han,
    Mixed,
    Other,
}

fn shape(folded: &str) -> Shape {
    let han = folded.chars().filter(|c| matches!(c, '\u{3400}'..='\u{9fff}' | '\u{20000}'..='\u{323af}')).count();
    match folded.chars().count() {
        n if n >= 2 && han == n => Shape::Han,
        n if n >= 2 && han > 0 => Shape::Mixed,
        _ => Shape::Other,
    }
}

/// Folds dictionary entries as texts are folded.
struct Folder<'a> {
    t2s: &'a T2s,
    text: String,
    units: Vec<Unit>,
}

impl<'a> Folder<'a> {
    fn new(t2s: &'a T2s) -> Self {
        Self { t2s, text: String::new(), units: Vec::new() }
    }

    fn fold(&mut self, entry: &str) -> String {
        normalize::fold(entry.trim(), self.t2s, &mut self.text, &mut self.units);
        self.text.clone()
    }
}

/// The text after the comments at its start.
fn without_head(mut text: &str) -> &str {
    while text.starts_with('#') {
        text = text.split_once('\n').map_or("", |(_, rest)| rest);
    }
    text
}

pub(super) fn lines(text: &str) -> impl Iterator<Item = (usize, &str)> {
    let numbered = text.lines().enumerate().map(|(i, l)| (i + 1, l.trim_end()));
    numbered.filter(|(_, l)| !l.trim().is_empty() && !l.starts_with('#'))
}

pub(super) fn bad(file: &'static str, line: usize, reason: impl Into<String>) -> IndexError {
    IndexError::Dictionary { file, line, reason: reason.into() }
}

fn parse_t2s(text: &str) -> Result<Vec<(char, char)>, IndexError> {
    let single = |s: &str| {
        let mut chars = s.chars();
        chars.next().filter(|_| chars.next().is_none())
    };
    let parse = |(line, l): (usize, &str)| {
        let (from, to) = l.split_once('\t').ok_or_else(|| bad("t2s.txt", line, "two columns separated by a tab"))?;
        single(from).zip(single(to)).ok_or_else(|| bad("t2s.txt", line, "one character in each column"))
    };
    lines(text).map(parse).collect()
}

fn parse_user(text: &str, folder: &mut Folder<'_>) -> Result<Vec<String>, IndexError> {
    let parse = |(line, l): (usize, &str)| {
        let mut columns = l.split_whitespace();
        let word = columns.next().unwrap_or_default();
        match columns.next().map(str::parse::<usize>) {
            None | Some(Ok(_)) => Ok(folder.fold(word)),
            Some(Err(_)) => Err(bad("user.txt", line, "after the word only a whole number may follow")),
        }
    };
    lines(text).map(parse).collect()
}

fn parse_synonyms(text: &str, folder: &mut Folder<'_>) -> Result<Vec<Vec<String>>, IndexError> {
    let parse = |(line, l): (usize, &str)| {
        let terms: BTreeSet<String> = l.split('\t').map(|t| folder.fold(t)).filter(|t| !t.is_empty()).collect();
        let long_enough = terms.iter().all(|t| t.chars().count() >= 2);
        match (terms.len(), long_enough) {
            (0 | 1, _) => Err(bad("synonyms.tsv", line, "a group needs two different terms")),
            (_, false) => Err(bad("synonyms.tsv", line, "a term needs two characters")),
            _ => Ok(terms.into_iter().collect()),
        }
    };
    lines(text).map(parse).collect()
}

/// Between the two terms of a mined pair.
const PAIR: char = '\t';

fn split_pair(line: &str) -> Option<Pair> {
    line.split_once(PAIR).map(|(han, english)| (han.to_owned(), english.to_owned()))
}

fn digest(sources: &DictionarySources<'_>) -> [u8; 32] {
    let mut hash = Sha256::new();
    let DictionarySources { jieba, user, stop, boilerplate, synonyms, bilingual, t2s } = sources;
    for part in [jieba, user, stop, boilerplate, synonyms, bilingual, t2s] {
        hash.update((part.len() as u64).to_le_bytes());
        hash.update(part.as_bytes());
    }
    hash.finalize().into()
}

fn fingerprint(sources: &[u8; 32], mined: &BTreeSet<String>) -> String {
    let mut hash = Sha256::new();
    hash.update(super::ANALYZER_VERSION.to_le_bytes());
    hash.update(sources);
    for line in mined {
        hash.update(line.as_bytes());
        hash.update([0]);
    }
    crate::hex(&hash.finalize())
}
