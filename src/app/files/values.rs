//! The small languages inside a cell: money, years, dates, lists, targets. Pure functions over
//! text; they know neither files nor rows.

use crate::domain::Target;

/// The largest amount that is taken, in yuan: it stays exact in a BIGINT and in JSON's doubles.
pub(super) const MAX_YUAN: u64 = 1_000_000_000_000_000;

/// What is wrong with one value: a stable code, and in Chinese what is wrong and what to do.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Fault {
    pub code: &'static str,
    pub reason: String,
}

impl Fault {
    pub(super) fn new(code: &'static str, reason: impl Into<String>) -> Self {
        Self { code, reason: reason.into() }
    }
}

/// Unit of a money column, from its header: `总投资（万元）`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub(super) enum MoneyUnit {
    #[default]
    Yuan,
    TenThousand,
}

impl MoneyUnit {
    fn yuan(self) -> u64 {
        match self {
            Self::Yuan => 1,
            Self::TenThousand => 10_000,
        }
    }
}

/// An amount in yuan from `1200000`, `1,200,000元`, `120万元` or `0.5万`; without a unit of its
/// own it is in that of its column. Integer arithmetic all the way: what is not a whole number
/// of yuan is refused, never rounded.
pub(super) fn money(text: &str, column: MoneyUnit) -> Result<u64, Fault> {
    let bad = || {
        Fault::new(
            "bad-money",
            format!("“{}”不是金额；请写整数元（如 1200000）或至多四位小数的万元（如 120.5万元）", shown(text)),
        )
    };
    let plain = half_width(text);
    let mut digits = plain.trim().trim_start_matches(['¥', '￥']).trim();
    let mut unit = column;
    for (suffix, of_suffix) in
        [("万元", MoneyUnit::TenThousand), ("万", MoneyUnit::TenThousand), ("元", MoneyUnit::Yuan)]
    {
        if let Some(rest) = digits.strip_suffix(suffix) {
            (digits, unit) = (rest.trim_end(), of_suffix);
            break;
        }
    }
    let negative = digits.strip_prefix(['-', '−']);
    let (amount, scale) = decimal(negative.unwrap_or(digits)).ok_or_else(bad)?;
    if negative.is_some() && amount > 0 {
        return Err(Fault::new("negative-money", format!("金额“{}”是负数；请写不小于 0 的金额", shown(text))));
    }
    let scaled = amount * u128::from(unit.yuan());
    if scaled % scale != 0 {
        return Err(bad());
    }
    u64::try_from(scaled / scale)
        .ok()
        .filter(|yuan| *yuan <= MAX_YUAN)
        .ok_or_else(|| Fault::new("bad-money", format!("金额“{}”过大；请核对单位是元还是万元", shown(text))))
}

/// A decimal number as (integer, power of ten that divides it), with at most four decimals that
/// count and at most twenty digits. Commas are taken where they group thousands.
fn decimal(text: &str) -> Option<(u128, u128)> {
    let (whole, fraction) = text.split_once('.').unwrap_or((text, ""));
    if text.contains('.') && fraction.is_empty() {
        return None;
    }
    let fraction = fraction.trim_end_matches('0');
    let mut groups = whole.split(',');
    let first = groups.next()?;
    let mut digits = first.to_owned();
    for group in groups {
        if first.len() > 3 || group.len() != 3 {
            return None;
        }
        digits.push_str(group);
    }
    let sound = !first.is_empty() && digits.len() <= 20 && fraction.len() <= 4;
    digits.push_str(fraction);
    if !sound || !digits.bytes().all(|b| b.is_ascii_digit()) {
        return None;
    }
    Some((digits.parse().ok()?, 10u128.pow(u32::try_from(fraction.len()).ok()?)))
}

/// A year from 1900 to 2100, with or without 年.
pub(super) fn year(text: &str) -> Result<u16, Fault> {
    let plain = half_width(text);
    let digits = plain.trim().trim_end_matches('年').trim_end();
    digits
        .parse()
        .ok()
        .filter(|year| digits.len() == 4 && (1900..=2100).contains(year))
        .ok_or_else(|| Fault::new("bad-year", format!("“{}”不是 1900 到 2100 之间的年份；请写四位年份", shown(text))))
}

