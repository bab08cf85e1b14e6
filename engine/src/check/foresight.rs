//! The loop of `decide.rs`, over all results that conditions may have (docs/semantics.md, section 12).
//!
//! Each step answers with a set of outcomes. What two conditions have to do with each other is not looked at, so
//! that a set may be too large: `R.attr.a` and `!R.attr.a` may both hold here. It is never too small.

use std::cell::Cell;

use super::outcomes::Outcomes;
use super::question::Check;
use super::schema::{is_ignored, validate};
use super::{Effect, Engine, SchemaEnforcement, Undecided, ValidationSource};
use crate::cel::{Activation, Truths, Unknown, V};
use crate::policy::{Condition, Kind, Params, SchemaUse};
use crate::table::{Entry, Hash, RolePolicy, Row};

/// What has been found out; it is the same for all cases.
pub(super) struct Foresight<'t, 'x> {
    pub(super) engine: &'t Engine,
    pub(super) action: &'x str,
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
        if !check.principal_exists && !check.resource_exists {
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
                !validate(ValidationSource::Principal, used, attr, &[action]).is_empty()
            });
            if *misfits {
                return Truths::HOLDS;
            }
        }
        match &policy.schemas.resource {
            Some(used) if !is_ignored(used, self.action) => never.or(Truths::HOLDS),
            _ => never,
        }
    }

    /// Rule 5.
    fn kind(&mut self, check: &Check<'t, 'x>, kind: Kind) -> Result<Outcomes, Undecided> {
        let roles = &check.principal.roles;
        let roles =
            if kind == Kind::Principal { roles.get(..1).unwrap_or_default() } else { roles };
        let mut outcomes = Outcomes::NONE;
        // What there is to say if no further role is allowed.
        let mut otherwise = Outcomes::NOTHING;
        for role in roles {
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
        role: &'x str,
    ) -> Result<Outcomes, Undecided> {
        let scopes = match kind {
            Kind::Principal => &check.principal_scopes,
            _ => &check.resource_scopes,
        };
        let mut outcomes = Outcomes::NONE;
        for scope in scopes {
            let mut said = self.scope(check, kind, role, scope)?;
            if said.has(Outcomes::ALLOW) && self.engine.table.needs_consent(scope) {
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
        role: &'x str,
        scope: &'x str,
    ) -> Result<Outcomes, Undecided> {
        let entry = check.entry(kind, scope);
        let mut outcomes = Outcomes::NONE;
        if kind == Kind::Resource {
            let said = self.role_policies(check, entry, role, scope)?;
            outcomes.add(said.without(Outcomes::NOTHING));
            if !said.has(Outcomes::NOTHING) {
                return Ok(outcomes);
            }
        }
        // What there is to say if no further row denies.
        let mut otherwise = Outcomes::NOTHING;
        for row in entry.into_iter().flat_map(|entry| entry.rows.of(self.action)) {
            let Some(entry) = entry else { break };
            let about_it =
                row.resource.as_ref().is_none_or(|glob| glob.matches(&check.resource_name));
            if !about_it || !(row.role.is_any() || check.closure(role).any(|r| row.role.matches(r)))
            {
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
            let glob = other.resource.as_ref();
            other.first_of_name == row.first_of_name
                && other.rule != row.rule
                && glob.is_none_or(|glob| glob.matches(&check.resource_name))
        };
        if row.shares_name && entry.rows.all().iter().any(is_other) {
            return Ok(self.any());
        }
        let mut met = Truths::NONE;
        if let Some(role) = row.derived_role.and_then(|i| entry.derived_roles.get(i)) {
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
        entry: Option<&'t Entry>,
        role: &'x str,
        scope: &'x str,
    ) -> Result<Outcomes, Undecided> {
        let (table, version) = (&self.engine.table, check.resource_version);
        let policies: Vec<&'t RolePolicy> =
            check.closure(role).filter_map(|r| table.role_policy(r, version, scope)).collect();
        if policies.is_empty() {
            return Ok(Outcomes::NOTHING);
        }
        let named = |row: &Row| check.closure(role).any(|r| row.role.matches(r));
        let count = policies.iter().any(|p| p.speaks_of(&check.resource_name))
            || entry.is_some_and(|entry| entry.rows.all().iter().any(named));
        let mut outcomes = Outcomes::NONE;
        for policy in policies.into_iter().filter(|_| count) {
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
        for rule in &policy.rules {
            if !rule.resource.matches(&check.resource_name)
                || !rule.actions.iter().any(|a| a.matches(self.action))
            {
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
