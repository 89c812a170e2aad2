//! Documents of a challenge, and files of a bid:
//! 1. confidential documents are for who has agreed;
//! 2. its publisher adds them as long as they help, and what was published stays; they are of one challenge;
//! 3. files of a bid over the API are for its people, sealed like it.

use serde_json::{Value, json};
use zhihui::app::board::challenges::ChallengeVerdict;
use zhihui::domain::Role;
use zhihui::domain::challenge::{Attachments, Challenge};

use crate::board_world::{DAY_MS, actor, begun_with, bid, codes, filled, hand_in, published_with, sent};
use crate::desk::Desk;
use crate::harness::{Answer, TestApp};

#[tokio::test]
async fn confidential_documents_are_for_who_has_agreed() {
    let app = TestApp::new().await;
    let publisher = actor(&app, Role::Enterprise).await;
    let operator = actor(&app, Role::Operator).await;
    let publish = async |title: &str, attachments: Attachments| {
        let found = begun_with(&app, &publisher, title, Some("保密的试验数据")).await;
        let content = Challenge { attachments, ..filled(&app, found.content.clone()) };
        let found = app.app.challenge_update(&publisher, &found.id, found.version, content).await.unwrap();
        let found = app.app.challenge_submit(&publisher, &found.id, found.version).await.unwrap();
        app.app.challenge_decide(&operator, &found.id, found.version, ChallengeVerdict::Publish).await.unwrap().id
    };
    let (open, closed) =
        (publish("公开附件", Attachments::Public).await, publish("保密附件", Attachments::AfterAgreement).await);
    let file = async |id: &str| {
        let files = app.get(&format!("/api/v1/challenges/{id}/files")).send().await.expect(200).json();
        (files["items"][0]["id"].as_str().unwrap().to_owned(), files["is_granted"].clone())
    };
    let (public, granted) = file(&open).await;
    assert_eq!(granted, json!(true));
    let got = app.get(&format!("/challenges/{open}/files/{public}")).send().await.expect(200);
    assert_eq!(got.text(), "保密的试验数据");
    assert!(got.headers["content-disposition"].to_str().unwrap().starts_with("attachment"));

    let (secret, granted) = file(&closed).await;
    assert_eq!(granted, json!(false));
    let (page, api) =
        (format!("/challenges/{closed}/files/{secret}"), format!("/api/v1/challenges/{closed}/files/{secret}"));
    app.get(&api).send().await.expect(401);
    assert_ne!(app.get(&page).send().await.status, 200);
    app.get(&format!("/challenges/{open}/files/{secret}")).send().await.expect(404);
    let talent = app.role(Role::Talent).await;
    assert_eq!(app.get(&api).cookie(&talent).send().await.expect(403).code(), "agreement-required");
    app.get(&page).cookie(&talent).send().await.expect(403);
    for role in [Role::Enterprise, Role::Operator] {
        app.get(&page).cookie(&app.role(role).await).send().await.expect(200);
    }
    let agreement = format!("/api/v1/challenges/{closed}/agreement");
    let text = app.get(&agreement).cookie(&talent).send().await.expect(200).json();
    assert_eq!(text["agreed_at"], Value::Null);
    let put = |version: &Value| app.ask("PUT", &agreement).cookie(&talent).json(json!({ "version": version })).send();
    assert_eq!(put(&json!(0)).await.expect(409).code(), "agreement-changed");
    app.get(&page).cookie(&talent).send().await.expect(403);
    let csrf = app.csrf(&talent).await;
    let unticked = [("csrf", csrf.as_str()), ("version", "1")];
    let form = app.ask("POST", &format!("/challenges/{closed}/agreement")).cookie(&talent).form(&unticked);
    assert!(form.send().await.expect(422).text().contains("请先阅读并勾选同意"));
    put(&text["version"]).await.expect(204);
    put(&text["version"]).await.expect(204);
    let got = app.get(&page).cookie(&talent).send().await.expect(200);
    assert_eq!(got.text(), "保密的试验数据");
    let account = actor(&app, Role::Talent).await.account;
    let kept = app.app.store().agreements(&closed, &account).await.unwrap();
    assert_eq!(
        (kept.len(), json!(kept[0].text_version), json!(kept[0].text)),
        (1, text["version"].clone(), text["text"].clone())
    );
    assert_eq!(kept[0].at, app.app.now());
    // Of one challenge only, and of oneself only.
    app.get(&page).cookie(&app.other_enterprise().await).send().await.expect(403);
}

