//! What the platform is about, as pure values: no async, SQL, HTTP, clock or randomness.

pub mod access;
pub mod account;
pub mod credentials;
pub mod need;
pub mod organisation;
pub mod problem;
pub mod talent;
pub mod taxonomy;

pub use access::{Action, Grant, Relation, Scope};
pub use account::{AccountStatus, Role};
pub use need::{Need, NeedMode, Target};
pub use organisation::{CreditCode, OrganisationKind, OrganisationStatus};
pub use problem::FieldProblem;
pub use talent::{Availability, Evidence, EvidenceType, Talent, TalentKind, TalentStatus};
pub use taxonomy::Taxonomy;
