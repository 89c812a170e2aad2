//! CSV: UTF-8 or GB18030, fields quoted as in RFC 4180.

use std::borrow::Cow;
use std::io::{self, Read};

use encoding_rs::{GB18030, UTF_8};

use super::error::FileError;
use super::limits::{MAX_COLUMNS, MAX_LINE};
use super::source::Source;
use super::table::Line;
use super::values::Fault;

/// Hands each line of a CSV file that holds anything to `visit`, with the bytes read so far and
/// those of the file.
pub(super) fn each_line(
    source: &Source<'_>,
    mut visit: impl FnMut(Line, u64, u64) -> Result<(), FileError>,
) -> Result<(), FileError> {
    let bytes = source.bytes()?;
    let (text, damaged) = decode(&bytes).ok_or_else(|| FileError::Encoding { path: source.path.clone() })?;
    let text = text.as_bytes();
    let record_by_record = Metered { rest: text, left: 0 };
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(record_by_record);
    let mut record = csv::StringRecord::new();
    let mut lines = LineCounter::default();
    loop {
        let start = offset(reader.position());
        reader.get_mut().left = MAX_LINE;
        match reader.read_record(&mut record) {
            Ok(true) => {}
            Ok(false) => return Ok(()),
            // Reading from memory and from valid UTF-8 has no other way to fail.
            Err(_) => {
                let row = lines.line_at(text, start);
                return Err(FileError::LineTooLong { path: source.path.clone(), row, limit: MAX_LINE });
            }
        }
        let end = offset(reader.position());
        let row = lines.line_at(text, start);
        if record.iter().all(|cell| cell.trim().is_empty()) {
            continue;
        }
        let raw = text.get(start..end).unwrap_or_default();
        let flaw = flaw(&record, raw, damaged, end >= text.len());
        let cells = record.iter().take(MAX_COLUMNS).map(str::to_owned).collect();
        visit(Line { row, cells, flaw }, end as u64, text.len() as u64)?;
    }
}

/// Text that comes in small helpings, at most `left` bytes of it for one record: a quote that is
/// never closed makes one record of the rest of the file, and one of commas takes ten times its
/// size in memory.
#[derive(Debug)]
struct Metered<'a> {
    rest: &'a [u8],
    left: usize,
}

impl Read for Metered<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let length = buffer.len().min(self.rest.len());
        self.left = self.left.checked_sub(length).ok_or(io::ErrorKind::FileTooLarge)?;
        let (now, later) = self.rest.split_at(length);
        buffer[..length].copy_from_slice(now);
        self.rest = later;
        Ok(length)
    }
}

/// The text of a file and whether parts of it could not be decoded; nothing for UTF-16. Valid
/// UTF-8 is UTF-8. What is not is GB18030, unless half of its lines with Chinese text are valid
/// UTF-8: Chinese in GB18030 hardly ever is, so that is a UTF-8 file with some broken bytes.
pub(super) fn decode(bytes: &[u8]) -> Option<(Cow<'_, str>, bool)> {
    if bytes.starts_with(b"\xff\xfe") || bytes.starts_with(b"\xfe\xff") {
        return None;
    }
    let marked = bytes.strip_prefix(b"\xef\xbb\xbf");
    let bytes = marked.unwrap_or(bytes);
    let utf8 = marked.is_some() || {
        let foreign = bytes.split(|b| *b == b'\n').filter(|line| !line.is_ascii());
        let (good, bad) = foreign.fold((0u64, 0u64), |(good, bad), line| match std::str::from_utf8(line) {
            Ok(_) => (good + 1, bad),
            Err(_) => (good, bad + 1),
        });
        good >= bad
    };
    let encoding = if utf8 { UTF_8 } else { GB18030 };
    Some(encoding.decode_without_bom_handling(bytes))
}

/// What makes a record unusable before its fields are looked at.
fn flaw(record: &csv::StringRecord, raw: &[u8], damaged: bool, last: bool) -> Option<(Option<usize>, Fault)> {
    if damaged && let Some(at) = record.iter().position(|cell| cell.contains('\u{fffd}')) {
        let reason = "含有无法解码的字节；请把文件另存为 UTF-8 或 GB18030 后改正这一行";
        return Some((Some(at), Fault::new("bad-encoding", reason)));
    }
    // The reader ends a quoted field at the end of the file without a word: the rest of the file
    // is then one field.
    let open = last && raw.iter().filter(|b| **b == b'"').count() % 2 == 1;
    if open && record.iter().next_back().is_some_and(|cell| cell.contains('\n')) {
        let reason = "从这一行开始的双引号没有结束，后面的行都并入了它；请补上右引号";
        return Some((None, Fault::new("unclosed-quote", reason)));
    }
    None
}

fn offset(position: &csv::Position) -> usize {
    usize::try_from(position.byte()).unwrap_or(usize::MAX)
}

/// Counts lines as an editor does. The reader's own count lags behind blank lines and `\r\n`.
#[derive(Debug, Default)]
struct LineCounter {
    at: usize,
    breaks: usize,
}

impl LineCounter {
    /// The 1-based line of the first byte at or after `start` that ends no line.
    fn line_at(&mut self, text: &[u8], start: usize) -> usize {
        while let Some(byte) = text.get(self.at) {
            let ends_line = matches!(byte, b'\n' | b'\r');
            if self.at >= start && !ends_line {
                break;
            }
            let half_of_crlf = *byte == b'\r' && text.get(self.at + 1) == Some(&b'\n');
            self.breaks += usize::from(ends_line && !half_of_crlf);
            self.at += 1;
        }
        self.breaks + 1
    }
}
