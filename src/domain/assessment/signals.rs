//! What the index says of a need, as findings.

use serde::Serialize;
use utoipa::ToSchema;

use super::Finding;
use crate::domain::day::Day;
use crate::domain::need::{Need, NeedMode};
use crate::domain::text::shown;

/// What the caller found out with the index and the calendar.
#[derive(Debug, Clone, PartialEq)]
pub struct Signals {
    pub today: Day,
    /// None where nobody was searched for.
    pub matches: Option<MatchCounts>,
    /// Words of the need that nobody's evidence covers, the most telling first.
    pub uncovered: Vec<String>,
    /// Name of the field that the need names by its code.
    pub named_field: Option<String>,
    /// What the text is about, best first.
    pub predicted_fields: Vec<PredictedField>,
    /// Needs already posted, the most similar first.
    pub similar: Vec<SimilarNeed>,
}

/// How many talents match, by band.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default, Serialize, ToSchema)]
pub struct MatchCounts {
    /// 高度匹配
    pub high: u32,
    /// 较匹配
    pub fair: u32,
    /// 可参考
    pub low: u32,
}

/// A field that the text is about.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct PredictedField {
    pub code: String,
    pub name: String,
    /// The best field has 1.
    pub weight: f32,
}

/// Another need.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct SimilarNeed {
    pub id: String,
    pub title: String,
    /// 0–1
    pub similarity: f32,
    /// So similar that one of the two may be superfluous.
    pub is_near_duplicate: bool,
}

impl Signals {
    /// Nothing but the day: for a need that no index was asked about.
    pub fn of_day(today: Day) -> Self {
        Self {
            today,
            matches: None,
            uncovered: Vec::new(),
            named_field: None,
            predicted_fields: Vec::new(),
            similar: Vec::new(),
        }
    }
}

/// Words that nobody covers, shown at most.
const MOST_WORDS: usize = 6;
/// Predicted fields that a named one may be among.
const MOST_FIELDS: usize = 3;
/// Similar needs shown at most.
const MOST_SIMILAR: usize = 3;

pub(super) fn findings(need: &Need, signals: &Signals) -> Vec<Finding> {
    let mut findings: Vec<Finding> = field(need, signals).into_iter().collect();
    // 第七条 recommends talents for needs that look for partners.
    if need.mode != Some(NeedMode::SelfReliant) {
        findings.extend(signals.matches.map(matches));
    }
    if !signals.uncovered.is_empty() {
        let words: Vec<String> = signals.uncovered.iter().take(MOST_WORDS).map(|w| format!("“{}”", shown(w))).collect();
        let sentence = format!("{}没有任何成果涉及；请看是否写错，或补写更通用的说法", words.join(""));
        findings.push(Finding::new("uncovered-words", Some("problem"), sentence));
    }
    findings.extend(signals.similar.iter().take(MOST_SIMILAR).map(similar));
    findings
}

fn field(need: &Need, signals: &Signals) -> Option<Finding> {
    let best = signals.predicted_fields.first()?;
    let Some(code) = need.field.as_deref() else {
        let sentence = format!("没有选领域；按文字看属于“{}”（{}），请确认或另选", best.name, best.code);
        return Some(Finding::new("no-field", Some("field"), sentence));
    };
    let among = signals.predicted_fields.iter().take(MOST_FIELDS).any(|field| field.code == code);
    (!among).then(|| {
        let named = signals.named_field.as_deref().unwrap_or(code);
        let sentence = format!("所选领域是“{}”，按文字看更像“{}”（{}）；请核对", shown(named), best.name, best.code);
        Finding::new("field-differs", Some("field"), sentence)
    })
}

fn matches(counts: MatchCounts) -> Finding {
    let MatchCounts { high, fair, low } = counts;
    if high + fair + low == 0 {
        let sentence = "没有找到匹配的科技人才（团队）；请写明关键技术、材料或工艺的名称，或选“市外”再看";
        return Finding::new("nobody-matches", Some("problem"), sentence);
    }
    if high == 0 {
        let sentence = format!(
            "没有高度匹配的科技人才（团队），较匹配 {fair} 个、可参考 {low} 个；请写得更具体，如所用的材料、工艺和指标"
        );
        return Finding::new("no-strong-match", Some("problem"), sentence);
    }
    Finding::new(
        "match-good",
        None,
        format!("高度匹配的科技人才（团队）有 {high} 个，较匹配 {fair} 个、可参考 {low} 个"),
    )
}

fn similar(other: &SimilarNeed) -> Finding {
    let percent = (other.similarity.clamp(0.0, 1.0) * 100.0).round();
    let title = shown(&other.title);
    if other.is_near_duplicate {
        let sentence = format!("与已有需求“{title}”（{}）几乎相同，相似度 {percent}%；请确认不是重复提交", other.id);
        return Finding::new("near-duplicate", None, sentence);
    }
    Finding::new(
        "similar-need",
        None,
        format!("与已有需求“{title}”（{}）相近，相似度 {percent}%；可以参看它的写法", other.id),
    )
}
