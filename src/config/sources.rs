//! Where settings are said: flags, the environment, a file.

use std::ffi::OsString;
use std::path::PathBuf;

use super::{ADDRESS, ConfigError, ConfigProblem, DATA_DIR, LOG_FORMAT, LOG_LEVEL, SETTINGS, Setting};

/// Reads a variable of the environment.
pub type Environment<'a> = &'a dyn Fn(&str) -> Option<OsString>;

/// What the command line says, as it was typed.
#[derive(Debug, Clone, Default, clap::Args)]
pub struct Flags {
    /// 配置文件（TOML）；缺省读环境变量 ZHIHUI_CONFIG 所指的
    #[arg(long, value_name = "文件")]
    pub config: Option<PathBuf>,
    /// 数据文件夹：内置数据库、索引、附件（ZHIHUI_DATA；缺省 ~/.local/share/zhihui）
    #[arg(long, value_name = "文件夹")]
    pub data_dir: Option<String>,
    /// 监听地址（ZHIHUI_ADDR；缺省 127.0.0.1:8080）
    #[arg(long, value_name = "地址:端口")]
    pub addr: Option<String>,
    /// 日志格式：text 或 json（ZHIHUI_LOG_FORMAT）
    #[arg(long, value_name = "格式")]
    pub log_format: Option<String>,
    /// 日志级别：error、warn、info、debug，或按模块（ZHIHUI_LOG；缺省 info）
    #[arg(long, value_name = "级别")]
    pub log_level: Option<String>,
}

impl Flags {
    fn get(&self, key: &str) -> Option<(&str, &'static str)> {
        let said = [
            (DATA_DIR, &self.data_dir, "--data-dir"),
            (ADDRESS, &self.addr, "--addr"),
            (LOG_FORMAT, &self.log_format, "--log-format"),
            (LOG_LEVEL, &self.log_level, "--log-level"),
        ];
        said.into_iter().find(|(s, _, _)| s.key == key).and_then(|(_, value, flag)| Some((value.as_deref()?, flag)))
    }
}

/// All that was said, and what was found to be wrong with it.
pub(super) struct Sources<'a> {
    flags: &'a Flags,
    environment: Environment<'a>,
    file: Option<(PathBuf, toml::Table)>,
    problems: Vec<ConfigProblem>,
}

impl<'a> Sources<'a> {
    pub(super) fn new(flags: &'a Flags, environment: Environment<'a>) -> Self {
        let mut this = Self { flags, environment, file: None, problems: Vec::new() };
        let named = flags.config.clone().or_else(|| environment("ZHIHUI_CONFIG").map(PathBuf::from));
        if let Some(path) = named.filter(|p| !p.as_os_str().is_empty()) {
            this.read_file(path);
        }
        this
    }

    fn read_file(&mut self, path: PathBuf) {
        let origin = format!("配置文件“{}”", path.display());
        let text = match std::fs::read_to_string(&path) {
            Ok(text) => text,
            Err(error) => return self.problem(origin, format!("读不了：{error}；请检查路径和权限")),
        };
        match text.parse::<toml::Table>() {
            Ok(table) => {
                let known = |key: &str| SETTINGS.iter().any(|s| s.key == key);
                for key in table.keys().filter(|key| !known(key)) {
                    let names: Vec<&str> = SETTINGS.iter().map(|s| s.key).collect();
                    self.problem(format!("{origin}的 {key}"), format!("没有这个设置；可用的有 {}", names.join("、")));
                }
                self.file = Some((path, table));
            }
            // The parser's own text would quote the line, and with it perhaps a password.
            Err(error) => {
                let before = error.span().map_or("", |span| text.get(..span.start).unwrap_or_default());
                self.problem(origin, format!("第 {} 行不是合法的 TOML", before.matches('\n').count() + 1));
            }
        }
    }

    /// The first that says it, with its name; an empty variable says nothing.
    fn find(&self, setting: Setting) -> Option<(String, Result<String, &'static str>)> {
        if let Some((value, flag)) = self.flags.get(setting.key) {
            return Some((format!("参数 {flag}"), Ok(value.to_owned())));
        }
        if let Some(value) = (self.environment)(setting.variable).filter(|v| !v.is_empty()) {
            let value = value.into_string().map_err(|_| "不是 UTF-8 文本");
            return Some((format!("环境变量 {}", setting.variable), value));
        }
        let (path, table) = self.file.as_ref()?;
        let value = match table.get(setting.key)? {
            toml::Value::String(text) => Ok(text.clone()),
            toml::Value::Integer(number) => Ok(number.to_string()),
            toml::Value::Boolean(truth) => Ok(truth.to_string()),
            _ => Err("应是文字、整数或 true/false"),
        };
        Some((format!("配置文件“{}”的 {}", path.display(), setting.key), value))
    }

    /// The value that was said, else the default. What is wrong is noted.
    pub(super) fn take<T>(&mut self, setting: Setting, parse: impl Fn(&str) -> Result<T, String>, default: T) -> T {
        let Some((origin, said)) = self.find(setting) else { return default };
        let parsed = said.map_err(str::to_owned).and_then(|text| {
            let shown = if setting.is_secret { String::new() } else { format!("“{text}”") };
            parse(text.trim()).map_err(|wanted| format!("{shown}{wanted}"))
        });
        parsed.unwrap_or_else(|message| {
            self.problem(origin, message);
            default
        })
    }

    pub(super) fn problem(&mut self, origin: String, message: String) {
        self.problems.push(ConfigProblem { origin, message });
    }

    pub(super) fn finish(self) -> Result<(), ConfigError> {
        if self.problems.is_empty() { Ok(()) } else { Err(ConfigError(self.problems)) }
    }
}
