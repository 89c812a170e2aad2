//! What somebody searches for: words, filters and an order, with one shareable address each.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::challenge::bands::{ClosingBand, RewardBand};
use super::challenge::status::ChallengeStatus;
use super::problem::FieldProblem;
use super::talent::EVIDENCE_YEARS;
use super::text::{half_width, tidied};
use super::{EvidenceType, NeedMode, NeedStatus, TalentKind};

/// Most characters of what is searched for: a short need fits.
pub const MAX_QUERY: usize = 500;
/// Most characters of a region or the name of an organisation.
const MAX_VALUE: usize = 100;

/// What is searched among.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SearchKind {
    #[default]
    Talents,
    Needs,
    /// Those of the 揭榜挂帅 board.
    Challenges,
}

impl SearchKind {
    pub const ALL: [Self; 3] = [Self::Talents, Self::Needs, Self::Challenges];

    /// As it is written in addresses, in the store and in the API.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Talents => "talents",
            Self::Needs => "needs",
            Self::Challenges => "challenges",
        }
    }

    pub const fn name(self) -> &'static str {
        match self {
            Self::Talents => "科技人才（团队）",
            Self::Needs => "创新需求",
            Self::Challenges => "揭榜挂帅榜单",
        }
    }

    /// What they are counted by.
    pub const fn measure(self) -> &'static str {
        match self {
            Self::Talents => "位",
            Self::Needs | Self::Challenges => "条",
        }
    }
}

/// In which order hits are shown.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Default, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SearchSort {
    /// How well they match; without words, needs by time, talents by how much they show, challenges
    /// that take bids by when they close.
    #[default]
    Relevance,
    /// Needs by when they were made; talents by their newest evidence.
    Newest,
    /// Talents by how many pieces of evidence they show.
    Evidence,
    /// Needs by their deadline, those without one last; challenges by when they close, those that have
    /// closed last.
    Deadline,
    /// By name or title.
    Name,
    /// Challenges by what they pay.
    Reward,
    /// Challenges by how near they are to the own profile.
    Fit,
}

impl SearchSort {
    const ALL: [Self; 7] =
        [Self::Relevance, Self::Newest, Self::Evidence, Self::Deadline, Self::Name, Self::Reward, Self::Fit];

    /// Those that a kind can be sorted by.
    pub const fn of(kind: SearchKind) -> &'static [Self] {
        match kind {
            SearchKind::Talents => &[Self::Relevance, Self::Newest, Self::Evidence, Self::Name],
            SearchKind::Needs => &[Self::Relevance, Self::Newest, Self::Deadline, Self::Name],
            SearchKind::Challenges => &[Self::Relevance, Self::Deadline, Self::Newest, Self::Reward, Self::Fit],
        }
    }

    pub const fn code(self) -> &'static str {
        match self {
            Self::Relevance => "relevance",
            Self::Newest => "newest",
            Self::Evidence => "evidence",
            Self::Deadline => "deadline",
            Self::Name => "name",
            Self::Reward => "reward",
            Self::Fit => "fit",
        }
    }

    pub const fn name(self) -> &'static str {
        match self {
            Self::Relevance => "最相关",
            Self::Newest => "最新",
            Self::Evidence => "成果最多",
            Self::Deadline => "最早截止",
            Self::Name => "名称",
            Self::Reward => "金额最高",
            Self::Fit => "最适合我",
        }
    }
}

/// A search as it is asked, with what is not understood left out.
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(default, deny_unknown_fields)]
pub struct SearchQuery {
    pub kind: SearchKind,
    #[serde(skip_serializing_if = "String::is_empty")]
    pub q: String,
    /// Of talents.
    #[serde(rename = "type", skip_serializing_if = "Option::is_none")]
    pub talent_kind: Option<TalentKind>,
    /// A region within which they are.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// Taxonomy code.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    /// Of talents: they have matching evidence of this type, and of this year or later.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub evidence: Option<EvidenceType>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub since: Option<u16>,
    /// The whole name.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub organisation: Option<String>,
    /// Of needs.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub mode: Option<NeedMode>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub state: Option<NeedStatus>,
    /// Of challenges: code of an industry cluster; `field` is then a discipline that they are about.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub cluster: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub reward: Option<RewardBand>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub closing: Option<ClosingBand>,
    /// `state` in addresses.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub stage: Option<ChallengeStatus>,
    #[serde(skip_serializing_if = "is_default")]
    pub sort: SearchSort,
}

