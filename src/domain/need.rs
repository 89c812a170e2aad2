//! Needs 创新需求, with the four items of 第六条.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::problem::{Fault, InvalidTransition};
use super::text::{tidied, tidied_or_none};

/// What an enterprise wants solved (渝科局发〔2024〕92号 第六条).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Need {
    pub id: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub organization: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub title: Option<String>,
    /// （一）拟解决的突出技术问题.
    pub problem: String,
    /// （二）拟采取的组织实施方式.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub mode: Option<NeedMode>,
    /// （三）拟达到预期目标.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub targets: Vec<Target>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub scenario: Option<String>,
    /// （四）资金投入总额, in yuan.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub total_investment: Option<u64>,
    /// Of the total, in yuan.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub self_raised: Option<u64>,
    /// Taxonomy code.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub field: Option<String>,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub region: Option<String>,
    /// ISO 8601 date.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub deadline: Option<String>,
    /// Who owns the results.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub ownership: Option<String>,
}

impl Need {
    /// A need of free text only.
    pub fn from_text(text: &str) -> Self {
        Self { problem: text.to_owned(), ..Self::default() }
    }

    /// The text that the need is matched by.
    pub fn text(&self) -> String {
        let mut parts: Vec<&str> = self.title.iter().map(String::as_str).collect();
        parts.push(&self.problem);
        parts.extend(self.scenario.as_deref());
        parts.extend(self.targets.iter().map(|t| t.name.as_str()));
        parts.join("\n")
    }

    /// What a list calls it: the title, or else how the problem begins.
    pub fn heading(&self) -> String {
        const BEGINNING: usize = 40;
        self.title.clone().unwrap_or_else(|| {
            let mut chars = self.problem.split_whitespace().flat_map(str::chars);
            let beginning: String = chars.by_ref().take(BEGINNING).collect();
            if chars.next().is_some() { beginning + "…" } else { beginning }
        })
    }

    /// The need as it is kept: texts tidied, blank fields and blank rows of targets gone.
    #[must_use]
    pub fn tidied(self) -> Self {
        let target =
            |t: Target| Target { name: tidied(&t.name), value: tidied(&t.value), unit: tidied_or_none(t.unit) };
        Self {
            id: self.id,
            organization: tidied_or_none(self.organization),
            title: tidied_or_none(self.title),
            problem: tidied(&self.problem),
            mode: self.mode,
            targets: self.targets.into_iter().map(target).filter(|t| !t.is_blank()).collect(),
            scenario: tidied_or_none(self.scenario),
            total_investment: self.total_investment,
            self_raised: self.self_raised,
            field: tidied_or_none(self.field),
            region: tidied_or_none(self.region),
            deadline: tidied_or_none(self.deadline),
            ownership: tidied_or_none(self.ownership),
        }
    }
}

/// Own money is a part of the total: more than it is a slip.
pub fn self_raised_fault(total: Option<u64>, own: Option<u64>) -> Option<Fault> {
    let (total, own) = total.zip(own).filter(|(total, own)| own > total)?;
    let reason = format!("自筹资金 {own} 元多于总投资 {total} 元；请核对两个金额和它们的单位");
    Some(Fault::new("self-raised-exceeds-total", reason))
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum NeedMode {
    /// 企业自主攻关
    #[serde(rename = "self")]
    SelfReliant,
    /// 产学研协同攻关
    Collaborative,
    /// “揭榜挂帅”
    OpenChallenge,
}

impl NeedMode {
    pub const ALL: [Self; 3] = [Self::SelfReliant, Self::Collaborative, Self::OpenChallenge];

    /// As it is written in files, in the store and in the API.
    pub const fn code(self) -> &'static str {
        match self {
            Self::SelfReliant => "self",
            Self::Collaborative => "collaborative",
            Self::OpenChallenge => "open_challenge",
        }
    }

    pub const fn name(self) -> &'static str {
        match self {
            Self::SelfReliant => "企业自主攻关",
            Self::Collaborative => "产学研协同攻关",
            Self::OpenChallenge => "揭榜挂帅",
        }
    }
}

