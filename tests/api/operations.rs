//! What operators do on their pages: many at once, once only, nothing lost, and who may.

use axum::http::header;
use serde_json::{Value, json};
use zhihui::app::files;
use zhihui::domain::Role;

use crate::desk::{Desk, location};
use crate::harness::{Answer, CREDIT_CODE, PASSWORD, TestApp};
use crate::needs::complete;
use crate::talents::{made, piece};

/// Uploads a file of talents; the file of evidence is left out, as a browser sends it.
async fn upload(desk: &Desk<'_>, file: &str, content: &[u8]) -> Answer {
    desk.upload("/operations/imports", &[], &[("file", file, content), ("evidence", "", b"")]).await
}

async fn register(app: &TestApp, login: &str) -> String {
    let body = json!({ "login": login, "name": format!("示例·{login}"), "password": PASSWORD, "role": "talent" });
    let made = app.post("/api/v1/registrations", body).send().await.expect(201).json();
    made["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn many_registrations_are_approved_at_once_and_those_decided_already_are_told() {
    let app = TestApp::new().await;
    let [first, second, third] =
        [register(&app, "first").await, register(&app, "second").await, register(&app, "third").await];
    let desk = Desk::of(&app, Role::Operator).await;
    let listed = desk.page("/operations/accounts?status=pending").await;
    assert!([&first, &second, &third].iter().all(|id| listed.contains(&format!("value=\"{id}\""))), "{listed}");

    let path = "/operations/accounts/decisions?status=pending";
    let nothing = desk.send(path, &[("verdict", "approve")]).await.expect(409).text();
    assert!(nothing.contains("还没有选中任何一项"), "{nothing}");
    let both = [("ids", first.as_str()), ("ids", &second), ("verdict", "approve")];
    let done = desk.send(path, &both).await.expect(303);
    assert_eq!(location(&done), "/operations/accounts?status=pending&done=approved");
    assert!(!desk.page("/operations/accounts?status=pending").await.contains(&format!("value=\"{first}\"")));
    app.sign_in("first").await;

    let mixed = [("ids", first.as_str()), ("ids", &third), ("verdict", "refuse")];
    let told = desk.send(path, &mixed).await.expect(409).text();
    assert!(told.contains("已处理 1 项，1 项没有处理") && told.contains("已经处理过了"), "{told}");
    app.sign_in("first").await;
    let refused = app.post("/api/v1/session", json!({ "login": "third", "password": PASSWORD })).send().await;
    refused.expect(403);
}

#[tokio::test]
async fn a_temporary_password_is_shown_once_and_to_whoever_asked_for_it() {
    let app = TestApp::new().await;
    let desk = Desk::of(&app, Role::Administrator).await;
    let wrong = desk.send("/operations/accounts/new", &[("login", "a"), ("name", "示例")]).await.expect(422).text();
    assert!(wrong.contains("请选择角色") && wrong.contains("value=\"示例\""), "what was typed stays: {wrong}");
    let fields = [("login", "review.one"), ("name", "示例·评审"), ("role", "expert")];
    let nowhere = [&fields[..], &[("organisation", "没有的单位")]].concat();
    assert!(desk.send("/operations/accounts/new", &nowhere).await.expect(422).text().contains("没有这个名称的单位"));
    let path = location(&desk.send("/operations/accounts/new", &fields).await.expect(303));
    let other = Desk::of(&app, Role::Operator).await;
    app.get(&path).cookie(&other.cookie).send().await.expect(403);
    let shown = desk.page(&path).await;
    let password = shown.split("class=\"secret\">").nth(1).unwrap().split('<').next().unwrap();
    app.post("/api/v1/session", json!({ "login": "review.one", "password": password })).send().await.expect(200);
    let again = desk.page(&path).await;
    assert!(again.contains("已经显示过了") && !again.contains(password), "{again}");
}

#[tokio::test]
async fn whoever_changes_an_organisation_second_sees_what_the_first_has_changed() {
    let app = TestApp::new().await;
    let (desk, other) = (Desk::of(&app, Role::Operator).await, Desk::of(&app, Role::Administrator).await);
    let accounts = desk.json("/api/v1/accounts?limit=100").await;
    let enterprise = accounts["items"].as_array().unwrap().iter().find(|a| a["role"] == "enterprise").unwrap();
    let path = format!("/operations/organisations/{}", enterprise["organisation"].as_str().unwrap());
    let fields = |name: &'static str, version: &'static str| {
        vec![("name", name), ("credit_code", CREDIT_CODE), ("region", "重庆市渝北区"), ("version", version)]
    };
    desk.send(&path, &fields("示例电池企业", "1")).await.expect(303);
    let stale = other.send(&path, &fields("示例动力企业", "1")).await.expect(409).text();
    assert!(stale.contains("别人已经改过") && stale.contains("value=\"示例动力企业\""), "{stale}");
    assert!(stale.contains("name=\"version\" value=\"2\""), "it can be saved over it: {stale}");
    other.send(&path, &fields("示例动力企业", "2")).await.expect(303);
    let wrong = other.send(&path, &fields("", "3")).await.expect(422).text();
    assert!(wrong.contains("id=\"name-error\""), "{wrong}");
}

fn profile_form<'a>(version: &'a str, name: &'a str, more: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let fields = [
        ("version", version),
        ("kind", "researcher"),
        ("name", name),
        ("organization", "示例大学"),
        ("keywords", "电池；预警"),
        ("availability", "open"),
        ("visible", "true"),
        ("consent", "false"),
    ];
    fields.iter().chain(more).copied().collect()
}

