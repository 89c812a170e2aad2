//! Character folding with a map back to the source text.
//!
//! Folding looks at one character at a time, never at its neighbours, so that a substring folds
//! exactly as it does inside a longer text. That is what makes the analyzer's substring
//! properties hold.

use unicode_normalization::UnicodeNormalization;
use unicode_normalization::char::is_combining_mark;

/// What a folded character is to the tokenizer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Class {
    /// Han, kana, hangul and bopomofo: cut into bigrams and dictionary words.
    Cjk,
    /// Letters and digits of all other scripts: kept together as one term.
    Alnum,
    /// Joins letters and digits on both sides (`3.6.3`, `5g-v2x`, `n·m`), else a separator.
    Joiner,
    /// Joins like a joiner, and also ends a term (`c++`, `c#`, `98%`).
    Tail,
    /// Everything else.
    Separator,
}

/// One folded character and the bytes of the source that it came from.
#[derive(Debug, Clone, Copy)]
pub struct Unit {
    /// Byte offset in the folded text.
    pub at: u32,
    /// Bytes `from..to` of the source text.
    pub from: u32,
    pub to: u32,
    pub char: char,
    pub class: Class,
}

impl Unit {
    /// One past the last byte in the folded text.
    pub fn end(&self) -> u32 {
        self.at + self.char.len_utf8() as u32
    }
}

/// Folds `text` into `out` and appends one [`Unit`] per folded character.
///
/// NFKC, lower case, traditional → simplified (`t2s`), diacritics of letters dropped, dashes
/// unified; marks, zero-width and variation characters vanish.
pub fn fold(text: &str, t2s: &T2s, out: &mut String, units: &mut Vec<Unit>) {
    out.clear();
    units.clear();
    for (from, c) in text.char_indices() {
        let to = (from + c.len_utf8()) as u32;
        let mut push = |c: char, class: Class| {
            units.push(Unit { at: out.len() as u32, from: from as u32, to, char: c, class });
            out.push(c);
        };
        match c {
            'a'..='z' | '0'..='9' => push(c, Class::Alnum),
            'A'..='Z' => push(c.to_ascii_lowercase(), Class::Alnum),
            '\0'..='\x7f' => push(c, ascii_class(c)),
            '\u{4e00}'..='\u{9fff}' => push(t2s.simplified(c), Class::Cjk),
            '，' | '。' | '、' | '；' | '：' | '（' | '）' | '“' | '”' => push(c, Class::Separator),
            _ => fold_rare(c, t2s, &mut push),
        }
    }
}

fn ascii_class(c: char) -> Class {
    match c {
        '-' | '.' | '_' | '/' | '&' | '\'' => Class::Joiner,
        '+' | '#' | '%' => Class::Tail,
        _ => Class::Separator,
    }
}

/// The slow path: whatever is neither ASCII nor a common ideograph.
fn fold_rare(c: char, t2s: &T2s, push: &mut impl FnMut(char, Class)) {
    for composed in std::iter::once(c).nfkc() {
        if is_ignorable(composed) {
            continue;
        }
        if is_cjk(composed) {
            push(t2s.simplified(composed), Class::Cjk);
            continue;
        }
        // NFKD leaves a letter's diacritics as marks of their own, which are dropped.
        for part in std::iter::once(composed).nfkd() {
            if is_ignorable(part) {
                continue;
            }
            for lower in part.to_lowercase().filter(|l| !is_ignorable(*l)) {
                let folded = unify(lower);
                push(folded, class_of(folded));
            }
        }
    }
}

fn unify(c: char) -> char {
    match c {
        '\u{2010}' | '\u{2011}' | '\u{2012}' | '\u{2013}' | '\u{2212}' => '-',
        'ς' => 'σ',
        '\u{2022}' | '\u{30fb}' | '\u{22c5}' => '·',
        '\u{2019}' | '\u{2032}' => '\'',
        _ => c,
    }
}

fn class_of(c: char) -> Class {
    match c {
        _ if c.is_ascii_alphanumeric() => Class::Alnum,
        _ if c.is_ascii() => ascii_class(c),
        '·' | '°' => Class::Joiner,
        _ if c.is_alphanumeric() => Class::Alnum,
        _ => Class::Separator,
    }
}

/// Marks, zero-width characters, soft hyphen, variation selectors, byte order mark.
fn is_ignorable(c: char) -> bool {
    is_combining_mark(c)
        || matches!(c, '\u{ad}' | '\u{200b}'..='\u{200f}' | '\u{2060}'..='\u{2064}' | '\u{feff}'
            | '\u{fe00}'..='\u{fe0f}' | '\u{e0100}'..='\u{e01ef}')
}

/// Scripts written without spaces, of which bigrams are made.
fn is_cjk(c: char) -> bool {
    matches!(c,
        '\u{2e80}'..='\u{2fdf}' | '\u{3005}'..='\u{3007}' | '\u{3041}'..='\u{30fa}' | '\u{30fc}'..='\u{318f}'
        | '\u{31a0}'..='\u{31ff}' | '\u{3400}'..='\u{4dbf}' | '\u{4e00}'..='\u{9fff}' | '\u{ac00}'..='\u{d7af}'
        | '\u{f900}'..='\u{faff}' | '\u{20000}'..='\u{323af}')
}

/// Traditional → simplified, one character to one character.
#[derive(Debug)]
pub struct T2s {
    /// Index: code point − 0x4e00; 0 means that the answer is in `rare`.
    basic: Box<[u16]>,
    rare: std::collections::HashMap<char, char>,
}

impl T2s {
    pub fn new(pairs: impl IntoIterator<Item = (char, char)>) -> Self {
        let mut basic: Box<[u16]> = (0x4e00..0xa000).collect();
        let mut rare = std::collections::HashMap::new();
        for (traditional, simplified) in pairs {
            let basic_simplified = u16::try_from(simplified as u32);
            if let '\u{4e00}'..='\u{9fff}' = traditional {
                basic[traditional as usize - 0x4e00] = basic_simplified.unwrap_or(0);
            }
            rare.insert(traditional, simplified);
        }
        Self { basic, rare }
    }

    #[inline]
    fn simplified(&self, c: char) -> char {
        let common = match c {
            '\u{4e00}'..='\u{9fff}' => self.basic[c as usize - 0x4e00],
            _ => 0,
        };
        match char::from_u32(common.into()) {
            Some(simplified) if common != 0 => simplified,
            _ => self.rare.get(&c).copied().unwrap_or(c),
        }
    }
}
