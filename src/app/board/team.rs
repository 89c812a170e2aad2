//! The team of a bid: talents of its own organisations, with evidence that they show.

use std::collections::{HashMap, HashSet};

use super::problem;
use crate::app::App;
use crate::app::error::AppError;
use crate::domain::challenge::bid::Bid;
use crate::domain::{EvidenceType, FieldProblem, Talent, TalentStatus};
use crate::store::board::bids::BidMember;

/// Talents of one organisation that a form offers.
const OFFERED: i64 = 200;

/// Somebody of the team, as the profile has it now.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TeamMember {
    /// Id of the talent.
    pub talent: String,
    pub name: String,
    pub organisation: String,
    /// Whether everybody may look at the profile.
    pub is_public: bool,
    /// What the bid brings forward of it.
    pub evidence: Vec<(EvidenceType, String)>,
}

impl App {
    /// Talents that may be in the team of a bid: those of its organisations, first those that are in it.
    /// The others come without their evidence.
    ///
    /// # Errors
    /// [`AppError`]
    pub async fn bid_talents(&self, members: &[BidMember], team: &[String]) -> Result<Vec<Talent>, AppError> {
        let own = self.talents_within(team, members).await?;
        let listed: Vec<&str> = team.iter().filter(|id| own.contains(*id)).map(String::as_str).collect();
        let mut offered = Vec::new();
        for member in members {
            offered.extend(self.store.talents_of_organisation(&member.organisation, OFFERED).await?);
        }
        let others: Vec<&str> = offered.iter().filter(|id| !own.contains(*id)).map(String::as_str).collect();
        let mut talents = self.store.talents(&listed).await?;
        talents.extend(self.store.talent_profiles(&others).await?);
        Ok(talents.into_iter().filter_map(|record| record.shown()).collect())
    }

    /// What is wrong with a team: people that are not of the bid's organisations, evidence that is not of
    /// the team or that its owner hides.
    pub(super) async fn team_problems(&self, bid: &Bid, members: &[BidMember]) -> Result<Vec<FieldProblem>, AppError> {
        let mut found = Vec::new();
        let own = self.talents_within(&bid.team, members).await?;
        let strangers = bid.team.iter().filter(|id| !own.contains(*id)).count();
        if strangers > 0 {
            let message = format!("有 {strangers} 人不是牵头单位或联合体成员单位的人才：团队只能列各成员单位自己的人");
            found.push(problem("team", "team-not-own", message));
        }
        let ids: Vec<&str> = own.iter().map(String::as_str).collect();
        let talents = self.store.talents(&ids).await?.into_iter().filter_map(|record| record.shown());
        let shown: HashSet<String> = talents.flat_map(|talent| talent.evidence).map(|piece| piece.id).collect();
        let others = bid.evidence.iter().filter(|id| !shown.contains(*id)).count();
        if others > 0 {
            let message = format!("有 {others} 项成果不属于所列成员，或本人没有公开：请去掉");
            found.push(problem("evidence", "evidence-not-own", message));
        }
        Ok(found)
    }

    /// Those of the talents that belong to one of the organisations.
    async fn talents_within(&self, talents: &[String], members: &[BidMember]) -> Result<HashSet<String>, AppError> {
        let ids: Vec<&str> = talents.iter().map(String::as_str).collect();
        let places = self.store.talent_organisations(&ids).await?.into_iter();
        let within = |name: &str, id: Option<&str>| {
            members.iter().any(|m| m.organisation_name == name || Some(m.organisation.as_str()) == id)
        };
        Ok(places.filter(|place| within(&place.name, place.id.as_deref())).map(|place| place.talent).collect())
    }

    /// The team of a bid with its names. What its people hide is not shown, whatever the bid says.
    pub(super) async fn team_of(&self, bid: &Bid) -> Result<Vec<TeamMember>, AppError> {
        let ids: Vec<&str> = bid.team.iter().map(String::as_str).collect();
        let brought: HashSet<&str> = bid.evidence.iter().map(String::as_str).collect();
        let mut found: HashMap<String, TeamMember> = HashMap::new();
        for profile in self.store.talents(&ids).await? {
            let (talent, hidden) = (profile.talent, profile.hidden);
            let evidence = talent.evidence.into_iter();
            let evidence = evidence.filter(|piece| brought.contains(piece.id.as_str()) && !hidden.contains(&piece.id));
            let member = TeamMember {
                talent: talent.id.clone(),
                name: talent.name,
                organisation: talent.organization,
                is_public: profile.status == TalentStatus::Active,
                evidence: evidence.map(|piece| (piece.r#type, piece.title)).collect(),
            };
            found.insert(talent.id, member);
        }
        Ok(bid.team.iter().filter_map(|id| found.remove(id)).collect())
    }
}
