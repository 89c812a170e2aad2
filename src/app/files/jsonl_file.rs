//! JSON lines: one object a line, UTF-8.

use std::fs::File;
use std::io::{BufRead, BufReader};
use std::path::Path;

use serde_json::{Map, Value};

use super::error::FileError;
use super::form::Place;
use super::values::Fault;
use super::{Problem, Progress, file_name};

/// Hands the object of each line to `visit`; what is no object is reported, and the lines after
/// it go on. Blank lines are skipped.
pub(super) fn each_object(
    path: &Path,
    progress: &mut Progress<'_>,
    problems: &mut Vec<Problem>,
    mut visit: impl FnMut(Place<'_>, Map<String, Value>, &mut Vec<Problem>),
) -> Result<(), FileError> {
    let unreadable = |error| FileError::from_io(path, error);
    let file = File::open(path).map_err(unreadable)?;
    let total = file.metadata().map_err(unreadable)?.len();
    let name = file_name(path);
    let mut reader = BufReader::with_capacity(1 << 16, file);
    let mut line = Vec::new();
    let mut done = 0;
    for row in 1.. {
        line.clear();
        let read = reader.read_until(b'\n', &mut line).map_err(unreadable)?;
        if read == 0 {
            break;
        }
        if row == 1 && (line.starts_with(b"\xff\xfe") || line.starts_with(b"\xfe\xff")) {
            return Err(FileError::Encoding { path: path.to_owned() });
        }
        let place = Place { file: &name, sheet: None, row };
        let bytes = if row == 1 { line.strip_prefix(b"\xef\xbb\xbf").unwrap_or(&line) } else { &line };
        match object(bytes) {
            Ok(Some(object)) => visit(place, object, problems),
            Ok(None) => {}
            Err(fault) => problems.push(place.problem(None, fault)),
        }
        done += read as u64;
        progress(done, total.max(done));
    }
    Ok(())
}

/// The object of a line, or nothing where the line is blank.
fn object(line: &[u8]) -> Result<Option<Map<String, Value>>, Fault> {
    let text = std::str::from_utf8(line).map_err(|error| {
        let at = error.valid_up_to() + 1;
        Fault::new("bad-encoding", format!("第 {at} 个字节起不是 UTF-8；请把文件另存为 UTF-8 后改正这一行"))
    })?;
    if text.trim().is_empty() {
        return Ok(None);
    }
    match serde_json::from_str(text) {
        Ok(Value::Object(object)) => Ok(Some(object)),
        Ok(_) => Err(Fault::new("not-object", "这一行不是对象；每行应是一个以 { 开头、以 } 结尾的 JSON 对象")),
        Err(error) => {
            let what = if error.is_eof() { "在行尾中断，可能缺少引号或括号" } else { "写法有误" };
            let reason =
                format!("不是合法的 JSON：第 {} 个字节处{what}（{error}）；每行应是一个完整的对象", error.column());
            Err(Fault::new("bad-json", reason))
        }
    }
}
