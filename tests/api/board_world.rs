//! What the tests of the board begin with: challenges as publishers make them, bids, panels.

use serde_json::json;
use zhihui::app::accounts::{NewAccount, OrganisationDraft};
use zhihui::app::audit::public_page;
use zhihui::app::board::challenges::ChallengeVerdict;
use zhihui::app::imports::SentFile;
use zhihui::app::needs::NeedVerdict;
use zhihui::app::{Actor, AppError};
use zhihui::domain::challenge::bid::{Bid, Cost, Promise, Step};
use zhihui::domain::challenge::contract::Contract;
use zhihui::domain::challenge::status::ChallengeStatus;
use zhihui::domain::challenge::{Challenge, Conditions, Terms};
use zhihui::domain::ownership::Ownership;
use zhihui::domain::{Declaration, Evidence, EvidenceType, Need, Role, Talent, TalentKind};
use zhihui::store::board::challenges::ChallengeRecord;

use crate::harness::{PASSWORD, TestApp};
use crate::needs::complete;

pub const DAY_MS: i64 = 86_400_000;

/// Somebody of a role, signed in.
pub async fn actor(app: &TestApp, role: Role) -> Actor {
    actor_of(app, role.code()).await
}

/// The same by login.
pub async fn actor_of(app: &TestApp, login: &str) -> Actor {
    app.app.sign_in(login, PASSWORD, None).await.unwrap().actor
}

/// Somebody of another enterprise.
pub async fn actor_of_other(app: &TestApp) -> Actor {
    app.other_enterprise().await;
    actor_of(app, "other").await
}

/// A challenge open for twenty days, published by the operator for the enterprise of the harness; its id.
pub async fn published(app: &TestApp, title: &str) -> String {
    published_with(app, title, |_| {}).await
}

/// The same with something changed in what it says.
pub async fn published_with(app: &TestApp, title: &str, change: impl FnOnce(&mut Challenge)) -> String {
    let publisher = actor(app, Role::Enterprise).await;
    let submitted = submitted(app, &publisher, title, change).await;
    let operator = actor(app, Role::Operator).await;
    let verdict = ChallengeVerdict::Publish;
    app.app.challenge_decide(&operator, &submitted.id, submitted.version, verdict).await.unwrap().id
}

/// A challenge that waits for the operator.
pub async fn submitted(
    app: &TestApp,
    publisher: &Actor,
    title: &str,
    change: impl FnOnce(&mut Challenge),
) -> ChallengeRecord {
    let begun = begun(app, publisher, title).await;
    let mut content = filled(app, begun.content);
    change(&mut content);
    let written = app.app.challenge_update(publisher, &begun.id, begun.version, content).await.unwrap();
    app.app.challenge_submit(publisher, &written.id, written.version).await.unwrap()
}

/// A challenge as it begins, of a need that the operator has published.
pub async fn begun(app: &TestApp, publisher: &Actor, title: &str) -> ChallengeRecord {
    begun_with(app, publisher, title, None).await
}

pub fn sent(name: &str, content: impl AsRef<[u8]>) -> SentFile {
    SentFile { name: name.to_owned(), bytes: content.as_ref().to_vec() }
}

/// The same, of a need with a text file.
pub async fn begun_with(app: &TestApp, publisher: &Actor, title: &str, file: Option<&str>) -> ChallengeRecord {
    let mut need = complete();
    (need["id"], need["mode"], need["title"]) = (json!(""), json!("open_challenge"), json!(title));
    let need: Need = serde_json::from_value(need).unwrap();
    let need = app.app.need_create(publisher, need).await.unwrap();
    if let Some(text) = file {
        app.app.attachment_add(publisher, &need.need.id, sent("示例资料.txt", text)).await.unwrap();
    }
    let need = app.app.need_submit(publisher, &need.need.id, need.version).await.unwrap();
    let operator = actor(app, Role::Operator).await;
    let need = app.app.need_decide(&operator, &need.need.id, need.version, NeedVerdict::Publish).await.unwrap();
    app.app.challenge_begin(publisher, &need.need.id).await.unwrap()
}

/// All that publishing asks for.
pub fn filled(app: &TestApp, begun: Challenge) -> Challenge {
    let now = app.app.now();
    let mut content = Challenge {
        months: Some(18),
        reward: Some(2_000_000),
        ownership: Some(Terms { template: Ownership::Shared, text: String::new() }),
        conditions: Conditions { consortium: true, ..Conditions::default() },
        questions_until: Some(now + 15 * DAY_MS),
        closes_at: Some(now + 20 * DAY_MS),
        ..begun
    };
    content.indicators.iter_mut().for_each(|row| row.test = "GB 38031 整包试验".into());
    content
}

