//! Reads talents and needs from JSONL, CSV and XLSX files, with a report of every bad row.
//!
//! A row is taken whole or refused, and each reason for that is a [`Problem`] with the row, the
//! column and what to do. Bad evidence is left out and its talent stays. An unknown column of a
//! table is reported once and its rows are taken; an unknown field of a JSON object refuses it.
//! Only what spoils the whole file is a [`FileError`].
//!
//! | module | its secret |
//! |---|---|
//! | `jsonl_file`, `csv_file`, `xlsx_file` | the bytes of one format: encodings, quotes, cells |
//! | `columns`, `table` | names of fields in both languages, the header of a table |
//! | `form`, `values` | taking a field out of a row; money, dates, lists in a cell |
//! | `rules`, `roster` | what a row must hold; what must hold between rows |
//!
//! None of them knows the store, the index or the command line.

mod columns;
mod csv_file;
mod error;
mod form;
mod jsonl_file;
mod roster;
mod rules;
mod table;
mod values;
mod xlsx_file;

use std::fmt;
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::domain::{Need, Talent};

pub use error::FileError;

use columns::{EVIDENCE_ROW, Field, NEED, TALENT_OBJECT, TALENT_ROW};
use form::Form;
use roster::{Needs, Roster};
use table::Table;
use xlsx_file::Workbook;

/// Called with what is done and the whole: bytes of JSONL and CSV, rows of XLSX. It is called for
/// each row, and starts anew with the second file or sheet of an import.
pub type Progress<'a> = dyn FnMut(u64, u64) + 'a;

/// The good rows of an import, in the order of the file, and what was wrong with the others.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Intake<T> {
    pub rows: Vec<T>,
    /// In the order of the file.
    pub problems: Vec<Problem>,
}

/// Something in a file that was not taken, with its place and what to do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Problem {
    /// Name of the file, without its folder.
    pub file: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub sheet: Option<String>,
    /// 1-based, as an editor or Excel shows it.
    pub row: usize,
    /// Header of the column as the file has it, or the JSON path, 0-based: `evidence[2].type`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    /// Stable: scripts and tests may rely on it.
    pub code: &'static str,
    /// In Chinese: what is wrong and what to do.
    pub reason: String,
}

impl fmt::Display for Problem {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{} ", self.file)?;
        if let Some(sheet) = &self.sheet {
            write!(f, "工作表“{sheet}”")?;
        }
        write!(f, "第 {} 行", self.row)?;
        if let Some(column) = &self.column {
            write!(f, "，列“{column}”")?;
        }
        write!(f, "：{}", self.reason)
    }
}

/// Reads talents with their evidence from a `.jsonl`, `.csv` or `.xlsx` file. The evidence of a
/// CSV file stands in [`evidence_beside`] it, that of a workbook in its sheet `evidence` or 成果;
/// where there is none, the talents have no evidence.
///
/// # Errors
/// The whole file, or that of the evidence, is unusable.
pub fn read_talents(path: &Path, progress: &mut Progress<'_>) -> Result<Intake<Talent>, FileError> {
    let mut roster = Roster::default();
    let mut problems = Vec::new();
    match Format::of(path)? {
        Format::Jsonl => jsonl_file::each_object(path, progress, &mut problems, |place, object, problems| {
            roster.talent(Form::object(place, &TALENT_OBJECT, object, problems));
        })?,
        Format::Csv => {
            read_csv(path, &TALENT_ROW, progress, &mut problems, |form| roster.talent(form))?;
            let beside = evidence_beside(path).filter(|beside| beside.exists());
            if let Some(beside) = beside {
                read_csv(&beside, &EVIDENCE_ROW, progress, &mut problems, |form| roster.evidence(form))?;
            }
        }
        Format::Xlsx => {
            let mut book = Workbook::open(path)?;
            let sheet = book.sheet(&["talents", "人才"]).ok_or_else(|| book.missing("人才”或“talents"))?;
            let evidence = book.sheet(&["evidence", "成果"]);
            read_sheet(path, &mut book, &sheet, &TALENT_ROW, progress, &mut problems, |form| roster.talent(form))?;
            if let Some(sheet) = evidence {
                let take = |form: Form<'_>| roster.evidence(form);
                read_sheet(path, &mut book, &sheet, &EVIDENCE_ROW, progress, &mut problems, take)?;
            }
        }
    }
    Ok(Intake { rows: roster.talents, problems })
}

