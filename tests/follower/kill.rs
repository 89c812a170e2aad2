//! SIGKILL at random moments while a child process writes one by one and in bulk, and follows:
//! nothing acknowledged is lost, every start finds an index that opens or is rebuilt, and in the end
//! it is what a rebuild would be. ZHIHUI_KILLS sets how often (default 5).

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader};
use std::path::Path;
use std::process::{Command, Stdio};

use zhihui::matching::random::SplitMix64;
use zhihui::store::{Store, TalentRecord};

use crate::databases::{Fresh, on_both};
use crate::dump::assert_is_rebuild;
use crate::{Node, world};

const URL: &str = "ZHIHUI_CHILD_URL";
const FOLDER: &str = "ZHIHUI_CHILD_FOLDER";
const RUN: &str = "ZHIHUI_CHILD_RUN";

/// What the write with this number does: talents, and whether they are there afterwards.
fn effects(run: u64, write: u64) -> Vec<(String, bool)> {
    match write % 5 {
        4 => (0..60).map(|n| (format!("r{run}w{write}n{n}"), true)).collect(),
        3 => vec![(format!("r{run}w{}", write - 1), false)],
        _ => vec![(format!("r{run}w{write}"), true)],
    }
}

/// Writes without end, and says after each commit that it is done.
async fn work(url: &str, folder: &Path, run: u64) {
    let store = Store::open(url).await.unwrap();
    let node = Node::open(&store, folder).await.unwrap();
    for number in 0.. {
        let mut write = store.begin().await.unwrap();
        let record = |(id, place): (&String, u64)| {
            // Each piece has three owners or so.
            let piece = |n: u64| world::piece((n % 200) as u8, 0);
            let pieces = vec![piece(number + place), piece(number + place + 7)];
            let mut record = TalentRecord::new(world::talent(0, number as u8, pieces), 0);
            record.talent.id.clone_from(id);
            record
        };
        let (put, delete): (Vec<_>, Vec<_>) = effects(run, number).into_iter().partition(|(_, exists)| *exists);
        let records: Vec<_> = put.iter().map(|(id, _)| id).zip(0..).map(record).collect();
        write.talents_put(&records).await.unwrap();
        for (id, _) in delete {
            write.talent_delete(&id).await.unwrap();
        }
        write.commit().await.unwrap();
        println!("ack {number}");
        node.live.wake();
    }
}

/// Not a test: what the test below starts and kills.
#[test]
#[ignore = "started by killed_at_any_moment_it_loses_nothing"]
fn child() {
    let (Ok(url), Ok(folder), Ok(run)) = (std::env::var(URL), std::env::var(FOLDER), std::env::var(RUN)) else {
        return;
    };
    let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().unwrap();
    runtime.block_on(work(&url, Path::new(&folder), run.parse().unwrap()));
}

/// Kills a child after so many acknowledged writes; gives what they were to leave.
fn kill_after(acknowledged: usize, url: &str, folder: &Path, run: u64) -> Vec<(String, bool)> {
    let mut child = Command::new(std::env::current_exe().unwrap())
        .args(["--exact", "kill::child", "--ignored", "--nocapture"])
        .env(URL, url)
        .env(FOLDER, folder)
        .env(RUN, run.to_string())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let mut lines = BufReader::new(child.stdout.take().unwrap()).lines().map_while(Result::ok);
    let mut effects_seen = Vec::new();
    let mut take = |line: String| {
        // The harness writes the name of the test into the first line.
        if let Some((_, number)) = line.split_once("ack ") {
            effects_seen.extend(effects(run, number.parse().unwrap()));
            return true;
        }
        false
    };
    let mut seen = 0;
    while seen < acknowledged {
        let line = lines.next().expect("the child ended by itself");
        seen += usize::from(take(line));
    }
    child.kill().unwrap();
    child.wait().unwrap();
    for line in lines {
        take(line);
    }
    effects_seen
}

#[test]
fn killed_at_any_moment_it_loses_nothing() {
    let kills: u64 = std::env::var("ZHIHUI_KILLS").ok().and_then(|n| n.parse().ok()).unwrap_or(5);
    on_both("kill", |Fresh { store, url }| async move {
        let folder = tempfile::tempdir().unwrap();
        let mut random = SplitMix64::new(9);
        let mut expected = BTreeMap::new();
        for run in 0..kills {
            expected.extend(kill_after(1 + random.below(60), &url, folder.path(), run));
        }
        for (id, exists) in &expected {
            assert_eq!(store.talent(id).await.unwrap().is_some(), *exists, "{id}");
        }
        let node = Node::open(&store, folder.path()).await.unwrap();
        node.catch_up(&store).await;
        let (live, folder_of) = (node.live.clone(), folder.path());
        node.close().await;
        let path = folder_of.join("index").join(live.status().generation.to_string());
        assert_is_rebuild(&store, live.engine().index(), &path).await;
    });
}
