//! The home page.

use askama::Template;
use axum::http::StatusCode;
use axum::response::Response;

use super::{VERSION, page};
use crate::app::Actor;
use crate::web::extract::MaybeSigned;

#[derive(Template)]
#[template(path = "home.html", config = "src/web/askama.toml")]
struct Home {
    version: &'static str,
    actor: Option<Actor>,
}

pub async fn show(MaybeSigned(actor): MaybeSigned) -> Response {
    page(StatusCode::OK, &Home { version: VERSION, actor })
}
