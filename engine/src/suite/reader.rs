//! Reads the fields of suites and fixtures, and notes what is wrong in Cerbos' words (docs/semantics.md, section 14).
//!
//! There are two kinds of mistakes, as in Cerbos. What does not have the shape of a suite ends the reading of a
//! file, so that only the first such mistake is told (rule U2). What has the shape but breaks a rule is told in full (rule U3).

use std::collections::BTreeMap;

use super::places::Places;
use crate::diag::{Code, Diagnostic, Position};
use crate::policy::yaml::{self, Content, Key, Meaning, Node, Scalar};
use crate::policy::{File, Source};
use crate::value::Value;

/// A value, the position its mistakes are reported at, and its path.
#[derive(Clone)]
pub(super) struct Field<'n> {
    node: &'n Node,
    /// Where the value begins.
    value: Position,
    /// Of a field: where its key begins. Of an item: where the item begins.
    at: Position,
    path: String,
}

/// A message: its fields by their camelCase names.
pub(super) struct Object<'n> {
    fields: BTreeMap<&'static str, Field<'n>>,
    path: String,
}

impl<'n> Object<'n> {
    pub(super) fn take(&mut self, name: &str) -> Option<Field<'n>> {
        self.fields.remove(name)
    }
}

/// Reads one file.
pub(super) struct Reader<'f> {
    places: Places<'f>,
    shape: Vec<(Position, String)>,
    rules: Vec<(Option<Position>, String)>,
}

impl<'f> Reader<'f> {
    /// Reads a file whose document is the message that `decode` makes.
    ///
    /// # Errors
    ///
    /// What is wrong with the file, as Cerbos writes it: lines of `line:column message`.
    pub(super) fn read<T: Default>(
        file: &str,
        text: &'f str,
        decode: impl FnOnce(&mut Self, &Field<'_>) -> T,
    ) -> Result<T, String> {
        let source = File::new(Source::new(file, text));
        let mut documents = yaml::parse(&source).map_err(|problems| not_yaml(&problems))?;
        if documents.len() > 1 {
            return Err("more than one YAML document detected".to_owned());
        }
        // Cerbos crashes on an empty file.
        let Some(root) = documents.pop() else { return Ok(T::default()) };
        if !matches!(root.content, Content::Mapping(_)) {
            return Err(not_a_document(root.position));
        }
        let places = Places::new(text);
        let mut reader = Self { places, shape: Vec::new(), rules: Vec::new() };
        let position = root.position;
        let field = Field { node: &root, value: position, at: position, path: String::new() };
        let decoded = decode(&mut reader, &field);
        reader.problems().map_or(Ok(decoded), Err)
    }

    fn problems(mut self) -> Option<String> {
        // Rule U2: the first in the order of the file.
        if let Some((position, message)) = self.shape.iter().min_by_key(|(at, _)| *at) {
            return Some(format!("{}:{} {message}", position.line, position.column));
        }
        // Rule U3: by position, what is nowhere last.
        self.rules.sort_by_key(|(at, _)| (at.is_none(), *at));
        let lines = self.rules.iter().map(|(at, message)| match at {
            Some(at) => format!("{}:{} {message}", at.line, at.column),
            None => message.clone(),
        });
        let lines: Vec<String> = lines.collect();
        (!lines.is_empty()).then(|| lines.join("\n"))
    }

    /// Notes that a value breaks a rule.
    pub(super) fn breaks(&mut self, field: &Field<'_>, rule: &str) {
        self.rules.push((Some(field.at), format!("{}: {rule}", field.path)));
    }

    fn wrong(&mut self, field: &Field<'_>, message: impl Into<String>) {
        self.shape.push((field.value, message.into()));
    }

    fn not_a(&mut self, field: &Field<'_>, wanted: &str) {
        let is_block = self.places.rest(field.value).starts_with(['|', '>']);
        let kind = if is_block { "Literal" } else { kind(field.node) };
        self.wrong(field, format!("expected {wanted} got {kind}"));
    }

    /// The fields of a message. `known` are their names in camelCase; snake_case is accepted as well (rule Y2).
    pub(super) fn object<'n>(&mut self, field: &Field<'n>, known: &[&'static str]) -> Object<'n> {
        let mut object = Object { fields: BTreeMap::new(), path: field.path.clone() };
        let Content::Mapping(entries) = &field.node.content else {
            self.not_a(field, "object");
            return object;
        };
        for (key, node) in entries {
            if let Some(kind) = self.no_text(key) {
                self.shape.push((key.position, format!("unexpected key type {kind}")));
                continue;
            }
            let name =
                known.iter().find(|name| ***name == *key.name || snake_case(name) == *key.name);
            let Some(name) = name else {
                self.shape.push((key.position, format!("unknown field \"{}\"", key.name)));
                continue;
            };
            if let Some(first) = object.fields.get(name) {
                let Position { line, column } = first.at;
                let message =
                    format!("duplicate field definition: previous definition at [{line}:{column}]");
                self.shape.push((key.position, message));
                continue;
            }
            let path = if field.path.is_empty() {
                (*name).into()
            } else {
                format!("{}.{name}", field.path)
            };
            let value = self.places.begin(node, Some(key.position));
            object.fields.insert(name, Field { node, value, at: key.position, path });
        }
        object
    }

    /// A field that must be there and not be empty.
    pub(super) fn required<'n>(
        &mut self,
        object: &mut Object<'n>,
        name: &str,
    ) -> Option<Field<'n>> {
        let field = object.take(name);
        match &field {
            None => {
                let dot = if object.path.is_empty() { "" } else { "." };
                self.rules.push((None, format!("{}{dot}{name}: value is required", object.path)));
            }
            Some(field) if is_empty(field.node) => self.breaks(field, "value is required"),
            Some(_) => {}
        }
        field
    }

