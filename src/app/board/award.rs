//! From the ranking to the contract: the publisher chooses, others may object, then it is published.

use std::collections::HashMap;

use serde_json::json;

use super::challenges::stated;
use super::content::BidContent;
use super::files::BidFile;
use super::panel::sheet;
use super::receipts::hex;
use super::{BID, CHALLENGE, problem};
use crate::app::attachments::{FILE_MAX, told};
use crate::app::error::{AppError, all_right, at};
use crate::app::{Actor, App, data, secrets};
use crate::domain::Action;
use crate::domain::challenge::Scores;
use crate::domain::challenge::amendment::is_confirmed;
use crate::domain::challenge::contract::{Contract, check_contract};
use crate::domain::challenge::evaluation::{Place, Sheet, departs, means, rank};
use crate::domain::challenge::news::BoardNews;
use crate::domain::challenge::status::{BidStatus, ChallengeAction, ChallengeStatus};
use crate::domain::text::{Lines, MAX_SHORT, faults, tidied};
use crate::store::Write;
use crate::store::board::award::{Answer, ContractRecord, Objection};
use crate::store::board::bids::{BidMember, BidRecord};
use crate::store::board::challenges::ChallengeRecord;
use crate::store::board::panel::ScoreSheet;

/// A challenge after opening as its publisher, or an operator, sees it.
#[derive(Debug, Clone)]
pub struct Evaluation {
    pub challenge: ChallengeRecord,
    /// They act for the publisher.
    pub is_own: bool,
    /// Best first once there is a ranking, before in the order of submission.
    pub bids: Vec<Judged>,
    /// Bids that a rule excluded at opening: organisation and why.
    pub excluded: Vec<(String, Vec<String>)>,
    /// Members of the panel.
    pub members: usize,
    pub objections: Vec<Objection>,
    pub contract: Option<ContractRecord>,
    /// By the clock of the database.
    pub now: i64,
}

impl Evaluation {
    pub fn is_ranked(&self) -> bool {
        is_ranked(&self.challenge)
    }

    pub fn open_objections(&self) -> usize {
        self.objections.iter().filter(|o| o.answer.is_none()).count()
    }

    /// Whether nothing keeps the award back any more.
    pub fn may_award(&self) -> bool {
        self.challenge.status == ChallengeStatus::Chosen
            && self.challenge.objections_until.is_some_and(|until| self.now >= until)
            && self.open_objections() == 0
    }
}

/// A bid with what the panel gave it; places, means and comments once all have scored.
#[derive(Debug, Clone)]
pub struct Judged {
    pub bid: String,
    /// In the order of submission.
    pub number: i64,
    pub status: BidStatus,
    /// The leader first.
    pub members: Vec<BidMember>,
    /// It was handed in or confirmed for the terms as they are.
    pub is_confirmed: bool,
    pub place: Option<Place>,
    /// By criterion, in ten-thousandths of a point.
    pub means: Vec<u64>,
    /// What members wrote: 评委一, 评委二 … the same all over a challenge.
    pub comments: Vec<(String, String)>,
}

/// What a bidder is told of the own bid after the award.
#[derive(Debug, Clone)]
pub struct OwnScores {
    pub challenge: ChallengeRecord,
    pub status: BidStatus,
    pub place: Place,
    /// How many bids were ranked.
    pub of: usize,
    pub means: Vec<u64>,
    pub comments: Vec<(String, String)>,
}

/// What came of bids as judgements for match quality: need, talent, grade.
pub type Judgement = (String, String, u8);

impl App {
    /// A challenge after opening: bids, and once all have scored the ranking.
    ///
    /// # Errors
    /// [`AppError::NotFound`] for others; [`AppError::Conflict`] before opening.
    pub async fn evaluation(&self, actor: &Actor, id: &str) -> Result<Evaluation, AppError> {
        let challenge = self.opened_for(actor, id).await?;
        let sheets = self.sheets_of(&challenge).await?;
        let members = self.store.panel(id).await?.len();
        let judges = judges(&challenge.id, &sheets);
        let plain: Vec<Sheet> = sheets.iter().map(sheet).collect();
        let mut places = rank(&challenge.content.criteria, &plain);
        let mut bids = Vec::new();
        let (mut excluded, mut admitted) = (Vec::new(), self.store.bids_opened(id).await?);
        admitted.retain(|bid| match &bid.excluded {
            Some(json) => {
                excluded.push((bid.organisation_name.clone(), sentences(json)));
                false
            }
            None => true,
        });
        for bid in admitted {
            let place = places.iter().position(|p| p.bid == bid.id).map(|at| places.remove(at));
            bids.push(Judged {
                number: bid.place.unwrap_or_default(),
                status: bid.status,
                members: self.store.bid_members(&bid.id).await?,
                is_confirmed: is_confirmed(bid.terms, challenge.terms),
                place,
                means: means(&challenge.content.criteria, &plain, &bid.id),
                comments: comments(&judges, &sheets, &bid.id),
                bid: bid.id,
            });
        }
        bids.sort_by_key(|bid| (bid.place.as_ref().map_or(usize::MAX, |p| p.place), bid.number));
        Ok(Evaluation {
            is_own: actor.organisation.as_deref() == Some(&challenge.organisation),
            bids,
            excluded,
            members,
            objections: self.store.objections(id).await?,
            contract: self.store.contract(id).await?,
            now: self.board_time().await?,
            challenge,
        })
    }

