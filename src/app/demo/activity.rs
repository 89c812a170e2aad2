//! What has happened in the demo over the last months: when needs were handed in, who was invited,
//! what waits for the operator. The demo's own enterprise and talent are left to whoever tries it.

use super::super::error::AppError;
use super::super::imports::report::{Line, Report};
use super::super::secrets;
use super::super::trec::Qrels;
use super::{DAY_MS, HOUR_MS};
use crate::domain::{
    AccountStatus, Audience, InvitationStatus, OrganisationKind, OrganisationStatus, Role, Talent, TalentStatus,
};
use crate::store::{
    Account, Announcement, Claim, ClaimStatus, Import, ImportStatus, Invitation, NeedRecord, Organisation,
    TalentRecord, Write,
};

/// Days since the oldest need was handed in.
const OLDEST: i64 = 330;
/// Only judged at least so well, a talent is invited.
const GOOD: u8 = 2;

/// How long before now the need at a place of `count` was made: the more recent, the closer they
/// are; the first of the file is the newest.
pub(super) fn age(place: usize, count: usize) -> i64 {
    let (place, last) = (place as i64, count.max(2) as i64 - 1);
    (place + 1) * HOUR_MS + OLDEST * DAY_MS * place * place / (last * last)
}

/// The invitations that a need of the file led to: of two in three needs, the talents judged well.
pub(super) fn invitations(place: usize, file_id: &str, need: &NeedRecord, qrels: &Qrels, now: i64) -> Vec<Invitation> {
    let Some(published_at) = need.published_at.filter(|_| !place.is_multiple_of(3)) else { return Vec::new() };
    let good = qrels.get(file_id).into_iter().flatten().filter(|(_, grade)| **grade >= GOOD);
    let mut made = Vec::new();
    // The first talent of the file belongs to the demo's account.
    for ((talent, _), number) in good.filter(|(talent, _)| *talent != "T001").take(2).zip(0_i64..) {
        let spread = (place as i64 * 7 + number * 5) % 11;
        let created_at = published_at + (1 + spread) * DAY_MS;
        let answered_at = created_at + (6 + spread * 9) * HOUR_MS;
        if created_at >= now {
            continue;
        }
        let status = match (place as i64 + number) % 5 {
            _ if answered_at >= now => InvitationStatus::Sent,
            0 => InvitationStatus::Declined,
            4 => InvitationStatus::Sent,
            _ => InvitationStatus::Accepted,
        };
        let answer = match status {
            InvitationStatus::Accepted => Some("示例：愿意洽谈。"),
            InvitationStatus::Declined => Some("示例：目前没有余力。"),
            _ => None,
        };
        made.push(Invitation {
            id: secrets::new_id(created_at),
            need: need.need.id.clone(),
            talent: talent.clone(),
            organisation: need.organisation.clone(),
            organisation_name: need.organisation_name.clone(),
            by_account: need.created_by.clone(),
            message: "示例：希望就这项需求洽谈合作。".into(),
            released: serde_json::json!({ "title": need.need.title }).to_string(),
            contact: "示例联系方式 enterprise@example.invalid".into(),
            status,
            answer: answer.map(str::to_owned),
            created_at,
            answered_at: answer.map(|_| answered_at),
            version: 1,
        });
    }
    made
}

/// What waits for the operator: an enterprise that has registered, a claim, a second profile of
/// somebody.
pub(super) async fn waiting(write: &mut Write, talents: &[Talent], now: i64) -> Result<(), AppError> {
    let organisation = Organisation {
        id: secrets::new_id(now),
        kind: OrganisationKind::Enterprise,
        name: "重庆示例轻合金铸造有限公司".into(),
        credit_code: super::fictional_code(9_001),
        region: Some("重庆市九龙坡区".into()),
        high_tech: false,
        tech_sme: true,
        status: OrganisationStatus::Pending,
        created_at: now - 20 * HOUR_MS,
        version: 1,
    };
    write.organisation_add(&organisation).await?;
    let account = |login: &str, name: &str, role, status, organisation| Account {
        id: secrets::new_id(now),
        organisation,
        login: login.into(),
        name: name.into(),
        role,
        password_hash: String::new(),
        password_is_temporary: false,
        status,
        created_at: now - 20 * HOUR_MS,
        version: 1,
    };
    let pending = account("zhuzao", "示例·铸造联系人", Role::Enterprise, AccountStatus::Pending, Some(organisation.id));
    write.account_add(&pending).await?;
    let [claimed, twice] = [&talents[6], &talents[10]];
    let claimant = account("renling", &claimed.name, Role::Talent, AccountStatus::Active, None);
    write.account_add(&claimant).await?;
    let claim = Claim {
        id: secrets::new_id(now),
        talent: claimed.id.clone(),
        account: claimant.id,
        statement: format!("示例：我是{}的{}，档案里的成果是我课题组的。", claimed.organization, claimed.name),
        status: ClaimStatus::Pending,
        created_at: now - 5 * HOUR_MS,
        decided_at: None,
        decided_by: None,
        version: 1,
    };
    write.claim_add(&claim).await?;
    // Hidden: it is found by nobody but the operator.
    let again = Talent { id: "T901".into(), title: None, bio: None, evidence: Vec::new(), ..twice.clone() };
    let again = TalentRecord { status: TalentStatus::Hidden, ..TalentRecord::new(again, now) };
    write.talent_put(&again).await?;
    Ok(())
}

/// What the operator has done: an import with its report, an announcement.
pub(super) async fn done(write: &mut Write, talents: &[Talent], operator: &str, now: i64) -> Result<(), AppError> {
    let at = now - OLDEST * DAY_MS;
    let line = |(talent, row): (&Talent, usize)| Line { row, id: talent.id.clone(), name: None, fields: Vec::new() };
    let report = Report { new: talents.iter().zip(2..).map(line).collect(), ..Report::default() }.counted();
    let import = Import {
        id: secrets::new_id(at),
        kind: "talents".into(),
        file_name: "示例人才.xlsx".into(),
        status: ImportStatus::Done,
        by: Some(operator.into()),
        created_at: at,
        done_at: Some(at + 90_000),
        report: serde_json::to_string(&report).map_err(|e| AppError::Internal(e.to_string()))?,
        digest: vec![0; 32],
    };
    write.import_add(&import, None).await?;
    let announcement = Announcement {
        id: secrets::new_id(now),
        title: "示例：季度统计口径说明".into(),
        content: "示例：工作台的数字按提交月份统计，撤回的需求不计。".into(),
        audience: Audience::Role(Role::CityOfficer).code().into(),
        starts_at: now - DAY_MS,
        ends_at: now + 30 * DAY_MS,
        withdrawn_at: None,
        created_by: operator.into(),
        created_at: now - DAY_MS,
        updated_at: now - DAY_MS,
        version: 1,
    };
    Ok(write.announcement_add(&announcement).await?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn needs_grow_more_frequent_and_none_is_older_than_the_charts() {
        let ages: Vec<i64> = (0..42).map(|place| age(place, 42)).collect();
        assert!(ages.is_sorted_by(|a, b| a < b), "the first is the newest");
        let gaps: Vec<i64> = ages.windows(2).map(|pair| pair[1] - pair[0]).collect();
        assert!(gaps.is_sorted());
        assert!((OLDEST * DAY_MS..350 * DAY_MS).contains(&ages[41]));
    }
}
