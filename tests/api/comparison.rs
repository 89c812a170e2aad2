//! Opened bids side by side: what is compared, in which order, for whom and when; the ranking as a
//! workbook, whose texts are no formulas.

use std::io::{Cursor, Read};

use axum::http::header;
use calamine::{Data, Reader, Xlsx};
use zhihui::app::Actor;
use zhihui::app::board::comparison::Comparison;
use zhihui::domain::Role;
use zhihui::domain::challenge::Indicator;
use zhihui::domain::challenge::bid::{Bid, Cost, Promise, Step};

use crate::board_world::{
    DAY_MS, MARK, World, actor, actor_of_other, bid, codes, hand_in, organisation, published, somebody, talent,
};
use crate::desk::{Desk, location};
use crate::harness::TestApp;

const LINK: &str = "=HYPERLINK(\"http://example.org\",\"点我\")";

fn promising(value: &str, remark: &str) -> Bid {
    Bid { promises: vec![Promise { value: value.into(), remark: remark.into() }], ..bid(&[]) }
}

/// The rows in short: what is asked and each promise, `-` where there is none.
fn told(of: &Comparison) -> Vec<String> {
    let row = |row: &zhihui::app::board::comparison::ComparedRow| {
        let promised = row.answers.iter().map(|answer| match answer.as_ref().and_then(|a| a.promise.as_ref()) {
            Some(promise) => format!("{} {}", promise.value, promise.remark).trim_end().to_owned(),
            None => "-".to_owned(),
        });
        format!("{} {}: {}", row.name, row.value.as_deref().unwrap_or("?"), promised.collect::<Vec<_>>().join("|"))
    };
    of.rows.iter().map(row).collect()
}

#[tokio::test]
async fn values_stand_by_bid_in_the_order_of_submission() {
    let longer = Bid {
        plan: vec![Step { month: 12, goal: "定型".into() }, Step { month: 6, goal: "样件".into() }],
        budget: vec![Cost { name: "材料".into(), amount: 900_000 }, Cost { name: "试验".into(), amount: 350_500 }],
        ..promising("≥ 150", "第三方检测")
    };
    let said = [promising("≥ 120", ""), longer, promising("≥ 135", "")];
    let world = World::opened_with(said, |_| {}).await;
    let of = world.app.app.comparison(&world.publisher, &world.challenge).await.unwrap();
    let ids: Vec<_> = of.bids.iter().map(|bid| bid.bid.clone()).collect();
    assert_eq!(ids, world.bids);
    let [row] = told(&of).try_into().unwrap();
    assert!(row.ends_with(": ≥ 120|≥ 150 第三方检测|≥ 135"), "{row}");
    let second = &of.bids[1];
    assert_eq!((second.place, second.budget, second.months), (2, 1_250_500, Some(12)));
    assert_eq!((second.team, second.evidence, second.files, second.is_confirmed), (0, 0, 0, true));
    assert_eq!((second.name().as_str(), second.members[0].percent), ("成都第2示例大学", 100));
    // The page and the API say the same.
    let page = Desk::of(&world.app, Role::Enterprise).await;
    let path = format!("/challenges/{}/evaluation", world.challenge);
    assert!(page.page(&path).await.contains(&format!("href=\"{path}/comparison\"")));
    let text = page.page(&format!("{path}/comparison")).await;
    for expected in ["<b>≥ 150</b>", "第三方检测", "125.05 万元", "第 12 个月", "90 万元", "成都第3示例大学", "100%"]
    {
        assert!(text.contains(expected), "{expected}");
    }
    assert!(!text.contains("最近一次变更"), "there was none");
    assert!(text.contains(&format!("href=\"{path}/{}\"", world.bids[2])));
    let json = page.json(&format!("/api/v1/challenges/{}/comparison", world.challenge)).await;
    let answers = json["indicators"][0]["answers"].as_array().unwrap();
    let values: Vec<_> = answers.iter().map(|a| (a["bid"].as_str().unwrap(), a["value"].as_str().unwrap())).collect();
    let expected: Vec<_> = world.bids.iter().map(String::as_str).zip(["≥ 120", "≥ 150", "≥ 135"]).collect();
    assert_eq!(values, expected);
    assert_eq!(json["bids"][1]["budget"], 1_250_500);
    assert_eq!(json["bids"][1]["members"][0]["name"], "成都第2示例大学");
    assert_eq!(json["left_out"].as_array().unwrap().len(), 0);
}

