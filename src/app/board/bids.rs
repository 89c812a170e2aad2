//! Bids as their bidders write, hand in, replace and take them back; consortia.
//!
//! What a bid says is sealed from the first draft on. Until opening only its own organisations read
//! it; nobody else learns even that it is there.

use serde_json::json;

use super::consortium::{MemberDraft, answers_kept};
use super::content::BidContent;
use super::receipts::Submission;
use super::seal::Seals;
use super::{BID, CHALLENGE, problem};
use crate::app::error::{AppError, all_right};
use crate::app::{Actor, App, secrets};
use crate::domain::challenge::amendment::{is_confirmed, same_indicators};
use crate::domain::challenge::bid::{Bid, MemberStatus, Share, check_bid, check_draft};
use crate::domain::challenge::news::BoardNews;
use crate::domain::challenge::receipt::{NONCE, commitment};
use crate::domain::challenge::status::{BidStatus, takes_bids};
use crate::domain::hex::hex;
use crate::domain::{Action, OrganisationStatus};
use crate::store::board::bids::{BidEvent, BidMember, BidRecord, HandedIn};
use crate::store::board::challenges::ChallengeRecord;
use crate::store::{StoreError, Write};

/// A bid as its own people see it.
#[derive(Debug, Clone)]
pub struct BidView {
    pub record: BidRecord,
    pub challenge: ChallengeRecord,
    /// What is being written.
    pub draft: Bid,
    /// What was handed in, while it stands.
    pub handed_in: Option<Bid>,
    pub members: Vec<BidMember>,
    pub files: Vec<super::files::BidFile>,
    /// Their organisation leads, and so writes and hands in.
    pub leads: bool,
    /// Whether what was handed in stands for the terms as they are now.
    pub is_confirmed: bool,
    /// Bids are taken at this moment.
    pub is_open: bool,
    /// By the clock of the database.
    pub now: i64,
}

impl BidView {
    /// Whether what is written differs from what was handed in.
    pub fn has_changes(&self) -> bool {
        self.handed_in.as_ref().is_some_and(|handed_in| {
            Bid { members: Vec::new(), attachments: Vec::new(), ..handed_in.clone() }
                != Bid { members: Vec::new(), attachments: Vec::new(), ..self.draft.clone() }
                || handed_in.attachments != self.files.iter().map(|f| f.sha256.clone()).collect::<Vec<_>>()
        })
    }
}

/// What stands on a list of own bids.
#[derive(Debug, Clone)]
pub struct BidRow {
    pub record: BidRecord,
    pub challenge: ChallengeRecord,
    pub leads: bool,
    /// What the own organisation has said to its part.
    pub own: Option<MemberStatus>,
}

/// A bid in a transaction in which nobody else changes it.
pub(super) struct HeldBid {
    pub write: Write,
    pub challenge: ChallengeRecord,
    pub bid: BidRecord,
    /// By the clock of the database.
    pub now: i64,
}

/// Where a content of a bid is sealed.
pub(super) fn draft_place(bid: &str) -> String {
    format!("bid:{bid} draft")
}

pub(super) fn submitted_place(bid: &str) -> String {
    format!("bid:{bid} submitted")
}

