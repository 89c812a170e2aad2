//! What a researcher comes for: the own profile with its evidence, how it is found, what fits it.

use std::io::Write;

use crate::browser::{View, Window, see};

#[test]
fn a_talent_keeps_the_profile_at_a_desk() {
    see("profile", View::Desktop, profile);
}

#[test]
fn a_talent_keeps_the_profile_on_a_phone() {
    see("profile", View::Phone, profile);
}

#[test]
fn a_talent_keeps_the_profile_without_scripts() {
    see("profile", View::NoScripts, profile);
}

#[test]
fn evidence_comes_from_a_file_at_a_desk() {
    see("evidence-file", View::Desktop, evidence_file);
}

#[test]
fn evidence_comes_from_a_file_on_a_phone() {
    see("evidence-file", View::Phone, evidence_file);
}

#[test]
fn evidence_comes_from_a_file_without_scripts() {
    see("evidence-file", View::NoScripts, evidence_file);
}

#[test]
fn needs_fit_and_say_why_not_at_a_desk() {
    see("fitting", View::Desktop, fitting);
}

#[test]
fn needs_fit_and_say_why_not_on_a_phone() {
    see("fitting", View::Phone, fitting);
}

#[test]
fn needs_fit_and_say_why_not_without_scripts() {
    see("fitting", View::NoScripts, fitting);
}

#[test]
fn somebody_begins_a_profile_at_a_desk() {
    see("begin", View::Desktop, begin);
}

#[test]
fn somebody_begins_a_profile_on_a_phone() {
    see("begin", View::Phone, begin);
}

#[test]
fn somebody_begins_a_profile_without_scripts() {
    see("begin", View::NoScripts, begin);
}

async fn profile(window: Window) {
    window.sign_in("talent").await;
    window.open("/profile").await;
    window.look("1-overview").await;
    let name = window.text("h1").await;

    // The short form: what will not do is said, and what was typed stays.
    window.fill("[name=capacity]", "999").await;
    window.click("form[action='/profile/standing'] button").await;
    assert!(window.text("#capacity-error").await.contains("999"));
    window.fill("[name=capacity]", "3").await;
    window.click("form[action='/profile/standing'] input[value=limited]").await;
    window.click("form[action='/profile/standing'] button").await;
    window.find(".toast").await;
    assert!(window.text("main aside").await.contains("余力有限"));

    window.open("/profile/edit").await;
    window.fill("[name=bio]", "研究锂电池热失控的早期预警与阻隔，做过整车电池包的量产验证。").await;
    window.fill("[name=name]", "").await;
    window.click("main form button.primary").await;
    window.find("#name-error").await;
    window.look("2-refused").await;
    assert!(window.text("[name=bio]").await.contains("整车电池包"));
    window.fill("[name=name]", &name).await;
    window.click("main form button.primary").await;
    window.find(".toast").await;
    assert!(window.text("main").await.contains("整车电池包"));

    // A piece by hand, hidden, shown again, removed.
    window.open("/profile/evidence").await;
    window.look("3-evidence").await;
    let before = window.count("table.list tbody tr").await;
    window.open("/profile/evidence/new").await;
    window.fill("[name=title]", "一种示例电池包隔热结构").await;
    window.fill("[name=year]", "去年").await;
    window.click("main form button.primary").await;
    window.find("#type-error").await;
    window.find("#year-error").await;
    window.look("4-piece-refused").await;
    window.click("select[name=type] option[value=patent]").await;
    window.fill("[name=year]", "2025").await;
    window
        .fill("[name=abstract]", "气凝胶与相变材料复合，阻断相邻电芯传热，单体失控后相邻电芯温升不超过 40 摄氏度。")
        .await;
    window.click("main form button.primary").await;
    window.find(".toast").await;
    assert_eq!(window.count("table.list tbody tr").await, before + 1);
    window.click("table.list tbody tr:first-child .acts button").await;
    window.find("table.list tbody tr:first-child .tag").await;
    window.open("/profile/preview").await;
    assert!(!window.text("main article").await.contains("一种示例电池包隔热结构"), "hidden");
    window.look("5-preview").await;
    window.open("/profile/preview?as=accepted").await;
    assert!(window.text("main article").await.contains("@example.invalid"), "the contact after acceptance");
    window.open("/profile/evidence?shown=hidden").await;
    window.follow("一种示例电池包隔热结构").await;
    window.click("[popovertarget=remove-piece]").await;
    window.find("#remove-piece:popover-open").await;
    window.look("6-remove").await;
    window.click("#remove-piece button.danger").await;
    window.find(".toast").await;
    assert_eq!(window.count("table.list tbody tr").await, before);
}

