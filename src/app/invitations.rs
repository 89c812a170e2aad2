//! Invitations to talk: the enterprise releases parts of a need to a talent, who accepts or declines.
//! How to reach each other is shown to both after acceptance only.

use serde_json::{Map, Value, json};

use super::error::{AppError, all_right, at};
use super::{Actor, App};
use crate::domain::text::{Lines, MAX_SHORT, faults, tidied};
use crate::domain::{
    Action, Fault, FieldProblem, InvalidTransition, InvitationAction, InvitationStatus, Notice, Relation, Role,
    TalentStatus,
};
use crate::store::{Invitation, NeedRecord, StoreError};

/// The parts of a need that can be released; the title always is.
pub const PARTS: [&str; 6] = ["problem", "targets", "scenario", "deadline", "ownership", "total_investment"];

/// What an enterprise writes to a talent.
#[derive(Debug, Clone, Default)]
pub struct NewInvitation {
    pub need: String,
    pub talent: String,
    pub message: String,
    /// Shown to the talent after it has accepted.
    pub contact: String,
    /// Of [`PARTS`].
    pub released: Vec<String>,
}

/// An invitation as one of its sides may see it.
#[derive(Debug, Clone)]
pub struct SeenInvitation {
    pub invitation: Invitation,
    pub talent_name: String,
    /// How to reach the talent; after acceptance only.
    pub talent_contact: Option<String>,
}

impl App {
    /// Invites a talent to talk about a need.
    ///
    /// # Errors
    /// [`AppError::Invalid`], [`AppError::NotFound`], [`AppError::Conflict`] if the need is not open
    /// to invitations or the talent has an open one.
    pub async fn invitation_create(&self, actor: &Actor, new: &NewInvitation) -> Result<SeenInvitation, AppError> {
        let need = self.need_for(actor, &new.need, Action::Invite).await?;
        let (message, contact) = (tidied(&new.message), tidied(&new.contact));
        let mut problems: Vec<FieldProblem> = at("message", faults(&message, MAX_SHORT, Lines::Many)).collect();
        problems.extend(at("contact", faults(&contact, MAX_SHORT, Lines::Many)));
        let needed = [
            ("message", &message, "没有写想对他们说的话；请写明为什么找他们、希望怎样合作"),
            ("contact", &contact, "没有写联系方式；请留下联系人和电话或邮箱，对方接受之后才能看到"),
        ];
        for (field, text, why) in needed {
            if text.is_empty() {
                problems.push(FieldProblem::new(field, Fault::missing().code, why));
            }
        }
        if let Some(unknown) = new.released.iter().find(|part| !PARTS.contains(&part.as_str())) {
            let message = format!("需求没有可公开的部分“{unknown}”；可选：{}", PARTS.join("、"));
            problems.push(FieldProblem::new("released", "unknown", message));
        }
        all_right(problems)?;
        if !need.status.is_public() {
            let message = format!("需求现在是“{}”：发布之后才能邀请", need.status.name());
            return Err(AppError::conflict("need-not-published", message));
        }
        let talent = self.store.talent_profiles(&[&new.talent]).await?.pop().ok_or(AppError::NotFound("人才"))?;
        if talent.status != TalentStatus::Active {
            return Err(AppError::NotFound("人才"));
        }
        let invitation = Invitation {
            id: self.new_id(),
            need: need.need.id.clone(),
            talent: new.talent.clone(),
            organisation: need.organisation.clone(),
            organisation_name: need.organisation_name.clone(),
            by_account: actor.account.clone(),
            message,
            released: released(&need, &new.released)?,
            contact,
            status: InvitationStatus::Sent,
            answer: None,
            created_at: self.now(),
            answered_at: None,
            version: 1,
        };
        let mut write = self.store.begin().await?;
        write.invitation_add(&invitation).await.map_err(|e| match e {
            StoreError::Conflict(_) => AppError::conflict("already-invited", "已经邀请过这位人才，邀请还有效"),
            other => other.into(),
        })?;
        self.invitation_audit(&mut write, actor, "invitation.create", &invitation).await?;
        if let Some(account) = &talent.account {
            let notice = Notice::InvitationReceived {
                organisation: invitation.organisation_name.clone(),
                need: need.need.heading(),
            };
            write.notice_add(&self.notice(account, format!("invitation:{}", invitation.id), notice)).await?;
        }
        write.commit().await?;
        Ok(SeenInvitation { invitation, talent_name: talent.talent.name, talent_contact: None })
    }

