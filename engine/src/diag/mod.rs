//! What is wrong with a policy, where, and how to mend it.
//!
//! Loading never stops at the first mistake: every stage collects [`Diagnostic`]s, and the caller
//! gets all of them, sorted by file, line and column. A diagnostic is data; `render` alone knows
//! how it looks on paper.

mod code;
mod render;

use std::fmt;

use serde::Serialize;

pub use code::Code;

/// How much a diagnostic weighs.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Serialize)]
#[serde(rename_all = "lowercase")]
pub enum Severity {
    /// The set does not load.
    Error,
    /// The set loads; the author probably meant something else.
    Warning,
}

/// A place in a policy file. Lines and columns start at 1; columns count characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Default, Serialize)]
pub struct Position {
    /// Line, from 1. 0 means the file as a whole.
    pub line: usize,
    /// Column, from 1.
    pub column: usize,
}

/// One finding about one policy file.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
#[non_exhaustive]
pub struct Diagnostic {
    /// The stable name of the class of mistake.
    pub code: Code,
    /// Whether the set can still be used.
    pub severity: Severity,
    /// The file, as named by its [`Source`](crate::policy::Source).
    pub file: Box<str>,
    /// Where in the file, as exactly as is known.
    pub position: Position,
    /// Where the field that `path` names stands, which is the position that Cerbos reports: its key; in a list or
    /// a map of the author's names the value; of a block mapping in a list the colon after its first key.
    pub field: Position,
    /// JSONPath of the field, keys as they are written, such as
    /// `$.resourcePolicy.rules[0].condition.match.expr`; empty when the file as a whole is meant.
    pub path: Box<str>,
    /// What is wrong: one line, lower case.
    pub message: Box<str>,
    /// How to mend it, when that is known.
    pub help: Option<Box<str>>,
    /// The source line, for the reader.
    pub excerpt: Option<Box<str>>,
    /// Another place of the file that has to do with it: where a key was given first.
    pub related: Option<Position>,
}

impl Diagnostic {
    pub(crate) fn error(
        code: Code,
        file: &str,
        position: Position,
        message: impl Into<Box<str>>,
    ) -> Self {
        Self {
            code,
            severity: Severity::Error,
            file: file.into(),
            position,
            field: position,
            path: "".into(),
            message: shortened(message.into()),
            help: None,
            excerpt: None,
            related: None,
        }
    }

    pub(crate) fn warning(mut self) -> Self {
        self.severity = Severity::Warning;
        self
    }

    pub(crate) fn at_path(mut self, path: impl Into<Box<str>>) -> Self {
        self.path = shortened(path.into());
        self
    }

    pub(crate) fn help(mut self, help: impl Into<Box<str>>) -> Self {
        self.help = Some(help.into());
        self
    }

    pub(crate) fn related(mut self, position: Position) -> Self {
        self.related = Some(position);
        self
    }
}

/// Characters that a message or path has at most: what an author wrote may be of any length.
const MAX_TEXT: usize = 1_000;

fn shortened(text: Box<str>) -> Box<str> {
    match text.char_indices().nth(MAX_TEXT) {
        Some((end, _)) => format!("{}…", text.get(..end).unwrap_or_default()).into(),
        None => text,
    }
}

/// Findings of one load, sorted by file, line and column.
///
/// `Display` renders every finding with its source line.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize)]
pub struct Diagnostics(Vec<Diagnostic>);

impl Diagnostics {
    pub(crate) fn new(mut all: Vec<Diagnostic>) -> Self {
        all.sort_by(|a, b| {
            (&a.file, a.position, a.code.as_str(), &a.message).cmp(&(
                &b.file,
                b.position,
                b.code.as_str(),
                &b.message,
            ))
        });
        all.dedup();
        Self(all)
    }

    /// The findings, in order.
    pub fn iter(&self) -> std::slice::Iter<'_, Diagnostic> {
        self.0.iter()
    }

    /// How many findings there are.
    #[must_use]
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is no finding.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// Splits errors from warnings.
    pub(crate) fn split(all: Vec<Diagnostic>) -> (Self, Self) {
        let (errors, warnings) = all.into_iter().partition(|d| d.severity == Severity::Error);
        (Self::new(errors), Self::new(warnings))
    }
}

impl<'a> IntoIterator for &'a Diagnostics {
    type Item = &'a Diagnostic;
    type IntoIter = std::slice::Iter<'a, Diagnostic>;

    fn into_iter(self) -> Self::IntoIter {
        self.iter()
    }
}

impl fmt::Display for Diagnostics {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for (i, diagnostic) in self.0.iter().enumerate() {
            if i > 0 {
                f.write_str("\n")?;
            }
            diagnostic.fmt(f)?;
        }
        Ok(())
    }
}

impl std::error::Error for Diagnostics {}