#[tokio::test]
async fn profiles_are_hidden_and_shown_and_changed_with_nothing_lost() {
    let app = TestApp::new().await;
    for id in ["t1", "t2"] {
        made(&app, id, "示例·甲某", &[piece(&format!("e-{id}"), "电池热失控预警")]).await;
    }
    let desk = Desk::of(&app, Role::Operator).await;
    let path = "/operations/talents/visibility?q=%E7%94%B2";
    let both = [("ids", "t1"), ("ids", "t2"), ("ids", "t1"), ("visible", "false")];
    assert!(location(&desk.send(path, &both).await.expect(303)).ends_with("&done=hidden"));
    app.get("/api/v1/talents/t1").send().await.expect(404);
    let audit = desk.json("/api/v1/audit?limit=100").await;
    let noted = audit["items"].as_array().unwrap().iter().filter(|e| e["action"] == "talent.set_visible").count();
    assert_eq!(noted, 2, "each is noted once");
    let told = desk.send(path, &[("ids", "t1"), ("ids", "none"), ("visible", "true")]).await.expect(409).text();
    assert!(told.contains("已处理 1 项，1 项没有处理"), "{told}");
    app.get("/api/v1/talents/t1").send().await.expect(200);

    let version = desk.json("/api/v1/talents/t1/record").await["version"].to_string();
    let version = version.as_str();
    let wrong =
        desk.send("/operations/talents/t1", &profile_form(version, "", &[("capacity", "多")])).await.expect(422).text();
    assert!(wrong.contains("id=\"capacity-error\"") && wrong.contains("value=\"多\""), "{wrong}");
    desk.send("/operations/talents/t1", &profile_form(version, "示例·新名", &[])).await.expect(303);
    let record = desk.json("/api/v1/talents/t1/record").await;
    assert_eq!((&record["name"], &record["keywords"]), (&json!("示例·新名"), &json!(["电池", "预警"])));
    assert_eq!(record["evidence"].as_array().unwrap().len(), 1, "evidence stays");
    let stale = desk.send("/operations/talents/t1", &profile_form(version, "示例·别名", &[])).await.expect(409).text();
    assert!(stale.contains("<ins>示例·别名</ins>") && stale.contains("<del>示例·新名</del>"), "{stale}");
}

