//! Needs over the API: written, submitted, published or given back, withdrawn; who sees them; and
//! what bad input is told.

use axum::http::header;
use serde_json::{Value, json};
use zhihui::app::{Actor, AppError};
use zhihui::domain::{Need, Role};
use zhihui::store::Saving;

use crate::harness::{Answer, TestApp};

/// A need with the four items of 第六条.
pub fn complete() -> Value {
    json!({
        "title": "示例电池包热失控阻断", "mode": "collaborative",
        "problem": "我公司为整车厂配套三元电池包，单颗电芯热失控后约 6 分钟引燃相邻电芯，亟需热阻断方案",
        "targets": [{ "name": "无明火时间", "value": "≥120", "unit": "min" }],
        "scenario": "整车配套电池包", "total_investment": 3_600_000, "self_raised": 2_600_000, "field": "A1",
        "region": "重庆市渝北区", "deadline": "2027-06-30", "ownership": "双方共有"
    })
}

/// A need as somebody who is signed in works on it.
pub struct Desk<'a> {
    pub app: &'a TestApp,
    pub cookie: String,
    pub path: String,
    pub etag: String,
}

impl<'a> Desk<'a> {
    /// A new draft.
    pub async fn draft(app: &'a TestApp, need: Value) -> Self {
        let cookie = app.role(Role::Enterprise).await;
        let made = app.post("/api/v1/needs", need).cookie(&cookie).send().await.expect(201);
        let (path, etag) = (made.header(header::LOCATION), made.header(header::ETAG));
        assert_eq!(made.json()["status"], "draft");
        Self { app, cookie, path, etag }
    }

    /// The same need as somebody else sees it.
    pub async fn as_role(&self, role: Role) -> Self {
        self.as_cookie(&self.app.role(role).await)
    }

    pub fn as_cookie(&self, cookie: &str) -> Self {
        Self { app: self.app, cookie: cookie.into(), path: self.path.clone(), etag: self.etag.clone() }
    }

    pub async fn get(&self, part: &str) -> Answer {
        self.app.get(&format!("{}{part}", self.path)).cookie(&self.cookie).send().await
    }

    pub async fn send(&self, method: &str, part: &str, body: Value) -> Answer {
        let ask = self.app.ask(method, &format!("{}{part}", self.path)).cookie(&self.cookie);
        ask.header("if-match", &self.etag).json(body).send().await
    }

    /// Does something that leads to the next version.
    pub async fn step(&mut self, method: &str, part: &str, body: Value) -> Value {
        let answer = self.send(method, part, body).await.expect(200);
        self.etag = answer.header(header::ETAG);
        answer.json()
    }

    pub async fn submit(&mut self) -> Value {
        self.step("POST", "/submission", json!({})).await
    }

    /// The operator's word.
    pub async fn decide(&mut self, body: Value) -> Value {
        let mut operator = self.as_role(Role::Operator).await;
        let decided = operator.step("POST", "/decision", body).await;
        self.etag = operator.etag;
        decided
    }
}

#[tokio::test]
async fn a_need_is_written_submitted_published_and_withdrawn() {
    let app = TestApp::new().await;
    let mut desk = Desk::draft(&app, json!({ "title": "示例" })).await;
    let changed = desk.step("PUT", "", complete()).await;
    assert_eq!((&changed["organization"], &changed["version"]), (&json!("示例电池企业"), &json!(2)));
    let submitted = desk.submit().await;
    assert_eq!(submitted["status"], "submitted");
    assert_eq!(desk.send("PUT", "", complete()).await.expect(409).code(), "not-editable");
    assert_eq!(desk.send("POST", "/submission", json!({})).await.expect(409).code(), "invalid-transition");
    app.get("/api/v1/published-needs").send().await.expect(200);
    let public = format!("/api/v1/published-needs/{}", changed["id"].as_str().unwrap());
    app.get(&public).send().await.expect(404);

    assert_eq!(desk.decide(json!({ "publish": true })).await["status"], "published");
    let shown = app.get(&public).send().await.expect(200).json();
    assert_eq!((&shown["organization"], &shown["field_name"]), (&json!("示例电池企业"), &json!("智能网联新能源汽车")));
    for secret in ["total_investment", "self_raised", "organisation", "created_by", "version"] {
        assert!(shown.get(secret).is_none(), "{secret}");
    }
    let listed = app.get("/api/v1/published-needs?mode=collaborative").send().await.expect(200).json();
    assert_eq!(listed["items"][0]["id"], changed["id"]);
    let none = app.get("/api/v1/published-needs?mode=self").send().await.expect(200).json();
    assert_eq!(none["items"], json!([]));
    app.get("/api/v1/published-needs?mode=x").send().await.expect(422);

    let missing = desk.send("POST", "/withdrawal", json!({ "reason": " \u{200b}" })).await.expect(422);
    assert_eq!(missing.errors(), [("reason".into(), "missing-value".into())]);
    let withdrawn = desk.step("POST", "/withdrawal", json!({ "reason": "已自行解决" })).await;
    assert_eq!((&withdrawn["status"], &withdrawn["reason"]), (&json!("withdrawn"), &json!("已自行解决")));
    app.get(&public).send().await.expect(404);
    let again = desk.send("POST", "/withdrawal", json!({ "reason": "再次" })).await.expect(409);
    assert_eq!(again.code(), "invalid-transition");
    assert_eq!(app.app.store().audit_verify().await.unwrap().map(|n| n > 5), Ok(true));
}

