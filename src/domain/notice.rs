//! Notices 通知: what happened that concerns somebody, for the inbox and the daily digest.

use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use super::challenge::news::BoardNews;
use super::organisation::OrganisationNews;
use super::search::SearchKind;

/// What kind of thing happened; each person says which they want to hear of.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize, ToSchema)]
#[serde(rename_all = "snake_case")]
pub enum NoticeKind {
    NewHits,
    InvitationReceived,
    InvitationAnswered,
    InvitationWithdrawn,
    NeedPublished,
    NeedReturned,
    ClaimDecided,
    RegistrationDecided,
    /// A challenge that somebody publishes, watches, bids for or scores.
    Board,
    /// Accounts of the own organisation, what it declares, or its records of research integrity.
    Organisation,
    Announcement,
}

impl NoticeKind {
    pub const ALL: [Self; 11] = [
        Self::NewHits,
        Self::InvitationReceived,
        Self::InvitationAnswered,
        Self::InvitationWithdrawn,
        Self::NeedPublished,
        Self::NeedReturned,
        Self::ClaimDecided,
        Self::RegistrationDecided,
        Self::Board,
        Self::Organisation,
        Self::Announcement,
    ];

    /// As it is written in the store and in the API.
    pub const fn code(self) -> &'static str {
        match self {
            Self::NewHits => "new_hits",
            Self::InvitationReceived => "invitation_received",
            Self::InvitationAnswered => "invitation_answered",
            Self::InvitationWithdrawn => "invitation_withdrawn",
            Self::NeedPublished => "need_published",
            Self::NeedReturned => "need_returned",
            Self::ClaimDecided => "claim_decided",
            Self::RegistrationDecided => "registration_decided",
            Self::Board => "board",
            Self::Organisation => "organisation",
            Self::Announcement => "announcement",
        }
    }

    pub fn from_code(code: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|kind| kind.code() == code)
    }

    /// What the settings call it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::NewHits => "保存的搜索有新结果",
            Self::InvitationReceived => "收到邀请",
            Self::InvitationAnswered => "邀请得到答复",
            Self::InvitationWithdrawn => "邀请被撤回",
            Self::NeedPublished => "需求已发布",
            Self::NeedReturned => "需求被退回修改",
            Self::ClaimDecided => "认领申请有结果",
            Self::RegistrationDecided => "注册审核有结果",
            Self::Board => "关注、发布、揭榜或评审的榜单有进展",
            Self::Organisation => "本单位的账号、申报信息或科研诚信记录有变化",
            Self::Announcement => "平台公告",
        }
    }

    /// Whether somebody may do without: the platform's own announcements reach all, and what stands
    /// against an organisation reaches its people.
    pub const fn is_optional(self) -> bool {
        !matches!(self, Self::Announcement | Self::Organisation)
    }
}

/// What happened. It holds what a sentence about it needs; of talents that a search has found, ids
/// only, so that one who hides afterwards is not named.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize, ToSchema)]
#[serde(tag = "kind", rename_all = "snake_case")]
pub enum Notice {
    NewHits {
        /// What its owner calls the search.
        search: String,
        of: SearchKind,
        count: u32,
        /// Ids of the best of them.
        first: Vec<String>,
    },
    InvitationReceived {
        organisation: String,
        need: String,
    },
    InvitationAnswered {
        talent: String,
        need: String,
        accepted: bool,
    },
    InvitationWithdrawn {
        organisation: String,
        need: String,
    },
    NeedPublished {
        need: String,
    },
    NeedReturned {
        need: String,
        reason: String,
    },
    ClaimDecided {
        talent: String,
        approved: bool,
    },
    RegistrationDecided {
        approved: bool,
    },
    Board {
        news: BoardNews,
        /// Title of the challenge.
        challenge: String,
        /// A reason, or what else there is to say.
        #[serde(default)]
        more: String,
    },
    Organisation {
        news: OrganisationNews,
        /// What the record is about, or why it was closed; whose account it is.
        #[serde(default)]
        more: String,
    },
    Announcement {
        title: String,
        text: String,
    },
}

