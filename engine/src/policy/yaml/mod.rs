//! Text to trees of nodes that know where they stand. The only module that names the YAML parser.
//!
//! Policies are read by schema later ([`super::decode`]), so a scalar keeps its text and its style;
//! what it means is decided by the field it stands in (docs/semantics.md, rule Y4).

mod quoted;
mod scalar;
mod seen;
#[cfg(test)]
mod tests;

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use granit_parser::{Event, Options, Parser, ScalarStyle, Span, StrInput, StructureStyle};
pub(crate) use scalar::{Meaning, Scalar};
use seen::Seen;

use super::source::File;
use crate::diag::{Code, Diagnostic, Position};

/// Nodes a file may have, aliases counted with all that they stand for.
const MAX_NODES: usize = 1_000_000;
/// Levels of nesting.
const MAX_DEPTH: usize = 200;
/// Mistakes that are listed for one file.
pub(super) const MAX_PROBLEMS: usize = 500;

/// A node and where it begins.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    pub(crate) position: Position,
    /// Where Cerbos says that it is: of a block mapping, the colon after its first key.
    pub(crate) mark: Position,
    pub(crate) content: Content,
    /// How many nodes this one stands for, itself included.
    weight: usize,
}

#[derive(Debug, Clone)]
pub(crate) enum Content {
    Scalar(Scalar),
    Sequence(Vec<Arc<Node>>),
    Mapping(Vec<(Key, Arc<Node>)>),
}

impl Content {
    /// What the content is, for a message.
    pub(crate) fn describe(&self) -> &'static str {
        match self {
            Self::Sequence(_) => "a list",
            Self::Mapping(_) => "a mapping",
            Self::Scalar(scalar) => match scalar.meaning() {
                Meaning::Null => "null",
                Meaning::Bool(_) => "a boolean",
                Meaning::Integer(_) => "an integer",
                Meaning::Float(_) => "a fraction",
                Meaning::NotFinite => "a number that is not finite",
                Meaning::Text => "text",
            },
        }
    }
}

#[derive(Debug, Clone)]
pub(crate) struct Key {
    pub(crate) name: Arc<str>,
    pub(crate) position: Position,
    /// Plain keys that look like a number, a boolean or null are refused (rule Y7).
    pub(crate) is_text: bool,
}

/// The documents of a file that have content.
///
/// # Errors
///
/// Broken YAML, duplicate keys, exhausted budgets.
pub(crate) fn parse(file: &File) -> Result<Vec<Arc<Node>>, Vec<Diagnostic>> {
    if file.text().starts_with('\u{feff}') {
        let start = Position { line: 1, column: 1 };
        return Err(vec![
            file.problem(Code::YamlSyntax, start, "the file begins with a byte order mark")
                .help("save it as UTF-8 without one; Cerbos refuses it too"),
        ]);
    }
    let mut options = Options::default();
    options.block_scalar_eof_without_line_feed = true;
    options.emit_unresolved_aliases = true;
    options.emit_anchor_events = true;
    let mut composer = Composer {
        file,
        anchors: HashMap::new(),
        names: HashMap::new(),
        problems: Vec::new(),
        nodes: 0,
        has_returns: file.text().contains('\r'),
        parser: Parser::new_from_str_with_options(file.text(), options),
    };
    match composer.documents() {
        Ok(documents) if composer.problems.is_empty() => Ok(documents),
        Ok(_) => Err(composer.problems),
        Err(fatal) => {
            let quoted = quoted::find(file);
            Err(if quoted.is_empty() || fatal.iter().any(|d| d.code == Code::Limit) {
                composer.problems.into_iter().chain(fatal).collect()
            } else {
                quoted
            })
        }
    }
}

struct Composer<'t> {
    file: &'t File,
    anchors: HashMap<usize, Arc<Node>>,
    /// Anchors live for the whole file, across its documents (rule Y5).
    names: HashMap<Box<str>, Arc<Node>>,
    problems: Vec<Diagnostic>,
    nodes: usize,
    /// Whether lines may end as [`File::position`] does not expect.
    has_returns: bool,
    parser: Parser<'t, StrInput<'t>>,
}

type Fatal = Vec<Diagnostic>;

