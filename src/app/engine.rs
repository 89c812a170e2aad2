//! The one path by which a need becomes a ranking: commands, API and pages all call it.

use std::path::Path;

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use zhihui_index::reader::Snapshot;
use zhihui_index::space::Space;
use zhihui_index::writer::train_space;
use zhihui_index::{
    Analyzer, BuildOptions, Candidates, Dictionary, DictionarySources, EvidenceDoc, Index, IndexError, NeedQuery,
    SearchParams, TalentDoc, Writer, pairs,
};

use crate::domain::{Evidence, Need, Talent, Taxonomy};
use crate::matching::{self, NeedFacts, Ranked, Ranking};

/// An index with the ranking that orders what it finds.
#[derive(Debug)]
pub struct Engine {
    index: Index,
    taxonomy: Taxonomy,
    ranking: Ranking,
}

/// A need answered.
#[derive(Debug)]
pub struct Match {
    pub query: NeedQuery,
    pub facts: NeedFacts,
    pub candidates: Candidates,
    pub ranked: Ranked,
    pub snapshot: Arc<Snapshot>,
}

impl Match {
    /// Talent ids with scores, best first.
    pub fn ids(&self) -> impl Iterator<Item = (&str, f32)> {
        self.ranked.places.iter().map(|p| (self.id(p.row), p.score))
    }

    /// Where in the ranking the talent is, 0 for the best; `None` if it is no candidate.
    pub fn place_of(&self, ordinal: u32) -> Option<usize> {
        self.ranked.places.iter().position(|p| self.candidates.talents[p.row].ordinal == ordinal)
    }

    /// The id of the talent in a row of the matrix.
    pub fn id(&self, row: usize) -> &str {
        &self.snapshot.talents()[self.candidates.talents[row].ordinal as usize].id
    }
}

impl Engine {
    pub fn new(index: Index, taxonomy: Taxonomy, ranking: Ranking) -> Self {
        Self { index, taxonomy, ranking: ranking.prepared() }
    }

    pub fn index(&self) -> &Index {
        &self.index
    }

    pub fn taxonomy(&self) -> &Taxonomy {
        &self.taxonomy
    }

    pub fn ranking(&self) -> &Ranking {
        &self.ranking
    }

    /// The same index under another ranking.
    #[must_use]
    pub fn with_ranking(self, ranking: Ranking) -> Self {
        Self { ranking: ranking.prepared(), ..self }
    }

    /// Finds and ranks the talents for a need.
    ///
    /// # Errors
    /// [`IndexError`] if the index cannot be read.
    pub fn find(&self, need: &Need) -> Result<Match, IndexError> {
        self.find_within(need, &self.ranking.search)
    }

    /// The same with every feature, also those that have no weight: to learn from.
    ///
    /// # Errors
    /// As [`Self::find`].
    pub fn study(&self, need: &Need) -> Result<Match, IndexError> {
        self.find_within(need, &SearchParams { field_scores: true, ..self.ranking.search })
    }

    /// The same with every talent that matches at all: for asking after one of them.
    ///
    /// # Errors
    /// As [`Self::find`].
    pub fn find_all(&self, need: &Need) -> Result<Match, IndexError> {
        self.find_within(need, &self.ranking.search.unbounded())
    }

    /// The same for the search box: with far more candidates, so that they can be counted; without
    /// those that are only near in the latent space; and with the words that many have.
    ///
    /// # Errors
    /// As [`Self::find`].
    pub fn browse(&self, need: &Need) -> Result<Match, IndexError> {
        let ranked = &self.ranking.search;
        let wide = SearchParams { evidence_limit: BROWSED, profile_limit: BROWSED, dense_limit: 0, ..*ranked };
        self.find_within(need, &SearchParams { max_document_share: 1.0, ..wide })
    }

    /// The terms that a need is searched by.
    pub fn query(&self, need: &Need) -> NeedQuery {
        NeedQuery::new(self.index.analyzer(), &need.text(), &self.ranking.search.terms)
    }

    fn find_within(&self, need: &Need, params: &SearchParams) -> Result<Match, IndexError> {
        let text = need.text();
        let query = self.query(need);
        let facts = self.facts(need, &text);
        let snapshot = self.index.snapshot();
        let candidates = snapshot.search(self.index.space(), &query, params)?;
        let ranked = matching::rank(&self.ranking, &facts, &candidates, &snapshot);
        Ok(Match { query, facts, candidates, ranked, snapshot })
    }