/// What stands in every comment, so that it is found wherever it leaks.
pub const MARK: &str = "评语标记";
/// A score that nothing else on a page is.
pub const ODD: u32 = 37;

/// A challenge that is scored: three bids, three members of the panel.
pub struct World {
    pub app: TestApp,
    pub challenge: String,
    pub publisher: Actor,
    pub operator: Actor,
    /// Logins `bidder1` … in the order of their bids.
    pub bidders: Vec<Actor>,
    pub bids: Vec<String>,
    /// Logins `judge1` …, who have declared no conflicts.
    pub judges: Vec<Actor>,
}

pub async fn organisation(app: &TestApp, name: &str) -> String {
    let draft = OrganisationDraft {
        name: name.into(),
        kind: "university".into(),
        region: Some("四川省成都市".into()),
        ..OrganisationDraft::default()
    };
    app.app.organisation_make(&draft).await.unwrap().id
}

pub async fn somebody(app: &TestApp, login: &str, name: &str, role: Role, organisation: Option<String>) -> Actor {
    let (login, name, password) = (login.to_owned(), name.to_owned(), PASSWORD.to_owned());
    let new = NewAccount { login, name, role, organisation, password };
    app.app.account_make(None, &new, false).await.unwrap();
    actor_of(app, &new.login).await
}

pub fn bid(team: &[&str]) -> Bid {
    Bid {
        route: "隔热与定向泄压".into(),
        promises: vec![Promise { value: "≥ 130".into(), remark: String::new() }],
        team: team.iter().map(|id| (*id).to_owned()).collect(),
        plan: vec![Step { month: 6, goal: "样件".into() }],
        budget: vec![Cost { name: "材料".into(), amount: 900_000 }],
        integrity: true,
        ..Bid::default()
    }
}

pub async fn hand_in(app: &TestApp, who: &Actor, challenge: &str, bid: Bid) -> String {
    let id = app.app.bid_begin(who, challenge).await.unwrap();
    let version = app.app.bid_view(who, &id).await.unwrap().record.version;
    let version = app.app.bid_write(who, &id, version, bid, &[]).await.unwrap();
    app.app.bid_submit(who, &id, version).await.unwrap();
    id
}

impl World {
    /// Opened, with the panel appointed; nobody has declared yet.
    pub async fn opened(change: impl FnOnce(&mut Challenge)) -> Self {
        Self::opened_with([bid(&[]), bid(&[]), bid(&[])], change).await
    }

    /// The same with these bids.
    pub async fn opened_with(said: [Bid; 3], change: impl FnOnce(&mut Challenge)) -> Self {
        let app = TestApp::new().await;
        let challenge = published_with(&app, "评审的榜单", change).await;
        let (publisher, operator) = (actor(&app, Role::Enterprise).await, actor(&app, Role::Operator).await);
        let (mut bidders, mut bids, mut judges) = (Vec::new(), Vec::new(), Vec::new());
        for (number, said) in (1..=3).zip(said) {
            let own = organisation(&app, &format!("成都第{number}示例大学")).await;
            let name = format!("示例揭榜人{number}");
            let bidder = somebody(&app, &format!("bidder{number}"), &name, Role::Talent, Some(own)).await;
            bids.push(hand_in(&app, &bidder, &challenge, said).await);
            bidders.push(bidder);
            app.pass(1);
        }
        for number in 1..=3 {
            let login = format!("judge{number}");
            judges.push(somebody(&app, &login, &format!("示例评委{number}"), Role::PanelMember, None).await);
            app.app.panel_appoint(&operator, &challenge, &login).await.unwrap();
        }
        let this = Self { app, challenge, publisher, operator, bidders, bids, judges };
        this.open().await;
        this
    }

    pub async fn open(&self) {
        self.app.pass(21 * DAY_MS);
        assert_eq!(self.app.app.challenges_open_due().await.unwrap(), 1);
    }

    /// The same after everybody has declared.
    pub async fn scoring(change: impl FnOnce(&mut Challenge)) -> Self {
        let this = Self::opened(change).await;
        for judge in &this.judges {
            this.app.app.panel_declare(judge, &this.challenge, &[]).await.unwrap();
        }
        this
    }

    /// The same after all have scored: these totals for the bids in their order.
    pub async fn ranked(totals: [u32; 3], change: impl FnOnce(&mut Challenge)) -> Self {
        let this = Self::scoring(change).await;
        for judge in 0..3 {
            for (bid, total) in totals.into_iter().enumerate() {
                this.score(judge, bid, total).await.unwrap();
            }
        }
        assert_eq!(this.status().await, ChallengeStatus::Ranked);
        this
    }

