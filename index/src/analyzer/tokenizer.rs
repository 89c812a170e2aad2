//! The analyzer as a tantivy tokenizer.
//!
//! Analysis costs about as much as tantivy's own work, and the vector of a piece of evidence needs
//! it too: so it is done once, before the text goes to tantivy, and [`prepared`] text carries its
//! terms along. Any other text is analysed here.

use tantivy::tokenizer::{Token, TokenStream, Tokenizer};

use super::{Analysis, Analyzer};
use crate::space::{self, Bag};

/// Starts prepared text. Each term follows a character whose number is the term's length in bytes.
const MARK: char = '\u{1}';

/// Appends the terms of an analysis to `text` so that [`ZhihuiTokenizer`] takes them apart again,
/// without their offsets and positions; and to `bag` what [`space::add_terms`] would.
pub(crate) fn prepare(analysis: &Analysis, text: &mut String, boost: u32, bag: &mut Bag) {
    space::add_terms(bag, analysis, boost);
    text.push(MARK);
    for span in analysis.spans() {
        let term = analysis.term(span);
        // Terms have at most 64 characters, and phrases two of them: some hundred bytes, which is a
        // character's number.
        text.extend(char::from_u32(term.len() as u32));
        text.push_str(term);
    }
}

/// Text of other people, which must not pass for prepared text.
pub(crate) fn unprepared(text: &str) -> &str {
    text.trim_start_matches(MARK)
}

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
        let terms = match text.strip_prefix(MARK) {
            Some(terms) => Terms::Prepared(terms),
            None => {
                self.analyzer.analyze(text, &mut self.buffer.0);
                Terms::Analyzed { analysis: &self.buffer.0, next: 0 }
            }
        };
        ZhihuiTokenStream { terms, token: Token::default() }
    }
}

/// Yields the terms of one text; offsets are bytes of the source text.
#[derive(Debug)]
pub struct ZhihuiTokenStream<'a> {
    terms: Terms<'a>,
    token: Token,
}

#[derive(Debug)]
enum Terms<'a> {
    Analyzed {
        analysis: &'a Analysis,
        next: usize,
    },
    /// The rest of the text.
    Prepared(&'a str),
}

impl TokenStream for ZhihuiTokenStream<'_> {
    fn advance(&mut self) -> bool {
        let term = match &mut self.terms {
            Terms::Analyzed { analysis, next } => {
                let Some(span) = analysis.spans().get(*next) else { return false };
                let source = analysis.source(span);
                self.token.offset_from = source.start;
                self.token.offset_to = source.end;
                self.token.position = span.position as usize;
                *next += 1;
                analysis.term(span)
            }
            Terms::Prepared(rest) => {
                let mut chars = rest.chars();
                let length = chars.next().map_or(0, |c| c as usize);
                let Some((term, after)) = chars.as_str().split_at_checked(length) else { return false };
                *rest = after;
                if length == 0 {
                    return false;
                }
                term
            }
        };
        self.token.text.clear();
        self.token.text.push_str(term);
        true
    }

    fn token(&self) -> &Token {
        &self.token
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.token
    }
}
