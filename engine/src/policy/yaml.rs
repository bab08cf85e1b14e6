//! Text to a tree of nodes that know where they stand. The only module that names the YAML parser.
//!
//! Policies are read by schema later ([`super::decode`]), so a scalar keeps its text and its style;
//! what it means is decided by the field it stands in (docs/semantics.md, rule Y3).

use std::collections::HashMap;
use std::ops::Range;
use std::sync::Arc;

use granit_parser::{Event, Options, Parser, ScalarStyle, Span, StrInput};

use crate::diag::{Code, Diagnostic, Position};

/// Nodes a file may have, aliases counted with all that they stand for.
const MAX_NODES: usize = 1_000_000;
/// Levels of nesting.
const MAX_DEPTH: usize = 200;

/// A node and where it begins.
#[derive(Debug, Clone)]
pub(crate) struct Node {
    pub(crate) position: Position,
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

#[derive(Debug, Clone)]
pub(crate) struct Key {
    pub(crate) name: Arc<str>,
    pub(crate) position: Position,
}

#[derive(Debug, Clone)]
pub(crate) struct Scalar {
    pub(crate) text: Arc<str>,
    /// Quoted, block or tagged `!!str`: text whatever it looks like.
    pub(crate) is_text: bool,
    /// Bytes of the file that the scalar was read from.
    span: Range<usize>,
}

impl Scalar {
    /// A scalar as it would be read without quotes.
    pub(crate) fn plain(text: Arc<str>) -> Self {
        Self { text, is_text: false, span: 0..0 }
    }

    pub(crate) fn is_null(&self) -> bool {
        !self.is_text && matches!(&*self.text, "" | "~" | "null" | "Null" | "NULL")
    }

    pub(crate) fn as_bool(&self) -> Option<bool> {
        match &*self.text {
            _ if self.is_text => None,
            "true" | "True" | "TRUE" => Some(true),
            "false" | "False" | "FALSE" => Some(false),
            _ => None,
        }
    }

    pub(crate) fn as_number(&self) -> Option<f64> {
        if self.is_text
            || !self.text.starts_with(|c: char| c.is_ascii_digit() || matches!(c, '-' | '+' | '.'))
        {
            return None;
        }
        match &*self.text {
            ".inf" | ".Inf" | ".INF" | "+.inf" => Some(f64::INFINITY),
            "-.inf" | "-.Inf" | "-.INF" => Some(f64::NEG_INFINITY),
            ".nan" | ".NaN" | ".NAN" => Some(f64::NAN),
            text => integer(text).map(|i| i as f64).or_else(|| text.replace('_', "").parse().ok()),
        }
    }

    pub(crate) fn is_integer(&self) -> bool {
        !self.is_text && integer(&self.text).is_some()
    }

    /// Where in the file the byte `offset` of the scalar's text stands.
    ///
    /// Text and source are walked side by side: what folding, indentation, quotes and escapes add or
    /// take away is skipped on the side that has it.
    pub(crate) fn locate(&self, offset: usize, source: &str) -> Position {
        let end = self.span.end.min(source.len());
        let mut at = self.span.start.min(end);
        let style = source.as_bytes().get(at).copied().unwrap_or_default();
        match style {
            b'|' | b'>' => {
                at = source.get(at..end).and_then(|raw| raw.find('\n')).map_or(end, |n| at + n + 1);
            }
            b'"' | b'\'' => at += 1,
            _ => {}
        }
        let raw = |at: usize| source.get(at..end).and_then(|rest| rest.chars().next());
        for (i, wanted) in self.text.char_indices() {
            while !wanted.is_whitespace() && raw(at).is_some_and(char::is_whitespace) {
                at += raw(at).map_or(0, char::len_utf8);
            }
            if i >= offset {
                break;
            }
            if wanted.is_whitespace() && !raw(at).is_some_and(char::is_whitespace) {
                continue;
            }
            if (style == b'"' && raw(at) == Some('\\')) || (style == b'\'' && wanted == '\'') {
                at += 1;
            }
            at += raw(at).map_or(0, char::len_utf8);
        }
        position_of(source, at)
    }
}

/// A whole file: the one document that has content, or `None` for an empty file.
///
/// # Errors
///
/// Broken YAML, more than one document with content, duplicate keys, exhausted budgets.
pub(crate) fn parse(file: &str, text: &str) -> Result<Option<Arc<Node>>, Vec<Diagnostic>> {
    quoted_start(file, text)?;
    let mut options = Options::default();
    options.block_scalar_eof_without_line_feed = true;
    let mut composer = Composer {
        file,
        text,
        anchors: HashMap::new(),
        problems: Vec::new(),
        nodes: 0,
        parser: Parser::new_from_str_with_options(text, options),
    };
    let mut documents = Vec::new();
    while let Some((event, _)) = composer.next()? {
        if let Event::DocumentStart(..) = event
            && let Some((event, span)) = composer.next()?
        {
            documents.push(composer.node(event, &span, 0)?);
        }
    }
    let problems = std::mem::take(&mut composer.problems);
    if !problems.is_empty() {
        return Err(problems);
    }
    documents.retain(|node| !matches!(&node.content, Content::Scalar(s) if s.is_null()));
    if let [_, second, ..] = documents.as_slice() {
        return Err(vec![
            Diagnostic::error(
                Code::MultipleDocuments,
                file,
                second.position,
                "more than one policy in a file",
            )
            .help("move each policy to a file of its own")
            .excerpt_of(text),
        ]);
    }
    Ok(documents.pop())
}

/// The 1-based position of a byte of `text`.
pub(crate) fn position_of(text: &str, offset: usize) -> Position {
    let before = text.get(..offset).unwrap_or(text);
    let line_start = before.rfind('\n').map_or(0, |n| n + 1);
    Position {
        line: before.bytes().filter(|b| *b == b'\n').count() + 1,
        column: before.get(line_start..).map_or(0, |line| line.chars().count()) + 1,
    }
}

struct Composer<'t> {
    file: &'t str,
    text: &'t str,
    anchors: HashMap<usize, Arc<Node>>,
    problems: Vec<Diagnostic>,
    nodes: usize,
    parser: Parser<'t, StrInput<'t>>,
}

