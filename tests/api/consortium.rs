//! Who stands in a bid: members of consortia, and the people of its team.

use zhihui::app::board::consortium::{MemberDraft, Part};
use zhihui::app::{Actor, AppError};
use zhihui::domain::Role;
use zhihui::domain::challenge::Challenge;
use zhihui::domain::challenge::bid::{Bid, MemberStatus};
use zhihui::domain::challenge::status::BidStatus;

use crate::board_world::{DAY_MS, actor, actor_of_other, bid, codes, hand_in, published, talent};
use crate::harness::TestApp;

async fn version(app: &TestApp, who: &Actor, bid: &str) -> i64 {
    app.app.bid_view(who, bid).await.unwrap().record.version
}

#[tokio::test]
async fn members_of_a_consortium_confirm_each_for_itself_and_one_that_leaves_takes_the_bid_back() {
    let app = TestApp::new().await;
    let challenge = published(&app, "联合体的榜单").await;
    let (leader, partner) = (actor(&app, Role::Talent).await, actor_of_other(&app).await);
    let id = app.app.bid_begin(&leader, &challenge).await.unwrap();
    let draft = |percent| MemberDraft { organisation: "示例单位 other".into(), role: "中试".into(), percent };
    let part = |percent| Some(Part { role: "中试".into(), percent });
    let now = version(&app, &leader, &id).await;
    let unknown = MemberDraft { organisation: "没有的单位".into(), ..draft(10) };
    let refused = app.app.bid_write(&leader, &id, now, bid(&[]), &[unknown]).await;
    assert_eq!(codes(refused), ["unknown-organisation"]);
    let now = app.app.bid_write(&leader, &id, now, bid(&[]), &[draft(40)]).await.unwrap();
    assert_eq!(codes(app.app.bid_submit(&leader, &id, now).await), ["member-not-confirmed"]);
    // Who is asked sees its part, and nothing of the content before it has confirmed.
    let asked = app.app.bid_view(&partner, &id).await.unwrap();
    assert_eq!((asked.draft, asked.handed_in, asked.leads), (Bid::default(), None, false));
    assert!(matches!(app.app.bid_write(&partner, &id, now, bid(&[]), &[]).await, Err(AppError::Forbidden { .. })));
    // Nobody agrees to a part that is no longer the one that was shown.
    assert_eq!(codes(app.app.bid_join(&partner, &id, part(5)).await), ["stale"]);
    app.app.bid_join(&partner, &id, part(40)).await.unwrap();
    assert_eq!(app.app.bid_view(&partner, &id).await.unwrap().draft.route, bid(&[]).route);
    app.app.bid_submit(&leader, &id, now).await.unwrap();
    // Who was handed in stays, until it is taken back; another share has to be confirmed anew.
    let now = version(&app, &leader, &id).await;
    for members in [&[][..], &[draft(30)]] {
        let refused = app.app.bid_write(&leader, &id, now, bid(&[]), members).await;
        assert_eq!(codes(refused), ["members-handed-in"]);
    }
    app.app.bid_withdraw(&leader, &id, now).await.unwrap();
    let now = app.app.bid_write(&leader, &id, now + 1, bid(&[]), &[draft(30)]).await.unwrap();
    let members = app.app.bid_view(&leader, &id).await.unwrap().members;
    let told: Vec<_> = members.iter().map(|m| (m.percent, m.status)).collect();
    assert_eq!(told, [(70, MemberStatus::Confirmed), (30, MemberStatus::Invited)]);
    app.app.bid_join(&partner, &id, part(30)).await.unwrap();
    app.app.bid_submit(&leader, &id, now).await.unwrap();
    app.app.bid_join(&partner, &id, None).await.unwrap();
    let view = app.app.bid_view(&leader, &id).await.unwrap();
    assert_eq!((view.record.status, view.handed_in), (BidStatus::Draft, None));
    assert!(matches!(app.app.bid_view(&partner, &id).await, Err(AppError::NotFound(_))));
    let told = app.app.notices(&leader, true, "", 10).await.unwrap();
    assert!(told.iter().any(|n| n.notice.sentence().contains("退出")), "{told:?}");
    app.pass(20 * DAY_MS);
    app.app.challenges_open_due().await.unwrap();
    assert_eq!(app.app.bids_published(&challenge).await.unwrap().bids, [], "it was not handed in again");
}

