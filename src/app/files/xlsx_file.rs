//! XLSX workbooks. Cells are streamed: a sheet that names its last cell only costs one row.

use std::borrow::Cow;
use std::io::Cursor;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};

use calamine::{DataRef, ExcelDateTime, Reader, Xlsx, XlsxError};

use super::error::FileError;
use super::limits::MAX_COLUMNS;
use super::limits::workbook::{CELL, ROWS, TEXT};
use super::package;
use super::source::Source;
use super::table::Line;
use super::values::{self, Fault, shown};

pub(super) struct Workbook<'a> {
    path: PathBuf,
    book: Xlsx<Cursor<Cow<'a, [u8]>>>,
}

impl<'a> Workbook<'a> {
    pub(super) fn open(source: &Source<'a>) -> Result<Self, FileError> {
        let bytes = source.bytes()?;
        package::weigh(&source.path, &bytes)?;
        let book = guarded(&source.path, || Xlsx::new(Cursor::new(bytes)))?;
        Ok(Self { path: source.path.clone(), book })
    }

    /// The sheet with one of these names, upper or lower case.
    pub(super) fn sheet(&self, names: &[&str]) -> Option<String> {
        let named = |sheet: &String| names.iter().any(|name| sheet.trim().eq_ignore_ascii_case(name));
        self.book.sheet_names().into_iter().find(named)
    }

    pub(super) fn first_sheet(&self) -> Option<String> {
        self.book.sheet_names().into_iter().next()
    }

    pub(super) fn missing(&self, wanted: &'static str) -> FileError {
        let found: Vec<String> = self.book.sheet_names().iter().take(20).map(|name| shown(name)).collect();
        let found = found.join("、");
        FileError::MissingSheet { path: self.path.clone(), wanted, found }
    }

    /// Hands each row of a sheet that holds anything to `visit`, with its number and the number
    /// of rows that the sheet says it has.
    pub(super) fn each_line(
        &mut self,
        sheet: &str,
        mut visit: impl FnMut(Line, u64, u64) -> Result<(), FileError>,
    ) -> Result<(), FileError> {
        let path = &self.path;
        let mut cells = guarded(path, || self.book.worksheet_cells_reader(sheet))?;
        let total = u64::from(cells.dimensions().end.0) + 1;
        let mut line = Line::default();
        let mut text = TEXT;
        while let Some(cell) = guarded(path, || cells.next_cell())? {
            let (row, column) = cell.get_position();
            let row = row as usize + 1;
            if row > ROWS {
                let detail = format!("单元格在第 {row} 行，超出 {ROWS} 行");
                return Err(FileError::NotXlsx { path: path.clone(), detail });
            }
            if row != line.row {
                hand_on(std::mem::take(&mut line), total, &mut visit)?;
                line.row = row;
            }
            if (column as usize) < MAX_COLUMNS {
                let length = put(&mut line, column as usize, cell.get_value());
                text = text.checked_sub(length).ok_or_else(|| {
                    let detail = format!("文字合计超过 {} MB", TEXT >> 20);
                    FileError::TooLargeInside { path: path.clone(), detail }
                })?;
            }
        }
        hand_on(line, total, &mut visit)
    }
}

fn hand_on(
    line: Line,
    total: u64,
    visit: &mut impl FnMut(Line, u64, u64) -> Result<(), FileError>,
) -> Result<(), FileError> {
    if line.flaw.is_none() && line.cells.iter().all(|cell| cell.trim().is_empty()) {
        return Ok(());
    }
    let row = line.row as u64;
    visit(line, row, total.max(row))
}

/// Puts a value into a line, and gives the length of its text in bytes.
fn put(line: &mut Line, column: usize, value: &DataRef<'_>) -> usize {
    let text = match value {
        DataRef::Empty => return 0,
        DataRef::SharedString(text) if text.len() > CELL => return refuse_long(line, column),
        DataRef::String(text) if text.len() > CELL => return refuse_long(line, column),
        DataRef::Int(value) => value.to_string(),
        DataRef::Float(value) => values::number(*value),
        DataRef::String(text) | DataRef::DateTimeIso(text) | DataRef::DurationIso(text) => text.clone(),
        DataRef::SharedString(text) => (*text).to_owned(),
        DataRef::Bool(value) => value.to_string().to_uppercase(),
        DataRef::DateTime(time) => date(time),
        DataRef::Error(error) => {
            let reason = format!("单元格是公式错误 {error}；请改正公式或改填文字");
            line.flaw.get_or_insert((Some(column), Fault::new("cell-error", reason)));
            return 0;
        }
    };
    if line.cells.len() <= column {
        line.cells.resize(column + 1, String::new());
    }
    let length = text.len();
    line.cells[column] = text;
    length
}

/// Refuses a text without copying it: the same one may stand in every cell.
fn refuse_long(line: &mut Line, column: usize) -> usize {
    let reason = format!("单元格里的文字超过 {} MB；请缩短", CELL >> 20);
    line.flaw.get_or_insert((Some(column), Fault::new("too-long", reason)));
    0
}

/// A date cell as `YYYY-MM-DD`, with its time only where it has one; a duration as its number.
fn date(time: &ExcelDateTime) -> String {
    if !time.is_datetime() {
        return values::number(time.as_f64());
    }
    let (year, month, day, hour, minute, second, _) = time.to_ymd_hms_milli();
    let date = format!("{year:04}-{month:02}-{day:02}");
    if (hour, minute, second) == (0, 0, 0) { date } else { format!("{date} {hour:02}:{minute:02}:{second:02}") }
}

/// Runs a part of calamine, which panics on some damage: a cell reference whose number does not
/// fit overflows where overflow is checked. What panicked is dropped and not used again.
fn guarded<T>(path: &Path, read: impl FnOnce() -> Result<T, XlsxError>) -> Result<T, FileError> {
    match catch_unwind(AssertUnwindSafe(read)) {
        Ok(result) => result.map_err(|error| unusable(path, error)),
        Err(_) => Err(FileError::NotXlsx { path: path.to_owned(), detail: "内部结构损坏".to_owned() }),
    }
}

fn unusable(path: &Path, error: XlsxError) -> FileError {
    let path = path.to_owned();
    match error {
        XlsxError::Password => FileError::Protected { path },
        error => FileError::NotXlsx { path, detail: error.to_string() },
    }
}
