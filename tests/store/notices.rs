//! Notices, saved searches and the digest, as the store keeps them:
//! 1. an inbox holds what its owner wants, counts what is not read, and is nobody else's;
//! 2. a saved search is looked at by one of those who look at once;
//! 3. a mail is taken once a day, again only if it surely failed, and never once its day is over.

use crate::databases::{Fresh, on_both};
use crate::{account, organisation};
use zhihui::domain::{AccountStatus, NeedStatus, Notice, NoticeKind, SearchForm, SearchKind};
use zhihui::store::{
    ChangeKind, Digest, DigestMail, MailEnd, NeedRecord, NoticeRow, SavedSearch, Saving, Store, StoreError,
};

const DAY: &str = "2026-11-24";

async fn people(store: &Store) {
    let mut write = store.begin().await.unwrap();
    write.organisation_add(&organisation("o1")).await.unwrap();
    write.account_add(&account("a1", Some("o1"))).await.unwrap();
    write.account_add(&account("a2", Some("o1"))).await.unwrap();
    write.commit().await.unwrap();
}

fn notice(id: &str, account: &str, at: i64) -> NoticeRow {
    let notice = Notice::NeedPublished { need: format!("示例需求 {id}") };
    NoticeRow { id: id.into(), account: account.into(), object: format!("need:{id}"), notice, at, read_at: None }
}

async fn add(store: &Store, notices: &[NoticeRow]) {
    let mut write = store.begin().await.unwrap();
    write.notices_add(notices).await.unwrap();
    write.commit().await.unwrap();
}

fn ids(notices: &[NoticeRow]) -> Vec<&str> {
    notices.iter().map(|n| n.id.as_str()).collect()
}

#[test]
fn an_inbox_holds_what_its_owner_wants() {
    on_both("inbox", |Fresh { store, .. }| async move {
        people(&store).await;
        add(&store, &[notice("n1", "a1", 1), notice("n2", "a1", 2), notice("n3", "a2", 3)]).await;
        let all = store.notices("a1", false, "", 10).await.unwrap();
        assert_eq!(all, [notice("n2", "a1", 2), notice("n1", "a1", 1)]);
        assert_eq!(ids(&store.notices("a1", false, "n2", 10).await.unwrap()), ["n1"]);
        assert_eq!(store.notices_unread("a1").await.unwrap(), 2);

        let mut write = store.begin().await.unwrap();
        write.notice_read("a1", "n1", 50).await.unwrap();
        write.notice_read("a1", "n1", 60).await.unwrap();
        assert!(matches!(write.notice_read("a1", "n3", 50).await, Err(StoreError::Stale)), "another's");
        write.commit().await.unwrap();
        assert_eq!(store.notice("a1", "n1").await.unwrap().unwrap().read_at, Some(50), "the first time counts");
        assert_eq!(ids(&store.notices("a1", true, "", 10).await.unwrap()), ["n2"]);

        let mut write = store.begin().await.unwrap();
        write.notices_mute("a1", &[NoticeKind::NeedPublished]).await.unwrap();
        write.notices_add(&[notice("n4", "a1", 4), notice("n5", "a2", 5)]).await.unwrap();
        write.notices_mute("a1", &[NoticeKind::NewHits]).await.unwrap();
        write.notice_add(&notice("n6", "a1", 6)).await.unwrap();
        write.notices_read("a1", "n2", 70).await.unwrap();
        write.commit().await.unwrap();
        assert_eq!(ids(&store.notices("a1", true, "", 10).await.unwrap()), ["n6"], "n4 was not wanted");
        assert_eq!(ids(&store.notices("a2", true, "", 10).await.unwrap()), ["n5", "n3"]);
        assert_eq!(store.notices_muted("a1").await.unwrap(), [NoticeKind::NewHits]);
        assert_eq!(store.begin().await.unwrap().enterprise_accounts("o1").await.unwrap(), ["a1", "a2"]);
    });
}

