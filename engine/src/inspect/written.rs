//! Policies as they are written.

use std::collections::{BTreeMap, BTreeSet};

use super::facts::Reads;
use super::{Constant, DerivedRole, Inspected, Inspection, Kind, Variable};
use crate::diag::Diagnostics;
use crate::policy::ast::{self, Body, Condition, Policy};
use crate::policy::{Import, Problems, Source, read};

/// What each policy uses and defines, whether the set loads or not. Disabled policies are left out, and so is what
/// cannot be read.
///
/// An import counts as far as an expression reads it, be it only the expression of a variable that nothing else
/// reads.
pub fn policies(sources: impl IntoIterator<Item = Source>) -> Inspected {
    let mut problems = Problems::default();
    let read = read(sources.into_iter().collect(), &mut problems);
    let mut inspected = Inspected::default();
    let policies = || read.policies.iter().map(|policy| &**policy);
    let enabled = || policies().filter(|policy| !policy.disabled);
    let exports = Exports::new(enabled());
    for policy in enabled() {
        for (import, name) in policy.imports() {
            if !exports.has(import, &name.value) {
                inspected.missing_policies.insert(format!("{}.{}", import.prefix(), name.value));
            }
        }
        let (key, inspection) = inspect(policy, &exports);
        inspected.policies.insert(key, inspection);
    }
    inspected.diagnostics = Diagnostics::new(problems.into_vec());
    inspected
}

/// What can be imported, by name.
struct Exports<'p> {
    derived_roles: BTreeMap<&'p str, &'p ast::DerivedRoles>,
    variables: BTreeMap<&'p str, &'p [ast::Definition]>,
    constants: BTreeMap<&'p str, &'p [ast::Constant]>,
}

impl<'p> Exports<'p> {
    fn new(policies: impl Iterator<Item = &'p Policy>) -> Self {
        let mut all = Self {
            derived_roles: BTreeMap::new(),
            variables: BTreeMap::new(),
            constants: BTreeMap::new(),
        };
        for policy in policies {
            match &policy.body {
                Body::DerivedRoles(d) => {
                    all.derived_roles.insert(&d.name.value, d);
                }
                Body::ExportVariables { name, definitions } => {
                    all.variables.insert(&name.value, definitions);
                }
                Body::ExportConstants { name, definitions } => {
                    all.constants.insert(&name.value, definitions);
                }
                Body::Resource(_) | Body::Principal(_) | Body::Role(_) => {}
            }
        }
        all
    }

    fn has(&self, import: Import, name: &str) -> bool {
        match import {
            Import::DerivedRoles => self.derived_roles.contains_key(name),
            Import::Variables => self.variables.contains_key(name),
            Import::Constants => self.constants.contains_key(name),
        }
    }
}

fn inspect(policy: &Policy, exports: &Exports<'_>) -> (String, Inspection) {
    let key = policy.key();
    let identifier = policy.header.metadata.as_ref().map(|m| &*m.store_identifier);
    let identifier = identifier.filter(|id| !id.is_empty());
    let mut inspection = Inspection {
        policy_id: identifier.unwrap_or(policy.place.file.name()).into(),
        ..Inspection::default()
    };
    let mut reads = Reads::default();
    match &policy.body {
        Body::Resource(p) | Body::Principal(p) | Body::Role(p) => {
            let mut actions: BTreeSet<Box<str>> = BTreeSet::new();
            let mut roles: BTreeSet<DerivedRole> = BTreeSet::new();
            for rule in &p.rules {
                actions.extend(rule.actions.iter().map(|action| action.value.clone()));
                rule.condition.iter().for_each(|c| condition(&mut reads, c));
                rule.output.iter().for_each(|o| output(&mut reads, o));
                for name in &rule.derived_roles {
                    roles.extend(named_roles(&name.value, &p.import_derived_roles, exports));
                }
            }
            inspection.actions = actions.into_iter().collect();
            inspection.derived_roles = roles.into_iter().collect();
            definitions(&mut inspection, &mut reads, policy, &p.definitions, &key, exports);
        }
        Body::DerivedRoles(d) => {
            let mut roles: BTreeSet<DerivedRole> = BTreeSet::new();
            for role in &d.roles {
                role.condition.iter().for_each(|c| condition(&mut reads, c));
                roles.insert(DerivedRole {
                    name: role.name.value.clone(),
                    kind: Kind::Exported,
                    source: key.as_str().into(),
                });
            }
            inspection.derived_roles = roles.into_iter().collect();
            definitions(&mut inspection, &mut reads, policy, &d.definitions, &key, exports);
        }
        Body::ExportVariables { definitions, .. } => {
            for definition in definitions {
                reads.expression(&definition.expr.text);
                let (name, value) =
                    (definition.name.value.clone(), (&*definition.expr.text).into());
                let source = key.as_str().into();
                let variable = Variable { name, value, kind: Kind::Exported, source, used: false };
                inspection.variables.push(variable);
            }
        }
        Body::ExportConstants { definitions, .. } => {
            for definition in definitions {
                let (name, value) = (definition.name.value.clone(), Some(definition.value.clone()));
                let source = key.as_str().into();
                let constant = Constant { name, value, kind: Kind::Exported, source, used: false };
                inspection.constants.push(constant);
            }
        }
    }
    inspection.attributes = reads.attributes.into_iter().collect();
    inspection.variables.sort_by(|a, b| a.name.cmp(&b.name));
    inspection.constants.sort_by(|a, b| a.name.cmp(&b.name));
    (key, inspection)
}

