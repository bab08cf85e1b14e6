//! What requests leave open (docs/semantics.md, section 5, rule 1).

use super::{Engine, Options};
use crate::table::{Id, RuleTable, Scope};

/// Numbers of the names that options give to what a request leaves open.
#[derive(Debug, Clone, Copy)]
pub(super) struct Defaults {
    version: Id,
    scope: Id,
}

impl Defaults {
    pub(super) fn new(table: &RuleTable, options: &Options) -> Self {
        Self {
            version: table.versions.id(&options.default_policy_version),
            scope: table.scopes.id(undotted(&options.default_scope)),
        }
    }
}

/// One leading dot asks for the root.
fn undotted(scope: &str) -> &str {
    scope.strip_prefix('.').unwrap_or(scope)
}

impl Engine {
    /// A policy version as the request gives it, and its number.
    pub(super) fn version<'x>(&'x self, given: &'x str) -> (&'x str, Id) {
        if given.is_empty() {
            return (&self.options.default_policy_version, self.defaults.version);
        }
        (given, self.table.versions.id(given))
    }

    /// A scope as the request gives it, and what policies have there.
    pub(super) fn scope<'t: 'x, 'x>(&'t self, given: &'x str) -> (&'x str, Option<&'t Scope>) {
        let scopes = &self.table.scopes;
        if given.is_empty() {
            return (undotted(&self.options.default_scope), scopes.at(self.defaults.scope));
        }
        let scope = undotted(given);
        (scope, scopes.get(scope))
    }
}
