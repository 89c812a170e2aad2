//! BibTeX: entries with a kind, a key and fields. Tolerant: text between entries is a comment, a
//! missing comma is no fault, an abbreviation that is not known stands for itself. An entry that
//! does not end is given up at the next line that begins one.

use std::collections::HashMap;

use super::error::FileError;
use super::limits::{MAX_EXPANSION, MAX_VALUE};
use super::values::{Fault, shown};

/// One entry, its values as they stand in the file, abbreviations resolved.
#[derive(Debug)]
pub(super) struct Entry<'a> {
    /// In lower case: `article`.
    pub kind: String,
    pub key: &'a str,
    fields: Vec<(String, String)>,
}

impl Entry<'_> {
    /// The first value of a field that is not blank.
    pub(super) fn field(&self, name: &str) -> Option<&str> {
        let mut values = self.fields.iter().filter(|(field, _)| field == name).map(|(_, value)| value.as_str());
        values.find(|value| !value.trim().is_empty())
    }

    /// Whether a part of it could not be decoded.
    pub(super) fn is_damaged(&self) -> bool {
        self.key.contains('\u{fffd}') || self.fields.iter().any(|(_, value)| value.contains('\u{fffd}'))
    }
}

/// Hands each entry to `visit` with its 1-based line and its key, or what is wrong with it.
pub(super) fn each_entry(
    text: &str,
    mut visit: impl FnMut(usize, &str, Result<Entry<'_>, Fault>) -> Result<(), FileError>,
) -> Result<(), FileError> {
    let mut macros = Macros::default();
    let mut starts = entry_lines(text).peekable();
    while let Some((row, start)) = starts.next() {
        let end = starts.peek().map_or(text.len(), |(_, next)| *next);
        let mut cursor = Cursor { text: &text[..end], at: start };
        let (mut row, mut counted) = (row, start);
        while let Some(at) = cursor.rest().find('@') {
            cursor.at += at;
            row += text[counted..cursor.at].bytes().filter(|byte| *byte == b'\n').count();
            counted = cursor.at;
            cursor.at += 1;
            let mut key = "";
            match cursor.entry(&mut macros, &mut key) {
                Ok(Some(entry)) => visit(row, key, Ok(entry))?,
                Ok(None) => {}
                Err(fault) => {
                    visit(row, key, Err(fault))?;
                    break;
                }
            }
        }
    }
    Ok(())
}

/// The lines that begin an entry: their numbers and where they stand.
fn entry_lines(text: &str) -> impl Iterator<Item = (usize, usize)> {
    let mut at = 0;
    let mut row = 1;
    text.split_inclusive('\n').filter_map(move |line| {
        let here = (row, at);
        at += line.len();
        row += 1;
        let kind = line.trim_start().strip_prefix('@')?;
        let kind = kind.trim_start_matches(|c: char| c.is_ascii_alphabetic()).trim_start();
        kind.starts_with(['{', '(']).then_some(here)
    })
}

/// Abbreviations, and how much text they have added.
#[derive(Debug, Default)]
struct Macros {
    values: HashMap<String, String>,
    added: usize,
}

/// A place in the text of an entry.
#[derive(Debug)]
struct Cursor<'a> {
    text: &'a str,
    at: usize,
}

