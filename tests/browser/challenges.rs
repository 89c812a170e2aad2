//! The board as somebody with a profile uses it: search, filter, keep the search, see how the own
//! profile fits, watch, ask, and read what an amendment changed.

use zhihui::domain::challenge::Challenge;
use zhihui::store::Store;
use zhihui::store::board::challenges::{ChallengeRecord, ChallengeTerms};

use crate::browser::{View, Window, see};

#[test]
fn the_board_is_searched_at_a_desk() {
    see("challenges", View::Desktop, board);
}

#[test]
fn the_board_is_searched_without_scripts() {
    see("challenges", View::NoScripts, board);
}

async fn board(window: Window) {
    window.sign_in("talent").await;
    window.open("/challenges").await;
    assert!(window.count(".hits > li").await > 1);
    window.follow("最适合我").await;
    window.find(".sorts a[aria-current][href*='sort=fit']").await;
    window.fill("#q", "散热").await;
    window.click(".filters.ask button").await;
    window.find(".hits mark").await;
    assert!(window.address().await.contains("sort=fit"), "searching keeps the order");
    window.look("1-found").await;
    window.fill("#q", "没有这样的榜单词语").await;
    window.click(".filters.ask button").await;
    window.find(".empty").await;
    window.look("2-nothing").await;
    window.open("/challenges?q=%E6%95%A3%E7%83%AD").await;
    window.click("[popovertarget=save-search]").await;
    window.fill("#name", "散热榜单").await;
    window.click("#save-search button.primary").await;
    window.says("最多保存").await;
    window.follow("散热榜单").await;
    window.find(".hits a").await;
    window.click(".hits h2 a").await;
    window.find("#fit").await;
    window.click("form[action$='/watch'] button").await;
    window.find("form[action$='/unwatch']").await;
    window.fill("#question", "样机可以分两批交付吗？").await;
    window.click("form[action$='/questions'] button").await;
    window.find(".questions > li").await;
    assert!(window.text("#questions").await.contains("我提的"));
    window.look("3-challenge").await;
    let address = window.address().await.split('?').next().unwrap().to_owned();
    if window.view == View::Desktop {
        counts_down(&window).await;
    }
    amend(&window, address.trim_start_matches("/challenges/")).await;
    window.open(&address).await;
    window.follow("看变了什么").await;
    window.find(".sides ins").await;
    assert!(window.text("main").await.contains("示例变更原因"));
    window.look("4-changes").await;
}

/// What is left is counted on by the server's clock, and says when nothing is.
async fn counts_down(window: &Window) {
    assert!(window.text(".countdown").await.contains("分"));
    const ENDS: &str = "const place = document.querySelector('.countdown'); place.dataset.until = place.dataset.now;";
    window.run(ENDS).await;
    window.says("已截止").await;
}

/// As its publisher does, without the pages of publishers.
async fn amend(window: &Window, id: &str) {
    let url = format!("sqlite:{}", window.data.join("demo/zhihui.db").display());
    let store = Store::open(&url).await.unwrap();
    let mut write = store.begin().await.unwrap();
    let found = write.challenge_take(id).await.unwrap().unwrap();
    let (was, at) = (found.status, write.clock().await.unwrap());
    let problem = format!("{}\n样机分两批交付。", found.content.problem);
    let content = Challenge { problem, reward: Some(1_800_000), ..found.content.clone() };
    let changed = ChallengeRecord { content, terms: found.terms + 1, ..found };
    write.challenge_save(&changed, was).await.unwrap();
    let terms = ChallengeTerms {
        number: changed.terms,
        at,
        by_account: changed.created_by.clone(),
        reason: "示例变更原因".into(),
        content: changed.content.clone(),
    };
    write.challenge_terms_add(id, &terms).await.unwrap();
    write.commit().await.unwrap();
    store.close().await;
}
