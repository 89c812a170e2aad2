//! Panels, rankings and awards: who may judge, who sees what and when, and every step that is refused.

use serde_json::json;
use zhihui::app::Actor;
use zhihui::app::audit::public_page;
use zhihui::domain::Role;
use zhihui::domain::challenge::status::ChallengeStatus;

use crate::board_world::{
    DAY_MS, MARK, ODD, World, actor, bid, codes, declared, hand_in, organisation, published_with, somebody,
};
use crate::harness::TestApp;

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
    let mut bids = Vec::new();
    for bidder in [&first_bidder, &second_bidder] {
        bids.push(hand_in(&app, bidder, &challenge, bid(&[])).await);
        app.pass(1);
    }
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
    write.standing_set(&second, 0, &declared("", "示例评委3"), (None, 0)).await.unwrap();
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
async fn who_was_in_a_conflict_stays_so_after_being_removed_and_appointed_again() {
    let world = World::opened(|_| {}).await;
    let (app, challenge, judge) = (&world.app.app, world.challenge.as_str(), &world.judges[0]);
    app.panel_declare(judge, challenge, &[(world.bids[1].clone(), "曾合作".into())]).await.unwrap();
    app.panel_remove(&world.operator, challenge, &judge.account, "换人").await.unwrap();
    app.panel_appoint(&world.operator, challenge, "judge1").await.unwrap();
    app.panel_declare(judge, challenge, &[]).await.unwrap();
    assert_eq!(codes(app.panel_read(judge, challenge, &world.bids[1]).await.map(drop)), ["conflict-of-interest"]);
    assert_eq!(codes(world.score(0, 1, 50).await), ["conflict-of-interest"]);
    app.panel_read(judge, challenge, &world.bids[0]).await.unwrap();
}

#[tokio::test]
async fn who_joins_a_bidder_or_the_publisher_after_declaring_reads_no_more() {
    let world = World::scoring(|_| {}).await;
    let (app, challenge) = (&world.app.app, world.challenge.as_str());
    let publisher = app.store().challenge(challenge).await.unwrap().unwrap().organisation;
    for (judge, joins, blocked) in
        [(0, world.bidders[2].organisation.clone().unwrap(), vec![2]), (1, publisher, vec![0, 1, 2])]
    {
        let (who, name) = (&world.judges[judge], format!("示例评委{}", judge + 1));
        somebody(&world.app, &format!("again{judge}"), &name, Role::Enterprise, Some(joins)).await;
        for bid in 0..3 {
            let read = app.panel_read(who, challenge, &world.bids[bid]).await.map(drop);
            if blocked.contains(&bid) {
                assert_eq!(codes(read), ["conflict-of-interest"], "judge {judge}, bid {bid}");
                assert_eq!(codes(world.score(judge, bid, 50).await), ["conflict-of-interest"]);
            } else {
                read.unwrap();
            }
        }
    }
}
