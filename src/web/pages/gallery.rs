//! Every part that pages are made of, on one page: for who builds pages, and for the eye.

use askama::Template;
use axum::Router;
use axum::response::Response;
use axum::routing::get;
use serde::Deserialize;

use super::forms::{Problems, Sent, see};
use super::frame::Frame;
use super::page;
use crate::app::explain::Part;
use crate::domain::{FieldProblem, NeedStatus};
use crate::web::Shared;
use crate::web::extract::Params;

pub fn router() -> Router<Shared> {
    Router::new().route("/gallery", get(show).post(submit))
}

#[derive(Template)]
#[template(path = "gallery.html", config = "src/web/askama.toml")]
struct Gallery {
    frame: Frame,
    form: Form,
    problems: Problems,
    options: [(&'static str, &'static str); 3],
    states: [NeedStatus; 8],
    parts: Vec<Part>,
}

#[derive(Debug, Default, Deserialize)]
#[serde(default)]
struct Form {
    name: String,
    amount: String,
    text: String,
    kind: String,
}

impl Form {
    fn problems(&self) -> Problems {
        let mut problems = Vec::new();
        if self.name.trim().is_empty() {
            problems.push(FieldProblem::new("name", "missing-value", "请填写需求名称"));
        }
        if self.amount.trim().parse::<f64>().is_err() {
            problems.push(FieldProblem::new("amount", "bad-number", "金额应是数字，如 120 或 35.5"));
        }
        problems.into()
    }
}

fn gallery(frame: Frame, form: Form, problems: Problems) -> Response {
    let part = |text: &str, hit| Part { text: text.into(), hit };
    let parts = vec![
        part("大容量三元", false),
        part("电池包", true),
        part("的", false),
        part("热失控", true),
        part("扩散阻断", false),
    ];
    let options = [("self", "自主研发"), ("collaborative", "产学研协同"), ("open_challenge", "揭榜挂帅")];
    let status = problems.status();
    let states = NeedStatus::ALL;
    page(status, &Gallery { frame, form, problems, options, states, parts })
}

async fn show(frame: Frame, Params(form): Params<Form>) -> Response {
    gallery(frame, form, Problems::default())
}

async fn submit(frame: Frame, Sent(form): Sent<Form>) -> Response {
    let problems = form.problems();
    if problems.is_empty() { see("/gallery", "saved") } else { gallery(frame, form, problems) }
}
