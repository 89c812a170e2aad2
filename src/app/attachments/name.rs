//! Names of files as they are kept: no folders, no marks that nobody sees, an ending that is true.

use super::kind::{FileKind, ending};
use crate::domain::text::tidied;

/// Characters before the ending, at most; many file systems take 255 bytes in all.
const STEM: usize = 80;

/// The name that a file is kept and downloaded under.
pub fn cleaned(name: &str, kind: FileKind) -> String {
    let name = name.rsplit(['/', '\\']).next().unwrap_or_default();
    let forbidden = |c: char| c.is_control() || "<>:\"|?*".contains(c);
    let name: String = tidied(name).chars().map(|c| if forbidden(c) { '_' } else { c }).collect();
    let at_ends = |c: char| c == '.' || c.is_whitespace();
    let name = name.trim_matches(at_ends);
    let ending = ending(name).filter(|e| kind.endings().contains(&e.as_str()));
    let stem = ending.as_ref().map_or(name, |e| &name[..name.len() - e.len() - 1]);
    let stem: String = stem.trim_matches(at_ends).chars().take(STEM).collect();
    let stem = stem.trim_matches(at_ends);
    let stem = if stem.is_empty() { "附件" } else { stem };
    format!("{stem}.{}", ending.as_deref().unwrap_or(kind.endings()[0]))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_cleaned() {
        for (given, expected) in [
            ("电池 方案.pdf", "电池 方案.pdf"),
            ("C:\\用户\\报告.PDF", "报告.pdf"),
            ("../../etc/passwd", "passwd.pdf"),
            ("", "附件.pdf"),
            (".pdf", "pdf.pdf"),
            ("...", "附件.pdf"),
            ("a\r\nSet-Cookie: x=1.pdf", "a_Set-Cookie_ x=1.pdf"),
            ("a\u{202e}fdp.pdf", "afdp.pdf"),
            ("a<b>\"c\".pdf", "a_b__c_.pdf"),
            ("图🙂.pdf", "图🙂.pdf"),
        ] {
            assert_eq!(cleaned(given, FileKind::Pdf), expected, "{given:?}");
        }
        assert_eq!(cleaned(&"长".repeat(300), FileKind::Jpeg).chars().count(), STEM + 4);
    }

    proptest::proptest! {
        #[test]
        fn a_clean_name_has_no_folder_and_stays_as_it_is(name in "(\\PC|[\\x00-\\x20./\\\\:\u{202e}]){0,40}") {
            let once = cleaned(&name, FileKind::Png);
            proptest::prop_assert!(!once.contains(['/', '\\', '\0', '\n', '"']) && once.ends_with(".png"));
            proptest::prop_assert_eq!(cleaned(&once, FileKind::Png), once);
        }
    }
}
