//! Signing up, and the own account: password, tokens, signing out everywhere.

use crate::browser::{View, Window, see};

#[test]
fn an_enterprise_signs_up_at_a_desk() {
    see("sign-up", View::Desktop, sign_up);
}

#[test]
fn an_enterprise_signs_up_on_a_phone() {
    see("sign-up", View::Phone, sign_up);
}

#[test]
fn an_enterprise_signs_up_without_scripts() {
    see("sign-up", View::NoScripts, sign_up);
}

#[test]
fn somebody_keeps_the_own_account_at_a_desk() {
    see("account", View::Desktop, account);
}

#[test]
fn somebody_keeps_the_own_account_on_a_phone() {
    see("account", View::Phone, account);
}

#[test]
fn somebody_keeps_the_own_account_without_scripts() {
    see("account", View::NoScripts, account);
}

const PASSWORD: &str = "四个不相关的词 连在一起";

async fn sign_up(window: Window) {
    window.open("/sign-up").await;
    window.look("1-choice").await;
    window.click("a[href='/sign-up?as=talent']").await;
    window.find("select[name='organisation.kind']").await;
    window.look("2-talent").await;
    window.open("/sign-up?as=enterprise").await;
    window.fill("[name='organisation.name']", "示例新材料企业").await;
    window.fill("[name='organisation.credit_code']", "91500105MA60123A40").await;
    window.fill("[name='name']", "示例联系人").await;
    window.fill("[name='login']", "ab").await;
    window.fill("[name='password']", PASSWORD).await;
    window.fill("[name='again']", "另一个密码").await;
    window.click("main form button.primary").await;
    window.find(".alert[role=alert]").await;
    window.look("3-refused").await;
    for field in ["organisation.credit_code", "login", "again"] {
        window.find(&format!("[id='{field}-error']")).await;
    }
    let typed = "return ['organisation.name', 'login', 'password'].map((n) => document.getElementsByName(n)[0].value)";
    assert_eq!(window.run(typed).await, serde_json::json!(["示例新材料企业", "ab", ""]), "but for the password");

    window.fill("[name='organisation.credit_code']", "91500105MA60123A4Q").await;
    window.fill("[name='login']", "contact@example.cn").await;
    window.fill("[name='password']", PASSWORD).await;
    window.fill("[name='again']", PASSWORD).await;
    window.click("main form button.primary").await;
    window.find("ol.timeline").await;
    assert_eq!(window.address().await, "/sign-up/done");
    window.look("4-done").await;
    // Nobody has approved yet.
    window.open("/sign-in").await;
    window.fill("#login", "contact@example.cn").await;
    window.fill("#password", PASSWORD).await;
    window.click("form.card button.primary").await;
    assert!(window.text("[role=alert]").await.contains("等待平台审核"));
}

async fn account(window: Window) {
    window.sign_in("talent").await;
    window.open("/account").await;
    window.look("1-account").await;
    window.fill("[name=present]", "不是这个密码").await;
    window.fill("[name=new]", PASSWORD).await;
    window.fill("[name=again]", PASSWORD).await;
    window.click("#password-form button").await;
    assert!(window.text("#present-error").await.contains("当前密码不对"));
    window.look("2-wrong-password").await;

    window.click("#tokens summary").await;
    window.fill("[name='token.name']", "成果同步脚本").await;
    window.click("form[action='/account/tokens'] button").await;
    let secret = window.text("code.secret").await;
    assert_eq!(secret.len(), 64);
    window.look("3-token").await;
    window.reload().await;
    window.find("#tokens table").await;
    assert_eq!(window.count("code.secret").await, 0, "it is shown once");
    assert_eq!(window.count("#tokens tbody tr").await, 1, "and made once");
    window.click("form[action$='/revoke'] button").await;
    window.find(".toast").await;
    assert_eq!(window.count("#tokens tbody tr").await, 0);

    window.fill("[name=present]", "zhihui-demo-only").await;
    window.fill("[name=new]", PASSWORD).await;
    window.fill("[name=again]", PASSWORD).await;
    window.click("#password-form button").await;
    window.find(".toast").await;
    window.find("header .who").await;
    window.click("form[action='/account/sign-out-everywhere'] button").await;
    window.find("#password").await;
    assert!(window.address().await.starts_with("/sign-in"));
    window.fill("#login", "talent").await;
    window.fill("#password", PASSWORD).await;
    window.click("form.card button.primary").await;
    window.find("header .who").await;
}
