//! Tests of how settings are found, checked and kept secret.

use std::collections::HashMap;
use std::ffi::OsString;
use std::path::Path;

use super::*;

fn read(flags: &Flags, variables: &[(&str, &str)]) -> Result<Config, ConfigError> {
    let variables: HashMap<&str, &str> = variables.iter().copied().collect();
    Config::read(flags, &|name| variables.get(name).map(OsString::from))
}

fn file(text: &str) -> (tempfile::TempDir, Flags) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("zhihui.toml");
    std::fs::write(&path, text).unwrap();
    (folder, Flags { config: Some(path), ..Flags::default() })
}

#[test]
fn defaults_are_an_embedded_database_on_this_machine_only() {
    let config = read(&Flags::default(), &[("HOME", "/home/a")]).unwrap();
    assert_eq!(config.data_dir, Path::new("/home/a/.local/share/zhihui"));
    assert_eq!(config.database.secret(), "sqlite:/home/a/.local/share/zhihui/zhihui.db?mode=rwc");
    assert!(config.address.ip().is_loopback());
    assert!(!config.web.behind_proxy, "the word of anybody's header would count");
}

#[test]
fn a_flag_wins_over_the_environment_and_that_over_the_file() {
    let (_folder, mut flags) = file("address = '1.1.1.1:1'\nlog_format = 'json'\nbehind_proxy = true\n");
    let home = ("HOME", "/h");
    assert_eq!(read(&flags, &[home]).unwrap().address.to_string(), "1.1.1.1:1");
    let variable = ("ZHIHUI_ADDR", "2.2.2.2:2");
    assert_eq!(read(&flags, &[home, variable]).unwrap().address.to_string(), "2.2.2.2:2");
    flags.addr = Some("3.3.3.3:3".into());
    let config = read(&flags, &[home, variable, ("ZHIHUI_LOG_FORMAT", "")]).unwrap();
    assert_eq!(config.address.to_string(), "3.3.3.3:3");
    assert_eq!((config.log.format, config.web.behind_proxy), (LogFormat::Json, true), "an empty variable says nothing");
}

#[test]
fn all_that_is_wrong_is_told_at_once_with_its_name_and_place() {
    let (folder, mut flags) = file("requests_per_second = 0\nadress = 'x'\nmax_connections = [1]\n");
    flags.log_level = Some("loud".into());
    let error = read(&flags, &[("HOME", "/h"), ("ZHIHUI_ADDR", "8080"), ("ZHIHUI_BEHIND_PROXY", "maybe")]);
    let problems = error.unwrap_err().0;
    let file = format!("配置文件“{}”的 ", folder.path().join("zhihui.toml").display());
    let origins: Vec<&str> = problems.iter().map(|p| p.origin.strip_prefix(&file).unwrap_or(&p.origin)).collect();
    let expected = [
        "adress",
        "环境变量 ZHIHUI_ADDR",
        "环境变量 ZHIHUI_BEHIND_PROXY",
        "requests_per_second",
        "max_connections",
        "参数 --log-level",
    ];
    assert_eq!(origins, expected);
    assert!(problems[1].message.contains("“8080”") && problems[1].message.contains("127.0.0.1:8080"));
}

#[test]
fn a_file_that_cannot_be_read_and_a_missing_home_are_told() {
    let flags = Flags { config: Some("/nowhere/zhihui.toml".into()), ..Flags::default() };
    let problems = read(&flags, &[]).unwrap_err().0;
    assert_eq!(problems.len(), 2, "{problems:?}");
    assert!(problems[0].message.contains("读不了") && problems[1].message.contains("ZHIHUI_DATA"));
    let (_folder, flags) = file("address = '1.1.1.1:1'\ndatabase_url = postgres://a:SECRET@h/d\n");
    let error = read(&flags, &[("HOME", "/h")]).unwrap_err();
    assert!(error.0[0].message.contains("第 2 行") && !error.to_string().contains("SECRET"), "{error}");
}

#[test]
fn the_password_of_the_database_is_never_shown() {
    let url = "postgres://zhihui:SECRET@db.example:5432/zhihui?sslmode=require";
    let config = read(&Flags::default(), &[("HOME", "/h"), ("DATABASE_URL", url)]).unwrap();
    assert_eq!(config.database.secret(), url);
    assert_eq!(config.database.to_string(), "PostgreSQL db.example:5432/zhihui");
    assert!(!format!("{config:?}").contains("SECRET"));
    let wrong = read(&Flags::default(), &[("HOME", "/h"), ("DATABASE_URL", "mysql://a:SECRET@h/d")]).unwrap_err();
    assert!(!format!("{wrong} {wrong:?}").contains("SECRET"));
}

#[test]
fn a_folder_may_hold_what_means_something_in_an_address() {
    let flags = Flags { data_dir: Some("/tmp/a?b#c%25".into()), ..Flags::default() };
    let config = read(&flags, &[]).unwrap();
    assert_eq!(config.database.file().unwrap(), Path::new("/tmp/a?b#c%25/zhihui.db"));
}

#[test]
fn mail_is_sent_only_where_all_of_it_is_said() {
    let home = ("HOME", "/h");
    assert!(read(&Flags::default(), &[home]).unwrap().mail.is_none(), "nothing is mailed by default");
    let server = ("ZHIHUI_SMTP_URL", "smtps://user:SECRET@mail.example.invalid");
    let (from, url) = (("ZHIHUI_MAIL_FROM", "a@example.invalid"), ("ZHIHUI_PUBLIC_URL", "https://z.example.invalid"));
    let config = read(&Flags::default(), &[home, server, from, url]).unwrap();
    assert!(config.mail.is_some() && !format!("{config:?}").contains("SECRET"));
    for said in [&[home, server][..], &[home, server, from], &[home, server, ("ZHIHUI_MAIL_FROM", "nobody"), url]] {
        let error = read(&Flags::default(), said).unwrap_err();
        assert_eq!(error.0.len(), 1, "{error}");
        assert!(error.to_string().contains("邮件") && !error.to_string().contains("SECRET"), "{error}");
    }
}
