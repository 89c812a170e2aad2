//! What an index promises:
//! 1. what was put is found, with its own record; nothing is seen before a commit and a reload;
//! 2. an update replaces, a delete removes, and vectors go with their documents;
//! 3. the position is that of the last commit;
//! 4. a damaged, incomplete or stale index is refused by name, never read.

use std::path::Path;
use std::sync::Arc;

use zhihui_index::writer::train_space;
use zhihui_index::{
    Analyzer, BuildOptions, Dictionary, DictionarySources, EvidenceDoc, Index, IndexError, NeedQuery, SearchParams,
    TalentDoc, Writer,
};

const SOURCES: DictionarySources<'static> = DictionarySources {
    jieba: include_str!("../../data/dict/jieba.txt"),
    user: "热失控\n",
    stop: "",
    boilerplate: "",
    synonyms: "",
    bilingual: "",
    t2s: "",
};
const OPTIONS: BuildOptions = BuildOptions { threads: 1, memory: 32 << 20 };

fn talent(id: &str) -> TalentDoc {
    TalentDoc { id: id.into(), stored: format!("record of {id}"), ..TalentDoc::default() }
}

fn evidence(id: &str, talents: &[&str], title: &str) -> EvidenceDoc {
    EvidenceDoc {
        id: id.into(),
        talents: talents.iter().map(|t| (*t).into()).collect(),
        kind: 1,
        title: title.into(),
        keywords: vec![],
        summary: format!("{title}的机理与试验"),
        year: Some(2024),
        stored: format!("record of {id}"),
    }
}

fn build(path: &Path) {
    let documents = [
        evidence("e1", &["a", "b"], "锂电池热失控抑制"),
        evidence("e2", &["b"], "锂电池热失控预警"),
        evidence("e3", &["c"], "齿轮箱故障诊断"),
        evidence("e4", &["c"], "齿轮箱振动诊断"),
    ];
    let analyzer = Analyzer::new(Arc::new(Dictionary::new(&SOURCES, []).unwrap()));
    let space = train_space(&analyzer, &documents);
    let mut writer = Writer::create(path, analyzer, space, OPTIONS).unwrap();
    writer.put_evidence(&documents).unwrap();
    ["a", "b", "c"].iter().for_each(|t| writer.put_talent(&talent(t)).unwrap());
    writer.commit(7).unwrap();
    writer.finish().unwrap();
}

fn built() -> (tempfile::TempDir, Index) {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("index");
    build(&path);
    let index = Index::open(&path, &SOURCES).unwrap();
    (folder, index)
}

/// Ids of the talents that have evidence with a term of the need.
fn found(index: &Index, need: &str) -> Vec<String> {
    let params = SearchParams { max_document_share: 1.0, dense_limit: 0, ..SearchParams::default() };
    let query = NeedQuery::new(index.analyzer(), need, &params.terms);
    let snapshot = index.snapshot();
    let candidates = snapshot.search(index.space(), &query, &params).unwrap();
    let mut ids: Vec<String> =
        candidates.talents.iter().map(|t| snapshot.talents()[t.ordinal as usize].id.to_string()).collect();
    ids.sort();
    ids
}

