//! Talents recommended for a need: with reasons and evidence, filtered and sorted; what the
//! enterprise thinks of them; side by side; as a workbook.

use askama::Template;
use axum::Router;
use axum::extract::{Path, State};
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::{get, post};
use serde::{Deserialize, Serialize};

use crate::app::assessment::WORTH_A_LOOK;
use crate::app::explain::Recommendation;
use crate::app::need_views::NeedView;
use crate::app::recommend::compare::Row;
use crate::app::recommend::filter::{Filters, Place};
use crate::app::recommend::list::{Item, List};
use crate::app::recommend::shortlist::{SHORTLISTED, UNSUITABLE};
use crate::app::recommend::telling::{Order, gap, reasons};
use crate::app::{Actor, AppError};
use crate::domain::search::percent_encoded;
use crate::domain::{Action, EvidenceType, FieldProblem, InvitationStatus, TalentKind};
use crate::matching::Band;
use crate::store::Verdict;
use crate::web::Shared;
use crate::web::error::PageError;
use crate::web::extract::Params;
use crate::web::pages::forms::{Problems, Sent, see};
use crate::web::pages::frame::Frame;
use crate::web::pages::{page, shown};

pub fn router() -> Router<Shared> {
    Router::new()
        .route("/needs/{id}/talents", get(list))
        .route("/needs/{id}/talents/list.xlsx", get(workbook))
        .route("/needs/{id}/talents/{talent}/verdict", post(verdict))
        .route("/needs/{id}/comparison", get(compare))
}

/// What the address of a list asks for. What is not understood asks for nothing.
#[derive(Debug, Clone, Default, Deserialize, Serialize)]
#[serde(default)]
struct Asked {
    #[serde(skip_serializing_if = "String::is_empty")]
    place: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    kind: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    evidence: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    since: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    organisation: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    free: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    shortlisted: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    sort: String,
}

impl Asked {
    fn filters(&self) -> Filters {
        let organisation: String = self.organisation.trim().chars().take(100).collect();
        Filters {
            place: Place::ALL.into_iter().find(|place| place.code() == self.place).unwrap_or_default(),
            kinds: TalentKind::ALL.into_iter().filter(|k| k.code() == self.kind).collect(),
            evidence: EvidenceType::ALL.into_iter().filter(|e| e.name() == self.evidence).collect(),
            since: self.since.trim().parse().ok(),
            organisation: Some(organisation).filter(|o| !o.is_empty()),
            free: !self.free.is_empty(),
            ..Filters::default()
        }
    }

    fn order(&self) -> Order {
        Order::from_code(&self.sort).unwrap_or_default()
    }

    /// As the address has it.
    fn query(&self) -> String {
        serde_html_form::to_string(self).unwrap_or_default()
    }
}

/// A recommended talent with what the enterprise has made of it.
struct Card {
    item: Item,
    reasons: Vec<String>,
    gap: Option<String>,
    verdict: Option<Verdict>,
    invited: Option<InvitationStatus>,
}

impl Card {
    fn percent(&self) -> String {
        format!("{:.0}", self.item.recommendation.percent)
    }

    /// The class of the band's colour.
    fn band(&self) -> &'static str {
        band(&self.item.recommendation)
    }

    fn is_unsuitable(&self) -> bool {
        self.verdict.as_ref().is_some_and(|v| v.verdict == UNSUITABLE)
    }

    fn is_shortlisted(&self) -> bool {
        self.verdict.as_ref().is_some_and(|v| v.verdict == SHORTLISTED)
    }

    /// An invitation that is open is not sent again.
    fn may_be_invited(&self) -> bool {
        !matches!(self.invited, Some(InvitationStatus::Sent | InvitationStatus::Accepted))
    }

    fn version(&self) -> i64 {
        self.verdict.as_ref().map_or(0, |v| v.version)
    }

    fn note(&self) -> &str {
        self.verdict.as_ref().map_or("", |v| v.note.as_str())
    }
}

fn band(of: &Recommendation) -> &'static str {
    match of.band {
        Band::High => "high",
        Band::Medium => "medium",
        Band::Low => "low",
    }
}

/// The query that compares the first three; None where there are fewer than two.
fn best(cards: &[Card]) -> Option<String> {
    let pairs: Vec<_> = cards.iter().take(3).map(|card| ("talent", &card.item.recommendation.talent.id)).collect();
    (pairs.len() > 1).then(|| serde_html_form::to_string(pairs).unwrap_or_default())
}

/// The beginning of a hash.
fn short(hash: &str) -> &str {
    hash.get(..12).unwrap_or(hash)
}

#[derive(Template)]
#[template(path = "needs/talents.html", config = "src/web/askama.toml")]
struct Talents {
    frame: Frame,
    view: NeedView,
    list: List,
    asked: Asked,
    order: Order,
    cards: Vec<Card>,
    /// Those that match so little that they are folded.
    slight: Vec<Card>,
    unsuitable: Vec<Card>,
    may_invite: bool,
    problems: Problems,
    /// The talent whose form was refused, and what was typed there.
    opened: String,
    typed: String,
    /// Those that were to be compared.
    picked: Vec<String>,
}

