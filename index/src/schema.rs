//! What talents and evidence look like in tantivy.
//!
//! Both are documents of one index: a talent carries its profile, a piece of evidence its title,
//! keywords and abstract and the ids of the talents that it belongs to (co-authors share it).

use std::sync::Arc;

use tantivy::Term;
use tantivy::schema::{
    FAST, Field, IndexRecordOption, NumericOptions, STORED, STRING, Schema, TextFieldIndexing, TextOptions,
};

use crate::analyzer::tokenizer::unprepared;
use crate::analyzer::{Analysis, Analyzer};
use crate::document::{Batch, Document};
use crate::space::{self, Bag, term_hash};

/// The name under which the analyzer is registered with tantivy.
pub const TOKENIZER: &str = "zhihui";

/// Changes with every change of the schema or of what is written into it.
pub const FORMAT_VERSION: u32 = 10;

/// A talent as the index sees it.
#[derive(Debug, Clone, Default)]
pub struct TalentDoc {
    pub id: String,
    /// Text to match besides the evidence: title, keywords, bio.
    pub profile: String,
    pub region: Option<String>,
    /// Taxonomy codes.
    pub codes: Vec<String>,
    /// Returned as it is with a hit: the caller's own record.
    pub stored: String,
}

/// A piece of evidence as the index sees it.
#[derive(Debug, Clone)]
pub struct EvidenceDoc {
    pub id: String,
    /// Ids of the talents that it belongs to.
    pub talents: Vec<String>,
    /// The caller's code for what it is (paper, patent, …), below 255; returned with a hit.
    pub kind: u8,
    pub title: String,
    pub keywords: Vec<String>,
    pub summary: String,
    pub year: Option<u16>,
    /// Returned as it is with a hit: the caller's own record.
    pub stored: String,
}

impl EvidenceDoc {
    /// What the latent space sees: the terms of all fields, boosted as they are for scoring.
    pub fn bag(&self, analyzer: &Analyzer, buffer: &mut Analysis) -> Bag {
        let mut bag = Bag::new();
        for (field, text) in TextField::EVIDENCE.into_iter().zip(self.texts()) {
            analyzer.analyze(&text, buffer);
            space::add_terms(&mut bag, buffer, field.boost());
        }
        bag
    }

    /// By [`TextField::EVIDENCE`].
    pub(crate) fn texts(&self) -> [String; 3] {
        [self.title.clone(), self.keywords.join(KEYWORD_SEPARATOR), self.summary.clone()]
    }
}

/// Keeps bigrams from reaching from one keyword into the next.
const KEYWORD_SEPARATOR: &str = "；";

/// The text fields that are scored, in the order of [`TextField::ALL`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum TextField {
    Title,
    Keywords,
    Abstract,
    Profile,
}

impl TextField {
    pub const ALL: [Self; 4] = [Self::Title, Self::Keywords, Self::Abstract, Self::Profile];

    /// The fields of evidence, which are scored together (BM25F).
    pub const EVIDENCE: [Self; 3] = [Self::Title, Self::Keywords, Self::Abstract];

    /// How often an occurrence in this field counts, in frequency and in length: BM25F's field
    /// weights (Robertson, Zaragoza & Taylor 2004). Hand-set.
    pub const fn boost(self) -> u32 {
        match self {
            Self::Title => 3,
            Self::Keywords => 2,
            Self::Abstract | Self::Profile => 1,
        }
    }

    pub const fn name(self) -> &'static str {
        match self {
            Self::Title => "title",
            Self::Keywords => "keywords",
            Self::Abstract => "abstract",
            Self::Profile => "profile",
        }
    }
}

/// tantivy's handles of the fields.
#[derive(Debug, Clone)]
pub(crate) struct Fields {
    /// `t:` or `e:` and the id: what updates and deletes go by.
    key: Field,
    stored: Field,
    text: [Field; 4],
    id: Field,
    owner: Field,
    kind: Field,
    year: Field,
    region: Field,
    code: Field,
}

/// The code of the `kind` field for talents; evidence has the caller's.
pub(crate) const TALENT: u64 = 255;

pub(crate) fn schema() -> (Schema, Fields) {
    let mut builder = Schema::builder();
    let indexing = TextFieldIndexing::default().set_tokenizer(TOKENIZER).set_index_option(IndexRecordOption::WithFreqs);
    let text = TextOptions::default().set_indexing_options(indexing);
    let number = NumericOptions::default().set_fast();
    let name = TextOptions::default().set_fast("raw");
    let fields = Fields {
        key: builder.add_text_field("key", STRING),
        stored: builder.add_text_field("stored", STORED),
        text: TextField::ALL.map(|f| builder.add_text_field(f.name(), text.clone())),
        id: builder.add_text_field("id", name.clone()),
        owner: builder.add_u64_field("owner", number.clone()),
        kind: builder.add_u64_field("kind", FAST),
        year: builder.add_u64_field("year", number),
        region: builder.add_text_field("region", name.clone()),
        code: builder.add_text_field("code", name),
    };
    (builder.build(), fields)
}

impl Fields {
    pub(crate) fn text(&self, field: TextField) -> Field {
        self.text[field as usize]
    }

    pub(crate) fn stored(&self) -> Field {
        self.stored
    }

    pub(crate) fn talent_key(&self, id: &str) -> Term {
        Term::from_field_text(self.key, &format!("t:{id}"))
    }

    pub(crate) fn evidence_key(&self, id: &str) -> Term {
        Term::from_field_text(self.key, &format!("e:{id}"))
    }

    pub(crate) fn talent(&self, talent: &TalentDoc) -> Document {
        let mut texts = vec![
            (self.key, format!("t:{}", talent.id)),
            (self.id, talent.id.clone()),
            (self.stored, talent.stored.clone()),
            (self.text(TextField::Profile), unprepared(&talent.profile).to_owned()),
        ];
        texts.extend(talent.region.iter().map(|region| (self.region, region.clone())));
        texts.extend(talent.codes.iter().map(|code| (self.code, code.clone())));
        let numbers = vec![(self.kind, TALENT), (self.owner, term_hash(talent.id.as_bytes()))];
        Document { texts, numbers, analysed: None }
    }

    /// The piece of evidence that has this `place` in the batch.
    pub(crate) fn evidence(&self, evidence: &EvidenceDoc, batch: &Arc<Batch>, place: usize) -> Document {
        let texts = vec![(self.key, format!("e:{}", evidence.id)), (self.stored, evidence.stored.clone())];
        let mut numbers = vec![(self.kind, evidence.kind.into())];
        numbers.extend(evidence.talents.iter().map(|talent| (self.owner, term_hash(talent.as_bytes()))));
        numbers.extend(evidence.year.map(|year| (self.year, year.into())));
        let fields = TextField::EVIDENCE.map(|field| self.text(field));
        Document { texts, numbers, analysed: Some((fields, batch.clone(), place)) }
    }
}
