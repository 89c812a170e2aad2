//! Uploads: 1. the same bytes give the same as a file and as an upload; 2. the kind of file is told
//! by its content too; 3. what is too much is refused before it costs anything; 4. no NUL reaches
//! a caller, and no message holds what cannot be seen.

use std::time::{Duration, Instant};

use proptest::prelude::*;
use zhihui::app::files::{
    FileError, Intake, MAX_UPLOAD, Upload, read_authors, read_evidence, read_needs, read_talents, read_uploaded_needs,
    read_uploaded_talents,
};
use zhihui::domain::{Need, Talent};

use super::{EVIDENCE_EN, EVIDENCE_ZH, Folder, JSONL, TALENTS_EN, TALENTS_ZH, expected, gb18030, marks, workbook};

pub fn upload<'a>(name: &'a str, bytes: &'a (impl AsRef<[u8]> + ?Sized)) -> Upload<'a> {
    Upload { name, bytes: bytes.as_ref() }
}

fn talents(name: &str, bytes: impl AsRef<[u8]>) -> Result<Intake<Talent>, FileError> {
    read_uploaded_talents(upload(name, &bytes), None, &mut |_, _| {})
}

fn needs(name: &str, bytes: impl AsRef<[u8]>) -> Result<Intake<Need>, FileError> {
    read_uploaded_needs(upload(name, &bytes), &mut |_, _| {})
}

/// Most memory this process ever had, in MiB; a test has a process of its own under nextest.
pub fn peak() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").expect("Linux");
    let line = status.lines().find(|line| line.starts_with("VmHWM")).expect("peak");
    line.split_whitespace().nth(1).expect("kB").parse::<u64>().expect("number") >> 10
}

/// An intake or a code, to compare what two ways of reading gave.
fn outcome<T>(result: Result<Intake<T>, FileError>) -> Result<Intake<T>, &'static str> {
    result.map_err(|error| error.code())
}

#[test]
fn an_upload_reads_as_the_file_does() {
    let folder = Folder::new();
    let sheets = workbook(&[("talents", TALENTS_EN), ("evidence", EVIDENCE_EN)]);
    for (name, bytes) in [
        ("a.jsonl", JSONL.as_bytes().to_vec()),
        ("b.jsonl", format!("{JSONL}\n{{\n[1]\n").into_bytes()),
        ("c.csv", gb18030(TALENTS_ZH)),
        ("d.csv", b"id\n".to_vec()),
        ("e.xlsx", sheets.clone()),
        ("f.xlsx", sheets[..900].to_vec()),
        ("g.xls", vec![]),
    ] {
        let path = folder.file(name, &bytes);
        let silent = &mut |_: u64, _: u64| {};
        assert_eq!(outcome(talents(name, &bytes)), outcome(read_talents(&path, silent)), "{name}");
        assert_eq!(outcome(needs(name, &bytes)), outcome(read_needs(&path, silent)), "{name}");
    }
    let evidence = Some(upload("成果.csv", EVIDENCE_ZH));
    let both = read_uploaded_talents(upload("人才.csv", TALENTS_ZH), evidence, &mut |_, _| {}).expect("usable");
    assert_eq!(both, Intake { rows: expected(), problems: vec![] });
    let needless = read_uploaded_talents(upload("人才.xlsx", &sheets), evidence, &mut |_, _| {});
    assert_eq!(needless.expect_err("two").code(), "needless-evidence");
}

#[test]
fn the_content_must_be_of_the_kind_that_the_extension_says() {
    let ole2 = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1".to_vec();
    let encrypted: Vec<u8> = "EncryptedPackage".encode_utf16().flat_map(u16::to_le_bytes).collect();
    let encrypted = [ole2.clone(), vec![0; 1000], encrypted].concat();
    let sheets = workbook(&[("talents", TALENTS_EN)]);
    let cases: [(&str, &[u8], &str, &str); 13] = [
        ("a.csv", b"%PDF-1.7", "wrong-content", "其实是PDF 文件"),
        ("a.csv", &sheets, "wrong-content", "其实是ZIP 压缩包或 Office 文件"),
        ("a.jsonl", b"\x1f\x8b\x08", "wrong-content", "gzip"),
        ("a.csv", b"\xef\xbb\xbf <!doctype html><table>", "wrong-content", "网页"),
        ("a.csv", &ole2, "wrong-content", "旧的 Office 文件"),
        ("a.xlsx", &ole2, "legacy-excel", "另存为 .xlsx"),
        ("a.xlsx", &encrypted, "protected-workbook", "密码"),
        ("a.xlsx", b"%PDF-1.7", "wrong-content", "PDF"),
        ("a.xlsx", b"id,name", "bad-workbook", "不是可用的 XLSX"),
        ("a.xls", &ole2, "unknown-extension", "旧的 .xls 请先另存为 .xlsx"),
        ("a.bib", b"@article{a}", "unknown-extension", "请改用 .jsonl、.csv、.xlsx"),
        ("csv", b"", "unknown-extension", "不支持的文件类型“csv”"),
        ("", b"", "unknown-extension", "不支持的文件类型“”"),
    ];
    for (name, bytes, code, message) in cases {
        let error = talents(name, bytes).expect_err(message);
        assert_eq!(error.code(), code, "{name}: {error}");
        assert!(error.to_string().contains(message), "{name}: {error}");
    }
}

