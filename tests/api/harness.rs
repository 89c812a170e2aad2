//! The service in this process, on a database of its own, with an account for every role.

use std::sync::Arc;
use std::sync::atomic::{AtomicI64, Ordering};

use axum::Router;
use axum::body::Body;
use axum::http::{HeaderMap, Request, StatusCode, header};
use http_body_util::BodyExt;
use serde_json::{Value, json};
use tower::ServiceExt;
use zhihui::app::accounts::{NewAccount, OrganisationDraft};
use zhihui::app::board::seal::Seals;
use zhihui::app::live::{Follower, Live};
use zhihui::app::mail::Mailer;
use zhihui::app::secrets::Hasher;
use zhihui::app::{Actor, App, Clock, data};
use zhihui::domain::{Role, Talent};
use zhihui::store::{Store, TalentRecord};
use zhihui::web::{self, Settings};

pub const PASSWORD: &str = "four plain words here";
/// 统一社会信用代码 whose check characters are right.
pub const CREDIT_CODE: &str = "91500105MA60123A4Q";

/// The keys that bids are sealed with.
pub fn seals() -> Seals {
    Seals::parse(&"7a".repeat(32)).unwrap()
}

pub struct TestApp {
    pub app: Arc<App>,
    router: Router,
    /// Of the database.
    pub url: String,
    now: Arc<AtomicI64>,
    folder: tempfile::TempDir,
}

/// An answer, read whole.
#[derive(Debug)]
pub struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    pub body: Vec<u8>,
}

impl Answer {
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or_else(|e| panic!("{e}: {}", self.text()))
    }

    pub fn text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    pub fn code(&self) -> String {
        self.json()["code"].as_str().unwrap_or_default().to_owned()
    }

    /// The fields that were refused, with the codes of why.
    pub fn errors(&self) -> Vec<(String, String)> {
        let text = |e: &Value, name: &str| e[name].as_str().unwrap_or_default().to_owned();
        let errors = self.json()["errors"].as_array().cloned().unwrap_or_default();
        errors.iter().map(|e| (text(e, "field"), text(e, "code"))).collect()
    }

    pub fn header(&self, name: header::HeaderName) -> String {
        self.headers.get(name).map(|v| v.to_str().unwrap().to_owned()).unwrap_or_default()
    }

    /// The session's cookie that the answer sets.
    pub fn cookie(&self) -> String {
        self.header(header::SET_COOKIE).split(';').next().unwrap_or_default().to_owned()
    }

    #[track_caller]
    pub fn expect(self, status: u16) -> Self {
        assert_eq!(self.status.as_u16(), status, "{}", self.text());
        self
    }
}

/// A request being put together.
pub struct Ask<'a> {
    app: &'a TestApp,
    request: axum::http::request::Builder,
    body: Body,
}

impl Ask<'_> {
    pub fn header(mut self, name: impl AsRef<str>, value: impl AsRef<str>) -> Self {
        self.request = self.request.header(name.as_ref(), value.as_ref());
        self
    }

    pub fn cookie(self, cookie: &str) -> Self {
        self.header("cookie", cookie)
    }

    pub fn json(self, body: Value) -> Self {
        let mut this = self.header("content-type", "application/json");
        this.body = Body::from(body.to_string());
        this
    }

    /// A form as a browser sends it.
    pub fn form(self, fields: &[(&str, &str)]) -> Self {
        let body = serde_html_form::to_string(fields).unwrap();
        self.header("content-type", "application/x-www-form-urlencoded").body(body)
    }

    pub fn body(mut self, body: impl Into<Body>) -> Self {
        self.body = body.into();
        self
    }

    pub async fn send(self) -> Answer {
        self.app.request(self.request.body(self.body).unwrap()).await
    }
}

impl TestApp {
    pub async fn new() -> Self {
        Self::with_talents(&[]).await.0
    }

    /// A service with these talents, and what keeps its index up.
    pub async fn with_talents(talents: &[Talent]) -> (Self, Follower) {
        Self::with_mail(talents, None).await
    }

    /// The same, with mail or without.
    pub async fn with_mail(talents: &[Talent], mailer: Option<Mailer>) -> (Self, Follower) {
        let folder = tempfile::tempdir().unwrap();
        // One connection: a use case that reads beside its own transaction would wait for itself.
        let url = format!("sqlite:{}?mode=rwc", folder.path().join("zhihui.db").display());
        let store = Store::open_with(&url, 1).await.unwrap();
        let records: Vec<TalentRecord> = talents.iter().map(|t| TalentRecord::new(t.clone(), 0)).collect();
        let mut write = store.begin().await.unwrap();
        for record in &records {
            write.talent_put(record).await.unwrap();
        }
        write.commit().await.unwrap();
        let (ranking, taxonomy) = (data::default_ranking().unwrap(), data::taxonomy().unwrap());
        let (live, follower) = Live::open(store.clone(), folder.path(), ranking, taxonomy).await.unwrap();
        let now = Arc::new(AtomicI64::new(1_790_000_000_000));
        let clock = Arc::clone(&now);
        let clock = Clock::new(move || clock.load(Ordering::Relaxed));
        let app = App::new(store, clock, Hasher::quick().unwrap(), live).with_board(seals(), data::board_rules());
        let app = Arc::new(match mailer {
            Some(mailer) => app.with_mail(mailer),
            None => app,
        });
        let settings = Settings { requests_per_second: 1_000_000, ..Settings::default() };
        let router = web::router(Arc::clone(&app), settings);
        let this = Self { app, router, url, now, folder };
        this.people().await;
        (this, follower)
    }

