//! JSON Schemas of attributes (docs/semantics.md, section 9).
//!
//! A schema comes from a file of `_schemas` and from nowhere else: nothing is fetched, and no other file is read
//! (rule Z9). [`compile`] alone names the validator; what a hostile schema may cost is bounded by [`graph`] before the
//! validator sees it.

#[cfg(feature = "schema")]
mod compile;
#[cfg(feature = "schema")]
mod documents;
#[cfg(feature = "schema")]
mod draft;
#[cfg(feature = "schema")]
mod formats;
#[cfg(feature = "schema")]
mod graph;
#[cfg(feature = "schema")]
mod index;
mod library;
#[cfg(feature = "schema")]
mod message;
#[cfg(feature = "schema")]
mod patterns;
#[cfg(feature = "schema")]
mod subschemas;
#[cfg(test)]
mod tests;
#[cfg(feature = "schema")]
mod url;
#[cfg(feature = "schema")]
mod walk;

use std::sync::OnceLock;

pub(crate) use library::{Library, is_schema};

#[cfg(feature = "schema")]
use compile::Compiled;

use crate::value::Map;

/// What a policy refers to: a schema, or why there is none.
///
/// It is compiled when somebody first wants to know: an engine that enforces no schemas has no use for them, and they
/// would take more memory than the policies. One that does compiles all of them beforehand.
pub(crate) struct Schema {
    reference: Box<str>,
    library: Library,
    compiled: OnceLock<Result<Compiled, Box<str>>>,
}

/// Something in attributes that does not fit.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Violation {
    /// JSON Pointer; `/` for the attributes as a whole.
    pub(crate) path: Box<str>,
    pub(crate) message: Box<str>,
}

#[cfg(not(feature = "schema"))]
enum Compiled {}

impl Schema {
    /// What `reference` names in `library`.
    pub(crate) fn new(reference: &str, library: &Library) -> Self {
        let (reference, library) = (reference.into(), library.clone());
        Self { reference, library, compiled: OnceLock::new() }
    }

    /// Finds, reads and compiles it, unless that has been done.
    pub(crate) fn prepare(&self) {
        _ = self.compiled();
    }

    #[cfg(feature = "schema")]
    fn compiled(&self) -> Result<&Compiled, &str> {
        let compile = || {
            library::location(&self.reference)
                .and_then(|location| Compiled::new(&self.reference, &location, &self.library))
                .map_err(Into::into)
        };
        self.compiled.get_or_init(compile).as_ref().map_err(|why| &**why)
    }

    /// There is no validator in this build.
    #[cfg(not(feature = "schema"))]
    fn compiled(&self) -> Result<&Compiled, &str> {
        let why = "this build has no JSON Schemas (feature `schema` of `authz-engine`)";
        _ = &self.library;
        self.compiled.get_or_init(|| Err(why.into())).as_ref().map_err(|why| &**why)
    }

    /// As the policy names it.
    pub(crate) fn reference(&self) -> &str {
        &self.reference
    }

    /// Why there is no schema.
    pub(crate) fn problem(&self) -> Option<&str> {
        self.compiled().err()
    }

    /// What of `attributes` does not fit. An attribute that no JSON can hold does not fit either.
    ///
    /// # Errors
    ///
    /// Why there is no schema.
    pub(crate) fn check(&self, attributes: &Map) -> Result<Vec<Violation>, &str> {
        match self.compiled() {
            #[cfg(feature = "schema")]
            Ok(compiled) => Ok(compiled.check(attributes)),
            #[cfg(not(feature = "schema"))]
            Ok(none) => {
                _ = attributes;
                match *none {}
            }
            Err(why) => Err(why),
        }
    }
}

impl std::fmt::Debug for Schema {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Schema")
            .field("reference", &self.reference)
            .field("problem", &self.compiled.get().and_then(|compiled| compiled.as_ref().err()))
            .finish()
    }
}
