//! What a bid 揭榜 says, and what it lacks. Content is sealed until opening; this is its form.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::super::money::MAX_YUAN;
use super::super::problem::FieldProblem;
use super::super::text::{Lines, MAX_LONG, MAX_SHORT, faults, tidied};
use super::publish::ROWS_MAX;
use super::{Challenge, Indicator};

/// A bid as its bidders write it. The order of the fields is that of the canonical content, which
/// receipts are made of: new fields go to the end.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Bid {
    /// Technical route.
    pub route: String,
    /// Row by row against those asked.
    pub promises: Vec<Promise>,
    /// Ids of talents.
    pub team: Vec<String>,
    /// Ids of pieces of evidence.
    pub evidence: Vec<String>,
    pub plan: Vec<Step>,
    pub budget: Vec<Cost>,
    pub members: Vec<Share>,
    /// The statement of integrity was read and agreed to.
    pub integrity: bool,
    /// SHA-256 of the attachments in hexadecimal, so that a file cannot be swapped.
    pub attachments: Vec<String>,
}

/// What is promised for one indicator.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Promise {
    pub value: String,
    pub remark: String,
}

/// A step of the plan.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Step {
    /// Months from the contract.
    pub month: u32,
    pub goal: String,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Cost {
    pub name: String,
    /// In yuan.
    pub amount: u64,
}

/// A member of a consortium, or the one bidder; the first leads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Share {
    /// Id of the organisation.
    pub organisation: String,
    pub role: String,
    pub percent: u32,
    /// An account of the member has agreed to this share and role.
    pub confirmed: bool,
}

/// What a member says to its part in a consortium.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum MemberStatus {
    Invited,
    Confirmed,
    Declined,
}

impl MemberStatus {
    pub const ALL: [Self; 3] = [Self::Invited, Self::Confirmed, Self::Declined];

    pub const fn code(self) -> &'static str {
        match self {
            Self::Invited => "invited",
            Self::Confirmed => "confirmed",
            Self::Declined => "declined",
        }
    }

    pub const fn name(self) -> &'static str {
        match self {
            Self::Invited => "待确认",
            Self::Confirmed => "已确认",
            Self::Declined => "已退出",
        }
    }
}

impl Bid {
    /// As it is kept: texts tidied, blank rows at the end gone. Promises stand beside the indicators,
    /// so none in between goes.
    #[must_use]
    pub fn tidied(self) -> Self {
        let promise = |row: Promise| Promise { value: tidied(&row.value), remark: tidied(&row.remark) };
        let mut promises: Vec<Promise> = self.promises.into_iter().map(promise).collect();
        while promises.last().is_some_and(|row| *row == Promise::default()) {
            promises.pop();
        }
        let plan = self.plan.into_iter().map(|row| Step { goal: tidied(&row.goal), ..row });
        let budget = self.budget.into_iter().map(|row| Cost { name: tidied(&row.name), ..row });
        Self {
            route: tidied(&self.route),
            promises,
            plan: plan.filter(|row| !row.goal.is_empty() || row.month > 0).collect(),
            budget: budget.filter(|row| !row.name.is_empty() || row.amount > 0).collect(),
            ..self
        }
    }

    /// What the whole budget comes to, in yuan.
    pub fn total(&self) -> u64 {
        self.budget.iter().fold(0, |sum, cost| sum.saturating_add(cost.amount))
    }

    /// What receipts are made of: the same bid gives the same bytes everywhere.
    ///
    /// # Errors
    /// None that these types allow.
    pub fn canonical(&self) -> serde_json::Result<Vec<u8>> {
        serde_json::to_vec(self)
    }
}

/// What is wrong with texts and lists as they are written: a draft may lack anything.
pub fn check_draft(bid: &Bid) -> Vec<FieldProblem> {
    let mut found = Vec::new();
    let mut text = |field: String, text: &str, max: usize, lines: Lines| {
        found.extend(faults(text, max, lines).into_iter().map(|fault| FieldProblem::at(field.clone(), fault)));
    };
    text("route".into(), &bid.route, MAX_LONG, Lines::Many);
    for (at, row) in bid.promises.iter().enumerate() {
        text(format!("promises[{at}].value"), &row.value, MAX_SHORT, Lines::One);
        text(format!("promises[{at}].remark"), &row.remark, MAX_SHORT, Lines::One);
    }
    for (at, row) in bid.plan.iter().enumerate() {
        text(format!("plan[{at}].goal"), &row.goal, MAX_SHORT, Lines::One);
    }
    for (at, row) in bid.budget.iter().enumerate() {
        text(format!("budget[{at}].name"), &row.name, MAX_SHORT, Lines::One);
    }
    for (at, _) in bid.budget.iter().enumerate().filter(|(_, cost)| cost.amount > MAX_YUAN) {
        let message = "金额过大：请核对单位，表单里填的是万元";
        found.push(FieldProblem::new(format!("budget[{at}].amount"), "too-much-money", message));
    }
    for (field, rows) in [
        ("promises", bid.promises.len()),
        ("team", bid.team.len()),
        ("evidence", bid.evidence.len()),
        ("plan", bid.plan.len()),
        ("budget", bid.budget.len()),
    ] {
        if rows > ROWS_MAX {
            found.push(FieldProblem::new(field, "too-many-rows", format!("有 {rows} 行，最多 {ROWS_MAX} 行：请合并")));
        }
    }
    found
}

