//! The reviewed data of data/, built into the program.

use std::sync::LazyLock;

use serde::Deserialize;
use zhihui_index::DictionarySources;

use super::trec::{Qrels, TrecError, parse_qrels};
use crate::domain::assessment::{Wording, WordingError};
use crate::domain::challenge::Rules;
use crate::domain::regulation::ParametersError;
use crate::domain::taxonomy::{Field, Taxonomy};
use crate::domain::{Need, Parameters, Talent};
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
const PARAMETERS: &str = include_str!("../../data/regulation/parameters.toml");
const BOARD: &str = include_str!("../../data/board/rules.toml");
const WORDING: &str = include_str!("../../data/assessment/wording.toml");
const COMMON_PASSWORDS: &str = include_str!("../../data/accounts/common-passwords.txt");

const DEMO_TALENTS: &str = include_str!("../../data/demo/talents.jsonl");
const DEMO_NEEDS: &str = include_str!("../../data/demo/needs.jsonl");
const DEMO_JUDGEMENTS: &str = include_str!("../../data/demo/qrels.txt");

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

/// The same, read once.
///
/// # Errors
/// As [`taxonomy`].
pub fn taxonomy_kept() -> Result<&'static Taxonomy, &'static toml::de::Error> {
    static TAXONOMY: LazyLock<Result<Taxonomy, toml::de::Error>> = LazyLock::new(taxonomy);
    TAXONOMY.as_ref()
}

/// Whether the taxonomy has a code.
pub fn is_field(code: &str) -> bool {
    taxonomy_kept().is_ok_and(|taxonomy| taxonomy.field(code).is_some())
}

/// The fields of the taxonomy: clusters, then disciplines.
pub fn fields() -> &'static [Field] {
    taxonomy_kept().map(Taxonomy::fields).unwrap_or_default()
}

/// The clusters of the taxonomy, which needs are classed by.
pub fn clusters() -> &'static [Field] {
    let fields = fields();
    &fields[..fields.partition_point(|field| field.tier.is_some())]
}

/// The name of a code of the taxonomy; the code itself where it has none.
pub fn field_name(code: &str) -> String {
    let field = taxonomy_kept().ok().and_then(|taxonomy| taxonomy.field(code));
    field.map_or(code, |field| field.name.as_str()).to_owned()
}

/// data/ranking/untuned.toml: no learned ranking has beaten it in cross-validation.
///
/// # Errors
/// As [`taxonomy`].
pub fn default_ranking() -> Result<Ranking, RankingError> {
    Ranking::parse(DEFAULT_RANKING)
}

/// data/board/rules.toml; a test reads it, so a release has its numbers and not zeros.
pub fn board_rules() -> Rules {
    toml::from_str(BOARD).unwrap_or_default()
}

/// data/regulation/parameters.toml
///
/// # Errors
/// As [`taxonomy`].
pub fn parameters() -> Result<Parameters, ParametersError> {
    Parameters::parse(PARAMETERS)
}

/// data/assessment/wording.toml
///
/// # Errors
/// As [`taxonomy`].
pub fn wording() -> Result<Wording, WordingError> {
    Wording::parse(WORDING)
}

/// data/accounts/common-passwords.txt
pub fn common_passwords() -> Vec<&'static str> {
    COMMON_PASSWORDS.lines().filter(|line| !line.is_empty() && !line.starts_with('#')).collect()
}

/// data/demo/talents.jsonl
///
/// # Errors
/// As [`taxonomy`].
pub fn demo_talents() -> serde_json::Result<Vec<Talent>> {
    DEMO_TALENTS.lines().map(serde_json::from_str).collect()
}

/// data/demo/needs.jsonl
///
/// # Errors
/// As [`taxonomy`].
pub fn demo_needs() -> serde_json::Result<Vec<Need>> {
    DEMO_NEEDS.lines().map(serde_json::from_str).collect()
}

/// data/demo/qrels.txt
///
/// # Errors
/// As [`taxonomy`].
pub fn demo_judgements() -> Result<Qrels, TrecError> {
    parse_qrels(DEMO_JUDGEMENTS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::account::{PASSWORD_LENGTH, password_faults};

    #[test]
    fn the_rules_data_is_as_its_format_says() {
        parameters().unwrap();
        wording().unwrap();
        let common = common_passwords();
        assert!(common.len() >= 50);
        for password in &common {
            let refused = password_faults(password, "somebody", &common);
            assert_eq!(refused.iter().map(|f| f.code).collect::<Vec<_>>(), ["password-common"], "{password}");
            assert_eq!(*password, password.to_lowercase());
            assert!(PASSWORD_LENGTH.contains(&password.chars().count()), "{password} is too short anyway");
        }
    }
}
