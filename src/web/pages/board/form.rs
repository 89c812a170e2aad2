//! A challenge as its form has it: texts as they were typed, and the challenge that they make.

use serde::Deserialize;

use crate::domain::challenge::{
    Attachments, Challenge, Conditions, Contact, Criterion, Indicator, Scores, Stage, Terms,
};
use crate::domain::money::{MoneyUnit, in_words, money};
use crate::domain::text::{half_width, tidied};
use crate::domain::{FieldProblem, OrganisationKind, Ownership};

/// Rows of a table that are read; the rules allow fewer, and say so.
const ROWS_MAX: usize = 200;

/// What the form sends, and shows again.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct ChallengeForm {
    pub version: String,
    /// What the button asks for.
    pub r#do: String,
    pub title: String,
    pub problem: String,
    pub indicator_name: Vec<String>,
    pub indicator_value: Vec<String>,
    pub indicator_unit: Vec<String>,
    pub indicator_test: Vec<String>,
    pub months: String,
    pub ownership: String,
    pub ownership_text: String,
    /// In 万元 where no unit stands there.
    pub reward: String,
    pub stage_name: Vec<String>,
    pub stage_percent: Vec<String>,
    pub criterion_name: Vec<String>,
    pub criterion_weight: Vec<String>,
    pub kind: Vec<String>,
    pub regions: String,
    pub qualifications: String,
    pub consortium: String,
    /// Of the form `2026-12-01T17:00`, in China.
    pub opens_at: String,
    pub questions_until: String,
    pub closes_at: String,
    pub contact: String,
    pub contact_text: String,
    pub attachments: String,
    pub scores: String,
    /// Why it is amended.
    pub amendment: String,
}

impl ChallengeForm {
    /// The form of a challenge that is kept.
    pub fn of(content: &Challenge, version: i64) -> Self {
        let time = |ms: Option<i64>| ms.map(|ms| local(&ms)).unwrap_or_default();
        let texts = |row: fn(&Indicator) -> &String| content.indicators.iter().map(|i| row(i).clone()).collect();
        let code = |kind: &OrganisationKind| kind.code().to_owned();
        let terms = content.ownership.as_ref();
        Self {
            version: version.to_string(),
            r#do: String::new(),
            title: content.title.clone(),
            problem: content.problem.clone(),
            indicator_name: texts(|i| &i.name),
            indicator_value: texts(|i| &i.value),
            indicator_unit: texts(|i| &i.unit),
            indicator_test: texts(|i| &i.test),
            months: content.months.map(|m| m.to_string()).unwrap_or_default(),
            ownership: terms.map_or("", |t| t.template.code()).to_owned(),
            ownership_text: terms.map(|t| t.text.clone()).unwrap_or_default(),
            reward: content.reward.map(amount).unwrap_or_default(),
            stage_name: content.stages.iter().map(|s| s.name.clone()).collect(),
            stage_percent: content.stages.iter().map(|s| s.percent.to_string()).collect(),
            criterion_name: content.criteria.iter().map(|c| c.name.clone()).collect(),
            criterion_weight: content.criteria.iter().map(|c| c.weight.to_string()).collect(),
            kind: content.conditions.kinds.iter().map(code).collect(),
            regions: content.conditions.regions.join("、"),
            qualifications: content.conditions.qualifications.join("、"),
            consortium: if content.conditions.consortium { "yes".into() } else { String::new() },
            opens_at: time(content.opens_at),
            questions_until: time(content.questions_until),
            closes_at: time(content.closes_at),
            contact: content.contact.code().into(),
            contact_text: content.contact_text.clone(),
            attachments: content.attachments.code().into(),
            scores: content.scores.code().into(),
            amendment: String::new(),
        }
    }

    pub fn version(&self) -> i64 {
        self.version.parse().unwrap_or(0)
    }

