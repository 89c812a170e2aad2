//! The inbox: who is told of what, what they do not want, and saved searches:
//! 1. each event tells those whom it concerns, once, in the transaction of the event;
//! 2. a saved search tells what is new, once, however many look; what hides is not named;
//! 3. pages mark as read what was seen, and nobody reads another's.

use axum::http::header;
use serde_json::json;
use zhihui::app::Actor;
use zhihui::app::announcements::AnnouncementDraft;
use zhihui::domain::{Audience, Notice, Role};
use zhihui::store::{Announcement, NoticeRow};

use crate::harness::TestApp;
use crate::needs::{Desk, complete};
use crate::talents::{made, piece};

async fn inbox(app: &TestApp, login: &str) -> Vec<NoticeRow> {
    let account = app.app.store().account_by_login(login).await.unwrap().unwrap();
    app.app.store().notices(&account.id, false, "", 100).await.unwrap()
}

async fn sentences(app: &TestApp, login: &str) -> Vec<String> {
    inbox(app, login).await.iter().map(|row| row.notice.sentence()).collect()
}

/// A page as somebody sees it.
async fn page(app: &TestApp, cookie: &str, path: &str) -> String {
    app.get(path).cookie(cookie).send().await.expect(200).text()
}

async fn post(app: &TestApp, cookie: &str, path: &str, fields: &[(&str, &str)]) -> crate::harness::Answer {
    let csrf = app.csrf(cookie).await;
    app.ask("POST", path).cookie(cookie).header("x-csrf-token", &csrf).form(fields).send().await
}

#[tokio::test]
async fn an_enterprise_hears_of_its_needs_and_invitations() {
    let (app, follower) = TestApp::with_talents(&[]).await;
    tokio::spawn(follower.run(std::future::pending()));
    let mut desk = Desk::draft(&app, complete()).await;
    desk.submit().await;
    assert!(inbox(&app, "enterprise").await.is_empty(), "nobody is told of what they did themselves");
    desk.decide(json!({ "publish": false, "reason": "请补充预期目标" })).await;
    desk.submit().await;
    app.pass(1);
    desk.decide(json!({ "publish": true })).await;
    let told = sentences(&app, "enterprise").await;
    assert_eq!(told, ["需求“示例电池包热失控阻断”已发布", "需求“示例电池包热失控阻断”被退回，修改后可以再次提交"]);

    // A talent with a profile of its own is invited, and answers.
    let talent = app.role(Role::Talent).await;
    let profile =
        app.post("/api/v1/talents", crate::talents::draft("示例·张某")).cookie(&talent).send().await.expect(201);
    let id = profile.json()["id"].as_str().unwrap().to_owned();
    let invitation =
        json!({ "talent": id, "message": "想与您谈谈", "contact": "示例电话 001", "released": ["problem"] });
    let sent = desk.send("POST", "/invitations", invitation).await.expect(201);
    let told = sentences(&app, "talent").await;
    assert_eq!(told, ["示例电池企业邀请您洽谈“示例电池包热失控阻断”"]);
    let path = sent.header(header::LOCATION);
    app.pass(1);
    let answer =
        app.ask("PUT", &format!("{path}/answer")).cookie(&talent).header("if-match", sent.header(header::ETAG));
    answer.json(json!({ "accept": true, "message": "可以" })).send().await.expect(200);
    assert_eq!(
        sentences(&app, "enterprise").await[0],
        "示例·张某接受了“示例电池包热失控阻断”的邀请，可以查看联系方式了"
    );
}

