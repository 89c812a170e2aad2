//! The fields of each kind of row, their names in English and Chinese, and the header of a table.

use super::values::{MoneyUnit, half_width};

/// A field: its name in JSON and in English headers, and its Chinese headers, preferred first.
#[derive(Debug)]
pub(super) struct Field {
    pub name: &'static str,
    chinese: &'static [&'static str],
    required: bool,
    money: bool,
}

impl Field {
    /// The name in the header of a template.
    pub(super) fn header(&self) -> &'static str {
        self.chinese.first().copied().unwrap_or(self.name)
    }
}

const fn field(name: &'static str, chinese: &'static [&'static str]) -> Field {
    Field { name, chinese, required: false, money: false }
}

const fn required(name: &'static str, chinese: &'static [&'static str]) -> Field {
    Field { name, chinese, required: true, money: false }
}

const fn money(name: &'static str, chinese: &'static [&'static str]) -> Field {
    Field { name, chinese, required: false, money: true }
}

/// A talent as a row of a table.
pub(super) static TALENT_ROW: [Field; 10] = TALENT_FIELDS;

/// A talent as a JSON object, which also holds its evidence.
pub(super) static TALENT_OBJECT: [Field; 11] = {
    let [a, b, c, d, e, f, g, h, i, j] = TALENT_FIELDS;
    [a, b, c, d, e, f, g, h, i, j, field("evidence", &[])]
};

const TALENT_FIELDS: [Field; 10] = [
    required("id", &["编号", "标识", "人才编号"]),
    required("kind", &["类型", "人才类型"]),
    required("name", &["姓名或名称", "姓名", "名称"]),
    required("organization", &["单位", "所在单位"]),
    field("region", &["地区", "所在地区"]),
    field("title", &["职称"]),
    field("keywords", &["关键词"]),
    field("bio", &["简介"]),
    field("fields", &["领域"]),
    field("members", &["成员"]),
];

/// Evidence as a JSON object inside a talent.
pub(super) static EVIDENCE_OBJECT: [Field; 6] = EVIDENCE_FIELDS;

/// Evidence as a row of a table, which names its talent.
pub(super) static EVIDENCE_ROW: [Field; 7] = {
    let [a, b, c, d, e, f] = EVIDENCE_FIELDS;
    [required("talent_id", &["人才编号", "人才标识"]), a, b, c, d, e, f]
};

const EVIDENCE_FIELDS: [Field; 6] = [
    required("id", &["成果编号", "编号", "标识"]),
    required("type", &["成果类型", "类型"]),
    required("title", &["题名", "标题"]),
    field("abstract", &["摘要"]),
    field("keywords", &["关键词"]),
    field("year", &["年份", "年度"]),
];

/// A need, as an object or as a row.
pub(super) static NEED: [Field; 13] = [
    required("id", &["编号", "标识"]),
    field("organization", &["单位"]),
    field("title", &["标题", "名称"]),
    required("problem", &["技术问题"]),
    field("mode", &["组织方式"]),
    field("targets", &["目标", "预期目标"]),
    field("scenario", &["应用场景"]),
    money("total_investment", &["总投资"]),
    money("self_raised", &["自筹资金"]),
    field("field", &["领域"]),
    field("region", &["地区"]),
    field("deadline", &["截止时间", "截止日期"]),
    field("ownership", &["成果归属"]),
];

/// A target as a JSON object inside a need.
pub(super) static TARGET: [Field; 3] = [required("name", &[]), required("value", &[]), field("unit", &[])];

/// Where each field stands in one table.
#[derive(Debug)]
pub(super) struct Columns {
    pub fields: &'static [Field],
    header: Vec<String>,
    /// For each field, its column and the unit that the header states.
    places: Vec<Option<(usize, MoneyUnit)>>,
}

/// Why a header does not serve.
#[derive(Debug)]
pub(super) enum HeaderError {
    /// The required columns that are missing, as a message lists them.
    Missing(String),
    /// Two columns for one field.
    Repeated(String, String),
}

impl Columns {
    /// Finds the fields in a header.
    pub(super) fn find(fields: &'static [Field], header: Vec<String>) -> Result<Self, HeaderError> {
        let mut places: Vec<Option<(usize, MoneyUnit)>> = vec![None; fields.len()];
        for (at, label) in header.iter().enumerate() {
            let Some((field, unit)) = recognise(fields, label) else { continue };
            if let Some((before, _)) = places[field] {
                return Err(HeaderError::Repeated(header[before].clone(), label.clone()));
            }
            places[field] = Some((at, unit));
        }
        let missing: Vec<String> = fields
            .iter()
            .zip(&places)
            .filter(|(field, place)| field.required && place.is_none())
            .map(|(field, _)| format!("{}（{}）", field.header(), field.name))
            .collect();
        if missing.is_empty() {
            Ok(Self { fields, header, places })
        } else {
            Err(HeaderError::Missing(missing.join("、")))
        }
    }

    /// How many columns the header names.
    pub(super) fn len(&self) -> usize {
        self.header.len()
    }

    /// The column of the field at `index`.
    pub(super) fn place(&self, index: usize) -> Option<usize> {
        self.places[index].map(|(at, _)| at)
    }

    /// The unit that the header of the field at `index` states.
    pub(super) fn unit(&self, index: usize) -> MoneyUnit {
        self.places[index].map(|(_, unit)| unit).unwrap_or_default()
    }

    /// The header of a column as the file has it.
    pub(super) fn label(&self, at: usize) -> Option<&str> {
        self.header.get(at).map(String::as_str).filter(|label| !label.is_empty())
    }

    /// Named columns that are no field.
    pub(super) fn unknown(&self) -> impl Iterator<Item = &str> {
        let known = |at: &usize| self.places.iter().flatten().any(|(place, _)| place == at);
        (0..self.header.len()).filter(move |at| !known(at)).filter_map(|at| self.label(at))
    }
}

/// The field that a header cell names, with the unit that stands behind it in brackets.
fn recognise(fields: &[Field], label: &str) -> Option<(usize, MoneyUnit)> {
    let plain = half_width(label);
    let plain = plain.trim();
    let find = |name: &str| fields.iter().position(|f| f.name.eq_ignore_ascii_case(name) || f.chinese.contains(&name));
    if let Some(at) = find(plain) {
        return Some((at, MoneyUnit::Yuan));
    }
    let (name, unit) = plain.strip_suffix(')')?.split_once('(')?;
    let unit = match unit.trim() {
        "元" => MoneyUnit::Yuan,
        "万元" | "万" => MoneyUnit::TenThousand,
        _ => return None,
    };
    find(name.trim_end()).filter(|at| fields[*at].money).map(|at| (at, unit))
}
