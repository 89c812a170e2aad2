//! Random sequences of publishing, amending, bidding, taking back, opening, scoring, choosing and awarding,
//! against a small model:
//! what the model allows is done, what it does not is refused, no state is reached that it does not
//! know, and nothing of a bid is to be had before opening. `ZHIHUI_SEQUENCES` sets how many (default 40).

use std::collections::BTreeSet;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use tokio::task::JoinSet;
use zhihui::app::Actor;
use zhihui::app::board::challenges::ChallengeVerdict;
use zhihui::domain::challenge::Challenge;
use zhihui::domain::challenge::contract::Contract;
use zhihui::domain::challenge::status::ChallengeStatus as Status;
use zhihui::domain::{Day, Role};
use zhihui::matching::random::SplitMix64;

use crate::board_world::{DAY_MS, actor, actor_of_other, begun, bid, filled, sent};
use crate::harness::TestApp;

const BIDDERS: usize = 3;
const JUDGES: usize = 3;
/// Steps of a sequence.
const STEPS: usize = 30;

/// What is known of a challenge without looking.
struct Model {
    status: Status,
    closes: i64,
    submitted: [bool; BIDDERS],
    opened: [bool; BIDDERS],
    scored: [[bool; BIDDERS]; JUDGES],
    objections_until: i64,
}

impl Model {
    fn takes_bids(&self, now: i64) -> bool {
        self.status == Status::Open && now < self.closes
    }

    /// A step that leads on, or any.
    fn choose(&self, random: &mut SplitMix64) -> usize {
        let sensible: &[usize] = match self.status {
            Status::Preparing => &[0],
            Status::Submitted => &[1],
            Status::Open => &[3, 4, 4, 5, 7, 9, 9, 10],
            Status::Scoring => &[11],
            Status::Ranked => &[12],
            Status::Chosen => &[9, 13],
            _ => &[13],
        };
        if random.below(3) == 0 { random.below(14) } else { sensible[random.below(sensible.len())] }
    }

    /// A sheet that is still missing, mostly.
    fn sheet(&self, random: &mut SplitMix64) -> (usize, usize) {
        let pairs = (0..JUDGES).flat_map(|j| (0..BIDDERS).map(move |b| (j, b)));
        let missing: Vec<_> = pairs.filter(|&(j, b)| self.opened[b] && !self.scored[j][b]).collect();
        match random.below(4) {
            0 => (random.below(JUDGES), random.below(BIDDERS)),
            _ if missing.is_empty() => (0, 0),
            _ => missing[random.below(missing.len())],
        }
    }
}

struct World {
    app: TestApp,
    publisher: Actor,
    operator: Actor,
    bidders: Vec<Actor>,
    judges: Vec<Actor>,
    challenge: String,
    bids: [Option<String>; BIDDERS],
}

impl World {
    async fn record(&self) -> zhihui::store::board::challenges::ChallengeRecord {
        self.app.app.store().challenge(&self.challenge).await.unwrap().unwrap()
    }

