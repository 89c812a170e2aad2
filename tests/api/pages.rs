//! What holds for every page, whoever sees it.

use axum::http::{StatusCode, header};
use zhihui::domain::Role;
use zhihui::web::access::ROUTES;

use crate::harness::{Answer, TestApp};

/// Paths of pages that need no object.
fn paths() -> impl Iterator<Item = &'static str> {
    let is_page = |path: &&str| !path.starts_with("/api/") && !path.contains('{');
    let gets = ROUTES.iter().filter(|(method, _, _)| *method == "GET").map(|(_, path, _)| *path);
    gets.filter(is_page).filter(|path| !["/healthz", "/readyz", "/metrics", "/suggest"].contains(path))
}

fn is_html(answer: &Answer) -> bool {
    answer.header(header::CONTENT_TYPE).starts_with("text/html")
}

/// The policy forbids scripts, styles and handlers in the text of a page: there are none that it
/// would have to allow.
#[tokio::test]
async fn pages_keep_to_the_content_security_policy() {
    let app = TestApp::new().await;
    let mut seen = 0;
    for role in [None].into_iter().chain(Role::ALL.map(Some)) {
        let cookie = match role {
            Some(role) => app.role(role).await,
            None => String::new(),
        };
        for path in paths() {
            let answer = app.get(path).cookie(&cookie).send().await;
            if answer.status != StatusCode::OK || !is_html(&answer) {
                continue;
            }
            seen += 1;
            let (case, html) = (format!("{path} as {role:?}"), answer.text());
            let policy = answer.header(header::CONTENT_SECURITY_POLICY);
            assert!(policy.starts_with("default-src 'none'") && !policy.contains("unsafe"), "{case}: {policy}");
            for tag in html.split('<').skip(1).filter_map(|tag| tag.split('>').next()) {
                assert!(!tag.contains(" style="), "{case}: <{tag}>");
                assert!(
                    !tag.starts_with("style") && (!tag.starts_with("script") || tag.contains(" src=")),
                    "{case}: <{tag}>"
                );
                let handler = tag.split_whitespace().skip(1).find(|part| part.starts_with("on") && part.contains('='));
                assert_eq!(handler, None, "{case}: <{tag}>");
                let leaves = tag.contains("src=\"http") || tag.starts_with("link ") && tag.contains("href=\"http");
                assert!(!leaves, "{case}: <{tag}>");
            }
            assert_eq!(html.matches("<h1").count(), 1, "{case} has one heading");
            assert!(html.contains("<main id=\"main\"") && html.contains("lang=\"zh-CN\""), "{case}");
        }
    }
    assert!(seen > 20, "{seen} pages were seen");
}

#[tokio::test]
async fn visitors_get_no_cookie() {
    let app = TestApp::new().await;
    for path in paths() {
        let answer = app.get(path).send().await;
        assert!(!answer.headers.contains_key(header::SET_COOKIE), "{path}");
    }
}

/// Pages of whoever is signed in are kept by nobody; a page of a person is not shown to the next one.
#[tokio::test]
async fn pages_are_not_stored() {
    let app = TestApp::new().await;
    let cookie = app.role(Role::Operator).await;
    for path in paths() {
        let answer = app.get(path).cookie(&cookie).send().await;
        assert_eq!(answer.header(header::CACHE_CONTROL), "no-store", "{path}");
    }
}

#[tokio::test]
async fn a_page_that_is_not_there_still_knows_who_asks() {
    let app = TestApp::new().await;
    let cookie = app.role(Role::Enterprise).await;
    for path in ["/no/such/page", "/needs/none"] {
        let page = app.get(path).cookie(&cookie).send().await.expect(404).text();
        assert!(page.contains("class=\"who\""), "{path}: {page}");
        assert!(!page.contains("href=\"/sign-up\""), "{path}: {page}");
    }
}

/// Whoever is signed in sends each form with the session's token, and everybody with a key that
/// has it done once. Signing in needs neither (`pages::sign_in`).
#[tokio::test]
async fn every_form_is_guarded() {
    let app = TestApp::new().await;
    let mut seen = 0;
    for role in [None].into_iter().chain(Role::ALL.map(Some)) {
        let cookie = match role {
            Some(role) => app.role(role).await,
            None => String::new(),
        };
        for path in paths() {
            let answer = app.get(path).cookie(&cookie).send().await;
            let html = if answer.status == StatusCode::OK && is_html(&answer) { answer.text() } else { String::new() };
            for form in html.split("<form ").skip(1).filter_map(|form| form.split("</form>").next()) {
                if !form.contains("method=\"post\"") || form.contains("action=\"/sign-in\"") {
                    continue;
                }
                seen += 1;
                assert!(form.contains("name=\"once\" value=\""), "{path} as {role:?}: {form}");
                assert!(role.is_none() || form.contains("name=\"csrf\" value=\""), "{path} as {role:?}: {form}");
            }
        }
    }
    assert!(seen > 50, "{seen} forms were seen");
}

/// The figures on the home page are those of this moment.
#[tokio::test]
async fn the_home_page_counts_what_is_public() {
    let app = crate::recommendations::demo().await;
    let figures = async || {
        let page = app.get("/").send().await.expect(200).text();
        let figures = page.split("<dl class=\"figures\">").nth(1).unwrap().split("</dl>").next().unwrap();
        let shown = figures.split("<dd>").skip(1).map(|dd| dd.split("</dd>").next().unwrap());
        let number =
            |dd: &str| dd.rsplit("\">").next().unwrap().chars().filter(char::is_ascii_digit).collect::<String>();
        shown.map(|dd| number(dd).parse::<u32>().unwrap()).collect::<Vec<_>>()
    };
    let before = figures().await;
    assert_eq!(before[..3], [0, 0, zhihui::app::data::demo_talents().unwrap().len() as u32]);
    app.published().await;
    assert_eq!(figures().await, [1, 0, before[2], before[3]]);
}
