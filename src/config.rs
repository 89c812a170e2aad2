//! Configuration: flags, environment and an optional file become one [`Config`], read once.
//!
//! A flag wins over the environment, that over the file, that over the default. All that is wrong
//! is reported at once, each with its name, where it was said, and what would do. The database's
//! address may hold a password: it has no flag (others see a process's arguments), and neither
//! `Debug` nor a message shows it.

mod sources;
mod values;

use std::net::SocketAddr;
use std::path::PathBuf;

pub use sources::{Environment, Flags};
pub use values::{DatabaseUrl, LogFormat};

use crate::app::board::seal::Seals;
use crate::app::mail::{MailSettings, Mailer};
use crate::web::Settings;
use sources::Sources;

/// What can be said, and by which names.
#[derive(Debug, Clone, Copy)]
struct Setting {
    /// In the file.
    key: &'static str,
    /// In the environment.
    variable: &'static str,
    is_secret: bool,
}

const fn setting(key: &'static str, variable: &'static str) -> Setting {
    Setting { key, variable, is_secret: false }
}

const DATA_DIR: Setting = setting("data_dir", "ZHIHUI_DATA");
const DATABASE: Setting = Setting { is_secret: true, ..setting("database_url", "DATABASE_URL") };
const ADDRESS: Setting = setting("address", "ZHIHUI_ADDR");
const SECURE_COOKIES: Setting = setting("secure_cookies", "ZHIHUI_SECURE_COOKIES");
const BEHIND_PROXY: Setting = setting("behind_proxy", "ZHIHUI_BEHIND_PROXY");
const REQUESTS: Setting = setting("requests_per_second", "ZHIHUI_REQUESTS_PER_SECOND");
const CONNECTIONS: Setting = setting("max_connections", "ZHIHUI_MAX_CONNECTIONS");
const SMTP: Setting = Setting { is_secret: true, ..setting("smtp_url", "ZHIHUI_SMTP_URL") };
const MAIL_FROM: Setting = setting("mail_from", "ZHIHUI_MAIL_FROM");
const PUBLIC_URL: Setting = setting("public_url", "ZHIHUI_PUBLIC_URL");
const SEAL_KEYS: Setting = Setting { is_secret: true, ..setting("seal_keys", "ZHIHUI_SEAL_KEYS") };
const LOG_FORMAT: Setting = setting("log_format", "ZHIHUI_LOG_FORMAT");
const LOG_LEVEL: Setting = setting("log_level", "ZHIHUI_LOG");
const SETTINGS: [Setting; 13] = [
    DATA_DIR,
    DATABASE,
    ADDRESS,
    SECURE_COOKIES,
    BEHIND_PROXY,
    REQUESTS,
    CONNECTIONS,
    SMTP,
    MAIL_FROM,
    PUBLIC_URL,
    SEAL_KEYS,
    LOG_FORMAT,
    LOG_LEVEL,
];

/// What the service was told, checked.
#[derive(Debug, Clone)]
pub struct Config {
    /// Absolute. Holds the embedded database, the index and attachments.
    pub data_dir: PathBuf,
    pub database: DatabaseUrl,
    pub address: SocketAddr,
    pub web: Settings,
    /// Connections that are served at once; more wait.
    pub max_connections: usize,
    /// None: nothing is mailed.
    pub mail: Option<Mailer>,
    /// What bids are sealed with. None: the embedded database has a file for it, beside it.
    pub seals: Option<Seals>,
    pub log: Log,
}

/// How the log is written.
#[derive(Debug, Clone)]
pub struct Log {
    pub format: LogFormat,
    /// In the words of `tracing_subscriber::EnvFilter`: `info`, `warn,zhihui=debug`.
    pub filter: String,
}

/// One thing that is wrong.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("{origin}：{message}")]
pub struct ConfigProblem {
    /// The name, and where it was said: `环境变量 ZHIHUI_ADDR`.
    pub origin: String,
    pub message: String,
}

/// All that is wrong.
#[derive(Debug, thiserror::Error)]
#[error("配置有 {} 处不对：\n{}", .0.len(), .0.iter().map(|p| format!("  {p}")).collect::<Vec<_>>().join("\n"))]
pub struct ConfigError(pub Vec<ConfigProblem>);

impl Config {
    /// # Errors
    /// [`ConfigError`] with everything that will not do.
    pub fn read(flags: &Flags, environment: Environment<'_>) -> Result<Self, ConfigError> {
        let mut from = Sources::new(flags, environment);
        let fallback = values::default_data_dir(environment);
        let data_dir = from.take(DATA_DIR, values::folder, fallback.clone().unwrap_or_default());
        if data_dir.as_os_str().is_empty() && fallback.is_none() {
            let message = "没有指定数据文件夹，也没有 HOME 可供推定：请设置 ZHIHUI_DATA 或 --data-dir";
            from.problem("数据文件夹".into(), message.into());
        }
        let embedded = DatabaseUrl::embedded(&data_dir);
        let web = Settings::default();
        let config = Self {
            database: from.take(DATABASE, DatabaseUrl::parse, embedded),
            address: from.take(ADDRESS, values::address, SocketAddr::from(([127, 0, 0, 1], 8080))),
            web: Settings {
                secure: from.take(SECURE_COOKIES, values::truth, web.secure),
                behind_proxy: from.take(BEHIND_PROXY, values::truth, web.behind_proxy),
                requests_per_second: from.take(REQUESTS, values::number(1..=1_000_000), web.requests_per_second),
            },
            mail: mail(&mut from),
            seals: from.take(SEAL_KEYS, |text| Seals::parse(text).map(Some).map_err(|e| e.to_string()), None),
            max_connections: from.take(CONNECTIONS, values::number(1..=65_536), 1024) as usize,
            log: Log {
                format: from.take(LOG_FORMAT, LogFormat::parse, LogFormat::Text),
                filter: from.take(LOG_LEVEL, values::filter, "info".into()),
            },
            data_dir,
        };
        from.finish().map(|()| config)
    }
}

/// Mail goes out only where all three are said.
fn mail(from: &mut Sources<'_>) -> Option<Mailer> {
    let text = |text: &str| Ok(Some(text.to_owned()));
    let server = from.take(SMTP, text, None)?;
    let said = [from.take(MAIL_FROM, text, None), from.take(PUBLIC_URL, text, None)];
    let [Some(sender), Some(public_url)] = said else {
        let message = "设置了 smtp_url，还要设置 mail_from（发件人）和 public_url（邮件里链接的网站地址）";
        from.problem("邮件".into(), message.into());
        return None;
    };
    let made = Mailer::new(&MailSettings { server, from: sender, public_url });
    made.map_err(|message| from.problem("邮件".into(), message)).ok()
}

#[cfg(test)]
mod tests;
