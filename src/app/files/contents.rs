//! What a file holds, told by its sheets, its header or its first record.

use std::io::{BufRead, Read};
use std::path::Path;

use super::columns::NEED;
use super::csv_file;
use super::error::FileError;
use super::source::{Format, Source};
use super::xlsx_file::Workbook;
use super::{TABLES, jsonl_file};

/// What the rows of a file are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Contents {
    Talents,
    Needs,
}

/// Bytes in which the first record stands.
const HEAD: u64 = 1 << 20;

/// What a file holds. A file of neither is said to hold talents, whose reader tells what is wrong.
///
/// # Errors
/// The whole file is unusable.
pub fn contents(path: &Path) -> Result<Contents, FileError> {
    let source = Source::file(path);
    let is_needs = match source.format(&TABLES)? {
        Format::Xlsx => {
            let book = Workbook::open(&source)?;
            book.sheet(&["talents", "人才"]).is_none() && book.sheet(&["needs", "需求"]).is_some()
        }
        Format::Csv => first_line(&source)?.is_some_and(|line| {
            let text = csv_file::decode(&line).map(|(text, _)| text.into_owned()).unwrap_or_default();
            let mut cells = text.split([',', ';', '\t']).map(|cell| cell.trim().trim_matches('"').trim());
            cells.any(|cell| {
                problem().is_some_and(|field| cell == field.header() || cell.eq_ignore_ascii_case(field.name))
            })
        }),
        _ => first_line(&source)?.is_some_and(|line| {
            let object = jsonl_file::text(&line).and_then(jsonl_file::object);
            object.is_ok_and(|object| problem().is_some_and(|field| object.contains_key(field.name)))
        }),
    };
    Ok(if is_needs { Contents::Needs } else { Contents::Talents })
}

/// The field that every need has and no talent.
fn problem() -> Option<&'static super::columns::Field> {
    NEED.iter().find(|field| field.name == "problem")
}

/// The first line that is not blank.
fn first_line(source: &Source<'_>) -> Result<Option<Vec<u8>>, FileError> {
    let mut reader = source.reader()?.0.take(HEAD);
    loop {
        let mut line = Vec::new();
        let read = reader.read_until(b'\n', &mut line).map_err(|error| FileError::from_io(&source.path, error))?;
        if read == 0 {
            return Ok(None);
        }
        let text = line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&line).trim_ascii();
        if !text.is_empty() {
            return Ok(Some(text.to_vec()));
        }
    }
}