/// A measurable target.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Target {
    pub name: String,
    pub value: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
}

impl Target {
    pub fn is_blank(&self) -> bool {
        self.name.is_empty() && self.value.is_empty() && self.unit.is_none()
    }

    /// Name, value and unit on one line.
    pub fn text(&self) -> String {
        format!("{} {} {}", self.name, self.value, self.unit.as_deref().unwrap_or_default()).trim().to_owned()
    }
}

/// How far a need has come.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum NeedStatus {
    Draft,
    /// Waits for the operator.
    Submitted,
    /// Self-reliant or collaborative, and to be seen by all.
    Published,
    /// On the 揭榜挂帅 board.
    Challenge,
    /// Recommended by its district (第八条).
    Nominated,
    /// A project of the plan (第十四条).
    Project,
    /// Taken back by its enterprise.
    Withdrawn,
    /// Ended by the platform, or because it is solved.
    Closed,
}

impl NeedStatus {
    pub const ALL: [Self; 8] = [
        Self::Draft,
        Self::Submitted,
        Self::Published,
        Self::Challenge,
        Self::Nominated,
        Self::Project,
        Self::Withdrawn,
        Self::Closed,
    ];

    /// As it is written in the store and in the API.
    pub const fn code(self) -> &'static str {
        match self {
            Self::Draft => "draft",
            Self::Submitted => "submitted",
            Self::Published => "published",
            Self::Challenge => "challenge",
            Self::Nominated => "nominated",
            Self::Project => "project",
            Self::Withdrawn => "withdrawn",
            Self::Closed => "closed",
        }
    }

    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|status| status.code() == code)
    }

    pub const fn name(self) -> &'static str {
        match self {
            Self::Draft => "草稿",
            Self::Submitted => "待审核",
            Self::Published => "已发布",
            Self::Challenge => "揭榜中",
            Self::Nominated => "已推荐申报",
            Self::Project => "已立项",
            Self::Withdrawn => "已撤回",
            Self::Closed => "已关闭",
        }
    }

    /// Whether its content may still be changed.
    pub const fn is_editable(self) -> bool {
        matches!(self, Self::Draft)
    }

    /// Whether public search shows it.
    pub const fn is_public(self) -> bool {
        matches!(self, Self::Published | Self::Challenge)
    }

    /// Whether no step leads on.
    pub const fn is_final(self) -> bool {
        matches!(self, Self::Withdrawn | Self::Closed)
    }

    /// The status that a step leads to. Who may take it is not decided here.
    ///
    /// # Errors
    /// The status does not allow the step.
    pub fn next(self, action: NeedAction) -> Result<Self, InvalidTransition> {
        self.after(action).ok_or_else(|| InvalidTransition {
            thing: "需求",
            state: self.name(),
            action: action.name(),
            allowed: NeedAction::NAMED.iter().filter(|a| self.after(**a).is_some()).map(|a| a.name()).collect(),
        })
    }

    fn after(self, action: NeedAction) -> Option<Self> {
        Some(match (self, action) {
            (Self::Draft, NeedAction::Submit) => Self::Submitted,
            (Self::Submitted, NeedAction::Return) => Self::Draft,
            (Self::Submitted, NeedAction::Publish(NeedMode::OpenChallenge)) => Self::Challenge,
            (Self::Submitted, NeedAction::Publish(_)) => Self::Published,
            (Self::Published | Self::Challenge, NeedAction::Nominate) => Self::Nominated,
            (Self::Nominated, NeedAction::Establish) => Self::Project,
            (_, NeedAction::Withdraw) if !self.is_final() => Self::Withdrawn,
            (_, NeedAction::Close) if !self.is_final() => Self::Closed,
            _ => return None,
        })
    }
}

/// A step of a need.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum NeedAction {
    Submit,
    /// Back to its enterprise, to be mended.
    Return,
    /// To the public list or, as an open challenge, to the board.
    Publish(NeedMode),
    /// 区县推荐申报 (第八条)
    Nominate,
    /// 立项 (第十四条)
    Establish,
    Withdraw,
    Close,
}

