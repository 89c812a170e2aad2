//! Talents in the store:
//! 1. what was put is read as it was, hidden evidence and its order included;
//! 2. a change is guarded by the version, and nothing that fails leaves anything behind;
//! 3. shared evidence has one content, and stays as long as somebody has it;
//! 4. the change log names each talent put, and each piece whose content or active owners changed;
//! 5. a snapshot is one moment, with the number of its last change.

use std::collections::BTreeSet;

use zhihui::domain::{Availability, Evidence, EvidenceType, Talent, TalentKind, TalentStatus};
use zhihui::store::{ChangeKind, Owned, Store, StoreError, TalentRecord};

use crate::databases::{Fresh, on_both};

fn piece(id: &str) -> Evidence {
    Evidence {
        id: id.into(),
        r#type: EvidenceType::Patent,
        title: format!("{id} 电池热失控 🙂 '); DROP TABLE evidence; --"),
        r#abstract: id.ends_with('1').then(|| "摘要\n第二行".into()),
        keywords: vec!["热失控".into(), "“引号”；\\".into()],
        year: id.ends_with('2').then_some(2024),
    }
}

fn talent(id: &str, pieces: &[&str]) -> TalentRecord {
    let talent = Talent {
        id: id.into(),
        kind: TalentKind::Team,
        name: format!("示例团队 {id}"),
        organization: "重庆示例大学".into(),
        region: Some("重庆市渝北区".into()),
        title: None,
        keywords: vec!["动力电池".into()],
        bio: Some("示例".into()),
        fields: vec!["nev".into()],
        members: vec!["示例甲".into(), "示例乙".into()],
        evidence: pieces.iter().map(|id| piece(id)).collect(),
    };
    TalentRecord::new(talent, 1_000)
}

async fn put(store: &Store, record: &TalentRecord) -> Result<i64, StoreError> {
    let mut write = store.begin().await?;
    let version = write.talent_put(record).await?;
    write.commit().await?;
    Ok(version)
}

/// What the change log has been told since it was last asked, each thing once.
async fn told(store: &Store, position: &mut i64) -> BTreeSet<(&'static str, String)> {
    let changes = store.changes_after(*position, 1_000_000).await.unwrap();
    *position = changes.last().map_or(*position, |c| c.number);
    let kind = |kind| match kind {
        ChangeKind::Talent => "talent",
        ChangeKind::Evidence => "evidence",
        ChangeKind::Need => "need",
    };
    changes.into_iter().map(|c| (kind(c.kind), c.id)).collect()
}

fn names(talents: &[&str], evidence: &[&str]) -> BTreeSet<(&'static str, String)> {
    let talents = talents.iter().map(|id| ("talent", (*id).to_owned()));
    talents.chain(evidence.iter().map(|id| ("evidence", (*id).to_owned()))).collect()
}

async fn owners(store: &Store, id: &str) -> Option<Vec<String>> {
    store.evidence(&[id]).await.unwrap().pop().map(|piece| piece.talents)
}

#[test]
fn what_is_put_is_read() {
    on_both("talent_read", |Fresh { store, .. }| async move {
        let mut record = TalentRecord {
            hidden: BTreeSet::from(["e1".into()]),
            contact: Some("示例电话".into()),
            availability: Availability::Limited,
            capacity: Some(3),
            consent_at: Some(900),
            ..talent("t1", &["e3", "e1", "e2"])
        };
        record.version = put(&store, &record).await.unwrap();
        assert_eq!(store.talent("t1").await.unwrap().as_ref(), Some(&record));
        let shown: Vec<String> = record.clone().shown().unwrap().evidence.into_iter().map(|e| e.id).collect();
        assert_eq!(shown, ["e3", "e2"]);
        assert_eq!(
            store.evidence(&["e2", "nothing"]).await.unwrap(),
            [Owned { evidence: piece("e2"), talents: vec!["t1".into()] }]
        );
        assert_eq!(owners(&store, "e1").await, Some(vec![]), "hidden");

        let mut plain = talent("t0", &[]);
        plain.version = put(&store, &plain).await.unwrap();
        assert_eq!(store.talents(&["t1", "t0", "t9", "t1"]).await.unwrap(), [plain.clone(), record.clone()]);
        let profiles = store.talent_profiles(&["t1"]).await.unwrap();
        assert_eq!(profiles[0].talent, Talent { evidence: vec![], ..record.talent.clone() });
        assert_eq!(store.talent_count().await.unwrap(), 2);

        record.status = TalentStatus::Merged { into: "t0".into() };
        record.version = put(&store, &record).await.unwrap();
        assert_eq!(store.talent("t1").await.unwrap().as_ref(), Some(&record));
        assert_eq!(record.shown(), None);
        assert_eq!(owners(&store, "e2").await, Some(vec![]), "merged");
    });
}