/// What somebody sees on top of a list that was asked for.
#[derive(Default)]
struct Refused {
    problems: Problems,
    opened: String,
    typed: String,
    picked: Vec<String>,
}

async fn list(
    State(shared): State<Shared>,
    frame: Frame,
    Path(id): Path<String>,
    Params(asked): Params<Asked>,
) -> Result<Response, PageError> {
    Ok(render(&shared, frame, &id, asked, Refused::default()).await?)
}

async fn render(shared: &Shared, frame: Frame, id: &str, asked: Asked, refused: Refused) -> Result<Response, AppError> {
    let actor = frame.actor.as_ref().ok_or(AppError::Unauthenticated)?;
    let view = shared.app.need_view(actor, id).await?;
    let mut list = match shared.app.recommend(actor, id, asked.filters()).await {
        Ok(list) => list,
        Err(AppError::Invalid(problems)) => return nothing(frame, view, problems),
        Err(other) => return Err(other),
    };
    let order = asked.order();
    let mut items = std::mem::take(&mut list.items);
    order.sort(&mut items);
    let (unsuitable, mut cards): (Vec<Card>, Vec<Card>) =
        cards(shared, actor, id, items).await?.into_iter().partition(Card::is_unsuitable);
    if !asked.shortlisted.is_empty() {
        cards.retain(Card::is_shortlisted);
    }
    let is_slight = |card: &Card| card.item.recommendation.percent < WORTH_A_LOOK && !card.is_shortlisted();
    let (slight, cards) = cards.into_iter().partition(is_slight);
    let may_invite = frame.may(Action::Invite) && view.is_own() && view.record.status.is_public();
    let Refused { problems, opened, typed, picked } = refused;
    let status = problems.status();
    let shown = Talents {
        frame,
        view,
        list,
        asked,
        order,
        cards,
        slight,
        unsuitable,
        may_invite,
        problems,
        opened,
        typed,
        picked,
    };
    Ok(page(status, &shown))
}

#[derive(Template)]
#[template(path = "needs/no_words.html", config = "src/web/askama.toml")]
struct NoWords {
    frame: Frame,
    view: NeedView,
    problems: Problems,
}

/// A need that has no word to search by.
fn nothing(frame: Frame, view: NeedView, problems: Vec<FieldProblem>) -> Result<Response, AppError> {
    Ok(page(StatusCode::OK, &NoWords { frame, view, problems: problems.into() }))
}

async fn cards(shared: &Shared, actor: &Actor, need: &str, items: Vec<Item>) -> Result<Vec<Card>, AppError> {
    let verdicts = shared.app.verdicts(actor, need).await?;
    let invited = shared.app.invited(actor, need).await?;
    let card = |item: Item| {
        let talent = &item.recommendation.talent.id;
        Card {
            reasons: reasons(&item.recommendation),
            gap: gap(&item.recommendation),
            verdict: verdicts.iter().find(|v| v.talent == *talent).cloned(),
            invited: invited.iter().find(|(id, _)| id == talent).map(|(_, status)| *status),
            item,
        }
    };
    Ok(items.into_iter().map(card).collect())
}

#[derive(Deserialize)]
struct Said {
    #[serde(default)]
    verdict: String,
    #[serde(default)]
    note: String,
    version: i64,
    /// The query of the list that it was said on.
    #[serde(default)]
    back: String,
}

