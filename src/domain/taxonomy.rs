//! Clusters of the "33618" manufacturing system and research disciplines, and which of them a
//! text is about.

use serde::Deserialize;

/// The fields that needs and talents are classed by.
#[derive(Debug, Clone, Default)]
pub struct Taxonomy {
    pub fields: Vec<Field>,
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
    /// The fields that the text is about, best first, with the best at 1.
    ///
    /// Every term of a field that the text holds counts its length, divided by the number of
    /// fields that have the term.
    pub fn classify(&self, text: &str) -> Vec<(String, f32)> {
        let text = text.to_lowercase();
        let held = |field: &Field| -> f32 {
            let terms = field.terms.iter().filter(|t| text.contains(&t.to_lowercase()));
            terms.map(|t| t.chars().count() as f32 / self.sharing(t) as f32).sum()
        };
        let mut found: Vec<(String, f32)> =
            self.fields.iter().map(|f| (f.code.clone(), held(f))).filter(|(_, s)| *s >= MIN_EVIDENCE).collect();
        found.sort_by(|a, b| b.1.total_cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
        let best = found.first().map_or(1.0, |f| f.1);
        found.iter_mut().for_each(|f| f.1 /= best);
        found
    }

    pub fn field(&self, code: &str) -> Option<&Field> {
        self.fields.iter().find(|f| f.code == code)
    }

    fn sharing(&self, term: &str) -> usize {
        self.fields.iter().filter(|f| f.terms.iter().any(|t| t == term)).count().max(1)
    }
}
