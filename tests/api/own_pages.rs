//! Pages of the own account and the own profile: what is refused is shown beside its field with what
//! was typed, nothing is done twice, two who edit see each other, nobody sees another's.

use axum::http::header;
use serde_json::json;
use zhihui::app::accounts::NewAccount;
use zhihui::domain::Role;

use crate::desk::Desk;
use crate::harness::{Answer, PASSWORD, TestApp};
use crate::talents::{another_talent, made, record};

const PROFILE: [(&str, &str); 8] = [
    ("version", "0"),
    ("kind", "researcher"),
    ("name", "示例·张某"),
    ("keywords", "热失控；电池\n隔热"),
    ("availability", "open"),
    ("contact", "示例电话 000"),
    ("consent", "1"),
    ("visible", "1"),
];

/// The fields with one of them changed.
fn with<'a>(fields: &[(&'a str, &'a str)], name: &'a str, value: &'a str) -> Vec<(&'a str, &'a str)> {
    let others = fields.iter().copied().filter(|(n, _)| *n != name);
    others.chain([(name, value)]).collect()
}

#[tokio::test]
async fn a_profile_is_made_and_changed_in_a_form() {
    let app = TestApp::new().await;
    let talent = Desk::new(&app, app.role(Role::Talent).await).await;
    let begin = talent.get("/profile").await.expect(200).text();
    assert!(begin.contains("认领已有的档案") && begin.contains("/profile/edit"));
    // Whatever belongs to a profile leads there.
    for path in ["/profile/evidence", "/profile/needs", "/profile/findability", "/profile/preview", "/profile/import"] {
        assert_eq!(talent.get(path).await.expect(303).header(header::LOCATION), "/profile", "{path}");
    }

    let refused = talent.send("/profile/edit", &with(&with(&PROFILE, "name", ""), "consent", "")).await.expect(422);
    let text = refused.text();
    assert!(text.contains("id=\"name-error\"") && text.contains("需要本人同意"), "{text}");
    assert!(text.contains("热失控；电池") && text.contains("示例电话 000"), "what was typed is kept");
    talent.done("/profile/edit", &PROFILE, "/profile?done=created").await;
    let shown = talent.get("/profile").await.expect(200).text();
    for word in ["热失控", "电池", "隔热", "示例电话 000"] {
        assert!(shown.contains(word), "{word}");
    }

    let first = with(&PROFILE, "version", "1");
    talent.done("/profile/edit", &with(&first, "bio", "第一个窗口写的简介"), "/profile?done=saved").await;
    // The second window was opened before.
    let stale = talent.send("/profile/edit", &with(&first, "bio", "第二个窗口写的简介")).await.expect(409).text();
    assert!(stale.contains("第一个窗口写的简介") && stale.contains("第二个窗口写的简介"), "{stale}");
    assert!(stale.contains("name=\"version\" value=\"2\""), "sent again, it is saved over the other");
    let again = with(&with(&PROFILE, "version", "2"), "bio", "第二个窗口写的简介");
    talent.done("/profile/edit", &again, "/profile?done=saved").await;
    // The same content, however old the form, is no contradiction.
    talent.done("/profile/edit", &again, "/profile?done=saved").await;

    let standing = [("version", "3"), ("availability", "closed"), ("capacity", "x"), ("visible", ""), ("consent", "")];
    let refused = talent.send("/profile/standing", &standing).await.expect(422).text();
    assert!(refused.contains("id=\"capacity-error\""));
    talent.done("/profile/standing", &with(&standing, "capacity", ""), "/profile?done=saved").await;
    let hidden = talent.get("/profile").await.expect(200).text();
    assert!(hidden.contains("档案现在不公开") && hidden.contains("暂不合作"));
    let text = talent.get("/profile/preview").await.expect(200).text();
    assert!(text.contains("档案现在不公开") && !text.contains("示例电话 000"));
    assert!(talent.get("/profile/preview?as=accepted").await.expect(200).text().contains("示例电话 000"));
    talent.done("/profile/delete", &[], "/profile?done=deleted").await;
}

