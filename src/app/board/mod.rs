//! The 揭榜挂帅 board: what publishers, bidders and operators do.
//!
//! | module | its secret |
//! |---|---|
//! | [`challenges`] | from a need to a published challenge, amendments, withdrawal |
//! | [`bids`] | bids as their bidders write, submit and take them back; consortia |
//! | [`consortium`] | members with their parts, who confirm each for itself |
//! | [`files`] | files of a bid |
//! | [`list`] | the public challenges in memory |
//! | [`content`] | what a bid says, with its names |
//! | [`opening`] | sealed until closing, then opened once |
//! | [`receipts`] | what a bidder holds, and how anybody checks it |
//! | [`talk`] | watching, questions and answers |
//! | [`documents`] | attachments of a challenge, and the agreement before them |
//! | [`panel`] | who scores; whom they are tied to |
//! | [`scoring`] | declarations and sheets, blind to each other, until there is a ranking |
//! | [`evaluation`] | the ranking, as it is seen |
//! | [`comparison`] | opened bids side by side |
//! | [`export`] | ranking and comparison as a workbook |
//! | [`award`] | choice, award, contract |
//! | [`objections`] | objections to a choice |
//! | [`judgements`] | outcomes of bids as judgements for match quality |
//! | [`outcome`] | what came of it after opening |
//! | [`seal`] | how bids are encrypted |
//!
//! Times of the board are those of the database ([`App::board_time`]): nodes and clients may be wrong.

pub mod award;
mod bidders;
pub mod bids;
pub mod challenges;
pub mod comparison;
pub mod consortium;
pub mod content;
pub mod documents;
pub mod evaluation;
pub mod export;
pub mod files;
pub mod judgements;
pub mod list;
pub mod objections;
pub mod opening;
pub mod outcome;
pub mod panel;
pub mod receipts;
pub mod scoring;
pub mod seal;
pub mod talk;
pub mod team;

use super::error::AppError;
use super::{App, Clock, data};
use crate::domain::challenge::news::BoardNews;
use crate::domain::challenge::publish::Limits;
use crate::domain::challenge::{Challenge, Rules};
use crate::domain::{FieldProblem, Notice};
use crate::store::Write;
use crate::store::board::challenges::ChallengeRecord;
use seal::Seals;

pub(super) const CHALLENGE: &str = "榜单";
pub(super) const BID: &str = "揭榜";
/// Rows of a list that is shown whole.
const LIST_MAX: i64 = 500;

impl App {
    /// The same with a board that seals bids with these keys, and has these rules.
    #[must_use]
    pub fn with_board(self, seals: Seals, rules: Rules) -> Self {
        Self { seals: Some(seals), rules, ..self }
    }

    pub(super) fn seals(&self) -> Result<&Seals, AppError> {
        let message = "平台还没有配置密封密钥，暂时不能揭榜：请联系平台运营方";
        self.seals.as_ref().ok_or_else(|| AppError::conflict("no-seal-key", message))
    }

    /// The time that closing goes by: the database's, after whatever this transaction has waited for.
    pub(super) async fn time_in(&self, write: &mut Write) -> Result<i64, AppError> {
        match self.clock.given() {
            Some(now) => Ok(now),
            None => Ok(write.clock().await?),
        }
    }

    /// The same outside a transaction, for pages.
    ///
    /// # Errors
    /// [`AppError`]
    pub async fn board_time(&self) -> Result<i64, AppError> {
        match self.clock.given() {
            Some(now) => Ok(now),
            None => Ok(self.store.clock().await?),
        }
    }

    fn limits(&self) -> Result<Limits, AppError> {
        let parameters = data::parameters().map_err(|e| AppError::Internal(e.to_string()))?;
        let months_max = u32::from(parameters.period_max_months.value);
        Ok(Limits { months_max, open_min_ms: self.rules.open_min_ms() })
    }

    /// Tells accounts the news of a challenge; `object` is what they are led to.
    pub(super) async fn tell(
        &self,
        write: &mut Write,
        accounts: &[String],
        object: &str,
        (news, challenge, more): (BoardNews, &Challenge, &str),
    ) -> Result<(), AppError> {
        let notice = Notice::Board { news, challenge: challenge.title.clone(), more: more.to_owned() };
        let notices = accounts.iter().map(|account| self.notice(account, object.to_owned(), notice.clone()));
        Ok(write.notices_add(&notices.collect::<Vec<_>>()).await?)
    }

    /// Tells all who act for a member of a bid.
    pub(super) async fn tell_bidders(
        &self,
        write: &mut Write,
        bid: &str,
        told: (BoardNews, &Challenge, &str),
    ) -> Result<(), AppError> {
        for member in write.bid_members(bid).await? {
            let accounts = write.organisation_accounts(&member.organisation).await?;
            self.tell(write, &accounts, &format!("bid:{bid}"), told).await?;
        }
        Ok(())
    }

    /// Tells all who act for the publisher.
    pub(super) async fn tell_publisher(
        &self,
        write: &mut Write,
        of: &ChallengeRecord,
        news: BoardNews,
        more: &str,
    ) -> Result<(), AppError> {
        let accounts = write.enterprise_accounts(&of.organisation).await?;
        self.tell(write, &accounts, &format!("challenge:{}", of.id), (news, &of.content, more)).await
    }

    /// Tells all who watch, and all who act for a bidder, without telling the one of the other.
    pub(super) async fn tell_watchers(
        &self,
        write: &mut Write,
        of: &ChallengeRecord,
        news: BoardNews,
        more: &str,
    ) -> Result<(), AppError> {
        let accounts = write.challenge_followers(&of.id).await?;
        self.tell(write, &accounts, &format!("challenge:{}", of.id), (news, &of.content, more)).await
    }
}

impl Clock {
    /// What a clock says that is not the system's.
    fn given(&self) -> Option<i64> {
        match self {
            Self::System => None,
            Self::Given(now) => Some(now()),
        }
    }
}

/// The problem of a whole thing, or of a list of it.
pub(super) fn problem(field: &str, code: &'static str, message: impl Into<String>) -> FieldProblem {
    FieldProblem::new(field, code, message)
}
