//! What kind of file some bytes are. The name only has to agree: who sends a program named
//! `report.pdf` is refused, and so is a picture by that name.

use std::io::Cursor;

use zip::ZipArchive;

use crate::domain::Fault;
use crate::domain::text::shown;

/// Parts of an Office file, at most: each costs memory before anything of it is known.
const PARTS: usize = 10_000;
/// The signature of an entry of a ZIP's table of contents.
const ENTRY: &[u8] = b"PK\x01\x02";

/// The kinds that a need may have attached.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum FileKind {
    Pdf,
    Docx,
    Xlsx,
    Pptx,
    Png,
    Jpeg,
    /// Plain text in UTF-8.
    Text,
    /// A table as text in UTF-8.
    Csv,
}

impl FileKind {
    const ALLOWED: &str = "PDF、Word（docx）、Excel（xlsx）、PowerPoint（pptx）、PNG、JPG、UTF-8 编码的 TXT 和 CSV";

    pub const fn media_type(self) -> &'static str {
        match self {
            Self::Pdf => "application/pdf",
            Self::Docx => "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
            Self::Xlsx => "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            Self::Pptx => "application/vnd.openxmlformats-officedocument.presentationml.presentation",
            Self::Png => "image/png",
            Self::Jpeg => "image/jpeg",
            Self::Text => "text/plain; charset=utf-8",
            Self::Csv => "text/csv; charset=utf-8",
        }
    }

    /// Endings of names, the usual one first.
    pub const fn endings(self) -> &'static [&'static str] {
        match self {
            Self::Pdf => &["pdf"],
            Self::Docx => &["docx"],
            Self::Xlsx => &["xlsx"],
            Self::Pptx => &["pptx"],
            Self::Png => &["png"],
            Self::Jpeg => &["jpg", "jpeg"],
            Self::Text => &["txt"],
            Self::Csv => &["csv"],
        }
    }

    /// The kind of a file by what it holds. Text is a table if its name says so.
    ///
    /// # Errors
    /// `empty-file`, `bad-file`, `macros`, `not-utf-8`, `unknown-kind` and `kind-differs`.
    pub fn of(content: &[u8], name: &str) -> Result<Self, Fault> {
        let ending = ending(name);
        let kind = match content {
            [] => return Err(Fault::new("empty-file", "文件是空的；请检查后重新上传")),
            [b'%', b'P', b'D', b'F', b'-', ..] => Self::Pdf,
            [0x89, b'P', b'N', b'G', 0x0d, 0x0a, 0x1a, 0x0a, ..] => Self::Png,
            [0xff, 0xd8, 0xff, ..] => Self::Jpeg,
            [b'P', b'K', 3, 4, ..] => office(content)?,
            _ => text(content, ending.as_deref())?,
        };
        match ending {
            Some(ending) if !kind.endings().contains(&ending.as_str()) => {
                let (real, claimed) = (kind.endings()[0], shown(&ending));
                let reason = format!("文件名以 .{claimed} 结尾，内容却是 {real}；请核对文件，或改正文件名");
                Err(Fault::new("kind-differs", reason))
            }
            _ => Ok(kind),
        }
    }
}

/// What follows the last dot of a name, in lower case.
pub(super) fn ending(name: &str) -> Option<String> {
    let (stem, ending) = name.trim().rsplit_once('.')?;
    let plausible = !stem.is_empty() && (1..=10).contains(&ending.len());
    (plausible && ending.bytes().all(|b| b.is_ascii_alphanumeric())).then(|| ending.to_ascii_lowercase())
}

fn unknown() -> Fault {
    Fault::new("unknown-kind", format!("不支持这种文件；可以上传 {}", FileKind::ALLOWED))
}

/// Office Open XML is a ZIP with certain parts (ECMA-376); only their names are looked at.
fn office(content: &[u8]) -> Result<FileKind, Fault> {
    let broken = || Fault::new("bad-file", "文件已损坏或不完整；请用 Office 打开检查，另存后再上传");
    if content.windows(ENTRY.len()).filter(|window| *window == ENTRY).count() > PARTS {
        return Err(broken());
    }
    let package = ZipArchive::new(Cursor::new(content)).map_err(|_| broken())?;
    let names: Vec<String> =
        package.file_names_raw().map(|name| String::from_utf8_lossy(name).to_ascii_lowercase()).collect();
    let has = |name: &str| names.iter().any(|n| n == name);
    if names.iter().any(|name| name.ends_with("vbaproject.bin")) {
        return Err(Fault::new("macros", "文件里有宏程序；请另存为不带宏的 docx、xlsx 或 pptx 再上传"));
    }
    let main = [
        ("word/document.xml", FileKind::Docx),
        ("xl/workbook.xml", FileKind::Xlsx),
        ("ppt/presentation.xml", FileKind::Pptx),
    ];
    let mut kinds = main.iter().filter(|(part, _)| has(part)).map(|(_, kind)| *kind);
    match (has("[content_types].xml"), kinds.next(), kinds.next()) {
        (true, Some(kind), None) => Ok(kind),
        _ => Err(unknown()),
    }
}

