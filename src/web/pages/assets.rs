//! Style, scripts and icons. Their addresses carry a hash of all of them, so that browsers may keep
//! them for a year and never show an old one.

use std::sync::LazyLock;

use axum::Router;
use axum::extract::Path;
use axum::http::{StatusCode, header};
use axum::response::{IntoResponse, Response};
use axum::routing::get;
use sha2::{Digest, Sha256};

use crate::domain::hex::hex;
use crate::web::Shared;

const JAVASCRIPT: &str = "text/javascript; charset=utf-8";
const SVG: &str = "image/svg+xml";

/// Name, media type and content.
const FILES: [(&str, &str, &str); 5] = [
    ("site.css", "text/css; charset=utf-8", include_str!("../assets/site.css")),
    ("site.js", JAVASCRIPT, include_str!("../assets/site.js")),
    // https://www.npmjs.com/package/htmx.org, its licence lies beside it.
    ("htmx.js", JAVASCRIPT, include_str!("../assets/vendor/htmx-2.0.11.min.js")),
    ("icons.svg", SVG, include_str!("../assets/icons.svg")),
    ("icon.svg", SVG, include_str!("../assets/icon.svg")),
];

static VERSION: LazyLock<String> = LazyLock::new(|| {
    let hash = FILES.iter().fold(Sha256::new(), |hash, file| hash.chain_update(file.2)).finalize();
    hex(&hash[..6])
});

/// What stands in the addresses of all assets.
pub fn version() -> &'static str {
    &VERSION
}

pub fn router() -> Router<Shared> {
    Router::new().route("/assets/{version}/{name}", get(show))
}

/// An asset by its name; an older version's address gets the present one, which is kept nowhere.
async fn show(Path((asked, name)): Path<(String, String)>) -> Response {
    let Some((_, kind, text)) = FILES.iter().find(|file| file.0 == name) else {
        return StatusCode::NOT_FOUND.into_response();
    };
    let cache = if asked == version() { "public, max-age=31536000, immutable" } else { "no-cache" };
    ([(header::CONTENT_TYPE, *kind), (header::CACHE_CONTROL, cache)], *text).into_response()
}
