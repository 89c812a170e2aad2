//! The store, every test on both databases.

mod curation;
#[path = "../databases/mod.rs"]
mod databases;
mod needs;
mod notices;
mod operations;
mod standing;
mod talents;

use databases::{Fresh, on_both};
use sqlx::{Connection, Executor};
use zhihui::domain::{AccountStatus, OrganisationKind, OrganisationStatus, Role};
use zhihui::store::{Account, AuditEntry, ChainBreak, ChangeKind, Organisation, Session, Store, StoreError};

fn organisation(id: &str) -> Organisation {
    Organisation {
        id: id.into(),
        kind: OrganisationKind::Enterprise,
        name: format!("示例企业 {id}"),
        credit_code: None,
        region: Some("重庆市渝北区".into()),
        high_tech: true,
        tech_sme: false,
        status: OrganisationStatus::Pending,
        created_at: 1_700_000_000_000,
        version: 1,
    }
}

fn account(id: &str, organisation: Option<&str>) -> Account {
    Account {
        id: id.into(),
        organisation: organisation.map(Into::into),
        login: format!("{id}@example.cn"),
        name: "示例·王某 🙂 \u{202e}'); DROP TABLE account; --".into(),
        role: Role::Enterprise,
        password_hash: "$argon2id$x".into(),
        password_is_temporary: true,
        status: AccountStatus::Active,
        created_at: 1,
        version: 1,
    }
}

fn entry(n: i64) -> AuditEntry {
    let actor = (n % 2 == 0).then(|| format!("account-{n}"));
    let detail = format!("{{\"n\":{n}}}");
    AuditEntry { at: n, actor, action: "need.publish".into(), object: format!("need:{n}"), detail }
}

#[test]
fn what_is_written_is_read_and_names_are_taken_once() {
    on_both("written_is_read", |Fresh { store, .. }| async move {
        let mut write = store.begin().await.unwrap();
        write.organisation_add(&organisation("o1")).await.unwrap();
        write.account_add(&account("a1", Some("o1"))).await.unwrap();
        write.commit().await.unwrap();
        assert_eq!(store.organisation("o1").await.unwrap(), Some(organisation("o1")));
        assert!(store.account("a1").await.unwrap() == Some(account("a1", Some("o1"))));
        assert!(store.account_by_login("a1@example.cn").await.unwrap().is_some());
        assert_eq!(store.organisation("o2").await.unwrap(), None);

        let mut write = store.begin().await.unwrap();
        let twice = Organisation { id: "o2".into(), ..organisation("o1") };
        assert!(matches!(write.organisation_add(&twice).await, Err(StoreError::Conflict(_))));
        drop(write);
        let mut write = store.begin().await.unwrap();
        let nowhere = write.account_add(&account("a2", Some("nowhere"))).await;
        assert!(matches!(nowhere, Err(StoreError::Conflict(_))), "{nowhere:?}");
    });
}

#[test]
fn what_is_not_committed_leaves_nothing() {
    on_both("not_committed", |Fresh { store, .. }| async move {
        let mut write = store.begin().await.unwrap();
        write.organisation_add(&organisation("o1")).await.unwrap();
        write.change_add(ChangeKind::Talent, "t1").await.unwrap();
        write.audit_add(&entry(1)).await.unwrap();
        drop(write);
        assert_eq!(store.organisation("o1").await.unwrap(), None);
        assert_eq!(store.changes_after(0, 10).await.unwrap(), []);
        assert_eq!(store.audit_verify().await.unwrap(), Ok(0));
    });
}

#[test]
fn a_record_that_somebody_else_changed_is_not_overwritten() {
    on_both("stale", |Fresh { store, .. }| async move {
        let mut write = store.begin().await.unwrap();
        write.organisation_add(&organisation("o1")).await.unwrap();
        write.organisation_set_status("o1", 1, OrganisationStatus::Approved).await.unwrap();
        let again = write.organisation_set_status("o1", 1, OrganisationStatus::Refused).await;
        assert!(matches!(again, Err(StoreError::Stale)));
        write.commit().await.unwrap();
        let kept = store.organisation("o1").await.unwrap().unwrap();
        assert_eq!((kept.status, kept.version), (OrganisationStatus::Approved, 2));
    });
}

