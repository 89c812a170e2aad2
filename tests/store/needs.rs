//! Needs in the store:
//! 1. what was put is read as it was, and so is every version of it;
//! 2. a change is guarded by version and status, and tells the index;
//! 3. lists are by enterprise, region and status, newest first, page by page without gaps;
//! 4. attachments are kept byte by byte, once, and go with their need's status.

use sqlx::{Connection, Executor};
use zhihui::domain::{Need, NeedMode, NeedStatus, Target};
use zhihui::store::{Attachment, ChangeKind, NeedHead, NeedRecord, Saving, Store, StoreError};

use crate::databases::{Fresh, on_both};
use crate::{account, organisation};

pub fn record(id: &str, organisation: &str) -> NeedRecord {
    let target = Target { name: "循环寿命".into(), value: "≥3000".into(), unit: Some("次".into()) };
    let need = Need {
        id: id.into(),
        organization: Some(format!("示例企业 {organisation}")),
        title: Some(format!("{id} 热失控 🙂 '); DROP TABLE need; --")),
        problem: "电芯\n<script>alert(1)</script>".into(),
        mode: Some(NeedMode::Collaborative),
        targets: vec![target],
        total_investment: Some(3_600_000),
        field: Some("A1".into()),
        ..Need::default()
    };
    NeedRecord {
        need,
        organisation: organisation.into(),
        organisation_name: format!("示例企业 {organisation}"),
        organisation_region: Some("重庆市渝北区".into()),
        created_by: "a1".into(),
        status: NeedStatus::Draft,
        reason: None,
        created_at: 10,
        updated_at: 10,
        submitted_at: None,
        published_at: None,
        version: 1,
    }
}

/// Two enterprises with an account.
async fn people(store: &Store) {
    let mut write = store.begin().await.unwrap();
    for id in ["o1", "o2"] {
        write.organisation_add(&organisation(id)).await.unwrap();
    }
    write.account_add(&account("a1", Some("o1"))).await.unwrap();
    write.commit().await.unwrap();
}

async fn add(store: &Store, record: &NeedRecord) {
    let mut write = store.begin().await.unwrap();
    write.need_add(record, Saving::PLAIN).await.unwrap();
    write.commit().await.unwrap();
}

async fn save(store: &Store, record: &NeedRecord, was: NeedStatus) -> Result<i64, StoreError> {
    let mut write = store.begin().await?;
    let version = write.need_save(record, was, "a1", Saving::PLAIN).await?;
    write.commit().await?;
    Ok(version)
}

fn ids(heads: &[NeedHead]) -> Vec<&str> {
    heads.iter().map(|head| head.id.as_str()).collect()
}

#[test]
fn every_version_is_kept_and_changes_are_guarded() {
    on_both("need_versions", |Fresh { store, .. }| async move {
        people(&store).await;
        let first = record("n1", "o1");
        add(&store, &first).await;
        assert_eq!(store.need("n1").await.unwrap(), Some(first.clone()));
        assert_eq!(store.need("n2").await.unwrap(), None);

        let mut second = NeedRecord { updated_at: 20, ..first.clone() };
        second.need.title = None;
        assert_eq!(save(&store, &second, NeedStatus::Draft).await.unwrap(), 2);
        let third = NeedRecord {
            status: NeedStatus::Submitted,
            submitted_at: Some(30),
            updated_at: 30,
            reason: Some("原因".into()),
            version: 2,
            ..second.clone()
        };
        for (stale, was) in [
            (NeedRecord { version: 1, ..third.clone() }, NeedStatus::Draft),
            (third.clone(), NeedStatus::Submitted),
            (NeedRecord { need: Need { id: "n2".into(), ..first.need.clone() }, ..third.clone() }, NeedStatus::Draft),
        ] {
            assert!(matches!(save(&store, &stale, was).await, Err(StoreError::Stale)));
        }
        assert_eq!(save(&store, &third, NeedStatus::Draft).await.unwrap(), 3);
        assert_eq!(store.need("n1").await.unwrap(), Some(NeedRecord { version: 3, ..third.clone() }));

        let versions = store.need_versions("n1", i64::MAX, 10).await.unwrap();
        let told: Vec<_> = versions.iter().map(|v| (v.version, v.status, v.at)).collect();
        let expected = [(3, NeedStatus::Submitted, 30), (2, NeedStatus::Draft, 20), (1, NeedStatus::Draft, 10)];
        assert_eq!(told, expected);
        assert_eq!(store.need_versions("n1", 3, 1).await.unwrap(), versions[1..2]);
        let (kept, need) = store.need_version("n1", 1).await.unwrap().unwrap();
        assert_eq!((kept, need), (versions[2].clone(), first.need.clone()));
        assert_eq!(store.need_version("n1", 4).await.unwrap(), None);

        let changes = store.changes_after(0, 100).await.unwrap();
        let told: Vec<_> = changes.iter().map(|c| (c.kind, c.id.as_str())).collect();
        assert_eq!(told, [(ChangeKind::Need, "n1"); 3], "one a version, and none of what failed");
        assert_eq!(store.needs_for_index(&["n1"]).await.unwrap()[0].version, 3);
    });
}