#[tokio::test]
async fn people_and_what_they_bring_are_counted_once() {
    let own = "成都示例大学";
    let mut talents = [talent("a", own), talent("b", own), talent("c", own)];
    let shared = talents[0].evidence[0].clone();
    talents[1].evidence = vec![shared];
    talents[2].evidence[0].title = "另一篇示例论文".into();
    let (app, _follower) = TestApp::with_talents(&talents).await;
    let challenge = published(&app, "有团队的榜单").await;
    let own = match app.app.store().organisation_named(own).await.unwrap() {
        Some(found) => found,
        None => organisation(&app, own).await,
    };
    let bidder = somebody(&app, "bidder1", "示例揭榜人1", Role::Talent, Some(own)).await;
    let said = Bid { evidence: vec!["a-e".into(), "c-e".into()], ..bid(&["a", "b", "c"]) };
    hand_in(&app, &bidder, &challenge, said).await;
    app.pass(21 * DAY_MS);
    app.app.challenges_open_due().await.unwrap();
    let publisher = actor(&app, Role::Enterprise).await;
    let of = app.app.comparison(&publisher, &challenge).await.unwrap();
    assert_eq!((of.bids[0].team, of.bids[0].evidence), (3, 2));
}

#[tokio::test]
async fn bids_for_earlier_terms_stand_beside_what_they_were_asked() {
    let app = TestApp::new().await;
    let challenge = published(&app, "改过指标的榜单").await;
    let publisher = actor(&app, Role::Enterprise).await;
    let mut bidders = Vec::new();
    for number in 1..=2 {
        let own = organisation(&app, &format!("成都第{number}示例大学")).await;
        let (login, name) = (format!("bidder{number}"), format!("示例揭榜人{number}"));
        bidders.push(somebody(&app, &login, &name, Role::Talent, Some(own)).await);
    }
    hand_in(&app, &bidders[0], &challenge, promising("≥ 120", "")).await;
    app.pass(1);
    let before = app.app.store().challenge(&challenge).await.unwrap().unwrap();
    let mut content = before.content.clone();
    let old = content.indicators[0].clone();
    content.indicators[0].value = "≥ 999".into();
    content.indicators.insert(0, Indicator { name: "新指标".into(), ..old.clone() });
    app.app.challenge_amend(&publisher, &challenge, before.version, content, "加指标").await.unwrap();
    let mut said = promising("≥ 7", "");
    said.promises.push(Promise { value: "≥ 1000".into(), remark: String::new() });
    hand_in(&app, &bidders[1], &challenge, said).await;
    app.pass(30 * DAY_MS);
    app.app.challenges_open_due().await.unwrap();
    let of = app.app.comparison(&publisher, &challenge).await.unwrap();
    let expected = [format!("新指标 {}: -|≥ 7", old.value), format!("{} ?: ≥ 120|≥ 1000", old.name)];
    assert_eq!(told(&of), expected);
    let confirmed: Vec<_> = of.bids.iter().map(|bid| bid.is_confirmed).collect();
    assert_eq!(confirmed, [false, true]);
    let page = Desk::of(&app, Role::Enterprise).await;
    let text = page.page(&format!("/challenges/{challenge}/evaluation/comparison")).await;
    for expected in ["未作出确认", "提交时没有这项指标", "各份提交时的要求不同", "提交时要求 ≥ 999"]
    {
        assert!(text.contains(expected), "{expected}");
    }
    let json = page.json(&format!("/api/v1/challenges/{challenge}/comparison")).await;
    assert_eq!(json["indicators"][0]["answers"].as_array().unwrap().len(), 1, "only whom it was asked");
    assert!(json["indicators"][1]["value"].is_null());
    assert_eq!(json["indicators"][1]["answers"][0]["asked"], old.value.as_str());
}

