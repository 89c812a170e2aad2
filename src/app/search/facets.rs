//! How many hits have each value, and the address that narrows to it.
//!
//! Each facet counts the hits that all the other filters let through, so that its numbers say what
//! choosing another value would show.

use rustc_hash::FxHashMap;
use serde::Serialize;
use utoipa::ToSchema;

use crate::domain::challenge::bands::{ClosingBand, RewardBand};
use crate::domain::challenge::status::ChallengeStatus;
use crate::domain::region::{CITY, is_in_city};
use crate::domain::{EvidenceType, NeedMode, NeedStatus, SearchQuery, TalentKind, Taxonomy};

/// Values of one facet that are listed; the rest is found by words.
const VALUES: usize = 10;

/// What hits are told apart by.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Dimension {
    Type,
    Mode,
    State,
    Region,
    Field,
    Evidence,
    Since,
    Organisation,
    /// State of a challenge.
    Stage,
    Cluster,
    Reward,
    Closing,
}

impl Dimension {
    /// As it is written in addresses.
    const fn name(self) -> &'static str {
        match self {
            Self::Type => "type",
            Self::Mode => "mode",
            Self::State => "state",
            Self::Region => "region",
            Self::Field => "field",
            Self::Evidence => "evidence",
            Self::Since => "since",
            Self::Organisation => "organisation",
            Self::Stage => "state",
            Self::Cluster => "cluster",
            Self::Reward => "reward",
            Self::Closing => "closing",
        }
    }

    const fn label(self) -> &'static str {
        match self {
            Self::Type => "类型",
            Self::Mode => "组织实施方式",
            Self::State => "状态",
            Self::Region => "区域",
            Self::Field => "领域",
            Self::Evidence => "成果类型",
            Self::Since => "成果年份",
            Self::Organisation => "单位",
            Self::Stage => "状态",
            Self::Cluster => "产业集群",
            Self::Reward => "榜单金额",
            Self::Closing => "截止",
        }
    }

    /// What the query asks for here.
    fn chosen(self, query: &SearchQuery) -> Option<String> {
        match self {
            Self::Type => query.talent_kind.map(|k| k.code().to_owned()),
            Self::Mode => query.mode.map(|m| m.code().to_owned()),
            Self::State => query.state.map(|s| s.code().to_owned()),
            Self::Region => query.region.clone(),
            Self::Field => query.field.clone(),
            Self::Evidence => query.evidence.map(|e| e.name().to_owned()),
            Self::Since => query.since.map(|year| year.to_string()),
            Self::Organisation => query.organisation.clone(),
            Self::Stage => query.stage.map(|s| s.code().to_owned()),
            Self::Cluster => query.cluster.clone(),
            Self::Reward => query.reward.map(|band| band.code().to_owned()),
            Self::Closing => query.closing.map(|band| band.code().to_owned()),
        }
    }

    /// The query that asks for another value here, or for none.
    fn choose(self, query: &SearchQuery, value: Option<&str>) -> SearchQuery {
        let mut query = query.clone();
        let text = || value.map(str::to_owned);
        match self {
            Self::Type => query.talent_kind = TalentKind::ALL.into_iter().find(|k| Some(k.code()) == value),
            Self::Mode => query.mode = NeedMode::ALL.into_iter().find(|m| Some(m.code()) == value),
            Self::State => query.state = NeedStatus::ALL.into_iter().find(|s| Some(s.code()) == value),
            Self::Region => query.region = text(),
            Self::Field => query.field = text(),
            Self::Evidence => query.evidence = EvidenceType::ALL.into_iter().find(|e| Some(e.name()) == value),
            Self::Since => query.since = value.and_then(|year| year.parse().ok()),
            Self::Organisation => query.organisation = text(),
            Self::Stage => query.stage = value.and_then(ChallengeStatus::from_code),
            Self::Cluster => query.cluster = text(),
            Self::Reward => query.reward = RewardBand::ALL.into_iter().find(|band| Some(band.code()) == value),
            Self::Closing => query.closing = ClosingBand::ALL.into_iter().find(|band| Some(band.code()) == value),
        }
        query
    }

    fn shown(self, value: &str, taxonomy: &Taxonomy) -> String {
        let found = match self {
            Self::Type => TalentKind::ALL.into_iter().find(|k| k.code() == value).map(|kind| match kind {
                TalentKind::Researcher => "个人".to_owned(),
                TalentKind::Team => "团队".to_owned(),
            }),
            Self::Mode => NeedMode::ALL.into_iter().find(|m| m.code() == value).map(|m| m.name().to_owned()),
            Self::State => NeedStatus::from_code(value).map(|s| s.name().to_owned()),
            Self::Field | Self::Cluster => taxonomy.field(value).map(|field| field.name.clone()),
            Self::Evidence => EvidenceType::ALL.into_iter().find(|e| e.name() == value).map(|e| e.label().to_owned()),
            Self::Since => Some(format!("{value} 年以来")),
            Self::Stage => ChallengeStatus::from_code(value).map(|s| s.name().to_owned()),
            Self::Reward => RewardBand::ALL.into_iter().find(|b| b.code() == value).map(|b| b.name().to_owned()),
            Self::Closing => ClosingBand::ALL.into_iter().find(|b| b.code() == value).map(|b| b.name().to_owned()),
            Self::Region | Self::Organisation => None,
        };
        found.unwrap_or_else(|| value.to_owned())
    }

    /// The place of a value whose facet is in an order of its own.
    fn place(self, value: &str) -> Option<usize> {
        match self {
            Self::Stage => ChallengeStatus::ALL.into_iter().position(|s| s.code() == value),
            Self::Reward => RewardBand::ALL.into_iter().position(|b| b.code() == value),
            Self::Closing => ClosingBand::ALL.into_iter().position(|b| b.code() == value),
            _ => None,
        }
    }
}

