//! What the validator found, in the words of the one that Cerbos uses (santhosh-tekuri/jsonschema v5).

use std::collections::{BTreeMap, HashMap};
use std::ops::ControlFlow;
use std::sync::Arc;

use boon::{ErrorKind, InstanceToken, ValidationError};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, percent_decode_str, utf8_percent_encode};
use serde_json::{Number, Value as Json};
use url::Url;

use super::Violation;
use super::formats::REGEX;
use super::graph::Graph;
use super::patterns::Patterns;
use super::walk::Named;
use crate::cel::{Quoted, format_double};

/// Characters that Go escapes in a segment of a path.
const SEGMENT: AsciiSet = NON_ALPHANUMERIC
    .remove(b'-')
    .remove(b'_')
    .remove(b'.')
    .remove(b'~')
    .remove(b'$')
    .remove(b'&')
    .remove(b'+')
    .remove(b'=')
    .remove(b':')
    .remove(b'@');

/// What errors do not say themselves.
pub(super) struct Context<'c> {
    pub(super) documents: &'c BTreeMap<Url, Arc<Json>>,
    pub(super) patterns: &'c Patterns,
}

type Failure<'s, 'v> = ValidationError<'s, 'v>;

/// How much is told about one validation, in bytes: a request may have any number of mistakes, each in a long path or
/// with a long list of what would be right (rule Z10).
const MAX_TOLD: usize = 1 << 20;
/// What a mistake takes besides its text.
const EACH: usize = 64;

/// The leaves of a tree of errors (rule J5), or as many as may be told. There is one at least.
pub(super) fn violations(
    error: &Failure<'_, '_>,
    context: &Context<'_>,
    graph: &Graph,
    attributes: &Json,
) -> Vec<Violation> {
    let mut found = Vec::new();
    let mut left = MAX_TOLD;
    let mut names = Names { graph, attributes, walked: None, told: HashMap::new() };
    let all =
        leaves(error, "", &mut |error, prop| names.place(error, prop), &mut |error, below| {
            let path = format!("{below}{}", pointer(error));
            let path = if path.is_empty() { "/" } else { &path };
            for message in messages(error, context) {
                let size = EACH + path.len() + message.len();
                if size > left && !found.is_empty() {
                    return ControlFlow::Break(());
                }
                left = left.saturating_sub(size);
                found.push(Violation { path: path.into(), message: message.into() });
            }
            ControlFlow::Continue(())
        });
    if all.is_break() || found.is_empty() {
        let message = "there are more mistakes than can be told";
        found.push(Violation { path: "/".into(), message: message.into() });
    }
    found
}

/// Where a name of a property stands that is not allowed: the validator does not say.
struct Names<'g, 'e> {
    graph: &'g Graph,
    attributes: &'g Json,
    walked: Option<Named<'g>>,
    /// For each schema its subschema's number, and how many places of each name have been told.
    told: HashMap<&'e str, (Option<usize>, HashMap<String, usize>)>,
}

impl<'e> Names<'_, 'e> {
    fn place(&mut self, error: &'e Failure<'_, '_>, prop: &str) -> String {
        let (graph, attributes) = (self.graph, self.attributes);
        let walked = self.walked.get_or_insert_with(|| Named::new(graph, attributes));
        let (number, told) = self.told.entry(error.schema_url).or_insert_with(|| {
            let number = place(error.schema_url).and_then(|(file, at)| graph.at(file, at));
            (number, HashMap::new())
        });
        let nth = told.entry(prop.to_owned()).or_default();
        let object = number.map_or_else(Vec::new, |number| walked.object(number, prop, *nth));
        *nth += 1;
        let tokens = object.iter().map(String::as_str).chain([prop]);
        tokens.map(|token| format!("/{}", escape(token))).collect()
    }
}

/// The file and the pointer in a schema's URL.
fn place(url: &str) -> Option<(Url, String)> {
    let (file, pointer) = url.split_once('#')?;
    let pointer = percent_decode_str(pointer).decode_utf8().ok()?;
    Some((Url::parse(file).ok()?, pointer.into_owned()))
}

