//! What must be there before a challenge is published.

use super::super::money::MAX_YUAN;
use super::super::ownership::{Ownership, is_undecided};
use super::super::problem::FieldProblem;
use super::super::text::{Lines, MAX_LONG, MAX_PROBLEM, MAX_SHORT, faults, tidied};
use super::{Challenge, Contact};

/// Numbers that publishing goes by.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// 第十六条: 项目实施周期一般不超过2年.
    pub months_max: u32,
    /// A challenge is open this long at least, so that bidders outside the city can answer.
    pub open_min_ms: i64,
}

/// Most rows of a list in a challenge or a bid.
pub const ROWS_MAX: usize = 50;

/// What is wrong with texts and lists as they are written: a draft may lack anything, but what it has
/// must be sound.
pub fn check_draft(challenge: &Challenge) -> Vec<FieldProblem> {
    let mut found = Vec::new();
    let mut text = |field: String, text: &str, max: usize, lines: Lines| {
        found.extend(faults(text, max, lines).into_iter().map(|fault| FieldProblem::at(field.clone(), fault)));
    };
    text("title".into(), &challenge.title, MAX_SHORT, Lines::One);
    text("problem".into(), &challenge.problem, MAX_PROBLEM, Lines::Many);
    for (at, row) in challenge.indicators.iter().enumerate() {
        for (name, value) in [("name", &row.name), ("value", &row.value), ("unit", &row.unit), ("test", &row.test)] {
            text(format!("indicators[{at}].{name}"), value, MAX_SHORT, Lines::One);
        }
    }
    text("contact_text".into(), &challenge.contact_text, MAX_SHORT, Lines::One);
    if let Some(terms) = &challenge.ownership {
        text("ownership.text".into(), &terms.text, MAX_LONG, Lines::Many);
    }
    for (at, row) in challenge.stages.iter().enumerate() {
        text(format!("stages[{at}].name"), &row.name, MAX_SHORT, Lines::One);
    }
    for (at, row) in challenge.criteria.iter().enumerate() {
        text(format!("criteria[{at}].name"), &row.name, MAX_SHORT, Lines::One);
    }
    let conditions = &challenge.conditions;
    for (field, list) in [("regions", &conditions.regions), ("qualifications", &conditions.qualifications)] {
        for (at, item) in list.iter().enumerate() {
            text(format!("conditions.{field}[{at}]"), item, MAX_SHORT, Lines::One);
        }
    }
    if challenge.reward.is_some_and(|yuan| yuan > MAX_YUAN) {
        found.push(FieldProblem::new("reward", "too-much-money", "金额过大：请核对单位，表单里填的是万元"));
    }
    for (field, rows) in [
        ("indicators", challenge.indicators.len()),
        ("stages", challenge.stages.len()),
        ("criteria", challenge.criteria.len()),
        ("conditions.regions", conditions.regions.len()),
        ("conditions.qualifications", conditions.qualifications.len()),
    ] {
        if rows > ROWS_MAX {
            found.push(FieldProblem::new(field, "too-many-rows", format!("有 {rows} 行，最多 {ROWS_MAX} 行：请合并")));
        }
    }
    found
}

/// All that stands against publishing, in the order of the form.
pub fn check_publish(challenge: &Challenge, now: i64, limits: Limits) -> Vec<FieldProblem> {
    let mut found = check_content(challenge, limits);
    found.extend(times(challenge, now, limits));
    found
}

