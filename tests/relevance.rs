//! Floors of ranking quality: on the demo judgements always, on ../shared/eval where it is.

use std::path::Path;

use zhihui::app::engine::{Engine, build_index};
use zhihui::app::{data, evaluate, files, trec, tune};
use zhihui::matching::metrics::{Gain, Summary};
use zhihui_index::Index;

fn engine(talents: &Path, folder: &Path) -> Engine {
    let intake = files::read_talents(talents, &mut |_, _| {}).unwrap();
    assert!(intake.problems.is_empty(), "{:?}", intake.problems);
    build_index(folder, &intake.rows, &data::DICTIONARY, None, &mut |_, _| {}).unwrap();
    let index = Index::open(folder, &data::DICTIONARY).unwrap();
    Engine::new(index, data::taxonomy().unwrap(), data::default_ranking().unwrap())
}

fn quality(engine: &Engine, needs: &Path, qrels: &Path) -> Summary {
    let needs = files::read_needs(needs, &mut |_, _| {}).unwrap();
    assert!(needs.problems.is_empty(), "{:?}", needs.problems);
    let qrels = trec::parse_qrels(&std::fs::read_to_string(qrels).unwrap()).unwrap();
    evaluate::evaluate(engine, &needs.rows, &qrels, Gain::Exponential).unwrap().report.quality
}

#[test]
fn demo_judgements_hold_their_floor() {
    let folder = tempfile::tempdir().unwrap();
    let demo = Path::new("data/demo");
    let engine = engine(&demo.join("talents.jsonl"), &folder.path().join("index"));
    let quality = quality(&engine, &demo.join("needs.jsonl"), &demo.join("qrels.txt"));
    assert!(quality.ndcg_10 >= 0.92, "{quality:?}");
}

/// data/ranking/untuned.toml says that its calibration was fitted so.
#[test]
fn the_calibration_is_what_the_demo_judgements_give() {
    let folder = tempfile::tempdir().unwrap();
    let demo = Path::new("data/demo");
    let engine = engine(&demo.join("talents.jsonl"), &folder.path().join("index"));
    let needs = files::read_needs(&demo.join("needs.jsonl"), &mut |_, _| {}).unwrap().rows;
    let qrels = trec::parse_qrels(&std::fs::read_to_string(demo.join("qrels.txt")).unwrap()).unwrap();
    let tuned =
        tune::tune(&engine, &needs, &qrels, String::new(), tune::Scope::CalibrationOnly, &mut |_, _| {}).unwrap();
    let (kept, fitted) = (engine.ranking().calibration, tuned.ranking.calibration);
    let near = |a: f32, b: f32| (a - b).abs() < 0.02;
    assert!(near(kept.intercept, fitted.intercept) && near(kept.score, fitted.score), "{kept:?} {fitted:?}");
    assert!(near(kept.coverage, fitted.coverage) && near(kept.matched, fitted.matched), "{kept:?} {fitted:?}");
    assert!(tuned.calibrated.error < 0.5 * tuned.calibrated.error_of_mean, "{:?}", tuned.calibrated);
}

#[test]
fn shared_evaluation_holds_the_figures_of_issue_2() {
    let shared = Path::new("../shared/eval/chinaxiv");
    if !shared.exists() {
        println!("skipped: {} is not here", shared.display());
        return;
    }
    let folder = tempfile::tempdir().unwrap();
    let engine = engine(&shared.join("talents.jsonl"), &folder.path().join("index"));
    let qrels = shared.join("qrels.tune.txt");
    let short = quality(&engine, &shared.join("needs.tune.jsonl"), &qrels);
    assert!(short.ndcg_10 >= 0.540 && short.recall_50 >= 0.81, "{short:?}");
    let long = quality(&engine, &shared.join("needs-long.tune.jsonl"), &qrels);
    assert!(long.ndcg_10 >= 0.620, "{long:?}");
}
