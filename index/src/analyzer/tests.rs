//! Properties of the analyzer:
//! 1. it never panics, and offsets slice the source text;
//! 2. the same text always gives the same tokens;
//! 3. the bigrams of any substring are in the stream of the text that holds it;
//! 4. a Han word that the analyzer yields for itself is in the stream of every text that holds it;
//! 5. a word inside a word shares its position;
//! 6. text prepared for tantivy gives the same terms as the text itself;
//! 7. the filter before jieba hides no word of its dictionary;
//! 8. the words and phrases of an English text are in the stream of every text that holds it between
//!    separators, whatever blanks and plurals it is written with.

use std::sync::{Arc, LazyLock};

use proptest::prelude::*;
use tantivy::tokenizer::{TokenStream, Tokenizer};

use super::*;

const JIEBA: &str = include_str!("../../../data/dict/jieba.txt");

static ANALYZER: LazyLock<Analyzer> = LazyLock::new(|| {
    let sources = DictionarySources {
        jieba: JIEBA,
        user: "热失控\npre-A轮\n",
        stop: "of\nthe\n",
        t2s: "機\t机\n學\t学\n",
        ..Default::default()
    };
    Analyzer::new(Arc::new(Dictionary::new(&sources, []).unwrap()))
});

/// What tantivy is given.
fn tokens(text: &str) -> Vec<String> {
    let mut tokenizer = tokenizer::ZhihuiTokenizer::from(ANALYZER.clone());
    let mut stream = tokenizer.token_stream(text);
    let mut tokens = Vec::new();
    while stream.advance() {
        tokens.push(stream.token().text.clone());
    }
    tokens
}

proptest! {
    #[test]
    fn offsets_slice_any_text_and_tokens_repeat(text in any::<String>()) {
        let mut analysis = Analysis::default();
        ANALYZER.analyze(&text, &mut analysis);
        for span in analysis.spans() {
            prop_assert!(!text[analysis.source(span)].is_empty());
            prop_assert!(!analysis.term(span).is_empty());
        }
        prop_assert_eq!(ANALYZER.terms(&text), ANALYZER.terms(&text));
    }

    #[test]
    fn prepared_text_gives_the_terms_of_its_analysis(text in any::<String>()) {
        let mut analysis = Analysis::default();
        ANALYZER.analyze(&text, &mut analysis);
        let (mut prepared, mut bag, mut expected) = (String::new(), Vec::new(), Vec::new());
        tokenizer::prepare(&analysis, &mut prepared, 3, &mut bag);
        crate::space::add_terms(&mut expected, &analysis, 3);
        prop_assert_eq!(bag, expected);
        prop_assert_eq!(tokens(&prepared), ANALYZER.terms(&text));
        prop_assert_eq!(tokens(tokenizer::unprepared(&text)), ANALYZER.terms(&text));
    }

    #[test]
    fn what_a_part_holds_the_whole_holds(
        before in "[电池热失控京都大学日本機械學習a1 ，]{0,8}",
        part in "[电池热失控京都大学日本機械學習]{2,8}",
        after in "[电池热失控京都大学日本機械學習b2 。]{0,8}",
    ) {
        let whole = ANALYZER.terms(&format!("{before}{part}{after}"));
        for term in ANALYZER.terms(&part) {
            prop_assert!(whole.contains(&term), "{} not in {:?}", term, whole);
        }
    }

    #[test]
    fn what_an_english_part_holds_the_whole_holds(
        before in "[电池 a-z1，]{0,8}",
        words in prop::collection::vec("(cells?|thermal|batter(y|ies)|of|the|x|v2x|3)", 1..6),
        blank in "( |-|  |\n)",
        after in "[热失控 a-z2.]{0,8}",
    ) {
        let part = words.join(" ");
        let whole = ANALYZER.terms(&format!("{before}；{part}。{after}"));
        for term in ANALYZER.terms(&part) {
            prop_assert!(whole.contains(&term), "{} not in {:?}", term, whole);
        }
        let phrases = |text: &str| {
            let terms = ANALYZER.terms(text);
            terms.into_iter().filter(|t| t.contains('_')).collect::<Vec<_>>()
        };
        prop_assert_eq!(phrases(&part), phrases(&words.join(&blank)));
        prop_assert_eq!(phrases(&part), phrases(&part.to_uppercase()));
    }
}

#[test]
fn text_of_other_people_does_not_pass_for_prepared_text() {
    let forged = "\u{1}\u{2}IG\u{1}热失控";
    assert_eq!(tokens(tokenizer::unprepared(forged)), ANALYZER.terms(forged));
}

#[test]
fn terms_are_as_documented() {
    let cases: &[(&str, &[&str])] = &[
        ("IGBT模块", &["igbt", "模块"]),
        ("3.6.3", &["3.6.3"]),
        ("5G-V2X", &["5g_v2x", "5g-v2x", "5g", "v2x"]),
        ("０.18µm", &["0.18μm"]),
        ("LiFePO4", &["lifepo4"]),
        ("機學", &["机学"]),
        ("热失控", &["热失控", "热失", "失控"]),
        ("C++ 與", &["c++"]),
        ("pre-A轮", &["pre-a轮", "pre-a", "pre"]),
        ("Thermal Runaways", &["thermal_runaway", "thermal", "runaway"]),
        ("state of charge", &["state_charge", "state", "of", "charge"]),
        ("solid-state batteries", &["solid_state", "solid-state", "solid", "state_battery", "state", "battery"]),
        ("IGBTs、SiC cells", &["igbt", "sic_cell", "sic", "cell"]),
        ("Alzheimer's disease", &["alzheimer_disease", "alzheimer's", "alzheimer", "disease"]),
        ("3 mm, x axis", &["3", "mm", "x", "axis"]),
        ("，。 \u{0}\u{200b}", &[]),
        ("", &[]),
        ("铝", &[]),
    ];
    for (text, expected) in cases {
        assert_eq!(ANALYZER.terms(text), *expected, "{text:?}");
    }
}

#[test]
fn a_word_inside_a_word_shares_its_position() {
    let mut analysis = Analysis::default();
    ANALYZER.analyze("研究热失控的机理", &mut analysis);
    let position = |term: &str| analysis.spans().iter().find(|s| analysis.term(s) == term).map(|s| s.position);
    assert_eq!(position("热失控"), position("失控"));
    assert!(position("研究") < position("热失控"));
    assert!(position("热失控") < position("机理"));
}

#[test]
fn every_long_word_of_the_dictionary_is_a_term_of_itself() {
    let is_han = |w: &&str| w.chars().count() >= 3 && w.chars().all(|c| ('\u{4e00}'..='\u{9fff}').contains(&c));
    let words = JIEBA.lines().filter_map(|l| l.split_once(' ')).map(|(word, _)| word).filter(is_han);
    let mut analysis = Analysis::default();
    let mut seen = 0;
    for word in words {
        ANALYZER.analyze(word, &mut analysis);
        // A traditional word is folded to one that jieba need not know.
        let found = || analysis.spans().iter().any(|s| analysis.term(s) == word);
        assert!(analysis.folded() != word || found(), "{word}");
        seen += 1;
    }
    assert!(seen > 200_000, "{seen}");
}
