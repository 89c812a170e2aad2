//! The index that follows the store, on both databases:
//! 1. whatever happens, and wherever following is interrupted, the index is what a rebuild would
//!    be: the same live documents with the same tokens, the same rankings (random.rs);
//! 2. a process killed at any moment loses nothing that it acknowledged (kill.rs);
//! 3. what was put is found after its number was waited for; several nodes each follow;
//! 4. a damaged, foreign or missing index is built again, and one folder has one process;
//! 5. errors are shown and end nothing.

#[path = "../databases/mod.rs"]
mod databases;
mod dump;
mod kill;
mod random;
mod world;

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use databases::{Fresh, on_both};
use dump::assert_is_rebuild;
use tokio::sync::oneshot;
use tokio::task::JoinHandle;
use world::{Event, happen};
use zhihui::app::data;
use zhihui::app::live::{Live, LiveError};
use zhihui::domain::Need;
use zhihui::store::{Store, TalentRecord};

/// Long enough for a busy machine; what takes longer hangs.
const PATIENCE: Duration = Duration::from_secs(60);

/// A service without its pages.
struct Node {
    live: Arc<Live>,
    stop: oneshot::Sender<()>,
    following: JoinHandle<()>,
}

impl Node {
    async fn open(store: &Store, folder: &Path) -> Result<Self, LiveError> {
        let (ranking, taxonomy) = (data::default_ranking().unwrap(), data::taxonomy().unwrap());
        let (live, follower) = Live::open(store.clone(), folder, ranking, taxonomy).await?;
        let (stop, stopped) = oneshot::channel();
        let following = tokio::spawn(follower.run(async { drop(stopped.await) }));
        Ok(Self { live, stop, following })
    }

    /// Waits until searches see all that is in the store.
    async fn catch_up(&self, store: &Store) {
        let newest = store.change_newest().await.unwrap();
        assert!(self.live.wait_for(newest, PATIENCE).await, "{:?}", self.live.status());
    }

    async fn until(&self, what: impl FnMut(&zhihui::app::live::FollowerStatus) -> bool) {
        let mut status = self.live.watch();
        let seen = tokio::time::timeout(PATIENCE, status.wait_for(what)).await.is_ok_and(|seen| seen.is_ok());
        assert!(seen, "{:?}", self.live.status());
    }

    async fn close(self) {
        self.stop.send(()).unwrap();
        self.following.await.unwrap();
    }

    fn found(&self, need: &str) -> Vec<String> {
        self.live.engine().find(&Need::from_text(need)).unwrap().ids().map(|(id, _)| id.to_owned()).collect()
    }

    /// Path of the generation that serves.
    fn path(&self, folder: &Path) -> std::path::PathBuf {
        folder.join("index").join(self.live.status().generation.to_string())
    }
}

fn put(talent: u8, pieces: &[u8]) -> Event {
    Event::Put { talent, bio: talent, pieces: pieces.to_vec() }
}

#[test]
fn a_change_is_found_and_every_node_follows() {
    on_both("nodes", |Fresh { store, url }| async move {
        let folders = [tempfile::tempdir().unwrap(), tempfile::tempdir().unwrap()];
        let nodes = [
            Node::open(&store, folders[0].path()).await.unwrap(),
            Node::open(&store, folders[1].path()).await.unwrap(),
        ];
        assert_eq!(nodes[0].found("锂电池热失控"), Vec::<String>::new(), "an empty store has an index too");
        happen(&store, &url, &put(1, &[0, 8])).await.unwrap();
        happen(&store, &url, &put(2, &[2, 8])).await.unwrap();
        // One is told, the other sees it by itself.
        nodes[0].live.wake();
        for node in &nodes {
            node.catch_up(&store).await;
            assert_eq!(node.found("风电齿轮箱振动诊断"), ["t002"]);
            assert_eq!(node.found("锂电池热失控蔓延机理").len(), 2, "shared evidence");
        }
        happen(&store, &url, &Event::Delete(2)).await.unwrap();
        for (node, folder) in nodes.into_iter().zip(&folders) {
            node.catch_up(&store).await;
            assert_eq!(node.found("风电齿轮箱振动诊断"), Vec::<String>::new());
            let status = node.live.status();
            assert_eq!((status.changes_behind(), status.time_behind(), status.error), (0, Duration::ZERO, None));
            let (live, path) = (node.live.clone(), node.path(folder.path()));
            node.close().await;
            assert_is_rebuild(&store, live.engine().index(), &path).await;
        }
    });
}

#[test]
fn needs_are_compared_with_those_that_are_no_drafts() {
    on_both("needs", |Fresh { store, url }| async move {
        world::found(&url).await;
        let folder = tempfile::tempdir().unwrap();
        let node = Node::open(&store, folder.path()).await.unwrap();
        for (need, status) in [(0, 0), (1, 1), (2, 2), (3, 3)] {
            happen(&store, &url, &Event::Need { need, status, subject: 0 }).await.unwrap();
        }
        node.catch_up(&store).await;
        let asked =
            Need { id: "n3".into(), ..Need::from_text("拟解决锂电池热失控蔓延机理方面的示例问题") };
        let needs = node.live.needs();
        let similar = needs.similar(&asked, 10, |_| true).unwrap();
        let ids: Vec<&str> = similar.iter().map(|s| s.record.need.id.as_str()).collect();
        assert_eq!(ids, ["n1"], "not itself, not a draft, not one withdrawn");
        assert!(similar[0].overlap > 0.99, "{similar:?}");
        let open = needs.search("热失控", 10, |n| n.status == "challenge").unwrap();
        assert_eq!(open.iter().map(|s| s.record.need.id.as_str()).collect::<Vec<_>>(), ["n3"]);
        assert_eq!(needs.search("毫米波雷达", 10, |_| true).unwrap(), []);
        node.close().await;
    });
}

