//! Bids: sealed until closing, opened once, proved by receipts.

use std::collections::BTreeMap;

use zhihui::app::board::receipts::{Receipt, ReceiptProblem};
use zhihui::app::{Actor, AppError};
use zhihui::domain::Role;
use zhihui::domain::challenge::bid::{Bid, Cost, Promise, Step};
use zhihui::domain::challenge::receipt::NotProved;
use zhihui::domain::challenge::status::{BidStatus, ChallengeStatus};
use zhihui::store::AuditFilter;
use zhihui::store::board::standing::IntegrityRecord;
use zhihui::web::access::ROUTES;

use crate::board_world::{DAY_MS, actor, actor_of_other, codes, declared, hand_in, published, published_with, sent};
use crate::harness::TestApp;

/// What stands in every text of a bid, so that it is found wherever it leaks.
const MARK: &str = "密封标记";

fn bid() -> Bid {
    Bid {
        route: format!("{MARK}路线"),
        promises: vec![Promise { value: format!("{MARK}≥ 45"), remark: format!("{MARK}说明") }; 3],
        plan: vec![Step { month: 6, goal: format!("{MARK}样件") }],
        budget: vec![Cost { name: format!("{MARK}材料"), amount: 987_654 }],
        integrity: true,
        ..Bid::default()
    }
}

async fn version(app: &TestApp, who: &Actor, bid: &str) -> i64 {
    app.app.bid_view(who, bid).await.unwrap().record.version
}

/// Whatever is not the same at each asking.
fn steady(text: &str) -> String {
    let mut steady = String::new();
    let mut rest = text;
    while let Some(at) = rest.find("name=\"once\" value=\"") {
        let (head, tail) = rest.split_at(at);
        steady.push_str(head);
        rest = tail.get("name=\"once\" value=\"".len() + 36..).unwrap_or_default();
    }
    steady + rest
}

/// Every page and every answer of the API that somebody may ask for, as everybody sees it.
async fn seen(
    app: &TestApp,
    who: &[(Option<Role>, String)],
    (ids, inner): (&[(&str, Vec<String>)], [(&str, &str); 2]),
) -> BTreeMap<String, (u16, String)> {
    let mut seen = BTreeMap::new();
    // The workbook says when it was made.
    let told = |path: &str| path != "/metrics" && !path.ends_with("/template.xlsx");
    for &(_, path, _) in ROUTES.iter().filter(|(method, path, _)| *method == "GET" && told(path)) {
        let group = ids.iter().find(|(prefix, _)| path.starts_with(prefix)).map_or(&[][..], |(_, ids)| ids);
        let concrete: Vec<String> = match path.contains('{') {
            false => vec![path.to_owned()],
            true => group
                .iter()
                .map(|id| {
                    let part = |part: &str| match part.starts_with('{') {
                        true if part == "{number}" => "1".to_owned(),
                        true => {
                            inner.iter().find(|(name, _)| *name == part).map_or(id.as_str(), |(_, id)| *id).to_owned()
                        }
                        false => part.to_owned(),
                    };
                    path.split('/').map(part).collect::<Vec<_>>().join("/")
                })
                .collect(),
        };
        for path in concrete {
            for query in ["", "?q=%E5%AF%86%E5%B0%81%E6%A0%87%E8%AE%B0"] {
                for (role, cookie) in who {
                    let mut ask = app.get(&format!("{path}{query}"));
                    if role.is_some() {
                        ask = ask.cookie(cookie);
                    }
                    let answer = ask.send().await;
                    let key = format!("{path}{query} as {role:?}");
                    seen.insert(key, (answer.status.as_u16(), steady(&answer.text())));
                }
            }
        }
    }
    seen
}