async fn verdict(
    State(shared): State<Shared>,
    frame: Frame,
    Path((id, talent)): Path<(String, String)>,
    Sent(said): Sent<Said>,
) -> Result<Response, PageError> {
    let actor = frame.signed()?;
    let asked: Asked = serde_html_form::from_str(&said.back).unwrap_or_default();
    let done = match said.verdict.as_str() {
        "none" => shared.app.verdict_delete(actor, &id, &talent, said.version).await,
        verdict => shared.app.verdict_put(actor, (&id, &talent), verdict, &said.note, said.version).await.map(drop),
    };
    let error = match done {
        Ok(()) => {
            let query = asked.query();
            let list = if query.is_empty() { "?".to_owned() } else { format!("?{query}&") };
            return Ok(see(&format!("/needs/{id}/talents{list}done=noted#t-{}", percent_encoded(&talent)), ""));
        }
        Err(AppError::Stale) => {
            let message = "同事刚对这个团队写了备选或备注，您的没有保存：请看过下面的再改";
            AppError::invalid("", "stale", message)
        }
        Err(error) => error,
    };
    let problems = Problems::of(error)?;
    let refused = Refused { problems, opened: talent, typed: said.note, ..Refused::default() };
    Ok(render(&shared, frame, &id, asked, refused).await?)
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Picked {
    talent: Vec<String>,
}

#[derive(Template)]
#[template(path = "needs/compare.html", config = "src/web/askama.toml")]
struct Compare {
    frame: Frame,
    view: NeedView,
    cards: Vec<Card>,
    /// Words that some have and some have not.
    words: Vec<Row<bool>>,
    /// Words that all have, and that none has.
    in_all: Vec<String>,
    in_none: Vec<String>,
    /// Width of a bar, 0–100, and the share of the score.
    points: Vec<Row<(u32, String)>>,
    may_invite: bool,
}

async fn compare(
    State(shared): State<Shared>,
    frame: Frame,
    Path(id): Path<String>,
    uri: axum::http::Uri,
) -> Result<Response, PageError> {
    let actor = frame.signed()?;
    let picked: Picked = serde_html_form::from_str(uri.query().unwrap_or_default()).unwrap_or_default();
    let found = match shared.app.compare(actor, &id, &picked.talent).await {
        Ok(found) => found,
        Err(AppError::Invalid(problems)) => {
            let told = problems.into_iter().map(|p| FieldProblem { field: String::new(), ..p });
            let problems = told.collect::<Vec<_>>().into();
            let refused = Refused { problems, picked: picked.talent, ..Refused::default() };
            return Ok(render(&shared, frame, &id, Asked::default(), refused).await?);
        }
        Err(other) => return Err(other.into()),
    };
    let view = shared.app.need_view(actor, &id).await?;
    let scores: Vec<f32> = found.talents.iter().map(|t| t.recommendation.score.max(f32::MIN_POSITIVE)).collect();
    let points = found.points.into_iter().map(|row| shares(&row, &scores)).collect();
    let cards = cards(&shared, actor, &id, found.talents).await?;
    let may_invite = frame.may(Action::Invite) && view.is_own() && view.record.status.is_public();
    let labels = |rows: Vec<Row<bool>>| rows.into_iter().map(|row| row.label).collect();
    let (in_all, rest): (Vec<_>, Vec<_>) = found.words.into_iter().partition(|row| row.values.iter().all(|has| *has));
    let (words, in_none): (Vec<_>, Vec<_>) = rest.into_iter().partition(|row| row.values.contains(&true));
    let (in_all, in_none) = (labels(in_all), labels(in_none));
    Ok(page(StatusCode::OK, &Compare { frame, view, cards, words, in_all, in_none, points, may_invite }))
}

/// What a reason adds to each talent's score, as a share of the best score of them all: bars of one
/// table mean the same.
fn shares(row: &Row<f32>, scores: &[f32]) -> Row<(u32, String)> {
    let best = scores.iter().copied().fold(f32::MIN_POSITIVE, f32::max);
    let share = |points: &f32| {
        let percent = (100.0 * points / best).round();
        (percent.clamp(0.0, 100.0) as u32, if percent == 0.0 { "—".to_owned() } else { format!("{percent:.0}%") })
    };
    Row { label: row.label.clone(), values: row.values.iter().map(share).collect() }
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Which {
    list: String,
    sort: String,
}

async fn workbook(
    State(shared): State<Shared>,
    frame: Frame,
    Path(_need): Path<String>,
    Params(which): Params<Which>,
) -> Result<Response, PageError> {
    let order = Order::from_code(&which.sort).unwrap_or_default();
    let book = shared.app.recommendation_workbook(frame.signed()?, &which.list, order).await?;
    let kind = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet";
    let name = "attachment; filename=\"talents.xlsx\"; filename*=UTF-8''%E6%8E%A8%E8%8D%90%E5%90%8D%E5%8D%95.xlsx";
    Ok(([(header::CONTENT_TYPE, kind), (header::CONTENT_DISPOSITION, name)], book).into_response())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_is_read_and_written_alike_and_odd_ones_ask_for_nothing() {
        let asked: Asked = serde_html_form::from_str("place=anywhere&kind=team&since=2020&sort=recent&free=1").unwrap();
        let filters = asked.filters();
        assert_eq!((filters.place, filters.since, filters.free), (Place::Anywhere, Some(2020), true));
        assert_eq!((filters.kinds.as_slice(), asked.order()), (&[TalentKind::Team][..], Order::Recent));
        assert_eq!(asked.query(), "place=anywhere&kind=team&since=2020&free=1&sort=recent");
        let odd: Asked = serde_html_form::from_str("place=x&kind=&since=%E5%B9%B4&evidence=0&sort=-").unwrap();
        assert_eq!((odd.filters(), odd.order()), (Filters::default(), Order::Match));
    }

    #[test]
    fn shares_are_of_the_best_score() {
        let row = Row { label: "理由".into(), values: vec![5.0, 0.0, -1.0] };
        let shown = shares(&row, &[10.0, 8.0, 1.0]).values;
        assert_eq!(shown, [(50, "50%".into()), (0, "—".into()), (0, "-10%".into())]);
    }
}
