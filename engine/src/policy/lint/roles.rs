//! Role policies: what they do not reach, and entries that count together (docs/semantics.md, rules R3 and R5).

use std::borrow::Cow;
use std::collections::{BTreeMap, BTreeSet};

use super::super::ast::{Body, Executable, Name, Policy, Rule};
use super::super::glob::Glob;
use super::super::names::sanitize;
use super::super::problems::Problems;
use crate::diag::Code;

/// Entries of one policy that are compared with one another.
const MAX_ENTRIES: usize = 200;

pub(super) fn lint(policies: &[&Policy], problems: &mut Problems) {
    let roles: Vec<(&Policy, &Executable)> = policies
        .iter()
        .filter_map(|policy| match &policy.body {
            Body::Role(p) => Some((*policy, p)),
            _ => None,
        })
        .collect();
    let mut scopes: Scopes<'_> = BTreeMap::new();
    let mut versions: BTreeSet<&str> = BTreeSet::new();
    for policy in policies {
        if let Body::Resource(p) = &policy.body {
            scopes.entry(&p.scope.value).or_default().push(sanitize(&p.name.value));
            versions.insert(p.version());
        }
    }
    let with_parents: BTreeSet<(&str, &str)> = roles
        .iter()
        .filter(|(_, p)| !p.parent_roles.is_empty())
        .map(|(_, p)| (&*p.name.value, &*p.scope.value))
        .collect();
    for (policy, role) in &roles {
        not_inherited(role, &scopes, &with_parents, problems);
        default_only(policy, role, &roles, &versions, problems);
        overlapping(role, problems);
    }
}

/// The kinds that have resource policies, by scope.
type Scopes<'p> = BTreeMap<&'p str, Vec<Cow<'p, str>>>;

/// Parent roles count for requests in exactly the scope of the role policy (rule R5), which shows where kinds that it
/// speaks of have policies in narrower scopes.
fn not_inherited(
    role: &Executable,
    scopes: &Scopes<'_>,
    with_parents: &BTreeSet<(&str, &str)>,
    problems: &mut Problems,
) {
    let (Some(parent), scope) = (role.parent_roles.first(), &*role.scope.value) else { return };
    let is_below = |other: &str| {
        scope.is_empty() && !other.is_empty()
            || other.strip_prefix(scope).is_some_and(|rest| rest.starts_with('.'))
    };
    let resources: Vec<Glob> = role
        .rules
        .iter()
        .filter_map(|rule| rule.resource.as_ref())
        .map(|name| Glob::if_starred(&name.value))
        .collect();
    let speaks_of = |kind: &Cow<'_, str>| resources.iter().any(|glob| glob.matches(kind));
    let unserved = scopes.iter().find(|(other, kinds)| {
        is_below(other)
            && !with_parents.contains(&(&*role.name.value, **other))
            && (resources.is_empty() || kinds.iter().any(speaks_of))
    });
    if let Some((other, _)) = unserved {
        let message = format!(
            "in the scope `{other}` the role `{}` does not inherit from `{}`: parent roles count for requests in exactly this scope",
            role.name.value, parent.value
        );
        let problem = parent.place.problem(Code::ParentRolesNotInherited, message).warning();
        problems.push(problem.help("give the narrower scope a role policy with `parentRoles` too"));
    }
}

/// A role policy without a version is one of the version `default`.
fn default_only(
    policy: &Policy,
    role: &Executable,
    roles: &[(&Policy, &Executable)],
    versions: &BTreeSet<&str>,
    problems: &mut Problems,
) {
    if !role.version.is_empty() || role.rules.is_empty() || versions.contains("default") {
        return;
    }
    let covered = |version: &str| {
        roles.iter().any(|(_, p)| {
            p.name.value == role.name.value
                && p.scope.value == role.scope.value
                && p.version() == version
        })
    };
    if let Some(version) = versions.iter().find(|version| !covered(version)) {
        let message = format!(
            "the role policy restricts resources of the version `default` only, and the others have versions such as `{version}`"
        );
        let problem = policy.place.problem(Code::DefaultVersionOnly, message).warning();
        problems.push(problem.help("give it a `version`"));
    }
}

/// Of entries that match the same action, all conditions must hold (rule R3).
fn overlapping(role: &Executable, problems: &mut Problems) {
    let entries: Vec<Entry<'_>> = role.rules.iter().take(MAX_ENTRIES).map(Entry::new).collect();
    for (i, entry) in entries.iter().enumerate() {
        let earlier = entries.iter().take(i).find(|other| other.meets(entry));
        if let Some(other) = earlier {
            let line = other.rule.place.position().line;
            let message = format!(
                "the entry and that of line {line} match the same action: the conditions of both must hold"
            );
            let problem = entry.rule.place.problem(Code::OverlappingEntries, message).warning();
            problems
                .push(problem.help("join the conditions with `||` in one entry if one is enough"));
        }
    }
}

struct Entry<'r> {
    rule: &'r Rule,
    resource: Option<Glob>,
    actions: Vec<Glob>,
}

impl<'r> Entry<'r> {
    fn new(rule: &'r Rule) -> Self {
        let resource = rule.resource.as_ref().map(|name| Glob::if_starred(&name.value));
        let glob = |name: &Name| Glob::new(&name.value);
        Self { rule, resource, actions: rule.actions.iter().map(glob).collect() }
    }

    /// Whether both speak of an action, and a condition is asked.
    fn meets(&self, other: &Self) -> bool {
        let touch = |a: &Glob, b: &Glob| a.matches(b.as_str()) || b.matches(a.as_str());
        let any_condition = self.rule.condition.is_some() || other.rule.condition.is_some();
        any_condition
            && matches!((&self.resource, &other.resource), (Some(a), Some(b)) if touch(a, b))
            && self.actions.iter().any(|a| other.actions.iter().any(|b| touch(a, b)))
    }
}
