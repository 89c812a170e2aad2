//! `zhihui serve` as whoever operates it meets it: messages, exit codes, a stop that loses nothing.

use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::process::Output;

use crate::process::{Running, rest, zhihui};

fn serve(folder: &std::path::Path) -> Running {
    Running::start(zhihui(folder, &["serve", "--addr", "127.0.0.1:0", "--log-format", "json"]))
}

fn told(output: &Output) -> String {
    String::from_utf8_lossy(&output.stderr).into_owned()
}

#[test]
fn what_is_in_flight_when_it_stops_is_finished() {
    for name in ["TERM", "INT"] {
        let folder = tempfile::tempdir().unwrap();
        let mut service = serve(folder.path());
        let mut idle = TcpStream::connect(&service.address).unwrap();
        let mut busy = TcpStream::connect(&service.address).unwrap();
        let body = r#"{"login":"nobody","password":"x"}"#;
        let head = "POST /api/v1/session HTTP/1.1\r\nhost: x\r\nexpect: 100-continue\r\ncontent-type: application/json";
        write!(busy, "{head}\r\ncontent-length: {}\r\n\r\n", body.len()).unwrap();
        // The handler asks for the body: the request is in flight.
        let mut line = String::new();
        BufReader::new(&busy).read_line(&mut line).unwrap();
        assert!(line.starts_with("HTTP/1.1 100"), "{line}");
        service.signal(name);
        service.wait_for("stopping: what is in flight is finished first");
        busy.write_all(body.as_bytes()).unwrap();
        let answer = rest(&mut busy);
        assert!(answer.contains("HTTP/1.1 401") && answer.contains("sign-in-failed"), "{answer}");
        assert_eq!(rest(&mut idle), "", "an idle connection is just closed");
        let address = service.address.clone();
        let (status, log) = service.end();
        assert!(status.success(), "{log}");
        assert!(log.contains(r#""cut_off":0"#), "{log}");
        assert!(TcpStream::connect(address).is_err());
    }
}

#[test]
fn a_second_start_finds_what_the_first_has_kept() {
    let folder = tempfile::tempdir().unwrap();
    for _ in 0..2 {
        let service = serve(folder.path());
        let mut stream = TcpStream::connect(&service.address).unwrap();
        stream.write_all(b"GET /readyz HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n").unwrap();
        let answer = rest(&mut stream);
        assert!(answer.starts_with("HTTP/1.1 200"), "{answer}");
        service.signal("TERM");
        assert!(service.end().0.success());
    }
    assert!(folder.path().join("zhihui.db").exists());
}

#[test]
fn an_address_in_use_is_told_before_anything_is_made() {
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let address = taken.local_addr().unwrap().to_string();
    let folder = tempfile::tempdir().unwrap();
    let output = zhihui(folder.path(), &["serve", "--addr", &address]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    assert!(told(&output).contains(&format!("地址 {address} 已被另一个程序占用")), "{}", told(&output));
    assert!(!folder.path().join("zhihui.db").exists());
}

#[test]
fn a_database_that_is_away_is_told_without_its_password() {
    let closed = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap();
    let folder = tempfile::tempdir().unwrap();
    let url = format!("postgres://zhihui:SECRET@{closed}/zhihui");
    let output = zhihui(folder.path(), &["serve", "--addr", "127.0.0.1:0"]).env("DATABASE_URL", url).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let told = told(&output);
    assert!(told.contains(&format!("PostgreSQL {closed}/zhihui：数据库连接不上")), "{told}");
    assert!(!told.contains("SECRET"), "{told}");
}

#[test]
fn a_data_folder_that_cannot_be_written_is_told() {
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("file");
    std::fs::write(&file, "").unwrap();
    let output = zhihui(&file.join("data"), &["serve", "--addr", "127.0.0.1:0"]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let told = told(&output);
    assert!(told.contains("数据文件夹") && told.contains("不能写入") && told.contains("ZHIHUI_DATA"), "{told}");
}

#[test]
fn a_wrong_configuration_has_its_own_exit_code() {
    let folder = tempfile::tempdir().unwrap();
    let mut command = zhihui(folder.path(), &["serve", "--addr", "nowhere", "--log-level", "loud"]);
    let output = command.output().unwrap();
    assert_eq!(output.status.code(), Some(2));
    let told = told(&output);
    assert!(told.contains("配置有 2 处不对") && told.contains("--addr") && told.contains("--log-level"), "{told}");
}

#[test]
fn the_metrics_tell_of_the_index_the_database_and_failed_sign_ins() {
    let folder = tempfile::tempdir().unwrap();
    let service = serve(folder.path());
    let ask = |request: &str| {
        let mut stream = TcpStream::connect(&service.address).unwrap();
        stream.write_all(request.as_bytes()).unwrap();
        rest(&mut stream)
    };
    let body = r#"{"login":"nobody","password":"x"}"#;
    let head = "POST /api/v1/session HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: application/json";
    ask(&format!("{head}\r\ncontent-length: {}\r\n\r\n{body}", body.len()));
    let metrics = ask("GET /metrics HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
    for line in [
        "zhihui_sign_in_failures 1",
        "zhihui_index_changes_behind 0",
        "zhihui_index_seconds_behind 0",
        r#"zhihui_database_connections{state="used"}"#,
        r#"zhihui_request_seconds_count{method="POST",route="/api/v1/session",status="401"} 1"#,
    ] {
        assert!(metrics.lines().any(|l| l.starts_with(line)), "{line} is not in\n{metrics}");
    }
}