#[tokio::test]
async fn a_claim_that_is_decided_tells_all_who_claimed() {
    let app = TestApp::new().await;
    let id = made(&app, "t1", "示例·李某", &[]).await;
    let (first, second) = (app.role(Role::Talent).await, crate::talents::another_talent(&app, "second").await);
    let claim = json!({ "talent": id, "statement": "这是我", "consent": true });
    let one = app.post("/api/v1/profile/claims", claim.clone()).cookie(&first).send().await.expect(201).json();
    app.post("/api/v1/profile/claims", claim).cookie(&second).send().await.expect(201);
    let operator = app.role(Role::Operator).await;
    let path = format!("/api/v1/claims/{}/decision", one["id"].as_str().unwrap());
    app.post(&path, json!({ "approve": true })).cookie(&operator).send().await.expect(200);
    assert_eq!(sentences(&app, "talent").await, ["您对“示例·李某”档案的认领已通过"]);
    assert_eq!(sentences(&app, "second").await, ["您对“示例·李某”档案的认领没有通过"]);
}

#[tokio::test]
async fn what_somebody_does_not_want_is_not_put_into_the_inbox() {
    let app = TestApp::new().await;
    let cookie = app.role(Role::Enterprise).await;
    let settings = page(&app, &cookie, "/settings/notices").await;
    assert_eq!(settings.matches(" checked").count(), 9, "all to begin with: {settings}");
    assert!(settings.contains("平台没有设置邮件服务"), "{settings}");
    let done = post(&app, &cookie, "/settings/notices", &[("kind", "need_published"), ("kind", "new_hits")]).await;
    assert_eq!(done.expect(303).header(header::LOCATION), "/settings/notices?done=saved");
    assert_eq!(page(&app, &cookie, "/settings/notices").await.matches(" checked").count(), 2);
    let mut desk = Desk::draft(&app, complete()).await;
    desk.submit().await;
    desk.decide(json!({ "publish": false, "reason": "请补充" })).await;
    desk.submit().await;
    desk.decide(json!({ "publish": true })).await;
    assert_eq!(sentences(&app, "enterprise").await, ["需求“示例电池包热失控阻断”已发布"]);
}

#[tokio::test]
async fn notices_are_read_by_whom_they_are_for() {
    let app = TestApp::new().await;
    let cookie = app.role(Role::Enterprise).await;
    assert!(page(&app, &cookie, "/inbox").await.contains("还没有消息"));
    let mut desk = Desk::draft(&app, complete()).await;
    desk.submit().await;
    desk.decide(json!({ "publish": false, "reason": "请补充 <指标>" })).await;
    let list = page(&app, &cookie, "/inbox").await;
    assert!(list.contains("请补充 &#60;指标&#62;") && list.contains("1 条未读"), "{list}");
    let row = inbox(&app, "enterprise").await.remove(0);

    let other = app.other_enterprise().await;
    app.get(&format!("/inbox/{}", row.id)).cookie(&other).send().await.expect(404);
    post(&app, &other, &format!("/inbox/{}/read", row.id), &[]).await.expect(404);
    post(&app, &other, "/inbox/read", &[("through", &row.id)]).await.expect(303);
    assert!(page(&app, &cookie, "/inbox").await.contains("1 条未读"), "another's word does nothing");

    let opened = app.get(&format!("/inbox/{}", row.id)).cookie(&cookie).send().await.expect(303);
    assert_eq!(opened.header(header::LOCATION), desk.path.replace("/api/v1", ""));
    assert!(page(&app, &cookie, "/inbox?unread=1").await.contains("没有未读消息"));
    desk.submit().await;
    app.pass(1);
    desk.decide(json!({ "publish": true })).await;
    // What came after the page was made is not marked.
    post(&app, &cookie, "/inbox/read", &[("through", &row.id)]).await.expect(303);
    assert!(page(&app, &cookie, "/inbox").await.contains("1 条未读"));
    let newest = inbox(&app, "enterprise").await.remove(0);
    post(&app, &cookie, "/inbox/read", &[("through", &newest.id)]).await.expect(303);
    assert!(!page(&app, &cookie, "/inbox").await.contains("条未读"));
}

