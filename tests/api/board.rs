//! The board as everybody uses it:
//! 1. each facet's count is what choosing its value shows, and words find what a challenge says now;
//! 2. nothing of a challenge that is not published shows anywhere;
//! 3. who asks stays unknown, questions end in time, answers stay;
//! 4. a saved search tells of a new challenge, a watcher of news;
//! 5. the feed is Atom, and each amendment shows what it changed.

use quick_xml::events::Event;
use serde_json::{Value, json};
use zhihui::app::Actor;
use zhihui::app::audit::public_page;
use zhihui::app::board::challenges::ChallengeVerdict;
use zhihui::app::invitations::NewInvitation;
use zhihui::domain::Role;
use zhihui::domain::challenge::Challenge;

use crate::board_world::{DAY_MS, actor, begun, filled, published, published_with, talent};
use crate::harness::TestApp;

async fn following() -> TestApp {
    let (app, follower) = TestApp::with_talents(&[]).await;
    tokio::spawn(follower.run(std::future::pending()));
    app
}

async fn board(app: &TestApp, query: &str) -> Value {
    app.get(&format!("/api/v1/challenges?{query}")).send().await.expect(200).json()
}

fn titles(board: &Value) -> Vec<String> {
    let text = |item: &Value| -> String {
        item["title"].as_array().unwrap().iter().map(|part| part["text"].as_str().unwrap()).collect()
    };
    board["items"].as_array().unwrap().iter().map(text).collect()
}

async fn sentences(app: &TestApp, role: Role) -> Vec<String> {
    let account = actor(app, role).await.account;
    let rows = app.app.store().notices(&account, false, "", 100).await.unwrap();
    rows.iter().map(|row| row.notice.sentence()).collect()
}

/// Five challenges that differ, the last withdrawn.
async fn five(app: &TestApp) {
    let now = app.app.now();
    let all: [(&str, u64, i64, &str); 5] = [
        ("动力电池热失控阻断", 400_000, 12, "三元电池包单颗电芯热失控后需要热阻断"),
        ("齿轮疲劳寿命", 900_000, 25, "风电齿轮箱的齿轮接触疲劳寿命不足"),
        ("毫米波雷达抗干扰", 2_000_000, 40, "毫米波雷达在多车场景相互干扰"),
        ("镁合金压铸", 20_000_000, 90, "一体化压铸镁合金件气孔率高"),
        ("热管理控制", 5_000_000, 30, "整车热管理控制在低温下能耗高"),
    ];
    let mut last = String::new();
    for (title, reward, days, problem) in all {
        app.pass(1_000);
        let change = |c: &mut Challenge| {
            (c.reward, c.closes_at, c.problem) = (Some(reward), Some(now + days * DAY_MS), problem.into());
            c.questions_until = None;
        };
        last = published_with(app, title, change).await;
    }
    let publisher = actor(app, Role::Enterprise).await;
    let version = app.app.challenge_public(&last).await.unwrap().version;
    app.app.challenge_end(&publisher, &last, version, "示例原因").await.unwrap();
}