/// The strongest form of a seal: what everybody else is answered is the same, letter by letter, whether
/// there is a bid or not, on every route that there is.
#[tokio::test]
async fn before_opening_nothing_anywhere_tells_of_a_bid() {
    let app = TestApp::new().await;
    let challenge = published(&app, "密封的榜单").await;
    let bidder = actor(&app, Role::Talent).await;
    let mut who = vec![(None, String::new())];
    for role in Role::ALL.into_iter().filter(|role| *role != Role::Talent) {
        who.push((Some(role), app.role(role).await));
    }
    // Somebody else who bids, or may.
    let other = app.other_enterprise().await;
    who.push((Some(Role::Enterprise), other));
    let need = app.app.store().challenge(&challenge).await.unwrap().unwrap().need;
    let account = app.app.store().account_by_login("talent").await.unwrap().unwrap();
    let organisation = account.organisation.clone().unwrap();
    let ids = |bid: &str| {
        vec![
            ("/challenges", vec![challenge.clone()]),
            ("/api/v1/challenges", vec![challenge.clone()]),
            ("/operations/challenges", vec![challenge.clone()]),
            ("/panel", vec![challenge.clone()]),
            ("/api/v1/panel", vec![challenge.clone()]),
            ("/bids", vec![bid.to_owned()]),
            ("/api/v1/bids", vec![bid.to_owned()]),
            ("/needs", vec![need.clone()]),
            ("/api/v1/needs", vec![need.clone()]),
            ("/published-needs", vec![need.clone()]),
            ("/api/v1/published-needs", vec![need.clone()]),
            ("/operations/accounts", vec![account.id.clone()]),
            ("/operations/organisations", vec![organisation.clone()]),
            ("/api/v1/accounts", vec![account.id.clone()]),
            ("/api/v1/organisations", vec![organisation.clone()]),
        ]
    };
    // A member of the panel is as blind as the others.
    let operator = actor(&app, Role::Operator).await;
    app.app.panel_appoint(&operator, &challenge, "expert").await.unwrap();
    let (nobody, nothing) = (uuid_like(1), uuid_like(2));
    // Asking changes some answers by itself (a recommendation is kept): those are told apart first.
    seen(&app, &who, (&ids(&nobody), inner(&nobody, &nothing))).await;
    let once = seen(&app, &who, (&ids(&nobody), inner(&nobody, &nothing))).await;
    let twice = seen(&app, &who, (&ids(&nobody), inner(&nobody, &nothing))).await;
    let bid = hand_in(&app, &bidder, &challenge, bid()).await;
    let version = version(&app, &bidder, &bid).await;
    let file = sent("附件.txt", format!("{MARK}文件"));
    let file = app.app.bid_file_add(&bidder, (&bid, version), file).await.unwrap().1.id;
    let receipt = app.app.bid_receipt(&bidder, &bid).await.unwrap();
    let after = seen(&app, &who, (&ids(&bid), inner(&bid, &file))).await;
    for part in [format!("/bids/{bid}/files/{file}"), format!("/evaluation/{bid}/files/{file}")] {
        assert!(after.keys().filter(|key| key.contains(&part)).count() > 20, "{part} is asked for");
    }
    let (mut compared, mut unsteady) = (0, Vec::new());
    for (key, (status, text)) in &after {
        let told = [&bid, &file, &receipt.receipt, &receipt.hash, &receipt.nonce];
        assert!(told.iter().all(|secret| !text.contains(*secret) || key.contains(&bid)), "{key}: {text}");
        assert!(
            ["路线", "说明", "样件", "材料", "文件"].iter().all(|of| !text.contains(&format!("{MARK}{of}"))),
            "{key}"
        );
        assert!(!text.contains("987654") && !text.contains("98.7654"), "{key}");
        // Without an id of the bid the same is asked for.
        let like_before = |text: &str| text.replace(&bid, &nobody).replace(&file, &nothing);
        let same = like_before(key);
        let (before, again) = (&once[&same], &twice[&same]);
        if before != again {
            unsteady.push(key.clone());
            continue;
        }
        assert_eq!((*status, like_before(text)), *again, "{key}");
        compared += 1;
    }
    assert!(compared > 1000, "{compared}");
    let is_known = |key: &String| ["/recommendations", "/talents", "/needs/new"].iter().any(|p| key.contains(p));
    assert!(unsteady.iter().all(is_known), "{unsteady:#?}");
    // Nothing in the log that operators read, nothing in the file but sealed bytes.
    let entries = app.app.store().audit_found(&AuditFilter::default(), 0, 10_000).await.unwrap();
    assert!(entries.iter().all(|(_, entry)| !entry.action.starts_with("bid.")), "the log tells");
    for file in ["zhihui.db", "zhihui.db-wal"] {
        let bytes = std::fs::read(app.file(file)).unwrap_or_default();
        assert!(!bytes.windows(MARK.len()).any(|w| w == MARK.as_bytes()), "{file} holds what is sealed");
    }
}