    /// The same after a choice, objections over.
    pub async fn undisputed(totals: [u32; 3], change: impl FnOnce(&mut Challenge)) -> Self {
        let this = Self::ranked(totals, change).await;
        this.choose(0, "").await.unwrap();
        this.app.pass(6 * DAY_MS);
        this
    }

    /// One score for all criteria.
    pub async fn score(&self, judge: usize, bid: usize, score: u32) -> Result<bool, AppError> {
        let comment = format!("{MARK}：第 {} 位对第 {} 份", judge + 1, bid + 1);
        let bid = (self.challenge.as_str(), self.bids[bid].as_str());
        self.app.app.panel_score(&self.judges[judge], bid, vec![score; 4], &comment).await
    }

    pub async fn version(&self) -> i64 {
        self.app.app.store().challenge(&self.challenge).await.unwrap().unwrap().version
    }

    pub async fn status(&self) -> ChallengeStatus {
        self.app.app.store().challenge(&self.challenge).await.unwrap().unwrap().status
    }

    pub async fn choose(&self, bid: usize, reason: &str) -> Result<(), AppError> {
        let version = self.version().await;
        self.app.app.award_choose(&self.publisher, (&self.challenge, version), &self.bids[bid], reason).await
    }

    pub async fn award(&self) -> Result<(), AppError> {
        let version = self.version().await;
        self.app.app.award_publish(&self.publisher, (&self.challenge, version)).await
    }

    pub async fn contract(&self, contract: Contract, content: &[u8]) -> Result<(), AppError> {
        let version = self.version().await;
        let file = Some(sent("合同.txt", content)).filter(|file| !file.bytes.is_empty());
        self.app.app.contract_record(&self.publisher, (&self.challenge, version), contract, file).await
    }

    /// The status of a page or an answer of the API, and what it says.
    pub async fn get(&self, login: &str, path: &str) -> (u16, String) {
        let ask = self.app.get(path);
        let answer = match login {
            "" => ask.send().await,
            login => ask.cookie(&self.app.sign_in(login).await).send().await,
        };
        (answer.status.as_u16(), answer.text())
    }

    /// The log as everybody may have it.
    pub async fn log(&self) -> String {
        let lines = public_page(self.app.app.store(), 0).await.unwrap();
        lines.into_iter().map(|line| serde_json::to_string(&line).unwrap() + "\n").collect()
    }

    /// What somebody was told of the board.
    pub async fn told(&self, who: &Actor) -> String {
        let cookie = match self.judges.iter().chain(&self.bidders).position(|other| other.account == who.account) {
            Some(at) if at < 3 => self.app.sign_in(&format!("judge{}", at + 1)).await,
            Some(at) => self.app.sign_in(&format!("bidder{}", at - 2)).await,
            None => self.app.role(who.role).await,
        };
        self.app.get("/api/v1/notices").cookie(&cookie).send().await.expect(200).text()
    }
}

/// The codes of why something was refused.
#[track_caller]
pub fn codes<T: std::fmt::Debug>(refused: Result<T, AppError>) -> Vec<String> {
    match refused.unwrap_err() {
        AppError::Invalid(problems) => problems.into_iter().map(|p| p.code.to_owned()).collect(),
        AppError::Conflict { code, .. } | AppError::Forbidden { code, .. } => vec![code.to_owned()],
        AppError::NotFound(_) => vec!["not-found".to_owned()],
        AppError::Stale => vec!["stale".to_owned()],
        other => panic!("{other:?}"),
    }
}

/// SHA-256 in hexadecimal.
pub fn hex(content: &[u8]) -> String {
    zhihui::app::secrets::digest(content).iter().map(|byte| format!("{byte:02x}")).collect()
}

pub fn contract() -> Contract {
    Contract {
        amount: 2_000_000,
        signed_on: "2026-10-15".into(),
        starts_on: "2026-10-15".into(),
        ends_on: "2028-04-15".into(),
        first_payment: 800_000,
        first_paid_on: "2026-10-15".into(),
    }
}

/// Somebody of an organisation, with one piece of evidence `ID-e`.
pub fn talent(id: &str, organization: &str) -> Talent {
    Talent {
        id: id.into(),
        kind: TalentKind::Researcher,
        name: format!("示例研究员 {id}"),
        organization: organization.into(),
        region: None,
        title: None,
        keywords: vec!["电池".into()],
        bio: None,
        fields: Vec::new(),
        members: Vec::new(),
        evidence: vec![Evidence {
            id: format!("{id}-e"),
            r#type: EvidenceType::Paper,
            title: "示例论文".into(),
            r#abstract: None,
            keywords: Vec::new(),
            year: None,
        }],
    }
}

/// What an organisation declares.
pub fn declared(group: &str, legal_person: &str) -> Declaration {
    Declaration { group: group.into(), legal_person: legal_person.into(), qualifications: Vec::new() }
}
