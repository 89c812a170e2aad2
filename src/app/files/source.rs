//! Where the bytes of a file come from, a path or an upload, and what kind of file they are. The
//! readers of the formats see no difference.

use std::borrow::Cow;
use std::fs::File;
use std::io::{BufRead, BufReader, Read};
use std::path::{Path, PathBuf};

use super::Problem;
use super::error::FileError;
use super::limits::{LOCAL, Limits, UPLOAD};
use crate::domain::text::is_unseen;

/// A file as a browser sends it.
#[derive(Debug, Clone, Copy)]
pub struct Upload<'a> {
    /// Name as the sender gave it; its extension tells the format, the rest is for messages.
    pub name: &'a str,
    pub bytes: &'a [u8],
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Format {
    Jsonl,
    Json,
    Csv,
    Xlsx,
    Bibtex,
}

impl Format {
    /// The format that an extension names.
    pub(super) fn of(path: &Path) -> Option<Self> {
        let extension = path.extension()?.to_str()?.to_ascii_lowercase();
        match extension.as_str() {
            "jsonl" => Some(Self::Jsonl),
            "json" => Some(Self::Json),
            "csv" => Some(Self::Csv),
            "xlsx" => Some(Self::Xlsx),
            "bib" | "bibtex" => Some(Self::Bibtex),
            _ => None,
        }
    }

    fn extension(self) -> &'static str {
        match self {
            Self::Jsonl => ".jsonl",
            Self::Json => ".json",
            Self::Csv => ".csv",
            Self::Xlsx => ".xlsx",
            Self::Bibtex => ".bib",
        }
    }
}

/// How the kinds of file begin that people take for one of ours.
const MAGIC: [(&[u8], &str); 14] = [
    (b"PK\x03\x04", "ZIP 压缩包或 Office 文件"),
    (b"PK\x05\x06", "空的 ZIP 压缩包"),
    (OLE2, "旧的 Office 文件（.xls、.doc）"),
    (b"%PDF", "PDF 文件"),
    (b"\x89PNG", "PNG 图片"),
    (b"\xff\xd8\xff", "JPEG 图片"),
    (b"GIF8", "GIF 图片"),
    (b"\x1f\x8b", "gzip 压缩包"),
    (b"Rar!", "RAR 压缩包"),
    (b"7z\xbc\xaf\x27\x1c", "7z 压缩包"),
    (b"{\\rtf", "RTF 文档"),
    (b"\x7fELF", "程序文件"),
    (b"<!DOCTYPE", "网页或 XML 文件"),
    (b"<html", "网页"),
];

const OLE2: &[u8] = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1";

/// The directory entry of a workbook with a password, which is an OLE2 file around the workbook.
const ENCRYPTED: &str = "EncryptedPackage";

/// A file that is being read.
#[derive(Debug)]
pub(super) struct Source<'a> {
    /// For messages about the whole file.
    pub path: PathBuf,
    /// Name of the file without its folder, as reports give it.
    pub name: String,
    pub limits: Limits,
    /// The bytes, unless they are on disk at `path`.
    memory: Option<&'a [u8]>,
}

impl<'a> Source<'a> {
    pub(super) fn file(path: &Path) -> Self {
        let name = path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned();
        Self { path: path.to_owned(), name, limits: LOCAL, memory: None }
    }

    pub(super) fn upload(upload: Upload<'a>) -> Self {
        let name = upload.name.rsplit(['/', '\\']).next().unwrap_or_default();
        let name: String = name.chars().filter(|c| !is_unseen(*c)).collect();
        // The end of a long name says what kind of file it is.
        let name = name[name.char_indices().rev().nth(99).map_or(0, |(at, _)| at)..].to_owned();
        Self { path: PathBuf::from(&name), name, limits: UPLOAD, memory: Some(upload.bytes) }
    }

