//! Needs: the list, and what people do with one.
//!
//! | module | its secret |
//! |---|---|
//! | [`form`] | a need as its form has it |
//! | [`write`] | written with findings beside it, saved by itself, two people at once |
//! | [`said`] | what the assessment says, by the items of 第六条 |
//! | [`show`] | one need: where it stands, submit, decide, withdraw, versions |
//! | [`attachments`] | files of a need |
//! | [`talents`] | recommended talents, shortlist, comparison, workbook |
//! | [`invite`] | invitations of a need |

mod attachments;
mod form;
mod invite;
mod said;
mod show;
mod talents;
mod write;

use askama::Template;
use axum::Router;
use axum::extract::State;
use axum::http::StatusCode;
use axum::response::Response;
use axum::routing::get;
use serde::{Deserialize, Serialize};

use super::frame::Frame;
use super::{page, shown};
use crate::app::need_views::{Event, NeedListing, NeedRow, NeedView, PAGE};
use crate::domain::need_progress::{Doing, Viewer};
use crate::domain::{Action, NeedMode, NeedStatus, Severity};
use crate::store::NeedSort;
use crate::web::Shared;
use crate::web::error::PageError;
use crate::web::extract::Params;

pub fn router() -> Router<Shared> {
    Router::new()
        .route("/needs", get(list))
        .merge(write::router())
        .merge(show::router())
        .merge(attachments::router())
        .merge(talents::router())
        .merge(invite::router())
}

/// What the address of a list asks for. What is not understood asks for nothing.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default)]
struct Asked {
    #[serde(skip_serializing_if = "String::is_empty")]
    q: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    status: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    mode: String,
    /// A code of [`NeedSort`], with a `-` before it the other way round.
    #[serde(skip_serializing_if = "String::is_empty")]
    sort: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    page: String,
}

impl Asked {
    fn listing(&self) -> NeedListing {
        let (reversed, sort) = match self.sort.strip_prefix('-') {
            Some(sort) => (true, sort),
            None => (false, self.sort.as_str()),
        };
        NeedListing {
            status: NeedStatus::from_code(&self.status),
            mode: NeedMode::ALL.into_iter().find(|mode| mode.code() == self.mode),
            text: self.q.chars().take(100).collect(),
            sort: NeedSort::ALL.into_iter().find(|s| s.code() == sort).unwrap_or_default(),
            reversed,
            page: self.page_number(),
        }
    }

    fn page_number(&self) -> i64 {
        self.page.parse().unwrap_or(1).clamp(1, i64::from(i32::MAX))
    }

    fn is_filtered(&self) -> bool {
        !(self.q.trim().is_empty() && self.status.is_empty() && self.mode.is_empty())
    }

    fn address(&self) -> String {
        let query = serde_html_form::to_string(self).unwrap_or_default();
        if query.is_empty() { "/needs".to_owned() } else { format!("/needs?{query}") }
    }

    /// The address that sorts by a column; by the one it is sorted by, the other way round.
    fn sorted_by(&self, column: &str) -> String {
        let is_now = self.listing().sort.code() == column && !self.listing().reversed;
        let sort = if is_now { format!("-{column}") } else { column.to_owned() };
        Self { sort, page: String::new(), ..self.clone() }.address()
    }

    /// How the list is sorted by a column: as its arrow says.
    fn order_of(&self, column: &str) -> &'static str {
        let listing = self.listing();
        // The newest first is a descending order.
        let is_descending = listing.reversed != (listing.sort == NeedSort::Updated);
        match (listing.sort.code() == column, is_descending) {
            (false, _) => "",
            (true, true) => "desc",
            (true, false) => "asc",
        }
    }

    fn on_page(&self, number: i64) -> String {
        let page = if number > 1 { number.to_string() } else { String::new() };
        Self { page, ..self.clone() }.address()
    }

    fn page_before(&self) -> String {
        if self.page_number() > 1 { self.on_page(self.page_number() - 1) } else { String::new() }
    }

    fn page_after(&self, all: &i64) -> String {
        if self.page_number() * PAGE < *all { self.on_page(self.page_number() + 1) } else { String::new() }
    }

    fn page_told(&self, all: &i64) -> String {
        format!("第 {} 页，共 {} 页", self.page_number(), (*all + PAGE - 1) / PAGE)
    }
}

