//! JSON lines: one object a line, UTF-8.

use std::io::{BufRead, Read};

use serde_json::{Map, Value};

use super::error::FileError;
use super::form::Place;
use super::limits::{MAX_BRACES, MAX_LINE};
use super::source::Source;
use super::values::Fault;
use super::{Problem, Progress};

/// Hands the object of each line to `visit`; what is no object is reported, and the lines after
/// it go on. Blank lines are skipped.
pub(super) fn each_object(
    source: &Source<'_>,
    progress: &mut Progress<'_>,
    problems: &mut Vec<Problem>,
    mut visit: impl FnMut(Place<'_>, Map<String, Value>, &mut Vec<Problem>) -> Result<(), FileError>,
) -> Result<(), FileError> {
    each_line(source, progress, problems, |place, text, problems| {
        match object(text) {
            Ok(object) => visit(place, object, problems)?,
            Err(fault) => problems.push(place.problem(None, fault)),
        }
        Ok(())
    })
}

/// Hands each line that is not blank to `visit`; what is no UTF-8 is reported.
pub(super) fn each_line(
    source: &Source<'_>,
    progress: &mut Progress<'_>,
    problems: &mut Vec<Problem>,
    mut visit: impl FnMut(Place<'_>, &str, &mut Vec<Problem>) -> Result<(), FileError>,
) -> Result<(), FileError> {
    let (mut reader, total) = source.reader()?;
    let mut line = Vec::new();
    let mut done = 0;
    let mut rows = 0;
    for row in 1.. {
        line.clear();
        let mut limited = (&mut reader).take(MAX_LINE as u64 + 1);
        let read = limited.read_until(b'\n', &mut line).map_err(|error| FileError::from_io(&source.path, error))?;
        if read == 0 {
            break;
        }
        if read > MAX_LINE {
            return Err(FileError::LineTooLong { path: source.path.clone(), row, limit: MAX_LINE });
        }
        if row == 1 && (line.starts_with(b"\xff\xfe") || line.starts_with(b"\xfe\xff")) {
            return Err(FileError::Encoding { path: source.path.clone() });
        }
        let place = Place { file: &source.name, sheet: None, row };
        let bytes = if row == 1 { line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&line) } else { &line };
        match text(bytes) {
            Ok(text) if text.trim().is_empty() => {}
            Ok(text) => {
                rows += 1;
                visit(place, text, problems)?;
            }
            Err(fault) => problems.push(place.problem(None, fault)),
        }
        source.go_on(rows, row, problems)?;
        done += read as u64;
        progress(done, total.max(done));
    }
    Ok(())
}

/// Bytes of JSON as text.
pub(super) fn text(bytes: &[u8]) -> Result<&str, Fault> {
    std::str::from_utf8(bytes).map_err(|error| {
        let at = error.valid_up_to() + 1;
        Fault::new("bad-encoding", format!("第 {at} 个字节起不是 UTF-8；请把文件另存为 UTF-8 后改正这一行"))
    })
}

/// The object that a text is.
pub(super) fn object(text: &str) -> Result<Map<String, Value>, Fault> {
    // Parsing takes memory by the brace: a line of `{"a":0},` grows eightyfold.
    if text.bytes().filter(|byte| *byte == b'{').count() > MAX_BRACES {
        let reason = format!("一条记录里有超过 {MAX_BRACES} 个“{{”；请拆成多条");
        return Err(Fault::new("too-complex", reason));
    }
    match serde_json::from_str(text) {
        Ok(Value::Object(object)) => Ok(object),
        Ok(_) => Err(Fault::new("not-object", "这一行不是对象；每行应是一个以 { 开头、以 } 结尾的 JSON 对象")),
        Err(error) => {
            let what = match () {
                () if error.is_eof() => "在行尾中断，可能缺少引号或括号",
                () if surrogate(&error) => "有不成对的代理项（如 \\ud800），它不是文字",
                () => "写法有误",
            };
            let reason =
                format!("不是合法的 JSON：第 {} 个字节处{what}（{error}）；每行应是一个完整的对象", error.column());
            Err(Fault::new("bad-json", reason))
        }
    }
}

/// Whether half of a surrogate pair stands alone, which is no character.
fn surrogate(error: &serde_json::Error) -> bool {
    let message = error.to_string();
    message.contains("surrogate") || message.contains("unexpected end of hex escape")
}
