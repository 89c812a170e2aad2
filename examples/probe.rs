use zhihui::app::{engine::*, evaluate::*, trec, data};
use zhihui::matching::{Ranking, metrics::Gain};
use zhihui::domain::*;
fn read<T: serde::de::DeserializeOwned>(p: &str) -> Vec<T> { std::fs::read_to_string(p).unwrap().lines().map(|l| serde_json::from_str(l).unwrap()).collect() }
fn main() {
    let d = "../shared/eval/chinaxiv/";
    let dir = std::path::Path::new("/tmp/probe-index");
    let t0 = std::time::Instant::now();
    if std::env::var("BUILD").is_ok() || !dir.exists() {
        let _ = std::fs::remove_dir_all(dir);
        let talents: Vec<Talent> = read(&format!("{d}talents.jsonl"));
        build_index(dir, &talents, &data::DICTIONARY, None, &mut |_, _| {}).unwrap();
        println!("built {:?}", t0.elapsed());
    }
    let t0 = std::time::Instant::now();
    let index = zhihui_index::Index::open(dir, &data::DICTIONARY).unwrap();
    println!("open {:?}", t0.elapsed());
    let mut engine = Engine::new(index, data::taxonomy().unwrap(), data::default_ranking().unwrap());
    let qrels = trec::parse_qrels(&std::fs::read_to_string(format!("{d}qrels.tune.txt")).unwrap()).unwrap();
    if std::env::var("TUNE").is_ok() {
        let r = std::env::args().nth(1).unwrap();
        engine = engine.with_ranking(Ranking::parse(&std::fs::read_to_string(&r).unwrap()).unwrap());
        let mut needs: Vec<Need> = read(&format!("{d}needs.tune.jsonl"));
        needs.extend(read::<Need>(&format!("{d}needs-long.tune.jsonl")));
        let t = zhihui::app::tune::tune(&engine, &needs, &qrels, String::new(), &mut |_, _| {}).unwrap();
        println!("before {:.4} cv {:.4} in {:.4}", t.learned.before, t.learned.cross_validated, t.learned.in_sample);
        for (f, l) in &t.learned.ablation { println!("  {} {:+.4} w {:.4}", f.name(), l, t.learned.weights.to_array()[*f as usize]); }
        std::fs::write("/tmp/tuned.toml", t.ranking.to_toml()).unwrap();
    }
    for r in std::env::args().skip(1) {
        engine = engine.with_ranking(Ranking::parse(&std::fs::read_to_string(&r).unwrap()).unwrap());
        for f in ["needs.tune", "needs-long.tune"] {
            let needs: Vec<Need> = read(&format!("{d}{f}.jsonl"));
            let e = evaluate(&engine, &needs, &qrels, Gain::Exponential).unwrap();
            let q = &e.report.quality;
            println!("{r} {f}: n {} ndcg {:.4} mrr {:.4} r50 {:.4} p50 {:.2} p99 {:.2}", q.queries, q.ndcg_10, q.mrr, q.recall_50, e.report.latency_ms.p50, e.report.latency_ms.p99);
        }
    }
}
