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
