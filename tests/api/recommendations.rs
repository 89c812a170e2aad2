//! Recommendations, comparison, shortlist and invitations, over the demo's talents.

use serde_json::{Value, json};
use zhihui::app::files;
use zhihui::domain::{Evidence, EvidenceType, Role, Talent};
use zhihui::store::TalentRecord;

use crate::harness::{Answer, TestApp};

fn demo_talents() -> Vec<Talent> {
    files::read_talents("data/demo/talents.jsonl".as_ref(), &mut |_, _| {}).unwrap().rows
}

pub async fn demo() -> TestApp {
    TestApp::with_talents(&demo_talents()).await.0
}

fn battery() -> Value {
    json!({
        "title": "电池包热失控扩散阻断", "mode": "collaborative",
        "problem": "动力电池模组热失控蔓延的抑制与预警：单颗电芯失控后引燃相邻电芯，需要热阻断与早期告警。",
        "targets": [{ "name": "无明火时间", "value": "≥120", "unit": "min" }],
        "total_investment": 3_600_000, "self_raised": 2_600_000, "deadline": "2027-06-30",
        "ownership": "双方共有", "scenario": "整车配套电池包"
    })
}

impl TestApp {
    async fn need(&self, cookie: &str) -> Answer {
        self.post("/api/v1/needs", battery()).cookie(cookie).send().await.expect(201)
    }

    async fn recommended(&self, cookie: &str, need: &str, filters: Value) -> Answer {
        self.post(&format!("/api/v1/needs/{need}/recommendations"), filters).cookie(cookie).send().await
    }

    /// A need of the enterprise that is published.
    pub async fn published(&self) -> String {
        let (enterprise, operator) = (self.role(Role::Enterprise).await, self.role(Role::Operator).await);
        let need = self.need(&enterprise).await;
        let id = need.json()["id"].as_str().unwrap().to_owned();
        let etag = need.header(axum::http::header::ETAG);
        let submit = self.post(&format!("/api/v1/needs/{id}/submission"), json!({}));
        let submitted = submit.cookie(&enterprise).header("if-match", etag).send().await.expect(200);
        let etag = submitted.header(axum::http::header::ETAG);
        let decide = self.post(&format!("/api/v1/needs/{id}/decision"), json!({ "publish": true }));
        decide.cookie(&operator).header("if-match", etag).send().await.expect(200);
        id
    }

    /// Gives a talent to the account of the talent's role.
    async fn give(&self, talent: &str) {
        let store = self.app.store();
        let account = store.account_by_login("talent").await.unwrap().unwrap();
        let record = store.talent(talent).await.unwrap().unwrap();
        let contact = Some("talent@example.cn".into());
        let mut write = store.begin().await.unwrap();
        write.talent_put(&TalentRecord { account: Some(account.id), contact, ..record }).await.unwrap();
        write.commit().await.unwrap();
    }
}

fn ids(list: &Value) -> Vec<String> {
    let items = list["items"].as_array().unwrap();
    items.iter().map(|i| i["talent"]["id"].as_str().unwrap().to_owned()).collect()
}

