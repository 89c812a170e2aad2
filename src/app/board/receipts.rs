//! Receipts: what a bidder holds, and how anybody checks it after opening.
//!
//! A receipt is a JSON file. Its hash commits to the content and a random nonce, so that it tells
//! nothing to whoever has not got the content, and nothing about other bids to whoever has.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::app::error::AppError;
use crate::app::{Actor, App};
use crate::domain::challenge::bid::Bid;
use crate::domain::challenge::receipt::{NONCE, NotProved, verify};
use crate::domain::hex::{hex, unhex};

/// What was handed in, opened.
#[derive(Clone)]
pub struct Submission {
    pub nonce: [u8; NONCE],
    pub bid: Bid,
    /// The bytes that were hashed.
    pub canonical: Vec<u8>,
}

impl std::fmt::Debug for Submission {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Submission").finish_non_exhaustive()
    }
}

/// What a bidder keeps.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Receipt {
    /// Random.
    pub receipt: String,
    pub challenge: String,
    /// Milliseconds since 1970 UTC, by the clock of the platform's database.
    pub submitted_at: i64,
    /// SHA-256 over `zhihui bid v1`, a zero byte, the nonce and the content, in hexadecimal.
    pub hash: String,
    /// 32 bytes in hexadecimal. Keep it secret until opening.
    pub nonce: String,
    /// The canonical content: exactly these bytes were hashed.
    pub content: String,
}

/// A bid as everybody may see it after opening.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PublishedBid {
    /// From 1 in the order of submission.
    pub place: i64,
    pub receipt: String,
    pub submitted_at: i64,
    pub hash: String,
    /// Whether it is scored; else a rule excluded it.
    pub admitted: bool,
}

/// The list of a challenge that receipts are checked against.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct PublishedBids {
    pub challenge: String,
    pub title: String,
    /// Milliseconds since 1970 UTC.
    pub opened_at: i64,
    pub bids: Vec<PublishedBid>,
}

/// Why a receipt was not understood, or proves nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum ReceiptProblem {
    #[error("这不是回执文件：请上传揭榜时下载的 JSON 回执（{0}）")]
    Format(String),
    #[error("回执属于另一个榜单")]
    OtherChallenge,
    #[error("回执的编号或提交时间与开榜名单不符：回执已被改动")]
    OtherEntry,
    #[error(transparent)]
    NotProved(#[from] NotProved),
}

impl Receipt {
    /// # Errors
    /// [`ReceiptProblem::Format`]
    pub fn parse(json: &[u8]) -> Result<Self, ReceiptProblem> {
        serde_json::from_slice(json).map_err(|e| ReceiptProblem::Format(e.to_string()))
    }

    /// Checks it against the published list; gives the place in the order.
    ///
    /// # Errors
    /// [`ReceiptProblem`]
    pub fn check(&self, published: &PublishedBids) -> Result<usize, ReceiptProblem> {
        if self.challenge != published.challenge {
            return Err(ReceiptProblem::OtherChallenge);
        }
        let broken = |what: &str| ReceiptProblem::Format(format!("{what}不是 64 位十六进制数"));
        let nonce = unhex(&self.nonce).ok_or_else(|| broken("nonce"))?;
        let hash = unhex(&self.hash).ok_or_else(|| broken("hash"))?;
        let all: Option<Vec<[u8; 32]>> = published.bids.iter().map(|bid| unhex(&bid.hash)).collect();
        let all = all.ok_or_else(|| broken("名单中的 hash"))?;
        let place = verify(&nonce, self.content.as_bytes(), &hash, &all)?;
        let listed = published.bids.get(place - 1);
        match listed.is_some_and(|l| l.receipt == self.receipt && l.submitted_at == self.submitted_at) {
            true => Ok(place),
            false => Err(ReceiptProblem::OtherEntry),
        }
    }
}

impl App {
    /// The receipt of the own bid as it was handed in last.
    ///
    /// # Errors
    /// [`AppError::NotFound`] for others, and where none was handed in.
    pub async fn bid_receipt(&self, actor: &Actor, id: &str) -> Result<Receipt, AppError> {
        let record = self.bid_read(actor, id).await?;
        let missing = || AppError::NotFound("回执");
        let submission = self.handed_in(&record)?.ok_or_else(missing)?;
        let handed_in = record.handed_in.ok_or_else(missing)?;
        Ok(Receipt {
            receipt: handed_in.receipt,
            challenge: record.challenge,
            submitted_at: handed_in.at,
            hash: hex(handed_in.commitment),
            nonce: hex(submission.nonce),
            content: String::from_utf8(submission.canonical).map_err(|e| AppError::Internal(e.to_string()))?,
        })
    }

    /// The list of a challenge that receipts are checked against.
    ///
    /// # Errors
    /// [`AppError::NotFound`] also before opening: there is nothing to be known of it.
    pub async fn bids_published(&self, challenge: &str) -> Result<PublishedBids, AppError> {
        let found = self.challenge_public(challenge).await?;
        let opened_at = found.opened_at.ok_or(AppError::NotFound("开榜名单"))?;
        let mut bids = Vec::new();
        for bid in self.store.bids_opened(challenge).await? {
            let (Some(place), Some(handed_in)) = (bid.place, bid.handed_in) else { continue };
            bids.push(PublishedBid {
                place,
                receipt: handed_in.receipt,
                submitted_at: handed_in.at,
                hash: hex(handed_in.commitment),
                admitted: bid.excluded.is_none(),
            });
        }
        Ok(PublishedBids { challenge: found.id, title: found.content.title, opened_at, bids })
    }
}
