//! Every part that pages are made of, seen in every way of looking.

use crate::browser::{View, Window, see};

#[test]
fn the_gallery_at_a_desk() {
    see("gallery", View::Desktop, gallery);
}

#[test]
fn the_gallery_on_a_phone() {
    see("gallery", View::Phone, gallery);
}

#[test]
fn the_gallery_in_the_narrowest_window() {
    see("gallery", View::Narrow, gallery);
}

#[test]
fn the_gallery_in_the_dark() {
    see("gallery", View::Dark, gallery);
}

#[test]
fn the_gallery_without_scripts() {
    see("gallery", View::NoScripts, gallery);
}

async fn gallery(window: Window) {
    window.open("/gallery").await;
    window.look("1-parts").await;

    window.fill("#amount", "很多").await;
    window.fill("#text", "第一行").await;
    window.click("form[action='/gallery'] button.primary").await;
    window.find(".alert[role=alert]").await;
    window.look("2-refused").await;
    assert_eq!(window.text("#name-error").await, "请填写需求名称");
    assert_eq!(window.text("#amount-error").await, "金额应是数字，如 120 或 35.5");
    let typed = window.run("return [document.getElementById('amount').value, document.getElementById('text').value]");
    assert_eq!(typed.await, serde_json::json!(["很多", "第一行"]), "what was typed stays");

    window.fill("#name", "需求").await;
    window.fill("#amount", "120").await;
    window.click("form[action='/gallery'] button.primary").await;
    window.find("body > .toast").await;
    let still = "const t = document.querySelector('.toast'); t.classList.add('gone');
        return getComputedStyle(t).transitionDuration.split(',')[0]";
    let moves = if window.view == View::Dark { "0s" } else { "0.4s" };
    assert_eq!(window.run(still).await, moves, "nothing moves for who wants it so");
    window.click("[popovertarget=gallery-dialog]").await;
    window.find("#gallery-dialog:popover-open").await;
    window.look("3-window").await;
}
