//! Pages of needs: drafts that save themselves, two people who write at once, what was refused kept,
//! steps that are never taken twice.

use axum::http::header;
use serde_json::json;
use zhihui::domain::{EvidenceType, Role};

use crate::desk::{Desk, location};
use crate::harness::TestApp;
use crate::recommendations::demo;

const PROBLEM: &str = "我公司为整车厂配套三元电池包，单颗电芯热失控后约 6 分钟引燃相邻电芯，亟需热阻断方案";

async fn needs(desk: &Desk<'_>) -> Vec<serde_json::Value> {
    desk.json("/api/v1/needs").await["items"].as_array().unwrap().clone()
}

async fn versions(desk: &Desk<'_>, id: &str) -> Vec<i64> {
    let found = desk.json(&format!("/api/v1/needs/{id}/versions")).await;
    found["items"].as_array().unwrap().iter().map(|v| v["version"].as_i64().unwrap()).collect()
}

/// The value of a hidden field of a page.
fn hidden(page: &str, name: &str) -> String {
    let field = page.split('<').find(|tag| tag.starts_with("input") && tag.contains(&format!("name=\"{name}\"")));
    let value = field.unwrap_or_else(|| panic!("no {name}: {page}")).split("value=\"").nth(1).unwrap();
    value.split('"').next().unwrap().to_owned()
}

#[tokio::test]
async fn an_open_form_saves_itself_into_one_draft_and_one_version() {
    let app = TestApp::new().await;
    let desk = Desk::of(&app, Role::Enterprise).await;
    let page = desk.get("/needs/new").await.expect(200).text();
    let sitting = hidden(&page, "sitting");
    let auto = |title: &'static str| [("sitting", sitting.clone()), ("do", "autosave".into()), ("title", title.into())];
    let send = async |fields: &[(&'static str, String)]| {
        let fields: Vec<_> = fields.iter().map(|(n, v)| (*n, v.as_str())).collect();
        desk.send("/needs/new", &fields).await
    };
    let nothing = send(&auto("")).await.expect(200).text();
    assert!(nothing.contains("之后开始自动保存") && needs(&desk).await.is_empty(), "{nothing}");
    // The form's hidden fields may be behind: what is on its way is of the same sitting.
    for title in ["一", "一二", "一二三"] {
        let saved = send(&auto(title)).await.expect(200);
        assert!(saved.text().contains("已自动保存"), "{}", saved.text());
        assert!(saved.headers["hx-replace-url"].to_str().unwrap().ends_with("/edit"));
    }
    let needs = needs(&desk).await;
    assert_eq!(needs.iter().map(|n| n["title"].as_str().unwrap()).collect::<Vec<_>>(), ["一二三"]);
    let id = needs[0]["id"].as_str().unwrap().to_owned();
    assert_eq!(versions(&desk, &id).await, [3], "one sitting is one version");
    let asked = [("sitting", sitting.clone()), ("do", "save".into()), ("title", "一二三四".into())];
    let saved = send(&asked).await.expect(303);
    assert_eq!(location(&saved), format!("/needs/{id}/edit?done=saved"));
    assert_eq!(versions(&desk, &id).await, [4]);
    // The next form is another sitting, and makes a version of its own.
    let page = desk.get(&format!("/needs/{id}/edit")).await.expect(200).text();
    let (sitting, version) = (hidden(&page, "sitting"), hidden(&page, "version"));
    let fields = [("sitting", sitting.as_str()), ("version", &version), ("do", "autosave"), ("title", "五")];
    desk.send(&format!("/needs/{id}/edit"), &fields).await.expect(200);
    assert_eq!(versions(&desk, &id).await, [5, 4]);
}

#[tokio::test]
async fn the_second_of_two_writers_sees_the_difference_and_decides() {
    let app = TestApp::new().await;
    let desk = Desk::of(&app, Role::Enterprise).await;
    let made = desk.send("/needs/new", &[("title", "电池包"), ("problem", PROBLEM)]).await.expect(303);
    let form = location(&made).split('?').next().unwrap().to_owned();
    let id = form.split('/').nth(2).unwrap().to_owned();
    let page = desk.get(&form).await.expect(200).text();
    let (mine, version) = (hidden(&page, "sitting"), hidden(&page, "version"));
    // A colleague saves meanwhile.
    let theirs = [("version", version.as_str()), ("title", "电池包安全"), ("problem", PROBLEM), ("mode", "self")];
    desk.send(&form, &theirs).await.expect(303);

    let own = |ask: &'static str| {
        [
            ("do", ask),
            ("sitting", mine.as_str()),
            ("version", version.as_str()),
            ("title", "电池系统"),
            ("problem", PROBLEM),
        ]
    };
    let auto = desk.send(&form, &own("autosave")).await.expect(200).text();
    assert!(auto.contains("自动保存已停止"), "{auto}");
    let page = desk.send(&form, &own("save")).await.expect(409).text();
    assert!(page.contains("<del><span class=\"hidden\">删去：</span>系统</del>"), "{page}");
    assert!(page.contains("value=\"电池系统\"") && page.contains("企业自主攻关"), "what was typed goes along");
    let newer = hidden(&page, "version");
    assert_ne!(newer, version);
    // Mine, but for the way of working, which is theirs.
    let merge =
        [("do", "merge"), ("version", newer.as_str()), ("title", "电池系统"), ("problem", PROBLEM), ("take", "mode")];
    desk.send(&form, &merge).await.expect(303);
    let kept = app.get(&format!("/api/v1/needs/{id}")).cookie(&desk.cookie).send().await.json();
    assert_eq!((kept["title"].as_str(), kept["mode"].as_str()), (Some("电池系统"), Some("self")));
    let differs = desk.get(&format!("/needs/{id}/versions?from=2&to=3")).await.expect(200).text();
    assert!(differs.contains("<ins><span class=\"hidden\">新增：</span>"), "{differs}");
}