/// The questions of a challenge as the API lists them.
async fn questions(app: &TestApp, id: &str) -> Vec<Value> {
    let list = app.get(&format!("/api/v1/challenges/{id}/questions")).send().await.expect(200).json();
    list["items"].as_array().unwrap().clone()
}

#[tokio::test]
async fn documents_are_added_as_long_as_they_help_and_stay() {
    let app = TestApp::new().await;
    let publisher = actor(&app, Role::Enterprise).await;
    let desk = Desk::of(&app, Role::Enterprise).await;
    // In the order of the clock.
    let upload = async |path: &str, fields: &[(&str, &str)], name: &str, content: &[u8]| {
        app.pass(1);
        desk.upload(path, fields, &[("file", name, content)]).await
    };
    let begun = begun_with(&app, &publisher, "示例题目", Some("需求的附件")).await;
    let path = format!("/challenges/{}/files", begun.id);
    let names = async || {
        let text = app.get(&format!("/api/v1{path}")).send().await;
        let items = text.expect(200).json()["items"].as_array().unwrap().clone();
        items.iter().map(|item| item["name"].as_str().unwrap().to_owned()).collect::<Vec<_>>()
    };
    // While it is being prepared they come and go.
    upload(&path, &[], "错的.txt", b"wrong").await.expect(303);
    upload(&path, &[], "图纸.txt", b"drawing").await.expect(303);
    let page = upload(&path, &[], "再来.txt", b"drawing").await.expect(422).text();
    assert!(page.contains("这个文件已经在附件里了") && page.contains("file-error"));
    upload(&path, &[], "", b"").await.expect(422);
    let kept = app.app.store().attachments_of(&begun.need).await.unwrap();
    let wrong = &kept.iter().find(|file| file.name == "错的.txt").unwrap().id;
    desk.done(&format!("{path}/{wrong}/deletion"), &[], &format!("/challenges/{}/manage?done=deleted", begun.id)).await;
    // What the need was published with stays.
    let own = kept.iter().find(|file| file.challenge.is_none()).unwrap();
    assert_eq!(codes(app.app.document_delete(&publisher, &begun.id, &own.id).await), ["not-found"]);
    assert_eq!(
        upload(&format!("/api/v1{path}"), &[], "同.txt", "需求的附件".as_bytes()).await.expect(409).code(),
        "same-file"
    );
    // Nobody else's business.
    let other = app.other_enterprise().await;
    let others = Desk::new(&app, other).await;
    others.upload(&format!("/api/v1{path}"), &[], &[("file", "别家.txt", b"x")]).await.expect(404);
    let begun =
        app.app.challenge_update(&publisher, &begun.id, begun.version, filled(&app, begun.content)).await.unwrap();
    let submitted = app.app.challenge_submit(&publisher, &begun.id, begun.version).await.unwrap();
    let late = upload(&format!("/api/v1{path}"), &[], "审核中.txt", b"x").await.expect(409);
    assert_eq!(late.code(), "no-documents-now");
    let operator = actor(&app, Role::Operator).await;
    let checked = Desk::of(&app, Role::Operator).await.page(&format!("/operations/challenges/{}", begun.id)).await;
    assert!(checked.contains("图纸.txt"), "the operator sees what is to be published");
    app.app.challenge_decide(&operator, &begun.id, submitted.version, ChallengeVerdict::Publish).await.unwrap();
    assert_eq!(names().await, ["示例资料.txt", "图纸.txt"]);

    // Once it is public who watches is told, and nothing is taken away.
    let talent = actor(&app, Role::Talent).await;
    app.app.challenge_watch(&talent, &begun.id).await.unwrap();
    let asked = app.app.question_ask(&talent, &begun.id, "接口尺寸？").await.unwrap();
    let added = upload(&format!("/api/v1{path}"), &[], "补充.txt", b"more").await.expect(201).json();
    let delete = app.ask("DELETE", &format!("/api/v1{path}/{}", added["id"].as_str().unwrap())).cookie(&desk.cookie);
    assert_eq!(delete.send().await.expect(409).code(), "not-editable");
    // An answer with a file is one step; a file that is refused keeps what was typed.
    let answer = format!("/challenges/{}/questions/{}/answer", begun.id, asked.id);
    let typed = [("answer", "见附图")];
    let refused = upload(&answer, &typed, "图.exe", b"MZ\x90\0").await.expect(422).text();
    assert!(refused.contains("见附图</textarea>") && refused.contains(&format!("file-{}-error", asked.id)));
    assert_eq!(questions(&app, &begun.id).await[0]["answer"], Value::Null, "nothing of it was done");
    upload(&answer, &typed, "接口.txt", "接口尺寸图".as_bytes()).await.expect(303);
    let to_answer = format!("/api/v1{path}?question={}", asked.id);
    upload(&to_answer, &[], "接口二.txt", b"second").await.expect(201);
    upload(&format!("/api/v1{path}?question=x"), &[], "x.txt", b"third").await.expect(404);
    assert_eq!(names().await, ["示例资料.txt", "图纸.txt", "补充.txt", "接口.txt", "接口二.txt"]);
    let page = app.get(&format!("/challenges/{}", begun.id)).send().await.expect(200).text();
    let answered = &page[page.find("id=\"questions\"").unwrap()..];
    assert!(answered.contains("接口.txt") && answered.contains("接口二.txt") && !answered.contains("补充.txt"));
    let told = app.app.store().notices(&talent.account, false, "", 100).await.unwrap();
    let told: Vec<String> = told.iter().map(|row| row.notice.sentence()).collect();
    let count = |what: &str| told.iter().filter(|sentence| sentence.contains(what)).count();
    assert_eq!((count("有新附件"), count("有新答复")), (2, 1), "{told:?}");

    app.pass(60 * DAY_MS);
    let late = app.app.document_add(&publisher, (&begun.id, None), sent("迟.txt", "late")).await;
    assert_eq!(codes(late), ["no-documents-now"]);
    assert_eq!(app.app.store().audit_verify().await.unwrap().map(|n| n > 5), Ok(true));
}

