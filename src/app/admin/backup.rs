//! Backup of the embedded database while the service runs, and restore. A file gets its name only
//! once it is whole, checked and on the disk: one that was interrupted never looks good.

use std::ffi::OsString;
use std::fs::{self, File};
use std::io;
use std::os::unix::fs::OpenOptionsExt;
use std::path::{Path, PathBuf};

use sha2::{Digest, Sha256};

use crate::app::live::{Idle, LiveError};
use crate::store::{Census, Damage, Store, StoreError};

/// Why there is no backup, or nothing was restored. Nothing was changed then.
#[derive(Debug, thiserror::Error)]
pub enum BackupError {
    #[error("“{}”已经存在：请换一个文件名", .0.display())]
    Exists(PathBuf),
    #[error("“{}”里已有数据库：只能恢复到空的数据文件夹；要取代它请加 --force（原来的会改名保留）", .0.display())]
    NotEmpty(PathBuf),
    #[error("服务正在使用“{}”：请先停止服务再恢复", .0.display())]
    Running(PathBuf),
    #[error("“{}”不是本程序的数据库：{damage}", path.display())]
    Damaged { path: PathBuf, damage: Damage },
    #[error("复制后的文件与“{}”不同：请检查磁盘后重试", .0.display())]
    Differs(PathBuf),
    #[error("“{}”：{source}；请检查路径、磁盘空间和权限", path.display())]
    File { path: PathBuf, source: io::Error },
    #[error(transparent)]
    Store(#[from] StoreError),
    #[error(transparent)]
    Index(LiveError),
}

fn at(path: &Path) -> impl Fn(io::Error) -> BackupError {
    move |source| BackupError::File { path: path.to_owned(), source }
}

/// Writes the database as it is at one moment to a new file, and checks it.
///
/// # Errors
/// [`BackupError`]; there is no file of that name then.
pub async fn backup(store: &Store, file: &Path) -> Result<Census, BackupError> {
    if file.exists() {
        return Err(BackupError::Exists(file.into()));
    }
    let partial = Partial::beside(file)?;
    store.copy_to(&partial.0).await.map_err(|error| match error {
        // SQLite's words for a full disk or a folder that is not there.
        StoreError::Database(e) => BackupError::File { path: file.into(), source: io::Error::other(e) },
        other => other.into(),
    })?;
    let census = census(&partial.0, file).await?;
    partial.keep(file)?;
    Ok(census)
}

/// Puts a backup in the place of the database of a data folder that no service uses.
///
/// # Errors
/// [`BackupError`]; the folder is as before then.
pub async fn restore(file: &Path, data_dir: &Path, database: &Path, force: bool) -> Result<Census, BackupError> {
    if database.exists() && !force {
        return Err(BackupError::NotEmpty(data_dir.into()));
    }
    fs::create_dir_all(data_dir).map_err(at(data_dir))?;
    let index = Idle::hold(data_dir).map_err(|error| match error {
        LiveError::InUse { .. } => BackupError::Running(data_dir.into()),
        other => BackupError::Index(other),
    })?;
    let expected = census(file, file).await?;
    let partial = Partial::beside(database)?;
    fs::copy(file, &partial.0).map_err(at(&partial.0))?;
    if digest(file)? != digest(&partial.0)? || census(&partial.0, file).await? != expected {
        return Err(BackupError::Differs(file.into()));
    }
    if database.exists() {
        put_aside(database)?;
    }
    partial.keep(database)?;
    // It follows another history.
    index.delete();
    Ok(expected)
}

/// Opens the file by itself and walks all of it; messages call it `name`.
async fn census(file: &Path, name: &Path) -> Result<Census, BackupError> {
    let escaped = file.display().to_string().replace('%', "%25").replace('?', "%3f").replace('#', "%23");
    File::open(file).map_err(at(name))?;
    let damaged = |damage| BackupError::Damaged { path: name.into(), damage };
    let store = Store::attach(&format!("sqlite:{escaped}?mode=ro&immutable=true")).await;
    let store = store.map_err(|error| damaged(error.into()))?;
    let census = store.census().await;
    store.close().await;
    census.map_err(damaged)
}

fn digest(file: &Path) -> Result<[u8; 32], BackupError> {
    struct Sink(Sha256);
    impl io::Write for Sink {
        fn write(&mut self, bytes: &[u8]) -> io::Result<usize> {
            self.0.update(bytes);
            Ok(bytes.len())
        }
        fn flush(&mut self) -> io::Result<()> {
            Ok(())
        }
    }
    let mut sink = Sink(Sha256::new());
    let copied = File::open(file).and_then(|mut source| io::copy(&mut source, &mut sink));
    copied.map_err(at(file))?;
    Ok(sink.0.finalize().into())
}

/// Renames a database, with the log that belongs to it, to a name that is free.
fn put_aside(database: &Path) -> Result<(), BackupError> {
    let free = |n: &u32| !with(database, &format!(".old{n}")).exists();
    let number = (1..).find(free).unwrap_or(u32::MAX);
    for end in ["-wal", "-shm", ""] {
        let (from, to) = (with(database, end), with(&with(database, &format!(".old{number}")), end));
        if from.exists() {
            fs::rename(&from, to).map_err(at(&from))?;
        }
    }
    Ok(())
}

fn with(path: &Path, end: &str) -> PathBuf {
    let mut name = OsString::from(path);
    name.push(end);
    name.into()
}

/// A file under way; deleted unless it is kept.
struct Partial(PathBuf);

impl Partial {
    fn beside(file: &Path) -> Result<Self, BackupError> {
        let path = with(file, ".partial");
        // What an interrupted run has left.
        match fs::remove_file(&path) {
            Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(at(&path)(error)),
            _ => {}
        }
        // It holds hashes of passwords: for its owner only.
        let made = fs::OpenOptions::new().write(true).create_new(true).mode(0o600).open(&path);
        made.map(|_| Self(path.clone())).map_err(at(&path))
    }

    /// Brings it to the disk, and only then gives it its name, which must be free.
    fn keep(self, file: &Path) -> Result<(), BackupError> {
        let keep = || {
            File::open(&self.0)?.sync_all()?;
            match fs::hard_link(&self.0, file) {
                Err(error) if error.kind() == io::ErrorKind::AlreadyExists => return Err(error),
                Ok(()) => {}
                // A file system without links.
                Err(_) => fs::rename(&self.0, file)?,
            }
            let folder = file.parent().filter(|f| !f.as_os_str().is_empty()).unwrap_or(Path::new("."));
            File::open(folder)?.sync_all()
        };
        keep().map_err(|error| match error.kind() {
            io::ErrorKind::AlreadyExists => BackupError::Exists(file.into()),
            _ => at(file)(error),
        })
    }
}

impl Drop for Partial {
    fn drop(&mut self) {
        let _ = fs::remove_file(&self.0);
    }
}