#[tokio::test]
async fn an_open_challenge_goes_to_the_board() {
    let app = TestApp::new().await;
    let mut need = complete();
    need["mode"] = "open_challenge".into();
    let mut desk = Desk::draft(&app, need).await;
    desk.submit().await;
    assert_eq!(desk.decide(json!({ "publish": true })).await["status"], "challenge");
    let listed = app.get("/api/v1/published-needs").send().await.expect(200).json();
    assert_eq!(listed["items"][0]["status"], "challenge");
}

#[tokio::test]
async fn what_is_missing_is_told_at_once_and_what_is_given_back_can_be_mended() {
    let app = TestApp::new().await;
    let mut desk = Desk::draft(&app, json!({ "title": "示例" })).await;
    let refused = desk.send("POST", "/submission", json!({})).await.expect(422);
    let pairs =
        [("problem", "no-problem"), ("mode", "no-mode"), ("targets", "no-target"), ("total_investment", "no-money")];
    assert_eq!(refused.errors(), pairs.map(|(f, c)| (f.to_owned(), c.to_owned())));

    desk.step("PUT", "", complete()).await;
    desk.submit().await;
    let operator = desk.as_role(Role::Operator).await;
    let silent = operator.send("POST", "/decision", json!({ "publish": false })).await.expect(422);
    assert_eq!(silent.errors(), [("reason".into(), "missing-value".into())]);
    desk.decide(json!({ "publish": false, "reason": "目标请写测试条件" })).await;
    let seen = desk.get("").await.expect(200).json();
    assert_eq!((&seen["status"], &seen["reason"]), (&json!("draft"), &json!("目标请写测试条件")));
    let mut mended = complete();
    mended["targets"][0]["value"] = "≥150".into();
    assert_eq!(desk.step("PUT", "", mended).await["reason"], "目标请写测试条件", "seen while it is mended");
    assert!(desk.submit().await.get("reason").is_none());

    let versions = desk.get("/versions?limit=3").await.expect(200).json();
    let told: Vec<_> = versions["items"].as_array().unwrap().iter().map(|v| (&v["version"], &v["status"])).collect();
    let of = |n: i64, status: &str| (json!(n), json!(status));
    let expected = [of(6, "submitted"), of(5, "draft"), of(4, "draft")];
    assert_eq!(told, expected.iter().map(|(a, b)| (a, b)).collect::<Vec<_>>());
    assert_eq!(versions["items"][2]["reason"], "目标请写测试条件");
    let rest = desk.get("/versions?after=4").await.expect(200).json();
    assert_eq!(rest["items"].as_array().unwrap().len(), 3);
    let first = desk.get("/versions/1").await.expect(200).json();
    assert_eq!((&first["need"]["title"], &first["need"]["mode"]), (&json!("示例"), &Value::Null));
    for nothing in ["/versions/7", "/versions/0", "/versions/x", "/changes?from=9"] {
        desk.get(nothing).await.expect(404);
    }
    desk.get("/versions?after=x").await.expect(422);
    desk.get("/changes").await.expect(400);
    let changes = desk.get("/changes?from=4").await.expect(200).json();
    let expected = json!([{ "field": "targets[0]", "name": "第 1 条目标", "before": "无明火时间 ≥120 min",
                            "after": "无明火时间 ≥150 min" }]);
    assert_eq!(changes["changes"], expected);
    assert_eq!(desk.get("/changes?from=2&to=4").await.expect(200).json()["changes"], json!([]));
}