    /// The format, of those in `known`, that the extension names and the first bytes do not deny.
    ///
    /// # Errors
    /// Another extension; an unreadable file; the content of another kind of file.
    pub(super) fn format(&self, known: &[Format]) -> Result<Format, FileError> {
        let path = || self.path.clone();
        let format = Format::of(&self.path).filter(|format| known.contains(format)).ok_or_else(|| {
            let wanted: Vec<&str> = known.iter().map(|format| format.extension()).collect();
            FileError::UnknownExtension { path: path(), wanted: wanted.join("、") }
        })?;
        let mut head = Vec::new();
        self.reader()?.0.take(512).read_to_end(&mut head).map_err(|error| FileError::from_io(&self.path, error))?;
        let text = head.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&head).trim_ascii_start();
        let found = MAGIC.iter().find(|(magic, _)| {
            head.starts_with(magic) || text.get(..magic.len()).is_some_and(|start| start.eq_ignore_ascii_case(magic))
        });
        match (format, found) {
            (Format::Xlsx, Some((magic, _))) if magic.starts_with(b"PK") => Ok(format),
            (Format::Xlsx, Some((magic, _))) if *magic == OLE2 => Err(self.ole2()?),
            (Format::Xlsx, None) => {
                let detail = "内容不是 XLSX 的压缩包".to_owned();
                Err(FileError::NotXlsx { path: path(), detail })
            }
            (_, Some((_, found))) => Err(FileError::WrongContent { path: path(), found }),
            (_, None) => Ok(format),
        }
    }

    /// What to say about an OLE2 file that is called a workbook.
    fn ole2(&self) -> Result<FileError, FileError> {
        let name: Vec<u8> = ENCRYPTED.encode_utf16().flat_map(u16::to_le_bytes).collect();
        let path = self.path.clone();
        let encrypted = self.bytes()?.windows(name.len()).any(|window| window == name);
        Ok(if encrypted { FileError::Protected { path } } else { FileError::LegacyExcel { path } })
    }

    /// All bytes.
    ///
    /// # Errors
    /// An unreadable file, or more bytes than the limit; no more than that is read.
    pub(super) fn bytes(&self) -> Result<Cow<'a, [u8]>, FileError> {
        let limit = self.limits.bytes;
        let too_large = || FileError::TooLarge { path: self.path.clone(), limit };
        if let Some(bytes) = self.memory {
            return if bytes.len() as u64 > limit { Err(too_large()) } else { Ok(Cow::Borrowed(bytes)) };
        }
        let unreadable = |error| FileError::from_io(&self.path, error);
        let file = File::open(&self.path).map_err(unreadable)?;
        let mut bytes = Vec::new();
        file.take(limit + 1).read_to_end(&mut bytes).map_err(unreadable)?;
        if bytes.len() as u64 > limit { Err(too_large()) } else { Ok(Cow::Owned(bytes)) }
    }

    /// The bytes as a stream, and how many there are.
    ///
    /// # Errors
    /// An unreadable file, or an upload that is too large.
    pub(super) fn reader(&self) -> Result<(Box<dyn BufRead + 'a>, u64), FileError> {
        if self.memory.is_some() {
            let Cow::Borrowed(bytes) = self.bytes()? else { return Ok((Box::new(&[][..]), 0)) };
            return Ok((Box::new(bytes), bytes.len() as u64));
        }
        let unreadable = |error| FileError::from_io(&self.path, error);
        let file = File::open(&self.path).map_err(unreadable)?;
        let total = file.metadata().map_err(unreadable)?.len();
        Ok((Box::new(BufReader::with_capacity(1 << 16, file)), total))
    }

    /// Whether there is room for so many short texts as were read.
    ///
    /// # Errors
    /// There are too many.
    pub(super) fn room_for(&self, parts: usize) -> Result<(), FileError> {
        if parts <= self.limits.parts {
            return Ok(());
        }
        let detail = format!("成果和关键词等合计超过 {} 项", self.limits.parts);
        Err(FileError::TooLargeInside { path: self.path.clone(), detail })
    }

    /// Whether reading may go on after `rows` rows, of which the last stands at `row`.
    ///
    /// # Errors
    /// Too many rows, or so many problems that this is not the file that was meant.
    pub(super) fn go_on(&self, rows: usize, row: usize, problems: &[Problem]) -> Result<(), FileError> {
        let path = || self.path.clone();
        let Limits { rows: most, problems: worst, .. } = self.limits;
        if rows > most {
            return Err(FileError::TooManyRows { path: path(), limit: most });
        }
        match problems.first() {
            Some(first) if problems.len() > worst => {
                Err(FileError::TooManyProblems { path: path(), row, limit: worst, first: first.to_string() })
            }
            _ => Ok(()),
        }
    }
}