    /// Does one step; gives whether it was done, and whether the model expects it.
    async fn step(&mut self, model: &mut Model, random: &mut SplitMix64) -> (String, bool, bool) {
        let (app, now, record) = (&self.app.app, self.app.app.now(), self.record().await);
        let (which, version) = (random.below(BIDDERS), record.version);
        match model.choose(random) {
            0 => {
                let submitted = app.challenge_submit(&self.publisher, &self.challenge, version).await;
                let expected = model.status == Status::Preparing && now <= model.closes - 10 * DAY_MS;
                let is_done = submitted.is_ok();
                if is_done {
                    model.status = Status::Submitted;
                }
                ("submit".into(), is_done, expected)
            }
            1 | 2 => {
                let verdict = ChallengeVerdict::Publish;
                let decided = app.challenge_decide(&self.operator, &self.challenge, version, verdict).await;
                let expected = model.status == Status::Submitted && now <= model.closes - 10 * DAY_MS;
                let is_done = decided.is_ok();
                if is_done {
                    model.status = Status::Open;
                    for judge in &self.judges {
                        app.panel_appoint(&self.operator, &self.challenge, &login(judge)).await.unwrap();
                    }
                }
                ("publish".into(), is_done, expected)
            }
            3 => {
                let problem = format!("{}+", record.content.problem);
                let content = Challenge { problem, questions_until: None, ..record.content };
                let amended = app.challenge_amend(&self.publisher, &self.challenge, version, content, "补充").await;
                let expected = model.takes_bids(now);
                let is_done = amended.is_ok();
                if is_done {
                    model.closes = model.closes.max(now + 5 * DAY_MS);
                }
                ("amend".into(), is_done, expected)
            }
            4..=6 => {
                let is_done = self.hand_in(which).await;
                let expected = model.takes_bids(now);
                if is_done {
                    model.submitted[which] = true;
                }
                (format!("bid {which}"), is_done, expected)
            }
            7 => {
                let expected = model.takes_bids(now) && model.submitted[which];
                let is_done = match &self.bids[which] {
                    Some(id) => {
                        let seen = app.bid_view(&self.bidders[which], id).await.unwrap().record.version;
                        app.bid_withdraw(&self.bidders[which], id, seen).await.is_ok()
                    }
                    None => false,
                };
                if is_done {
                    model.submitted[which] = false;
                }
                (format!("take back {which}"), is_done, expected)
            }
            8 if random.below(4) == 0 => {
                let done = app.challenge_end(&self.publisher, &self.challenge, version, "示例").await;
                let next = match model.status {
                    Status::Preparing | Status::Submitted | Status::Open => Some(Status::Withdrawn),
                    Status::Scoring | Status::Ranked | Status::Chosen | Status::Awarded => Some(Status::Failed),
                    Status::Contracted | Status::Withdrawn | Status::Failed => None,
                };
                let (is_done, expected) = (done.is_ok(), next.is_some());
                if let Some(next) = next.filter(|_| is_done) {
                    model.status = next;
                }
                ("end".into(), is_done, expected)
            }
            8 | 9 => {
                self.app.pass((1 + random.below(9) as i64) * DAY_MS);
                ("wait".into(), true, true)
            }
            10 => {
                // Those of earlier sequences are opened with it.
                app.challenges_open_due().await.unwrap();
                let is_done = record.opened_at.is_none() && self.record().await.opened_at.is_some();
                let expected = model.status == Status::Open && now >= model.closes;
                if is_done {
                    model.opened = model.submitted;
                    let any = model.opened.iter().any(|o| *o);
                    model.status = if any { Status::Scoring } else { Status::Failed };
                    if any {
                        for judge in &self.judges {
                            app.panel_declare(judge, &self.challenge, &[]).await.unwrap();
                        }
                    }
                }
                ("open".into(), is_done, expected)
            }
            11 => {
                let (judge, which) = model.sheet(random);
                let id = self.bids[which].clone().unwrap_or_else(|| "none".into());
                let scores = vec![(40 + random.below(60)) as u32; record.content.criteria.len()];
                let of = (&*self.challenge, &*id);
                let done = app.panel_score(&self.judges[judge], of, scores, "示例意见").await;
                let expected = model.status == Status::Scoring && model.opened[which];
                if done.is_ok() {
                    model.scored[judge][which] = true;
                    let all = |scored: &[bool; BIDDERS]| (0..BIDDERS).all(|b| !model.opened[b] || scored[b]);
                    if model.scored.iter().all(all) {
                        model.status = Status::Ranked;
                    }
                }
                (format!("score {judge} {which}"), done.is_ok(), expected)
            }
            12 => {
                let id = self.bids[which].clone().unwrap_or_else(|| "none".into());
                let done = app.award_choose(&self.publisher, (&self.challenge, version), &id, "示例理由").await;
                let expected = model.status == Status::Ranked && model.opened[which];
                if done.is_ok() {
                    model.status = Status::Chosen;
                    model.objections_until = now + 5 * DAY_MS;
                }
                (format!("choose {which}"), done.is_ok(), expected)
            }
            _ if model.status == Status::Awarded => {
                let day = |ms: i64| Day::at(ms).unwrap().to_string();
                let contract = Contract {
                    amount: 2_000_000,
                    signed_on: day(now),
                    starts_on: day(now),
                    ends_on: day(now + 300 * DAY_MS),
                    first_payment: 800_000,
                    first_paid_on: day(now),
                };
                let file = Some(sent("合同.pdf", b"%PDF-1.4 \n%%EOF"));
                let done = app.contract_record(&self.publisher, (&self.challenge, version), contract, file).await;
                if done.is_ok() {
                    model.status = Status::Contracted;
                }
                (format!("contract {done:?}"), done.is_ok(), true)
            }
            _ => {
                let done = app.award_publish(&self.publisher, (&self.challenge, version)).await;
                let expected = model.status == Status::Chosen && now >= model.objections_until;
                if done.is_ok() {
                    model.status = Status::Awarded;
                }
                ("award".into(), done.is_ok(), expected)
            }
        }
    }

    async fn hand_in(&mut self, which: usize) -> bool {
        let (app, who) = (&self.app.app, &self.bidders[which]);
        let Ok(id) = app.bid_begin(who, &self.challenge).await else { return false };
        self.bids[which] = Some(id.clone());
        let version = app.bid_view(who, &id).await.unwrap().record.version;
        let Ok(version) = app.bid_write(who, &id, version, bid(&[]), &[]).await else { return false };
        app.bid_submit(who, &id, version).await.is_ok()
    }

