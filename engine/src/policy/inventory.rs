//! All rules of a set and where they stand, for those who want to know which of them hold for anything.

use std::sync::Arc;

use super::ast::{self, Body, Rule};
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

/// The rules and derived roles of all policies, in their order.
pub(super) fn of<'f>(policies: impl Iterator<Item = &'f ast::Policy>) -> Vec<RulePlace> {
    let mut all = Vec::new();
    for policy in policies {
        let key: Arc<str> = policy.key().into();
        let file = Arc::clone(&policy.place.file.source().name);
        let mut add = |rules: &mut dyn Iterator<Item = (&str, Position)>| {
            all.extend(rules.zip(0_u32..).map(|((name, position), number)| RulePlace {
                policy: Arc::clone(&key),
                number,
                name: name.into(),
                file: Arc::clone(&file),
                position,
            }));
        };
        match &policy.body {
            Body::Resource(p) | Body::Principal(p) | Body::Role(p) => {
                add(&mut p.rules.iter().map(named));
            }
            Body::DerivedRoles(d) => {
                add(&mut d
                    .roles
                    .iter()
                    .map(|role| (&*role.name.value, role.name.place.position())));
            }
            Body::ExportVariables { .. } | Body::ExportConstants { .. } => {}
        }
    }
    all
}

fn named(rule: &Rule) -> (&str, Position) {
    let name = if rule.name.is_empty() { &rule.default_name } else { &rule.name };
    (name, rule.place.position())
}
