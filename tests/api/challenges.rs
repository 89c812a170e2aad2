//! Challenges as publishers make them: what the tests of the board begin with.

use serde_json::json;
use zhihui::app::Actor;
use zhihui::app::board::challenges::ChallengeVerdict;
use zhihui::app::needs::NeedVerdict;
use zhihui::domain::challenge::{Challenge, Conditions, Terms};
use zhihui::domain::ownership::Ownership;
use zhihui::domain::{Need, Role};
use zhihui::store::board::challenges::ChallengeRecord;

use crate::harness::{PASSWORD, TestApp};
use crate::needs::complete;

pub const DAY_MS: i64 = 86_400_000;

/// Somebody of a role, signed in.
pub async fn actor(app: &TestApp, role: Role) -> Actor {
    actor_of(app, role.code()).await
}

/// The same by login.
pub async fn actor_of(app: &TestApp, login: &str) -> Actor {
    app.app.sign_in(login, PASSWORD, None).await.unwrap().actor
}

/// A challenge open for twenty days, published by the operator for the enterprise of the harness; its id.
pub async fn published(app: &TestApp, title: &str) -> String {
    published_with(app, title, |_| {}).await
}

/// The same with something changed in what it says.
pub async fn published_with(app: &TestApp, title: &str, change: impl FnOnce(&mut Challenge)) -> String {
    let publisher = actor(app, Role::Enterprise).await;
    let submitted = submitted(app, &publisher, title, change).await;
    let operator = actor(app, Role::Operator).await;
    let verdict = ChallengeVerdict::Publish;
    app.app.challenge_decide(&operator, &submitted.id, submitted.version, verdict).await.unwrap().id
}

/// A challenge that waits for the operator.
pub async fn submitted(
    app: &TestApp,
    publisher: &Actor,
    title: &str,
    change: impl FnOnce(&mut Challenge),
) -> ChallengeRecord {
    let begun = begun(app, publisher, title).await;
    let mut content = filled(app, begun.content);
    change(&mut content);
    let written = app.app.challenge_update(publisher, &begun.id, begun.version, content).await.unwrap();
    app.app.challenge_submit(publisher, &written.id, written.version).await.unwrap()
}

/// A challenge as it begins, of a need that the operator has published.
pub async fn begun(app: &TestApp, publisher: &Actor, title: &str) -> ChallengeRecord {
    begun_with(app, publisher, title, None).await
}

/// The same, of a need with a text file.
pub async fn begun_with(app: &TestApp, publisher: &Actor, title: &str, file: Option<&str>) -> ChallengeRecord {
    let mut need = complete();
    (need["id"], need["mode"], need["title"]) = (json!(""), json!("open_challenge"), json!(title));
    let need: Need = serde_json::from_value(need).unwrap();
    let need = app.app.need_create(publisher, need).await.unwrap();
    if let Some(text) = file {
        app.app.attachment_add(publisher, &need.need.id, "示例资料.txt", text.into()).await.unwrap();
    }
    let need = app.app.need_submit(publisher, &need.need.id, need.version).await.unwrap();
    let operator = actor(app, Role::Operator).await;
    let need = app.app.need_decide(&operator, &need.need.id, need.version, NeedVerdict::Publish).await.unwrap();
    app.app.challenge_begin(publisher, &need.need.id).await.unwrap()
}

/// All that publishing asks for.
pub fn filled(app: &TestApp, begun: Challenge) -> Challenge {
    let now = app.app.now();
    let mut content = Challenge {
        months: Some(18),
        reward: Some(2_000_000),
        ownership: Some(Terms { template: Ownership::Shared, text: String::new() }),
        conditions: Conditions { consortium: true, ..Conditions::default() },
        questions_until: Some(now + 15 * DAY_MS),
        closes_at: Some(now + 20 * DAY_MS),
        ..begun
    };
    content.indicators.iter_mut().for_each(|row| row.test = "GB 38031 整包试验".into());
    content
}