#[tokio::test]
async fn what_is_refused_stands_beside_its_field_and_what_was_typed_stays() {
    let app = TestApp::new().await;
    let desk = Desk::of(&app, Role::Enterprise).await;
    let fields = [
        ("do", "submit"),
        ("title", "“题”<b>"),
        ("problem", PROBLEM),
        ("target_name", ""),
        ("target_value", ""),
        ("target_unit", ""),
        ("target_name", "无明火时间"),
        ("target_value", ""),
        ("target_unit", "min"),
        ("total_investment", "很多"),
        ("deadline", "明年"),
    ];
    let page = desk.send("/needs/new", &fields).await.expect(422).text();
    for kept in ["value=\"“题”&#60;b&#62;\"", "value=\"很多\"", "value=\"无明火时间\"", "id=\"total_investment-error\""]
    {
        assert!(page.contains(kept), "{kept}: {page}");
    }
    assert!(needs(&desk).await.is_empty(), "nothing is half written");
    let fixed: Vec<_> = fields.into_iter().map(|(n, v)| (n, if n == "total_investment" { "360" } else { v })).collect();
    let page = desk.send("/needs/new", &fixed).await.expect(422).text();
    assert!(page.contains("id=\"deadline-error\""), "{page}");
    let fixed: Vec<_> = fixed.into_iter().map(|(n, v)| (n, if n == "deadline" { "2027-06-30" } else { v })).collect();
    let page = desk.send("/needs/new", &fixed).await.expect(422).text();
    for error in ["id=\"targets[0].value-error\"", "还没有选组织实施方式"] {
        assert!(page.contains(error), "{error}: {page}");
    }
    assert_eq!(needs(&desk).await.len(), 1, "the draft itself is kept");
    let id = hidden(&page, "id");
    let path = format!("/needs/{id}/edit");
    let version = hidden(&page, "version");
    let target = [("target_name", "无明火时间"), ("target_value", "≥120"), ("target_unit", "min")];
    let others = fixed.into_iter().filter(|(name, _)| !name.starts_with("target_"));
    let whole = others.chain(target).chain([("mode", "self"), ("version", version.as_str()), ("once", "k1")]);
    let whole: Vec<_> = whole.collect();
    let sent = desk.send(&path, &whole).await.expect(303);
    assert_eq!(location(&sent), format!("/needs/{id}?done=submitted"));
    // The way back and a second click lead to the same place and do nothing.
    assert_eq!(location(&desk.send(&path, &whole).await.expect(303)), location(&sent));
    assert_eq!(needs(&desk).await[0]["status"], "submitted");
    let late = desk.get(&path).await;
    assert!(late.status.as_u16() == 409 && late.text().contains("只有草稿可以修改"));
}

