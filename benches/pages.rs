//! Every page over 1,981 real talents and 5,000 needs: `cargo bench --bench pages`. Prints of each
//! the server's time (median and 95th percentile, compression included) and what it weighs at a
//! first visit, compressed, with style, scripts and icons; of home and results the largest
//! contentful paint in headless Chromium, on the demo.

#[expect(dead_code, reason = "the browser tests use the rest")]
#[path = "../tests/browser/browser.rs"]
mod browser;
#[expect(dead_code, reason = "the tests of the service use the rest")]
#[path = "../tests/process/mod.rs"]
mod process;
mod site;

use std::time::{Duration, Instant};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::{Request, StatusCode};
use tower::ServiceExt;
use zhihui::app::App;
use zhihui::app::accounts::NewAccount;
use zhihui::domain::{Need, NeedMode, NeedStatus, Role};
use zhihui::store::{NeedRecord, Saving, Store};
use zhihui::web::access::{Access, ROUTES};
use zhihui::web::{self, Settings};

use site::{PASSWORD, median};

const NEEDS: usize = 5_000;
const ENTERPRISES: usize = 200;
/// Requests of each page.
const ROUNDS: usize = 60;
const DAY_MS: i64 = 24 * 3_600_000;
const ROLES: [Role; 4] = [Role::Enterprise, Role::Talent, Role::Operator, Role::Administrator];

fn main() {
    if !site::has_data() {
        return;
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let world = World::new(folder.path()).await;
        let assets = world.assets().await;
        println!("style, scripts and icons: {:.1} kB compressed", assets as f64 / 1000.0);
        for &(method, path, access) in ROUTES {
            let is_page = method == "GET" && !path.starts_with("/api/") && !path.starts_with("/assets/");
            if is_page && !["/healthz", "/readyz", "/metrics"].contains(&path) {
                world.measure(path, access, assets).await;
            }
        }
    });
    for path in ["/", "/search?q=电池热失控"] {
        paint(path);
    }
}

/// Milliseconds until the largest part of a page is painted, five visits.
fn paint(path: &'static str) {
    browser::see(
        "paint",
        browser::View::Desktop,
        match path {
            "/" => |window| visits(window, "/"),
            _ => |window| visits(window, "/search?q=电池热失控"),
        },
    );
}

async fn visits(window: browser::Window, path: &'static str) {
    const PAINT: &str = "const done = arguments[arguments.length - 1];
        new PerformanceObserver((list) => done(list.getEntries().at(-1).startTime))
            .observe({ type: 'largest-contentful-paint', buffered: true });";
    let mut times = Vec::new();
    for _ in 0..5 {
        window.open(path).await;
        times.push(window.run_async(PAINT).await.as_f64().expect("milliseconds"));
    }
    times.sort_by(f64::total_cmp);
    println!("largest contentful paint of {path}: median {:.0} ms, longest {:.0} ms", times[2], times[4]);
}

struct World {
    router: Router,
    cookies: Vec<(Role, String)>,
    need: String,
    talent: String,
    account: String,
}

impl World {
    async fn new(folder: &std::path::Path) -> Self {
        let talents = site::talents();
        let talent = talents[0].id.clone();
        let store = site::store(folder, &talents).await;
        let need = fill(&store).await;
        let app = site::app(folder, store.clone()).await;
        let account = people(&app, &store, &talent).await;
        let mut cookies = Vec::new();
        for role in ROLES {
            let signed = app.sign_in(role.code(), PASSWORD, None).await.expect("signed in");
            cookies.push((role, format!("{}={}", web::extract::SESSION, signed.token)));
        }
        let settings = Settings { requests_per_second: 1_000_000, ..Settings::default() };
        Self { router: web::router(app, settings), cookies, need, talent, account }
    }

    async fn get(&self, path: &str, cookie: Option<&str>) -> (StatusCode, Bytes) {
        let mut request = Request::get(path).header("host", "bench").header("accept-encoding", "gzip");
        if let Some(cookie) = cookie {
            request = request.header("cookie", cookie);
        }
        let request = request.body(Body::empty()).expect("a request");
        let response = self.router.clone().oneshot(request).await.expect("an answer");
        let status = response.status();
        (status, axum::body::to_bytes(response.into_body(), usize::MAX).await.expect("a page"))
    }

    /// Compressed bytes of all that a page links to.
    async fn assets(&self) -> usize {
        let mut all = 0;
        for name in ["site.css", "site.js", "htmx.js", "icons.svg", "icon.svg"] {
            all += self.get(&format!("/assets/any/{name}"), None).await.1.len();
        }
        all
    }

    /// A path of the table with something real in the place of its parameter.
    fn concrete(&self, path: &str) -> Option<String> {
        let id = match path {
            _ if !path.contains('{') => "",
            _ if path.matches('{').count() > 1 => return None,
            _ if path.starts_with("/operations/accounts/") => &self.account,
            _ if path.contains("talents/{") => &self.talent,
            _ if path.contains("needs/{") => &self.need,
            _ => return None,
        };
        let (before, after) =
            path.split_once('{').map_or((path, ""), |(b, rest)| (b, rest.split_once('}').map_or("", |r| r.1)));
        let more =
            if path == "/search" || path == "/suggest" { "?q=电池热失控".to_owned() } else { String::new() };
        Some(format!("{before}{id}{after}{more}").replace("电池热失控", "%E7%94%B5%E6%B1%A0"))
    }