/// Every import that defines the role, or that none does.
fn named_roles(name: &str, imports: &[ast::Name], exports: &Exports<'_>) -> Vec<DerivedRole> {
    let defines = |import: &&ast::Name| {
        let roles = exports.derived_roles.get(&*import.value);
        roles.is_some_and(|d| d.roles.iter().any(|role| *role.name.value == *name))
    };
    let found: Vec<DerivedRole> = imports
        .iter()
        .filter(defines)
        .map(|import| DerivedRole {
            name: name.into(),
            kind: Kind::Imported,
            source: format!("{}.{}", Import::DerivedRoles.prefix(), import.value).into(),
        })
        .collect();
    if found.is_empty() {
        return vec![DerivedRole { name: name.into(), kind: Kind::Undefined, source: "".into() }];
    }
    found
}

/// Local definitions, used or not; imported ones that something reads; what is read and not defined.
fn definitions(
    inspection: &mut Inspection,
    reads: &mut Reads,
    policy: &Policy,
    own: &ast::Definitions,
    key: &str,
    exports: &Exports<'_>,
) {
    let local = || own.variables.iter().chain(&policy.header.variables);
    local().for_each(|definition| reads.expression(&definition.expr.text));
    let mut imported: BTreeMap<&str, (&str, &ast::Definition)> = BTreeMap::new();
    for import in &own.variable_imports {
        for definition in exports.variables.get(&*import.value).copied().unwrap_or_default() {
            imported.entry(&definition.name.value).or_insert((&import.value, definition));
        }
    }
    let mut open: Vec<Box<str>> = reads.variables.iter().cloned().collect();
    let mut seen: BTreeSet<Box<str>> = BTreeSet::new();
    while let Some(name) = open.pop() {
        if let Some((_, definition)) = imported.get(&*name)
            && seen.insert(name)
        {
            let mut found = Reads::default();
            found.expression(&definition.expr.text);
            open.extend(found.variables.iter().cloned());
            reads.add(found);
        }
    }
    let local_names: BTreeSet<&str> = local().map(|d| &*d.name.value).collect();
    for definition in local() {
        let (name, value) = (definition.name.value.clone(), (&*definition.expr.text).into());
        let used = reads.variables.contains(&name);
        let variable = Variable { name, value, kind: Kind::Local, source: key.into(), used };
        inspection.variables.push(variable);
    }
    for name in reads.variables.iter().filter(|name| !local_names.contains(&***name)) {
        let (value, kind, source) = match imported.get(&**name) {
            Some((import, definition)) => (
                (&*definition.expr.text).into(),
                Kind::Imported,
                format!("{}.{import}", Import::Variables.prefix()),
            ),
            None => ("null".into(), Kind::Undefined, String::new()),
        };
        let (name, source) = (name.clone(), source.into());
        inspection.variables.push(Variable { name, value, kind, source, used: true });
    }
    constants(inspection, reads, own, key, exports);
}

fn constants(
    inspection: &mut Inspection,
    reads: &Reads,
    own: &ast::Definitions,
    key: &str,
    exports: &Exports<'_>,
) {
    let mut imported: BTreeMap<&str, (&str, &ast::Constant)> = BTreeMap::new();
    for import in &own.constant_imports {
        for definition in exports.constants.get(&*import.value).copied().unwrap_or_default() {
            imported.entry(&definition.name.value).or_insert((&import.value, definition));
        }
    }
    let local_names: BTreeSet<&str> = own.constants.iter().map(|d| &*d.name.value).collect();
    for definition in &own.constants {
        let (name, value) = (definition.name.value.clone(), Some(definition.value.clone()));
        let used = reads.constants.contains(&name);
        let constant = Constant { name, value, kind: Kind::Local, source: key.into(), used };
        inspection.constants.push(constant);
    }
    for name in reads.constants.iter().filter(|name| !local_names.contains(&***name)) {
        let (value, kind, source) = match imported.get(&**name) {
            Some((import, definition)) => (
                Some(definition.value.clone()),
                Kind::Imported,
                format!("{}.{import}", Import::Constants.prefix()),
            ),
            None => (None, Kind::Undefined, String::new()),
        };
        let (name, source) = (name.clone(), source.into());
        inspection.constants.push(Constant { name, value, kind, source, used: true });
    }
}

pub(super) fn condition(reads: &mut Reads, written: &Condition) {
    match written {
        Condition::Expr(expr) => reads.expression(&expr.text),
        Condition::All(list) | Condition::Any(list) | Condition::None(list) => {
            list.iter().for_each(|c| condition(reads, c));
        }
        Condition::Script { .. } => {}
    }
}

pub(super) fn output(reads: &mut Reads, written: &ast::Output) {
    let all = [&written.expr, &written.rule_activated, &written.condition_not_met];
    all.into_iter().flatten().for_each(|expr| reads.expression(&expr.text));
}