/// A need may have a challenge after another one: what is prepared for the later one does not show on the
/// page of the earlier, which everybody reads, and what that has published is not taken away.
#[tokio::test]
async fn documents_are_those_of_their_own_challenge() {
    let app = TestApp::new().await;
    let publisher = actor(&app, Role::Enterprise).await;
    let first = published_with(&app, "示例题目", |c| c.attachments = Attachments::Public).await;
    let add = async |id: &str, name: &str, content: &str| {
        app.pass(1);
        app.app.document_add(&publisher, (id, None), sent(name, content)).await
    };
    let old = add(&first, "旧榜.txt", "old").await.unwrap();
    let record = app.app.challenge_public(&first).await.unwrap();
    app.app.challenge_end(&publisher, &first, record.version, "换一种方式").await.unwrap();
    let next = app.app.challenge_begin(&publisher, &record.need).await.unwrap().id;
    let new = add(&next, "新榜.txt", "not public yet").await.unwrap();
    // The same file may be had again.
    add(&next, "旧榜.txt", "old").await.unwrap();
    assert_eq!(codes(add(&next, "又是.txt", "old").await), ["same-file"]);
    let listed = app.get(&format!("/api/v1/challenges/{first}/files")).send().await.expect(200).text();
    assert!(listed.contains("旧榜.txt") && !listed.contains("新榜.txt"), "{listed}");
    app.get(&format!("/challenges/{first}/files/{}", old.id)).send().await.expect(200);
    app.get(&format!("/challenges/{first}/files/{}", new.id)).send().await.expect(404);
    assert!(!app.get(&format!("/challenges/{first}")).send().await.expect(200).text().contains("新榜.txt"));
    let delete = async |id: &str| app.app.document_delete(&publisher, &next, id).await;
    assert_eq!(codes(delete(&old.id).await), ["not-found"]);
    delete(&new.id).await.unwrap();
    app.get(&format!("/challenges/{first}/files/{}", old.id)).send().await.expect(200);
}

