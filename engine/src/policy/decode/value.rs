//! JSON values: constants and attributes of sources.

use std::sync::Arc;

use super::reader::{Field, Reader};
use crate::diag::Code;
use crate::policy::path::Path;
use crate::policy::yaml::{Content, Key, Meaning, Node};
use crate::value::Value;

/// Any JSON value. Numbers are doubles, as in every protobuf `Value` (rule V1).
pub(super) fn value(r: &mut Reader, field: &Field<'_>) -> Value {
    read(r, field, field.node, &Step::Root)
}

/// The way from the field to a value inside of it. Only mistakes need it as text.
enum Step<'s> {
    Root,
    Item(&'s Step<'s>, usize),
    Entry(&'s Step<'s>, &'s str),
}

impl Step<'_> {
    fn path(&self, root: &Path) -> Path {
        match self {
            Self::Root => root.clone(),
            Self::Item(parent, i) => parent.path(root).item(*i),
            Self::Entry(parent, name) => parent.path(root).child(name),
        }
    }
}

fn read(r: &mut Reader, field: &Field<'_>, node: &Node, step: &Step<'_>) -> Value {
    match &node.content {
        Content::Scalar(s) => match s.meaning() {
            Meaning::Null => Value::Null,
            Meaning::Bool(b) => Value::Bool(b),
            #[expect(
                clippy::cast_precision_loss,
                reason = "numbers of a protobuf `Value` are doubles"
            )]
            Meaning::Integer(n) => Value::Double(n as f64),
            Meaning::Float(n) => Value::Double(n),
            Meaning::Text => Value::String(Arc::clone(&s.text)),
            Meaning::NotFinite => {
                let path = step.path(field.place.path());
                let place = field.place.moved(node.position, node.mark).of(path);
                r.report(Code::WrongType, &place, "JSON has no numbers that are not finite");
                Value::Null
            }
        },
        Content::Sequence(items) => {
            let items = items.iter().enumerate();
            Value::List(items.map(|(i, n)| read(r, field, n, &Step::Item(step, i))).collect())
        }
        Content::Mapping(entries) => Value::Map(
            entries
                .iter()
                .map(|(key, node)| {
                    let step = Step::Entry(step, &key.name);
                    check_key(r, field, key, &step);
                    (Box::<str>::from(&*key.name), read(r, field, node, &step))
                })
                .collect(),
        ),
    }
}

/// Keys are text here too (rule Y7).
fn check_key(r: &mut Reader, field: &Field<'_>, key: &Key, step: &Step<'_>) {
    if !key.is_text {
        let path = step.path(field.place.path());
        let place = field.place.moved(key.position, key.position).of(path);
        let problem =
            place.problem(Code::WrongType, format!("`{}` is no text, and a key must be", key.name));
        r.push(problem.help("write the key itself, in quotes where it looks like a number"));
    }
}
