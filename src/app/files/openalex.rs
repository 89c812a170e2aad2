//! Works and authors as the OpenAlex API gives them. Fields that are missing, null, unknown or of
//! another type count as absent; what is left is checked like any other evidence.
//!
//! The format: developers.openalex.org, "Works" and "Authors".

use serde::Serialize;
use serde_json::{Map, Value, json};
use utoipa::ToSchema;

use super::bibliography::doi;
use super::values::{Fault, shown};
use crate::domain::text::{MAX_LONG, MAX_SHORT, tidied};

/// Most keywords that a work or an author gives: further ones are guesses of a classifier.
const MAX_KEYWORDS: usize = 15;

/// Score from which a concept says something of a work; OpenAlex itself assigns from here on.
const MIN_SCORE: f64 = 0.3;

/// Types of works that are no work of their own, or no longer one.
const NO_EVIDENCE: [&str; 8] =
    ["paratext", "erratum", "retraction", "peer-review", "libguides", "supplementary-materials", "grant", "editorial"];

/// Tags that stand in titles.
const TAGS: [&str; 12] = ["i", "b", "em", "strong", "sub", "sup", "scp", "tt", "p", "br", "span", "italic"];

/// Entities, that of `&` last: what it makes is no entity.
const ENTITIES: [(&str, &str); 6] =
    [("&lt;", "<"), ("&gt;", ">"), ("&quot;", "\""), ("&#39;", "'"), ("&nbsp;", " "), ("&amp;", "&")];

/// What an OpenAlex author says for a new profile.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct Author {
    /// As OpenAlex has it, without the address: `A5023888391`.
    pub id: String,
    pub name: String,
    /// The last known institution.
    pub organization: Option<String>,
    pub keywords: Vec<String>,
    /// Without the address: `0000-0001-6187-6610`.
    pub orcid: Option<String>,
}

type Object = Map<String, Value>;

/// Whether an object is a work of OpenAlex rather than evidence of ours.
pub(super) fn is_work(object: &Object) -> bool {
    let own = ["abstract_inverted_index", "publication_year", "authorships", "display_name"];
    !is_author(object) && (has_address(object, 'W') || own.iter().any(|field| object.contains_key(*field)))
}

pub(super) fn is_author(object: &Object) -> bool {
    let own = ["last_known_institutions", "last_known_institution", "works_api_url", "display_name_alternatives"];
    has_address(object, 'A') || own.iter().any(|field| object.contains_key(*field))
}

/// The work as an object with the fields of evidence.
///
/// # Errors
/// A retracted work, or one of a type that is no evidence.
pub(super) fn evidence(work: &Object) -> Result<Object, Fault> {
    if work.get("is_retracted") == Some(&Value::Bool(true)) {
        return Err(Fault::new("retracted", "这篇论文已被撤稿，不能作为成果"));
    }
    let kind = text(work, "type").unwrap_or_default();
    if NO_EVIDENCE.contains(&kind) || work.get("is_paratext") == Some(&Value::Bool(true)) {
        let reason = format!("类型“{}”不是成果本身，没有读入", shown(kind));
        return Err(Fault::new("no-evidence", reason));
    }
    let ids = work.get("ids").and_then(Value::as_object);
    let doi = text(work, "doi").or_else(|| text(ids?, "doi")).and_then(doi);
    let id = doi.or_else(|| short_id(work, 'W').map(|id| format!("openalex:{id}"))).unwrap_or_default();
    let object = json!({
        "id": id,
        "type": if kind == "standard" { "standard" } else { "paper" },
        "title": text(work, "title").or_else(|| text(work, "display_name")).map(plain),
        "abstract": work.get("abstract_inverted_index").and_then(Value::as_object).and_then(in_order).as_deref().map(plain),
        "keywords": keywords(work, &["keywords", "topics", "concepts"]),
        "year": work.get("publication_year").filter(|year| year.is_u64()),
    });
    match object {
        Value::Object(object) => Ok(object),
        _ => Ok(Map::new()),
    }
}

/// The author that an object is.
///
/// # Errors
/// No name, or one that is no name.
pub(super) fn author(object: &Object) -> Result<Author, Fault> {
    let name = text(object, "display_name");
    let name = name.ok_or_else(|| Fault::new("missing-value", "作者没有姓名（display_name）"))?;
    let institution = |value: &Value| text(value.as_object()?, "display_name").map(str::to_owned);
    let last = object.get("last_known_institutions").and_then(Value::as_array).and_then(|list| list.first());
    let last = last.or_else(|| object.get("last_known_institution"));
    let claimed = || object.get("affiliations")?.as_array()?.first()?.get("institution");
    let organization = last.and_then(institution).or_else(|| claimed().and_then(institution));
    let ids = object.get("ids").and_then(Value::as_object);
    let orcid = text(object, "orcid").or_else(|| text(ids?, "orcid"));
    let author = Author {
        id: short_id(object, 'A').unwrap_or_default(),
        name: name.to_owned(),
        organization,
        keywords: keywords(object, &["topics", "x_concepts"]),
        orcid: orcid.and_then(|orcid| orcid.rsplit('/').next()).map(str::to_owned),
    };
    let unfit = |text: &String| text.contains('\0') || text.chars().count() > MAX_SHORT;
    let Author { id: _, name, organization, keywords, orcid } = &author;
    if [name].into_iter().chain(organization).chain(keywords).chain(orcid).any(unfit) {
        return Err(Fault::new("bad-author", "作者信息里有空字符（NUL）或超长的文字；请重新下载"));
    }
    Ok(author)
}