/// The table of indicators: what is asked beside what is promised.
pub fn rows<'a>(challenge: &'a Challenge, bid: &'a Bid) -> impl Iterator<Item = (&'a Indicator, Option<&'a Promise>)> {
    let promise = |at: usize| bid.promises.get(at).filter(|p| !tidied(&p.value).is_empty());
    challenge.indicators.iter().enumerate().map(move |(at, asked)| (asked, promise(at)))
}

/// All that a bid lacks before it can be submitted, in the order of the form.
pub fn check_bid(bid: &Bid, challenge: &Challenge) -> Vec<FieldProblem> {
    let mut found = Vec::new();
    let mut problem = |field: String, code, message: String| found.push(FieldProblem::new(field, code, message));
    if tidied(&bid.route).is_empty() {
        problem("route".into(), "missing-route", "请写明技术路线".into());
    }
    for (at, (asked, promised)) in rows(challenge, bid).enumerate() {
        if promised.is_none() {
            let message = format!("请对指标“{}”（{} {}）逐项应答", asked.name, asked.value, asked.unit);
            problem(format!("promises[{at}].value"), "missing-promise", message);
        }
    }
    if bid.plan.is_empty() {
        problem("plan".into(), "missing-plan", "请填写进度计划".into());
    }
    let late = bid.plan.iter().enumerate().filter(|(_, step)| challenge.months.is_some_and(|m| step.month > m));
    for (at, step) in late {
        let message = format!("第 {} 个月超过榜单的完成期限", step.month);
        problem(format!("plan[{at}].month"), "step-too-late", message);
    }
    if bid.budget.iter().all(|c| c.amount == 0) {
        problem("budget".into(), "missing-budget", "请填写经费预算".into());
    }
    if bid.members.len() > 1 && !challenge.conditions.consortium {
        problem("members".into(), "no-consortium", "本榜单不接受联合体揭榜".into());
    }
    let sum: u64 = bid.members.iter().map(|m| u64::from(m.percent)).sum();
    if sum != 100 {
        problem("members".into(), "shares-not-whole", format!("各成员的份额合计 {sum}%，应为 100%"));
    }
    for (at, member) in bid.members.iter().enumerate() {
        if bid.members[..at].iter().any(|m| m.organisation == member.organisation) {
            problem(format!("members[{at}]"), "member-twice", "同一单位不能两次列为成员".into());
        }
        if !member.confirmed {
            problem(format!("members[{at}]"), "member-not-confirmed", "该成员尚未确认参加，请对方登录后确认".into());
        }
    }
    if !bid.integrity {
        problem("integrity".into(), "missing-integrity", "请阅读并同意科研诚信承诺".into());
    }
    found
}

#[cfg(test)]
mod tests {
    use super::super::publish::tests::complete as challenge;
    use super::*;

    fn bid() -> Bid {
        Bid {
            route: "气凝胶隔热与定向泄压".into(),
            promises: vec![Promise { value: "≥ 45".into(), remark: String::new() }],
            plan: vec![Step { month: 6, goal: "样件".into() }],
            budget: vec![Cost { name: "材料".into(), amount: 500_000 }],
            members: vec![Share { organisation: "o".into(), role: "牵头".into(), percent: 100, confirmed: true }],
            integrity: true,
            ..Bid::default()
        }
    }

    #[test]
    fn everything_that_is_missing_is_said_at_once() {
        let mut asked = challenge();
        let codes = |b: &Bid, c: &Challenge| check_bid(b, c).iter().map(|p| p.code).collect::<Vec<_>>();
        assert_eq!(codes(&bid(), &asked), Vec::<&str>::new());
        let all = [
            "missing-route",
            "missing-promise",
            "missing-plan",
            "missing-budget",
            "shares-not-whole",
            "missing-integrity",
        ];
        assert_eq!(codes(&Bid::default(), &asked), all);
        let half = |organisation: &str, confirmed| Share {
            organisation: organisation.into(),
            role: "成员".into(),
            percent: 50,
            confirmed,
        };
        let joint = Bid { members: vec![half("o", true), half("p", false)], ..bid() };
        assert_eq!(codes(&joint, &asked), ["no-consortium", "member-not-confirmed"]);
        asked.conditions.consortium = true;
        let twice = Bid { members: vec![half("o", true), half("o", true)], ..bid() };
        assert_eq!(codes(&twice, &asked), ["member-twice"]);
        let late = Bid { plan: vec![Step { month: 19, goal: "验收".into() }], ..bid() };
        assert_eq!(codes(&late, &asked), ["step-too-late"]);
    }

    #[test]
    fn an_amended_table_asks_for_the_new_row() {
        let mut asked = challenge();
        asked.indicators.push(asked.indicators[0].clone());
        let bid = bid();
        assert_eq!(rows(&asked, &bid).map(|(_, p)| p.is_some()).collect::<Vec<_>>(), [true, false]);
    }
}