#[tokio::test]
async fn an_operator_gives_back_with_a_reason_or_publishes() {
    let app = demo().await;
    let enterprise = Desk::of(&app, Role::Enterprise).await;
    let fields = [
        ("do", "submit"),
        ("title", "电池包"),
        ("problem", PROBLEM),
        ("mode", "open_challenge"),
        ("target_name", "时间"),
        ("target_value", "≥120"),
        ("target_unit", "min"),
        ("total_investment", "360"),
    ];
    let sent = enterprise.send("/needs/new", &fields).await.expect(303);
    let path = location(&sent).split('?').next().unwrap().to_owned();
    let operator = Desk::of(&app, Role::Operator).await;
    let page = operator.get(&path).await.expect(200).text();
    let version = hidden(&page, "version");
    let list = operator.get("/needs?status=submitted").await.expect(200).text();
    assert!(list.contains("等待您审核") && list.contains("示例电池企业"), "{list}");
    let decision = format!("{path}/decision");
    let page = operator.send(&decision, &[("version", &version), ("verdict", "return")]).await.expect(422).text();
    assert!(page.contains("id=\"reason-error\""), "{page}");
    let back = [("version", version.as_str()), ("verdict", "return"), ("reason", "目标太少")];
    operator.send(&decision, &back).await.expect(303);
    let page = enterprise.get(&path).await.expect(200).text();
    assert!(page.contains("被退回：目标太少"), "{page}");
    // Given back once.
    operator.send(&decision, &back).await.expect(422);
    let version = hidden(&page, "version");
    enterprise.send(&format!("{path}/submission"), &[("version", &version)]).await.expect(303);
    let version = hidden(&operator.get(&path).await.text(), "version");
    operator.send(&decision, &[("version", &version), ("verdict", "publish")]).await.expect(303);
    assert_eq!(needs(&enterprise).await[0]["status"], "challenge");
    let page = enterprise.get(&path).await.expect(200).text();
    assert!(page.contains("揭榜中：等待揭榜"), "{page}");
    // Its district reads it, and is offered nothing that it may not do.
    let district = Desk::of(&app, Role::DistrictOfficer).await;
    let page = district.get(&path).await.expect(200).text();
    assert!(!page.contains("/talents\"") && !page.contains("/withdrawal") && !page.contains("/decision"), "{page}");
    assert!(district.get("/needs").await.expect(200).text().contains("揭榜中，还没有邀请团队"));
    // Taken back with a reason only.
    let version = hidden(&enterprise.get(&path).await.text(), "version");
    let withdrawal = format!("{path}/withdrawal");
    let page = enterprise.send(&withdrawal, &[("version", &version), ("why", " ")]).await.expect(422).text();
    assert!(page.contains("id=\"why-error\"") && page.contains("id=\"withdrawal\" open"), "{page}");
    enterprise.send(&withdrawal, &[("version", &version), ("why", "已自行解决")]).await.expect(303);
    assert!(enterprise.get(&path).await.text().contains("已撤回：已自行解决"));
}

