//! Where a need stands: the way that it goes, what happened to it, and what is to be done next, in
//! words for whoever looks.

use super::invitation::InvitationStatus;
use super::need::{Need, NeedMode, NeedStatus};
use super::need_check::check_submit;

/// Whose next step is asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Viewer {
    /// The enterprise of the need.
    Owner,
    /// Who publishes it or gives it back.
    Operator,
    /// A district or the city.
    Onlooker,
}

/// Invitations of one need by how they stand.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Invitations {
    pub waiting: u32,
    pub accepted: u32,
    pub declined: u32,
}

impl Invitations {
    /// Counts some of a status; those withdrawn by the enterprise count for nothing.
    pub fn count(&mut self, status: InvitationStatus, number: u32) {
        match status {
            InvitationStatus::Sent => self.waiting += number,
            InvitationStatus::Accepted => self.accepted += number,
            InvitationStatus::Declined => self.declined += number,
            InvitationStatus::Withdrawn => {}
        }
    }

    pub const fn all(self) -> u32 {
        self.waiting + self.accepted + self.declined
    }
}

/// What the next step follows from.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Standing<'a> {
    pub status: NeedStatus,
    pub mode: Option<NeedMode>,
    /// Names of what a draft still lacks ([`missing_items`]).
    pub missing: &'a [&'static str],
    /// Why it was given back or withdrawn.
    pub reason: Option<&'a str>,
    pub invitations: Invitations,
}

/// What somebody can do about a need; pages make a link of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Doing {
    Write,
    Submit,
    Decide,
    SeeTalents,
    SeeInvitations,
}

impl Doing {
    pub const fn name(self) -> &'static str {
        match self {
            Self::Write => "继续填写",
            Self::Submit => "检查并提交",
            Self::Decide => "审核",
            Self::SeeTalents => "看推荐的团队",
            Self::SeeInvitations => "看邀请与答复",
        }
    }
}

/// What is next, and what the viewer can do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NextStep {
    /// Without a full stop: 还差 2 项：组织实施方式、资金投入总额
    pub sentence: String,
    pub doing: Option<Doing>,
}

/// The next step of a need for somebody.
pub fn next_step(of: &Standing<'_>, viewer: Viewer) -> NextStep {
    let step = |sentence: String, doing| NextStep { sentence, doing };
    let because = |what: &str| of.reason.map_or_else(|| what.to_owned(), |reason| format!("{what}：{reason}"));
    match (of.status, viewer) {
        (NeedStatus::Draft, Viewer::Owner) => draft(of),
        (NeedStatus::Draft, _) if of.reason.is_some() => step(because("已退回企业修改"), None),
        (NeedStatus::Draft, _) => step("企业正在填写".to_owned(), None),
        (NeedStatus::Submitted, Viewer::Operator) => step("等待您审核".to_owned(), Some(Doing::Decide)),
        (NeedStatus::Submitted, _) => step("已提交，等待平台审核".to_owned(), None),
        (NeedStatus::Published | NeedStatus::Challenge, _) => open(of, viewer),
        (NeedStatus::Nominated, _) => {
            step("区县已推荐申报，等待形式审查和立项评审（第十二条、第十三条）".to_owned(), None)
        }
        (NeedStatus::Project, _) => step("已立项，按任务书实施（第十五条）".to_owned(), None),
        (NeedStatus::Withdrawn, _) => step(because("已撤回"), None),
        (NeedStatus::Closed, _) => step(because("已关闭"), None),
    }
}

fn draft(of: &Standing<'_>) -> NextStep {
    let lacks = || format!("还差 {} 项：{}", of.missing.len(), of.missing.join("、"));
    match (of.reason, of.missing) {
        (Some(reason), _) => NextStep { sentence: format!("被退回：{reason}"), doing: Some(Doing::Write) },
        (None, []) => NextStep { sentence: "四项内容已齐，可以提交".to_owned(), doing: Some(Doing::Submit) },
        (None, _) => NextStep { sentence: lacks(), doing: Some(Doing::Write) },
    }
}

