//! Reading talents and needs from files: every format, and what is said about every bad input.
//!
//! 1. The same talents read from JSONL, CSV (both encodings, both languages) and XLSX are equal.
//! 2. Each bad input has a stable code, its row and its column; the other rows are read.
//! 3. A file that cannot be used at all says why.
//! 4. No bytes make the reader panic.
//! 5. Uploads, bombs, BibTeX, OpenAlex and the workbooks that are written: each has its file.

use std::fs;
use std::path::{Path, PathBuf};

use rust_xlsxwriter::{ExcelDateTime, Format, Workbook};
use tempfile::TempDir;
use zhihui::app::files::{Intake, Problem, evidence_beside, read_needs, read_talents};
use zhihui::domain::{Evidence, EvidenceType, Need, NeedMode, Talent, TalentKind, Target};

#[path = "files/bad.rs"]
mod bad;
#[path = "files/bibtex.rs"]
mod bibtex;
#[path = "files/bombs.rs"]
mod bombs;
#[path = "files/openalex.rs"]
mod openalex;
#[path = "files/uploads.rs"]
mod uploads;
#[path = "files/workbooks.rs"]
mod workbooks;

/// A folder that is gone when the test ends.
struct Folder(TempDir);

impl Folder {
    fn new() -> Self {
        Self(tempfile::tempdir().expect("temporary folder"))
    }

    fn file(&self, name: &str, bytes: impl AsRef<[u8]>) -> PathBuf {
        let path = self.0.path().join(name);
        fs::write(&path, bytes).expect("written");
        path
    }
}

fn talents(path: &Path) -> Intake<Talent> {
    read_talents(path, &mut |_, _| {}).expect("usable file")
}

fn needs(path: &Path) -> Intake<Need> {
    read_needs(path, &mut |_, _| {}).expect("usable file")
}

fn talents_of(name: &str, bytes: impl AsRef<[u8]>) -> Intake<Talent> {
    talents(&Folder::new().file(name, bytes))
}

fn needs_of(name: &str, bytes: impl AsRef<[u8]>) -> Intake<Need> {
    needs(&Folder::new().file(name, bytes))
}

/// Row, column and code of each problem.
fn marks(problems: &[Problem]) -> Vec<(usize, &str, &str)> {
    problems.iter().map(|p| (p.row, p.column.as_deref().unwrap_or(""), p.code)).collect()
}

fn gb18030(text: &str) -> Vec<u8> {
    encoding_rs::GB18030.encode(text).0.into_owned()
}

/// A workbook of sheets of text cells.
fn workbook(sheets: &[(&str, &str)]) -> Vec<u8> {
    let mut book = Workbook::new();
    for (name, text) in sheets {
        let sheet = book.add_worksheet().set_name(*name).expect("sheet name");
        for (row, line) in text.lines().enumerate() {
            for (column, cell) in line.split(',').enumerate() {
                sheet.write(row as u32, column as u16, cell).expect("cell");
            }
        }
    }
    book.save_to_buffer().expect("workbook")
}

const JSONL: &str = concat!(
    "\u{feff}",
    r#"{"id":"T1","kind":"researcher","name":"甲","organization":"重庆大学","region":"重庆市沙坪坝区","title":"教授","keywords":["镁合金","压铸"],"bio":"材料","fields":["M1","M2"],"evidence":[{"id":"E1","type":"paper","title":"镁合金压铸","abstract":"摘要","keywords":["镁"],"year":2020},{"id":"E2","type":"contract","title":"压铸件试制"}]}"#,
    "\r\n\n",
    r#"{"id":"T2","kind":"team","name":"乙团队","organization":"某研究院","keywords":[],"members":["丙","丁"],"evidence":[{"id":"E1","type":"paper","title":"镁合金压铸","abstract":"摘要","keywords":["镁"],"year":2020}]}"#,
);
const TALENTS_EN: &str = "id,kind,name,organization,region,title,keywords,bio,fields,members
T1,researcher,甲,重庆大学,重庆市沙坪坝区,教授,镁合金；压铸,材料,M1;M2,
T2,team,乙团队,某研究院,,,,,,丙；丁
";
const EVIDENCE_EN: &str = "talent_id,id,type,title,abstract,keywords,year
T1,E1,paper,镁合金压铸,摘要,镁,2020
T1,E2,contract,压铸件试制,,,
T2,E1,paper,镁合金压铸,摘要,镁,2020
";
const TALENTS_ZH: &str = "成员,编号,类型,姓名或名称,单位,地区,职称,关键词,简介,领域
,T1,个人,甲,重庆大学,重庆市沙坪坝区,教授, 镁合金；压铸 ,材料,M1；M2
丙；丁,T2,团队,乙团队,某研究院,,,,,
";
const EVIDENCE_ZH: &str = "人才编号,成果编号,成果类型,题名,摘要,关键词,年份
T1,E1,论文,镁合金压铸,摘要,镁,2020年
T1,E2,合同,压铸件试制,,,
T2,E1,论文,镁合金压铸,摘要,镁,２０２０
";

