//! One challenge from need to signed contract: three bidders, one of them a consortium and one refused
//! as an affiliate; a panel of three; the award, the receipts.

use std::path::PathBuf;
use std::process::Command;

use zhihui::domain::challenge::Challenge;
use zhihui::store::Store;
use zhihui::store::board::challenges::ChallengeRecord;

use crate::browser::{View, Window, see};

const TITLE: &str = "示例：电池包热失控扩散阻断";
const JUDGES: [&str; 3] = ["panel_member", "expert", "second_expert"];

#[test]
fn a_challenge_goes_from_need_to_contract_at_a_desk() {
    see("board", View::Desktop, challenge);
}

#[test]
fn a_challenge_goes_from_need_to_contract_on_a_phone() {
    see("board", View::Phone, challenge);
}

#[test]
fn a_challenge_goes_from_need_to_contract_without_scripts() {
    see("board", View::NoScripts, challenge);
}

async fn challenge(window: Window) {
    let need = need(&window).await;
    let id = publish(&window, &need).await;
    let address = format!("/challenges/{id}");
    consortium(&window, &id).await;
    affiliate(&window, &address).await;
    let receipt = single(&window, &address).await;
    ask_and_answer(&window, &address).await;
    panel(&window, &id).await;
    close(&window, &id).await;
    receipts(&window, &address, &receipt).await;
    for (judge, points) in JUDGES.into_iter().zip([["90", "70"], ["85", "75"], ["80", "60"]]) {
        score(&window, &id, judge, points).await;
    }
    award(&window, &id).await;
}

async fn as_somebody(window: &Window, login: &str) {
    if window.count("header .who").await > 0 {
        window.forget().await;
    }
    window.sign_in(login).await;
}

/// A script that sets a field to a day from today on.
fn in_days(field: &str, days: u32, time: &str) -> String {
    let day = format!("new Date(Date.now() + {days} * 864e5).toISOString().slice(0, 10)");
    format!("document.querySelector('{field}').value = {day} + '{time}'")
}

/// A need that asks for the board, published by the operator; its address.
async fn need(window: &Window) -> String {
    window.sign_in("enterprise").await;
    window.open("/needs/new").await;
    window.fill("#title", TITLE).await;
    window.fill("#problem", "三元电池包单颗电芯热失控后约 6 分钟引燃相邻电芯，亟需热阻断方案。").await;
    for (part, text) in [("name", "无明火时间"), ("value", "≥120"), ("unit", "min")] {
        window.fill(&format!("[id='targets[0].{part}']"), text).await;
    }
    window.click("input[name=mode][value=open_challenge]").await;
    window.fill("#total_investment", "360").await;
    window.fill("#self_raised", "300").await;
    window.run(&in_days("#deadline", 500, "")).await;
    window.click(".bottom button[value=submit]").await;
    window.says("已提交，等待平台审核").await;
    let need = window.address().await.split('?').next().unwrap().to_owned();
    as_somebody(window, "operator").await;
    window.open(&need).await;
    window.click("#decision button[value=publish]").await;
    window.find(".toast").await;
    need
}

/// The challenge of the need, filled in, refused once, published; its id.
async fn publish(window: &Window, need: &str) -> String {
    as_somebody(window, "enterprise").await;
    window.open(need).await;
    window.follow("榜单").await;
    window.click("form.buttons button.primary").await;
    window.find("form#challenge").await;
    window.look("01-begun").await;
    window.click(".bottom button[value=submit]").await;
    window.find(".alert").await;
    assert!(window.text(".alert").await.contains("测试方法"));
    window.look("02-refused").await;
    window.fill("[id='indicators[0].test']", "GB 38031 整包热扩散试验").await;
    window.fill("#months", "18").await;
    window.fill("#reward", "200").await;
    window.click("input[name=ownership][value=shared]").await;
    window.click("input[name=consortium]").await;
    window.click("#scores option[value=all]").await;
    // Typed as a browser sends it: the wheels of each browser differ.
    window.run(&in_days("#closes_at", 60, "T17:00")).await;
    window.click(".bottom button[value=submit]").await;
    window.says("平台正在审核").await;
    window.look("03-submitted").await;
    let id = window.address().await.split('/').nth(2).unwrap().to_owned();
    as_somebody(window, "operator").await;
    window.open("/operations/challenges").await;
    window.follow(TITLE).await;
    window.find("#decision").await;
    window.look("04-checked").await;
    window.click("#decision button[value=publish]").await;
    window.find(".toast").await;
    id
}

