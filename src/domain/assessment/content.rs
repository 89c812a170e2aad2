//! What the text of a need lacks: problem, targets, scenario; and personal data in it.

use std::collections::BTreeSet;

use super::Finding;
use super::personal::personal_data;
use super::wording::Wording;
use crate::domain::need::{Need, Target};
use crate::domain::quantity::{Quantity, quantities, stands_near};
use crate::domain::text::shown;

/// Fewer characters than this do not tell what is difficult.
const SHORT: usize = 30;
/// More than this is a report: what matters is not seen.
const LONG: usize = 5_000;
/// A text up to this length with [`SLOGANS`] slogans and without any figure says nothing technical.
const SLOGAN_TEXT: usize = 300;
const SLOGANS: usize = 3;
/// Characters between a vague word and the number that makes it precise, at most.
const REACH: usize = 20;
/// Vague words that are shown of one text: more would bury the other findings.
const MOST_VAGUE: usize = 5;
/// Words for a value that is a verdict, so that it can be tested without a number.
const VERDICTS: &[&str] = &[
    "通过", "无", "合格", "符合", "不", "零", "有", "是", "否", "满足", "一级", "二级", "三级", "优于", "国标", "行标",
];
/// Words in a target's name for something that has no unit.
const UNITLESS: &[&str] = &[
    "比",
    "系数",
    "因子",
    "指数",
    "相似度",
    "pH",
    "密度偏差",
    "相对密度",
    "介电常数",
    "折射率",
    "F1",
    "AUC",
    "mAP",
    "IoU",
    "R²",
    "R2",
    "等级",
    "级别",
    "精度等级",
    "代码",
    "评分",
    "得分",
    "数值孔径",
    "概率",
    "版本",
];

/// What is wrong with the problem's text. A missing one is found by `check_submit`.
pub(super) fn problem(need: &Need, wording: &Wording) -> Vec<Finding> {
    let text = need.problem.trim();
    let mut findings = Vec::new();
    let length = text.chars().count();
    if length == 0 {
        return findings;
    }
    let field = Some("problem");
    let numbers = quantities(&need.problem);
    if length < SHORT {
        let sentence = format!("技术问题只有 {length} 个字：“{}”；请写明现状、试过什么、难在哪里", shown(text));
        findings.push(Finding::new("problem-short", field, sentence));
    }
    if length > LONG {
        let sentence =
            format!("技术问题有 {length} 个字，重点不突出；请留下最要紧的难点（{LONG} 字以内），其余放进附件");
        findings.push(Finding::new("problem-long", field, sentence));
    }
    let slogans: BTreeSet<&str> = wording.slogans(text).collect();
    let technical = !numbers.is_empty() || text.contains(|c: char| c.is_ascii_digit());
    if length <= SLOGAN_TEXT && slogans.len() >= SLOGANS && !technical {
        let quoted: Vec<String> = slogans.iter().take(SLOGANS).map(|word| format!("“{word}”")).collect();
        let sentence = format!(
            "这段话多是{}这样的提法，看不出要解决什么技术问题；请写具体的产品、工艺或材料，现在的数据和卡住的地方",
            quoted.join("")
        );
        findings.push(Finding::new("problem-slogan", field, sentence));
        // Single words of it are not worth mending.
        return findings;
    }
    findings.extend(vague(&need.problem, &numbers, wording));
    findings
}

fn vague(text: &str, numbers: &[Quantity], wording: &Wording) -> Vec<Finding> {
    let chars: Vec<char> = text.chars().collect();
    let mut seen = BTreeSet::new();
    let mut findings = Vec::new();
    // Bytes and characters up to which the text was counted.
    let (mut byte, mut character) = (0, 0);
    for (bytes, advice) in wording.vague_words(text) {
        character += text[byte..bytes.start].chars().count();
        byte = bytes.start;
        let word = &text[bytes];
        let range = character..character + word.chars().count();
        if !seen.contains(word) && !stands_near(numbers, &chars, &range, REACH) {
            seen.insert(word);
            findings
                .push(Finding::new("vague-word", Some("problem"), format!("“{word}”没有数字，建议{advice}")).at(range));
        }
        if findings.len() == MOST_VAGUE {
            break;
        }
    }
    findings
}

