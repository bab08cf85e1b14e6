//! The decision loop. Numbers in comments are the rules of docs/semantics.md, section 5.

use std::borrow::Cow;
use std::cell::Cell;
use std::sync::Arc;

use smallvec::SmallVec;

use super::evaluate::{Held, lookup_name};
use super::output::CheckOutput;
use super::trace::Trace;
use super::{Decision, Effect, Engine, PolicyKey, Undecided};
use crate::cel::{Activation, Arena, Timestamp, V};
use crate::policy::{Kind, Params, policy_key};
use crate::request::{AuxData, Principal, Resource};
use crate::table::{Entry, RolePolicy, Row};

/// One request while it is decided.
pub(super) struct Check<'t, 'x> {
    pub(super) engine: &'t Engine,
    pub(super) principal: &'x Principal,
    /// What expressions see; variables and derived roles change on the way.
    pub(super) base: Activation<'x>,
    pub(super) variables: SmallVec<[Evaluated<'t, 'x>; 2]>,
    pub(super) output: Option<CheckOutput>,
    pub(super) trace: Option<Box<Trace>>,
    pub(super) requested_scope: &'x str,
    /// Results of rules, each through one derived role or none.
    results: SmallVec<[RuleResult<'t>; 4]>,
    computed_scopes: SmallVec<[(&'x str, DerivedRoles<'x>); 2]>,
    principal_name: Cow<'x, str>,
    pub(super) resource_name: Cow<'x, str>,
    principal_version: &'x str,
    pub(super) resource_version: &'x str,
    principal_scopes: SmallVec<[&'x str; 4]>,
    pub(super) resource_scopes: SmallVec<[&'x str; 4]>,
    principal_exists: bool,
    pub(super) resource_exists: bool,
}

/// The variables of a policy and their values, `None` for one that failed.
type Evaluated<'t, 'x> = (&'t Params, &'x [Cell<Option<V<'x>>>]);

/// Derived roles that are active, and those of which nobody knows.
pub(super) type DerivedRoles<'x> = (&'x [&'x str], &'x [&'x str]);

/// A rule of a policy, the derived role it was reached through, and whether its conditions hold.
type RuleResult<'t> = (&'t Entry, u32, Option<usize>, bool);

/// What one kind of policy says for one role.
#[derive(Clone, Copy)]
pub(super) enum Said<'x> {
    Nothing,
    /// Effect, deciding scope, and the policy to name when it is not that of the kind.
    Effect(Effect, &'x str, Option<&'x str>),
    /// Strict evaluation: an expression failed, the action ends (rule 9).
    Failed(&'x str, &'x str),
}

impl<'t: 'x, 'x> Check<'t, 'x> {
    pub(super) fn new(
        engine: &'t Engine,
        principal: &'x Principal,
        resource: &'x Resource,
        aux_data: Option<&'x AuxData>,
        now: Timestamp,
        arena: &'x Arena,
        output: Option<CheckOutput>,
    ) -> Self
    where
        't: 'x,
    {
        let (options, table) = (&engine.options, &engine.table);
        // Rule 1: what the request leaves open comes from the options; one leading dot asks for the root.
        let or = |given: &'x str, default: &'t str| -> &'x str {
            if given.is_empty() { default } else { given }
        };
        let scope = |given: &'x str| {
            let scope = or(given, &options.default_scope);
            scope.strip_prefix('.').unwrap_or(scope)
        };
        let (principal_scope, resource_scope) = (scope(&principal.scope), scope(&resource.scope));
        let principal_version = or(&principal.policy_version, &options.default_policy_version);
        let resource_version = or(&resource.policy_version, &options.default_policy_version);
        let resource_name = lookup_name(&resource.kind);
        // Rule 2: the scopes to visit.
        let lenient = options.lenient_scope_search;
        let principal_scopes: SmallVec<[&'x str; 4]> =
            table.chain(Kind::Principal, principal_scope, lenient).collect();
        let resource_scopes: SmallVec<[&'x str; 4]> =
            table.chain(Kind::Resource, resource_scope, lenient).collect();
        // Rule 3: whether any policy speaks of the request, for naming.
        let principal_exists =
            principal_scopes.iter().any(|s| table.any_principal_policy(principal_version, s));
        let resource_exists = resource_scopes
            .iter()
            .any(|s| table.any_resource_row(&resource_name, resource_version, s));
        let mut base = Activation::new(principal, resource, &options.globals, arena, now);
        base.aux_data = aux_data;
        Self {
            engine,
            principal,
            base,
            variables: SmallVec::new(),
            output,
            trace: None,
            requested_scope: resource_scope,
            results: SmallVec::new(),
            computed_scopes: SmallVec::new(),
            principal_name: lookup_name(&principal.id),
            resource_name,
            principal_version,
            resource_version,
            principal_scopes,
            resource_scopes,
            principal_exists,
            resource_exists,
        }
    }

    /// What was collected on the way to `decisions`.
    pub(super) fn finish(&mut self, decisions: Vec<(Box<str>, Decision)>) -> CheckOutput {
        let mut output = self.output.take().unwrap_or_default();
        output.time_dependent = self.base.read_the_clock();
        output.finish(decisions);
        output
    }

    /// Decides one action.
    pub(super) fn action(&mut self, action: &str) -> Result<Decision, Undecided> {
        if !self.principal_exists && !self.resource_exists {
            return Ok(Decision {
                effect: Effect::Deny,
                policy: None,
                scope: self.engine.table.root_scope(),
            });
        }
        let mut decided = (Kind::Resource, Said::Nothing);
        // Rule 4: principal policies first; what they decide is final.
        for kind in [Kind::Principal, Kind::Resource] {
            let said = self.kind(kind, action)?;
            decided = (kind, said);
            if !matches!(said, Said::Nothing) {
                break;
            }
        }
        Ok(self.describe(decided))
    }

    /// Rule 5: the roles of the principal in the order of the request; the first that is allowed wins, or
    /// else the first that has something to say.
    fn kind(&mut self, kind: Kind, action: &str) -> Result<Said<'x>, Undecided> {
        let principal = self.principal;
        let roles = if kind == Kind::Principal {
            principal.roles.get(..1).unwrap_or_default()
        } else {
            &principal.roles
        };
        let mut result = Said::Nothing;
        for role in roles {
            let said = self.role(kind, action, role)?;
            match said {
                Said::Effect(Effect::Allow, ..) | Said::Failed(..) => return Ok(said),
                _ if matches!(result, Said::Nothing) => result = said,
                _ => {}
            }
        }
        Ok(result)
    }

    /// Rule 6: the scopes, most specific first.
    fn role(&mut self, kind: Kind, action: &str, role: &'x str) -> Result<Said<'x>, Undecided> {
        let scopes =
            if kind == Kind::Principal { &self.principal_scopes } else { &self.resource_scopes }
                .clone();
        for scope in scopes {
            let said = self.scope(kind, action, role, scope)?;
            self.note_visit((kind, action), role, scope, &said);
            match said {
                // Rule 8: in a scope that needs consent, an allow only asks the parent.
                Said::Effect(Effect::Allow, ..) if self.engine.table.needs_consent(scope) => {}
                Said::Nothing => {}
                said => return Ok(said),
            }
        }
        Ok(Said::Nothing)
    }

    /// Rule 7: within a scope, the first row that denies wins over all that allow; role policies come first.
    fn scope(
        &mut self,
        kind: Kind,
        action: &str,
        role: &'x str,
        scope: &'x str,
    ) -> Result<Said<'x>, Undecided> {
        let (table, version) = (&self.engine.table, self.resource_version);
        let entry = self.entry(kind, scope);
        if kind == Kind::Resource {
            match entry {
                Some(entry) => self.enter_scope(entry, scope)?,
                None => self.see_roles((&[], &[])),
            }
            let restricted: SmallVec<[&'t RolePolicy; 2]> =
                self.closure(role).filter_map(|r| table.role_policy(r, version, scope)).collect();
            for policy in restricted {
                match self.restrict(policy, action)? {
                    Said::Nothing => {}
                    said => return Ok(said),
                }
            }
        }
        let Some(entry) = entry else { return Ok(Said::Nothing) };
        let mut allowed = false;
        for row in entry.rows.of(action) {
            let about_it =
                row.resource.as_ref().is_none_or(|pattern| pattern.matches(&self.resource_name));
            if !about_it || !(row.role.is_any() || self.closure(role).any(|r| row.role.matches(r)))
            {
                continue;
            }
            let held = self.met(entry, row)?;
            self.note_row(entry, row, held.as_ref())?;
            let met = match held {
                None => continue,
                Some(Held::Failed) => return Ok(Said::Failed(&entry.key, scope)),
                Some(Held::Yes) => true,
                Some(Held::No) => false,
            };
            self.emit(row.output.as_deref(), met, (&entry.key, &row.name), action);
            match row.effect {
                _ if !met => {}
                Effect::Allow => allowed = true,
                Effect::Deny => return Ok(Said::Effect(Effect::Deny, scope, None)),
            }
        }
        Ok(if allowed { Said::Effect(Effect::Allow, scope, None) } else { Said::Nothing })
    }

    /// Whether a row's conditions hold, each rule evaluated once a request. `None`: its derived role is not
    /// active, and that was found out just now (rule Q8).
    fn met(&mut self, entry: &'t Entry, row: &'t Row) -> Result<Option<Held>, Undecided> {
        let variables = self.variables(&entry.params)?;
        self.base.variables = variables;
        let known = self.results.iter().find(|(e, rule, derived_role, _)| {
            std::ptr::eq(*e, entry) && *rule == row.rule && *derived_role == row.derived_role
        });
        if let Some((.., met)) = known {
            return Ok(Some((*met).into()));
        }
        if let Some(role) = row.derived_role.and_then(|i| entry.derived_roles.get(i)) {
            self.base.variables = self.variables(&role.params)?;
            let held = self.condition(role.condition.as_deref())?;
            self.base.variables = variables;
            match held {
                Held::Yes => {}
                Held::Failed => return Ok(Some(Held::Failed)),
                Held::No => {
                    self.results.push((entry, row.rule, row.derived_role, false));
                    return Ok(None);
                }
            }
        }
        let held = self.condition(row.condition.as_deref())?;
        let met = match (held, row.negated) {
            (Held::Failed, _) => return Ok(Some(Held::Failed)),
            (Held::Yes, negated) => !negated,
            (Held::No, negated) => negated,
        };
        self.results.push((entry, row.rule, row.derived_role, met));
        Ok(Some(met.into()))
    }

    /// Rules R1 to R3: an allow list for one role. What it does not list is denied; overlapping entries must
    /// all hold.
    fn restrict(&mut self, policy: &'t RolePolicy, action: &str) -> Result<Said<'x>, Undecided> {
        if policy.rules.is_empty() {
            return Ok(Said::Nothing);
        }
        let deny = Said::Effect(Effect::Deny, &policy.scope, Some(&policy.key));
        let mut listed = false;
        for rule in &policy.rules {
            if !rule.resource.matches(&self.resource_name)
                || !rule.actions.iter().any(|a| a.matches(action))
            {
                continue;
            }
            listed = true;
            self.base.variables = self.variables(&policy.params)?;
            let held = self.condition(rule.condition.as_deref())?;
            self.note_restriction(policy, Some((&rule.name, rule.condition.as_deref(), &held)));
            let met = match held {
                Held::Failed => return Ok(Said::Failed(&policy.key, &policy.scope)),
                Held::Yes => true,
                Held::No => false,
            };
            self.emit(rule.output.as_deref(), met, (&policy.key, &rule.name), action);
            if !met {
                return Ok(deny);
            }
        }
        if listed {
            return Ok(Said::Nothing);
        }
        self.note_restriction(policy, None);
        Ok(deny)
    }

    /// Derived roles are computed when a scope is first visited (rule D1).
    fn enter_scope(&mut self, entry: &'t Entry, scope: &'x str) -> Result<(), Undecided> {
        let known = self.computed_scopes.iter().find(|(s, _)| *s == scope).map(|(_, roles)| *roles);
        let roles = match known {
            Some(roles) => roles,
            None => {
                let roles = self.compute_derived_roles(entry)?;
                self.computed_scopes.push((scope, roles));
                roles
            }
        };
        self.see_roles(roles);
        Ok(())
    }

    pub(super) fn see_roles(&mut self, (active, failed): DerivedRoles<'x>) {
        self.base.derived_roles = active;
        self.base.failed_derived_roles = failed;
    }

    /// Rule R5: a role, and what it inherits in exactly the requested scope.
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
                    if !all.contains(&&**parent) {
                        all.push(parent);
                    }
                }
                next += 1;
            }
        }
        all.into_iter()
    }

    /// The policy of a kind in exactly this scope. Principal policies go by the version of the resource (rule Q1).
    pub(super) fn entry(&self, kind: Kind, scope: &str) -> Option<&'t Entry> {
        let name = if kind == Kind::Principal { &self.principal_name } else { &self.resource_name };
        self.engine.table.entry(kind, name, self.resource_version, scope)
    }

    fn exists(&self, kind: Kind) -> bool {
        if kind == Kind::Principal { self.principal_exists } else { self.resource_exists }
    }

    /// Rule 10: how Cerbos names what decided.
    fn describe(&self, (kind, said): (Kind, Said<'x>)) -> Decision {
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
    fn key(&self, kind: Kind) -> PolicyKey {
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
