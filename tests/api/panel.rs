//! Panels, rankings and awards: who may judge, who sees what and when, and every step that is refused.

use serde_json::json;
use zhihui::app::accounts::{NewAccount, OrganisationDraft};
use zhihui::app::audit::public_page;
use zhihui::app::{Actor, AppError};
use zhihui::domain::challenge::bid::{Bid, Cost, Promise, Step};
use zhihui::domain::challenge::contract::Contract;
use zhihui::domain::challenge::status::{BidStatus, ChallengeStatus};
use zhihui::domain::challenge::{Challenge, Scores};
use zhihui::domain::{Evidence, EvidenceType, Role, Talent, TalentKind};

use crate::challenges::{DAY_MS, actor, actor_of, published_with};
use crate::desk::Desk;
use crate::harness::{PASSWORD, TestApp};

/// What stands in every comment, so that it is found wherever it leaks.
const MARK: &str = "评语标记";
/// A score that nothing else on a page is.
const ODD: u32 = 37;

/// A challenge that is scored: three bids, three members of the panel.
struct World {
    app: TestApp,
    challenge: String,
    publisher: Actor,
    operator: Actor,
    /// Logins `bidder1` … in the order of their bids.
    bidders: Vec<Actor>,
    bids: Vec<String>,
    /// Logins `judge1` …, who have declared no conflicts.
    judges: Vec<Actor>,
}

async fn organisation(app: &TestApp, name: &str) -> String {
    let draft = OrganisationDraft {
        name: name.into(),
        kind: "university".into(),
        region: Some("四川省成都市".into()),
        ..OrganisationDraft::default()
    };
    app.app.organisation_make(&draft).await.unwrap().id
}

async fn somebody(app: &TestApp, login: &str, name: &str, role: Role, organisation: Option<String>) -> Actor {
    let (login, name, password) = (login.to_owned(), name.to_owned(), PASSWORD.to_owned());
    let new = NewAccount { login, name, role, organisation, password };
    app.app.account_make(None, &new, false).await.unwrap();
    actor_of(app, &new.login).await
}

