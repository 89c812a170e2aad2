//! Which of the talents that match are wanted.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use zhihui_index::TalentHit;
use zhihui_index::reader::Talent as Indexed;

use crate::domain::region::{is_in_city, is_within};
use crate::domain::{EvidenceType, FieldProblem, Talent, TalentKind};

/// Where the talents are, as 第七条 distinguishes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "lowercase")]
pub enum Place {
    /// 市内
    #[default]
    City,
    /// 市外, and where it is not known
    Elsewhere,
    Anywhere,
}

impl Place {
    pub const ALL: [Self; 3] = [Self::City, Self::Elsewhere, Self::Anywhere];

    /// As it is written in addresses and in the API.
    pub const fn code(self) -> &'static str {
        match self {
            Self::City => "city",
            Self::Elsewhere => "elsewhere",
            Self::Anywhere => "anywhere",
        }
    }

    pub const fn name(self) -> &'static str {
        match self {
            Self::City => "市内",
            Self::Elsewhere => "市外",
            Self::Anywhere => "市内外",
        }
    }
}

/// What the talents of a list must be like; an empty list of values asks for nothing.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct Filters {
    pub place: Place,
    /// A region within which they are: `重庆市渝北区`.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub kinds: Vec<TalentKind>,
    /// A part of the organisation's name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organisation: Option<String>,
    /// Taxonomy codes, one of which the talent has.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub fields: Vec<String>,
    /// Kinds of matching evidence, one of which the talent has.
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub evidence: Vec<EvidenceType>,
    /// The year of matching evidence, at the least.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<u16>,
    /// Only who can take another collaboration.
    pub free: bool,
}

/// Values of one filter, and characters of a text, at the most.
const VALUES_MAX: usize = 50;
const TEXT_MAX: usize = 100;

impl Filters {
    /// What is wrong with them.
    pub fn check(&self) -> Vec<FieldProblem> {
        let mut problems = Vec::new();
        let lengths = [("kinds", self.kinds.len()), ("fields", self.fields.len()), ("evidence", self.evidence.len())];
        for (field, _) in lengths.into_iter().filter(|(_, length)| *length > VALUES_MAX) {
            problems.push(FieldProblem::new(field, "too-many", format!("最多选 {VALUES_MAX} 项")));
        }
        let texts = [("region", &self.region), ("organisation", &self.organisation)];
        for (field, _) in texts.into_iter().filter(|(_, t)| t.as_ref().is_some_and(|t| t.chars().count() > TEXT_MAX)) {
            problems.push(FieldProblem::new(field, "too-long", format!("最多 {TEXT_MAX} 个字")));
        }
        problems
    }

    /// In Chinese: 市内；团队；有专利的；2020 年以后
    pub fn sentence(&self) -> String {
        let mut parts = vec![self.place.name().to_owned()];
        parts.extend(self.region.clone());
        parts.extend(self.kinds.iter().map(|kind| kind.label().to_owned()));
        parts.extend(self.organisation.as_ref().map(|name| format!("单位含“{name}”")));
        if !self.fields.is_empty() {
            parts.push(format!("领域 {}", self.fields.join("、")));
        }
        if !self.evidence.is_empty() {
            let kinds: Vec<&str> = self.evidence.iter().map(|kind| kind.label()).collect();
            parts.push(format!("有{}的", kinds.join("或")));
        }
        parts.extend(self.since.map(|year| format!("{year} 年以后")));
        parts.extend(self.free.then(|| "有余力的".to_owned()));
        parts.join("；")
    }

    /// Whether a candidate is wanted, by what the index knows of it.
    pub(super) fn admits(&self, hit: &TalentHit, talent: &Indexed) -> bool {
        let region = talent.region.as_deref();
        let place = match self.place {
            Place::City => is_in_city(region),
            Place::Elsewhere => !is_in_city(region),
            Place::Anywhere => true,
        };
        let within = self.region.as_deref().is_none_or(|wanted| region.is_some_and(|r| is_within(r, wanted)));
        let field = self.fields.is_empty() || talent.codes.iter().any(|c| self.fields.iter().any(|f| **c == **f));
        place && within && field && self.has_evidence(hit)
    }

    /// One piece has to be of the kind and of the time.
    fn has_evidence(&self, hit: &TalentHit) -> bool {
        if self.evidence.is_empty() && self.since.is_none() {
            return true;
        }
        hit.evidence.iter().any(|e| {
            let kind = || EvidenceType::from_code(e.kind).is_some_and(|kind| self.evidence.contains(&kind));
            let since = self.since.is_none_or(|since| e.year.is_some_and(|year| year >= since));
            since && (self.evidence.is_empty() || kind())
        })
    }

    /// Whether a talent is wanted, by its record.
    pub(super) fn admits_record(&self, talent: &Talent) -> bool {
        let kind = self.kinds.is_empty() || self.kinds.contains(&talent.kind);
        kind && self.organisation.as_deref().is_none_or(|o| talent.organization.contains(o.trim()))
    }
}