    /// Holds whatever was done.
    async fn check(&self, model: &Model, told: &str) {
        let (app, record) = (&self.app.app, self.record().await);
        assert_eq!(record.status, model.status, "{told}");
        let published = app.bids_published(&self.challenge).await;
        if record.opened_at.is_none() {
            assert!(published.is_err(), "{told}");
            let seen = app.evaluation(&self.publisher, &self.challenge).await;
            assert!(seen.is_err(), "{told}");
            for (judge, bid) in self.judges.iter().zip(self.bids.iter().flatten()) {
                assert!(app.panel_read(judge, &self.challenge, bid).await.is_err(), "{told}");
            }
        } else {
            let opened = model.opened.iter().filter(|o| **o).count();
            assert_eq!(published.unwrap().bids.len(), opened, "{told}");
        }
        for (which, id) in self.bids.iter().enumerate() {
            let Some(id) = id else { continue };
            let view = app.bid_view(&self.bidders[which], id).await.unwrap();
            let stands = if record.opened_at.is_some() { model.opened[which] } else { model.submitted[which] };
            assert_eq!(view.record.handed_in.is_some(), stands, "{told}: bid {which}");
        }
    }
}

fn login(judge: &Actor) -> String {
    judge.name.trim_start_matches("评委 ").to_owned()
}

impl World {
    async fn fresh() -> Self {
        let app = TestApp::new().await;
        let mut bidders = vec![actor(&app, Role::Talent).await, actor_of_other(&app).await];
        bidders.push(app.somebody_else("third").await);
        let mut judges = Vec::new();
        for n in 0..JUDGES {
            judges.push(app.judge(&format!("judge{n}")).await);
        }
        let (publisher, operator) = (actor(&app, Role::Enterprise).await, actor(&app, Role::Operator).await);
        Self { app, publisher, operator, bidders, judges, challenge: String::new(), bids: Default::default() }
    }

    /// One sequence with a new challenge.
    async fn play(&mut self, seed: u64, told: &mut Told) {
        let mut random = SplitMix64::new(seed);
        let record = begun(&self.app, &self.publisher, &format!("榜单 {seed}")).await;
        let content = Challenge { questions_until: None, ..filled(&self.app, record.content) };
        let closes = content.closes_at.unwrap();
        self.app.app.challenge_update(&self.publisher, &record.id, record.version, content).await.unwrap();
        self.challenge = record.id;
        self.bids = Default::default();
        let mut model = Model {
            status: Status::Preparing,
            closes,
            submitted: [false; BIDDERS],
            opened: [false; BIDDERS],
            scored: [[false; BIDDERS]; JUDGES],
            objections_until: i64::MAX,
        };
        let mut steps = format!("seed {seed}:");
        for _ in 0..STEPS + random.below(STEPS * 2) {
            let (step, is_done, expected) = self.step(&mut model, &mut random).await;
            steps = format!("{steps} {step}{}", if is_done { "" } else { "✗" });
            assert_eq!(is_done, expected, "{steps}");
            self.check(&model, &steps).await;
            told.reached.insert(model.status.code());
            *if is_done { &mut told.done } else { &mut told.refused } += 1;
        }
    }
}

/// What sequences came to.
#[derive(Default)]
struct Told {
    done: u64,
    refused: u64,
    reached: BTreeSet<&'static str>,
}

/// Sequences that share a store: in a larger one each takes longer.
const SHARED: u64 = 100;

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn random_sequences_never_reach_what_the_model_forbids() {
    let sequences: u64 = std::env::var("ZHIHUI_SEQUENCES").map_or(40, |text| text.parse().unwrap());
    let next = Arc::new(AtomicU64::new(0));
    let mut players = JoinSet::new();
    for _ in 0..2 {
        let next = Arc::clone(&next);
        players.spawn(async move {
            let mut told = Told::default();
            loop {
                let first = next.fetch_add(SHARED, Ordering::Relaxed);
                if first >= sequences {
                    return told;
                }
                let mut world = World::fresh().await;
                for seed in first..sequences.min(first + SHARED) {
                    world.play(seed, &mut told).await;
                }
                assert!(world.app.app.store().audit_verify().await.unwrap().is_ok());
            }
        });
    }
    let Told { done, refused, reached } = players.join_all().await.into_iter().fold(Told::default(), |mut all, one| {
        all.reached.extend(one.reached);
        Told { done: all.done + one.done, refused: all.refused + one.refused, ..all }
    });
    eprintln!("{sequences} sequences: {done} steps done, {refused} refused, reached {reached:?}");
    // One of them, that nobody bids, is rare.
    assert!(reached.len() >= Status::ALL.len() - 1, "{reached:?}");
}
