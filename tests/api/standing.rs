//! What organisations declare for the rules on bidders, and records of research integrity:
//! 1. its own people and operators read and declare; nobody else learns anything of either;
//! 2. of two colleagues who declare at once the later one sees what the first has declared;
//! 3. each problem is told with its field, on the page beside it, and what was typed is kept;
//! 4. what is declared counts for the rules on bidders: a qualification, and an open record until it is
//!    closed;
//! 5. the organisation's people are told of records, corrections and new accounts, and of who keeps records
//!    nothing;
//! 6. each step is in the log, and outside of it as a hash only.

use axum::http::header;
use serde_json::{Value, json};
use zhihui::app::audit::public_page;
use zhihui::domain::Role;
use zhihui::store::AuditFilter;

use crate::board_world::{actor, bid, codes, published_with, somebody};
use crate::desk::Desk;
use crate::harness::{Answer, PASSWORD, TestApp};

/// The organisation of a login.
async fn organisation(app: &TestApp, login: &str) -> String {
    app.app.store().account_by_login(login).await.unwrap().unwrap().organisation.unwrap()
}

async fn declare(app: &TestApp, cookie: &str, organisation: &str, version: i64, body: Value) -> Answer {
    let ask = app.ask("PUT", &format!("/api/v1/organisations/{organisation}/standing"));
    ask.header("if-match", format!("\"v{version}\"")).cookie(cookie).json(body).send().await
}

fn declared(group: &str, qualifications: &[&str]) -> Value {
    json!({ "group": group, "legal_person": "示例·王某", "qualifications": qualifications })
}

fn records(organisation: &str) -> String {
    format!("/api/v1/organisations/{organisation}/integrity-records")
}

async fn told(app: &TestApp, cookie: &str) -> Vec<String> {
    let found = app.get("/api/v1/notices").cookie(cookie).send().await.expect(200).json();
    let items = found["items"].as_array().unwrap().clone();
    items.iter().filter(|n| n["notice"]["kind"] == "organisation").map(Value::to_string).collect()
}

#[tokio::test]
async fn only_the_own_people_and_operators_see_and_declare() {
    let app = TestApp::new().await;
    let own = organisation(&app, "talent").await;
    let (talent, operator, other) =
        (app.role(Role::Talent).await, app.role(Role::Operator).await, app.other_enterprise().await);
    let path = format!("/api/v1/organisations/{own}/standing");
    let first = app.get(&path).cookie(&talent).send().await.expect(200);
    assert_eq!((first.header(header::ETAG), first.json()["version"].clone()), ("\"v0\"".into(), json!(0)));
    let saved = declare(&app, &talent, &own, 0, declared("示例集团", &["CNAS", " ", "CMA"])).await.expect(200);
    assert_eq!(saved.header(header::ETAG), "\"v1\"");
    let expected = json!({ "group": "示例集团", "legal_person": "示例·王某", "qualifications": ["CNAS", "CMA"] });
    for (field, value) in expected.as_object().unwrap() {
        assert_eq!(saved.json()[field], *value);
    }
    // An operator corrects it.
    let seen = app.get(&path).cookie(&operator).send().await.expect(200);
    assert_eq!(seen.json(), saved.json());
    declare(&app, &operator, &own, 1, declared("示例集团", &["CNAS"])).await.expect(200);
    assert_eq!(told(&app, &talent).await.len(), 1);
    app.post(&records(&own), json!({ "what": "示例事由" })).cookie(&operator).send().await.expect(201);
    // Everybody else: an organisation that there is none of.
    let enterprise = app.role(Role::Enterprise).await;
    for stranger in [&enterprise, &other] {
        for path in [path.clone(), records(&own)] {
            let answer = app.get(&path).cookie(stranger).send().await.expect(404);
            assert!(!answer.text().contains("示例"), "{}", answer.text());
        }
        declare(&app, stranger, &own, 2, declared("", &[])).await.expect(404);
    }
    for role in Role::ALL {
        let cookie = app.role(role).await;
        for path in [path.clone(), records(&own)] {
            let expected = match role {
                Role::Talent | Role::Operator => 200,
                Role::Enterprise => 404,
                _ => 403,
            };
            app.get(&path).cookie(&cookie).send().await.expect(expected);
        }
        let open = app.post(&records(&own), json!({ "what": "x" })).cookie(&cookie).send().await;
        assert_eq!(open.status == 201, role == Role::Operator, "{role:?}");
    }
    app.get("/api/v1/organisations/none/standing").cookie(&operator).send().await.expect(404);
    app.post(&records("none"), json!({ "what": "x" })).cookie(&operator).send().await.expect(404);
}

