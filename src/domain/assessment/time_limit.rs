//! Whether a text says until when something is to be done.

use crate::domain::text::half_width_char;

const DIGITS: &str = "0123456789一二两三四五六七八九十半";
const UNITS: &[&str] = &["个月", "年", "周", "天", "个工作日", "个季度"];
/// Words before a duration.
const BEFORE: &[&str] = &["周期", "期限", "工期", "时限", "时间要求", "限期", "完成时间", "实施期", "研发期"];
/// Words after a duration or a date.
const AFTER: &[&str] = &[
    "完成", "交付", "实现", "投产", "验收", "量产", "上线", "达到", "达标", "研制", "开发", "形成", "提交", "突破",
    "解决", "攻克", "前", "底", "为止", "截止",
];
const SENTENCE_END: &str = "。；;！？!?\n";
/// Characters that lie between a duration and its verb at most.
const REACH: usize = 12;

/// Whether there is a duration (`18 个月内完成`, `研发周期：两年`) or a date (`2027 年 6 月前`) by which
/// something is to be done. What lasted or lasts (`两年内发生 4 起`) is none.
pub(super) fn has_time_limit(text: &str) -> bool {
    let chars: Vec<char> = text.chars().map(half_width_char).filter(|c| *c != ' ').collect();
    let mut at = 0;
    while at < chars.len() {
        if !DIGITS.contains(chars[at]) {
            at += 1;
            continue;
        }
        let end = at + chars[at..].iter().take_while(|c| DIGITS.contains(**c)).count();
        if is_limit(&chars, at, end) {
            return true;
        }
        at = end;
    }
    false
}

fn is_limit(chars: &[char], start: usize, end: usize) -> bool {
    let rest = sentence(chars[end..].iter().take(REACH + 6));
    let year = end - start == 4 && chars[start..end].starts_with(&['2', '0']);
    if year {
        let iso = rest.starts_with(['-', '/', '.']) && rest[1..].starts_with(|c: char| c.is_ascii_digit());
        return (rest.starts_with('年') || iso) && AFTER.iter().any(|word| rest.contains(word));
    }
    let Some(unit) = UNITS.iter().find(|unit| rest.starts_with(**unit)) else { return false };
    let before: String = sentence(chars[..start].iter().rev().take(REACH)).chars().rev().collect();
    if BEFORE.iter().any(|word| before.contains(word)) {
        return true;
    }
    let after = &rest[unit.len()..];
    let within = ["内", "之内", "以内"].iter().any(|word| after.starts_with(word));
    within && AFTER[..AFTER.len() - 4].iter().any(|word| after.contains(word))
}

fn sentence<'a>(chars: impl Iterator<Item = &'a char>) -> String {
    chars.take_while(|c| !SENTENCE_END.contains(**c)).collect()
}

#[cfg(test)]
mod tests {
    use super::has_time_limit;

    #[test]
    fn limits_are_told_from_what_lasts() {
        for (text, expected) in [
            ("要求 18 个月内完成整包验证", true),
            ("两年内实现量产", true),
            ("研发周期：12个月", true),
            ("工期不超过 90 天", true),
            ("2027 年 6 月底前交付样机", true),
            ("2027-06-30 前验收", true),
            ("希望半年内解决", true),
            ("两年内发生 4 起清客事件", false),
            ("常温 9 个月胀包率 0.05%", false),
            ("公司2023年买了六台机器人", false),
            ("运行半年后渗液率约 15%。完成样堆考核", false),
            ("电池续航 3 年", false),
            ("2000 次后完成", false),
            ("", false),
        ] {
            assert_eq!(has_time_limit(text), expected, "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_text_panics(text in "(\\PC|[0-9年月前内完成.-]){0,40}") {
            has_time_limit(&text);
        }
    }
}
