//! HTTP: a handler extracts, makes one call of [`App`], and renders.
//!
//! | module | its secret |
//! |---|---|
//! | [`access`] | which action each route asks for |
//! | [`api`] | JSON under `/api/v1`, described by OpenAPI |
//! | [`pages`] | what people see; works without scripts |
//! | [`extract`] | who asks, and with what body and parameters |
//! | [`upload`] | files that are sent in |
//! | [`download`] | files that are given back |
//! | [`guard`] | what holds for every request: ids, logs, metrics, limits of rate and time, forged requests |
//! | [`server`] | connections: limits on slow and greedy clients, a stop that finishes what is in flight |
//! | [`error`] | the one way in which a use case that failed becomes an answer |

pub mod access;
pub mod api;
pub mod download;
pub mod error;
pub mod extract;
pub mod guard;
pub mod pages;
pub mod server;
pub mod upload;

use std::sync::Arc;

use axum::Router;
use axum::extract::DefaultBodyLimit;
use tower_http::catch_panic::CatchPanicLayer;
use tower_http::compression::CompressionLayer;

use crate::app::App;
use crate::app::files::MAX_UPLOAD;
use guard::Guard;

/// Bytes of a body where a route does not allow more: a long need with all its fields.
pub const BODY_MAX: usize = 2 << 20;
/// Bytes of a body that carries files: the largest file, and what the form puts around it.
pub const UPLOAD_MAX: usize = MAX_UPLOAD as usize + (1 << 20);

/// How the service is reached.
#[derive(Debug, Clone)]
pub struct Settings {
    /// Served over HTTPS: cookies are marked `Secure`.
    pub secure: bool,
    /// A proxy in front says who asks, in the last entry of `X-Forwarded-For`.
    pub behind_proxy: bool,
    /// Requests that one address or account may send a second, over some time.
    pub requests_per_second: u32,
}

impl Default for Settings {
    fn default() -> Self {
        Self { secure: false, behind_proxy: false, requests_per_second: 50 }
    }
}

/// What every handler is given.
#[derive(Debug, Clone)]
pub struct Shared {
    pub app: Arc<App>,
    pub guard: Arc<Guard>,
}

/// All routes with what holds for each of them.
pub fn router(app: Arc<App>, settings: Settings) -> Router {
    let shared = Shared { app, guard: Arc::new(Guard::new(settings)) };
    let (api, description) = api::router(&shared).split_for_parts();
    Router::new()
        .merge(api)
        .merge(api::description(description))
        .merge(pages::router(&shared))
        .route_layer(axum::middleware::from_fn_with_state(shared.clone(), access::admit))
        .fallback(error::no_such_route)
        .layer(DefaultBodyLimit::max(BODY_MAX))
        .layer(CompressionLayer::new())
        .layer(CatchPanicLayer::custom(error::panicked))
        .layer(axum::middleware::from_fn_with_state(shared.clone(), guard::watch))
        .with_state(shared)
}