fn saved(id: &str, account: &str, q: &str) -> SavedSearch {
    let query = SearchForm { q: q.into(), ..SearchForm::default() }.read().0;
    let (name, seen) = (q.to_owned(), vec![1, 2, 3]);
    SavedSearch { id: id.into(), account: account.into(), name, query, created_at: 1, position: 5, looked_at: 1, seen }
}

#[test]
fn a_saved_search_is_looked_at_once() {
    on_both("saved", |Fresh { store, .. }| async move {
        people(&store).await;
        let first = saved("s1", "a1", "热失控");
        let mut write = store.begin().await.unwrap();
        write.search_save(&first).await.unwrap();
        write.search_save(&saved("s2", "a2", "热失控")).await.unwrap();
        write.commit().await.unwrap();
        let mut write = store.begin().await.unwrap();
        let again = write.search_save(&saved("s3", "a1", "热失控")).await;
        assert!(matches!(again, Err(StoreError::Conflict(_))), "{again:?}");
        drop(write);
        assert_eq!(store.searches_of("a1").await.unwrap(), std::slice::from_ref(&first));
        let behind = |kind, position| store.searches_behind(kind, position, 10);
        assert_eq!(behind(SearchKind::Talents, 5).await.unwrap(), []);
        assert_eq!(behind(SearchKind::Talents, 6).await.unwrap().len(), 2);
        assert_eq!(behind(SearchKind::Needs, 6).await.unwrap(), [], "of another kind");

        // Eight nodes look at once.
        let looks = (0..8).map(|node| {
            let (store, first) = (store.clone(), first.clone());
            tokio::spawn(async move {
                let mut write = store.begin().await.unwrap();
                match write.search_looked(&first, 6 + node, 100, &[9]).await {
                    Ok(()) => write.commit().await.is_ok(),
                    Err(StoreError::Stale) => false,
                    Err(error) => panic!("{error:?}"),
                }
            })
        });
        let mut done = 0;
        for look in looks.collect::<Vec<_>>() {
            done += usize::from(look.await.unwrap());
        }
        assert_eq!(done, 1);
        let kept = store.searches_of("a1").await.unwrap().remove(0);
        assert_eq!((kept.seen, kept.looked_at), (vec![9], 100));

        let mut write = store.begin().await.unwrap();
        write.search_rename("a1", "s1", "电池").await.unwrap();
        assert!(matches!(write.search_rename("a2", "s1", "x").await, Err(StoreError::Stale)));
        assert!(matches!(write.search_delete("a2", "s1").await, Err(StoreError::Stale)));
        write.search_delete("a2", "s2").await.unwrap();
        write.commit().await.unwrap();
        assert_eq!(store.searches_of("a1").await.unwrap()[0].name, "电池");
        assert_eq!(store.searches_of("a2").await.unwrap(), []);
    });
}

