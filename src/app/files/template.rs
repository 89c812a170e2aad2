//! The workbook to fill in for a bulk import. Its headers and lists come from the tables that the
//! reader itself uses, so that what is filled in is what is read.

use rust_xlsxwriter::{
    DataValidation, DataValidationErrorStyle, Format, FormatAlign, Note, Workbook, Worksheet, XlsxError,
};

use super::columns::{EVIDENCE_ROW, Field, TALENT_ROW};
use super::error::FileError;
use super::rules::{KINDS, TYPES};

/// Rows that have the lists of choices: as many as an upload may have.
const LISTED_ROWS: u32 = 200_000;

/// What to write into each column of a sheet, and what its example row holds.
struct Column {
    field: &'static str,
    note: &'static str,
    example: &'static str,
    width: f64,
}

const fn column(field: &'static str, width: f64, note: &'static str, example: &'static str) -> Column {
    Column { field, note, example, width }
}

const TALENT: [Column; 10] = [
    column("id", 14.0, "必填。本单位自定的编号，每行不同，不含空格；再次导入时按编号更新。", "示例-R001"),
    column("kind", 10.0, "必填。研究人员或团队，从下拉列表中选。", "研究人员"),
    column("name", 14.0, "必填。个人填姓名，团队填团队名称。", "示例·张三"),
    column("organization", 22.0, "所在单位的全称；不清楚时可以空着，但要保留这一列。", "示例大学"),
    column("region", 18.0, "从大到小写，如：重庆市渝北区。", "重庆市渝北区"),
    column("title", 12.0, "个人的职称，如：教授、高级工程师。", "教授"),
    column("keywords", 30.0, "研究方向的关键词，用“；”分隔。匹配主要靠它、简介和成果。", "镁合金；高压压铸"),
    column("bio", 44.0, "一两句话说明能解决什么技术问题，最多 20000 字。", "示例：从事镁合金压铸工艺与缺陷控制研究。"),
    column("fields", 14.0, "领域或产业集群的代码，用“；”分隔；可以空着。", ""),
    column("members", 22.0, "团队成员的姓名，用“；”分隔；个人空着。", ""),
];

const EVIDENCE: [Column; 7] = [
    column("talent_id", 14.0, "必填。这项成果属于谁：填“人才”表中的编号。一项成果属于几个人时写几行。", "示例-R001"),
    column("id", 14.0, "必填。成果自己的编号；同一项成果在各行里编号和内容都相同。", "示例-E001"),
    column("type", 10.0, "必填。论文、专利、项目、奖项、标准或合同，从下拉列表中选。", "论文"),
    column("title", 34.0, "必填。成果的题名，最多 1000 字。", "示例：镁合金压铸件缩松缺陷的控制"),
    column("abstract", 50.0, "摘要，最多 20000 字；可以空着。", "示例摘要：研究了压射速度对缩松的影响。"),
    column("keywords", 24.0, "关键词，用“；”分隔；可以空着。", "压铸；缩松"),
    column("year", 8.0, "四位年份，如 2024。", "2024"),
];

/// What the third sheet says.
const GUIDE: [&str; 10] = [
    "1. 在“人才”表中每行填一位研究人员或一个团队，在“成果”表中每行填一项成果；成果用“人才编号”与人才对应。",
    "2. 第一行是列名，请不要改；列的先后可以调换。每个列名上有批注，说明怎样填写、是否必填。",
    "3. 第二行是虚构的示例，导入前请删去。",
    "4. 一格里有几项时用中文或英文分号分隔。",
    "5. 编号由本单位自定，不含空格；同一编号再次导入时更新原有的档案。",
    "6. 年份写四位数字；不确定的内容请空着，不要填“无”或“待定”。",
    "7. 没有成果时可以只填“人才”表。",
    "8. 导入前系统先给出预览：哪些是新的、哪些有变化、哪些没有通过以及原因；确认后才写入。",
    "9. 请只填写本人同意公开用于技术对接的信息，不要填身份证号、电话等个人信息。",
    "10. 文件最大 64 MB，最多 200000 行；更多时请分成几个文件。",
];

/// An XLSX workbook with the sheets 人才 and 成果, each with a header, notes, lists of choices and a
/// fictional example row, and a sheet 填写说明.
///
/// # Errors
/// The workbook cannot be written.
pub fn talent_template() -> Result<Vec<u8>, FileError> {
    write().map_err(|error| FileError::Unwritable { detail: error.to_string() })
}

fn write() -> Result<Vec<u8>, XlsxError> {
    let mut book = Workbook::new();
    let kinds: Vec<&str> = KINDS.iter().map(|(_, _, labels)| labels[0]).collect();
    let types: Vec<&str> = TYPES.iter().map(|(_, _, labels)| labels[0]).collect();
    table(book.add_worksheet().set_name("人才")?, &TALENT_ROW, &TALENT, ("kind", &kinds))?;
    table(book.add_worksheet().set_name("成果")?, &EVIDENCE_ROW, &EVIDENCE, ("type", &types))?;
    let guide = book.add_worksheet().set_name("填写说明")?;
    guide.set_column_width(0, 110)?;
    let wrapped = Format::new().set_text_wrap();
    for (row, line) in (0u32..).zip(GUIDE) {
        guide.write_string_with_format(row, 0, line, &wrapped)?;
    }
    book.save_to_buffer()
}

/// Writes a sheet to fill in; the field `choice.0` takes one of `choice.1`.
fn table(
    sheet: &mut Worksheet,
    fields: &[Field],
    columns: &[Column],
    choice: (&str, &[&str]),
) -> Result<(), XlsxError> {
    let bold = Format::new().set_bold().set_align(FormatAlign::Center);
    // Text throughout: Excel would make a number of an id and a date of a title.
    let text = Format::new().set_num_format("@").set_text_wrap();
    for (at, column) in (0u16..).zip(columns) {
        let Some(field) = fields.iter().find(|field| field.name == column.field) else { continue };
        let note = Note::new(column.note).add_author_prefix(false).set_width(260);
        sheet.set_column_width(at, column.width)?.set_column_format(at, &text)?;
        sheet.write_string_with_format(0, at, field.header(), &bold)?.insert_note(0, at, &note)?;
        if !column.example.is_empty() {
            sheet.write_string_with_format(1, at, column.example, &text)?;
        }
        if column.field == choice.0 {
            sheet.add_data_validation(1, at, LISTED_ROWS, at, &choices(choice.1)?)?;
        }
    }
    sheet.set_freeze_panes(1, 0)?;
    Ok(())
}

fn choices(list: &[&str]) -> Result<DataValidation, XlsxError> {
    DataValidation::new()
        .allow_list_strings(list)?
        .set_error_style(DataValidationErrorStyle::Stop)
        .set_error_title("请从列表中选择")?
        .set_error_message(format!("可选：{}", list.join("、")))
}
