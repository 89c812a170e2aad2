//! What was wrong with a file, as a workbook to keep and to work through.

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

/// The problems as an XLSX workbook: one row each with file, sheet, row, column, code and reason.
/// Texts of the file stay texts: no cell becomes a formula.
///
/// # Errors
/// The workbook cannot be written.
pub fn problems_workbook(problems: &[Problem]) -> Result<Vec<u8>, FileError> {
    write(problems).map_err(|error| FileError::Unwritable { detail: error.to_string() })
}

fn write(problems: &[Problem]) -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet().set_name("问题")?;
    let bold = Format::new().set_bold();
    let text = Format::new().set_text_wrap();
    // An apostrophe that is not shown: Excel keeps such a text when someone edits its cell.
    let quoted = Format::new().set_text_wrap().set_quote_prefix();
    for (column, (label, width)) in (0u16..).zip(COLUMNS) {
        sheet.write_string_with_format(0, column, label, &bold)?.set_column_width(column, width)?;
    }
    sheet.set_freeze_panes(1, 0)?;
    for (row, problem) in (1u32..).zip(problems.iter().take(MAX_ROWS)) {
        let sheet_name = problem.sheet.as_deref().unwrap_or_default();
        let column_name = problem.column.as_deref().unwrap_or_default();
        sheet.write_number(row, 2, problem.row as f64)?;
        for (column, value) in
            [(0, &*problem.file), (1, sheet_name), (3, column_name), (4, problem.code), (5, &*problem.reason)]
        {
            let value: String = value.chars().take(MAX_TEXT).collect();
            let format = if value.starts_with(FORMULA) { &quoted } else { &text };
            sheet.write_string_with_format(row, column, value, format)?;
        }
    }
    book.save_to_buffer()
}
