//! What operators and administrators come for: see what waits, decide many at once, import, merge,
//! tell people, look things up.

use std::io::Write;

use crate::browser::{View, Window, see};

macro_rules! seen {
    ($($run:ident: $($test:ident $view:ident),+;)+) => {
        $($(#[test]
        fn $test() {
            see(stringify!($run), View::$view, $run);
        })+)+
    };
}

seen! {
    dashboard: the_dashboard_at_a_desk Desktop, the_dashboard_on_a_phone Phone, the_dashboard_in_the_dark Dark;
    registrations: registrations_at_a_desk Desktop, registrations_on_a_phone Phone, registrations_without_scripts NoScripts;
    accounts: accounts_at_a_desk Desktop, accounts_on_a_phone Phone, accounts_without_scripts NoScripts;
    needs: needs_at_a_desk Desktop, needs_on_a_phone Phone, needs_without_scripts NoScripts;
    talents: talents_at_a_desk Desktop, talents_on_a_phone Phone, talents_without_scripts NoScripts;
    duplicates: duplicates_at_a_desk Desktop, duplicates_on_a_phone Phone, duplicates_without_scripts NoScripts;
    import: an_import_at_a_desk Desktop, an_import_on_a_phone Phone, an_import_without_scripts NoScripts;
    announcements: announcements_at_a_desk Desktop, announcements_on_a_phone Phone, announcements_without_scripts NoScripts;
    audit: the_audit_log_at_a_desk Desktop, the_audit_log_on_a_phone Phone, the_audit_log_without_scripts NoScripts;
}

async fn dashboard(window: Window) {
    window.sign_in("operator").await;
    window.open("/operations").await;
    window.find("svg.chart").await;
    // What is matched aside is there at a later look.
    window.find_later("#chart-matched-t").await;
    assert_eq!(window.count("svg.chart").await, 4);
    assert_eq!(window.count("ul.tiles li").await, 4);
    window.look("1-charts").await;
    window.click(".figure details summary").await;
    window.find(".figure details[open] table").await;
    assert_eq!(window.count(".figure details[open] tbody tr").await, 12, "a row for each month");
    window.look("2-numbers").await;
    window.click("ul.tiles a[href='/operations/duplicates']").await;
    window.find(".pair").await;
    window.open("/operations/index").await;
    assert_eq!(window.text(".head .state").await, "正常");
    window.look("3-index").await;
}

async fn registrations(window: Window) {
    window.sign_in("operator").await;
    window.open("/operations").await;
    window.click("ul.tiles a[href='/operations/accounts?status=pending']").await;
    window.find("td.check input").await;
    window.look("1-pending").await;
    window.click("button[value=approve]").await;
    assert!(window.text("[role=alert]").await.contains("还没有选中任何一项"));
    window.click("td.check input").await;
    window.click("button[value=approve]").await;
    window.find(".toast").await;
    assert!(window.text("section.empty").await.contains("没有待审核的注册"));
    window.look("2-none-left").await;
    window.open("/operations/claims").await;
    window.look("3-claim").await;
    window.click("button[name=approve][value=true]").await;
    window.find(".toast").await;
    assert_eq!(window.count("section.claim").await, 0);
}

async fn accounts(window: Window) {
    window.sign_in("administrator").await;
    window.open("/operations/accounts?role=expert").await;
    window.find("table.list").await;
    window.look("1-list").await;
    window.open("/operations/accounts/new").await;
    window.fill("#login", "pingshen").await;
    window.click("form.card button.primary").await;
    window.find("#name-error").await;
    window.look("2-refused").await;
    assert_eq!(window.find("#login").await.prop("value").await.unwrap().as_deref(), Some("pingshen"));
    window.fill("#name", "示例·评审某").await;
    window.click("#role option[value=expert]").await;
    window.click("form.card button.primary").await;
    let password = window.text(".secret").await;
    assert_eq!(password.chars().count(), 20);
    window.look("3-password").await;
    window.reload().await;
    window.find("section.card").await;
    assert_eq!(window.count(".secret").await, 0, "shown once");
    window.click("section.card a.button").await;
    window.click("button[name=active]").await;
    window.find(".toast").await;
    assert_eq!(window.text(".head .state").await, "已停用");
    window.look("4-disabled").await;
    window.open("/operations/accounts?q=%E8%93%84%E8%83%BD").await;
    window.click("td a[href^='/operations/organisations/']").await;
    window.fill("#name", "").await;
    window.click("form.card button.primary").await;
    window.find("#name-error").await;
    window.look("5-organisation").await;
}

async fn needs(window: Window) {
    window.sign_in("operator").await;
    window.open("/operations/needs?status=submitted").await;
    window.find("td.check input").await;
    let waiting = window.count("td.check input").await;
    assert!(waiting >= 2);
    window.look("1-submitted").await;
    window.click("tbody tr:first-child td.check input").await;
    window.click("button[value=give-back]").await;
    assert!(window.text("[role=alert]").await.contains("没有写理由"));
    window.click("tbody tr:first-child td.check input").await;
    window.fill("#reason", "请补充验证条件").await;
    window.click("button[value=give-back]").await;
    window.find(".toast").await;
    assert_eq!(window.count("td.check input").await, waiting - 1);
    window.click("td.check input").await;
    window.click("button[value=publish]").await;
    window.find(".toast").await;
    window.open("/operations/needs?field=A1&sort=title").await;
    window.find("th[aria-sort=ascending]").await;
    window.look("2-all").await;
}