    /// The challenge that was typed, without what cannot be read, and what that is.
    pub fn challenge(&self) -> (Challenge, Vec<FieldProblem>) {
        let mut problems = Vec::new();
        let rows = |lists: &[&Vec<String>]| lists.iter().map(|l| l.len()).max().unwrap_or(0).min(ROWS_MAX);
        let of = |list: &[String], at: usize| list.get(at).cloned().unwrap_or_default();
        let indicators =
            (0..rows(&[&self.indicator_name, &self.indicator_value, &self.indicator_unit, &self.indicator_test])).map(
                |at| Indicator {
                    name: of(&self.indicator_name, at),
                    value: of(&self.indicator_value, at),
                    unit: of(&self.indicator_unit, at),
                    test: of(&self.indicator_test, at),
                },
            );
        let indicators = indicators.collect();
        let mut percent = |field: String, text: &str| number(field, text, &mut problems).unwrap_or(0);
        let stages = (0..rows(&[&self.stage_name, &self.stage_percent]))
            .map(|at| Stage {
                name: of(&self.stage_name, at),
                percent: percent(format!("stages[{at}]"), &of(&self.stage_percent, at)),
            })
            .collect();
        let criteria = (0..rows(&[&self.criterion_name, &self.criterion_weight]))
            .map(|at| Criterion {
                name: of(&self.criterion_name, at),
                weight: percent(format!("criteria[{at}]"), &of(&self.criterion_weight, at)),
            })
            .collect();
        let months = number("months".into(), &self.months, &mut problems);
        let reward = match tidied(&self.reward) {
            text if text.is_empty() => None,
            text => money(&text, MoneyUnit::TenThousand)
                .map_err(|fault| problems.push(FieldProblem::at("reward", fault)))
                .ok(),
        };
        let mut time = |field: &str, text: &str| moment(field, text, &mut problems);
        let (opens_at, questions_until, closes_at) = (
            time("opens_at", &self.opens_at),
            time("questions_until", &self.questions_until),
            time("closes_at", &self.closes_at),
        );
        let template = Ownership::ALL.into_iter().find(|o| o.code() == self.ownership);
        let challenge = Challenge {
            title: self.title.clone(),
            problem: self.problem.clone(),
            indicators,
            months,
            ownership: template.map(|template| Terms { template, text: self.ownership_text.clone() }),
            reward,
            stages,
            conditions: Conditions {
                kinds: OrganisationKind::ALL.into_iter().filter(|k| self.kind.iter().any(|c| c == k.code())).collect(),
                regions: listed(&self.regions),
                qualifications: listed(&self.qualifications),
                consortium: !self.consortium.is_empty(),
            },
            criteria,
            opens_at,
            questions_until,
            closes_at,
            contact: Contact::ALL.into_iter().find(|c| c.code() == self.contact).unwrap_or_default(),
            contact_text: self.contact_text.clone(),
            attachments: Attachments::ALL.into_iter().find(|a| a.code() == self.attachments).unwrap_or_default(),
            scores: Scores::ALL.into_iter().find(|s| s.code() == self.scores).unwrap_or_default(),
        };
        (challenge.tidied(), problems)
    }

    pub fn has_kind(&self, kind: &OrganisationKind) -> bool {
        self.kind.iter().any(|code| code == kind.code())
    }

    /// Rows of the table of indicators, with one to write into: name, value, unit, test.
    pub fn indicator_rows(&self) -> Vec<[String; 4]> {
        rows([&self.indicator_name, &self.indicator_value, &self.indicator_unit, &self.indicator_test])
    }

    pub fn stage_rows(&self) -> Vec<[String; 2]> {
        rows([&self.stage_name, &self.stage_percent])
    }

    pub fn criterion_rows(&self) -> Vec<[String; 2]> {
        rows([&self.criterion_name, &self.criterion_weight])
    }
}

/// Columns of texts as rows; rows that are blank are gone, but for one to write into at the end.
pub(super) fn rows<const N: usize>(columns: [&Vec<String>; N]) -> Vec<[String; N]> {
    let count = columns.iter().map(|c| c.len()).max().unwrap_or(0).min(ROWS_MAX);
    let row = |at: usize| columns.map(|column| column.get(at).cloned().unwrap_or_default());
    let written = |row: &[String; N]| row.iter().any(|text| !tidied(text).is_empty());
    let mut rows: Vec<[String; N]> = (0..count).map(row).filter(written).collect();
    rows.push(std::array::from_fn(|_| String::new()));
    rows
}

