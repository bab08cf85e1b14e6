//! The loop of `decide.rs`, over all results that conditions may have (docs/semantics.md, section 12).
//!
//! Each step answers with a set of outcomes. What two conditions have to do with each other is not looked at, so
//! that a set may be too large: `R.attr.a` and `!R.attr.a` may both hold here. It is never too small.

use std::cell::Cell;

use super::outcomes::Outcomes;
use super::question::{Check, Role, Site};
use super::schema::{is_ignored, validate};
use super::{Effect, Engine, SchemaEnforcement, Undecided, ValidationSource};
use crate::cel::{Activation, Truths, Unknown, V};
use crate::policy::{Condition, Kind, Params, SchemaUse};
use crate::table::{Entry, Hash, Named, RolePolicy, Row, UsableRole};

/// What has been found out; it is the same for all cases.
pub(super) struct Foresight<'t, 'x> {
    pub(super) engine: &'t Engine,
    pub(super) action: Named<'x>,
    pub(super) unknown: Unknown<'x>,
    pub(super) base: Activation<'x>,
    pub(super) variables: Hash<*const Params, Variables<'x>>,
    pub(super) conditions: Hash<*const Condition, Truths>,
    /// Whether the principal's attributes do not fit a schema.
    pub(super) misfits: Hash<*const SchemaUse, bool>,
}

/// Values by slot, and which of them are unknown.
pub(super) type Variables<'x> = (&'x [Cell<Option<V<'x>>>], &'x [bool]);

