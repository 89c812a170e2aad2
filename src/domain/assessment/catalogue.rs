//! Every finding that an assessment can make, in one table, and the parts of the score.

use serde::Serialize;
use utoipa::ToSchema;

/// How much a finding matters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Severity {
    /// The need cannot be submitted.
    Blocking,
    /// The need can be submitted, and will meet difficulties.
    Warning,
    /// It could be better.
    Hint,
    /// It is as it should be.
    Good,
}

impl Severity {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Blocking => "必须补充",
            Self::Warning => "需要注意",
            Self::Hint => "建议",
            Self::Good => "良好",
        }
    }
}

/// A part of the score of completeness.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, Serialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Part {
    Problem,
    Mode,
    Targets,
    Money,
    Time,
    Ownership,
    Scenario,
}

impl Part {
    pub const ALL: [Self; 7] =
        [Self::Problem, Self::Mode, Self::Targets, Self::Money, Self::Time, Self::Ownership, Self::Scenario];

    pub const fn name(self) -> &'static str {
        match self {
            Self::Problem => "技术问题",
            Self::Mode => "组织方式",
            Self::Targets => "预期目标",
            Self::Money => "资金投入",
            Self::Time => "时间要求",
            Self::Ownership => "成果归属",
            Self::Scenario => "应用场景",
        }
    }

    /// Points of a part without findings; all parts give 100. Problem and targets are what a need is
    /// found and judged by, so they weigh half of it.
    pub const fn points(self) -> u32 {
        match self {
            Self::Problem | Self::Targets => 25,
            Self::Money => 15,
            Self::Mode | Self::Time | Self::Ownership => 10,
            Self::Scenario => 5,
        }
    }
}

/// What a code means.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Rule {
    /// Stable: other programs may tell by it.
    pub code: &'static str,
    pub severity: Severity,
    /// The part of the score that it lowers, and by how many points.
    pub costs: Option<(Part, u32)>,
    /// 第N条 that it follows from.
    pub article: Option<&'static str>,
    /// When it is found.
    pub meaning: &'static str,
}

const fn rule(
    code: &'static str,
    severity: Severity,
    costs: Option<(Part, u32)>,
    article: Option<&'static str>,
    meaning: &'static str,
) -> Rule {
    Rule { code, severity, costs, article, meaning }
}

use Part::{Mode, Money, Ownership, Problem, Scenario, Targets, Time};
use Severity::{Blocking, Good, Hint, Warning};

const SIX: Option<&str> = Some("第六条");
const SEVEN: Option<&str> = Some("第七条");
const EIGHT: Option<&str> = Some("第八条");

/// All rules. The blocking ones are those of [`crate::domain::need_check::check_submit`].
pub const RULES: &[Rule] = &[
    rule("no-problem", Blocking, Some((Problem, 25)), SIX, "没有写技术问题"),
    rule("problem-short", Warning, Some((Problem, 12)), SIX, "技术问题太短，看不出难点"),
    rule("problem-slogan", Warning, Some((Problem, 15)), SIX, "只有口号，没有技术内容"),
    rule("problem-long", Hint, Some((Problem, 3)), None, "技术问题太长，重点不突出"),
    rule("vague-word", Hint, Some((Problem, 4)), SIX, "含糊的词旁边没有数字"),
    rule("personal-data", Warning, None, None, "文字里有电话、身份证号或邮箱"),
    rule("no-mode", Blocking, Some((Mode, 10)), SIX, "没有选组织实施方式"),
    rule("no-target", Blocking, Some((Targets, 25)), SIX, "没有可考核的目标"),
    rule("target-incomplete", Blocking, Some((Targets, 10)), SIX, "目标缺名称或数值"),
    rule("target-in-text-only", Hint, Some((Targets, 8)), SIX, "数字写在文字里，没有列成目标"),
    rule("target-without-unit", Warning, Some((Targets, 6)), SIX, "目标的数值没有单位"),
    rule("target-not-measurable", Warning, Some((Targets, 8)), SIX, "目标的数值不是数字，无法考核"),
    rule("targets-good", Good, None, SIX, "目标都可考核"),
    rule("no-money", Blocking, Some((Money, 15)), SIX, "没有写资金投入总额"),
    rule("total-below-minimum", Warning, Some((Money, 6)), EIGHT, "总投资低于推荐申报的下限"),
    rule("no-self-raised", Hint, Some((Money, 4)), EIGHT, "没有写自筹资金"),
    rule("self-raised-low", Warning, Some((Money, 6)), EIGHT, "自筹资金比例低于下限"),
    rule("money-good", Good, None, EIGHT, "总投资和自筹比例达到申报条件"),
    rule("no-time-limit", Warning, Some((Time, 10)), None, "没有时间要求"),
    rule("deadline-past", Warning, Some((Time, 8)), None, "截止日期已过"),
    rule("period-over-limit", Warning, Some((Time, 4)), Some("第十六条"), "实施周期超过上限"),
    rule("no-ownership", Warning, Some((Ownership, 10)), None, "没有写成果归属"),
    rule("ownership-undecided", Warning, Some((Ownership, 7)), None, "成果归属写了另行约定，没有写出约定"),
    rule("no-scenario", Hint, Some((Scenario, 5)), SIX, "没有写应用场景"),
    rule("no-field", Hint, None, None, "没有选领域，可以按文字推定"),
    rule("field-differs", Hint, None, None, "所选领域与文字推定的不同"),
    rule("nobody-matches", Warning, None, SEVEN, "没有匹配的科技人才（团队）"),
    rule("no-strong-match", Hint, None, SEVEN, "没有高度匹配的科技人才（团队）"),
    rule("match-good", Good, None, SEVEN, "有高度匹配的科技人才（团队）"),
    rule("uncovered-words", Hint, None, SEVEN, "有些词没有任何成果涉及"),
    rule("near-duplicate", Warning, None, None, "与已有需求几乎相同"),
    rule("similar-need", Hint, None, None, "与已有需求相近"),
];

/// The rule of a code.
pub fn rule_of(code: &str) -> Option<&'static Rule> {
    RULES.iter().find(|rule| rule.code == code)
}
