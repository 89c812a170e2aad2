//! By keys alone: the way past the navigation, the search box, signing in.

use crate::browser::{View, Window, see};

#[test]
fn navigation_search_and_signing_in_need_keys_alone() {
    see("keyboard", View::Desktop, keys);
}

async fn keys(window: Window) {
    const TAB: &str = "\u{e004}";
    const ENTER: &str = "\u{e007}";
    window.open("/").await;
    window.press(TAB).await;
    assert_eq!(window.run("return document.activeElement.className").await, "skip");
    window.press(ENTER).await;
    assert_eq!(window.run("return document.activeElement.id").await, "main", "past the navigation");
    window.press("/").await;
    assert_eq!(window.run("return document.activeElement.id").await, "search");
    window.press("热失控").await;
    window.press(ENTER).await;
    window.find(".hits li").await;
    assert!(window.address().await.starts_with("/search?q="));
    window.open("/sign-in").await;
    for keys in ["enterprise", TAB, "zhihui-demo-only", ENTER] {
        window.press(keys).await;
    }
    assert!(window.text("header .who").await.starts_with("示例企业"), "the first field had the focus");
}
