//! An invitation, seen from both sides.

use serde_json::Value;

use crate::browser::{View, Window, see};

#[test]
fn an_invitation_is_answered_at_a_desk() {
    see("invitation", View::Desktop, invitation);
}

#[test]
fn an_invitation_is_answered_on_a_phone() {
    see("invitation", View::Phone, invitation);
}

#[test]
fn an_invitation_is_answered_without_scripts() {
    see("invitation", View::NoScripts, invitation);
}

const NEED: &str = "大容量三元电池包热失控扩散阻断技术";
const CONTACT: &str = "示例联系人 023-0000 0000";

/// What the API answers to whoever is signed in.
async fn api(window: &Window, method: &str, path: &str, body: Value) -> Value {
    let script = format!(
        "const r = new XMLHttpRequest(); r.open('{method}', '/api/v1/{path}', false);
         r.setRequestHeader('Content-Type', 'application/json'); r.send({body:?});
         return JSON.parse(r.responseText || 'null')",
        body = body.to_string()
    );
    window.run(&script).await
}

async fn leave(window: &Window) {
    window.open("/account").await;
    window.click("form[action='/account/sign-out-everywhere'] button").await;
    window.find("#password").await;
}

/// Invites the demo's talent to the demo's own need, and gives the invitation's id.
async fn invite(window: &Window, talent: &str) -> String {
    let needs = api(window, "GET", "needs", Value::Null).await;
    let need = needs["items"].as_array().unwrap().iter().find(|n| n["title"] == NEED).unwrap();
    let body = serde_json::json!({
        "talent": talent, "message": "贵团队的热失控预警成果与我们的问题很接近，想请教。", "contact": CONTACT,
        "released": ["problem", "targets", "deadline"]
    });
    let path = format!("needs/{}/invitations", need["id"].as_str().unwrap());
    let made = api(window, "POST", &path, body).await;
    made["id"].as_str().unwrap_or_else(|| panic!("{made}")).to_owned()
}

async fn invitation(window: Window) {
    window.sign_in("talent").await;
    let talent = api(&window, "GET", "profile", Value::Null).await["id"].as_str().unwrap().to_owned();
    leave(&window).await;

    window.sign_in("enterprise").await;
    let withdrawn = invite(&window, &talent).await;
    window.open(&format!("/invitations/{withdrawn}")).await;
    assert!(window.text("main").await.contains("等待答复"));
    window.look("1-sent").await;
    window.click("[popovertarget=withdraw]").await;
    window.find("#withdraw:popover-open").await;
    window.click("#withdraw button.danger").await;
    window.find(".toast").await;
    window.find("main .state.withdrawn").await;
    let id = invite(&window, &talent).await;
    window.open("/invitations").await;
    window.look("2-sent-list").await;
    leave(&window).await;

    window.sign_in("talent").await;
    window.open("/invitations?status=sent").await;
    window.look("3-received").await;
    window.follow(NEED).await;
    window.find("form[action$='/answer']").await;
    window.look("4-received-one").await;
    let text = window.text("main").await;
    assert!(text.contains("拟解决的突出技术问题") && !text.contains(CONTACT), "no contact before acceptance");
    window.fill("[name=message]", "本周四下午可以线上交流。").await;
    window.click("button[value=accept]").await;
    window.find(".toast").await;
    window.look("5-accepted").await;
    assert!(window.text("section.contact").await.contains(CONTACT));
    // The way back and the same button again do nothing twice.
    window.back().await;
    window.open(&format!("/invitations/{id}")).await;
    assert_eq!(window.count("form[action$='/answer']").await, 0);
    leave(&window).await;

    window.sign_in("enterprise").await;
    window.open(&format!("/invitations/{id}")).await;
    let text = window.text("main").await;
    assert!(text.contains("本周四下午可以线上交流。") && text.contains("@example.invalid"), "{text}");
    window.look("6-contacts").await;
}