/// Reads needs from a `.jsonl`, `.csv` or `.xlsx` file; of a workbook the sheet `needs` or 需求,
/// else the first.
///
/// # Errors
/// The whole file is unusable.
pub fn read_needs(path: &Path, progress: &mut Progress<'_>) -> Result<Intake<Need>, FileError> {
    let mut needs = Needs::default();
    let mut problems = Vec::new();
    match Format::of(path)? {
        Format::Jsonl => jsonl_file::each_object(path, progress, &mut problems, |place, object, problems| {
            needs.need(Form::object(place, &NEED, object, problems));
        })?,
        Format::Csv => read_csv(path, &NEED, progress, &mut problems, |form| needs.need(form))?,
        Format::Xlsx => {
            let mut book = Workbook::open(path)?;
            let named = book.sheet(&["needs", "需求"]).or_else(|| book.first_sheet());
            let sheet = named.ok_or_else(|| book.missing("需求”或“needs"))?;
            read_sheet(path, &mut book, &sheet, &NEED, progress, &mut problems, |form| needs.need(form))?;
        }
    }
    Ok(Intake { rows: needs.needs, problems })
}

/// Reads a whole text file.
///
/// # Errors
/// It is missing, unreadable, or not UTF-8.
pub fn read_text(path: &Path) -> Result<String, FileError> {
    let bytes = std::fs::read(path).map_err(|e| FileError::from_io(path, e))?;
    String::from_utf8(bytes).map_err(|_| FileError::Encoding { path: path.to_owned() })
}

/// The file that holds the evidence of a CSV file of talents, whether or not it is there:
/// `X-evidence.csv` beside `X-talents.csv` (also with `.` or `_`), else `evidence.csv` in the
/// same folder. Nothing for other formats, which hold their evidence themselves.
pub fn evidence_beside(talents: &Path) -> Option<PathBuf> {
    if !matches!(Format::of(talents), Ok(Format::Csv)) {
        return None;
    }
    let extension = talents.extension()?.to_str()?;
    let stem = talents.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
    let prefix = stem.strip_suffix("talents").filter(|prefix| prefix.ends_with(['-', '.', '_'])).unwrap_or_default();
    Some(talents.with_file_name(format!("{prefix}evidence.{extension}")))
}

#[derive(Debug, Clone, Copy)]
enum Format {
    Jsonl,
    Csv,
    Xlsx,
}

impl Format {
    fn of(path: &Path) -> Result<Self, FileError> {
        let extension = path.extension().and_then(|e| e.to_str()).unwrap_or_default().to_ascii_lowercase();
        match extension.as_str() {
            "jsonl" => Ok(Self::Jsonl),
            "csv" => Ok(Self::Csv),
            "xlsx" => Ok(Self::Xlsx),
            _ => Err(FileError::UnknownExtension { path: path.to_owned() }),
        }
    }
}

fn read_csv(
    path: &Path,
    fields: &'static [Field],
    progress: &mut Progress<'_>,
    problems: &mut Vec<Problem>,
    mut take: impl FnMut(Form<'_>),
) -> Result<(), FileError> {
    let mut table = Table::new(path, None, fields);
    csv_file::each_line(path, |line, done, total| {
        table.accept(line, problems)?.map(&mut take);
        progress(done, total);
        Ok(())
    })?;
    table.finish()
}

fn read_sheet(
    path: &Path,
    book: &mut Workbook,
    sheet: &str,
    fields: &'static [Field],
    progress: &mut Progress<'_>,
    problems: &mut Vec<Problem>,
    mut take: impl FnMut(Form<'_>),
) -> Result<(), FileError> {
    let mut table = Table::new(path, Some(sheet), fields);
    book.each_line(sheet, |line, done, total| {
        table.accept(line, problems)?.map(&mut take);
        progress(done, total);
        Ok(())
    })?;
    table.finish()
}

/// The name of a file as reports give it.
fn file_name(path: &Path) -> String {
    path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
}
