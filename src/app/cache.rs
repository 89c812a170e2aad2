//! Indexes of files, kept by the content of what they were made from.

use std::io::Read;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};
use zhihui_index::{DictionarySources, Index, IndexError};

use super::engine::build_index;
use super::files::Intake;
use crate::domain::Talent;
use crate::domain::hex::hex;

type Failure = Box<dyn std::error::Error>;

/// SHA-256 over files, in order, in hexadecimal.
///
/// # Errors
/// A file that cannot be read.
pub fn content_hash<'a>(files: impl IntoIterator<Item = &'a Path>) -> std::io::Result<String> {
    let mut hash = Sha256::new();
    for file in files {
        let mut file = std::fs::File::open(file)?;
        hash.update(file.metadata()?.len().to_le_bytes());
        let mut buffer = vec![0; 1 << 16];
        loop {
            match file.read(&mut buffer)? {
                0 => break,
                read => hash.update(&buffer[..read]),
            }
        }
    }
    Ok(hex(hash.finalize()))
}

/// Where indexes are kept: `ZHIHUI_CACHE`, else the user's cache folder, else the temporary one.
pub fn folder() -> PathBuf {
    let variable = |name: &str| std::env::var_os(name).filter(|v| !v.is_empty()).map(PathBuf::from);
    variable("ZHIHUI_CACHE")
        .or_else(|| variable("XDG_CACHE_HOME").map(|c| c.join("zhihui")))
        .or_else(|| variable("HOME").map(|h| h.join(".cache/zhihui")))
        .unwrap_or_else(|| std::env::temp_dir().join("zhihui"))
}

/// An index with what was wrong with the rows that are not in it.
#[derive(Debug)]
pub struct Kept {
    pub index: Index,
    /// One message a line, as [`super::files::Problem`] shows it.
    pub problems: Vec<String>,
}

const PROBLEMS: &str = "problems.txt";

/// Opens the index kept under `key`; builds it from `talents` where there is none, or where it is
/// stale or damaged. It is built aside and moved into place, so that a half-built one is never seen.
///
/// # Errors
/// What `talents` fails with, or [`IndexError`] if it cannot be built (full disk); nothing is left
/// behind then.
pub fn open_or_build(
    folder: &Path,
    key: &str,
    sources: &DictionarySources<'_>,
    talents: impl FnOnce() -> Result<Intake<Talent>, Failure>,
    progress: &mut dyn FnMut(usize, usize),
) -> Result<Kept, Failure> {
    let path = folder.join(key);
    match open(&path, sources) {
        Err(IndexError::Stale { .. } | IndexError::Damaged { .. }) => {}
        opened => return Ok(opened?),
    }
    let intake = talents()?;
    let problems: String = intake.problems.iter().map(|p| format!("{p}\n")).collect();
    let aside = folder.join(format!("{key}.{}.tmp", std::process::id()));
    let failed = |e: std::io::Error| IndexError::Write { path: path.clone(), source: e.into() };
    let built = build_index(&aside, &intake.rows, sources, None, progress).and_then(|()| {
        std::fs::write(aside.join(PROBLEMS), problems).map_err(failed)?;
        let _ = std::fs::remove_dir_all(&path);
        match std::fs::rename(&aside, &path) {
            // Another process was faster: its index is as good.
            Err(_) if path.is_dir() => Ok(()),
            moved => moved.map_err(failed),
        }
    });
    let _ = std::fs::remove_dir_all(&aside);
    built?;
    Ok(open(&path, sources)?)
}

fn open(path: &Path, sources: &DictionarySources<'_>) -> Result<Kept, IndexError> {
    let index = Index::open(path, sources)?;
    let problems = std::fs::read_to_string(path.join(PROBLEMS))
        .map_err(|e| IndexError::Damaged { path: path.into(), reason: format!("{PROBLEMS}: {e}") })?;
    Ok(Kept { index, problems: problems.lines().map(str::to_owned).collect() })
}
