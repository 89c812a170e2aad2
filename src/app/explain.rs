//! Recommendations as people read them: who, how well, why, and what they have done for it.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;
use zhihui_index::snippet::{Highlighter, Snippet};
use zhihui_index::{EvidenceHit, IndexError};

use super::engine::{Engine, Match};
use crate::domain::{Evidence, Need, Talent};
use crate::matching::Band;
use crate::matching::explain::{Contribution, Words, contributions, covered};
use crate::matching::rivals::{self, Lack};

/// Pieces of evidence shown with a talent.
const PROOFS: usize = 3;

/// Characters of an abstract shown with a piece of evidence.
const SNIPPET_CHARS: usize = 110;

/// A talent in a list, with the reasons.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Recommendation {
    /// 1 for the best.
    pub rank: usize,
    /// 0–100.
    pub percent: f32,
    pub band: Band,
    /// The sum of the contributions' points.
    pub score: f32,
    /// Without its evidence.
    pub talent: Talent,
    pub contributions: Vec<Contribution>,
    pub words: Words,
    /// The best pieces, best first.
    pub proofs: Vec<Proof>,
    /// Pieces that match, and in all.
    pub pieces_matching: usize,
    pub pieces: usize,
}

/// A piece of evidence that speaks for a talent.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize, ToSchema)]
pub struct Proof {
    pub evidence: Evidence,
    /// Term score as a share of that of the need's best piece, 0–1.
    pub strength: f32,
    /// Cosine in the latent space.
    pub similarity: f32,
    pub title: Vec<Part>,
    /// The stretch of the abstract that matches best; empty if there is no abstract.
    pub snippet: Vec<Part>,
}

/// A stretch of text that matches the need, or does not.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
pub struct Part {
    pub text: String,
    pub hit: bool,
}

/// Where a named talent stands in a list, and why not higher.
#[derive(Debug, Clone, Serialize)]
pub struct Standing {
    pub recommendation: Recommendation,
    /// Talents in the list that `recommendation` is from.
    pub of: usize,
    /// Whether that is the list that people see. If not, the bounded search did not find the
    /// talent, and the list is that of all talents that match at all.
    pub is_candidate: bool,
    /// The points that the talent is behind the first and, unless it is among them, the tenth:
    /// rank, their name, and what it lacks most of first.
    pub behind: Vec<Gap>,
}

/// What a talent lacks in comparison with a better one.
#[derive(Debug, Clone, Serialize)]
pub struct Gap {
    pub rank: usize,
    pub name: String,
    pub points: f32,
    /// Points of the other less points of this one, largest first.
    pub lacks: Vec<Lack>,
}

/// Where one talent is in a match.
pub(super) struct Asked {
    pub found: Match,
    pub ordinal: u32,
    /// 0 for the best; `None` where nothing of the talent matches.
    pub place: Option<usize>,
    /// Whether the list is that which people see.
    pub is_candidate: bool,
}

/// The answer to a question after one talent.
#[derive(Debug, Clone, Serialize)]
#[serde(tag = "found", rename_all = "snake_case")]
pub enum Answer {
    /// No talent has this id.
    NoSuchTalent,
    /// It is in the corpus, but nothing of it matches.
    NoMatch {
        talent: Box<Talent>,
        pieces: usize,
        words: Words,
    },
    Listed(Box<Standing>),
}

impl Engine {
    /// The first `count` talents of a match with their reasons.
    ///
    /// # Errors
    /// [`IndexError`] if a stored record cannot be read.
    pub fn recommend(&self, found: &Match, count: usize) -> Result<Vec<Recommendation>, IndexError> {
        (0..found.ranked.places.len().min(count)).map(|place| self.recommendation(found, place)).collect()
    }

