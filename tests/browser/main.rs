//! The site in a real browser: Chromium, driven over WebDriver, with the demo in a process of its
//! own. With ZHIHUI_TEST_PICTURES=1 pictures of all
//! that was seen lie in target/screenshots afterwards.

mod accounts;
mod board;
mod browser;
mod challenges;
mod everywhere;
mod gallery;
mod invitations;
mod journey;
mod keyboard;
mod needs;
mod operations;
#[expect(dead_code, reason = "the tests of the service use the rest")]
#[path = "../process/mod.rs"]
mod process;
mod profile;
mod readme;
mod search;
mod standing;
