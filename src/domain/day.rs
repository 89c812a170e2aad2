//! A day of the calendar, as deadlines and the regulation have it. Today is passed in.

use std::fmt;

use jiff::civil::Date;
use jiff::{Timestamp, ToSpan, tz};
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::problem::Fault;
use super::text::{half_width, shown};

/// Hours that China's time is ahead of UTC.
pub(super) const CHINA: i8 = 8;

/// A day from 1900-01-01 to 9999-12-31, written `YYYY-MM-DD`.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, Deserialize, ToSchema)]
#[schema(value_type = String, format = Date)]
#[serde(try_from = "String", into = "String")]
pub struct Day(Date);

impl Day {
    /// Reads `YYYY-MM-DD`; full-width digits and spaces around do not matter.
    ///
    /// # Errors
    /// `bad-date`, for what is no such day.
    pub fn parse(text: &str) -> Result<Self, Fault> {
        let plain = half_width(text);
        let plain = plain.trim();
        let shaped = plain.len() == 10
            && plain.bytes().enumerate().all(|(at, b)| if at == 4 || at == 7 { b == b'-' } else { b.is_ascii_digit() });
        let date = plain.parse().ok().filter(|date: &Date| shaped && date.year() >= 1900);
        date.map(Self).ok_or_else(|| {
            Fault::new("bad-date", format!("“{}”不是日期；请写成 YYYY-MM-DD，如 2025-06-30", shown(text)))
        })
    }

    /// A day by its numbers, if there is one.
    pub fn new(year: i16, month: i8, day: i8) -> Option<Self> {
        Date::new(year, month, day).ok().filter(|date| date.year() >= 1900).map(Self)
    }

    pub fn year(self) -> i16 {
        self.0.year()
    }

    /// The day in China of a time in milliseconds since 1970 UTC; `None` outside the calendar.
    pub fn at(time: i64) -> Option<Self> {
        let date = tz::offset(CHINA).to_datetime(Timestamp::from_millisecond(time).ok()?).date();
        Self::new(date.year(), date.month(), date.day())
    }

    /// When it begins in China, in milliseconds since 1970 UTC.
    pub fn starts_at(self) -> i64 {
        let start = tz::offset(CHINA).to_timestamp(self.0.to_datetime(jiff::civil::Time::midnight()));
        start.map_or(i64::MAX, Timestamp::as_millisecond)
    }

    /// The same day `months` later, or the last day of that month where it is shorter.
    #[must_use]
    pub fn plus_months(self, months: u16) -> Self {
        Self(self.0.saturating_add(i32::from(months).months()))
    }

    /// So many days later.
    #[must_use]
    pub fn plus_days(self, days: u16) -> Self {
        Self(self.0.saturating_add(i32::from(days).days()))
    }
}

impl fmt::Display for Day {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.fmt(f)
    }
}

impl TryFrom<String> for Day {
    type Error = String;

    fn try_from(text: String) -> Result<Self, String> {
        Self::parse(&text).map_err(|fault| fault.reason)
    }
}

impl From<Day> for String {
    fn from(day: Day) -> Self {
        day.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn days_of_the_calendar_and_no_others() {
        for text in ["2028-02-29", "1900-01-01", "9999-12-31", " ２０２７－０６－３０ "] {
            assert!(Day::parse(text).is_ok(), "{text}");
        }
        for text in [
            "",
            "2027-02-29",
            "2027-13-01",
            "2027-6-30",
            "20270630",
            "2027-06-30T00:00",
            "1899-12-31",
            "2027年6月",
            "二〇二七",
        ] {
            assert_eq!(Day::parse(text).map_err(|fault| fault.code), Err("bad-date"), "{text}");
        }
    }

    #[test]
    fn a_day_begins_at_midnight_in_china() {
        let day = Day::new(2026, 11, 1).unwrap();
        assert_eq!(day.starts_at(), 1_793_462_400_000, "2026-10-31T16:00Z");
        assert_eq!((Day::at(day.starts_at()), Day::at(day.starts_at() - 1)), (Some(day), Day::new(2026, 10, 31)));
        assert_eq!(day.plus_days(1).starts_at() - day.starts_at(), 86_400_000);
        assert_eq!(Day::at(i64::MAX), None);
    }

    #[test]
    fn months_end_where_they_end() {
        let day = Day::new(2026, 8, 31).unwrap();
        assert_eq!(day.plus_months(6).to_string(), "2027-02-28");
        assert_eq!(day.plus_months(24).to_string(), "2028-08-31");
        assert_eq!(day.plus_days(1).to_string(), "2026-09-01");
        assert_eq!(Day::new(9999, 12, 31).unwrap().plus_months(u16::MAX).to_string(), "9999-12-31");
    }
}
