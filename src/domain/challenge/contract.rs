//! The signed R&D contract of an award. A need whose contract is signed goes first (第九条).

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::super::day::Day;
use super::super::money::MAX_YUAN;
use super::super::problem::FieldProblem;

/// What is recorded of a contract. Money in yuan, days as `YYYY-MM-DD`.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields, default)]
pub struct Contract {
    pub amount: u64,
    pub signed_on: String,
    pub starts_on: String,
    pub ends_on: String,
    pub first_payment: u64,
    pub first_paid_on: String,
}

/// All that is wrong with a contract; `months_max` is 第十六条's.
pub fn check_contract(contract: &Contract, today: Day, months_max: u16) -> Vec<FieldProblem> {
    let mut found = Vec::new();
    let mut day = |field: &str, text: &str| {
        let read = Day::parse(text);
        read.map_err(|fault| found.push(FieldProblem::at(field, fault))).ok()
    };
    let signed = day("signed_on", &contract.signed_on);
    let starts = day("starts_on", &contract.starts_on);
    let ends = day("ends_on", &contract.ends_on);
    let paid = day("first_paid_on", &contract.first_paid_on);
    let mut wrong = |is_wrong: bool, field: &str, code, message: String| {
        if is_wrong {
            found.push(FieldProblem::new(field, code, message));
        }
    };
    let after = |a: Option<Day>, b: Option<Day>| a.zip(b).is_some_and(|(a, b)| a > b);
    wrong(contract.amount == 0, "amount", "missing-amount", "请填写合同金额，应大于 0".into());
    let message = "金额过大：请核对单位，表单里填的是万元";
    wrong(contract.amount > MAX_YUAN, "amount", "too-much-money", message.into());
    wrong(contract.first_payment == 0, "first_payment", "missing-payment", "请填写首付款，应大于 0".into());
    let over = contract.first_payment > contract.amount;
    wrong(over, "first_payment", "payment-too-large", "首付款不能超过合同金额".into());
    let future = |day: Option<Day>| after(day, Some(today));
    wrong(future(signed), "signed_on", "signed-later", "签订日期不能晚于今天：签好之后再登记".into());
    wrong(future(paid), "first_paid_on", "paid-later", "付款日期不能晚于今天：付款之后再登记".into());
    wrong(after(signed, starts), "starts_on", "starts-before-signing", "开始日期不能早于签订日期".into());
    wrong(after(signed, paid), "first_paid_on", "paid-before-signing", "付款日期不能早于签订日期".into());
    let backwards = starts.zip(ends).is_some_and(|(starts, ends)| ends <= starts);
    wrong(backwards, "ends_on", "ends-before-start", "结束日期须晚于开始日期".into());
    let latest = starts.map(|day| day.plus_months(months_max));
    let message = format!("实施周期一般不超过 {months_max} 个月（第十六条）");
    wrong(after(ends, latest), "ends_on", "too-long", message);
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_and_days_hold_together() {
        let good = Contract {
            amount: 2_000_000,
            signed_on: "2026-11-02".into(),
            starts_on: "2026-11-10".into(),
            ends_on: "2028-11-10".into(),
            first_payment: 800_000,
            first_paid_on: "2026-11-12".into(),
        };
        let today = Day::new(2026, 11, 20).unwrap();
        let codes = |contract: Contract| {
            check_contract(&contract, today, 24).iter().map(|p| (p.field.clone(), p.code)).collect::<Vec<_>>()
        };
        assert_eq!(codes(good.clone()), []);
        for (contract, field, code) in [
            (Contract { amount: 0, first_payment: 0, ..good.clone() }, "amount", "missing-amount"),
            (Contract { amount: u64::MAX, ..good.clone() }, "amount", "too-much-money"),
            (Contract { first_payment: 0, ..good.clone() }, "first_payment", "missing-payment"),
            (Contract { first_payment: 2_000_001, ..good.clone() }, "first_payment", "payment-too-large"),
            (Contract { signed_on: "2026-11-21".into(), ..good.clone() }, "signed_on", "signed-later"),
            (Contract { signed_on: "昨天".into(), ..good.clone() }, "signed_on", "bad-date"),
            (Contract { first_paid_on: "2026-12-01".into(), ..good.clone() }, "first_paid_on", "paid-later"),
            (Contract { first_paid_on: "2026-11-01".into(), ..good.clone() }, "first_paid_on", "paid-before-signing"),
            (
                Contract { starts_on: "2026-11-01".into(), ends_on: "2026-12-01".into(), ..good.clone() },
                "starts_on",
                "starts-before-signing",
            ),
            (Contract { ends_on: "2026-11-10".into(), ..good.clone() }, "ends_on", "ends-before-start"),
            (Contract { ends_on: "2028-11-11".into(), ..good.clone() }, "ends_on", "too-long"),
        ] {
            let found = codes(contract);
            assert!(found.contains(&(field.to_owned(), code)), "{field} {code}: {found:?}");
        }
        assert_eq!(codes(Contract::default()).len(), 6, "all at once");
    }
}
