//! What people and scripts see of the commands: output, messages, exit codes.

use std::path::Path;
use std::process::{Command, Output};

fn zhihui(cache: &Path, arguments: &[&str]) -> Output {
    Command::new(env!("CARGO_BIN_EXE_zhihui")).args(arguments).env("ZHIHUI_CACHE", cache).output().unwrap()
}

const NEED: &str = "动力电池模组热失控蔓延的抑制与预警";

#[test]
fn reasons_add_up_to_the_score_and_per_cent_follow_it() {
    let cache = tempfile::tempdir().unwrap();
    let output = zhihui(cache.path(), &["match", "--json", NEED]);
    assert!(output.status.success(), "{output:?}");
    let list: serde_json::Value = serde_json::from_slice(&output.stdout).unwrap();
    let talents = list["talents"].as_array().unwrap();
    assert_eq!(talents.len(), 10);
    for talent in talents {
        let points: f64 =
            talent["contributions"].as_array().unwrap().iter().map(|c| c["points"].as_f64().unwrap()).sum();
        assert!((points - talent["score"].as_f64().unwrap()).abs() < 1e-4, "{talent}");
        assert!(talent["proofs"].as_array().unwrap().len() <= 3);
    }
    let percents: Vec<f64> = talents.iter().map(|t| t["percent"].as_f64().unwrap()).collect();
    assert!(percents.is_sorted_by(|a, b| a >= b), "{percents:?}");
    let words = &talents[0]["words"];
    assert!(words["matched"].as_array().unwrap().contains(&"热失控".into()), "{words}");
    let parts = talents[0]["proofs"][0]["title"].as_array().unwrap();
    let title: String = parts.iter().map(|p| p["text"].as_str().unwrap()).collect();
    assert_eq!(title, talents[0]["proofs"][0]["evidence"]["title"].as_str().unwrap());
    assert!(parts.iter().any(|p| p["hit"] == true), "{parts:?}");

    let explained = zhihui(cache.path(), &["explain", "--json", "--talent", "T035", NEED]);
    let explained: serde_json::Value = serde_json::from_slice(&explained.stdout).unwrap();
    let listed = talents.iter().find(|t| t["talent"]["id"] == "T035").unwrap();
    assert_eq!(explained["recommendation"]["rank"], listed["rank"]);
    assert_eq!(explained["recommendation"]["score"], listed["score"]);
}

#[test]
fn explain_tells_of_a_talent_that_nothing_matches_and_of_words_in_profiles_only() {
    let folder = tempfile::tempdir().unwrap();
    let talents = folder.path().join("talents.jsonl");
    let talent = |id: &str, keyword: &str, title: &str| {
        format!(
            r#"{{"id":"{id}","kind":"team","name":"示例{id}","organization":"示例","keywords":["{keyword}"],"evidence":[{{"id":"e{id}","type":"paper","title":"{title}"}}]}}"#
        )
    };
    let rows = [talent("a", "热失控", "电池包结构"), talent("b", "水稻", "杂交育种"), talent("c", "齿轮", "减速器")];
    std::fs::write(&talents, rows.join("\n")).unwrap();
    let ask = |id: &str| {
        let arguments =
            ["explain", "--json", "--talents", talents.to_str().unwrap(), "--talent", id, "电池热失控与钒液流"];
        let output = zhihui(&folder.path().join("cache"), &arguments);
        assert!(output.status.success(), "{output:?}");
        serde_json::from_slice::<serde_json::Value>(&output.stdout).unwrap()
    };
    let listed = ask("a");
    assert_eq!(listed["found"], "listed");
    let words = &listed["recommendation"]["words"];
    assert_eq!(words["matched"], serde_json::json!(["电池", "热失控"]), "{words}");
    assert!(
        words["unknown"].as_array().unwrap().contains(&"钒液流".into())
            || words["unknown"].as_array().unwrap().contains(&"液流".into()),
        "{words}"
    );
    let absent = ask("b");
    assert_eq!(absent["found"], "no_match", "{absent}");
    assert_eq!(absent["words"]["missing"], serde_json::json!(["电池", "热失控"]), "{absent}");
}

#[test]
fn bad_input_gets_a_message_and_exit_code_1() {
    let cache = tempfile::tempdir().unwrap();
    for (arguments, message) in [
        (&["match", ""][..], "没有可检索的词"),
        (&["match", "热"], "没有可检索的词"),
        (&["match", "！？，。"], "没有可检索的词"),
        (&["match", "\u{1}\u{2}"], "没有可检索的词"),
        (&["match", "--talents", "nowhere.jsonl", NEED], "找不到文件"),
        (&["match", "--talents", "Cargo.toml", NEED], "不支持的文件类型"),
        (&["match", "--ranking", "Cargo.toml", NEED], "排序文件无法读取"),
        (&["explain", "--talent", "nobody", NEED], "没有编号 nobody 的人才"),
    ] {
        let output = zhihui(cache.path(), arguments);
        let stderr = String::from_utf8(output.stderr).unwrap();
        assert_eq!(output.status.code(), Some(1), "{arguments:?}");
        assert!(stderr.contains(message), "{arguments:?}: {stderr}");
    }
}

#[test]
fn refused_rows_are_named_on_every_call_and_the_rest_is_used() {
    let folder = tempfile::tempdir().unwrap();
    let talents = folder.path().join("talents.jsonl");
    let good = r#"{"id":"a","kind":"team","name":"示例队","organization":"示例","keywords":["热失控"],"evidence":[]}"#;
    std::fs::write(&talents, format!("{good}\n{{\"id\": 3\n")).unwrap();
    for call in ["first", "from the kept index"] {
        let output = zhihui(&folder.path().join("cache"), &["match", "--talents", talents.to_str().unwrap(), "热失控"]);
        assert_eq!(output.status.code(), Some(1), "{call}: {output:?}");
        assert!(String::from_utf8(output.stderr).unwrap().contains("第 2 行"), "{call}");
        assert!(String::from_utf8(output.stdout).unwrap().contains("示例队"), "{call}");
    }
}

/// A file that may not grow stands for a full disk: the write fails in the same place.
#[test]
#[cfg(unix)]
fn a_full_disk_while_indexing_is_said_and_leaves_nothing() {
    let mut refused = 0;
    // Blocks of 512 or 1024 bytes, as the shell counts; the largest leaves room for everything.
    for blocks in ["16", "256", "900", "1000000"] {
        let folder = tempfile::tempdir().unwrap();
        let script = format!("trap '' XFSZ; ulimit -f {blocks}; exec \"$0\" match --json \"$1\"");
        let output = Command::new("sh")
            .args(["-c", &script, env!("CARGO_BIN_EXE_zhihui"), NEED])
            .env("ZHIHUI_CACHE", folder.path())
            .output()
            .unwrap();
        let kept: Vec<_> = std::fs::read_dir(folder.path()).unwrap().map(|e| e.unwrap().file_name()).collect();
        if output.status.success() {
            assert_eq!(kept.len(), 1, "{blocks}: {kept:?}");
            continue;
        }
        refused += 1;
        let message = String::from_utf8(output.stderr).unwrap();
        assert!(kept.is_empty(), "{blocks}: {kept:?}");
        assert!(output.stdout.is_empty());
        assert!(message.contains("索引") && !message.contains("panicked"), "{blocks}: {message}");
    }
    assert!((1..4).contains(&refused), "{refused}");
}
