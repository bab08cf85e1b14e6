//! A question under way: what is asked, where policies may speak of it, what has been found out so far.

use std::cell::Cell;

use smallvec::SmallVec;

use super::caller::Caller;
use super::effective::Effective;
use super::lookup::look_up;
use super::output::CheckOutput;
use super::results::Results;
use super::trace::Trace;
use super::{Decision, Engine};
use crate::cel::{Activation, Arena, Slots, Timestamp, V};
use crate::policy::{Kind, Params};
use crate::request::{AuxData, Principal, Resource};
use crate::table::{Entries, Entry, Found, Id, Named, RolePolicy, Row, Scope, Who};

/// One request while it is decided.
pub(super) struct Check<'t, 'x> {
    pub(super) engine: &'t Engine,
    pub(super) principal: &'x Principal,
    pub(super) caller: &'x Caller<'t, 'x>,
    /// What expressions see; variables and derived roles change on the way.
    pub(super) base: Activation<'x>,
    pub(super) variables: SmallVec<[Evaluated<'t, 'x>; 2]>,
    pub(super) output: Option<Box<CheckOutput>>,
    pub(super) trace: Option<Box<Trace>>,
    pub(super) requested_scope: &'x str,
    /// Policies with a row for what is asked, if anybody wants to know.
    pub(super) effective: Effective<'t>,
    pub(super) results: Results,
    /// The kind, as policies name it.
    pub(super) kind: Named<'x>,
    pub(super) resource_version: &'x str,
    /// Rule 2: where to look for principal policies, and for those of the resource.
    principal_sites: Sites<'t>,
    resource_sites: Sites<'t>,
    /// Derived roles of the scopes that have been visited, if anybody asks for them.
    pub(super) derived: Vec<(usize, DerivedRoles<'x>)>,
    roles: SmallVec<[Role<'t, 'x>; 4]>,
    /// Rule 3: whether any policy speaks of the resource, for naming.
    pub(super) resource_exists: bool,
    /// Whether attributes do not fit their schemas, and that is enforced (rule J4).
    pub(super) rejected: bool,
}

type Sites<'t> = SmallVec<[Site<'t>; 4]>;

/// A scope to visit, and what stands there about the question.
#[derive(Clone, Copy)]
pub(super) struct Site<'t> {
    pub(super) scope: &'t Scope,
    pub(super) entry: Option<&'t Entry>,
    /// Resource policies: those for roles, sorted by role.
    pub(super) role_policies: &'t [RolePolicy],
    /// The rows about the action under way, once they were looked for.
    pub(super) rows: Option<Found<'t>>,
}

/// A role of the principal, and what it inherits from in exactly the requested scope (rules R5 and R7).
#[derive(Clone, Copy)]
pub(super) struct Role<'t, 'x> {
    pub(super) name: &'x str,
    id: Id,
    inherited: &'t [Id],
}

/// The variables of a policy and their values, `None` for one that failed, and which were evaluated.
pub(super) struct Evaluated<'t, 'x> {
    pub(super) params: &'t Params,
    pub(super) values: &'x [Cell<Option<V<'x>>>],
    pub(super) done: Slots,
}