#[tokio::test]
async fn a_member_compares_only_what_they_may_read() {
    let said = ["≥ 121", "≥ 122", "≥ 123"].map(|value| promising(value, ""));
    let world = World::opened_with(said, |_| {}).await;
    let (app, challenge) = (&world.app.app, world.challenge.as_str());
    let judge = &world.judges[0];
    let page = Desk::new(&world.app, world.app.sign_in("judge1").await).await;
    let (seat, path) = (format!("/panel/{challenge}"), format!("/panel/{challenge}/comparison"));
    // Nothing before declaring.
    assert_eq!(codes(app.panel_comparison(judge, challenge).await.map(drop)), ["not-declared"]);
    assert_eq!(location(&page.get(&path).await.expect(303)), seat);
    let answer = page.get(&format!("/api/v1{path}")).await.expect(409);
    assert_eq!(answer.code(), "not-declared");
    app.panel_declare(judge, challenge, &[(world.bids[1].clone(), "同门师兄弟".into())]).await.unwrap();
    let of = app.panel_comparison(judge, challenge).await.unwrap();
    let ids: Vec<_> = of.bids.iter().map(|bid| &bid.bid).collect();
    assert_eq!(ids, [&world.bids[0], &world.bids[2]]);
    assert!(told(&of)[0].ends_with(": ≥ 121|≥ 123"));
    assert!(page.page(&seat).await.contains(&format!("href=\"{path}\"")));
    for path in [path.clone(), format!("/api/v1{path}")] {
        let text = page.page(&path).await;
        assert!(text.contains("≥ 121") && text.contains("≥ 123") && !text.contains("≥ 122"), "{path}");
        assert!(text.contains("成都第2示例大学") && text.contains("同门师兄弟"), "{path}: it is said");
    }
    // Who changes sides after declaring reads no more: of that bidder, or of all.
    let (near, tied) = (&world.judges[1], &world.judges[2]);
    for judge in [near, tied] {
        app.panel_declare(judge, challenge, &[]).await.unwrap();
        assert_eq!(app.panel_comparison(judge, challenge).await.unwrap().bids.len(), 3);
    }
    let publisher = app.store().challenge(challenge).await.unwrap().unwrap().organisation;
    let sides = [("示例评委2", world.bidders[2].organisation.clone().unwrap()), ("示例评委3", publisher)];
    for (at, (name, joins)) in sides.into_iter().enumerate() {
        somebody(&world.app, &format!("again{at}"), name, Role::Enterprise, Some(joins)).await;
    }
    let of = app.panel_comparison(near, challenge).await.unwrap();
    assert_eq!((of.bids.len(), of.left_out[0].bid.as_str()), (2, world.bids[2].as_str()));
    let of = app.panel_comparison(tied, challenge).await.unwrap();
    assert_eq!((of.bids.len(), of.rows.len(), of.left_out.len()), (0, 0, 3));
    let page = Desk::new(&world.app, world.app.sign_in("judge3").await).await;
    let text = page.page(&path).await;
    assert!(text.contains("没有您可以查看的揭榜") && !text.contains("≥ 12"));
    // What may be compared is what may be read.
    for judge in &world.judges {
        let of = app.panel_comparison(judge, challenge).await.unwrap();
        for bid in &world.bids {
            let reads = app.panel_read(judge, challenge, bid).await.is_ok();
            assert_eq!(of.bids.iter().any(|compared| compared.bid == *bid), reads);
        }
    }
}

#[tokio::test]
async fn before_opening_nobody_compares_and_afterwards_none_but_publisher_and_panel() {
    let app = TestApp::new().await;
    let challenge = published(&app, "密封的榜单").await;
    let (publisher, operator) = (actor(&app, Role::Enterprise).await, actor(&app, Role::Operator).await);
    let judge = somebody(&app, "judge1", "示例评委1", Role::PanelMember, None).await;
    app.app.panel_appoint(&operator, &challenge, "judge1").await.unwrap();
    hand_in(&app, &actor(&app, Role::Talent).await, &challenge, promising("≥ 777", "")).await;
    assert_eq!(codes(app.app.comparison(&publisher, &challenge).await.map(drop)), ["not-opened"]);
    assert_eq!(codes(app.app.panel_comparison(&judge, &challenge).await.map(drop)), ["not-opened"]);
    for who in [&publisher, &operator] {
        assert_eq!(codes(app.app.ranking_workbook(who, &challenge).await.map(drop)), ["not-opened"]);
    }
    let page = Desk::of(&app, Role::Enterprise).await;
    let path = format!("/challenges/{challenge}/evaluation/comparison");
    assert!(!page.get(&path).await.expect(409).text().contains("≥ 777"));
    app.pass(21 * DAY_MS);
    app.app.challenges_open_due().await.unwrap();
    for who in [&publisher, &operator] {
        assert_eq!(codes(app.app.ranking_workbook(who, &challenge).await.map(drop)), ["not-ranked"]);
    }
    assert!(Desk::of(&app, Role::Enterprise).await.page(&path).await.contains("≥ 777"));
    let stranger = somebody(&app, "judge2", "示例评委2", Role::PanelMember, None).await;
    let other = actor_of_other(&app).await;
    let talent = actor(&app, Role::Talent).await;
    let administrator = actor(&app, Role::Administrator).await;
    let refused = async |who: &Actor| {
        let (own, panel) = (app.app.comparison(who, &challenge).await, app.app.panel_comparison(who, &challenge).await);
        let book = app.app.ranking_workbook(who, &challenge).await;
        [codes(own.map(drop)), codes(panel.map(drop)), codes(book.map(drop))].concat()
    };
    assert_eq!(refused(&operator).await, ["forbidden", "forbidden", "not-ranked"]);
    assert_eq!(refused(&administrator).await, ["forbidden"; 3]);
    assert_eq!(refused(&other).await, ["not-found", "forbidden", "not-found"]);
    assert_eq!(refused(&talent).await, ["forbidden"; 3], "not even a bidder");
    assert_eq!(refused(&stranger).await, ["forbidden", "not-found", "forbidden"]);
}