/// The same but for the times: what an amendment is held to.
pub fn check_content(challenge: &Challenge, limits: Limits) -> Vec<FieldProblem> {
    let mut found = Vec::new();
    let mut problem = |field: String, code, message: String| found.push(FieldProblem::new(field, code, message));
    let blank = |text: &str| tidied(text).is_empty();
    if blank(&challenge.title) {
        problem("title".into(), "missing-title", "请填写榜单名称".into());
    }
    if blank(&challenge.problem) {
        problem("problem".into(), "missing-problem", "请写明要解决的技术问题（第六条（一））".into());
    }
    if challenge.indicators.is_empty() {
        problem("indicators".into(), "missing-indicators", "请至少写一项核心指标（第六条（三））".into());
    }
    for (at, indicator) in challenge.indicators.iter().enumerate() {
        for (field, value, what) in [
            ("name", &indicator.name, "指标名称"),
            ("value", &indicator.value, "目标值"),
            ("test", &indicator.test, "测试方法：没有它，达标与否无法判断"),
        ] {
            if blank(value) {
                let message = format!("第 {} 项指标缺少{what}", at + 1);
                problem(format!("indicators[{at}].{field}"), "incomplete-indicator", message);
            }
        }
    }
    match challenge.months {
        None | Some(0) => problem("months".into(), "missing-months", "请填写完成期限（月）".into()),
        Some(months) if months > limits.months_max => {
            let message = format!("完成期限 {months} 个月超过 {} 个月（第十六条）", limits.months_max);
            problem("months".into(), "too-many-months", message);
        }
        Some(_) => {}
    }
    if challenge.contact == Contact::Shown && tidied(&challenge.contact_text).is_empty() {
        let message = "选择了公布联系人，请写明联系人和电话（建议写办公电话）";
        problem("contact_text".into(), "missing-contact", message.into());
    }
    match &challenge.ownership {
        None => problem("ownership".into(), "missing-ownership", "请选择成果归属".into()),
        Some(terms) if terms.template == Ownership::Otherwise && (blank(&terms.text) || is_undecided(&terms.text)) => {
            let message = "“另行约定”须写明具体约定后才能发布：专利、论文、使用权和收益各归谁";
            problem("ownership.text".into(), "ownership-not-written-out", message.into());
        }
        Some(_) => {}
    }
    if challenge.reward.unwrap_or(0) == 0 {
        problem("reward".into(), "missing-reward", "请填写榜单金额（第五条 出资挂榜）".into());
    }
    shares("stages", "付款阶段", challenge.stages.iter().map(|s| (s.name.as_str(), s.percent)), &mut found);
    shares("criteria", "评价标准", challenge.criteria.iter().map(|c| (c.name.as_str(), c.weight)), &mut found);
    found
}

/// Named shares of a whole: there are some, each has a name and counts, together they are 100 %.
fn shares<'a>(field: &str, what: &str, parts: impl Iterator<Item = (&'a str, u32)>, found: &mut Vec<FieldProblem>) {
    let parts: Vec<_> = parts.collect();
    if parts.is_empty() {
        return found.push(FieldProblem::new(field, "missing-shares", format!("请填写{what}")));
    }
    for (at, (name, share)) in parts.iter().enumerate() {
        if tidied(name).is_empty() || *share == 0 {
            let message = format!("{what}第 {} 行须有名称和大于 0 的比例", at + 1);
            found.push(FieldProblem::new(format!("{field}[{at}]"), "empty-share", message));
        }
    }
    let sum: u64 = parts.iter().map(|p| u64::from(p.1)).sum();
    if sum != 100 {
        let message = format!("{what}的比例合计 {sum}%，应为 100%");
        found.push(FieldProblem::new(field, "shares-not-whole", message));
    }
}

fn times(challenge: &Challenge, now: i64, limits: Limits) -> Vec<FieldProblem> {
    let mut found = Vec::new();
    let mut problem = |field: &str, code, message: String| found.push(FieldProblem::new(field, code, message));
    let Some(closes) = challenge.closes_at else {
        problem("closes_at", "missing-closing", "请填写揭榜截止时间".into());
        return found;
    };
    let opens = challenge.opens_at.unwrap_or(now).max(now);
    if closes <= now {
        problem("closes_at", "closing-in-the-past", "揭榜截止时间已过，请另选".into());
    } else if closes.saturating_sub(opens) < limits.open_min_ms {
        let days = limits.open_min_ms / 86_400_000;
        problem("closes_at", "open-too-short", format!("从开始到截止至少 {days} 天，外地揭榜方才来得及准备"));
    }
    if challenge.questions_until.is_some_and(|until| until >= closes) {
        problem("questions_until", "questions-after-closing", "提问截止须早于揭榜截止".into());
    }
    found
}

