//! Profiles: who sees and changes what, piece by piece, and what is refused.

use axum::http::header;
use serde_json::{Value, json};
use zhihui::app::accounts::NewAccount;
use zhihui::domain::Role;

use crate::harness::{Answer, PASSWORD, TestApp};

pub fn draft(name: &str) -> Value {
    json!({ "kind": "researcher", "name": name, "organization": "示例大学", "keywords": ["电池", "热失控"],
        "contact": "示例电话 000", "capacity": 2, "consent": true })
}

pub fn piece(id: &str, title: &str) -> Value {
    json!({ "id": id, "type": "paper", "title": title, "year": 2024 })
}

/// Makes a profile with these pieces as an operator, and gives its id.
pub async fn made(app: &TestApp, id: &str, name: &str, pieces: &[Value]) -> String {
    let cookie = app.role(Role::Operator).await;
    let mut body = draft(name);
    body["id"] = id.into();
    app.post("/api/v1/talents", body).cookie(&cookie).send().await.expect(201);
    for piece in pieces {
        let path = format!("/api/v1/talents/{id}/evidence");
        app.post(&path, piece.clone()).cookie(&cookie).send().await.expect(201);
    }
    id.to_owned()
}

/// The profile with all that it holds, as an operator sees it.
pub async fn record(app: &TestApp, id: &str) -> Value {
    let cookie = app.role(Role::Operator).await;
    app.get(&format!("/api/v1/talents/{id}/record")).cookie(&cookie).send().await.expect(200).json()
}

/// Another account of the role talent, signed in.
pub async fn another_talent(app: &TestApp, login: &str) -> String {
    let new = NewAccount {
        login: login.into(),
        name: format!("示例·{login}某"),
        role: Role::Talent,
        organisation: None,
        password: PASSWORD.into(),
    };
    app.app.account_make(None, &new, false).await.unwrap();
    app.sign_in(login).await
}

async fn own_profile(app: &TestApp, cookie: &str) -> Answer {
    let put = app.ask("PUT", "/api/v1/profile").json(draft("示例·张某")).header("if-none-match", "*");
    put.cookie(cookie).send().await.expect(201)
}

#[tokio::test]
async fn a_talent_keeps_the_own_profile() {
    let app = TestApp::new().await;
    let cookie = app.role(Role::Talent).await;
    assert_eq!(app.get("/api/v1/profile").cookie(&cookie).send().await.expect(404).code(), "not-found");
    let answer = own_profile(&app, &cookie).await;
    let (etag, profile) = (answer.header(header::ETAG), answer.json());
    assert!(profile["consent_at"].is_i64() && profile["account"].is_string() && profile["status"] == "active");
    let id = profile["id"].as_str().unwrap().to_owned();

    let again = app.ask("PUT", "/api/v1/profile").json(draft("示例·张某")).header("if-none-match", "*");
    assert_eq!(again.cookie(&cookie).send().await.expect(409).code(), "has-profile");
    let change =
        |etag: &str, body: Value| app.ask("PUT", "/api/v1/profile").json(body).header("if-match", etag).cookie(&cookie);
    let mut body = draft("示例·张某");
    body["bio"] = "  第一行\r\n第二行\u{200b} ".into();
    body["availability"] = "limited".into();
    let changed = change(&etag, body.clone()).send().await.expect(200);
    assert_eq!(
        (&changed.json()["bio"], &changed.json()["availability"]),
        (&json!("第一行\n第二行"), &json!("limited"))
    );
    assert_eq!(change(&etag, body.clone()).send().await.expect(412).code(), "stale");
    assert_eq!(change("\"nonsense\"", body.clone()).send().await.expect(412).code(), "stale");
    let without = app.ask("PUT", "/api/v1/profile").json(body.clone()).cookie(&cookie);
    assert_eq!(without.send().await.expect(428).code(), "if-match-required");

    // What the public sees: no contact, nothing of the account.
    let seen = app.get(&format!("/api/v1/talents/{id}")).send().await.expect(200);
    assert!(!seen.text().contains("示例电话") && seen.json()["claimed"] == true, "{}", seen.text());
    // Without consent it is not shown.
    body["consent"] = false.into();
    let etag = changed.header(header::ETAG);
    let refused = change(&etag, body.clone()).send().await.expect(422);
    assert_eq!(refused.errors(), [("consent".to_owned(), "consent-required".to_owned())]);
    body["visible"] = false.into();
    let hidden = change(&etag, body).send().await.expect(200).json();
    assert_eq!((&hidden["status"], &hidden["consent_at"]), (&json!("hidden"), &Value::Null));
    app.get(&format!("/api/v1/talents/{id}")).send().await.expect(404);

    app.ask("DELETE", "/api/v1/profile").cookie(&cookie).send().await.expect(204);
    app.get("/api/v1/profile").cookie(&cookie).send().await.expect(404);
    assert!(app.app.store().talent(&id).await.unwrap().is_none());
    assert_eq!(app.app.store().audit_verify().await.unwrap().map_err(|b| b.number), Ok(audits(&app).await));
}

