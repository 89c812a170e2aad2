//! What an enterprise does with its needs: writes one with findings beside it, comes through trouble
//! without losing a word, finds and invites a team; and what the operator does with it.

use crate::browser::{View, Window, see};

const NEED: &str = "大容量三元电池包热失控扩散阻断技术";
const PROBLEM: &str = "我公司为整车厂配套三元电池包，单颗电芯热失控后约 6 分钟引燃相邻电芯，亟需热阻断方案。";

macro_rules! in_every_view {
    ($($name:ident $desk:ident $phone:ident $plain:ident,)*) => {$(
        #[test]
        fn $desk() {
            see(stringify!($name), View::Desktop, $name);
        }

        #[test]
        fn $phone() {
            see(stringify!($name), View::Phone, $name);
        }

        #[test]
        fn $plain() {
            see(stringify!($name), View::NoScripts, $name);
        }
    )*};
}

in_every_view! {
    writing a_need_is_written_at_a_desk a_need_is_written_on_a_phone a_need_is_written_without_scripts,
    trouble nothing_typed_is_lost_at_a_desk nothing_typed_is_lost_on_a_phone nothing_typed_is_lost_without_scripts,
    inviting a_team_is_invited_at_a_desk a_team_is_invited_on_a_phone a_team_is_invited_without_scripts,
    deciding a_need_is_decided_at_a_desk a_need_is_decided_on_a_phone a_need_is_decided_without_scripts,
}

fn has_scripts(window: &Window) -> bool {
    window.view != View::NoScripts
}

/// The row of targets that comes last.
async fn fill_target(window: &Window, name: &str, value: &str, unit: &str) {
    let last = window.count("[name=target_name]").await - 1;
    for (part, text) in [("name", name), ("value", value), ("unit", unit)] {
        window.fill(&format!("[id='targets[{last}].{part}']"), text).await;
    }
}

async fn writing(window: Window) {
    window.sign_in("enterprise").await;
    window.open("/needs").await;
    window.follow("提出需求").await;
    window.find("form#need").await;
    window.look("1-new").await;
    window.fill("#title", "热失控阻断").await;
    window.fill("#problem", PROBLEM).await;
    if has_scripts(&window) {
        window.find("#said-problem .findings li").await;
        window.find("#said-mode .must").await;
        window.says("已自动保存").await;
        assert!(window.address().await.ends_with("/edit"), "a reload shows the draft");
        window.look("2-findings").await;
        window.reload().await;
        window.find("#title[value='热失控阻断']").await;
    }
    fill_target(&window, "多写的一条", "1", "次").await;
    window.click("button[value=add]").await;
    window.find("[id='targets[1].name']").await;
    fill_target(&window, "无明火时间", "≥120", "min").await;
    window.click("button[value=remove-0]").await;
    window.find("[id='targets[0].name'][value='无明火时间']").await;
    window.click("input[name=mode][value=collaborative]").await;
    window.fill("#total_investment", "很多钱").await;
    window.click(".bottom button[value=submit]").await;
    window.find("#total_investment-error").await;
    assert_eq!(window.value("#total_investment").await, "很多钱", "what was typed stays");
    assert_eq!(window.value("#problem").await, PROBLEM);
    window.look("3-refused").await;
    window.fill("#total_investment", "360").await;
    window.click(".bottom button[value=preview]").await;
    window.find(".timeline").await;
    assert!(window.text("main").await.contains("四项内容已齐，可以提交"));
    window.look("4-preview").await;
    // As fast as a finger can, and once more after the way back.
    let twice = "const b = document.querySelector(\"form[action$='/submission'] button\"); b.click(); b.click()";
    window.run(twice).await;
    window.says("已提交，等待平台审核").await;
    window.back().await;
    window.find(".timeline").await;
    window.reload().await;
    window.says("已提交，等待平台审核").await;
    assert_eq!(window.count(".alert").await, 0, "nothing was asked for twice");
    window.follow("版本").await;
    window.find("table.list tbody tr").await;
    window.look("5-versions").await;
    window.open("/needs?sort=title").await;
    assert_eq!(window.count("table.needs tbody tr").await, 4, "one need, however often it was sent");
    window.find("th[aria-sort=ascending]").await;
    window.look("6-list").await;
}

/// A draft of the demo's enterprise, open in its form.
async fn open_draft(window: &Window) -> String {
    window.open("/needs?status=draft").await;
    window.click("table.needs tbody td a").await;
    window.find("form#need").await;
    window.address().await.split('/').nth(2).unwrap().to_owned()
}

