//! Needs that fit the own profile: which they are, where the profile stands, and why not higher.

use std::collections::BTreeSet;
use std::time::Duration;

use axum::http::header;
use serde_json::{Value, json};
use zhihui::app::data;
use zhihui::domain::{Need, NeedStatus, Role};
use zhihui::store::{NeedRecord, TalentRecord};

use crate::harness::{Answer, TestApp};

/// Whose profile is the battery researcher's of the demo.
const TALENT: &str = "T001";

/// A service over the demo's talents and needs, which are all published but for the first, a draft;
/// one of the talents is the account's.
struct World {
    app: TestApp,
    cookie: String,
    _stop: tokio::sync::oneshot::Sender<()>,
}

impl World {
    async fn new() -> Self {
        let (app, follower) = TestApp::with_talents(&data::demo_talents().unwrap()).await;
        let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
        tokio::spawn(follower.run(async { drop(stopped.await) }));
        let store = app.app.store();
        let enterprise = store.account_by_login("enterprise").await.unwrap().unwrap();
        let organisation = store.organisation(&enterprise.organisation.clone().unwrap()).await.unwrap().unwrap();
        let talent = store.account_by_login("talent").await.unwrap().unwrap();
        let record = store.talent(TALENT).await.unwrap().unwrap();
        let mut write = store.begin().await.unwrap();
        write.talent_put(&TalentRecord { account: Some(talent.id), consent_at: Some(1), ..record }).await.unwrap();
        for (at, need) in data::demo_needs().unwrap().into_iter().enumerate() {
            let status = if at == 0 { NeedStatus::Draft } else { NeedStatus::Published };
            let record = NeedRecord {
                need: Need { deadline: (at == 1).then(|| "2020-01-01".to_owned()), ..need },
                organisation: organisation.id.clone(),
                organisation_name: organisation.name.clone(),
                organisation_region: organisation.region.clone(),
                created_by: enterprise.id.clone(),
                status,
                reason: None,
                created_at: 0,
                updated_at: 0,
                submitted_at: None,
                published_at: status.is_public().then_some(0),
                version: 1,
            };
            write.need_add(&record, zhihui::store::Saving::PLAIN).await.unwrap();
        }
        write.commit().await.unwrap();
        let cookie = app.role(Role::Talent).await;
        let world = Self { app, cookie, _stop: stop };
        world.seen().await;
        world
    }

    async fn seen(&self) {
        let newest = self.app.app.store().change_newest().await.unwrap();
        assert!(self.app.app.live().wait_for(newest, Duration::from_secs(60)).await);
    }

    async fn get(&self, path: &str) -> Answer {
        self.app.get(path).cookie(&self.cookie).send().await
    }

    /// Hides the profile or shows it again.
    async fn show(&self, visible: bool) {
        let profile = self.get("/api/v1/profile").await.expect(200);
        let mut draft = profile.json();
        let kept = ["kind", "name", "organization", "region", "title", "keywords", "bio", "fields", "members"];
        draft.as_object_mut().unwrap().retain(|key, _| kept.contains(&key.as_str()));
        draft["consent"] = true.into();
        draft["visible"] = visible.into();
        let change = self.app.ask("PUT", "/api/v1/profile").json(draft).cookie(&self.cookie);
        change.header("if-match", profile.header(header::ETAG)).send().await.expect(200);
        self.seen().await;
    }
}

fn id(need: &Value) -> &str {
    need["need"]["id"].as_str().unwrap()
}

#[tokio::test]
async fn the_nearest_public_needs_come_with_the_place_that_their_enterprise_sees() {
    let world = World::new().await;
    let found = world.get("/api/v1/profile/needs").await.expect(200).json();
    let needs = found["needs"].as_array().unwrap();
    assert_eq!((needs.len(), &found["next"], &found["is_shown"]), (10, &json!(2), &json!(true)));
    let percents: Vec<f64> = needs.iter().map(|n| n["position"]["percent"].as_f64().unwrap_or(-1.0)).collect();
    assert!(percents.is_sorted_by(|a, b| a >= b), "{percents:?}");
    let best = &needs[0];
    assert_eq!(best["position"]["band"], "high", "{best}");
    assert!(best["need"].get("total_investment").is_none() && best["need"].get("problem").is_none());
    let all = data::demo_needs().unwrap();
    let closed: BTreeSet<&str> = all[..2].iter().map(|n| n.id.as_str()).collect();
    let mut listed = BTreeSet::new();
    for page in 1..=5 {
        let found = world.get(&format!("/api/v1/profile/needs?page={page}")).await.expect(200).json();
        for need in found["needs"].as_array().unwrap() {
            assert!(!closed.contains(id(need)), "a draft, or past its deadline: {need}");
            assert!(listed.insert(id(need).to_owned()), "on one page only: {need}");
        }
        assert_eq!(found["next"].is_null(), listed.len() == all.len() - closed.len(), "page {page}");
    }
    // The place is that of the enterprise's own list, which has those of the city first.
    let enterprise = world.app.role(Role::Enterprise).await;
    let path = format!("/api/v1/needs/{}/recommendations", id(best));
    let list = world.app.post(&path, json!({ "place": "city" })).cookie(&enterprise).send().await.expect(201).json();
    let place = best["position"]["list_place"].as_u64().unwrap() as usize;
    let item = &list["items"][place - 1];
    assert_eq!((&item["talent"]["id"], &item["percent"]), (&json!(TALENT), &best["position"]["percent"]));
    for wrong in [0, 6] {
        world.get(&format!("/api/v1/profile/needs?page={wrong}")).await.expect(422);
    }
}

