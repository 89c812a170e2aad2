//! Match latency by length of the need, and a bare tantivy top-k disjunction of the same terms on
//! as many threads in the same run: `cargo bench --bench matching`.
//!
//! The disjunction has all terms that the match weighs, or only those that it keeps when it has
//! dropped the too frequent ones, and as many hits are asked for. It runs with the plain top-k
//! collector and with a counting one beside it, which takes another path: the faster one is the
//! limit. Memory is printed for each size.

#[path = "corpus/mod.rs"]
#[allow(dead_code, reason = "shared by three benches")]
mod corpus;

use std::cell::LazyCell;

use criterion::{Criterion, SamplingMode, criterion_group, criterion_main};
use tantivy::collector::{Count, TopDocs};
use tantivy::query::{BooleanQuery, Occur, Query, TermQuery};
use tantivy::schema::{Field, IndexRecordOption, Schema, TextFieldIndexing, TextOptions};
use tantivy::tokenizer::{TextAnalyzer, WhitespaceTokenizer};
use tantivy::{Searcher, TantivyDocument, Term};
use zhihui::app::data;
use zhihui::app::engine::{Engine, build_index};
use zhihui::domain::{Need, Talent};
use zhihui_index::{Analyzer, BuildOptions, Index};

const SIZES: [(&str, usize); 3] = [("10k", 10_000), ("100k", 100_000), ("1m", 1_000_000)];
const LENGTHS: [usize; 3] = [10, 60, 300];
const NEEDS: usize = 20;

struct Fixture {
    engine: Engine,
    bare: Searcher,
    text: Field,
    limit: usize,
    _folder: tempfile::TempDir,
}

impl Fixture {
    fn new(pieces: usize) -> Self {
        let folder = tempfile::tempdir().expect("a temporary folder");
        let path = folder.path().join("index");
        let ranking = data::default_ranking().expect("a ranking");
        let limit = ranking.search.evidence_limit;
        let talents = corpus::talents(pieces);
        build_index(&path, &talents, &data::DICTIONARY, None, &mut |_, _| {}).expect("an index");
        let before = resident();
        let index = Index::open(&path, &data::DICTIONARY).expect("an index");
        let (bare, text) = bare(&talents, index.analyzer(), &folder.path().join("bare"));
        let engine = Engine::new(index, data::taxonomy().expect("a taxonomy"), ranking);
        for length in LENGTHS {
            needs(length).iter().for_each(|need| drop(engine.find(need).expect("a match")));
        }
        drop(talents);
        eprintln!("{pieces} pieces of evidence: {} MB resident, {before} MB before", resident());
        Self { engine, bare, text, limit, _folder: folder }
    }

    /// The terms that the match weighs, or only those that it looks up.
    fn disjunction(&self, need: &Need, all: bool) -> BooleanQuery {
        let found = self.engine.find(need).expect("a match");
        let terms = found.candidates.terms.iter().filter(|t| (all || !t.pruned) && t.document_frequency > 0);
        let query = |text: &str| -> (Occur, Box<dyn Query>) {
            let term = Term::from_field_text(self.text, text);
            (Occur::Should, Box::new(TermQuery::new(term, IndexRecordOption::WithFreqs)))
        };
        BooleanQuery::new(terms.map(|t| query(&t.term.text)).collect())
    }
}

fn bare(talents: &[Talent], analyzer: &Analyzer, path: &std::path::Path) -> (Searcher, Field) {
    std::fs::create_dir(path).expect("a folder");
    let mut schema = Schema::builder();
    let indexing = TextFieldIndexing::default().set_tokenizer("ready").set_index_option(IndexRecordOption::WithFreqs);
    let text = schema.add_text_field("text", TextOptions::default().set_indexing_options(indexing));
    let mut index = tantivy::Index::create_in_dir(path, schema.build()).expect("an index");
    index.tokenizers().register("ready", TextAnalyzer::from(WhitespaceTokenizer::default()));
    let options = BuildOptions::for_documents(talents.len() * 5);
    let mut writer = index.writer_with_num_threads(options.threads, options.memory).expect("a writer");
    for evidence in talents.iter().flat_map(|t| &t.evidence) {
        let summary = evidence.r#abstract.as_deref().unwrap_or_default();
        let terms = analyzer.terms(&format!("{}；{}；{summary}", evidence.title, evidence.keywords.join("；")));
        let mut document = TantivyDocument::new();
        document.add_text(text, terms.join(" "));
        writer.add_document(document).expect("added");
    }
    writer.commit().expect("a commit");
    writer.wait_merging_threads().expect("merged");
    index.set_default_multithread_executor().expect("threads");
    (index.reader().expect("a reader").searcher(), text)
}

fn needs(length: usize) -> Vec<Need> {
    let mut generator = corpus::Generator::new(length as u64);
    (0..NEEDS).map(|_| Need::from_text(&generator.text(length))).collect()
}

/// Resident memory in MB, by Linux's account.
fn resident() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|l| l.strip_prefix("VmRSS:"));
    line.and_then(|l| l.split_whitespace().next()?.parse::<u64>().ok()).unwrap_or(0) / 1024
}

fn matching(c: &mut Criterion) {
    for (size, pieces) in SIZES {
        let fixture = LazyCell::new(|| Fixture::new(pieces));
        for length in LENGTHS {
            let mut group = c.benchmark_group(format!("matching/{size}/{length} characters"));
            group.sample_size(10).sampling_mode(SamplingMode::Flat);
            let needs = LazyCell::new(|| needs(length));
            for (all, which) in [(true, "all terms"), (false, "kept terms")] {
                let queries = LazyCell::new(|| needs.iter().map(|n| fixture.disjunction(n, all)).collect::<Vec<_>>());
                group.bench_function(format!("bare tantivy, {which}"), |b| {
                    let collector = TopDocs::with_limit(fixture.limit).order_by_score();
                    let hits = |query: &BooleanQuery| fixture.bare.search(query, &collector).expect("hits").len();
                    b.iter(|| queries.iter().map(hits).sum::<usize>());
                });
                group.bench_function(format!("bare tantivy, {which}, counting"), |b| {
                    let collector = (TopDocs::with_limit(fixture.limit).order_by_score(), Count);
                    let hits = |query: &BooleanQuery| fixture.bare.search(query, &collector).expect("hits").1;
                    b.iter(|| queries.iter().map(hits).sum::<usize>());
                });
            }
            group.bench_function("zhihui", |b| {
                b.iter(|| needs.iter().map(|n| fixture.engine.find(n).expect("a match").ids().count()).sum::<usize>());
            });
            group.finish();
        }
    }
}

criterion_group!(benches, matching);
criterion_main!(benches);
