//! Finds quantities in Chinese technical text: `≥ 95 %`, `不低于 3000 次`, `0.18 μm`, `-40～85 ℃`,
//! `提高 30%`, `百分之二十`. Years, dates, money, part numbers and ordinals are none.
//!
//! A quantity of what the enterprise has (`目前…仅 88%`, `年产 60 万件`) is told from one that it
//! wants by the words before it in its sentence: the last word of either kind decides. Where there
//! is neither, only a bound or a change (`提高 30%`) says what is wanted.

mod units;

use std::ops::Range;

use super::text::half_width_char;
use units::{Found, UnitKind, unit};

/// A number with its unit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Quantity {
    /// Characters of the text: number and unit.
    pub range: Range<usize>,
    /// Whether it says what is wanted, rather than what is.
    pub is_target: bool,
}

/// Words right before a number that make it a bound or a change.
const BOUNDS: &[&str] = &[
    "≥",
    "≤",
    ">",
    "<",
    "≧",
    "≦",
    "⩾",
    "⩽",
    "不低于",
    "不小于",
    "不少于",
    "不高于",
    "不大于",
    "不超过",
    "不多于",
    "不得低于",
    "不得超过",
    "至少",
    "至多",
    "控制在",
    "稳定在",
    "优于",
];
const CHANGES: &[&str] = &[
    "=", "±", "低于", "高于", "大于", "小于", "超过", "少于", "多于", "达到", "达", "最高", "最低", "最大", "最小",
    "提高", "提升", "降低", "下降", "减少", "减小", "缩短", "增加", "增大", "延长", "上升", "至", "降到", "升到",
    "提到", "高到", "短到", "少到", "低到", "展到", "到",
];
/// Words right before a number that say it is what the enterprise has.
const FALLS_SHORT: &[&str] = &["不到", "不足", "仅", "仅有", "只有", "近", "高达", "多达", "已达", "仅达"];
/// Words right after a quantity that make it a bound.
const AFTER: &[&str] = &["以上", "以下", "以内", "之内", "及以上", "及以下", "内"];
/// Words soon after a quantity that say what happened then: `1200 次左右即有开路`.
const HAPPENED: &[&str] = &["即有", "即出现", "就出现", "就会", "仍有", "仍不", "仍未", "便", "时即", "后即", "后就"];

/// Words of a sentence about what is.
const PRESENT: &[&str] = &[
    "目前",
    "现有",
    "现用",
    "年产",
    "年均",
    "月均",
    "日均",
    "年处理",
    "此前",
    "曾",
    "去年",
    "前期",
    "试过",
    "已经",
    "已更换",
    "现在",
    "仅",
    "只有",
    "不足",
    "不到",
    "公司",
    "我司",
    "我们",
    "企业主",
    "初步",
    "测试发现",
    "采用",
    "当前",
    "现阶段",
    "过去",
    "原先",
    "原来",
    "随着",
    "市购",
];
/// Words of a sentence about what shall be.
const WANTED: &[&str] = &[
    "要求",
    "希望",
    "亟需",
    "亟待",
    "急需",
    "需要",
    "目标",
    "指标",
    "实现",
    "达到",
    "力争",
    "确保",
    "保证",
    "期望",
    "寻求",
    "征集",
    "拟",
    "应当",
    "应达",
    "应不",
    "须",
    "控制在",
    "使得",
];

const SENTENCE_END: &[char] = &['。', '；', ';', '！', '？', '!', '?', '\n'];
/// Characters of its sentence that are looked at before a number.
const LOOK_BACK: usize = 80;
const CHINESE_DIGITS: &str = "零〇一二两三四五六七八九十百千万亿半";

/// All quantities, in the order of the text.
pub fn quantities(text: &str) -> Vec<Quantity> {
    let chars: Vec<char> = text.chars().map(half_width_char).collect();
    let mut found = Vec::new();
    let mut at = 0;
    while at < chars.len() {
        let (end, quantity) = if chars[at].is_ascii_digit() {
            arabic(&chars, at)
        } else if chars[at..].starts_with(&['百', '分', '之']) {
            per_cent(&chars, at)
        } else if CHINESE_DIGITS.contains(chars[at]) {
            chinese(&chars, at)
        } else {
            (at + 1, None)
        };
        found.extend(quantity);
        at = end.max(at + 1);
    }
    found
}

/// Whether the text says what is wanted in numbers.
pub fn has_target(text: &str) -> bool {
    quantities(text).iter().any(|quantity| quantity.is_target)
}

