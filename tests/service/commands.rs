//! `zhihui admin …` as it is typed.

use std::io::Write;
use std::path::Path;
use std::process::{Command, Output, Stdio};

use zhihui::app::secrets::Hasher;
use zhihui::store::Store;

use crate::process::zhihui;

fn admin(folder: &Path, arguments: &[&str]) -> Command {
    zhihui(folder, &[&["admin"], arguments].concat())
}

fn ok(mut command: Command) -> (String, String) {
    let Output { status, stdout, stderr } = command.output().unwrap();
    let text = |bytes: Vec<u8>| String::from_utf8(bytes).unwrap();
    let (out, err) = (text(stdout), text(stderr));
    assert!(status.success(), "{err}");
    (out, err)
}

fn refused(mut command: Command) -> String {
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(1), "{output:?}");
    String::from_utf8(output.stderr).unwrap()
}

/// Whether the password opens the account.
fn opens(folder: &Path, login: &str, password: &str) -> bool {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    runtime.block_on(async {
        let store = Store::open(&format!("sqlite:{}", folder.join("zhihui.db").display())).await.unwrap();
        let account = store.account_by_login(login).await.unwrap().unwrap();
        store.close().await;
        Hasher::new().unwrap().verify(password, Some(&account.password_hash)).await.unwrap()
    })
}

#[test]
fn the_first_administrator_is_made_from_the_command_line() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("new/data");
    let make = |login| admin(&data, &["create-administrator", "--login", login, "--name", "示例·管理员"]);
    let (password, told) = ok(make("Boss"));
    assert!(told.contains("boss（示例·管理员）"), "{told}");
    assert!(!told.contains(password.trim()), "the password is alone on standard output");
    assert!(opens(&data, "boss", password.trim()));
    assert!(refused(make("boss")).contains("已有人使用"));

    let mut typed = make("second");
    let mut child = typed.arg("--password-stdin").stdin(Stdio::piped()).stdout(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all("four plain words here\r\n".as_bytes()).unwrap();
    let output = child.wait_with_output().unwrap();
    assert!(output.status.success() && output.stdout.is_empty(), "{output:?}");
    assert!(opens(&data, "second", "four plain words here"));

    let mut short = make("third");
    let mut child = short.arg("--password-stdin").stdin(Stdio::piped()).stderr(Stdio::piped()).spawn().unwrap();
    child.stdin.take().unwrap().write_all(b"short").unwrap();
    let output = child.wait_with_output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(String::from_utf8_lossy(&output.stderr).contains("密码"), "{output:?}");

    let (new, _) = ok(admin(&data, &["reset-password", "--login", "BOSS"]));
    assert!(opens(&data, "boss", new.trim()) && !opens(&data, "boss", password.trim()));
    let (verified, _) = ok(zhihui(&data, &["audit", "verify"]));
    assert!(verified.contains("审计日志 3 条"), "{verified}");
}

#[test]
fn backup_check_and_restore_by_command() {
    let folder = tempfile::tempdir().unwrap();
    let (data, other) = (folder.path().join("data"), folder.path().join("other"));
    let file = folder.path().join("backup.db");
    let file = file.to_str().unwrap();
    assert!(refused(admin(&data, &["backup", file])).contains("没有数据库"));
    assert!(!data.join("zhihui.db").exists(), "none is made by looking");
    let (password, _) = ok(admin(&data, &["create-administrator", "--login", "boss", "--name", "示例"]));
    let (backed_up, _) = ok(admin(&data, &["backup", file]));
    let (checked, _) = ok(admin(&data, &["check"]));
    assert!(backed_up.starts_with(&checked), "{backed_up} {checked}");
    ok(admin(&other, &["restore", file]));
    assert_eq!(ok(admin(&other, &["check"])).0, checked);
    assert!(opens(&other, "boss", password.trim()));
    assert!(refused(admin(&other, &["restore", file])).contains("--force"));
    ok(admin(&other, &["restore", file, "--force"]));
    ok(zhihui(&other, &["reindex"]));
}

#[test]
fn postgres_is_backed_up_by_its_own_tools_and_checked_by_ours() {
    let Ok(server) = std::env::var("ZHIHUI_TEST_POSTGRES") else {
        return eprintln!("PostgreSQL not tested: ZHIHUI_TEST_POSTGRES is not set (tests/run sets it)");
    };
    let folder = tempfile::tempdir().unwrap();
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build().unwrap();
    let make = |name| runtime.block_on(crate::databases::postgres_empty(&server, name));
    let (from, to) = (make("backup_from"), make("backup_to"));
    let at = |url: &str, arguments: &[&str]| {
        let mut command = admin(folder.path(), arguments);
        command.env("DATABASE_URL", url);
        command
    };
    ok(at(&from, &["create-administrator", "--login", "boss", "--name", "示例"]));
    let (checked, _) = ok(at(&from, &["check"]));
    let file = folder.path().join("backup");
    assert!(refused(at(&from, &["backup", "x"])).contains("pg_dump --format=custom"));
    // What the message and the README say.
    let bin = std::env::var("ZHIHUI_TEST_POSTGRES_BIN").unwrap();
    let mut dump = Command::new(format!("{bin}/pg_dump"));
    dump.arg("--format=custom").arg(format!("--file={}", file.display())).arg(&from);
    ok(dump);
    let mut load = Command::new(format!("{bin}/pg_restore"));
    ok({
        load.args(["--no-owner", "--exit-on-error"]).arg(format!("--dbname={to}")).arg(&file);
        load
    });
    assert_eq!(ok(at(&to, &["check"])).0, checked);
    crate::databases::ran_on_postgres();
}
