//! A ranking as a workbook: places and comments; for the publisher also what the bids say, side by
//! side.

use super::comparison::{Answer, ComparedBid, ComparedRow, Comparison};
use super::evaluation::{Evaluation, Judged, numeral};
use crate::app::attachments::{FileKind, cleaned};
use crate::app::error::AppError;
use crate::app::files::{Cell, Sheet, workbook};
use crate::app::secrets::blocking;
use crate::app::{Actor, App};
use crate::domain::Action;
use crate::store::board::bids::BidMember;

/// Header and width in characters of each column.
type Columns = Vec<(String, f64)>;

impl App {
    /// The ranking as an XLSX workbook, with the name of its file. Its first sheet is what the page
    /// shows of scores and comments; what bids say is on a second sheet, for the publisher alone.
    ///
    /// # Errors
    /// [`AppError::NotFound`] for others than the publisher and operators; [`AppError::Conflict`] before
    /// all members of the panel have scored.
    pub async fn ranking_workbook(&self, actor: &Actor, id: &str) -> Result<(String, Vec<u8>), AppError> {
        let of = self.evaluation(actor, id).await?;
        if !of.is_ranked() {
            let message = "评委还没有全部评完，没有形成排名：评完之后才能导出";
            return Err(AppError::conflict("not-ranked", message));
        }
        let reads = of.is_own && actor.require(Action::ChallengeWrite).is_ok();
        let comparison = if reads { Some(self.comparison(actor, id).await?) } else { None };
        let name = cleaned(&format!("评审排名 {}", of.challenge.content.title.replace('/', "_")), FileKind::Xlsx);
        let written = blocking(move || book(&of, comparison.as_ref())).await??;
        Ok((name, written))
    }
}

fn book(of: &Evaluation, comparison: Option<&Comparison>) -> Result<Vec<u8>, AppError> {
    let ((columns, rows), (bids, answers)) = (ranking(of), comparison.map(beside).unwrap_or_default());
    let (columns, bids) = (lent(&columns), lent(&bids));
    let mut sheets = vec![Sheet { name: "排名", columns: &columns, rows }];
    if comparison.is_some() {
        sheets.push(Sheet { name: "揭榜对比", columns: &bids, rows: answers });
    }
    workbook(&sheets).map_err(|e| AppError::Internal(e.to_string()))
}

fn lent(columns: &Columns) -> Vec<(&str, f64)> {
    columns.iter().map(|(name, width)| (name.as_str(), *width)).collect()
}

fn text(text: impl AsRef<str>) -> Cell {
    Cell::from(text.as_ref())
}

/// A score, given in ten-thousandths of a point, as the page has it: two decimals.
fn points(score: u64) -> Cell {
    Cell::Number((score / 100) as f64 / 100.0)
}

/// A row a bid, best first; then the bids that were excluded.
fn ranking(of: &Evaluation) -> (Columns, Vec<Vec<Cell>>) {
    let column = |name: &str, width: f64| (name.to_owned(), width);
    let criteria = &of.challenge.content.criteria;
    let judges = of.bids.iter().flat_map(|bid| &bid.comments).map(|(judge, _)| judge.as_str());
    let mut judges: Vec<&str> = judges.collect();
    // In the order that they are called by.
    let names: Vec<String> = (1..=judges.len()).map(|n| format!("评委{}", numeral(n))).collect();
    judges.sort_by_key(|judge| names.iter().position(|name| name == judge));
    judges.dedup();
    let mut columns = vec![column("名次", 6.0), column("揭榜方", 36.0), column("第几份", 8.0), column("总分", 8.0)];
    columns.extend(criteria.iter().map(|c| (format!("{}（{}%）", c.name, c.weight), 14.0)));
    columns.push(column("备注", 24.0));
    columns.extend(judges.iter().map(|judge| (format!("评语：{judge}"), 40.0)));
    let empty = || Cell::from("");
    let mut rows: Vec<Vec<Cell>> = Vec::new();
    for bid in &of.bids {
        let names: Vec<&str> = bid.members.iter().map(|m| m.organisation_name.as_str()).collect();
        let mut row = vec![
            bid.place.as_ref().map_or_else(empty, |place| place.place.into()),
            text(names.join("、")),
            Cell::Number(bid.number as f64),
            bid.place.as_ref().map_or_else(empty, |place| points(place.mean)),
        ];
        row.extend((0..criteria.len()).map(|at| bid.means.get(at).map_or_else(empty, |mean| points(*mean))));
        row.push(text(notes(of, bid).join("；")));
        let said = |judge: &&str| bid.comments.iter().find(|(by, _)| by == judge).map_or_else(empty, |(_, c)| text(c));
        row.extend(judges.iter().map(said));
        rows.push(row);
    }
    for (organisation, reasons) in &of.excluded {
        let mut row = vec![empty(), text(organisation), empty(), empty()];
        row.extend(criteria.iter().map(|_| empty()));
        row.push(text(format!("不予评审：{}", reasons.join("；"))));
        rows.push(row);
    }
    (columns, rows)
}

