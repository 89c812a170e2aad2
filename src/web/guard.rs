//! What holds for every request: an id, a line in the log, a count, limits of rate and time, and
//! no request forged by another site.

use std::net::{IpAddr, SocketAddr};
use std::num::NonZeroU32;
use std::sync::OnceLock;
use std::time::{Duration, Instant};

use axum::extract::{ConnectInfo, MatchedPath, Request, State};
use axum::http::{HeaderMap, HeaderName, HeaderValue, Method, StatusCode, header};
use axum::middleware::Next;
use axum::response::Response;
use governor::clock::{Clock, DefaultClock};
use governor::{DefaultKeyedRateLimiter, Quota, RateLimiter};
use metrics_exporter_prometheus::{PrometheusBuilder, PrometheusHandle};

use super::error::{Problem, answer, in_our_words};
use super::extract::{SESSION, cookie};
use super::{Settings, Shared, UPLOAD_MAX};
use crate::app::secrets;

/// How long a request may take in all, the reading of its body included.
const TIME_MAX: Duration = Duration::from_secs(60);
/// Requests that may come at once before the rate holds, in seconds of the rate.
const BURST_SECONDS: NonZeroU32 = NonZeroU32::new(4).unwrap();
/// Bounds of the histogram of durations, in seconds.
const BUCKETS: [f64; 12] = [0.001, 0.002, 0.005, 0.01, 0.02, 0.03, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0];

static REQUEST_ID: HeaderName = HeaderName::from_static("x-request-id");

/// Limits and where the metrics are.
pub struct Guard {
    pub settings: Settings,
    limiter: DefaultKeyedRateLimiter<[u8; 32]>,
}

impl std::fmt::Debug for Guard {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Guard").field("settings", &self.settings).finish_non_exhaustive()
    }
}

impl Guard {
    pub fn new(settings: Settings) -> Self {
        let rate = NonZeroU32::new(settings.requests_per_second).unwrap_or(NonZeroU32::MIN);
        let quota = Quota::per_second(rate).allow_burst(rate.saturating_mul(BURST_SECONDS));
        Self { settings, limiter: RateLimiter::keyed(quota) }
    }

    /// The address that asks. Behind a proxy it is the last one in `X-Forwarded-For`, which the
    /// proxy itself has written; those before it are anybody's.
    pub fn address(&self, headers: &HeaderMap, peer: Option<IpAddr>) -> Option<IpAddr> {
        let forwarded = || headers.get_all("x-forwarded-for").iter().next_back()?.to_str().ok()?.rsplit(',').next();
        match self.settings.behind_proxy {
            true => forwarded().and_then(|a| a.trim().parse().ok()).or(peer),
            false => peer,
        }
    }

    /// How long to wait, if whoever this is has sent too much.
    fn too_much(&self, who: &[u8; 32]) -> Option<u64> {
        let until = self.limiter.check_key(who).err()?;
        Some(until.wait_time_from(DefaultClock::default().now()).as_secs() + 1)
    }

    /// Forgets who has long sent nothing.
    pub fn tidy(&self) {
        self.limiter.retain_recent();
        self.limiter.shrink_to_fit();
    }
}

/// The metrics of this process; made once.
pub fn metrics() -> &'static PrometheusHandle {
    static HANDLE: OnceLock<PrometheusHandle> = OnceLock::new();
    HANDLE.get_or_init(|| {
        let builder = PrometheusBuilder::new().set_buckets(&BUCKETS).unwrap_or_else(|_| PrometheusBuilder::new());
        let recorder = builder.build_recorder();
        let handle = recorder.handle();
        // Only a second recorder would be refused.
        let _ = metrics::set_global_recorder(recorder);
        handle
    })
}

