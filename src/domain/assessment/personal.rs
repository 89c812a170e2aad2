//! Finds telephone numbers, identity numbers and e-mail addresses in text that many will read.

use std::ops::Range;

use crate::domain::text::half_width_char;

/// A piece of personal data.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct PersonalData {
    /// 手机号, 固定电话, 身份证号, 邮箱
    pub kind: &'static str,
    /// Characters of the text.
    pub range: Range<usize>,
    /// So much of it that the writer knows which is meant: `138****78`.
    pub masked: String,
}

/// All pieces, in the order of the text.
pub fn personal_data(text: &str) -> Vec<PersonalData> {
    let chars: Vec<char> = text.chars().map(half_width_char).collect();
    let mut found = Vec::new();
    let mut at = 0;
    while at < chars.len() {
        let piece = match chars[at] {
            '@' => email(&chars, at, found.last().map_or(0, |last: &PersonalData| last.range.end)),
            c if c.is_ascii_digit() && !follows_a_word(&chars, at) => digits(&chars, at),
            _ => None,
        };
        match piece {
            Some((kind, range)) => {
                at = range.end;
                // Digits before an `@` may be the start of an address: then the address is it.
                found.push(PersonalData { kind, masked: masked(&chars[range.clone()]), range });
            }
            None if chars[at].is_ascii_digit() => at = run(&chars, at, |c| c.is_ascii_digit()),
            None => at += 1,
        }
    }
    found
}

fn run(chars: &[char], from: usize, is: impl Fn(char) -> bool) -> usize {
    from + chars.get(from..).unwrap_or_default().iter().take_while(|c| is(**c)).count()
}

fn follows_a_word(chars: &[char], at: usize) -> bool {
    at > 0 && (chars[at - 1].is_ascii_alphanumeric() || "._".contains(chars[at - 1]))
}

fn digits(chars: &[char], start: usize) -> Option<(&'static str, Range<usize>)> {
    let end = run(chars, start, |c| c.is_ascii_digit());
    let next = chars.get(end).copied().unwrap_or(' ');
    if end - start == 17 && matches!(next, 'X' | 'x') && is_identity(&chars[start..end]) {
        return Some(("身份证号", start..end + 1));
    }
    if next.is_ascii_alphabetic() || matches!(next, '@' | '_') {
        return None;
    }
    if end - start == 18 && is_identity(&chars[start..end]) {
        return Some(("身份证号", start..end));
    }
    // `138 1234 5678` and `138-1234-5678`, with or without the country's code.
    let (number, stop) = grouped(chars, start);
    let national = number.strip_prefix("86").filter(|rest| rest.len() == 11).unwrap_or(&number);
    if is_mobile(national) {
        return Some(("手机号", start..stop));
    }
    let area = end - start;
    let local = run(chars, end + 1, |c| c.is_ascii_digit()) - (end + 1);
    let landline = chars[start] == '0' && (3..=4).contains(&area) && next == '-' && (7..=8).contains(&local);
    landline.then(|| ("固定电话", start..end + 1 + local))
}

/// The digits from `start` on, over single spaces and hyphens, and where they end; at most 14.
fn grouped(chars: &[char], start: usize) -> (String, usize) {
    let mut number = String::new();
    let mut at = start;
    loop {
        let end = run(chars, at, |c| c.is_ascii_digit());
        number.extend(&chars[at..end]);
        let joined = chars.get(end).is_some_and(|c| " -".contains(*c));
        let more = chars.get(end + 1).is_some_and(char::is_ascii_digit);
        if number.len() >= 11 || !joined || !more {
            return (number, end);
        }
        at = end + 1;
    }
}

fn is_mobile(number: &str) -> bool {
    let bytes = number.as_bytes();
    bytes.len() == 11 && bytes[0] == b'1' && (b'3'..=b'9').contains(&bytes[1])
}

/// Whether 17 or 18 digits hold a birthday where an identity number has it (GB 11643).
fn is_identity(digits: &[char]) -> bool {
    let number = |range: Range<usize>| digits[range].iter().fold(0, |n, c| n * 10 + c.to_digit(10).unwrap_or(0));
    digits[0] != '0'
        && (1900..2100).contains(&number(6..10))
        && (1..=12).contains(&number(10..12))
        && (1..=31).contains(&number(12..14))
}

fn email(chars: &[char], at: usize, from: usize) -> Option<(&'static str, Range<usize>)> {
    let local = |c: &char| c.is_ascii_alphanumeric() || "._%+-".contains(*c);
    let start = at - chars[from.min(at)..at].iter().rev().take(64).take_while(|c| local(c)).count();
    let end = run(chars, at + 1, |c| c.is_ascii_alphanumeric() || "-.".contains(c));
    let end = end - chars[at + 1..end].iter().rev().take_while(|c| "-.".contains(**c)).count();
    let dotted = chars[at + 1..end].iter().skip(1).any(|c| *c == '.');
    (start < at && dotted).then_some(("邮箱", start..end))
}

fn masked(chars: &[char]) -> String {
    let shown: String = chars.iter().take(3).collect();
    let last: String = chars[chars.len().saturating_sub(2)..].iter().collect();
    format!("{shown}****{last}")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(text: &str) -> Vec<(&'static str, String)> {
        let chars: Vec<char> = text.chars().collect();
        personal_data(text).into_iter().map(|p| (p.kind, chars[p.range].iter().collect())).collect()
    }

    #[test]
    fn personal_data_is_found() {
        for (text, kind, expected) in [
            ("联系人李某，电话13800000000。", "手机号", "13800000000"),
            ("手机：138 0000 0000，微信同号", "手机号", "138 0000 0000"),
            ("+86-139-0000-0000", "手机号", "86-139-0000-0000"),
            ("电话 023-00000000 转 1", "固定电话", "023-00000000"),
            ("身份证 50010119900101000X", "身份证号", "50010119900101000X"),
            ("身份证号500101199001010000，", "身份证号", "500101199001010000"),
            ("请发到 li.si@example.com。", "邮箱", "li.si@example.com"),
            ("邮箱13800000000@example.com", "邮箱", "13800000000@example.com"),
            ("１３８０００００００１", "手机号", "１３８０００００００１"),
        ] {
            assert_eq!(found(text), [(kind, expected.to_owned())], "{text}");
        }
        assert_eq!(personal_data("13812345678")[0].masked, "138****78");
    }

    #[test]
    fn numbers_of_technology_are_no_personal_data() {
        for text in [
            "寿命 10000000 次，误差 0.0001380000 mm",
            "型号 X13800000000，编号 138000000001",
            "统一社会信用代码 91500105MA60123A4Q",
            "专利 202310000000.1，201310000000",
            "@ 与 a@b，2A/cm² @ 80 ℃",
            "流水号 500101299913320000",
            "010-1234",
            "",
        ] {
            assert_eq!(found(text), [], "{text}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_text_panics_and_ranges_lie_in_it(text in "(\\PC|[0-9@.xX+ -]){0,60}") {
            let length = text.chars().count();
            for piece in personal_data(&text) {
                proptest::prop_assert!(piece.range.start < piece.range.end && piece.range.end <= length);
            }
        }
    }
}