/// What the page says beside a bid.
fn notes(of: &Evaluation, bid: &Judged) -> Vec<&'static str> {
    let notes = [
        (bid.place.as_ref().is_some_and(|place| place.is_tied), "并列"),
        (of.challenge.chosen.as_deref() == Some(&bid.bid), "选定"),
        (!bid.is_confirmed, "未对最近一次变更作出确认"),
    ];
    notes.into_iter().filter(|(is_so, _)| *is_so).map(|(_, note)| note).collect()
}

/// Two columns a bid: what it promises, and its remark.
fn beside(of: &Comparison) -> (Columns, Vec<Vec<Cell>>) {
    let mut columns: Columns = vec![("项目".into(), 24.0), ("单位".into(), 8.0), ("要求".into(), 16.0)];
    for bid in &of.bids {
        columns.extend([(format!("第 {} 份 {}", bid.place, bid.name()), 30.0), ("说明".into(), 30.0)]);
    }
    let mut rows: Vec<Vec<Cell>> = of.rows.iter().map(indicator).collect();
    let mut row = |name: &str, unit: &str, of_bid: &dyn Fn(&ComparedBid) -> Cell| {
        let cells = of.bids.iter().flat_map(|bid| [of_bid(bid), Cell::from("")]);
        rows.push([name, unit, ""].map(Cell::from).into_iter().chain(cells).collect());
    };
    row("经费预算合计", "万元", &|bid| Cell::Number(bid.budget as f64 / 10_000.0));
    row("最后一步完成于第几个月", "月", &|bid| {
        bid.months.map_or(Cell::from(""), |months| Cell::Number(f64::from(months)))
    });
    row("成员与份额", "", &|bid| {
        let member = |m: &BidMember| format!("{} {}% {}", m.organisation_name, m.percent, m.role).trim_end().to_owned();
        text(bid.members.iter().map(member).collect::<Vec<_>>().join("\n"))
    });
    row("团队成员", "人", &|bid| bid.team.into());
    row("成果", "项", &|bid| bid.evidence.into());
    row("附件", "个", &|bid| bid.files.into());
    row("最近一次变更", "", &|bid| text(if bid.is_confirmed { "" } else { "未确认" }));
    row("技术路线", "", &|bid| text(&bid.route));
    (columns, rows)
}

fn indicator(row: &ComparedRow) -> Vec<Cell> {
    let mut cells = vec![text(&row.name), text(&row.unit), text(row.value.as_deref().unwrap_or("各份不同"))];
    for answer in &row.answers {
        let Some(Answer { asked, promise }) = answer else {
            cells.extend(["", "提交时没有这项指标"].map(Cell::from));
            continue;
        };
        let then = if row.value.is_none() { format!("提交时要求 {asked}。") } else { String::new() };
        match promise {
            Some(promise) => cells.extend([text(&promise.value), text(format!("{then}{}", promise.remark))]),
            None => cells.extend([Cell::from("未应答"), text(then)]),
        }
    }
    cells
}
