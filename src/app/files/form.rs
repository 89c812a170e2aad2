//! One row, or one JSON object, as a form whose fields are taken out one by one. What is wrong
//! with a field becomes a [`Problem`] at its place, and the form is no longer sound.

use std::mem;

use serde_json::{Map, Value};

use super::Problem;
use super::columns::{Columns, Field};
use super::limits::{MAX_CHILDREN, MAX_ITEMS, MAX_UNKNOWN};
use super::values::{self, Fault, MoneyUnit, shown};
use crate::domain::talent_check::{MAX_ID, id_fault};
use crate::domain::text::{MAX_SHORT, clean};

/// Where a row stands.
#[derive(Debug, Clone, Copy)]
pub(super) struct Place<'a> {
    pub file: &'a str,
    pub sheet: Option<&'a str>,
    pub row: usize,
}

impl Place<'_> {
    /// The fault as a problem of this row.
    pub(super) fn problem(&self, column: Option<&str>, fault: Fault) -> Problem {
        Problem {
            file: self.file.to_owned(),
            sheet: self.sheet.map(str::to_owned),
            row: self.row,
            column: column.map(str::to_owned),
            code: fault.code,
            reason: fault.reason,
        }
    }
}

#[derive(Debug)]
enum Cell {
    Blank,
    Text(String),
    Json(Value),
}

/// What the fields are called in this file.
#[derive(Debug)]
enum Labels<'a> {
    Header(&'a Columns),
    /// JSON path of the object, empty or ending in a dot.
    Path(String),
}

#[derive(Debug)]
pub(super) struct Form<'a> {
    pub place: Place<'a>,
    fields: &'static [Field],
    labels: Labels<'a>,
    /// One for each field.
    cells: Vec<Cell>,
    problems: &'a mut Vec<Problem>,
    sound: bool,
}

impl<'a> Form<'a> {
    /// A row of a table, whose cells stand in the order of the header.
    pub(super) fn row(
        place: Place<'a>,
        columns: &'a Columns,
        mut texts: Vec<String>,
        problems: &'a mut Vec<Problem>,
    ) -> Self {
        let mut cell = |field| Some(Cell::Text(mem::take(texts.get_mut(columns.place(field)?)?)));
        let cells = (0..columns.fields.len()).map(|field| cell(field).unwrap_or(Cell::Blank)).collect();
        Self { place, fields: columns.fields, labels: Labels::Header(columns), cells, problems, sound: true }
    }

    /// A JSON object of a file of lines.
    pub(super) fn object(
        place: Place<'a>,
        fields: &'static [Field],
        object: Map<String, Value>,
        problems: &'a mut Vec<Problem>,
    ) -> Self {
        Self::object_at(place, String::new(), fields, object, problems)
    }

    /// As [`Form::object`], for an object whose fields have `path` before their names: empty, or
    /// ending in a dot.
    pub(super) fn object_at(
        place: Place<'a>,
        path: String,
        fields: &'static [Field],
        mut object: Map<String, Value>,
        problems: &'a mut Vec<Problem>,
    ) -> Self {
        let cells = fields.iter().map(|field| object.remove(field.name).map_or(Cell::Blank, Cell::Json)).collect();
        let mut form = Self { place, fields, labels: Labels::Path(path), cells, problems, sound: true };
        for name in object.keys().take(MAX_UNKNOWN) {
            let known: Vec<&str> = fields.iter().map(|field| field.name).collect();
            let reason = format!("没有名为“{}”的字段；请删除或改名，可用的有：{}", shown(name), known.join("、"));
            form.refuse(&shown(name), Fault::new("unknown-field", reason));
        }
        form
    }

    /// Whether nothing was wrong so far.
    pub(super) fn is_sound(&self) -> bool {
        self.sound
    }

    /// Makes this form unsound because a part of it is; the part has reported why.
    pub(super) fn fail(&mut self) {
        self.sound = false;
    }

    /// Reports a fault of a field.
    pub(super) fn refuse(&mut self, name: &str, fault: Fault) {
        let label = match &self.labels {
            Labels::Path(path) => format!("{path}{name}"),
            Labels::Header(columns) => {
                let place = self.fields.iter().position(|field| field.name == name).and_then(|at| columns.place(at));
                place.and_then(|at| columns.label(at)).unwrap_or(name).to_owned()
            }
        };
        let problem = self.place.problem(Some(&label), fault);
        self.problems.push(problem);
        self.sound = false;
    }

