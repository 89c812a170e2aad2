//! Announcements 公告: who sees one, and what it must be like.

use super::text::{Lines, MAX_SHORT, faults};
use super::{Fault, FieldProblem, Role};

/// Most characters of the text.
pub const MAX_ANNOUNCEMENT: usize = 5_000;
const EVERYBODY: &str = "all";

/// Whom an announcement is for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Audience {
    /// Visitors too.
    All,
    Role(Role),
}

impl Audience {
    /// Everybody, then each role.
    pub fn every() -> impl Iterator<Item = Self> {
        std::iter::once(Self::All).chain(Role::ALL.into_iter().map(Self::Role))
    }

    /// As it is written in the store and in forms.
    pub const fn code(self) -> &'static str {
        match self {
            Self::All => EVERYBODY,
            Self::Role(role) => role.code(),
        }
    }

    pub fn from_code(code: &str) -> Option<Self> {
        Self::every().find(|audience| audience.code() == code)
    }

    pub const fn name(self) -> &'static str {
        match self {
            Self::All => "所有人",
            Self::Role(role) => role.name(),
        }
    }
}

/// Whether an announcement is shown, and if not, why.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Showing {
    Coming,
    Now,
    Over,
    Withdrawn,
}

impl Showing {
    /// At the time `now`, of one shown from `starts_at` to before `ends_at`.
    pub const fn at(now: i64, starts_at: i64, ends_at: i64, is_withdrawn: bool) -> Self {
        if is_withdrawn {
            Self::Withdrawn
        } else if now >= ends_at {
            Self::Over
        } else if now >= starts_at {
            Self::Now
        } else {
            Self::Coming
        }
    }

    pub const fn name(self) -> &'static str {
        match self {
            Self::Coming => "待发布",
            Self::Now => "展示中",
            Self::Over => "已结束",
            Self::Withdrawn => "已撤回",
        }
    }

    /// Whether it can still be changed or taken back.
    pub const fn is_open(self) -> bool {
        matches!(self, Self::Coming | Self::Now)
    }
}

/// All that is wrong with what an announcement says.
pub fn announcement_problems(title: &str, content: &str) -> Vec<FieldProblem> {
    let parts = [("title", title, MAX_SHORT / 10, Lines::One), ("content", content, MAX_ANNOUNCEMENT, Lines::Many)];
    let mut problems = Vec::new();
    for (field, text, max, lines) in parts {
        let missing = text.is_empty().then(Fault::missing);
        problems.extend(faults(text, max, lines).into_iter().chain(missing).map(|f| FieldProblem::at(field, f)));
    }
    problems
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_audience_is_found_by_its_code_and_none_by_another() {
        for audience in Audience::every() {
            assert_eq!(Audience::from_code(audience.code()), Some(audience));
        }
        assert_eq!(Audience::every().count(), Role::ALL.len() + 1);
        assert_eq!(Audience::from_code("everyone"), None);
    }

    #[test]
    fn it_is_shown_from_its_start_to_before_its_end_unless_taken_back() {
        let at = |now, withdrawn| Showing::at(now, 10, 20, withdrawn);
        let expected =
            [(9, Showing::Coming), (10, Showing::Now), (19, Showing::Now), (20, Showing::Over), (21, Showing::Over)];
        for (now, showing) in expected {
            assert_eq!(at(now, false), showing, "{now}");
            assert_eq!(at(now, true), Showing::Withdrawn, "{now}");
        }
    }

    #[test]
    fn what_is_missing_or_too_long_is_told_at_its_field() {
        let long = "长".repeat(MAX_ANNOUNCEMENT + 1);
        let fields = |title: &str, content: &str| {
            announcement_problems(title, content).into_iter().map(|p| p.field).collect::<Vec<_>>()
        };
        assert_eq!(fields("标题", "正文\n第二行"), Vec::<String>::new());
        assert_eq!(fields("", ""), ["title", "content"]);
        assert_eq!(fields("一\n二", &long), ["title", "content"]);
    }
}
