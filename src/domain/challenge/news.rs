//! What is told of a challenge to those whom it concerns. Nothing here tells of bids before opening
//! but to their own bidders.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

/// What has happened, each told to those who are named.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum BoardNews {
    /// To the publisher.
    Published,
    /// To the publisher.
    GivenBack,
    /// To the publisher.
    Asked,
    /// To watchers and bidders.
    Answered,
    /// To watchers and bidders.
    DocumentAdded,
    /// To watchers and bidders.
    Amended,
    /// To watchers and bidders.
    Withdrawn,
    /// To the publisher, watchers and bidders.
    Opened,
    /// To the panel, at opening.
    ScoringBegun,
    /// To operators, at opening.
    PanelTooSmall,
    /// To watchers and bidders.
    Chosen,
    /// To the publisher, watchers and bidders.
    Reconsidered,
    /// To watchers and bidders.
    Awarded,
    /// To watchers and bidders; to the publisher where nobody has bid.
    Failed,
    /// To watchers and bidders.
    Contracted,
    /// To who is asked to join a consortium.
    MemberInvited,
    /// To the leader of a consortium.
    MemberConfirmed,
    /// To the leader of a consortium.
    MemberLeft,
    /// To the members of a bid.
    Excluded,
    /// To the members of a bid.
    Won,
    /// To the members of a bid.
    Lost,
    /// To a member of the panel.
    PanelAppointed,
    /// To publisher and operators.
    Ranked,
    /// To publisher and operators.
    Objected,
    /// To who has objected.
    ObjectionAnswered,
}

impl BoardNews {
    /// In one sentence about the challenge of a title.
    pub fn sentence(self, challenge: &str) -> String {
        match self {
            Self::Published => format!("榜单“{challenge}”已发布"),
            Self::GivenBack => format!("榜单“{challenge}”被退回，修改后可以再次提交"),
            Self::Asked => format!("榜单“{challenge}”有新提问"),
            Self::Answered => format!("榜单“{challenge}”有新答复"),
            Self::DocumentAdded => format!("榜单“{challenge}”有新附件"),
            Self::Amended => format!("榜单“{challenge}”有变更，已揭榜的请重新确认"),
            Self::Withdrawn => format!("榜单“{challenge}”已撤榜"),
            Self::Opened => format!("榜单“{challenge}”已开榜"),
            Self::ScoringBegun => format!("榜单“{challenge}”已开榜：请声明利益冲突，然后评分"),
            Self::PanelTooSmall => format!("榜单“{challenge}”已开榜，评委人数还不够：请补齐评审组"),
            Self::Chosen => format!("榜单“{challenge}”的选定结果正在公示"),
            Self::Reconsidered => format!("榜单“{challenge}”将重新选定"),
            Self::Awarded => format!("榜单“{challenge}”已公布中榜结果"),
            Self::Failed => format!("榜单“{challenge}”流标"),
            Self::Contracted => format!("榜单“{challenge}”已签订研发合同"),
            Self::MemberInvited => format!("邀请贵单位组成联合体，共同揭榜“{challenge}”"),
            Self::MemberConfirmed => format!("联合体成员已确认共同揭榜“{challenge}”"),
            Self::MemberLeft => format!("联合体成员退出了“{challenge}”的揭榜"),
            Self::Excluded => format!("“{challenge}”的揭榜不予评审"),
            Self::Won => format!("贵单位中榜“{challenge}”"),
            Self::Lost => format!("贵单位未中榜“{challenge}”，可以查看自己的得分"),
            Self::PanelAppointed => format!("请参加榜单“{challenge}”的评审"),
            Self::Ranked => format!("榜单“{challenge}”评审完成，可以选定"),
            Self::Objected => format!("榜单“{challenge}”的选定结果收到异议"),
            Self::ObjectionAnswered => format!("您对榜单“{challenge}”的异议有了答复"),
        }
    }
}
