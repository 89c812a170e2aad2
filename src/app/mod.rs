//! Use cases: they join files, the index and the ranking.

pub mod cache;
pub mod data;
pub mod engine;
pub mod evaluate;
pub mod explain;
pub mod files;
pub mod trec;
pub mod tune;
