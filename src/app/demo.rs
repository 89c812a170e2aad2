//! The demo's data: the talents and needs of data/demo, and an account for each role. All of it is
//! fictional.

mod activity;
mod board;

use super::error::AppError;
use super::secrets::{self, Hasher};
use super::trec::Qrels;
use super::{Clock, admin, data, entry};
use crate::domain::{
    AccountStatus, CreditCode, InvitationStatus, Need, NeedMode, NeedStatus, OrganisationKind, OrganisationStatus,
    Role, Talent,
};
use crate::store::{Account, Invitation, NeedRecord, Organisation, Saving, Store, TalentRecord, Write};

/// Needs of data/demo, by their place, that the demo's own enterprise has; the others belong to
/// enterprises of their own.
const OWN_PUBLISHED: usize = 0;
const OWN_DRAFT: usize = 2;
const OWN_SUBMITTED: usize = 6;
/// Needs of others that are not published yet.
const OTHERS_SUBMITTED: usize = 9;
/// Everybody's password on a machine that only its own people reach.
pub const FIXED_PASSWORD: &str = "zhihui-demo-only";
const HOUR_MS: i64 = 3_600_000;
const DAY_MS: i64 = 24 * HOUR_MS;

/// Others than one for each role: for a consortium, for a bid that is refused, and for a panel of three.
const MORE: [(&str, Role); 3] =
    [("partner", Role::Talent), ("affiliate", Role::Enterprise), ("second_expert", Role::Expert)];

/// Which passwords the demo's accounts get.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Passwords {
    /// [`FIXED_PASSWORD`]
    Fixed,
    /// New at each start.
    Random,
}

/// Somebody whom one can sign in as.
#[derive(Debug, Clone)]
pub struct DemoAccount {
    pub role: Role,
    pub login: String,
    pub password: String,
    pub organisation: String,
}

/// Fills an empty store, and sets the passwords; a store that was filled before keeps all that was
/// done in it.
///
/// # Errors
/// [`AppError`]
pub async fn prepare(
    store: &Store,
    clock: &Clock,
    hasher: &Hasher,
    passwords: Passwords,
) -> Result<Vec<DemoAccount>, AppError> {
    if store.account_by_login(Role::Administrator.code()).await?.is_none() {
        fill(store, clock.now()).await?;
    }
    let mut accounts = Vec::new();
    for (login, role) in Role::ALL.map(|role| (role.code(), role)).into_iter().chain(MORE) {
        // A demo of an older version has fewer.
        let Some(account) = store.account_by_login(login).await? else { continue };
        let password = match passwords {
            Passwords::Fixed => FIXED_PASSWORD.to_owned(),
            Passwords::Random => admin::random_password()?,
        };
        // Setting it ends the sessions, which a restart need not.
        if !hasher.verify(&password, Some(&account.password_hash)).await? {
            let hash = hasher.hash(&password).await?;
            let mut write = store.begin().await?;
            write.account_set_password(&account.id, &hash, false).await?;
            write.commit().await?;
        }
        let organisation = match &account.organisation {
            Some(id) => store.organisation(id).await?.map(|o| o.name),
            None => None,
        };
        let (login, organisation) = (account.login, organisation.unwrap_or_default());
        accounts.push(DemoAccount { role, login, password, organisation });
    }
    Ok(accounts)
}

/// All or nothing.
async fn fill(store: &Store, now: i64) -> Result<(), AppError> {
    let broken = |e: serde_json::Error| AppError::Internal(e.to_string());
    let (talents, needs) = (data::demo_talents().map_err(broken)?, data::demo_needs().map_err(broken)?);
    let mut write = store.begin().await?;
    let qrels = data::demo_judgements().map_err(|e| AppError::Internal(e.to_string()))?;
    let mut made = Made { write: &mut write, now, enterprises: 0, count: needs.len(), qrels };
    let own = made.enterprise(&needs[OWN_PUBLISHED]).await?;
    let institute = made.organisation(OrganisationKind::University, &talents[0].organization, "重庆市").await?;
    let district = made.organisation(OrganisationKind::DistrictOffice, "渝北区示例科技局", "重庆市渝北区").await?;
    let city = made.organisation(OrganisationKind::CityOffice, "重庆市示例科技局", "重庆市").await?;
    let third = made.organisation(OrganisationKind::ReviewBody, "示例科技项目服务中心", "重庆市").await?;
    let platform = made.organisation(OrganisationKind::Operator, "示例平台运营中心", "重庆市").await?;
    let (mut talent, mut operator) = (String::new(), String::new());
    for role in Role::ALL {
        let organisation = match role {
            Role::Enterprise => Some(&own.id),
            Role::Talent => Some(&institute.id),
            Role::DistrictOfficer => Some(&district.id),
            Role::CityOfficer => Some(&city.id),
            Role::ThirdParty => Some(&third.id),
            Role::Operator | Role::Administrator => Some(&platform.id),
            Role::PanelMember | Role::Expert => None,
        };
        let name = if role == Role::Talent { talents[0].name.clone() } else { format!("示例{}", role.name()) };
        let id = made.account(role.code(), role, name, organisation).await?;
        match role {
            Role::Talent => talent = id,
            Role::Operator => operator = id,
            _ => {}
        }
    }
    board::people(&mut made, &own).await?;
    made.talents(talents.clone(), talent).await?;
    for (place, need) in needs.into_iter().enumerate() {
        made.need(place, need, &own, &operator).await?;
    }
    activity::waiting(&mut write, &talents, now).await?;
    activity::done(&mut write, &talents, &operator, now).await?;
    write.audit_add(&entry(now, None, "demo.fill", "store:demo".into(), serde_json::json!({}))).await?;
    Ok(write.commit().await?)
}

