//! A recommended list as a workbook: the list as it was shown, the evidence that speaks for it, and
//! what it was made by, so that it can be found and scored again.

use super::list::{Item, List};
use super::telling::{Order, gap, plain, reasons};
use super::{Actor, App};
use crate::app::AppError;
use crate::app::files::{Cell, Sheet, workbook};
use crate::app::secrets::blocking;
use crate::domain::{Action, InvitationStatus};
use crate::store::{Invitation, NeedRecord, Verdict};

/// Invitations of a need that the list is told with.
const INVITATIONS: i64 = 500;

const TALENTS: [(&str, f64); 18] = [
    ("名次", 6.0),
    ("姓名或名称", 16.0),
    ("类型", 8.0),
    ("单位", 26.0),
    ("地区", 16.0),
    ("职称", 12.0),
    ("匹配度", 8.0),
    ("档次", 10.0),
    ("理由", 60.0),
    ("命中的要点", 30.0),
    ("没有写到的要点", 30.0),
    ("相关成果", 9.0),
    ("全部成果", 9.0),
    ("余力", 24.0),
    ("需要回避或注意", 30.0),
    ("备选或不合适", 12.0),
    ("备注", 30.0),
    ("邀请", 10.0),
];

const EVIDENCE: [(&str, f64); 7] = [
    ("名次", 6.0),
    ("姓名或名称", 16.0),
    ("类型", 8.0),
    ("年份", 8.0),
    ("题名", 50.0),
    ("最相关的摘录", 70.0),
    ("编号", 16.0),
];

const ABOUT: [(&str, f64); 2] = [("项", 18.0), ("内容", 80.0)];

impl App {
    /// A recorded list as an XLSX workbook, in the order in which it is read.
    ///
    /// # Errors
    /// [`AppError::NotFound`] also where it is not for them to see.
    pub async fn recommendation_workbook(&self, actor: &Actor, id: &str, order: Order) -> Result<Vec<u8>, AppError> {
        let list = self.recommendation_get(actor, id).await?;
        let need = self.need_for(actor, &list.need, Action::Recommend).await?;
        let verdicts = self.store.verdicts(&list.need).await?;
        let invitations = self.store.invitations("", "", &list.need, None, "", INVITATIONS).await?;
        let written = move || book(&need, list, order, &verdicts, &invitations);
        blocking(written).await?
    }
}

fn book(
    need: &NeedRecord,
    mut list: List,
    order: Order,
    verdicts: &[Verdict],
    invitations: &[Invitation],
) -> Result<Vec<u8>, AppError> {
    order.sort(&mut list.items);
    let talents = list.items.iter().map(|item| talent_row(item, verdicts, invitations)).collect();
    let evidence = list.items.iter().flat_map(evidence_rows).collect();
    let sheets = [
        Sheet { name: "推荐名单", columns: &TALENTS, rows: talents },
        Sheet { name: "成果依据", columns: &EVIDENCE, rows: evidence },
        Sheet { name: "说明", columns: &ABOUT, rows: about(need, &list, order) },
    ];
    workbook(&sheets).map_err(|e| AppError::Internal(e.to_string()))
}

fn text(text: Option<&str>) -> Cell {
    Cell::from(text.unwrap_or_default())
}

fn talent_row(item: &Item, verdicts: &[Verdict], invitations: &[Invitation]) -> Vec<Cell> {
    let r = &item.recommendation;
    let verdict = verdicts.iter().find(|v| v.talent == r.talent.id);
    let said = verdict.map(|v| if v.verdict == super::shortlist::UNSUITABLE { "不合适" } else { "备选" });
    // Newest first: the first is how it stands.
    let invited = invitations.iter().find(|i| i.talent == r.talent.id).map(|i| InvitationStatus::name(i.status));
    let conflicts: Vec<&str> = item.conflicts.iter().map(|c| c.sentence.as_str()).collect();
    vec![
        r.rank.into(),
        r.talent.name.as_str().into(),
        r.talent.kind.label().into(),
        r.talent.organization.as_str().into(),
        text(r.talent.region.as_deref()),
        text(r.talent.title.as_deref()),
        Cell::Number(f64::from(r.percent.round())),
        r.band.label().into(),
        format!("{}。", reasons(r).join("；")).as_str().into(),
        r.words.matched.join("、").as_str().into(),
        gap(r).map_or(String::new(), |_| r.words.missing.join("、")).as_str().into(),
        r.pieces_matching.into(),
        r.pieces.into(),
        item.workload.as_str().into(),
        conflicts.join("；").as_str().into(),
        text(said),
        text(verdict.map(|v| v.note.as_str())),
        text(invited),
    ]
}

fn evidence_rows(item: &Item) -> Vec<Vec<Cell>> {
    let r = &item.recommendation;
    let row = |proof: &crate::app::explain::Proof| {
        vec![
            r.rank.into(),
            r.talent.name.as_str().into(),
            proof.evidence.r#type.label().into(),
            proof.evidence.year.map_or(Cell::from(""), |year| Cell::Number(f64::from(year))),
            plain(&proof.title).as_str().into(),
            plain(&proof.snippet).as_str().into(),
            proof.evidence.id.as_str().into(),
        ]
    };
    r.proofs.iter().map(row).collect()
}

fn about(need: &NeedRecord, list: &List, order: Order) -> Vec<Vec<Cell>> {
    let at = jiff::Timestamp::from_millisecond(list.at)
        .map(|t| jiff::tz::offset(8).to_datetime(t).strftime("%Y-%m-%d %H:%M").to_string())
        .unwrap_or_default();
    let bands = |b: &super::list::Bands| format!("高度匹配 {}，较匹配 {}，可参考 {}", b.high, b.medium, b.low);
    let rows = [
        ("需求", need.need.heading()),
        ("需求版本", list.need_version.to_string()),
        ("推荐编号", list.id.clone()),
        ("推荐时间", at),
        ("排序版本", format!("{}（{}）", list.ranking, list.ranking_hash)),
        ("索引位置", list.position.to_string()),
        ("筛选条件", list.filters.sentence()),
        ("次序", order.name().to_owned()),
        ("市内", bands(&list.in_city)),
        ("市外", bands(&list.elsewhere)),
        ("说明", "匹配度是预计的评判等级：100 相当于 3 级。名单连同特征值留存在平台，可以按推荐编号复算。".to_owned()),
    ];
    rows.into_iter().map(|(name, value)| vec![name.into(), value.as_str().into()]).collect()
}