    /// The talent at a place (0 for the best) with the reasons.
    ///
    /// # Errors
    /// [`IndexError`] if a stored record cannot be read.
    pub fn recommendation(&self, found: &Match, place: usize) -> Result<Recommendation, IndexError> {
        let at = found.ranked.places[place];
        let hit = &found.candidates.talents[at.row];
        let mut highlighter = Highlighter::new(self.index().analyzer(), &found.candidates.terms);
        let all = found.candidates.talents.iter().flat_map(|t| &t.evidence);
        let best = all.map(|e| e.score).fold(f32::MIN_POSITIVE, f32::max);
        let proofs = hit.evidence.iter().take(PROOFS).map(|e| proof(found, &mut highlighter, e, best));
        Ok(Recommendation {
            rank: place + 1,
            percent: at.percent,
            band: at.band,
            score: at.score,
            talent: record(&found.snapshot.stored_talent(hit.ordinal)?)?,
            contributions: contributions(self.ranking(), found.ranked.matrix.row(at.row)),
            words: Words::sort(&found.query, &found.candidates.terms, covered(hit)),
            proofs: proofs.collect::<Result<_, _>>()?,
            pieces_matching: hit.evidence.iter().filter(|e| e.score > 0.0).count(),
            pieces: found.snapshot.evidence_of(hit.ordinal).len(),
        })
    }

    /// Why the talent with this id is where it is in the list for a need, or not in it.
    ///
    /// # Errors
    /// [`IndexError`] if the index cannot be read.
    pub fn explain(&self, need: &Need, talent: &str) -> Result<Answer, IndexError> {
        const TENTH: usize = 9;
        let Some(Asked { found, ordinal, place, is_candidate }) = self.ask(need, talent)? else {
            return Ok(Answer::NoSuchTalent);
        };
        let Some(place) = place else {
            let talent = Box::new(record(&found.snapshot.stored_talent(ordinal)?)?);
            let words = Words::sort(&found.query, &found.candidates.terms, 0);
            return Ok(Answer::NoMatch { talent, pieces: found.snapshot.evidence_of(ordinal).len(), words });
        };
        let compared = [Some(0).filter(|_| place > 0), Some(TENTH).filter(|_| place > TENTH)];
        let behind = compared.into_iter().flatten().map(|other| self.gap(&found, other, place));
        Ok(Answer::Listed(Box::new(Standing {
            recommendation: self.recommendation(&found, place)?,
            of: found.ranked.places.len(),
            is_candidate,
            behind: behind.collect::<Result<_, _>>()?,
        })))
    }

    /// Looks for a talent in the list for a need, and where it is not there, among all that match at
    /// all; `None` if no talent has this id.
    ///
    /// # Errors
    /// [`IndexError`] if the index cannot be read.
    pub(super) fn ask(&self, need: &Need, talent: &str) -> Result<Option<Asked>, IndexError> {
        let found = self.find(need)?;
        let Some(ordinal) = found.snapshot.ordinal(talent) else { return Ok(None) };
        if let Some(place) = found.place_of(ordinal) {
            return Ok(Some(Asked { found, ordinal, place: Some(place), is_candidate: true }));
        }
        let found = self.find_all(need)?;
        // Somebody may have deleted it between the two.
        let Some(ordinal) = found.snapshot.ordinal(talent) else { return Ok(None) };
        let place = found.place_of(ordinal);
        Ok(Some(Asked { found, ordinal, place, is_candidate: false }))
    }

    fn gap(&self, found: &Match, better: usize, place: usize) -> Result<Gap, IndexError> {
        let (other, own) = (found.ranked.places[better], found.ranked.places[place]);
        let lacks = rivals::lacks(self.ranking(), &found.ranked, place, better);
        let ordinal = found.candidates.talents[other.row].ordinal;
        let name = record::<Talent>(&found.snapshot.stored_talent(ordinal)?)?.name;
        Ok(Gap { rank: better + 1, name, points: other.score - own.score, lacks })
    }
}

fn proof(found: &Match, highlighter: &mut Highlighter<'_>, hit: &EvidenceHit, best: f32) -> Result<Proof, IndexError> {
    let evidence: Evidence = record(&found.snapshot.stored(hit.address)?)?;
    let title = highlighter.snippet(&evidence.title, usize::MAX);
    let summary = highlighter.snippet(evidence.r#abstract.as_deref().unwrap_or_default(), SNIPPET_CHARS);
    Ok(Proof {
        strength: hit.score / best,
        similarity: hit.dense,
        title: parts(&title),
        snippet: parts(&summary),
        evidence,
    })
}

pub(super) fn parts(snippet: &Snippet) -> Vec<Part> {
    snippet.parts().into_iter().map(|(text, hit)| Part { text: text.to_owned(), hit }).collect()
}

/// The record that was indexed.
fn record<T: serde::de::DeserializeOwned>(stored: &str) -> Result<T, IndexError> {
    serde_json::from_str(stored).map_err(|e| IndexError::Record(e.to_string()))
}
