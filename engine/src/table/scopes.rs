//! Scopes that policies use: which others a request in one of them visits, and what stands there for roles.

use std::sync::Arc;

use super::names::{Id, Names};
use super::roles::RolePolicy;
use crate::policy::{Kind, scope_and_parents};

/// A scope that some policy names.
#[derive(Debug)]
pub(crate) struct Scope {
    pub(crate) name: Arc<str>,
    /// Whether a request in it can only be narrowed by what its policies allow (rule S4).
    pub(crate) needs_consent: bool,
    principals: Chain,
    resources: Chain,
    /// Versions that principal policies of the scope have, for naming only (rule Q2).
    principal_versions: Vec<Id>,
    /// Sorted by version and role.
    role_policies: Vec<RolePolicy>,
    /// What roles inherit from in exactly this scope, whatever the version (rule R5); sorted by role.
    inherited: Vec<(Id, Box<[Id]>)>,
}

/// Which scopes are visited, for one kind of policies.
#[derive(Debug, Default)]
struct Chain {
    /// Whether any policy of the kind uses the scope (rule K3).
    is_used: bool,
    /// Positions of the scope and its parents, as far as they are used.
    scopes: Box<[Id]>,
}

impl Scope {
    fn new(name: &str) -> Self {
        Self {
            name: name.into(),
            needs_consent: false,
            principals: Chain::default(),
            resources: Chain::default(),
            principal_versions: Vec::new(),
            role_policies: Vec::new(),
            inherited: Vec::new(),
        }
    }

    fn chain(&self, kind: Kind) -> &Chain {
        if kind == Kind::Principal { &self.principals } else { &self.resources }
    }

    fn chain_mut(&mut self, kind: Kind) -> &mut Chain {
        if kind == Kind::Principal { &mut self.principals } else { &mut self.resources }
    }

    pub(super) fn use_for(&mut self, kind: Kind) {
        self.chain_mut(kind).is_used = true;
    }

    pub(super) fn add_principal_version(&mut self, version: Id) {
        if !self.principal_versions.contains(&version) {
            self.principal_versions.push(version);
        }
    }

    pub(super) fn add_role_policy(&mut self, policy: RolePolicy) {
        self.role_policies.push(policy);
    }

    pub(super) fn inherit(&mut self, role: Id, parents: impl Iterator<Item = Id>) {
        match self.inherited.iter_mut().find(|(known, _)| *known == role) {
            Some((_, known)) => *known = known.iter().copied().chain(parents).collect(),
            None => self.inherited.push((role, parents.collect())),
        }
    }

    /// Whether any principal policy of the scope has the version.
    pub(crate) fn has_principal_version(&self, version: Id) -> bool {
        self.principal_versions.contains(&version)
    }

    /// The role policies of a version, sorted by role.
    pub(crate) fn role_policies(&self, version: Id) -> &[RolePolicy] {
        let start = self.role_policies.partition_point(|policy| policy.version < version);
        let rest = self.role_policies.get(start..).unwrap_or_default();
        let end = rest.partition_point(|policy| policy.version == version);
        rest.get(..end).unwrap_or_default()
    }

    /// What a role inherits from, directly or not. One that inherits from itself is among them.
    pub(crate) fn inherited_by(&self, role: Id) -> &[Id] {
        let at = self.inherited.binary_search_by_key(&role, |(role, _)| *role).ok();
        at.and_then(|at| self.inherited.get(at)).map_or(&[], |(_, inherited)| inherited)
    }