impl<'a> Cursor<'a> {
    fn rest(&self) -> &'a str {
        &self.text[self.at..]
    }

    fn space(&mut self) {
        self.at = self.text.len() - self.rest().trim_start().len();
    }

    fn eat(&mut self, sign: char) -> bool {
        self.space();
        let found = self.rest().starts_with(sign);
        self.at += if found { sign.len_utf8() } else { 0 };
        found
    }

    /// Takes what comes before the first of `ends`, without white space around it.
    fn word(&mut self, ends: &[char]) -> &'a str {
        self.space();
        let rest = self.rest();
        let word = &rest[..rest.find(ends).unwrap_or(rest.len())];
        self.at += word.len();
        word.trim_end()
    }

    /// The entry after an `@`; nothing where it is a comment, an abbreviation or no entry at all.
    fn entry(&mut self, macros: &mut Macros, key: &mut &'a str) -> Result<Option<Entry<'a>>, Fault> {
        let letters = self.rest().find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(self.rest().len());
        let kind = self.rest()[..letters].to_ascii_lowercase();
        self.at += letters;
        self.space();
        let close = match self.rest().chars().next() {
            Some('{') => '}',
            Some('(') => ')',
            _ => return Ok(None),
        };
        if kind.is_empty() {
            return Ok(None);
        }
        if matches!(kind.as_str(), "comment" | "preamble") {
            self.at += 1;
            return self.quoted(close).map(|_| None);
        }
        self.at += 1;
        if kind == "string" {
            let fields = self.fields(close, macros)?;
            macros.values.extend(fields);
            return Ok(None);
        }
        let start = self.at;
        *key = self.word(&[',', '=', '\n', close]);
        // A value in place of the key: the entry has none.
        if self.rest().starts_with('=') {
            (self.at, *key) = (start, "");
        }
        Ok(Some(Entry { kind, key, fields: self.fields(close, macros)? }))
    }

    /// Fields up to the bracket that closes the entry.
    fn fields(&mut self, close: char, macros: &mut Macros) -> Result<Vec<(String, String)>, Fault> {
        let mut fields = Vec::new();
        loop {
            while self.eat(',') {}
            if self.eat(close) {
                return Ok(fields);
            }
            let name = self.word(&['=', ',', '{', '}', '(', ')', '"', '#', '\n']);
            if self.rest().is_empty() {
                return Err(unclosed());
            }
            if name.is_empty() || !self.eat('=') {
                let reason =
                    format!("“{}”处应是“字段名 = 值”；请检查逗号、等号和花括号", shown(&line_of(self.rest(), name)));
                return Err(Fault::new("bad-entry", reason));
            }
            let value = self.value(close, macros)?;
            fields.push((name.to_ascii_lowercase(), value));
        }
    }

    /// A value: parts in braces or quotes, numbers and abbreviations, joined by `#`.
    fn value(&mut self, close: char, macros: &mut Macros) -> Result<String, Fault> {
        let mut value = String::new();
        loop {
            self.space();
            let open = self.rest().chars().next().ok_or_else(unclosed)?;
            let part = match open {
                '{' | '"' => {
                    self.at += 1;
                    self.quoted(if open == '{' { '}' } else { '"' })?
                }
                _ => {
                    let word = self.word(&[',', '#', '\n', '{', '"', close]);
                    match macros.values.get(&word.to_ascii_lowercase()) {
                        Some(text) => {
                            macros.added += text.len();
                            value.push_str(text);
                            ""
                        }
                        None => word,
                    }
                }
            };
            value.push_str(part);
            if value.len() > MAX_VALUE || macros.added > MAX_EXPANSION {
                return Err(Fault::new("too-long", format!("字段的内容超过 {MAX_VALUE} 字节；请缩短")));
            }
            if !self.eat('#') {
                return Ok(value);
            }
        }
    }

    /// Text up to `close`, in which braces are balanced.
    fn quoted(&mut self, close: char) -> Result<&'a str, Fault> {
        let rest = self.rest();
        let mut depth = 0usize;
        for (at, c) in rest.char_indices() {
            if depth == 0 && c == close {
                self.at += at + c.len_utf8();
                return Ok(&rest[..at]);
            }
            match c {
                '{' => depth += 1,
                '}' => depth = depth.saturating_sub(1),
                _ => {}
            }
        }
        self.at = self.text.len();
        Err(unclosed())
    }
}

fn unclosed() -> Fault {
    Fault::new("unclosed-entry", "条目里的花括号或引号没有配对，直到下一个条目都没有结束；请补上")
}

/// What a message shows of the place where a field should stand.
fn line_of(rest: &str, name: &str) -> String {
    format!("{name}{}", rest.lines().next().unwrap_or_default())
}
