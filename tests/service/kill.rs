//! SIGKILL at random moments while programs import, edit a profile and match over HTTP: what was
//! acknowledged is there after the next start, the store is sound, and the index holds as many
//! talents and pieces as a rebuild (tests/follower compares what they are). `ZHIHUI_KILLS` sets how often (default 4).

use std::collections::BTreeSet;
use std::io::Write;
use std::net::TcpStream;
use std::path::Path;
use std::sync::Mutex;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use zhihui::matching::random::SplitMix64;

use crate::process::{Running, rest, zhihui};

/// Talents of one import.
const AT_ONCE: usize = 20;

fn start(folder: &Path) -> Running {
    let mut command = zhihui(folder, &["demo", "--addr", "127.0.0.1:0", "--log-format", "json"]);
    // Nobody reads the log while requests run.
    command.env("ZHIHUI_LOG", "error,zhihui::cli=info").env("ZHIHUI_REQUESTS_PER_SECOND", "1000000");
    Running::start(command)
}

/// One request on a connection of its own; `None` if the service was killed before it answered.
pub fn ask(address: &str, line: &str, headers: &[String], body: &[u8]) -> Option<(u16, String, Value)> {
    let mut stream = TcpStream::connect(address).ok()?;
    let mut head = format!("{line} HTTP/1.1\r\nhost: x\r\nconnection: close\r\ncontent-length: {}\r\n", body.len());
    headers.iter().for_each(|header| head.push_str(&format!("{header}\r\n")));
    stream.write_all(&[head.as_bytes(), b"\r\n", body].concat()).ok()?;
    let answer = rest(&mut stream);
    let (head, body) = answer.split_once("\r\n\r\n")?;
    let status = head.get(9..12)?.parse().ok()?;
    // What broke off is no answer.
    Some((status, head.to_owned(), serde_json::from_str(body).ok()?))
}

pub fn header(head: &str, name: &str) -> Option<String> {
    let lines = head.lines().filter_map(|line| line.split_once(": "));
    lines.filter(|(n, _)| n.eq_ignore_ascii_case(name)).map(|(_, v)| v.to_owned()).next()
}

fn sign_in(address: &str) -> Option<String> {
    let body = json!({ "login": "operator", "password": "zhihui-demo-only" }).to_string();
    let json = "content-type: application/json".to_owned();
    let (_, head, _) = ask(address, "POST /api/v1/session", &[json], body.as_bytes())?;
    Some(format!("cookie: {}", header(&head, "set-cookie")?.split(';').next()?))
}

/// Imports talents named after the run and the number of the import; `None` when it is over.
fn import(address: &str, cookie: &str, run: u64, number: usize) -> Option<()> {
    let talent = |n: usize| {
        json!({
            "id": format!("k{run}-{number}-{n}"), "kind": "team", "name": format!("示例团队 {run}-{number}-{n}"),
            "organization": "示例研究院", "keywords": ["热失控"],
            "evidence": [{ "id": format!("ke{run}-{number}-{n}"), "type": "paper", "title": "动力电池热失控预警" }]
        })
    };
    let lines: String = (0..AT_ONCE).map(|n| format!("{}\n", talent(n))).collect();
    let body = format!(
        "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"t.jsonl\"\r\n\r\n{lines}\r\n--b--\r\n"
    );
    let multipart = "content-type: multipart/form-data; boundary=b".to_owned();
    let headers = [cookie.to_owned(), multipart];
    let (status, _, preview) = ask(address, "POST /api/v1/imports", &headers, body.as_bytes())?;
    assert!(status < 300, "{status} {preview}");
    let line = format!("POST /api/v1/imports/{}/confirm", preview["id"].as_str().unwrap());
    let (status, _, done) = ask(address, &line, &[cookie.to_owned()], b"")?;
    assert!(status < 300, "{status} {done}");
    Some(())
}

/// Writes the number into the biography of a talent; `None` when it is over.
fn edit(address: &str, cookie: &str, number: u64) -> Option<()> {
    let (status, head, record) = ask(address, "GET /api/v1/talents/T001/record", &[cookie.to_owned()], b"")?;
    assert_eq!(status, 200, "{record}");
    let mut draft = json!({ "bio": format!("第 {number} 版") });
    for field in ["kind", "name", "organization", "region", "title", "keywords", "fields", "members"] {
        if !record[field].is_null() {
            draft[field] = record[field].clone();
        }
    }
    let headers = [
        cookie.to_owned(),
        "content-type: application/json".to_owned(),
        format!("if-match: {}", header(&head, "etag")?),
    ];
    let (status, _, kept) = ask(address, "PUT /api/v1/talents/T001", &headers, draft.to_string().as_bytes())?;
    assert_eq!(status, 200, "{kept}");
    Some(())
}

