//! Names and terms to suggest while somebody types: found anywhere in them, or by the initials of
//! their pinyin.
//!
//! All of them stand in one block of memory that is searched from end to end: some megabytes, which
//! a vectorised search passes in about a millisecond. No index of prefixes has to be kept up, and
//! what is typed may stand anywhere in a name.

use std::cmp::Reverse;

use memchr::memmem;
use pinyin::ToPinyin;
use rustc_hash::FxHashMap;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::domain::text::folded;

/// What a suggestion is of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum SuggestionKind {
    Talent,
    Organisation,
    Need,
    /// A cluster or a discipline.
    Field,
    Term,
}

impl SuggestionKind {
    pub const ALL: [Self; 5] = [Self::Talent, Self::Organisation, Self::Need, Self::Field, Self::Term];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Talent => "科技人才（团队）",
            Self::Organisation => "单位",
            Self::Need => "创新需求",
            Self::Field => "领域",
            Self::Term => "词语",
        }
    }

    /// How many are suggested at once.
    const fn most(self) -> usize {
        match self {
            Self::Term | Self::Talent => 4,
            Self::Organisation | Self::Need => 3,
            Self::Field => 2,
        }
    }
}

/// Something that can be suggested.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    pub kind: SuggestionKind,
    /// Of a talent, a need or a field; the name itself of an organisation or a term.
    pub id: String,
    pub text: String,
    /// What tells it from another of the same name: the organisation of a talent.
    pub detail: String,
    /// Of two that fit alike, the heavier comes first.
    pub weight: u32,
}

/// A stretch of the block: an entry's text, or its initials.
#[derive(Debug, Clone, Copy)]
struct Line {
    start: u32,
    /// Bytes, without the end of the line.
    length: u16,
    /// The entry, or [`GONE`].
    entry: u32,
}

const GONE: u32 = u32::MAX;
const END: u8 = b'\n';
/// Bytes of a text that are searched: titles may be long, and are told apart by their beginning.
const LINE_MAX: usize = 360;
/// Letters that are taken for initials; fewer are in every second name.
const INITIALS_MIN: usize = 2;

/// How well an entry fits: smaller is better.
type Fit = (u8, Reverse<u32>, u16, u32);

/// All that can be suggested.
#[derive(Debug, Default)]
pub struct Suggestions {
    block: Vec<u8>,
    /// In the order of the block.
    lines: Vec<Line>,
    entries: Vec<Entry>,
    /// Lines of an entry: their first, and how many.
    lines_of: Vec<(u32, u32)>,
    places: FxHashMap<(SuggestionKind, String), u32>,
    gone: usize,
}

impl Suggestions {
    /// How many there are.
    pub fn len(&self) -> usize {
        self.places.len()
    }

    pub fn is_empty(&self) -> bool {
        self.places.is_empty()
    }

    /// Adds an entry, or changes the one of the same kind and id.
    pub fn put(&mut self, entry: Entry) {
        let key = (entry.kind, entry.id.clone());
        if let Some(&place) = self.places.get(&key) {
            let known = &mut self.entries[place as usize];
            if known.text == entry.text {
                *known = entry;
                return;
            }
            self.remove(entry.kind, &entry.id);
        }
        let place = self.entries.len() as u32;
        let first = self.lines.len() as u32;
        self.line(&folded(&entry.text), place);
        if let Some(initials) = initials(&entry.text) {
            self.line(&initials, place);
        }
        self.lines_of.push((first, self.lines.len() as u32 - first));
        self.places.insert(key, place);
        self.entries.push(entry);
    }

    fn line(&mut self, text: &str, entry: u32) {
        let text = &text[..text.floor_char_boundary(LINE_MAX)];
        self.lines.push(Line { start: self.block.len() as u32, length: text.len() as u16, entry });
        self.block.extend_from_slice(text.as_bytes());
        self.block.push(END);
    }

    /// Takes an entry out; one that is not there is no error.
    pub fn remove(&mut self, kind: SuggestionKind, id: &str) {
        let Some(place) = self.places.remove(&(kind, id.to_owned())) else { return };
        let (first, count) = self.lines_of[place as usize];
        self.lines[first as usize..(first + count) as usize].iter_mut().for_each(|line| line.entry = GONE);
        self.gone += 1;
        if self.gone > 1_000.max(self.places.len() / 2) {
            self.compact();
        }
    }

    fn compact(&mut self) {
        let old = std::mem::take(self);
        let mut entries: Vec<(u32, Entry)> = Vec::with_capacity(old.places.len());
        let mut kept: Vec<Option<Entry>> = old.entries.into_iter().map(Some).collect();
        entries.extend(old.places.into_values().filter_map(|place| Some((place, kept[place as usize].take()?))));
        entries.sort_by_key(|(place, _)| *place);
        entries.into_iter().for_each(|(_, entry)| self.put(entry));
    }