/// What is wrong with the targets. Missing and unfinished ones are found by `check_submit`.
pub(super) fn targets(need: &Need, wording: &Wording) -> Vec<Finding> {
    if need.targets.is_empty() {
        return in_text_only(&need.problem).into_iter().collect();
    }
    let mut findings = Vec::new();
    let whole = |t: &Target| !t.name.trim().is_empty() && !t.value.trim().is_empty();
    for (row, target) in need.targets.iter().enumerate().filter(|(_, t)| whole(t)) {
        findings.extend(flaw(row, target, wording));
    }
    if findings.is_empty() && need.targets.iter().all(whole) {
        let sentence = format!("{} 条目标都有数值，可以考核", need.targets.len());
        findings.push(Finding::new("targets-good", Some("targets"), sentence));
    }
    findings
}

fn in_text_only(problem: &str) -> Option<Finding> {
    let target = quantities(problem).into_iter().find(|quantity| quantity.is_target)?;
    let quoted: String = problem.chars().skip(target.range.start).take(target.range.len()).collect();
    let sentence =
        format!("文字里写了“{quoted}”，目标表还是空的；请把指标逐条列进目标表（名称、数值、单位），便于匹配和验收");
    Some(Finding::new("target-in-text-only", Some("problem"), sentence).at(target.range))
}

fn flaw(row: usize, target: &Target, wording: &Wording) -> Option<Finding> {
    let (name, value) = (shown(&target.name), shown(&target.value));
    let has_number = target.value.contains(|c: char| c.is_numeric());
    if !has_number {
        // A class or a code (`V-0`, `IP67`) can be tested, and so can `通过认证`.
        let verdict = VERDICTS.iter().any(|word| target.value.contains(word));
        let code = target.value.contains(|c: char| c.is_ascii_alphabetic());
        let advice = wording.vague_words(&target.value).next().map(|(_, advice)| advice);
        if (verdict || code) && advice.is_none() {
            return None;
        }
        let advice = advice.unwrap_or("写成可以测试的数值，如“≥95”加单位“%”");
        let sentence = format!("第 {} 条目标“{name}”的值“{value}”无法考核，建议{advice}", row + 1);
        return Some(Finding::new("target-not-measurable", Some(&format!("targets[{row}].value")), sentence));
    }
    let unit = target.unit.as_deref().is_some_and(|unit| !unit.trim().is_empty());
    let has_letters = |text: &str| text.contains(|c: char| c.is_alphabetic() || "%‰℃℉°".contains(c));
    let unitless = UNITLESS.iter().any(|word| target.name.contains(word));
    if unit || has_letters(&target.value) || unitless {
        return None;
    }
    let sentence = format!("第 {} 条目标“{name} {value}”没有单位；请补上单位，如 %、次、mm", row + 1);
    Some(Finding::new("target-without-unit", Some(&format!("targets[{row}].unit")), sentence))
}

pub(super) fn scenario(need: &Need) -> Option<Finding> {
    let missing = need.scenario.as_deref().is_none_or(|text| text.trim().is_empty());
    let sentence = "没有写应用场景；请写成果用在哪个产品、哪条产线或哪项工程上";
    missing.then(|| Finding::new("no-scenario", Some("scenario"), sentence))
}

/// Personal data in texts that will be public.
pub(super) fn personal(need: &Need) -> Vec<Finding> {
    let texts = [
        ("title", need.title.as_deref()),
        ("problem", Some(need.problem.as_str())),
        ("scenario", need.scenario.as_deref()),
        ("ownership", need.ownership.as_deref()),
    ];
    let found = texts.into_iter().flat_map(|(field, text)| {
        personal_data(text.unwrap_or_default()).into_iter().map(move |piece| {
            let sentence = format!(
                "文字里有{}“{}”，发布后人人可见；请删去，联系方式会在对方接受邀请后由平台提供",
                piece.kind, piece.masked
            );
            Finding::new("personal-data", Some(field), sentence).at(piece.range)
        })
    });
    found.collect()
}