    /// An opened bid with all that it says, for the publisher.
    ///
    /// # Errors
    /// [`AppError::NotFound`] for others; [`AppError::Conflict`] before opening.
    pub async fn evaluation_bid(
        &self,
        actor: &Actor,
        id: &str,
        bid: &str,
    ) -> Result<(ChallengeRecord, BidRecord, BidContent), AppError> {
        let (challenge, bid) = self.bid_of_publisher(actor, id, bid).await?;
        let content = self.bid_opened(&bid).await?;
        Ok((challenge, bid, content))
    }

    /// A file of it.
    ///
    /// # Errors
    /// As [`Self::evaluation_bid`].
    pub async fn evaluation_file(
        &self,
        actor: &Actor,
        (id, bid): (&str, &str),
        file: &str,
    ) -> Result<(BidFile, Vec<u8>), AppError> {
        let (_, bid) = self.bid_of_publisher(actor, id, bid).await?;
        self.bid_opened_file(&bid, file).await
    }

    async fn bid_of_publisher(
        &self,
        actor: &Actor,
        id: &str,
        bid: &str,
    ) -> Result<(ChallengeRecord, BidRecord), AppError> {
        actor.require(Action::ChallengeWrite)?;
        let challenge = self.opened_for(actor, id).await?;
        actor.require_on(Action::ChallengeWrite, actor.relation(Some(&challenge.organisation), None), CHALLENGE)?;
        let bid = self.store.bids_opened(id).await?.into_iter().find(|b| b.id == bid);
        Ok((challenge, bid.ok_or(AppError::NotFound(BID))?))
    }

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
            let detail = json!({ "objection": of.id, "upheld": upheld, "answer": hex(&secrets::digest(&answer.text)) });
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
            let Some(record) = write.bid(&bid).await? else { continue };
            let is_chosen = changed.chosen.as_deref() == Some(&bid);
            let (status, news) = match is_chosen {
                true => (BidStatus::Won, BoardNews::Won),
                false => (BidStatus::Lost, BoardNews::Lost),
            };
            let was = record.status;
            let record = BidRecord { status, updated_at: now, ..record };
            write.bid_save(&record, was).await?;
            for member in write.bid_members(&bid).await? {
                let accounts = write.organisation_accounts(&member.organisation).await?;
                self.tell(&mut write, &accounts, &format!("bid:{bid}"), (news, &changed.content, "")).await?;
            }
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
        (file_name, file): (&str, Vec<u8>),
    ) -> Result<(), AppError> {
        let seen = self.challenge_of(actor, id, version, Action::ChallengeWrite).await?;
        seen.status.next(ChallengeAction::Contract)?;
        let parameters = data::parameters().map_err(|e| AppError::Internal(e.to_string()))?;
        let mut problems = check_contract(&contract, self.today()?, parameters.period_max_months.value);
        let file = match file.len() {
            0 => Err(AppError::invalid("file", "missing-file", "请选择双方签署的合同文件：只记录它的 SHA-256")),
            size if size > FILE_MAX => {
                Err(AppError::invalid("file", "file-too-large", format!("文件超过 {} MB", FILE_MAX >> 20)))
            }
            _ => told(file_name, file).await,
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
        let detail = json!({ "bid": record.bid, "signed_on": signed_on, "file": hex(&record.file_sha256) });
        self.audit(&mut write, Some(actor), "challenge.contract", object(&changed), detail).await?;
        for member in write.bid_members(&record.bid).await? {
            let accounts = write.organisation_accounts(&member.organisation).await?;
            let news = (BoardNews::Contracted, &changed.content, "");
            self.tell(&mut write, &accounts, &format!("bid:{}", record.bid), news).await?;
        }
        self.tell_watchers(&mut write, &changed, BoardNews::Contracted, "").await?;
        write.commit().await?;
        self.changed();
        Ok(())
    }

    /// What the panel gave the own bid, once the award is published; `None` before, and for one that
    /// was not judged.
    ///
    /// # Errors
    /// [`AppError::NotFound`] for others.
    pub async fn bid_scores(&self, actor: &Actor, bid: &str) -> Result<Option<OwnScores>, AppError> {
        let (record, _) = self.bid_for(actor, bid).await?;
        let challenge = self.store.challenge(&record.challenge).await?.ok_or(AppError::NotFound(CHALLENGE))?;
        if challenge.awarded_at.is_none() {
            return Ok(None);
        }
        let sheets = self.sheets_of(&challenge).await?;
        let plain: Vec<Sheet> = sheets.iter().map(sheet).collect();
        let places = rank(&challenge.content.criteria, &plain);
        let of = places.len();
        let Some(place) = places.into_iter().find(|p| p.bid == bid) else { return Ok(None) };
        Ok(Some(OwnScores {
            status: record.status,
            place,
            of,
            means: means(&challenge.content.criteria, &plain, bid),
            comments: comments(&judges(&challenge.id, &sheets), &sheets, bid),
            challenge,
        }))
    }

    /// What came of opened bids: 1 for the talents of a team that bid, 2 where it won, 3 where the
    /// contract was signed. The best where a talent bid for a need more than once.
    ///
    /// # Errors
    /// [`AppError`]
    pub async fn board_judgements(&self) -> Result<Vec<Judgement>, AppError> {
        super::judgements(&self.store, self.seals()?).await
    }

    /// The sheets of a challenge once all have scored; none before.
    pub(super) async fn sheets_of(&self, of: &ChallengeRecord) -> Result<Vec<ScoreSheet>, AppError> {
        if is_ranked(of) { Ok(self.store.scores(&of.id).await?) } else { Ok(Vec::new()) }
    }

    /// An opened challenge for its publisher or an operator.
    async fn opened_for(&self, actor: &Actor, id: &str) -> Result<ChallengeRecord, AppError> {
        let found = self.challenge_for(actor, id, Action::ChallengeRead).await?;
        if found.opened_at.is_some() {
            return Ok(found);
        }
        Err(AppError::conflict("not-opened", "还没有截止开榜：开榜之前谁也看不到揭榜内容和数量"))
    }

    /// A transaction that alone has the challenge, as it was seen; and the time.
    async fn step(&self, seen: &ChallengeRecord) -> Result<(Write, ChallengeRecord, i64), AppError> {
        let mut write = self.store.begin().await?;
        let found = write.challenge_take(&seen.id).await?.ok_or(AppError::NotFound(CHALLENGE))?;
        let now = self.time_in(&mut write).await?;
        if found.version == seen.version { Ok((write, found, now)) } else { Err(AppError::Stale) }
    }
}

