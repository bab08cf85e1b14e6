//! How a decision is named (docs/semantics.md, section 5, rule 10).

use std::sync::Arc;

use super::decide::Said;
use super::question::Check;
use super::{Decision, Effect, PolicyKey};
use crate::policy::{Kind, policy_key};

impl<'t: 'x, 'x> Check<'t, 'x> {
    fn exists(&self, kind: Kind) -> bool {
        if kind == Kind::Principal { self.principal_exists } else { self.resource_exists }
    }

    /// Rule 10: how Cerbos names what decided.
    pub(super) fn describe(&self, (kind, said): (Kind, Said<'x>)) -> Decision {
        let (effect, scope, policy) = match said {
            Said::Nothing => (Effect::Deny, "", None),
            Said::Effect(effect, scope, policy) => (effect, scope, policy),
            Said::Failed(policy, scope) => (Effect::Deny, scope, Some(policy)),
        };
        let policy = match policy {
            Some(named) => Some(PolicyKey(named.into())),
            None => self.exists(kind).then(|| self.key(kind)),
        };
        Decision { effect, policy, scope: self.shared_scope(kind, scope) }
    }

    /// The key of the first scope found, whether such a policy exists or not (rule Q2).
    pub(super) fn key(&self, kind: Kind) -> PolicyKey {
        let (name, as_written, version, scopes) = match kind {
            Kind::Principal => (
                &self.principal_name,
                &*self.principal.id,
                self.principal_version,
                &self.principal_scopes,
            ),
            _ => (
                &self.resource_name,
                &*self.base.resource.kind,
                self.resource_version,
                &self.resource_scopes,
            ),
        };
        let scope = scopes.first().copied().unwrap_or_default();
        PolicyKey(match self.engine.table.entry(kind, name, version, scope) {
            Some(entry) => Arc::clone(&entry.key),
            None => policy_key(kind.as_str(), as_written, version, scope).into(),
        })
    }

    /// The deciding scope, without copying it where its policy is at hand.
    fn shared_scope(&self, kind: Kind, scope: &str) -> Arc<str> {
        if scope.is_empty() {
            return self.engine.table.root_scope();
        }
        let entry = self.entry(kind, scope);
        entry.map_or_else(|| scope.into(), |entry| Arc::clone(&entry.scope))
    }
}
