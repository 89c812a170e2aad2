//! The board over 20,000 challenges: `cargo bench --bench board`. Prints the server's time of a page
//! (median and 95th percentile, compression included): all, filtered, searched by words, the feed.

#[expect(dead_code, reason = "the other benches use the rest")]
mod site;

use std::time::{Duration, Instant};

use axum::Router;
use axum::body::{Body, Bytes};
use axum::http::Request;
use tower::ServiceExt;
use zhihui::domain::challenge::status::ChallengeStatus;
use zhihui::domain::challenge::{Challenge, Indicator};
use zhihui::domain::{Need, NeedMode, NeedStatus};
use zhihui::store::board::challenges::ChallengeRecord;
use zhihui::store::{NeedRecord, Saving, Store};
use zhihui::web::{self, Settings};

const CHALLENGES: usize = 20_000;
const ENTERPRISES: usize = 200;
/// Requests of each page.
const ROUNDS: usize = 60;
const DAY_MS: i64 = 24 * 3_600_000;
const DISTRICTS: [&str; 5] = ["渝北区", "九龙坡区", "北碚区", "万州区", "两江新区"];
const PAGES: [(&str, &str); 8] = [
    ("all", "/challenges"),
    ("a later page", "/challenges?page=400"),
    ("by reward", "/challenges?sort=reward&state=open"),
    ("three filters", "/challenges?reward=below300&closing=days30&region=%E9%87%8D%E5%BA%86%E5%B8%82"),
    // 电池热失控
    ("words", "/challenges?q=%E7%94%B5%E6%B1%A0%E7%83%AD%E5%A4%B1%E6%8E%A7"),
    // 高温合金叶片疲劳寿命预测与检测方法
    (
        "many words",
        "/challenges?q=%E9%AB%98%E6%B8%A9%E5%90%88%E9%87%91%E5%8F%B6%E7%89%87%E7%96%B2%E5%8A%B3%E5%AF%BF%E5%91%BD%E9%A2%84%E6%B5%8B%E4%B8%8E%E6%A3%80%E6%B5%8B%E6%96%B9%E6%B3%95",
    ),
    ("words and filter", "/challenges?q=%E7%83%AD%E5%A4%B1%E6%8E%A7&state=open"),
    ("feed", "/challenges.atom?state=open"),
];

fn main() {
    if !site::has_data() {
        return;
    }
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime");
    runtime.block_on(async {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let store = site::store(folder.path(), &site::talents()).await;
        fill(&store).await;
        let app = site::app(folder.path(), store).await;
        let router = web::router(app, Settings { requests_per_second: 1_000_000, ..Settings::default() });
        let begun = Instant::now();
        get(&router, "/challenges", "gzip").await;
        println!("{CHALLENGES} challenges; the first page reads them all: {:.2?}", begun.elapsed());
        for (name, path) in PAGES {
            let mut times = Vec::new();
            for _ in 0..ROUNDS {
                let begun = Instant::now();
                get(&router, path, "gzip").await;
                times.push(begun.elapsed());
            }
            let (p50, p95): (Duration, Duration) = (site::median(&mut times), times[ROUNDS * 95 / 100]);
            println!("{name:<20} {:>6} hits p50 {p50:>9.2?} p95 {p95:>9.2?}", hits(&router, path).await);
        }
    });
}

/// How many a page says that there are; of a feed how many it shows.
async fn hits(router: &Router, path: &str) -> usize {
    let page = String::from_utf8_lossy(&get(router, path, "identity").await).into_owned();
    let told = page.split("共 <b>").nth(1).and_then(|rest| rest.split('<').next()).and_then(|n| n.parse().ok());
    told.unwrap_or_else(|| page.matches("<entry>").count())
}

async fn get(router: &Router, path: &str, encoding: &str) -> Bytes {
    let request = Request::get(path).header("host", "bench").header("accept-encoding", encoding).body(Body::empty());
    let response = router.clone().oneshot(request.expect("a request")).await.expect("an answer");
    assert!(response.status().is_success(), "{path}: {}", response.status());
    axum::body::to_bytes(response.into_body(), usize::MAX).await.expect("a page")
}

