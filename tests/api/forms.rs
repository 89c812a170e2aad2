//! Forms of pages: only those of the session's own pages are obeyed, and what was typed is kept.

use zhihui::domain::Role;

use crate::harness::TestApp;

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
    let fields = [("login", "talent"), ("password", crate::harness::PASSWORD), ("next", "/profile")];
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
    let password = crate::harness::PASSWORD;
    let form = |login: &str| {
        let fields =
            [("role", "talent"), ("login", login), ("name", "示例·新人"), ("password", password), ("again", password)];
        let fields: Vec<_> = fields.into_iter().chain([("once", once.as_str())]).collect();
        app.ask("POST", "/sign-up").form(&fields)
    };
    let both = tokio::join!(form("newcomer").send(), form("newcomer").send());
    for answer in [both.0, both.1, form("newcomer").send().await] {
        assert_eq!(answer.expect(303).header(axum::http::header::LOCATION), "/sign-up/done");
    }
    // Under another key it is another registration, whose login is taken.
    let fields =
        [("role", "talent"), ("login", "newcomer"), ("name", "示例·新人"), ("password", password), ("again", password)];
    app.ask("POST", "/sign-up").form(&fields).send().await.expect(422);
}
