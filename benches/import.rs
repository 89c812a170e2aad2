//! How fast the index follows the store, on SQLite in a temporary folder, and on PostgreSQL where
//! ZHIHUI_TEST_POSTGRES says (tests/run starts such a cluster):
//! - ten thousand talents with fifty thousand pieces of evidence in one import, until searches see all;
//! - one changed profile among those of ZHIHUI_TALENTS (default: data/demo), until it is found.
//!
//! Prints seconds, and processor seconds of this process, which say more on a busy machine.

#[path = "corpus/mod.rs"]
#[allow(dead_code, reason = "shared by four benches")]
mod corpus;

use std::time::{Duration, Instant};

use sqlx::{Connection, Executor};
use zhihui::app::data;
use zhihui::app::live::Live;
use zhihui::domain::{Need, Talent};
use zhihui::store::{Store, TalentRecord};

const TALENTS: usize = 10_000;
const LONGEST: Duration = Duration::from_secs(300);

const CHANGES: usize = 40;
const DEMO: &str = "data/demo/talents.jsonl";

#[tokio::main]
async fn main() {
    let made_up = records(corpus::talents(5 * TALENTS));
    let file = std::env::var("ZHIHUI_TALENTS").unwrap_or_else(|_| DEMO.into());
    let lines = std::fs::read_to_string(file).expect("talents as JSON lines");
    let real = records(lines.lines().map(|l| serde_json::from_str(l).expect("a talent")).collect());

    let folder = tempfile::tempdir().expect("a temporary folder");
    for (n, records) in [&made_up, &real].into_iter().enumerate() {
        let url = format!("sqlite:{}?mode=rwc", folder.path().join(format!("{n}.db")).display());
        measure("SQLite", &url, records).await;
    }
    let Ok(server) = std::env::var("ZHIHUI_TEST_POSTGRES") else {
        println!("PostgreSQL not measured: ZHIHUI_TEST_POSTGRES is not set");
        return;
    };
    let mut admin = sqlx::PgConnection::connect(&format!("{server}/postgres")).await.expect("a server");
    for records in [&made_up, &real] {
        admin.execute("DROP DATABASE IF EXISTS bench_import WITH (FORCE)").await.expect("dropped");
        admin.execute("CREATE DATABASE bench_import TEMPLATE template0").await.expect("made");
        measure("PostgreSQL", &format!("{server}/bench_import"), records).await;
    }
    admin.execute("DROP DATABASE bench_import WITH (FORCE)").await.expect("dropped");
}

fn records(talents: Vec<Talent>) -> Vec<TalentRecord> {
    talents.into_iter().map(|talent| TalentRecord::new(talent, 0)).collect()
}

async fn measure(name: &str, url: &str, records: &[TalentRecord]) {
    let folder = tempfile::tempdir().expect("a temporary folder");
    let store = Store::open(url).await.expect("a store");
    let ranking = data::default_ranking().expect("the ranking");
    let taxonomy = data::taxonomy().expect("the taxonomy");
    let (live, follower) = Live::open(store.clone(), folder.path(), ranking, taxonomy).await.expect("an index");
    let (stop, stopped) = tokio::sync::oneshot::channel::<()>();
    let following = tokio::spawn(follower.run(async { drop(stopped.await) }));

    let pieces: usize = records.iter().map(|r| r.talent.evidence.len()).sum();
    let (started, busy) = (Instant::now(), processor_seconds());
    let mut write = store.begin().await.expect("a transaction");
    write.talents_put(records).await.expect("written");
    write.commit().await.expect("committed");
    live.wake();
    let written = started.elapsed().as_secs_f64();
    seen(&store, &live).await;
    let indexed = started.elapsed().as_secs_f64();
    println!(
        "{name}: {} talents, {pieces} pieces: store {written:.2} s, store and index {indexed:.2} s ({:.1} processor \
         seconds): {:.0} talents/s",
        records.len(),
        processor_seconds() - busy,
        records.len() as f64 / indexed
    );
    freshness(name, &store, &live, &records[0].talent.id).await;
    let _ = stop.send(());
    following.await.expect("ends");
}

/// From the commit of a changed profile to its being found.
async fn freshness(name: &str, store: &Store, live: &Live, id: &str) {
    let mut times = Vec::new();
    for number in 0..CHANGES {
        let mut record = store.talent(id).await.expect("read").expect("a talent");
        let word = format!("qzx{number}");
        record.talent.keywords.push(word.clone());
        let mut write = store.begin().await.expect("a transaction");
        write.talent_put(&record).await.expect("written");
        write.commit().await.expect("committed");
        live.wake();
        let committed = Instant::now();
        seen(store, live).await;
        let found = live.engine().find(&Need::from_text(&word)).expect("an answer");
        assert!(found.ids().any(|(found, _)| found == id), "{word}");
        times.push(committed.elapsed());
    }
    times.sort();
    println!(
        "{name}: one change is found after {:.0?} (median), {:.0?} (longest)",
        times[CHANGES / 2],
        times[CHANGES - 1]
    );
}

async fn seen(store: &Store, live: &Live) {
    let newest = store.change_newest().await.expect("the newest change");
    assert!(live.wait_for(newest, LONGEST).await, "{:?}", live.status());
}

/// User and system time of all threads of this process; 0 where the system does not say.
fn processor_seconds() -> f64 {
    const TICKS: f64 = 100.0;
    let stat = std::fs::read_to_string("/proc/self/stat").unwrap_or_default();
    let fields = stat.rsplit(')').next().unwrap_or_default().split_whitespace();
    fields.skip(11).take(2).filter_map(|f| f.parse::<f64>().ok()).sum::<f64>() / TICKS
}
