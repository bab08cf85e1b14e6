//! Files of `_schemas` as JSON, read when a schema first needs them.

use std::collections::BTreeMap;
use std::fmt;
use std::sync::Arc;

use percent_encoding::percent_decode_str;
use serde_json::Value;
use url::Url;

use super::library::Library;
use super::patterns::Patterns;

/// How many files one schema may be made of.
const MAX_DOCUMENTS: usize = 100;
/// How large a file may be.
const MAX_BYTES: usize = 1 << 20;

/// Keywords whose members are named by the author of the schema.
pub(super) const NAMED: [&str; 6] =
    ["$defs", "definitions", "dependentSchemas", "dependencies", "patternProperties", "properties"];
/// Keywords whose values are data.
pub(super) const DATA: [&str; 4] = ["const", "default", "enum", "examples"];

/// The files that one schema is made of.
pub(super) struct Documents {
    library: Library,
    read: BTreeMap<Url, Arc<Value>>,
    patterns: Patterns,
}

/// Why a file cannot be had.
#[derive(Debug)]
pub(super) enum Unreadable {
    /// No such file.
    Missing(String),
    /// There is something else in the way.
    Other(String),
}

impl fmt::Display for Unreadable {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing(path) => write!(f, "schema _schemas/{path} doesn't exist"),
            Self::Other(why) => f.write_str(why),
        }
    }
}

impl std::error::Error for Unreadable {}

impl Documents {
    pub(super) fn new(library: Library) -> Self {
        Self { library, read: BTreeMap::new(), patterns: Patterns::default() }
    }

    /// The file behind a URL without a fragment.
    ///
    /// # Errors
    ///
    /// It is none of `_schemas`, no JSON, or too much.
    pub(super) fn get(&mut self, url: &Url) -> Result<Arc<Value>, Unreadable> {
        if let Some(document) = self.read.get(url) {
            return Ok(Arc::clone(document));
        }
        let document = Arc::new(self.load(url)?);
        self.read.insert(url.clone(), Arc::clone(&document));
        Ok(document)
    }

    /// What has been read.
    pub(super) fn into_read(self) -> (BTreeMap<Url, Arc<Value>>, Patterns) {
        (self.read, self.patterns)
    }

    fn load(&mut self, url: &Url) -> Result<Value, Unreadable> {
        let other = |why: String| Err(Unreadable::Other(why));
        if url.scheme() != "cerbos" {
            let name = url.path().rsplit('/').next().unwrap_or_default();
            return other(format!(
                "`{url}` is not in `_schemas`, and nothing else is read or fetched: put it there and write `cerbos:///{name}`"
            ));
        }
        if self.read.len() >= MAX_DOCUMENTS {
            return other(format!("it is made of more than {MAX_DOCUMENTS} files"));
        }
        let path = percent_decode_str(url.path()).decode_utf8_lossy();
        let path = path.trim_start_matches('/');
        let Some(text) = self.library.get(path) else {
            return Err(Unreadable::Missing(path.to_owned()));
        };
        if text.len() > MAX_BYTES {
            return other(format!("_schemas/{path} is larger than {} KiB", MAX_BYTES >> 10));
        }
        // What stands behind the first value is not looked at (rule J2).
        let mut values = serde_json::Deserializer::from_str(text).into_iter::<Value>();
        let mut document = match values.next() {
            Some(Ok(value)) => value,
            Some(Err(error)) => return other(format!("_schemas/{path} is no JSON: {error}")),
            None => return other(format!("_schemas/{path} is empty")),
        };
        self.patterns
            .rewrite(&mut document)
            .map_err(|why| Unreadable::Other(format!("in _schemas/{path} {why}")))?;
        Ok(document)
    }
}