#[tokio::test]
async fn a_list_is_exported_as_it_was_shown() {
    let app = demo().await;
    let id = app.published().await;
    let desk = Desk::of(&app, Role::Enterprise).await;
    let list = format!("/needs/{id}/talents");
    let page = desk.get(&list).await.expect(200).text();
    let link = page.split('"').find(|part| part.contains("list.xlsx")).unwrap().replace("&amp;", "&");
    let talent = page.split("id=\"t-").nth(1).unwrap().split('"').next().unwrap().to_owned();
    let name = page.split("<h3>").nth(1).unwrap().split('<').next().unwrap().trim().to_owned();
    let verdict = format!("{list}/{talent}/verdict");
    let refused = desk.send(&verdict, &[("version", "0"), ("verdict", "unsuitable"), ("back", "sort=free")]).await;
    assert!(refused.expect(422).text().contains("请写明为什么不合适"));
    let noted =
        [("version", "0"), ("verdict", "shortlisted"), ("note", "=先联系"), ("back", "sort=free&place=anywhere")];
    let done = desk.send(&verdict, &noted).await.expect(303);
    assert_eq!(location(&done), format!("{list}?place=anywhere&sort=free&done=noted#t-{talent}"));
    let stale = desk.send(&verdict, &[("version", "0"), ("verdict", "unsuitable"), ("note", "晚了")]).await.expect(422);
    assert!(stale.text().contains("同事刚对这个团队"));
    let book = desk.get(&link).await.expect(200);
    assert!(book.header(header::CONTENT_DISPOSITION).starts_with("attachment"));
    let mut book: calamine::Xlsx<_> = calamine::open_workbook_from_rs(std::io::Cursor::new(book.body)).unwrap();
    let rows = calamine::Reader::worksheet_range(&mut book, "推荐名单").unwrap();
    let first: Vec<String> = rows.rows().nth(1).unwrap().iter().map(ToString::to_string).collect();
    assert_eq!((first[0].as_str(), first[1].as_str()), ("1", name.as_str()));
    assert!(first[8].contains("写到“"), "{first:?}");
    assert_eq!((first[15].as_str(), first[16].as_str()), ("备选", "'=先联系"), "a note is no formula");
    let about = calamine::Reader::worksheet_range(&mut book, "说明").unwrap();
    let about: Vec<String> = about.rows().map(|row| format!("{}={}", row[0], row[1])).collect();
    assert!(
        about.iter().any(|line| line.starts_with("排序版本=")) && about.iter().any(|l| l.contains("市内")),
        "{about:?}"
    );
    let other = app.other_enterprise().await;
    app.get(&link).cookie(&other).send().await.expect(404);
}

#[tokio::test]
async fn a_file_that_is_refused_is_told_of_beside_its_field_and_nothing_is_kept() {
    let app = TestApp::new().await;
    let desk = Desk::of(&app, Role::Enterprise).await;
    let made = desk.send("/needs/new", &[("title", "电池包"), ("do", "attach")]).await.expect(303);
    let path = location(&made).split('?').next().unwrap().to_owned();
    let send = async |name: &str, content: &[u8]| desk.upload(&path, &[], &[("file", name, content)]).await;
    let large = vec![b'a'; zhihui::app::attachments::FILE_MAX + 1];
    for (name, content, told) in [
        ("", &b""[..], "还没有选文件"),
        ("tool.exe", b"MZ\x01", "id=\"file-error\""),
        ("a.pdf", b"no pdf", "id=\"file-error\""),
        ("large.txt", &large, "文件超过 20 MB"),
    ] {
        let page = send(name, content).await.expect(422).text();
        assert!(page.contains(told) && page.contains("id=\"file-error\""), "{name}: {page}");
        assert!(page.contains("还没有附件"), "{name}");
    }
    let cut = format!(
        "--b\r\nContent-Disposition: form-data; name=\"csrf\"\r\n\r\n{}\r\n\
         --b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"a.txt\"\r\n\r\nhalf",
        desk.csrf
    );
    let ask = app.ask("POST", &path).cookie(&desk.cookie).header("content-type", "multipart/form-data; boundary=b");
    let page = ask.body(cut).send().await.expect(422).text();
    assert!(page.contains("没有完整收到") && page.contains("还没有附件"), "{page}");
    assert_eq!(location(&send("说明.txt", "电池包".as_bytes()).await.expect(303)), format!("{path}?done=attached"));
    assert!(send("说明二.txt", "电池包".as_bytes()).await.expect(422).text().contains("已经在附件里了"));
    let page = desk.get(&path).await.expect(200).text();
    let delete = page.split('"').find(|part| part.ends_with("/delete")).unwrap().to_owned();
    desk.send(&delete, &[]).await.expect(303);
    assert!(desk.get(&path).await.text().contains("还没有附件"));
}