#[tokio::test]
async fn a_team_is_of_the_own_people_and_shows_what_they_show() {
    let own = "示例大学";
    let talents =
        [talent("own", own), talent("own-hidden", own), talent("partner", "示例单位 other"), talent("far", "别处")];
    let app = TestApp::with_talents(&talents).await.0;
    let mut hidden = app.app.store().talents(&["own-hidden"]).await.unwrap().remove(0);
    hidden.hidden.insert("own-hidden-e".into());
    let mut write = app.app.store().begin().await.unwrap();
    write.talent_put(&hidden).await.unwrap();
    write.commit().await.unwrap();
    let challenge = published(&app, "有团队的榜单").await;
    let leader = actor(&app, Role::Talent).await;
    app.other_enterprise().await;
    let id = app.app.bid_begin(&leader, &challenge).await.unwrap();
    let now = version(&app, &leader, &id).await;
    let with = |team: &[&str], evidence: &[&str]| Bid {
        evidence: evidence.iter().map(|id| (*id).to_owned()).collect(),
        ..bid(team)
    };
    for (team, evidence, code) in [
        (&["far"][..], &[][..], "team-not-own"),
        (&["partner"], &[], "team-not-own"),
        (&["nobody"], &[], "team-not-own"),
        (&["own"], &["far-e"], "evidence-not-own"),
        (&["own-hidden"], &["own-hidden-e"], "evidence-not-own"),
    ] {
        assert_eq!(codes(app.app.bid_write(&leader, &id, now, with(team, evidence), &[]).await), [code], "{team:?}");
    }
    let partner = MemberDraft { organisation: "示例单位 other".into(), role: "中试".into(), percent: 20 };
    let team = with(&["own", "partner"], &["own-e", "partner-e"]);
    app.app.bid_write(&leader, &id, now, team, &[partner]).await.unwrap();
    let view = app.app.bid_view(&leader, &id).await.unwrap();
    let told = app.app.bid_content(&view).await.unwrap().team;
    let told: Vec<_> = told.into_iter().map(|one| (one.talent, one.evidence.len())).collect();
    assert_eq!(told, [("own".to_owned(), 1), ("partner".to_owned(), 1)]);
    // The form offers the people of both, and nobody else.
    let offered = app.app.bid_talents(&view.members, &view.draft.team).await.unwrap();
    let offered: Vec<_> = offered.iter().map(|t| t.id.as_str()).collect();
    assert_eq!(offered, ["own", "partner", "own-hidden"]);
}

#[tokio::test]
async fn a_bid_stands_beside_the_terms_that_it_was_handed_in_for() {
    let app = TestApp::new().await;
    let challenge = published(&app, "改过指标的榜单").await;
    let (publisher, bidder) = (actor(&app, Role::Enterprise).await, actor(&app, Role::Talent).await);
    let id = hand_in(&app, &bidder, &challenge, bid(&[])).await;
    let before = app.app.store().challenge(&challenge).await.unwrap().unwrap();
    let mut content = before.content.clone();
    content
        .indicators
        .insert(0, zhihui::domain::challenge::Indicator { name: "新指标".into(), ..content.indicators[0].clone() });
    app.app.challenge_amend(&publisher, &challenge, before.version, content, "加指标").await.unwrap();
    let view = app.app.bid_view(&bidder, &id).await.unwrap();
    assert_eq!(app.app.bid_content(&view).await.unwrap().asked, before.content);
    // Nor is it said to stand for others: its promises would be beside the wrong ones.
    let now = app.app.store().challenge(&challenge).await.unwrap().unwrap();
    let mut content = Challenge { indicators: before.content.indicators.clone(), ..now.content };
    content.indicators[0].name.push('二');
    app.app.challenge_amend(&publisher, &challenge, now.version, content, "换次序").await.unwrap();
    let refused = app.app.bid_confirm(&bidder, &id, view.record.version).await;
    assert_eq!(codes(refused), ["indicators-changed"]);
}
