//! Searching, with what is suggested while one types; saved searches and the inbox; the public
//! pages of a talent and a need.

use crate::browser::{View, Window, see};

#[test]
fn a_visitor_searches_at_a_desk() {
    see("search", View::Desktop, visitor);
}

#[test]
fn a_visitor_searches_on_a_phone() {
    see("search", View::Phone, visitor);
}

#[test]
fn a_visitor_searches_without_scripts() {
    see("search", View::NoScripts, visitor);
}

async fn ask(window: &Window, text: &str) {
    window.fill("#search", text).await;
    // The button is for who has no scripts and no Enter key, and for programs that read aloud.
    window.press("\u{e007}").await;
}

async fn visitor(window: Window) {
    window.open("/").await;
    ask(&window, "动力电池热失控预警").await;
    window.find(".hits > li").await;
    assert!(window.text("h1").await.contains("动力电池热失控预警"));
    assert!(window.count(".hits mark").await > 3, "hits are marked");
    window.look("1-results").await;

    window.click(".hits > li:first-child .why summary").await;
    let why = window.text(".hits > li:first-child .why").await;
    assert!(why.contains("热失控") && why.contains("成果"), "{why}");
    window.look("2-why").await;

    // The filters are folded where there is no room beside the hits.
    if window.count(".fold:not([open]) > summary").await > 0 && window.view == View::Phone {
        window.click(".fold > summary").await;
    }
    let all: usize = window.text(".found [role=status] b").await.parse().unwrap();
    // The driver takes what stands in a closed `details` for hidden, also where the style opens it.
    let teams = window.run("return document.querySelector(\".facet a[href*='type=team'] .count\").textContent").await;
    let teams: usize = teams.as_str().unwrap().parse().unwrap();
    assert!(teams < all);
    window.run("document.querySelector(\".facet a[href*='type=team']\").click()").await;
    window.find(".chosen .tag").await;
    assert_eq!(window.text(".found [role=status] b").await, teams.to_string(), "the count is what it shows");
    assert!(window.address().await.contains("type=team"), "the address can be shared");
    window.look("3-filtered").await;
    window.click(".chosen .tag").await;
    window.find(".tabs a[aria-current]").await;

    window.click(".tabs a[href*='kind=needs']").await;
    window.find(".hits a[href^='/published-needs/']").await;
    window.look("4-needs").await;
    window.click(".hits > li:first-child h2 a").await;
    window.find(".crumbs a[href='/published-needs']").await;
    window.look("5-need").await;
    window.click(".crumbs a").await;
    window.find(".hits").await;
    window.look("6-published").await;

    ask(&window, "骆某峤").await;
    assert_eq!(window.text(".hits > li:first-child h2 mark").await, "骆某峤");
    window.click(".hits > li:first-child h2 a").await;
    window.find("#evidence").await;
    window.look("7-talent").await;

    ask(&window, "没有这样的量子茶壶").await;
    window.find(".empty").await;
    window.look("8-nothing").await;
}

#[test]
fn suggestions_come_while_one_types_and_keys_choose_at_a_desk() {
    see("suggestions", View::Desktop, suggestions);
}

#[test]
fn suggestions_come_while_one_types_and_keys_choose_on_a_phone() {
    see("suggestions", View::Phone, suggestions);
}

async fn suggestions(window: Window) {
    window.open("/").await;
    window.fill("#search", "热失").await;
    window.find("#suggestions [role=option]").await;
    assert_eq!(window.find("#search").await.attr("aria-expanded").await.unwrap().as_deref(), Some("true"));
    window.look("1-open").await;
    // Down to the first, Escape closes, down opens again.
    window.press("\u{e015}").await;
    window.find("#suggestions [role=option][aria-selected=true]").await;
    let active = window.run("return document.activeElement.getAttribute('aria-activedescendant')").await;
    assert_eq!(active, "suggestion-1");
    window.press("\u{e00c}").await;
    window.find("#suggestions[hidden]").await;
    window.press("\u{e015}").await;
    let first = window.run("return document.querySelector('#suggestion-1').getAttribute('href')").await;
    window.press("\u{e007}").await;
    window.find("main .hits, main .crumbs").await;
    assert_eq!(window.address().await, first.as_str().unwrap(), "Enter goes where the choice leads");

    // Initials of pinyin, and a name.
    window.fill("#search", "lmq").await;
    window.click("#suggestions a[href='/talents/T064']").await;
    window.find("#evidence").await;
    assert!(window.text("h1").await.contains("吕某青"));
    // What is not chosen is searched for.
    ask(&window, "电池").await;
    window.find(".hits").await;
    assert!(window.address().await.starts_with("/search?q="));
}

