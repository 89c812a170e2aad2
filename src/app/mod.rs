//! Use cases: they join files, the store, the index and the ranking.

pub mod cache;
pub mod data;
pub mod engine;
pub mod evaluate;
pub mod explain;
pub mod files;
pub mod live;
pub mod trec;
pub mod tune;