    /// The talent accepts or declines.
    ///
    /// # Errors
    /// [`AppError::NotFound`] for another's, [`AppError::Conflict`] if it is answered or withdrawn.
    pub async fn invitation_answer(
        &self,
        actor: &Actor,
        id: &str,
        version: i64,
        accept: bool,
        answer: &str,
    ) -> Result<SeenInvitation, AppError> {
        let answer = tidied(answer);
        all_right(at("message", faults(&answer, MAX_SHORT, Lines::Many)).collect())?;
        let step = if accept { InvitationAction::Accept } else { InvitationAction::Decline };
        self.invitation_step(actor, Action::InvitationAnswer, id, version, step, Some(answer)).await
    }

    /// The enterprise takes it back.
    ///
    /// # Errors
    /// As [`Self::invitation_answer`].
    pub async fn invitation_withdraw(&self, actor: &Actor, id: &str, version: i64) -> Result<SeenInvitation, AppError> {
        self.invitation_step(actor, Action::Invite, id, version, InvitationAction::Withdraw, None).await
    }

    async fn invitation_step(
        &self,
        actor: &Actor,
        action: Action,
        id: &str,
        version: i64,
        step: InvitationAction,
        answer: Option<String>,
    ) -> Result<SeenInvitation, AppError> {
        let seen = self.invitation_for(actor, action, id).await?;
        let mut invitation = seen.invitation;
        if invitation.version != version {
            return Err(AppError::Stale);
        }
        let next = invitation.status.next(step);
        invitation.status = next.map_err(|e| AppError::conflict(InvalidTransition::CODE, e.to_string()))?;
        if let Some(answer) = answer {
            (invitation.answer, invitation.answered_at) = (Some(answer), Some(self.now()));
        }
        let told = match step {
            InvitationAction::Withdraw => {
                let talent = self.store.talent_profiles(&[&invitation.talent]).await?.pop();
                talent.and_then(|talent| talent.account)
            }
            _ => Some(invitation.by_account.clone()),
        };
        let mut write = self.store.begin().await?;
        write.invitation_update(&invitation).await?;
        let verb = format!("invitation.{}", invitation.status.code());
        self.invitation_audit(&mut write, actor, &verb, &invitation).await?;
        if let (Some(account), Some(notice)) = (told, told_of(&invitation, seen.talent_name)) {
            write.notice_add(&self.notice(&account, format!("invitation:{}", invitation.id), notice)).await?;
        }
        write.commit().await?;
        self.invitation_for(actor, Action::InvitationRead, id).await
    }

    /// One invitation, for its enterprise, its talent, or an operator.
    ///
    /// # Errors
    /// [`AppError::NotFound`] also where it is not for them to see.
    pub async fn invitation_get(&self, actor: &Actor, id: &str) -> Result<SeenInvitation, AppError> {
        self.invitation_for(actor, Action::InvitationRead, id).await
    }

    /// The invitations that they may see, newest first, before an id; of one need, or of all (`""`).
    ///
    /// # Errors
    /// [`AppError`]
    pub async fn invitations(
        &self,
        actor: &Actor,
        need: &str,
        before: &str,
        limit: i64,
    ) -> Result<Vec<SeenInvitation>, AppError> {
        self.invitations_in(actor, None, need, before, limit).await
    }

    /// The same, of one status or of all.
    ///
    /// # Errors
    /// [`AppError`]
    pub async fn invitations_in(
        &self,
        actor: &Actor,
        status: Option<InvitationStatus>,
        need: &str,
        before: &str,
        limit: i64,
    ) -> Result<Vec<SeenInvitation>, AppError> {
        actor.require(Action::InvitationRead)?;
        let Some((organisation, account)) = own_side(actor) else { return Ok(Vec::new()) };
        let found = self.store.invitations(organisation, account, need, status, before, limit).await?;
        let ids: Vec<&str> = found.iter().map(|i| i.talent.as_str()).collect();
        let talents = self.store.talent_profiles(&ids).await?;
        let see = |invitation: Invitation| {
            let talent = talents.iter().find(|t| t.talent.id == invitation.talent);
            seen(actor, invitation, talent.map(|t| (t.talent.name.clone(), t.contact.clone())))
        };
        Ok(found.into_iter().map(see).collect())
    }