async fn evidence_file(window: Window) {
    window.sign_in("talent").await;
    window.open("/profile/import").await;
    window.look("1-choose").await;
    window.click("main form button.primary").await;
    window.find("#file-error").await;

    let folder = tempfile::tempdir().unwrap();
    let picture = folder.path().join("picture.xlsx");
    std::fs::write(&picture, b"\x89PNG no workbook at all").unwrap();
    window.find("#file").await.send_keys(picture.to_str().unwrap()).await.unwrap();
    window.click("main form button.primary").await;
    window.find("#file-error").await;
    window.look("2-wrong-kind").await;

    let list = folder.path().join("成果.csv");
    let mut file = std::fs::File::create(&list).unwrap();
    writeln!(file, "id,type,title,abstract,keywords,year").unwrap();
    writeln!(file, "demo-1,paper,示例论文：电池包热蔓延的实验研究,单体失控后的传热路径,热失控；热蔓延,2025").unwrap();
    writeln!(file, "demo-2,patent,示例专利：隔热垫,,隔热,2024").unwrap();
    writeln!(file, "demo-3,novel,这一行的类型不对,,,2024").unwrap();
    drop(file);
    window.find("#file").await.send_keys(list.to_str().unwrap()).await.unwrap();
    window.click("main form button.primary").await;
    window.find("dl.figures").await;
    window.look("3-preview").await;
    let text = window.text("main").await;
    assert!(text.contains("示例专利：隔热垫") && text.contains("确认写入 2 项"), "{text}");
    let preview = window.address().await;
    window.click("main form button.primary").await;
    window.find(".toast").await;
    window.look("4-done").await;
    // The way back and a second time do nothing more.
    window.open(&preview).await;
    assert_eq!(window.count("main form[action^='/profile/import/']").await, 0);
    window.open("/profile/evidence").await;
    assert!(window.text("table.list").await.contains("示例专利：隔热垫"));
}

async fn fitting(window: Window) {
    window.sign_in("talent").await;
    window.open("/profile/findability").await;
    window.look("1-findability").await;
    window.open("/profile/needs").await;
    window.find("ol.talents li.row").await;
    window.look("2-needs").await;
    let (near, far) = (window.count("ol.talents li.row").await, window.count("table.list tbody tr").await);
    assert!(near >= 1 && near + far == 10, "near ones with reasons, the others in a table: {near} and {far}");
    let percent: f64 = window.text("ol.talents .score b").await.parse().unwrap();
    assert!((67.0..=100.0).contains(&percent), "the best is 高度匹配: {percent}");
    window.click("nav.pager a[rel=next]").await;
    window.find("nav.pager a[rel=prev]").await;
    window.click("table.list tbody tr:first-child td:last-child a").await;
    window.find(".row.lead").await;
    window.look("3-why-not").await;
    assert!(window.count("ol.talents li.row").await >= 1, "those who are placed better");
    assert!(window.count("ol.talents .proofs mark").await >= 1, "with what matches");
}

async fn begin(window: Window) {
    // The demo's own profile is gone: whoever has none begins.
    window.sign_in("talent").await;
    window.open("/profile/delete").await;
    window.look("1-delete").await;
    window.click("main form button.danger").await;
    window.find(".columns .card").await;
    window.look("2-begin").await;

    window.open("/profile/claim").await;
    window.find("[name=name]").await;
    window.look("3-none-found").await;
    let team = "示例";
    window.fill("main [name=name]", team).await;
    window.click("form.search-by button").await;
    window.find("input[type=radio][name=talent]").await;
    window.look("3-found").await;

    window.open("/profile/author").await;
    let folder = tempfile::tempdir().unwrap();
    let author = folder.path().join("author.json");
    let content = serde_json::json!({
        "id": "https://openalex.org/A5000000001", "display_name": "示例·作者某",
        "last_known_institutions": [{ "display_name": "重庆示例大学" }],
        "topics": [{ "display_name": "Battery safety" }, { "display_name": "Thermal runaway" }]
    });
    std::fs::write(&author, content.to_string()).unwrap();
    window.find("#file").await.send_keys(author.to_str().unwrap()).await.unwrap();
    window.look("4-author").await;
    window.click("main form button.primary").await;
    window.find("[name=bio]").await;
    window.look("5-drafted").await;
    let filled = "return ['name', 'organization'].map((n) => document.getElementsByName(n)[0].value)";
    assert_eq!(window.run(filled).await, serde_json::json!(["示例·作者某", "重庆示例大学"]));
    window.click("main form button.primary").await;
    window.find("#consent .error").await;
    window.look("6-consent").await;
    window.click("input[name=consent]").await;
    window.click("main form button.primary").await;
    window.find(".toast").await;
    assert_eq!(window.text("h1").await, "示例·作者某");
    window.look("7-made").await;
    // With nothing to be found by, the page says what to do.
    window.open("/profile/needs").await;
    window.look("8-needs").await;
}
