//! The public challenges in memory, which lists and facets are made from. They are kept up by the
//! change log: whoever asks first reads what has changed since.

use std::sync::{Arc, PoisonError, RwLock};

use rustc_hash::FxHashMap;

use crate::app::error::AppError;
use crate::app::{App, data};
use crate::domain::challenge::status::ChallengeStatus;
use crate::store::board::challenges::ChallengeRecord;

/// Changes read at once.
const BATCH: i64 = 1_000;
/// A discipline is told where a challenge is about it at least this much, of 1 for what it is most about.
const ABOUT: f32 = 0.1;
/// Disciplines of a challenge.
const DISCIPLINES: usize = 3;
/// Characters of the problem that a discipline is known by.
const KNOWN_BY: usize = 4_000;

/// What lists need of a public challenge.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Head {
    pub id: String,
    /// Id of its need.
    pub need: String,
    /// Name of the enterprise.
    pub organisation: String,
    pub title: String,
    pub status: ChallengeStatus,
    /// Code of the industry cluster.
    pub cluster: Option<String>,
    /// Codes of the disciplines that it is about.
    pub disciplines: Vec<String>,
    pub region: Option<String>,
    /// In yuan.
    pub reward: u64,
    /// Milliseconds since 1970 UTC.
    pub opens_at: i64,
    pub closes_at: i64,
    pub published_at: i64,
    touched: i64,
}

/// All public challenges.
#[derive(Debug, Clone, Default)]
pub struct Heads {
    /// Number of the last change that is in it.
    touched: i64,
    all: FxHashMap<String, Arc<Head>>,
    /// Need → its challenges.
    of_need: FxHashMap<String, Vec<Arc<Head>>>,
}

impl Heads {
    pub fn all(&self) -> impl Iterator<Item = &Head> {
        self.all.values().map(Arc::as_ref)
    }

    pub fn get(&self, id: &str) -> Option<&Head> {
        self.all.get(id).map(Arc::as_ref)
    }

    /// The challenges that a need was made to.
    pub fn of_need(&self, need: &str) -> impl Iterator<Item = &Head> {
        self.of_need.get(need).into_iter().flatten().map(Arc::as_ref)
    }

    /// How many take bids.
    pub fn open(&self) -> usize {
        self.all().filter(|head| head.status == ChallengeStatus::Open).count()
    }

    /// Applies changed challenges; one that is known of a later change stays.
    fn apply(&mut self, changed: &[ChallengeRecord]) {
        for record in changed {
            self.touched = self.touched.max(record.touched);
            if self.all.get(&record.id).is_some_and(|known| known.touched >= record.touched) {
                continue;
            }
            let siblings = self.of_need.entry(record.need.clone()).or_default();
            siblings.retain(|head| head.id != record.id);
            match head(record) {
                Some(new) => {
                    let new = Arc::new(new);
                    siblings.push(Arc::clone(&new));
                    self.all.insert(record.id.clone(), new);
                }
                None => drop(self.all.remove(&record.id)),
            }
        }
    }
}

/// What lists need of a challenge; `None` if it is not public.
fn head(record: &ChallengeRecord) -> Option<Head> {
    let published_at = record.published_at.filter(|_| record.is_public())?;
    let content = &record.content;
    let is_cluster = |code: &&str| data::clusters().iter().any(|field| field.code == **code);
    let known_by: String = content.problem.chars().take(KNOWN_BY).collect();
    let about = match data::taxonomy_kept() {
        Ok(taxonomy) => {
            let indicators = content.indicators.iter().flat_map(|row| [row.name.as_str(), row.test.as_str()]);
            let texts: Vec<&str> = [content.title.as_str(), &known_by].into_iter().chain(indicators).collect();
            taxonomy.classify(&texts.join("\n"))
        }
        Err(_) => Vec::new(),
    };
    let about: Vec<(&str, f32)> = about.iter().map(|(code, share)| (code.as_str(), *share)).collect();
    let own = record.field.as_deref();
    let cluster = own.filter(is_cluster).or_else(|| about.iter().map(|(code, _)| *code).find(is_cluster));
    let strong = about.iter().filter(|(code, share)| *share >= ABOUT && !is_cluster(code)).map(|(code, _)| *code);
    let disciplines = own.filter(|code| !is_cluster(code)).into_iter().chain(strong);
    let mut told: Vec<String> = Vec::new();
    for code in disciplines {
        if told.len() < DISCIPLINES && !told.iter().any(|known| known == code) {
            told.push(code.to_owned());
        }
    }
    Some(Head {
        id: record.id.clone(),
        need: record.need.clone(),
        organisation: record.organisation_name.clone(),
        title: content.title.clone(),
        status: record.status,
        cluster: cluster.map(str::to_owned),
        disciplines: told,
        region: record.region.clone().or_else(|| record.organisation_region.clone()),
        reward: content.reward.unwrap_or_default(),
        opens_at: content.opens_at.unwrap_or(0),
        closes_at: content.closes_at.unwrap_or(i64::MAX),
        published_at,
        touched: record.touched,
    })
}