#[test]
fn a_version_guards_a_profile() {
    on_both("talent_version", |Fresh { store, .. }| async move {
        let first = talent("t1", &["e1"]);
        assert_eq!(put(&store, &first).await.unwrap(), 1);
        assert!(matches!(put(&store, &first).await, Err(StoreError::Conflict(_))), "made twice");
        let second = TalentRecord { version: 1, ..first.clone() };
        assert_eq!(put(&store, &second).await.unwrap(), 2);
        assert!(matches!(put(&store, &second).await, Err(StoreError::Stale)));
        let unknown = TalentRecord { account: Some("nobody".into()), ..talent("t2", &[]) };
        assert!(matches!(put(&store, &unknown).await, Err(StoreError::Conflict(_))), "account");
        let lost = TalentRecord { status: TalentStatus::Merged { into: "nobody".into() }, ..talent("t2", &[]) };
        assert!(matches!(put(&store, &lost).await, Err(StoreError::Conflict(_))), "merged into");
        let mut write = store.begin().await.unwrap();
        let twice = write.talents_put(&[talent("t3", &[]), talent("t3", &[])]).await;
        assert!(matches!(twice, Err(StoreError::Conflict(_))), "twice");
        drop(write);

        let mut write = store.begin().await.unwrap();
        write.talent_delete("t1").await.unwrap();
        write.commit().await.unwrap();
        let third = TalentRecord { version: 2, ..first };
        assert!(matches!(put(&store, &third).await, Err(StoreError::Stale)), "a deleted one does not come back");
        assert_eq!(store.talent_count().await.unwrap(), 0);
    });
}

#[test]
fn shared_evidence_has_one_content() {
    on_both("talent_shared", |Fresh { store, .. }| async move {
        put(&store, &talent("t1", &["e1", "e2"])).await.unwrap();
        put(&store, &talent("t2", &["e2"])).await.unwrap();
        assert_eq!(owners(&store, "e2").await, Some(vec!["t1".into(), "t2".into()]));
        let mut other = talent("t3", &["e4", "e2"]);
        other.talent.evidence[1].year = Some(1999);
        let differs = |result: Result<i64, StoreError>| match result {
            Err(StoreError::EvidenceDiffers { id }) => id,
            other => panic!("{other:?}"),
        };
        assert_eq!(differs(put(&store, &other).await), "e2");
        assert_eq!(store.evidence(&["e4"]).await.unwrap(), [], "nothing is left of what failed");
        let mut own = TalentRecord { version: 1, ..talent("t1", &["e1", "e2"]) };
        own.talent.evidence[0].title = "另一个题目".into();
        assert_eq!(differs(put(&store, &own).await), "e1", "also where the list stays as it was");
        let mut write = store.begin().await.unwrap();
        let (mut a, b) = (talent("t4", &["e5"]), talent("t5", &["e5"]));
        a.talent.evidence[0].keywords.clear();
        let both = write.talents_put(&[a, b]).await;
        assert!(matches!(both, Err(StoreError::EvidenceDiffers { id }) if id == "e5"));
        drop(write);

        let mut write = store.begin().await.unwrap();
        write.evidence_put(&[Evidence { year: Some(1999), ..piece("e2") }]).await.unwrap();
        write.commit().await.unwrap();
        for id in ["t1", "t2"] {
            let evidence = store.talent(id).await.unwrap().unwrap().talent.evidence;
            assert_eq!(evidence.last().unwrap().year, Some(1999));
        }
        // The last who has it takes it along.
        let mut write = store.begin().await.unwrap();
        write.talent_delete("t2").await.unwrap();
        write.talent_put(&TalentRecord { version: 1, ..talent("t1", &["e1"]) }).await.unwrap();
        write.commit().await.unwrap();
        assert_eq!(store.evidence(&["e2"]).await.unwrap(), []);
        assert_eq!(owners(&store, "e1").await, Some(vec!["t1".into()]));
    });
}

