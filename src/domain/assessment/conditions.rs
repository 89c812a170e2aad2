//! Money, time and ownership of a need, against the regulation's numbers.

use super::Finding;
use super::time_limit::has_time_limit;
use crate::domain::day::Day;
use crate::domain::money::in_words;
use crate::domain::need::Need;
use crate::domain::ownership::{Ownership, is_undecided};
use crate::domain::regulation::Parameters;
use crate::domain::text::shown;

/// 第八条: total and own money. That there is a total is asked by `check_submit`.
pub(super) fn money(need: &Need, parameters: &Parameters) -> Vec<Finding> {
    let Some(total) = need.total_investment.filter(|total| *total > 0) else { return Vec::new() };
    let mut findings = Vec::new();
    let least = parameters.total_investment_min.value;
    if total < least {
        let sentence = format!(
            "总投资 {}低于 {}，暂不能推荐申报攻关计划；请核对金额和单位，或补足投入",
            in_words(total),
            in_words(least)
        );
        findings.push(Finding::new("total-below-minimum", Some("total_investment"), sentence));
    }
    let percent = parameters.self_raised_min_percent.value;
    let own_least = in_words(parameters.self_raised_min(total));
    match need.self_raised {
        None => {
            let sentence = format!("没有写自筹资金；推荐申报要求自筹不低于总投资的 {percent}%，这里是 {own_least}");
            findings.push(Finding::new("no-self-raised", Some("self_raised"), sentence));
        }
        Some(own) if !parameters.self_raised_suffices(total, own) => {
            let share = u128::from(own) * 1000 / u128::from(total);
            let sentence = format!(
                "自筹资金 {}占总投资的 {}.{}%，低于 {percent}%；推荐申报至少要自筹 {own_least}",
                in_words(own),
                share / 10,
                share % 10
            );
            findings.push(Finding::new("self-raised-low", Some("self_raised"), sentence));
        }
        Some(own) if findings.is_empty() => {
            let sentence = format!("总投资 {}、自筹 {}，达到推荐申报的资金条件", in_words(total), in_words(own));
            findings.push(Finding::new("money-good", Some("total_investment"), sentence));
        }
        Some(_) => {}
    }
    findings
}

/// 第十六条: until when. A deadline that is no date is refused elsewhere, and asked for again here.
pub(super) fn time(need: &Need, today: Day, parameters: &Parameters) -> Option<Finding> {
    let Some(deadline) = need.deadline.as_deref().and_then(|text| Day::parse(text).ok()) else {
        let sentence = "没有时间要求；请选截止日期，或在技术问题里写明多长时间内完成";
        let said = has_time_limit(&need.problem);
        return (!said).then(|| Finding::new("no-time-limit", Some("deadline"), sentence));
    };
    if deadline < today {
        let sentence = format!("截止日期 {deadline} 已经过去；请改成今后的日期");
        return Some(Finding::new("deadline-past", Some("deadline"), sentence));
    }
    let months = parameters.period_max_months.value;
    let latest = today.plus_months(months);
    (deadline > latest).then(|| {
        let sentence = format!(
            "截止日期 {deadline} 太晚：项目实施周期一般不超过 {months} 个月，从今天起最晚到 {latest}；请提前，或分期实施"
        );
        Finding::new("period-over-limit", Some("deadline"), sentence)
    })
}

/// Who owns the results: by one of the templates, or written out.
pub(super) fn ownership(need: &Need) -> Option<Finding> {
    let text = need.ownership.as_deref().unwrap_or_default().trim();
    if text.is_empty() {
        let names: Vec<&str> = Ownership::ALL.iter().map(|ownership| ownership.name()).collect();
        let sentence = format!("没有写成果归属；请选一种：{}，另行约定的要写出约定", names.join("、"));
        return Some(Finding::new("no-ownership", Some("ownership"), sentence));
    }
    is_undecided(text).then(|| {
        let sentence = format!("成果归属写的是“{}”，没有写出约定；请写明专利、数据、收益各归谁", shown(text));
        Finding::new("ownership-undecided", Some("ownership"), sentence)
    })
}