fn bid(team: &[&str]) -> Bid {
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

async fn hand_in(app: &TestApp, who: &Actor, challenge: &str, bid: Bid) -> String {
    let id = app.app.bid_begin(who, challenge).await.unwrap();
    let version = app.app.bid_view(who, &id).await.unwrap().record.version;
    let version = app.app.bid_write(who, &id, version, bid, &[]).await.unwrap();
    app.app.bid_submit(who, &id, version).await.unwrap();
    id
}

impl World {
    /// Opened, with the panel appointed; nobody has declared yet.
    async fn opened(change: impl FnOnce(&mut Challenge)) -> Self {
        let app = TestApp::new().await;
        let challenge = published_with(&app, "评审的榜单", change).await;
        let (publisher, operator) = (actor(&app, Role::Enterprise).await, actor(&app, Role::Operator).await);
        let (mut bidders, mut bids, mut judges) = (Vec::new(), Vec::new(), Vec::new());
        for number in 1..=3 {
            let own = organisation(&app, &format!("成都第{number}示例大学")).await;
            let name = format!("示例揭榜人{number}");
            let bidder = somebody(&app, &format!("bidder{number}"), &name, Role::Talent, Some(own)).await;
            bids.push(hand_in(&app, &bidder, &challenge, bid(&[])).await);
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

    async fn open(&self) {
        self.app.pass(21 * DAY_MS);
        assert_eq!(self.app.app.challenges_open_due().await.unwrap(), 1);
    }

    /// The same after everybody has declared.
    async fn scoring(change: impl FnOnce(&mut Challenge)) -> Self {
        let this = Self::opened(change).await;
        for judge in &this.judges {
            this.app.app.panel_declare(judge, &this.challenge, &[]).await.unwrap();
        }
        this
    }

    /// The same after all have scored: these totals for the bids in their order.
    async fn ranked(totals: [u32; 3], change: impl FnOnce(&mut Challenge)) -> Self {
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
    async fn undisputed(totals: [u32; 3], change: impl FnOnce(&mut Challenge)) -> Self {
        let this = Self::ranked(totals, change).await;
        this.choose(0, "").await.unwrap();
        this.app.pass(6 * DAY_MS);
        this
    }

    /// One score for all criteria.
    async fn score(&self, judge: usize, bid: usize, score: u32) -> Result<bool, AppError> {
        let comment = format!("{MARK}：第 {} 位对第 {} 份", judge + 1, bid + 1);
        let bid = (self.challenge.as_str(), self.bids[bid].as_str());
        self.app.app.panel_score(&self.judges[judge], bid, vec![score; 4], &comment).await
    }

    async fn version(&self) -> i64 {
        self.app.app.store().challenge(&self.challenge).await.unwrap().unwrap().version
    }

    async fn status(&self) -> ChallengeStatus {
        self.app.app.store().challenge(&self.challenge).await.unwrap().unwrap().status
    }

    async fn choose(&self, bid: usize, reason: &str) -> Result<(), AppError> {
        let version = self.version().await;
        self.app.app.award_choose(&self.publisher, (&self.challenge, version), &self.bids[bid], reason).await
    }

    async fn award(&self) -> Result<(), AppError> {
        let version = self.version().await;
        self.app.app.award_publish(&self.publisher, (&self.challenge, version)).await
    }

    async fn contract(&self, contract: Contract, file: &[u8]) -> Result<(), AppError> {
        let version = self.version().await;
        let file = ("合同.txt", file.to_vec());
        self.app.app.contract_record(&self.publisher, (&self.challenge, version), contract, file).await
    }

    /// The status of a page or an answer of the API, and what it says.
    async fn get(&self, login: &str, path: &str) -> (u16, String) {
        let ask = self.app.get(path);
        let answer = match login {
            "" => ask.send().await,
            login => ask.cookie(&self.app.sign_in(login).await).send().await,
        };
        (answer.status.as_u16(), answer.text())
    }

    /// The log as everybody may have it.
    async fn log(&self) -> String {
        let lines = public_page(self.app.app.store(), 0).await.unwrap();
        lines.into_iter().map(|line| serde_json::to_string(&line).unwrap() + "\n").collect()
    }

    /// What somebody was told of the board.
    async fn told(&self, who: &Actor) -> String {
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
fn codes<T: std::fmt::Debug>(refused: Result<T, AppError>) -> Vec<String> {
    match refused.unwrap_err() {
        AppError::Invalid(problems) => problems.into_iter().map(|p| p.code.to_owned()).collect(),
        AppError::Conflict { code, .. } | AppError::Forbidden { code, .. } => vec![code.to_owned()],
        AppError::NotFound(_) => vec!["not-found".to_owned()],
        AppError::Stale => vec!["stale".to_owned()],
        other => panic!("{other:?}"),
    }
}

fn contract() -> Contract {
    Contract {
        amount: 2_000_000,
        signed_on: "2026-10-20".into(),
        starts_on: "2026-10-20".into(),
        ends_on: "2028-04-20".into(),
        first_payment: 800_000,
        first_paid_on: "2026-10-20".into(),
    }
}

#[tokio::test]
async fn nobody_sees_a_sheet_of_another_before_all_have_scored() {
    let world = World::scoring(|_| {}).await;
    let (challenge, bids) = (&world.challenge, &world.bids);
    for (judge, bid) in [(0, 0), (0, 1), (0, 2), (1, 0), (1, 1), (1, 2), (2, 0), (2, 1)] {
        assert!(!world.score(judge, bid, ODD).await.unwrap(), "not the last");
    }
    let paths = [
        format!("/challenges/{challenge}"),
        format!("/challenges/{challenge}/manage"),
        format!("/challenges/{challenge}/evaluation"),
        format!("/challenges/{challenge}/evaluation/{}", bids[0]),
        format!("/operations/challenges/{challenge}"),
        format!("/operations/challenges/{challenge}/panel"),
        "/operations/audit".to_owned(),
        format!("/panel/{challenge}"),
        format!("/panel/{challenge}/bids/{}", bids[2]),
        format!("/bids/{}", bids[0]),
        format!("/api/v1/challenges/{challenge}/evaluation"),
        format!("/api/v1/challenges/{challenge}/evaluation/{}", bids[0]),
        format!("/api/v1/challenges/{challenge}/outcome"),
        format!("/api/v1/challenges/{challenge}/panel"),
        format!("/api/v1/panel/{challenge}"),
        format!("/api/v1/panel/{challenge}/bids/{}", bids[2]),
        format!("/api/v1/bids/{}/scores", bids[0]),
        "/api/v1/audit".to_owned(),
        "/api/v1/notices".to_owned(),
    ];
    // The third has given nothing to the last bid, so nothing of it is their own.
    let mut answered = 0;
    for login in ["", "enterprise", "operator", "administrator", "judge3", "bidder1"] {
        for path in &paths {
            let (status, text) = world.get(login, path).await;
            answered += usize::from(status == 200);
            let of_others = ["第 1 位", "第 2 位"];
            for leak in of_others.into_iter().chain((login != "judge3").then_some(MARK)) {
                assert!(!text.contains(leak), "{login} {path}: {leak}");
            }
        }
    }
    assert!(answered > 25, "{answered}");
    let log = world.log().await;
    assert!(log.contains("score.submit") && !log.contains(MARK));
    for line in log.lines().filter(|line| line.contains("score.submit")) {
        let line: serde_json::Value = serde_json::from_str(line).unwrap();
        let detail: serde_json::Value = serde_json::from_str(line["entry"]["detail"].as_str().unwrap()).unwrap();
        assert!(line["entry"]["actor"].is_null());
        assert_eq!(detail.as_object().unwrap().keys().collect::<Vec<_>>(), ["bid", "sheet"]);
    }
    // What was given may be changed while others score; the same sheet has another hash each time.
    let hash = async || {
        let (_, text) = world.get("judge1", &format!("/api/v1/panel/{challenge}")).await;
        let seat: serde_json::Value = serde_json::from_str(&text).unwrap();
        seat["bids"][0]["sheet"]["hash"].as_str().unwrap().to_owned()
    };
    let before = hash().await;
    world.score(0, 0, ODD).await.unwrap();
    assert_ne!(before, hash().await);
    assert!(world.log().await.contains(&before), "the log has each");
    // The last sheet makes the ranking.
    assert!(world.score(2, 2, 80).await.unwrap());
    assert_eq!(world.status().await, ChallengeStatus::Ranked);
    let evaluation = world.app.app.evaluation(&world.publisher, challenge).await.unwrap();
    assert_eq!(evaluation.bids[0].bid, bids[2]);
    assert_eq!(evaluation.bids[0].comments.len(), 3);
    assert!(world.told(&world.publisher).await.contains("评审完成"));
    assert_eq!(codes(world.score(0, 0, 90).await), ["scoring-over"]);
    // Nobody is named.
    let (_, text) = world.get("enterprise", &format!("/challenges/{challenge}/evaluation")).await;
    assert!(text.contains("评委一") && text.contains("评委三") && text.contains(MARK));
    for judge in &world.judges {
        assert!(!text.contains(&judge.name) && !text.contains(&judge.account));
    }
    // Nor is a score in the log, which has what the ranking was made of.
    let log = world.log().await;
    let rank = log.lines().find(|line| line.contains("challenge.rank")).unwrap();
    assert!(rank.contains(&hash().await) && !rank.contains("mean"));
    assert!(world.app.app.store().audit_verify().await.unwrap().is_ok());
}

#[tokio::test]
async fn whoever_is_tied_to_the_publisher_is_not_appointed() {
    let world = World::opened(|_| {}).await;
    let (app, operator, challenge) = (&world.app, &world.operator, &world.challenge);
    let own = world.publisher.organisation.clone();
    somebody(app, "insider", "示例内部人", Role::Expert, own).await;
    let branch = organisation(app, "示例电池企业技术中心").await;
    somebody(app, "branch", "示例分部人", Role::Expert, Some(branch)).await;
    somebody(app, "namesake", "示例企业", Role::Expert, None).await;
    let publisher = app.app.store().account(&world.publisher.account).await.unwrap().unwrap();
    assert_eq!(publisher.name, "示例企业", "the table below tells who is named alike");
    for (login, expected) in [
        ("insider", "conflict-of-interest"),
        ("branch", "conflict-of-interest"),
        ("namesake", "conflict-of-interest"),
        ("enterprise", "not-a-judge"),
        ("bidder1", "not-a-judge"),
        ("nobody-there", "unknown-account"),
        ("", "unknown-account"),
        ("judge1", "already-appointed"),
    ] {
        assert_eq!(codes(app.app.panel_appoint(operator, challenge, login).await), [expected], "{login}");
    }
    app.app.panel_appoint(operator, challenge, " Expert ").await.unwrap();
    assert!(app.get("/api/v1/notices").cookie(&app.role(Role::Expert).await).send().await.text().contains("请参加"));
    let cookie = app.role(Role::Operator).await;
    let path = format!("/api/v1/challenges/{challenge}/panel");
    let answer = app.post(&path, json!({ "login": "insider" })).cookie(&cookie).send().await.expect(422);
    assert!(answer.text().contains("评委所在单位就是发榜方“示例电池企业”"), "{}", answer.text());
}

#[tokio::test]
async fn conflicts_block_by_rule_and_by_declaration() {
    let app = TestApp::new().await;
    let challenge = published_with(&app, "回避的榜单", |_| {}).await;
    let operator = actor(&app, Role::Operator).await;
    let (first, second) = (organisation(&app, "成都甲示例大学").await, organisation(&app, "成都乙示例大学").await);
    let first_bidder = somebody(&app, "bidder1", "示例揭榜人1", Role::Talent, Some(first.clone())).await;
    let second_bidder = somebody(&app, "bidder2", "示例揭榜人2", Role::Talent, Some(second.clone())).await;
    let bids = [
        hand_in(&app, &first_bidder, &challenge, bid(&[])).await,
        hand_in(&app, &second_bidder, &challenge, bid(&[])).await,
    ];
    let colleague = somebody(&app, "judge1", "示例评委1", Role::PanelMember, Some(first)).await;
    let friend = somebody(&app, "judge2", "示例评委2", Role::PanelMember, None).await;
    let far = somebody(&app, "judge3", "示例评委3", Role::Expert, None).await;
    // Two conflicts found at opening do not keep anybody from being appointed: nobody knows of bids.
    for login in ["judge1", "judge2", "judge3"] {
        app.app.panel_appoint(&operator, &challenge, login).await.unwrap();
    }
    assert!(app.app.panel_seat(&colleague, &challenge).await.unwrap().bids.is_empty(), "nothing before opening");
    assert_eq!(codes(app.app.panel_declare(&far, &challenge, &[]).await), ["not-opened"]);
    assert_eq!(codes(app.app.panel_read(&far, &challenge, &bids[0]).await), ["not-found"]);
    app.pass(21 * DAY_MS);
    app.app.challenges_open_due().await.unwrap();
    // Names to declare by, no contents.
    let seat = app.app.panel_seat(&far, &challenge).await.unwrap();
    assert_eq!(
        seat.bids.iter().map(|b| b.organisations.join("")).collect::<Vec<_>>(),
        ["成都甲示例大学", "成都乙示例大学"]
    );
    assert_eq!(codes(app.app.panel_read(&far, &challenge, &bids[0]).await), ["not-declared"]);
    let seat = app.app.panel_seat(&colleague, &challenge).await.unwrap();
    let (reason, by_rule) = seat.bids[0].conflict.clone().unwrap();
    assert_eq!((reason.as_str(), by_rule), ("评委所在单位就是揭榜方“成都甲示例大学”", true));
    assert!(seat.bids[1].conflict.is_none());
    // What is declared needs its reason, and its bid.
    let declare = async |who: &Actor, bid: &str, reason: &str| {
        app.app.panel_declare(who, &challenge, &[(bid.to_owned(), reason.to_owned())]).await
    };
    assert_eq!(codes(declare(&friend, &bids[1], " ").await), ["missing-value"]);
    assert_eq!(codes(declare(&friend, "none", "同学").await), ["unknown-bid"]);
    declare(&friend, &bids[1], "近三年共同申请专利").await.unwrap();
    app.app.panel_declare(&colleague, &challenge, &[]).await.unwrap();
    app.app.panel_declare(&far, &challenge, &[]).await.unwrap();
    let give = async |who: &Actor, bid: &str| app.app.panel_score(who, (&challenge, bid), vec![60; 4], "评语").await;
    for (who, blocked, open) in [(&colleague, 0, 1), (&friend, 1, 0)] {
        let refused = app.app.panel_read(who, &challenge, &bids[blocked]).await;
        assert!(refused.as_ref().unwrap_err().to_string().starts_with("因利益冲突不能查看和评审这份揭榜："));
        assert_eq!(codes(refused), ["conflict-of-interest"]);
        assert_eq!(codes(app.app.panel_file(who, &challenge, &bids[blocked], "any").await), ["conflict-of-interest"]);
        assert_eq!(codes(give(who, &bids[blocked]).await), ["conflict-of-interest"]);
        assert_eq!(app.app.panel_read(who, &challenge, &bids[open]).await.unwrap().content.bid.route, "隔热与定向泄压");
        assert!(!give(who, &bids[open]).await.unwrap());
    }
    // Somebody who changes sides after declaring.
    assert!(!give(&far, &bids[0]).await.unwrap());
    let mut write = app.app.store().begin().await.unwrap();
    write.standing_set(&second, ("", "示例评委3"), &[], 0).await.unwrap();
    write.commit().await.unwrap();
    assert_eq!(codes(give(&far, &bids[1]).await), ["conflict-of-interest"]);
    // The second bid has one judge left, the first two: all have given what they may, so there is a ranking.
    let found = app.app.store().challenge(&challenge).await.unwrap().unwrap();
    assert_eq!(found.status, ChallengeStatus::Ranked);
    let log: String =
        public_page(app.app.store(), 0).await.unwrap().iter().map(|l| serde_json::to_string(l).unwrap()).collect();
    assert!(log.contains("panel.declare") && !log.contains("专利"), "reasons are between member and operator");
}

#[tokio::test]
async fn a_member_may_declare_later_and_what_they_gave_is_dropped() {
    let world = World::scoring(|_| {}).await;
    for judge in 0..3 {
        for bid in 0..3 {
            if (judge, bid) != (2, 2) {
                world.score(judge, bid, 60).await.unwrap();
            }
        }
    }
    let conflicts = [(world.bids[2].clone(), "刚刚得知其负责人是亲属".to_owned())];
    world.app.app.panel_declare(&world.judges[1], &world.challenge, &conflicts).await.unwrap();
    assert_eq!(world.status().await, ChallengeStatus::Scoring, "the third has still to score");
    assert_eq!(codes(world.score(1, 2, 60).await), ["conflict-of-interest"]);
    world.score(2, 2, 90).await.unwrap();
    let evaluation = world.app.app.evaluation(&world.publisher, &world.challenge).await.unwrap();
    let first = &evaluation.bids[0];
    assert_eq!((first.bid.as_str(), first.comments.len()), (world.bids[2].as_str(), 2));
    assert_eq!(first.place.as_ref().unwrap().mean, 750_000);
}

#[tokio::test]
async fn a_panel_that_loses_a_member_ends_only_where_enough_are_left() {
    let world = World::scoring(|_| {}).await;
    let (app, operator, challenge) = (&world.app.app, &world.operator, &world.challenge);
    for judge in 0..2 {
        for bid in 0..3 {
            world.score(judge, bid, 60).await.unwrap();
        }
    }
    let third = world.judges[2].account.clone();
    assert_eq!(codes(app.panel_remove(operator, challenge, &third, " ").await), ["missing-value"]);
    assert_eq!(codes(app.panel_remove(operator, challenge, "none", "不评分").await), ["not-found"]);
    app.panel_remove(operator, challenge, &third, "逾期未评分").await.unwrap();
    assert_eq!(world.status().await, ChallengeStatus::Scoring, "two are too few");
    assert_eq!(codes(app.panel_seat(&world.judges[2], challenge).await), ["not-found"]);
    let view = app.panel_view(operator, challenge).await.unwrap();
    assert_eq!(view.advice.unwrap(), "评委共 2 位，至少要 3 位，评分完成后才能形成排名");
    // Four: one scores, one does not and is removed, which ends scoring.
    app.panel_appoint(operator, challenge, "expert").await.unwrap();
    app.panel_appoint(operator, challenge, "panel_member").await.unwrap();
    let expert = actor(&world.app, Role::Expert).await;
    app.panel_declare(&expert, challenge, &[]).await.unwrap();
    for bid in &world.bids {
        assert!(!app.panel_score(&expert, (challenge, bid), vec![60; 4], "评语").await.unwrap());
    }
    let idle = actor(&world.app, Role::PanelMember).await.account;
    app.panel_remove(operator, challenge, &idle, "逾期未评分").await.unwrap();
    assert_eq!(world.status().await, ChallengeStatus::Ranked);
    assert_eq!(codes(app.panel_remove(operator, challenge, &expert.account, "x").await), ["panel-closed"]);
    assert_eq!(codes(app.panel_appoint(operator, challenge, "judge3").await), ["panel-closed"]);
    let log = world.log().await;
    assert!(log.contains("panel.remove") && log.contains("逾期未评分"));
}

#[tokio::test]
async fn ties_are_shown_and_a_choice_that_departs_says_why() {
    let world = World::ranked([70, 90, 90], |_| {}).await;
    let evaluation = world.app.app.evaluation(&world.publisher, &world.challenge).await.unwrap();
    let places: Vec<_> =
        evaluation.bids.iter().map(|b| b.place.as_ref().map(|p| (p.place, p.is_tied)).unwrap()).collect();
    assert_eq!(places, [(1, true), (1, true), (3, false)]);
    let page = Desk::of(&world.app, Role::Enterprise).await;
    let path = format!("/challenges/{}", world.challenge);
    let text = page.page(&format!("{path}/evaluation")).await;
    assert_eq!(text.matches("并列</span>").count(), 2, "in the table");
    // Not the first, without a reason: the form comes back with the sentence, and what was chosen.
    let version = world.version().await.to_string();
    let form = [("version", version.as_str()), ("bid", &world.bids[0]), ("reason", " ")];
    let refused = page.send(&format!("{path}/choice"), &form).await.expect(422).text();
    assert!(refused.contains("选定的不是排名第一：请写明理由"));
    assert!(refused.contains(&format!("value=\"{}\" checked", world.bids[0])));
    assert_eq!(codes(world.choose(0, "").await), ["missing-reason"]);
    let unknown = world.app.app.award_choose(&world.publisher, (&world.challenge, world.version().await), "none", "x");
    assert_eq!(codes(unknown.await), ["unknown-bid"]);
    let stale = world.app.app.award_choose(&world.publisher, (&world.challenge, 1), &world.bids[1], "").await;
    assert_eq!(codes(stale), ["stale"]);
    // One of a tie on the first place is no departure.
    world.choose(2, "").await.unwrap();
    assert_eq!(world.status().await, ChallengeStatus::Chosen);
    assert_eq!(codes(world.choose(1, "").await), ["invalid-transition"]);
    let (_, public) = world.get("", &path).await;
    assert!(public.contains("成都第3示例大学") && !public.contains("成都第1示例大学"));
    assert!(!public.contains("90.00"), "scores come with the award");
}

#[tokio::test]
async fn an_objection_that_is_upheld_goes_back_to_the_choice() {
    let world = World::ranked([90, 70, 60], |_| {}).await;
    let (app, challenge) = (&world.app.app, world.challenge.as_str());
    let object = async |who: &Actor, text: &str| app.objection_raise(who, challenge, text).await;
    assert_eq!(codes(object(&world.bidders[1], "理由").await), ["no-objections-now"]);
    world.choose(1, "工期更短").await.unwrap();
    let (_, public) = world.get("", &format!("/challenges/{challenge}")).await;
    assert!(public.contains("理由：工期更短") && public.contains("异议期到"));
    // Bidders and watchers, nobody else.
    let talent = actor(&world.app, Role::Talent).await;
    assert_eq!(codes(object(&talent, "理由").await), ["may-not-object"]);
    assert_eq!(codes(object(&world.publisher, "理由").await), ["may-not-object"]);
    assert_eq!(codes(object(&world.bidders[0], " ").await), ["missing-value"]);
    object(&world.bidders[0], "第一名未被选定，理由不实").await.unwrap();
    assert_eq!(codes(object(&world.bidders[0], "再来一条").await), ["objection-waits"]);
    let mut write = app.store().begin().await.unwrap();
    write.challenge_watch(challenge, &talent.account, 0).await.unwrap();
    write.commit().await.unwrap();
    object(&talent, "围观者也有异议").await.unwrap();
    for who in [&world.publisher, &world.operator] {
        assert!(world.told(who).await.contains("收到异议"));
    }
    world.app.pass(6 * DAY_MS);
    assert_eq!(codes(object(&world.bidders[2], "太晚了").await), ["no-objections-now"]);
    assert_eq!(codes(world.award().await), ["objection-open"]);
    // Their texts are for the objector, the publisher and the operator.
    let page = format!("/challenges/{challenge}");
    for (login, path, sees) in [
        ("enterprise", format!("{page}/evaluation"), true),
        ("operator", format!("{page}/evaluation"), true),
        ("bidder1", page.clone(), true),
        ("bidder2", page.clone(), false),
        ("", page.clone(), false),
    ] {
        assert_eq!(world.get(login, &path).await.1.contains("第一名未被选定"), sees, "{login}");
    }
    let objections = app.evaluation(&world.operator, challenge).await.unwrap().objections;
    let answer =
        async |id: &str, text: &str, upheld| app.objection_answer(&world.operator, (challenge, id), text, upheld).await;
    assert_eq!(codes(answer(&objections[0].id, "", true).await), ["missing-value"]);
    assert_eq!(codes(answer("none", "x", true).await), ["not-found"]);
    answer(&objections[0].id, "工期并非评价标准", true).await.unwrap();
    assert_eq!(world.status().await, ChallengeStatus::Ranked);
    assert_eq!(codes(answer(&objections[0].id, "再答", false).await), ["stale"]);
    // The other was about a choice that is no more.
    let after = app.evaluation(&world.operator, challenge).await.unwrap();
    assert_eq!(after.open_objections(), 0);
    assert_eq!(after.challenge.chosen, None);
    assert!(world.told(&world.publisher).await.contains("将重新选定"));
    assert!(world.told(&world.bidders[0]).await.contains("有了答复"));
    assert_eq!(codes(world.award().await), ["invalid-transition"]);
    // Chosen again, it has its whole window again.
    world.choose(0, "").await.unwrap();
    assert_eq!(codes(world.award().await), ["window-open"]);
    object(&world.bidders[1], "不服").await.unwrap();
    let open = app.evaluation(&world.operator, challenge).await.unwrap().objections.pop().unwrap();
    answer(&open.id, "评分无误", false).await.unwrap();
    world.app.pass(6 * DAY_MS);
    world.award().await.unwrap();
    let log = world.log().await;
    for step in ["objection.raise", "objection.answer", "challenge.reconsider", "challenge.choose", "challenge.award"] {
        assert!(log.contains(step), "{step}");
    }
    assert!(!log.contains("第一名未被选定") && !log.contains("评分无误"), "texts are hashed");
}

#[tokio::test]
async fn an_award_shows_what_the_policy_allows() {
    for policy in Scores::ALL {
        let world = World::undisputed([90, 70, 61], |content| content.scores = policy).await;
        let page = format!("/challenges/{}", world.challenge);
        assert!(world.app.app.bid_scores(&world.bidders[1], &world.bids[1]).await.unwrap().is_none(), "not before");
        world.award().await.unwrap();
        for login in ["", "bidder2", "judge1", "operator"] {
            let (_, text) = world.get(login, &page).await;
            assert!(text.contains("成都第1示例大学") && text.contains("90.00"), "{login}");
            for hidden in ["成都第3示例大学", "61.00"] {
                assert_eq!(text.contains(hidden), policy == Scores::All, "{login} {hidden}");
            }
            assert!(!text.contains(MARK), "{login}");
        }
        let (_, outcome) = world.get("", &format!("/api/v1{page}/outcome")).await;
        assert_eq!(outcome.contains("610000"), policy == Scores::All);
        let log = world.log().await;
        let award = log.lines().find(|line| line.contains("challenge.award")).unwrap();
        assert_eq!((award.contains("900000"), award.contains("610000")), (true, policy == Scores::All));
        // Everybody is told their own.
        for (at, (status, total)) in
            [(BidStatus::Won, 900_000), (BidStatus::Lost, 700_000), (BidStatus::Lost, 610_000)].into_iter().enumerate()
        {
            let own = world.app.app.bid_scores(&world.bidders[at], &world.bids[at]).await.unwrap().unwrap();
            assert_eq!((own.status, own.place.mean, own.place.place, own.of), (status, total, at + 1, 3));
            assert_eq!((own.means, own.comments.len()), (vec![total; 4], 3));
            let (_, text) = world.get(&format!("bidder{}", at + 1), &format!("/bids/{}", world.bids[at])).await;
            assert!(text.contains(MARK) && text.contains("评委二") && !text.contains("示例评委"));
            let told = world.told(&world.bidders[at]).await;
            assert!(told.contains(if at == 0 { "贵单位中榜" } else { "可以查看自己的得分" }), "{told}");
        }
        assert_eq!(codes(world.app.app.bid_scores(&world.bidders[1], &world.bids[2]).await), ["not-found"]);
    }
}

#[tokio::test]
async fn a_contract_is_recorded_by_its_hash() {
    let world = World::undisputed([90, 70, 60], |_| {}).await;
    assert_eq!(codes(world.contract(contract(), b"text").await), ["invalid-transition"]);
    world.award().await.unwrap();
    let wrong = Contract { amount: 0, ends_on: "2029-01-01".into(), ..contract() };
    let refused = codes(world.contract(wrong, b"").await);
    assert_eq!(refused, ["missing-amount", "payment-too-large", "too-long", "missing-file"]);
    let page = Desk::of(&world.app, Role::Enterprise).await;
    let path = format!("/challenges/{}", world.challenge);
    let version = world.version().await.to_string();
    let fields = [
        ("version", version.as_str()),
        ("amount", "200"),
        ("signed_on", "2026-10-20"),
        ("starts_on", "2026-10-20"),
        ("ends_on", "2028-04-20"),
        ("first_payment", "80"),
        ("first_paid_on", "2026-10-20"),
    ];
    let refused = page.upload(&format!("{path}/contract"), &fields, &[("file", "", b"")]).await.expect(422).text();
    assert!(refused.contains("请选择双方签署的合同文件") && refused.contains("value=\"80\""), "what was typed is kept");
    let file: &[u8] = "研发合同".as_bytes();
    page.upload(&format!("{path}/contract"), &fields, &[("file", "合同.txt", file)]).await.expect(303);
    let text = page.page(&format!("{path}/evaluation")).await;
    assert!(text.contains("200 万元") && text.contains("不保存文件"));
    assert!(text.contains("e27c1c0e") || text.matches("<code>").count() == 1, "the file's hash");
    // Everybody sees the day, and not the amount.
    let (_, public) = world.get("", &path).await;
    assert!(public.contains("2026-10-20 签订研发合同") && !public.contains("80 万元"));
    assert!(!world.log().await.contains("800000"));
    assert_eq!(world.status().await, ChallengeStatus::Contracted);
    assert_eq!(codes(world.contract(contract(), file).await), ["invalid-transition"]);
}

/// Path, and the status that each is answered with: visitor, another bidder, publisher, another
/// enterprise, member of the panel, somebody else who could be one, operator.
#[tokio::test]
async fn who_sees_what() {
    let world = World::scoring(|_| {}).await;
    world.app.other_enterprise().await;
    let logins = ["", "bidder2", "enterprise", "other", "judge1", "expert", "operator"];
    let (challenge, bid) = (&world.challenge, &world.bids[0]);
    for (path, expected) in [
        (format!("/challenges/{challenge}"), [200; 7]),
        (format!("/challenges/{challenge}/evaluation"), [303, 403, 200, 404, 403, 403, 200]),
        (format!("/challenges/{challenge}/evaluation/{bid}"), [303, 403, 200, 404, 403, 403, 403]),
        ("/panel".to_owned(), [303, 403, 403, 403, 200, 200, 403]),
        (format!("/panel/{challenge}"), [303, 403, 403, 403, 200, 404, 403]),
        (format!("/panel/{challenge}/bids/{bid}"), [303, 403, 403, 403, 200, 404, 403]),
        (format!("/operations/challenges/{challenge}/panel"), [303, 403, 403, 403, 403, 403, 200]),
        (format!("/bids/{bid}"), [303, 404, 404, 404, 403, 403, 403]),
        (format!("/api/v1/challenges/{challenge}/outcome"), [200; 7]),
        (format!("/api/v1/challenges/{challenge}/evaluation"), [401, 403, 200, 404, 403, 403, 200]),
        (format!("/api/v1/challenges/{challenge}/evaluation/{bid}"), [401, 403, 200, 404, 403, 403, 403]),
        (format!("/api/v1/challenges/{challenge}/panel"), [401, 403, 403, 403, 403, 403, 200]),
        (format!("/api/v1/panel/{challenge}"), [401, 403, 403, 403, 200, 404, 403]),
        (format!("/api/v1/panel/{challenge}/bids/{bid}"), [401, 403, 403, 403, 200, 404, 403]),
        (format!("/api/v1/bids/{bid}/scores"), [401, 404, 404, 404, 403, 403, 403]),
    ] {
        for (login, expected) in logins.into_iter().zip(expected) {
            let (status, text) = world.get(login, &path).await;
            let told = text.contains("隔热与定向泄压");
            assert_eq!(status, expected, "{login:?} {path}");
            let may_read = matches!(login, "enterprise" | "judge1") && path.ends_with(bid.as_str());
            assert_eq!(told, status == 200 && may_read, "{login:?} {path}: what the bid says");
        }
    }
}

/// Each step in each status that does not allow it: refused with a sentence, nothing changed.
#[tokio::test]
async fn steps_out_of_order_are_refused() {
    let world = World::scoring(|_| {}).await;
    let (app, challenge) = (&world.app.app, world.challenge.as_str());
    let tried = async |allowed: &[&str]| {
        let before = world.version().await;
        let contract = codes(world.contract(contract(), b"text").await);
        let mut found = vec![("contract", contract)];
        if !allowed.contains(&"score") {
            found.push(("score", codes(world.score(0, 0, 50).await)));
            found.push(("declare", codes(app.panel_declare(&world.judges[0], challenge, &[]).await)));
        }
        if !allowed.contains(&"choose") {
            found.push(("choose", codes(world.choose(0, "x").await)));
        }
        if !allowed.contains(&"award") {
            found.push(("award", codes(world.award().await)));
        }
        if !allowed.contains(&"object") {
            found.push(("object", codes(app.objection_raise(&world.bidders[1], challenge, "x").await)));
        }
        assert_eq!(world.version().await, before, "nothing changed");
        found.into_iter().map(|(step, codes)| format!("{step}: {}", codes.join(","))).collect::<Vec<_>>()
    };
    const NO: &str = "invalid-transition";
    let now = tried(&["score"]).await;
    let all = |steps: &[(&str, &str)]| steps.iter().map(|(s, c)| format!("{s}: {c}")).collect::<Vec<_>>();
    assert_eq!(now, all(&[("contract", NO), ("choose", NO), ("award", NO), ("object", "no-objections-now")]));
    for judge in 0..3 {
        for bid in 0..3 {
            world.score(judge, bid, 80 - bid as u32).await.unwrap();
        }
    }
    let over = [("score", "scoring-over"), ("declare", "scoring-over")];
    let with = |before: &[(&str, &str)], after: &[(&str, &str)]| all(&[before, &over[..], after].concat());
    let now = tried(&["choose"]).await;
    assert_eq!(now, with(&[("contract", NO)], &[("award", NO), ("object", "no-objections-now")]));
    world.choose(0, "").await.unwrap();
    let now = tried(&["object"]).await;
    assert_eq!(now, with(&[("contract", NO)], &[("choose", NO), ("award", "window-open")]));
    let told = world.award().await.unwrap_err().to_string();
    assert_eq!(told, "异议期还没有结束，结束后才能公布中榜");
    world.app.pass(6 * DAY_MS);
    world.award().await.unwrap();
    assert_eq!(codes(world.award().await), [NO]);
    assert_eq!(codes(app.challenge_withdraw(&world.publisher, challenge, world.version().await, "x").await), [NO]);
    // Others than the publisher take no step of it; the operator neither.
    let version = world.version().await;
    for who in [&world.operator, &world.bidders[0], &world.judges[0]] {
        assert_eq!(codes(app.award_publish(who, (challenge, version)).await), ["forbidden"]);
    }
    assert_eq!(codes(app.panel_view(&world.publisher, challenge).await), ["forbidden"]);
    let refused = app.objection_answer(&world.publisher, (challenge, "any"), "x", false).await;
    assert_eq!(codes(refused), ["forbidden"]);
    // It may still end without a contract.
    app.challenge_fail(&world.publisher, challenge, version, "未能签约").await.unwrap();
    assert_eq!(world.status().await, ChallengeStatus::Failed);
}

#[tokio::test]
async fn a_member_works_through_the_pages() {
    let world = World::opened(|_| {}).await;
    let desk = Desk::new(&world.app, world.app.sign_in("judge1").await).await;
    let (challenge, bids) = (&world.challenge, &world.bids);
    let list = desk.page("/panel").await;
    assert!(list.contains("请先声明利益冲突") && list.contains(&format!("/panel/{challenge}")));
    let seat = format!("/panel/{challenge}");
    let page = desk.page(&seat).await;
    assert!(page.contains("成都第1示例大学") && !page.contains("隔热与定向泄压"));
    // Reading before declaring leads to the declaration.
    let answer = desk.get(&format!("{seat}/bids/{}", bids[0])).await.expect(303);
    assert_eq!(crate::desk::location(&answer), seat);
    let field = format!("reason-{}", bids[2]);
    let long = "长".repeat(5000);
    let refused = desk.send(&format!("{seat}/declaration"), &[(&field, &long)]).await.expect(422).text();
    assert!(refused.contains(&format!("href=\"#{field}\"")));
    let declared = [(field.as_str(), "曾任职于该校"), ("reason-none", "")];
    desk.done(&format!("{seat}/declaration"), &declared, &format!("{seat}?done=declared")).await;
    let page = desk.page(&seat).await;
    assert!(page.contains("您声明：曾任职于该校") && page.contains("还有 2 份待评"));
    let path = format!("{seat}/bids/{}", bids[0]);
    let page = desk.page(&path).await;
    assert!(page.contains("隔热与定向泄压") && page.contains("≥ 130") && page.contains("90 万元"));
    let wrong = [("scores", "80"), ("scores", "101"), ("scores", "x"), ("scores", "70"), ("comment", "写好的评语")];
    let refused = desk.send(&path, &wrong).await.expect(422).text();
    assert!(refused.contains("第 2 项请填 0—100 的整数") && refused.contains("第 3 项"));
    assert!(refused.contains("value=\"101\"") && refused.contains("写好的评语"), "what was typed is kept");
    let silent = [("scores", "80"), ("scores", "80"), ("scores", "80"), ("scores", "80"), ("comment", " ")];
    assert!(desk.send(&path, &silent).await.expect(422).text().contains("请写评语"));
    assert!(
        desk.send(&path, &[("scores", "80"), ("comment", "短")]).await.expect(422).text().contains("共 4 项评价标准")
    );
    let right = [("scores", "80"), ("scores", "８０"), ("scores", "60"), ("scores", " 70 "), ("comment", "可行")];
    desk.done(&path, &right, &format!("{seat}?done=scored")).await;
    assert!(desk.page(&seat).await.contains("75.00"), "80×40% + 80×30% + 60×20% + 70×10%");
    assert!(desk.page(&path).await.contains("更新评分"));
    assert_eq!(desk.get(&format!("{seat}/bids/{}", bids[2])).await.status.as_u16(), 403);
    assert_eq!(desk.get(&format!("{path}/files/none")).await.status.as_u16(), 404);
    // The operator sees how far it is, and appoints and removes on the page.
    let operator = Desk::of(&world.app, Role::Operator).await;
    let team = format!("/operations/challenges/{challenge}/panel");
    let page = operator.page(&team).await;
    assert!(page.contains("回避 1 份") && page.contains("1 / 2") && page.contains("未声明"));
    let refused = operator.send(&team, &[("login", "enterprise")]).await.expect(422).text();
    assert!(refused.contains("不是可用的评委或专家账号") && refused.contains("value=\"enterprise\""));
    operator.done(&team, &[("login", "expert")], &format!("{team}?done=appointed")).await;
    let account = world.judges[2].account.as_str();
    let removal = format!("{team}/removal");
    let refused = operator.send(&removal, &[("account", account), ("reason", "")]).await.expect(422).text();
    assert!(refused.contains("没有写理由"));
    operator.done(&removal, &[("account", account), ("reason", "出差")], &format!("{team}?done=removed")).await;
}

#[tokio::test]
async fn outcomes_are_judgements_for_match_quality() {
    let talents: Vec<Talent> = ["t1", "t2", "t3"].map(talent).to_vec();
    let app = TestApp::with_talents(&talents).await.0;
    let challenge = published_with(&app, "判断的榜单", |_| {}).await;
    let (publisher, operator) = (actor(&app, Role::Enterprise).await, actor(&app, Role::Operator).await);
    let mut bids = Vec::new();
    for (number, team) in [(1, &["t1"][..]), (2, &["t2", "t3"])] {
        let own = organisation(&app, &format!("成都第{number}示例大学")).await;
        let bidder = somebody(&app, &format!("bidder{number}"), "示例揭榜人", Role::Talent, Some(own)).await;
        bids.push(hand_in(&app, &bidder, &challenge, bid(team)).await);
        app.pass(1);
    }
    assert!(app.app.board_judgements().await.unwrap().is_empty(), "nothing of what is sealed");
    let mut judges = Vec::new();
    for login in ["judge1", "judge2", "judge3"] {
        judges.push(somebody(&app, login, &format!("示例 {login}"), Role::Expert, None).await);
        app.app.panel_appoint(&operator, &challenge, login).await.unwrap();
    }
    app.pass(21 * DAY_MS);
    app.app.challenges_open_due().await.unwrap();
    let need = app.app.store().challenge(&challenge).await.unwrap().unwrap().need;
    let expect = |grades: [u8; 3]| {
        let of = |(talent, grade): (&str, u8)| (need.clone(), talent.to_owned(), grade);
        ["t1", "t2", "t3"].into_iter().zip(grades).map(of).collect::<Vec<_>>()
    };
    assert_eq!(app.app.board_judgements().await.unwrap(), expect([1, 1, 1]));
    for judge in &judges {
        app.app.panel_declare(judge, &challenge, &[]).await.unwrap();
        for (bid, score) in bids.iter().zip([50, 60]) {
            app.app.panel_score(judge, (&challenge, bid), vec![score; 4], "评语").await.unwrap();
        }
    }
    let version = async || app.app.store().challenge(&challenge).await.unwrap().unwrap().version;
    app.app.award_choose(&publisher, (&challenge, version().await), &bids[1], "").await.unwrap();
    app.pass(6 * DAY_MS);
    app.app.award_publish(&publisher, (&challenge, version().await)).await.unwrap();
    assert_eq!(app.app.board_judgements().await.unwrap(), expect([1, 2, 2]));
    let file = ("合同.txt", "研发合同".as_bytes().to_vec());
    app.app.contract_record(&publisher, (&challenge, version().await), contract(), file).await.unwrap();
    assert_eq!(app.app.board_judgements().await.unwrap(), expect([1, 3, 3]));
}

fn talent(id: &str) -> Talent {
    Talent {
        id: id.into(),
        kind: TalentKind::Researcher,
        name: format!("示例研究员 {id}"),
        organization: "成都示例研究院".into(),
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
