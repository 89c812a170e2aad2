//! "This profile is mine": a person claims an imported profile, an operator decides.

use crate::app::App;
use crate::app::actor::Actor;
use crate::app::error::{AppError, all_right, at};
use crate::domain::text::{self, Lines, folded, tidied};
use crate::domain::{Action, Fault, FieldProblem, Notice, TalentStatus};
use crate::store::{Claim, ClaimStatus, StoreError, TalentFilter, TalentRecord};

use super::{Found, PROFILE, has_profile};

/// Most characters in why a profile is somebody's.
const MAX_STATEMENT: usize = 2_000;
const CLAIM: &str = "认领申请";

/// Profiles that a search by name shows.
const FOUND: i64 = 20;

/// A profile that may be the searcher's own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Claimable {
    pub id: String,
    pub name: String,
    pub organization: String,
    pub title: Option<String>,
    /// Pieces of evidence that are shown.
    pub pieces: usize,
    /// It has its person already.
    pub is_claimed: bool,
}

impl App {
    /// Active profiles whose name begins like this, some twenty at most; of no name, none.
    ///
    /// # Errors
    /// [`AppError::Forbidden`]
    pub async fn claimable(&self, actor: &Actor, name: &str) -> Result<Vec<Claimable>, AppError> {
        actor.require(Action::TalentClaim)?;
        let filter =
            TalentFilter { status: TalentStatus::Active.code().into(), name: folded(name), ..TalentFilter::default() };
        if filter.name.is_empty() {
            return Ok(Vec::new());
        }
        let found = self.store.talents_listed(&filter, "", FOUND).await?;
        let snapshot = self.live.engine().index().snapshot();
        let pieces = |id: &str| snapshot.ordinal(id).map_or(0, |ordinal| snapshot.evidence_of(ordinal).len());
        let claimable = |record: TalentRecord| Claimable {
            pieces: pieces(&record.talent.id),
            is_claimed: record.account.is_some(),
            id: record.talent.id,
            name: record.talent.name,
            organization: record.talent.organization,
            title: record.talent.title,
        };
        Ok(found.into_iter().map(claimable).collect())
    }

    /// Claims a profile; where it was merged into another one, that one. The person agrees to be
    /// listed: that is recorded when the claim is approved.
    ///
    /// # Errors
    /// [`AppError::Invalid`], [`AppError::NotFound`]; [`AppError::Conflict`] for a profile that has
    /// its person, and for somebody who has a profile or another claim.
    pub async fn claim_create(
        &self,
        actor: &Actor,
        talent: &str,
        statement: &str,
        consent: bool,
    ) -> Result<Claim, AppError> {
        actor.require(Action::TalentClaim)?;
        let statement = tidied(statement);
        let mut faults = text::faults(&statement, MAX_STATEMENT, Lines::Many);
        if statement.is_empty() {
            faults.push(Fault::missing());
        }
        let mut problems: Vec<FieldProblem> = at("statement", faults).collect();
        if !consent {
            let message = "认领后档案会展示给企业，需要本人同意；请勾选同意后再提交";
            problems.push(FieldProblem::new("consent", "consent-required", message));
        }
        all_right(problems)?;
        let talent = match self.talent_public(talent).await? {
            Found::Talent(found) => found.talent.id,
            Found::Moved(id) => id,
        };
        let has_own = self.store.talent_of_account(&actor.account).await?.is_some();
        let mut write = self.store.begin().await?;
        let record = write.talent_locked(&talent).await?.ok_or(AppError::NotFound(PROFILE))?;
        if record.account.is_some() {
            return Err(claimed());
        }
        if has_own {
            return Err(has_profile());
        }
        let claim = Claim {
            id: self.new_id(),
            talent,
            account: actor.account.clone(),
            statement,
            status: ClaimStatus::Pending,
            created_at: self.now(),
            decided_at: None,
            decided_by: None,
            version: 1,
        };
        write.claim_add(&claim).await.map_err(|error| match error {
            StoreError::Conflict(_) => AppError::conflict("claim-pending", "您已有一项认领申请在等待审核"),
            other => other.into(),
        })?;
        let detail = serde_json::json!({ "talent": claim.talent });
        self.audit(&mut write, Some(actor), "claim.create", format!("claim:{}", claim.id), detail).await?;
        write.commit().await?;
        Ok(claim)
    }