/// Texts of a list that somebody typed into one line.
pub(super) fn listed(text: &str) -> Vec<String> {
    text.split(['、', '；', ';', '，', ',', '\n']).map(tidied).filter(|item| !item.is_empty()).collect()
}

/// A whole number; nothing where nothing is typed.
pub(super) fn number(field: String, text: &str, problems: &mut Vec<FieldProblem>) -> Option<u32> {
    let text = half_width(&tidied(text));
    let plain = text.trim_end_matches(['%', '％']).trim();
    if plain.is_empty() {
        return None;
    }
    let read = plain.parse().ok().filter(|n: &u32| *n <= 1_000_000);
    if read.is_none() {
        problems.push(FieldProblem::new(field, "bad-number", format!("“{plain}”不是整数：请填整数")));
    }
    read
}

/// A time in China, as browsers send it.
fn moment(field: &str, text: &str, problems: &mut Vec<FieldProblem>) -> Option<i64> {
    let text = half_width(&tidied(text)).replace(' ', "T");
    if text.is_empty() {
        return None;
    }
    let read = text.parse::<jiff::civil::DateTime>().ok();
    let read = read.and_then(|time| jiff::tz::offset(8).to_timestamp(time).ok()).map(|t| t.as_millisecond());
    if read.is_none() {
        let message = format!("“{text}”不是时间：请写成 2026-12-31 17:00");
        problems.push(FieldProblem::new(field, "bad-time", message));
    }
    read
}

/// A time in China as an input has it.
fn local(ms: &i64) -> String {
    crate::web::pages::shown::minute(ms).replace(' ', "T")
}

/// An amount as the form has it: 万元 without its unit, other amounts with theirs.
pub(super) fn amount(yuan: u64) -> String {
    let words = in_words(yuan);
    words.strip_suffix(" 万元").map_or(words.clone(), str::to_owned)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_challenge_comes_through_its_form_as_it_was() {
        let content = Challenge {
            title: "题".into(),
            problem: "问题\n两行".into(),
            indicators: vec![Indicator {
                name: "寿命".into(),
                value: "≥3".into(),
                unit: "次".into(),
                test: "国标".into(),
            }],
            months: Some(18),
            ownership: Some(Terms { template: Ownership::Otherwise, text: "专利归发榜方".into() }),
            reward: Some(1_234_567),
            stages: vec![Stage { name: "签约".into(), percent: 100 }],
            conditions: Conditions {
                kinds: vec![OrganisationKind::University, OrganisationKind::Institute],
                regions: vec!["重庆市".into(), "四川省".into()],
                qualifications: vec!["CNAS".into()],
                consortium: true,
            },
            criteria: vec![Criterion { name: "路线".into(), weight: 100 }],
            opens_at: Some(1_764_000_000_000),
            questions_until: Some(1_764_100_020_000),
            closes_at: Some(1_764_200_040_000),
            contact: Contact::Shown,
            contact_text: "示例联系人 023-0000 0000".into(),
            attachments: Attachments::AfterAgreement,
            scores: Scores::All,
        };
        let form = ChallengeForm::of(&content, 7);
        let minutes = |c: Challenge| Challenge {
            opens_at: c.opens_at.map(|t| t / 60_000),
            questions_until: c.questions_until.map(|t| t / 60_000),
            closes_at: c.closes_at.map(|t| t / 60_000),
            ..c
        };
        let (read, problems) = form.challenge();
        assert_eq!((minutes(read), problems), (minutes(content), Vec::new()));
        assert_eq!(form.version(), 7);
    }

    #[test]
    fn what_cannot_be_read_is_told_at_its_field() {
        let form = ChallengeForm {
            months: "一年".into(),
            reward: "很多".into(),
            stage_name: vec!["签约".into()],
            stage_percent: vec!["40.5".into()],
            closes_at: "明天".into(),
            ..ChallengeForm::default()
        };
        let fields: Vec<_> = form.challenge().1.into_iter().map(|p| p.field).collect();
        assert_eq!(fields, ["stages[0]", "months", "reward", "closes_at"]);
        let form = ChallengeForm { closes_at: "2026-12-31 17:00".into(), ..form };
        assert_eq!(form.challenge().0.closes_at, Some(1_798_707_600_000));
        assert_eq!(form.stage_rows().len(), 2, "one to write into");
    }
}
