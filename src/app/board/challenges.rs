//! From a need to a published challenge, and what its publisher changes afterwards.

use serde_json::json;

use super::{CHALLENGE, LIST_MAX, problem};
use crate::app::error::{AppError, all_right, at};
use crate::app::{Actor, App, data};
use crate::domain::challenge::news::BoardNews;
use crate::domain::challenge::publish::{check_content, check_draft, check_publish};
use crate::domain::challenge::status::{ChallengeAction, ChallengeStatus};
use crate::domain::challenge::{Challenge, Criterion, Indicator, Stage, amendment};
use crate::domain::hex::hex;
use crate::domain::text::{Lines, MAX_SHORT, faults, tidied};
use crate::domain::{Action, Day, Fault, Need, NeedStatus, Relation};
use crate::store::board::challenges::{ChallengeRecord, ChallengeTerms};
use crate::store::{StoreError, Write};

/// Thirty days.
const MONTH_MS: i64 = 30 * 86_400_000;

/// What an operator makes of a challenge that was submitted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ChallengeVerdict {
    Publish,
    /// Back to its publisher, who sees the reason.
    GiveBack {
        reason: String,
    },
}

/// How the draft of a challenge begins: what its need says, and shares that are usual.
pub fn draft_of(need: &Need, today: Day) -> Challenge {
    let indicator = |target: &crate::domain::Target| Indicator {
        name: target.name.clone(),
        value: target.value.clone(),
        unit: target.unit.clone().unwrap_or_default(),
        test: String::new(),
    };
    let deadline = need.deadline.as_deref().and_then(|day| Day::parse(day).ok());
    let months = deadline.map(|day| (day.starts_at() - today.starts_at()) / MONTH_MS);
    let stage = |name: &str, percent| Stage { name: name.into(), percent };
    let criterion = |name: &str, weight| Criterion { name: name.into(), weight };
    Challenge {
        title: need.heading(),
        problem: need.problem.clone(),
        indicators: need.targets.iter().map(indicator).collect(),
        months: months.and_then(|months| u32::try_from(months).ok()).filter(|months| *months > 0),
        stages: vec![stage("合同签订", 40), stage("中期检查", 30), stage("验收通过", 30)],
        criteria: vec![
            criterion("技术路线", 40),
            criterion("指标承诺", 30),
            criterion("团队与成果", 20),
            criterion("进度与经费", 10),
        ],
        ..Challenge::default()
    }
}

impl App {
    /// Begins a challenge from an own need that was published as 揭榜挂帅.
    ///
    /// # Errors
    /// [`AppError::NotFound`], [`AppError::Conflict`] if the need is not open to it or has one.
    pub async fn challenge_begin(&self, actor: &Actor, need: &str) -> Result<ChallengeRecord, AppError> {
        actor.require(Action::ChallengeWrite)?;
        let need = self.need_for(actor, need, Action::NeedUpdate).await?;
        if need.status != NeedStatus::Challenge {
            let message = format!("需求现在是“{}”：以“揭榜挂帅”方式发布后才能发榜", need.status.name());
            return Err(AppError::conflict("need-not-challenge", message));
        }
        let now = self.now();
        let record = ChallengeRecord {
            id: self.new_id(),
            need: need.need.id.clone(),
            organisation: need.organisation,
            organisation_name: need.organisation_name,
            organisation_region: need.organisation_region,
            created_by: actor.account.clone(),
            status: ChallengeStatus::Preparing,
            field: need.need.field.clone(),
            region: need.need.region.clone(),
            terms: 0,
            reason: None,
            created_at: now,
            updated_at: now,
            published_at: None,
            opened_at: None,
            chosen: None,
            choice_reason: None,
            objections_until: None,
            awarded_at: None,
            touched: 0,
            version: 1,
            content: draft_of(&need.need, self.today()?),
        };
        let mut write = self.store.begin().await?;
        write.challenge_add(&record).await.map_err(|error| match error {
            StoreError::Conflict(_) => AppError::conflict("challenge-exists", "这个需求已经有榜单：请在原榜单上修改"),
            other => other.into(),
        })?;
        write.need_hold(&record.need, NeedStatus::Challenge).await?;
        self.challenge_audit(&mut write, actor, "challenge.create", &record).await?;
        write.commit().await?;
        Ok(record)
    }

    /// A challenge as its publisher, or an operator, sees it.
    ///
    /// # Errors
    /// [`AppError::NotFound`] also where it is not for them to see.
    pub async fn challenge_get(&self, actor: &Actor, id: &str) -> Result<ChallengeRecord, AppError> {
        self.challenge_for(actor, id, Action::ChallengeRead).await
    }

