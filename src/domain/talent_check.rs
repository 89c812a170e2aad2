//! What a talent and its evidence must be like to be kept. All that is wrong is reported at once,
//! for forms and the API. Files have the same limits, and take some more: control characters of old
//! files, and field codes that the taxonomy does not have.
//!
//! | code | field | why |
//! |---|---|---|
//! | `too-long`, `nul`, `control-character`, `line-break`, `invisible-character` | any text | [`super::text::faults`] |
//! | `missing-value` | `name`, `title` of evidence | there is nothing to call it by |
//! | `too-many-items` | lists | more than [`MAX_ITEMS`], or evidence over [`MAX_EVIDENCE`] |
//! | `unknown-field-code` | `fields` | not in the taxonomy |
//! | `missing-id`, `bad-id` | `id` | [`id_fault`] |
//! | `bad-year` | `year` | outside [`YEARS`] |
//! | `evidence-repeated` | `evidence` | one id twice in a profile |

use std::collections::HashSet;
use std::ops::RangeInclusive;

use super::problem::{Fault, FieldProblem};
use super::talent::{Evidence, Talent};
use super::text::{self, Lines, MAX_LONG, MAX_SHORT, is_invisible, shown, tidied, tidied_or_none};

/// Most characters in an id.
pub const MAX_ID: usize = 200;
/// Most short texts in one list, such as the keywords of a talent.
pub const MAX_ITEMS: usize = 1_000;
/// Most pieces of evidence of one talent.
pub const MAX_EVIDENCE: usize = 10_000;
/// Most characters in how to reach a talent.
pub const MAX_CONTACT: usize = 500;
/// Years that evidence may be of.
pub const YEARS: RangeInclusive<u16> = 1900..=2100;

/// All reasons why a talent, [`Talent::tidied`] before, cannot be kept. `is_field` says whether the
/// taxonomy has a code.
pub fn check_talent(talent: &Talent, is_field: impl Fn(&str) -> bool) -> Vec<FieldProblem> {
    let mut problems = Vec::new();
    let mut note = |field: &str, faults: Vec<Fault>| {
        problems.extend(faults.into_iter().map(|fault| FieldProblem::at(field, fault)));
    };
    note("id", id_fault(&talent.id, true).into_iter().collect());
    note("name", named(&talent.name));
    note("organization", text::faults(&talent.organization, MAX_SHORT, Lines::One));
    note("region", line(talent.region.as_deref()));
    note("title", line(talent.title.as_deref()));
    note("bio", text::faults(talent.bio.as_deref().unwrap_or_default(), MAX_LONG, Lines::Many));
    problems.extend(list("keywords", &talent.keywords));
    problems.extend(list("fields", &talent.fields));
    for (at, code) in talent.fields.iter().enumerate().take(MAX_ITEMS).filter(|(_, code)| !is_field(code)) {
        let reason = format!("没有代码为“{}”的领域；请从领域列表中选择", shown(code));
        problems.push(FieldProblem::new(format!("fields[{at}]"), "unknown-field-code", reason));
    }
    problems.extend(list("members", &talent.members));
    problems.extend(few("evidence", talent.evidence.len(), MAX_EVIDENCE));
    let mut ids = HashSet::new();
    for (at, piece) in talent.evidence.iter().enumerate().take(MAX_EVIDENCE) {
        let path = format!("evidence[{at}]");
        problems.extend(check_evidence(piece, &path));
        if !ids.insert(piece.id.as_str()) {
            let reason = format!("编号“{}”的成果已经列过；请删掉重复的一条", shown(&piece.id));
            problems.push(FieldProblem::new(format!("{path}.id"), "evidence-repeated", reason));
        }
    }
    problems
}

