//! The evidence of one researcher, from a list of their own or from what others keep of them.

use serde_json::{Map, Value};

use crate::domain::Evidence;

use super::columns::EVIDENCE_OBJECT;
use super::error::FileError;
use super::form::{Form, Place};
use super::openalex::{self, Author};
use super::roster::Pieces;
use super::source::{Format, Source, Upload};
use super::values::{Fault, shown};
use super::{
    Intake, Places, Problem, bibliography, bibtex_file, csv_file, json_file, jsonl_file, read_csv, read_first_sheet,
};

/// Reads a researcher's evidence: tables (`.csv`, `.xlsx`) with the columns of evidence but no
/// talent, `.jsonl` or `.json` with objects of evidence or works of OpenAlex, mixed as they come,
/// or a bibliography (`.bib`). The ids of works and entries are made from their DOI, else from the
/// id or key that the source gives them: the same file gives the same ids again.
///
/// # Errors
/// The whole upload is unusable or too large.
pub fn read_evidence(upload: Upload<'_>) -> Result<Intake<Evidence>, FileError> {
    located_evidence(upload).map(|(intake, _)| intake)
}

/// As [`read_evidence`], with where the pieces stand.
///
/// # Errors
/// As [`read_evidence`].
pub fn located_evidence(upload: Upload<'_>) -> Result<(Intake<Evidence>, Places), FileError> {
    let source = Source::upload(upload);
    let mut pieces = Pieces::default();
    let mut problems = Vec::new();
    let silent = &mut |_, _| {};
    match source.format(&[Format::Jsonl, Format::Json, Format::Csv, Format::Xlsx, Format::Bibtex])? {
        Format::Csv => {
            read_csv(&source, &EVIDENCE_OBJECT, silent, &mut problems, |form| source.room_for(pieces.piece(form)))?
        }
        Format::Xlsx => {
            let take = |form: Form<'_>| source.room_for(pieces.piece(form));
            read_first_sheet(&source, &["evidence", "成果"], &EVIDENCE_OBJECT, silent, &mut problems, take)?;
        }
        Format::Bibtex => entries(&source, &mut pieces, &mut problems)?,
        Format::Jsonl | Format::Json => each_object(&source, &mut problems, |place, object, problems| {
            source.room_for(record(place, object, &mut pieces, problems))
        })?,
    }
    if pieces.evidence.is_empty() && problems.is_empty() {
        let place = Place { file: &source.name, sheet: None, row: 1 };
        problems.push(place.problem(None, Fault::new("nothing-found", "没有找到任何成果；请检查是否选错了文件")));
    }
    let places = Places { file: source.name, sheet: None, rows: pieces.rows };
    Ok((Intake { rows: pieces.evidence, problems }, places))
}

/// Reads the authors of a `.json` or `.jsonl` file from OpenAlex, one of whom may become a new
/// profile; what is no author is reported.
///
/// # Errors
/// The whole upload is unusable or too large.
pub fn read_authors(upload: Upload<'_>) -> Result<Intake<Author>, FileError> {
    let source = Source::upload(upload);
    source.format(&[Format::Json, Format::Jsonl])?;
    let mut rows = Vec::new();
    let mut problems = Vec::new();
    each_object(&source, &mut problems, |place, object, problems| {
        let author = if openalex::is_author(&object) {
            openalex::author(&object)
        } else {
            Err(Fault::new("no-author", "不是 OpenAlex 的作者信息；请从作者页面下载 JSON"))
        };
        match author {
            Ok(author) => rows.push(author),
            Err(fault) => problems.push(place.problem(None, fault)),
        }
        Ok(())
    })?;
    Ok(Intake { rows, problems })
}

/// Hands each object of a file of JSON or JSON lines to `visit`. A line may hold a whole answer.
fn each_object(
    source: &Source<'_>,
    problems: &mut Vec<Problem>,
    mut visit: impl FnMut(Place<'_>, Map<String, Value>, &mut Vec<Problem>) -> Result<(), FileError>,
) -> Result<(), FileError> {
    if source.format(&[Format::Json]).is_ok() {
        return json_file::each_object(source, problems, visit);
    }
    let mut objects = 0;
    jsonl_file::each_line(source, &mut |_, _| {}, problems, |place, line, problems| {
        json_file::each_object_in(place, line, &mut |place, object| {
            objects += 1;
            match object {
                Ok(object) => visit(place, object, problems)?,
                Err(fault) => problems.push(place.problem(None, fault)),
            }
            source.go_on(objects, place.row, problems)
        })
    })
}

/// Takes one object, a work of OpenAlex or evidence as this service writes it, and gives how many
/// parts are held then; nothing more than before is held of what was no evidence.
fn record(place: Place<'_>, object: Map<String, Value>, pieces: &mut Pieces, problems: &mut Vec<Problem>) -> usize {
    let evidence = if openalex::is_author(&object) {
        let reason = "这是作者信息，不是成果；请上传作品（works）的 JSON";
        Err(place.problem(None, Fault::new("author-not-work", reason)))
    } else if openalex::is_work(&object) {
        openalex::evidence(&object).map_err(|fault| place.problem(Some("type"), fault))
    } else {
        Ok(object)
    };
    match evidence {
        Ok(evidence) => pieces.piece(Form::object(place, &EVIDENCE_OBJECT, evidence, problems)),
        Err(problem) => {
            problems.push(problem);
            0
        }
    }
}

/// Takes the entries of a bibliography. A column of a problem is the key of the entry and the
/// name of the field: `zhang2020.year`.
fn entries(source: &Source<'_>, pieces: &mut Pieces, problems: &mut Vec<Problem>) -> Result<(), FileError> {
    let bytes = source.bytes()?;
    let (text, damaged) = csv_file::decode(&bytes).ok_or_else(|| FileError::Encoding { path: source.path.clone() })?;
    let mut rows = 0;
    bibtex_file::each_entry(&text, |row, key, entry| {
        rows += 1;
        let place = Place { file: &source.name, sheet: None, row };
        let key = shown(key);
        let evidence = entry.and_then(|entry| {
            if damaged && entry.is_damaged() {
                let reason = "含有无法解码的字节；请把文件另存为 UTF-8 或 GB18030 后改正这一条";
                return Err(Fault::new("bad-encoding", reason));
            }
            bibliography::evidence(&entry)
        });
        match evidence {
            Ok(evidence) => {
                let form = Form::object_at(place, format!("{key}."), &EVIDENCE_OBJECT, evidence, problems);
                source.room_for(pieces.piece(form))?;
            }
            Err(fault) => problems.push(place.problem((!key.is_empty()).then_some(&key), fault)),
        }
        source.go_on(rows, row, problems)
    })
}
