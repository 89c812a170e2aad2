//! The last moments before closing: many bidders on three nodes over one PostgreSQL, once with all
//! nodes alive, once with one killed. What was acknowledged is there at opening, nothing else is, and
//! nothing was taken after closing. `ZHIHUI_BIDDERS` and `ZHIHUI_WINDOW` (seconds) set how many bidders
//! and how long (default 40 and 4); how long submissions took is printed.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Mutex;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use zhihui::app::secrets::digest;
use zhihui::domain::challenge::status::ChallengeStatus;
use zhihui::domain::challenge::{Challenge, Indicator};
use zhihui::domain::{AccountStatus, Need, NeedStatus, OrganisationKind, OrganisationStatus, Role};
use zhihui::matching::random::SplitMix64;
use zhihui::store::board::challenges::ChallengeRecord;
use zhihui::store::{Account, ApiToken, NeedRecord, Organisation, Saving, Store};

use crate::databases::{postgres, ran_on_postgres};
use crate::kill::ask;
use crate::process::{Running, zhihui};

/// Requests of the load under way at once.
const AT_ONCE: usize = 32;
/// How often each bidder hands in within the window, and a little after it.
const TIMES: usize = 3;

#[test]
fn what_was_acknowledged_before_closing_is_there_at_opening() {
    closing("closing_alive", false);
}

#[test]
fn what_was_acknowledged_before_closing_is_there_though_a_node_was_killed() {
    closing("closing_killed", true);
}

fn number(name: &str, default: u64) -> u64 {
    std::env::var(name).map_or(default, |text| text.parse().unwrap())
}

fn closing(test: &str, kills: bool) {
    let Ok(server) = std::env::var("ZHIHUI_TEST_POSTGRES") else {
        return eprintln!("PostgreSQL not tested: ZHIHUI_TEST_POSTGRES is not set (tests/run sets it)");
    };
    let (bidders, window) = (number("ZHIHUI_BIDDERS", 40) as usize, number("ZHIHUI_WINDOW", 4));
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(1).enable_all().build().unwrap();
    let fresh = runtime.block_on(postgres(&server, test));
    runtime.block_on(prepare(&fresh.store, bidders));
    let folders: Vec<_> = (0..3).map(|_| tempfile::tempdir().unwrap()).collect();
    let start = |folder: &tempfile::TempDir| {
        let mut command = zhihui(folder.path(), &["serve", "--addr", "127.0.0.1:0", "--log-format", "json"]);
        command.env("DATABASE_URL", &fresh.url).env("ZHIHUI_SEAL_KEYS", "5e".repeat(32));
        command.env("ZHIHUI_LOG", "error,zhihui::cli=info").env("ZHIHUI_REQUESTS_PER_SECOND", "1000000");
        Running::start(command)
    };
    let nodes: Vec<Running> = folders.iter().map(start).collect();
    let addresses: Vec<String> = nodes.iter().map(|node| node.address.clone()).collect();
    let bids: Vec<String> = in_parallel(bidders, |n| written(&addresses[n % 3], n));
    let closes_at = runtime.block_on(close_in(&fresh.store, window as i64 * 1000));
    let begun = Instant::now();
    let length = Duration::from_secs(window);
    let killed = AtomicBool::new(false);
    let acknowledged: Vec<Mutex<(Option<String>, bool)>> = bids.iter().map(|_| Mutex::new((None, false))).collect();
    let took = Mutex::new(Vec::new());
    // Each bidder at moments of its own, some of them after closing.
    let mut random = SplitMix64::new(7);
    let mut due: Vec<(Duration, usize)> =
        (0..bidders * TIMES).map(|at| (length.mul_f64(random.below(1150) as f64 / 1000.0), at % bidders)).collect();
    due.sort();
    let next = Mutex::new(due.into_iter());
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                loop {
                    let Some((at, bidder)) = next.lock().unwrap().next() else { return };
                    pass(at.saturating_sub(begun.elapsed()));
                    let mut last = acknowledged[bidder].lock().unwrap();
                    let node = match killed.load(Ordering::Relaxed) {
                        true => 1 + bidder % 2,
                        false => bidder % 3,
                    };
                    hand_in(&addresses[node], bidder, &bids[bidder], &mut last, &took);
                }
            });
        }
        if kills {
            scope.spawn(|| {
                pass(length.mul_f64(0.6));
                nodes[0].signal("KILL");
                killed.store(true, Ordering::Relaxed);
            });
        }
    });
    let published = opened(&addresses[1]);
    let listed: BTreeSet<&str> =
        published["bids"].as_array().unwrap().iter().map(|bid| bid["receipt"].as_str().unwrap()).collect();
    let mut known = BTreeMap::new();
    for (bidder, last) in acknowledged.iter().enumerate() {
        let (receipt, is_unsure) = &*last.lock().unwrap();
        if let Some(receipt) = receipt {
            assert!(listed.contains(receipt.as_str()) || *is_unsure, "bidder {bidder} was acknowledged and is missing");
            known.insert(receipt.clone(), bidder);
        }
    }
    let unsure = acknowledged.iter().filter(|last| last.lock().unwrap().1).count();
    let strangers = listed.iter().filter(|receipt| !known.contains_key(**receipt)).count();
    assert!(strangers <= unsure, "{strangers} that nobody was told of, {unsure} that heard nothing");
    assert!(kills || unsure == 0);
    let late = published["bids"].as_array().unwrap().iter().filter(|b| b["submitted_at"].as_i64() >= Some(closes_at));
    assert_eq!(late.count(), 0, "taken after closing");
    assert!(listed.len() > bidders / 2, "{}", listed.len());
    let (status, _, refused) = submit(&addresses[2], 0, &bids[0], 1).unwrap();
    assert!(status == 409 || status == 412, "{status} {refused}");
    let mut took = took.into_inner().unwrap();
    took.sort();
    let at = |share: f64| took[((took.len() - 1) as f64 * share) as usize].as_secs_f64() * 1000.0;
    eprintln!(
        "{test}: {bidders} bidders, {} submissions in {window} s: p50 {:.1} ms, p99 {:.1} ms, longest {:.1} ms; {} opened",
        took.len(),
        at(0.5),
        at(0.99),
        at(1.0),
        listed.len()
    );
    runtime.block_on(async {
        assert!(fresh.store.audit_verify().await.unwrap().is_ok());
    });
    ran_on_postgres();
}

