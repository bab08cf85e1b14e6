//! Which policies belong together: what one of them is compiled from.

use std::collections::BTreeSet;

use crate::policy::ast::{Body, Policy};
use crate::policy::{Import, Index, Problems, Source, read};

/// A policy with rules, and everything that it is compiled from.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Unit {
    /// The policy, such as `resource.album.vdefault/acme`.
    pub policy: String,
    /// Its ancestors as far as they are there, nearest first.
    pub ancestors: Vec<String>,
    /// The policy, its ancestors, and what they import; sorted.
    pub definitions: BTreeSet<String>,
    /// The files of all these.
    pub files: BTreeSet<String>,
}

/// The units of a set, whether it loads or not; disabled and broken policies are left out.
pub fn units(sources: impl IntoIterator<Item = Source>) -> Vec<Unit> {
    let mut problems = Problems::default();
    let read = read(sources.into_iter().collect(), &mut problems);
    let index = Index::new(&read, &mut problems);
    index.in_use(&read).filter_map(|policy| unit(&index, policy)).collect()
}

fn unit(index: &Index<'_>, policy: &Policy) -> Option<Unit> {
    let is_executable =
        matches!(policy.body, Body::Resource(_) | Body::Principal(_) | Body::Role(_));
    if !is_executable {
        return None;
    }
    let found = |key: &String| index.executables.get(key).copied();
    let ancestors: Vec<(String, &Policy)> =
        policy.ancestors().filter_map(|(_, key)| found(&key).map(|p| (key, p))).collect();
    let mut unit = Unit {
        policy: policy.key(),
        ancestors: ancestors.iter().map(|(key, _)| key.clone()).collect(),
        definitions: BTreeSet::new(),
        files: BTreeSet::new(),
    };
    let mut open: Vec<&Policy> = ancestors.iter().map(|(_, p)| *p).chain([policy]).collect();
    while let Some(policy) = open.pop() {
        if !unit.definitions.insert(policy.key()) {
            continue;
        }
        unit.files.insert(policy.place.file.name().to_owned());
        for (import, name) in policy.imports() {
            let known = match import {
                Import::DerivedRoles => &index.derived_roles,
                Import::Variables => &index.variables,
                Import::Constants => &index.constants,
            };
            open.extend(known.get(&*name.value).copied());
        }
    }
    Some(unit)
}
