//! Everything that an index holds of its live documents, read past our own reader.

use std::collections::BTreeMap;
use std::path::Path;

use tantivy::postings::Postings;
use tantivy::schema::{IndexRecordOption, Value};
use tantivy::{DocSet, TantivyDocument};
use zhihui::app::data;
use zhihui::app::engine::{Engine, talent_doc};
use zhihui::app::live::corpus::Corpus;
use zhihui::domain::Need;
use zhihui::store::Store;
use zhihui_index::{BuildOptions, Index, Writer};

use crate::world::QUESTIONS;

/// Key of a document → its tokens with their frequencies, its lengths, numbers, vector and record.
type Dump = BTreeMap<String, Vec<String>>;

const OPTIONS: BuildOptions = BuildOptions { threads: 1, memory: 32 << 20 };

/// The index of a folder, such as `talents` of a generation.
fn dump(path: &Path) -> Dump {
    let index = tantivy::Index::open_in_dir(path.join("terms")).unwrap();
    let schema = index.schema();
    let searcher = index.reader().unwrap().searcher();
    let mut all = Dump::new();
    for segment in searcher.segment_readers() {
        let mut documents = vec![Vec::new(); segment.max_doc() as usize];
        let mut keys = vec![String::new(); segment.max_doc() as usize];
        for (field, entry) in schema.fields().filter(|(_, entry)| entry.is_indexed()) {
            let inverted = segment.inverted_index(field).unwrap();
            let mut terms = inverted.terms().stream().unwrap();
            while terms.advance() {
                let term = String::from_utf8_lossy(terms.key()).into_owned();
                let info = terms.value().clone();
                let mut postings = inverted.read_postings_from_terminfo(&info, IndexRecordOption::WithFreqs).unwrap();
                while postings.doc() != tantivy::TERMINATED {
                    let doc = postings.doc() as usize;
                    match entry.name() {
                        "key" => keys[doc].clone_from(&term),
                        name => documents[doc].push(format!("{name} {term} {}", postings.term_freq())),
                    }
                    postings.advance();
                }
            }
            if entry.has_fieldnorms() {
                let lengths = segment.get_fieldnorms_reader(field).unwrap();
                for (document, doc) in documents.iter_mut().zip(0..) {
                    document.push(format!("{} length {}", entry.name(), lengths.fieldnorm_id(doc)));
                }
            }
        }
        for name in ["owner", "kind", "year", "vector"] {
            let Some(column) = segment.fast_fields().column_opt::<u64>(name).unwrap() else { continue };
            for (document, doc) in documents.iter_mut().zip(0..) {
                let values = column.values_for_doc(doc);
                let mut values: Vec<u64> = values.collect();
                if name == "owner" {
                    values.sort_unstable();
                }
                if !values.is_empty() {
                    document.push(format!("{name} {values:?}"));
                }
            }
        }
        for doc in segment.doc_ids_alive() {
            let stored: TantivyDocument = segment.get_store_reader(1).unwrap().get(doc).unwrap();
            let stored = stored.get_first(schema.get_field("stored").unwrap());
            let stored = stored.as_ref().and_then(|s| s.as_str()).unwrap_or_default();
            let mut document = std::mem::take(&mut documents[doc as usize]);
            document.push(stored.to_owned());
            document.sort();
            let key = std::mem::take(&mut keys[doc as usize]);
            let before = all.insert(key.clone(), document);
            assert!(before.is_none(), "{key} is there twice");
        }
    }
    all
}

/// A rebuild from the store, of talents and of needs, under the words and the latent space of `like`.
async fn rebuilt(store: &Store, like: &Index, path: &Path) {
    let corpus = Corpus::read(store).await.unwrap();
    let create = |name| Writer::create(&path.join(name), like.analyzer().clone(), like.space().clone(), OPTIONS);
    let mut writer = create("talents").unwrap();
    writer.put_evidence(&corpus.evidence).unwrap();
    corpus.talents.iter().for_each(|t| writer.put_talent(&talent_doc(t)).unwrap());
    writer.commit(0).unwrap();
    writer.finish().unwrap();
    let mut writer = create("needs").unwrap();
    for (owner, text) in corpus.needs {
        writer.put_talent(&owner).unwrap();
        writer.put_evidence(&[text]).unwrap();
    }
    writer.commit(0).unwrap();
    writer.finish().unwrap();
}

/// Fails unless the generation in `path` is what a rebuild from the store would be.
pub async fn assert_is_rebuild(store: &Store, like: &Index, path: &Path) {
    let folder = tempfile::tempdir().unwrap();
    rebuilt(store, like, folder.path()).await;
    for name in ["talents", "needs"] {
        let (followed, rebuilt) = (dump(&path.join(name)), dump(&folder.path().join(name)));
        let keys = |dump: &Dump| dump.keys().cloned().collect::<Vec<_>>();
        assert_eq!(keys(&followed), keys(&rebuilt), "live documents of {name}");
        for (key, document) in &followed {
            assert_eq!(document, &rebuilt[key], "{key} of {name}");
        }
    }
    let [followed, rebuilt] = [path, folder.path()].map(|path| rankings(&path.join("talents"), like));
    for ((followed, rebuilt), need) in followed.iter().zip(&rebuilt).zip(QUESTIONS) {
        let differs = followed.iter().find(|(id, a)| rebuilt.get(*id).is_none_or(|b| (*a - b).abs() > SUMMING));
        assert_eq!((differs, followed.len()), (None, rebuilt.len()), "{need}");
    }
}

/// Scores are sums whose parts come in the order of the segments: they differ in their last digits.
const SUMMING: f32 = 1e-4;

/// What an index answers to each of the questions: ids with scores. All that matches at all: at a
/// bound on candidates, equals would be let in by their place in the index.
fn rankings(path: &Path, like: &Index) -> Vec<BTreeMap<String, f32>> {
    let index = Index::open_with(path, like.analyzer()).unwrap();
    let mut writer = index.writer(OPTIONS).unwrap();
    // The terms of deleted documents count until a merge.
    writer.merge().unwrap();
    writer.finish().unwrap();
    index.reload().unwrap();
    let engine = Engine::new(index, data::taxonomy().unwrap(), data::default_ranking().unwrap());
    let answer = |need: &str| {
        let found = engine.find_all(&Need::from_text(need)).unwrap();
        found.ids().map(|(id, score)| (id.to_owned(), score)).collect()
    };
    QUESTIONS.into_iter().map(answer).collect()
}