/// What hits are told apart by, with what there is of it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Facet {
    /// As it is written in addresses.
    pub name: &'static str,
    pub label: &'static str,
    pub values: Vec<FacetValue>,
}

/// One value that hits have.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FacetValue {
    pub value: String,
    pub label: String,
    pub count: usize,
    pub is_chosen: bool,
    /// The query of the address with this value, or without it where it is chosen.
    pub address: String,
}

/// Counts hits, one after the other.
#[derive(Debug)]
pub struct Counter<'a> {
    dimensions: &'a [Dimension],
    counts: FxHashMap<(Dimension, &'a str), usize>,
    admitted: usize,
}

impl<'a> Counter<'a> {
    pub fn new(dimensions: &'a [Dimension]) -> Self {
        Self { dimensions, counts: FxHashMap::default(), admitted: 0 }
    }

    /// Counts a hit of which `passes` says whether the filter of each dimension lets it through, and
    /// `values` what it has there. Tells whether all do.
    pub fn count(
        &mut self,
        passes: impl Fn(Dimension) -> bool,
        mut values: impl FnMut(Dimension, &mut dyn FnMut(&'a str)),
    ) -> bool {
        let refused: Vec<Dimension> = self.dimensions.iter().copied().filter(|d| !passes(*d)).collect();
        let counted = match refused.as_slice() {
            [] => self.dimensions,
            [one] => std::slice::from_ref(one),
            _ => return false,
        };
        for &dimension in counted {
            values(dimension, &mut |value| *self.counts.entry((dimension, value)).or_default() += 1);
        }
        self.admitted += usize::from(refused.is_empty());
        refused.is_empty()
    }

    /// The facets, values with most hits first; years newest first, states and bands in order. The value that is chosen is
    /// always among them; an organisation is shown only then.
    pub fn facets(&self, query: &SearchQuery, taxonomy: &Taxonomy) -> Vec<Facet> {
        let facet = |&dimension: &Dimension| {
            let chosen = dimension.chosen(query);
            let counts = self.counts.iter().filter(|((d, _), _)| *d == dimension);
            let mut values: Vec<(&str, usize)> = counts.map(|((_, value), count)| (*value, *count)).collect();
            match dimension {
                Dimension::Since => values.sort_by(|a, b| b.0.cmp(a.0)),
                Dimension::Stage | Dimension::Reward | Dimension::Closing => {
                    values.sort_by_key(|(value, _)| dimension.place(value));
                }
                _ => values.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(b.0))),
            }
            let is_chosen = |value: &str| chosen.as_deref() == Some(value);
            let all = if dimension == Dimension::Organisation { 0 } else { VALUES };
            let mut place = 0;
            values.retain(|(value, _)| {
                place += 1;
                place <= all || is_chosen(value)
            });
            if let Some(chosen) = chosen.as_deref().filter(|c| !values.iter().any(|(v, _)| v == c)) {
                // Narrower than what is listed: a year of its own, a place within a province.
                values.push((chosen, self.admitted));
            }
            let value = |(value, count): (&str, usize)| FacetValue {
                value: value.to_owned(),
                label: dimension.shown(value, taxonomy),
                count,
                is_chosen: is_chosen(value),
                address: dimension.choose(query, Some(value).filter(|v| !is_chosen(v))).address(),
            };
            let values: Vec<FacetValue> = values.into_iter().map(value).collect();
            Facet { name: dimension.name(), label: dimension.label(), values }
        };
        self.dimensions.iter().map(facet).filter(|facet| !facet.values.is_empty()).collect()
    }
}