#[test]
fn updates_and_deletes_are_seen_after_commit_and_reload() {
    let (_folder, index) = built();
    assert_eq!(index.position().unwrap(), 7);
    assert_eq!(found(&index, "热失控"), ["a", "b"]);
    assert_eq!(found(&index, "齿轮箱"), ["c"]);
    let snapshot = index.snapshot();
    assert_eq!(snapshot.stored_talent(snapshot.ordinal("c").unwrap()).unwrap(), "record of c");

    let mut writer = index.writer(OPTIONS).unwrap();
    let changed = [evidence("e1", &["a"], "锂电池热失控抑制"), evidence("e3", &["c"], "液压泵空化")];
    writer.put_evidence(&changed).unwrap();
    writer.delete_evidence("e2");
    writer.delete_evidence("e4");
    index.reload().unwrap();
    assert_eq!(found(&index, "热失控"), ["a", "b"], "nothing is seen before the commit");
    writer.commit(8).unwrap();
    index.reload().unwrap();
    assert_eq!(found(&index, "热失控"), ["a"]);
    assert_eq!(found(&index, "齿轮箱"), Vec::<String>::new());
    assert_eq!(found(&index, "空化"), ["c"]);
    assert_eq!(index.position().unwrap(), 8);

    writer.delete_talent("a");
    writer.commit(9).unwrap();
    index.reload().unwrap();
    assert_eq!(found(&index, "热失控"), Vec::<String>::new(), "evidence of a deleted talent is nobody's");
}

#[test]
fn every_altered_or_shortened_file_is_refused() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("index");
    build(&path);
    let mut files: Vec<_> = ["manifest.json", "space.bin", "words.txt", "terms/meta.json"].map(|f| path.join(f)).into();
    let terms = std::fs::read_dir(path.join("terms")).unwrap().map(|e| e.unwrap().path());
    let is_data = |p: &std::path::PathBuf| {
        p.extension().is_some_and(|e| ["term", "idx", "fast", "store", "fieldnorm"].iter().any(|x| e == *x))
    };
    files.extend(terms.filter(is_data));
    assert!(files.len() >= 8, "{files:?}");
    for file in files {
        let good = std::fs::read(&file).unwrap();
        if good.is_empty() {
            continue;
        }
        std::fs::write(&file, &good[..good.len() / 2]).unwrap();
        let refused = Index::open(&path, &SOURCES);
        assert!(matches!(refused, Err(IndexError::Damaged { .. })), "{} cut short: {refused:?}", file.display());
        std::fs::remove_file(&file).unwrap();
        let refused = Index::open(&path, &SOURCES);
        assert!(matches!(refused, Err(IndexError::Damaged { .. })), "{} missing: {refused:?}", file.display());
        std::fs::write(&file, &good).unwrap();
    }
    Index::open(&path, &SOURCES).unwrap();
}

#[test]
fn another_dictionary_makes_an_index_stale() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("index");
    build(&path);
    let other = DictionarySources { user: "热失控\n固态电解质\n", ..SOURCES };
    assert!(matches!(Index::open(&path, &other), Err(IndexError::Stale { .. })));
    assert!(matches!(Index::open(&folder.path().join("none"), &SOURCES), Err(IndexError::Damaged { .. })));
}

#[test]
fn frequent_terms_are_dropped_when_postings_run_out_and_the_heaviest_stays() {
    let (_folder, index) = built();
    let bounded = |max_postings: u64| {
        let params = SearchParams { max_postings, max_document_share: 1.0, ..SearchParams::default() };
        let query = NeedQuery::new(index.analyzer(), "锂电池热失控与齿轮箱诊断", &params.terms);
        let candidates = index.snapshot().search(index.space(), &query, &params).unwrap();
        candidates.terms.iter().filter(|t| !t.pruned && t.document_frequency > 0).count()
    };
    assert_eq!(bounded(0), 1, "one term is always looked up");
    assert!(bounded(4) > 1 && bounded(4) < bounded(1000));
}

