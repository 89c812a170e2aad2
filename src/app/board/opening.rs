//! Opening 开榜: at closing time the first node that gets there opens all bids of a challenge, in one
//! transaction that the others find done.

use serde_json::json;

use super::CHALLENGE;
use super::bids::read_submission;
use crate::app::error::AppError;
use crate::app::{App, entry};
use crate::domain::challenge::bidder::Violation;
use crate::domain::challenge::news::BoardNews;
use crate::domain::challenge::status::{BidStatus, ChallengeAction, may_open};
use crate::domain::hex::hex;
use crate::store::board::bids::BidRecord;
use crate::store::board::challenges::ChallengeRecord;

impl App {
    /// Opens the bids of every challenge whose time has come. Gives how many challenges.
    ///
    /// # Errors
    /// [`AppError`] of the first that could not be opened; the others are.
    pub async fn challenges_open_due(&self) -> Result<usize, AppError> {
        let (mut opened, mut failed) = (0, None);
        for id in self.store.challenges_due(self.board_time().await?).await? {
            match self.challenge_open(&id).await {
                Ok(is_ours) => opened += usize::from(is_ours),
                // Another node was quicker.
                Err(AppError::Stale) => {}
                Err(error) => failed = Some(error),
            }
        }
        failed.map_or(Ok(opened), Err)
    }

    /// Opens the bids of a challenge; `false` if it is not time, or it was done.
    async fn challenge_open(&self, id: &str) -> Result<bool, AppError> {
        let mut write = self.store.begin().await?;
        // From here on nobody hands in: who holds the challenge is waited for, who comes later sees it opened.
        let found = write.challenge_take(id).await?.ok_or(AppError::NotFound(CHALLENGE))?;
        let now = self.time_in(&mut write).await?;
        if !may_open(found.status, found.content.closes_at.unwrap_or(i64::MAX), now) {
            return Ok(false);
        }
        let was = found.status;
        let status = was.next(ChallengeAction::OpenBids)?;
        let (mut published, mut admitted) = (Vec::new(), 0);
        for (bid, place) in write.bids_submitted(id).await?.into_iter().zip(1_i64..) {
            let Some(handed_in) = bid.handed_in.clone() else {
                return Err(AppError::Internal(format!("bid {} was handed in without content", bid.id)));
            };
            let against = match read_submission(self.seals()?, &bid.id, &handed_in) {
                // A publisher may have become an affiliate since.
                Ok(submission) => self.violations_in(&mut write, &found, &submission.bid).await?,
                // A key that is missing can be configured: nothing is lost by waiting for it.
                Err(error) if !self.seals()?.holds_key_of(&handed_in.sealed) => return Err(error),
                Err(error) => {
                    tracing::error!(bid = %bid.id, %error, "a bid was altered in the database: it is excluded");
                    vec![unreadable()]
                }
            };
            let status = if against.is_empty() { BidStatus::Opened } else { BidStatus::Excluded };
            admitted += usize::from(against.is_empty());
            let excluded = match against.is_empty() {
                true => None,
                false => Some(serde_json::to_string(&against).map_err(|e| AppError::Internal(e.to_string()))?),
            };
            published
                .push(json!({ "place": place, "receipt": handed_in.receipt, "commitment": hex(handed_in.commitment),
                "at": handed_in.at, "admitted": against.is_empty() }));
            let was = bid.status;
            let changed = BidRecord { status, place: Some(place), excluded, updated_at: now, ..bid };
            write.bid_save(&changed, was).await?;
            if !against.is_empty() {
                let more: Vec<_> = against.into_iter().map(|v| v.sentence).collect();
                let told = (BoardNews::Excluded, &found.content, &*more.join("；"));
                self.tell_bidders(&mut write, &changed.id, told).await?;
            }
        }
        let object = format!("challenge:{id}");
        for event in write.bid_events(id).await? {
            let detail = json!({ "bid": event.bid, "at": event.at, "by": event.by_account,
                "detail": serde_json::from_str::<serde_json::Value>(&event.detail).unwrap_or_default() });
            let entry = entry(now, None, &format!("bid.{}", event.action), object.clone(), detail);
            write.audit_add(&entry).await?;
        }
        let mut changed = ChallengeRecord { status, opened_at: Some(now), updated_at: now, ..found };
        changed.version = write.challenge_save(&changed, was).await?;
        let detail = json!({ "bids": published, "admitted": admitted });
        write.audit_add(&entry(now, None, "challenge.open", object.clone(), detail)).await?;
        if admitted > 0 {
            self.tell_publisher(&mut write, &changed, BoardNews::Opened, "").await?;
            self.tell_watchers(&mut write, &changed, BoardNews::Opened, "").await?;
            let judges: Vec<String> = write.panel(id).await?.into_iter().map(|member| member.account).collect();
            let told = (BoardNews::ScoringBegun, &changed.content, "");
            self.tell(&mut write, &judges, &format!("panel:{id}"), told).await?;
            if judges.len() < self.rules.panel_min as usize {
                let operators = write.operators().await?;
                self.tell(&mut write, &operators, &object, (BoardNews::PanelTooSmall, &changed.content, "")).await?;
            }
        } else {
            let was = changed.status;
            let status = was.next(ChallengeAction::Fail)?;
            let reason = if published.is_empty() { "截止时没有揭榜" } else { "没有可以评审的揭榜" };
            changed = ChallengeRecord { status, reason: Some(reason.to_owned()), ..changed };
            write.challenge_save(&changed, was).await?;
            write.audit_add(&entry(now, None, "challenge.fail", object, json!({ "reason": reason }))).await?;
            self.tell_publisher(&mut write, &changed, BoardNews::Failed, reason).await?;
            self.tell_watchers(&mut write, &changed, BoardNews::Failed, reason).await?;
        }
        write.commit().await?;
        self.changed();
        Ok(true)
    }
}

/// One bid that was altered does not keep the others closed.
fn unreadable() -> Violation {
    Violation {
        code: "unreadable",
        rule: "开榜时内容须与回执一致",
        sentence: "密封的内容已损坏或与回执不符，无法开启：请凭回执联系平台".to_owned(),
    }
}