#[tokio::test]
async fn a_list_is_shown_again_and_scored_again_exactly() {
    let app = demo().await;
    let cookie = app.role(Role::Enterprise).await;
    let need = app.need(&cookie).await.json()["id"].as_str().unwrap().to_owned();
    let list = app.recommended(&cookie, &need, json!({})).await.expect(201).json();
    let scores: Vec<f64> = list["items"].as_array().unwrap().iter().map(|i| i["score"].as_f64().unwrap()).collect();
    assert!(scores.len() > 5 && scores.is_sorted_by(|a, b| a >= b), "{scores:?}");
    let first = &list["items"][0];
    assert_eq!((first["band"].as_str(), first["rank"].as_u64()), (Some("high"), Some(1)));
    assert!(first["proofs"][0]["title"].as_array().is_some_and(|t| !t.is_empty()));
    for item in list["items"].as_array().unwrap() {
        assert!(item["talent"]["region"].as_str().unwrap().starts_with("重庆市"), "第七条: 市内 first");
    }
    let path = format!("/api/v1/recommendations/{}", list["id"].as_str().unwrap());
    assert_eq!(app.get(&path).cookie(&cookie).send().await.expect(200).json(), list);
    let again = app.get(&format!("{path}/rescore")).cookie(&cookie).send().await.expect(200).json();
    assert_eq!(again, json!({ "differences": [] }));
    // A page that is reloaded is no new recommendation; after a while, or with other filters, it is.
    assert_eq!(app.recommended(&cookie, &need, json!({})).await.expect(201).json()["id"], list["id"]);
    app.pass(5 * 60_000);
    assert_ne!(app.recommended(&cookie, &need, json!({})).await.expect(201).json()["id"], list["id"]);
    let kept = app.get(&format!("/api/v1/needs/{need}/recommendations?limit=1")).cookie(&cookie).send().await;
    let kept = kept.expect(200).json();
    assert!(kept["items"][0]["id"] != list["id"] && kept["next"] == kept["items"][0]["id"]);
}

#[tokio::test]
async fn filters_take_from_the_list_and_change_no_score() {
    let app = demo().await;
    let cookie = app.role(Role::Enterprise).await;
    let need = app.need(&cookie).await.json()["id"].as_str().unwrap().to_owned();
    let all = app.recommended(&cookie, &need, json!({ "place": "anywhere" })).await.expect(201).json();
    let score = |list: &Value, id: &str| {
        let items = list["items"].as_array().unwrap().clone();
        items.into_iter().find(|i| i["talent"]["id"] == id).map(|i| (i["score"].clone(), i["percent"].clone()))
    };
    type Holds = fn(&Value) -> bool;
    let cases: [(Value, Holds); 5] = [
        (json!({ "place": "elsewhere" }), |t| !t["region"].as_str().unwrap().starts_with("重庆市")),
        (json!({ "place": "anywhere", "kinds": ["team"] }), |t| t["kind"] == "team"),
        (json!({ "place": "anywhere", "organisation": "示例新能源" }), |t| {
            t["organization"].as_str().unwrap().contains("示例新能源")
        }),
        (json!({ "region": "重庆市沙坪坝区" }), |t| t["region"] == "重庆市沙坪坝区"),
        (json!({ "place": "anywhere", "fields": ["A1"] }), |t| t["fields"].as_array().unwrap().contains(&json!("A1"))),
    ];
    for (filters, holds) in cases {
        let list = app.recommended(&cookie, &need, filters.clone()).await.expect(201).json();
        assert!(!ids(&list).is_empty(), "{filters}");
        for item in list["items"].as_array().unwrap() {
            assert!(holds(&item["talent"]), "{filters}: {}", item["talent"]);
            let id = item["talent"]["id"].as_str().unwrap();
            if let Some(known) = score(&all, id) {
                assert_eq!(known, (item["score"].clone(), item["percent"].clone()), "{filters}: {id}");
            }
        }
    }
    let patents = app.recommended(&cookie, &need, json!({ "evidence": ["patent"], "since": 2020 })).await;
    let (patents, talents) = (ids(&patents.expect(201).json()), demo_talents());
    let is_one = |e: &Evidence| e.r#type == EvidenceType::Patent && e.year.is_some_and(|year| year >= 2020);
    let has_one = |id: &String| talents.iter().any(|t| t.id == *id && t.evidence.iter().any(is_one));
    assert!(!patents.is_empty() && patents.iter().all(has_one), "{patents:?}");
    let bad = app.recommended(&cookie, &need, json!({ "place": "moon" })).await.expect(422);
    assert_eq!(bad.errors()[0].0, "place");
}