/// Runs for each number, some at once; the results in order.
fn in_parallel<T: Send>(count: usize, run: impl Fn(usize) -> T + Sync) -> Vec<T> {
    let (next, done) = (Mutex::new(0..count), Mutex::new(Vec::new()));
    std::thread::scope(|scope| {
        for _ in 0..AT_ONCE {
            scope.spawn(|| {
                loop {
                    let Some(n) = next.lock().unwrap().next() else { return };
                    let result = run(n);
                    done.lock().unwrap().push((n, result));
                }
            });
        }
    });
    let mut done = done.into_inner().unwrap();
    done.sort_by_key(|(n, _)| *n);
    done.into_iter().map(|(_, result)| result).collect()
}

fn headers(bidder: usize, version: Option<i64>) -> Vec<String> {
    let mut headers =
        vec![format!("authorization: Bearer {}", token(bidder)), "content-type: application/json".to_owned()];
    headers.extend(version.map(|version| format!("if-match: \"v{version}\"")));
    headers
}

/// Begins a bid and writes it; its id.
fn written(address: &str, bidder: usize) -> String {
    let (status, _, made) =
        ask(address, "POST /api/v1/challenges/c/bids", &headers(bidder, None), b"").expect("an answer");
    assert_eq!(status, 201, "{made}");
    let id = made["id"].as_str().unwrap().to_owned();
    let bid = json!({
        "route": format!("示例路线 {bidder}"), "promises": [{ "value": "≥ 45", "remark": "" }],
        "plan": [{ "month": 6, "goal": "样件" }], "budget": [{ "name": "材料", "amount": 500_000 }], "integrity": true
    });
    let line = format!("PUT /api/v1/bids/{id}");
    let (status, _, kept) = ask(address, &line, &headers(bidder, Some(1)), bid.to_string().as_bytes()).unwrap();
    assert_eq!(status, 200, "{kept}");
    id
}

fn submit(address: &str, bidder: usize, bid: &str, version: i64) -> Option<(u16, String, Value)> {
    ask(address, &format!("POST /api/v1/bids/{bid}/submission"), &headers(bidder, Some(version)), b"")
}

/// Hands in once; notes the receipt, or that nothing was heard.
fn hand_in(address: &str, bidder: usize, bid: &str, last: &mut (Option<String>, bool), took: &Mutex<Vec<Duration>>) {
    let Some((200, _, seen)) = ask(address, &format!("GET /api/v1/bids/{bid}"), &headers(bidder, None), b"") else {
        return;
    };
    let begun = Instant::now();
    match submit(address, bidder, bid, seen["version"].as_i64().unwrap()) {
        Some((200, _, kept)) => {
            took.lock().unwrap().push(begun.elapsed());
            *last = (Some(kept["receipt"].as_str().unwrap().to_owned()), false);
        }
        Some((409, _, refused)) => assert_eq!(refused["code"], "closed", "{refused}"),
        // What the killed node was told was kept only now: the bid is looked at again.
        Some((412, ..)) if last.1 => hand_in(address, bidder, bid, last, took),
        Some((status, _, told)) => panic!("{status} {told}"),
        // The node was killed: it may have been kept.
        None => last.1 = true,
    }
}