/// Entries of the audit log.
async fn audits(app: &TestApp) -> i64 {
    app.app.store().audit_verify().await.unwrap().unwrap()
}

#[tokio::test]
async fn evidence_is_added_changed_hidden_and_removed_piece_by_piece() {
    let app = TestApp::new().await;
    let cookie = app.role(Role::Talent).await;
    let answer = own_profile(&app, &cookie).await;
    let id = answer.json()["id"].as_str().unwrap().to_owned();
    let add = |body: Value| app.post("/api/v1/profile/evidence", body).cookie(&cookie);
    let first = add(piece("doi:10.1/a b", "示例论文一")).header("idempotency-key", "k").send().await.expect(201);
    let replayed = add(piece("doi:10.1/a b", "示例论文一")).header("idempotency-key", "k").send().await.expect(201);
    assert_eq!((first.json(), first.header(header::ETAG)), (replayed.json(), replayed.header(header::ETAG)));
    assert_eq!(
        add(piece("x", "另一项")).header("idempotency-key", "k").send().await.expect(422).code(),
        "idempotency-key-reused"
    );
    assert_eq!(add(piece("doi:10.1/a b", "示例论文一")).send().await.expect(422).errors()[0].1, "evidence-repeated");
    let second = add(json!({ "type": "patent", "title": "示例专利", "hidden": true })).send().await.expect(201).json();
    let second = second["id"].as_str().unwrap().to_owned();
    let seen = app.get(&format!("/api/v1/talents/{id}")).send().await.expect(200).json();
    assert_eq!(seen["evidence"].as_array().unwrap().len(), 1, "hidden pieces are not shown");

    let etag = || async { app.get("/api/v1/profile").cookie(&cookie).send().await.header(header::ETAG) };
    let change = |etag: &str, id: &str, body: Value| {
        let path = format!("/api/v1/profile/evidence/{id}");
        app.ask("PUT", &path).json(body).header("if-match", etag).cookie(&cookie)
    };
    let before = etag().await;
    let mut body = piece("doi:10.1/a b", "示例论文一（修订）");
    body["hidden"] = true.into();
    let changed = change(&before, "doi:10.1%2Fa%20b", body.clone()).send().await.expect(200);
    assert_eq!((&changed.json()["title"], &changed.json()["hidden"]), (&json!("示例论文一（修订）"), &json!(true)));
    assert_eq!(change(&before, "doi:10.1%2Fa%20b", body.clone()).send().await.expect(412).code(), "stale");
    body["id"] = "other".into();
    let fixed = change(&etag().await, "doi:10.1%2Fa%20b", body).send().await.expect(422);
    assert_eq!(fixed.errors()[0].1, "id-fixed");
    let seen = app.get(&format!("/api/v1/talents/{id}")).send().await.expect(200).json();
    assert_eq!(seen["evidence"], json!([]));
    app.ask("DELETE", &format!("/api/v1/profile/evidence/{second}")).cookie(&cookie).send().await.expect(204);
    app.ask("DELETE", &format!("/api/v1/profile/evidence/{second}")).cookie(&cookie).send().await.expect(404);
    assert!(app.app.store().evidence(&[&second]).await.unwrap().is_empty());
}

