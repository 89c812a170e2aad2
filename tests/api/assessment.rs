//! Assessment over the API, on the demo talents.

use std::time::Duration;

use serde_json::{Value, json};
use zhihui::domain::{Role, Talent};

use crate::harness::TestApp;
use crate::needs::{Desk, complete};

fn demo_talents() -> Vec<Talent> {
    let lines = include_str!("../../data/demo/talents.jsonl").lines();
    lines.map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn finding<'a>(assessment: &'a Value, code: &str) -> &'a Value {
    let found = assessment["findings"].as_array().unwrap().iter().find(|f| f["code"] == code);
    found.unwrap_or_else(|| panic!("no {code}: {assessment}"))
}

async fn assess(app: &TestApp, cookie: &str, need: Value) -> Value {
    app.post("/api/v1/assessments", need).cookie(cookie).send().await.expect(200).json()
}

#[tokio::test]
async fn a_need_is_assessed_as_it_is_written() {
    let (app, _) = TestApp::with_talents(&demo_talents()).await;
    let cookie = app.role(Role::Enterprise).await;
    let empty = assess(&app, &cookie, json!({})).await;
    for code in ["no-problem", "no-mode", "no-target", "no-money", "no-time-limit", "no-ownership"] {
        finding(&empty, code);
    }
    assert_eq!(finding(&empty, "no-mode")["article"], "第六条");
    assert_eq!(empty["findability"], json!({ "uncovered": [] }), "there is no word to search by");
    assert_eq!(empty["problems"][0]["code"], "missing-value");

    let good = assess(&app, &cookie, complete()).await;
    for code in ["targets-good", "money-good", "match-good"] {
        finding(&good, code);
    }
    assert_eq!(good["problems"], json!([]));
    assert!(good["completeness"]["score"].as_u64() > empty["completeness"]["score"].as_u64());
    let points = |a: &Value| {
        a["completeness"]["parts"].as_array().unwrap().iter().map(|p| p["points"].as_u64().unwrap()).sum::<u64>()
    };
    assert_eq!(Some(points(&good)), good["completeness"]["score"].as_u64());
    assert!(good["findability"]["matches"]["high"].as_u64() > Some(0), "{}", good["findability"]);
    assert_eq!(good["clusters"][0]["code"], "A1", "{}", good["clusters"]);
    assert_eq!(good["clusters"][0]["name"], "智能网联新能源汽车");
    assert!(good["disciplines"].as_array().unwrap().iter().all(|d| d["code"].as_str().unwrap().len() == 3));

    let mut weak = complete();
    weak["problem"] = "尽快显著提高Hektorium涂层的 寿命，使其大幅优于现有产品，希望得到大家支持帮助".into();
    weak["total_investment"] = 300_000.into();
    weak["self_raised"] = 100_000.into();
    weak["deadline"] = "2020-01-01".into();
    weak["field"] = "D18".into();
    let weak = assess(&app, &cookie, weak).await;
    for code in ["total-below-minimum", "self-raised-low", "deadline-past"] {
        finding(&weak, code);
    }
    let uncovered = weak["findability"]["uncovered"].to_string();
    assert!(uncovered.contains("Hektorium") && !uncovered.contains("尽快"), "{uncovered}");
    let vague = finding(&weak, "vague-word");
    let text: Vec<char> =
        "尽快显著提高Hektorium涂层的 寿命，使其大幅优于现有产品，希望得到大家支持帮助".chars().collect();
    let range = vague["range"]["start"].as_u64().unwrap() as usize..vague["range"]["end"].as_u64().unwrap() as usize;
    assert!(vague["sentence"].as_str().unwrap().contains(&text[range].iter().collect::<String>()));
    let listed = app.get("/api/v1/needs").cookie(&cookie).send().await.json();
    assert_eq!(listed["items"], json!([]), "nothing is stored");
}

/// What an unpublished need of another enterprise says, or that there is one, is never told.
#[tokio::test]
async fn similar_needs_are_own_or_published_ones() {
    let (app, follower) = TestApp::with_talents(&demo_talents()).await;
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let following = tokio::spawn(follower.run(async { drop(stopped.await) }));
    let seen = async || {
        let newest = app.app.store().change_newest().await.unwrap();
        assert!(app.app.live().wait_for(newest, Duration::from_secs(60)).await);
    };
    let mut desk = Desk::draft(&app, complete()).await;
    let id = desk.get("").await.json()["id"].clone();
    desk.submit().await;
    seen().await;
    let other = app.other_enterprise().await;
    let mut copy = complete();
    copy["title"] = "电池包热阻断".into();
    assert_eq!(assess(&app, &other, copy.clone()).await["similar"], json!([]), "submitted, and another's");
    let own = assess(&app, &desk.cookie, copy.clone()).await;
    assert_eq!((&own["similar"][0]["id"], &own["similar"][0]["is_near_duplicate"]), (&id, &json!(true)));
    finding(&own, "near-duplicate");
    let kept = desk.get("/assessment").await.expect(200).json();
    assert_eq!(kept["similar"], json!([]), "it is not like itself");

    desk.decide(json!({ "publish": true })).await;
    seen().await;
    let told = assess(&app, &other, copy).await;
    assert_eq!(told["similar"][0]["title"], "示例电池包热失控阻断");
    let unlike = json!({ "title": "风电齿轮箱", "problem": "风电齿轮箱轴承早期点蚀，希望在线监测油液和振动并预警" });
    assert_eq!(assess(&app, &other, unlike).await["similar"], json!([]));

    desk.step("POST", "/withdrawal", json!({ "reason": "已解决" })).await;
    seen().await;
    assert_eq!(assess(&app, &other, complete()).await["similar"], json!([]), "withdrawn");
    stop.send(()).unwrap();
    following.await.unwrap();
}

#[tokio::test]
async fn bad_input_is_assessed_or_refused_but_breaks_nothing() {
    let (app, _) = TestApp::with_talents(&demo_talents()).await;
    let cookie = app.role(Role::Enterprise).await;
    for text in [
        "'); DROP TABLE need; --<script>alert(1)</script>".to_owned(),
        "🙂🙂\u{202e}\u{200b}\u{feff}𠮷".to_owned(),
        "？。，、；：".to_owned(),
        "电".to_owned(),
        "a".repeat(200_000),
        "热失控电池包".repeat(30_000),
    ] {
        assess(&app, &cookie, json!({ "title": text, "problem": text, "targets": [{ "name": text, "value": "" }] }))
            .await;
    }
    let told = assess(&app, &cookie, json!({ "problem": "难题", "deadline": "明年", "field": "Z9" })).await;
    let problems: Vec<&Value> = told["problems"].as_array().unwrap().iter().map(|p| &p["field"]).collect();
    assert_eq!(problems, ["deadline", "field"]);
    let wrong = app.post("/api/v1/assessments", json!({ "mode": 3 })).cookie(&cookie).send().await.expect(422);
    assert_eq!(wrong.errors(), [("mode".into(), "bad-value".into())]);
    app.post("/api/v1/assessments", json!({})).send().await.expect(401);
    let talent = app.role(Role::Talent).await;
    app.post("/api/v1/assessments", json!({})).cookie(&talent).send().await.expect(403);
}