#[test]
fn what_is_too_much_is_refused_early() {
    let megabytes = |n: usize| n << 20;
    let many_needs = format!("id,problem\n{}", "A,p\n".repeat(10_003));
    let rows: String = (0..200_001).map(|n| format!("A{n},p\n")).collect();
    let rows = format!("id,problem\n{rows}");
    let open_quote = format!("id,problem\nA,p\nB,\"{}", "x,\n".repeat(megabytes(3)));
    let long_line = format!("id,problem\n{}\n", ",".repeat(megabytes(9)));
    let long_json = format!("{{}}\n{{\"id\":\"{}\"}}", "9".repeat(megabytes(9)));
    let targets = vec!["a=1"; 1_000].join(";");
    let targets: String = (0..3_001).map(|n| format!("A{n},p,{targets}\n")).collect();
    let targets = format!("id,problem,targets\n{targets}");
    let cases: [(&str, Vec<u8>, &str, &str); 9] = [
        ("a.csv", targets.into(), "content-too-large", "合计超过 3000000 项"),
        ("a.jsonl", vec![b'\n'; MAX_UPLOAD as usize + 1], "file-too-large", "超过 64 MB"),
        ("a.csv", vec![b'\n'; MAX_UPLOAD as usize + 1], "file-too-large", "超过 64 MB"),
        ("a.jsonl", long_json.into(), "line-too-long", "第 2 行起的一行超过 8 MB"),
        ("a.csv", long_line.into(), "line-too-long", "第 2 行起"),
        ("a.csv", open_quote.into(), "line-too-long", "请检查是否缺少换行或右引号"),
        ("a.csv", rows.into(), "too-many-rows", "超过 200000 行"),
        ("a.csv", many_needs.into(), "too-many-problems", "到第 10004 行已有 10000 处以上问题"),
        ("a.jsonl", "[]\n".repeat(megabytes(1)).into(), "too-many-problems", "第一处是：a.jsonl 第 1 行"),
    ];
    for (name, bytes, code, message) in cases {
        let start = Instant::now();
        let error = needs(name, bytes).expect_err(message);
        assert_eq!(error.code(), code, "{error}");
        assert!(error.to_string().contains(message), "{error}");
        assert!(start.elapsed() < Duration::from_secs(20), "{code} took {:?}", start.elapsed());
    }
}