    /// How many of the invitations that they may see are in each status.
    ///
    /// # Errors
    /// [`AppError`]
    pub async fn invitation_counts(&self, actor: &Actor) -> Result<Vec<(InvitationStatus, i64)>, AppError> {
        actor.require(Action::InvitationRead)?;
        let Some((organisation, account)) = own_side(actor) else { return Ok(Vec::new()) };
        Ok(self.store.invitation_counts(organisation, account).await?)
    }

    async fn invitation_for(&self, actor: &Actor, action: Action, id: &str) -> Result<SeenInvitation, AppError> {
        actor.require(action)?;
        let invitation = self.store.invitation(id).await?.ok_or(AppError::NotFound("邀请"))?;
        let talent = self.store.talent_profiles(&[&invitation.talent]).await?.pop();
        let is_own_profile = talent.as_ref().is_some_and(|t| t.account.as_deref() == Some(actor.account.as_str()));
        let is_own_need = actor.organisation.as_deref() == Some(invitation.organisation.as_str());
        // Each step belongs to one side; a talent of the university is not the enterprise.
        let own = match action {
            Action::InvitationAnswer => is_own_profile,
            Action::Invite => is_own_need,
            _ => is_own_profile || is_own_need && actor.role == Role::Enterprise,
        };
        actor.require_on(action, if own { Relation::Own } else { Relation::None }, "邀请")?;
        Ok(seen(actor, invitation, talent.map(|t| (t.talent.name, t.contact))))
    }

    async fn invitation_audit(
        &self,
        write: &mut crate::store::Write,
        actor: &Actor,
        action: &str,
        invitation: &Invitation,
    ) -> Result<(), AppError> {
        let detail = json!({ "need": invitation.need, "talent": invitation.talent });
        self.audit(write, Some(actor), action, format!("invitation:{}", invitation.id), detail).await
    }
}

/// What the other side is told of a step.
fn told_of(invitation: &Invitation, talent: String) -> Option<Notice> {
    let released: Value = serde_json::from_str(&invitation.released).unwrap_or_default();
    let need = released["title"].as_str().unwrap_or("（未命名）").to_owned();
    match invitation.status {
        InvitationStatus::Sent => None,
        InvitationStatus::Withdrawn => {
            let organisation = invitation.organisation_name.clone();
            Some(Notice::InvitationWithdrawn { organisation, need })
        }
        InvitationStatus::Accepted => Some(Notice::InvitationAnswered { talent, need, accepted: true }),
        InvitationStatus::Declined => Some(Notice::InvitationAnswered { talent, need, accepted: false }),
    }
}

/// The organisation and the account whose invitations the actor sees, `""` for any; `None` for who
/// has none.
fn own_side(actor: &Actor) -> Option<(&str, &str)> {
    if Action::InvitationRead.is_allowed(Some(actor.role), Relation::None) {
        return Some(("", ""));
    }
    match actor.role {
        Role::Talent => Some(("", actor.account.as_str())),
        _ => actor.organisation.as_deref().map(|organisation| (organisation, "")),
    }
}

/// Contacts are for those who have agreed to talk; the enterprise knows its own.
fn seen(actor: &Actor, mut invitation: Invitation, talent: Option<(String, Option<String>)>) -> SeenInvitation {
    let shows = invitation.status.shows_contact();
    let is_own = actor.role == Role::Enterprise && actor.organisation.as_deref() == Some(&invitation.organisation);
    if !shows && !is_own {
        invitation.contact.clear();
    }
    let (talent_name, contact) = talent.unwrap_or_default();
    SeenInvitation { invitation, talent_name, talent_contact: contact.filter(|_| shows) }
}

/// The parts of the need as they are now: later changes are not released by themselves.
fn released(need: &NeedRecord, parts: &[String]) -> Result<String, AppError> {
    let whole = serde_json::to_value(&need.need).map_err(|e| AppError::Internal(e.to_string()))?;
    let mut shown = Map::new();
    for part in ["title"].into_iter().chain(parts.iter().map(String::as_str)) {
        if let Some(value) = whole.get(part) {
            shown.insert(part.to_owned(), value.clone());
        }
    }
    Ok(Value::Object(shown).to_string())
}
