//! From the ranking to the contract: choice, objections, award; who sees what, and steps out of order.

use zhihui::app::Actor;
use zhihui::app::board::judgements::collection;
use zhihui::app::files::{read_needs, read_talents};
use zhihui::app::trec::parse_qrels;
use zhihui::domain::Role;
use zhihui::domain::challenge::Scores;
use zhihui::domain::challenge::contract::Contract;
use zhihui::domain::challenge::status::{BidStatus, ChallengeStatus};

use crate::board_world::{
    DAY_MS, MARK, World, actor, bid, codes, contract, hand_in, hex, organisation, published_with, sent, somebody,
    talent,
};
use crate::desk::Desk;
use crate::harness::{TestApp, seals};

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
        ("bidder1", format!("/api/v1{page}/objections"), true),
        ("bidder2", format!("/api/v1{page}/objections"), false),
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
        ("signed_on", "2026-10-15"),
        ("starts_on", "2026-10-15"),
        ("ends_on", "2028-04-15"),
        ("first_payment", "80"),
        ("first_paid_on", "2026-10-15"),
    ];
    let refused = page.upload(&format!("{path}/contract"), &fields, &[("file", "", b"")]).await.expect(422).text();
    assert!(refused.contains("请选择双方签署的合同文件") && refused.contains("value=\"80\""), "what was typed is kept");
    let file: &[u8] = "研发合同".as_bytes();
    page.upload(&format!("{path}/contract"), &fields, &[("file", "合同.txt", file)]).await.expect(303);
    let text = page.page(&format!("{path}/evaluation")).await;
    assert!(text.contains("200 万元") && text.contains("不保存文件"));
    assert!(text.contains(&hex(file)), "the file's hash");
    // Everybody sees the day, and not the amount.
    let (_, public) = world.get("", &path).await;
    assert!(public.contains("2026-10-15 签订研发合同") && !public.contains("80 万元"));
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
    // Others than the publisher take no step of it; the operator neither.
    let version = world.version().await;
    for who in [&world.operator, &world.bidders[0], &world.judges[0]] {
        assert_eq!(codes(app.award_publish(who, (challenge, version)).await), ["forbidden"]);
    }
    assert_eq!(codes(app.panel_view(&world.publisher, challenge).await), ["forbidden"]);
    let refused = app.objection_answer(&world.publisher, (challenge, "any"), "x", false).await;
    assert_eq!(codes(refused), ["forbidden"]);
    // It may still end without a contract.
    app.challenge_end(&world.publisher, challenge, version, "未能签约").await.unwrap();
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
    let of = [("t1", 1), ("t2", 2), ("t3", 2)];
    let talents = of.map(|(id, number)| talent(id, &format!("成都第{number}示例大学")));
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
    let judged = async || collection(app.app.store(), &seals()).await.unwrap().judgements;
    assert!(judged().await.is_empty(), "nothing of what is sealed");
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
    assert_eq!(judged().await, expect([1, 1, 1]));
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
    assert_eq!(judged().await, expect([1, 2, 2]));
    let file = Some(sent("合同.txt", "研发合同"));
    app.app.contract_record(&publisher, (&challenge, version().await), contract(), file).await.unwrap();
    assert_eq!(judged().await, expect([1, 3, 3]));

    // Written out it is what the commands that measure read.
    let found = collection(app.app.store(), &seals()).await.unwrap();
    let folder = app.file("评测集");
    found.write(&folder).unwrap();
    let talents = read_talents(&folder.join("talents.jsonl"), &mut |_, _| {}).unwrap();
    assert_eq!((talents.rows.len(), talents.problems.len()), (3, 0));
    let needs = read_needs(&folder.join("needs.jsonl"), &mut |_, _| {}).unwrap();
    assert_eq!(needs.rows, found.needs);
    let qrels = parse_qrels(&std::fs::read_to_string(folder.join("qrels.txt")).unwrap()).unwrap();
    assert_eq!(qrels.len(), 1, "{qrels:?}");
}
