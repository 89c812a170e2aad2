//! demo: the whole service with fictional data, from one command.

use std::net::SocketAddr;

use zhihui::app::Clock;
use zhihui::app::demo::{self, DemoAccount, Passwords};
use zhihui::app::secrets::Hasher;
use zhihui::config::{Config, DatabaseUrl};

use super::serve::{Service, listen, make_folder, open_store, runtime};
use super::{Failure, logging};

/// How the demo differs from the service.
#[derive(Debug, Clone, Copy, clap::Args)]
pub struct Options {
    /// 允许监听本机以外的地址；各账号改用随机密码
    #[arg(long)]
    pub allow_remote: bool,
    /// 先清除上次演示的数据
    #[arg(long)]
    pub fresh: bool,
}

/// # Errors
/// As the service, and an address that others reach without `--allow-remote`.
pub fn run(options: Options, mut config: Config) -> Result<(), Failure> {
    // A demo has a folder and a database of its own, whatever is configured.
    config.data_dir.push("demo");
    config.database = DatabaseUrl::embedded(&config.data_dir);
    let is_local = config.address.ip().is_loopback();
    if !is_local && !options.allow_remote {
        let address = config.address;
        let message = "演示账号的密码是公开的，只能监听本机地址（127.0.0.1 或 [::1]）；确需他人访问请加 --allow-remote";
        return Err(format!("地址 {address} 不是本机地址：{message}").into());
    }
    logging::start(&config.log);
    runtime()?.block_on(async {
        let listener = listen(config.address).await?;
        make_folder(&config.data_dir)?;
        if options.fresh {
            clear(&config)?;
        }
        let store = open_store(&config.database).await?;
        let passwords = if is_local { Passwords::Fixed } else { Passwords::Random };
        let accounts = demo::prepare(&store, &Clock::system(), &Hasher::new()?, passwords).await?;
        let service = Service::open(&config, store).await?;
        print(listener.local_addr()?, &accounts, passwords);
        service.run(&config, listener).await
    })
}

/// Deletes what an earlier demo has left.
fn clear(config: &Config) -> Result<(), Failure> {
    let index = zhihui::app::live::Idle::hold(&config.data_dir)?;
    for name in ["zhihui.db", "zhihui.db-wal", "zhihui.db-shm"] {
        let path = config.data_dir.join(name);
        match std::fs::remove_file(&path) {
            Err(error) if error.kind() != std::io::ErrorKind::NotFound => {
                return Err(format!("无法删除“{}”：{error}", path.display()).into());
            }
            _ => {}
        }
    }
    index.delete();
    Ok(())
}

fn print(address: SocketAddr, accounts: &[DemoAccount], passwords: Passwords) {
    println!("智汇演示：http://{address}\n");
    let row = |cells: [&str; 4]| {
        let padded = cells.iter().zip([14, 18, 22, 0]).map(|(cell, width)| padded(cell, width));
        println!("  {}", padded.collect::<String>().trim_end());
    };
    row(["角色", "用户名", "密码", "单位"]);
    for account in accounts {
        row([account.role.name(), &account.login, &account.password, &account.organisation]);
    }
    match passwords {
        Passwords::Fixed => println!("\n全部数据均为虚构，密码固定，只供在本机试用。按 Ctrl-C 停止。"),
        Passwords::Random => println!("\n全部数据均为虚构；密码每次启动随机产生。按 Ctrl-C 停止。"),
    }
}

/// Filled with spaces to a width on the terminal, where a Chinese character takes two places.
fn padded(text: &str, width: usize) -> String {
    let taken: usize = text.chars().map(|c| if c.is_ascii() { 1 } else { 2 }).sum();
    format!("{text}{}", " ".repeat(width.saturating_sub(taken)))
}