/// Whether one of the text's quantities stands within `reach` characters of the range, in the same
/// sentence.
pub fn stands_near(quantities: &[Quantity], text: &[char], range: &Range<usize>, reach: usize) -> bool {
    // They stand in order: the nearest is the last that ends before, or the one after it.
    let after = quantities.partition_point(|quantity| quantity.range.end <= range.start);
    quantities[after.saturating_sub(1)..].iter().take(2).any(|q| {
        // Where they overlap the gap is reversed, and has no length.
        let gap = if q.range.end <= range.start { q.range.end..range.start } else { range.end..q.range.start };
        gap.len() <= reach && !text.get(gap).is_some_and(|gap| gap.iter().any(|c| SENTENCE_END.contains(c)))
    })
}

/// A number in digits at `start`: where reading goes on, and the quantity if it has a unit.
fn arabic(chars: &[char], start: usize) -> (usize, Option<Quantity>) {
    let end = number(chars, start);
    if is_part_of_a_name(chars, start) {
        return (end, None);
    }
    if let Some(end) = date(chars, start) {
        return (end, None);
    }
    let (mut stop, mut kind) = unit_at(chars, end);
    if let Some(second) = second_of_a_range(chars, stop) {
        // In `18%～30%` each has the unit, in `6～9 min` the last.
        let (after, last) = unit_at(chars, number(chars, second));
        (stop, kind) = (after, last.or(kind));
    }
    let signed = start > 0 && "-−±+".contains(chars[start - 1]) && !after_a_letter(chars, start - 1);
    let from = if signed { start - 1 } else { start };
    match kind {
        Some(Some(kind)) => (stop, Some(quantity(chars, from..stop, kind))),
        _ => (stop, None),
    }
}

/// Where the number at `start` ends, with groups, decimals and powers of ten.
fn number(chars: &[char], start: usize) -> usize {
    let digits = |at: usize| at + chars[at..].iter().take_while(|c| c.is_ascii_digit()).count();
    let mut end = digits(start);
    while chars.get(end) == Some(&',') && digits(end + 1) == end + 4 {
        end += 4;
    }
    if chars.get(end) == Some(&'.') && digits(end + 1) > end + 1 {
        end = digits(end + 1);
    }
    let ten = end + usize::from(chars.get(end) == Some(&' '));
    let ten = ten + usize::from(chars.get(ten).is_some_and(|c| "×x*".contains(*c)));
    let ten = ten + usize::from(ten > end && chars.get(ten) == Some(&' '));
    if ten > end
        && chars.get(ten..ten + 2) == Some(&['1', '0'])
        && chars.get(ten + 2).is_some_and(|c| "^⁰¹²³⁴⁵⁶⁷⁸⁹⁻".contains(*c))
    {
        end = ten + 2;
    }
    if chars.get(end) == Some(&'^') {
        let sign = usize::from(chars.get(end + 1).is_some_and(|c| "-−+".contains(*c)));
        let power = digits((end + 1 + sign).min(chars.len()));
        end = if power > end + 1 + sign { power } else { end };
    }
    end + chars[end..].iter().take_while(|c| "⁰¹²³⁴⁵⁶⁷⁸⁹⁻".contains(**c)).count()
}

/// Where the unit after `end` ends; `Some(None)` is money or a date, `None` no unit.
fn unit_at(chars: &[char], end: usize) -> (usize, Option<Option<UnitKind>>) {
    let spaces = chars[end..].iter().take(2).take_while(|c| **c == ' ').count();
    match unit(&chars[end + spaces..], spaces > 0) {
        Found::Unit(kind, length) => (end + spaces + length, Some(Some(kind))),
        Found::Excluded => (end, Some(None)),
        Found::None => (end, None),
    }
}

/// Where the second number of a range starts, when a range sign follows at `at`.
fn second_of_a_range(chars: &[char], at: usize) -> Option<usize> {
    let spaces = |at: usize| at + chars[at..].iter().take(2).take_while(|c| **c == ' ').count();
    let sign = spaces(at);
    chars.get(sign).filter(|c| "~-−–—至到".contains(**c))?;
    let dashes = chars[sign..].iter().take(2).take_while(|c| **c == '—').count().max(1);
    let mut next = spaces(sign + dashes);
    if chars.get(next).is_some_and(|c| "-−+".contains(*c)) {
        next += 1;
    }
    chars.get(next).filter(|c| c.is_ascii_digit()).map(|_| next)
}