#[test]
fn sessions_end_with_time_with_a_new_password_and_with_the_account() {
    on_both("sessions", |Fresh { store, .. }| async move {
        let session = Session { account: "a1".into(), created_at: 10, expires_at: 100 };
        let mut write = store.begin().await.unwrap();
        write.account_add(&account("a1", None)).await.unwrap();
        for token in [[1; 32], [2; 32]] {
            write.session_add(&token, &session).await.unwrap();
        }
        write.commit().await.unwrap();
        assert_eq!(store.session(&[1; 32], 99).await.unwrap(), Some(session.clone()));
        assert_eq!(store.session(&[1; 32], 100).await.unwrap(), None, "expired");
        assert_eq!(store.session(&[3; 32], 50).await.unwrap(), None, "unknown");

        let mut write = store.begin().await.unwrap();
        write.session_end(&[1; 32]).await.unwrap();
        write.commit().await.unwrap();
        assert_eq!(store.session(&[1; 32], 50).await.unwrap(), None);
        assert!(store.session(&[2; 32], 50).await.unwrap().is_some());

        let mut write = store.begin().await.unwrap();
        write.account_set_password("a1", "$argon2id$y", false).await.unwrap();
        write.commit().await.unwrap();
        assert_eq!(store.session(&[2; 32], 50).await.unwrap(), None);

        let mut write = store.begin().await.unwrap();
        write.session_add(&[4; 32], &session).await.unwrap();
        write.account_set_status("a1", 2, AccountStatus::Disabled).await.unwrap();
        write.commit().await.unwrap();
        assert_eq!(store.session(&[4; 32], 50).await.unwrap(), None);
    });
}

/// Writers at once: numbers have no gaps, no repetitions, and the chain holds.
#[test]
fn logs_are_numbered_in_the_order_of_commits() {
    on_both("logs", |Fresh { store, .. }| async move {
        let writers = (0..8).map(|n| {
            let store = store.clone();
            tokio::spawn(async move {
                for i in 0..10 {
                    let mut write = store.begin().await.unwrap();
                    write.change_add(ChangeKind::Need, &format!("{n}-{i}")).await.unwrap();
                    write.audit_add(&entry(n * 10 + i)).await.unwrap();
                    // One in five is undone.
                    if i % 5 != 0 {
                        write.commit().await.unwrap();
                    }
                }
            })
        });
        for writer in writers.collect::<Vec<_>>() {
            writer.await.unwrap();
        }
        let changes = store.changes_after(0, 1000).await.unwrap();
        assert_eq!(changes.iter().map(|c| c.number).collect::<Vec<_>>(), (1..=64).collect::<Vec<_>>());
        assert_eq!(store.change_newest().await.unwrap(), 64);
        assert_eq!(store.changes_after(60, 2).await.unwrap(), changes[60..62]);
        assert_eq!(store.audit_verify().await.unwrap(), Ok(64));
    });
}

/// Whoever has the database in hand can alter it, but not without its showing.
#[test]
fn an_altered_or_missing_audit_entry_is_named() {
    on_both("chain", |Fresh { store, url, .. }| async move {
        let mut write = store.begin().await.unwrap();
        for n in 1..=5 {
            write.audit_add(&entry(n)).await.unwrap();
        }
        write.commit().await.unwrap();
        let mut intruder = sqlx::AnyConnection::connect(&url).await.unwrap();
        let mut tamper = async |sql: &'static str| {
            intruder.execute(sql).await.unwrap();
            store.audit_verify().await.unwrap()
        };
        assert_eq!(tamper("UPDATE audit SET actor = NULL WHERE number = 4").await, Err(ChainBreak { number: 4 }));
        assert_eq!(tamper("UPDATE audit SET actor = 'account-4' WHERE number = 4").await, Ok(5));
        assert_eq!(tamper("UPDATE audit SET action = 'x' WHERE number = 2").await, Err(ChainBreak { number: 2 }));
        assert_eq!(tamper("DELETE FROM audit WHERE number = 1").await, Err(ChainBreak { number: 1 }));
        assert_eq!(tamper("DELETE FROM audit").await, Err(ChainBreak { number: 1 }));
    });
}

#[test]
fn programs_that_start_at_once_make_the_structure_once() {
    on_both("start", |Fresh { url, store, .. }| async move {
        let starts = (0..6).map(|_| {
            let url = url.clone();
            tokio::spawn(async move { Store::open(&url).await.map(drop) })
        });
        for start in starts.collect::<Vec<_>>() {
            start.await.unwrap().unwrap();
        }
        store.ping().await.unwrap();
    });
}

#[test]
fn a_database_of_another_program_is_left_alone() {
    on_both("newer", |Fresh { url, .. }| async move {
        let mut other = sqlx::AnyConnection::connect(&url).await.unwrap();
        other.execute("INSERT INTO structure (number, hash) VALUES (99, 'x')").await.unwrap();
        assert!(matches!(Store::open(&url).await, Err(StoreError::Newer { found: 99, .. })));
        let spoil = "DELETE FROM structure WHERE number = 99; UPDATE structure SET hash = 'y'";
        other.execute(spoil).await.unwrap();
        assert!(matches!(Store::open(&url).await, Err(StoreError::Altered { number: 1 })));
    });
}

#[tokio::test]
async fn a_wrong_address_is_explained() {
    assert!(matches!(Store::open("mysql://x/y").await, Err(StoreError::Url)));
    let missing = Store::open("sqlite:/nowhere/at/all.db?mode=rwc").await.unwrap_err();
    assert!(missing.to_string().contains("连接不上"), "{missing}");
    let secret = Store::open("postgres://u:geheim@127.0.0.1:1/x").await.unwrap_err();
    assert!(!format!("{secret}{secret:?}").contains("geheim"));
}
