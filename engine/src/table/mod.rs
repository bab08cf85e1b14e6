//! The rule table: policies flattened to rows and indexed, so that the cost of a decision does not grow with
//! the number of policies.
//!
//! Built once from a [`PolicySet`](crate::policy::PolicySet); immutable from then on.

mod build;
mod rows;

use std::collections::BTreeSet;
use std::sync::Arc;

use hashbrown::{HashMap, HashSet};

use crate::policy::{Glob, Kind, Params, RulePlace, Schemas, ast, scope_and_parents};
pub(crate) use rows::{Row, Rows};

pub(crate) type Hash<K, V> = HashMap<K, V, foldhash::fast::RandomState>;
type Set<K> = HashSet<K, foldhash::fast::RandomState>;

/// All policies, by what a request asks for.
#[derive(Debug)]
pub(crate) struct RuleTable {
    /// By sanitized kind or principal id, then sorted by version and scope.
    resources: Hash<Box<str>, Vec<Entry>>,
    principals: Hash<Box<str>, Vec<Entry>>,
    /// By role, then sorted by version and scope.
    roles: Hash<Box<str>, Vec<RolePolicy>>,
    /// Scopes that any policy of the kind uses (rule K3).
    principal_scopes: Set<Box<str>>,
    resource_scopes: Set<Box<str>>,
    /// Versions that principal policies of a scope have, for naming only (rule Q2).
    principal_versions: Hash<Box<str>, Vec<Box<str>>>,
    /// Parent roles, by exact scope and role, whatever the version (rule R5).
    parents: Hash<Box<str>, Vec<Inherited>>,
    /// Scopes that can only narrow what their parents allow.
    consent_scopes: Set<Box<str>>,
    /// All rules, for coverage.
    pub(crate) rules: Vec<RulePlace>,
    /// The policies as they were written, for those who ask what they speak of.
    pub(crate) files: Vec<ast::Policy>,
    /// The empty text, shared by all decisions of the root.
    root_scope: Arc<str>,
}

/// A role and the roles it inherits from.
type Inherited = (Box<str>, Vec<Box<str>>);

/// The rows of one policy.
#[derive(Debug)]
pub(crate) struct Entry {
    pub(crate) version: Box<str>,
    pub(crate) scope: Arc<str>,
    pub(crate) key: Arc<str>,
    pub(crate) rows: Rows,
    pub(crate) params: Arc<Params>,
    pub(crate) derived_roles: Vec<Arc<crate::policy::DerivedRole>>,
    /// Whether any expression looks at `runtime`.
    pub(crate) uses_runtime: bool,
    /// The file it was read from.
    pub(crate) file: Arc<str>,
    /// Resource policies: what attributes are validated by.
    pub(crate) schemas: Schemas,
}

/// An allow list for one role.
#[derive(Debug)]
pub(crate) struct RolePolicy {
    pub(crate) file: Arc<str>,
    pub(crate) version: Box<str>,
    pub(crate) scope: Box<str>,
    pub(crate) key: Box<str>,
    pub(crate) params: Arc<Params>,
    pub(crate) rules: Vec<RoleRule>,
}

#[derive(Debug)]
pub(crate) struct RoleRule {
    pub(crate) name: Box<str>,
    pub(crate) resource: Glob,
    pub(crate) actions: Vec<Glob>,
    pub(crate) condition: Option<Arc<crate::policy::Condition>>,
    pub(crate) output: Option<Arc<crate::policy::Output>>,
}

impl Entry {
    fn place(&self) -> (&str, &str) {
        (&self.version, &self.scope)
    }
}

impl RolePolicy {
    fn place(&self) -> (&str, &str) {
        (&self.version, &self.scope)
    }

    /// Whether any rule is about the resource.
    pub(crate) fn speaks_of(&self, kind: &str) -> bool {
        self.rules.iter().any(|rule| rule.resource.matches(kind))
    }
}

impl RuleTable {
    /// The policy for exactly this name, version and scope. Names are sanitized by the caller.
    pub(crate) fn entry(
        &self,
        kind: Kind,
        name: &str,
        version: &str,
        scope: &str,
    ) -> Option<&Entry> {
        let entries = if kind == Kind::Principal { &self.principals } else { &self.resources };
        find(entries.get(name)?, Entry::place, (version, scope))
    }

