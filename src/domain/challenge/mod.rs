//! Challenges 榜单: what an enterprise puts on the 揭榜挂帅 board with its money (第五条 出资挂榜),
//! and what outside bidders answer (第七条 支持市内外科技创新主体在线“揭榜”).
//!
//! | module | its secret |
//! |---|---|
//! | [`publish`] | what must be there before everybody sees it |
//! | [`status`] | the steps of a challenge and of a bid, and when each is allowed |
//! | [`bid`] | what a bid says, and what it lacks |
//! | [`bidder`] | who may bid: all that stands against it, at once |
//! | [`receipt`] | how a sealed bid is proved afterwards |
//! | [`evaluation`] | score sheets → ranking, ties and all |
//! | [`amendment`] | a change after publishing: how late it is, and whom it asks again |
//!
//! Times are milliseconds since 1970 UTC, by the clock of the database; shares are whole percents.

pub mod amendment;
pub mod bid;
pub mod bidder;
pub mod evaluation;
pub mod publish;
pub mod receipt;
pub mod status;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::organisation::OrganisationKind;
use super::ownership::Ownership;

/// A challenge as its enterprise writes it.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Challenge {
    pub title: String,
    pub problem: String,
    pub indicators: Vec<Indicator>,
    /// Months from the contract to acceptance.
    pub months: Option<u32>,
    pub ownership: Option<Terms>,
    /// In yuan.
    pub reward: Option<u64>,
    pub stages: Vec<Stage>,
    pub conditions: Conditions,
    pub criteria: Vec<Criterion>,
    pub opens_at: Option<i64>,
    /// Questions may be asked until then.
    pub questions_until: Option<i64>,
    /// Bids are taken before this moment, not at it.
    pub closes_at: Option<i64>,
    pub contact: Contact,
    pub attachments: Attachments,
    pub scores: Scores,
}

/// What is to be reached, and how that will be seen.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Indicator {
    pub name: String,
    pub value: String,
    #[serde(default)]
    pub unit: String,
    /// Method and place of the test.
    pub test: String,
}

/// Who owns the results.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Terms {
    pub template: Ownership,
    /// What is agreed beyond the template; for 另行约定 all of it.
    #[serde(default)]
    pub text: String,
}

/// A part of the reward and what it is paid for.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Stage {
    pub name: String,
    pub percent: u32,
}

/// Who may bid. An empty list asks for nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Conditions {
    pub kinds: Vec<OrganisationKind>,
    /// A bidder's region begins with one of these: 重庆市 holds 重庆市渝北区.
    pub regions: Vec<String>,
    pub qualifications: Vec<String>,
    pub consortium: bool,
}

/// What bids are scored by.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Criterion {
    pub name: String,
    /// Share of the total.
    pub weight: u32,
}

/// How bidders reach the publisher before closing.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Contact {
    /// By questions that everybody reads.
    #[default]
    Questions,
    /// The publisher's contact stands on the page.
    Shown,
}

/// Who may read the attachments.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Attachments {
    #[default]
    Public,
    /// Who has agreed to keep them to themselves.
    AfterAgreement,
}

/// What of the scores is published with the award. Every bidder is told their own.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Scores {
    /// The winner's total.
    #[default]
    Winner,
    /// Every bidder's total.
    All,
}
