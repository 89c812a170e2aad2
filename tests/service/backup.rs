//! Backup and restore lose nothing, and what was interrupted never looks good.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

use sqlx::Connection;

use zhihui::app::admin::backup::{BackupError, backup, restore};
use zhihui::app::live::Idle;
use zhihui::domain::Evidence;
use zhihui::domain::{EvidenceType, Talent, TalentKind};
use zhihui::store::{AuditEntry, Census, Store, TalentRecord};

use crate::databases;

fn talent(number: usize) -> TalentRecord {
    let evidence = Evidence {
        id: format!("e{number}"),
        r#type: EvidenceType::Paper,
        title: format!("示例成果 {number}"),
        r#abstract: Some("热失控".repeat(50)),
        keywords: vec!["电池".into()],
        year: Some(2024),
    };
    let talent = Talent {
        id: format!("t{number:06}"),
        kind: TalentKind::Team,
        name: format!("示例团队 {number}"),
        organization: "示例大学".into(),
        region: None,
        title: None,
        keywords: Vec::new(),
        bio: None,
        fields: Vec::new(),
        members: Vec::new(),
        evidence: vec![evidence],
    };
    TalentRecord::new(talent, 1)
}

/// A talent and what the audit log says of it, together or not at all.
async fn add(store: &Store, number: usize) {
    let mut write = store.begin().await.unwrap();
    write.talent_put(&talent(number)).await.unwrap();
    let entry = AuditEntry {
        at: number as i64,
        actor: None,
        action: "talent.create".into(),
        object: format!("talent:t{number:06}"),
        detail: "{}".into(),
    };
    write.audit_add(&entry).await.unwrap();
    write.commit().await.unwrap();
}

struct Place {
    folder: tempfile::TempDir,
    store: Store,
}

impl Place {
    async fn new(talents: usize) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let store = databases::sqlite(folder.path()).await.store;
        for number in 0..talents {
            add(&store, number).await;
        }
        Self { folder, store }
    }

    fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }
}

fn names(folder: &Path) -> Vec<String> {
    let entries = std::fs::read_dir(folder).unwrap();
    let mut names: Vec<String> = entries.map(|e| e.unwrap().file_name().into_string().unwrap()).collect();
    names.sort();
    names
}