/// A need that everybody may see: who was invited, and who answered.
fn open(of: &Standing<'_>, viewer: Viewer) -> NextStep {
    let Invitations { waiting, accepted, declined } = of.invitations;
    let on_board = if of.status == NeedStatus::Challenge { "揭榜中" } else { "已公开" };
    let mut parts = Vec::new();
    if accepted > 0 {
        parts.push(format!("{accepted} 个已接受，可以联系"));
    }
    if waiting > 0 {
        parts.push(format!("{waiting} 个待答复"));
    }
    if declined > 0 {
        parts.push(format!("{declined} 个婉拒"));
    }
    let invited = format!("已邀请 {} 个团队：{}", of.invitations.all(), parts.join("，"));
    let (sentence, doing) = match of.invitations.all() {
        0 if of.status == NeedStatus::Challenge => {
            ("揭榜中：等待揭榜，也可以邀请推荐的团队".to_owned(), Doing::SeeTalents)
        }
        0 if of.mode == Some(NeedMode::SelfReliant) => {
            ("已公开：自主攻关，需要帮手时可以邀请推荐的团队".to_owned(), Doing::SeeTalents)
        }
        0 => ("已公开：可以邀请推荐的团队了".to_owned(), Doing::SeeTalents),
        all if all == declined => (format!("{invited}，请再邀请别的团队"), Doing::SeeTalents),
        _ => (invited, Doing::SeeInvitations),
    };
    match viewer {
        Viewer::Owner => NextStep { sentence, doing: Some(doing) },
        _ if of.invitations.all() == 0 => {
            NextStep { sentence: format!("{on_board}，还没有邀请团队"), doing: None }
        }
        _ => NextStep { sentence, doing: None },
    }
}

/// Names of the items of 第六条 that a need lacks, in their order.
pub fn missing_items(need: &Need) -> Vec<&'static str> {
    let mut missing = Vec::new();
    for problem in check_submit(need) {
        let name = match problem.code {
            "no-problem" => "技术问题",
            "no-mode" => "组织实施方式",
            "no-money" => "资金投入总额",
            _ => "预期目标",
        };
        if !missing.contains(&name) {
            missing.push(name);
        }
    }
    missing
}

/// How a need has come to a stage of its way.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reached {
    Done,
    Now,
    Ahead,
}

/// A stage of the way of a need.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Stage {
    pub name: &'static str,
    pub reached: Reached,
    /// When, in milliseconds since 1970 UTC, where it is known.
    pub at: Option<i64>,
}

/// The times that a need has.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub struct Times {
    /// Milliseconds since 1970 UTC, all of them.
    pub created: i64,
    pub submitted: Option<i64>,
    pub published: Option<i64>,
    pub updated: i64,
}

/// The way of a need from its draft to a project (第六条 to 第十四条), and how far it has come. Where
/// it was withdrawn or closed, what lies ahead is left out.
pub fn stages(status: NeedStatus, mode: Option<NeedMode>, times: &Times) -> Vec<Stage> {
    use NeedStatus::{Challenge, Closed, Draft, Nominated, Project, Published, Submitted, Withdrawn};
    let board = if mode == Some(NeedMode::OpenChallenge) { "上榜揭榜" } else { "公开对接" };
    let names = ["填写", "平台审核", board, "推荐申报", "立项"];
    let since = [Some(times.created), times.submitted, times.published, None, None];
    let now = match status {
        Draft => 0,
        Submitted => 1,
        Published | Challenge => 2,
        Nominated => 3,
        Project => 4,
        Withdrawn | Closed => names.len(),
    };
    let reached = |at: usize| match at.cmp(&now) {
        std::cmp::Ordering::Less => Reached::Done,
        std::cmp::Ordering::Equal => Reached::Now,
        std::cmp::Ordering::Greater => Reached::Ahead,
    };
    let stage = |(at, name)| {
        let known = if reached(at) == Reached::Ahead { None } else { since[at] };
        let known = known.or_else(|| (reached(at) == Reached::Now).then_some(times.updated));
        Stage { name, reached: reached(at), at: known }
    };
    let mut stages: Vec<Stage> = names.into_iter().enumerate().map(stage).collect();
    if status.is_final() {
        stages.retain(|stage| stage.at.is_some());
        stages.push(Stage { name: status.name(), reached: Reached::Now, at: Some(times.updated) });
    }
    stages
}