/// [`Heads`] that change while others read them.
#[derive(Debug, Default)]
pub struct Board {
    heads: RwLock<Arc<Heads>>,
}

impl Board {
    fn heads(&self) -> Arc<Heads> {
        Arc::clone(&self.heads.read().unwrap_or_else(PoisonError::into_inner))
    }

    fn apply(&self, changed: &[ChallengeRecord]) {
        let mut heads = self.heads.write().unwrap_or_else(PoisonError::into_inner);
        Arc::make_mut(&mut heads).apply(changed);
    }
}

impl App {
    /// The public challenges as the store has them now.
    ///
    /// # Errors
    /// [`AppError`]
    pub async fn board_heads(&self) -> Result<Arc<Heads>, AppError> {
        loop {
            let known = self.board.heads();
            let changed = self.store.challenges_touched(known.touched, BATCH).await?;
            if changed.is_empty() {
                return Ok(known);
            }
            // Alone, it is changed where it is.
            drop(known);
            self.board.apply(&changed);
        }
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;
    use crate::domain::challenge::Challenge;

    fn record(id: &str, status: ChallengeStatus, touched: i64) -> ChallengeRecord {
        ChallengeRecord {
            id: id.into(),
            need: format!("need of {}", &id[..1]),
            organisation: "o".into(),
            organisation_name: "示例企业".into(),
            organisation_region: Some("重庆市".into()),
            created_by: "a".into(),
            status,
            field: Some("A1".into()),
            region: None,
            terms: 1,
            reason: None,
            created_at: 0,
            updated_at: 0,
            published_at: status.is_public().then_some(0),
            opened_at: None,
            chosen: None,
            choice_reason: None,
            objections_until: None,
            awarded_at: None,
            touched,
            version: 1,
            content: Challenge { title: format!("{touched}"), ..Challenge::default() },
        }
    }

    #[test]
    fn a_head_has_its_cluster_and_what_it_is_about() {
        let mut known = record("x", ChallengeStatus::Open, 1);
        known.content.problem = "动力电池热失控后的热阻断材料与电池热管理".into();
        let shown = head(&known).unwrap();
        assert_eq!((shown.cluster.as_deref(), shown.region.as_deref()), (Some("A1"), Some("重庆市")));
        known.field = None;
        assert!(head(&known).unwrap().cluster.is_some(), "its words tell");
        assert!(shown.disciplines.len() <= DISCIPLINES);
        assert_eq!(head(&record("x", ChallengeStatus::Submitted, 1)), None);
    }

    proptest! {
        /// However changes come, and whatever comes twice, what is held is what came last of each.
        #[test]
        fn heads_are_the_last_of_each(steps in prop::collection::vec((0usize..6, 0usize..10, 1i64..40), 0..60)) {
            let ids = ["a1", "a2", "b1", "b2", "c1", "c2"];
            let (mut heads, mut last) = (Heads::default(), FxHashMap::default());
            for (id, status, touched) in steps {
                let change = record(ids[id], ChallengeStatus::ALL[status], touched);
                // In the log a number is of one change only.
                let known: Option<&ChallengeRecord> = last.get(ids[id]);
                if known.is_some_and(|known| known.touched >= touched && known.status.is_public()) || touched <= heads.touched {
                    continue;
                }
                heads.apply(std::slice::from_ref(&change));
                heads.apply(std::slice::from_ref(&change));
                last.insert(ids[id], change);
            }
            for id in ids {
                let expected = last.get(id).and_then(head);
                prop_assert_eq!(heads.get(id), expected.as_ref());
                let of_need = heads.of_need(&format!("need of {}", &id[..1])).filter(|head| head.id == id).count();
                prop_assert_eq!(of_need, usize::from(expected.is_some()));
            }
        }
    }
}