impl<'t: 'x, 'x> Foresight<'t, 'x> {
    pub(super) fn case(&mut self, check: &Check<'t, 'x>) -> Result<Outcomes, Undecided> {
        let mut outcomes = Outcomes::NONE;
        let rejected = self.rejected(check);
        outcomes.add_if(rejected.holds, Outcomes::DENY);
        if !rejected.does_not {
            return Ok(outcomes);
        }
        // Rule 3.
        if !check.resource_exists && !check.caller.exists() {
            outcomes.add(Outcomes::DENY);
            return Ok(outcomes);
        }
        // Rule 4.
        for kind in [Kind::Principal, Kind::Resource] {
            let said = self.kind(check, kind)?;
            outcomes.add(said.without(Outcomes::NOTHING));
            if !said.has(Outcomes::NOTHING) {
                return Ok(outcomes);
            }
        }
        outcomes.add(Outcomes::NOTHING);
        Ok(outcomes)
    }

    /// Whether attributes may be rejected (rule J4): the resource's may, where anything is asked of them.
    fn rejected(&mut self, check: &Check<'t, 'x>) -> Truths {
        let never = Truths::HOLDS.negated();
        if self.engine.options.schema_enforcement != SchemaEnforcement::Reject {
            return never;
        }
        let Some(policy) = check.validated_by() else { return never };
        if let Some(used) = &policy.schemas.principal {
            let (attr, action) = (&self.base.principal.attr, self.action);
            let misfits = self.misfits.entry(std::ptr::from_ref(used)).or_insert_with(|| {
                !validate(ValidationSource::Principal, used, attr, &[action.name]).is_empty()
            });
            if *misfits {
                return Truths::HOLDS;
            }
        }
        match &policy.schemas.resource {
            Some(used) if !is_ignored(used, self.action.name) => never.or(Truths::HOLDS),
            _ => never,
        }
    }

    /// Rule 5.
    fn kind(&mut self, check: &Check<'t, 'x>, kind: Kind) -> Result<Outcomes, Undecided> {
        let mut outcomes = Outcomes::NONE;
        // What there is to say if no further role is allowed.
        let mut otherwise = Outcomes::NOTHING;
        for role in check.roles(kind) {
            let said = self.role(check, kind, role)?;
            outcomes.add(said.without(Outcomes::NOTHING).without(Outcomes::DENY));
            let (silent, denied) = (said.has(Outcomes::NOTHING), said.has(Outcomes::DENY));
            if !silent && !denied {
                return Ok(outcomes);
            }
            if !silent {
                otherwise = Outcomes::DENY;
            }
            otherwise.add_if(denied, Outcomes::DENY);
        }
        outcomes.add(otherwise);
        Ok(outcomes)
    }

    /// Rules 6 and 8.
    fn role(
        &mut self,
        check: &Check<'t, 'x>,
        kind: Kind,
        role: &Role<'t, 'x>,
    ) -> Result<Outcomes, Undecided> {
        let mut outcomes = Outcomes::NONE;
        for site in check.sites(kind) {
            let mut said = self.scope(check, kind, role, site)?;
            if said.has(Outcomes::ALLOW) && site.scope.needs_consent {
                said = said.without(Outcomes::ALLOW);
                said.add(Outcomes::NOTHING);
            }
            outcomes.add(said.without(Outcomes::NOTHING));
            if !said.has(Outcomes::NOTHING) {
                return Ok(outcomes);
            }
        }
        outcomes.add(Outcomes::NOTHING);
        Ok(outcomes)
    }

    /// Rule 7.
    fn scope(
        &mut self,
        check: &Check<'t, 'x>,
        kind: Kind,
        role: &Role<'t, 'x>,
        site: &Site<'t>,
    ) -> Result<Outcomes, Undecided> {
        let mut outcomes = Outcomes::NONE;
        if kind == Kind::Resource {
            let said = self.role_policies(check, site, role)?;
            outcomes.add(said.without(Outcomes::NOTHING));
            if !said.has(Outcomes::NOTHING) {
                return Ok(outcomes);
            }
        }
        let Some(entry) = site.entry else {
            outcomes.add(Outcomes::NOTHING);
            return Ok(outcomes);
        };
        // What there is to say if no further row denies.
        let mut otherwise = Outcomes::NOTHING;
        for row in entry.rows.found(entry.rows.find(self.action), self.action.name) {
            if !row.is_about(check.kind.name) || !check.is_for(row, role) {
                continue;
            }
            let met = self.met(check, entry, row)?;
            outcomes.add_if(met.fails, Outcomes::FAILED);
            let goes_on = match row.effect {
                Effect::Deny => {
                    outcomes.add_if(met.holds, Outcomes::DENY);
                    met.does_not
                }
                Effect::Allow => {
                    if !met.does_not {
                        otherwise = Outcomes::NONE;
                    }
                    otherwise.add_if(met.holds, Outcomes::ALLOW);
                    met.holds || met.does_not
                }
            };
            if !goes_on {
                return Ok(outcomes);
            }
        }
        outcomes.add(otherwise);
        Ok(outcomes)
    }

    /// Whether a row may say something: its derived role is active, and its condition holds, or does not if it is
    /// turned around.
    fn met(
        &mut self,
        check: &Check<'t, 'x>,
        entry: &'t Entry,
        row: &'t Row,
    ) -> Result<Truths, Undecided> {
        // Rules of one name share the result of whichever comes first, and that depends on what others deny (rule
        // B4).
        let is_other = |other: &Row| {
            other.first_of_name == row.first_of_name
                && other.rule != row.rule
                && other.is_about(check.kind.name)
        };
        if row.shares_name && entry.rows.all().iter().any(is_other) {
            return Ok(self.any());
        }
        let mut met = Truths::NONE;
        if let Some(UsableRole { role, .. }) = entry.derived_role(row) {
            let active = self.condition(&role.params, role.condition.as_deref())?;
            met = Truths { holds: false, ..active };
            if !active.holds {
                return Ok(met);
            }
        }
        let held = self.condition(&entry.params, row.condition.as_deref())?;
        Ok(met.or(if row.negated { held.negated() } else { held }))
    }

    /// As `Check::role_policies`.
    fn role_policies(
        &mut self,
        check: &Check<'t, 'x>,
        site: &Site<'t>,
        role: &Role<'t, 'x>,
    ) -> Result<Outcomes, Undecided> {
        let policies = check.role_policies_for(site, role);
        if !check.role_policies_count(&policies, site, role) {
            return Ok(Outcomes::NOTHING);
        }
        let mut outcomes = Outcomes::NONE;
        for policy in policies {
            let said = self.restrict(check, policy)?;
            outcomes.add(said.without(Outcomes::NOTHING));
            if !said.has(Outcomes::NOTHING) {
                return Ok(outcomes);
            }
        }
        outcomes.add(Outcomes::NOTHING);
        Ok(outcomes)
    }

    /// Rules R1 to R3.
    fn restrict(
        &mut self,
        check: &Check<'t, 'x>,
        policy: &'t RolePolicy,
    ) -> Result<Outcomes, Undecided> {
        let mut outcomes = Outcomes::NONE;
        let mut listed = policy.rules.is_empty();
        for (_, rule) in policy.rules_of(check.kind) {
            if !rule.lists(self.action.name) {
                continue;
            }
            listed = true;
            let held = self.condition(&policy.params, rule.condition.as_deref())?;
            outcomes.add_if(held.fails, Outcomes::FAILED);
            outcomes.add_if(held.does_not, Outcomes::DENY);
            if !held.holds {
                return Ok(outcomes);
            }
        }
        outcomes.add(if listed { Outcomes::NOTHING } else { Outcomes::DENY });
        Ok(outcomes)
    }
}