/// Sends a file over the API as a program does.
async fn attach(app: &TestApp, cookie: &str, path: &str, version: i64, content: &str) -> Answer {
    let body = format!(
        "--b\r\ncontent-disposition: form-data; name=\"file\"; filename=\"方案.txt\"\r\n\r\n{content}\r\n--b--\r\n"
    );
    let ask = app.ask("POST", path).cookie(cookie).header("content-type", "multipart/form-data; boundary=b");
    ask.header("if-match", format!("\"v{version}\"")).body(body).send().await
}

#[tokio::test]
async fn files_of_a_bid_are_kept_and_read_over_the_api() {
    let app = TestApp::new().await;
    let challenge = published_with(&app, "示例题目", |_| {}).await;
    let bidder = actor(&app, Role::Talent).await;
    let cookie = app.role(Role::Talent).await;
    let id = hand_in(&app, &bidder, &challenge, bid(&[])).await;
    let path = format!("/api/v1/bids/{id}/files");
    let got = async || app.get(&format!("/api/v1/bids/{id}")).cookie(&cookie).send().await.expect(200).json();
    let version = async || got().await["version"].as_i64().unwrap();
    let kept = attach(&app, &cookie, &path, version().await, "技术方案").await.expect(201);
    let (tag, kept) = (kept.header(axum::http::header::ETAG), kept.json());
    assert_eq!(tag, format!("\"v{}\"", version().await));
    assert_eq!(got().await["files"], json!([kept]));
    assert_eq!(attach(&app, &cookie, &path, version().await - 1, "旧的").await.expect(412).code(), "stale");
    let file = format!("{path}/{}", kept["id"].as_str().unwrap());
    assert_eq!(app.get(&file).cookie(&cookie).send().await.expect(200).text(), "技术方案");
    for role in [Role::Enterprise, Role::Operator, Role::Expert] {
        let read = app.get(&file).cookie(&app.role(role).await).send().await;
        assert!([403, 404].contains(&read.status.as_u16()), "{role:?}: {}", read.status);
    }
    // What was handed in is not deleted; what was not, is.
    app.app.bid_submit(&bidder, &id, version().await).await.unwrap();
    let delete = async |version: i64| {
        app.ask("DELETE", &file).cookie(&cookie).header("if-match", format!("\"v{version}\"")).send().await
    };
    assert_eq!(delete(version().await).await.expect(409).code(), "file-submitted");
    app.app.bid_withdraw(&bidder, &id, version().await).await.unwrap();
    delete(version().await).await.expect(204);
    assert_eq!(got().await["files"], json!([]));
    // After opening the publisher reads it.
    let (version_now, file) = (version().await, sent("方案.txt", "开榜后读到"));
    let (version_now, kept) = app.app.bid_file_add(&bidder, (&id, version_now), file).await.unwrap();
    app.app.bid_submit(&bidder, &id, version_now).await.unwrap();
    let publisher = app.role(Role::Enterprise).await;
    let file = format!("/api/v1/challenges/{challenge}/evaluation/{id}/files/{}", kept.id);
    assert_eq!(app.get(&file).cookie(&publisher).send().await.expect(409).code(), "not-opened");
    app.pass(60 * DAY_MS);
    app.app.challenges_open_due().await.unwrap();
    let publisher = app.role(Role::Enterprise).await;
    assert_eq!(app.get(&file).cookie(&publisher).send().await.expect(200).text(), "开榜后读到");
}