/// Writes what every bid needs; the form is open.
async fn write(window: &Window, route: &str) {
    window.find("form#bid").await;
    window.fill("#route", route).await;
    window.fill("[id='promises[0].value']", "≥150").await;
    window.fill("[name=step_month]", "6").await;
    window.fill("[name=step_goal]", "完成样件").await;
    window.fill("[name=cost_name]", "材料与试制").await;
    window.fill("[name=cost_amount]", "150").await;
    window.click("#integrity").await;
}

/// The talent leads, the partner joins.
async fn consortium(window: &Window, challenge: &str) {
    as_somebody(window, "talent").await;
    window.open(&format!("/challenges/{challenge}")).await;
    window.look("05-public").await;
    window.click("form[action$='/bid'] button").await;
    write(window, "气凝胶隔热与定向泄压").await;
    window.fill("[name=member_organisation]", "示例中试研究院").await;
    window.fill("[name=member_role]", "中试与测试").await;
    window.fill("[name=member_percent]", "40").await;
    window.click(".bottom button[value=submit]").await;
    window.find(".alert").await;
    assert!(window.text(".alert").await.contains("尚未确认"));
    window.look("06-bid").await;
    let bid = window.address().await.split('/').nth(2).unwrap().to_owned();
    as_somebody(window, "partner").await;
    window.open(&format!("/bids/{bid}")).await;
    assert!(!window.text("main").await.contains("气凝胶"), "not before it has confirmed");
    window.look("07-asked").await;
    window.click("button[name=joins][value=true]").await;
    window.find(".toast").await;
    assert!(window.text("main").await.contains("气凝胶"));
    as_somebody(window, "talent").await;
    window.open(&format!("/bids/{bid}")).await;
    window.click("form[action$='/submission'] button").await;
    window.find("#receipt").await;
    window.look("08-sealed").await;
}

async fn affiliate(window: &Window, challenge: &str) {
    as_somebody(window, "affiliate").await;
    window.open(challenge).await;
    window.click("form[action$='/bid'] button").await;
    write(window, "关联方的路线").await;
    window.click(".bottom button[value=submit]").await;
    window.find(".alert").await;
    assert!(window.text(".alert").await.contains("同一集团"), "{}", window.text(".alert").await);
    window.look("09-affiliate").await;
}

/// The partner bids for itself too; its receipt as a file.
async fn single(window: &Window, challenge: &str) -> PathBuf {
    as_somebody(window, "partner").await;
    window.open(challenge).await;
    window.click("form[action$='/bid'] button").await;
    write(window, "相变材料与液冷耦合").await;
    window.click(".bottom button[value=submit]").await;
    window.find("#receipt").await;
    let address = window.address().await;
    let bid = address.split('?').next().unwrap();
    window.fetch(&format!("{bid}/receipt.json"), "receipt.json").await
}

async fn ask_and_answer(window: &Window, challenge: &str) {
    window.open(challenge).await;
    window.fill("#question", "整包还是模组级验证？").await;
    window.click("form[action$='/questions'] button").await;
    window.find(".toast").await;
    as_somebody(window, "enterprise").await;
    window.open(challenge).await;
    window.fill("textarea[name=answer]", "整包，接口见附件。").await;
    let drawing = window.data.join("接口尺寸.txt");
    std::fs::write(&drawing, "示例接口尺寸").unwrap();
    window.attach("form[action*='/questions/'] input[type=file]", &drawing).await;
    window.click("form[action*='/questions/'] button").await;
    window.find(".toast").await;
    window.look("10-questions").await;
    let told = window.text("main").await;
    assert!(told.contains("接口尺寸.txt"), "{told}");
    assert!(!told.contains("示例中试研究院"), "who asks is not named");
}

async fn panel(window: &Window, challenge: &str) {
    as_somebody(window, "operator").await;
    window.open(&format!("/operations/challenges/{challenge}/panel")).await;
    for (judge, number) in JUDGES.into_iter().zip(1..) {
        window.fill("#login", judge).await;
        window.click("#appointment button").await;
        window.find(&format!("table.list tbody tr:nth-child({number})")).await;
    }
    window.look("11-panel").await;
}

/// Lets its time come: the database's clock goes on, so what it is compared with is set.
async fn hurry(window: &Window, id: &str, change: impl FnOnce(ChallengeRecord, i64) -> ChallengeRecord) {
    let url = format!("sqlite:{}", window.data.join("demo/zhihui.db").display());
    let store = Store::open(&url).await.unwrap();
    let mut write = store.begin().await.unwrap();
    let found = write.challenge_take(id).await.unwrap().unwrap();
    let (was, now) = (found.status, write.clock().await.unwrap());
    write.challenge_save(&change(found, now), was).await.unwrap();
    write.commit().await.unwrap();
    store.close().await;
}

