//! Rules for text that people type, paste or import: how long it may be, which characters it may
//! hold, and when two names are the same.
//!
//! Marks that nobody sees (zero-width and bidirectional controls, byte order marks) come in by
//! pasting from office programs and web pages. A person asked to remove them would look in vain,
//! so [`tidied`] strips them; control characters are refused, because they show damage.

use super::problem::Fault;

/// Most characters in a name, a title, a keyword and other short text.
pub const MAX_SHORT: usize = 1_000;
/// Most characters in an abstract, a bio or a scenario.
pub const MAX_LONG: usize = 20_000;
/// Most characters in the problem of a need: whole reports are pasted there.
pub const MAX_PROBLEM: usize = 200_000;
/// Most characters in the name of a person or an organisation.
pub const MAX_NAME: usize = 100;

/// How many lines a text may have.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Lines {
    One,
    Many,
}

/// Whether a character shows nothing itself, and may change how what is around it shows: zero-width
/// marks, controls of the writing direction, separators of lines that are no `\n`.
pub fn is_invisible(c: char) -> bool {
    matches!(c, '\u{ad}' | '\u{61c}' | '\u{180e}' | '\u{200b}'..='\u{200f}' | '\u{2028}'..='\u{202e}'
        | '\u{2060}'..='\u{2064}' | '\u{2066}'..='\u{206f}' | '\u{feff}' | '\u{fff9}'..='\u{fffb}' | '\u{e0000}'..='\u{e007f}')
}

/// Whether a character is [`is_invisible`] or a control character.
pub fn is_unseen(c: char) -> bool {
    is_invisible(c) || c.is_control()
}

/// The text as it is kept: no invisible marks, `\n` at the end of lines, no white space around.
pub fn tidied(text: &str) -> String {
    let lines = text.replace("\r\n", "\n").replace(['\r', '\u{2028}', '\u{2029}'], "\n");
    let visible: String = lines.chars().filter(|c| !is_invisible(*c)).collect();
    visible.trim().to_owned()
}

/// As [`tidied`], and blank text is none.
pub fn tidied_or_none(text: Option<String>) -> Option<String> {
    text.map(|text| tidied(&text)).filter(|text| !text.is_empty())
}

/// All that is wrong with a text of at most `max` characters.
pub fn faults(text: &str, max: usize, lines: Lines) -> Vec<Fault> {
    let mut faults = Vec::new();
    faults.extend(too_long(text, max));
    if text.contains('\0') {
        faults.push(nul());
    }
    let breaks = |c: char| matches!(c, '\n' | '\t');
    let control = |c: &char| c.is_control() && *c != '\0' && !(lines == Lines::Many && breaks(*c));
    if let Some((at, c)) = (1..).zip(text.chars()).find(|(_, c)| control(c)) {
        faults.push(if breaks(c) {
            Fault::new("line-break", format!("第 {at} 个字符是换行或制表符；此项只能写一行，请删掉它"))
        } else {
            let code = u32::from(c);
            Fault::new(
                "control-character",
                format!("第 {at} 个字符是控制字符 U+{code:04X}；请删掉它，或重新输入这一段"),
            )
        });
    }
    if let Some((at, c)) = (1..).zip(text.chars()).find(|(_, c)| is_invisible(*c)) {
        let code = u32::from(c);
        let reason = format!("第 {at} 个字符是看不见的标记 U+{code:04X}；请删掉它，或重新输入这一段");
        faults.push(Fault::new("invisible-character", reason));
    }
    faults
}

/// Text of a file without white space around it, or nothing where it is blank.
///
/// # Errors
/// Too long, or it holds NUL. Other control characters of old files are left as they are.
pub fn clean(mut text: String, max: usize) -> Result<Option<String>, Fault> {
    let trimmed = text.trim();
    if trimmed.is_empty() {
        return Ok(None);
    }
    if trimmed.contains('\0') {
        return Err(nul());
    }
    if let Some(fault) = too_long(trimmed, max) {
        return Err(fault);
    }
    if trimmed.len() < text.len() {
        text = trimmed.to_owned();
    }
    Ok(Some(text))
}

/// All that is wrong with the name of a person or an organisation.
pub fn name_faults(name: &str) -> Vec<Fault> {
    let mut faults = faults(name, MAX_NAME, Lines::One);
    if name.trim().is_empty() {
        faults.push(Fault::missing());
    } else if !name.chars().any(char::is_alphabetic) {
        faults.push(Fault::new("bad-name", format!("“{}”里没有文字；请写名称的全称", shown(name))));
    }
    faults
}