#[test]
fn what_an_open_form_saved_is_known_also_after_somebody_asked() {
    on_both("need_sitting", |Fresh { store, .. }| async move {
        people(&store).await;
        let (auto, asked) = (Saving::Auto { sitting: "s1" }, Saving::Asked { sitting: "s1" });
        let first = record("n1", "o1");
        let mut write = store.begin().await.unwrap();
        write.need_add(&first, auto).await.unwrap();
        write.commit().await.unwrap();
        let twice = store.begin().await.unwrap().need_add(&record("n2", "o1"), asked).await;
        assert!(matches!(twice, Err(StoreError::Conflict(_))), "{twice:?}");
        let save = async |version, saving| {
            let mut write = store.begin().await.unwrap();
            let changed = NeedRecord { version, ..first.clone() };
            write.need_save(&changed, NeedStatus::Draft, "a1", saving).await.unwrap();
            write.commit().await.unwrap();
            let kept = store.need_of_sitting("s1").await.unwrap().unwrap();
            assert_eq!(kept.need, "n1");
            let versions = store.need_versions("n1", i64::MAX, 10).await.unwrap();
            (kept.version, kept.asked, versions.iter().map(|v| v.version).collect::<Vec<_>>())
        };
        assert_eq!(store.need_of_sitting("s2").await.unwrap(), None);
        assert_eq!(save(1, auto).await, (2, 0, vec![2]));
        assert_eq!(save(2, asked).await, (3, 3, vec![3]));
        assert_eq!(save(3, auto).await, (4, 3, vec![4, 3]), "what was asked for gives way to nothing");
        assert_eq!(save(4, auto).await, (5, 3, vec![5, 3]));
        // To ask for what is saved already makes no version, and is known.
        let mut write = store.begin().await.unwrap();
        write.need_sitting("n1", 5, asked).await.unwrap();
        write.commit().await.unwrap();
        assert_eq!(save(5, auto).await, (6, 5, vec![6, 5, 3]));
    });
}

