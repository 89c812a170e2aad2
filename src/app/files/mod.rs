//! Reads talents and needs from JSONL, CSV and XLSX files and uploads, and a researcher's evidence
//! also from BibTeX and OpenAlex, with a report of every bad row; writes the template and the
//! report as workbooks.
//!
//! A row is taken whole or refused, and each reason for that is a [`Problem`] with the row, the
//! column and what to do. Bad evidence is left out and its talent stays. An unknown column of a
//! table is reported once and its rows are taken; an unknown field of a JSON object refuses it.
//! Only what spoils the whole file is a [`FileError`].
//!
//! | module | its secret |
//! |---|---|
//! | `source`, `limits` | path or upload, the kind of file, how much is taken of it |
//! | `jsonl_file`, `json_file`, `csv_file`, `xlsx_file`, `bibtex_file` | the bytes of one format: encodings, quotes, cells |
//! | `package` | what a workbook costs to unpack |
//! | `bibliography`, `latex`, `openalex` | what a record of others says as evidence |
//! | `columns`, `table` | names of fields in both languages, the header of a table |
//! | `form`, `values` | taking a field out of a row; money, dates, lists in a cell |
//! | `rules`, `roster` | what a row must hold; what must hold between rows |
//! | `evidence` | one researcher's evidence in any of the formats |
//! | `contents` | whether a file holds talents or needs |
//! | `template`, `report` | workbooks that are written: to fill in, and what was wrong |
//!
//! None of them knows the store, the index or the command line.

mod bibliography;
mod bibtex_file;
mod columns;
mod contents;
mod csv_file;
mod error;
mod evidence;
mod form;
mod json_file;
mod jsonl_file;
mod latex;
mod limits;
mod openalex;
mod package;
mod report;
mod roster;
mod rules;
mod source;
mod table;
mod template;
mod values;
mod xlsx_file;

use std::fmt;
use std::path::{Path, PathBuf};

use serde::Serialize;

use crate::domain::{Need, Talent};

pub use contents::{Contents, contents};
pub use error::FileError;
pub use evidence::{located_evidence, read_authors, read_evidence};
pub use limits::MAX_UPLOAD;
pub use openalex::Author;
pub use report::{Cell, Sheet, problems_workbook, workbook};
pub use source::Upload;
pub use template::talent_template;

use columns::{EVIDENCE_ROW, Field, NEED, TALENT_OBJECT, TALENT_ROW};
use form::Form;
use roster::{Needs, Roster};
use source::{Format, Source};
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

/// Where the good rows of an import stand.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Places {
    /// Name of the file, without its folder.
    pub file: String,
    pub sheet: Option<String>,
    /// 1-based, one for each of [`Intake::rows`].
    pub rows: Vec<usize>,
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
    located_talents(path, progress).map(|(intake, _)| intake)
}

/// As [`read_talents`], with where they stand.
///
/// # Errors
/// As [`read_talents`].
pub fn located_talents(path: &Path, progress: &mut Progress<'_>) -> Result<(Intake<Talent>, Places), FileError> {
    let beside = evidence_beside(path).filter(|beside| beside.exists());
    talents(&Source::file(path), beside.as_deref().map(Source::file).as_ref(), progress)
}

/// As [`read_talents`], from an upload. Only CSV takes its evidence from a second one.
///
/// # Errors
/// The whole upload, or that of the evidence, is unusable or too large; evidence stands beside
/// talents that hold their own.
pub fn read_uploaded_talents(
    upload: Upload<'_>,
    evidence: Option<Upload<'_>>,
    progress: &mut Progress<'_>,
) -> Result<Intake<Talent>, FileError> {
    located_uploaded_talents(upload, evidence, progress).map(|(intake, _)| intake)
}

/// As [`read_uploaded_talents`], with where they stand.
///
/// # Errors
/// As [`read_uploaded_talents`].
pub fn located_uploaded_talents(
    upload: Upload<'_>,
    evidence: Option<Upload<'_>>,
    progress: &mut Progress<'_>,
) -> Result<(Intake<Talent>, Places), FileError> {
    talents(&Source::upload(upload), evidence.map(Source::upload).as_ref(), progress)
}

fn talents(
    source: &Source<'_>,
    evidence: Option<&Source<'_>>,
    progress: &mut Progress<'_>,
) -> Result<(Intake<Talent>, Places), FileError> {
    let mut roster = Roster::default();
    let mut problems = Vec::new();
    let mut sheet_name = None;
    let format = source.format(&TABLES)?;
    if evidence.is_some() && format != Format::Csv {
        return Err(FileError::NeedlessEvidence { path: source.path.clone() });
    }
    match format {
        Format::Csv => {
            read_csv(source, &TALENT_ROW, progress, &mut problems, |form| source.room_for(roster.talent(form)))?;
            if let Some(evidence) = evidence {
                evidence.format(&[Format::Csv])?;
                read_csv(evidence, &EVIDENCE_ROW, progress, &mut problems, |form| {
                    evidence.room_for(roster.evidence(form))
                })?;
            }
        }
        Format::Xlsx => {
            let mut book = Workbook::open(source)?;
            let sheet = book.sheet(&["talents", "人才"]).ok_or_else(|| book.missing("人才”或“talents"))?;
            let evidence = book.sheet(&["evidence", "成果"]);
            sheet_name = Some(sheet.clone());
            read_sheet(source, &mut book, &sheet, &TALENT_ROW, progress, &mut problems, |form| {
                source.room_for(roster.talent(form))
            })?;
            if let Some(sheet) = evidence {
                read_sheet(source, &mut book, &sheet, &EVIDENCE_ROW, progress, &mut problems, |form| {
                    source.room_for(roster.evidence(form))
                })?;
            }
        }
        _ => jsonl_file::each_object(source, progress, &mut problems, |place, object, problems| {
            source.room_for(roster.talent(Form::object(place, &TALENT_OBJECT, object, problems)))
        })?,
    }
    let places = Places { file: source.name.clone(), sheet: sheet_name, rows: roster.rows };
    Ok((Intake { rows: roster.talents, problems }, places))
}