    pub(crate) fn role_policy(
        &self,
        role: &str,
        version: &str,
        scope: &str,
    ) -> Option<&RolePolicy> {
        if self.roles.is_empty() {
            return None;
        }
        find(self.roles.get(role)?, RolePolicy::place, (version, scope))
    }

    /// The scopes to look at, most specific first (rule K3). In strict search the scope itself must be used by
    /// a policy of the kind.
    pub(crate) fn chain<'s>(
        &self,
        kind: Kind,
        scope: &'s str,
        lenient: bool,
    ) -> impl Iterator<Item = &'s str> {
        let known =
            if kind == Kind::Principal { &self.principal_scopes } else { &self.resource_scopes };
        let usable = lenient || known.contains(scope);
        scope_and_parents(scope).filter(move |s| usable && known.contains(*s))
    }

    pub(crate) fn any_principal_policy(&self, version: &str, scope: &str) -> bool {
        self.principal_versions
            .get(scope)
            .is_some_and(|versions| versions.iter().any(|v| **v == *version))
    }

    /// Whether any row, of a resource policy or a role policy, speaks of the kind.
    pub(crate) fn any_resource_row(&self, kind: &str, version: &str, scope: &str) -> bool {
        self.entry(Kind::Resource, kind, version, scope).is_some()
            || self
                .roles
                .values()
                .flatten()
                .any(|p| *p.version == *version && *p.scope == *scope && p.speaks_of(kind))
    }

    /// The parents that a role policy of exactly this scope gives to `role`.
    pub(crate) fn parents_of(&self, scope: &str, role: &str) -> &[Box<str>] {
        let found = self
            .parents
            .get(scope)
            .and_then(|roles| roles.iter().find(|(name, _)| **name == *role));
        found.map_or(&[], |(_, parents)| parents)
    }

    pub(crate) fn has_parents(&self, scope: &str) -> bool {
        !self.parents.is_empty() && self.parents.contains_key(scope)
    }

    /// How many scopes [`scopes_of_resources`](Self::scopes_of_resources) has at most.
    pub(crate) fn count_of_scopes(&self) -> usize {
        self.resource_scopes.len() + self.parents.len()
    }

    /// Scopes that requests of resources may name with an effect of their own, sorted.
    pub(crate) fn scopes_of_resources(&self) -> BTreeSet<&str> {
        self.resource_scopes.iter().chain(self.parents.keys()).map(|scope| &**scope).collect()
    }

    /// Versions that requests of resources may name with an effect of their own, sorted.
    pub(crate) fn versions_of_resources(&self) -> BTreeSet<&str> {
        let entries = self.resources.values().chain(self.principals.values()).flatten();
        let of_roles = self.roles.values().flatten().map(|policy| &*policy.version);
        entries.map(|entry| &*entry.version).chain(of_roles).collect()
    }

    pub(crate) fn needs_consent(&self, scope: &str) -> bool {
        !self.consent_scopes.is_empty() && self.consent_scopes.contains(scope)
    }

    pub(crate) fn root_scope(&self) -> Arc<str> {
        Arc::clone(&self.root_scope)
    }

    /// Whether there is no policy at all.
    pub(crate) fn is_empty(&self) -> bool {
        self.resources.is_empty() && self.principals.is_empty() && self.roles.is_empty()
    }

    /// All kinds that resource policies are for, as looked up, sorted.
    pub(crate) fn kinds(&self) -> impl Iterator<Item = &str> {
        let mut kinds: Vec<&str> = self.resources.keys().map(|k| &**k).collect();
        kinds.sort_unstable();
        kinds.into_iter()
    }

    /// Kinds that a resource policy is there for, as looked up.
    pub(crate) fn knows_kind(&self, kind: &str) -> bool {
        self.resources.contains_key(kind)
    }
}

/// The first of a version and scope in a list sorted by them, so that the cost does not grow with the number of
/// scopes.
fn find<'l, T>(
    list: &'l [T],
    place: fn(&T) -> (&str, &str),
    wanted: (&str, &str),
) -> Option<&'l T> {
    let at = list.partition_point(|policy| place(policy) < wanted);
    list.get(at).filter(|policy| place(policy) == wanted)
}
