//! A bid as its form has it: texts as they were typed, and the bid that they make.

use serde::Deserialize;

use super::form::{amount, number, rows};
use crate::app::board::consortium::MemberDraft;
use crate::domain::FieldProblem;
use crate::domain::challenge::Indicator;
use crate::domain::challenge::bid::{Bid, Cost, Promise, Step};
use crate::domain::money::{MoneyUnit, money};
use crate::domain::text::tidied;
use crate::store::board::bids::BidMember;

/// Rows of a table that are read; the rules allow fewer, and say so.
const ROWS_MAX: usize = 200;

/// What the form sends, and shows again.
#[derive(Debug, Clone, Default, Deserialize)]
#[serde(default)]
pub struct BidForm {
    pub version: String,
    /// What the button asks for.
    pub r#do: String,
    pub route: String,
    pub promise_value: Vec<String>,
    pub promise_remark: Vec<String>,
    pub team: Vec<String>,
    pub evidence: Vec<String>,
    pub step_month: Vec<String>,
    pub step_goal: Vec<String>,
    pub cost_name: Vec<String>,
    /// In 万元 where no unit stands there.
    pub cost_amount: Vec<String>,
    pub member_organisation: Vec<String>,
    pub member_role: Vec<String>,
    pub member_percent: Vec<String>,
    pub integrity: String,
}

/// A row of the table of indicators: what is asked, and what is promised.
#[derive(Debug, Clone)]
pub struct PromiseRow {
    pub asked: Indicator,
    pub value: String,
    pub remark: String,
    /// The field of the promise, as problems have it.
    pub field: String,
}

impl BidForm {
    /// The form of a bid that is kept.
    pub fn of(bid: &Bid, members: &[BidMember], version: i64) -> Self {
        let others = || members.iter().skip(1);
        Self {
            version: version.to_string(),
            r#do: String::new(),
            route: bid.route.clone(),
            promise_value: bid.promises.iter().map(|p| p.value.clone()).collect(),
            promise_remark: bid.promises.iter().map(|p| p.remark.clone()).collect(),
            team: bid.team.clone(),
            evidence: bid.evidence.clone(),
            step_month: bid.plan.iter().map(|s| s.month.to_string()).collect(),
            step_goal: bid.plan.iter().map(|s| s.goal.clone()).collect(),
            cost_name: bid.budget.iter().map(|c| c.name.clone()).collect(),
            cost_amount: bid.budget.iter().map(|c| amount(c.amount)).collect(),
            member_organisation: others().map(|m| m.organisation_name.clone()).collect(),
            member_role: others().map(|m| m.role.clone()).collect(),
            member_percent: others().map(|m| m.percent.to_string()).collect(),
            integrity: if bid.integrity { "yes".into() } else { String::new() },
        }
    }

    pub fn version(&self) -> i64 {
        self.version.parse().unwrap_or(0)
    }

    /// The bid that was typed, without what cannot be read, and what that is.
    pub fn bid(&self) -> (Bid, Vec<MemberDraft>, Vec<FieldProblem>) {
        let mut problems = Vec::new();
        let of = |list: &[String], at: usize| list.get(at).cloned().unwrap_or_default();
        let count = |a: &[String], b: &[String]| a.len().max(b.len()).min(ROWS_MAX);
        let promises = (0..count(&self.promise_value, &self.promise_remark))
            .map(|at| Promise { value: of(&self.promise_value, at), remark: of(&self.promise_remark, at) })
            .collect();
        let plan = (0..count(&self.step_month, &self.step_goal))
            .map(|at| Step {
                month: number(format!("plan[{at}].month"), &of(&self.step_month, at), &mut problems).unwrap_or(0),
                goal: of(&self.step_goal, at),
            })
            .collect();
        let mut budget = Vec::new();
        for at in 0..count(&self.cost_name, &self.cost_amount) {
            let typed = tidied(&of(&self.cost_amount, at));
            let read = if typed.is_empty() { Ok(0) } else { money(&typed, MoneyUnit::TenThousand) };
            let amount = read.map_err(|fault| problems.push(FieldProblem::at(format!("budget[{at}].amount"), fault)));
            budget.push(Cost { name: of(&self.cost_name, at), amount: amount.unwrap_or(0) });
        }
        let partners = (0..count(&self.member_organisation, &self.member_role))
            .map(|at| MemberDraft {
                organisation: of(&self.member_organisation, at),
                role: of(&self.member_role, at),
                percent: number(format!("members[{at}].percent"), &of(&self.member_percent, at), &mut problems)
                    .unwrap_or(0),
            })
            .collect();
        let ids = |list: &[String]| list.iter().filter(|id| !id.is_empty()).cloned().collect();
        let bid = Bid {
            route: self.route.clone(),
            promises,
            team: ids(&self.team),
            evidence: ids(&self.evidence),
            plan,
            budget,
            integrity: !self.integrity.is_empty(),
            ..Bid::default()
        };
        (bid.tidied(), partners, problems)
    }

    /// A row for each indicator that is asked.
    pub fn promise_rows(&self, asked: &[Indicator]) -> Vec<PromiseRow> {
        let of = |list: &[String], at: usize| list.get(at).cloned().unwrap_or_default();
        let row = |(at, asked): (usize, &Indicator)| PromiseRow {
            asked: asked.clone(),
            value: of(&self.promise_value, at),
            remark: of(&self.promise_remark, at),
            field: format!("promises[{at}].value"),
        };
        asked.iter().enumerate().map(row).collect()
    }

    pub fn plan_rows(&self) -> Vec<[String; 2]> {
        rows([&self.step_month, &self.step_goal])
    }

    pub fn budget_rows(&self) -> Vec<[String; 2]> {
        rows([&self.cost_name, &self.cost_amount])
    }

    pub fn member_rows(&self) -> Vec<[String; 3]> {
        rows([&self.member_organisation, &self.member_role, &self.member_percent])
    }

    pub fn has_talent(&self, id: &str) -> bool {
        self.team.iter().any(|one| one == id)
    }

    pub fn has_evidence(&self, id: &str) -> bool {
        self.evidence.iter().any(|one| one == id)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bid_comes_through_its_form_as_it_was() {
        let bid = Bid {
            route: "路线\n两行".into(),
            promises: vec![Promise::default(), Promise { value: "≥ 45".into(), remark: "实测".into() }],
            team: vec!["t1".into()],
            evidence: vec!["e1".into(), "e2".into()],
            plan: vec![Step { month: 6, goal: "样件".into() }],
            budget: vec![Cost { name: "材料".into(), amount: 123_456 }],
            integrity: true,
            ..Bid::default()
        };
        let form = BidForm::of(&bid, &[], 3);
        assert_eq!(form.bid(), (bid, Vec::new(), Vec::new()));
        assert_eq!((form.version(), form.plan_rows().len()), (3, 2));
        let asked = vec![Indicator::default(); 3];
        let shown: Vec<_> = form.promise_rows(&asked).into_iter().map(|row| row.value).collect();
        assert_eq!(shown, ["", "≥ 45", ""], "each promise stands beside its indicator");
    }

    #[test]
    fn what_cannot_be_read_is_told_at_its_field() {
        let form = BidForm {
            step_month: vec!["六".into()],
            step_goal: vec!["样件".into()],
            cost_amount: vec!["很多".into()],
            member_organisation: vec!["示例大学".into()],
            member_percent: vec!["x".into()],
            ..BidForm::default()
        };
        let fields: Vec<_> = form.bid().2.into_iter().map(|p| p.field).collect();
        assert_eq!(fields, ["plan[0].month", "budget[0].amount", "members[0].percent"]);
    }
}
