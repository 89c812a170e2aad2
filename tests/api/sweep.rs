//! Seeded random requests to every route of the API's own description, by every role: bodies and
//! parameters made from the schemas, then broken in many ways. Whatever is sent, the service never
//! fails, and says by a problem with a code what was wrong.

mod random;
mod requests;

use std::collections::{BTreeMap, BTreeSet};

use axum::http::StatusCode;
use serde_json::Value;
use zhihui::app::secrets::Hasher;
use zhihui::domain::{AccountStatus, Role};

use crate::harness::{Answer, PASSWORD, TestApp};
use random::Random;
use requests::{Known, Operation, operations};

/// Rounds over all operations and roles; with more of them a failure is looked for longer:
/// `ZHIHUI_SWEEP=50 cargo nextest run --release sweep`.
const ROUNDS: usize = 3;

#[tokio::test]
async fn no_request_makes_the_service_fail_and_each_refusal_is_a_problem() {
    let rounds = std::env::var("ZHIHUI_SWEEP").map_or(ROUNDS, |rounds| rounds.parse().unwrap());
    let talents = zhihui::app::data::demo_talents().unwrap();
    let (app, _follower) = TestApp::with_talents(&talents[..20]).await;
    let description = app.get("/api/v1/openapi.json").send().await.expect(200).json();
    let operations = operations(&description);
    assert!(operations.len() > 20, "{}", operations.len());
    let hash = Hasher::quick().unwrap().hash(PASSWORD).await.unwrap();
    let mut random = Random::new(20_260_101);
    let mut known = Known::new(talents[..20].iter().map(|t| t.id.clone()));
    let (mut sent, mut succeeded, mut failures) = (0, BTreeSet::new(), BTreeMap::new());
    for round in 0..rounds {
        for role in Role::ALL.map(Some).into_iter().chain([None]) {
            let mut cookie = session(&app, &hash, role).await;
            for operation in &operations {
                for _ in 0..4 {
                    let request = operation.request(&description, &known, &mut random, cookie.as_deref());
                    let (shown, request) = match request {
                        Some(made) => made,
                        // Not even a client could send it.
                        None => continue,
                    };
                    let answer = app.request(request).await;
                    sent += 1;
                    if let Err(why) = check(operation, &answer) {
                        let told = format!("round {round}, {role:?}: {shown}\n→ {} {}", answer.status, answer.text());
                        failures.entry((operation.name(), why)).or_insert(told);
                    }
                    if answer.status.is_success() {
                        succeeded.insert(operation.name());
                        known.learn(&operation.path, &answer);
                    }
                    if answer.status == StatusCode::UNAUTHORIZED || operation.ends_sessions() {
                        cookie = session(&app, &hash, role).await;
                    }
                }
            }
        }
    }
    println!("{sent} requests to {} operations, {} of which succeeded once", operations.len(), succeeded.len());
    // One of each kind.
    let told: Vec<String> = failures.iter().map(|((_, why), told)| format!("{why}: {told}")).collect();
    assert!(told.is_empty(), "{} kinds of failure\n{}", told.len(), told.join("\n\n"));
    // Else it would only show that everything is refused.
    assert!(succeeded.len() * 3 >= operations.len(), "{succeeded:?}");
}

/// A session of the role. Its account is made good first: a request that happened to be right may
/// have disabled it, or set another password.
async fn session(app: &TestApp, hash: &str, role: Option<Role>) -> Option<String> {
    let login = role?.code();
    let store = app.app.store();
    let account = store.account_by_login(login).await.unwrap().unwrap();
    let mut write = store.begin().await.unwrap();
    if account.status != AccountStatus::Active {
        write.account_set_status(&account.id, account.version, AccountStatus::Active).await.unwrap();
    }
    write.account_set_password(&account.id, hash, false).await.unwrap();
    write.commit().await.unwrap();
    // Failed sign-ins are counted over a quarter of an hour.
    app.pass(16 * 60_000);
    Some(app.sign_in(login).await)
}

/// What is wrong with the answer.
fn check(operation: &Operation, answer: &Answer) -> Result<(), &'static str> {
    let kind = answer.header(axum::http::header::CONTENT_TYPE);
    let body = || serde_json::from_slice::<Value>(&answer.body);
    if answer.status.is_server_error() {
        return Err("failed");
    }
    if answer.status.is_success() && kind == "application/json" && body().is_err() {
        return Err("answered with broken JSON");
    }
    if answer.status.is_client_error() && operation.path.starts_with("/api/") {
        let problem = body().map_err(|_| "refused without a problem")?;
        let says = |name: &str| problem[name].as_str().is_some_and(|text| !text.is_empty());
        if kind != "application/problem+json" || !says("code") || !says("title") {
            return Err("refused without a code or a title");
        }
        if problem["status"] != answer.status.as_u16() {
            return Err("refused with another status in the problem");
        }
    }
    Ok(())
}
