//! The pictures of the README: `tests/screenshots` makes them anew, every other run holds that they
//! can be made, and that each is small enough.

use crate::browser::{View, Window, see};

#[test]
fn pictures() {
    see("readme", View::Desktop, take);
}

async fn take(window: Window) {
    window.open("/").await;
    window.keep("home").await;
    window.sign_in("enterprise").await;
    window.open("/needs?status=draft").await;
    window.click("table.list tbody a").await;
    window.find(".findings li").await;
    window.keep("need").await;
    window.open("/needs?status=published").await;
    window.click("table.list tbody a").await;
    window.click("main a[href$='/talents']").await;
    window.find("ol.talents li.row").await;
    window.keep("recommendation").await;
    window.sign_out().await;
    window.sign_in("operator").await;
    window.open("/operations").await;
    window.find_later("#chart-matched-t").await;
    window.keep("operations").await;
}