/// The text of a field that is not blank.
fn text<'a>(object: &'a Object, field: &str) -> Option<&'a str> {
    object.get(field)?.as_str().map(str::trim).filter(|text| !text.is_empty())
}

/// Whether the id of an object is an address at OpenAlex. A bare `W12` may be anyone's.
fn has_address(object: &Object, letter: char) -> bool {
    text(object, "id").is_some_and(|id| id.contains('/')) && short_id(object, letter).is_some()
}

/// The id of an object, `https://openalex.org/W2741809807`, without the address.
fn short_id(object: &Object, letter: char) -> Option<String> {
    let ids = object.get("ids").and_then(Value::as_object);
    let id = text(object, "id").or_else(|| text(ids?, "openalex"))?;
    let (before, id) = id.rsplit_once('/').unwrap_or(("", id));
    let known = before.is_empty() || before.to_ascii_lowercase().contains("openalex.org");
    let id = id.to_ascii_uppercase();
    let sound =
        id.strip_prefix(letter).is_some_and(|digits| !digits.is_empty() && digits.bytes().all(|b| b.is_ascii_digit()));
    (known && sound).then_some(id)
}

/// Text without the markup and the invisible marks that publishers leave in titles and abstracts.
fn plain(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    let mut rest = text;
    while let Some(at) = rest.find('<') {
        let (before, tag) = rest.split_at(at);
        out.push_str(before);
        // A sign of comparison is no tag: only these are.
        let inner = &tag[1..];
        let inner = &inner[..inner.find(['<', '>']).unwrap_or(inner.len())];
        let name = inner.trim_start_matches('/').split([' ', '/']).next().unwrap_or_default();
        let known = TAGS.contains(&name) || name.starts_with("jats:") || name.starts_with("mml:");
        let closed = tag[1 + inner.len()..].starts_with('>');
        if known && closed {
            rest = &tag[inner.len() + 2..];
        } else {
            out.push('<');
            rest = &tag[1..];
        }
    }
    out.push_str(rest);
    let unescaped = ENTITIES.iter().fold(out, |text, (entity, sign)| match text.contains('&') {
        true => text.replace(entity, sign),
        false => text,
    });
    // Nobody can edit these records: what would be refused as damage goes, but for NUL, which is.
    let damage = |c: &char| c.is_control() && !matches!(c, '\n' | '\t' | '\0');
    tidied(&unescaped).chars().filter(|c| !damage(c)).collect()
}

/// The abstract whose words are listed with their places. The places are sorted, not used as
/// indices: a file may state any number. What is longer than an abstract may be is cut off, since
/// OpenAlex sometimes has a whole paper here and nobody writes this list by hand.
fn in_order(index: &Object) -> Option<String> {
    let places = index.iter().flat_map(|(word, places)| {
        let places = places.as_array().map(Vec::as_slice).unwrap_or_default();
        places.iter().filter_map(Value::as_u64).map(move |place| (place, word.as_str()))
    });
    let mut places: Vec<(u64, &str)> = places.collect();
    places.sort_unstable();
    let mut text = String::new();
    let mut length = 0;
    for (_, word) in places {
        length += word.chars().count() + 1;
        if length > MAX_LONG {
            break;
        }
        if !text.is_empty() {
            text.push(' ');
        }
        text.push_str(word);
    }
    (!text.is_empty()).then_some(text)
}

/// The names in the first of these lists that has any.
fn keywords(object: &Object, lists: &[&str]) -> Vec<String> {
    for list in lists {
        let items = object.get(*list).and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        let mut names: Vec<String> = Vec::new();
        for item in items.iter().filter_map(Value::as_object) {
            let score = item.get("score").and_then(Value::as_f64);
            let weak = list.ends_with("concepts") && score.is_some_and(|score| score < MIN_SCORE);
            // The field was called `keyword` before 2024.
            let name = text(item, "display_name").or_else(|| text(item, "keyword")).filter(|_| !weak);
            names.extend(name.filter(|name| !names.iter().any(|n| n == name)).map(str::to_owned));
            if names.len() == MAX_KEYWORDS {
                break;
            }
        }
        if !names.is_empty() {
            return names;
        }
    }
    Vec::new()
}
