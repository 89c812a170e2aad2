//! What was found in a file, as a workbook to keep and to work through.

use rust_xlsxwriter::{Format, Workbook, XlsxError};

use super::Problem;
use super::error::FileError;
use crate::domain::text::is_unseen;

/// The header, and the width of each column in characters.
const COLUMNS: [(&str, f64); 6] =
    [("文件", 28.0), ("工作表", 12.0), ("行", 8.0), ("列", 18.0), ("代码", 20.0), ("原因", 90.0)];

/// Most rows under a header, by the format.
const MAX_ROWS: usize = 1_048_575;

/// Units of UTF-16 in a cell, at most, by the format.
const MAX_TEXT: usize = 32_767;

/// Signs that begin a formula once a cell is edited, or opened again after it was saved as CSV
/// (OWASP, CSV Injection).
const FORMULA: [char; 8] = ['=', '+', '-', '@', '＝', '＋', '－', '＠'];
/// White space that does the same.
const BREAKS: [char; 3] = ['\t', '\r', '\n'];

/// A sheet to write: a header, and rows under it.
#[derive(Debug, Clone)]
pub struct Sheet<'a> {
    pub name: &'a str,
    /// Header and width in characters of each column.
    pub columns: &'a [(&'a str, f64)],
    pub rows: Vec<Vec<Cell>>,
}

/// What stands in a cell.
#[derive(Debug, Clone, PartialEq)]
pub enum Cell {
    Text(String),
    Number(f64),
}

impl From<&str> for Cell {
    fn from(text: &str) -> Self {
        Self::Text(text.to_owned())
    }
}

impl From<usize> for Cell {
    fn from(number: usize) -> Self {
        Self::Number(number as f64)
    }
}

/// The problems as an XLSX workbook: one row each with file, sheet, row, column, code and reason.
///
/// # Errors
/// The workbook cannot be written.
pub fn problems_workbook(problems: &[Problem]) -> Result<Vec<u8>, FileError> {
    let rows = problems.iter().map(|problem| {
        let (sheet, column) = (problem.sheet.as_deref(), problem.column.as_deref());
        let text = |text: Option<&str>| Cell::from(text.unwrap_or_default());
        let (code, reason) = (Cell::from(problem.code), Cell::from(&*problem.reason));
        vec![text(Some(&problem.file)), text(sheet), problem.row.into(), text(column), code, reason]
    });
    workbook(&[Sheet { name: "问题", columns: &COLUMNS, rows: rows.collect() }])
}

/// An XLSX workbook of these sheets. Texts stay texts: no cell becomes a formula, and none does after
/// the sheet was saved as CSV either, because an apostrophe stands before such a text.
///
/// # Errors
/// The workbook cannot be written.
pub fn workbook(sheets: &[Sheet<'_>]) -> Result<Vec<u8>, FileError> {
    write(sheets).map_err(|error| FileError::Unwritable { detail: error.to_string() })
}

fn write(sheets: &[Sheet<'_>]) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let bold = Format::new().set_bold();
    let text = Format::new().set_text_wrap();
    // Excel keeps the apostrophe of such a text when someone edits its cell.
    let quoted = Format::new().set_text_wrap().set_quote_prefix();
    for Sheet { name, columns, rows } in sheets {
        let sheet = book.add_worksheet().set_name(*name)?;
        for (column, (label, width)) in (0u16..).zip(*columns) {
            let label = fitting(&inert(label));
            sheet.write_string_with_format(0, column, label, &bold)?.set_column_width(column, *width)?;
        }
        sheet.set_freeze_panes(1, 0)?;
        for (row, cells) in (1u32..).zip(rows.iter().take(MAX_ROWS)) {
            for (column, cell) in (0u16..).zip(cells) {
                match cell {
                    Cell::Number(number) => drop(sheet.write_number(row, column, *number)?),
                    Cell::Text(value) => {
                        let told = inert(value);
                        let format = if told.starts_with('\'') { &quoted } else { &text };
                        sheet.write_string_with_format(row, column, fitting(&told), format)?;
                    }
                }
            }
        }
    }
    book.save_to_buffer()
}

/// A text of others as a cell may hold it: `\u{fffd}` for what XML has no character for, and an
/// apostrophe before what a spreadsheet program would take for a formula.
fn inert(text: &str) -> String {
    let is_foreign = |c: char| c < ' ' && !BREAKS.contains(&c) || matches!(c, '\u{fffe}' | '\u{ffff}');
    let text = text.replace(is_foreign, "\u{fffd}");
    let shown = text.trim_start_matches(|c: char| c.is_whitespace() || is_unseen(c) || c == '\u{fffd}');
    if text.starts_with(BREAKS) || shown.starts_with(FORMULA) { format!("'{text}") } else { text }
}

/// As much of it as fits into a cell, with `…` where that is not all.
fn fitting(text: &str) -> String {
    if text.encode_utf16().count() <= MAX_TEXT {
        return text.to_owned();
    }
    let mut units = '…'.len_utf16();
    let fits = |c: &char| {
        units += c.len_utf16();
        units <= MAX_TEXT
    };
    text.chars().take_while(fits).chain(['…']).collect()
}
