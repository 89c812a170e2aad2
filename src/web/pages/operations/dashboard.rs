//! What waits, and how the platform does: figures of a year as charts, with the numbers beneath.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;

use super::chart::{self, About, Label, Series, number_of};
use super::page;
use crate::app::dashboard::{Dashboard, FieldNeeds};
use crate::domain::Month;
use crate::web::Shared;
use crate::web::error::PageError;
use crate::web::pages::frame::Frame;

/// Clusters with a colour of their own; all others are one series.
const CLUSTERS: usize = 5;

pub fn router() -> Router<Shared> {
    Router::new().route("/operations", get(show))
}

/// Something that waits: how many, and where.
struct Tile {
    path: &'static str,
    label: &'static str,
    count: String,
    is_zero: bool,
}

/// A chart with the table of its numbers.
struct Figure {
    title: &'static str,
    /// The most important number, and what it is.
    headline: String,
    hint: String,
    /// `None` where there is nothing to draw.
    svg: Option<String>,
    /// What the colours are.
    legend: Vec<(usize, String)>,
    head: Vec<String>,
    rows: Vec<Vec<String>>,
}

#[derive(Template)]
#[template(path = "operations/dashboard.html", config = "src/web/askama.toml")]
struct DashboardPage {
    frame: Frame,
    tiles: Vec<Tile>,
    figures: [Figure; 4],
}

async fn show(State(shared): State<Shared>, frame: Frame) -> Result<Response, PageError> {
    let dashboard = shared.app.dashboard(frame.signed()?).await?;
    let labels = labels(&dashboard.months);
    let figures = [
        needs(&dashboard, &labels),
        matched(&dashboard, &labels),
        invited(&dashboard, &labels),
        contact(&dashboard, &labels),
    ];
    Ok(page(StatusCode::OK, &DashboardPage { frame, tiles: tiles(&dashboard), figures }))
}

fn tiles(dashboard: &Dashboard) -> Vec<Tile> {
    let waiting = &dashboard.waiting;
    let tile = |path, label, count: Option<i64>| {
        count.map(|count| Tile { path, label, count: count.to_string(), is_zero: count == 0 })
    };
    let duplicates = waiting.duplicates.map(|found| Tile {
        path: "/operations/duplicates",
        label: "疑似重复",
        count: format!("{}{}", found.count, if found.more { "+" } else { "" }),
        is_zero: found.count == 0 && !found.more,
    });
    let tiles = [
        tile("/operations/needs?status=submitted", "待审核的需求", waiting.needs),
        tile("/operations/accounts?status=pending", "待审核的注册", waiting.registrations),
        tile("/operations/claims", "待审核的认领", waiting.claims),
        duplicates,
    ];
    tiles.into_iter().flatten().collect()
}

/// Months under an axis: the number, and the year where it begins.
fn labels(months: &[Month]) -> Vec<Label> {
    let label = |(at, month): (usize, &Month)| Label {
        short: format!("{}月", month.number()),
        under: (at == 0 || month.number() == 1).then(|| month.year().to_string()),
        whole: month.to_string(),
    };
    months.iter().enumerate().map(label).collect()
}

/// `月份` and the names of the columns.
fn head(columns: &[&str]) -> Vec<String> {
    std::iter::once("月份").chain(columns.iter().copied()).map(str::to_owned).collect()
}

/// A row for each month.
fn rows(labels: &[Label], cells: impl Fn(usize) -> Vec<String>) -> Vec<Vec<String>> {
    let row = |(at, label): (usize, &Label)| std::iter::once(label.whole.clone()).chain(cells(at)).collect();
    labels.iter().enumerate().map(row).collect()
}

fn values(counts: &[i64]) -> Vec<f64> {
    counts.iter().map(|count| *count as f64).collect()
}

/// The first fields each for itself, the others together.
fn pooled(fields: &[FieldNeeds]) -> Vec<Series> {
    let named = if fields.len() > CLUSTERS + 1 { CLUSTERS } else { fields.len() };
    let (named, others) = fields.split_at(named);
    let mut series: Vec<Series> =
        named.iter().map(|f| Series { name: f.name.clone(), values: values(&f.counts) }).collect();
    if let Some(first) = others.first() {
        let sum = |at: usize| others.iter().map(|f| f.counts[at] as f64).sum();
        series.push(Series { name: "其他".into(), values: (0..first.counts.len()).map(sum).collect() });
    }
    series
}

fn legend(series: &[Series]) -> Vec<(usize, String)> {
    series.iter().enumerate().map(|(number, s)| (chart::colour(number), s.name.clone())).collect()
}

fn needs(dashboard: &Dashboard, labels: &[Label]) -> Figure {
    let series = pooled(&dashboard.needs);
    let total: i64 = dashboard.needs.iter().map(FieldNeeds::total).sum();
    let description = format!("近 12 个月企业提交的需求共 {total} 条，按月份和产业集群堆叠");
    let title = "各集群提交的需求";
    let about = About { id: "chart-needs", title, description: &description, unit: "条" };
    let names: Vec<&str> = dashboard.needs.iter().map(|f| f.name.as_str()).collect();
    let by_month = |at: usize| dashboard.needs.iter().map(|f| f.counts[at].to_string()).collect();
    Figure {
        title,
        headline: format!("{total} 条"),
        hint: "近 12 个月提交，撤回的不计".into(),
        svg: (total > 0).then(|| chart::bars(about, labels, &series)),
        legend: legend(&series),
        head: head(&names),
        rows: rows(labels, by_month),
    }
}