    /// An own challenge, for who is about to change it.
    ///
    /// # Errors
    /// [`AppError::NotFound`]
    pub async fn challenge_managed(&self, actor: &Actor, id: &str) -> Result<ChallengeRecord, AppError> {
        self.challenge_for(actor, id, Action::ChallengeWrite).await
    }

    /// A challenge that was submitted, for the operator.
    ///
    /// # Errors
    /// [`AppError::NotFound`]
    pub async fn challenge_checked(&self, actor: &Actor, id: &str) -> Result<ChallengeRecord, AppError> {
        self.challenge_for(actor, id, Action::ChallengeDecide).await
    }

    /// A challenge that everybody may see.
    ///
    /// # Errors
    /// [`AppError::NotFound`]
    pub async fn challenge_public(&self, id: &str) -> Result<ChallengeRecord, AppError> {
        let found = self.store.challenge(id).await?.filter(ChallengeRecord::is_public);
        found.ok_or(AppError::NotFound(CHALLENGE))
    }

    /// A challenge that they may do this to. Others than its publisher know nothing of one that was
    /// never submitted.
    pub(in crate::app) async fn challenge_for(
        &self,
        actor: &Actor,
        id: &str,
        action: Action,
    ) -> Result<ChallengeRecord, AppError> {
        actor.require(action)?;
        let found = self.store.challenge(id).await?.ok_or(AppError::NotFound(CHALLENGE))?;
        let relation = actor.relation(Some(&found.organisation), found.organisation_region.as_deref());
        actor.require_on(action, relation, CHALLENGE)?;
        // What was dropped before publishing is nobody else's business either.
        let is_private = match found.status {
            ChallengeStatus::Preparing => true,
            status => status.is_over() && found.published_at.is_none(),
        };
        if relation != Relation::Own && is_private {
            return Err(AppError::NotFound(CHALLENGE));
        }
        Ok(found)
    }

    /// Own challenges, newest first.
    ///
    /// # Errors
    /// [`AppError`]
    pub async fn challenges_own(&self, actor: &Actor) -> Result<Vec<ChallengeRecord>, AppError> {
        actor.require(Action::ChallengeWrite)?;
        let Some(own) = actor.organisation.as_deref() else { return Ok(Vec::new()) };
        Ok(self.store.challenges_of(own, LIST_MAX).await?)
    }

    /// The own challenge of a need, where there is one.
    ///
    /// # Errors
    /// [`AppError`]
    pub async fn challenge_of_need(&self, actor: &Actor, need: &str) -> Result<Option<ChallengeRecord>, AppError> {
        let found = self.store.challenge_of_need(need).await?;
        let may = |c: &ChallengeRecord| {
            let relation = actor.relation(Some(&c.organisation), None);
            relation == Relation::Own || c.is_public()
        };
        Ok(found.filter(may))
    }

    /// Saves what a challenge says while it is being prepared.
    ///
    /// # Errors
    /// [`AppError::Invalid`], [`AppError::NotFound`], [`AppError::Stale`], [`AppError::Conflict`] once
    /// it was submitted.
    pub async fn challenge_update(
        &self,
        actor: &Actor,
        id: &str,
        version: i64,
        content: Challenge,
    ) -> Result<ChallengeRecord, AppError> {
        let found = self.challenge_of(actor, id, version, Action::ChallengeWrite).await?;
        if found.status != ChallengeStatus::Preparing {
            let message = format!("榜单现在是“{}”：发布后的修改请用“变更”", found.status.name());
            return Err(AppError::conflict("not-editable", message));
        }
        let content = content.tidied();
        all_right(check_draft(&content))?;
        let was = found.status;
        self.challenge_save(actor, ChallengeRecord { content, ..found }, was, "challenge.update").await
    }

    /// Hands a challenge to the operator.
    ///
    /// # Errors
    /// [`AppError::Invalid`] with all that publishing would refuse; as [`Self::challenge_update`].
    pub async fn challenge_submit(&self, actor: &Actor, id: &str, version: i64) -> Result<ChallengeRecord, AppError> {
        let found = self.challenge_of(actor, id, version, Action::ChallengeWrite).await?;
        let (was, status) = (found.status, found.status.next(ChallengeAction::Submit)?);
        all_right(check_publish(&found.content, self.board_time().await?, self.limits()?))?;
        let changed = ChallengeRecord { status, reason: None, ..found };
        self.challenge_save(actor, changed, was, "challenge.submit").await
    }

