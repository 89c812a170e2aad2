//! Indexing throughput, and bare tantivy fed the same tokens on as many threads in the same run:
//! `cargo bench --bench indexing`. On a busy machine, and for the million, turn about:
//! `PAIRS=5 cargo bench --bench indexing -- 100k/` prints each pair and the median ratio.

#[path = "corpus/mod.rs"]
#[allow(dead_code, reason = "shared by three benches")]
mod corpus;

use std::time::Instant;

use criterion::{BatchSize, Criterion, SamplingMode, Throughput, criterion_group};
use tantivy::schema::{IndexRecordOption, STORED, STRING, Schema, TextFieldIndexing, TextOptions};
use tantivy::tokenizer::{TextAnalyzer, Token, TokenStream, Tokenizer};
use tantivy::{Index, TantivyDocument};
use tempfile::TempDir;
use zhihui_index::space::Space;
use zhihui_index::writer::train_space;
use zhihui_index::{Analyzer, BuildOptions, EvidenceDoc, Writer};

const SIZES: [(&str, usize); 3] = [("10k", 10_000), ("100k", 100_000), ("1m", 1_000_000)];

/// Takes tokens that each follow a character whose number is their length. Costs next to nothing:
/// what is left is tantivy.
#[derive(Clone)]
struct ReadyMade;

struct ReadyMadeStream<'a> {
    /// The rest of the text.
    tokens: &'a str,
    token: Token,
}

impl Tokenizer for ReadyMade {
    type TokenStream<'a> = ReadyMadeStream<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> ReadyMadeStream<'a> {
        ReadyMadeStream { tokens: text, token: Token::default() }
    }
}

impl TokenStream for ReadyMadeStream<'_> {
    fn advance(&mut self) -> bool {
        let mut chars = self.tokens.chars();
        let Some(length) = chars.next() else { return false };
        let (next, rest) = chars.as_str().split_at(length as usize);
        self.tokens = rest;
        self.token.text.clear();
        self.token.text.push_str(next);
        self.token.position = self.token.position.wrapping_add(1);
        true
    }

    fn token(&self) -> &Token {
        &self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.token
    }
}

/// The tokens of title, keywords and abstract, ready made.
fn tokens(analyzer: &Analyzer, evidence: &[EvidenceDoc]) -> Vec<[String; 3]> {
    let length = |term: &str| char::from_u32(term.len() as u32).expect("short terms");
    let join = |text: &str| analyzer.terms(text).iter().map(|t| format!("{}{t}", length(t))).collect();
    evidence.iter().map(|e| [join(&e.title), join(&e.keywords.join("；")), join(&e.summary)]).collect()
}

fn bare(evidence: &[EvidenceDoc], tokens: &[[String; 3]], options: BuildOptions) {
    let mut schema = Schema::builder();
    let indexing = TextFieldIndexing::default().set_tokenizer("ready").set_index_option(IndexRecordOption::WithFreqs);
    let text = TextOptions::default().set_indexing_options(indexing);
    let key = schema.add_text_field("key", STRING);
    let stored = schema.add_text_field("stored", STORED);
    let fields = ["title", "keywords", "abstract"].map(|f| schema.add_text_field(f, text.clone()));
    let folder = tempfile::tempdir().expect("a temporary folder");
    let index = Index::create_in_dir(folder.path(), schema.build()).expect("an index");
    index.tokenizers().register("ready", TextAnalyzer::from(ReadyMade));
    let mut writer = index.writer_with_num_threads(options.threads, options.memory).expect("a writer");
    for (evidence, tokens) in evidence.iter().zip(tokens) {
        let mut document = TantivyDocument::new();
        document.add_text(key, &evidence.id);
        document.add_text(stored, &evidence.stored);
        fields.iter().zip(tokens).for_each(|(field, text)| document.add_text(*field, text));
        writer.add_document(document).expect("added");
    }
    writer.commit().expect("a commit");
    writer.wait_merging_threads().expect("merged");
}