/// Derived roles that are active, and those of which nobody knows.
pub(super) type DerivedRoles<'x> = (&'x [&'x str], &'x [&'x str]);

impl Role<'_, '_> {
    /// Its number and those that it inherits from.
    pub(super) fn ids(&self) -> impl Iterator<Item = Id> {
        std::iter::once(self.id).chain(self.inherited.iter().copied())
    }
}

impl<'t: 'x, 'x> Check<'t, 'x> {
    pub(super) fn new(
        engine: &'t Engine,
        caller: &'x Caller<'t, 'x>,
        resource: &'x Resource,
        aux_data: Option<&'x AuxData>,
        now: Timestamp,
        arena: &'x Arena,
    ) -> Self {
        let (table, principal) = (&*engine.table, caller.principal);
        let (resource_version, version) = engine.version(&resource.policy_version);
        let (requested_scope, scope) = engine.scope(&resource.scope);
        let (name, policies) =
            look_up(&resource.kind, arena, |name| table.entries(Kind::Resource, name));
        let kind = table.kind(name, policies);
        let site = |entries: Option<&'t Entries>, id, scope| Site {
            scope,
            entry: entries.and_then(|entries| entries.at(version, id)),
            role_policies: &[],
            rows: None,
        };
        // Principal policies go by the version of the resource (rule Q1).
        let mut principal_sites = Sites::new();
        if caller.policies.is_some() {
            principal_sites.extend(caller.scopes().map(|(id, s)| site(caller.policies, id, s)));
        }
        let mut resource_sites = Sites::new();
        let lenient = engine.options.lenient_scope_search;
        for (id, s) in table.scopes.chain(Kind::Resource, requested_scope, scope, lenient) {
            let role_policies = s.role_policies(version);
            resource_sites.push(Site { role_policies, ..site(policies, id, s) });
        }
        let speaks =
            |site: &Site<'t>| site.role_policies.iter().any(|policy| policy.speaks_of(kind));
        let resource_exists = resource_sites.iter().any(|site| site.entry.is_some())
            || resource_sites.iter().any(speaks);
        let mut roles = SmallVec::new();
        for (name, id) in principal.roles.iter().zip(&caller.roles) {
            let inherited = scope.map_or(&[][..], |scope| scope.inherited_by(*id));
            roles.push(Role { name, id: *id, inherited });
        }
        let mut base = Activation::new(principal, resource, &engine.options.globals, arena, now);
        base.aux_data = aux_data;
        Self {
            engine,
            principal,
            caller,
            base,
            variables: SmallVec::new(),
            effective: Effective::default(),
            output: None,
            trace: None,
            requested_scope,
            results: Results::default(),
            kind,
            resource_version,
            principal_sites,
            resource_sites,
            derived: Vec::new(),
            roles,
            resource_exists,
            rejected: false,
        }
    }

    /// Collects what is told besides decisions.
    pub(super) fn collecting(mut self, output: CheckOutput) -> Self {
        self.output = Some(Box::new(output));
        self.effective = Effective::wanted();
        self
    }

    /// Tells what was looked at.
    pub(super) fn tracing(mut self) -> Self {
        self.trace = Some(Box::default());
        // Scopes without a policy are told of as well.
        if self.principal_sites.is_empty() {
            let site = |(_, scope)| Site { scope, entry: None, role_policies: &[], rows: None };
            self.principal_sites = self.caller.scopes().map(site).collect();
        }
        self
    }

    /// What was collected on the way to `decisions`.
    pub(super) fn finish(&mut self, decisions: Vec<(Box<str>, Decision)>) -> CheckOutput {
        let mut output = self.output.take().map(|output| *output).unwrap_or_default();
        output.effective_policies = self.effective_policies();
        output.time_dependent = self.base.read_the_clock();
        output.finish(decisions);
        output
    }

    /// Whether principal policies are there, or any policy speaks of the resource.
    pub(super) fn exists(&self, kind: Kind) -> bool {
        if kind == Kind::Principal { self.caller.exists() } else { self.resource_exists }
    }

    /// The scopes to visit, most specific first.
    pub(super) fn sites(&self, kind: Kind) -> &[Site<'t>] {
        if kind == Kind::Principal { &self.principal_sites } else { &self.resource_sites }
    }

    pub(super) fn site_mut(&mut self, kind: Kind, at: usize) -> Option<&mut Site<'t>> {
        let sites = if kind == Kind::Principal {
            &mut self.principal_sites
        } else {
            &mut self.resource_sites
        };
        sites.get_mut(at)
    }

    /// The rows of the action before are not those of the next.
    pub(super) fn forget_rows(&mut self) {
        for site in self.principal_sites.iter_mut().chain(&mut self.resource_sites) {
            site.rows = None;
        }
    }

    /// The roles that are tried for a kind of policies, in their order (rule 5).
    pub(super) fn roles(&self, kind: Kind) -> &[Role<'t, 'x>] {
        if kind == Kind::Principal { self.roles.get(..1).unwrap_or_default() } else { &self.roles }
    }

    /// Whether a row is for a role or for one that it inherits from.
    #[inline]
    pub(super) fn is_for(&self, row: &Row, role: &Role<'t, 'x>) -> bool {
        match row.who {
            Who::Anybody => true,
            Who::Role(id) => role.id == id || role.inherited.contains(&id),
            Who::Pattern => self.names_of(role).any(|name| row.role.matches(name)),
        }
    }

    /// The role and those that it inherits from.
    pub(super) fn names_of(
        &self,
        role: &Role<'t, 'x>,
    ) -> impl Iterator<Item = &'x str> + use<'t, 'x> {
        let names = &self.engine.table.roles;
        std::iter::once(role.name).chain(role.inherited.iter().map(|id| names.name(*id)))
    }

    /// The policies for a role and for those that it inherits from, its own first (rule R7).
    pub(super) fn role_policies_for(
        &self,
        site: &Site<'t>,
        role: &Role<'t, 'x>,
    ) -> SmallVec<[&'t RolePolicy; 2]> {
        let policies = site.role_policies;
        if policies.is_empty() {
            return SmallVec::new();
        }
        let of = |id: Id| {
            let at = policies.partition_point(|policy| policy.role < id);
            policies.get(at).filter(|policy| policy.role == id)
        };
        role.ids().filter_map(of).collect()
    }
}