#[tokio::test]
async fn a_challenge_without_bids_has_nothing_to_compare() {
    let app = TestApp::new().await;
    let challenge = published(&app, "无人揭榜的榜单").await;
    app.pass(21 * DAY_MS);
    app.app.challenges_open_due().await.unwrap();
    let page = Desk::of(&app, Role::Enterprise).await;
    let text = page.page(&format!("/challenges/{challenge}/evaluation/comparison")).await;
    assert!(text.contains("没有可以评审的揭榜") && !text.contains("<table"));
    assert!(!page.page(&format!("/challenges/{challenge}/evaluation")).await.contains("evaluation/comparison"));
}

/// The sheets of a workbook by name, cells as texts; none of them is a formula.
fn sheets(book: &[u8]) -> Vec<(String, Vec<Vec<String>>)> {
    let mut read: Xlsx<_> = calamine::open_workbook_from_rs(Cursor::new(book.to_vec())).unwrap();
    let mut found = Vec::new();
    for name in read.sheet_names() {
        assert_eq!(read.worksheet_formula(&name).unwrap().used_cells().count(), 0, "{name}");
        let range = read.worksheet_range(&name).unwrap();
        assert!(range.used_cells().all(|(.., cell)| matches!(cell, Data::String(_) | Data::Float(_) | Data::Empty)));
        found.push((name, range.rows().map(|row| row.iter().map(ToString::to_string).collect()).collect()));
    }
    let mut package = zip::ZipArchive::new(Cursor::new(book)).unwrap();
    for at in 0..package.len() {
        let (mut part, mut xml) = (package.by_index(at).unwrap(), String::new());
        part.read_to_string(&mut xml).unwrap();
        assert!(!xml.contains("<f>") && !xml.contains("<hyperlink"), "{xml}");
    }
    found
}

/// The cells of the row that begins with this.
fn row<'a>(rows: &'a [Vec<String>], first: &str) -> &'a [String] {
    rows.iter().find(|row| row[0] == first).unwrap_or_else(|| panic!("no {first}: {rows:?}"))
}

#[tokio::test]
async fn a_ranking_is_a_workbook_as_the_page_has_it() {
    let world = World::ranked([70, 90, 90], |_| {}).await;
    let path = format!("/challenges/{}/evaluation/ranking.xlsx", world.challenge);
    let page = Desk::of(&world.app, Role::Enterprise).await;
    assert!(page.page(&path.replace("/ranking.xlsx", "")).await.contains(&format!("href=\"{path}\" download")));
    let answer = page.get(&path).await.expect(200);
    let name = answer.header(header::CONTENT_DISPOSITION);
    assert!(name.starts_with("attachment; filename*=UTF-8''%E8%AF%84%E5%AE%A1%E6%8E%92%E5%90%8D"), "{name}");
    assert!(name.ends_with(".xlsx"), "{name}");
    let own = sheets(&answer.body);
    let names: Vec<_> = own.iter().map(|(name, _)| name.as_str()).collect();
    assert_eq!(names, ["排名", "揭榜对比"]);
    let rows = &own[0].1;
    assert_eq!(rows[0][..4], ["名次", "揭榜方", "第几份", "总分"]);
    assert_eq!(rows[0].len(), 4 + 4 + 1 + 3);
    assert_eq!(rows[0][9..], ["评语：评委一", "评语：评委二", "评语：评委三"]);
    let shown: Vec<_> = rows[1..].iter().map(|row| row[..5].join(" ")).collect();
    assert_eq!(shown[2], "3 成都第1示例大学 1 70 70");
    assert!(shown[..2].iter().all(|row| row.starts_with("1 成都第") && row.ends_with(" 90 90")), "{shown:?}");
    assert_eq!([rows[1][8].as_str(), &rows[3][8]], ["并列", ""]);
    assert!(rows[1..].iter().all(|row| row[9..].iter().all(|comment| comment.contains(MARK))));
    // The same judge stands in the same column.
    let mut judges: Vec<Vec<&str>> = Vec::new();
    for row in &rows[1..] {
        judges.push(row[9..].iter().map(|comment| comment.split("对").next().unwrap()).collect());
    }
    assert!(judges.iter().all(|by| *by == judges[0]));
    let answers = &own[1].1;
    assert_eq!(answers[0][3], "第 1 份 成都第1示例大学");
    assert_eq!(row(answers, "经费预算合计")[3..5], ["90", ""]);
    assert_eq!(row(answers, "技术路线")[5], "隔热与定向泄压");
    assert!(answers[1].contains(&"≥ 130".to_owned()));
    // Operators have the ranking, and nothing of what bids say.
    let operator = Desk::of(&world.app, Role::Operator).await;
    let answer = operator.get(&path).await.expect(200);
    let [(name, theirs)] = sheets(&answer.body).try_into().unwrap();
    assert_eq!((name.as_str(), &theirs), ("排名", rows));
    let mut package = zip::ZipArchive::new(Cursor::new(&answer.body)).unwrap();
    let mut texts = String::new();
    package.by_name("xl/sharedStrings.xml").unwrap().read_to_string(&mut texts).unwrap();
    assert!(!texts.contains("隔热") && !texts.contains("≥ 130"));
    for judge in &world.judges {
        assert!(!texts.contains(&judge.name), "nobody is named");
    }
    let text = operator.page(&path.replace("/ranking.xlsx", "")).await;
    assert!(text.contains("ranking.xlsx") && !text.contains("evaluation/comparison"));
    for (login, status) in [("judge1", 403), ("bidder1", 403), ("administrator", 403)] {
        assert_eq!(world.get(login, &path).await.0, status, "{login}");
    }
}

