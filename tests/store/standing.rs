//! What organisations declare, and records of research integrity, in the store:
//! 1. what is declared is read as it was, with who declared it; of two at once one is refused;
//! 2. a record stands against its organisation while it is open, and is closed once.

use zhihui::domain::{Day, Declaration};
use zhihui::store::StoreError;
use zhihui::store::board::standing::{IntegrityClosing, IntegrityRecord};

use crate::databases::{Fresh, on_both};
use crate::{account, organisation};

async fn people(store: &zhihui::store::Store) {
    let mut write = store.begin().await.unwrap();
    write.organisation_add(&organisation("o1")).await.unwrap();
    write.organisation_add(&organisation("o2")).await.unwrap();
    write.account_add(&account("a1", Some("o1"))).await.unwrap();
    write.commit().await.unwrap();
}

#[test]
fn what_is_declared_is_kept_once() {
    on_both("standing", |Fresh { store, .. }| async move {
        people(&store).await;
        let before = store.standing("o1").await.unwrap().unwrap();
        assert_eq!((before.version, before.updated_at, before.declaration()), (0, None, Declaration::default()));
        let declared = Declaration {
            group: "示例集团'; --".into(),
            legal_person: "示例·王某".into(),
            qualifications: vec!["CNAS".into(), "\"甲\"级".into()],
        };
        let mut write = store.begin().await.unwrap();
        write.standing_set("o1", 0, &declared, (Some("a1"), 7)).await.unwrap();
        assert_eq!(write.standing("o1").await.unwrap().unwrap().declaration(), declared);
        write.commit().await.unwrap();
        let found = store.standing("o1").await.unwrap().unwrap();
        assert_eq!((found.version, found.updated_at), (1, Some(7)));
        assert_eq!((found.declaration(), found.updated_by_name), (declared.clone(), Some(account("a1", None).name)));

        let late = Declaration { group: "别的集团".into(), ..declared.clone() };
        for was in [0, 2] {
            let mut write = store.begin().await.unwrap();
            assert!(matches!(write.standing_set("o1", was, &late, (None, 8)).await, Err(StoreError::Stale)), "{was}");
        }
        let mut write = store.begin().await.unwrap();
        write.standing_set("o1", 1, &late, (None, 9)).await.unwrap();
        write.commit().await.unwrap();
        let found = store.standing("o1").await.unwrap().unwrap();
        assert_eq!((found.version, found.updated_at, found.updated_by_name.as_deref()), (2, Some(9), None));
        assert_eq!(found.declaration(), late);

        let mut write = store.begin().await.unwrap();
        let nowhere = write.standing_set("nowhere", 0, &late, (None, 9)).await;
        assert!(matches!(nowhere, Err(StoreError::Conflict(_))), "{nowhere:?}");
        drop(write);
        assert_eq!(store.standing("nowhere").await.unwrap(), None);
    });
}

#[test]
fn a_record_stands_against_its_organisation_until_it_is_closed() {
    on_both("integrity", |Fresh { store, .. }| async move {
        people(&store).await;
        let record = |id: &str| IntegrityRecord {
            id: id.into(),
            organisation: "o1".into(),
            what: "示例事由\n第二行".into(),
            found_on: Day::new(2026, 11, 25),
            opened_at: 5,
            opened_by: Some("a1".into()),
            opened_by_name: Some(account("a1", None).name),
            closing: None,
        };
        let stands =
            async |organisation: &str| store.standing(organisation).await.unwrap().unwrap().has_integrity_record;
        let mut write = store.begin().await.unwrap();
        write.integrity_add(&record("r1")).await.unwrap();
        write.integrity_add(&record("r2")).await.unwrap();
        write.commit().await.unwrap();
        assert_eq!(store.integrity_records("o1").await.unwrap(), [record("r2"), record("r1")], "newest first");
        assert_eq!(store.integrity_records("o2").await.unwrap(), []);
        assert!(stands("o1").await && !stands("o2").await);

        let closing = IntegrityClosing {
            at: 9,
            by: Some("a1".into()),
            by_name: Some(account("a1", None).name),
            reason: "示例整改完成".into(),
        };
        for id in ["r1", "r2"] {
            assert!(stands("o1").await);
            let mut write = store.begin().await.unwrap();
            assert_eq!(write.integrity_record("o2", id).await.unwrap(), None);
            assert_eq!(write.integrity_record("o1", id).await.unwrap(), Some(record(id)));
            write.integrity_close(id, &closing).await.unwrap();
            write.commit().await.unwrap();
        }
        assert!(!stands("o1").await);
        let mut write = store.begin().await.unwrap();
        assert!(matches!(write.integrity_close("r1", &closing).await, Err(StoreError::Stale)));
        drop(write);
        let kept = store.integrity_records("o1").await.unwrap();
        assert_eq!(kept[1], IntegrityRecord { closing: Some(closing), ..record("r1") });
        let mut write = store.begin().await.unwrap();
        let nowhere = IntegrityRecord { organisation: "nowhere".into(), ..record("r3") };
        assert!(matches!(write.integrity_add(&nowhere).await, Err(StoreError::Conflict(_))));
    });
}