/// What paths that lead on from a challenge or a bid name.
fn inner<'a>(bid: &'a str, file: &'a str) -> [(&'a str, &'a str); 2] {
    [("{bid}", bid), ("{file}", file)]
}

/// An id of nothing.
fn uuid_like(number: u8) -> String {
    format!("01990000-0000-7000-8000-00000000000{number}")
}

#[tokio::test]
async fn a_bid_is_handed_in_replaced_taken_back_and_nothing_happens_after_closing() {
    let app = TestApp::new().await;
    let challenge = published(&app, "按时截止的榜单").await;
    let bidder = actor(&app, Role::Talent).await;
    let id = hand_in(&app, &bidder, &challenge, bid()).await;
    let first = app.app.bid_receipt(&bidder, &id).await.unwrap();
    // What is written afterwards does not change what was handed in.
    let now = version(&app, &bidder, &id).await;
    let now = app.app.bid_write(&bidder, &id, now, Bid { route: "另一条路线".into(), ..bid() }, &[]).await.unwrap();
    assert_eq!(app.app.bid_receipt(&bidder, &id).await.unwrap(), first);
    assert!(app.app.bid_view(&bidder, &id).await.unwrap().has_changes());
    app.app.bid_submit(&bidder, &id, now).await.unwrap();
    let second = app.app.bid_receipt(&bidder, &id).await.unwrap();
    assert!(second.receipt != first.receipt && second.content.contains("另一条路线"));
    // Sent again, from the same page: somebody has been there.
    assert!(matches!(app.app.bid_submit(&bidder, &id, now).await, Err(AppError::Stale)));
    let now = version(&app, &bidder, &id).await;
    app.app.bid_withdraw(&bidder, &id, now).await.unwrap();
    assert!(matches!(app.app.bid_receipt(&bidder, &id).await, Err(AppError::NotFound(_))));
    let now = version(&app, &bidder, &id).await;
    app.app.bid_submit(&bidder, &id, now).await.unwrap();
    // At the very moment of closing it is too late, for everything.
    let closes = app.app.store().challenge(&challenge).await.unwrap().unwrap().content.closes_at.unwrap();
    app.pass(closes - app.app.now() - 1);
    let now = version(&app, &bidder, &id).await;
    app.app.bid_submit(&bidder, &id, now).await.unwrap();
    app.pass(1);
    let now = version(&app, &bidder, &id).await;
    for refused in [
        app.app.bid_write(&bidder, &id, now, bid(), &[]).await.map(drop),
        app.app.bid_submit(&bidder, &id, now).await.map(drop),
        app.app.bid_withdraw(&bidder, &id, now).await,
        app.app.bid_confirm(&bidder, &id, now).await,
        app.app.bid_file_add(&bidder, (&id, now), sent("迟.txt", "x")).await.map(drop),
        app.app.bid_begin(&actor_of_other(&app).await, &challenge).await.map(drop),
    ] {
        assert_eq!(codes(refused), ["closed"]);
    }
}

