//! Workbooks that are written: 1. the template reads back as its examples; 2. its headers, lists
//! and notes are there; 3. a report holds every problem, and no text of it is a formula, also after
//! it was saved as CSV.

use std::io::{Cursor, Read};

use calamine::{Data, Reader, Xlsx};
use proptest::prelude::*;
use zip::ZipArchive;

use zhihui::app::files::{
    Problem, Sheet, problems_workbook, read_evidence, read_uploaded_talents, talent_template, workbook,
};
use zhihui::domain::{EvidenceType, TalentKind};

use super::uploads::upload;

/// The XML of a part of a workbook.
fn part(bytes: &[u8], name: &str) -> String {
    let mut package = ZipArchive::new(Cursor::new(bytes)).expect("workbook");
    let mut xml = String::new();
    package.by_name(name).expect(name).read_to_string(&mut xml).expect("XML");
    xml
}

#[test]
fn the_template_reads_back_as_its_examples() {
    let bytes = talent_template().expect("template");
    let intake = read_uploaded_talents(upload("模板.xlsx", &bytes), None, &mut |_, _| {}).expect("usable");
    assert_eq!(intake.problems, []);
    let [talent] = intake.rows.as_slice() else { panic!("one example") };
    assert_eq!(talent.kind, TalentKind::Researcher);
    let texts = [&talent.id, &talent.name, &talent.organization, talent.bio.as_ref().expect("bio")];
    assert!(texts.iter().all(|text| text.contains("示例")), "{talent:?}");
    assert_eq!(talent.keywords.len(), 2);
    let [evidence] = talent.evidence.as_slice() else { panic!("one example") };
    assert_eq!((evidence.r#type, evidence.year), (EvidenceType::Paper, Some(2024)));
    assert!(evidence.id.contains("示例") && evidence.title.contains("示例"), "{evidence:?}");
    // A researcher may fill in the sheet of evidence alone.
    assert_eq!(read_evidence(upload("模板.xlsx", &bytes)).expect("usable").rows, talent.evidence);
}

#[test]
fn the_template_helps_to_fill_it_in() {
    let bytes = talent_template().expect("template");
    let mut book = Xlsx::new(Cursor::new(bytes.as_slice())).expect("workbook");
    assert_eq!(book.sheet_names(), ["人才", "成果", "填写说明"]);
    let header = |book: &mut Xlsx<_>, sheet: &str| -> Vec<String> {
        let range = book.worksheet_range(sheet).expect(sheet);
        range.rows().next().expect("header").iter().map(ToString::to_string).collect()
    };
    let talents = header(&mut book, "人才");
    assert_eq!(talents, ["编号", "类型", "姓名或名称", "单位", "地区", "职称", "关键词", "简介", "领域", "成员"]);
    assert_eq!(header(&mut book, "成果"), ["人才编号", "成果编号", "成果类型", "题名", "摘要", "关键词", "年份"]);
    for (sheet, columns, list) in [(1, 10, "研究人员,团队"), (2, 7, "论文,专利,项目,奖项,标准,合同")]
    {
        let xml = part(&bytes, &format!("xl/worksheets/sheet{sheet}.xml"));
        assert!(xml.contains(&format!("<formula1>\"{list}\"</formula1>")), "{xml}");
        let notes = part(&bytes, &format!("xl/comments{sheet}.xml"));
        assert_eq!(notes.matches("<comment ").count(), columns);
    }
}

fn problem(text: &str, row: usize) -> Problem {
    Problem {
        file: text.into(),
        sheet: Some(text.into()),
        row,
        column: Some(text.into()),
        code: "bad-year",
        reason: text.into(),
    }
}

/// The cells of a report, and how many of them are formulas.
fn cells(problems: &[Problem]) -> (Vec<Vec<Data>>, usize) {
    let bytes = problems_workbook(problems).expect("report");
    let mut book = Xlsx::new(Cursor::new(bytes)).expect("workbook");
    let rows = book.worksheet_range("问题").expect("sheet").rows().map(<[Data]>::to_vec).collect();
    (rows, book.worksheet_formula("问题").expect("sheet").used_cells().count())
}

#[test]
fn a_report_holds_every_problem() {
    let (rows, _) = cells(&[problem("a", 7), Problem { sheet: None, column: None, ..problem("=1+1", 8) }]);
    let shown: Vec<String> =
        rows.iter().map(|row| row.iter().map(ToString::to_string).collect::<Vec<_>>().join("|")).collect();
    assert_eq!(shown, ["文件|工作表|行|列|代码|原因", "a|a|7|a|bad-year|a", "'=1+1||8||bad-year|'=1+1"]);
    let quoted = problems_workbook(&[problem("=1+1", 1)]).expect("report");
    assert!(part(&quoted, "xl/styles.xml").contains("quotePrefix=\"1\""));
    let (rows, _) = cells(&[problem(&"长".repeat(50_000), 1)]);
    let told = rows[1][5].to_string();
    assert!(told.ends_with("长…"), "what is missing is said");
    assert_eq!(told.chars().count(), 32_767);
    let (rows, _) = cells(&[problem(&"𠀀".repeat(50_000), 1)]);
    assert_eq!(rows[1][5].to_string().encode_utf16().count(), 32_767);
    assert_eq!(cells(&[]).0.len(), 1);
}

/// What stands in a cell for a text, as Excel shows it, and in the XML.
fn written(text: &str) -> (String, String) {
    let sheet = Sheet { name: "一", columns: &[("列", 10.0)], rows: vec![vec![text.into()]] };
    let bytes = workbook(&[sheet]).expect("workbook");
    let mut book = Xlsx::new(Cursor::new(bytes.clone())).expect("workbook");
    assert_eq!(book.worksheet_formula("一").expect("sheet").used_cells().count(), 0);
    let range = book.worksheet_range("一").expect("sheet");
    (range.get((1, 0)).map(ToString::to_string).unwrap_or_default(), part(&bytes, "xl/sharedStrings.xml"))
}

#[test]
fn what_could_be_a_formula_is_written_after_an_apostrophe() {
    for text in [
        "=HYPERLINK(\"http://example.org\")",
        "+1",
        "-1",
        "@SUM(A1)",
        "\t=1",
        "\rx",
        "\nx",
        "  =1",
        "\u{3000}=1",
        "\u{feff}=1",
        "\u{1}=1",
        "＝1",
        "＋1",
        "－1",
        "＠SUM",
    ] {
        let (told, _) = written(text);
        assert_eq!(told.chars().next(), Some('\''), "{text:?}: {told:?}");
        assert_eq!(told.chars().filter(|c| *c == '\'').count(), 1, "{text:?}: {told:?}");
    }
    for text in ["a=1", "≥ 1", "1-2", "（+）", "'=1", "——", "", "1e5", "评委一：=1"] {
        assert_eq!(written(text).0, text);
    }
    let header = Sheet { name: "一", columns: &[("=1+1", 10.0)], rows: Vec::new() };
    let bytes = workbook(&[header]).expect("workbook");
    assert!(part(&bytes, "xl/sharedStrings.xml").contains("<t>'=1+1</t>"), "headers are texts of others too");
}

#[test]
fn what_xml_has_no_character_for_does_not_break_a_workbook() {
    let controls: String = ('\0'..' ').chain(['\u{fffe}', '\u{ffff}']).collect();
    let (told, xml) = written(&format!("a{controls}b"));
    assert!(told.starts_with('a') && told.ends_with('b'), "{told:?}");
    let is_of_xml = |c| matches!(c, '\t' | '\n' | '\r' | ' '..='\u{d7ff}' | '\u{e000}'..='\u{fffd}' | '\u{10000}'..);
    assert!(xml.chars().all(is_of_xml), "{xml:?}");
    // Excel reads _x003D_ as a sign: the text has it in the place of what it would be.
    assert!(written("_x003D_1+1").1.contains("_x005F_x003D_1+1"));
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 64, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_text_of_a_report_becomes_a_formula(
        texts in prop::collection::vec("[=+@-]?[ =+@a-z{}()!'\"|;0-9\\PC-]{0,12}", 1..8),
    ) {
        let problems: Vec<Problem> = texts.iter().enumerate().map(|(at, text)| problem(text, at)).collect();
        let (rows, formulas) = cells(&problems);
        prop_assert_eq!(formulas, 0);
        for (row, text) in rows[1..].iter().zip(&texts) {
            let told = row[0].to_string();
            prop_assert!(told == *text || told == format!("'{text}"), "{:?}", told);
            prop_assert!(!told.trim_start().starts_with(['=', '+', '-', '@']), "{:?}", told);
            prop_assert!(matches!(row[0], Data::String(_) | Data::Empty), "{:?}", row[0]);
        }
    }
}
