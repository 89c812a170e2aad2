//! What the service adds to the engine, over the real talents of ../shared/eval:
//! `cargo bench --bench service`. Prints medians of one run:
//!
//! - `POST /api/v1/match` over loopback, against the same needs asked of the engine in this process;
//! - the page of a need with its recommended talents, each list recorded, as the server sees it;
//! - the assessment of a need as it is typed, two characters at a time.

mod site;

use std::net::SocketAddr;
use std::sync::Arc;
use std::time::Instant;

use axum::body::Body;
use axum::http::Request;
use tower::ServiceExt;
use zhihui::app::App;
use zhihui::app::accounts::{NewAccount, OrganisationDraft};
use zhihui::domain::{Need, Role};
use zhihui::web::{self, Settings};

use site::{Client, PASSWORD, median};

const TOP: usize = 10;

fn main() {
    if !site::has_data() {
        return;
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    let (talents, needs) = (site::talents(), site::needs("needs.tune.jsonl"));
    let folder = tempfile::tempdir().expect("a temporary folder");
    let app = runtime.block_on(async {
        let store = site::store(folder.path(), &talents).await;
        site::app(folder.path(), store).await
    });
    let settings = Settings { requests_per_second: 1_000_000, ..Settings::default() };
    let router = web::router(Arc::clone(&app), settings);
    let address = runtime.block_on(async {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let service = router.clone().into_make_service_with_connect_info::<SocketAddr>();
        tokio::spawn(async move { axum::serve(listener, service).await });
        address
    });
    compare_match(&app, address, &needs);
    runtime.block_on(pages(&app, router, &needs));
}

/// The needs by turns: engine, service, engine, service, …
fn compare_match(app: &App, address: SocketAddr, needs: &[Need]) {
    let engine = app.live().engine();
    let mut client = Client::connect(address);
    let (mut alone, mut served) = (Vec::new(), Vec::new());
    for round in 0..3 {
        for need in needs {
            let begun = Instant::now();
            let found = engine.find(need).expect("found");
            let list = engine.recommend(&found, TOP).expect("reasons");
            std::hint::black_box(list);
            let took = begun.elapsed();
            let body = serde_json::json!({ "text": need.problem, "top": TOP }).to_string();
            let begun = Instant::now();
            client.post("/api/v1/match", "application/json", "", &body);
            // The first round warms up.
            if round > 0 {
                alone.push(took);
                served.push(begun.elapsed());
            }
        }
    }
    let (engine, service) = (median(&mut alone), median(&mut served));
    println!(
        "match, {} needs, top {TOP}: engine p50 {engine:.2?}, over HTTP p50 {service:.2?}, added {:.2?}",
        needs.len(),
        service.saturating_sub(engine)
    );
}

/// The page of each need, as the server sees it: read, matched, recorded and rendered.
async fn pages(app: &App, router: axum::Router, needs: &[Need]) {
    let draft = OrganisationDraft {
        name: "示例企业".into(),
        kind: "enterprise".into(),
        credit_code: Some("91500105MA60123A4Q".into()),
        region: Some("重庆市渝北区".into()),
        ..OrganisationDraft::default()
    };
    let organisation = app.organisation_make(&draft).await.expect("an organisation").id;
    let account = NewAccount {
        login: "enterprise".into(),
        name: "示例企业".into(),
        role: Role::Enterprise,
        organisation: Some(organisation),
        password: PASSWORD.into(),
    };
    app.account_make(None, &account, false).await.expect("an account");
    let signed = app.sign_in("enterprise", PASSWORD, None).await.expect("signed in");
    let mut times = Vec::new();
    for need in needs {
        let kept = app.need_create(&signed.actor, need.clone()).await.expect("a need");
        let request = Request::get(format!("/needs/{}", kept.need.id));
        let request = request.header("cookie", format!("{}={}", web::extract::SESSION, signed.token));
        let begun = Instant::now();
        let response =
            router.clone().oneshot(request.body(Body::empty()).expect("a request")).await.expect("an answer");
        let status = response.status();
        let body = axum::body::to_bytes(response.into_body(), usize::MAX).await.expect("a page");
        times.push(begun.elapsed());
        assert!(status.is_success() && body.len() > 10_000, "{status}");
    }
    println!("page of a need with its recommendation, recorded: p50 {:.2?}", median(&mut times));
    let mut times = Vec::new();
    for need in needs.iter().step_by(8) {
        let chars: Vec<char> = need.problem.chars().collect();
        for end in (1..=chars.len()).step_by(2) {
            let written = Need { problem: chars[..end].iter().collect(), ..need.clone() };
            let begun = Instant::now();
            app.assess(&signed.actor, written).await.expect("assessed");
            times.push(begun.elapsed());
        }
    }
    let p50 = median(&mut times);
    println!("assessment, {} texts: p50 {p50:.2?}, p95 {:.2?}", times.len(), times[times.len() * 95 / 100]);
}
