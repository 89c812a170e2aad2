//! What the text of each setting means.

use std::net::SocketAddr;
use std::ops::RangeInclusive;
use std::path::{Path, PathBuf};

use super::Environment;

/// The address of the database; it may hold a password, so it is shown without.
#[derive(Clone, PartialEq, Eq)]
pub struct DatabaseUrl(String);

impl DatabaseUrl {
    /// The SQLite file of a data folder.
    pub fn embedded(data_dir: &Path) -> Self {
        Self(format!("sqlite:{}?mode=rwc", escaped(&data_dir.join("zhihui.db"))))
    }

    pub(super) fn parse(text: &str) -> Result<Self, String> {
        match text.split_once(':') {
            Some(("sqlite" | "postgres" | "postgresql", rest)) if !rest.is_empty() => Ok(Self(text.to_owned())),
            _ => Err("数据库地址应以 sqlite: 或 postgres: 开头，如 postgres://用户@主机/库".into()),
        }
    }

    /// As the database's driver takes it, with the password.
    pub fn secret(&self) -> &str {
        &self.0
    }

    /// The file of an SQLite database.
    pub fn file(&self) -> Option<PathBuf> {
        let rest = self.0.strip_prefix("sqlite:")?;
        let path = rest.strip_prefix("//").unwrap_or(rest).split('?').next()?;
        Some(PathBuf::from(path.replace("%3f", "?").replace("%23", "#").replace("%25", "%")))
    }
}

/// Without the password.
impl std::fmt::Display for DatabaseUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self.file() {
            Some(path) => write!(f, "SQLite {}", path.display()),
            None => {
                let place = self
                    .0
                    .rsplit_once('@')
                    .map_or_else(|| self.0.split_once("://").map_or("", |u| u.1), |(_, place)| place);
                write!(f, "PostgreSQL {}", place.split('?').next().unwrap_or_default())
            }
        }
    }
}

impl std::fmt::Debug for DatabaseUrl {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "DatabaseUrl({self})")
    }
}

/// What would end the path of a URL, escaped.
fn escaped(path: &Path) -> String {
    path.display().to_string().replace('%', "%25").replace('?', "%3f").replace('#', "%23")
}

/// How a line of the log looks.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LogFormat {
    Text,
    Json,
}

impl LogFormat {
    pub(super) fn parse(text: &str) -> Result<Self, String> {
        match text {
            "text" => Ok(Self::Text),
            "json" => Ok(Self::Json),
            _ => Err("应是 text 或 json".into()),
        }
    }
}

/// `$XDG_DATA_HOME/zhihui`, else `~/.local/share/zhihui`: where it lies must not depend on the
/// folder that a command happens to be typed in.
pub(super) fn default_data_dir(environment: Environment<'_>) -> Option<PathBuf> {
    let said = |name| environment(name).filter(|v| !v.is_empty()).map(PathBuf::from).filter(|p| p.is_absolute());
    let base = said("XDG_DATA_HOME").or_else(|| Some(said("HOME")?.join(".local/share")))?;
    Some(base.join("zhihui"))
}

pub(super) fn folder(text: &str) -> Result<PathBuf, String> {
    if text.is_empty() || text.contains('\0') {
        return Err("应是文件夹的路径".into());
    }
    std::path::absolute(text).map_err(|e| format!("不是可用的路径：{e}"))
}

pub(super) fn address(text: &str) -> Result<SocketAddr, String> {
    text.parse().map_err(|_| "应是“地址:端口”，如 127.0.0.1:8080 或 [::]:8080".into())
}

pub(super) fn truth(text: &str) -> Result<bool, String> {
    match text {
        "true" | "1" | "yes" => Ok(true),
        "false" | "0" | "no" => Ok(false),
        _ => Err("应是 true 或 false".into()),
    }
}

pub(super) fn number(range: RangeInclusive<u32>) -> impl Fn(&str) -> Result<u32, String> {
    move |text| {
        let number = text.parse().ok().filter(|n| range.contains(n));
        number.ok_or_else(|| format!("应是 {} 到 {} 的整数", range.start(), range.end()))
    }
}

pub(super) fn filter(text: &str) -> Result<String, String> {
    match tracing_subscriber::EnvFilter::try_new(text) {
        // A word that is no level is taken for the name of a module, and nothing would be logged.
        Ok(_) if text.contains('=') || LEVELS.contains(&text.to_lowercase().as_str()) => Ok(text.to_owned()),
        _ => Err(format!("应是 {} 之一，或“模块=级别”用逗号隔开", LEVELS.join("、"))),
    }
}

const LEVELS: [&str; 6] = ["off", "error", "warn", "info", "debug", "trace"];