fn expected() -> Vec<Talent> {
    let paper = Evidence {
        id: "E1".into(),
        r#type: EvidenceType::Paper,
        title: "镁合金压铸".into(),
        r#abstract: Some("摘要".into()),
        keywords: vec!["镁".into()],
        year: Some(2020),
    };
    let contract = Evidence {
        id: "E2".into(),
        r#type: EvidenceType::Contract,
        title: "压铸件试制".into(),
        r#abstract: None,
        keywords: vec![],
        year: None,
    };
    let one = Talent {
        id: "T1".into(),
        kind: TalentKind::Researcher,
        name: "甲".into(),
        organization: "重庆大学".into(),
        region: Some("重庆市沙坪坝区".into()),
        title: Some("教授".into()),
        keywords: vec!["镁合金".into(), "压铸".into()],
        bio: Some("材料".into()),
        fields: vec!["M1".into(), "M2".into()],
        members: vec![],
        evidence: vec![paper.clone(), contract],
    };
    let two = Talent {
        id: "T2".into(),
        kind: TalentKind::Team,
        name: "乙团队".into(),
        organization: "某研究院".into(),
        region: None,
        title: None,
        keywords: vec![],
        bio: None,
        fields: vec![],
        members: vec!["丙".into(), "丁".into()],
        evidence: vec![paper],
    };
    vec![one, two]
}

#[test]
fn all_formats_read_the_same_talents() {
    let good = Intake { rows: expected(), problems: vec![] };
    assert_eq!(talents_of("talents.jsonl", JSONL), good);
    for (name, talent_rows, evidence_rows) in [
        ("talents.csv", TALENTS_EN.as_bytes().to_vec(), EVIDENCE_EN.as_bytes().to_vec()),
        ("zh-talents.csv", TALENTS_ZH.into(), EVIDENCE_ZH.into()),
        ("bom.talents.CSV", format!("\u{feff}{TALENTS_ZH}").into(), EVIDENCE_ZH.replace('\n', "\r\n").into()),
        ("gb_talents.csv", gb18030(TALENTS_ZH), gb18030(EVIDENCE_ZH)),
        ("人才.csv", gb18030(TALENTS_EN), EVIDENCE_EN.into()),
    ] {
        let folder = Folder::new();
        let path = folder.file(name, talent_rows);
        let beside = evidence_beside(&path).expect("CSV");
        fs::write(&beside, evidence_rows).expect("written");
        assert_eq!(talents(&path), good, "{name} with {}", beside.display());
    }
    for sheets in [[("Evidence", EVIDENCE_EN), ("talents", TALENTS_EN)], [("人才", TALENTS_ZH), ("成果", EVIDENCE_ZH)]]
    {
        assert_eq!(talents_of("base.xlsx", workbook(&sheets)), good);
    }
}

#[test]
fn evidence_may_be_missing_and_progress_ends_at_the_whole() {
    let folder = Folder::new();
    for (name, bytes) in [
        ("talents.csv", TALENTS_EN.as_bytes().to_vec()),
        ("a.jsonl", JSONL.into()),
        ("a.xlsx", workbook(&[("talents", TALENTS_EN)])),
    ] {
        let path = folder.file(name, bytes);
        let mut last = (0, 1);
        let intake = read_talents(&path, &mut |done, total| last = (done, total)).expect("usable");
        assert_eq!((intake.rows.len(), intake.problems.len()), (2, 0), "{name}");
        assert_eq!(last.0, last.1, "{name}");
    }
}