#[tokio::test]
async fn of_two_colleagues_the_later_one_sees_what_the_first_declared() {
    let app = TestApp::new().await;
    let own = organisation(&app, "enterprise").await;
    let desk = Desk::of(&app, Role::Enterprise).await;
    for version in [0, 1] {
        let body = declared(&format!("集团甲{version}"), &[]);
        declare(&app, &desk.cookie, &own, version, body.clone()).await.expect(200);
        let late = declare(&app, &desk.cookie, &own, version, declared("集团乙", &[])).await.expect(412);
        assert_eq!(late.code(), "stale");
        // The same again changes nothing.
        declare(&app, &desk.cookie, &own, version + 1, body).await.expect(200);
    }
    let missing = app.ask("PUT", &format!("/api/v1/organisations/{own}/standing")).cookie(&desk.cookie);
    missing.json(declared("", &[])).send().await.expect(428);
    // On the page what is typed stays, and saving again is the person's decision.
    let fields = [("version", "1"), ("group", "集团丙"), ("legal_person", ""), ("qualifications", "CMA")];
    let late = desk.send("/account/organisation", &fields).await.expect(409).text();
    assert!(late.contains("别人已经改过") && late.contains("集团甲1") && late.contains("value=\"集团丙\""), "{late}");
    assert!(late.contains("name=\"version\" value=\"2\""));
    let again = [("version", "2"), ("group", "集团丙"), ("legal_person", ""), ("qualifications", "CMA")];
    desk.done("/account/organisation", &again, "/account/organisation?done=saved").await;
    assert!(desk.page("/account/organisation").await.contains("value=\"集团丙\""));
}

#[tokio::test]
async fn problems_stand_beside_their_fields() {
    let app = TestApp::new().await;
    let own = organisation(&app, "enterprise").await;
    let desk = Desk::of(&app, Role::Enterprise).await;
    let body = json!({ "group": "集".repeat(101), "legal_person": "1", "qualifications": ["CMA", "c m a", "甲、乙"] });
    let refused = declare(&app, &desk.cookie, &own, 0, body).await.expect(422);
    let expected = [
        ("group", "too-long"),
        ("legal_person", "bad-name"),
        ("qualifications[1]", "duplicate"),
        ("qualifications[2]", "separator"),
    ];
    assert_eq!(refused.errors(), expected.map(|(field, code)| (field.to_owned(), code.to_owned())));
    let many: Vec<String> = (0..51).map(|n| format!("资质 {n}")).collect();
    let many = json!({ "group": "", "legal_person": "", "qualifications": many });
    assert_eq!(declare(&app, &desk.cookie, &own, 0, many).await.expect(422).errors()[0].1, "too-many-rows");
    // All or nothing: a field that is left out is not taken for an empty one.
    declare(&app, &desk.cookie, &own, 0, json!({ "group": "" })).await.expect(422);

    let fields = [("version", "0"), ("group", "示例集团"), ("legal_person", "1"), ("qualifications", "CMA\r\ncma")];
    let page = desk.send("/account/organisation", &fields).await.expect(422).text();
    assert!(page.contains("id=\"qualifications-error\"") && page.contains("id=\"legal_person-error\""), "{page}");
    assert!(page.contains("value=\"示例集团\"") && page.contains("CMA\r\ncma"), "{page}");
    // Who belongs to no organisation is told so.
    let alone = somebody(&app, "alone", "示例·孤某", Role::Talent, None).await;
    let cookie = app.sign_in("alone").await;
    assert_eq!(alone.organisation, None);
    let page = app.get("/account/organisation").cookie(&cookie).send().await.expect(200).text();
    assert!(page.contains("没有所属单位"));
    let desk = Desk::new(&app, cookie).await;
    desk.send("/account/organisation", &fields).await.expect(409);
}