#[test]
fn vectors_bring_together_what_shares_a_subject_and_damage_is_noticed() {
    let analyzer = Analyzer::new(Arc::new(Dictionary::new(&SOURCES, []).unwrap()));
    let titles =
        ["锂电池热失控抑制", "锂电池热失控预警", "锂电池隔膜", "齿轮箱故障诊断", "齿轮箱振动诊断", "齿轮箱润滑"];
    let documents: Vec<EvidenceDoc> =
        titles.iter().enumerate().map(|(i, t)| evidence(&format!("e{i}"), &["a"], t)).collect();
    let space = train_space(&analyzer, &documents);
    let mut vectors = zhihui_index::space::Vectors::default();
    let encode = |space: &zhihui_index::space::Space, title: &str| {
        space.encode(&evidence("q", &[], title).bag(&analyzer, &mut Default::default()))
    };
    titles.iter().for_each(|t| vectors.push(encode(&space, t).as_ref()));
    let cosines = vectors.cosines(&encode(&space, "锂电池热失控").unwrap());
    let (near, far) = cosines.split_at(2);
    assert!(near.iter().all(|n| far.iter().all(|f| n > f)), "{cosines:?}");
    let query = encode(&space, "锂电池热失控").unwrap();
    assert!(cosines.iter().enumerate().all(|(i, c)| (vectors.cosine(&query, i) - c).abs() < 1e-5));
    assert_eq!(encode(&space, "毫无关联的内容xyz"), encode(&train_space(&analyzer, &documents), "毫无关联的内容xyz"));

    let bytes = space.to_bytes();
    let read = zhihui_index::space::Space::from_bytes(&bytes).unwrap();
    assert_eq!(read.to_bytes(), bytes);
    for at in (0..bytes.len()).step_by(bytes.len() / 50) {
        let mut altered = bytes.clone();
        altered[at] ^= 1;
        assert!(zhihui_index::space::Space::from_bytes(&altered).is_none(), "byte {at}");
        assert!(zhihui_index::space::Space::from_bytes(&bytes[..at]).is_none(), "cut at {at}");
    }
}

#[test]
fn a_snippet_is_a_stretch_of_the_text_that_holds_the_best_words() {
    let (_folder, index) = built();
    let params = SearchParams { max_document_share: 1.0, ..SearchParams::default() };
    let query = NeedQuery::new(index.analyzer(), "锂电池热失控抑制", &params.terms);
    let candidates = index.snapshot().search(index.space(), &query, &params).unwrap();
    let mut highlighter = zhihui_index::snippet::Highlighter::new(index.analyzer(), &candidates.terms);
    let filler = "本文讨论若干无关的内容。".repeat(20);
    let text = format!("{filler}针对锂电池热失控，提出抑制方法。{filler}");
    for max in [1, 7, 20, 60, 200, 10_000] {
        let snippet = highlighter.snippet(&text, max);
        assert!(text.contains(snippet.text.trim_matches('…')), "{max}");
        assert!(snippet.text.chars().count() <= max + 2, "{max}");
        let whole: String = snippet.parts().iter().map(|(part, _)| *part).collect();
        assert_eq!(whole, snippet.text);
        let hits: Vec<&str> = snippet.parts().into_iter().filter(|(_, hit)| *hit).map(|(part, _)| part).collect();
        assert!(max < 20 || hits.contains(&"锂电池热失控"), "{max}: {hits:?}");
    }
    assert_eq!(highlighter.snippet("", 10).parts(), []);
}

#[test]
fn an_id_put_twice_into_a_new_index_is_there_once() {
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("index");
    let analyzer = Analyzer::new(Arc::new(Dictionary::new(&SOURCES, []).unwrap()));
    let documents = [evidence("e1", &["a"], "锂电池热失控抑制"), evidence("e1", &["b"], "齿轮箱振动诊断")];
    let space = train_space(&analyzer, &documents);
    let mut writer = Writer::create(&path, analyzer, space, OPTIONS).unwrap();
    writer.put_evidence(&documents).unwrap();
    ["a", "b", "b"].iter().for_each(|t| writer.put_talent(&talent(t)).unwrap());
    writer.commit(1).unwrap();
    writer.finish().unwrap();
    let index = Index::open(&path, &SOURCES).unwrap();
    assert_eq!(found(&index, "热失控"), Vec::<String>::new());
    assert_eq!(found(&index, "齿轮箱"), ["b"]);
    assert_eq!(index.snapshot().talents().len(), 2);
}