    /// Of several policies of one place the first stays the first.
    fn finish_roles(&mut self) {
        self.role_policies.sort_by_key(|policy| (policy.version, policy.role));
        self.role_policies.shrink_to_fit();
        self.inherited.sort_unstable_by_key(|(role, _)| *role);
        let direct = std::mem::take(&mut self.inherited);
        let parents_of = |role: Id| {
            let at = direct.binary_search_by_key(&role, |(role, _)| *role).ok();
            at.and_then(|at| direct.get(at)).map_or(&[][..], |(_, parents)| parents)
        };
        let closure = |role: Id| {
            let mut all: Vec<Id> = Vec::new();
            let mut next = 0;
            let mut current = role;
            loop {
                for parent in parents_of(current) {
                    if !all.contains(parent) {
                        all.push(*parent);
                    }
                }
                match all.get(next) {
                    Some(inherited) => current = *inherited,
                    None => return all.into(),
                }
                next += 1;
            }
        };
        self.inherited = direct.iter().map(|(role, _)| (*role, closure(*role))).collect();
    }
}

/// All scopes.
#[derive(Debug, Default)]
pub(crate) struct Scopes {
    names: Names,
    scopes: Vec<Scope>,
}

impl Scopes {
    /// The scope of a name, and its position; a new one where there is none.
    pub(super) fn add(&mut self, name: &str) -> (Id, &mut Scope) {
        let id = self.names.add(name);
        let at = usize::try_from(id).unwrap_or(usize::MAX).min(self.scopes.len());
        if at == self.scopes.len() {
            self.scopes.push(Scope::new(name));
        }
        #[expect(clippy::indexing_slicing, reason = "it has just been added if it was not there")]
        (id, &mut self.scopes[at])
    }

    /// Finds out which scopes each of them visits.
    pub(super) fn finish(&mut self) {
        for kind in [Kind::Principal, Kind::Resource] {
            let chains: Vec<Box<[Id]>> = self
                .scopes
                .iter()
                .map(|scope| {
                    let ids = scope_and_parents(&scope.name).map(|name| self.names.id(name));
                    let used = |id: &Id| self.at(*id).is_some_and(|s| s.chain(kind).is_used);
                    ids.filter(used).collect()
                })
                .collect();
            for (scope, chain) in self.scopes.iter_mut().zip(chains) {
                scope.chain_mut(kind).scopes = chain;
            }
        }
        self.scopes.iter_mut().for_each(Scope::finish_roles);
        self.scopes.shrink_to_fit();
    }

    pub(crate) fn get(&self, name: &str) -> Option<&Scope> {
        self.at(self.names.id(name))
    }

    /// The number of a scope, or [`UNKNOWN`](super::UNKNOWN).
    pub(crate) fn id(&self, name: &str) -> Id {
        self.names.id(name)
    }

    pub(crate) fn at(&self, id: Id) -> Option<&Scope> {
        self.scopes.get(usize::try_from(id).ok()?)
    }

    /// The scopes to look at, most specific first (rule K3), with their positions. `found` is the requested scope, if
    /// any policy names it; in strict search it must be used by a policy of the kind.
    pub(crate) fn chain<'t>(
        &'t self,
        kind: Kind,
        requested: &str,
        found: Option<&'t Scope>,
        lenient: bool,
    ) -> impl Iterator<Item = (Id, &'t Scope)> + use<'t> {
        let start = match found {
            Some(scope) if lenient || scope.chain(kind).is_used => Some(scope),
            None if lenient => scope_and_parents(requested).find_map(|name| self.get(name)),
            _ => None,
        };
        let positions = start.map_or(&[][..], |scope| &scope.chain(kind).scopes);
        positions.iter().filter_map(|id| Some((*id, self.at(*id)?)))
    }

    /// All scopes.
    pub(crate) fn iter(&self) -> impl Iterator<Item = &Scope> {
        self.scopes.iter()
    }
}

impl Scope {
    /// Whether requests of resources may name it with an effect of their own.
    pub(super) fn tells_resources_apart(&self) -> bool {
        self.resources.is_used || !self.inherited.is_empty()
    }

    /// The role policies of all versions.
    pub(super) fn all_role_policies(&self) -> &[RolePolicy] {
        &self.role_policies
    }
}