fn is_default(sort: &SearchSort) -> bool {
    *sort == SearchSort::default()
}

/// A search as an address or a form has it: texts, of which an empty one asks for nothing.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct SearchForm {
    pub kind: String,
    pub q: String,
    #[serde(rename = "type")]
    pub talent_kind: String,
    pub region: String,
    pub field: String,
    pub evidence: String,
    pub since: String,
    pub organisation: String,
    pub mode: String,
    pub state: String,
    pub cluster: String,
    pub reward: String,
    pub closing: String,
    pub sort: String,
}

impl SearchForm {
    /// What is asked, and what of it is not understood. Filters of the other kind ask for nothing.
    pub fn read(&self) -> (SearchQuery, Vec<FieldProblem>) {
        let mut problems = Vec::new();
        let kind = named("kind", &self.kind, &SearchKind::ALL, |k| k.code(), &mut problems).unwrap_or_default();
        let mut query = SearchQuery { kind, q: tidied(&self.q), ..SearchQuery::default() };
        if query.q.chars().count() > MAX_QUERY {
            query.q = query.q.chars().take(MAX_QUERY).collect();
            problems.push(FieldProblem::new("q", "too-long", format!("最多 {MAX_QUERY} 个字；请只写要点")));
        }
        query.region = value("region", &self.region, &mut problems);
        query.field = value("field", &self.field, &mut problems);
        query.organisation = value("organisation", &self.organisation, &mut problems);
        match kind {
            SearchKind::Talents => self.of_talents(&mut query, &mut problems),
            SearchKind::Needs => {
                query.mode = named("mode", &self.mode, &NeedMode::ALL, |m| m.code(), &mut problems);
                let public = [NeedStatus::Published, NeedStatus::Challenge];
                query.state = named("state", &self.state, &public, |s| s.code(), &mut problems);
            }
            SearchKind::Challenges => self.of_challenges(&mut query, &mut problems),
        }
        let sort = named("sort", &self.sort, &SearchSort::ALL, |s| s.code(), &mut problems);
        query.sort = sort.filter(|sort| SearchSort::of(kind).contains(sort)).unwrap_or_default();
        (query, problems)
    }

    fn of_talents(&self, query: &mut SearchQuery, problems: &mut Vec<FieldProblem>) {
        let types = TalentKind::ALL;
        query.talent_kind = named("type", &self.talent_kind, &types, |k| k.code(), problems);
        query.evidence = named("evidence", &self.evidence, &EvidenceType::ALL, |e| e.name(), problems);
        query.since = self.year(problems);
    }

    fn of_challenges(&self, query: &mut SearchQuery, problems: &mut Vec<FieldProblem>) {
        query.cluster = value("cluster", &self.cluster, problems);
        query.reward = named("reward", &self.reward, &RewardBand::ALL, |band| band.code(), problems);
        query.closing = named("closing", &self.closing, &ClosingBand::ALL, |band| band.code(), problems);
        let public: Vec<_> = ChallengeStatus::ALL.into_iter().filter(|status| status.is_public()).collect();
        query.stage = named("state", &self.state, &public, |status| status.code(), problems);
    }

    fn year(&self, problems: &mut Vec<FieldProblem>) -> Option<u16> {
        let text = half_width(&self.since);
        let year = text.trim().parse().ok().filter(|year| EVIDENCE_YEARS.contains(year));
        if year.is_none() && !text.trim().is_empty() {
            problems.push(FieldProblem::new("since", "bad-year", "年份应是四位数字，如 2020"));
        }
        year
    }
}

fn named<T: Copy>(
    field: &str,
    text: &str,
    all: &[T],
    code: impl Fn(T) -> &'static str,
    problems: &mut Vec<FieldProblem>,
) -> Option<T> {
    let found = all.iter().copied().find(|value| code(*value) == text);
    if found.is_none() && !text.is_empty() {
        let all: Vec<&str> = all.iter().map(|value| code(*value)).collect();
        problems.push(FieldProblem::new(field, "unknown", format!("没有这个选项；可用 {}", all.join("、"))));
    }
    found
}

