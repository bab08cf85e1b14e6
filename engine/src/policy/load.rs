//! Texts to a set: everything is read, then everything is resolved, and all mistakes come in one go.

use std::sync::Arc;

use super::index::Index;
use super::problems::Problems;
use super::schemas::SchemaRefs;
use super::set::PolicySet;
use super::source::{File, Source};
use super::{ast, decode, inventory, limits, lint, resolve, yaml};
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::schema::is_schema;

/// The policies of some files, as far as they could be read.
#[derive(Debug)]
pub(crate) struct Read {
    /// In the order in which Cerbos walks a folder.
    pub(crate) policies: Vec<ast::Policy>,
    /// Whether a file could not even be told what policy it is.
    pub(crate) any_unknown: bool,
}

/// Reads, checks and resolves `sources`; `found` is what finding them brought up.
pub(super) fn load(sources: Vec<Source>, found: Vec<Diagnostic>) -> Result<PolicySet, Diagnostics> {
    let (schemas, sources): (Vec<_>, Vec<_>) =
        sources.into_iter().partition(|source| is_schema(&source.name));
    let mut problems = Problems::default();
    let any_lost = !found.is_empty();
    problems.extend(found);
    let mut read = read(sources, &mut problems);
    read.any_unknown |= any_lost;
    let index = Index::new(&read, &mut problems);
    let mut refs = SchemaRefs::new(&schemas);
    let policies = resolve::resolve(&read, &index, &mut refs, &mut problems);
    if !problems.has_errors() {
        lint::lint(index.in_use(&read), &mut problems);
    }
    let (errors, warnings) = Diagnostics::split(problems.into_vec());
    if !errors.is_empty() {
        return Err(errors);
    }
    Ok(PolicySet {
        policies,
        warnings,
        schema_problems: Diagnostics::new(refs.problems),
        rules: inventory::of(index.in_use(&read)),
        files: read.policies,
        schemas,
    })
}

/// Reads every file by itself; JSON Schemas are none of them.
pub(crate) fn read(mut sources: Vec<Source>, problems: &mut Problems) -> Read {
    // A folder's entries are sorted one by one, so that `a/b.yaml` comes before `a.yaml`.
    sources.sort_by(|a, b| a.name.split('/').cmp(b.name.split('/')));
    let mut read = Read { policies: Vec::new(), any_unknown: false };
    for source in sources.into_iter().filter(|source| !is_schema(&source.name)) {
        let file = Arc::new(File::new(source));
        match document(&file) {
            Ok(None) => {}
            Ok(Some(root)) => {
                let decode::Decoded { policy, problems: mut mistakes } =
                    decode::policy(&file, &root);
                mistakes.extend(policy.iter().flat_map(limits::check));
                let is_intact = mistakes.is_empty();
                problems.extend(mistakes);
                match policy {
                    Some(policy) => read.policies.push(ast::Policy { is_intact, ..policy }),
                    None => read.any_unknown = true,
                }
            }
            Err(mistakes) => {
                read.any_unknown = true;
                problems.extend(mistakes);
            }
        }
    }
    read
}

/// The one document of a file that has content (rule Y3).
fn document(file: &File) -> Result<Option<Arc<yaml::Node>>, Vec<Diagnostic>> {
    let mut documents = yaml::parse(file)?;
    if let [_, second, ..] = documents.as_slice() {
        return Err(vec![
            file.problem(
                Code::MultipleDocuments,
                second.position,
                "more than one policy in a file",
            )
            .help("move each policy to a file of its own"),
        ]);
    }
    Ok(documents.pop())
}