/// What the version of a need came by, from its status and that of the version before.
pub const fn happened(before: Option<NeedStatus>, after: NeedStatus) -> &'static str {
    use NeedStatus::{Challenge, Closed, Draft, Nominated, Project, Published, Submitted, Withdrawn};
    match (before, after) {
        (None, Draft) => "新建草稿",
        (Some(Submitted), Draft) => "退回修改",
        (_, Submitted) => "提交审核",
        (_, Published) => "公开发布",
        (_, Challenge) => "上榜",
        (_, Nominated) => "推荐申报",
        (_, Project) => "立项",
        (_, Withdrawn) => "撤回",
        (_, Closed) => "关闭",
        (_, Draft) => "修改内容",
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::domain::need::Target;

    fn standing(status: NeedStatus) -> Standing<'static> {
        let mode = Some(NeedMode::Collaborative);
        Standing { status, mode, missing: &[], reason: None, invitations: Invitations::default() }
    }

    #[test]
    fn the_next_step_of_the_owner() {
        let invited = |waiting, accepted, declined| Invitations { waiting, accepted, declined };
        let draft = standing(NeedStatus::Draft);
        let published = standing(NeedStatus::Published);
        let board = Standing { mode: Some(NeedMode::OpenChallenge), ..standing(NeedStatus::Challenge) };
        let own = Standing { mode: Some(NeedMode::SelfReliant), ..published };
        let lacking = Standing { missing: &["组织实施方式", "资金投入总额"], ..draft };
        let reason = Some("目标不可考核");
        for (of, sentence, doing) in [
            (lacking, "还差 2 项：组织实施方式、资金投入总额", Some(Doing::Write)),
            (draft, "四项内容已齐，可以提交", Some(Doing::Submit)),
            (Standing { reason, ..draft }, "被退回：目标不可考核", Some(Doing::Write)),
            (Standing { reason, ..lacking }, "被退回：目标不可考核", Some(Doing::Write)),
            (standing(NeedStatus::Submitted), "已提交，等待平台审核", None),
            (published, "已公开：可以邀请推荐的团队了", Some(Doing::SeeTalents)),
            (own, "已公开：自主攻关，需要帮手时可以邀请推荐的团队", Some(Doing::SeeTalents)),
            (board, "揭榜中：等待揭榜，也可以邀请推荐的团队", Some(Doing::SeeTalents)),
            (
                Standing { invitations: invited(1, 0, 2), ..published },
                "已邀请 3 个团队：1 个待答复，2 个婉拒",
                Some(Doing::SeeInvitations),
            ),
            (
                Standing { invitations: invited(0, 1, 0), ..board },
                "已邀请 1 个团队：1 个已接受，可以联系",
                Some(Doing::SeeInvitations),
            ),
            (
                Standing { invitations: invited(0, 0, 2), ..published },
                "已邀请 2 个团队：2 个婉拒，请再邀请别的团队",
                Some(Doing::SeeTalents),
            ),
            (standing(NeedStatus::Project), "已立项，按任务书实施（第十五条）", None),
            (Standing { reason: Some("已自行解决"), ..standing(NeedStatus::Withdrawn) }, "已撤回：已自行解决", None),
            (standing(NeedStatus::Closed), "已关闭", None),
        ] {
            assert_eq!(next_step(&of, Viewer::Owner), NextStep { sentence: sentence.to_owned(), doing });
        }
    }

    #[test]
    fn others_are_offered_only_what_is_theirs() {
        for status in NeedStatus::ALL {
            let of = standing(status);
            let operator = next_step(&of, Viewer::Operator).doing;
            assert_eq!(operator, (status == NeedStatus::Submitted).then_some(Doing::Decide), "{status:?}");
            assert_eq!(next_step(&of, Viewer::Onlooker).doing, None, "{status:?}");
            let sentence = next_step(&of, Viewer::Onlooker).sentence;
            assert!(!sentence.is_empty() && !sentence.contains('您'), "{sentence}");
        }
    }

    #[test]
    fn what_is_missing_is_named_once() {
        let all = missing_items(&Need::from_text(""));
        assert_eq!(all, ["技术问题", "组织实施方式", "预期目标", "资金投入总额"]);
        let row = Target { name: String::new(), value: String::new(), unit: Some("次".into()) };
        let need =
            Need { mode: Some(NeedMode::SelfReliant), targets: vec![row.clone(), row], ..Need::from_text("难题") };
        assert_eq!(missing_items(&need), ["预期目标", "资金投入总额"]);
    }

    #[test]
    fn a_need_is_at_one_stage_and_what_lies_ahead_has_no_time() {
        let times = Times { created: 1, submitted: Some(2), published: Some(3), updated: 4 };
        for status in NeedStatus::ALL {
            let stages = stages(status, Some(NeedMode::OpenChallenge), &times);
            assert_eq!(stages.iter().filter(|s| s.reached == Reached::Now).count(), 1, "{status:?}");
            assert!(stages.is_sorted_by_key(|s| s.reached as u8), "{stages:?}");
            assert!(stages.iter().all(|s| s.reached != Reached::Ahead || s.at.is_none()), "{stages:?}");
        }
        let drafted = Times { created: 1, updated: 9, ..Times::default() };
        let withdrawn: Vec<_> =
            stages(NeedStatus::Withdrawn, None, &drafted).into_iter().map(|s| (s.name, s.at)).collect();
        assert_eq!(withdrawn, [("填写", Some(1)), ("已撤回", Some(9))]);
    }

    #[test]
    fn versions_say_what_they_came_by() {
        use NeedStatus::{Draft, Published, Submitted, Withdrawn};
        for (before, after, what) in [
            (None, Draft, "新建草稿"),
            (Some(Draft), Draft, "修改内容"),
            (Some(Draft), Submitted, "提交审核"),
            (Some(Submitted), Draft, "退回修改"),
            (Some(Submitted), Published, "公开发布"),
            (Some(Published), Withdrawn, "撤回"),
        ] {
            assert_eq!(happened(before, after), what);
        }
    }
}