/// Whether the digits belong to a word, a code or an order: `IGBT7`, `V-0`, `2.0.1`, `第 3`.
fn is_part_of_a_name(chars: &[char], start: usize) -> bool {
    let Some(before) = start.checked_sub(1) else { return false };
    if chars[before].is_ascii_alphanumeric() || "._/#".contains(chars[before]) || after_a_letter(chars, before) {
        return true;
    }
    chars[..start].iter().rev().find(|c| **c != ' ') == Some(&'第')
}

/// Whether a hyphen at `at` joins what follows to a Latin word.
fn after_a_letter(chars: &[char], at: usize) -> bool {
    "-−".contains(chars[at]) && at > 0 && chars[at - 1].is_ascii_alphanumeric()
}

/// Where the date at `start` ends: `2027年6月30日`, `2027-06-30`, `2027.6.30`, `2027/06`.
fn date(chars: &[char], start: usize) -> Option<usize> {
    let digits = |at: usize| chars.get(at..).unwrap_or_default().iter().take_while(|c| c.is_ascii_digit()).count();
    if digits(start) != 4 || !matches!(chars[start..start + 2], ['1', '9'] | ['2', '0']) {
        return None;
    }
    let mut at = start + 4;
    let sign = *chars.get(at)?;
    if sign == '年' {
        return Some(at + 1);
    }
    if !"-./".contains(sign) {
        return None;
    }
    let mut parts = 0;
    while parts < 2 && chars.get(at) == Some(&sign) && matches!(digits(at + 1), 1 | 2) {
        at += 1 + digits(at + 1);
        parts += 1;
    }
    (parts == 2 || parts == 1 && sign != '.' && at == start + 7).then_some(at)
}

/// `百分之九十五`
fn per_cent(chars: &[char], start: usize) -> (usize, Option<Quantity>) {
    let digits = chars[start + 3..].iter().take_while(|c| c.is_ascii_digit() || CHINESE_DIGITS.contains(**c)).count();
    let end = start + 3 + digits;
    (end, (digits > 0).then(|| quantity(chars, start..end, UnitKind::Measure)))
}

/// A number in Chinese numerals: with a bound or a change before it only, since 一次, 三种 and the
/// like stand in every sentence.
fn chinese(chars: &[char], start: usize) -> (usize, Option<Quantity>) {
    let end = start + chars[start..].iter().take_while(|c| CHINESE_DIGITS.contains(**c)).count();
    // 百吨罐 and 万元户 are words.
    let counts = chars[start..end].iter().any(|c| !"百千万亿".contains(*c));
    let before = words_before(chars, start);
    if !counts || !BOUNDS.iter().chain(CHANGES).any(|word| before.ends_with(word)) || falls_short(&before) {
        return (end, None);
    }
    if chars.get(end) == Some(&'成') && chars.get(end + 1).is_none_or(|c| !c.is_alphanumeric() || "以左".contains(*c))
    {
        return (end + 1, Some(quantity(chars, start..end + 1, UnitKind::Measure)));
    }
    match unit_at(chars, end) {
        (stop, Some(Some(kind))) => (stop, Some(quantity(chars, start..stop, kind))),
        _ => (end, None),
    }
}

fn quantity(chars: &[char], range: Range<usize>, kind: UnitKind) -> Quantity {
    let before = words_before(chars, range.start);
    let bounded = BOUNDS.iter().any(|word| before.ends_with(word));
    let rest: String = chars[range.end..].iter().take(7).filter(|c| **c != ' ').collect();
    let compared = CHANGES.iter().any(|word| before.ends_with(word)) || AFTER.iter().any(|word| rest.starts_with(word));
    let happened = HAPPENED.iter().any(|word| rest.contains(word));
    let last = |words: &[&str]| words.iter().filter_map(|word| before.rfind(word)).max();
    let (present, wanted) = (last(PRESENT), last(WANTED));
    let says_so = if wanted > present { compared || kind == UnitKind::Measure } else { present.is_none() && compared };
    Quantity { range, is_target: bounded || says_so && !happened && !falls_short(&before) }
}

fn falls_short(before: &str) -> bool {
    FALLS_SHORT.iter().any(|word| before.ends_with(word))
}

/// The sentence up to `at`, without what stands between a bound and its number.
fn words_before(chars: &[char], at: usize) -> String {
    let from = at.saturating_sub(LOOK_BACK);
    let sentence = chars[from..at].iter().rposition(|c| SENTENCE_END.contains(c)).map_or(from, |end| from + end + 1);
    let sentence: String = chars[sentence..at].iter().collect();
    sentence.trim_end_matches([' ', ':', '：', '约', '了', '-', '−', '+']).to_owned()
}

#[cfg(test)]
mod tests;