#[test]
fn searches_are_behind_by_what_can_add_a_hit_and_one_node_looks() {
    on_both("search_rounds", |Fresh { store, .. }| async move {
        people(&store).await;
        let changes = [
            (ChangeKind::Need, "n-draft"),
            (ChangeKind::Talent, "t1"),
            (ChangeKind::Evidence, "e1"),
            (ChangeKind::Need, "n-draft"),
            (ChangeKind::Need, "n-published"),
            (ChangeKind::Need, "n-draft"),
        ];
        let mut write = store.begin().await.unwrap();
        // Numbers 1 and 2 are those of the needs that are made.
        for (id, status) in [("n-draft", NeedStatus::Draft), ("n-published", NeedStatus::Published)] {
            let made = NeedRecord { status, ..crate::needs::record(id, "o1") };
            write.need_add(&made, Saving::PLAIN).await.unwrap();
        }
        write.changes_add(&changes).await.unwrap();
        for (id, account, position) in [("s1", "a1", 2), ("s2", "a2", 6)] {
            let search = SavedSearch { position, ..saved(id, account, "热失控") };
            write.search_save(&search).await.unwrap();
        }
        write.commit().await.unwrap();
        let last = async |kind, after, to| store.change_of_hits(kind, after, to).await.unwrap();
        assert_eq!(last(SearchKind::Talents, 2, 8).await, Some(5));
        assert_eq!(last(SearchKind::Talents, 5, 8).await, None);
        assert_eq!(last(SearchKind::Needs, 2, 8).await, Some(7));
        assert_eq!(last(SearchKind::Needs, 2, 6).await, None, "a draft adds no hit");
        assert_eq!(store.searches_from(SearchKind::Talents, 8).await.unwrap(), Some(2));
        assert_eq!(store.searches_from(SearchKind::Talents, 2).await.unwrap(), None);
        assert_eq!(store.searches_from(SearchKind::Needs, 8).await.unwrap(), None);

        let round = async |held, now, until| {
            let mut write = store.begin().await.unwrap();
            let is_ours = write.search_round(SearchKind::Talents, held, now, until).await.unwrap();
            write.commit().await.unwrap();
            is_ours
        };
        assert!(round(0, 100, 200).await);
        assert!(!round(0, 199, 300).await, "another node has it");
        assert!(round(200, 150, 250).await, "and keeps it");
        assert!(round(0, 250, 350).await, "it is heard of no more");
        assert!(!round(250, 260, 0).await, "and may not end what is another's");
        assert!(round(350, 260, 0).await && round(0, 260, 360).await);

        let mut write = store.begin().await.unwrap();
        write.searches_looked(&["s1", "s2"], 5, 90).await.unwrap();
        write.commit().await.unwrap();
        let kept = async |account| store.searches_of(account).await.unwrap().remove(0);
        assert_eq!((kept("a1").await.position, kept("a1").await.looked_at), (5, 90));
        assert_eq!((kept("a2").await.position, kept("a2").await.looked_at), (6, 1), "it was looked at further");
        let mut write = store.begin().await.unwrap();
        write.searches_moved(SearchKind::Talents, 6, 8).await.unwrap();
        write.searches_moved(SearchKind::Needs, 0, 8).await.unwrap();
        write.commit().await.unwrap();
        assert_eq!((kept("a1").await.position, kept("a2").await.position), (5, 8));
    });
}

async fn confirmed(store: &Store, account: &str) {
    let asked = Digest {
        account: account.into(),
        address: format!("{account}@example.invalid"),
        asked_at: 10,
        asked: 1,
        confirmed_at: None,
        is_asked: true,
    };
    let mut write = store.begin().await.unwrap();
    write.digest_ask(&asked, &[7; 32]).await.unwrap();
    assert!(matches!(write.digest_confirm(&[8; 32], 0, 20).await, Err(StoreError::Stale)), "no such link");
    assert!(matches!(write.digest_confirm(&[7; 32], 11, 20).await, Err(StoreError::Stale)), "too old a link");
    write.commit().await.unwrap();
    assert_eq!(store.digest(account).await.unwrap(), Some(asked.clone()));
    assert_eq!(store.digests_due(DAY, 10).await.unwrap(), [], "nothing is mailed to an address that nobody confirmed");
    let mut write = store.begin().await.unwrap();
    write.digest_confirm(&[7; 32], 10, 20).await.unwrap();
    write.commit().await.unwrap();
    let now = Digest { confirmed_at: Some(20), is_asked: false, ..asked };
    assert_eq!(store.digest(account).await.unwrap(), Some(now));
}