    /// An enterprise, a university and a district office; an account for each role, named after it.
    async fn people(&self) {
        let draft = |name: &str, kind: &str, region: &str, code: Option<&str>| OrganisationDraft {
            name: name.into(),
            kind: kind.into(),
            credit_code: code.map(str::to_owned),
            region: Some(region.into()),
            ..OrganisationDraft::default()
        };
        let enterprise = draft("示例电池企业", "enterprise", "重庆市渝北区", Some(CREDIT_CODE));
        let enterprise = self.app.organisation_make(&enterprise).await.unwrap().id;
        let university = draft("示例大学", "university", "重庆市沙坪坝区", None);
        let university = self.app.organisation_make(&university).await.unwrap().id;
        let office = draft("渝北区示例科技局", "district_office", "重庆市渝北区", None);
        let office = self.app.organisation_make(&office).await.unwrap().id;
        for role in Role::ALL {
            let organisation = match role {
                Role::Enterprise => Some(enterprise.clone()),
                Role::Talent => Some(university.clone()),
                Role::DistrictOfficer => Some(office.clone()),
                _ => None,
            };
            let new = NewAccount {
                login: role.code().into(),
                name: format!("示例{}", role.name()),
                role,
                organisation,
                password: PASSWORD.into(),
            };
            self.app.account_make(None, &new, false).await.unwrap();
        }
    }

    /// Somebody of another enterprise, signed in.
    pub async fn other_enterprise(&self) -> String {
        self.somebody("other", Role::Enterprise, "enterprise", "重庆市江北区", Some("91500112MA60456B75")).await
    }

    /// Somebody of one more institute, who may bid.
    pub async fn somebody_else(&self, login: &str) -> Actor {
        self.somebody(login, Role::Talent, "institute", "四川省成都市", None).await;
        self.app.sign_in(login, PASSWORD, None).await.unwrap().actor
    }

    /// A judge of no organisation, who is called after the login.
    pub async fn judge(&self, login: &str) -> Actor {
        let (name, password) = (format!("评委 {login}"), PASSWORD.into());
        let new = NewAccount { login: login.into(), name, role: Role::PanelMember, organisation: None, password };
        self.app.account_make(None, &new, false).await.unwrap();
        self.app.sign_in(login, PASSWORD, None).await.unwrap().actor
    }

    /// Somebody of another district's office, signed in.
    pub async fn other_district(&self) -> String {
        self.somebody("elsewhere", Role::DistrictOfficer, "district_office", "重庆市江北区", None).await
    }

    async fn somebody(&self, login: &str, role: Role, kind: &str, region: &str, code: Option<&str>) -> String {
        let draft = OrganisationDraft {
            name: format!("示例单位 {login}"),
            kind: kind.into(),
            credit_code: code.map(str::to_owned),
            region: Some(region.into()),
            ..OrganisationDraft::default()
        };
        let organisation = Some(self.app.organisation_make(&draft).await.unwrap().id);
        let (name, password) = (format!("示例 {login}"), PASSWORD.into());
        let new = NewAccount { login: login.into(), name, role, organisation, password };
        self.app.account_make(None, &new, false).await.unwrap();
        self.sign_in(login).await
    }

    /// A file beside the database.
    pub fn file(&self, name: &str) -> std::path::PathBuf {
        self.folder.path().join(name)
    }

    pub async fn request(&self, request: Request<Body>) -> Answer {
        let response = self.router.clone().oneshot(request).await.unwrap();
        let (parts, body) = response.into_parts();
        let body = body.collect().await.unwrap().to_bytes().to_vec();
        Answer { status: parts.status, headers: parts.headers, body }
    }

    /// Waits until searches see all that is in the store; the follower must be running.
    pub async fn catch_up(&self) {
        let newest = self.app.store().change_newest().await.unwrap();
        assert!(self.app.live().wait_for(newest, std::time::Duration::from_secs(60)).await);
    }

    /// Milliseconds that pass for the service.
    pub fn pass(&self, ms: i64) {
        self.now.fetch_add(ms, Ordering::Relaxed);
    }

    pub fn ask<'a>(&'a self, method: &str, path: &str) -> Ask<'a> {
        let request = Request::builder().method(method).uri(path).header("host", "zhihui.test");
        Ask { app: self, request, body: Body::empty() }
    }

    pub fn get<'a>(&'a self, path: &str) -> Ask<'a> {
        self.ask("GET", path)
    }

    pub fn post<'a>(&'a self, path: &str, body: Value) -> Ask<'a> {
        self.ask("POST", path).json(body)
    }

    /// Signs in and gives the cookie.
    pub async fn sign_in(&self, login: &str) -> String {
        let body = json!({ "login": login, "password": PASSWORD });
        self.post("/api/v1/session", body).send().await.expect(200).cookie()
    }

    /// What forms on the pages of this session carry.
    pub async fn csrf(&self, cookie: &str) -> String {
        let page = self.get("/").cookie(cookie).send().await.expect(200).text();
        let after = page.split("name=\"csrf\" value=\"").nth(1).expect("a page of who is signed in has a form");
        after.split('"').next().unwrap().to_owned()
    }

    /// The cookie of somebody of the role.
    pub async fn role(&self, role: Role) -> String {
        self.sign_in(role.code()).await
    }
}
