//! Workbooks made to cost more than they show: each is refused with a message, and reading it never
//! takes gigabytes.

use std::io::{Cursor, Read, Write};

use zip::write::SimpleFileOptions;
use zip::{CompressionMethod, ZipArchive, ZipWriter};

use zhihui::app::files::read_uploaded_talents;

use super::uploads::{peak, upload};
use super::{TALENTS_EN, workbook};

/// The parts of a good workbook, changed or added to by `edit`.
fn package(edit: impl FnOnce(&mut Vec<(String, Vec<u8>)>)) -> Vec<u8> {
    let good = workbook(&[("talents", TALENTS_EN)]);
    let mut from = ZipArchive::new(Cursor::new(good)).expect("workbook");
    let mut parts: Vec<(String, Vec<u8>)> = (0..from.len())
        .map(|index| {
            let mut part = from.by_index(index).expect("part");
            let mut bytes = Vec::new();
            part.read_to_end(&mut bytes).expect("bytes");
            (part.name().expect("name").into_owned(), bytes)
        })
        .collect();
    edit(&mut parts);
    zipped(&parts)
}

fn zipped(parts: &[(String, Vec<u8>)]) -> Vec<u8> {
    let mut to = ZipWriter::new(Cursor::new(Vec::new()));
    let options =
        SimpleFileOptions::default().compression_method(CompressionMethod::Deflated).compression_level(Some(6));
    for (name, bytes) in parts {
        to.start_file(name, options).expect("part");
        to.write_all(bytes).expect("written");
    }
    to.finish().expect("workbook").into_inner()
}

/// A workbook whose part with this name was changed.
fn edited(part: &str, edit: impl FnOnce(String) -> String) -> Vec<u8> {
    package(|parts| {
        let (_, bytes) = parts.iter_mut().find(|(name, _)| name.ends_with(part)).expect("part");
        *bytes = edit(String::from_utf8(std::mem::take(bytes)).expect("XML")).into_bytes();
    })
}

fn padded(xml: String, bytes: usize) -> String {
    xml.replacen("<sheetData>", &format!("{}<sheetData>", " ".repeat(bytes)), 1)
}

/// Code and message of a workbook that must be refused.
fn refusal(bytes: &[u8]) -> (&'static str, String) {
    let error = read_uploaded_talents(upload("bomb.xlsx", bytes), None, &mut |_, _| {}).expect_err("a bomb");
    (error.code(), error.to_string())
}

#[test]
fn a_sheet_of_blanks_is_refused_by_its_ratio_and_by_its_size() {
    let (code, message) = refusal(&edited("sheet1.xml", |xml| padded(xml, 8 << 20)));
    assert_eq!(code, "content-too-large");
    assert!(message.contains("压缩比"), "{message}");
    let bomb = edited("sheet1.xml", |xml| padded(xml, 150 << 20));
    assert!(bomb.len() < 2 << 20, "{} bytes", bomb.len());
    let (code, message) = refusal(&bomb);
    assert_eq!(code, "content-too-large");
    assert!(message.contains("一个部件超过 128 MB"), "{message}");
    let small = edited("sheet1.xml", |xml| padded(xml, 1 << 20));
    assert_eq!(read_uploaded_talents(upload("a.xlsx", &small), None, &mut |_, _| {}).expect("usable").rows.len(), 2);
    assert!(peak() < 900, "{} MiB", peak());
}

#[test]
fn sizes_in_the_headers_are_not_believed() {
    let long = 140usize << 20;
    let mut bomb = edited("sheet1.xml", |xml| padded(xml, long));
    let sheet =
        ZipArchive::new(Cursor::new(&bomb)).expect("zip").by_name("xl/worksheets/sheet1.xml").expect("part").size();
    let (truth, lie) = ((sheet as u32).to_le_bytes(), 999u32.to_le_bytes());
    let places: Vec<usize> = bomb.windows(4).enumerate().filter(|(_, w)| *w == truth).map(|(at, _)| at).collect();
    assert!(!places.is_empty());
    for at in places {
        bomb[at..at + 4].copy_from_slice(&lie);
    }
    let (code, message) = refusal(&bomb);
    assert!(matches!(code, "content-too-large" | "bad-workbook"), "{message}");
    assert!(peak() < 900, "{} MiB", peak());
}

