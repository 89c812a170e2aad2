//! Forms of pages: only those of the session's own pages are obeyed, and what was typed is kept.

use zhihui::domain::Role;

use crate::desk::{Desk, location};
use crate::harness::{PASSWORD, TestApp};

const FILLED: [(&str, &str); 3] = [("name", "“电池”<包>"), ("amount", "120"), ("text", "多行\n文字")];

#[tokio::test]
async fn a_form_of_another_session_is_asked_for_again_with_all_that_was_typed() {
    let app = TestApp::new().await;
    let cookie = app.role(Role::Enterprise).await;
    let other = app.csrf(&app.role(Role::Operator).await).await;
    for csrf in ["", "0000", other.as_str()] {
        let fields: Vec<_> = FILLED.into_iter().chain([("csrf", csrf)]).collect();
        let page = app.ask("POST", "/gallery").cookie(&cookie).form(&fields).send().await.expect(403).text();
        assert!(page.contains(r#"name="name" value="“电池”&#60;包&#62;""#), "{page}");
        assert!(page.contains(r#"action="/gallery""#) && page.contains("多行\n文字"), "{page}");
        let fresh = app.csrf(&cookie).await;
        assert!(page.contains(&fresh) && fresh != csrf, "the page's own form is obeyed");
    }
    let csrf = app.csrf(&cookie).await;
    let fields: Vec<_> = FILLED.into_iter().chain([("csrf", csrf.as_str())]).collect();
    let done = app.ask("POST", "/gallery").cookie(&cookie).form(&fields).send().await.expect(303);
    assert_eq!(done.header(axum::http::header::LOCATION), "/gallery?done=saved");
    app.ask("POST", "/gallery").cookie(&cookie).header("x-csrf-token", &csrf).form(&FILLED).send().await.expect(303);
}

#[tokio::test]
async fn somebody_else_may_sign_in_where_a_session_is_open() {
    let app = TestApp::new().await;
    let cookie = app.role(Role::Enterprise).await;
    let fields = [("login", "talent"), ("password", PASSWORD), ("next", "/profile")];
    let done = app.ask("POST", "/sign-in").cookie(&cookie).form(&fields).send().await.expect(303);
    assert_eq!(done.header(axum::http::header::LOCATION), "/profile");
    assert!(done.cookie().starts_with("zhihui_session=") && done.cookie() != cookie);
}

/// A visitor has no session, but a registration that is sent twice is one all the same.
#[tokio::test]
async fn a_registration_sent_twice_is_one() {
    let app = TestApp::new().await;
    let page = app.get("/sign-up?as=talent").send().await.expect(200).text();
    let once = page.split("name=\"once\" value=\"").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let form = |login: &str| {
        let fields =
            [("role", "talent"), ("login", login), ("name", "示例·新人"), ("password", PASSWORD), ("again", PASSWORD)];
        let fields: Vec<_> = fields.into_iter().chain([("once", once.as_str())]).collect();
        app.ask("POST", "/sign-up").form(&fields)
    };
    let both = tokio::join!(form("newcomer").send(), form("newcomer").send());
    for answer in [both.0, both.1, form("newcomer").send().await] {
        assert_eq!(answer.expect(303).header(axum::http::header::LOCATION), "/sign-up/done");
    }
    // Under another key it is another registration, whose login is taken.
    let fields =
        [("role", "talent"), ("login", "newcomer"), ("name", "示例·新人"), ("password", PASSWORD), ("again", PASSWORD)];
    app.ask("POST", "/sign-up").form(&fields).send().await.expect(422);
}

#[tokio::test]
async fn signing_in_leads_to_pages_of_this_site_only() {
    let app = TestApp::new().await;
    for (next, place) in [
        ("/profile", "/profile"),
        ("/search?q=%E7%94%B5", "/search?q=%E7%94%B5"),
        ("", "/"),
        ("https://evil.example", "/"),
        ("//evil.example", "/"),
        ("/\\evil.example", "/"),
        ("/\t/evil.example", "/"),
        ("/\n/evil.example", "/"),
    ] {
        let fields = [("login", "talent"), ("password", PASSWORD), ("next", next)];
        let done = app.ask("POST", "/sign-in").form(&fields).send().await.expect(303);
        assert_eq!(location(&done), place, "{next:?}");
    }
}

/// What is a button alone is carried through signing in too.
#[tokio::test]
async fn a_form_without_fields_is_carried_through_signing_in() {
    let app = TestApp::new().await;
    let path = "/account/sign-out-everywhere";
    let page = app.ask("POST", path).form(&[("csrf", "old"), ("once", "key")]).send().await.expect(401).text();
    assert!(page.contains("name=\"typed\" value=\"\"") && page.contains("name=\"password\""), "{page}");
    let fields = [("login", "talent"), ("password", PASSWORD), ("next", path), ("typed", "")];
    let page = app.ask("POST", "/sign-in").form(&fields).send().await.expect(200).text();
    assert!(page.contains("action=\"/account/sign-out-everywhere\"") && page.contains("name=\"csrf\""), "{page}");
    // The address of a form has a query: it stays.
    let page = app.ask("POST", "/operations/needs/decisions?status=submitted").form(&[("ids", "a:1")]).send().await;
    assert!(page.expect(401).text().contains("value=\"/operations/needs/decisions?status=submitted\""));
}

#[tokio::test]
async fn no_page_sends_a_password_back() {
    let app = TestApp::new().await;
    let secret = "a secret of four words";
    let fields = [("present", secret), ("new", secret), ("again", secret), ("password", secret), ("name", "示例")];
    let signed_out = app.ask("POST", "/account/password").form(&fields).send().await.expect(401).text();
    let cookie = app.role(Role::Talent).await;
    let resend = app.ask("POST", "/sign-up").cookie(&cookie).form(&fields).send().await.expect(403).text();
    let encoded = serde_html_form::to_string([("a", secret)]).unwrap();
    for page in [signed_out, resend] {
        assert!(!page.contains(secret) && !page.contains(&encoded[2..]), "{page}");
    }
}

/// A form is done once for each content that it is sent with under its key.
#[tokio::test]
async fn a_form_that_is_changed_and_sent_again_is_done_once_again() {
    let app = TestApp::new().await;
    let desk = Desk::of(&app, Role::Enterprise).await;
    let send = async |title: &str| {
        let fields = [("once", "one-key"), ("title", title), ("do", "save")];
        location(&desk.send("/needs/new", &fields).await.expect(303))
    };
    let first = send("电池包").await;
    assert_eq!(send("电池包").await, first);
    let changed = send("电池模组").await;
    assert_ne!(changed, first);
    assert_eq!((send("电池模组").await, send("电池包").await), (changed, first));
    assert_eq!(desk.json("/api/v1/needs").await["items"].as_array().unwrap().len(), 2);
}

/// A browser takes another boundary for each sending.
#[tokio::test]
async fn a_file_sent_twice_is_kept_once_and_nothing_is_refused() {
    let app = TestApp::new().await;
    let desk = Desk::of(&app, Role::Enterprise).await;
    let made = desk.send("/needs/new", &[("title", "电池包"), ("do", "attach")]).await.expect(303);
    let path = location(&made).split('?').next().unwrap().to_owned();
    for boundary in ["first", "second"] {
        let part = |name: &str, rest: &str, value: &str| {
            format!("--{boundary}\r\nContent-Disposition: form-data; name=\"{name}\"{rest}\r\n\r\n{value}\r\n")
        };
        let body = [
            part("csrf", "", &desk.csrf),
            part("once", "", "one-key"),
            part("file", "; filename=\"说明.txt\"", "工艺说明"),
            format!("--{boundary}--\r\n"),
        ];
        let ask = app.ask("POST", &path).cookie(&desk.cookie);
        let ask = ask.header("content-type", format!("multipart/form-data; boundary={boundary}"));
        assert_eq!(location(&ask.body(body.concat()).send().await.expect(303)), format!("{path}?done=attached"));
    }
    assert_eq!(desk.page(&path).await.matches("说明.txt</a>").count(), 1);
}

#[tokio::test]
async fn a_page_that_is_asked_for_in_the_wrong_way_says_so() {
    let app = TestApp::new().await;
    let cookie = app.role(Role::Talent).await;
    let page = app.get("/account/sign-out-everywhere").cookie(&cookie).send().await.expect(405).text();
    assert!(page.contains("不支持") && page.contains("<h1"), "{page}");
}