#[tokio::test]
async fn a_foreign_need_is_not_found_and_a_visitor_matches_without_a_trace() {
    let app = demo().await;
    let need = app.need(&app.role(Role::Enterprise).await).await.json()["id"].as_str().unwrap().to_owned();
    let operator = app.role(Role::Operator).await;
    assert_eq!(app.recommended(&operator, &need, json!({})).await.status, 404, "a draft is the enterprise's own");
    let question = json!({ "text": "动力电池模组热失控蔓延的抑制与预警", "top": 3 });
    let found = app.post("/api/v1/match", question).send().await.expect(200).json();
    assert_eq!(found["items"].as_array().unwrap().len(), 3);
    assert_eq!(found["items"][0]["band"], "high");
    let nothing = app.post("/api/v1/match", json!({ "text": "，。！" })).send().await.expect(422);
    assert_eq!(nothing.errors()[0].1, "nothing-to-match");
    let long = app.post("/api/v1/match", json!({ "text": "热".repeat(20_001) })).send().await.expect(422);
    assert_eq!(long.errors()[0].1, "too-long");
    assert!(app.app.store().recommendation_newest(&need).await.unwrap().is_none());
}

#[tokio::test]
async fn talents_are_compared_side_by_side_and_judged() {
    let app = demo().await;
    let cookie = app.role(Role::Enterprise).await;
    let need = app.need(&cookie).await.json()["id"].as_str().unwrap().to_owned();
    let listed = ids(&app.recommended(&cookie, &need, json!({})).await.expect(201).json());
    let compare =
        |talents: String| app.get(&format!("/api/v1/needs/{need}/comparison?talents={talents}")).cookie(&cookie);
    let both = compare(format!("{},{}", listed[1], listed[0])).send().await.expect(200).json();
    let compared: Vec<&str> =
        both["talents"].as_array().unwrap().iter().map(|t| t["talent"]["id"].as_str().unwrap()).collect();
    assert_eq!(compared, [&listed[1], &listed[0]]);
    for (at, talent) in both["talents"].as_array().unwrap().iter().enumerate() {
        let points: f64 = both["points"].as_array().unwrap().iter().map(|r| r["values"][at].as_f64().unwrap()).sum();
        assert!((points - talent["score"].as_f64().unwrap()).abs() < 1e-4, "the rows sum to the score");
    }
    for bad in [listed[0].clone(), format!("{0},{0}", listed[0]), listed[..5].join(",")] {
        assert_eq!(compare(bad).send().await.expect(422).errors()[0].1, "bad-count");
    }
    assert_eq!(compare(format!("{},nobody", listed[0])).send().await.expect(422).errors()[0].1, "no-match");

    let path = format!("/api/v1/needs/{need}/shortlist/{}", listed[0]);
    let put = |verdict: &str, note: &str| {
        app.ask("PUT", &path).json(json!({ "verdict": verdict, "note": note })).cookie(&cookie)
    };
    let first = put("shortlisted", "先谈").send().await.expect(200);
    put("unsuitable", "方向不同").send().await.expect(412);
    let etag = first.header(axum::http::header::ETAG);
    assert_eq!(put("unsuitable", "").header("if-match", &etag).send().await.expect(422).errors()[0].0, "note");
    let second = put("unsuitable", "方向不同").header("if-match", &etag).send().await.expect(200);
    let listed = app.get(&format!("/api/v1/needs/{need}/shortlist")).cookie(&cookie).send().await.expect(200).json();
    assert_eq!((listed[0]["verdict"].as_str(), listed[0]["version"].as_i64()), (Some("unsuitable"), Some(2)));
    app.ask("DELETE", &path).cookie(&cookie).header("if-match", etag).send().await.expect(412);
    let etag = second.header(axum::http::header::ETAG);
    app.ask("DELETE", &path).cookie(&cookie).header("if-match", etag).send().await.expect(204);
}

