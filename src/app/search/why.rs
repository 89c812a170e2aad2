//! Why something was found: which words of what was asked stand where.

use serde::Serialize;
use utoipa::ToSchema;

use crate::app::explain::{Part, Proof};
use crate::domain::{Need, Talent};

/// A word of what was asked, and where a hit has it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct WordPlaces {
    pub word: String,
    /// In Chinese: `成果标题（2 项）`.
    pub places: Vec<String>,
}

/// Where none of the texts that are shown has a word itself.
const ELSEWHERE: &str = "其他成果，或同义词、译词";

/// Where the evidence that is shown and the profile have each word.
pub fn of_talent(words: &[String], talent: &Talent, proofs: &[Proof]) -> Vec<WordPlaces> {
    places(words, |word, places| {
        let count = |has: &dyn Fn(&Proof) -> bool| proofs.iter().filter(|p| has(p)).count();
        let counts = [
            ("成果标题", count(&|p| holds(&p.evidence.title, word))),
            ("成果关键词", count(&|p| p.evidence.keywords.iter().any(|k| holds(k, word)))),
            ("成果摘要", count(&|p| p.evidence.r#abstract.as_deref().is_some_and(|a| holds(a, word)))),
        ];
        places.extend(counts.iter().filter(|(_, n)| *n > 0).map(|(place, n)| format!("{place}（{n} 项）")));
        if talent.keywords.iter().any(|k| holds(k, word)) || talent.bio.as_deref().is_some_and(|b| holds(b, word)) {
            places.push("研究方向与简介".to_owned());
        }
    })
}

/// Where a need has each word.
pub fn of_need(words: &[String], need: &Need) -> Vec<WordPlaces> {
    places(words, |word, places| {
        let texts = [
            ("名称", need.title.as_deref().is_some_and(|t| holds(t, word))),
            ("技术问题", holds(&need.problem, word)),
            ("应用场景", need.scenario.as_deref().is_some_and(|s| holds(s, word))),
            ("预期目标", need.targets.iter().any(|t| holds(&t.text(), word))),
        ];
        places.extend(texts.iter().filter(|(_, has)| *has).map(|(place, _)| (*place).to_owned()));
    })
}

fn places(words: &[String], find: impl Fn(&str, &mut Vec<String>)) -> Vec<WordPlaces> {
    let of = |word: &String| {
        let mut places = Vec::new();
        find(&word.to_lowercase(), &mut places);
        if places.is_empty() {
            places.push(ELSEWHERE.to_owned());
        }
        WordPlaces { word: word.clone(), places }
    };
    words.iter().map(of).collect()
}

fn holds(text: &str, word: &str) -> bool {
    text.contains(word) || text.to_lowercase().contains(word)
}

/// A name with what was asked for marked in it.
pub fn marked(name: &str, tokens: &[String]) -> Vec<Part> {
    // A character that changes its length in lower case would shift what is marked.
    let lower = name.to_lowercase();
    let hit = tokens
        .iter()
        .filter(|_| lower.len() == name.len())
        .find_map(|t| lower.find(t.as_str()).map(|at| at..at + t.len()));
    let Some(hit) = hit.filter(|hit| name.is_char_boundary(hit.start) && name.is_char_boundary(hit.end)) else {
        return vec![Part { text: name.to_owned(), hit: false }];
    };
    let parts = [(&name[..hit.start], false), (&name[hit.clone()], true), (&name[hit.end..], false)];
    let parts = parts.into_iter().filter(|(text, _)| !text.is_empty());
    parts.map(|(text, hit)| Part { text: text.to_owned(), hit }).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_was_asked_for_is_marked_in_a_name() {
        let text = |name: &str, token: &str| -> String {
            let parts = marked(name, &[token.to_owned()]);
            parts.iter().map(|p| if p.hit { format!("[{}]", p.text) } else { p.text.clone() }).collect()
        };
        for (name, token, expected) in [
            ("骆某峤", "某峤", "骆[某峤]"),
            ("Ann Lee", "ann", "[Ann] Lee"),
            ("骆·某峤", "骆某", "骆·某峤"),
            ("İx", "x", "İx"),
        ] {
            assert_eq!(text(name, token), expected);
        }
    }

    #[test]
    fn each_word_says_where_it_stands() {
        let need =
            Need { title: Some("电池热失控".into()), problem: "抑制热失控蔓延".into(), ..Need::default() };
        let told = of_need(&["热失控".into(), "蔓延".into(), "预警".into()], &need);
        assert_eq!(told[0].places, ["名称", "技术问题"]);
        assert_eq!(told[1].places, ["技术问题"]);
        assert_eq!(told[2].places, [ELSEWHERE]);
    }
}
