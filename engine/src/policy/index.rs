//! Policies by what they define, and what is missing between them (docs/semantics.md, section 2).

use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::sync::OnceLock;

use super::ast::{Body, Executable, Name, Policy};
use super::glob::Glob;
use super::load::Read;
use super::names::{policy_key, scope_and_parents};
use super::problems::Problems;
use super::set::Kind;
use super::{permissions, suggest_import};
use crate::diag::Code;

/// Intact policies that are not disabled, by what they define.
pub(crate) struct Index<'f> {
    /// Keys of policies with rules.
    pub(crate) executables: BTreeMap<String, &'f Policy>,
    pub(crate) derived_roles: BTreeMap<&'f str, &'f Policy>,
    pub(crate) variables: BTreeMap<&'f str, &'f Policy>,
    pub(crate) constants: BTreeMap<&'f str, &'f Policy>,
    /// What else might define something, were it not broken.
    broken: Broken<'f>,
    roles: Vec<&'f Executable>,
    role_resources: OnceLock<Vec<(&'f str, &'f str, Vec<Glob>)>>,
}

/// Files with mistakes of their own: what they might define is not reported as missing.
struct Broken<'f> {
    any_unknown: bool,
    names: HashSet<(&'static str, &'f str)>,
}

/// What a policy can import.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Import {
    DerivedRoles,
    Variables,
    Constants,
}

impl Import {
    /// How keys of such policies begin.
    pub(crate) fn prefix(self) -> &'static str {
        match self {
            Self::DerivedRoles => "derived_roles",
            Self::Variables => "export_variables",
            Self::Constants => "export_constants",
        }
    }

    fn body(self) -> &'static str {
        match self {
            Self::DerivedRoles => "derivedRoles",
            Self::Variables => "exportVariables",
            Self::Constants => "exportConstants",
        }
    }
}

impl Policy {
    /// What Cerbos shows for the policy: `resource.album.vdefault/acme`, `derived_roles.album`.
    pub(crate) fn key(&self) -> String {
        match &self.body {
            Body::Resource(p) => key(Kind::Resource, p, &p.scope.value),
            Body::Principal(p) => key(Kind::Principal, p, &p.scope.value),
            Body::Role(p) => key(Kind::Role, p, &p.scope.value),
            Body::DerivedRoles(_) | Body::ExportVariables { .. } | Body::ExportConstants { .. } => {
                let (kind, name) = self.kind_and_name();
                format!("{kind}.{name}")
            }
        }
    }

    fn kind_and_name(&self) -> (&'static str, &str) {
        match &self.body {
            Body::Resource(p) => (Kind::Resource.as_str(), &p.name.value),
            Body::Principal(p) => (Kind::Principal.as_str(), &p.name.value),
            Body::Role(p) => (Kind::Role.as_str(), &p.name.value),
            Body::DerivedRoles(d) => (Import::DerivedRoles.prefix(), &d.name.value),
            Body::ExportVariables { name, .. } => (Import::Variables.prefix(), &name.value),
            Body::ExportConstants { name, .. } => (Import::Constants.prefix(), &name.value),
        }
    }

    /// Everything that the policy imports.
    pub(crate) fn imports(&self) -> impl Iterator<Item = (Import, &Name)> {
        let (roles, definitions) = match &self.body {
            Body::Resource(p) | Body::Principal(p) | Body::Role(p) => {
                (p.import_derived_roles.as_slice(), Some(&p.definitions))
            }
            Body::DerivedRoles(d) => (&[][..], Some(&d.definitions)),
            Body::ExportVariables { .. } | Body::ExportConstants { .. } => (&[][..], None),
        };
        let constants = definitions.into_iter().flat_map(|d| &d.constant_imports);
        let variables = definitions.into_iter().flat_map(|d| &d.variable_imports);
        roles
            .iter()
            .map(|name| (Import::DerivedRoles, name))
            .chain(constants.map(|name| (Import::Constants, name)))
            .chain(variables.map(|name| (Import::Variables, name)))
    }

    /// The keys of the policies that a scoped one stands on, nearest first. Role policies have none.
    pub(crate) fn ancestors(&self) -> impl Iterator<Item = (&str, String)> {
        let scoped = match &self.body {
            Body::Resource(p) => Some((Kind::Resource, p)),
            Body::Principal(p) => Some((Kind::Principal, p)),
            _ => None,
        };
        scoped.into_iter().flat_map(|(kind, p)| {
            let parents = scope_and_parents(&p.scope.value).skip(1);
            parents.map(move |scope| (scope, key(kind, p, scope)))
        })
    }
}

fn key(kind: Kind, p: &Executable, scope: &str) -> String {
    policy_key(kind.as_str(), &p.name.value, p.version(), scope)
}

impl<'f> Index<'f> {
    /// Sorts the policies in and reports what is there twice, missing, or disabled though it is needed.
    pub(crate) fn new(read: &'f Read, problems: &mut Problems) -> Self {
        let mut index = Self {
            executables: BTreeMap::new(),
            derived_roles: BTreeMap::new(),
            variables: BTreeMap::new(),
            constants: BTreeMap::new(),
            broken: Broken { any_unknown: read.any_unknown, names: HashSet::new() },
            roles: Vec::new(),
            role_resources: OnceLock::new(),
        };
        let mut seen: BTreeMap<String, &Policy> = BTreeMap::new();
        let mut disabled: BTreeMap<String, &Policy> = BTreeMap::new();
        for policy in &read.policies {
            if !policy.is_intact {
                index.broken.names.insert(policy.kind_and_name());
            } else if policy.disabled {
                disabled.insert(policy.key(), policy);
            } else {
                index.add(policy, &mut seen, problems);
            }
        }
        let mut needed: BTreeSet<String> = BTreeSet::new();
        for policy in index.in_use(read) {
            index.check_imports(policy, problems, &mut needed);
            index.check_ancestors(policy, problems, &mut needed);
        }
        for (key, policy) in disabled {
            if needed.contains(&key) {
                let message = format!("`{key}` is disabled, but another policy needs it");
                problems.push(policy.place.problem(Code::DisabledDefinition, message));
            }
        }
        permissions::check(index.in_use(read), problems);
        index
    }

