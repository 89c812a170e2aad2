//! Random events with following interrupted anywhere: the index is what a rebuild would be.

use std::sync::atomic::{AtomicUsize, Ordering};

use proptest::prelude::*;
use zhihui::app::data;
use zhihui::app::live::corpus::{Batch, Corpus};
use zhihui::app::live::generation::{Generation, Writers};
use zhihui::store::Store;

use crate::databases::{Fresh, on_both};
use crate::dump::assert_is_rebuild;
use crate::put;
use crate::world::{self, Event, happen};

/// What the follower does between two events.
#[derive(Debug, Clone)]
enum Following {
    Nothing,
    /// A batch of so many changes at the most.
    Batch(i64),
    /// The same, but it ends before the commit.
    Cut(i64),
    /// It begins again so many changes before, as after a crash between two commits.
    Again(i64),
}

fn following() -> impl Strategy<Value = Following> {
    prop_oneof![
        2 => Just(Following::Nothing),
        3 => (1..8_i64).prop_map(Following::Batch),
        2 => (1..8_i64).prop_map(Following::Cut),
        1 => (1..8_i64).prop_map(Following::Again),
    ]
}

async fn follow(store: &Store, mut writers: Writers, position: &mut i64, how: &Following) -> Writers {
    let limit = match how {
        Following::Nothing => return writers,
        Following::Batch(limit) | Following::Cut(limit) => *limit,
        Following::Again(back) => {
            *position = (*position - back).max(0);
            2 * back
        }
    };
    let Some(batch) = Batch::read(store, *position, limit).await.unwrap() else { return writers };
    let reached = batch.position;
    writers.apply(batch).unwrap();
    if let Following::Cut(_) = how {
        let generation = writers.generation.clone();
        drop(writers);
        return generation.writers().unwrap();
    }
    writers.commit(reached).unwrap();
    *position = reached;
    writers
}

async fn run(Fresh { store, url }: Fresh, steps: Vec<(Event, Following)>) {
    world::found(&url).await;
    for talent in 0..4 {
        happen(&store, &url, &put(talent, &[2 * talent, 2 * talent + 1])).await.unwrap();
    }
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("1");
    let analyzer = Generation::build(&path, &Corpus::read(&store).await.unwrap(), &mut |_, _| {}).unwrap();
    let (taxonomy, ranking) = (data::taxonomy().unwrap(), data::default_ranking().unwrap());
    let generation = Generation::open(&path, 1, Some(&analyzer), taxonomy, ranking).unwrap();
    let mut position = generation.position().unwrap();
    assert_eq!(position, store.change_newest().await.unwrap());
    let mut writers = generation.writers().unwrap();
    for (event, how) in &steps {
        happen(&store, &url, event).await.unwrap();
        writers = follow(&store, writers, &mut position, how).await;
    }
    while position < store.change_newest().await.unwrap() {
        writers = follow(&store, writers, &mut position, &Following::Batch(5)).await;
    }
    assert_eq!(generation.position().unwrap(), position);
    drop(writers);
    assert_is_rebuild(&store, generation.talents.index(), &path).await;
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 6, failure_persistence: None, max_shrink_iters: 40, ..ProptestConfig::default() })]
    #[test]
    fn a_followed_index_is_a_rebuilt_one(steps in proptest::collection::vec((world::event(), following()), 1..60)) {
        static CASE: AtomicUsize = AtomicUsize::new(0);
        let name = format!("random{}", CASE.fetch_add(1, Ordering::Relaxed));
        on_both(&name, |fresh| run(fresh, steps.clone()));
    }
}