#[test]
fn a_mail_is_taken_once_a_day_and_again_only_if_it_surely_failed() {
    on_both("digest", |Fresh { store, .. }| async move {
        people(&store).await;
        add(&store, &[notice("n0", "a1", 15)]).await;
        confirmed(&store, "a1").await;
        assert_eq!(store.digests_due(DAY, 10).await.unwrap(), [], "from before the digest began");
        add(&store, &[notice("n1", "a1", 30), notice("n2", "a1", 31)]).await;
        let mail = store.digests_due(DAY, 10).await.unwrap().remove(0);
        let expected =
            DigestMail { account: "a1".into(), address: "a1@example.invalid".into(), day: DAY.into(), attempts: 0 };
        assert_eq!(mail, expected);

        let takers = (0..8).map(|node| {
            let (store, mail) = (store.clone(), mail.clone());
            tokio::spawn(async move {
                let mut write = store.begin().await.unwrap();
                let taken = write.digest_claim(&mail, &[node; 32], 40).await.unwrap();
                write.commit().await.unwrap();
                taken
            })
        });
        let mut taken = 0;
        for taker in takers.collect::<Vec<_>>() {
            taken += usize::from(taker.await.unwrap());
        }
        assert_eq!(taken, 1);
        assert_eq!(ids(&store.digest_notices(&mail).await.unwrap()), ["n2", "n1"]);
        assert_eq!(store.digests_due(DAY, 10).await.unwrap(), []);
        assert_eq!(store.digests_failed(DAY, 99, 10).await.unwrap(), [], "it is being sent");

        let mut write = store.begin().await.unwrap();
        write.digest_done(&mail, MailEnd::Failed { next_at: 60 }).await.unwrap();
        write.commit().await.unwrap();
        assert_eq!(store.digests_failed(DAY, 59, 10).await.unwrap(), []);
        let failed = store.digests_failed(DAY, 60, 10).await.unwrap().remove(0);
        assert_eq!(failed.attempts, 1);
        // Who may not sign in gets no mail, not even one that was begun.
        let is = async |version, status| {
            let mut write = store.begin().await.unwrap();
            write.account_set_status("a1", version, status).await.unwrap();
            write.commit().await.unwrap();
        };
        is(1, AccountStatus::Disabled).await;
        assert_eq!(store.digests_failed(DAY, 60, 10).await.unwrap(), [], "disabled");
        assert!(!store.begin().await.unwrap().digest_reclaim(&failed, &[9; 32]).await.unwrap(), "disabled");
        is(2, AccountStatus::Active).await;
        let mut write = store.begin().await.unwrap();
        assert!(write.digest_reclaim(&failed, &[9; 32]).await.unwrap());
        assert!(!write.digest_reclaim(&failed, &[10; 32]).await.unwrap(), "once");
        write.commit().await.unwrap();
        assert_eq!(store.digest_of_mail(&[9; 32]).await.unwrap().as_deref(), Some("a1"));

        // Failed to the end of its day: the next day's tells of the same.
        let mut write = store.begin().await.unwrap();
        write.digest_done(&mail, MailEnd::GivenUp).await.unwrap();
        write.commit().await.unwrap();
        assert_eq!(store.digests_failed(DAY, 1 << 60, 10).await.unwrap(), [], "not tried again");
        assert!(!store.digests_unsent(DAY).await.unwrap(), "its day is not over");
        assert!(store.digests_unsent("2026-11-25").await.unwrap());
        let mut write = store.begin().await.unwrap();
        write.digests_give_up("2026-11-25").await.unwrap();
        write.commit().await.unwrap();
        assert!(!store.digests_unsent("2026-11-25").await.unwrap());
        let next = store.digests_due("2026-11-25", 10).await.unwrap().remove(0);
        let mut write = store.begin().await.unwrap();
        assert!(write.digest_claim(&next, &[11; 32], 70).await.unwrap());
        write.digest_done(&next, MailEnd::Unknown).await.unwrap();
        write.digests_give_up("2026-11-26").await.unwrap();
        write.commit().await.unwrap();
        assert_eq!(ids(&store.digest_notices(&next).await.unwrap()), ["n2", "n1"]);
        assert_eq!(store.digests_due("2026-11-26", 10).await.unwrap(), [], "perhaps told: not told again");

        add(&store, &[notice("n3", "a1", 80)]).await;
        let mut write = store.begin().await.unwrap();
        write.digest_end("a1").await.unwrap();
        write.commit().await.unwrap();
        assert_eq!(store.digests_due("2026-11-26", 10).await.unwrap(), [], "ended");
    });
}
