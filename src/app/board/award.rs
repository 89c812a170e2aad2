//! From the ranking to the contract: the publisher chooses, others may object, then it is published.

use serde_json::json;

use super::scoring::sheet;
use super::{BID, CHALLENGE, problem};
use crate::app::attachments::told;
use crate::app::error::{AppError, all_right, at};
use crate::app::imports::SentFile;
use crate::app::{Actor, App, data};
use crate::domain::Action;
use crate::domain::challenge::Scores;
use crate::domain::challenge::contract::{Contract, check_contract};
use crate::domain::challenge::evaluation::{Place, Sheet, departs, rank};
use crate::domain::challenge::news::BoardNews;
use crate::domain::challenge::status::{BidStatus, ChallengeAction};
use crate::domain::hex::hex;
use crate::domain::text::{Lines, MAX_SHORT, faults, tidied};
use crate::store::Write;
use crate::store::board::award::ContractRecord;
use crate::store::board::bids::BidRecord;
use crate::store::board::challenges::ChallengeRecord;

impl App {
    /// Chooses a bid; objections are taken from now on. A reason is due where the choice departs from
    /// the ranking: the first of a tie does not.
    ///
    /// # Errors
    /// [`AppError::Invalid`], [`AppError::NotFound`], [`AppError::Stale`], [`AppError::Conflict`] where
    /// there is no ranking to choose from.
    pub async fn award_choose(
        &self,
        actor: &Actor,
        (id, version): (&str, i64),
        bid: &str,
        reason: &str,
    ) -> Result<(), AppError> {
        let seen = self.challenge_of(actor, id, version, Action::ChallengeWrite).await?;
        let reason = tidied(reason);
        let mut problems: Vec<_> = at("reason", faults(&reason, MAX_SHORT, Lines::Many)).collect();
        let (mut write, found, now) = self.step(&seen).await?;
        let (was, status) = (found.status, found.status.next(ChallengeAction::Choose)?);
        let sheets: Vec<Sheet> = write.scores(id).await?.iter().map(sheet).collect();
        let places = rank(&found.content.criteria, &sheets);
        let departs = departs(&places, bid);
        if bid.is_empty() || places.iter().all(|p| p.bid != bid) {
            problems.push(problem("bid", "unknown-bid", "请选择一份参加了排名的揭榜"));
        } else if departs && reason.is_empty() {
            let message = "选定的不是排名第一：请写明理由，会随选定结果公示";
            problems.push(problem("reason", "missing-reason", message));
        }
        all_right(problems)?;
        let changed = ChallengeRecord {
            status,
            chosen: Some(bid.to_owned()),
            choice_reason: Some(reason.clone()).filter(|r| !r.is_empty()),
            objections_until: Some(now + self.rules.objection_ms()),
            updated_at: now,
            ..found
        };
        write.challenge_save(&changed, was).await?;
        let detail = json!({ "bid": bid, "departs": departs, "reason": reason, "until": changed.objections_until });
        self.audit(&mut write, Some(actor), "challenge.choose", object(&changed), detail).await?;
        self.tell_watchers(&mut write, &changed, BoardNews::Chosen, "").await?;
        write.commit().await?;
        self.changed();
        Ok(())
    }

