//! Role policies (docs/semantics.md, section 5, rules R1 to R5).

use smallvec::SmallVec;

use super::decide::Said;
use super::evaluate::Held;
use super::question::Check;
use super::{Effect, Undecided};
use crate::table::{Entry, RolePolicy, Row};

impl<'t: 'x, 'x> Check<'t, 'x> {
    /// The role policies of a scope, of the role itself first (rule R7). They count only where any rule of the scope
    /// speaks of the resource to the role or to what it inherits from (rules R1, R2).
    pub(super) fn role_policies(
        &mut self,
        entry: Option<&'t Entry>,
        role: &'x str,
        scope: &'x str,
        action: &str,
    ) -> Result<Said<'x>, Undecided> {
        let (table, version) = (&self.engine.table, self.resource_version);
        let policies: SmallVec<[&'t RolePolicy; 2]> =
            self.closure(role).filter_map(|r| table.role_policy(r, version, scope)).collect();
        if policies.is_empty() {
            return Ok(Said::Nothing);
        }
        let named = |row: &Row| self.closure(role).any(|r| row.role.matches(r));
        let count = policies.iter().any(|p| p.speaks_of(&self.resource_name))
            || entry.is_some_and(|entry| entry.rows.all().iter().any(named));
        for policy in policies.into_iter().filter(|_| count) {
            match self.restrict(policy, action)? {
                Said::Nothing => {}
                said => return Ok(said),
            }
        }
        Ok(Said::Nothing)
    }

    /// Rules R1 to R3: an allow list for one role. What it does not list is denied; overlapping entries must
    /// all hold.
    fn restrict(&mut self, policy: &'t RolePolicy, action: &str) -> Result<Said<'x>, Undecided> {
        if policy.rules.is_empty() {
            return Ok(Said::Nothing);
        }
        let deny = Said::Effect(Effect::Deny, &policy.scope, Some(&policy.key));
        let mut listed = false;
        for (rule, number) in policy.rules.iter().zip(0_u32..) {
            if !rule.resource.matches(&self.resource_name)
                || !rule.actions.iter().any(|a| a.matches(action))
            {
                continue;
            }
            listed = true;
            if rule.condition.is_some() {
                self.effective.note_role(policy);
            }
            self.base.variables = self.variables(&policy.params)?;
            let held = self.condition(rule.condition.as_deref())?;
            self.note_restriction(policy, Some((number, rule, &held)));
            let met = match held {
                Held::Failed => return Ok(Said::Failed(&policy.key, &policy.scope)),
                Held::Yes => true,
                Held::No => false,
            };
            self.note_rule(&policy.key, number, met);
            self.emit(rule.output.as_deref(), met, (&policy.key, &rule.name), action);
            if !met {
                return Ok(deny);
            }
        }
        if listed {
            return Ok(Said::Nothing);
        }
        self.effective.note_role(policy);
        self.note_restriction(policy, None);
        Ok(deny)
    }

    /// Rules R5 and R7: a role, and what it inherits in exactly the requested scope.
    pub(super) fn closure<'r>(
        &self,
        role: &'r str,
    ) -> impl Iterator<Item = &'r str> + use<'r, 't, 'x>
    where
        't: 'r,
    {
        let table = &self.engine.table;
        let mut all: SmallVec<[&'r str; 2]> = SmallVec::new();
        all.push(role);
        if table.has_parents(self.requested_scope) {
            let mut next = 0;
            while let Some(current) = all.get(next).copied() {
                for parent in table.parents_of(self.requested_scope, current) {
                    // One that inherits from itself is there twice.
                    if !all.iter().skip(1).any(|known| **known == **parent) {
                        all.push(parent);
                    }
                }
                next += 1;
            }
        }
        all.into_iter()
    }
}