#[tokio::test]
async fn a_count_is_what_choosing_shows() {
    let app = following().await;
    five(&app).await;
    app.catch_up().await;
    for query in [
        "",
        "state=open",
        "reward=below1000&state=open",
        "q=%E7%83%AD%E5%A4%B1%E6%8E%A7%20%E9%BD%BF%E8%BD%AE",
        "closing=days30",
    ] {
        let all = board(&app, query).await;
        let facets = all["facets"].as_array().unwrap();
        assert!(query.contains("below1000") || !facets.is_empty(), "{query}");
        for value in facets.iter().flat_map(|facet| facet["values"].as_array().unwrap()) {
            let chosen = board(&app, value["address"].as_str().unwrap()).await;
            if value["is_chosen"] == json!(false) {
                assert_eq!(chosen["total"], value["count"], "{query} {value}");
            } else {
                assert!(chosen["total"].as_u64() >= value["count"].as_u64(), "{query}: leaving shows no less");
            }
            // The page shows as many as the API says.
            let filters = value["address"].as_str().unwrap();
            let page = app.get(&format!("/challenges?{filters}")).send().await.expect(200).text();
            let told = format!("共 <b>{}</b> 个榜单", chosen["total"]);
            assert!(page.contains(&told) || chosen["total"] == json!(0), "{filters}");
        }
    }
    let order = |sort: &str| format!("state=open&sort={sort}");
    let closing = ["动力电池热失控阻断", "齿轮疲劳寿命", "毫米波雷达抗干扰", "镁合金压铸"];
    assert_eq!(titles(&board(&app, &order("deadline")).await), closing);
    let reversed: Vec<&str> = closing.into_iter().rev().collect();
    assert_eq!(titles(&board(&app, &order("reward")).await), reversed);
    assert_eq!(titles(&board(&app, &order("newest")).await), reversed);
    assert_eq!(titles(&board(&app, "").await).last().map(String::as_str), Some("热管理控制"), "what is over is last");
    assert_eq!(titles(&board(&app, "q=%E9%BD%BF%E8%BD%AE").await), ["齿轮疲劳寿命"]);
    assert_eq!(board(&app, "reward=below50").await["items"][0]["bids"], Value::Null, "sealed");
    app.get("/api/v1/challenges?reward=x").send().await.expect(422);
    let page = app.get("/challenges?reward=x&q=%E6%B2%A1%E6%9C%89%E8%BF%99%E4%B8%AA%E8%AF%8D").send().await.expect(200);
    assert!(page.text().contains("没有采用") && page.text().contains("没有找到"));
    assert!(app.get("/").send().await.expect(200).text().contains("/challenges?state=open\">4</a>"));
    let found = app.get("/search?kind=needs&q=%E9%BD%BF%E8%BD%AE").send().await.expect(200).text();
    assert!(found.contains("href=\"/challenges?q=%E9%BD%BF%E8%BD%AE\""), "the search box leads to the board");
    let moved = app.get("/search?kind=challenges&q=a&reward=above").send().await.expect(303);
    assert_eq!(moved.header(axum::http::header::LOCATION), "/challenges?q=a&reward=above");
}

#[tokio::test]
async fn words_find_what_is_published_and_nothing_else() {
    let app = following().await;
    let publisher = actor(&app, Role::Enterprise).await;
    let found = begun(&app, &publisher, "示例公开题目").await;
    let secret = |mut content: Challenge| {
        content.problem = "秘密的钛铝合金叶片".into();
        content.title = "未公开题目".into();
        content
    };
    let content = secret(filled(&app, found.content.clone()));
    let found = app.app.challenge_update(&publisher, &found.id, found.version, content).await.unwrap();
    let found = app.app.challenge_submit(&publisher, &found.id, found.version).await.unwrap();
    app.catch_up().await;
    let alloy = "%E9%92%9B%E9%93%9D%E5%90%88%E9%87%91";
    let operator = actor(&app, Role::Operator).await;
    for path in [
        "/challenges".to_owned(),
        format!("/challenges?q={alloy}"),
        format!("/challenges.atom?q={alloy}"),
        format!("/search?kind=needs&q={alloy}"),
        format!("/api/v1/challenges?q={alloy}"),
        "/api/v1/challenges".to_owned(),
        "/challenges.atom".to_owned(),
        "/published-needs".to_owned(),
        "/".to_owned(),
    ] {
        let text = app.get(&path).send().await.expect(200).text();
        assert!(!text.contains(&found.id) && !text.contains("未公开题目") && !text.contains("叶片"), "{path}");
    }
    for part in ["", "/terms", "/questions", "/files"] {
        app.get(&format!("/api/v1/challenges/{}{part}", found.id)).send().await.expect(404);
    }
    for part in ["", "/changes/1", "/files/x"] {
        app.get(&format!("/challenges/{}{part}", found.id)).send().await.expect(404);
    }
    let watch = format!("/api/v1/challenges/{}/watch", found.id);
    app.ask("PUT", &watch).cookie(&app.role(Role::Talent).await).send().await.expect(404);

    let published =
        app.app.challenge_decide(&operator, &found.id, found.version, ChallengeVerdict::Publish).await.unwrap();
    app.catch_up().await;
    assert_eq!(titles(&board(&app, &format!("q={alloy}")).await), ["未公开题目"]);
    let amended = Challenge { problem: "改为镍基单晶叶片".into(), ..published.content.clone() };
    app.app.challenge_amend(&publisher, &found.id, published.version, amended, "示例变更").await.unwrap();
    app.catch_up().await;
    assert_eq!(board(&app, &format!("q={alloy}")).await["total"], 0, "it says so no more");
    assert_eq!(board(&app, "q=%E9%95%8D%E5%9F%BA%E5%8D%95%E6%99%B6").await["total"], 1);

    let page = app.get(&format!("/challenges/{}/changes/2", found.id)).send().await.expect(200).text();
    assert!(page.contains("<del>") && page.contains("钛铝合金") && page.contains("镍基单晶"), "{page}");
    assert!(page.contains("示例变更") && !page.contains("榜单金额</h2>"));
    for nothing in ["0", "1", "3", "x"] {
        app.get(&format!("/challenges/{}/changes/{nothing}", found.id)).send().await.expect(404);
    }
    let terms = app.get(&format!("/api/v1/challenges/{}/terms", found.id)).send().await.expect(200).json();
    assert_eq!((terms["items"].as_array().unwrap().len(), &terms["items"][1]["reason"]), (2, &json!("示例变更")));
}

