//! Every route, with every role and with none, lets in who the table of actions says, and nobody else.

use axum::http::{StatusCode, header};
use serde_json::json;
use zhihui::domain::{Grant, Role};
use zhihui::web::access::{Access, ROUTES};

use crate::harness::TestApp;

/// A path of the table with something in the place of its parameters.
fn concrete(path: &str) -> String {
    let part = |part: &str| if part.starts_with('{') { "none".to_owned() } else { part.to_owned() };
    path.split('/').map(part).collect::<Vec<_>>().join("/")
}

#[tokio::test]
async fn every_route_lets_in_whom_the_table_says() {
    let app = TestApp::new().await;
    for &(method, path, access) in ROUTES {
        for role in [None].into_iter().chain(Role::ALL.map(Some)) {
            let mut ask = app.ask(method, &concrete(path)).json(json!({}));
            if let Some(role) = role {
                // A session for each request: some of them end it.
                let cookie = app.role(role).await;
                ask = ask.cookie(&cookie);
                if !path.starts_with("/api/") && method == "POST" {
                    ask = ask.header("x-csrf-token", app.csrf(&cookie).await);
                }
            }
            let answer = ask.send().await;
            let refused = matches!(answer.status, StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN);
            let case = format!("{method} {path} as {role:?}: {} {}", answer.status, answer.text());
            assert!(!answer.status.is_server_error(), "{case}");
            match (access, role) {
                (Access::Open, _) => assert!(answer.status != StatusCode::FORBIDDEN, "{case}"),
                (Access::Needs(_), None) if path.starts_with("/api/") => {
                    assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{case}");
                }
                // A form that was sent without a session is kept on the page to sign in.
                (Access::Needs(_), None) if method == "POST" => {
                    assert_eq!(answer.status, StatusCode::UNAUTHORIZED, "{case}");
                }
                (Access::Needs(_), None) => {
                    assert!(answer.header(header::LOCATION).starts_with("/sign-in?next="), "{case}");
                }
                (Access::Needs(action), Some(_)) if action.grant(role) == Grant::Never => {
                    assert_eq!(answer.status, StatusCode::FORBIDDEN, "{case}");
                }
                (Access::Needs(_), Some(_)) => assert!(!refused, "{case}"),
            }
        }
    }
}

/// The table and the description name the same routes of the API.
#[tokio::test]
async fn the_description_and_the_table_agree() {
    let app = TestApp::new().await;
    let description = app.get("/api/v1/openapi.json").send().await.expect(200).json();
    let paths = description["paths"].as_object().unwrap();
    let mut described: Vec<String> = paths
        .iter()
        .flat_map(|(path, item)| item.as_object().unwrap().keys().map(move |m| format!("{} {path}", m.to_uppercase())))
        .collect();
    described.sort();
    let is_api = |path: &str| {
        path.starts_with("/api/v1/") && path != "/api/v1/openapi.json"
            || ["/healthz", "/readyz", "/metrics"].contains(&path)
    };
    let listed = ROUTES.iter().filter(|(_, path, _)| is_api(path)).map(|(m, p, _)| format!("{m} {p}"));
    let mut listed: Vec<String> = listed.collect();
    listed.sort();
    assert_eq!(described, listed);
    // What needs somebody says so in the description.
    for &(method, path, access) in ROUTES.iter().filter(|(_, path, _)| is_api(path)) {
        let operation = &paths[path][method.to_lowercase()];
        if matches!(access, Access::Needs(_)) {
            assert!(operation["security"].is_array(), "{method} {path} says nothing of security");
            assert!(operation["responses"]["401"].is_object(), "{method} {path} has no 401");
        }
    }
}
