//! How much is taken from one file, and why no more: an upload is written by a stranger, and what
//! it costs to read must be bounded by what the reader allows, not by what the file says.

pub(super) use crate::domain::talent_check::{MAX_EVIDENCE as MAX_CHILDREN, MAX_ITEMS};

/// Most bytes of an upload: 10,000 talents with their evidence are some 50 MB of JSONL.
pub const MAX_UPLOAD: u64 = 64 << 20;

/// Bounds that differ between a stranger's upload and a file that the operator names.
#[derive(Debug, Clone, Copy)]
pub(super) struct Limits {
    /// Bytes of a file that is held in memory; JSON lines from disk are streamed.
    pub bytes: u64,
    /// Rows, lines or entries.
    pub rows: usize,
    /// Short texts in lists, evidence counted as [`PIECE`] of them: `a;a;a` takes twenty times its
    /// size in memory.
    pub parts: usize,
    /// Problems that are worth reporting: a file with more is not the one that was meant.
    pub problems: usize,
}

/// An upload: what a person can prepare and look through.
pub(super) const UPLOAD: Limits = Limits { bytes: MAX_UPLOAD, rows: 200_000, parts: 3_000_000, problems: 10_000 };

/// A file on the operator's own disk: ten million rows are several times what a province holds.
pub(super) const LOCAL: Limits = Limits { bytes: 4 << 30, rows: 10_000_000, parts: 500_000_000, problems: 1_000_000 };

/// How many short texts a piece of evidence weighs.
pub(super) const PIECE: usize = 10;

/// Most bytes of one line of JSON or one record of CSV: a thousand pieces of evidence with long
/// abstracts are 8 MB. What is parsed from it takes some forty times as much memory at worst.
pub(super) const MAX_LINE: usize = 8 << 20;

/// Most opening braces in one JSON object. Each may cost 700 bytes once parsed, and an object
/// with more parts than this is no profile and no paper.
pub(super) const MAX_BRACES: usize = 20_000;

/// Columns past this one are not looked at; the formats have at most thirteen.
pub(super) const MAX_COLUMNS: usize = 256;

/// Most names of unknown fields that are reported of one object.
pub(super) const MAX_UNKNOWN: usize = 20;

/// Most bytes of BibTeX text that abbreviations (`@string`) may add to a file: they can be nested
/// so that each doubles the last.
pub(super) const MAX_EXPANSION: usize = 16 << 20;

/// Most bytes of one BibTeX value, after its parts are joined; an abstract has 20,000 characters.
pub(super) const MAX_VALUE: usize = 100_000;

/// What a workbook may hold. A sheet of XML compresses to a tenth or so; a bomb to a thousandth.
pub(super) mod workbook {
    /// Most parts; a workbook with thirty sheets and a hundred pictures has some 250.
    pub const PARTS: usize = 2_000;
    /// Most bytes of one part, uncompressed: a sheet of 50,000 pieces of evidence has 60 MB.
    pub const PART_BYTES: u64 = 128 << 20;
    /// Most bytes of all parts, uncompressed.
    pub const ALL_BYTES: u64 = 192 << 20;
    /// Most uncompressed bytes for one compressed. Deflate reaches 1,032, sheets of equal rows 50.
    pub const RATIO: u64 = 100;
    /// The ratio counts from here on: small parts of equal bytes do no harm.
    pub const RATIO_FROM: u64 = 4 << 20;
    /// Most shared strings; each costs 40 bytes and its text.
    pub const SHARED_STRINGS: u64 = 1_000_000;
    /// Most cell formats: Excel has 65,490 at most, and as many named styles. The reader copies a
    /// font for each.
    pub const STYLES: usize = 2 * 65_490;
    /// Most sheets; the reader copies a path for each.
    pub const SHEETS: usize = 1_000;
    /// Most bytes of one tag of the styles, whose fonts and number formats the reader copies.
    pub const STYLE_TAG: usize = 1 << 10;
    /// Most bytes of one tag of the relations, whose paths the reader copies; a link has 2,083.
    pub const RELATION_TAG: usize = 8 << 10;
    /// Most rows of a sheet, by the format.
    pub const ROWS: usize = 1_048_576;
    /// Most bytes of text in one cell; Excel itself holds 32,767 characters.
    pub const CELL: usize = 1 << 20;
    /// Most bytes of text that the cells of a sheet give: one shared string may stand in every cell.
    pub const TEXT: usize = 256 << 20;
}