impl App {
    /// Begins the own organisation's bid for a challenge; where there is one, that.
    ///
    /// # Errors
    /// [`AppError::NotFound`], [`AppError::Conflict`] where no bids are taken, or for the publisher.
    pub async fn bid_begin(&self, actor: &Actor, challenge: &str) -> Result<String, AppError> {
        let own = own_organisation(actor)?;
        let seals = self.seals()?;
        let found = self.challenge_public(challenge).await?;
        if let Some(bid) = self.store.bid_of(challenge, own).await? {
            return Ok(bid.id);
        }
        still_taken(&found, self.board_time().await?)?;
        if found.organisation == own {
            return Err(AppError::conflict("is-publisher", "发榜方不能揭自己的榜"));
        }
        let organisation = self.store.organisation(own).await?.ok_or(AppError::NotFound("单位"))?;
        if organisation.status != OrganisationStatus::Approved {
            let message = "贵单位还没有通过平台审核，通过后才能揭榜";
            return Err(AppError::conflict("organisation-not-approved", message));
        }
        let (id, now) = (self.new_id(), self.now());
        let draft = seals.seal(&draft_place(&id), &Bid::default().canonical().map_err(unwritten)?)?;
        let record = BidRecord {
            id: id.clone(),
            challenge: challenge.to_owned(),
            organisation: own.to_owned(),
            organisation_name: organisation.name.clone(),
            created_by: actor.account.clone(),
            status: BidStatus::Draft,
            draft,
            handed_in: None,
            terms: 0,
            place: None,
            excluded: None,
            created_at: now,
            updated_at: now,
            version: 1,
        };
        let leader = BidMember {
            organisation: own.to_owned(),
            organisation_name: organisation.name,
            role: "牵头单位".to_owned(),
            percent: 100,
            status: MemberStatus::Confirmed,
        };
        let mut write = self.store.begin().await?;
        match write.bid_add(&record).await {
            Ok(()) => {}
            // A colleague was quicker.
            Err(StoreError::Conflict(_)) => return Err(AppError::Stale),
            Err(other) => return Err(other.into()),
        }
        write.bid_members_set(&id, &[leader]).await?;
        // Bidders are told of the challenge anyway. They are not counted as watchers: everybody sees that number.
        write.commit().await?;
        Ok(id)
    }

    /// A bid with all that it says, for its own people.
    ///
    /// # Errors
    /// [`AppError::NotFound`] for everybody else.
    pub async fn bid_view(&self, actor: &Actor, id: &str) -> Result<BidView, AppError> {
        let (record, members) = self.bid_for(actor, id).await?;
        let challenge = self.store.challenge(&record.challenge).await?.ok_or(AppError::NotFound(CHALLENGE))?;
        let now = self.board_time().await?;
        let leads = actor.organisation.as_deref() == Some(&record.organisation);
        let reads = reads(actor, &members);
        let handed_in = if reads { self.handed_in(&record)? } else { None };
        let files = if reads { self.bid_files_of(&record.id).await? } else { Vec::new() };
        Ok(BidView {
            draft: if reads { self.draft(&record)? } else { Bid::default() },
            files,
            is_confirmed: handed_in.is_some() && is_confirmed(record.terms, challenge.terms),
            is_open: is_taken(&challenge, now),
            handed_in: handed_in.map(|submission| submission.bid),
            record,
            challenge,
            members,
            leads,
            now,
        })
    }

    /// What a bid says, with names: what was handed in, else what is being written.
    ///
    /// # Errors
    /// [`AppError`]
    pub async fn bid_content(&self, view: &BidView) -> Result<BidContent, AppError> {
        let (bid, asked) = match &view.handed_in {
            Some(handed_in) => (handed_in.clone(), self.terms_of(&view.record).await?),
            None => (view.draft.clone(), view.challenge.content.clone()),
        };
        self.bid_named(bid, asked, view.members.clone(), view.files.clone()).await
    }

    /// The bids that the own organisation leads or was asked to join, newest first.
    ///
    /// # Errors
    /// [`AppError`]
    pub async fn bids_own(&self, actor: &Actor) -> Result<Vec<BidRow>, AppError> {
        let own = own_organisation(actor)?;
        let mut rows = Vec::new();
        for record in self.store.bids_with(own).await? {
            let Some(challenge) = self.store.challenge(&record.challenge).await? else { continue };
            let members = self.store.bid_members(&record.id).await?;
            let status = members.iter().find(|m| m.organisation == own).map(|m| m.status);
            rows.push(BidRow { leads: record.organisation == own, record, challenge, own: status });
        }
        Ok(rows)
    }

    /// The own organisation's bid for a challenge, where it leads one.
    ///
    /// # Errors
    /// [`AppError`]
    pub async fn bid_of_challenge(&self, actor: &Actor, challenge: &str) -> Result<Option<BidRecord>, AppError> {
        match actor.organisation.as_deref() {
            Some(own) => Ok(self.store.bid_of(challenge, own).await?),
            None => Ok(None),
        }
    }

