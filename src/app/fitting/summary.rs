//! What a talent's positions for many needs say together: words that are asked for, and gaps that
//! cost places again and again.

use std::collections::HashMap;

use serde::Serialize;
use utoipa::ToSchema;

use super::position::Position;
use crate::domain::text::folded;
use crate::matching::rivals::advice;

/// Words and gaps told at the most.
const WORDS: usize = 30;
const COSTS: usize = 6;
/// Needs that are looked at where fewer are near.
const LEAST: usize = 3;
/// Places that an enterprise reads.
const FIRST: usize = 10;

/// A talent's positions for several needs, of which those count that are near to what it does.
#[derive(Debug, Clone, Default, PartialEq, Serialize, ToSchema)]
pub struct Summary {
    /// Needs that were looked at, and those of them that count.
    pub needs: usize,
    pub near: usize,
    /// Those that count for which the talent is among the first ten, and the first.
    pub among_first: usize,
    pub first: usize,
    /// The middle one of the places, where there is one.
    pub median_place: Option<usize>,
    /// Words of the needs that the profile covers, those of most needs first.
    pub covered: Vec<WordCount>,
    /// Words that it does not and that better placed talents do, those of most needs first.
    pub theirs: Vec<WordCount>,
    /// What costs places, most first.
    pub costs: Vec<Cost>,
}

/// A word with the number of needs that ask for it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct WordCount {
    pub word: String,
    pub needs: usize,
}

/// What having less of something than the first costs.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Cost {
    /// As ranking files name it.
    pub feature: &'static str,
    pub label: &'static str,
    /// Needs for which it costs a place.
    pub needs: usize,
    /// Places that it costs on average, over these needs.
    pub places: f32,
    /// What can be done about it, in Chinese.
    pub advice: Option<&'static str>,
}

impl Summary {
    /// `None` stands for a need for which the talent is no candidate.
    pub fn of<'a>(positions: impl Iterator<Item = Option<&'a Position>>) -> Self {
        let all: Vec<Option<&Position>> = positions.collect();
        let mut listed: Vec<&Position> = all.iter().flatten().copied().collect();
        // What a talent lacks for needs of another trade is no gap. Where none is near, the nearest
        // few have to do.
        listed.sort_by(|a, b| b.percent.total_cmp(&a.percent));
        let near = listed.iter().filter(|p| p.is_near()).count();
        listed.truncate(near.max(LEAST));
        let mut places: Vec<usize> = listed.iter().map(|p| p.place).collect();
        places.sort_unstable();
        Self {
            needs: all.len(),
            near: listed.len(),
            among_first: places.iter().filter(|p| **p <= FIRST).count(),
            first: places.iter().filter(|p| **p == 1).count(),
            median_place: places.get(places.len() / 2).copied(),
            covered: asked(listed.iter().map(|p| &p.words.matched)),
            theirs: asked(listed.iter().map(|p| &p.theirs)),
            costs: costs(&listed),
        }
    }
}

/// Words by the number of lists that have them; ties by who came first.
fn asked<'a>(lists: impl Iterator<Item = &'a Vec<String>>) -> Vec<WordCount> {
    let (mut words, mut places) = (Vec::<WordCount>::new(), HashMap::new());
    for word in lists.flatten() {
        let place = *places.entry(folded(word)).or_insert_with(|| {
            words.push(WordCount { word: word.clone(), needs: 0 });
            words.len() - 1
        });
        words[place].needs += 1;
    }
    words.sort_by_key(|word| std::cmp::Reverse(word.needs));
    words.truncate(WORDS);
    words
}

fn costs(listed: &[&Position]) -> Vec<Cost> {
    let mut costs: Vec<Cost> = Vec::new();
    for (position, lack) in listed.iter().flat_map(|p| p.lacks.iter().map(move |lack| (p, lack))) {
        let lost = position.place.saturating_sub(lack.place);
        if lost == 0 {
            continue;
        }
        match costs.iter_mut().find(|cost| cost.feature == lack.feature) {
            Some(cost) => {
                cost.needs += 1;
                cost.places += lost as f32;
            }
            None => costs.push(Cost {
                feature: lack.feature,
                label: lack.label,
                needs: 1,
                places: lost as f32,
                advice: advice(lack.feature),
            }),
        }
    }
    costs.sort_by(|a, b| b.places.total_cmp(&a.places));
    costs.truncate(COSTS);
    costs.iter_mut().for_each(|cost| cost.places /= cost.needs as f32);
    costs
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::matching::Band;
    use crate::matching::explain::Words;
    use crate::matching::rivals::Lack;

    fn position(place: usize, matched: &[&str], theirs: &[&str], lacks: &[(&'static str, usize)]) -> Position {
        let texts = |words: &[&str]| words.iter().map(|w| (*w).to_owned()).collect();
        let lack =
            |(feature, place): &(&'static str, usize)| Lack { feature, label: feature, points: 1.0, place: *place };
        Position {
            place,
            of: 100,
            is_in_city: true,
            list_place: place,
            list_of: 50,
            percent: 50.0,
            band: Band::Medium,
            words: Words { matched: texts(matched), ..Words::default() },
            reasons: Vec::new(),
            theirs: texts(theirs),
            lacks: lacks.iter().map(lack).collect(),
        }
    }

    #[test]
    fn positions_add_up() {
        let one = position(1, &["电池"], &[], &[]);
        let two = position(12, &["电池", "热失控"], &["隔膜"], &[("vote", 2), ("practice", 11)]);
        // Of another trade: it does not count.
        let far = Position { percent: 1.0, ..position(60, &["齿轮"], &["轴承"], &[("vote", 1)]) };
        let three = position(4, &["热失控"], &["隔膜", "电解液"], &[("vote", 1), ("region", 4)]);
        let all = [Some(&one), Some(&two), None, Some(&far), Some(&three)];
        let summary = Summary::of(all.into_iter());
        assert_eq!((summary.needs, summary.near, summary.among_first, summary.first), (5, 3, 2, 1));
        let nearest = Summary::of([Some(&far)].into_iter());
        assert_eq!((nearest.near, nearest.theirs.len()), (1, 1), "where none is near, the nearest has to do");
        assert_eq!(summary.median_place, Some(4));
        let told = |asked: &[WordCount]| asked.iter().map(|a| (a.word.clone(), a.needs)).collect::<Vec<_>>();
        assert_eq!(told(&summary.theirs), [("隔膜".to_owned(), 2), ("电解液".to_owned(), 1)]);
        assert_eq!(told(&summary.covered), [("电池".to_owned(), 2), ("热失控".to_owned(), 2)]);
        let costs: Vec<_> = summary.costs.iter().map(|c| (c.feature, c.needs, c.places)).collect();
        assert_eq!(costs, [("vote", 2, 6.5), ("practice", 1, 1.0)], "what costs no place is no cost");
    }

    #[test]
    fn nothing_adds_up_to_nothing() {
        assert_eq!(Summary::of(std::iter::empty()), Summary::default());
        assert_eq!(Summary::of([None].into_iter()), Summary { needs: 1, ..Summary::default() });
    }
}
