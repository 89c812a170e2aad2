//! Findings by article of the regulation: needs that have them, and needs that do not.

use super::*;

#[test]
fn article_6_item_1_problem() {
    let world = World::new();
    let long = "罐内溶氧分布不均，".repeat(600);
    let among = ["no-problem", "problem-short", "problem-slogan", "problem-long", "vague-word"];
    for (problem, expected) in [
        (PROBLEM, &[][..]),
        ("公司年产壳体 60 万件，靠 24 名检验员目视，漏检率约 1.5%，亟需少量样本即可换型的在线检测装备。", &[]),
        ("减盐后夏季渠道胀包率上升到 0.6%，部分产品发软发酸，希望查清产气菌来源并显著降低胀包率到 0.05% 以下。", &[]),
        ("原麻采用烧碱高压煮炼，纤维分离不充分，做成的衬衫面料穿着扎人，亟需清洁的脱胶工艺与织物后整理技术。", &[]),
        ("", &["no-problem"]),
        ("  \n", &["no-problem"]),
        ("提高电池安全性", &["problem-short"]),
        ("找人做个算法", &["problem-short"]),
        ("焊点有气泡，求解决", &["problem-short"]),
        ("打造一流产业生态，引领行业高质量发展，以数字化转型赋能企业全方位创新发展。", &["problem-slogan"]),
        (
            "面向新质生产力，推动产业链深度融合，弯道超车，打造新高地，助力企业做大做强和跨越式发展。",
            &["problem-slogan"],
        ),
        ("坚持创新驱动，聚焦行业痛点，提供一体化解决方案，实现提质增效、降本增效，树立新标杆。", &["problem-slogan"]),
        (&long, &["problem-long"]),
        (
            "现用均温板竖放时性能衰减大，批次寿命不一，希望显著提高传热能力，做到国际先进，结构尽可能薄。",
            &["vague-word"],
        ),
        ("水龙头坯件曲面复杂，人工砂带打磨粉尘大、招工难，希望改造后打磨质量较好，工人更轻松。", &["vague-word"]),
        ("低灰阶下存在云斑和竖条纹，出货判定靠人眼，班次分歧大，希望检测系统稳定可靠并满足要求。", &["vague-word"]),
    ] {
        assert_eq!(world.found(&Need { problem: problem.to_owned(), ..whole() }, &among), expected, "{problem}");
    }
}

#[test]
fn article_6_item_2_mode() {
    let world = World::new();
    for mode in NeedMode::ALL {
        assert_eq!(world.found(&Need { mode: Some(mode), ..whole() }, &["no-mode"]), [""; 0]);
    }
    for title in ["甲", "乙", "丙"] {
        assert_eq!(
            world.found(&Need { mode: None, title: Some(title.to_owned()), ..whole() }, &["no-mode"]),
            ["no-mode"]
        );
    }
}

#[test]
fn article_6_item_3_targets() {
    let world = World::new();
    let among = [
        "no-target",
        "target-incomplete",
        "target-in-text-only",
        "target-without-unit",
        "target-not-measurable",
        "targets-good",
    ];
    for (targets, expected) in [
        (vec![target("功率循环寿命", "≥10", "万次"), target("误报率", "≤2", "%")], &["targets-good"][..]),
        (vec![target("渣制磷酸铁铁磷比", "0.960～0.985", "")], &["targets-good"]),
        (vec![target("BGA 焊点气泡率", "≤8%", ""), target("风味相似度", "≥0.95", "")], &["targets-good"]),
        (vec![target("阻燃等级（0.4mm）", "V-0", "")], &["targets-good"]),
        (vec![target("第三方认证", "通过", "")], &["targets-good"]),
        (vec![], &["no-target"]),
        (vec![target("寿命", "", "次")], &["target-incomplete"]),
        (vec![target("", "≥3000", "次")], &["target-incomplete"]),
        (vec![target("无明火时间", "≥120", "min"), target("厚度", " ", "")], &["target-incomplete"]),
        (vec![target("装车验证数量", "≥12", "")], &["target-without-unit"]),
        (vec![target("无明火时间", "120", " ")], &["target-without-unit"]),
        (vec![target("厚度", "≤2.0", "")], &["target-without-unit"]),
        (vec![target("整体性能", "国际先进", "")], &["target-not-measurable"]),
        (vec![target("合格率", "显著提高", "%")], &["target-not-measurable"]),
        (vec![target("手感", "柔软", "")], &["target-not-measurable"]),
    ] {
        let need = Need { targets: targets.clone(), ..whole() };
        assert_eq!(world.found(&need, &among), expected, "{targets:?}");
    }
    for (problem, expected) in [
        ("要求功率循环寿命不低于 10 万次", "target-in-text-only"),
        ("希望检出率达到 95% 以上，节拍 ≤20 s", "target-in-text-only"),
        ("零点漂移大，亟需将工作温度扩展到 200 ℃", "target-in-text-only"),
        ("公司年产壳体 60 万件，漏检率约 1.5%", "no-target"),
        ("2027 年前投入 300 万元解决漏检", "no-target"),
        ("第 3 代 IGBT7 模块的可靠性", "no-target"),
    ] {
        let need = Need { problem: problem.to_owned(), targets: Vec::new(), ..whole() };
        assert_eq!(world.found(&need, &among), [expected], "{problem}");
    }
}

