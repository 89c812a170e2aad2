//! The search box:
//! 1. what is found has the words, counts are what choosing a value shows, pages hold all hits once;
//! 2. names and organisations are found, and what is hidden or not published is neither found nor
//!    suggested;
//! 3. bad input is told, and nothing found says what to do.

use std::collections::BTreeSet;

use axum::http::header;
use serde_json::{Value, json};
use zhihui::app::data;
use zhihui::app::live::Follower;
use zhihui::domain::Role;
use zhihui::domain::search::percent_encoded;

use crate::harness::TestApp;
use crate::needs::{Desk, complete};

fn follow(follower: Follower) {
    tokio::spawn(follower.run(std::future::pending()));
}

async fn demo() -> TestApp {
    let (app, follower) = TestApp::with_talents(&data::demo_talents().unwrap()).await;
    follow(follower);
    app
}

async fn found(app: &TestApp, query: &str) -> Value {
    app.get(&format!("/api/v1/search?{query}")).send().await.expect(200).json()
}

fn ids(found: &Value) -> Vec<String> {
    let of = |list: &Value, id: fn(&Value) -> &Value| -> Vec<String> {
        list.as_array().unwrap().iter().map(|item| id(item).as_str().unwrap().to_owned()).collect()
    };
    [of(&found["talents"], |t| &t["talent"]["id"]), of(&found["needs"], |n| &n["id"])].concat()
}

fn q(text: &str) -> String {
    percent_encoded(text)
}

#[tokio::test]
async fn every_count_is_what_choosing_shows() {
    let app = demo().await;
    for start in
        [format!("q={}", q("动力电池热失控预警")), format!("q={}&evidence=patent", q("电池")), "kind=talents".into()]
    {
        let all = found(&app, &start).await;
        let total = all["total"].as_u64().unwrap();
        assert!(total > 0, "{start}");
        let mut values = 0;
        for facet in all["facets"].as_array().unwrap() {
            for value in facet["values"].as_array().unwrap() {
                let chosen = found(&app, value["address"].as_str().unwrap()).await;
                let (is_chosen, count) = (value["is_chosen"].as_bool().unwrap(), value["count"].as_u64().unwrap());
                let shown = chosen["total"].as_u64().unwrap();
                let case = format!("{start}: {} {}", facet["name"], value["value"]);
                if is_chosen {
                    assert!(shown >= count && count == total, "{case}: it is left again");
                } else {
                    assert_eq!(shown, count, "{case}");
                }
                values += 1;
            }
        }
        assert!(values >= 8, "{start}: {values}");
    }
}

#[tokio::test]
async fn pages_hold_every_hit_once_in_any_order() {
    let app = demo().await;
    let mut orders = BTreeSet::new();
    for sort in ["relevance", "newest", "evidence", "name"] {
        let start = format!("kind=talents&q={}&sort={sort}", q("电池 材料"));
        let first = found(&app, &start).await;
        let (total, pages) = (first["total"].as_u64().unwrap(), first["pages"].as_u64().unwrap());
        assert!(pages >= 2, "{total}");
        let mut seen = Vec::new();
        for page in 1..=pages {
            seen.extend(ids(&found(&app, &format!("{start}&page={page}")).await));
        }
        assert_eq!(seen.len() as u64, total);
        assert_eq!(seen.iter().collect::<BTreeSet<_>>().len() as u64, total, "each once");
        assert_eq!(
            ids(&found(&app, &format!("{start}&page=99")).await),
            seen[(seen.len() - 1) / 20 * 20..],
            "the last"
        );
        orders.insert(seen);
    }
    assert_eq!(orders.len(), 4, "each order is another");
}

#[tokio::test]
async fn a_hit_says_which_words_stand_where() {
    let app = demo().await;
    let all = found(&app, &format!("q={}", q("热失控 预警"))).await;
    let first = &all["talents"][0];
    let words: Vec<&str> = first["words"].as_array().unwrap().iter().map(|w| w["word"].as_str().unwrap()).collect();
    assert_eq!(words, ["热失控", "预警"], "the best has both");
    assert!(first["words"][0]["places"][0].as_str().unwrap().starts_with("成果"), "{first}");
    let marked = |parts: &Value| parts.as_array().unwrap().iter().any(|p| p["hit"] == true);
    assert!(first["found"]["proofs"].as_array().unwrap().iter().any(|p| marked(&p["title"]) || marked(&p["snippet"])));
    for item in all["talents"].as_array().unwrap() {
        let proofs = item["found"]["proofs"].as_array().unwrap();
        let shows = proofs.iter().any(|p| marked(&p["title"]) || marked(&p["snippet"]));
        assert!(shows || !item["words"].as_array().unwrap().is_empty(), "every hit has something: {item}");
    }
}