/// Full-width forms of ASCII as ASCII, for numbers, dates, codes and headers.
pub fn half_width(text: &str) -> String {
    text.chars().map(half_width_char).collect()
}

/// As [`half_width`], for one character.
pub fn half_width_char(c: char) -> char {
    match c {
        '\u{ff01}'..='\u{ff5e}' => char::from_u32(u32::from(c) - 0xfee0).unwrap_or(c),
        '\u{3000}' => ' ',
        _ => c,
    }
}

/// A name by which two writings of it are compared: half-width, lower case, letters and digits
/// only. `张·伟（Zhang Wei）` and `张伟 ZHANG WEI` are the same.
pub fn folded(name: &str) -> String {
    half_width(name).chars().filter(|c| c.is_alphanumeric()).flat_map(char::to_lowercase).collect()
}

/// A value as a message quotes it: its first 30 characters, on one line, with `\u{fffd}` for what is
/// not seen.
pub fn shown(text: &str) -> String {
    let mut chars = text.trim().chars();
    let mut short: String = chars.by_ref().take(30).map(|c| if is_unseen(c) { '\u{fffd}' } else { c }).collect();
    if chars.next().is_some() {
        short.push('…');
    }
    short
}

fn too_long(text: &str, max: usize) -> Option<Fault> {
    // Bytes bound characters from above, and are known without counting.
    let length = if text.len() <= max { text.len() } else { text.chars().count() };
    (length > max).then(|| Fault::new("too-long", format!("有 {length} 个字符，最多 {max} 个；请缩短")))
}

fn nul() -> Fault {
    Fault::new("nul", "含有空字符（NUL，\\0），通常是文件损坏；请删掉它")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn codes(text: &str, max: usize, lines: Lines) -> Vec<&'static str> {
        faults(text, max, lines).iter().map(|f| f.code).collect()
    }

    #[test]
    fn every_fault_of_a_text_is_found_at_once() {
        for (text, max, lines, expected) in [
            ("电池热失控", 5, Lines::One, &[][..]),
            ("电池热失控", 4, Lines::One, &["too-long"]),
            ("a\nb\tc", 9, Lines::Many, &[]),
            ("a\nb", 9, Lines::One, &["line-break"]),
            ("a\u{0}b", 9, Lines::Many, &["nul"]),
            ("a\u{7}b", 9, Lines::Many, &["control-character"]),
            ("a\u{85}b", 9, Lines::Many, &["control-character"]),
            ("a\u{202e}b", 9, Lines::Many, &["invisible-character"]),
            ("\u{0}\u{1}\u{200b}", 2, Lines::One, &["too-long", "nul", "control-character", "invisible-character"]),
        ] {
            assert_eq!(codes(text, max, lines), expected, "{text:?}");
        }
    }

    #[test]
    fn tidied_text_keeps_what_is_seen() {
        assert_eq!(tidied("\u{feff} 一行\r\n二\u{200b}行\r三行\u{202e} \n"), "一行\n二行\n三行");
        assert_eq!(tidied("一行\u{2028}二行"), "一行\n二行");
        assert_eq!(tidied("a\r\u{200b}\nb"), "a\n\nb", "a mark between is no part of a line's end");
        assert_eq!(shown("\u{202e}a\nb"), "\u{fffd}a\u{fffd}b");
        assert_eq!(tidied_or_none(Some(" \u{200b} ".to_owned())), None);
        assert_eq!(tidied("👩🏽‍🔬"), "👩🏽🔬", "joiners are marks too");
    }

    #[test]
    fn folded_names_compare_however_they_are_written() {
        for (a, b) in [("张·伟", "张伟"), ("Ａｎｎ Lee", "ann lee"), ("重庆示例（集团）公司", "重庆示例(集团)公司")]
        {
            assert_eq!(folded(a), folded(b));
        }
        assert_ne!(folded("张伟"), folded("张玮"));
    }

    #[test]
    fn names_hold_letters() {
        for (name, expected) in
            [("李某", &[][..]), ("", &["missing-value"]), ("—— 123", &["bad-name"]), ("李\n某", &["line-break"])]
        {
            assert_eq!(name_faults(name).iter().map(|f| f.code).collect::<Vec<_>>(), expected, "{name:?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn tidied_text_has_no_invisible_marks_and_stays_as_it_is(text in "\\PC*|[\\x00-\\x20a\u{200b}\u{202e}]*") {
            let once = tidied(&text);
            proptest::prop_assert!(!once.contains(is_invisible) && !once.contains('\r'));
            proptest::prop_assert_eq!(tidied(&once), once);
        }
    }
}
