//! The 揭榜挂帅 board as it is kept.
//!
//! | module | its secret |
//! |---|---|
//! | [`challenges`] | challenges with every version of their terms |
//! | [`bids`] | bids, sealed; consortia; what happened to a bid before opening |
//! | [`panel`] | members of panels, whom they may not judge, score sheets |
//! | [`award`] | objections, contracts, outcomes |
//! | [`talk`] | who follows a challenge, and what is asked and answered |
//! | [`standing`] | what the rules on bidders look at |
//! | [`clock`] | the one clock that closing goes by |

pub mod award;
pub mod bids;
pub mod challenges;
pub mod clock;
pub mod panel;
pub mod standing;
pub mod talk;