#[tokio::test]
async fn a_shared_piece_is_hidden_by_each_and_changed_by_operators() {
    let app = TestApp::new().await;
    made(&app, "示例-甲", "示例·甲某", &[piece("e1", "共同的成果")]).await;
    let cookie = app.role(Role::Talent).await;
    own_profile(&app, &cookie).await;
    let add = |body: Value| app.post("/api/v1/profile/evidence", body).cookie(&cookie);
    assert_eq!(add(piece("e1", "另一个题目")).send().await.expect(422).errors()[0].1, "evidence-differs");
    let etag = add(piece("e1", "共同的成果")).send().await.expect(201).header(header::ETAG);
    let own = |etag: &str, body: Value| {
        app.ask("PUT", "/api/v1/profile/evidence/e1").json(body).header("if-match", etag).cookie(&cookie)
    };
    assert_eq!(own(&etag, piece("e1", "改了")).send().await.expect(409).code(), "shared-evidence");
    let mut hidden = piece("e1", "共同的成果");
    hidden["hidden"] = true.into();
    own(&etag, hidden).send().await.expect(200);
    let operator = app.role(Role::Operator).await;
    let other =
        app.get("/api/v1/talents/示例-甲".replace("示例", "%E7%A4%BA%E4%BE%8B").replace('甲', "%E7%94%B2").as_str());
    let seen = other.send().await.expect(200).json();
    assert_eq!(seen["evidence"][0]["title"], "共同的成果", "hidden for one is not hidden for the other");
    let path = "/api/v1/talents/%E7%A4%BA%E4%BE%8B-%E7%94%B2";
    let etag = app.get(&format!("{path}/record")).cookie(&operator).send().await.expect(200).header(header::ETAG);
    let change = app.ask("PUT", &format!("{path}/evidence/e1")).json(piece("e1", "改正的题目"));
    change.header("if-match", &etag).cookie(&operator).send().await.expect(200);
    let mine = app.get("/api/v1/profile").cookie(&cookie).send().await.expect(200).json();
    assert_eq!(mine["evidence"][0]["title"], "改正的题目");
}

#[tokio::test]
async fn all_that_is_wrong_is_said_at_once_and_nothing_is_kept() {
    let app = TestApp::new().await;
    let operator = app.role(Role::Operator).await;
    let bad = json!({ "id": "a b", "kind": "team", "name": " ", "organization": "x".repeat(1_001), "fields": ["没有"],
        "keywords": ["一\n二"], "contact": "\u{7}", "capacity": 51, "bio": "'); DROP TABLE talent; --<script>" });
    let refused = app.post("/api/v1/talents", bad).cookie(&operator).send().await.expect(422);
    let expected = [
        ("id", "bad-id"),
        ("name", "missing-value"),
        ("organization", "too-long"),
        ("keywords[0]", "line-break"),
        ("fields[0]", "unknown-field-code"),
        ("contact", "control-character"),
        ("capacity", "bad-capacity"),
    ];
    assert_eq!(refused.errors(), expected.map(|(f, c)| (f.to_owned(), c.to_owned())));
    assert_eq!(app.app.store().talent_count().await.unwrap(), 0);
    made(&app, "t1", "示例·甲某", &[]).await;
    let bad =
        json!({ "id": "\u{202e}", "type": "paper", "title": "", "year": 70_000, "keywords": ["x".repeat(1_001)] });
    let refused = app.post("/api/v1/talents/t1/evidence", bad).cookie(&operator).send().await.expect(422);
    let expected = [("id", "bad-id"), ("title", "missing-value"), ("keywords[0]", "too-long"), ("year", "bad-year")];
    assert_eq!(refused.errors(), expected.map(|(f, c)| (f.to_owned(), c.to_owned())));
    for (field, value) in
        [("kind", json!("genius")), ("keywords", json!("电池")), ("capacity", json!("2")), ("x", json!(1))]
    {
        let mut body = draft("示例·乙某");
        body[field] = value;
        let refused = app.post("/api/v1/talents", body).cookie(&operator).send().await.expect(422);
        assert_eq!(refused.errors()[0].1, "bad-value", "{field}");
    }
    let mut body = draft("示例·乙某");
    body["id"] = "t1".into();
    let taken = app.post("/api/v1/talents", body).cookie(&operator).send().await.expect(422);
    assert_eq!(taken.errors(), [("id".to_owned(), "taken".to_owned())]);
}

