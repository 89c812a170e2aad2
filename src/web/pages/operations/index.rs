//! Whether the index of this node keeps up with the store, and what to do when it does not.

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;

use super::page;
use crate::app::live::FollowerStatus;
use crate::web::Shared;
use crate::web::pages::frame::Frame;

/// Behind by less is how it works: changes are applied in turns of a quarter of a second.
const BEHIND_SECONDS: u64 = 5;
/// Behind by more than this, somebody has to look.
const LATE_SECONDS: u64 = 60;

pub fn router() -> Router<Shared> {
    Router::new().route("/operations/index", get(show))
}

/// How the index does.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Health {
    Well,
    Catching,
    Late,
    Failing,
}

impl Health {
    fn of(status: &FollowerStatus) -> Self {
        let behind = status.time_behind().as_secs();
        match () {
            () if status.error.is_some() => Self::Failing,
            () if behind > LATE_SECONDS => Self::Late,
            () if behind > BEHIND_SECONDS || status.rebuilding.is_some() => Self::Catching,
            () => Self::Well,
        }
    }

    const fn code(self) -> &'static str {
        match self {
            Self::Well => "active",
            Self::Catching => "pending",
            Self::Late | Self::Failing => "failed",
        }
    }

    const fn name(self) -> &'static str {
        match self {
            Self::Well => "正常",
            Self::Catching => "正在跟上",
            Self::Late => "落后",
            Self::Failing => "出错",
        }
    }
}

#[derive(Template)]
#[template(path = "operations/index.html", config = "src/web/askama.toml")]
struct IndexPage {
    frame: Frame,
    health: Health,
    status: FollowerStatus,
    talents: usize,
    evidence: u64,
    needs: usize,
}

async fn show(State(shared): State<Shared>, frame: Frame) -> Response {
    let live = shared.app.live();
    let snapshot = live.engine().index().snapshot();
    let (talents, evidence) = (snapshot.talents().len(), snapshot.evidence_count());
    let status = live.status();
    let health = Health::of(&status);
    let needs = live.needs().count();
    page(StatusCode::OK, &IndexPage { frame, health, status, talents, evidence, needs })
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::*;

    #[test]
    fn the_index_is_as_well_as_its_worst_sign() {
        let ago = |seconds| Instant::now().checked_sub(Duration::from_secs(seconds));
        let well = FollowerStatus {
            generation: 1,
            position: 5,
            newest: 5,
            behind_since: None,
            applied: 0,
            rebuilds: 0,
            rebuilding: None,
            error: None,
        };
        let late = FollowerStatus { behind_since: ago(LATE_SECONDS + 5), ..well.clone() };
        for (status, expected) in [
            (well.clone(), Health::Well),
            (FollowerStatus { behind_since: ago(1), ..well.clone() }, Health::Well),
            (FollowerStatus { behind_since: ago(BEHIND_SECONDS + 5), ..well.clone() }, Health::Catching),
            (FollowerStatus { rebuilding: Some((1, 2)), ..well.clone() }, Health::Catching),
            (late.clone(), Health::Late),
            (FollowerStatus { error: Some(("x".into(), Instant::now())), ..late }, Health::Failing),
        ] {
            assert_eq!(Health::of(&status), expected, "{status:?}");
        }
    }
}
