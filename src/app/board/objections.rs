//! Objections 异议 to a choice: raised by bidders and watchers, answered by the operator.

use serde_json::json;

use super::CHALLENGE;
use super::award::object;
use super::challenges::stated;
use crate::app::error::AppError;
use crate::app::{Actor, App, secrets};
use crate::domain::Action;
use crate::domain::challenge::news::BoardNews;
use crate::domain::challenge::status::{ChallengeAction, ChallengeStatus};
use crate::domain::hex::hex;
use crate::store::board::award::{Answer, Objection};
use crate::store::board::challenges::ChallengeRecord;

impl App {
    /// Objects to a choice, as a bidder or as somebody who watches.
    ///
    /// # Errors
    /// [`AppError::Invalid`] without a text; [`AppError::Forbidden`] for others;
    /// [`AppError::Conflict`] outside of the window, and while an own one waits.
    pub async fn objection_raise(&self, actor: &Actor, id: &str, text: &str) -> Result<(), AppError> {
        actor.require(Action::ChallengeTalk)?;
        let seen = self.challenge_public(id).await?;
        self.may_object(actor, &seen).await?;
        let text = stated("objection", text)?;
        let mut write = self.store.begin().await?;
        let found = write.challenge_hold(id).await?.ok_or(AppError::NotFound(CHALLENGE))?;
        let now = self.time_in(&mut write).await?;
        if !takes_objections(&found, now) {
            let message = "现在不在异议期：选定结果公示之后、异议截止之前可以提出";
            return Err(AppError::conflict("no-objections-now", message));
        }
        let open = |o: &Objection| o.by_account == actor.account && o.answer.is_none();
        if write.objections(id).await?.iter().any(open) {
            return Err(AppError::conflict("objection-waits", "您已有一条异议在等待答复"));
        }
        let objection = Objection {
            id: self.new_id(),
            organisation: actor.organisation.clone(),
            organisation_name: None,
            by_account: actor.account.clone(),
            by_name: actor.name.clone(),
            at: now,
            text,
            answer: None,
        };
        write.objection_add(id, &objection).await?;
        let detail = json!({ "objection": objection.id, "text": hash(&objection) });
        self.audit(&mut write, Some(actor), "objection.raise", object(&found), detail).await?;
        self.tell_publisher(&mut write, &found, BoardNews::Objected, "").await?;
        let operators = write.operators().await?;
        self.tell(&mut write, &operators, &object(&found), (BoardNews::Objected, &found.content, "")).await?;
        Ok(write.commit().await?)
    }

    /// Whether somebody may object to what is chosen of a challenge.
    ///
    /// # Errors
    /// [`AppError::Forbidden`] with why not.
    pub(super) async fn may_object(&self, actor: &Actor, of: &ChallengeRecord) -> Result<(), AppError> {
        let refused = |message: &str| AppError::Forbidden { code: "may-not-object", message: message.to_owned() };
        actor.require(Action::ChallengeTalk)?;
        if actor.organisation.as_deref() == Some(&of.organisation) {
            return Err(refused("发榜方不能对自己的选定提出异议"));
        }
        if actor.require(Action::ChallengeDecide).is_ok() {
            return Err(refused("异议由平台答复，平台自己不能提出"));
        }
        if self.store.panel(&of.id).await?.iter().any(|member| member.account == actor.account) {
            return Err(refused("评委不能对自己参加评审的结果提出异议"));
        }
        if let Some(own) = actor.organisation.as_deref() {
            for bid in self.store.bids_opened(&of.id).await? {
                if self.store.bid_members(&bid.id).await?.iter().any(|member| member.organisation == own) {
                    return Ok(());
                }
            }
        }
        match self.store.challenge_is_watched(&of.id, &actor.account).await? {
            true => Ok(()),
            false => Err(refused("只有揭榜方和关注本榜单的人可以提出异议：请先关注")),
        }
    }

    /// Answers an objection. One that is upheld undoes the choice: the publisher chooses again, and
    /// what else was objected to that choice is settled with it.
    ///
    /// # Errors
    /// [`AppError::Invalid`] without an answer; [`AppError::NotFound`], [`AppError::Stale`] where it
    /// was answered, [`AppError::Conflict`] after the award.
    pub async fn objection_answer(
        &self,
        actor: &Actor,
        (id, objection): (&str, &str),
        text: &str,
        upheld: bool,
    ) -> Result<(), AppError> {
        let seen = self.challenge_for(actor, id, Action::ChallengeDecide).await?;
        let text = stated("answer", text)?;
        let mut write = self.store.begin().await?;
        let found = write.challenge_take(&seen.id).await?.ok_or(AppError::NotFound(CHALLENGE))?;
        let now = self.time_in(&mut write).await?;
        let all = write.objections(id).await?;
        let asked = all.iter().find(|o| o.id == objection).ok_or(AppError::NotFound("异议"))?;
        if asked.answer.is_some() {
            return Err(AppError::Stale);
        }
        if found.status != ChallengeStatus::Chosen {
            let message = format!("榜单现在是“{}”：没有正在公示的选定结果", found.status.name());
            return Err(AppError::conflict("nothing-chosen", message));
        }
        let answer = Answer { text, upheld, by_account: actor.account.clone(), at: now };
        let settled = Answer {
            text: "另有异议成立，选定结果已撤回，将重新选定".to_owned(), ..answer.clone()
        };
        let others = all.iter().filter(|o| upheld && o.answer.is_none() && o.id != objection);
        for (of, answer) in std::iter::once((asked, &answer)).chain(others.map(|o| (o, &settled))) {
            write.objection_answer(&of.id, answer).await?;
            let detail = json!({ "objection": of.id, "upheld": upheld, "answer": hex(secrets::digest(&answer.text)) });
            self.audit(&mut write, Some(actor), "objection.answer", object(&found), detail).await?;
            let by = std::slice::from_ref(&of.by_account);
            let news = (BoardNews::ObjectionAnswered, &found.content, &*answer.text);
            self.tell(&mut write, by, &object(&found), news).await?;
        }
        if upheld {
            let (was, status) = (found.status, found.status.next(ChallengeAction::Reconsider)?);
            let bid = found.chosen.clone();
            let changed = ChallengeRecord {
                status,
                chosen: None,
                choice_reason: None,
                objections_until: None,
                updated_at: now,
                ..found
            };
            write.challenge_save(&changed, was).await?;
            let detail = json!({ "bid": bid, "objection": objection });
            self.audit(&mut write, Some(actor), "challenge.reconsider", object(&changed), detail).await?;
            self.tell_publisher(&mut write, &changed, BoardNews::Reconsidered, &answer.text).await?;
            self.tell_watchers(&mut write, &changed, BoardNews::Reconsidered, "").await?;
        }
        write.commit().await?;
        self.changed();
        Ok(())
    }
}

pub(super) fn takes_objections(of: &ChallengeRecord, now: i64) -> bool {
    of.status == ChallengeStatus::Chosen && of.objections_until.is_some_and(|until| now < until)
}

/// What the log holds of an objection's text.
fn hash(of: &Objection) -> String {
    hex(secrets::digest(format!("{} {}", of.id, of.text)))
}
