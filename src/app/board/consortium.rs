//! Consortia: the leader names members with their parts, each confirms for itself.

use serde_json::json;

use super::bids::{HeldBid, own_organisation};
use super::{BID, problem};
use crate::app::error::AppError;
use crate::app::{Actor, App};
use crate::domain::FieldProblem;
use crate::domain::challenge::bid::MemberStatus;
use crate::domain::challenge::news::BoardNews;
use crate::domain::challenge::publish::ROWS_MAX;
use crate::domain::challenge::status::BidStatus;
use crate::domain::text::{Lines, MAX_SHORT, faults, tidied};
use crate::store::board::bids::{BidMember, BidRecord};
use crate::store::board::standing::Standing;

/// A member of a consortium as the leader writes it.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MemberDraft {
    /// Full name of the organisation, as it is registered.
    pub organisation: String,
    pub role: String,
    pub percent: u32,
}

/// What a member agrees to: the part that it was shown.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    pub role: String,
    pub percent: u32,
}

impl App {
    /// The members as the leader has written them, all but the leader yet to be asked.
    ///
    pub(super) async fn members_from(
        &self,
        bid: &BidRecord,
        partners: &[MemberDraft],
        problems: &mut Vec<FieldProblem>,
    ) -> Result<Vec<BidMember>, AppError> {
        if partners.len() > ROWS_MAX {
            let message = format!("有 {} 行，最多 {ROWS_MAX} 行", partners.len());
            problems.push(problem("members", "too-many-rows", message));
        }
        let mut members = Vec::new();
        let mut rest = 100_u32;
        for (at, partner) in partners.iter().take(ROWS_MAX).enumerate() {
            let (name, role) = (tidied(&partner.organisation), tidied(&partner.role));
            if name.is_empty() && role.is_empty() && partner.percent == 0 {
                continue;
            }
            for (field, text) in [("organisation", &name), ("role", &role)] {
                let wrong = faults(text, MAX_SHORT, Lines::One).into_iter();
                problems.extend(wrong.map(|f| FieldProblem::at(format!("members[{at}].{field}"), f)));
            }
            let field = format!("members[{at}].organisation");
            let named = match self.store.organisation_named(&name).await? {
                Some(id) => self.store.standing(&id).await?.filter(|s| s.is_approved),
                None => None,
            };
            let Some(Standing { organisation: id, name, .. }) = named else {
                let message = format!("平台上没有登记“{name}”：请写单位全称，或请对方先注册");
                problems.push(problem(&field, "unknown-organisation", message));
                continue;
            };
            if id == bid.organisation {
                problems.push(problem(&field, "leader-again", "牵头单位不用再列：这里只填其他成员"));
                continue;
            }
            if members.iter().any(|m: &BidMember| m.organisation == id) {
                problems.push(problem(&field, "member-twice", "同一单位不能两次列为成员"));
                continue;
            }
            if !(1..100).contains(&partner.percent) || partner.percent >= rest {
                let message = "份额应为 1—99 的整数，各成员合计须小于 100（其余归牵头单位）";
                problems.push(problem(&format!("members[{at}].percent"), "bad-share", message));
                continue;
            }
            rest -= partner.percent;
            members.push(BidMember {
                organisation: id,
                organisation_name: name,
                role,
                percent: partner.percent,
                status: MemberStatus::Invited,
            });
        }
        let leader = BidMember {
            organisation: bid.organisation.clone(),
            organisation_name: bid.organisation_name.clone(),
            role: "牵头单位".to_owned(),
            percent: rest,
            status: MemberStatus::Confirmed,
        };
        members.insert(0, leader);
        Ok(members)
    }

    /// Says for the own organisation, which does not lead, that it takes part as it was asked to, or
    /// that it does not (`None`). Leaving a bid that was handed in takes it back: its leader is told,
    /// and may hand in another.
    ///
    /// # Errors
    /// [`AppError::NotFound`] for who was not asked, [`AppError::Stale`] if the part is no longer the one
    /// that they agree to, [`AppError::Conflict`] after closing.
    pub async fn bid_join(&self, actor: &Actor, id: &str, agreed: Option<Part>) -> Result<(), AppError> {
        let own = own_organisation(actor)?;
        let (found, members) = self.bid_for(actor, id).await?;
        if found.organisation == own || members.iter().all(|m| m.organisation != own) {
            return Err(AppError::NotFound(BID));
        }
        let HeldBid { mut write, challenge, bid: found, now } = self.bid_hold(&found).await?;
        let members = write.bid_members(id).await?;
        let part = members.iter().find(|m| m.organisation == own).ok_or(AppError::NotFound(BID))?;
        if agreed.as_ref().is_some_and(|agreed| (&agreed.role, agreed.percent) != (&part.role, part.percent)) {
            return Err(AppError::Stale);
        }
        let joins = agreed.is_some();
        let status = if joins { MemberStatus::Confirmed } else { MemberStatus::Declined };
        write.bid_member_answer(id, own, status, (&actor.account, now)).await?;
        if !joins && found.status == BidStatus::Submitted {
            let was = found.status;
            let changed =
                BidRecord { status: BidStatus::Draft, handed_in: None, terms: 0, updated_at: now, ..found.clone() };
            write.bid_save(&changed, was).await?;
            self.bid_event(&mut write, actor, &changed, ("leave", json!({ "organisation": own })), now).await?;
        }
        let leader = write.organisation_accounts(&found.organisation).await?;
        let news = if joins { BoardNews::MemberConfirmed } else { BoardNews::MemberLeft };
        let more = match found.status {
            BidStatus::Submitted if !joins => "已提交的揭榜随之失效：请调整成员后在截止前重新提交",
            _ => "",
        };
        self.tell(&mut write, &leader, &format!("bid:{id}"), (news, &challenge.content, more)).await?;
        Ok(write.commit().await?)
    }
}

/// Who is asked for the same part again has answered already. Gives those who are asked now.
pub(super) fn answers_kept(members: &mut [BidMember], were: &[BidMember]) -> Vec<String> {
    let mut invited = Vec::new();
    for member in members.iter_mut().filter(|m| m.status == MemberStatus::Invited) {
        let part = |m: &&BidMember| {
            (&m.organisation, &m.role, m.percent) == (&member.organisation, &member.role, member.percent)
        };
        match were.iter().find(part).map(|m| m.status) {
            Some(status) => member.status = status,
            None => invited.push(member.organisation.clone()),
        }
    }
    invited
}
