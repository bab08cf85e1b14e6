//! Decisions before the resource is loaded: the loop of `decide.rs`, over all results that conditions may have.
//!
//! Each step of the loop answers with a set of outcomes. What two conditions have to do with each other is not looked
//! at, so that a set may be too large: `R.attr.a` and `!R.attr.a` may both hold here. It is never too small.

use std::cell::Cell;

use super::outcomes::Outcomes;
use super::question::Check;
use super::schema::{is_ignored, validate};
use super::{Effect, Engine, Outline, Outlook, SchemaEnforcement, Undecided, ValidationSource};
use crate::cel::{Activation, Arena, Timestamp, Truths, Unknown, V};
use crate::policy::{Condition, Kind, Params, SchemaUse};
use crate::request::{AuxData, Principal, Resource};
use crate::table::{Entry, Hash, RolePolicy, Row, RuleTable};

impl Engine {
    /// What [`decide`](Self::decide) can answer, asked before the resource is loaded: [`Outlook::Never`] is what no such
    /// resource is spared, whatever its attributes, [`Outlook::Always`] what each is granted. What cannot be told is
    /// [`Outlook::Depends`].
    ///
    /// It speaks of decisions by the same policies and options, with the same principal, `aux_data` and `now`. A decision that
    /// ends undecided is neither allowed nor denied. An unknown scope or version costs a pass for each that policies use.
    ///
    /// # Errors
    ///
    /// As [`decide`](Self::decide).
    ///
    /// ```
    /// use authz_engine::cel::Timestamp;
    /// use authz_engine::check::{Outline, Outlook};
    /// # use authz_engine::policy::{PolicySet, Source};
    /// # use authz_engine::{Engine, Options, Principal};
    ///
    /// let policy = "
    /// apiVersion: api.cerbos.dev/v1
    /// resourcePolicy:
    ///   resource: album
    ///   version: default
    ///   rules:
    ///     - actions: [view]
    ///       effect: EFFECT_ALLOW
    ///       roles: [user]
    ///       condition: {match: {expr: P.attr.verified && R.attr.owner == P.id}}
    /// ";
    /// let engine = Engine::new(PolicySet::load([Source::new("album.yaml", policy)])?, Options::default());
    /// let mut alice = Principal { id: "alice".into(), roles: vec!["user".into()], ..Principal::default() };
    /// alice.attr = [("verified", true.into())].into_iter().collect();
    /// let album = Outline::new("album").by_default();
    /// assert_eq!(engine.foresee(&alice, &album, "view", None, Timestamp::now())?, Outlook::Depends);
    /// alice.attr = [("verified", false.into())].into_iter().collect();
    /// assert_eq!(engine.foresee(&alice, &album, "view", None, Timestamp::now())?, Outlook::Never);
    /// # Ok::<(), Box<dyn std::error::Error>>(())
    /// ```
    pub fn foresee(
        &self,
        principal: &Principal,
        outline: &Outline<'_>,
        action: &str,
        aux_data: Option<&AuxData>,
        now: Timestamp,
    ) -> Result<Outlook, Undecided> {
        let arena = Arena::new();
        let cases = cases(&self.table, self.options.lenient_scope_search, outline);
        // Expressions see what all cases have in common.
        let common = resource(outline, outline.scope, outline.policy_version);
        let mut base = Activation::new(principal, &common, &self.options.globals, &arena, now);
        base.aux_data = aux_data;
        let mut foresight = Foresight {
            engine: self,
            action,
            unknown: Unknown {
                id: outline.id.is_none(),
                scope: outline.scope.is_none(),
                version: outline.policy_version.is_none(),
                variables: &[],
            },
            base,
            variables: Hash::default(),
            conditions: Hash::default(),
            misfits: Hash::default(),
        };
        let mut outcomes = Outcomes::NONE;
        for case in &cases {
            let check = Check::new(self, principal, case, aux_data, now, &arena, None);
            outcomes.add(foresight.case(&check)?);
            if outcomes.outlook() == Outlook::Depends {
                break;
            }
        }
        Ok(outcomes.outlook())
    }
}

/// A resource in a place of its own. Of what else is not known nothing is looked at.
fn resource(outline: &Outline<'_>, scope: Option<&str>, version: Option<&str>) -> Resource {
    Resource {
        kind: outline.kind.into(),
        id: outline.id.unwrap_or_default().into(),
        scope: scope.unwrap_or_default().into(),
        policy_version: version.unwrap_or_default().into(),
        ..Resource::default()
    }
}

/// One resource for each scope and version that policies tell apart.
fn cases(table: &RuleTable, lenient: bool, outline: &Outline<'_>) -> Vec<Resource> {
    // No policy has such a scope or version.
    const STRANGE: &str = "?";
    let scopes: Vec<String> = match outline.scope {
        Some(scope) => vec![scope.to_owned()],
        None => {
            let known = table.scopes_of_resources();
            // A dot is dropped from each, so that the root is not taken for the default.
            let strange = known.iter().filter(|s| lenient && !s.is_empty());
            let strange = strange.map(|scope| format!(".{scope}.{STRANGE}"));
            let known = known.iter().map(|scope| format!(".{scope}"));
            known.chain(strange).chain([format!(".{STRANGE}")]).collect()
        }
    };
    let versions = match outline.policy_version {
        Some(version) => vec![version],
        None => table.versions_of_resources().into_iter().chain([STRANGE]).collect(),
    };
    let all = scopes.iter().flat_map(|scope| versions.iter().map(move |version| (scope, version)));
    all.map(|(scope, version)| resource(outline, Some(scope), Some(version))).collect()
}

/// What has been found out; it is the same for all cases.
pub(super) struct Foresight<'t, 'x> {
    pub(super) engine: &'t Engine,
    action: &'x str,
    pub(super) unknown: Unknown<'x>,
    pub(super) base: Activation<'x>,
    pub(super) variables: Hash<*const Params, Variables<'x>>,
    pub(super) conditions: Hash<*const Condition, Truths>,
    /// Whether the principal's attributes do not fit a schema.
    misfits: Hash<*const SchemaUse, bool>,
}

/// Values by slot, and which of them are unknown.
pub(super) type Variables<'x> = (&'x [Cell<Option<V<'x>>>], &'x [bool]);

impl<'t: 'x, 'x> Foresight<'t, 'x> {
    fn case(&mut self, check: &Check<'t, 'x>) -> Result<Outcomes, Undecided> {
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

    /// Whether a row may say something: its derived role is active, and its condition holds, or does not if it is turned
    /// around.
    fn met(
        &mut self,
        check: &Check<'t, 'x>,
        entry: &'t Entry,
        row: &'t Row,
    ) -> Result<Truths, Undecided> {
        // Rules of one name share the result of whichever comes first (rule O5), which depends on what others deny.
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
