//! Claims, suspected duplicates, merges and their undoing.

use axum::http::header;
use serde_json::{Value, json};
use zhihui::domain::{Role, Talent, TalentKind, TalentStatus};
use zhihui::store::TalentRecord;

use crate::harness::{Answer, TestApp};
use crate::talents::{another_talent, draft, made, piece, record};

async fn claim(app: &TestApp, cookie: &str, talent: &str) -> Answer {
    let body = json!({ "talent": talent, "statement": "是我的：论文署名可查", "consent": true });
    app.post("/api/v1/profile/claims", body).cookie(cookie).send().await
}

async fn decide(app: &TestApp, claim: &str, approve: bool) -> Answer {
    let operator = app.role(Role::Operator).await;
    let path = format!("/api/v1/claims/{claim}/decision");
    app.post(&path, json!({ "approve": approve })).cookie(&operator).send().await
}

fn id(answer: &Answer) -> String {
    answer.json()["id"].as_str().unwrap().to_owned()
}

#[tokio::test]
async fn a_profile_is_claimed_once_and_belongs_to_its_person() {
    let app = TestApp::new().await;
    made(&app, "t1", "示例·张某", &[]).await;
    made(&app, "t2", "示例·李某", &[]).await;
    let one = app.role(Role::Talent).await;
    let other = another_talent(&app, "other").await;
    let bad = json!({ "talent": "t1", "statement": " " });
    let refused = app.post("/api/v1/profile/claims", bad).cookie(&one).send().await.expect(422);
    let expected = [("statement", "missing-value"), ("consent", "consent-required")];
    assert_eq!(refused.errors(), expected.map(|(f, c)| (f.to_owned(), c.to_owned())));
    assert_eq!(claim(&app, &one, "nobody").await.expect(404).code(), "not-found");

    let first = id(&claim(&app, &one, "t1").await.expect(201));
    assert_eq!(claim(&app, &one, "t2").await.expect(409).code(), "claim-pending");
    let second = id(&claim(&app, &other, "t1").await.expect(201));
    let operator = app.role(Role::Operator).await;
    let pending = app.get("/api/v1/claims?status=pending").cookie(&operator).send().await.expect(200).json();
    assert_eq!(pending["items"].as_array().unwrap().len(), 2);
    assert_eq!(decide(&app, &first, true).await.expect(200).json()["status"], "approved");
    assert_eq!(decide(&app, &first, false).await.expect(409).code(), "already-decided");
    assert_eq!(decide(&app, &second, true).await.expect(409).code(), "already-decided", "the other was refused");
    let mine = app.get("/api/v1/profile").cookie(&one).send().await.expect(200).json();
    assert!(mine["id"] == "t1" && mine["consent_at"].is_i64());

    assert_eq!(claim(&app, &other, "t1").await.expect(409).code(), "already-claimed");
    assert_eq!(claim(&app, &one, "t2").await.expect(409).code(), "has-profile");
    let again = claim(&app, &other, "t2").await.expect(201);
    assert_eq!(decide(&app, &id(&again), false).await.expect(200).json()["status"], "refused");
    let own = app.get("/api/v1/profile/claims").cookie(&other).send().await.expect(200).json();
    let states: Vec<&str> = own["items"].as_array().unwrap().iter().map(|c| c["status"].as_str().unwrap()).collect();
    assert_eq!(states, ["refused", "refused"]);
    // Who makes a profile while the claim waits has one.
    let third = claim(&app, &other, "t2").await.expect(201);
    app.post("/api/v1/talents", draft("示例·另某")).cookie(&other).send().await.expect(201);
    assert_eq!(decide(&app, &id(&third), true).await.expect(409).code(), "has-profile");
    assert_eq!(record(&app, "t2").await["account"], Value::Null);
}

async fn duplicates(app: &TestApp) -> Vec<(String, String)> {
    let operator = app.role(Role::Operator).await;
    let (mut found, mut after) = (Vec::new(), String::new());
    loop {
        let path = format!("/api/v1/duplicates?limit=1&after={}", after.replace(' ', "%20"));
        let page = app.get(&path).cookie(&operator).send().await.expect(200).json();
        let of = |item: &Value, side: &str| item[side]["id"].as_str().unwrap().to_owned();
        found.extend(page["items"].as_array().unwrap().iter().map(|i| (of(i, "a"), of(i, "b"))));
        match page["next"].as_str() {
            Some(next) => after = next.to_owned(),
            None => return found,
        }
    }
}

fn pairs(pairs: &[(&str, &str)]) -> Vec<(String, String)> {
    pairs.iter().map(|(a, b)| ((*a).to_owned(), (*b).to_owned())).collect()
}