#[tokio::test]
async fn duplicates_are_merged_once_and_the_dashboard_counts_them() {
    let app = TestApp::new().await;
    made(&app, "t1", "示例·甲某", &[piece("e1", "电池热失控预警")]).await;
    made(&app, "t2", "示例·甲某", &[piece("e2", "电池热失控抑制")]).await;
    let desk = Desk::of(&app, Role::Operator).await;
    let waiting = async || desk.json("/api/v1/dashboard").await["waiting"]["duplicates"].clone();
    assert_eq!(waiting().await, json!({ "count": 1, "more": false }));
    assert!(desk.page("/operations/duplicates").await.contains("很可能是同一个"));
    let fields = [("once", "k1"), ("kept", "t1"), ("dropped", "t2")];
    let first = desk.send("/operations/merges", &fields).await.expect(303);
    let again = desk.send("/operations/merges", &fields).await.expect(303);
    assert_eq!(
        (location(&first), location(&first)),
        (location(&again), "/operations/duplicates?done=merged".into()),
        "done once"
    );
    assert_eq!(waiting().await, json!({ "count": 0, "more": false }));
    let merges = desk.page("/operations/merges").await;
    let id = merges.split("/operations/merges/").nth(1).unwrap().split('/').next().unwrap();
    desk.send(&format!("/operations/merges/{id}/undo"), &[]).await.expect(303);
    assert_eq!(waiting().await, json!({ "count": 1, "more": false }));
    desk.send("/operations/merges/apart", &[("a", "t1"), ("b", "t2")]).await.expect(303);
    assert_eq!(waiting().await, json!({ "count": 0, "more": false }), "kept apart, with no change to any profile");
    let administrator = Desk::of(&app, Role::Administrator).await;
    let seen = administrator.json("/api/v1/dashboard").await["waiting"].clone();
    assert_eq!(seen, json!({ "registrations": 0, "claims": null, "needs": null, "duplicates": null }));
}

/// Waits for what must come: each look is a request.
async fn until(desk: &Desk<'_>, path: &str, text: &str) -> String {
    let begun = std::time::Instant::now();
    while begun.elapsed().as_secs() < 30 {
        let page = desk.page(path).await;
        if page.contains(text) {
            return page;
        }
        tokio::task::yield_now().await;
    }
    panic!("“{text}” never appears on {path}");
}

#[tokio::test]
async fn an_import_is_previewed_confirmed_and_reported_on_its_page() {
    let app = TestApp::new().await;
    let desk = Desk::of(&app, Role::Operator).await;
    let none = upload(&desk, "", b"").await.expect(422).text();
    assert!(none.contains("请选择要导入的文件"), "{none}");
    let broken = upload(&desk, "人才.xlsx", b"no workbook at all").await.expect(422).text();
    assert!(broken.contains("id=\"file-error\""), "{broken}");

    let rows = [
        json!({ "id": "t1", "kind": "researcher", "name": "示例·甲某", "organization": "示例大学" }),
        json!({ "id": "t2", "kind": "genius", "name": "示例·乙某" }),
    ];
    let file: String = rows.iter().map(|row| format!("{row}\n")).collect();
    let path = location(&upload(&desk, "人才.jsonl", file.as_bytes()).await.expect(303));
    let preview = desk.page(&path).await;
    assert!(preview.contains("示例·甲某") && preview.contains("第 2 行") && preview.contains("确认导入"), "{preview}");
    assert_eq!(app.app.store().talent_count().await.unwrap(), 0, "nothing is written before");

    let confirm = format!("{path}/confirm");
    let (first, again) = tokio::join!(desk.send(&confirm, &[]), desk.send(&confirm, &[]));
    assert_eq!((location(&first.expect(303)), location(&again.expect(303))), (path.clone(), path.clone()));
    let done = until(&desk, &path, "已导入").await;
    assert!(!done.contains("确认导入") && done.contains("report.xlsx"), "{done}");
    assert_eq!(app.app.store().talent_count().await.unwrap(), 1);
    desk.send(&confirm, &[]).await.expect(303);
    let bar = app.get(&format!("{path}/progress")).cookie(&desk.cookie).send().await.expect(200);
    assert_eq!(bar.headers.get("hx-refresh").map(|v| v.as_bytes()), Some(&b"true"[..]), "the page is loaded anew");
    let audit = desk.json("/api/v1/audit?limit=100").await;
    let noted = audit["items"].as_array().unwrap().iter().filter(|e| e["action"] == "import.confirm").count();
    assert_eq!(noted, 1, "imported once");
}

#[tokio::test]
async fn an_import_that_no_longer_fits_says_why_and_writes_nothing() {
    let app = TestApp::new().await;
    made(&app, "t1", "示例·甲某", &[]).await;
    let desk = Desk::of(&app, Role::Operator).await;
    let row =
        json!({ "id": "t1", "kind": "researcher", "name": "示例·甲某", "organization": "示例大学", "title": "教授" });
    let path = location(&upload(&desk, "人才.jsonl", format!("{row}\n").as_bytes()).await.expect(303));
    assert!(desk.page(&path).await.contains("职称"), "what would change is named");
    let draft = json!({ "kind": "researcher", "name": "示例·别名", "organization": "示例大学", "visible": true });
    let record = app.get("/api/v1/talents/t1/record").cookie(&desk.cookie).send().await.expect(200);
    let etag = record.header(header::ETAG);
    let put = app.ask("PUT", "/api/v1/talents/t1").cookie(&desk.cookie).header("if-match", etag).json(draft);
    put.send().await.expect(200);
    desk.send(&format!("{path}/confirm"), &[]).await.expect(303);
    let failed = until(&desk, &path, "没有写入").await;
    assert!(failed.contains("预览之后档案有了变化"), "{failed}");
    assert_eq!(desk.json("/api/v1/talents/t1/record").await["title"], Value::Null);
}