/// All reasons why a piece of evidence, [`Evidence::tidied`] before, cannot be kept; `path` is that
/// of the piece, or empty.
pub fn check_evidence(piece: &Evidence, path: &str) -> Vec<FieldProblem> {
    let at = |field: &str| if path.is_empty() { field.to_owned() } else { format!("{path}.{field}") };
    let mut problems = Vec::new();
    let mut note = |field: &str, faults: Vec<Fault>| {
        problems.extend(faults.into_iter().map(|fault| FieldProblem::at(at(field), fault)));
    };
    note("id", id_fault(&piece.id, false).into_iter().collect());
    note("title", named(&piece.title));
    note("abstract", text::faults(piece.r#abstract.as_deref().unwrap_or_default(), MAX_LONG, Lines::Many));
    note("year", piece.year.and_then(|year| year_fault(year.into())).into_iter().collect());
    problems.extend(list(&at("keywords"), &piece.keywords));
    problems
}

/// What is wrong with an id. `compact` ids hold no white space, because files of judgements and
/// rankings are separated by it.
pub fn id_fault(id: &str, compact: bool) -> Option<Fault> {
    if id.trim().is_empty() {
        return Some(Fault::new("missing-id", "没有编号；请填写"));
    }
    let length = id.chars().count();
    if length > MAX_ID {
        return Some(Fault::new("too-long", format!("有 {length} 个字符，最多 {MAX_ID} 个；请缩短")));
    }
    let bad = |c: char| is_unseen(c) || compact && c.is_whitespace();
    id.contains(bad).then(|| Fault::new("bad-id", format!("编号“{}”里有空白或看不见的字符；请去掉", shown(id))))
}

/// Whether a character shows nothing itself, and may change how what is around it shows.
pub fn is_unseen(c: char) -> bool {
    is_invisible(c) || c.is_control() || matches!(c, '\u{2028}' | '\u{2029}')
}

/// What is wrong with the year of a piece of evidence.
pub fn year_fault(year: i64) -> Option<Fault> {
    let sound = u16::try_from(year).is_ok_and(|year| YEARS.contains(&year));
    let reason = format!("“{year}”不是 {} 到 {} 之间的年份；请写四位年份", YEARS.start(), YEARS.end());
    (!sound).then(|| Fault::new("bad-year", reason))
}

fn named(name: &str) -> Vec<Fault> {
    let mut faults = text::faults(name, MAX_SHORT, Lines::One);
    if name.trim().is_empty() {
        faults.push(Fault::missing());
    }
    faults
}

fn line(text: Option<&str>) -> Vec<Fault> {
    text::faults(text.unwrap_or_default(), MAX_SHORT, Lines::One)
}

fn list(field: &str, items: &[String]) -> Vec<FieldProblem> {
    let each = items.iter().take(MAX_ITEMS).enumerate().flat_map(|(at, item)| {
        let faults = text::faults(item, MAX_SHORT, Lines::One).into_iter();
        faults.map(move |fault| FieldProblem::at(format!("{field}[{at}]"), fault))
    });
    each.chain(few(field, items.len(), MAX_ITEMS)).collect()
}

fn few(field: &str, items: usize, max: usize) -> Option<FieldProblem> {
    let reason = || format!("有 {items} 项，最多 {max} 项；请减少");
    (items > max).then(|| FieldProblem::new(field, "too-many-items", reason()))
}

impl Talent {
    /// As it is kept: texts tidied, blank ones none, no blank or repeated words in lists.
    #[must_use]
    pub fn tidied(self) -> Self {
        Self {
            id: self.id.trim().to_owned(),
            kind: self.kind,
            name: tidied(&self.name),
            organization: tidied(&self.organization),
            region: tidied_or_none(self.region),
            title: tidied_or_none(self.title),
            keywords: tidied_list(self.keywords),
            bio: tidied_or_none(self.bio),
            fields: tidied_list(self.fields),
            members: tidied_list(self.members),
            evidence: self.evidence.into_iter().map(Evidence::tidied).collect(),
        }
    }
}

impl Evidence {
    /// As it is kept: texts tidied, blank ones none, no blank or repeated keywords.
    #[must_use]
    pub fn tidied(self) -> Self {
        Self {
            id: self.id.trim().to_owned(),
            r#type: self.r#type,
            title: tidied(&self.title),
            r#abstract: tidied_or_none(self.r#abstract),
            keywords: tidied_list(self.keywords),
            year: self.year,
        }
    }
}

fn tidied_list(items: Vec<String>) -> Vec<String> {
    let mut seen = HashSet::new();
    let tidied = items.iter().map(|item| tidied(item)).filter(|item| !item.is_empty());
    tidied.filter(|item| seen.insert(item.clone())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::talent::{EvidenceType, TalentKind};

    fn piece(id: &str) -> Evidence {
        Evidence {
            id: id.to_owned(),
            r#type: EvidenceType::Paper,
            title: "示例论文".to_owned(),
            r#abstract: None,
            keywords: vec!["热失控".to_owned()],
            year: Some(2024),
        }
    }

    fn sound() -> Talent {
        Talent {
            id: "示例-1".to_owned(),
            kind: TalentKind::Team,
            name: "示例团队".to_owned(),
            organization: "示例大学".to_owned(),
            region: Some("重庆市渝北区".to_owned()),
            title: None,
            keywords: vec!["电池".to_owned()],
            bio: Some("第一行\n第二行".to_owned()),
            fields: vec!["A1".to_owned()],
            members: vec!["示例甲".to_owned()],
            evidence: vec![piece("e1"), piece("doi:10.1/示例 2")],
        }
    }

    fn of(problems: &[FieldProblem]) -> Vec<(&str, &str)> {
        problems.iter().map(|p| (p.field.as_str(), p.code)).collect()
    }

    #[test]
    fn every_field_is_checked_and_all_at_once() {
        let long = |n: usize| "长".repeat(n);
        type Change = Box<dyn Fn(&mut Talent)>;
        let cases: Vec<(Change, &str, &str)> = vec![
            (Box::new(|t| t.id.clear()), "id", "missing-id"),
            (Box::new(|t| t.id.push_str(" b")), "id", "bad-id"),
            (Box::new(move |t| t.id = long(201)), "id", "too-long"),
            (Box::new(|t| t.name.clear()), "name", "missing-value"),
            (Box::new(|t| t.name.push('\n')), "name", "line-break"),
            (Box::new(move |t| t.organization = long(1_001)), "organization", "too-long"),
            (Box::new(|t| t.region = Some("渝\u{202e}".to_owned())), "region", "invisible-character"),
            (Box::new(|t| t.title = Some("\u{0}".to_owned())), "title", "nul"),
            (Box::new(|t| t.bio = Some("\u{1}".to_owned())), "bio", "control-character"),
            (Box::new(move |t| t.bio = Some(long(20_001))), "bio", "too-long"),
            (Box::new(|t| t.keywords.push("a\tb".to_owned())), "keywords[1]", "line-break"),
            (Box::new(|t| t.keywords = vec!["a".to_owned(); 1_001]), "keywords", "too-many-items"),
            (Box::new(|t| t.fields.push("Z9".to_owned())), "fields[1]", "unknown-field-code"),
            (Box::new(move |t| t.members.push(long(1_001))), "members[1]", "too-long"),
            (Box::new(|t| t.evidence[1].id = "e1".to_owned()), "evidence[1].id", "evidence-repeated"),
            (Box::new(|t| t.evidence[0].id.clear()), "evidence[0].id", "missing-id"),
            (Box::new(|t| t.evidence[0].title.clear()), "evidence[0].title", "missing-value"),
            (Box::new(|t| t.evidence[0].year = Some(1899)), "evidence[0].year", "bad-year"),
            (Box::new(move |t| t.evidence[0].r#abstract = Some(long(20_001))), "evidence[0].abstract", "too-long"),
            (Box::new(|t| t.evidence[0].keywords.push("\u{0}".to_owned())), "evidence[0].keywords[1]", "nul"),
        ];
        let check = |talent: &Talent| check_talent(talent, |code| code == "A1");
        assert_eq!(check(&sound()), []);
        for (change, field, code) in &cases {
            let mut talent = sound();
            change(&mut talent);
            let found = check(&talent);
            assert_eq!(of(&found), [(*field, *code)]);
            assert!(found[0].message.contains('；'), "says what to do: {found:?}");
        }
        let mut all = sound();
        (all.name, all.fields, all.evidence[1].year) = (String::new(), vec!["Z9".to_owned()], Some(3_000));
        let expected =
            [("name", "missing-value"), ("fields[0]", "unknown-field-code"), ("evidence[1].year", "bad-year")];
        assert_eq!(of(&check(&all)), expected);
    }

    #[test]
    fn tidied_talents_have_no_blank_or_repeated_words() {
        let words = |words: &[&str]| words.iter().map(|w| (*w).to_owned()).collect::<Vec<_>>();
        let written = Talent {
            name: " 示例\u{200b}团队 ".to_owned(),
            title: Some(" ".to_owned()),
            keywords: words(&["电池", " 电池", "\u{200b}", "寿命 "]),
            ..sound()
        };
        let expected = Talent { keywords: words(&["电池", "寿命"]), ..sound() };
        assert_eq!(written.tidied(), expected);
    }

    proptest::proptest! {
        #[test]
        fn tidied_texts_are_refused_for_control_characters_only(text in "(\\PC|[\u{0}-\u{1f}\u{200b}\u{202e}]){0,40}") {
            let talent = Talent { bio: Some(text.clone()), keywords: vec![text.clone()], name: text, ..sound() }.tidied();
            for problem in check_talent(&talent, |_| true) {
                proptest::prop_assert!(["nul", "control-character", "line-break", "missing-value"].contains(&problem.code));
            }
        }
    }
}