#[tokio::test]
async fn a_saved_search_tells_what_is_new_once() {
    let (app, follower) = TestApp::with_talents(&[]).await;
    tokio::spawn(follower.run(std::future::pending()));
    made(&app, "t1", "示例·甲某", &[piece("e1", "动力电池热失控预警")]).await;
    app.catch_up().await;
    let cookie = app.role(Role::Enterprise).await;
    let address = format!("kind=talents&q={}", zhihui::domain::search::percent_encoded("预警"));
    let save = [("name", "会预警的人"), ("address", address.as_str())];
    let done = post(&app, &cookie, "/searches", &save).await.expect(303);
    assert_eq!(done.header(header::LOCATION), "/searches?done=search-saved");
    let again = post(&app, &cookie, "/searches", &save).await.expect(422).text();
    assert!(again.contains("已经保存过") && again.contains("会预警的人"), "told beside the form: {again}");
    let refused = post(&app, &cookie, "/searches", &[("name", " "), ("address", address.as_str())]).await.expect(422);
    assert!(refused.text().contains("没有填写") && refused.text().contains(&address.replace('&', "&#38;")), "kept");

    assert_eq!(app.app.searches_look().await.unwrap(), 0, "what it found when it was saved is not new");
    made(&app, "t2", "示例·乙某", &[piece("e2", "电池热失控预警方法")]).await;
    made(&app, "t3", "示例·丙某", &[piece("e3", "光伏组件的清洗")]).await;
    app.catch_up().await;
    // Several nodes look at once.
    let looks: Vec<_> = (0..4)
        .map(|_| {
            tokio::spawn({
                let app = app.app.clone();
                async move { app.searches_look().await.unwrap() }
            })
        })
        .collect();
    let mut told = 0;
    for look in looks {
        told += look.await.unwrap();
    }
    assert_eq!(told, 1);
    let row = inbox(&app, "enterprise").await.remove(0);
    let Notice::NewHits { count, first, .. } = &row.notice else { panic!("{row:?}") };
    assert_eq!((*count, first.as_slice()), (1, &["t2".to_owned()][..]));
    assert!(page(&app, &cookie, "/inbox").await.contains("示例·乙某"));
    assert_eq!(app.app.searches_look().await.unwrap(), 0, "once");

    // Who hides is not named, not even in what was told before.
    let operator = app.role(Role::Operator).await;
    let record = app.get("/api/v1/talents/t2/record").cookie(&operator).send().await.expect(200);
    let mut draft = crate::talents::draft("示例·乙某");
    draft["visible"] = false.into();
    let put = app.ask("PUT", "/api/v1/talents/t2").cookie(&operator).header("if-match", record.header(header::ETAG));
    put.json(draft).send().await.expect(200);
    let list = page(&app, &cookie, "/inbox").await;
    assert!(list.contains("搜索“会预警的人”有 1 位新结果") && !list.contains("示例·乙某"), "{list}");

    let saved = app.app.store().searches_of(&row.account).await.unwrap().remove(0);
    let path = format!("/searches/{}", saved.id);
    post(&app, &cookie, &path, &[("name", "预警人才")]).await.expect(303);
    assert!(page(&app, &cookie, "/searches").await.contains("预警人才"));
    let opened = app.get(&path).cookie(&cookie).send().await.expect(303);
    assert_eq!(opened.header(header::LOCATION), format!("/search?{address}"));
    let other = app.other_enterprise().await;
    post(&app, &other, &format!("{path}/delete"), &[]).await.expect(404);
    post(&app, &cookie, &format!("{path}/delete"), &[]).await.expect(303);
    assert!(page(&app, &cookie, "/searches").await.contains("还没有保存的搜索"));
}

