//! Texts to a set: everything is read, then everything is resolved, and all mistakes come in one go.

use std::collections::HashSet;
use std::sync::Arc;

use super::index::Index;
use super::problems::Problems;
use super::schemas::SchemaRefs;
use super::set::PolicySet;
use super::source::{File, Source};
use super::written::Written;
use super::{ast, decode, limits, lint, parallel, resolve, yaml};
use crate::diag::{Code, Diagnostic, Diagnostics};
use crate::schema::is_schema;

/// The policies of some files, as far as they could be read.
#[derive(Debug)]
pub(crate) struct Read {
    /// In the order in which Cerbos walks a folder.
    pub(crate) policies: Vec<ast::BoxedPolicy>,
    /// Whether a file could not even be told what policy it is.
    pub(crate) any_unknown: bool,
}

/// Reads, checks and resolves `sources`; `found` is what finding them brought up.
pub(super) fn load(sources: Vec<Source>, found: &[Diagnostic]) -> Result<PolicySet, Diagnostics> {
    load_on(parallel::threads(), sources, found)
}

/// As [`load`], on so many threads. Nothing that comes out depends on their number.
///
/// A set is taken to have no mistakes until there is one: then what has been read of a file can be forgotten as soon
/// as the file is compiled. All of it together would take more memory than what is kept.
pub(super) fn load_on(
    threads: usize,
    sources: Vec<Source>,
    found: &[Diagnostic],
) -> Result<PolicySet, Diagnostics> {
    let (mut schemas, sources): (Vec<_>, Vec<_>) =
        sources.into_iter().partition(|source| is_schema(&source.name));
    share_texts(&mut schemas);
    let any_lost = !found.is_empty();
    let reading = || {
        let mut problems = Problems::default();
        problems.extend(found.iter().cloned());
        let mut read = read_on(threads, sources.clone(), &mut problems);
        read.any_unknown |= any_lost;
        (read, problems)
    };
    let (mut read, mut problems) = reading();
    let index = Index::new(&read, &mut problems);
    if !problems.has_errors() {
        lint::lint(index.in_use(&read), &mut problems);
        let files = files(&read);
        let keys = index.into_keys();
        let mut schema_refs = SchemaRefs::new(&schemas);
        if let Some(resolved) = resolve::faultless(threads, read.policies, &keys, &mut schema_refs)
        {
            return set(resolved, files, schema_refs, schemas, problems);
        }
        (read, problems) = reading();
    }
    let index = Index::new(&read, &mut problems);
    let mut schema_refs = SchemaRefs::new(&schemas);
    let resolved = resolve::resolve(&read, &index, &mut schema_refs, &mut problems);
    if !problems.has_errors() {
        lint::lint(index.in_use(&read), &mut problems);
    }
    set(resolved, files(&read), schema_refs, schemas, problems)
}

/// Those that say the same share their text.
fn share_texts(sources: &mut [Source]) {
    let mut known: HashSet<Arc<str>> = HashSet::new();
    for source in sources {
        match known.get(&source.text) {
            Some(text) => source.text = Arc::clone(text),
            None => {
                known.insert(Arc::clone(&source.text));
            }
        }
    }
}

/// The texts that what has been read comes from.
fn files(read: &Read) -> Vec<Source> {
    read.policies.iter().map(|policy| policy.place.file.source().clone()).collect()
}

/// The set, or all that is wrong with it.
fn set(
    resolved: resolve::Resolved,
    files: Vec<Source>,
    schema_refs: SchemaRefs,
    schemas: Vec<Source>,
    problems: Problems,
) -> Result<PolicySet, Diagnostics> {
    let (errors, warnings) = Diagnostics::split(problems.into_vec());
    if !errors.is_empty() {
        return Err(errors);
    }
    let written = Written::new(files, resolved.left_out);
    Ok(PolicySet { policies: resolved.policies, warnings, schema_refs, written, schemas })
}

/// Reads every file by itself; JSON Schemas are none of them.
pub(crate) fn read(sources: Vec<Source>, problems: &mut Problems) -> Read {
    read_on(parallel::threads(), sources, problems)
}

fn read_on(threads: usize, mut sources: Vec<Source>, problems: &mut Problems) -> Read {
    sources.retain(|source| !is_schema(&source.name));
    // A folder's entries are sorted one by one, so that `a/b.yaml` comes before `a.yaml`.
    sources.sort_by(|a, b| a.name.split('/').cmp(b.name.split('/')));
    let part = |sources: &[Source]| sources.iter().map(one).collect::<Vec<_>>();
    let mut read = Read { policies: Vec::with_capacity(sources.len()), any_unknown: false };
    for (found, mistakes) in parallel::in_parts(threads, &sources, part).into_iter().flatten() {
        problems.extend(mistakes);
        match found {
            Found::Policy(policy) => read.policies.push(policy),
            Found::Nothing => {}
            Found::Unknown => read.any_unknown = true,
        }
    }
    read
}

/// What there is in a file.
enum Found {
    Policy(ast::BoxedPolicy),
    Nothing,
    /// It cannot be told.
    Unknown,
}

/// Reads a file, and lists what is wrong with it.
fn one(source: &Source) -> (Found, Vec<Diagnostic>) {
    let file = Arc::new(File::new(source.clone()));
    let root = match document(&file) {
        Ok(Some(root)) => root,
        Ok(None) => return (Found::Nothing, Vec::new()),
        Err(mistakes) => return (Found::Unknown, mistakes),
    };
    let decode::Decoded { policy, problems: mut mistakes } = decode::policy(&file, &root);
    mistakes.extend(policy.iter().flat_map(limits::check));
    let is_intact = mistakes.is_empty();
    let found = match policy {
        Some(policy) => Found::Policy(Box::new(ast::Policy { is_intact, ..policy })),
        None => Found::Unknown,
    };
    (found, mistakes)
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
