//! The operators' dashboard: what waits, and how the platform has done over a year.
//!
//! Figures are counted in the database; here they are put together. How well needs can be matched
//! is found aside, one need after the other, and kept: a page never waits for it.

use std::collections::BTreeMap;
use std::sync::atomic::{AtomicI64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};

use serde::Serialize;
use tokio::sync::Semaphore;
use utoipa::ToSchema;

use super::actor::Actor;
use super::error::AppError;
use super::recommend::high_matches;
use super::secrets::blocking;
use super::{App, data};
use crate::domain::{Action, Grant, InvitationStatus, Month};
use crate::store::{self, Contact, InvitationsOfMonth, NeedsOfMonth};

/// Months that are shown, the current one included.
pub const MONTHS: usize = 12;
/// Suspected duplicates that are counted; more are "that many or more".
const DUPLICATES: usize = 100;
/// Needs matched before what was found is kept.
const MEASURED_AT_ONCE: i64 = 50;
/// How long a match is good for: talents come and go.
const GOOD_MS: i64 = 24 * 3_600_000;
/// How long nobody looks for matches that are too old.
const LOOK_MS: i64 = 3_600_000;
const DAY_MS: f64 = 86_400_000.0;

/// What is remembered between two looks at the dashboard.
#[derive(Debug)]
pub(super) struct Kept {
    /// Suspected duplicates, and the state of the store that they were counted in.
    duplicates: Mutex<Option<((i64, i64), Suspected)>>,
    measuring: Semaphore,
    measured_at: AtomicI64,
}

impl Default for Kept {
    fn default() -> Self {
        Self { duplicates: Mutex::default(), measuring: Semaphore::new(1), measured_at: AtomicI64::new(i64::MIN) }
    }
}

/// What waits for the person who looks; nothing where it is not for them.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Waiting {
    pub registrations: Option<i64>,
    pub claims: Option<i64>,
    pub needs: Option<i64>,
    pub duplicates: Option<Suspected>,
}

/// Suspected duplicates.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Suspected {
    pub count: usize,
    /// There are more than were counted.
    pub more: bool,
}

/// Needs of one field by month.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, ToSchema)]
pub struct FieldNeeds {
    /// Taxonomy code; absent for needs that name none.
    pub code: Option<String>,
    pub name: String,
    /// As many as months.
    pub counts: Vec<i64>,
}

impl FieldNeeds {
    pub fn total(&self) -> i64 {
        self.counts.iter().sum()
    }
}

/// How many needs have a talent that matches highly (高度匹配).
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Matched {
    pub needs: i64,
    /// Of these, those whose match is known.
    pub measured: i64,
    pub matched: i64,
}

impl Matched {
    /// 0–100, of those that are known.
    pub fn percent(&self) -> Option<f64> {
        (self.measured > 0).then(|| 100.0 * self.matched as f64 / self.measured as f64)
    }
}

/// Invitations sent, and what has become of them.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, ToSchema)]
pub struct Invited {
    pub sent: i64,
    pub accepted: i64,
    pub declined: i64,
    pub open: i64,
    pub withdrawn: i64,
}

impl Invited {
    fn add(&mut self, status: Option<InvitationStatus>, count: i64) {
        self.sent += count;
        match status {
            Some(InvitationStatus::Accepted) => self.accepted += count,
            Some(InvitationStatus::Declined) => self.declined += count,
            Some(InvitationStatus::Withdrawn) => self.withdrawn += count,
            Some(InvitationStatus::Sent) | None => self.open += count,
        }
    }
}

/// How long it takes from handing a need in to its first accepted invitation.
#[derive(Debug, Clone, Default, PartialEq, Serialize, ToSchema)]
pub struct FirstContact {
    /// Needs that the medians are of.
    pub needs: usize,
    /// Median in days.
    pub days: Option<f64>,
    /// The same of the contacts made in each month.
    pub by_month: Vec<Option<f64>>,
}

/// What the dashboard shows.
#[derive(Debug, Clone, PartialEq, Serialize, ToSchema)]
pub struct Dashboard {
    pub waiting: Waiting,
    pub months: Vec<Month>,
    /// Needs handed in, those taken back left out, by field, most first.
    pub needs: Vec<FieldNeeds>,
    pub matched: Matched,
    pub matched_by_month: Vec<Matched>,
    pub invited: Invited,
    pub invited_by_month: Vec<Invited>,
    pub first_contact: FirstContact,
}