#[tokio::test]
async fn an_announcement_reaches_those_whom_it_is_for_once_and_from_its_first_day() {
    let app = TestApp::new().await;
    let now = app.app.now();
    let announcement = |id: &str, audience: &str, starts_at| Announcement {
        id: id.into(),
        title: format!("示例公告 {id}"),
        content: "内容".into(),
        audience: audience.into(),
        starts_at,
        ends_at: now + 9_000_000,
        withdrawn_at: None,
        created_by: "operator".into(),
        created_at: now,
        updated_at: now,
        version: 1,
    };
    let mut write = app.app.store().begin().await.unwrap();
    for one in [announcement("a", "all", now), announcement("b", "talent", now), announcement("c", "all", now + 1_000)]
    {
        write.announcement_add(&one).await.unwrap();
    }
    write.commit().await.unwrap();
    let (one, other) = tokio::join!(app.app.announcements_tell(), app.app.announcements_tell());
    assert_eq!(one.unwrap() + other.unwrap(), 2);
    assert_eq!(sentences(&app, "enterprise").await, ["示例公告 a"]);
    assert_eq!(sentences(&app, "talent").await.len(), 2);
    app.pass(1_000);
    assert_eq!(app.app.announcements_tell().await.unwrap(), 1);
    assert_eq!(sentences(&app, "enterprise").await, ["示例公告 c", "示例公告 a"]);
    assert_eq!(app.app.announcements_tell().await.unwrap(), 0);
}

#[tokio::test]
async fn an_announcement_that_is_changed_or_taken_back_is_so_in_every_inbox() {
    let app = TestApp::new().await;
    let operator = Actor {
        account: app.app.store().account_by_login("operator").await.unwrap().unwrap().id,
        name: "示例".into(),
        role: Role::Operator,
        organisation: None,
        region: None,
        scopes: None,
        password_is_temporary: false,
    };
    let today = app.app.today().unwrap();
    let draft = |title: &str, audience, from| AnnouncementDraft {
        title: title.into(),
        content: "内容".into(),
        audience,
        from,
        until: today.plus_days(9),
    };
    let is_read = async |login: &str| {
        let account = app.app.store().account_by_login(login).await.unwrap().unwrap().id;
        let row = inbox(&app, login).await.remove(0);
        let mut write = app.app.store().begin().await.unwrap();
        write.notice_read(&account, &row.id, 1).await.unwrap();
        write.commit().await.unwrap();
    };
    let made = app.app.announcement_create(&operator, &draft("甲", Audience::All, today)).await.unwrap();
    assert_eq!(app.app.announcements_tell().await.unwrap(), 1);
    is_read("talent").await;
    let update = async |version, draft| {
        let changed = app.app.announcement_update(&operator, &made.id, version, &draft).await.unwrap();
        app.app.announcements_tell().await.unwrap();
        changed.version
    };
    let version = update(made.version, draft("乙", Audience::All, today)).await;
    for login in ["enterprise", "talent"] {
        assert_eq!(sentences(&app, login).await, ["乙"], "{login}: the new text, once");
    }
    assert!(inbox(&app, "talent").await[0].read_at.is_some(), "and what was read stays so");
    let version = update(version, draft("乙", Audience::Role(Role::Talent), today)).await;
    assert!(inbox(&app, "enterprise").await.is_empty() && inbox(&app, "talent").await[0].read_at.is_some());
    let version = update(version, draft("丙", Audience::All, today)).await;
    assert_eq!(
        (sentences(&app, "enterprise").await, sentences(&app, "talent").await.len()),
        (vec!["丙".to_owned()], 1)
    );
    let version = update(version, draft("丙", Audience::All, today.plus_days(1))).await;
    assert!(inbox(&app, "enterprise").await.is_empty(), "it begins tomorrow");
    app.pass(24 * 3_600_000);
    assert_eq!(app.app.announcements_tell().await.unwrap(), 1);
    is_read("talent").await;
    app.app.announcement_withdraw(&operator, &made.id, version).await.unwrap();
    assert_eq!(app.app.announcements_tell().await.unwrap(), 0);
    for login in ["enterprise", "talent"] {
        assert!(inbox(&app, login).await.is_empty(), "{login}");
    }
}

