//! Bytes in hexadecimal, and back.

use std::fmt::Write as _;

/// In small letters, two to a byte.
pub fn hex(bytes: impl AsRef<[u8]>) -> String {
    let bytes = bytes.as_ref();
    bytes.iter().fold(String::with_capacity(2 * bytes.len()), |mut text, byte| {
        let _ = write!(text, "{byte:02x}");
        text
    })
}

/// Exactly so many bytes; `None` for any other text.
pub fn unhex<const N: usize>(text: &str) -> Option<[u8; N]> {
    let digits = Some(text).filter(|t| t.len() == 2 * N && t.bytes().all(|b| b.is_ascii_hexdigit()))?;
    let mut bytes = [0; N];
    for (at, byte) in bytes.iter_mut().enumerate() {
        *byte = u8::from_str_radix(digits.get(2 * at..2 * at + 2)?, 16).ok()?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    proptest! {
        #[test]
        fn what_is_written_is_read(bytes: [u8; 7]) {
            prop_assert_eq!(unhex::<7>(&hex(bytes)), Some(bytes));
            prop_assert_eq!(unhex::<8>(&hex(bytes)), None);
        }
    }

    #[test]
    fn only_digits_are_read() {
        assert_eq!(unhex::<2>("00fF"), Some([0, 255]));
        for text in ["", "00f", "00fg", "+0+0", "é00", " 000"] {
            assert_eq!(unhex::<2>(text), None, "{text}");
        }
    }
}