#[test]
fn article_8_money() {
    let world = World::new();
    let among = ["no-money", "total-below-minimum", "no-self-raised", "self-raised-low", "money-good"];
    for (total, own, expected) in [
        (Some(400_000), Some(200_000), &["money-good"][..]),
        (Some(3_600_000), Some(2_600_000), &["money-good"]),
        (Some(2_000_000), Some(2_000_000), &["money-good"]),
        (None, None, &["no-money"]),
        (None, Some(100_000), &["no-money"]),
        (Some(0), None, &["no-money"]),
        (Some(399_999), Some(399_999), &["total-below-minimum"]),
        (Some(40), Some(20), &["total-below-minimum"]),
        (Some(1), Some(1), &["total-below-minimum"]),
        (Some(400_000), Some(199_999), &["self-raised-low"]),
        (Some(800_000), Some(0), &["self-raised-low"]),
        (Some(300_000), Some(100_000), &["total-below-minimum", "self-raised-low"]),
        (Some(800_000), None, &["no-self-raised"]),
        (Some(u64::MAX), Some(u64::MAX), &["money-good"]),
    ] {
        let need = Need { total_investment: total, self_raised: own, ..whole() };
        assert_eq!(world.found(&need, &among), expected, "{total:?} {own:?}");
    }
    let need = Need { total_investment: Some(800_000), self_raised: Some(300_000), ..whole() };
    let finding = world.assess(&need, &today()).into_iter().find(|f| f.code == "self-raised-low").unwrap();
    assert_eq!(finding.article, Some("第八条"));
    assert_eq!(finding.sentence, "自筹资金 30 万元占总投资的 37.5%，低于 50%；推荐申报至少要自筹 40 万元");
}

#[test]
fn article_16_period() {
    let world = World::new();
    let among = ["no-time-limit", "deadline-past", "period-over-limit"];
    for (deadline, problem, expected) in [
        (Some("2026-06-01"), PROBLEM, &[][..]),
        (Some("2027-06-30"), PROBLEM, &[]),
        (Some("2028-06-01"), PROBLEM, &[]),
        (None, "电芯失控后数分钟引燃相邻电芯，要求 18 个月内完成整包验证。", &[]),
        (None, PROBLEM, &["no-time-limit"]),
        (None, "两年内发生 4 起齿面剥落引起的清客事件", &["no-time-limit"]),
        (Some("尽快"), PROBLEM, &["no-time-limit"]),
        (Some("2026-05-31"), PROBLEM, &["deadline-past"]),
        (Some("2025-12-31"), PROBLEM, &["deadline-past"]),
        (Some("1999-01-01"), PROBLEM, &["deadline-past"]),
        (Some("2028-06-02"), PROBLEM, &["period-over-limit"]),
        (Some("2028-12-31"), PROBLEM, &["period-over-limit"]),
        (Some("9999-12-31"), PROBLEM, &["period-over-limit"]),
    ] {
        let need = Need { deadline: deadline.map(str::to_owned), problem: problem.to_owned(), ..whole() };
        assert_eq!(world.found(&need, &among), expected, "{deadline:?} {problem}");
    }
}

