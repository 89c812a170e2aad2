//! What a member of a panel does: declare, read, score. Nobody sees another's sheet before all have
//! scored; the last sheet makes the ranking.

use std::collections::{BTreeSet, HashMap};

use serde_json::json;

use super::content::BidContent;
use super::files::BidFile;
use super::panel::ties_to_publisher;
use super::{BID, CHALLENGE};
use crate::app::error::{AppError, all_right, at};
use crate::app::{Actor, App, entry, secrets};
use crate::domain::challenge::evaluation::{Sheet, check_sheet, missing};
use crate::domain::challenge::news::BoardNews;
use crate::domain::challenge::status::{ChallengeAction, ChallengeStatus};
use crate::domain::hex::hex;
use crate::domain::text::{Lines, MAX_LONG, MAX_SHORT, faults, tidied};
use crate::domain::{Action, Fault};
use crate::store::Write;
use crate::store::board::bids::BidRecord;
use crate::store::board::challenges::ChallengeRecord;
use crate::store::board::panel::{PanelConflict, PanelMember, ScoreSheet};

const SEAT: &str = "评审任务";

/// A challenge as a member of its panel sees it.
#[derive(Debug, Clone)]
pub struct Seat {
    pub challenge: ChallengeRecord,
    pub declared_at: Option<i64>,
    /// After opening only.
    pub bids: Vec<SeatBid>,
}

impl Seat {
    /// Whether sheets are taken.
    pub fn is_scoring(&self) -> bool {
        self.challenge.status == ChallengeStatus::Scoring
    }

    /// Bids that wait for a sheet.
    pub fn waiting(&self) -> usize {
        self.bids.iter().filter(|bid| bid.conflict.is_none() && bid.sheet.is_none()).count()
    }
}

/// A bid on a member's list.
#[derive(Debug, Clone)]
pub struct SeatBid {
    pub bid: String,
    /// From 1 in the order of submission.
    pub place: i64,
    /// The leader first.
    pub organisations: Vec<String>,
    /// Why they may not judge it, and whether a rule says so.
    pub conflict: Option<(String, bool)>,
    /// Their own.
    pub sheet: Option<ScoreSheet>,
}

/// A bid as a member reads it.
#[derive(Debug, Clone)]
pub struct SeatRead {
    pub challenge: ChallengeRecord,
    pub bid: BidRecord,
    pub content: BidContent,
    /// Their own.
    pub sheet: Option<ScoreSheet>,
}

/// What the log holds of a sheet.
pub fn sheet_hash(of: &ScoreSheet) -> Result<String, AppError> {
    let content = serde_json::to_vec(&json!({ "bid": of.bid, "scores": of.scores, "comment": of.comment }));
    let content = content.map_err(|e| AppError::Internal(e.to_string()))?;
    Ok(hex(secrets::digest([b"zhihui sheet v1\0", &of.nonce[..], &content].concat())))
}

impl App {
    /// The challenges that somebody was asked to score, newest first.
    ///
    /// # Errors
    /// [`AppError`]
    pub async fn panel_seats(&self, actor: &Actor) -> Result<Vec<Seat>, AppError> {
        actor.require(Action::Panel)?;
        let mut seats = Vec::new();
        for challenge in self.store.panels_of(&actor.account).await? {
            seats.push(self.panel_seat(actor, &challenge).await?);
        }
        Ok(seats)
    }

    /// One of them. Names of bidders, so that conflicts can be declared; no contents.
    ///
    /// # Errors
    /// [`AppError::NotFound`] for who is no member.
    pub async fn panel_seat(&self, actor: &Actor, challenge: &str) -> Result<Seat, AppError> {
        let (challenge, member) = self.seat(actor, challenge).await?;
        let known = self.store.panel_conflicts(&challenge.id).await?;
        let mut conflicts: HashMap<String, (String, bool)> =
            known.into_iter().filter(|c| c.account == actor.account).map(|c| (c.bid, (c.reason, c.by_rule))).collect();
        if challenge.status == ChallengeStatus::Scoring && member.declared_at.is_none() {
            let own = self.store.talent_of_account(&actor.account).await?;
            let mut write = self.store.begin().await?;
            let by_rule = self.conflicts_by_rule(&mut write, &challenge, &member, own.as_deref()).await?;
            conflicts.extend(by_rule.into_iter().map(|(bid, reason)| (bid, (reason, true))));
        }
        let mut sheets = self.store.scores(&challenge.id).await?;
        sheets.retain(|sheet| sheet.account == actor.account);
        let mut bids = Vec::new();
        for bid in self.admitted(&challenge).await? {
            let members = self.store.bid_members(&bid.id).await?;
            bids.push(SeatBid {
                place: bid.place.unwrap_or_default(),
                organisations: members.into_iter().map(|m| m.organisation_name).collect(),
                conflict: conflicts.remove(&bid.id),
                sheet: sheets.iter().find(|s| s.bid == bid.id).cloned(),
                bid: bid.id,
            });
        }
        Ok(Seat { challenge, declared_at: member.declared_at, bids })
    }