fn value(field: &str, text: &str, problems: &mut Vec<FieldProblem>) -> Option<String> {
    let text = tidied(text);
    if text.chars().count() > MAX_VALUE {
        problems.push(FieldProblem::new(field, "too-long", format!("最多 {MAX_VALUE} 个字")));
        return None;
    }
    Some(text).filter(|text| !text.is_empty())
}

impl SearchQuery {
    /// The query of the address, without `?`: the same for the same search.
    pub fn address(&self) -> String {
        let year = self.since.map(|year| year.to_string());
        let parts = [
            ("kind", Some(self.kind.code())),
            ("q", Some(self.q.as_str()).filter(|q| !q.is_empty())),
            ("type", self.talent_kind.map(TalentKind::code)),
            ("region", self.region.as_deref()),
            ("field", self.field.as_deref()),
            ("evidence", self.evidence.map(EvidenceType::name)),
            ("since", year.as_deref()),
            ("organisation", self.organisation.as_deref()),
            ("mode", self.mode.map(NeedMode::code)),
            ("state", self.state.map(NeedStatus::code).or(self.stage.map(ChallengeStatus::code))),
            ("cluster", self.cluster.as_deref()),
            ("reward", self.reward.map(RewardBand::code)),
            ("closing", self.closing.map(ClosingBand::code)),
            ("sort", Some(self.sort.code()).filter(|_| !is_default(&self.sort))),
        ];
        let parts = parts.into_iter().filter_map(|(name, value)| Some(format!("{name}={}", percent_encoded(value?))));
        parts.collect::<Vec<_>>().join("&")
    }

    /// The form that asks the same.
    fn form(&self) -> SearchForm {
        let text = |text: Option<&str>| text.unwrap_or_default().to_owned();
        SearchForm {
            kind: self.kind.code().to_owned(),
            q: self.q.clone(),
            talent_kind: text(self.talent_kind.map(TalentKind::code)),
            region: text(self.region.as_deref()),
            field: text(self.field.as_deref()),
            evidence: text(self.evidence.map(EvidenceType::name)),
            since: self.since.map(|year| year.to_string()).unwrap_or_default(),
            organisation: text(self.organisation.as_deref()),
            mode: text(self.mode.map(NeedMode::code)),
            state: text(self.state.map(NeedStatus::code).or(self.stage.map(ChallengeStatus::code))),
            cluster: text(self.cluster.as_deref()),
            reward: text(self.reward.map(RewardBand::code)),
            closing: text(self.closing.map(ClosingBand::code)),
            sort: self.sort.code().to_owned(),
        }
    }

    /// The search as it is kept: tidied, without what means nothing for its kind.
    ///
    /// # Errors
    /// All that will not do.
    pub fn checked(&self) -> Result<Self, Vec<FieldProblem>> {
        let (query, problems) = self.form().read();
        if problems.is_empty() { Ok(query) } else { Err(problems) }
    }

    /// The address of the page that shows it.
    pub fn place(&self) -> String {
        match self.kind {
            SearchKind::Challenges => format!("/challenges?{}", self.filters()).trim_end_matches('?').to_owned(),
            _ => format!("/search?{}", self.address()),
        }
    }

    /// The query of the address without its kind, for a page that shows one kind only.
    pub fn filters(&self) -> String {
        let address = self.address();
        address.split_once('&').map(|(_, filters)| filters.to_owned()).unwrap_or_default()
    }

    /// Whether it asks for nothing but all of a kind.
    pub fn is_blank(&self) -> bool {
        *self == Self { kind: self.kind, sort: self.sort, ..Self::default() }
    }

    /// The same without filters.
    #[must_use]
    pub fn unfiltered(&self) -> Self {
        Self { kind: self.kind, q: self.q.clone(), sort: self.sort, ..Self::default() }
    }
}

