//! Words that say nothing that could be tested, and what to write instead: data/assessment/wording.toml.

use std::ops::Range;

use aho_corasick::{AhoCorasick, MatchKind};
use serde::Deserialize;

/// The vague words and the slogans.
#[derive(Debug, Clone)]
pub struct Wording {
    vague: AhoCorasick,
    /// Of each vague word.
    advice: Vec<String>,
    slogans: AhoCorasick,
}

/// Why a text does not hold such words.
#[derive(Debug, thiserror::Error)]
pub enum WordingError {
    #[error("含糊词表的写法有误：{0}")]
    Format(#[from] toml::de::Error),
    #[error("含糊词表里的词为空或重复：“{0}”")]
    Word(String),
    #[error("含糊词表太大：{0}")]
    Size(#[from] aho_corasick::BuildError),
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    vague: Vec<VagueGroup>,
    slogan: Slogan,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct VagueGroup {
    words: Vec<String>,
    advice: String,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Slogan {
    words: Vec<String>,
}

impl Wording {
    /// Reads the words.
    ///
    /// # Errors
    /// [`WordingError`]
    pub fn parse(text: &str) -> Result<Self, WordingError> {
        let file: File = toml::from_str(text)?;
        let pairs = file.vague.into_iter().flat_map(|group| {
            let advice = group.advice;
            group.words.into_iter().map(move |word| (word, advice.clone()))
        });
        let (words, advice): (Vec<String>, Vec<String>) = pairs.unzip();
        Ok(Self { vague: finder(&words)?, advice, slogans: finder(&file.slogan.words)? })
    }

    /// The vague words of a text: their bytes, and what to write instead.
    pub fn vague_words<'a>(&'a self, text: &'a str) -> impl Iterator<Item = (Range<usize>, &'a str)> {
        // 高精度 is not a word of 提高精度, nor 低成本 of 降低成本.
        let inside =
            |start: usize| text[start..].starts_with(['高', '低']) && text[..start].ends_with(['提', '降', '最']);
        let found = self.vague.find_iter(text).filter(move |found| !inside(found.start()));
        found.map(|found| (found.range(), self.advice[found.pattern()].as_str()))
    }

    /// Whether a word is one of these words, and nothing besides.
    pub fn is_empty_talk(&self, word: &str) -> bool {
        let is_all = |found: aho_corasick::Match| found.range() == (0..word.len());
        self.vague.find(word).is_some_and(is_all) || self.slogans.find(word).is_some_and(is_all)
    }

    /// The slogans of a text.
    pub fn slogans<'a>(&'a self, text: &'a str) -> impl Iterator<Item = &'a str> {
        self.slogans.find_iter(text).map(|found| &text[found.range()])
    }
}

fn finder(words: &[String]) -> Result<AhoCorasick, WordingError> {
    let mut sorted: Vec<&String> = words.iter().collect();
    sorted.sort_unstable();
    let twice = sorted.windows(2).find(|pair| pair[0] == pair[1]).map(|pair| pair[0]);
    if let Some(word) = words.iter().find(|word| word.trim().is_empty()).or(twice) {
        return Err(WordingError::Word(word.clone()));
    }
    Ok(AhoCorasick::builder().match_kind(MatchKind::LeftmostLongest).build(words)?)
}

#[cfg(test)]
mod tests {
    use super::*;

    const WORDS: &str = r#"
        [[vague]]
        words = ["高精度", "提高效率", "尽快", "尽快解决"]
        advice = "写明数值"
        [slogan]
        words = ["赋能"]
    "#;

    #[test]
    fn the_longest_word_counts_and_none_begins_inside_another() {
        let wording = Wording::parse(WORDS).unwrap();
        for (text, expected) in [
            ("高精度定位", &["高精度"][..]),
            ("请尽快解决，尽快", &["尽快解决", "尽快"]),
            ("提高效率", &["提高效率"]),
            ("提高精度", &[]),
            ("", &[]),
        ] {
            let found: Vec<&str> = wording.vague_words(text).map(|(bytes, _)| &text[bytes]).collect();
            assert_eq!(found, expected, "{text}");
        }
        assert_eq!(wording.slogans("赋能产业，赋能").count(), 2);
    }

    #[test]
    fn words_that_are_blank_or_there_twice_are_refused() {
        for (from, to) in [("\"尽快\"", "\"\""), ("\"尽快\"", "\"高精度\""), ("advice", "hint"), ("赋能", " ")]
        {
            assert!(Wording::parse(&WORDS.replacen(from, to, 1)).is_err(), "{to}");
        }
    }
}