    pub(super) fn items<'n>(&mut self, field: &Field<'n>) -> Vec<Field<'n>> {
        let Content::Sequence(items) = &field.node.content else {
            self.not_a(field, "sequence");
            return Vec::new();
        };
        let item = |(i, node): (usize, &'n std::sync::Arc<Node>)| {
            let value = self.places.begin(node, None);
            Field { node, value, at: value, path: format!("{}[{i}]", field.path) }
        };
        items.iter().enumerate().map(item).collect()
    }

    /// The entries of a map.
    pub(super) fn entries<'n>(&mut self, field: &Field<'n>) -> Vec<(&'n str, Field<'n>)> {
        let Content::Mapping(entries) = &field.node.content else {
            self.not_a(field, "map");
            return Vec::new();
        };
        entries
            .iter()
            .map(|(key, node)| {
                if let Some(kind) = self.no_text(key) {
                    self.shape.push((key.position, format!("expected string got {kind}")));
                }
                let value = self.places.begin(node, Some(key.position));
                let path = format!("{}[{:?}]", field.path, key.name);
                (&*key.name, Field { node, value, at: value, path })
            })
            .collect()
    }

    /// What a key is if not text.
    fn no_text(&self, key: &Key) -> Option<&'static str> {
        let is_quoted = self.places.rest(key.position).starts_with(['"', '\'']);
        let kind = kind_of(&Scalar::plain(key.name.clone()));
        (!is_quoted && kind != "String").then_some(kind)
    }

    /// Text: null is empty, integers and booleans are their spelling (rule Y4).
    pub(super) fn text(&mut self, field: &Field<'_>) -> Box<str> {
        match &field.node.content {
            Content::Scalar(s) if s.meaning() == Meaning::Null => "".into(),
            Content::Scalar(s)
                if !matches!(s.meaning(), Meaning::Float(_) | Meaning::NotFinite) =>
            {
                (&*s.text).into()
            }
            _ => {
                self.not_a(field, "string value");
                "".into()
            }
        }
    }

    /// Distinct names, none of them empty.
    pub(super) fn names(&mut self, field: &Field<'_>) -> Vec<Box<str>> {
        let mut names: Vec<Box<str>> = Vec::new();
        let mut repeated = false;
        for item in self.items(field) {
            let name = self.text(&item);
            if name.is_empty() {
                self.breaks(&item, "must be at least 1 characters");
            }
            repeated |= names.contains(&name);
            names.push(name);
        }
        if repeated {
            self.breaks(field, "repeated value must contain unique items");
        }
        names
    }

    pub(super) fn bool(&mut self, field: &Field<'_>) -> bool {
        let value = match &field.node.content {
            Content::Scalar(s) => match s.meaning() {
                Meaning::Bool(value) => Some(value),
                _ => None,
            },
            _ => None,
        };
        if value.is_none() {
            self.not_a(field, "boolean value");
        }
        value.unwrap_or_default()
    }

    /// A scalar for which numbers do not count as text.
    pub(super) fn plain_text<'n>(&mut self, field: &Field<'n>) -> Option<&'n str> {
        match &field.node.content {
            Content::Scalar(s) if kind_of(s) == "String" => Some(&s.text),
            _ => {
                self.not_a(field, "string");
                None
            }
        }
    }

    /// A member of an enumeration, by name or number. `None` when it is another number, or wrong.
    pub(super) fn choice<T: Copy>(
        &mut self,
        field: &Field<'_>,
        choices: &[(&str, i128, Option<T>)],
    ) -> Option<T> {
        let Content::Scalar(s) = &field.node.content else {
            self.wrong(field, "invalid enum value");
            return None;
        };
        match s.meaning() {
            Meaning::Text => match choices.iter().find(|(name, ..)| *name == &*s.text) {
                Some((.., choice)) => *choice,
                None => {
                    self.wrong(field, format!("invalid enum value \"{}\"", s.text));
                    None
                }
            },
            Meaning::Integer(number) => {
                choices.iter().find(|(_, n, _)| number == *n).and_then(|(.., c)| *c)
            }
            Meaning::Null => None,
            _ => {
                self.wrong(field, "invalid enum value");
                None
            }
        }
    }

    /// Notes that the text of a timestamp is none.
    pub(super) fn no_timestamp(&mut self, field: &Field<'_>, text: &str) {
        self.wrong(field, format!("invalid timestamp value \"{text}\""));
    }

    /// A map from names to any values.
    pub(super) fn values(&mut self, field: &Field<'_>) -> crate::Map {
        self.entries(field)
            .into_iter()
            .map(|(name, value)| (Box::<str>::from(name), self.value(&value)))
            .collect()
    }

    /// Any JSON value. Numbers are doubles (rule V1).
    pub(super) fn value(&mut self, field: &Field<'_>) -> Value {
        match &field.node.content {
            Content::Scalar(s) => match s.meaning() {
                Meaning::Null => Value::Null,
                Meaning::Bool(b) => Value::Bool(b),
                Meaning::Integer(i) => Value::Double(i as f64),
                Meaning::Float(n) => Value::Double(n),
                Meaning::Text => Value::String(s.text.clone()),
                Meaning::NotFinite => {
                    let kind = kind(field.node);
                    self.wrong(field, format!("unexpected {kind}"));
                    Value::Null
                }
            },
            Content::Sequence(_) => {
                let items = self.items(field);
                Value::List(items.iter().map(|item| self.value(item)).collect())
            }
            Content::Mapping(_) => Value::Map(self.values(field)),
        }
    }
}