    /// Saves what is being written, and who takes part. What was handed in stays as it was.
    ///
    /// # Errors
    /// [`AppError::Invalid`], [`AppError::NotFound`], [`AppError::Stale`], [`AppError::Conflict`] after
    /// closing.
    pub async fn bid_write(
        &self,
        actor: &Actor,
        id: &str,
        version: i64,
        content: Bid,
        partners: &[MemberDraft],
    ) -> Result<i64, AppError> {
        let found = self.bid_led(actor, id, version).await?;
        let content = Bid { members: Vec::new(), attachments: Vec::new(), ..content }.tidied();
        let mut problems = check_draft(&content);
        let mut members = self.members_from(&found, partners, &mut problems).await?;
        problems.extend(self.team_problems(&content, &members).await?);
        all_right(problems)?;
        let draft = self.seals()?.seal(&draft_place(id), &content.canonical().map_err(unwritten)?)?;
        let HeldBid { mut write, challenge, bid, now } = self.bid_hold(&found).await?;
        let members_were = write.bid_members(id).await?;
        let invited = answers_kept(&mut members, &members_were);
        let changes_members = members != members_were;
        if changes_members && bid.status == BidStatus::Submitted {
            let message = "联合体的成员、分工和份额已随揭榜提交：要调整，请先撤回揭榜";
            return Err(AppError::invalid("members", "members-handed-in", message));
        }
        let was = bid.status;
        let version = write.bid_save(&BidRecord { draft, updated_at: now, ..bid }, was).await?;
        if changes_members {
            write.bid_members_set(id, &members).await?;
            for organisation in invited {
                let accounts = write.organisation_accounts(&organisation).await?;
                let news = (BoardNews::MemberInvited, &challenge.content, "");
                self.tell(&mut write, &accounts, &format!("bid:{id}"), news).await?;
            }
        }
        write.commit().await?;
        Ok(version)
    }

    /// Hands in what is written: it takes the place of what was handed in before. Gives the receipt's
    /// id.
    ///
    /// # Errors
    /// [`AppError::Invalid`] with all that is missing and all that stands against the bidders;
    /// [`AppError::NotFound`], [`AppError::Stale`], [`AppError::Conflict`] where no bids are taken.
    pub async fn bid_submit(&self, actor: &Actor, id: &str, version: i64) -> Result<String, AppError> {
        let found = self.bid_led(actor, id, version).await?;
        let (draft, files) = (self.draft(&found)?, self.bid_files_of(id).await?);
        let team_problems = self.team_problems(&draft, &self.store.bid_members(id).await?).await?;
        let nonce = secrets::random::<NONCE>()?;
        let receipt = secrets::token()?[..32].to_owned();
        let HeldBid { mut write, challenge, bid: found, now } = self.bid_hold(&found).await?;
        let members = write.bid_members(id).await?;
        let share = |m: &BidMember| Share {
            organisation: m.organisation.clone(),
            role: m.role.clone(),
            percent: m.percent,
            confirmed: m.status == MemberStatus::Confirmed,
        };
        let bid = Bid {
            members: members.iter().map(share).collect(),
            attachments: files.into_iter().map(|file| file.sha256).collect(),
            ..draft
        };
        let mut problems = check_bid(&bid, &challenge.content);
        problems.extend(team_problems);
        let against = self.violations_in(&mut write, &challenge, &bid).await?;
        problems.extend(against.into_iter().map(|v| problem("", v.code, format!("{}（{}）", v.sentence, v.rule))));
        all_right(problems)?;
        let canonical = bid.canonical().map_err(unwritten)?;
        let commitment = commitment(&nonce, &canonical);
        let sealed = self.seals()?.seal(&submitted_place(id), &[&nonce[..], &canonical].concat())?;
        let was = found.status;
        let action = if was == BidStatus::Submitted { "replace" } else { "submit" };
        let handed_in = HandedIn { sealed, commitment, receipt: receipt.clone(), at: now };
        let terms = challenge.terms;
        let changed =
            BidRecord { status: BidStatus::Submitted, handed_in: Some(handed_in), terms, updated_at: now, ..found };
        write.bid_save(&changed, was).await?;
        let detail = json!({ "receipt": receipt, "commitment": hex(commitment), "terms": terms });
        self.bid_event(&mut write, actor, &changed, (action, detail), now).await?;
        write.commit().await?;
        Ok(receipt)
    }