    /// Where an object stands in its row: `evidence[2]`; nothing for a whole row.
    pub(super) fn path(&self) -> Option<&str> {
        match &self.labels {
            Labels::Path(path) => path.strip_suffix('.'),
            Labels::Header(_) => None,
        }
    }

    /// The id in the field `name`. `compact` ids hold no white space, because qrels and run
    /// files are separated by it.
    pub(super) fn id(&mut self, name: &'static str, compact: bool) -> Option<String> {
        let id = self.string(name, MAX_ID).and_then(|id| {
            let id = id.ok_or_else(|| Fault::new("missing-id", "没有填写；每行都要有编号"))?;
            id_fault(&id, compact).map_or(Ok(Some(id)), Err)
        });
        self.keep(name, id)
    }

    /// Text that must be there, of at most `max` characters.
    pub(super) fn required(&mut self, name: &'static str, max: usize) -> Option<String> {
        let text = self.string(name, max).and_then(|text| text.map(Some).ok_or_else(Fault::missing));
        self.keep(name, text)
    }

    /// Text that may be left blank, of at most `max` characters.
    pub(super) fn text(&mut self, name: &'static str, max: usize) -> Option<String> {
        let text = self.string(name, max);
        self.keep(name, text)
    }

    /// Text that must be there; JSON may give a number.
    pub(super) fn required_scalar(&mut self, name: &'static str, max: usize) -> Option<String> {
        let text = self.scalar(name, max).and_then(|text| text.map(Some).ok_or_else(Fault::missing));
        self.keep(name, text)
    }

    /// What `parse` makes of a text or number, if there is one.
    pub(super) fn parsed<T>(&mut self, name: &'static str, parse: impl FnOnce(&str) -> Result<T, Fault>) -> Option<T> {
        let value = self.scalar(name, MAX_SHORT).and_then(|text| text.map(|text| parse(&text)).transpose());
        self.keep(name, value)
    }

    /// An amount in yuan.
    pub(super) fn money(&mut self, name: &'static str) -> Option<u64> {
        let unit = match &self.labels {
            Labels::Path(_) => MoneyUnit::Yuan,
            Labels::Header(columns) => self.index(name).map(|at| columns.unit(at)).unwrap_or_default(),
        };
        self.parsed(name, |text| values::money(text, unit))
    }

    /// One of `options`, each with its code and its Chinese labels; `code` is that of the fault.
    pub(super) fn choice<T: Copy>(
        &mut self,
        name: &'static str,
        options: &[(T, &str, &[&str])],
        code: &'static str,
    ) -> Option<T> {
        let choice = self.string(name, MAX_SHORT).and_then(|text| {
            let Some(text) = text else { return Ok(None) };
            let plain = text.trim_matches(['“', '”', '"']);
            let hit =
                options.iter().find(|(_, code, labels)| code.eq_ignore_ascii_case(plain) || labels.contains(&plain));
            hit.map(|(option, ..)| Some(*option)).ok_or_else(|| {
                let known: Vec<String> =
                    options.iter().map(|(_, code, labels)| format!("{code}（{}）", labels[0])).collect();
                Fault::new(code, format!("“{}”不在可选值之中；请用 {}", shown(&text), known.join("、")))
            })
        });
        self.keep(name, choice)
    }

    /// As [`Form::choice`], and it must be there.
    pub(super) fn required_choice<T: Copy>(
        &mut self,
        name: &'static str,
        options: &[(T, &str, &[&str])],
        code: &'static str,
    ) -> Option<T> {
        let sound = mem::replace(&mut self.sound, true);
        let choice = self.choice(name, options, code);
        if choice.is_none() && self.sound {
            self.refuse(name, Fault::missing());
        }
        self.sound &= sound;
        choice
    }