#[tokio::test]
async fn duplicates_are_suggested_until_they_are_merged_or_kept_apart() {
    let app = TestApp::new().await;
    for (id, name) in [("t1", "示例·张某"), ("t2", "示例张某"), ("t3", "示例 张某"), ("t4", "示例·李某")]
    {
        made(&app, id, name, &[]).await;
    }
    let operator = app.role(Role::Operator).await;
    for (id, members) in
        [("g1", json!(["甲某", "乙某"])), ("g2", json!(["乙某", "甲某"])), ("g3", json!(["甲某", "丙某"]))]
    {
        let mut body = draft(&format!("示例团队{id}"));
        (body["id"], body["kind"], body["members"]) = (id.into(), "team".into(), members);
        app.post("/api/v1/talents", body).cookie(&operator).send().await.expect(201);
    }
    assert_eq!(duplicates(&app).await, pairs(&[("g1", "g2"), ("t1", "t2"), ("t1", "t3"), ("t2", "t3")]));
    let post = |path: &str, body: Value| app.post(path, body).cookie(&operator);
    let apart = post("/api/v1/merges/apart", json!({ "a": "t3", "b": "t1" })).send().await.expect(201);
    assert_eq!(duplicates(&app).await, pairs(&[("g1", "g2"), ("t1", "t2"), ("t2", "t3")]));
    let again = post("/api/v1/merges/apart", json!({ "a": "t1", "b": "t3" })).send().await.expect(409);
    assert_eq!(again.code(), "kept-apart");
    post("/api/v1/merges", json!({ "kept": "t2", "dropped": "t1" })).send().await.expect(201);
    assert_eq!(duplicates(&app).await, pairs(&[("g1", "g2"), ("t2", "t3")]));
    app.ask("DELETE", &format!("/api/v1/merges/{}", id(&apart))).cookie(&operator).send().await.expect(204);
    app.ask("DELETE", &format!("/api/v1/merges/{}", id(&apart))).cookie(&operator).send().await.expect(409);
}

/// A profile without what any change alters.
fn content(mut record: Value) -> Value {
    for field in ["version", "updated_at"] {
        record.as_object_mut().unwrap().remove(field);
    }
    record
}

#[tokio::test]
async fn a_merge_undone_leaves_both_as_they_were() {
    let app = TestApp::new().await;
    let hidden = |id: &str| json!({ "id": id, "type": "patent", "title": format!("示例专利 {id}"), "hidden": true });
    made(&app, "a", "示例·张某", &[piece("e1", "共有"), hidden("e2")]).await;
    made(&app, "b", "示例·张某", &[piece("e3", "只在乙"), piece("e1", "共有"), hidden("e4")]).await;
    made(&app, "c", "示例·张某", &[piece("e5", "只在丙"), piece("e3", "只在乙")]).await;
    let before = [content(record(&app, "a").await), content(record(&app, "b").await), content(record(&app, "c").await)];
    let operator = app.role(Role::Operator).await;
    let merge = |kept: &str, dropped: &str| {
        app.post("/api/v1/merges", json!({ "kept": kept, "dropped": dropped })).cookie(&operator).send()
    };
    let undo = |id: String| {
        let path = format!("/api/v1/merges/{id}");
        let ask = app.ask("DELETE", &path).cookie(&operator);
        ask.send()
    };
    let ids = |record: &Value| -> Vec<String> {
        record["evidence"].as_array().unwrap().iter().map(|e| e["id"].as_str().unwrap().to_owned()).collect()
    };
    let first = merge("a", "b").await.expect(201);
    assert_eq!(first.json()["gained"], json!(["e3", "e4"]));
    let one = record(&app, "a").await;
    assert_eq!(
        (ids(&one), &one["hidden"]),
        (vec!["e1".into(), "e2".into(), "e3".into(), "e4".into()], &json!(["e2", "e4"]))
    );
    let moved = app.get("/api/v1/talents/b").send().await.expect(308);
    assert_eq!((moved.code().as_str(), moved.header(header::LOCATION).as_str()), ("moved", "/api/v1/talents/a"));

    // A second one into the same; undone in the other order, each is as it was.
    let second = merge("a", "c").await.expect(201);
    assert_eq!(second.json()["gained"], json!(["e5"]));
    undo(id(&first)).await.expect(204);
    assert_eq!(ids(&record(&app, "a").await), ["e1", "e2", "e3", "e5"], "e3 is also what c brings");
    assert_eq!(content(record(&app, "b").await), before[1]);
    undo(id(&second)).await.expect(204);
    for (id, before) in ["a", "b", "c"].iter().zip(&before) {
        assert_eq!(&content(record(&app, id).await), before);
    }
    assert_eq!(undo(id(&second)).await.expect(409).code(), "already-undone");

    // A chain is undone from its end, and leads to its end.
    let first = merge("b", "a").await.expect(201);
    let second = merge("c", "b").await.expect(201);
    let moved = app.get("/api/v1/talents/a").send().await.expect(308);
    assert_eq!(moved.header(header::LOCATION), "/api/v1/talents/c");
    assert_eq!(undo(id(&first)).await.expect(409).code(), "undo-later-first");
    undo(id(&second)).await.expect(204);
    undo(id(&first)).await.expect(204);
    for (id, before) in ["a", "b", "c"].iter().zip(&before) {
        assert_eq!(&content(record(&app, id).await), before);
    }
    let listed = app.get("/api/v1/merges?status=undone&limit=3").cookie(&operator).send().await.expect(200).json();
    assert_eq!(listed["items"].as_array().unwrap().len(), 3);
    assert!(listed["next"].is_string());
}

