//! OpenAlex: 1. works and authors are read from every shape in which the API gives them; 2. missing,
//! null and unknown fields do no harm; 3. what is no evidence is reported; 4. the abstract comes
//! back in order. Also the other formats of a researcher's evidence.

use proptest::prelude::*;
use serde_json::{Value, json};
use zhihui::app::files::{Author, Intake, read_authors, read_evidence};
use zhihui::domain::{Evidence, EvidenceType};

use super::uploads::upload;
use super::{expected, gb18030, marks, workbook};

fn read(name: &str, bytes: impl AsRef<[u8]>) -> Intake<Evidence> {
    read_evidence(upload(name, &bytes)).expect("usable")
}

fn work() -> Value {
    json!({
        "id": "https://openalex.org/W2741809807",
        "doi": "https://doi.org/10.1000/Example.4375",
        "title": "Die casting of 示例",
        "display_name": "Die casting of 示例",
        "publication_year": 2018,
        "publication_date": "2018-02-13",
        "type": "article",
        "is_retracted": false,
        "is_paratext": false,
        "authorships": [{"author_position": "first", "author": {"id": "https://openalex.org/A1", "display_name": "示例"}}],
        "keywords": [{"id": "https://openalex.org/keywords/x", "display_name": "Die casting", "score": 0.9}],
        "topics": [{"display_name": "Alloys"}],
        "abstract_inverted_index": {"the": [1, 4], "Cast": [0], "thin": [2], "parts,": [3], "better.": [5]},
        "results": null,
        "a new field": {"x": [1, {"y": null}]},
    })
}

fn piece() -> Evidence {
    Evidence {
        id: "doi:10.1000/example.4375".into(),
        r#type: EvidenceType::Paper,
        title: "Die casting of 示例".into(),
        r#abstract: Some("Cast the thin parts, the better.".into()),
        keywords: vec!["Die casting".into()],
        year: Some(2018),
    }
}

#[test]
fn a_work_reads_alike_in_every_shape() {
    let mut second = work();
    second["doi"] = Value::Null;
    let second_piece = Evidence { id: "openalex:W2741809807".into(), ..piece() };
    let both = Intake { rows: vec![piece(), second_piece], problems: vec![] };
    let answer = json!({"meta": {"count": 2, "results": [1]}, "results": [work(), second], "group_by": []});
    for (name, text) in [
        ("list.json", answer.to_string()),
        ("pretty.json", format!("\u{feff}{answer:#}")),
        ("array.json", json!([work(), second]).to_string()),
        ("one after the other.json", format!("{:#}\n{second}", work())),
        ("lines.jsonl", format!("{}\n\n{second}\n", work())),
        ("page.jsonl", answer.to_string()),
        ("mixed.json", json!([piece(), second]).to_string()),
    ] {
        assert_eq!(read(name, text), both, "{name}");
    }
    assert_eq!(read("single.json", work().to_string()).rows, [piece()]);
}