/// All talents and what the census says, of a database file.
async fn contents(file: &Path) -> (Census, Vec<TalentRecord>) {
    let store = Store::open(&format!("sqlite:{}", file.display())).await.unwrap();
    let census = store.census().await.unwrap();
    let records = store.snapshot().await.unwrap().talents_after("", 100_000).await.unwrap();
    store.close().await;
    (census, records)
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_during_writes_is_the_store_at_one_moment_and_restores_to_the_same_rows() {
    let place = Place::new(20).await;
    let stop = Arc::new(AtomicBool::new(false));
    let (writer, stopped) = (place.store.clone(), Arc::clone(&stop));
    let writes = tokio::spawn(async move {
        let mut number = 20;
        while !stopped.load(Ordering::Relaxed) {
            add(&writer, number).await;
            number += 1;
        }
        number
    });
    let mut before = 0;
    for round in 0..5 {
        let file = place.path(&format!("backup-{round}"));
        let census = backup(&place.store, &file).await.unwrap();
        // What a talent and its entry in the log were written with was not torn apart.
        assert_eq!(census.rows["talent"], census.audit, "round {round}");
        assert_eq!(census.rows["talent"], census.rows["evidence"]);
        assert!(census.rows["talent"] >= before && census.rows["talent"] >= 20);
        before = census.rows["talent"];

        let target = tempfile::tempdir().unwrap();
        let database = target.path().join("zhihui.db");
        let restored = restore(&file, target.path(), &database, false).await.unwrap();
        assert_eq!(restored, census);
        let (again, records) = contents(&database).await;
        assert_eq!(again, census);
        let expected: Vec<TalentRecord> =
            (0..before as usize).map(|n| TalentRecord { version: 1, ..talent(n) }).collect();
        assert_eq!(records, expected, "round {round}");
    }
    stop.store(true, Ordering::Relaxed);
    let written = writes.await.unwrap();
    assert_eq!(place.store.census().await.unwrap().rows["talent"], written as i64, "the service went on writing");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_backup_that_ends_early_leaves_no_file_of_its_name() {
    let place = Place::new(3).await;
    // The future is dropped at its first await: as a kill, but for the clean-up of its file.
    drop(tokio::time::timeout(std::time::Duration::ZERO, backup(&place.store, &place.path("early"))).await);
    assert!(!place.path("early").exists());
    // What a kill leaves behind is not taken for a backup and stands in nobody's way.
    std::fs::write(place.path("late.partial"), "half a file").unwrap();
    backup(&place.store, &place.path("late")).await.unwrap();
    assert!(!place.path("late.partial").exists());

    let nowhere = place.path("no/such/folder/file");
    assert!(matches!(backup(&place.store, &nowhere).await, Err(BackupError::File { .. })));
    let taken = backup(&place.store, &place.path("late")).await;
    assert!(matches!(taken, Err(BackupError::Exists(_))), "a backup is never overwritten");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_damaged_is_not_restored() {
    let place = Place::new(40).await;
    let good = place.path("good");
    backup(&place.store, &good).await.unwrap();
    let bytes = std::fs::read(&good).unwrap();
    let mut torn = bytes.clone();
    // A whole page: every page of a fresh copy is in use.
    let page = bytes.len() / 4096 / 2 * 4096;
    torn[page..page + 4096].fill(0xff);
    let forged = place.path("forged");
    std::fs::copy(&good, &forged).unwrap();
    forge(&forged).await;
    let cases = [
        ("cut", bytes[..bytes.len() / 2].to_vec()),
        ("empty", Vec::new()),
        ("torn", torn),
        ("text", b"x".repeat(9999)),
    ];
    for (name, bytes) in cases {
        std::fs::write(place.path(name), bytes).unwrap();
    }
    for name in ["cut", "empty", "torn", "text", "forged", "missing"] {
        let target = tempfile::tempdir().unwrap();
        let database = target.path().join("zhihui.db");
        let refused = restore(&place.path(name), target.path(), &database, false).await;
        assert!(refused.is_err(), "{name}");
        assert_eq!(names(target.path()), ["index"], "{name}: nothing but the lock is there");
    }
}

/// Changes an entry of the audit log behind the service's back.
async fn forge(file: &Path) {
    let mut connection = sqlx::SqliteConnection::connect(&format!("sqlite:{}", file.display())).await.unwrap();
    let update = sqlx::query("UPDATE audit SET action = 'talent.delete' WHERE number = 7");
    assert_eq!(update.execute(&mut connection).await.unwrap().rows_affected(), 1);
    connection.close().await.unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn only_an_empty_folder_that_no_service_uses_takes_a_restore() {
    let place = Place::new(2).await;
    let file = place.path("file");
    backup(&place.store, &file).await.unwrap();
    let other = Place::new(5).await;
    let (folder, database) = (other.folder.path(), other.path("zhihui.db"));
    let refused = restore(&file, folder, &database, false).await;
    assert!(matches!(refused, Err(BackupError::NotEmpty(_))));
    let service = Idle::hold(folder).unwrap();
    let refused = restore(&file, folder, &database, true).await;
    assert!(matches!(refused, Err(BackupError::Running(_))));
    drop(service);
    assert_eq!(contents(&database).await.1.len(), 5, "nothing was changed");

    std::fs::create_dir_all(folder.join("index/7")).unwrap();
    // The store is still open, and so its log lies beside it: both are put aside together.
    restore(&file, folder, &database, true).await.unwrap();
    assert_eq!(contents(&database).await.1.len(), 2);
    assert!(!folder.join("index/7").exists(), "an index of another history");
    other.store.close().await;
    assert_eq!(contents(&other.path("zhihui.db.old1")).await.1.len(), 5, "what was there is kept");
}

#[test]
fn the_census_finds_a_changed_entry_of_the_audit_log_on_both_databases() {
    databases::on_both("census", |fresh| async move {
        for number in 0..10 {
            add(&fresh.store, number).await;
        }
        let census = fresh.store.census().await.unwrap();
        assert!(census.is_current());
        assert_eq!((census.audit, census.rows["talent"], census.rows["audit"]), (10, 10, 10));
        let attached = Store::attach(&fresh.url).await.unwrap();
        assert_eq!(attached.census().await.unwrap(), census);
        attached.close().await;
        let mut connection = sqlx::AnyConnection::connect(&fresh.url).await.unwrap();
        sqlx::query("DELETE FROM audit WHERE number = 4").execute(&mut connection).await.unwrap();
        let damage = fresh.store.census().await.unwrap_err();
        assert!(matches!(damage, zhihui::store::Damage::Audit(4)), "{damage}");
    });
}
