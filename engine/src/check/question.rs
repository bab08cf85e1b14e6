//! A question under way: what is asked, by which names policies are found, what has been found out so far.

use std::borrow::Cow;
use std::cell::Cell;

use smallvec::SmallVec;

use super::effective::Effective;
use super::evaluate::lookup_name;
use super::output::CheckOutput;
use super::trace::Trace;
use super::{Decision, Engine};
use crate::cel::{Activation, Arena, Timestamp, V};
use crate::policy::{Kind, Params};
use crate::request::{AuxData, Principal, Resource};
use crate::table::Entry;

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
    /// Policies with a row for what is asked, if anybody wants to know.
    pub(super) effective: Effective<'t>,
    /// Results of rules, each through one derived role or none.
    pub(super) results: SmallVec<[RuleResult<'t>; 4]>,
    pub(super) computed_scopes: SmallVec<[(&'x str, DerivedRoles<'x>); 2]>,
    pub(super) principal_name: Cow<'x, str>,
    pub(super) resource_name: Cow<'x, str>,
    pub(super) principal_version: &'x str,
    pub(super) resource_version: &'x str,
    pub(super) principal_scopes: SmallVec<[&'x str; 4]>,
    pub(super) resource_scopes: SmallVec<[&'x str; 4]>,
    pub(super) principal_exists: bool,
    pub(super) resource_exists: bool,
    /// Whether attributes do not fit their schemas, and that is enforced (rule J4).
    pub(super) rejected: bool,
}

/// The variables of a policy and their values, `None` for one that failed.
pub(super) type Evaluated<'t, 'x> = (&'t Params, &'x [Cell<Option<V<'x>>>]);

/// Derived roles that are active, and those of which nobody knows.
pub(super) type DerivedRoles<'x> = (&'x [&'x str], &'x [&'x str]);

/// A rule of a policy, the derived role it was reached through, and whether its conditions hold.
pub(super) type RuleResult<'t> = (&'t Entry, u32, Option<usize>, bool);

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
            effective: Effective::new(output.is_some()),
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
            rejected: false,
        }
    }

    /// What was collected on the way to `decisions`.
    pub(super) fn finish(&mut self, decisions: Vec<(Box<str>, Decision)>) -> CheckOutput {
        let mut output = self.output.take().unwrap_or_default();
        output.effective_policies = self.effective_policies();
        output.time_dependent = self.base.read_the_clock();
        output.finish(decisions);
        output
    }

    /// The policy of a kind in exactly this scope. Principal policies go by the version of the resource (rule Q1).
    pub(super) fn entry(&self, kind: Kind, scope: &str) -> Option<&'t Entry> {
        let name = if kind == Kind::Principal { &self.principal_name } else { &self.resource_name };
        self.engine.table.entry(kind, name, self.resource_version, scope)
    }
}
