//! Amounts of money: whole yuan, read from and written as people write them.

use super::problem::Fault;
use super::text::{half_width, shown};

/// The largest amount that is taken, in yuan: it stays exact in a BIGINT and in JSON's doubles.
pub const MAX_YUAN: u64 = 1_000_000_000_000_000;

/// Unit of a money column, from its header: `总投资（万元）`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum MoneyUnit {
    #[default]
    Yuan,
    TenThousand,
}

impl MoneyUnit {
    const fn yuan(self) -> u64 {
        match self {
            Self::Yuan => 1,
            Self::TenThousand => 10_000,
        }
    }
}

/// An amount in yuan from `1200000`, `1,200,000元`, `120万元` or `0.5万`; without a unit of its
/// own it is in that of its column. Integer arithmetic all the way: what is not a whole number
/// of yuan is refused, never rounded.
///
/// # Errors
/// `bad-money` and `negative-money`.
pub fn money(text: &str, column: MoneyUnit) -> Result<u64, Fault> {
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

/// An amount as a sentence has it: `40 万元`, `123.4567 万元`, `800 元`.
pub fn in_words(yuan: u64) -> String {
    if yuan < 10_000 {
        return format!("{yuan} 元");
    }
    let (whole, rest) = (yuan / 10_000, yuan % 10_000);
    let decimals = format!("{rest:04}");
    let decimals = decimals.trim_end_matches('0');
    if decimals.is_empty() { format!("{whole} 万元") } else { format!("{whole}.{decimals} 万元") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_in_words() {
        for (yuan, words) in [
            (0, "0 元"),
            (9_999, "9999 元"),
            (400_000, "40 万元"),
            (1_234_567, "123.4567 万元"),
            (1_050_000, "105 万元"),
            (10_500, "1.05 万元"),
        ] {
            assert_eq!(in_words(yuan), words);
        }
    }

    proptest::proptest! {
        #[test]
        fn what_is_written_is_read_again(yuan in 0..=MAX_YUAN) {
            proptest::prop_assert_eq!(money(&in_words(yuan), MoneyUnit::Yuan), Ok(yuan));
        }
    }
}
