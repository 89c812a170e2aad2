//! Needs in one language and evidence in the other:
//! 1. Chinese needs find the fictional talents of tests/bilingual, whose evidence is English, among
//!    those of the demo, who answer similar needs in Chinese;
//! 2. English versions of demo needs find what the demo judgements say;
//! 3. the explanation names the need's words, and highlights their translations;
//! 4. pairs of the evidence's own keywords work as the list does, and stay with the index.

use std::collections::BTreeSet;
use std::path::Path;
use std::sync::LazyLock;

use zhihui::app::engine::{Engine, build_index};
use zhihui::app::{data, files, trec};
use zhihui::domain::{Need, Talent};
use zhihui::matching::Ranking;
use zhihui_index::Index;

const FOLDER: &str = "tests/bilingual";

static BUILT: LazyLock<(tempfile::TempDir, Vec<Talent>)> = LazyLock::new(|| {
    let talents = ["data/demo", FOLDER].map(|folder| read_talents(&Path::new(folder).join("talents.jsonl"))).concat();
    let folder = tempfile::tempdir().unwrap();
    build_index(&folder.path().join("index"), &talents, &data::DICTIONARY, None, &mut |_, _| {}).unwrap();
    (folder, talents)
});

fn read_talents(path: &Path) -> Vec<Talent> {
    let intake = files::read_talents(path, &mut |_, _| {}).unwrap();
    assert!(intake.problems.is_empty(), "{:?}", intake.problems);
    intake.rows
}

fn needs(file: &str) -> Vec<Need> {
    let intake = files::read_needs(&Path::new(FOLDER).join(file), &mut |_, _| {}).unwrap();
    assert!(intake.problems.is_empty(), "{:?}", intake.problems);
    intake.rows
}

fn engine_of(index: &Path, ranking: Ranking) -> Engine {
    Engine::new(Index::open(index, &data::DICTIONARY).unwrap(), data::taxonomy().unwrap(), ranking)
}

/// With translations, and without.
fn engines() -> [Engine; 2] {
    let ranking = data::default_ranking().unwrap();
    let mut without = ranking.clone();
    without.search.terms.translation = 0.0;
    [ranking, without].map(|ranking| engine_of(&BUILT.0.path().join("index"), ranking))
}

fn need(problem: &str) -> Need {
    let mut need = needs("needs.jsonl").remove(0);
    problem.clone_into(&mut need.problem);
    need
}

/// The mean share of a need's relevant talents that are among its first ten.
fn recall_10(engine: &Engine, needs: &[Need], qrels: &Path) -> f64 {
    let qrels = trec::parse_qrels(&std::fs::read_to_string(qrels).unwrap()).unwrap();
    let of = |need: &Need| {
        let relevant: BTreeSet<&str> =
            qrels[&need.id].iter().filter(|(_, g)| **g > 0).map(|(t, _)| t.as_str()).collect();
        let found = engine.find(need).unwrap();
        let first = found.ids().take(10).filter(|(id, _)| relevant.contains(id)).count();
        first as f64 / relevant.len() as f64
    };
    needs.iter().map(of).sum::<f64>() / needs.len() as f64
}

#[test]
fn chinese_needs_find_english_evidence() {
    let [with, without] = engines();
    let (needs, qrels) = (needs("needs.jsonl"), Path::new(FOLDER).join("qrels.txt"));
    assert!(recall_10(&without, &needs, &qrels) <= 0.05);
    let recall = recall_10(&with, &needs, &qrels);
    assert!(recall >= 0.9, "{recall}");
}

#[test]
fn english_needs_find_chinese_evidence() {
    let [with, without] = engines();
    let (needs, qrels) = (needs("english-needs.jsonl"), Path::new("data/demo/qrels.txt"));
    let (before, after) = (recall_10(&without, &needs, qrels), recall_10(&with, &needs, qrels));
    // The English talents answer some of them too, and rightly come before the demo's.
    assert!(before <= 0.15 && after >= 0.5, "{before} {after}");
}

#[test]
fn the_explanation_names_the_word_and_highlights_its_translation() {
    let [engine, _] = engines();
    let found = engine.find(&need("质子交换膜的膜电极")).unwrap();
    let recommended = engine.recommend(&found, 20).unwrap();
    let talent = recommended.iter().find(|r| r.talent.id == "X04").unwrap();
    for word in ["质子", "膜电极"] {
        assert!(talent.words.matched.iter().any(|w| w.contains(word)), "{word}: {:?}", talent.words);
    }
    let hits: Vec<&str> =
        talent.proofs.iter().flat_map(|p| &p.title).filter(|p| p.hit).map(|p| p.text.as_str()).collect();
    assert!(hits.contains(&"proton exchange membrane"), "{hits:?}");
    let chinese = recommended.iter().find(|r| r.talent.id.starts_with('T')).unwrap();
    assert!(chinese.rank < talent.rank, "the need's own words come first");
}

#[test]
fn pairs_in_keywords_work_and_stay_with_the_index() {
    let mut talents = BUILT.1.clone();
    let title = |text: &str| text.to_owned();
    let paired = &mut talents[0].evidence[0].keywords;
    paired.push(title("示例旋涡阀（sample vortex gate）"));
    let english = talents.iter_mut().find(|t| t.id == "X07").unwrap();
    english.evidence[0].title = title("A sample vortex gate without moving parts");
    let folder = tempfile::tempdir().unwrap();
    let path = folder.path().join("index");
    build_index(&path, &talents, &data::DICTIONARY, None, &mut |_, _| {}).unwrap();
    assert!(std::fs::read_to_string(path.join("words.txt")).unwrap().contains("示例旋涡阀\tsample vortex gate\n"));
    let engine = engine_of(&path, data::default_ranking().unwrap());
    let place = |engine: &Engine| engine.find(&need("示例旋涡阀")).unwrap().ids().position(|(id, _)| id == "X07");
    assert_eq!(place(&engine), Some(1));
    let [unpaired, _] = engines();
    assert_ne!(place(&unpaired), Some(1));
}
