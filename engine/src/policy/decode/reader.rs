//! Reads fields out of nodes, and notes everything that is wrong on the way.

use std::collections::HashMap;
use std::sync::Arc;

use crate::diag::{Code, Diagnostic};
use crate::policy::ast::{At, Name, Place};
use crate::policy::yaml::{Content, Node, Scalar};
use crate::suggest::closest;
use crate::value::Value;

/// Collects what is wrong with one file.
pub(super) struct Reader<'f> {
    file: &'f str,
    text: &'f str,
    problems: Vec<Diagnostic>,
}

impl<'f> Reader<'f> {
    pub(super) fn new(file: &'f str, text: &'f str) -> Self {
        Self { file, text, problems: Vec::new() }
    }

    pub(super) fn into_problems(self) -> Vec<Diagnostic> {
        self.problems
    }

    pub(super) fn report(&mut self, code: Code, place: &Place, message: impl Into<Box<str>>) {
        self.report_with(code, place, message, None);
    }

    pub(super) fn report_with(
        &mut self,
        code: Code,
        place: &Place,
        message: impl Into<Box<str>>,
        help: Option<String>,
    ) {
        self.problems.push(place.problem(code, self.file, self.text, message, help));
    }

    /// The fields of a mapping, under their camelCase names.
    pub(super) fn object<'n>(&mut self, field: &Field<'n>) -> Option<Object<'n>> {
        match &field.node.content {
            Content::Mapping(entries) => {
                let mut fields: HashMap<Arc<str>, Field<'n>> =
                    HashMap::with_capacity(entries.len());
                let mut order = Vec::with_capacity(entries.len());
                for (key, node) in entries {
                    let name: Arc<str> = camel_case(&key.name).into();
                    let place = Place {
                        position: key.position,
                        path: format!("{}.{name}", field.place.path).into(),
                    };
                    if fields.contains_key(&name) {
                        self.report(Code::DuplicateKey, &place, format!("`{name}` is given twice"));
                        continue;
                    }
                    order.push(Arc::clone(&name));
                    fields.insert(name, Field { node, place });
                }
                Some(Object { fields, order, place: field.place.clone() })
            }
            Content::Scalar(s) if s.is_null() => Some(Object {
                fields: HashMap::new(),
                order: Vec::new(),
                place: field.place.clone(),
            }),
            _ => {
                self.report(Code::InvalidValue, &field.place, "a mapping is needed here");
                None
            }
        }
    }

    /// What is left in `object` is not known to any policy.
    pub(super) fn finish(&mut self, object: Object<'_>, known: &[&str]) {
        let Object { fields, order, .. } = object;
        for name in &order {
            if let Some(field) = fields.get(name) {
                let help = closest(name, known).map(|best| format!("did you mean `{best}`?"));
                self.report_with(
                    Code::UnknownField,
                    &field.place,
                    format!("unknown field `{name}`"),
                    help,
                );
            }
        }
    }

    pub(super) fn missing(&mut self, object: &Object<'_>, name: &str) {
        self.report(Code::MissingField, &object.place, format!("`{name}` is missing"));
    }

    /// The items of a list.
    pub(super) fn items<'n>(&mut self, field: &Field<'n>) -> Vec<Field<'n>> {
        match &field.node.content {
            Content::Sequence(items) => items
                .iter()
                .enumerate()
                .map(|(i, node)| Field {
                    node,
                    place: Place {
                        position: node.position,
                        path: format!("{}[{i}]", field.place.path).into(),
                    },
                })
                .collect(),
            Content::Scalar(s) if s.is_null() => Vec::new(),
            _ => {
                self.report(Code::InvalidValue, &field.place, "a list is needed here");
                Vec::new()
            }
        }
    }

    /// The entries of a map whose keys are the author's own.
    pub(super) fn entries<'n>(&mut self, field: &Field<'n>) -> Vec<(Name, Field<'n>)> {
        match &field.node.content {
            Content::Mapping(entries) => entries
                .iter()
                .map(|(key, node)| {
                    let path: Arc<str> = format!("{}['{}']", field.place.path, key.name).into();
                    let place = Place { position: key.position, path };
                    (At { value: (&*key.name).into(), place: place.clone() }, Field { node, place })
                })
                .collect(),
            Content::Scalar(s) if s.is_null() => Vec::new(),
            _ => {
                self.report(Code::InvalidValue, &field.place, "a mapping is needed here");
                Vec::new()
            }
        }
    }

    /// Text: integers and booleans count as their spelling, null as empty, fractions are refused (rule Y4).
    pub(super) fn scalar<'n>(&mut self, field: &Field<'n>) -> Option<&'n Scalar> {
        match &field.node.content {
            Content::Scalar(s) if s.as_number().is_none() || s.is_integer() => Some(s),
            Content::Scalar(_) => {
                self.report_with(
                    Code::InvalidValue,
                    &field.place,
                    "text is needed here, not a fraction",
                    Some("put the value in quotes".to_owned()),
                );
                None
            }
            _ => {
                self.report(Code::InvalidValue, &field.place, "text is needed here");
                None
            }
        }
    }

    pub(super) fn text(&mut self, field: &Field<'_>) -> Box<str> {
        self.scalar(field)
            .map_or_else(|| "".into(), |s| if s.is_null() { "".into() } else { (&*s.text).into() })
    }

    pub(super) fn name(&mut self, field: &Field<'_>) -> Name {
        At { value: self.text(field), place: field.place.clone() }
    }

    /// A list of distinct names, each accepted by `valid`.
    pub(super) fn names(&mut self, field: &Field<'_>, valid: fn(&str) -> bool) -> Vec<Name> {
        let mut names: Vec<Name> = Vec::new();
        for item in self.items(field) {
            let name = self.name(&item);
            if !valid(&name.value) {
                self.report(
                    Code::InvalidValue,
                    &name.place,
                    format!("`{}` is no valid name here", name.value),
                );
            } else if names.iter().any(|n| n.value == name.value) {
                self.report(
                    Code::InvalidValue,
                    &name.place,
                    format!("`{}` is listed twice", name.value),
                );
            } else {
                names.push(name);
            }
        }
        names
    }

    pub(super) fn bool(&mut self, field: &Field<'_>) -> bool {
        let value = match &field.node.content {
            Content::Scalar(s) if s.is_null() => Some(false),
            Content::Scalar(s) => s.as_bool(),
            _ => None,
        };
        value.unwrap_or_else(|| {
            self.report(Code::InvalidValue, &field.place, "`true` or `false` is needed here");
            false
        })
    }

    /// One of an enumeration, by name or by number.
    pub(super) fn choice<T: Copy>(
        &mut self,
        field: &Field<'_>,
        choices: &[(&str, &str, T)],
    ) -> Option<T> {
        let text = self.text(field);
        let found = choices.iter().find(|(name, number, _)| *name == &*text || *number == &*text);
        if found.is_none() {
            let names: Vec<_> = choices.iter().map(|(name, ..)| format!("`{name}`")).collect();
            let message = format!("`{text}` is none of {}", names.join(", "));
            self.report(Code::InvalidValue, &field.place, message);
        }
        found.map(|(.., value)| *value)
    }

    /// Any JSON value. Numbers are doubles, as in every protobuf `Value` (rule V1).
    pub(super) fn value(&mut self, node: &Node) -> Value {
        match &node.content {
            Content::Scalar(s) if s.is_null() => Value::Null,
            Content::Scalar(s) => match (s.as_bool(), s.as_number()) {
                (Some(b), _) => Value::Bool(b),
                (_, Some(n)) => Value::Double(n),
                _ => Value::String(Arc::clone(&s.text)),
            },
            Content::Sequence(items) => {
                Value::List(items.iter().map(|item| self.value(item)).collect())
            }
            Content::Mapping(entries) => Value::Map(
                entries
                    .iter()
                    .map(|(key, node)| (Box::<str>::from(&*key.name), self.value(node)))
                    .collect(),
            ),
        }
    }
}

/// A value and the key or item it stands under.
#[derive(Clone)]
pub(super) struct Field<'n> {
    pub(super) node: &'n Node,
    pub(super) place: Place,
}

/// A mapping whose fields are taken one by one.
pub(super) struct Object<'n> {
    fields: HashMap<Arc<str>, Field<'n>>,
    order: Vec<Arc<str>>,
    pub(super) place: Place,
}

impl<'n> Object<'n> {
    /// Takes a field out; what nobody takes is reported by [`Reader::finish`].
    pub(super) fn take(&mut self, name: &str) -> Option<Field<'n>> {
        self.fields.remove(name)
    }

    pub(super) fn has(&self, name: &str) -> bool {
        self.fields.contains_key(name)
    }
}

/// `scope_permissions` and `scopePermissions` name the same field (rule Y2).
fn camel_case(name: &str) -> String {
    if !name.contains('_') {
        return name.to_owned();
    }
    let mut out = String::with_capacity(name.len());
    let mut upper = false;
    for c in name.chars() {
        if c == '_' && !out.is_empty() {
            upper = true;
        } else if upper {
            out.push(c.to_ascii_uppercase());
            upper = false;
        } else {
            out.push(c);
        }
    }
    out
}