#[test]
fn fields_may_be_missing_null_or_of_another_type() {
    for field in
        ["doi", "title", "type", "keywords", "topics", "abstract_inverted_index", "publication_year", "is_retracted"]
    {
        for value in [
            Value::Null,
            json!(3),
            json!("x"),
            json!([]),
            json!([null, 3, {}]),
            json!({"a": "b"}),
            json!({"a": [-1, "x", null]}),
        ] {
            let mut work = work();
            work[field] = value.clone();
            let intake = read("w.json", work.to_string());
            // A title is text, and a year that is a number is checked.
            let bad = field == "publication_year" && value.is_u64();
            assert_eq!(
                (intake.rows.len(), intake.problems.len()),
                if bad { (0, 1) } else { (1, 0) },
                "{field} = {value}"
            );
        }
    }
    let bare = read(
        "w.json",
        json!({"id": "W12", "display_name": "示例", "concepts": [
        {"display_name": "Alloys", "score": 0.8}, {"display_name": "Law", "score": 0.0}, {"keyword": "old"}]})
        .to_string(),
    );
    assert_eq!(
        (bare.rows[0].id.as_str(), &*bare.rows[0].keywords),
        ("openalex:W12", &["Alloys".to_owned(), "old".into()][..])
    );
    let marked = "<i>Al</i><sub>2</sub>O<sub>3</sub> &amp; p<0.05, a<b &amp;lt; <jats:p>\u{7}x\u{ad}</jats:p><br/>";
    let marked = read("w.json", json!({"id": "https://openalex.org/W12", "title": marked}).to_string());
    assert_eq!(marked.rows[0].title, "Al2O3 & p<0.05, a<b &lt; x");
    let far = read(
        "w.json",
        json!({"id": "W12", "title": "示例", "abstract_inverted_index": {"b": [u64::MAX], "a": [7]}}).to_string(),
    );
    assert_eq!(far.rows[0].r#abstract.as_deref(), Some("a b"));
    let long =
        json!({"id": "W12", "title": "示例", "abstract_inverted_index": {"word": (0..90_000).collect::<Vec<_>>()}});
    assert_eq!(read("w.json", long.to_string()).rows[0].r#abstract.as_deref().map(str::len), Some(19_999));
}

#[test]
fn what_is_no_evidence_is_reported_with_its_line() {
    let with = |field: &str, value: Value| {
        let mut work = work();
        work[field] = value;
        work
    };
    let works = [
        with("is_retracted", json!(true)),
        with("type", json!("paratext")),
        json!({"id": "https://openalex.org/A5", "display_name": "作者"}),
        json!({"id": "https://example.org/W5", "display_name": "别处"}),
        with("title", json!("x\u{0}")),
        json!({"id": "E1", "type": "paper"}),
        json!(7),
        work(),
    ];
    let lines: Vec<String> = works.iter().map(Value::to_string).collect();
    let wanted = [
        (2, "type", "retracted"),
        (3, "type", "no-evidence"),
        (4, "", "author-not-work"),
        (5, "id", "missing-id"),
        (6, "title", "nul"),
        (7, "title", "missing-value"),
        (8, "", "not-object"),
    ];
    for (name, text) in [
        ("a.json", format!("[\n{}\n]", lines.join(",\n"))),
        ("b.json", format!("{{\"results\": [\n{}]}}", lines.join(",\n"))),
        ("c.jsonl", format!("\n{}\n", lines.join("\n"))),
    ] {
        let intake = read(name, text);
        assert_eq!(marks(&intake.problems), wanted, "{name}");
        assert_eq!(intake.rows, [piece()], "{name}");
    }
    let open = read("a.json", format!("{}\n{{\"id\": [", work()));
    assert_eq!((open.rows.len(), marks(&open.problems)), (1, vec![(2, "", "bad-json")]));
    assert_eq!(marks(&read("a.json", "{\"results\": []}").problems), [(1, "", "nothing-found")]);
}

#[test]
fn an_author_becomes_a_profile() {
    let author = json!({
        "id": "https://openalex.org/A5023888391", "orcid": "https://orcid.org/0000-0001-6187-6610",
        "display_name": "示例 作者", "display_name_alternatives": [], "works_count": 38, "summary_stats": {"h_index": 45},
        "last_known_institutions": [{"id": "https://openalex.org/I1", "display_name": "示例大学", "country_code": "CN"}],
        "affiliations": [{"institution": {"display_name": "旧单位"}, "years": [2001]}],
        "topics": [{"display_name": "Die casting", "count": 9}, {"display_name": "Alloys"}],
        "x_concepts": [{"display_name": "Chemistry", "level": 0, "score": 97.4}],
    });
    let wanted = Author {
        id: "A5023888391".into(),
        name: "示例 作者".into(),
        organization: Some("示例大学".into()),
        keywords: vec!["Die casting".into(), "Alloys".into()],
        orcid: Some("0000-0001-6187-6610".into()),
    };
    let read = |text: String| read_authors(upload("author.json", &text)).expect("usable");
    assert_eq!(read(author.to_string()), Intake { rows: vec![wanted.clone()], problems: vec![] });
    assert_eq!(read(json!({"results": [author]}).to_string()).rows, [wanted]);
    let bare = read(
        json!({"id": "https://openalex.org/A7", "display_name": "示例", "orcid": null, "topics": null,
        "last_known_institutions": [], "affiliations": [{"institution": {"display_name": "示例所"}}],
        "x_concepts": [{"display_name": "Law", "score": 9.5}]})
        .to_string(),
    );
    assert_eq!(
        (bare.rows[0].organization.as_deref(), &*bare.rows[0].keywords),
        (Some("示例所"), &["Law".to_owned()][..])
    );
    let none = read(format!("{}\n{}", json!({"id": "https://openalex.org/A8", "display_name": null}), work()));
    assert_eq!(marks(&none.problems), [(1, "", "missing-value"), (2, "", "no-author")]);
}

#[test]
fn evidence_is_read_from_tables_and_lines_too() {
    let pieces = expected().remove(0).evidence;
    let wanted = Intake { rows: pieces.clone(), problems: vec![] };
    let lines: Vec<String> = pieces.iter().map(|piece| serde_json::to_string(piece).expect("JSON")).collect();
    let chinese = "成果编号,成果类型,题名,摘要,关键词,年份\nE1,论文,镁合金压铸,摘要,镁,2020\nE2,合同,压铸件试制,,,\n";
    assert_eq!(read("e.jsonl", lines.join("\n")), wanted);
    assert_eq!(read("e.json", serde_json::to_string(&pieces).expect("JSON")), wanted);
    assert_eq!(read("e.csv", gb18030(chinese)), wanted);
    assert_eq!(read("e.xlsx", workbook(&[("说明", "x"), ("成果", chinese)])), wanted);
    assert_eq!(read("e.xlsx", workbook(&[("Sheet1", chinese)])), wanted);
    let twice = read("e.csv", format!("{chinese}E1,论文,另一题,,,\n"));
    assert_eq!(marks(&twice.problems), [(4, "成果编号", "duplicate-id")]);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn an_abstract_comes_back_in_order(
        words in prop::collection::vec("[a-z镁铝\"\\\\{}\\[\\],.é]{1,4}", 1..60),
        pretty in any::<bool>(),
    ) {
        let mut index = serde_json::Map::new();
        for (at, word) in words.iter().enumerate() {
            let places = index.entry(word.clone()).or_insert_with(|| json!([]));
            places.as_array_mut().expect("array").push(json!(at));
        }
        let work = json!({"id": "https://openalex.org/W1234", "title": words[0], "abstract_inverted_index": index});
        let text = if pretty { format!("{work:#}") } else { work.to_string() };
        let intake = read("w.json", text);
        prop_assert_eq!(marks(&intake.problems), []);
        prop_assert_eq!(intake.rows[0].r#abstract.clone(), Some(words.join(" ")));
        prop_assert_eq!(&intake.rows[0].title, &words[0]);
    }
}