    /// Claims of one status or of all, oldest first, after an id.
    ///
    /// # Errors
    /// [`AppError::Forbidden`]
    pub async fn claims(
        &self,
        actor: &Actor,
        status: Option<ClaimStatus>,
        after: &str,
        limit: i64,
    ) -> Result<Vec<Claim>, AppError> {
        actor.require(Action::TalentCurate)?;
        Ok(self.store.claims(status, None, after, limit).await?)
    }

    /// The actor's own claims.
    ///
    /// # Errors
    /// [`AppError::Forbidden`]
    pub async fn claims_own(&self, actor: &Actor, after: &str, limit: i64) -> Result<Vec<Claim>, AppError> {
        actor.require(Action::TalentClaim)?;
        Ok(self.store.claims(None, Some(&actor.account), after, limit).await?)
    }

    /// Approves a claim, which gives the profile to the person and refuses the other claims on it;
    /// or refuses it.
    ///
    /// # Errors
    /// [`AppError::NotFound`]; [`AppError::Conflict`] if it was decided already, the profile has its
    /// person, or the person has a profile.
    pub async fn claim_decide(&self, actor: &Actor, id: &str, approve: bool) -> Result<Claim, AppError> {
        actor.require(Action::TalentCurate)?;
        let claim = self.store.claim(id).await?.ok_or(AppError::NotFound(CLAIM))?;
        let status = if approve { ClaimStatus::Approved } else { ClaimStatus::Refused };
        let talent = if approve { self.merged_into(&claim.talent).await? } else { claim.talent.clone() };
        let name = self.store.talent_profiles(&[&talent]).await?.pop().map(|t| t.talent.name).unwrap_or_default();
        let mut write = self.store.begin().await?;
        write.claim_decide(id, status, &actor.account, self.now()).await.map_err(|error| match error {
            StoreError::Stale => AppError::conflict("already-decided", "这项认领已经处理过了"),
            other => other.into(),
        })?;
        let mut told = vec![(claim.id.clone(), claim.account.clone(), approve)];
        if approve {
            let mut record = write.talent_locked(&talent).await?.ok_or(AppError::NotFound(PROFILE))?;
            if record.account.is_some() {
                return Err(claimed());
            }
            if record.status.merged_into().is_some() {
                return Err(AppError::Stale);
            }
            record.account = Some(claim.account.clone());
            record.consent_at = Some(claim.created_at);
            record.updated_at = self.now();
            write.talent_put(&record).await.map_err(|error| match error {
                StoreError::Conflict(_) => {
                    AppError::conflict("has-profile", "申请人已有自己的人才档案；请先合并或拒绝")
                }
                other => other.into(),
            })?;
            let refused = write.claims_refuse(&talent, &actor.account, self.now()).await?;
            told.extend(refused.into_iter().map(|(claim, account)| (claim, account, false)));
        }
        let verb = if approve { "claim.approve" } else { "claim.refuse" };
        let detail = serde_json::json!({ "talent": talent, "account": claim.account });
        self.audit(&mut write, Some(actor), verb, format!("claim:{id}"), detail).await?;
        let notices = told.into_iter().map(|(claim, account, approved)| {
            self.notice(&account, format!("claim:{claim}"), Notice::ClaimDecided { talent: name.clone(), approved })
        });
        write.notices_add(&notices.collect::<Vec<_>>()).await?;
        write.commit().await?;
        self.changed();
        self.store.claim(id).await?.ok_or(AppError::NotFound(CLAIM))
    }
}

fn claimed() -> AppError {
    AppError::conflict("already-claimed", "这份档案已由本人认领；如有疑问请联系平台运营方")
}