#[cfg(test)]
pub(super) mod tests {
    use super::super::{Criterion, Indicator, Stage, Terms};
    use super::*;

    pub const DAY: i64 = 86_400_000;
    const NOW: i64 = 20_000 * DAY;
    const LIMITS: Limits = Limits { months_max: 24, open_min_ms: 10 * DAY };

    pub fn complete() -> Challenge {
        Challenge {
            title: "示例榜单".into(),
            problem: "电池包热失控扩散".into(),
            indicators: vec![Indicator {
                name: "扩散时间".into(),
                value: "≥ 30".into(),
                unit: "min".into(),
                test: "GB 38031 整包试验".into(),
            }],
            months: Some(18),
            ownership: Some(Terms { template: Ownership::Shared, text: String::new() }),
            reward: Some(2_000_000),
            stages: vec![Stage { name: "签约".into(), percent: 40 }, Stage { name: "验收".into(), percent: 60 }],
            criteria: vec![
                Criterion { name: "路线".into(), weight: 70 },
                Criterion { name: "团队".into(), weight: 30 },
            ],
            opens_at: Some(NOW),
            questions_until: Some(NOW + 15 * DAY),
            closes_at: Some(NOW + 20 * DAY),
            ..Challenge::default()
        }
    }

    #[test]
    fn everything_that_is_missing_is_said_at_once() {
        let codes = |c: &Challenge| check_publish(c, NOW, LIMITS).iter().map(|p| p.code).collect::<Vec<_>>();
        assert_eq!(codes(&complete()), Vec::<&str>::new());
        let all = [
            "missing-title",
            "missing-problem",
            "missing-indicators",
            "missing-months",
            "missing-ownership",
            "missing-reward",
            "missing-shares",
            "missing-shares",
            "missing-closing",
        ];
        assert_eq!(codes(&Challenge::default()), all);
        type Change = fn(&mut Challenge);
        let cases: [(Change, &[&str]); 12] = [
            (|c| c.indicators[0].test = "　".into(), &["incomplete-indicator"]),
            (|c| c.months = Some(25), &["too-many-months"]),
            (
                |c| c.ownership = Some(Terms { template: Ownership::Otherwise, text: String::new() }),
                &["ownership-not-written-out"],
            ),
            (
                |c| c.ownership = Some(Terms { template: Ownership::Otherwise, text: "双方协商".into() }),
                &["ownership-not-written-out"],
            ),
            (
                |c| {
                    c.ownership = Some(Terms {
                        template: Ownership::Otherwise,
                        text: "专利归发榜方，揭榜方可用于教学科研，收益按投入比例分配".into(),
                    })
                },
                &[],
            ),
            (|c| c.reward = Some(0), &["missing-reward"]),
            (|c| c.stages[0].percent = 30, &["shares-not-whole"]),
            (|c| c.criteria[1].weight = 0, &["empty-share", "shares-not-whole"]),
            (|c| c.closes_at = Some(NOW), &["closing-in-the-past", "questions-after-closing"]),
            (|c| c.opens_at = Some(NOW + 11 * DAY), &["open-too-short"]),
            (|c| c.questions_until = c.closes_at, &["questions-after-closing"]),
            (|c| c.closes_at = Some(i64::MAX), &[]),
        ];
        for (at, (change, expected)) in cases.into_iter().enumerate() {
            let mut challenge = complete();
            change(&mut challenge);
            assert_eq!(codes(&challenge), expected, "case {at}");
        }
    }
}