    /// Takes back what was handed in; it can be handed in again until closing.
    ///
    /// # Errors
    /// As [`Self::bid_submit`].
    pub async fn bid_withdraw(&self, actor: &Actor, id: &str, version: i64) -> Result<(), AppError> {
        let found = self.bid_led(actor, id, version).await?;
        let HeldBid { mut write, bid: found, now, .. } = self.bid_hold(&found).await?;
        if found.status != BidStatus::Submitted {
            return Err(AppError::conflict("not-submitted", "还没有提交揭榜，没有可撤回的"));
        }
        let was = found.status;
        let changed = BidRecord { status: BidStatus::Withdrawn, handed_in: None, terms: 0, updated_at: now, ..found };
        write.bid_save(&changed, was).await?;
        self.bid_event(&mut write, actor, &changed, ("withdraw", json!({})), now).await?;
        Ok(write.commit().await?)
    }

    /// Says that what was handed in stands for the terms as they were amended.
    ///
    /// # Errors
    /// [`AppError::Invalid`] where the terms ask for more than it says; as [`Self::bid_submit`].
    pub async fn bid_confirm(&self, actor: &Actor, id: &str, version: i64) -> Result<(), AppError> {
        let found = self.bid_led(actor, id, version).await?;
        let missing = || AppError::conflict("not-submitted", "还没有提交揭榜，没有可确认的");
        if found.handed_in.is_none() {
            return Err(missing());
        }
        let answered = self.terms_of(&found).await?;
        let HeldBid { mut write, challenge, bid: found, now } = self.bid_hold(&found).await?;
        let submission = self.handed_in(&found)?;
        let submission = submission.filter(|_| found.status == BidStatus::Submitted).ok_or_else(missing)?;
        all_right(check_bid(&submission.bid, &challenge.content))?;
        if !same_indicators(&answered, &challenge.content) {
            let message = "变更动了指标：请逐项核对应答，修改后重新提交，不能只确认";
            return Err(AppError::conflict("indicators-changed", message));
        }
        let (was, terms) = (found.status, challenge.terms);
        let changed = BidRecord { terms, updated_at: now, ..found };
        write.bid_save(&changed, was).await?;
        self.bid_event(&mut write, actor, &changed, ("confirm", json!({ "terms": terms })), now).await?;
        Ok(write.commit().await?)
    }

    /// A bid and its members, for the people of one of them. Who has declined sees it no more.
    pub(super) async fn bid_for(&self, actor: &Actor, id: &str) -> Result<(BidRecord, Vec<BidMember>), AppError> {
        let own = own_organisation(actor)?;
        let found = self.store.bid(id).await?.ok_or(AppError::NotFound(BID))?;
        let members = self.store.bid_members(id).await?;
        let takes_part = members.iter().any(|m| m.organisation == own && m.status != MemberStatus::Declined);
        if found.organisation == own || takes_part { Ok((found, members)) } else { Err(AppError::NotFound(BID)) }
    }

    /// The same for those who read what it says: who was asked to join does after confirming.
    pub(super) async fn bid_read(&self, actor: &Actor, id: &str) -> Result<BidRecord, AppError> {
        let (found, members) = self.bid_for(actor, id).await?;
        if reads(actor, &members) { Ok(found) } else { Err(AppError::NotFound(BID)) }
    }

    /// A bid that the own organisation leads, as they have seen it last.
    pub(super) async fn bid_led(&self, actor: &Actor, id: &str, version: i64) -> Result<BidRecord, AppError> {
        let (found, _) = self.bid_for(actor, id).await?;
        if actor.organisation.as_deref() != Some(&found.organisation) {
            let message = "只有牵头单位可以修改和提交".to_owned();
            return Err(AppError::Forbidden { code: "not-leader", message });
        }
        if found.version != version {
            // Opening changes a bid too: who comes after closing is told that, not to look again.
            let challenge = self.store.challenge(&found.challenge).await?.ok_or(AppError::NotFound(CHALLENGE))?;
            still_taken(&challenge, self.board_time().await?)?;
            return Err(AppError::Stale);
        }
        Ok(found)
    }