impl App {
    /// What waits for the actor, and the figures of the last twelve months. Matches that are not
    /// known are looked for aside; a later look has them.
    ///
    /// # Errors
    /// [`AppError`]
    pub async fn dashboard(self: &Arc<Self>, actor: &Actor) -> Result<Dashboard, AppError> {
        actor.require(Action::Operate)?;
        let months = self.months()?;
        let bounds = bounds(&months);
        let needs = self.store.needs_by_month(&bounds).await?;
        let invitations = self.store.invitations_by_month(&bounds).await?;
        let contacts = self.store.contacts_since(bounds[0]).await?;
        let waiting = self.waiting_for(actor).await?;
        let dashboard = Dashboard::of(waiting, months, &needs, &invitations, &contacts);
        let is_due = self.now() - self.figures.measured_at.load(Ordering::Relaxed).max(0) > LOOK_MS;
        if is_due || dashboard.matched.measured < dashboard.matched.needs {
            let app = Arc::clone(self);
            tokio::spawn(async move {
                if let Err(error) = app.needs_measure().await {
                    tracing::warn!(%error, "needs could not be matched for the dashboard");
                }
            });
        }
        Ok(dashboard)
    }

    fn months(&self) -> Result<Vec<Month>, AppError> {
        let now = Month::at(self.now()).ok_or_else(|| AppError::Internal(format!("no month at {}", self.now())))?;
        Ok((0..MONTHS as u16).rev().map(|n| now.back(n)).collect())
    }

    async fn waiting_for(&self, actor: &Actor) -> Result<Waiting, AppError> {
        let may = |action: Action| action.grant(Some(actor.role)) != Grant::Never;
        let store::Waiting { registrations, claims, needs } = self.store.waiting().await?;
        let duplicates = match may(Action::TalentCurate) {
            true => Some(self.duplicates_counted(actor).await?),
            false => None,
        };
        Ok(Waiting {
            registrations: may(Action::RegistrationDecide).then_some(registrations),
            claims: may(Action::TalentCurate).then_some(claims),
            needs: may(Action::NeedDecide).then_some(needs),
            duplicates,
        })
    }

    /// Counted again only after a change: all pairs of namesakes are looked at.
    async fn duplicates_counted(&self, actor: &Actor) -> Result<Suspected, AppError> {
        let stamp = self.store.duplicates_stamp().await?;
        let kept = || self.figures.duplicates.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some((_, known)) = kept().filter(|(of, _)| *of == stamp) {
            return Ok(known);
        }
        let (found, next) = self.duplicates(actor, ("", ""), DUPLICATES).await?;
        let counted = Suspected { count: found.len(), more: next.is_some() };
        *kept() = Some((stamp, counted));
        Ok(counted)
    }

    /// Matches the needs of the last twelve months whose match is not known or too old, one after
    /// the other; how many there were. One such run at a time: another one does nothing.
    ///
    /// # Errors
    /// [`AppError`]
    pub async fn needs_measure(&self) -> Result<usize, AppError> {
        let Ok(_alone) = self.figures.measuring.try_acquire() else { return Ok(0) };
        let since = bounds(&self.months()?)[0];
        let (stale, mut measured) = (self.now() - GOOD_MS, 0);
        loop {
            let needs = self.store.needs_unmeasured(since, stale, MEASURED_AT_ONCE).await?;
            if needs.is_empty() {
                self.figures.measured_at.store(self.now(), Ordering::Relaxed);
                return Ok(measured);
            }
            let engine = self.live.engine();
            let work = move || {
                let high = |u: store::Unmeasured| {
                    let mut need = u.need;
                    need.region = need.region.or(u.organisation_region);
                    Ok((high_matches(&engine, &need)?, need.id, u.version))
                };
                needs.into_iter().map(high).collect::<Result<Vec<_>, AppError>>()
            };
            let found = blocking(work).await??;
            let mut write = self.store.begin().await?;
            for (high, need, version) in &found {
                write.need_match_put(need, *version, *high as i64, self.now()).await?;
            }
            write.commit().await?;
            measured += found.len();
        }
    }
}

/// Where the months begin, and where the last one ends.
fn bounds(months: &[Month]) -> Vec<i64> {
    months.iter().copied().chain(months.last().map(|m| m.next())).map(Month::starts_at).collect()
}

impl Dashboard {
    /// Puts the figures together.
    fn of(
        waiting: Waiting,
        months: Vec<Month>,
        needs: &[NeedsOfMonth],
        invitations: &[InvitationsOfMonth],
        contacts: &[Contact],
    ) -> Self {
        let mut by_field: BTreeMap<Option<&str>, Vec<i64>> = BTreeMap::new();
        let (mut matched, mut matched_by_month) = (Matched::default(), vec![Matched::default(); months.len()]);
        for row in needs {
            by_field.entry(row.field.as_deref()).or_insert_with(|| vec![0; months.len()])[row.month] += row.count;
            for sum in [&mut matched, &mut matched_by_month[row.month]] {
                sum.needs += row.count;
                sum.measured += row.measured;
                sum.matched += row.matched;
            }
        }
        let name = |code: Option<&str>| code.map_or_else(|| "未填领域".to_owned(), data::field_name);
        let field = |(code, counts): (Option<&str>, Vec<i64>)| FieldNeeds {
            code: code.map(str::to_owned),
            name: name(code),
            counts,
        };
        let mut needs: Vec<FieldNeeds> = by_field.into_iter().map(field).collect();
        needs.sort_by_key(|field| std::cmp::Reverse(field.total()));
        let (mut invited, mut invited_by_month) = (Invited::default(), vec![Invited::default(); months.len()]);
        for row in invitations {
            let status = InvitationStatus::from_code(&row.status);
            invited.add(status, row.count);
            invited_by_month[row.month].add(status, row.count);
        }
        let first_contact = first_contact(&months, contacts);
        Self { waiting, months, needs, matched, matched_by_month, invited, invited_by_month, first_contact }
    }
}

