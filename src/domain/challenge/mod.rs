//! Challenges 榜单: what an enterprise puts on the 揭榜挂帅 board with its money (第五条 出资挂榜),
//! and what outside bidders answer (第七条 支持市内外科技创新主体在线“揭榜”).
//!
//! | module | its secret |
//! |---|---|
//! | [`bands`] | what the board tells challenges apart by |
//! | [`publish`] | what must be there before everybody sees it |
//! | [`status`] | the steps of a challenge and of a bid, and when each is allowed |
//! | [`bid`] | what a bid says, and what it lacks |
//! | [`bidder`] | who may bid: all that stands against it, at once |
//! | [`receipt`] | how a sealed bid is proved afterwards |
//! | [`panel`] | who may judge whom |
//! | [`evaluation`] | score sheets → ranking, ties and all |
//! | [`contract`] | what is recorded of the signed contract |
//! | [`news`] | what is told of a challenge to those whom it concerns |
//! | [`amendment`] | a change after publishing: how late it is, and whom it asks again |
//! | [`difference`] | what an amendment changed |
//! | [`talk`] | until when questions are taken, and what is agreed to before documents |
//!
//! Times are milliseconds since 1970 UTC, by the clock of the database; shares are whole percents.

pub mod amendment;
pub mod bands;
pub mod bid;
pub mod bidder;
pub mod contract;
pub mod difference;
pub mod evaluation;
pub mod news;
pub mod panel;
pub mod publish;
pub mod receipt;
pub mod status;
pub mod talk;

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::organisation::OrganisationKind;
use super::ownership::Ownership;
use super::text::tidied;

/// How long things take on the board, and how many it takes: data/board/rules.toml.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rules {
    /// Bids are taken this long at least.
    pub open_min_days: u32,
    /// An amendment leaves this long until closing.
    pub amendment_min_days: u32,
    /// Objections to a choice are taken this long.
    pub objection_days: u32,
    /// A ranking needs so many members of the panel.
    pub panel_min: u32,
}

impl Rules {
    const DAY_MS: i64 = 86_400_000;

    pub const fn open_min_ms(self) -> i64 {
        self.open_min_days as i64 * Self::DAY_MS
    }

    pub const fn amendment_min_ms(self) -> i64 {
        self.amendment_min_days as i64 * Self::DAY_MS
    }

    pub const fn objection_ms(self) -> i64 {
        self.objection_days as i64 * Self::DAY_MS
    }
}

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
    /// Whom to reach and how, where the contact is shown.
    pub contact_text: String,
}

impl Challenge {
    /// As it is kept: texts tidied, blank rows gone.
    #[must_use]
    pub fn tidied(self) -> Self {
        let indicator = |row: Indicator| Indicator {
            name: tidied(&row.name),
            value: tidied(&row.value),
            unit: tidied(&row.unit),
            test: tidied(&row.test),
        };
        let is_there = |text: &String| !text.is_empty();
        let texts = |list: Vec<String>| list.iter().map(|t| tidied(t)).filter(is_there).collect::<Vec<_>>();
        let indicators = self.indicators.into_iter().map(indicator);
        let stages = self.stages.into_iter().map(|row| Stage { name: tidied(&row.name), ..row });
        let criteria = self.criteria.into_iter().map(|row| Criterion { name: tidied(&row.name), ..row });
        Self {
            title: tidied(&self.title),
            problem: tidied(&self.problem),
            contact_text: tidied(&self.contact_text),
            indicators: indicators
                .filter(|row| [&row.name, &row.value, &row.unit, &row.test].into_iter().any(is_there))
                .collect(),
            ownership: self.ownership.map(|terms| Terms { text: tidied(&terms.text), ..terms }),
            stages: stages.filter(|row| is_there(&row.name) || row.percent > 0).collect(),
            criteria: criteria.filter(|row| is_there(&row.name) || row.weight > 0).collect(),
            conditions: Conditions {
                regions: texts(self.conditions.regions),
                qualifications: texts(self.conditions.qualifications),
                ..self.conditions
            },
            ..self
        }
    }
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
    /// The publisher's contact stands on the page, too.
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

impl Contact {
    pub const ALL: [Self; 2] = [Self::Questions, Self::Shown];

    pub const fn code(self) -> &'static str {
        match self {
            Self::Questions => "questions",
            Self::Shown => "shown",
        }
    }

    pub const fn name(self) -> &'static str {
        match self {
            Self::Questions => "只在榜单页公开提问、公开答复",
            Self::Shown => "公开提问，也公布联系人",
        }
    }
}

impl Attachments {
    pub const ALL: [Self; 2] = [Self::Public, Self::AfterAgreement];

    pub const fn code(self) -> &'static str {
        match self {
            Self::Public => "public",
            Self::AfterAgreement => "after_agreement",
        }
    }

    pub const fn name(self) -> &'static str {
        match self {
            Self::Public => "公开",
            Self::AfterAgreement => "同意保密约定后可下载",
        }
    }
}

impl Scores {
    pub const ALL: [Self; 2] = [Self::Winner, Self::All];

    pub const fn code(self) -> &'static str {
        match self {
            Self::Winner => "winner",
            Self::All => "all",
        }
    }

    pub const fn name(self) -> &'static str {
        match self {
            Self::Winner => "只公布中榜方的总分",
            Self::All => "公布所有揭榜方的总分",
        }
    }
}
