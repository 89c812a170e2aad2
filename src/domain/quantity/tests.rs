//! What is a quantity, what is none, and which of them say what is wanted.

use super::*;

fn found(text: &str) -> Vec<String> {
    let chars: Vec<char> = text.chars().collect();
    quantities(text).iter().map(|q| chars[q.range.clone()].iter().collect()).collect()
}

#[test]
fn numbers_with_units_are_quantities() {
    for (text, expected) in [
        ("检出率≥ 95 %，误报率≤2％", &["95 %", "2％"][..]),
        ("循环寿命不低于 3000 次", &["3000 次"]),
        ("线宽 0.18 μm、0.18µm 和 0.18um", &["0.18 μm", "0.18µm", "0.18um"]),
        ("响应时间 5 ms 以内", &["5 ms"]),
        ("工作温度 -40～85 ℃", &["-40～85 ℃"]),
        ("工作温度−40℃至125℃", &["−40℃至125℃"]),
        ("绝缘电阻达到 10^6 Ω，1.5×10⁸ 次循环", &["10^6 Ω", "1.5×10⁸ 次"]),
        ("效率提高30%，成本降低百分之二十", &["30%", "百分之二十"]),
        ("年产 60 万件，约 6～9 min 引燃", &["60 万件", "6～9 min"]),
        ("转速 18000 r/min，40～70 km/h 缓加速", &["18000 r/min", "40～70 km/h"]),
        ("热阻≤0.11 K/W，电流密度≥220 mA/cm²，磨损 0.15 g/100g", &["0.11 K/W", "220 mA/cm²", "0.15 g/100g"]),
        ("噪声降低 8 dB(A)，面积 0.75 m²，寿命 1,200 h", &["8 dB(A)", "0.75 m²", "1,200 h"]),
        ("误报≤0.5 次/柜·年，产能 20 万片/批", &["0.5 次/柜·年", "20 万片/批"]),
        ("QFN 有 20 余颗，每吨麻耗水 400 余吨", &["20 余颗", "400 余吨"]),
        ("寿命不低于三千次，节拍缩短三成。", &["三千次", "三成"]),
        ("波动≤±2 N", &["±2 N"]),
        ("１４ 英寸屏，３０ 帧／s", &["１４ 英寸", "３０ 帧／s"]),
        ("准确率提高 5 个百分点", &["5 个百分点"]),
    ] {
        assert_eq!(found(text), expected, "{text}");
    }
}

#[test]
fn years_money_names_and_orders_are_no_quantities() {
    for text in [
        "2027年6月30日前完成，2023 年买了六台",
        "计划 2027-06-30、2027.6.30 或 2027/06 验收",
        "总投资 300 万元，每件 160 元，预算 1.2 亿元",
        "周期 18 个月，质保 3 年",
        "IGBT7、AAV8、GB/T 32100-2015、V-0、3.6.3 与 pre-A轮",
        "第 3 次、第12条、二期、D12",
        "支持 5G、4G 与 3D 打印，2K 屏和 4K 视频",
        "由 3 升级到下一代，分 2 步，1 个月内",
        "一次合格率、三种锡膏、五千多字、百分之",
        "ISO 26262 与 AQG 324",
        "pH 6.8条件下，共 3 项目",
        "电话 023-12345678",
        "",
    ] {
        assert_eq!(found(text), [""; 0], "{text}");
    }
}