/// Whether all have scored.
fn is_ranked(of: &ChallengeRecord) -> bool {
    use ChallengeStatus::{Awarded, Chosen, Contracted, Ranked};
    matches!(of.status, Ranked | Chosen | Awarded | Contracted) || of.awarded_at.is_some()
}

pub(super) fn takes_objections(of: &ChallengeRecord, now: i64) -> bool {
    of.status == ChallengeStatus::Chosen && of.objections_until.is_some_and(|until| now < until)
}

fn object(of: &ChallengeRecord) -> String {
    format!("challenge:{}", of.id)
}

/// What the log holds of an objection's text.
fn hash(of: &Objection) -> String {
    hex(&secrets::digest(format!("{} {}", of.id, of.text)))
}

/// What was found against a bid at opening.
fn sentences(json: &str) -> Vec<String> {
    let found: Vec<serde_json::Value> = serde_json::from_str(json).unwrap_or_default();
    found.iter().filter_map(|v| v["sentence"].as_str().map(str::to_owned)).collect()
}

/// Members of the panel as they are called where they are not named: in an order that tells nothing.
fn judges(challenge: &str, sheets: &[ScoreSheet]) -> HashMap<String, usize> {
    let mut accounts: Vec<&str> = sheets.iter().map(|s| s.account.as_str()).collect();
    accounts.sort_unstable();
    accounts.dedup();
    // The nonces are known to nobody.
    let key = |account: &str| {
        let nonces: Vec<&[u8]> = sheets.iter().filter(|s| s.account == account).map(|s| &s.nonce[..]).collect();
        secrets::digest([challenge.as_bytes(), &nonces.concat()].concat())
    };
    accounts.sort_by_key(|account| key(account));
    accounts.into_iter().map(str::to_owned).zip(1..).collect()
}

/// A number below 100 in Chinese.
fn numeral(number: usize) -> String {
    const DIGITS: [&str; 10] = ["", "一", "二", "三", "四", "五", "六", "七", "八", "九"];
    match (number / 10, number % 10) {
        (0, ones) => DIGITS[ones].to_owned(),
        (1, ones) => format!("十{}", DIGITS[ones]),
        (tens @ 2..=9, ones) => format!("{}十{}", DIGITS[tens], DIGITS[ones]),
        _ => number.to_string(),
    }
}

fn comments(judges: &HashMap<String, usize>, sheets: &[ScoreSheet], bid: &str) -> Vec<(String, String)> {
    let mut own: Vec<&ScoreSheet> = sheets.iter().filter(|s| s.bid == bid).collect();
    let number = |of: &ScoreSheet| judges.get(&of.account).copied().unwrap_or_default();
    own.sort_by_key(|s| number(s));
    own.into_iter().map(|s| (format!("评委{}", numeral(number(s))), s.comment.clone())).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_in_chinese() {
        let told: Vec<String> = [1, 9, 10, 11, 20, 35, 100].into_iter().map(numeral).collect();
        assert_eq!(told, ["一", "九", "十", "十一", "二十", "三十五", "100"]);
    }
}