/// Challenges of many enterprises with the texts of real needs: nine of ten take bids.
async fn fill(store: &Store) {
    let real: Vec<Need> = ["needs.tune.jsonl", "needs-long.tune.jsonl"].into_iter().flat_map(site::needs).collect();
    let now = zhihui::app::Clock::system().now();
    let mut write = store.begin().await.expect("a transaction");
    let seed = zhihui::store::Account {
        id: "seed".into(),
        organisation: None,
        login: "seed".into(),
        name: "示例".into(),
        role: zhihui::domain::Role::Operator,
        password_hash: String::new(),
        password_is_temporary: false,
        status: zhihui::domain::AccountStatus::Active,
        created_at: now,
        version: 1,
    };
    write.account_add(&seed).await.expect("an account");
    for number in 0..ENTERPRISES {
        let made = zhihui::store::Organisation {
            id: format!("enterprise-{number:04}"),
            kind: zhihui::domain::OrganisationKind::Enterprise,
            name: format!("示例企业 {number}"),
            credit_code: None,
            region: Some(format!("重庆市{}", DISTRICTS[number % DISTRICTS.len()])),
            high_tech: false,
            tech_sme: false,
            status: zhihui::domain::OrganisationStatus::Approved,
            created_at: now,
            version: 1,
        };
        write.organisation_add(&made).await.expect("an enterprise");
    }
    let clusters = zhihui::app::data::clusters();
    for number in 0..CHALLENGES {
        let need = &real[number % real.len()];
        let enterprise = number % ENTERPRISES;
        let region = Some(format!("重庆市{}", DISTRICTS[enterprise % DISTRICTS.len()]));
        let at = now - (number as i64 % 300) * DAY_MS;
        let record = need_of(number, need, &region, (enterprise, at));
        write.need_add(&record, Saving::PLAIN).await.expect("a need");
        let content = Challenge {
            title: format!("{} {number}", need.problem.chars().take(20).collect::<String>()),
            problem: need.problem.clone(),
            indicators: vec![Indicator { name: "示例指标".into(), value: "≥ 3".into(), ..Indicator::default() }],
            reward: Some(100_000 * (1 + number as u64 * 7 % 150)),
            opens_at: Some(at),
            closes_at: Some(now + (1 + number as i64 % 60) * DAY_MS),
            ..Challenge::default()
        };
        let status = if number % 10 == 0 { ChallengeStatus::Withdrawn } else { ChallengeStatus::Open };
        let challenge = ChallengeRecord {
            id: format!("challenge-{number:05}"),
            need: record.need.id.clone(),
            organisation: record.organisation.clone(),
            organisation_name: record.organisation_name.clone(),
            organisation_region: region.clone(),
            created_by: seed.id.clone(),
            status: ChallengeStatus::Submitted,
            field: Some(clusters[number % clusters.len()].code.clone()),
            region,
            terms: 1,
            reason: None,
            created_at: at,
            updated_at: at,
            published_at: Some(at),
            opened_at: None,
            chosen: None,
            choice_reason: None,
            objections_until: None,
            awarded_at: None,
            touched: 0,
            version: 1,
            content,
        };
        write.challenge_add(&challenge).await.expect("a challenge");
        let public = ChallengeRecord { status, ..challenge };
        write.challenge_save(&public, ChallengeStatus::Submitted).await.expect("published");
    }
    write.commit().await.expect("a commit");
}

fn need_of(number: usize, need: &Need, region: &Option<String>, (enterprise, at): (usize, i64)) -> NeedRecord {
    NeedRecord {
        need: Need {
            id: format!("need-{number:05}"),
            title: Some(need.problem.chars().take(24).collect()),
            mode: Some(NeedMode::OpenChallenge),
            region: region.clone(),
            deadline: Some("2027-06-30".into()),
            total_investment: Some(1_200_000),
            ..need.clone()
        },
        organisation: format!("enterprise-{enterprise:04}"),
        organisation_name: format!("示例企业 {enterprise}"),
        organisation_region: region.clone(),
        created_by: "seed".into(),
        status: NeedStatus::Challenge,
        reason: None,
        created_at: at,
        updated_at: at,
        submitted_at: Some(at),
        published_at: Some(at),
        version: 1,
    }
}