fn matched(address: &str) -> Option<()> {
    let body = json!({ "text": "动力电池模组热失控蔓延的抑制与预警", "top": 30 }).to_string();
    let json = "content-type: application/json".to_owned();
    let (status, _, found) = ask(address, "POST /api/v1/match", &[json], body.as_bytes())?;
    assert_eq!(status, 200, "{found}");
    assert!(!found["items"].as_array().unwrap().is_empty());
    Some(())
}

/// Waits until searches see all of the store; gives the counts of what they see.
fn caught_up(address: &str, cookie: &str) -> (u64, u64) {
    let until = Instant::now() + Duration::from_secs(60);
    loop {
        let (_, _, state) = ask(address, "GET /api/v1/index", &[cookie.to_owned()], b"").unwrap();
        if state["changes_behind"] == 0 && state["rebuilding"].is_null() {
            return (state["talents"].as_u64().unwrap(), state["evidence"].as_u64().unwrap());
        }
        assert!(Instant::now() < until, "{state}");
    }
}

#[test]
fn killed_while_it_serves_it_loses_nothing() {
    let kills: u64 = std::env::var("ZHIHUI_KILLS").ok().and_then(|n| n.parse().ok()).unwrap_or(4);
    let folder = tempfile::tempdir().unwrap();
    let mut random = SplitMix64::new(92);
    let imported = Mutex::new(BTreeSet::new());
    let edited = Mutex::new(0);
    for run in 0..kills {
        let service = start(folder.path());
        let (address, cookie) = (service.address.as_str(), sign_in(&service.address).unwrap());
        let first = *edited.lock().unwrap() + 1;
        let enough = 5 + random.below(40);
        let (answered, answers) = std::sync::mpsc::channel();
        std::thread::scope(|threads| {
            let (imports, edits, matches) = (answered.clone(), answered.clone(), answered);
            let (imported, edited, cookie) = (&imported, &edited, cookie.as_str());
            threads.spawn(move || {
                for number in 0.. {
                    let Some(()) = import(address, cookie, run, number) else { break };
                    imported.lock().unwrap().insert((run, number));
                    let _ = imports.send(());
                }
            });
            threads.spawn(move || {
                for number in first.. {
                    let Some(()) = edit(address, cookie, number) else { break };
                    *edited.lock().unwrap() = number;
                    let _ = edits.send(());
                }
            });
            threads.spawn(move || {
                while matched(address).is_some() {
                    let _ = matches.send(());
                }
            });
            // After so many answers, in the middle of others.
            answers.iter().take(enough).for_each(drop);
            service.signal("KILL");
        });
        drop(service);
    }
    let service = start(folder.path());
    let cookie = sign_in(&service.address).unwrap();
    for (run, number) in imported.into_inner().unwrap() {
        for n in [0, AT_ONCE - 1] {
            let line = format!("GET /api/v1/talents/k{run}-{number}-{n}");
            assert_eq!(ask(&service.address, &line, &[], b"").unwrap().0, 200, "{line}");
        }
    }
    let (_, _, talent) = ask(&service.address, "GET /api/v1/talents/T001", &[], b"").unwrap();
    let kept = talent["bio"].as_str().unwrap().split(' ').nth(1).unwrap().parse::<u64>().unwrap();
    let edited = edited.into_inner().unwrap();
    assert!(kept == edited || kept == edited + 1, "{kept} after {edited} was acknowledged");
    let followed = caught_up(&service.address, &cookie);
    service.signal("TERM");
    assert!(service.end().0.success());
    let data = folder.path().join("demo");
    let data = if data.is_dir() { data } else { folder.path().to_owned() };
    for arguments in [&["admin", "check"][..], &["reindex"]] {
        let output = zhihui(&data, arguments).output().unwrap();
        assert!(output.status.success(), "{arguments:?}: {}", String::from_utf8_lossy(&output.stderr));
    }
    let service = start(folder.path());
    let cookie = sign_in(&service.address).unwrap();
    assert_eq!(caught_up(&service.address, &cookie), followed, "as many as a rebuild finds");
}