#[tokio::test]
async fn an_announcement_is_read_by_its_audience_until_it_is_taken_back() {
    let app = TestApp::new().await;
    let desk = Desk::of(&app, Role::Operator).await;
    let enterprise = Desk::of(&app, Role::Enterprise).await;
    let form = desk.page("/operations/announcements/new").await;
    let day = form.split("name=\"from\" value=\"").nth(1).unwrap().split('"').next().unwrap();
    let fields = |title: &'static str, audience: &'static str| {
        [
            ("title", title),
            ("content", "一\n二"),
            ("audience", audience),
            ("from", day),
            ("until", day),
            ("version", "1"),
        ]
    };
    let wrong = desk.send("/operations/announcements/new", &fields("", "enterprise")).await.expect(422).text();
    assert!(wrong.contains("id=\"title-error\"") && wrong.contains("一\n二"), "{wrong}");
    let before = [("title", "早"), ("content", "x"), ("audience", "all"), ("from", day), ("until", "2020-01-01")];
    assert!(
        desk.send("/operations/announcements/new", &before).await.expect(422).text().contains("最后一天在第一天之前")
    );
    desk.send("/operations/announcements/new", &fields("示例征集", "enterprise")).await.expect(303);

    assert!(enterprise.page("/").await.contains("示例征集") && enterprise.page("/needs").await.contains("示例征集"));
    assert!(!app.get("/").send().await.text().contains("示例征集") && !desk.page("/").await.contains("示例征集"));
    let listed = desk.page("/operations/announcements").await;
    let mut ids = listed.split("href=\"/operations/announcements/").skip(1).map(|rest| rest.split('"').next().unwrap());
    let path = format!("/operations/announcements/{}", ids.find(|id| *id != "new").unwrap());
    desk.send(&path, &fields("示例征集延期", "all")).await.expect(303);
    assert!(app.get("/").send().await.text().contains("示例征集延期"));
    let stale = desk.send(&path, &fields("又改", "all")).await.expect(409).text();
    assert!(stale.contains("别人已经改过") && stale.contains("value=\"又改\""), "{stale}");
    desk.send(&format!("{path}/withdrawal"), &[("version", "2")]).await.expect(303);
    assert!(!app.get("/").send().await.text().contains("示例征集延期"));
    desk.send(&path, &fields("还改", "all")).await.expect(409);
    // A day later another one is over by itself.
    desk.send("/operations/announcements/new", &fields("只有今天", "all")).await.expect(303);
    assert!(app.get("/").send().await.text().contains("只有今天"));
    app.pass(24 * 3_600_000);
    assert!(!app.get("/").send().await.text().contains("只有今天"));
}

#[tokio::test]
async fn the_audit_log_is_looked_through_in_words_and_its_chain_is_checked() {
    let app = TestApp::new().await;
    let id = register(&app, "somebody").await;
    let desk = Desk::of(&app, Role::Operator).await;
    desk.send("/operations/accounts/decisions", &[("ids", &id), ("verdict", "approve")]).await.expect(303);
    let rows = |page: &str| page.matches("<td class=\"number right\" data-label=\"序号\">").count();
    let approved = desk.page("/operations/audit?action=account.approve").await;
    assert!(
        rows(&approved) == 1 && approved.contains("<td>批准注册</td>") && approved.contains("示例平台运营"),
        "{approved}"
    );
    let mine = desk.page("/operations/audit?actor=OPERATOR&action=account.").await;
    assert_eq!(rows(&mine), 1, "{mine}");
    assert!(rows(&desk.page("/operations/audit").await) > 1);
    assert!(desk.page("/operations/audit?from=2000-01-01&until=2000-01-02").await.contains("没有符合条件的记录"));
    let wrong = app.get("/operations/audit?from=yesterday").cookie(&desk.cookie).send().await.expect(422).text();
    assert!(wrong.contains("不是日期"), "{wrong}");
    assert!(desk.page("/operations/audit/check").await.contains("哈希链完整"));
}

