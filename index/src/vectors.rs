//! The vectors of a segment as a file of the segment: 128 bytes a document, in the order of the
//! documents, zeros for a document without one. Updates, deletes, merges and checksums are
//! tantivy's own.

use std::any::Any;
use std::io::Write;

use tantivy::directory::TerminatingWrite;
use tantivy::index::SegmentComponent;
use tantivy::indexer::doc_id_mapping::{DocIdMapping, MappingType};
use tantivy::plugin::{PluginMergeContext, PluginWriter, PluginWriterContext, SegmentPlugin};
use tantivy::schema::Schema;
use tantivy::schema::document::ErasedDocument;
use tantivy::{DocId, Segment, SegmentReader, TantivyError};

use crate::document::Document;
use crate::space::{DIMENSIONS, Vectors};

/// The name that the files end with.
const EXTENSION: &str = "vectors";

fn component() -> SegmentComponent {
    SegmentComponent::Custom(EXTENSION.into())
}

/// Registered with every index.
pub(crate) struct VectorFiles;

impl SegmentPlugin for VectorFiles {
    fn extensions(&self) -> &[&str] {
        &[EXTENSION]
    }

    fn create_writer(&self, _: &PluginWriterContext<'_>) -> tantivy::Result<Box<dyn PluginWriter>> {
        Ok(Box::new(VectorWriter::default()))
    }

    fn merge(&self, context: PluginMergeContext<'_>) -> tantivy::Result<()> {
        if context.doc_id_mapping.mapping_type() == MappingType::Shuffled {
            return Err(reordered());
        }
        let mut file = context.target_segment.open_write(component())?;
        for reader in context.readers {
            let bytes = bytes(reader)?;
            for doc in reader.doc_ids_alive() {
                file.write_all(&bytes[doc as usize * DIMENSIONS..][..DIMENSIONS])?;
            }
        }
        Ok(file.terminate()?)
    }
}

#[derive(Default)]
struct VectorWriter {
    bytes: Vec<u8>,
}

impl PluginWriter for VectorWriter {
    fn add_document(&mut self, _: DocId, document: &dyn ErasedDocument, _: &Schema) -> tantivy::Result<()> {
        let vector = document.as_any().downcast_ref::<Document>().and_then(Document::vector);
        self.bytes.extend(vector.unwrap_or(&[0; DIMENSIONS]).iter().map(|x| x.cast_unsigned()));
        Ok(())
    }

    fn serialize(self: Box<Self>, segment: &Segment, mapping: Option<&DocIdMapping>) -> tantivy::Result<()> {
        if mapping.is_some() {
            return Err(reordered());
        }
        let mut file = segment.clone().open_write(component())?;
        file.write_all(&self.bytes)?;
        Ok(file.terminate()?)
    }

    fn mem_usage(&self) -> usize {
        self.bytes.len()
    }

    fn as_any(&self) -> &dyn Any {
        self
    }

    fn as_any_mut(&mut self) -> &mut dyn Any {
        self
    }
}

/// The vectors of a segment by document.
pub(crate) fn read(reader: &SegmentReader) -> tantivy::Result<Vectors> {
    let mut vectors = Vectors::with_capacity(reader.max_doc() as usize);
    for vector in bytes(reader)?.as_chunks::<DIMENSIONS>().0 {
        let vector = vector.map(u8::cast_signed);
        vectors.push((vector != [0; DIMENSIONS]).then_some(&vector));
    }
    Ok(vectors)
}

fn bytes(reader: &SegmentReader) -> tantivy::Result<tantivy::directory::OwnedBytes> {
    let bytes = reader.open_read(component())?.read_bytes()?;
    if bytes.len() != reader.max_doc() as usize * DIMENSIONS {
        return Err(TantivyError::InternalError("a vector for every document".into()));
    }
    Ok(bytes)
}

/// Neither a sorted index nor one that renumbers its documents is ever made here.
fn reordered() -> TantivyError {
    TantivyError::InternalError("vectors lie in the order of the documents".into())
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use crate::analyzer::Analysis;
    use crate::schema::EvidenceDoc;
    use crate::writer::{BuildOptions, Writer, train_space};
    use crate::{Analyzer, Dictionary, DictionarySources, Index};

    fn evidence(number: usize, title: &str) -> EvidenceDoc {
        EvidenceDoc {
            id: format!("e{number}"),
            talents: vec!["a".into()],
            kind: 1,
            title: title.into(),
            keywords: vec![],
            summary: String::new(),
            year: None,
            stored: title.into(),
        }
    }

    /// After updates, deletes and merges the vector of each document is that of its own text.
    #[test]
    fn vectors_stay_with_their_documents() {
        let words = ["锂电池", "热失控", "齿轮箱", "振动诊断", "液压泵", "空化噪声", "图像识别"];
        let title = |n: usize| format!("{}{}{}", words[n % 7], words[(n / 7) % 7], words[(n / 2) % 7]);
        let documents: Vec<EvidenceDoc> = (0..300).map(|n| evidence(n, &title(n))).collect();
        let sources = DictionarySources::default();
        let analyzer = Analyzer::new(Arc::new(Dictionary::new(&sources, []).unwrap()));
        let space = train_space(&analyzer, &documents);
        let folder = tempfile::tempdir().unwrap();
        let path = folder.path().join("index");
        let options = BuildOptions { threads: 1, memory: 32 << 20 };
        let mut writer = Writer::create(&path, analyzer.clone(), space.clone(), options).unwrap();
        // Enough commits for tantivy to merge.
        for documents in documents.chunks(20) {
            writer.put_evidence(documents).unwrap();
            writer.commit(1).unwrap();
        }
        let changed: Vec<EvidenceDoc> = (40..60).map(|n| evidence(n, &title(n + 3))).collect();
        writer.put_evidence(&changed).unwrap();
        (0..300).step_by(9).for_each(|n| writer.delete_evidence(&format!("e{n}")));
        writer.put_evidence(&[evidence(300, "，")]).unwrap();
        writer.commit(2).unwrap();
        writer.finish().unwrap();

        let index = Index::open(&path, &sources).unwrap();
        let snapshot = index.snapshot();
        assert!(snapshot.segments.len() < 15, "nothing was merged");
        let mut seen = 0;
        for (segment, view) in snapshot.segments.iter().enumerate() {
            for doc in (0..view.data.kinds.len() as u32).filter(|d| view.is_alive(*d)) {
                let title = snapshot.stored(tantivy::DocAddress::new(segment as u32, doc)).unwrap();
                let bag = evidence(0, &title).bag(&analyzer, &mut Analysis::default());
                let (vector, inverse_norm) = view.data.vectors.get(doc as usize);
                match space.encode(&bag) {
                    Some(expected) => assert_eq!(vector, expected, "{title}"),
                    None => assert_eq!((vector, inverse_norm), (&[0; super::DIMENSIONS][..], 0.0)),
                }
                seen += 1;
            }
        }
        assert_eq!(seen, 301 - 300_usize.div_ceil(9));
    }
}
