//! Which policies speak of which kinds, and what they read.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use super::facts::Reads;
use super::vocabulary::{KindWords, Read, RuleWords, Vocabulary};
use super::written::{condition, output};
use crate::policy::ast::{self, Body, Executable, Policy, Rule};
use crate::policy::{Glob, Kind, sanitize};

/// The words of policies that count.
pub(super) fn vocabulary<'p>(policies: impl Iterator<Item = &'p Policy>) -> Vocabulary {
    let policies: Vec<&Policy> = policies.collect();
    let files = Files::new(&policies);
    let mut kinds: BTreeMap<Box<str>, KindWords> = BTreeMap::new();
    let mut of_resources: Vec<(&Policy, &Executable)> = policies
        .iter()
        .filter_map(|policy| match &policy.body {
            Body::Resource(body) => Some((*policy, body)),
            _ => None,
        })
        .collect();
    // The first that has a name or description to give gives it.
    of_resources.sort_by_key(|(_, body)| {
        let (version, scope) = (body.version(), &*body.scope.value);
        (version != "default", !scope.is_empty(), version, scope)
    });
    for (policy, body) in of_resources {
        let kind = kinds.entry((*sanitize(&body.name.value)).into()).or_default();
        if kind.name.is_empty() {
            kind.name.clone_from(&body.name.value);
        }
        let description = &policy.header.description;
        if kind.description.is_none() && !description.is_empty() {
            kind.description = Some(description.clone());
        }
        let speaker = Speaker::new(policy, body, &files);
        for rule in &body.rules {
            kind.add(speaker.rule(Kind::Resource, rule));
            kind.derived_roles.extend(speaker.derived_roles(rule));
        }
    }
    for policy in policies {
        let (of, body) = match &policy.body {
            Body::Principal(body) => (Kind::Principal, body),
            Body::Role(body) => (Kind::Role, body),
            _ => continue,
        };
        let speaker = Speaker::new(policy, body, &files);
        for rule in &body.rules {
            let Some(resource) = &rule.resource else { continue };
            let pattern = match of {
                Kind::Principal => Glob::of_principal_rule(&resource.value),
                // Rule G5.
                _ => Glob::if_starred(&resource.value),
            };
            let mut said = None;
            for (_, kind) in kinds.iter_mut().filter(|(name, _)| pattern.matches(name)) {
                kind.add(Arc::clone(said.get_or_insert_with(|| speaker.rule(of, rule))));
            }
        }
    }
    Vocabulary { kinds }
}

impl KindWords {
    fn add(&mut self, rule: Arc<RuleWords>) {
        let literal = rule.actions.iter().filter(|action| action.is_literal());
        self.actions.extend(literal.map(|action| Box::<str>::from(action.as_str())));
        self.rules.push(rule);
    }
}

/// What can be imported, by name.
struct Files<'p> {
    derived_roles: BTreeMap<&'p str, (&'p Policy, &'p ast::DerivedRoles)>,
    variables: BTreeMap<&'p str, &'p [ast::Definition]>,
}

impl<'p> Files<'p> {
    fn new(policies: &[&'p Policy]) -> Self {
        let (mut derived_roles, mut variables) = (BTreeMap::new(), BTreeMap::new());
        for policy in policies.iter().copied() {
            match &policy.body {
                Body::DerivedRoles(body) => {
                    derived_roles.insert(&*body.name.value, (policy, body));
                }
                Body::ExportVariables { name, definitions } => {
                    variables.insert(&*name.value, definitions.as_slice());
                }
                _ => {}
            }
        }
        Self { derived_roles, variables }
    }

    /// The texts of all variables that a file may read.
    fn variables_of(&self, policy: &'p Policy, own: &'p ast::Definitions) -> Variables<'p> {
        let imported = own.variable_imports.iter().filter_map(|i| self.variables.get(&*i.value));
        let imported = imported.flat_map(|definitions| definitions.iter());
        let local = own.variables.iter().chain(&policy.header.variables);
        imported.chain(local).map(|d| (&*d.name.value, &*d.expr.text)).collect()
    }
}

type Variables<'p> = BTreeMap<&'p str, &'p str>;

/// A policy with rules.
struct Speaker<'p> {
    file: Arc<str>,
    variables: Variables<'p>,
    /// What each derived role reads that it imports.
    derived_roles: BTreeMap<&'p str, Said>,
}

impl<'p> Speaker<'p> {
    fn new(policy: &'p Policy, body: &'p Executable, files: &Files<'p>) -> Self {
        let mut derived_roles = BTreeMap::new();
        for import in &body.import_derived_roles {
            let Some((policy, of)) = files.derived_roles.get(&*import.value).copied() else {
                continue;
            };
            let variables = files.variables_of(policy, &of.definitions);
            let file: Arc<str> = policy.place.file.name().into();
            for role in &of.roles {
                let mut reads = Reads::default();
                role.condition.iter().for_each(|c| condition(&mut reads, c));
                let said = Said::new(reads, &variables, &file, role.name.place.position().line);
                derived_roles.insert(&*role.name.value, said);
            }
        }
        let variables = files.variables_of(policy, &body.definitions);
        Self { file: policy.place.file.name().into(), variables, derived_roles }
    }

    fn rule(&self, of: Kind, rule: &Rule) -> Arc<RuleWords> {
        let mut reads = Reads::default();
        rule.condition.iter().for_each(|c| condition(&mut reads, c));
        rule.output.iter().for_each(|o| output(&mut reads, o));
        let line = rule.place.position().line;
        let Said { mut reads, mut looks_at_runtime } =
            Said::new(reads, &self.variables, &self.file, line);
        for role in self.roles_of(rule) {
            reads.extend(role.reads.iter().cloned());
            looks_at_runtime |= role.looks_at_runtime;
        }
        let glob = |action: &ast::Name| match of {
            // Rule G2.
            Kind::Role => Glob::new(&action.value),
            _ => Glob::if_starred(&action.value),
        };
        let actions = rule.actions.iter().map(glob).collect();
        Arc::new(RuleWords { name: rule.name.clone(), actions, reads, looks_at_runtime })
    }

    fn derived_roles(&self, rule: &Rule) -> impl Iterator<Item = Read> {
        self.roles_of(rule).flat_map(|role| role.reads.iter().cloned())
    }

    fn roles_of(&self, rule: &Rule) -> impl Iterator<Item = &Said> {
        rule.derived_roles.iter().filter_map(|name| self.derived_roles.get(&*name.value))
    }
}

/// What a rule or derived role reads.
struct Said {
    reads: BTreeSet<Read>,
    looks_at_runtime: bool,
}

impl Said {
    /// With the variables that are needed, and those that these need.
    fn new(mut reads: Reads, variables: &Variables<'_>, file: &Arc<str>, line: usize) -> Self {
        let mut open: Vec<Box<str>> = reads.variables.iter().cloned().collect();
        let mut seen: BTreeSet<Box<str>> = BTreeSet::new();
        while let Some(name) = open.pop() {
            if let Some(text) = variables.get(&*name)
                && seen.insert(name)
            {
                let mut found = Reads::default();
                found.expression(text);
                open.extend(found.variables.iter().cloned());
                reads.add(found);
            }
        }
        let looks_at_runtime = reads.runtime;
        let read = |attribute| Read { attribute, file: Arc::clone(file), line };
        let reads = reads.of_resource.into_iter().map(read).collect();
        Self { reads, looks_at_runtime }
    }
}
