//! A set of policies to compiled ones: as if nothing were wrong, on several threads, or else to the last mistake.

use std::collections::{BTreeSet, HashSet};
use std::sync::{Mutex, PoisonError};

use super::index::{Import, Index};
use super::load::Read;
use super::problems::Problems;
use super::resolver::{Compiled, DerivedRoles, Resolver};
use super::schemas::SchemaRefs;
use super::set::Policy;
use super::{ast, parallel};

/// What is left of policies when they are compiled.
#[derive(Default)]
pub(super) struct Resolved {
    pub(super) policies: Vec<Policy>,
    /// Keys of those that are left out, because an ancestor is missing (rule Q13).
    pub(super) left_out: BTreeSet<String>,
}

impl Resolved {
    /// Takes a policy in, with the schemas that it names.
    fn add(&mut self, compiled: Compiled, written: &ast::Schemas, schemas: &mut SchemaRefs) {
        let Some(mut policy) = compiled.policy else { return };
        policy.schemas = schemas.resolve(written);
        if compiled.is_complete {
            self.policies.push(policy);
        } else {
            self.left_out.insert(policy.key());
        }
    }
}

/// Compiles every policy that has rules and can be looked at as a whole.
pub(super) fn resolve<'f>(
    read: &'f Read,
    index: &Index<'f>,
    schemas: &mut SchemaRefs,
    problems: &mut Problems,
) -> Resolved {
    let mut resolver = Resolver::new(index, DerivedRoles::new(), problems);
    let mut resolved = Resolved::default();
    for policy in index.in_use(read) {
        let executables = &index.executables;
        let of_key = executables.get(&policy.key());
        // Of several with one key the first counts.
        if of_key.is_some_and(|first| std::ptr::eq(*first, policy)) {
            let compiled = resolver.policy(policy, |key| executables.contains_key(key));
            resolved.add(compiled, policy.schemas(), schemas);
        }
    }
    resolved
}

/// Compiles policies whose files and names have no mistakes, on several threads; each is forgotten when it has been
/// compiled. `keys` are those of all policies with rules.
///
/// `None` where something is wrong after all: mistakes are told in the order in which one thread finds them, and how
/// many there are before has a part in what is told.
pub(super) fn faultless(
    threads: usize,
    policies: Vec<ast::BoxedPolicy>,
    keys: &HashSet<String>,
    schemas: &mut SchemaRefs,
) -> Option<Resolved> {
    let in_use = policies.into_iter().filter(|policy| !policy.disabled);
    let (executables, exports): (Vec<_>, Vec<_>) = in_use.partition(|policy| policy.has_rules());
    let exports = Read { policies: exports, any_unknown: false };
    let index = Index::new(&exports, &mut Problems::default());
    let imports = executables.iter().flat_map(|policy| policy.imports());
    let roles: BTreeSet<&str> = imports
        .filter(|(import, _)| *import == Import::DerivedRoles)
        .filter_map(|(_, name)| index.derived_roles.get_key_value(&*name.value))
        .map(|(name, _)| *name)
        .collect();
    let roles: Vec<&str> = roles.into_iter().collect();
    let compile_roles = |names: &[&str]| {
        let mut problems = Problems::default();
        let mut resolver = Resolver::new(&index, DerivedRoles::new(), &mut problems);
        names.iter().for_each(|name| resolver.import_roles(name));
        let compiled = resolver.derived_roles;
        problems.is_empty().then_some(compiled)
    };
    let parts = parallel::in_parts(threads, &roles, compile_roles).into_iter();
    let derived_roles: DerivedRoles<'_> =
        parts.collect::<Option<Vec<_>>>()?.into_iter().flatten().collect();
    let executables: Vec<_> =
        executables.into_iter().map(|policy| Mutex::new(Some(policy))).collect();
    let compile = |policies: &[Mutex<Option<ast::BoxedPolicy>>]| {
        let mut problems = Problems::default();
        let mut resolver = Resolver::new(&index, derived_roles.clone(), &mut problems);
        let mut all = Vec::with_capacity(policies.len());
        for policy in policies {
            let policy = policy.lock().unwrap_or_else(PoisonError::into_inner).take();
            let Some(mut policy) = policy else { continue };
            let compiled = resolver.policy(&policy, |key| keys.contains(key));
            all.push((compiled, policy.take_schemas()));
        }
        problems.is_empty().then_some(all)
    };
    let parts = parallel::in_parts(threads, &executables, compile).into_iter();
    let parts = parts.collect::<Option<Vec<_>>>()?;
    let mut resolved = Resolved::default();
    resolved.policies.reserve_exact(executables.len());
    for (compiled, written) in parts.into_iter().flatten() {
        resolved.add(compiled, &written, schemas);
    }
    Some(resolved)
}