    /// Publishes the award: every bidder is told, everybody sees what the publisher's policy allows.
    ///
    /// # Errors
    /// [`AppError::NotFound`], [`AppError::Stale`], [`AppError::Conflict`] while objections are taken or
    /// wait.
    pub async fn award_publish(&self, actor: &Actor, (id, version): (&str, i64)) -> Result<(), AppError> {
        let seen = self.challenge_of(actor, id, version, Action::ChallengeWrite).await?;
        let (mut write, found, now) = self.step(&seen).await?;
        let (was, status) = (found.status, found.status.next(ChallengeAction::Award)?);
        if found.objections_until.is_none_or(|until| now < until) {
            return Err(AppError::conflict("window-open", "异议期还没有结束，结束后才能公布中榜"));
        }
        if write.objections(id).await?.iter().any(|o| o.answer.is_none()) {
            return Err(AppError::conflict("objection-open", "还有异议没有答复：平台答复之后才能公布中榜"));
        }
        let sheets: Vec<Sheet> = write.scores(id).await?.iter().map(sheet).collect();
        let places = rank(&found.content.criteria, &sheets);
        let changed = ChallengeRecord { status, awarded_at: Some(now), updated_at: now, ..found };
        write.challenge_save(&changed, was).await?;
        for bid in write.bids_admitted(id).await? {
            let Some(record) = write.bid_take(&bid).await? else { continue };
            let is_chosen = changed.chosen.as_deref() == Some(&bid);
            let (status, news) = match is_chosen {
                true => (BidStatus::Won, BoardNews::Won),
                false => (BidStatus::Lost, BoardNews::Lost),
            };
            let was = record.status;
            let record = BidRecord { status, updated_at: now, ..record };
            write.bid_save(&record, was).await?;
            self.tell_bidders(&mut write, &bid, (news, &changed.content, "")).await?;
        }
        let policy = changed.content.scores;
        let is_told = |p: &&Place| policy == Scores::All || changed.chosen.as_deref() == Some(&p.bid);
        let told: Vec<_> = places.iter().filter(is_told).map(|p| json!({ "bid": p.bid, "mean": p.mean })).collect();
        let detail = json!({ "bid": changed.chosen, "scores": policy.code(), "totals": told });
        self.audit(&mut write, Some(actor), "challenge.award", object(&changed), detail).await?;
        self.tell_watchers(&mut write, &changed, BoardNews::Awarded, "").await?;
        write.commit().await?;
        self.changed();
        Ok(())
    }

    /// Records the signed contract. Its file is hashed, not kept.
    ///
    /// # Errors
    /// [`AppError::Invalid`] with all that is wrong; [`AppError::NotFound`], [`AppError::Stale`],
    /// [`AppError::Conflict`] before the award.
    pub async fn contract_record(
        &self,
        actor: &Actor,
        (id, version): (&str, i64),
        contract: Contract,
        file: Option<SentFile>,
    ) -> Result<(), AppError> {
        let seen = self.challenge_of(actor, id, version, Action::ChallengeWrite).await?;
        seen.status.next(ChallengeAction::Contract)?;
        let parameters = data::parameters().map_err(|e| AppError::Internal(e.to_string()))?;
        let mut problems = check_contract(&contract, self.today()?, parameters.period_max_months.value);
        let file = match file {
            None => Err(AppError::invalid("file", "missing-file", "请选择双方签署的合同文件：只记录它的 SHA-256")),
            Some(file) => told(file).await,
        };
        let file = match file {
            Ok(file) => Some(file),
            Err(AppError::Invalid(more)) => {
                problems.extend(more);
                None
            }
            Err(other) => return Err(other),
        };
        all_right(problems)?;
        let Some(file) = file else { return Err(AppError::NotFound("合同文件")) };
        let (mut write, found, now) = self.step(&seen).await?;
        let (was, status) = (found.status, found.status.next(ChallengeAction::Contract)?);
        let bid = found.chosen.clone().ok_or(AppError::NotFound(BID))?;
        let changed = ChallengeRecord { status, updated_at: now, ..found };
        write.challenge_save(&changed, was).await?;
        let record = ContractRecord {
            bid,
            contract,
            file_name: file.name,
            file_sha256: file.sha256,
            by_account: actor.account.clone(),
            at: now,
        };
        write.contract_add(id, &record).await?;
        // Days and the file's hash: what it costs is the parties' business.
        let signed_on = &record.contract.signed_on;
        let detail = json!({ "bid": record.bid, "signed_on": signed_on, "file": hex(record.file_sha256) });
        self.audit(&mut write, Some(actor), "challenge.contract", object(&changed), detail).await?;
        self.tell_watchers(&mut write, &changed, BoardNews::Contracted, "").await?;
        write.commit().await?;
        self.changed();
        Ok(())
    }

    /// A transaction that alone has the challenge, as it was seen; and the time.
    async fn step(&self, seen: &ChallengeRecord) -> Result<(Write, ChallengeRecord, i64), AppError> {
        let mut write = self.store.begin().await?;
        let found = write.challenge_take(&seen.id).await?.ok_or(AppError::NotFound(CHALLENGE))?;
        let now = self.time_in(&mut write).await?;
        if found.version == seen.version { Ok((write, found, now)) } else { Err(AppError::Stale) }
    }
}

pub(super) fn object(of: &ChallengeRecord) -> String {
    format!("challenge:{}", of.id)
}