/// Why a schema is none: the first leaf.
pub(super) fn of_meta_schema(error: &Failure<'_, '_>) -> String {
    let context = Context { documents: &BTreeMap::new(), patterns: &Patterns::default() };
    let mut first = None;
    let place = &mut |_: &_, prop: &str| format!("/{}", escape(prop));
    _ = leaves(error, "", place, &mut |error, below| {
        first = messages(error, &context).into_iter().next().map(|message| {
            let place = format!("{below}{}", pointer(error));
            format!("'{place}' does not validate with {}: {message}", error.schema_url)
        });
        if first.is_some() { ControlFlow::Break(()) } else { ControlFlow::Continue(()) }
    });
    first.unwrap_or_else(|| error.to_string())
}

/// Visits the leaves. Names of properties are validated apart from where they stand, which `place` says.
fn leaves<'e, 's, 'v>(
    error: &'e Failure<'s, 'v>,
    below: &str,
    place: &mut impl FnMut(&'e Failure<'s, 'v>, &str) -> String,
    found: &mut impl FnMut(&'e Failure<'s, 'v>, &str) -> ControlFlow<()>,
) -> ControlFlow<()> {
    if error.causes.is_empty() {
        return found(error, below);
    }
    let named = match &error.kind {
        ErrorKind::PropertyName { prop } => Some(place(error, prop)),
        _ => None,
    };
    let below = named.as_deref().unwrap_or(below);
    error.causes.iter().try_for_each(|cause| leaves(cause, below, place, found))
}

fn pointer(error: &Failure<'_, '_>) -> String {
    let tokens = error.instance_location.tokens.iter().map(|token| match token {
        InstanceToken::Prop(name) => format!("/{}", escape(name)),
        InstanceToken::Item(i) => format!("/{i}"),
    });
    tokens.collect()
}

fn escape(token: &str) -> String {
    let token = token.replace('~', "~0").replace('/', "~1");
    utf8_percent_encode(&token, &SEGMENT).to_string()
}

fn messages(error: &Failure<'_, '_>, context: &Context<'_>) -> Vec<String> {
    let each = |prop: &str, missing: &[&str]| {
        let message = |name: &&str| {
            format!("property {} is required, if {} property exists", quote(name), quote(prop))
        };
        missing.iter().map(message).collect()
    };
    vec![match &error.kind {
        ErrorKind::Dependency { prop, missing }
        | ErrorKind::DependentRequired { prop, missing } => {
            return each(prop, missing);
        }
        ErrorKind::FalseSchema => "not allowed".to_owned(),
        ErrorKind::Type { got, want } => {
            let written = context.keyword(error.schema_url, "type").and_then(Json::as_array);
            let wanted: Vec<String> = match written {
                Some(list) => list.iter().filter_map(Json::as_str).map(str::to_owned).collect(),
                None => want.iter().map(|t| t.to_string()).collect(),
            };
            format!("expected {}, but got {got}", wanted.join(" or "))
        }
        ErrorKind::Enum { want } => match want.as_slice() {
            many if many.iter().any(|v| v.is_object() || v.is_array()) => "enum failed".to_owned(),
            [one] => format!("value must be {}", literal(one)),
            many => {
                let all: Vec<String> = many.iter().map(literal).collect();
                format!("value must be one of {}", all.join(", "))
            }
        },
        ErrorKind::Const { want } if want.is_object() || want.is_array() => {
            "const failed".to_owned()
        }
        ErrorKind::Const { want } => format!("value must be {}", literal(want)),
        ErrorKind::Format { got, want, .. } => {
            let got = got.as_str().map_or_else(|| got.to_string(), quote);
            let want = if *want == REGEX { "regex" } else { want };
            format!("{got} is not valid {}", quote(want))
        }
        ErrorKind::MinProperties { got, want } => {
            format!("minimum {want} properties allowed, but found {got} properties")
        }
        ErrorKind::MaxProperties { got, want } => {
            format!("maximum {want} properties allowed, but found {got} properties")
        }
        ErrorKind::AdditionalProperties { got } => {
            let mut names: Vec<&str> = got.iter().map(|name| &**name).collect();
            names.sort_unstable();
            format!("additionalProperties {} not allowed", quoted(&names))
        }
        ErrorKind::Required { want } => format!("missing properties: {}", quoted(want)),
        ErrorKind::MinItems { got, want } => {
            format!("minimum {want} items required, but found {got} items")
        }
        ErrorKind::MaxItems { got, want } => {
            format!("maximum {want} items required, but found {got} items")
        }
        ErrorKind::Contains => "valid must be >= 1, but got 0".to_owned(),
        ErrorKind::MinContains { got, want } => {
            format!("valid must be >= {want}, but got {}", got.len())
        }
        ErrorKind::MaxContains { got, want } => {
            format!("valid must be <= {want}, but got {}", got.len())
        }
        ErrorKind::UniqueItems { got: [first, second] } => {
            format!("items at index {first} and {second} are equal")
        }
        ErrorKind::AdditionalItems { got } => {
            let allowed = context.keyword(error.schema_url, "items").and_then(Json::as_array);
            let allowed = allowed.map_or(0, Vec::len);
            format!("only {allowed} items are allowed, but found {} items", allowed + got)
        }
        ErrorKind::MinLength { got, want } => format!("length must be >= {want}, but got {got}"),
        ErrorKind::MaxLength { got, want } => format!("length must be <= {want}, but got {got}"),
        ErrorKind::Pattern { want, .. } => {
            format!("does not match pattern {}", quote(context.patterns.written(want)))
        }
        ErrorKind::ContentEncoding { want, .. } => format!("value is not {want} encoded"),
        ErrorKind::ContentMediaType { want, .. } => {
            format!("value is not of mediatype {}", quote(want))
        }
        ErrorKind::Minimum { got, want } => {
            format!("must be >= {} but found {}", number(want), number(got))
        }
        ErrorKind::Maximum { got, want } => {
            format!("must be <= {} but found {}", number(want), number(got))
        }
        ErrorKind::ExclusiveMinimum { got, want } => {
            format!("must be > {} but found {}", number(want), number(got))
        }
        ErrorKind::ExclusiveMaximum { got, want } => {
            format!("must be < {} but found {}", number(want), number(got))
        }
        ErrorKind::MultipleOf { got, want } => {
            format!("{} not multipleOf {}", number(got), number(want))
        }
        ErrorKind::Not => "not failed".to_owned(),
        ErrorKind::OneOf(Some((first, second))) => {
            format!("valid against schemas at indexes {first} and {second}")
        }
        other => other.to_string(),
    }]
}

impl Context<'_> {
    /// The value of a keyword of the schema at a URL.
    fn keyword(&self, schema: &str, keyword: &str) -> Option<&Json> {
        let (file, pointer) = place(schema)?;
        self.documents.get(&file)?.pointer(&pointer)?.get(keyword)
    }
}

/// Go's `%#v` of what a schema lists.
fn literal(value: &Json) -> String {
    match value {
        Json::Null => "<nil>".to_owned(),
        Json::Number(n) => format!("\"{n}\""),
        Json::String(text) => Quoted(text).to_string(),
        other => other.to_string(),
    }
}

fn number(n: &Number) -> String {
    n.as_f64().map_or_else(|| n.to_string(), format_double)
}

fn quoted(names: &[&str]) -> String {
    let quoted: Vec<String> = names.iter().map(|name| quote(name)).collect();
    quoted.join(", ")
}

/// A text between single quotes, of which a backslash at the end is not doubled.
fn quote(text: &str) -> String {
    let quoted = Quoted(text).to_string().replace("\\\"", "\"").replace('\'', "\\'");
    let inside = quoted.strip_prefix('"').and_then(|t| t.strip_suffix('"')).unwrap_or(&quoted);
    format!("'{inside}'")
}