type Fatal = Vec<Diagnostic>;

impl<'t> Composer<'t> {
    fn next(&mut self) -> Result<Option<(Event<'t>, Span)>, Fatal> {
        match self.parser.next_event() {
            None => Ok(None),
            Some(Ok((Event::StreamEnd, _))) => Ok(None),
            Some(Ok(event)) => Ok(Some(event)),
            Some(Err(error)) => {
                let marker = error.marker();
                let at = Position { line: marker.line(), column: marker.col() + 1 };
                Err(vec![
                    Diagnostic::error(
                        Code::YamlSyntax,
                        self.file,
                        at,
                        format!("not valid YAML: {}", error.info()),
                    )
                    .excerpt_of(self.text),
                ])
            }
        }
    }

    fn node(&mut self, event: Event<'t>, span: &Span, depth: usize) -> Result<Arc<Node>, Fatal> {
        let position = Position { line: span.start.line(), column: span.start.col() + 1 };
        self.spend(1, position)?;
        if depth > MAX_DEPTH {
            return Err(self.limit(position, "the file nests too deeply"));
        }
        let anchor = event.anchor_id();
        let mut weight = 1;
        let content = match event {
            Event::Alias(id) => {
                let Some(node) = self.anchors.get(&id).cloned() else {
                    return Err(self.syntax(position, "an alias inside its own anchor"));
                };
                self.spend(node.weight, position)?;
                return Ok(node);
            }
            Event::Scalar(text, style, _, tag) => {
                let tagged = tag.is_some_and(|tag| tag.is_yaml_core_schema_tag("str"));
                Content::Scalar(Scalar {
                    text: text.into(),
                    is_text: tagged || style != ScalarStyle::Plain,
                    span: span.byte_range().unwrap_or(0..0),
                })
            }
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
            Event::MappingStart(..) => {
                let mapping = self.mapping(position, depth)?;
                weight += mapping.iter().map(|(_, node)| node.weight).sum::<usize>();
                Content::Mapping(mapping)
            }
            _ => return Err(self.syntax(position, "a value is missing here")),
        };
        let node = Arc::new(Node { position, content, weight });
        if let Some(id) = anchor {
            self.anchors.insert(id, Arc::clone(&node));
        }
        Ok(node)
    }

