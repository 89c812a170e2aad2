//! Results as a terminal shows them.

use zhihui::app::explain::{Answer, Gap, Part, Proof, Recommendation, Standing};
use zhihui::app::tune::Tuned;
use zhihui::matching::explain::{Contribution, Words};

/// A talent in a list.
pub fn recommendation(r: &Recommendation) {
    println!("{:>2}. {:>3.0} {}　{}", r.rank, r.percent, r.band.label(), who(r));
    let reasons: Vec<String> = r.contributions.iter().take(3).map(|c| share(c, r.score)).collect();
    println!("      理由：{}", reasons.join("，"));
    words(&r.words, "      ");
    r.proofs.iter().for_each(|p| proof(p, "      "));
}

/// Why a talent is, or is not, at its rank.
pub fn answer(answer: &Answer) {
    match answer {
        // The caller's error says it.
        Answer::NoSuchTalent => {}
        Answer::NoMatch { talent, pieces: 0, .. } => {
            println!("{}（{}）不在候选中：没有任何成果，简介与需求也没有共同的词", talent.name, talent.organization);
        }
        Answer::NoMatch { talent, pieces, words: of } => {
            println!(
                "{}（{}）不在候选中：{pieces} 项成果与需求没有可检索的共同词，方向也不相近",
                talent.name, talent.organization
            );
            words(of, "  ");
        }
        Answer::Listed(standing) => listed(standing),
    }
}

fn listed(standing: &Standing) {
    let r = &standing.recommendation;
    println!("{}：第 {} 位（共 {} 位），{:.0} {}", who(r), r.rank, standing.of, r.percent, r.band.label());
    println!("  成果 {} 项，其中 {} 项与需求有共同的词", r.pieces, r.pieces_matching);
    if !standing.is_candidate {
        println!("  不在推荐名单里：匹配的成果不在得分最高的一批，总体方向也不够相近；以上是放宽到所有有匹配者的名次");
    }
    println!("  得分 {:.3}，由以下各项相加：", r.score);
    for c in &r.contributions {
        println!("    {:>7.3} = {:.3} × {:.2}　{}", c.points, c.value, c.weight, c.label);
    }
    words(&r.words, "  ");
    standing.behind.iter().for_each(gap);
    r.proofs.iter().for_each(|p| proof(p, "  "));
}

fn gap(gap: &Gap) {
    let lacks: Vec<String> = gap.lacks.iter().take(4).map(|l| format!("{} {:+.3}", l.label, -l.points)).collect();
    println!("  比第 {} 位 {} 低 {:.3}：{}", gap.rank, gap.name, gap.points, lacks.join("，"));
}

fn who(r: &Recommendation) -> String {
    match r.talent.organization.as_str() {
        "" => format!("{} [{}]", r.talent.name, r.talent.id),
        organization => format!("{}（{organization}）[{}]", r.talent.name, r.talent.id),
    }
}

fn share(c: &Contribution, score: f32) -> String {
    format!("{} {:.0}%", c.label, 100.0 * c.points / score.max(f32::MIN_POSITIVE))
}

/// Words shown of each list.
const WORDS: usize = 15;

fn words(words: &Words, indent: &str) {
    for (label, list) in [("命中", &words.matched), ("未体现", &words.missing), ("无人涉及", &words.unknown)] {
        let more = if list.len() > WORDS { format!("等 {} 个", list.len()) } else { String::new() };
        if !list.is_empty() {
            println!("{indent}{label}：{}{more}", list[..list.len().min(WORDS)].join("、"));
        }
    }
}

fn proof(proof: &Proof, indent: &str) {
    let year = proof.evidence.year.map(|y| format!("，{y}")).unwrap_or_default();
    println!("{indent}{}{year}：{}", proof.evidence.r#type.label(), marked(&proof.title));
    if !proof.snippet.is_empty() {
        println!("{indent}    {}", marked(&proof.snippet));
    }
}

fn marked(parts: &[Part]) -> String {
    parts.iter().map(|p| if p.hit { format!("【{}】", p.text) } else { p.text.replace('\n', " ") }).collect()
}

/// What tuning found.
pub fn tuned(tuned: &Tuned) {
    match &tuned.learned {
        None => println!("权重保持不变"),
        Some(learned) => {
            println!(
                "nDCG@10：学习前 {:.4}，交叉验证 {:.4}，训练集 {:.4}",
                learned.before, learned.cross_validated, learned.in_sample
            );
            for (feature, loss) in &learned.ablation {
                println!("  去掉 {:<14} {:+.4}  {}", feature.name(), -loss, feature.label());
            }
        }
    }
    let calibrated = &tuned.calibrated;
    println!("百分数校准（交叉验证）：均方误差 {:.4}，总报平均值时 {:.4}", calibrated.error, calibrated.error_of_mean);
    for (tenth, (count, said, graded)) in calibrated.reliability.iter().enumerate().filter(|(_, r)| r.0 > 0) {
        println!(
            "  {:>3}–{:<3} {count:>5} 个，平均 {:.0}，实际 {:.0}",
            10 * tenth,
            10 * (tenth + 1),
            100.0 * said,
            100.0 * graded
        );
    }
}
