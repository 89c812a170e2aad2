//! Analyzer throughput, and jieba alone in the same run: `cargo bench --bench analyzer`.

#[path = "corpus/mod.rs"]
#[allow(dead_code, reason = "shared by three benches")]
mod corpus;

use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use jieba_rs::Jieba;
use zhihui::app::data;
use zhihui_index::analyzer::Analysis;

fn analyzer(c: &mut Criterion) {
    let texts: Vec<String> = corpus::talents(5_000)
        .into_iter()
        .flat_map(|t| t.evidence)
        .flat_map(|e| [e.title, e.r#abstract.unwrap_or_default()])
        .collect();
    let mut group = c.benchmark_group("analyzer");
    group.throughput(Throughput::Bytes(texts.iter().map(|t| t.len() as u64).sum()));
    let words = data::DICTIONARY.jieba.lines().skip_while(|l| l.starts_with('#')).collect::<Vec<_>>().join("\n");
    let jieba = Jieba::with_dict(&mut words.as_bytes()).expect("data/dict is read by a test");
    for hmm in [false, true] {
        group.bench_function(if hmm { "jieba search mode, HMM" } else { "jieba search mode" }, |b| {
            b.iter(|| texts.iter().map(|t| jieba.cut_for_search(t, hmm).len()).sum::<usize>());
        });
    }
    let analyzer = corpus::analyzer();
    group.bench_function("zhihui", |b| {
        let mut analysis = Analysis::default();
        b.iter(|| {
            let terms = texts.iter().map(|t| {
                analyzer.analyze(t, &mut analysis);
                analysis.spans().len()
            });
            terms.sum::<usize>()
        });
    });
    group.finish();
}

criterion_group!(benches, analyzer);
criterion_main!(benches);
