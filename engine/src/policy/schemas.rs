//! References to JSON Schemas, and which of them lead to one.

use std::collections::BTreeMap;
use std::sync::{Arc, OnceLock};

use super::ast;
use super::glob::Glob;
use super::set::{SchemaUse, Schemas};
use super::source::Source;
use crate::diag::{Code, Diagnostics};
use crate::schema::{Library, Schema};

/// The schemas that policies refer to.
#[derive(Debug)]
pub(super) struct SchemaRefs {
    library: Library,
    known: BTreeMap<Box<str>, Arc<Schema>>,
    used: Vec<Used>,
    problems: OnceLock<Diagnostics>,
}

/// A schema that a policy uses, and where it says so.
#[derive(Debug)]
struct Used {
    whose: &'static str,
    place: ast::Place,
    schema: Arc<Schema>,
}

impl SchemaRefs {
    /// `files` are those of `_schemas`.
    pub(super) fn new(files: &[Source]) -> Self {
        let files = files.iter().map(|file| (&*file.name, Arc::clone(&file.text)));
        let library = Library::new(files);
        Self { library, known: BTreeMap::new(), used: Vec::new(), problems: OnceLock::new() }
    }

    /// The schemas of one policy.
    pub(super) fn resolve(&mut self, written: &ast::Schemas) -> Schemas {
        Schemas {
            principal: written.principal.as_ref().map(|s| self.one("principal", s)),
            resource: written.resource.as_ref().map(|s| self.one("resource", s)),
        }
    }

    fn one(&mut self, whose: &'static str, written: &ast::SchemaRef) -> SchemaUse {
        let reference = &written.reference;
        let schema = match self.known.get(&reference.value) {
            Some(schema) => Arc::clone(schema),
            None => {
                let schema = Arc::new(Schema::new(&reference.value, &self.library));
                self.known.insert(reference.value.clone(), Arc::clone(&schema));
                schema
            }
        };
        let place = reference.place.clone();
        self.used.push(Used { whose, place, schema: Arc::clone(&schema) });
        let ignored_actions = written.ignore_when_actions.iter().map(|a| Glob::new(a)).collect();
        SchemaUse { schema, ignored_actions }
    }

    /// References that lead to no schema. All schemas are compiled to find out.
    pub(super) fn problems(&self) -> &Diagnostics {
        self.problems.get_or_init(|| {
            let problem = |used: &Used| {
                let (whose, reference) = (used.whose, used.schema.reference());
                let why = used.schema.problem()?;
                let message = format!("the {whose} schema `{reference}` cannot be used: {why}");
                Some(used.place.problem(Code::InvalidSchema, message))
            };
            Diagnostics::new(self.used.iter().filter_map(problem).collect())
        })
    }
}
