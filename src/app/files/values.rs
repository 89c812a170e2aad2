//! The small languages inside a cell: years, dates, lists, targets. Pure functions over text;
//! they know neither files nor rows. What forms and the API read as well stands in the domain.

use crate::domain::talent::EVIDENCE_YEARS;
use crate::domain::{Day, Target};

pub(super) use crate::domain::money::{MoneyUnit, money};
pub(super) use crate::domain::problem::Fault;
pub(super) use crate::domain::text::{half_width, shown};

/// A year from 1900 to 2100, with or without 年.
pub(super) fn year(text: &str) -> Result<u16, Fault> {
    let plain = half_width(text);
    let digits = plain.trim().trim_end_matches('年').trim_end();
    digits
        .parse()
        .ok()
        .filter(|year| digits.len() == 4 && EVIDENCE_YEARS.contains(year))
        .ok_or_else(|| Fault::new("bad-year", format!("“{}”不是 1900 到 2100 之间的年份；请写四位年份", shown(text))))
}

/// A day of the calendar, `YYYY-MM-DD`.
pub(super) fn date(text: &str) -> Result<String, Fault> {
    Day::parse(text).map(|day| day.to_string())
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
