//! The demo's board: open challenges of the needs that ask for it, and people to try a consortium, a
//! bid that is refused, and a panel with.

use super::super::board::challenges::draft_of;
use super::super::error::AppError;
use super::super::secrets;
use super::{DAY_MS, MORE, Made};
use crate::domain::challenge::status::ChallengeStatus;
use crate::domain::challenge::{Attachments, Challenge, Conditions, Scores, Terms};
use crate::domain::{Day, Declaration, OrganisationKind, Ownership};
use crate::store::board::challenges::{ChallengeRecord, ChallengeTerms};
use crate::store::{NeedRecord, Organisation};

/// The group that the demo's enterprise and its affiliate belong to.
const GROUP: &str = "示例集团（演示）";
const HOUR_MS: i64 = 3_600_000;

/// How the indicators of the demo are tested.
const TESTS: [&str; 3] = ["第三方检测机构按国家标准检测", "样机台架试验，双方共同见证", "装车（装机）实测三个月"];

/// Accounts beside one for each role.
pub(super) async fn people(made: &mut Made<'_>, own: &Organisation) -> Result<(), AppError> {
    let partner = made.organisation(OrganisationKind::Institute, "示例中试研究院", "四川省成都市").await?;
    let affiliate = made.organisation(OrganisationKind::Enterprise, "示例集团技术公司", "重庆市渝北区").await?;
    let declared = Declaration { group: GROUP.into(), ..Declaration::default() };
    for organisation in [own, &affiliate] {
        made.write.standing_set(&organisation.id, 0, &declared, (None, made.now)).await?;
    }
    for ((login, role), organisation) in MORE.into_iter().zip([Some(&partner.id), Some(&affiliate.id), None]) {
        made.account(login, role, format!("示例·{login}"), organisation).await?;
    }
    Ok(())
}

/// The open challenge of a need.
pub(super) async fn challenge(made: &mut Made<'_>, place: usize, need: &NeedRecord) -> Result<(), AppError> {
    let now = made.now;
    let today = Day::at(now).ok_or_else(|| AppError::Internal(format!("no day at {now}")))?;
    let (place, published) = (place as i64, need.published_at.unwrap_or(now).max(now - 6 * DAY_MS));
    let begun = draft_of(&need.need, today);
    let mut content = Challenge {
        months: Some(12 + place as u32 % 12),
        reward: need.need.total_investment.map(|yuan| yuan / 2),
        ownership: Some(Terms { template: Ownership::ALL[place as usize % 3], text: String::new() }),
        conditions: Conditions { consortium: true, ..Conditions::default() },
        opens_at: Some(published),
        questions_until: Some(now + (3 + place % 20) * DAY_MS),
        // At an hour at which offices are open.
        closes_at: Some(now - now % DAY_MS + (6 + place % 31) * DAY_MS + 9 * HOUR_MS),
        attachments: if place % 2 == 0 { Attachments::Public } else { Attachments::AfterAgreement },
        scores: if place % 2 == 0 { Scores::All } else { Scores::Winner },
        ..begun
    };
    for (indicator, test) in content.indicators.iter_mut().zip(TESTS.iter().cycle()) {
        indicator.test = (*test).to_owned();
    }
    let record = ChallengeRecord {
        id: secrets::new_id(published),
        need: need.need.id.clone(),
        organisation: need.organisation.clone(),
        organisation_name: need.organisation_name.clone(),
        organisation_region: need.organisation_region.clone(),
        created_by: need.created_by.clone(),
        status: ChallengeStatus::Submitted,
        field: need.need.field.clone(),
        region: need.need.region.clone(),
        terms: 0,
        reason: None,
        created_at: published,
        updated_at: published,
        published_at: None,
        opened_at: None,
        chosen: None,
        choice_reason: None,
        objections_until: None,
        awarded_at: None,
        touched: 0,
        version: 1,
        content,
    };
    made.write.challenge_add(&record).await?;
    let terms = ChallengeTerms {
        number: 1,
        at: published,
        by_account: record.created_by.clone(),
        reason: String::new(),
        content: record.content.clone(),
    };
    let id = record.id.clone();
    let open = ChallengeRecord { status: ChallengeStatus::Open, terms: 1, published_at: Some(published), ..record };
    made.write.challenge_save(&open, ChallengeStatus::Submitted).await?;
    Ok(made.write.challenge_terms_add(&id, &terms).await?)
}
