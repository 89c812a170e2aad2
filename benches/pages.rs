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

use std::net::SocketAddr;
use std::time::{Duration, Instant};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::{Request, StatusCode};
use tower::ServiceExt;
use zhihui::app::App;
use zhihui::app::accounts::NewAccount;
use zhihui::app::invitations::NewInvitation;
use zhihui::domain::{Need, NeedMode, NeedStatus, Role};
use zhihui::store::{NeedRecord, Saving, Store};
use zhihui::web::access::{Access, ROUTES};
use zhihui::web::{self, Settings};

use site::{Client, PASSWORD, median};

const NEEDS: usize = 5_000;
const ENTERPRISES: usize = 200;
/// Requests of each page.
const ROUNDS: usize = 60;
/// 电池热失控
const QUERY: &str = "%E7%94%B5%E6%B1%A0%E7%83%AD%E5%A4%B1%E6%8E%A7";
/// The one whose person looks at the pages.
const ENTERPRISE: &str = "enterprise-0000";
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
        world.findings().await;
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
    /// Of the same enterprise.
    draft: String,
    talent: String,
    /// A piece of the talent's evidence.
    evidence: String,
    account: String,
    invitation: String,
}

impl World {
    async fn new(folder: &std::path::Path) -> Self {
        let talents = site::talents();
        let (talent, evidence) = (talents[0].id.clone(), talents[0].evidence[0].id.clone());
        let store = site::store(folder, &talents).await;
        let (need, draft) = fill(&store).await;
        let app = site::app(folder, store.clone()).await;
        let account = people(&app, &store, &talent).await;
        let enterprise = app.sign_in(Role::Enterprise.code(), PASSWORD, None).await.expect("signed in").actor;
        let new = NewInvitation {
            need: need.clone(),
            talent: talent.clone(),
            message: "示例邀请".into(),
            contact: "示例联系方式".into(),
            released: vec!["problem".into()],
        };
        let invitation = app.invitation_create(&enterprise, &new).await.expect("an invitation").invitation.id;
        let mut cookies = Vec::new();
        for role in ROLES {
            let signed = app.sign_in(role.code(), PASSWORD, None).await.expect("signed in");
            cookies.push((role, format!("{}={}", web::extract::SESSION, signed.token)));
        }
        let settings = Settings { requests_per_second: 1_000_000, ..Settings::default() };
        Self { router: web::router(app, settings), cookies, need, draft, talent, evidence, account, invitation }
    }

    async fn get(&self, path: &str, cookie: Option<&str>) -> (StatusCode, Bytes) {
        self.ask(path, cookie, "gzip").await
    }

    async fn ask(&self, path: &str, cookie: Option<&str>, encoding: &str) -> (StatusCode, Bytes) {
        let mut request = Request::get(path).header("host", "bench").header("accept-encoding", encoding);
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

    /// Findings while somebody types, two characters at a time, over loopback.
    async fn findings(&self) {
        let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.expect("a port");
        let address = listener.local_addr().expect("an address");
        let service = self.router.clone().into_make_service_with_connect_info::<SocketAddr>();
        tokio::spawn(async move { axum::serve(listener, service).await });
        let cookie = self.cookies[0].1.clone();
        let page = self.ask("/needs/new", Some(&cookie), "identity").await.1;
        let csrf = csrf(&page);
        let times = tokio::task::spawn_blocking(move || {
            let mut client = Client::connect(address);
            let mut times = Vec::new();
            for need in site::needs("needs-long.tune.jsonl").iter().step_by(20) {
                let chars: Vec<char> = need.problem.chars().collect();
                for end in (2..=chars.len()).step_by(2) {
                    let problem: String = chars[..end].iter().collect();
                    let fields = [("csrf", csrf.as_str()), ("title", "示例需求"), ("problem", &problem)];
                    let body = serde_html_form::to_string(fields).expect("a form");
                    let begun = Instant::now();
                    client.post("/needs/findings", "application/x-www-form-urlencoded", &cookie, &body);
                    times.push(begun.elapsed());
                }
            }
            times
        });
        let mut times = times.await.expect("answers");
        let p50 = median(&mut times);
        println!(
            "findings as one types, {} texts, over loopback: p50 {p50:.2?} p95 {:.2?}",
            times.len(),
            times[times.len() * 95 / 100]
        );
    }

    /// A path of the table with something real in the place of its parameter.
    fn concrete(&self, path: &str) -> Option<String> {
        let id = match path {
            "/needs/{id}/edit" => &self.draft,
            _ if path.starts_with("/operations/accounts/") => &self.account,
            _ if path.starts_with("/operations/organisations/") => ENTERPRISE,
            _ if path.starts_with("/profile/evidence/") => &self.evidence,
            _ if path.starts_with("/invitations/") => &self.invitation,
            _ if path.contains("talents/{") => &self.talent,
            _ if path.contains("needs/{") || !path.contains('{') => &self.need,
            _ => return None,
        };
        let place = path.replace("{id}", id).replace("{talent}", &self.talent);
        Some(if ["/search", "/suggest"].contains(&path) { format!("{place}?q={QUERY}") } else { place })
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

/// The token of the session's forms.
fn csrf(page: &[u8]) -> String {
    let html = String::from_utf8_lossy(page);
    let value = html.split("name=\"csrf\" value=\"").nth(1).and_then(|rest| rest.split('"').next());
    value.expect("a form").to_owned()
}

/// An account of each role; the first talent is the talent's. Gives the enterprise's account.
async fn people(app: &App, store: &Store, talent: &str) -> String {
    let mut accounts = Vec::new();
    for role in ROLES {
        let new = NewAccount {
            login: role.code().into(),
            name: format!("示例{}", role.name()),
            role,
            organisation: (role == Role::Enterprise).then(|| ENTERPRISE.to_owned()),
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

/// Needs over a year, of many enterprises; gives one of the first enterprise that is published, and
/// one that is a draft.
async fn fill(store: &Store) -> (String, String) {
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
    // The first are the newest.
    let id = |number: usize| format!("need-{:05}", NEEDS - number);
    for number in 0..NEEDS {
        let at = now - (number as i64 * 365 * DAY_MS) / NEEDS as i64;
        let mode = NeedMode::ALL[number % 3];
        let status = match (number / ENTERPRISES) % 10 {
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
                id: id(number),
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
    (id(0), id(9 * ENTERPRISES))
}
