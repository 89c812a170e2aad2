//! The 揭榜挂帅 board.
//!
//! | module | its secret |
//! |---|---|
//! | [`list`], [`feed`] | the board, on a page and as a feed |
//! | [`show`] | one challenge as everybody sees it |
//! | [`talk`] | watching, questions, documents, what an amendment changed |
//! | [`fit`] | how the own profile fits a challenge |
//! | [`publish`] | the publisher's: prepare, submit, amend, withdraw |
//! | [`form`] | a challenge as its form has it |
//! | [`bids`] | the bidder's: write, hand in, consortium, receipt |
//! | [`bid_form`] | a bid as its form has it |
//! | [`check`] | the operator's: publish or give back |
//! | [`panel`] | members of a panel, and the operator's panel |
//! | [`evaluation`] | ranking, choice, objections, award, contract |
//! | [`comparison`] | opened bids side by side, the ranking as a workbook |
//! | [`trust`] | receipts and the audit log, for everybody to check |

mod bid_form;
mod bids;
mod check;
mod comparison;
mod evaluation;
mod feed;
mod fit;
mod form;
mod list;
mod panel;
mod publish;
mod show;
mod talk;
mod trust;

use axum::Router;

use super::operations::places;
use super::shown;
use crate::web::Shared;

pub fn router() -> Router<Shared> {
    Router::new()
        .merge(list::router())
        .merge(show::router())
        .merge(talk::router())
        .merge(publish::router())
        .merge(check::router())
        .merge(bids::router())
        .merge(panel::router())
        .merge(evaluation::router())
        .merge(comparison::router())
        .merge(trust::router())
}

/// What is left until a time, in words that hold without scripts; nothing where it is over.
fn left(until: &i64, now: &i64) -> String {
    shown::left(until - now)
}
