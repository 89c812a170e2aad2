//! Every page there is, reached by links alone, in every way of looking: for axe-core, for the
//! width of the window, and as a picture.

use std::collections::{BTreeMap, BTreeSet, VecDeque};

use zhihui::web::access::ROUTES;

use crate::browser::{View, Window, see};

/// Pages that no link of the demo leads to, with why. The journeys see those that need something
/// done first.
const NOT_LINKED: &[(&str, &str)] = &[
    ("/gallery", "for who builds pages"),
    ("/sign-up/done", "follows a registration"),
    ("/profile/author", "the demo's talent has a profile"),
    ("/profile/claim", "the demo's talent has a profile"),
    ("/profile/import/{id}", "needs a file"),
    ("/needs/{id}/comparison", "needs talents that are chosen"),
    ("/operations/imports/{id}/progress", "a part of a page"),
    ("/operations/accounts/{id}/password", "shown once, after a reset"),
    ("/suggest", "a part of a page"),
    ("/challenges/{id}/changes/{number}", "needs an amendment"),
    ("/challenges/{id}/files/{file}", "a download"),
    ("/needs/{id}/challenge", "board.rs goes there"),
    ("/challenges/{id}/manage", "board.rs goes there"),
    ("/challenges/{id}/edit", "board.rs goes there"),
    ("/operations/challenges/{id}", "board.rs goes there"),
    ("/bids/{id}", "board.rs goes there"),
    ("/bids/{id}/edit", "board.rs goes there"),
    ("/panel/{challenge}", "board.rs goes there"),
    ("/panel/{challenge}/bids/{bid}", "board.rs goes there"),
    ("/operations/challenges/{id}/panel", "board.rs goes there"),
    ("/challenges/{id}/evaluation", "board.rs goes there"),
    ("/challenges/{id}/evaluation/{bid}", "board.rs goes there"),
    ("/challenges/{id}/evaluation/comparison", "board.rs goes there"),
    ("/panel/{challenge}/comparison", "board.rs goes there"),
    ("/bids/{id}/files/{file}", "a download"),
    ("/panel/{challenge}/bids/{bid}/files/{file}", "a download"),
    ("/challenges/{id}/evaluation/{bid}/files/{file}", "a download"),
    ("/inbox/{id}", "leads to what a notice is about"),
    ("/searches/{id}", "leads to the search"),
    ("/settings/notices/confirm", "from a mail"),
    ("/unsubscribe", "from a mail"),
];
/// Pages that lead on to another one.
const LEAD_ON: &[&str] = &["/inbox/{id}"];
/// Addresses of one route that are visited: needs in several states lead to different pages.
const OF_ONE_ROUTE: usize = 4;
/// People who together may see all pages.
const PEOPLE: [Option<&str>; 6] =
    [None, Some("enterprise"), Some("talent"), Some("panel_member"), Some("operator"), Some("administrator")];
/// Links of one page that are looked at: a list of many has the same ones.
const LINKS: usize = 200;

#[test]
fn every_page_at_a_desk() {
    see("page", View::Desktop, every_page);
}

#[test]
fn every_page_on_a_phone() {
    see("page", View::Phone, every_page);
}

#[test]
fn every_page_in_the_narrowest_window() {
    see("page", View::Narrow, every_page);
}

#[test]
fn every_page_in_the_dark() {
    see("page", View::Dark, every_page);
}

#[test]
fn every_page_without_scripts() {
    see("page", View::NoScripts, every_page);
}

/// The route of the table that a path belongs to, if it is a page's; the more exact one goes first.
fn route(path: &str) -> Option<&'static str> {
    let parts = |text: &'static str| text.split('/');
    let fits = |pattern: &'static str| {
        let (mut asked, mut known) = (path.split('/'), parts(pattern));
        loop {
            match (asked.next(), known.next()) {
                (None, None) => return true,
                (Some(a), Some(k)) if a == k || k.starts_with('{') && !a.is_empty() => {}
                _ => return false,
            }
        }
    };
    let mut found: Vec<_> = pages().filter(|pattern| fits(pattern)).collect();
    found.sort_by_key(|pattern| pattern.matches('{').count());
    found.first().copied()
}

/// Pages of the table: what is read, and is no file, part of a page, or for machines.
fn pages() -> impl Iterator<Item = &'static str> {
    let gets = ROUTES.iter().filter(|(method, _, _)| *method == "GET").map(|(_, path, _)| *path);
    let is_file = |path: &str| path.rsplit('/').next().is_some_and(|name| name.contains('.'));
    gets.filter(|path| !["/api/", "/assets/"].iter().any(|start| path.starts_with(start)))
        .filter(move |path| !is_file(path))
        .filter(|path| !["/healthz", "/readyz", "/metrics"].contains(path))
}

async fn every_page(window: Window) {
    let mut seen = BTreeSet::new();
    for person in PEOPLE {
        if let Some(login) = person {
            window.sign_in(login).await;
        }
        let mut waiting = VecDeque::from(["/".to_owned()]);
        let mut asked = BTreeMap::from([("/", BTreeSet::from(["/".to_owned()]))]);
        while let Some(address) = waiting.pop_front() {
            let path = address.split('?').next().unwrap_or_default();
            let Some(pattern) = route(path) else { continue };
            // At a desk each person's view of a page is looked at, elsewhere the first one's; links of a list
            // are followed for everybody.
            let viewer = if window.view == View::Desktop { person } else { None };
            if window.view != View::Desktop && pattern.contains('{') && seen.contains(&(viewer, pattern)) {
                continue;
            }
            window.open(&address).await;
            assert_eq!(window.status().await, 200, "a link leads {person:?} to {address}");
            let reached = window.address().await;
            if route(reached.split('?').next().unwrap_or_default()) != Some(pattern) {
                assert!(LEAD_ON.contains(&pattern), "{address} leads {person:?} to {reached}");
                continue;
            }
            if seen.insert((viewer, pattern)) {
                let name = pattern.trim_matches('/').replace(['/', '{', '}'], "-");
                window.look(if name.is_empty() { "home" } else { &name }).await;
            }
            for link in links(&window).await {
                let path = link.split('?').next().unwrap_or_default();
                let Some(pattern) = route(path) else { continue };
                let of_route = asked.entry(pattern).or_default();
                let most = if pattern.contains('{') { OF_ONE_ROUTE } else { 1 };
                if of_route.len() < most && of_route.insert(path.to_owned()) {
                    waiting.push_back(link);
                }
            }
        }
        if person.is_some() {
            window.sign_out().await;
        }
    }
    let missed: Vec<_> = pages()
        .filter(|page| {
            seen.iter().all(|(_, pattern)| pattern != page) && !NOT_LINKED.iter().any(|(path, _)| path == page)
        })
        .collect();
    assert!(missed.is_empty(), "no link leads to {missed:?}");
}

/// Paths on this site that the page links to; files are no pages.
async fn links(window: &Window) -> Vec<String> {
    let script = "return [...document.querySelectorAll('a[href]:not([download])')]
        .filter((a) => a.origin === location.origin).map((a) => a.pathname + a.search)";
    let found = window.run(script).await;
    let found = found.as_array().into_iter().flatten().filter_map(|l| l.as_str().map(str::to_owned));
    found.filter(|link| !link.starts_with("/api/")).take(LINKS).collect()
}