#[tokio::test]
async fn a_record_stops_bids_until_it_is_closed_and_its_organisation_is_told() {
    let app = TestApp::new().await;
    let challenge =
        published_with(&app, "要资质的榜单", |c| c.conditions.qualifications = vec!["CNAS 认可".into()]).await;
    let bidder = actor(&app, Role::Talent).await;
    let own = organisation(&app, "talent").await;
    let (talent, operator) = (Desk::of(&app, Role::Talent).await, Desk::of(&app, Role::Operator).await);
    let id = app.app.bid_begin(&bidder, &challenge).await.unwrap();
    let version = async || app.app.bid_view(&bidder, &id).await.unwrap().record.version;
    let version_now = version().await;
    app.app.bid_write(&bidder, &id, version_now, bid(&[]), &[]).await.unwrap();

    // Without the qualification: the page leads to where it is declared.
    let refused = talent.send(&format!("/bids/{id}/submission"), &[("version", &version().await.to_string())]).await;
    let refused = refused.expect(422).text();
    assert!(refused.contains("缺少资质") && refused.contains("href=\"/account/organisation\""), "{refused}");
    declare(&app, &talent.cookie, &own, 0, declared("", &["cnas认可"])).await.expect(200);

    let place = format!("/operations/organisations/{own}");
    let fields = [("what", ""), ("found_on", "2999-01-01")];
    let page = operator.send(&format!("{place}/integrity-records"), &fields).await.expect(422).text();
    assert!(page.contains("id=\"what-error\"") && page.contains("id=\"found_on-error\""), "{page}");
    assert!(page.contains("value=\"2999-01-01\""));
    let fields = [("what", "示例事由：伪造数据"), ("found_on", "2025-06-30")];
    operator.done(&format!("{place}/integrity-records"), &fields, &format!("{place}/standing?done=recorded")).await;
    let shown = operator.page(&format!("{place}/standing")).await;
    assert!(shown.contains("示例事由：伪造数据") && shown.contains("2025-06-30") && shown.contains("不得揭榜"));
    let version_now = version().await;
    assert_eq!(codes(app.app.bid_submit(&bidder, &id, version_now).await), ["integrity-record"]);

    // Its people see it, and not who keeps it.
    let own_page = talent.page("/account/organisation").await;
    assert!(own_page.contains("示例事由：伪造数据") && own_page.contains("了结之前不能揭榜"), "{own_page}");
    let found = app.get(&records(&own)).cookie(&talent.cookie).send().await.expect(200).json();
    let record = found["items"][0]["id"].as_str().unwrap().to_owned();
    assert!(found["items"][0].get("opened_by").is_none(), "{found}");
    let kept = app.get(&records(&own)).cookie(&operator.cookie).send().await.expect(200).json();
    assert_eq!(kept["items"][0]["opened_by"], "示例平台运营");
    let news = told(&app, &talent.cookie).await;
    assert!(news.len() == 1 && news[0].contains("record_opened"), "{news:?}");

    let close = format!("{place}/integrity-records/{record}/close");
    let page = operator.send(&close, &[("reason", " ")]).await.expect(422).text();
    assert!(page.contains(&format!("id=\"reason-{record}-error\"")), "{page}");
    // Of another organisation it is not.
    let elsewhere = organisation(&app, "enterprise").await;
    let other = format!("/operations/organisations/{elsewhere}/integrity-records/{record}/close");
    operator.send(&other, &[("reason", "示例整改完成")]).await.expect(404);
    operator.done(&close, &[("reason", "示例整改完成")], &format!("{place}/standing?done=closed")).await;
    let twice = operator.send(&close, &[("reason", "再一次")]).await.expect(422).text();
    assert!(twice.contains("已经了结"), "{twice}");
    let api = app.post(&format!("{}/{record}/close", records(&own)), json!({ "reason": "再一次" }));
    assert_eq!(api.cookie(&operator.cookie).send().await.expect(409).code(), "record-closed");
    let news = told(&app, &talent.cookie).await;
    assert!(news.len() == 2 && news.iter().any(|n| n.contains("record_closed")), "{news:?}");
    assert!(talent.page("/account/organisation").await.contains("示例整改完成"));
    assert_eq!(told(&app, &app.role(Role::Enterprise).await).await, Vec::<String>::new());
    let version_now = version().await;
    app.app.bid_submit(&bidder, &id, version_now).await.unwrap();
}

