//! BibTeX: 1. entries become evidence of the right type with clean text; 2. ids are the same each
//! time; 3. a bad entry is reported with line and key and the others are taken; 4. what was
//! written is read.

use proptest::prelude::*;
use zhihui::app::files::{Intake, read_evidence};
use zhihui::domain::{Evidence, EvidenceType};

use super::uploads::upload;
use super::{gb18030, marks};

fn read(bytes: impl AsRef<[u8]>) -> Intake<Evidence> {
    read_evidence(upload("示例.bib", &bytes)).expect("usable")
}

/// The title that a LaTeX text becomes.
fn title(latex: &str) -> String {
    let intake = read(format!("@article{{k, title = {{{latex}}}}}"));
    intake.rows.into_iter().next().map(|evidence| evidence.title).unwrap_or_default()
}

const LIST: &str = r#"% 示例 publication list
@string{press = "Example Press"}
@String(cat = "Die casting")
@comment{jabref-meta: {x}}
@preamble{"\newcommand{\x}{y}"}

@Article{zhang2020,
  author = {Zhang, San and Li, Si},
  title  = "{M}g alloys: " # cat # { of {\"u}ber-thin parts},
  journal = press,
  year = 2020,
  doi = {https://doi.org/10.1000/Example.182},
  keywords = {镁合金, 压铸；Die casting},
  abstract = {We cast
    50\% more parts.},
}
@inproceedings{li2021, title={H$_2$O at \(90^\circ\)C}, date = {2021-05-03}, url={https://example.org/a},
  keywords = "a; b"}
@patent{CN123, title = {一种压铸机}, year = {2019}, number = {CN 123 A}}
@misc(wang, title = {一种模具}, type = {发明专利}, year = 2018)
@techreport{std, title = {压铸件验收}, type = "国家标准", year = 2017}
@phdthesis{old key, title = {压铸工艺研究} year = {c. 1998}}
"#;

#[test]
fn entries_become_evidence() {
    let intake = read(LIST);
    assert_eq!(marks(&intake.problems), []);
    let piece = |id: &str, r#type, title: &str, keywords: &[&str], year| Evidence {
        id: id.into(),
        r#type,
        title: title.into(),
        r#abstract: None,
        keywords: keywords.iter().map(|word| (*word).to_owned()).collect(),
        year: Some(year),
    };
    let paper = Evidence {
        r#abstract: Some("We cast 50% more parts.".into()),
        ..piece(
            "doi:10.1000/example.182",
            EvidenceType::Paper,
            "Mg alloys: Die casting of über-thin parts",
            &["镁合金", "压铸", "Die casting"],
            2020,
        )
    };
    let rows = &intake.rows;
    assert_eq!(rows[0], paper);
    assert!(rows[1].id.starts_with("bib:li2021:"), "{}", rows[1].id);
    let id = |at: usize| rows[at].id.as_str();
    assert_eq!(rows[1], piece(id(1), EvidenceType::Paper, "H2O at 90°C", &["a", "b"], 2021));
    assert_eq!(rows[2], piece(id(2), EvidenceType::Patent, "一种压铸机", &[], 2019));
    assert_eq!(rows[3], piece(id(3), EvidenceType::Patent, "一种模具", &[], 2018));
    assert_eq!(rows[4], piece(id(4), EvidenceType::Standard, "压铸件验收", &[], 2017));
    assert_eq!(rows[5], piece(id(5), EvidenceType::Paper, "压铸工艺研究", &[], 1998));
    assert_eq!(rows.len(), 6);
    assert_eq!(read(LIST), intake, "ids are the same each time");
    assert_eq!(read(gb18030("@article{a, title={压铸}}")).rows[0].title, "压铸");
}

/// Line, column and code of each bad entry; all others of the list are taken.
#[test]
fn bad_entries_are_reported_with_line_and_key() {
    let cases = [
        ("@article{a, title = {x}, year = 1800}", "a.year", "bad-year"),
        ("@article{a, title = {x}, year = {in press}}", "a.year", "bad-year"),
        ("@article{a, year = 2020}", "a.title", "missing-value"),
        ("@article{, title = {x}}", ".id", "missing-id"),
        ("@article{title = {x}}", ".id", "missing-id"),
        ("@software{a, title = {x}}", "a", "unknown-entry-type"),
        ("@article{a, title = {x}", "a", "unclosed-entry"),
        ("@article{a, title = {x", "a", "unclosed-entry"),
        ("@article{a, title = \"x}, year = 2020}", "a", "unclosed-entry"),
        ("@article{a, title {x}, year = 2020}", "a", "bad-entry"),
        ("@article{a, title = {x}, doi = {10.1000/Example.182}}", "a.id", "duplicate-id"),
        ("@string{s = {x}", "", "unclosed-entry"),
    ];
    for (entry, column, code) in cases {
        let intake = read(format!("{LIST}\n{entry}\n\n@book{{last, title = {{末}}}}"));
        assert_eq!(marks(&intake.problems), [(24, column, code)], "{entry}: {:?}", intake.problems);
        assert_eq!(intake.rows.len(), 7, "{entry}");
    }
    let doubling: String =
        ('b'..='z').zip('a'..='y').map(|(b, a)| format!("@string{{{b} = {a} # {a} # {a} # {a}}}\n")).collect();
    let intake = read(format!("@string{{a = {{{}}}}}\n{doubling}@misc{{k, title = z}}", "x".repeat(1_000)));
    assert!(intake.problems.iter().any(|problem| problem.code == "too-long"), "{:?}", intake.problems);
    assert_eq!(marks(&read("no entries here").problems), [(1, "", "nothing-found")]);
    let damaged =
        read([&b"@book{a, title = {\xff}}\n"[..], "@book{b, title = {镁}}\n@book{c, title={铝}}".as_bytes()].concat());
    assert_eq!((damaged.rows.len(), marks(&damaged.problems)), (2, vec![(1, "a", "bad-encoding")]));
}

#[test]
fn latex_becomes_plain_text() {
    for (latex, plain) in [
        (r"G{\'e}om{\'{e}}trie na\'ive, {\^\i}le, \v{c}a\c{c}a, \'{\i}", "Géométrie naíve, île, čaça, í"),
        (r#"M{\"u}ller, Gau{\ss}, \O rsted, {\L}\'od\'z, \AA ngstr\"om"#, "Müller, Gauß, Ørsted, Łódź, Ångström"),
        (r"R\&D at 5\,\% of \$3 in A\_B \#1", "R&D at 5 % of $3 in A_B #1"),
        (r"pages 1--2 --- ``quoted''~text", "pages 1–2 — “quoted” text"),
        (r"\emph{in situ} \textbf{Al$_2$O$_3$} $\alpha$-phase $10^{-3}$", "in situ Al2O3 α-phase 10-3"),
        (r"{{Mg--Al}} {Alloys}", "Mg–Al Alloys"),
        (r"x\\y \unknown{z} \'", "x y z"),
        ("镁合\u{7}金\u{200b}  的\n\t 压铸", "镁合金 的 压铸"),
    ] {
        assert_eq!(title(latex), plain, "{latex}");
    }
}

/// Letters with the ways in which LaTeX writes them.
const SPELLINGS: [(&str, &[&str]); 14] = [
    ("é", &["é", "\\'e", "{\\'e}", "\\'{e}", "{\\'{e}}"]),
    ("ü", &["ü", "\\\"u", "{\\\"{u}}"]),
    ("č", &["č", "\\v{c}", "{\\v c}"]),
    ("ç", &["ç", "\\c{c}", "{\\c c}"]),
    ("í", &["í", "\\'{\\i}", "\\'\\i{}"]),
    ("ß", &["ß", "{\\ss}", "\\ss{}"]),
    ("ø", &["ø", "{\\o}", "\\o{}"]),
    ("&", &["\\&", "{\\&}"]),
    ("%", &["\\%"]),
    ("_", &["\\_"]),
    ("α", &["α", "$\\alpha$", "{$\\alpha$}"]),
    ("–", &["–", "{--}"]),
    ("A", &["A", "{A}", "{{A}}"]),
    ("镁", &["镁", "{镁}"]),
];

/// Words as plain text and as LaTeX.
fn words() -> impl Strategy<Value = (String, String)> {
    let letter = prop_oneof![
        "[a-zB-Z0-9镁铝]".prop_map(|letter| (letter.clone(), letter)),
        (prop::sample::select(SPELLINGS.to_vec()), any::<prop::sample::Index>())
            .prop_map(|((plain, spellings), at)| (plain.to_owned(), at.get(spellings).to_string())),
    ];
    let word =
        prop::collection::vec(letter, 1..8).prop_map(|letters| -> (String, String) { letters.into_iter().unzip() });
    prop::collection::vec(word, 1..6).prop_map(|words| {
        let (plain, latex): (Vec<_>, Vec<_>) = words.into_iter().unzip();
        (plain.join(" "), latex.join("\n  "))
    })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_written_is_read(
        entries in prop::collection::vec((words(), words(), 1900u16..=2100, 0usize..3), 1..8),
        comment in "[a-z\n ]{0,20}",
    ) {
        let mut text = String::new();
        let mut wanted = Vec::new();
        for (at, ((title, title_latex), (summary, summary_latex), year, kind)) in entries.into_iter().enumerate() {
            let (name, r#type) = [
                ("article", EvidenceType::Paper),
                ("Patent", EvidenceType::Patent),
                ("misc", EvidenceType::Paper),
            ][kind];
            text += &format!(
                "{comment}\n@{name}{{k{at},\n title = {{{title_latex}}},\n ABSTRACT=\"{{{summary_latex}}}\", year = {year}, DOI = {{10.1000/{at}}}\n}}\n"
            );
            wanted.push(Evidence {
                id: format!("doi:10.1000/{at}"),
                r#type,
                title,
                r#abstract: Some(summary),
                keywords: vec![],
                year: Some(year),
            });
        }
        prop_assert_eq!(read(text), Intake { rows: wanted, problems: vec![] });
    }
}