#[test]
fn a_corpus_that_outgrows_its_words_is_rebuilt_while_the_old_one_serves() {
    on_both("growth", |Fresh { store, url }| async move {
        let folder = tempfile::tempdir().unwrap();
        let node = Node::open(&store, folder.path()).await.unwrap();
        let old = node.live.engine();
        assert_eq!(node.live.status().generation, 1);
        let record = |n: u8| TalentRecord::new(world::talent(n, n, vec![world::piece(n, 0)]), 0);
        let records: Vec<_> = (0..200).map(record).collect();
        let mut write = store.begin().await.unwrap();
        write.talents_put(&records).await.unwrap();
        write.commit().await.unwrap();
        node.until(|status| status.rebuilds == 1 && status.changes_behind() == 0).await;
        happen(&store, &url, &put(201, &[201])).await.unwrap();
        node.catch_up(&store).await;
        let status = node.live.status();
        assert_eq!((status.generation, status.rebuilding), (2, None));
        assert!(!Arc::ptr_eq(&old, &node.live.engine()));
        old.find(&Need::from_text("锂电池")).unwrap();
        let engine = node.live.engine();
        assert!(engine.index().analyzer().dictionary().mined().count() > 0);
        assert_eq!(engine.index().snapshot().talents().len(), 201);
        let path = node.path(folder.path());
        node.close().await;
        assert!(!folder.path().join("index/1").exists(), "the old generation is gone");
        assert_is_rebuild(&store, engine.index(), &path).await;
    });
}

#[test]
fn an_index_that_does_not_fit_is_built_again() {
    on_both("damage", |Fresh { store, url }| async move {
        let folder = tempfile::tempdir().unwrap();
        happen(&store, &url, &put(1, &[0])).await.unwrap();
        Node::open(&store, folder.path()).await.unwrap().close().await;
        let index = folder.path().join("index");
        let largest = |generation: &str| {
            let files = std::fs::read_dir(index.join(generation).join("talents/terms")).unwrap();
            files.map(|f| f.unwrap()).max_by_key(|f| f.metadata().unwrap().len()).unwrap().path()
        };
        type Spoil<'a> = (&'a str, &'a dyn Fn(&str));
        let spoil: [Spoil; 4] = [
            ("a file cut short", &|generation| {
                let file = std::fs::File::options().write(true).open(largest(generation)).unwrap();
                file.set_len(10).unwrap();
            }),
            ("the mark that it is whole", &|generation| {
                std::fs::remove_file(index.join(generation).join("built.json")).unwrap();
            }),
            ("the words", &|generation| std::fs::write(index.join(generation).join("talents/words.txt"), "x").unwrap()),
            ("needs", &|generation| std::fs::remove_dir_all(index.join(generation).join("needs")).unwrap()),
        ];
        for ((what, spoil), number) in spoil.into_iter().zip(1_u64..) {
            spoil(&number.to_string());
            let node = Node::open(&store, folder.path()).await.unwrap();
            assert_eq!(node.live.status().generation, number + 1, "{what}");
            assert_eq!(node.found("锂电池热失控"), ["t001"], "{what}");
            assert!(!index.join(number.to_string()).exists(), "{what}");
            node.close().await;
        }
        // Half a rebuild that was interrupted, and no word of which is in use: what opens serves.
        std::fs::create_dir_all(index.join("9/talents")).unwrap();
        std::fs::write(index.join("CURRENT"), "9").unwrap();
        let node = Node::open(&store, folder.path()).await.unwrap();
        assert_eq!(node.live.status().generation, 5);
        assert!(!index.join("9").exists());
        let second = Node::open(&store, folder.path()).await.err();
        assert!(matches!(second, Some(LiveError::InUse { .. })), "{second:?}");
        node.close().await;
    });
}

/// The store was set back, or the folder belonged to another one.
#[test]
fn an_index_ahead_of_its_store_is_not_used() {
    on_both("ahead", |Fresh { store, url }| async move {
        let folder = tempfile::tempdir().unwrap();
        happen(&store, &url, &put(1, &[0])).await.unwrap();
        Node::open(&store, folder.path()).await.unwrap().close().await;
        let other = tempfile::tempdir().unwrap();
        let empty = databases::sqlite(other.path()).await.store;
        let node = Node::open(&empty, folder.path()).await.unwrap();
        assert_eq!(node.found("锂电池热失控"), Vec::<String>::new());
        assert_eq!(node.live.status().position, 0);
        node.close().await;
    });
}

#[test]
fn errors_are_shown_and_end_nothing() {
    on_both("errors", |Fresh { store, url }| async move {
        let folder = tempfile::tempdir().unwrap();
        happen(&store, &url, &put(1, &[0])).await.unwrap();
        let node = Node::open(&store, folder.path()).await.unwrap();
        store.close().await;
        node.until(|status| status.error.is_some()).await;
        assert!(node.live.status().behind_since.is_some());
        assert_eq!(node.found("锂电池热失控"), ["t001"], "it goes on serving");
        assert!(!node.live.wait_for(1_000, Duration::from_millis(1)).await);
        node.close().await;
    });
}