    /// What fits what was typed, the best of each kind, kinds in their order. What is whole comes
    /// before what begins so, and that before what holds it.
    pub fn suggest(&self, typed: &str) -> Vec<&Entry> {
        let needle = folded(typed);
        let mut best: [Vec<(Fit, u32)>; SuggestionKind::ALL.len()] = Default::default();
        self.each_line(&needle, |line, at| {
            let entry = &self.entries[line.entry as usize];
            let tier = match () {
                () if usize::from(line.length) == needle.len() => 0,
                () if at == line.start as usize => 1,
                () => 2,
            };
            let fit = (tier, Reverse(entry.weight), line.length, line.entry);
            let list = &mut best[entry.kind as usize];
            let most = entry.kind.most();
            if list.len() == most && list.last().is_some_and(|(worst, _)| *worst <= fit) {
                return;
            }
            // By its text and by its initials, an entry is suggested once.
            if let Some(known) = list.iter().position(|(_, e)| *e == line.entry) {
                if list[known].0 <= fit {
                    return;
                }
                list.remove(known);
            }
            list.insert(list.partition_point(|(f, _)| *f < fit), (fit, line.entry));
            list.truncate(most);
        });
        best.iter().flatten().map(|(_, entry)| &self.entries[*entry as usize]).collect()
    }

    /// All of a kind whose text holds what is asked, `limit` at the most, each with whether it is
    /// the whole text.
    pub fn holding(&self, kind: SuggestionKind, asked: &str, limit: usize) -> Vec<(&Entry, bool)> {
        let needle = folded(asked);
        let mut found = Vec::new();
        self.each_line(&needle, |line, _| {
            let entry = &self.entries[line.entry as usize];
            // The first line of an entry is its text.
            let is_text = self.lines[self.lines_of[line.entry as usize].0 as usize].start == line.start;
            if entry.kind == kind && is_text && found.len() < limit {
                found.push((entry, usize::from(line.length) == needle.len()));
            }
        });
        found
    }

    /// Terms that differ from a word by one character, most frequent first.
    pub fn near(&self, word: &str, limit: usize) -> Vec<&str> {
        let word: Vec<char> = folded(word).chars().collect();
        if word.len() < 3 {
            return Vec::new();
        }
        let terms = self.places.iter().filter(|((kind, _), _)| *kind == SuggestionKind::Term);
        let entries = terms.map(|(_, place)| &self.entries[*place as usize]);
        let mut near: Vec<&Entry> = entries.filter(|entry| is_near(&word, &entry.text)).collect();
        near.sort_by(|a, b| b.weight.cmp(&a.weight).then_with(|| a.text.cmp(&b.text)));
        near.iter().take(limit).map(|entry| entry.text.as_str()).collect()
    }

    /// Calls for each line that holds the needle, once, with where it does.
    fn each_line(&self, needle: &str, mut found: impl FnMut(&Line, usize)) {
        if needle.is_empty() {
            return;
        }
        let finder = memmem::Finder::new(needle.as_bytes());
        let (mut from, mut line) = (0, 0);
        while let Some(at) = finder.find(&self.block[from..]).map(|at| at + from) {
            // Hits come in order: the line is close behind the last one, or far.
            let mut step = 1;
            while self.lines.get(line + step).is_some_and(|l| l.start as usize <= at) {
                line += step;
                step *= 2;
            }
            line += self.lines[line..self.lines.len().min(line + step)].partition_point(|l| l.start as usize <= at) - 1;
            let hit = &self.lines[line];
            if hit.entry != GONE {
                found(hit, at);
            }
            from = hit.start as usize + usize::from(hit.length);
        }
    }
}

/// The first letters of the pinyin of a name: 热失控 is `rsk`. None where there is too little Chinese.
fn initials(text: &str) -> Option<String> {
    let letter = |c: char| match c.to_pinyin() {
        Some(pinyin) => pinyin.first_letter().chars().next(),
        None => Some(c.to_ascii_lowercase()).filter(char::is_ascii_alphanumeric),
    };
    let chinese = text.chars().filter(|c| !c.is_ascii()).count();
    let letters: String = text.chars().filter_map(letter).take(40).collect();
    (chinese > 0 && letters.len() >= INITIALS_MIN).then_some(letters)
}

/// Whether two texts of three characters or more differ by one that is another, missing or too many.
fn is_near(word: &[char], text: &str) -> bool {
    let length = text.chars().count();
    if length < 3 || word.len().abs_diff(length) > 1 {
        return false;
    }
    let text: Vec<char> = text.chars().collect();
    let same = word.iter().zip(&text).take_while(|(a, b)| a == b).count();
    let (rest, other) = (&word[same..], &text[same..]);
    match word.len().cmp(&text.len()) {
        std::cmp::Ordering::Equal => !rest.is_empty() && rest[1..] == other[1..],
        std::cmp::Ordering::Less => rest == &other[1..],
        std::cmp::Ordering::Greater => &rest[1..] == other,
    }
}

