//! Administrative regions, written widest first: `重庆市渝北区`.

/// The city whose platform this is: 第七条 recommends talents of the city first.
pub const CITY: &str = "重庆市";

/// Whether a region lies in the city; one that is not known does not.
pub fn is_in_city(region: Option<&str>) -> bool {
    region.is_some_and(|region| is_within(region, CITY))
}

/// Whether a region is another one or lies in it. `重庆市` and `重庆` are the same.
pub fn is_within(region: &str, wider: &str) -> bool {
    let (region, wider) = (region.trim(), wider.trim().trim_end_matches('市'));
    !wider.is_empty() && region.starts_with(wider)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_region_lies_in_itself_and_in_wider_ones() {
        for (region, wider, expected) in [
            ("重庆市渝北区", "重庆市", true),
            ("重庆渝北区", "重庆市", true),
            ("重庆市", "重庆市渝北区", false),
            ("重庆市渝北区", "重庆市渝北区", true),
            ("四川省成都市", "重庆市", false),
            ("四川省成都市", "", false),
        ] {
            assert_eq!(is_within(region, wider), expected, "{region} {wider}");
        }
        assert!(!is_in_city(None));
    }
}