#[test]
fn the_change_log_names_what_the_index_must_see_again() {
    on_both("talent_changes", |Fresh { store, .. }| async move {
        let mut at = 0;
        put(&store, &talent("t1", &["e1", "e2"])).await.unwrap();
        assert_eq!(told(&store, &mut at).await, names(&["t1"], &["e1", "e2"]));
        put(&store, &talent("t2", &["e2", "e3"])).await.unwrap();
        assert_eq!(told(&store, &mut at).await, names(&["t2"], &["e2", "e3"]));
        let mut record = store.talent("t2").await.unwrap().unwrap();
        record.talent.bio = None;
        record.version = put(&store, &record).await.unwrap();
        assert_eq!(told(&store, &mut at).await, names(&["t2"], &[]));
        record.hidden.insert("e2".into());
        record.version = put(&store, &record).await.unwrap();
        assert_eq!(told(&store, &mut at).await, names(&["t2"], &["e2"]));
        record.talent.evidence.remove(0);
        record.hidden.clear();
        record.version = put(&store, &record).await.unwrap();
        assert_eq!(told(&store, &mut at).await, names(&["t2"], &[]), "was not shown");
        record.status = TalentStatus::Hidden;
        record.version = put(&store, &record).await.unwrap();
        assert_eq!(told(&store, &mut at).await, names(&["t2"], &["e3"]));
        record.talent.evidence.push(piece("e4"));
        record.version = put(&store, &record).await.unwrap();
        assert_eq!(told(&store, &mut at).await, names(&["t2"], &[]), "hidden before and after");
        record.status = TalentStatus::Merged { into: "t1".into() };
        record.version = put(&store, &record).await.unwrap();
        let mut write = store.begin().await.unwrap();
        write.evidence_put(&[Evidence { year: None, ..piece("e2") }]).await.unwrap();
        write.talent_delete("t1").await.unwrap();
        write.commit().await.unwrap();
        assert_eq!(told(&store, &mut at).await, names(&["t1", "t2"], &["e1", "e2"]), "and who was merged into it");
        assert_eq!(store.talent_count().await.unwrap(), 0);
        assert_eq!(store.evidence(&["e1", "e2", "e3", "e4"]).await.unwrap(), []);
    });
}

/// Thousands of rows go in many statements, each within the bounds of the database.
#[test]
fn many_are_put_and_read_in_pages() {
    on_both("talent_bulk", |Fresh { store, .. }| async move {
        let id = |n: usize| format!("t{n:05}");
        let own = |n: usize| [format!("e{n}"), format!("e{}", n / 2), format!("shared{}", n % 7)];
        let record = |n: usize| {
            let own: BTreeSet<String> = own(n).into();
            talent(&id(n), &own.iter().map(String::as_str).collect::<Vec<_>>())
        };
        let records: Vec<TalentRecord> = (0..3_000).map(record).collect();
        let mut write = store.begin().await.unwrap();
        write.talents_put(&records).await.unwrap();
        write.commit().await.unwrap();
        let mut at = 0;
        assert_eq!(told(&store, &mut at).await.len(), 3_000 + 3_000 + 7);
        assert_eq!(at, store.change_newest().await.unwrap());

        let mut snapshot = store.snapshot().await.unwrap();
        assert_eq!(snapshot.newest(), at);
        put(&store, &talent("zz", &["e9999"])).await.unwrap();
        let mut write = store.begin().await.unwrap();
        write.talent_delete(&id(5)).await.unwrap();
        write.commit().await.unwrap();
        let mut read = snapshot.talents_after("", 1_300).await.unwrap();
        loop {
            let last = read.last().unwrap().talent.id.clone();
            let page = snapshot.talents_after(&last, 1_300).await.unwrap();
            if page.is_empty() {
                break;
            }
            read.extend(page);
        }
        let expected: Vec<_> = records.into_iter().map(|r| TalentRecord { version: 1, ..r }).collect();
        assert!(read == expected, "the snapshot is of one moment");
        drop(snapshot);
        let ids: Vec<String> = (0..3_000).map(id).collect();
        let ids: Vec<&str> = ids.iter().map(String::as_str).collect();
        assert_eq!(store.talents(&ids).await.unwrap().len(), 2_999);
        let shared = store.evidence(&["shared5", "e5"]).await.unwrap();
        assert_eq!((shared[1].talents.len(), &shared[0].talents[..]), (427, &[id(10), id(11)][..]));
    });
}
