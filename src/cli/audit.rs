//! audit: whether the log is as it was written, and its export.

use std::io::Write;

use zhihui::app::audit;
use zhihui::config::Config;
use zhihui::store::Store;

use super::Failure;
use super::admin::attach;
use super::serve::runtime;

/// The commands.
#[derive(Debug, Clone, clap::Subcommand)]
pub enum Command {
    /// 逐条核对哈希链
    Verify,
    /// 导出为 JSONL，每行一条；只含可公开的条目的内容，其余只有哈希，链仍可核对
    Export,
}

/// # Errors
/// The log was altered, or cannot be read.
pub fn run(command: Command, config: Config) -> Result<(), Failure> {
    runtime()?.block_on(async {
        let store = attach(&config).await?;
        match command {
            Command::Verify => verify(&store).await,
            Command::Export => export(&store).await,
        }
    })
}

/// # Errors
/// The first entry that is not as it was written.
pub async fn verify(store: &Store) -> Result<(), Failure> {
    match store.audit_verify().await? {
        Ok(entries) => {
            println!("审计日志 {entries} 条，全部与写入时一致");
            Ok(())
        }
        Err(broken) => Err(format!("审计日志第 {} 条与写入时不同，或已缺失", broken.number).into()),
    }
}

async fn export(store: &Store) -> Result<(), Failure> {
    let mut out = std::io::BufWriter::new(std::io::stdout().lock());
    let mut after = 0;
    loop {
        let page = audit::public_page(store, after).await?;
        let Some(last) = page.last() else { break };
        after = last.number;
        for line in page {
            serde_json::to_writer(&mut out, &line)?;
            out.write_all(b"\n")?;
        }
    }
    Ok(out.flush()?)
}