fn ours(folder: TempDir, evidence: &[EvidenceDoc], analyzer: Analyzer, space: Space, options: BuildOptions) {
    let mut writer = Writer::create(&folder.path().join("index"), analyzer, space, options).expect("a writer");
    evidence.chunks(1024).for_each(|e| writer.put_evidence(e).expect("put"));
    writer.commit(0).expect("a commit");
    writer.finish().expect("merged");
}

/// What both sides index, and what is made of it before the clock starts.
struct Corpus {
    evidence: Vec<EvidenceDoc>,
    analyzer: Analyzer,
    tokens: Vec<[String; 3]>,
    space: Space,
}

impl Corpus {
    fn new(pieces: usize) -> Self {
        let evidence = corpus::documents(&corpus::talents(pieces)).1;
        let analyzer = corpus::analyzer();
        let tokens = tokens(&analyzer, &evidence);
        let space = train_space(&analyzer, &evidence);
        Self { evidence, analyzer, tokens, space }
    }
}

fn indexing(c: &mut Criterion) {
    for (size, pieces) in SIZES {
        let mut group = c.benchmark_group(format!("indexing/{size}"));
        group.sample_size(10).sampling_mode(SamplingMode::Flat).throughput(Throughput::Elements(pieces as u64));
        let options = BuildOptions::for_documents(pieces);
        let corpus = std::cell::LazyCell::new(|| Corpus::new(pieces));
        group.bench_function("bare tantivy", |b| b.iter(|| bare(&corpus.evidence, &corpus.tokens, options)));
        group.bench_function("zhihui", |b| {
            let fresh =
                || (tempfile::tempdir().expect("a temporary folder"), corpus.analyzer.clone(), corpus.space.clone());
            let build = |(folder, analyzer, space): (TempDir, _, _)| {
                ours(folder, &corpus.evidence, analyzer, space, options);
            };
            b.iter_batched(fresh, build, BatchSize::PerIteration);
        });
        group.finish();
    }
}

/// Bare tantivy and zhihui by turns, so that whatever else the machine does hits both.
fn pairs(pairs: usize, size: &str, pieces: usize) {
    let (corpus, options) = (Corpus::new(pieces), BuildOptions::for_documents(pieces));
    let mut ratios = Vec::new();
    for _ in 0..pairs {
        let start = Instant::now();
        bare(&corpus.evidence, &corpus.tokens, options);
        let bare = start.elapsed();
        let folder = tempfile::tempdir().expect("a temporary folder");
        let (analyzer, space) = (corpus.analyzer.clone(), corpus.space.clone());
        let start = Instant::now();
        ours(folder, &corpus.evidence, analyzer, space, options);
        let ours = start.elapsed();
        let rate = |t: std::time::Duration| pieces as f64 / t.as_secs_f64() / 1000.0;
        ratios.push(bare.as_secs_f64() / ours.as_secs_f64());
        println!("{size}: bare tantivy {:.1}, zhihui {:.1} thousand pieces/s", rate(bare), rate(ours));
    }
    ratios.sort_by(f64::total_cmp);
    let (least, most) = (ratios.first().copied().unwrap_or(0.0), ratios.last().copied().unwrap_or(0.0));
    println!("{size}: median {:.0} %, {:.0}–{:.0} %", ratios[pairs / 2] * 100.0, least * 100.0, most * 100.0);
}

criterion_group!(benches, indexing);

fn main() {
    match std::env::var("PAIRS").map(|p| p.parse()) {
        Ok(Ok(count @ 1..)) => {
            let wanted: Vec<String> = std::env::args().skip(1).map(|a| a.trim_end_matches('/').to_owned()).collect();
            let sizes = SIZES.iter().filter(|(size, _)| wanted.iter().any(|w| w == size));
            sizes.for_each(|(size, pieces)| pairs(count, size, *pieces));
        }
        _ => {
            benches();
            Criterion::default().configure_from_args().final_summary();
        }
    }
}