fn matched(dashboard: &Dashboard, labels: &[Label]) -> Figure {
    let all = dashboard.matched;
    let shares: Vec<Option<f64>> = dashboard.matched_by_month.iter().map(|m| m.percent()).collect();
    let percent = |share: Option<f64>| share.map_or("—".to_owned(), |share| format!("{}%", number_of(share)));
    let description = format!("近 12 个月有高度匹配团队的需求占 {}，按提交月份连成折线", percent(all.percent()));
    let title = "有高度匹配团队的需求";
    let about = About { id: "chart-matched", title, description: &description, unit: "%" };
    let missing = all.needs - all.measured;
    let hint = match missing {
        0 => format!("{} 条需求中的 {} 条", all.measured, all.matched),
        _ => format!("已测算 {} 条，其中 {} 条；另有 {missing} 条正在测算，稍后刷新可见", all.measured, all.matched),
    };
    let cells = |at: usize| {
        let month = dashboard.matched_by_month[at];
        vec![month.measured.to_string(), month.matched.to_string(), percent(month.percent())]
    };
    Figure {
        title,
        headline: percent(all.percent()),
        hint,
        svg: (all.measured > 0).then(|| chart::line(about, labels, &shares, Some(100.0))),
        legend: Vec::new(),
        head: head(&["测算的需求", "有高度匹配", "占比"]),
        rows: rows(labels, cells),
    }
}

fn invited(dashboard: &Dashboard, labels: &[Label]) -> Figure {
    let months = &dashboard.invited_by_month;
    let series: Vec<Series> = [
        ("已接受", months.iter().map(|m| m.accepted).collect::<Vec<_>>()),
        ("待答复", months.iter().map(|m| m.open).collect()),
        ("已婉拒", months.iter().map(|m| m.declined).collect()),
        ("已撤回", months.iter().map(|m| m.withdrawn).collect()),
    ]
    .into_iter()
    .map(|(name, counts)| Series { name: name.into(), values: values(&counts) })
    .collect();
    let all = dashboard.invited;
    let description = format!("近 12 个月发出邀请 {} 个，其中已接受 {} 个，按发出月份堆叠", all.sent, all.accepted);
    let title = "发出与接受的邀请";
    let about = About { id: "chart-invited", title, description: &description, unit: "个" };
    let cells = |at: usize| {
        let m = months[at];
        [m.sent, m.accepted, m.open, m.declined, m.withdrawn].iter().map(i64::to_string).collect()
    };
    Figure {
        title,
        headline: format!("{} / {}", all.accepted, all.sent),
        hint: "接受 / 发出，按发出的月份".into(),
        svg: (all.sent > 0).then(|| chart::bars(about, labels, &series)),
        legend: legend(&series),
        head: head(&["发出", "已接受", "待答复", "已婉拒", "已撤回"]),
        rows: rows(labels, cells),
    }
}

fn contact(dashboard: &Dashboard, labels: &[Label]) -> Figure {
    let first = &dashboard.first_contact;
    let days = |days: Option<f64>| days.map_or("—".to_owned(), |days| format!("{} 天", number_of(days)));
    let description = format!(
        "近 12 个月 {} 条需求有了首次对接，从提交到第一个邀请被接受的中位时间 {}，按月份连成折线",
        first.needs,
        days(first.days),
    );
    let title = "首次对接用时";
    let about = About { id: "chart-contact", title, description: &description, unit: "天" };
    Figure {
        title,
        headline: days(first.days),
        hint: format!("从提交到首个邀请被接受的中位数，{} 条需求", first.needs),
        svg: first.days.is_some().then(|| chart::line(about, labels, &first.by_month, None)),
        legend: Vec::new(),
        head: head(&["中位用时"]),
        rows: rows(labels, |at| vec![days(first.by_month[at])]),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn field(name: &str, counts: [i64; 2]) -> FieldNeeds {
        FieldNeeds { code: None, name: name.into(), counts: counts.to_vec() }
    }

    #[test]
    fn small_clusters_are_one_series_and_nothing_is_lost() {
        let fields: Vec<FieldNeeds> = (0..8).map(|n| field(&n.to_string(), [8 - n, 1])).collect();
        let series = pooled(&fields);
        assert_eq!(series.len(), CLUSTERS + 1);
        assert_eq!((series[CLUSTERS].name.as_str(), &series[CLUSTERS].values[..]), ("其他", &[6.0, 3.0][..]));
        let sum: f64 = series.iter().flat_map(|s| &s.values).sum();
        assert_eq!(sum as i64, fields.iter().map(FieldNeeds::total).sum::<i64>());
        assert_eq!(pooled(&fields[..CLUSTERS + 1]).len(), CLUSTERS + 1, "one alone keeps its name");
        assert_eq!(pooled(&[]), []);
    }

    #[test]
    fn the_year_stands_where_it_begins() {
        let november = Month::at(1_793_462_400_000).unwrap();
        let months: Vec<Month> = (0..4).rev().map(|n| november.next().next().back(n)).collect();
        let under: Vec<Option<String>> = labels(&months).into_iter().map(|label| label.under).collect();
        assert_eq!(under, [Some("2026".to_owned()), None, None, Some("2027".to_owned())]);
    }
}