#[test]
fn one_record_may_not_hold_too_much_either() {
    let talent = |more: String| format!(r#"{{"id":"T9","kind":"team","name":"乙","organization":"院",{more}}}"#);
    let list = |item: &str, count: usize| vec![item; count].join(",");
    let unknown: String = (0..5_000).map(|n| format!("\"x{n}\":0,")).collect();
    for (line, column, code, times) in [
        (talent(format!("\"keywords\":[{}]", list("3", 1_001))), "keywords", "too-many", 1),
        (talent(format!("\"evidence\":[{}]", list("3", 10_001))), "evidence", "too-many", 1),
        (talent(format!("\"evidence\":[{}]", list("{}", 20_001))), "", "too-complex", 1),
        (talent(format!("{unknown}\"x\":0")), "x", "unknown-field", 20),
    ] {
        let intake = talents("t.jsonl", line).expect("usable");
        assert_eq!(intake.problems.len(), times, "{:?}", intake.problems.first());
        let problem = &intake.problems[0];
        assert_eq!(problem.code, code);
        assert!(problem.column.as_deref().unwrap_or_default().starts_with(column));
    }
    let csv = format!("id,problem,targets\nA,p,\"{}\"\n{}\n", "寿命=1;".repeat(1_001), ",".repeat(1_000));
    assert_eq!(marks(&needs("n.csv", csv).expect("usable").problems), [(2, "targets", "too-many")]);
}

#[test]
fn names_of_files_and_columns_show_what_they_are() {
    let intake = needs("C:\\temp\\../..\\\u{202e}evil\0\r\n.csv", "id,problem,b\u{202e}ad\0\nA,p\n").expect("usable");
    assert_eq!(intake.problems[0].file, "evil.csv");
    assert_eq!(marks(&intake.problems), [(1, "bad", "unknown-column")]);
    let long = format!("{}.csv", "长".repeat(500));
    assert_eq!(needs(&long, "id,problem\nA\n").expect("usable").problems[0].file.chars().count(), 100);
    let hidden = needs("n.jsonl", "{\"id\":\"A\u{200b}B\",\"problem\":\"p\"}").expect("usable");
    assert_eq!(marks(&hidden.problems), [(1, "id", "bad-id")]);
    // Text of a language that runs from the right is text like any other.
    let arabic = needs("n.jsonl", "{\"id\":\"A\",\"problem\":\"\u{200f}مشكلة\"}").expect("usable");
    assert_eq!((arabic.rows.len(), arabic.problems.len()), (1, 0));
}

#[test]
fn lone_surrogates_and_nul_are_refused_with_their_place() {
    let intake = needs("n.jsonl", "{\"id\":\"A\",\"problem\":\"\\ud800x\"}\n{\"id\":\"B\",\"problem\":\"a\\u0000\"}")
        .expect("usable");
    assert_eq!(marks(&intake.problems), [(1, "", "bad-json"), (2, "problem", "nul")]);
    assert!(intake.problems[0].reason.contains("不成对的代理项"), "{}", intake.problems[0]);
    let csv = needs("n.csv", b"id,problem,title\nA,p,x\0y\nB\0,p,\n").expect("usable");
    assert_eq!(marks(&csv.problems), [(2, "title", "nul"), (3, "id", "nul")]);
}

/// What is small in a file and large in memory: short texts in lists, objects, cells, pieces.
#[test]
fn no_upload_takes_gigabytes() {
    let full = |head: &str, line: &dyn Fn(usize) -> String| {
        let mut text = head.to_owned();
        let mut row = 0;
        while text.len() < 24 << 20 {
            text += &line(row);
            row += 1;
        }
        text
    };
    let items = vec!["a"; 1_000].join(";");
    let quoted = vec!["\"a\""; 1_000].join(",");
    let head = "id,kind,name,organization,keywords,fields,members\n";
    let piece = |row: usize, at: usize| format!(r#"{{"id":"{row}-{at}","type":"paper","title":"x"}}"#);
    let pieces = |row: usize| (0..9_000).map(|at| piece(row, at)).collect::<Vec<_>>().join(",");
    let talent = |row: usize, more: &str| format!("{{\"id\":\"{row}\",\"kind\":\"team\",\"name\":\"x\",{more}}}\n");
    for (name, text) in [
        ("a.csv", full(head, &|row| format!("{row},team,x,,{items},{items},{items}\n"))),
        ("a.csv", full(head, &|_| format!("{}\n", ",".repeat(7 << 20)))),
        ("a.jsonl", full("", &|row| talent(row, &format!("\"keywords\":[{quoted}],\"fields\":[{quoted}]")))),
        ("a.jsonl", full("", &|row| talent(row, &format!("\"evidence\":[{}]", pieces(row))))),
        ("a.jsonl", full("", &|_| format!("{{\"id\":[{}0]}}\n", "{\"a\":0},".repeat(19_000)))),
        ("a.jsonl", full("", &|_| format!("{{\"id\":[{}0]}}\n", "1,".repeat(4_000_000)))),
        ("a.bib", full("", &|row| format!("@misc{{{row},title=x}}\n"))),
        ("a.json", full("", &|row| format!("{{\"id\":\"https://openalex.org/W{row}\",\"title\":\"x\"}}"))),
    ] {
        let _ = outcome(talents(name, &text));
        let _ = outcome(read_evidence(upload(name, &text)));
        assert!(peak() < 450, "{name} {:?}: {} MiB", &text[..60], peak());
    }
}

/// Patterns that a reader may handle in quadratic time or with memory by the byte.
const PATTERNS: [&str; 22] = [
    "@a{x,",
    "\n@a{b,c={",
    "@string{a=\"xx\"}@string{b=a#a#a#a}",
    "\n@misc{k,title=a#a#a#a#a#a}",
    "@@",
    "@comment{",
    "\"",
    "\\\"",
    "{",
    "[",
    "{\"results\":[",
    "{\"a\":{\"b\":0},",
    "{\"id\":\"https://openalex.org/W1\"}",
    "{}",
    "0 ",
    ",",
    ";",
    "\n",
    "a,b\r\n",
    "\"\n\",",
    "\0",
    "\u{202e}",
];

fn read_all(name: &str, bytes: &[u8]) {
    let _ = outcome(talents(name, bytes));
    let _ = outcome(needs(name, bytes));
    let _ = outcome(read_evidence(upload(name, bytes)));
    let _ = outcome(read_authors(upload(name, bytes)));
    let _ = read_uploaded_talents(upload("t.csv", TALENTS_EN), Some(upload(name, bytes)), &mut |_, _| {});
}

const NAMES: [&str; 7] = ["a.jsonl", "a.json", "a.csv", "a.xlsx", "a.bib", "a.xls", "a"];

#[test]
fn time_grows_with_the_size_of_a_file_whatever_it_repeats() {
    for pattern in PATTERNS {
        let bytes = pattern.repeat((2 << 20) / pattern.len()).into_bytes();
        for name in NAMES {
            let start = Instant::now();
            read_all(name, &bytes);
            assert!(start.elapsed() < Duration::from_secs(20), "{pattern:?} as {name} took {:?}", start.elapsed());
        }
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_bytes_under_any_name_make_a_reader_panic(
        parts in prop::collection::vec(
            prop_oneof![
                prop::collection::vec(any::<u8>(), 0..30),
                prop::sample::select(PATTERNS.to_vec()).prop_map(|text| text.as_bytes().to_vec()),
                prop::sample::select(vec!["PK\u{3}\u{4}", "title={", "}", "=", "\\'", "results", "\"id\":", "é汉"])
                    .prop_map(|text| text.as_bytes().to_vec()),
            ],
            0..12,
        ),
        name in "\\PC{0,6}",
    ) {
        let bytes = parts.concat();
        for known in NAMES {
            read_all(known, &bytes);
        }
        read_all(&name, &bytes);
    }

    /// NUL in any place of any field.
    #[test]
    fn no_nul_reaches_a_caller(texts in prop::collection::vec("[a-z;；=\0 ]{0,6}", 9)) {
        let [a, b, c, d, e, f, g, h, i] = texts.as_slice() else { unreachable!("nine") };
        let object = serde_json::json!({
            "id": a, "kind": "team", "name": b, "organization": c, "keywords": [d, e], "bio": f, "members": [g],
            "evidence": [{"id": h, "type": "paper", "title": i, "abstract": a, "keywords": [b]}],
        });
        let csv = format!("id,problem,{a}x,targets,title\n{b}B,{c}p,{d},{e}名={f}1,{g}\nC,p,{h},,{i}\n");
        let read = talents("t.jsonl", object.to_string()).expect("usable");
        let told: String = read.problems.iter().map(|problem| format!("{problem}{problem:?}")).collect();
        let rows = serde_json::to_string(&read.rows).expect("JSON");
        prop_assert!(!told.contains('\0') && !rows.contains("\\u0000"), "{told} {rows}");
        if let Ok(read) = needs("n.csv", csv) {
            let told: String = read.problems.iter().map(|problem| problem.to_string()).collect();
            let rows = serde_json::to_string(&read.rows).expect("JSON");
            prop_assert!(!told.contains('\0') && !rows.contains("\\u0000"), "{told} {rows}");
        }
        let works = serde_json::json!({
            "id": "https://openalex.org/W12", "title": a, "abstract_inverted_index": {b.as_str(): [0], c.as_str(): [1]},
            "keywords": [{"display_name": d}],
        });
        let id = "https://openalex.org/A12";
        let author = serde_json::json!({"id": id, "display_name": e, "topics": [{"display_name": f}]});
        let bib = format!("@article{{{g}k, title = {{{h}t}}, abstract = {{{i}}}}}");
        for (name, bytes) in [("w.json", works.to_string()), ("b.bib", bib)] {
            let read = read_evidence(upload(name, &bytes)).expect("usable");
            let told: String = read.problems.iter().map(|problem| problem.to_string()).collect();
            let rows = serde_json::to_string(&read.rows).expect("JSON");
            prop_assert!(!told.contains('\0') && !rows.contains("\\u0000"), "{told} {rows}");
        }
        let authors = read_authors(upload("a.json", &author.to_string())).expect("usable");
        let told = format!("{:?}", authors.rows);
        prop_assert!(!told.contains("\\0"), "{}", told);
    }
}
