//! The analyzer as a tantivy tokenizer.

use tantivy::tokenizer::{Token, TokenStream, Tokenizer};

use super::{Analysis, Analyzer};

/// [`Analyzer`] with the buffer that tantivy's streams borrow.
#[derive(Debug, Default)]
struct Buffer(Analysis);

impl Clone for Buffer {
    fn clone(&self) -> Self {
        Self::default()
    }
}

/// tantivy's view of an [`Analyzer`]; registered under [`crate::schema::TOKENIZER`].
#[derive(Debug, Clone)]
pub struct ZhihuiTokenizer {
    analyzer: Analyzer,
    buffer: Buffer,
}

impl From<Analyzer> for ZhihuiTokenizer {
    fn from(analyzer: Analyzer) -> Self {
        Self { analyzer, buffer: Buffer::default() }
    }
}

impl Tokenizer for ZhihuiTokenizer {
    type TokenStream<'a> = ZhihuiTokenStream<'a>;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> ZhihuiTokenStream<'a> {
        self.analyzer.analyze(text, &mut self.buffer.0);
        ZhihuiTokenStream { analysis: &self.buffer.0, next: 0, token: Token::default() }
    }
}

/// Yields the spans of one analysis; offsets are bytes of the source text.
#[derive(Debug)]
pub struct ZhihuiTokenStream<'a> {
    analysis: &'a Analysis,
    next: usize,
    token: Token,
}

impl TokenStream for ZhihuiTokenStream<'_> {
    fn advance(&mut self) -> bool {
        let Some(span) = self.analysis.spans().get(self.next) else {
            return false;
        };
        let source = self.analysis.source(span);
        self.token.offset_from = source.start;
        self.token.offset_to = source.end;
        self.token.position = span.position as usize;
        self.token.text.clear();
        self.token.text.push_str(self.analysis.term(span));
        self.next += 1;
        true
    }

    fn token(&self) -> &Token {
        &self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.token
    }
}
