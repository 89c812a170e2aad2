//! What an entry of a bibliography says as evidence: its type, its id, its words.

use serde_json::{Map, Value, json};
use sha2::{Digest, Sha256};

use super::bibtex_file::Entry;
use super::latex;
use super::values::{Fault, shown};
use crate::domain::hex::hex;

/// Kinds of BibTeX and BibLaTeX entries that are papers in the wide sense. `misc`, `techreport`
/// and `report` are papers too unless they say that they are something else.
const PAPERS: [&str; 24] = [
    "article",
    "inproceedings",
    "conference",
    "proceedings",
    "incollection",
    "inbook",
    "bookinbook",
    "suppbook",
    "book",
    "mvbook",
    "booklet",
    "collection",
    "phdthesis",
    "mastersthesis",
    "thesis",
    "techreport",
    "report",
    "manual",
    "unpublished",
    "misc",
    "review",
    "inreference",
    "online",
    "preprint",
];

/// Words in the fields of an entry that tell what it is, most telling first.
const TELLING: [(&str, &[&str]); 5] = [
    ("patent", &["patent", "专利"]),
    ("standard", &["standard", "标准"]),
    ("award", &["award", "prize", "奖"]),
    ("contract", &["contract", "合同"]),
    ("project", &["project", "项目", "课题"]),
];

/// Fields in which an entry of a general kind says what it is.
const TELLERS: [&str; 2] = ["type", "entrysubtype"];

/// The entry as an object with the fields of evidence.
///
/// # Errors
/// A kind of entry that is no evidence.
pub(super) fn evidence(entry: &Entry<'_>) -> Result<Map<String, Value>, Fault> {
    let kind = kind(entry)?;
    let text = |name| entry.field(name).map(latex::plain);
    let mut title = text("title").unwrap_or_default();
    if let Some(subtitle) = text("subtitle") {
        title = format!("{title}: {subtitle}");
    }
    let keywords: Vec<String> =
        text("keywords").or_else(|| text("keyword")).map(|list| words(&list)).unwrap_or_default();
    let year = entry.field("year").or_else(|| entry.field("date")).map(|year| four_digits(&latex::plain(year)));
    let doi = entry.field("doi").or_else(|| entry.field("url")).and_then(|link| doi(&latex::plain(link)));
    let id = doi.unwrap_or_else(|| keyed(entry.key, &title));
    let object = json!({
        "id": id, "type": kind, "title": title, "abstract": text("abstract"), "keywords": keywords, "year": year,
    });
    match object {
        Value::Object(object) => Ok(object),
        _ => Ok(Map::new()),
    }
}

/// The type of evidence that an entry is.
fn kind(entry: &Entry<'_>) -> Result<&'static str, Fault> {
    let kind = entry.kind.as_str();
    if let Some((told, _)) = TELLING.iter().find(|(told, _)| *told == kind) {
        return Ok(told);
    }
    if !PAPERS.contains(&kind) {
        let reason = format!("“@{}”不是可以作为成果的条目类型；论文请用 @article，专利请用 @patent", shown(kind));
        return Err(Fault::new("unknown-entry-type", reason));
    }
    if matches!(kind, "misc" | "techreport" | "report" | "manual") {
        let told: String = TELLERS.iter().filter_map(|name| entry.field(name)).collect::<Vec<_>>().join(" ");
        let told = told.to_lowercase();
        if let Some((told, _)) = TELLING.iter().find(|(_, words)| words.iter().any(|word| told.contains(word))) {
            return Ok(told);
        }
    }
    Ok("paper")
}

/// The words of a list, however it is separated.
fn words(list: &str) -> Vec<String> {
    let parts = list.split([',', ';', '，', '；', '、']);
    parts.map(str::trim).filter(|word| !word.is_empty()).map(str::to_owned).collect()
}

/// The first four digits that stand together, else the whole, which is then refused as a year.
fn four_digits(text: &str) -> String {
    let groups = text.split(|c: char| !c.is_ascii_digit());
    groups.into_iter().find(|digits| digits.len() == 4).unwrap_or(text).to_owned()
}

/// A DOI as an id, `doi:10.1000/182`, in lower case, because a DOI is the same in either. The
/// same paper has then the same id from every source.
pub(super) fn doi(text: &str) -> Option<String> {
    let text = text.trim().to_lowercase();
    let start = text.find("10.")?;
    let before = &text[..start];
    let known =
        before.is_empty() || before.ends_with("doi.org/") || before.ends_with("doi:") || before.ends_with("doi: ");
    let doi = &text[start..];
    let sound = doi.contains('/') && !doi.contains(char::is_whitespace) && doi.chars().count() <= 150;
    (known && sound).then(|| format!("doi:{doi}"))
}

/// An id from the key of an entry. Keys like `zhang2020` are used by many people, so that a part
/// of the title's hash keeps their entries apart. Nothing where there is no key.
fn keyed(key: &str, title: &str) -> String {
    if key.is_empty() {
        return String::new();
    }
    let hash = Sha256::digest(title.to_lowercase().as_bytes());
    let short = hex(&hash[..4]);
    format!("bib:{key}:{short}")
}
