//! Why a whole file cannot be used. What is wrong with single rows is a [`super::Problem`].

use std::io;
use std::path::{Path, PathBuf};

/// A file of which nothing was read; each message says what to do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FileError {
    #[error("找不到文件“{}”；请检查路径和文件名", path.display())]
    Missing { path: PathBuf },
    #[error("不支持的文件类型“{}”；请改用 {wanted}（旧的 .xls 请先另存为 .xlsx）", path.display())]
    UnknownExtension { path: PathBuf, wanted: String },
    #[error("“{}”的内容其实是{found}，与扩展名不符；请检查是否选错了文件", path.display())]
    WrongContent { path: PathBuf, found: &'static str },
    #[error("“{}”是旧的 .xls 工作簿，只是改了扩展名；请在 Excel 或 WPS 中打开它，另存为 .xlsx 后再试", path.display())]
    LegacyExcel { path: PathBuf },
    #[error("无法读取“{}”：{source}；请检查它是不是文件、是否有读取权限", path.display())]
    Unreadable { path: PathBuf, source: io::Error },
    #[error("“{}”不是可用的 XLSX 工作簿（{detail}）；请在 Excel 或 WPS 中打开它，另存为 .xlsx 后再试", path.display())]
    NotXlsx { path: PathBuf, detail: String },
    #[error("“{}”有密码保护；请去掉密码另存后再试", path.display())]
    Protected { path: PathBuf },
    #[error("“{}”的编码既不是 UTF-8 也不是 GB18030；请另存为 UTF-8 后再试", path.display())]
    Encoding { path: PathBuf },
    #[error("“{}”里没有工作表“{wanted}”，只有：{found}；请把工作表改成这个名字", path.display())]
    MissingSheet { path: PathBuf, wanted: &'static str, found: String },
    #[error("“{}”{}缺少必需的列：{columns}；请在第一行补上列名", path.display(), of_sheet(sheet.as_deref()))]
    MissingColumns { path: PathBuf, sheet: Option<String>, columns: String },
    #[error("“{}”{}里“{first}”和“{second}”是同一列；请只保留一个", path.display(), of_sheet(sheet.as_deref()))]
    RepeatedColumn { path: PathBuf, sheet: Option<String>, first: String, second: String },
    #[error("“{}”超过 {} MB，没有读入；请分成几个文件", path.display(), limit >> 20)]
    TooLarge { path: PathBuf, limit: u64 },
    #[error("“{}”的内容过大（{detail}），没有读入；请删去多余的行、列和图片，或分成几个文件", path.display())]
    TooLargeInside { path: PathBuf, detail: String },
    #[error("“{}”第 {row} 行起的一行超过 {} MB，没有读入；请检查是否缺少换行或右引号", path.display(), limit >> 20)]
    LineTooLong { path: PathBuf, row: usize, limit: usize },
    #[error("“{}”超过 {limit} 行，没有读入；请分成几个文件", path.display())]
    TooManyRows { path: PathBuf, limit: usize },
    #[error("“{}”到第 {row} 行已有 {limit} 处以上问题，没有读完；请先改正，第一处是：{first}", path.display())]
    TooManyProblems { path: PathBuf, row: usize, limit: usize, first: String },
    #[error("“{}”自带成果，不需要另附成果文件；只有 .csv 需要，请去掉另附的文件", path.display())]
    NeedlessEvidence { path: PathBuf },
    #[error("无法生成工作簿：{detail}；请减少内容后再试")]
    Unwritable { detail: String },
}

impl FileError {
    /// What stands behind a failed attempt to open or read `path`.
    pub fn from_io(path: &Path, source: io::Error) -> Self {
        let path = path.to_owned();
        match source.kind() {
            io::ErrorKind::NotFound => Self::Missing { path },
            _ => Self::Unreadable { path, source },
        }
    }

    /// Stable: scripts and tests may rely on it.
    pub fn code(&self) -> &'static str {
        match self {
            Self::Missing { .. } => "missing-file",
            Self::UnknownExtension { .. } => "unknown-extension",
            Self::WrongContent { .. } => "wrong-content",
            Self::LegacyExcel { .. } => "legacy-excel",
            Self::Unreadable { .. } => "unreadable-file",
            Self::NotXlsx { .. } => "bad-workbook",
            Self::Protected { .. } => "protected-workbook",
            Self::Encoding { .. } => "bad-file-encoding",
            Self::MissingSheet { .. } => "missing-sheet",
            Self::MissingColumns { .. } => "missing-columns",
            Self::RepeatedColumn { .. } => "repeated-column",
            Self::TooLarge { .. } => "file-too-large",
            Self::TooLargeInside { .. } => "content-too-large",
            Self::LineTooLong { .. } => "line-too-long",
            Self::TooManyRows { .. } => "too-many-rows",
            Self::TooManyProblems { .. } => "too-many-problems",
            Self::NeedlessEvidence { .. } => "needless-evidence",
            Self::Unwritable { .. } => "unwritable-workbook",
        }
    }
}

fn of_sheet(sheet: Option<&str>) -> String {
    sheet.map(|name| format!("的工作表“{name}”")).unwrap_or_default()
}