#[derive(Template)]
#[template(path = "needs/list.html", config = "src/web/askama.toml")]
struct List {
    frame: Frame,
    asked: Asked,
    rows: Vec<NeedRow>,
    all: i64,
    may_write: bool,
    statuses: [NeedStatus; 8],
    modes: [NeedMode; 3],
}

async fn list(State(shared): State<Shared>, frame: Frame, Params(asked): Params<Asked>) -> Result<Response, PageError> {
    let listed = shared.app.need_listing(frame.signed()?, &asked.listing()).await?;
    let may_write = frame.may(Action::NeedCreate);
    let (rows, all) = (listed.rows, listed.all);
    let (statuses, modes) = (NeedStatus::ALL, NeedMode::ALL);
    Ok(page(StatusCode::OK, &List { frame, asked, rows, all, may_write, statuses, modes }))
}

/// Where a step of a need is taken.
fn way(doing: &Doing, need: &str) -> String {
    match doing {
        Doing::Write => format!("/needs/{need}/edit"),
        Doing::Submit => format!("/needs/{need}"),
        Doing::Decide => format!("/needs/{need}#decision"),
        Doing::SeeTalents => format!("/needs/{need}/talents"),
        Doing::SeeInvitations => format!("/needs/{need}/invitations"),
    }
}

fn named(title: Option<&str>) -> &str {
    title.filter(|title| !title.is_empty()).unwrap_or("（未命名）")
}

/// The class of a finding.
fn severity(of: &Severity) -> &'static str {
    match of {
        Severity::Blocking => "must",
        Severity::Warning => "should",
        Severity::Hint => "may",
        Severity::Good => "good",
    }
}

/// The fields that a version changed, by name; of many, how many.
fn changed(event: &Event) -> String {
    const NAMED: usize = 3;
    let mut names: Vec<&str> = Vec::new();
    for change in &event.changes {
        let name = if change.field.starts_with("targets") {
            "预期目标"
        } else {
            change.name.trim_end_matches("（元）")
        };
        if !names.contains(&name) {
            names.push(name);
        }
    }
    let more = if names.len() > NAMED { format!("等 {} 项", names.len()) } else { String::new() };
    format!("{}{more}", names[..names.len().min(NAMED)].join("、"))
}

impl NeedView {
    /// Whether the viewer's own enterprise wrote it.
    fn is_own(&self) -> bool {
        self.viewer == Viewer::Owner
    }

    fn is_onlooker(&self) -> bool {
        self.viewer == Viewer::Onlooker
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn asked(query: &str) -> Asked {
        serde_html_form::from_str(query).unwrap()
    }

    #[test]
    fn addresses_of_a_list_keep_what_was_asked() {
        let of = asked("q=%E7%83%AD&status=draft&sort=-title&page=3&x=y");
        let listing = of.listing();
        assert_eq!((listing.sort, listing.reversed, listing.page), (NeedSort::Title, true, 3));
        assert_eq!(of.sorted_by("title"), "/needs?q=%E7%83%AD&status=draft&sort=title", "sorting begins at page 1");
        assert_eq!(of.page_before(), "/needs?q=%E7%83%AD&status=draft&sort=-title&page=2");
        assert_eq!((of.page_after(&90), of.page_after(&91).is_empty()), (String::new(), false));
        assert_eq!((of.order_of("title"), of.order_of("updated")), ("desc", ""));
        assert_eq!(asked("").order_of("updated"), "desc", "the newest first");
        assert_eq!(
            (asked("page=1").page_before(), asked("page=2").page_before()),
            (String::new(), "/needs".to_owned())
        );
        for odd in ["page=-7", "page=0", "page=x", "sort=nonsense", "status=%00"] {
            let listing = asked(odd).listing();
            assert_eq!((listing.page, listing.sort, listing.status), (1, NeedSort::Updated, None), "{odd}");
        }
    }
}
