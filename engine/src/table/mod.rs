//! The rule table: policies flattened to rows and indexed, so that the cost of a decision does not grow with
//! the number of policies.
//!
//! Built once from a [`PolicySet`](crate::policy::PolicySet); immutable from then on. Names are numbered: a request looks
//! each of its own up once, and from then on numbers are compared.

mod build;
mod index;
mod names;
mod roles;
mod rows;
mod scopes;

use std::collections::BTreeSet;
use std::sync::Arc;

use hashbrown::HashMap;

use crate::cel::Slots;
use crate::policy::{DerivedRole, Kind, Params, Rules, Schemas, Written};
pub(crate) use index::{Found, Named};
pub(crate) use names::{Id, Names, UNKNOWN};
pub(crate) use roles::{RolePolicy, RoleRule};
pub(crate) use rows::{Row, Rows, Who};
pub(crate) use scopes::{Scope, Scopes};

pub(crate) type Hash<K, V> = HashMap<K, V, foldhash::fast::RandomState>;

/// All policies, by what a request asks for.
#[derive(Debug)]
pub(crate) struct RuleTable {
    /// By sanitized kind.
    resources: Hash<Box<str>, Entries>,
    /// By sanitized principal id.
    principals: Hash<Box<str>, Entries>,
    pub(crate) scopes: Scopes,
    count_of_scopes: usize,
    /// Versions of all policies.
    pub(crate) versions: Names,
    /// Roles that rows and role policies name, without patterns.
    pub(crate) roles: Names,
    /// Actions that rows name, without patterns.
    actions: Names,
    /// Kinds that role policies name, without patterns.
    kinds: Names,
    /// All rules, for coverage.
    pub(crate) rules: Rules,
    /// The policies as they were written, for those who ask what they speak of.
    pub(crate) files: Written,
}

/// The policies of one kind or principal.
#[derive(Debug)]
pub(crate) struct Entries {
    /// Sorted by version and scope.
    entries: Vec<Entry>,
    /// The number of the kind in role policies.
    kind: Id,
}

/// The rows of one policy.
#[derive(Debug)]
pub(crate) struct Entry {
    /// The numbers of version and scope.
    place: (Id, Id),
    pub(crate) version: Box<str>,
    pub(crate) scope: Arc<str>,
    pub(crate) key: Arc<str>,
    pub(crate) rows: Rows,
    pub(crate) params: Arc<Params>,
    pub(crate) derived_roles: Vec<UsableRole>,
    /// Whether any expression looks at `runtime`.
    pub(crate) uses_runtime: bool,
    /// The file it was read from.
    pub(crate) file: Arc<str>,
    /// Resource policies: what attributes are validated by.
    pub(crate) schemas: Schemas,
}

/// A derived role as a policy imports it.
#[derive(Debug)]
pub(crate) struct UsableRole {
    pub(crate) role: Arc<DerivedRole>,
    /// Variables that its condition reads.
    pub(crate) variables: Slots,
}

impl Entries {
    /// The policy of exactly this version and scope, found without looking at the others.
    #[inline]
    pub(crate) fn at(&self, version: Id, scope: Id) -> Option<&Entry> {
        let wanted = (version, scope);
        match self.entries.as_slice() {
            [only] => Some(only).filter(|entry| entry.place == wanted),
            entries => {
                let at = entries.partition_point(|entry| entry.place < wanted);
                entries.get(at).filter(|entry| entry.place == wanted)
            }
        }
    }
}

impl Entry {
    pub(crate) fn derived_role(&self, row: &Row) -> Option<&UsableRole> {
        self.derived_roles.get(usize::try_from(row.derived_role?).ok()?)
    }
}

impl RuleTable {
    /// The policies for a kind or principal. Names are sanitized by the caller.
    #[inline]
    pub(crate) fn entries(&self, kind: Kind, name: &str) -> Option<&Entries> {
        let entries = if kind == Kind::Principal { &self.principals } else { &self.resources };
        if entries.is_empty() { None } else { entries.get(name) }
    }

    /// The policy for exactly this name, version and scope. Names are sanitized by the caller.
    pub(crate) fn entry(
        &self,
        kind: Kind,
        name: &str,
        version: &str,
        scope: &str,
    ) -> Option<&Entry> {
        self.entries(kind, name)?.at(self.versions.id(version), self.scopes.id(scope))
    }

    /// An action, as rows are asked for it.
    #[inline]
    pub(crate) fn action<'q>(&self, name: &'q str) -> Named<'q> {
        Named { name, id: self.actions.id(name) }
    }

    /// A kind, as role policies are asked for it.
    pub(crate) fn kind<'q>(&self, name: &'q str, found: Option<&Entries>) -> Named<'q> {
        Named { name, id: found.map_or_else(|| self.kinds.id(name), |entries| entries.kind) }
    }

    /// How many scopes [`scopes_of_resources`](Self::scopes_of_resources) has.
    pub(crate) fn count_of_scopes(&self) -> usize {
        self.count_of_scopes
    }

    /// Scopes that requests of resources may name with an effect of their own, sorted.
    pub(crate) fn scopes_of_resources(&self) -> BTreeSet<&str> {
        let scopes = self.scopes.iter().filter(|scope| scope.tells_resources_apart());
        scopes.map(|scope| &*scope.name).collect()
    }

    /// Versions that requests of resources may name with an effect of their own, sorted.
    pub(crate) fn versions_of_resources(&self) -> BTreeSet<&str> {
        self.versions.iter().collect()
    }

    /// Compiles all schemas, so that no request waits for one.
    pub(crate) fn prepare_schemas(&self) {
        for entry in self.resources.values().flat_map(|entries| &entries.entries) {
            let used = [&entry.schemas.principal, &entry.schemas.resource];
            used.into_iter().flatten().for_each(|used| used.schema.prepare());
        }
    }

    /// Whether there is no policy at all.
    pub(crate) fn is_empty(&self) -> bool {
        self.resources.is_empty() && self.principals.is_empty() && self.roles_are_empty()
    }

    fn roles_are_empty(&self) -> bool {
        self.scopes.iter().all(|scope| scope.all_role_policies().is_empty())
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
