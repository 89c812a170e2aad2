//! verify-receipt: whether a bid was there at opening, by what its bidder holds.

use std::path::{Path, PathBuf};

use zhihui::app::board::receipts::{PublishedBids, Receipt};

use super::Failure;

/// What is compared.
#[derive(Debug, Clone, clap::Args)]
pub struct Options {
    /// 揭榜时下载的回执（JSON）
    receipt: PathBuf,
    /// 开榜后公布的名单：榜单页的“开榜名单（JSON）”
    published: PathBuf,
}

/// # Errors
/// The receipt proves nothing, and why.
pub fn run(options: &Options) -> Result<(), Failure> {
    let receipt = Receipt::parse(&read(&options.receipt)?)?;
    let published = read(&options.published)?;
    let published: PublishedBids = serde_json::from_slice(&published)
        .map_err(|e| format!("“{}”不是开榜名单：{e}", options.published.display()))?;
    let place = receipt.check(&published)?;
    println!("回执有效：“{}”的开榜名单里第 {place} 份，内容与提交时一致", published.title);
    Ok(())
}

fn read(path: &Path) -> Result<Vec<u8>, Failure> {
    std::fs::read(path).map_err(|e| format!("读不了“{}”：{e}", path.display()).into())
}
