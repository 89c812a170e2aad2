//! Lists, claims, merges and imports in the store:
//! 1. lists go on after an id, by status and by the beginning of a name;
//! 2. pairs to look at are those of one name or of one team, each once, without those kept apart;
//! 3. an account has one pending claim, a claim is decided once;
//! 4. a profile is dropped once at a time;
//! 5. an import is written once, and its rows are gone then.

use zhihui::domain::text::folded;
use zhihui::domain::{AccountStatus, Role, Talent, TalentKind, TalentStatus};
use zhihui::store::{
    Account, Claim, ClaimStatus, Import, ImportStatus, Merge, MergeStatus, Store, StoreError, TalentFilter,
    TalentRecord, Write,
};

use crate::databases::{Fresh, on_both};

fn talent(id: &str, name: &str, members: &[&str]) -> TalentRecord {
    let kind = if members.is_empty() { TalentKind::Researcher } else { TalentKind::Team };
    let blank = Talent::blank(id.into(), kind);
    let members = members.iter().map(|m| (*m).to_owned()).collect();
    TalentRecord::new(Talent { name: name.into(), organization: "示例大学".into(), members, ..blank }, 1)
}

/// One transaction.
async fn write<T>(store: &Store, work: impl AsyncFnOnce(&mut Write) -> Result<T, StoreError>) -> Result<T, StoreError> {
    let mut write = store.begin().await?;
    let done = work(&mut write).await?;
    write.commit().await?;
    Ok(done)
}

async fn people(store: &Store) {
    let records = [
        talent("t1", "示例·张某", &[]),
        talent("t2", "示例张某", &[]),
        talent("t3", "示例 张某", &[]),
        talent("t4", "李某", &[]),
        talent("g1", "示例团队一", &["甲某", "乙某"]),
        talent("g2", "示例团队二", &["乙某", "甲 某"]),
        talent("g3", "示例团队三", &["甲某", "丙某"]),
    ];
    write(store, async |w| w.talents_put(&records).await).await.unwrap();
}

#[test]
fn lists_and_pairs() {
    on_both("curation_lists", |Fresh { store, .. }| async move {
        people(&store).await;
        let list = async |status: &str, name: &str, after: &str| {
            let filter = TalentFilter { status: status.into(), name: folded(name), ..TalentFilter::default() };
            let found = store.talents_listed(&filter, after, 3).await.unwrap();
            found.into_iter().map(|r| r.talent.id).collect::<Vec<_>>()
        };
        assert_eq!(list("", "", "").await, ["g1", "g2", "g3"]);
        assert_eq!(list("", "", "g3").await, ["t1", "t2", "t3"]);
        assert_eq!(list("", "示例 张", "").await, ["t1", "t2", "t3"]);
        assert_eq!(list("", "李%", "").await, ["t4"], "no wildcards");
        assert_eq!(list("hidden", "", "").await, Vec::<String>::new());

        let pairs = async |a: &str, b: &str, limit: i64| {
            let found = store.duplicate_pairs((a, b), limit).await.unwrap();
            found.into_iter().map(|(a, b)| format!("{a} {b}")).collect::<Vec<_>>()
        };
        assert_eq!(pairs("", "", 9).await, ["g1 g2", "t1 t2", "t1 t3", "t2 t3"]);
        assert_eq!(pairs("g1", "g2", 2).await, ["t1 t2", "t1 t3"]);
        assert_eq!(pairs("t1", "t2", 9).await, ["t1 t3", "t2 t3"]);
        let merge = Merge {
            id: "m1".into(),
            kept: "t1".into(),
            dropped: "t3".into(),
            status: MergeStatus::Apart,
            was_hidden: false,
            gained: vec!["e1".into()],
            by: "operator".into(),
            at: 5,
        };
        write(&store, async |w| w.merge_add(&merge).await).await.unwrap();
        assert_eq!(pairs("t1", "", 9).await, ["t1 t2", "t2 t3"]);
        let again = Merge { id: "m2".into(), ..merge.clone() };
        let again = write(&store, async |w| w.merge_add(&again).await).await;
        assert!(matches!(again, Err(StoreError::Conflict(_))));
        let undone = Merge { status: MergeStatus::Undone, gained: vec![], ..merge.clone() };
        write(&store, async |w| w.merge_set(&undone).await).await.unwrap();
        assert_eq!(store.merge("m1").await.unwrap(), Some(undone.clone()));
        let twice = write(&store, async |w| w.merge_set(&undone).await).await;
        assert!(matches!(twice, Err(StoreError::Stale)));

        let merged = Merge { id: "m3".into(), status: MergeStatus::Merged, was_hidden: true, ..merge };
        write(&store, async |w| {
            let mut dropped = w.talent_locked("t3").await?.unwrap();
            dropped.status = TalentStatus::Merged { into: "t1".into() };
            w.talent_put(&dropped).await?;
            w.merge_add(&merged).await?;
            assert_eq!(w.merges_into("t1").await?, std::slice::from_ref(&merged));
            Ok(())
        })
        .await
        .unwrap();
        let again = Merge { id: "m4".into(), kept: "t2".into(), ..merged.clone() };
        let again = write(&store, async |w| w.merge_add(&again).await).await;
        assert!(matches!(again, Err(StoreError::Conflict(_))), "dropped once at a time");
        assert_eq!(pairs("t1", "", 9).await, ["t1 t2"], "merged ones are left out");
        let listed = store.merges(Some(MergeStatus::Merged), "", 9).await.unwrap();
        assert_eq!(listed, [merged]);
        assert_eq!(store.merges(None, "m3", 9).await.unwrap().len(), 1);
    });
}

