//! How values are written on pages.

/// Money in 万元, without needless decimals.
pub fn wan(yuan: &u64) -> String {
    let text = format!("{:.4}", *yuan as f64 / 10_000.0);
    format!("{} 万元", text.trim_end_matches('0').trim_end_matches('.'))
}

/// The day of a time (milliseconds since 1970 UTC) in China: `2026-11-24`.
pub fn day(ms: &i64) -> String {
    at(*ms, "%Y-%m-%d")
}

/// The minute of a time in China: `2026-11-24 09:30`.
pub fn minute(ms: &i64) -> String {
    at(*ms, "%Y-%m-%d %H:%M")
}

fn at(ms: i64, format: &str) -> String {
    let time = jiff::Timestamp::from_millisecond(ms);
    time.map(|t| jiff::tz::offset(8).to_datetime(t).strftime(format).to_string()).unwrap_or_default()
}

/// A span of time in its two largest units: `3 天 4 小时`; nothing for one that is over.
pub fn left(ms: i64) -> String {
    let minutes = (ms + 59_999).div_euclid(60_000);
    match (minutes / 1440, minutes % 1440 / 60, minutes % 60) {
        _ if ms <= 0 => String::new(),
        (0, 0, minutes) => format!("{minutes} 分钟"),
        (0, hours, minutes) => format!("{hours} 小时 {minutes} 分钟"),
        (days, hours, _) => format!("{days} 天 {hours} 小时"),
    }
}

/// A time as machines read it (RFC 3339): `2026-11-24T09:30:00+08:00`.
pub fn machine(ms: &i64) -> String {
    at(*ms, "%Y-%m-%dT%H:%M:%S+08:00")
}

/// A score, given in ten-thousandths of a point: `77.50`.
pub fn points(score: &u64) -> String {
    format!("{}.{:02}", score / 10_000, score % 10_000 / 100)
}

/// Bytes as people read them: `2 kB`.
pub fn size(bytes: &i64) -> String {
    match *bytes {
        small @ ..1024 => format!("{small} B"),
        middle @ 1024..1_048_576 => format!("{} kB", middle / 1024),
        large => format!("{:.1} MB", large as f64 / 1_048_576.0),
    }
}

/// A count with separators of thousands: `12 345`.
pub fn count(number: &u64) -> String {
    let digits = number.to_string();
    let groups: Vec<&str> = digits.as_bytes().rchunks(3).rev().filter_map(|g| std::str::from_utf8(g).ok()).collect();
    groups.join("\u{2009}")
}

/// Whether two texts are the same, owned or not: for templates, whose macros know no types.
pub fn is_same(a: impl AsRef<str>, b: impl AsRef<str>) -> bool {
    a.as_ref() == b.as_ref()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_are_short() {
        assert_eq!([size(&0), size(&2_048), size(&3_145_728)], ["0 B", "2 kB", "3.0 MB"]);
        assert_eq!((wan(&200_000), wan(&12_345), wan(&0)), ("20 万元".into(), "1.2345 万元".into(), "0 万元".into()));
        assert_eq!((day(&0), minute(&1_764_000_000_000)), ("1970-01-01".into(), "2025-11-25 00:00".into()));
        assert_eq!(
            (count(&7), count(&1234), count(&1_000_000)),
            ("7".into(), "1\u{2009}234".into(), "1\u{2009}000\u{2009}000".into())
        );
    }
}