    /// Publishes a challenge, or gives it back.
    ///
    /// # Errors
    /// [`AppError::Invalid`] without a reason, or with all that stands against publishing;
    /// [`AppError::NotFound`], [`AppError::Stale`], [`AppError::Conflict`].
    pub async fn challenge_decide(
        &self,
        actor: &Actor,
        id: &str,
        version: i64,
        verdict: ChallengeVerdict,
    ) -> Result<ChallengeRecord, AppError> {
        let found = self.challenge_of(actor, id, version, Action::ChallengeDecide).await?;
        let was = found.status;
        if let ChallengeVerdict::GiveBack { reason } = verdict {
            let status = was.next(ChallengeAction::GiveBack)?;
            let changed = ChallengeRecord { status, reason: Some(stated("reason", &reason)?), ..found };
            return self.challenge_save(actor, changed, was, "challenge.give_back").await;
        }
        let status = was.next(ChallengeAction::Publish)?;
        let now = self.board_time().await?;
        all_right(check_publish(&found.content, now, self.limits()?))?;
        let opens_at = Some(found.content.opens_at.unwrap_or(now).max(now));
        let content = Challenge { opens_at, ..found.content };
        let changed = ChallengeRecord { status, terms: 1, published_at: Some(now), reason: None, content, ..found };
        self.challenge_save(actor, changed, was, "challenge.publish").await
    }

    /// Changes what was published. A late change moves the closing; everybody who follows is told, and
    /// bids stand for the terms before until their bidders confirm them.
    ///
    /// # Errors
    /// [`AppError::Invalid`], [`AppError::NotFound`], [`AppError::Stale`], [`AppError::Conflict`] after
    /// closing, or where nothing is changed.
    pub async fn challenge_amend(
        &self,
        actor: &Actor,
        id: &str,
        version: i64,
        content: Challenge,
        reason: &str,
    ) -> Result<ChallengeRecord, AppError> {
        let seen = self.challenge_of(actor, id, version, Action::ChallengeWrite).await?;
        let content = content.tidied();
        let mut problems = check_draft(&content);
        problems.extend(check_content(&content, self.limits()?));
        let stated = stated("amendment", reason).map_err(|error| {
            if let AppError::Invalid(more) = error {
                problems.extend(more);
            }
        });
        let mut write = self.store.begin().await?;
        let found = write.challenge_take(&seen.id).await?.ok_or(AppError::NotFound(CHALLENGE))?;
        if found.version != version {
            return Err(AppError::Stale);
        }
        let (was, status) = (found.status, found.status.next(ChallengeAction::Amend)?);
        let now = self.time_in(&mut write).await?;
        let (closes_at, asked) = (found.content.closes_at.unwrap_or(now), content.closes_at);
        if now >= closes_at {
            return Err(AppError::conflict("closed", "揭榜已经截止，不能再变更"));
        }
        // Bidders were promised the time until closing.
        if asked.is_none_or(|asked| asked < closes_at) {
            problems.push(problem("closes_at", "closing-earlier", "截止时间只能推后，不能提前"));
        }
        let closes_at = amendment::closing(asked.unwrap_or(closes_at), now, self.rules.amendment_min_ms());
        if content.questions_until.is_some_and(|until| until >= closes_at) {
            problems.push(problem("questions_until", "questions-after-closing", "提问截止须早于揭榜截止"));
        }
        all_right(problems)?;
        let reason = stated.unwrap_or_default();
        let content = Challenge { opens_at: found.content.opens_at, closes_at: Some(closes_at), ..content };
        if (Challenge { closes_at: found.content.closes_at, ..content.clone() }) == found.content
            && asked == found.content.closes_at
        {
            return Err(AppError::conflict("nothing-changed", "内容没有变化：请修改后再发布变更"));
        }
        let changed = ChallengeRecord { status, terms: found.terms + 1, content, ..found };
        let changed = self.challenge_keep(&mut write, actor, changed, was, ("challenge.amend", &reason), now).await?;
        self.tell_watchers(&mut write, &changed, BoardNews::Amended, &reason).await?;
        write.commit().await?;
        self.changed();
        Ok(changed)
    }

    /// Ends a challenge: before opening it is taken back 撤榜, after that it fails 流标. The reason is
    /// public where the challenge was.
    ///
    /// # Errors
    /// [`AppError::Invalid`] without a reason, [`AppError::NotFound`], [`AppError::Stale`],
    /// [`AppError::Conflict`] once it is over.
    pub async fn challenge_end(
        &self,
        actor: &Actor,
        id: &str,
        version: i64,
        reason: &str,
    ) -> Result<ChallengeRecord, AppError> {
        let found = self.challenge_of(actor, id, version, Action::ChallengeWrite).await?;
        let (step, audit) = match found.published_at {
            // What nobody saw is nobody's business.
            None => (ChallengeAction::Withdraw, "challenge.drop"),
            Some(_) if found.opened_at.is_none() => (ChallengeAction::Withdraw, "challenge.withdraw"),
            Some(_) => (ChallengeAction::Fail, "challenge.fail"),
        };
        let (was, status) = (found.status, found.status.next(step)?);
        let changed = ChallengeRecord { status, reason: Some(stated("why", reason)?), ..found };
        self.challenge_save(actor, changed, was, audit).await
    }