#[tokio::test]
async fn a_draft_has_nobody_look_at_saved_searches() {
    let (app, follower) = TestApp::with_talents(&[]).await;
    tokio::spawn(follower.run(std::future::pending()));
    let cookie = app.role(Role::Talent).await;
    for kind in ["talents", "needs"] {
        let new = json!({ "name": kind, "query": { "kind": kind, "q": "热失控", "sort": "newest" } });
        app.post("/api/v1/saved-searches", new).cookie(&cookie).send().await.expect(201);
    }
    let account = app.app.store().account_by_login("talent").await.unwrap().unwrap().id;
    let kept = async || {
        let mut kept = app.app.store().searches_of(&account).await.unwrap();
        kept.sort_by_key(|search| search.name.clone());
        let [needs, talents] = kept.try_into().unwrap();
        (needs, talents)
    };
    let (needs, talents) = kept().await;
    app.pass(1);
    let mut desk = Desk::draft(&app, complete()).await;
    app.catch_up().await;
    assert_eq!(app.app.searches_look().await.unwrap(), 0);
    let (moved, _) = kept().await;
    assert_eq!(moved.looked_at, needs.looked_at, "nobody looked");
    assert!(moved.position > needs.position, "nor need anybody");

    desk.submit().await;
    desk.decide(json!({ "publish": true })).await;
    app.catch_up().await;
    assert_eq!(app.app.searches_look().await.unwrap(), 1);
    let (moved, others) = kept().await;
    assert!(moved.looked_at > needs.looked_at);
    assert_eq!(others.looked_at, talents.looked_at, "a need is no talent");
    assert_eq!(sentences(&app, "talent").await, ["搜索“needs”有 1 条新结果"]);
    assert_eq!(app.app.searches_look().await.unwrap(), 0, "once");
}

#[tokio::test]
async fn programs_keep_searches_and_read_notices_too() {
    let app = TestApp::new().await;
    let cookie = app.role(Role::Talent).await;
    let new = json!({ "name": "电池需求", "query": { "kind": "needs", "q": " 电池 ", "evidence": "patent" } });
    let kept = app.post("/api/v1/saved-searches", new.clone()).cookie(&cookie).send().await.expect(201).json();
    assert_eq!(kept["query"], json!({ "kind": "needs", "q": "电池" }), "as it is kept");
    app.post("/api/v1/saved-searches", new).cookie(&cookie).send().await.expect(409);
    let bad = json!({ "name": "", "query": { "since": 7 } });
    let refused = app.post("/api/v1/saved-searches", bad).cookie(&cookie).send().await.expect(422);
    assert_eq!(refused.errors()[0].0, "since");
    let path = format!("/api/v1/saved-searches/{}", kept["id"].as_str().unwrap());
    app.ask("PUT", &path).json(json!({ "name": "电池" })).cookie(&cookie).send().await.expect(204);
    let all = app.get("/api/v1/saved-searches").cookie(&cookie).send().await.expect(200).json();
    assert_eq!(all[0]["name"], "电池");
    let other = app.role(Role::Enterprise).await;
    app.ask("DELETE", &path).cookie(&other).send().await.expect(404);
    app.ask("DELETE", &path).cookie(&cookie).send().await.expect(204);

    let mut desk = Desk::draft(&app, complete()).await;
    desk.submit().await;
    desk.decide(json!({ "publish": true })).await;
    let list = |query: &'static str| app.get(query).cookie(&desk.cookie).send();
    let all = list("/api/v1/notices?unread=true").await.expect(200).json();
    assert_eq!(all["items"][0]["notice"]["kind"], "need_published");
    let read = format!("/api/v1/notices/{}/read", all["items"][0]["id"].as_str().unwrap());
    app.post(&read, json!({})).cookie(&cookie).send().await.expect(404);
    app.post(&read, json!({})).cookie(&desk.cookie).send().await.expect(204);
    assert_eq!(list("/api/v1/notices?unread=true").await.expect(200).json()["items"], json!([]));
}