    /// Declares conflicts, each with its reason, before anything is read; those that rules find are
    /// added. More may be declared later: what was given to such a bid is dropped.
    ///
    /// # Errors
    /// [`AppError::Invalid`], [`AppError::NotFound`], [`AppError::Conflict`] outside of scoring;
    /// [`AppError::Forbidden`] for who is tied to the publisher by now.
    pub async fn panel_declare(
        &self,
        actor: &Actor,
        challenge: &str,
        declared: &[(String, String)],
    ) -> Result<(), AppError> {
        let (seen, _) = self.seat(actor, challenge).await?;
        let own = self.store.talent_of_account(&actor.account).await?;
        let mut reasons = Vec::new();
        for (bid, reason) in declared {
            let reason = tidied(reason);
            let field = format!("reason-{bid}");
            let mut wrong = faults(&reason, MAX_SHORT, Lines::One);
            if reason.is_empty() {
                wrong.push(Fault { reason: "请写明与揭榜方的关系".to_owned(), ..Fault::missing() });
            }
            all_right(at(&field, wrong).collect())?;
            reasons.push((bid.clone(), reason));
        }
        let mut write = self.store.begin().await?;
        let found = write.challenge_take(&seen.id).await?.ok_or(AppError::NotFound(CHALLENGE))?;
        still_scoring(&found)?;
        let member = member_in(&mut write, actor, &found.id).await?;
        let now = self.time_in(&mut write).await?;
        let bids = write.bids_admitted(&found.id).await?;
        if let Some((bid, _)) = reasons.iter().find(|(bid, _)| !bids.contains(bid)) {
            return Err(AppError::invalid(&format!("reason-{bid}"), "unknown-bid", "没有这份揭榜"));
        }
        let against = ties_to_publisher(&mut write, &found, &member.name, member.organisation.as_deref()).await?;
        if !against.is_empty() {
            return Err(blocked(&against.join("；")));
        }
        let by_rule = self.conflicts_by_rule(&mut write, &found, &member, own.as_deref()).await?;
        let by_rule = by_rule.into_iter().map(|(bid, reason)| (bid, reason, true));
        let mut concerned = Vec::new();
        for (bid, reason, by_rule) in by_rule.chain(reasons.into_iter().map(|(bid, reason)| (bid, reason, false))) {
            let conflict = PanelConflict { bid, account: actor.account.clone(), by_rule, reason, at: now };
            write.panel_conflict_add(&found.id, &conflict).await?;
            concerned.push(conflict.bid);
        }
        concerned.sort_unstable();
        concerned.dedup();
        write.panel_declared(&found.id, &actor.account, now).await?;
        let detail = json!({ "bids": concerned });
        self.audit(&mut write, Some(actor), "panel.declare", format!("challenge:{}", found.id), detail).await?;
        self.rank_if_complete(&mut write, found, now).await?;
        write.commit().await?;
        self.changed();
        Ok(())
    }

    /// A bid with all that it says, for a member who may judge it.
    ///
    /// # Errors
    /// [`AppError::NotFound`] before opening; [`AppError::Conflict`] before declaring;
    /// [`AppError::Forbidden`] in a conflict.
    pub async fn panel_read(&self, actor: &Actor, challenge: &str, bid: &str) -> Result<SeatRead, AppError> {
        let (challenge, bid) = self.readable(actor, challenge, bid).await?;
        let sheets = self.store.scores(&challenge.id).await?;
        let sheet = sheets.into_iter().find(|s| s.bid == bid.id && s.account == actor.account);
        Ok(SeatRead { content: self.bid_opened(&bid).await?, challenge, bid, sheet })
    }

    /// A file of it.
    ///
    /// # Errors
    /// As [`Self::panel_read`].
    pub async fn panel_file(
        &self,
        actor: &Actor,
        challenge: &str,
        bid: &str,
        file: &str,
    ) -> Result<(BidFile, Vec<u8>), AppError> {
        let (_, bid) = self.readable(actor, challenge, bid).await?;
        self.bid_opened_file(&bid, file).await
    }