fn first_contact(months: &[Month], contacts: &[Contact]) -> FirstContact {
    // A need may be given back and handed in again after an invitation: that took no time.
    let taken = |c: &Contact| (c.accepted_at - c.submitted_at).max(0);
    let of_month = |month: &Month| {
        let within = month.starts_at()..month.next().starts_at();
        median(contacts.iter().filter(|c| within.contains(&c.accepted_at)).map(taken).collect())
    };
    let days = |ms: f64| ms / DAY_MS;
    FirstContact {
        needs: contacts.len(),
        days: median(contacts.iter().map(taken).collect()).map(days),
        by_month: months.iter().map(|month| of_month(month).map(days)).collect(),
    }
}

/// The middle one, or the mean of the middle two; nothing of nothing.
fn median(mut values: Vec<i64>) -> Option<f64> {
    values.sort_unstable();
    let middle = values.len() / 2;
    let upper = *values.get(middle)? as f64;
    Some(if values.len().is_multiple_of(2) { (values[middle - 1] as f64 + upper) / 2.0 } else { upper })
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: i64 = 86_400_000;

    fn months() -> Vec<Month> {
        let now = Month::at(1_793_462_400_000).unwrap();
        [now.back(1), now].to_vec()
    }

    fn of(needs: &[NeedsOfMonth], invitations: &[InvitationsOfMonth], contacts: &[Contact]) -> Dashboard {
        Dashboard::of(Waiting::default(), months(), needs, invitations, contacts)
    }

    #[test]
    fn the_median_is_in_the_middle() {
        for (values, expected) in
            [(vec![], None), (vec![7], Some(7.0)), (vec![9, 1], Some(5.0)), (vec![100, 1, 2], Some(2.0))]
        {
            assert_eq!(median(values.clone()), expected, "{values:?}");
        }
    }

    #[test]
    fn needs_are_told_by_field_most_first_and_shares_are_of_what_is_known() {
        let row = |month, field: Option<&str>, count, measured, matched| {
            let field = field.map(str::to_owned);
            NeedsOfMonth { month, field, count, measured, matched }
        };
        let rows = [row(0, Some("A1"), 2, 2, 1), row(1, Some("A1"), 1, 0, 0), row(1, None, 4, 2, 2)];
        let seen = of(&rows, &[], &[]);
        let fields: Vec<_> = seen.needs.iter().map(|f| (f.code.as_deref(), f.name.as_str(), &f.counts[..])).collect();
        assert_eq!(fields, [(None, "未填领域", &[0, 4][..]), (Some("A1"), "智能网联新能源汽车", &[2, 1][..])]);
        assert_eq!(seen.matched, Matched { needs: 7, measured: 4, matched: 3 });
        assert_eq!(seen.matched.percent(), Some(75.0));
        assert_eq!(seen.matched_by_month[1], Matched { needs: 5, measured: 2, matched: 2 });
        assert_eq!(of(&[], &[], &[]).matched.percent(), None, "no share of nothing");
    }

    #[test]
    fn invitations_sent_are_the_sum_of_what_became_of_them() {
        let statuses = InvitationStatus::ALL.iter().zip(1..);
        let rows: Vec<_> =
            statuses.map(|(s, count)| InvitationsOfMonth { month: 1, status: s.code().into(), count }).collect();
        let seen = of(&[], &rows, &[]);
        let Invited { sent, accepted, declined, open, withdrawn } = seen.invited;
        assert_eq!((sent, open, accepted, declined, withdrawn), (10, 1, 2, 3, 4));
        assert_eq!(seen.invited_by_month, [Invited::default(), seen.invited]);
    }

    #[test]
    fn a_contact_counts_in_the_month_in_which_it_was_made() {
        let [october, november]: [Month; 2] = months().try_into().unwrap();
        let contact = |accepted_at: i64, days: i64| Contact { submitted_at: accepted_at - days * DAY, accepted_at };
        let contacts = [
            contact(october.starts_at(), 2),
            contact(november.starts_at() - 1, 4),
            contact(november.starts_at(), 10),
            contact(november.starts_at() + DAY, -1),
        ];
        let seen = of(&[], &[], &contacts).first_contact;
        assert_eq!((seen.needs, seen.days), (4, Some(3.0)));
        assert_eq!(seen.by_month, [Some(3.0), Some(5.0)]);
        assert_eq!(of(&[], &[], &[]).first_contact.by_month, [None, None]);
    }
}