fn full_need() -> Need {
    Need {
        id: "N1".into(),
        organization: Some("某厂".into()),
        title: Some("轴承".into()),
        problem: "寿命短".into(),
        mode: Some(NeedMode::OpenChallenge),
        targets: vec![
            Target { name: "寿命".into(), value: "≥10".into(), unit: Some("年".into()) },
            Target { name: "精度".into(), value: "P4".into(), unit: None },
        ],
        scenario: Some("风电".into()),
        total_investment: Some(1_200_000),
        self_raised: Some(600_001),
        field: Some("M1".into()),
        region: Some("重庆市".into()),
        deadline: Some("2028-02-29".into()),
        ownership: Some("共有".into()),
    }
}

#[test]
fn all_formats_read_the_same_need() {
    let good = Intake { rows: vec![full_need()], problems: vec![] };
    let json = r#"{"id":"N1","organization":"某厂","title":"轴承","problem":"寿命短","mode":"open_challenge","targets":[{"name":"寿命","value":"≥10","unit":"年"},{"name":"精度","value":"P4"}],"scenario":"风电","total_investment":1200000,"self_raised":"60.0001万元","field":"M1","region":"重庆市","deadline":"2028-02-29","ownership":"共有"}"#;
    assert_eq!(needs_of("n.jsonl", json), good);
    let chinese =
        "编号,单位,标题,技术问题,组织方式,目标,应用场景,总投资（万元）,自筹资金(万元),领域,地区,截止时间,成果归属
N1,某厂,轴承,寿命短,“揭榜挂帅”,寿命=≥ 10 年；精度＝P4,风电,120,60.0001,M1,重庆市,2028-02-29,共有\n";
    let english = "id,organization,title,problem,mode,targets,scenario,total_investment,self_raised,field,region,deadline,ownership
N1,某厂,轴承,寿命短,OPEN_CHALLENGE,寿命=≥10 年;精度=P4,风电,\"1,200,000元\",600001,M1,重庆市,2028-02-29,共有\n";
    assert_eq!(needs_of("n.csv", chinese), good);
    assert_eq!(needs_of("n.csv", gb18030(chinese)), good);
    assert_eq!(needs_of("n.csv", english), good);
    assert_eq!(needs_of("n.xlsx", workbook(&[("说明", "x"), ("需求", chinese)])), good);
    assert_eq!(needs_of("n.xlsx", workbook(&[("Sheet1", chinese)])), good);
}

#[test]
fn numbers_and_dates_of_a_sheet_are_exact() {
    let mut book = Workbook::new();
    let sheet = book.add_worksheet();
    for (column, label) in ["编号", "技术问题", "总投资（万元）", "自筹资金（万元）", "截止时间"].iter().enumerate()
    {
        sheet.write(2, column as u16, *label).expect("cell");
    }
    sheet.write(4, 0, 7.0).expect("cell");
    sheet.write(4, 1, "寿命短").expect("cell");
    sheet.write(4, 2, 123_456.789_1).expect("cell");
    sheet.write(4, 3, 0.1 + 0.2).expect("cell");
    let day = ExcelDateTime::from_ymd(2026, 3, 1).expect("date");
    sheet.write_with_format(4, 4, &day, &Format::new().set_num_format("yyyy-mm-dd")).expect("cell");
    sheet.write(5, 0, "8").expect("cell");
    sheet.write(5, 1, "寿命短").expect("cell");
    sheet.write(5, 2, 0.00001).expect("cell");
    sheet.write(6, 1, "寿命短").expect("cell");
    let intake = needs_of("n.xlsx", book.save_to_buffer().expect("workbook"));
    let need = &intake.rows[0];
    assert_eq!((need.id.as_str(), need.deadline.as_deref()), ("7", Some("2026-03-01")));
    assert_eq!((need.total_investment, need.self_raised), (Some(1_234_567_891), Some(3_000)));
    assert_eq!(marks(&intake.problems), [(6, "总投资（万元）", "bad-money"), (7, "编号", "missing-id")]);
    assert_eq!(intake.problems[1].to_string(), "n.xlsx 工作表“Sheet1”第 7 行，列“编号”：没有填写；每行都要有编号");
}
