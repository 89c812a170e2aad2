//! The 揭榜挂帅 board.
//!
//! | module | its secret |
//! |---|---|
//! | [`show`] | one challenge as everybody sees it |
//! | [`publish`] | the publisher's: prepare, submit, amend, withdraw |
//! | [`form`] | a challenge as its form has it |
//! | [`bids`] | the bidder's: write, hand in, consortium, receipt |
//! | [`bid_form`] | a bid as its form has it |
//! | [`check`] | the operator's: publish or give back |
//! | [`trust`] | receipts and the audit log, for everybody to check |

mod bid_form;
mod bids;
mod check;
mod form;
mod publish;
mod show;
mod trust;

use axum::Router;

use super::operations::places;
use super::shown;
use crate::web::Shared;

pub fn router() -> Router<Shared> {
    Router::new()
        .merge(show::router())
        .merge(publish::router())
        .merge(check::router())
        .merge(bids::router())
        .merge(trust::router())
}

/// What is left until a time, in words that hold without scripts; nothing where it is over.
fn left(until: &i64, now: &i64) -> String {
    shown::left(until - now)
}
