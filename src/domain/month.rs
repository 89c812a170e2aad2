//! Months in China, as figures over time are counted by.

use std::fmt;

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan, tz};
use serde::Serialize;
use utoipa::ToSchema;

use super::day::CHINA;

/// A month of the calendar, written `2026-11`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, ToSchema)]
#[schema(value_type = String)]
pub struct Month(Date);

impl Month {
    /// The month of a time in milliseconds since 1970 UTC; `None` outside the calendar.
    pub fn at(time: i64) -> Option<Self> {
        let date = tz::offset(CHINA).to_datetime(Timestamp::from_millisecond(time).ok()?).date();
        Some(Self(date.first_of_month()))
    }

    /// So many months earlier.
    #[must_use]
    pub fn back(self, months: u16) -> Self {
        Self(self.0.saturating_sub(i32::from(months).months()))
    }

    /// The next one.
    #[must_use]
    pub fn next(self) -> Self {
        Self(self.0.saturating_add(1.month()))
    }

    /// When it begins, in milliseconds since 1970 UTC.
    pub fn starts_at(self) -> i64 {
        let start = tz::offset(CHINA).to_timestamp(self.0.to_datetime(jiff::civil::Time::midnight()));
        start.map_or(i64::MIN, Timestamp::as_millisecond)
    }

    pub fn year(self) -> i16 {
        self.0.year()
    }

    /// 1–12
    pub fn number(self) -> i8 {
        self.0.month()
    }
}

impl fmt::Display for Month {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}", self.0.year(), self.0.month())
    }
}

impl Serialize for Month {
    fn serialize<S: serde::Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        serializer.collect_str(self)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_month_begins_at_midnight_in_china() {
        // 2026-10-31T16:00Z is 2026-11-01T00:00 in China.
        let start = 1_793_462_400_000;
        let month = Month::at(start).unwrap();
        assert_eq!((month.to_string().as_str(), month.starts_at()), ("2026-11", start));
        assert_eq!(Month::at(start - 1).unwrap().to_string(), "2026-10");
        assert_eq!(Month::at(month.next().starts_at() - 1), Some(month));
    }

    #[test]
    fn months_follow_each_other_over_the_years() {
        let month = Month::at(0).unwrap();
        assert_eq!((month.to_string().as_str(), month.back(1).to_string().as_str()), ("1970-01", "1969-12"));
        let mut walked = month.back(30);
        for _ in 0..30 {
            assert!(walked.starts_at() < walked.next().starts_at());
            walked = walked.next();
        }
        assert_eq!(walked, month);
        assert_eq!((month.back(12).year(), month.back(12).number()), (1969, 1));
    }
}
