//! The panel: appointed by an operator, kept from bids that its members are tied to.

use serde_json::json;

use super::CHALLENGE;
use super::bidders::party;
use super::challenges::stated;
use crate::app::error::AppError;
use crate::app::{Actor, App};
use crate::domain::account::folded_login;
use crate::domain::challenge::bidder::Party;
use crate::domain::challenge::news::BoardNews;
use crate::domain::challenge::panel::{advice, conflicts};
use crate::domain::challenge::status::ChallengeStatus;
use crate::domain::{AccountStatus, Action, Role};
use crate::store::board::bids::BidRecord;
use crate::store::board::challenges::ChallengeRecord;
use crate::store::board::panel::PanelMember;
use crate::store::board::standing::Standing;
use crate::store::{StoreError, Write};

/// A panel as the operator who puts it together sees it: nothing of what anybody gave.
#[derive(Debug, Clone)]
pub struct PanelView {
    pub challenge: ChallengeRecord,
    pub members: Vec<MemberState>,
    /// Login, name and organisation of others who may be appointed.
    pub candidates: Vec<(String, String, Option<String>)>,
    /// Too few, or an even number.
    pub advice: Option<String>,
    /// Organisations of bids that no member may score.
    pub unjudged: Vec<String>,
    /// Whether members may be appointed and removed now.
    pub is_open: bool,
}

/// How far a member has come.
#[derive(Debug, Clone)]
pub struct MemberState {
    pub member: PanelMember,
    /// Sheets given, of how many.
    pub given: usize,
    pub due: usize,
    /// Bids that they may not judge.
    pub blocked: usize,
}

impl App {
    /// The panel of a challenge for an operator.
    ///
    /// # Errors
    /// [`AppError::NotFound`] before it is published.
    pub async fn panel_view(&self, actor: &Actor, challenge: &str) -> Result<PanelView, AppError> {
        let challenge = self.panel_of(actor, challenge).await?;
        let members = self.store.panel(&challenge.id).await?;
        let (conflicts, sheets) =
            (self.store.panel_conflicts(&challenge.id).await?, self.store.scores(&challenge.id).await?);
        let bids = self.admitted(&challenge).await?;
        let state = |member: PanelMember| {
            let blocked = conflicts.iter().filter(|c| c.account == member.account).count();
            let given = sheets.iter().filter(|s| s.account == member.account).count();
            MemberState { given, due: bids.len().saturating_sub(blocked), blocked, member }
        };
        let judged = |bid: &BidRecord| {
            let is_blocked = |m: &PanelMember| conflicts.iter().any(|c| c.bid == bid.id && c.account == m.account);
            members.iter().any(|member| !is_blocked(member))
        };
        let unjudged = bids.iter().filter(|bid| !judged(bid)).map(|bid| bid.organisation_name.clone()).collect();
        let mut candidates = self.store.panel_candidates(500).await?;
        candidates.retain(|(login, ..)| members.iter().all(|m| m.login != *login));
        Ok(PanelView {
            advice: advice(members.len(), self.rules.panel_min),
            members: members.into_iter().map(state).collect(),
            candidates,
            unjudged,
            is_open: takes_members(&challenge).is_ok(),
            challenge,
        })
    }

    /// Appoints a member, by login.
    ///
    /// # Errors
    /// [`AppError::Invalid`] for who is not of such a role or is tied to the publisher, with all that
    /// ties them; [`AppError::NotFound`], [`AppError::Conflict`] before publishing and after scoring.
    pub async fn panel_appoint(&self, actor: &Actor, challenge: &str, login: &str) -> Result<(), AppError> {
        let seen = self.panel_of(actor, challenge).await?;
        let missing = || AppError::invalid("login", "unknown-account", format!("没有用户名为“{}”的账号", login.trim()));
        let account = self.store.account_by_login(&folded_login(login)).await?.ok_or_else(missing)?;
        if !matches!(account.role, Role::PanelMember | Role::Expert) || account.status != AccountStatus::Active {
            let message = format!("“{}”不是可用的评委或专家账号", account.name);
            return Err(AppError::invalid("login", "not-a-judge", message));
        }
        let mut write = self.store.begin().await?;
        let found = write.challenge_take(&seen.id).await?.ok_or(AppError::NotFound(CHALLENGE))?;
        takes_members(&found)?;
        let now = self.time_in(&mut write).await?;
        let against = ties_to_publisher(&mut write, &found, &account.name, account.organisation.as_deref()).await?;
        if !against.is_empty() {
            let message = format!("“{}”不能评审这个榜单：{}", account.name, against.join("；"));
            return Err(AppError::invalid("login", "conflict-of-interest", message));
        }
        write.panel_add(&found.id, &account.id, now).await.map_err(|error| match error {
            StoreError::Conflict(_) => {
                AppError::invalid("login", "already-appointed", format!("“{}”已经是评委", account.name))
            }
            other => other.into(),
        })?;
        let detail = json!({ "member": account.id });
        self.audit(&mut write, Some(actor), "panel.appoint", format!("challenge:{}", found.id), detail).await?;
        let news = (BoardNews::PanelAppointed, &found.content, "");
        self.tell(&mut write, &[account.id], &format!("panel:{}", found.id), news).await?;
        Ok(write.commit().await?)
    }

