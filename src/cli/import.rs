//! import: talents and needs from files into the configured store, while the service runs or not.

use std::path::{Path, PathBuf};

use zhihui::app::files::{Contents, FileError, contents};
use zhihui::app::imports::report::{Counts, Report};
use zhihui::app::imports::{import_file, import_needs};
use zhihui::app::{AppError, Clock};
use zhihui::config::Config;
use zhihui::store::Store;

use super::serve::{make_folder, open_store, runtime};
use super::{Failure, Refused, bar, show};

/// What to import.
#[derive(Debug, clap::Args)]
pub struct Options {
    /// 人才或需求文件（.jsonl、.csv、.xlsx）；按内容区分。CSV 人才的成果在同一文件夹的 evidence.csv
    #[arg(required = true)]
    files: Vec<PathBuf>,
    /// 只检查并说明会怎样，不写入
    #[arg(long)]
    check: bool,
}

/// # Errors
/// A file that cannot be used at all: nothing of it is written, those before it stay.
pub fn run(options: &Options, config: &Config) -> Result<Refused, Failure> {
    runtime()?.block_on(async {
        let (store, _folder) = store(options, config).await?;
        let mut refused = 0;
        for file in &options.files {
            let report = import(&store, file, options.check).await?;
            report.refused.iter().for_each(|refusal| eprintln!("{refusal}"));
            print(file, report.counts, options.check);
            refused += report.counts.refused;
        }
        Ok(Refused(refused))
    })
}

/// The configured store. A check makes none: where there is none, it compares with an empty one in
/// a temporary folder.
async fn store(options: &Options, config: &Config) -> Result<(Store, Option<Temporary>), Failure> {
    let missing = config.database.file().is_some_and(|file| !file.exists());
    if options.check && missing {
        let folder = Temporary::new()?;
        let url = format!("sqlite:{}?mode=rwc", folder.0.join("check.db").display());
        return Ok((Store::open(&url).await?, Some(folder)));
    }
    if missing {
        make_folder(&config.data_dir)?;
    }
    Ok((open_store(&config.database).await?, None))
}

/// A folder that is gone with its owner.
struct Temporary(PathBuf);

impl Temporary {
    fn new() -> Result<Self, Failure> {
        let path = std::env::temp_dir().join(format!("zhihui-check-{}", std::process::id()));
        std::fs::create_dir_all(&path).map_err(|e| format!("无法建立临时文件夹“{}”：{e}", path.display()))?;
        Ok(Self(path))
    }
}

impl Drop for Temporary {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.0);
    }
}

async fn import(store: &Store, file: &Path, check: bool) -> Result<Report, Failure> {
    let reading = bar("读取");
    let mut shown = show(&reading);
    let progress = move |done: u64, total: u64| shown(done as usize, total as usize);
    let now = Clock::system().now();
    let report = match contents(file).map_err(told_file)? {
        Contents::Talents => import_file(store, now, file, check, progress).await,
        Contents::Needs => import_needs(store, now, file, check, progress).await,
    };
    reading.finish_and_clear();
    report.map_err(told)
}

fn print(file: &Path, counts: Counts, check: bool) {
    let Counts { new, changed, unchanged, refused } = counts;
    let done = if check { "检查（未写入）" } else { "导入" };
    println!("“{}” {done}：新增 {new}，变更 {changed}，未变 {unchanged}，未通过 {refused} 处", file.display());
}

fn told_file(error: FileError) -> Failure {
    error.to_string().into()
}

/// With the single fields, which a person at a terminal has no form for.
fn told(error: AppError) -> Failure {
    match &error {
        AppError::Invalid(problems) => {
            problems.iter().map(|p| p.message.as_str()).collect::<Vec<_>>().join("；").into()
        }
        _ => error.into(),
    }
}
