//! The ZIP package of a workbook, weighed before the reader of workbooks unpacks it: that one
//! trusts counts and sizes that the file states, and copies texts without a bound. Here every
//! part is really inflated once, into nothing, and its tags are counted. The bytes stand in
//! memory, so what was weighed is what is read.

use std::io::{BufRead, BufReader, Cursor, Read, sink};
use std::path::Path;

use quick_xml::Reader;
use quick_xml::events::{BytesStart, Event};
use zip::ZipArchive;

use super::error::FileError;
use super::limits::workbook::{
    ALL_BYTES, PART_BYTES, PARTS, RATIO, RATIO_FROM, RELATION_TAG, SHARED_STRINGS, SHEETS, STYLE_TAG, STYLES,
};

/// The signature of an entry of a ZIP's table of contents.
const ENTRY: &[u8] = b"PK\x01\x02";

/// Refuses a package that would cost too much to read.
///
/// # Errors
/// No usable ZIP, or one that holds too much.
pub(super) fn weigh(path: &Path, bytes: &[u8]) -> Result<(), FileError> {
    let broken = |detail: String| FileError::NotXlsx { path: path.to_owned(), detail };
    let too_large = |detail: String| FileError::TooLargeInside { path: path.to_owned(), detail };
    // Before the table of contents is parsed: each entry of 50 bytes becomes several hundred.
    if bytes.windows(ENTRY.len()).filter(|window| *window == ENTRY).count() > PARTS {
        return Err(too_large(format!("超过 {PARTS} 个部件")));
    }
    let mut package = ZipArchive::new(Cursor::new(bytes)).map_err(|error| broken(error.to_string()))?;
    let mut census = Census::default();
    let mut all = 0;
    for index in 0..package.len() {
        let part = package.by_index(index).map_err(|error| broken(error.to_string()))?;
        let name = part.name().map(|name| name.to_ascii_lowercase()).unwrap_or_default();
        let packed = part.compressed_size();
        let most = PART_BYTES.min(ALL_BYTES - all);
        // One byte more than allowed shows that there is more, whatever the headers say.
        let inflated = std::io::copy(&mut part.take(most + 1), &mut sink()).map_err(|e| broken(e.to_string()))?;
        if inflated > most {
            return Err(too_large(format!("一个部件超过 {} MB 或合计超过 {} MB", PART_BYTES >> 20, ALL_BYTES >> 20)));
        }
        // The size that a header states may be a lie: no part is longer than the whole file.
        let packed = packed.clamp(1, bytes.len() as u64);
        if inflated > RATIO_FROM && inflated / packed > RATIO {
            return Err(too_large(format!("压缩比超过 {RATIO} 倍")));
        }
        all += inflated;
        let part = package.by_index(index).map_err(|error| broken(error.to_string()))?;
        census.count(&name, BufReader::new(part)).map_err(too_large)?;
    }
    Ok(())
}

/// What the parts of a workbook hold of the things that its reader keeps.
#[derive(Debug, Default)]
struct Census {
    strings: u64,
    styles: usize,
    sheets: usize,
}

impl Census {
    /// Counts the tags of a part, as far as it is XML: the reader of workbooks stops where this
    /// one does. Which part serves as what is for the file to say, so all are counted alike.
    fn count(&mut self, name: &str, part: impl BufRead) -> Result<(), String> {
        let longest = match name {
            _ if name.ends_with("styles.xml") => STYLE_TAG,
            _ if name.ends_with(".rels") => RELATION_TAG,
            _ => usize::MAX,
        };
        let mut xml = Reader::from_reader(part);
        let config = xml.config_mut();
        config.check_end_names = false;
        config.expand_empty_elements = true;
        let mut event = Vec::new();
        loop {
            event.clear();
            match xml.read_event_into(&mut event) {
                Ok(Event::Start(tag)) if tag.attributes_raw().len() > longest => {
                    return Err(format!("格式或关系里有超过 {longest} 字节的标签"));
                }
                Ok(Event::Start(tag)) => self.tag(&tag)?,
                Ok(Event::Eof) | Err(_) => return Ok(()),
                Ok(_) => {}
            }
        }
    }

    fn tag(&mut self, tag: &BytesStart<'_>) -> Result<(), String> {
        match tag.local_name().as_ref() {
            "si" => self.strings += 1,
            // The reader makes room for as many strings as the file says there will be.
            "sst" if stated(tag.attributes_raw()) > SHARED_STRINGS => self.strings = SHARED_STRINGS + 1,
            "xf" => self.styles += 1,
            "sheet" => self.sheets += 1,
            _ => return Ok(()),
        }
        if self.strings > SHARED_STRINGS {
            return Err(format!("超过 {SHARED_STRINGS} 条共享文字"));
        }
        if self.styles > STYLES {
            return Err(format!("超过 {STYLES} 种单元格格式"));
        }
        if self.sheets > SHEETS {
            return Err(format!("超过 {SHEETS} 个工作表"));
        }
        Ok(())
    }
}

/// How many different strings a tag says there are. However the attribute is written, its number
/// follows its name; a number that does not fit is the largest.
fn stated(tag: &str) -> u64 {
    let numbers = tag.split("uniqueCount").skip(1).map(|rest| {
        let digits = rest.trim_start_matches(|c: char| !c.is_ascii_digit());
        let digits = digits.split(|c: char| !c.is_ascii_digit()).next().unwrap_or_default();
        if digits.is_empty() { 0 } else { digits.parse().unwrap_or(u64::MAX) }
    });
    numbers.max().unwrap_or_default()
}
