//! The command line: what can be typed, and which file does it.

mod admin;
mod audit;
mod demo;
mod import;
mod logging;
mod matching;
mod receipt;
mod serve;

use std::process::ExitCode;

use indicatif::{ProgressBar, ProgressStyle};
use zhihui::config::{Config, ConfigError, Flags};

/// What the person is told instead of a result.
type Failure = Box<dyn std::error::Error>;

/// The configuration will not do; it is told apart so that a supervisor does not try again.
const EXIT_CONFIG: u8 = 2;

/// 智汇：为企业技术需求匹配科技人才（团队）
#[derive(clap::Parser)]
#[command(version)]
pub struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(clap::Subcommand)]
enum Command {
    #[command(flatten)]
    Matching(matching::Command),
    /// 演示：内置数据库、虚构数据、每种角色一个账号，网站在 127.0.0.1:8080
    Demo {
        #[command(flatten)]
        flags: Flags,
        #[command(flatten)]
        options: demo::Options,
    },
    /// 运行服务：接口与网站，数据在配置的数据库里
    Serve {
        #[command(flatten)]
        flags: Flags,
    },
    /// 把人才或需求文件导入数据库，逐行报告没有通过的
    Import {
        #[command(flatten)]
        flags: Flags,
        #[command(flatten)]
        options: import::Options,
    },
    /// 由数据库重建索引（服务须已停止）
    Reindex {
        #[command(flatten)]
        flags: Flags,
    },
    /// 审计日志：核对哈希链，导出
    Audit {
        #[command(flatten)]
        flags: Flags,
        #[command(subcommand)]
        command: audit::Command,
    },
    /// 核对揭榜回执：内容与回执中的哈希一致，并且在公布的开榜名单里
    VerifyReceipt(receipt::Options),
    /// 账号、审计、备份与恢复，在服务器上执行
    Admin {
        #[command(flatten)]
        flags: Flags,
        #[command(subcommand)]
        command: admin::Command,
    },
}

/// Rows that were refused: the rest was used.
pub struct Refused(usize);

/// Runs a command.
pub fn run(arguments: Arguments) -> ExitCode {
    let done = match arguments.command {
        Command::Matching(command) => matching::run(command),
        Command::Demo { flags, options } => configured(&flags).and_then(|c| demo::run(options, c)).map(|()| Refused(0)),
        Command::Serve { flags } => configured(&flags).and_then(serve::run).map(|()| Refused(0)),
        Command::Import { flags, options } => configured(&flags).and_then(|c| import::run(&options, &c)),
        Command::Reindex { flags } => configured(&flags).and_then(|c| admin::reindex(&c)).map(|()| Refused(0)),
        Command::Audit { flags, command } => {
            configured(&flags).and_then(|c| audit::run(command, c)).map(|()| Refused(0))
        }
        Command::VerifyReceipt(options) => receipt::run(&options).map(|()| Refused(0)),
        Command::Admin { flags, command } => {
            configured(&flags).and_then(|c| admin::run(command, c)).map(|()| Refused(0))
        }
    };
    match done {
        Ok(Refused(0)) => ExitCode::SUCCESS,
        Ok(Refused(rows)) => {
            eprintln!("有 {rows} 处没有采用（见上），结果只依据其余各行");
            ExitCode::FAILURE
        }
        Err(error) => {
            eprintln!("错误：{error}");
            if error.is::<ConfigError>() { ExitCode::from(EXIT_CONFIG) } else { ExitCode::FAILURE }
        }
    }
}

fn configured(flags: &Flags) -> Result<Config, Failure> {
    Ok(Config::read(flags, &|name| std::env::var_os(name))?)
}

fn bar(what: &'static str) -> ProgressBar {
    let style =
        ProgressStyle::with_template("{prefix} {bar:40} {percent}%").unwrap_or_else(|_| ProgressStyle::default_bar());
    ProgressBar::new(0).with_style(style).with_prefix(what)
}

fn show(bar: &ProgressBar) -> impl FnMut(usize, usize) + use<> {
    let bar = bar.clone();
    move |done, total| {
        bar.set_length(total as u64);
        bar.set_position(done as u64);
    }
}
