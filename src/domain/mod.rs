//! What the platform is about, as pure values: no async, SQL, HTTP, clock or randomness.

pub mod need;
pub mod talent;
pub mod taxonomy;

pub use need::{Need, NeedMode, Target};
pub use talent::{Evidence, EvidenceType, Talent, TalentKind};
pub use taxonomy::Taxonomy;