/// Whoever the platform lets in sees what the organisation's people see, its bids among it: they are told.
#[tokio::test]
async fn people_are_told_whom_the_platform_lets_act_for_their_organisation() {
    let app = TestApp::new().await;
    let own = organisation(&app, "talent").await;
    let (talent, administrator) = (app.role(Role::Talent).await, app.role(Role::Administrator).await);
    let ask = async |method: &str, path: &str, body: Value| {
        app.ask(method, path).cookie(&administrator).json(body).send().await
    };
    let new = json!({ "login": "newcomer", "name": "示例新人", "password": PASSWORD, "role": "talent",
        "organisation": own });
    let made = ask("POST", "/api/v1/accounts", new).await.expect(201).json();
    let path = format!("/api/v1/accounts/{}", made["id"].as_str().unwrap());
    let mut version = made["version"].as_i64().unwrap();
    for active in [false, true] {
        let put = app.ask("PUT", &path).cookie(&administrator).header("if-match", format!("\"v{version}\""));
        version = put.json(json!({ "active": active })).send().await.expect(200).json()["version"].as_i64().unwrap();
    }
    ask("POST", &format!("{path}/password-reset"), json!({})).await.expect(200);
    let news = told(&app, &talent).await;
    assert_eq!(news.len(), 3, "{news:?}");
    for what in ["account_added", "account_restored", "password_reset"] {
        assert!(news.iter().any(|n| n.contains(what) && n.contains("示例新人")), "{what}: {news:?}");
    }
    assert_eq!(told(&app, &app.role(Role::Enterprise).await).await, Vec::<String>::new());
}

#[tokio::test]
async fn the_log_holds_each_step_and_the_public_its_hash() {
    let app = TestApp::new().await;
    let own = organisation(&app, "talent").await;
    let (talent, operator) = (app.role(Role::Talent).await, app.role(Role::Operator).await);
    declare(&app, &talent, &own, 0, declared("甲集团", &[])).await.expect(200);
    declare(&app, &talent, &own, 1, declared("乙集团", &[])).await.expect(200);
    let opened =
        app.post(&records(&own), json!({ "what": "密事由" })).cookie(&operator).send().await.expect(201).json();
    let close = format!("{}/{}/close", records(&own), opened["id"].as_str().unwrap());
    app.post(&close, json!({ "reason": "密理由" })).cookie(&operator).send().await.expect(200);
    let filter = AuditFilter { object: format!("organisation:{own}"), ..AuditFilter::default() };
    let entries = app.app.store().audit_found(&filter, 0, 10).await.unwrap();
    let actions: Vec<&str> = entries.iter().map(|(_, entry)| entry.action.as_str()).collect();
    let expected =
        ["integrity.close", "integrity.open", "organisation.declare", "organisation.declare", "organisation.create"];
    assert_eq!(actions, expected);
    let changed: Value = serde_json::from_str(&entries[2].1.detail).unwrap();
    assert_eq!((&changed["before"]["group"], &changed["after"]["group"]), (&json!("甲集团"), &json!("乙集团")));
    assert!(entries.iter().all(|(_, entry)| !entry.detail.contains('密')), "texts of records are hashes");
    let numbers: Vec<i64> = entries.iter().map(|(number, _)| *number).collect();
    for line in public_page(app.app.store(), 0).await.unwrap() {
        assert!(line.entry.is_none() || !numbers.contains(&line.number), "{line:?}");
    }
    assert!(app.app.store().audit_verify().await.unwrap().is_ok());
    // Operators read it in words.
    let page = app.get(&format!("/operations/audit?object=organisation:{own}")).cookie(&operator).send().await;
    let page = page.expect(200).text();
    for words in ["登记科研诚信记录", "了结科研诚信记录", "申报集团、法定代表人和资质"] {
        assert!(page.contains(words), "{words}");
    }
}

/// An administrator looks after accounts, not after what organisations declare.
#[tokio::test]
async fn the_page_of_operators_is_theirs_alone() {
    let app = TestApp::new().await;
    let own = organisation(&app, "talent").await;
    let (place, standing) =
        (format!("/operations/organisations/{own}"), format!("/operations/organisations/{own}/standing"));
    let operator = Desk::of(&app, Role::Operator).await;
    assert!(operator.page(&place).await.contains(&standing));
    let fields = [("version", "0"), ("group", "示例集团"), ("legal_person", ""), ("qualifications", "甲\n\n乙")];
    operator.done(&standing, &fields, &format!("{standing}?done=saved")).await;
    let late = operator.send(&standing, &fields).await.expect(409).text();
    assert!(late.contains("别人已经改过"), "{late}");
    let administrator = Desk::of(&app, Role::Administrator).await;
    assert!(!administrator.page(&place).await.contains(&standing));
    administrator.get(&standing).await.expect(403);
    let talent = Desk::of(&app, Role::Talent).await;
    assert!(talent.page("/account").await.contains("href=\"/account/organisation\""));
    assert!(talent.page("/account/organisation").await.contains("甲\n乙"));
}