impl Notice {
    pub const fn kind(&self) -> NoticeKind {
        match self {
            Self::NewHits { .. } => NoticeKind::NewHits,
            Self::InvitationReceived { .. } => NoticeKind::InvitationReceived,
            Self::InvitationAnswered { .. } => NoticeKind::InvitationAnswered,
            Self::InvitationWithdrawn { .. } => NoticeKind::InvitationWithdrawn,
            Self::NeedPublished { .. } => NoticeKind::NeedPublished,
            Self::NeedReturned { .. } => NoticeKind::NeedReturned,
            Self::ClaimDecided { .. } => NoticeKind::ClaimDecided,
            Self::RegistrationDecided { .. } => NoticeKind::RegistrationDecided,
            Self::Board { .. } => NoticeKind::Board,
            Self::Organisation { .. } => NoticeKind::Organisation,
            Self::Announcement { .. } => NoticeKind::Announcement,
        }
    }

    /// In one Chinese sentence.
    pub fn sentence(&self) -> String {
        match self {
            Self::NewHits { search, of, count, .. } => {
                format!("搜索“{search}”有 {count} {}新结果", of.measure())
            }
            Self::InvitationReceived { organisation, need } => {
                format!("{organisation}邀请您洽谈“{need}”")
            }
            Self::InvitationAnswered { talent, need, accepted: true } => {
                format!("{talent}接受了“{need}”的邀请，可以查看联系方式了")
            }
            Self::InvitationAnswered { talent, need, accepted: false } => format!("{talent}婉拒了“{need}”的邀请"),
            Self::InvitationWithdrawn { organisation, need } => format!("{organisation}撤回了“{need}”的邀请"),
            Self::NeedPublished { need } => format!("需求“{need}”已发布"),
            Self::NeedReturned { need, .. } => format!("需求“{need}”被退回，修改后可以再次提交"),
            Self::ClaimDecided { talent, approved: true } => format!("您对“{talent}”档案的认领已通过"),
            Self::ClaimDecided { talent, approved: false } => format!("您对“{talent}”档案的认领没有通过"),
            Self::RegistrationDecided { approved: true } => "您的注册已通过审核".to_owned(),
            Self::RegistrationDecided { approved: false } => "您的注册没有通过审核".to_owned(),
            Self::Board { news, challenge, .. } => news.sentence(challenge),
            Self::Organisation { news, .. } => news.sentence().to_owned(),
            Self::Announcement { title, .. } => title.clone(),
        }
    }

    /// More about it, where there is more to say.
    pub fn more(&self) -> Option<&str> {
        match self {
            Self::NeedReturned { reason, .. } => Some(reason),
            Self::Board { more, .. } | Self::Organisation { more, .. } => {
                Some(more.as_str()).filter(|more| !more.is_empty())
            }
            Self::Announcement { text, .. } => Some(text.as_str()).filter(|text| !text.is_empty()),
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn codes_are_those_of_serde_and_lead_back() {
        for kind in NoticeKind::ALL {
            assert_eq!(serde_json::to_value(kind).unwrap(), kind.code());
            assert_eq!(NoticeKind::from_code(kind.code()), Some(kind));
        }
    }

    #[test]
    fn a_notice_keeps_its_kind_and_says_what_happened() {
        let of = SearchKind::Talents;
        let hits = Notice::NewHits { search: "热失控".into(), of, count: 3, first: vec!["t1".into()] };
        assert_eq!(hits.sentence(), "搜索“热失控”有 3 位新结果");
        let returned = Notice::NeedReturned { need: "甲".into(), reason: "请补充指标".into() };
        assert_eq!(returned.more(), Some("请补充指标"));
        for notice in [hits, returned, Notice::RegistrationDecided { approved: true }] {
            let json = serde_json::to_value(&notice).unwrap();
            assert_eq!(json["kind"], notice.kind().code());
            assert_eq!(serde_json::from_value::<Notice>(json).unwrap(), notice);
        }
    }
}
