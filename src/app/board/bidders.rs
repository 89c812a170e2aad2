//! Who bids, as the rules on bidders see them: read in the transaction that decides by it.

use crate::app::App;
use crate::app::error::AppError;
use crate::domain::challenge::bid::Bid;
use crate::domain::challenge::bidder::{Party, Violation, violations};
use crate::store::Write;
use crate::store::board::challenges::ChallengeRecord;
use crate::store::board::standing::Standing;

impl App {
    /// All that stands against the bidders, by what the transaction sees.
    pub(super) async fn violations_in(
        &self,
        write: &mut Write,
        challenge: &ChallengeRecord,
        bid: &Bid,
    ) -> Result<Vec<Violation>, AppError> {
        let publisher = write.standing(&challenge.organisation).await?.unwrap_or_default();
        let bidders = self.bidders_in(write, bid).await?;
        let bidders: Vec<Party<'_>> = bidders.iter().map(party).collect();
        Ok(violations(&party(&publisher), &bidders, &challenge.content.conditions))
    }

    /// Who bids, each with its people, the first with those of the team too.
    pub(super) async fn bidders_in(&self, write: &mut Write, bid: &Bid) -> Result<Vec<Standing>, AppError> {
        let mut bidders = Vec::new();
        for (at, member) in bid.members.iter().enumerate() {
            let mut standing = write.standing(&member.organisation).await?.unwrap_or_default();
            if at == 0 {
                let team: Vec<&str> = bid.team.iter().map(String::as_str).collect();
                standing.people.extend(write.talent_people(&team).await?);
            }
            bidders.push(standing);
        }
        Ok(bidders)
    }
}

/// An organisation as the rules look at it.
pub(super) fn party(of: &Standing) -> Party<'_> {
    Party {
        id: &of.organisation,
        name: &of.name,
        kind: of.kind,
        region: of.region.as_deref(),
        group: Some(&of.group),
        legal_person: Some(&of.legal_person),
        people: of.people.clone(),
        qualifications: of.qualifications.clone(),
        has_integrity_record: of.has_integrity_record,
    }
}
