//! What can go wrong with an index.

use std::path::PathBuf;

/// What can go wrong with an index. Every message says what to do.
#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    /// A dictionary file has a line that is not understood.
    #[error("词典 {file} 第 {line} 行：{reason}")]
    Dictionary { file: &'static str, line: usize, reason: String },
    /// The index was made by another format version or another dictionary: rebuild it.
    #[error("“{}”里的索引是按别的设置建的（{reason}）；删除该文件夹即可重建", path.display())]
    Stale { path: PathBuf, reason: String },
    /// A file of the index is missing, cut short or altered: rebuild it.
    #[error("“{}”里的索引已损坏（{reason}）；删除该文件夹即可重建", path.display())]
    Damaged { path: PathBuf, reason: String },
    /// The folder cannot be written (full disk, permissions).
    #[error("无法把索引写入“{}”：{source}；请检查磁盘空间和写入权限", path.display())]
    Write { path: PathBuf, source: Box<dyn std::error::Error + Send + Sync> },
    /// tantivy failed while reading.
    #[error("读取索引失败：{0}")]
    Tantivy(#[from] tantivy::TantivyError),
    /// A file could not be read.
    #[error("读取索引文件失败：{0}")]
    Io(#[from] std::io::Error),
    /// A stored record is not what the caller once put in.
    #[error("索引里的记录无法读取：{0}；删除索引文件夹即可重建")]
    Record(String),
}
