//! Role policies (docs/semantics.md, section 5, rules R1 to R5).

use super::decide::Said;
use super::evaluate::Held;
use super::question::{Check, Role, Site};
use super::{Effect, Undecided};
use crate::table::{RolePolicy, Row};

impl<'t: 'x, 'x> Check<'t, 'x> {
    /// The role policies of a scope, of the role itself first (rule R7). They count only where any rule of the scope
    /// speaks of the resource to the role or to what it inherits from (rules R1, R2).
    pub(super) fn role_policies(
        &mut self,
        site: &Site<'t>,
        role: &Role<'t, 'x>,
        action: &str,
    ) -> Result<Said<'t>, Undecided> {
        if site.role_policies.is_empty() {
            return Ok(Said::Nothing);
        }
        let policies = self.role_policies_for(site, role);
        if !self.role_policies_count(&policies, site, role) {
            return Ok(Said::Nothing);
        }
        for policy in policies {
            match self.restrict(policy, site, action)? {
                Said::Nothing => {}
                said => return Ok(said),
            }
        }
        Ok(Said::Nothing)
    }

    /// Whether any rule of the scope speaks of the resource to the role or to what it inherits from (rules R1, R2).
    pub(super) fn role_policies_count(
        &self,
        policies: &[&'t RolePolicy],
        site: &Site<'t>,
        role: &Role<'t, 'x>,
    ) -> bool {
        if policies.is_empty() {
            return false;
        }
        let named = |row: &Row| self.is_for(row, role);
        policies.iter().any(|policy| policy.speaks_of(self.kind))
            || site.entry.is_some_and(|entry| entry.rows.all().iter().any(named))
    }

    /// Rules R1 to R3: an allow list for one role. What it does not list is denied; overlapping entries must
    /// all hold.
    fn restrict(
        &mut self,
        policy: &'t RolePolicy,
        site: &Site<'t>,
        action: &str,
    ) -> Result<Said<'t>, Undecided> {
        if policy.rules.is_empty() {
            return Ok(Said::Nothing);
        }
        let scope = &site.scope.name;
        let deny = Said::Effect(Effect::Deny, scope, Some(&policy.key));
        let mut listed = false;
        for (number, rule) in policy.rules_of(self.kind) {
            if !rule.lists(action) {
                continue;
            }
            listed = true;
            if rule.condition.is_some() {
                self.effective.note_role(policy);
            }
            self.base.variables = self.variables(&policy.params, rule.variables)?;
            let held = self.condition(rule.condition.as_deref())?;
            self.note_restriction(policy, Some((number, rule, &held)));
            let met = match held {
                Held::Failed => return Ok(Said::Failed(&policy.key, scope)),
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
}