#[tokio::test]
async fn what_cannot_be_merged_is_refused() {
    let app = TestApp::new().await;
    for id in ["a", "b", "c"] {
        made(&app, id, "示例·张某", &[]).await;
    }
    let talent = app.role(Role::Talent).await;
    let claimed = claim(&app, &talent, "b").await.expect(201);
    decide(&app, &id(&claimed), true).await.expect(200);
    let operator = app.role(Role::Operator).await;
    let merge = |kept: &str, dropped: &str| {
        app.post("/api/v1/merges", json!({ "kept": kept, "dropped": dropped })).cookie(&operator).send()
    };
    assert_eq!(merge("a", "a").await.expect(422).errors()[0].1, "same-talent");
    assert_eq!(merge("a", "nobody").await.expect(404).code(), "not-found");
    assert_eq!(merge("a", "b").await.expect(409).code(), "claimed");
    merge("b", "a").await.expect(201);
    assert_eq!(merge("c", "a").await.expect(409).code(), "merged");
    assert_eq!(merge("a", "c").await.expect(409).code(), "merged");
    // Its person keeps what was gained; the merged one cannot be changed.
    let put = app.ask("PUT", "/api/v1/talents/a").json(draft("示例·张某")).header("if-match", "\"v2\"");
    assert_eq!(put.cookie(&operator).send().await.expect(409).code(), "merged");
    // Deleting the kept one deletes what was merged into it.
    app.ask("DELETE", "/api/v1/profile").cookie(&talent).send().await.expect(204);
    app.get("/api/v1/talents/a").send().await.expect(404);
    app.get("/api/v1/talents/c").send().await.expect(200);
}

/// Whatever pieces three profiles hold and hide, and in whichever order they are merged into one
/// and parted again, they are as they were.
#[tokio::test]
async fn merges_undone_in_any_order_give_the_same_records() {
    let app = TestApp::new().await;
    let operator = app.role(Role::Operator).await;
    // Bits of a number tell which pieces each holds and hides; multiplied by a prime they vary.
    for round in 0..12_u64 {
        let bits = (round + 1) * 2_654_435_761;
        let ids: Vec<String> = ["a", "b", "c"].iter().map(|name| format!("{name}{round}")).collect();
        let mut write = app.app.store().begin().await.unwrap();
        for (id, at) in ids.iter().zip(0..) {
            let mut blank = Talent::blank(id.clone(), TalentKind::Researcher);
            blank.name = "示例·张某".into();
            let mut record = TalentRecord::new(blank, 0);
            for n in (0..4).filter(|n| bits >> (at * 8 + n) & 1 == 1) {
                let piece = piece(&format!("e{n}-{round}"), &format!("示例 {n}"));
                record.talent.evidence.push(serde_json::from_value(piece).unwrap());
                if bits >> (at * 8 + 4 + n) & 1 == 1 {
                    record.hidden.insert(format!("e{n}-{round}"));
                }
            }
            if bits >> (24 + at) & 1 == 1 {
                record.status = TalentStatus::Hidden;
            }
            write.talent_put(&record).await.unwrap();
        }
        write.commit().await.unwrap();
        let refs: Vec<&str> = ids.iter().map(String::as_str).collect();
        let plain = |records: Vec<TalentRecord>| -> Vec<TalentRecord> {
            records.into_iter().map(|r| TalentRecord { version: 0, updated_at: 0, ..r }).collect()
        };
        let before = plain(app.app.store().talents(&refs).await.unwrap());
        let mut merges = Vec::new();
        for dropped in &refs[1..] {
            let body = json!({ "kept": refs[0], "dropped": dropped });
            merges.push(id(&app.post("/api/v1/merges", body).cookie(&operator).send().await.expect(201)));
        }
        let merged = app.app.store().talent(refs[0]).await.unwrap().unwrap();
        for piece in before.iter().flat_map(|r| &r.talent.evidence) {
            assert!(merged.talent.evidence.contains(piece), "{round}");
        }
        if round % 2 == 0 {
            merges.reverse();
        }
        for merge in merges {
            app.ask("DELETE", &format!("/api/v1/merges/{merge}")).cookie(&operator).send().await.expect(204);
        }
        assert_eq!(plain(app.app.store().talents(&refs).await.unwrap()), before, "{round}");
    }
}
