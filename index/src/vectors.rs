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
