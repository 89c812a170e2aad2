//! zhihui import: what people and scripts see of it, and that it leaves the store as it says.

use std::path::Path;
use std::process::{Command, Output};

fn import(data: &Path, arguments: &[&str]) -> Output {
    let mut command = Command::new(env!("CARGO_BIN_EXE_zhihui"));
    command.arg("import").args(arguments).env("ZHIHUI_DATA", data).env_remove("DATABASE_URL");
    command.output().unwrap()
}

fn text(output: &[u8]) -> String {
    String::from_utf8_lossy(output).into_owned()
}

const GOOD: &str = r#"{"id":"t1","kind":"researcher","name":"示例·甲某","organization":"示例大学","evidence":[{"id":"e1","type":"paper","title":"示例论文"}]}"#;

#[test]
fn talents_are_imported_and_bad_rows_reported() {
    let folder = tempfile::tempdir().unwrap();
    let (data, file) = (folder.path().join("data"), folder.path().join("talents.jsonl"));
    let file_name = file.to_str().unwrap();
    std::fs::write(&file, GOOD).unwrap();
    let checked = import(&data, &["--check", file_name]);
    assert!(checked.status.success() && !data.exists(), "a check writes nothing: {}", text(&checked.stderr));
    assert!(text(&checked.stdout).contains("新增 1，变更 0，未变 0，未通过 0"), "{}", text(&checked.stdout));
    let done = import(&data, &[file_name]);
    assert!(done.status.success() && text(&done.stdout).contains("新增 1"), "{}", text(&done.stderr));
    let again = import(&data, &[file_name]);
    assert!(
        again.status.success() && text(&again.stdout).contains("新增 0，变更 0，未变 1"),
        "{}",
        text(&again.stdout)
    );

    std::fs::write(
        &file,
        format!("{}\n{{\"id\":\"t2\",\"kind\":\"genius\",\"name\":\"示例\"}}\n", GOOD.replace("甲", "乙")),
    )
    .unwrap();
    let bad = import(&data, &["--check", file_name]);
    assert_eq!(bad.status.code(), Some(1));
    assert!(text(&bad.stderr).contains("第 2 行，列“kind”"), "{}", text(&bad.stderr));
    assert!(text(&bad.stdout).contains("新增 0，变更 1，未变 0，未通过 1"), "{}", text(&bad.stdout));
    let done = import(&data, &[file_name]);
    assert_eq!(done.status.code(), Some(1), "exit 1 if any was refused");
    assert!(text(&import(&data, &[file_name]).stdout).contains("未变 1"), "the check had not written it");
}

#[test]
fn files_are_told_apart_and_what_is_none_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let data = folder.path().join("data");
    let write = |name: &str, content: &str| {
        let path = folder.path().join(name);
        std::fs::write(&path, content).unwrap();
        path.to_str().unwrap().to_owned()
    };
    // Needs are drafts of enterprises that are there.
    for (name, content) in [
        ("needs.jsonl", "\n{\"id\":\"n1\",\"organization\":\"示例企业\",\"problem\":\"电池热失控\"}\n"),
        ("needs.csv", "编号,单位,技术问题\nn1,示例企业,电池热失控\n"),
    ] {
        let done = import(&data, &["--check", &write(name, content)]);
        assert_eq!(done.status.code(), Some(1));
        assert!(text(&done.stderr).contains("没有这个名称的已批准企业"), "{name}: {}", text(&done.stderr));
    }
    let missing = import(&data, &[folder.path().join("none.jsonl").to_str().unwrap()]);
    assert!(!missing.status.success() && text(&missing.stderr).contains("找不到文件"), "{}", text(&missing.stderr));
    let other = import(&data, &[&write("a.txt", "x")]);
    assert!(!other.status.success() && text(&other.stderr).contains("不支持的文件类型"), "{}", text(&other.stderr));
    assert_eq!(import(&data, &[]).status.code(), Some(2), "no file is named");
}
