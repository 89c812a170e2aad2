//! Talents 科技人才（团队） and their evidence 成果.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::text::{tidied, tidied_or_none};

/// Years that evidence may have.
pub const EVIDENCE_YEARS: std::ops::RangeInclusive<u16> = 1900..=2100;

/// A researcher or a team, with what proves what they can do.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Talent {
    pub id: String,
    pub kind: TalentKind,
    pub name: String,
    pub organization: String,
    /// Administrative region, widest first: `重庆市渝北区`.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// Professional title of a researcher.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    #[serde(default)]
    pub keywords: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub bio: Option<String>,
    /// Taxonomy codes: clusters and disciplines.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<String>,
    /// Names of a team's members.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub members: Vec<String>,
    #[serde(default)]
    pub evidence: Vec<Evidence>,
}

impl Talent {
    /// A talent of whom nothing is known yet.
    pub fn blank(id: String, kind: TalentKind) -> Self {
        Self {
            id,
            kind,
            name: String::new(),
            organization: String::new(),
            region: None,
            title: None,
            keywords: Vec::new(),
            bio: None,
            fields: Vec::new(),
            members: Vec::new(),
            evidence: Vec::new(),
        }
    }

    /// The text that a profile is matched by, besides its evidence. Names and organisations say
    /// who, not what, and stay out.
    pub fn profile(&self) -> String {
        let mut parts: Vec<&str> = self.keywords.iter().map(String::as_str).collect();
        parts.extend(self.bio.as_deref());
        if self.kind == TalentKind::Team {
            parts.push(&self.name);
        }
        parts.join("；")
    }

    /// The talent as it is kept: texts tidied, blank fields and blank items of lists gone.
    #[must_use]
    pub fn tidied(self) -> Self {
        Self {
            id: self.id,
            kind: self.kind,
            name: tidied(&self.name),
            organization: tidied(&self.organization),
            region: tidied_or_none(self.region),
            title: tidied_or_none(self.title),
            keywords: tidied_list(self.keywords),
            bio: tidied_or_none(self.bio),
            fields: tidied_list(self.fields),
            members: tidied_list(self.members),
            evidence: self.evidence.into_iter().map(Evidence::tidied).collect(),
        }
    }
}

impl Evidence {
    /// The piece as it is kept.
    #[must_use]
    pub fn tidied(self) -> Self {
        Self {
            id: self.id,
            r#type: self.r#type,
            title: tidied(&self.title),
            r#abstract: tidied_or_none(self.r#abstract),
            keywords: tidied_list(self.keywords),
            year: self.year,
        }
    }
}

fn tidied_list(items: Vec<String>) -> Vec<String> {
    items.into_iter().filter_map(|item| tidied_or_none(Some(item))).collect()
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum TalentKind {
    Researcher,
    Team,
}

impl TalentKind {
    pub const ALL: [Self; 2] = [Self::Researcher, Self::Team];

    /// As it is written in files, in the store and in the API.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Researcher => "researcher",
            Self::Team => "team",
        }
    }

    /// The name that people read.
    pub const fn label(self) -> &'static str {
        match self {
            Self::Researcher => "个人",
            Self::Team => "团队",
        }
    }
}

/// Whether a profile is shown and matched.
#[derive(Debug, Clone, PartialEq, Eq, Default)]
pub enum TalentStatus {
    #[default]
    Active,
    /// By wish of the person or of an operator.
    Hidden,
    /// A second profile of one person: the id is that of the profile that stays.
    Merged { into: String },
}

impl TalentStatus {
    /// As it is written in the store and in the API.
    pub const fn code(&self) -> &'static str {
        match self {
            Self::Active => "active",
            Self::Hidden => "hidden",
            Self::Merged { .. } => "merged",
        }
    }

    pub const fn name(&self) -> &'static str {
        match self {
            Self::Active => "展示中",
            Self::Hidden => "已隐藏",
            Self::Merged { .. } => "已合并",
        }
    }

    /// The profile that this one was merged into.
    pub fn merged_into(&self) -> Option<&str> {
        match self {
            Self::Merged { into } => Some(into),
            _ => None,
        }
    }
}

/// One piece of evidence. Several talents may share it: then it is the same in all of them.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Evidence {
    pub id: String,
    pub r#type: EvidenceType,
    pub title: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub r#abstract: Option<String>,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub keywords: Vec<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub year: Option<u16>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum EvidenceType {
    Paper,
    Patent,
    Project,
    Award,
    Standard,
    Contract,
}

impl EvidenceType {
    /// In the order of their codes.
    pub const ALL: [Self; 6] = [Self::Paper, Self::Patent, Self::Project, Self::Award, Self::Standard, Self::Contract];

    /// The number that stands for the type in an index; never changes.
    pub fn code(self) -> u8 {
        self as u8
    }

    pub fn from_code(code: u8) -> Option<Self> {
        Self::ALL.get(usize::from(code)).copied()
    }

    /// As it is written in files, in the store and in the API.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Paper => "paper",
            Self::Patent => "patent",
            Self::Project => "project",
            Self::Award => "award",
            Self::Standard => "standard",
            Self::Contract => "contract",
        }
    }

    /// The type's name on pages and in files.
    pub fn label(self) -> &'static str {
        match self {
            Self::Paper => "论文",
            Self::Patent => "专利",
            Self::Project => "项目",
            Self::Award => "奖项",
            Self::Standard => "标准",
            Self::Contract => "合同",
        }
    }

    /// Whether it shows that something was put into practice rather than written about.
    pub fn is_practice(self) -> bool {
        matches!(self, Self::Patent | Self::Contract | Self::Standard)
    }
}
