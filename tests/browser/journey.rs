//! What an enterprise comes for: it signs in, opens a need and reads who can solve it.

use crate::browser::{View, Window, see};

const PASSWORD: &str = "zhihui-demo-only";
const NEED: &str = "大容量三元电池包热失控扩散阻断技术";

#[test]
fn an_enterprise_reads_a_recommendation_at_a_desk() {
    see("recommendation", View::Desktop, recommendation);
}

#[test]
fn an_enterprise_reads_a_recommendation_on_a_phone() {
    see("recommendation", View::Phone, recommendation);
}

#[test]
fn an_enterprise_reads_a_recommendation_without_scripts() {
    see("recommendation", View::NoScripts, recommendation);
}

async fn sign_in(window: &Window, login: &str, password: &str) {
    window.fill("#login", login).await;
    window.fill("#password", password).await;
    window.click("form.card button.primary").await;
}

async fn recommendation(window: Window) {
    window.open("/").await;
    window.look("1-home").await;
    window.click("header .me a[href='/sign-in']").await;
    sign_in(&window, "enterprise", "not the right one").await;
    assert_eq!(window.text("[role=alert]").await, "用户名或密码不对");
    window.look("2-wrong-password").await;
    sign_in(&window, "enterprise", PASSWORD).await;
    assert!(window.text("header .who").await.starts_with("示例企业"));

    window.click("header nav a[href='/needs']").await;
    window.find("table.list").await;
    assert_eq!(window.count("table.list tbody tr").await, 3, "those of the own enterprise only");
    window.look("3-needs").await;
    window.follow(NEED).await;
    window.follow("推荐团队").await;
    window.find("ol.talents li.row").await;
    assert_eq!(window.text("h1").await, NEED);
    window.look("4-recommendation").await;
    assert!(window.count("ol.talents li.row").await >= 5);
    let percent: f64 = window.text("ol.talents .score b").await.parse().unwrap();
    assert!((67.0..=100.0).contains(&percent), "the best is 高度匹配: {percent}");
    assert!(window.text("ol.talents .reasons").await.contains("写到"));
    assert!(window.count("ol.talents li.row:first-child .proofs mark").await > 0, "hits are marked");

    window.click("select[name=kind] option[value=team]").await;
    window.click("form.filters button").await;
    window.find("select[name=kind] option[value=team][selected]").await;
    assert!(window.count("ol.talents li.row").await > 0);
    window.look("5-teams").await;

    window.click("header .who").await;
    window.click("header form[action='/sign-out'] button").await;
    window.find("header .me a[href='/sign-in']").await;
    window.open("/needs").await;
    window.find("a[href^='/sign-in']").await;
    assert_eq!(window.count("table.list").await, 0, "nothing is shown to who is not signed in");
}
