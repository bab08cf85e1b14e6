//! All rules of a set and where they stand, for those who want to know which of them hold for anything.

use std::sync::Arc;

use super::ast::{self, Body, Rule};
use super::resolve::key;
use super::set::Kind;
use crate::diag::Position;

/// A rule, or a definition of a derived role.
#[derive(Debug, Clone)]
pub(crate) struct RulePlace {
    /// Key of the policy, such as `resource.album.vdefault` or `derived_roles.common`.
    pub(crate) policy: Arc<str>,
    /// Its number in the policy, from 0.
    pub(crate) number: u32,
    /// Its name; empty for rules of role policies without one (rule N4).
    pub(crate) name: Box<str>,
    pub(crate) file: Arc<str>,
    pub(crate) position: Position,
}

/// The rules and derived roles of all files, in the order of the files.
pub(super) fn of(files: &[ast::Policy]) -> Vec<RulePlace> {
    let mut all = Vec::new();
    for file in files {
        let mut add = |policy: String, rules: &mut dyn Iterator<Item = (&str, Position)>| {
            let policy: Arc<str> = policy.into();
            all.extend(rules.zip(0_u32..).map(|((name, position), number)| RulePlace {
                policy: Arc::clone(&policy),
                number,
                name: name.into(),
                file: Arc::clone(&file.file),
                position,
            }));
        };
        match &file.body {
            Body::Resource(p) => add(key(Kind::Resource, p), &mut p.rules.iter().map(named)),
            Body::Principal(p) => add(key(Kind::Principal, p), &mut p.rules.iter().map(named)),
            Body::Role(p) => add(key(Kind::Role, p), &mut p.rules.iter().map(named)),
            Body::DerivedRoles(d) => add(
                derived_roles_key(d),
                &mut d.roles.iter().map(|role| (&*role.name.value, role.name.place.position)),
            ),
            Body::ExportVariables { .. } | Body::ExportConstants { .. } => {}
        }
    }
    all
}

/// `derived_roles.common`
pub(super) fn derived_roles_key(roles: &ast::DerivedRoles) -> String {
    format!("derived_roles.{}", roles.name.value)
}

fn named(rule: &Rule) -> (&str, Position) {
    let name = if rule.name.is_empty() { &rule.default_name } else { &rule.name };
    (name, rule.place.position)
}
