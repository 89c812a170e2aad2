//! Needs 创新需求, with the four items of 第六条.

use serde::{Deserialize, Serialize};

/// What an enterprise wants solved (渝科局发〔2024〕92号 第六条).
#[derive(Debug, Clone, PartialEq, Eq, Default, Serialize, Deserialize)]
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
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
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

/// A measurable target.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Target {
    pub name: String,
    pub value: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub unit: Option<String>,
}
