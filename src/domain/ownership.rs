//! Who owns the results: the four templates, and whether a text decides it.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// The templates that a need or a challenge may start from.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum Ownership {
    Publisher,
    Bidder,
    Shared,
    /// To be written out, else nothing is agreed.
    Otherwise,
}

impl Ownership {
    pub const ALL: [Self; 4] = [Self::Publisher, Self::Bidder, Self::Shared, Self::Otherwise];

    pub const fn code(self) -> &'static str {
        match self {
            Self::Publisher => "publisher",
            Self::Bidder => "bidder",
            Self::Shared => "shared",
            Self::Otherwise => "otherwise",
        }
    }

    pub const fn name(self) -> &'static str {
        match self {
            Self::Publisher => "发榜方所有",
            Self::Bidder => "揭榜方所有",
            Self::Shared => "双方共有",
            Self::Otherwise => "另行约定",
        }
    }
}

/// Words that put the decision off.
const PUT_OFF: &[&str] =
    &["另行约定", "待定", "面议", "协商", "再议", "另议", "待约定", "另行商定", "后续确定", "未定", "暂无"];
/// A text this long that puts something off says something else as well.
const WRITTEN_OUT: usize = 20;

/// Whether a text only puts off who owns the results.
pub fn is_undecided(text: &str) -> bool {
    let length = text.chars().filter(|c| c.is_alphanumeric()).count();
    length < WRITTEN_OUT && PUT_OFF.iter().any(|word| text.contains(word))
}

#[cfg(test)]
mod tests {
    use super::is_undecided;

    #[test]
    fn a_decision_put_off_is_none() {
        for (text, expected) in [
            ("另行约定", true),
            ("知识产权归属双方协商。", true),
            ("面议", true),
            ("待定", true),
            ("双方共有", false),
            ("专利归甲方，论文经甲方审查后由合作方发表。", false),
            ("另行约定：专利归发榜方，揭榜方可用于教学科研，收益按投入比例分配。", false),
            ("揭榜方所有", false),
        ] {
            assert_eq!(is_undecided(text), expected, "{text}");
        }
    }
}