/// Runs a request, watched.
pub async fn watch(State(shared): State<Shared>, request: Request, next: Next) -> Response {
    let begun = Instant::now();
    let id = request_id(request.headers());
    let (method, uri) = (request.method().clone(), request.uri().clone());
    // Addresses of objects would make a metric of each: only the pattern counts.
    let route = request.extensions().get::<MatchedPath>().map_or("none", |p| p.as_str()).to_owned();
    let mut response = match refusal(&shared, &request) {
        Some(problem) => answer(&uri, problem),
        None => match tokio::time::timeout(TIME_MAX, next.run(request)).await {
            Ok(response) => in_our_words(&uri, response),
            Err(_) => answer(&uri, Problem::new(StatusCode::SERVICE_UNAVAILABLE, "timeout", "处理超时，请稍后再试")),
        },
    };
    let status = response.status().as_u16();
    let took = begun.elapsed();
    if !is_of_bids(&route) {
        let labels = [("method", method.to_string()), ("route", route.clone()), ("status", status.to_string())];
        metrics::histogram!("zhihui_request_seconds", &labels).record(took.as_secs_f64());
        tracing::info!(id, %method, route, status, ms = took.as_secs_f64() * 1000.0, "request");
    }
    let headers = response.headers_mut();
    if let Ok(value) = HeaderValue::from_str(&id) {
        headers.insert(REQUEST_ID.clone(), value);
    }
    harden(headers);
    response
}

/// The caller's own id if it is plain, else a new one.
fn request_id(headers: &HeaderMap) -> String {
    let given = headers.get(&REQUEST_ID).and_then(|v| v.to_str().ok());
    let plain = |id: &&str| (8..=64).contains(&id.len()) && id.chars().all(|c| c.is_ascii_alphanumeric() || c == '-');
    given.filter(plain).map_or_else(|| uuid::Uuid::now_v7().to_string(), str::to_owned)
}

fn refusal(shared: &Shared, request: &Request) -> Option<Problem> {
    let headers = request.headers();
    let bad = |code, title| Some(Problem::new(StatusCode::BAD_REQUEST, code, title));
    match percent_decoded(request.uri().path()) {
        None => return bad("bad-path", "地址中的文字不是 UTF-8 编码"),
        Some(path) if path.contains('\0') || request.uri().query().is_some_and(|q| q.contains("%00")) => {
            return bad("nul", "地址中有空字符（NUL）");
        }
        Some(_) => {}
    }
    // Said before the body comes: who asks first (`Expect: 100-continue`) need not send it at all.
    let length = headers.get(header::CONTENT_LENGTH).and_then(|v| v.to_str().ok()?.parse().ok());
    if length.is_some_and(|length: usize| length > UPLOAD_MAX) {
        let title = format!("上传的内容超过 {} MB：请分成几个文件", UPLOAD_MAX >> 20);
        return Some(Problem::new(StatusCode::PAYLOAD_TOO_LARGE, "too-large", title));
    }
    if is_forged(request.method(), headers) {
        let title = "请求来自别的网站，已拒绝：请在本站页面上操作";
        return Some(Problem::new(StatusCode::FORBIDDEN, "forged", title));
    }
    let peer = request.extensions().get::<ConnectInfo<SocketAddr>>().map(|c| c.0.ip());
    let token = headers.get(header::AUTHORIZATION).and_then(|v| v.to_str().ok()).or_else(|| cookie(headers, SESSION));
    // People of one office share an address, so those who sign in are counted one by one. Made-up
    // tokens would each buy a new allowance: sign-in failures are what holds those back.
    let address = shared.guard.address(headers, peer).map_or_else(String::new, |a| a.to_string());
    let who = token.map_or_else(|| address.clone(), |t| format!("{address} {t}"));
    let seconds = shared.guard.too_much(&secrets::digest(&who))?;
    metrics::counter!("zhihui_requests_limited").increment(1);
    let title = format!("请求过于频繁：请在 {seconds} 秒后再试");
    let problem = Problem::new(StatusCode::TOO_MANY_REQUESTS, "too-many-requests", title);
    Some(Problem { retry_after: Some(seconds), ..problem })
}

/// Whether a request is about bids. Logs and metrics tell nothing of those: how many were handed in is
/// nobody's to know before opening, not even for who reads the metrics.
fn is_of_bids(route: &str) -> bool {
    let of = route.strip_prefix("/api/v1").unwrap_or(route);
    of.ends_with("/bids") || of.ends_with("/bid") || of.starts_with("/bids/")
}