/// Reads needs from a `.jsonl`, `.csv` or `.xlsx` file; of a workbook the sheet `needs` or 需求,
/// else the first.
///
/// # Errors
/// The whole file is unusable.
pub fn read_needs(path: &Path, progress: &mut Progress<'_>) -> Result<Intake<Need>, FileError> {
    located_needs(path, progress).map(|(intake, _)| intake)
}

/// As [`read_needs`], with where they stand.
///
/// # Errors
/// As [`read_needs`].
pub fn located_needs(path: &Path, progress: &mut Progress<'_>) -> Result<(Intake<Need>, Places), FileError> {
    needs(&Source::file(path), progress)
}

/// As [`read_needs`], from an upload.
///
/// # Errors
/// The whole upload is unusable or too large.
pub fn read_uploaded_needs(upload: Upload<'_>, progress: &mut Progress<'_>) -> Result<Intake<Need>, FileError> {
    needs(&Source::upload(upload), progress).map(|(intake, _)| intake)
}

fn needs(source: &Source<'_>, progress: &mut Progress<'_>) -> Result<(Intake<Need>, Places), FileError> {
    let mut needs = Needs::default();
    let mut problems = Vec::new();
    let take = |form: Form<'_>| source.room_for(needs.need(form));
    match source.format(&TABLES)? {
        Format::Csv => read_csv(source, &NEED, progress, &mut problems, take)?,
        Format::Xlsx => read_first_sheet(source, &["needs", "需求"], &NEED, progress, &mut problems, take)?,
        _ => jsonl_file::each_object(source, progress, &mut problems, |place, object, problems| {
            source.room_for(needs.need(Form::object(place, &NEED, object, problems)))
        })?,
    }
    let places = Places { file: source.name.clone(), sheet: None, rows: needs.rows };
    Ok((Intake { rows: needs.needs, problems }, places))
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
    if Format::of(talents) != Some(Format::Csv) {
        return None;
    }
    let extension = talents.extension()?.to_str()?;
    let stem = talents.file_stem().and_then(|stem| stem.to_str()).unwrap_or_default();
    let prefix = stem.strip_suffix("talents").filter(|prefix| prefix.ends_with(['-', '.', '_'])).unwrap_or_default();
    Some(talents.with_file_name(format!("{prefix}evidence.{extension}")))
}

/// The formats of talents and needs.
const TABLES: [Format; 3] = [Format::Jsonl, Format::Csv, Format::Xlsx];

fn read_csv(
    source: &Source<'_>,
    fields: &'static [Field],
    progress: &mut Progress<'_>,
    problems: &mut Vec<Problem>,
    mut take: impl FnMut(Form<'_>) -> Result<(), FileError>,
) -> Result<(), FileError> {
    let mut table = Table::new(source, None, fields);
    csv_file::each_line(source, |line, done, total| {
        table.accept(line, problems)?.map_or(Ok(()), &mut take)?;
        progress(done, total);
        Ok(())
    })?;
    table.finish()
}

/// Reads the sheet with one of these names, else the first.
fn read_first_sheet(
    source: &Source<'_>,
    names: &[&'static str; 2],
    fields: &'static [Field],
    progress: &mut Progress<'_>,
    problems: &mut Vec<Problem>,
    take: impl FnMut(Form<'_>) -> Result<(), FileError>,
) -> Result<(), FileError> {
    let mut book = Workbook::open(source)?;
    let sheet = book.sheet(names).or_else(|| book.first_sheet());
    let sheet = sheet.ok_or_else(|| book.missing(names[1]))?;
    read_sheet(source, &mut book, &sheet, fields, progress, problems, take)
}

fn read_sheet(
    source: &Source<'_>,
    book: &mut Workbook<'_>,
    sheet: &str,
    fields: &'static [Field],
    progress: &mut Progress<'_>,
    problems: &mut Vec<Problem>,
    mut take: impl FnMut(Form<'_>) -> Result<(), FileError>,
) -> Result<(), FileError> {
    let mut table = Table::new(source, Some(sheet), fields);
    book.each_line(sheet, |line, done, total| {
        table.accept(line, problems)?.map_or(Ok(()), &mut take)?;
        progress(done, total);
        Ok(())
    })?;
    table.finish()
}
