//! Random numbers from a seed, and values that programs trip over.

use serde_json::{Value, json};

/// Stands for `\ud800`, which no JSON value of ours can hold.
pub const LONE_SURROGATE: &str = "LONE-SURROGATE";

/// SplitMix64 (Steele, Lea, Flood 2014).
pub struct Random(u64);

impl Random {
    pub fn new(seed: u64) -> Self {
        Self(seed)
    }

    pub fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let z = (self.0 ^ (self.0 >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        let z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    pub fn below(&mut self, n: usize) -> usize {
        (self.next() % n.max(1) as u64) as usize
    }

    /// Whether it is one of the `n`.
    pub fn one_in(&mut self, n: usize) -> bool {
        self.below(n) == 0
    }

    pub fn of<'a, T>(&mut self, all: &'a [T]) -> &'a T {
        &all[self.below(all.len())]
    }

    /// Text that may well be right.
    pub fn plain(&mut self) -> String {
        const PLAIN: &[&str] = &[
            "示例",
            "动力电池热失控",
            "重庆市渝北区",
            "2027-06-30",
            "A1",
            "read",
            "3",
            "enterprise",
            "mode",
            "submit",
            "publish",
            "four plain words here",
        ];
        (*self.of(PLAIN)).to_owned()
    }

    /// Text that is hard to get right.
    pub fn nasty(&mut self) -> String {
        const NASTY: &[&str] = &[
            "",
            " ",
            "\0",
            "a\0b",
            "'; DROP TABLE account; --",
            "1 OR 1=1",
            "<script>alert(1)</script>",
            "{{7*7}}${7*7}",
            "../../../../etc/passwd",
            "\u{202e}txt.exe\u{202c}",
            "👩‍🔬🧪",
            "e\u{301}\u{301}\u{301}",
            "\u{feff}示例",
            "\u{fffe}\u{ffff}",
            "\r\nset-cookie: a=b",
            "𠀀𠀁𪚥",
            "%s%n%x",
            "null",
            "-0",
            "９９９",
            "1e999",
            LONE_SURROGATE,
        ];
        match self.below(NASTY.len() + 2) {
            0 => "长".repeat(1 + self.below(60_000)),
            1 => (0..self.below(40)).filter_map(|_| char::from_u32(self.below(0x11_0000) as u32)).collect(),
            n => NASTY[n - 2].to_owned(),
        }
    }

    /// A value of any kind.
    pub fn value(&mut self) -> Value {
        match self.below(14) {
            0 => Value::Null,
            1 => json!(true),
            2 => json!(i64::MAX),
            3 => json!(i64::MIN),
            4 => json!(u64::MAX),
            5 => json!(1.5e300),
            6 => json!(-1),
            7 => json!([]),
            8 => json!({}),
            9 => json!([[[[{ "a": [null] }]]]]),
            10 => Value::Array(vec![json!("示例"); self.below(3_000)]),
            11 => json!(self.next()),
            _ => Value::String(self.nasty()),
        }
    }
}
