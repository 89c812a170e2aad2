//! What was found in a file, as a workbook to keep and to work through.

use rust_xlsxwriter::{Format, Workbook, XlsxError};

use super::Problem;
use super::error::FileError;

/// The header, and the width of each column in characters.
const COLUMNS: [(&str, f64); 6] =
    [("文件", 28.0), ("工作表", 12.0), ("行", 8.0), ("列", 18.0), ("代码", 20.0), ("原因", 90.0)];

/// Most rows under a header, by the format.
const MAX_ROWS: usize = 1_048_575;

/// Most characters of a cell that are written. Excel takes 32,767 units of UTF-16.
const MAX_TEXT: usize = 10_000;

/// Signs that begin a formula, also behind a tab or a line break, once a cell is edited or saved
/// as CSV.
const FORMULA: [char; 8] = ['=', '+', '-', '@', '\t', '\r', '＝', '＋'];

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

/// An XLSX workbook of these sheets. Texts of a file stay texts: no cell becomes a formula.
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
    // An apostrophe that is not shown: Excel keeps such a text when someone edits its cell.
    let quoted = Format::new().set_text_wrap().set_quote_prefix();
    for Sheet { name, columns, rows } in sheets {
        let sheet = book.add_worksheet().set_name(*name)?;
        for (column, (label, width)) in (0u16..).zip(*columns) {
            sheet.write_string_with_format(0, column, *label, &bold)?.set_column_width(column, *width)?;
        }
        sheet.set_freeze_panes(1, 0)?;
        for (row, cells) in (1u32..).zip(rows.iter().take(MAX_ROWS)) {
            for (column, cell) in (0u16..).zip(cells) {
                match cell {
                    Cell::Number(number) => drop(sheet.write_number(row, column, *number)?),
                    Cell::Text(value) => {
                        let value: String = value.chars().take(MAX_TEXT).collect();
                        let format = if value.starts_with(FORMULA) { &quoted } else { &text };
                        sheet.write_string_with_format(row, column, value, format)?;
                    }
                }
            }
        }
    }
    book.save_to_buffer()
}
