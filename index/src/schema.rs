//! What talents and evidence look like in tantivy.
//!
//! Both are documents of one index: a talent carries its profile, a piece of evidence its title,
//! keywords and abstract and the ids of the talents that it belongs to (co-authors share it).

use tantivy::schema::{
    FAST, Field, IndexRecordOption, NumericOptions, STORED, STRING, Schema, TextFieldIndexing, TextOptions,
};
use tantivy::{TantivyDocument, Term};

use crate::analyzer::tokenizer::{prepared, unprepared};
use crate::analyzer::{Analysis, Analyzer};
use crate::space::{self, Bag, DIMENSIONS, Vector, term_hash};

/// The name under which the analyzer is registered with tantivy.
pub const TOKENIZER: &str = "zhihui";

/// Changes with every change of the schema or of what is written into it.
pub const FORMAT_VERSION: u32 = 10;

/// 64-bit words that hold one vector.
const VECTOR_WORDS: usize = DIMENSIONS / 8;

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
        self.analyze(analyzer, buffer, |field, analysis| space::add_terms(&mut bag, analysis, field.boost()));
        bag
    }

    /// The bag, and the text fields as [`Fields::evidence`] takes them, from one analysis.
    pub(crate) fn prepare(&self, analyzer: &Analyzer, buffer: &mut Analysis) -> (Bag, [String; 3]) {
        let mut bag = Bag::new();
        let mut texts = [const { String::new() }; 3];
        self.analyze(analyzer, buffer, |field, analysis| {
            space::add_terms(&mut bag, analysis, field.boost());
            texts[field as usize] = prepared(analysis);
        });
        (bag, texts)
    }

    fn analyze(&self, analyzer: &Analyzer, buffer: &mut Analysis, mut each: impl FnMut(TextField, &Analysis)) {
        let keywords = self.keywords.join(KEYWORD_SEPARATOR);
        for (field, text) in TextField::EVIDENCE.into_iter().zip([&self.title, &keywords, &self.summary]) {
            analyzer.analyze(text, buffer);
            each(field, buffer);
        }
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
    vector: Field,
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
        year: builder.add_u64_field("year", number.clone()),
        region: builder.add_text_field("region", name.clone()),
        code: builder.add_text_field("code", name),
        vector: builder.add_u64_field("vector", number),
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

    pub(crate) fn talent(&self, talent: &TalentDoc) -> TantivyDocument {
        let mut document = TantivyDocument::new();
        document.add_text(self.key, format!("t:{}", talent.id));
        document.add_text(self.id, &talent.id);
        document.add_text(self.stored, &talent.stored);
        document.add_u64(self.kind, TALENT);
        document.add_u64(self.owner, term_hash(talent.id.as_bytes()));
        document.add_text(self.text(TextField::Profile), unprepared(&talent.profile));
        if let Some(region) = &talent.region {
            document.add_text(self.region, region);
        }
        talent.codes.iter().for_each(|code| document.add_text(self.code, code));
        document
    }

    /// `texts` by [`TextField::EVIDENCE`], [`prepared`].
    pub(crate) fn evidence(
        &self,
        evidence: &EvidenceDoc,
        texts: &[String; 3],
        vector: Option<&Vector>,
    ) -> TantivyDocument {
        let mut document = TantivyDocument::new();
        document.add_text(self.key, format!("e:{}", evidence.id));
        document.add_text(self.stored, &evidence.stored);
        document.add_u64(self.kind, evidence.kind.into());
        for talent in &evidence.talents {
            document.add_u64(self.owner, term_hash(talent.as_bytes()));
        }
        for (field, text) in TextField::EVIDENCE.into_iter().zip(texts) {
            document.add_text(self.text(field), text);
        }
        if let Some(year) = evidence.year {
            document.add_u64(self.year, year.into());
        }
        for word in vector.into_iter().flat_map(pack) {
            document.add_u64(self.vector, word);
        }
        document
    }
}

/// A vector as 64-bit words, to lie in a fast field: updates, deletes and merges are then
/// tantivy's own.
fn pack(vector: &Vector) -> impl Iterator<Item = u64> {
    vector.as_chunks::<8>().0.iter().map(|bytes| u64::from_le_bytes(bytes.map(i8::cast_unsigned)))
}

/// The reverse of [`pack`]; `None` for a document without a vector.
pub(crate) fn unpack(words: &[u64]) -> Option<Vector> {
    if words.len() != VECTOR_WORDS {
        return None;
    }
    let mut vector = [0; DIMENSIONS];
    for (bytes, word) in vector.chunks_exact_mut(8).zip(words) {
        for (byte, value) in bytes.iter_mut().zip(word.to_le_bytes()) {
            *byte = value.cast_signed();
        }
    }
    Some(vector)
}