#[test]
fn a_search_is_saved_renamed_and_deleted_at_a_desk() {
    see("saved", View::Desktop, saved);
}

#[test]
fn a_search_is_saved_renamed_and_deleted_on_a_phone() {
    see("saved", View::Phone, saved);
}

#[test]
fn a_search_is_saved_renamed_and_deleted_without_scripts() {
    see("saved", View::NoScripts, saved);
}

async fn saved(window: Window) {
    window.sign_in("enterprise").await;
    window.open("/search?kind=talents&q=%E7%83%AD%E5%A4%B1%E6%8E%A7").await;
    window.click("[popovertarget=save-search]").await;
    window.find("#save-search:popover-open").await;
    window.look("1-save").await;
    window.fill("#name", "热失控的团队").await;
    window.click("#save-search button.primary").await;
    window.find("form[action$='/delete']").await;
    assert_eq!(window.text(".hits h2 a").await, "热失控的团队");
    window.look("2-saved").await;

    window.click(".hits details summary").await;
    window.fill(".hits details input[name=name]", "电池安全").await;
    window.click(".hits details button").await;
    window.follow("电池安全").await;
    window.find(".hits mark").await;
    assert!(window.address().await.starts_with("/search?kind=talents&q="));

    window.open("/searches").await;
    window.click("form[action$='/delete'] button").await;
    window.find(".empty").await;
    window.look("3-none").await;

    window.open("/inbox").await;
    window.find("main h1").await;
    window.look("4-inbox").await;
    window.follow("设置").await;
    window.find("form[action='/settings/notices']").await;
    window.click("input[value=need_published]").await;
    window.click("form[action='/settings/notices'] button.primary").await;
    window.find("input[value=need_published]:not(:checked)").await;
    window.look("5-settings").await;
}

#[test]
fn an_enterprise_reads_what_the_platform_has_decided() {
    see("inbox", View::Desktop, inbox);
}

#[test]
fn an_enterprise_reads_what_the_platform_has_decided_on_a_phone() {
    see("inbox", View::Phone, inbox);
}

/// The operator publishes a need; its enterprise is told, and goes from there to the need.
async fn inbox(window: Window) {
    window.sign_in("operator").await;
    // The page of decisions is another's: here only what comes of one matters.
    let publish = "const done = arguments[arguments.length - 1]; (async () => {
        const list = await (await fetch('/api/v1/needs?status=submitted&limit=100')).json();
        for (const need of list.items) {
          const one = await fetch('/api/v1/needs/' + need.id);
          await fetch('/api/v1/needs/' + need.id + '/decision', { method: 'POST', body: '{\"publish\":true}',
            headers: { 'content-type': 'application/json', 'if-match': one.headers.get('etag') } });
        }
        done(list.items.length);
      })()";
    assert_eq!(window.run_async(publish).await, 2);
    window.run("document.querySelector('form[action=\"/sign-out\"]').requestSubmit()").await;
    window.find("header .me a[href='/sign-in']").await;
    window.sign_in("enterprise").await;
    assert_eq!(window.text(".bell b").await, "1");
    window.click(".bell").await;
    window.find(".notices .unread").await;
    window.look("1-unread").await;
    window.click(".notices .what a").await;
    window.find("main h1").await;
    assert!(window.address().await.starts_with("/needs/"));
    assert_eq!(window.count(".bell b").await, 0, "read");
    window.open("/inbox?unread=1").await;
    window.find(".empty").await;
}
