//! Assessment 需求评测 (第七条): what the rules and the index say of a need, also while it is being
//! written. Nothing is stored.

use std::sync::LazyLock;

use serde::Serialize;
use utoipa::ToSchema;
use zhihui_index::IndexError;

use super::actor::Actor;
use super::engine::Engine;
use super::error::AppError;
use super::live::needs::NeedIndex;
use super::{App, data, secrets};
use crate::domain::assessment::{Guide, MatchCounts, PredictedField, SimilarNeed, Wording};
use crate::domain::need_check::check;
use crate::domain::resemblance::Pairs;
use crate::domain::{
    Action, Completeness, Day, FieldProblem, Finding, Need, NeedStatus, Parameters, Signals, Taxonomy, assess,
};
use crate::matching::Band;
use crate::matching::explain::Words;
use crate::store::NeedForIndex;

/// What the rules go by.
#[derive(Debug)]
pub struct Rules {
    pub parameters: Parameters,
    pub wording: Wording,
    pub taxonomy: &'static Taxonomy,
}

/// The rules of data/, read once.
///
/// # Errors
/// [`AppError::Internal`] if a file is not as its format says; a test reads them.
pub fn rules() -> Result<&'static Rules, AppError> {
    static RULES: LazyLock<Result<Rules, String>> = LazyLock::new(|| {
        let parameters = data::parameters().map_err(|e| e.to_string())?;
        let wording = data::wording().map_err(|e| e.to_string())?;
        let taxonomy = data::taxonomy_kept().map_err(|e| e.to_string())?;
        Ok(Rules { parameters, wording, taxonomy })
    });
    RULES.as_ref().map_err(|error| AppError::Internal(error.clone()))
}

/// What is said of a need.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Assessment {
    /// What keeps it from being saved.
    pub problems: Vec<FieldProblem>,
    /// The gravest first.
    pub findings: Vec<Finding>,
    pub completeness: Completeness,
    pub findability: Findability,
    /// Clusters of the 33618 system that the text is about, best first.
    pub clusters: Vec<PredictedField>,
    /// Disciplines that the text is about, best first.
    pub disciplines: Vec<PredictedField>,
    /// Own or published needs that say much the same, the most similar first.
    pub similar: Vec<SimilarNeed>,
}

/// How well a need finds talents.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Findability {
    /// Talents by band; absent where the text has no word to search by.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub matches: Option<MatchCounts>,
    /// Words that nobody's evidence covers.
    pub uncovered: Vec<String>,
}

/// Per cent from which a talent counts as 可参考. Below, a judge would give less than a third of
/// the lowest grade, and there are always some that near.
pub const WORTH_A_LOOK: f32 = 10.0;
/// Needs that are compared word by word.
const COMPARED: usize = 10;
/// Resemblance from which a need is worth naming, and from which it is the same one.
const SIMILAR: f32 = 0.35;
const NEAR_DUPLICATE: f32 = 0.8;
/// Predicted fields of a kind.
const FIELDS: usize = 3;

impl App {
    /// Assesses a need as it is being written.
    ///
    /// # Errors
    /// [`AppError`]
    pub async fn assess(&self, actor: &Actor, need: Need) -> Result<Assessment, AppError> {
        actor.require(Action::NeedAssess)?;
        let (today, rules) = (self.today()?, rules()?);
        let (engine, needs, actor) = (self.live.engine(), self.live.needs(), actor.clone());
        let work = move || {
            let may_see = |other: &NeedForIndex| {
                let is_public = NeedStatus::from_code(&other.status).is_some_and(NeedStatus::is_public);
                let relation = actor.relation(Some(&other.organisation), None);
                is_public || Action::NeedRead.is_allowed(Some(actor.role), relation)
            };
            let signals = signals(&engine, &needs, &need, today, may_see)?;
            Ok::<_, IndexError>(assessment(&need, signals, rules))
        };
        Ok(secrets::blocking(work).await??)
    }

