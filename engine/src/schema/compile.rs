//! The validator, behind these walls: nothing else names its crate but [`message`](super::message) and
//! [`formats`](super::formats).

use std::cell::RefCell;
use std::collections::BTreeMap;
use std::error::Error;
use std::rc::Rc;
use std::sync::Arc;

use boon::{CompileError, Compiler, Draft, SchemaIndex, Schemas, UrlLoader};
use serde_json::{Map as Object, Number, Value as Json};
use url::Url;

use super::Violation;
use super::documents::{Documents, Unreadable};
use super::formats;
use super::graph::Graph;
use super::library::Library;
use super::message::{self, Context};
use super::patterns::Patterns;
use crate::value::{Map, Value};

/// How deep attributes may nest. The texts of requests are bounded by the same number.
const MAX_ATTRIBUTE_LEVELS: usize = 128;

/// A schema, ready to validate.
pub(super) struct Compiled {
    schemas: Schemas,
    root: SchemaIndex,
    pub(super) graph: Graph,
    documents: BTreeMap<Url, Arc<Json>>,
    patterns: Patterns,
}

impl Compiled {
    /// Compiles the schema at `location`, which a policy calls `reference`.
    pub(super) fn new(reference: &str, location: &str, library: &Library) -> Result<Self, String> {
        let url = Url::parse(location)
            .map_err(|error| format!("`{reference}` is no reference: {error}"))?;
        let documents = Rc::new(RefCell::new(Documents::new(library.clone())));
        let graph = Graph::new(&url, &mut documents.borrow_mut())
            .map_err(|why| why.describe(reference, &url))?;
        let mut compiler = Compiler::new();
        compiler.set_default_draft(Draft::V2020_12);
        compiler.enable_format_assertions();
        compiler.enable_content_assertions();
        for format in formats::all() {
            compiler.register_format(format);
        }
        compiler.use_loader(Box::new(Loader(Rc::clone(&documents))));
        let mut schemas = Schemas::new();
        let root = compiler
            .compile(url.as_str(), &mut schemas)
            .map_err(|error| refused(reference, &url, &error))?;
        drop(compiler);
        let documents = Rc::try_unwrap(documents)
            .map_err(|_| "the validator keeps the schema's files".to_owned())?;
        let (documents, patterns) = documents.into_inner().into_read();
        Ok(Self { schemas, root, graph, documents, patterns })
    }

    pub(super) fn check(&self, attributes: &Map) -> Vec<Violation> {
        let whole = |message: &str| vec![Violation { path: "/".into(), message: message.into() }];
        let Some(json) = object(attributes, MAX_ATTRIBUTE_LEVELS) else {
            return whole("attributes are nested too deeply, or a number among them is not finite");
        };
        let json = Json::Object(json);
        if !self.graph.affords(&json) {
            return whole("validation takes more steps than one request may");
        }
        match self.schemas.validate(&json, self.root) {
            Ok(()) => Vec::new(),
            Err(error) => {
                let context = Context { documents: &self.documents, patterns: &self.patterns };
                message::violations(&error, &context, &self.graph, &json)
            }
        }
    }
}

/// Serves the files of `_schemas` to the validator.
struct Loader(Rc<RefCell<Documents>>);

impl UrlLoader for Loader {
    fn load(&self, url: &str) -> Result<Json, Box<dyn Error>> {
        let url = Url::parse(url)?;
        let document = self.0.try_borrow_mut()?.get(&url)?;
        Ok(Json::clone(&document))
    }
}

fn refused(reference: &str, url: &Url, error: &CompileError) -> String {
    if let CompileError::LoadUrlError { url: of, src } = error
        && let Some(why) = src.downcast_ref::<Unreadable>()
    {
        return unreadable(reference, url, why, of.trim_end_matches('#') == url.as_str());
    }
    let why = match error {
        CompileError::ValidationError { src, .. } => message::of_meta_schema(src),
        error => format!("{error:#}"),
    };
    format!("jsonschema {reference} compilation failed: {why}")
}

/// In the words of Cerbos where it has some.
pub(super) fn unreadable(
    reference: &str,
    url: &Url,
    why: &Unreadable,
    is_the_schema: bool,
) -> String {
    match why {
        Unreadable::Missing(path) if !is_the_schema => {
            format!("schema _schemas/{path} referenced by {url} doesn't exist")
        }
        Unreadable::Missing(_) => why.to_string(),
        Unreadable::Other(why) => format!("jsonschema {reference} compilation failed: {why}"),
    }
}

/// Attributes as JSON; `None` for what JSON has no place for.
fn object(map: &Map, levels: usize) -> Option<Object<String, Json>> {
    map.iter().map(|(name, value)| Some((name.to_owned(), json(value, levels)?))).collect()
}

fn json(value: &Value, levels: usize) -> Option<Json> {
    let below = levels.checked_sub(1)?;
    Some(match value {
        Value::Null => Json::Null,
        Value::Bool(b) => Json::Bool(*b),
        Value::Int(i) => Json::Number((*i).into()),
        Value::UInt(u) => Json::Number((*u).into()),
        Value::Double(d) => Json::Number(Number::from_f64(*d)?),
        Value::String(text) => Json::String((**text).to_owned()),
        Value::Bytes(bytes) => bytes.iter().copied().map(Json::from).collect(),
        Value::List(items) => {
            Json::Array(items.iter().map(|item| json(item, below)).collect::<Option<_>>()?)
        }
        Value::Map(map) => Json::Object(object(map, below)?),
    })
}