#[tokio::test]
async fn who_asks_stays_unknown() {
    let app = TestApp::new().await;
    let id = published(&app, "示例题目").await;
    let asker = actor(&app, Role::Talent).await;
    let (talent, publisher) = (app.role(Role::Talent).await, app.role(Role::Enterprise).await);
    let path = format!("/api/v1/challenges/{id}/questions");
    let ask = |cookie: &str, text: &str| app.post(&path, json!({ "question": text })).cookie(cookie).send();
    let asked = ask(&talent, " 测试温度是多少？\u{200b} ").await.expect(201).json();
    assert_eq!((&asked["text"], &asked["is_own"]), (&json!("测试温度是多少？"), &json!(true)));
    assert_eq!(ask(&publisher, "自问").await.expect(409).code(), "own-challenge");
    assert_eq!(ask(&talent, "  ").await.expect(422).errors(), [("question".into(), "missing-value".into())]);
    assert_eq!(ask(&talent, &"字".repeat(1_001)).await.expect(422).errors(), [("question".into(), "too-long".into())]);
    app.post(&path, json!({ "question": "x" })).send().await.expect(401);

    let question = asked["id"].as_str().unwrap().to_owned();
    let answer = format!("{path}/{question}/answer");
    let page = format!("/challenges/{id}");
    let hides = async |what: &str| {
        for cookie in [&publisher, &app.role(Role::Operator).await, ""] {
            for path in [&path, &page] {
                let text = app.get(path).cookie(cookie).send().await.expect(200).text();
                assert!(text.contains("测试温度是多少？"));
                assert!(!text.contains(&asker.account) && !text.contains("\"is_own\":true"), "{what} {path}");
            }
        }
    };
    hides("asked").await;
    let log = public_page(app.app.store(), 0).await.unwrap();
    let entry = log.iter().filter_map(|line| line.entry.as_ref()).find(|e| e.action == "challenge.question").unwrap();
    assert!(entry.actor.is_none() && !entry.detail.contains(&asker.account) && !entry.detail.contains("温度"));

    let put = |cookie: &str, text: &str| app.ask("PUT", &answer).cookie(cookie).json(json!({ "answer": text })).send();
    put(&talent, "不是我答").await.expect(403);
    put(&app.other_enterprise().await, "也不是我").await.expect(404);
    put(&publisher, "120 ℃").await.expect(204);
    assert_eq!(put(&publisher, "改口").await.expect(409).code(), "answered");
    hides("answered").await;
    assert!(sentences(&app, Role::Enterprise).await.contains(&"榜单“示例题目”有新提问".to_owned()));
    assert_eq!(sentences(&app, Role::Talent).await, ["榜单“示例题目”有新答复"], "who asks watches");
    assert_eq!(board(&app, "").await["items"][0]["watchers"], 1);

    for at in 0..5 {
        ask(&talent, &format!("问题 {at}")).await.expect(201);
    }
    assert_eq!(ask(&talent, "又一个").await.expect(409).code(), "questions-waiting");
    app.pass(15 * DAY_MS);
    let panel = app.role(Role::PanelMember).await;
    assert_eq!(ask(&panel, "太晚").await.expect(409).code(), "questions-over");
    app.pass(5 * DAY_MS);
    let publisher = app.role(Role::Enterprise).await;
    let asked = app.get(&path).send().await.expect(200).json();
    let open = asked["items"].as_array().unwrap().iter().find(|item| item["answer"].is_null()).unwrap();
    let late = open["id"].as_str().unwrap().to_owned();
    let late = app.ask("PUT", &format!("{path}/{late}/answer")).cookie(&publisher).json(json!({ "answer": "太晚" }));
    assert_eq!(late.send().await.expect(409).code(), "closed");
    assert_eq!(app.app.store().audit_verify().await.unwrap().map(|n| n > 5), Ok(true));
}

