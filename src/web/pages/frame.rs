//! What stands around the content of every page: who has signed in, where they can go, the search
//! box, a word on what was just done.

use axum::extract::FromRequestParts;
use axum::http::Uri;
use axum::http::request::Parts;

use super::forms;
use crate::app::{Actor, AppError};
use crate::domain::{Action, Grant};
use crate::store::Announcement;
use crate::web::Shared;
use crate::web::error::{ApiError, PageError};
use crate::web::extract::{MaybeSigned, SESSION, cookie};

/// The places of the main navigation with the action that each is for; a role sees those it is
/// granted.
const PLACES: &[(&str, &str, Action)] = &[
    ("/challenges", "揭榜挂帅", Action::Browse),
    ("/needs", "需求", Action::NeedRead),
    ("/challenges/own", "我的榜单", Action::ChallengeWrite),
    ("/bids", "我的揭榜", Action::Bid),
    ("/profile", "我的档案", Action::TalentClaim),
    ("/profile/needs", "适合我的需求", Action::TalentClaim),
    ("/invitations", "邀请", Action::InvitationRead),
    ("/panel", "评审", Action::Panel),
    ("/operations", "运营", Action::Operate),
];

/// What was done, said once on the page that follows (`?done=code`). A code that is not here says
/// nothing: the address can be anybody's.
const DONE: &[(&str, &str)] = &[
    ("saved", "已保存"),
    ("created", "已建立"),
    ("deleted", "已删除"),
    ("sent", "已发送"),
    ("submitted", "已提交"),
    ("withdrawn", "已撤回"),
    ("published", "已发布"),
    ("given-back", "已退回企业修改"),
    ("attached", "文件已上传"),
    ("noted", "已记下"),
    ("signed-in", "已登录"),
    ("read", "已标为已读"),
    ("search-saved", "已保存搜索"),
    ("approved", "已批准"),
    ("refused", "已拒绝"),
    ("enabled", "账号已启用"),
    ("disabled", "账号已停用"),
    ("shown", "已展示"),
    ("hidden", "已隐藏"),
    ("merged", "已合并"),
    ("apart", "已标为不是同一个"),
    ("undone", "已撤销"),
    ("announced", "公告已发布"),
    ("signed-out", "所有设备都已退出"),
    ("password", "密码已修改"),
    ("claimed", "认领已提交"),
    ("imported", "已写入档案"),
    ("accepted", "已接受邀请"),
    ("declined", "已婉拒邀请"),
    ("amended", "变更已发布"),
    ("watched", "已关注，有进展会通知您"),
    ("unwatched", "已取消关注"),
    ("asked", "提问已公开"),
    ("answered", "答复已公开"),
    ("agreed", "已同意保密约定，可以下载附件"),
    ("bid", "揭榜已密封提交，请保存回执"),
    ("confirmed", "已确认"),
    ("joined", "已确认参加"),
    ("left", "已退出"),
    ("declared", "已声明，可以开始评审"),
    ("scored", "评分已提交"),
    ("ranked", "评分已提交，全部评完，排名已形成"),
    ("appointed", "已聘请"),
    ("removed", "已移出评审组"),
    ("chosen", "已选定，开始公示"),
    ("objected", "异议已提交"),
    ("objection-answered", "已答复异议"),
    ("taken-down", "榜单已撤"),
    ("failed", "已宣布流标"),
    ("awarded", "中榜已公布"),
    ("contracted", "合同已登记"),
    ("recorded", "记录已登记，已通知该单位"),
    ("closed", "记录已了结，已通知该单位"),
];

/// What the layout shows; each page's template has one.
#[derive(Debug, Clone, Default)]
pub struct Frame {
    pub actor: Option<Actor>,
    /// What forms carry so that only pages of this session are obeyed; empty for visitors.
    pub csrf: String,
    /// Notices that were not read yet.
    pub unread: i64,
    pub path: String,
    /// What the search box holds.
    pub query: String,
    /// What is to be read now, newest first.
    pub announcements: Vec<Announcement>,
    done: Option<&'static str>,
}

/// A place in the navigation.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Place {
    pub path: &'static str,
    pub label: &'static str,
    pub is_here: bool,
}

impl Frame {
    /// The person, where a page is for those who have signed in.
    ///
    /// # Errors
    /// [`AppError::Unauthenticated`]
    pub fn signed(&self) -> Result<&Actor, PageError> {
        self.actor.as_ref().ok_or(PageError(AppError::Unauthenticated))
    }

    pub fn may(&self, action: Action) -> bool {
        action.grant(self.actor.as_ref().map(|a| a.role)) > Grant::Never
    }

    pub fn places(&self) -> Vec<Place> {
        let granted = PLACES.iter().filter(|(_, _, action)| self.may(*action));
        let is_here =
            |path: &str| self.path.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        let mut places: Vec<Place> =
            granted.map(|(path, label, _)| Place { path, label, is_here: is_here(path) }).collect();
        // Of two that the page lies in, it is the closer one.
        let closest = places.iter().filter(|p| p.is_here).map(|p| p.path.len()).max();
        places.iter_mut().for_each(|p| p.is_here &= Some(p.path.len()) == closest);
        places
    }

    /// What was just done, in words.
    pub fn done(&self) -> Option<&'static str> {
        self.done
    }

    /// A random key that a form carries so that it is done once.
    pub fn once(&self) -> String {
        uuid::Uuid::now_v7().to_string()
    }

    /// The frame of a request.
    pub fn of(actor: Option<Actor>, session: Option<&str>, uri: &Uri) -> Self {
        let parameter = |name: &str| {
            let pairs: Vec<(String, String)> =
                serde_html_form::from_str(uri.query().unwrap_or_default()).unwrap_or_default();
            pairs.into_iter().find(|(n, _)| n == name).map(|(_, value)| value)
        };
        let csrf = actor.as_ref().and(session).map(forms::token).unwrap_or_default();
        let done = parameter("done").and_then(|code| DONE.iter().find(|d| d.0 == code)).map(|d| d.1);
        let query = if uri.path() == "/search" { parameter("q").unwrap_or_default() } else { String::new() };
        Self { actor, csrf, unread: 0, path: uri.path().to_owned(), query, done, announcements: Vec::new() }
    }
}

impl FromRequestParts<Shared> for Frame {
    type Rejection = ApiError;

    async fn from_request_parts(parts: &mut Parts, shared: &Shared) -> Result<Self, ApiError> {
        let MaybeSigned(actor) = MaybeSigned::from_request_parts(parts, shared).await?;
        let mut frame = Self::of(actor, cookie(&parts.headers, SESSION), &parts.uri);
        if let Some(actor) = &frame.actor {
            frame.unread = shared.app.notices_unread(actor).await?;
        }
        frame.announcements = shared.app.announcements_shown(frame.actor.as_ref().map(|a| a.role)).await?;
        Ok(frame)
    }
}
