//! Retrieval kernel of zhihui: Chinese text analysis, a tantivy index of talents and their
//! evidence, and dense vectors made from the corpus itself.
//!
//! The crate knows text, fields and ids. It must never know SQL, HTTP, roles or the regulation.
//!
//! | module | its secret |
//! |---|---|
//! | [`analyzer`] | how text becomes terms: folding, bigrams, dictionary words, Latin terms |
//! | [`query`] | which terms of a need carry information, and how much |
//! | [`pairs`] | which Chinese and English terms a corpus shows to mean the same |
//! | [`schema`] | what a talent and a piece of evidence look like in tantivy |
//! | [`writer`] | how documents get in: build, update, delete, commit with a position |
//! | [`reader`] | how an index is opened, checked, and held in memory |
//! | [`search`] | how candidates and their per-field scores are found |
//! | [`space`] | the latent semantic space and its quantised vectors |
//! | [`snippet`] | which stretch of a text to show, and what to highlight in it |
//!
//! Invariants: the same text always gives the same tokens; an index opens only with the
//! dictionary and format that made it; a search never returns a deleted document.

pub mod analyzer;
mod document;
mod error;
mod kernel;
mod linalg;
pub mod pairs;
pub mod query;
pub mod reader;
pub mod schema;
pub mod search;
pub mod snippet;
pub mod space;
mod vectors;
pub mod writer;

pub use analyzer::{Analyzer, Dictionary, DictionarySources};
pub use error::IndexError;
pub use query::NeedQuery;
pub use reader::Index;
pub use schema::{EvidenceDoc, TalentDoc};
pub use search::{Candidates, EvidenceHit, ScoredTerm, SearchParams, TalentHit};
pub use tantivy::DocAddress;
pub use writer::{BuildOptions, Writer};

/// Lower-case hexadecimal.
fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|b| format!("{b:02x}")).collect()
}
