//! `zhihui demo`: data, accounts, and a second start.

use std::io::Write;
use std::net::TcpStream;

use crate::process::{Running, rest, zhihui};

fn demo(folder: &std::path::Path, more: &[&str]) -> Running {
    Running::start(zhihui(folder, &[&["demo", "--addr", "127.0.0.1:0", "--log-format", "json"], more].concat()))
}

fn ask(address: &str, head: &str, body: &str) -> String {
    let mut stream = TcpStream::connect(address).unwrap();
    let length = body.len();
    write!(stream, "{head} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-type: application/json\r\n").unwrap();
    write!(stream, "content-length: {length}\r\n\r\n{body}").unwrap();
    rest(&mut stream)
}

#[test]
fn every_role_signs_in_with_the_printed_password_also_after_a_restart() {
    let folder = tempfile::tempdir().unwrap();
    for start in 0..2 {
        let service = demo(folder.path(), &[]);
        let printed = service.printed();
        assert!(printed.contains(&format!("http://{}", service.address)), "{printed}");
        let logins: Vec<(String, String)> = printed
            .lines()
            .filter(|line| line.contains("zhihui-demo-only"))
            .map(|line| line.split_whitespace().map(str::to_owned).collect::<Vec<_>>())
            .map(|cells| (cells[1].clone(), cells[2].clone()))
            .collect();
        assert_eq!(logins.len(), 12, "{printed}");
        for (login, password) in logins {
            let body = format!(r#"{{"login":"{login}","password":"{password}"}}"#);
            let answer = ask(&service.address, "POST /api/v1/session", &body);
            assert!(answer.starts_with("HTTP/1.1 200"), "start {start}, {login}: {answer}");
        }
        let needs = ask(&service.address, "GET /api/v1/published-needs?limit=100", "");
        assert_eq!(needs.matches(r#""organization""#).count(), 39, "42 but for a draft and two submitted: {needs}");
        service.signal("TERM");
        let (status, log) = service.end();
        assert!(status.success(), "{log}");
    }
    demo(folder.path(), &["--fresh"]);
}

#[test]
fn the_demo_is_for_this_machine_unless_told() {
    let folder = tempfile::tempdir().unwrap();
    let output = zhihui(folder.path(), &["demo", "--addr", "0.0.0.0:0"]).output().unwrap();
    assert_eq!(output.status.code(), Some(1));
    let told = String::from_utf8_lossy(&output.stderr).into_owned();
    assert!(told.contains("不是本机地址") && told.contains("--allow-remote"), "{told}");
    let remote = ["demo", "--addr", "0.0.0.0:0", "--allow-remote", "--log-format", "json"];
    let service = Running::start(zhihui(folder.path(), &remote));
    assert!(!service.printed().contains("zhihui-demo-only"), "{}", service.printed());
    assert!(service.printed().contains("administrator"));
}