#[test]
fn lists_are_by_enterprise_region_and_status_newest_first() {
    on_both("need_lists", |Fresh { store, url }| async move {
        people(&store).await;
        let mut other = sqlx::AnyConnection::connect(&url).await.unwrap();
        other.execute("UPDATE organisation SET region = '重庆市江北区' WHERE id = 'o2'").await.unwrap();
        for (id, organisation, status) in [
            ("n1", "o1", NeedStatus::Draft),
            ("n2", "o1", NeedStatus::Published),
            ("n3", "o2", NeedStatus::Submitted),
            ("n4", "o1", NeedStatus::Challenge),
            ("n5", "o2", NeedStatus::Withdrawn),
        ] {
            let submitted_at = (status != NeedStatus::Draft).then_some(5);
            add(&store, &NeedRecord { status, submitted_at, ..record(id, organisation) }).await;
        }
        let own = |status, before, limit| store.needs_of("o1", status, before, limit);
        assert_eq!(ids(&own(None, "", 10).await.unwrap()), ["n4", "n2", "n1"]);
        assert_eq!(ids(&own(None, "n4", 1).await.unwrap()), ["n2"]);
        assert_eq!(ids(&own(Some(NeedStatus::Draft), "", 10).await.unwrap()), ["n1"]);
        assert_eq!(ids(&own(None, "n1", 10).await.unwrap()), [""; 0]);
        for (region, status, expected) in [
            ("", None, &["n5", "n4", "n3", "n2"][..]),
            ("重庆市", None, &["n5", "n4", "n3", "n2"]),
            ("重庆市江北区", None, &["n5", "n3"]),
            ("重庆市渝北区", Some(NeedStatus::Published), &["n2"]),
            ("重庆市渝北", Some(NeedStatus::Draft), &[]),
            ("江北区", None, &[]),
            ("%", None, &[]),
        ] {
            let found = store.needs_submitted(region, status, "", 10).await.unwrap();
            assert_eq!(ids(&found), expected, "{region} {status:?}");
        }
        assert_eq!(ids(&store.needs_public(None, "", 10).await.unwrap()), ["n4", "n2"]);
        assert_eq!(ids(&store.needs_public(Some(NeedMode::Collaborative), "n4", 10).await.unwrap()), ["n2"]);
        assert_eq!(ids(&store.needs_public(Some(NeedMode::SelfReliant), "", 10).await.unwrap()), [""; 0]);
        let head = &store.needs_public(None, "", 1).await.unwrap()[0];
        assert_eq!(head.organisation_name, "示例企业 o1");
        assert_eq!((head.mode, head.field.as_deref()), (Some(NeedMode::Collaborative), Some("A1")));
    });
}

/// The statuses in the SQL of public lists are those of the domain.
#[test]
fn public_lists_show_what_the_domain_calls_public() {
    on_both("need_public", |Fresh { store, .. }| async move {
        people(&store).await;
        for status in NeedStatus::ALL {
            add(&store, &NeedRecord { status, ..record(status.code(), "o1") }).await;
        }
        let found = store.needs_public(None, "", 10).await.unwrap();
        let mut expected: Vec<_> =
            NeedStatus::ALL.into_iter().filter(|s| s.is_public()).map(NeedStatus::code).collect();
        expected.sort_unstable_by(|a, b| b.cmp(a));
        assert_eq!(ids(&found), expected);
    });
}

#[test]
fn attachments_are_kept_byte_by_byte_and_once() {
    on_both("attachments", |Fresh { store, .. }| async move {
        people(&store).await;
        add(&store, &record("n1", "o1")).await;
        let content: Vec<u8> = (0..=255).cycle().take(100_000).collect();
        let file = |id: &str, sha| Attachment {
            challenge: None,
            question: None,
            id: id.into(),
            need: "n1".into(),
            name: "方案 🙂.pdf".into(),
            media_type: "application/pdf".into(),
            size: 100_000,
            sha256: [sha; 32],
            by_account: "a1".into(),
            at: 7,
        };
        let mut write = store.begin().await.unwrap();
        write.need_hold("n1", NeedStatus::Draft).await.unwrap();
        write.attachment_add(&file("f1", 1), content.clone()).await.unwrap();
        write.attachment_add(&file("f2", 2), vec![0]).await.unwrap();
        assert_eq!(write.attachments_count("n1", None).await.unwrap(), 2);
        write.commit().await.unwrap();
        assert_eq!(store.attachments_of("n1").await.unwrap(), [file("f1", 1), file("f2", 2)]);
        assert_eq!(store.attachment("n1", "f1").await.unwrap(), Some(file("f1", 1)));
        assert_eq!(store.attachment("n2", "f1").await.unwrap(), None, "of another need");
        assert!(store.attachment_content("f1").await.unwrap() == Some(content));

        let mut write = store.begin().await.unwrap();
        let twice = write.attachment_add(&file("f3", 1), vec![1]).await;
        assert!(matches!(twice, Err(StoreError::Conflict(_))));
        drop(write);
        let mut write = store.begin().await.unwrap();
        assert!(matches!(write.need_hold("n1", NeedStatus::Submitted).await, Err(StoreError::Stale)));
        assert!(matches!(write.attachment_delete("n2", "f1").await, Err(StoreError::Stale)));
        write.attachment_delete("n1", "f1").await.unwrap();
        write.commit().await.unwrap();
        assert_eq!(store.attachments_of("n1").await.unwrap(), [file("f2", 2)]);
        assert_eq!(store.attachment_content("f1").await.unwrap(), None);
    });
}