/// A value in an address (RFC 3986, unreserved characters as they are).
pub fn percent_encoded(text: &str) -> String {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b"-._~".contains(&b);
    text.bytes().map(|b| if plain(b) { char::from(b).to_string() } else { format!("%{b:02X}") }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn form(kind: &str) -> SearchForm {
        SearchForm {
            kind: kind.into(), q: "  热失控 预警 ".into(), region: "重庆市".into(), ..SearchForm::default()
        }
    }

    #[test]
    fn one_search_has_one_address_and_is_kept_as_json() {
        let form = SearchForm { evidence: "patent".into(), since: "２０２０".into(), ..form("talents") };
        let (query, problems) = form.read();
        assert_eq!(problems, []);
        assert_eq!(
            query.address(),
            "kind=talents&q=%E7%83%AD%E5%A4%B1%E6%8E%A7%20%E9%A2%84%E8%AD%A6&region=%E9%87%8D%E5%BA%86%E5%B8%82\
             &evidence=patent&since=2020"
        );
        let json = serde_json::to_string(&query).unwrap();
        assert_eq!(serde_json::from_str::<SearchQuery>(&json).unwrap(), query);
        assert!(!query.is_blank() && !query.unfiltered().is_blank());
        assert!(SearchForm::default().read().0.is_blank());
    }

    #[test]
    fn what_is_not_understood_is_told_and_asks_for_nothing() {
        let form = SearchForm {
            talent_kind: "robot".into(),
            evidence: "rumour".into(),
            since: "1".into(),
            sort: "worst".into(),
            organisation: "长".repeat(101),
            ..form("talents")
        };
        let (query, problems) = form.read();
        let fields: Vec<&str> = problems.iter().map(|p| p.field.as_str()).collect();
        assert_eq!(fields, ["organisation", "type", "evidence", "since", "sort"]);
        assert_eq!(query.address(), form.read().0.address());
        assert!(query.talent_kind.is_none() && query.since.is_none());
        // Filters of talents mean nothing among needs.
        let form = SearchForm { evidence: "patent".into(), sort: "evidence".into(), ..self::form("needs") };
        let (query, problems) = form.read();
        assert_eq!((problems, query.evidence, query.sort), (vec![], None, SearchSort::Relevance));
    }

    /// Of each kind, a search that asks for all that can be asked: its address leads back to it.
    #[test]
    fn an_address_says_all_that_is_asked() {
        let all = |kind: &str, sort: &str| SearchForm {
            talent_kind: "team".into(),
            field: "A1".into(),
            evidence: "patent".into(),
            since: "2020".into(),
            organisation: "示例企业".into(),
            mode: "self".into(),
            state: if kind == "challenges" { "scoring" } else { "published" }.into(),
            cluster: "A3".into(),
            reward: "below300".into(),
            closing: "days7".into(),
            sort: sort.into(),
            ..form(kind)
        };
        for (kind, sort) in [("talents", "evidence"), ("needs", "deadline"), ("challenges", "fit")] {
            let (query, problems) = all(kind, sort).read();
            assert_eq!(problems, []);
            let again: SearchForm = serde_html_form::from_str(&query.address()).unwrap();
            assert_eq!(again.read(), (query.clone(), vec![]));
            assert_eq!(query.checked(), Ok(query.clone()));
            let json = serde_json::to_string(&query).unwrap();
            assert_eq!(serde_json::from_str::<SearchQuery>(&json).unwrap(), query);
        }
        let (query, _) = all("challenges", "reward").read();
        assert!(query.place().starts_with("/challenges?q=") && !query.place().contains("kind"), "{}", query.place());
        assert!(query.place().ends_with("&state=scoring&cluster=A3&reward=below300&closing=days7&sort=reward"));
        assert_eq!(SearchQuery { kind: SearchKind::Challenges, ..SearchQuery::default() }.place(), "/challenges");
        let refused = SearchForm { state: "preparing".into(), ..form("challenges") }.read().1;
        assert_eq!((refused[0].field.as_str(), refused[0].code), ("state", "unknown"), "nobody searches for drafts");
    }

    #[test]
    fn a_search_is_not_longer_than_a_short_need() {
        let (query, problems) = SearchForm { q: "字".repeat(MAX_QUERY + 1), ..SearchForm::default() }.read();
        assert_eq!((query.q.chars().count(), problems[0].code), (MAX_QUERY, "too-long"));
    }
}