#[test]
fn counts_in_the_parts_are_not_believed() {
    let strings: String =
        (0..1_000_001u32).map(|n| format!("<si><t>{}</t></si>", n.wrapping_mul(2_654_435_761))).collect();
    let cases: [(Vec<u8>, &str); 7] = [
        (edited("sharedStrings.xml", |xml| xml.replace("uniqueCount=\"", "uniqueCount=\"9999999")), "共享文字"),
        (
            edited("sharedStrings.xml", |xml| {
                xml.replace("uniqueCount=\"", "uniqueCount='99999999999999999999999' x=\"")
            }),
            "共享文字",
        ),
        (edited("sharedStrings.xml", |xml| xml.replace("</sst>", &strings)), "共享文字"),
        (
            edited("styles.xml", |xml| xml.replace("</cellXfs>", &format!("{}</cellXfs>", "<xf/>".repeat(140_000)))),
            "单元格格式",
        ),
        (
            edited("styles.xml", |xml| xml.replacen("val=\"Calibri\"", &format!("val=\"{}\"", "x".repeat(3 << 20)), 1)),
            "标签",
        ),
        (
            edited("workbook.xml", |xml| {
                xml.replace("</sheets>", &format!("{}</sheets>", "<sheet name=\"a\" r:id=\"rId1\"/>".repeat(1_001)))
            }),
            "工作表",
        ),
        (
            edited("workbook.xml.rels", |xml| {
                xml.replacen("Target=\"", &format!("Target=\"{}", "x".repeat(1 << 20)), 1)
            }),
            "标签",
        ),
    ];
    for (bomb, what) in cases {
        let (code, message) = refusal(&bomb);
        assert_eq!(code, "content-too-large", "{what}: {message}");
        assert!(message.contains(what), "{message}");
    }
    assert!(peak() < 900, "{} MiB", peak());
}

#[test]
fn one_long_string_in_every_cell_is_refused() {
    let cells: String =
        (4..400).map(|row| format!("<row r=\"{row}\"><c r=\"C{row}\" t=\"s\"><v>0</v></c></row>")).collect();
    let bomb = |length: usize| {
        package(|parts| {
            for (name, bytes) in parts {
                let xml = String::from_utf8(bytes.clone()).expect("XML");
                if name.ends_with("sharedStrings.xml") {
                    *bytes = xml
                        .replacen("<t>id</t>", &format!("<t>id</t></si><si><t>{}</t>", "长".repeat(length / 3)), 1)
                        .into_bytes();
                } else if name.ends_with("sheet1.xml") {
                    // The long string comes second: all after the first move by one.
                    let moved = (0..60).rev().fold(xml, |xml, n| match n {
                        0 => xml,
                        _ => xml.replace(&format!("<v>{n}</v>"), &format!("<v>{}</v>", n + 1)),
                    });
                    *bytes = moved
                        .replace("</sheetData>", &format!("{}</sheetData>", cells.replace("<v>0<", "<v>1<")))
                        .into_bytes();
                }
            }
        })
    };
    let (code, message) = refusal(&bomb(900_000));
    assert_eq!(code, "content-too-large");
    assert!(message.contains("文字合计"), "{message}");
    // One that is too long for a cell is a matter of its row.
    let long = read_uploaded_talents(upload("a.xlsx", &bomb(2 << 20)), None, &mut |_, _| {}).expect("usable");
    assert_eq!((long.rows.len(), long.problems.len(), long.problems[0].code), (2, 396, "too-long"));
    assert!(peak() < 900, "{} MiB", peak());
}

#[test]
fn crowded_nested_and_broken_packages_are_refused() {
    let crowded = package(|parts| parts.extend((0..2_001).map(|n| (format!("xl/media/{n}.png"), vec![]))));
    assert_eq!(refusal(&crowded).0, "content-too-large");
    // Each part is allowed by itself, and so is its ratio.
    let part = [noise(1_200_000), vec![b' '; 100 << 20]].concat();
    let many = package(|parts| parts.extend((0..2).map(|n| (format!("xl/media/{n}.bin"), part.clone()))));
    assert!(refusal(&many).1.contains("合计超过 192 MB"));
    let inner = workbook(&[("talents", TALENTS_EN)]);
    let nested = zipped(&[("xl/workbook.xml".into(), inner.clone()), ("_rels/.rels".into(), inner.clone())]);
    for broken in [&nested[..], &zipped(&[]), b"PK\x03\x04", &inner[..inner.len() - 30], &inner[4..]] {
        assert_eq!(refusal(broken).0, "bad-workbook");
    }
}

/// Bytes that do not compress.
fn noise(length: usize) -> Vec<u8> {
    let mut state = 1u64;
    let mut next = || {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        state.to_le_bytes()
    };
    (0..length / 8).flat_map(|_| next()).collect()
}