    /// Takes a member out, with what they have given: one who does not score, or should not. Where the
    /// others have all scored, that completes the ranking.
    ///
    /// # Errors
    /// [`AppError::Invalid`] without a reason, [`AppError::NotFound`], [`AppError::Conflict`] after
    /// scoring.
    pub async fn panel_remove(
        &self,
        actor: &Actor,
        challenge: &str,
        account: &str,
        reason: &str,
    ) -> Result<(), AppError> {
        let seen = self.panel_of(actor, challenge).await?;
        let reason = stated("reason", reason)?;
        let mut write = self.store.begin().await?;
        let found = write.challenge_take(&seen.id).await?.ok_or(AppError::NotFound(CHALLENGE))?;
        takes_members(&found)?;
        let now = self.time_in(&mut write).await?;
        write.panel_remove(&found.id, account).await.map_err(|error| match error {
            StoreError::Stale => AppError::NotFound("评委"),
            other => other.into(),
        })?;
        let detail = json!({ "member": account, "reason": reason });
        self.audit(&mut write, Some(actor), "panel.remove", format!("challenge:{}", found.id), detail).await?;
        self.rank_if_complete(&mut write, found, now).await?;
        write.commit().await?;
        self.changed();
        Ok(())
    }

    /// Why a member may not judge bids, by the rules on bidders: bid and reason.
    pub(super) async fn conflicts_by_rule(
        &self,
        write: &mut Write,
        challenge: &ChallengeRecord,
        member: &PanelMember,
        own_talent: Option<&str>,
    ) -> Result<Vec<(String, String)>, AppError> {
        let mut found = Vec::new();
        for id in write.bids_admitted(&challenge.id).await? {
            if let Some(reason) = self.conflict_by_rule(write, &id, member, own_talent).await? {
                found.push((id, reason));
            }
        }
        Ok(found)
    }

    /// The same for one bid.
    pub(super) async fn conflict_by_rule(
        &self,
        write: &mut Write,
        bid: &str,
        member: &PanelMember,
        own_talent: Option<&str>,
    ) -> Result<Option<String>, AppError> {
        let Some(record) = write.bid(bid).await? else { return Ok(None) };
        let Some(submission) = self.handed_in(&record)? else { return Ok(None) };
        let standing = standing_of(write, &member.name, member.organisation.as_deref()).await?;
        let bidders = self.bidders_in(write, &submission.bid).await?;
        let bidders: Vec<Party<'_>> = bidders.iter().map(party).collect();
        let mut against = conflicts(&party(&standing), &bidders, "揭榜方");
        if own_talent.is_some_and(|own| submission.bid.team.iter().any(|talent| talent == own)) {
            against.push("评委本人就在团队之中".to_owned());
        }
        Ok((!against.is_empty()).then(|| against.join("；")))
    }

    /// A challenge whose panel an operator puts together.
    async fn panel_of(&self, actor: &Actor, challenge: &str) -> Result<ChallengeRecord, AppError> {
        let found = self.challenge_for(actor, challenge, Action::ChallengeDecide).await?;
        if found.published_at.is_some() { Ok(found) } else { Err(AppError::NotFound(CHALLENGE)) }
    }

    /// The bids of a challenge that are judged, in the published order; none before opening.
    pub(super) async fn admitted(&self, challenge: &ChallengeRecord) -> Result<Vec<BidRecord>, AppError> {
        if challenge.opened_at.is_none() {
            return Ok(Vec::new());
        }
        let mut bids = self.store.bids_opened(&challenge.id).await?;
        bids.retain(|bid| bid.excluded.is_none());
        Ok(bids)
    }
}

/// Somebody as the rules on organisations see them: of their organisation, and its only one here.
async fn standing_of(write: &mut Write, name: &str, organisation: Option<&str>) -> Result<Standing, AppError> {
    let standing = match organisation {
        Some(id) => write.standing(id).await?.unwrap_or_default(),
        None => Standing::default(),
    };
    Ok(Standing { people: vec![name.to_owned()], ..standing })
}

/// What ties somebody to the publisher of a challenge.
pub(super) async fn ties_to_publisher(
    write: &mut Write,
    challenge: &ChallengeRecord,
    name: &str,
    organisation: Option<&str>,
) -> Result<Vec<String>, AppError> {
    let person = standing_of(write, name, organisation).await?;
    let publisher = write.standing(&challenge.organisation).await?.unwrap_or_default();
    Ok(conflicts(&party(&person), &[party(&publisher)], "发榜方"))
}

fn takes_members(of: &ChallengeRecord) -> Result<(), AppError> {
    if matches!(of.status, ChallengeStatus::Open | ChallengeStatus::Scoring) {
        return Ok(());
    }
    let message = format!("榜单现在是“{}”：评委只能在发布之后、评审完成之前调整", of.status.name());
    Err(AppError::conflict("panel-closed", message))
}