impl NeedAction {
    /// One of each name.
    const NAMED: [Self; 7] = [
        Self::Submit,
        Self::Return,
        Self::Publish(NeedMode::Collaborative),
        Self::Nominate,
        Self::Establish,
        Self::Withdraw,
        Self::Close,
    ];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Submit => "提交",
            Self::Return => "退回修改",
            Self::Publish(_) => "发布",
            Self::Nominate => "推荐申报",
            Self::Establish => "立项",
            Self::Withdraw => "撤回",
            Self::Close => "关闭",
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_name_each_status_once_and_are_those_of_serde() {
        for status in NeedStatus::ALL {
            assert_eq!(NeedStatus::from_code(status.code()), Some(status));
            assert_eq!(serde_json::to_value(status).unwrap(), status.code());
        }
        for mode in NeedMode::ALL {
            assert_eq!(serde_json::to_value(mode).unwrap(), mode.code());
        }
        assert_eq!(NeedStatus::from_code("Draft"), None);
    }

    /// Every pair of status and step: those listed lead on, all others are refused.
    #[test]
    fn a_need_goes_the_way_of_design_and_no_other() {
        use NeedAction::{Close, Establish, Nominate, Publish, Return, Submit, Withdraw};
        use NeedStatus::{Challenge, Closed, Draft, Nominated, Project, Published, Submitted, Withdrawn};
        let way = [
            (Draft, Submit, Submitted),
            (Submitted, Return, Draft),
            (Submitted, Publish(NeedMode::Collaborative), Published),
            (Submitted, Publish(NeedMode::SelfReliant), Published),
            (Submitted, Publish(NeedMode::OpenChallenge), Challenge),
            (Published, Nominate, Nominated),
            (Challenge, Nominate, Nominated),
            (Nominated, Establish, Project),
        ];
        let ends = [Draft, Submitted, Published, Challenge, Nominated, Project]
            .into_iter()
            .flat_map(|status| [(status, Withdraw, Withdrawn), (status, Close, Closed)]);
        let way: Vec<_> = way.into_iter().chain(ends).collect();
        let modes = NeedMode::ALL.map(Publish);
        let actions = [Submit, Return, Nominate, Establish, Withdraw, Close].into_iter().chain(modes);
        for (status, action) in NeedStatus::ALL.into_iter().flat_map(|s| actions.clone().map(move |a| (s, a))) {
            let expected = way.iter().find(|(from, by, _)| (*from, *by) == (status, action)).map(|(.., to)| *to);
            assert_eq!(status.next(action).ok(), expected, "{status:?} {action:?}");
        }
    }

    #[test]
    fn a_refused_step_says_what_can_be_done() {
        let error = NeedStatus::Draft.next(NeedAction::Nominate).unwrap_err();
        assert_eq!(error.to_string(), "需求现在是“草稿”，不能“推荐申报”；可以：提交、撤回、关闭");
        let error = NeedStatus::Closed.next(NeedAction::Submit).unwrap_err();
        assert_eq!(error.to_string(), "需求现在是“已关闭”，不能“提交”；它已经结束");
    }

    #[test]
    fn tidied_needs_have_no_blank_fields() {
        let blank = || Some(" \u{200b}".to_owned());
        let row = |name: &str| Target { name: name.to_owned(), value: " ".to_owned(), unit: blank() };
        let need = Need {
            problem: " 电芯\r\n热失控 ".to_owned(),
            title: blank(),
            scenario: blank(),
            deadline: Some(" 2027-06-30 ".to_owned()),
            targets: vec![row(" "), row("寿命 ")],
            ..Need::default()
        };
        let expected = Need {
            problem: "电芯\n热失控".to_owned(),
            deadline: Some("2027-06-30".to_owned()),
            targets: vec![Target { name: "寿命".to_owned(), value: String::new(), unit: None }],
            ..Need::default()
        };
        assert_eq!(need.tidied(), expected);
    }
}