/// A day of the calendar, `YYYY-MM-DD`.
pub(super) fn date(text: &str) -> Result<String, Fault> {
    let plain = half_width(text);
    let plain = plain.trim();
    if is_date(plain) {
        return Ok(plain.to_owned());
    }
    Err(Fault::new("bad-date", format!("“{}”不是日期；请写成 YYYY-MM-DD，如 2025-06-30", shown(text))))
}

fn is_date(text: &str) -> bool {
    let bytes = text.as_bytes();
    let shaped = bytes.len() == 10
        && bytes.iter().enumerate().all(|(at, b)| if at == 4 || at == 7 { *b == b'-' } else { b.is_ascii_digit() });
    if !shaped {
        return false;
    }
    let number = |part: &str| part.parse::<u32>().unwrap_or(0);
    let (year, month, day) = (number(&text[..4]), number(&text[5..7]), number(&text[8..]));
    let leap = year.is_multiple_of(4) && !year.is_multiple_of(100) || year.is_multiple_of(400);
    let days = match month {
        1 | 3 | 5 | 7 | 8 | 10 | 12 => 31,
        4 | 6 | 9 | 11 => 30,
        2 if leap => 29,
        2 => 28,
        _ => 0,
    };
    year >= 1900 && (1..=days).contains(&day)
}

/// The items of a list in one cell, separated by `；` or `;`.
pub(super) fn items(text: &str) -> impl Iterator<Item = &str> {
    text.split(['；', ';']).map(str::trim).filter(|item| !item.is_empty())
}

/// One target from `名称=值 单位`. A comparison sign that stands alone belongs to the value:
/// `合格率=≥ 99.5 %` has the value `≥99.5`.
pub(super) fn target(item: &str) -> Result<Target, Fault> {
    let parsed = item.split_once(['=', '＝']).and_then(|(name, rest)| {
        let mut words = rest.split_whitespace();
        let mut value = words.next()?.to_owned();
        if value.chars().all(|c| "≥≤＞＜><=＝~±约".contains(c)) {
            value.push_str(words.next()?);
        }
        let unit = words.collect::<Vec<_>>().join(" ");
        let name = name.trim();
        (!name.is_empty()).then(|| Target { name: name.to_owned(), value, unit: (!unit.is_empty()).then_some(unit) })
    });
    parsed.ok_or_else(|| {
        Fault::new("bad-target", format!("目标“{}”不完整；请写成“名称=值 单位”，多个之间用“；”分隔", shown(item)))
    })
}

/// A number as a sheet shows it: at most 15 significant digits, no exponent, `1` for `1.0`.
/// A sheet stores 0.3 as 0.30000000000000004 when a formula made it.
pub(super) fn number(value: f64) -> String {
    if value == 0.0 {
        return "0".to_owned();
    }
    format!("{value:.14e}").parse().unwrap_or(value).to_string()
}

/// Full-width forms of ASCII as ASCII, for numbers, dates, codes and headers.
pub(super) fn half_width(text: &str) -> String {
    text.chars()
        .map(|c| match c {
            '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
            '\u{3000}' => ' ',
            _ => c,
        })
        .collect()
}

/// Whether a character shows nothing itself, and may change how what is around it shows: controls,
/// marks and overrides of the writing direction, zero-width spaces and joiners.
pub(super) fn is_unseen(c: char) -> bool {
    let formatting =
        matches!(c, '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}' | '\u{2060}'..='\u{206f}' | '\u{feff}');
    formatting || c.is_control()
}

/// A value as a message quotes it: its first 30 characters, on one line.
pub(super) fn shown(text: &str) -> String {
    let mut chars = text.trim().chars();
    let mut short: String = chars.by_ref().take(30).map(|c| if is_unseen(c) { '\u{fffd}' } else { c }).collect();
    if chars.next().is_some() {
        short.push('…');
    }
    short
}