#[tokio::test]
async fn contacts_appear_after_acceptance_only_and_a_load_is_counted() {
    let app = demo().await;
    let need = app.published().await;
    app.give("T001").await;
    let (enterprise, talent) = (app.role(Role::Enterprise).await, app.role(Role::Talent).await);
    let new =
        json!({ "talent": "T001", "message": "想请您来谈谈", "contact": "刘某 023-00000000", "released": ["targets"] });
    let path = format!("/api/v1/needs/{need}/invitations");
    let sent = app.post(&path, new.clone()).cookie(&enterprise).send().await.expect(201);
    assert_eq!(app.post(&path, new).cookie(&enterprise).send().await.expect(409).code(), "already-invited");
    let id = sent.json()["id"].as_str().unwrap().to_owned();
    let path = format!("/api/v1/invitations/{id}");
    let seen = app.get(&path).cookie(&talent).send().await.expect(200);
    assert!(!seen.text().contains("023-00000000"), "not before it is accepted");
    assert!(seen.json()["released"]["targets"].is_array() && seen.json()["released"]["problem"].is_null());
    assert!(app.get(&path).cookie(&enterprise).send().await.expect(200).text().contains("023-00000000"), "its own");
    assert!(!app.get(&path).cookie(&app.role(Role::Operator).await).send().await.expect(200).text().contains("023-0"));
    let etag = seen.header(axum::http::header::ETAG);
    let answer = |cookie: &str, accept: bool| {
        let body = json!({ "accept": accept, "message": "好" });
        app.ask("PUT", &format!("{path}/answer")).json(body).cookie(cookie).header("if-match", &etag)
    };
    assert_eq!(answer(&enterprise, true).send().await.status, 403);
    let accepted = answer(&talent, true).send().await.expect(200);
    assert!(accepted.text().contains("023-00000000"));
    let seen = app.get(&path).cookie(&enterprise).send().await.expect(200).json();
    assert_eq!(seen["talent_contact"], "talent@example.cn");
    answer(&talent, false).send().await.expect(412);
    let now = app.get(&path).cookie(&talent).send().await.expect(200).header(axum::http::header::ETAG);
    let late = app.ask("DELETE", &path).cookie(&enterprise).header("if-match", now).send().await.expect(409);
    assert_eq!(late.code(), "invalid-transition");
    assert_eq!(app.get("/api/v1/invitations").cookie(&talent).send().await.expect(200).json()["items"][0]["id"], *id);
    let list = app.recommended(&enterprise, &need, json!({})).await.expect(201).json();
    let item = list["items"].as_array().unwrap().iter().find(|i| i["talent"]["id"] == "T001").unwrap();
    assert_eq!((item["load"].as_u64(), item["is_reachable"].as_bool()), (Some(1), Some(true)));
}

#[tokio::test]
async fn a_draft_invites_nobody_and_others_do_not_see_an_invitation() {
    let app = demo().await;
    let enterprise = app.role(Role::Enterprise).await;
    let draft = app.need(&enterprise).await.json()["id"].as_str().unwrap().to_owned();
    let new = json!({ "talent": "T001", "message": "想请您来谈谈", "contact": "023-00000000" });
    let invite = |need: &str, new: &Value| {
        app.post(&format!("/api/v1/needs/{need}/invitations"), new.clone()).cookie(&enterprise)
    };
    assert_eq!(invite(&draft, &new).send().await.expect(409).code(), "need-not-published");
    let need = app.published().await;
    let empty = json!({ "talent": "T001", "message": " ", "contact": "", "released": ["password"] });
    assert_eq!(invite(&need, &empty).send().await.expect(422).errors().len(), 3, "all at once");
    let nobody = json!({ "talent": "T999", "message": "您好", "contact": "023-00000000" });
    invite(&need, &nobody).send().await.expect(404);
    let id = invite(&need, &new).send().await.expect(201).json()["id"].as_str().unwrap().to_owned();
    // The profile is nobody's yet: the account of another talent does not see it.
    let talent = app.role(Role::Talent).await;
    app.get(&format!("/api/v1/invitations/{id}")).cookie(&talent).send().await.expect(404);
    let mine = app.get("/api/v1/invitations").cookie(&talent).send().await.expect(200).json();
    assert_eq!(mine, json!({ "items": [] }));
}
