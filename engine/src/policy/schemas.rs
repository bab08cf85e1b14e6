//! References to JSON Schemas, each schema loaded once.

use std::collections::BTreeMap;
use std::sync::Arc;

use super::ast;
use super::glob::Glob;
use super::set::{SchemaUse, Schemas};
use super::source::Source;
use crate::diag::{Code, Diagnostic};
use crate::schema::{Library, Schema};

/// The schemas that policies refer to.
pub(super) struct SchemaRefs {
    library: Library,
    known: BTreeMap<Box<str>, Arc<Schema>>,
    /// References that lead to no schema.
    pub(super) problems: Vec<Diagnostic>,
}

impl SchemaRefs {
    /// `files` are those of `_schemas`.
    pub(super) fn new(files: &[Source]) -> Self {
        let files = files.iter().map(|file| (&*file.name, Arc::clone(&file.text)));
        Self { library: Library::new(files), known: BTreeMap::new(), problems: Vec::new() }
    }

    /// The schemas of one policy, whose mistakes are noted.
    pub(super) fn resolve(&mut self, written: &ast::Schemas) -> Schemas {
        Schemas {
            principal: written.principal.as_ref().map(|s| self.one("principal", s)),
            resource: written.resource.as_ref().map(|s| self.one("resource", s)),
        }
    }

    fn one(&mut self, whose: &str, written: &ast::SchemaRef) -> SchemaUse {
        let reference = &written.reference;
        let library = &self.library;
        let schema = self
            .known
            .entry(reference.value.clone())
            .or_insert_with(|| Arc::new(Schema::load(&reference.value, library)));
        if let Some(why) = schema.problem() {
            let message = format!("the {whose} schema `{}` cannot be used: {why}", reference.value);
            self.problems.push(reference.place.problem(Code::InvalidSchema, message));
        }
        SchemaUse {
            schema: Arc::clone(schema),
            ignored_actions: written.ignore_when_actions.iter().map(|a| Glob::new(a)).collect(),
        }
    }
}
