//! Policies as they are compiled.

use std::collections::{BTreeMap, BTreeSet};

use super::facts::Reads;
use super::{Constant, DerivedRole, Inspection, Kind, Variable};
use crate::policy::{
    Condition, Leaf, Output, Params, Policy, PolicySet, policy_key, scope_and_parents,
};

/// What is left of each policy with rules when it is compiled, its ancestors and the derived roles it names included.
#[must_use]
pub fn policy_sets(set: &PolicySet) -> BTreeMap<String, Inspection> {
    inspect_all(set, true)
}

/// As [`policy_sets`], but of the table that decisions are made from, which does not tell what is used.
#[must_use]
pub fn rule_tables(set: &PolicySet) -> BTreeMap<String, Inspection> {
    inspect_all(set, false)
}

/// What one policy, without its ancestors, evaluates for a request.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct Kept {
    /// The policy, such as `resource.album.vdefault/acme`.
    pub policy: String,
    /// Its variables, in the order in which they are evaluated.
    pub variables: Vec<Box<str>>,
    /// Its constants, sorted.
    pub constants: Vec<Box<str>>,
    /// The derived roles that its rules name; each has variables and constants of its own.
    pub derived_roles: Vec<KeptOfRole>,
}

/// What one derived role evaluates for a request.
#[derive(Debug, Clone, PartialEq, Eq)]
#[non_exhaustive]
pub struct KeptOfRole {
    /// Its name.
    pub name: Box<str>,
    /// Its variables, in the order in which they are evaluated.
    pub variables: Vec<Box<str>>,
    /// Its constants, sorted.
    pub constants: Vec<Box<str>>,
}

/// Which definitions each policy keeps: those that something of it reads.
#[must_use]
pub fn kept(set: &PolicySet) -> Vec<Kept> {
    let of_policy = |policy: &Policy| Kept {
        policy: policy.key(),
        variables: variables(&policy.params),
        constants: constants(&policy.params),
        derived_roles: policy
            .derived_roles
            .iter()
            .map(|role| KeptOfRole {
                name: role.name.clone(),
                variables: variables(&role.params),
                constants: constants(&role.params),
            })
            .collect(),
    };
    set.policies.iter().map(of_policy).collect()
}

fn variables(params: &Params) -> Vec<Box<str>> {
    params.variables.iter().map(|v| v.name.clone()).collect()
}

fn constants(params: &Params) -> Vec<Box<str>> {
    let mut names: Vec<Box<str>> = params.constants.iter().map(|(name, _)| name.into()).collect();
    names.sort();
    names
}

fn inspect_all(set: &PolicySet, tells_used: bool) -> BTreeMap<String, Inspection> {
    let by_key: BTreeMap<String, &Policy> = set.policies.iter().map(|p| (p.key(), p)).collect();
    by_key
        .iter()
        .map(|(key, policy)| {
            let kind = policy.kind.as_str();
            let scopes = scope_and_parents(&policy.scope);
            let chain = scopes
                .filter_map(|s| by_key.get(&policy_key(kind, &policy.name, &policy.version, s)));
            // Role policies have no ancestors.
            let ancestors = if kind == "role" { 1 } else { usize::MAX };
            (key.clone(), inspect(key, chain.copied().take(ancestors), tells_used))
        })
        .collect()
}

fn inspect<'p>(key: &str, chain: impl Iterator<Item = &'p Policy>, tells_used: bool) -> Inspection {
    let mut actions: BTreeSet<Box<str>> = BTreeSet::new();
    let mut roles: BTreeSet<Box<str>> = BTreeSet::new();
    let mut values: BTreeMap<Box<str>, Constant> = BTreeMap::new();
    let mut variables: BTreeMap<Box<str>, Variable> = BTreeMap::new();
    let mut reads = Reads::default();
    for policy in chain {
        for rule in &policy.rules {
            actions.extend(rule.actions.iter().cloned());
            rule.condition.iter().for_each(|c| condition(&mut reads, c));
            rule.output.iter().for_each(|o| output(&mut reads, o));
        }
        for role in &policy.derived_roles {
            roles.insert(role.name.clone());
            role.condition.iter().for_each(|c| condition(&mut reads, c));
            role.params.variables.iter().for_each(|v| reads.expression(&v.source));
        }
        for variable in &policy.params.variables {
            reads.expression(&variable.source);
            variables.entry(variable.name.clone()).or_insert_with(|| Variable {
                name: variable.name.clone(),
                value: (&*variable.source).into(),
                kind: Kind::Unknown,
                source: "".into(),
                used: tells_used,
            });
        }
        for (name, value) in policy.params.constants.iter() {
            values.entry(name.into()).or_insert_with(|| Constant {
                name: name.into(),
                value: Some(value.clone()),
                kind: Kind::Unknown,
                source: "".into(),
                used: tells_used,
            });
        }
    }
    let derived_role = |name| DerivedRole { name, kind: Kind::Imported, source: "".into() };
    Inspection {
        policy_id: key.into(),
        actions: actions.into_iter().collect(),
        attributes: reads.attributes.into_iter().collect(),
        constants: values.into_values().collect(),
        derived_roles: roles.into_iter().map(derived_role).collect(),
        variables: variables.into_values().collect(),
    }
}

fn condition(reads: &mut Reads, compiled: &Condition) {
    match compiled {
        Condition::Expr(leaf) => reads.expression(&leaf.source),
        Condition::All(list) | Condition::Any(list) | Condition::None(list) => {
            list.iter().for_each(|c| condition(reads, c));
        }
    }
}

fn output(reads: &mut Reads, compiled: &Output) {
    let both = [&compiled.rule_activated, &compiled.condition_not_met];
    both.into_iter().flatten().for_each(|leaf: &Leaf| reads.expression(&leaf.source));
}
