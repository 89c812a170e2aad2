//! How the profile of whoever looks fits a challenge, in short; the whole is /profile/needs/{id}.

use crate::app::fitting::{Outcome, WhyNot};
use crate::app::{AppError, fitting::position::Position};
use crate::domain::Action;
use crate::domain::challenge::status::ChallengeStatus;
use crate::matching::Band;
use crate::store::board::challenges::ChallengeRecord;
use crate::web::Shared;
use crate::web::pages::frame::Frame;

/// Pieces of evidence that are named.
const EVIDENCE: usize = 3;

/// How a profile fits.
#[derive(Debug, Clone)]
pub enum Fit {
    NotShown,
    Nothing,
    Placed {
        position: Box<Position>,
        /// Titles of what is nearest to the challenge.
        evidence: Vec<String>,
    },
}

impl Fit {
    fn of(why: WhyNot) -> Self {
        match why.outcome {
            Outcome::NotShown => Self::NotShown,
            Outcome::NoMatch { .. } => Self::Nothing,
            Outcome::Placed(placed) => {
                let proofs = placed.own.proofs.iter().take(EVIDENCE);
                let evidence = proofs.map(|proof| proof.evidence.title.clone()).collect();
                Self::Placed { position: Box::new(placed.position), evidence }
            }
        }
    }
}

/// How the own profile fits; `None` without one, and where bids are taken no more.
///
/// # Errors
/// [`AppError`]
pub async fn fit(shared: &Shared, frame: &Frame, of: &ChallengeRecord) -> Result<Option<Fit>, AppError> {
    let Some(actor) = frame.actor.as_ref().filter(|_| frame.may(Action::TalentClaim)) else { return Ok(None) };
    if of.status != ChallengeStatus::Open {
        return Ok(None);
    }
    match shared.app.why_not(actor, &of.need).await {
        Ok(why) => Ok(Some(Fit::of(why))),
        Err(AppError::NotFound(_)) => Ok(None),
        Err(error) => Err(error),
    }
}

/// The class of a band's colour.
pub fn band(band: &Band) -> &'static str {
    match band {
        Band::High => "high",
        Band::Medium => "medium",
        Band::Low => "low",
    }
}

pub fn percent(percent: &f32) -> String {
    format!("{percent:.0}")
}
