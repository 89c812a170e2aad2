//! The numbers of 渝科局发〔2024〕92号, as data with their articles.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::day::Day;
use super::money::MAX_YUAN;

/// A number of the regulation, and where it stands.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Parameter<T> {
    pub value: T,
    /// 第N条
    pub article: String,
    /// The sentence of that article.
    pub text: String,
}

/// All numbers that rules depend on. The format is that of data/regulation/parameters.toml.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Parameters {
    /// Number of the document.
    pub document: String,
    pub title: String,
    /// 第三条: most that the city gives to one project, in yuan.
    pub city_grant_max: Parameter<u64>,
    /// 第三条: least that a district gives of what the city gives, in percent.
    pub district_to_city_min_percent: Parameter<u32>,
    /// 第八条: least total investment of a project, in yuan.
    pub total_investment_min: Parameter<u64>,
    /// 第八条: least part of the total that the enterprise raises, in percent.
    pub self_raised_min_percent: Parameter<u32>,
    /// 第十六条: how long a project lasts at most, in months.
    pub period_max_months: Parameter<u16>,
    /// 第二十二条: first day.
    pub effective_from: Parameter<Day>,
    /// 第二十二条: last day.
    pub effective_until: Parameter<Day>,
}

/// Why a text does not hold the regulation's numbers.
#[derive(Debug, thiserror::Error)]
pub enum ParametersError {
    #[error("法规参数的写法有误：{0}")]
    Format(#[from] toml::de::Error),
    #[error("法规参数“{name}”不合理：{reason}")]
    Value { name: &'static str, reason: &'static str },
}

impl Parameters {
    /// Reads and checks the numbers.
    ///
    /// # Errors
    /// [`ParametersError`]
    pub fn parse(text: &str) -> Result<Self, ParametersError> {
        let parameters: Self = toml::from_str(text)?;
        parameters.check()?;
        Ok(parameters)
    }

    /// Whether the numbers can be those of a regulation: operators may edit them.
    ///
    /// # Errors
    /// The first number that cannot.
    pub fn check(&self) -> Result<(), ParametersError> {
        let refuse = |name, reason| Err(ParametersError::Value { name, reason });
        if self.city_grant_max.value > MAX_YUAN {
            return refuse("city_grant_max", "金额过大");
        }
        if self.total_investment_min.value > MAX_YUAN {
            return refuse("total_investment_min", "金额过大");
        }
        if self.self_raised_min_percent.value > 100 {
            return refuse("self_raised_min_percent", "比例超过 100%");
        }
        if self.period_max_months.value == 0 {
            return refuse("period_max_months", "期限为零");
        }
        if self.effective_from.value > self.effective_until.value {
            return refuse("effective_until", "早于开始实施的日期");
        }
        Ok(())
    }

    /// Whether `own` yuan of `total` is the part that 第八条 asks for.
    pub fn self_raised_suffices(&self, total: u64, own: u64) -> bool {
        u128::from(own) * 100 >= u128::from(total) * u128::from(self.self_raised_min_percent.value)
    }

    /// Least own money, in yuan, of a project of `total` yuan (第八条), rounded up.
    pub fn self_raised_min(&self, total: u64) -> u64 {
        let part = u128::from(total) * u128::from(self.self_raised_min_percent.value);
        u64::try_from(part.div_ceil(100)).unwrap_or(u64::MAX)
    }

    /// Whether the regulation is in force on a day (第二十二条).
    pub fn in_force(&self, day: Day) -> bool {
        (self.effective_from.value..=self.effective_until.value).contains(&day)
    }
}

#[cfg(test)]
pub(super) mod tests {
    use super::*;

    /// As data/regulation/parameters.toml has them.
    pub(in crate::domain) fn parameters() -> Parameters {
        Parameters::parse(include_str!("../../data/regulation/parameters.toml")).unwrap()
    }

    #[test]
    fn numbers_of_article_3_8_16_and_22() {
        let p = parameters();
        assert_eq!((p.city_grant_max.value, p.district_to_city_min_percent.value), (200_000, 100));
        assert_eq!((p.total_investment_min.value, p.self_raised_min_percent.value), (400_000, 50));
        assert_eq!(p.period_max_months.value, 24);
        // 2024-12-17 and 30 days.
        assert_eq!(p.effective_from.value, Day::new(2024, 12, 17).unwrap().plus_days(30));
        for (day, expected) in [
            ("2025-01-15", false),
            ("2025-01-16", true),
            ("2026-06-30", true),
            ("2027-12-30", true),
            ("2027-12-31", false),
        ] {
            assert_eq!(p.in_force(Day::parse(day).unwrap()), expected, "{day}");
        }
    }

    #[test]
    fn article_8_own_money() {
        let p = parameters();
        for (total, own, expected) in [
            (800_000, 400_000, true),
            (800_001, 400_001, true),
            (0, 0, true),
            (800_000, 399_999, false),
            (800_001, 400_000, false),
            (MAX_YUAN, 0, false),
        ] {
            assert_eq!(p.self_raised_suffices(total, own), expected, "{own} of {total}");
            assert_eq!(own >= p.self_raised_min(total), expected, "{own} of {total}");
        }
    }

    #[test]
    fn numbers_that_cannot_be_are_refused() {
        let text = toml::to_string(&parameters()).unwrap();
        assert_eq!(Parameters::parse(&text).unwrap(), parameters());
        for (from, to) in [
            ("value = 50", "value = 101"),
            ("value = 24", "value = 0"),
            ("2027-12-30", "2024-12-30"),
            ("value = 24", "value = -1"),
            ("2027-12-30", "2027-02-30"),
            ("value = 400000", "value = 40000000000000000"),
            ("document", "number"),
        ] {
            assert!(text.contains(from), "{from} in {text}");
            assert!(Parameters::parse(&text.replace(from, to)).is_err(), "{to}");
        }
    }
}
