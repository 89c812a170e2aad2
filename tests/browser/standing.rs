//! An enterprise declares what the rules on bidders go by; an operator checks it, opens a record of
//! research integrity and closes it; the enterprise sees each.

use crate::browser::{View, Window, see};

#[test]
fn an_organisation_declares_at_a_desk() {
    see("standing", View::Desktop, standing);
}

#[test]
fn an_organisation_declares_on_a_phone() {
    see("standing", View::Phone, standing);
}

#[test]
fn an_organisation_declares_without_scripts() {
    see("standing", View::NoScripts, standing);
}

const OWN: &str = "/account/organisation";

async fn standing(window: Window) {
    window.sign_in("enterprise").await;
    window.open("/account").await;
    window.click(".facts a[href='/account/organisation']").await;
    window.find("#qualifications").await;
    assert_eq!(window.value("#group").await, "示例集团（演示）", "what the demo declares");
    window.fill("#legal_person", "示例·王某").await;
    window.fill("#qualifications", "CNAS 实验室认可\ncnas实验室认可").await;
    window.click("form.card button.primary").await;
    window.find("#qualifications-error").await;
    assert_eq!(window.value("#legal_person").await, "示例·王某");
    window.look("1-refused").await;
    window.fill("#qualifications", "CNAS 实验室认可").await;
    window.click("form.card button.primary").await;
    window.find(".toast").await;
    window.look("2-declared").await;
    window.sign_out().await;

    window.sign_in("operator").await;
    window.open("/operations/accounts?role=enterprise&q=enterprise").await;
    window.click("td a[href^='/operations/organisations/']").await;
    window.click("aside a[href$='/standing']").await;
    assert_eq!(window.value("#qualifications").await, "CNAS 实验室认可");
    window.click("#new-record button.danger").await;
    window.find("#what-error").await;
    window.look("3-no-reason").await;
    window.fill("#what", "示例事由：成果数据与原始记录不符，由示例机构认定").await;
    window.click("#new-record button.danger").await;
    window.find(".toast").await;
    window.look("4-opened").await;
    let place = window.address().await.split('?').next().unwrap_or_default().to_owned();
    window.sign_out().await;

    window.sign_in("enterprise").await;
    window.open("/inbox?unread=1").await;
    window.click(".notices li:first-child .what a").await;
    window.find(".note.warn").await;
    assert!(window.text("#records").await.contains("示例事由"));
    window.look("5-stands-against").await;
    window.sign_out().await;

    window.sign_in("operator").await;
    window.open(&place).await;
    window.click("#records .record summary").await;
    window.fill("#records .record textarea", "示例：整改完成").await;
    window.click("#records .record button").await;
    window.find("#records .state.over").await;
    window.look("6-closed").await;
    window.sign_out().await;

    window.sign_in("enterprise").await;
    window.open(OWN).await;
    assert_eq!(window.count(".note.warn").await, 0);
    assert!(window.text("#records").await.contains("示例：整改完成"));
}
