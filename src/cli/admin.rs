//! admin: what whoever runs the machine does to the store, while the service runs or not.

use std::io::{BufRead, IsTerminal};
use std::path::PathBuf;

use zhihui::app::admin::{self, backup};
use zhihui::app::board::judgements::collection;
use zhihui::app::secrets::Hasher;
use zhihui::app::{AppError, Clock, data, live};
use zhihui::config::Config;
use zhihui::store::{Census, Store};

use super::serve::{make_folder, open_store, runtime};
use super::{Failure, bar, show};

/// The commands.
#[derive(clap::Subcommand)]
pub enum Command {
    /// 建立系统管理员账号；密码随机产生并只显示这一次，或从标准输入读
    CreateAdministrator {
        /// 用户名：4 个字符以上，或电子邮箱
        #[arg(long)]
        login: String,
        /// 姓名
        #[arg(long)]
        name: String,
        /// 从标准输入的第一行读密码
        #[arg(long)]
        password_stdin: bool,
    },
    /// 为账号设一个临时密码并只显示这一次；其登录全部失效
    ResetPassword {
        #[arg(long)]
        login: String,
    },
    /// 换密钥之后：把揭榜内容改用最前面的密钥密封，服务可照常运行
    Reseal,
    /// 把已开榜的揭榜、中榜和签约结果写成评测集，供 `zhihui eval` 和 `tune` 使用
    Judgements {
        /// 写到这个文件夹：talents.jsonl、needs.jsonl、qrels.txt
        folder: PathBuf,
    },
    /// 核对数据库：结构、文件、引用、审计日志，并列出各表行数
    Check,
    /// 把内置数据库备份到新文件，服务可照常运行
    Backup { file: PathBuf },
    /// 从备份恢复到空的数据文件夹（服务须已停止）
    Restore {
        file: PathBuf,
        /// 文件夹里已有数据库时也恢复；原来的改名保留
        #[arg(long)]
        force: bool,
    },
}

/// # Errors
/// What the person must know.
pub fn run(command: Command, config: Config) -> Result<(), Failure> {
    runtime()?.block_on(async {
        match command {
            Command::CreateAdministrator { login, name, password_stdin } => {
                create_administrator(&config, &login, &name, password_stdin).await
            }
            Command::ResetPassword { login } => {
                let store = attach(&config).await?;
                let password = admin::password_reset(&store, &Clock::system(), &Hasher::new()?, &login).await;
                println!("{}", password.map_err(told)?);
                eprintln!("以上是 {login} 的临时密码，不会再次显示；下次登录后须修改");
                Ok(())
            }
            Command::Reseal => {
                let seals = super::serve::seals(&config)?.ok_or("没有配置 ZHIHUI_SEAL_KEYS")?;
                let count = admin::reseal(&attach(&config).await?, &seals).await?;
                println!("{count} 份内容已改用最前面的密钥密封；其余密钥可以撤去了");
                Ok(())
            }
            Command::Judgements { folder } => {
                let seals = super::serve::seals(&config)?.ok_or("没有配置 ZHIHUI_SEAL_KEYS")?;
                let found = collection(&attach(&config).await?, &seals).await?;
                found.write(&folder).map_err(|e| format!("不能写到“{}”：{e}", folder.display()))?;
                let (needs, judgements) = (found.needs.len(), found.judgements.len());
                println!("{needs} 个需求、{judgements} 条评判已写到“{}”", folder.display());
                Ok(())
            }
            Command::Check => {
                let census = attach(&config).await?.census().await?;
                print(&census);
                match census.is_current() {
                    true => Ok(()),
                    false => Err("数据库结构旧于本程序：启动一次 zhihui serve 即会升级".into()),
                }
            }
            Command::Backup { file } => {
                if config.database.file().is_none() {
                    return Err(POSTGRES_BACKUP.into());
                }
                let census = backup::backup(&attach(&config).await?, &file).await?;
                print(&census);
                println!("已备份到“{}”，并已核对", file.display());
                Ok(())
            }
            Command::Restore { file, force } => {
                let Some(database) = config.database.file() else { return Err(POSTGRES_RESTORE.into()) };
                let census = backup::restore(&file, &config.data_dir, &database, force).await?;
                print(&census);
                println!("已恢复到“{}”，与备份一致；索引会在启动时重建", database.display());
                Ok(())
            }
        }
    })
}

const POSTGRES_BACKUP: &str =
    "PostgreSQL 请用它自己的工具备份：pg_dump --format=custom --file=备份文件 \"$DATABASE_URL\"";
const POSTGRES_RESTORE: &str = "PostgreSQL 请用它自己的工具恢复到空数据库：pg_restore --no-owner --exit-on-error \
                                --dbname=\"$DATABASE_URL\" 备份文件，再运行 zhihui admin check 核对";

/// reindex: builds the index anew, with the service stopped.
///
/// # Errors
/// A service uses the index, or it cannot be written.
pub fn reindex(config: &Config) -> Result<(), Failure> {
    runtime()?.block_on(async {
        let store = attach(config).await?;
        let bar = bar("建立索引");
        let (ranking, taxonomy, shown) = (data::default_ranking()?, data::taxonomy()?, show(&bar));
        live::reindex(&store, &config.data_dir, ranking, taxonomy, shown).await?;
        bar.finish_and_clear();
        println!("索引已重建");
        Ok(())
    })
}

async fn create_administrator(config: &Config, login: &str, name: &str, from_stdin: bool) -> Result<(), Failure> {
    let password = if from_stdin { typed_password()? } else { admin::random_password()? };
    // The first command of a new installation: it makes the database.
    make_folder(&config.data_dir)?;
    let store = open_store(&config.database).await?;
    let (clock, hasher) = (Clock::system(), Hasher::new()?);
    let made = admin::administrator_create(&store, &clock, &hasher, login, name, &password).await.map_err(told)?;
    eprintln!("已建立系统管理员 {}（{}）", made.login, made.name);
    if !from_stdin {
        println!("{password}");
        eprintln!("以上是密码，不会再次显示");
    }
    Ok(())
}

fn typed_password() -> Result<String, Failure> {
    if std::io::stdin().is_terminal() {
        eprintln!("请输入密码（会显示在屏幕上）：");
    }
    let mut line = String::new();
    std::io::stdin().lock().read_line(&mut line).map_err(|_| "标准输入不是 UTF-8 文本")?;
    Ok(line.trim_end_matches(['\r', '\n']).to_owned())
}

/// The database as it is; none is made.
pub async fn attach(config: &Config) -> Result<Store, Failure> {
    if let Some(file) = config.database.file().filter(|f| !f.exists()) {
        return Err(format!("没有数据库“{}”：请检查 --data-dir（ZHIHUI_DATA）或 DATABASE_URL", file.display()).into());
    }
    Ok(Store::attach(config.database.secret()).await.map_err(|e| format!("{}：{e}", config.database))?)
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

fn print(census: &Census) {
    // How many bids there are is nobody's to know before opening.
    let told = || census.rows.iter().filter(|(table, _)| !table.starts_with("bid"));
    told().for_each(|(table, rows)| println!("{rows:>10}  {table}"));
    let total: i64 = told().map(|(_, rows)| rows).sum();
    println!("结构 {}，审计日志 {} 条一致，共 {total} 行（揭榜各表不计）", census.structure, census.audit);
}