#[tokio::test]
async fn bids_are_opened_once_in_order_and_an_affiliate_is_excluded() {
    let app = TestApp::new().await;
    let challenge = published(&app, "开榜的榜单").await;
    let (first, second) = (actor(&app, Role::Talent).await, actor_of_other(&app).await);
    let one = hand_in(&app, &first, &challenge, bid()).await;
    app.pass(1000);
    let two = hand_in(&app, &second, &challenge, bid()).await;
    assert_eq!(app.app.challenges_open_due().await.unwrap(), 0, "not before its time");
    assert!(app.app.bids_published(&challenge).await.is_err());
    // The publisher and the second bidder turn out to be of one group.
    let publisher = app.app.store().challenge(&challenge).await.unwrap().unwrap().organisation;
    let mut write = app.app.store().begin().await.unwrap();
    for organisation in [&publisher, second.organisation.as_ref().unwrap()] {
        write.standing_set(organisation, 0, &declared("示例集团", ""), (None, 0)).await.unwrap();
    }
    write.commit().await.unwrap();
    app.pass(20 * DAY_MS);
    let (a, b) = tokio::join!(app.app.challenges_open_due(), app.app.challenges_open_due());
    assert_eq!(a.unwrap() + b.unwrap(), 1, "once");
    assert_eq!(app.app.challenges_open_due().await.unwrap(), 0);
    let published = app.app.bids_published(&challenge).await.unwrap();
    let told: Vec<_> = published.bids.iter().map(|b| (b.place, b.admitted)).collect();
    assert_eq!(told, [(1, true), (2, false)]);
    let status = async |who: &Actor, id: &str| app.app.bid_view(who, id).await.unwrap().record.status;
    assert_eq!(status(&first, &one).await, BidStatus::Opened);
    assert_eq!(status(&second, &two).await, BidStatus::Excluded);
    let record = app.app.store().challenge(&challenge).await.unwrap().unwrap();
    assert_eq!(record.status, ChallengeStatus::Scoring);
    // What was sealed is in the log now, and the log holds.
    let entries = app.app.store().audit_found(&AuditFilter::default(), 0, 10_000).await.unwrap();
    let events: Vec<_> = entries.iter().filter(|(_, e)| e.action.starts_with("bid.")).collect();
    assert_eq!(events.len(), 2);
    assert!(app.app.store().audit_verify().await.unwrap().is_ok());
    // Receipts hold against the list, and a changed one does not.
    let receipt = app.app.bid_receipt(&first, &one).await.unwrap();
    assert_eq!(receipt.check(&published), Ok(1));
    let changed = Receipt { content: receipt.content.replace("987654", "987655"), ..receipt.clone() };
    assert_eq!(changed.check(&published), Err(ReceiptProblem::NotProved(NotProved::OtherContent)));
    let later = Receipt { submitted_at: receipt.submitted_at + 1, ..receipt.clone() };
    assert_eq!(later.check(&published), Err(ReceiptProblem::OtherEntry));
    let elsewhere = Receipt { challenge: "x".into(), ..receipt };
    assert_eq!(elsewhere.check(&published), Err(ReceiptProblem::OtherChallenge));
}

