//! Command line: match | eval | tune.

use std::path::{Path, PathBuf};
use std::process::ExitCode;

use clap::{Args, Parser, Subcommand};
use indicatif::ProgressBar;
use zhihui::app::engine::Engine;
use zhihui::app::trec::Qrels;
use zhihui::app::{cache, data, evaluate, files, trec, tune};
use zhihui::domain::{Need, Talent};
use zhihui::matching::Ranking;
use zhihui::matching::metrics::Gain;

type Failure = Box<dyn std::error::Error>;

/// 智汇：为企业技术需求匹配科技人才（团队）
#[derive(Parser)]
#[command(version)]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    /// 为一条需求列出匹配的人才（团队）
    Match {
        #[arg(long, default_value = "data/demo/talents.jsonl")]
        talents: PathBuf,
        #[arg(long)]
        ranking: Option<PathBuf>,
        #[arg(long, default_value_t = 10)]
        top: usize,
        #[arg(long)]
        json: bool,
        /// 需求正文
        text: String,
    },
    /// 按评判数据衡量排序质量
    Eval {
        #[command(flatten)]
        judged: Judged,
        /// 把排序写成 TREC run 文件
        #[arg(long)]
        run: Option<PathBuf>,
        /// 增益：exponential（2^等级−1）或 linear
        #[arg(long, default_value = "exponential", value_parser = ["exponential", "linear"])]
        gain: String,
        #[arg(long)]
        json: bool,
    },
    /// 由评判数据学习权重，写出排序文件
    Tune {
        #[command(flatten)]
        judged: Judged,
        #[arg(long)]
        out: PathBuf,
    },
}

/// Talents, needs and judgements, and the ranking to judge.
#[derive(Args)]
struct Judged {
    #[arg(long)]
    talents: PathBuf,
    #[arg(long)]
    needs: PathBuf,
    #[arg(long)]
    qrels: PathBuf,
    #[arg(long)]
    ranking: Option<PathBuf>,
}

impl Judged {
    fn load(&self) -> Result<(Engine, Vec<Need>, Qrels), Failure> {
        let intake = files::read_needs(&self.needs, &mut |_, _| {})?;
        intake.problems.iter().for_each(|p| eprintln!("{p}"));
        let text = std::fs::read_to_string(&self.qrels).map_err(|e| format!("{}：{e}", self.qrels.display()))?;
        let qrels = trec::parse_qrels(&text).map_err(|e| format!("{} {e}", self.qrels.display()))?;
        Ok((engine(&self.talents, self.ranking.as_deref())?, intake.rows, qrels))
    }
}

fn main() -> ExitCode {
    match run(Arguments::parse().command) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("错误：{error}");
            ExitCode::FAILURE
        }
    }
}

fn run(command: Command) -> Result<(), Failure> {
    match command {
        Command::Match { talents, ranking, top, json, text } => {
            let need = Need::from_text(&text);
            print_match(&engine(&talents, ranking.as_deref())?, &need, top, json)
        }
        Command::Eval { judged, run, gain, json } => {
            let (engine, needs, qrels) = judged.load()?;
            let gain = if gain == "linear" { Gain::Linear } else { Gain::Exponential };
            let done = evaluate::evaluate(&engine, &needs, &qrels, gain)?;
            if let Some(path) = run {
                std::fs::write(&path, &done.run).map_err(|e| format!("{}：{e}", path.display()))?;
            }
            let report = serde_json::to_value(&done.report)?;
            match json {
                true => println!("{report}"),
                false => println!("{}", serde_json::to_string_pretty(&report)?),
            }
            Ok(())
        }
        Command::Tune { judged, out } => {
            let (engine, needs, qrels) = judged.load()?;
            let hash = cache::content_hash([judged.talents.as_path(), &judged.needs, &judged.qrels])?;
            let bar = ProgressBar::new(0);
            let tuned = tune::tune(&engine, &needs, &qrels, hash, &mut show(&bar))?;
            bar.finish_and_clear();
            let learned = &tuned.learned;
            println!(
                "nDCG@10：学习前 {:.4}，交叉验证 {:.4}，训练集 {:.4}",
                learned.before, learned.cross_validated, learned.in_sample
            );
            for (feature, loss) in &learned.ablation {
                println!("  去掉 {:<14} {:+.4}  {}", feature.name(), -loss, feature.label());
            }
            std::fs::write(&out, tuned.ranking.to_toml()).map_err(|e| format!("{}：{e}", out.display()))?;
            Ok(())
        }
    }
}

fn show(bar: &ProgressBar) -> impl FnMut(usize, usize) {
    let bar = bar.clone();
    move |done, total| {
        bar.set_length(total as u64);
        bar.set_position(done as u64);
    }
}

/// The engine over a talents file; its index is built on the first call and kept.
fn engine(talents: &Path, ranking: Option<&Path>) -> Result<Engine, Failure> {
    let ranking = match ranking {
        None => data::default_ranking()?,
        Some(path) => Ranking::parse(&std::fs::read_to_string(path).map_err(|e| format!("{}：{e}", path.display()))?)?,
    };
    let beside = files::evidence_beside(talents).filter(|p| p.exists());
    let inputs = std::iter::once(talents).chain(beside.as_deref());
    let key = cache::content_hash(inputs).map_err(|e| format!("{}：{e}", talents.display()))?;
    let bar = ProgressBar::new(0);
    let read = || read_talents(talents);
    let index = cache::open_or_build(&cache::folder(), &key, &data::DICTIONARY, read, &mut show(&bar))?;
    bar.finish_and_clear();
    Ok(Engine::new(index, data::taxonomy()?, ranking))
}

fn read_talents(path: &Path) -> Result<Vec<Talent>, Failure> {
    let intake = files::read_talents(path, &mut |_, _| {})?;
    intake.problems.iter().for_each(|p| eprintln!("{p}"));
    match intake.rows.is_empty() {
        true => Err(format!("{}：没有可用的人才", path.display()).into()),
        false => Ok(intake.rows),
    }
}

fn print_match(engine: &Engine, need: &Need, top: usize, json: bool) -> Result<(), Failure> {
    let found = engine.find(need)?;
    if found.query.is_empty() {
        return Err("需求里没有可检索的词：请用至少两个汉字或一个英文术语写出要解决的技术问题".into());
    }
    let mut list = Vec::new();
    for (place, rank) in found.ranked.places.iter().take(top).zip(1..) {
        let hit = &found.candidates.talents[place.row];
        let talent: Talent = serde_json::from_str(&found.snapshot.stored_talent(hit.ordinal)?)?;
        let mut evidence = Vec::new();
        for piece in hit.evidence.iter().take(3) {
            let record: zhihui::domain::Evidence = serde_json::from_str(&found.snapshot.stored(piece.address)?)?;
            evidence.push(record);
        }
        if !json {
            println!(
                "{rank:>2}. {:>3.0} {} {}（{}）",
                place.percent,
                place.band.label(),
                talent.name,
                talent.organization
            );
            evidence.iter().for_each(|e| println!("        {}：{}", e.r#type.label(), e.title));
        }
        list.push(serde_json::json!({
            "rank": rank, "id": talent.id, "name": talent.name, "organization": talent.organization,
            "score": place.percent, "band": place.band, "evidence": evidence,
        }));
    }
    if json {
        println!("{}", serde_json::json!({ "ranking": engine.ranking().name, "talents": list }));
    } else if list.is_empty() {
        println!("没有匹配的人才：请补充技术术语，或换一种说法");
    }
    Ok(())
}