#[tokio::test]
async fn forms_on_the_page_do_the_same_and_keep_what_was_typed() {
    let app = TestApp::new().await;
    let id = published(&app, "示例题目").await;
    let cookie = app.role(Role::Talent).await;
    let csrf = app.csrf(&cookie).await;
    let post = async |part: &str, fields: &[(&str, &str)]| {
        let form: Vec<(&str, &str)> = fields.iter().copied().chain([("csrf", csrf.as_str())]).collect();
        app.ask("POST", &format!("/challenges/{id}/{part}")).cookie(&cookie).form(&form).send().await
    };
    post("watch", &[]).await.expect(303);
    let page = app.get(&format!("/challenges/{id}")).cookie(&cookie).send().await.expect(200).text();
    assert!(page.contains("1 人关注") && page.contains("取消关注"));
    let watched = app.get("/challenges/watched").cookie(&cookie).send().await.expect(200).text();
    assert!(watched.contains(&format!("/challenges/{id}\"")) && watched.contains("示例题目"));
    let listed = app.get("/api/v1/challenges/watched").cookie(&cookie).send().await.expect(200).json();
    assert_eq!((listed[0]["id"].as_str(), listed.as_array().unwrap().len()), (Some(id.as_str()), 1));
    post("unwatch", &[]).await.expect(303);
    assert!(app.get("/challenges/watched").cookie(&cookie).send().await.expect(200).text().contains("还没有关注榜单"));
    let typed = "留下来的字".repeat(250);
    let refused = post("questions", &[("question", &typed)]).await.expect(422).text();
    assert!(refused.contains(&typed) && refused.contains("question-error"));
    post("questions", &[("question", "可以出口吗？")]).await.expect(303);
    let publisher = app.role(Role::Enterprise).await;
    let page = app.get(&format!("/challenges/{id}")).cookie(&publisher).send().await.expect(200).text();
    assert!(page.contains("可以出口吗？") && page.contains("公开答复") && page.contains("看推荐的团队"));
    // Visitors read it and are shown the way in.
    let page = app.get(&format!("/challenges/{id}")).send().await.expect(200).text();
    assert!(page.contains("登录后提问") && page.contains("可以出口吗？"));
}

