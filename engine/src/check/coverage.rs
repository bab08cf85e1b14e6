//! Which rules and derived roles held, for those who ask: test suites.

use std::collections::{BTreeMap, BTreeSet};

use super::output::CheckOutput;
use super::question::Check;
use super::{Engine, Undecided};
use crate::cel::Timestamp;
use crate::policy::DerivedRole;
use crate::request::{AuxData, Principal, Resource};

/// Numbers of rules, by the key of their policy.
#[derive(Debug, Clone, Default)]
pub(crate) struct Activated(BTreeMap<Box<str>, BTreeSet<u32>>);

impl Activated {
    pub(crate) fn contains(&self, policy: &str, rule: u32) -> bool {
        self.0.get(policy).is_some_and(|rules| rules.contains(&rule))
    }

    fn insert(&mut self, policy: &str, rule: u32) {
        match self.0.get_mut(policy) {
            Some(rules) => {
                rules.insert(rule);
            }
            None => {
                self.0.insert(policy.into(), BTreeSet::from([rule]));
            }
        }
    }
}

impl Engine {
    /// As [`check`](Self::check); what held is added to `activated`.
    pub(crate) fn check_covered(
        &self,
        principal: &Principal,
        resource: &Resource,
        actions: &[&str],
        aux_data: Option<&AuxData>,
        now: Timestamp,
        activated: &mut Activated,
    ) -> Result<CheckOutput, Undecided> {
        let collect =
            CheckOutput { activated: Some(std::mem::take(activated)), ..CheckOutput::default() };
        let mut output = self.check_into(collect, principal, resource, actions, aux_data, now)?;
        *activated = output.activated.take().unwrap_or_default();
        Ok(output)
    }
}

impl Check<'_, '_> {
    /// Notes a rule whose conditions held.
    pub(super) fn note_rule(&mut self, policy: &str, rule: u32, held: bool) {
        if held && let Some(activated) = self.output.as_mut().and_then(|o| o.activated.as_mut()) {
            activated.insert(policy, rule);
        }
    }

    /// Notes a derived role that is active.
    pub(super) fn note_derived_role(&mut self, role: &DerivedRole) {
        self.note_rule(&role.policy, role.number, true);
    }
}