#[tokio::test]
async fn a_stale_change_is_refused_and_the_same_content_makes_no_version() {
    let app = TestApp::new().await;
    let mut desk = Desk::draft(&app, complete()).await;
    let old = desk.etag.clone();
    assert_eq!(desk.step("PUT", "", complete()).await["version"], 1, "nothing has changed");
    desk.step("PUT", "", json!({ "title": "另一个示例" })).await;
    for etag in [old.as_str(), "\"v99\"", "*", "x"] {
        for (method, part, body) in [
            ("PUT", "", complete()),
            ("POST", "/submission", json!({})),
            ("POST", "/withdrawal", json!({ "reason": "不做了" })),
        ] {
            let ask = app.ask(method, &format!("{}{part}", desk.path)).cookie(&desk.cookie);
            let answer = ask.header("if-match", etag).json(body).send().await.expect(412);
            assert_eq!(answer.code(), "stale", "{etag} {part}");
        }
    }
    let bare = app.ask("PUT", &desk.path).cookie(&desk.cookie).json(complete()).send().await.expect(428);
    assert_eq!(bare.code(), "if-match-required");
    assert_eq!(desk.get("").await.json()["title"], "另一个示例");
}

/// Two people save at once: one version is kept, and the other person is told.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_changes_at_once_one_is_kept() {
    let app = TestApp::new().await;
    let desk = Desk::draft(&app, complete()).await;
    let change = |title: &'static str| desk.send("PUT", "", json!({ "title": title }));
    let (a, b, c) = tokio::join!(change("示例甲"), change("示例乙"), change("示例丙"));
    let mut statuses = [a.status, b.status, c.status].map(|s| s.as_u16());
    statuses.sort_unstable();
    assert_eq!(statuses, [200, 412, 412]);
    let versions = desk.get("/versions").await.json();
    assert_eq!(versions["items"].as_array().unwrap().len(), 2);
}

#[tokio::test]
async fn a_need_is_seen_by_those_whom_it_concerns() {
    let app = TestApp::new().await;
    let mut desk = Desk::draft(&app, complete()).await;
    let other = app.other_enterprise().await;
    let foreign = desk.as_cookie(&other);
    let officers = [Role::Operator, Role::CityOfficer, Role::DistrictOfficer];
    for role in officers {
        let officer = desk.as_role(role).await;
        officer.get("").await.expect(404);
        let listed = app.get("/api/v1/needs").cookie(&officer.cookie).send().await.expect(200).json();
        assert_eq!(listed["items"], json!([]), "a draft is its enterprise's: {role:?}");
    }
    desk.submit().await;
    for role in officers {
        let officer = desk.as_role(role).await;
        officer.get("").await.expect(200);
        let listed = app.get("/api/v1/needs?status=submitted").cookie(&officer.cookie).send().await.expect(200);
        assert_eq!(listed.json()["items"].as_array().unwrap().len(), 1, "{role:?}");
        officer.send("PUT", "", complete()).await.expect(403);
    }
    for part in ["", "/versions", "/versions/1", "/changes?from=1", "/attachments", "/assessment"] {
        foreign.get(part).await.expect(404);
    }
    for (method, part, body) in
        [("PUT", "", complete()), ("POST", "/submission", json!({})), ("POST", "/withdrawal", json!({ "reason": "x" }))]
    {
        foreign.send(method, part, body).await.expect(404);
    }
    foreign.send("POST", "/decision", json!({ "publish": true })).await.expect(403);
    let listed = app.get("/api/v1/needs").cookie(&other).send().await.expect(200).json();
    assert_eq!(listed["items"], json!([]));
    let elsewhere = app.other_district().await;
    desk.as_cookie(&elsewhere).get("").await.expect(404);
    let listed = app.get("/api/v1/needs").cookie(&elsewhere).send().await.expect(200).json();
    assert_eq!(listed["items"], json!([]));
    // Published, it is public, and still not theirs.
    desk.decide(json!({ "publish": true })).await;
    foreign.get("").await.expect(404);
}

#[tokio::test]
async fn lists_page_without_gaps() {
    let app = TestApp::new().await;
    let cookie = app.role(Role::Enterprise).await;
    for n in 0..5 {
        app.post("/api/v1/needs", json!({ "title": format!("示例 {n}") })).cookie(&cookie).send().await.expect(201);
        app.pass(1);
    }
    let (mut seen, mut after) = (Vec::new(), String::new());
    loop {
        let page = app.get(&format!("/api/v1/needs?limit=2&after={after}")).cookie(&cookie).send().await;
        let page = page.expect(200).json();
        seen.extend(page["items"].as_array().unwrap().iter().map(|n| n["title"].as_str().unwrap().to_owned()));
        match page["next"].as_str() {
            Some(next) => after = next.into(),
            None => break,
        }
    }
    assert_eq!(seen, ["示例 4", "示例 3", "示例 2", "示例 1", "示例 0"]);
    app.get("/api/v1/needs?status=x").cookie(&cookie).send().await.expect(422);
}

