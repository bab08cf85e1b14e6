//! How a decision is named (docs/semantics.md, section 5, rule 10).

use super::decide::Said;
use super::question::Check;
use super::{Decision, Effect, Name};
use crate::policy::{Kind, key_parts};

impl<'t: 'x, 'x> Check<'t, 'x> {
    /// Rule 10: how Cerbos names what decided.
    pub(super) fn describe(&self, (kind, said): (Kind, Said<'t>)) -> Decision {
        let (effect, scope, policy) = match said {
            Said::Nothing => (Effect::Deny, None, None),
            Said::Effect(effect, scope, policy) => (effect, Some(scope), policy),
            Said::Failed(policy, scope) => (Effect::Deny, Some(scope), Some(policy)),
        };
        let policy = match policy {
            Some(named) => Some(Name::of(named)),
            None => self.exists(kind).then(|| self.key(kind)),
        };
        Decision { effect, policy, scope: scope.map_or_else(Name::empty, Name::of) }
    }

    /// The key of the first scope found, whether such a policy exists or not (rule Q2). Principal policies are named by
    /// the principal's version.
    pub(super) fn key(&self, kind: Kind) -> Name {
        let caller = self.caller;
        let (entry, scope, name, version) = match kind {
            Kind::Principal => {
                let (first, (version, version_id)) = (caller.scopes().next(), caller.version());
                let entry = first.and_then(|(id, _)| caller.policies?.at(version_id, id));
                (entry, first.map(|(_, scope)| scope), caller.name, version)
            }
            _ => {
                let first = self.sites(kind).first();
                let entry = first.and_then(|site| site.entry);
                (entry, first.map(|site| site.scope), self.kind.name, self.resource_version)
            }
        };
        let scope = scope.map_or("", |scope| &*scope.name);
        match entry {
            Some(entry) => Name::of(&entry.key),
            None => Name::join(&key_parts(kind.as_str(), name, version, scope)),
        }
    }
}