async fn close(window: &Window, id: &str) {
    hurry(window, id, |found, now| {
        let content = Challenge { closes_at: Some(now), questions_until: None, ..found.content.clone() };
        ChallengeRecord { content, ..found }
    })
    .await;
    window.open(&format!("/challenges/{id}")).await;
    window.find_later("#bids").await;
    assert!(window.text("#bids").await.contains("共 2 份揭榜"));
    window.look("12-opened").await;
}

/// The true receipt is accepted, on the page and by the command; a changed one is refused by both.
async fn receipts(window: &Window, challenge: &str, receipt: &PathBuf) {
    let published = window.fetch(&format!("{challenge}/bids.json"), "published.json").await;
    let changed = receipt.with_file_name("changed.json");
    std::fs::write(&changed, std::fs::read_to_string(receipt).unwrap().replace("相变材料", "相似材料")).unwrap();
    for (file, is_true) in [(receipt, true), (&changed, false)] {
        let mut command = Command::new(env!("CARGO_BIN_EXE_zhihui"));
        let done = command.arg("verify-receipt").arg(file).arg(&published).output().unwrap();
        assert_eq!(done.status.success(), is_true, "{done:?}");
        window.open("/receipts").await;
        window.attach("#file", file).await;
        window.click("main form button.primary").await;
        if is_true {
            window.says("回执有效").await;
            window.look("13-receipt").await;
        } else {
            window.find(".alert").await;
            assert!(window.text(".alert").await.contains("已被改动"));
        }
    }
}

async fn score(window: &Window, id: &str, judge: &str, points: [&str; 2]) {
    as_somebody(window, judge).await;
    window.open("/panel").await;
    window.follow(TITLE).await;
    window.find("#declaration").await;
    if judge == JUDGES[0] {
        window.look("14-declare").await;
    }
    window.click("#declaration button").await;
    window.find("table.list a").await;
    for (at, points) in points.into_iter().enumerate() {
        window.open(&format!("/panel/{id}")).await;
        window.click(&format!("table.list tbody tr:nth-child({}) a", at + 1)).await;
        window.find("#sheet").await;
        for criterion in 0..4 {
            window.fill(&format!("[id='scores[{criterion}]']"), points).await;
        }
        window.fill("#comment", "示例：路线可行，验证计划具体。").await;
        if judge == JUDGES[0] && at == 0 {
            window.look("15-score").await;
        }
        window.click("#sheet button").await;
        window.find(".toast").await;
    }
    if judge == JUDGES[0] {
        window.open(&format!("/panel/{id}")).await;
        window.follow("并排比较各份揭榜").await;
        window.find(".compare.bids").await;
        window.look("15-score-compare").await;
    }
}

async fn award(window: &Window, id: &str) {
    as_somebody(window, "enterprise").await;
    let evaluation = format!("/challenges/{id}/evaluation");
    window.open(&evaluation).await;
    window.find("#choice").await;
    window.look("16-ranking").await;
    window.click("#ranking td a").await;
    window.says("技术路线").await;
    window.look("16-ranking-bid").await;
    window.open(&evaluation).await;
    window.follow("并排比较各份揭榜").await;
    window.find(".compare.bids").await;
    window.look("16-ranking-compare").await;
    window.open(&evaluation).await;
    window.click("#choice label:first-child input").await;
    window.click("#choice button").await;
    window.find("#chosen").await;
    window.open("/trust").await;
    window.look("17-trust").await;
    window.open(&format!("/challenges/{id}")).await;
    window.look("18-notice").await;
    hurry(window, id, |found, now| ChallengeRecord { objections_until: Some(now), ..found }).await;
    window.open(&evaluation).await;
    window.find_later("form[action$='/award']").await;
    window.click("form[action$='/award'] button").await;
    window.find("form[action$='/contract']").await;
    window.fill("#amount", "200").await;
    let today = "const day = (n) => new Date(Date.now() + n * 864e5).toISOString().slice(0, 10);
        const set = (id, n) => { document.querySelector(id).value = day(n) };
        set('#signed_on', 0); set('#starts_on', 0); set('#ends_on', 300); set('#first_paid_on', 0)";
    window.run(today).await;
    window.fill("#first_payment", "80").await;
    let contract = window.data.join("合同.pdf");
    std::fs::write(&contract, b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n").unwrap();
    window.attach("#file", &contract).await;
    window.click("form[action$='/contract'] button").await;
    window.says("研发合同已登记").await;
    window.look("19-contract").await;
    window.open(&format!("/challenges/{id}")).await;
    window.find("#award").await;
    window.look("20-award").await;
    // Who did not win is told the own scores.
    as_somebody(window, "partner").await;
    window.open("/bids").await;
    window.look("21-bids").await;
}
