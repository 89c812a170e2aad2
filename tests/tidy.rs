//! The shape of the code: which way dependencies run, what every file says of itself, how long
//! files may get.

use std::path::{Path, PathBuf};

/// A file longer than this has more than one subject.
const MAX_LINES: usize = 500;

/// What pure code does not touch: the world outside, and the layers above it.
const IMPURE: &[&str] = &[
    "crate::app",
    "crate::store",
    "crate::web",
    "tokio",
    "sqlx",
    "axum",
    "std::fs",
    "std::time",
    "std::env",
    "std::net",
];

/// Folders, and what no file in them may name.
const FORBIDDEN: &[(&str, &[&str])] = &[
    ("src/domain", IMPURE),
    ("src/domain", &["crate::matching", "zhihui_index"]),
    ("src/matching", IMPURE),
    ("src/store", &["crate::app", "crate::web", "crate::matching", "axum", "zhihui_index"]),
    ("src/app", &["crate::web", "axum", "sqlx"]),
    ("src/web", &["sqlx"]),
    ("index/src", &["zhihui::", "sqlx", "axum", "tokio"]),
];

fn rust_files(folder: &Path, files: &mut Vec<PathBuf>) {
    for entry in std::fs::read_dir(folder).unwrap().map(|e| e.unwrap().path()) {
        if entry.is_dir() {
            rust_files(&entry, files);
        } else if entry.extension().is_some_and(|e| e == "rs") {
            files.push(entry);
        }
    }
}

fn sources(folder: &str) -> Vec<(PathBuf, String)> {
    let mut files = Vec::new();
    rust_files(Path::new(folder), &mut files);
    assert!(!files.is_empty(), "{folder}");
    files.into_iter().map(|f| (f.clone(), std::fs::read_to_string(f).unwrap())).collect()
}

/// Whether code, not a comment, names `what` as a whole path.
fn names(source: &str, what: &str) -> bool {
    let is_word = |c: char| c.is_alphanumeric() || c == '_';
    source.lines().filter(|l| !l.trim_start().starts_with("//")).any(|line| {
        line.match_indices(what).any(|(at, _)| {
            let (before, after) = (&line[..at], &line[at + what.len()..]);
            !before.ends_with(is_word) && (what.ends_with(':') || !after.starts_with(is_word))
        })
    })
}

#[test]
fn dependencies_run_one_way() {
    for (folder, forbidden) in FORBIDDEN {
        for (file, source) in sources(folder) {
            for name in *forbidden {
                assert!(!names(&source, name), "{} must not use {name}", file.display());
            }
        }
    }
}

#[test]
fn the_check_sees_paths_and_not_comments_or_longer_names() {
    assert!(names("use std::fs;\n", "std::fs"));
    assert!(names("    let x = zhihui::app::run();\n", "zhihui::"));
    assert!(!names("/// like std::fs\n", "std::fs"));
    assert!(!names("use std::fs_extra;\n", "std::fs"));
}

#[test]
fn every_file_says_what_it_is_for_and_is_of_one_subject() {
    for folder in ["src", "index/src", "tests", "index/tests"] {
        for (file, source) in sources(folder) {
            assert!(source.starts_with("//! "), "{} begins without a module doc", file.display());
            let lines = source.lines().count();
            assert!(lines <= MAX_LINES, "{} has {lines} lines, over {MAX_LINES}", file.display());
        }
    }
}