#[test]
fn claims_and_who_has_what() {
    on_both("curation_claims", |Fresh { store, .. }| async move {
        people(&store).await;
        let account = |id: &str| Account {
            id: id.into(),
            organisation: None,
            login: id.into(),
            name: "示例".into(),
            role: Role::Talent,
            password_hash: String::new(),
            password_is_temporary: false,
            status: AccountStatus::Active,
            created_at: 1,
            version: 1,
        };
        write(&store, async |w| {
            w.account_add(&account("a1")).await?;
            w.account_add(&account("a2")).await
        })
        .await
        .unwrap();
        let claim = |id: &str, account: &str, talent: &str| Claim {
            id: id.into(),
            talent: talent.into(),
            account: account.into(),
            statement: "是我".into(),
            status: ClaimStatus::Pending,
            created_at: 7,
            decided_at: None,
            decided_by: None,
            version: 1,
        };
        let add = async |new: Claim| write(&store, async |w| w.claim_add(&new).await).await;
        add(claim("c1", "a1", "t1")).await.unwrap();
        assert!(matches!(add(claim("c2", "a1", "t2")).await, Err(StoreError::Conflict(_))), "one at a time");
        assert!(matches!(add(claim("c2", "a2", "nobody")).await, Err(StoreError::Conflict(_))));
        add(claim("c3", "a2", "t1")).await.unwrap();
        write(&store, async |w| {
            w.claim_decide("c1", ClaimStatus::Approved, "op", 9).await?;
            let mut record = w.talent_locked("t1").await?.unwrap();
            record.account = Some("a1".into());
            w.talent_put(&record).await?;
            let refused = w.claims_refuse("t1", "op", 9).await?;
            assert_eq!(refused, [("c3".to_owned(), "a2".to_owned())], "who is to be told");
            Ok(())
        })
        .await
        .unwrap();
        let again = write(&store, async |w| w.claim_decide("c1", ClaimStatus::Refused, "op", 9).await).await;
        assert!(matches!(again, Err(StoreError::Stale)));
        assert_eq!(store.claim("c3").await.unwrap().unwrap().status, ClaimStatus::Refused);
        assert_eq!(store.claims(Some(ClaimStatus::Approved), None, "", 9).await.unwrap().len(), 1);
        assert_eq!(store.claims(None, Some("a2"), "", 9).await.unwrap()[0].id, "c3");
        assert_eq!(store.talent_of_account("a1").await.unwrap().as_deref(), Some("t1"));
        let second = write(&store, async |w| {
            let mut record = w.talent_locked("t2").await?.unwrap();
            record.account = Some("a1".into());
            w.talent_put(&record).await
        });
        assert!(matches!(second.await, Err(StoreError::Conflict(_))), "one profile an account");

        let piece = serde_json::json!({ "id": "e1", "type": "paper", "title": "示例论文" });
        write(&store, async |w| {
            let mut records = w.talents_locked(&["t1", "t4"]).await?;
            records.iter_mut().for_each(|r| r.talent.evidence = vec![serde_json::from_value(piece.clone()).unwrap()]);
            records[0].hidden.insert("e1".into());
            w.talents_put(&records).await
        })
        .await
        .unwrap();
        let held = store.evidence_held(&["e1", "none"]).await.unwrap();
        assert_eq!((&held[0].talents[..], &held[0].claimed[..]), (&["t1".into(), "t4".into()][..], &["t1".into()][..]));
        assert!(held[0].is_shared("t1"));
    });
}

#[test]
fn an_import_is_written_once() {
    on_both("curation_imports", |Fresh { store, .. }| async move {
        let import = |id: &str, at: i64| Import {
            id: id.into(),
            kind: "talents".into(),
            file_name: "示例.xlsx".into(),
            status: ImportStatus::Previewed,
            by: None,
            created_at: at,
            done_at: None,
            report: "{}".into(),
            digest: vec![0, 255, 7],
        };
        write(&store, async |w| {
            w.import_add(&import("i1", 10), Some(vec![0, 1, 2])).await?;
            w.import_add(&import("i2", 20), Some(vec![3])).await?;
            w.import_add(&import("i3", 30), None).await
        })
        .await
        .unwrap();
        assert_eq!(store.import("i1").await.unwrap(), Some(import("i1", 10)));
        assert_eq!(store.import_rows("i1").await.unwrap(), Some(vec![0, 1, 2]));
        assert_eq!(store.import_rows("i3").await.unwrap(), None);
        write(&store, async |w| w.import_done("i1", 40).await).await.unwrap();
        assert_eq!(store.import_rows("i1").await.unwrap(), None);
        let again = write(&store, async |w| w.import_done("i1", 41).await).await;
        assert!(matches!(again, Err(StoreError::Stale)));
        write(&store, async |w| w.imports_expire(25).await).await.unwrap();
        let expired = write(&store, async |w| w.import_done("i2", 42).await).await;
        assert!(matches!(expired, Err(StoreError::Stale)), "its rows are gone");
        let ids: Vec<String> = store.imports("", 2).await.unwrap().into_iter().map(|i| i.id).collect();
        assert_eq!(ids, ["i3", "i2"]);
    });
}