/// Needs of the enterprise that were handed in, with their versions.
async fn submitted(app: &TestApp, titles: &[&str]) -> Vec<(String, String)> {
    let cookie = app.role(Role::Enterprise).await;
    let mut made = Vec::new();
    for title in titles {
        let need = Value::Object(
            complete().as_object().unwrap().clone().into_iter().chain([("title".into(), json!(title))]).collect(),
        );
        let need = app.post("/api/v1/needs", need).cookie(&cookie).send().await.expect(201);
        let (id, etag) = (need.json()["id"].as_str().unwrap().to_owned(), need.header(header::ETAG));
        let submit = app.post(&format!("/api/v1/needs/{id}/submission"), json!({})).cookie(&cookie);
        let need = submit.header("if-match", etag).send().await.expect(200).json();
        made.push((format!("{id}:{}", need["version"]), id));
        app.pass(1);
    }
    made
}

#[tokio::test]
async fn many_needs_are_published_or_given_back_with_a_reason() {
    let app = TestApp::new().await;
    let needs = submitted(&app, &["示例甲", "示例乙", "示例丙"]).await;
    let [a, b, c]: [&str; 3] = std::array::from_fn(|n| needs[n].0.as_str());
    let desk = Desk::of(&app, Role::Operator).await;
    let path = "/operations/needs/decisions?status=submitted";
    let listed = desk.page("/operations/needs?status=submitted&field=A1&q=%E7%A4%BA%E4%BE%8B&sort=title").await;
    assert!([a, b, c].iter().all(|need| listed.contains(&format!("value=\"{need}\""))), "{listed}");

    let told = desk.send(path, &[("ids", a), ("verdict", "give-back"), ("reason", " ")]).await.expect(409).text();
    assert!(told.contains("没有写理由"), "{told}");
    let both = [("ids", a), ("ids", b), ("verdict", "publish"), ("reason", "")];
    assert!(location(&desk.send(path, &both).await.expect(303)).ends_with("done=published"));
    let mixed = [("ids", b), ("ids", c), ("verdict", "give-back"), ("reason", "请补充测试条件")];
    let told = desk.send(path, &mixed).await.expect(409).text();
    assert!(told.contains("已处理 1 项，1 项没有处理"), "{told}");
    let status = async |id: &str| desk.json(&format!("/api/v1/needs/{id}")).await["status"].clone();
    assert_eq!((status(&needs[1].1).await, status(&needs[2].1).await), (json!("published"), json!("draft")));
    assert_eq!(desk.json(&format!("/api/v1/needs/{}", needs[2].1)).await["reason"], "请补充测试条件");
}

#[tokio::test]
async fn the_dashboard_tells_what_waits_and_how_the_year_went() {
    let talents = files::read_talents("data/demo/talents.jsonl".as_ref(), &mut |_, _| {}).unwrap().rows;
    let (app, _follower) = TestApp::with_talents(&talents).await;
    let desk = Desk::of(&app, Role::Operator).await;
    let empty = desk.page("/operations").await;
    assert!(empty.contains("还没有可画的数据") && !empty.contains("class=\"chart\""), "{empty}");

    submitted(&app, &["动力电池热失控蔓延的抑制与预警", "减速器中频啸叫抑制"]).await;
    assert_eq!(app.app.needs_measure().await.unwrap(), 2);
    assert_eq!(app.app.needs_measure().await.unwrap(), 0, "known for a day");
    let seen = desk.json("/api/v1/dashboard").await;
    assert_eq!((&seen["waiting"]["needs"], seen["months"].as_array().unwrap().len()), (&json!(2), 12));
    assert_eq!(seen["needs"][0]["counts"].as_array().unwrap().last(), Some(&json!(2)));
    assert_eq!((&seen["matched"]["needs"], &seen["matched"]["measured"]), (&json!(2), &json!(2)));
    assert!(seen["matched"]["matched"].as_i64().unwrap() >= 1, "{seen}");
    let page = desk.page("/operations").await;
    assert_eq!(page.matches("class=\"chart\"").count(), 2, "no invitation yet, so two have nothing to draw");
    app.pass(25 * 3_600_000);
    assert_eq!(app.app.needs_measure().await.unwrap(), 2, "talents come and go");
}
