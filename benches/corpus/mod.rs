//! Seeded corpora: made-up evidence whose words follow Zipf's law and whose lengths are those of
//! Chinese papers (title some 20 characters, five keywords, abstract 100–260).

use std::collections::BTreeSet;
use std::sync::Arc;

use zhihui::app::data;
use zhihui::domain::{Evidence, EvidenceType, Talent, TalentKind};
use zhihui::matching::random::SplitMix64;
use zhihui_index::{Analyzer, Dictionary, EvidenceDoc, TalentDoc};

/// As in the program.
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Different words of a corpus.
const VOCABULARY: usize = 60_000;
/// Pieces of evidence of one talent.
const PIECES: usize = 5;
/// What real text has between its words.
const GLUE: [&str; 12] = ["的", "与", "和", "在", "对", "，", "、", "。", "基于", "研究", "通过", "一种"];

/// The analyzer of the program, without words mined from a corpus.
pub fn analyzer() -> Analyzer {
    let dictionary = Dictionary::new(&data::DICTIONARY, BTreeSet::new());
    Analyzer::new(Arc::new(dictionary.expect("data/dict is read by a test")))
}

/// Draws texts. The same seed gives the same texts.
pub struct Generator {
    words: Vec<String>,
    random: SplitMix64,
}

impl Generator {
    pub fn new(seed: u64) -> Self {
        let mut random = SplitMix64::new(seed);
        let known = data::DICTIONARY.user.lines().filter(|l| !l.starts_with('#'));
        let mut words: BTreeSet<String> = known.filter_map(|l| l.split(' ').next()).map(str::to_owned).collect();
        words.remove("");
        let chars: Vec<char> = words.iter().flat_map(|w| w.chars()).collect();
        words.extend(["IGBT", "5G-V2X", "LiFePO4", "0.18μm", "3.6.3"].map(String::from));
        // Frequent characters make more words, as in the language: two in three have two characters.
        while words.len() < VOCABULARY {
            let length = [2, 2, 2, 2, 3, 4][random.below(6)];
            words.insert((0..length).map(|_| chars[random.below(chars.len())]).collect());
        }
        let mut words: Vec<String> = words.into_iter().collect();
        for i in (1..words.len()).rev() {
            words.swap(i, random.below(i + 1));
        }
        Self { words, random }
    }

    /// A word of rank r is drawn with a probability of about 1 / r.
    fn word(&mut self) -> &str {
        let uniform = (self.random.next_u64() >> 11) as f64 / (1_u64 << 53) as f64;
        let rank = (self.words.len() as f64).powf(uniform) as usize;
        &self.words[rank.min(self.words.len()) - 1]
    }

    /// Text of at least `chars` characters.
    pub fn text(&mut self, chars: usize) -> String {
        let mut text = String::new();
        let mut length = 0;
        while length < chars {
            let from = text.len();
            let word = self.word().to_owned();
            text.push_str(&word);
            if self.random.below(3) == 0 {
                text.push_str(GLUE[self.random.below(GLUE.len())]);
            }
            length += text[from..].chars().count();
        }
        text
    }

    fn evidence(&mut self, number: usize) -> Evidence {
        let title = 12 + self.random.below(16);
        let summary = 100 + self.random.below(160);
        Evidence {
            id: format!("e{number:07}"),
            r#type: EvidenceType::Paper,
            title: self.text(title),
            keywords: (0..5).map(|_| self.word().to_owned()).collect(),
            r#abstract: Some(self.text(summary)),
            year: Some(2005 + self.random.below(20) as u16),
        }
    }
}

/// Talents with `pieces` of evidence in all.
pub fn talents(pieces: usize) -> Vec<Talent> {
    let mut generator = Generator::new(92);
    let talent = |t: usize| Talent {
        id: format!("t{t:06}"),
        kind: TalentKind::Researcher,
        name: format!("示例{t}"),
        organization: "示例大学".into(),
        region: None,
        title: None,
        keywords: Vec::new(),
        bio: None,
        fields: Vec::new(),
        members: Vec::new(),
        evidence: (0..PIECES).map(|p| generator.evidence(t * PIECES + p)).collect(),
    };
    (0..pieces.div_ceil(PIECES)).map(talent).collect()
}

/// The same as the index takes it.
pub fn documents(talents: &[Talent]) -> (Vec<TalentDoc>, Vec<EvidenceDoc>) {
    let evidence = |t: &Talent| -> Vec<EvidenceDoc> {
        t.evidence.iter().map(|e| zhihui::app::engine::evidence_doc(e, vec![t.id.clone()])).collect()
    };
    (talents.iter().map(zhihui::app::engine::talent_doc).collect(), talents.iter().flat_map(evidence).collect())
}
