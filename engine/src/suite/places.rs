//! Where values stand in the eyes of Cerbos.

use crate::diag::Position;
use crate::policy::yaml::{Content, Meaning, Node};

/// The lines of a file.
pub(super) struct Places<'f> {
    lines: Vec<&'f str>,
}

impl<'f> Places<'f> {
    pub(super) fn new(text: &'f str) -> Self {
        Self { lines: text.lines().collect() }
    }

    /// Where a value begins in the eyes of Cerbos: a block of keys at its first colon, a block of text at its
    /// indicator, and what is left out right after the colon or dash, or one further at the end of the file.
    pub(super) fn begin(&self, node: &Node, key: Option<Position>) -> Position {
        match &node.content {
            Content::Mapping(_) if !self.rest(node.position).starts_with('{') => {
                self.colon(node.position).unwrap_or(node.position)
            }
            Content::Scalar(s)
                if s.meaning() == Meaning::Null
                    && !self.rest(node.position).starts_with(['~', 'n', 'N']) =>
            {
                let lines = self.lines.iter().skip(node.position.line);
                let step = if lines.into_iter().all(|line| line.trim().is_empty()) { 2 } else { 1 };
                let colon = key.and_then(|key| self.colon(key));
                colon.map_or(node.position, |at| Position { column: at.column + step, ..at })
            }
            Content::Scalar(s) if s.is_text => {
                let colon = key.and_then(|key| self.colon(key));
                colon.and_then(|at| self.block_text(at)).unwrap_or(node.position)
            }
            _ => node.position,
        }
    }

    /// The indicator of a block of text after a colon.
    fn block_text(&self, colon: Position) -> Option<Position> {
        let rest = self.rest(colon);
        let (at, c) = rest.chars().enumerate().skip(1).find(|(_, c)| !c.is_whitespace())?;
        matches!(c, '|' | '>').then_some(Position { column: colon.column + at, ..colon })
    }

    /// The colon after the key that begins at `position`.
    fn colon(&self, position: Position) -> Option<Position> {
        let rest = self.rest(position);
        let quote = rest.chars().next().filter(|c| matches!(c, '"' | '\''));
        let mut escaped = false;
        let mut closed = quote.is_none();
        let mut chars = rest.chars().enumerate().peekable();
        if quote.is_some() {
            chars.next();
        }
        while let Some((i, c)) = chars.next() {
            match c {
                _ if escaped => escaped = false,
                '\\' if !closed && quote == Some('"') => escaped = true,
                _ if !closed && Some(c) == quote => closed = true,
                ':' if closed && chars.peek().is_none_or(|(_, next)| next.is_whitespace()) => {
                    return Some(Position { column: position.column + i, ..position });
                }
                _ => {}
            }
        }
        None
    }

    /// The line from `position` on.
    pub(super) fn rest(&self, position: Position) -> &'f str {
        let line = position.line.checked_sub(1).and_then(|n| self.lines.get(n).copied());
        let line = line.unwrap_or_default();
        let start = line.char_indices().nth(position.column.saturating_sub(1));
        start.and_then(|(at, _)| line.get(at..)).unwrap_or_default()
    }
}