#[tokio::test]
async fn findings_are_those_of_the_api() {
    let app = demo().await;
    let desk = Desk::of(&app, Role::Enterprise).await;
    let told =
        desk.send("/needs/findings", &[("problem", PROBLEM), ("total_investment", "30")]).await.expect(200).text();
    let need = json!({ "problem": PROBLEM, "total_investment": 300_000 });
    let findings = app.post("/api/v1/assessments", need).cookie(&desk.cookie).send().await.expect(200).json();
    let sentences: Vec<&str> =
        findings["findings"].as_array().unwrap().iter().map(|f| f["sentence"].as_str().unwrap()).collect();
    assert!(sentences.len() > 3);
    for sentence in sentences {
        assert!(told.contains(&sentence.replace('"', "&#34;")), "{sentence}: {told}");
    }
    assert!(told.contains("hx-swap-oob") && told.contains("第八条"), "{told}");
}

/// The numbers that stand before these words in a text, in their order.
fn numbers(text: &str, before: &str, after: &str) -> Vec<u32> {
    text.split(before).skip(1).filter_map(|rest| rest.split(after).next()?.trim().parse().ok()).collect()
}

#[tokio::test]
async fn teams_are_sorted_as_asked() {
    let app = demo().await;
    let id = app.published().await;
    let desk = Desk::of(&app, Role::Enterprise).await;
    let list = async |sort: &str| {
        let page = desk.page(&format!("/needs/{id}/talents?place=anywhere&sort={sort}")).await;
        // Those that hardly match stand apart, below.
        page.split("class=\"more\"").next().unwrap().to_owned()
    };
    let ranked = list("match").await;
    let (_, cards) = ranked.split_once("<div class=\"score").unwrap();
    let by_match = numbers(cards, "<b>", "</b>");
    assert!(by_match.len() > 1 && by_match.is_sorted_by(|a, b| a >= b), "{by_match:?}");
    let by_pieces = numbers(&list("pieces").await, "（相关 ", " 项");
    assert!(by_pieces.len() == by_match.len() && by_pieces.is_sorted_by(|a, b| a >= b), "{by_pieces:?}");
    let recent = list("recent").await;
    let newest: Vec<u32> = recent
        .split("<h3>")
        .skip(1)
        .map(|card| EvidenceType::ALL.iter().flat_map(|kind| numbers(card, kind.label(), "</span>")).max().unwrap_or(0))
        .collect();
    assert!(newest.len() == by_match.len() && newest.is_sorted_by(|a, b| a >= b), "{newest:?}");
    assert!(newest.first() > newest.last(), "the order is not that of chance: {newest:?}");
}

#[tokio::test]
async fn an_invitation_sent_twice_is_one() {
    let app = demo().await;
    let id = app.published().await;
    let desk = Desk::of(&app, Role::Enterprise).await;
    let page = desk.page(&format!("/needs/{id}/talents")).await;
    let path = page.split('"').find(|part| part.contains("/invite/")).unwrap().to_owned();
    let fields = [("once", "one-key"), ("message", "想请教"), ("contact", "示例联系人"), ("released", "problem")];
    let both = tokio::join!(desk.send(&path, &fields), desk.send(&path, &fields));
    for answer in [both.0, both.1] {
        assert_eq!(location(&answer.expect(303)), format!("/needs/{id}/invitations?done=sent"));
    }
    let sent = desk.json("/api/v1/invitations").await;
    assert_eq!(sent["items"].as_array().unwrap().len(), 1);
    // Asked for by itself a second time, it is told why not, and what was typed stays.
    let fields = [("message", "再问一次"), ("contact", "示例联系人"), ("released", "problem")];
    let page = desk.send(&path, &fields).await.expect(422).text();
    assert!(page.contains("再问一次") && page.contains("role=\"alert\""), "{page}");
}