fn text(content: &[u8], ending: Option<&str>) -> Result<FileKind, Fault> {
    let claims_text = matches!(ending, Some("txt" | "csv"));
    let Ok(text) = std::str::from_utf8(content) else {
        let reason = "文字文件不是 UTF-8 编码；请用记事本另存为 UTF-8 再上传";
        return Err(if claims_text { Fault::new("not-utf-8", reason) } else { unknown() });
    };
    if text.contains(|c: char| c.is_control() && !matches!(c, '\n' | '\r' | '\t' | '\u{c}')) {
        return Err(unknown());
    }
    match ending {
        Some("csv") => Ok(FileKind::Csv),
        None | Some("txt") => Ok(FileKind::Text),
        // Nothing tells a broken PDF, a page or a script from prose but its name.
        Some(_) => Err(unknown()),
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;

    use zip::ZipWriter;
    use zip::write::SimpleFileOptions;

    use super::*;

    fn package(parts: &[&str]) -> Vec<u8> {
        let mut zip = ZipWriter::new(Cursor::new(Vec::new()));
        let options = SimpleFileOptions::default().compression_method(zip::CompressionMethod::Stored);
        for part in parts {
            zip.start_file(*part, options).unwrap();
            zip.write_all(b"<x/>").unwrap();
        }
        zip.finish().unwrap().into_inner()
    }

    #[test]
    fn a_file_is_what_it_holds() {
        let office = |part| package(&["[Content_Types].xml", part]);
        let good: &[(&str, Vec<u8>, FileKind)] = &[
            ("a.pdf", b"%PDF-1.7\n".to_vec(), FileKind::Pdf),
            ("a.PNG", b"\x89PNG\r\n\x1a\n..".to_vec(), FileKind::Png),
            ("a.jpeg", b"\xff\xd8\xff\xe0".to_vec(), FileKind::Jpeg),
            ("图", b"\xff\xd8\xff\xe0".to_vec(), FileKind::Jpeg),
            ("a.docx", office("word/document.xml"), FileKind::Docx),
            ("a.xlsx", office("xl/workbook.xml"), FileKind::Xlsx),
            ("a.pptx", office("ppt/presentation.xml"), FileKind::Pptx),
            ("a.txt", "\u{feff}说明\r\n\t🙂".into(), FileKind::Text),
            ("说明", "说明".into(), FileKind::Text),
            ("第3.2节 说明", "说明".into(), FileKind::Text),
            ("a.csv", "指标,值\n".into(), FileKind::Csv),
        ];
        for (name, content, kind) in good {
            assert_eq!(FileKind::of(content, name), Ok(*kind), "{name}");
        }
    }

    #[test]
    fn a_file_that_lies_or_is_of_no_use_is_refused() {
        let both = package(&["[Content_Types].xml", "word/document.xml", "xl/workbook.xml"]);
        let macros = package(&["[Content_Types].xml", "word/document.xml", "word/vbaProject.bin"]);
        let whole = package(&["[Content_Types].xml", "word/document.xml"]);
        let cases: &[(&str, &[u8], &str)] = &[
            ("a.pdf", b"", "empty-file"),
            ("a.pdf", b"MZ\x90\0", "unknown-kind"),
            ("a.pdf", b"\x89PNG\r\n\x1a\n", "kind-differs"),
            ("a.exe", b"%PDF-1.7", "kind-differs"),
            ("a.pdf", b"<html><script>alert(1)</script>", "unknown-kind"),
            ("a.html", b"<html>", "unknown-kind"),
            ("a.svg", b"<svg xmlns='http://www.w3.org/2000/svg'/>", "unknown-kind"),
            ("a.docx", &package(&["readme.txt"]), "unknown-kind"),
            ("a.docx", &package(&["word/document.xml"]), "unknown-kind"),
            ("a.docx", &both, "unknown-kind"),
            ("a.docx", &macros, "macros"),
            ("a.xlsx", &whole, "kind-differs"),
            ("a.docx", &whole[..whole.len() - 30], "bad-file"),
            ("a.docx", b"PK\x03\x04", "bad-file"),
            ("a.txt", b"\xb2\xe2\xca\xd4", "not-utf-8"),
            ("a.txt", b"a\0b", "unknown-kind"),
            ("a.txt", b"%PDF-1.4", "kind-differs"),
        ];
        for (name, content, code) in cases {
            assert_eq!(FileKind::of(content, name).map_err(|f| f.code), Err(*code), "{name} {content:?}");
        }
    }

    proptest::proptest! {
        #[test]
        fn no_bytes_panic(start in 0..4_usize, rest: Vec<u8>, name in "\\PC{0,20}") {
            let magic: [&[u8]; 4] = [b"", b"PK\x03\x04", b"%PDF-", b"PK\x05\x06"];
            let _ = FileKind::of(&[magic[start], &rest].concat(), &name);
        }
    }
}