/// The path as the handlers see it; `None` if it is no UTF-8. What is no `%` with two digits stays.
fn percent_decoded(path: &str) -> Option<String> {
    let (mut bytes, mut rest) = (Vec::with_capacity(path.len()), path.as_bytes());
    while let Some((first, after)) = rest.split_first() {
        let digits = after.get(..2).filter(|_| *first == b'%').and_then(|d| std::str::from_utf8(d).ok());
        match digits.and_then(|d| u8::from_str_radix(d, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = &after[2..];
            }
            None => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8(bytes).ok()
}

/// Whether another site made the browser send this. Browsers say so in `Sec-Fetch-Site`, or at
/// least in `Origin`; programs, which hold no cookie by accident, say neither. A token in a header
/// is sent by nobody's accident.
fn is_forged(method: &Method, headers: &HeaderMap) -> bool {
    if method.is_safe() || headers.contains_key(header::AUTHORIZATION) {
        return false;
    }
    let text = |name: &str| headers.get(name).and_then(|v| v.to_str().ok());
    match (text("sec-fetch-site"), text("origin"), text("host")) {
        (Some(site), _, _) => !matches!(site, "same-origin" | "none"),
        (None, Some(origin), host) => origin.split_once("://").map(|o| o.1) != host,
        (None, None, _) => false,
    }
}

/// Headers that every answer carries unless the handler has set its own.
fn harden(headers: &mut HeaderMap) {
    const POLICY: &str = "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; \
                          connect-src 'self'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'";
    let fixed = [
        (header::CONTENT_SECURITY_POLICY, POLICY),
        (header::X_CONTENT_TYPE_OPTIONS, "nosniff"),
        (header::REFERRER_POLICY, "same-origin"),
        (header::CACHE_CONTROL, "no-store"),
    ];
    for (name, value) in fixed {
        headers.entry(name).or_insert(HeaderValue::from_static(value));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn headers(pairs: &[(&'static str, &'static str)]) -> HeaderMap {
        pairs.iter().map(|(n, v)| (HeaderName::from_static(n), HeaderValue::from_static(v))).collect()
    }

    #[test]
    fn logs_and_metrics_tell_nothing_of_bids() {
        for route in ["/bids", "/bids/{id}/submission", "/challenges/{id}/bid", "/api/v1/bids/{id}/submission"] {
            assert!(is_of_bids(route), "{route}");
        }
        assert!(!is_of_bids("/challenges/{id}"));
    }

    #[test]
    fn what_another_site_sends_is_forged() {
        let host = ("host", "zhihui.example");
        for (pairs, forged) in [
            (vec![host, ("sec-fetch-site", "same-origin")], false),
            (vec![host, ("sec-fetch-site", "none")], false),
            (vec![host, ("sec-fetch-site", "same-site")], true),
            (vec![host, ("sec-fetch-site", "cross-site")], true),
            (vec![host, ("sec-fetch-site", "cross-site"), ("authorization", "Bearer x")], false),
            (vec![host, ("origin", "https://zhihui.example")], false),
            (vec![host, ("origin", "https://evil.example")], true),
            (vec![host, ("origin", "null")], true),
            (vec![host], false),
        ] {
            assert_eq!(is_forged(&Method::POST, &headers(&pairs)), forged, "{pairs:?}");
            assert!(!is_forged(&Method::GET, &headers(&pairs)), "{pairs:?}");
        }
    }

    #[test]
    fn paths_are_text() {
        for (path, decoded) in [
            ("/a%E9%87%8D", Some("/a重")),
            ("/%FF", None),
            ("/%", Some("/%")),
            ("/%0", Some("/%0")),
            ("/%zz", Some("/%zz")),
        ] {
            assert_eq!(percent_decoded(path).as_deref(), decoded, "{path}");
        }
    }

    #[test]
    fn behind_a_proxy_only_its_own_word_counts() {
        let guard = |behind_proxy| Guard::new(Settings { behind_proxy, ..Settings::default() });
        let headers = headers(&[("x-forwarded-for", "1.2.3.4, 9.9.9.9")]);
        let peer = Some(IpAddr::from([127, 0, 0, 1]));
        assert_eq!(guard(true).address(&headers, peer), Some(IpAddr::from([9, 9, 9, 9])));
        assert_eq!(guard(false).address(&headers, peer), peer);
    }
}