#[tokio::test]
async fn a_bid_that_was_altered_in_the_database_is_excluded_and_the_others_are_opened() {
    let app = TestApp::new().await;
    let challenge = published(&app, "有人动过的榜单").await;
    let (one, two) = (actor(&app, Role::Talent).await, actor_of_other(&app).await);
    let altered = hand_in(&app, &one, &challenge, bid()).await;
    app.pass(1);
    let whole = hand_in(&app, &two, &challenge, bid()).await;
    app.pass(1);
    // What was handed in first, put back in the place of its replacement.
    let first = app.app.store().bid(&altered).await.unwrap().unwrap();
    hand_in(&app, &one, &challenge, Bid { route: "改过的路线".into(), ..bid() }).await;
    let mut write = app.app.store().begin().await.unwrap();
    let sealed = first.handed_in.unwrap().sealed;
    write.bid_reseal(&altered, &first.draft, Some(&sealed)).await.unwrap();
    write.commit().await.unwrap();
    app.pass(20 * DAY_MS);
    assert_eq!(app.app.challenges_open_due().await.unwrap(), 1);
    let record = async |id: &str| app.app.store().bid(id).await.unwrap().unwrap();
    assert_eq!(record(&whole).await.status, BidStatus::Opened);
    let excluded = record(&altered).await;
    assert_eq!(excluded.status, BidStatus::Excluded);
    assert!(excluded.excluded.unwrap().contains("unreadable"));
    let listed = app.app.bids_published(&challenge).await.unwrap().bids;
    assert_eq!(listed.iter().map(|bid| bid.admitted).collect::<Vec<_>>(), [true, false], "by time, all are listed");
    app.app.bid_view(&one, &altered).await.unwrap();
}

#[tokio::test]
async fn a_challenge_that_nobody_answers_fails_by_itself() {
    let app = TestApp::new().await;
    let challenge = published(&app, "无人问津的榜单").await;
    let bidder = actor(&app, Role::Talent).await;
    // A draft is no bid.
    app.app.bid_begin(&bidder, &challenge).await.unwrap();
    app.pass(20 * DAY_MS);
    app.app.challenges_open_due().await.unwrap();
    let record = app.app.store().challenge(&challenge).await.unwrap().unwrap();
    assert_eq!((record.status, record.reason.as_deref()), (ChallengeStatus::Failed, Some("截止时没有揭榜")));
    assert_eq!(app.app.bids_published(&challenge).await.unwrap().bids, []);
}

#[tokio::test]
async fn all_that_stands_against_a_bidder_is_said_at_once() {
    let app = TestApp::new().await;
    let challenge = published_with(&app, "有条件的榜单", |c| {
        c.conditions.regions = vec!["四川省".into()];
        c.conditions.qualifications = vec!["CNAS".into()];
    })
    .await;
    let bidder = actor(&app, Role::Talent).await;
    let own = bidder.organisation.clone().unwrap();
    let publisher = app.app.store().challenge(&challenge).await.unwrap().unwrap().organisation;
    let mut write = app.app.store().begin().await.unwrap();
    for organisation in [&publisher, &own] {
        write.standing_set(organisation, 0, &declared("示例集团", "示例甲"), (None, 0)).await.unwrap();
    }
    let record =
        IntegrityRecord { id: "r".into(), organisation: own, what: "示例".into(), ..IntegrityRecord::default() };
    write.integrity_add(&record).await.unwrap();
    write.commit().await.unwrap();
    let id = app.app.bid_begin(&bidder, &challenge).await.unwrap();
    let now = version(&app, &bidder, &id).await;
    let found = codes(app.app.bid_submit(&bidder, &id, now).await);
    for code in ["missing-route", "missing-promise", "missing-plan", "missing-budget", "missing-integrity"] {
        assert!(found.iter().any(|f| f == code), "{code}: {found:?}");
    }
    for code in ["same-group", "same-legal-person", "integrity-record", "wrong-region", "missing-qualification"] {
        assert!(found.iter().any(|f| f == code), "{code}: {found:?}");
    }
    // The publisher itself does not even begin.
    let publisher = actor(&app, Role::Enterprise).await;
    assert_eq!(codes(app.app.bid_begin(&publisher, &challenge).await), ["is-publisher"]);
}

