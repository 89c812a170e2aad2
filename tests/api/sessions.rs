//! Sign in, throttling, expiry, passwords, tokens, registration, and creates that are done once.

use axum::http::header;
use serde_json::json;
use zhihui::domain::Role;

use crate::harness::{PASSWORD, TestApp};

#[tokio::test]
async fn a_session_begins_ends_and_runs_out() {
    let app = TestApp::new().await;
    let answer = app.post("/api/v1/session", json!({ "login": " Enterprise ", "password": PASSWORD })).send().await;
    let set = answer.header(header::SET_COOKIE);
    assert!(set.contains("HttpOnly") && set.contains("SameSite=Lax"), "{set}");
    let cookie = answer.expect(200).cookie();
    let me = app.get("/api/v1/session").cookie(&cookie).send().await.expect(200).json();
    assert_eq!((me["role"].as_str(), me["name"].as_str()), (Some("enterprise"), Some("示例企业")));
    app.ask("DELETE", "/api/v1/session").cookie(&cookie).send().await.expect(204);
    app.get("/api/v1/session").cookie(&cookie).send().await.expect(401);

    let cookie = app.role(Role::Operator).await;
    app.pass(12 * 3_600_000 - 1);
    app.get("/api/v1/session").cookie(&cookie).send().await.expect(200);
    app.pass(1);
    app.get("/api/v1/session").cookie(&cookie).send().await.expect(401);
}

#[tokio::test]
async fn after_five_failures_a_login_waits_whether_it_exists_or_not() {
    let app = TestApp::new().await;
    for login in ["operator", "nobody-here"] {
        let wrong = || app.post("/api/v1/session", json!({ "login": login, "password": "not the right one" }));
        for _ in 0..5 {
            let answer = wrong().send().await.expect(401);
            assert_eq!(answer.code(), "sign-in-failed");
        }
        let answer = wrong().send().await.expect(429);
        assert_eq!(answer.header(header::RETRY_AFTER), "900");
    }
    // The right password does not help before the time is over.
    let right = || app.post("/api/v1/session", json!({ "login": "operator", "password": PASSWORD }));
    right().send().await.expect(429);
    app.pass(15 * 60_000 + 1);
    right().send().await.expect(200);
}

#[tokio::test]
async fn changing_the_password_ends_every_session() {
    let app = TestApp::new().await;
    let (one, other) = (app.role(Role::Talent).await, app.role(Role::Talent).await);
    let change = |present: &str, new: &str| {
        app.ask("PUT", "/api/v1/session/password").json(json!({ "present": present, "new": new })).cookie(&one)
    };
    assert_eq!(change("wrong", "另外四个普通的词语呀").send().await.expect(422).errors()[0].1, "wrong-password");
    assert_eq!(change(PASSWORD, "short").send().await.expect(422).errors()[0].1, "password-short");
    change(PASSWORD, "另外四个普通的词语呀").send().await.expect(204);
    for cookie in [&one, &other] {
        app.get("/api/v1/session").cookie(cookie).send().await.expect(401);
    }
    let again = json!({ "login": "talent", "password": "另外四个普通的词语呀" });
    app.post("/api/v1/session", again).send().await.expect(200);
}

#[tokio::test]
async fn a_token_does_what_its_scope_says_until_it_is_revoked() {
    let app = TestApp::new().await;
    let cookie = app.role(Role::Operator).await;
    let made = |scopes| {
        let body = json!({ "name": "脚本", "scopes": scopes, "days": 1 });
        app.post("/api/v1/tokens", body).cookie(&cookie)
    };
    let made_token = made(json!(["read"])).send().await.expect(201).json();
    let bearer = format!("Bearer {}", made_token["secret"].as_str().unwrap());
    let with = |method: &str, path: &str| app.ask(method, path).header("authorization", &bearer).json(json!({}));
    with("GET", "/api/v1/accounts").send().await.expect(200);
    assert_eq!(with("POST", "/api/v1/accounts/x/decision").send().await.expect(403).code(), "token-read-only");
    assert_eq!(with("GET", "/api/v1/tokens").send().await.expect(403).code(), "token-not-allowed");
    let listed = app.get("/api/v1/tokens").cookie(&cookie).send().await.expect(200);
    assert!(!listed.text().contains(made_token["secret"].as_str().unwrap()));
    let id = made_token["id"].as_str().unwrap();
    let foreign = app.role(Role::Administrator).await;
    app.ask("DELETE", &format!("/api/v1/tokens/{id}")).cookie(&foreign).send().await.expect(404);
    app.ask("DELETE", &format!("/api/v1/tokens/{id}")).cookie(&cookie).send().await.expect(204);
    with("GET", "/api/v1/accounts").send().await.expect(401);
    assert_eq!(made(json!(["all"])).send().await.expect(422).errors()[0].1, "unknown-scope");
}

fn registration(login: &str, code: &str) -> serde_json::Value {
    json!({
        "login": login, "name": "示例·张某", "password": "梅花香自苦寒来宝剑锋", "role": "enterprise",
        "organisation": { "name": format!("示例企业 {login}"), "kind": "enterprise", "credit_code": code,
            "region": "重庆市江北区", "high_tech": true }
    })
}

