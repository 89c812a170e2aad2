//! The folder that holds the index: one process at a time, one subfolder a generation, and a file
//! that names the generation in use. It is replaced in one step, so that after a crash either the
//! old generation is in use or the new one, whole.
//!
//! ```text
//! <data_dir>/index/lock        held while a process uses the folder
//!                 /CURRENT     number of the generation in use
//!                 /<number>/…  what generation.rs keeps in it
//! ```

use std::fs::{self, File, TryLockError};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::LiveError;

const CURRENT: &str = "CURRENT";

/// The folder, locked for this process as long as the value lives.
#[derive(Debug)]
pub struct Folder {
    path: PathBuf,
    _lock: File,
}

impl Folder {
    /// Makes the folder where there is none, and locks it.
    ///
    /// # Errors
    /// [`LiveError::InUse`] if another process has it, [`LiveError::Folder`] if it cannot be made.
    pub fn open(data_dir: &Path) -> Result<Self, LiveError> {
        let path = data_dir.join("index");
        let failed = |source| LiveError::Folder { path: path.clone(), source };
        fs::create_dir_all(&path).map_err(failed)?;
        let lock = File::create(path.join("lock")).map_err(failed)?;
        match lock.try_lock() {
            Ok(()) => Ok(Self { path, _lock: lock }),
            Err(TryLockError::WouldBlock) => Err(LiveError::InUse { path }),
            Err(TryLockError::Error(source)) => Err(failed(source)),
        }
    }

    /// Where a generation is, or is to be.
    pub fn generation(&self, number: u64) -> PathBuf {
        self.path.join(number.to_string())
    }

    /// The generations that may be opened: first the one in use, then the others, newest first.
    pub fn generations(&self) -> Vec<u64> {
        let current = fs::read_to_string(self.path.join(CURRENT)).ok().and_then(|c| c.trim().parse::<u64>().ok());
        let mut numbers = self.numbers();
        numbers.sort_unstable_by_key(|n| (Some(*n) != current, std::cmp::Reverse(*n)));
        numbers
    }

    /// A number that no generation has, higher than all.
    pub fn next(&self) -> u64 {
        self.numbers().into_iter().max().unwrap_or(0) + 1
    }

    /// Makes a generation the one in use, for good.
    ///
    /// # Errors
    /// [`LiveError::Folder`]; the one before is then in use.
    pub fn switch(&self, number: u64) -> Result<(), LiveError> {
        let switch = || -> io::Result<()> {
            sync_folders(&self.generation(number))?;
            let aside = self.path.join("CURRENT.new");
            let mut file = File::create(&aside)?;
            writeln!(file, "{number}")?;
            file.sync_all()?;
            fs::rename(&aside, self.path.join(CURRENT))?;
            File::open(&self.path)?.sync_all()
        };
        switch().map_err(|source| LiveError::Folder { path: self.path.clone(), source })
    }

    /// Deletes all generations but one. What cannot be deleted is left for the next time.
    pub fn keep_only(&self, number: u64) {
        self.numbers().into_iter().filter(|n| *n != number).for_each(|n| self.remove(n));
    }

    /// Deletes a generation; what cannot be deleted is left for the next time.
    pub fn remove(&self, number: u64) {
        let path = self.generation(number);
        if let Err(error) = fs::remove_dir_all(&path) {
            tracing::warn!(path = %path.display(), %error, "an old generation of the index stays");
        }
    }

    fn numbers(&self) -> Vec<u64> {
        let entries = fs::read_dir(&self.path).into_iter().flatten().flatten();
        entries.filter_map(|e| e.file_name().to_str()?.parse().ok()).collect()
    }
}

/// The names of new files are on the disk only when their folder is.
fn sync_folders(path: &Path) -> io::Result<()> {
    for entry in fs::read_dir(path)? {
        let entry = entry?;
        if entry.file_type()?.is_dir() {
            sync_folders(&entry.path())?;
        }
    }
    File::open(path)?.sync_all()
}
