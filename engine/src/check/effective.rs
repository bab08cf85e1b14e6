//! Which policies had a say, for decision logs (docs/semantics.md, rule A1).

use super::output::EffectivePolicy;
use super::question::Check;
use crate::policy::{Kind, scope_and_parents};
use crate::table::{Entry, RolePolicy};

/// Policies with a row for what is asked. Nothing is kept unless somebody wants to know.
#[derive(Default)]
pub(super) struct Effective<'t> {
    wanted: bool,
    policies: Vec<(Kind, &'t Entry)>,
    roles: Vec<&'t RolePolicy>,
}

impl<'t> Effective<'t> {
    pub(super) fn wanted() -> Self {
        Self { wanted: true, ..Self::default() }
    }

    pub(super) fn note(&mut self, kind: Kind, entry: &'t Entry) {
        if self.wanted && !self.policies.iter().any(|(_, known)| std::ptr::eq(*known, entry)) {
            self.policies.push((kind, entry));
        }
    }

    pub(super) fn note_role(&mut self, policy: &'t RolePolicy) {
        if self.wanted && !self.roles.iter().any(|known| std::ptr::eq(*known, policy)) {
            self.roles.push(policy);
        }
    }
}

impl<'t: 'x, 'x> Check<'t, 'x> {
    /// Those noted, and the ancestors they were compiled with.
    pub(super) fn effective_policies(&self) -> Vec<EffectivePolicy> {
        let table = &self.engine.table;
        let mut all = Vec::new();
        for (kind, policy) in &self.effective.policies {
            let name = if *kind == Kind::Principal { self.caller.name } else { self.kind.name };
            let chain = scope_and_parents(&policy.scope)
                .filter_map(|scope| table.entry(*kind, name, &policy.version, scope));
            all.extend(chain.map(|p| (&*p.key, &*p.file)));
        }
        all.extend(self.effective.roles.iter().map(|p| (&*p.key, &*p.file)));
        all.sort_unstable();
        all.dedup();
        all.into_iter()
            .map(|(key, source)| EffectivePolicy { key: key.into(), source: source.into() })
            .collect()
    }
}