#[tokio::test]
async fn who_registers_signs_in_after_an_operator_has_approved() {
    let app = TestApp::new().await;
    // Its check character was computed apart from this code.
    let code = "91500105MA60123A4Q".replace("60123", "60124");
    let wrong = app.post("/api/v1/registrations", registration("a", "9150")).send().await.expect(422);
    let expected = [("login", "login-length"), ("organisation.credit_code", "bad-credit-code")];
    assert_eq!(wrong.errors(), expected.map(|(f, c)| (f.to_owned(), c.to_owned())), "all at once");
    let taken = registration("new-firm", crate::harness::CREDIT_CODE);
    let taken = app.post("/api/v1/registrations", taken).send().await.expect(422);
    assert_eq!(taken.errors()[0], ("organisation.name".into(), "taken".into()));
    let fits = |last: char| zhihui::domain::CreditCode::parse(&format!("{}{last}", &code[..17])).is_ok();
    let last = "0123456789ABCDEFGHJKLMNPQRTUWXY".chars().find(|c| fits(*c)).unwrap();
    let made = registration("new-firm", &format!("{}{last}", &code[..17]));
    let made = app.post("/api/v1/registrations", made).send().await.expect(201).json();
    let sign_in = || app.post("/api/v1/session", json!({ "login": "new-firm", "password": "梅花香自苦寒来宝剑锋" }));
    assert_eq!(sign_in().send().await.expect(403).code(), "account-pending");
    let path = format!("/api/v1/accounts/{}/decision", made["id"].as_str().unwrap());
    let decide = || app.post(&path, json!({ "approve": true }));
    let operator = app.role(Role::Operator).await;
    decide().cookie(&operator).send().await.expect(200);
    sign_in().send().await.expect(200);
    assert_eq!(decide().cookie(&operator).send().await.expect(409).code(), "already-decided");
}

#[tokio::test]
async fn a_temporary_password_opens_only_the_own_account() {
    let app = TestApp::new().await;
    let cookie = app.role(Role::Administrator).await;
    let new = json!({ "login": "officer", "name": "示例", "role": "operator", "password": "temporary but long" });
    let create = || app.post("/api/v1/accounts", new.clone()).cookie(&cookie);
    let made = create().header("idempotency-key", "k1").send().await.expect(201);
    // The same request under the same key is done once; another body under it is refused.
    let again = create().header("idempotency-key", "k1").send().await.expect(201);
    assert_eq!((again.json(), again.header(header::ETAG)), (made.json(), made.header(header::ETAG)));
    let other = json!({ "login": "other", "name": "示例", "role": "operator", "password": "temporary but long" });
    let other = app.post("/api/v1/accounts", other).cookie(&cookie).header("idempotency-key", "k1").send().await;
    assert_eq!(other.expect(422).code(), "idempotency-key-reused");
    assert_eq!(create().send().await.expect(422).errors()[0].1, "taken");

    let sign_in = json!({ "login": "officer", "password": "temporary but long" });
    let officer = app.post("/api/v1/session", sign_in).send().await.expect(200).cookie();
    let list = app.get("/api/v1/accounts").cookie(&officer).send().await.expect(403);
    assert_eq!(list.code(), "password-change-required");
}

#[tokio::test]
async fn what_another_site_sends_and_what_is_no_json_is_refused() {
    let app = TestApp::new().await;
    let cookie = app.role(Role::Operator).await;
    let forged = app.ask("DELETE", "/api/v1/session").cookie(&cookie).header("sec-fetch-site", "cross-site");
    assert_eq!(forged.send().await.expect(403).code(), "forged");
    for (kind, body, status, code) in [
        ("text/plain", "{}", 415, "not-json"),
        ("application/json", "{\"login\": ", 400, "broken-json"),
        ("application/json", "{} {}", 422, "invalid"),
        ("application/json", "{\"login\": \"a\\u0000b\", \"password\": \"\"}", 422, "invalid"),
        ("application/json", "{\"login\": \"\\ud800\", \"password\": \"\"}", 400, "broken-json"),
        ("application/json", "{\"login\": 5, \"password\": \"\"}", 422, "invalid"),
    ] {
        let ask = app.ask("POST", "/api/v1/session").header("content-type", kind).body(body);
        assert_eq!(ask.send().await.expect(status).code(), code, "{body}");
    }
    let huge = "x".repeat(3 << 20);
    let ask = app.ask("POST", "/api/v1/session").header("content-type", "application/json").body(huge);
    assert_eq!(ask.send().await.expect(413).code(), "too-large");
    let announced = app.ask("POST", "/api/v1/imports").header("content-length", (1 << 30).to_string());
    assert_eq!(announced.send().await.expect(413).code(), "too-large", "before any of it is read");
    assert_eq!(app.get("/api/v1/nothing").send().await.expect(404).code(), "no-such-route");
    assert_eq!(app.get("/api/v1/accounts/a%00b").send().await.expect(400).code(), "nul");
    let page = app.get("/nothing").send().await.expect(404);
    assert!(page.text().contains("回到首页"), "{}", page.text());
}