async fn talents(window: Window) {
    window.sign_in("operator").await;
    window.open("/operations/talents?q=T00").await;
    window.find("td.check input").await;
    window.look("1-list").await;
    window.click("tbody tr:nth-child(2) td.check input").await;
    window.click("button[name=visible][value=false]").await;
    window.find(".toast").await;
    assert_eq!(window.text("tbody tr:nth-child(2) .state").await, "已隐藏");
    window.click("tbody tr:nth-child(2) td a").await;
    window.find("#organization").await;
    window.look("2-profile").await;
    window.fill("#name", "").await;
    window.click("form.card button.primary").await;
    window.find("#name-error").await;
    window.fill("#name", "示例·改名某").await;
    window.click("#visible").await;
    window.click("form.card button.primary").await;
    window.find(".toast").await;
    assert_eq!(window.text("h1").await, "示例·改名某");
    assert_eq!(window.text(".head .state").await, "展示中");
}

async fn duplicates(window: Window) {
    window.sign_in("operator").await;
    window.open("/operations/duplicates").await;
    window.find(".pair").await;
    window.look("1-pair").await;
    window.click(".pair .side button").await;
    window.find(".toast").await;
    assert!(window.text("section.empty").await.contains("没有疑似重复"));
    window.open("/operations/merges").await;
    window.find("table.list").await;
    window.look("2-merged").await;
    window.click("td form button").await;
    window.find(".toast").await;
    window.open("/operations/duplicates").await;
    window.click(".pair > form button").await;
    window.find(".toast").await;
    assert_eq!(window.count(".pair").await, 0);
}

async fn import(window: Window) {
    let mut file = tempfile::Builder::new().prefix("renshi").suffix(".jsonl").tempfile().unwrap();
    for n in 0..1_200 {
        let talent = serde_json::json!({ "id": format!("X{n:04}"), "kind": "researcher", "name": format!("示例·导入{n}某"),
            "organization": "示例导入大学" });
        writeln!(file, "{talent}").unwrap();
    }
    writeln!(file, "{}", serde_json::json!({ "id": "X9999", "kind": "genius", "name": "示例·误某" })).unwrap();
    window.sign_in("operator").await;
    window.open("/operations/imports").await;
    window.look("1-imports").await;
    window.click("form.card button.primary").await;
    assert!(window.text("#file-error").await.contains("请选择"));
    window.look("2-no-file").await;
    window.find("#file").await.send_keys(file.path().to_str().unwrap()).await.unwrap();
    window.click("form.card button.primary").await;
    window.find("form[action$='/confirm'] button.primary").await;
    let found = window.text("dl.figures").await;
    assert!(found.contains("1200") && window.text("table.list").await.contains("第 1201 行"), "{found}");
    window.look("3-preview").await;
    window.click("form[action$='/confirm'] button.primary").await;
    window.find(".head .state.done").await;
    assert_eq!(window.count("form[action$='/confirm']").await, 0);
    window.look("4-done").await;
    window.back().await;
    window.reload().await;
    window.find(".head .state.done").await;
    window.open("/operations/talents?q=X0007").await;
    assert_eq!(window.count("tbody tr").await, 1, "imported once");
}

async fn announcements(window: Window) {
    window.sign_in("operator").await;
    window.open("/operations/announcements").await;
    window.look("1-list").await;
    window.follow("写公告").await;
    window.click("form.card button.primary").await;
    window.find("#title-error").await;
    window.look("2-refused").await;
    window.fill("#title", "示例：平台将于周六升级").await;
    window.fill("#content", "示例：8 点至 9 点暂停服务。").await;
    window.click("form.card button.primary").await;
    window.find(".toast").await;
    window.find("aside.news summary").await;
    window.click("aside.news summary").await;
    window.look("3-shown").await;
    window.open("/").await;
    assert!(window.text("section.news").await.contains("平台将于周六升级"));
    window.look("4-home").await;
    window.open("/operations/announcements").await;
    window.follow("示例：平台将于周六升级").await;
    window.click("button.danger").await;
    window.find(".toast").await;
    assert_eq!(window.count("aside.news").await, 0);
}

async fn audit(window: Window) {
    window.sign_in("administrator").await;
    window.open("/operations/audit").await;
    window.find("table.log").await;
    window.look("1-log").await;
    window.fill("input[name=actor]", "nobody.at.all").await;
    window.click("form.filters button").await;
    assert!(window.text("section.empty").await.contains("没有符合条件的记录"));
    window.follow("核对完整性").await;
    assert!(window.text(".note[role=status]").await.contains("哈希链完整"));
    window.look("2-checked").await;
}
