//! match | explain | eval | tune: the engine over files, without a store.

use std::path::{Path, PathBuf};

use zhihui::app::engine::Engine;
use zhihui::app::explain::{Answer, Recommendation};
use zhihui::app::files::FileError;
use zhihui::app::trec::Qrels;
use zhihui::app::tune::Scope;
use zhihui::app::{cache, data, evaluate, files, trec, tune};
use zhihui::domain::Need;
use zhihui::matching::metrics::Gain;
use zhihui::matching::{Band, Ranking};

use super::{Failure, Refused, bar, show};
use crate::print;

/// The commands.
#[derive(clap::Subcommand)]
pub enum Command {
    /// 为一条需求列出匹配的人才（团队），并说明理由
    Match {
        #[command(flatten)]
        corpus: Corpus,
        /// 列出几位
        #[arg(long, default_value_t = 10)]
        top: usize,
        #[arg(long)]
        json: bool,
        /// 需求正文；“-”表示从标准输入读
        text: String,
    },
    /// 说明某位人才为什么在（或不在）这个名次
    Explain {
        #[command(flatten)]
        corpus: Corpus,
        /// 人才编号
        #[arg(long)]
        talent: String,
        #[arg(long)]
        json: bool,
        /// 需求正文；“-”表示从标准输入读
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
    /// 由评判数据学习权重并校准百分数，写出排序文件
    Tune {
        #[command(flatten)]
        judged: Judged,
        /// 只校准百分数，权重不变
        #[arg(long)]
        calibrate_only: bool,
        #[arg(long)]
        out: PathBuf,
    },
}

/// Talents, and the ranking that orders them.
#[derive(clap::Args)]
pub struct Corpus {
    /// 人才文件（.jsonl、.csv、.xlsx）
    #[arg(long, default_value = "data/demo/talents.jsonl")]
    talents: PathBuf,
    /// 排序文件；缺省为内置的 data/ranking/untuned.toml
    #[arg(long)]
    ranking: Option<PathBuf>,
}

/// Talents, needs and judgements, and the ranking to judge.
#[derive(clap::Args)]
pub struct Judged {
    #[arg(long)]
    talents: PathBuf,
    #[arg(long)]
    needs: PathBuf,
    #[arg(long)]
    qrels: PathBuf,
    #[arg(long)]
    ranking: Option<PathBuf>,
}

/// # Errors
/// What the person must know; rows that were refused are no error.
pub fn run(command: Command) -> Result<Refused, Failure> {
    match command {
        Command::Match { corpus, top, json, text } => {
            let need = need(text)?;
            let (engine, refused) = engine(&corpus.talents, corpus.ranking.as_deref())?;
            print_match(&engine, &need, top, json)?;
            Ok(refused)
        }
        Command::Explain { corpus, talent, json, text } => {
            let need = need(text)?;
            let (engine, refused) = engine(&corpus.talents, corpus.ranking.as_deref())?;
            searchable(&engine, &need)?;
            let answer = engine.explain(&need, &talent)?;
            match json {
                true => println!("{}", serde_json::to_string(&answer)?),
                false => print::answer(&answer),
            }
            if matches!(answer, Answer::NoSuchTalent) {
                return Err(format!("没有编号 {talent} 的人才；编号见人才文件，或 match 结果里方括号中的").into());
            }
            Ok(refused)
        }
        Command::Eval { judged, run, gain, json } => {
            let (inputs, refused) = judged.load()?;
            let gain = if gain == "linear" { Gain::Linear } else { Gain::Exponential };
            let done = evaluate::evaluate(&inputs.engine, &inputs.needs, &inputs.qrels, gain)?;
            if let Some(path) = run {
                write(&path, &done.run)?;
            }
            match json {
                true => println!("{}", serde_json::to_string(&done.report)?),
                false => println!("{}", serde_json::to_string_pretty(&done.report)?),
            }
            Ok(refused)
        }
        Command::Tune { judged, calibrate_only, out } => {
            let (Inputs { engine, needs, qrels }, refused) = judged.load()?;
            let hash = cache::content_hash([judged.talents.as_path(), &judged.needs, &judged.qrels])?;
            let scope = if calibrate_only { Scope::CalibrationOnly } else { Scope::WeightsAndCalibration };
            let bar = bar("学习");
            let tuned = tune::tune(&engine, &needs, &qrels, hash, scope, &mut show(&bar))?;
            bar.finish_and_clear();
            print::tuned(&tuned);
            write(&out, &tuned.ranking.to_toml())?;
            Ok(refused)
        }
    }
}

struct Inputs {
    engine: Engine,
    needs: Vec<Need>,
    qrels: Qrels,
}

impl Judged {
    fn load(&self) -> Result<(Inputs, Refused), Failure> {
        let intake = files::read_needs(&self.needs, &mut |_, _| {})?;
        intake.problems.iter().for_each(|p| eprintln!("{p}"));
        let qrels =
            trec::parse_qrels(&files::read_text(&self.qrels)?).map_err(|e| format!("“{}”{e}", self.qrels.display()))?;
        let (engine, Refused(rows)) = engine(&self.talents, self.ranking.as_deref())?;
        Ok((Inputs { engine, needs: intake.rows, qrels }, Refused(rows + intake.problems.len())))
    }
}

/// The engine over a talents file; its index is built on the first call and kept.
fn engine(talents: &Path, ranking: Option<&Path>) -> Result<(Engine, Refused), Failure> {
    let ranking = match ranking {
        None => data::default_ranking()?,
        Some(path) => Ranking::parse(&files::read_text(path)?).map_err(|e| format!("“{}”：{e}", path.display()))?,
    };
    let beside = files::evidence_beside(talents).filter(|p| p.exists());
    let inputs = std::iter::once(talents).chain(beside.as_deref());
    let key = cache::content_hash(inputs).map_err(|e| FileError::from_io(talents, e))?;
    let (reading, indexing) = (bar("读取"), bar("建立索引"));
    let read = || {
        let intake = files::read_talents(talents, &mut |done, total| show(&reading)(done as usize, total as usize))?;
        reading.finish_and_clear();
        match intake.rows.is_empty() {
            true => {
                intake.problems.iter().for_each(|p| eprintln!("{p}"));
                Err(format!("“{}”里没有可用的人才", talents.display()).into())
            }
            false => Ok(intake),
        }
    };
    let kept = cache::open_or_build(&cache::folder(), &key, &data::DICTIONARY, read, &mut show(&indexing))?;
    indexing.finish_and_clear();
    kept.problems.iter().for_each(|p| eprintln!("{p}"));
    Ok((Engine::new(kept.index, data::taxonomy()?, ranking), Refused(kept.problems.len())))
}

fn write(path: &Path, text: &str) -> Result<(), Failure> {
    std::fs::write(path, text).map_err(|e| format!("无法写入“{}”：{e}；请检查文件夹和磁盘空间", path.display()).into())
}

fn need(text: String) -> Result<Need, Failure> {
    match text.as_str() {
        "-" => {
            let text = std::io::read_to_string(std::io::stdin());
            Ok(Need::from_text(&text.map_err(|_| "标准输入不是 UTF-8 文本；请转成 UTF-8 后再试")?))
        }
        text => Ok(Need::from_text(text)),
    }
}

fn searchable(engine: &Engine, need: &Need) -> Result<(), Failure> {
    match engine.query(need).is_empty() {
        true => Err("需求里没有可检索的词：请用至少两个汉字或一个英文术语写出要解决的技术问题".into()),
        false => Ok(()),
    }
}

/// What `match --json` prints.
#[derive(serde::Serialize)]
struct List<'a> {
    ranking: &'a str,
    candidates: usize,
    talents: &'a [Recommendation],
}

fn print_match(engine: &Engine, need: &Need, top: usize, json: bool) -> Result<(), Failure> {
    searchable(engine, need)?;
    let found = engine.find(need)?;
    let talents = engine.recommend(&found, top)?;
    if json {
        let list = List { ranking: &engine.ranking().name, candidates: found.ranked.places.len(), talents: &talents };
        println!("{}", serde_json::to_string(&list)?);
        return Ok(());
    }
    if talents.is_empty() {
        println!("没有匹配的人才：请补充技术术语，或换一种说法");
    } else if talents.iter().all(|t| t.band == Band::Low) {
        println!("没有高度匹配或较匹配的人才，以下仅供参考：");
    }
    talents.iter().for_each(print::recommendation);
    Ok(())
}