impl<'t> Composer<'t> {
    fn documents(&mut self) -> Result<Vec<Arc<Node>>, Fatal> {
        let mut documents = Vec::new();
        while let Some((event, _)) = self.next()? {
            if let Event::DocumentStart(..) = event
                && let Some((event, span)) = self.next()?
            {
                documents.push(self.node(event, &span, 0)?);
            }
        }
        documents.retain(|node| !matches!(&node.content, Content::Scalar(s) if s.is_absent()));
        Ok(documents)
    }

    fn next(&mut self) -> Result<Option<(Event<'t>, Span)>, Fatal> {
        match self.parser.next_event() {
            None => Ok(None),
            Some(Ok((Event::StreamEnd, _))) => Ok(None),
            Some(Ok(event)) => Ok(Some(event)),
            Some(Err(error)) => {
                let marker = error.marker();
                let at = Position { line: marker.line(), column: marker.col() + 1 };
                Err(self.syntax(at, format!("not valid YAML: {}", error.info())))
            }
        }
    }

    fn node(&mut self, event: Event<'t>, span: &Span, depth: usize) -> Result<Arc<Node>, Fatal> {
        let position = Position { line: span.start.line(), column: span.start.col() + 1 };
        self.spend(1, position)?;
        if depth > MAX_DEPTH {
            return Err(self.limit(position, "the file nests too deeply"));
        }
        let name = self.anchor_name(&event)?;
        let anchor = event.anchor_id();
        let mut weight = 1;
        let mut mark = position;
        let content = match event {
            Event::Alias(id) => return self.alias(self.anchors.get(&id).cloned(), position),
            Event::UnresolvedAlias(name) => {
                return self.alias(self.names.get(&*name).cloned(), position);
            }
            Event::Scalar(text, style, ..) => Content::Scalar(Scalar {
                text: text.into(),
                is_text: style != ScalarStyle::Plain,
                span: span.byte_range().unwrap_or(0..0),
            }),
            Event::SequenceStart(..) => {
                let mut items = Vec::new();
                loop {
                    match self.expect_next(position)? {
                        (Event::SequenceEnd, _) => break,
                        (event, span) => {
                            let item = self.node(event, &span, depth + 1)?;
                            weight += item.weight;
                            items.push(item);
                        }
                    }
                }
                Content::Sequence(items)
            }
            Event::MappingStart(style, ..) => {
                let is_block = style == StructureStyle::Block;
                let (mapping, first_colon) = self.mapping(position, depth, is_block)?;
                mark = first_colon.unwrap_or(position);
                weight += mapping.iter().map(|(_, node)| node.weight).sum::<usize>();
                Content::Mapping(mapping)
            }
            _ => return Err(self.syntax(position, "a value is missing here")),
        };
        let node = Arc::new(Node { position, mark, content, weight });
        if let Some(id) = anchor {
            self.anchors.insert(id, Arc::clone(&node));
        }
        if let Some(name) = name {
            self.names.insert(name, Arc::clone(&node));
        }
        Ok(node)
    }

    /// The name of the anchor at the node that `event` begins. The parser sends it right after.
    fn anchor_name(&mut self, event: &Event<'t>) -> Result<Option<Box<str>>, Fatal> {
        if matches!(event, Event::Alias(_)) || event.anchor_id().is_none() {
            return Ok(None);
        }
        match self.next()? {
            Some((Event::Anchor(_, name), _)) => Ok(Some(name.into())),
            _ => Ok(None),
        }
    }

    fn alias(&mut self, node: Option<Arc<Node>>, position: Position) -> Result<Arc<Node>, Fatal> {
        let Some(node) = node else {
            return Err(self.syntax(position, "the alias names no anchor that is complete here"));
        };
        self.spend(node.weight, position)?;
        Ok(node)
    }