#[tokio::test]
async fn a_piece_is_added_once_however_often_the_form_is_sent() {
    let app = TestApp::new().await;
    let talent = Desk::new(&app, app.role(Role::Talent).await).await;
    talent.done("/profile/edit", &PROFILE, "/profile?done=created").await;
    let piece = [
        ("type", "paper"),
        ("title", "示例论文"),
        ("id", "doi:10.1000/a b"),
        ("keywords", "热失控"),
        ("year", "2024"),
        ("once", "7f0c"),
    ];
    let refused = talent.send("/profile/evidence", &with(&piece, "year", "2999")).await.expect(422).text();
    assert!(refused.contains("id=\"year-error\"") && refused.contains("value=\"2999\""));
    for _ in 0..3 {
        talent.done("/profile/evidence", &piece, "/profile/evidence?done=created").await;
    }
    let list = talent.get("/profile/evidence").await.expect(200).text();
    let path = "/profile/evidence/doi%3A10.1000%2Fa%20b";
    assert_eq!(list.matches(&format!("href=\"{path}\"")).count(), 1, "{list}");
    // Another form under another key says that it is there.
    let again = talent.send("/profile/evidence", &with(&piece, "once", "8a1d")).await.expect(422).text();
    assert!(again.contains("已有这个编号的成果"));

    talent.done(&format!("{path}/hidden"), &[("hidden", "1")], "/profile/evidence?done=hidden").await;
    assert!(!talent.get("/profile/preview").await.expect(200).text().contains("示例论文"));
    talent.done(&format!("{path}/hidden"), &[("hidden", "")], "/profile/evidence?done=shown").await;
    assert!(talent.get("/profile/preview").await.expect(200).text().contains("示例论文"));

    let form = talent.get(path).await.expect(200).text();
    let version = form.split("name=\"version\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let change = [("version", version.as_str()), ("type", "paper"), ("title", "示例论文（修订）"), ("year", "")];
    talent.done(path, &change, "/profile/evidence?done=saved").await;
    let stale = talent.send(path, &with(&change, "title", "另一个窗口的标题")).await.expect(409).text();
    assert!(stale.contains("示例论文（修订）") && stale.contains("另一个窗口的标题"));
    talent.done(&format!("{path}/remove"), &[], "/profile/evidence?done=deleted").await;
    assert!(talent.get("/profile/evidence").await.expect(200).text().contains("还没有成果"));
    talent.get(path).await.expect(404);
}

#[tokio::test]
async fn a_profile_is_claimed_from_a_list_of_names() {
    let app = TestApp::new().await;
    made(&app, "T-1", "示例·认领某", &[]).await;
    let talent = Desk::new(&app, app.role(Role::Talent).await).await;
    let empty = talent.send("/profile/claim/search", &[("name", "没有这个人")]).await.expect(200).text();
    assert!(empty.contains("没有找到"));
    let found = talent.send("/profile/claim/search", &[("name", "示例 认领")]).await.expect(200).text();
    assert!(found.contains("示例·认领某") && found.contains("value=\"T-1\""), "{found}");
    let claim = [("name", "示例·认领某"), ("talent", "T-1"), ("statement", "单位主页可查"), ("consent", "1")];
    let refused = talent.send("/profile/claim", &with(&claim, "talent", "")).await.expect(422).text();
    assert!(refused.contains("请在名单里选中") && refused.contains("单位主页可查"));
    let refused = talent.send("/profile/claim", &with(&claim, "consent", "")).await.expect(422).text();
    assert!(refused.contains("需要本人同意"));
    talent.done("/profile/claim", &claim, "/profile?done=claimed").await;
    let begin = talent.get("/profile").await.expect(200).text();
    assert!(begin.contains("等待平台审核") && begin.contains("示例·认领某") && begin.contains("单位主页可查"));
    let again = talent.send("/profile/claim", &claim).await.expect(422).text();
    assert!(again.contains("已有一项认领申请在等待审核"));

    let operator = app.role(Role::Operator).await;
    let claims = app.get("/api/v1/claims").cookie(&operator).send().await.expect(200).json();
    let path = format!("/api/v1/claims/{}/decision", claims["items"][0]["id"].as_str().unwrap());
    app.post(&path, json!({ "approve": true })).cookie(&operator).send().await.expect(200);
    assert!(talent.get("/profile").await.expect(200).text().contains("合作状态"), "it is the own profile now");
    assert!(record(&app, "T-1").await["account"].is_string());
    assert!(talent.get("/profile/claim").await.expect(303).header(header::LOCATION) == "/profile");
}

/// A file of evidence, under a key of its own.
async fn upload(desk: &Desk<'_>, path: &str, name: &str, content: &str) -> Answer {
    desk.upload(path, &[("once", name)], &[("file", name, content.as_bytes())]).await
}

#[tokio::test]
async fn a_file_of_evidence_is_previewed_with_titles_and_written_once() {
    let app = TestApp::new().await;
    let talent = Desk::new(&app, app.role(Role::Talent).await).await;
    talent.done("/profile/edit", &PROFILE, "/profile?done=created").await;
    for (name, content) in [("", ""), ("x.exe", "MZ"), ("x.csv", "\u{0}"), ("x.csv", "一,二\n")] {
        let refused = upload(&talent, "/profile/import", name, content).await;
        assert_eq!(refused.status, 422, "{name} {content:?}: {}", refused.header(header::LOCATION));
        let refused = refused.text();
        assert!(refused.contains("id=\"file-error\""), "{name}: {refused}");
    }
    let csv = "id,type,title,year\nx-1,paper,示例论文一,2024\nx-2,novel,类型不对,2024\nx-3,patent,示例专利三,2023\n";
    let sent = upload(&talent, "/profile/import", "成果.csv", csv).await.expect(303);
    let place = sent.header(header::LOCATION);
    for _ in 0..2 {
        let preview = talent.get(&place).await.expect(200).text();
        assert!(preview.contains("示例论文一") && preview.contains("示例专利三") && preview.contains("确认写入 2 项"));
        assert!(preview.contains("“novel”") && !preview.contains("类型不对</td>"), "{preview}");
    }
    let other = Desk::new(&app, another_talent(&app, "someone").await).await;
    other.get(&place).await.expect(404);
    other.send(&place, &[]).await.expect(404);
    let done = format!("{place}?done=imported");
    talent.done(&place, &[], &done).await;
    talent.done(&place, &[], &done).await;
    let list = talent.get("/profile/evidence").await.expect(200).text();
    assert_eq!((list.matches("示例论文一</a>").count(), list.matches("示例专利三</a>").count()), (1, 1));
    // Sent again, there is nothing new.
    let sent = upload(&talent, "/profile/import", "成果二.csv", csv).await.expect(303);
    assert!(talent.get(&sent.header(header::LOCATION)).await.expect(200).text().contains("没有可写入的成果"));
}

#[tokio::test]
async fn an_author_s_file_fills_the_form_and_stores_nothing() {
    let app = TestApp::new().await;
    let talent = Desk::new(&app, app.role(Role::Talent).await).await;
    let author = |n: u32| {
        let institution = json!([{ "display_name": "示例大学" }]);
        json!({ "id": format!("https://openalex.org/A{n}"), "display_name": format!("示例·作者{n}"),
            "last_known_institutions": institution })
    };
    let one = upload(&talent, "/profile/author", "one.json", &author(1).to_string()).await.expect(200).text();
    assert!(one.contains("value=\"示例·作者1\"") && one.contains("value=\"示例大学\""), "{one}");
    let two = format!("{}\n{}", author(1), author(2));
    let two = upload(&talent, "/profile/author", "two.jsonl", &two).await.expect(200).text();
    assert!(two.contains("示例·作者1") && two.contains("示例·作者2") && two.contains("选择作者"));
    let chosen = talent.send("/profile/author/chosen", &[("name", "示例·作者2"), ("keywords", "电池")]).await;
    assert!(chosen.expect(200).text().contains("value=\"示例·作者2\""));
    let refused = upload(&talent, "/profile/author", "none.json", "{}").await.expect(422).text();
    assert!(refused.contains("id=\"file-error\""));
    assert!(talent.get("/profile").await.expect(200).text().contains("还没有档案"));
}

#[tokio::test]
async fn a_temporary_password_leads_to_the_account_and_nowhere_else() {
    let app = TestApp::new().await;
    let new = NewAccount {
        login: "fresh".into(),
        name: "示例·新人".into(),
        role: Role::Talent,
        organisation: None,
        password: PASSWORD.into(),
    };
    app.app.account_make(None, &new, true).await.unwrap();
    let fresh = Desk::new(&app, app.sign_in("fresh").await).await;
    let refused = fresh.get("/profile").await.expect(403).text();
    assert!(refused.contains("临时密码") && refused.contains("href=\"/account\""), "{refused}");
    assert!(fresh.get("/").await.expect(200).text().contains("改成自己的密码"));
    let account = fresh.get("/account").await.expect(200).text();
    assert!(account.contains("临时密码") && !account.contains("/account/tokens"));
    let change = [("present", PASSWORD), ("new", "another four plain words"), ("again", "another four plain words")];
    let refused = fresh.send("/account/password", &with(&change, "again", "something else")).await.expect(422).text();
    assert!(refused.contains("id=\"again-error\"") && !refused.contains("another four plain words"));
    let refused = fresh.send("/account/password", &with(&change, "present", "wrong")).await.expect(422).text();
    assert!(refused.contains("id=\"present-error\""));
    let done = fresh.send("/account/password", &change).await.expect(303);
    let cookie = done.cookie();
    app.get("/profile").cookie(&cookie).send().await.expect(200);
    assert_eq!(
        fresh.get("/profile").await.expect(303).header(header::LOCATION),
        "/sign-in?next=/profile",
        "the old session"
    );
}

#[tokio::test]
async fn a_token_is_told_once_and_made_once() {
    let app = TestApp::new().await;
    let talent = Desk::new(&app, app.role(Role::Talent).await).await;
    let token = [("token.name", "示例脚本"), ("token.scopes", "read"), ("token.days", "30"), ("once", "ab12")];
    let refused = talent.send("/account/tokens", &with(&token, "token.days", "很久")).await.expect(422).text();
    assert!(refused.contains("id=\"token.days-error\"") && refused.contains("value=\"示例脚本\""), "{refused}");
    let made = talent.send("/account/tokens", &token).await.expect(303);
    let told = made.cookie();
    let secret = told.strip_prefix("zhihui_told=").unwrap().to_owned();
    assert!(made.header(header::SET_COOKIE).contains("HttpOnly") && made.header(header::SET_COOKIE).contains("Strict"));
    talent.send("/account/tokens", &token).await.expect(303);
    let shown = app.get("/account").cookie(&format!("{}; {told}", talent.cookie)).send().await.expect(200);
    assert!(shown.text().contains(&secret) && shown.header(header::SET_COOKIE).contains("Max-Age=0"));
    let after = talent.get("/account").await.expect(200).text();
    assert!(!after.contains(&secret));
    assert_eq!(after.matches("/revoke\"").count(), 1, "made once");
    let bearer = format!("Bearer {secret}");
    app.get("/api/v1/session").header("authorization", &bearer).send().await.expect(200);
    let revoke = after.split("action=\"").find(|part| part.contains("/revoke\"")).unwrap().split('"').next().unwrap();
    talent.done(revoke, &[], "/account?done=deleted").await;
    app.get("/api/v1/session").header("authorization", &bearer).send().await.expect(401);
    let evil = app.get("/account").cookie(&format!("{}; zhihui_told=<script>", talent.cookie)).send().await;
    assert!(!evil.expect(200).text().contains("<script>"));

    let out = talent.send("/account/sign-out-everywhere", &[]).await.expect(303);
    assert_eq!(out.header(header::LOCATION), "/sign-in?done=signed-out");
    talent.get("/account").await.expect(303);
}

#[tokio::test]
async fn a_registration_is_refused_beside_its_fields_and_then_waits_for_approval() {
    let app = TestApp::new().await;
    let form = [
        ("role", "enterprise"),
        ("organisation.name", "示例新企业"),
        ("organisation.credit_code", "91500112MA60456B75"),
        ("name", "示例联系人"),
        ("login", "newcomer"),
        ("password", "four other plain words"),
        ("again", "four other plain words"),
    ];
    let send = async |fields: &[(&str, &str)]| app.ask("POST", "/sign-up").form(fields).send().await;
    for (name, value) in [
        ("organisation.name", ""),
        ("organisation.credit_code", "915001"),
        ("name", "123"),
        ("login", "x"),
        ("password", "short"),
        ("again", "different words here"),
    ] {
        let refused = send(&with(&form, name, value)).await.expect(422).text();
        assert!(refused.contains(&format!("id=\"{name}-error\"")), "{name}: {refused}");
        assert!(!refused.contains("four other plain words"), "no password comes back");
        assert!(name == "login" || refused.contains("value=\"newcomer\""), "what was typed is kept");
    }
    assert_eq!(send(&with(&form, "role", "operator")).await.expect(303).header(header::LOCATION), "/sign-up");
    assert_eq!(send(&form).await.expect(303).header(header::LOCATION), "/sign-up/done");
    let taken = send(&with(&form, "organisation.name", "示例别的企业")).await.expect(422).text();
    assert!(taken.contains("已经登记"), "{taken}");
    let waiting = app.ask("POST", "/sign-in").form(&[("login", "newcomer"), ("password", "four other plain words")]);
    assert!(waiting.send().await.expect(403).text().contains("等待平台审核"));
    // A talent may have no organisation.
    let talent = [
        ("role", "talent"),
        ("organisation.kind", "university"),
        ("name", "示例·新人才"),
        ("login", "new.talent"),
        ("password", "four other plain words"),
        ("again", "four other plain words"),
    ];
    send(&talent).await.expect(303);
}