/// The regions that a region is counted under: the city and its district; elsewhere the province or
/// the city that is one.
pub fn regions<'a>(region: Option<&'a str>, mut count: impl FnMut(&'a str)) {
    let Some(region) = region.filter(|region| !region.is_empty()) else { return };
    if is_in_city(Some(region)) {
        count(CITY);
        if region != CITY {
            count(region);
        }
        return;
    }
    let ends = ["自治区", "省", "市"].into_iter().filter_map(|end| region.find(end).map(|at| at + end.len()));
    count(&region[..ends.min().unwrap_or(region.len())]);
}

#[cfg(test)]
mod tests {
    //! 1. a facet counts what the other filters let through, and its addresses choose or leave a value;
    //! 2. regions are counted where people look for them.

    use super::*;
    use crate::domain::SearchForm;

    #[test]
    fn a_facet_counts_what_choosing_would_show() {
        const HITS: [(&str, &str); 4] =
            [("self", "重庆市"), ("self", "四川省"), ("collaborative", "四川省"), ("self", "四川省")];
        let form =
            SearchForm {
                kind: "needs".into(), mode: "self".into(), region: "四川省".into(), ..SearchForm::default()
            };
        let query = form.read().0;
        let mut counter = Counter::new(&[Dimension::Mode, Dimension::Region]);
        let mut admitted = 0;
        for (mode, region) in HITS {
            let passes = |d| if d == Dimension::Mode { mode == "self" } else { region == "四川省" };
            let is_admitted = counter.count(passes, |d, count| count(if d == Dimension::Mode { mode } else { region }));
            admitted += usize::from(is_admitted);
        }
        assert_eq!(admitted, 2);
        let facets = counter.facets(&query, &Taxonomy::new(Vec::new()));
        let shown = |facet: &Facet| -> Vec<(String, usize, bool)> {
            facet.values.iter().map(|v| (v.value.clone(), v.count, v.is_chosen)).collect()
        };
        assert_eq!(shown(&facets[0]), [("self".into(), 2, true), ("collaborative".into(), 1, false)]);
        assert_eq!(shown(&facets[1]), [("四川省".into(), 2, true), ("重庆市".into(), 1, false)]);
        assert_eq!(facets[0].values[0].address, "kind=needs&region=%E5%9B%9B%E5%B7%9D%E7%9C%81", "chosen: it leaves");
        assert!(facets[0].values[1].address.contains("mode=collaborative"));
    }

    #[test]
    fn regions_are_counted_where_people_look() {
        for (region, expected) in [
            (Some("重庆市渝北区"), &["重庆市", "重庆市渝北区"][..]),
            (Some("重庆市"), &["重庆市"]),
            (Some("四川省成都市"), &["四川省"]),
            (Some("北京市海淀区"), &["北京市"]),
            (Some("广西壮族自治区南宁市"), &["广西壮族自治区"]),
            (Some("Singapore"), &["Singapore"]),
            (Some(""), &[]),
            (None, &[]),
        ] {
            let mut counted = Vec::new();
            regions(region, |r| counted.push(r));
            assert_eq!(counted, expected, "{region:?}");
        }
    }
}