    /// A field that the enterprise names counts fully; else the text tells.
    fn facts(&self, need: &Need, text: &str) -> NeedFacts {
        let codes = match &need.field {
            Some(code) => vec![(code.clone(), 1.0)],
            None => self.taxonomy.classify(text),
        };
        NeedFacts { region: need.region.clone(), codes }
    }
}

/// Pieces of evidence, and profiles, that the search box counts at the most. A page says so when
/// there are more. Five thousand of each take some 3 ms to gather and to rank.
pub const BROWSED: usize = 5_000;

/// Pieces of evidence that are analysed at once, between two reports of progress.
const AT_ONCE: usize = 1024;

/// Builds the index of `talents` in `path`; `progress` hears documents done and in all.
///
/// # Errors
/// [`IndexError::Write`] if the folder cannot be written; what is in it then is no index.
pub fn build_index(
    path: &Path,
    talents: &[Talent],
    sources: &DictionarySources<'_>,
    options: Option<BuildOptions>,
    progress: &mut dyn FnMut(usize, usize),
) -> Result<(), IndexError> {
    let evidence = evidence_docs(talents);
    let (analyzer, space) = learn(talents, &evidence, sources)?;
    let options = options.unwrap_or_else(|| BuildOptions::for_documents(talents.len() + evidence.len()));
    let mut writer = Writer::create(path, analyzer, space, options)?;
    fill(&mut writer, talents, &evidence, progress)?;
    writer.commit(0)?;
    writer.finish()
}

/// The words and the latent space that are made from the corpus itself.
pub(super) fn learn(
    talents: &[Talent],
    evidence: &[EvidenceDoc],
    sources: &DictionarySources<'_>,
) -> Result<(Analyzer, Space), IndexError> {
    let dictionary = Dictionary::new(sources, mined_words(talents, sources)?)?;
    let pairs = pairs::mine(&dictionary, evidence);
    let analyzer = Analyzer::new(Arc::new(dictionary.with_pairs(pairs)?));
    let space = train_space(&analyzer, evidence);
    Ok((analyzer, space))
}

/// Puts all documents; `progress` hears how many are done and how many there are.
pub(super) fn fill(
    writer: &mut Writer,
    talents: &[Talent],
    evidence: &[EvidenceDoc],
    progress: &mut dyn FnMut(usize, usize),
) -> Result<(), IndexError> {
    let total = talents.len() + evidence.len();
    let mut done = 0;
    for documents in evidence.chunks(AT_ONCE) {
        writer.put_evidence(documents)?;
        done += documents.len();
        progress(done, total);
    }
    for (done, talent) in (evidence.len() + 1..).zip(talents) {
        writer.put_talent(&talent_doc(talent))?;
        progress(done, total);
    }
    Ok(())
}

/// The evidence's own keywords that can be words of the dictionary.
fn mined_words(talents: &[Talent], sources: &DictionarySources<'_>) -> Result<BTreeSet<String>, IndexError> {
    let minable = Dictionary::minable(sources)?;
    let keywords = talents.iter().flat_map(|t| &t.evidence).flat_map(|e| &e.keywords);
    Ok(keywords.filter_map(|k| minable(k)).collect())
}

/// A talent for the index. Its record is kept without the evidence, which has records of its own.
pub fn talent_doc(talent: &Talent) -> TalentDoc {
    let record = Talent { evidence: Vec::new(), ..talent.clone() };
    TalentDoc {
        id: talent.id.clone(),
        profile: talent.profile(),
        region: talent.region.clone(),
        codes: talent.fields.clone(),
        stored: serde_json::to_string(&record).unwrap_or_default(),
    }
}

/// A piece of evidence for the index, with all talents that it belongs to.
pub fn evidence_doc(evidence: &Evidence, talents: Vec<String>) -> EvidenceDoc {
    EvidenceDoc {
        id: evidence.id.clone(),
        talents,
        kind: evidence.r#type.code(),
        title: evidence.title.clone(),
        keywords: evidence.keywords.clone(),
        summary: evidence.r#abstract.clone().unwrap_or_default(),
        year: evidence.year,
        stored: serde_json::to_string(evidence).unwrap_or_default(),
    }
}

/// Every piece of evidence once, by id.
pub(super) fn evidence_docs(talents: &[Talent]) -> Vec<EvidenceDoc> {
    let mut owners: BTreeMap<&str, (&Evidence, Vec<String>)> = BTreeMap::new();
    for talent in talents {
        for evidence in &talent.evidence {
            owners.entry(&evidence.id).or_insert((evidence, Vec::new())).1.push(talent.id.clone());
        }
    }
    owners.into_values().map(|(evidence, talents)| evidence_doc(evidence, talents)).collect()
}
