//! Ten thousand talents with fifty thousand pieces of evidence: into the store, and found in the
//! index. Prints seconds; SQLite in a temporary folder, and PostgreSQL where
//! ZHIHUI_TEST_POSTGRES says (tests/run starts such a cluster).

#[path = "corpus/mod.rs"]
mod corpus;

use std::time::{Duration, Instant};

use sqlx::{Connection, Executor};
use zhihui::app::data;
use zhihui::app::live::Live;
use zhihui::store::{Store, TalentRecord};

const TALENTS: usize = 10_000;
const LONGEST: Duration = Duration::from_secs(300);

#[tokio::main]
async fn main() {
    let talents = corpus::talents(5 * TALENTS);
    let pieces: usize = talents.iter().map(|t| t.evidence.len()).sum();
    println!("{} talents, {pieces} pieces of evidence", talents.len());
    let records: Vec<_> = talents.into_iter().map(|t| TalentRecord::new(t, 0)).collect();
    let folder = tempfile::tempdir().expect("a temporary folder");
    let sqlite = format!("sqlite:{}?mode=rwc", folder.path().join("zhihui.db").display());
    import("SQLite", &sqlite, &records).await;
    match std::env::var("ZHIHUI_TEST_POSTGRES") {
        Ok(server) => {
            let mut admin = sqlx::PgConnection::connect(&format!("{server}/postgres")).await.expect("a server");
            admin.execute("DROP DATABASE IF EXISTS bench_import").await.expect("dropped");
            admin.execute("CREATE DATABASE bench_import TEMPLATE template0").await.expect("made");
            import("PostgreSQL", &format!("{server}/bench_import"), &records).await;
            admin.execute("DROP DATABASE bench_import WITH (FORCE)").await.expect("dropped");
        }
        Err(_) => println!("PostgreSQL not measured: ZHIHUI_TEST_POSTGRES is not set"),
    }
}

async fn import(name: &str, url: &str, records: &[TalentRecord]) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let store = Store::open(url).await.expect("a store");
    let ranking = data::default_ranking().expect("the ranking");
    let taxonomy = data::taxonomy().expect("the taxonomy");
    let (live, follower) = Live::open(store.clone(), folder.path(), ranking, taxonomy).await.expect("an index");
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let following = tokio::spawn(follower.run(async { drop(stopped.await) }));

    let started = Instant::now();
    let mut write = store.begin().await.expect("a transaction");
    write.talents_put(records).await.expect("written");
    write.commit().await.expect("committed");
    live.wake();
    let written = started.elapsed();
    let newest = store.change_newest().await.expect("the newest change");
    assert!(live.wait_for(newest, LONGEST).await, "{:?}", live.status());
    let indexed = started.elapsed();
    let rate = records.len() as f64 / indexed.as_secs_f64();
    println!(
        "{name}: store {:.2} s, store and index {:.2} s: {rate:.0} talents/s ({} rebuilds)",
        written.as_secs_f64(),
        indexed.as_secs_f64(),
        live.status().rebuilds
    );
    let _ = stop.send(());
    following.await.expect("ends");
}