    /// Keeps a sheet; it takes the place of the one before. The last one that is due makes the ranking:
    /// `true`.
    ///
    /// # Errors
    /// [`AppError::Invalid`] with all that is wrong; [`AppError::NotFound`], [`AppError::Conflict`]
    /// before declaring and after scoring, [`AppError::Forbidden`] in a conflict.
    pub async fn panel_score(
        &self,
        actor: &Actor,
        (challenge, bid): (&str, &str),
        scores: Vec<u32>,
        comment: &str,
    ) -> Result<bool, AppError> {
        let (seen, ..) = self.unblocked(actor, challenge, bid).await?;
        still_scoring(&seen)?;
        let own = self.store.talent_of_account(&actor.account).await?;
        let comment = tidied(comment);
        let mut problems = check_sheet(&scores, &seen.content.criteria);
        let mut wrong = faults(&comment, MAX_LONG, Lines::Many);
        if comment.is_empty() {
            wrong
                .push(Fault { reason: "请写评语：揭榜方会看到，不署名".to_owned(), ..Fault::missing() });
        }
        problems.extend(at("comment", wrong));
        all_right(problems)?;
        let nonce = secrets::random()?;
        let mut write = self.store.begin().await?;
        let found = write.challenge_take(&seen.id).await?.ok_or(AppError::NotFound(CHALLENGE))?;
        still_scoring(&found)?;
        let member = member_in(&mut write, actor, &found.id).await?;
        let now = self.time_in(&mut write).await?;
        let known = write.panel_conflicts(&found.id).await?;
        if let Some(conflict) = known.iter().find(|c| c.bid == bid && c.account == actor.account) {
            return Err(blocked(&conflict.reason));
        }
        // They may have changed sides since they declared.
        let against = ties_to_publisher(&mut write, &found, &member.name, member.organisation.as_deref()).await?;
        if !against.is_empty() {
            return Err(blocked(&against.join("；")));
        }
        if let Some(reason) = self.conflict_by_rule(&mut write, bid, &member, own.as_deref()).await? {
            let reason_told = reason.clone();
            let account = actor.account.clone();
            let conflict = PanelConflict { bid: bid.to_owned(), account, by_rule: true, reason, at: now };
            write.panel_conflict_add(&found.id, &conflict).await?;
            self.rank_if_complete(&mut write, found, now).await?;
            write.commit().await?;
            self.changed();
            return Err(blocked(&reason_told));
        }
        let sheet = ScoreSheet { bid: bid.to_owned(), account: actor.account.clone(), scores, comment, nonce, at: now };
        write.score_put(&found.id, &sheet).await?;
        // Whose it is, is nobody's business: no actor.
        let detail = json!({ "bid": bid, "sheet": sheet_hash(&sheet)? });
        write.audit_add(&entry(now, None, "score.submit", format!("challenge:{}", found.id), detail)).await?;
        let is_ranked = self.rank_if_complete(&mut write, found, now).await?;
        write.commit().await?;
        self.changed();
        Ok(is_ranked)
    }

    /// Ends scoring when nothing is missing any more: everybody who may score a bid has, each bid is
    /// scored by somebody, and the panel is large enough.
    pub(super) async fn rank_if_complete(
        &self,
        write: &mut Write,
        found: ChallengeRecord,
        now: i64,
    ) -> Result<bool, AppError> {
        if found.status != ChallengeStatus::Scoring {
            return Ok(false);
        }
        let members: Vec<String> = write.panel(&found.id).await?.into_iter().map(|m| m.account).collect();
        let bids = write.bids_admitted(&found.id).await?;
        let conflicts = write.panel_conflicts(&found.id).await?;
        let conflicts: BTreeSet<_> = conflicts.into_iter().map(|c| (c.account, c.bid)).collect();
        let given = write.scores(&found.id).await?;
        let sheets: Vec<Sheet> = given.iter().map(sheet).collect();
        let is_judged = |bid: &String| sheets.iter().any(|s| s.bid == *bid);
        let is_complete = members.len() >= self.rules.panel_min as usize
            && bids.iter().all(is_judged)
            && missing(&members, &bids, &conflicts, &sheets).is_empty();
        if !is_complete {
            return Ok(false);
        }
        let (was, status) = (found.status, found.status.next(ChallengeAction::Rank)?);
        let changed = ChallengeRecord { status, updated_at: now, ..found };
        write.challenge_save(&changed, was).await?;
        // What the ranking was made of: no score is told, and none can be changed any more.
        let mut hashes = given.iter().map(sheet_hash).collect::<Result<Vec<_>, _>>()?;
        hashes.sort_unstable();
        let detail = json!({ "members": members.len(), "bids": bids.len(), "sheets": hashes });
        write.audit_add(&entry(now, None, "challenge.rank", format!("challenge:{}", changed.id), detail)).await?;
        self.tell_publisher(write, &changed, BoardNews::Ranked, "").await?;
        let operators = write.operators().await?;
        let news = (BoardNews::Ranked, &changed.content, "");
        self.tell(write, &operators, &format!("challenge:{}", changed.id), news).await?;
        Ok(true)
    }