#[tokio::test]
async fn names_and_organisations_are_found() {
    let app = demo().await;
    let talents = data::demo_talents().unwrap();
    let person = &talents[0];
    let all = found(&app, &format!("q={}", q(&person.name))).await;
    assert_eq!(ids(&all)[0], person.id);
    assert_eq!(all["talents"][0]["is_named"], true);
    let all = found(&app, &format!("q={}", q(&person.organization))).await;
    let colleagues: BTreeSet<String> =
        talents.iter().filter(|t| t.organization == person.organization).map(|t| t.id.clone()).collect();
    let first: BTreeSet<String> = ids(&all).into_iter().take(colleagues.len()).collect();
    assert_eq!(first, colleagues, "they come first");
    let suggested = app.get(&format!("/api/v1/suggestions?q={}", q(&person.name[3..]))).send().await.expect(200).json();
    assert!(suggested.as_array().unwrap().iter().any(|s| s["id"] == person.id.as_str()), "{suggested}");
}

#[tokio::test]
async fn what_is_hidden_is_neither_found_nor_suggested() {
    let app = demo().await;
    let person = data::demo_talents().unwrap().remove(0);
    let operator = app.role(Role::Operator).await;
    let path = format!("/api/v1/talents/{}", person.id);
    let record = app.get(&format!("{path}/record")).cookie(&operator).send().await.expect(200);
    let hidden =
        json!({ "kind": "researcher", "name": person.name, "organization": person.organization, "visible": false });
    let put = app.ask("PUT", &path).cookie(&operator).header("if-match", record.header(header::ETAG)).json(hidden);
    put.send().await.expect(200);
    // At once, although the index may be a moment behind, and for good.
    for _ in 0..2 {
        let all = found(&app, &format!("q={}", q(&person.name))).await;
        assert!(!ids(&all).contains(&person.id));
        let suggested = app.get(&format!("/api/v1/suggestions?q={}", q(&person.name))).send().await.expect(200).text();
        assert!(!suggested.contains(&person.name), "{suggested}");
        app.catch_up().await;
    }
    app.get(&format!("/talents/{}", person.id)).send().await.expect(404);
}

#[tokio::test]
async fn a_need_is_found_from_when_it_is_published_until_it_is_withdrawn() {
    let app = demo().await;
    let mut desk = Desk::draft(&app, complete()).await;
    let id = desk.path.rsplit('/').next().unwrap().to_owned();
    let is_there = async || {
        app.catch_up().await;
        let all = found(&app, &format!("kind=needs&q={}", q("热失控阻断"))).await;
        let suggested = app.get(&format!("/api/v1/suggestions?q={}", q("示例电池包"))).send().await.expect(200).text();
        let page = app.get(&format!("/published-needs/{id}")).send().await.status.is_success();
        let listed = app.get("/published-needs").send().await.expect(200).text().contains("示例电池包热失控阻断");
        let there = [ids(&all).contains(&id), suggested.contains(&id), page, listed];
        assert!(there.iter().all(|t| *t == there[0]), "{there:?}");
        there[0]
    };
    assert!(!is_there().await, "a draft");
    desk.submit().await;
    assert!(!is_there().await, "submitted");
    desk.decide(json!({ "publish": true })).await;
    assert!(is_there().await);
    let page = app.get(&format!("/published-needs/{id}")).send().await.text();
    assert!(page.contains("无明火时间") && !page.contains("360 万元"), "{page}");
    desk.step("POST", "/withdrawal", json!({ "reason": "已自行解决" })).await;
    assert!(!is_there().await, "withdrawn");
}

#[tokio::test]
async fn nothing_found_says_what_to_do_and_bad_input_is_told() {
    let app = demo().await;
    // One character is wrong: what has but a part of the word is no hit.
    let all = found(&app, &format!("q={}", q("热失孔"))).await;
    assert_eq!((&all["total"], &all["near"][0]), (&json!(0), &json!("热失控")), "{all}");
    // Words that are near are one: a need of a battery pack is about batteries.
    let all = found(&app, &format!("q={}", q("动力电池热失控预警"))).await;
    assert!(all["total"].as_u64().unwrap() >= 5, "{}", all["total"]);
    let page = app.get(&format!("/search?q={}", q("完全没有的词组𠀀"))).send().await.expect(200).text();
    assert!(page.contains("没有找到") && page.contains("换一个说法"), "{page}");
    let refused = app.get("/api/v1/search?kind=robots&evidence=rumour").send().await.expect(422);
    let fields: Vec<String> = refused.errors().into_iter().map(|(field, _)| field).collect();
    assert_eq!(fields, ["kind", "evidence"]);
    let page = app.get("/search?kind=robots&evidence=rumour&page=x").send().await.expect(200).text();
    assert!(page.contains("有一项条件没有采用"), "{page}");
    for strange in ["q=%F0%9F%92%A9", "q=%22%27%3C%3E&kind=needs", "q=%20", "q=的", "q=a", "page=0", "since=0"] {
        app.get(&format!("/search?{}", strange.replace('的', &q("的")))).send().await.expect(200);
    }
}

#[tokio::test]
async fn a_merged_profile_leads_to_the_one_that_stays() {
    let app = demo().await;
    let operator = app.role(Role::Operator).await;
    let talents = data::demo_talents().unwrap();
    let merge = json!({ "kept": talents[0].id, "dropped": talents[1].id });
    let merged = app.post("/api/v1/merges", merge).cookie(&operator).send().await;
    assert!(merged.status.is_success(), "{}", merged.text());
    let moved = app.get(&format!("/talents/{}", talents[1].id)).send().await.expect(308);
    assert_eq!(moved.header(header::LOCATION), format!("/talents/{}", talents[0].id));
}
