//! The objects of a JSON file, one by one: a single object, an array of objects, an answer of an
//! API that holds them in `results`, or one after the other. The file is cut into objects without
//! being parsed as a whole, so that a bad one is reported and the others are taken.

use serde_json::{Map, Value};

use super::Problem;
use super::error::FileError;
use super::form::Place;
use super::jsonl_file;
use super::limits::MAX_LINE;
use super::source::Source;
use super::values::{Fault, shown};

/// The field of an answer that holds its objects.
const RESULTS: &str = "\"results\"";

/// Hands each object of a JSON file to `visit`, with the line where it begins.
pub(super) fn each_object(
    source: &Source<'_>,
    problems: &mut Vec<Problem>,
    mut visit: impl FnMut(Place<'_>, Map<String, Value>, &mut Vec<Problem>) -> Result<(), FileError>,
) -> Result<(), FileError> {
    let bytes = source.bytes()?;
    let bytes = bytes.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&bytes);
    let text = std::str::from_utf8(bytes).map_err(|_| FileError::Encoding { path: source.path.clone() })?;
    let start = Place { file: &source.name, sheet: None, row: 1 };
    let mut rows = 0;
    each_object_in(start, text, &mut |place, object| {
        rows += 1;
        match object {
            Ok(object) => visit(place, object, problems)?,
            Err(fault) => problems.push(place.problem(None, fault)),
        }
        source.go_on(rows, place.row, problems)
    })
}

/// Hands each object of a text that begins at `start` to `visit`, or what stands in its place.
pub(super) fn each_object_in<'p>(
    start: Place<'p>,
    text: &str,
    visit: &mut impl FnMut(Place<'p>, Result<Map<String, Value>, Fault>) -> Result<(), FileError>,
) -> Result<(), FileError> {
    let mut lines = Lines { text, at: 0, row: start.row };
    let mut at = 0;
    while let Some(piece) = next_piece(text, &mut at) {
        let place = |lines: &mut Lines<'_>, at| Place { row: lines.row_at(at), ..start };
        match piece {
            Piece::Object(from, to) => match results(&text[from..to]) {
                Some(list) => {
                    let mut inner = from + list;
                    let end = value_end(text, inner).unwrap_or(to);
                    while let Some(piece) = next_piece(&text[..end], &mut inner) {
                        let place = place(&mut lines, piece.start());
                        visit(place, piece.object(text))?;
                    }
                }
                None => visit(place(&mut lines, from), piece.object(text))?,
            },
            _ => visit(place(&mut lines, piece.start()), piece.object(text))?,
        }
    }
    Ok(())
}

/// What stands next in a list of objects, by its bytes.
#[derive(Debug, Clone, Copy)]
enum Piece {
    Object(usize, usize),
    /// A value that is no object.
    Other(usize, usize),
    /// Something that does not end.
    Open(usize),
}

impl Piece {
    fn start(self) -> usize {
        let (Self::Object(start, _) | Self::Other(start, _) | Self::Open(start)) = self;
        start
    }

    fn object(self, text: &str) -> Result<Map<String, Value>, Fault> {
        match self {
            Self::Object(from, to) if to - from > MAX_LINE => {
                Err(Fault::new("too-complex", format!("一条记录超过 {} MB；请拆成多条", MAX_LINE >> 20)))
            }
            Self::Object(from, to) => jsonl_file::object(&text[from..to]),
            Self::Other(from, to) => {
                let reason = format!("“{}”不是对象；每条记录应以 {{ 开头、以 }} 结尾", shown(&text[from..to]));
                Err(Fault::new("not-object", reason))
            }
            Self::Open(_) => {
                let reason = "不是合法的 JSON：从这里开始的引号或括号没有结束，后面的内容没有读入；请补上";
                Err(Fault::new("bad-json", reason))
            }
        }
    }
}

/// The next piece from `at` on. Brackets and commas between objects say nothing.
fn next_piece(text: &str, at: &mut usize) -> Option<Piece> {
    let bytes = text.as_bytes();
    let between = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b'[' | b']' | b',');
    let start = *at + bytes.get(*at..)?.iter().position(|byte| !between(byte))?;
    let Some(end) = value_end(text, start) else {
        *at = bytes.len();
        return Some(Piece::Open(start));
    };
    *at = end;
    Some(if bytes[start] == b'{' { Piece::Object(start, end) } else { Piece::Other(start, end) })
}

/// Where the value that begins at `start` ends: after its last bracket, its closing quote, or
/// before what cannot be part of a bare word. Nothing where it does not end.
fn value_end(text: &str, start: usize) -> Option<usize> {
    let bytes = text.as_bytes();
    match bytes.get(start)? {
        b'"' => string_end(bytes, start),
        b'{' | b'[' => {
            let mut depth = 0usize;
            let mut at = start;
            loop {
                match bytes.get(at)? {
                    b'"' => at = string_end(bytes, at)? - 1,
                    b'{' | b'[' => depth += 1,
                    b'}' | b']' => depth -= 1,
                    _ => {}
                }
                at += 1;
                if depth == 0 {
                    return Some(at);
                }
            }
        }
        _ => {
            let ends = |byte: &u8| byte.is_ascii_whitespace() || matches!(byte, b',' | b'[' | b']' | b'{' | b'"');
            let length = bytes[start + 1..].iter().position(ends).unwrap_or(bytes.len() - start - 1);
            Some(start + 1 + length)
        }
    }
}

/// Where the string that begins at `start` ends.
fn string_end(bytes: &[u8], start: usize) -> Option<usize> {
    let mut at = start + 1;
    loop {
        match bytes.get(at)? {
            b'"' => return Some(at + 1),
            b'\\' => at += 2,
            _ => at += 1,
        }
    }
}

/// Where the array of an object's own field `results` begins.
fn results(object: &str) -> Option<usize> {
    let bytes = object.as_bytes();
    let mut at = 1;
    while let Some(byte) = bytes.get(at) {
        match byte {
            b'"' => {
                let end = string_end(bytes, at)?;
                let rest = object[end..].trim_start();
                if &object[at..end] == RESULTS && rest.starts_with(':') {
                    let array = rest[1..].trim_start();
                    return array.starts_with('[').then_some(object.len() - array.len());
                }
                at = end;
            }
            // Fields of the values inside are not this object's own.
            b'{' | b'[' => at = value_end(object, at)?,
            _ => at += 1,
        }
    }
    None
}

/// Counts lines forward.
#[derive(Debug)]
struct Lines<'a> {
    text: &'a str,
    at: usize,
    row: usize,
}

impl Lines<'_> {
    fn row_at(&mut self, at: usize) -> usize {
        self.row += self.text.as_bytes()[self.at..at].iter().filter(|byte| **byte == b'\n').count();
        self.at = at;
        self.row
    }
}