    async fn measure(&self, path: &str, access: Access, assets: usize) {
        let Some(place) = self.concrete(path) else { return println!("{path:<40} needs something that is not here") };
        let granted = |role: Role| match access {
            Access::Open => true,
            Access::Needs(action) => action.grant(Some(role)) > zhihui::domain::Grant::Never,
        };
        for (role, cookie) in self.cookies.iter().filter(|(role, _)| granted(*role)) {
            let (status, body) = self.get(&place, Some(cookie)).await;
            if status != StatusCode::OK {
                println!("{path:<40} {:<14} {status}", role.code());
                continue;
            }
            let mut times = Vec::new();
            for _ in 0..ROUNDS {
                let begun = Instant::now();
                self.get(&place, Some(cookie)).await;
                times.push(begun.elapsed());
            }
            let (p50, p95): (Duration, Duration) = (median(&mut times), times[ROUNDS * 95 / 100]);
            let weight = (body.len() + assets) as f64 / 1000.0;
            println!("{path:<40} {:<14} p50 {p50:>9.2?} p95 {p95:>9.2?} {weight:>6.1} kB", role.code());
        }
    }
}

/// An account of each role; the first talent is the talent's. Gives the enterprise's account.
async fn people(app: &App, store: &Store, talent: &str) -> String {
    let mut accounts = Vec::new();
    for role in ROLES {
        let new = NewAccount {
            login: role.code().into(),
            name: format!("示例{}", role.name()),
            role,
            organisation: (role == Role::Enterprise).then(|| "enterprise-0000".to_owned()),
            password: PASSWORD.into(),
        };
        accounts.push(app.account_make(None, &new, false).await.expect("an account").id);
    }
    let mut record = store.talent(talent).await.expect("read").expect("the talent");
    record.account = Some(accounts[1].clone());
    let mut write = store.begin().await.expect("a transaction");
    write.talent_put(&record).await.expect("put");
    write.commit().await.expect("a commit");
    accounts.swap_remove(0)
}

/// Needs over a year, of many enterprises; gives one that is published, of the first enterprise.
async fn fill(store: &Store) -> String {
    let real: Vec<Need> = ["needs.tune.jsonl", "needs-long.tune.jsonl"].into_iter().flat_map(site::needs).collect();
    let now = zhihui::app::Clock::system().now();
    let districts = ["渝北区", "九龙坡区", "北碚区", "万州区", "两江新区"];
    let mut write = store.begin().await.expect("a transaction");
    let seed = zhihui::store::Account {
        id: "seed".into(),
        organisation: None,
        login: "seed".into(),
        name: "示例".into(),
        role: Role::Operator,
        password_hash: String::new(),
        password_is_temporary: false,
        status: zhihui::domain::AccountStatus::Active,
        created_at: now,
        version: 1,
    };
    write.account_add(&seed).await.expect("an account");
    let mut enterprises = Vec::new();
    for number in 0..ENTERPRISES {
        let made = zhihui::store::Organisation {
            id: format!("enterprise-{number:04}"),
            kind: zhihui::domain::OrganisationKind::Enterprise,
            name: format!("示例企业 {number}"),
            credit_code: None,
            region: Some(format!("重庆市{}", districts[number % districts.len()])),
            high_tech: false,
            tech_sme: false,
            status: zhihui::domain::OrganisationStatus::Approved,
            created_at: now,
            version: 1,
        };
        write.organisation_add(&made).await.expect("an enterprise");
        enterprises.push(made.id);
    }
    for number in 0..NEEDS {
        let at = now - (number as i64 * 365 * DAY_MS) / NEEDS as i64;
        let mode = NeedMode::ALL[number % 3];
        let status = match number % 10 {
            8 => NeedStatus::Submitted,
            9 => NeedStatus::Draft,
            _ if mode == NeedMode::OpenChallenge => NeedStatus::Challenge,
            _ => NeedStatus::Published,
        };
        let need = real[number % real.len()].clone();
        let enterprise = number % ENTERPRISES;
        let region = Some(format!("重庆市{}", districts[enterprise % districts.len()]));
        let record = NeedRecord {
            need: Need {
                id: format!("need-{:05}", NEEDS - number),
                title: Some(need.problem.chars().take(24).collect()),
                mode: Some(mode),
                region: region.clone(),
                deadline: Some("2027-06-30".into()),
                total_investment: Some(1_200_000),
                ..need
            },
            organisation: enterprises[enterprise].clone(),
            organisation_name: format!("示例企业 {enterprise}"),
            organisation_region: region,
            created_by: seed.id.clone(),
            status,
            reason: None,
            created_at: at,
            updated_at: at,
            submitted_at: (status != NeedStatus::Draft).then_some(at),
            published_at: status.is_public().then_some(at),
            version: 1,
        };
        write.need_add(&record, Saving::PLAIN).await.expect("a need");
    }
    write.commit().await.expect("a commit");
    format!("need-{NEEDS:05}")
}