    /// Assesses a need that is kept.
    ///
    /// # Errors
    /// [`AppError::NotFound`]
    pub async fn need_assessment(&self, actor: &Actor, id: &str) -> Result<Assessment, AppError> {
        let found = self.need_for(actor, id, Action::NeedAssess).await?;
        self.assess(actor, found.need).await
    }
}

/// What the index says of a need. `may_see` says which other needs may be named.
///
/// # Errors
/// [`IndexError`] if the index cannot be read.
pub fn signals(
    engine: &Engine,
    needs: &NeedIndex,
    need: &Need,
    today: Day,
    may_see: impl Fn(&NeedForIndex) -> bool,
) -> Result<Signals, IndexError> {
    let found = engine.find(need)?;
    let at_least = |percent: f32| percent >= WORTH_A_LOOK;
    let count = |band| found.ranked.places.iter().filter(|p| p.band == band && at_least(p.percent)).count() as u32;
    let counts = MatchCounts { high: count(Band::High), fair: count(Band::Medium), low: count(Band::Low) };
    let pairs = Pairs::of(&need.text());
    let mut similar = Vec::new();
    for other in needs.similar(need, COMPARED, may_see)? {
        let other = other.record.need;
        let similarity = pairs.resemblance(&Pairs::of(&other.text()));
        if similarity >= SIMILAR {
            let (title, is_near_duplicate) = (other.heading(), similarity >= NEAR_DUPLICATE);
            similar.push(SimilarNeed { id: other.id, title, similarity, is_near_duplicate });
        }
    }
    similar.sort_by(|a, b| b.similarity.total_cmp(&a.similarity).then_with(|| a.id.cmp(&b.id)));
    let named = need.field.as_deref().and_then(|code| engine.taxonomy().field(code));
    Ok(Signals {
        today,
        matches: (!found.query.words.is_empty()).then_some(counts),
        uncovered: Words::sort(&found.query, &found.candidates.terms, 0).unknown,
        named_field: named.map(|field| field.name.clone()),
        predicted_fields: predicted(engine.taxonomy(), &need.text()),
        similar,
    })
}

fn predicted(taxonomy: &Taxonomy, text: &str) -> Vec<PredictedField> {
    let named = |(code, weight): (String, f32)| {
        let name = taxonomy.field(&code)?.name.clone();
        Some(PredictedField { code, name, weight })
    };
    taxonomy.classify(text).into_iter().filter_map(named).collect()
}

fn assessment(need: &Need, signals: Signals, rules: &Rules) -> Assessment {
    let is_cluster = |code: &str| rules.taxonomy.field(code).is_some_and(|field| field.tier.is_some());
    let (mut clusters, mut disciplines): (Vec<_>, Vec<_>) =
        signals.predicted_fields.iter().cloned().partition(|field| is_cluster(&field.code));
    // A word that says nothing is told of as such; that nobody's evidence has it is no news.
    let says_something = |word: &String| !rules.wording.is_empty_talk(word);
    let uncovered: Vec<String> = signals.uncovered.into_iter().filter(says_something).collect();
    // What an enterprise names is compared with its kind: a cluster with clusters.
    let by_discipline = need.field.as_deref().is_some_and(|code| !is_cluster(code));
    let predicted_fields = if by_discipline { disciplines.clone() } else { clusters.clone() };
    let signals = Signals { predicted_fields, uncovered, ..signals };
    let guide = Guide { parameters: &rules.parameters, wording: &rules.wording };
    let findings = assess(need, &signals, &guide);
    clusters.truncate(FIELDS);
    disciplines.truncate(FIELDS);
    Assessment {
        problems: check(need, |code| rules.taxonomy.field(code).is_some()),
        completeness: Completeness::of(&findings),
        findings,
        findability: Findability { matches: signals.matches, uncovered: signals.uncovered },
        clusters,
        disciplines,
        similar: signals.similar,
    }
}
