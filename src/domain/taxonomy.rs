//! Clusters of the "33618" manufacturing system and research disciplines, and which of them a
//! text is about.

use std::collections::BTreeMap;

use aho_corasick::AhoCorasick;
use serde::Deserialize;

/// The fields that needs and talents are classed by.
#[derive(Debug, Clone)]
pub struct Taxonomy {
    fields: Vec<Field>,
    /// Finds the terms of all fields in a lower-case text.
    finder: AhoCorasick,
    /// For each term: its length in characters, divided by the number of fields that have it.
    evidence: Vec<f32>,
    /// For each term: the fields that have it.
    fields_of: Vec<Vec<usize>>,
}

/// A cluster or a discipline.
#[derive(Debug, Clone, PartialEq, Eq, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Field {
    pub code: String,
    pub name: String,
    /// Of a cluster: 万亿级主导产业集群 and so on.
    #[serde(default)]
    pub tier: Option<String>,
    /// Words that texts of the field use.
    #[serde(default)]
    pub terms: Vec<String>,
    /// Of a discipline: the clusters that it serves.
    #[serde(default)]
    pub clusters: Vec<String>,
}

/// The least evidence, in matched characters over the fields that share a term, to name a field.
const MIN_EVIDENCE: f32 = 3.0;

impl Taxonomy {
    pub fn new(fields: Vec<Field>) -> Self {
        let mut fields_of: BTreeMap<String, Vec<usize>> = BTreeMap::new();
        for (field, term) in (0..).zip(&fields).flat_map(|(i, f)| f.terms.iter().map(move |t| (i, t))) {
            fields_of.entry(term.to_lowercase()).or_default().push(field);
        }
        let finder = AhoCorasick::new(fields_of.keys()).unwrap_or_else(|_| unreachable!("some hundred short terms"));
        let evidence = fields_of.iter().map(|(term, of)| term.chars().count() as f32 / of.len() as f32).collect();
        Self { fields, finder, evidence, fields_of: fields_of.into_values().collect() }
    }

    /// The fields that the text is about, best first, with the best at 1.
    ///
    /// Every term of a field that the text holds counts its length, divided by the number of
    /// fields that have the term.
    pub fn classify(&self, text: &str) -> Vec<(String, f32)> {
        let mut held = vec![false; self.evidence.len()];
        self.finder.find_overlapping_iter(&text.to_lowercase()).for_each(|m| held[m.pattern()] = true);
        let mut sums = vec![0.0; self.fields.len()];
        for term in (0..held.len()).filter(|t| held[*t]) {
            self.fields_of[term].iter().for_each(|field| sums[*field] += self.evidence[term]);
        }
        let named = self.fields.iter().zip(sums).filter(|(_, sum)| *sum >= MIN_EVIDENCE);
        let mut found: Vec<(String, f32)> = named.map(|(field, sum)| (field.code.clone(), sum)).collect();
        found.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        let best = found.first().map_or(1.0, |f| f.1);
        found.iter_mut().for_each(|f| f.1 /= best);
        found
    }

    pub fn fields(&self) -> &[Field] {
        &self.fields
    }

    pub fn field(&self, code: &str) -> Option<&Field> {
        self.fields.iter().find(|f| f.code == code)
    }
}
