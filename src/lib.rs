//! zhihui 智汇: matches technology needs to the researchers and teams able to solve them.
//!
//! | module | its secret |
//! |---|---|
//! | [`domain`] | what needs and talents are; pure values |
//! | [`matching`] | how candidates become a ranking with reasons; pure functions over numbers |
//! | [`store`] | how things are kept, on SQLite and PostgreSQL; the only SQL |
//! | [`app`] | use cases: sign in, keep an index, match, evaluate, tune, explain |
//! | [`web`] | HTTP: the API and the pages |
//! | [`config`] | what the service is told from outside, read once |
//!
//! The retrieval kernel is a crate of its own, `zhihui-index`: it knows text, fields and ids.
//! Dependencies run one way: `domain ← matching`, `domain ← store`, `index ← matching` (hits, as plain values),
//! `app` joins them, and `web → app`. tests/tidy.rs holds that.
//!
//! Invariants: the same need on the same index and ranking gives the same list; ties break by
//! id; every score is the sum of what its explanation shows.

pub mod app;
pub mod config;
pub mod domain;
pub mod matching;
pub mod store;
pub mod web;