/// The published list, once a node has opened the bids.
fn opened(address: &str) -> Value {
    let begun = Instant::now();
    loop {
        match ask(address, "GET /api/v1/challenges/c/bids", &[], b"") {
            Some((200, _, published)) => return published,
            _ => assert!(begun.elapsed() < Duration::from_secs(30), "nobody opens the bids"),
        }
        pass(Duration::from_millis(100));
    }
}

/// The load has moments of its own; what must have happened is waited for by asking.
#[expect(clippy::disallowed_methods, reason = "nothing is synchronised by it")]
fn pass(time: Duration) {
    std::thread::sleep(time);
}

fn token(bidder: usize) -> String {
    format!("{bidder:064x}")
}

/// A publisher with an open challenge `c`, and bidders with a token each.
async fn prepare(store: &Store, bidders: usize) {
    let now = store.clock().await.unwrap();
    let organisation = |id: String, kind| Organisation {
        name: format!("示例单位{id}号"),
        id,
        kind,
        credit_code: None,
        region: Some("重庆市".into()),
        high_tech: false,
        tech_sme: false,
        status: OrganisationStatus::Approved,
        created_at: now,
        version: 1,
    };
    let account = |id: String, role| Account {
        organisation: Some(id.clone()),
        login: format!("{id}@example.cn"),
        name: format!("示例人{id}"),
        id,
        role,
        password_hash: "none".into(),
        password_is_temporary: false,
        status: AccountStatus::Active,
        created_at: now,
        version: 1,
    };
    let mut write = store.begin().await.unwrap();
    write.organisation_add(&organisation("p".into(), OrganisationKind::Enterprise)).await.unwrap();
    write.account_add(&account("p".into(), Role::Enterprise)).await.unwrap();
    for n in 0..bidders {
        let id = format!("b{n:05}");
        write.organisation_add(&organisation(id.clone(), OrganisationKind::University)).await.unwrap();
        write.account_add(&account(id.clone(), Role::Talent)).await.unwrap();
        let expires_at = now + 86_400_000;
        let api = ApiToken {
            id: id.clone(),
            account: id,
            name: "揭榜".into(),
            scopes: "read write".into(),
            created_at: now,
            expires_at,
        };
        write.token_add(&digest(token(n)), &api).await.unwrap();
    }
    let need = NeedRecord {
        need: Need { id: "n".into(), ..Need::from_text("示例问题") },
        organisation: "p".into(),
        organisation_name: String::new(),
        organisation_region: None,
        created_by: "p".into(),
        status: NeedStatus::Challenge,
        reason: None,
        created_at: now,
        updated_at: now,
        submitted_at: Some(now),
        published_at: Some(now),
        version: 1,
    };
    write.need_add(&need, Saving::PLAIN).await.unwrap();
    let asked =
        Indicator { name: "扩散时间".into(), value: "≥ 30".into(), unit: "min".into(), test: "国标".into() };
    let content = Challenge {
        title: "示例榜单".into(),
        indicators: vec![asked],
        opens_at: Some(now),
        closes_at: Some(now + 86_400_000),
        ..Challenge::default()
    };
    let challenge = ChallengeRecord {
        id: "c".into(),
        need: "n".into(),
        organisation: "p".into(),
        organisation_name: String::new(),
        organisation_region: None,
        created_by: "p".into(),
        status: ChallengeStatus::Submitted,
        field: None,
        region: None,
        terms: 1,
        reason: None,
        created_at: now,
        updated_at: now,
        published_at: Some(now),
        opened_at: None,
        chosen: None,
        choice_reason: None,
        objections_until: None,
        awarded_at: None,
        touched: 0,
        version: 1,
        content,
    };
    write.challenge_add(&challenge).await.unwrap();
    let open = ChallengeRecord { status: ChallengeStatus::Open, ..challenge };
    write.challenge_save(&open, ChallengeStatus::Submitted).await.unwrap();
    write.commit().await.unwrap();
}

/// Sets the closing so many milliseconds from now; gives it.
async fn close_in(store: &Store, ms: i64) -> i64 {
    let mut write = store.begin().await.unwrap();
    let found = write.challenge_take("c").await.unwrap().unwrap();
    let closes_at = write.clock().await.unwrap() + ms;
    let content = Challenge { closes_at: Some(closes_at), ..found.content.clone() };
    write.challenge_save(&ChallengeRecord { content, ..found }, ChallengeStatus::Open).await.unwrap();
    write.commit().await.unwrap();
    closes_at
}
