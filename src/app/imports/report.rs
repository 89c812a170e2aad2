//! What an import found and did: to be shown before anything is written, and kept.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::app::files::{Cell, FileError, Places, Problem, Sheet, workbook};
use crate::domain::Fault;

/// What is new, changed, unchanged and refused. Kept, it holds ids and no names: a profile that is
/// deleted on request must not live on in reports.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Report {
    pub counts: Counts,
    pub new: Vec<Line>,
    pub changed: Vec<Line>,
    pub unchanged: Vec<Line>,
    pub refused: Vec<Refusal>,
}

/// How many rows went which way.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Counts {
    pub new: usize,
    pub changed: usize,
    pub unchanged: usize,
    /// Problems: a row may have several, and one with bad evidence is taken without it.
    pub refused: usize,
}

/// A row that was taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Line {
    /// 1-based, as Excel shows it.
    pub row: usize,
    pub id: String,
    /// Name or title, in a preview just made only.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub name: Option<String>,
    /// Fields that change.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<String>,
}

/// Something that was not taken.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Refusal {
    pub file: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub sheet: Option<String>,
    /// 1-based, as Excel shows it.
    pub row: usize,
    /// Header of the column, or JSON path.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub column: Option<String>,
    /// Stable: programs may rely on it.
    pub code: String,
    /// In Chinese: what is wrong and what to do.
    pub reason: String,
}

impl From<Problem> for Refusal {
    fn from(problem: Problem) -> Self {
        let Problem { file, sheet, row, column, code, reason } = problem;
        Self { file, sheet, row, column, code: code.to_owned(), reason }
    }
}

impl Refusal {
    /// A row that the file's own rules let pass.
    pub(super) fn at(places: &Places, row: usize, column: &str, fault: Fault) -> Self {
        Self {
            file: places.file.clone(),
            sheet: places.sheet.clone(),
            row,
            column: Some(column.to_owned()),
            code: fault.code.to_owned(),
            reason: fault.reason,
        }
    }
}

impl std::fmt::Display for Refusal {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
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

impl Report {
    pub(in crate::app) fn counted(mut self) -> Self {
        let (new, changed) = (self.new.len(), self.changed.len());
        self.counts = Counts { new, changed, unchanged: self.unchanged.len(), refused: self.refused.len() };
        self
    }

    /// As it is kept.
    pub(super) fn nameless(&self) -> Self {
        let nameless = |lines: &[Line]| lines.iter().map(|line| Line { name: None, ..line.clone() }).collect();
        Self {
            counts: self.counts,
            new: nameless(&self.new),
            changed: nameless(&self.changed),
            unchanged: nameless(&self.unchanged),
            refused: self.refused.clone(),
        }
    }

    /// With at most `max` rows of each kind; the counts stay.
    #[must_use]
    pub fn shortened(mut self, max: usize) -> Self {
        self.new.truncate(max);
        self.changed.truncate(max);
        self.unchanged.truncate(max);
        self.refused.truncate(max);
        self
    }

    /// The whole report as an XLSX workbook.
    ///
    /// # Errors
    /// The workbook cannot be written.
    pub fn workbook(&self) -> Result<Vec<u8>, FileError> {
        const TAKEN: &[(&str, f64)] = &[("行", 8.0), ("编号", 30.0), ("变更的项", 60.0)];
        let taken = |lines: &[Line]| {
            let cells = |l: &Line| vec![l.row.into(), Cell::from(&*l.id), Cell::from(&*l.fields.join("；"))];
            lines.iter().map(cells).collect::<Vec<Vec<Cell>>>()
        };
        let Counts { new, changed, unchanged, refused } = self.counts;
        let counts = [("新增", new), ("变更", changed), ("未变", unchanged), ("未通过（处）", refused)];
        let counts = counts.map(|(name, count)| vec![Cell::from(name), count.into()]);
        let text = |text: &Option<String>| Cell::from(text.as_deref().unwrap_or_default());
        let refusal = |r: &Refusal| {
            let (file, code, reason) = (Cell::from(&*r.file), Cell::from(&*r.code), Cell::from(&*r.reason));
            vec![file, text(&r.sheet), r.row.into(), text(&r.column), code, reason]
        };
        workbook(&[
            Sheet { name: "概况", columns: &[("结果", 20.0), ("数量", 12.0)], rows: counts.to_vec() },
            Sheet {
                name: "未通过",
                columns: &[("文件", 28.0), ("工作表", 12.0), ("行", 8.0), ("列", 18.0), ("代码", 20.0), ("原因", 90.0)],
                rows: self.refused.iter().map(refusal).collect(),
            },
            Sheet { name: "新增", columns: TAKEN, rows: taken(&self.new) },
            Sheet { name: "变更", columns: TAKEN, rows: taken(&self.changed) },
            Sheet { name: "未变", columns: TAKEN, rows: taken(&self.unchanged) },
        ])
    }
}