#[tokio::test]
async fn a_saved_search_tells_of_a_new_challenge() {
    let app = following().await;
    published(&app, "热失控一").await;
    app.catch_up().await;
    let talent = actor(&app, Role::Talent).await;
    let save = async |name: &str, query: Value| {
        let cookie = app.role(Role::Talent).await;
        let body = json!({ "name": name, "query": query });
        app.post("/api/v1/saved-searches", body).cookie(&cookie).send().await.expect(201);
    };
    save("热失控的榜单", json!({ "kind": "challenges", "q": "热失控" })).await;
    save("大额榜单", json!({ "kind": "challenges", "reward": "above" })).await;
    app.app.searches_look().await.unwrap();
    let told = async |of: &Actor| app.app.store().notices(&of.account, false, "", 100).await.unwrap();
    assert!(told(&talent).await.is_empty(), "what is found when it is saved is not new");
    let id = published(&app, "热失控二").await;
    app.catch_up().await;
    assert_eq!(app.app.searches_look().await.unwrap(), 1);
    assert_eq!(app.app.searches_look().await.unwrap(), 0, "once");
    let rows = told(&talent).await;
    assert_eq!(rows.len(), 1);
    let names = app.app.newcomers(&rows[0].notice).await.unwrap();
    assert_eq!(names.iter().map(|n| (n.id.as_str(), n.name.as_str())).collect::<Vec<_>>(), [(id.as_str(), "热失控二")]);
    let cookie = app.role(Role::Talent).await;
    let inbox = app.get("/inbox").cookie(&cookie).send().await.expect(200).text();
    assert!(inbox.contains(&format!("/challenges/{id}")), "{inbox}");
    let search = rows[0].object.split_once(':').unwrap().1;
    let led = app.get(&format!("/searches/{search}")).cookie(&cookie).send().await.expect(303);
    assert_eq!(led.header(axum::http::header::LOCATION), "/challenges?q=%E7%83%AD%E5%A4%B1%E6%8E%A7");
}

#[tokio::test]
async fn the_feed_is_atom_with_the_filters_of_the_board() {
    let app = TestApp::new().await;
    let odd = published(&app, "<b>“A&B” 'x'</b> ]]>").await;
    published_with(&app, "大额", |c| c.reward = Some(30_000_000)).await;
    let feed = app.get("/challenges.atom?reward=below300").send().await.expect(200);
    assert_eq!(feed.header(axum::http::header::CONTENT_TYPE), "application/atom+xml; charset=utf-8");
    let text = feed.text();
    let mut reader = quick_xml::Reader::from_str(&text);
    let mut counts: std::collections::BTreeMap<String, usize> = Default::default();
    let mut links = Vec::new();
    loop {
        match reader.read_event().expect("well-formed") {
            Event::Start(tag) => *counts.entry(tag.name().as_ref().to_owned()).or_default() += 1,
            Event::Empty(tag) if tag.name().as_ref() == "link" => {
                let href = tag.attributes().map(|a| a.unwrap()).find(|a| a.key.as_ref() == "href").unwrap();
                links.push(href.value.into_owned());
            }
            Event::Eof => break,
            _ => {}
        }
    }
    assert_eq!((counts["feed"], counts["entry"], counts["id"], counts["updated"], counts["author"]), (1, 1, 2, 2, 1));
    assert_eq!(
        links,
        [
            "http://zhihui.test/challenges.atom?reward=below300".to_owned(),
            "http://zhihui.test/challenges?reward=below300&amp;sort=newest".to_owned(),
            format!("http://zhihui.test/challenges/{odd}"),
        ]
    );
    assert!(text.contains(&format!("<id>urn:uuid:{odd}</id>")) && text.contains("&lt;b&gt;“A&amp;B”"));
    let page = app.get("/challenges?reward=below300").send().await.expect(200).text();
    assert!(page.contains("href=\"/challenges.atom?reward=below300\""));
}

/// Who is invited for the need of a challenge is led to it: inviting shuts nobody else out.
#[tokio::test]
async fn an_invitation_leads_to_the_challenge() {
    let (app, _) = TestApp::with_talents(&[talent("t1", "示例大学")]).await;
    let challenge = published(&app, "示例题目").await;
    let publisher = actor(&app, Role::Enterprise).await;
    let need = app.app.challenge_public(&challenge).await.unwrap().need;
    let new = NewInvitation {
        need,
        talent: "t1".into(),
        message: "请来揭榜".into(),
        contact: "示例电话".into(),
        released: vec!["problem".into()],
    };
    let made = app.app.invitation_create(&publisher, &new).await.unwrap().invitation.id;
    let cookie = app.role(Role::Enterprise).await;
    let page = app.get(&format!("/invitations/{made}")).cookie(&cookie).send().await.expect(200).text();
    assert!(page.contains(&format!("href=\"/challenges/{challenge}\"")), "{page}");
}
