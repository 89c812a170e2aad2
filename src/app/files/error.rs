//! Why a whole file cannot be used. What is wrong with single rows is a [`super::Problem`].

use std::io;
use std::path::{Path, PathBuf};

/// A file of which nothing was read; each message says what to do.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum FileError {
    #[error("找不到文件“{}”；请检查路径和文件名", path.display())]
    Missing { path: PathBuf },
    #[error("不支持的文件类型“{}”；请改用 .jsonl、.csv 或 .xlsx（旧的 .xls 请先另存为 .xlsx）", path.display())]
    UnknownExtension { path: PathBuf },
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
}

fn of_sheet(sheet: Option<&str>) -> String {
    sheet.map(|name| format!("的工作表“{name}”")).unwrap_or_default()
}