    /// A list of short texts: a JSON array, or items separated by `；` or `;`.
    pub(super) fn list(&mut self, name: &'static str) -> Vec<String> {
        match self.take(name) {
            Cell::Blank | Cell::Json(Value::Null) => Vec::new(),
            Cell::Text(text) => {
                let items = few(values::items(&text).count(), MAX_ITEMS)
                    .and_then(|()| values::items(&text).map(|item| clean(item.to_owned(), MAX_SHORT)).collect());
                let items: Result<Vec<_>, _> = items;
                self.keep(name, items.map(Some)).unwrap_or_default().into_iter().flatten().collect()
            }
            Cell::Json(Value::Array(items)) if items.len() > MAX_ITEMS => {
                self.keep(name, few(items.len(), MAX_ITEMS).map(|()| None)).unwrap_or_default()
            }
            Cell::Json(Value::Array(items)) => items
                .into_iter()
                .enumerate()
                .filter_map(|(at, item)| {
                    let item = match item {
                        Value::String(text) => clean(text, MAX_SHORT),
                        _ => Err(wrong_type("文字")),
                    };
                    item.unwrap_or_else(|fault| {
                        self.refuse(&format!("{name}[{at}]"), fault);
                        None
                    })
                })
                .collect(),
            Cell::Json(_) => self.keep(name, Err(wrong_type("数组，如 [\"甲\", \"乙\"]"))).unwrap_or_default(),
        }
    }

    /// The items of a JSON array, to be read with [`Form::child`].
    pub(super) fn array(&mut self, name: &'static str) -> Vec<Value> {
        match self.take(name) {
            Cell::Json(Value::Array(items)) => {
                self.keep(name, few(items.len(), MAX_CHILDREN).map(|()| Some(items))).unwrap_or_default()
            }
            Cell::Blank | Cell::Json(Value::Null) => Vec::new(),
            _ => self.keep(name, Err(wrong_type("对象的数组"))).unwrap_or_default(),
        }
    }

    /// The form of the object that stands at `name[at]` in this one; what is no object is
    /// reported. The faults of a child are its own: they leave this form sound.
    pub(super) fn child(&mut self, name: &str, at: usize, fields: &'static [Field], item: Value) -> Option<Form<'_>> {
        let path = format!("{name}[{at}]");
        let Value::Object(object) = item else {
            let problem = self.place.problem(Some(&path), wrong_type("对象，如 {\"id\": \"…\"}"));
            self.problems.push(problem);
            return None;
        };
        Some(Form::object_at(self.place, path + ".", fields, object, self.problems))
    }

    /// Whether the field holds text of a table rather than JSON.
    pub(super) fn is_row(&self) -> bool {
        matches!(self.labels, Labels::Header(_))
    }

    fn index(&self, name: &str) -> Option<usize> {
        self.fields.iter().position(|field| field.name == name)
    }

    fn take(&mut self, name: &str) -> Cell {
        self.index(name).map_or(Cell::Blank, |at| mem::replace(&mut self.cells[at], Cell::Blank))
    }

    fn keep<T>(&mut self, name: &str, value: Result<Option<T>, Fault>) -> Option<T> {
        value.unwrap_or_else(|fault| {
            self.refuse(name, fault);
            None
        })
    }

    fn string(&mut self, name: &str, max: usize) -> Result<Option<String>, Fault> {
        match self.take(name) {
            Cell::Blank | Cell::Json(Value::Null) => Ok(None),
            Cell::Text(text) | Cell::Json(Value::String(text)) => clean(text, max),
            Cell::Json(_) => Err(wrong_type("带引号的文字")),
        }
    }

    fn scalar(&mut self, name: &str, max: usize) -> Result<Option<String>, Fault> {
        match self.take(name) {
            Cell::Json(Value::Number(number)) => Ok(Some(match number.as_f64() {
                Some(float) if number.is_f64() => values::number(float),
                _ => number.to_string(),
            })),
            Cell::Blank | Cell::Json(Value::Null) => Ok(None),
            Cell::Text(text) | Cell::Json(Value::String(text)) => clean(text, max),
            Cell::Json(_) => Err(wrong_type("数字或带引号的文字")),
        }
    }
}

/// Whether a list has no more items than are taken.
fn few(items: usize, max: usize) -> Result<(), Fault> {
    if items <= max {
        return Ok(());
    }
    Err(Fault::new("too-many", format!("有 {items} 项，最多 {max} 项；请减少")))
}

fn wrong_type(wanted: &str) -> Fault {
    Fault::new("wrong-type", format!("类型不对；应为{wanted}"))
}
