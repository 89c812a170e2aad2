use std::path::PathBuf;

/// What can go wrong with an index. Every message says what to do.
#[derive(Debug, thiserror::Error)]
pub enum IndexError {
    /// A dictionary file has a line that is not understood.
    #[error("dictionary {file}, line {line}: {reason}")]
    Dictionary { file: &'static str, line: usize, reason: String },
    /// The index was made by another format version or another dictionary: rebuild it.
    #[error("the index in {path} was made with other settings ({reason}); delete the folder to rebuild it")]
    Stale { path: PathBuf, reason: String },
    /// A file of the index is missing, cut short or altered: rebuild it.
    #[error("the index in {path} is damaged ({reason}); delete the folder to rebuild it")]
    Damaged { path: PathBuf, reason: String },
    /// The folder cannot be written (full disk, permissions).
    #[error("cannot write the index in {path}: {source}")]
    Write { path: PathBuf, source: Box<dyn std::error::Error + Send + Sync> },
    /// tantivy failed while reading.
    #[error("index: {0}")]
    Tantivy(#[from] tantivy::TantivyError),
    /// A file could not be read.
    #[error("index: {0}")]
    Io(#[from] std::io::Error),
}