#[tokio::test]
async fn an_enterprise_that_is_not_approved_cannot_submit() {
    let app = TestApp::new().await;
    let desk = Desk::draft(&app, complete()).await;
    let organisation = desk.get("").await.json()["organisation"].as_str().unwrap().to_owned();
    let kept = app.app.store().organisation(&organisation).await.unwrap().unwrap();
    let mut write = app.app.store().begin().await.unwrap();
    let refused = zhihui::domain::OrganisationStatus::Pending;
    write.organisation_set_status(&organisation, kept.version, refused).await.unwrap();
    write.commit().await.unwrap();
    let answer = desk.send("POST", "/submission", json!({})).await.expect(409);
    assert_eq!(answer.code(), "organisation-not-approved");
}

/// A create with the same key is done once.
#[tokio::test]
async fn a_double_click_makes_one_need() {
    let app = TestApp::new().await;
    let cookie = app.role(Role::Enterprise).await;
    let ask = |need: Value| app.post("/api/v1/needs", need).cookie(&cookie).header("idempotency-key", "k1");
    let one = ask(complete()).send().await.expect(201).json();
    assert_eq!(ask(complete()).send().await.expect(201).json(), one);
    ask(json!({ "title": "另一个" })).send().await.expect(422);
    let listed = app.get("/api/v1/needs").cookie(&cookie).send().await.json();
    assert_eq!(listed["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn bad_fields_are_named() {
    let app = TestApp::new().await;
    let desk = Desk::draft(&app, complete()).await;
    let long = |n: usize| json!("长".repeat(n));
    let row = |value: Value| json!([{ "name": "寿命", "value": value }]);
    let cases: Vec<(&str, Value, &str, &str)> = vec![
        ("title", long(1_001), "title", "too-long"),
        ("title", json!(5), "title", "bad-value"),
        ("title", json!("a\nb"), "title", "line-break"),
        ("title", json!("a\u{7}b"), "title", "control-character"),
        ("problem", long(200_001), "problem", "too-long"),
        ("problem", Value::Null, "problem", "bad-value"),
        ("mode", json!("alone"), "mode", "bad-value"),
        ("mode", json!(["self"]), "mode", "bad-value"),
        ("targets", json!("很多"), "targets", "bad-value"),
        ("targets", json!([{ "name": "寿命" }]), "targets[0]", "bad-value"),
        ("targets", row(json!(3000)), "targets[0].value", "bad-value"),
        ("targets", row(json!("长".repeat(201))), "targets[0].value", "too-long"),
        ("targets", json!(vec![json!({ "name": "寿命", "value": "1" }); 51]), "targets", "too-many"),
        ("scenario", long(20_001), "scenario", "too-long"),
        ("total_investment", json!(-1), "total_investment", "bad-value"),
        ("total_investment", json!("40万"), "total_investment", "bad-value"),
        ("total_investment", json!(1.5), "total_investment", "bad-value"),
        ("total_investment", json!(u64::MAX), "total_investment", "bad-money"),
        ("self_raised", json!(3_600_001), "self_raised", "self-raised-exceeds-total"),
        ("field", json!("Z9"), "field", "unknown-field-code"),
        ("region", long(1_001), "region", "too-long"),
        ("deadline", json!("明年六月"), "deadline", "bad-date"),
        ("deadline", json!("2027-02-30"), "deadline", "bad-date"),
        ("ownership", long(1_001), "ownership", "too-long"),
        ("id", json!("n1"), "id", "bad-value"),
        ("organization", json!("别的企业"), "organization", "bad-value"),
    ];
    for (field, value, told, code) in cases {
        let mut need = complete();
        need[field] = value;
        let expected = vec![(told.to_owned(), code.to_owned())];
        let created = app.post("/api/v1/needs", need.clone()).cookie(&desk.cookie).send().await.expect(422);
        assert_eq!(created.errors(), expected, "{field}");
        assert_eq!(desk.send("PUT", "", need).await.expect(422).errors(), expected, "{field}");
    }
    let nothing = app.post("/api/v1/needs", json!({})).cookie(&desk.cookie).send().await.expect(422);
    assert_eq!(nothing.errors(), [("problem".into(), "missing-value".into())]);
    let nul = app.post("/api/v1/needs", json!({ "title": "a\u{0}b" })).cookie(&desk.cookie).send().await.expect(422);
    assert_eq!(nul.errors()[0].1, "nul");
    for (body, status) in [(r#"{"title":"\ud800"}"#, 400), ("{", 400), ("[]", 422)] {
        let ask = app.ask("POST", "/api/v1/needs").cookie(&desk.cookie).header("content-type", "application/json");
        ask.body(body).send().await.expect(status);
    }
    let form = app.ask("POST", "/api/v1/needs").cookie(&desk.cookie).header("content-type", "text/plain");
    form.body("x").send().await.expect(415);
    let huge = app.ask("POST", "/api/v1/needs").cookie(&desk.cookie).header("content-type", "application/json");
    huge.body(vec![b' '; (2 << 20) + 1]).send().await.expect(413);
    assert_eq!(desk.get("").await.json()["version"], 1, "nothing was written");
    let listed = app.get("/api/v1/needs").cookie(&desk.cookie).send().await.json();
    assert_eq!(listed["items"].as_array().unwrap().len(), 1);
}

#[tokio::test]
async fn odd_text_is_kept_as_text() {
    let app = TestApp::new().await;
    for (given, kept) in [
        ("<script>alert('示例')</script>", "<script>alert('示例')</script>"),
        ("示例'); DROP TABLE need; --", "示例'); DROP TABLE need; --"),
        ("{{7*7}} ${x} %00 \\", "{{7*7}} ${x} %00 \\"),
        ("电池 🙂 👩‍🔬 𠮷", "电池 🙂 👩🔬 𠮷"),
        ("\u{202e}电池\u{200f}\u{feff} ", "电池"),
    ] {
        let desk = Desk::draft(&app, json!({ "title": given, "problem": given })).await;
        let seen = desk.get("").await.expect(200).json();
        assert_eq!((&seen["title"], &seen["problem"]), (&json!(kept), &json!(kept)));
    }
}

#[tokio::test]
async fn the_regulation_gives_each_number_its_article() {
    let app = TestApp::new().await;
    let told = app.get("/api/v1/regulation").send().await.expect(200).json();
    assert_eq!(told["total_investment_min"]["value"], 400_000);
    assert_eq!(told["self_raised_min_percent"]["article"], "第八条");
    assert_eq!(told["effective_until"]["value"], "2027-12-30");
}

/// What a form sends by itself may come after what somebody asked it to save, though it was sent before.
#[tokio::test]
async fn what_comes_late_replaces_nothing_that_was_asked_for_and_makes_no_second_need() {
    let app = TestApp::new().await;
    let account = app.app.store().account_by_login("enterprise").await.unwrap().unwrap();
    let actor = Actor {
        account: account.id,
        name: account.name,
        role: Role::Enterprise,
        organisation: account.organisation,
        region: None,
        scopes: None,
        password_is_temporary: false,
    };
    let need = |title: &str| Need { title: Some(title.into()), ..Need::default() };
    let (auto, asked) = (Saving::Auto { sitting: "s1" }, Saving::Asked { sitting: "s1" });
    let write = |seen: (&'static str, i64), title: &str, saving| app.app.need_write(&actor, seen, need(title), saving);
    let saved = write(("", 0), "甲乙", asked).await.unwrap();
    let late = write(("", 0), "甲", auto).await;
    assert!(matches!(late, Err(AppError::Stale)), "{late:?}");
    // The page that never learned which need it is asks again: the same need.
    let again = write(("", 0), "甲乙丙", asked).await.unwrap();
    assert_eq!((&again.need.id, again.version), (&saved.need.id, saved.version + 1));
    assert_eq!(app.app.needs(&actor, None, "", 10).await.unwrap().len(), 1);

    // Asked for what was just saved by itself, which makes no version.
    let (auto, asked) = (Saving::Auto { sitting: "s2" }, Saving::Asked { sitting: "s2" });
    let id: &'static str = again.need.id.clone().leak();
    let seen = (id, again.version);
    let itself = write(seen, "甲乙丙丁", auto).await.unwrap();
    assert_eq!(write((id, itself.version), "甲乙丙丁", asked).await.unwrap().version, itself.version);
    let late = write(seen, "甲乙丙", auto).await;
    assert!(matches!(late, Err(AppError::Stale)), "{late:?}");
    assert_eq!(app.app.need_get(&actor, id).await.unwrap().need.title.as_deref(), Some("甲乙丙丁"));
    write((id, itself.version), "甲乙丙丁戊", auto).await.unwrap();
}