#[test]
fn ownership_scenario_and_personal_data() {
    let world = World::new();
    let among = ["no-ownership", "ownership-undecided", "no-scenario", "personal-data"];
    let text = |text: &str| Some(text.to_owned()).filter(|text| !text.is_empty());
    for (ownership, scenario, expected) in [
        ("专利归甲方，论文经甲方审查后由合作方发表。", "电驱动桥量产改进", &[][..]),
        ("揭榜方所有", "园区长时储能", &[]),
        ("另行约定：专利归发榜方，揭榜方可用于教学科研，收益按比例分配。", "急诊胸痛中心床旁检验", &[]),
        ("", "电驱动桥量产改进", &["no-ownership"]),
        (" ", " ", &["no-ownership", "no-scenario"]),
        ("双方共有", "", &["no-scenario"]),
        ("另行约定", "园区长时储能", &["ownership-undecided"]),
        ("知识产权面议", "园区长时储能", &["ownership-undecided"]),
        ("待定", "园区长时储能", &["ownership-undecided"]),
        ("双方共有", "园区，联系人李某 13800000000", &["personal-data"]),
        ("双方共有，细则发 li@example.com", "园区", &["personal-data"]),
        ("双方共有", "园区，电话 023-00000000", &["personal-data"]),
    ] {
        let need = Need { ownership: text(ownership), scenario: text(scenario), ..whole() };
        assert_eq!(world.found(&need, &among), expected, "{ownership} {scenario}");
    }
}

#[test]
fn article_7_what_the_index_says() {
    let world = World::new();
    let battery = || vec![field("A3", "新能源电池"), field("A1", "智能网联新能源汽车")];
    let counts = |high, fair, low| Some(MatchCounts { high, fair, low });
    let similar = |is_near_duplicate| {
        vec![SimilarNeed {
            id: "n9".to_owned(), title: "热失控阻断".to_owned(), similarity: 0.93, is_near_duplicate
        }]
    };
    let base = today;
    for (mode, named, signals, expected) in [
        (NeedMode::Collaborative, "A1", base(), &[][..]),
        (NeedMode::Collaborative, "A1", Signals { predicted_fields: battery(), ..base() }, &[]),
        (NeedMode::SelfReliant, "A1", Signals { matches: counts(0, 0, 0), ..base() }, &[]),
        (NeedMode::Collaborative, "A1", Signals { matches: counts(2, 5, 9), ..base() }, &["match-good"]),
        (NeedMode::OpenChallenge, "A1", Signals { matches: counts(0, 3, 1), ..base() }, &["no-strong-match"]),
        (NeedMode::Collaborative, "A1", Signals { matches: counts(0, 0, 0), ..base() }, &["nobody-matches"]),
        (NeedMode::Collaborative, "B2", Signals { predicted_fields: battery(), ..base() }, &["field-differs"]),
        (NeedMode::Collaborative, "", Signals { predicted_fields: battery(), ..base() }, &["no-field"]),
        (
            NeedMode::Collaborative,
            "A1",
            Signals { uncovered: vec!["泄压阀".to_owned()], ..base() },
            &["uncovered-words"],
        ),
        (NeedMode::Collaborative, "A1", Signals { similar: similar(true), ..base() }, &["near-duplicate"]),
        (NeedMode::Collaborative, "A1", Signals { similar: similar(false), ..base() }, &["similar-need"]),
    ] {
        let need = Need { mode: Some(mode), field: Some(named.to_owned()).filter(|f| !f.is_empty()), ..whole() };
        let mut codes = world.codes(&need, &signals);
        codes.remove("targets-good");
        codes.remove("money-good");
        assert_eq!(codes.into_iter().collect::<Vec<_>>(), expected, "{signals:?}");
    }
    let signals =
        Signals { uncovered: vec!["泄压阀".to_owned(), "云母片".to_owned()], similar: similar(true), ..base() };
    let found = world.assess(&whole(), &signals);
    let sentence = |code| &found.iter().find(|finding| finding.code == code).unwrap().sentence;
    assert_eq!(sentence("uncovered-words"), "“泄压阀”“云母片”没有任何成果涉及；请看是否写错，或补写更通用的说法");
    assert_eq!(sentence("near-duplicate"), "与已有需求“热失控阻断”（n9）几乎相同，相似度 93%；请确认不是重复提交");
}