#[tokio::test]
async fn no_text_of_a_bid_becomes_a_formula() {
    let attack = |value: &str, remark: &str| Bid { route: LINK.into(), ..promising(value, remark) };
    let said = [attack(LINK, "+1"), attack("-1", "@SUM(A1)"), attack("+1", "-1")];
    let world = World::opened_with(said, |content| content.criteria[0].name = "=1+1".into()).await;
    let (app, challenge) = (&world.app.app, world.challenge.as_str());
    // What is typed nowhere any more, but may have been imported.
    let mut write = app.store().begin().await.unwrap();
    let first = world.bidders[0].organisation.clone().unwrap();
    let mut members = write.bid_members(&world.bids[0]).await.unwrap();
    members[0].role = format!("{LINK}\u{1}\u{b}");
    write.bid_members_set(&world.bids[0], &members).await.unwrap();
    write.commit().await.unwrap();
    let mut organisation = app.store().organisation(&first).await.unwrap().unwrap();
    organisation.name = "=HYPERLINK示例大学".into();
    let mut write = app.store().begin().await.unwrap();
    write.organisation_update(&organisation).await.unwrap();
    write.commit().await.unwrap();
    for (judge, comment) in world.judges.iter().zip([LINK, "@SUM(1)", "-1"]) {
        app.panel_declare(judge, challenge, &[]).await.unwrap();
        for bid in &world.bids {
            app.panel_score(judge, (challenge, bid), vec![60; 4], comment).await.unwrap();
        }
    }
    let (_, book) = app.ranking_workbook(&world.publisher, challenge).await.unwrap();
    let found = sheets(&book);
    let (ranking, answers) = (&found[0].1, &found[1].1);
    assert_eq!(ranking[0][4], "'=1+1（40%）");
    let named = ranking.iter().find(|row| row[2] == "1").unwrap();
    assert_eq!(named[1], "'=HYPERLINK示例大学");
    let mut comments: Vec<_> = named[9..].to_vec();
    comments.sort();
    assert_eq!(comments, ["'-1".to_owned(), format!("'{LINK}"), "'@SUM(1)".to_owned()]);
    assert_eq!(answers[1][3..], [&format!("'{LINK}"), "'+1", "'-1", "'@SUM(A1)", "'+1", "'-1"]);
    assert_eq!(row(answers, "技术路线")[3], format!("'{LINK}"));
    let role = &row(answers, "成员与份额")[3];
    assert!(role.starts_with("'=HYPERLINK示例大学 100% =HYPERLINK("), "{role:?}");
    // The first sign of a cell is all that a program looks at, whatever it was saved as.
    for cell in found.iter().flat_map(|(_, rows)| rows).flatten() {
        assert!(!cell.starts_with(['=', '+', '-', '@', '\t', '\r']), "{cell:?}");
    }
    // On the page they are texts.
    let page = Desk::of(&world.app, Role::Enterprise).await;
    let text = page.page(&format!("/challenges/{challenge}/evaluation/comparison")).await;
    assert!(text.contains("=HYPERLINK(&") && !text.contains("'=HYPERLINK"));
}