async fn trouble(window: Window) {
    window.sign_in("enterprise").await;
    let id = open_draft(&window).await;
    // The session ends while the form is open.
    window.run("return fetch('/api/v1/session', { method: 'DELETE' }).then((r) => r.status)").await;
    let typed = "return [...document.querySelectorAll('#need input:not([type=hidden]):not([type=radio]), #need select, #need textarea')].map((f) => f.value).concat(document.querySelector('[name=mode]:checked')?.value)";
    window.fill("#scenario", "产线改造，第一段").await;
    let before = window.run(typed).await;
    window.click(".bottom button[value=save]").await;
    window.find("#login").await;
    assert!(!window.address().await.contains('?'), "nothing typed is in the address");
    window.look("1-signed-out").await;
    window.fill("#login", "enterprise").await;
    window.fill("#password", "not the right one").await;
    window.click("form.card button.primary").await;
    window.says("用户名或密码不对").await;
    window.fill("#login", "enterprise").await;
    window.fill("#password", "zhihui-demo-only").await;
    window.click("form.card button.primary").await;
    window.says("填写的内容还在").await;
    window.click("main form button.primary").await;
    window.find("form#need").await;
    assert_eq!(window.value("#scenario").await, "产线改造，第一段");
    assert_eq!(window.run(typed).await, before, "every field is as it was");

    // A colleague saves while the form is open.
    let script = format!(
        "return fetch('/api/v1/needs/{id}').then((r) => r.json()).then((need) => {{
            const {{ title, problem, mode, targets, total_investment, self_raised, field, region, deadline, ownership }} = need;
            const body = JSON.stringify({{ title: '同事改的名称', problem, mode, targets, total_investment, self_raised,
                field, region, deadline, ownership, scenario: '产线改造，第一段' }});
            const headers = {{ 'content-type': 'application/json', 'if-match': `\"v${{need.version}}\"` }};
            return fetch('/api/v1/needs/{id}', {{ method: 'PUT', headers, body }}).then((r) => r.status);
        }})"
    );
    assert_eq!(window.run(&script).await, 200);
    window.fill("#scenario", "产线改造，第二段").await;
    window.click(".bottom button[value=save]").await;
    window.says("保存了较新的版本").await;
    assert_eq!(window.count(".diff del").await, 2, "the name and the scenario differ");
    window.look("2-two-people").await;
    window.click("input[name=take][value=title]").await;
    window.click("button[value=merge]").await;
    window.find("form#need").await;
    assert_eq!(window.value("#title").await, "同事改的名称");
    assert_eq!(window.value("#scenario").await, "产线改造，第二段");

    // A file of the wrong kind, and a good one.
    window.click("button[value=attach]").await;
    window.find("#file").await;
    let folder = tempfile::tempdir().unwrap();
    let (bad, good) = (folder.path().join("工具.pdf"), folder.path().join("说明.txt"));
    std::fs::write(&bad, "这不是 PDF").unwrap();
    std::fs::write(&good, "工艺说明").unwrap();
    window.find("#file").await.send_keys(bad.to_str().unwrap()).await.unwrap();
    window.click("form.card button.primary").await;
    window.find("#file-error").await;
    window.look("3-wrong-file").await;
    window.find("#file").await.send_keys(good.to_str().unwrap()).await.unwrap();
    window.click("form.card button.primary").await;
    window.find("table.list tbody tr").await;
    assert_eq!(window.text("table.list tbody a").await, "说明.txt");
    window.look("4-attachments").await;
    window.click("form[action$='/delete'] button").await;
    window.says("还没有附件").await;
}