    /// Reads keys and values. `<<` gives what the mapping itself does not (rule Y5); a key given twice
    /// is reported at its second place. Of block mappings it says where the colon after the first key stands; in flow style
    /// there may be any number of keys in a line, and finding their columns would take time.
    fn mapping(&mut self, start: Position, depth: usize, is_block: bool) -> Result<Mapping, Fatal> {
        let mut own: Vec<(Key, Arc<Node>)> = Vec::new();
        let mut seen = Seen::default();
        let mut merged: Option<Arc<Node>> = None;
        let mut first_colon = None;
        loop {
            let (event, span) = self.expect_next(start)?;
            let position = Position { line: span.start.line(), column: span.start.col() + 1 };
            let anchored = event.anchor_id().is_some();
            let (key, is_merge) = match event {
                Event::MappingEnd => break,
                Event::Scalar(text, style, ..) if !anchored => {
                    let plain = style == ScalarStyle::Plain;
                    let scalar = Scalar { text: text.into(), is_text: !plain, span: 0..1 };
                    let is_text = scalar.meaning() == Meaning::Text;
                    let is_merge = plain && &*scalar.text == "<<";
                    (Key { name: scalar.text, position, is_text }, is_merge)
                }
                other => {
                    let node = self.node(other, &span, depth + 1)?;
                    let Content::Scalar(scalar) = &node.content else {
                        return Err(self.syntax(node.position, "a key must be text"));
                    };
                    (Key { name: Arc::clone(&scalar.text), position, is_text: false }, false)
                }
            };
            let key_range = span.byte_range().filter(|_| is_block);
            if first_colon.is_none() {
                first_colon = key_range.clone().and_then(|range| self.colon_after(range, position));
            }
            let (event, span) = self.expect_next(start)?;
            let mut value = self.node(event, &span, depth + 1)?;
            if let Content::Scalar(scalar) = &value.content
                && scalar.is_absent()
                && let Some(colon) = key_range.and_then(|range| self.colon_after(range, position))
                && let Some(node) = Arc::get_mut(&mut value)
            {
                node.position = colon;
                node.mark = Position { column: colon.column + 2, ..colon };
            }
            if let Some(first) = seen.before(&own, &key, is_merge) {
                let message = format!("`{}` is given twice", key.name);
                let problem = self.file.problem(Code::DuplicateKey, key.position, message);
                self.report(problem.related(first));
            } else if is_merge {
                merged = Some(value);
            } else {
                own.push((key, value));
            }
        }
        if let Some(source) = merged {
            let Content::Mapping(entries) = &source.content else {
                let problem = self
                    .file
                    .problem(Code::WrongType, source.position, "`<<` needs a mapping")
                    .help("merge one mapping, by its alias: `<<: *name`");
                self.report(problem);
                return Ok((own, first_colon));
            };
            let count = own.len();
            for (key, value) in entries {
                if !seen.has(own.iter().take(count), &key.name) {
                    own.push((key.clone(), Arc::clone(value)));
                }
            }
        }
        Ok((own, first_colon))
    }

    /// Where the colon after a key stands, of which the bytes and the beginning are known.
    fn colon_after(&self, key: Range<usize>, start: Position) -> Option<Position> {
        let rest = self.file.text().get(key.end..)?;
        let (colon, found) = rest.char_indices().find(|(_, c)| !matches!(c, ' ' | '\t'))?;
        if found != ':' {
            return None;
        }
        let before = self.file.text().get(key.start..key.end + colon)?;
        if before.contains('\n') || self.has_returns {
            return Some(self.file.position(key.end + colon));
        }
        Some(Position { column: start.column + before.chars().count(), ..start })
    }

    fn expect_next(&mut self, start: Position) -> Result<(Event<'t>, Span), Fatal> {
        match self.next()? {
            Some(event) => Ok(event),
            None => Err(self.syntax(start, "the file ends inside a value")),
        }
    }

    fn spend(&mut self, nodes: usize, position: Position) -> Result<(), Fatal> {
        self.nodes = self.nodes.saturating_add(nodes);
        if self.nodes > MAX_NODES {
            Err(self.limit(position, "the file has too many values"))
        } else {
            Ok(())
        }
    }

    fn report(&mut self, problem: Diagnostic) {
        if self.problems.len() < MAX_PROBLEMS {
            self.problems.push(problem);
        }
    }

    fn limit(&self, position: Position, message: &str) -> Fatal {
        vec![self.file.problem(Code::Limit, position, message)]
    }

    fn syntax(&self, position: Position, message: impl Into<Box<str>>) -> Fatal {
        vec![self.file.problem(Code::YamlSyntax, position, message)]
    }
}

/// Entries, and the colon after the first key.
type Mapping = (Vec<(Key, Arc<Node>)>, Option<Position>);