    /// Reads keys and values. `<<` gives what the mapping itself does not (rule Y5); a key given twice
    /// is reported at its second place.
    fn mapping(&mut self, start: Position, depth: usize) -> Result<Vec<(Key, Arc<Node>)>, Fatal> {
        let mut own: Vec<(Key, Arc<Node>)> = Vec::new();
        let mut merged: Vec<Arc<Node>> = Vec::new();
        loop {
            let (event, span) = self.expect_next(start)?;
            let key = match event {
                Event::MappingEnd => break,
                Event::Scalar(text, style, ..) => {
                    let position =
                        Position { line: span.start.line(), column: span.start.col() + 1 };
                    (Key { name: text.into(), position }, style == ScalarStyle::Plain)
                }
                other => {
                    let node = self.node(other, &span, depth + 1)?;
                    match &node.content {
                        Content::Scalar(s) => {
                            (Key { name: Arc::clone(&s.text), position: node.position }, false)
                        }
                        _ => return Err(self.syntax(node.position, "a key must be text")),
                    }
                }
            };
            let (event, span) = self.expect_next(start)?;
            let value = self.node(event, &span, depth + 1)?;
            let (key, plain) = key;
            if plain && &*key.name == "<<" {
                match &value.content {
                    Content::Mapping(_) => merged.push(value),
                    Content::Sequence(items) => merged.extend(items.iter().cloned()),
                    Content::Scalar(_) => {
                        return Err(self.syntax(key.position, "`<<` needs a mapping"));
                    }
                }
            } else if let Some((first, _)) = own.iter().find(|(k, _)| k.name == key.name) {
                let message = format!("`{}` is given twice", key.name);
                let problem =
                    Diagnostic::error(Code::DuplicateKey, self.file, key.position, message);
                self.problems.push(problem.related(first.position).excerpt_of(self.text));
            } else {
                own.push((key, value));
            }
        }
        for source in merged {
            let Content::Mapping(entries) = &source.content else {
                return Err(self.syntax(source.position, "`<<` needs a mapping"));
            };
            for (key, value) in entries {
                if !own.iter().any(|(k, _)| k.name == key.name) {
                    own.push((key.clone(), Arc::clone(value)));
                }
            }
        }
        Ok(own)
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

    fn limit(&self, position: Position, message: &str) -> Fatal {
        vec![Diagnostic::error(Code::Limit, self.file, position, message).excerpt_of(self.text)]
    }

    fn syntax(&self, position: Position, message: &str) -> Fatal {
        vec![
            Diagnostic::error(Code::YamlSyntax, self.file, position, message).excerpt_of(self.text),
        ]
    }
}

/// `expr: "GB" in R.attr.x` is text after a quoted scalar, which YAML forbids; Cerbos says so in its own
/// words, before parsing (rule Y6).
fn quoted_start(file: &str, text: &str) -> Result<(), Vec<Diagnostic>> {
    let mut block_indent = None;
    for (number, line) in text.lines().enumerate() {
        let indent = line.len() - line.trim_start().len();
        if line.trim().is_empty() || block_indent.is_some_and(|limit| indent > limit) {
            continue;
        }
        block_indent = None;
        let trimmed = line.trim_start().trim_start_matches("- ");
        let Some((_, value)) = trimmed.split_once(": ") else { continue };
        let value = value.trim();
        if value.starts_with(['|', '>']) {
            block_indent = Some(indent);
            continue;
        }
        let Some(quote) = value.chars().next().filter(|c| matches!(c, '"' | '\'')) else {
            continue;
        };
        if trimmed.starts_with(['{', '[', '"', '\'', '#']) {
            continue;
        }
        let Some(rest) = after_quoted(value, quote) else { continue };
        let rest = rest.trim_start();
        if !rest.is_empty() && !rest.starts_with(['#', ',', ']', '}', ':']) {
            let column =
                line.find(value).map_or(1, |n| line.get(..n).map_or(0, |s| s.chars().count()) + 1);
            return Err(vec![
                Diagnostic::error(
                    Code::YamlSyntax,
                    file,
                    Position { line: number + 1, column },
                    "a value that begins with a quoted string must end with it",
                )
                .help("put the expression in a block: `expr: |-` and the text indented on the next line")
                .excerpt_of(text),
            ]);
        }
    }
    Ok(())
}

fn after_quoted(value: &str, quote: char) -> Option<&str> {
    let mut chars = value.char_indices().skip(1).peekable();
    while let Some((i, c)) = chars.next() {
        if c == '\\' && quote == '"' {
            chars.next();
        } else if c == quote {
            if quote == '\'' && chars.peek().is_some_and(|(_, next)| *next == '\'') {
                chars.next();
            } else {
                return value.get(i + 1..);
            }
        }
    }
    None
}

fn integer(text: &str) -> Option<i128> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(rest) => (-1, rest),
        None => (1, text.strip_prefix('+').unwrap_or(text)),
    };
    let (radix, digits) = match digits.get(..2) {
        Some("0x") => (16, digits.get(2..)?),
        Some("0o") => (8, digits.get(2..)?),
        Some("0b") => (2, digits.get(2..)?),
        _ => (10, digits),
    };
    if !digits.starts_with(|c: char| c.is_digit(radix)) {
        return None;
    }
    i128::from_str_radix(&digits.replace('_', ""), radix).ok().map(|n| sign * n)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn one(text: &str) -> Arc<Node> {
        parse("t.yaml", text).unwrap().unwrap()
    }

    fn field<'n>(node: &'n Node, name: &str) -> &'n Node {
        let Content::Mapping(entries) = &node.content else { panic!("not a mapping") };
        &entries.iter().find(|(k, _)| &*k.name == name).unwrap().1
    }

    fn scalar(node: &Node) -> &Scalar {
        let Content::Scalar(s) = &node.content else { panic!("not a scalar") };
        s
    }

    #[test]
    fn nodes_know_where_they_stand() {
        let node = one("a: 1\nb:\n  - x\n  - y\n");
        let Content::Mapping(entries) = &node.content else { panic!() };
        assert_eq!(entries[1].0.position, Position { line: 2, column: 1 });
        let Content::Sequence(items) = &field(&node, "b").content else { panic!() };
        assert_eq!(items[1].position, Position { line: 4, column: 5 });
    }

    #[test]
    fn a_key_given_twice_is_reported_at_its_second_place() {
        let problems = parse("t.yaml", "a: 1\nb: 2\na: 3\n").unwrap_err();
        assert_eq!(problems[0].code, Code::DuplicateKey);
        assert_eq!(problems[0].position, Position { line: 3, column: 1 });
    }

    #[test]
    fn merge_keys_are_shallow_and_own_keys_win() {
        let node = one("base: &b {x: 1, y: {p: 1}}\nd:\n  y: {q: 2}\n  <<: *b\n");
        let d = field(&node, "d");
        assert_eq!(&*scalar(field(d, "x")).text, "1");
        let Content::Mapping(y) = &field(d, "y").content else { panic!() };
        assert_eq!(y.len(), 1);
    }

    #[test]
    fn an_alias_bomb_is_stopped() {
        let mut text = String::from("a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n");
        for i in 1..12 {
            let inner = vec![format!("*a{}", i - 1); 10].join(", ");
            text.push_str(&format!("a{i}: &a{i} [{inner}]\n"));
        }
        assert_eq!(parse("t.yaml", &text).unwrap_err()[0].code, Code::Limit);
    }

    #[test]
    fn deep_nesting_is_stopped() {
        let text = "[".repeat(100_000);
        assert!(parse("t.yaml", &text).is_err());
    }

    #[test]
    fn a_second_policy_is_refused_and_a_commented_one_is_not() {
        assert_eq!(
            parse("t.yaml", "a: 1\n---\nb: 2\n").unwrap_err()[0].code,
            Code::MultipleDocuments
        );
        assert!(parse("t.yaml", "---\na: 1\n---\n# b: 2\n").unwrap().is_some());
        assert!(parse("t.yaml", "# nothing\n").unwrap().is_none());
    }

    #[test]
    fn text_after_a_quoted_value_has_its_own_message() {
        let problems = parse("t.yaml", "match:\n  expr: \"GB\" in R.attr.x\n").unwrap_err();
        assert_eq!(problems[0].position, Position { line: 2, column: 9 });
        assert!(parse("t.yaml", "match:\n  expr: |-\n    x: \"GB\" in y\n").is_ok());
    }

    #[track_caller]
    fn locates(text: &str, needle: &str) {
        let node = one(text);
        let s = scalar(field(&node, "e"));
        let offset = s.text.find(needle).unwrap();
        assert_eq!(
            s.locate(offset, text),
            position_of(text, text.rfind(needle).unwrap()),
            "in {text:?}"
        );
    }

    #[test]
    fn offsets_in_a_scalar_map_back_to_the_file() {
        locates("e: a.b == ZZ\n", "ZZ");
        locates("e: 'a.b == ''x'' ZZ'\n", "ZZ");
        locates("e: \"a.b == \\\"x\\\" ZZ\"\n", "ZZ");
        locates("e: |-\n  a.b\n    == ZZ\n", "ZZ");
        locates("e: >-\n  a.b ==\n  c &&\n  ZZ\n", "ZZ");
        locates("e: a.b ==\n  ZZ\n", "ZZ");
    }

    #[test]
    fn broken_yaml_says_where() {
        let problems = parse("t.yaml", "a: [1, 2\nb: 3\n").unwrap_err();
        assert_eq!(problems[0].code, Code::YamlSyntax);
        assert!(problems[0].position.line >= 1);
    }
}