async fn inviting(window: Window) {
    window.sign_in("enterprise").await;
    window.open("/needs").await;
    window.follow(NEED).await;
    window.find(".timeline").await;
    window.look("1-need").await;
    window.follow("推荐团队").await;
    window.find("ol.talents li.row").await;
    window.look("2-talents").await;
    window.print(true).await;
    let shown = "return ['.top', '.filters', '.tabs', '.foot', 'ol.talents li.row'].map((css) =>
        getComputedStyle(document.querySelector(css)).display !== 'none')";
    assert_eq!(
        window.run(shown).await,
        serde_json::json!([false, false, false, false, true]),
        "paper has the list alone"
    );
    window.look("2-talents-printed").await;
    window.print(false).await;
    let name = window.run("return document.querySelector('ol.talents h3').firstChild.textContent.trim()").await;
    let name = name.as_str().unwrap().to_owned();
    let link = window.find("a[href*='list.xlsx']").await.attr("href").await.unwrap().unwrap();
    let script = format!("return fetch('{link}').then((r) => r.status + ' ' + r.headers.get('content-type'))");
    let told = window.run(&script).await;
    assert!(told.as_str().unwrap().starts_with("200 application/vnd.openxml"), "{told}");

    window.click("li.row:nth-child(2) .verdict summary").await;
    window.click("li.row:nth-child(2) .verdict button[value=unsuitable]").await;
    window.says("请写明为什么不合适").await;
    window.look("3-why").await;
    window.fill("li.row:nth-child(2) .verdict textarea", "方向偏材料，缺整包验证").await;
    window.click("li.row:nth-child(2) .verdict button[value=unsuitable]").await;
    window.says("不合适的 1 个").await;
    window.click("li.row:first-child .verdict summary").await;
    window.fill("li.row:first-child .verdict textarea", "先联系这一家").await;
    window.click("li.row:first-child .verdict button[value=shortlisted]").await;
    window.find(".tag.shortlisted").await;
    assert_eq!(window.text("li.row:first-child .said-of").await, "备注先联系这一家");
    window.look("4-shortlist").await;

    window.click("li.row:nth-child(1) .pick input").await;
    window.click("#compare button").await;
    window.says("请选 2 到 4 位").await;
    window.find("li.row:nth-child(1) .pick input[checked]").await;
    window.click("li.row:nth-child(2) .pick input").await;
    window.click("#compare button").await;
    window.find("table.compare").await;
    assert_eq!(window.count("table.compare thead th").await, 3);
    window.look("5-comparison").await;

    window.click("table.compare a[href*='/invite/']").await;
    window.says(&format!("邀请 {name}")).await;
    window.click("form.card button.primary").await;
    window.find("#message-error").await;
    window.look("6-invitation").await;
    window.fill("#message", "贵团队的热扩散成果与我们的问题最接近，想请您看看。").await;
    window.fill("#contact", "示例联系人，13000000000").await;
    window.click("form.card button.primary").await;
    window.find(".invitation").await;
    assert_eq!(window.text(".invitation .state").await, "待答复");
    window.look("7-waiting").await;
    window.open("/needs").await;
    assert!(window.text("main").await.contains("已邀请 1 个团队：1 个待答复"));

    accept(&window).await;
    window.sign_in("enterprise").await;
    window.open("/needs").await;
    window.follow("看邀请与答复").await;
    window.find(".invitation").await;
    let told = window.text(".invitation").await;
    assert!(told.contains("已接受") && told.contains("@example.invalid"), "contacts after acceptance: {told}");
    window.look("8-accepted").await;
}

/// The talent accepts, over the API.
async fn accept(window: &Window) {
    window.sign_in("talent").await;
    let script = "return fetch('/api/v1/invitations').then((r) => r.json()).then((list) => {
        const one = list.items.find((i) => i.status === 'sent');
        const headers = { 'content-type': 'application/json', 'if-match': `\"v${one.version}\"` };
        const body = JSON.stringify({ accept: true, message: '可以面谈' });
        return fetch('/api/v1/invitations/' + one.id + '/answer', { method: 'PUT', headers, body }).then((r) => r.status);
    })";
    assert_eq!(window.run(script).await, 200);
}

async fn deciding(window: Window) {
    window.sign_in("operator").await;
    window.open("/needs?status=submitted").await;
    assert_eq!(window.count("table.needs tbody tr").await, 2);
    window.look("1-waiting").await;
    window.click("table.needs tbody td a").await;
    window.find("#decision").await;
    window.click("#decision button[value=return]").await;
    window.find("#reason-error").await;
    window.look("2-no-reason").await;
    window.fill("#reason", "请把节拍写成数值").await;
    window.click("#decision button[value=return]").await;
    window.says("已退回企业修改：请把节拍写成数值").await;
    window.look("3-given-back").await;
    window.open("/needs?status=submitted").await;
    window.click("table.needs tbody td a").await;
    window.find("#decision").await;
    window.click("#decision button[value=publish]").await;
    window.find(".state.published").await;
    assert_eq!(window.count("#decision").await, 0);
    window.look("4-published").await;
}