#[tokio::test]
async fn another_persons_profile_is_not_there() {
    let app = TestApp::new().await;
    let own = app.role(Role::Talent).await;
    let id = own_profile(&app, &own).await.json()["id"].as_str().unwrap().to_owned();
    let other = another_talent(&app, "other").await;
    let path = |rest: &str| format!("/api/v1/talents/{id}{rest}");
    for (method, path, body) in [
        ("GET", path("/record"), json!({})),
        ("PUT", path(""), draft("别人")),
        ("DELETE", path(""), json!({})),
        ("POST", path("/evidence"), piece("e", "别人的")),
        ("PUT", path("/evidence/e"), piece("e", "别人的")),
        ("DELETE", path("/evidence/e"), json!({})),
    ] {
        let ask = app.ask(method, &path).json(body).header("if-match", "\"v1\"").cookie(&other);
        assert_eq!(ask.send().await.expect(404).code(), "not-found", "{method} {path}");
    }
    assert_eq!(record(&app, &id).await["version"], 1);
    // An operator neither gives nor takes the person's consent.
    let operator = app.role(Role::Operator).await;
    let mut body = draft("示例·张某");
    body["consent"] = false.into();
    let put = app.ask("PUT", &path("")).json(body).header("if-match", "\"v1\"").cookie(&operator);
    assert!(put.send().await.expect(200).json()["consent_at"].is_i64());
}

#[tokio::test]
async fn operators_list_hide_and_delete() {
    let app = TestApp::new().await;
    for (id, name) in [("t1", "示例·张某"), ("t2", "示例张三"), ("t3", "Li Ming"), ("t4", "李某")] {
        made(&app, id, name, &[]).await;
    }
    let operator = app.role(Role::Operator).await;
    let list = |query: &str| app.get(&format!("/api/v1/talents?{query}")).cookie(&operator);
    let ids = |answer: Answer| -> Vec<String> {
        let items = answer.json()["items"].as_array().unwrap().clone();
        items.iter().map(|i| i["id"].as_str().unwrap().to_owned()).collect()
    };
    let first = list("limit=3").send().await.expect(200);
    let next = first.json()["next"].as_str().unwrap().to_owned();
    assert_eq!(ids(first), ["t1", "t2", "t3"]);
    assert_eq!(ids(list(&format!("limit=3&after={next}")).send().await), ["t4"]);
    assert_eq!(ids(list("name=%E7%A4%BA%E4%BE%8B%E5%BC%A0").send().await), ["t1", "t2"], "示例张");
    assert_eq!(ids(list("name=LI").send().await), ["t3"]);
    let mut body = draft("李某");
    body["visible"] = false.into();
    let hide = app.ask("PUT", "/api/v1/talents/t4").json(body).header("if-match", "\"v1\"").cookie(&operator);
    hide.send().await.expect(200);
    assert_eq!(ids(list("status=hidden").send().await), ["t4"]);
    assert_eq!(list("status=gone").send().await.expect(422).errors()[0].1, "unknown");
    let before = app.app.store().change_newest().await.unwrap();
    app.ask("DELETE", "/api/v1/talents/t4").cookie(&operator).send().await.expect(204);
    app.ask("DELETE", "/api/v1/talents/t4").cookie(&operator).send().await.expect(404);
    let told = app.app.store().changes_after(before, 10).await.unwrap();
    assert_eq!(told.iter().map(|c| c.id.as_str()).collect::<Vec<_>>(), ["t4"], "the index is told");
}
