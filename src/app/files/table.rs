//! What CSV and XLSX have in common: lines of cells, the first of which names the columns.

use super::Problem;
use super::columns::{Columns, Field, HeaderError};
use super::error::FileError;
use super::form::{Form, Place};
use super::source::Source;
use super::values::{Fault, shown};
use crate::domain::text::is_unseen;

/// Most characters of a column's name that are kept.
const MAX_LABEL: usize = 100;

/// One line of a table. Blank lines are not handed on.
#[derive(Debug, Default)]
pub(super) struct Line {
    /// 1-based, as an editor or Excel shows it.
    pub row: usize,
    pub cells: Vec<String>,
    /// What already makes the line unusable, and the column where that is known.
    pub flaw: Option<(Option<usize>, Fault)>,
}

/// A table that is being read: the first line becomes its header, each later one a form.
#[derive(Debug)]
pub(super) struct Table<'a> {
    source: &'a Source<'a>,
    sheet: Option<String>,
    fields: &'static [Field],
    columns: Option<Columns>,
    rows: usize,
}

impl<'a> Table<'a> {
    pub(super) fn new(source: &'a Source<'a>, sheet: Option<&str>, fields: &'static [Field]) -> Self {
        Self { source, sheet: sheet.map(str::to_owned), fields, columns: None, rows: 0 }
    }

    /// Takes the next line. The header gives no form, nor does a line with a flaw.
    ///
    /// # Errors
    /// The header lacks required columns, names one twice, or cannot be decoded; the table has too
    /// many rows or problems.
    pub(super) fn accept<'t>(
        &'t mut self,
        line: Line,
        problems: &'t mut Vec<Problem>,
    ) -> Result<Option<Form<'t>>, FileError> {
        if self.columns.is_none() {
            self.header(line, problems)?;
            return Ok(None);
        }
        let Some(columns) = &self.columns else { return Ok(None) };
        self.rows += 1;
        self.source.go_on(self.rows, line.row, problems)?;
        let place = Place { file: &self.source.name, sheet: self.sheet.as_deref(), row: line.row };
        let width = columns.len();
        let extra = line.cells.iter().skip(width).find(|cell| !cell.trim().is_empty());
        let flaw = line.flaw.or_else(|| {
            let extra = shown(extra?);
            let reason = format!("比标题行多出单元格（“{extra}”）；标题有 {width} 列，文字里有逗号时请加英文双引号");
            Some((None, Fault::new("extra-cells", reason)))
        });
        if let Some((at, fault)) = flaw {
            problems.push(place.problem(at.and_then(|at| columns.label(at)), fault));
            return Ok(None);
        }
        Ok(Some(Form::row(place, columns, line.cells, problems)))
    }

    /// Ends the reading; a table without any line has no header.
    pub(super) fn finish(mut self) -> Result<(), FileError> {
        if self.columns.is_some() { Ok(()) } else { self.header(Line::default(), &mut Vec::new()) }
    }

    fn header(&mut self, line: Line, problems: &mut Vec<Problem>) -> Result<(), FileError> {
        if line.flaw.is_some_and(|(_, fault)| fault.code == "bad-encoding") {
            return Err(FileError::Encoding { path: self.source.path.clone() });
        }
        // Labels go into messages: what cannot be seen does not.
        let label = |cell: &String| cell.trim().chars().filter(|c| !is_unseen(*c)).take(MAX_LABEL).collect();
        let header = line.cells.iter().map(label).collect();
        let columns = Columns::find(self.fields, header).map_err(|error| {
            let (path, sheet) = (self.source.path.clone(), self.sheet.clone());
            match error {
                HeaderError::Missing(columns) => FileError::MissingColumns { path, sheet, columns },
                HeaderError::Repeated(first, second) => FileError::RepeatedColumn { path, sheet, first, second },
            }
        })?;
        let place = Place { file: &self.source.name, sheet: self.sheet.as_deref(), row: line.row };
        let known: Vec<&str> = self.fields.iter().map(|field| field.name).collect();
        for label in columns.unknown() {
            let reason = format!("不认识的列，未读入；请改名或删除，可用的有：{}", known.join("、"));
            problems.push(place.problem(Some(&shown(label)), Fault::new("unknown-column", reason)));
        }
        self.columns = Some(columns);
        Ok(())
    }
}