    /// Begins to change a bid or its members, while bids are taken: nobody else changes either until
    /// the transaction ends. What others change before is seen in it.
    ///
    /// # Errors
    /// [`AppError::Stale`] if the bid is no longer what was read, [`AppError::Conflict`] where no bids
    /// are taken.
    pub(super) async fn bid_hold(&self, read: &BidRecord) -> Result<HeldBid, AppError> {
        let mut write = self.store.begin().await?;
        let challenge = write.challenge_hold(&read.challenge).await?.ok_or(AppError::NotFound(CHALLENGE))?;
        let bid = write.bid_take(&read.id).await?.ok_or(AppError::NotFound(BID))?;
        let now = self.time_in(&mut write).await?;
        still_taken(&challenge, now)?;
        if bid.version == read.version { Ok(HeldBid { write, challenge, bid, now }) } else { Err(AppError::Stale) }
    }

    pub(super) fn draft(&self, of: &BidRecord) -> Result<Bid, AppError> {
        read(&self.seals()?.open(&draft_place(&of.id), &of.draft)?)
    }

    /// What was handed in, with its nonce; `None` also where it was excluded as unreadable.
    pub(super) fn handed_in(&self, of: &BidRecord) -> Result<Option<Submission>, AppError> {
        let Some(handed_in) = &of.handed_in else { return Ok(None) };
        match read_submission(self.seals()?, &of.id, handed_in) {
            Err(_) if of.excluded.is_some() => Ok(None),
            read => read.map(Some),
        }
    }

    /// Notes what was done to a sealed bid where it is not counted.
    pub(super) async fn bid_event(
        &self,
        write: &mut Write,
        actor: &Actor,
        of: &BidRecord,
        (action, detail): (&str, serde_json::Value),
        at: i64,
    ) -> Result<(), AppError> {
        let event = BidEvent {
            bid: of.id.clone(),
            at,
            by_account: actor.account.clone(),
            action: action.to_owned(),
            detail: detail.to_string(),
        };
        Ok(write.bid_event_add(&of.challenge, &event).await?)
    }
}

/// Whether somebody reads what a bid says: its leader has confirmed from the beginning.
fn reads(actor: &Actor, members: &[BidMember]) -> bool {
    let own = |m: &BidMember| actor.organisation.as_deref() == Some(&m.organisation);
    members.iter().any(|m| own(m) && m.status == MemberStatus::Confirmed)
}

/// Whether bids are taken at a time.
pub fn is_taken(challenge: &ChallengeRecord, now: i64) -> bool {
    let (opens, closes) = (challenge.content.opens_at.unwrap_or(0), challenge.content.closes_at.unwrap_or(0));
    takes_bids(challenge.status, opens, closes, now)
}

pub(super) fn still_taken(challenge: &ChallengeRecord, now: i64) -> Result<(), AppError> {
    if is_taken(challenge, now) {
        return Ok(());
    }
    let (code, message) = match challenge.content.opens_at {
        Some(opens) if now < opens => ("not-open-yet", "还没有到开始揭榜的时间"),
        _ => ("closed", "揭榜已经截止：截止时刻起任何人都不能提交、替换或撤回"),
    };
    Err(AppError::conflict(code, message))
}

/// The organisation that somebody bids for.
pub(super) fn own_organisation(actor: &Actor) -> Result<&str, AppError> {
    actor.require(Action::Bid)?;
    let missing = || AppError::conflict("no-organisation", "您的账号没有所属单位，不能揭榜：请联系平台运营方");
    actor.organisation.as_deref().ok_or_else(missing)
}

/// What was handed in as a bid, with its nonce: exactly what its receipt was given for.
pub(super) fn read_submission(seals: &Seals, bid: &str, handed_in: &HandedIn) -> Result<Submission, AppError> {
    let opened = seals.open(&submitted_place(bid), &handed_in.sealed)?;
    let (nonce, canonical) = opened.split_first_chunk::<NONCE>().ok_or_else(unreadable)?;
    if commitment(nonce, canonical) != handed_in.commitment {
        return Err(AppError::Internal("a bid is not what its receipt was given for".into()));
    }
    Ok(Submission { nonce: *nonce, bid: read(canonical)?, canonical: canonical.to_vec() })
}

fn read(canonical: &[u8]) -> Result<Bid, AppError> {
    serde_json::from_slice(canonical).map_err(|_| unreadable())
}

fn unreadable() -> AppError {
    AppError::Internal("a bid cannot be read".into())
}

fn unwritten(error: serde_json::Error) -> AppError {
    AppError::Internal(error.to_string())
}