#[test]
fn what_is_wanted_is_told_from_what_is() {
    for (text, expected) in [
        ("检出率≥95%", true),
        ("目前合格率不足 88%，要求达到 95% 以上", true),
        ("亟需将节拍压到 20 s", true),
        ("希望寻求 0.4 mm 级产品", true),
        ("公司现有产线良率低，目标是换型时间 8 h", true),
        ("能耗降低三成", true),
        ("至少 12 列装车验证", true),
        ("公司年产壳体 60 万件，24 名检验员目视，漏检率约 1.5%", false),
        ("目前公司年处理退役电池约 5000 吨，锂收率不足 88%。", false),
        ("我们试过提高温度，改善不到 2 dB", false),
        ("国内有 5 家供应商", false),
        ("把性能提高到国际先进水平", false),
        ("力争 3 年内投资 500 万元", false),
        ("随着功耗升到 700 W 以上，公司的硅脂被挤出", false),
        ("盐雾 240 h 即出现腐蚀；鼓包比例高达 3%", false),
        ("采用高精度齿轮的供应商，壁厚 0.4 mm", false),
        ("检出率 95%", false),
        ("目标：检出率 95%", true),
    ] {
        assert_eq!(has_target(text), expected, "{text}");
    }
}

#[test]
fn near_is_in_the_same_sentence() {
    for (text, word, expected) in [
        ("显著提高合格率，达到 95%", "显著提高", true),
        ("合格率达到 95%，显著提高", "显著提高", true),
        ("合格率达到 95%。显著提高效率", "显著提高", false),
        ("显著提高效率", "显著提高", false),
    ] {
        let chars: Vec<char> = text.chars().collect();
        let start = text[..text.find(word).unwrap()].chars().count();
        let near = stands_near(&quantities(text), &chars, &(start..start + word.chars().count()), 20);
        assert_eq!(near, expected, "{text}");
    }
}

proptest::proptest! {
    #[test]
    fn no_text_panics_and_ranges_lie_in_it_in_order(
        text in "(\\PC|[0-9.,^×~～%万个第年月\\-—至到百分之三成 ≥以上mMkg/·²\u{0}\n]){0,60}",
    ) {
        let length = text.chars().count();
        let mut last = 0;
        for quantity in quantities(&text) {
            proptest::prop_assert!(quantity.range.start >= last.min(quantity.range.start) && quantity.range.start < quantity.range.end);
            proptest::prop_assert!(quantity.range.end <= length && quantity.range.end > last);
            last = quantity.range.end;
        }
    }

    #[test]
    fn a_bound_with_a_number_and_a_unit_is_a_target(number in 0u32..100_000, decimals in 0u32..100, unit in
        proptest::sample::select(vec!["%", "mm", "μm", "MPa", "℃", "次", "小时", "dB(A)", "mg/L", "W/(m·K)", "台", "kWh"])) {
        for bound in ["≥", "≤ ", "不低于", "不超过 ", "至少"] {
            let text = format!("目前公司的指标{bound}{number}.{decimals} {unit}");
            proptest::prop_assert!(has_target(&text), "{}", text);
        }
    }
}

/// The demo needs tell in their problems what is, and in their rows what is wanted.
#[test]
fn targets_of_the_demo_needs_are_recognised_and_their_problems_hold_few() {
    let lines = include_str!("../../../data/demo/needs.jsonl").lines();
    let needs: Vec<crate::domain::Need> = lines.map(|line| serde_json::from_str(line).unwrap()).collect();
    let rows: Vec<String> = needs
        .iter()
        .flat_map(|need| &need.targets)
        .filter_map(|target| Some(format!("{}{} {}", target.name, target.value, target.unit.as_deref()?)))
        .filter(|row| row.contains(['≥', '≤']) && !row.contains("DIN"))
        .collect();
    let missed: Vec<&String> = rows.iter().filter(|row| !has_target(row)).collect();
    // Money and years are targets in a row, where a person put them, and not in a text.
    let excluded = |row: &str| row.ends_with(" 元") || row.ends_with(" 年") || row.ends_with(" 月");
    assert!(
        rows.len() > 140 && missed.iter().all(|row| excluded(row)),
        "{} of {}: {missed:?}",
        missed.len(),
        rows.len()
    );
    let taken: Vec<&str> = needs.iter().filter(|need| has_target(&need.problem)).map(|need| need.id.as_str()).collect();
    // Three of them do say what is wanted.
    assert!(["N04", "N08", "N24"].iter().all(|id| taken.contains(id)) && taken.len() <= 5, "{taken:?}");
}