/// What is being made, in one transaction.
struct Made<'a> {
    write: &'a mut Write,
    now: i64,
    enterprises: u32,
    /// Needs of the file, and who was judged to fit them.
    count: usize,
    qrels: Qrels,
}

impl Made<'_> {
    async fn organisation(
        &mut self,
        kind: OrganisationKind,
        name: &str,
        region: &str,
    ) -> Result<Organisation, AppError> {
        let is_enterprise = kind == OrganisationKind::Enterprise;
        self.enterprises += u32::from(is_enterprise);
        let made = Organisation {
            id: secrets::new_id(self.now),
            kind,
            name: name.into(),
            credit_code: is_enterprise.then(|| fictional_code(self.enterprises)).flatten(),
            region: Some(region.into()),
            high_tech: is_enterprise && self.enterprises.is_multiple_of(2),
            tech_sme: is_enterprise && self.enterprises.is_multiple_of(3),
            status: OrganisationStatus::Approved,
            created_at: self.now,
            version: 1,
        };
        self.write.organisation_add(&made).await?;
        Ok(made)
    }

    /// The enterprise that a need names.
    async fn enterprise(&mut self, need: &Need) -> Result<Organisation, AppError> {
        let name = need.organization.as_deref().unwrap_or("示例企业");
        self.organisation(OrganisationKind::Enterprise, name, need.region.as_deref().unwrap_or("重庆市")).await
    }

    /// An account that nobody can sign in to before it has a password.
    async fn account(
        &mut self,
        login: &str,
        role: Role,
        name: String,
        organisation: Option<&String>,
    ) -> Result<String, AppError> {
        let id = secrets::new_id(self.now);
        let account = Account {
            id: id.clone(),
            organisation: organisation.cloned(),
            login: login.into(),
            name,
            role,
            password_hash: String::new(),
            password_is_temporary: false,
            status: AccountStatus::Active,
            created_at: self.now,
            version: 1,
        };
        self.write.account_add(&account).await?;
        Ok(id)
    }

    /// The first of them belongs to the account.
    async fn talents(&mut self, talents: Vec<Talent>, account: String) -> Result<(), AppError> {
        let mut records: Vec<TalentRecord> =
            talents.into_iter().map(|talent| TalentRecord::new(talent, self.now)).collect();
        for (record, number) in records.iter_mut().zip(1..) {
            record.consent_at = Some(self.now);
            record.contact = Some(format!("示例联系方式 {number:03}@example.invalid"));
        }
        records[0].account = Some(account);
        Ok(self.write.talents_put(&records).await?)
    }

    async fn need(&mut self, place: usize, need: Need, own: &Organisation, operator: &str) -> Result<(), AppError> {
        let owner = match place {
            OWN_PUBLISHED | OWN_DRAFT | OWN_SUBMITTED => own.clone(),
            _ => self.enterprise(&need).await?,
        };
        let status = match place {
            OWN_DRAFT => NeedStatus::Draft,
            OWN_SUBMITTED | OTHERS_SUBMITTED => NeedStatus::Submitted,
            _ if need.mode == Some(NeedMode::OpenChallenge) => NeedStatus::Challenge,
            _ => NeedStatus::Published,
        };
        let at = self.now - activity::age(place, self.count);
        // What still waits was handed in lately.
        let last = if status.is_public() { at } else { self.now - (place as i64 + 1) * HOUR_MS };
        let (id, file_id) = (secrets::new_id(at), need.id.clone());
        let record = NeedRecord {
            need: Need { id, organization: Some(owner.name.clone()), region: owner.region.clone(), ..need },
            organisation: owner.id,
            organisation_name: owner.name,
            organisation_region: owner.region,
            created_by: operator.into(),
            status,
            reason: None,
            created_at: at,
            updated_at: last,
            submitted_at: (status != NeedStatus::Draft).then_some(last),
            published_at: status.is_public().then_some(at),
            version: 1,
        };
        self.write.need_add(&record, Saving::PLAIN).await?;
        if status == NeedStatus::Challenge {
            board::challenge(self, place, &record).await?;
        }
        let own = matches!(place, OWN_PUBLISHED | OWN_DRAFT | OWN_SUBMITTED);
        for made in activity::invitations(place, &file_id, &record, &self.qrels, self.now) {
            if !own {
                self.invitation(made).await?;
            }
        }
        Ok(())
    }

    /// One that may be answered already.
    async fn invitation(&mut self, made: Invitation) -> Result<(), AppError> {
        self.write.invitation_add(&made).await?;
        if made.status == InvitationStatus::Sent { Ok(()) } else { Ok(self.write.invitation_update(&made).await?) }
    }
}

/// A 统一社会信用代码 that no enterprise has: `DEM` says so, and its check character is right.
fn fictional_code(number: u32) -> Option<String> {
    let code = |check: char| CreditCode::parse(&format!("91500000MADEM{number:04}{check}")).ok();
    ('0'..='9').chain('A'..='Z').find_map(code).map(|c| c.as_str().to_owned())
}
