//! What is said about every bad input, and that none makes the reader panic.

use std::fs;
use std::io::{Cursor, Read, Write};
use std::path::PathBuf;

use proptest::prelude::*;
use zip::write::SimpleFileOptions;
use zip::{ZipArchive, ZipWriter};

use zhihui::app::files::{FileError, read_needs, read_talents};

use super::{
    EVIDENCE_EN, EVIDENCE_ZH, Folder, JSONL, TALENTS_EN, TALENTS_ZH, expected, gb18030, marks, needs_of, talents,
    talents_of, workbook,
};

/// Each talent field of a bad JSON line: what to put, the column, the code.
#[test]
fn bad_lines_of_json_are_reported_one_by_one() {
    let talent = |more: &str| format!(r#"{{"id":"T9","kind":"team","name":"乙","organization":"院"{more}}}"#);
    let piece = |more: &str| talent(&format!(r#","evidence":[{{"id":"E","type":"paper","title":"题"{more}}}]"#));
    let long = "长".repeat(20_001);
    let cases: Vec<(String, &str, &str)> = vec![
        ("{".into(), "", "bad-json"),
        (r#"{"id":"\ud800"}"#.into(), "", "bad-json"),
        ("[".repeat(100_000), "", "bad-json"),
        ("[1]".into(), "", "not-object"),
        (talent(r#","keyword":[]"#), "keyword", "unknown-field"),
        (talent(r#","keywords":"甲""#), "keywords", "wrong-type"),
        (talent(r#","keywords":["甲",3]"#), "keywords[1]", "wrong-type"),
        (talent(r#","bio":7"#), "bio", "wrong-type"),
        (talent(r#","bio":"a\u0000b""#), "bio", "nul"),
        (talent(&format!(r#","bio":"{long}""#)), "bio", "too-long"),
        (talent(&format!(r#","title":"{}""#, &long[..3_003])), "title", "too-long"),
        (talent(r#","evidence":{}"#), "evidence", "wrong-type"),
        (talent(r#","evidence":[3]"#), "evidence[0]", "wrong-type"),
        (talent("").replace("T9", " "), "id", "missing-id"),
        (talent("").replace("\"T9\"", "null"), "id", "missing-id"),
        (talent("").replace("\"T9\"", "9"), "id", "wrong-type"),
        (talent("").replace("T9", "T 9"), "id", "bad-id"),
        (talent("").replace("T9", &"9".repeat(201)), "id", "too-long"),
        (talent("").replace("team", "robot"), "kind", "unknown-kind"),
        (talent("").replace("team", ""), "kind", "missing-value"),
        (talent("").replace("乙", "\u{3000}"), "name", "missing-value"),
        (piece(r#","year":1899"#), "evidence[0].year", "bad-year"),
        (piece(r#","year":2020.5"#), "evidence[0].year", "bad-year"),
        (piece(r#","year":"去年""#), "evidence[0].year", "bad-year"),
        (piece(r#","years":2020"#), "evidence[0].years", "unknown-field"),
        (piece(&format!(r#","abstract":"{long}""#)), "evidence[0].abstract", "too-long"),
        (piece("").replace("paper", "论文集"), "evidence[0].type", "unknown-type"),
        (piece("").replace("题", " "), "evidence[0].title", "missing-value"),
        (piece("").replace("\"E\"", "\"\""), "evidence[0].id", "missing-id"),
    ];
    for (line, column, code) in cases {
        let short: String = line.chars().take(120).collect();
        let intake = talents_of("t.jsonl", format!("{JSONL}\n{line}\n"));
        assert_eq!(marks(&intake.problems), [(4, column, code)], "{short}");
        // Bad evidence is left out, and its talent stays.
        let kept = 2 + usize::from(column.starts_with("evidence["));
        assert_eq!(intake.rows.len(), kept, "{short}");
        assert_eq!(intake.rows[..2], expected());
    }
}

#[test]
fn broken_utf8_is_refused_with_its_row() {
    let mut bytes = JSONL.as_bytes().to_vec();
    bytes.extend(b"\n{\"id\":\"\xff\"}\n");
    bytes.extend(r#"{"id":"T3","kind":"个人","name":"戊","organization":"院"}"#.as_bytes());
    let intake = talents_of("t.jsonl", bytes);
    assert_eq!(marks(&intake.problems), [(4, "", "bad-encoding")]);
    assert_eq!(intake.rows.len(), 3);
    // Only one line of the CSV is broken, so it stays UTF-8.
    let mut bytes = TALENTS_ZH.as_bytes().to_vec();
    bytes.extend(b",T3,\xb8\xf6\xc8\xcb,\xff\xff,x,,,,,\n,T4,team,x,x,,,,,\n");
    let intake = talents_of("t.csv", bytes);
    assert_eq!(marks(&intake.problems), [(4, "类型", "bad-encoding")]);
    assert_eq!(intake.rows.len(), 3);
    let mut bytes = gb18030(TALENTS_ZH);
    bytes.extend(b",T3,team,\xff\xff,x,,,,,\n");
    let intake = talents_of("t.csv", bytes);
    assert_eq!(marks(&intake.problems), [(4, "姓名或名称", "bad-encoding")]);
    assert_eq!(intake.rows.len(), 2);
}

#[test]
fn rules_between_rows_hold_in_every_format() {
    let twice = "T1,team,x,y,,,,,,\n";
    let pieces =
        "T1,E1,paper,另一题,,,\nT9,E3,paper,题,,,\nT1,E2,contract,压铸件试制,,,\nT8,E4,paper,题,,,\n,E5,,题,,,x\n";
    let rows = format!("{TALENTS_EN}{twice}T8,robot,x,y,,,,,,\n");
    let evidence = format!("{EVIDENCE_EN}{pieces}");
    let wanted = [
        (4, "id", "duplicate-id"),
        (5, "kind", "unknown-kind"),
        (5, "id", "evidence-conflict"),
        (6, "talent_id", "unknown-talent"),
        (7, "id", "duplicate-evidence"),
        (8, "talent_id", "refused-talent"),
        (9, "talent_id", "missing-id"),
        (9, "type", "missing-value"),
        (9, "year", "bad-year"),
    ];
    let folder = Folder::new();
    folder.file("evidence.csv", &evidence);
    let csv = talents(&folder.file("talents.csv", &rows));
    let xlsx = talents_of("t.xlsx", workbook(&[("talents", &rows), ("evidence", &evidence)]));
    for intake in [&csv, &xlsx] {
        assert_eq!(marks(&intake.problems), wanted);
        assert_eq!(intake.rows, expected());
    }
    assert!(csv.problems[2].to_string().starts_with("evidence.csv 第 5 行，列“id”：成果“E1”与第 2 行的内容不同"));

    let again = r#"{"id":"T1","kind":"team","name":"x","organization":"y"}"#;
    let other = r#"{"id":"T3","kind":"team","name":"x","organization":"y","evidence":[{"id":"E3","type":"award","title":"奖"},{"id":"E2","type":"award","title":"奖"},{"id":"E3","type":"award","title":"奖"}]}"#;
    let intake = talents_of("t.jsonl", format!("{JSONL}\n{again}\n{other}"));
    let wanted = [
        (4, "id", "duplicate-id"),
        (5, "evidence[1].id", "evidence-conflict"),
        (5, "evidence[2].id", "duplicate-evidence"),
    ];
    assert_eq!(marks(&intake.problems), wanted);
    assert!(intake.problems[1].reason.contains("第 1 行的 evidence[1]"), "{}", intake.problems[1]);
    assert_eq!(intake.rows[2].evidence.len(), 1);
}

#[test]
fn bad_needs_are_reported_with_their_codes() {
    let cases = [
        (r#""problem":"  ""#, "problem", "missing-value"),
        (r#""problem":"p","mode":"其他""#, "mode", "unknown-mode"),
        (r#""problem":"p","total_investment":-5"#, "total_investment", "negative-money"),
        (r#""problem":"p","total_investment":"-5万元""#, "total_investment", "negative-money"),
        (r#""problem":"p","total_investment":1.5"#, "total_investment", "bad-money"),
        (r#""problem":"p","total_investment":"NaN""#, "total_investment", "bad-money"),
        (r#""problem":"p","total_investment":"1.00001万元""#, "total_investment", "bad-money"),
        (r#""problem":"p","total_investment":"99999999999999999999万元""#, "total_investment", "bad-money"),
        (r#""problem":"p","total_investment":1e300"#, "total_investment", "bad-money"),
        (r#""problem":"p","total_investment":true"#, "total_investment", "wrong-type"),
        (r#""problem":"p","total_investment":5,"self_raised":6"#, "self_raised", "self-raised-exceeds-total"),
        (r#""problem":"p","deadline":"2025/6/1""#, "deadline", "bad-date"),
        (r#""problem":"p","deadline":"2025-02-29""#, "deadline", "bad-date"),
        (r#""problem":"p","targets":[{"name":"寿命"}]"#, "targets[0].value", "missing-value"),
        (r#""problem":"p","targets":["寿命=1"]"#, "targets[0]", "wrong-type"),
        (r#""problem":"p","targets":"寿命=1""#, "targets", "wrong-type"),
        (r#""problem":"p","budget":1"#, "budget", "unknown-field"),
    ];
    for (fields, column, code) in cases {
        let intake = needs_of("n.jsonl", format!("{{\"id\":\"A\",\"problem\":\"p\"}}\n{{\"id\":\"B\",{fields}}}"));
        assert_eq!(marks(&intake.problems), [(2, column, code)], "{fields}");
        assert_eq!(intake.rows.len(), 1, "{fields}");
    }
    let number = needs_of("n.jsonl", r#"{"id":"A","problem":"p","targets":[{"name":"寿命","value":10}]}"#);
    assert_eq!(number.rows[0].targets[0].value, "10");
    let csv = needs_of("n.csv", "id,problem,targets\nA,p,寿命\nB,p,=3\nB,p,\n");
    let wanted = [(2, "targets", "bad-target"), (3, "targets", "bad-target"), (4, "id", "duplicate-id")];
    assert_eq!(marks(&csv.problems), wanted);
}

#[test]
fn shape_of_a_csv_is_checked() {
    let text = "\r\nid,problem,备注,\r\n\r\nA,\"多\r\n行\",x,\r\n\r\nB,甲,乙,丙,丁\r\nC,短\r\nD,\"没有结束\r\nE,p\r\n";
    let intake = needs_of("n.csv", text);
    let wanted = [(2, "备注", "unknown-column"), (7, "", "extra-cells"), (9, "", "unclosed-quote")];
    assert_eq!(marks(&intake.problems), wanted);
    let ids: Vec<&str> = intake.rows.iter().map(|need| need.id.as_str()).collect();
    assert_eq!(ids, ["A", "C"]);
    assert_eq!(intake.rows[0].problem, "多\r\n行");
}

#[test]
fn unusable_files_say_why() {
    let folder = Folder::new();
    let sheets = workbook(&[("人员", "编号")]);
    let cases: Vec<(PathBuf, &str)> = vec![
        (folder.0.path().join("none.csv"), "找不到文件"),
        (folder.0.path().join("none.jsonl"), "找不到文件"),
        (folder.0.path().join("none.xlsx"), "找不到文件"),
        (folder.file("t.xls", ""), "不支持的文件类型"),
        (folder.file("t", ""), "不支持的文件类型"),
        (folder.file("t.xlsx", "id,kind"), "不是可用的 XLSX 工作簿"),
        (folder.file("e.xlsx", ""), "不是可用的 XLSX 工作簿"),
        (folder.file("cut.xlsx", &sheets[..sheets.len() / 2]), "不是可用的 XLSX 工作簿"),
        (folder.file("s.xlsx", &sheets), "没有工作表“人才”或“talents”，只有：人员"),
        (
            folder.file("m.xlsx", workbook(&[("人才", "编号,类型")])),
            "的工作表“人才”缺少必需的列：姓名或名称（name）、单位（organization）",
        ),
        (folder.file("empty.csv", ""), "缺少必需的列：编号（id）"),
        (folder.file("r.csv", "id,编号,kind,name,organization"), "里“id”和“编号”是同一列"),
        (folder.file("u16.csv", b"\xff\xfei\0d\0"), "的编码既不是 UTF-8 也不是 GB18030"),
        (folder.file("u16.jsonl", b"\xff\xfe{\0}\0"), "的编码既不是 UTF-8 也不是 GB18030"),
        (folder.file("bin.csv", [0xff; 64]), "的编码既不是 UTF-8 也不是 GB18030"),
    ];
    for (path, message) in cases {
        let error = read_talents(&path, &mut |_, _| {}).expect_err(message);
        assert!(error.to_string().contains(message), "{}: {error}", path.display());
    }
    for name in ["dir.csv", "dir.jsonl", "dir.xlsx"] {
        let path = folder.0.path().join(name);
        fs::create_dir(&path).expect("folder");
        let error = read_talents(&path, &mut |_, _| {}).expect_err(name);
        assert!(matches!(error, FileError::Unreadable { .. }), "{name}: {error:?}");
    }
    folder.file("evidence.csv", "id,title");
    let error = read_talents(&folder.file("talents.csv", TALENTS_EN), &mut |_, _| {}).expect_err("evidence");
    assert!(
        error.to_string().contains("evidence.csv”缺少必需的列：人才编号（talent_id）、成果类型（type）"),
        "{error}"
    );
}

/// A workbook whose parts were changed by `edit`, which takes a part's name and XML.
fn repacked(workbook: &[u8], mut edit: impl FnMut(&str, String) -> String) -> Vec<u8> {
    let mut from = ZipArchive::new(Cursor::new(workbook)).expect("workbook");
    let mut to = ZipWriter::new(Cursor::new(Vec::new()));
    let options = SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
    for part in 0..from.len() {
        let mut part = from.by_index(part).expect("part");
        let (name, mut xml) = (part.name().expect("name").into_owned(), String::new());
        part.read_to_string(&mut xml).expect("XML");
        to.start_file(&name, options).expect("part");
        to.write_all(edit(&name, xml).as_bytes()).expect("written");
    }
    to.finish().expect("workbook").into_inner()
}

#[test]
fn a_cell_far_out_takes_no_memory_and_one_out_of_range_is_an_error() {
    let good = workbook(&[("talents", TALENTS_EN)]);
    let moved = |to: &str| repacked(&good, |_, xml| xml.replace("r=\"J3\"", &format!("r=\"{to}\"")));
    let far = talents_of("t.xlsx", moved("XFD1048576"));
    assert_eq!((far.rows.len(), far.problems), (2, vec![]));
    let path = Folder::new();
    for cell in ["J99999999999", "J1048577"] {
        let path = path.file("t.xlsx", moved(cell));
        let error = read_talents(&path, &mut |_, _| {}).expect_err(cell);
        assert!(matches!(error, FileError::NotXlsx { .. }), "{error:?}");
    }
}

/// Bytes that look a little like a file of the format.
fn noise() -> impl Strategy<Value = Vec<u8>> {
    let token = prop_oneof![
        prop::collection::vec(any::<u8>(), 0..40),
        "[\\PC\\n\"{},:\\[\\]；=]{0,30}".prop_map(String::into_bytes),
        prop::sample::select(vec![
            TALENTS_ZH,
            EVIDENCE_EN,
            JSONL,
            "id,problem,deadline,总投资\n",
            "{\"id\":",
            "\"",
            "\r\n"
        ])
        .prop_map(|text| text.as_bytes().to_vec()),
    ];
    prop::collection::vec(token, 0..6).prop_map(|parts| parts.concat())
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_bytes_make_the_reader_panic(bytes in noise()) {
        let folder = Folder::new();
        folder.file("evidence.csv", &bytes);
        for name in ["talents.jsonl", "talents.csv", "talents.xlsx"] {
            let path = folder.file(name, &bytes);
            let _ = read_talents(&path, &mut |_, _| {});
            let _ = read_needs(&path, &mut |_, _| {});
        }
    }

    #[test]
    fn no_damage_to_a_workbook_makes_the_reader_panic(at in prop::collection::vec((any::<prop::sample::Index>(), any::<u8>()), 1..20)) {
        let mut bytes = workbook(&[("talents", TALENTS_ZH), ("evidence", EVIDENCE_ZH)]);
        for (index, byte) in at {
            let at = index.index(bytes.len());
            bytes[at] = byte;
        }
        let _ = read_talents(&Folder::new().file("t.xlsx", bytes), &mut |_, _| {});
    }

    #[test]
    fn no_damage_to_its_xml_makes_the_reader_panic(
        at in any::<prop::sample::Index>(),
        length in 0usize..6,
        text in "[A-Z0-9<>/&;=\"-]{0,12}",
    ) {
        let bytes = repacked(&workbook(&[("talents", TALENTS_ZH)]), |name, mut xml| {
            if name.contains("sheet1") || name.contains("workbook") || name.contains("Strings") {
                let start = xml.floor_char_boundary(at.index(xml.len()));
                let end = xml.ceil_char_boundary((start + length).min(xml.len()));
                xml.replace_range(start..end, &text);
            }
            xml
        });
        let _ = read_talents(&Folder::new().file("t.xlsx", bytes), &mut |_, _| {});
    }

    /// Every amount of whole yuan survives being written in 万元.
    #[test]
    fn money_in_ten_thousands_is_exact(yuan in 0u64..1_000_000_000_000) {
        let text = format!("id,problem,total_investment\nA,p,{}.{:04}万元\n", yuan / 10_000, yuan % 10_000);
        let intake = needs_of("n.csv", text);
        prop_assert_eq!(intake.rows[0].total_investment, Some(yuan));
    }
}