    /// The keys of policies with rules.
    pub(super) fn into_keys(self) -> HashSet<String> {
        self.executables.into_keys().collect()
    }

    /// The policies that count.
    pub(crate) fn in_use(&self, read: &'f Read) -> impl Iterator<Item = &'f Policy> {
        let policies = read.policies.iter().map(|policy| &**policy);
        policies.filter(|policy| policy.is_intact && !policy.disabled)
    }

    fn add(
        &mut self,
        policy: &'f Policy,
        seen: &mut BTreeMap<String, &'f Policy>,
        problems: &mut Problems,
    ) {
        let key = policy.key();
        if let Some(first) = seen.get(&key) {
            let message = format!("`{key}` is defined in `{}` as well", first.place.file.name());
            problems.push(policy.place.problem(Code::DuplicateDefinition, message));
            return;
        }
        match &policy.body {
            Body::Resource(_) | Body::Principal(_) => {
                self.executables.insert(key.clone(), policy);
            }
            Body::Role(p) => {
                self.executables.insert(key.clone(), policy);
                self.roles.push(p);
            }
            Body::DerivedRoles(d) => {
                self.derived_roles.insert(&d.name.value, policy);
            }
            Body::ExportVariables { name, .. } => {
                self.variables.insert(&name.value, policy);
            }
            Body::ExportConstants { name, .. } => {
                self.constants.insert(&name.value, policy);
            }
        }
        seen.insert(key, policy);
    }

    fn imported(&self, import: Import) -> &BTreeMap<&'f str, &'f Policy> {
        match import {
            Import::DerivedRoles => &self.derived_roles,
            Import::Variables => &self.variables,
            Import::Constants => &self.constants,
        }
    }

    /// Whether a broken file may be what is missing.
    pub(super) fn may_exist(&self, kind: &'static str, name: &str) -> bool {
        self.broken.any_unknown || self.broken.names.contains(&(kind, name))
    }

    /// Whether everything that the policy imports, directly or not, can be looked at.
    pub(super) fn imports_are_intact(&self, policy: &Policy) -> bool {
        policy.imports().all(|(import, name)| match self.imported(import).get(&*name.value) {
            Some(found) => import != Import::DerivedRoles || self.imports_are_intact(found),
            None => !self.may_exist(import.prefix(), &name.value),
        })
    }

    fn check_imports(
        &self,
        policy: &Policy,
        problems: &mut Problems,
        needed: &mut BTreeSet<String>,
    ) {
        for (import, name) in policy.imports() {
            let known = self.imported(import);
            if known.contains_key(&*name.value) || self.may_exist(import.prefix(), &name.value) {
                continue;
            }
            needed.insert(format!("{}.{}", import.prefix(), name.value));
            let message = format!("no file defines the `{}` named `{}`", import.body(), name.value);
            let problem = name.place.problem(Code::ImportNotFound, message);
            problems.push(suggest_import(problem, &name.value, known.keys().copied()));
        }
    }

    /// Reports ancestors that are missing. A resource policy is excused when a role policy fills the gap, and then
    /// left out, as Cerbos leaves it out (rule Q13).
    fn check_ancestors(
        &self,
        policy: &Policy,
        problems: &mut Problems,
        needed: &mut BTreeSet<String>,
    ) {
        let (Body::Resource(body) | Body::Principal(body)) = &policy.body else { return };
        let (kind, name) = policy.kind_and_name();
        for (scope, ancestor) in policy.ancestors() {
            if self.executables.contains_key(&ancestor) || self.may_exist(kind, name) {
                continue;
            }
            let message = format!("the scope needs the policy `{ancestor}`, which no file defines");
            let problem = body.scope.place.problem(Code::MissingAncestor, message);
            let is_resource = matches!(policy.body, Body::Resource(_));
            if is_resource && self.role_policy_covers(scope, body.version(), name) {
                problems.push(problem.warning().help(
                    "a role policy stands in its place; this policy is left out, as in Cerbos",
                ));
            } else {
                needed.insert(ancestor);
                problems.push(problem.help("add the policy, without rules if it has none"));
            }
        }
    }

    /// Whether a role policy of this scope and version speaks of `kind` (rule Q13). For this, unlike for decisions, every
    /// pattern counts, and names are compared as they are written.
    fn role_policy_covers(&self, scope: &str, version: &str, kind: &str) -> bool {
        let all = self.role_resources.get_or_init(|| {
            let globs = |p: &Executable| {
                let resources = p.rules.iter().filter_map(|rule| rule.resource.as_ref());
                resources.map(|name| Glob::new(&name.value)).collect()
            };
            self.roles.iter().map(|p| (&*p.scope.value, p.version(), globs(p))).collect()
        });
        all.iter().any(|(of_scope, of_version, globs)| {
            *of_scope == scope && *of_version == version && globs.iter().any(|g| g.matches(kind))
        })
    }
}