#[tokio::test]
async fn an_amendment_moves_a_late_closing_and_asks_each_bidder_again() {
    let app = TestApp::new().await;
    let challenge = published(&app, "会变更的榜单").await;
    let (publisher, bidder) = (actor(&app, Role::Enterprise).await, actor(&app, Role::Talent).await);
    let id = hand_in(&app, &bidder, &challenge, bid()).await;
    let record = || async { app.app.store().challenge(&challenge).await.unwrap().unwrap() };
    let before = record().await;
    let same = app.app.challenge_amend(&publisher, &challenge, before.version, before.content.clone(), "为什么").await;
    assert_eq!(codes(same), ["nothing-changed"]);
    let mut content = before.content.clone();
    content.closes_at = content.closes_at.map(|at| at - DAY_MS);
    let earlier = app.app.challenge_amend(&publisher, &challenge, before.version, content, "").await;
    assert_eq!(codes(earlier), ["missing-value", "closing-earlier"]);
    app.pass(19 * DAY_MS);
    let mut content = before.content.clone();
    content.problem += "，还要能量产";
    content.questions_until = None;
    let amended = app.app.challenge_amend(&publisher, &challenge, before.version, content, "补充要求").await.unwrap();
    assert_eq!(amended.terms, 2);
    assert_eq!(amended.content.closes_at, Some(app.app.now() + 5 * DAY_MS), "moved by the rule");
    let view = app.app.bid_view(&bidder, &id).await.unwrap();
    assert!(!view.is_confirmed && view.is_open);
    app.app.bid_confirm(&bidder, &id, view.record.version).await.unwrap();
    assert!(app.app.bid_view(&bidder, &id).await.unwrap().is_confirmed);
    // A new indicator is not confirmed: it has to be answered.
    let mut content = amended.content.clone();
    content.indicators.push(content.indicators[0].clone());
    content.indicators.push(content.indicators[0].clone());
    content.indicators.push(content.indicators[0].clone());
    app.app.challenge_amend(&publisher, &challenge, amended.version, content, "加指标").await.unwrap();
    let now = version(&app, &bidder, &id).await;
    let refused = codes(app.app.bid_confirm(&bidder, &id, now).await);
    assert!(refused.iter().all(|code| *code == "missing-promise") && !refused.is_empty(), "{refused:?}");
    let terms = app.app.challenge_terms(&challenge).await.unwrap();
    assert_eq!(terms.iter().map(|t| t.reason.as_str()).collect::<Vec<_>>(), ["", "补充要求", "加指标"]);
    assert!(app.app.notices(&bidder, true, "", 10).await.unwrap().len() >= 2);
}

#[tokio::test]
async fn others_know_nothing_of_a_bid_and_keys_can_be_changed() {
    let app = TestApp::new().await;
    let challenge = published(&app, "换密钥的榜单").await;
    let bidder = actor(&app, Role::Talent).await;
    let id = hand_in(&app, &bidder, &challenge, bid()).await;
    for who in [actor(&app, Role::Enterprise).await, actor_of_other(&app).await] {
        for refused in [
            app.app.bid_view(&who, &id).await.map(drop),
            app.app.bid_receipt(&who, &id).await.map(drop),
            app.app.bid_join(&who, &id, None).await,
            app.app.bid_withdraw(&who, &id, 1).await,
        ] {
            assert!(matches!(refused, Err(AppError::NotFound(_))));
        }
    }
    let (old, new) = ("7a".repeat(32), "11".repeat(32));
    let seals = |keys: &str| zhihui::app::board::seal::Seals::parse(keys).unwrap();
    let both = seals(&format!("{new},{old}"));
    assert_eq!(zhihui::app::admin::reseal(app.app.store(), &both).await.unwrap(), 1);
    assert_eq!(zhihui::app::admin::reseal(app.app.store(), &both).await.unwrap(), 0, "once is enough");
    let sealed = app.app.store().bid(&id).await.unwrap().unwrap().draft;
    assert!(seals(&new).open(&format!("bid:{id} draft"), &sealed).is_ok());
    assert!(seals(&old).open(&format!("bid:{id} draft"), &sealed).is_err());
}