#[cfg(test)]
mod tests {
    //! 1. what fits is suggested: whole before beginning before anywhere, heavier first, by kinds;
    //! 2. initials of pinyin fit;
    //! 3. whatever is put, changed and removed, it is as if the rest had been put anew;
    //! 4. a word that is one character off has near terms.

    use proptest::prelude::*;

    use super::*;

    fn entry(kind: SuggestionKind, id: &str, text: &str, weight: u32) -> Entry {
        Entry { kind, id: id.into(), text: text.into(), detail: String::new(), weight }
    }

    fn some() -> Suggestions {
        let mut all = Suggestions::default();
        for (text, weight) in [("热失控", 9), ("热失控蔓延", 3), ("电池热失控", 5), ("热管理", 50)] {
            all.put(entry(SuggestionKind::Term, text, text, weight));
        }
        all.put(entry(SuggestionKind::Talent, "t1", "骆某峤", 1));
        all.put(entry(SuggestionKind::Organisation, "示例大学", "示例大学", 7));
        all
    }

    fn texts(all: &Suggestions, typed: &str) -> Vec<String> {
        all.suggest(typed).iter().map(|e| e.text.clone()).collect()
    }

    #[test]
    fn whole_before_beginning_before_anywhere() {
        let all = some();
        for (typed, expected) in [
            ("热失控", &["热失控", "热失控蔓延", "电池热失控"][..]),
            ("热", &["热管理", "热失控", "热失控蔓延", "电池热失控"]),
            ("失控", &["热失控", "电池热失控", "热失控蔓延"]),
            ("骆·某", &["骆某峤"]),
            ("大学", &["示例大学"]),
            ("rsk", &["热失控", "热失控蔓延", "电池热失控"]),
            ("slDX", &["示例大学"]),
            ("", &[]),
            ("·", &[]),
            ("没有这个", &[]),
        ] {
            assert_eq!(texts(&all, typed), expected, "{typed}");
        }
    }

    #[test]
    fn names_are_found_for_a_search() {
        let all = some();
        let held = all.holding(SuggestionKind::Talent, "骆某峤", 9);
        assert_eq!(held.iter().map(|(e, whole)| (e.id.as_str(), *whole)).collect::<Vec<_>>(), [("t1", true)]);
        assert!(all.holding(SuggestionKind::Talent, "lmq", 9).is_empty(), "initials are for typing");
        assert!(all.holding(SuggestionKind::Talent, "热失控", 9).is_empty());
    }

    #[test]
    fn near_terms_differ_by_one_character() {
        let all = some();
        for (word, expected) in [
            ("热失空", &["热失控"][..]),
            ("热实控", &["热失控"]),
            ("热失控蔓", &["热失控", "热失控蔓延"]),
            ("热失控", &[]),
            ("热控", &[]),
            ("完全不同", &[]),
        ] {
            assert_eq!(all.near(word, 9), expected, "{word}");
        }
    }

    proptest! {
        #[test]
        fn changes_leave_what_a_fresh_start_would(
            steps in prop::collection::vec((0_u8..12, prop::option::of(("[热失控电池a]{1,4}", 0_u32..4))), 0..60),
            typed in "[热失控电池a]{1,2}",
        ) {
            let (mut changed, mut kept) = (Suggestions::default(), std::collections::BTreeMap::new());
            for (id, text) in steps {
                let (kind, id) = (SuggestionKind::ALL[usize::from(id) % 5], id.to_string());
                match text {
                    Some((text, weight)) => {
                        let entry = entry(kind, &id, &text, weight);
                        changed.put(entry.clone());
                        kept.insert(id, entry);
                    }
                    None => {
                        changed.remove(kind, &id);
                        kept.remove(&id);
                    }
                }
            }
            prop_assert_eq!(changed.len(), kept.len());
            // Each fits or does not, as its text says.
            let needle = folded(&typed);
            for kind in SuggestionKind::ALL {
                let mut held: Vec<&str> = changed.holding(kind, &typed, 99).iter().map(|(e, _)| e.id.as_str()).collect();
                held.sort_unstable();
                let of_kind = kept.values().filter(|e| e.kind == kind && folded(&e.text).contains(&needle));
                let mut expected: Vec<&str> = of_kind.map(|e| e.id.as_str()).collect();
                expected.sort_unstable();
                prop_assert_eq!(held, expected);
            }
            changed.compact();
            prop_assert_eq!(changed.len(), kept.len());
            prop_assert_eq!(changed.gone, 0);
        }
    }
}