fn is_empty(node: &Node) -> bool {
    match &node.content {
        Content::Scalar(s) => s.meaning() == Meaning::Null || s.text.is_empty(),
        Content::Sequence(items) => items.is_empty(),
        // An empty message is there; of maps only those with entries count, and they are asked for by name.
        Content::Mapping(_) => false,
    }
}

/// How Cerbos names what stands where something else should.
fn kind(node: &Node) -> &'static str {
    match &node.content {
        Content::Scalar(s) => kind_of(s),
        Content::Sequence(_) => "Sequence",
        Content::Mapping(_) => "Mapping",
    }
}

fn kind_of(scalar: &Scalar) -> &'static str {
    match scalar.meaning() {
        Meaning::Null => "Null",
        Meaning::Bool(_) => "Bool",
        Meaning::Integer(_) => "Integer",
        Meaning::Float(_) => "Float",
        Meaning::NotFinite if scalar.text.eq_ignore_ascii_case(".nan") => "Nan",
        Meaning::NotFinite => "Infinity",
        Meaning::Text => "String",
    }
}

/// `skipReason` is `skip_reason`.
fn snake_case(name: &str) -> String {
    let mut out = String::with_capacity(name.len() + 4);
    for c in name.chars() {
        if c.is_ascii_uppercase() {
            out.push('_');
        }
        out.push(c.to_ascii_lowercase());
    }
    out
}

pub(super) fn not_a_document(Position { line, column }: Position) -> String {
    format!("{line}:{column} invalid document: contents are not valid YAML or JSON")
}

/// Broken YAML has the texts of our parser, but for what Cerbos says in words of its own.
fn not_yaml(problems: &[Diagnostic]) -> String {
    let Some(first) = problems.iter().min_by_key(|problem| problem.position) else {
        return not_a_document(Position { line: 1, column: 1 });
    };
    let Position { line, column } = first.position;
    match (first.code, first.related) {
        (Code::DuplicateKey, Some(Position { line: first_line, column: first_column })) => {
            let name = first.message.trim_start_matches('`').split('`').next().unwrap_or_default();
            format!(
                "{line}:{column} mapping key \"{name}\" already defined at [{first_line}:{first_column}]"
            )
        }
        _ if first.message.starts_with("a value that begins with a quoted string") => {
            format!(
                "{line}:{column} invalid YAML string: use a literal or folded block for strings containing quotes"
            )
        }
        _ => format!("{line}:{column} {}", first.message),
    }
}
