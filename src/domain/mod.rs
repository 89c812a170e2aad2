//! What the platform is about, as pure values: no async, SQL, HTTP, clock or randomness.

pub mod access;
pub mod account;
pub mod assessment;
pub mod availability;
pub mod conflict;
pub mod day;
pub mod duplicate;
pub mod invitation;
pub mod money;
pub mod need;
pub mod need_check;
pub mod organisation;
pub mod ownership;
pub mod problem;
pub mod quantity;
pub mod regulation;
pub mod talent;
pub mod talent_check;
pub mod taxonomy;
pub mod text;

pub use access::{Action, Grant, Relation, Scope};
pub use account::{AccountStatus, Role};
pub use assessment::{Completeness, Finding, Severity, Signals, assess};
pub use availability::{Availability, Workload};
pub use conflict::{Conflict, Poster, conflicts};
pub use day::Day;
pub use duplicate::{Strength, Suspicion, duplicate_suspicion};
pub use invitation::{InvitationAction, InvitationStatus};
pub use need::{Need, NeedAction, NeedMode, NeedStatus, Target};
pub use organisation::{CreditCode, OrganisationKind, OrganisationStatus};
pub use ownership::Ownership;
pub use problem::{Fault, FieldProblem, InvalidTransition};
pub use regulation::Parameters;
pub use talent::{Evidence, EvidenceType, Talent, TalentKind, TalentStatus};
pub use taxonomy::Taxonomy;
