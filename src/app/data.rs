//! The reviewed data of data/, built into the program.

use serde::Deserialize;
use zhihui_index::DictionarySources;

use crate::domain::taxonomy::{Field, Taxonomy};
use crate::matching::Ranking;
use crate::matching::ranking::RankingError;

/// data/dict
pub const DICTIONARY: DictionarySources<'static> = DictionarySources {
    jieba: include_str!("../../data/dict/jieba.txt"),
    user: include_str!("../../data/dict/user.txt"),
    stop: include_str!("../../data/dict/stop.txt"),
    boilerplate: include_str!("../../data/dict/boilerplate.txt"),
    synonyms: include_str!("../../data/dict/synonyms.tsv"),
    bilingual: include_str!("../../data/dict/bilingual.tsv"),
    t2s: include_str!("../../data/dict/t2s.txt"),
};

const CLUSTERS: &str = include_str!("../../data/taxonomy/clusters.toml");
const DISCIPLINES: &str = include_str!("../../data/taxonomy/disciplines.toml");
const DEFAULT_RANKING: &str = include_str!("../../data/ranking/untuned.toml");

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct TaxonomyFile {
    #[serde(default)]
    cluster: Vec<Field>,
    #[serde(default)]
    discipline: Vec<Field>,
}

/// data/taxonomy
///
/// # Errors
/// A file that is not as its format says; a test reads them, so a release has none.
pub fn taxonomy() -> Result<Taxonomy, toml::de::Error> {
    let clusters: TaxonomyFile = toml::from_str(CLUSTERS)?;
    let disciplines: TaxonomyFile = toml::from_str(DISCIPLINES)?;
    Ok(Taxonomy::new(clusters.cluster.into_iter().chain(disciplines.discipline).collect()))
}

/// data/ranking/untuned.toml: no learned ranking has beaten it in cross-validation.
///
/// # Errors
/// As [`taxonomy`].
pub fn default_ranking() -> Result<Ranking, RankingError> {
    Ranking::parse(DEFAULT_RANKING)
}