    /// The challenge and the membership of somebody who scores it.
    pub(super) async fn seat(
        &self,
        actor: &Actor,
        challenge: &str,
    ) -> Result<(ChallengeRecord, PanelMember), AppError> {
        actor.require(Action::Panel)?;
        let found = self.store.challenge(challenge).await?.filter(ChallengeRecord::is_public);
        let found = found.ok_or(AppError::NotFound(SEAT))?;
        let member = self.store.panel(challenge).await?.into_iter().find(|m| m.account == actor.account);
        Ok((found, member.ok_or(AppError::NotFound(SEAT))?))
    }

    /// A bid that a member may read: they have declared, and nothing stands against it even now.
    async fn readable(
        &self,
        actor: &Actor,
        challenge: &str,
        bid: &str,
    ) -> Result<(ChallengeRecord, BidRecord), AppError> {
        let (challenge, member, bid) = self.unblocked(actor, challenge, bid).await?;
        match self.barred(&challenge, &member, &[&bid.id]).await?.remove(&bid.id) {
            Some(reason) => Err(blocked(&reason)),
            None => Ok((challenge, bid)),
        }
    }

    /// Those of the bids that a member may not read, each with why: by the conflicts that are known, and
    /// by what the rules find even now.
    pub(super) async fn barred(
        &self,
        challenge: &ChallengeRecord,
        member: &PanelMember,
        bids: &[&str],
    ) -> Result<HashMap<String, String>, AppError> {
        let known = self.store.panel_conflicts(&challenge.id).await?;
        let own = self.store.talent_of_account(&member.account).await?;
        let mut write = self.store.begin().await?;
        let ties = ties_to_publisher(&mut write, challenge, &member.name, member.organisation.as_deref()).await?;
        let mut found = HashMap::new();
        for bid in bids {
            let is_of = |conflict: &&PanelConflict| conflict.bid == *bid && conflict.account == member.account;
            let mut against = ties.clone();
            match known.iter().find(is_of) {
                Some(conflict) => against = vec![conflict.reason.clone()],
                None => against.extend(self.conflict_by_rule(&mut write, bid, member, own.as_deref()).await?),
            }
            if !against.is_empty() {
                found.insert((*bid).to_owned(), against.join("；"));
            }
        }
        Ok(found)
    }

    /// The same by the conflicts that are known.
    async fn unblocked(
        &self,
        actor: &Actor,
        challenge: &str,
        bid: &str,
    ) -> Result<(ChallengeRecord, PanelMember, BidRecord), AppError> {
        let (challenge, member) = self.seat(actor, challenge).await?;
        let bid = self.admitted(&challenge).await?.into_iter().find(|b| b.id == bid);
        let bid = bid.ok_or(AppError::NotFound(BID))?;
        has_declared(&member)?;
        let conflicts = self.store.panel_conflicts(&challenge.id).await?;
        match conflicts.into_iter().find(|c| c.bid == bid.id && c.account == actor.account) {
            Some(conflict) => Err(blocked(&conflict.reason)),
            None => Ok((challenge, member, bid)),
        }
    }
}

/// A sheet as the rules see it.
pub(super) fn sheet(of: &ScoreSheet) -> Sheet {
    Sheet { member: of.account.clone(), bid: of.bid.clone(), scores: of.scores.clone() }
}

async fn member_in(write: &mut Write, actor: &Actor, challenge: &str) -> Result<PanelMember, AppError> {
    let member = write.panel(challenge).await?.into_iter().find(|m| m.account == actor.account);
    member.ok_or(AppError::NotFound(SEAT))
}

/// Nothing is read before.
pub(super) fn has_declared(member: &PanelMember) -> Result<(), AppError> {
    match member.declared_at {
        Some(_) => Ok(()),
        None => Err(AppError::conflict("not-declared", "请先声明利益冲突，再看揭榜内容")),
    }
}

fn blocked(reason: &str) -> AppError {
    let message = format!("因利益冲突不能查看和评审这份揭榜：{reason}");
    AppError::Forbidden { code: "conflict-of-interest", message }
}

fn still_scoring(of: &ChallengeRecord) -> Result<(), AppError> {
    let (code, message) = match of.status {
        ChallengeStatus::Scoring => return Ok(()),
        status if status.is_sealed() => ("not-opened", "还没有开榜，不能评审".to_owned()),
        status => ("scoring-over", format!("榜单现在是“{}”：评审已经结束，评分不能再改", status.name())),
    };
    Err(AppError::conflict(code, message))
}
