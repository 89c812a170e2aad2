//! Imports: previewed, confirmed, reported; what was compared must still hold; files of all kinds.

use axum::http::header;
use serde_json::{Value, json};
use zhihui::app::imports::import_needs;
use zhihui::domain::Role;

use crate::harness::{Answer, Ask, TestApp};
use crate::talents::{another_talent, draft, made, piece, record};

/// Name of the field, name of the file, content.
type Part<'a> = (&'a str, &'a str, &'a [u8]);

fn form(parts: &[Part<'_>]) -> Vec<u8> {
    let mut body = Vec::new();
    for (field, name, content) in parts {
        let head = format!("--bound\r\ncontent-disposition: form-data; name=\"{field}\"; filename=\"{name}\"\r\n\r\n");
        body.extend_from_slice(head.as_bytes());
        body.extend_from_slice(content);
        body.extend_from_slice(b"\r\n");
    }
    body.extend_from_slice(b"--bound--\r\n");
    body
}

fn upload<'a>(app: &'a TestApp, path: &str, parts: &[Part<'_>]) -> Ask<'a> {
    app.ask("POST", path).header("content-type", "multipart/form-data; boundary=bound").body(form(parts))
}

/// Talents as JSON lines.
fn lines(talents: &[Value]) -> Vec<u8> {
    talents.iter().map(|t| format!("{t}\n")).collect::<String>().into_bytes()
}

fn talent(id: &str, name: &str, evidence: &[Value]) -> Value {
    json!({ "id": id, "kind": "researcher", "name": name, "organization": "示例大学", "evidence": evidence })
}

async fn preview(app: &TestApp, cookie: &str, talents: &[Value]) -> Answer {
    upload(app, "/api/v1/imports", &[("file", "示例.jsonl", &lines(talents))]).cookie(cookie).send().await
}

async fn confirm(app: &TestApp, cookie: &str, preview: &Answer) -> Answer {
    let path = format!("/api/v1/imports/{}/confirm", preview.json()["id"].as_str().unwrap());
    app.ask("POST", &path).cookie(cookie).send().await
}

fn counts(answer: &Answer) -> [u64; 4] {
    let counts = &answer.json()["report"]["counts"];
    ["new", "changed", "unchanged", "refused"].map(|field| counts[field].as_u64().unwrap())
}

/// The codes of what was refused, with their rows.
fn refused(answer: &Answer) -> Vec<(u64, String)> {
    let refused = answer.json()["report"]["refused"].as_array().unwrap().clone();
    refused.iter().map(|r| (r["row"].as_u64().unwrap(), r["code"].as_str().unwrap().to_owned())).collect()
}

async fn talent_count(app: &TestApp) -> i64 {
    app.app.store().talent_count().await.unwrap()
}

#[tokio::test]
async fn nothing_is_written_before_it_is_confirmed_and_then_once() {
    let app = TestApp::new().await;
    let cookie = app.role(Role::Operator).await;
    let first = [
        talent("t1", "示例·甲某", &[piece("e1", "共有"), piece("e2", "甲的")]),
        json!({ "id": "t2", "kind": "genius", "name": "示例·乙某" }),
        talent("t3", "示例·丙某", &[piece("e1", "共有")]),
    ];
    let ask = || upload(&app, "/api/v1/imports", &[("file", "示例.jsonl", &lines(&first))]).cookie(&cookie);
    let found = ask().header("idempotency-key", "k").send().await.expect(201);
    let replayed = ask().header("idempotency-key", "k").send().await.expect(201);
    assert_eq!(found.json(), replayed.json(), "done once");
    assert_eq!((counts(&found), refused(&found)), ([2, 0, 0, 1], vec![(2, "unknown-kind".into())]));
    assert_eq!(found.json()["report"]["new"][0], json!({ "row": 1, "id": "t1", "name": "示例·甲某" }));
    assert_eq!((talent_count(&app).await, found.json()["status"].as_str()), (0, Some("previewed")));

    let done = confirm(&app, &cookie, &found).await.expect(200);
    assert_eq!((counts(&done), done.json()["status"].as_str()), ([2, 0, 0, 1], Some("done")));
    assert_eq!(confirm(&app, &cookie, &found).await.expect(200).json(), done.json(), "confirmed again");
    assert_eq!(talent_count(&app).await, 2);
    assert_eq!(record(&app, "t1").await["evidence"].as_array().unwrap().len(), 2);
    // The report stays, without names.
    let path = format!("/api/v1/imports/{}", found.json()["id"].as_str().unwrap());
    let report = app.get(&path).cookie(&cookie).send().await.expect(200);
    assert!(!report.text().contains("示例·甲某") && report.json()["report"]["refused"][0]["column"] == "kind");
    let book = app.get(&format!("{path}/report.xlsx")).cookie(&cookie).send().await.expect(200);
    assert!(book.body.starts_with(b"PK") && book.header(header::CONTENT_DISPOSITION).starts_with("attachment"));
    let listed = app.get("/api/v1/imports").cookie(&cookie).send().await.expect(200).json();
    assert_eq!(listed["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn an_import_adds_and_changes_and_takes_nothing_away() {
    let app = TestApp::new().await;
    let cookie = app.role(Role::Operator).await;
    made(&app, "t1", "示例·甲某", &[piece("e1", "旧题目"), piece("e2", "不在文件里")]).await;
    made(&app, "t2", "示例·乙某", &[piece("e1", "旧题目")]).await;
    let before = record(&app, "t1").await;
    let mut row = talent("t1", "示例·甲某", &[piece("e1", "新题目"), piece("e3", "新成果")]);
    row["title"] = "教授".into();
    let same = json!({ "id": "t2", "kind": "researcher", "name": "示例·乙某", "organization": "" });
    let found = preview(&app, &cookie, &[row.clone(), same.clone()]).await.expect(201);
    assert_eq!(counts(&found), [0, 1, 1, 0]);
    assert_eq!(found.json()["report"]["changed"][0]["fields"], json!(["title", "evidence"]));
    confirm(&app, &cookie, &found).await.expect(200);
    let after = record(&app, "t1").await;
    let titles: Vec<&str> =
        after["evidence"].as_array().unwrap().iter().map(|e| e["title"].as_str().unwrap()).collect();
    assert_eq!(titles, ["新题目", "不在文件里", "新成果"]);
    for field in ["keywords", "contact", "capacity", "consent_at", "created_at"] {
        assert_eq!(after[field], before[field], "blank changes nothing: {field}");
    }
    assert_eq!(record(&app, "t2").await["evidence"][0]["title"], "新题目", "shared");
    assert_eq!(counts(&preview(&app, &cookie, &[row, same]).await.expect(201)), [0, 0, 2, 0]);
}

#[tokio::test]
async fn what_belongs_to_a_person_is_left_alone() {
    let app = TestApp::new().await;
    let cookie = app.role(Role::Operator).await;
    made(&app, "merged", "示例·甲某", &[]).await;
    made(&app, "kept", "示例·甲某", &[]).await;
    let merge = json!({ "kept": "kept", "dropped": "merged" });
    app.post("/api/v1/merges", merge).cookie(&cookie).send().await.expect(201);
    let person = app.role(Role::Talent).await;
    let own = app.post("/api/v1/talents", draft("示例·张某")).cookie(&person).send().await.expect(201).json();
    let own = own["id"].as_str().unwrap();
    app.post("/api/v1/profile/evidence", piece("e1", "本人写的")).cookie(&person).send().await.expect(201);
    let rows = [
        talent(own, "改名", &[]),
        talent("merged", "示例·甲某", &[]),
        talent("new", "示例·丁某", &[piece("e1", "别的题目"), piece("e2", "自己的")]),
    ];
    let found = preview(&app, &cookie, &rows).await.expect(201);
    let expected = [(1, "claimed"), (2, "merged"), (3, "evidence-differs")];
    assert_eq!(refused(&found), expected.map(|(row, code)| (row, code.to_owned())));
    confirm(&app, &cookie, &found).await.expect(200);
    assert_eq!(record(&app, own).await["evidence"][0]["title"], "本人写的");
    assert_eq!(record(&app, "new").await["evidence"].as_array().unwrap().len(), 1, "taken without the piece");
}

#[tokio::test]
async fn a_preview_that_no_longer_holds_is_not_confirmed() {
    let app = TestApp::new().await;
    let cookie = app.role(Role::Operator).await;
    made(&app, "t1", "示例·甲某", &[piece("e1", "题目")]).await;
    let row = talent("t1", "示例·甲", &[]);
    let found = preview(&app, &cookie, &[row.clone(), talent("t2", "示例·乙某", &[])]).await.expect(201);
    let put = app.ask("PUT", "/api/v1/talents/t1").json(draft("示例·甲某")).header("if-match", "\"v2\"");
    put.cookie(&cookie).send().await.expect(200);
    assert_eq!(confirm(&app, &cookie, &found).await.expect(409).code(), "preview-outdated");
    let found = preview(&app, &cookie, &[row.clone(), talent("t2", "示例·乙某", &[])]).await.expect(201);
    made(&app, "t2", "示例·乙某", &[]).await;
    assert_eq!(confirm(&app, &cookie, &found).await.expect(409).code(), "preview-outdated", "no longer new");
    assert_eq!(record(&app, "t1").await["name"], "示例·甲某", "nothing of it is written");

    // A preview holds what people wrote: it is kept for a day.
    let found = preview(&app, &cookie, std::slice::from_ref(&row)).await.expect(201);
    app.pass(24 * 3_600_000 + 1);
    let cookie = app.role(Role::Operator).await;
    let again = preview(&app, &cookie, &[row]).await.expect(201);
    assert_eq!(confirm(&app, &cookie, &found).await.expect(409).code(), "preview-outdated");
    confirm(&app, &cookie, &again).await.expect(200);
    let nobody = app.ask("POST", "/api/v1/imports/none/confirm").cookie(&cookie).send().await.expect(404);
    assert_eq!(nobody.code(), "not-found");
}

#[tokio::test]
async fn two_who_confirm_at_once_get_the_same_answer() {
    let app = TestApp::new().await;
    let cookie = app.role(Role::Operator).await;
    let rows: Vec<Value> = (0..50).map(|n| talent(&format!("t{n}"), "示例·甲某", &[])).collect();
    let found = preview(&app, &cookie, &rows).await.expect(201);
    let (a, b) = tokio::join!(confirm(&app, &cookie, &found), confirm(&app, &cookie, &found));
    assert_eq!(a.expect(200).json(), b.expect(200).json());
    assert_eq!(record(&app, "t0").await["version"], 1);
}

#[tokio::test]
async fn workbooks_and_pairs_of_tables_are_read() {
    let app = TestApp::new().await;
    let cookie = app.role(Role::Operator).await;
    // The template is what is read: with its fictional row it is a good file.
    let template = app.get("/api/v1/imports/template.xlsx").cookie(&cookie).send().await.expect(200);
    let ask = upload(&app, "/api/v1/imports", &[("file", "示例.XLSX", &template.body)]).cookie(&cookie);
    let found = ask.send().await.expect(201);
    assert_eq!(counts(&found), [1, 0, 0, 0], "{}", found.text());
    let talents = "编号,类型,姓名,单位\na1,研究人员,示例·甲某,示例大学\na2,什么,示例·乙某,示例大学\n";
    let evidence = "人才编号,成果编号,类型,题名\na1,e1,论文,示例论文\na9,e2,论文,示例论文\n";
    let parts: [Part<'_>; 2] =
        [("file", "talents.csv", talents.as_bytes()), ("evidence", "evidence.csv", evidence.as_bytes())];
    let found = upload(&app, "/api/v1/imports", &parts).cookie(&cookie).send().await.expect(201);
    assert_eq!((counts(&found), refused(&found)[1].clone()), ([1, 0, 0, 2], (3, "unknown-talent".to_owned())));
    confirm(&app, &cookie, &found).await.expect(200);
    assert_eq!(record(&app, "a1").await["evidence"][0]["title"], "示例论文");
    // A workbook's own refusals name the sheet.
    let mut book = rust_xlsxwriter::Workbook::new();
    let sheet = book.add_worksheet().set_name("人才").unwrap();
    for (row, cells) in [["编号", "类型", "姓名", "单位"], ["a1", "研究人员", "改名", "示例大学"]].iter().enumerate()
    {
        for (column, cell) in cells.iter().enumerate() {
            sheet.write_string(row as u32, column as u16, *cell).unwrap();
        }
    }
    let person = app.role(Role::Talent).await;
    let claim = json!({ "talent": "a1", "statement": "是我", "consent": true });
    let claim = app.post("/api/v1/profile/claims", claim).cookie(&person).send().await.expect(201).json();
    let path = format!("/api/v1/claims/{}/decision", claim["id"].as_str().unwrap());
    app.post(&path, json!({ "approve": true })).cookie(&cookie).send().await.expect(200);
    let parts: [Part<'_>; 1] = [("file", "a.xlsx", &book.save_to_buffer().unwrap())];
    let found = upload(&app, "/api/v1/imports", &parts).cookie(&cookie).send().await.expect(201).json();
    let refusal = &found["report"]["refused"][0];
    assert_eq!((&refusal["sheet"], &refusal["row"], &refusal["code"]), (&json!("人才"), &json!(2), &json!("claimed")));
}

#[tokio::test]
async fn what_is_no_such_file_is_a_problem_and_nothing_else() {
    let app = TestApp::new().await;
    let cookie = app.role(Role::Operator).await;
    let good = lines(&[talent("t1", "示例·甲某", &[])]);
    let cases: &[(&[Part<'_>], &str)] = &[
        (&[("file", "a.txt", b"x")], "unknown-extension"),
        (&[("file", "a.xlsx", b"\x89PNG\r\n\x1a\n")], "wrong-content"),
        (&[("file", "a.xlsx", b"PK\x03\x04 no workbook")], "bad-workbook"),
        (&[("file", "a.csv", b"\xff\xfe\x00")], "bad-file-encoding"),
        (&[("file", "a.csv", "编号\n1".as_bytes())], "missing-columns"),
        (&[("file", "a.jsonl", &good), ("evidence", "e.csv", b"x")], "needless-evidence"),
        (&[("file", "a.jsonl", &good), ("file", "b.jsonl", &good)], "unknown-part"),
        (&[("file", "a.jsonl", &good), ("other", "b.jsonl", &good)], "unknown-part"),
        (&[("other", "a.jsonl", &good)], "missing-value"),
        (&[("file", "", &good)], "unknown-extension"),
        (&[], "missing-value"),
    ];
    for (parts, code) in cases {
        let answer = upload(&app, "/api/v1/imports", parts).cookie(&cookie).send().await.expect(422);
        assert_eq!(answer.errors()[0].1, *code, "{}", answer.text());
    }
    // Bad rows alone are a report.
    let bad = b"{\"id\": \"a\n\n[1]\n{\"id\":\"\\u0000\"}\n\"\\ud800\"\n".as_slice();
    let found = upload(&app, "/api/v1/imports", &[("file", "a.jsonl", bad)]).cookie(&cookie).send().await.expect(201);
    assert!(counts(&found)[0] == 0 && counts(&found)[3] >= 4, "{}", found.text());
    for (kind, body, status, code) in [
        ("application/json", b"{}".as_slice(), 415, "not-multipart"),
        ("multipart/form-data", b"", 415, "not-multipart"),
        ("multipart/form-data; boundary=bound", b"--bound\r\ncontent-disposition: form-data", 400, "broken-body"),
        ("multipart/form-data; boundary=bound", b"nothing of the kind", 400, "broken-body"),
        (
            "multipart/form-data; boundary=bound",
            b"--bound\r\ncontent-disposition: form-data; name=\"file\"\r\n\r\nx\r\n--bound--\r\n",
            422,
            "invalid",
        ),
    ] {
        let ask = app.ask("POST", "/api/v1/imports").header("content-type", kind).body(body).cookie(&cookie);
        assert_eq!(ask.send().await.expect(status).code(), code, "{}", String::from_utf8_lossy(body));
    }
    let huge = vec![b'\n'; 66 << 20];
    let huge = upload(&app, "/api/v1/imports", &[("file", "a.jsonl", &huge)]).cookie(&cookie);
    assert_eq!(huge.send().await.expect(413).code(), "file-too-large");
    assert_eq!(talent_count(&app).await, 0);
}

async fn evidence_file(app: &TestApp, cookie: &str, name: &str, content: &str) -> Answer {
    let parts: [Part<'_>; 1] = [("file", name, content.as_bytes())];
    upload(app, "/api/v1/profile/evidence-file", &parts).cookie(cookie).send().await
}

async fn evidence_confirm(app: &TestApp, cookie: &str, preview: &Answer) -> Answer {
    let path = format!("/api/v1/profile/evidence-file/{}/confirm", preview.json()["id"].as_str().unwrap());
    app.ask("POST", &path).cookie(cookie).send().await
}

#[tokio::test]
async fn evidence_comes_from_a_file_after_a_preview() {
    let app = TestApp::new().await;
    made(&app, "other", "示例·甲某", &[piece("shared", "共有"), piece("theirs", "别人的")]).await;
    let cookie = app.role(Role::Talent).await;
    assert_eq!(evidence_file(&app, &cookie, "a.jsonl", "{}").await.expect(404).code(), "not-found", "no profile");
    app.post("/api/v1/talents", draft("示例·张某")).cookie(&cookie).send().await.expect(201);
    for piece in [piece("own", "自己的"), piece("shared", "共有"), piece("same", "不变的")] {
        app.post("/api/v1/profile/evidence", piece).cookie(&cookie).send().await.expect(201);
    }
    let rows = [
        piece("own", "改了题目"),
        piece("shared", "改了共有的"),
        piece("same", "不变的"),
        piece("theirs", "别的内容"),
        piece("new", "新的"),
        json!({ "id": "bad", "type": "paper" }),
    ];
    let file: String = rows.iter().map(|r| format!("{r}\n")).collect();
    let found = evidence_file(&app, &cookie, "成果.jsonl", &file).await.expect(201);
    let expected = [(6, "missing-value"), (2, "shared-evidence"), (4, "evidence-differs")];
    assert_eq!((counts(&found), refused(&found)), ([1, 1, 1, 3], expected.map(|(r, c)| (r, c.to_owned())).to_vec()));
    assert_eq!(found.json()["report"]["changed"][0]["fields"], json!(["title"]));
    let evidence = || async {
        let profile = app.get("/api/v1/profile").cookie(&cookie).send().await.expect(200).json();
        let titles = profile["evidence"].as_array().unwrap().iter().map(|e| e["title"].as_str().unwrap().to_owned());
        titles.collect::<Vec<_>>()
    };
    assert_eq!(evidence().await, ["自己的", "共有", "不变的"], "nothing is written yet");
    // Nobody else confirms it.
    let stranger = another_talent(&app, "stranger").await;
    app.post("/api/v1/talents", draft("示例·别某")).cookie(&stranger).send().await.expect(201);
    assert_eq!(evidence_confirm(&app, &stranger, &found).await.expect(404).code(), "not-found");
    let operator = app.role(Role::Operator).await;
    assert_eq!(confirm(&app, &operator, &found).await.expect(404).code(), "not-found");

    let done = evidence_confirm(&app, &cookie, &found).await.expect(200);
    assert_eq!(evidence().await, ["改了题目", "共有", "不变的", "新的"]);
    assert_eq!(evidence_confirm(&app, &cookie, &found).await.expect(200).json(), done.json());
    // What changes meanwhile is previewed again.
    let bib = "@article{a2024, title={示例论文}, year={2024}, doi={10.1000/1}}\n@book{}";
    let found = evidence_file(&app, &cookie, "a.bib", bib).await.expect(201);
    assert_eq!(counts(&found)[0], 1, "{}", found.text());
    app.post("/api/v1/profile/evidence", piece("doi:10.1000/1", "抢先加上的")).cookie(&cookie).send().await.expect(201);
    assert_eq!(evidence_confirm(&app, &cookie, &found).await.expect(409).code(), "preview-outdated");
    // Of two previews, the later one counts.
    let first = evidence_file(&app, &cookie, "b.bib", &bib.replace("/1}", "/2}")).await.expect(201);
    let second = evidence_file(&app, &cookie, "b.bib", &bib.replace("/1}", "/3}")).await.expect(201);
    assert_eq!(evidence_confirm(&app, &cookie, &first).await.expect(409).code(), "preview-outdated");
    evidence_confirm(&app, &cookie, &second).await.expect(200);
    assert_eq!(evidence_file(&app, &cookie, "a.exe", "MZ").await.expect(422).errors()[0].1, "unknown-extension");
}

/// What `zhihui import` does with needs.
#[tokio::test]
async fn needs_become_drafts_of_the_enterprise_that_they_name() {
    let app = TestApp::new().await;
    let folder = tempfile::tempdir().unwrap();
    let file = folder.path().join("needs.jsonl");
    let need = |id: &str, organization: &str, problem: &str| {
        json!({ "id": id, "organization": organization, "problem": problem }).to_string()
    };
    let import = async |rows: &[String]| {
        std::fs::write(&file, rows.join("\n")).unwrap();
        let done = import_needs(app.app.store(), app.app.now(), &file, false, |_, _| {}).await.unwrap();
        let codes = done.refused.iter().map(|r| (r.row, r.code.clone())).collect::<Vec<_>>();
        (done.counts.new, done.counts.changed, done.counts.unchanged, codes)
    };
    let own = need("n1", "示例电池企业", "电池热失控");
    let unknown = (2, "unknown-organization".to_owned());
    assert_eq!(import(&[own.clone(), need("n2", "没有的企业", "难题")]).await, (1, 0, 0, vec![unknown]));
    assert_eq!(import(&[own]).await, (0, 0, 1, vec![]));
    assert_eq!(import(&[need("n1", "示例电池企业", "电池热失控的阻断")]).await, (0, 1, 0, vec![]));
    let enterprise = app.role(Role::Enterprise).await;
    let found = app.get("/api/v1/needs/n1").cookie(&enterprise).send().await.expect(200).json();
    assert!(found.to_string().contains("电池热失控的阻断") && found["status"] == "draft", "{found}");
    app.app.store().audit_verify().await.unwrap().unwrap();
}

#[tokio::test]
async fn an_author_of_openalex_begins_a_profile_and_nothing_is_kept() {
    let app = TestApp::new().await;
    let talent = app.role(Role::Talent).await;
    let author = json!({
        "id": "https://openalex.org/A5000000001", "display_name": "Example Zhang", "works_count": 3,
        "last_known_institutions": [{ "display_name": "Example University" }],
        "topics": [{ "display_name": "Thermal runaway" }]
    });
    let send = |content: String, cookie: &str| {
        let parts: [Part<'_>; 1] = [("file", "author.json", content.as_bytes())];
        upload(&app, "/api/v1/profile/author-file", &parts).cookie(cookie)
    };
    let read = send(author.to_string(), &talent).send().await.expect(200).json();
    assert_eq!(read[0]["name"], "Example Zhang");
    assert_eq!(read[0]["organization"], "Example University");
    app.get("/api/v1/profile").cookie(&talent).send().await.expect(404);
    let refused = send(json!({ "id": "https://openalex.org/W1" }).to_string(), &talent).send().await.expect(422);
    assert_eq!(refused.errors()[0], ("file".into(), "no-author".into()));
    send(author.to_string(), &app.role(Role::Enterprise).await).send().await.expect(403);
}
