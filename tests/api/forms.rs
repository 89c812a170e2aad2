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
