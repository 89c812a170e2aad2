//! Text of BibTeX values as plain text: accents, special letters, Greek, braces and commands of
//! LaTeX. What is not known loses its backslash and keeps its argument.

use unicode_normalization::char::compose;

use crate::domain::text::tidied;

/// Accents by their command: the mark that combines with the letter before it.
const ACCENTS: [(&str, char); 15] = [
    ("`", '\u{300}'),
    ("'", '\u{301}'),
    ("^", '\u{302}'),
    ("~", '\u{303}'),
    ("=", '\u{304}'),
    ("u", '\u{306}'),
    (".", '\u{307}'),
    ("\"", '\u{308}'),
    ("r", '\u{30a}'),
    ("H", '\u{30b}'),
    ("v", '\u{30c}'),
    ("d", '\u{323}'),
    ("c", '\u{327}'),
    ("k", '\u{328}'),
    ("b", '\u{331}'),
];

/// Commands that stand for a letter or a sign.
const LETTERS: [(&str, &str); 82] = [
    ("ss", "ß"),
    ("ae", "æ"),
    ("AE", "Æ"),
    ("oe", "œ"),
    ("OE", "Œ"),
    ("aa", "å"),
    ("AA", "Å"),
    ("o", "ø"),
    ("O", "Ø"),
    ("l", "ł"),
    ("L", "Ł"),
    ("i", "i"),
    ("j", "j"),
    ("dh", "ð"),
    ("DH", "Ð"),
    ("th", "þ"),
    ("TH", "Þ"),
    ("dj", "đ"),
    ("DJ", "Đ"),
    ("ng", "ŋ"),
    ("NG", "Ŋ"),
    ("S", "§"),
    ("P", "¶"),
    ("textendash", "–"),
    ("textemdash", "—"),
    ("textquoteleft", "‘"),
    ("textquoteright", "’"),
    ("textquotedblleft", "“"),
    ("textquotedblright", "”"),
    ("textbackslash", "\\"),
    ("textasciitilde", "~"),
    ("textasciicircum", "^"),
    ("textless", "<"),
    ("textgreater", ">"),
    ("textdegree", "°"),
    ("degree", "°"),
    ("textmu", "µ"),
    ("texttimes", "×"),
    ("textregistered", "®"),
    ("texttrademark", "™"),
    ("copyright", "©"),
    ("ldots", "…"),
    ("dots", "…"),
    ("textellipsis", "…"),
    ("times", "×"),
    ("cdot", "·"),
    ("pm", "±"),
    ("leq", "≤"),
    ("le", "≤"),
    ("geq", "≥"),
    ("ge", "≥"),
    ("neq", "≠"),
    ("approx", "≈"),
    ("sim", "∼"),
    ("infty", "∞"),
    ("circ", "°"),
    ("rightarrow", "→"),
    ("to", "→"),
    ("alpha", "α"),
    ("beta", "β"),
    ("gamma", "γ"),
    ("Gamma", "Γ"),
    ("delta", "δ"),
    ("Delta", "Δ"),
    ("epsilon", "ε"),
    ("varepsilon", "ε"),
    ("zeta", "ζ"),
    ("eta", "η"),
    ("theta", "θ"),
    ("kappa", "κ"),
    ("lambda", "λ"),
    ("Lambda", "Λ"),
    ("mu", "μ"),
    ("nu", "ν"),
    ("pi", "π"),
    ("rho", "ρ"),
    ("sigma", "σ"),
    ("Sigma", "Σ"),
    ("tau", "τ"),
    ("phi", "φ"),
    ("omega", "ω"),
    ("Omega", "Ω"),
];

/// A value as plain text on one line.
pub(super) fn plain(value: &str) -> String {
    let mut out = String::with_capacity(value.len());
    let mut rest = value;
    let mut math = false;
    while let Some(c) = rest.chars().next() {
        rest = &rest[c.len_utf8()..];
        match c {
            '\\' if rest.starts_with(['(', '[', ')', ']']) => {
                math = rest.starts_with(['(', '[']);
                rest = &rest[1..];
            }
            '\\' => rest = command(rest, &mut out),
            '{' | '}' => {}
            '$' => math = !math,
            '^' | '_' if math => {}
            '~' => out.push(' '),
            '-' if !math && rest.starts_with("--") => rest = put(rest, 2, "—", &mut out),
            '-' if !math && rest.starts_with('-') => rest = put(rest, 1, "–", &mut out),
            '`' if rest.starts_with('`') => rest = put(rest, 1, "“", &mut out),
            '\'' if rest.starts_with('\'') => rest = put(rest, 1, "”", &mut out),
            _ if c.is_control() && c != '\0' && !c.is_whitespace() => {}
            _ => out.push(c),
        }
    }
    tidied(&out).split_whitespace().collect::<Vec<_>>().join(" ")
}

/// Writes a sign and skips the rest of what it stood for.
fn put<'a>(rest: &'a str, skip: usize, sign: &str, out: &mut String) -> &'a str {
    out.push_str(sign);
    &rest[skip..]
}

/// Writes what the command stands for whose name begins `rest`, and gives what follows it.
fn command<'a>(rest: &'a str, out: &mut String) -> &'a str {
    let letters = rest.find(|c: char| !c.is_ascii_alphabetic()).unwrap_or(rest.len());
    // A command is a word of letters, or one other sign.
    let length = if letters > 0 { letters } else { rest.chars().next().map_or(0, char::len_utf8) };
    let (name, after) = rest.split_at(length);
    if let Some((_, mark)) = ACCENTS.iter().find(|(accent, _)| *accent == name) {
        return accent(after, *mark, out);
    }
    if letters > 0 {
        if let Some((_, text)) = LETTERS.iter().find(|(letter, _)| *letter == name) {
            out.push_str(text);
        }
        // White space after a word only ends it; a word that is not known stands apart.
        return after.trim_start();
    }
    match name {
        "&" | "%" | "_" | "#" | "$" | "{" | "}" => out.push_str(name),
        "-" | "/" | "" => {}
        _ => out.push(' '),
    }
    after
}

/// Writes the letter that follows, in braces or not, with an accent.
fn accent<'a>(after: &'a str, mark: char, out: &mut String) -> &'a str {
    let mut rest = after.trim_start();
    while let Some(inner) = rest.strip_prefix('{') {
        rest = inner.trim_start();
    }
    // An i or j under an accent is written without its dot.
    for dotless in ["\\i", "\\j"] {
        match rest.strip_prefix(dotless) {
            Some(after) if !after.starts_with(|c: char| c.is_ascii_alphabetic()) => rest = &rest[1..],
            _ => {}
        }
    }
    match rest.chars().next() {
        Some(base) if base.is_alphabetic() => {
            match compose(base, mark) {
                Some(letter) => out.push(letter),
                None => out.extend([base, mark]),
            }
            &rest[base.len_utf8()..]
        }
        _ => rest,
    }
}