    /// The terms of a challenge one after the other.
    ///
    /// # Errors
    /// [`AppError`]
    pub async fn challenge_terms(&self, id: &str) -> Result<Vec<ChallengeTerms>, AppError> {
        Ok(self.store.challenge_terms(id).await?)
    }

    /// The challenges of a status, oldest first, for an operator.
    ///
    /// # Errors
    /// [`AppError`]
    pub async fn challenges_in(
        &self,
        actor: &Actor,
        status: ChallengeStatus,
    ) -> Result<Vec<ChallengeRecord>, AppError> {
        actor.require(Action::ChallengeDecide)?;
        if status == ChallengeStatus::Preparing {
            return Ok(Vec::new());
        }
        Ok(self.store.challenges_in(status, LIST_MAX).await?)
    }

    /// The challenge as the person has seen it last.
    pub(in crate::app) async fn challenge_of(
        &self,
        actor: &Actor,
        id: &str,
        version: i64,
        action: Action,
    ) -> Result<ChallengeRecord, AppError> {
        let found = self.challenge_for(actor, id, action).await?;
        if found.version == version { Ok(found) } else { Err(AppError::Stale) }
    }

    async fn challenge_save(
        &self,
        actor: &Actor,
        changed: ChallengeRecord,
        was: ChallengeStatus,
        action: &str,
    ) -> Result<ChallengeRecord, AppError> {
        let now = self.board_time().await?;
        let mut write = self.store.begin().await?;
        let changed = self.challenge_keep(&mut write, actor, changed, was, (action, ""), now).await?;
        let more = changed.reason.clone().unwrap_or_default();
        match changed.status {
            ChallengeStatus::Open => self.tell_publisher(&mut write, &changed, BoardNews::Published, "").await?,
            ChallengeStatus::Preparing if was == ChallengeStatus::Submitted => {
                self.tell_publisher(&mut write, &changed, BoardNews::GivenBack, &more).await?;
            }
            ChallengeStatus::Withdrawn => {
                self.tell_watchers(&mut write, &changed, BoardNews::Withdrawn, &more).await?;
            }
            ChallengeStatus::Failed => self.tell_watchers(&mut write, &changed, BoardNews::Failed, &more).await?,
            _ => {}
        }
        write.commit().await?;
        self.changed();
        Ok(changed)
    }

    /// Writes a changed challenge, its terms where they are new, and its audit row.
    pub(in crate::app) async fn challenge_keep(
        &self,
        write: &mut Write,
        actor: &Actor,
        changed: ChallengeRecord,
        was: ChallengeStatus,
        (action, reason): (&str, &str),
        now: i64,
    ) -> Result<ChallengeRecord, AppError> {
        let changed = ChallengeRecord { updated_at: now, ..changed };
        let version = write.challenge_save(&changed, was).await?;
        let changed = ChallengeRecord { version, ..changed };
        if matches!(action, "challenge.publish" | "challenge.amend") {
            let terms = ChallengeTerms {
                number: changed.terms,
                at: now,
                by_account: actor.account.clone(),
                reason: reason.to_owned(),
                content: changed.content.clone(),
            };
            write.challenge_terms_add(&changed.id, &terms).await?;
        }
        self.challenge_audit(write, actor, action, &changed).await?;
        Ok(changed)
    }

    async fn challenge_audit(
        &self,
        write: &mut Write,
        actor: &Actor,
        action: &str,
        of: &ChallengeRecord,
    ) -> Result<(), AppError> {
        let content = serde_json::to_vec(&of.content).map_err(|e| AppError::Internal(e.to_string()))?;
        let hash = hex(crate::app::secrets::digest(content));
        let detail = json!({ "version": of.version, "status": of.status.code(), "terms": of.terms, "content": hash });
        self.audit(write, Some(actor), action, format!("challenge:{}", of.id), detail).await
    }
}

/// A reason that somebody must give.
pub(in crate::app) fn stated(field: &str, reason: &str) -> Result<String, AppError> {
    let reason = tidied(reason);
    let mut wrong = faults(&reason, MAX_SHORT, Lines::Many);
    if reason.is_empty() {
        wrong.push(Fault {
            reason: "没有写理由；请写一两句，大家会看到".to_owned(), ..Fault::missing()
        });
    }
    all_right(at(field, wrong).collect())?;
    Ok(reason)
}

/// The name of a challenge's field.
pub fn field_name(of: &ChallengeRecord) -> Option<String> {
    of.field.as_deref().map(data::field_name)
}
