//! Where a talent stands for one need, and what those who are placed better have.
//!
//! Of others only what their public profiles show is told, and nobody's name: the matching
//! evidence and the words of the need that it covers.

use std::collections::BTreeSet;

use serde::Serialize;
use utoipa::ToSchema;
use zhihui_index::IndexError;

use crate::app::engine::{Engine, Match};
use crate::app::explain::Proof;
use crate::domain::region::is_in_city;
use crate::domain::{TalentKind, text::folded};
use crate::matching::Band;
use crate::matching::explain::{Words, contributions, covered};
use crate::matching::rivals::{Lack, lacks};

/// Those placed better who are compared with, from the first on.
pub const RIVALS: usize = 3;
/// Reasons told of a place.
const REASONS: usize = 3;
/// Per cent below which a need is about something else: a third of the lower end of 较匹配, so that
/// what a thin profile hides still counts as near.
const NEAR: f32 = 11.0;

/// A talent's place in the list for a need.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Position {
    /// 1 for the best, of all who match, wherever they are.
    pub place: usize,
    pub of: usize,
    /// The same among those of the city, or those elsewhere: the list that the talent is in when
    /// the enterprise looks (第七条).
    pub is_in_city: bool,
    pub list_place: usize,
    pub list_of: usize,
    /// 0–100.
    pub percent: f32,
    pub band: Band,
    /// The words of the need, by whether the talent covers them.
    pub words: Words,
    /// What adds most to the score, with its share of it, 0–1.
    pub reasons: Vec<Reason>,
    /// Words that one of the better placed covers and the talent does not.
    pub theirs: Vec<String>,
    /// Where the first has more, largest first.
    pub lacks: Vec<Lack>,
}

#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Reason {
    pub label: String,
    pub share: f32,
}

/// Somebody who is placed better, without a name.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Rival {
    /// 1 for the best.
    pub place: usize,
    pub percent: f32,
    pub band: Band,
    pub kind: TalentKind,
    pub is_in_city: bool,
    /// Words of the need that they cover and the talent does not.
    pub words: Vec<String>,
    /// Their public evidence that matches best.
    pub proofs: Vec<Proof>,
    /// Pieces that match, and in all.
    pub pieces_matching: usize,
    pub pieces: usize,
    /// Where they have more than the talent, largest first.
    pub lacks: Vec<Lack>,
}

impl Position {
    /// Whether the need is about what the talent does at all.
    pub fn is_near(&self) -> bool {
        self.percent >= NEAR
    }
}

impl Engine {
    /// The position of the talent at a place (0 for the best).
    pub fn position(&self, found: &Match, place: usize) -> Position {
        let at = found.ranked.places[place];
        let is_here = is_listed_in_city(found, place);
        let listed = |to: usize| (0..to).filter(|&other| is_listed_in_city(found, other) == is_here).count();
        let words = words(found, place);
        let theirs = (0..place.min(RIVALS)).flat_map(|rival| only_theirs(found, rival, &words));
        let row = found.ranked.matrix.row(at.row);
        let reasons = contributions(self.ranking(), row).into_iter().filter(|c| c.points > 0.0).take(REASONS);
        let score = at.score.max(f32::MIN_POSITIVE);
        Position {
            place: place + 1,
            of: found.ranked.places.len(),
            is_in_city: is_here,
            list_place: listed(place) + 1,
            list_of: listed(found.ranked.places.len()),
            percent: at.percent,
            band: at.band,
            theirs: once(theirs),
            words,
            reasons: reasons.map(|c| Reason { label: c.label.into_owned(), share: c.points / score }).collect(),
            lacks: self.lacking(found, place, 0),
        }
    }

    /// The first few who are placed better than the talent at a place.
    ///
    /// # Errors
    /// [`IndexError`] if a stored record cannot be read.
    pub fn rivals(&self, found: &Match, place: usize) -> Result<Vec<Rival>, IndexError> {
        let own = words(found, place);
        let rival = |at: usize| {
            let shown = self.recommendation(found, at)?;
            Ok(Rival {
                place: at + 1,
                percent: shown.percent,
                band: shown.band,
                kind: shown.talent.kind,
                is_in_city: is_in_city(shown.talent.region.as_deref()),
                words: only_theirs(found, at, &own).collect(),
                proofs: shown.proofs,
                pieces_matching: shown.pieces_matching,
                pieces: shown.pieces,
                lacks: self.lacking(found, place, at),
            })
        };
        (0..place.min(RIVALS)).map(rival).collect()
    }

    /// Where another has more.
    fn lacking(&self, found: &Match, own: usize, other: usize) -> Vec<Lack> {
        lacks(self.ranking(), &found.ranked, own, other).into_iter().filter(|lack| lack.points > 0.0).collect()
    }
}

fn is_listed_in_city(found: &Match, place: usize) -> bool {
    let hit = &found.candidates.talents[found.ranked.places[place].row];
    is_in_city(found.snapshot.talents()[hit.ordinal as usize].region.as_deref())
}

/// The words of the need, by whether the talent at a place covers them.
fn words(found: &Match, place: usize) -> Words {
    let hit = &found.candidates.talents[found.ranked.places[place].row];
    Words::sort(&found.query, &found.candidates.terms, covered(hit))
}

/// Words that the talent at a place covers and who has `own` does not.
fn only_theirs(found: &Match, place: usize, own: &Words) -> impl Iterator<Item = String> {
    let own: BTreeSet<String> = own.matched.iter().map(|word| folded(word)).collect();
    // A number is nothing that somebody could have worked on.
    let says = |word: &String| word.chars().any(char::is_alphabetic);
    words(found, place).matched.into_iter().filter(move |word| says(word) && !own.contains(&folded(word)))
}

fn once(words: impl Iterator<Item = String>) -> Vec<String> {
    let mut seen = BTreeSet::new();
    words.filter(|word| seen.insert(folded(word))).collect()
}