#[tokio::test]
async fn why_not_me_tells_what_the_better_placed_have_and_nobody_s_name() {
    let world = World::new().await;
    let found = world.get("/api/v1/profile/needs?page=2").await.expect(200).json();
    let below = |n: &&Value| n["position"]["place"].as_u64().is_some_and(|place| place > 3);
    let need = found["needs"].as_array().unwrap().iter().find(below).unwrap().clone();
    let answer = world.get(&format!("/api/v1/profile/needs/{}", id(&need))).await.expect(200);
    let told = answer.json();
    assert_eq!((&told["outcome"], &told["position"]), (&json!("placed"), &need["position"]));
    let rivals = told["rivals"].as_array().unwrap();
    assert_eq!(rivals.iter().map(|r| r["place"].as_u64().unwrap()).collect::<Vec<_>>(), [1, 2, 3]);
    let own: BTreeSet<&str> =
        told["position"]["words"]["matched"].as_array().unwrap().iter().map(|w| w.as_str().unwrap()).collect();
    for rival in rivals {
        assert!(rival["percent"].as_f64() >= told["position"]["percent"].as_f64());
        assert!(!rival["proofs"].as_array().unwrap().is_empty());
        assert!(rival["words"].as_array().unwrap().iter().all(|w| !own.contains(w.as_str().unwrap())), "{rival}");
    }
    let place = told["position"]["place"].as_u64().unwrap();
    let lacks = told["position"]["lacks"].as_array().unwrap();
    assert!(!lacks.is_empty() && lacks.iter().all(|l| l["place"].as_u64().unwrap() <= place), "{lacks:?}");
    for talent in data::demo_talents().unwrap() {
        let shown = told.to_string();
        assert!(!shown.contains(&talent.name), "{} is named", talent.name);
        assert!(!shown.contains(&format!("\"{}\"", talent.id)) || talent.id == TALENT);
    }
    let draft = &data::demo_needs().unwrap()[0].id;
    assert_eq!(world.get(&format!("/api/v1/profile/needs/{draft}")).await.expect(404).code(), "not-found");
}

#[tokio::test]
async fn what_others_hide_is_not_told() {
    let world = World::new().await;
    let found = world.get("/api/v1/profile/needs?page=2").await.expect(200).json();
    let below = |n: &&Value| n["position"]["place"].as_u64().is_some_and(|place| place > 3);
    let need = id(found["needs"].as_array().unwrap().iter().find(below).unwrap()).to_owned();
    let path = format!("/api/v1/profile/needs/{need}");
    let told = world.get(&path).await.expect(200).json();
    let piece = &told["rivals"][0]["proofs"][0]["evidence"];
    let title = piece["title"].as_str().unwrap();
    // Whoever has it keeps it to themselves from now on.
    let store = world.app.app.store();
    let held = store.evidence_held(&[piece["id"].as_str().unwrap()]).await.unwrap().remove(0);
    for owner in held.talents {
        let mut record = store.talent(&owner).await.unwrap().unwrap();
        record.hidden.insert(held.evidence.id.clone());
        let mut write = store.begin().await.unwrap();
        write.talent_put(&record).await.unwrap();
        write.commit().await.unwrap();
    }
    world.seen().await;
    let after = world.get(&path).await.expect(200);
    assert!(!after.text().contains(title), "“{title}” is hidden now");
}

#[tokio::test]
async fn findability_names_gaps_and_a_hidden_profile_stands_nowhere() {
    let world = World::new().await;
    let found = world.get("/api/v1/profile/findability").await.expect(200).json();
    let completeness = found["review"]["completeness"].as_u64().unwrap();
    assert!((50..=100).contains(&completeness), "{completeness}");
    let summary = &found["summary"];
    assert_eq!(summary["needs"], 10);
    assert!(summary["among_first"].as_u64().unwrap() >= 1 && !summary["covered"].as_array().unwrap().is_empty());
    assert_eq!(found["needs"]["needs"].as_array().unwrap().len(), 10);

    world.show(false).await;
    let hidden = world.get("/api/v1/profile/findability").await.expect(200).json();
    assert_eq!((&hidden["needs"]["is_shown"], &hidden["summary"]["near"]), (&json!(false), &json!(0)));
    let obstacles = hidden["review"]["obstacles"].as_array().unwrap();
    assert!(obstacles.contains(&json!("hidden")), "{obstacles:?}");
    let need = id(&hidden["needs"]["needs"][0]).to_owned();
    let told = world.get(&format!("/api/v1/profile/needs/{need}")).await.expect(200).json();
    assert_eq!((&told["outcome"], &told["position"]), (&json!("not_shown"), &Value::Null));
    world.show(true).await;
    let told = world.get(&format!("/api/v1/profile/needs/{need}")).await.expect(200).json();
    assert_eq!(told["outcome"], "placed");
}

#[tokio::test]
async fn without_a_profile_nothing_fits() {
    let app = TestApp::new().await;
    let cookie = app.role(Role::Talent).await;
    for path in ["needs", "needs/x", "findability"] {
        let answer = app.get(&format!("/api/v1/profile/{path}")).cookie(&cookie).send().await.expect(404);
        assert_eq!(answer.code(), "not-found", "{path}");
    }
    // A profile that says nothing has nothing that fits, and the review says why.
    let draft = json!({ "kind": "researcher", "name": "示例·空某", "consent": true });
    let put = app.ask("PUT", "/api/v1/profile").json(draft).header("if-none-match", "*");
    put.cookie(&cookie).send().await.expect(201);
    let found = app.get("/api/v1/profile/findability").cookie(&cookie).send().await.expect(200).json();
    assert_eq!((&found["needs"]["needs"], &found["review"]["completeness"]), (&json!([]), &json!(0)));
}
